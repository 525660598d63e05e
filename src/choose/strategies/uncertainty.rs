//! `margin`, `entropy` and `least-confidence`: what a model is least sure of (Lewis and Gale 1994; Scheffer, Decomain and
//! Wrobel 2001; Settles 2009).

use super::{Need, Pick, Pool, Strategy};
use crate::choose::margin;
use crate::engine::{Result, Work};

/// A choice by one measure of doubt.
pub(super) struct Uncertainty {
    name: &'static str,
    about: &'static str,
    /// How unsure a row of probabilities is; higher is less sure.
    doubt: fn(&[f32]) -> f64,
}

impl Uncertainty {
    /// By the difference of the two most probable classes.
    pub const MARGIN: Self = Self {
        name: "margin",
        about: "the smallest difference between the two most probable classes",
        doubt: |row| 1.0 - f64::from(margin(row)),
    };

    /// By the entropy of the classes.
    pub const ENTROPY: Self =
        Self { name: "entropy", about: "the highest entropy of the classes, in bits", doubt: entropy };

    /// By the most probable class.
    pub const LEAST_CONFIDENCE: Self = Self {
        name: "least-confidence",
        about: "the least probability of the most probable class",
        doubt: |row| 1.0 - f64::from(row.iter().copied().fold(0.0, f32::max)),
    };
}

fn entropy(row: &[f32]) -> f64 {
    let terms = row.iter().filter(|share| **share > 0.0).map(|&share| -f64::from(share) * f64::from(share).log2());
    terms.sum::<f64>().max(0.0)
}

impl Strategy for Uncertainty {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Probabilities]
    }

    fn choose(&self, pool: &Pool<'_>, budget: usize, work: &Work) -> Result<Vec<Pick>> {
        let probabilities = pool.probabilities()?;
        let reason = |row: u32, _| between(pool, probabilities.row(row as usize));
        pool.best(budget, |row| (self.doubt)(probabilities.row(row as usize)), reason, work)
    }
}

/// The two most probable classes, in words.
pub(super) fn between(pool: &Pool<'_>, row: &[f32]) -> String {
    let mut order: Vec<(usize, f32)> = row.iter().copied().enumerate().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let named = |(class, share): &(usize, f32)| format!("{} {share:.2}", pool.name(*class as u16));
    order.iter().take(2).map(named).collect::<Vec<_>>().join(", ")
}
