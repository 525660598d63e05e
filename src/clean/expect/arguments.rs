//! The keyword arguments of an expectation, read with errors that say what to write.

use serde_json::{Map, Value};

use super::scalar::{Bounds, Scalar};
use crate::engine::{Error, Result};

/// The arguments of one expectation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arguments<'a> {
    map: &'a Map<String, Value>,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(map: &'a Map<String, Value>) -> Self {
        Self { map }
    }

    /// The value of an argument that is given and not null.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn required(&self, name: &str) -> Result<&'a Value> {
        self.get(name).ok_or_else(|| Error::input(format!("{name} is missing")))
    }

    pub(super) fn text(&self, name: &str) -> Result<String> {
        match self.required(name)? {
            Value::String(text) => Ok(text.clone()),
            other => Err(wrong(name, other, "a text", "\"…\"")),
        }
    }

    pub(super) fn flag(&self, name: &str, default: bool) -> Result<bool> {
        match self.get(name) {
            None => Ok(default),
            Some(Value::Bool(value)) => Ok(*value),
            Some(other) => Err(wrong(name, other, "true or false", "true")),
        }
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<f64>> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => match value.as_f64() {
                Some(number) => Ok(Some(number)),
                None => Err(wrong(name, value, "a number", "0.5")),
            },
        }
    }

    /// A whole number that is not negative.
    pub(super) fn count(&self, name: &str) -> Result<u64> {
        let value = self.required(name)?;
        let whole = value.as_f64().filter(|number| *number >= 0.0 && number.fract() == 0.0);
        whole.map(|number| number as u64).ok_or_else(|| wrong(name, value, "a whole number", "100"))
    }

    pub(super) fn list(&self, name: &str) -> Result<&'a [Value]> {
        match self.required(name)? {
            Value::Array(items) => Ok(items),
            other => Err(wrong(name, other, "a list", "[\"a\", \"b\"]")),
        }
    }

    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>> {
        let text = |value: &Value| match value {
            Value::String(text) => Ok(text.clone()),
            other => Err(wrong(name, other, "a list of texts", "[\"a\", \"b\"]")),
        };
        self.list(name)?.iter().map(text).collect()
    }

    pub(super) fn scalars(&self, name: &str) -> Result<Vec<Scalar>> {
        self.list(name)?.iter().map(|value| scalar(name, value)).collect()
    }

    pub(super) fn numbers(&self, name: &str) -> Result<Vec<f64>> {
        let number = |value: &Value| value.as_f64().ok_or_else(|| wrong(name, value, "a list of numbers", "[0.5, 1]"));
        self.list(name)?.iter().map(number).collect()
    }

    /// `min_value`, `max_value`, `strict_min` and `strict_max`; `numeric` refuses anything but numbers.
    pub(super) fn bounds(&self, numeric: bool) -> Result<Bounds> {
        let bound = |name: &str| {
            let Some(value) = self.get(name) else { return Ok(None) };
            match scalar(name, value)? {
                found @ (Scalar::Int(_) | Scalar::Float(_)) => Ok(Some(found)),
                found @ Scalar::Text(_) if !numeric => Ok(Some(found)),
                _ => Err(wrong(name, value, "a number", "0")),
            }
        };
        let bounds = Bounds {
            min: bound("min_value")?,
            max: bound("max_value")?,
            strict_min: self.flag("strict_min", false)?,
            strict_max: self.flag("strict_max", false)?,
        };
        match (&bounds.min, &bounds.max) {
            (None, None) => Err(Error::input("min_value and max_value are both missing").help("give one or both")),
            (Some(Scalar::Int(min)), Some(Scalar::Int(max))) if min > max => Err(upside_down()),
            (Some(min), Some(max)) if as_number(min).zip(as_number(max)).is_some_and(|(min, max)| min > max) => {
                Err(upside_down())
            }
            _ => Ok(bounds),
        }
    }

    /// One of a few words.
    pub(super) fn word(&self, name: &str, words: &[&'static str], default: &'static str) -> Result<&'static str> {
        match self.get(name) {
            None => Ok(default),
            Some(Value::String(text)) if words.contains(&text.as_str()) => {
                Ok(words.iter().find(|word| *word == text).copied().unwrap_or(default))
            }
            Some(other) => {
                Err(Error::input(format!("{name} cannot be {other}"))
                    .help(format!("write one of: {}", words.join(", "))))
            }
        }
    }
}

fn as_number(scalar: &Scalar) -> Option<f64> {
    match scalar {
        Scalar::Int(value) => Some(*value as f64),
        Scalar::Float(value) => Some(*value),
        _ => None,
    }
}

fn upside_down() -> Error {
    Error::input("min_value is greater than max_value").help("exchange them")
}

fn scalar(name: &str, value: &Value) -> Result<Scalar> {
    Scalar::of(value).ok_or_else(|| wrong(name, value, "plain values", "[1, \"a\"]"))
}

/// An argument of the wrong sort.
pub(super) fn wrong(name: &str, value: &Value, wanted: &str, example: &str) -> Error {
    let found = match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => format!("the text \"{text}\""),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a table".to_owned(),
    };
    Error::input(format!("{name} is {found}, and {wanted} is needed")).help(format!("write {name} = {example}"))
}
