//! Module-level values in a form that threads share, and back: what a labelling function reaches, and nothing else.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::builtins::{Builtin, Method, Module, Type};
use super::machine::Machine;
use super::regexes::{LocalPattern, Pattern};
use super::tree::{CodeId, GlobalId, Tree};
use super::value::{Closure, Declaration, Heap, Id, Key, Object, Table, Text, Value};
use crate::engine::{Fingerprint, Fingerprinter};

/// The kinds of value that are positions in the heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refers {
    List,
    Tuple,
    Dict,
    Set,
    Range,
    Function,
    Bound,
    Pattern,
    Cell,
    Declared,
}

/// A value that threads share.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cold {
    Unset,
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Box<str>),
    Builtin(Builtin),
    Type(Type),
    Module(Module),
    Unbound(Type, Method),
    Refer(Refers, Id),
}

/// An object that threads share.
#[derive(Debug, Clone)]
pub(crate) enum ColdObject {
    Items(Vec<Cold>),
    Table(Vec<(Cold, Cold)>),
    Range(i64, i64, i64),
    Function { code: CodeId, captures: Vec<Cold>, defaults: Vec<(u32, Cold)> },
    Bound(Cold, Method),
    Cell(Cold),
    Pattern(Arc<Pattern>),
    Declared { builtin: Builtin, args: Vec<(Option<String>, Cold)>, at: u32 },
}

/// The values that a function reaches.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frozen {
    pub objects: Vec<ColdObject>,
    /// The module-level names that are read.
    pub globals: Vec<(GlobalId, Cold)>,
    /// The values asked for.
    pub roots: Vec<Cold>,
    /// The codes that may run.
    pub codes: Vec<CodeId>,
}

/// Why values cannot be frozen.
#[derive(Debug, PartialEq)]
pub(crate) enum Unfit {
    /// A name has no value.
    Missing(GlobalId),
    /// A code could not be compiled.
    Broken(CodeId),
    /// A value changes when it is used.
    Changes(&'static str),
}

struct Freezer<'h, 'a> {
    heap: &'h Heap<'a>,
    tree: &'h Tree,
    values: &'h [Value<'a>],
    seen: HashMap<Id, Id>,
    waiting: Vec<Id>,
    frozen: Frozen,
}

/// Freezes values and all that they reach, through captured variables and module-level names.
pub(crate) fn freeze<'a>(machine: &Machine<'a>, tree: &Tree, roots: &[&Value<'a>]) -> Result<Frozen, Unfit> {
    let mut freezer = Freezer {
        heap: &machine.heap,
        tree,
        values: &machine.globals,
        seen: HashMap::new(),
        waiting: Vec::new(),
        frozen: Frozen::default(),
    };
    for root in roots {
        let cold = freezer.value(root)?;
        freezer.frozen.roots.push(cold);
    }
    let mut next = 0;
    while let Some(&id) = freezer.waiting.get(next) {
        next += 1;
        let object = freezer.object(id)?;
        freezer.frozen.objects.push(object);
    }
    Ok(freezer.frozen)
}

