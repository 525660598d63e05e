//! A text in which stretches are marked: bars under the letters with the names of their classes, a selection made by
//! pointer or keys, and only what can be seen is laid out, so that a document of a million letters scrolls.
//!
//! Positions are code points.

use std::ops::Range;
use std::sync::Arc;

use eframe::egui::text::CCursor;
use eframe::egui::{
    self, Align2, EventFilter, Galley, Pos2, Rect, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::reader::{SHORT, cut, job, likely_height};
use crate::app::theme::{self, Tokens, size};

/// The height of one level of bars with their names.
const LEVEL: f32 = 13.0;

/// The height of a bar.
const BAR: f32 = 3.0;

/// A stretch that is marked. An annotation in several pieces is several stretches of one number.
#[derive(Debug, Clone, PartialEq)]
pub struct TextMark {
    /// Where, in code points.
    pub range: Range<usize>,
    /// The number of the annotation.
    pub number: u32,
    /// The colour of its class.
    pub color: usize,
    /// The name of its class.
    pub name: String,
    /// Proposed, not yet taken: drawn apart.
    pub proposed: bool,
    /// How far below the letters, from 0; see [`set_levels`].
    pub level: usize,
}

/// Puts marks in order and gives them levels, so that no two on one level overlap. Returns the number of levels.
pub fn set_levels(marks: &mut [TextMark]) -> usize {
    marks.sort_by_key(|mark| (mark.range.start, std::cmp::Reverse(mark.range.end), mark.number));
    let mut ends: Vec<usize> = Vec::new();
    for mark in marks {
        match ends.iter_mut().enumerate().find(|(_, end)| **end <= mark.range.start) {
            Some((level, end)) => (mark.level, *end) = (level, mark.range.end),
            None => {
                mark.level = ends.len();
                ends.push(mark.range.end);
            }
        }
    }
    ends.len()
}

/// What a text keeps between frames.
#[derive(Default)]
pub struct SpanTextState {
    /// The text that the pieces are of, and the width they were laid out for.
    of: (u64, u32),
    pieces: Vec<Piece>,
    /// Where a drag began.
    from: Option<usize>,
    /// A position to scroll to.
    reveal: Option<usize>,
}

impl SpanTextState {
    /// Scrolls to a position with the next frame.
    pub fn reveal(&mut self, at: usize) {
        self.reveal = Some(at);
    }
}

struct Piece {
    bytes: Range<usize>,
    points: Range<usize>,
    height: f32,
}

/// A text with marks.
#[must_use = "call `show`"]
pub struct SpanText<'a> {
    id: egui::Id,
    name: &'a str,
    text: &'a str,
    /// Tells texts apart: changes with the text.
    print: u64,
    marks: &'a [TextMark],
    levels: usize,
    /// Levels for which there is room below each line, whether there are marks or not.
    room: usize,
    chosen: Option<u32>,
    selection: (usize, usize),
}

/// What happened in a [`SpanText`].
pub struct SpanTextResponse {
    /// The response of the whole.
    pub response: Response,
    /// The selection that is being dragged: where it began and where the pointer is.
    pub dragged: Option<(usize, usize)>,
    /// True when the drag ended.
    pub released: bool,
    /// The position that was clicked.
    pub clicked: Option<usize>,
    /// The position that was clicked twice.
    pub double_clicked: Option<usize>,
}

impl<'a> SpanText<'a> {
    /// A text. `print` changes with the text, `name` is what a screen reader says.
    pub fn new(id: egui::Id, name: &'a str, text: &'a str, print: u64) -> Self {
        Self { id, name, text, print, marks: &[], levels: 0, room: 1, chosen: None, selection: (0, 0) }
    }

    /// The marks, as [`set_levels`] left them, with the number of levels and the one that is chosen.
    pub fn marks(mut self, marks: &'a [TextMark], levels: usize, chosen: Option<u32>) -> Self {
        (self.marks, self.levels, self.chosen) = (marks, levels, chosen);
        self
    }

