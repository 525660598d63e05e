//! Text as sparse rows: hashed word and character n-grams with TF-IDF weights.
//!
//! Words alone serve Korean badly, where one stem takes many endings; character n-grams inside the words see the stem
//! without a morphological analyser. Both are hashed (Weinberger et al. 2009, "Feature Hashing for Large Scale
//! Multitask Learning"), so no dictionary is kept.

use std::collections::HashMap;

use arrow_array::{Array as _, LargeStringArray};
use rayon::prelude::*;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::Csr;
use crate::engine::{Result, Work};

/// Rows that are hashed at once: a few milliseconds of work.
const CHUNK: usize = 1024;

/// A bucket that has no column, because too few rows have it.
const NO_COLUMN: u32 = u32::MAX;

/// What is taken from a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextOptions {
    /// Take word n-grams of 1 up to this many words (0: none, at most 2). A word is a run of letters and digits.
    pub words: usize,
    /// The shortest character n-gram.
    pub least_characters: usize,
    /// The longest character n-gram (0: none). They stay inside what stands between white space.
    pub most_characters: usize,
    /// Add one space on each side of what stands between white space, as scikit-learn's `char_wb`, so that character
    /// n-grams at an edge differ from those inside.
    pub edges: bool,
    /// Binary logarithm of the number of hash buckets, 10-24.
    pub bits: u32,
    /// Drop what fewer rows have: an n-gram of one row cannot help to predict another.
    pub least_rows: u32,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { words: 2, least_characters: 2, most_characters: 4, edges: true, bits: 20, least_rows: 2 }
    }
}

/// A fitted TF-IDF weighting: sublinear term frequency `1 + ln tf` times `ln((1 + n) / (1 + df)) + 1`, rows scaled to
/// unit length (the smooth, sublinear variant of scikit-learn).
///
/// Columns stand in the order of falling document frequency, which keeps the weights that are read most close together.
#[derive(Debug, Clone)]
pub struct Tfidf {
    options: TextOptions,
    columns: Vec<u32>,
    idf: Vec<f32>,
}

/// The n-grams of some rows as buckets with their counts.
struct Hashed {
    lengths: Vec<u32>,
    buckets: Vec<u32>,
    counts: Vec<u16>,
}

