//! What the two sides of a column look like beside each other: the shares of its parts, new and vanished values, words
//! that have become more or less frequent. Values and words lead to their rows.

use eframe::egui;

use super::drift::origin;
use super::facets::toggled_of;
use super::predictions::note;
use crate::app::act::Act;
use crate::app::pane::PaneCx;
use crate::app::strings::{grouped, percent};
use crate::app::theme::{self, Tokens, size, space};
use crate::app::widgets::{self, CellStyle};
use crate::clean::drift::{ColumnDrift, Part, ValueCount};
use crate::data::filter::{quote_name, quote_text};
use crate::data::search::{Search, SearchMode};
use crate::data::view::View;
use crate::data::{Column, Values};

/// The width of a part's name and of its figures.
const NAME: f32 = 130.0;
const FIGURES: f32 = 96.0;

/// The detail of a column over the room there is.
pub(super) fn detail_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, column: &ColumnDrift) {
    ui.label(egui::RichText::new(&column.name).font(theme::strong()));
    head_ui(ui, cx, column);
    let detail = &column.detail;
    if !detail.parts.is_empty() {
        sides_ui(ui, [cx.strings.reference, cx.strings.compared_with]);
    }
    let most = detail.parts.iter().map(|part| part.reference.max(part.current)).fold(0.0, f64::max);
    for part in &detail.parts {
        part_ui(ui, part, most, egui::Sense::hover());
    }
    let lists = [
        (cx.strings.new_values, &detail.new, detail.new_values),
        (cx.strings.vanished_values, &detail.vanished, detail.vanished_values),
    ];
    for (title, values, all) in lists {
        values_ui(ui, cx, &column.name, title, values, all);
    }
    for (title, words) in [(cx.strings.more_often, &detail.more), (cx.strings.less_often, &detail.less)] {
        words_ui(ui, cx, title, words);
    }
}

/// What is to be said of the figures: chance, missing values, the ranges of times, and notes.
fn head_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, column: &ColumnDrift) {
    let strings = cx.strings;
    if let (Some(noise), Some(p)) = (column.noise, column.p_value) {
        note(ui, &strings.drift_chance(noise, p, column.detectable));
    }
    if column.missing_reference > 0.0 || column.missing_current > 0.0 {
        let (before, now) = (percent(column.missing_reference), percent(column.missing_current));
        note(ui, &format!("{}  {before} → {now}", strings.missing));
    }
    if let (Some((first, last)), Some((from, to))) = (&column.detail.reference_range, &column.detail.current_range) {
        note(ui, &format!("{first} – {last} → {from} – {to}"));
    }
    if let Some(text) = &column.note {
        note(ui, strings.drift_note(text));
    }
}

/// The colours of the two sides with their names: the reference, and what is compared with it.
pub(super) fn sides_ui(ui: &mut egui::Ui, names: [&str; 2]) {
    let tokens = Tokens::of(ui);
    ui.horizontal(|ui| {
        for (color, name) in [tokens.border, tokens.accent].into_iter().zip(names) {
            let (dot, _) = ui.allocate_exact_size(egui::Vec2::splat(space::S), egui::Sense::hover());
            ui.painter().rect_filled(dot, 1, color);
            note(ui, name);
            ui.add_space(space::S);
        }
    });
}

