//! Vectors of numbers within a chunk: arithmetic, comparison, and the functions that give numbers.

use std::borrow::Cow;

use super::super::Values;
use super::bits::Bits;
use super::evaluate::Chunk;
use super::texts::{self, Texts};
use super::time;
use super::tree::{Arithmetic, Comparison, Function, Node, Op, Type, Value};

/// The numbers of a chunk and where they are known; elsewhere they are of no meaning.
pub(super) struct Numbers<'a, T: Copy> {
    pub(super) values: Cow<'a, [T]>,
    pub(super) valid: Bits,
}

impl<T: Copy> Numbers<'_, T> {
    #[inline]
    pub(super) fn get(&self, row: usize) -> Option<T> {
        self.values.get(row).copied()
    }
}

/// Where `value op bound` holds.
pub(super) fn compare_each<T: PartialOrd + Copy>(op: Comparison, values: &[T], bound: T) -> Bits {
    // One loop for each operator, so that each is compiled for it alone.
    match op {
        Comparison::Equal => each(values, |value| value == bound),
        Comparison::NotEqual => each(values, |value| value != bound),
        Comparison::Less => each(values, |value| value < bound),
        Comparison::LessEqual => each(values, |value| value <= bound),
        Comparison::Greater => each(values, |value| value > bound),
        Comparison::GreaterEqual => each(values, |value| value >= bound),
    }
}

#[inline]
fn each<T: Copy>(values: &[T], test: impl Fn(T) -> bool) -> Bits {
    let mut bits = Bits::none();
    for (word, part) in bits.0.iter_mut().zip(values.chunks(64)) {
        *word = part.iter().enumerate().fold(0, |word, (bit, &value)| word | u64::from(test(value)) << bit);
    }
    bits
}

/// Where `test` holds of two values.
#[inline]
pub(super) fn compare_pairs<A: Copy, B: Copy>(a: &[A], b: &[B], test: impl Fn(&A, &B) -> bool) -> Bits {
    let mut pairs = a.iter().zip(b);
    Bits::when(a.len().min(b.len()), |_| pairs.next().is_some_and(|(a, b)| test(a, b)))
}

/// Compares a whole number with a real one by their exact values, without rounding the whole one.
pub(super) fn holds_mixed(op: Comparison, whole: i64, real: f64) -> bool {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if real.is_nan() {
        return op == Comparison::NotEqual;
    }
    if real >= LIMIT {
        return matches!(op, Comparison::Less | Comparison::LessEqual | Comparison::NotEqual);
    }
    if real < -LIMIT {
        return matches!(op, Comparison::Greater | Comparison::GreaterEqual | Comparison::NotEqual);
    }
    let floor = real.floor();
    // Twice the numbers, plus one for a fraction, so that 3 < 3.5 < 4 in whole numbers.
    let left = i128::from(whole) * 2;
    let right = i128::from(floor as i64) * 2 + i128::from(real != floor);
    op.holds(&left, &right)
}

impl<'a> Chunk<'a> {
    /// Whole numbers, and the microseconds of times.
    pub(super) fn whole<'n>(&'n self, node: &'n Node, need: &Bits) -> Numbers<'n, i64> {
        match &node.op {
            Op::Literal(Value::Int(value) | Value::Time(value)) => self.constant(Some(*value)),
            Op::Column(slot) => match self.values(*slot) {
                Some((column, Values::Int(array))) => self.slice(column, array.values()),
                Some((column, Values::Time(array))) => self.slice(column, array.values()),
                _ => self.constant(None),
            },
            Op::Negate(inner) => {
                let numbers = self.whole(inner, need);
                self.map_whole(numbers.valid, need, |row| numbers.get(row)?.checked_neg())
            }
            Op::Arithmetic(op, a, b) => {
                let (a, b) = (self.whole(a, need), self.whole(b, need));
                self.map_whole(a.valid.and(&b.valid), need, |row| whole_arithmetic(*op, a.get(row)?, b.get(row)?))
            }
            Op::Case(branches, last) => {
                self.choose(branches, last.as_deref(), need, |node, rows| self.whole(node, rows))
            }
            Op::Coalesce(parts) => self.first_known(parts, need, |node, rows| self.whole(node, rows)),
            Op::Extreme(greatest, parts) => {
                let better = |new: i64, old: i64| if *greatest { new > old } else { new < old };
                self.extreme(parts, need, |node, rows| self.whole(node, rows), better)
            }
            Op::Cast(inner) => self.cast_to_whole(inner, node.ty, need),
            Op::Call(function, arguments) => self.call_to_whole(*function, arguments, need),
            _ => self.constant(None),
        }
    }

