//! Shapes of text: links, numbers, repeated signs and letters, and the skeletons of what stands in the labelled texts.

use std::collections::HashMap;

use arrow_array::Array as _;

use super::drafts::{name_of, python_pattern, python_text};
use super::measure::run;
use super::{Candidate, Form, Input, Learnt, spread};
use crate::data::filter::{quote_name, quote_text};
use crate::engine::{Result, Work};
use crate::weak::ABSTAIN;

/// Shapes that are tried on every text: name, pattern, and whether upper case matters. None needs look-around.
const KNOWN: &[(&str, &str, bool)] = &[
    ("link", r"https?://|www\.", false),
    ("domain", r"[a-z0-9-]+\.(com|net|org|co|kr|ly|be|me|info|tk)\b", false),
    ("email", r"[a-z0-9._%+-]+@[a-z0-9-]+\.[a-z]{2,}", false),
    ("mention", r"(^|\s)@\w+", false),
    ("hashtag", r"#\w+", false),
    ("number", r"\d", false),
    ("long_number", r"\d{5,}", false),
    ("phone", r"\d{2,4}[- .]\d{3,4}[- .]\d{4}", false),
    ("percent", r"\d\s?%", false),
    ("money", r"[$€£₩]\s?\d|\d\s?(usd|dollars|원|만원|달러)", false),
    ("time", r"\b\d{1,2}:\d{2}\b", false),
    ("date", r"\b(19|20)\d{2}[-./년]\s?\d{1,2}", false),
    ("exclaims", r"!{2,}", false),
    ("exclaims_much", r"!{4,}", false),
    ("asks", r"\?", false),
    ("ends_asking", r"\?\s*$", false),
    ("asks_much", r"\?{2,}", false),
    ("dots", r"\.{3,}|…", false),
    ("tildes", r"~{2,}", false),
    ("laughs", r"[ㅋㅎ]{2,}", false),
    ("cries", r"[ㅠㅜ]{2,}", false),
    ("smiles", r"\^{2}|:\)|:-\)|:d\b|=\)", false),
    ("frowns", r":\(|:-\(|;\(", false),
    ("heart", r"♥|♡|❤|<3", false),
    ("emoji", "[\u{1F300}-\u{1FAFF}]", false),
    ("shouts", r"\b[A-Z]{4,}\b", true),
    ("shouts_long", r"\b[A-Z]{2,}( [A-Z]{2,}){2,}", true),
    ("quotes", "\"[^\"]+\"", false),
    ("brackets", r"\[[^\]]+\]", false),
    ("starts_with_number", r"^\s*\d", false),
    ("new_lines", r"\n", false),
];

/// Skeletons of the labelled texts that are tried.
const SKELETONS: usize = 60;

/// Texts that must hold a skeleton.
const LEAST: u32 = 3;

