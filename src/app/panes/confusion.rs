//! The confusion matrix: known labels down, predictions across. A click on a cell shows its rows.

use eframe::egui;

use crate::app::pane::PaneCx;
use crate::app::strings::grouped;
use crate::app::theme::{self, Tokens, size};
use crate::app::widgets;
use crate::learn::judge::{Confusion, cell_sql};

/// Cells are as wide as this, and narrower the more classes there are.
const CELL: f32 = 64.0;
const LEAST: f32 = 14.0;

/// The matrix with "no label" and "no prediction" at its end, where there are any. `columns`: the known label, the
/// prediction, the confidence. The condition of the cell that was clicked.
pub(super) fn confusion_ui(
    ui: &mut egui::Ui,
    cx: &PaneCx<'_>,
    confusion: &Confusion,
    columns: &(String, String, Option<&'static str>),
    hide_diagonal: bool,
) -> Option<String> {
    let names = cx.session.class_names();
    let classes: Vec<Option<u16>> = (0..names.len() as u16).map(Some).collect();
    let any = |none_label: bool| {
        let count = |class: &Option<u16>| {
            if none_label { confusion.count(None, *class) } else { confusion.count(*class, None) }
        };
        classes.iter().any(|class| count(class) > 0)
    };
    let with_none = |add: bool| classes.iter().copied().chain(add.then_some(None)).collect::<Vec<_>>();
    let (labels, predictions) = (with_none(any(true)), with_none(any(false)));
    let name = |class: Option<u16>, none: &'static str| {
        class.and_then(|class| names.get(usize::from(class))).map_or(none, String::as_str)
    };
    let room = ui.available_width() - 130.0;
    let side = (room / predictions.len().max(1) as f32).clamp(LEAST, CELL);
    let height = side.min(size::ROW);
    let mut clicked = None;
    egui::ScrollArea::horizontal().id_salt("confusion").show(ui, |ui| {
        ui.spacing_mut().item_spacing = egui::vec2(1.0, 1.0);
        if side >= 40.0 {
            ui.horizontal(|ui| {
                ui.add_space(121.0);
                for &predicted in &predictions {
                    let (rect, _) = ui.allocate_exact_size(egui::vec2(side, size::ROW_DENSE), egui::Sense::hover());
                    let style = widgets::CellStyle::Weak;
                    widgets::cell_text(ui, rect, name(predicted, cx.strings.no_prediction), style);
                }
            });
        }
        for &label in &labels {
            let most = predictions.iter().map(|&p| confusion.count(label, p)).filter(|count| *count > 0);
            let total: u64 = most.sum();
            ui.horizontal(|ui| {
                let (rect, _) = ui.allocate_exact_size(egui::vec2(120.0, height), egui::Sense::hover());
                widgets::cell_text(ui, rect, name(label, cx.strings.no_label), widgets::CellStyle::Text);
                for &predicted in &predictions {
                    let hidden = hide_diagonal && label == predicted;
                    let count = if hidden { 0 } else { confusion.count(label, predicted) };
                    let share = if total > 0 { count as f32 / total as f32 } else { 0.0 };
                    let place = (name(label, cx.strings.no_label), name(predicted, cx.strings.no_prediction));
                    if cell_ui(ui, cx, egui::vec2(side, height), (count, share), place, label == predicted) {
                        let class =
                            |class: Option<u16>| class.and_then(|c| names.get(usize::from(c))).map(String::as_str);
                        clicked = Some(cell_sql(&columns.0, class(label), &columns.1, class(predicted)));
                    }
                }
            });
        }
    });
    clicked
}

fn cell_ui(
    ui: &mut egui::Ui,
    cx: &PaneCx<'_>,
    wanted: egui::Vec2,
    (count, share): (u64, f32),
    (label, predicted): (&str, &str),
    right: bool,
) -> bool {
    let tokens = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(wanted, egui::Sense::click());
    let about = cx.strings.confusion_cell(label, predicted, count);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, count > 0, &about));
    let colour = if right { tokens.ok } else { tokens.error };
    let ground = tokens.sunken.lerp_to_gamma(colour, (share * 0.75).min(0.75));
    ui.painter().rect_filled(rect, 2.0, ground);
    if response.hovered() || response.has_focus() {
        let stroke = egui::Stroke::new(size::FOCUS_RING, tokens.accent);
        ui.painter().rect_stroke(rect, 2.0, stroke, egui::StrokeKind::Inside);
    }
    if count > 0 && wanted.x >= 28.0 {
        let text = tokens.text;
        ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, grouped(count), theme::small_mono(), text);
    }
    response.on_hover_text(about).clicked() && count > 0
}
