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
use crate::engine::{Derived, Slot};
use crate::label::agreement::Interval;
use crate::label::{ClassIndex, Decide, DecideMarks, ItemMarks, Task, TaskKind, Voice};
use crate::session::{
    AnnotatorQuality, ClassAgreementOf, ClassAnswersOf, ClassConsensus, ClassConsensusOf, Gathered, MarkAgreementOf,
    MarkAnswersOf, class_values,
};

/// More annotators than this are not told apart by place and key: their answers are counted by class.
const APART: usize = 9;

/// From this probability the consensus is offered for all items at once.
const SURE: f64 = 0.9;

/// The width of the list of annotators.
const PEOPLE: f32 = 300.0;

/// The pane's own state.
#[derive(Default)]
pub struct Review {
    classes: Slot<ClassAnswersOf>,
    marks: Slot<MarkAnswersOf>,
    class_agreement: Slot<ClassAgreementOf>,
    mark_agreement: Slot<MarkAgreementOf>,
    consensus: Slot<ClassConsensusOf>,
    /// Also rows that were decided.
    all: bool,
    /// The classes stand in an order.
    ordered: bool,
    /// Shows how good each annotator is.
    people: bool,
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

/// One row of the list: what was said, and what holds.
struct Line {
    row: u32,
    /// What can be taken, by place; nothing where somebody did not answer.
    said: Vec<Option<(String, usize)>>,
    holds: Option<(String, usize)>,
    /// What all together say, and how sure that is.
    consensus: Option<(String, usize, f64)>,
}

/// What was taken of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    /// What stands at a place.
    At(usize),
    /// The consensus.
    Consensus,
}

