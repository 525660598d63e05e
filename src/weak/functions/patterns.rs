//! Scans for words and patterns over a whole text column at once.
//!
//! A column's texts lie in one buffer. Where hits are rare, searching the buffer from end to end costs a call for each
//! hit instead of one for each row. A hit that crosses the end of a row is none; what is found after it is looked for
//! from the next row on, and nothing is missed, because each search here reports its earliest hit.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind, Span, packed};
use arrow_array::{Array as _, LargeStringArray};
use memchr::memmem::Finder;
use rayon::prelude::*;

use super::super::script::chars;
use super::super::script::regexes::{LocalPattern, Pattern, Reach, Speed};
use crate::engine::{Result, Work};

/// How many rows one thread scans before it looks whether the work goes on.
const RANGE: usize = 8192;
/// From how many words on their automaton is worth a table that takes memory (measured: 3.5 times as fast).
const TABLE_FROM: usize = 100;
/// The most bytes of words for which that table is made: it takes some hundred times as much.
const TABLE_UP_TO: usize = 100_000;
/// Up to how many words their beginnings are searched for many bytes at a time.
const FEW: usize = 48;
/// The most words and bytes of words of one function.
const MOST_BYTES: usize = 8 << 20;

/// Runs something on ranges of rows, on all threads, with the part of the votes that belongs to them.
pub(super) fn in_ranges(
    votes: &mut [i16],
    work: &Work,
    run: impl Fn(Range<usize>, &mut [i16]) + Send + Sync,
) -> Result<()> {
    votes.par_chunks_mut(RANGE).enumerate().try_for_each(|(at, votes)| {
        work.check()?;
        run(at * RANGE..at * RANGE + votes.len(), votes);
        Ok(())
    })
}

/// The texts of some rows in their buffer.
struct Buffer<'a> {
    bytes: &'a [u8],
    offsets: &'a [i64],
}

impl<'a> Buffer<'a> {
    fn of(array: &'a LargeStringArray, rows: Range<usize>) -> Self {
        let offsets = array.value_offsets().get(rows.start..=rows.end).unwrap_or_default();
        Self { bytes: array.value_data(), offsets }
    }

    fn start(&self) -> usize {
        self.offsets.first().copied().unwrap_or(0) as usize
    }

    fn end(&self) -> usize {
        self.offsets.last().copied().unwrap_or(0) as usize
    }

    /// The end of a row.
    fn row_end(&self, row: usize) -> usize {
        self.offsets.get(row + 1).copied().unwrap_or(0) as usize
    }

    /// The row, from `row` on, in which a byte lies.
    fn row_of(&self, mut row: usize, byte: usize) -> usize {
        // Hits are mostly near each other or far apart: a few steps, then by halves.
        for _ in 0..8 {
            if self.row_end(row) > byte {
                return row;
            }
            row += 1;
        }
        let rest = self.offsets.get(row + 1..).unwrap_or_default();
        row + rest.partition_point(|&end| end as usize <= byte)
    }
}

/// Looks for words.
#[derive(Debug)]
pub(super) enum Scanner {
    /// An empty word, which is everywhere.
    Everywhere,
    One(Box<Finder<'static>>),
    /// Several words; where they are few, with a search for their beginnings that many bytes of text pass at once.
    Many(AhoCorasick, Option<Box<packed::Searcher>>),
    /// Words that no letter or number may touch.
    Whole(AhoCorasick),
}

impl Scanner {
    /// A scanner for any of some words.
    pub fn new(words: Vec<String>, whole: bool) -> std::result::Result<Self, String> {
        if words.iter().any(String::is_empty) {
            return Ok(Self::Everywhere);
        }
        if let ([word], false) = (words.as_slice(), whole) {
            return Ok(Self::One(Box::new(Finder::new(word).into_owned())));
        }
        let bytes: usize = words.iter().map(String::len).sum();
        if bytes > MOST_BYTES {
            return Err("these are more than 8 MB of words".to_owned());
        }
        let table = words.len() >= TABLE_FROM && bytes <= TABLE_UP_TO;
        let built = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(table.then_some(AhoCorasickKind::DFA))
            .build(&words);
        match built {
            Ok(found) if whole => Ok(Self::Whole(found)),
            Ok(found) => Ok(Self::Many(found, few(&words).map(Box::new))),
            Err(error) => Err(format!("these words cannot be searched: {error}")),
        }
    }

    /// True if a text has one of the words.
    pub fn test(&self, text: &str) -> bool {
        match self {
            Self::Everywhere => true,
            Self::One(finder) => finder.find(text.as_bytes()).is_some(),
            Self::Many(words, _) => words.is_match(text),
            Self::Whole(words) => words.find_overlapping_iter(text).any(|hit| is_whole(text, hit.start(), hit.end())),
        }
    }

