//! Declared patterns: `keywords`, `regex` and `where`, run as scans over whole columns.

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use arrow_array::{Array as _, LargeStringArray};
use rayon::prelude::*;
use regex::{Regex, RegexBuilder};

use super::{Arguments, Context, Refusal};
use crate::data::filter::{self, Filter};
use crate::data::{Column, fold};
use crate::engine::{Error, Result, Work};
use crate::weak::script::builtins::Builtin;
use crate::weak::script::freeze::{Cold, Frozen};
use crate::weak::script::tree::Tree;

/// Rows that one thread scans before it looks whether to stop.
const ROWS: usize = 4096;

/// A pattern over a column, or a condition over several.
pub(super) enum Pattern {
    Keywords { column: String, folded: bool, words: AhoCorasick, whole: bool },
    Regex { column: String, regex: Regex },
    Fancy { column: String, regex: Box<fancy_regex::Regex> },
    Where(Box<Filter>),
}

impl Pattern {
    pub fn new(what: Builtin, arguments: &Arguments<'_>, context: &Context<'_>) -> Result<Self, Refusal> {
        match what {
            Builtin::Keywords => Self::keywords(arguments, context),
            Builtin::Regex => Self::regex(arguments, context),
            _ => Self::condition(arguments, context),
        }
    }

    fn keywords(arguments: &Arguments<'_>, context: &Context<'_>) -> Result<Self, Refusal> {
        let given = arguments.get("keywords", 1).or_else(|| arguments.get("words", 1));
        let given = given.ok_or_else(|| arguments.missing("the list of keywords"))?;
        let words: Vec<String> = match given {
            Cold::Str(word) => vec![word.to_string()],
            other => arguments
                .frozen
                .texts(other)
                .ok_or_else(|| ("the keywords must be a list of texts".to_owned(), None))?
                .into_iter()
                .map(str::to_owned)
                .collect(),
        };
        if words.iter().any(|word| word.is_empty()) {
            return Err(("an empty keyword would match every row".to_owned(), Some("take it out".to_owned())));
        }
        let folded = !flag(arguments, "case", 3)?;
        let words: Vec<String> = if folded { words.iter().map(|word| fold(word)).collect() } else { words };
        let words = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&words)
            .map_err(|source| (format!("the keywords cannot be searched for, {source}"), None))?;
        let whole = flag(arguments, "whole_words", 4)?;
        Ok(Self::Keywords { column: column(arguments, context, 2)?, folded, words, whole })
    }

    fn regex(arguments: &Arguments<'_>, context: &Context<'_>) -> Result<Self, Refusal> {
        let given = arguments.get("pattern", 1).ok_or_else(|| arguments.missing("the pattern"))?;
        let Cold::Str(source) = given else {
            return Err((
                "the pattern must be a text".to_owned(),
                Some("write it in quotes, as in r\"https?://\"".to_owned()),
            ));
        };
        let column = column(arguments, context, 2)?;
        let case = flag(arguments, "case", 3)?;
        match RegexBuilder::new(source).case_insensitive(!case).size_limit(1 << 24).build() {
            Ok(regex) => Ok(Self::Regex { column, regex }),
            Err(error) => {
                // Look-around and back-references are not regular: another engine with a limit runs them.
                let fancy = fancy_regex::RegexBuilder::new(source)
                    .case_insensitive(!case)
                    .backtrack_limit(100_000)
                    .build()
                    .map_err(|_| (format!("the pattern is not right, {}", last_line(&error.to_string())), None))?;
                Ok(Self::Fancy { column, regex: Box::new(fancy) })
            }
        }
    }

    fn condition(arguments: &Arguments<'_>, context: &Context<'_>) -> Result<Self, Refusal> {
        let given = arguments.get("condition", 1).ok_or_else(|| arguments.missing("the condition"))?;
        let Cold::Str(source) = given else {
            return Err((
                "the condition must be a text".to_owned(),
                Some("write where(SPAM, \"length(text) < 20\")".to_owned()),
            ));
        };
        let parsed = filter::parse(source, &frame_of(context));
        parsed.map(|filter| Self::Where(Box::new(filter))).map_err(|error| (error.message.clone(), error.help.clone()))
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Self::Keywords { .. } => "keywords",
            Self::Regex { .. } => "regex",
            Self::Fancy { .. } => "regex with look-around",
            Self::Where(_) => "where",
        }
    }

    pub fn apply(&self, context: &Context<'_>, rows: Option<&[u32]>, work: &Work) -> Result<Vec<bool>> {
        match self {
            Self::Keywords { column, folded, words, whole } => {
                let column = context.frame.column(column)?;
                let texts = if *folded { column.folded() } else { column.strings() };
                scan(texts.ok_or_else(|| no_text(column))?, rows, work, |text| {
                    finds_word(words, *whole, text).is_some()
                })
            }
            Self::Regex { column, regex } => {
                let column = context.frame.column(column)?;
                scan(column.strings().ok_or_else(|| no_text(column))?, rows, work, |text| regex.is_match(text))
            }
            Self::Fancy { column, regex } => {
                let column = context.frame.column(column)?;
                let texts = column.strings().ok_or_else(|| no_text(column))?;
                scan(texts, rows, work, |text| regex.is_match(text).unwrap_or(false))
            }
            Self::Where(filter) => {
                let found = filter.evaluate(&frame_of(context), work)?;
                Ok(match rows {
                    Some(rows) => rows.iter().map(|&row| found.value(row as usize)).collect(),
                    None => found.iter().collect(),
                })
            }
        }
    }

    pub fn highlights(&self, text: &str) -> Vec<Range<usize>> {
        match self {
            // A folded text may have other offsets than the text itself; only where it has not can hits be shown.
            Self::Keywords { folded: true, words, .. } => {
                let folded = fold(text);
                if folded.len() != text.len() {
                    return Vec::new();
                }
                words
                    .find_iter(&folded)
                    .map(|hit| hit.range())
                    .filter(|range| text.get(range.clone()).is_some())
                    .collect()
            }
            Self::Keywords { words, .. } => words.find_iter(text).map(|hit| hit.range()).collect(),
            Self::Regex { regex, .. } => regex.find_iter(text).map(|hit| hit.range()).collect(),
            Self::Fancy { regex, .. } => {
                regex.find_iter(text).map_while(|hit| hit.ok().map(|hit| hit.start()..hit.end())).collect()
            }
            Self::Where(_) => Vec::new(),
        }
    }
}

