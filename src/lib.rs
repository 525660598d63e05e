//! Lapidary: cut, polish and grade training data.
//!
//! One offline desktop program in which a person looks at a dataset, labels it, writes labelling functions, fits a
//! label model, finds duplicates and label errors, and delivers the result with its papers.
//!
//! The rooms of the house, each knowing only those above it in this list (a test enforces the order):
//!
//! - [`engine`]: errors, work with progress and cancel, jobs, derived values, files written whole.
//! - [`project`]: a project folder on disk: configuration, the store of events, locking.
//! - [`data`]: items and their columns: reading, writing, filtering, describing, decoding media.
//! - [`learn`]: what models say: features, linear models, cross-validation.
//! - [`label`]: what people say: classes, annotations, the queue.
//! - [`weak`]: what functions say: labelling functions, votes, their statistics, label models.
//! - [`clean`]: what is wrong: label errors, duplicates, and the queue in which they are settled.
//! - [`choose`]: what to label next.
//! - [`deliver`]: what leaves the house: exports and their data card.
//! - [`session`]: an open project put together.
//! - [`cli`]: headless commands. - `app`: the window (feature `window`).

pub mod choose;
pub mod clean;
pub mod cli;
pub mod data;
pub mod deliver;
pub mod engine;
pub mod label;
pub mod learn;
pub mod project;
pub mod session;
pub mod weak;

#[cfg(feature = "window")]
pub mod app;
