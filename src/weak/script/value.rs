//! Values during an evaluation. Containers live in a heap that is dropped whole after each row, so that neither
//! cycles nor deep nesting can leak memory or exhaust the stack; a value refers to them by position.

use std::collections::HashMap;
use std::rc::Rc;

use super::budget::{Eval, wrong_type};
use super::builtins::{Builtin, Method, Module, Type};
use super::regexes::LocalPattern;
use super::tree::CodeId;

/// A position in the heap.
pub(crate) type Id = u32;

/// Text: borrowed from a column or from the source, or a part of a string made here.
#[derive(Debug, Clone)]
pub(crate) enum Text<'a> {
    Ref(&'a str),
    Own(Rc<String>, u32, u32),
}

impl<'a> Text<'a> {
    /// Text from a new string. Its length is bounded by the budget, far below 4 GB.
    pub fn own(text: String) -> Self {
        let length = text.len() as u32;
        Self::Own(Rc::new(text), 0, length)
    }

    /// The text.
    #[inline]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Ref(text) => text,
            Self::Own(text, start, end) => text.get(*start as usize..*end as usize).unwrap_or_default(),
        }
    }

    /// A part of it, by bytes that lie on character boundaries; nothing is copied.
    pub fn part(&self, start: usize, end: usize) -> Self {
        match self {
            Self::Ref(text) => Self::Ref(text.get(start..end).unwrap_or_default()),
            Self::Own(text, from, _) => Self::Own(text.clone(), from + start as u32, from + end as u32),
        }
    }
}

/// A value. Cheap to clone: nothing is shared between threads, and containers are positions.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    /// No value yet: a variable before its first assignment.
    Unset,
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Text<'a>),
    List(Id),
    Tuple(Id),
    Dict(Id),
    Set(Id),
    Range(Id),
    Function(Id),
    Bound(Id),
    Iterator(Id),
    Match(Id),
    Pattern(Id),
    Cell(Id),
    Declared(Id),
    /// The row at hand.
    Row,
    Builtin(Builtin),
    Type(Type),
    Module(Module),
    /// A method without an object, as `str.lower`.
    Unbound(Type, Method),
}

impl<'a> Value<'a> {
    /// Text from a new string, which must have been charged for.
    pub fn text(text: String) -> Self {
        Self::Str(Text::own(text))
    }

    /// The text, if it is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The value as a whole number: an int, or a truth value.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(int) => Some(*int),
            Self::Bool(bool) => Some(i64::from(*bool)),
            _ => None,
        }
    }

    /// The value as a real number, if it is a number.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Self::Float(float) => Some(*float),
            _ => self.as_int().map(|int| int as f64),
        }
    }

    /// Its type.
    pub fn kind(&self) -> Type {
        match self {
            Self::Unset | Self::None => Type::None,
            Self::Bool(_) => Type::Bool,
            Self::Int(_) => Type::Int,
            Self::Float(_) => Type::Float,
            Self::Str(_) => Type::Str,
            Self::List(_) => Type::List,
            Self::Tuple(_) => Type::Tuple,
            Self::Dict(_) => Type::Dict,
            Self::Set(_) => Type::Set,
            Self::Range(_) => Type::Range,
            Self::Function(_) | Self::Bound(_) | Self::Builtin(_) | Self::Unbound(..) | Self::Cell(_) => Type::Function,
            Self::Iterator(_) => Type::Iterator,
            Self::Match(_) => Type::Match,
            Self::Pattern(_) => Type::Pattern,
            Self::Declared(_) => Type::Declared,
            Self::Row => Type::Row,
            Self::Type(_) => Type::Class,
            Self::Module(_) => Type::Module,
        }
    }

    /// The type in words, for messages.
    pub fn a(&self) -> &'static str {
        match self.kind() {
            Type::None => "a missing value (None)",
            Type::Bool => "a truth value (bool)",
            Type::Int => "a whole number (int)",
            Type::Float => "a real number (float)",
            Type::Str => "text (str)",
            Type::List => "a list",
            Type::Tuple => "a tuple",
            Type::Dict => "a dict",
            Type::Set | Type::Frozenset => "a set",
            Type::Range => "a range",
            Type::Function => "a function",
            Type::Iterator => "an iterator",
            Type::Match => "a match",
            Type::Pattern => "a pattern",
            Type::Row => "the row itself",
            Type::Module => "a module",
            Type::Class => "a type",
            Type::Declared | Type::LabelingFunction => "a labelling function",
        }
    }
}

