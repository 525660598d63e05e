//! What is wrong with the data: label errors and duplicates, and the findings in which they come up for settling.
//!
//! In: out-of-sample probabilities with the given labels, texts, images. Out: immutable results, and one list of
//! [`Finding`]s by gain, whose reasons are numbers, so that the window can say them in any language.

pub mod duplicates;
mod findings;
pub mod label_errors;
pub mod profile;
mod settle;

pub use findings::{Finding, FindingKind, Reason, findings};
pub use settle::{Decision, Finder, Settle, Settlement};
