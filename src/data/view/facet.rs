//! The values of a category with their counts within a view.

use std::collections::HashMap;

use arrow_array::Array as _;
use arrow_buffer::BooleanBuffer;

use super::super::{Column, filter};
use crate::engine::{Error, Result, Work};

/// A value of a category column and how many rows have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetCount {
    /// The value; `None` counts the missing.
    pub value: Option<String>,
    /// The rows of the frame that have it.
    pub total: usize,
    /// Those of them that the mask holds.
    pub shown: usize,
}

impl FacetCount {
    /// The condition that keeps these rows.
    pub fn sql(&self, column: &str) -> String {
        let name = filter::quote_name(column);
        match &self.value {
            Some(value) => format!("{name} = {}", filter::quote_text(value)),
            None => format!("{name} IS NULL"),
        }
    }
}

/// The values of a string column with their counts, the most frequent first, the missing last. Give
/// [`mask_without_column`](super::Snapshot::mask_without_column) as the mask, so that choosing one value does not hide the others.
///
/// # Errors
/// If the column holds no strings, or the work was cancelled.
pub fn facet(column: &Column, mask: &BooleanBuffer, work: &Work) -> Result<Vec<FacetCount>> {
    let Some(strings) = column.strings() else {
        return Err(Error::input("only text has values to count one by one").at(column.name()));
    };
    let mut counts: HashMap<Option<&str>, (usize, usize)> = HashMap::new();
    for row in 0..strings.len() {
        if row % 65_536 == 0 {
            work.check()?;
        }
        let value = (!strings.is_null(row)).then(|| strings.value(row));
        let count = counts.entry(value).or_default();
        count.0 += 1;
        count.1 += usize::from(row < mask.len() && mask.value(row));
    }
    let mut facets: Vec<FacetCount> = counts
        .into_iter()
        .map(|(value, (total, shown))| FacetCount { value: value.map(str::to_owned), total, shown })
        .collect();
    facets.sort_by(|a, b| {
        a.value.is_none().cmp(&b.value.is_none()).then(b.total.cmp(&a.total)).then_with(|| a.value.cmp(&b.value))
    });
    Ok(facets)
}
