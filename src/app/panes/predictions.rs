//! Predictions against what is known: the confusion matrix, scores by class, confidence and calibration, curves, a
//! threshold, and what got better or worse. Every figure leads to its rows.

use eframe::egui;
use egui_plot::{Line, Plot, PlotPoints};

use super::confusion::confusion_ui;
use super::facets::toggled_of;
use crate::app::act::Act;
use crate::app::keymap::key_of;
use crate::app::keys::CommandId;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped, percent};
use crate::app::theme::{self, Tokens, size, space};
use crate::app::widgets::{self, Action, Banner, Button, PaneState, PaneStateKind};
use crate::data::view::{Chip, Origin, Part, Selection, Snapshot, View};
use crate::data::{Row, view};
use crate::engine::{Fingerprint, Slot};
use crate::learn::judge::{Calibration, Comparison, Curves, Judgement, Rate};
use crate::session::{Judge, Judged, JudgedOf, Predictions as Source};

/// The pane's own state.
pub struct Predictions {
    judge: Judge,
    other: Option<Judge>,
    /// Whether rows outside the view count too.
    all_rows: bool,
    hide_diagonal: bool,
    class: usize,
    threshold: f32,
    slot: Slot<JudgedOf>,
}

impl Default for Predictions {
    fn default() -> Self {
        Self {
            judge: Judge::EndModel,
            other: None,
            all_rows: false,
            hide_diagonal: false,
            class: 0,
            threshold: 0.5,
            slot: Slot::default(),
        }
    }
}

/// The origin of the chips that this pane makes.
pub(super) fn origin() -> Origin {
    Origin::Pane("predictions".to_owned())
}

const PLOT: f32 = 190.0;

impl Pane for Predictions {
    fn id(&self) -> &'static str {
        "predictions"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.predictions
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let there = available(cx);
        if there.is_empty() {
            let train = Action::primary(cx.strings.train_end_model);
            let state = PaneState::new(PaneStateKind::NeedsInput, cx.strings.predictions_none);
            if state
                .why(cx.strings.predictions_none_why)
                .action(train)
                .key(&key_of(ui, CommandId::Train), "")
                .show(ui)
                .is_some()
            {
                cx.act(Act::Command(CommandId::Train));
            }
            return;
        }
        if !there.contains(&self.judge) {
            self.judge = there[0];
        }
        self.other = self.other.filter(|other| there.contains(other) && *other != self.judge);
        self.head_ui(ui, cx, &there);
        self.refresh(cx);
        if let Some(error) = self.slot.error() {
            Banner::of_error(error, cx.strings).show(ui);
            return;
        }
        let Some(judged) = self.slot.value().cloned() else {
            PaneState::new(PaneStateKind::Working, cx.strings.working).show(ui);
            return;
        };
        if judged.judgement.confusion.judged() == 0 {
            let go = Action::primary(cx.strings.workspace_label);
            let state = PaneState::new(PaneStateKind::NeedsInput, cx.strings.nothing_to_judge);
            if state.why(cx.strings.nothing_to_judge_why).action(go).show(ui).is_some() {
                cx.act(Act::Go(crate::app::Workspace::Label));
            }
            return;
        }
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| self.body_ui(ui, cx, &judged));
    }
}

/// The predictions that there are.
fn available(cx: &PaneCx<'_>) -> Vec<Judge> {
    let all = [
        (Judge::EndModel, cx.live.end_model.value().is_some()),
        (Judge::LabelModel, cx.live.model.value().is_some()),
        (Judge::Given, cx.session.given().is_some()),
    ];
    all.into_iter().filter(|(_, there)| *there).map(|(judge, _)| judge).collect()
}

fn source(cx: &PaneCx<'_>, judge: Judge) -> Option<Source> {
    match judge {
        Judge::EndModel => Some(Source::EndModel(cx.live.end_model.value()?.clone(), cx.live.end_model.print()?)),
        Judge::LabelModel => Some(Source::LabelModel(cx.live.model.value()?.clone(), cx.live.model.print()?)),
        Judge::Given => cx.session.given().cloned().map(Source::Given),
    }
}

fn name(judge: Judge, strings: &Strings) -> &'static str {
    match judge {
        Judge::EndModel => strings.end_model,
        Judge::LabelModel => strings.label_model,
        Judge::Given => strings.source_given,
    }
}

/// The rows that count: those in view, the pane's own chips left out, so that a click does not empty the matrix.
fn mask_of(snapshot: &Snapshot, all: bool) -> (arrow_buffer::BooleanBuffer, Fingerprint) {
    let own = |part: Part| match part {
        Part::Filter(index) => snapshot.view.filters.get(index).is_some_and(|chip| chip.origin == origin()),
        Part::Search | Part::Sort(_) => false,
    };
    let mask = snapshot.mask_without(|part| all || own(part));
    let print = view::mask_print(&mask);
    (mask, print)
}

