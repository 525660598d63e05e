//! How often each term occurs in each class: in two readings, so that memory does not grow with rare terms.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use arrow_array::{Array as _, LargeStringArray};
use arrow_buffer::BooleanBuffer;
use rayon::prelude::*;

use super::super::features::{Gram, Scratch, TextOptions, is_letter_or_digit, visit_grams};
use super::{Characters, Options, Sort};
use crate::engine::{Result, Work};

/// Texts that are read between two looks at the clock.
const CHUNK: usize = 1024;

/// Texts that are counted into one table before it is merged.
const PART: usize = 4096;

/// Parts that are counted side by side before they are merged, which bounds the memory that they take.
const WAVE: usize = 16;

/// Tables of the first reading. Their number is fixed, so that it does not depend on the threads.
const TABLES: usize = 4;

/// About the most terms that are counted one by one; of more, the rarest are dropped.
const MOST_TERMS: usize = 1 << 19;

/// The place of texts without a class.
pub(super) const NO_CLASS: u16 = u16::MAX;

/// The texts with all that is needed to read them.
pub(super) struct Reader<'a> {
    pub(super) texts: &'a LargeStringArray,
    pub(super) labels: &'a [i16],
    pub(super) classes: usize,
    pub(super) mask: Option<&'a BooleanBuffer>,
    pub(super) options: &'a Options,
}

impl Reader<'_> {
    /// The rows of a range that count.
    fn rows(&self, range: Range<usize>) -> impl Iterator<Item = usize> {
        range
            .filter(|&row| self.texts.is_valid(row) && self.mask.is_none_or(|mask| row < mask.len() && mask.value(row)))
    }

    fn class(&self, row: usize) -> u16 {
        let class = self.labels.get(row).and_then(|label| u16::try_from(*label).ok());
        class.filter(|class| usize::from(*class) < self.classes).unwrap_or(NO_CLASS)
    }

    /// Calls `each` with key, sort and n-gram of every term of a text. Keys of different sorts differ.
    pub(super) fn visit(&self, row: usize, scratch: &mut Scratch, mut each: impl FnMut(u64, Sort, Gram<'_>)) {
        let text = self.texts.value(row);
        let wanted = match self.options.characters {
            Characters::None => false,
            // The first byte of every Hangul syllable.
            Characters::Hangul => text.bytes().any(|byte| (0xEA..=0xED).contains(&byte)),
            Characters::All => true,
        };
        let options = TextOptions {
            words: self.options.words.min(2),
            least_characters: 2,
            most_characters: if wanted { 3 } else { 0 },
            edges: false,
            ..TextOptions::default()
        };
        visit_grams(text, &options, scratch, |hash, gram| {
            let sort = match gram {
                Gram::Word(_) => Sort::Word,
                Gram::Pair(..) => Sort::Pair,
                Gram::Characters(piece) if self.takes(piece) => Sort::Characters,
                Gram::Characters(_) => return,
            };
            each((hash & !3) | sort as u64, sort, gram);
        });
    }

    /// True for a piece of letters and digits: what stands between spaces has other signs too.
    fn takes(&self, piece: &str) -> bool {
        let hangul = |letter: char| ('\u{AC00}'..='\u{D7A3}').contains(&letter);
        piece.chars().all(is_letter_or_digit)
            && (self.options.characters == Characters::All || piece.chars().any(hangul))
    }
}

/// What the first reading finds: how much each class has of each sort, and which terms are frequent enough.
pub(super) struct Sizes {
    /// Texts and terms of each sort by class; the last is for texts without a class.
    pub(super) totals: Vec<Total>,
    /// Occurrences by the lowest bits of the key: at least as many as of any term in it.
    buckets: Vec<u16>,
    pub(super) least: u32,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Total {
    pub(super) texts: u64,
    terms: [u64; 3],
}

impl Sizes {
    pub(super) fn of(reader: &Reader<'_>, work: &Work) -> Result<Self> {
        let rows = reader.texts.len();
        let bits = rows.saturating_mul(64).next_power_of_two().trailing_zeros().clamp(14, 22);
        let size = rows.div_ceil(TABLES).max(CHUNK);
        let read = |table: usize| {
            let (mut buckets, mut totals) = (vec![0u16; 1 << bits], vec![Total::default(); reader.classes + 1]);
            let (mut scratch, mut keys) = (Scratch::default(), Vec::new());
            let end = ((table + 1) * size).min(rows);
            for start in ((table * size).min(end)..end).step_by(CHUNK) {
                let range = start..(start + CHUNK).min(end);
                let length = range.len() as u64;
                for row in reader.rows(range) {
                    let class = usize::from(reader.class(row)).min(reader.classes);
                    let Some(total) = totals.get_mut(class) else { continue };
                    total.texts += 1;
                    keys.clear();
                    reader.visit(row, &mut scratch, |key, sort, _| {
                        total.terms[sort as usize] += 1;
                        keys.push(key);
                    });
                    // In a loop of their own, the many places far apart in memory are waited for together.
                    for key in &keys {
                        if let Some(count) = buckets.get_mut(bucket(*key, bits)) {
                            *count = count.saturating_add(1);
                        }
                    }
                }
                work.advance(length)?;
            }
            Ok((buckets, totals))
        };
        let tables = (0..TABLES.min(rows.div_ceil(size).max(1))).into_par_iter().map(read);
        let mut tables = tables.collect::<Result<Vec<_>>>()?.into_iter();
        let (mut buckets, mut totals) = tables.next().unwrap_or_default();
        for (more_buckets, more_totals) in tables {
            buckets.iter_mut().zip(more_buckets).for_each(|(count, more)| *count = count.saturating_add(more));
            for (total, more) in totals.iter_mut().zip(more_totals) {
                total.texts += more.texts;
                total.terms.iter_mut().zip(more.terms).for_each(|(count, more)| *count += more);
            }
        }
        let least = affordable(&buckets, reader.options.least.max(1));
        Ok(Self { totals, buckets, least })
    }

