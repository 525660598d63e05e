//! Review: what annotators said side by side, only where they differ, and the decision by one key.

use std::sync::Arc;

use eframe::egui;

use super::item::said_of;
use super::label::color_of;
use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped};
use crate::app::theme::{self, Tokens, size, space};
use crate::app::widgets::{self, Button, PaneState, PaneStateKind};
use crate::data::annotations::Annotation;
use crate::engine::Slot;
use crate::label::agreement::Interval;
use crate::label::{
    Answers, ClassIndex, Decide, DecideMarks, ItemMarks, Task, TaskKind, Voice, class_answers, mark_answers,
};
use crate::session::{ClassAgreementOf, MarkAgreementOf, class_values};

/// Answers with what follows from them, kept while the ledger stays as it is.
struct Seen<T> {
    /// The state of the ledger, and the task's name.
    of: (u64, String),
    answers: Arc<Answers<T>>,
    disputes: Vec<u32>,
    agreed: Vec<(u32, T)>,
}

impl<T: PartialEq + Clone> Seen<T> {
    /// The answers as they are kept, or made anew for another state or task.
    fn of(kept: &mut Option<Arc<Self>>, of: (u64, String), make: impl FnOnce() -> Answers<T>) -> Arc<Self> {
        if let Some(seen) = kept.as_ref().filter(|seen| seen.of == of) {
            return seen.clone();
        }
        let answers = make();
        let (disputes, agreed) = (answers.disputes(), answers.agreed());
        kept.insert(Arc::new(Self { of, answers: Arc::new(answers), disputes, agreed })).clone()
    }
}

/// The pane's own state.
#[derive(Default)]
pub struct Review {
    classes: Option<Arc<Seen<u16>>>,
    marks: Option<Arc<Seen<Arc<ItemMarks>>>>,
    class_agreement: Slot<ClassAgreementOf>,
    mark_agreement: Slot<MarkAgreementOf>,
    /// Also rows that were decided.
    all: bool,
    /// The classes stand in an order.
    ordered: bool,
}

impl Pane for Review {
    fn id(&self) -> &'static str {
        "review"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.review
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        *cx.takes_keys = true;
        match cx.task.cloned() {
            None => self.classes_ui(ui, cx),
            Some(task) => self.marks_ui(ui, cx, &task),
        }
    }
}

/// One row of the list: what each annotator said, and what holds.
struct Line {
    row: u32,
    said: Vec<Option<(String, usize)>>,
    holds: Option<(String, usize)>,
}

