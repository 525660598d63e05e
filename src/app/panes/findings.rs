//! The fix queue: what was found, by what settling it gains, and the keys that settle it.

use std::collections::BTreeSet;
use std::sync::Arc;

use eframe::egui;

use super::content;
use super::predictions::note;
use super::settling::{Bulk, group_of, pressed, preview_ui, settle, settle_group};
use super::why::{class_name, why};
use crate::app::act::Act;
use crate::app::keys::CommandId;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped};
use crate::app::theme::{self, Tokens, icons, radius, size, space};
use crate::app::widgets::{
    self, Action, Banner, Button, CellStyle, PaneState, PaneStateKind, TableColumn, TableState, Tone, VirtualTable,
};
use crate::clean::{Decision, Finder, Finding, FindingKind, Quality, Reason, findings};
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
    Outliers,
    /// Bad images or texts, whichever the items are.
    Issues,
}

impl Shown {
    fn holds(self, kind: FindingKind) -> bool {
        match Finder::from(kind) {
            Finder::LabelError => matches!(self, Self::All | Self::LabelErrors),
            Finder::Duplicate => matches!(self, Self::All | Self::Duplicates),
            Finder::Outlier => matches!(self, Self::All | Self::Outliers),
            Finder::Image | Finder::Text => matches!(self, Self::All | Self::Issues),
        }
    }

    /// What can be chosen: what was looked for.
    fn choices(quality: &Quality, strings: &'static Strings) -> Vec<(Self, &'static str)> {
        let mut choices = vec![
            (Self::All, strings.all),
            (Self::LabelErrors, strings.label_errors),
            (Self::Duplicates, strings.duplicates),
        ];
        choices.extend(quality.outliers.is_some().then_some((Self::Outliers, strings.outliers)));
        choices.extend(quality.images.is_some().then_some((Self::Issues, strings.image_issues)));
        choices.extend(quality.texts.is_some().then_some((Self::Issues, strings.text_issues)));
        choices
    }
}

/// The pane's own state.
#[derive(Default)]
pub struct FindingsPane {
    shown: Shown,
    table: TableState,
    /// The open findings, for the state they were gathered from.
    open: Vec<Finding>,
    /// How many there are of each kind, the most first.
    counts: Vec<(FindingKind, usize)>,
    gathered_from: Option<(Option<Fingerprint>, Fingerprint, usize, u8)>,
    at: usize,
    /// The findings selected, to be settled together.
    selected: BTreeSet<(u32, FindingKind)>,
    /// What shall be done with them, while the dialog shows what it would change.
    bulk: Option<Bulk>,
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
            if widgets::failed_ui(ui, error) {
                cx.act(Act::Look);
            }
            return;
        }
        let Some(found) = cx.live.findings.value().cloned() else {
            start_ui(ui, cx);
            return;
        };
        self.gather(cx, &found);
        self.head_ui(ui, cx, &found);
        if self.open.is_empty() {
            let nothing = cx.live.settlement().count() == 0;
            let what = if nothing { cx.strings.nothing_found } else { cx.strings.all_settled };
            let go = Action::primary(cx.strings.workspace_deliver);
            if PaneState::new(PaneStateKind::Empty, what).icon(icons::SEAL_CHECK).action(go).show(ui).is_some() {
                cx.act(Act::Go(crate::app::Workspace::Deliver));
            }
            return;
        }
        self.at = self.at.min(self.open.len() - 1);
        match self.bulk {
            Some(bulk) => {
                let selected = self.selected();
                if preview_ui(ui.ctx(), cx, &selected, bulk).is_some() {
                    self.bulk = None;
                }
            }
            None => self.keys(ui, cx),
        }
        self.bulk_ui(ui, cx);
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

