//! Conversions: `str`, `repr`, `int`, `float` and the containers.

use std::fmt::Write as _;

use super::budget::{Eval, bad_value, not_finite, overflow, wrong_type};
use super::builtins::Type;
use super::call::Keywords;
use super::chars;
use super::machine::Machine;
use super::value::{Object, Table, Value};

impl<'a> Machine<'a> {
    /// Calls a type: `int("3")`, `list(…)`.
    pub(super) fn convert(&mut self, kind: Type, args: &[Value<'a>], keywords: Keywords<'_, 'a>) -> Eval<Value<'a>> {
        if kind == Type::Dict && !keywords.is_empty() {
            return self.dict_from(args, keywords);
        }
        if let Some((name, _)) = keywords.iter().find(|(name, _)| !(kind == Type::Int && *name == "base")) {
            return Err(wrong_type(format!("{}() has no argument `{name}`", kind.name())));
        }
        let base = args.get(1).or(keywords.first().map(|(_, value)| value));
        let most = if kind == Type::Int { 2 } else { 1 };
        if args.len() > most {
            return Err(wrong_type(format!("{}() takes one argument", kind.name())));
        }
        match (kind, args.first()) {
            (Type::Str, None) => self.text(String::new()),
            (Type::Str, Some(text @ Value::Str(_))) => Ok(text.clone()),
            (Type::Str, Some(value)) => {
                let text = self.str_of(value)?;
                self.text(text)
            }
            (Type::Bool, value) => Ok(Value::Bool(value.is_some_and(|value| self.truth(value)))),
            (Type::Int, None) => Ok(Value::Int(0)),
            (Type::Int, Some(value)) => to_int(value, base).map(Value::Int),
            (Type::Float, None) => Ok(Value::Float(0.0)),
            (Type::Float, Some(value)) => to_float(value).map(Value::Float),
            (Type::List, value) => {
                let items = value.map_or(Ok(Vec::new()), |value| self.collect(value))?;
                self.list(items)
            }
            (Type::Tuple, Some(value @ Value::Tuple(_))) => Ok(value.clone()),
            (Type::Tuple, value) => {
                let items = value.map_or(Ok(Vec::new()), |value| self.collect(value))?;
                self.tuple(items)
            }
            (Type::Set | Type::Frozenset, value) => {
                let items = value.map_or(Ok(Vec::new()), |value| self.collect(value))?;
                self.set_of(items)
            }
            (Type::Dict, _) => self.dict_from(args, &[]),
            _ => Err(wrong_type(format!("{} cannot be called", kind.name()))),
        }
    }

    /// A set of values.
    pub(super) fn set_of(&mut self, items: Vec<Value<'a>>) -> Eval<Value<'a>> {
        let mut table = Table::default();
        for item in items {
            self.budget.steps(1)?;
            self.budget.bytes(96)?;
            table.insert(self.key(&item)?, item, Value::None);
        }
        Ok(Value::Set(self.object(Object::Table(table))?))
    }

    fn dict_from(&mut self, args: &[Value<'a>], keywords: Keywords<'_, 'a>) -> Eval<Value<'a>> {
        let mut table = match args.first() {
            Some(Value::Dict(id)) => {
                let table = self.heap.table(*id).cloned().unwrap_or_default();
                self.budget.bytes(table.len() * 96)?;
                table
            }
            _ => Table::default(),
        };
        if let Some(pairs) = args.first().filter(|value| !matches!(value, Value::Dict(_))) {
            for pair in self.collect(pairs)? {
                match self.collect(&pair)?.as_slice() {
                    [key, value] => {
                        self.budget.bytes(96)?;
                        table.insert(self.key(key)?, key.clone(), value.clone());
                    }
                    _ => return Err(bad_value("dict() needs pairs of key and value")),
                }
            }
        }
        for (name, value) in keywords {
            let key = Value::Str(super::value::Text::Ref(name));
            self.budget.bytes(96)?;
            table.insert(self.key(&key)?, key, value.clone());
        }
        Ok(Value::Dict(self.object(Object::Table(table))?))
    }

    /// `str(value)`.
    pub(super) fn str_of(&mut self, value: &Value<'a>) -> Eval<String> {
        match value {
            Value::Str(text) => {
                self.budget.bytes(text.as_str().len())?;
                Ok(text.as_str().to_owned())
            }
            value => self.repr(value),
        }
    }

    /// `repr(value)`.
    pub(crate) fn repr(&mut self, value: &Value<'a>) -> Eval<String> {
        let mut out = String::new();
        self.write_repr(value, &mut out)?;
        Ok(out)
    }

    fn write_repr(&mut self, value: &Value<'a>, out: &mut String) -> Eval<()> {
        self.budget.steps(1)?;
        self.budget.bytes(16)?;
        match value {
            Value::Unset | Value::None => out.push_str("None"),
            Value::Bool(true) => out.push_str("True"),
            Value::Bool(false) => out.push_str("False"),
            Value::Int(int) => {
                let _ = write!(out, "{int}");
            }
            Value::Float(float) => out.push_str(&show_float(*float)),
            Value::Str(text) => {
                self.budget.bytes(text.as_str().len() * 2)?;
                self.budget.steps(text.as_str().len() / 8)?;
                quote(text.as_str(), out);
            }
            Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::Set(_) => {
                self.deeper()?;
                let result = self.write_container(value, out);
                self.back();
                return result;
            }
            Value::Range(id) => {
                let (start, stop, step) = self.heap.range(*id);
                let _ = if step == 1 {
                    write!(out, "range({start}, {stop})")
                } else {
                    write!(out, "range({start}, {stop}, {step})")
                };
            }
            Value::Type(kind) => {
                let _ = write!(out, "<class '{}'>", kind.name());
            }
            other => {
                let _ = write!(out, "<{}>", other.kind().name());
            }
        }
        Ok(())
    }

    fn write_container(&mut self, value: &Value<'a>, out: &mut String) -> Eval<()> {
        match value {
            Value::List(id) | Value::Tuple(id) => {
                let is_list = matches!(value, Value::List(_));
                let items = self.heap.items(*id).to_vec();
                out.push(if is_list { '[' } else { '(' });
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    self.write_repr(item, out)?;
                }
                if !is_list && items.len() == 1 {
                    out.push(',');
                }
                out.push(if is_list { ']' } else { ')' });
            }
            Value::Dict(id) | Value::Set(id) => {
                let is_dict = matches!(value, Value::Dict(_));
                let entries = self.heap.table(*id).map(|table| table.entries().to_vec()).unwrap_or_default();
                if !is_dict && entries.is_empty() {
                    out.push_str("set()");
                    return Ok(());
                }
                out.push('{');
                for (at, (_, key, value)) in entries.iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    self.write_repr(key, out)?;
                    if is_dict {
                        out.push_str(": ");
                        self.write_repr(value, out)?;
                    }
                }
                out.push('}');
            }
            _ => {}
        }
        Ok(())
    }
}

/// `int(value)`.
fn to_int(value: &Value, base: Option<&Value>) -> Eval<i64> {
    match (value, base) {
        (Value::Str(text), base) => {
            let base = base.map_or(Some(10), Value::as_int).and_then(|base| u32::try_from(base).ok());
            let Some(base) = base.filter(|base| *base == 0 || (2..=36).contains(base)) else {
                return Err(bad_value("the base of int() lies between 2 and 36"));
            };
            parse_int(text.as_str(), base)
        }
        (_, Some(_)) => Err(wrong_type("int() takes a base for text only")),
        (Value::Float(float), None) if float.is_nan() || float.is_infinite() => Err(not_finite(*float)),
        (Value::Float(float), None) if float.abs() >= 9.223_372_036_854_776e18 => Err(overflow()),
        (Value::Float(float), None) => Ok(float.trunc() as i64),
        (Value::None, None) => Err(wrong_type("a missing value (None) is no number; test `is not None` first")),
        (value, None) => value.as_int().ok_or_else(|| wrong_type(format!("{} is no number", value.a()))),
    }
}

fn parse_int(text: &str, base: u32) -> Eval<i64> {
    let wrong = || bad_value("int() cannot read this text as a whole number").detail(text);
    let trimmed = text.trim_matches(chars::is_space);
    let (negative, digits) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let lower = digits.to_ascii_lowercase();
    let prefixed = [("0x", 16), ("0o", 8), ("0b", 2)]
        .into_iter()
        .find(|(prefix, own)| lower.starts_with(prefix) && (base == 0 || base == *own));
    let (digits, base) = match prefixed {
        Some((_, own)) => (digits.get(2..).unwrap_or_default().strip_prefix('_').unwrap_or(&digits[2..]), own),
        None => (digits, if base == 0 { 10 } else { base }),
    };
    let mut value: i64 = 0;
    let mut last_digit = false;
    for c in digits.chars() {
        if c == '_' && last_digit {
            last_digit = false;
            continue;
        }
        let digit = c.to_digit(base).or_else(|| decimal(c)).filter(|digit| *digit < base).ok_or_else(wrong)?;
        value = value.checked_mul(i64::from(base)).ok_or_else(overflow)?;
        let digit = i64::from(digit);
        value = if negative { value.checked_sub(digit) } else { value.checked_add(digit) }.ok_or_else(overflow)?;
        last_digit = true;
    }
    if last_digit { Ok(value) } else { Err(wrong()) }
}

/// The value of a decimal digit of any script: decimals stand in runs of ten from zero to nine.
fn decimal(c: char) -> Option<u32> {
    if c.is_ascii() || !chars::is_decimal(c) {
        return None;
    }
    let code = u32::from(c);
    let zero = (code.saturating_sub(9)..=code).find(|&start| {
        let run = (start..=code).all(|code| char::from_u32(code).is_some_and(chars::is_decimal));
        let aligned = !char::from_u32(start.wrapping_sub(1)).is_some_and(chars::is_decimal) || start % 10 == 0;
        run && aligned
    })?;
    Some((code - zero) % 10)
}

/// `float(value)`.
fn to_float(value: &Value) -> Eval<f64> {
    match value {
        Value::Str(text) => {
            let text = text.as_str();
            let wrong = || bad_value("float() cannot read this text as a number").detail(text);
            let trimmed = text.trim_matches(chars::is_space);
            let bytes = trimmed.as_bytes();
            let lone = bytes.iter().enumerate().any(|(at, byte)| {
                let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
                *byte == b'_' && !(digit(at.checked_sub(1)) && digit(Some(at + 1)))
            });
            if lone {
                return Err(wrong());
            }
            let plain: String = trimmed
                .chars()
                .filter(|&c| c != '_')
                .map(|c| decimal(c).and_then(|digit| char::from_digit(digit, 10)).unwrap_or(c))
                .collect();
            plain.parse().map_err(|_| wrong())
        }
        Value::None => Err(wrong_type("a missing value (None) is no number; test `is not None` first")),
        value => value.as_float().ok_or_else(|| wrong_type(format!("{} is no number", value.a()))),
    }
}

/// A real number as `repr` shows it: the shortest digits that give it back.
pub(super) fn show_float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        return if plain.contains('.') { plain } else { plain + ".0" };
    }
    format!("{digits}{}", show_exponent(exponent, 'e'))
}

/// An exponent of at least two digits with its sign.
pub(super) fn show_exponent(exponent: i32, letter: char) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{letter}{sign}{:02}", exponent.abs())
}

/// Text in quotes, with what cannot be seen written out.
fn quote(text: &str, out: &mut String) {
    let mark = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(mark);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == mark => {
                out.push('\\');
                out.push(c);
            }
            c if chars::is_printable(c) => out.push(c),
            c => {
                let code = u32::from(c);
                let _ = match code {
                    0..=0xff => write!(out, "\\x{code:02x}"),
                    0x100..=0xffff => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push(mark);
}
