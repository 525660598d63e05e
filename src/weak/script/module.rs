//! A whole file: parsed, compiled, its statements run once, its labelling functions found.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::budget::{Budget, MODULE_BYTES, MODULE_STEPS, Raise, Sort};
use super::builtins::Builtin;
use super::compile::{Compilation, Item, Problem, Severity, compile};
use super::freeze::{Cold, Frozen, Unfit, freeze};
use super::machine::Machine;
use super::parse::{Lines, parse};
use super::regexes::Patterns;
use super::tree::{CodeId, GlobalId, Tree};
use super::value::{Declaration, Heap, Object, Value};

/// What all functions of a file share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub tree: Tree,
    pub patterns: Patterns,
    pub lines: Lines,
}

/// A labelling function as the file declares it, not yet checked against data and classes.
#[derive(Debug)]
pub(crate) struct Loose {
    pub name: String,
    /// The statement that declares it.
    pub range: Range<usize>,
    /// Byte offset of its name or of its call.
    pub at: u32,
    pub what: What,
    /// The values it reaches. The roots are the arguments of a declared pattern, or function and resources.
    pub frozen: Frozen,
}

/// What a labelling function is.
#[derive(Debug)]
pub(crate) enum What {
    /// `keywords`, `regex`, `where` and their like: the names of its arguments, in the order of the roots.
    Pattern(Builtin, Vec<Option<String>>),
    /// A function of the file: the root 0, with the resources, a dict, as root 1.
    Function,
}

/// A file that has run.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub shared: Arc<Shared>,
    pub functions: Vec<Loose>,
    pub problems: Vec<Problem>,
}

/// Loads a file.
pub(crate) fn load(source: &str) -> Loaded {
    let Compilation { tree, items, problems, broken } = compile(&parse(source));
    let shared = Arc::new(Shared { tree, patterns: Patterns::default(), lines: Lines::new(source) });
    let mut runner =
        Runner { shared: &shared, problems, missing: HashMap::new(), functions: Vec::new(), names: Vec::new() };
    for (id, name) in broken {
        runner.missing.insert(id, format!("`{name}` is off because it cannot be read"));
    }
    runner.run(&items);
    let Runner { mut problems, functions, .. } = runner;
    problems.sort_by_key(|problem| (problem.range.start, problem.range.end));
    Loaded { functions, problems, shared: shared.clone() }
}

struct Runner<'s> {
    shared: &'s Shared,
    problems: Vec<Problem>,
    /// Why names have no value.
    missing: HashMap<GlobalId, String>,
    functions: Vec<Loose>,
    names: Vec<String>,
}

/// A function found while the file ran, to be frozen at the end.
struct Candidate<'a> {
    name: String,
    item: usize,
    at: u32,
    value: Value<'a>,
}

