//! Checks of a set as a whole: classes with hardly any rows, rows whose order tells something, labels that a simple
//! property gives away.

mod imbalance;
mod order;
mod spurious;

pub use imbalance::{Imbalance, class_imbalance};
pub use order::{Order, OrderOptions, Runs, label_runs, row_order};
pub use spurious::{GIVEN_AWAY, Property, Spurious, spurious_correlations, text_properties};
