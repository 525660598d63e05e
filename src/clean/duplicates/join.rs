//! All pairs of sets whose Jaccard similarity reaches a threshold.
//!
//! The exact join orders elements by rarity: two similar sets must share one of the few rarest elements of each, so an
//! index of those finds every pair (Xiao et al. 2008, "Efficient Similarity Joins for Near Duplicate Detection"). Where
//! sets are so alike that this index would be read too often, MinHash signatures in bands find the candidates
//! (Broder 1997), of which a few in a hundred at the threshold may be missed. Either way candidates are verified.

use rayon::prelude::*;

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
const CHUNK: usize = 512;

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

    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    fn get(&self, set: u32) -> &[u32] {
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
struct Seen {
    /// The set for which it came up last, and how often.
    counts: Vec<(u32, u32)>,
    stamp: u32,
    /// The sets that came up, in the order in which they did first.
    touched: Vec<u32>,
}

impl Seen {
    fn new(sets: usize) -> Self {
        Self { counts: vec![(0, 0); sets], stamp: 0, touched: Vec::new() }
    }

    /// Begins another set.
    fn begin(&mut self) {
        self.touched.clear();
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.counts.fill((0, 0));
            self.stamp = 1;
        }
    }

    /// Counts a candidate; true the first time.
    fn count(&mut self, at: u32) -> bool {
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

/// One of the rarest elements of a set.
#[derive(Clone, Copy, Default)]
struct Entry {
    element: u32,
    /// The set's position in the order of sizes.
    at: u32,
}

/// The sets by their rarest elements, in hash buckets; the entries of a bucket stand in the order of the sets' sizes.
struct Index {
    shift: u32,
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

/// How many of its rarest elements a set of this size must share with a partner. Two large sets share a rare element by
/// chance, but not many.
fn shared_needed(size: usize) -> usize {
    1 + size / 64
}

impl Index {
    fn new(sets: &Sets, order: &[u32], threshold: f64) -> Self {
        let prefix = |set: u32| {
            let elements = sets.get(set);
            // Every partner that looks for this set is at least as large, so fewer elements than it looks by suffice.
            let least = (2.0 * threshold / (1.0 + threshold) * elements.len() as f64 - 1e-9).ceil() as usize;
            let largest = (elements.len() as f64 / threshold).ceil() as usize;
            first_elements(elements, least, shared_needed(largest))
        };
        let count: usize = order.iter().map(|&set| prefix(set).len()).sum();
        let bits = (usize::BITS - count.leading_zeros()).clamp(8, 24);
        let mut index = Self { shift: 32 - bits, starts: vec![0; (1 << bits) + 1], entries: vec![] };
        for &set in order {
            for &element in prefix(set) {
                let bucket = index.bucket(element);
                index.starts[bucket + 1] += 1;
            }
        }
        for bucket in 1..index.starts.len() {
            index.starts[bucket] += index.starts[bucket - 1];
        }
        let mut next = index.starts.clone();
        index.entries = vec![Entry::default(); count];
        for (at, &set) in order.iter().enumerate() {
            for &element in prefix(set) {
                let place = &mut next[index.bucket(element)];
                index.entries[*place as usize] = Entry { element, at: at as u32 };
                *place += 1;
            }
        }
        index
    }

    fn bucket(&self, element: u32) -> usize {
        (element.wrapping_mul(0x9E37_79B1) >> self.shift) as usize
    }

    fn entries(&self, element: u32) -> &[Entry] {
        let bucket = self.bucket(element);
        self.entries.get(self.starts[bucket] as usize..self.starts[bucket + 1] as usize).unwrap_or_default()
    }

    /// How many entries looking for the partners of all sets reads, about.
    fn reads(&self, sets: &Sets, order: &[u32], threshold: f64) -> u64 {
        let of = |&set: &u32| {
            let elements = looked_up(sets.get(set), threshold);
            elements.iter().map(|&element| self.entries(element).len() as u64).sum::<u64>()
        };
        order.par_iter().map(of).sum::<u64>() / 2
    }

    /// Hands out the sets before `at` that may be similar, until told to stop.
    fn candidates(
        &self,
        sets: &Sets,
        order: &[u32],
        at: usize,
        threshold: f64,
        seen: &mut Seen,
        each: &mut dyn FnMut(u32) -> bool,
    ) {
        seen.begin();
        let set = sets.get(order[at]);
        let smallest = (threshold * set.len() as f64 - 1e-9).ceil() as usize;
        let from = order.partition_point(|&other| sets.get(other).len() < smallest) as u32;
        for &element in looked_up(set, threshold) {
            let entries = self.entries(element);
            let start = entries.partition_point(|entry| entry.at < from);
            for entry in entries.get(start..).unwrap_or_default() {
                if entry.at as usize >= at {
                    break;
                }
                if entry.element == element {
                    seen.count(entry.at);
                }
            }
        }
        let needed = shared_needed(set.len()) as u32;
        for &other in &seen.touched {
            let often = seen.counts.get(other as usize).is_some_and(|&(_, count)| count >= needed);
            if often && !each(other) {
                return;
            }
        }
    }
}

/// The rarest elements of a set, of which a partner must share [`shared_needed`].
fn looked_up(set: &[u32], threshold: f64) -> &[u32] {
    let least = (threshold * set.len() as f64 - 1e-9).ceil() as usize;
    first_elements(set, least, shared_needed(set.len()))
}

/// The first elements among which a set that shares `least` elements in all must share `needed`.
fn first_elements(set: &[u32], least: usize, needed: usize) -> &[u32] {
    set.get(..(set.len() + needed).saturating_sub(least.max(1))).unwrap_or(set)
}

/// MinHash signatures cut into bands: sets that agree in a whole band are candidates.
///
/// The signature comes from one hash of each element: it falls into a bin and the least of each bin counts; an empty bin
/// takes over another, chosen by its number (Shrivastava 2017, "Optimal Densification for Fast and Accurate Minwise
/// Hashing").
struct Bands {
    /// For each band the sets' hashes with their positions, sorted.
    sorted: Vec<Vec<(u32, u32)>>,
    /// The same hashes by set.
    hashes: Vec<Vec<u32>>,
}

/// Binary logarithm of the number of bins of a signature.
const BIN_BITS: u32 = 7;

impl Bands {
    fn new(sets: &Sets, order: &[u32], threshold: f64, work: &Work) -> Result<Self> {
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

    fn candidates(&self, at: usize, seen: &mut Seen, each: &mut dyn FnMut(u32) -> bool) {
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
