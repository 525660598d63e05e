//! `math` and `unicodedata`.

use unicode_normalization::UnicodeNormalization as _;

use super::budget::{Eval, Raise, Sort, bad_value, not_finite, overflow, wrong_type};
use super::builtins::Builtin;
use super::call::Keywords;
use super::chars;
use super::machine::Machine;
use super::ops::power;
use super::tree::Binary;
use super::value::Value;

impl<'a> Machine<'a> {
    /// Calls a function of `math` or `unicodedata`.
    pub(super) fn maths(
        &mut self,
        builtin: Builtin,
        args: &[Value<'a>],
        keywords: Keywords<'_, 'a>,
    ) -> Eval<Value<'a>> {
        let name = builtin.name();
        if let Some((given, _)) = keywords.first().filter(|_| !matches!(builtin, Builtin::Isclose | Builtin::Prod)) {
            return Err(wrong_type(format!("{name}() has no argument `{given}`")));
        }
        match builtin {
            Builtin::Category | Builtin::Normalize => return self.unicode(builtin, args),
            Builtin::Prod => {
                let Some(over) = args.first() else { return Err(wrong_type("math.prod() takes a list")) };
                let mut total = keywords.first().map_or(Value::Int(1), |(_, value)| value.clone());
                for item in self.collect(over)? {
                    total = self.binary(Binary::Mul, &total, &item)?;
                }
                return Ok(total);
            }
            Builtin::Floor | Builtin::Ceil | Builtin::Trunc => {
                let Some(Value::Float(float)) = args.first() else {
                    let int = args.first().and_then(Value::as_int);
                    return int.map(Value::Int).ok_or_else(|| wrong_type(format!("{name}() needs a number")));
                };
                let whole = match builtin {
                    Builtin::Floor => float.floor(),
                    Builtin::Ceil => float.ceil(),
                    _ => float.trunc(),
                };
                if whole.is_nan() || whole.is_infinite() {
                    return Err(not_finite(*float));
                }
                return if whole.abs() >= 9.2e18 { Err(overflow()) } else { Ok(Value::Int(whole as i64)) };
            }
            Builtin::Gcd | Builtin::Factorial | Builtin::Comb => return integers(builtin, args),
            Builtin::Isclose => return is_close(args, keywords),
            _ => {}
        }
        let floats: Option<Vec<f64>> = args.iter().map(Value::as_float).collect();
        let Some(floats) = floats else {
            let bad = args.iter().find(|value| value.as_float().is_none());
            return Err(wrong_type(format!("{name}() needs numbers, not {}", bad.map_or("this", Value::a))));
        };
        match *floats.as_slice() {
            [x] => real(builtin, x),
            [x, y] => two_reals(builtin, x, y),
            _ => Err(wrong_type(format!("{name}() is given too many or too few numbers"))),
        }
    }

    fn unicode(&mut self, builtin: Builtin, args: &[Value<'a>]) -> Eval<Value<'a>> {
        let texts: Option<Vec<&str>> = args.iter().map(Value::as_str).collect();
        match (builtin, texts.as_deref()) {
            (Builtin::Category, Some([text])) => {
                let mut letters = text.chars();
                match (letters.next(), letters.next()) {
                    (Some(c), None) => Ok(Value::Str(super::value::Text::Ref(chars::category(c)))),
                    _ => Err(wrong_type("unicodedata.category() needs a text of one character")),
                }
            }
            (Builtin::Normalize, Some([form, text])) => {
                self.budget.steps(text.len() / 4)?;
                // The compatibility forms of a few ligatures are eighteen times as long.
                self.budget.bytes(text.len() * if form.starts_with("NFK") { 18 } else { 4 })?;
                let normal = match *form {
                    "NFC" => text.nfc().collect(),
                    "NFD" => text.nfd().collect(),
                    "NFKC" => text.nfkc().collect(),
                    "NFKD" => text.nfkd().collect(),
                    _ => return Err(bad_value("the forms are NFC, NFD, NFKC and NFKD")),
                };
                Ok(Value::text(normal))
            }
            _ => Err(wrong_type(format!("{}() needs text", builtin.name()))),
        }
    }
}

fn integers<'a>(builtin: Builtin, args: &[Value<'a>]) -> Eval<Value<'a>> {
    let ints: Option<Vec<i64>> = args.iter().map(Value::as_int).collect();
    let ints = ints.ok_or_else(|| wrong_type(format!("{}() needs whole numbers", builtin.name())))?;
    match (builtin, ints.as_slice()) {
        (Builtin::Gcd, all) => {
            let gcd = all.iter().fold(0u64, |mut a, b| {
                let mut b = b.unsigned_abs();
                while b != 0 {
                    (a, b) = (b, a % b);
                }
                a
            });
            i64::try_from(gcd).map(Value::Int).map_err(|_| overflow())
        }
        (Builtin::Factorial, [n]) if *n < 0 => Err(bad_value("a factorial needs a number of at least zero")),
        (Builtin::Factorial, [n]) => {
            let product = (1..=(*n).min(30)).try_fold(1i64, i64::checked_mul);
            product.map(Value::Int).ok_or_else(overflow)
        }
        (Builtin::Comb, [n, k]) if *n >= 0 && *k >= 0 => {
            if k > n {
                return Ok(Value::Int(0));
            }
            let k = (*k).min(n - k);
            if k > 70 {
                return Err(overflow());
            }
            let mut result: i128 = 1;
            for i in 0..i128::from(k) {
                result = result * (i128::from(*n) - i) / (i + 1);
                if result > i128::from(i64::MAX) {
                    return Err(overflow());
                }
            }
            i64::try_from(result).map(Value::Int).map_err(|_| overflow())
        }
        _ => Err(wrong_type(format!("{}() is given too many or too few numbers", builtin.name()))),
    }
}

