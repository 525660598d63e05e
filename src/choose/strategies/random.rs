//! `random`: what every other strategy has to beat.

use super::{Need, Pick, Pool, Strategy};
use crate::choose::shuffled;
use crate::engine::{Result, Work};

/// A random choice.
pub(super) struct Random;

impl Strategy for Random {
    fn name(&self) -> &'static str {
        "random"
    }

    fn about(&self) -> &'static str {
        "a random choice, by the seed"
    }

    fn needs(&self) -> &'static [Need] {
        &[]
    }

    fn choose(&self, pool: &Pool<'_>, budget: usize, work: &Work) -> Result<Vec<Pick>> {
        let score = |row: u32| shuffled(u64::from(row), pool.seed) as f64 / i64::MAX as f64;
        pool.best(budget, score, |_, _| "drawn at random".to_owned(), work)
    }
}
