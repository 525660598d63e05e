//! What to use next: which items a person should look at first, and which to keep where not all can be.
//!
//! In: probabilities, votes, what the items are like. Out: rows in the order in which they are wanted, each with a score
//! and the reason; scores by which the queue is sorted.

mod cluster;
mod look;
mod pool;
mod strategies;
mod together;

pub use look::{Look, unit};
pub use pool::{Need, Pick, Pool};
pub use strategies::{STRATEGIES, Strategy, strategy};
pub use together::together;

use crate::engine::{Error, Random, Result, Work};

/// Chooses `budget` rows of a pool, the most wanted first; all of them, if there are fewer.
///
/// # Errors
/// If there is nothing to choose from, something that the strategy needs is missing, or the work was cancelled.
pub fn choose(strategy: &dyn Strategy, pool: &Pool<'_>, budget: usize, work: &Work) -> Result<Vec<Pick>> {
    if budget == 0 {
        return Err(Error::input("nothing is to be chosen").at("budget").help("ask for at least 1 row"));
    }
    if pool.candidates.is_empty() {
        return Err(Error::input("there is no row to choose from"));
    }
    strategy.choose(pool, budget.min(pool.candidates.len()), work)
}

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
