//! Words, phrases of up to four words, and stems and endings of Korean words: how many labelled texts of each class hold them.

use std::collections::HashMap;

use arrow_array::Array as _;

use super::drafts::{condition_of, name_of, of_text};
use super::{Candidate, Form, Input, Learnt, spread};
use crate::data::Kind;
use crate::engine::{Result, Work};

/// Words of a text that are read.
const READ: usize = 400;

/// The longest phrase, in words.
const WORDS: usize = 4;

/// Texts that must hold a phrase.
const LEAST: u32 = 3;

/// In how many texts of each class a phrase stands.
#[derive(Default)]
struct Count {
    last: u32,
    rows: u64,
    by_class: Vec<(u16, u32)>,
}

/// Phrases that may set a class apart.
pub(super) fn candidates(input: &Input, learnt: &Learnt, work: &Work) -> Result<Vec<Candidate>> {
    let name = input.context.text.unwrap_or("text");
    let column = input.context.frame.get(name).filter(|column| matches!(column.kind(), Kind::Text | Kind::Category));
    let Some((column, texts)) = column.and_then(|column| Some((column.name(), column.folded()?))) else {
        return Ok(Vec::new());
    };
    let mut counts: HashMap<&str, Count> = HashMap::new();
    for (at, (&row, &class)) in learnt.rows.iter().zip(&learnt.labels).enumerate() {
        if at % 64 == 0 {
            work.check()?;
        }
        let row_at = row as usize;
        if row_at >= texts.len() || texts.is_null(row_at) {
            continue;
        }
        visit(texts.value(row_at), |phrase| {
            let count = counts.entry(phrase).or_default();
            // Once a text, however often it stands in it.
            if count.last == row + 1 {
                return;
            }
            count.last = row + 1;
            count.rows = count.rows.wrapping_add(spread(row));
            match count.by_class.iter_mut().find(|(of, _)| *of == class) {
                Some((_, texts)) => *texts += 1,
                None => count.by_class.push((class, 1)),
            }
        });
    }
    let mut found = Vec::new();
    for (phrase, count) in counts {
        let judged: u32 = count.by_class.iter().map(|(_, texts)| texts).sum();
        if judged < LEAST {
            continue;
        }
        for &(class, correct) in &count.by_class {
            let Some(name) = input.context.classes.get(usize::from(class)) else { continue };
            let candidate = Candidate {
                name: String::new(),
                call: String::new(),
                condition: String::new(),
                form: Form::Phrase,
                class,
                correct,
                judged,
                rows: count.rows,
            };
            if learnt.worth(&candidate) > 0.0 {
                let (call, condition) = (of_text(name, phrase), condition_of(column, phrase));
                found.push(Candidate { name: name_of(phrase), call, condition, ..candidate });
            }
        }
    }
    // The order of a hash map must not show: ties are settled by the declaration.
    found.sort_by(|a, b| a.call.cmp(&b.call));
    Ok(found)
}

/// Calls `each` with the words, the phrases whose words are one space apart, and the stems and endings
/// of Korean words, all as they stand in the text.
fn visit<'t>(text: &'t str, mut each: impl FnMut(&'t str)) {
    let mut words: Vec<(usize, usize)> = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices() {
        match (letter.is_alphanumeric() || (letter == '\'' && start.is_some()), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push((from, at));
                start = None;
                if words.len() >= READ {
                    break;
                }
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        words.push((from, text.len()));
    }
    for (first, &(from, end)) in words.iter().enumerate() {
        let Some(word) = text.get(from..end) else { continue };
        if word.chars().nth(1).is_some() {
            each(word);
        }
        pieces(word, &mut each);
        let mut last = end;
        for &(next, end) in words.iter().skip(first + 1).take(WORDS - 1) {
            if text.get(last..next) != Some(" ") {
                break;
            }
            if let Some(phrase) = text.get(from..end) {
                each(phrase);
            }
            last = end;
        }
    }
}

/// The beginnings of a Korean word, of 2 to 4 syllables, which are its stem, and its last two syllables, which are its
/// ending; the word itself is left out.
fn pieces<'t>(word: &'t str, each: &mut impl FnMut(&'t str)) {
    let hangul = |letter: char| ('가'..='힣').contains(&letter);
    if !word.chars().all(hangul) {
        return;
    }
    // Every syllable takes three bytes.
    let letters = word.len() / 3;
    for length in 2..=4.min(letters.saturating_sub(1)) {
        if let Some(stem) = word.get(..3 * length) {
            each(stem);
        }
    }
    if letters >= 4
        && let Some(ending) = word.get(word.len() - 6..)
    {
        each(ending);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_pieces_of_the_text_as_it_stands() {
        let check = |text: &str, expected: &[&str]| {
            let mut found = Vec::new();
            visit(text, |phrase| found.push(phrase.to_owned()));
            assert_eq!(found, expected, "{text}");
        };
        check("check out, my page", &["check", "check out", "out", "my", "my page", "page"]);
        check("don't a", &["don't", "don't a"]);
        check("재미있다", &["재미있다", "재미", "재미있", "있다"]);
        check("노래", &["노래"]);
        check("", &[]);
        let mut count = 0;
        visit(&"ab ".repeat(5000), |_| count += 1);
        assert!(count <= READ * WORDS, "a long text is read in part");
    }
}
