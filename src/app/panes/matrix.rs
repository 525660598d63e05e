//! Functions against functions, and the patterns of votes that rows show. A click on a cell or a pattern shows its rows;
//! a whole pattern is corrected with one decision.

use eframe::egui;

use super::facets::toggled_of;
use super::predictions::{note, title};
use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped, percent};
use crate::app::theme::{self, Tokens, size, space};
use crate::app::widgets::{
    self, Banner, Button, CellStyle, PaneState, PaneStateKind, TableColumn, TableState, VirtualTable,
};
use crate::data::filter::{quote_name, quote_text};
use crate::data::view::Origin;
use crate::engine::Slot;
use crate::label::ClassIndex;
use crate::session::{CONFIDENCE, LabelModelOutcome, MatrixOf, PatternRow, VoteMatrix};
use crate::weak::{ABSTAIN, Patterns};

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Shown {
    #[default]
    Functions,
    Patterns,
}

/// What a cell tells of two functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Measure {
    #[default]
    Overlap,
    Conflict,
    Agreement,
    Jaccard,
}

/// The pane's own state.
#[derive(Default)]
pub struct Matrix {
    shown: Shown,
    measure: Measure,
    at: usize,
    table: TableState,
    slot: Slot<MatrixOf>,
    /// The pattern that is to be labelled, and the class, while the person is asked.
    asked: Option<(usize, String)>,
}

/// The side of a cell.
const SIDE: f32 = 34.0;

/// Probabilities as near as this are tied, as the label model has it.
const TIE: f64 = 1e-5;

/// The room for the names of the functions.
const NAMES: f32 = 150.0;

fn origin() -> Origin {
    Origin::Pane("matrix".to_owned())
}

impl Pane for Matrix {
    fn id(&self) -> &'static str {
        "matrix"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.matrix
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        let model = cx.live.model.value().cloned().zip(cx.live.model.print());
        let (Some(model), Some(basis)) = (model, cx.live.basis().cloned()) else {
            let state = PaneState::new(PaneStateKind::NeedsInput, strings.matrix_needs);
            state.why(strings.functions_none).show(ui);
            return;
        };
        let outcome = model.0.clone();
        if outcome.patterns.functions().is_empty() {
            PaneState::new(PaneStateKind::NeedsInput, strings.matrix_needs).why(strings.functions_none).show(ui);
            return;
        }
        self.slot.want(MatrixOf { basis, model }, cx.session.cache(), cx.live.waker());
        *cx.busy |= self.slot.running().is_some();
        ui.horizontal_wrapped(|ui| {
            let choices =
                [(Shown::Functions, strings.functions_by_functions), (Shown::Patterns, strings.vote_patterns)];
            widgets::segmented(ui, strings.matrix, &mut self.shown, &choices);
            if self.shown == Shown::Functions {
                let measures = [
                    (Measure::Overlap, strings.overlaps),
                    (Measure::Conflict, strings.conflicts),
                    (Measure::Agreement, strings.agreement_rate),
                    (Measure::Jaccard, strings.jaccard),
                ];
                widgets::segmented(ui, strings.matrix_why, &mut self.measure, &measures);
            }
        });
        ui.add_space(space::XS);
        if let Some(error) = self.slot.error() {
            Banner::of_error(error, strings).show(ui);
            return;
        }
        // While functions are edited, the last matrix may be of other functions than the model.
        let matrix = self.slot.value().cloned();
        let fits = |matrix: &VoteMatrix| matrix.pairs.functions() == outcome.patterns.functions().len();
        let Some(matrix) = matrix.filter(|matrix| fits(matrix)) else {
            PaneState::new(PaneStateKind::Working, strings.working).show(ui);
            return;
        };
        match self.shown {
            Shown::Functions => self.functions_ui(ui, cx, &matrix, outcome.patterns.functions()),
            Shown::Patterns => self.patterns_ui(ui, cx, &matrix, &outcome),
        }
    }
}

