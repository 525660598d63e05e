//! Labelling functions under CPython: the module that gives `keywords`, `regex`, `where`, … their meaning there.
//!
//! A project's functions leave the program as the files they are; this module goes with them. It is held to the same
//! votes as our evaluator by a test, where a `python3` is at hand.

#[cfg(test)]
mod tests;

/// The file that the module is written to.
pub const MODULE_NAME: &str = "lapidary_lfs.py";

/// The module. It needs the standard library of Python 3.9 or later and nothing else.
pub const MODULE: &str = include_str!("lapidary_lfs.py");
