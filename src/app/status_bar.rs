//! The line at the foot: what is saved, what is shown, what is being worked on.

use eframe::egui;

use super::act::Act;
use super::strings::{Strings, duration};
use super::theme::{self, Tokens, icons, space};
use super::widgets;
use super::workbench::Workbench;
use super::workspace::Workspace;
use crate::engine::Work;

pub(super) fn ui(ui: &mut egui::Ui, bench: &Workbench, strings: &'static Strings, acts: &mut Vec<Act>) {
    let tokens = Tokens::of(ui);
    let weak = |text: String| egui::RichText::new(text).font(theme::caption()).color(tokens.weak);
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        ui.label(egui::RichText::new(icons::CHECK).font(theme::icon(12.0)).color(tokens.ok));
        ui.label(weak(strings.everything_saved.to_owned()));
        let ((task, done), all) = (bench.finished(), bench.session.dataset().rows() as u64);
        ui.label(weak(match task {
            Some(task) => strings.finished_of(task, done as u64, all),
            None => strings.labelled_of(done as u64, all),
        }));
        if bench.session.orphan_count() > 0 {
            ui.label(weak(strings.orphans(bench.session.orphan_count() as u64)));
        }
        if let Some(checked) = bench.live.expectations.value()
            && checked.held < checked.outcomes.len()
        {
            let (all, failed) = (checked.outcomes.len() as u64, (checked.outcomes.len() - checked.held) as u64);
            ui.label(egui::RichText::new(icons::WARNING).font(theme::icon(12.0)).color(tokens.warning));
            if ui.link(weak(strings.expectations_fail(failed, all))).clicked() {
                acts.push(Act::Go(Workspace::Watch));
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            ui.label(weak(strings.offline.to_owned())).on_hover_text(strings.offline_explained);
            // Only work that a person waits for is worth a line: the rest is done before it could be read.
            let jobs = bench.live.jobs();
            for (name, work) in
                jobs.into_iter().chain(bench.errands()).filter(|(_, work)| work.progress().seconds > 0.6)
            {
                job_ui(ui, name, work, strings);
            }
        });
    });
}

fn job_ui(ui: &mut egui::Ui, name: &str, work: &Work, strings: &'static Strings) {
    let tokens = Tokens::of(ui);
    let progress = work.progress();
    if widgets::icon_button(ui, icons::X, strings.cancel, None).clicked() {
        work.cancel();
    }
    let share = progress.share();
    let mut text = strings.job(name).to_owned();
    if let Some(share) = share {
        text.push_str(&format!(" {} %", (share * 100.0) as u32));
        // A forecast before the third second is a guess.
        if progress.seconds > 3.0 && share > 0.02 {
            let left = progress.seconds * f64::from((1.0 - share) / share);
            text.push_str(&format!(" · {}", strings.time_left(left)));
        }
    } else {
        text.push_str(&format!(" {}", duration(progress.seconds, strings.language)));
    }
    ui.label(egui::RichText::new(text).font(theme::caption()).color(tokens.text));
    let (rect, _) = ui.allocate_exact_size(egui::vec2(80.0, 4.0), egui::Sense::hover());
    ui.painter().rect_filled(rect, 2.0, tokens.hairline);
    let done = egui::Rect::from_min_size(rect.min, egui::vec2(rect.width() * share.unwrap_or(0.0), rect.height()));
    ui.painter().rect_filled(done, 2.0, tokens.accent);
    ui.ctx().request_repaint_after(std::time::Duration::from_millis(100));
}
