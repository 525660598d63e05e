//! The functions' statistics: for each what it votes for, how much it covers, overlaps and conflicts, how often it is
//! right, and what an edit changed; or the same class by class; over all rows, those in view, or a saved view. Click a figure, and the view shows the rows behind it; click a name, and the editor
//! goes to it.

use std::sync::Arc;

use eframe::egui;

use super::facets::toggled_of;
use super::functions_classes;
use crate::app::act::Act;
use crate::app::keys::CommandId;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped, percent};
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{
    self, Button, ButtonKind, CellStyle, PaneState, PaneStateKind, TableColumn, TableState, VirtualTable,
};
use crate::data::Row;
use crate::data::filter::{quote_name, quote_text};
use crate::data::view::{self, Chip, Origin, Selection};
use crate::engine::Slot;
use crate::label::ClassIndex;
use crate::session::{
    ChangesOf, DISAGREEMENT, MatrixOf, Part, VOTE_COUNT, VoteChanges, VoteMatrix, VotesOutcome, Within, WithinOf,
};
use crate::weak::analysis::{Analysis, FunctionAnalysis, labels_to_decide};
use crate::weak::changes::FunctionChange;
use crate::weak::{Meaning, Shades};

/// The pane's own state.
#[derive(Default)]
pub struct Functions {
    table: TableState,
    matrix: Slot<MatrixOf>,
    changes: Slot<ChangesOf>,
    within: Where,
    by_class: bool,
    figures: Slot<WithinOf>,
}

/// The rows that figures are of.
#[derive(Debug, Clone, Default, PartialEq)]
enum Where {
    #[default]
    All,
    View,
    Saved(String),
}

/// A function that is right less often than this is hardly worth keeping, more often surely is.
const USEFUL: f64 = 0.7;

/// The columns of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Figure {
    Name,
    Polarity,
    Coverage,
    Unique,
    Overlaps,
    Conflicts,
    Accuracy,
    Estimated,
    SinceSaved,
}

impl Figure {
    const ALL: [Self; 9] = [
        Self::Name,
        Self::Polarity,
        Self::Coverage,
        Self::Unique,
        Self::Overlaps,
        Self::Conflicts,
        Self::Accuracy,
        Self::Estimated,
        Self::SinceSaved,
    ];

    /// Title, width, and what it means.
    fn head(self, strings: &Strings) -> (&'static str, f32, &'static str) {
        match self {
            Self::Name => (strings.function, 138.0, strings.function_help),
            Self::Polarity => (strings.polarity, 74.0, strings.polarity_help),
            Self::Coverage => (strings.coverage, 76.0, strings.coverage_help),
            Self::Unique => (strings.unique_coverage, 56.0, strings.unique_help),
            Self::Overlaps => (strings.overlaps, 70.0, strings.overlaps_help),
            Self::Conflicts => (strings.conflicts, 72.0, strings.conflicts_help),
            Self::Accuracy => (strings.accuracy, 176.0, strings.accuracy_help),
            Self::Estimated => (strings.estimated, 80.0, strings.estimated_help),
            Self::SinceSaved => (strings.since_saved, 92.0, strings.since_saved_help),
        }
    }

    fn style(self) -> CellStyle {
        match self {
            Self::Name | Self::Polarity | Self::Accuracy => CellStyle::Text,
            _ => CellStyle::Number,
        }
    }
}

/// What is known of the functions beside their analysis, where it is known already.
struct Known {
    matrix: Option<Arc<VoteMatrix>>,
    changes: Option<Arc<VoteChanges>>,
}

impl Known {
    fn estimated(&self, at: usize, all: usize) -> Option<f64> {
        let matrix = self.matrix.as_ref().filter(|matrix| matrix.estimated.len() == all)?;
        matrix.estimated.get(at).copied().flatten()
    }

    fn change(&self, name: &str) -> Option<&FunctionChange> {
        self.changes.as_ref()?.functions.iter().find(|change| change.name == name)
    }
}

