//! Vectors of text within a chunk, and the functions over them.

use arrow_array::{Array as _, LargeStringArray};

use super::bits::Bits;
use super::tree::{Pattern, SetValues};

/// The texts of a chunk and where they are known.
pub(super) struct Texts<'a> {
    source: Source<'a>,
    pub(super) valid: Bits,
}

enum Source<'a> {
    Column { array: &'a LargeStringArray, start: usize },
    Constant(&'a str),
    Made { data: String, ends: Vec<usize> },
}

/// Collects made texts row by row.
pub(super) struct TextBuilder {
    data: String,
    ends: Vec<usize>,
    valid: Bits,
}

impl TextBuilder {
    pub(super) fn new(rows: usize) -> Self {
        Self { data: String::new(), ends: Vec::with_capacity(rows), valid: Bits::none() }
    }

    /// Ends the row with what `write` appends to it; nothing it appends is kept if it returns `false`.
    #[inline]
    pub(super) fn push(&mut self, write: impl FnOnce(&mut String) -> bool) {
        let start = self.data.len();
        if write(&mut self.data) {
            self.valid.insert(self.ends.len());
        } else {
            self.data.truncate(start);
        }
        self.ends.push(self.data.len());
    }

    pub(super) fn finish<'a>(self) -> Texts<'a> {
        Texts { source: Source::Made { data: self.data, ends: self.ends }, valid: self.valid }
    }
}

impl<'a> Texts<'a> {
    pub(super) fn column(array: &'a LargeStringArray, start: usize, valid: Bits) -> Self {
        Self { source: Source::Column { array, start }, valid }
    }

    pub(super) fn constant(text: Option<&'a str>, rows: &Bits) -> Self {
        let valid = if text.is_some() { *rows } else { Bits::none() };
        Self { source: Source::Constant(text.unwrap_or("")), valid }
    }

    /// The text of a row of the chunk; empty where it is not known.
    #[inline]
    pub(super) fn get(&self, row: usize) -> &str {
        match &self.source {
            Source::Column { array, start } => {
                if start + row < array.len() {
                    array.value(start + row)
                } else {
                    ""
                }
            }
            Source::Constant(text) => text,
            Source::Made { data, ends } => {
                let start = row.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
                let end = ends.get(row).copied().unwrap_or(start);
                data.get(start..end).unwrap_or("")
            }
        }
    }

    /// Where the pattern matches, among the rows of `need` that are known.
    pub(super) fn matching(&self, pattern: &Pattern, need: &Bits) -> Bits {
        let wanted = need.and(&self.valid);
        match (pattern, &self.source) {
            (Pattern::Anything, _) => wanted,
            (Pattern::Contains(finder), Source::Column { array, start }) if is_dense(&wanted) => {
                scan(array, *start, finder).and(&wanted)
            }
            (Pattern::Equals(text), _) => self.equal_to(text, &wanted),
            _ => Bits::among(&wanted, |row| pattern.matches(self.get(row))),
        }
    }

    /// Where the text is exactly `text`, among the rows of `wanted`.
    pub(super) fn equal_to(&self, text: &str, wanted: &Bits) -> Bits {
        let Source::Column { array, start } = &self.source else {
            return Bits::among(wanted, |row| self.get(row) == text);
        };
        let (Some(offsets), data) = (array.value_offsets().get(*start..), array.value_data()) else {
            return Bits::none();
        };
        let length = text.len() as i64;
        let rows = offsets.len().saturating_sub(1).min(super::bits::ROWS);
        let mut pairs = offsets.windows(2);
        let equal = Bits::when(rows, |_| match pairs.next() {
            Some(&[from, to]) if to - from == length => {
                data.get(from as usize..to as usize).is_some_and(|bytes| bytes == text.as_bytes())
            }
            _ => false,
        });
        equal.and(wanted)
    }

    /// Where the text is one of a set, among the rows of `wanted`.
    pub(super) fn within(&self, set: &SetValues, wanted: &Bits) -> Bits {
        let SetValues::Text(set) = set else { return Bits::none() };
        if set.len() <= 4 {
            return set.iter().fold(Bits::none(), |found, text| found.or(&self.equal_to(text, wanted)));
        }
        Bits::among(wanted, |row| set.contains(self.get(row)))
    }
}

/// True if so many rows are wanted that a scan of all is cheaper than a call for each.
fn is_dense(wanted: &Bits) -> bool {
    wanted.count() * 8 >= super::bits::ROWS
}

/// The rows of the chunk whose text contains the needle, by one search through the texts as they lie one after another.
/// A hit that reaches over the end of its text is none.
pub(in crate::data) fn scan(array: &LargeStringArray, start: usize, finder: &memchr::memmem::Finder<'_>) -> Bits {
    let mut found = Bits::none();
    let end = (start + super::bits::ROWS).min(array.len());
    let Some(offsets) = array.value_offsets().get(start..=end) else { return found };
    let (Some(&first), Some(&last)) = (offsets.first(), offsets.last()) else { return found };
    let Some(data) = array.value_data().get(first as usize..last as usize) else { return found };
    let needle = finder.needle().len();
    let mut ends = offsets.iter().skip(1).map(|end| (end - first) as usize).enumerate();
    let mut current = ends.next();
    let mut at = 0;
    while let Some(hit) = data.get(at..).and_then(|rest| finder.find(rest)) {
        let hit = at + hit;
        while let Some((_, end)) = current
            && end <= hit
        {
            current = ends.next();
        }
        let Some((row, end)) = current else { return found };
        if hit + needle <= end {
            found.insert(row);
            at = end;
        } else {
            at = hit + 1;
        }
    }
    found
}

/// The number of code points.
#[inline]
pub(super) fn length(text: &str) -> i64 {
    text.chars().count() as i64
}

/// The code points from `from` (counted from 1), `count` of them or all; positions before the first count as PostgreSQL
/// counts them, so that `substr('abc', 0, 2)` is `a`.
pub(super) fn substr(text: &str, from: i64, count: Option<i64>) -> &str {
    let end = count.map_or(i64::MAX, |count| from.saturating_add(count.max(0)));
    let start = from.max(1);
    let skipped = byte_of(text, start - 1);
    let kept = end.saturating_sub(start).max(0);
    let rest = text.get(skipped..).unwrap_or("");
    rest.get(..byte_of(rest, kept)).unwrap_or("")
}

/// The first `count` code points; if negative, all but the last ones.
pub(super) fn left(text: &str, count: i64) -> &str {
    let kept = if count < 0 { length(text).saturating_add(count).max(0) } else { count };
    text.get(..byte_of(text, kept)).unwrap_or("")
}

/// The last `count` code points; if negative, all but the first ones.
pub(super) fn right(text: &str, count: i64) -> &str {
    let skipped = if count < 0 { count.saturating_neg() } else { length(text).saturating_sub(count).max(0) };
    text.get(byte_of(text, skipped)..).unwrap_or("")
}

/// The byte at which the code point of that number begins.
fn byte_of(text: &str, number: i64) -> usize {
    text.char_indices().nth(usize::try_from(number).unwrap_or(0)).map_or(text.len(), |(at, _)| at)
}

/// Where `part` begins, in code points from 1; 0 if it is not there.
pub(super) fn position(text: &str, part: &str) -> i64 {
    text.find(part).and_then(|at| text.get(..at)).map_or(0, |before| length(before) + 1)
}

/// The text without white space, or without any of `characters`, at its ends.
pub(super) fn trim<'t>(text: &'t str, characters: Option<&str>, left: bool, right: bool) -> &'t str {
    let cut = |letter: char| characters.map_or(letter.is_whitespace(), |set| set.contains(letter));
    let text = if left { text.trim_start_matches(cut) } else { text };
    if right { text.trim_end_matches(cut) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_in_code_points() {
        let check =
            |from, count, expected: &str| assert_eq!(substr("가나다라", from, count), expected, "{from} {count:?}");
        check(1, None, "가나다라");
        check(2, Some(2), "나다");
        check(0, Some(2), "가");
        check(-5, None, "가나다라");
        check(3, Some(100), "다라");
        check(9, Some(1), "");
        check(2, Some(-1), "");
        check(i64::MAX, Some(i64::MAX), "");
        check(i64::MIN, None, "가나다라");
        assert_eq!((left("가나다", 2), left("가나다", -1), left("가", 9), left("가", -9)), ("가나", "가나", "가", ""));
        assert_eq!(
            (right("가나다", 2), right("가나다", -1), right("가", 9), right("가", i64::MIN)),
            ("나다", "나다", "가", "")
        );
        assert_eq!((position("가나다", "다"), position("가나", "x"), position("가", "")), (3, 0, 1));
        assert_eq!(trim("xxaxx", Some("x"), true, false), "axx");
        assert_eq!(trim("\u{3000}a \n", None, true, true), "a");
    }

    #[test]
    fn a_scan_finds_what_a_search_row_by_row_finds() {
        let texts: Vec<Option<&str>> =
            vec![Some("xab"), Some("ab"), None, Some(""), Some("a"), Some("b"), Some("aab"), Some("abab"), Some("ba")];
        let array = LargeStringArray::from(texts.clone());
        for needle in ["a", "ab", "b", "ba", "abab", "z"] {
            for start in 0..texts.len() {
                let slice = array.slice(start, texts.len() - start);
                let found = scan(&slice, 0, &memchr::memmem::Finder::new(needle));
                let expected =
                    Bits::when(texts.len() - start, |row| texts[start + row].is_some_and(|text| text.contains(needle)));
                assert_eq!(found, expected, "{needle} from {start}");
            }
        }
    }
}
