//! What may be written next in a condition: columns, functions, keywords, and the values of a category.

use std::collections::HashMap;

use super::super::{Column, Frame};
use super::compile::Compiler;
use super::functions::FUNCTIONS;
use super::{quote_name, quote_text};

/// The most completions that are offered.
const MOST: usize = 60;

/// The rows from which the values of a category are gathered.
const SAMPLE: usize = 100_000;

/// What a completion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompletionKind {
    /// A column.
    Column,
    /// A function.
    Function,
    /// A word or sign of the language.
    Keyword,
    /// A value of a category column.
    Value,
}

/// Something that may be written at the caret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The text to put in place of the source from `start` to the caret.
    pub text: String,
    /// What it is.
    pub kind: CompletionKind,
    /// A few words about it: a column's kind, a function's arguments and result, a value's count.
    pub detail: String,
    /// The byte of the source at which the text begins; what stands from there to the caret is replaced.
    pub start: usize,
}

/// A token of an unfinished source.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Word(String),
    Name(String),
    Text,
    Number,
    Sign(String),
}

/// What stands at the caret.
#[derive(Debug, PartialEq)]
enum Open {
    Nothing,
    /// A word under way.
    Word(String),
    /// A name whose double quote is not closed.
    Name(String),
    /// A text whose single quote is not closed.
    Text(String),
}

/// What may be written after `prefix`, the source before the caret; the likeliest first, at most 60.
pub fn complete(prefix: &str, frame: &Frame) -> Vec<Completion> {
    let (pieces, open, start) = split(prefix);
    let typed = match &open {
        Open::Nothing => "",
        Open::Word(text) | Open::Name(text) | Open::Text(text) => text.as_str(),
    };
    let mut offers = Offers { typed: typed.to_lowercase(), start, found: Vec::new() };
    let category =
        compared_column(&pieces).and_then(|name| frame.get(name)).filter(|column| Compiler::is_category(column));
    match open {
        Open::Text(_) => {
            if let Some(column) = category {
                offers.values(column);
            }
        }
        Open::Name(_) => offers.columns(frame),
        Open::Nothing | Open::Word(_) if wants_value(&pieces) => {
            if let Some(column) = category {
                offers.values(column);
            }
            offers.columns(frame);
            offers.keywords(&["NOT", "NULL", "TRUE", "FALSE", "CASE WHEN"]);
            for entry in FUNCTIONS {
                let detail = format!("{} → {}", entry.signature, entry.about);
                for name in entry.names.iter().take(1) {
                    offers.add(name, format!("{name}("), CompletionKind::Function, detail.clone());
                }
            }
        }
        Open::Nothing | Open::Word(_) => offers.keywords(&[
            "AND",
            "OR",
            "=",
            "<>",
            "<",
            "<=",
            ">",
            ">=",
            "IS NULL",
            "IS NOT NULL",
            "IN (",
            "NOT IN (",
            "BETWEEN",
            "LIKE",
            "ILIKE",
            "~",
            "IS DISTINCT FROM",
            "THEN",
            "ELSE",
            "END",
        ]),
    }
    offers.finish()
}

struct Offers {
    typed: String,
    start: usize,
    found: Vec<(u8, Completion)>,
}

impl Offers {
    /// Adds what begins with the typed text (first) or contains it (after).
    fn add(&mut self, match_by: &str, text: String, kind: CompletionKind, detail: String) {
        let lower = match_by.to_lowercase();
        let rank = match (lower.starts_with(&self.typed), lower.contains(&self.typed)) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => return,
        };
        self.found.push((rank, Completion { text, kind, detail, start: self.start }));
    }

    fn columns(&mut self, frame: &Frame) {
        for column in frame.columns() {
            let detail = column.kind().name().to_owned();
            self.add(column.name(), quote_name(column.name()), CompletionKind::Column, detail);
        }
    }

    fn keywords(&mut self, words: &[&str]) {
        words.iter().for_each(|word| self.add(word, (*word).to_owned(), CompletionKind::Keyword, String::new()));
    }

    fn values(&mut self, column: &Column) {
        let Some(strings) = column.strings() else { return };
        let mut counts: HashMap<&str, usize> = HashMap::new();
        strings.iter().take(SAMPLE).flatten().for_each(|value| *counts.entry(value).or_default() += 1);
        let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
        counts.sort_by(|(a, x), (b, y)| y.cmp(x).then(a.cmp(b)));
        for (value, count) in counts.into_iter().take(MOST) {
            self.add(value, quote_text(value), CompletionKind::Value, format!("{count} rows"));
        }
    }

    fn finish(mut self) -> Vec<Completion> {
        self.found.sort_by_key(|(rank, _)| *rank);
        self.found.into_iter().take(MOST).map(|(_, completion)| completion).collect()
    }
}