impl Review {
    fn classes_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let session = cx.session;
        let generation = session.project().ledger.generation();
        let seen = Seen::of(&mut self.classes, (generation, String::new()), || {
            class_answers(session.project().ledger.marks(), &session.dataset().ids, session.classes())
        });
        let answers = &seen.answers;
        if answers.annotators.len() < 2 {
            return nobody_else(ui, cx);
        }
        let seed = session.project().config.settings.seed;
        let classes = session.class_names().clone();
        let wanted = ClassAgreementOf { answers: answers.clone(), classes, seed, generation };
        self.class_agreement.want(wanted, session.cache(), cx.live.waker());
        *cx.busy |= self.class_agreement.running().is_some();
        if let Some(found) = self.class_agreement.value() {
            let agreement = &found.named;
            let measures = [
                (cx.strings.percent_agreement, agreement.percent),
                ("Krippendorff α", agreement.krippendorff_alpha),
                ("Fleiss κ", agreement.fleiss_kappa),
                ("Gwet AC1", agreement.gwet_ac1),
            ];
            let cohen = agreement.cohen_kappa.map(|kappa| ("Cohen κ", kappa));
            measures_ui(ui, cx, measures.into_iter().chain(cohen), agreement.paired_items);
            let numbers = class_values(session.class_names()).is_some();
            if session.classes().len() > 2 {
                widgets::toggle(ui, &mut self.ordered, cx.strings.classes_in_order);
            }
            if self.ordered && session.classes().len() > 2 {
                let ordered = &found.ordered;
                let value = numbers.then_some((cx.strings.alpha_interval, ordered.alpha_interval));
                let kappas = [
                    (cx.strings.kappa_linear, ordered.kappa_linear),
                    (cx.strings.kappa_quadratic, ordered.kappa_quadratic),
                ];
                let kappas = kappas.into_iter().filter_map(|(name, kappa)| Some((name, kappa?)));
                let measures = std::iter::once((cx.strings.alpha_ordinal, ordered.alpha_ordinal)).chain(value);
                measures_ui(ui, cx, measures.chain(kappas), agreement.paired_items);
            }
        }
        let name = |class: u16| session.class_names().get(usize::from(class)).cloned().unwrap_or_default();
        if self.head_ui(ui, cx, seen.agreed.len()) {
            let items =
                seen.agreed.iter().filter_map(|(row, class)| Some((session.item(*row).ok()?, name(*class)))).collect();
            cx.act(Act::Run(Box::new(Decide(items))));
        }
        let rows = self.rows(&seen.disputes, &answers.decided);
        let chip = |class: u16| (name(class), color_of(session.classes().get(ClassIndex(class))));
        let line = |row: u32| {
            let said = answers.rows.get(&row).map(|answers| answers.iter().map(|class| class.map(chip)).collect());
            let holds = session.annotations().labels().get(row as usize).and_then(|class| u16::try_from(*class).ok());
            Line { row, said: said.unwrap_or_default(), holds: holds.map(chip) }
        };
        if let Some((row, at)) = list_ui(ui, cx, &rows, &answers.annotators, line)
            && let Some(class) = answers.rows.get(&row).and_then(|answers| *answers.get(at)?)
            && let Ok(item) = session.item(row)
        {
            cx.act(Act::Run(Box::new(Decide(vec![(item, name(class))]))));
            go_on(cx, &rows, row);
        }
    }

    fn marks_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task) {
        let session = cx.session;
        let ledger = &session.project().ledger;
        let generation = ledger.generation();
        let seen = Seen::of(&mut self.marks, (generation, task.name.clone()), || {
            let ids = &session.dataset().ids;
            mark_answers(session.placed(), ledger.marks(), ids, &task.name, ledger.annotator())
        });
        let answers = &seen.answers;
        if answers.annotators.len() < 2 {
            return nobody_else(ui, cx);
        }
        let (kind, classes) = (task.kind, task.classes.names());
        let seed = session.project().config.settings.seed;
        let wanted =
            MarkAgreementOf { answers: answers.clone(), kind, classes, generation, task: task.name.clone(), seed };
        self.mark_agreement.want(wanted, session.cache(), cx.live.waker());
        *cx.busy |= self.mark_agreement.running().is_some();
        self.mark_measures_ui(ui, cx, kind);
        self.head_ui(ui, cx, 0);
        if let Some(said) = cx.focus.and_then(|row| answers.rows.get(&row)) {
            differences_ui(ui, task, &answers.annotators, said);
        }
        let rows = self.rows(&seen.disputes, &answers.decided);
        let chip = |marks: &Arc<ItemMarks>| (grouped(marks.marks.len() as u64), theme::CATEGORIES);
        let line = |row: u32| {
            let said =
                answers.rows.get(&row).map(|answers| answers.iter().map(|marks| marks.as_ref().map(chip)).collect());
            let holds = session.placed().of(&Voice::PROJECT, &task.name).get(row).map(chip);
            Line { row, said: said.unwrap_or_default(), holds }
        };
        if let Some((row, at)) = list_ui(ui, cx, &rows, &answers.annotators, line)
            && let Some(marks) = answers.rows.get(&row).and_then(|answers| answers.get(at)?.clone())
            && let Ok(item) = session.item(row)
        {
            cx.act(Act::Run(Box::new(DecideMarks { item, task: task.name.clone(), marks })));
            go_on(cx, &rows, row);
        }
    }

    fn mark_measures_ui(&self, ui: &mut egui::Ui, cx: &PaneCx<'_>, kind: TaskKind) {
        let Some(found) = self.mark_agreement.value() else { return };
        let (strings, of) = (cx.strings, &found.measures);
        let measures = match kind {
            TaskKind::Spans => vec![
                (strings.f1_exact, of.exact),
                (strings.f1_overlap, of.overlap),
                (strings.f1_letters, of.characters),
                (strings.same_class, of.same_class),
            ],
            TaskKind::Shapes | TaskKind::Keypoints => vec![
                (strings.f1_located, of.located),
                (strings.f1_classed, of.classed),
                (strings.mean_iou, of.iou),
                (strings.same_class, of.same_class),
            ],
            _ => Vec::new(),
        };
        measures_ui(ui, cx, measures, found.items);
    }

    /// What can be done for all. True if what all agree on should be taken.
    fn head_ui(&mut self, ui: &mut egui::Ui, cx: &PaneCx<'_>, agreed: usize) -> bool {
        let mut take = false;
        ui.horizontal(|ui| {
            let text = cx.strings.take_agreed(agreed as u64);
            take = agreed > 0 && Button::new(&text).show(ui).clicked();
            widgets::toggle(ui, &mut self.all, cx.strings.decided_too);
        });
        ui.add_space(space::S);
        take
    }

    fn rows(&self, disputes: &[u32], decided: &std::collections::BTreeSet<u32>) -> Vec<u32> {
        disputes.iter().copied().filter(|row| self.all || !decided.contains(row)).collect()
    }
}

