//! Sorting of many small numbers in a time that does not depend on their order.

use crate::engine::{Result, Work};

/// Bits of one pass: its counters fit into the nearest cache.
const DIGIT: u32 = 11;

/// Numbers that are moved between two looks at the clock.
const BLOCK: usize = 1 << 16;

/// Sorts keys below `2^bits` (least significant digit first). A million takes about 15 ms, and parts of that where
/// high digits are all alike.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn sort(mut keys: Vec<u64>, bits: u32, work: &Work) -> Result<Vec<u64>> {
    let mut spare = vec![0u64; keys.len()];
    for shift in (0..bits).step_by(DIGIT as usize) {
        let digit = |key: u64| (key >> shift) as usize & ((1 << DIGIT) - 1);
        let mut next = [0usize; 1 << DIGIT];
        for block in keys.chunks(BLOCK) {
            work.check()?;
            block.iter().for_each(|&key| next[digit(key)] += 1);
        }
        if next.contains(&keys.len()) {
            continue;
        }
        let mut start = 0;
        for count in &mut next {
            start += std::mem::replace(count, start);
        }
        for block in keys.chunks(BLOCK) {
            work.check()?;
            for &key in block {
                let place = &mut next[digit(key)];
                if let Some(slot) = spare.get_mut(*place) {
                    *slot = key;
                }
                *place += 1;
            }
        }
        std::mem::swap(&mut keys, &mut spare);
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keys_are_sorted(mut keys in proptest::collection::vec(any::<u64>(), 0..300), shift in 31u32..64) {
            keys.iter_mut().for_each(|key| *key >>= shift);
            let mut expected = keys.clone();
            expected.sort_unstable();
            prop_assert_eq!(sort(keys, 64 - shift, &Work::new()).unwrap(), expected);
        }
    }

    #[test]
    fn cancelled_work_stops() {
        let work = Work::new();
        work.cancel();
        assert!(sort(vec![2, 1], 2, &work).unwrap_err().is_cancelled());
    }
}
