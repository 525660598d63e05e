//! Whether rows that stand near each other are alike: sorted data, drift, batches. A split by position is then no fair
//! split.
//!
//! For all pairs of nearest neighbours it is looked at how far apart they stand; in a random order these distances have
//! a known distribution. The two are compared by the Kolmogorov-Smirnov statistic, and what is to be expected by chance
//! by permuting the rows (Cummings et al. 2023, "Detecting Dataset Drift and Non-IID Sampling via k-Nearest
//! Neighbors").

use rayon::prelude::*;

use crate::engine::{Random, Result, Work};
use crate::learn::knn::Neighbours;

/// How the order is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderOptions {
    /// Random orders to compare with; the smallest p that can come out is `1 / (1 + permutations)`.
    pub permutations: usize,
    /// The seed of these.
    pub seed: u64,
}

impl Default for OrderOptions {
    fn default() -> Self {
        Self { permutations: 99, seed: 0 }
    }
}

/// How much the order of rows tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The Kolmogorov-Smirnov statistic, 0-1.
    pub statistic: f64,
    /// The share of orders (random ones and this) that tell as much: significant below 0.05.
    pub p_value: f64,
    /// By row, 0-1: low where the row's neighbours stand unusually near or far.
    pub scores: Vec<f64>,
}

/// Judges the order of rows by the graph of their neighbours; `None` for fewer than 3 rows.
///
/// The p-value is that of a permutation test; cleanlab smooths 25 permutations by a kernel and integrates its tail.
///
/// # Errors
/// If the work was cancelled.
pub fn row_order(neighbours: &Neighbours, options: &OrderOptions, work: &Work) -> Result<Option<Order>> {
    let rows = neighbours.rows();
    if rows < 3 || neighbours.k() == 0 {
        return Ok(None);
    }
    work.stage("judging the order of rows", options.permutations as u64);
    let own = statistic(neighbours, |row| row, work)?;
    let chance: Vec<f64> = (0..options.permutations)
        .into_par_iter()
        .map(|permutation| {
            let mut places: Vec<u32> = (0..rows as u32).collect();
            Random::new(options.seed.wrapping_add(permutation as u64).wrapping_mul(0x9E37_79B9)).shuffle(&mut places);
            let place = |row: usize| places.get(row).copied().unwrap_or(0) as usize;
            let found = statistic(neighbours, place, work)?;
            work.advance(1)?;
            Ok(found)
        })
        .collect::<Result<_>>()?;
    // Permutations of few rows may give the very same statistic but for rounding.
    let as_much = chance.iter().filter(|&&found| found >= own - 1e-12).count();
    let p_value = (1 + as_much) as f64 / (1 + options.permutations) as f64;
    let score = |row: usize| row_score(neighbours, row);
    let scores = (0..rows).into_par_iter().with_min_len(256).map(score).collect();
    Ok(Some(Order { statistic: own, p_value, scores }))
}

/// How often rows that follow each other have the same label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Runs {
    /// The share of neighbouring labelled rows with equal labels, 0-1.
    pub same: f64,
    /// The share that a random order would have, as expected.
    pub by_chance: f64,
    /// How many such neighbours there are.
    pub pairs: u64,
}

/// Looks at the labels of rows that follow each other; `None` with fewer than two labelled rows.
pub fn label_runs(labels: &[Option<u16>]) -> Option<Runs> {
    let labels: Vec<u16> = labels.iter().flatten().copied().collect();
    let rows = labels.len() as f64;
    let pairs = labels.len().checked_sub(1).filter(|pairs| *pairs > 0)?;
    let same = labels.windows(2).filter(|pair| pair[0] == pair[1]).count();
    let mut counts = std::collections::BTreeMap::<u16, f64>::new();
    labels.iter().for_each(|label| *counts.entry(*label).or_default() += 1.0);
    // The chance that two different rows, drawn at random, are of one class.
    let by_chance = counts.values().map(|count| count * (count - 1.0)).sum::<f64>() / (rows * (rows - 1.0));
    Some(Runs { same: same as f64 / pairs as f64, by_chance, pairs: pairs as u64 })
}

/// The greatest difference of the distribution of distances between neighbours, rows standing at `place`, from that of
/// all pairs.
fn statistic(neighbours: &Neighbours, place: impl Fn(usize) -> usize, work: &Work) -> Result<f64> {
    let rows = neighbours.rows();
    let mut counts = vec![0u64; rows];
    for row in 0..rows {
        if row.is_multiple_of(4096) {
            work.check()?;
        }
        let own = place(row);
        for &other in neighbours.row(row).0 {
            if let Some(count) = counts.get_mut(own.abs_diff(place(other as usize))) {
                *count += 1;
            }
        }
    }
    let all = counts.iter().sum::<u64>() as f64;
    let pairs = rows as f64 * (rows - 1) as f64 / 2.0;
    let (mut found, mut usual, mut most) = (0u64, 0.0f64, 0.0f64);
    for (distance, count) in counts.iter().enumerate().skip(1) {
        found += count;
        usual += (rows - distance) as f64 / pairs;
        most = most.max((found as f64 / all - usual).abs());
    }
    Ok(most)
}

