//! Whole-program tests.
// A test that meets something unexpected should stop with it; clippy exempts only the bodies of tests from this rule.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod architecture;
mod cli;
mod cli_clean;
mod cli_external;
mod cli_input;
mod cli_labels;
mod cli_models;
mod cli_project;
mod cli_select;
mod cli_spark;
mod cli_watch;
mod dependencies;
mod full_disk;
#[cfg(feature = "window")]
mod functions;
#[cfg(feature = "window")]
mod labelling;
mod samples;
#[cfg(feature = "window")]
mod sigkill;
#[cfg(feature = "window")]
mod window;
