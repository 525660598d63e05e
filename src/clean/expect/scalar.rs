//! Constants of a suite, and bounds of numbers, texts and times.

use std::cmp::Ordering;

use serde_json::Value;

use crate::data::read::parse_time;
use crate::data::{Column, Values, show_float};
use crate::engine::{Error, Result};

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    /// JSON's null.
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
}

impl Scalar {
    /// A JSON value that is neither a list nor an object.
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(Self::Null),
            Value::Bool(value) => Some(Self::Bool(*value)),
            Value::Number(number) => match number.as_i64() {
                Some(whole) => Some(Self::Int(whole)),
                None => number.as_f64().map(Self::Float),
            },
            Value::String(text) => Some(Self::Text(text.clone())),
            Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// The constant as it would stand in a cell of text.
    pub(super) fn as_text(&self) -> Option<String> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Float(value) => show_float(*value),
            Self::Text(value) => value.clone(),
        })
    }

    /// What it is, for a message.
    pub(super) fn spoken(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Text(text) => format!("the text '{text}'"),
            other => format!("the value {}", other.as_text().unwrap_or_default()),
        }
    }
}

/// An error about a constant that does not fit a column.
pub(super) fn misfit(scalar: &Scalar, column: &Column, argument: &str) -> Error {
    let help = match column.values() {
        Values::Int(_) | Values::Float(_) => "write numbers, without quotes",
        Values::Bool(_) => "write true or false, without quotes",
        Values::Time(_) => "write times such as \"2015-08-25\" or \"2015-08-25 14:30\"",
        Values::Text(_) => "write texts, in quotes",
    };
    Error::input(format!(
        "{argument} has {}, and the column holds values of the kind {}",
        scalar.spoken(),
        column.kind().name()
    ))
    .at(column.name())
    .help(help)
}

/// A lower and an upper bound, each of which may be open or missing.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Bounds {
    pub(super) min: Option<Scalar>,
    pub(super) max: Option<Scalar>,
    /// The lower bound itself is outside.
    pub(super) strict_min: bool,
    /// The upper bound itself is outside.
    pub(super) strict_max: bool,
}

impl Bounds {
    /// Whether something is inside, by how it compares with each bound; what does not compare is outside.
    #[inline]
    fn holds(&self, compare: impl Fn(&Scalar) -> Option<Ordering>) -> bool {
        let above = self.min.as_ref().is_none_or(|min| match compare(min) {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => !self.strict_min,
            _ => false,
        });
        above
            && self.max.as_ref().is_none_or(|max| match compare(max) {
                Some(Ordering::Less) => true,
                Some(Ordering::Equal) => !self.strict_max,
                _ => false,
            })
    }

    /// Whether a whole number is inside.
    #[inline]
    pub(super) fn holds_int(&self, value: i64) -> bool {
        self.holds(|bound| match bound {
            Scalar::Int(bound) => Some(value.cmp(bound)),
            Scalar::Float(bound) => (value as f64).partial_cmp(bound),
            _ => None,
        })
    }

    /// Whether a real number is inside.
    #[inline]
    pub(super) fn holds_float(&self, value: f64) -> bool {
        self.holds(|bound| match bound {
            Scalar::Int(bound) => value.partial_cmp(&(*bound as f64)),
            Scalar::Float(bound) => value.partial_cmp(bound),
            _ => None,
        })
    }

    /// Whether a text is inside, by code points.
    #[inline]
    pub(super) fn holds_text(&self, value: &str) -> bool {
        self.holds(|bound| match bound {
            Scalar::Text(bound) => Some(value.cmp(bound)),
            _ => None,
        })
    }

    /// The bounds as a column's values compare with them: times become microseconds.
    ///
    /// # Errors
    /// If a bound is of another sort than the values.
    pub(super) fn fit(&self, column: &Column) -> Result<Self> {
        let fit = |bound: &Option<Scalar>, name: &str| -> Result<Option<Scalar>> {
            let Some(bound) = bound else { return Ok(None) };
            let fitted = match (column.values(), bound) {
                (Values::Int(_) | Values::Float(_), Scalar::Int(_) | Scalar::Float(_))
                | (Values::Text(_), Scalar::Text(_)) => Some(bound.clone()),
                (Values::Time(_), Scalar::Text(text)) => parse_time(text.trim()).map(Scalar::Int),
                _ => None,
            };
            fitted.map(Some).ok_or_else(|| misfit(bound, column, name))
        };
        Ok(Self { min: fit(&self.min, "min_value")?, max: fit(&self.max, "max_value")?, ..*self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(min: Option<Scalar>, max: Option<Scalar>, strict: bool) -> Bounds {
        Bounds { min, max, strict_min: strict, strict_max: strict }
    }

    #[test]
    fn bounds_hold_their_ends_unless_strict() {
        use Scalar::{Float, Int, Text};
        let check = |bounds: Bounds, value: f64, expected: bool| {
            assert_eq!(bounds.holds_float(value), expected, "{value} in {bounds:?}");
        };
        check(bounds(Some(Int(0)), Some(Int(1)), false), 0.0, true);
        check(bounds(Some(Int(0)), Some(Int(1)), true), 0.0, false);
        check(bounds(Some(Int(0)), Some(Int(1)), true), 1.0, false);
        check(bounds(Some(Int(0)), None, false), f64::INFINITY, true);
        check(bounds(None, Some(Float(0.5)), false), f64::NAN, false);
        check(bounds(None, None, false), f64::NAN, true);
        let large = bounds(Some(Int(i64::MAX)), None, false);
        assert!(large.holds_int(i64::MAX) && !large.holds_int(i64::MAX - 1), "whole numbers compare exactly");
        let texts = bounds(Some(Text("b".into())), Some(Text("d".into())), true);
        assert!(texts.holds_text("c") && !texts.holds_text("b") && !texts.holds_text("가"));
    }

    #[test]
    fn constants_are_read_from_json() {
        let of = |text: &str| Scalar::of(&serde_json::from_str(text).unwrap());
        assert_eq!(of("3"), Some(Scalar::Int(3)));
        assert_eq!(of("3.5"), Some(Scalar::Float(3.5)));
        assert_eq!(of("18446744073709551615"), Some(Scalar::Float(18_446_744_073_709_551_615.0)));
        assert_eq!(of("[1]"), None);
        assert_eq!(Scalar::Float(1.0).as_text().as_deref(), Some("1.0"));
    }
}
