//! A dataset: columns of equal length, ids, and how it was read.

use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use super::{Column, Ids, ItemId, Row, Vectors};
use crate::engine::{Fingerprint, Result, Work};

/// Columns of equal length: the data's own, and layers beside them.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    rows: usize,
    columns: Vec<Arc<Column>>,
    vectors: Vec<Arc<Vectors>>,
}

impl Frame {
    /// A frame of columns. All must be of one length; shorter or longer ones are a fault of the caller and are left out.
    pub fn new(columns: Vec<Arc<Column>>) -> Self {
        let rows = columns.first().map_or(0, |column| column.len());
        debug_assert!(columns.iter().all(|column| column.len() == rows), "columns of unequal length");
        let columns = columns.into_iter().filter(|column| column.len() == rows).collect();
        Self { rows, columns, vectors: Vec::new() }
    }

    /// The same frame with vectors beside its columns. All must have as many rows; others are left out, as in
    /// [`Frame::new`].
    #[must_use]
    pub fn with_vectors(mut self, vectors: Vec<Arc<Vectors>>) -> Self {
        if self.columns.is_empty() {
            self.rows = vectors.first().map_or(self.rows, |first| first.rows());
        }
        debug_assert!(vectors.iter().all(|vectors| vectors.rows() == self.rows), "vectors of unequal length");
        self.vectors = vectors.into_iter().filter(|vectors| vectors.rows() == self.rows).collect();
        self
    }

    /// The vectors (embeddings) beside the columns.
    pub fn vectors(&self) -> &[Arc<Vectors>] {
        &self.vectors
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns in order.
    pub fn columns(&self) -> &[Arc<Column>] {
        &self.columns
    }

    /// The column of that name: exactly, else ignoring ASCII case if that is unambiguous.
    pub fn get(&self, name: &str) -> Option<&Arc<Column>> {
        if let Some(exact) = self.columns.iter().find(|column| column.name() == name) {
            return Some(exact);
        }
        let mut loose = self.columns.iter().filter(|column| column.name().eq_ignore_ascii_case(name));
        let found = loose.next()?;
        loose.next().is_none().then_some(found)
    }

    /// The column of that name.
    ///
    /// # Errors
    /// If there is none; the error lists the columns that are there.
    pub fn column(&self, name: &str) -> Result<&Arc<Column>> {
        self.get(name).ok_or_else(|| {
            let mut names: Vec<_> = self.columns.iter().take(20).map(|column| column.name()).collect();
            if self.columns.len() > names.len() {
                names.push("…");
            }
            crate::engine::Error::input("there is no such column")
                .at(name)
                .help(format!("the columns are: {}", names.join(", ")))
        })
    }

    /// These rows, in this order.
    ///
    /// # Errors
    /// If there is no such row, or the work was cancelled.
    pub fn take(&self, rows: &[u32], work: &Work) -> Result<Self> {
        let column = |column: &Arc<Column>| {
            work.check()?;
            column.take(column.name(), rows).map(Arc::new)
        };
        let columns = self.columns.par_iter().map(column).collect::<Result<Vec<_>>>()?;
        let places: Vec<Option<usize>> = rows.iter().map(|row| Some(*row as usize)).collect();
        let vectors = self.vectors.iter().map(|vectors| Arc::new(vectors.take(&places))).collect();
        Ok(Self { rows: rows.len(), columns, vectors })
    }

    /// The same rows with more columns at the end; one of an existing name replaces it.
    #[must_use]
    pub fn with(&self, more: impl IntoIterator<Item = Arc<Column>>) -> Self {
        let mut frame = self.clone();
        for column in more {
            if frame.columns.is_empty() {
                frame.rows = column.len();
            }
            match frame.columns.iter_mut().find(|old| old.name() == column.name()) {
                Some(old) => *old = column,
                None => frame.columns.push(column),
            }
        }
        frame
    }
}

/// How a source was read: what was detected, converted or left out, for the person to see.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ReadReport {
    /// The format's name ("csv").
    pub format: String,
    /// What was detected or converted, one sentence each ("encoding EUC-KR, converted to UTF-8").
    pub notes: Vec<String>,
}