impl Matrix {
    fn functions_ui(&self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, matrix: &VoteMatrix, names: &[String]) {
        note(ui, cx.strings.matrix_why);
        let mut clicked = None;
        egui::ScrollArea::both().auto_shrink(false).show(ui, |ui| {
            clicked = self.grid_ui(ui, cx.strings, matrix, names);
            title(ui, cx.strings.worth_a_look);
            if matrix.relations.is_empty() {
                note(ui, cx.strings.no_relations);
            }
            for relation in &matrix.relations {
                let (Some(first), Some(second)) = (names.get(relation.first), names.get(relation.second)) else {
                    continue;
                };
                let text = cx.strings.relation(relation.kind, first, second, relation.jaccard);
                if widgets::quiet_button(ui, &text).clicked() {
                    clicked = Some(pair_condition(Measure::Overlap, first, second));
                }
            }
        });
        if let Some(condition) = clicked {
            cx.act(Act::SetView(toggled_of(cx.view, origin(), condition, false)));
        }
    }

    /// The grid; the condition of the cell that was clicked.
    fn grid_ui(&self, ui: &mut egui::Ui, strings: &Strings, matrix: &VoteMatrix, names: &[String]) -> Option<String> {
        let tokens = Tokens::of(ui);
        let pairs = &matrix.pairs;
        let mut clicked = None;
        ui.spacing_mut().item_spacing = egui::vec2(1.0, 1.0);
        ui.horizontal(|ui| {
            ui.allocate_exact_size(egui::vec2(NAMES, size::ROW_DENSE), egui::Sense::hover());
            for at in 0..names.len() {
                let (rect, _) = ui.allocate_exact_size(egui::vec2(SIDE, size::ROW_DENSE), egui::Sense::hover());
                let text = format!("{}", at + 1);
                ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, text, theme::caption(), tokens.weak);
            }
        });
        let most = (0..names.len()).map(|at| pairs.overlap(at, at)).max().unwrap_or(0).max(1) as f64;
        for (row, first) in names.iter().enumerate() {
            ui.horizontal(|ui| {
                let (rect, response) = ui.allocate_exact_size(egui::vec2(NAMES, SIDE), egui::Sense::hover());
                let name = format!("{}  {first}", row + 1);
                widgets::cell_text(ui, rect, &name, CellStyle::Code);
                response.on_hover_text(first);
                for (column, second) in names.iter().enumerate() {
                    let (rect, response) = ui.allocate_exact_size(egui::vec2(SIDE, SIDE), egui::Sense::click());
                    let (share, figure) = self.cell(matrix, row, column, most);
                    let fill = match self.measure {
                        Measure::Conflict => tokens.sunken.lerp_to_gamma(tokens.error, share as f32 * 0.85),
                        _ => tokens.sunken.lerp_to_gamma(tokens.accent, share as f32 * 0.85),
                    };
                    ui.painter().rect_filled(rect, 2.0, fill);
                    let ink = Tokens::readable_on(fill);
                    let at = rect.center();
                    ui.painter().text(at, egui::Align2::CENTER_CENTER, &figure, theme::caption(), ink);
                    let (overlap, agree) = (pairs.overlap(row, column), pairs.agreements(row, column));
                    let conflict = pairs.conflicts(row, column);
                    let about = strings.pair_figures(overlap, agree, conflict, pairs.jaccard(row, column));
                    let spoken = format!("{first} × {second}: {figure}");
                    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &spoken));
                    let response = response.on_hover_text(format!("{first} × {second}\n{about}"));
                    if response.clicked() && overlap > 0 {
                        clicked = Some(pair_condition(self.measure, first, second));
                    }
                }
            });
        }
        clicked
    }

    /// How dark a cell is, 0-1, and what stands in it.
    fn cell(&self, matrix: &VoteMatrix, row: usize, column: usize, most: f64) -> (f64, String) {
        let pairs = &matrix.pairs;
        let count = |count: u64| {
            let text = if count >= 10_000 { format!("{}k", count / 1000) } else { format!("{count}") };
            ((1.0 + count as f64).ln() / (1.0 + most).ln(), if count == 0 { "·".to_owned() } else { text })
        };
        match self.measure {
            Measure::Overlap => count(pairs.overlap(row, column)),
            Measure::Conflict => count(pairs.conflicts(row, column)),
            Measure::Agreement => match pairs.agreement(row, column) {
                Some(share) => (share, percent(share)),
                None => (0.0, "·".to_owned()),
            },
            Measure::Jaccard => {
                let share = pairs.jaccard(row, column);
                (share, if share == 0.0 { "·".to_owned() } else { percent(share) })
            }
        }
    }

    fn patterns_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, matrix: &VoteMatrix, model: &LabelModelOutcome) {
        self.at = self.at.min(matrix.patterns.len().saturating_sub(1));
        let quiet = egui::Frame::NONE.inner_margin(egui::Margin { top: space::S as i8, ..egui::Margin::ZERO });
        egui::Panel::bottom("vote pattern")
            .frame(quiet)
            .resizable(true)
            .default_size(190.0)
            .size_range(110.0..=400.0)
            .show(ui, |ui| {
                egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                    if let Some(row) = matrix.patterns.get(self.at) {
                        self.pattern_ui(ui, cx, row, model);
                    }
                });
            });
        egui::CentralPanel::default().frame(egui::Frame::NONE).show(ui, |ui| {
            note(ui, cx.strings.patterns_why);
            self.table_ui(ui, cx, matrix, model);
        });
    }

    fn table_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, matrix: &VoteMatrix, model: &LabelModelOutcome) {
        let strings = cx.strings;
        let columns = [
            TableColumn::new(strings.rows, 70.0),
            TableColumn::new(strings.votes_of_functions, 230.0),
            TableColumn::new(strings.label_model, 120.0),
            TableColumn::new(strings.by_hand, 110.0),
            TableColumn::new(strings.example, 260.0),
        ];
        let session = cx.session;
        let class_name = |class: usize| session.class_names().get(class).map_or("", String::as_str);
        let said = |pattern: usize| said(&model.patterns, pattern, session.class_names(), strings);
        let row_name = |at: u64| {
            let row = matrix.patterns.get(at as usize);
            row.map_or_else(String::new, |row| format!("{}: {}", grouped(row.count), said(row.pattern)))
        };
        let id = egui::Id::unique("vote patterns");
        let table = VirtualTable::new(id, strings.vote_patterns, &columns, matrix.patterns.len() as u64)
            .focused(Some(self.at as u64))
            .row_name(&row_name)
            .row_height(size::ROW);
        let response = table.show(
            ui,
            &mut self.table,
            |ui, column, rect| {
                let style = if column == 0 { CellStyle::Number } else { CellStyle::Text };
                widgets::header_text(ui, rect, &columns[column].name, style, None);
            },
            |ui, at, column, rect| {
                let Some(row) = matrix.patterns.get(at as usize) else { return };
                match column {
                    0 => widgets::cell_text(ui, rect, &grouped(row.count), CellStyle::Number),
                    1 => widgets::cell_text(ui, rect, &said(row.pattern), CellStyle::Code),
                    2 => posterior_cell(ui, rect, session, model, row),
                    3 => widgets::cell_text(ui, rect, &hand(row, &class_name), CellStyle::Text),
                    _ => {
                        let about = row.examples.first().and_then(|&row| session.about(row)).unwrap_or_default();
                        widgets::cell_text(ui, rect, &about, CellStyle::Weak);
                    }
                }
            },
        );
        if let Some(moved) = response.events.moved {
            self.at = moved.row as usize;
        }
        let acted = response.events.clicked.map(|click| click.row).or(response.events.activated);
        if let Some(row) = acted.and_then(|at| matrix.patterns.get(at as usize)) {
            self.at = acted.unwrap_or_default() as usize;
            let condition = pattern_condition(&model.patterns, row.pattern, session.class_names());
            cx.act(Act::SetView(toggled_of(cx.view, origin(), condition, false)));
        }
    }

    /// The chosen pattern: its examples, and the offer to label all its rows.
    fn pattern_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: &PatternRow, model: &LabelModelOutcome) {
        let strings = cx.strings;
        let tokens = Tokens::of(ui);
        let session = cx.session;
        let said = said(&model.patterns, row.pattern, session.class_names(), strings);
        ui.label(egui::RichText::new(format!("{}  ·  {said}", strings.rows_count(row.count))).font(theme::strong()));
        ui.horizontal_wrapped(|ui| {
            let shares = model.fitted.pattern(row.pattern);
            for (class, share) in session.class_names().iter().zip(shares) {
                ui.label(egui::RichText::new(format!("{class} {}", percent(*share))).color(tokens.weak));
            }
        });
        for &example in &row.examples {
            let about = session.about(example).unwrap_or_else(|| strings.row_number(u64::from(example)));
            if Button::new(&about).kind(widgets::ButtonKind::Quiet).show(ui).clicked() {
                cx.act(Act::Reveal(example));
            }
        }
        let open = row.open();
        ui.add_space(space::XS);
        ui.horizontal_wrapped(|ui| {
            for class in session.class_names().iter() {
                let text = strings.label_pattern(open, class);
                if Button::new(&text).enabled(open > 0).show(ui).clicked() {
                    self.asked = Some((row.pattern, class.clone()));
                }
            }
        });
        self.ask_ui(ui, cx, row, model);
    }

    /// Asks before a whole pattern is labelled, and says how many rows that is.
    fn ask_ui(&mut self, ui: &egui::Ui, cx: &mut PaneCx<'_>, row: &PatternRow, model: &LabelModelOutcome) {
        let Some((pattern, class)) = self.asked.clone() else { return };
        if pattern != row.pattern {
            self.asked = None;
            return;
        }
        let strings = cx.strings;
        let (open, kept) = (row.open(), row.count - row.open());
        let text = strings.label_pattern_preview(open, kept, &class);
        let action = strings.label_pattern(open, &class);
        let id = egui::Id::unique("label pattern");
        let answer = widgets::modal(ui.ctx(), id, strings.label_all, 440.0, |ui| {
            ui.add(egui::Label::new(&text).wrap());
            ui.add_space(space::S);
            let name = format!("{}: {action}", strings.apply);
            let apply = Button::new(&action).kind(widgets::ButtonKind::Primary).accessible_name(&name);
            apply.show(ui).clicked()
        });
        if answer.inner {
            let hand = cx.session.annotations().labels();
            let of_row = model.patterns.of_row().iter().zip(hand.iter()).enumerate();
            let rows: Vec<u32> = of_row
                .filter(|(_, (of, hand))| **of as usize == pattern && **hand < 0)
                .map(|(row, _)| row as u32)
                .collect();
            cx.act(Act::LabelRows(rows, class));
        }
        if answer.inner || answer.close {
            self.asked = None;
        }
    }
}

