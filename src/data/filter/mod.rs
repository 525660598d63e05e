//! The filter language: a SQL `WHERE` expression over the columns of a frame.
//!
//! In: source text and a [`Frame`]. Out: a [`Filter`], which gives the rows for which the condition is true, or a
//! [`FilterError`] that says what is wrong and where. The grammar is read by `sqlparser`; types are checked here; the
//! rows are found by us, column by column, in chunks that all cores share.
//!
//! Logic has three values, as in SQL: a comparison with NULL is unknown, `NOT` of unknown is unknown, and a row is kept
//! only if the whole is true. What other databases leave open is settled so:
//!
//! - `/` is real division (`7 / 2` is 3.5). A division by 0, a result too large for 64 bits, the root of a negative
//!   number and a CAST that cannot be read are NULL: one odd row must not stop a view.
//! - Whole numbers are compared exactly, with real numbers too. NaN equals nothing and is neither less nor greater
//!   (IEEE 754); `isnan(x)` finds it.
//! - Text is compared by code points. `LIKE` has no escape character unless `ESCAPE` gives one. `ILIKE` compares in NFC
//!   and lower case. `~` and `REGEXP` find a regular expression anywhere in the text, `~*` without regard to case.
//! - Times are UTC and are compared with literals such as `'2015-08-25'` or `'2015-08-25 14:30'`.
//! - A column of truth values is a condition by itself. A category is text, also where it looks like a number.

#[cfg(test)]
mod against_sqlite;
mod bits;
mod calls;
mod compare;
mod compile;
mod complete;
mod convert;
mod error;
mod evaluate;
mod functions;
mod numbers;
mod operands;
mod parse;
mod patterns;
mod python;
mod quote;
#[cfg(test)]
mod tests;
mod texts;
mod textual;
mod time;
mod tree;

use arrow_buffer::{BooleanBuffer, Buffer};
use rayon::prelude::*;

use compile::{Compiler, Slot, type_of};
use evaluate::{Bound, Chunk};
use tree::Node;

use super::Frame;
use crate::engine::{Error, Result, Work};

pub(in crate::data) use bits::{Bits, ROWS, WORDS};
pub use complete::{Completion, CompletionKind, complete};
pub use error::FilterError;
pub(crate) use error::nearest;
pub(in crate::data) use patterns::compile as compile_regex;
pub use python::python_text;
pub use quote::{quote_name, quote_text};
pub(in crate::data) use texts::{bytes_of, scan};

/// A condition that has been checked against the columns of a frame and can be run over it, or over any other frame
/// that has these columns with the same types.
#[derive(Debug, Clone)]
pub struct Filter {
    source: String,
    slots: Vec<Slot>,
    root: Node,
}

/// Checks a condition against the columns of a frame.
///
/// # Errors
/// If the source is not one expression of the filter language, names what is not there, or mixes types; with the place,
/// and where possible with what to write instead.
pub fn parse(sql: &str, frame: &Frame) -> Result<Filter, FilterError> {
    let (expr, places) = parse::expression(sql)?;
    let mut compiler = Compiler { frame, places: &places, slots: Vec::new(), depth: 0 };
    let root = compiler.condition(&expr)?;
    Ok(Filter { source: sql.to_owned(), slots: compiler.slots, root })
}

impl Filter {
    /// The source text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The names of the columns that the condition uses, each once, in the order of their first use.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.slots.iter().map(|slot| slot.name.as_str())
    }

    /// The rows of `frame` for which the condition is true; unknown counts as not.
    ///
    /// # Errors
    /// If the frame lacks a column of the condition or has it with another type, or the work was cancelled.
    pub fn evaluate(&self, frame: &Frame, work: &Work) -> Result<BooleanBuffer> {
        let columns = self.bind(frame)?;
        let rows = frame.rows();
        let mut words = vec![0u64; rows.div_ceil(64)];
        words.par_chunks_mut(WORDS).enumerate().try_for_each(|(index, out)| {
            work.check()?;
            let start = index * ROWS;
            let count = (rows - start).min(ROWS);
            let all = Bits::first(count);
            let chunk = Chunk { columns: &columns, start, rows: count, all };
            let found = chunk.truth(&self.root, &all).yes.and(&all);
            out.iter_mut().zip(found.0).for_each(|(out, word)| *out = word);
            Ok::<_, Error>(())
        })?;
        Ok(BooleanBuffer::new(Buffer::from_vec(words), 0, rows))
    }

    fn bind<'a>(&self, frame: &'a Frame) -> Result<Vec<Bound<'a>>> {
        let bound = self.slots.iter().map(|slot| {
            let column = frame.column(&slot.name)?;
            if type_of(column) != slot.ty {
                return Err(Error::input(format!("the column is no longer {}", slot.ty.spoken()))
                    .at(&slot.name)
                    .help("write the filter again for the column as it is now"));
            }
            // The folded strings are made here, once, and not by whichever thread comes first.
            Ok(Bound { column, folded: if slot.folded { column.folded() } else { None } })
        });
        bound.collect()
    }
}