    /// Real numbers; whole ones are converted.
    pub(super) fn real<'n>(&'n self, node: &'n Node, need: &Bits) -> Numbers<'n, f64> {
        if node.ty == Type::Int {
            let numbers = self.whole(node, need);
            let values = numbers.values.iter().map(|value| *value as f64).collect();
            return Numbers { values: Cow::Owned(values), valid: numbers.valid };
        }
        match &node.op {
            Op::Literal(Value::Float(value)) => self.constant(Some(*value)),
            Op::Column(slot) => match self.values(*slot) {
                Some((column, Values::Float(array))) => self.slice(column, array.values()),
                _ => self.constant(None),
            },
            Op::Negate(inner) => {
                let numbers = self.real(inner, need);
                self.map_whole(numbers.valid, need, |row| numbers.get(row).map(|value| -value))
            }
            Op::Arithmetic(op, a, b) => {
                let (a, b) = (self.real(a, need), self.real(b, need));
                self.map_whole(a.valid.and(&b.valid), need, |row| real_arithmetic(*op, a.get(row)?, b.get(row)?))
            }
            Op::Case(branches, last) => {
                self.choose(branches, last.as_deref(), need, |node, rows| self.real(node, rows))
            }
            Op::Coalesce(parts) => self.first_known(parts, need, |node, rows| self.real(node, rows)),
            Op::Extreme(greatest, parts) => {
                let better = |new: f64, old: f64| if *greatest { new > old } else { new < old };
                self.extreme(parts, need, |node, rows| self.real(node, rows), better)
            }
            Op::Cast(inner) => self.cast_to_real(inner, need),
            Op::Call(function, arguments) => self.call_to_real(*function, arguments, need),
            _ => self.constant(None),
        }
    }

