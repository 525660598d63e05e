//! Vote patterns: the distinct rows of a vote matrix, each with the number of rows that show it.
//!
//! Real vote matrices have 10 to 160 times fewer patterns than rows, so label models fit on patterns, whose cost does
//! not grow with the rows; the same counts can come from an engine that holds more rows than this machine could.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_128;

use super::{ABSTAIN, Meaning, Votes};
use crate::engine::{Error, Result, Work};

/// Rows (or patterns) handled by one task: small enough to stay in the cache, large enough to be worth a task.
const BLOCK: usize = 8192;

/// Rows are spread over this many tables by their key, so that the tables fit into the cache and fill in parallel.
const TABLES: usize = 64;

/// Distinct vote rows with their counts, in the order of their first occurrence.
#[derive(Debug, Clone)]
pub struct Patterns {
    functions: Vec<String>,
    classes: usize,
    rows: u64,
    cells: Vec<i16>,
    counts: Vec<u64>,
    first_rows: Vec<u32>,
    of_row: Vec<u32>,
    vote_counts: OnceLock<Vec<u64>>,
    /// What the votes from `classes` on mean.
    meanings: Arc<Vec<Meaning>>,
}

impl PartialEq for Patterns {
    fn eq(&self, other: &Self) -> bool {
        (&self.functions, self.classes, &self.cells, &self.counts, &self.of_row, &self.meanings)
            == (&other.functions, other.classes, &other.cells, &other.counts, &other.of_row, &other.meanings)
    }
}

impl Eq for Patterns {}

impl Patterns {
    /// The patterns of a vote matrix. The result does not depend on the number of threads.
    ///
    /// # Errors
    /// If there are more than 2^32 - 1 rows, or the work was cancelled.
    pub fn of(votes: &Votes, work: &Work) -> Result<Self> {
        let Some(coded) = votes.coded() else { return Self::of_plain(votes, work) };
        let patterns = Self::of_plain(&coded, work)?;
        Ok(Self { classes: votes.classes(), meanings: votes.meanings().clone(), ..patterns })
    }

    fn of_plain(votes: &Votes, work: &Work) -> Result<Self> {
        let rows = u32::try_from(votes.rows()).map_err(|_| {
            Error::input(format!("{} rows are too many for one vote matrix", votes.rows()))
                .help("fit on pattern counts of several files instead")
        })?;
        work.stage("grouping votes", 0);
        let keys = keys(votes, work)?;
        let first_of = first_rows(&keys, rows, work)?;
        drop(keys);
        let (mut first_rows, mut counts) = (Vec::new(), Vec::<u64>::new());
        let mut of_row = first_of;
        for row in 0..rows {
            let first = of_row[row as usize];
            let pattern = if first == row {
                first_rows.push(row);
                counts.push(0);
                counts.len() as u32 - 1
            } else {
                of_row[first as usize]
            };
            of_row[row as usize] = pattern;
            counts[pattern as usize] += 1;
        }
        let cells = gather(votes, &first_rows, work)?;
        let (functions, classes) = (votes.names(), votes.classes());
        let (rows, vote_counts, meanings) = (u64::from(rows), OnceLock::new(), Arc::default());
        Ok(Self { functions, classes, rows, cells, counts, first_rows, of_row, vote_counts, meanings })
    }

    /// The patterns of a vote matrix in which row i stands for `weights[i]` rows.
    ///
    /// # Errors
    /// As [`of`](Self::of), or if there is not one weight a row.
    pub fn weighted(votes: &Votes, weights: &[u64], work: &Work) -> Result<Self> {
        if weights.len() != votes.rows() {
            return Err(Error::input(format!("{} weights for {} rows", weights.len(), votes.rows())));
        }
        let mut patterns = Self::of(votes, work)?;
        patterns.counts.fill(0);
        for (&pattern, &weight) in patterns.of_row.iter().zip(weights) {
            let count = &mut patterns.counts[pattern as usize];
            *count = count.saturating_add(weight);
        }
        patterns.rows = patterns.counts.iter().fold(0, |sum, &count| sum.saturating_add(count));
        Ok(patterns)
    }

