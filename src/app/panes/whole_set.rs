//! The set as a whole: classes that differ in their spelling only, the balance of classes, the health of labels and pairs of
//! classes that are taken for each other, the order of rows, properties that give labels away, and leaks between parts. Each
//! with its sentence, its evidence, and the way to the rows.

use eframe::egui;

use super::asked::{Asked, Words};
use super::predictions::note;
use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped, percent};
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{self, Bar, BarList, Button, Tone};
use crate::clean::label_errors::LabelErrors;
use crate::data::Row;
use crate::data::view::{Chip, Origin, Selection};
use crate::label::{MergeClasses, variants};
use crate::session::{WholeSet, WholeSetOf};

/// Pairs of classes that are listed.
const PAIRS: usize = 8;

/// Properties that are listed.
const PROPERTIES: usize = 5;

/// Classes whose bars are drawn.
const BARS: usize = 30;

/// An order as unlikely as this by chance tells something.
const SIGNIFICANT: f64 = 0.05;

/// The pane's own state.
#[derive(Default)]
pub struct WholeSetPane {
    asked: Asked<WholeSetOf>,
}

impl Pane for WholeSetPane {
    fn id(&self) -> &'static str {
        "whole-set"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.whole_set
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        variants_ui(ui, cx);
        let words = Words {
            title: strings.whole_set,
            what: strings.whole_set_what,
            why: strings.whole_set_why,
            start: strings.check_whole_set,
            icon: None,
            stale: strings.stale_findings,
        };
        let wanted = cx.live.basis().cloned().map(WholeSetOf);
        let Some(found) = self.asked.ui(ui, cx, wanted, &words) else { return };
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            balance_ui(ui, cx, &found);
            match &found.labels {
                Ok(errors) => health_ui(ui, cx, &found, errors),
                Err(reason) => {
                    let reason = strings.error_what(&crate::engine::Error::input(reason.clone()));
                    head(ui, Tone::Info, strings.health, &strings.left_out(&reason));
                }
            }
            leaks_ui(ui, cx, &found);
            order_ui(ui, cx, &found);
            telling_ui(ui, cx, &found);
        });
    }
}

/// Shows rows where rows are looked at.
fn show_rows(cx: &mut PaneCx<'_>, rows: &[u32], name: &str) {
    let origin = Origin::Pane("whole-set".to_owned());
    let items: Selection = rows.iter().filter_map(|&row| cx.session.dataset().id(Row(row))).collect();
    let mut view = cx.view.clone();
    view.filters.retain(|chip| chip.origin != origin);
    view.filters.push(Chip::of_items(items, name, "whole-set"));
    cx.act(Act::SetView(view));
    cx.act(Act::Go(crate::app::Workspace::Explore));
}

/// The heading of a check, with whether all is well, and its sentence.
fn head(ui: &mut egui::Ui, tone: Tone, title: &str, sentence: &str) {
    let tokens = Tokens::of(ui);
    ui.add_space(space::M);
    ui.horizontal(|ui| {
        ui.label(egui::RichText::new(tone.icon()).font(theme::icon(size::ICON)).color(tone.color(tokens)));
        ui.label(egui::RichText::new(title).font(theme::section()).color(tokens.text));
    });
    ui.label(egui::RichText::new(sentence).color(tokens.text));
    ui.add_space(space::XS);
}

/// Classes whose names differ in case and spaces only, to be taken for one.
fn variants_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
    let strings = cx.strings;
    let names = cx.session.class_names().clone();
    for group in variants(&names) {
        let names: Vec<String> = group.iter().filter_map(|&at| names.get(at)).cloned().collect();
        let Some(into) = names.first().cloned() else { continue };
        head(ui, Tone::Warning, strings.class_variants, &strings.class_variants_differ(&names.join(", ")));
        if Button::new(&strings.take_for_one(&into)).show(ui).clicked() {
            cx.act(Act::Run(Box::new(MergeClasses { into, names })));
        }
    }
}

/// The name of a class, as it was when the set was looked at.
fn class(found: &WholeSet, at: u16) -> String {
    found.classes.get(usize::from(at)).cloned().unwrap_or_default()
}

fn balance_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &WholeSet) {
    let strings = cx.strings;
    let imbalance = &found.imbalance;
    let all: u64 = imbalance.counts.iter().sum();
    let Some((rarest, share)) = imbalance.rarest else {
        head(ui, Tone::Info, strings.class_balance, strings.nothing_labelled);
        return;
    };
    let sentence = match imbalance.rare.len() {
        0 => strings.classes_balanced(&class(found, rarest), share),
        _ => {
            let names: Vec<String> = imbalance.rare.iter().take(6).map(|&at| class(found, at)).collect();
            strings.classes_rare(&names.join(", "), imbalance.rare.len() as u64)
        }
    };
    head(ui, if imbalance.rare.is_empty() { Tone::Ok } else { Tone::Warning }, strings.class_balance, &sentence);
    let mut order: Vec<u16> = (0..imbalance.counts.len() as u16).collect();
    let count = |at: u16| imbalance.counts.get(usize::from(at)).copied().unwrap_or(0);
    order.sort_by_key(|&at| std::cmp::Reverse(count(at)));
    // The rarest are what this is about.
    if order.len() > BARS {
        order.drain(..order.len() - BARS);
    }
    let bars: Vec<Bar> = order
        .iter()
        .map(|&at| Bar {
            label: format!("{}  {}", class(found, at), percent(count(at) as f64 / all.max(1) as f64)),
            count: count(at),
            total: count(at),
            color: cx.session.classes().named(&class(found, at)).map(|class| usize::from(class.color)),
        })
        .collect();
    ui.scope(|ui| {
        ui.set_max_width(520.0);
        let clicked = BarList::new(strings.class_balance, &bars).show(ui).clicked;
        if let Some(at) = clicked.and_then(|(index, _)| order.get(index)) {
            let name = class(found, *at);
            let rows = 0..cx.session.dataset().rows() as u32;
            let rows: Vec<u32> = rows.filter(|&row| cx.session.standing(row) == Some(name.as_str())).collect();
            show_rows(cx, &rows, &name);
        }
    });
}

