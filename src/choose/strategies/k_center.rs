//! `k-center`: the row farthest from all that are chosen, again and again, so that no row is far from a chosen one
//! (Gonzalez 1985; Sener and Savarese 2018, "Active Learning for Convolutional Neural Networks: A Core-Set Approach").

use super::{Need, Pick, Pool, Strategy};
use crate::choose::pool::{Reach, scores, square};
use crate::engine::{Result, Work};
use crate::learn::Matrix;

/// Farthest first.
pub(super) struct KCenter;

impl Strategy for KCenter {
    fn name(&self) -> &'static str {
        "k-center"
    }

    fn about(&self) -> &'static str {
        "rows that leave none far from a chosen one (farthest first)"
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Points]
    }

    fn choose(&self, pool: &Pool<'_>, budget: usize, work: &Work) -> Result<Vec<Pick>> {
        let (points, rows) = (pool.points()?, pool.candidates);
        let mut reach = Reach::new(rows.len());
        work.stage("choosing rows", (budget + pool.taken.len()) as u64);
        for &row in pool.taken {
            let point = points.row(row as usize);
            reach.add(rows, |other| square(point, points.row(other as usize)), work)?;
            work.advance(1)?;
        }
        let mut open = vec![true; rows.len()];
        let mut picks = Vec::with_capacity(budget);
        while picks.len() < budget.min(rows.len()) {
            let (at, score) = if picks.is_empty() && pool.taken.is_empty() {
                (middle(points, rows, work)?, 0.0)
            } else {
                let far = reach.squares.iter().copied().enumerate().filter(|(at, _)| open[*at]);
                let Some((at, square)) = far.reduce(|a, b| if b.1 > a.1 { b } else { a }) else { break };
                (at, square.sqrt())
            };
            open[at] = false;
            let row = rows[at];
            let reason = if picks.is_empty() && pool.taken.is_empty() {
                "nearest to the middle".to_owned()
            } else {
                format!("{score:.3} from the nearest chosen")
            };
            picks.push(Pick { row, score, reason });
            let point = points.row(row as usize);
            reach.add(rows, |other| square(point, points.row(other as usize)), work)?;
            work.advance(1)?;
        }
        Ok(picks)
    }
}

/// The position of the row nearest to the mean.
fn middle(points: &Matrix<f32>, rows: &[u32], work: &Work) -> Result<usize> {
    let mut mean = vec![0.0f64; points.columns()];
    for &row in rows {
        mean.iter_mut().zip(points.row(row as usize)).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    let mean: Vec<f32> = mean.into_iter().map(|sum| (sum / rows.len().max(1) as f64) as f32).collect();
    let apart = scores(rows, |row| square(&mean, points.row(row as usize)), work)?;
    Ok(apart.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(at, _)| at))
}