impl Tfidf {
    /// Counts in how many rows each n-gram stands.
    ///
    /// `texts` should be folded (see [`Column::folded`](crate::data::Column::folded)); null rows have no n-grams.
    /// It is fair to fit on rows that are to be predicted as well, as it sees no labels.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn fit(texts: &LargeStringArray, options: &TextOptions, work: &Work) -> Result<Self> {
        Ok(Self::from_hashed(&hash_all(texts, options, work)?, options, texts.len()))
    }

    /// The rows of `texts` as unit-length TF-IDF rows; a row without a known n-gram is empty.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn transform(&self, texts: &LargeStringArray, work: &Work) -> Result<Csr> {
        self.weigh(&hash_all(texts, &self.options, work)?)
    }

    /// [`fit`](Self::fit) and [`transform`](Self::transform) in one go, which reads the texts once.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn fit_transform(texts: &LargeStringArray, options: &TextOptions, work: &Work) -> Result<(Self, Csr)> {
        let hashed = hash_all(texts, options, work)?;
        let fitted = Self::from_hashed(&hashed, options, texts.len());
        let matrix = fitted.weigh(&hashed)?;
        Ok((fitted, matrix))
    }

    /// The number of columns of the matrices that [`transform`](Self::transform) makes.
    pub fn columns(&self) -> usize {
        self.idf.len()
    }

    /// For each of `columns` the n-gram that stands in it most often in `texts` (hashing may put several into one),
    /// to show what a weight belongs to. Spaces at the edges mark where a word begins or ends.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn names(&self, texts: &LargeStringArray, columns: &[u32], work: &Work) -> Result<Vec<Option<String>>> {
        let place: HashMap<u32, usize> = columns.iter().enumerate().map(|(at, &column)| (column, at)).collect();
        let mask = bucket_mask(&self.options);
        work.stage("naming features", texts.len() as u64);
        let counts = chunks(texts.len())
            .into_par_iter()
            .map(|rows| {
                let mut scratch = Scratch::default();
                let mut counts: Vec<HashMap<String, u64>> = vec![HashMap::new(); columns.len()];
                for row in rows.clone().filter(|&row| texts.is_valid(row)) {
                    visit_grams(texts.value(row), &self.options, &mut scratch, |hash, gram| {
                        let bucket = (hash & mask) as usize;
                        let column = self.columns.get(bucket).copied().unwrap_or(NO_COLUMN);
                        if let Some(counts) = place.get(&column).and_then(|&at| counts.get_mut(at)) {
                            *counts.entry(gram.show()).or_default() += 1;
                        }
                    });
                }
                work.advance(rows.len() as u64)?;
                Ok::<_, crate::engine::Error>(counts)
            })
            .try_reduce(
                || vec![HashMap::new(); columns.len()],
                |mut all, more| {
                    for (all, more) in all.iter_mut().zip(more) {
                        more.into_iter().for_each(|(name, count)| *all.entry(name).or_default() += count);
                    }
                    Ok(all)
                },
            )?;
        let most = |counts: HashMap<String, u64>| {
            counts.into_iter().max_by(|(a, m), (b, n)| m.cmp(n).then(b.cmp(a))).map(|(name, _)| name)
        };
        Ok(counts.into_iter().map(most).collect())
    }

    fn from_hashed(hashed: &[Hashed], options: &TextOptions, rows: usize) -> Self {
        let buckets = bucket_mask(options) as usize + 1;
        let mut frequency = vec![0u32; buckets];
        for &bucket in hashed.iter().flat_map(|chunk| &chunk.buckets) {
            frequency[bucket as usize] += 1;
        }
        let least = options.least_rows.max(1);
        let mut kept: Vec<u32> = (0..buckets as u32).filter(|&bucket| frequency[bucket as usize] >= least).collect();
        kept.sort_unstable_by_key(|&bucket| (std::cmp::Reverse(frequency[bucket as usize]), bucket));
        let mut columns = vec![NO_COLUMN; buckets];
        let mut idf = Vec::with_capacity(kept.len());
        for (column, &bucket) in kept.iter().enumerate() {
            columns[bucket as usize] = column as u32;
            let df = f64::from(frequency[bucket as usize]);
            idf.push((((1.0 + rows as f64) / (1.0 + df)).ln() + 1.0) as f32);
        }
        Self { options: options.clone(), columns, idf }
    }

    fn weigh(&self, hashed: &[Hashed]) -> Result<Csr> {
        let known = |bucket: &u32| self.columns.get(*bucket as usize).is_some_and(|&column| column != NO_COLUMN);
        let sizes: Vec<usize> =
            hashed.par_iter().map(|chunk| chunk.buckets.iter().filter(|bucket| known(bucket)).count()).collect();
        let entries = sizes.iter().sum();
        let (mut indices, mut values) = (vec![0u32; entries], vec![0.0f32; entries]);
        let (mut rest_indices, mut rest_values) = (indices.as_mut_slice(), values.as_mut_slice());
        let mut places = Vec::with_capacity(hashed.len());
        for (chunk, &size) in hashed.iter().zip(&sizes) {
            let (some_indices, more_indices) = std::mem::take(&mut rest_indices).split_at_mut(size);
            let (some_values, more_values) = std::mem::take(&mut rest_values).split_at_mut(size);
            (rest_indices, rest_values) = (more_indices, more_values);
            places.push((chunk, some_indices, some_values));
        }
        let lengths: Vec<Vec<u32>> =
            places.into_par_iter().map(|(chunk, indices, values)| self.weigh_chunk(chunk, indices, values)).collect();
        let mut end = 0;
        let ends = lengths.iter().flatten().map(|&length| {
            end += length as usize;
            end
        });
        let offsets = std::iter::once(0).chain(ends).collect();
        Csr::new(self.idf.len(), offsets, indices, values)
    }

    /// Writes the rows of a chunk one after the other, and returns their lengths.
    fn weigh_chunk(&self, chunk: &Hashed, mut indices: &mut [u32], mut values: &mut [f32]) -> Vec<u32> {
        let mut lengths = Vec::with_capacity(chunk.lengths.len());
        let mut entries = chunk.buckets.iter().zip(&chunk.counts);
        for &length in &chunk.lengths {
            let (mut kept, mut squares) = (0, 0.0f32);
            let mut places = indices.iter_mut().zip(values.iter_mut());
            for (&bucket, &count) in entries.by_ref().take(length as usize) {
                let column = self.columns.get(bucket as usize).copied().unwrap_or(NO_COLUMN);
                let Some(idf) = self.idf.get(column as usize) else { continue };
                let Some((index, value)) = places.next() else { break };
                let tf = if count == 1 { 1.0 } else { 1.0 + f32::from(count).ln() };
                (*index, *value) = (column, tf * idf);
                squares += *value * *value;
                kept += 1;
            }
            let scale = 1.0 / squares.sqrt().max(f32::MIN_POSITIVE);
            let (row, more) = values.split_at_mut(kept);
            row.iter_mut().for_each(|value| *value *= scale);
            (values, indices) = (more, indices.split_at_mut(kept).1);
            lengths.push(kept as u32);
        }
        lengths
    }
}

