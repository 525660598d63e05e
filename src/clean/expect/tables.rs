//! Expectations about a table as a whole.

use serde_json::{Value, json};

use super::scalar::Bounds;
use crate::data::Frame;

/// What is checked of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TableCheck {
    /// The number of rows is within bounds.
    Rows(Bounds),
    /// The number of rows is this.
    RowsEqual(u64),
    /// The number of columns is within bounds.
    Columns(Bounds),
    /// The number of columns is this.
    ColumnsEqual(u64),
    /// The columns are these, in this order.
    List(Vec<String>),
    /// The columns are these; others are allowed if not `true`.
    Set(Vec<String>, bool),
    /// There is a column of this name, and it stands at this place, from 0.
    Exists(String, Option<u64>),
}

impl TableCheck {
    /// Whether it holds, and what was found. `rows` are those of the condition.
    pub(super) fn observe(&self, frame: &Frame, rows: usize) -> (bool, Value) {
        let names: Vec<&str> = frame.columns().iter().map(|column| column.name()).collect();
        match self {
            Self::Rows(bounds) => (bounds.holds_int(rows as i64), json!(rows)),
            Self::RowsEqual(value) => (rows as u64 == *value, json!(rows)),
            Self::Columns(bounds) => (bounds.holds_int(names.len() as i64), json!(names.len())),
            Self::ColumnsEqual(value) => (names.len() as u64 == *value, json!(names.len())),
            Self::List(list) => (names == *list, json!(names)),
            Self::Set(set, exact) => {
                let all = set.iter().all(|name| names.contains(&name.as_str()));
                let others = names.iter().any(|name| !set.iter().any(|wanted| wanted == name));
                (all && !(*exact && others), json!(names))
            }
            // The name counts as it is written: a suite is a contract.
            Self::Exists(name, index) => {
                let place = names.iter().position(|found| found == name);
                let right = place.is_some_and(|place| index.is_none_or(|index| index == place as u64));
                (right, json!(place))
            }
        }
    }
}
