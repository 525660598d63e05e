//! Seeded randomness: the same seed gives the same numbers on every machine and for every number of threads.

/// SplitMix64 (Steele, Lea and Flood, 2014): small, fast, and good enough for shuffles, folds and samples.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A generator from a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in `0..bound`; 0 if `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    /// A number in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Puts `items` into a random order (Fisher-Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// Leaves `most` of `items`, each as likely as any other, in the order in which they were drawn; all of them as they
    /// are if there are no more.
    pub fn thin<T>(&mut self, items: &mut Vec<T>, most: usize) {
        let all = items.len();
        if all > most {
            for place in 0..most {
                items.swap(place, place + self.below(all - place));
            }
            items.truncate(most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_sample_is_of_it_and_repeats() {
        let check = |all: usize, most: usize| {
            let thinned = |seed| {
                let mut items: Vec<usize> = (0..all).collect();
                Random::new(seed).thin(&mut items, most);
                items
            };
            let mut left = thinned(3);
            assert_eq!(left, thinned(3));
            left.sort_unstable();
            left.dedup();
            assert_eq!((left.len(), left.iter().all(|item| *item < all)), (most.min(all), true), "{most} of {all}");
        };
        check(100, 10);
        check(10, 10);
        check(5, 10);
        check(5, 0);
    }

    #[test]
    fn a_shuffle_is_a_permutation_and_repeats() {
        let shuffled = |seed| {
            let mut items: Vec<usize> = (0..100).collect();
            Random::new(seed).shuffle(&mut items);
            items
        };
        assert_eq!(shuffled(7), shuffled(7));
        assert_ne!(shuffled(7), shuffled(8));
        let mut sorted = shuffled(7);
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..100));
    }
}