fn bucket_mask(options: &TextOptions) -> u64 {
    (1u64 << options.bits.clamp(10, 24)) - 1
}

fn chunks(rows: usize) -> Vec<std::ops::Range<usize>> {
    (0..rows).step_by(CHUNK).map(|start| start..(start + CHUNK).min(rows)).collect()
}

fn hash_all(texts: &LargeStringArray, options: &TextOptions, work: &Work) -> Result<Vec<Hashed>> {
    work.stage("reading texts", texts.len() as u64);
    let mask = bucket_mask(options);
    chunks(texts.len())
        .into_par_iter()
        .map(|rows| {
            let mut scratch = Scratch::default();
            let mut hashed = Hashed { lengths: Vec::with_capacity(rows.len()), buckets: vec![], counts: vec![] };
            let mut found: Vec<u32> = Vec::new();
            for row in rows.clone() {
                found.clear();
                if texts.is_valid(row) {
                    visit_grams(texts.value(row), options, &mut scratch, |hash, _| found.push((hash & mask) as u32));
                }
                found.sort_unstable();
                let start = hashed.buckets.len();
                for run in found.chunk_by(|a, b| a == b) {
                    hashed.buckets.push(run[0]);
                    hashed.counts.push(run.len().min(usize::from(u16::MAX)) as u16);
                }
                hashed.lengths.push((hashed.buckets.len() - start) as u32);
            }
            work.advance(rows.len() as u64)?;
            Ok(hashed)
        })
        .collect()
}

/// Memory that is used again for every row.
#[derive(Default)]
pub(super) struct Scratch {
    /// The token, with a space on each side if its edges count.
    padded: String,
    /// Where the characters of `padded` begin, and its end.
    starts: Vec<usize>,
}

/// An n-gram as it stands in the text.
#[derive(Clone, Copy)]
pub(super) enum Gram<'a> {
    Word(&'a str),
    Pair(&'a str, &'a str),
    Characters(&'a str),
}

impl Gram<'_> {
    pub(super) fn show(self) -> String {
        match self {
            Gram::Word(word) => word.to_owned(),
            Gram::Pair(first, second) => format!("{first} {second}"),
            Gram::Characters(text) => text.to_owned(),
        }
    }
}

/// Calls `each` with hash and text of every n-gram. Words and characters are hashed apart, so that the word "in" and
/// the characters "in" are two features.
pub(super) fn visit_grams(
    text: &str,
    options: &TextOptions,
    scratch: &mut Scratch,
    mut each: impl FnMut(u64, Gram<'_>),
) {
    let mut before: Option<(u64, &str)> = None;
    for token in text.split_whitespace() {
        if options.words > 0 {
            for word in token.split(|c: char| !is_letter_or_digit(c) && c != '_').filter(|word| !word.is_empty()) {
                let hash = xxh3_64(word.as_bytes());
                each(hash, Gram::Word(word));
                if options.words > 1
                    && let Some((first, first_word)) = before
                {
                    each(pair_hash(first, hash), Gram::Pair(first_word, word));
                }
                before = Some((hash, word));
            }
        }
        if options.most_characters > 0 {
            visit_characters(token, options, scratch, &mut each);
        }
    }
}

/// [`char::is_alphanumeric`], which is slow to find that out of Hangul and ideographs.
#[inline]
pub(super) fn is_letter_or_digit(letter: char) -> bool {
    match letter {
        '\0'..='\u{7F}' => letter.is_ascii_alphanumeric(),
        '\u{AC00}'..='\u{D7A3}' | '\u{3131}'..='\u{318E}' | '\u{4E00}'..='\u{9FEF}' => true,
        _ => letter.is_alphanumeric(),
    }
}

fn pair_hash(first: u64, second: u64) -> u64 {
    let mixed = (first.rotate_left(31) ^ second).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 32)
}

