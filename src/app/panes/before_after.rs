//! Before and after: what correcting labels gained, by the same model in the same folds, judged by the labels as they came and by
//! the corrected ones side by side, so that nobody flatters himself.

use eframe::egui;

use super::asked::{Asked, Words};
use super::predictions::note;
use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped};
use crate::app::theme::{self, Tokens, icons, space};
use crate::app::widgets::{self, Action, PaneState, PaneStateKind, Whisker};
use crate::clean::BeforeAfter;
use crate::session::BeforeAfterOf;

/// The pane's own state.
#[derive(Default)]
pub struct BeforeAfterPane {
    asked: Asked<BeforeAfterOf>,
}

impl Pane for BeforeAfterPane {
    fn id(&self) -> &'static str {
        "before-after"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.before_and_after
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        if cx.session.given().is_none() {
            let state = PaneState::new(PaneStateKind::Empty, strings.before_after_none);
            state.why(strings.before_after_none_why).show(ui);
            return;
        }
        let words = Words {
            title: strings.before_and_after,
            what: strings.before_after_what,
            why: strings.before_after_why,
            start: strings.compare,
            icon: None,
            stale: strings.stale_findings,
        };
        let wanted = cx.live.basis().cloned().map(BeforeAfterOf);
        let Some(found) = self.asked.ui(ui, cx, wanted, &words) else { return };
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| found_ui(ui, cx, &found));
    }
}

fn found_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &BeforeAfter) {
    let strings = cx.strings;
    let tokens = Tokens::of(ui);
    ui.label(egui::RichText::new(strings.corrections(found.changed, found.left_out)).font(theme::strong()));
    if found.changed + found.left_out == 0 {
        let go = Action::primary(strings.to_settle).icon(icons::BROOM);
        let state = PaneState::new(PaneStateKind::Empty, strings.nothing_corrected).why(strings.nothing_corrected_why);
        if state.action(go).show(ui).is_some() {
            cx.act(Act::Go(crate::app::Workspace::Clean));
        }
        return;
    }
    note(ui, strings.before_after_why);
    ui.add_space(space::M);
    let sides = [
        (strings.by_given_labels, strings.by_given_labels_why, found.on_given),
        (strings.by_corrected_labels, strings.by_corrected_labels_why, found.on_corrected),
        (strings.by_agreed_labels, strings.by_agreed_labels_why, found.on_agreed),
    ];
    let most = sides.iter().filter_map(|(_, _, judged)| *judged);
    let most = most.map(|judged| judged.difference.low.abs().max(judged.difference.high.abs())).fold(0.01, f64::max);
    // Differences are small: a tenth of a percent counts.
    let share = |share: f64| format!("{:.1}%", 100.0 * share);
    let points = |share: f64| format!("{:+.1}", 100.0 * share);
    let grid = egui::Grid::new("before and after").num_columns(6).striped(true).spacing([space::XL, space::S]);
    grid.show(ui, |ui| {
        let heads = [strings.judged_by, strings.rows, strings.change_before, strings.change_after, strings.change, ""];
        for head in heads {
            ui.label(egui::RichText::new(head).font(theme::caption()).color(tokens.weak));
        }
        ui.end_row();
        for (name, what, judged) in sides {
            ui.label(egui::RichText::new(name).color(tokens.text)).on_hover_text(what);
            let Some(judged) = judged else {
                ui.label(egui::RichText::new("–").color(tokens.weak));
                ui.end_row();
                continue;
            };
            ui.label(egui::RichText::new(grouped(judged.rows)).font(theme::mono()));
            ui.label(egui::RichText::new(share(judged.before)).font(theme::mono()));
            ui.label(egui::RichText::new(share(judged.after)).font(theme::mono()));
            let gain = judged.difference;
            let text = strings.with_interval(&points(gain.value), &points(gain.low), &points(gain.high));
            ui.label(egui::RichText::new(text).font(theme::mono())).on_hover_text(strings.by_chance(judged.p_value));
            let (rect, _) = ui.allocate_exact_size(egui::vec2(180.0, 18.0), egui::Sense::hover());
            let whisker = Whisker {
                value: gain.value,
                interval: gain.low..=gain.high,
                mark: Some(0.0),
                band: None,
                scale: -most..=most,
                strong: gain.low > 0.0 || gain.high < 0.0,
            };
            widgets::paint_whisker(ui, rect, &whisker);
            ui.end_row();
        }
    });
    ui.add_space(space::M);
    note(ui, strings.difference_points);
}
