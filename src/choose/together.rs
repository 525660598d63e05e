//! An order in which similar rows come one after another, so that a person who labels them need not think anew each time.

use super::cluster::Clusters;
use super::pool::square;
use crate::engine::{Result, Work};
use crate::learn::Matrix;

/// The most groups.
const MOST_GROUPS: usize = 400;

/// A larger group is not walked through from neighbour to neighbour but sorted by the distance from its centre.
const MOST_WALKED: usize = 3000;

/// All given rows in an order in which near ones follow each other: groups from neighbour to neighbour, and so the rows
/// within. Equal for any number of threads.
///
/// # Errors
/// If the work was cancelled.
pub fn together(points: &Matrix<f32>, rows: &[u32], seed: u64, work: &Work) -> Result<Vec<u32>> {
    let count = ((rows.len() as f64 / 2.0).sqrt() as usize).clamp(1, MOST_GROUPS);
    let clusters = Clusters::new(points, rows, count, seed, work)?;
    let members = clusters.members();
    let centres: Vec<&[f32]> = clusters.centres.iter().map(Vec::as_slice).collect();
    let start = (0..members.len()).max_by_key(|&group| (members[group].len(), std::cmp::Reverse(group))).unwrap_or(0);
    let mut order: Vec<u32> = Vec::with_capacity(rows.len());
    for group in walk(&centres, start, work)? {
        let members: Vec<u32> = members[group].iter().map(|&at| rows[at]).collect();
        let of: Vec<&[f32]> = members.iter().map(|&row| points.row(row as usize)).collect();
        let from = order.last().map_or(centres[group], |&row| points.row(row as usize));
        if members.len() > MOST_WALKED {
            let mut sorted: Vec<(f64, u32)> =
                of.iter().map(|point| square(point, centres[group])).zip(members).collect();
            sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            order.extend(sorted.into_iter().map(|(_, row)| row));
            continue;
        }
        let nearest = of.iter().map(|point| square(point, from)).enumerate();
        let start = nearest.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(at, _)| at);
        order.extend(walk(&of, start, work)?.into_iter().map(|at| members[at]));
    }
    Ok(order)
}

/// From one point to the nearest that is left, until none is.
fn walk(points: &[&[f32]], start: usize, work: &Work) -> Result<Vec<usize>> {
    let mut left: Vec<usize> = (0..points.len()).collect();
    let mut order = Vec::with_capacity(points.len());
    let mut at = start.min(points.len().saturating_sub(1));
    while !left.is_empty() {
        work.check()?;
        let here = left.iter().position(|&other| other == at).unwrap_or(0);
        order.push(left.remove(here));
        let apart = left.iter().map(|&other| (square(points[at], points[other]), other));
        at = apart.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))).map_or(0, |(_, other)| other);
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Random;

    #[test]
    fn like_rows_follow_each_other() {
        let mut random = Random::new(5);
        let values: Vec<f32> =
            (0..400).flat_map(|row| [(row % 4) as f32 * 10.0 + random.unit() as f32, random.unit() as f32]).collect();
        let points = Matrix::new(400, 2, values).unwrap();
        let rows: Vec<u32> = (0..400).filter(|row| row % 7 != 0).collect();
        let order = together(&points, &rows, 0, &Work::new()).unwrap();
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, rows);
        let changes = order.windows(2).filter(|pair| pair[0] % 4 != pair[1] % 4).count();
        assert_eq!(changes, 3, "each of the four groups is one stretch");
        assert!(together(&points, &[], 0, &Work::new()).unwrap().is_empty());
    }
}
