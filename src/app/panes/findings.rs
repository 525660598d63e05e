//! The fix queue: what was found, by what settling it gains, and the keys that settle it.

use std::sync::Arc;

use eframe::egui;

use super::content;
use crate::app::act::Act;
use crate::app::keys::CommandId;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped};
use crate::app::theme::{self, Tokens, icons, radius, size, space};
use crate::app::widgets::{
    self, Action, Banner, Button, CellStyle, PaneState, PaneStateKind, TableColumn, TableState, Tone, VirtualTable,
};
use crate::clean::{Decision, Finder, Finding, FindingKind, Reason, Settle, findings};
use crate::engine::{Error, Fingerprint};
use crate::label::ClassIndex;
use crate::session::Findings;

/// Which findings are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Shown {
    #[default]
    All,
    LabelErrors,
    Duplicates,
}

/// The pane's own state.
#[derive(Default)]
pub struct FindingsPane {
    shown: Shown,
    table: TableState,
    /// The open findings, for the state they were gathered from.
    open: Vec<Finding>,
    gathered_from: Option<(Option<Fingerprint>, Fingerprint, u8)>,
    at: usize,
}

impl Pane for FindingsPane {
    fn id(&self) -> &'static str {
        "findings"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.to_settle
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        if let Some(error) = cx.live.findings.error() {
            failed_ui(ui, cx, &error.clone());
            return;
        }
        let Some(found) = cx.live.findings.value().cloned() else {
            start_ui(ui, cx);
            return;
        };
        self.gather(cx, &found);
        self.head_ui(ui, cx, &found);
        if self.open.is_empty() {
            let nothing =
                cx.live.settlement().count(Finder::LabelError) + cx.live.settlement().count(Finder::Duplicate) == 0;
            let what = if nothing { cx.strings.nothing_found } else { cx.strings.all_settled };
            let go = Action::primary(cx.strings.workspace_deliver);
            if PaneState::new(PaneStateKind::Empty, what).icon(icons::SEAL_CHECK).action(go).show(ui).is_some() {
                cx.act(Act::Go(crate::app::Workspace::Deliver));
            }
            return;
        }
        self.at = self.at.min(self.open.len() - 1);
        self.keys(ui, cx);
        egui::Panel::bottom("finding")
            .frame(egui::Frame::NONE.inner_margin(egui::Margin { top: space::S as i8, ..egui::Margin::ZERO }))
            .resizable(true)
            .default_size(260.0)
            .size_range(180.0..=480.0)
            .show(ui, |ui| self.detail_ui(ui, cx));
        egui::CentralPanel::default().frame(egui::Frame::NONE).show(ui, |ui| self.list_ui(ui, cx));
    }
}

fn start_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
    let strings = cx.strings;
    if let Some(work) = cx.live.findings.running() {
        let progress = work.progress();
        let cancel = Action::new(strings.cancel);
        let state = PaneState::new(PaneStateKind::Working, strings.finding_problems).progress(&progress).action(cancel);
        if state.show(ui).is_some() {
            work.cancel();
        }
        ui.ctx().request_repaint_after(std::time::Duration::from_millis(100));
        return;
    }
    let start = Action::primary(strings.find_problems).icon(icons::BROOM);
    let state = PaneState::new(PaneStateKind::NeedsInput, strings.find_problems_what).why(strings.find_problems_why);
    if state.action(start).show(ui).is_some() {
        cx.act(Act::Command(CommandId::Look));
    }
}

fn failed_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, error: &Error) {
    let what = if error.is_cancelled() { cx.strings.cancelled.to_owned() } else { cx.strings.error(error) };
    let state = PaneState::new(PaneStateKind::Failed, &what).why(cx.strings.advice(error).unwrap_or_default());
    if state.action(Action::primary(cx.strings.retry)).show(ui).is_some() {
        cx.act(Act::Look);
    }
}

impl FindingsPane {
    /// The findings that wait for a decision. Gathered again only when they or the decisions changed.
    fn gather(&mut self, cx: &PaneCx<'_>, found: &Arc<Findings>) {
        let settlement = cx.live.settlement();
        let from = (cx.live.findings.print(), settlement.fingerprint(), self.shown as u8);
        if self.gathered_from == Some(from) {
            return;
        }
        self.gathered_from = Some(from);
        let shown = self.shown;
        let wanted = |finding: &Finding| match shown {
            Shown::All => true,
            Shown::LabelErrors => finding.kind == FindingKind::LabelError,
            Shown::Duplicates => finding.kind != FindingKind::LabelError,
        };
        self.open = findings(found.label_errors.as_ref().ok(), Some(&found.duplicates))
            .into_iter()
            .filter(|finding| wanted(finding) && !settlement.is_settled(finding.kind.into(), finding.row))
            .collect();
    }

