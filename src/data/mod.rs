//! Items: the rows of a dataset, their columns and stable ids.
//!
//! In: files and folders. Out: an immutable [`Dataset`], masks and orders over its rows, descriptions of its columns.
//! Items never change; what people, functions and models say of them are layers, which are columns of the same length.

pub mod annotations;
mod column;
mod dataset;
pub mod describe;
pub mod filter;
mod ids;
mod inventory;
pub mod korean;
pub mod media;
mod order;
pub mod read;
pub mod search;
mod vectors;
pub mod view;
pub mod write;

pub use column::{Column, Kind, Values, fold, show_count, show_float, show_percent, show_time};
pub use dataset::{Dataset, Frame, ReadReport};
pub use ids::{ITEM_COLUMN, Ids, ItemId, Row};
pub use inventory::{Inventory, RowChange, SourceChange};
pub use order::in_order;
pub use vectors::Vectors;
