//! The built-in functions.

use super::budget::{Eval, Raise, Sort, bad_value, not_finite, overflow, wrong_type};
use super::builtins::{Builtin, Type};
use super::call::Keywords;
use super::iterate::{Iter, range_length};
use super::machine::Machine;
use super::tree::{Binary, Compare};
use super::value::{Declaration, Object, Value};

impl<'a> Machine<'a> {
    /// Calls a built-in function.
    pub(super) fn builtin(
        &mut self,
        builtin: Builtin,
        args: &[Value<'a>],
        keywords: Keywords<'_, 'a>,
        at: u32,
    ) -> Eval<Value<'a>> {
        if builtin.declares() {
            return self.declare(builtin, args, keywords, at);
        }
        if builtin == Builtin::Not {
            return self.against(args, keywords, at);
        }
        if builtin.name().starts_with("re.") {
            return self.re_function(builtin, args, keywords);
        }
        if builtin.name().contains('.') {
            return self.maths(builtin, args, keywords);
        }
        if builtin.reads_korean() {
            return self.korean(builtin, args, keywords);
        }
        let takes_keywords = matches!(
            builtin,
            Builtin::Sorted | Builtin::Min | Builtin::Max | Builtin::Sum | Builtin::Enumerate | Builtin::Print
        ) || matches!(builtin, Builtin::Round | Builtin::Zip);
        if let Some((name, _)) = keywords.first().filter(|_| !takes_keywords) {
            return Err(wrong_type(format!("{}() has no argument `{name}`", builtin.name())));
        }
        match builtin {
            Builtin::Len => self.len(one(builtin, args)?).map(|length| Value::Int(length as i64)),
            Builtin::Any | Builtin::All => {
                let stop = builtin == Builtin::Any;
                let mut items = self.iter(one(builtin, args)?)?;
                while let Some(item) = self.advance(&mut items)? {
                    if self.truth(&item) == stop {
                        return Ok(Value::Bool(stop));
                    }
                }
                Ok(Value::Bool(!stop))
            }
            Builtin::Sum => self.sum(args, keywords),
            Builtin::Min | Builtin::Max => self.extreme(builtin, args, keywords),
            Builtin::Sorted => {
                let items = self.collect(one(builtin, args)?)?;
                let sorted = self.sorted(items, keywords)?;
                self.list(sorted)
            }
            Builtin::Abs => match one(builtin, args)? {
                Value::Float(float) => Ok(Value::Float(float.abs())),
                value => {
                    let int =
                        value.as_int().ok_or_else(|| wrong_type(format!("abs() needs a number, not {}", value.a())))?;
                    int.checked_abs().map(Value::Int).ok_or_else(overflow)
                }
            },
            Builtin::Round => self.round(args, keywords),
            Builtin::Divmod | Builtin::Pow => {
                let [a, b] = args else { return Err(wrong_type(format!("{}() takes two numbers", builtin.name()))) };
                if builtin == Builtin::Pow {
                    return self.binary(Binary::Pow, a, b);
                }
                let parts = vec![self.binary(Binary::FloorDiv, a, b)?, self.binary(Binary::Mod, a, b)?];
                self.tuple(parts)
            }
            Builtin::Chr => {
                let code = one(builtin, args)?.as_int().and_then(|code| u32::try_from(code).ok());
                let c =
                    code.and_then(char::from_u32).ok_or_else(|| bad_value("chr() needs the number of a character"))?;
                self.text(c.to_string())
            }
            Builtin::Ord => {
                let mut chars = one(builtin, args)?.as_str().unwrap_or_default().chars();
                match (chars.next(), chars.next()) {
                    (Some(c), None) => Ok(Value::Int(i64::from(u32::from(c)))),
                    _ => Err(wrong_type("ord() needs a text of one character")),
                }
            }
            Builtin::Repr => {
                let text = self.repr(one(builtin, args)?)?;
                self.text(text)
            }
            Builtin::Bin | Builtin::Oct | Builtin::Hex => {
                let int = one(builtin, args)?.as_int().ok_or_else(|| wrong_type("this needs a whole number"))?;
                let (sign, size) = (if int < 0 { "-" } else { "" }, int.unsigned_abs());
                self.text(match builtin {
                    Builtin::Bin => format!("{sign}0b{size:b}"),
                    Builtin::Oct => format!("{sign}0o{size:o}"),
                    _ => format!("{sign}0x{size:x}"),
                })
            }
            Builtin::Format => {
                let spec = args.get(1).map_or(Some(""), Value::as_str).ok_or_else(|| wrong_type("a format is text"))?;
                let value = args.first().ok_or_else(|| wrong_type("format() takes a value"))?;
                let text = self.format_value(value, spec)?;
                self.text(text)
            }
            Builtin::Print => Ok(Value::None),
            Builtin::Callable => {
                let value = one(builtin, args)?;
                Ok(Value::Bool(matches!(value.kind(), Type::Function | Type::Class)))
            }
            Builtin::Isinstance => self.is_instance(args),
            Builtin::TypeOf => Ok(Value::Type(one(builtin, args)?.kind())),
            Builtin::Getattr | Builtin::Hasattr => self.get_attribute(builtin, args),
            _ => self.lazy(builtin, args, keywords),
        }
    }

