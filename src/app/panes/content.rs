//! What is labelled, drawn: a text, a picture, a sound, or a row as a whole.

use eframe::egui;

use super::picture::picture_ui;
use crate::app::pane::PaneCx;
use crate::app::theme::{self, Tokens, space};
use crate::app::widgets::{self, SpanText, SpanTextState, TextMark, set_levels};
use crate::data::Column;
use crate::engine::Fingerprint;
use crate::label::{Points, Snap};
use crate::project::Content;

/// A text is read at a comfortable width, however wide the window.
const READING_WIDTH: f32 = 760.0;

/// Bytes up to which it is marked what functions found in a text.
const MARKED: usize = 16_000;

/// Places of one function that are marked.
const MOST_MARKS: usize = 50;

/// Values of a row are cut here: the whole stands in the table.
const LONGEST: usize = 2000;

/// Draws the content of a row into the room there is; a text may be higher than that, so put it into a scroll area.
/// `place` names the pane, `height` is that of pictures and sounds.
pub(super) fn content_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, place: &'static str, row: u32, height: f32) {
    let tokens = Tokens::of(ui);
    let session = cx.session;
    let Some(column) = session.content_column() else {
        row_ui(ui, cx, row);
        return;
    };
    let Some(content) = column.show(row as usize) else {
        ui.label(egui::RichText::new(cx.strings.missing).color(tokens.weak));
        return;
    };
    match session.content() {
        Content::Image(_) => {
            ui.allocate_ui(egui::vec2(ui.available_width(), height), |ui| {
                ui.set_min_height(height);
                picture_ui(ui, cx, &content, row);
            });
        }
        Content::Audio(_) => {
            ui.label(egui::RichText::new(&*content).font(theme::small_mono()).color(tokens.weak));
            cx.sounds.ui(ui, place, &content, height.min(320.0), cx.strings);
        }
        Content::Text(_) | Content::Rows => {
            ui.set_max_width(READING_WIDTH.min(ui.available_width()));
            widgets::reading_text(ui, &content);
        }
    }
}

/// Draws the text of a row with what functions found in it, each in the colour of its class and with its name. A stretch
/// can be selected by dragging; it is returned while it is. For other content than text, as [`content_ui`].
pub(super) fn matched_ui(
    ui: &mut egui::Ui,
    cx: &mut PaneCx<'_>,
    state: &mut MatchedText,
    row: u32,
    height: f32,
) -> Option<String> {
    let text = match cx.session.content() {
        Content::Text(_) => cx.session.content_at(row),
        _ => None,
    };
    let Some(text) = text.filter(|text| text.len() <= MARKED) else {
        content_ui(ui, cx, "item", row, height);
        return None;
    };
    let content = Fingerprint::of(text.as_bytes());
    let of = (row, cx.live.votes.print(), content);
    if state.of != Some(of) {
        (state.marks, state.selection) = (marks_of(cx, row, &text), (0, 0));
        state.levels = set_levels(&mut state.marks);
        state.of = Some(of);
    }
    ui.set_max_width(READING_WIDTH.min(ui.available_width()));
    let id = egui::Id::unique("matched text");
    let number = xxhash_rust::xxh3::xxh3_64(text.as_bytes());
    let widget = SpanText::new(id, cx.strings.text_with_matches, &text, number)
        .marks(&state.marks, state.levels, None)
        .read_only()
        .selection(state.selection);
    let response = widget.show(ui, &mut state.text);
    if let Some(dragged) = response.dragged {
        state.selection = dragged;
    }
    if response.clicked.is_some() {
        state.selection = (0, 0);
    }
    if let Some(word) = response.double_clicked.and_then(|at| Points::new(&text).word_at(at)) {
        state.selection = (word.start, word.end);
    }
    let (from, to) = (state.selection.0.min(state.selection.1), state.selection.0.max(state.selection.1));
    // Whole words, as they would be looked for.
    let whole = if from < to { Points::new(&text).snapped(from..to, Snap::Word) } else { from..to };
    let chosen: String = text.chars().skip(whole.start).take(whole.len()).collect();
    Some(chosen.trim().to_owned()).filter(|chosen| !chosen.is_empty())
}

/// What functions found in a text.
fn marks_of(cx: &PaneCx<'_>, row: u32, text: &str) -> Vec<TextMark> {
    let Some(votes) = cx.live.votes.value() else { return Vec::new() };
    let mut marks = Vec::new();
    for (number, (function, column)) in votes.compiled.iter().zip(votes.votes.columns()).enumerate() {
        let vote = column.votes.get(row as usize).copied().and_then(|vote| u16::try_from(vote).ok());
        let Some(class) = vote.and_then(|vote| cx.session.classes().get(crate::label::ClassIndex(vote))) else {
            continue;
        };
        for range in function.highlights(text).into_iter().take(MOST_MARKS) {
            let points = |byte: usize| text.get(..byte).map_or(0, |before| before.chars().count());
            let (name, color) = (column.name.clone(), usize::from(class.color));
            let range = points(range.start)..points(range.end);
            marks.push(TextMark { range, number: number as u32, color, name, proposed: false, level: 0 });
        }
    }
    marks
}

/// What a text with marks keeps between frames.
#[derive(Default)]
pub(super) struct MatchedText {
    of: Option<(u32, Option<Fingerprint>, Fingerprint)>,
    marks: Vec<TextMark>,
    levels: usize,
    selection: (usize, usize),
    text: SpanTextState,
}

/// All values of a row but those that say the answer.
fn row_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, row: u32) {
    let tokens = Tokens::of(ui);
    let answers: Vec<&str> = cx.session.project().config.data.answers().collect();
    let shown = |column: &&std::sync::Arc<Column>| !answers.contains(&column.name());
    let grid = egui::Grid::new(("row", row)).num_columns(2).spacing([space::XL, space::XS]).striped(true);
    grid.show(ui, |ui| {
        for column in cx.session.dataset().frame.columns().iter().filter(shown) {
            ui.label(egui::RichText::new(column.name()).color(tokens.weak));
            match column.show(row as usize) {
                Some(value) => {
                    let short: String = value.chars().take(LONGEST).collect();
                    ui.add(egui::Label::new(egui::RichText::new(short).font(theme::reading())).wrap().selectable(true));
                }
                None => _ = ui.label(egui::RichText::new(cx.strings.missing).italics().color(tokens.weak)),
            }
            ui.end_row();
        }
    });
}
