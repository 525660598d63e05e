//! The votes of one function as bit sets: what the statistics of many functions are counted from.

use std::sync::Arc;

use rayon::prelude::*;

use super::{ABSTAIN, Votes};
use crate::engine::{Derived, Fingerprint, Fingerprinter, Result, Work};

/// The votes of one function, sixty-four rows a word; bits beyond the last row are 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoteBits {
    /// The rows on which it votes.
    pub(super) any: Vec<u64>,
    /// The binary digits of the classes, the lowest first; 0 where it abstains. As many as the largest class needs.
    pub(super) digits: Vec<Vec<u64>>,
    /// The number of votes for each class.
    pub(super) by_class: Vec<u64>,
}

impl VoteBits {
    /// The bits of votes that lie in `-1..classes`.
    pub fn of(votes: &[i16], classes: usize) -> Self {
        let words = votes.len().div_ceil(64);
        let digits = (usize::BITS - classes.saturating_sub(1).leading_zeros()) as usize;
        let (mut any, mut planes) = (Vec::with_capacity(words), vec![Vec::with_capacity(words); digits]);
        let mut slots = vec![0u64; classes + 1];
        for chunk in votes.chunks(64) {
            let voted = word(chunk, |vote| vote >= 0);
            any.push(voted);
            for (digit, plane) in planes.iter_mut().enumerate() {
                plane.push(voted & word(chunk, |vote| vote >> digit & 1 == 1));
            }
            for &vote in chunk {
                if let Some(slot) = slots.get_mut((vote + 1) as usize) {
                    *slot += 1;
                }
            }
        }
        Self { any, digits: planes, by_class: slots.split_off(1) }
    }

    /// The bits of every column of a vote matrix.
    pub(super) fn of_columns(votes: &Votes) -> Vec<Arc<Self>> {
        let of = |column: &super::VoteColumn| Arc::new(Self::of(&column.votes, votes.classes()));
        votes.columns().par_iter().map(of).collect()
    }

    /// The classes it votes for, sorted.
    pub(super) fn polarity(&self) -> Vec<u16> {
        (0u16..).zip(&self.by_class).filter(|(_, votes)| **votes > 0).map(|(class, _)| class).collect()
    }

    /// The rows of a word on which it votes for a class.
    pub(super) fn class(&self, word: usize, class: u16) -> u64 {
        let mut rows = self.any[word];
        for (digit, plane) in self.digits.iter().enumerate() {
            rows &= if class >> digit & 1 == 1 { plane[word] } else { !plane[word] };
        }
        rows
    }
}

/// One bit a vote, from the lowest.
fn word(votes: &[i16], bit: impl Fn(i16) -> bool) -> u64 {
    votes.iter().rev().fold(0, |word, &vote| word << 1 | u64::from(bit(vote)))
}

/// Hand labels as bits.
pub(super) struct GoldBits {
    /// The rows that have one.
    pub(super) labelled: Vec<u64>,
    /// Those of a class that functions can vote for.
    pub(super) known: VoteBits,
}

impl GoldBits {
    pub(super) fn of(gold: &[Option<u16>], classes: usize) -> Self {
        let labelled = gold.iter().map(|label| if label.is_some() { 0 } else { ABSTAIN }).collect::<Vec<_>>();
        let known = |label: &Option<u16>| match label {
            Some(class) if usize::from(*class) < classes => i16::try_from(*class).unwrap_or(ABSTAIN),
            _ => ABSTAIN,
        };
        let known: Vec<i16> = gold.iter().map(known).collect();
        Self { labelled: VoteBits::of(&labelled, 1).any, known: VoteBits::of(&known, classes) }
    }

    /// The rows of a word whose label the function's vote equals.
    pub(super) fn equal(&self, votes: &VoteBits, word: usize) -> u64 {
        let differ = self.known.digits.iter().zip(&votes.digits).fold(0, |all, (a, b)| all | (a[word] ^ b[word]));
        self.known.any[word] & votes.any[word] & !differ
    }
}

/// The bits of one function's votes as a derived value, so that those of functions that were not edited stay.
pub struct BitsOf {
    /// The votes.
    pub votes: Arc<Vec<i16>>,
    /// What names the votes.
    pub print: Fingerprint,
    /// The number of classes.
    pub classes: usize,
}

impl Derived for BitsOf {
    type Output = VoteBits;

    fn bytes(bits: &VoteBits) -> usize {
        bits.any.len() * size_of::<u64>() * (bits.digits.len() + 1)
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("vote bits").print(self.print).number(self.classes as u64).finish()
    }

    fn compute(&self, _work: &Work) -> Result<VoteBits> {
        Ok(VoteBits::of(&self.votes, self.classes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Random;

    #[test]
    fn bits_tell_who_votes_for_what() {
        let mut random = Random::new(5);
        for classes in [1, 2, 3, 4, 5, 9] {
            for rows in [0, 1, 63, 64, 65, 200] {
                let votes: Vec<i16> = (0..rows).map(|_| random.below(classes + 1) as i16 - 1).collect();
                let bits = VoteBits::of(&votes, classes);
                for class in 0..classes as u16 {
                    let rows: Vec<bool> =
                        (0..votes.len()).map(|row| bits.class(row / 64, class) >> (row % 64) & 1 == 1).collect();
                    let expected: Vec<bool> = votes.iter().map(|&vote| vote == class as i16).collect();
                    assert_eq!(rows, expected, "{classes} classes");
                    assert_eq!(bits.by_class[usize::from(class)], expected.iter().filter(|is| **is).count() as u64);
                }
            }
        }
    }

    #[test]
    fn a_label_that_no_function_can_name_equals_none() {
        let gold = GoldBits::of(&[Some(0), Some(3), None, Some(1)], 2);
        assert_eq!(gold.labelled, [0b1011]);
        assert_eq!(gold.equal(&VoteBits::of(&[0, 1, 0, 0], 2), 0), 0b0001);
    }
}
