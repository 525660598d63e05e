//! What may be written next in a file of functions: columns of a row, classes, helpers, lists, and inside `where` what
//! the filter language offers.

use crate::data::Frame;
use crate::data::filter;
use crate::weak::script::builtins::{Builtin, Module};

/// Offers at most.
const MOST: usize = 40;

/// Something that may be written at the caret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeCompletion {
    /// The text to put in place of what stands from `start` to the caret.
    pub text: String,
    /// A few words about it.
    pub detail: String,
    /// The byte of the source at which the text begins.
    pub start: usize,
}

/// What completions are made from.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The columns.
    pub frame: &'a Frame,
    /// The column that `x.text` means.
    pub text: Option<&'a str>,
    /// The classes.
    pub classes: &'a [String],
    /// The lists that may be named.
    pub lists: &'a [String],
}

/// What the helpers take, in the order in which they are offered.
const HELPERS: &[(&str, &str)] = &[
    ("keywords(", "label, words, whole_words=, column="),
    ("regex(", "label, pattern, case=, column="),
    ("where(", "label, condition"),
    ("column(", "name, {value: label}"),
    ("both(", "label, function, function"),
    ("either(", "label, function, function"),
    ("unless(", "label, function, but not function"),
    ("def ", "a function of your own"),
    ("return ", ""),
    ("import ", "re, math, unicodedata, string"),
    ("ABSTAIN", "no vote"),
    ("None", ""),
    ("any(", ""),
    ("all(", ""),
    ("len(", ""),
    ("labeling_function", "as @labeling_function()"),
];

/// What may be written where the caret stands, a byte of the source; the likeliest first.
pub fn complete_code(source: &str, caret: usize, known: &Known) -> Vec<CodeCompletion> {
    let Some(before) = source.get(..caret) else { return Vec::new() };
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.get(line_start..).unwrap_or_default();
    let mut offers = Offers { typed: String::new(), start: caret, found: Vec::new() };
    match open_text(line) {
        Some(_) if line.trim_start().starts_with('#') => {}
        Some((_, content)) => inside_text(line, content, line_start, known, &mut offers),
        None if line.contains('#') => {}
        None => outside_text(source, line, line_start, known, &mut offers),
    }
    offers.found.truncate(MOST);
    offers.found
}

struct Offers {
    /// What is typed already, in lower case.
    typed: String,
    start: usize,
    found: Vec<CodeCompletion>,
}

impl Offers {
    fn add(&mut self, text: impl Into<String>, detail: impl Into<String>) {
        let text = text.into();
        let fits = text.to_lowercase().starts_with(&self.typed) && text.to_lowercase() != self.typed;
        if fits && self.found.iter().all(|offer| offer.text != text) {
            self.found.push(CodeCompletion { text, detail: detail.into(), start: self.start });
        }
    }
}

/// The quote that is open at the end of a line, and the byte at which its content begins.
fn open_text(line: &str) -> Option<(char, usize)> {
    let mut open: Option<(char, usize)> = None;
    let mut escaped = false;
    for (at, letter) in line.char_indices() {
        match open {
            Some(_) if escaped => escaped = false,
            Some(_) if letter == '\\' => escaped = true,
            Some((quote, _)) if letter == quote => open = None,
            Some(_) => {}
            None if matches!(letter, '"' | '\'') => open = Some((letter, at + 1)),
            None if letter == '#' => return None,
            None => {}
        }
    }
    open
}

fn inside_text(line: &str, content: usize, line_start: usize, known: &Known, offers: &mut Offers) {
    let (front, typed) =
        (line.get(..content.saturating_sub(1)).unwrap_or_default(), line.get(content..).unwrap_or_default());
    let front = front.trim_end().trim_end_matches('r');
    let called = |name: &str| front.trim_end().ends_with(&format!("{name}("));
    offers.start = line_start + content;
    offers.typed = typed.to_lowercase();
    if front.trim_end().ends_with("file=") {
        known.lists.iter().for_each(|list| offers.add(list, ""));
    } else if front.ends_with('[') && !front.contains("keywords(") || front.ends_with("column=") || called("column") {
        columns(known, offers);
    } else if ["keywords", "regex", "where", "both", "either", "unless"].iter().any(|name| called(name)) {
        known.classes.iter().for_each(|class| offers.add(class, ""));
    } else if front.contains("where(") {
        let named = known.text.and_then(|name| known.frame.get(name)).filter(|column| column.name() != "text");
        let frame = match named.and_then(|column| column.strings()) {
            Some(strings) => {
                let column = crate::data::Column::text("text", crate::data::Kind::Text, strings.clone());
                known.frame.with([std::sync::Arc::new(column)])
            }
            None => known.frame.clone(),
        };
        for completion in filter::complete(typed, &frame) {
            let start = line_start + content + completion.start;
            // A name in double quotes would end the text around it.
            let text = completion.text.replace('"', "\\\"");
            offers.found.push(CodeCompletion { text, detail: completion.detail, start });
        }
    }
}