fn health_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &WholeSet, errors: &LabelErrors) {
    let strings = cx.strings;
    let sentence = strings.health_of(errors.health, errors.issues, errors.rows);
    head(ui, if errors.health >= 0.98 { Tone::Ok } else { Tone::Warning }, strings.health, &sentence);
    let mut worst: Vec<(f64, u16)> =
        errors.classes.iter().zip(0u16..).filter_map(|(class, at)| Some((class.quality?, at))).collect();
    worst.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let worst: Vec<String> =
        worst.iter().take(4).map(|(quality, at)| format!("{} {}", class(found, *at), percent(*quality))).collect();
    note(ui, &strings.worst_classes(&worst.join(",  ")));
    if found.confused.is_empty() {
        return;
    }
    ui.add_space(space::XS);
    ui.label(strings.confused_classes);
    ui.horizontal_wrapped(|ui| {
        for confused in found.confused.iter().filter(|confused| !confused.rows.is_empty()).take(PAIRS) {
            let (first, second) = (class(found, confused.overlap.first), class(found, confused.overlap.second));
            let name = format!("{first} ↔ {second}");
            let text = format!("{name}  {}", grouped(confused.rows.len() as u64));
            let why = strings.confused_share(confused.overlap.share);
            if Button::new(&text).show(ui).on_hover_text(why).clicked() {
                show_rows(cx, &confused.rows, &name);
            }
        }
    });
}

fn leaks_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &WholeSet) {
    let strings = cx.strings;
    let names = &found.leaks.names;
    let Some(leaks) = &found.leaks.leaks else {
        let (tone, sentence) = match names.is_empty() {
            true => (Tone::Info, strings.no_splits),
            false => (Tone::Ok, strings.no_leaks),
        };
        head(ui, tone, strings.leaks, sentence);
        return;
    };
    let name = |part: u16| names.get(usize::from(part)).cloned().unwrap_or_default();
    let taught = name(leaks.taught);
    head(ui, Tone::Warning, strings.leaks, &strings.leaks_into(&taught));
    for part in &leaks.parts {
        let own = name(part.part);
        ui.horizontal_wrapped(|ui| {
            let text = strings.leaked_rows(&own, part.leaked.len() as u64, part.rows);
            if Button::new(&text).show(ui).clicked() {
                show_rows(cx, &part.leaked, &own);
            }
            if let (Some(with), Some(without)) = (part.accuracy, part.without) {
                let shown = |rate: crate::learn::judge::Rate| {
                    strings.with_interval(&percent(rate.value), &percent(rate.low), &percent(rate.high))
                };
                ui.label(strings.accuracy_without(&shown(with), &shown(without)));
            }
        });
    }
}

fn order_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &WholeSet) {
    let strings = cx.strings;
    let Some(order) = &found.order else {
        head(ui, Tone::Info, strings.row_order, strings.too_few_rows);
        return;
    };
    let tells = order.p_value < SIGNIFICANT;
    let sentence = if tells { strings.order_tells(order.p_value) } else { strings.order_random(order.p_value) };
    head(ui, if tells { Tone::Warning } else { Tone::Ok }, strings.row_order, &sentence);
    if let Some(runs) = &found.runs {
        note(ui, &strings.label_runs(runs.same, runs.by_chance));
    }
    if tells && !found.in_order.is_empty() && Button::new(strings.show_differences).show(ui).clicked() {
        show_rows(cx, &found.in_order, strings.row_order);
    }
}

fn telling_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &WholeSet) {
    let strings = cx.strings;
    let tokens = Tokens::of(ui);
    if found.telling.is_empty() {
        return;
    }
    let given_away: Vec<&str> = found
        .telling
        .iter()
        .filter(|telling| telling.gives_away())
        .map(|telling| strings.property(&telling.found.name))
        .collect();
    let (tone, sentence) = match given_away.is_empty() {
        true => (Tone::Ok, strings.nothing_given_away.to_owned()),
        false => (Tone::Warning, strings.given_away(&given_away.join(", "))),
    };
    head(ui, tone, strings.spurious, &sentence);
    let grid = egui::Grid::new("telling properties").num_columns(4).striped(true).spacing([space::XL, space::XS]);
    grid.show(ui, |ui| {
        for name in [strings.property_name, strings.tells_label, strings.without_it, ""] {
            ui.label(egui::RichText::new(name).font(theme::caption()).color(tokens.weak));
        }
        ui.end_row();
        for telling in found.telling.iter().take(PROPERTIES) {
            let name = strings.property(&telling.found.name);
            ui.label(egui::RichText::new(name).color(tokens.text));
            ui.label(egui::RichText::new(percent(telling.found.accuracy)).font(theme::mono()));
            ui.label(egui::RichText::new(percent(telling.found.baseline)).font(theme::mono()).color(tokens.weak));
            if widgets::icon_button(ui, icons::EYE, &strings.highest_of(name), None).clicked() {
                show_rows(cx, &telling.highest, &strings.highest_of(name));
            }
            ui.end_row();
        }
    });
    ui.add_space(space::L);
}
