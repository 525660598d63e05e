//! Progress: a bar, and a row that says what is done, how far it is, how long it takes, and lets it be cancelled.

use std::time::Duration;

use eframe::egui::{self, Align, Layout, Rect, RichText, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::button::icon_button;
use crate::app::strings::{Strings, percent, strings};
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::engine::Progress;

/// A bar filled to `share` (0-1), or one that moves while the total is not known.
pub fn progress_bar(ui: &mut Ui, name: &str, share: Option<f32>, width: f32) {
    let tokens = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width.max(16.0), 4.0), Sense::hover());
    response.widget_info(|| WidgetInfo {
        value: share.map(|share| f64::from(share) * 100.0),
        ..WidgetInfo::labeled(Role::ProgressIndicator, ui.is_enabled(), name)
    });
    let track = if tokens.dark { tokens.hairline } else { tokens.plot_rest };
    ui.painter().rect_filled(rect, 2, track);
    let filled = match share {
        Some(share) => rect.with_max_x(rect.left() + rect.width() * share.clamp(0.0, 1.0)),
        None => {
            ui.request_repaint_after(Duration::from_millis(100));
            let length = rect.width() * 0.3;
            let phase = (ui.input(|i| i.time) * 0.8).fract() as f32;
            let left = rect.left() - length + phase * (rect.width() + length);
            Rect::from_min_max(pos2(left, rect.top()), pos2(left + length, rect.bottom())).intersect(rect)
        }
    };
    if filled.width() > 0.0 {
        ui.painter().rect_filled(filled, 2, tokens.accent);
    }
}

/// A row about work that is under way. Returns true if it was cancelled just now.
///
/// The time that is left is told after three seconds, from the rate so far; before that it would only jump about.
pub fn progress_row(ui: &mut Ui, progress: &Progress, can_cancel: bool) -> bool {
    let tokens = Tokens::of(ui);
    let texts = strings(ui);
    let mut cancelled = false;
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.horizontal(|ui| {
            ui.set_min_height(size::HIT);
            let stage = if progress.stage.is_empty() { texts.working } else { texts.stage(&progress.stage) };
            ui.add(egui::Label::new(RichText::new(stage).color(tokens.text)).truncate());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if can_cancel {
                    cancelled = icon_button(ui, icons::X, texts.cancel, None).clicked();
                }
                let figures = RichText::new(figures(progress, texts)).font(theme::caption()).color(tokens.weak);
                ui.add(egui::Label::new(figures).truncate());
            });
        });
        progress_bar(ui, texts.working, progress.share(), ui.available_width());
    });
    // What is shown changes with the work, not with the pointer.
    ui.request_repaint_after(Duration::from_millis(100));
    cancelled
}

/// "1,204 / 10,000 · 12% · about 2 min left".
fn figures(progress: &Progress, texts: &Strings) -> String {
    let mut text = texts.done_of(progress.done, progress.total);
    if let Some(share) = progress.share() {
        text.push_str(" · ");
        text.push_str(&percent(f64::from(share)));
    }
    if let Some(seconds) = seconds_left(progress) {
        text.push_str(" · ");
        text.push_str(&texts.time_left(seconds));
    }
    text
}

/// The time that is left at the rate so far.
fn seconds_left(progress: &Progress) -> Option<f64> {
    let share = f64::from(progress.share()?);
    (progress.seconds >= 3.0 && share > 0.0 && share < 1.0).then(|| progress.seconds / share * (1.0 - share))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::strings::Language;

    #[test]
    fn the_time_left_is_told_late_and_by_the_rate() {
        let check = |done, total, seconds, expected: &str| {
            let progress = Progress { stage: "reading".into(), done, total, seconds };
            assert_eq!(figures(&progress, Strings::of(Language::English)), expected);
        };
        check(1204, 10_000, 1.0, "1,204 / 10,000 · 12%");
        check(2_500, 10_000, 20.0, "2,500 / 10,000 · 25% · about 1 min left");
        check(10_000, 10_000, 20.0, "10,000 / 10,000 · 100%");
        check(37, 0, 20.0, "37");
    }
}
