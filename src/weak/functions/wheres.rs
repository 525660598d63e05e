//! The conditions of `where(…)`: what this room needs of a filter language, and nothing of the language itself.

use std::fmt::Debug;

use arrow_buffer::BooleanBuffer;

use crate::data::Frame;
use crate::engine::{Result, Work};

/// A condition over the columns of a frame.
pub trait WherePredicate: Debug + Send + Sync {
    /// The rows for which the condition is true; neither false nor unknown.
    ///
    /// # Errors
    /// If the work is cancelled, or a column is not there.
    fn evaluate(&self, frame: &Frame, work: &Work) -> Result<BooleanBuffer>;
}

/// Reads a condition over the columns of a frame.
pub type WhereParser = fn(&str, &Frame) -> Result<Box<dyn WherePredicate>>;

/// The parser of the program's filter language.
pub(super) fn parser() -> Option<WhereParser> {
    None
}
