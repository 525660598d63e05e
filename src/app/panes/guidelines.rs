//! The guidelines beside the work, as they stand in `guidelines.md`.

use std::sync::Arc;

use eframe::egui;

use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::Strings;
use crate::app::theme::{self, Tokens, icons, space};
use crate::app::widgets::{Button, PaneState, PaneStateKind};
use crate::data::Values;
use crate::data::view::{Chip, View};
use crate::session::Followed;

/// The pane's own state.
#[derive(Default)]
pub struct Guidelines {
    file: Followed,
    /// The version, and the text that it is of.
    version: Option<Arc<str>>,
    of: Option<Arc<str>>,
}

/// The layer of labels that were given under an older version.
const OLD: &str = "guideline_old";

impl Pane for Guidelines {
    fn id(&self) -> &'static str {
        "guidelines"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.guidelines
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        self.file.follow(cx.session.project().folder().join("guidelines.md"));
        let text = self.file.text().and_then(|text| text.as_ref().ok()).cloned().unwrap_or_default();
        if text.trim().is_empty() {
            let path = self.file.path().display().to_string();
            PaneState::new(PaneStateKind::Empty, cx.strings.guidelines_empty).why(&path).show(ui);
            return;
        }
        ui.horizontal_wrapped(|ui| {
            if Button::new(cx.strings.add_case).icon(icons::PLUS).show(ui).clicked() {
                cx.act(Act::AddCase);
            }
            self.version_ui(ui, cx);
        });
        ui.add_space(space::S);
        let scroll = egui::ScrollArea::vertical().auto_shrink(false);
        scroll.show(ui, |ui| text.lines().for_each(|line| line_ui(ui, line)));
    }
}

impl Guidelines {
    /// The version that labels are stamped with, and those that were given under another one.
    fn version_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let text = self.file.text().and_then(|text| text.as_ref().ok()).cloned();
        let same = self.of.as_ref().zip(text.as_ref()).is_some_and(|(of, text)| Arc::ptr_eq(of, text));
        if !same {
            (self.of, self.version) = (text, cx.session.guideline());
        }
        let Some(version) = &self.version else { return };
        let tokens = Tokens::of(ui);
        let text = format!("{} {version}", cx.strings.guideline_version);
        ui.label(egui::RichText::new(text).font(theme::caption()).color(tokens.weak));
        let old = cx.live.layers().and_then(|layers| layers.frame.get(OLD));
        let count = old.map_or(0, |column| match column.values() {
            Values::Bool(values) => values.true_count(),
            _ => 0,
        });
        let text = cx.strings.labelled_before(count as u64);
        if count > 0 && Button::new(&text).show(ui).clicked() {
            let filters = vec![Chip::new(OLD)];
            cx.act(Act::SetView(View { filters, ..View::default() }));
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
