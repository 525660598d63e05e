//! All pairs of sets whose Jaccard similarity reaches a threshold.
//!
//! The exact join orders elements by rarity: two similar sets must share one of the few rarest elements of each, so an
//! index of those finds every pair (Xiao et al. 2008, "Efficient Similarity Joins for Near Duplicate Detection"). Where
//! sets are so alike that this index would be read too often, MinHash signatures in bands find the candidates
//! (Broder 1997), of which a few in a hundred at the threshold may be missed. Either way candidates are verified.

use rayon::prelude::*;

use crate::engine::{Random, Result, Work};

/// Bits of an element's number below its rarity.
const ID_BITS: u32 = 27;

/// Binary logarithm of the number of counters for rarity.
const COUNTER_BITS: u32 = 22;

/// A set stops looking for partners once it has this many: it is in its group, and a template repeated a thousand times
/// does not need half a million pairs.
const MOST_PARTNERS: usize = 256;

/// Index entries that the exact join may read; a second of work on one core is about 5e8.
const MOST_READS: u64 = 6_000_000_000;

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

impl Sets {
    /// Sets from lists of hashes; a hash that stands twice in a list counts once.
    pub fn new(lists: impl IntoIterator<Item = Vec<u32>>) -> Self {
        let (mut offsets, mut elements) = (vec![0], Vec::new());
        for list in lists {
            elements.extend(list);
            offsets.push(elements.len());
        }
        let mut sets = Self { offsets, elements };
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
                let rarity = ((f64::from(count).log2() * 1.5) as u32).min(31);
                *element = (rarity << ID_BITS) | (*element & ((1 << ID_BITS) - 1));
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

/// Which candidates one set has been compared with already.
struct Seen {
    stamps: Vec<u32>,
    stamp: u32,
}

impl Seen {
    fn new(sets: usize) -> Self {
        Self { stamps: vec![0; sets], stamp: 0 }
    }

    /// Begins another set.
    fn begin(&mut self) {
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.stamps.fill(0);
            self.stamp = 1;
        }
    }

    /// True the first time.
    fn first(&mut self, at: u32) -> bool {
        match self.stamps.get_mut(at as usize) {
            Some(stamp) if *stamp != self.stamp => {
                *stamp = self.stamp;
                true
            }
            _ => false,
        }
    }
}

/// One of the rarest elements of a set.
#[derive(Clone, Copy, Default)]
struct Entry {
    element: u32,
    /// The set's position in the order of sizes.
    at: u32,
    /// The element's position in its set.
    position: u32,
}

/// The sets by their rarest elements, in hash buckets; the entries of a bucket stand in the order of the sets' sizes.
struct Index {
    shift: u32,
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

impl Index {
    fn new(sets: &Sets, order: &[u32], threshold: f64) -> Self {
        let prefix = |set: u32| {
            let elements = sets.get(set);
            // Every partner that looks for this set is at least as large, so fewer elements than it looks by suffice.
            let least = (2.0 * threshold / (1.0 + threshold) * elements.len() as f64 - 1e-9).ceil() as usize;
            elements.get(..(elements.len() + 1).saturating_sub(least.max(1))).unwrap_or(elements)
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
            for (position, &element) in prefix(set).iter().enumerate() {
                let place = &mut next[index.bucket(element)];
                index.entries[*place as usize] = Entry { element, at: at as u32, position: position as u32 };
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

    /// How many entries looking for the partners of all sets reads, at most.
    fn reads(&self, sets: &Sets, order: &[u32], threshold: f64) -> u64 {
        let of = |&set: &u32| {
            probe_prefix(sets.get(set), threshold)
                .iter()
                .map(|&element| self.entries(element).len() as u64)
                .sum::<u64>()
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
        for (position, &element) in probe_prefix(set, threshold).iter().enumerate() {
            let entries = self.entries(element);
            let start = entries.partition_point(|entry| entry.at < from);
            for entry in entries.get(start..).unwrap_or_default() {
                if entry.at as usize >= at {
                    break;
                }
                if entry.element != element || !seen.first(entry.at) {
                    continue;
                }
                // This is the first element the two share, so what follows it bounds what they share.
                let other = sets.get(order[entry.at as usize]).len();
                let most = 1 + (set.len() - position - 1).min(other - entry.position as usize - 1);
                if most >= least_overlap(set.len(), other, threshold) && !each(entry.at) {
                    return;
                }
            }
        }
    }
}

/// The rarest elements of a set, of which a partner must have one.
fn probe_prefix(set: &[u32], threshold: f64) -> &[u32] {
    let least = (threshold * set.len() as f64 - 1e-9).ceil() as usize;
    set.get(..(set.len() + 1).saturating_sub(least.max(1))).unwrap_or(set)
}

/// MinHash signatures cut into bands: sets that agree in a whole band are candidates.
struct Bands {
    /// For each band the sets' hashes with their positions, sorted.
    sorted: Vec<Vec<(u32, u32)>>,
    /// The same hashes by set.
    hashes: Vec<Vec<u32>>,
}

impl Bands {
    const HASHES: usize = 128;

    fn new(sets: &Sets, order: &[u32], threshold: f64, work: &Work) -> Result<Self> {
        let rows = Self::rows_of_a_band(threshold);
        let bands = Self::HASHES / rows;
        let mut random = Random::new(0x6d69_6e68_6173_6821);
        let functions: Vec<(u32, u32)> =
            (0..bands * rows).map(|_| (random.bits() as u32 | 1, random.bits() as u32)).collect();
        let signatures: Vec<Vec<u32>> = order
            .par_chunks(CHUNK)
            .map(|chunk| {
                work.check()?;
                Ok(chunk.iter().map(|&set| Self::band_hashes(sets.get(set), &functions, rows)).collect::<Vec<_>>())
            })
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .flatten()
            .collect();
        let hashes: Vec<Vec<u32>> =
            (0..bands).map(|band| signatures.iter().map(|signature| signature[band]).collect()).collect();
        let sorted = hashes
            .par_iter()
            .map(|hashes| {
                let mut sorted: Vec<(u32, u32)> = hashes.iter().copied().zip(0..).collect();
                sorted.sort_unstable();
                sorted
            })
            .collect();
        Ok(Self { sorted, hashes })
    }

    /// The longest band with which a pair at the threshold is found at least 98 times in 100.
    fn rows_of_a_band(threshold: f64) -> usize {
        let found = |rows: usize| 1.0 - (1.0 - threshold.powi(rows as i32)).powi((Self::HASHES / rows) as i32);
        (2..=16).rev().find(|&rows| found(rows) >= 0.98).unwrap_or(1)
    }

    fn band_hashes(set: &[u32], functions: &[(u32, u32)], rows: usize) -> Vec<u32> {
        let mut least = vec![u32::MAX; functions.len()];
        for &element in set {
            // The rarity in the upper bits is no hash; mixed in, it does no harm.
            let mixed = (element ^ (element >> 15)).wrapping_mul(0x85EB_CA6B);
            let mixed = mixed ^ (mixed >> 13);
            for (least, &(factor, shift)) in least.iter_mut().zip(functions) {
                *least = (*least).min(mixed.wrapping_mul(factor).wrapping_add(shift));
            }
        }
        let band =
            |band: &[u32]| band.iter().fold(0u32, |hash, &min| (hash.rotate_left(5) ^ min).wrapping_mul(0x9E37_79B1));
        least.chunks_exact(rows).map(band).collect()
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
                if seen.first(other) && !each(other) {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
        let sets = Sets::new(hashed(&lists));
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
        let sets = Sets::new(lists);
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
            let sets = Sets::new(hashed(&lists));
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
