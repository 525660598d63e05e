//! Two columns against each other: points or density, boxes by class, a table of counts; and how all columns go
//! together and what is missing together. A click on a cell or a box shows its rows.

use std::sync::Arc;

use eframe::egui;
use egui_plot::{BoxElem, BoxPlot, BoxSpread, PlotPoint, Points};

use super::facets::toggled_of;
use super::predictions::{note, title};
use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped, percent};
use crate::app::theme::{self, Tokens, size, space};
use crate::app::widgets::{self, PaneState, PaneStateKind};
use crate::data::describe::Summary;
use crate::data::describe::pairs::{
    Boxes, Correlations, CorrelationsOf, Density, Grid, Missing, MissingOf, Pair, PairOf, Point, Scatter, ScatterOf,
    Table,
};
use crate::data::view::{Origin, mask_print};
use crate::data::{Column, Kind};
use crate::engine::{Fingerprint, Fingerprinter, Slot};

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Shown {
    #[default]
    Pair,
    Correlations,
    Missing,
}

/// The pane's own state.
#[derive(Default)]
pub struct Pairs {
    shown: Shown,
    columns: [Option<String>; 2],
    as_points: bool,
    pair: Slot<PairOf>,
    scatter: Slot<ScatterOf>,
    correlations: Slot<CorrelationsOf>,
    missing: Slot<MissingOf>,
}

fn origin() -> Origin {
    Origin::Pane("pairs".to_owned())
}

/// Everything that a comparison starts from.
struct Basis<'a> {
    columns: Vec<(&'a Arc<Column>, Fingerprint)>,
    summaries: &'a [Arc<Summary>],
    mask: arrow_buffer::BooleanBuffer,
    print: Fingerprint,
}

impl Pane for Pairs {
    fn id(&self) -> &'static str {
        "pairs"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.pairs
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let layers = cx.live.layers().cloned();
        let whole = cx.live.whole.value().cloned();
        let snapshot = cx.live.snapshot().cloned();
        let (Some(layers), Some(whole), Some(snapshot)) = (layers, whole, snapshot) else {
            PaneState::new(PaneStateKind::Working, cx.strings.working).show(ui);
            return;
        };
        let strings = cx.strings;
        let choices = [
            (Shown::Pair, strings.two_columns),
            (Shown::Correlations, strings.all_columns),
            (Shown::Missing, strings.missing),
        ];
        ui.horizontal_wrapped(|ui| {
            widgets::segmented(ui, strings.pairs, &mut self.shown, &choices);
            ui.label(egui::RichText::new(strings.rows_of(snapshot.rows.len() as u64, layers.frame.rows() as u64)));
        });
        ui.add_space(space::S);
        let columns = layers.frame.columns().iter().zip(layers.prints.iter().copied()).collect();
        let print = mask_print(&snapshot.mask);
        let basis = Basis { columns, summaries: &whole, mask: snapshot.mask.clone(), print };
        match self.shown {
            Shown::Pair => self.pair_ui(ui, cx, &basis),
            Shown::Correlations => self.correlations_ui(ui, cx, &layers.frame, &basis),
            Shown::Missing => self.missing_ui(ui, cx, &basis),
        }
    }
}

