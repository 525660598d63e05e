//! What functions say: labelling functions, their votes, the statistics of these, and label models.
//!
//! In: a frame of columns, class names and the source of `lfs/*.py`. Out: one column of votes a function, an analysis,
//! and a probability for each class and item.

pub mod analysis;
pub mod bits;
pub mod by_class;
pub mod changes;
pub mod counted;
pub mod external;
pub mod functions;
pub mod models;
pub mod pairs;
mod partial;
pub mod patterns;
pub mod python;
pub mod script;
pub mod shades;
pub mod suggest;
mod tally;
pub mod telling;
pub mod vote_files;
mod votes;

pub use patterns::Patterns;
pub use shades::{Meaning, Said, Shades};
pub use votes::{ABSTAIN, VoteColumn, Votes};