/// The votes of a pattern in words: `lf_link → spam, lf_short → ham 70 %`.
fn said(patterns: &Patterns, pattern: usize, classes: &[String], strings: &Strings) -> String {
    let one = |vote: i16| match patterns.meaning(vote) {
        Some(meaning) => strings.meaning(meaning, classes),
        None => usize::try_from(vote).ok().and_then(|vote| classes.get(vote)).cloned().unwrap_or_default(),
    };
    let voting = patterns.votes(pattern).iter().zip(patterns.functions()).filter(|(vote, _)| **vote != ABSTAIN);
    let parts: Vec<String> = voting.map(|(vote, name)| format!("{name} → {}", one(*vote))).collect();
    if parts.is_empty() { strings.uncovered_rows.to_owned() } else { parts.join(", ") }
}

/// The condition of the rows that show a pattern.
fn pattern_condition(patterns: &Patterns, pattern: usize, classes: &[String]) -> String {
    // A function has a column that says how sure it is only if some of its votes are not for certain.
    let shaded = |at: usize| {
        (0..patterns.len())
            .any(|pattern| patterns.votes(pattern).get(at).is_some_and(|v| patterns.meaning(*v).is_some()))
    };
    let of = |(at, (vote, name)): (usize, (&i16, &String))| {
        let column = format!("vote_{name}");
        let (shown, sure) = match patterns.meaning(*vote) {
            Some(meaning) => (Some(meaning.show(classes)), meaning.confidence()),
            None => (usize::try_from(*vote).ok().and_then(|vote| classes.get(vote)).cloned(), 1.0),
        };
        match shown {
            Some(shown) if !patterns.meanings().is_empty() && shaded(at) => {
                let confidence = quote_name(&format!("{column}{CONFIDENCE}"));
                format!("{} = {} AND {confidence} = {sure}", quote_name(&column), quote_text(&shown))
            }
            Some(shown) => format!("{} = {}", quote_name(&column), quote_text(&shown)),
            None => format!("{} IS NULL", quote_name(&column)),
        }
    };
    let votes = patterns.votes(pattern).iter().zip(patterns.functions());
    votes.enumerate().map(of).collect::<Vec<_>>().join(" AND ")
}

