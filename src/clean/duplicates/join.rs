//! All pairs of sets whose Jaccard similarity reaches a threshold.
//!
//! The exact join orders elements by rarity: two similar sets must share one of the few rarest elements of each, so an
//! index of those finds every pair (Xiao et al. 2008, "Efficient Similarity Joins for Near Duplicate Detection"). Where
//! sets are so alike that this index would be read too often, MinHash signatures in bands find the candidates
//! (Broder 1997), of which a few in a hundred at the threshold may be missed. Either way candidates are verified.

use rayon::prelude::*;

use super::bands::Bands;
use super::index::Index;
use crate::engine::{Result, Work};

/// Bits of an element's number below its rarity.
const ID_BITS: u32 = 27;

/// Binary logarithm of the number of counters for rarity.
const COUNTER_BITS: u32 = 22;

/// A set stops looking for partners once it has this many: it is in its group, and a template repeated a thousand times
/// does not need half a million pairs.
const MOST_PARTNERS: usize = 256;

/// Index entries that the exact join may read; a second of work on one core is about 2e8.
const MOST_READS: u64 = 1_000_000_000;

/// Sets that one task compares.
pub(super) const CHUNK: usize = 512;

/// A pair of sets with their similarity, the smaller number first.
pub(super) type Pair = (u32, u32, f32);

/// Sets of hashed elements, each sorted from rare to frequent.
///
/// An element is 32 bits: its rarity, then a hash. Two elements of one rarity are confused once in 2^27, which changes
/// the similarity of a pair by one element of its union once in some 10^5 pairs.
pub(super) struct Sets {
    offsets: Vec<usize>,
    elements: Vec<u32>,
}

/// Some sets one after the other: their sizes, and the hashes of their elements, no hash twice in a set.
#[derive(Default)]
pub(super) struct Part {
    pub sizes: Vec<u32>,
    pub hashes: Vec<u32>,
}

impl Sets {
    /// Puts parts together.
    pub fn new(parts: &[Part]) -> Self {
        let mut sets = Self { offsets: vec![0], elements: Vec::new() };
        sets.elements.reserve_exact(parts.iter().map(|part| part.hashes.len()).sum());
        let mut end = 0;
        for part in parts {
            sets.elements.extend_from_slice(&part.hashes);
            sets.offsets.extend(part.sizes.iter().map(|&size| {
                end += size as usize;
                end
            }));
        }
        sets.order_by_rarity();
        sets
    }

    /// The number of sets.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The elements of a set, from rare to frequent.
    pub fn get(&self, set: u32) -> &[u32] {
        let at = set as usize;
        match (self.offsets.get(at), self.offsets.get(at + 1)) {
            (Some(&start), Some(&end)) => self.elements.get(start..end).unwrap_or_default(),
            _ => &[],
        }
    }

    fn order_by_rarity(&mut self) {
        let mut counters = vec![0u32; 1 << COUNTER_BITS];
        for element in &self.elements {
            counters[(element >> (32 - COUNTER_BITS)) as usize] += 1;
        }
        let mut rest = self.elements.as_mut_slice();
        let mut lists = Vec::with_capacity(self.offsets.len());
        for ends in self.offsets.windows(2) {
            let (list, more) = rest.split_at_mut(ends[1] - ends[0]);
            lists.push(list);
            rest = more;
        }
        lists.par_iter_mut().for_each(|list| {
            for element in list.iter_mut() {
                let count = counters[(*element >> (32 - COUNTER_BITS)) as usize].max(1);
                *element = (rarity(count) << ID_BITS) | (*element & ((1 << ID_BITS) - 1));
            }
            list.sort_unstable();
        });
    }

    /// The Jaccard similarity of two sets; 0 if one is empty.
    pub fn similarity(&self, a: u32, b: u32) -> f32 {
        let (a, b) = (self.get(a), self.get(b));
        let shared = overlap(a, b, 0);
        let union = a.len() + b.len() - shared;
        if union == 0 { 0.0 } else { shared as f32 / union as f32 }
    }

