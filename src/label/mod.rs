//! What people say: classes, annotations and the queue in which items are labelled; and how far annotators agree.
//!
//! In: the marks of the ledger and the ids of a dataset. Out: commands that label, skip and define classes; the labels
//! of all rows, kept up to date change by change; the next item to label.

pub mod agreement;
mod annotations;
mod classes;
mod commands;
mod queue;

pub use annotations::Annotations;
pub use classes::{Class, ClassIndex, Classes};
pub use commands::{EXCLUDED, LABEL, Label, SKIPPED, SetClasses, Skip, read_classes, write_classes};
pub use queue::{Progress, next_open};
