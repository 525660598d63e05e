//! Over time: shares of classes, functions, models, agreement and the data's own columns over times or batches: what is
//! otherwise, since when, and for whom. A stretch and a condition lead to their rows.

use eframe::egui;

use super::facets::toggled_of;
use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, decimal, percent};
use crate::app::theme::{self, Tokens, size, space};
use crate::app::widgets::{self, CellStyle, DetailList, DetailListState, PaneState, PaneStateKind, TableColumn, Tone};
use crate::clean::trends::{Series, Trends};
use crate::data::view::Origin;
use crate::engine::{Fingerprint, Slot};
use crate::session::{TrendsOf, trend_columns};

/// The height of the chart.
const CHART: f32 = 130.0;

/// The pane's own state.
#[derive(Default)]
pub struct TrendsPane {
    by: Option<String>,
    list: DetailListState,
    slot: Slot<TrendsOf>,
    /// The name of what was asked for last.
    wanted: Option<Fingerprint>,
}

fn origin() -> Origin {
    Origin::Pane("trends".to_owned())
}

impl Pane for TrendsPane {
    fn id(&self) -> &'static str {
        "trends"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.trends
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        let Some(layers) = cx.live.layers().cloned().zip(cx.live.layers.print()) else {
            PaneState::new(PaneStateKind::Working, strings.working).show(ui);
            return;
        };
        let columns = trend_columns(&cx.session.dataset().frame);
        let Some(by) = self.by.clone().filter(|by| columns.contains(by)).or(columns.first().cloned()) else {
            PaneState::new(PaneStateKind::Empty, strings.trends_none).why(strings.trends_why).show(ui);
            return;
        };
        let mut chosen = by.clone();
        ui.horizontal_wrapped(|ui| {
            ui.label(strings.trends_by);
            let choices: Vec<(String, &str)> = columns.iter().map(|name| (name.clone(), name.as_str())).collect();
            let id = egui::Id::unique("trends by");
            if widgets::select(ui, id, strings.trends_by, &mut chosen, &choices, 190.0) {
                self.by = Some(chosen.clone());
            }
        });
        ui.add_space(space::S);
        let suite = cx.live.suite.text().and_then(|text| text.as_ref().ok()).cloned();
        let votes = cx.live.votes.value().cloned();
        // What is under way is gathered first: every vote that comes in would begin anew.
        if cx.live.layers.running().is_none() {
            let name = TrendsOf::name(cx.session, layers.1, suite.as_deref(), &chosen);
            if self.wanted.replace(name) != Some(name) {
                let wanted = TrendsOf::new(cx.session, layers, votes, suite, &chosen);
                self.slot.want(wanted, cx.session.cache(), cx.live.waker());
            }
        }
        self.slot.poll();
        *cx.busy |= self.slot.running().is_some();
        if let Some(error) = self.slot.error().cloned() {
            if widgets::failed_ui(ui, &error) {
                self.slot.retry();
                self.wanted = None;
            }
            return;
        }
        let Some(found) = self.slot.value().cloned() else {
            self.slot.running().into_iter().for_each(|work| widgets::working_ui(ui, strings.trends, work));
            return;
        };
        if let Some(work) = self.slot.running()
            && widgets::progress_row(ui, &work.progress(), true)
        {
            work.cancel();
        }
        self.found_ui(ui, cx, &found);
    }
}

impl TrendsPane {
    fn found_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &Trends) {
        let strings = cx.strings;
        let tokens = Tokens::of(ui);
        if found.series.is_empty() {
            PaneState::new(PaneStateKind::Empty, strings.trends_nothing).show(ui);
            return;
        }
        ui.horizontal_wrapped(|ui| {
            let changed = found.series.iter().filter(|series| series.change.is_some()).count();
            let tone = if changed > 0 { Tone::Warning } else { Tone::Ok };
            ui.label(egui::RichText::new(tone.icon()).font(theme::icon(size::ICON)).color(tone.color(tokens)));
            let text = strings.figures_changed(changed as u64, found.series.len() as u64);
            ui.label(egui::RichText::new(text).font(theme::strong()));
            let text = strings.trend_stretches(found.stretches.len() as u64, found.undated);
            ui.label(egui::RichText::new(text).color(tokens.weak)).on_hover_text(strings.trends_why);
        });
        ui.add_space(space::XS);
        let columns = [
            TableColumn::new(strings.figure, 170.0),
            TableColumn::new(strings.kind, 130.0),
            TableColumn::new(strings.trend, 110.0),
            TableColumn::new(strings.since, 120.0),
            TableColumn::new(strings.change_before, 76.0),
            TableColumn::new(strings.change_after, 76.0),
            TableColumn::new(strings.state, 90.0),
            TableColumn::new(strings.most_where, 220.0),
        ];
        let list = &found.series;
        let name = |at: usize| list.get(at).map_or_else(String::new, |series| spoken(strings, series));
        DetailList::new("trends", strings.trends, &columns, list.len())
            .numbers(&[4, 5])
            .detail(250.0, 180.0..=460.0)
            .row_name(&name)
            .show(
                ui,
                &mut self.list,
                |ui, at| list.get(at).into_iter().for_each(|series| series_ui(ui, cx, found, series)),
                |ui, at, column, rect| {
                    list.get(at).into_iter().for_each(|series| cell_ui(ui, strings, series, column, rect));
                },
            );
    }
}