impl Review {
    fn classes_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let session = cx.session;
        let project = session.project();
        let generation = project.ledger.generation();
        let (store, dataset, classes) = (project.store_path(), session.dataset().clone(), session.classes().clone());
        self.classes.want(ClassAnswersOf { store, dataset, classes, generation }, session.cache(), cx.live.waker());
        let Some(seen) = gathered_ui(ui, cx, &self.classes) else { return };
        let answers = &seen.answers;
        if answers.annotators.len() < 2 {
            return nobody_else(ui, cx);
        }
        self.class_measures_ui(ui, cx, &seen);
        let name = |class: u16| session.class_names().get(usize::from(class)).cloned().unwrap_or_default();
        let decide = |items: &mut dyn Iterator<Item = (u32, u16)>| {
            items.filter_map(|(row, class)| Some((session.item(row).ok()?, name(class)))).collect::<Vec<_>>()
        };
        let consensus = self.consensus.value().cloned().unwrap_or_default();
        if self.head_ui(ui, cx, seen.agreed.len()) {
            let items = decide(&mut seen.agreed.iter().copied());
            cx.act(Act::Run(Box::new(Decide(items))));
        }
        if self.consensus_ui(ui, cx, &seen, &consensus) {
            let items = decide(&mut sure(&seen, &consensus));
            cx.act(Act::Run(Box::new(Decide(items))));
        }
        if self.people {
            people_ui(ui, cx, &answers.annotators, &consensus);
        }
        let rows = seen.open(self.all);
        let chip = |class: u16| (name(class), color_of(session.classes().get(ClassIndex(class))));
        let crowd = answers.annotators.len() > APART;
        let line = |row: u32| {
            let given = answers.rows.get(&row).map_or(&[][..], Vec::as_slice);
            let said = if crowd {
                counted(given, session.classes().len())
                    .into_iter()
                    .enumerate()
                    .map(|(class, count)| {
                        let (name, color) = chip(class as u16);
                        (count > 0).then(|| (format!("{name} ×{count}"), color))
                    })
                    .collect()
            } else {
                given.iter().map(|class| class.map(chip)).collect()
            };
            let holds = session.annotations().labels().get(row as usize).and_then(|class| u16::try_from(*class).ok());
            let consensus = consensus.rows.get(&row).map(|(class, share)| {
                let (name, color) = chip(*class);
                (name, color, *share)
            });
            Line { row, said, holds: holds.map(chip), consensus }
        };
        let places: Vec<String> = if crowd { session.class_names().to_vec() } else { answers.annotators.clone() };
        if let Some((row, taken)) = list_ui(ui, cx, &rows, &places, line) {
            let class = match taken {
                Taken::Consensus => consensus.rows.get(&row).map(|(class, _)| *class),
                Taken::At(class) if crowd => u16::try_from(class).ok(),
                Taken::At(at) => answers.rows.get(&row).and_then(|answers| *answers.get(at)?),
            };
            if let (Some(class), Ok(item)) = (class, session.item(row)) {
                cx.act(Act::Run(Box::new(Decide(vec![(item, name(class))]))));
                go_on(cx, &rows, row);
            }
        }
    }

    /// How far annotators agree.
    fn class_measures_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, seen: &Gathered<u16>) {
        let session = cx.session;
        let (answers, generation) = (seen.answers.clone(), seen.generation);
        let seed = session.project().config.settings.seed;
        let classes = session.class_names().clone();
        let together = ClassConsensusOf { answers: answers.clone(), classes: classes.len(), seed, generation };
        self.consensus.want(together, session.cache(), cx.live.waker());
        let wanted = ClassAgreementOf { answers, classes, seed, generation };
        self.class_agreement.want(wanted, session.cache(), cx.live.waker());
        *cx.busy |= self.class_agreement.running().is_some() || self.consensus.running().is_some();
        let Some(found) = self.class_agreement.value() else { return };
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

    /// What all together say, and how good each of them is. True if what is sure should be taken.
    fn consensus_ui(
        &mut self,
        ui: &mut egui::Ui,
        cx: &PaneCx<'_>,
        seen: &Gathered<u16>,
        consensus: &ClassConsensus,
    ) -> bool {
        let mut take = false;
        ui.horizontal_wrapped(|ui| {
            let count = sure(seen, consensus).count();
            let text = cx.strings.take_consensus(count as u64, SURE);
            let button = Button::new(&text).enabled(count > 0).show(ui).on_hover_text(cx.strings.consensus_why);
            take = button.clicked();
            widgets::toggle(ui, &mut self.people, cx.strings.annotators);
        });
        ui.add_space(space::S);
        take
    }

    fn marks_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task) {
        let session = cx.session;
        let ledger = &session.project().ledger;
        let wanted = MarkAnswersOf {
            store: session.project().store_path(),
            dataset: session.dataset().clone(),
            placed: session.placed().clone(),
            task: task.name.clone(),
            own: ledger.annotator().to_owned(),
            generation: ledger.generation(),
        };
        self.marks.want(wanted, session.cache(), cx.live.waker());
        let Some(seen) = gathered_ui(ui, cx, &self.marks) else { return };
        let answers = &seen.answers;
        if answers.annotators.len() < 2 {
            return nobody_else(ui, cx);
        }
        let (kind, classes) = (task.kind, task.classes.names());
        let (seed, generation) = (session.project().config.settings.seed, seen.generation);
        let wanted =
            MarkAgreementOf { answers: answers.clone(), kind, classes, generation, task: task.name.clone(), seed };
        self.mark_agreement.want(wanted, session.cache(), cx.live.waker());
        *cx.busy |= self.mark_agreement.running().is_some();
        self.mark_measures_ui(ui, cx, kind);
        self.head_ui(ui, cx, 0);
        if let Some(said) = cx.focus.and_then(|row| answers.rows.get(&row)) {
            differences_ui(ui, task, &answers.annotators, said);
        }
        let rows = seen.open(self.all);
        let chip = |marks: &Arc<ItemMarks>| (grouped(marks.marks.len() as u64), theme::CATEGORIES);
        let line = |row: u32| {
            let said =
                answers.rows.get(&row).map(|answers| answers.iter().map(|marks| marks.as_ref().map(chip)).collect());
            let holds = session.placed().of(&Voice::PROJECT, &task.name).get(row).map(chip);
            Line { row, said: said.unwrap_or_default(), holds, consensus: None }
        };
        if let Some((row, Taken::At(at))) = list_ui(ui, cx, &rows, &answers.annotators, line)
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
}

/// What was gathered last; says that it is being gathered where there is nothing yet.
fn gathered_ui<D: Derived>(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, slot: &Slot<D>) -> Option<Arc<D::Output>> {
    *cx.busy |= slot.running().is_some();
    if let Some(error) = slot.error() {
        widgets::Banner::of_error(error, cx.strings).show(ui);
    } else if slot.value().is_none() {
        PaneState::new(PaneStateKind::Empty, cx.strings.working).show(ui);
    }
    slot.value().cloned()
}

/// Open rows that two or more answered, with the class that all together say where that is sure.
fn sure(seen: &Gathered<u16>, consensus: &ClassConsensus) -> impl Iterator<Item = (u32, u16)> {
    let several = |row: &u32| seen.answers.rows.get(row).is_some_and(|given| given.iter().flatten().nth(1).is_some());
    let rows = consensus.rows.iter().filter(|(_, (_, share))| *share >= SURE);
    rows.filter(move |(row, _)| several(row) && !seen.answers.decided.contains(row))
        .map(|(row, (class, _))| (*row, *class))
}