    /// Without room below lines for marks that are still to come: for texts that are only read.
    pub fn read_only(mut self) -> Self {
        self.room = 0;
        self
    }

    /// The selection: where it began and where the cursor is.
    pub fn selection(mut self, selection: (usize, usize)) -> Self {
        self.selection = selection;
        self
    }

    /// Draws it over the width there is, as high as it needs to be: put it into a scroll area.
    pub fn show(self, ui: &mut Ui, state: &mut SpanTextState) -> SpanTextResponse {
        let line = size::READING_LINE + LEVEL * self.levels.max(self.room) as f32;
        let width = ui.available_width();
        self.take_up(state, width, line);
        let height: f32 = state.pieces.iter().map(|piece| piece.height).sum();
        let (rect, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
        let response = ui.interact(rect, self.id, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Document, ui.is_enabled(), self.name));
        let filter = EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: true };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(self.id, filter));
        if response.clicked() || response.drag_started() {
            response.request_focus();
        }
        let seen = ui.clip_rect();
        let mut laid: Vec<(Pos2, Arc<Galley>, Range<usize>)> = Vec::new();
        let mut top = rect.top();
        for piece in &mut state.pieces {
            if top + piece.height >= seen.top() && top <= seen.bottom() {
                let galley = self.lay_out(ui, &piece.bytes, width, line);
                if (galley.size().y - piece.height).abs() > 0.5 {
                    piece.height = galley.size().y;
                    ui.ctx().request_repaint();
                }
                laid.push((pos2(rect.left(), top), galley, piece.points.clone()));
            }
            top += piece.height;
        }
        self.scroll_to(ui, state, rect.min);
        for (at, galley, points) in &laid {
            self.paint(ui, *at, galley, points);
        }
        let at = |pos: Pos2| position(&laid, pos);
        self.answer(response, state, at)
    }

    /// Cuts the text into pieces when it is another one, or another width.
    fn take_up(&self, state: &mut SpanTextState, width: f32, line: f32) {
        let of = (self.print, width as u32);
        if state.of == of && !state.pieces.is_empty() {
            return;
        }
        if state.of.0 != self.print {
            state.from = None;
        }
        let whole = || std::iter::once(0..self.text.len()).collect();
        let parts: Vec<Range<usize>> = if self.text.len() <= SHORT { whole() } else { cut(self.text) };
        let mut start = 0;
        state.of = of;
        state.pieces = parts
            .into_iter()
            .map(|bytes| {
                let part = self.text.get(bytes.clone()).unwrap_or_default();
                let points = start..start + part.chars().count();
                start = points.end;
                Piece { bytes, points, height: likely_height(part, width, line) }
            })
            .collect();
    }

    fn lay_out(&self, ui: &Ui, bytes: &Range<usize>, width: f32, line: f32) -> Arc<Galley> {
        let mut job = job(ui, self.text.get(bytes.clone()).unwrap_or_default(), line);
        job.wrap.max_width = width;
        ui.painter().layout_job(job)
    }

    fn scroll_to(&self, ui: &Ui, state: &mut SpanTextState, min: Pos2) {
        let Some(at) = state.reveal.take() else { return };
        let mut top = min.y;
        for piece in &state.pieces {
            if piece.points.contains(&at) {
                let share = (at - piece.points.start) as f32 / piece.points.len().max(1) as f32;
                let y = top + share * piece.height;
                let line = size::READING_LINE * 2.0;
                ui.scroll_to_rect(Rect::from_min_max(pos2(min.x, y - line), pos2(min.x + 1.0, y + line)), None);
                return;
            }
            top += piece.height;
        }
    }

    fn paint(&self, ui: &Ui, at: Pos2, galley: &Arc<Galley>, points: &Range<usize>) {
        let tokens = Tokens::of(ui);
        let (from, to) = (self.selection.0.min(self.selection.1), self.selection.0.max(self.selection.1));
        let rows = rows_of(at, galley, points.start);
        for row in &rows {
            if let Some((left, right)) = row.across(&(from..to)) {
                let rect = Rect::from_min_max(pos2(left, row.baseline - row.ascent), pos2(right, row.baseline + BAR));
                ui.painter().rect_filled(rect, 2.0, tokens.selection);
            }
        }
        self.paint_grounds(ui, &rows, points);
        ui.painter().galley(at, galley.clone(), tokens.text);
        for row in &rows {
            self.paint_bars(ui, row, points);
        }
        if from == to && ui.memory(|memory| memory.has_focus(self.id)) {
            let row = rows.iter().find(|row| row.points.contains(&from) || row.points.end == from);
            if let Some(row) = row {
                let stroke = Stroke::new(1.5, tokens.accent);
                ui.painter().vline(row.x(from), row.baseline - row.ascent..=row.baseline + BAR, stroke);
            }
        }
    }

    /// The marks that touch some points, in order.
    fn within(&self, points: &Range<usize>) -> impl Iterator<Item = &TextMark> {
        let points = points.clone();
        let end = self.marks.partition_point(|mark| mark.range.start < points.end);
        self.marks[..end].iter().filter(move |mark| mark.range.end > points.start)
    }

    /// A tint behind the letters of what is marked.
    fn paint_grounds(&self, ui: &Ui, rows: &[RowAt], points: &Range<usize>) {
        let tokens = Tokens::of(ui);
        for mark in self.within(points).filter(|mark| !mark.proposed) {
            let color = tokens.category(mark.color);
            let chosen = self.chosen == Some(mark.number);
            for (left, right, row) in rows.iter().filter_map(|row| Some((row.across(&mark.range)?, row))).map(flat) {
                let rect = Rect::from_min_max(pos2(left, row.baseline - row.ascent), pos2(right, row.baseline + BAR));
                ui.painter().rect_filled(rect, 2.0, tokens.tint(color));
                if chosen {
                    let stroke = Stroke::new(1.5, tokens.accent);
                    ui.painter().rect_stroke(rect.expand(1.0), 2.0, stroke, egui::StrokeKind::Outside);
                }
            }
        }
    }

    /// The bars below a row, each with the name of its class where the mark begins.
    fn paint_bars(&self, ui: &Ui, row: &RowAt, points: &Range<usize>) {
        let tokens = Tokens::of(ui);
        let marks: Vec<(&TextMark, f32, f32)> = self
            .within(points)
            .filter_map(|mark| row.across(&mark.range).map(|(left, right)| (mark, left, right)))
            .collect();
        for (at, (mark, left, right)) in marks.iter().enumerate() {
            let color = tokens.category(mark.color);
            let top = row.baseline + row.descent + LEVEL * mark.level as f32;
            let bar = Rect::from_min_max(pos2(*left, top), pos2((*right - 1.0).max(*left + 1.0), top + BAR));
            if mark.proposed {
                let stroke = Stroke::new(1.5, color);
                ui.painter().extend(egui::Shape::dashed_line(
                    &[bar.left_center(), bar.right_center()],
                    stroke,
                    4.0,
                    3.0,
                ));
            } else {
                ui.painter().rect_filled(bar, 1.0, color);
            }
            if row.points.contains(&mark.range.start) {
                // A name ends where the next one of its level begins.
                let next = marks[at + 1..].iter().find(|(other, ..)| other.level == mark.level);
                let most = next.map_or(f32::INFINITY, |(_, left, _)| *left - 2.0);
                let clip = Rect::from_min_max(pos2(*left, top), pos2(most, top + LEVEL)).intersect(ui.clip_rect());
                let color = if mark.proposed { tokens.weak } else { tokens.text };
                let place = pos2(*left, top + BAR - 1.0);
                ui.painter().with_clip_rect(clip).text(place, Align2::LEFT_TOP, &mark.name, tag_font(), color);
            }
        }
    }

    fn answer(
        &self,
        response: Response,
        state: &mut SpanTextState,
        at: impl Fn(Pos2) -> Option<usize>,
    ) -> SpanTextResponse {
        let here = response.interact_pointer_pos().and_then(&at);
        if response.drag_started() {
            // Where the button went down, not where the pointer was when that counted as a drag.
            let origin = response.ctx.input(|input| input.pointer.press_origin());
            state.from = origin.and_then(&at).or(here);
        }
        let dragged = state.from.zip(here).filter(|_| response.dragged() || response.drag_stopped());
        let released = response.drag_stopped();
        if released {
            state.from = None;
        }
        let clicked = here.filter(|_| response.clicked());
        let double_clicked = here.filter(|_| response.double_clicked());
        SpanTextResponse { response, dragged, released, clicked, double_clicked }
    }
}