impl Predictions {
    fn refresh(&mut self, cx: &mut PaneCx<'_>) {
        let (Some(basis), Some(snapshot)) = (cx.live.basis(), cx.live.snapshot()) else { return };
        let Some(predictions) = source(cx, self.judge) else { return };
        let other = self.other.and_then(|other| source(cx, other));
        let wanted = JudgedOf { basis: basis.clone(), predictions, other, mask: mask_of(snapshot, self.all_rows) };
        self.slot.want(wanted, cx.session.cache(), cx.live.waker());
        *cx.busy |= self.slot.running().is_some();
    }

    fn head_ui(&mut self, ui: &mut egui::Ui, cx: &PaneCx<'_>, there: &[Judge]) {
        let strings = cx.strings;
        ui.horizontal_wrapped(|ui| {
            let names: Vec<(Judge, &str)> = there.iter().map(|&judge| (judge, name(judge, strings))).collect();
            widgets::segmented(ui, strings.predictions, &mut self.judge, &names);
            ui.add_space(space::S);
            let scopes = [(false, strings.in_view), (true, strings.scope_all)];
            widgets::segmented(ui, strings.rows, &mut self.all_rows, &scopes);
            if there.len() > 1 {
                ui.add_space(space::S);
                ui.label(strings.compared_with);
                let mut choices = vec![(None, strings.none)];
                choices
                    .extend(names.iter().filter(|(judge, _)| *judge != self.judge).map(|(j, name)| (Some(*j), *name)));
                widgets::select(
                    ui,
                    egui::Id::unique("compared with"),
                    strings.compared_with,
                    &mut self.other,
                    &choices,
                    140.0,
                );
            }
        });
        ui.add_space(space::S);
    }

    fn body_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, judged: &Judged) {
        let strings = cx.strings;
        if self.judge == Judge::EndModel && cx.live.end_model_stale() && widgets::stale_bar(ui, strings.stale_model) {
            cx.act(Act::Train);
        }
        scores_ui(ui, strings, &judged.judgement);
        if self.judge == Judge::LabelModel {
            note(ui, strings.label_model_has_seen);
        }
        title(ui, strings.confusion_matrix);
        widgets::toggle(ui, &mut self.hide_diagonal, strings.hide_diagonal);
        if let Some(sql) = confusion_ui(ui, cx, &judged.judgement.confusion, &self.columns(cx), self.hide_diagonal) {
            cx.act(Act::SetView(toggled_of(cx.view, origin(), sql, false)));
        }
        self.classes_ui(ui, cx, &judged.judgement);
        if let (Some(calibration), Some(confidence)) = (&judged.judgement.calibration, self.columns(cx).2) {
            confidence_ui(ui, cx, calibration, confidence);
        }
        if let Some(curves) = judged.curves.get(self.class) {
            let name = cx.session.class_names().get(self.class).cloned().unwrap_or_default();
            curves_ui(ui, strings, curves, &name);
        }
        self.threshold_ui(ui, cx, judged);
        if let (Some(comparison), Some(other)) = (&judged.comparison, self.other) {
            comparison_ui(ui, cx, comparison, name(other, strings), name(self.judge, strings));
        }
    }

    /// The columns of the label that is known, of the prediction, and of its confidence. Known labels are people's,
    /// then the gold column's.
    fn columns(&self, cx: &PaneCx<'_>) -> (String, String, Option<&'static str>) {
        let data = &cx.session.project().config.data;
        let known = match &data.gold {
            Some(gold) => format!("coalesce(label_hand, {})", crate::data::filter::quote_name(gold)),
            None => "label_hand".to_owned(),
        };
        let (predicted, confidence) = self.judge.columns(data.label.as_deref());
        (known, crate::data::filter::quote_name(&predicted), confidence)
    }

    fn classes_ui(&mut self, ui: &mut egui::Ui, cx: &PaneCx<'_>, judgement: &Judgement) {
        let strings = cx.strings;
        let tokens = Tokens::of(ui);
        title(ui, strings.by_class);
        let grid = egui::Grid::new("scores by class").num_columns(5).spacing([space::L, 2.0]).striped(true);
        grid.min_row_height(size::ROW_DENSE).show(ui, |ui| {
            let heads = [strings.class, strings.support, strings.precision, strings.recall, "F1"];
            for head in heads {
                ui.label(egui::RichText::new(head).font(theme::caption()).color(tokens.weak));
            }
            ui.end_row();
            for (index, class) in cx.session.classes().iter().enumerate() {
                let Some(scores) = judgement.scores.classes.get(index) else { continue };
                let chosen = self.class == index;
                if ui.selectable_label(chosen, &class.name).clicked() {
                    self.class = index;
                }
                ui.label(egui::RichText::new(grouped(scores.support)).font(theme::mono()));
                for rate in [scores.precision, scores.recall, scores.f1] {
                    rate_ui(ui, rate);
                }
                ui.end_row();
            }
        });
    }

    fn threshold_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, judged: &Judged) {
        let (Some(thresholds), Some(confidence)) = (&judged.thresholds, self.columns(cx).2) else { return };
        let strings = cx.strings;
        title(ui, strings.threshold);
        ui.horizontal(|ui| {
            let slider = egui::Slider::new(&mut self.threshold, 0.0..=1.0).fixed_decimals(2);
            let response = ui.add(slider);
            response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(self.threshold), strings.threshold));
            let at = thresholds.at(self.threshold);
            let share = |rate: Option<Rate>| rate.map_or_else(|| "–".to_owned(), |rate| percent(rate.value));
            ui.label(format!("{} {}", strings.covered, share(at.coverage)));
            ui.label(format!("{} {}", strings.accuracy, share(at.accuracy)));
            if Button::new(strings.show_below).show(ui).clicked() {
                let sql = format!("{confidence} < {}", self.threshold);
                cx.act(Act::SetView(toggled_of(cx.view, origin(), sql, false)));
            }
        });
    }
}