/// Of the item that is looked at, what each annotator marked and not all others did.
fn differences_ui(ui: &mut egui::Ui, task: &Task, annotators: &[String], said: &[Option<Arc<ItemMarks>>]) {
    let tokens = Tokens::of(ui);
    let has = |marks: &ItemMarks, wanted: &Annotation| {
        marks.marks.values().any(|other| other.mark == wanted.mark && other.label == wanted.label)
    };
    egui::Panel::bottom("differences").frame(egui::Frame::NONE.inner_margin(space::XS)).resizable(false).show(
        ui,
        |ui| {
            for (name, own) in annotators.iter().zip(said) {
                let Some(own) = own else { continue };
                let all = |annotation: &Annotation| said.iter().flatten().all(|marks| has(marks, annotation));
                ui.horizontal_wrapped(|ui| {
                    ui.set_min_height(size::ROW);
                    ui.label(egui::RichText::new(name).font(theme::strong()).color(tokens.text));
                    for annotation in own.marks.values().filter(|annotation| !all(annotation)) {
                        let class = task.classes.named(&annotation.label);
                        let color = color_of(class);
                        widgets::label_chip(ui, &said_of(annotation), color);
                    }
                });
            }
        },
    );
}

fn nobody_else(ui: &mut egui::Ui, cx: &PaneCx<'_>) {
    PaneState::new(PaneStateKind::Empty, cx.strings.review_empty).why(cx.strings.review_empty_why).show(ui);
}

/// The dispute after this one comes next.
fn go_on(cx: &mut PaneCx<'_>, rows: &[u32], row: u32) {
    let after = rows.iter().position(|other| *other == row).and_then(|at| rows.get(at + 1).or_else(|| rows.first()));
    if let Some(next) = after.copied().filter(|next| *next != row) {
        cx.act(Act::Focus(next));
    }
}

fn measures_ui(
    ui: &mut egui::Ui,
    cx: &PaneCx<'_>,
    measures: impl IntoIterator<Item = (&'static str, Interval)>,
    items: usize,
) {
    let tokens = Tokens::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::L;
        for (name, measure) in measures {
            let Some(value) = measure.value else { continue };
            ui.vertical(|ui| {
                ui.label(egui::RichText::new(name).font(theme::caption()).color(tokens.weak));
                ui.label(egui::RichText::new(format!("{value:.3}")).font(theme::section()).color(tokens.text));
                let range = measure
                    .low
                    .zip(measure.high)
                    .map_or_else(String::new, |(low, high)| format!("{low:.3} – {high:.3}"));
                ui.label(egui::RichText::new(range).font(theme::caption()).color(tokens.weak));
            });
        }
        ui.label(egui::RichText::new(cx.strings.items_with_several(items as u64)).color(tokens.weak));
    });
    ui.add_space(space::S);
}

