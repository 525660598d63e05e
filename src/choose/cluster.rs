//! k-means: rows into groups of like ones (Lloyd 1982), started by k-means++ (Arthur and Vassilvitskii 2007).

use rayon::prelude::*;

use super::pool::{Reach, scores, square};
use crate::engine::{Random, Result, Work};
use crate::learn::Matrix;

/// Rows by which centres are found; the others are only assigned.
const SAMPLE: usize = 20_000;

/// Rounds of Lloyd's algorithm; most data stands still before.
const ROUNDS: usize = 12;

/// Rows that one task handles.
const ROWS: usize = 1024;

/// Groups of rows.
pub(super) struct Clusters {
    /// The group of each row that was given, in their order.
    pub of: Vec<u32>,
    /// The centres, groups x dimensions.
    pub centres: Vec<Vec<f32>>,
}

impl Clusters {
    /// Puts rows into at most `count` groups. Equal for any number of threads.
    pub fn new(points: &Matrix<f32>, rows: &[u32], count: usize, seed: u64, work: &Work) -> Result<Self> {
        let mut random = Random::new(seed ^ 0xC105_7E25);
        let mut sample = rows.to_vec();
        if rows.len() > SAMPLE {
            random.shuffle(&mut sample);
            sample.truncate(SAMPLE.max(count.saturating_mul(4)));
            sample.sort_unstable();
        }
        let mut centres: Vec<Vec<f32>> = spread(points, &sample, count, &mut random, work)?
            .into_iter()
            .map(|row| points.row(row as usize).to_vec())
            .collect();
        work.stage("grouping rows", ROUNDS as u64);
        let mut of = Vec::new();
        for _ in 0..ROUNDS {
            let next = assign(points, &sample, &centres, work)?;
            let still = next == of;
            of = next;
            if still {
                break;
            }
            centres = means(points, &sample, &of, centres);
            work.advance(1)?;
        }
        let of = if sample.len() == rows.len() { of } else { assign(points, rows, &centres, work)? };
        Ok(Self { of, centres })
    }

    /// The positions, in the list of rows, of the members of each group.
    pub fn members(&self) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); self.centres.len()];
        for (at, &group) in self.of.iter().enumerate() {
            if let Some(members) = members.get_mut(group as usize) {
                members.push(at);
            }
        }
        members
    }
}

/// Rows that are far from each other: each is drawn with a chance that grows with the square of its distance to those
/// drawn before. Stops early where all rows are equal to one of them.
pub(super) fn spread(
    points: &Matrix<f32>,
    rows: &[u32],
    count: usize,
    random: &mut Random,
    work: &Work,
) -> Result<Vec<u32>> {
    let Some(&first) = rows.get(random.below(rows.len())) else { return Ok(Vec::new()) };
    let mut reach = Reach::new(rows.len());
    let mut chosen = vec![first];
    while chosen.len() < count.min(rows.len()) {
        let last = points.row(chosen[chosen.len() - 1] as usize);
        reach.add(rows, |row| square(last, points.row(row as usize)), work)?;
        let Some(at) = draw(&reach.squares, random) else { break };
        chosen.push(rows[at]);
    }
    Ok(chosen)
}

/// A position with a chance that is its weight; `None` where all weights are 0.
pub(super) fn draw(weights: &[f64], random: &mut Random) -> Option<usize> {
    let total: f64 = weights.iter().sum();
    if total <= 0.0 || !total.is_finite() {
        return None;
    }
    let mut left = random.unit() * total;
    let mut last = None;
    for (at, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        last = Some(at);
        left -= weight;
        if left < 0.0 {
            break;
        }
    }
    last
}

fn assign(points: &Matrix<f32>, rows: &[u32], centres: &[Vec<f32>], work: &Work) -> Result<Vec<u32>> {
    let nearest = |row: u32| {
        let point = points.row(row as usize);
        let apart = centres.iter().map(|centre| square(point, centre)).enumerate();
        apart.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0.0, |(at, _)| at as f64)
    };
    Ok(scores(rows, nearest, work)?.into_iter().map(|group| group as u32).collect())
}

/// The mean of each group; a group without rows keeps its centre. Sums are made in the order of the rows.
fn means(points: &Matrix<f32>, rows: &[u32], of: &[u32], old: Vec<Vec<f32>>) -> Vec<Vec<f32>> {
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); old.len()];
    for (&row, &group) in rows.iter().zip(of) {
        members[group as usize].push(row);
    }
    let mean = |(members, old): (Vec<u32>, Vec<f32>)| {
        if members.is_empty() {
            return old;
        }
        let mut sums = vec![0.0f64; old.len()];
        for &row in &members {
            sums.iter_mut().zip(points.row(row as usize)).for_each(|(sum, &value)| *sum += f64::from(value));
        }
        sums.into_iter().map(|sum| (sum / members.len() as f64) as f32).collect()
    };
    members.into_par_iter().zip(old).with_min_len(8).map(mean).collect()
}

/// The mean distance of each row to its `k` nearest among some others, itself left out; 0 where it is alone. At most
/// `most` others are looked at, every one of them if there are fewer.
pub(super) fn mean_distance(
    points: &Matrix<f32>,
    rows: &[u32],
    k: usize,
    most: usize,
    work: &Work,
) -> Result<Vec<f64>> {
    // Every so manieth row stands for the others of a large group.
    let step = rows.len().div_ceil(most.max(1)).max(1);
    let others: Vec<u32> = rows.iter().copied().step_by(step).collect();
    let mean = |row: &u32| {
        let point = points.row(*row as usize);
        let others = others.iter().filter(|&other| other != row);
        let mut apart: Vec<f64> = others.map(|&other| square(point, points.row(other as usize))).collect();
        let k = k.min(apart.len());
        if k == 0 {
            return 0.0;
        }
        apart.select_nth_unstable_by(k - 1, f64::total_cmp);
        apart.truncate(k);
        apart.sort_by(f64::total_cmp);
        apart.iter().map(|square| square.sqrt()).sum::<f64>() / k as f64
    };
    let blocks: Vec<Vec<f64>> = rows
        .par_chunks(ROWS / 16)
        .map(|rows| {
            work.check()?;
            Ok(rows.iter().map(mean).collect())
        })
        .collect::<Result<_>>()?;
    Ok(blocks.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_that_stand_apart_are_found() {
        let mut random = Random::new(3);
        let values: Vec<f32> =
            (0..300).flat_map(|row| [(row % 3) as f32 * 10.0 + random.unit() as f32, random.unit() as f32]).collect();
        let points = Matrix::new(300, 2, values).unwrap();
        let rows: Vec<u32> = (0..300).collect();
        let found = Clusters::new(&points, &rows, 3, 1, &Work::new()).unwrap();
        for row in 3..300 {
            assert_eq!(found.of[row], found.of[row % 3], "row {row}");
        }
        assert_eq!(found.members().iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 100]);
    }

    #[test]
    fn equal_rows_are_one_group() {
        let points = Matrix::new(4, 1, vec![1.0; 4]).unwrap();
        let found = Clusters::new(&points, &[0, 1, 2, 3], 3, 0, &Work::new()).unwrap();
        assert_eq!((found.of, found.centres.len()), (vec![0; 4], 1));
    }
}