pub(super) fn title(ui: &mut egui::Ui, text: &str) {
    ui.add_space(space::L);
    ui.label(egui::RichText::new(text).font(theme::section()));
    ui.add_space(space::XS);
}

pub(super) fn note(ui: &mut egui::Ui, text: &str) {
    let tokens = Tokens::of(ui);
    ui.label(egui::RichText::new(text).font(theme::caption()).color(tokens.weak));
}

/// A share with its interval on hover.
fn rate_ui(ui: &mut egui::Ui, rate: Option<Rate>) {
    let tokens = Tokens::of(ui);
    match rate {
        Some(rate) => {
            let text = egui::RichText::new(percent(rate.value)).font(theme::mono()).color(tokens.text);
            ui.label(text).on_hover_text(format!("{} – {}  (n = {})", percent(rate.low), percent(rate.high), rate.of));
        }
        None => _ = ui.label(egui::RichText::new("–").color(tokens.weak)),
    }
}

fn scores_ui(ui: &mut egui::Ui, strings: &Strings, judgement: &Judgement) {
    let tokens = Tokens::of(ui);
    let scores = &judgement.scores;
    let plain = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"));
    let rate = |rate: Option<Rate>| rate.map_or_else(|| "–".to_owned(), |rate| percent(rate.value));
    let ci = scores.accuracy.map_or_else(String::new, |r| format!("{} – {}", percent(r.low), percent(r.high)));
    let calibration = judgement.calibration.as_ref();
    let facts = [
        (strings.accuracy, rate(scores.accuracy), ci),
        (strings.labelled, grouped(judgement.confusion.judged()), strings.rows_count(judgement.rows)),
        (strings.macro_f1, plain(scores.macro_f1), String::new()),
        (strings.balanced_accuracy, rate(scores.balanced_accuracy), String::new()),
        (strings.calibration_error, plain(calibration.and_then(|c| c.error)), strings.calibration_error_why.to_owned()),
        (strings.log_loss, plain(calibration.and_then(|c| c.log_loss)), String::new()),
    ];
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XL;
        for (name, value, more) in facts {
            let shown = ui.vertical(|ui| {
                ui.label(egui::RichText::new(name).font(theme::caption()).color(tokens.weak));
                ui.label(egui::RichText::new(value).font(theme::section()).color(tokens.text));
            });
            if !more.is_empty() {
                shown.response.on_hover_text(more);
            }
        }
    });
}