    fn choose<'n, T: Copy + Default>(
        &'n self,
        branches: &'n [(Node, Node)],
        last: Option<&'n Node>,
        need: &Bits,
        value: impl Fn(&'n Node, &Bits) -> Numbers<'n, T>,
    ) -> Numbers<'n, T> {
        let mut values = vec![T::default(); self.rows];
        let mut valid = Bits::none();
        self.each_branch(branches, last, need, |node, rows| {
            let numbers = value(node, rows);
            copy_rows(&numbers, rows, &mut values, &mut valid);
        });
        Numbers { values: Cow::Owned(values), valid }
    }

    fn first_known<'n, T: Copy + Default>(
        &'n self,
        parts: &'n [Node],
        need: &Bits,
        value: impl Fn(&'n Node, &Bits) -> Numbers<'n, T>,
    ) -> Numbers<'n, T> {
        let mut values = vec![T::default(); self.rows];
        let mut valid = Bits::none();
        let mut open = *need;
        for part in parts {
            let numbers = value(part, &open);
            copy_rows(&numbers, &open, &mut values, &mut valid);
            open = open.minus(&numbers.valid);
        }
        Numbers { values: Cow::Owned(values), valid }
    }

    fn extreme<'n, T: Copy + Default>(
        &'n self,
        parts: &'n [Node],
        need: &Bits,
        value: impl Fn(&'n Node, &Bits) -> Numbers<'n, T>,
        better: impl Fn(T, T) -> bool,
    ) -> Numbers<'n, T> {
        let vectors: Vec<Numbers<'n, T>> = parts.iter().map(|part| value(part, need)).collect();
        let mut values = vec![T::default(); self.rows];
        let mut valid = Bits::none();
        need.each(|row| {
            let known = vectors.iter().filter(|vector| vector.valid.has(row)).filter_map(|vector| vector.get(row));
            let best = known.reduce(|old, new| if better(new, old) { new } else { old });
            if let (Some(best), Some(place)) = (best, values.get_mut(row)) {
                *place = best;
                valid.insert(row);
            }
        });
        Numbers { values: Cow::Owned(values), valid }
    }

    fn cast_to_whole<'n>(&'n self, inner: &'n Node, ty: Type, need: &Bits) -> Numbers<'n, i64> {
        match inner.ty {
            Type::Text => {
                let texts = self.texts(inner, need);
                self.map_whole(texts.valid, need, |row| {
                    let text = texts.get(row);
                    if ty == Type::Time { time::parse(text) } else { text.trim().parse().ok() }
                })
            }
            Type::Float => {
                let numbers = self.real(inner, need);
                self.map_whole(numbers.valid, need, |row| whole_part(numbers.get(row)?))
            }
            Type::Bool => {
                let truth = self.truth(inner, need);
                self.map_whole(truth.known(), need, |row| Some(i64::from(truth.yes.has(row))))
            }
            Type::Null | Type::Int | Type::Time => self.constant(None),
        }
    }

    fn cast_to_real<'n>(&'n self, inner: &'n Node, need: &Bits) -> Numbers<'n, f64> {
        match inner.ty {
            Type::Text => {
                let texts = self.texts(inner, need);
                self.map_whole(texts.valid, need, |row| texts.get(row).trim().parse().ok())
            }
            Type::Int => self.real(inner, need),
            Type::Bool => {
                let truth = self.truth(inner, need);
                self.map_whole(truth.known(), need, |row| Some(f64::from(u8::from(truth.yes.has(row)))))
            }
            Type::Null | Type::Float | Type::Time => self.constant(None),
        }
    }

    fn call_to_whole<'n>(&'n self, function: Function, arguments: &'n [Node], need: &Bits) -> Numbers<'n, i64> {
        match (function, arguments) {
            (Function::Length, [text]) => self.measure(text, need, texts::length),
            (Function::Bytes, [text]) => self.measure(text, need, |text| text.len() as i64),
            (Function::Words, [text]) => self.measure(text, need, |text| text.split_whitespace().count() as i64),
            (Function::Position, [text, part]) => {
                let (texts, parts) = (self.texts(text, need), self.texts(part, need));
                self.map_whole(texts.valid.and(&parts.valid), need, |row| {
                    Some(texts::position(texts.get(row), parts.get(row)))
                })
            }
            (Function::Field(_) | Function::Date, [inner]) => self.parts_of_times(function, inner, need),
            (Function::Abs, [inner]) => {
                let numbers = self.whole(inner, need);
                self.map_whole(numbers.valid, need, |row| numbers.get(row)?.checked_abs())
            }
            (Function::Sign, [inner]) => {
                let numbers = self.whole(inner, need);
                self.map_whole(numbers.valid, need, |row| numbers.get(row).map(i64::signum))
            }
            // A whole number is already rounded.
            (Function::Round | Function::Floor | Function::Ceil, [inner]) => self.whole(inner, need),
            _ => self.constant(None),
        }
    }

    fn measure<'n>(&'n self, text: &'n Node, need: &Bits, measure: impl Fn(&str) -> i64) -> Numbers<'n, i64> {
        let texts: Texts<'_> = self.texts(text, need);
        self.map_whole(texts.valid, need, |row| Some(measure(texts.get(row))))
    }

    fn call_to_real<'n>(&'n self, function: Function, arguments: &'n [Node], need: &Bits) -> Numbers<'n, f64> {
        let Some((first, rest)) = arguments.split_first() else { return self.constant(None) };
        let numbers = self.real(first, need);
        let Some(second) = rest.first() else {
            return self.map_whole(numbers.valid, need, |row| real_function(function, numbers.get(row)?));
        };
        let others = self.real(second, need);
        self.map_whole(numbers.valid.and(&others.valid), need, |row| {
            let (value, other) = (numbers.get(row)?, others.get(row)?);
            match function {
                Function::Power => {
                    let power = value.powf(other);
                    (!power.is_nan() || value.is_nan() || other.is_nan()).then_some(power)
                }
                Function::Round => Some(round_to(value, other)),
                _ => None,
            }
        })
    }
}

/// Takes over the rows that are known.
fn copy_rows<T: Copy>(from: &Numbers<'_, T>, rows: &Bits, values: &mut [T], valid: &mut Bits) {
    rows.and(&from.valid).each(|row| {
        if let (Some(value), Some(place)) = (from.get(row), values.get_mut(row)) {
            *place = value;
            valid.insert(row);
        }
    });
}

