//! Methods: which type answers to which name.

use super::budget::{Eval, Raise, Sort, wrong_type};
use super::builtins::Method;
use super::call::Keywords;
use super::machine::Machine;
use super::value::Value;

impl<'a> Machine<'a> {
    /// Calls a method.
    pub(super) fn method(
        &mut self,
        object: &Value<'a>,
        method: Method,
        args: &[Value<'a>],
        keywords: Keywords<'_, 'a>,
    ) -> Eval<Value<'a>> {
        let result = match object {
            Value::Str(text) => self.text_method(text, method, args, keywords)?,
            Value::List(id) => self.list_method(*id, method, args, keywords)?,
            Value::Tuple(id) => self.tuple_method(*id, method, args)?,
            Value::Dict(id) => self.dict_method(*id, method, args, keywords)?,
            Value::Set(id) => self.set_method(*id, method, args)?,
            Value::Match(id) => self.match_method(*id, method, args)?,
            Value::Pattern(id) => self.pattern_method(*id, method, args, keywords)?,
            Value::Float(float) if method == Method::IsInteger => Some(Value::Bool(float.fract() == 0.0)),
            Value::Int(int) if method == Method::BitLength => {
                Some(Value::Int(i64::from(64 - int.unsigned_abs().leading_zeros())))
            }
            Value::Row if method == Method::Get => match args {
                [name, default @ ..] => name.as_str().map(|column| {
                    self.column(column).unwrap_or_else(|_| default.first().cloned().unwrap_or(Value::None))
                }),
                [] => None,
            },
            _ => None,
        };
        result.ok_or_else(|| no_method(object, method))
    }
}

#[cold]
fn no_method(object: &Value, method: Method) -> Box<Raise> {
    let help = match object {
        Value::None => "; test `is not None` first",
        Value::Int(_) | Value::Float(_) => "; write str(…) around the number",
        _ => "",
    };
    Raise::new(Sort::Attribute, format!("{} has no method `{}`{help}", object.a(), method.name()))
}

/// The only argument.
pub(super) fn one<'v, 'a>(method: Method, args: &'v [Value<'a>]) -> Eval<&'v Value<'a>> {
    match args {
        [one] => Ok(one),
        _ => Err(wrong_type(format!("{}() takes one argument, not {}", method.name(), args.len()))),
    }
}

/// Refuses arguments.
pub(super) fn none(method: Method, args: &[Value]) -> Eval<()> {
    if args.is_empty() { Ok(()) } else { Err(wrong_type(format!("{}() takes no arguments", method.name()))) }
}

/// Refuses more than so many arguments.
pub(super) fn at_most(method: Method, args: &[Value], most: usize) -> Eval<()> {
    if args.len() <= most {
        Ok(())
    } else {
        Err(wrong_type(format!("{}() takes at most {most} arguments, not {}", method.name(), args.len())))
    }
}
