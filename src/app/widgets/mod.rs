//! What panes are made of: controls, plots, the table and the grid, the code editor, messages.
//!
//! Plain data goes in and a response comes out; nothing here knows the session. Every control has a name that a screen
//! reader can say and that a test can look up, can be reached by keyboard, and takes its colours and distances from
//! [`crate::app::theme`].

mod audio_scale;
mod audio_view;
mod banner;
mod bar_list;
mod button;
mod canvas;
mod chip;
mod code_editor;
mod detail_list;
mod field;
pub mod gallery;
mod grid;
mod hangul;
mod histogram;
mod modal;
mod named_list;
mod paint;
mod pane_state;
mod plot;
mod progress;
mod reader;
mod rows;
mod scroll;
mod select;
mod span_text;
mod table;
mod toggle;
mod whisker;

pub use audio_view::{AudioMark, AudioView, AudioViewResponse, AudioViewState};
pub use banner::{Banner, BannerEvent};
pub use bar_list::{Bar, BarList, BarListResponse};
pub use button::{Button, ButtonKind, button, icon_button, key_cap, key_caps, primary_button, quiet_button};
pub use canvas::{Canvas, Look, canvas};
pub use chip::{
    ChipResponse, Tone, badge, chip, class_button, label_chip, label_chip_size, paint_label_chip, toned_chip,
};
pub use code_editor::{CodeEditor, CodeEditorResponse, Diagnostic, Offer, Severity, TokenStyle};
pub use detail_list::{DetailList, DetailListState};
pub use field::{Field, FieldError, SearchResponse, search_box, underlined};
pub use grid::{GridResponse, GridState, VirtualGrid, size_slider};
pub use hangul::{class_key, key_of_jamo, pressed_char};
pub use histogram::{Bin, Histogram, HistogramResponse};
pub use modal::{ModalResult, confirm, modal};
pub use named_list::{Named, NamedEvent, NamedList};
pub use paint::{CellStyle, cell_text, one_line, paint_hatch, paint_marker};
pub use pane_state::{Action, PaneState, PaneStateKind, failed_ui, stale_bar, working_ui};
pub use plot::plot;
pub use progress::{progress_bar, progress_row};
pub use reader::reading_text;
pub use rows::{RowClick, RowEvents, RowMove};
pub use scroll::{RowGeometry, RowScroll};
pub use select::select;
pub use span_text::{SpanText, SpanTextResponse, SpanTextState, TextMark, set_levels};
pub use table::{Sort, TableColumn, TableResponse, TableState, VirtualTable, header_text};
pub use toggle::{segmented, toggle};
pub use whisker::{Whisker, paint_whisker};

#[cfg(test)]
mod tests;
