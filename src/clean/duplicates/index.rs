//! An index of the rarest elements of sets, in which every pair of similar sets meets.

use rayon::prelude::*;

use super::join::{Seen, Sets};

/// One of the rarest elements of a set.
#[derive(Clone, Copy, Default)]
struct Entry {
    element: u32,
    /// The set's position in the order of sizes.
    at: u32,
}

/// The sets by their rarest elements, in hash buckets; the entries of a bucket stand in the order of the sets' sizes.
pub(super) struct Index {
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
    pub(super) fn new(sets: &Sets, order: &[u32], threshold: f64) -> Self {
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
    pub(super) fn reads(&self, sets: &Sets, order: &[u32], threshold: f64) -> u64 {
        let of = |&set: &u32| {
            let elements = looked_up(sets.get(set), threshold);
            elements.iter().map(|&element| self.entries(element).len() as u64).sum::<u64>()
        };
        order.par_iter().map(of).sum::<u64>() / 2
    }

    /// Hands out the sets before `at` that may be similar, until told to stop.
    pub(super) fn candidates(
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
