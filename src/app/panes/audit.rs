//! The audit: a few dozen labels drawn over all scores are settled by keyboard; from these verdicts follow precision and recall
//! at every rank, what reviewing costs and gains, and the rank at which to cut.

use std::sync::Arc;

use eframe::egui;
use egui_plot::{FilledArea, Line, LineStyle, PlotPoints, VLine};

use super::content;
use super::predictions::{note, title};
use super::settling::{pressed, settle};
use super::why::{class_name, why};
use crate::app::act::Act;
use crate::app::keys::CommandId;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, duration, grouped, percent};
use crate::app::theme::{self, Tokens, icons, radius, space};
use crate::app::widgets::{self, Action, Button, ButtonKind, PaneState, PaneStateKind};
use crate::clean::audit::{AtRank, Audit, Estimate};
use crate::clean::{Decision, Finder, Finding, label_finding};
use crate::engine::{Job, Slot};
use crate::session::{AuditOf, Audited, CostOf, Findings, Verdicts, review_seconds, verdicts_of};

/// How many labels can be drawn.
const COUNTS: [usize; 4] = [30, 40, 50, 60];

/// Verdicts from which the curves are worth looking at.
const ENOUGH: usize = 5;

/// The height of a plot.
const PLOT: f32 = 170.0;

/// The pane's own state.
pub struct AuditPane {
    wanted: usize,
    slot: Slot<AuditOf>,
    cost: Slot<CostOf>,
    /// Whether the accuracy shall be computed for what holds now.
    ask_cost: bool,
    /// Whether costs are shown in minutes.
    minutes: bool,
    /// Seconds of a review, for this state of the ledger.
    seconds: Option<(u64, Option<f64>)>,
    coming: Option<(u64, Job<Option<f64>>)>,
    /// The verdicts, for this state of the ledger.
    verdicts: Option<(u64, Verdicts)>,
    /// The row that is passed over for now.
    passed: Vec<u32>,
    /// The score of the rank that was clicked, in place of the best.
    chosen: Option<f64>,
}

impl Default for AuditPane {
    fn default() -> Self {
        Self {
            wanted: 40,
            slot: Slot::default(),
            cost: Slot::default(),
            ask_cost: false,
            minutes: false,
            seconds: None,
            coming: None,
            verdicts: None,
            passed: Vec::new(),
            chosen: None,
        }
    }
}

impl Pane for AuditPane {
    fn id(&self) -> &'static str {
        "audit"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.audit
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        let Some(found) = cx.live.findings.value().cloned().zip(cx.live.findings.print()) else {
            if let Some(work) = cx.live.findings.running() {
                widgets::working_ui(ui, strings.finding_problems, work);
                return;
            }
            let state = PaneState::new(PaneStateKind::NeedsInput, strings.audit_what).why(strings.audit_why);
            if state.action(Action::primary(strings.find_problems).icon(icons::BROOM)).show(ui).is_some() {
                cx.act(Act::Command(CommandId::Look));
            }
            return;
        };
        if let Err(reason) = &found.0.label_errors {
            let reason = strings.error_what(&crate::engine::Error::input(reason.clone()));
            PaneState::new(PaneStateKind::Empty, strings.no_label_errors_why).why(&reason).show(ui);
            return;
        }
        self.refresh(cx, &found);
        let Some(audited) = self.slot.value().cloned() else {
            PaneState::new(PaneStateKind::Working, strings.working).show(ui);
            return;
        };
        let open: Vec<u32> = audited.drawn.iter().copied().filter(|row| is_open(cx, *row)).collect();
        self.head_ui(ui, cx, &audited, open.len());
        let quiet = egui::Frame::NONE.inner_margin(egui::Margin { top: space::S as i8, ..egui::Margin::ZERO });
        egui::Panel::bottom("audit figures")
            .frame(quiet)
            .resizable(true)
            .default_size(330.0)
            .size_range(200.0..=520.0)
            .show(ui, |ui| {
                egui::ScrollArea::vertical()
                    .auto_shrink(false)
                    .show(ui, |ui| self.figures_ui(ui, cx, &found.0, &audited));
            });
        egui::CentralPanel::default().frame(egui::Frame::NONE).show(ui, |ui| self.item_ui(ui, cx, &found.0, &open));
    }
}

