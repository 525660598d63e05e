//! The ways to choose, one file each.

mod balanced;
mod coverage;
mod gradients;
mod k_center;
mod k_means;
mod margin_clusters;
mod random;
#[cfg(test)]
mod tests;
mod typical;
mod uncertainty;
mod vote_entropy;

use super::pool::{Need, Pick, Pool};
use crate::engine::{Error, Result, Work};

/// A way to choose rows. The same pool and seed give the same choice, whatever the number of threads.
pub trait Strategy: Sync {
    /// Its name on the command line.
    fn name(&self) -> &'static str;

    /// What it does, in a few words, and the paper it is from.
    fn about(&self) -> &'static str;

    /// What it needs to know.
    fn needs(&self) -> &'static [Need];

    /// Chooses at most `budget` rows, the most wanted first.
    ///
    /// # Errors
    /// If something that it needs is missing, or the work was cancelled.
    fn choose(&self, pool: &Pool<'_>, budget: usize, work: &Work) -> Result<Vec<Pick>>;
}

/// All strategies, in the order in which they are offered.
pub static STRATEGIES: &[&dyn Strategy] = &[
    &random::Random,
    &uncertainty::Uncertainty::MARGIN,
    &uncertainty::Uncertainty::ENTROPY,
    &uncertainty::Uncertainty::LEAST_CONFIDENCE,
    &vote_entropy::VoteEntropy,
    &k_center::KCenter,
    &k_means::KMeans,
    &typical::Typical,
    &margin_clusters::MarginClusters,
    &gradients::Gradients,
    &coverage::Coverage,
    &balanced::Balanced,
];

/// The strategy of that name.
///
/// # Errors
/// If there is none; the error names all.
pub fn strategy(name: &str) -> Result<&'static dyn Strategy> {
    STRATEGIES.iter().copied().find(|strategy| strategy.name() == name).ok_or_else(|| {
        let names: Vec<&str> = STRATEGIES.iter().map(|strategy| strategy.name()).collect();
        Error::input("there is no such strategy").at(name).help(format!("there are: {}", names.join(", ")))
    })
}
