//! What texts and categories are made of: lengths, words, characters, scripts, and the shapes of values.

use std::collections::HashMap;

use arrow_array::{Array as _, LargeStringArray};
use rayon::prelude::*;
use serde::Serialize;

use crate::clean::text_quality::Script;
use crate::data::Column;
use crate::engine::{Result, Work, quantile};

/// Texts of which words, characters and shapes are counted; more do not change the answer.
const MOST: usize = 100_000;

/// Texts of which it is asked what they would be read as.
const READ: usize = 10_000;

/// Longer texts are no dates.
const LONGEST_DATE: usize = 40;

/// What is named of each.
const NAMED: usize = 10;

/// Characters of a text of which the shape is taken.
const SHAPED: usize = 24;

/// What texts are made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Written {
    /// The texts that were looked at: all, or 100,000 of them in equal steps.
    pub texts: usize,
    /// Those that are empty or nothing but white space.
    pub empty: usize,
    /// The least, mean, median and greatest length in characters.
    pub lengths: [f64; 4],
    /// All characters.
    pub characters: u64,
    /// Different ones.
    pub distinct_characters: usize,
    /// All words: runs of letters and digits.
    pub words: u64,
    /// Different ones, upper and lower case together.
    pub distinct_words: usize,
    /// The most frequent words.
    pub top_words: Vec<(String, usize)>,
    /// The scripts of letters, the most frequent first.
    pub scripts: Vec<(&'static str, usize)>,
    /// The most frequent shapes with the texts that have them: `a` stands for lower and `A` for upper case letters, `가`
    /// for letters without case, `0` for digits, a space for white space, each once for a run; other characters stand
    /// for themselves.
    pub shapes: Vec<(String, usize)>,
    /// The texts of which it was asked whether they are something else: all, or about 10,000 in equal steps.
    pub read: usize,
    /// Those of them that are a number.
    pub numbers: usize,
    /// Those that are a date or a time in one of the usual forms.
    pub dates: usize,
    /// Those that are a list or an object of JSON.
    pub nested: usize,
}

#[derive(Default)]
struct Counts {
    lengths: Vec<u32>,
    empty: usize,
    characters: HashMap<char, u64>,
    words: HashMap<String, usize>,
    shapes: HashMap<String, usize>,
    /// Texts that were read; numbers, dates and nested ones among them.
    kinds: [usize; 4],
}

impl Counts {
    fn add(&mut self, text: &str) {
        self.lengths.push(text.chars().count() as u32);
        let trimmed = text.trim();
        self.empty += usize::from(trimmed.is_empty());
        text.chars().for_each(|c| *self.characters.entry(c).or_default() += 1);
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            *self.words.entry(word.to_lowercase()).or_default() += 1;
        }
        *self.shapes.entry(shape(text)).or_default() += 1;
    }

    fn read(&mut self, text: &str, date: &dyn Fn(&str) -> bool) {
        let text = text.trim();
        let is_short = text.len() <= LONGEST_DATE && text.contains(|c: char| c.is_ascii_digit());
        let is_nested = || text.starts_with(['[', '{']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        self.kinds[0] += 1;
        match () {
            () if text.parse::<f64>().is_ok() => self.kinds[1] += 1,
            () if is_short && date(text) => self.kinds[2] += 1,
            () if is_nested() => self.kinds[3] += 1,
            () => {}
        }
    }

    fn merge(mut self, other: Self) -> Self {
        self.lengths.extend(other.lengths);
        self.empty += other.empty;
        other.characters.into_iter().for_each(|(c, count)| *self.characters.entry(c).or_default() += count);
        other.words.into_iter().for_each(|(word, count)| *self.words.entry(word).or_default() += count);
        other.shapes.into_iter().for_each(|(shape, count)| *self.shapes.entry(shape).or_default() += count);
        self.kinds.iter_mut().zip(other.kinds).for_each(|(count, more)| *count += more);
        self
    }
}

