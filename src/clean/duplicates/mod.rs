//! Rows that repeat each other, exactly or nearly, in groups of which one row is kept.
//!
//! In: texts or decoded images, and if known the labels and splits of the rows. Out: groups with the row to keep, a
//! mark on groups whose labels disagree or that lie in more than one split, and the pairs they were joined by.

mod bands;
mod groups;
mod images;
mod index;
mod join;
mod text;

pub use groups::{Context, Duplicates, Group, Keep, Member};
pub use images::{ImageOptions, ImagePrint, of_image_column, of_images};
pub use text::{Normalization, TextOptions, of_texts};
