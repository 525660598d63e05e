//! A column of a profile at large: its distribution, beside that of the other file where there is one; its figures; its
//! frequent values and words.

use eframe::egui;

use super::drift_detail::{equals, part_ui, sides_ui, word_search};
use super::facets::{FacetCx, facet_ui, toggled_of};
use super::predictions::note;
use crate::app::act::Act;
use crate::app::pane::PaneCx;
use crate::app::strings::grouped;
use crate::app::theme::{self, Tokens, size, space};
use crate::app::widgets;
use crate::clean::drift::Part;
use crate::clean::profile::Profile;
use crate::clean::report::facts::{self, Fact, FactList};
use crate::data::describe::Summary;
use crate::data::view::Origin;
use crate::session::{Beside, Compared};

/// Bars of two distributions beside each other.
const MOST_PARTS: usize = 30;

/// Letters of a value that a button shows.
const LETTERS: usize = 40;

/// Letters beyond which a profile has cut a value, so that it selects nothing.
const CUT: usize = 200;

/// The column at a place of the data.
pub(super) fn column_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &Profile, other: Option<&Compared>, at: usize) {
    let (Some(summary), Some(more)) = (found.summaries.get(at), found.more.get(at)) else { return };
    let strings = cx.strings;
    let beside = other.and_then(|other| Some((other, other.columns.get(at)?.as_ref()?)));
    ui.horizontal(|ui| {
        ui.label(egui::RichText::new(&summary.name).font(theme::strong()));
        note(ui, strings.profile_word(summary.kind.name()));
    });
    let language = strings.language.into();
    let first = facts::of(summary);
    let rest = facts::more(more, language);
    let there = beside.and_then(|(other, beside)| {
        let (summary, more) = (other.found.summaries.get(beside.at)?, other.found.more.get(beside.at)?);
        Some(facts::of(summary).into_iter().chain(facts::more(more, language)).collect::<Vec<Fact>>())
    });
    ui.columns(3, |sides| {
        let [chart, left, right] = sides else { return };
        match beside {
            Some((other, Beside { at, counts: Some(counts) })) => {
                let there = other.found.summaries.get(*at);
                there.into_iter().for_each(|there| parts_ui(chart, cx, summary, (there, counts, &other.name)));
            }
            _ => alone_ui(chart, cx, summary, at),
        }
        facts_ui(left, cx, &first, there.as_deref());
        facts_ui(right, cx, &rest, there.as_deref());
    });
    for list in facts::lists(summary, more, language) {
        list_ui(ui, cx, summary, &list);
    }
}

/// The bars of a column, in view and in all. A click filters by one.
fn alone_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, summary: &Summary, at: usize) {
    // A layer may stand in place of a column of the data.
    let is_whole = cx.live.whole.value().and_then(|whole| whole.get(at)).is_some_and(|whole| **whole == *summary);
    let shown = cx.live.shown.value().cloned().filter(|_| is_whole);
    let counts = shown.as_ref().and_then(|shown| shown.get(at)).map(|counts| counts.as_slice());
    let facets = FacetCx { strings: cx.strings, classes: cx.session.classes(), view: cx.view };
    if let Some(view) = facet_ui(ui, facets, summary, counts) {
        cx.act(Act::SetView(view));
    }
}

/// Both distributions over the bars of the first; whatever of the other has none is counted at the end.
fn parts(summary: &Summary, there: &Summary, counts: &[usize]) -> (Vec<(Part, String)>, f64) {
    let of = |summary: &Summary| (summary.rows - summary.missing.min(summary.rows)).max(1) as f64;
    let (here, all_there) = (of(summary), of(there));
    let bars = summary.bars().into_iter().zip(counts).filter(|(bar, _)| !facts::is_odd(&bar.label));
    let parts: Vec<(Part, String)> = bars
        .take(MOST_PARTS)
        .map(|(bar, count)| {
            let (reference, current) = (*count as f64 / all_there, bar.count as f64 / here);
            (Part { label: bar.label, reference, current }, bar.sql)
        })
        .collect();
    let outside = 1.0 - parts.iter().map(|(part, _)| part.reference).sum::<f64>();
    (parts, outside)
}

