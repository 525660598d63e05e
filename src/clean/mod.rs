//! What is wrong with the data: label errors, duplicates, outliers, bad images and texts, faults of the set as a whole;
//! and the findings in which they come up for settling.
//!
//! In: out-of-sample probabilities with the given labels, texts, images. Out: immutable results, and one list of
//! [`Finding`]s by gain, whose reasons are numbers, so that the window can say them in any language. Beside them what a
//! table is, must be and has become: its [`profile`], expectations ([`expect`]), [`drift`], [`slices`] and
//! [`trends`], and a
//! [`report`] of each.

pub mod audit;
mod before_after;
mod change;
mod cost;
pub mod drift;
pub mod duplicates;
pub mod expect;
mod findings;
pub mod image_issues;
pub mod label_errors;
mod leaks;
pub mod outcomes;
pub mod outliers;
pub mod profile;
mod quality;
pub mod report;
mod settle;
pub mod slices;
mod statistics;
pub mod text_quality;
pub mod trends;
mod usual;
pub mod whole_set;

pub use before_after::{BeforeAfter, Gain, Judged, before_after};
pub use cost::{CostPoint, cost_curve};
pub use findings::{Finding, FindingKind, Reason, each_finding, findings, label_finding};
pub use leaks::{LeakedPart, Leaks};
pub use quality::{BadImages, Quality};
pub use settle::{Decision, Finder, ReviewLog, Settle, SettleAll, Settlement, verdicts};
