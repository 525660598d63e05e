//! Rows of a table as dense numbers, for data that has neither text nor media: numbers standardised, categories one by
//! one, and whether a value is missing.

use std::collections::HashMap;
use std::sync::Arc;

use super::Matrix;
use crate::data::{Column, Values};
use crate::engine::{Error, Result, Work};

/// Values of a category that get a column of their own; the others share none.
const VALUES: usize = 40;

/// The columns as features, rows x features, each of mean 0 and deviation 1. Free text and columns of a single value
/// give none.
///
/// # Errors
/// If no column gives a feature, or the work was cancelled.
pub fn describe_columns(columns: &[Arc<Column>], work: &Work) -> Result<Matrix<f32>> {
    let rows = columns.first().map_or(0, |column| column.len());
    work.stage("describing columns", columns.len() as u64);
    let mut features: Vec<Vec<f32>> = Vec::new();
    for column in columns {
        features.extend(features_of(column));
        work.advance(1)?;
    }
    if features.is_empty() {
        return Err(Error::input("no column can be learnt from")
            .help("numbers and categories can; free text must be named as the text column"));
    }
    let mut values = vec![0.0f32; rows * features.len()];
    for (row, values) in values.chunks_exact_mut(features.len()).enumerate() {
        for (value, feature) in values.iter_mut().zip(&features) {
            *value = feature[row];
        }
    }
    Ok(Matrix::new(rows, features.len(), values)?.standardized())
}

fn features_of(column: &Column) -> Vec<Vec<f32>> {
    let array = column.array();
    let missing = |row: usize| array.is_null(row);
    let numbers = |value: &dyn Fn(usize) -> f64| {
        let given: Vec<Option<f64>> =
            (0..column.len()).map(|row| Some(value(row)).filter(|value| !missing(row) && value.is_finite())).collect();
        numeric(&given)
    };
    match column.values() {
        Values::Int(values) => numbers(&|row| values.value(row) as f64),
        Values::Float(values) => numbers(&|row| values.value(row)),
        Values::Time(values) => numbers(&|row| values.value(row) as f64 / 8.64e10),
        Values::Bool(values) => numbers(&|row| f64::from(u8::from(values.value(row)))),
        Values::Text(values) if column.kind() == crate::data::Kind::Category => {
            one_by_one(column.len(), |row| (!missing(row)).then(|| values.value(row)))
        }
        Values::Text(_) => Vec::new(),
    }
}

/// The numbers with the mean in place of what is missing, and where that is.
fn numeric(given: &[Option<f64>]) -> Vec<Vec<f32>> {
    let present = given.iter().flatten().count();
    if present == 0 {
        return Vec::new();
    }
    let mean = given.iter().flatten().sum::<f64>() / present as f64;
    let mut features = vec![given.iter().map(|value| value.unwrap_or(mean) as f32).collect::<Vec<_>>()];
    if present < given.len() {
        features.push(given.iter().map(|value| f32::from(u8::from(value.is_none()))).collect());
    }
    features
}

/// A feature for each of the most frequent values.
fn one_by_one<'a>(rows: usize, value: impl Fn(usize) -> Option<&'a str>) -> Vec<Vec<f32>> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    (0..rows).filter_map(&value).for_each(|value| *counts.entry(value).or_default() += 1);
    let mut values: Vec<(&str, usize)> = counts.into_iter().collect();
    values.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let is = |wanted: &str| (0..rows).map(|row| f32::from(u8::from(value(row) == Some(wanted)))).collect();
    values.iter().take(VALUES).map(|(wanted, _)| is(wanted)).collect()
}

#[cfg(test)]
mod tests {
    use arrow_array::{Int64Array, LargeStringArray};

    use super::*;
    use crate::data::Kind;

    #[test]
    fn numbers_categories_and_gaps_become_features() {
        let number = Column::new("n", Values::Int(Int64Array::from(vec![Some(1), Some(3), None])));
        let category = LargeStringArray::from(vec![Some("a"), Some("b"), Some("a")]);
        let category = Column::text("c", Kind::Category, category);
        let text = Column::text("t", Kind::Text, LargeStringArray::from(vec!["x y", "z", "w"]));
        let columns: Vec<_> = [number, category, text].into_iter().map(Arc::new).collect();
        let matrix = describe_columns(&columns, &Work::new()).unwrap();
        // The number, its gap, and the two values of the category.
        assert_eq!((matrix.rows(), matrix.columns()), (3, 4));
        for feature in 0..4 {
            let mean: f32 = (0..3).map(|row| matrix.row(row)[feature]).sum::<f32>() / 3.0;
            assert!(mean.abs() < 1e-6, "feature {feature} has mean {mean}");
        }
        assert_eq!(matrix.row(0)[2], matrix.row(2)[2]);
        let only_text = [columns[2].clone()];
        assert!(describe_columns(&only_text, &Work::new()).unwrap_err().what().contains("no column"));
    }
}