/// True if a drawn label still waits for a verdict.
fn is_open(cx: &PaneCx<'_>, row: u32) -> bool {
    let excluded = cx.session.annotations().excluded().get(row as usize) == Some(&true);
    !excluded && !cx.live.settlement().is_settled(Finder::LabelError, row)
}

impl AuditPane {
    fn refresh(&mut self, cx: &mut PaneCx<'_>, found: &(Arc<Findings>, crate::engine::Fingerprint)) {
        let generation = cx.session.project().ledger.generation();
        let verdicts = match &self.verdicts {
            Some((of, verdicts)) if *of == generation => verdicts.clone(),
            _ => self.verdicts.insert((generation, verdicts_of(cx.session))).1.clone(),
        };
        let seed = cx.session.project().config.settings.seed;
        let wanted = AuditOf { findings: found.clone(), verdicts, wanted: self.wanted, seed };
        self.slot.want(wanted, cx.session.cache(), cx.live.waker());
        self.slot.poll();
        self.cost.poll();
        if let (true, Some(audited), Some(basis)) =
            (self.ask_cost, self.slot.value().cloned().zip(self.slot.print()), cx.live.basis())
        {
            self.ask_cost = false;
            self.cost.retry();
            let wanted = CostOf { basis: basis.clone(), findings: found.clone(), audited };
            self.cost.want(wanted, cx.session.cache(), cx.live.waker());
        }
        if let Some(result) = self.coming.as_ref().and_then(|(_, job)| job.take()) {
            self.seconds = self.coming.take().map(|(of, _)| (of, result.unwrap_or_default()));
        }
        if self.minutes && self.coming.is_none() && self.seconds.is_none_or(|(of, _)| of != generation) {
            let path = cx.session.project().store_path();
            let job = Job::spawn("effort", cx.live.waker().clone(), move |work| review_seconds(&path, work));
            self.coming = Some((generation, job));
        }
        *cx.busy |= self.slot.running().is_some() || self.cost.running().is_some() || self.coming.is_some();
    }

    fn head_ui(&mut self, ui: &mut egui::Ui, cx: &PaneCx<'_>, audited: &Audited, open: usize) {
        let strings = cx.strings;
        let tokens = Tokens::of(ui);
        ui.horizontal_wrapped(|ui| {
            ui.label(strings.audit_draw);
            let names = COUNTS.map(|count| (count, grouped(count as u64)));
            let choices: Vec<(usize, &str)> = names.iter().map(|(count, name)| (*count, name.as_str())).collect();
            if widgets::segmented(ui, strings.audit_draw, &mut self.wanted, &choices) {
                self.passed.clear();
            }
            let done = audited.drawn.len() - open;
            let text = strings.audit_settled(done as u64, audited.drawn.len() as u64);
            ui.label(egui::RichText::new(text).font(theme::strong()));
            if let Some(audit) = &audited.audit {
                let text = strings.audit_verdicts(audit.verdicts as u64, audit.wrong as u64);
                ui.label(egui::RichText::new(text).color(tokens.weak)).on_hover_text(strings.audit_verdicts_why);
            }
        });
        ui.add_space(space::S);
    }

