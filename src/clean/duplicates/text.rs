//! Duplicate texts: exact ones by content, near ones by the Jaccard similarity of their character n-grams.
//!
//! Character n-grams, because they need no tokens: a Korean comment of one word is compared like any other text.

use std::hash::{BuildHasher, BuildHasherDefault, Hasher};

use arrow_array::{Array as _, LargeStringArray};
use rayon::prelude::*;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};
use xxhash_rust::xxh3::xxh3_128;

use super::groups::{Context, Duplicates, Found, NO_CONTENT, assemble};
use super::join::{Part, Sets};
use crate::engine::{Error, Result, Work};

/// Rows that are read at once.
const CHUNK: usize = 1024;

/// Which differences between texts do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Normalization {
    /// Unicode spellings of the same letters (NFC): composed and decomposed Hangul, accents.
    pub unicode: bool,
    /// White space at both ends, and how much and which white space stands between words.
    pub white_space: bool,
    /// Upper and lower case.
    pub case: bool,
}

impl Default for Normalization {
    /// NFC and white space, which no reader sees. Case stays, because it can carry the label ("US", "us").
    fn default() -> Self {
        Self { unicode: true, white_space: true, case: false }
    }
}

/// How to look for duplicate texts.
#[derive(Debug, Clone, PartialEq)]
pub struct TextOptions {
    /// What does not count when texts are compared exactly.
    pub normalization: Normalization,
    /// The least Jaccard similarity of a near pair, 0.05-1; `None` finds exact duplicates only. Near texts are always
    /// compared without regard to case.
    pub threshold: Option<f64>,
    /// Characters in an n-gram; `None` takes 3, or 5 where half of the texts are longer than 300 characters, as long
    /// texts share too many short n-grams.
    pub characters: Option<usize>,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { normalization: Normalization::default(), threshold: Some(0.8), characters: None }
    }
}

/// Finds duplicate texts. Null and empty texts have nothing to compare and are left out, counted.
///
/// # Errors
/// If the threshold is no share, or the work was cancelled.
pub fn of_texts(
    texts: &LargeStringArray,
    context: Context<'_>,
    options: &TextOptions,
    work: &Work,
) -> Result<Duplicates> {
    let first = first_rows(texts, &options.normalization, work)?;
    let size = |row: u32| texts.value_length(row as usize) as u64;
    let Some(threshold) = options.threshold else {
        return Ok(assemble(&Found { first: &first, near: &[] }, context, |_, _| 0.0, size));
    };
    if !(0.05..=1.0).contains(&threshold) {
        return Err(Error::input(format!("the threshold {threshold} is not a similarity"))
            .help("give a number from 0.05 to 1, usually 0.8"));
    }
    let distinct: Vec<u32> =
        first.iter().enumerate().filter(|&(row, &first)| first as usize == row).map(|(_, &first)| first).collect();
    let characters = options.characters.unwrap_or_else(|| usual_characters(texts, &distinct)).max(1);
    let sets = gram_sets(texts, &distinct, &options.normalization, characters, work)?;
    let (pairs, stopped) = sets.join(threshold, work)?;
    if stopped > 0 {
        work.warn(format!(
            "{stopped} texts have more than 256 near duplicates; only so many of their pairs are listed"
        ));
    }
    let row_of = |at: u32| distinct.get(at as usize).copied().unwrap_or(NO_CONTENT);
    let near: Vec<(u32, u32, f32)> =
        pairs.iter().map(|&(a, b, similarity)| (row_of(a), row_of(b), similarity)).collect();
    let place = |row: u32| distinct.binary_search(&row).map_or(NO_CONTENT, |at| at as u32);
    let similarity = |a: u32, b: u32| sets.similarity(place(a), place(b));
    Ok(assemble(&Found { first: &first, near: &near }, context, similarity, size))
}