    /// Patterns whose counts were made elsewhere: `cells` holds one row of `functions.len()` votes a pattern.
    /// There are no rows behind them, so [`of_row`](Self::of_row) is empty.
    ///
    /// # Errors
    /// If the lengths do not fit together, or a vote is outside `-1..classes`.
    pub fn from_counts(functions: Vec<String>, classes: usize, cells: Vec<i16>, counts: Vec<u64>) -> Result<Self> {
        if cells.len() != functions.len() * counts.len() {
            let (cells, wanted) = (cells.len(), functions.len() * counts.len());
            return Err(Error::input(format!("{cells} votes where {wanted} were expected")).at("pattern counts"));
        }
        if let Some(bad) = cells.iter().find(|vote| **vote < ABSTAIN || i64::from(**vote) >= classes as i64) {
            return Err(Error::input(format!("the vote {bad} names no class")).at("pattern counts"));
        }
        let rows = counts.iter().fold(0u64, |sum, &count| sum.saturating_add(count));
        let (first_rows, of_row, vote_counts, meanings) = Default::default();
        Ok(Self { functions, classes, rows, cells, counts, first_rows, of_row, vote_counts, meanings })
    }

    /// The number of patterns.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The number of rows behind the patterns: the sum of the counts.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The functions' names in order.
    pub fn functions(&self) -> &[String] {
        &self.functions
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The different votes that may stand in a pattern, abstaining included: the classes and [`meaning`](Self::meaning)s.
    pub(super) fn slots(&self) -> usize {
        self.classes + self.meanings.len() + 1
    }

    /// The votes that are not one class for certain; the vote `classes + i` means the i-th.
    pub fn meanings(&self) -> &Arc<Vec<Meaning>> {
        &self.meanings
    }

    /// What a vote means that is not one class for certain.
    pub fn meaning(&self, vote: i16) -> Option<&Meaning> {
        self.meanings.get(usize::try_from(vote).ok()?.checked_sub(self.classes)?)
    }

    /// Whether a vote names a class, alone or among others.
    pub fn names(&self, vote: i16, class: usize) -> bool {
        names(&self.meanings, self.classes, vote, class)
    }

    /// How much a vote counts for a class: its confidence in equal parts to the classes it names, and what it is not sure
    /// of in equal parts to all.
    pub(super) fn share(&self, vote: i16, class: usize) -> f64 {
        let Some(meaning) = self.meaning(vote) else {
            return f64::from(u8::from(usize::try_from(vote).is_ok_and(|vote| vote == class)));
        };
        let named = if meaning.names(class) { meaning.confidence() / meaning.classes().len() as f64 } else { 0.0 };
        named + (1.0 - meaning.confidence()) / self.classes.max(1) as f64
    }

    /// Whether two votes can both be right.
    pub(super) fn agree(&self, a: i16, b: i16) -> bool {
        if self.meanings.is_empty() { a == b } else { (0..self.classes).any(|c| self.names(a, c) && self.names(b, c)) }
    }

    /// The same patterns with plain votes only: the class of a vote that names one, abstaining for one that names several.
    /// Some of them may be equal.
    pub(super) fn hardened(&self) -> Self {
        let cells = self.cells.iter().map(|&vote| self.meaning(vote).map_or(vote, Meaning::hard)).collect();
        let (vote_counts, meanings) = (OnceLock::new(), Arc::default());
        Self { cells, vote_counts, meanings, ..self.clone() }
    }

    /// The votes of a pattern, one a function; empty for a pattern that does not exist.
    pub fn votes(&self, pattern: usize) -> &[i16] {
        let width = self.functions.len();
        self.cells.get(pattern * width..(pattern + 1) * width).unwrap_or_default()
    }

    /// How many rows show each pattern.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The first row that shows each pattern, ascending; empty if the counts were made elsewhere.
    pub fn first_rows(&self) -> &[u32] {
        &self.first_rows
    }

    /// The pattern of each row; empty if the counts were made elsewhere.
    pub fn of_row(&self) -> &[u32] {
        &self.of_row
    }

    /// How many rows show each vote of each function: functions x slots, abstains first. Counted once and kept.
    pub(super) fn vote_counts(&self, work: &Work) -> Result<&[u64]> {
        work.check()?;
        if let Some(counts) = self.vote_counts.get() {
            return Ok(counts);
        }
        let slots = self.slots();
        let none = || vec![0u64; self.functions.len() * slots];
        let add_block = |mut sums: Vec<u64>, block: usize| -> Result<Vec<u64>> {
            work.check()?;
            for pattern in block * BLOCK..self.len().min((block + 1) * BLOCK) {
                let count = self.counts[pattern];
                for (sums, &vote) in sums.chunks_exact_mut(slots).zip(self.votes(pattern)) {
                    sums[(vote + 1) as usize] += count;
                }
            }
            Ok(sums)
        };
        let blocks = (0..self.len().div_ceil(BLOCK)).into_par_iter();
        let counts = blocks.try_fold(none, add_block).try_reduce(none, |mut left, right| {
            left.iter_mut().zip(&right).for_each(|(left, right)| *left += right);
            Ok(left)
        })?;
        Ok(self.vote_counts.get_or_init(|| counts))
    }

    /// Whether no class is named by all votes of the pattern.
    pub fn conflicts(&self, pattern: usize) -> bool {
        if self.meanings.is_empty() {
            return self.is_covered(pattern) && self.unanimous(pattern).is_none();
        }
        common(&self.meanings, self.classes, self.votes(pattern)).0
    }

    /// Whether any function votes in the pattern.
    pub fn is_covered(&self, pattern: usize) -> bool {
        self.votes(pattern).iter().any(|&vote| vote != ABSTAIN)
    }

    /// The one class that all votes of the pattern name; `None` if they leave several, or none, or nobody votes.
    pub fn unanimous(&self, pattern: usize) -> Option<u16> {
        if !self.meanings.is_empty() {
            return common(&self.meanings, self.classes, self.votes(pattern)).1;
        }
        let mut votes = self.votes(pattern).iter().copied().filter(|&vote| vote != ABSTAIN);
        let first = votes.next()?;
        votes.all(|vote| vote == first).then_some(first as u16)
    }
}

/// Whether a vote names a class, where the votes from `classes` on have these meanings.
pub(super) fn names(meanings: &[Meaning], classes: usize, vote: i16, class: usize) -> bool {
    let Ok(vote) = usize::try_from(vote) else { return false };
    match vote.checked_sub(classes) {
        None => vote == class,
        Some(at) => meanings.get(at).is_some_and(|meaning| meaning.names(class)),
    }
}

/// Whether votes conflict, which they do if there are some and no class is named by all of them; and the class that all
/// of them name, if it is one only.
pub(super) fn common(meanings: &[Meaning], classes: usize, votes: &[i16]) -> (bool, Option<u16>) {
    let cast = || votes.iter().copied().filter(|vote| *vote != ABSTAIN);
    if cast().next().is_none() {
        return (false, None);
    }
    let mut left = (0..classes).filter(|&class| cast().all(|vote| names(meanings, classes, vote, class)));
    match (left.next(), left.next()) {
        (None, _) => (true, None),
        (Some(class), None) => (false, u16::try_from(class).ok()),
        _ => (false, None),
    }
}

/// The keys of one block of rows, and the rows of each table.
struct BlockKeys {
    keys: Vec<u128>,
    tables: Vec<Vec<u32>>,
}

/// A key for each row: equal rows have equal keys. Where the votes of a row fit into 128 bits, the key *is* the row;
/// a longer row is hashed to 128 bits by XXH3, where two of 2^32 different rows collide with a chance below 2^-64.
fn keys(votes: &Votes, work: &Work) -> Result<Vec<BlockKeys>> {
    let rows = votes.rows();
    let bits = (usize::BITS - votes.classes().leading_zeros()).max(1) as usize;
    let per_word = 64 / bits;
    let words = votes.columns().len().div_ceil(per_word);
    let of_block = |block: usize| -> Result<BlockKeys> {
        work.check()?;
        let from = block * BLOCK;
        let length = BLOCK.min(rows - from);
        let mut packed = vec![0u64; words * length];
        for (index, column) in votes.columns().iter().enumerate() {
            let shift = (index % per_word) * bits;
            let word = index / per_word;
            for (out, &vote) in packed[word * length..][..length].iter_mut().zip(&column.votes[from..from + length]) {
                *out |= ((vote + 1) as u64) << shift;
            }
        }
        let keys: Vec<u128> = match words {
            0 => vec![0; length],
            1 => packed.iter().map(|&word| u128::from(word)).collect(),
            2 => {
                let (low, high) = packed.split_at(length);
                low.iter().zip(high).map(|(&low, &high)| u128::from(low) | u128::from(high) << 64).collect()
            }
            _ => {
                let mut bytes = vec![0u8; words * 8];
                let mut hash = |row: usize| {
                    for (word, out) in bytes.chunks_exact_mut(8).enumerate() {
                        out.copy_from_slice(&packed[word * length + row].to_le_bytes());
                    }
                    xxh3_128(&bytes)
                };
                (0..length).map(&mut hash).collect()
            }
        };
        let mut tables = vec![Vec::new(); TABLES];
        for (row, &key) in keys.iter().enumerate() {
            // Bits from the middle: the table itself takes the lowest for the place and the highest for the tag.
            tables[(mix(key) >> 32) as usize % TABLES].push((from + row) as u32);
        }
        Ok(BlockKeys { keys, tables })
    };
    (0..rows.div_ceil(BLOCK)).into_par_iter().map(of_block).collect()
}

/// The first row that equals each row.
fn first_rows(blocks: &[BlockKeys], rows: u32, work: &Work) -> Result<Vec<u32>> {
    let of_table = |table: usize| -> Result<Vec<u32>> {
        let mut firsts: HashMap<u128, u32, BuildHasherDefault<KeyHasher>> = HashMap::default();
        let mut out = Vec::with_capacity(blocks.iter().map(|block| block.tables[table].len()).sum());
        for (index, block) in blocks.iter().enumerate() {
            work.check()?;
            for &row in &block.tables[table] {
                out.push(*firsts.entry(block.keys[row as usize - index * BLOCK]).or_insert(row));
            }
        }
        Ok(out)
    };
    let of_tables: Vec<Vec<u32>> = (0..TABLES).into_par_iter().map(of_table).collect::<Result<_>>()?;
    let mut first_of = vec![0u32; rows as usize];
    for (table, firsts) in of_tables.into_iter().enumerate() {
        let rows = blocks.iter().flat_map(|block| &block.tables[table]);
        for (&row, first) in rows.zip(firsts) {
            first_of[row as usize] = first;
        }
    }
    Ok(first_of)
}

/// The votes of chosen rows, row by row.
fn gather(votes: &Votes, rows: &[u32], work: &Work) -> Result<Vec<i16>> {
    let width = votes.columns().len();
    if width == 0 {
        return Ok(Vec::new());
    }
    const LINES: usize = 512;
    let mut cells = vec![ABSTAIN; rows.len() * width];
    let fill = |(out, rows): (&mut [i16], &[u32])| -> Result<()> {
        work.check()?;
        for (index, column) in votes.columns().iter().enumerate() {
            for (line, &row) in out.chunks_exact_mut(width).zip(rows) {
                line[index] = column.votes[row as usize];
            }
        }
        Ok(())
    };
    cells.par_chunks_mut(LINES * width).zip(rows.par_chunks(LINES)).try_for_each(fill)?;
    Ok(cells)
}

/// Spreads a key over 64 bits (the finaliser of MurmurHash3 over both halves).
fn mix(key: u128) -> u64 {
    let mut hash = (key as u64) ^ ((key >> 64) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    hash ^ (hash >> 33)
}

/// Hashes keys by [`mix`]: they need no protection from an adversary, only speed.
#[derive(Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = mix(u128::from(self.0) << 8 | u128::from(byte));
        }
    }

    fn write_u128(&mut self, key: u128) {
        self.0 = mix(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Random;
    use crate::weak::VoteColumn;

    fn random_votes(rows: usize, functions: usize, classes: usize, seed: u64) -> Votes {
        let mut random = Random::new(seed);
        let columns = (0..functions)
            .map(|index| VoteColumn {
                name: format!("lf{index}"),
                votes: std::sync::Arc::new((0..rows).map(|_| random.below(classes + 1) as i16 - 1).collect()),
            })
            .collect();
        Votes::new(rows, classes, columns).unwrap()
    }

    #[test]
    fn patterns_stand_in_the_order_of_their_first_row() {
        let column = |name: &str, votes: &[i16]| VoteColumn { name: name.into(), votes: votes.to_vec().into() };
        let votes = Votes::new(5, 2, vec![column("a", &[1, -1, 1, 0, -1]), column("b", &[0, -1, 0, 0, -1])]).unwrap();
        let patterns = Patterns::of(&votes, &Work::new()).unwrap();
        assert_eq!(patterns.of_row(), [0, 1, 0, 2, 1]);
        assert_eq!(patterns.counts(), [2, 2, 1]);
        assert_eq!(patterns.first_rows(), [0, 1, 3]);
        assert_eq!((patterns.votes(0), patterns.votes(1), patterns.votes(9)), (&[1, 0][..], &[-1, -1][..], &[][..]));
        assert_eq!((patterns.unanimous(0), patterns.unanimous(1), patterns.unanimous(2)), (None, None, Some(0)));
        assert_eq!((patterns.is_covered(0), patterns.is_covered(1)), (true, false));
    }

    #[test]
    fn every_row_shows_its_pattern_for_narrow_middle_and_wide_rows() {
        // One word, two words, and hashed rows; more rows than one block holds.
        for (rows, functions, classes) in [(20_000, 4, 2), (20_000, 40, 3), (9_000, 70, 3), (300, 3, 300), (10, 0, 2)] {
            let votes = random_votes(rows, functions, classes, 5);
            let patterns = Patterns::of(&votes, &Work::new()).unwrap();
            assert_eq!(patterns.rows(), rows as u64);
            assert_eq!(patterns.counts().iter().sum::<u64>(), rows as u64);
            let mut seen = std::collections::HashSet::new();
            for pattern in 0..patterns.len() {
                assert!(seen.insert(patterns.votes(pattern).to_vec()), "a pattern stands twice");
            }
            for (row, &pattern) in patterns.of_row().iter().enumerate() {
                let expected: Vec<i16> = votes.columns().iter().map(|column| column.votes[row]).collect();
                assert_eq!(patterns.votes(pattern as usize), expected);
                assert!(patterns.first_rows()[pattern as usize] as usize <= row);
            }
        }
    }

    #[test]
    fn one_thread_and_two_give_the_same() {
        let votes = random_votes(50_000, 6, 2, 9);
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| Patterns::of(&votes, &Work::new()).unwrap())
        };
        assert_eq!(with(1), with(2));
    }

    #[test]
    fn counts_made_elsewhere_are_checked() {
        let names = || vec!["a".to_owned(), "b".to_owned()];
        let patterns = Patterns::from_counts(names(), 2, vec![0, -1, 1, 1], vec![7, 10_000_000_000]).unwrap();
        assert_eq!((patterns.rows(), patterns.len(), patterns.of_row().len()), (10_000_000_007, 2, 0));
        assert!(Patterns::from_counts(names(), 2, vec![0, -1, 1], vec![7, 1]).is_err());
        assert!(Patterns::from_counts(names(), 2, vec![0, 2], vec![7]).is_err());
    }

    #[test]
    fn a_cancelled_grouping_stops() {
        let work = Work::new();
        work.cancel();
        assert!(Patterns::of(&random_votes(10, 2, 2, 1), &work).unwrap_err().is_cancelled());
    }
}