    fn head_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &Findings) {
        let strings = cx.strings;
        let tokens = Tokens::of(ui);
        ui.horizontal(|ui| {
            let choices = [
                (Shown::All, strings.all),
                (Shown::LabelErrors, strings.label_errors),
                (Shown::Duplicates, strings.duplicates),
            ];
            widgets::segmented(ui, strings.why_flagged, &mut self.shown, &choices);
            let settled =
                cx.live.settlement().count(Finder::LabelError) + cx.live.settlement().count(Finder::Duplicate);
            let open = format!("{} {}", grouped(self.open.len() as u64), strings.to_settle);
            ui.label(egui::RichText::new(open).font(theme::strong()));
            ui.label(
                egui::RichText::new(format!("{} {}", grouped(settled as u64), strings.settled)).color(tokens.weak),
            );
            if let Some(accuracy) = found.cv_accuracy {
                let text = format!("{} {}", strings.accuracy_cross_validated, crate::app::strings::percent(accuracy));
                ui.label(egui::RichText::new(text).color(tokens.weak));
            }
        });
        if let Err(reason) = &found.label_errors {
            Banner::new(Tone::Info, strings.no_label_errors_why).details(reason).show(ui);
        }
        if cx.live.findings_stale() {
            match cx.live.findings.running() {
                Some(work) => _ = widgets::progress_row(ui, &work.progress(), false),
                None if widgets::stale_bar(ui, strings.stale_findings) => cx.act(Act::Look),
                None => {}
            }
        }
        ui.add_space(space::S);
    }

    fn list_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let (strings, session) = (cx.strings, cx.session);
        let columns = [
            TableColumn::new(strings.why_flagged, 130.0),
            TableColumn::new(strings.given, 96.0),
            TableColumn::new(strings.suggested_label, 96.0),
            TableColumn::new(strings.row, 320.0),
        ];
        let open = &self.open;
        let labels = session.annotations().labels();
        let given = session.given();
        let table = VirtualTable::new(egui::Id::unique("findings"), strings.to_settle, &columns, open.len() as u64)
            .focused(Some(self.at as u64))
            .row_height(size::ROW);
        let response = table.show(
            ui,
            &mut self.table,
            |ui, column, rect| widgets::header_text(ui, rect, &columns[column].name, CellStyle::Text, None),
            |ui, at, column, rect| {
                let Some(finding) = open.get(at as usize) else { return };
                let row = finding.row as usize;
                match column {
                    0 => widgets::cell_text(ui, rect, strings.finding(finding.kind), CellStyle::default()),
                    1 => {
                        let hand = labels[row];
                        let label = if hand >= 0 { hand } else { given.map_or(-1, |given| given[row]) };
                        label_in(ui, rect, session, u16::try_from(label).ok().map(ClassIndex));
                    }
                    2 => label_in(ui, rect, session, finding.suggestion),
                    _ => {
                        let text = session.content_column().and_then(|column| column.show(row)).unwrap_or_default();
                        widgets::cell_text(ui, rect, &text, CellStyle::default());
                    }
                }
            },
        );
        let clicked = response.events.clicked.map(|click| click.row).or(response.events.moved.map(|moved| moved.row));
        if let Some(at) = clicked {
            self.at = at as usize;
        }
        if let Some(finding) = self.open.get(self.at)
            && cx.focus != Some(finding.row)
        {
            cx.act(Act::Focus(finding.row));
        }
    }

    fn keys(&mut self, ui: &egui::Ui, cx: &mut PaneCx<'_>) {
        if ui.ctx().text_edit_focused() {
            return;
        }
        let Some(finding) = self.open.get(self.at).copied() else { return };
        let none = egui::Modifiers::NONE;
        let (keep, relabel, exclude, down, up) = ui.input_mut(|input| {
            (
                input.consume_key(none, egui::Key::Num1),
                input.consume_key(none, egui::Key::Num2) || input.consume_key(none, egui::Key::Enter),
                input.consume_key(none, egui::Key::Num3),
                input.consume_key(none, egui::Key::N) || input.consume_key(none, egui::Key::ArrowDown),
                input.consume_key(none, egui::Key::ArrowUp),
            )
        });
        if keep {
            settle(cx, finding, Decision::Keep);
        } else if let (true, Some(class)) = (relabel, class_name(cx, finding.suggestion)) {
            settle(cx, finding, Decision::Relabel(class));
        } else if exclude {
            settle(cx, finding, Decision::Exclude);
        } else if down {
            self.go((self.at + 1).min(self.open.len() - 1));
        } else if up {
            self.go(self.at.saturating_sub(1));
        }
    }

    fn go(&mut self, at: usize) {
        self.at = at;
        self.table.reveal(at as u64);
    }

    fn detail_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let Some(finding) = self.open.get(self.at).copied() else { return };
        let (strings, session) = (cx.strings, cx.session);
        let tokens = Tokens::of(ui);
        ui.label(egui::RichText::new(why(cx, finding)).color(tokens.text));
        ui.add_space(space::S);
        egui::Panel::bottom("decision").frame(egui::Frame::NONE).show_separator_line(false).resizable(false).show(
            ui,
            |ui| {
                ui.add_space(space::S);
                ui.horizontal_wrapped(|ui| {
                    if Button::new(strings.keep).icon(icons::CHECK).key("1").show(ui).clicked() {
                        settle(cx, finding, Decision::Keep);
                    }
                    if let Some(class) = class_name(cx, finding.suggestion) {
                        let text = strings.relabel_to(&class);
                        if Button::new(&text).kind(widgets::ButtonKind::Primary).key("2").show(ui).clicked() {
                            settle(cx, finding, Decision::Relabel(class));
                        }
                    }
                    if Button::new(strings.exclude).icon(icons::PROHIBIT).key("3").show(ui).clicked() {
                        settle(cx, finding, Decision::Exclude);
                    }
                    if Button::new(strings.skip).icon(icons::SKIP_FORWARD).key("N").show(ui).clicked() {
                        self.go((self.at + 1).min(self.open.len().saturating_sub(1)));
                    }
                    if finding.kind == FindingKind::LabelError && session.classes().len() > 2 {
                        ui.separator();
                        for class in session.classes().iter() {
                            if widgets::class_button(ui, &class.name, usize::from(class.color), None, false).clicked() {
                                settle(cx, finding, Decision::Relabel(class.name.clone()));
                            }
                        }
                    }
                });
            },
        );
        let rows = match finding.reason {
            Reason::Duplicate { kept, .. } => vec![(strings.kept_copy, kept), (strings.this_copy, finding.row)],
            Reason::Label { .. } => vec![("", finding.row)],
        };
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            for (title, row) in rows {
                content_ui(ui, cx, title, row);
            }
        });
    }
}