impl Pane for Functions {
    fn id(&self) -> &'static str {
        "functions"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.functions
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        let Some(votes) = cx.live.votes.value().cloned() else {
            if let Some(error) = cx.live.votes.error() {
                PaneState::new(PaneStateKind::Failed, &cx.strings.error(error))
                    .why(cx.strings.advice(error).unwrap_or_default())
                    .show(ui);
            }
            return;
        };
        if votes.functions.is_empty() {
            let suggest = widgets::Action::primary(strings.new_function_from).icon(icons::SPARKLE);
            let state = PaneState::new(PaneStateKind::Empty, strings.functions_empty).why(strings.functions_none);
            if state.action(suggest).show(ui).is_some() {
                cx.act(Act::Command(CommandId::NewFunction));
            }
            return;
        }
        let within = self.figures(cx, &votes);
        let dim = cx.live.votes.running().is_some() || self.figures.running().is_some();
        let analysis = within.as_ref().map_or(&votes.analysis, |within| &within.analysis);
        self.whole_ui(ui, cx, analysis);
        ui.add_space(space::S);
        if let Some(error) = self.figures.error().filter(|_| within.is_none() && self.within != Where::All) {
            let why = strings.advice(error).unwrap_or_default();
            PaneState::new(PaneStateKind::Failed, &strings.error(error)).why(why).show(ui);
            return;
        }
        if let Some(within) = within.as_ref().filter(|_| self.by_class) {
            let sql = functions_classes::show(ui, cx, &mut self.table, (&votes, within), dim);
            if let Some(sql) = sql.map(|sql| self.narrowed(cx, sql)) {
                cx.act(Act::SetView(toggled_of(cx.view, origin(), sql, false)));
            }
            return;
        }
        let known = if self.within == Where::All { self.known(cx) } else { Known { matrix: None, changes: None } };
        self.table_ui(ui, cx, &votes, (analysis, &known), dim);
    }
}

impl Functions {
    /// The figures that were asked for, as far as they are there; `None` where those of the votes will do.
    fn figures(&mut self, cx: &mut PaneCx<'_>, votes: &Arc<VotesOutcome>) -> Option<Arc<Within>> {
        if self.within == Where::All && !self.by_class {
            return None;
        }
        let basis = cx.live.basis().cloned()?;
        let part = match &self.within {
            Where::All => Part::All,
            Where::View => {
                let snapshot = cx.live.snapshot()?;
                let own = |part| matches!(part, view::Part::Filter(at) if snapshot.view.filters.get(at).is_some_and(|chip| chip.origin == origin()));
                Part::Rows(snapshot.mask_without(own))
            }
            Where::Saved(name) => {
                let Some(saved) = cx.session.views().iter().find(|saved| saved.name == *name).cloned() else {
                    self.within = Where::All;
                    return None;
                };
                let (layers, print) = cx.live.layers.value().cloned().zip(cx.live.layers.print())?;
                Part::Saved(saved, layers, print)
            }
        };
        // While votes are renewed, the rows in view are still those of the last ones.
        if cx.live.votes.running().is_none()
            && let Some(print) = cx.live.votes.print()
        {
            let wanted = WithinOf { basis, votes: (votes.clone(), print), part };
            self.figures.want(wanted, cx.session.cache(), cx.live.waker());
        }
        *cx.busy |= self.figures.running().is_some();
        let fits = |within: &&Arc<Within>| within.analysis.functions.len() == votes.functions.len();
        self.figures.value().filter(fits).cloned()
    }

