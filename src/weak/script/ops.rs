//! Operators: arithmetic, comparison, equality, keys.

use std::cmp::Ordering;

use super::budget::{Eval, Raise, Sort, bad_value, overflow, wrong_type};
use super::machine::Machine;
use super::tree::{Binary, Compare, Unary};
use super::value::{Id, Key, KeyText, Object, Table, Value};

impl<'a> Machine<'a> {
    /// A unary operator.
    pub(super) fn unary(&mut self, op: Unary, value: &Value<'a>) -> Eval<Value<'a>> {
        match (op, value) {
            (Unary::Minus, Value::Float(float)) => Ok(Value::Float(-float)),
            (Unary::Plus, Value::Float(float)) => Ok(Value::Float(*float)),
            (_, value) => {
                let sign = match op {
                    Unary::Minus => "-",
                    Unary::Plus => "+",
                    Unary::Invert => "~",
                };
                let Some(int) = value.as_int() else {
                    return Err(wrong_type(format!("{sign} needs a number, not {}", value.a())));
                };
                match op {
                    Unary::Minus => int.checked_neg().map(Value::Int).ok_or_else(overflow),
                    Unary::Plus => Ok(Value::Int(int)),
                    Unary::Invert => Ok(Value::Int(!int)),
                }
            }
        }
    }

    /// A binary operator.
    pub(super) fn binary(&mut self, op: Binary, left: &Value<'a>, right: &Value<'a>) -> Eval<Value<'a>> {
        if let (Some(a), Some(b)) = (left.as_int(), right.as_int()) {
            let bools = matches!((left, right), (Value::Bool(_), Value::Bool(_)));
            return match op {
                Binary::And if bools => Ok(Value::Bool(a & b != 0)),
                Binary::Or if bools => Ok(Value::Bool(a | b != 0)),
                Binary::Xor if bools => Ok(Value::Bool(a ^ b != 0)),
                _ => integers(op, a, b),
            };
        }
        match (op, left, right) {
            (Binary::Mod, Value::Str(template), _) => {
                let text = self.percent(template.as_str(), right)?;
                self.text(text)
            }
            (Binary::Add, Value::Str(a), Value::Str(b)) => {
                let (a, b) = (a.as_str(), b.as_str());
                self.budget.steps((a.len() + b.len()) / 16)?;
                self.budget.bytes(a.len() + b.len() + 48)?;
                Ok(Value::text([a, b].concat()))
            }
            (Binary::Add, Value::List(a), Value::List(b)) => {
                let items = self.joined(*a, *b)?;
                self.list(items)
            }
            (Binary::Add, Value::Tuple(a), Value::Tuple(b)) => {
                let items = self.joined(*a, *b)?;
                self.tuple(items)
            }
            (Binary::Mul, Value::Str(_) | Value::List(_) | Value::Tuple(_), times) if times.as_int().is_some() => {
                self.repeat(left, times.as_int().unwrap_or(0))
            }
            (Binary::Mul, times, Value::Str(_) | Value::List(_) | Value::Tuple(_)) if times.as_int().is_some() => {
                self.repeat(right, times.as_int().unwrap_or(0))
            }
            (Binary::Or, Value::Dict(a), Value::Dict(b)) => self.merged(*a, *b),
            (Binary::Or | Binary::And | Binary::Sub | Binary::Xor, Value::Set(a), Value::Set(b)) => {
                self.set_operation(op, *a, *b)
            }
            _ => match (left.as_float(), right.as_float()) {
                (Some(a), Some(b)) => reals(op, a, b),
                _ => Err(self.no_operator(op, left, right)),
            },
        }
    }

    #[cold]
    fn no_operator(&self, op: Binary, left: &Value<'a>, right: &Value<'a>) -> Box<Raise> {
        let help = match (op, left, right) {
            (_, Value::None, _) | (_, _, Value::None) => "; test `is not None` first",
            (Binary::Add, Value::Str(_), Value::Int(_) | Value::Float(_)) => "; write str(…) around the number",
            _ => "",
        };
        wrong_type(format!("{} does not fit between {} and {}{help}", op.sign(), left.a(), right.a()))
    }