fn flat(((left, right), row): ((f32, f32), &RowAt)) -> (f32, f32, &RowAt) {
    (left, right, row)
}

fn tag_font() -> egui::FontId {
    egui::FontId::new(10.0, theme::caption().family)
}

/// One line as it stands on the screen.
struct RowAt {
    points: Range<usize>,
    /// The left edge of every letter, and the right edge of the last.
    edges: Vec<f32>,
    baseline: f32,
    ascent: f32,
    descent: f32,
}

impl RowAt {
    fn x(&self, at: usize) -> f32 {
        let at = at.saturating_sub(self.points.start).min(self.edges.len().saturating_sub(1));
        self.edges.get(at).copied().unwrap_or_default()
    }

    /// From where to where some points reach on this line.
    fn across(&self, range: &Range<usize>) -> Option<(f32, f32)> {
        let (start, end) = (range.start.max(self.points.start), range.end.min(self.points.end));
        (start < end).then(|| (self.x(start), self.x(end)))
    }
}

fn rows_of(at: Pos2, galley: &Galley, first: usize) -> Vec<RowAt> {
    let font = theme::reading();
    let mut start = first;
    let row = |placed: &egui::epaint::text::PlacedRow| {
        let count = placed.row.glyphs.len();
        let left = at.x + placed.pos.x;
        let mut edges: Vec<f32> = placed.row.glyphs.iter().map(|glyph| left + glyph.pos.x).collect();
        edges.push(placed.row.glyphs.last().map_or(left, |glyph| left + glyph.pos.x + glyph.advance_width));
        let baseline = placed.row.glyphs.first().map_or(placed.row.size.y * 0.6, |glyph| glyph.pos.y);
        let points = start..start + count;
        start = points.end + usize::from(placed.ends_with_newline);
        RowAt {
            points,
            edges,
            baseline: at.y + placed.pos.y + baseline,
            ascent: font.size * 1.05,
            descent: font.size * 0.32,
        }
    };
    galley.rows.iter().map(row).collect()
}

/// The position in the text at a place on the screen.
fn position(laid: &[(Pos2, Arc<Galley>, Range<usize>)], pos: Pos2) -> Option<usize> {
    let (at, galley, points) =
        laid.iter().find(|(at, galley, _)| pos.y < at.y + galley.size().y).or_else(|| laid.last())?;
    let CCursor { index, .. } = galley.cursor_from_pos(pos - *at);
    Some((points.start + index.0).min(points.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(range: Range<usize>, number: u32) -> TextMark {
        TextMark { range, number, color: 0, name: String::new(), proposed: false, level: 9 }
    }

    #[test]
    fn marks_that_overlap_lie_on_levels_of_their_own() {
        let mut marks = vec![mark(4..6, 3), mark(0..5, 1), mark(6..8, 4), mark(0..2, 2)];
        let levels = set_levels(&mut marks);
        let placed: Vec<(u32, usize)> = marks.iter().map(|mark| (mark.number, mark.level)).collect();
        assert_eq!(placed, [(1, 0), (2, 1), (3, 1), (4, 0)]);
        assert_eq!(levels, 2);
        assert_eq!(set_levels(&mut []), 0);
    }
}