impl<'a> Freezer<'_, 'a> {
    fn refer(&mut self, kind: Refers, id: Id) -> Cold {
        let next = self.waiting.len() as Id;
        let waiting = &mut self.waiting;
        let position = *self.seen.entry(id).or_insert_with(|| {
            waiting.push(id);
            next
        });
        Cold::Refer(kind, position)
    }

    fn value(&mut self, value: &Value<'a>) -> Result<Cold, Unfit> {
        Ok(match value {
            Value::Unset => Cold::Unset,
            Value::None => Cold::None,
            Value::Bool(bool) => Cold::Bool(*bool),
            Value::Int(int) => Cold::Int(*int),
            Value::Float(float) => Cold::Float(*float),
            Value::Str(text) => Cold::Str(text.as_str().into()),
            Value::Builtin(builtin) => Cold::Builtin(*builtin),
            Value::Type(kind) => Cold::Type(*kind),
            Value::Module(module) => Cold::Module(*module),
            Value::Unbound(kind, method) => Cold::Unbound(*kind, *method),
            Value::List(id) => self.refer(Refers::List, *id),
            Value::Tuple(id) => self.refer(Refers::Tuple, *id),
            Value::Dict(id) => self.refer(Refers::Dict, *id),
            Value::Set(id) => self.refer(Refers::Set, *id),
            Value::Range(id) => self.refer(Refers::Range, *id),
            Value::Function(id) => self.refer(Refers::Function, *id),
            Value::Bound(id) => self.refer(Refers::Bound, *id),
            Value::Pattern(id) => self.refer(Refers::Pattern, *id),
            Value::Cell(id) => self.refer(Refers::Cell, *id),
            Value::Declared(id) => self.refer(Refers::Declared, *id),
            Value::Iterator(_) => {
                return Err(Unfit::Changes("an iterator made at module level; write list(…) around it"));
            }
            Value::Match(_) => return Err(Unfit::Changes("a match made at module level; keep its text instead")),
            Value::Row => return Err(Unfit::Changes("a row kept at module level")),
        })
    }

    fn values(&mut self, values: &[Value<'a>]) -> Result<Vec<Cold>, Unfit> {
        values.iter().map(|value| self.value(value)).collect()
    }

    fn object(&mut self, id: Id) -> Result<ColdObject, Unfit> {
        let Some(object) = self.heap.get(id) else { return Err(Unfit::Changes("a value that is gone")) };
        Ok(match object {
            Object::List(items) | Object::Tuple(items) => ColdObject::Items(self.values(items)?),
            Object::Table(table) => {
                let mut entries = Vec::with_capacity(table.len());
                for (_, key, value) in table.entries() {
                    entries.push((self.value(key)?, self.value(value)?));
                }
                ColdObject::Table(entries)
            }
            Object::Range(start, stop, step) => ColdObject::Range(*start, *stop, *step),
            Object::Function(closure) => {
                self.code(closure.code)?;
                let captures = self.values(&closure.captures)?;
                let mut defaults = Vec::new();
                for (param, value) in &closure.defaults {
                    defaults.push((*param, self.value(value)?));
                }
                ColdObject::Function { code: closure.code, captures, defaults }
            }
            Object::Bound(value, method) => ColdObject::Bound(self.value(value)?, *method),
            Object::Cell(value) => ColdObject::Cell(self.value(value)?),
            Object::Pattern(pattern) => ColdObject::Pattern(pattern.shared.clone()),
            Object::Declared(declared) => {
                let mut args = Vec::new();
                for (name, value) in &declared.args {
                    args.push((name.clone(), self.value(value)?));
                }
                ColdObject::Declared { builtin: declared.builtin, args, at: declared.at }
            }
            Object::Iterator(_) | Object::Match(_) => return Err(Unfit::Changes("an iterator made at module level")),
        })
    }

    /// Takes in the names that a code and the codes inside it read.
    fn code(&mut self, id: CodeId) -> Result<(), Unfit> {
        let mut waiting = vec![id];
        while let Some(id) = waiting.pop() {
            if self.frozen.codes.contains(&id) {
                continue;
            }
            self.frozen.codes.push(id);
            let Some(code) = self.tree.codes.get(id as usize) else { continue };
            if code.broken {
                return Err(Unfit::Broken(id));
            }
            waiting.extend(&code.inner);
            for &global in &code.globals {
                if self.frozen.globals.iter().any(|(known, _)| *known == global) {
                    continue;
                }
                match self.values.get(global as usize) {
                    None | Some(Value::Unset) => return Err(Unfit::Missing(global)),
                    Some(value) => {
                        let cold = self.value(&value.clone())?;
                        self.frozen.globals.push((global, cold));
                    }
                }
            }
        }
        Ok(())
    }
}

impl Cold {
    /// The value, borrowing its text.
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Unset => Value::Unset,
            Self::None => Value::None,
            Self::Bool(bool) => Value::Bool(*bool),
            Self::Int(int) => Value::Int(*int),
            Self::Float(float) => Value::Float(*float),
            Self::Str(text) => Value::Str(Text::Ref(text)),
            Self::Builtin(builtin) => Value::Builtin(*builtin),
            Self::Type(kind) => Value::Type(*kind),
            Self::Module(module) => Value::Module(*module),
            Self::Unbound(kind, method) => Value::Unbound(*kind, *method),
            Self::Refer(kind, id) => match kind {
                Refers::List => Value::List(*id),
                Refers::Tuple => Value::Tuple(*id),
                Refers::Dict => Value::Dict(*id),
                Refers::Set => Value::Set(*id),
                Refers::Range => Value::Range(*id),
                Refers::Function => Value::Function(*id),
                Refers::Bound => Value::Bound(*id),
                Refers::Pattern => Value::Pattern(*id),
                Refers::Cell => Value::Cell(*id),
                Refers::Declared => Value::Declared(*id),
            },
        }
    }
}

impl Frozen {
    /// The object that a value refers to.
    pub fn object(&self, cold: &Cold) -> Option<&ColdObject> {
        match cold {
            Cold::Refer(_, id) => self.objects.get(*id as usize),
            _ => None,
        }
    }

    /// The value of a module-level name.
    pub fn global(&self, id: GlobalId) -> Option<&Cold> {
        self.globals.iter().find(|(known, _)| *known == id).map(|(_, value)| value)
    }