    fn is_frequent(&self, key: u64) -> bool {
        let bits = self.buckets.len().trailing_zeros();
        self.buckets.get(bucket(key, bits)).is_some_and(|count| u32::from(*count) >= self.least)
    }

    /// All terms of a sort in the rows of classes for which `of` holds.
    pub(super) fn terms(&self, sort: Sort, of: impl Fn(usize) -> bool) -> f64 {
        let totals = self.totals.iter().enumerate().filter(|(class, _)| of(*class));
        totals.map(|(_, total)| total.terms[sort as usize]).sum::<u64>() as f64
    }

    /// Counts frequent terms by class, in a second reading. The counts are in the order of keys and classes.
    pub(super) fn count(&self, reader: &Reader<'_>, work: &Work) -> Result<Vec<Count>> {
        let parts: Vec<Range<usize>> =
            (0..reader.texts.len()).step_by(PART).map(|start| start..(start + PART).min(reader.texts.len())).collect();
        let mut all = Table::default();
        for wave in parts.chunks(WAVE) {
            let tables = wave.par_iter().map(|part| self.count_part(reader, part.clone(), work));
            for table in tables.collect::<Result<Vec<Table>>>()? {
                work.check()?;
                for (key, (count, row)) in table {
                    let total = all.entry(key).or_insert((0, row));
                    *total = (total.0 + count, total.1.min(row));
                }
            }
        }
        let mut counts: Vec<Count> =
            all.into_iter().map(|((key, class), (count, row))| Count { key, class, count, row }).collect();
        counts.par_sort_unstable_by_key(|count| (count.key, count.class));
        Ok(counts)
    }

    fn count_part(&self, reader: &Reader<'_>, part: Range<usize>, work: &Work) -> Result<Table> {
        let (mut table, mut scratch, mut keys) = (Table::default(), Scratch::default(), Vec::new());
        for start in part.clone().step_by(CHUNK) {
            let range = start..(start + CHUNK).min(part.end);
            let length = range.len() as u64;
            for row in reader.rows(range) {
                let class = reader.class(row);
                keys.clear();
                reader.visit(row, &mut scratch, |key, _, _| keys.push((key, false)));
                keys.iter_mut().for_each(|(key, frequent)| *frequent = self.is_frequent(*key));
                for (key, _) in keys.iter().filter(|(_, frequent)| *frequent) {
                    table.entry((*key, class)).or_insert((0, row as u32)).0 += 1;
                }
            }
            work.advance(length)?;
        }
        Ok(table)
    }
}

fn bucket(key: u64, bits: u32) -> usize {
    // The lowest two bits are the sort; words and pieces of equal hash may share a bucket.
    (key >> 2) as usize & ((1 << bits) - 1)
}

/// The least count, from `least` on, that no more than [`MOST_TERMS`] buckets have.
fn affordable(buckets: &[u16], least: u32) -> u32 {
    let mut having = vec![0usize; 1 << 16];
    for count in buckets {
        if let Some(having) = having.get_mut(usize::from(*count)) {
            *having += 1;
        }
    }
    let mut above = 0;
    for (count, having) in having.iter().enumerate().skip(least as usize).rev() {
        above += having;
        if above > MOST_TERMS {
            // A bucket counts no further than 65535.
            return (count as u32 + 1).min(u32::from(u16::MAX));
        }
    }
    least.min(u32::from(u16::MAX))
}

/// How often a term occurs in a class, and the first row that has it there.
pub(super) struct Count {
    pub(super) key: u64,
    pub(super) class: u16,
    pub(super) count: u32,
    pub(super) row: u32,
}

/// Counts and first rows by key and class.
type Table = HashMap<(u64, u16), (u32, u32), BuildHasherDefault<Mixed>>;

/// Keys are hashes already: they are only mixed with the class.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u16(&mut self, value: u16) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_terms_raise_the_least_count() {
        let mut buckets = vec![1u16; MOST_TERMS];
        buckets.extend([5; 10]);
        buckets.push(0);
        assert_eq!((affordable(&buckets, 1), affordable(&buckets, 2)), (2, 2));
        buckets.truncate(100);
        assert_eq!(affordable(&buckets, 1), 1);
    }
}
