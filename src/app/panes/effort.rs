//! What labelling costs: how fast it goes, what takes long, how often a suggestion is taken, when the queue ends.

use eframe::egui;

use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, duration, grouped, percent};
use crate::app::theme::{self, Tokens, space};
use crate::app::widgets::{PaneState, PaneStateKind};
use crate::engine::Job;
use crate::label::{Effort, EffortLog};

/// The pane's own state.
#[derive(Default)]
pub struct EffortPane {
    shown: Option<Effort>,
    /// The state of the ledger that the figures are of.
    of: Option<u64>,
    coming: Option<(u64, Job<Effort>)>,
}

impl Pane for EffortPane {
    fn id(&self) -> &'static str {
        "effort"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.effort
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        self.follow(cx);
        let Some(effort) = self.shown.as_ref().filter(|effort| effort.items > 0) else {
            PaneState::new(PaneStateKind::Empty, cx.strings.effort_empty).why(cx.strings.effort_empty_why).show(ui);
            return;
        };
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| figures_ui(ui, cx, effort));
    }
}

impl EffortPane {
    /// The events are read from the disk off the window's thread, whenever something was labelled.
    fn follow(&mut self, cx: &mut PaneCx<'_>) {
        if let Some(result) = self.coming.as_ref().and_then(|(_, job)| job.take()) {
            let of = self.coming.take().map(|(of, _)| of);
            if let Ok(effort) = result {
                (self.shown, self.of) = (Some(effort), of);
            }
        }
        let generation = cx.session.project().ledger.generation();
        if self.coming.is_none() && self.of != Some(generation) {
            let path = cx.session.project().store_path();
            let job = Job::spawn("effort", cx.live.waker().clone(), move |work| {
                let mut log = EffortLog::default();
                crate::project::Store::open(&path)?.replay(|event| log.take(event))?;
                work.check()?;
                Ok(log.figures())
            });
            self.coming = Some((generation, job));
        }
        *cx.busy |= self.coming.is_some();
    }
}

fn figures_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, effort: &Effort) {
    let (strings, tokens) = (cx.strings, Tokens::of(ui));
    // Below a minute tenths count: a class of one second is not one of two.
    let seconds = |value: f64| if value < 60.0 { strings.short_time(value) } else { duration(value, strings.language) };
    let mut facts: Vec<(&str, String)> = vec![(strings.effort_items, grouped(effort.items as u64))];
    facts.extend(effort.per_hour.map(|rate| (strings.per_hour, format!("{rate:.0}"))));
    facts.extend(effort.per_hour_lately.map(|rate| (strings.per_hour_lately, format!("{rate:.0}"))));
    facts.extend(effort.median.map(|value| (strings.median_time, seconds(value))));
    facts.extend(effort.p90.map(|value| (strings.p90_time, seconds(value))));
    facts.push((strings.active_time, seconds(effort.seconds)));
    for (name, (all, alike)) in
        [(strings.suggestions_taken, effort.suggested), (strings.suggestions_hidden, effort.blank)]
    {
        if all > 0 {
            let share = percent(alike as f64 / all as f64);
            facts.push((name, format!("{share} ({} / {})", grouped(alike as u64), grouped(all as u64))));
        }
    }
    if let Some(left) = effort.forecast(cx.progress.open()).filter(|_| cx.progress.open() > 0) {
        facts.push((strings.queue_ends_in, seconds(left)));
    }
    if effort.away > 0 {
        facts.push((strings.breaks, grouped(effort.away as u64)));
    }
    egui::Grid::new("effort").num_columns(2).spacing([space::XL, space::XS]).show(ui, |ui| {
        for (name, value) in facts {
            ui.label(egui::RichText::new(name).color(tokens.weak));
            ui.label(egui::RichText::new(value).font(theme::strong()).color(tokens.text));
            ui.end_row();
        }
    });
    for (title, groups) in [(strings.by_class, &effort.classes), (strings.by_annotator, &effort.annotators)] {
        if groups.len() < 2 {
            continue;
        }
        ui.add_space(space::M);
        ui.label(egui::RichText::new(title).font(theme::section()).color(tokens.text));
        egui::Grid::new(title).num_columns(3).striped(true).spacing([space::XL, space::XS]).show(ui, |ui| {
            for (name, items, median) in groups {
                ui.label(egui::RichText::new(name).color(tokens.text));
                ui.label(egui::RichText::new(grouped(*items as u64)).font(theme::figures()).color(tokens.text));
                ui.label(egui::RichText::new(seconds(*median)).font(theme::figures()).color(tokens.weak));
                ui.end_row();
            }
        });
    }
}
