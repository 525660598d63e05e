//! Text to be read: large, with the line height that its script wants, however long it is.
//!
//! A long text is cut into pieces at its line ends, and only the pieces that can be seen are laid out; the others are
//! as high as they were when they were last seen, or as they are likely to be.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use eframe::egui::text::LayoutJob;
use eframe::egui::{Id, Label, Rect, Sense, TextFormat, Ui, UiBuilder, pos2, vec2};

use crate::app::theme::{self, Tokens};

/// Bytes up to which a text is laid out whole.
pub(super) const SHORT: usize = 16_000;

/// Bytes of a piece at most.
const PIECE: usize = 4_000;

/// Draws a text over the width there is, selectable. It takes as much height as it needs: put it into a scroll area.
pub fn reading_text(ui: &mut Ui, text: &str) {
    let line = line_height(text);
    if text.len() <= SHORT {
        ui.add(Label::new(job(ui, text, line)).wrap().selectable(true));
        return;
    }
    let pieces = pieces_of(ui, text, line);
    let mut pieces = pieces.lock().unwrap_or_else(PoisonError::into_inner);
    let width = ui.available_width();
    let height: f32 = pieces.0.iter().map(|piece| piece.height).sum();
    let (whole, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    let seen = ui.clip_rect();
    let mut top = whole.top();
    for piece in &mut pieces.0 {
        let bottom = top + piece.height;
        if bottom >= seen.top() && top <= seen.bottom() {
            let rect = Rect::from_min_max(pos2(whole.left(), top), pos2(whole.right(), bottom.max(top + line)));
            let part = text.get(piece.bytes.clone()).unwrap_or_default();
            let builder = UiBuilder::new().id_salt(piece.bytes.start).max_rect(rect);
            let drawn = ui.scope_builder(builder, |ui| {
                ui.add(Label::new(job(ui, part, line)).wrap().selectable(true)).rect.height()
            });
            if (drawn.inner - piece.height).abs() > 0.5 {
                piece.height = drawn.inner;
                ui.ctx().request_repaint();
            }
        }
        top = bottom;
    }
}

/// A text to be read, with lines of that height.
pub(super) fn job(ui: &Ui, text: &str, line: f32) -> LayoutJob {
    let tokens = Tokens::of(ui);
    let mut job = LayoutJob::default();
    let format =
        TextFormat { font_id: theme::reading(), color: tokens.text, line_height: Some(line), ..Default::default() };
    job.append(text.strip_suffix('\n').unwrap_or(text), 0.0, format);
    job
}

/// Hangul wants more room between its lines than Latin.
fn line_height(text: &str) -> f32 {
    let hangul = text.chars().take(2000).any(|letter| matches!(letter, '가'..='힣'));
    theme::reading().size * if hangul { 1.6 } else { 1.5 }
}

/// The pieces of a long text, with the height of each.
#[derive(Debug)]
struct Pieces(Vec<Piece>);

#[derive(Debug)]
struct Piece {
    bytes: Range<usize>,
    height: f32,
}

/// The pieces, kept while text and width are the same.
fn pieces_of(ui: &Ui, text: &str, line: f32) -> Arc<Mutex<Pieces>> {
    let width = ui.available_width();
    // The ends tell texts of one length apart; reading a million letters every frame would not be worth it.
    let ends = (text.get(..text.floor_char_boundary(256)), text.get(text.ceil_char_boundary(text.len() - 256)..));
    let id = Id::unique(("reading", text.len(), ends, width as u32));
    if let Some(known) = ui.data(|data| data.get_temp::<Arc<Mutex<Pieces>>>(id)) {
        return known;
    }
    let height = |bytes: &Range<usize>| likely_height(&text[bytes.clone()], width, line);
    let pieces = cut(text).into_iter().map(|bytes| Piece { height: height(&bytes), bytes }).collect();
    let made = Arc::new(Mutex::new(Pieces(pieces)));
    ui.data_mut(|data| data.insert_temp(id, made.clone()));
    made
}

/// How high a text is likely to be over a width, before it is laid out.
pub(super) fn likely_height(text: &str, width: f32, line: f32) -> f32 {
    let letters_in_line = (width / (theme::reading().size * 0.6)).max(1.0);
    let lines = text.lines().map(|part| (part.chars().count() as f32 / letters_in_line).ceil().max(1.0));
    lines.sum::<f32>().max(1.0) * line
}

/// Cuts a text behind line ends, where lines are too long behind spaces, where there are none anywhere. No piece is
/// longer than [`PIECE`] bytes, and together they are the text.
pub(super) fn cut(text: &str) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let rest = &text[start..];
        let most = rest.floor_char_boundary(PIECE);
        let end = if most == rest.len() {
            most
        } else {
            let window = &rest[..most];
            window.rfind('\n').or_else(|| window.rfind(' ')).map_or(most, |at| at + 1)
        };
        pieces.push(start..start + end);
        start += end;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_cut_where_a_reader_would() {
        let lines = format!("{}\n{}", "a".repeat(3000), "b".repeat(3000));
        assert_eq!(cut(&lines), [0..3001, 3001..6001]);
        let words = format!("{} {}", "a".repeat(3000), "b".repeat(3000));
        assert_eq!(cut(&words), [0..3001, 3001..6001]);
        assert_eq!(cut(&"가".repeat(2000)), [0..3999, 3999..6000]);
        assert!(cut("").is_empty());
    }

    proptest! {
        #[test]
        fn pieces_are_the_text(text in "(a{0,3000}|가{0,3000}|\n| ){0,8}") {
            let pieces = cut(&text);
            let joined: String = pieces.iter().map(|piece| &text[piece.clone()]).collect();
            prop_assert_eq!(joined, text);
            prop_assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.len() <= PIECE));
        }
    }
}
