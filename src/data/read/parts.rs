//! What a column of a Parquet or Arrow file becomes: a column of the table, or vectors beside it.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Float32Type;
use arrow_array::{Array as _, ArrayRef};
use arrow_cast::cast;
use arrow_schema::{DataType, Field};

use super::arrow::convert;
use crate::data::vectors::Gather;
use crate::data::{Column, Frame, Vectors};
use crate::engine::{Error, Result};

/// A column of a file, and what had to be changed to make it one.
pub(super) struct Part {
    pub(super) made: Made,
    pub(super) note: Option<String>,
}

/// What was made of a column of a file.
pub(super) enum Made {
    /// A column of the table.
    Column(Box<Column>),
    /// Vectors, one a row.
    Vectors(Vectors),
}

impl From<(Column, Option<String>)> for Part {
    fn from((column, note): (Column, Option<String>)) -> Self {
        Self { made: Made::Column(Box::new(column)), note }
    }
}

/// Makes a column called `name` of the pieces of an Arrow column: vectors where every row is a list of as many real
/// numbers, at least [`Vectors::LEAST`]; else as [`convert`].
pub(super) fn part(name: String, field: &Field, arrays: Vec<ArrayRef>) -> Result<Part> {
    match vectors(&name, field, &arrays)? {
        Some(vectors) => {
            let note = format!("{name}: vectors of {} numbers, kept beside the table", vectors.width());
            Ok(Part { made: Made::Vectors(vectors), note: Some(note) })
        }
        None => convert(name, field, arrays).map(Part::from),
    }
}

/// Puts the parts of a file together.
pub(super) fn frame(parts: Vec<Part>, notes: &mut Vec<String>) -> Frame {
    let (mut columns, mut vectors) = (Vec::new(), Vec::new());
    for Part { made, note } in parts {
        notes.extend(note);
        match made {
            Made::Column(column) => columns.push(Arc::new(*column)),
            Made::Vectors(made) => vectors.push(Arc::new(made)),
        }
    }
    Frame::new(columns).with_vectors(vectors)
}

fn vectors(name: &str, field: &Field, arrays: &[ArrayRef]) -> Result<Option<Vectors>> {
    let inner = match field.data_type() {
        DataType::List(inner) | DataType::LargeList(inner) | DataType::FixedSizeList(inner, _) => inner.data_type(),
        _ => return Ok(None),
    };
    if !matches!(inner, DataType::Float16 | DataType::Float32 | DataType::Float64) {
        return Ok(None);
    }
    let mut made = Gather::default();
    for array in arrays {
        let Some((starts, child)) = lists(array) else { return Ok(None) };
        let child = cast(child, &DataType::Float32)
            .map_err(|error| Error::input(format!("a column of vectors cannot be read: {error}")).at(name))?;
        let Some(numbers) = child.as_primitive_opt::<Float32Type>() else { return Ok(None) };
        for (row, pair) in starts.windows(2).enumerate() {
            let [start, end] = *pair else { continue };
            if array.is_null(row) {
                made.missing(1);
                continue;
            }
            let holes = numbers.null_count() > 0 && (start..end).any(|at| numbers.is_null(at));
            let vector = numbers.values().get(start..end).unwrap_or_default();
            if holes || vector.len() < Vectors::LEAST || !made.push(vector) {
                return Ok(None);
            }
        }
    }
    Ok(made.finish(name))
}

/// Where each row of a list array starts in the child (one more than rows), and the child.
fn lists(array: &ArrayRef) -> Option<(Vec<usize>, &ArrayRef)> {
    if let Some(list) = array.as_list_opt::<i32>() {
        return Some((list.value_offsets().iter().map(|start| *start as usize).collect(), list.values()));
    }
    if let Some(list) = array.as_list_opt::<i64>() {
        return Some((list.value_offsets().iter().map(|start| *start as usize).collect(), list.values()));
    }
    let list = array.as_fixed_size_list_opt()?;
    let width = usize::try_from(list.value_length()).ok()?;
    Some(((0..=list.len()).map(|row| row * width).collect(), list.values()))
}

#[cfg(test)]
mod tests {
    use arrow_array::types::{Float64Type, Int32Type};
    use arrow_array::{FixedSizeListArray, ListArray};

    use super::*;

    fn made(array: ArrayRef) -> Made {
        let field = Field::new("v", array.data_type().clone(), true);
        // In two pieces, as files hold them.
        let half = array.len() / 2;
        part("v".into(), &field, vec![array.slice(0, half), array.slice(half, array.len() - half)]).unwrap().made
    }

    #[test]
    fn lists_of_as_many_real_numbers_are_vectors_and_others_stay_text() {
        let row = |from: f64, width: usize| Some((0..width).map(|at| Some(from + at as f64)).collect::<Vec<_>>());
        let check = |array: ArrayRef| {
            let Made::Vectors(vectors) = made(array) else { panic!("no vectors") };
            assert_eq!((vectors.rows(), vectors.width(), vectors.missing()), (3, 8, 1));
            assert_eq!(vectors.row(2), Some(&[5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0][..]));
            assert_eq!(vectors.row(1), None);
        };
        let rows = || vec![row(1.0, 8), None, row(5.0, 8)];
        check(Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>(rows())));
        check(Arc::new(FixedSizeListArray::from_iter_primitive::<Float64Type, _, _>(rows(), 8)));
        let is_text = |array: ArrayRef| assert!(matches!(made(array), Made::Column(_)));
        is_text(Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>(vec![row(1.0, 8), row(1.0, 9)])));
        is_text(Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>(vec![row(1.0, 4), row(1.0, 4)])));
        is_text(Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>(vec![Some(vec![None; 8]), row(1.0, 8)])));
        is_text(Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1); 8]); 2])));
        is_text(Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>(vec![None::<Vec<Option<f64>>>, None])));
    }
}