/// The condition of the rows behind a cell.
fn pair_condition(measure: Measure, first: &str, second: &str) -> String {
    let (a, b) = (quote_name(&format!("vote_{first}")), quote_name(&format!("vote_{second}")));
    if first == second {
        return format!("{a} IS NOT NULL");
    }
    match measure {
        Measure::Overlap | Measure::Jaccard => format!("{a} IS NOT NULL AND {b} IS NOT NULL"),
        Measure::Conflict => format!("{a} <> {b}"),
        Measure::Agreement => format!("{a} = {b}"),
    }
}

/// How many rows of a pattern people gave which class.
fn hand<'c>(row: &PatternRow, class: &dyn Fn(usize) -> &'c str) -> String {
    let given = row.hand.iter().enumerate().filter(|(_, count)| **count > 0);
    given.map(|(at, count)| format!("{} {}", class(at), grouped(*count))).collect::<Vec<_>>().join(", ")
}

/// The class that the label model gives a pattern, and how sure it is.
fn posterior_cell(
    ui: &egui::Ui,
    rect: egui::Rect,
    session: &crate::session::Session,
    model: &LabelModelOutcome,
    row: &PatternRow,
) {
    let shares = model.fitted.pattern(row.pattern);
    let best = shares.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    let Some((at, share)) = best.filter(|_| model.patterns.is_covered(row.pattern)) else { return };
    // What is tied has no label.
    if shares.iter().filter(|other| share - **other < TIE).count() > 1 {
        return;
    }
    let Some(class) = session.classes().get(ClassIndex(at as u16)) else { return };
    let color = usize::from(class.color);
    let drawn = widgets::paint_label_chip(ui, rect.left_center(), &class.name, color, rect.width() - 44.0);
    let rest = rect.with_min_x(drawn.right() + space::XS);
    widgets::cell_text(ui, rest, &percent(*share), CellStyle::Text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_name_the_rows_behind_cells_and_patterns() {
        let classes = ["spam".to_owned(), "it's".to_owned()];
        let names = vec!["lf_a".to_owned(), "lf b".to_owned()];
        let patterns = Patterns::from_counts(names, 2, vec![1, -1], vec![3]).unwrap();
        assert_eq!(pattern_condition(&patterns, 0, &classes), "vote_lf_a = 'it''s' AND \"vote_lf b\" IS NULL");
        let check = |measure, expected: &str| assert_eq!(pair_condition(measure, "a", "b"), expected);
        check(Measure::Overlap, "vote_a IS NOT NULL AND vote_b IS NOT NULL");
        check(Measure::Conflict, "vote_a <> vote_b");
        check(Measure::Agreement, "vote_a = vote_b");
        assert_eq!(pair_condition(Measure::Conflict, "a", "a"), "vote_a IS NOT NULL");
        let row = PatternRow { pattern: 0, count: 10, hand: vec![3, 0], examples: vec![] };
        assert_eq!((hand(&row, &|_| "spam").as_str(), row.open()), ("spam 3", 7));
    }
}