    /// All pairs `(a, b, similarity)` with `a < b` whose similarity is at least `threshold`, by rows, and the number of
    /// sets that stopped at 256 partners.
    pub fn join(&self, threshold: f64, work: &Work) -> Result<(Vec<Pair>, u64)> {
        // A little slack, so that a similarity of exactly the threshold is not lost to rounding.
        let threshold = threshold.clamp(0.05, 1.0) - 1e-9;
        let mut order: Vec<u32> = (0..self.len() as u32).filter(|&set| !self.get(set).is_empty()).collect();
        order.sort_by_key(|&set| self.get(set).len());
        let index = Index::new(self, &order, threshold);
        work.stage("comparing", order.len() as u64);
        if index.reads(self, &order, threshold) <= MOST_READS {
            self.probe(&order, threshold, work, |at, seen, each| {
                index.candidates(self, &order, at, threshold, seen, each)
            })
        } else {
            let bands = Bands::new(self, &order, threshold, work)?;
            self.probe(&order, threshold, work, |at, seen, each| bands.candidates(at, seen, each))
        }
    }

    /// Verifies for each set the candidates before it in the order of sizes.
    fn probe(
        &self,
        order: &[u32],
        threshold: f64,
        work: &Work,
        candidates: impl Fn(usize, &mut Seen, &mut dyn FnMut(u32) -> bool) + Sync,
    ) -> Result<(Vec<Pair>, u64)> {
        let chunks: Vec<usize> = (0..order.len()).step_by(CHUNK).collect();
        let parts = chunks
            .into_par_iter()
            .map_init(
                || Seen::new(order.len()),
                |seen, start| {
                    let (mut pairs, mut stopped) = (Vec::new(), 0);
                    let end = (start + CHUNK).min(order.len());
                    for at in start..end {
                        if at % 64 == 0 {
                            work.check()?;
                        }
                        let set = self.get(order[at]);
                        let before = pairs.len();
                        candidates(at, seen, &mut |other| {
                            let candidate = self.get(order[other as usize]);
                            let least = least_overlap(set.len(), candidate.len(), threshold);
                            let shared = overlap(set, candidate, least);
                            if shared >= least {
                                let union = set.len() + candidate.len() - shared;
                                let (a, b) = (order[at], order[other as usize]);
                                pairs.push((a.min(b), a.max(b), shared as f32 / union as f32));
                            }
                            pairs.len() - before < MOST_PARTNERS
                        });
                        stopped += u64::from(pairs.len() - before >= MOST_PARTNERS);
                    }
                    work.advance((end - start) as u64)?;
                    Ok((pairs, stopped))
                },
            )
            .collect::<Result<Vec<(Vec<Pair>, u64)>>>()?;
        let stopped = parts.iter().map(|part| part.1).sum();
        let mut pairs: Vec<_> = parts.into_iter().flat_map(|part| part.0).collect();
        pairs.par_sort_unstable_by_key(|&(a, b, _)| (a, b));
        Ok((pairs, stopped))
    }
}

/// About 1.5 times the binary logarithm of a count, at most 31.
fn rarity(count: u32) -> u32 {
    let whole = count.max(1).ilog2();
    let half = if whole == 0 || whole % 2 == 1 { 0 } else { (count >> (whole - 1)) & 1 };
    (whole + whole / 2 + half).min(31)
}

/// The least number of shared elements with which sets of these sizes reach the threshold.
fn least_overlap(a: usize, b: usize, threshold: f64) -> usize {
    ((threshold / (1.0 + threshold) * (a + b) as f64 - 1e-9).ceil() as usize).max(1)
}

/// The number of shared elements of two sorted lists; may stop below `least` once that is out of reach.
fn overlap(a: &[u32], b: &[u32], least: usize) -> usize {
    let (mut at, mut bt, mut shared) = (0, 0, 0);
    while let (Some(one), Some(two)) = (a.get(at), b.get(bt)) {
        let ordering = one.cmp(two);
        shared += usize::from(ordering.is_eq());
        at += usize::from(ordering.is_le());
        bt += usize::from(ordering.is_ge());
        if shared + (a.len() - at).min(b.len() - bt) < least {
            break;
        }
    }
    shared
}

/// How often each set has come up as a candidate of one set.
pub(super) struct Seen {
    /// The set for which it came up last, and how often.
    pub counts: Vec<(u32, u32)>,
    stamp: u32,
    /// The sets that came up, in the order in which they did first.
    pub touched: Vec<u32>,
}

impl Seen {
    fn new(sets: usize) -> Self {
        Self { counts: vec![(0, 0); sets], stamp: 0, touched: Vec::new() }
    }

