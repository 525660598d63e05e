//! Second moments of votes: on how many rows two votes stand together, by counting bits.

use rayon::prelude::*;

use super::symbols::Symbols;
use crate::engine::{Error, Result, Work};
use crate::weak::Patterns;

/// Words of 64 patterns in one block: the bits of sixteen symbols of a block fit into the first-level cache.
const WORDS: usize = 256;
/// Symbols on one side of a tile of pairs.
const TILE: usize = 16;
/// The most symbols whose table of pairs is held (8 bytes a pair: 512 MB).
const MOST_SYMBOLS: usize = 8000;

/// The number of rows that show both symbols of a pair: symbols x symbols, symmetric, with each symbol's own count on
/// the diagonal. Row and column 0, the neutral symbol, are 0.
///
/// Each pattern counts as often as rows show it: the counts are taken apart into binary digits, and the patterns that
/// have a digit are counted together, 64 at a time.
pub(crate) fn pair_counts(patterns: &Patterns, symbols: &Symbols, work: &Work) -> Result<Vec<f64>> {
    let size = symbols.len();
    if size > MOST_SYMBOLS {
        return Err(Error::input(format!("{size} different votes are too many for this label model"))
            .help("choose calibrated or soft-majority, which do not compare votes in pairs"));
    }
    let most = patterns.counts().iter().copied().max().unwrap_or(0);
    let mut sums = vec![0.0; size * size];
    for digit in 0..u64::BITS - most.leading_zeros() {
        let chosen: Vec<u32> = (0..patterns.len() as u32)
            .filter(|&pattern| patterns.counts()[pattern as usize] >> digit & 1 == 1)
            .collect();
        let scale = (1u64 << digit) as f64;
        // In parts of bounded size, so that the bits of all symbols never need more than a few dozen megabytes.
        let part = (WORDS * 64).max((32 << 20) / size.max(1) * 8 / (WORDS * 64) * (WORDS * 64));
        for chosen in chosen.chunks(part) {
            let bits = Bits::of(patterns, symbols, chosen, work)?;
            bits.add_pairs(&mut sums, scale, work)?;
        }
    }
    for row in 0..size {
        for column in 0..row {
            sums[row * size + column] = sums[column * size + row];
        }
    }
    Ok(sums)
}

/// One bit a pattern for each symbol, in blocks: block by block, symbol by symbol, word by word.
struct Bits {
    size: usize,
    width: usize,
    words: Vec<u64>,
}

impl Bits {
    fn of(patterns: &Patterns, symbols: &Symbols, chosen: &[u32], work: &Work) -> Result<Self> {
        let size = symbols.len();
        let width = WORDS.min(chosen.len().div_ceil(64)).max(1);
        let blocks = chosen.len().div_ceil(width * 64);
        let mut words = vec![0u64; blocks * size * width];
        let slots = patterns.slots();
        let fill = |(words, chosen): (&mut [u64], &[u32])| -> Result<()> {
            work.check()?;
            // Sixty-four patterns at a time, one slot for each function and vote, abstains included: no branches.
            let mut held = vec![0u64; patterns.functions().len() * slots];
            for (word, chosen) in chosen.chunks(64).enumerate() {
                held.fill(0);
                for (bit, &pattern) in chosen.iter().enumerate() {
                    for (held, &vote) in held.chunks_exact_mut(slots).zip(patterns.votes(pattern as usize)) {
                        held[(vote + 1) as usize] |= 1 << bit;
                    }
                }
                for (number, function, vote) in symbols.pairs() {
                    words[number * width + word] = held[function * slots + (vote + 1) as usize];
                }
            }
            Ok(())
        };
        words.par_chunks_mut(size * width).zip(chosen.par_chunks(width * 64)).try_for_each(fill)?;
        Ok(Self { size, width, words })
    }

    fn row(&self, block: usize, symbol: usize) -> &[u64] {
        &self.words[(block * self.size + symbol) * self.width..][..self.width]
    }