/// How many gave each class.
fn counted(given: &[Option<u16>], classes: usize) -> Vec<usize> {
    let mut counts = vec![0; classes];
    for class in given.iter().flatten() {
        if let Some(count) = counts.get_mut(usize::from(*class)) {
            *count += 1;
        }
    }
    counts
}

/// How good each annotator is, those first whose answers are least likely right.
fn people_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, names: &[String], consensus: &ClassConsensus) {
    let (strings, tokens) = (cx.strings, Tokens::of(ui));
    let mut order: Vec<(&String, &AnnotatorQuality)> = names.iter().zip(&consensus.annotators).collect();
    let quality = |judged: &AnnotatorQuality| judged.quality.unwrap_or(f64::INFINITY);
    order.sort_by(|a, b| quality(a.1).total_cmp(&quality(b.1)));
    let cells = |ui: &mut egui::Ui, texts: [&str; 4], head: bool| {
        let width = ui.available_width();
        let (rect, _) = ui.allocate_exact_size(egui::vec2(width, size::ROW), egui::Sense::hover());
        // The name has two fifths, each figure a fifth.
        for (at, text) in texts.into_iter().enumerate() {
            let left = if at == 0 { 0.0 } else { 0.2 + 0.2 * at as f32 };
            let share = if at == 0 { 0.4 } else { 0.2 };
            let place = egui::Rect::from_min_size(
                rect.min + egui::vec2(left * width, 0.0),
                egui::vec2(share * width - space::XS, size::ROW),
            );
            let style = match at {
                _ if head => widgets::CellStyle::Weak,
                0 => widgets::CellStyle::Text,
                _ => widgets::CellStyle::Number,
            };
            widgets::cell_text(ui, place, text, style);
        }
    };
    egui::Panel::right("annotators").default_size(PEOPLE).frame(egui::Frame::NONE.inner_margin(space::S)).show(
        ui,
        |ui| {
            ui.label(egui::RichText::new(strings.annotators).font(theme::strong()).color(tokens.text));
            ui.label(egui::RichText::new(strings.quality_why).font(theme::caption()).color(tokens.weak));
            cells(ui, ["", strings.items_answered, strings.quality, strings.with_consensus], true);
            let share =
                |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |share| format!("{:.0} %", share * 100.0));
            let area = egui::ScrollArea::vertical().auto_shrink(false);
            area.show_rows(ui, size::ROW, order.len(), |ui, range| {
                for (name, judged) in &order[range] {
                    let (items, quality) = (grouped(judged.items as u64), share(judged.quality));
                    cells(ui, [name, &items, &quality, &share(judged.agreement)], false);
                }
            });
        },
    );
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

/// The disputes as lines. The row and what was taken of it: by click, by the keys 1 to 9, or the consensus by Enter.
fn list_ui(
    ui: &mut egui::Ui,
    cx: &mut PaneCx<'_>,
    rows: &[u32],
    annotators: &[String],
    line: impl Fn(u32) -> Line,
) -> Option<(u32, Taken)> {
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
        taken = (key as usize).checked_sub(1).filter(|at| *at < annotators.len()).map(|at| (row, Taken::At(at)));
    }
    let enter = || ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Enter));
    if let Some(row) = focus
        && !ui.ctx().egui_wants_keyboard_input()
        && line(row).consensus.is_some()
        && enter()
    {
        taken = Some((row, Taken::Consensus));
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
            if let Some(what) = line_ui(ui, cx, &line, focus == Some(row)) {
                taken = Some((row, what));
            }
        }
    });
    taken
}

/// A line: its answers, what holds, and what the item is. What was clicked.
fn line_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, line: &Line, focused: bool) -> Option<Taken> {
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
                            taken = Some(Taken::At(at));
                        }
                    }
                    None => _ = ui.label(egui::RichText::new("–").color(tokens.weak)),
                }
            }
            if let Some((name, color, share)) = &line.consensus {
                if focused {
                    widgets::key_cap(ui, "Enter");
                }
                let text = format!("{name} · {:.0} %", share * 100.0);
                let response = widgets::chip(ui, &text, Some(*color), false).response;
                if response.on_hover_text(cx.strings.consensus).clicked() {
                    taken = Some(Taken::Consensus);
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
