//! The functions' statistics: for each what it votes for, how much it covers, overlaps and conflicts, and how often it
//! is right. Click a figure, and the view shows the rows behind it.

use eframe::egui;

use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped, percent};
use crate::app::theme::{self, Tokens, size, space};
use crate::app::widgets::{self, CellStyle, PaneState, PaneStateKind, TableColumn, TableState, VirtualTable};
use crate::data::filter::quote_name;
use crate::data::view::{Chip, View};
use crate::label::ClassIndex;
use crate::session::VotesOutcome;
use crate::weak::analysis::{FunctionAnalysis, labels_to_decide};

/// The pane's own state.
#[derive(Default)]
pub struct Functions {
    table: TableState,
}

/// A function that is right less often than this is hardly worth keeping, more often surely is.
const USEFUL: f64 = 0.7;

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
            PaneState::new(PaneStateKind::Empty, strings.functions_empty).why(strings.functions_none).show(ui);
            return;
        }
        whole_ui(ui, cx, &votes);
        ui.add_space(space::S);
        let dim = cx.live.votes.running().is_some();
        self.table_ui(ui, cx, &votes, dim);
    }
}

/// The figures of all functions together.
fn whole_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, votes: &VotesOutcome) {
    let tokens = Tokens::of(ui);
    let strings = cx.strings;
    let analysis = &votes.analysis;
    ui.horizontal_wrapped(|ui| {
        for (name, share) in [
            (strings.covered, analysis.covered),
            (strings.overlapped, analysis.overlapped),
            (strings.conflicted, analysis.conflicted),
        ] {
            ui.label(egui::RichText::new(name).color(tokens.weak));
            ui.label(egui::RichText::new(percent(share)).font(theme::strong()));
            ui.add_space(space::S);
        }
        let judged = analysis.gold_rows.unwrap_or(0);
        let text = if cx.session.has_gold() {
            strings.judged_by_gold(judged as u64)
        } else {
            strings.judged_by_hand(judged as u64)
        };
        ui.label(egui::RichText::new(text).font(theme::caption()).color(tokens.weak));
    });
}

impl Functions {
    fn table_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, votes: &VotesOutcome, dim: bool) {
        let strings = cx.strings;
        let columns = [
            TableColumn::new(strings.function, 158.0),
            TableColumn::new(strings.polarity, 80.0),
            TableColumn::new(strings.coverage, 86.0),
            TableColumn::new(strings.overlaps, 86.0),
            TableColumn::new(strings.conflicts, 86.0),
            TableColumn::new(strings.accuracy, 180.0),
        ];
        let functions = &votes.analysis.functions;
        let name = |row: u64| functions.get(row as usize).map_or_else(String::new, |function| function.name.clone());
        let table = VirtualTable::new(
            egui::Id::unique("function figures"),
            strings.functions,
            &columns,
            functions.len() as u64,
        )
        .row_height(size::ROW)
        .row_name(&name);
        let session = cx.session;
        let response = table.show(
            ui,
            &mut self.table,
            |ui, column, rect| {
                let style = if (2..5).contains(&column) { CellStyle::Number } else { CellStyle::Text };
                widgets::header_text(ui, rect, &columns[column].name, style, None);
            },
            |ui, row, column, rect| {
                let Some(function) = functions.get(row as usize) else { return };
                let text = if dim { CellStyle::Weak } else { CellStyle::Text };
                match column {
                    0 => widgets::cell_text(ui, rect, &function.name, CellStyle::Code),
                    1 => polarity(ui, rect, session, function),
                    2 => widgets::cell_text(ui, rect, &percent(function.coverage), CellStyle::Number),
                    3 => widgets::cell_text(ui, rect, &percent(function.overlaps), CellStyle::Number),
                    4 => widgets::cell_text(ui, rect, &percent(function.conflicts), CellStyle::Number),
                    _ => widgets::cell_text(ui, rect, &accuracy(function, strings), text),
                }
            },
        );
        if let Some(click) = response.events.clicked
            && let Some(function) = functions.get(click.row as usize)
            && let Some(sql) = rows_behind(function, click.column.unwrap_or(0))
        {
            let mut view = View::default();
            view.filters.push(Chip::new(sql));
            cx.act(Act::SetView(view));
        }
    }
}

/// The filter that shows the rows behind a figure.
fn rows_behind(function: &FunctionAnalysis, column: usize) -> Option<String> {
    let vote = quote_name(&format!("vote_{}", function.name));
    match column {
        5 if function.accuracy.is_some() => Some(format!("{vote} <> label_hand")),
        _ => Some(format!("{vote} IS NOT NULL")),
    }
}

fn polarity(ui: &egui::Ui, rect: egui::Rect, session: &crate::session::Session, function: &FunctionAnalysis) {
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
