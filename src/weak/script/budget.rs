//! What one evaluation may cost, and how it fails.

use std::borrow::Cow;

/// The most steps a function may take on one row: expressions, loop turns, and characters in proportion.
pub(crate) const ROW_STEPS: i64 = 1_000_000;
/// The most bytes a function may allocate on one row, whether it still holds them or not.
pub(crate) const ROW_BYTES: i64 = 16 << 20;
/// The same for one statement at module level, which runs once.
pub(crate) const MODULE_STEPS: i64 = 20_000_000;
/// The same for one statement at module level.
pub(crate) const MODULE_BYTES: i64 = 64 << 20;
/// The deepest nesting of evaluation, so that the machine's own stack of 2 MB always suffices.
pub(crate) const DEPTH: u32 = 400;
/// The deepest nesting of calls.
pub(crate) const CALLS: u32 = 60;

/// The sort of a fault: the Python exception it corresponds to, or a limit, which no `except` catches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Type,
    Value,
    Index,
    Key,
    Attribute,
    ZeroDivision,
    Overflow,
    Name,
    /// A container changed while it was gone through.
    Runtime,
    /// An iterator has ended.
    Stop,
    /// A limit of the evaluator.
    Limit,
}

impl Sort {
    /// The sort of a Python exception's name, with all sorts that it covers.
    pub fn named(name: &str) -> Option<&'static [Sort]> {
        use Sort::{Attribute, Index, Key, Name, Overflow, Runtime, Stop, Type, Value, ZeroDivision};
        const ALL: &[Sort] = &[Type, Value, Index, Key, Attribute, ZeroDivision, Overflow, Name, Runtime, Stop];
        Some(match name {
            "Exception" | "BaseException" => ALL,
            "TypeError" => &[Type],
            "ValueError" => &[Value],
            "IndexError" => &[Index],
            "KeyError" => &[Key],
            "LookupError" => &[Index, Key],
            "AttributeError" => &[Attribute],
            "ZeroDivisionError" => &[ZeroDivision],
            "OverflowError" => &[Overflow],
            "ArithmeticError" => &[ZeroDivision, Overflow],
            "NameError" | "UnboundLocalError" => &[Name],
            "RuntimeError" => &[Runtime],
            "StopIteration" => &[Stop],
            _ => return None,
        })
    }
}

/// Why an evaluation ended without a value.
#[derive(Debug, Clone)]
pub(crate) struct Raise {
    /// The sort.
    pub sort: Sort,
    /// What went wrong, the same for all rows with the same mistake.
    pub message: Cow<'static, str>,
    /// What the row at hand had to do with it.
    pub detail: Option<String>,
    /// Byte offset of the expression that failed.
    pub at: Option<u32>,
}

/// The result of a step of evaluation.
pub(crate) type Eval<T> = Result<T, Box<Raise>>;

impl Raise {
    /// A fault of a sort.
    #[cold]
    pub fn new(sort: Sort, message: impl Into<Cow<'static, str>>) -> Box<Self> {
        Box::new(Self { sort, message: message.into(), detail: None, at: None })
    }

    /// Adds what the row at hand had to do with it, cut to a readable length.
    #[cold]
    pub fn detail(mut self: Box<Self>, detail: &str) -> Box<Self> {
        let mut short: String = detail.chars().take(60).collect();
        if short.len() < detail.len() {
            short.push('…');
        }
        self.detail = Some(short);
        self
    }

    /// Says where, unless an inner expression has said so already.
    #[cold]
    pub fn at(mut self: Box<Self>, at: u32) -> Box<Self> {
        self.at.get_or_insert(at);
        self
    }
}

/// A fault for a value of the wrong type.
#[cold]
pub(crate) fn wrong_type(message: impl Into<Cow<'static, str>>) -> Box<Raise> {
    Raise::new(Sort::Type, message)
}

/// A fault for a bad value.
#[cold]
pub(crate) fn bad_value(message: impl Into<Cow<'static, str>>) -> Box<Raise> {
    Raise::new(Sort::Value, message)
}

/// A fault for an infinite number where a whole one is needed; not a number at all is a bad value, as in Python.
#[cold]
pub(crate) fn not_finite(number: f64) -> Box<Raise> {
    let sort = if number.is_nan() { Sort::Value } else { Sort::Overflow };
    Raise::new(sort, "this number is not finite and has no whole part")
}

/// A fault for a number that does not fit.
#[cold]
pub(crate) fn overflow() -> Box<Raise> {
    Raise::new(Sort::Overflow, "a whole number became larger than 64 bits")
}

/// What is left of the budget of an evaluation.
#[derive(Debug)]
pub(crate) struct Budget {
    steps: i64,
    bytes: i64,
    limits: (i64, i64),
}

impl Budget {
    /// A full budget.
    pub fn new(steps: i64, bytes: i64) -> Self {
        Self { steps, bytes, limits: (steps, bytes) }
    }

    /// Fills the budget again, for the next row.
    pub fn refill(&mut self) {
        (self.steps, self.bytes) = self.limits;
    }

    /// The steps charged since the budget was full.
    pub fn spent(&self) -> i64 {
        self.limits.0 - self.steps
    }

    /// Charges steps.
    #[inline]
    pub fn steps(&mut self, steps: usize) -> Eval<()> {
        self.steps = self.steps.saturating_sub(i64::try_from(steps).unwrap_or(i64::MAX));
        if self.steps < 0 { Err(self.out_of_steps()) } else { Ok(()) }
    }

    /// Charges bytes, which must be done before they are allocated.
    #[inline]
    pub fn bytes(&mut self, bytes: usize) -> Eval<()> {
        self.bytes = self.bytes.saturating_sub(i64::try_from(bytes).unwrap_or(i64::MAX));
        if self.bytes < 0 { Err(self.out_of_bytes()) } else { Ok(()) }
    }

    #[cold]
    fn out_of_steps(&self) -> Box<Raise> {
        let limit = thousands(self.limits.0);
        let what = if self.limits.0 == ROW_STEPS { "this function did more than" } else { "this line did more than" };
        let row = if self.limits.0 == ROW_STEPS { " on a row" } else { "" };
        Raise::new(Sort::Limit, format!("{what} {limit} steps{row}; does a loop never end?"))
    }

    #[cold]
    fn out_of_bytes(&self) -> Box<Raise> {
        let limit = self.limits.1 >> 20;
        let what = if self.limits.0 == ROW_STEPS { "this function" } else { "this line" };
        let row = if self.limits.0 == ROW_STEPS { " on a row" } else { "" };
        Raise::new(Sort::Limit, format!("{what} used more than {limit} MB of memory{row}"))
    }
}

fn thousands(number: i64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
