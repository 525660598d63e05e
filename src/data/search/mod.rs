//! Full-text search over string columns: words, a phrase or a regular expression.
//!
//! In: a [`Search`] and a frame. Out: the rows in which it is found, and for one text the bytes to highlight; the two
//! never disagree, since both look into the same searched form of the text (see `fold`): NFC, full-width letters made
//! narrow, lower case unless case matters. A word may stand inside another, so 한국 finds 한국어; a word of initial
//! consonants finds the syllables that begin with them.

mod fold;
mod initials;

use std::borrow::Cow;
use std::ops::Range;

use arrow_array::{Array as _, LargeStringArray};
use arrow_buffer::{BooleanBuffer, Buffer};
use memchr::memmem::Finder;
use rayon::prelude::*;
use regex::Regex;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use super::filter::{self, Bits, ROWS, WORDS};
use super::{Column, Frame, Kind};
use crate::engine::{Error, Result, Work};
use fold::{Mapped, fold, has_wide, is_odd, narrow};
use initials::Initials;

/// How the text of a search is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SearchMode {
    /// Words between spaces, all of which must occur, in any order and in any of the columns.
    #[default]
    Words,
    /// The text as it is, spaces included.
    Phrase,
    /// A regular expression (linear time, without look-around).
    Regex,
}

/// A full-text search: what was typed and how it is meant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Search {
    /// What was typed. Without any letter it finds every row.
    pub text: String,
    /// How it is read.
    #[serde(default)]
    pub mode: SearchMode,
    /// True if `A` must not find `a`.
    #[serde(default)]
    pub match_case: bool,
}

/// One thing that must be found.
#[derive(Debug, Clone)]
enum Term {
    Literal(Box<Finder<'static>>),
    Initials(Initials),
    Regex(Regex),
}

impl Term {
    /// Where it first occurs in a searched form at or after a byte.
    fn find(&self, text: &str, from: usize) -> Option<Range<usize>> {
        match self {
            Self::Literal(finder) => {
                let at = from + finder.find(text.as_bytes().get(from..)?)?;
                Some(at..at + finder.needle().len())
            }
            Self::Initials(initials) => initials.find(text, from),
            Self::Regex(regex) => regex.find_at(text, from).map(|found| found.range()),
        }
    }

    fn is_in(&self, text: &str) -> bool {
        match self {
            Self::Regex(regex) => regex.is_match(text),
            other => other.find(text, 0).is_some(),
        }
    }
}

/// A search made ready to be run over many texts.
#[derive(Debug, Clone)]
pub struct Searcher {
    terms: Vec<Term>,
    /// True if the searched form keeps its case, because case matters or the regular expression looks after it.
    cased: bool,
}

impl Searcher {
    /// Makes a search ready.
    ///
    /// # Errors
    /// If its regular expression is wrong or too large.
    pub fn new(search: &Search) -> Result<Self> {
        let literal = |text: &str| Term::Literal(Box::new(Finder::new(text).into_owned()));
        let folded = fold(&search.text, search.match_case);
        let terms = match search.mode {
            _ if search.text.is_empty() => Vec::new(),
            SearchMode::Words => {
                let mut words: Vec<&str> = folded.split_whitespace().collect();
                // The longest word is the rarest, and what it leaves is all that the others must look at.
                words.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
                words.dedup();
                words
                    .into_iter()
                    .map(|word| Initials::new(word).map_or_else(|| literal(word), Term::Initials))
                    .collect()
            }
            SearchMode::Phrase => vec![literal(&folded)],
            SearchMode::Regex => {
                let regex = filter::compile_regex(&narrow_pattern(&search.text), !search.match_case)
                    .map_err(|(message, help)| Error::input(message).at(&search.text).help(help))?;
                vec![Term::Regex(regex)]
            }
        };
        Ok(Self { terms, cased: search.match_case || search.mode == SearchMode::Regex })
    }

    /// True if the search has nothing to look for and so finds every row.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// True if everything that is looked for is in the text.
    pub fn matches(&self, text: &str) -> bool {
        let folded = fold(text, self.cased);
        self.terms.iter().all(|term| term.is_in(&folded))
    }

    /// The bytes of the text to highlight: each occurrence of anything that is looked for, in order, without overlap.
    /// A word is highlighted also where another one is missing, since that may stand in another column.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        if self.terms.is_empty() {
            return Vec::new();
        }
        let plain = text.is_ascii() || !is_odd(text);
        let mapped = if plain && self.cased { None } else { Some(Mapped::new(text, self.cased)) };
        let searched = mapped.as_ref().map_or(text, |mapped| mapped.text.as_str());
        let mut found: Vec<Range<usize>> = Vec::new();
        for term in &self.terms {
            let mut from = 0;
            while let Some(range) = term.find(searched, from) {
                let next = searched.get(range.end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
                from = if range.is_empty() { range.end + next } else { range.end };
                let original = match &mapped {
                    Some(mapped) => mapped.original(range),
                    None => (!range.is_empty()).then_some(range),
                };
                found.extend(original);
                if from > searched.len() {
                    break;
                }
            }
        }
        merge(found)
    }
}