/// A key of a dict or a member of a set: equal keys are equal here, so `1`, `1.0` and `True` are one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key<'a> {
    None,
    Int(i64),
    /// The bits of a float that is no whole number.
    Float(u64),
    Str(KeyText<'a>),
    Tuple(Vec<Key<'a>>),
    /// Anything that is known by identity.
    Other(u32, u32),
}

/// Text that compares and hashes by its content.
#[derive(Debug, Clone)]
pub(crate) struct KeyText<'a>(pub Text<'a>);

impl PartialEq for KeyText<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for KeyText<'_> {}

impl std::hash::Hash for KeyText<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.as_str().hash(state);
    }
}

/// From how many entries on a table keeps an index; fewer are compared one by one.
const INDEXED: usize = 9;

/// An entry: the key in comparable form, the key as given, the value (`None` in a set).
pub(crate) type Entry<'a> = (Key<'a>, Value<'a>, Value<'a>);

/// A dict, or a set with no values, in the order of insertion.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table<'a> {
    entries: Vec<Entry<'a>>,
    index: HashMap<Key<'a>, u32>,
}

impl<'a> Table<'a> {
    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The entries in order.
    pub fn entries(&self) -> &[Entry<'a>] {
        &self.entries
    }

    fn position(&self, key: &Key<'a>) -> Option<usize> {
        if self.entries.len() < INDEXED {
            self.entries.iter().position(|entry| entry.0 == *key)
        } else {
            self.index.get(key).map(|&at| at as usize)
        }
    }

    /// The entry of that key.
    pub fn get(&self, key: &Key<'a>) -> Option<&Entry<'a>> {
        self.position(key).and_then(|at| self.entries.get(at))
    }

    /// Puts a value under a key; the first key given stays, as in Python.
    pub fn insert(&mut self, key: Key<'a>, given: Value<'a>, value: Value<'a>) {
        if let Some(at) = self.position(&key) {
            self.entries[at].2 = value;
            return;
        }
        self.entries.push((key, given, value));
        match self.entries.len() {
            INDEXED => self.reindex(),
            more if more > INDEXED => {
                let at = more - 1;
                self.index.insert(self.entries[at].0.clone(), at as u32);
            }
            _ => {}
        }
    }

    /// Takes an entry out; the others keep their order. Costs as many steps as there are entries.
    pub fn remove(&mut self, key: &Key<'a>) -> Option<Entry<'a>> {
        let at = self.position(key)?;
        let entry = self.entries.remove(at);
        self.reindex();
        Some(entry)
    }

    /// Takes out everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn reindex(&mut self) {
        self.index.clear();
        if self.entries.len() >= INDEXED {
            self.index = self.entries.iter().enumerate().map(|(at, entry)| (entry.0.clone(), at as u32)).collect();
        }
    }
}

/// A function made from code.
#[derive(Debug, Clone)]
pub(crate) struct Closure<'a> {
    pub code: CodeId,
    /// The captured cells.
    pub captures: Vec<Value<'a>>,
    /// Defaults by parameter.
    pub defaults: Vec<(u32, Value<'a>)>,
}

/// A match of a pattern.
#[derive(Debug, Clone)]
pub(crate) struct Found<'a> {
    pub pattern: Rc<LocalPattern>,
    pub text: Text<'a>,
    /// Byte ranges of the groups; 0 is the whole match.
    pub groups: Vec<Option<(usize, usize)>>,
}

/// What a labelling function was declared as, with its arguments not yet checked.
#[derive(Debug, Clone)]
pub(crate) struct Declaration<'a> {
    pub builtin: Builtin,
    /// Arguments by position and by name.
    pub args: Vec<(Option<String>, Value<'a>)>,
    /// Byte offset of the call.
    pub at: u32,
}