    /// The rows that figures are of, and the figures of all functions together. Each leads to its rows.
    fn whole_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, analysis: &Analysis) {
        let strings = cx.strings;
        let mut wanted = None;
        ui.horizontal_wrapped(|ui| {
            let mut choices = vec![(Where::All, strings.scope_all), (Where::View, strings.in_view)];
            choices
                .extend(cx.session.views().iter().map(|saved| (Where::Saved(saved.name.clone()), saved.name.as_str())));
            let id = egui::Id::unique("figures within");
            widgets::select(ui, id, strings.figures_within, &mut self.within, &choices, 120.0);
            widgets::toggle(ui, &mut self.by_class, strings.by_class);
            for (name, share, condition) in [
                (strings.covered, analysis.covered, format!("{VOTE_COUNT} > 0")),
                (strings.overlapped, analysis.overlapped, format!("{VOTE_COUNT} > 1")),
                (strings.conflicted, analysis.conflicted, format!("{DISAGREEMENT} > 0")),
            ] {
                if widgets::quiet_button(ui, &format!("{name}  {}", percent(share))).clicked() {
                    wanted = Some(self.narrowed(cx, condition));
                }
            }
            for bar in if self.within == Where::All { class_bars(cx) } else { Vec::new() } {
                if widgets::quiet_button(ui, &format!("{}  {}", bar.0, grouped(bar.1))).clicked() {
                    wanted = Some(bar.2);
                }
            }
            let judged = analysis.gold_rows.unwrap_or(0);
            let text = if cx.session.has_gold() {
                strings.judged_by_gold(judged as u64)
            } else {
                strings.judged_by_hand(judged as u64)
            };
            let text = egui::RichText::new(text).font(theme::caption()).color(Tokens::of(ui).weak);
            ui.add(egui::Label::new(text).extend());
            let label = Button::new(strings.where_to_label).icon(icons::CROSSHAIR).kind(ButtonKind::Quiet);
            if label.show(ui).on_hover_text(strings.label_for_functions).clicked() {
                cx.act(Act::Command(CommandId::LabelForFunctions));
            }
        });
        if let Some(condition) = wanted {
            cx.act(Act::SetView(toggled_of(cx.view, origin(), condition, false)));
        }
    }

    /// A condition, within the saved view that figures are of.
    fn narrowed(&self, cx: &PaneCx<'_>, condition: String) -> String {
        let Where::Saved(name) = &self.within else { return condition };
        let saved = cx.session.views().iter().find(|saved| saved.name == *name);
        match saved.and_then(|saved| saved.view.expression()) {
            Some(expression) => format!("({expression}) AND {condition}"),
            None => condition,
        }
    }
}

/// The column of known labels, with whether it is text.
pub(super) fn gold_column<'c>(cx: &'c PaneCx<'_>) -> Option<(&'c str, bool)> {
    let gold = cx.session.project().config.data.gold.as_deref()?;
    let column = cx.session.dataset().frame.get(gold)?;
    Some((gold, column.strings().is_some()))
}

/// The known label of a row, as an expression: people's, else that of the column.
pub(super) fn known_label(gold: Option<(&str, bool)>) -> String {
    match gold {
        Some((name, true)) => format!("COALESCE(label_hand, {})", quote_name(name)),
        Some((name, false)) => format!("COALESCE(label_hand, CAST({} AS TEXT))", quote_name(name)),
        None => "label_hand".to_owned(),
    }
}

/// Name, rows and condition of each class that the label model gives, from the description of its layer.
fn class_bars(cx: &PaneCx<'_>) -> Vec<(String, u64, String)> {
    let summaries = cx.live.whole.value().map(|whole| whole.as_slice()).unwrap_or_default();
    let summary = summaries.iter().find(|summary| summary.name == "weak_label");
    let bars = summary.map(|summary| summary.bars()).unwrap_or_default();
    let classes = cx.session.classes();
    let of_class = bars.into_iter().filter(|bar| classes.index(&bar.label).is_some());
    of_class.map(|bar| (bar.label.clone(), bar.count as u64, bar.sql.clone())).collect()
}

fn origin() -> Origin {
    Origin::Pane("functions".to_owned())
}

impl Functions {
    /// Asks for what takes longer than the analysis, and gives what is there.
    fn known(&mut self, cx: &mut PaneCx<'_>) -> Known {
        let Some(basis) = cx.live.basis().cloned() else { return Known { matrix: None, changes: None } };
        if let Some(model) = cx.live.model.value().cloned().zip(cx.live.model.print())
            && cx.live.model.running().is_none()
        {
            self.matrix.want(MatrixOf { basis: basis.clone(), model }, cx.session.cache(), cx.live.waker());
        }
        let files = cx.session.functions.files();
        let changes = files.iter().any(crate::session::LfFile::is_dirty).then(|| {
            let (before, after) = (cx.session.functions.saved_sources(), basis.sources.clone());
            if cx.live.votes.running().is_none() {
                let wanted = ChangesOf { basis: basis.clone(), before, after };
                self.changes.want(wanted, cx.session.cache(), cx.live.waker());
            }
            self.changes.value().cloned()
        });
        *cx.busy |= self.matrix.running().is_some() || self.changes.running().is_some();
        Known { matrix: self.matrix.value().cloned(), changes: changes.flatten() }
    }

