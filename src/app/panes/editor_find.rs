//! Find and replace in the editor of functions.

use std::ops::Range;

use eframe::egui;

use crate::app::strings::Strings;
use crate::app::theme::{self, Tokens, icons};
use crate::app::widgets::{self, Button, Field};

/// What is looked for, and what is put in its place.
#[derive(Default)]
pub(super) struct Find {
    pub open: bool,
    wanted: String,
    with: String,
    match_case: bool,
    /// Where the last hit ended, in bytes.
    at: usize,
    focus: bool,
}

/// What the bar asks for.
#[derive(Default)]
pub(super) struct FindWish {
    /// The stretch to show.
    pub select: Option<Range<usize>>,
    /// The text with something replaced.
    pub text: Option<String>,
}

impl Find {
    /// Opens the bar, or closes it.
    pub fn toggle(&mut self) {
        self.open = !self.open;
        self.focus = self.open;
    }

    /// Draws the bar.
    pub fn ui(&mut self, ui: &mut egui::Ui, strings: &Strings, text: &str) -> FindWish {
        let mut wish = FindWish::default();
        if !self.open {
            return wish;
        }
        let hits = hits(text, &self.wanted, self.match_case);
        ui.horizontal_wrapped(|ui| {
            let id = egui::Id::unique("find in functions");
            if std::mem::take(&mut self.focus) {
                ui.memory_mut(|memory| memory.request_focus(id));
            }
            let field = Field::new(strings.find).hide_label().hint(strings.find).width(150.0).id(id);
            let entered =
                field.show(ui, &mut self.wanted).lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            let count = widgets::quiet_button(ui, &strings.hits(hits.len() as u64));
            let next = widgets::icon_button(ui, icons::ARROW_DOWN, strings.next, Some("Enter")).clicked();
            if next || entered || count.clicked() {
                wish.select = self.next(&hits);
            }
            if widgets::icon_button(ui, icons::ARROW_UP, strings.previous, None).clicked() {
                wish.select = self.previous(&hits);
            }
            widgets::toggle(ui, &mut self.match_case, strings.match_case);
            let with = Field::new(strings.replace_with).hide_label().hint(strings.replace_with).width(150.0);
            with.show(ui, &mut self.with);
            if Button::new(strings.replace).enabled(!hits.is_empty()).show(ui).clicked() {
                let hit = hits.iter().find(|hit| hit.end >= self.at).or(hits.first()).cloned();
                if let Some(hit) = hit {
                    self.at = hit.start + self.with.len();
                    wish.text = Some(replaced(text, std::slice::from_ref(&hit), &self.with));
                }
            }
            if Button::new(strings.replace_all).enabled(!hits.is_empty()).show(ui).clicked() {
                wish.text = Some(replaced(text, &hits, &self.with));
            }
            let close = widgets::icon_button(ui, icons::X, strings.close, None).clicked();
            if close || ui.memory(|memory| memory.has_focus(id)) && ui.input(|i| i.key_pressed(egui::Key::Escape)) {
                self.open = false;
            }
            if !self.wanted.is_empty() && hits.is_empty() {
                let none = egui::RichText::new(strings.no_hits).font(theme::caption());
                ui.label(none.color(Tokens::of(ui).warning));
            }
        });
        wish
    }

    fn next(&mut self, hits: &[Range<usize>]) -> Option<Range<usize>> {
        let hit = hits.iter().find(|hit| hit.start >= self.at).or(hits.first())?.clone();
        self.at = hit.end;
        Some(hit)
    }

    fn previous(&mut self, hits: &[Range<usize>]) -> Option<Range<usize>> {
        let hit = hits.iter().rev().find(|hit| hit.end < self.at).or(hits.last())?.clone();
        self.at = hit.end;
        Some(hit)
    }
}

/// Where a text stands in another, in bytes, without overlap. Without regard to case, letters are compared one by one in
/// lower case.
fn hits(text: &str, wanted: &str, match_case: bool) -> Vec<Range<usize>> {
    if wanted.is_empty() {
        return Vec::new();
    }
    if match_case {
        return text.match_indices(wanted).map(|(at, hit)| at..at + hit.len()).collect();
    }
    let lower = |letter: char| letter.to_lowercase().next().unwrap_or(letter);
    let wanted: Vec<char> = wanted.chars().map(lower).collect();
    let letters: Vec<(usize, char)> = text.char_indices().map(|(at, letter)| (at, lower(letter))).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at + wanted.len() <= letters.len() {
        if letters[at..at + wanted.len()].iter().map(|(_, letter)| letter).eq(&wanted) {
            let end = letters.get(at + wanted.len()).map_or(text.len(), |(byte, _)| *byte);
            found.push(letters[at].0..end);
            at += wanted.len();
        } else {
            at += 1;
        }
    }
    found
}

/// The text with other letters at these places.
fn replaced(text: &str, places: &[Range<usize>], with: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for place in places {
        out.push_str(text.get(from..place.start).unwrap_or_default());
        out.push_str(with);
        from = place.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_and_replaced() {
        let check = |text: &str, wanted: &str, case: bool, expected: &str| {
            assert_eq!(replaced(text, &hits(text, wanted, case), "-"), expected, "{wanted} in {text}");
        };
        check("Spam spam", "spam", false, "- -");
        check("Spam spam", "spam", true, "Spam -");
        check("aaa", "aa", false, "-a");
        check("한국 한국어", "한국", false, "- -어");
        check("İx", "x", false, "İ-");
        check("a", "", false, "a");
    }

    #[test]
    fn hits_are_gone_through_in_a_ring() {
        let all = [1..2, 5..6];
        let mut find = Find::default();
        let starts: Vec<usize> = (0..3).filter_map(|_| find.next(&all)).map(|hit| hit.start).collect();
        assert_eq!(starts, [1, 5, 1]);
        assert_eq!(find.previous(&all), Some(5..6));
        assert_eq!(find.previous(&all), Some(1..2));
        assert_eq!(find.next(&[]), None);
    }
}