    /// The drawn label that is judged next.
    fn item_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &Findings, open: &[u32]) {
        let strings = cx.strings;
        if self.passed.len() >= open.len() {
            self.passed.clear();
        }
        let next = open.iter().copied().find(|row| !self.passed.contains(row));
        let finding = next.zip(found.label_errors.as_ref().ok()).and_then(|(row, errors)| label_finding(errors, row));
        let Some(finding) = finding else {
            PaneState::new(PaneStateKind::Empty, strings.audit_done_what).icon(icons::SEAL_CHECK).show(ui);
            return;
        };
        let given = found.standing.get(finding.row as usize).copied().flatten();
        // Where the model agrees with the label, nothing else is suggested.
        let finding =
            Finding { suggestion: finding.suggestion.filter(|suggested| Some(suggested.0) != given), ..finding };
        if cx.focus != Some(finding.row) {
            cx.act(Act::Focus(finding.row));
            ui.ctx().request_repaint();
        }
        if let Some(decision) = pressed(ui, cx, &finding) {
            settle(cx, finding, decision);
        } else if !ui.ctx().text_edit_focused()
            && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::N))
        {
            self.passed.push(finding.row);
        }
        let tokens = Tokens::of(ui);
        ui.horizontal_wrapped(|ui| {
            ui.label(egui::RichText::new(strings.is_label_right).font(theme::strong()).color(tokens.text));
            let class = given.and_then(|given| cx.session.classes().get(crate::label::ClassIndex(given)));
            if let Some(class) = class {
                widgets::label_chip(ui, &class.name, usize::from(class.color));
            }
            if finding.suggestion.is_some() {
                ui.label(egui::RichText::new(why(cx, finding)).color(tokens.weak));
            }
        });
        ui.add_space(space::XS);
        egui::Panel::bottom("verdict").frame(egui::Frame::NONE).show_separator_line(false).resizable(false).show(
            ui,
            |ui| {
                ui.add_space(space::S);
                self.verdict_ui(ui, cx, finding);
            },
        );
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let frame = egui::Frame::NONE.fill(tokens.sunken).corner_radius(radius::CARD).inner_margin(space::M);
            frame.show(ui, |ui| {
                ui.set_width(ui.available_width());
                content::content_ui(ui, cx, "audit", finding.row, 150.0);
            });
        });
    }

    fn verdict_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, finding: Finding) {
        let strings = cx.strings;
        ui.horizontal_wrapped(|ui| {
            if Button::new(strings.keep).icon(icons::CHECK).key("1").show(ui).clicked() {
                settle(cx, finding, Decision::Keep);
            }
            if let Some(class) = class_name(cx, finding.suggestion) {
                let text = strings.relabel_to(&class);
                if Button::new(&text).key("2").show(ui).clicked() {
                    settle(cx, finding, Decision::Relabel(class));
                }
            }
            for (text, key, decision) in [
                (strings.exclude, "3", Decision::Exclude),
                (strings.several_right, "4", Decision::SeveralRight),
                (strings.none_right, "5", Decision::NoneRight),
            ] {
                if Button::new(text).key(key).show(ui).clicked() {
                    settle(cx, finding, decision);
                }
            }
            if Button::new(strings.skip).icon(icons::SKIP_FORWARD).key("N").show(ui).clicked() {
                self.passed.push(finding.row);
            }
            if cx.session.classes().len() > 2 || finding.suggestion.is_none() {
                ui.separator();
                for class in cx.session.classes().iter() {
                    let standing = cx.session.standing(finding.row) == Some(class.name.as_str());
                    if !standing
                        && widgets::class_button(ui, &class.name, usize::from(class.color), None, false).clicked()
                    {
                        settle(cx, finding, Decision::Relabel(class.name.clone()));
                    }
                }
            }
        });
    }

    fn figures_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &Findings, audited: &Audited) {
        let strings = cx.strings;
        let Some(audit) = audited.audit.as_ref().filter(|audit| audit.verdicts >= ENOUGH) else {
            note(ui, &strings.audit_needs(ENOUGH as u64));
            return;
        };
        let chosen = self.chosen.and_then(|score| audit.up_to(score)).unwrap_or(audit.cut);
        let Some(at) = audit.ranks.get(chosen).copied() else { return };
        self.cut_ui(ui, cx, audit, found, &at);
        let most = 3 * audited.flagged.max(audit.at_cut().map_or(0, |cut| cut.rank)).max(20);
        let shown: Vec<AtRank> = audit.ranks.iter().take_while(|at| at.rank <= most).copied().collect();
        if shown.len() < 2 {
            return;
        }
        let width = (ui.available_width() - space::L) / 2.0;
        ui.horizontal_top(|ui| {
            ui.vertical(|ui| {
                ui.set_width(width);
                if let Some(rank) = rank_plot(ui, strings, &shown, at.rank, audited.flagged) {
                    let near = audit.at(rank).map(|at| at.score);
                    self.chosen = near.or(self.chosen);
                }
            });
            ui.add_space(space::S);
            ui.vertical(|ui| {
                ui.set_width(width - space::S);
                self.cost_ui(ui, cx, &shown, &at);
            });
        });
        self.accuracy_ui(ui, strings);
    }

    /// What holds up to the chosen rank, and the click that cuts there.
    fn cut_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, audit: &Audit, found: &Findings, at: &AtRank) {
        let strings = cx.strings;
        let tokens = Tokens::of(ui);
        let cut = cx.session.project().config.settings.error_cut;
        let shown = |of: Estimate| strings.with_interval(&percent(of.value), &percent(of.low), &percent(of.high));
        ui.label(egui::RichText::new(strings.audit_at_rank(
            at.rank as u64,
            &shown(at.precision),
            &shown(at.recall),
            at.errors,
        )));
        ui.horizontal_wrapped(|ui| {
            let here = cut.is_some_and(|cut| cut == at.score);
            let text = strings.cut_at(at.rank as u64);
            let button = Button::new(&text).kind(ButtonKind::Primary).icon(icons::CROSSHAIR).enabled(!here);
            if button.show(ui).clicked() {
                cx.act(Act::SetCut(Some(at.score)));
            }
            if self.chosen.is_some() && Button::new(strings.best_cut).show(ui).clicked() {
                self.chosen = None;
            }
            if cut.is_some() {
                let text = strings.cut_by_rule(found.by_rule as u64);
                if Button::new(&text).show(ui).clicked() {
                    cx.act(Act::SetCut(None));
                }
            }
            let rate = shown(audit.error_rate);
            ui.label(egui::RichText::new(strings.wrong_in_all(&rate)).color(tokens.weak));
        });
    }

    /// Errors that are found, by what finding them costs.
    fn cost_ui(&mut self, ui: &mut egui::Ui, cx: &PaneCx<'_>, shown: &[AtRank], at: &AtRank) {
        let strings = cx.strings;
        let tokens = Tokens::of(ui);
        let seconds = self.seconds.and_then(|(_, seconds)| seconds).filter(|_| self.minutes);
        let unit = seconds.map_or(1.0, |seconds| seconds / 60.0);
        ui.horizontal(|ui| {
            ui.label(egui::RichText::new(strings.errors_found).font(theme::strong()));
            let choices = [(false, strings.in_reviews), (true, strings.in_minutes)];
            widgets::segmented(ui, strings.errors_found, &mut self.minutes, &choices);
        });
        let points = |of: &dyn Fn(&AtRank) -> f64| -> Vec<[f64; 2]> {
            std::iter::once([0.0, 0.0]).chain(shown.iter().map(|at| [at.rank as f64 * unit, of(at)])).collect()
        };
        let (xs, low, high) = band(shown, unit, |at| at.precision, |at, share| share * at.rank as f64);
        let plot = still(ui, "cost of reviews", if unit == 1.0 { strings.reviews } else { strings.minutes });
        plot.show(ui, |plot| {
            plot.add(FilledArea::new("", &xs, &low, &high).fill_color(tokens.tint(tokens.accent)).allow_hover(false));
            plot.line(Line::new(strings.errors_found, points(&|at| at.errors)).color(tokens.accent).width(2.0));
            plot.vline(VLine::new("", at.rank as f64 * unit).color(tokens.weak).width(1.0));
        });
        match seconds {
            Some(seconds) => {
                let whole = duration(at.rank as f64 * seconds, strings.language);
                note(ui, &strings.review_takes(&strings.short_time(seconds), at.rank as u64, &whole));
            }
            None if self.minutes && self.coming.is_none() => note(ui, strings.no_review_times),
            None => {}
        }
    }

    /// What reviewing does to accuracy.
    fn accuracy_ui(&mut self, ui: &mut egui::Ui, strings: &Strings) {
        title(ui, strings.accuracy_by_reviews);
        note(ui, strings.accuracy_by_reviews_why);
        if let Some(error) = self.cost.error().cloned() {
            self.ask_cost |= widgets::failed_ui(ui, &error);
            return;
        }
        match self.cost.running() {
            Some(work) if widgets::progress_row(ui, &work.progress(), true) => work.cancel(),
            Some(_) => {}
            None => self.ask_cost |= Button::new(strings.compute).show(ui).clicked(),
        }
        let Some(points) = self.cost.value() else { return };
        let tokens = Tokens::of(ui);
        let grid = egui::Grid::new("accuracy by reviews").num_columns(4).striped(true).spacing([space::XL, space::XS]);
        grid.show(ui, |ui| {
            for head in [strings.reviews, strings.corrected, strings.accuracy, strings.interval] {
                ui.label(egui::RichText::new(head).font(theme::caption()).color(tokens.weak));
            }
            ui.end_row();
            for point in points.iter() {
                ui.label(egui::RichText::new(grouped(point.reviews as u64)).font(theme::mono()));
                ui.label(egui::RichText::new(grouped(point.corrected as u64)).font(theme::mono()));
                let rate = point.accuracy;
                let share = rate.map_or_else(|| "–".to_owned(), |rate| percent(rate.value));
                ui.label(egui::RichText::new(share).font(theme::mono()));
                let ends =
                    rate.map_or_else(String::new, |rate| format!("{} – {}", percent(rate.low), percent(rate.high)));
                ui.label(egui::RichText::new(ends).font(theme::mono()).color(tokens.weak));
                ui.end_row();
            }
        });
    }
}