/// A dataset that has been read: immutable, shared by everything that looks at it.
#[derive(Debug)]
pub struct Dataset {
    /// The columns.
    pub frame: Frame,
    /// The stable ids of the rows.
    pub ids: Ids,
    /// The folder against which media paths are resolved.
    pub root: PathBuf,
    /// The name of the content: changes whenever the source does.
    pub fingerprint: Fingerprint,
    /// How it was read.
    pub report: ReadReport,
}

impl Dataset {
    /// The row of an item, by its key or by its id as [`ItemId`] is written; `None` if there is none.
    pub fn row_named(&self, name: &str) -> Option<u32> {
        let written = u64::from_str_radix(name, 16).ok().map(ItemId);
        let found = self.ids.row(ItemId::of_key(name)).or_else(|| self.ids.row(written?));
        found.map(|row| row.0)
    }

    /// Puts a dataset together; `id` names the key column, without one items are known by their content.
    ///
    /// # Errors
    /// If the key column is not there, or its values are not unique.
    pub fn new(
        frame: Frame,
        id: Option<&str>,
        root: PathBuf,
        fingerprint: Fingerprint,
        report: ReadReport,
    ) -> Result<Self> {
        let ids = match id {
            Some(name) => Ids::from_key(frame.column(name)?)?,
            None => Ids::from_content(&frame),
        };
        Ok(Self { frame, ids, root, fingerprint, report })
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.frame.rows()
    }

    /// The id of a row.
    pub fn id(&self, row: Row) -> Option<ItemId> {
        self.ids.id(row)
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{BooleanArray, Float64Array, Int64Array, LargeStringArray, TimestampMicrosecondArray};

    use super::super::{Kind, Values};
    use super::*;

    #[test]
    fn rows_are_taken_from_all_columns_in_the_order_asked_for() {
        let texts = LargeStringArray::from(vec![Some("가"), None, Some("c"), Some("d")]);
        let vectors = Vectors::new("v", 2, vec![1.0, 2.0, 0.0, 0.0, 5.0, 6.0, 7.0, 8.0], vec![true, false, true, true]);
        let frame = Frame::new(vec![
            Arc::new(Column::text("text", Kind::Category, texts)),
            Arc::new(Column::new("int", Values::Int(Int64Array::from(vec![Some(1), Some(2), None, Some(4)])))),
            Arc::new(Column::new("float", Values::Float(Float64Array::from(vec![0.5, 1.5, 2.5, 3.5])))),
            Arc::new(Column::new("bool", Values::Bool(BooleanArray::from(vec![true, false, true, false])))),
            Arc::new(Column::new("time", Values::Time(TimestampMicrosecondArray::from(vec![10, 20, 30, 40])))),
        ])
        .with_vectors(vec![Arc::new(vectors.unwrap())]);
        let check = |rows: &[u32]| {
            let taken = frame.take(rows, &Work::new()).unwrap();
            assert_eq!(taken.rows(), rows.len(), "{rows:?}");
            for (column, of) in taken.columns().iter().zip(frame.columns()) {
                assert_eq!((column.name(), column.kind(), column.len()), (of.name(), of.kind(), rows.len()));
                for (at, &row) in rows.iter().enumerate() {
                    assert_eq!(column.show(at), of.show(row as usize), "{} of {rows:?}", column.name());
                }
            }
            for (at, &row) in rows.iter().enumerate() {
                assert_eq!(taken.vectors()[0].row(at), frame.vectors()[0].row(row as usize));
            }
        };
        check(&[0, 2]);
        check(&[3, 1, 1]);
        check(&[0, 1, 2, 3]);
        check(&[]);
        assert!(frame.take(&[4], &Work::new()).is_err(), "there is no such row");
        let work = Work::new();
        work.cancel();
        assert!(frame.take(&[0], &work).unwrap_err().is_cancelled());
    }
}
