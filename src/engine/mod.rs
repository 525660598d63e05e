//! The machinery, which knows nothing of data.
//!
//! In: closures that do work. Out: results, progress that can be watched, and errors that say what, where and what to
//! do. Everything slow in Lapidary takes a [`Work`] and checks it often enough to stop within 100 ms.

mod derived;
mod error;
pub mod files;
mod fingerprint;
mod id_map;
mod job;
mod quantile;
mod random;
mod spill;
mod work;

pub use derived::{Cache, Derived};
pub use error::{Error, ErrorKind, Result};
pub use fingerprint::{Fingerprint, Fingerprinter};
pub use id_map::IdMap;
pub use job::{Job, Slot, Waker};
pub use quantile::{quantile, quantile_of_sorted};
pub use random::Random;
pub use spill::Spill;
pub use work::{Progress, Work};
