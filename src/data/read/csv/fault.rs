//! Why a CSV file cannot be read, said so that the place can be found and mended.

use super::detect;
use super::scan::{Dialect, Fault};
use crate::engine::Error;

/// Why a table could not be made.
pub(super) enum Failure {
    /// The quotes are broken.
    Quotes(Fault),
    /// Rows have too many or too few cells.
    Ragged(Ragged),
    /// Cancelled, mostly.
    Other(Error),
}

/// Rows that do not have as many cells as the table has columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ragged {
    /// Where the first one starts in the text.
    pub(super) at: usize,
    /// How many cells it has.
    pub(super) cells: usize,
    /// How many it should have.
    pub(super) columns: usize,
    /// How many rows there are of the kind.
    pub(super) rows: usize,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl Failure {
    /// True if quotes or delimiters do not fit, which another dialect may mend.
    pub(super) fn is_of_layout(&self) -> bool {
        matches!(self, Self::Quotes(_) | Self::Ragged(_))
    }

    /// The error that says where in `text` the failure is.
    pub(super) fn into_error(self, text: &[u8], dialect: Dialect) -> Error {
        let line = |at: usize| {
            let before = text.get(..at).unwrap_or(text);
            1 + memchr::memchr_iter(dialect.terminator, before).count()
        };
        match self {
            Self::Other(error) => error,
            Self::Quotes(Fault::Open { at }) => Error::input("a quote is opened and never closed")
                .at(format!("line {}", line(at)))
                .help("close it, or double it (\"\") if it is part of the text; everything after it would be one cell"),
            Self::Quotes(Fault::After { open, close }) => {
                let (open, close) = (line(open), line(close));
                let what = if open == close {
                    "text follows a closing quote".to_owned()
                } else {
                    format!(
                        "the quote opened here ends in line {close} in the middle of a cell, so one of them is broken"
                    )
                };
                Error::input(what)
                    .at(format!("line {open}"))
                    .help("close the quote where the cell ends, and double quotes (\"\") that are part of the text")
            }
            Self::Ragged(Ragged { at, cells, columns, rows }) => {
                let cells = if cells == 1 { "1 cell".to_owned() } else { format!("{cells} cells") };
                let like = if rows > 1 { format!("; {rows} rows do not fit") } else { String::new() };
                Error::input(format!("a row has {cells} where {columns} are expected{like}"))
                    .at(format!("line {}", line(at)))
                    .help(format!(
                        "check the quotes around cells that contain {}; if the cells are separated by something else, \
                         name the delimiter",
                        detect::delimiter_name(dialect.delimiter)
                    ))
            }
        }
    }
}