    /// Marks the rows that have one of the words; `hits` belongs to `rows`.
    pub fn scan(&self, array: &LargeStringArray, rows: Range<usize>, hits: &mut [bool]) {
        let buffer = Buffer::of(array, rows.clone());
        match self {
            Self::Everywhere => hits.fill(true),
            Self::One(finder) => scan_with(&buffer, hits, |bytes, from| {
                let at = finder.find(bytes.get(from..)?)?;
                Some((from + at, from + at + finder.needle().len()))
            }),
            Self::Many(_, Some(few)) => scan_few(few, &buffer, hits),
            Self::Many(words, None) => scan_with(&buffer, hits, |bytes, from| {
                let found = words.find(aho_corasick::Input::new(bytes).range(from..))?;
                Some((found.start(), found.end()))
            }),
            Self::Whole(_) => {
                for (hit, row) in hits.iter_mut().zip(rows) {
                    *hit = array.is_valid(row) && self.test(array.value(row));
                }
            }
        }
    }

    /// Where the words stand in a text, longest first where they overlap.
    pub fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = match self {
            Self::Everywhere => Vec::new(),
            Self::One(finder) => finder.find_iter(text.as_bytes()).map(|at| at..at + finder.needle().len()).collect(),
            Self::Many(words, _) => words.find_overlapping_iter(text).map(|hit| hit.start()..hit.end()).collect(),
            Self::Whole(words) => {
                let whole = words.find_overlapping_iter(text).filter(|hit| is_whole(text, hit.start(), hit.end()));
                whole.map(|hit| hit.start()..hit.end()).collect()
            }
        };
        found.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
        let mut last = 0;
        found.retain(|range| {
            let fits = range.start >= last;
            if fits {
                last = range.end;
            }
            fits
        });
        found
    }
}

/// Goes through a buffer by hits. `find` gives the hit that ends first at or after a byte, so that a hit across the end
/// of a row leaves nothing unseen before that end.
fn scan_with(buffer: &Buffer, hits: &mut [bool], find: impl Fn(&[u8], usize) -> Option<(usize, usize)>) {
    let (mut at, end) = (buffer.start(), buffer.end());
    let Some(bytes) = buffer.bytes.get(..end) else { return };
    let mut row = 0;
    while let Some((start, stop)) = find(bytes, at) {
        row = buffer.row_of(row, start);
        let row_end = buffer.row_end(row);
        if stop <= row_end
            && let Some(hit) = hits.get_mut(row)
        {
            *hit = true;
        }
        if row_end >= end {
            return;
        }
        at = row_end;
        row += 1;
    }
}

/// A search for a few words that compares the beginnings of all with many bytes at once (Teddy, of the `aho-corasick`
/// crate). Korean words share their first bytes with most Korean text, on which a search for rare bytes stops everywhere.
/// `None` if there are too many words, one is a single byte, or the processor cannot do it.
fn few(words: &[String]) -> Option<packed::Searcher> {
    if words.len() > FEW || words.iter().any(|word| word.len() < 2) {
        return None;
    }
    packed::Config::new().match_kind(packed::MatchKind::LeftmostFirst).builder().extend(words).build()
}

/// Goes through a buffer by the places where a word begins. A word that crosses the end of its row is none; a shorter one
/// may stand there, so the rest of that row is asked by itself.
fn scan_few(few: &packed::Searcher, buffer: &Buffer, hits: &mut [bool]) {
    let (mut at, end) = (buffer.start(), buffer.end());
    let Some(bytes) = buffer.bytes.get(..end) else { return };
    let mut row = 0;
    while let Some(found) = few.find_in(bytes, Span { start: at, end }) {
        row = buffer.row_of(row, found.start());
        let row_end = buffer.row_end(row);
        let inside =
            found.end() <= row_end || few.find_in(bytes, Span { start: found.start(), end: row_end }).is_some();
        if let Some(hit) = hits.get_mut(row).filter(|_| inside) {
            *hit = true;
        }
        if row_end >= end {
            return;
        }
        at = row_end;
        row += 1;
    }
}

/// True if no letter or number of another word touches this one.
fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let word = |c: char| chars::is_alpha(c) || chars::is_numeric(c) || c == '_';
    let before = text.get(..start).and_then(|before| before.chars().next_back());
    let after = text.get(end..).and_then(|after| after.chars().next());
    !before.is_some_and(word) && !after.is_some_and(word)
}

/// Looks for a pattern.
#[derive(Debug)]
pub(super) struct PatternScan {
    pattern: Arc<Pattern>,
    reach: Reach,
    quick: OnceLock<Option<Quick>>,
}

/// A pattern where only its being there matters, and whether a match of it is short and tied to no place, so that the
/// whole buffer can be searched. Over bytes: that the texts are UTF-8 need not be checked once more.
type Quick = (regex::bytes::Regex, bool);

