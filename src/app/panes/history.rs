//! What was done, by whom and when, the newest first; and the way back to any point of it.

use eframe::egui;

use crate::app::act::Act;
use crate::app::keymap::key_of;
use crate::app::keys::CommandId;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::Strings;
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{self, Action, Button, PaneState, PaneStateKind};
use crate::project::{Cause, HistoryEntry, Stretch, StretchKind, Stretches};

/// The width of the column of times.
const TIMES: f32 = 132.0;

/// The pane's own state.
#[derive(Default)]
pub struct History {
    stretches: Stretches,
    /// Every step by itself.
    steps: bool,
}

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
        self.stretches.follow(history);
        let (undo_key, redo_key) = (key_of(ui, CommandId::Undo), key_of(ui, CommandId::Redo));
        ui.horizontal(|ui| {
            let undo = Button::new(strings.undo).icon(icons::ARROW_COUNTER_CLOCKWISE).key(&undo_key);
            if undo.enabled(ledger.can_undo().is_some()).show(ui).clicked() {
                cx.act(Act::Command(CommandId::Undo));
            }
            let redo = Button::new(strings.redo).icon(icons::ARROW_CLOCKWISE).key(&redo_key);
            if redo.enabled(ledger.can_redo().is_some()).show(ui).clicked() {
                cx.act(Act::Command(CommandId::Redo));
            }
            widgets::toggle(ui, &mut self.steps, strings.every_step);
        });
        ui.add_space(space::S);
        let last = history.last().map(|entry| entry.gesture);
        let stretches = self.stretches.all();
        let count = if self.steps { history.len() } else { stretches.len() };
        let area = egui::ScrollArea::vertical().auto_shrink(false);
        area.show_rows(ui, size::ROW, count, |ui, range| {
            for at in range.filter_map(|at| count.checked_sub(at + 1)) {
                let line = if self.steps {
                    history.get(at).map(|entry| Line::of_entry(entry, strings))
                } else {
                    stretches.get(at).map(|stretch| Line::of_stretch(stretch, strings))
                };
                if let Some(line) = line
                    && line_ui(ui, &line, last != Some(line.gesture), strings)
                {
                    cx.act(Act::Restore(line.gesture));
                }
            }
        });
    }
}

/// A line of the history.
struct Line {
    time: String,
    text: String,
    /// It was taken back or done again.
    weak: bool,
    gesture: i64,
}

impl Line {
    fn of_entry(entry: &HistoryEntry, strings: &'static Strings) -> Self {
        let did = strings.did(&entry.annotator, &entry.name, entry.items as u64);
        let text = match entry.cause {
            Cause::Do => did,
            Cause::Undo(_) => strings.undid(&did),
            Cause::Redo(_) => strings.redid(&did),
        };
        let weak = entry.cause != Cause::Do;
        Self { time: clock(entry.time, "%m-%d %H:%M:%S"), text, weak, gesture: entry.gesture }
    }

    fn of_stretch(stretch: &Stretch, strings: &'static Strings) -> Self {
        let did = strings.did(&stretch.annotator, &stretch.name, stretch.items as u64);
        let text = match stretch.kind {
            StretchKind::Done => did,
            StretchKind::Undone => strings.undid(&did),
            StretchKind::Redone => strings.redid(&did),
        };
        let (from, to) = (clock(stretch.time.0, "%m-%d %H:%M"), clock(stretch.time.1, "%H:%M"));
        let time = if from.ends_with(&to) { from } else { format!("{from}–{to}") };
        Self { time, text, weak: stretch.kind != StretchKind::Done, gesture: stretch.gesture }
    }
}

/// A time of the store as the clock on the wall shows it.
fn clock(time: i64, form: &str) -> String {
    let time = chrono::DateTime::from_timestamp_micros(time);
    time.map_or_else(String::new, |time| time.with_timezone(&chrono::Local).format(form).to_string())
}

/// Draws a line. True if its state should come back.
fn line_ui(ui: &mut egui::Ui, line: &Line, restorable: bool, strings: &'static Strings) -> bool {
    let tokens = Tokens::of(ui);
    let mut back = false;
    let height = size::ROW - ui.spacing().item_spacing.y;
    let (rect, response) = ui.allocate_exact_size(egui::vec2(ui.available_width(), height), egui::Sense::hover());
    let hovered = ui.rect_contains_pointer(rect);
    if hovered {
        ui.painter().rect_filled(rect, 2.0, tokens.hover);
    }
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Row, true, &line.text));
    let place = egui::UiBuilder::new().id_salt(("history", line.gesture)).max_rect(rect);
    ui.scope_builder(place, |ui| {
        ui.horizontal_centered(|ui| {
            ui.scope(|ui| {
                ui.set_width(TIMES);
                ui.label(egui::RichText::new(&line.time).font(theme::small_mono()).color(tokens.weak));
            });
            let color = if line.weak { tokens.weak } else { tokens.text };
            ui.add(egui::Label::new(egui::RichText::new(&line.text).color(color)).truncate());
            if restorable && hovered {
                let button = Button::new(strings.back_to_here).icon(icons::CLOCK_COUNTER_CLOCKWISE);
                back = button.show(ui).on_hover_text(strings.back_to_here_why).clicked();
            }
        });
    });
    back
}