fn content_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, title: &str, row: u32) {
    let tokens = Tokens::of(ui);
    if !title.is_empty() {
        let title = format!("{title}  ·  {}", cx.strings.row_number(u64::from(row)));
        ui.label(egui::RichText::new(title).font(theme::caption()).color(tokens.weak));
    }
    let frame = egui::Frame::NONE.fill(tokens.sunken).corner_radius(radius::CARD).inner_margin(space::M);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        content::content_ui(ui, cx, "findings", row, 140.0);
    });
    ui.add_space(space::XS);
}

fn settle(cx: &mut PaneCx<'_>, finding: Finding, decision: Decision) {
    let Ok(item) = cx.session.item(finding.row) else { return };
    let suggestion = class_name(cx, finding.suggestion);
    let evidence = serde_json::json!({ "kind": finding.kind.name(), "score": finding.score, "suggestion": suggestion });
    let command = Settle { items: vec![item], finder: finding.kind.into(), decision, evidence: Some(evidence) };
    cx.act(Act::Run(Box::new(command)));
}

fn class_name(cx: &PaneCx<'_>, class: Option<ClassIndex>) -> Option<String> {
    cx.session.classes().get(class?).map(|class| class.name.clone())
}

fn label_in(ui: &egui::Ui, rect: egui::Rect, session: &crate::session::Session, class: Option<ClassIndex>) {
    if let Some(class) = class.and_then(|class| session.classes().get(class)) {
        widgets::paint_label_chip(ui, rect.left_center(), &class.name, usize::from(class.color), rect.width());
    }
}

/// Why a row was found, as a sentence.
fn why(cx: &PaneCx<'_>, finding: Finding) -> String {
    let strings = cx.strings;
    match finding.reason {
        Reason::Label { given, suggested, margin, .. } => {
            let row = finding.row as usize;
            let hand = cx.session.annotations().labels()[row];
            let label = if hand >= 0 { hand } else { cx.session.given().map_or(-1, |given| given[row]) };
            let name = |class| class_name(cx, class).unwrap_or_default();
            let label = name(u16::try_from(label).ok().map(ClassIndex));
            strings.why_label_error(&name(Some(suggested)), given + margin, &label, given)
        }
        Reason::Duplicate { kept, similarity, conflict, .. } => {
            let mut text = if finding.kind == FindingKind::ExactDuplicate {
                strings.why_exact_duplicate(u64::from(kept))
            } else {
                strings.why_near_duplicate(f64::from(similarity), u64::from(kept))
            };
            if conflict {
                text = format!("{text}. {}", strings.labels_differ);
            }
            text
        }
    }
}
