//! The language of labelling functions: a stated subset of Python, parsed, compiled and evaluated by us.
//!
//! In: the source of a file and the frame whose columns it may read. Out: compiled functions and the values that the
//! file's own statements gave its names. [`parse`] is the only module that knows the parser; [`compile`] turns its
//! syntax tree into a [`tree`] whose names are resolved to slots; [`machine`] evaluates that tree, charging every step
//! and every byte against a [`budget`], so that any file from anybody ends soon and stays small. There are no files,
//! no network, no clock and no randomness, so a result depends on nothing but the source and the row.
//!
//! Semantics are those of Python 3: strings count in code points, integers floor, `and` and `or` return operands,
//! sorting is stable. Whole numbers have 64 bits here; what does not fit is a fault, never a wrong number.

pub(crate) mod budget;
pub(crate) mod builtins;
mod builtins_call;
mod call;
pub(crate) mod chars;
pub(crate) mod compile;
mod compile_body;
mod compile_calls;
mod compile_expr;
mod containers;
mod convert;
mod exec;
mod format;
pub(crate) mod freeze;
mod iterate;
mod korean;
pub(crate) mod machine;
mod maths;
mod methods;
pub(crate) mod module;
pub(crate) mod ops;
pub(crate) mod parse;
mod pattern_calls;
pub(crate) mod regexes;
mod scope;
mod sequences;
mod strings;
pub(crate) mod tokens;
pub(crate) mod translate;
pub(crate) mod tree;
pub(crate) mod value;

pub(crate) use strings::lower;

#[cfg(test)]
mod semantics;
