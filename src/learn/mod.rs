//! What models say: features, linear models, cross-validation and their measures.
//!
//! In: columns of text, images, sounds or numbers, labels or soft targets. Out: probabilities that were made out of sample, and how
//! good they are. Everything here gives the same numbers for the same seed, whatever the number of threads.

mod ascent;
pub mod audio_features;
pub mod cross_validation;
mod eigen;
pub mod features;
pub mod image_features;
pub mod judge;
pub mod knn;
pub mod layout;
pub mod logistic;
mod matrix;
pub mod metrics;
mod operator;
pub mod points;
mod product;
pub mod raster;
pub mod segment;
pub mod svd;
pub mod table_features;
pub mod trust;
pub mod words;

pub use matrix::{Csr, Features, Matrix, Real};
