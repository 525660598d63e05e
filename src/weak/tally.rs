//! Counting: the numbers behind the statistics of functions, from bit sets.

use std::sync::Arc;

use rayon::prelude::*;

use super::bits::{GoldBits, VoteBits};
use crate::engine::{Result, Work};

/// Words of sixty-four rows handled by one task.
const WORDS: usize = 64;

/// Up to so many classes of one function are counted a class at a time; beyond, row by row.
const FEW_CLASSES: usize = 6;

/// What the votes of all functions amount to. Whole counts, so that their sum does not depend on the order of blocks.
#[derive(Default)]
pub(super) struct Tallies {
    pub(super) functions: Vec<FunctionTally>,
    pub(super) covered: u64,
    pub(super) overlapped: u64,
    pub(super) conflicted: u64,
}

/// What the votes of one function amount to beside the others.
#[derive(Clone, Default)]
pub(super) struct FunctionTally {
    pub(super) overlaps: u64,
    pub(super) conflicts: u64,
    pub(super) unique: u64,
    /// For each class: votes on rows with a hand label, and those of them that are right. Empty without hand labels.
    pub(super) judged: Vec<(u64, u64)>,
}

/// What the votes of rows amount to, a word of rows each.
struct Flags {
    covered: [u64; WORDS],
    overlapped: [u64; WORDS],
    conflicted: [u64; WORDS],
}

impl Tallies {
    /// Counts the votes of functions over as many classes and words.
    pub(super) fn of(functions: &[Arc<VoteBits>], gold: Option<&GoldBits>, work: &Work) -> Result<Self> {
        let words = functions.first().map_or(0, |bits| bits.any.len());
        let fresh = || Self { functions: vec![FunctionTally::default(); functions.len()], ..Self::default() };
        (0..words.div_ceil(WORDS))
            .into_par_iter()
            .try_fold(fresh, |mut tallies, block| -> Result<Self> {
                work.check()?;
                tallies.add_block(functions, gold, block * WORDS, WORDS.min(words - block * WORDS));
                Ok(tallies)
            })
            .try_reduce(fresh, |mut left, right| {
                left.add(&right);
                Ok(left)
            })
    }

    fn add_block(&mut self, functions: &[Arc<VoteBits>], gold: Option<&GoldBits>, from: usize, length: usize) {
        let flags = Flags::of(functions, from, length);
        let count = |words: &[u64; WORDS]| words.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
        self.covered += count(&flags.covered);
        self.overlapped += count(&flags.overlapped);
        self.conflicted += count(&flags.conflicted);
        for (tally, bits) in self.functions.iter_mut().zip(functions) {
            let any = &bits.any[from..from + length];
            for ((&any, &overlapped), &conflicted) in any.iter().zip(&flags.overlapped).zip(&flags.conflicted) {
                if any != 0 {
                    tally.overlaps += u64::from((any & overlapped).count_ones());
                    tally.conflicts += u64::from((any & conflicted).count_ones());
                    tally.unique += u64::from((any & !overlapped).count_ones());
                }
            }
            if let Some(gold) = gold {
                tally.judge(bits, gold, from, length);
            }
        }
    }

    fn add(&mut self, other: &Self) {
        self.covered += other.covered;
        self.overlapped += other.overlapped;
        self.conflicted += other.conflicted;
        for (left, right) in self.functions.iter_mut().zip(&other.functions) {
            left.overlaps += right.overlaps;
            left.conflicts += right.conflicts;
            left.unique += right.unique;
            left.judged.resize(left.judged.len().max(right.judged.len()), (0, 0));
            for (left, right) in left.judged.iter_mut().zip(&right.judged) {
                *left = (left.0 + right.0, left.1 + right.1);
            }
        }
    }
}

impl FunctionTally {
    /// Compares the votes of a block with hand labels, class by class.
    fn judge(&mut self, bits: &VoteBits, gold: &GoldBits, from: usize, length: usize) {
        let polarity = bits.polarity();
        self.judged.resize(bits.by_class.len(), (0, 0));
        for word in from..from + length {
            let mut rows = bits.any[word] & gold.labelled[word];
            if rows == 0 {
                continue;
            }
            let right = gold.equal(bits, word);
            let mut add = |class: u16, rows: u64| {
                if let Some((judged, correct)) = self.judged.get_mut(usize::from(class)) {
                    *judged += u64::from(rows.count_ones());
                    *correct += u64::from((rows & right).count_ones());
                }
            };
            if let [class] = polarity[..] {
                add(class, rows);
            } else if polarity.len() <= FEW_CLASSES {
                polarity.iter().for_each(|&class| add(class, rows & bits.class(word, class)));
            } else {
                while rows != 0 {
                    let row = rows.trailing_zeros();
                    let digits = bits.digits.iter().enumerate();
                    let class =
                        digits.fold(0, |class, (digit, plane)| class | ((plane[word] >> row & 1) as u16) << digit);
                    add(class, 1 << row);
                    rows &= rows - 1;
                }
            }
        }
    }
}

impl Flags {
    fn of(functions: &[Arc<VoteBits>], from: usize, length: usize) -> Self {
        let mut flags = Self { covered: [0; WORDS], overlapped: [0; WORDS], conflicted: [0; WORDS] };
        for bits in functions {
            let any = &bits.any[from..from + length];
            for ((&any, covered), overlapped) in any.iter().zip(&mut flags.covered).zip(&mut flags.overlapped) {
                *overlapped |= *covered & any;
                *covered |= any;
            }
        }
        // Votes of a row differ if some digit of their classes does: one has it set, another has not.
        let digits = functions.first().map_or(0, |bits| bits.digits.len());
        for digit in 0..digits {
            let (mut ones, mut zeros) = ([0u64; WORDS], [0u64; WORDS]);
            for bits in functions {
                let planes = bits.any[from..from + length].iter().zip(&bits.digits[digit][from..from + length]);
                for (((&any, &plane), ones), zeros) in planes.zip(&mut ones).zip(&mut zeros) {
                    *ones |= plane;
                    *zeros |= any & !plane;
                }
            }
            for ((ones, zeros), conflicted) in ones.iter().zip(&zeros).zip(&mut flags.conflicted) {
                *conflicted |= ones & zeros;
            }
        }
        flags
    }
}
