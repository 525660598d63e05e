//! The compiled form of a labelling function: a tree whose names are slots and whose constructs are all known.

use std::ops::Range;

use super::builtins::{Builtin, Method, Module, Type};

/// Position of a [`Code`] in [`Tree::codes`].
pub(crate) type CodeId = u32;
/// Position of a name in [`Tree::names`]: attribute names, which may be columns.
pub(crate) type NameId = u32;
/// Position of a module-level name in [`Tree::globals`].
pub(crate) type GlobalId = u32;
/// Position of a local variable in its frame.
pub(crate) type Slot = u32;

/// All that was compiled from one file.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// Every function, lambda, generator and module-level statement.
    pub codes: Vec<Code>,
    /// Attribute names in the order in which they were met.
    pub names: Vec<String>,
    /// Module-level names.
    pub globals: Vec<String>,
}

/// One function, lambda, generator expression or module-level statement.
#[derive(Debug, Default)]
pub(crate) struct Code {
    /// The name for messages.
    pub name: String,
    /// Byte range in the source of the whole definition, decorators included.
    pub range: Range<usize>,
    /// Byte offset of the name, or of the start where there is none.
    pub at: u32,
    /// Parameters in order; they take the first slots.
    pub params: Vec<Param>,
    /// How many of them may be given by position.
    pub positional: usize,
    /// The number of slots in a frame.
    pub slots: u32,
    /// The variables' names, by slot, for messages.
    pub slot_names: Vec<String>,
    /// Slots that functions inside capture: they hold a cell, made on entry.
    pub cells: Vec<Slot>,
    /// Slots filled from the closure, in the order of [`Make::captures`].
    pub free: Vec<Slot>,
    /// What is done.
    pub body: Vec<Stmt>,
    /// For a generator expression, what it yields.
    pub generator: Option<Comp>,
    /// The module-level names it reads, sorted, without those of codes inside it.
    pub globals: Vec<GlobalId>,
    /// The imported names it uses, with their meanings.
    pub imports: std::collections::BTreeSet<String>,
    /// The codes made inside it.
    pub inner: Vec<CodeId>,
    /// Attributes read from parameters: (parameter, name, byte offset).
    pub reads: Vec<(u32, NameId, Range<usize>)>,
    /// Parameters handed on to module-level functions: (parameter, function, position there).
    pub passes: Vec<(u32, GlobalId, u32)>,
    /// Attributes that are read in lower case.
    pub lowered: Vec<NameId>,
    /// The definition could not be compiled; it must not run.
    pub broken: bool,
}

/// A parameter of a function.
#[derive(Debug)]
pub(crate) struct Param {
    /// Its name.
    pub name: String,
    /// Whether a default is given.
    pub default: bool,
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Const {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Box<str>),
}

/// An expression and where it stands.
#[derive(Debug)]
pub(crate) struct Expr {
    /// Byte offset in the source.
    pub at: u32,
    /// What it is.
    pub kind: Kind,
}

/// What an expression is.
#[derive(Debug)]
pub(crate) enum Kind {
    Const(Const),
    Local(Slot),
    Cell(Slot),
    Global(GlobalId),
    Builtin(Builtin),
    Type(Type),
    Module(Module),
    List(Vec<Expr>),
    Tuple(Vec<Expr>),
    Set(Vec<Expr>),
    Dict(Vec<(Expr, Expr)>),
    Comp(Box<Comp>),
    Generator(Box<Generator>),
    Make(Box<Make>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Unary(Unary, Box<Expr>),
    Binary(Binary, Box<(Expr, Expr)>),
    Compare(Box<Expr>, Vec<(Compare, Expr)>),
    If(Box<If>),
    Call(Box<Call>),
    Method(Box<MethodCall>),
    Attr(Box<Expr>, NameId),
    Index(Box<(Expr, Expr)>),
    Slice(Box<SliceOf>),
    Format(Vec<Piece>),
    Walrus(Box<(Target, Expr)>),
}

/// `body if test else other`.
#[derive(Debug)]
pub(crate) struct If {
    pub test: Expr,
    pub body: Expr,
    pub other: Expr,
}

/// `object[lower:upper:step]`.
#[derive(Debug)]
pub(crate) struct SliceOf {
    pub object: Expr,
    pub bounds: [Option<Expr>; 3],
}

/// A call of a value. Keyword arguments follow positional ones.
#[derive(Debug)]
pub(crate) struct Call {
    pub callee: Expr,
    pub args: Args,
}

/// A call of a method by name.
#[derive(Debug)]
pub(crate) struct MethodCall {
    pub object: Expr,
    pub method: Method,
    pub args: Args,
}

/// Arguments of a call.
#[derive(Debug, Default)]
pub(crate) struct Args {
    pub positional: Vec<Expr>,
    pub keywords: Vec<(String, Expr)>,
}

/// What a comprehension collects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Collect {
    List,
    Set,
    Dict,
    /// `any(… for …)`, which stops at the first true element.
    Any,
    /// `all(… for …)`, which stops at the first false one.
    All,
}

