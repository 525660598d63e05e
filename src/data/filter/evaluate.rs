//! Runs a typed tree over the rows of one chunk, column by column.
//!
//! Every function here takes `need`, the rows whose value somebody wants; what it gives for other rows is of no
//! meaning. So the costly half of `AND` looks only at the rows that the cheap half has left.

use std::borrow::Cow;

use arrow_array::LargeStringArray;

use super::super::{Column, Values};
use super::bits::{Bits, Truth};
use super::numbers::{self, Numbers};
use super::time;
use super::tree::{Comparison, Function, Node, Op, Set, SetValues, Type, Value};

/// A column of the frame that a filter is run over.
pub(super) struct Bound<'a> {
    pub(super) column: &'a Column,
    pub(super) folded: Option<&'a LargeStringArray>,
}

/// A chunk of rows of a frame.
pub(super) struct Chunk<'a> {
    pub(super) columns: &'a [Bound<'a>],
    pub(super) start: usize,
    pub(super) rows: usize,
    pub(super) all: Bits,
}

impl<'a> Chunk<'a> {
    pub(super) fn column(&self, slot: usize) -> Option<&'a Column> {
        self.columns.get(slot).map(|bound| bound.column)
    }

    /// Where the column is not NULL.
    pub(super) fn present(&self, column: &Column) -> Bits {
        match column.array().nulls() {
            Some(nulls) if nulls.null_count() > 0 => Bits::of(nulls.inner(), self.start, self.rows),
            _ => self.all,
        }
    }

    /// Where a value of any type is not NULL.
    fn known(&self, node: &Node, need: &Bits) -> Bits {
        match (&node.op, node.ty) {
            (Op::Literal(value), _) => {
                if *value == Value::Null {
                    Bits::none()
                } else {
                    self.all
                }
            }
            (Op::Column(slot), _) => self.column(*slot).map_or(Bits::none(), |column| self.present(column)),
            (_, Type::Null | Type::Bool) => self.truth(node, need).known(),
            (_, Type::Int | Type::Time) => self.whole(node, need).valid,
            (_, Type::Float) => self.real(node, need).valid,
            (_, Type::Text) => self.texts(node, need).valid,
        }
    }

    /// A condition.
    pub(super) fn truth(&self, node: &Node, need: &Bits) -> Truth {
        match &node.op {
            Op::Literal(Value::Bool(true)) => Truth::of(&self.all, &self.all),
            Op::Literal(Value::Bool(false)) => Truth::of(&Bits::none(), &self.all),
            Op::Column(slot) => match self.column(*slot).map(|column| (column, column.values())) {
                Some((column, Values::Bool(array))) => {
                    Truth::of(&Bits::of(array.values(), self.start, self.rows), &self.present(column))
                }
                _ => Truth::unknown(),
            },
            Op::Not(inner) => self.truth(inner, need).not(),
            Op::All(parts) => self.all_of(parts, need, false),
            Op::Any(parts) => self.all_of(parts, need, true).not(),
            Op::Compare(op, a, b) => self.compare(*op, a, b, need),
            Op::Same(a, b) => self.same(a, b, need),
            Op::IsNull(inner) => {
                let known = self.known(inner, need);
                Truth::of(&self.all.minus(&known), &self.all)
            }
            Op::Is(value, inner) => {
                let truth = self.truth(inner, need);
                Truth::of(if *value { &truth.yes } else { &truth.no }, &self.all)
            }
            Op::In(value, set) => self.within(value, set, need),
            Op::Match(text, pattern) => {
                let texts = self.texts(text, need);
                Truth::of(&texts.matching(pattern, need), &texts.valid)
            }
            Op::Case(branches, last) => self.case_of_truths(branches, last.as_deref(), need),
            Op::Coalesce(parts) => {
                let mut result = Truth::unknown();
                let mut open = *need;
                for part in parts {
                    let truth = self.truth(part, &open);
                    result =
                        Truth { yes: result.yes.or(&truth.yes.and(&open)), no: result.no.or(&truth.no.and(&open)) };
                    open = open.minus(&truth.known());
                }
                result
            }
            Op::Extreme(greatest, parts) => {
                let truths: Vec<Truth> = parts.iter().map(|part| self.truth(part, need)).collect();
                let yes = truths.iter().fold(Bits::none(), |found, truth| found.or(&truth.yes));
                let no = truths.iter().fold(Bits::none(), |found, truth| found.or(&truth.no));
                if *greatest { Truth { yes, no: no.minus(&yes) } } else { Truth { yes: yes.minus(&no), no } }
            }
            Op::Cast(inner) => self.cast_to_truth(inner, need),
            Op::Call(function, arguments) => self.call_to_truth(*function, arguments, need),
            _ => Truth::unknown(),
        }
    }

    /// `AND` of the parts; with `negated`, `AND` of their opposites, by which `OR` is made (De Morgan).
    fn all_of(&self, parts: &[Node], need: &Bits, negated: bool) -> Truth {
        let mut result = Truth::of(&self.all, &self.all);
        let mut open = *need;
        for part in parts {
            if open.is_empty() {
                break;
            }
            let truth = self.truth(part, &open);
            result = result.and(&if negated { truth.not() } else { truth });
            open = open.minus(&result.no);
        }
        result
    }

    fn compare(&self, op: Comparison, a: &Node, b: &Node, need: &Bits) -> Truth {
        match (a.ty, b.ty) {
            (Type::Null, _) | (_, Type::Null) => Truth::unknown(),
            (Type::Text, _) => {
                let left = self.texts(a, need);
                if let (Some(Value::Text(text)), Comparison::Equal | Comparison::NotEqual) = (b.as_literal(), op) {
                    let wanted = need.and(&left.valid);
                    let equal = left.equal_to(text, &wanted);
                    let yes = if op == Comparison::Equal { equal } else { wanted.minus(&equal) };
                    return Truth::of(&yes, &left.valid);
                }
                let right = self.texts(b, need);
                let known = left.valid.and(&right.valid);
                // Code point order is the order of UTF-8 bytes, which is that of `str`.
                let yes = Bits::among(&known.and(need), |row| op.holds(left.get(row), right.get(row)));
                Truth::of(&yes, &known)
            }
            (Type::Bool, _) => {
                let (left, right) = (self.truth(a, need), self.truth(b, need));
                let known = left.known().and(&right.known());
                let yes = Bits::among(&known.and(need), |row| op.holds(&left.yes.has(row), &right.yes.has(row)));
                Truth::of(&yes, &known)
            }
            (Type::Float, _) | (_, Type::Float) => self.compare_reals(op, a, b, need),
            _ => {
                let left = self.whole(a, need);
                if let Some(Value::Int(bound) | Value::Time(bound)) = b.as_literal() {
                    return Truth::of(&numbers::compare_each(op, &left.values, *bound), &left.valid);
                }
                let right = self.whole(b, need);
                let known = left.valid.and(&right.valid);
                Truth::of(&numbers::compare_pairs(&left.values, &right.values, |a, b| op.holds(a, b)), &known)
            }
        }
    }

    /// Comparison in which at least one side is a real number; whole numbers are compared with it exactly.
    fn compare_reals(&self, op: Comparison, a: &Node, b: &Node, need: &Bits) -> Truth {
        match (a.ty, b.ty) {
            (Type::Int, _) => {
                let (left, right) = (self.whole(a, need), self.real(b, need));
                let yes = numbers::compare_pairs(&left.values, &right.values, |a, b| numbers::holds_mixed(op, *a, *b));
                Truth::of(&yes, &left.valid.and(&right.valid))
            }
            (_, Type::Int) if b.as_literal().is_none() => self.compare_reals(op.flipped(), b, a, need),
            (_, Type::Int) => {
                let (left, right) = (self.real(a, need), self.whole(b, need));
                let flipped = op.flipped();
                let yes =
                    numbers::compare_pairs(&right.values, &left.values, |b, a| numbers::holds_mixed(flipped, *b, *a));
                Truth::of(&yes, &left.valid.and(&right.valid))
            }
            _ => {
                let left = self.real(a, need);
                if let Some(Value::Float(bound)) = b.as_literal() {
                    return Truth::of(&numbers::compare_each(op, &left.values, *bound), &left.valid);
                }
                let right = self.real(b, need);
                let yes = numbers::compare_pairs(&left.values, &right.values, |a, b| op.holds(a, b));
                Truth::of(&yes, &left.valid.and(&right.valid))
            }
        }
    }

    fn same(&self, a: &Node, b: &Node, need: &Bits) -> Truth {
        let (left, right) = (self.known(a, need), self.known(b, need));
        let mut yes = self.compare(Comparison::Equal, a, b, need).yes;
        if a.ty == Type::Float && b.ty == Type::Float {
            // NaN equals nothing, but it is not distinct from itself.
            let (x, y) = (self.real(a, need), self.real(b, need));
            yes = yes.or(&numbers::compare_pairs(&x.values, &y.values, |x, y| x.is_nan() && y.is_nan()));
        }
        let both_null = self.all.minus(&left).minus(&right);
        Truth::of(&yes.and(&left).and(&right).or(&both_null), &self.all)
    }

    fn within(&self, value: &Node, set: &Set, need: &Bits) -> Truth {
        let (found, known) = match &set.values {
            SetValues::Bool { yes, no } => {
                let truth = self.truth(value, need);
                let mut found = if *yes { truth.yes } else { Bits::none() };
                if *no {
                    found = found.or(&truth.no);
                }
                (found, truth.known())
            }
            SetValues::Int(set) => {
                let numbers = self.whole(value, need);
                let wanted = need.and(&numbers.valid);
                (Bits::among(&wanted, |row| numbers.get(row).is_some_and(|value| set.contains(&value))), numbers.valid)
            }
            SetValues::Float(set) => {
                let numbers = self.real(value, need);
                let wanted = need.and(&numbers.valid);
                let listed = |value: f64| set.binary_search_by(|other| compare_listed(*other, value)).is_ok();
                (Bits::among(&wanted, |row| numbers.get(row).is_some_and(listed)), numbers.valid)
            }
            SetValues::Text(_) => {
                let texts = self.texts(value, need);
                (texts.within(&set.values, &need.and(&texts.valid)), texts.valid)
            }
        };
        // With NULL in the list, a value that is not found might have been that one.
        if set.null { Truth { yes: found.and(&known), no: Bits::none() } } else { Truth::of(&found, &known) }
    }

    fn case_of_truths(&self, branches: &[(Node, Node)], last: Option<&Node>, need: &Bits) -> Truth {
        let mut result = Truth::unknown();
        self.each_branch(branches, last, need, |value, rows| {
            let truth = self.truth(value, rows);
            result = Truth { yes: result.yes.or(&truth.yes.and(rows)), no: result.no.or(&truth.no.and(rows)) };
        });
        result
    }

    /// Calls `take` with each branch and the rows that take it.
    pub(super) fn each_branch<'n>(
        &self,
        branches: &'n [(Node, Node)],
        last: Option<&'n Node>,
        need: &Bits,
        mut take: impl FnMut(&'n Node, &Bits),
    ) {
        let mut open = *need;
        for (condition, value) in branches {
            if open.is_empty() {
                return;
            }
            let rows = self.truth(condition, &open).yes.and(&open);
            if !rows.is_empty() {
                take(value, &rows);
            }
            open = open.minus(&rows);
        }
        if let Some(last) = last
            && !open.is_empty()
        {
            take(last, &open);
        }
    }

    fn cast_to_truth(&self, inner: &Node, need: &Bits) -> Truth {
        match inner.ty {
            Type::Text => {
                let texts = self.texts(inner, need);
                let mut truth = Truth::unknown();
                need.and(&texts.valid).each(|row| match texts.get(row).trim().to_ascii_lowercase().as_str() {
                    "true" | "t" | "yes" | "y" | "1" => truth.yes.insert(row),
                    "false" | "f" | "no" | "n" | "0" => truth.no.insert(row),
                    _ => (),
                });
                truth
            }
            Type::Int | Type::Float => {
                let numbers = self.real(inner, need);
                Truth::of(&numbers::compare_each(Comparison::NotEqual, &numbers.values, 0.0), &numbers.valid)
            }
            _ => Truth::unknown(),
        }
    }

    fn call_to_truth(&self, function: Function, arguments: &[Node], need: &Bits) -> Truth {
        match (function, arguments) {
            (Function::IsNan, [number]) => {
                let numbers = self.real(number, need);
                let yes = Bits::when(self.rows, |row| numbers.get(row).is_some_and(f64::is_nan));
                Truth::of(&yes, &numbers.valid)
            }
            (Function::Contains | Function::StartsWith | Function::EndsWith, [text, part]) => {
                let texts = self.texts(text, need);
                let parts = self.texts(part, need);
                let known = texts.valid.and(&parts.valid);
                if let (Function::Contains, Some(Value::Text(part))) = (function, part.as_literal()) {
                    let pattern = super::tree::Pattern::contains(part);
                    return Truth::of(&texts.matching(&pattern, need), &known);
                }
                let yes = Bits::among(&known.and(need), |row| {
                    let (text, part) = (texts.get(row), parts.get(row));
                    match function {
                        Function::Contains => text.contains(part),
                        Function::StartsWith => text.starts_with(part),
                        _ => text.ends_with(part),
                    }
                });
                Truth::of(&yes, &known)
            }
            _ => Truth::unknown(),
        }
    }

    /// A constant in every row.
    pub(super) fn constant<'n, T: Copy + Default>(&self, value: Option<T>) -> Numbers<'n, T> {
        let valid = if value.is_some() { self.all } else { Bits::none() };
        Numbers { values: Cow::Owned(vec![value.unwrap_or_default(); self.rows]), valid }
    }

    /// A column of numbers.
    pub(super) fn slice<T: Copy>(&self, column: &Column, values: &'a [T]) -> Numbers<'a, T> {
        let slice = values.get(self.start..self.start + self.rows).unwrap_or(&[]);
        Numbers { values: Cow::Borrowed(slice), valid: self.present(column) }
    }

    /// The value of a column slot and its column.
    pub(super) fn values(&self, slot: usize) -> Option<(&'a Column, &'a Values)> {
        self.column(slot).map(|column| (column, column.values()))
    }

    /// The parts of times, for [`Function::Field`] and [`Function::Date`].
    pub(super) fn parts_of_times(&self, function: Function, inner: &Node, need: &Bits) -> Numbers<'a, i64> {
        let times = self.whole(inner, need);
        self.map_whole(times.valid, need, |row| {
            let micros = times.get(row)?;
            match function {
                Function::Field(field) => time::field(micros, field),
                _ => micros.checked_sub(micros.rem_euclid(time::DAY)),
            }
        })
    }

    /// Whole numbers made row by row; `None` is NULL.
    pub(super) fn map_whole<T: Copy + Default>(
        &self,
        known: Bits,
        need: &Bits,
        mut make: impl FnMut(usize) -> Option<T>,
    ) -> Numbers<'a, T> {
        let mut values = vec![T::default(); self.rows];
        let mut valid = Bits::none();
        known.and(need).each(|row| {
            if let (Some(value), Some(place)) = (make(row), values.get_mut(row)) {
                *place = value;
                valid.insert(row);
            }
        });
        Numbers { values: Cow::Owned(values), valid }
    }
}

/// The order of a list of numbers without NaN, in which 0 and -0 are one.
fn compare_listed(a: f64, b: f64) -> std::cmp::Ordering {
    a.partial_cmp(&b).unwrap_or(std::cmp::Ordering::Greater)
}