    /// The built-in functions that make iterators.
    fn lazy(&mut self, builtin: Builtin, args: &[Value<'a>], keywords: Keywords<'_, 'a>) -> Eval<Value<'a>> {
        match builtin {
            Builtin::Range => {
                let ints: Option<Vec<i64>> = args.iter().map(Value::as_int).collect();
                let (start, stop, step) = match ints.as_deref() {
                    Some([stop]) => (0, *stop, 1),
                    Some([start, stop]) => (*start, *stop, 1),
                    Some([start, stop, step]) if *step != 0 => (*start, *stop, *step),
                    Some([_, _, _]) => return Err(bad_value("the step of a range cannot be zero")),
                    _ => return Err(wrong_type("range() takes one to three whole numbers")),
                };
                Ok(Value::Range(self.object(Object::Range(start, stop, step))?))
            }
            Builtin::Enumerate => {
                let start = args.get(1).or(keywords.first().map(|(_, value)| value)).map_or(Some(0), Value::as_int);
                let start = start.ok_or_else(|| wrong_type("the start is a whole number"))?;
                let Some(over) = args.first() else { return Err(wrong_type("enumerate() takes a list")) };
                let inner = self.iter(over)?;
                self.iterator(Iter::Enumerate(Box::new(inner), start))
            }
            Builtin::Zip => {
                if !keywords.is_empty() {
                    return Err(wrong_type("zip() takes no named arguments here"));
                }
                let inner = args.iter().map(|arg| self.iter(arg)).collect::<Eval<Vec<_>>>()?;
                self.iterator(Iter::Zip(inner))
            }
            Builtin::Map => {
                let Some((function, rest)) = args.split_first() else {
                    return Err(wrong_type("map() takes a function"));
                };
                let inner = rest.iter().map(|arg| self.iter(arg)).collect::<Eval<Vec<_>>>()?;
                self.iterator(Iter::Map(function.clone(), inner))
            }
            Builtin::Filter => {
                let [function, over] = args else { return Err(wrong_type("filter() takes a function and a list")) };
                let inner = self.iter(over)?;
                self.iterator(Iter::Filter(function.clone(), Box::new(inner)))
            }
            Builtin::Reversed => {
                let iter = match one(builtin, args)? {
                    Value::List(id) | Value::Tuple(id) => Iter::Reversed(*id, self.heap.items(*id).len()),
                    Value::Str(text) => Iter::CharsBack(text.clone(), text.as_str().len()),
                    Value::Range(id) => {
                        let (start, stop, step) = self.heap.range(*id);
                        let last = start.wrapping_add(step.wrapping_mul(range_length((start, stop, step)) - 1));
                        let end = start.checked_sub(step).ok_or_else(overflow)?;
                        Iter::Range(last, end, step.checked_neg().ok_or_else(overflow)?)
                    }
                    other => {
                        let items = self.collect(other)?;
                        let Value::List(id) = self.list(items)? else { return Ok(Value::None) };
                        Iter::Reversed(id, self.heap.items(id).len())
                    }
                };
                self.iterator(iter)
            }
            Builtin::Iter => match one(builtin, args)? {
                iterator @ Value::Iterator(_) => Ok(iterator.clone()),
                other => {
                    let iter = self.iter(other)?;
                    self.iterator(iter)
                }
            },
            Builtin::Next => {
                let Some(Value::Iterator(id)) = args.first() else {
                    return Err(wrong_type("next() takes an iterator"));
                };
                match (self.next_of(*id)?, args.get(1)) {
                    (Some(item), _) => Ok(item),
                    (None, Some(default)) => Ok(default.clone()),
                    (None, None) => Err(Raise::new(Sort::Stop, "there is nothing more; give next() a default")),
                }
            }
            _ => Err(wrong_type(format!("{}() is not available here", builtin.name()))),
        }
    }

    fn len(&mut self, value: &Value<'a>) -> Eval<usize> {
        match value {
            Value::Str(text) => self.length_of(text),
            Value::List(id) | Value::Tuple(id) => Ok(self.heap.items(*id).len()),
            Value::Dict(id) | Value::Set(id) => Ok(self.heap.table(*id).map_or(0, |table| table.len())),
            Value::Range(id) => Ok(usize::try_from(range_length(self.heap.range(*id))).unwrap_or(0)),
            Value::None => Err(wrong_type("a missing value (None) has no length; test `is not None` first")),
            other => Err(wrong_type(format!("{} has no length", other.a()))),
        }
    }

    fn sum(&mut self, args: &[Value<'a>], keywords: Keywords<'_, 'a>) -> Eval<Value<'a>> {
        let start = args.get(1).or(keywords.first().map(|(_, value)| value));
        let mut total = start.cloned().unwrap_or(Value::Int(0));
        if matches!(total, Value::Str(_)) {
            return Err(wrong_type("texts are joined by \"\".join(…), not by sum()"));
        }
        let Some(over) = args.first() else { return Err(wrong_type("sum() takes a list")) };
        let mut items = self.iter(over)?;
        while let Some(item) = self.advance(&mut items)? {
            total = self.binary(Binary::Add, &total, &item)?;
        }
        Ok(total)
    }

    fn extreme(&mut self, builtin: Builtin, args: &[Value<'a>], keywords: Keywords<'_, 'a>) -> Eval<Value<'a>> {
        let (mut key, mut default) = (None, None);
        for (name, value) in keywords {
            match *name {
                "key" if matches!(value, Value::None) => {}
                "key" => key = Some(value.clone()),
                "default" => default = Some(value.clone()),
                other => return Err(wrong_type(format!("{}() has no argument `{other}`", builtin.name()))),
            }
        }
        let mut items = match args {
            [] => return Err(wrong_type(format!("{}() takes a list", builtin.name()))),
            [over] => self.iter(over)?,
            more => {
                let list = self.list(more.to_vec())?;
                self.iter(&list)?
            }
        };
        let op = if builtin == Builtin::Min { Compare::Lt } else { Compare::Gt };
        let mut best: Option<(Value<'a>, Value<'a>)> = None;
        while let Some(item) = self.advance(&mut items)? {
            let by = match &key {
                Some(key) => self.call(key, std::slice::from_ref(&item), &[], 0)?,
                None => item.clone(),
            };
            let better = match &best {
                None => true,
                Some((least, _)) => self.compare(op, &by, &least.clone())?,
            };
            if better {
                best = Some((by, item));
            }
        }
        match best.map(|(_, item)| item).or(default) {
            Some(item) => Ok(item),
            None => Err(bad_value(format!("{}() of nothing; give it default=…", builtin.name()))),
        }
    }

    fn round(&mut self, args: &[Value<'a>], keywords: Keywords<'_, 'a>) -> Eval<Value<'a>> {
        let Some(value) = args.first() else { return Err(wrong_type("round() takes a number")) };
        let digits = args.get(1).or(keywords.first().map(|(_, value)| value)).filter(|v| !matches!(v, Value::None));
        let digits = match digits {
            None => None,
            Some(digits) => Some(digits.as_int().ok_or_else(|| wrong_type("the digits are a whole number"))?),
        };
        match (value, digits) {
            (Value::Float(float), None) => {
                let rounded = float.round_ties_even();
                if rounded.is_nan() || rounded.is_infinite() {
                    return Err(not_finite(rounded));
                }
                if rounded.abs() >= 9.2e18 { Err(overflow()) } else { Ok(Value::Int(rounded as i64)) }
            }
            (Value::Float(float), Some(digits)) => Ok(Value::Float(round_to(*float, digits))),
            (value, digits) => {
                let int = value.as_int().ok_or_else(|| wrong_type(format!("{} cannot be rounded", value.a())))?;
                match digits {
                    Some(digits) if digits < 0 => round_int(int, digits).map(Value::Int).ok_or_else(overflow),
                    _ => Ok(Value::Int(int)),
                }
            }
        }
    }

    fn is_instance(&mut self, args: &[Value<'a>]) -> Eval<Value<'a>> {
        let [value, kinds] = args else { return Err(wrong_type("isinstance() takes a value and a type")) };
        let kinds = match kinds {
            Value::Tuple(id) => self.heap.items(*id).to_vec(),
            kind => vec![kind.clone()],
        };
        let mut fits = false;
        for kind in kinds {
            match kind {
                Value::Type(kind) => fits |= Self::is_of(value, kind),
                other => return Err(wrong_type(format!("isinstance() needs a type, not {}", other.a()))),
            }
        }
        Ok(Value::Bool(fits))
    }

    fn get_attribute(&mut self, builtin: Builtin, args: &[Value<'a>]) -> Eval<Value<'a>> {
        let (Some(Value::Row), Some(name)) = (args.first(), args.get(1).and_then(Value::as_str)) else {
            return Err(wrong_type(format!("{}() reads columns of the row only", builtin.name())));
        };
        match (self.column(name), args.get(2)) {
            (found, None) if builtin == Builtin::Hasattr => Ok(Value::Bool(found.is_ok())),
            (Ok(value), _) => Ok(value),
            (Err(_), Some(default)) => Ok(default.clone()),
            (Err(raise), None) => Err(raise),
        }
    }

    /// `keywords(…)`, `regex(…)`, `where(…)` and `LabelingFunction(…)`, which only module level may call.
    fn declare(
        &mut self,
        builtin: Builtin,
        args: &[Value<'a>],
        keywords: Keywords<'_, 'a>,
        at: u32,
    ) -> Eval<Value<'a>> {
        if !self.at_module_level() {
            return Err(wrong_type(format!("{}() belongs at module level, outside functions", builtin.name())));
        }
        let placed = args.iter().map(|value| (None, value.clone()));
        let named = keywords.iter().map(|(name, value)| (Some((*name).to_owned()), value.clone()));
        let declaration = Declaration { builtin, args: placed.chain(named).collect(), at };
        Ok(Value::Declared(self.object(Object::Declared(declaration))?))
    }
}

impl<'a> Machine<'a> {
    /// `not_(…)`: a vote against classes.
    fn against(&mut self, args: &[Value<'a>], keywords: Keywords<'_, 'a>, at: u32) -> Eval<Value<'a>> {
        if args.is_empty() || !keywords.is_empty() {
            return Err(wrong_type("not_() takes the classes that the row is not of, as in not_(SPAM)"));
        }
        let args = args.iter().map(|value| (None, value.clone())).collect();
        Ok(Value::Declared(self.object(Object::Declared(Declaration { builtin: Builtin::Not, args, at }))?))
    }
}

/// The only argument.
fn one<'v, 'a>(builtin: Builtin, args: &'v [Value<'a>]) -> Eval<&'v Value<'a>> {
    match args {
        [one] => Ok(one),
        _ => Err(wrong_type(format!("{}() takes one argument, not {}", builtin.name(), args.len()))),
    }
}

/// A real number rounded to so many digits behind the point, exactly, halves to even.
fn round_to(value: f64, digits: i64) -> f64 {
    if !value.is_finite() || digits > 323 {
        return value;
    }
    if digits < -308 {
        return 0.0f64.copysign(value);
    }
    if digits >= 0 {
        return format!("{value:.*}", digits as usize).parse().unwrap_or(value);
    }
    let unit = 10f64.powi((-digits) as i32);
    // The rest is exact, so the comparison with half a unit is exact too.
    let rest = value % unit;
    let down = value - rest;
    let half = unit / 2.0;
    let up = rest.abs() > half || rest.abs() == half && (down / unit) % 2.0 != 0.0;
    if up {
        down + unit.copysign(value)
    } else if down == 0.0 {
        0.0f64.copysign(value)
    } else {
        down
    }
}

/// A whole number rounded to a power of ten, halves to even.
fn round_int(value: i64, digits: i64) -> Option<i64> {
    let unit = u32::try_from(-digits).ok().and_then(|power| 10i128.checked_pow(power));
    let Some(unit) = unit else { return Some(0) };
    let value = i128::from(value);
    let down = value.div_euclid(unit);
    let rest = value.rem_euclid(unit);
    let up = rest * 2 > unit || rest * 2 == unit && down % 2 != 0;
    i64::try_from((down + i128::from(up)) * unit).ok()
}
