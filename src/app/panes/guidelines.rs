//! The guidelines beside the work, as they stand in `guidelines.md`.

use eframe::egui;

use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::Strings;
use crate::app::theme::{self, Tokens, icons, space};
use crate::app::widgets::{Button, PaneState, PaneStateKind};
use crate::session::Followed;

/// The pane's own state.
#[derive(Default)]
pub struct Guidelines {
    file: Followed,
}

impl Pane for Guidelines {
    fn id(&self) -> &'static str {
        "guidelines"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.guidelines
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        self.file.follow(cx.session.project().folder().join("guidelines.md"));
        let text = self.file.text().and_then(|text| text.as_deref().ok()).unwrap_or_default();
        if text.trim().is_empty() {
            let path = self.file.path().display().to_string();
            PaneState::new(PaneStateKind::Empty, cx.strings.guidelines_empty).why(&path).show(ui);
            return;
        }
        if Button::new(cx.strings.add_case).icon(icons::PLUS).show(ui).clicked() {
            cx.act(Act::AddCase);
        }
        ui.add_space(space::S);
        let scroll = egui::ScrollArea::vertical().auto_shrink(false);
        scroll.show(ui, |ui| text.lines().for_each(|line| line_ui(ui, line)));
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