impl FindingsPane {
    /// The findings that wait for a decision. Gathered again only when they or the decisions changed. What is excluded
    /// needs none.
    fn gather(&mut self, cx: &PaneCx<'_>, found: &Arc<Findings>) {
        let settlement = cx.live.settlement();
        let annotations = cx.session.annotations();
        let (excluded, out) = (annotations.excluded(), annotations.excluded_count());
        let from = (cx.live.findings.print(), settlement.fingerprint(), out, self.shown as u8);
        if self.gathered_from == Some(from) {
            return;
        }
        self.gathered_from = Some(from);
        let shown = self.shown;
        let is_open = |finding: &Finding| {
            let settled = settlement.is_settled(finding.kind.into(), finding.row);
            shown.holds(finding.kind) && !settled && excluded.get(finding.row as usize) != Some(&true)
        };
        self.open = findings(found.label_errors.as_deref().ok(), Some(&*found.duplicates), Some(&*found.quality))
            .into_iter()
            .filter(is_open)
            .collect();
        let there: BTreeSet<(u32, FindingKind)> = self.open.iter().map(|finding| (finding.row, finding.kind)).collect();
        self.selected.retain(|one| there.contains(one));
        let mut kinds: Vec<FindingKind> = self.open.iter().map(|finding| finding.kind).collect();
        kinds.sort_unstable();
        self.counts = kinds.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).collect();
        self.counts.sort_by_key(|(kind, count)| (std::cmp::Reverse(*count), *kind));
    }

    fn head_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &Findings) {
        let strings = cx.strings;
        let tokens = Tokens::of(ui);
        ui.horizontal_wrapped(|ui| {
            let choices = Shown::choices(&found.quality, strings);
            widgets::segmented(ui, strings.why_flagged, &mut self.shown, &choices);
            let settled = cx.live.settlement().count();
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
        if self.counts.len() > 1 {
            ui.horizontal_wrapped(|ui| {
                for (kind, count) in &self.counts {
                    let text = format!("{}  {}", strings.finding(*kind), grouped(*count as u64));
                    widgets::badge(ui, &text, Tone::Neutral);
                }
            });
        }
        if self.shown == Shown::Duplicates {
            keep_ui(ui, cx);
        }
        cut_ui(ui, cx, found);
        if let Some(reason) = &found.quality.no_outliers {
            note(ui, &strings.no_outliers(&strings.error_what(&Error::input(reason.clone()))));
        }
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

    /// The selected findings in their order.
    fn selected(&self) -> Vec<Finding> {
        self.open.iter().filter(|finding| self.selected.contains(&(finding.row, finding.kind))).copied().collect()
    }

    /// Settling many at once: a preview shows what would change.
    fn bulk_ui(&mut self, ui: &mut egui::Ui, cx: &PaneCx<'_>) {
        let strings = cx.strings;
        ui.horizontal_wrapped(|ui| {
            let all = self.open.iter().map(|finding| (finding.row, finding.kind));
            if Button::new(strings.select_shown).show(ui).clicked() {
                self.selected = all.collect();
            }
            if self.selected.is_empty() {
                return;
            }
            ui.label(egui::RichText::new(strings.findings_selected(self.selected.len() as u64)).font(theme::strong()));
            for (bulk, text) in [
                (Bulk::Keep, strings.keep_all),
                (Bulk::Suggestions, strings.take_suggestions),
                (Bulk::Exclude, strings.exclude),
            ] {
                let name = format!("{text}…");
                if Button::new(&name).show(ui).clicked() {
                    self.bulk = Some(bulk);
                }
            }
            if Button::new(strings.clear_selection).show(ui).clicked() {
                self.selected.clear();
            }
        });
        ui.add_space(space::XS);
    }

    /// A click with Ctrl adds a finding to the selection or takes it out; with Shift all up to it.
    fn select(&mut self, click: &widgets::RowClick) {
        let at = click.row as usize;
        if click.modifiers.shift {
            let (first, last) = (self.at.min(at), self.at.max(at));
            let rows = self.open.get(first..=last).unwrap_or_default();
            self.selected.extend(rows.iter().map(|finding| (finding.row, finding.kind)));
        } else if let Some(finding) = self.open.get(at).filter(|_| click.modifiers.command) {
            let one = (finding.row, finding.kind);
            if !self.selected.remove(&one) {
                self.selected.insert(one);
            }
        }
    }

    fn list_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let (strings, session) = (cx.strings, cx.session);
        let columns = [
            TableColumn::new(strings.why_flagged, 180.0),
            TableColumn::new(strings.given, 96.0),
            TableColumn::new(strings.suggested_label, 96.0),
            TableColumn::new(strings.row, 320.0),
        ];
        let open = &self.open;
        let chosen = |at: u64| open.get(at as usize).is_some_and(|f| self.selected.contains(&(f.row, f.kind)));
        let labels = session.annotations().labels();
        let given = session.given();
        let table = VirtualTable::new(egui::Id::unique("findings"), strings.to_settle, &columns, open.len() as u64)
            .focused(Some(self.at as u64))
            .selected(&chosen)
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
        if let Some(click) = &response.events.clicked {
            self.select(click);
        }
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
        if let Some(decision) = pressed(ui, cx, &finding) {
            return settle(cx, finding, decision);
        }
        let (down, up) = ui.input_mut(|input| {
            let mut key = |key| input.consume_key(egui::Modifiers::NONE, key);
            (key(egui::Key::N) | key(egui::Key::ArrowDown), key(egui::Key::ArrowUp))
        });
        if down {
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
                    self.more_ui(ui, cx, finding);
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
            _ => vec![("", finding.row)],
        };
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            for (title, row) in rows {
                content_ui(ui, cx, title, row);
            }
        });
    }
}

