//! Everything known about the item being looked at: its content, its label and where it came from, each function's
//! vote, what the models say, and all its columns.

use eframe::egui;

use super::content::{MatchedText, matched_ui};
use super::suggest::declare_text;
use super::why::why;
use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, moment, percent};
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{self, PaneState, PaneStateKind};
use crate::clean::Finder;
use crate::data::Column;
use crate::data::annotations::{Annotation, Mark, from_value};
use crate::label::{ClassIndex, Voice, shapes};
use crate::project::Event;
use crate::session::VotesOutcome;
use crate::weak::ABSTAIN;
use crate::weak::models::{Explanation, Term};

/// The pane's own state.
#[derive(Default)]
pub struct Item {
    /// What was ever said of an item: the row, the state of the ledger, and the events.
    history: Option<(u32, u64, Vec<Event>)>,
    text: MatchedText,
}

/// Neighbours that are listed.
const NEAREST: usize = 8;

/// Events that are listed, the newest.
const EVENTS: usize = 30;

impl Pane for Item {
    fn id(&self) -> &'static str {
        "item"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.inspector
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let Some(row) = cx.focus else {
            PaneState::new(PaneStateKind::Empty, cx.strings.item_none).why(cx.strings.item_none_why).show(ui);
            return;
        };
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let tokens = Tokens::of(ui);
            ui.label(egui::RichText::new(cx.strings.row_number(u64::from(row))).color(tokens.weak));
            if let Some(chosen) = matched_ui(ui, cx, &mut self.text, row, 200.0) {
                ui.horizontal_wrapped(|ui| {
                    let short: String = chosen.chars().take(40).collect();
                    ui.label(egui::RichText::new(cx.strings.from_selected_text).color(tokens.weak));
                    ui.label(egui::RichText::new(short).font(theme::small_mono()));
                    declare_text(ui, cx, &chosen, cx.strings.from_selected_text);
                });
            }
            // Who labels apart should not see what others decided.
            if cx.session.voice().annotator().is_none() {
                label_ui(ui, cx, row);
            }
            flags_ui(ui, cx, row);
            votes_ui(ui, cx, row);
            model_ui(ui, cx, row);
            neighbours_ui(ui, cx, row);
            columns_ui(ui, cx, row);
            self.history_ui(ui, cx, row);
        });
    }
}

impl Item {
    /// What was said of the item, by whom and when, the newest first.
    fn history_ui(&mut self, ui: &mut egui::Ui, cx: &PaneCx<'_>, row: u32) {
        let ledger = &cx.session.project().ledger;
        let known = self.history.as_ref().is_some_and(|(of, at, _)| (*of, *at) == (row, ledger.generation()));
        if !known {
            let Ok(item) = cx.session.item(row) else { return };
            // One look-up by an index, when the item or its labels change.
            self.history = Some((row, ledger.generation(), ledger.history_of(item.0).unwrap_or_default()));
        }
        let Some((_, _, events)) = self.history.as_ref().filter(|(_, _, events)| !events.is_empty()) else { return };
        section(ui, cx.strings.history_of_item);
        let tokens = Tokens::of(ui);
        for event in events.iter().rev().take(EVENTS) {
            ui.horizontal(|ui| {
                let time = chrono::DateTime::from_timestamp_micros(event.time).map_or_else(String::new, |time| {
                    time.with_timezone(&chrono::Local).format("%m-%d %H:%M").to_string()
                });
                ui.label(egui::RichText::new(time).font(theme::small_mono()).color(tokens.weak));
                let value = event.value.as_ref().and_then(|value| value.as_str());
                let marked = event.value.as_ref().and_then(from_value).map(|annotation| said_of(&annotation));
                let said = match (value.map(str::to_owned).or(marked), &event.value) {
                    (Some(value), _) => value,
                    (None, Some(_)) => cx.strings.act(&event.name, 1),
                    (None, None) => cx.strings.clear_label.to_owned(),
                };
                ui.label(egui::RichText::new(said).color(tokens.text));
                // What somebody said apart stands under their name, whoever brought it in.
                let apart = Voice::split(&event.field).1;
                let who = apart.annotator().unwrap_or(&event.annotator);
                ui.label(egui::RichText::new(who).font(theme::caption()).color(tokens.weak));
            });
        }
    }
}

/// An annotation in a few words.
pub(super) fn said_of(annotation: &Annotation) -> String {
    let rest = match &annotation.mark {
        Mark::Span(span) => span.surface.clone(),
        Mark::Answer(text) => text.chars().take(40).collect(),
        Mark::Segment { start, end } => format!("{} – {}", moment(*start, 2), moment(*end, 2)),
        mark => {
            shapes::bounds_of(mark).map_or_else(String::new, |rect| format!("{:.0} × {:.0}", rect.width, rect.height))
        }
    };
    format!("{} {rest}", annotation.label).trim().to_owned()
}