fn visit_characters(token: &str, options: &TextOptions, scratch: &mut Scratch, each: &mut impl FnMut(u64, Gram<'_>)) {
    const SEED: u64 = 2;
    scratch.padded.clear();
    let edge = if options.edges { " " } else { "" };
    scratch.padded.push_str(edge);
    scratch.padded.push_str(token);
    scratch.padded.push_str(edge);
    scratch.starts.clear();
    scratch.starts.extend(scratch.padded.char_indices().map(|(start, _)| start));
    scratch.starts.push(scratch.padded.len());
    for size in options.least_characters.max(1)..=options.most_characters {
        let Some(ends) = scratch.starts.get(size..) else { return };
        for (&start, &end) in scratch.starts.iter().zip(ends) {
            let Some(gram) = scratch.padded.get(start..end) else { continue };
            each(xxh3_64_with_seed(gram.as_bytes(), SEED), Gram::Characters(gram));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grams(text: &str, options: &TextOptions) -> Vec<String> {
        let mut found = Vec::new();
        visit_grams(text, options, &mut Scratch::default(), |_, gram| found.push(gram.show()));
        found
    }

    #[test]
    fn n_grams_stay_inside_words() {
        let words = TextOptions { most_characters: 0, ..TextOptions::default() };
        let characters = TextOptions { words: 0, most_characters: 3, ..TextOptions::default() };
        let check = |text, options: &TextOptions, expected: &[&str]| assert_eq!(grams(text, options), expected);
        check("참 좋은 영화!", &words, &["참", "좋은", "참 좋은", "영화", "좋은 영화"]);
        check("don't", &words, &["don", "t", "don t"]);
        check("!!", &words, &[]);
        check("a b", &characters, &[" a", "a ", " a ", " b", "b ", " b "]);
        check("좋은", &characters, &[" 좋", "좋은", "은 ", " 좋은", "좋은 "]);
        check("", &characters, &[]);
    }

    #[test]
    fn letters_and_digits_are_those_of_unicode() {
        assert!(('\0'..=char::MAX).all(|letter| is_letter_or_digit(letter) == letter.is_alphanumeric()));
    }

    fn column(rows: &[Option<&str>]) -> LargeStringArray {
        LargeStringArray::from(rows.to_vec())
    }

    #[test]
    fn rows_have_unit_length_and_the_weights_of_the_formula() {
        let options = TextOptions { words: 1, most_characters: 0, ..TextOptions::default() };
        let texts = column(&[Some("a a b"), Some("a b"), Some("a z"), None]);
        let (fitted, matrix) = Tfidf::fit_transform(&texts, &options, &Work::new()).unwrap();
        assert_eq!((fitted.columns(), matrix.rows()), (2, 4), "z stands in one row and is dropped");
        let (a, b) = ((5.0f64 / 4.0).ln() + 1.0, (5.0f64 / 3.0).ln() + 1.0);
        let tf = 1.0 + 2.0f64.ln();
        let norm = ((tf * a).powi(2) + b * b).sqrt();
        let (indices, values) = matrix.row(0);
        let of = |column| f64::from(values[indices.iter().position(|&index| index == column).unwrap()]);
        assert!((of(0) - tf * a / norm).abs() < 1e-6 && (of(1) - b / norm).abs() < 1e-6);
        assert!(matrix.row(3).0.is_empty());
        assert_eq!(fitted.transform(&texts, &Work::new()).unwrap(), matrix);
        let names = fitted.names(&texts, &[0, 1, 9], &Work::new()).unwrap();
        assert_eq!(names, [Some("a".to_owned()), Some("b".to_owned()), None]);
    }

    #[test]
    fn the_number_of_threads_does_not_matter() {
        let rows: Vec<String> = (0..5000).map(|n| format!("word{} other{} 한국어{}", n % 97, n % 13, n % 7)).collect();
        let texts = LargeStringArray::from_iter_values(&rows);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| Tfidf::fit_transform(&texts, &TextOptions::default(), &Work::new()).unwrap().1)
        };
        assert_eq!(run(1), run(2));
    }

    #[test]
    fn cancelled_work_stops() {
        let work = Work::new();
        work.cancel();
        assert!(Tfidf::fit(&column(&[Some("a")]), &TextOptions::default(), &work).unwrap_err().is_cancelled());
    }
}