fn columns(known: &Known, offers: &mut Offers) {
    for column in known.frame.columns() {
        offers.add(column.name(), column.kind().name());
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn outside_text(source: &str, line: &str, line_start: usize, known: &Known, offers: &mut Offers) {
    let word_start =
        line.char_indices().rev().take_while(|(_, letter)| is_word(*letter)).last().map_or(line.len(), |(at, _)| at);
    let (front, typed) = (line.get(..word_start).unwrap_or_default(), line.get(word_start..).unwrap_or_default());
    offers.start = line_start + word_start;
    offers.typed = typed.to_lowercase();
    if let Some(object) = front.strip_suffix('.') {
        let object = object.rsplit(|letter: char| !is_word(letter)).next().unwrap_or_default();
        if let Some(module) = Module::find(object) {
            module.functions().for_each(|name| offers.add(format!("{name}("), ""));
        } else if object == "x" || object == "row" {
            if known.text.is_some() {
                offers.add("text", "text");
            }
            let plain =
                |name: &str| name.chars().all(is_word) && !name.starts_with(|letter: char| letter.is_ascii_digit());
            for column in known.frame.columns().iter().filter(|column| plain(column.name())) {
                offers.add(column.name(), column.kind().name());
            }
        } else {
            for name in ["lower()", "split()", "strip()", "startswith(", "endswith(", "count(", "replace("] {
                offers.add(name, "");
            }
        }
        return;
    }
    if typed.is_empty() {
        return;
    }
    for name in names_of(source) {
        offers.add(name, "");
    }
    for (text, detail) in HELPERS {
        offers.add(*text, *detail);
    }
    if typed.chars().count() >= 2 {
        let builtins = Builtin::ALL.iter().map(|builtin| builtin.name()).filter(|name| !name.contains('.'));
        builtins.for_each(|name| offers.add(format!("{name}("), ""));
    }
}

/// The names that a file defines at the beginning of a line: constants and functions.
fn names_of(source: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for line in source.lines().filter(|line| !line.starts_with(char::is_whitespace)) {
        if let Some(rest) = line.strip_prefix("def ") {
            names.extend(rest.split('(').next().map(|name| name.trim().to_owned()));
        } else if let Some((left, _)) = line.split_once('=')
            && left.split(',').all(|name| !name.trim().is_empty() && name.trim().chars().all(is_word))
        {
            names.extend(left.split(',').map(|name| name.trim().to_owned()));
        }
    }
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int64Array, LargeStringArray};

    use super::*;
    use crate::data::{Column, Kind, Values};

    #[test]
    fn what_fits_the_place_is_offered() {
        let frame = Frame::new(vec![
            Arc::new(Column::text("body", Kind::Text, LargeStringArray::from(vec!["a"]))),
            Arc::new(Column::new("stars", Values::Int(Int64Array::from(vec![1])))),
            Arc::new(Column::new("two words", Values::Int(Int64Array::from(vec![1])))),
        ]);
        let (classes, lists) = (["spam".to_owned(), "ham".to_owned()], ["lists/free.txt".to_owned()]);
        let known = Known { frame: &frame, text: Some("body"), classes: &classes, lists: &lists };
        let check = |source: &str, expected: &[&str]| {
            let found = complete_code(source, source.len(), &known);
            let texts: Vec<&str> = found.iter().map(|offer| offer.text.as_str()).take(expected.len()).collect();
            assert_eq!(texts, expected, "{source}");
            for offer in &found {
                assert!(source.is_char_boundary(offer.start) && offer.start <= source.len());
            }
        };
        check("lf_a = key", &["keywords("]);
        check("lf_a = keywords(\"s", &["spam"]);
        check("SPAM = 'spam'\nlf_a = keywords(S", &["SPAM"]);
        check("lf_a = keywords(SPAM, file='li", &["lists/free.txt"]);
        check("lf_a = where(SPAM, \"sta", &["stars", "starts_with("]);
        check("lf_a = where(SPAM, \"length(te", &["text"]);
        check("def lf_a(x):\n    return x.", &["text", "body", "stars"]);
        check("def lf_a(x):\n    return x[\"two", &["two words"]);
        check("lf_a = column(\"st", &["stars"]);
        check("import re\nre.sea", &["search("]);
        check("def lf_a(x):\n    y = x.text.lo", &["lower()"]);
        check("# a comment with key", &[]);
        check("lf_a = keywords(SPAM, [\"fre", &[]);
        assert_eq!(complete_code("lf_a = where(S, \"", 17, &known)[0].start, 17);
        assert!(complete_code("한", 1, &known).is_empty(), "inside a letter");
        let named = complete_code("x = both(S, lf_b, lf", 20, &known);
        assert!(named.is_empty());
    }
}
