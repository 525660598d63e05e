//! `margin-clusters`: what a model is least sure of, spread over groups of like rows so that one kind of doubt does not
//! fill the budget (Citovsky and others 2021, "Batch Active Learning at Scale"). Groups are those of k-means here, which
//! takes any number of rows.

use super::{Need, Pick, Pool, Strategy};
use crate::choose::cluster::Clusters;
use crate::choose::margin;
use crate::engine::{Result, Work};

/// So many times the budget is looked at, the least sure first (as the paper).
const WIDER: usize = 10;

/// The most groups.
const MOST_GROUPS: usize = 500;

/// Doubt times diversity.
pub(super) struct MarginClusters;

impl Strategy for MarginClusters {
    fn name(&self) -> &'static str {
        "margin-clusters"
    }

    fn about(&self) -> &'static str {
        "the smallest margins, spread over groups of like rows"
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Probabilities, Need::Points]
    }

    fn choose(&self, pool: &Pool<'_>, budget: usize, work: &Work) -> Result<Vec<Pick>> {
        let (points, probabilities) = (pool.points()?, pool.probabilities()?);
        let doubt = |row: u32| 1.0 - f64::from(margin(probabilities.row(row as usize)));
        let unsure = pool.best(budget.saturating_mul(WIDER), doubt, |_, _| String::new(), work)?;
        // Grouped in the order of the rows, so that the seed alone decides.
        let mut rows: Vec<u32> = unsure.iter().map(|pick| pick.row).collect();
        rows.sort_unstable();
        let clusters = Clusters::new(points, &rows, budget.min(MOST_GROUPS), pool.seed, work)?;
        let mut groups: Vec<Vec<&Pick>> = vec![Vec::new(); clusters.centres.len()];
        for pick in &unsure {
            if let Ok(at) = rows.binary_search(&pick.row) {
                groups[clusters.of[at] as usize].push(pick);
            }
        }
        // Small groups first, so that rare kinds of doubt are seen.
        groups.retain(|group| !group.is_empty());
        groups.sort_by_key(|group| (group.len(), group.first().map(|pick| pick.row)));
        let mut picks = Vec::with_capacity(budget);
        for round in 0.. {
            let before = picks.len();
            for group in &groups {
                let Some(pick) = group.get(round).filter(|_| picks.len() < budget) else { continue };
                let said = super::uncertainty::between(pool, probabilities.row(pick.row as usize));
                let reason = format!("{said}; from a group of {} unsure ones", group.len());
                picks.push(Pick { reason, ..(*pick).clone() });
            }
            if picks.len() == before || picks.len() >= budget {
                break;
            }
        }
        Ok(picks)
    }
}