impl FindingsPane {
    /// What can be decided about a label or a group beside what can about every finding.
    fn more_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, finding: Finding) {
        let strings = cx.strings;
        if finding.kind == FindingKind::LabelError {
            if Button::new(strings.several_right).key("4").show(ui).clicked() {
                settle(cx, finding, Decision::SeveralRight);
            }
            if Button::new(strings.none_right).key("5").show(ui).clicked() {
                settle(cx, finding, Decision::NoneRight);
            }
            return;
        }
        let Some(group) = group_of(cx, &finding) else { return };
        let several = group.members.len() > 2;
        let labels: BTreeSet<&str> =
            group.members.iter().filter_map(|member| cx.session.standing(member.row)).collect();
        let classes: Vec<String> = labels.into_iter().map(str::to_owned).collect();
        if several && Button::new(strings.keep_one).show(ui).clicked() {
            settle_group(cx, finding, &Decision::Exclude);
        }
        if several && Button::new(strings.keep_all).show(ui).clicked() {
            settle_group(cx, finding, &Decision::Keep);
        }
        // Copies of different labels: one of these is wrong.
        for class in classes.iter().filter(|_| classes.len() > 1) {
            if Button::new(&strings.merge_labels(class)).show(ui).clicked() {
                settle_group(cx, finding, &Decision::Relabel(class.clone()));
            }
        }
    }
}

/// The rule by which one of several copies is kept.
fn keep_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
    let strings = cx.strings;
    ui.horizontal_wrapped(|ui| {
        ui.label(strings.keep_rule);
        let is_image = matches!(cx.session.content(), crate::project::Content::Image(_));
        let size = if is_image { ("largest", strings.keep_largest) } else { ("longest", strings.keep_longest) };
        let choices = [("labelled", strings.keep_labelled), size, ("earliest", strings.keep_earliest)];
        let now = cx.session.project().config.settings.keep.as_deref();
        // Longest and largest are one rule under two names.
        let same = |name: &str| now == Some(name) || (name == size.0 && matches!(now, Some("longest" | "largest")));
        let mut chosen = choices.iter().map(|(name, _)| *name).find(|name| same(name)).unwrap_or("labelled");
        if widgets::segmented(ui, strings.keep_rule, &mut chosen, &choices) {
            cx.act(Act::SetKeep(chosen));
        }
    });
}

/// Says that the cut was moved, and moves it back.
fn cut_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &Findings) {
    let (strings, tokens) = (cx.strings, Tokens::of(ui));
    let (Some(_), Ok(errors)) = (cx.session.project().config.settings.error_cut, &found.label_errors) else { return };
    ui.horizontal_wrapped(|ui| {
        ui.label(egui::RichText::new(strings.cut_moved(errors.count() as u64)).color(tokens.weak));
        if widgets::quiet_button(ui, &strings.cut_by_rule(found.by_rule as u64)).clicked() {
            cx.act(Act::SetCut(None));
        }
    });
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

fn label_in(ui: &egui::Ui, rect: egui::Rect, session: &crate::session::Session, class: Option<ClassIndex>) {
    if let Some(class) = class.and_then(|class| session.classes().get(class)) {
        widgets::paint_label_chip(ui, rect.left_center(), &class.name, usize::from(class.color), rect.width());
    }
}