/// Why the item was found, in a sentence each.
fn flags_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32) {
    let Some(findings) = cx.live.findings.value().cloned() else { return };
    let (strings, session) = (cx.strings, cx.session);
    let at = row as usize;
    let tokens = Tokens::of(ui);
    let mut said: Vec<(String, Option<u32>)> = Vec::new();
    if let (Ok(errors), Some(probabilities)) = (&findings.label_errors, &findings.probabilities)
        && errors.flagged.get(at) == Some(&true)
    {
        let name = |class: Option<u16>| class.and_then(|c| session.class_names().get(usize::from(c))).cloned();
        let share = |class: Option<u16>| {
            class.and_then(|c| probabilities.row(at).get(usize::from(c))).map_or(0.0, |share| f64::from(*share))
        };
        let (given, suggested) =
            (findings.standing.get(at).copied().flatten(), errors.suggested.get(at).copied().flatten());
        let (given_name, suggested_name) = (name(given).unwrap_or_default(), name(suggested).unwrap_or_default());
        said.push((strings.why_label_error(&suggested_name, share(suggested), &given_name, share(given)), None));
    }
    let group = findings.duplicates.groups.iter().find(|group| group.members.iter().any(|member| member.row == row));
    // Similarities are those to the copy that is kept; how two others compare is not known.
    let own = group.and_then(|group| group.members.iter().find(|member| member.row == row));
    let of_kept = group.is_some_and(|group| group.kept == row);
    let compared = group.into_iter().flat_map(|group| {
        group.members.iter().filter(move |member| member.row != row && (of_kept || member.row == group.kept))
    });
    for member in compared.take(4) {
        let similarity = own.filter(|_| !of_kept).unwrap_or(member).similarity;
        let text = strings.copy_of(u64::from(member.row), f64::from(similarity));
        said.push((text, Some(member.row)));
    }
    let quality = &findings.quality;
    for finding in [quality.outlier(row), quality.image(row), quality.text(row)].into_iter().flatten() {
        said.push((why(cx, finding), None));
    }
    if said.is_empty() {
        return;
    }
    section(ui, strings.flags);
    for (text, other) in said {
        ui.horizontal_top(|ui| {
            ui.label(egui::RichText::new(icons::FLAG).font(theme::icon(14.0)).color(tokens.warning));
            match other {
                Some(other) if widgets::quiet_button(ui, &text).clicked() => cx.act(Act::Reveal(other)),
                Some(_) => {}
                // A quoted key or address is one long word.
                None => _ = ui.add(egui::Label::new(egui::RichText::new(text).color(tokens.text)).wrap()),
            }
        });
    }
}

/// The items that are most like this one, once a map has found them.
fn neighbours_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32) {
    let Some(neighbours) = cx.live.neighbours(cx.session) else { return };
    let (rows, distances) = neighbours.row(row as usize);
    if rows.is_empty() {
        return;
    }
    section(ui, cx.strings.neighbours);
    let tokens = Tokens::of(ui);
    let session = cx.session;
    for (&other, distance) in rows.iter().zip(distances).take(NEAREST) {
        let about = session.about(other).unwrap_or_else(|| cx.strings.row_number(u64::from(other)));
        ui.horizontal(|ui| {
            let label =
                cx.live.layers().and_then(|layers| layers.labels.label.get(other as usize)).copied().unwrap_or(-1);
            let class = u16::try_from(label).ok().and_then(|label| session.classes().get(ClassIndex(label)));
            let colour = class.map_or(tokens.border, |class| tokens.category(usize::from(class.color)));
            let (dot, _) = ui.allocate_exact_size(egui::vec2(10.0, size::ROW_DENSE), egui::Sense::hover());
            ui.painter().circle_filled(dot.center(), 4.0, colour);
            let wanted = egui::vec2(ui.available_width(), size::ROW_DENSE);
            let (rect, response) = ui.allocate_exact_size(wanted, egui::Sense::click());
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &about));
            if response.hovered() {
                ui.painter().rect_filled(rect, 2.0, tokens.hover);
            }
            widgets::cell_text(ui, rect, &about, widgets::CellStyle::Text);
            if response.on_hover_text(format!("{distance:.3}")).clicked() {
                cx.act(Act::Reveal(other));
            }
        });
    }
}

fn section(ui: &mut egui::Ui, title: &str) {
    let tokens = Tokens::of(ui);
    ui.add_space(space::M);
    ui.label(egui::RichText::new(title).font(theme::strong()).color(tokens.text));
    ui.add_space(space::XXS);
}

