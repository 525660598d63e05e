//! What leaves the house: the final label of each item with its source, exports, and the data card.
//!
//! In: what people, functions and models say. Out: one frame to write in any format, and a Markdown card that tells how
//! each label came to be.

mod card;
mod export;
mod final_labels;
pub mod spark;
mod split;

pub use card::{CardFacts, card};
pub use export::{Flags, Scope, TaskColumn, export_frame};
pub use final_labels::{FinalLabels, Opinion, Source};
pub use split::{SPLITS, splits};
