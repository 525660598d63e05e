//! What a person does with the rows of a table or the cells of a grid.

use eframe::egui::Modifiers;

/// A click on a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowClick {
    /// The row.
    pub row: u64,
    /// The column under the pointer, if there is one.
    pub column: Option<usize>,
    /// The modifiers held: Shift to extend, Ctrl to add.
    pub modifiers: Modifiers,
    /// True for the second click of a double click.
    pub double: bool,
    /// True for the secondary button.
    pub secondary: bool,
}

/// The row that the keyboard moved to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowMove {
    /// The row.
    pub row: u64,
    /// True with Shift: extend the selection to it.
    pub extend: bool,
}

/// What was done in one frame.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowEvents {
    /// A click on a row.
    pub clicked: Option<RowClick>,
    /// The row that the keyboard moved to.
    pub moved: Option<RowMove>,
    /// Enter on the focused row, or a double click.
    pub activated: Option<u64>,
    /// Space on the focused row.
    pub toggled: Option<u64>,
    /// The rows under a frame that was drawn over them, and the modifiers held as it was let go.
    pub framed: Option<(Vec<u64>, Modifiers)>,
}