impl Pairs {
    fn pair_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, basis: &Basis<'_>) {
        let strings = cx.strings;
        self.begin(cx, basis);
        ui.horizontal_wrapped(|ui| {
            let names: Vec<(Option<String>, &str)> =
                basis.columns.iter().map(|(column, _)| (Some(column.name().to_owned()), column.name())).collect();
            for (index, (axis, chosen)) in ["X", "Y"].into_iter().zip(&mut self.columns).enumerate() {
                ui.label(axis);
                widgets::select(ui, egui::Id::unique(("axis", index)), axis, chosen, &names, 170.0);
            }
            let swap = widgets::icon_button(ui, theme::icons::ARROWS_CLOCKWISE, strings.swap_axes, None);
            if swap.clicked() {
                self.columns.swap(0, 1);
            }
        });
        ui.add_space(space::S);
        let find = |name: &Option<String>| basis.columns.iter().position(|(c, _)| Some(c.name()) == name.as_deref());
        let (Some(x), Some(y)) = (find(&self.columns[0]), find(&self.columns[1])) else { return };
        let (Some(xs), Some(ys)) = (basis.summaries.get(x), basis.summaries.get(y)) else { return };
        let (a, b) = (basis.columns[x], basis.columns[y]);
        let print = Fingerprinter::new("pair").print(a.1).print(b.1).print(basis.print).finish();
        let columns = [a.0.clone(), b.0.clone()];
        let wanted = PairOf {
            columns: columns.clone(),
            summaries: [Summary::clone(xs), Summary::clone(ys)],
            mask: Some(basis.mask.clone()),
            print,
        };
        self.pair.want(wanted, cx.session.cache(), cx.live.waker());
        *cx.busy |= self.pair.running().is_some();
        if let Some(error) = self.pair.error() {
            widgets::Banner::of_error(error, strings).show(ui);
            return;
        }
        let Some(pair) = self.pair.value().cloned() else {
            PaneState::new(PaneStateKind::Working, strings.working).show(ui);
            return;
        };
        let clicked = match &*pair {
            Pair::Density(density) => {
                let seed = cx.session.project().config.settings.seed;
                let wanted = ScatterOf { columns, mask: Some(basis.mask.clone()), seed, print };
                self.scatter.want(wanted, cx.session.cache(), cx.live.waker());
                self.density_ui(ui, cx, density)
            }
            Pair::Boxes(boxes) => boxes_ui(ui, strings, boxes),
            Pair::Table(table) => table_ui(ui, strings, table),
        };
        if let Some(sql) = clicked {
            cx.act(Act::SetView(toggled_of(cx.view, origin(), sql, false)));
        }
    }

    /// At first: a number of the data, else the length of what is labelled, by label.
    fn begin(&mut self, cx: &PaneCx<'_>, basis: &Basis<'_>) {
        if self.columns.iter().all(Option::is_some) {
            return;
        }
        let own = cx.session.dataset().frame.columns();
        let answers: Vec<&str> = cx.session.project().config.data.answers().collect();
        let is_number = |column: &&Arc<Column>| {
            matches!(column.kind(), Kind::Int | Kind::Float) && !answers.contains(&column.name())
        };
        let number = own.iter().find(is_number).or(cx.session.content_column()).map(|column| column.name());
        let first = basis.columns.first().map_or("label", |(column, _)| column.name());
        for (slot, name) in self.columns.iter_mut().zip(["label", number.unwrap_or(first)]) {
            slot.get_or_insert_with(|| name.to_owned());
        }
    }

    fn density_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, density: &Density) -> Option<String> {
        let strings = cx.strings;
        let figure = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"));
        ui.horizontal_wrapped(|ui| {
            widgets::segmented(
                ui,
                strings.density,
                &mut self.as_points,
                &[(false, strings.density), (true, strings.points)],
            );
            note(
                ui,
                &format!(
                    "Pearson {}  ·  Spearman {}  ·  n = {}",
                    figure(density.pearson),
                    figure(density.spearman),
                    grouped(density.rows)
                ),
            );
        });
        match self.scatter.value().cloned().filter(|_| self.as_points) {
            Some(scatter) => {
                if let Some(row) = scatter_ui(ui, strings, &scatter) {
                    cx.act(Act::Focus(row));
                }
                None
            }
            None => grid_ui(ui, strings, &density.grid),
        }
    }

    fn correlations_ui(&mut self, ui: &mut egui::Ui, cx: &PaneCx<'_>, frame: &crate::data::Frame, basis: &Basis<'_>) {
        let print = basis.columns.iter().fold(Fingerprinter::new("all"), |all, (_, print)| all.print(*print));
        let wanted = CorrelationsOf {
            frame: frame.clone(),
            mask: Some(basis.mask.clone()),
            seed: cx.session.project().config.settings.seed,
            print: print.print(basis.print).finish(),
        };
        self.correlations.want(wanted, cx.session.cache(), cx.live.waker());
        let Some(found) = self.correlations.value().cloned() else {
            PaneState::new(PaneStateKind::Working, cx.strings.working).show(ui);
            return;
        };
        if let Some((a, b)) = matrix_ui(ui, cx.strings, &found) {
            self.columns = [Some(found.names[a].clone()), Some(found.names[b].clone())];
            self.shown = Shown::Pair;
        }
        note(ui, cx.strings.correlations_what);
        if !found.left_out.is_empty() {
            note(ui, &cx.strings.left_out(&found.left_out.join(", ")));
        }
    }

    fn missing_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, basis: &Basis<'_>) {
        let frame = cx.session.dataset().frame.clone();
        let print = Fingerprinter::new("own").print(cx.session.dataset().fingerprint).print(basis.print).finish();
        let wanted = MissingOf { frame, mask: Some(basis.mask.clone()), print };
        self.missing.want(wanted, cx.session.cache(), cx.live.waker());
        let Some(found) = self.missing.value().cloned() else {
            PaneState::new(PaneStateKind::Working, cx.strings.working).show(ui);
            return;
        };
        let clicked =
            egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| gaps_ui(ui, cx.strings, &found)).inner;
        if let Some(sql) = clicked.filter(|sql| !sql.is_empty()) {
            cx.act(Act::SetView(toggled_of(cx.view, origin(), sql, false)));
        }
    }
}