/// The disputes as lines. The row and annotator that were taken, by click or by the keys 1 to 9.
fn list_ui(
    ui: &mut egui::Ui,
    cx: &mut PaneCx<'_>,
    rows: &[u32],
    annotators: &[String],
    line: impl Fn(u32) -> Line,
) -> Option<(u32, usize)> {
    let tokens = Tokens::of(ui);
    if rows.is_empty() {
        PaneState::new(PaneStateKind::Empty, cx.strings.no_disputes).show(ui);
        return None;
    }
    let focus = cx.focus.filter(|row| rows.contains(row));
    if focus.is_none()
        && let Some(first) = rows.first()
    {
        cx.act(Act::Focus(*first));
    }
    let mut taken = None;
    if let (Some(row), Some(key)) = (focus, widgets::class_key(ui.ctx()).and_then(|key| key.to_digit(10))) {
        taken = (key as usize).checked_sub(1).filter(|at| *at < annotators.len()).map(|at| (row, at));
    }
    ui.horizontal(|ui| {
        for (at, name) in annotators.iter().enumerate() {
            widgets::key_cap(ui, &(at + 1).to_string());
            ui.label(egui::RichText::new(name).font(theme::strong()).color(tokens.text));
        }
        ui.label(egui::RichText::new(cx.strings.rows_count(rows.len() as u64)).color(tokens.weak));
    });
    ui.add_space(space::XS);
    let area = egui::ScrollArea::vertical().auto_shrink(false);
    area.show_rows(ui, size::ROW_ROOMY, rows.len(), |ui, range| {
        for &row in &rows[range] {
            let line = line(row);
            if let Some(at) = line_ui(ui, cx, &line, focus == Some(row)) {
                taken = Some((row, at));
            }
        }
    });
    taken
}

/// A line: its answers, what holds, and what the item is. The annotator whose answer was clicked.
fn line_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, line: &Line, focused: bool) -> Option<usize> {
    let tokens = Tokens::of(ui);
    let wanted = egui::vec2(ui.available_width(), size::ROW_ROOMY);
    let (rect, response) = ui.allocate_exact_size(wanted, egui::Sense::click());
    let about = cx.session.about(line.row).unwrap_or_else(|| cx.strings.row_number(u64::from(line.row)));
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Row, true, focused, &about));
    if focused || response.hovered() {
        ui.painter().rect_filled(rect, 2.0, if focused { tokens.selection } else { tokens.hover });
    }
    if response.clicked() {
        cx.act(Act::Focus(line.row));
    }
    let mut taken = None;
    let place =
        egui::UiBuilder::new().id_salt(("dispute", line.row)).max_rect(rect.shrink2(egui::vec2(space::XS, 2.0)));
    ui.scope_builder(place, |ui| {
        ui.horizontal_centered(|ui| {
            for (at, said) in line.said.iter().enumerate() {
                match said {
                    Some((text, color)) => {
                        if widgets::chip(ui, text, Some(*color), false).response.clicked() {
                            taken = Some(at);
                        }
                    }
                    None => _ = ui.label(egui::RichText::new("–").color(tokens.weak)),
                }
            }
            ui.label(egui::RichText::new("→").color(tokens.weak));
            match &line.holds {
                Some((text, color)) => _ = widgets::label_chip(ui, text, *color),
                None => _ = ui.label(egui::RichText::new(cx.strings.unlabelled).color(tokens.weak)),
            }
            ui.add(egui::Label::new(egui::RichText::new(&about).color(tokens.text)).truncate());
        });
    });
    taken
}
