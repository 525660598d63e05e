//! The compiled form of a condition: a tree in which every node knows its type.

use std::collections::HashSet;

use memchr::memmem::Finder;
use regex::Regex;

/// The type of a value in the filter language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Type {
    /// The type of a bare `NULL`, which fits every other.
    Null,
    Bool,
    Int,
    Float,
    Text,
    Time,
}

impl Type {
    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Float)
    }

    /// How a person calls it, with an article.
    pub(super) fn spoken(self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Bool => "a truth value",
            Self::Int | Self::Float => "a number",
            Self::Text => "text",
            Self::Time => "a time",
        }
    }
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    /// Microseconds since 1970, UTC.
    Time(i64),
}

impl Value {
    pub(super) fn ty(&self) -> Type {
        match self {
            Self::Null => Type::Null,
            Self::Bool(_) => Type::Bool,
            Self::Int(_) => Type::Int,
            Self::Float(_) => Type::Float,
            Self::Text(_) => Type::Text,
            Self::Time(_) => Type::Time,
        }
    }
}

/// An expression and its type.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) ty: Type,
    pub(super) op: Op,
}

/// How the value of a node comes about.
#[derive(Debug, Clone)]
pub(super) enum Op {
    Literal(Value),
    /// The column at this place of the filter's list of columns.
    Column(usize),
    Not(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    /// `a IS NOT DISTINCT FROM b`: equality for which NULL is a value like others; never unknown.
    Same(Box<Node>, Box<Node>),
    IsNull(Box<Node>),
    /// `a IS TRUE`, `a IS FALSE`; never unknown.
    Is(bool, Box<Node>),
    In(Box<Node>, Set),
    Match(Box<Node>, Pattern),
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    Negate(Box<Node>),
    /// The first branch whose condition is true, else the last part, else NULL.
    Case(Vec<(Node, Node)>, Option<Box<Node>>),
    /// The first value that is not NULL.
    Coalesce(Vec<Node>),
    /// The least (`false`) or greatest (`true`) of those that are not NULL.
    Extreme(bool, Vec<Node>),
    /// The texts one after another; for `||` NULL makes the whole NULL, for `concat` (`true`) it is left out.
    Concat(bool, Vec<Node>),
    Cast(Box<Node>),
    /// NFC and lower case, for matching without regard to case.
    Fold(Box<Node>),
    /// A function whose value is NULL if any argument is.
    Call(Function, Vec<Node>),
}

/// The comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Comparison {
    /// The operator with its sides exchanged: `a < b` is `b > a`.
    pub(super) fn flipped(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessEqual => Self::GreaterEqual,
            Self::Greater => Self::Less,
            Self::GreaterEqual => Self::LessEqual,
            same => same,
        }
    }

    #[inline]
    pub(super) fn holds<T: PartialOrd + ?Sized>(self, a: &T, b: &T) -> bool {
        match self {
            Self::Equal => a == b,
            Self::NotEqual => a != b,
            Self::Less => a < b,
            Self::LessEqual => a <= b,
            Self::Greater => a > b,
            Self::GreaterEqual => a >= b,
        }
    }
}

/// The arithmetic operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// A list of constants to look a value up in. If `null` is set the list holds a NULL, and what is not found is unknown.
#[derive(Debug, Clone)]
pub(super) struct Set {
    pub(super) values: SetValues,
    pub(super) null: bool,
}

/// The constants of a [`Set`].
#[derive(Debug, Clone)]
pub(super) enum SetValues {
    Bool {
        yes: bool,
        no: bool,
    },
    /// Whole numbers, and microseconds of times.
    Int(HashSet<i64>),
    /// Sorted; never NaN.
    Float(Vec<f64>),
    Text(HashSet<Box<str>>),
}

/// What a text is matched against.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    /// `LIKE '%'`.
    Anything,
    Equals(String),
    StartsWith(String),
    EndsWith(String),
    Contains(Box<Finder<'static>>),
    Regex(Regex),
}

impl Pattern {
    pub(super) fn contains(needle: &str) -> Self {
        if needle.is_empty() { Self::Anything } else { Self::Contains(Box::new(Finder::new(needle).into_owned())) }
    }

    #[inline]
    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Anything => true,
            Self::Equals(other) => text == other,
            Self::StartsWith(prefix) => text.starts_with(prefix.as_str()),
            Self::EndsWith(suffix) => text.ends_with(suffix.as_str()),
            Self::Contains(finder) => finder.find(text.as_bytes()).is_some(),
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

/// The functions that are NULL if any of their arguments is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Length,
    Bytes,
    Words,
    Position,
    Lower,
    Upper,
    Trim {
        left: bool,
        right: bool,
    },
    Substr,
    Left,
    Right,
    Replace,
    Contains,
    StartsWith,
    EndsWith,
    Abs,
    Sign,
    Round,
    Floor,
    Ceil,
    Sqrt,
    Exp,
    Ln,
    Log10,
    Power,
    IsNan,
    Field(Field),
    /// The midnight at or before a time.
    Date,
}

/// A part of a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    /// 1 is Monday and 7 is Sunday (ISO 8601).
    Weekday,
    DayOfYear,
    Hour,
    Minute,
    Second,
    /// Seconds since 1970.
    Epoch,
}

impl Node {
    pub(super) fn new(ty: Type, op: Op) -> Self {
        Self { ty, op }
    }

    pub(super) fn literal(value: Value) -> Self {
        Self { ty: value.ty(), op: Op::Literal(value) }
    }

    pub(super) fn bool(op: Op) -> Self {
        Self { ty: Type::Bool, op }
    }

    pub(super) fn not(self) -> Self {
        Self::bool(Op::Not(Box::new(self)))
    }

    pub(super) fn as_literal(&self) -> Option<&Value> {
        match &self.op {
            Op::Literal(value) => Some(value),
            _ => None,
        }
    }

    /// A rough price a row, by which cheap conditions are tried first.
    pub(super) fn cost(&self) -> u32 {
        let sum = |nodes: &[Node]| nodes.iter().map(Node::cost).sum::<u32>();
        match &self.op {
            Op::Literal(_) => 0,
            Op::Column(_) => 1,
            Op::Not(a) | Op::IsNull(a) | Op::Is(_, a) | Op::Negate(a) | Op::Fold(a) => a.cost(),
            Op::All(parts) | Op::Any(parts) => sum(parts),
            Op::Compare(_, a, b) | Op::Same(a, b) | Op::Arithmetic(_, a, b) => {
                let text = u32::from(a.ty == Type::Text) * 4;
                1 + text + a.cost() + b.cost()
            }
            Op::In(a, _) => 10 + a.cost(),
            Op::Match(a, Pattern::Regex(_)) => 60 + a.cost(),
            Op::Match(a, _) => 12 + a.cost(),
            Op::Case(branches, last) => {
                let branches: u32 = branches.iter().map(|(when, then)| when.cost() + then.cost()).sum();
                4 + branches + last.as_ref().map_or(0, |last| last.cost())
            }
            Op::Coalesce(parts) | Op::Extreme(_, parts) => 4 + sum(parts),
            Op::Concat(_, parts) => 40 + sum(parts),
            Op::Cast(a) => 30 + a.cost(),
            Op::Call(function, arguments) => {
                let own = match function {
                    Function::Lower | Function::Upper | Function::Replace => 80,
                    Function::Length | Function::Words | Function::Contains | Function::Position => 20,
                    Function::Substr | Function::Left | Function::Right | Function::Trim { .. } => 30,
                    _ => 8,
                };
                own + sum(arguments)
            }
        }
    }
}