    fn table_ui(
        &mut self,
        ui: &mut egui::Ui,
        cx: &mut PaneCx<'_>,
        votes: &VotesOutcome,
        (analysis, known): (&Analysis, &Known),
        dim: bool,
    ) {
        let strings = cx.strings;
        let columns = Figure::ALL.map(|figure| {
            let (name, width, _) = figure.head(strings);
            TableColumn::new(name, width)
        });
        let functions = &analysis.functions;
        let name = |row: u64| functions.get(row as usize).map_or_else(String::new, |function| function.name.clone());
        let id = egui::Id::unique("function figures");
        let table = VirtualTable::new(id, strings.functions, &columns, functions.len() as u64)
            .frozen(1)
            .row_height(size::ROW)
            .row_name(&name);
        let session = cx.session;
        let response = table.show(
            ui,
            &mut self.table,
            |ui, column, rect| {
                let figure = Figure::ALL[column];
                let (name, _, help) = figure.head(strings);
                widgets::header_text(ui, rect, name, figure.style(), None);
                let id = egui::Id::unique(("figure help", column));
                ui.interact(rect, id, egui::Sense::hover()).on_hover_text(help);
            },
            |ui, row, column, rect| {
                let Some(function) = functions.get(row as usize) else { return };
                let text = if dim { CellStyle::Weak } else { CellStyle::Text };
                match Figure::ALL[column] {
                    Figure::Name => widgets::cell_text(ui, rect, &function.name, CellStyle::Code),
                    Figure::Polarity => {
                        polarity(ui, rect, session, (function, votes.votes.shades(row as usize)), strings);
                    }
                    Figure::Coverage => widgets::cell_text(ui, rect, &percent(function.coverage), CellStyle::Number),
                    Figure::Unique => widgets::cell_text(ui, rect, &percent(function.unique), CellStyle::Number),
                    Figure::Overlaps => widgets::cell_text(ui, rect, &percent(function.overlaps), CellStyle::Number),
                    Figure::Conflicts => widgets::cell_text(ui, rect, &percent(function.conflicts), CellStyle::Number),
                    Figure::Accuracy => widgets::cell_text(ui, rect, &accuracy(function, strings), text),
                    Figure::Estimated => {
                        let share = known.estimated(row as usize, functions.len());
                        let shown = share.map_or_else(|| "–".to_owned(), |share| format!("≈ {}", percent(share)));
                        widgets::cell_text(ui, rect, &shown, CellStyle::Number);
                    }
                    Figure::SinceSaved => {
                        let change = known.change(&function.name).map(|change| grouped(change.rows()));
                        widgets::cell_text(ui, rect, change.as_deref().unwrap_or("–"), CellStyle::Number);
                    }
                }
            },
        );
        if let Some((row, _, hovered)) = response.hovered
            && let Some(function) = functions.get(row as usize)
        {
            let about = about(function, known, row as usize, functions.len(), strings);
            hovered.on_hover_text_at_pointer(about);
        }
        let clicked = response.events.clicked.map(|click| (click.row, click.column.unwrap_or(0)));
        if let Some((row, column)) = clicked.or(response.events.activated.map(|row| (row, 2)))
            && let Some(function) = functions.get(row as usize)
        {
            self.open(cx, votes, function, Figure::ALL[column.min(Figure::ALL.len() - 1)], known);
        }
    }

