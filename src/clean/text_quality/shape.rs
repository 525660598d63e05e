//! What a text is made of: nothing, symbols, the same over and over.

use super::{Spot, TextIssue};

/// From this share of a text on, repetition is what it consists of.
const MOSTLY: f64 = 0.6;

/// Characters that repeat must cover this many characters, and words this many words.
const LEAST_CHARACTERS: usize = 12;
const LEAST_WORDS: usize = 8;

/// The longest unit of characters, and of words, whose repetition is looked for.
const LONGEST_UNIT: usize = 8;
const LONGEST_PHRASE: usize = 12;

/// How often a unit must follow itself.
const LEAST_TIMES: usize = 4;

/// In a text of at least this many words, of which less than a fifth are different, words repeat, though not in a row
/// (after the repetition filters of Rae et al. 2021, "Scaling Language Models: Gopher").
const MANY_WORDS: usize = 30;
const FEW_DIFFERENT: f64 = 0.2;

/// The length of a text that matters: its characters but for white space at the ends.
pub(super) fn length(text: &str) -> usize {
    text.trim_matches(is_blank).chars().count()
}

/// True for what is not seen: white space, and the marks of zero width that survive copying.
pub(super) fn is_blank(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' ' | '\t'..='\r');
    }
    c.is_whitespace()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{3164}' | '\u{115F}' | '\u{1160}')
}

/// Adds what is odd about the shape of one text.
pub(super) fn find(text: &str, spots: &mut Vec<Spot>) {
    let whole = |issue| Spot { issue, start: 0, end: text.len(), sure: true };
    let visible = text.chars().filter(|&c| !is_blank(c)).count();
    if visible == 0 {
        spots.push(whole(TextIssue::Empty));
        return;
    }
    let symbols = text.chars().filter(|&c| !is_blank(c) && is_symbol(c)).count();
    // More than three in four: a word with an exclamation or an ellipsis still is a word.
    if symbols >= 2 && 4 * symbols > 3 * visible {
        spots.push(whole(TextIssue::Symbols));
    }
    if let Some((start, end)) = repeated_characters(text, visible) {
        spots.push(Spot { issue: TextIssue::RepeatedCharacters, start, end, sure: true });
    } else if let Some((start, end)) = repeated_words(text) {
        spots.push(Spot { issue: TextIssue::RepeatedWords, start, end, sure: true });
    }
}

/// True for what is neither a letter nor a digit nor part of one.
fn is_symbol(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_alphanumeric();
    }
    // Combining marks and vowel signs belong to letters.
    let is_mark =
        matches!(c, '\u{300}'..='\u{36F}' | '\u{900}'..='\u{DFF}' | '\u{E00}'..='\u{EFF}' | '\u{1DC0}'..='\u{1DFF}');
    !c.is_alphanumeric() && !is_mark
}

/// The longest stretch in which a unit of one to eight characters repeats, if it is most of the text.
fn repeated_characters(text: &str, visible: usize) -> Option<(usize, usize)> {
    if visible < LEAST_CHARACTERS {
        return None;
    }
    let letters: Vec<(usize, char)> = text.char_indices().filter(|&(_, c)| !is_blank(c)).collect();
    let (first, length) = longest_periodic(&letters, LONGEST_UNIT, |a, b| a.1 == b.1);
    if length < LEAST_CHARACTERS || (length as f64) < MOSTLY * visible as f64 {
        return None;
    }
    let start = letters.get(first)?.0;
    let last = letters.get(first + length - 1)?;
    Some((start, last.0 + last.1.len_utf8()))
}

/// The longest stretch in which a phrase of up to twelve words repeats, if it is most of the text; or the whole text,
/// if it is long and has few different words.
fn repeated_words(text: &str) -> Option<(usize, usize)> {
    let place = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() < LEAST_WORDS {
        return None;
    }
    let (first, length) = longest_periodic(&words, LONGEST_PHRASE, |a, b| a == b);
    if length >= LEAST_WORDS && length as f64 >= MOSTLY * words.len() as f64 {
        let last = words.get(first + length - 1)?;
        return Some((place(words.get(first)?), place(last) + last.len()));
    }
    let different: std::collections::HashSet<&str> = words.iter().copied().collect();
    let few = words.len() >= MANY_WORDS && (different.len() as f64) < FEW_DIFFERENT * words.len() as f64;
    few.then_some((0, text.len()))
}

/// Where the longest stretch begins that repeats a unit of at most `longest` items four times or more, and how long it
/// is: a stretch of period p is one in which every item equals the one p places on. Only stretches of three fifths of
/// the items matter; these hold the fifth in the middle, which is looked at first.
fn longest_periodic<T>(items: &[T], longest: usize, equal: impl Fn(&T, &T) -> bool) -> (usize, usize) {
    let mut best = (0, 0);
    for period in 1..=longest.min(items.len() / LEAST_TIMES) {
        let middle = items.get((items.len() * 2).div_ceil(5)..items.len() * 3 / 5).unwrap_or_default();
        if middle.iter().zip(middle.iter().skip(period)).any(|(a, b)| !equal(a, b)) {
            continue;
        }
        let mut run = 0;
        for (at, (a, b)) in items.iter().zip(items.iter().skip(period)).enumerate() {
            run = if equal(a, b) { run + 1 } else { 0 };
            let length = run + period;
            if run > 0 && length >= LEAST_TIMES * period && length > best.1 {
                best = (at + 1 - run, length);
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(TextIssue, &str)]) {
        let mut spots = Vec::new();
        find(text, &mut spots);
        let found: Vec<_> = spots.iter().map(|spot| (spot.issue, &text[spot.start..spot.end])).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn shapes() {
        use TextIssue::{Empty, RepeatedCharacters, RepeatedWords, Symbols};
        check("", &[(Empty, "")]);
        check(" \u{200B}\n\u{3000}", &[(Empty, " \u{200B}\n\u{3000}")]);
        check("좋아요", &[]);
        check("!!??...;;", &[(Symbols, "!!??...;;")]);
        check("😂😂👍", &[(Symbols, "😂😂👍")]);
        check("ㅋㅋㅋ", &[]);
        check("ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ", &[(RepeatedCharacters, "ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ")]);
        check("ha hahaha hahaha ha", &[(RepeatedCharacters, "ha hahaha hahaha ha")]);
        check("오늘 영화 정말 재미있게 봤어요 ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ", &[]);
        let spam = "click here now ".repeat(9);
        check(&spam, &[(RepeatedWords, spam.trim_end())]);
        check("one two three four five six seven eight nine ten", &[]);
        check("สวัสดีครับ", &[]);
        check("हिन्दी में", &[]);
    }

    #[test]
    fn few_different_words_are_a_repetition() {
        let text: Vec<&str> = (0..60).map(|at| ["buy", "cheap", "pills", "now"][(at * at + at / 7) % 4]).collect();
        let text = text.join(" ");
        let mut spots = Vec::new();
        find(&text, &mut spots);
        assert_eq!(spots.iter().map(|spot| spot.issue).collect::<Vec<_>>(), [TextIssue::RepeatedWords]);
    }
}