/// Looks at a column of texts; `None` for other columns and without any text.
pub(super) fn written(column: &Column, work: &Work) -> Result<Option<Written>> {
    let Some(texts) = column.strings() else { return Ok(None) };
    let rows = chosen(texts);
    let is_date = crate::clean::expect::usual_dates();
    let step = rows.len().div_ceil(READ).max(1);
    let part = |rows: &[usize]| {
        work.check()?;
        let mut counts = Counts::default();
        rows.iter().for_each(|row| counts.add(texts.value(*row)));
        rows.iter().step_by(step).for_each(|row| counts.read(texts.value(*row), &is_date));
        Ok(counts)
    };
    let parts: Vec<Counts> = rows.par_chunks(4096).map(part).collect::<Result<_>>()?;
    let Some(counts) = parts.into_iter().reduce(Counts::merge) else { return Ok(None) };
    let mut lengths = counts.lengths;
    let total: u64 = lengths.iter().map(|length| u64::from(*length)).sum();
    let ends = (lengths.iter().min().copied(), lengths.iter().max().copied());
    let median = quantile(&mut lengths, 0.5);
    let mut scripts: HashMap<&'static str, usize> = HashMap::new();
    for (c, count) in &counts.characters {
        if let Some(script) = Script::of(*c) {
            *scripts.entry(script.name()).or_default() += *count as usize;
        }
    }
    let of = |end: Option<u32>| f64::from(end.unwrap_or_default());
    Ok(Some(Written {
        texts: rows.len(),
        empty: counts.empty,
        lengths: [of(ends.0), total as f64 / rows.len() as f64, median, of(ends.1)],
        characters: total,
        distinct_characters: counts.characters.len(),
        words: counts.words.values().map(|count| *count as u64).sum(),
        distinct_words: counts.words.len(),
        top_words: most(counts.words),
        scripts: most(scripts),
        shapes: most(counts.shapes),
        read: counts.kinds[0],
        numbers: counts.kinds[1],
        dates: counts.kinds[2],
        nested: counts.kinds[3],
    }))
}

/// The rows that have a text, or [`MOST`] of them in equal steps.
fn chosen(texts: &LargeStringArray) -> Vec<usize> {
    let present: Vec<usize> = (0..texts.len()).filter(|row| texts.is_valid(*row)).collect();
    if present.len() <= MOST {
        return present;
    }
    (0..MOST).filter_map(|at| present.get(at * present.len() / MOST).copied()).collect()
}

/// The most frequent, equally frequent ones by name.
fn most<T: Ord>(counts: HashMap<T, usize>) -> Vec<(T, usize)> {
    let mut all: Vec<(T, usize)> = counts.into_iter().collect();
    all.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all.truncate(NAMED);
    all
}

fn shape(text: &str) -> String {
    let mut shape = String::new();
    let mut last = None;
    for c in text.chars() {
        let class = match c {
            c if c.is_lowercase() => 'a',
            c if c.is_uppercase() => 'A',
            c if c.is_alphabetic() => '가',
            c if c.is_numeric() => '0',
            c if c.is_whitespace() => ' ',
            c => c,
        };
        if last == Some(class) {
            continue;
        }
        last = Some(class);
        if shape.chars().count() == SHAPED {
            shape.push('…');
            break;
        }
        shape.push(class);
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Kind;

    #[test]
    fn shapes_stand_for_runs() {
        let check = |text: &str, expected: &str| assert_eq!(shape(text), expected, "{text}");
        check("2024-01-05", "0-0-0");
        check("010-1234-5678", "0-0-0");
        check("Kim, 서울 12", "Aa, 가 0");
        check("", "");
        check("a.b.c.d.e.f.g.h.i.j.k.l.m.n", "a.a.a.a.a.a.a.a.a.a.a.a.…");
    }

    #[test]
    fn texts_are_counted_apart() {
        let values = [
            Some("Good phone, good"),
            Some("좋은 폰"),
            Some(" "),
            None,
            Some("3.5"),
            Some("2024-01-05"),
            Some("[1, 2]"),
        ];
        let column = Column::text("t", Kind::Text, LargeStringArray::from(values.to_vec()));
        let found = written(&column, &Work::new()).unwrap().unwrap();
        assert_eq!((found.texts, found.empty, found.lengths[0], found.lengths[3]), (6, 1, 1.0, 16.0));
        assert_eq!(found.top_words[0], ("good".to_owned(), 2));
        assert_eq!(found.scripts, [("latin", 13), ("hangul", 3)]);
        assert_eq!((found.numbers, found.dates, found.nested), (1, 1, 1));
        let none = Column::text("t", Kind::Text, LargeStringArray::from(vec![None::<&str>; 3]));
        assert_eq!(written(&none, &Work::new()).unwrap(), None);
    }
}
