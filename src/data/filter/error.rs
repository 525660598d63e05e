//! What is wrong with a condition, and where.

use std::fmt;
use std::ops::Range;

use crate::engine::Error;

/// A condition that cannot be used: what is wrong, what to do, and the bytes of the source it is about, so that they
/// can be underlined where they were typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// What is wrong, in lower case without a full stop.
    pub message: String,
    /// What to write instead, if that is known.
    pub help: Option<String>,
    /// The first byte of the source that the error is about.
    pub start: usize,
    /// The byte after the last; equal to `start` at the end of the source.
    pub end: usize,
    /// The place for people who count: the position of `start` in code points, from 1.
    pub column: usize,
}

impl FilterError {
    /// An error about some bytes of `source`.
    pub(super) fn new(source: &str, place: Range<usize>, message: impl Into<String>) -> Self {
        let start = place.start.min(source.len());
        let column = source.get(..start).map_or(0, |before| before.chars().count()) + 1;
        Self { message: message.into(), help: None, start, end: place.end.clamp(start, source.len()), column }
    }

    /// Says what to write instead.
    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: column {}", self.message, self.column)
    }
}

impl std::error::Error for FilterError {}

impl From<FilterError> for Error {
    fn from(error: FilterError) -> Self {
        let plain = Self::input(error.message).at(format!("column {}", error.column));
        match error.help {
            Some(help) => plain.help(help),
            None => plain,
        }
    }
}

/// At most three of `names` that look like `name`, the nearest first: those it is a part of, or those within a few
/// edits (Levenshtein distance), without regard to ASCII case.
pub(crate) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().collect();
    let allowed = (wanted.len() / 3).max(1);
    let mut close: Vec<(usize, &str)> = names
        .filter_map(|other| {
            let lower: Vec<char> = other.to_lowercase().chars().collect();
            let distance = distance(&wanted, &lower);
            let inside = wanted.len() >= 3 && lower.windows(wanted.len()).any(|part| part == wanted);
            (distance <= allowed || inside).then_some((distance, other))
        })
        .collect();
    close.sort_by_key(|(distance, _)| *distance);
    close.into_iter().take(3).map(|(_, name)| name).collect()
}

fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, to) in row.iter_mut().skip(1).zip(b) {
            let cost = (diagonal + usize::from(from != to)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = cost;
            left = cost;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_come_first() {
        let names = ["label", "labels", "text", "length", "label_source", "나이"];
        let check = |name: &str, expected: &[&str]| assert_eq!(nearest(name, names.into_iter()), expected, "{name}");
        check("lable", &[]);
        check("labell", &["label", "labels"]);
        check("Label", &["label", "labels", "label_source"]);
        check("txt", &["text"]);
        check("나", &["나이"]);
        check("zzz", &[]);
        assert_eq!(distance(&['a', 'b', 'c'], &['a', 'c']), 1);
        assert_eq!(distance(&[], &['a']), 1);
    }
}