    /// Goes to a function in the editor, or shows the rows behind a figure.
    fn open(
        &self,
        cx: &mut PaneCx<'_>,
        votes: &VotesOutcome,
        function: &FunctionAnalysis,
        figure: Figure,
        known: &Known,
    ) {
        if figure == Figure::Name
            && let Some(info) = votes.functions.iter().find(|info| info.name == function.name)
        {
            cx.act(Act::ShowLine(info.file.clone(), info.line));
            return;
        }
        if figure == Figure::SinceSaved
            && let Some(change) = known.change(&function.name)
        {
            let dataset = cx.session.dataset();
            let items: Selection = change.examples.iter().filter_map(|&row| dataset.id(Row(row))).collect();
            let chip = Chip::of_items(items, cx.strings.changed_by(&function.name), "functions");
            let mut view = cx.view.clone();
            view.filters.retain(|other| other.origin != origin());
            view.filters.push(chip);
            cx.act(Act::SetView(view));
            return;
        }
        let at = votes.functions.iter().position(|info| info.name == function.name);
        let shades = at.and_then(|at| votes.votes.shades(at));
        let partial = partial_votes(shades.map_or(&[], |shades| shades.meanings()), cx.session.class_names());
        let sql = self.narrowed(cx, rows_behind(function, figure, gold_column(cx), &partial));
        cx.act(Act::SetView(toggled_of(cx.view, origin(), sql, false)));
    }
}

/// Votes that name several classes: as they are shown, and the classes.
fn partial_votes(meanings: &[Meaning], classes: &[String]) -> Vec<(String, Vec<String>)> {
    let several = meanings.iter().filter(|meaning| meaning.classes().len() > 1);
    let names = |meaning: &Meaning| {
        meaning.classes().iter().filter_map(|class| classes.get(usize::from(*class)).cloned()).collect()
    };
    let mut partial: Vec<_> = several.map(|meaning| (meaning.show(classes), names(meaning))).collect();
    partial.dedup();
    partial
}

/// The filter that shows the rows behind a figure; wrong votes behind an accuracy. `gold` is the column of known labels,
/// with whether it is text; `partial` are votes that name several classes.
fn rows_behind(
    function: &FunctionAnalysis,
    figure: Figure,
    gold: Option<(&str, bool)>,
    partial: &[(String, Vec<String>)],
) -> String {
    let vote = quote_name(&format!("vote_{}", function.name));
    match figure {
        Figure::Unique => format!("{vote} IS NOT NULL AND {VOTE_COUNT} = 1"),
        Figure::Overlaps => format!("{vote} IS NOT NULL AND {VOTE_COUNT} > 1"),
        Figure::Conflicts => format!("{vote} IS NOT NULL AND {DISAGREEMENT} > 0"),
        Figure::Accuracy if function.accuracy.is_some() => {
            let known = known_label(gold);
            if partial.is_empty() {
                return format!("{vote} <> {known}");
            }
            let list = |texts: &mut dyn Iterator<Item = &String>| {
                texts.map(|text| quote_text(text)).collect::<Vec<_>>().join(", ")
            };
            let shown = list(&mut partial.iter().map(|(shown, _)| shown));
            let plain = format!("({vote} <> {known} AND {vote} NOT IN ({shown}))");
            let wrong = partial.iter().map(|(shown, classes)| {
                format!("({vote} = {} AND {known} NOT IN ({}))", quote_text(shown), list(&mut classes.iter()))
            });
            format!("({})", std::iter::once(plain).chain(wrong).collect::<Vec<_>>().join(" OR "))
        }
        _ => format!("{vote} IS NOT NULL"),
    }
}