/// What lives in the heap.
#[derive(Debug, Clone)]
pub(crate) enum Object<'a> {
    List(Vec<Value<'a>>),
    Tuple(Vec<Value<'a>>),
    Table(Table<'a>),
    /// start, stop, step
    Range(i64, i64, i64),
    Function(Closure<'a>),
    Bound(Value<'a>, Method),
    Cell(Value<'a>),
    Iterator(super::iterate::Iter<'a>),
    Match(Found<'a>),
    Pattern(Rc<LocalPattern>),
    Declared(Declaration<'a>),
}

/// The heap: objects made at module level below `fixed`, those of the row at hand above it.
#[derive(Debug, Default)]
pub(crate) struct Heap<'a> {
    objects: Vec<Object<'a>>,
    fixed: usize,
}

impl<'a> Heap<'a> {
    /// A heap that starts with objects which functions may read but not change.
    pub fn with_fixed(objects: Vec<Object<'a>>) -> Self {
        Self { fixed: objects.len(), objects }
    }

    /// Drops everything made since the heap was begun.
    pub fn reset(&mut self) {
        self.objects.truncate(self.fixed);
    }

    /// Puts an object in.
    pub fn add(&mut self, object: Object<'a>) -> Id {
        self.objects.push(object);
        (self.objects.len() - 1) as Id
    }

    /// The object at a position.
    pub fn get(&self, id: Id) -> Option<&Object<'a>> {
        self.objects.get(id as usize)
    }

    /// The object, to be changed.
    pub fn get_mut(&mut self, id: Id) -> Eval<&mut Object<'a>> {
        if (id as usize) < self.fixed {
            return Err(wrong_type(
                "a value made at module level cannot be changed by a function, because rows are \
                                   looked at in any order; copy it first, for example with list(…)",
            ));
        }
        self.objects.get_mut(id as usize).ok_or_else(|| wrong_type("this value is gone"))
    }

    /// The elements of a list or tuple.
    pub fn items(&self, id: Id) -> &[Value<'a>] {
        match self.get(id) {
            Some(Object::List(items) | Object::Tuple(items)) => items,
            _ => &[],
        }
    }

    /// A list, to be changed.
    pub fn list_mut(&mut self, id: Id) -> Eval<&mut Vec<Value<'a>>> {
        match self.get_mut(id)? {
            Object::List(items) => Ok(items),
            _ => Err(wrong_type("this is not a list")),
        }
    }

    /// A dict or set.
    pub fn table(&self, id: Id) -> Option<&Table<'a>> {
        match self.get(id) {
            Some(Object::Table(table)) => Some(table),
            _ => None,
        }
    }

    /// A dict or set, to be changed.
    pub fn table_mut(&mut self, id: Id) -> Eval<&mut Table<'a>> {
        match self.get_mut(id)? {
            Object::Table(table) => Ok(table),
            _ => Err(wrong_type("this is not a dict or set")),
        }
    }

    /// The bounds and step of a range.
    pub fn range(&self, id: Id) -> (i64, i64, i64) {
        match self.get(id) {
            Some(Object::Range(start, stop, step)) => (*start, *stop, *step),
            _ => (0, 0, 1),
        }
    }

    /// A cell's value.
    pub fn cell(&self, id: Id) -> Value<'a> {
        match self.get(id) {
            Some(Object::Cell(value)) => value.clone(),
            _ => Value::Unset,
        }
    }
}

impl<'a> Declaration<'a> {
    /// The argument of that name, or at that position.
    pub fn argument(&self, name: &str, position: usize) -> Option<&Value<'a>> {
        let named = self.args.iter().find(|(given, _)| given.as_deref() == Some(name));
        let placed = || self.args.iter().filter(|(given, _)| given.is_none()).nth(position);
        named.or_else(placed).map(|(_, value)| value)
    }
}

impl Heap<'_> {
    /// The number of objects.
    pub fn len(&self) -> usize {
        self.objects.len()
    }
}