/// The column that the value at the caret is compared with: `column =`, `column IN ('a',`.
fn compared_column(pieces: &[Piece]) -> Option<&str> {
    let mut rest = pieces;
    if let [before @ .., Piece::Sign(comma)] = rest
        && comma == ","
    {
        rest = before;
        while let [before @ .., Piece::Text | Piece::Number] | [before @ .., Piece::Sign(_)] = rest {
            if matches!(rest.last(), Some(Piece::Sign(sign)) if sign == "(") {
                break;
            }
            rest = before;
        }
    }
    if let [before @ .., Piece::Sign(open)] = rest
        && open == "("
    {
        match before {
            [before @ .., Piece::Word(word)] if word.eq_ignore_ascii_case("in") => rest = before,
            _ => return None,
        }
    } else if let [before @ .., Piece::Sign(sign)] = rest
        && matches!(sign.as_str(), "=" | "<>" | "!=" | "==")
    {
        rest = before;
    } else {
        return None;
    }
    if let [before @ .., Piece::Word(word)] = rest
        && word.eq_ignore_ascii_case("not")
    {
        rest = before;
    }
    match rest.last() {
        Some(Piece::Word(name) | Piece::Name(name)) => Some(name),
        _ => None,
    }
}

/// True if a value or a column is wanted next, and not an operator.
fn wants_value(pieces: &[Piece]) -> bool {
    match pieces.last() {
        None => true,
        Some(Piece::Sign(sign)) => sign != ")",
        Some(Piece::Word(word)) => {
            let words = [
                "and", "or", "not", "in", "like", "ilike", "between", "when", "then", "else", "case", "regexp", "from",
            ];
            words.contains(&word.to_lowercase().as_str())
        }
        Some(Piece::Name(_) | Piece::Text | Piece::Number) => false,
    }
}

/// Splits an unfinished source into tokens, and finds what is under way at its end and where that begins.
fn split(prefix: &str) -> (Vec<Piece>, Open, usize) {
    let mut pieces = Vec::new();
    let mut letters = prefix.char_indices().peekable();
    while let Some((start, letter)) = letters.next() {
        match letter {
            '\'' | '"' | '`' => {
                let mut text = String::new();
                let mut closed = false;
                while let Some((_, next)) = letters.next() {
                    if next != letter {
                        text.push(next);
                    } else if letters.next_if(|(_, after)| *after == letter).is_some() {
                        text.push(letter);
                    } else {
                        closed = true;
                        break;
                    }
                }
                match (letter, closed) {
                    ('\'', true) => pieces.push(Piece::Text),
                    ('\'', false) => return (pieces, Open::Text(text), start),
                    (_, true) => pieces.push(Piece::Name(text)),
                    (_, false) => return (pieces, Open::Name(text), start),
                }
            }
            letter if letter.is_alphanumeric() || letter == '_' => {
                let mut word = letter.to_string();
                while let Some((_, next)) =
                    letters.next_if(|(_, next)| next.is_alphanumeric() || *next == '_' || *next == '.')
                {
                    word.push(next);
                }
                let number = letter.is_ascii_digit();
                if letters.peek().is_none() && !number {
                    return (pieces, Open::Word(word), start);
                }
                pieces.push(if number { Piece::Number } else { Piece::Word(word) });
            }
            letter if letter.is_whitespace() => (),
            letter => {
                let mut sign = letter.to_string();
                while let Some((_, next)) =
                    letters.next_if(|(_, next)| "=<>!~|*".contains(*next) && "=<>!~|".contains(letter))
                {
                    sign.push(next);
                }
                pieces.push(Piece::Sign(sign));
            }
        }
    }
    (pieces, Open::Nothing, prefix.len())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int64Array, LargeStringArray};

    use super::super::super::{Kind, Values};
    use super::*;

    fn frame() -> Frame {
        let label = LargeStringArray::from(vec![Some("spam"), Some("spam"), Some("ham"), Some("it's"), None]);
        let text = LargeStringArray::from(vec!["a"; 5]);
        Frame::new(vec![
            Arc::new(Column::text("text", Kind::Text, text)),
            Arc::new(Column::text("label", Kind::Category, label)),
            Arc::new(Column::new("my age", Values::Int(Int64Array::from(vec![1; 5])))),
        ])
    }

    #[test]
    fn what_fits_is_offered_in_its_place() {
        let check = |prefix: &str, wanted: &[&str], start: usize| {
            let found = complete(prefix, &frame());
            let texts: Vec<&str> = found.iter().map(|offer| offer.text.as_str()).take(wanted.len()).collect();
            assert_eq!(texts, wanted, "{prefix}");
            assert!(found.iter().all(|offer| offer.start == start), "{prefix}");
        };
        check("", &["text", "label", "\"my age\""], 0);
        check("lab", &["label"], 0);
        check("label = ", &["'spam'", "'ham'", "'it''s'", "text"], 8);
        check("label = 'h", &["'ham'"], 8);
        check("label = 'i", &["'it''s'"], 8);
        check("label IN ('spam', ", &["'spam'", "'ham'"], 18);
        check("label NOT IN (", &["'spam'"], 14);
        check("text = ", &["text", "label"], 7);
        check("label = 'ham' A", &["AND"], 14);
        check("label ", &["AND", "OR", "="], 6);
        check("len", &["length("], 0);
        check("age", &["\"my age\""], 0);
        check("\"my", &["\"my age\""], 0);
        check("NOT (lab", &["label"], 5);
        check("label = 'ham' AND length(te", &["text"], 25);
        assert!(complete("text = 'x", &frame()).is_empty());
    }
}