/// The longest match, in bytes, for which the whole buffer is searched: it may have to be looked at twice at each end
/// of a row.
const LONGEST: usize = 256;
/// How many rows are tried one by one to see how often a pattern hits.
const SAMPLE: usize = 128;

impl PatternScan {
    /// A scan for matches anywhere.
    pub fn new(pattern: Arc<Pattern>) -> Self {
        Self::reaching(pattern, Reach::Search)
    }

    /// A scan for matches that reach as far as they must.
    pub fn reaching(pattern: Arc<Pattern>, reach: Reach) -> Self {
        Self { pattern, reach, quick: OnceLock::new() }
    }

    /// The quick form, made when it is first needed: a file is compiled at every keystroke, and most of its functions
    /// are not run again.
    fn quick(&self) -> Option<&Quick> {
        let make = || {
            let plain = self.pattern.speed() == Speed::Linear && !self.pattern.minds_last_newline();
            (plain && self.reach == Reach::Search).then(|| shortened(self.pattern.translated())).flatten()
        };
        self.quick.get_or_init(make).as_ref()
    }

    /// The pattern.
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// True if a text has a match. A pattern that had to be given up finds nothing.
    pub fn test(&self, text: &str) -> bool {
        match self.quick() {
            Some((quick, _)) => quick.is_match(text.as_bytes()),
            None => self.pattern.is_match(self.reach, text).unwrap_or(false),
        }
    }

    /// Marks the rows that have a match; `hits` belongs to `rows`.
    pub fn scan(&self, array: &LargeStringArray, rows: Range<usize>, hits: &mut [bool]) {
        let Some((quick, free)) = self.quick() else {
            let local = LocalPattern::new(self.pattern.clone());
            for (hit, row) in hits.iter_mut().zip(rows) {
                *hit = array.is_valid(row) && local.is_match(self.reach, array.value(row)).unwrap_or(false);
            }
            return;
        };
        // A copy has working memory of its own, so that threads do not wait for each other.
        let quick = quick.clone();
        let sample = if *free { SAMPLE.min(hits.len()) } else { hits.len() };
        let mut found = 0;
        for (hit, row) in hits.iter_mut().zip(rows.clone()).take(sample) {
            *hit = array.is_valid(row) && quick.is_match(array.value(row).as_bytes());
            found += usize::from(*hit);
        }
        let rest = rows.start + sample..rows.end;
        let Some(hits) = hits.get_mut(sample..).filter(|hits| !hits.is_empty()) else { return };
        if found * 5 > sample {
            for (hit, row) in hits.iter_mut().zip(rest) {
                *hit = array.is_valid(row) && quick.is_match(array.value(row).as_bytes());
            }
        } else {
            scan_pattern(&quick, &Buffer::of(array, rest), hits);
        }
    }

    /// Where the pattern matches in a text.
    pub fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let local = LocalPattern::new(self.pattern.clone());
        let mut out = Vec::new();
        let mut from = 0;
        while let Ok(Some((start, end))) = local.span(self.reach, text, from) {
            if end > start {
                out.push(start..end);
            }
            let step = text.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
            from = if end > start { end } else { end + step };
            if from > text.len() || self.reach != Reach::Search {
                break;
            }
        }
        out
    }
}

/// Goes through a buffer by matches of a pattern whose matches depend on nothing but their own text. The leftmost
/// match shows the first row that can have one; if it crosses the end of that row, the row is asked by itself.
fn scan_pattern(pattern: &regex::bytes::Regex, buffer: &Buffer, hits: &mut [bool]) {
    let (base, end) = (buffer.start(), buffer.end());
    let Some(text) = buffer.bytes.get(base..end) else { return };
    let (mut at, mut row) = (0, 0);
    while let Some(found) = pattern.find_at(text, at) {
        row = buffer.row_of(row, base + found.start());
        let row_end = buffer.row_end(row);
        let inside = base + found.end() <= row_end
            || text.get(found.start()..row_end - base).is_some_and(|rest| pattern.is_match(rest));
        if let Some(hit) = hits.get_mut(row).filter(|_| inside) {
            *hit = true;
        }
        if row_end >= end {
            return;
        }
        at = row_end - base;
        row += 1;
    }
}