/// For each row the first row of the same normalised text.
fn first_rows(texts: &LargeStringArray, normalization: &Normalization, work: &Work) -> Result<Vec<u32>> {
    work.stage("reading texts", texts.len() as u64);
    let hashes: Vec<Vec<Option<u128>>> = (0..texts.len())
        .step_by(CHUNK)
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|start| {
            let mut buffer = String::new();
            let rows = start..(start + CHUNK).min(texts.len());
            let hashes = rows.clone().map(|row| {
                if texts.is_null(row) {
                    return None;
                }
                let text = normalize(texts.value(row), normalization, &mut buffer);
                (!text.trim().is_empty()).then(|| xxh3_128(text.as_bytes()))
            });
            let hashes = hashes.collect();
            work.advance(rows.len() as u64)?;
            Ok(hashes)
        })
        .collect::<Result<_>>()?;
    let mut seen: std::collections::HashMap<u128, u32, BuildHasherDefault<Folded>> =
        std::collections::HashMap::with_capacity_and_hasher(texts.len(), BuildHasherDefault::default());
    let first = hashes.into_iter().flatten().zip(0u32..).map(|(hash, row)| match hash {
        Some(hash) => *seen.entry(hash).or_insert(row),
        None => NO_CONTENT,
    });
    Ok(first.collect())
}

/// Takes the lower half of a number that is a hash already.
#[derive(Default)]
struct Folded(u64);

impl Hasher for Folded {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = BuildHasherDefault::<std::hash::DefaultHasher>::default().hash_one(bytes);
    }
    fn write_u128(&mut self, value: u128) {
        self.0 = value as u64;
    }
}

/// The normalised text: the text itself where nothing changes, else written into `buffer`.
fn normalize<'a>(text: &'a str, steps: &Normalization, buffer: &'a mut String) -> &'a str {
    let text = if steps.white_space { text.trim() } else { text };
    let composed = !steps.unicode || text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes;
    let plain = !steps.white_space || single_spaced(text);
    let lower = !steps.case || !text.bytes().any(|byte| byte.is_ascii_uppercase() || byte >= 0x80);
    if composed && plain && lower {
        return text;
    }
    buffer.clear();
    let mut space = false;
    let mut push = |c: char| {
        if steps.white_space && c.is_whitespace() {
            space = true;
            return;
        }
        if std::mem::take(&mut space) {
            buffer.push(' ');
        }
        if steps.case { buffer.extend(c.to_lowercase()) } else { buffer.push(c) }
    };
    if composed {
        text.chars().for_each(&mut push)
    } else {
        text.nfc().for_each(&mut push)
    }
    buffer
}

fn single_spaced(text: &str) -> bool {
    let mut before = false;
    text.chars().all(|c| {
        let twice = c == ' ' && before;
        before = c == ' ';
        !twice && (c == ' ' || !c.is_whitespace())
    })
}

/// 3, or 5 if half of the texts are longer than 300 characters.
fn usual_characters(texts: &LargeStringArray, rows: &[u32]) -> usize {
    let long = rows.iter().filter(|&&row| texts.value(row as usize).chars().nth(300).is_some()).count();
    if long * 2 > rows.len() { 5 } else { 3 }
}

fn gram_sets(
    texts: &LargeStringArray,
    rows: &[u32],
    normalization: &Normalization,
    characters: usize,
    work: &Work,
) -> Result<Sets> {
    let steps = Normalization { case: true, ..*normalization };
    let parts: Vec<Part> = rows
        .par_chunks(CHUNK)
        .map(|rows| {
            let (mut buffer, mut letters, mut grams) = (String::new(), Vec::new(), Vec::new());
            let mut part = Part::default();
            for &row in rows {
                let text = normalize(texts.value(row as usize), &steps, &mut buffer);
                hash_grams(text, characters, &mut letters, &mut grams);
                part.sizes.push(grams.len() as u32);
                part.hashes.extend_from_slice(&grams);
            }
            work.check()?;
            Ok(part)
        })
        .collect::<Result<_>>()?;
    Ok(Sets::new(&parts))
}