    /// Begins another set.
    pub fn begin(&mut self) {
        self.touched.clear();
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.counts.fill((0, 0));
            self.stamp = 1;
        }
    }

    /// Counts a candidate; true the first time.
    pub fn count(&mut self, at: u32) -> bool {
        let Some((stamp, count)) = self.counts.get_mut(at as usize) else { return false };
        if *stamp == self.stamp {
            *count += 1;
            return false;
        }
        (*stamp, *count) = (self.stamp, 1);
        self.touched.push(at);
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::Random;

    fn sets(lists: &[Vec<u32>]) -> Sets {
        Sets::new(&[Part { sizes: lists.iter().map(|list| list.len() as u32).collect(), hashes: lists.concat() }])
    }

    fn hashed(lists: &[Vec<u8>]) -> Vec<Vec<u32>> {
        let hash = |value: u8| u32::from(value).wrapping_mul(0x9E37_79B1) ^ 0x5555;
        lists
            .iter()
            .map(|list| {
                let mut list: Vec<u32> = list.iter().map(|&value| hash(value)).collect();
                list.sort_unstable();
                list.dedup();
                list
            })
            .collect()
    }

    #[test]
    fn rarity_rises_with_the_count() {
        let ranks: Vec<u32> = [1, 2, 3, 4, 6, 8, 100, 1000, 1 << 20, u32::MAX].map(rarity).to_vec();
        assert_eq!(ranks, [0, 1, 1, 3, 4, 4, 10, 13, 30, 31]);
        assert!((1..5000).all(|count| rarity(count) <= rarity(count + 1)));
    }

    #[test]
    fn large_sets_are_joined_as_well() {
        let mut random = Random::new(2);
        let mut lists: Vec<Vec<u32>> = (0..60).map(|_| (0..400).map(|_| random.bits() as u32).collect()).collect();
        for at in 0..60 {
            let mut copy = lists[at].clone();
            copy.truncate(400 - 2 * at);
            lists.push(copy);
        }
        let sets = sets(&lists);
        let found = sets.join(0.75, &Work::new()).unwrap().0;
        let expected: Vec<(u32, u32)> = (0..=50).map(|at| (at, 60 + at)).collect();
        assert_eq!(found.iter().map(|pair| (pair.0, pair.1)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_least_overlap_is_that_of_the_threshold() {
        let check = |a, b, threshold, expected| assert_eq!(least_overlap(a, b, threshold), expected);
        check(10, 10, 1.0, 10);
        check(10, 10, 0.5, 7);
        check(9, 9, 0.8, 8);
        check(1, 1, 0.1, 1);
    }

    #[test]
    fn a_template_stops_at_its_partners() {
        let lists: Vec<Vec<u8>> = (0..600).map(|_| (0..30).collect()).collect();
        let sets = sets(&hashed(&lists));
        let (pairs, stopped) = sets.join(0.8, &Work::new()).unwrap();
        assert_eq!(stopped, 600 - MOST_PARTNERS as u64);
        assert!(pairs.iter().all(|pair| pair.2 == 1.0));
    }

    #[test]
    fn bands_find_nearly_all_pairs() {
        let mut random = Random::new(5);
        let mut lists: Vec<Vec<u32>> = (0..400).map(|_| (0..50).map(|_| random.bits() as u32).collect()).collect();
        for at in 0..400 {
            let mut copy = lists[at].clone();
            copy[0] = random.bits() as u32;
            copy[1] = random.bits() as u32;
            lists.push(copy);
        }
        let sets = sets(&lists);
        let order: Vec<u32> = (0..sets.len() as u32).collect();
        let bands = Bands::new(&sets, &order, 0.8, &Work::new()).unwrap();
        let found = sets.probe(&order, 0.8, &Work::new(), |at, seen, each| bands.candidates(at, seen, each));
        let found = found.unwrap().0;
        let exact = sets.join(0.8, &Work::new()).unwrap().0;
        assert_eq!(exact.len(), 400);
        assert!(found.len() >= 396 && found.iter().all(|pair| exact.contains(pair)), "{}", found.len());
    }

    proptest! {
        #[test]
        fn the_join_finds_exactly_the_pairs_of_brute_force(
            lists in prop::collection::vec(prop::collection::vec(0u8..24, 0..14), 0..50),
            threshold in 1u32..=10,
        ) {
            let threshold = f64::from(threshold) / 10.0;
            let sets = sets(&hashed(&lists));
            let (found, _) = sets.join(threshold, &Work::new()).unwrap();
            let mut expected = Vec::new();
            for a in 0..sets.len() as u32 {
                for b in a + 1..sets.len() as u32 {
                    let similarity = sets.similarity(a, b);
                    if f64::from(similarity) >= threshold - 1e-6 && similarity > 0.0 {
                        expected.push((a, b, similarity));
                    }
                }
            }
            prop_assert_eq!(found, expected);
        }
    }
}