fn figure(series: &Series, value: f64) -> String {
    if series.is_share { percent(value) } else { decimal(value) }
}

fn spoken(strings: &Strings, series: &Series) -> String {
    let kind = strings.trend_kind(series.kind);
    match &series.change {
        Some(change) => format!("{}, {kind}: {} {}", series.name, how(strings, change.sudden), change.since),
        None => format!("{}, {kind}", series.name),
    }
}

fn how(strings: &Strings, sudden: bool) -> &'static str {
    if sudden { strings.changed_suddenly } else { strings.changed_gradually }
}

fn cell_ui(ui: &egui::Ui, strings: &Strings, series: &Series, column: usize, rect: egui::Rect) {
    let change = series.change.as_ref();
    let text = |text: &str, style| widgets::cell_text(ui, rect, text, style);
    match column {
        0 => text(&series.name, CellStyle::Text),
        1 => text(strings.trend_kind(series.kind), CellStyle::Weak),
        2 => paint_series(ui, rect.shrink2(egui::vec2(2.0, 5.0)), series, false),
        3 => text(change.map_or("–", |change| change.since.as_str()), CellStyle::Text),
        4 => text(&change.map_or_else(String::new, |change| figure(series, change.before)), CellStyle::Number),
        5 => text(&change.map_or_else(String::new, |change| figure(series, change.after)), CellStyle::Number),
        6 => text(change.map_or("", |change| how(strings, change.sudden)), CellStyle::Text),
        _ => text(series.slices.first().map_or("", |slice| slice.condition.as_str()), CellStyle::Code),
    }
}

/// The ends of the scale of a figure: all values, and their intervals where these are shown.
fn scale(series: &Series, with_intervals: bool) -> (f64, f64) {
    let of = |point: &crate::clean::trends::Point| {
        let ends = [point.low, point.high].map(|end| end.filter(|_| with_intervals));
        [point.value, ends[0], ends[1]].into_iter().flatten().collect::<Vec<f64>>()
    };
    let all = || series.points.iter().flat_map(of).filter(|value| value.is_finite());
    let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    if low < high { (low, high) } else { (low - 0.5, low + 0.5) }
}

/// The figure as a line with a mark at its change; with its intervals where there is room.
fn paint_series(ui: &egui::Ui, rect: egui::Rect, series: &Series, large: bool) {
    let tokens = Tokens::of(ui);
    let (low, high) = scale(series, large);
    let count = series.points.len().max(1) as f32;
    let x = |at: usize| rect.left() + (at as f32 + 0.5) / count * rect.width();
    let y = |value: f64| rect.bottom() - ((value - low) / (high - low)) as f32 * rect.height();
    let painter = ui.painter().with_clip_rect(rect.expand(3.0));
    if let Some(change) = &series.change {
        let at = rect.left() + change.at as f32 / count * rect.width();
        painter.vline(at, rect.y_range(), egui::Stroke::new(1.0, tokens.warning));
    }
    let mut last: Option<egui::Pos2> = None;
    for (at, point) in series.points.iter().enumerate() {
        let Some(value) = point.value.filter(|value| value.is_finite()) else {
            last = None;
            continue;
        };
        let here = egui::pos2(x(at), y(value));
        if let (Some(from), Some(to), true) = (point.low, point.high, large) {
            let range = egui::Rangef::new(y(to), y(from));
            painter.vline(here.x, range, egui::Stroke::new(1.0, tokens.border));
        }
        if let Some(last) = last {
            painter.line_segment([last, here], egui::Stroke::new(1.5, tokens.accent));
        }
        if large {
            painter.circle_filled(here, 3.0, tokens.accent);
        }
        last = Some(here);
    }
}