/// In conditions, `text` means the text column unless there is a column of that name.
fn frame_of(context: &Context<'_>) -> crate::data::Frame {
    let named = context.text.and_then(|name| context.frame.get(name));
    match (context.frame.get("text"), named.and_then(|column| Some((column, column.strings()?)))) {
        (None, Some((column, strings))) => {
            let alias = Column::text("text", column.kind(), strings.clone());
            context.frame.with([std::sync::Arc::new(alias)])
        }
        _ => context.frame.clone(),
    }
}

fn last_line(message: &str) -> &str {
    message.lines().last().unwrap_or_default().trim_start_matches("error: ")
}

fn no_text(column: &Column) -> Error {
    Error::input("the column holds no text").at(column.name())
}

/// The first hit that stands as a whole word, if that is asked for.
fn finds_word(words: &AhoCorasick, whole: bool, text: &str) -> Option<Range<usize>> {
    if !whole {
        return words.find(text).map(|hit| hit.range());
    }
    let edge = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_');
    words
        .find_iter(text)
        .map(|hit| hit.range())
        .find(|range| edge(text[..range.start].chars().next_back()) && edge(text[range.end..].chars().next()))
}

fn scan(
    texts: &LargeStringArray,
    rows: Option<&[u32]>,
    work: &Work,
    hit: impl Fn(&str) -> bool + Sync,
) -> Result<Vec<bool>> {
    let of = |row: usize| row < texts.len() && texts.is_valid(row) && hit(texts.value(row));
    let count = rows.map_or(texts.len(), <[u32]>::len);
    let mut found = vec![false; count];
    found.par_chunks_mut(ROWS).enumerate().try_for_each(|(chunk, out)| {
        work.check()?;
        for (at, out) in out.iter_mut().enumerate() {
            let at = chunk * ROWS + at;
            *out = match rows {
                Some(rows) => of(rows[at] as usize),
                None => of(at),
            };
        }
        Ok::<_, Error>(())
    })?;
    Ok(found)
}

fn flag(arguments: &Arguments<'_>, name: &str, position: usize) -> Result<bool, Refusal> {
    match arguments.get(name, position) {
        None | Some(Cold::None) => Ok(false),
        Some(Cold::Bool(value)) => Ok(*value),
        Some(_) => Err((format!("{name} is True or False"), None)),
    }
}

/// The text column that a pattern searches.
fn column(arguments: &Arguments<'_>, context: &Context<'_>, position: usize) -> Result<String, Refusal> {
    let name = match arguments.get("column", position) {
        Some(Cold::Str(name)) => name.to_string(),
        Some(Cold::None) | None => "text".to_owned(),
        Some(_) => return Err(("the column must be named in quotes".to_owned(), None)),
    };
    let found = resolve(&name, context)?;
    match found.strings() {
        Some(_) => Ok(found.name().to_owned()),
        None => {
            Err((format!("the column `{name}` holds no text"), Some("name a column of text: column=\"…\"".to_owned())))
        }
    }
}

/// The column of a name; `text` also means the text column.
fn resolve<'a>(name: &str, context: &Context<'a>) -> Result<&'a Column, Refusal> {
    let by_role = || if name == "text" { context.text.and_then(|text| context.frame.get(text)) } else { None };
    let found = context.frame.columns().iter().find(|column| column.name() == name).or_else(by_role);
    found.map(|column| &**column).ok_or_else(|| unknown_column(name, context))
}

fn unknown_column(name: &str, context: &Context<'_>) -> Refusal {
    let names: Vec<_> = context.frame.columns().iter().take(20).map(|column| column.name()).collect();
    (format!("there is no column `{name}`"), Some(format!("the columns are: {}", names.join(", "))))
}

/// Checks nothing that the evaluator does not check itself while it runs; kept as the place where columns of functions
/// are resolved before the first row.
pub(super) fn check_columns(_: &Tree, _: &Frozen, _: &Context<'_>) -> Result<(), Refusal> {
    Ok(())
}