/// How sure the model is where it is right and where it is wrong, and whether it is right as often as it says.
fn confidence_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, calibration: &Calibration, column: &str) {
    let strings = cx.strings;
    title(ui, strings.confidence);
    let bins: Vec<widgets::Bin> = calibration
        .histogram
        .iter()
        .map(|bin| widgets::Bin { count: bin.wrong, total: bin.right + bin.wrong + bin.unlabelled })
        .collect();
    let describe = |index: usize| {
        calibration.histogram.get(index).map_or_else(String::new, |bin| {
            strings.confidence_bin(bin.low, bin.high, bin.right, bin.wrong, bin.unlabelled)
        })
    };
    let histogram = widgets::Histogram::new(egui::Id::unique("confidence"), strings.confidence, &bins);
    if let Some(range) = histogram.ends("0", "1").describe(&describe).show(ui).chosen {
        let (first, last) = (calibration.histogram.get(*range.start()), calibration.histogram.get(*range.end()));
        if let (Some(first), Some(last)) = (first, last) {
            let sql = match range.start() == range.end() {
                true => first.sql(column),
                false => format!("{column} >= {} AND {column} <= {}", first.low, last.high),
            };
            cx.act(Act::SetView(toggled_of(cx.view, origin(), sql, false)));
        }
    }
    note(ui, strings.confidence_what);
    title(ui, strings.reliability);
    let tokens = Tokens::of(ui);
    let points: Vec<[f64; 2]> = calibration
        .reliability
        .iter()
        .filter_map(|bin| Some([bin.confidence?, bin.accuracy.map(|rate| rate.value)?]))
        .collect();
    plot(ui, "reliability", strings.confidence, strings.accuracy).show(ui, |plot| {
        let diagonal: PlotPoints<'_> = [[0.0, 0.0], [1.0, 1.0]].into_iter().collect();
        plot.line(Line::new("", diagonal).color(tokens.border).width(1.0));
        plot.points(egui_plot::Points::new(strings.reliability, points.clone()).color(tokens.accent).radius(3.5));
        plot.line(Line::new(strings.reliability, points).color(tokens.accent).width(2.0));
    });
}

/// A plot of shares against shares that stands still: nothing is hidden by a stray wheel.
fn plot<'a>(ui: &egui::Ui, id: &str, x: &str, y: &str) -> Plot<'a> {
    widgets::plot(ui, id)
        .height(PLOT)
        .width(PLOT * 1.5)
        .include_x(0.0)
        .include_x(1.0)
        .include_y(0.0)
        .include_y(1.0)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_drag(false)
        .allow_boxed_zoom(false)
        .x_axis_label(x.to_owned())
        .y_axis_label(y.to_owned())
}

fn curves_ui(ui: &mut egui::Ui, strings: &Strings, curves: &Curves, class: &str) {
    title(ui, &strings.curves_of(class));
    let tokens = Tokens::of(ui);
    ui.horizontal_wrapped(|ui| {
        let roc: Vec<[f64; 2]> = curves.roc.iter().map(|p| [p.false_positive_rate, p.true_positive_rate]).collect();
        let pr: Vec<[f64; 2]> = curves.precision_recall.iter().map(|p| [p.recall, p.precision]).collect();
        let area = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"));
        ui.vertical(|ui| {
            note(ui, &format!("ROC  ·  AUC {}", area(curves.roc_auc)));
            plot(ui, "roc", strings.false_positive_rate, strings.recall).show(ui, |plot| {
                plot.line(Line::new("ROC", roc).color(tokens.accent).width(2.0));
            });
        });
        ui.vertical(|ui| {
            note(ui, &format!("PR  ·  AP {}", area(curves.average_precision)));
            plot(ui, "pr", strings.recall, strings.precision).show(ui, |plot| {
                plot.line(Line::new("PR", pr).color(tokens.accent).width(2.0));
            });
        });
    });
}

/// What got better and what got worse, each with the way to its rows.
fn comparison_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &Comparison, from: &str, to: &str) {
    let strings = cx.strings;
    title(ui, &strings.compared(from, to));
    let lists = [
        (strings.got_better, &found.better),
        (strings.got_worse, &found.worse),
        (strings.both_right, &found.both_right),
        (strings.both_wrong, &found.both_wrong),
        (strings.differ_unlabelled, &found.unlabelled_differ),
    ];
    ui.horizontal_wrapped(|ui| {
        for (name, rows) in lists {
            let text = format!("{name}  {}", grouped(rows.len() as u64));
            if Button::new(&text).enabled(!rows.is_empty()).show(ui).clicked() {
                let items: Selection = rows.iter().filter_map(|&row| cx.session.dataset().id(Row(row))).collect();
                let mut view = View { filters: cx.view.filters.clone(), ..cx.view.clone() };
                view.filters.retain(|chip| chip.origin != origin());
                view.filters.push(Chip::of_items(items, name, "predictions"));
                cx.act(Act::SetView(view));
            }
        }
    });
    if let Some(difference) = found.difference {
        let points = |share: f64| format!("{:+.1}", share * 100.0);
        let text = strings.difference_of_accuracy(
            &points(difference.value),
            &points(difference.low),
            &points(difference.high),
            found.test.mid_p,
        );
        note(ui, &text);
    }
}