fn parts_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, summary: &Summary, beside: (&Summary, &[usize], &str)) {
    let (there, counts, name) = beside;
    sides_ui(ui, [name, &cx.session.project().config.name]);
    let (parts, outside) = parts(summary, there, counts);
    let most = parts.iter().map(|(part, _)| part.reference.max(part.current)).fold(outside, f64::max);
    for (part, sql) in parts {
        let shown = Part { label: cx.strings.bar(&part.label).to_owned(), ..part };
        if part_ui(ui, &shown, most, egui::Sense::click()).clicked() {
            let origin = Origin::Column(summary.name.clone());
            cx.act(Act::SetView(toggled_of(cx.view, origin, sql, false)));
        }
    }
    if outside > 1e-9 {
        let label = cx.strings.other_values.to_owned();
        part_ui(ui, &Part { label, reference: outside, current: 0.0 }, most, egui::Sense::hover());
    }
}

/// Figures by name; with those of the other file behind them.
fn facts_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, facts: &[Fact], there: Option<&[Fact]>) {
    let Some(first) = facts.first() else { return };
    let tokens = Tokens::of(ui);
    let columns = if there.is_some() { 3 } else { 2 };
    let grid = egui::Grid::new(ui.scope_id().with(("facts", first.name))).num_columns(columns);
    grid.spacing([space::M, 1.0]).min_row_height(size::ROW_DENSE - space::XS).show(ui, |ui| {
        for fact in facts {
            note(ui, cx.strings.profile_word(fact.name));
            ui.label(egui::RichText::new(&fact.value).font(theme::small_mono()).color(tokens.text));
            if let Some(there) = there {
                let value = there.iter().find(|other| other.name == fact.name).map_or("–", |other| &other.value);
                ui.label(egui::RichText::new(value).font(theme::small_mono()).color(tokens.weak));
            }
            ui.end_row();
        }
    });
}

/// Values with their rows. Those that a filter or a search can find are buttons.
fn list_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, summary: &Summary, list: &FactList) {
    if list.items.is_empty() {
        return;
    }
    ui.add_space(space::S);
    note(ui, cx.strings.profile_word(list.name));
    ui.horizontal_wrapped(|ui| {
        for (value, rows) in &list.items {
            let short: String = value.chars().take(LETTERS).map(|c| if c.is_control() { ' ' } else { c }).collect();
            let short = if short.trim().is_empty() { "␣" } else { &short };
            let text = format!("{short}  {}", grouped(*rows as u64));
            if !matches!(list.name, "top_values" | "top_words") {
                note(ui, &text);
                continue;
            }
            if !widgets::quiet_button(ui, &text).clicked() {
                continue;
            }
            if list.name == "top_words" {
                word_search(cx, value);
                continue;
            }
            let column = cx.session.dataset().frame.get(&summary.name);
            let whole = value.chars().count() < CUT;
            if let Some(sql) = column.filter(|_| whole).and_then(|column| equals(column, value)) {
                let origin = Origin::Column(summary.name.clone());
                cx.act(Act::SetView(toggled_of(cx.view, origin, sql, false)));
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::LargeStringArray;

    use super::*;
    use crate::data::describe::{describe, recount};
    use crate::data::{Column, Kind};
    use crate::engine::Work;

    #[test]
    fn two_distributions_stand_over_the_bars_of_the_first() {
        let column = |values: &[Option<&str>]| {
            Arc::new(Column::text("kind", Kind::Category, LargeStringArray::from(values.to_vec())))
        };
        let here = column(&[Some("a"), Some("a"), Some("b"), None]);
        let there = column(&[Some("a"), Some("c"), Some("c"), Some("c")]);
        let work = Work::new();
        let (of_here, of_there) = (describe(&here, None, &work).unwrap(), describe(&there, None, &work).unwrap());
        let all = arrow_buffer::BooleanBuffer::new_set(4);
        let counts = recount(&there, &of_here, &all, &work).unwrap();
        let (parts, outside) = parts(&of_here, &of_there, &counts);
        let shares: Vec<(&str, f64)> = parts.iter().map(|(part, _)| (part.label.as_str(), part.reference)).collect();
        assert_eq!(shares, [("a", 0.25), ("b", 0.0)], "missing values are no bar");
        assert!((parts[0].0.current - 2.0 / 3.0).abs() < 1e-12 && (outside - 0.75).abs() < 1e-12);
        assert_eq!(parts[0].1, "kind = 'a'");
    }
}