impl<'s> Runner<'s> {
    fn run(&mut self, items: &[Item]) {
        let tree: &'s Tree = &self.shared.tree;
        let globals = vec![Value::Unset; tree.globals.len()];
        let budget = Budget::new(MODULE_STEPS, MODULE_BYTES);
        let mut machine = Machine::new(tree, Heap::default(), globals, &self.shared.patterns, budget);
        let mut candidates: Vec<Candidate> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let made = machine.heap.len();
            if let Some(reason) = &item.missing {
                self.lose(item, reason);
                continue;
            }
            if let Some(code) = item.code.and_then(|code| tree.codes.get(code as usize)) {
                machine.clear();
                if let Err(raise) = machine.run_item(code) {
                    self.fail(item, &raise);
                }
            }
            self.collect(&machine, item, index, made, &mut candidates);
        }
        for candidate in &candidates {
            if let Some(item) = items.get(candidate.item) {
                self.freeze(&machine, candidate, item);
            }
        }
    }

    /// Notes that the names of a statement have no value.
    fn lose(&mut self, item: &Item, reason: &str) {
        let line = self.shared.lines.line(item.range.start);
        for id in &item.defines {
            let name = self.shared.tree.globals.get(*id as usize).map_or("", String::as_str);
            self.missing.entry(*id).or_insert_with(|| format!("`{name}` is off because of line {line}: {reason}"));
        }
    }

    fn fail(&mut self, item: &Item, raise: &Raise) {
        // What fails for want of a name that was lost before was said there.
        let known = raise.sort == Sort::Name && !self.missing.is_empty();
        let mut message = raise.message.to_string();
        if let Some(detail) = &raise.detail {
            message = format!("{message}: {detail}");
        }
        self.lose(item, &message);
        if known {
            return;
        }
        let at = raise.at.map_or(item.range.start, |at| at as usize);
        let end = if item.range.contains(&at) { item.range.end } else { at };
        let function = item.function.as_ref().map(|(_, name)| name.clone());
        self.problems.push(Problem {
            range: at..end.max(at),
            message,
            help: None,
            function,
            severity: Severity::Error,
        });
    }

    /// Finds the labelling functions that a statement made.
    fn collect<'a>(
        &mut self,
        machine: &Machine<'a>,
        item: &Item,
        index: usize,
        made: usize,
        candidates: &mut Vec<Candidate<'a>>,
    ) {
        let global = |id: &GlobalId| machine.globals.get(*id as usize);
        // What stands inside another declaration needs no name of its own.
        let parts: Vec<u32> = (made..machine.heap.len())
            .filter_map(|id| match machine.heap.get(id as u32) {
                Some(Object::Declared(declared)) => Some(declared.args.iter().map(|(_, value)| value)),
                _ => None,
            })
            .flatten()
            .filter_map(|value| if let Value::Declared(id) = value { Some(*id) } else { None })
            .collect();
        for id in made..machine.heap.len() {
            let Some(Object::Declared(declared)) = machine.heap.get(id as u32) else { continue };
            if declared.builtin == Builtin::Not {
                continue;
            }
            let holder = item
                .defines
                .iter()
                .find(|define| matches!(global(define), Some(Value::Declared(held)) if *held as usize == id));
            let holder = holder.and_then(|id| self.shared.tree.globals.get(*id as usize));
            let given = (declared.builtin == Builtin::LabelingFunction).then(|| declared.argument("name", 0)).flatten();
            if holder.is_none() && given.is_none() && parts.contains(&(id as u32)) {
                continue;
            }
            let Some(name) = given.and_then(Value::as_str).or(holder.map(String::as_str)) else {
                self.problem(item, declared.at, "this pattern has no name", "write `lf_name = …` in front of it");
                continue;
            };
            let value = Value::Declared(id as u32);
            candidates.push(Candidate { name: name.to_owned(), item: index, at: declared.at, value });
        }
        if let Some((_, name)) = item.function.as_ref().filter(|(_, name)| name.starts_with("lf_"))
            && let Some(value @ Value::Function(_)) = item.defines.first().and_then(global)
        {
            let at = item.range.start as u32;
            candidates.push(Candidate { name: name.clone(), item: index, at, value: value.clone() });
        }
    }

    fn problem(&mut self, item: &Item, at: u32, message: impl Into<String>, help: &str) {
        let at = if item.range.contains(&(at as usize)) { at as usize } else { item.range.start };
        let help = (!help.is_empty()).then(|| help.to_owned());
        let function = item.function.as_ref().map(|(_, name)| name.clone());
        let problem =
            Problem { range: at..item.range.end, message: message.into(), help, function, severity: Severity::Error };
        self.problems.push(problem);
    }

    fn freeze<'a>(&mut self, machine: &Machine<'a>, candidate: &Candidate<'a>, item: &Item) {
        let Candidate { name, at, value, .. } = candidate;
        if self.names.contains(name) {
            let help = "give the second one another name; the first one runs";
            self.problem(item, *at, format!("there are two labelling functions called `{name}`"), help);
            return;
        }
        self.names.push(name.clone());
        let declared = match value {
            Value::Declared(id) => match machine.heap.get(*id) {
                Some(Object::Declared(declared)) => Some(declared),
                _ => None,
            },
            _ => None,
        };
        let none = Value::None;
        let (what, roots) = match declared {
            Some(declared) if declared.builtin == Builtin::LabelingFunction => match self.parts(item, declared) {
                Some((function, resources)) => (What::Function, vec![function, resources.unwrap_or(&none)]),
                None => return,
            },
            Some(declared) => {
                let names = declared.args.iter().map(|(name, _)| name.clone()).collect();
                (What::Pattern(declared.builtin, names), declared.args.iter().map(|(_, value)| value).collect())
            }
            None => (What::Function, vec![value, &none]),
        };
        match freeze(machine, &self.shared.tree, &roots) {
            Ok(frozen) => {
                let range = item.range.clone();
                self.functions.push(Loose { name: name.clone(), range, at: *at, what, frozen });
            }
            Err(unfit) => {
                let message = self.unfit(name, &unfit);
                self.problems.push(Problem {
                    range: *at as usize..(*at as usize).max(item.range.end),
                    message,
                    help: None,
                    function: Some(name.clone()),
                    severity: Severity::Error,
                });
            }
        }
    }

    /// Function and resources of `LabelingFunction(name=…, f=…, resources=…)`.
    fn parts<'v, 'a>(
        &mut self,
        item: &Item,
        declared: &'v Declaration<'a>,
    ) -> Option<(&'v Value<'a>, Option<&'v Value<'a>>)> {
        let function = declared.argument("f", 1);
        let resources = declared.argument("resources", 2).filter(|value| !matches!(value, Value::None));
        let known = |name: &Option<String>| matches!(name.as_deref(), None | Some("name" | "f" | "resources" | "pre"));
        let problem = match (function, resources) {
            _ if !declared.args.iter().all(|(name, _)| known(name)) => {
                "LabelingFunction takes name=, f= and resources="
            }
            (Some(Value::Function(_)), None | Some(Value::Dict(_))) => return Some((function?, resources)),
            (Some(Value::Function(_)), Some(_)) => "resources= is a dict",
            _ => "LabelingFunction needs a function: f=…",
        };
        self.problem(item, declared.at, problem, "");
        None
    }

    fn unfit(&self, name: &str, unfit: &Unfit) -> String {
        match unfit {
            Unfit::Missing(id) => match self.missing.get(id) {
                Some(reason) => format!("`{name}` is off: {reason}"),
                None => {
                    let global = self.shared.tree.globals.get(*id as usize).map_or("", String::as_str);
                    format!("`{name}` is off: `{global}` has no value")
                }
            },
            Unfit::Broken(code) => {
                let code = self.shared.tree.codes.get(*code as CodeId as usize).map_or("", |code| &code.name);
                format!("`{name}` is off: `{code}` cannot be compiled")
            }
            Unfit::Changes(what) => format!("`{name}` is off: it uses {what}"),
        }
    }
}

impl Loose {
    /// The code of the function, if it is one.
    pub fn code(&self) -> Option<CodeId> {
        match self.frozen.object(self.frozen.roots.first()?)? {
            super::freeze::ColdObject::Function { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// The names and values of the resources.
    pub fn resources(&self) -> Vec<(&str, &Cold)> {
        match self.frozen.roots.get(1).and_then(|cold| self.frozen.object(cold)) {
            Some(super::freeze::ColdObject::Table(entries)) => entries
                .iter()
                .filter_map(|(key, value)| if let Cold::Str(key) = key { Some((&**key, value)) } else { None })
                .collect(),
            _ => Vec::new(),
        }
    }
}