/// Rows as points. The row of the point that was clicked.
fn scatter_ui(ui: &mut egui::Ui, strings: &Strings, scatter: &Scatter) -> Option<u32> {
    let tokens = Tokens::of(ui);
    let points: Vec<[f64; 2]> = scatter.points.iter().map(|point| [point.x, point.y]).collect();
    let height = (ui.available_height() - space::XL).max(200.0);
    let plot = widgets::plot(ui, "scatter").height(height).show(ui, |plot| {
        let colour = tokens.accent.gamma_multiply(0.55);
        plot.points(Points::new(strings.points, points).radius(2.0).color(colour));
    });
    if scatter.points.len() < scatter.of {
        note(ui, &strings.sample_of(scatter.points.len() as u64, scatter.of as u64));
    }
    let pointer = plot.response.interact_pointer_pos().filter(|_| plot.response.clicked())?;
    let distance = |point: &Point| {
        let place = plot.transform.position_from_point(&PlotPoint::new(point.x, point.y));
        place.distance(pointer)
    };
    let nearest = scatter.points.iter().map(|point| (distance(point), point.row));
    let (distance, row) = nearest.min_by(|a, b| a.0.total_cmp(&b.0))?;
    (distance <= size::ROW_DENSE).then_some(row)
}

/// The counts of a grid as tiles, darker the more rows. The condition of the tile that was clicked.
fn grid_ui(ui: &mut egui::Ui, strings: &Strings, grid: &Grid) -> Option<String> {
    let tokens = Tokens::of(ui);
    let (columns, rows) = (grid.x.len().max(1), grid.y.len().max(1));
    let left = 110.0;
    let room = egui::vec2(ui.available_width() - left - space::S, (ui.available_height() - 44.0).max(160.0));
    let tile = egui::vec2((room.x / columns as f32).max(4.0), (room.y / rows as f32).clamp(6.0, 40.0));
    let wanted = egui::vec2(left + tile.x * columns as f32, tile.y * rows as f32 + size::ROW_DENSE);
    let (rect, response) = ui.allocate_exact_size(wanted, egui::Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, strings.density));
    let origin = rect.min + egui::vec2(left, 0.0);
    let most = grid.counts.iter().copied().max().unwrap_or(0).max(1) as f32;
    // The first bar of the second column is the least: at the foot, as on every plot.
    let place = |x: usize, y: usize| {
        let min = origin + egui::vec2(x as f32 * tile.x, (rows - 1 - y) as f32 * tile.y);
        egui::Rect::from_min_size(min, tile)
    };
    for y in 0..rows {
        for x in 0..columns {
            let count = grid.count(x, y);
            let share = (count as f32).ln_1p() / most.ln_1p();
            let colour = tokens.sunken.lerp_to_gamma(tokens.accent, share);
            ui.painter().rect_filled(place(x, y).shrink(0.5), 0.0, colour);
        }
        if tile.y >= 12.0 {
            let area = egui::Rect::from_min_size(
                egui::pos2(rect.left(), place(0, y).top()),
                egui::vec2(left - space::XS, tile.y),
            );
            widgets::cell_text(ui, area, strings.bar(&grid.y[y].label), widgets::CellStyle::Weak);
        }
    }
    let every = (44.0 / tile.x).ceil().max(1.0) as usize;
    for x in (0..columns).step_by(every) {
        let foot = origin + egui::vec2(x as f32 * tile.x, tile.y * rows as f32);
        let area = egui::Rect::from_min_size(foot, egui::vec2(tile.x * every as f32 - 2.0, size::ROW_DENSE));
        widgets::cell_text(ui, area, strings.bar(&grid.x[x].label), widgets::CellStyle::Weak);
    }
    let pointer = response.hover_pos()?;
    let at = pointer - origin;
    if at.x < 0.0 || at.y < 0.0 {
        return None;
    }
    let (x, from_top) = ((at.x / tile.x) as usize, (at.y / tile.y) as usize);
    let y = (rows - 1).checked_sub(from_top)?;
    let (bar_x, bar_y) = (grid.x.get(x)?, grid.y.get(y)?);
    let stroke = egui::Stroke::new(1.5, tokens.text);
    ui.painter().rect_stroke(place(x, y), 0.0, stroke, egui::StrokeKind::Inside);
    let count = strings.rows_count(grid.count(x, y));
    let text = format!("{}  ×  {}\n{count}", strings.bar(&bar_x.label), strings.bar(&bar_y.label));
    if response.on_hover_text_at_pointer(text).clicked() { grid.sql(x, y) } else { None }
}

