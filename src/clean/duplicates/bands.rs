//! MinHash in bands: candidates for similar sets where an exact index would be read too often.

use rayon::prelude::*;

use super::join::{CHUNK, Seen, Sets};
use crate::engine::{Result, Work};

/// MinHash signatures cut into bands: sets that agree in a whole band are candidates.
///
/// The signature comes from one hash of each element: it falls into a bin and the least of each bin counts; an empty bin
/// takes over another, chosen by its number (Shrivastava 2017, "Optimal Densification for Fast and Accurate Minwise
/// Hashing").
pub(super) struct Bands {
    /// For each band the sets' hashes with their positions, sorted.
    sorted: Vec<Vec<(u32, u32)>>,
    /// The same hashes by set.
    hashes: Vec<Vec<u32>>,
}

/// Binary logarithm of the number of bins of a signature.
const BIN_BITS: u32 = 7;

impl Bands {
    pub(super) fn new(sets: &Sets, order: &[u32], threshold: f64, work: &Work) -> Result<Self> {
        let rows = Self::rows_of_a_band(threshold);
        let bands = (1usize << BIN_BITS) / rows;
        let signatures: Vec<Vec<u32>> = order
            .par_chunks(CHUNK)
            .map(|chunk| {
                work.check()?;
                Ok(chunk.iter().flat_map(|&set| Self::band_hashes(sets.get(set), rows, bands)).collect())
            })
            .collect::<Result<_>>()?;
        let hashes: Vec<Vec<u32>> = (0..bands)
            .map(|band| signatures.iter().flat_map(|part| part.iter().skip(band).step_by(bands)).copied().collect())
            .collect();
        let sort = |hashes: &Vec<u32>| {
            let mut sorted: Vec<(u32, u32)> = hashes.iter().copied().zip(0..).collect();
            sorted.sort_unstable();
            sorted
        };
        let sorted = hashes.par_iter().map(sort).collect();
        Ok(Self { sorted, hashes })
    }

    /// The longest band with which a pair at the threshold is found at least 98 times in 100.
    fn rows_of_a_band(threshold: f64) -> usize {
        let found = |rows: usize| 1.0 - (1.0 - threshold.powi(rows as i32)).powi(((1usize << BIN_BITS) / rows) as i32);
        (2..=20).rev().find(|&rows| found(rows) >= 0.98).unwrap_or(1)
    }

    fn band_hashes(set: &[u32], rows: usize, bands: usize) -> Vec<u32> {
        const EMPTY: u32 = u32::MAX;
        let mut bins = [EMPTY; 1 << BIN_BITS];
        for &element in set {
            // The rarity in the upper bits is no hash, so everything is mixed once more.
            let mixed = mix(element);
            let bin = &mut bins[(mixed >> (32 - BIN_BITS)) as usize];
            *bin = (*bin).min(mixed << BIN_BITS >> BIN_BITS);
        }
        let filled = |mut bin: u32| {
            // A set of one element fills one bin of 128, which is found after some 1000 tries all but surely.
            for attempt in 0..4096u32 {
                let value = bins[(bin >> (32 - BIN_BITS)) as usize];
                if value != EMPTY {
                    return value;
                }
                bin = mix(bin.wrapping_add(attempt));
            }
            EMPTY
        };
        let band = |band: usize| {
            (band * rows..(band + 1) * rows).fold(0u32, |hash, bin| {
                (hash.rotate_left(5) ^ filled((bin as u32) << (32 - BIN_BITS))).wrapping_mul(0x9E37_79B1)
            })
        };
        (0..bands).map(band).collect()
    }

    /// Hands out the sets before `at` that share a band, until told to stop.
    pub(super) fn candidates(&self, at: usize, seen: &mut Seen, each: &mut dyn FnMut(u32) -> bool) {
        seen.begin();
        for (sorted, hashes) in self.sorted.iter().zip(&self.hashes) {
            let Some(&hash) = hashes.get(at) else { return };
            let start = sorted.partition_point(|entry| entry.0 < hash);
            for &(other_hash, other) in sorted.get(start..).unwrap_or_default() {
                if other_hash != hash || other as usize >= at {
                    break;
                }
                if seen.count(other) && !each(other) {
                    return;
                }
            }
        }
    }
}

/// Mixes the bits of a number (the finaliser of MurmurHash 3).
fn mix(number: u32) -> u32 {
    let number = (number ^ (number >> 16)).wrapping_mul(0x85EB_CA6B);
    let number = (number ^ (number >> 13)).wrapping_mul(0xC2B2_AE35);
    number ^ (number >> 16)
}