/// Puts the hashes of the character n-grams of a text into `grams`, each once; a shorter text is one n-gram.
fn hash_grams(text: &str, characters: usize, letters: &mut Vec<u32>, grams: &mut Vec<u32>) {
    letters.clear();
    letters.extend(text.chars().map(u32::from));
    let hash = |window: &[u32]| {
        let mixed = window
            .iter()
            .fold(0u64, |hash, &letter| (hash.rotate_left(23) ^ u64::from(letter)).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 32) as u32
    };
    grams.clear();
    match letters.len() {
        0 => {}
        length if length < characters => grams.push(hash(letters)),
        _ => grams.extend(letters.windows(characters).map(hash)),
    }
    grams.sort_unstable();
    grams.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Random;

    fn find(texts: &[Option<&str>], options: &TextOptions) -> Duplicates {
        of_texts(&LargeStringArray::from(texts.to_vec()), Context::default(), options, &Work::new()).unwrap()
    }

    #[test]
    fn normalization_takes_its_steps() {
        let all = Normalization { unicode: true, white_space: true, case: true };
        let none = Normalization { unicode: false, white_space: false, case: false };
        let check = |text: &str, steps: &Normalization, expected: &str| {
            assert_eq!(normalize(text, steps, &mut String::new()), expected, "{text:?}");
        };
        check("  a \t\n b ", &all, "a b");
        check("  a b", &none, "  a b");
        check("Ab É", &all, "ab é");
        check("Ab", &Normalization::default(), "Ab");
        check("\u{1112}\u{1161}\u{11ab} 국", &all, "한 국");
        check("\u{1112}\u{1161}\u{11ab}", &none, "\u{1112}\u{1161}\u{11ab}");
        check("a\u{3000}b", &all, "a b");
        check("", &all, "");
    }

    #[test]
    fn exact_and_near_texts_are_told_apart() {
        let texts = [
            Some("이 영화 정말 재미있어요 추천합니다"),
            Some("이 영화  정말 재미있어요 추천합니다 "),
            Some("이 영화 정말 재미있어요 추천합니다!"),
            Some("완전히 다른 이야기"),
            Some(" "),
            None,
            Some("ㅋㅋ"),
            Some("ㅋㅋ"),
        ];
        let found = find(&texts, &TextOptions::default());
        let rows: Vec<Vec<(u32, bool)>> = found
            .groups
            .iter()
            .map(|group| group.members.iter().map(|member| (member.row, member.exact)).collect())
            .collect();
        assert_eq!(rows, [vec![(0, true), (1, true), (2, false)], vec![(6, true), (7, true)]]);
        assert_eq!(found.groups[0].kept, 1, "the longest");
        assert_eq!(found.left_out, 2);
        let exact = find(&texts, &TextOptions { threshold: None, ..TextOptions::default() });
        assert_eq!((exact.groups.len(), exact.exact_groups, exact.pairs.len()), (2, 2, 2));
        let error = of_texts(
            &LargeStringArray::from(vec!["a"]),
            Context::default(),
            &TextOptions { threshold: Some(80.0), ..TextOptions::default() },
            &Work::new(),
        );
        assert!(error.unwrap_err().advice().is_some());
    }

    #[test]
    fn the_similarity_is_the_jaccard_similarity_of_the_n_grams() {
        let check = |a: &str, b: &str, characters, expected: Option<f32>| {
            let options = TextOptions { threshold: Some(0.05), characters: Some(characters), ..TextOptions::default() };
            let found = find(&[Some(a), Some(b)], &options);
            assert_eq!(found.pairs.first().map(|pair| pair.2), expected, "{a} {b}");
        };
        check("abcd", "abcx", 3, Some(1.0 / 3.0));
        check("ABCD", "abcd", 3, Some(1.0));
        check("abcd", "wxyz", 3, None);
        check("aaaa", "aaab", 2, Some(0.5));
        check("ab", "ab!", 3, None);
        check("가나다라", "가나다마", 2, Some(0.5));
    }

    #[test]
    fn planted_pairs_are_found_whatever_the_number_of_threads() {
        let mut random = Random::new(11);
        let mut word =
            || (0..3).map(|_| char::from_u32(0xAC00 + random.below(2000) as u32).unwrap()).collect::<String>();
        let mut texts: Vec<String> = (0..2000).map(|_| (0..8).map(|_| word()).collect::<Vec<_>>().join(" ")).collect();
        for at in 0..200 {
            let mut copy: Vec<char> = texts[at * 3].chars().collect();
            copy[10] = '!';
            texts.push(copy.into_iter().collect());
        }
        let texts = LargeStringArray::from_iter_values(&texts);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| of_texts(&texts, Context::default(), &TextOptions::default(), &Work::new()).unwrap())
        };
        let found = run(1);
        assert_eq!(found, run(2));
        let planted: Vec<(u32, u32)> = (0..200).map(|at| (at * 3, 2000 + at)).collect();
        assert_eq!(found.pairs.iter().map(|pair| (pair.0, pair.1)).collect::<Vec<_>>(), planted);
    }
}