fn table_ui(ui: &mut egui::Ui, strings: &Strings, table: &Table) -> Option<String> {
    let v = table.cramers_v.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"));
    note(ui, &format!("Cramér's V {v}  ·  n = {}", grouped(table.rows)));
    grid_ui(ui, strings, &table.grid)
}

/// Numbers by class as boxes. The condition of the class that was clicked.
fn boxes_ui(ui: &mut egui::Ui, strings: &Strings, boxes: &Boxes) -> Option<String> {
    let tokens = Tokens::of(ui);
    let height = (ui.available_height() - 120.0).max(180.0);
    let labels: Vec<String> = boxes.boxes.iter().map(|of| strings.bar(&of.label).to_owned()).collect();
    let elements: Vec<BoxElem> = boxes
        .boxes
        .iter()
        .enumerate()
        .filter_map(|(at, of)| {
            let shape = of.shape?;
            let [q1, q2, q3] = shape.quartiles;
            let spread = BoxSpread::new(shape.whiskers[0], q1, q2, q3, shape.whiskers[1]);
            let colour = tokens.category(at.min(9));
            let element = BoxElem::new(at as f64, spread).box_width(0.5).whisker_width(0.3);
            Some(element.fill(colour.gamma_multiply(0.35)).stroke(egui::Stroke::new(1.5, colour)))
        })
        .collect();
    let names = labels.clone();
    widgets::plot(ui, "boxes")
        .height(height)
        .allow_scroll(false)
        .allow_zoom(false)
        .allow_drag(false)
        .y_axis_label(boxes.number.clone())
        .x_axis_formatter(move |mark, _| {
            let whole = mark.value.round();
            let at = ((mark.value - whole).abs() < 1e-6 && whole >= 0.0).then_some(whole as usize);
            at.and_then(|at| names.get(at)).cloned().unwrap_or_default()
        })
        .show(ui, |plot| plot.box_plot(BoxPlot::new(boxes.number.clone(), elements)));
    let mut clicked = None;
    ui.horizontal_wrapped(|ui| {
        for (of, label) in boxes.boxes.iter().zip(&labels) {
            let median = of.shape.map_or_else(|| "–".to_owned(), |shape| crate::data::show_float(shape.quartiles[1]));
            let text = format!("{label}  {}  ·  {median}", grouped(of.count as u64));
            if widgets::quiet_button(ui, &text).clicked() {
                clicked = Some(of.sql.clone());
            }
        }
    });
    clicked
}