/// A regular expression for the searched form: composed, and with full-width signs standing for the narrow ones, not for
/// operators.
fn narrow_pattern(pattern: &str) -> String {
    let mut made = String::with_capacity(pattern.len());
    for letter in pattern.nfc() {
        let plain = narrow(letter);
        if plain == letter {
            made.push(letter);
        } else {
            made.push_str(&regex::escape(plain.encode_utf8(&mut [0; 4])));
        }
    }
    made
}

/// The ranges in order, those that touch made one.
fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// The bytes of one text to highlight; see [`Searcher::find`]. A wrong regular expression finds nothing.
pub fn find(text: &str, search: &Search) -> Vec<Range<usize>> {
    Searcher::new(search).map_or_else(|_| Vec::new(), |searcher| searcher.find(text))
}

/// The columns that are searched when none are named: the texts; without any, the other string columns.
pub fn default_columns(frame: &Frame) -> Vec<&Column> {
    let of = |wanted: fn(Kind) -> bool| -> Vec<&Column> {
        frame.columns().iter().filter(|column| wanted(column.kind())).map(|column| column.as_ref()).collect()
    };
    let texts = of(|kind| kind == Kind::Text);
    if texts.is_empty() { of(|kind| matches!(kind, Kind::Category | Kind::Image | Kind::Audio)) } else { texts }
}

/// The rows of `frame` in which the search is found in the named columns, or in the [`default_columns`] if none are
/// named. Of several words each may stand in another column.
///
/// # Errors
/// If a named column is not there or is no text, the regular expression is wrong, or the work was cancelled.
pub fn search(frame: &Frame, columns: &[&str], search: &Search, work: &Work) -> Result<BooleanBuffer> {
    let searcher = Searcher::new(search)?;
    let columns: Vec<&Column> = if columns.is_empty() {
        default_columns(frame)
    } else {
        columns.iter().map(|name| frame.column(name).map(|column| column.as_ref())).collect::<Result<_>>()?
    };
    let mut texts = Vec::with_capacity(columns.len());
    for column in columns {
        let Some(strings) = column.strings() else {
            return Err(Error::input("only text can be searched")
                .at(column.name())
                .help("filter it by a condition instead"));
        };
        // Lower case is looked for in the folded strings, which the column makes once and keeps.
        let folded = if searcher.cased || searcher.is_empty() { None } else { column.folded() };
        texts.push(Texts { array: folded.unwrap_or(strings) });
    }
    searcher.run(&texts, frame.rows(), work)
}

/// The strings in which a search without case looks: those of the column in NFC and lower case; with case, its own.
struct Texts<'a> {
    array: &'a LargeStringArray,
}