/// All that is known of a function, in lines.
fn about(function: &FunctionAnalysis, known: &Known, at: usize, all: usize, strings: &Strings) -> String {
    let mut lines = vec![function.name.clone(), strings.rows_count(function.votes)];
    let figures = [
        (strings.unique_coverage, function.unique),
        (strings.overlaps, function.overlaps),
        (strings.conflicts, function.conflicts),
    ];
    lines.push(figures.map(|(name, share)| format!("{name} {}", percent(share))).join("  ·  "));
    // Refinery counts overlaps and conflicts among the rows that a function votes on.
    if function.coverage > 0.0 {
        let of_votes = |share: f64| percent(share / function.coverage);
        lines.push(strings.of_its_votes(&of_votes(function.overlaps), &of_votes(function.conflicts)));
    }
    lines.push(format!("{}: {}", strings.accuracy, accuracy(function, strings)));
    let judged = function.correct.unwrap_or(0) + function.incorrect.unwrap_or(0);
    if let Some(more) = labels_to_decide(function.correct.unwrap_or(0), judged, USEFUL).filter(|more| *more > 0) {
        lines.push(strings.labels_until(more, USEFUL));
    }
    if let Some(share) = known.estimated(at, all) {
        lines.push(format!("{}: ≈ {}", strings.estimated, percent(share)));
    }
    if let Some(change) = known.change(&function.name) {
        lines.push(strings.vote_change(change.gained, change.lost, change.flipped));
    }
    lines.join("\n")
}

/// What a function votes for: its classes, and in words what is not one class.
fn polarity(
    ui: &egui::Ui,
    rect: egui::Rect,
    session: &crate::session::Session,
    (function, shades): (&FunctionAnalysis, Option<&Arc<Shades>>),
    strings: &Strings,
) {
    let mut left = rect.left();
    for &class in &function.polarity {
        let Some(class) = session.classes().get(ClassIndex(class)) else { continue };
        let at = egui::pos2(left, rect.center().y);
        let drawn = widgets::paint_label_chip(ui, at, &class.name, usize::from(class.color), rect.right() - left);
        left = drawn.right() + space::XS;
        if left > rect.right() - 24.0 {
            return;
        }
    }
    let meanings =
        shades.map_or(&[][..], |shades| shades.meanings()).iter().filter(|meaning| meaning.classes().len() > 1);
    let mut shown: Vec<String> = meanings.map(|meaning| strings.meaning(meaning, session.class_names())).collect();
    shown.dedup();
    if !shown.is_empty() {
        shown.truncate(4);
        widgets::cell_text(ui, rect.with_min_x(left), &shown.join(", "), CellStyle::Text);
    }
}

/// Accuracy with its interval, or how many labels are missing to tell whether the function is useful.
fn accuracy(function: &FunctionAnalysis, strings: &Strings) -> String {
    let (Some(share), Some(low), Some(high)) = (function.accuracy, function.accuracy_low, function.accuracy_high)
    else {
        return strings.needs_hand_labels.to_owned();
    };
    let judged = function.correct.unwrap_or(0) + function.incorrect.unwrap_or(0);
    let interval = format!("{}  ({} – {}, {})", percent(share), percent(low), percent(high), grouped(judged));
    if low > USEFUL || high < USEFUL {
        return interval;
    }
    match labels_to_decide(function.correct.unwrap_or(0), judged, USEFUL) {
        Some(more) if more > 0 => format!("{interval}  {}", strings.more_labels(more)),
        _ => interval,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weak::{VoteColumn, Votes};

    fn function() -> FunctionAnalysis {
        let column = VoteColumn { name: "lf_a".into(), votes: vec![0].into() };
        let votes = Votes::new(1, 2, vec![column]).unwrap();
        let analysis = Analysis::of(&votes, Some(&[Some(0)]), &crate::engine::Work::new()).unwrap();
        analysis.functions[0].clone()
    }

    #[test]
    fn wrong_votes_are_told_from_those_that_leave_the_class_open() {
        let check = |partial: &[(String, Vec<String>)], gold: Option<(&str, bool)>, expected: &str| {
            assert_eq!(rows_behind(&function(), Figure::Accuracy, gold, partial), expected);
        };
        check(&[], None, "vote_lf_a <> label_hand");
        check(&[], Some(("gold", true)), "vote_lf_a <> COALESCE(label_hand, gold)");
        let partial = [("not a".to_owned(), vec!["b".to_owned(), "c".to_owned()])];
        check(
            &partial,
            None,
            "((vote_lf_a <> label_hand AND vote_lf_a NOT IN ('not a')) OR (vote_lf_a = 'not a' AND label_hand NOT IN ('b', 'c')))",
        );
    }
}
