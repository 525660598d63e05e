//! Patterns: compiled once and shared, with an engine of its own for each thread that uses one.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use super::budget::{Eval, Raise, Sort, bad_value};
use super::translate::{Translated, translate};

/// How often a pattern that looks around may step back on one text.
const BACKTRACKS: usize = 100_000;

/// How a pattern is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speed {
    /// In time linear in the text.
    Linear,
    /// By trying, with a limit.
    Backtracking,
}

/// Where a match may lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Anywhere.
    Search,
    /// From the start.
    Match,
    /// The whole text.
    Full,
}

/// A compiled automaton.
#[derive(Debug, Clone)]
pub(crate) enum Engine {
    Linear(regex::Regex),
    Back(fancy_regex::Regex),
}

/// Byte ranges of the groups of a match; group 0 is the whole.
pub(crate) type Groups = Vec<Option<(usize, usize)>>;

impl Engine {
    fn new(pattern: &Translated, reach: Reach) -> Result<Self, String> {
        let source = match reach {
            Reach::Search => pattern.pattern.clone(),
            Reach::Match => format!(r"\A(?:{})", pattern.pattern),
            Reach::Full => format!(r"\A(?:{})\z", pattern.pattern),
        };
        if pattern.backtracks {
            let built = fancy_regex::RegexBuilder::new(&source).backtrack_limit(BACKTRACKS).build();
            built.map(Self::Back).map_err(|error| last_line(&error.to_string()))
        } else {
            regex::Regex::new(&source).map(Self::Linear).map_err(|error| last_line(&error.to_string()))
        }
    }

    /// True if there is a match in `text`.
    pub fn is_match(&self, text: &str) -> Eval<bool> {
        match self {
            Self::Linear(regex) => Ok(regex.is_match(text)),
            Self::Back(regex) => regex.is_match(text).map_err(|_| too_hard()),
        }
    }

    fn groups(&self, text: &str, from: usize) -> Eval<Option<Groups>> {
        Ok(match self {
            Self::Linear(regex) => regex
                .captures_at(text, from)
                .map(|captures| captures.iter().map(|group| group.map(|group| (group.start(), group.end()))).collect()),
            Self::Back(regex) => regex.captures_from_pos(text, from).map_err(|_| too_hard())?.map(|captures| {
                (0..captures.len()).map(|at| captures.get(at).map(|group| (group.start(), group.end()))).collect()
            }),
        })
    }

    fn span(&self, text: &str, from: usize) -> Eval<Option<(usize, usize)>> {
        Ok(match self {
            Self::Linear(regex) => regex.find_at(text, from).map(|found| (found.start(), found.end())),
            Self::Back(regex) => {
                regex.find_from_pos(text, from).map_err(|_| too_hard())?.map(|found| (found.start(), found.end()))
            }
        })
    }
}

#[cold]
fn too_hard() -> Box<Raise> {
    Raise::new(Sort::Limit, "this pattern had to be tried too often on a text; a pattern without look-around is faster")
}

/// The last line of a many-line message, which says what is wrong.
fn last_line(message: &str) -> String {
    let line = message.lines().rfind(|line| !line.trim().is_empty()).unwrap_or(message).trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// A pattern of Python's `re`.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// The pattern as it was written.
    pub source: String,
    /// Python's flags.
    pub flags: i64,
    /// The names of the groups; group 0 is the whole.
    pub names: Vec<Option<String>>,
    translated: Translated,
    search: Engine,
    /// By [`Reach`], and whether the text ends in a newline.
    others: [OnceLock<Result<Engine, String>>; 6],
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// If it cannot be read; the message is for people.
    pub fn new(source: &str, flags: i64) -> Result<Self, String> {
        let translated = translate(source, flags, false)?;
        let search = Engine::new(&translated, Reach::Search)?;
        let names = match &search {
            Engine::Linear(regex) => regex.capture_names().map(|name| name.map(str::to_owned)).collect(),
            Engine::Back(regex) => regex.capture_names().map(|name| name.map(str::to_owned)).collect(),
        };
        Ok(Self { source: source.to_owned(), flags, names, translated, search, others: Default::default() })
    }

    /// How it is run.
    pub fn speed(&self) -> Speed {
        if self.translated.backtracks { Speed::Backtracking } else { Speed::Linear }
    }

    /// The pattern in the syntax of the `regex` crate, for texts that do not end in a newline.
    pub fn translated(&self) -> &str {
        &self.translated.pattern
    }

    /// True if a newline at the end of the text makes a difference to a `$`.
    pub fn minds_last_newline(&self) -> bool {
        self.translated.dollar
    }

    /// True if there is a match; for single texts, because threads that ask the same pattern wait for each other.
    pub fn is_match(&self, reach: Reach, text: &str) -> Eval<bool> {
        self.engine(reach, text.ends_with('\n')).map_err(bad_value)?.is_match(text)
    }

    fn engine(&self, reach: Reach, newline: bool) -> Result<&Engine, String> {
        let newline = newline && self.translated.dollar;
        if reach == Reach::Search && !newline {
            return Ok(&self.search);
        }
        let at = reach as usize * 2 + usize::from(newline);
        let slot = self.others.get(at).ok_or_else(String::new)?;
        let engine = slot.get_or_init(|| {
            let translated = translate(&self.source, self.flags, newline)?;
            Engine::new(&translated, reach)
        });
        engine.as_ref().map_err(Clone::clone)
    }
}

