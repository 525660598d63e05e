//! The first hour on a sample: what there is to try, step by step, each ticked off when it was done. A person does the
//! steps with the program itself; the card only points to where, and is gone for good when it is closed.

use eframe::egui;

use super::act::Act;
use super::strings::Strings;
use super::theme::{self, Tokens, icons, radius, size, space};
use super::widgets;
use super::workbench::Workbench;
use super::workspace::Workspace;

/// Items to label by hand before functions are judged.
const LABELS: usize = 20;

/// Findings to settle.
const SETTLED: usize = 2;

struct Step {
    text: String,
    workspace: Workspace,
    done: bool,
}

fn steps(bench: &Workbench, strings: &'static Strings) -> [Step; 8] {
    let step = |text: String, workspace, done| Step { text, workspace, done };
    let labelled = bench.session.annotations().labelled();
    let settlement = bench.live.settlement();
    let settled = settlement.count();
    let edited = bench.session.functions.files().iter().any(crate::session::LfFile::is_dirty) || bench.has_edited();
    [
        step(strings.tour_look.to_owned(), Workspace::Explore, bench.has_filtered()),
        step(strings.tour_save_view.to_owned(), Workspace::Explore, !bench.session.views().is_empty()),
        step(strings.tour_label(labelled.min(LABELS) as u64, LABELS as u64), Workspace::Label, labelled >= LABELS),
        step(strings.tour_function.to_owned(), Workspace::Functions, edited),
        step(strings.tour_train.to_owned(), Workspace::Functions, bench.is_trained()),
        step(strings.tour_uncertain.to_owned(), Workspace::Functions, bench.has_seen_uncertain()),
        step(strings.tour_settle(settled.min(SETTLED) as u64, SETTLED as u64), Workspace::Clean, settled >= SETTLED),
        step(strings.tour_deliver.to_owned(), Workspace::Deliver, bench.has_delivered()),
    ]
}

/// Draws the card over the lower right corner, where panes are emptiest, while it is wanted.
pub(super) fn ui(ctx: &egui::Context, bench: &Workbench, strings: &'static Strings, acts: &mut Vec<Act>) {
    if !bench.session.project().config.settings.tour {
        return;
    }
    let tokens = Tokens::of(ctx);
    let place = egui::Area::new(egui::Id::unique("tour")).order(egui::Order::Middle);
    place.anchor(egui::Align2::RIGHT_BOTTOM, [-space::M, -space::XXL]).show(ctx, |ui| {
        egui::Frame::NONE
            .fill(tokens.raised)
            .stroke(egui::Stroke::new(1.0, tokens.border))
            .corner_radius(radius::CARD)
            .inner_margin(space::M)
            .shadow(egui::Shadow { offset: [0, 2], blur: 16, spread: 0, color: tokens.shadow })
            .show(ui, |ui| {
                ui.set_width(280.0);
                ui.horizontal(|ui| {
                    ui.label(egui::RichText::new(strings.tour_title).font(theme::section()));
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        if widgets::icon_button(ui, icons::X, strings.tour_close, None).clicked() {
                            acts.push(Act::EndTour);
                        }
                    });
                });
                for step in steps(bench, strings) {
                    step_ui(ui, &step, acts);
                }
            });
    });
}

fn step_ui(ui: &mut egui::Ui, step: &Step, acts: &mut Vec<Act>) {
    let tokens = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(egui::vec2(ui.available_width(), size::ROW), egui::Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, enabled, step.done, &step.text));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, radius::CONTROL, tokens.hover);
    }
    let (icon, color) = if step.done { (icons::CHECK, tokens.ok) } else { (icons::CARET_RIGHT, tokens.weak) };
    let at = rect.left_center() + egui::vec2(space::XS, 0.0);
    ui.painter().text(at, egui::Align2::LEFT_CENTER, icon, theme::icon(14.0), color);
    let style = if step.done { widgets::CellStyle::Weak } else { widgets::CellStyle::Text };
    let text = rect.with_min_x(rect.left() + 14.0 + space::M);
    widgets::cell_text(ui, text, &step.text, style);
    if response.clicked() {
        acts.push(Act::Go(step.workspace));
    }
}