/// The interval of an estimate by rank: places across, low and high ends.
fn band(
    shown: &[AtRank],
    unit: f64,
    of: impl Fn(&AtRank) -> Estimate,
    value: impl Fn(&AtRank, f64) -> f64,
) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let across = shown.iter().map(|at| at.rank as f64 * unit).collect();
    let low = shown.iter().map(|at| value(at, of(at).low)).collect();
    let high = shown.iter().map(|at| value(at, of(at).high)).collect();
    (across, low, high)
}

/// A plot over ranks that stands still.
fn still<'a>(ui: &egui::Ui, id: &str, x: &str) -> egui_plot::Plot<'a> {
    widgets::plot(ui, id)
        .height(PLOT)
        .width(ui.available_width())
        .include_x(0.0)
        .include_y(0.0)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_drag(false)
        .allow_boxed_zoom(false)
        .x_axis_label(x.to_owned())
}

/// Precision and recall by rank, with their intervals. The rank that was clicked.
fn rank_plot(ui: &mut egui::Ui, strings: &Strings, shown: &[AtRank], chosen: usize, flagged: usize) -> Option<usize> {
    let tokens = Tokens::of(ui);
    ui.horizontal(|ui| {
        for (name, color, dashed) in [(strings.precision, tokens.accent, false), (strings.recall, tokens.warning, true)]
        {
            let (rect, _) = ui.allocate_exact_size(egui::vec2(18.0, 12.0), egui::Sense::hover());
            let line = [rect.left_center(), rect.right_center()];
            if dashed {
                ui.painter().extend(egui::Shape::dashed_line(&line, egui::Stroke::new(2.0, color), 4.0, 3.0));
            } else {
                ui.painter().line_segment(line, egui::Stroke::new(2.0, color));
            }
            ui.label(egui::RichText::new(name).font(theme::caption()).color(tokens.text));
        }
        note(ui, strings.click_cuts);
    });
    let points = |of: &dyn Fn(&AtRank) -> Estimate| -> PlotPoints<'static> {
        shown.iter().map(|at| [at.rank as f64, of(at).value]).collect()
    };
    let plot = still(ui, "precision and recall", strings.rank).include_y(1.0).show_crosshair(false);
    let response = plot.show(ui, |plot| {
        for (of, color) in [
            (&(|at: &AtRank| at.precision) as &dyn Fn(&AtRank) -> Estimate, tokens.accent),
            (&|at: &AtRank| at.recall, tokens.warning),
        ] {
            let (xs, low, high) = band(shown, 1.0, of, |_, share| share);
            let color = tokens.tint(color).gamma_multiply(0.7);
            plot.add(FilledArea::new("", &xs, &low, &high).fill_color(color).allow_hover(false));
        }
        plot.line(Line::new(strings.precision, points(&|at| at.precision)).color(tokens.accent).width(2.0));
        let recall = Line::new(strings.recall, points(&|at| at.recall)).color(tokens.warning).width(2.0);
        plot.line(recall.style(LineStyle::dashed_dense()));
        plot.vline(VLine::new(strings.flagged_now, flagged as f64).color(tokens.border).width(1.0));
        plot.vline(VLine::new(strings.rank, chosen as f64).color(tokens.weak).width(1.5));
    });
    let clicked = response.response.clicked().then(|| response.response.interact_pointer_pos()).flatten()?;
    Some(response.transform.value_from_position(clicked).x.max(1.0) as usize)
}