    /// `+=` and its like: lists and sets are changed in place.
    pub(super) fn in_place(&mut self, op: Binary, old: &Value<'a>, value: &Value<'a>) -> Eval<Value<'a>> {
        match (op, old) {
            (Binary::Add, Value::List(id)) => {
                let items = self.collect(value)?;
                self.budget.bytes(items.len() * 24)?;
                self.heap.list_mut(*id)?.extend(items);
                Ok(old.clone())
            }
            _ => self.binary(op, old, value),
        }
    }

    fn joined(&mut self, a: Id, b: Id) -> Eval<Vec<Value<'a>>> {
        let length = self.heap.items(a).len() + self.heap.items(b).len();
        self.budget.steps(length)?;
        self.budget.bytes(length * 24)?;
        Ok([self.heap.items(a), self.heap.items(b)].concat())
    }

    fn repeat(&mut self, value: &Value<'a>, times: i64) -> Eval<Value<'a>> {
        let times = usize::try_from(times.max(0)).unwrap_or(usize::MAX);
        match value {
            Value::Str(text) => {
                let text = text.as_str();
                let bytes = text.len().saturating_mul(times);
                self.budget.bytes(bytes.saturating_add(48))?;
                self.budget.steps(bytes / 16)?;
                Ok(Value::text(if text.is_empty() { String::new() } else { text.repeat(times) }))
            }
            Value::List(id) | Value::Tuple(id) => {
                let length = self.heap.items(*id).len().saturating_mul(times);
                self.budget.bytes(length.saturating_mul(24))?;
                self.budget.steps(length)?;
                let items: Vec<_> = self.heap.items(*id).iter().cycle().take(length).cloned().collect();
                if matches!(value, Value::List(_)) { self.list(items) } else { self.tuple(items) }
            }
            _ => Err(wrong_type("only text and lists can be repeated")),
        }
    }

    fn merged(&mut self, a: Id, b: Id) -> Eval<Value<'a>> {
        let mut table = self.heap.table(a).cloned().unwrap_or_default();
        let more = self.heap.table(b).cloned().unwrap_or_default();
        self.budget.steps(table.len() + more.len())?;
        self.budget.bytes((table.len() + more.len()) * 96)?;
        for (key, given, value) in more.entries() {
            table.insert(key.clone(), given.clone(), value.clone());
        }
        Ok(Value::Dict(self.object(Object::Table(table))?))
    }

    /// `|`, `&`, `-` and `^` of sets, in the order of the left one.
    pub(super) fn set_operation(&mut self, op: Binary, a: Id, b: Id) -> Eval<Value<'a>> {
        let (Some(left), Some(right)) = (self.heap.table(a), self.heap.table(b)) else {
            return Err(wrong_type("this is not a set"));
        };
        let mut out = Table::default();
        let size = left.len() + right.len();
        for entry in left.entries() {
            let shared = right.get(&entry.0).is_some();
            let keep = match op {
                Binary::And => shared,
                Binary::Sub | Binary::Xor => !shared,
                _ => true,
            };
            if keep {
                out.insert(entry.0.clone(), entry.1.clone(), Value::None);
            }
        }
        if matches!(op, Binary::Or | Binary::Xor) {
            for entry in right.entries() {
                if op == Binary::Or || left.get(&entry.0).is_none() {
                    out.insert(entry.0.clone(), entry.1.clone(), Value::None);
                }
            }
        }
        self.budget.steps(size)?;
        self.budget.bytes(out.len() * 96)?;
        Ok(Value::Set(self.object(Object::Table(out))?))
    }

    /// A comparison.
    pub(super) fn compare(&mut self, op: Compare, left: &Value<'a>, right: &Value<'a>) -> Eval<bool> {
        match op {
            Compare::Eq => self.equal(left, right),
            Compare::Ne => self.equal(left, right).map(|equal| !equal),
            Compare::Is => Ok(identical(left, right)),
            Compare::IsNot => Ok(!identical(left, right)),
            Compare::In => self.contains(right, left),
            Compare::NotIn => self.contains(right, left).map(|within| !within),
            Compare::Lt | Compare::Le | Compare::Gt | Compare::Ge => {
                if let (Value::Set(a), Value::Set(b)) = (left, right) {
                    return self.compare_sets(op, *a, *b);
                }
                let order = self.order(op, left, right)?;
                Ok(match op {
                    Compare::Lt => order == Some(Ordering::Less),
                    Compare::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
                    Compare::Gt => order == Some(Ordering::Greater),
                    _ => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
                })
            }
        }
    }

    fn compare_sets(&mut self, op: Compare, a: Id, b: Id) -> Eval<bool> {
        let (Some(a), Some(b)) = (self.heap.table(a), self.heap.table(b)) else { return Ok(false) };
        self.budget.steps(a.len() + b.len())?;
        let within = |a: &Table<'a>, b: &Table<'a>| a.entries().iter().all(|entry| b.get(&entry.0).is_some());
        Ok(match op {
            Compare::Lt => a.len() < b.len() && within(a, b),
            Compare::Le => within(a, b),
            Compare::Gt => a.len() > b.len() && within(b, a),
            _ => within(b, a),
        })
    }

    /// `==`.
    pub(super) fn equal(&mut self, left: &Value<'a>, right: &Value<'a>) -> Eval<bool> {
        Ok(match (left, right) {
            (Value::Str(a), Value::Str(b)) => {
                self.budget.steps(a.as_str().len().min(b.as_str().len()) / 64)?;
                a.as_str() == b.as_str()
            }
            (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => self.equal_items(*a, *b)?,
            (Value::Dict(a), Value::Dict(b)) => self.equal_tables(*a, *b)?,
            (Value::Set(a), Value::Set(b)) => self.equal_tables(*a, *b)?,
            (Value::Range(a), Value::Range(b)) => {
                let (a, b) = (self.heap.range(*a), self.heap.range(*b));
                let (n, m) = (super::iterate::range_length(a), super::iterate::range_length(b));
                n == m && (n == 0 || a.0 == b.0 && (n == 1 || a.2 == b.2))
            }
            _ => match number_order(left, right) {
                Some(order) => order == Some(Ordering::Equal),
                None => identical(left, right),
            },
        })
    }

    fn equal_items(&mut self, a: Id, b: Id) -> Eval<bool> {
        if a == b {
            return Ok(true);
        }
        let length = self.heap.items(a).len();
        if length != self.heap.items(b).len() {
            return Ok(false);
        }
        self.deeper()?;
        let result = self.equal_each(a, b, length);
        self.back();
        result
    }

    fn equal_each(&mut self, a: Id, b: Id, length: usize) -> Eval<bool> {
        for at in 0..length {
            self.budget.steps(1)?;
            let (Some(x), Some(y)) = (self.heap.items(a).get(at).cloned(), self.heap.items(b).get(at).cloned()) else {
                return Ok(false);
            };
            if !self.equal(&x, &y)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn equal_tables(&mut self, a: Id, b: Id) -> Eval<bool> {
        if a == b {
            return Ok(true);
        }
        let length = self.heap.table(a).map_or(0, Table::len);
        if length != self.heap.table(b).map_or(0, Table::len) {
            return Ok(false);
        }
        self.deeper()?;
        let result = self.equal_entries(a, b, length);
        self.back();
        result
    }

    fn equal_entries(&mut self, a: Id, b: Id, length: usize) -> Eval<bool> {
        for at in 0..length {
            self.budget.steps(1)?;
            let Some((key, _, value)) = self.heap.table(a).and_then(|table| table.entries().get(at).cloned()) else {
                return Ok(false);
            };
            let Some(other) = self.heap.table(b).and_then(|table| table.get(&key)).map(|entry| entry.2.clone()) else {
                return Ok(false);
            };
            if !self.equal(&value, &other)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// How two values are ordered; `None` if a number is not a number.
    pub(super) fn order(&mut self, op: Compare, left: &Value<'a>, right: &Value<'a>) -> Eval<Option<Ordering>> {
        if let Some(order) = number_order(left, right) {
            return Ok(order);
        }
        match (left, right) {
            (Value::Str(a), Value::Str(b)) => {
                self.budget.steps(a.as_str().len().min(b.as_str().len()) / 64)?;
                Ok(Some(a.as_str().cmp(b.as_str())))
            }
            (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => {
                self.deeper()?;
                let result = self.order_items(op, *a, *b);
                self.back();
                result
            }
            _ => {
                let none = matches!(left, Value::None) || matches!(right, Value::None);
                let help = if none { "; test `is not None` first" } else { "" };
                Err(wrong_type(format!("{} does not fit between {} and {}{help}", op.sign(), left.a(), right.a())))
            }
        }
    }

    fn order_items(&mut self, op: Compare, a: Id, b: Id) -> Eval<Option<Ordering>> {
        let (n, m) = (self.heap.items(a).len(), self.heap.items(b).len());
        for at in 0..n.min(m) {
            self.budget.steps(1)?;
            let (Some(x), Some(y)) = (self.heap.items(a).get(at).cloned(), self.heap.items(b).get(at).cloned()) else {
                break;
            };
            if !self.equal(&x, &y)? {
                return self.order(op, &x, &y);
            }
        }
        Ok(Some(n.cmp(&m)))
    }

    /// `item in container`.
    pub(super) fn contains(&mut self, container: &Value<'a>, item: &Value<'a>) -> Eval<bool> {
        match (container, item) {
            (Value::Str(text), Value::Str(part)) => {
                self.budget.steps(text.as_str().len() / 64)?;
                Ok(text.as_str().contains(part.as_str()))
            }
            (Value::Str(_), other) => {
                Err(wrong_type(format!("text can only be looked for as text, not {}", other.a())))
            }
            (Value::Dict(id) | Value::Set(id), item) => {
                let key = self.key(item)?;
                Ok(self.heap.table(*id).is_some_and(|table| table.get(&key).is_some()))
            }
            (Value::List(id) | Value::Tuple(id), item) => {
                let length = self.heap.items(*id).len();
                for at in 0..length {
                    self.budget.steps(1)?;
                    let Some(other) = self.heap.items(*id).get(at).cloned() else { break };
                    if self.equal(&other, item)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (Value::Range(id), item) => {
                let (start, stop, step) = self.heap.range(*id);
                let int = match item {
                    Value::Float(float) if float.fract() == 0.0 && float.abs() < 9e18 => Some(*float as i64),
                    item => item.as_int(),
                };
                Ok(int.is_some_and(|int| {
                    let inside = if step > 0 { start <= int && int < stop } else { stop < int && int <= start };
                    inside && int.wrapping_sub(start).checked_rem(step) == Some(0)
                }))
            }
            (Value::Iterator(_), item) => {
                let mut items = self.iter(container)?;
                while let Some(other) = self.advance(&mut items)? {
                    if self.equal(&other, item)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (Value::None, _) => Err(wrong_type(
                "`in` looks into text or a list, not into a missing value (None); test `is not None` first",
            )),
            (other, _) => Err(wrong_type(format!("`in` looks into text or a list, not into {}", other.a()))),
        }
    }

    /// A value as a key of a dict or a member of a set.
    pub(super) fn key(&mut self, value: &Value<'a>) -> Eval<Key<'a>> {
        Ok(match value {
            Value::None => Key::None,
            Value::Bool(bool) => Key::Int(i64::from(*bool)),
            Value::Int(int) => Key::Int(*int),
            Value::Float(float) if float.fract() == 0.0 && (-9.2e18..9.2e18).contains(float) => Key::Int(*float as i64),
            Value::Float(float) => Key::Float(float.to_bits()),
            Value::Str(text) => {
                self.budget.steps(text.as_str().len() / 32)?;
                Key::Str(KeyText(text.clone()))
            }
            Value::Tuple(id) => {
                let items = self.heap.items(*id).to_vec();
                self.budget.steps(items.len())?;
                self.deeper()?;
                let keys = items.iter().map(|item| self.key(item)).collect::<Eval<Vec<_>>>();
                self.back();
                Key::Tuple(keys?)
            }
            Value::Function(id) | Value::Pattern(id) | Value::Match(id) | Value::Declared(id) => Key::Other(0, *id),
            Value::Type(kind) => Key::Other(1, *kind as u32),
            Value::Builtin(builtin) => Key::Other(2, *builtin as u32),
            other => return Err(wrong_type(format!("{} cannot be a key or a member of a set", other.a()))),
        })
    }
}

/// True for the same object; numbers and text of one kind are the same object here if they are equal.
fn identical(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::None, Value::None) | (Value::Row, Value::Row) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        (Value::Str(a), Value::Str(b)) => a.as_str() == b.as_str(),
        (Value::Type(a), Value::Type(b)) => a == b,
        (Value::Builtin(a), Value::Builtin(b)) => a == b,
        (Value::Module(a), Value::Module(b)) => a == b,
        (Value::List(a), Value::List(b))
        | (Value::Tuple(a), Value::Tuple(b))
        | (Value::Dict(a), Value::Dict(b))
        | (Value::Set(a), Value::Set(b))
        | (Value::Function(a), Value::Function(b))
        | (Value::Match(a), Value::Match(b))
        | (Value::Pattern(a), Value::Pattern(b))
        | (Value::Iterator(a), Value::Iterator(b))
        | (Value::Declared(a), Value::Declared(b)) => a == b,
        _ => false,
    }
}

/// The order of two numbers, exact also between whole and real ones; `None` if they are not both numbers, and
/// `Some(None)` if one of them is not a number in the sense of IEEE 754.
pub(crate) fn number_order(left: &Value, right: &Value) -> Option<Option<Ordering>> {
    Some(match (left, right) {
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Float(a), b) => int_to_float(b.as_int()?, *a).map(Ordering::reverse),
        (a, Value::Float(b)) => int_to_float(a.as_int()?, *b),
        (a, b) => Some(a.as_int()?.cmp(&b.as_int()?)),
    })
}

fn int_to_float(int: i64, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float >= 9_223_372_036_854_775_808.0 {
        return Some(Ordering::Less);
    }
    if float < -9_223_372_036_854_775_808.0 {
        return Some(Ordering::Greater);
    }
    let whole = float.trunc();
    Some(int.cmp(&(whole as i64)).then_with(|| 0.0.partial_cmp(&(float - whole)).unwrap_or(Ordering::Equal)))
}

#[cold]
fn division_by_zero() -> Box<Raise> {
    Raise::new(Sort::ZeroDivision, "a number is divided by zero")
}

fn integers<'a>(op: Binary, a: i64, b: i64) -> Eval<Value<'a>> {
    let int = |value: Option<i64>| value.map(Value::Int).ok_or_else(overflow);
    match op {
        Binary::Add => int(a.checked_add(b)),
        Binary::Sub => int(a.checked_sub(b)),
        Binary::Mul => int(a.checked_mul(b)),
        Binary::Div if b == 0 => Err(division_by_zero()),
        Binary::Div => Ok(Value::Float(a as f64 / b as f64)),
        Binary::FloorDiv | Binary::Mod if b == 0 => Err(division_by_zero()),
        Binary::FloorDiv => {
            let quotient = a.checked_div(b).ok_or_else(overflow)?;
            let rounded = a.wrapping_rem(b) != 0 && (a < 0) != (b < 0);
            Ok(Value::Int(quotient - i64::from(rounded)))
        }
        Binary::Mod => {
            let rest = a.wrapping_rem(b);
            Ok(Value::Int(if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }))
        }
        Binary::Pow if b >= 0 => match a {
            0 | 1 => Ok(Value::Int(if b == 0 { 1 } else { a })),
            -1 => Ok(Value::Int(if b % 2 == 0 { 1 } else { -1 })),
            _ => int(u32::try_from(b).ok().and_then(|b| a.checked_pow(b))),
        },
        Binary::Pow => reals(op, a as f64, b as f64),
        Binary::Left | Binary::Right if b < 0 => Err(bad_value("a number cannot be shifted by less than nothing")),
        Binary::Left if a == 0 => Ok(Value::Int(0)),
        Binary::Left => {
            let shifted = u32::try_from(b).ok().filter(|&b| b < 63).map(|b| i128::from(a) << b);
            int(shifted.and_then(|value| i64::try_from(value).ok()))
        }
        Binary::Right => Ok(Value::Int(a >> b.min(63))),
        Binary::Or => Ok(Value::Int(a | b)),
        Binary::Xor => Ok(Value::Int(a ^ b)),
        Binary::And => Ok(Value::Int(a & b)),
    }
}

fn reals<'a>(op: Binary, a: f64, b: f64) -> Eval<Value<'a>> {
    Ok(Value::Float(match op {
        Binary::Add => a + b,
        Binary::Sub => a - b,
        Binary::Mul => a * b,
        Binary::Div | Binary::FloorDiv | Binary::Mod if b == 0.0 => return Err(division_by_zero()),
        Binary::Div => a / b,
        Binary::FloorDiv => floor_divide(a, b).0,
        Binary::Mod => floor_divide(a, b).1,
        Binary::Pow => power(a, b)?,
        other => return Err(wrong_type(format!("{} needs whole numbers", other.sign()))),
    }))
}

/// Quotient and rest as Python's `divmod` gives them for real numbers: the rest has the sign of the divisor.
pub(super) fn floor_divide(a: f64, b: f64) -> (f64, f64) {
    let mut rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest != 0.0 {
        if (b < 0.0) != (rest < 0.0) {
            rest += b;
            quotient -= 1.0;
        }
    } else {
        rest = 0.0f64.copysign(b);
    }
    let mut floored = quotient.floor();
    if quotient == 0.0 {
        floored = 0.0f64.copysign(a / b);
    } else if quotient - floored > 0.5 {
        floored += 1.0;
    }
    (floored, rest)
}

/// `a ** b` of real numbers.
pub(super) fn power(a: f64, b: f64) -> Eval<f64> {
    if a == 0.0 && b < 0.0 {
        return Err(Raise::new(Sort::ZeroDivision, "zero cannot be raised to a negative power"));
    }
    let result = a.powf(b);
    if result.is_nan() && !a.is_nan() && !b.is_nan() {
        return Err(bad_value("a negative number has no such power"));
    }
    if result.is_infinite() && a.is_finite() && b.is_finite() {
        return Err(Raise::new(Sort::Overflow, "a real number became too large"));
    }
    Ok(result)
}
