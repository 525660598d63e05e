//! What people say: classes, annotations and the queue in which items are labelled.

mod classes;

pub use classes::{Class, ClassIndex, Classes};