/// A figure at large: what changed and when, its line over the stretches, and for whom it changed.
fn series_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &Trends, series: &Series) {
    let strings = cx.strings;
    let tokens = Tokens::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.label(egui::RichText::new(&series.name).font(theme::strong()));
        ui.label(egui::RichText::new(strings.trend_kind(series.kind)).color(tokens.weak));
        if let Some(change) = &series.change {
            let [before, after] = [change.before, change.after].map(|value| figure(series, value));
            ui.label(strings.trend_changed(&change.since, change.sudden, &before, &after));
        }
    });
    chart_ui(ui, cx, found, series);
    for slice in &series.slices {
        ui.horizontal_wrapped(|ui| {
            ui.label(egui::RichText::new(strings.most_where).color(tokens.weak));
            if widgets::quiet_button(ui, &slice.condition).clicked() {
                cx.act(Act::SetView(toggled_of(cx.view, origin(), slice.condition.clone(), false)));
            }
            let [before, after] = slice.means.map(|mean| figure(series, mean));
            let [here, there] = slice.elsewhere.map(|mean| figure(series, mean));
            ui.label(strings.trend_slice(&before, &after, &here, &there));
        });
    }
}

fn chart_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &Trends, series: &Series) {
    let tokens = Tokens::of(ui);
    let width = ui.available_width().max(80.0);
    let (rect, response) = ui.allocate_exact_size(egui::vec2(width, CHART), egui::Sense::click());
    let response = response.on_hover_cursor(egui::CursorIcon::PointingHand);
    let label = spoken(cx.strings, series);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &label));
    let (low, high) = scale(series, true);
    let caption = theme::caption();
    let left = 64.0;
    let plot = egui::Rect::from_min_max(rect.min + egui::vec2(left, 6.0), rect.max - egui::vec2(8.0, 22.0));
    let end = |at: egui::Pos2, align, text: String| {
        ui.painter().text(at, align, text, caption.clone(), tokens.weak);
    };
    end(egui::pos2(plot.left() - 6.0, plot.top()), egui::Align2::RIGHT_CENTER, figure(series, high));
    end(egui::pos2(plot.left() - 6.0, plot.bottom()), egui::Align2::RIGHT_CENTER, figure(series, low));
    ui.painter().hline(plot.x_range(), plot.bottom(), egui::Stroke::new(1.0, tokens.hairline));
    if let (Some(first), Some(last)) = (found.stretches.first(), found.stretches.last()) {
        end(plot.left_bottom() + egui::vec2(0.0, 4.0), egui::Align2::LEFT_TOP, first.from.clone());
        end(plot.right_bottom() + egui::vec2(0.0, 4.0), egui::Align2::RIGHT_TOP, last.from.clone());
    }
    paint_series(ui, plot, series, true);
    let count = found.stretches.len().max(1);
    let under = response
        .hover_pos()
        .filter(|at| plot.x_range().contains(at.x))
        .map(|at| (((at.x - plot.left()) / plot.width() * count as f32) as usize).min(count - 1));
    let Some((stretch, point)) = under.and_then(|at| Some((found.stretches.get(at)?, series.points.get(at)?))) else {
        return;
    };
    if response.clicked() {
        cx.act(Act::SetView(toggled_of(cx.view, origin(), stretch.condition.clone(), false)));
    }
    let value = point.value.map_or_else(|| "–".to_owned(), |value| figure(series, value));
    let interval = match (point.low, point.high) {
        (Some(low), Some(high)) => format!(" ({} – {})", figure(series, low), figure(series, high)),
        _ => String::new(),
    };
    let rows = cx.strings.rows_count(point.rows);
    response.on_hover_text(format!("{}\n{value}{interval}\n{rows}", stretch.from));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::trends::Point;

    #[test]
    fn the_scale_holds_what_is_drawn() {
        let point = |value: f64| Point { rows: 9, value: Some(value), low: Some(value - 0.1), high: Some(value + 0.1) };
        let mut series = Series {
            name: "a".into(),
            kind: "accuracy",
            is_share: true,
            points: vec![point(0.5), Point::default(), point(0.7)],
            change: None,
            slices: Vec::new(),
        };
        assert_eq!(scale(&series, false), (0.5, 0.7));
        let (low, high) = scale(&series, true);
        assert!((low - 0.4).abs() < 1e-12 && (high - 0.8).abs() < 1e-12);
        series.points = vec![point(0.5)];
        assert_eq!(scale(&series, false), (0.0, 1.0), "a constant stands in the middle");
        let english = Strings::of(crate::app::strings::Language::English);
        assert_eq!(spoken(english, &series), "a, Accuracy");
    }
}
