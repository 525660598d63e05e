//! What the functions do class by class: rows with a vote for each, how many of these overlap or conflict, and how the rows
//! that are known to be of it fare.

use eframe::egui;

use super::functions::{gold_column, known_label};
use crate::app::pane::PaneCx;
use crate::app::strings::{grouped, percent};
use crate::app::theme::size;
use crate::app::widgets::{self, CellStyle, TableColumn, TableState, VirtualTable};
use crate::data::filter::{quote_name, quote_text};
use crate::label::ClassIndex;
use crate::session::{DISAGREEMENT, VOTE_COUNT, VotesOutcome, Within};
use crate::weak::by_class::ClassFigures;

/// The figures class by class. Gives the condition of the rows behind one that was clicked.
pub(super) fn show(
    ui: &mut egui::Ui,
    cx: &PaneCx<'_>,
    table_state: &mut TableState,
    (votes, within): (&VotesOutcome, &Within),
    dim: bool,
) -> Option<String> {
    let strings = cx.strings;
    let heads = [
        (strings.class, 100.0, strings.class),
        (strings.covered, 104.0, strings.class_covered_help),
        (strings.overlapped, 100.0, strings.overlaps_help),
        (strings.conflicted, 100.0, strings.conflicts_help),
        (strings.known_rows, 70.0, strings.known_rows_help),
        (strings.known_covered, 104.0, strings.known_covered_help),
        (strings.known_found, 104.0, strings.known_found_help),
    ];
    let columns = heads.map(|(name, width, _)| TableColumn::new(name, width));
    let session = cx.session;
    let name = |row: u64| session.class_names().get(row as usize).cloned().unwrap_or_default();
    let id = egui::Id::unique("figures of classes");
    let table = VirtualTable::new(id, strings.by_class, &columns, within.classes.len() as u64)
        .frozen(1)
        .row_height(size::ROW)
        .row_name(&name);
    let response = table.show(
        ui,
        table_state,
        |ui, column, rect| {
            let (name, _, help) = heads[column];
            let style = if column == 0 { CellStyle::Text } else { CellStyle::Number };
            widgets::header_text(ui, rect, name, style, None);
            let id = egui::Id::unique(("class figure help", column));
            ui.interact(rect, id, egui::Sense::hover()).on_hover_text(help);
        },
        |ui, row, column, rect| {
            let Some(figures) = within.classes.get(row as usize) else { return };
            if column == 0 {
                if let Some(class) = session.classes().get(ClassIndex(row as u16)) {
                    let color = usize::from(class.color);
                    widgets::paint_label_chip(ui, rect.left_center(), &class.name, color, rect.width());
                }
                return;
            }
            let style = if dim { CellStyle::Weak } else { CellStyle::Number };
            widgets::cell_text(ui, rect, &class_figure(figures, within.rows, column), style);
        },
    );
    let click = response.events.clicked?;
    let class = session.class_names().get(click.row as usize)?;
    let column = click.column.filter(|column| *column > 0)?;
    let functions = votes.analysis.functions.iter();
    let voting = functions.filter(|function| function.polarity.contains(&(click.row as u16)));
    let names: Vec<&str> = voting.map(|function| function.name.as_str()).collect();
    Some(class_rows(class, column, &names, &known_label(gold_column(cx))))
}

/// A figure of a class as it is shown: rows, and what share they are of what they are taken from.
fn class_figure(figures: &ClassFigures, rows: u64, column: usize) -> String {
    let (count, of) = match column {
        1 => (figures.covered, rows),
        2 => (figures.overlapped, figures.covered),
        3 => (figures.conflicted, figures.covered),
        4 => return grouped(figures.known),
        5 => (figures.known_covered, figures.known),
        _ => (figures.known_found, figures.known),
    };
    if of == 0 { "–".to_owned() } else { format!("{}  {}", grouped(count), percent(count as f64 / of as f64)) }
}

/// The condition of the rows behind a figure of a class, of which these functions vote for it.
fn class_rows(class: &str, column: usize, functions: &[&str], known: &str) -> String {
    let class = quote_text(class);
    let votes = functions.iter().map(|name| format!("{} = {class}", quote_name(&format!("vote_{name}"))));
    let any = match votes.collect::<Vec<_>>() {
        none if none.is_empty() => "FALSE".to_owned(),
        some => format!("({})", some.join(" OR ")),
    };
    match column {
        1 => any,
        2 => format!("{any} AND {VOTE_COUNT} > 1"),
        3 => format!("{any} AND {DISAGREEMENT} > 0"),
        4 => format!("{known} = {class}"),
        5 => format!("{known} = {class} AND {VOTE_COUNT} > 0"),
        _ => format!("{known} = {class} AND {any}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_classes_lead_to_their_rows() {
        let check = |column: usize, functions: &[&str], expected: &str| {
            assert_eq!(class_rows("it's", column, functions, "label_hand"), expected);
        };
        check(1, &["a", "b"], "(vote_a = 'it''s' OR vote_b = 'it''s')");
        check(1, &[], "FALSE");
        check(3, &["a"], "(vote_a = 'it''s') AND vote_disagreement > 0");
        check(5, &["a"], "label_hand = 'it''s' AND vote_count > 0");
        let figures = ClassFigures { covered: 50, overlapped: 10, known: 0, ..Default::default() };
        let shown: Vec<String> = (1..7).map(|column| class_figure(&figures, 200, column)).collect();
        assert_eq!(shown, ["50  25%", "10  20%", "0  0%", "0", "–", "–"]);
    }
}
