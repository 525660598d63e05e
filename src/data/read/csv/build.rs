//! Columns built from cells, piece by piece.

use arrow_array::ArrayRef;
use arrow_array::builder::{
    BooleanBuilder, Float64Builder, Int64Builder, LargeStringBuilder, TimestampMicrosecondBuilder,
};

use super::scan::{Dialect, End, Records};
use crate::data::read::arrow::concat;
use crate::data::read::infer::{self, Type, text_column, trim};
use crate::data::{Column, Values};
use crate::engine::Result;

/// The cells of one column in one piece of the text.
pub(super) enum Build {
    /// Not built: only the type is followed.
    Watch(Type),
    /// Neither built nor followed.
    Skip,
    /// Truth values.
    Bool(BooleanBuilder),
    /// Whole numbers.
    Int(Int64Builder),
    /// Numbers.
    Float(Float64Builder),
    /// Times.
    Time(TimestampMicrosecondBuilder),
    /// Text.
    Text(LargeStringBuilder),
}

impl Build {
    /// A column of an expected type.
    fn new(expected: Option<Type>, rows: usize, bytes: usize) -> Self {
        match expected {
            None => Self::Skip,
            Some(Type::Missing) => Self::Watch(Type::Missing),
            Some(Type::Bool) => Self::Bool(BooleanBuilder::with_capacity(rows)),
            Some(Type::Int) => Self::Int(Int64Builder::with_capacity(rows)),
            Some(Type::Float) => Self::Float(Float64Builder::with_capacity(rows)),
            Some(Type::Time) => Self::Time(TimestampMicrosecondBuilder::with_capacity(rows)),
            Some(Type::Text) => Self::Text(LargeStringBuilder::with_capacity(rows, bytes)),
        }
    }

    /// Takes in a cell. A cell that does not fit ends the building: from then on only the type is followed.
    fn push(&mut self, cell: &str) {
        let fits = match self {
            Self::Skip => true,
            Self::Watch(seen) => {
                if *seen != Type::Text {
                    *seen = seen.join(Type::of(cell));
                }
                true
            }
            Self::Text(builder) => {
                builder.append_option((!cell.is_empty()).then_some(cell));
                true
            }
            Self::Int(builder) => append(cell, infer::int, |value| builder.append_option(value)),
            Self::Float(builder) => append(cell, infer::float, |value| builder.append_option(value)),
            Self::Bool(builder) => append(cell, infer::boolean, |value| builder.append_option(value)),
            Self::Time(builder) => append(cell, infer::time, |value| builder.append_option(value)),
        };
        if !fits {
            *self = Self::Watch(self.type_of().join(Type::of(cell)));
        }
    }

    /// The type of what is built, or of all that was seen.
    fn type_of(&self) -> Type {
        match self {
            Self::Watch(seen) => *seen,
            Self::Skip => Type::Missing,
            Self::Bool(_) => Type::Bool,
            Self::Int(_) => Type::Int,
            Self::Float(_) => Type::Float,
            Self::Time(_) => Type::Time,
            Self::Text(_) => Type::Text,
        }
    }

    fn finish(self) -> Option<ArrayRef> {
        Some(match self {
            Self::Watch(_) | Self::Skip => return None,
            Self::Bool(mut builder) => std::sync::Arc::new(builder.finish()),
            Self::Int(mut builder) => std::sync::Arc::new(builder.finish()),
            Self::Float(mut builder) => std::sync::Arc::new(builder.finish()),
            Self::Time(mut builder) => std::sync::Arc::new(builder.finish()),
            Self::Text(mut builder) => std::sync::Arc::new(builder.finish()),
        })
    }
}

/// Appends a typed cell; false if it is neither of the type nor missing.
fn append<T>(cell: &str, parse: impl Fn(&str) -> Option<T>, mut append: impl FnMut(Option<T>)) -> bool {
    let cell = trim(cell);
    match parse(cell) {
        Some(value) => append(Some(value)),
        None if infer::is_missing(cell) => append(None),
        None => return false,
    }
    true
}

/// One piece of the text as columns.
pub(super) struct Part {
    /// The columns.
    pub(super) columns: Vec<Build>,
    /// The first row with too many or too few cells: where it starts, its cells, and the number of such rows.
    pub(super) ragged: Option<(usize, usize, usize)>,
    /// Rows with too many cells of which the last are empty.
    pub(super) extra_empty: usize,
}

impl Part {
    /// Parses a piece of whole rows that starts at `offset` of the text. `plan` gives the expected type of every
    /// column, `None` for those that are not wanted.
    pub(super) fn parse(text: &str, dialect: Dialect, plan: &[Option<Type>], offset: usize) -> Self {
        let rows = memchr::memchr_iter(dialect.terminator, text.as_bytes()).count() + 1;
        let bytes = text.len() / plan.len().max(1);
        let build = |expected: &Option<Type>| Build::new(*expected, rows, bytes);
        let mut part = Self { columns: plan.iter().map(build).collect(), ragged: None, extra_empty: 0 };
        let mut records = Records::new(text, dialect);
        while !records.done() {
            // In a table of one column an empty line is a row whose value is missing.
            if plan.len() > 1 && records.skip_blank() {
                continue;
            }
            let start = records.at();
            let (cells, empty) = part.row(&mut records);
            if cells > plan.len() && empty {
                part.extra_empty += 1;
            } else if cells != plan.len() {
                let (_, _, count) = part.ragged.get_or_insert((offset + start, cells, 0));
                *count += 1;
            }
        }
        part
    }

    /// Takes in a row; returns the number of its cells, and whether those beyond the last column are empty.
    fn row(&mut self, records: &mut Records<'_>) -> (usize, bool) {
        let (mut cells, mut empty) = (0, true);
        loop {
            let (cell, end) = records.cell();
            match self.columns.get_mut(cells) {
                Some(column) => column.push(cell),
                None => empty &= cell.is_empty(),
            }
            cells += 1;
            if end == End::Row {
                return (cells, empty);
            }
        }
    }

    /// The type of a column in this piece.
    pub(super) fn type_of(&self, column: usize) -> Type {
        self.columns.get(column).map_or(Type::Missing, Build::type_of)
    }

    /// Takes over the columns that `other` has built.
    pub(super) fn replace(&mut self, other: Self) {
        for (old, new) in self.columns.iter_mut().zip(other.columns) {
            if !matches!(new, Build::Skip) {
                *old = new;
            }
        }
    }
}

/// Joins the pieces of a column of a type.
pub(super) fn column(name: String, found: Type, pieces: Vec<Build>) -> Result<Column> {
    let mut arrays: Vec<ArrayRef> = pieces.into_iter().filter_map(Build::finish).collect();
    if arrays.is_empty() {
        arrays.extend(Build::new(Some(found), 0, 0).finish());
    }
    Ok(match concat(&arrays)? {
        Values::Text(array) => text_column(name, array),
        values => Column::new(name, values),
    })
}
