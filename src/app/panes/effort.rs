//! What labelling costs: how fast it goes, what takes long, how often a suggestion is taken, when the queue ends.

use eframe::egui;

use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, duration, grouped, percent};
use crate::app::theme::{self, Tokens, space};
use crate::app::widgets::{PaneState, PaneStateKind};
use crate::engine::Job;
use crate::label::{Consistency, Effort, EffortLog, consistency, on_gold};

/// The pane's own state.
#[derive(Default)]
pub struct EffortPane {
    shown: Option<Effort>,
    /// The state of the ledger that the figures are of.
    of: Option<u64>,
    coming: Option<(u64, Job<Effort>)>,
    /// How far one agrees with oneself, and with gold: items and right ones; of this state of the ledger.
    checked: Option<(u64, Consistency, (usize, usize))>,
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
        let (consistency, gold) = self.checked(cx);
        let Some(effort) = self.shown.as_ref().filter(|effort| effort.items > 0) else {
            PaneState::new(PaneStateKind::Empty, cx.strings.effort_empty).why(cx.strings.effort_empty_why).show(ui);
            return;
        };
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            figures_ui(ui, cx, effort, &consistency, gold);
        });
    }
}

impl EffortPane {
    /// What was served again and gold items, looked at whenever something was labelled.
    fn checked(&mut self, cx: &PaneCx<'_>) -> (Consistency, (usize, usize)) {
        let (session, ledger) = (cx.session, &cx.session.project().ledger);
        let generation = ledger.generation();
        if let Some((of, consistency, gold)) = self.checked
            && of == generation
        {
            return (consistency, gold);
        }
        let seed = session.project().config.settings.seed;
        let found = consistency(ledger.marks(), session.voice(), session.classes(), seed);
        let gold = session.gold().map_or((0, 0), |gold| on_gold(session.own().labels(), gold));
        self.checked = Some((generation, found, gold));
        (found, gold)
    }

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

fn figures_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, effort: &Effort, consistency: &Consistency, gold: (usize, usize)) {
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
    if consistency.items > 0 {
        let share = percent(consistency.same as f64 / consistency.items as f64);
        let kappa = consistency.kappa.value.map_or_else(String::new, |kappa| format!(", κ {kappa:.2}"));
        let range = consistency.kappa.low.zip(consistency.kappa.high);
        let range = range.map_or_else(String::new, |(low, high)| format!(" [{low:.2}, {high:.2}]"));
        let counts = format!("{} / {}", grouped(consistency.same as u64), grouped(consistency.items as u64));
        facts.push((strings.own_consistency, format!("{share} ({counts}{kappa}{range})")));
    }
    if gold.0 > 0 {
        let share = percent(gold.1 as f64 / gold.0 as f64);
        facts.push((strings.on_gold, format!("{share} ({} / {})", grouped(gold.1 as u64), grouped(gold.0 as u64))));
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