fn is_close<'a>(args: &[Value<'a>], keywords: Keywords<'_, 'a>) -> Eval<Value<'a>> {
    let named = |name: &str, default: f64| {
        keywords.iter().find(|(given, _)| *given == name).map_or(Some(default), |(_, value)| value.as_float())
    };
    let numbers = (args.first().and_then(Value::as_float), args.get(1).and_then(Value::as_float));
    match (numbers, named("rel_tol", 1e-9), named("abs_tol", 0.0)) {
        ((Some(a), Some(b)), Some(relative), Some(absolute)) => Ok(Value::Bool(
            a == b
                || a.is_finite() && b.is_finite() && (a - b).abs() <= (relative * a.abs().max(b.abs())).max(absolute),
        )),
        _ => Err(wrong_type("math.isclose() needs two numbers")),
    }
}

fn real<'a>(builtin: Builtin, x: f64) -> Eval<Value<'a>> {
    let outside = || bad_value(format!("{}() has no value for this number", builtin.name()));
    let result = match builtin {
        Builtin::Isnan => return Ok(Value::Bool(x.is_nan())),
        Builtin::Isinf => return Ok(Value::Bool(x.is_infinite())),
        Builtin::Isfinite => return Ok(Value::Bool(x.is_finite())),
        Builtin::Sqrt if x < 0.0 => return Err(outside()),
        Builtin::Log | Builtin::Log2 | Builtin::Log10 if x <= 0.0 => return Err(outside()),
        Builtin::Log1p if x <= -1.0 => return Err(outside()),
        Builtin::Acos | Builtin::Asin if x.abs() > 1.0 => return Err(outside()),
        Builtin::Sqrt => x.sqrt(),
        Builtin::Exp => x.exp(),
        Builtin::Log => x.ln(),
        Builtin::Log2 => x.log2(),
        Builtin::Log10 => x.log10(),
        Builtin::Log1p => x.ln_1p(),
        Builtin::Fabs => x.abs(),
        Builtin::Sin => x.sin(),
        Builtin::Cos => x.cos(),
        Builtin::Tan => x.tan(),
        Builtin::Tanh => x.tanh(),
        Builtin::Asin => x.asin(),
        Builtin::Acos => x.acos(),
        Builtin::Atan => x.atan(),
        Builtin::Degrees => x.to_degrees(),
        Builtin::Radians => x.to_radians(),
        Builtin::Hypot => x.abs(),
        _ => return Err(wrong_type(format!("{}() takes two numbers", builtin.name()))),
    };
    finite(result, &[x])
}

fn two_reals<'a>(builtin: Builtin, x: f64, y: f64) -> Eval<Value<'a>> {
    let result = match builtin {
        Builtin::Log if x <= 0.0 || y <= 0.0 => return Err(bad_value("math.log() needs numbers above zero")),
        Builtin::Log if y == 1.0 => return Err(Raise::new(Sort::ZeroDivision, "a number is divided by zero")),
        Builtin::Log => x.ln() / y.ln(),
        Builtin::MathPow => power(x, y)?,
        Builtin::Fmod if y == 0.0 || x.is_infinite() => return Err(bad_value("math.fmod() has no value for this")),
        Builtin::Fmod => x % y,
        Builtin::Atan2 => x.atan2(y),
        Builtin::Hypot => x.hypot(y),
        Builtin::Copysign => x.copysign(y),
        _ => return Err(wrong_type(format!("{}() takes one number", builtin.name()))),
    };
    finite(result, &[x, y])
}

/// A result that is infinite although the arguments were not is too large.
fn finite<'a>(result: f64, args: &[f64]) -> Eval<Value<'a>> {
    if result.is_infinite() && args.iter().all(|arg| arg.is_finite()) {
        return Err(Raise::new(Sort::Overflow, "a real number became too large"));
    }
    Ok(Value::Float(result))
}
