//! Columns and constants of a condition.

use sqlparser::ast::{DataType, Expr, Ident, Value as Literal};
use sqlparser::tokenizer::Span;
use unicode_normalization::UnicodeNormalization as _;

use super::compile::{Compiled, Compiler, Slot, type_of};
use super::error::{FilterError, nearest};
use super::time;
use super::tree::{Node, Op, Value};

impl Compiler<'_> {
    pub(super) fn column(&mut self, name: &Ident) -> Compiled {
        if let Some(column) = self.frame.get(&name.value) {
            let ty = type_of(column);
            let found = self.slots.iter().position(|slot| slot.name == column.name());
            let slot = found.unwrap_or_else(|| {
                self.slots.push(Slot { name: column.name().to_owned(), ty, folded: false });
                self.slots.len() - 1
            });
            return Ok(Node::new(ty, Op::Column(slot)));
        }
        // A name that another system has written decomposed (macOS) is still the same name.
        let composed: String = name.value.nfc().collect();
        let mut same = self.frame.columns().iter().filter(|column| column.name().nfc().eq(composed.chars()));
        match (same.next(), same.next()) {
            (Some(column), None) if column.name() != name.value => {
                self.column(&Ident::with_span(name.span, column.name().to_owned()))
            }
            _ => Err(self.no_column(name)),
        }
    }

    pub(super) fn no_column(&self, name: &Ident) -> FilterError {
        let error = self.places.error(self.places.range(name.span), format!("there is no column {}", name.value));
        if let Some((why, help)) = super::functions::refusal(&name.value).filter(|_| name.quote_style.is_none()) {
            let message = format!("{} is not part of the filter language: {why}", name.value);
            return self.places.error(self.places.range(name.span), message).help(help);
        }
        let exact: Vec<&str> =
            self.frame.columns().iter().map(|c| c.name()).filter(|c| c.eq_ignore_ascii_case(&name.value)).collect();
        if exact.len() > 1 {
            let names: Vec<String> = exact.into_iter().map(super::quote_name).collect();
            return error.help(format!("upper and lower case tell these apart: {}", names.join(", ")));
        }
        let near = nearest(&name.value, self.frame.columns().iter().map(|column| column.name()));
        let help = match near.as_slice() {
            [] if name.quote_style == Some('"') => {
                format!("double quotes name a column; text stands in single quotes: {}", super::quote_text(&name.value))
            }
            [] => {
                let mut names: Vec<String> =
                    self.frame.columns().iter().take(12).map(|column| super::quote_name(column.name())).collect();
                if self.frame.columns().len() > names.len() {
                    names.push("…".to_owned());
                }
                format!("the columns are: {}; text stands in single quotes", names.join(", "))
            }
            near => {
                let names: Vec<String> = near.iter().map(|name| super::quote_name(name)).collect();
                format!("did you mean {}?", names.join(" or "))
            }
        };
        error.help(help)
    }

    /// `a.b`: a column of that very name, such as struct fields are given when a file is read.
    pub(super) fn compound(&mut self, expr: &Expr, parts: &[Ident]) -> Compiled {
        let name = parts.iter().map(|part| part.value.as_str()).collect::<Vec<_>>().join(".");
        let whole = parts.iter().fold(Span::empty(), |span, part| span.union(&part.span));
        if self.frame.get(&name).is_some() {
            return self.column(&Ident::with_span(whole, name));
        }
        let last = parts.last().map_or("", |part| part.value.as_str());
        let help = match self.frame.get(last) {
            Some(_) => format!("there is only one table: write {}", super::quote_name(last)),
            None => format!("a name with a dot in it stands in double quotes: {}", super::quote_name(&name)),
        };
        Err(self.error(expr, format!("there is no column {name}")).help(help))
    }

    pub(super) fn literal(&self, expr: &Expr, value: &Literal) -> Compiled {
        Ok(Node::literal(match value {
            Literal::Null => Value::Null,
            Literal::Boolean(value) => Value::Bool(*value),
            Literal::SingleQuotedString(text) => Value::Text(text.clone()),
            Literal::Number(digits, false) => return self.number(expr, digits, ""),
            _ => {
                let help = "text stands in single quotes, numbers are decimal";
                return Err(self.error(expr, "this form of a value is not part of the filter language").help(help));
            }
        }))
    }

    pub(super) fn number(&self, expr: &Expr, digits: &str, sign: &str) -> Compiled {
        let text = format!("{sign}{digits}");
        if let Ok(whole) = text.parse::<i64>() {
            return Ok(Node::literal(Value::Int(whole)));
        }
        match text.parse::<f64>() {
            Ok(real) => Ok(Node::literal(Value::Float(real))),
            Err(_) => Err(self.error(expr, format!("{text} is not a number"))),
        }
    }

    pub(super) fn typed_string(&self, expr: &Expr, data_type: &DataType, value: &Literal) -> Compiled {
        let (DataType::Date | DataType::Timestamp(..) | DataType::Datetime(_), Literal::SingleQuotedString(text)) =
            (data_type, value)
        else {
            return Err(self.unsupported(expr));
        };
        self.time_literal(expr, text)
    }

    /// Reads a text literal as a time.
    pub(super) fn time_literal(&self, expr: &Expr, text: &str) -> Compiled {
        match time::parse(text) {
            Some(micros) => Ok(Node::literal(Value::Time(micros))),
            None => {
                Err(self.error(expr, format!("'{text}' is not a time")).help(format!("write times as {}", time::FORMS)))
            }
        }
    }
}
