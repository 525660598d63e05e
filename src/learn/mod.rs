//! What models say: features, linear models, cross-validation and their measures.
//!
//! In: columns of text, thumbnails, labels or soft targets. Out: probabilities that were made out of sample, and how
//! good they are. Everything here gives the same numbers for the same seed, whatever the number of threads.

mod ascent;
pub mod cross_validation;
pub mod features;
pub mod image_features;
pub mod logistic;
mod matrix;
pub mod metrics;

pub use matrix::{Csr, Features, Matrix, Real};
