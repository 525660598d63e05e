//! The guidelines beside the work, as they stand in `guidelines.md`.

use std::path::PathBuf;
use std::time::{Instant, SystemTime};

use eframe::egui;

use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::Strings;
use crate::app::theme::{self, Tokens, space};
use crate::app::widgets::{PaneState, PaneStateKind};
use crate::engine::files;

/// The file as it was last read. It is looked at again once a second, so that an editor beside can be used.
#[derive(Default)]
pub struct Guidelines {
    path: PathBuf,
    looked: Option<Instant>,
    changed: Option<SystemTime>,
    text: String,
}

impl Pane for Guidelines {
    fn id(&self) -> &'static str {
        "guidelines"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.guidelines
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        self.follow(cx.session.project().folder().join("guidelines.md"));
        if self.text.trim().is_empty() {
            let path = self.path.display().to_string();
            PaneState::new(PaneStateKind::Empty, cx.strings.guidelines_empty).why(&path).show(ui);
            return;
        }
        egui::ScrollArea::vertical()
            .auto_shrink(false)
            .show(ui, |ui| self.text.lines().for_each(|line| line_ui(ui, line)));
    }
}

impl Guidelines {
    fn follow(&mut self, path: PathBuf) {
        if self.path == path && self.looked.is_some_and(|at| at.elapsed().as_secs() < 1) {
            return;
        }
        self.looked = Some(Instant::now());
        let changed = std::fs::metadata(&path).and_then(|meta| meta.modified()).ok();
        if self.path != path || self.changed != changed {
            self.text = files::read_text(&path).unwrap_or_default();
            (self.path, self.changed) = (path, changed);
        }
    }
}

/// Headings, lists and plain lines are what guidelines are made of.
fn line_ui(ui: &mut egui::Ui, line: &str) {
    let tokens = Tokens::of(ui);
    let text = |text: &str, font| egui::RichText::new(text.replace(['*', '`'], "")).font(font).color(tokens.text);
    if let Some(title) = line.strip_prefix("# ") {
        ui.label(text(title, theme::page()));
    } else if let Some(title) = line.strip_prefix("## ").or_else(|| line.strip_prefix("### ")) {
        ui.add_space(space::S);
        ui.label(text(title, theme::section()));
    } else if let Some(point) = line.strip_prefix("- ") {
        ui.horizontal_wrapped(|ui| ui.label(text(&format!("•  {point}"), theme::body())));
    } else if line.trim().is_empty() {
        ui.add_space(space::XS);
    } else {
        ui.label(text(line, theme::body()));
    }
}
