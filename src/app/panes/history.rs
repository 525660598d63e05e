//! What was done, by whom and when, the newest first.

use eframe::egui;

use crate::app::act::Act;
use crate::app::keys::CommandId;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::Strings;
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{Action, Button, PaneState, PaneStateKind};
use crate::project::{Cause, HistoryEntry};

/// The pane has no state of its own.
#[derive(Default)]
pub struct History;

impl Pane for History {
    fn id(&self) -> &'static str {
        "history"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.history
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        let ledger = &cx.session.project().ledger;
        let history = ledger.history();
        if history.is_empty() {
            let go = Action::primary(strings.workspace_label);
            let state =
                PaneState::new(PaneStateKind::Empty, strings.history_empty).why(strings.history_empty_why).action(go);
            if state.show(ui).is_some() {
                cx.act(Act::Go(crate::app::Workspace::Label));
            }
            return;
        }
        ui.horizontal(|ui| {
            let undo = Button::new(strings.undo).icon(icons::ARROW_COUNTER_CLOCKWISE).key("Ctrl+Z");
            if undo.enabled(ledger.can_undo().is_some()).show(ui).clicked() {
                cx.act(Act::Command(CommandId::Undo));
            }
            let redo = Button::new(strings.redo).icon(icons::ARROW_CLOCKWISE).key("Ctrl+Shift+Z");
            if redo.enabled(ledger.can_redo().is_some()).show(ui).clicked() {
                cx.act(Act::Command(CommandId::Redo));
            }
        });
        ui.add_space(space::S);
        let area = egui::ScrollArea::vertical().auto_shrink(false);
        area.show_rows(ui, size::ROW, history.len(), |ui, range| {
            for entry in range.filter_map(|at| history.len().checked_sub(at + 1).and_then(|at| history.get(at))) {
                entry_ui(ui, entry, strings);
            }
        });
    }
}

fn entry_ui(ui: &mut egui::Ui, entry: &HistoryEntry, strings: &'static Strings) {
    let tokens = Tokens::of(ui);
    ui.horizontal(|ui| {
        ui.set_height(size::ROW - ui.spacing().item_spacing.y);
        let time = chrono::DateTime::from_timestamp_micros(entry.time)
            .map_or_else(String::new, |time| time.with_timezone(&chrono::Local).format("%m-%d %H:%M:%S").to_string());
        ui.label(egui::RichText::new(time).font(theme::small_mono()).color(tokens.weak));
        let act = strings.act(&entry.name, entry.items as u64);
        let (text, color) = match entry.cause {
            Cause::Do => (act, tokens.text),
            Cause::Undo(_) => (strings.undid(&act), tokens.weak),
            Cause::Redo(_) => (strings.redid(&act), tokens.weak),
        };
        ui.label(egui::RichText::new(text).color(color));
        ui.label(egui::RichText::new(&entry.annotator).font(theme::caption()).color(tokens.weak));
    });
}