    /// Adds the counts of all pairs `row <= column`, `scale` times.
    fn add_pairs(&self, sums: &mut [f64], scale: f64, work: &Work) -> Result<()> {
        let blocks = self.words.len() / (self.size * self.width).max(1);
        let tiles = self.size.div_ceil(TILE);
        let of_tile = |(tile, sums): (usize, &mut [f64])| -> Result<()> {
            let rows = tile * TILE..self.size.min((tile + 1) * TILE);
            for other in tile..tiles {
                work.check()?;
                let columns = other * TILE..self.size.min((other + 1) * TILE);
                let mut counts = [[0u64; TILE]; TILE];
                for block in 0..blocks {
                    for (counts, row) in counts.iter_mut().zip(rows.clone()) {
                        let left = self.row(block, row);
                        for (count, column) in counts.iter_mut().zip(columns.clone()) {
                            if row <= column {
                                *count += count_both(left, self.row(block, column));
                            }
                        }
                    }
                }
                for (counts, row) in counts.iter().zip(rows.clone()) {
                    let line = &mut sums[(row - rows.start) * self.size..][..self.size];
                    for (&count, column) in counts.iter().zip(columns.clone()) {
                        line[column] += scale * count as f64;
                    }
                }
            }
            Ok(())
        };
        sums.par_chunks_mut((TILE * self.size).max(1)).enumerate().try_for_each(of_tile)
    }
}

/// The number of bits set in both. Full adders take eight words at a time (Harley and Seal's method), so that few
/// words need their bits counted, which is dear on processors whose counting instruction may not be assumed.
fn count_both(left: &[u64], right: &[u64]) -> u64 {
    let add = |a: u64, b: u64, c: u64| (a ^ b ^ c, (a & b) | (c & (a ^ b)));
    let (mut ones, mut twos, mut fours) = (0, 0, 0);
    let mut eights = 0u64;
    let (left_chunks, right_chunks) = (left.chunks_exact(8), right.chunks_exact(8));
    let rest = left_chunks.remainder().iter().zip(right_chunks.remainder());
    let rest: u64 = rest.map(|(a, b)| u64::from((a & b).count_ones())).sum();
    for (a, b) in left_chunks.zip(right_chunks) {
        let (sum, two_a) = add(ones, a[0] & b[0], a[1] & b[1]);
        let (sum, two_b) = add(sum, a[2] & b[2], a[3] & b[3]);
        let (two, four_a) = add(twos, two_a, two_b);
        let (sum, two_a) = add(sum, a[4] & b[4], a[5] & b[5]);
        let (sum, two_b) = add(sum, a[6] & b[6], a[7] & b[7]);
        let (two, four_b) = add(two, two_a, two_b);
        let (four, eight) = add(fours, four_a, four_b);
        (ones, twos, fours) = (sum, two, four);
        eights += u64::from(eight.count_ones());
    }
    let count = |word: u64| u64::from(word.count_ones());
    8 * eights + 4 * count(fours) + 2 * count(twos) + count(ones) + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Random;

    #[test]
    fn bits_of_both_are_counted() {
        let mut random = Random::new(2);
        for length in [0, 1, 7, 8, 9, 64, 250] {
            let mut draw = || (0..length).map(|_| random.bits()).collect::<Vec<u64>>();
            let (left, right) = (draw(), draw());
            let expected: u64 = left.iter().zip(&right).map(|(a, b)| u64::from((a & b).count_ones())).sum();
            assert_eq!(count_both(&left, &right), expected, "{length} words");
        }
    }

    #[test]
    fn pairs_agree_with_counting_one_by_one() {
        let mut random = Random::new(4);
        // One pattern a row, several with large counts, and more patterns than one block holds.
        for (length, functions, largest) in [(0, 3, 1), (5, 3, 1000), (200, 12, 7), (20_000, 4, 2)] {
            let cells: Vec<i16> = (0..length * functions).map(|_| random.below(4) as i16 - 1).collect();
            let counts: Vec<u64> = (0..length).map(|_| random.below(largest) as u64 + 1).collect();
            let names = (0..functions).map(|index| index.to_string()).collect();
            let patterns = Patterns::from_counts(names, 3, cells, counts).unwrap();
            let symbols = Symbols::of(&patterns, false, &Work::new()).unwrap();
            let mut expected = vec![0.0; symbols.len() * symbols.len()];
            for pattern in 0..patterns.len() {
                let numbers: Vec<usize> = symbols.numbers(patterns.votes(pattern)).filter(|&n| n > 0).collect();
                for &a in &numbers {
                    numbers.iter().for_each(|&b| expected[a * symbols.len() + b] += patterns.counts()[pattern] as f64);
                }
            }
            assert_eq!(pair_counts(&patterns, &symbols, &Work::new()).unwrap(), expected);
        }
    }
}