/// Shapes that may set a class apart.
pub(super) fn candidates(input: &Input, learnt: &Learnt, work: &Work) -> Result<Vec<Candidate>> {
    let name = input.context.text.unwrap_or("text");
    let Some(first) = input.context.classes.first() else { return Ok(Vec::new()) };
    let Some(column) = input.context.frame.get(name) else { return Ok(Vec::new()) };
    let (column, Some(texts)) = (column.name(), column.folded()) else { return Ok(Vec::new()) };
    let known = KNOWN.iter().map(|(name, pattern, case)| (format!("lf_{name}"), (*pattern).to_owned(), *case));
    let mut shapes: Vec<(String, String, bool)> = known.collect();
    let mut skeletons: HashMap<String, (u32, u32)> = HashMap::new();
    for (at, &row) in learnt.rows.iter().enumerate() {
        if at % 64 == 0 {
            work.check()?;
        }
        let row_at = row as usize;
        if row_at < texts.len() && texts.is_valid(row_at) {
            for skeleton in texts.value(row_at).split_whitespace().take(200).filter_map(skeleton) {
                let (last, count) = skeletons.entry(skeleton).or_default();
                if *last != row + 1 {
                    (*last, *count) = (row + 1, *count + 1);
                }
            }
        }
    }
    let mut common: Vec<(u32, String)> = skeletons
        .into_iter()
        .filter(|(_, (_, count))| *count >= LEAST)
        .map(|(text, (_, count))| (count, text))
        .collect();
    common.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    shapes.extend(common.into_iter().take(SKELETONS).map(|(_, pattern)| (name_of_shape(&pattern), pattern, false)));
    let call = |class: &str, (_, pattern, case): &(String, String, bool)| {
        let case = if *case { ", case=True" } else { "" };
        format!("regex({}, {}{case})", python_text(class), python_pattern(pattern))
    };
    let calls: Vec<String> = shapes.iter().map(|shape| call(first, shape)).collect();
    let mut found = Vec::new();
    run(&input.context, &calls, Some(&learnt.rows), work, |at, votes| {
        let mut by_class = vec![0u32; input.context.classes.len()];
        let mut rows = 0u64;
        for ((vote, &label), &row) in votes.iter().zip(&learnt.labels).zip(&learnt.rows) {
            if *vote != ABSTAIN {
                by_class[usize::from(label)] += 1;
                rows = rows.wrapping_add(spread(row));
            }
        }
        let judged: u32 = by_class.iter().sum();
        for (class, correct) in by_class.into_iter().enumerate().filter(|(_, correct)| *correct > 0) {
            let (Some(shape), Some(name)) = (shapes.get(at), input.context.classes.get(class)) else { continue };
            let sign = if shape.2 { "~" } else { "~*" };
            let condition = format!("{} {sign} {}", quote_name(column), quote_text(&shape.1));
            let (class, form, call) = (class as u16, Form::Shape, call(name, shape));
            found.push(Candidate { name: shape.0.clone(), call, condition, form, class, correct, judged, rows });
        }
    })?;
    Ok(found)
}

/// The skeleton of a word with digits, or with a letter or sign three times in a row: the pattern of all that is like it.
/// `None` for words that have neither.
fn skeleton(word: &str) -> Option<String> {
    const LONGEST: usize = 24;
    let letters: Vec<char> = word.chars().take(LONGEST + 1).collect();
    if letters.len() > LONGEST || letters.len() < 2 {
        return None;
    }
    let (mut out, mut at, mut shaped, mut rest) = (String::new(), 0, false, false);
    while let Some(&letter) = letters.get(at) {
        let run = letters[at..].iter().take_while(|other| **other == letter).count();
        if letter.is_ascii_digit() {
            let digits = letters[at..].iter().take_while(|other| other.is_ascii_digit()).count();
            out.push_str(r"\d+");
            (at, shaped) = (at + digits, true);
            continue;
        }
        rest = true;
        out.push_str(&regex::escape(&letter.to_string()));
        if run >= 3 {
            out.push_str("{3,}");
            (at, shaped) = (at + run, true);
        } else {
            at += 1;
        }
    }
    // A bare number is one of the known shapes.
    (shaped && rest).then_some(out)
}

fn name_of_shape(pattern: &str) -> String {
    let plain = pattern.replace(r"\d+", " n ").replace("{3,}", "s").replace('\\', "");
    match name_of(&plain) {
        name if name == "lf_signs" => "lf_repeats".to_owned(),
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_the_skeleton_of_all_that_is_like_them() {
        let check = |word: &str, expected: Option<&str>| assert_eq!(skeleton(word).as_deref(), expected, "{word}");
        check("1000won", Some(r"\d+won"));
        check("soooo", Some("so{3,}"));
        check("10.5%", Some(r"\d+\.\d+%"));
        check("ㅋㅋㅋㅋ", Some("ㅋ{3,}"));
        check("good", None);
        check("2024", None);
        assert_eq!(name_of_shape(r"\d+won"), "lf_n_won");
        assert_eq!(name_of_shape("={3,}"), "lf_s");
    }

    #[test]
    fn every_known_shape_can_be_read() {
        for (name, pattern, _) in KNOWN {
            assert!(regex::Regex::new(pattern).is_ok(), "{name}");
        }
    }
}