/// Every column against every other as coloured tiles; the pair that was clicked.
pub(super) fn matrix_ui(ui: &mut egui::Ui, strings: &Strings, found: &Correlations) -> Option<(usize, usize)> {
    let tokens = Tokens::of(ui);
    let count = found.names.len();
    let left = 140.0;
    let side = ((ui.available_width() - left - space::L) / count.max(1) as f32).clamp(10.0, 44.0);
    let mut clicked = None;
    egui::ScrollArea::both().id_salt("correlations").max_height(ui.available_height() - 60.0).show(ui, |ui| {
        ui.spacing_mut().item_spacing = egui::vec2(1.0, 1.0);
        for row in 0..count {
            ui.horizontal(|ui| {
                let (rect, _) = ui.allocate_exact_size(egui::vec2(left, side.min(size::ROW)), egui::Sense::hover());
                widgets::cell_text(ui, rect, &found.names[row], widgets::CellStyle::Text);
                for column in 0..count {
                    let wanted = egui::vec2(side, side.min(size::ROW));
                    let (rect, response) = ui.allocate_exact_size(wanted, egui::Sense::click());
                    let Some(pair) = found.get(row, column) else { continue };
                    let value = pair.value.unwrap_or(0.0) as f32;
                    let colour = if value < 0.0 { tokens.error } else { tokens.accent };
                    ui.painter().rect_filled(rect, 2.0, tokens.sunken.lerp_to_gamma(colour, value.abs().min(1.0)));
                    let figure = pair.value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
                    let about =
                        format!("{} × {}: {figure} ({:?})", found.names[row], found.names[column], pair.measure);
                    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &about));
                    if side >= 34.0 {
                        let at = rect.center();
                        let font = theme::caption();
                        ui.painter().text(at, egui::Align2::CENTER_CENTER, figure, font, tokens.text);
                    }
                    if response.on_hover_text(about).clicked() {
                        clicked = Some((column, row));
                    }
                }
            });
        }
    });
    if found.rows < found.of {
        note(ui, &strings.sample_of(found.rows as u64, found.of as u64));
    }
    clicked
}

/// What is missing, by column and together. The condition that was clicked.
pub(super) fn gaps_ui(ui: &mut egui::Ui, strings: &Strings, found: &Missing) -> Option<String> {
    let mut clicked = None;
    let bars: Vec<widgets::Bar> = found
        .columns
        .iter()
        .map(|column| widgets::Bar {
            label: column.name.clone(),
            count: column.count as u64,
            total: found.rows as u64,
            color: None,
        })
        .collect();
    if let Some((index, _)) = widgets::BarList::new(strings.missing, &bars).show(ui).clicked {
        clicked = found.columns.get(index).map(|column| column.sql.clone());
    }
    title(ui, strings.missing_together);
    for pattern in &found.patterns {
        let names: Vec<&str> =
            pattern.columns.iter().filter_map(|&at| found.columns.get(at)).map(|column| column.name.as_str()).collect();
        let what = if names.is_empty() { strings.nothing_missing.to_owned() } else { names.join(" + ") };
        let share = percent(pattern.count as f64 / found.rows.max(1) as f64);
        if widgets::quiet_button(ui, &format!("{}  ·  {share}  ·  {what}", grouped(pattern.count as u64))).clicked() {
            clicked = Some(pattern.sql.clone());
        }
    }
    clicked
}
