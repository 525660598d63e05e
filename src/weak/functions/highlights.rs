//! From places in a changed text (lower case, folded) back to places in the text as it stands.

use std::ops::Range;

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, is_nfc_quick};

use super::super::script::lower;
use crate::data::fold;

/// Ranges found in the folded text, as ranges of the text.
pub(super) fn through_fold(text: &str, find: impl FnOnce(&str) -> Vec<Range<usize>>) -> Vec<Range<usize>> {
    // A character that composes with what stands before it belongs to the same piece.
    let joins = |c: char| {
        !c.is_ascii() && (canonical_combining_class(c) != 0 || is_nfc_quick(std::iter::once(c)) == IsNormalized::Maybe)
    };
    let starts = text.char_indices().filter(|(at, c)| *at == 0 || !joins(*c)).map(|(at, _)| at);
    back(text, starts.collect(), fold, find)
}

/// Ranges found in the text in lower case, as ranges of the text.
pub(super) fn through_lower(text: &str, find: impl FnOnce(&str) -> Vec<Range<usize>>) -> Vec<Range<usize>> {
    let starts = text.char_indices().map(|(at, _)| at).collect();
    let ranges = back(text, starts, lower, |_| find(&lower(text)));
    // A piece by itself may be longer than in its place only if a range lies; then nothing is shown.
    ranges.into_iter().filter(|range| text.get(range.clone()).is_some()).collect()
}

/// Changes a text piece by piece, and takes what was found in it back to the pieces it touches.
fn back(
    text: &str,
    starts: Vec<usize>,
    change: impl Fn(&str) -> String,
    find: impl FnOnce(&str) -> Vec<Range<usize>>,
) -> Vec<Range<usize>> {
    let mut changed = String::with_capacity(text.len());
    let mut pieces: Vec<(usize, Range<usize>)> = Vec::with_capacity(starts.len());
    for (at, start) in starts.iter().enumerate() {
        let end = starts.get(at + 1).copied().unwrap_or(text.len());
        pieces.push((changed.len(), *start..end));
        changed.push_str(&change(text.get(*start..end).unwrap_or_default()));
    }
    let piece = |byte: usize| {
        let after = pieces.partition_point(|(start, _)| *start <= byte);
        pieces.get(after.checked_sub(1)?).map(|(_, range)| range.clone())
    };
    let mut out: Vec<Range<usize>> = Vec::new();
    for range in find(&changed) {
        let (Some(first), Some(last)) = (piece(range.start), piece(range.end.saturating_sub(1))) else { continue };
        match out.last_mut() {
            Some(before) if first.start < before.end => before.end = before.end.max(last.end),
            _ => out.push(first.start..last.end),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_go_back_to_the_text_as_it_stands() {
        let check = |text: &str, word: &str, expected: &[&str]| {
            let find = |text: &str| text.match_indices(word).map(|(at, hit)| at..at + hit.len()).collect();
            let found: Vec<&str> = through_fold(text, find).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{word} in {text}");
        };
        check("FREE free", "free", &["FREE", "free"]);
        check("\u{1112}\u{1161}\u{11ab}국 한국", "한국", &["\u{1112}\u{1161}\u{11ab}국", "한국"]);
        check("İstanbul CAFE\u{301}", "café", &["CAFE\u{301}"]);
        check("İİ x", "x", &["x"]);
        check("", "x", &[]);
    }

    #[test]
    fn lower_case_may_be_longer() {
        let text = "İİ FREE ΑΣ";
        let find = |text: &str| text.match_indices("free").map(|(at, hit)| at..at + hit.len()).collect();
        assert_eq!(through_lower(text, find).into_iter().map(|range| &text[range]).collect::<Vec<_>>(), ["FREE"]);
        let find = |text: &str| text.match_indices("ας").map(|(at, hit)| at..at + hit.len()).collect();
        assert_eq!(through_lower(text, find).into_iter().map(|range| &text[range]).collect::<Vec<_>>(), ["ΑΣ"]);
    }
}
