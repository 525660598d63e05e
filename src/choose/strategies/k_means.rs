//! `k-means++`: rows drawn with a chance that grows with the square of their distance to the chosen ones; spread out as
//! by `k-center`, without its love of outliers (Arthur and Vassilvitskii 2007).

use super::{Need, Pick, Pool, Strategy};
use crate::choose::cluster::draw;
use crate::choose::pool::{Reach, square};
use crate::engine::{Random, Result, Work};

/// Drawn by distance.
pub(super) struct KMeans;

impl Strategy for KMeans {
    fn name(&self) -> &'static str {
        "k-means++"
    }

    fn about(&self) -> &'static str {
        "rows drawn by their distance to the chosen ones"
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Points]
    }

    fn choose(&self, pool: &Pool<'_>, budget: usize, work: &Work) -> Result<Vec<Pick>> {
        let (points, rows) = (pool.points()?, pool.candidates);
        let mut random = Random::new(pool.seed);
        drawn(
            rows,
            pool.taken,
            budget,
            |a, b| square(points.row(a as usize), points.row(b as usize)),
            &mut random,
            work,
        )
    }
}

/// Draws rows by the square of their distance to those drawn before and to `taken`. Where every row that is left equals
/// one of them, the rest is taken in the order of the rows.
pub(super) fn drawn(
    rows: &[u32],
    taken: &[u32],
    budget: usize,
    apart: impl Fn(u32, u32) -> f64 + Sync,
    random: &mut Random,
    work: &Work,
) -> Result<Vec<Pick>> {
    let mut reach = Reach::new(rows.len());
    work.stage("choosing rows", (budget + taken.len()) as u64);
    for &row in taken {
        reach.add(rows, |other| apart(row, other), work)?;
        work.advance(1)?;
    }
    let mut open = vec![true; rows.len()];
    let mut picks: Vec<Pick> = Vec::with_capacity(budget);
    while picks.len() < budget.min(rows.len()) {
        let first = picks.is_empty() && taken.is_empty();
        let drawn = if first { Some(random.below(rows.len())) } else { draw(&reach.squares, random) };
        let Some(at) = drawn.filter(|&at| open[at]).or_else(|| open.iter().position(|open| *open)) else { break };
        open[at] = false;
        let score = if first { 0.0 } else { reach.squares[at].sqrt() };
        let reason = if first { "drawn at random".to_owned() } else { format!("{score:.3} from the nearest chosen") };
        let row = rows[at];
        picks.push(Pick { row, score, reason });
        reach.add(rows, |other| apart(row, other), work)?;
        reach.squares[at] = 0.0;
        work.advance(1)?;
    }
    Ok(picks)
}
