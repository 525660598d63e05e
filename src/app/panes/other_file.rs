//! Choosing another table to compare the data with: a path that is typed, or a file from the system's dialog.

use std::path::{Path, PathBuf};

use eframe::egui;

use crate::app::pane::PaneCx;
use crate::app::theme::icons;
use crate::app::widgets::{self, Banner, Button, Field};
use crate::engine::{Error, Job};
use crate::session::OtherTable;

/// The width of the field of a path.
const PATH: f32 = 200.0;

/// A table outside of the project, as it is being chosen.
#[derive(Default)]
pub(super) struct OtherFile {
    typed: String,
    chosen: Option<OtherTable>,
    error: Option<Error>,
    /// The system's dialog, on a thread of its own: some desktops take seconds.
    dialog: Option<Job<Option<PathBuf>>>,
}

impl OtherFile {
    /// The table that was chosen, as it stood then.
    pub fn chosen(&self) -> Option<&OtherTable> {
        self.chosen.as_ref()
    }

    /// The field and its buttons, in a line.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &PaneCx<'_>) {
        let strings = cx.strings;
        if let Some(answer) = self.dialog.as_ref().and_then(Job::take) {
            self.dialog = None;
            if let Ok(Some(path)) = answer {
                self.typed = path.display().to_string();
                self.take(cx);
            }
        }
        let field = Field::new(strings.other_file).hint(strings.other_file).hide_label().width(PATH);
        let field = field.show(ui, &mut self.typed);
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        if widgets::icon_button(ui, icons::FOLDER_OPEN, strings.choose_file, None).clicked() && self.dialog.is_none() {
            let ask = |_: &crate::engine::Work| Ok(rfd::FileDialog::new().pick_file());
            self.dialog = Some(Job::spawn("file dialog", cx.live.waker().clone(), ask));
        }
        let ready = !self.typed.trim().is_empty();
        let clicked = Button::new(strings.compare).enabled(ready).show(ui).clicked();
        if ready && (clicked || entered) {
            self.take(cx);
        }
        if self.chosen.is_some() && widgets::icon_button(ui, icons::X, strings.compare_no_more, None).clicked() {
            *self = Self::default();
        }
    }

    /// Why the last path could not be taken.
    pub fn error_ui(&self, ui: &mut egui::Ui, cx: &PaneCx<'_>) {
        if let Some(error) = &self.error {
            Banner::of_error(error, cx.strings).show(ui);
        }
    }

    fn take(&mut self, cx: &PaneCx<'_>) {
        match OtherTable::at(cx.session, Path::new(self.typed.trim())) {
            Ok(table) => (self.chosen, self.error) = (Some(table), None),
            Err(error) => (self.chosen, self.error) = (None, Some(error)),
        }
    }
}