/// `1 - tanh` of the area between the distribution of a row's distances to its neighbours and that to all rows, by the
/// greatest distance it can have, as cleanlab scores rows.
fn row_score(neighbours: &Neighbours, row: usize) -> f64 {
    let rows = neighbours.rows();
    let last = (rows - 1) as f64;
    let mut distances: Vec<usize> = neighbours.row(row).0.iter().map(|&other| row.abs_diff(other as usize)).collect();
    distances.sort_unstable();
    let count = distances.len() as f64;
    distances.push(rows - 1);
    // Up to this distance there is a row on either side, then on one side, then none.
    let both = row.min(rows - 1 - row) as f64;
    let one = last - both;
    let usual = |distance: f64| {
        if distance <= both {
            distance * distance / last
        } else if distance <= one {
            both * both / last + 0.5 * (distance + 3.0 * both) * (distance - both) / last
        } else {
            let middle = 0.5 * (2.0 * both / last + 1.0) * (rows as f64 - 2.0 * both - 1.0);
            both * both / last + middle + (distance - one)
        }
    };
    let (mut area, mut before) = (0.0, 0.0);
    for (at, &distance) in distances.iter().enumerate() {
        let distance = distance as f64;
        let found = at as f64 / count * (distance - before);
        area += (found - (usual(distance) - usual(before))).abs();
        before = distance;
    }
    let farthest = row.max(rows - row) as f64;
    1.0 - (area / farthest).tanh()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::learn::Matrix;
    use crate::learn::knn::Metric;

    fn judge(points: &Matrix<f32>, metric: Metric) -> Order {
        let neighbours = Neighbours::build(points, 10, metric, &Work::new()).unwrap();
        row_order(&neighbours, &OrderOptions::default(), &Work::new()).unwrap().unwrap()
    }

    fn noise(rows: usize, shift: impl Fn(usize) -> f64) -> Matrix<f32> {
        let mut random = Random::new(5);
        let values = (0..rows * 3).map(|at| (random.unit() + shift(at / 3)) as f32).collect();
        Matrix::new(rows, 3, values).unwrap()
    }

    #[test]
    fn drift_and_batches_show_and_chance_does_not() {
        assert!(judge(&noise(300, |_| 0.0), Metric::Euclidean).p_value > 0.05);
        assert!(judge(&noise(300, |row| row as f64 / 100.0), Metric::Euclidean).p_value <= 0.01, "drift");
        assert!(judge(&noise(300, |row| f64::from(row > 150) * 3.0), Metric::Euclidean).p_value <= 0.01, "a change");
        assert!(judge(&noise(300, |row| (row % 2) as f64 * 3.0), Metric::Euclidean).p_value > 0.05, "evenly mixed");
    }

    #[test]
    fn sorted_labels_run_and_alternating_ones_do_not() {
        let check = |labels: &[Option<u16>], expected: Option<(f64, f64, u64)>| {
            assert_eq!(label_runs(labels).map(|runs| (runs.same, runs.by_chance, runs.pairs)), expected, "{labels:?}");
        };
        let third = 1.0 / 3.0;
        check(&[Some(0), Some(0), None, Some(1), Some(1)], Some((2.0 * third, third, 3)));
        check(&[Some(0), Some(1), Some(0), Some(1)], Some((0.0, third, 3)));
        check(&[Some(0), None], None);
        check(&[], None);
    }

    #[test]
    fn few_rows_tell_nothing() {
        for rows in 0..3 {
            let neighbours = Neighbours::build(&noise(rows, |_| 0.0), 10, Metric::Euclidean, &Work::new()).unwrap();
            assert!(row_order(&neighbours, &OrderOptions::default(), &Work::new()).unwrap().is_none());
        }
        assert!(judge(&noise(3, |_| 0.0), Metric::Euclidean).p_value > 0.05);
    }

    #[test]
    fn rows_are_scored_as_cleanlab_does() {
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let given = std::env::var_os("LAPIDARY_DATA").map(PathBuf::from);
        let places = given.into_iter().chain([here.join("../shared/data"), here.join("../../shared/data")]);
        let Some(path) = places.map(|place| place.join("golden/datalab_small.json")).find(|path| path.is_file()) else {
            eprintln!("skipped: the development data are not on this machine");
            return;
        };
        let golden: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let list = |value: &serde_json::Value| value.as_array().unwrap().clone();
        let rows = list(&golden["features"]);
        let values: Vec<f32> = rows.iter().flat_map(&list).map(|value| value.as_f64().unwrap() as f32).collect();
        let points = Matrix::new(rows.len(), values.len() / rows.len(), values).unwrap();
        let found = judge(&points, Metric::Cosine);
        for (row, expected) in list(&golden["issues"]["non_iid_score"]).iter().enumerate() {
            assert!((found.scores[row] - expected.as_f64().unwrap()).abs() < 1e-9, "row {row}: {}", found.scores[row]);
        }
        // cleanlab's p of 0.86 is of other permutations.
        assert!(found.p_value > 0.5, "{}", found.p_value);
    }
}
