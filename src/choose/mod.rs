//! What to use next: which items a person should look at first.
//!
//! In: probabilities. Out: scores by which the queue is sorted.

use crate::engine::Random;

/// The margin of a probability row: the difference between the two largest values, in 0-1. Small margins are the items
/// a model is least sure of (Scheffer, Decomain and Wrobel, 2001). A row of one class has margin 1.
pub fn margin(probabilities: &[f32]) -> f32 {
    let (mut first, mut second) = (0.0f32, 0.0f32);
    for &p in probabilities {
        if p > first {
            (first, second) = (p, first);
        } else if p > second {
            second = p;
        }
    }
    first - second
}

/// How far the votes on an item disagree: the entropy of their shares in bits (vote entropy; Dagan and Engelson, 1995). 0
/// where all agree, or nobody votes.
pub fn vote_entropy(votes: impl Iterator<Item = i16>) -> f64 {
    let mut counts: Vec<(i16, u32)> = Vec::new();
    for vote in votes {
        match counts.iter_mut().find(|(class, _)| *class == vote) {
            Some((_, count)) => *count += 1,
            None => counts.push((vote, 1)),
        }
    }
    let total: u32 = counts.iter().map(|(_, count)| count).sum();
    let share = |count: u32| f64::from(count) / f64::from(total);
    counts.iter().map(|&(_, count)| -share(count) * share(count).log2()).sum::<f64>().max(0.0)
}

/// A number that puts items into a random order which stays the same: the hash of id and seed.
pub fn shuffled(item: u64, seed: u64) -> i64 {
    (Random::new(item ^ seed.rotate_left(32)).bits() >> 1) as i64
}

/// Whether an item is one of the share that is served without its suggestion, so that it can be told how much a suggestion
/// sways a person.
pub fn served_blank(item: u64, share: f64) -> bool {
    Random::new(item ^ 0xB1A4_7000_0000_0000).unit() < share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn votes_disagree_in_bits() {
        let check =
            |votes: &[i16], expected: f64| assert!((vote_entropy(votes.iter().copied()) - expected).abs() < 1e-9);
        check(&[], 0.0);
        check(&[1, 1, 1], 0.0);
        check(&[0, 1], 1.0);
        check(&[0, 1, 2, 3], 2.0);
        check(&[0, 0, 0, 1], 0.811_278_124_459_132_8);
    }

    #[test]
    fn a_twentieth_is_served_blank_and_always_the_same() {
        let blank = (0..20_000u64).filter(|item| served_blank(*item, 0.05)).count();
        assert!((900..1100).contains(&blank), "{blank}");
        assert!(!served_blank(7, 0.0) && served_blank(7, 1.0));
    }

    #[test]
    fn the_margin_is_between_the_two_largest() {
        let check = |row: &[f32], expected: f32| assert!((margin(row) - expected).abs() < 1e-6, "{row:?}");
        check(&[0.5, 0.5], 0.0);
        check(&[0.2, 0.7, 0.1], 0.5);
        check(&[1.0], 1.0);
        check(&[], 0.0);
    }
}