/// Arithmetic of whole numbers; NULL where the result has no place in 64 bits, or for the remainder of a division by 0.
fn whole_arithmetic(op: Arithmetic, a: i64, b: i64) -> Option<i64> {
    match op {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Modulo if b == -1 => Some(0),
        Arithmetic::Modulo => a.checked_rem(b),
        Arithmetic::Divide => a.checked_div(b),
    }
}

/// Arithmetic of real numbers; NULL for a division by 0.
fn real_arithmetic(op: Arithmetic, a: f64, b: f64) -> Option<f64> {
    match op {
        Arithmetic::Add => Some(a + b),
        Arithmetic::Subtract => Some(a - b),
        Arithmetic::Multiply => Some(a * b),
        Arithmetic::Divide => (b != 0.0).then(|| a / b),
        Arithmetic::Modulo => (b != 0.0).then(|| a % b),
    }
}

/// The whole number that is left when the fraction is dropped; NULL if it has no place in 64 bits.
fn whole_part(value: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    (-LIMIT..LIMIT).contains(&value).then_some(value as i64)
}

/// A function of one real number; NULL where it is not defined.
fn real_function(function: Function, value: f64) -> Option<f64> {
    match function {
        Function::Abs => Some(value.abs()),
        Function::Sign => Some(if value == 0.0 || value.is_nan() { value } else { value.signum() }),
        Function::Round => Some(value.round()),
        Function::Floor => Some(value.floor()),
        Function::Ceil => Some(value.ceil()),
        Function::Exp => Some(value.exp()),
        Function::Sqrt => (value >= 0.0 || value.is_nan()).then(|| value.sqrt()),
        Function::Ln => (value > 0.0 || value.is_nan()).then(|| value.ln()),
        Function::Log10 => (value > 0.0 || value.is_nan()).then(|| value.log10()),
        _ => None,
    }
}

/// Rounds to decimal digits, halves away from 0.
fn round_to(value: f64, digits: f64) -> f64 {
    let digits = digits.clamp(-400.0, 400.0) as i32;
    let scale = 10f64.powi(digits.abs());
    let rounded = if digits >= 0 { (value * scale).round() / scale } else { (value / scale).round() * scale };
    // Beyond the digits that a real number has there is nothing to round.
    if rounded.is_finite() {
        rounded
    } else if digits < 0 {
        0.0
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_and_real_numbers_compare_exactly() {
        use Comparison::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
        let check = |op, a, b, expected| assert_eq!(holds_mixed(op, a, b), expected, "{a} {op:?} {b}");
        check(Less, 3, 3.5, true);
        check(Less, 4, 3.5, false);
        check(Equal, 9_007_199_254_740_993, 9_007_199_254_740_992.0, false);
        check(Greater, 9_007_199_254_740_993, 9_007_199_254_740_992.0, true);
        check(Less, i64::MAX, 9_223_372_036_854_775_808.0, true);
        check(GreaterEqual, i64::MIN, -9_223_372_036_854_775_808.0, true);
        check(Less, -4, -3.5, true);
        check(Greater, -3, -3.5, true);
        check(Less, 0, f64::INFINITY, true);
        check(LessEqual, 0, f64::NAN, false);
        check(NotEqual, 0, f64::NAN, true);
    }

    #[test]
    fn what_is_not_defined_is_null() {
        assert_eq!(whole_arithmetic(Arithmetic::Modulo, 7, 0), None);
        assert_eq!(whole_arithmetic(Arithmetic::Modulo, i64::MIN, -1), Some(0));
        assert_eq!(whole_arithmetic(Arithmetic::Add, i64::MAX, 1), None);
        assert_eq!(real_arithmetic(Arithmetic::Divide, 1.0, 0.0), None);
        assert_eq!(real_function(Function::Ln, 0.0), None);
        assert_eq!(whole_part(-3.9), Some(-3));
        assert_eq!(whole_part(1e300), None);
        assert_eq!((round_to(2.375, 2.0), round_to(-2.5, 0.0), round_to(1234.0, -2.0)), (2.38, -3.0, 1200.0));
        assert_eq!(round_to(1e300, 300.0), 1e300);
    }
}
