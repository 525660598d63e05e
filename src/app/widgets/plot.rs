//! The frame of every plot that is drawn with axes: quiet grid lines, and the pane's own ground.

use eframe::egui::Ui;
use egui_plot::Plot;

use crate::app::theme::Tokens;

/// A plot whose grid stands behind what it shows, in either theme. `id` sets it apart from others in the same pane.
#[must_use]
pub fn plot<'a>(ui: &Ui, id: &str) -> Plot<'a> {
    Plot::new(id).grid_color(Tokens::of(ui).border).show_background(false)
}
