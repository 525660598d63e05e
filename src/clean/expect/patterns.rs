//! Regular expressions as Python's `re` reads them, and LIKE patterns.

use regex::{Regex, RegexBuilder};

use crate::engine::{Error, Result};

/// How often a pattern that looks around may step back on one text.
const BACKTRACKS: usize = 100_000;

/// The most memory a compiled expression may take, in bytes.
const SIZE: usize = 4 << 20;

/// A compiled pattern, found anywhere in a text.
#[derive(Debug, Clone)]
pub(super) enum TextPattern {
    /// In time linear in the text.
    Linear(Regex),
    /// With looking around or back-references: by trying, with a limit.
    Back(Box<fancy_regex::Regex>),
}

/// Patterns of which any or all must be found, or none.
#[derive(Debug, Clone)]
pub(super) struct Patterns {
    pub(super) patterns: Vec<TextPattern>,
    /// True if all must be found, else one is enough.
    pub(super) all: bool,
    /// True if they must be found; false if none may be.
    pub(super) wanted: bool,
}

impl TextPattern {
    /// A regular expression, found anywhere.
    ///
    /// # Errors
    /// If it is none.
    pub(super) fn regex(source: &str) -> Result<Self> {
        let source = source.replace("\\Z", "\\z").replace("(?P=", "\\k<P=");
        let source = named_references(&source);
        match RegexBuilder::new(&source).size_limit(SIZE).build() {
            Ok(regex) => Ok(Self::Linear(regex)),
            Err(regex::Error::CompiledTooBig(_)) => {
                Err(Error::input("the regular expression is too large").help("repeat fewer times"))
            }
            Err(first) => fancy_regex::RegexBuilder::new(&source)
                .backtrack_limit(BACKTRACKS)
                .build()
                .map(|regex| Self::Back(Box::new(regex)))
                .map_err(|_| {
                    let text = first.to_string();
                    let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ").trim();
                    Error::input(format!("the regular expression is wrong, {reason}"))
                        .help("a character that stands for itself is written after a backslash; in TOML put the expression in single quotes")
                }),
        }
    }

    /// A LIKE pattern over the whole text: `%` is any text, `_` any character, and what follows a backslash itself.
    ///
    /// # Errors
    /// If it is too long.
    pub(super) fn like(pattern: &str) -> Result<Self> {
        let mut source = String::from(r"(?s)\A");
        let mut letters = pattern.chars();
        while let Some(letter) = letters.next() {
            let mut buffer = [0u8; 4];
            match letter {
                '%' => source.push_str(".*"),
                '_' => source.push('.'),
                '\\' => source.push_str(&regex::escape(letters.next().unwrap_or('\\').encode_utf8(&mut buffer))),
                other => source.push_str(&regex::escape(other.encode_utf8(&mut buffer))),
            }
        }
        source.push_str(r"\z");
        let built = RegexBuilder::new(&source).size_limit(SIZE).build();
        built.map(Self::Linear).map_err(|_| Error::input("the pattern is too long").help("shorten it"))
    }

    /// Whether it is found in a text. A text on which it gives up counts as one in which it is not.
    #[inline]
    fn is_found(&self, text: &str) -> bool {
        match self {
            Self::Linear(regex) => regex.is_match(text),
            Self::Back(regex) => regex.is_match(text).unwrap_or(false),
        }
    }
}

/// Ends the names of the back-references that were begun in Python's spelling.
fn named_references(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find("\\k<P=") {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let after = after.get(5..).unwrap_or_default();
        let end = after.find(')').unwrap_or(after.len());
        out.push_str("\\k<");
        out.push_str(after.get(..end).unwrap_or_default());
        out.push('>');
        rest = after.get(end + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

impl Patterns {
    /// Whether a text is as expected.
    #[inline]
    pub(super) fn holds(&self, text: &str) -> bool {
        match (self.wanted, self.all) {
            (true, true) => self.patterns.iter().all(|pattern| pattern.is_found(text)),
            (true, false) => self.patterns.iter().any(|pattern| pattern.is_found(text)),
            (false, _) => !self.patterns.iter().any(|pattern| pattern.is_found(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_expressions_are_found_anywhere() {
        let check = |pattern: &str, text: &str, expected: bool| {
            assert_eq!(TextPattern::regex(pattern).unwrap().is_found(text), expected, "{pattern} in {text}");
        };
        check("b+", "abbc", true);
        check("^b", "abbc", false);
        check(r"^\d{4}-\d{2}\Z", "2020-01", true);
        check(r"(?=.*\d)(?=.*[a-z])", "a1", true);
        check(r"(?P<x>a)(?P=x)", "baac", true);
        check(r"(?P<x>a)(?P=x)", "bab", false);
        check("[가-힣]+", "가나", true);
        let error = TextPattern::regex("(a").unwrap_err();
        assert!(error.what().contains("unclosed group"), "{error}");
    }

    #[test]
    fn like_patterns_match_the_whole_text() {
        let check = |pattern: &str, text: &str, expected: bool| {
            assert_eq!(TextPattern::like(pattern).unwrap().is_found(text), expected, "{pattern} on {text}");
        };
        check("a%", "abc", true);
        check("a%", "ba", false);
        check("_b_", "abc", true);
        check("_", "한", true);
        check("a%", "a\nb", true);
        check(r"100\%", "100%", true);
        check(r"100\%", "1000", false);
        check("a.c", "abc", false);
    }
}