/// A pattern as one thread uses it: with engines whose working memory nobody shares.
#[derive(Debug)]
pub(crate) struct LocalPattern {
    /// The pattern.
    pub shared: Arc<Pattern>,
    engines: [OnceCell<Engine>; 6],
}

impl LocalPattern {
    /// A thread's own view of a pattern.
    pub fn new(shared: Arc<Pattern>) -> Self {
        Self { shared, engines: Default::default() }
    }

    fn engine(&self, reach: Reach, text: &str) -> Eval<&Engine> {
        let newline = self.shared.translated.dollar && text.ends_with('\n');
        let slot = &self.engines[reach as usize * 2 + usize::from(newline)];
        if let Some(engine) = slot.get() {
            return Ok(engine);
        }
        let engine = self.shared.engine(reach, newline).map_err(bad_value)?.clone();
        Ok(slot.get_or_init(|| engine))
    }

    /// True if there is a match.
    pub fn is_match(&self, reach: Reach, text: &str) -> Eval<bool> {
        self.engine(reach, text)?.is_match(text)
    }

    /// The groups of the first match at or after the byte `from`.
    pub fn groups(&self, reach: Reach, text: &str, from: usize) -> Eval<Option<Groups>> {
        self.engine(reach, text)?.groups(text, from)
    }

    /// The byte range of the first match at or after the byte `from`.
    pub fn span(&self, reach: Reach, text: &str, from: usize) -> Eval<Option<(usize, usize)>> {
        self.engine(reach, text)?.span(text, from)
    }
}

/// The patterns of a program, compiled once for all threads.
#[derive(Debug, Default)]
pub(crate) struct Patterns(Mutex<HashMap<(String, i64), Arc<Pattern>>>);

/// The most patterns that are kept; a function that builds a pattern for each row must not fill the memory.
const KEPT: usize = 2000;

/// The pattern of that source, of all programs: a file is compiled at every keystroke, and most of its patterns are
/// those of a moment ago.
///
/// # Errors
/// As [`Pattern::new`].
pub(crate) fn compiled(source: &str, flags: i64) -> Result<Arc<Pattern>, String> {
    static PATTERNS: LazyLock<Patterns> = LazyLock::new(Patterns::default);
    PATTERNS.get(source, flags)
}

impl Patterns {
    /// The pattern of that source, compiled if it is new.
    pub fn get(&self, source: &str, flags: i64) -> Result<Arc<Pattern>, String> {
        let key = (source.to_owned(), flags);
        if let Some(found) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(found.clone());
        }
        let pattern = Arc::new(Pattern::new(source, flags)?);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, pattern.clone());
        Ok(pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_are_those_of_python() {
        let check = |source: &str, flags: i64, text: &str, reach: Reach, expected: Option<(usize, usize)>| {
            let pattern = LocalPattern::new(Arc::new(Pattern::new(source, flags).unwrap()));
            assert_eq!(pattern.span(reach, text, 0).unwrap(), expected, "{source} on {text:?}");
        };
        check("b+", 0, "abbc", Reach::Search, Some((1, 3)));
        check("b+", 0, "abbc", Reach::Match, None);
        check("a|ab", 0, "ab", Reach::Full, Some((0, 2)));
        check("a$", 0, "a\n", Reach::Search, Some((0, 1)));
        check("a$", 0, "a\n\n", Reach::Search, None);
        check(r"a\Z", 0, "a\n", Reach::Search, None);
        check("a$", 8, "a\nb", Reach::Search, Some((0, 1)));
        check("A", 2, "xa", Reach::Search, Some((1, 2)));
        check("a.c", 0, "a\nc", Reach::Search, None);
        check("a.c", 16, "a\nc", Reach::Search, Some((0, 3)));
        check("a(?!b)", 0, "abac", Reach::Search, Some((2, 3)));
        check(r"(\w)\1", 0, "xabbc", Reach::Search, Some((2, 4)));
        check(r"\w", 0, "\u{301}", Reach::Search, None);
        check(r"\w", 0, "½", Reach::Search, Some((0, 2)));
        check(r"\s", 0, "\u{1c}", Reach::Search, Some((0, 1)));
        check("한.", 0, "대한국", Reach::Search, Some((3, 9)));
    }

    #[test]
    fn a_pattern_that_explodes_is_stopped() {
        let pattern = LocalPattern::new(Arc::new(Pattern::new(r"(a+)+\1b", 0).unwrap()));
        let error = pattern.is_match(Reach::Search, &"a".repeat(5000)).unwrap_err();
        assert_eq!(error.sort, Sort::Limit);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let check = |source: &str, part: &str| {
            let message = Pattern::new(source, 0).map(|_| ()).unwrap_err();
            assert!(message.contains(part), "{source}: {message}");
        };
        check("(a", "unclosed group");
        check("*a", "repetition operator missing expression");
        check("(?=a", "");
    }
}