fn label_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, row: u32) {
    let tokens = Tokens::of(ui);
    let Some(layers) = cx.live.layers() else { return };
    let at = row as usize;
    let (Some(&label), Some(&source)) = (layers.labels.label.get(at), layers.labels.source.get(at)) else { return };
    section(ui, cx.strings.label);
    ui.horizontal(|ui| {
        match u16::try_from(label).ok().and_then(|label| cx.session.classes().get(ClassIndex(label))) {
            Some(class) => _ = widgets::label_chip(ui, &class.name, usize::from(class.color)),
            None => _ = ui.label(egui::RichText::new(cx.strings.unlabelled).color(tokens.weak)),
        }
        if label >= 0 {
            ui.label(egui::RichText::new(cx.strings.source(source)).color(tokens.weak));
        }
        if let Some(share) = layers.labels.probability.get(at).copied().flatten().filter(|&share| share < 1.0) {
            ui.label(egui::RichText::new(percent(f64::from(share))).color(tokens.weak));
        }
    });
    ui.horizontal(|ui| {
        let flag = |flags: &[bool]| flags.get(at) == Some(&true);
        for (finder, name) in [
            (Finder::LabelError, cx.strings.label_errors),
            (Finder::Duplicate, cx.strings.duplicates),
            (Finder::Outlier, cx.strings.outliers),
            (Finder::Image, cx.strings.image_issues),
            (Finder::Text, cx.strings.text_issues),
        ] {
            if flag(layers.flagged(finder)) {
                widgets::badge(ui, name, widgets::Tone::Warning);
            }
        }
        if flag(cx.session.annotations().excluded()) {
            widgets::badge(ui, cx.strings.excluded, widgets::Tone::Neutral);
        }
    });
}

fn votes_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, row: u32) {
    let tokens = Tokens::of(ui);
    let Some(votes) = cx.live.votes.value().filter(|votes| !votes.votes.columns().is_empty()) else { return };
    section(ui, cx.strings.votes_of_functions);
    let mut silent = 0;
    let explained = explanation(cx, votes, row);
    if explained.as_ref().is_some_and(|explained| explained.contradicts_unanimous) {
        widgets::Banner::new(widgets::Tone::Warning, cx.strings.contradicts_unanimous).show(ui);
    }
    for (at, column) in votes.votes.columns().iter().enumerate() {
        let shaded = votes.votes.shades(at).and_then(|shades| shades.row(row as usize));
        match column.votes.get(row as usize) {
            Some(&vote) if vote != ABSTAIN || shaded.is_some() => {
                ui.horizontal(|ui| {
                    ui.set_min_height(size::ROW_DENSE);
                    let class = u16::try_from(vote).ok().and_then(|vote| cx.session.classes().get(ClassIndex(vote)));
                    if let Some(class) = class {
                        widgets::label_chip(ui, &class.name, usize::from(class.color));
                    }
                    if let Some(meaning) = shaded {
                        let sure = meaning.confidence();
                        let text = match class {
                            Some(_) if sure < 1.0 => percent(sure),
                            Some(_) => String::new(),
                            None => cx.strings.meaning(meaning, cx.session.class_names()),
                        };
                        ui.label(egui::RichText::new(text).color(tokens.text));
                    }
                    ui.label(egui::RichText::new(&column.name).font(theme::small_mono()).color(tokens.text));
                    if let Some(explained) = &explained {
                        contribution_ui(ui, cx, explained, at);
                    }
                });
            }
            _ => silent += 1,
        }
    }
    if silent > 0 {
        ui.label(egui::RichText::new(cx.strings.functions_abstain(silent)).font(theme::caption()).color(tokens.weak));
    }
}

/// What the prior and each vote add to the label of an item, if the label model is that of these functions.
fn explanation(cx: &PaneCx<'_>, votes: &VotesOutcome, row: u32) -> Option<Explanation> {
    let model = cx.live.model.value()?;
    let columns = votes.votes.columns();
    let same = model.patterns.functions().iter().eq(columns.iter().map(|column| &column.name));
    same.then(|| votes.votes.row(row as usize).map(|cast| model.fitted.explain(&cast))).flatten()
}

