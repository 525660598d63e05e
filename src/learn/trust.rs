//! How far a layout can be trusted: whether those who look like neighbours are.

use rayon::prelude::*;

use super::Matrix;
use super::knn::{Metric, Pairs};
use crate::engine::{Error, Random, Result, Work};

/// The most rows among which neighbours are looked for.
const MOST_ROWS: usize = 20_000;

/// Distances between two checks for cancellation.
const CHECK: usize = 4096;

/// The trustworthiness of positions for the rows of `points`, 0-1 (Venna and Kaski 2001, "Neighborhood Preservation in
/// Nonlinear Projection Methods"): 1 less the penalty for each row that is among the `k` nearest in the layout but not
/// among the `k` nearest in truth, by how far down it truly stands. 0.5 is about what random positions get.
///
/// Of more than 20,000 rows a seeded sample of as many stands for all; the penalty is taken of `sample` of them.
/// `None` if `k` is 0 or there are not more than 2 `k` rows, for which it is not defined.
///
/// # Errors
/// If there is not one position for each row, a value is not a finite number, or the work was cancelled.
pub fn trustworthiness(
    points: &Matrix<f32>,
    metric: Metric,
    positions: &[[f32; 2]],
    k: usize,
    sample: usize,
    seed: u64,
    work: &Work,
) -> Result<Option<f64>> {
    if points.rows() != positions.len() {
        return Err(Error::input(format!("{} positions for {} rows", positions.len(), points.rows())));
    }
    let mut rows: Vec<u32> = (0..points.rows() as u32).collect();
    Random::new(seed).shuffle(&mut rows);
    rows.truncate(MOST_ROWS);
    let mut sampled = rows.clone();
    sampled.truncate(sample);
    rows.sort_unstable();
    let n = rows.len();
    if k == 0 || n <= 2 * k || sampled.is_empty() {
        return Ok(None);
    }
    let pairs = Pairs::new(points, metric, work)?;
    work.stage("comparing layout and distances", sampled.len() as u64);
    let penalties: Vec<u64> = sampled
        .par_iter()
        .map(|&row| {
            let found = penalty(&pairs, positions, &rows, row, k, work)?;
            work.advance(1)?;
            Ok(found)
        })
        .collect::<Result<_>>()?;
    let sum = penalties.iter().sum::<u64>() as f64;
    let (n, k) = (n as f64, k as f64);
    // The greatest possible penalty of a row makes the measure 0.
    Ok(Some(1.0 - 2.0 * sum / (sampled.len() as f64 * k * (2.0 * n - 3.0 * k - 1.0))))
}

/// By how many places the layout's neighbours of a row fall short of being its neighbours in truth.
fn penalty(pairs: &Pairs<'_>, positions: &[[f32; 2]], rows: &[u32], row: u32, k: usize, work: &Work) -> Result<u64> {
    let here = positions.get(row as usize).copied().unwrap_or_default();
    let mut truth: Vec<(f64, u32)> = Vec::with_capacity(rows.len());
    let mut shown: Vec<(f64, u32)> = Vec::with_capacity(rows.len());
    for block in rows.chunks(CHECK) {
        work.check()?;
        for &other in block.iter().filter(|&&other| other != row) {
            truth.push((pairs.apart(row as usize, other as usize), other));
            let there = positions.get(other as usize).copied().unwrap_or_default();
            let [dx, dy] = [0, 1].map(|axis| f64::from(here[axis]) - f64::from(there[axis]));
            shown.push((dx * dx + dy * dy, other));
        }
    }
    let order = |a: &(f64, u32), b: &(f64, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    if k < shown.len() {
        shown.select_nth_unstable_by(k - 1, order);
        shown.truncate(k);
    }
    truth.sort_unstable_by(order);
    let mut near: Vec<u32> = shown.iter().map(|&(_, other)| other).collect();
    near.sort_unstable();
    let far = truth.iter().enumerate().skip(k).filter(|(_, (_, other))| near.binary_search(other).is_ok());
    Ok(far.map(|(place, _)| (place + 1 - k) as u64).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(rows: usize) -> Matrix<f32> {
        Matrix::new(rows, 1, (0..rows).map(|row| row as f32).collect()).unwrap()
    }

    fn measure(positions: &[[f32; 2]], k: usize, sample: usize) -> Option<f64> {
        trustworthiness(&line(positions.len()), Metric::Euclidean, positions, k, sample, 3, &Work::new()).unwrap()
    }

    #[test]
    fn a_faithful_layout_is_trusted_and_a_random_one_is_not() {
        let faithful: Vec<[f32; 2]> = (0..400).map(|row| [row as f32 * 3.0 + 1.0, 2.0]).collect();
        assert_eq!(measure(&faithful, 6, usize::MAX), Some(1.0));
        let mut mixed = faithful.clone();
        Random::new(1).shuffle(&mut mixed);
        let found = measure(&mixed, 6, usize::MAX).unwrap();
        assert!((found - 0.5).abs() < 0.05, "{found}");
        let sampled = measure(&mixed, 6, 100).unwrap();
        assert!((found - sampled).abs() < 0.05, "{found} {sampled}");
    }

    #[test]
    fn the_penalty_of_a_small_case_by_hand() {
        // Rows 0-4 on a line, 4 is shown beside 0. With k = 1: 0 sees 4, which is truly fourth (penalty 3); 4 sees 0,
        // truly fourth (3); 1 sees 2 instead of 0, which is as near and comes first (1); 2 sees 1, 3 sees 2, rightly.
        let positions = [[0.0, 0.0], [11.0, 0.0], [12.0, 0.0], [13.5, 0.0], [0.5, 0.0]];
        let expected = 1.0 - 2.0 * 7.0 / (5.0 * (10.0 - 3.0 - 1.0));
        assert!((measure(&positions, 1, 5).unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn what_is_undefined_is_none() {
        assert_eq!(measure(&[], 1, 5), None);
        assert_eq!(measure(&[[0.0; 2]; 4], 2, 5), None);
        assert_eq!(measure(&[[0.0; 2]; 4], 0, 5), None);
        assert_eq!(measure(&[[0.0; 2]; 4], 1, 0), None);
        let short = trustworthiness(&line(3), Metric::Cosine, &[], 1, 5, 0, &Work::new());
        assert!(short.is_err());
    }
}