/// The pattern reduced to what decides whether there is a match: repeats at either end need not be followed to their
/// last, groups need not be remembered. With it, whether matches are short, not empty, and tied to no place.
fn shortened(pattern: &str) -> Option<Quick> {
    use regex_syntax::hir::{Hir, HirKind, Repetition};
    fn trim(hir: Hir, last: bool, first: bool) -> Hir {
        match hir.into_kind() {
            HirKind::Capture(capture) => trim(*capture.sub, last, first),
            HirKind::Repetition(repeat) if last || first => {
                let repeat = Repetition { max: Some(repeat.min), greedy: true, ..repeat };
                Hir::repetition(repeat)
            }
            HirKind::Concat(parts) => {
                let count = parts.len();
                let trimmed = parts
                    .into_iter()
                    .enumerate()
                    .map(|(at, part)| trim(part, last && at + 1 == count, first && at == 0));
                Hir::concat(trimmed.collect())
            }
            HirKind::Alternation(parts) => {
                Hir::alternation(parts.into_iter().map(|part| trim(part, last, first)).collect())
            }
            HirKind::Empty => Hir::empty(),
            HirKind::Literal(literal) => Hir::literal(literal.0),
            HirKind::Class(class) => Hir::class(class),
            HirKind::Look(look) => Hir::look(look),
            HirKind::Repetition(repeat) => Hir::repetition(repeat),
        }
    }
    let hir = trim(regex_syntax::parse(pattern).ok()?, true, true);
    let properties = hir.properties();
    let short = properties.maximum_len().is_some_and(|longest| longest <= LONGEST);
    let free = short && properties.look_set().is_empty() && properties.minimum_len().is_some_and(|least| least > 0);
    Some((regex::bytes::Regex::new(&hir.to_string()).ok()?, free))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn column(texts: &[String]) -> LargeStringArray {
        LargeStringArray::from_iter_values(texts)
    }

    proptest! {
        #[test]
        fn a_scan_finds_what_each_row_has(
            texts in prop::collection::vec("[ab한국 .é]{0,6}", 0..60),
            words in prop::collection::vec("[ab한국]{1,3}", 1..5),
            whole in any::<bool>(),
        ) {
            let array = column(&texts);
            let scanner = Scanner::new(words.clone(), whole).unwrap();
            let mut hits = vec![false; texts.len()];
            scanner.scan(&array, 0..texts.len(), &mut hits);
            for (text, hit) in texts.iter().zip(&hits) {
                prop_assert_eq!(scanner.test(text), *hit, "{} in {:?}", text, &words);
                if !whole {
                    prop_assert_eq!(words.iter().any(|word| text.contains(word.as_str())), *hit);
                }
            }
        }

        #[test]
        fn a_pattern_scan_finds_what_each_row_has(
            texts in prop::collection::vec("[ab한국 .1\n]{0,7}", 0..400),
            which in 0usize..PATTERNS.len(),
        ) {
            let array = column(&texts);
            let pattern = Arc::new(Pattern::new(PATTERNS[which], 0).unwrap());
            let scan = PatternScan::new(pattern.clone());
            let plain = LocalPattern::new(pattern);
            let mut hits = vec![false; texts.len()];
            scan.scan(&array, 0..texts.len(), &mut hits);
            for (text, hit) in texts.iter().zip(hits) {
                let expected = plain.is_match(Reach::Search, text).unwrap();
                prop_assert_eq!(expected, hit, "{} in {:?}", PATTERNS[which], text);
            }
        }
    }

    const PATTERNS: &[&str] = &[
        "a",
        "ab|ba",
        "a+b",
        ".*b",
        "a.*",
        r"\w+1",
        "^a",
        "b$",
        r"\bab\b",
        r"\s",
        "(a|한)국*",
        "[가-힣]{2}",
        "a{2,}",
        "a?",
        "1(?=a)",
        "a(?!b)",
        "(?i)AB",
        r"\Aa",
        r"a\Z",
        "(?:)",
        "[^a]b",
        "a b.한",
        r"국\b",
        "b.{0,3}?1",
        "a+?b*",
        "(?m)^b",
    ];

    #[test]
    fn a_hit_across_the_end_of_a_row_is_none_and_hides_none() {
        let texts: Vec<String> = ["xa", "ba", "b", "", "ab", "a"].iter().map(|&text| text.to_owned()).collect();
        let check = |words: &[&str], expected: &[bool]| {
            let scanner = Scanner::new(words.iter().map(|&word| word.to_owned()).collect(), false).unwrap();
            let mut hits = vec![false; texts.len()];
            scanner.scan(&column(&texts), 0..texts.len(), &mut hits);
            assert_eq!(hits, expected, "{words:?}");
        };
        check(&["ab"], &[false, false, false, false, true, false]);
        check(&["ab", "ba"], &[false, true, false, false, true, false]);
        check(&["ab", "b"], &[false, true, true, false, true, false]);
    }

    #[test]
    fn whole_words_are_not_parts_of_others() {
        let scanner = Scanner::new(vec!["free".into(), "무료".into()], true).unwrap();
        let check = |text: &str, expected: bool| assert_eq!(scanner.test(text), expected, "{text}");
        check("a free lunch", true);
        check("freedom", false);
        check("freedom is free", true);
        check("무료!", true);
        check("무료로", false);
    }
}