/// How much a vote speaks for the label, as a bar to the right, or against it, as one to the left; and whether the label
/// would be another without it.
fn contribution_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, explained: &Explanation, function: usize) {
    const WIDTH: f32 = 72.0;
    let tokens = Tokens::of(ui);
    let best = |shares: &[f64]| {
        let order = shares.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        order.map(|(class, _)| class)
    };
    let label = explained.label.map(usize::from).or(best(&explained.probabilities));
    let term = explained.terms.iter().find(|term| term.function == function);
    let Some((label, term)) = label.zip(term) else { return };
    let of = |term: &Term| term.contribution.get(label).copied().unwrap_or(0.0);
    let most = explained.terms.iter().map(|term| of(term).abs()).fold(1e-9, f64::max);
    let value = of(term);
    let (rect, response) = ui.allocate_exact_size(egui::vec2(WIDTH, size::ROW_DENSE), egui::Sense::hover());
    let (middle, half) = (rect.center().x, WIDTH / 2.0 - 2.0);
    let end = middle + half * (value / most) as f32;
    let bar = egui::Rect::from_x_y_ranges(middle.min(end)..=middle.max(end), rect.top() + 6.0..=rect.bottom() - 6.0);
    let color = if value < 0.0 { tokens.error } else { tokens.accent };
    ui.painter().rect_filled(bar, 1.0, color);
    ui.painter().vline(middle, rect.top() + 3.0..=rect.bottom() - 3.0, egui::Stroke::new(1.0, tokens.border));
    let class = cx.session.class_names().get(label).map_or("", String::as_str);
    let flips = term.label_without != explained.label;
    let about = cx.strings.contribution(value, explained.unit == "log-odds", class, flips);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &about));
    response.on_hover_text(about);
    if flips {
        ui.label(egui::RichText::new(cx.strings.decides).font(theme::caption()).color(tokens.warning));
    }
}

fn model_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, row: u32) {
    let at = row as usize;
    if let Some(model) = cx.live.model.value()
        && at < model.labels.rows()
    {
        section(ui, cx.strings.label_model);
        bars_ui(ui, cx, &model.labels.row(at).iter().map(|&p| p as f32).collect::<Vec<_>>());
    }
    if let Some(model) = cx.live.end_model.value()
        && at < model.probabilities.rows()
    {
        section(ui, cx.strings.end_model);
        bars_ui(ui, cx, model.probabilities.row(at));
    }
}

/// The probabilities of the classes as bars; of many classes the eight most probable.
fn bars_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, probabilities: &[f32]) {
    const MOST: usize = 8;
    let tokens = Tokens::of(ui);
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    if order.len() > MOST {
        order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
        order.truncate(MOST);
    }
    for index in order {
        let Some(class) = cx.session.classes().get(ClassIndex(index as u16)) else { continue };
        let share = probabilities[index];
        let (rect, response) =
            ui.allocate_exact_size(egui::vec2(ui.available_width(), size::ROW_DENSE), egui::Sense::hover());
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Label, true, format!("{} {}", class.name, percent(f64::from(share))))
        });
        let bar = rect.shrink2(egui::vec2(0.0, 3.0));
        ui.painter().rect_filled(bar, 2.0, tokens.sunken);
        let filled = egui::Rect::from_min_size(bar.min, egui::vec2(bar.width() * share.clamp(0.0, 1.0), bar.height()));
        ui.painter().rect_filled(filled, 2.0, tokens.tint_line(tokens.category(usize::from(class.color))));
        let style = widgets::CellStyle::default();
        widgets::cell_text(ui, rect.shrink2(egui::vec2(space::S, 0.0)), &class.name, style);
        let at = rect.right_center() - egui::vec2(space::S, 0.0);
        ui.painter().text(at, egui::Align2::RIGHT_CENTER, percent(f64::from(share)), theme::small_mono(), tokens.text);
    }
}

fn columns_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32) {
    section(ui, cx.strings.columns);
    let session = cx.session;
    let content = session.content_column().map(|column| column.name().to_owned());
    for column in session.dataset().frame.columns() {
        if Some(column.name()) != content.as_deref() {
            column_ui(ui, cx, column, row);
        }
    }
}

fn column_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, column: &Column, row: u32) {
    let tokens = Tokens::of(ui);
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(egui::vec2(96.0, size::ROW_DENSE), egui::Sense::hover());
        widgets::cell_text(ui, rect, column.name(), widgets::CellStyle::Weak);
        match column.show(row as usize) {
            Some(value) => {
                let short: String = value.chars().take(200).collect();
                ui.add(egui::Label::new(egui::RichText::new(short).color(tokens.text)).truncate().selectable(true));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if ui.rect_contains_pointer(ui.max_rect())
                        && widgets::icon_button(ui, icons::COPY, cx.strings.copy, None).clicked()
                    {
                        cx.act(Act::Copy(value.into_owned()));
                    }
                });
            }
            None => _ = ui.label(egui::RichText::new(cx.strings.missing).italics().color(tokens.weak)),
        }
    });
}