    /// The texts of a list, tuple or set of texts, or the keys of a dict.
    pub fn texts(&self, cold: &Cold) -> Option<Vec<&str>> {
        let items: Vec<&Cold> = match self.object(cold)? {
            ColdObject::Items(items) => items.iter().collect(),
            ColdObject::Table(entries) => entries.iter().map(|(key, _)| key).collect(),
            _ => return None,
        };
        if !items.iter().all(|item| matches!(item, Cold::Str(_))) {
            return None;
        }
        Some(
            items
                .into_iter()
                .filter_map(|item| if let Cold::Str(text) = item { Some(&**text) } else { None })
                .collect(),
        )
    }

    /// The heap and the module-level values of a thread.
    pub fn thaw<'a>(&'a self, tree: &Tree) -> (Heap<'a>, Vec<Value<'a>>) {
        let objects = self.objects.iter().map(|object| self.thaw_object(object)).collect();
        let mut globals = vec![Value::Unset; tree.globals.len()];
        for (id, cold) in &self.globals {
            if let Some(place) = globals.get_mut(*id as usize) {
                *place = cold.value();
            }
        }
        (Heap::with_fixed(objects), globals)
    }

    fn thaw_object<'a>(&'a self, object: &'a ColdObject) -> Object<'a> {
        let values = |cold: &'a [Cold]| cold.iter().map(Cold::value).collect();
        match object {
            ColdObject::Items(items) => Object::List(values(items)),
            ColdObject::Table(entries) => {
                let mut table = Table::default();
                for (key, value) in entries {
                    table.insert(self.key(key, 0), key.value(), value.value());
                }
                Object::Table(table)
            }
            ColdObject::Range(start, stop, step) => Object::Range(*start, *stop, *step),
            ColdObject::Function { code, captures, defaults } => Object::Function(Closure {
                code: *code,
                captures: values(captures),
                defaults: defaults.iter().map(|(param, value)| (*param, value.value())).collect(),
            }),
            ColdObject::Bound(value, method) => Object::Bound(value.value(), *method),
            ColdObject::Cell(value) => Object::Cell(value.value()),
            ColdObject::Pattern(pattern) => Object::Pattern(Rc::new(LocalPattern::new(pattern.clone()))),
            ColdObject::Declared { builtin, args, at } => Object::Declared(Declaration {
                builtin: *builtin,
                args: args.iter().map(|(name, value)| (name.clone(), value.value())).collect(),
                at: *at,
            }),
        }
    }

    /// A key as [`Machine`] makes it; keys that it would refuse cannot be here.
    fn key<'a>(&'a self, cold: &'a Cold, depth: usize) -> Key<'a> {
        use super::value::KeyText;
        match cold {
            Cold::Bool(bool) => Key::Int(i64::from(*bool)),
            Cold::Int(int) => Key::Int(*int),
            Cold::Float(float) if float.fract() == 0.0 && (-9.2e18..9.2e18).contains(float) => Key::Int(*float as i64),
            Cold::Float(float) => Key::Float(float.to_bits()),
            Cold::Str(text) => Key::Str(KeyText(Text::Ref(text))),
            Cold::Type(kind) => Key::Other(1, *kind as u32),
            Cold::Builtin(builtin) => Key::Other(2, *builtin as u32),
            Cold::Refer(Refers::Tuple, _) if depth < 100 => match self.object(cold) {
                Some(ColdObject::Items(items)) => {
                    Key::Tuple(items.iter().map(|item| self.key(item, depth + 1)).collect())
                }
                _ => Key::None,
            },
            Cold::Refer(_, id) => Key::Other(0, *id),
            _ => Key::None,
        }
    }

    /// The name of all that was frozen: equal names mean that the functions do the same. A function stands in it by
    /// its source and by the meaning of the names that it reads.
    pub fn fingerprint(&self, tree: &Tree, source: &str) -> Fingerprint {
        let mut print = Fingerprinter::new("values of a labelling function");
        for root in &self.roots {
            print = print.text(&format!("{root:?}"));
        }
        for (id, value) in &self.globals {
            print = print.text(tree.globals.get(*id as usize).map_or("", String::as_str)).text(&format!("{value:?}"));
        }
        let text_of = |code: CodeId| {
            let range = tree.codes.get(code as usize).map(|code| code.range.clone());
            range.and_then(|range| source.get(range)).unwrap_or_default()
        };
        for code in &self.codes {
            for import in tree.codes.get(*code as usize).iter().flat_map(|code| &code.imports) {
                print = print.text(import);
            }
        }
        for object in &self.objects {
            print = match object {
                ColdObject::Function { code, captures, defaults } => {
                    print.text("function").text(text_of(*code)).text(&format!("{captures:?} {defaults:?}"))
                }
                ColdObject::Pattern(pattern) => {
                    print.text("pattern").text(&pattern.source).number(pattern.flags.unsigned_abs())
                }
                ColdObject::Declared { builtin, args, .. } => print.text(builtin.name()).text(&format!("{args:?}")),
                other => print.text(&format!("{other:?}")),
            };
        }
        print.finish()
    }
}
