//! The window.

pub mod strings;
pub mod theme;
pub mod widgets;