/// A part with the bars of its two shares under each other.
pub(super) fn part_ui(ui: &mut egui::Ui, part: &Part, most: f64, sense: egui::Sense) -> egui::Response {
    let tokens = Tokens::of(ui);
    let wanted = egui::vec2(ui.available_width(), size::ROW_DENSE);
    let (rect, response) = ui.allocate_exact_size(wanted, sense);
    let figures = format!("{} → {}", percent(part.reference), percent(part.current));
    let name = format!("{}: {figures}", part.label);
    let role = if sense.senses_click() { egui::Role::Button } else { egui::Role::Label };
    response.widget_info(|| egui::WidgetInfo::labeled(role, true, &name));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    if sense.senses_click() && response.hovered() {
        ui.painter().rect_filled(rect, 2, tokens.hover);
    }
    let (names, rest) = rect.split_left_right_at_x(rect.left() + NAME.min(rect.width() * 0.4));
    let (bars, numbers) = rest.split_left_right_at_x((rest.right() - FIGURES).max(rest.left()));
    widgets::cell_text(ui, names, &part.label, CellStyle::Text);
    let right = numbers.right_center();
    ui.painter().text(right, egui::Align2::RIGHT_CENTER, figures, theme::caption(), tokens.weak);
    let bars = bars.shrink2(egui::vec2(space::XS, space::XS));
    for (share, color, band) in [
        (part.reference, tokens.border, bars.top()..=bars.center().y - 0.5),
        (part.current, tokens.accent, bars.center().y + 0.5..=bars.bottom()),
    ] {
        let width = bars.width() * (share / most.max(f64::MIN_POSITIVE)) as f32;
        // What is not nothing can be seen.
        let width = if share > 0.0 { width.max(1.0) } else { 0.0 };
        let bar = egui::Rect::from_x_y_ranges(bars.left()..=bars.left() + width, band);
        ui.painter().rect_filled(bar, 1, color);
    }
    response
}

fn values_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, name: &str, title: &str, values: &[ValueCount], all: usize) {
    if values.is_empty() {
        return;
    }
    ui.add_space(space::S);
    note(ui, &format!("{title}  {}", grouped(all as u64)));
    ui.horizontal_wrapped(|ui| {
        for value in values {
            let text = format!("{}  {}", value.value, grouped(value.count));
            if widgets::quiet_button(ui, &text).clicked() {
                let column = cx.live.layers().and_then(|layers| layers.frame.get(name));
                if let Some(sql) = column.and_then(|column| equals(column, &value.value)) {
                    cx.act(Act::SetView(toggled_of(cx.view, origin(), sql, false)));
                }
            }
        }
    });
}

/// The condition that a column has a value, as it is shown.
pub(super) fn equals(column: &Column, value: &str) -> Option<String> {
    let name = quote_name(column.name());
    match column.values() {
        Values::Text(_) | Values::Time(_) => Some(format!("{name} = {}", quote_text(value))),
        Values::Bool(_) => Some(if value == "true" { name } else { format!("NOT {name}") }),
        Values::Int(_) | Values::Float(_) => value.parse::<f64>().is_ok().then(|| format!("{name} = {value}")),
    }
}

fn words_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, title: &str, words: &[String]) {
    if words.is_empty() {
        return;
    }
    ui.add_space(space::S);
    note(ui, title);
    ui.horizontal_wrapped(|ui| {
        for word in words {
            if widgets::quiet_button(ui, word.trim()).clicked() {
                word_search(cx, word);
            }
        }
    });
}

/// Searches for a word.
pub(super) fn word_search(cx: &mut PaneCx<'_>, word: &str) {
    let search = Search { text: word.trim().to_owned(), mode: SearchMode::Phrase, match_case: false };
    cx.act(Act::SetView(View { search: Some(search), ..cx.view.clone() }));
}

#[cfg(test)]
mod tests {
    use arrow_array::{BooleanArray, Int64Array, LargeStringArray};

    use super::*;
    use crate::data::Kind;

    #[test]
    fn values_become_conditions_of_their_columns() {
        let text = Column::text("the kind", Kind::Category, LargeStringArray::from(vec!["it's"]));
        assert_eq!(equals(&text, "it's").as_deref(), Some("\"the kind\" = 'it''s'"));
        let int = Column::new("n", Values::Int(Int64Array::from(vec![3])));
        assert_eq!(equals(&int, "3").as_deref(), Some("n = 3"));
        assert_eq!(equals(&int, "…"), None);
        let bool = Column::new("ok", Values::Bool(BooleanArray::from(vec![true])));
        assert_eq!(equals(&bool, "true").as_deref(), Some("ok"));
        assert_eq!(equals(&bool, "false").as_deref(), Some("NOT ok"));
    }
}