impl Searcher {
    fn run(&self, texts: &[Texts<'_>], rows: usize, work: &Work) -> Result<BooleanBuffer> {
        let mut words = vec![0u64; rows.div_ceil(64)];
        words.par_chunks_mut(WORDS).enumerate().try_for_each(|(index, out)| {
            work.check()?;
            let start = index * ROWS;
            let mut open = Bits::first((rows - start).min(ROWS));
            for term in &self.terms {
                let found = texts.iter().fold(Bits::none(), |found, texts| {
                    found.or(&self.found_in(term, texts.array, start, &open.minus(&found)))
                });
                open = open.and(&found);
            }
            out.iter_mut().zip(open.0).for_each(|(out, word)| *out = word);
            Ok::<_, Error>(())
        })?;
        Ok(BooleanBuffer::new(Buffer::from_vec(words), 0, rows))
    }

    /// The rows of a chunk, among those `open`, in which the term is.
    fn found_in(&self, term: &Term, array: &LargeStringArray, start: usize, open: &Bits) -> Bits {
        let rows = array.len().saturating_sub(start).min(ROWS);
        let wanted = match array.nulls() {
            Some(nulls) if nulls.null_count() > 0 => open.and(&Bits::of(nulls.inner(), start, rows)),
            _ => open.and(&Bits::first(rows)),
        };
        let by_row = |row: usize| term.is_in(&self.searched_form(array.value(start + row)));
        let Term::Literal(finder) = term else { return Bits::among(&wanted, by_row) };
        if wanted.count() * 8 < ROWS {
            return Bits::among(&wanted, by_row);
        }
        // One search through all texts at once; those whose searched form differs are looked at one by one.
        let differing = Bits::among(&wanted, |row| self.differs(array.value(start + row)));
        let hits = filter::scan(array, start, finder).and(&wanted).minus(&differing);
        hits.or(&Bits::among(&differing, by_row))
    }

    /// True if the searched form of a string of the array differs from it.
    fn differs(&self, text: &str) -> bool {
        if text.is_ascii() {
            false
        } else if self.cased {
            is_odd(text)
        } else {
            has_wide(text)
        }
    }

    /// The searched form of a string of the array.
    fn searched_form<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.differs(text) {
            false => Cow::Borrowed(text),
            true if self.cased => fold(text, true),
            true => Cow::Owned(text.chars().map(narrow).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::Values;
    use super::*;

    fn column(name: &str, kind: Kind, texts: &[Option<&str>]) -> Arc<Column> {
        Arc::new(Column::text(name, kind, LargeStringArray::from(texts.to_vec())))
    }

    fn query(text: &str, mode: SearchMode, match_case: bool) -> Search {
        Search { text: text.to_owned(), mode, match_case }
    }

    fn rows(frame: &Frame, query: &Search) -> Vec<usize> {
        search(frame, &[], query, &Work::new()).unwrap().set_indices().collect()
    }

    #[test]
    fn searches_find_the_rows_that_people_expect() {
        let texts = [
            Some("The quick Brown fox"),
            Some("한국어 데이터 과학"),
            None,
            Some("\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8} NFD"),
            Some("ＱＵＩＣＫ　ｆｏｘ（１）"),
            Some("caf\u{e9} CAFE\u{301}"),
            Some("ㅋㅋㅋ 크킄"),
            Some(""),
        ];
        let frame = Frame::new(vec![column("t", Kind::Text, &texts)]);
        let check = |text: &str, mode, match_case, expected: &[usize]| {
            assert_eq!(rows(&frame, &query(text, mode, match_case)), expected, "{text} {mode:?} {match_case}");
        };
        use SearchMode::{Phrase, Regex, Words};
        check("quick", Words, false, &[0, 4]);
        check("FOX quick", Words, false, &[0, 4]);
        check("quick", Words, true, &[0]);
        check("QUICK", Words, true, &[4]);
        check("quick fox", Phrase, false, &[4]);
        check("quick brown", Phrase, false, &[0]);
        check("quick brown", Phrase, true, &[]);
        check("fox(1)", Words, false, &[4]);
        check("ｆｏｘ", Words, false, &[0, 4]);
        check("한국", Words, false, &[1, 3]);
        check("한국", Words, true, &[1, 3]);
        check("ㄷㅇㅌ", Words, false, &[1]);
        check("ㅎㄱ", Words, false, &[1, 3]);
        check("ㅎㄱ ㄱㅎ", Words, false, &[1]);
        check("ㅋㅋ", Words, false, &[6]);
        check("ㅋㅋㅋ", Phrase, false, &[6]);
        check("ㅎㄱ", Phrase, false, &[]);
        check("cafe", Words, false, &[]);
        check("CAFÉ", Words, false, &[5]);
        check("É", Words, true, &[5]);
        check("", Words, false, &[0, 1, 2, 3, 4, 5, 6, 7]);
        check("  ", Words, false, &[0, 1, 2, 3, 4, 5, 6, 7]);
        check("^the", Regex, false, &[0]);
        check("^the", Regex, true, &[]);
        check("국 N", Regex, true, &[3]);
        check("（\\d）", Regex, false, &[4]);
        check("x$", Regex, false, &[0]);
    }

    #[test]
    fn words_may_stand_in_different_columns() {
        let frame = Frame::new(vec![
            column("title", Kind::Text, &[Some("red apple"), Some("green"), None]),
            column("body", Kind::Text, &[Some("sweet"), Some("apple"), Some("green apple")]),
            column("label", Kind::Category, &[Some("apple"), Some("red"), Some("red")]),
            Arc::new(Column::new("n", Values::Int(vec![1, 2, 3].into()))),
        ]);
        assert_eq!(rows(&frame, &query("apple sweet", SearchMode::Words, false)), [0]);
        assert_eq!(rows(&frame, &query("green apple", SearchMode::Words, false)), [1, 2]);
        let work = Work::new();
        let named = |names: &[&str]| {
            let found = search(&frame, names, &query("red", SearchMode::Words, false), &work);
            found.map(|found| found.set_indices().collect::<Vec<_>>())
        };
        assert_eq!(named(&["label"]).unwrap(), [1, 2]);
        assert_eq!(named(&["label", "title"]).unwrap(), [0, 1, 2]);
        assert_eq!(named(&["n"]).unwrap_err().place(), Some("n"));
        assert!(named(&["none"]).is_err());
        let wrong = search(&frame, &[], &query("(a", SearchMode::Regex, false), &work).unwrap_err();
        assert!(wrong.what().contains("unclosed group"), "{wrong}");
        assert!(find("(a", &query("(a", SearchMode::Regex, false)).is_empty());
    }

    #[test]
    fn highlights_are_bytes_of_the_original() {
        let check = |text: &str, query: Search, expected: &[&str]| {
            let found: Vec<&str> = find(text, &query).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{query:?}");
        };
        check("a B a b", query("B", SearchMode::Words, false), &["B", "b"]);
        check("a B a b", query("B", SearchMode::Words, true), &["B"]);
        check("abcabc", query("bc ab", SearchMode::Words, false), &["abcabc"]);
        check("ＡＢＣ abc", query("b", SearchMode::Words, false), &["Ｂ", "b"]);
        check(
            "\u{1112}\u{1161}\u{11ab}국어",
            query("한국", SearchMode::Phrase, false),
            &["\u{1112}\u{1161}\u{11ab}국"],
        );
        check("나는 데이터를", query("ㄷㅇㅌ", SearchMode::Words, false), &["데이터"]);
        check("İx", query("i", SearchMode::Words, false), &["İ"]);
        check("a1b22", query("\\d+", SearchMode::Regex, false), &["1", "22"]);
        check("abc", query("x*", SearchMode::Regex, false), &[]);
        check("abc", query("", SearchMode::Words, false), &[]);
    }

    #[test]
    fn a_search_is_saved_and_read_back() {
        let saved = serde_json::to_string(&query("a", SearchMode::Phrase, true)).unwrap();
        assert_eq!(saved, r#"{"text":"a","mode":"phrase","match_case":true}"#);
        assert_eq!(serde_json::from_str::<Search>(r#"{"text":"a"}"#).unwrap(), query("a", SearchMode::Words, false));
    }

    fn letters() -> &'static str {
        "([abABéÉ가각나데이터ㄱㄷㅇㅌ\u{1100}\u{1161}\u{11a8}\u{301}Ａａ １\u{3000}İ]|\\PC){0,10}"
    }

    proptest! {
        #[test]
        fn search_and_highlights_agree(
            texts in proptest::collection::vec(proptest::option::of(letters()), 1..20),
            text in letters(),
            mode in prop_oneof![Just(SearchMode::Words), Just(SearchMode::Phrase)],
            match_case: bool,
            dense: bool,
        ) {
            // Enough rows that the scan through all texts at once is taken, or too few.
            let texts: Vec<Option<String>> = texts.iter().cycle().take(texts.len() * if dense { 600 } else { 1 }).cloned().collect();
            let array: LargeStringArray = texts.iter().map(Option::as_deref).collect();
            let frame = Frame::new(vec![Arc::new(Column::text("t", Kind::Text, array))]);
            let query = Search { text: text.clone(), mode, match_case };
            let found = search(&frame, &[], &query, &Work::new()).unwrap();
            let searcher = Searcher::new(&query).unwrap();
            let words: Vec<Searcher> = match mode {
                SearchMode::Words => {
                    let alone = |word: &str| Searcher::new(&Search { text: word.to_owned(), mode, match_case }).unwrap();
                    fold(&text, match_case).split_whitespace().map(alone).collect()
                }
                _ => vec![searcher.clone()],
            };
            for (row, text) in texts.iter().enumerate().take(40) {
                let expected = match text {
                    Some(text) => words.iter().all(|word| word.is_empty() || !word.find(text).is_empty()),
                    None => searcher.is_empty(),
                };
                prop_assert_eq!(found.value(row), expected, "{:?} in {:?}", query, text);
                if let Some(text) = text {
                    prop_assert_eq!(searcher.matches(text), expected);
                    prop_assert!(searcher.find(text).iter().all(|range| text.get(range.clone()).is_some_and(|part| !part.is_empty())));
                }
            }
        }

        #[test]
        fn regular_expressions_agree_with_their_highlights(text in letters(), pattern in "[abé가ㄱ.1]{1,3}", match_case: bool) {
            let query = Search { text: pattern, mode: SearchMode::Regex, match_case };
            let searcher = Searcher::new(&query).unwrap();
            prop_assert_eq!(searcher.matches(&text), !searcher.find(&text).is_empty());
            let frame = Frame::new(vec![column("t", Kind::Text, &[Some(&text)])]);
            prop_assert_eq!(search(&frame, &[], &query, &Work::new()).unwrap().value(0), searcher.matches(&text));
        }
    }
}