/// A comprehension evaluated in the frame of the code around it.
#[derive(Debug)]
pub(crate) struct Comp {
    pub collect: Collect,
    pub clauses: Vec<Clause>,
    pub element: Expr,
    /// The value, for a dict.
    pub value: Option<Expr>,
    /// Slots of its own variables that closures capture: fresh cells at each evaluation.
    pub cells: Vec<Slot>,
}

/// `for target in iter if tests…`. The first clause of a generator expression takes its iterator from slot 0 instead.
#[derive(Debug)]
pub(crate) struct Clause {
    pub target: Target,
    pub iter: Expr,
    pub tests: Vec<Expr>,
}

/// A generator expression: its code, what it captures, and the iterable of its first clause, evaluated at once.
#[derive(Debug)]
pub(crate) struct Generator {
    pub code: CodeId,
    pub captures: Vec<Slot>,
    pub first: Expr,
}

/// The making of a function value.
#[derive(Debug)]
pub(crate) struct Make {
    pub code: CodeId,
    /// Slots of the frame around it that hold the captured cells.
    pub captures: Vec<Slot>,
    /// Default values by parameter, evaluated when the function is made.
    pub defaults: Vec<(u32, Expr)>,
}

/// A piece of an f-string.
#[derive(Debug)]
pub(crate) enum Piece {
    Text(Box<str>),
    Value {
        value: Expr,
        /// `!r` was given.
        repr: bool,
        /// The format specification, itself made of pieces.
        spec: Vec<Piece>,
    },
}

/// A unary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unary {
    Minus,
    Plus,
    Invert,
}

/// A binary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Pow,
    Left,
    Right,
    Or,
    Xor,
    And,
}

impl Binary {
    /// The operator as it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::FloorDiv => "//",
            Self::Mod => "%",
            Self::Pow => "**",
            Self::Left => "<<",
            Self::Right => ">>",
            Self::Or => "|",
            Self::Xor => "^",
            Self::And => "&",
        }
    }
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compare {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Is,
    IsNot,
    In,
    NotIn,
}

impl Compare {
    /// The operator as it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::Is => "is",
            Self::IsNot => "is not",
            Self::In => "in",
            Self::NotIn => "not in",
        }
    }
}

/// Where a value is put.
#[derive(Debug)]
pub(crate) enum Target {
    Local(Slot),
    Cell(Slot),
    Global(GlobalId),
    /// Unpacked; `star` is the position of a starred target.
    Many {
        targets: Vec<Target>,
        star: Option<usize>,
        at: u32,
    },
    /// `object[index] = …`
    Index(Box<(Expr, Expr)>),
}

/// A statement.
#[derive(Debug)]
pub(crate) enum Stmt {
    Expr(Expr),
    Assign(Vec<Target>, Expr),
    Augment { target: Target, op: Binary, value: Expr },
    If { branches: Vec<(Expr, Vec<Stmt>)>, other: Vec<Stmt> },
    For { target: Target, iter: Expr, body: Vec<Stmt>, other: Vec<Stmt> },
    While { test: Expr, body: Vec<Stmt>, other: Vec<Stmt> },
    Return(Option<Expr>),
    Break,
    Continue,
    Pass,
    Delete(Expr, Expr),
    Try(Box<Try>),
}

/// `try` with its handlers; exceptions have no values here, only sorts.
#[derive(Debug)]
pub(crate) struct Try {
    pub body: Vec<Stmt>,
    pub handlers: Vec<(Vec<super::budget::Sort>, Vec<Stmt>)>,
    pub other: Vec<Stmt>,
    pub finally: Vec<Stmt>,
}
