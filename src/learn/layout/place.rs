//! Placing many points beside the few that were laid out.
//!
//! Comparing all pairs of a million rows takes hours; comparing them with fifty thousand landmarks takes a minute. Each
//! row is put among its nearest landmarks (the out-of-sample step of landmark layouts; de Silva and Tenenbaum 2004,
//! "Sparse multidimensional scaling using landmark points"), weighted by how near each is.

use rayon::prelude::*;

use crate::engine::{Error, Random, Result, Work};
use crate::learn::Matrix;
use crate::learn::knn::{Metric, Pairs};
use crate::learn::product::times_transposed;

/// The landmarks that decide a row's place.
const NEAREST: usize = 5;

/// Rows that are placed at once, and landmarks they are compared with at once.
const ROWS: usize = 256;
const LANDMARKS: usize = 2048;

/// How far a row may stand beside its place, so that rows with the same landmarks do not lie on each other: about the
/// distance of neighbours in a layout.
const BESIDE: f64 = 0.05;

/// The place of every row of `points` (rows x dimensions), given the rows that were laid out and where they stand.
/// Those keep their places. The result is the same for any number of threads.
///
/// # Errors
/// If there is not one position for each landmark, a landmark is not a row, a value is not a finite number, or the work
/// was cancelled.
pub fn place(
    points: &Matrix<f32>,
    metric: Metric,
    landmarks: &[u32],
    positions: &[[f32; 2]],
    seed: u64,
    work: &Work,
) -> Result<Vec<[f32; 2]>> {
    if landmarks.len() != positions.len() || landmarks.is_empty() {
        return Err(Error::input(format!("{} positions for {} landmarks", positions.len(), landmarks.len())));
    }
    if let Some(row) = landmarks.iter().find(|&&row| row as usize >= points.rows()) {
        return Err(Error::input("a landmark is not a row").at(row + 1));
    }
    // Checks that all values are finite, and settles the order of the nearest in double precision.
    let pairs = Pairs::new(points, metric, work)?;
    let rows = Ready::new(points, metric, 0..points.rows());
    let known = Ready::new(points, metric, landmarks.iter().map(|&row| row as usize));
    work.stage("placing rows", points.rows() as u64);
    let mut places = vec![[0.0f32; 2]; points.rows()];
    places.par_chunks_mut(ROWS).enumerate().try_for_each(|(block, places)| -> Result<()> {
        let start = block * ROWS;
        let nearest = rows.nearest(start..start + places.len(), &known, work)?;
        for (at, (place, nearest)) in places.iter_mut().zip(nearest).enumerate() {
            let row = start + at;
            let found: Vec<(f64, usize)> = nearest
                .into_iter()
                .filter_map(|(_, landmark)| Some((pairs.apart(row, *landmarks.get(landmark)? as usize), landmark)))
                .collect();
            *place = among(&found, positions, Random::new(seed ^ row as u64));
        }
        work.advance(places.len() as u64)
    })?;
    for (&row, &position) in landmarks.iter().zip(positions) {
        places[row as usize] = position;
    }
    Ok(places)
}

/// The mean of the places of the nearest landmarks, by the inverse of how far each is, and a little beside it.
fn among(nearest: &[(f64, usize)], positions: &[[f32; 2]], mut random: Random) -> [f32; 2] {
    let least = nearest.iter().map(|&(apart, _)| apart).fold(f64::INFINITY, f64::min);
    let (mut sum, mut total) = ([0.0f64; 2], 0.0f64);
    for &(apart, landmark) in nearest {
        let Some(position) = positions.get(landmark) else { continue };
        // The nearest counts in full; one twice as far (in squares) half as much, so that a row between two clusters is
        // not drawn into the empty space between them by those that are far.
        let weight = ((least + 1e-12) / (apart + 1e-12)).powi(2);
        sum.iter_mut().zip(position).for_each(|(sum, &value)| *sum += weight * f64::from(value));
        total += weight;
    }
    sum.map(|sum| (sum / total.max(f64::MIN_POSITIVE) + (random.unit() - 0.5) * 2.0 * BESIDE) as f32)
}

/// Rows made ready for products: of unit length for the cosine, as they are otherwise.
struct Ready {
    columns: usize,
    values: Vec<f32>,
    /// Half the squared length of each.
    half: Vec<f32>,
}

impl Ready {
    fn new(points: &Matrix<f32>, metric: Metric, rows: impl Iterator<Item = usize>) -> Self {
        let mut ready = Self { columns: points.columns(), values: Vec::new(), half: Vec::new() };
        for row in rows {
            let row = points.row(row);
            let square: f32 = row.iter().map(|value| value * value).sum();
            let scale = if metric == Metric::Cosine && square > 0.0 { 1.0 / square.sqrt() } else { 1.0 };
            ready.values.extend(row.iter().map(|value| value * scale));
            ready.half.push(square * scale * scale / 2.0);
        }
        ready
    }

    fn rows(&self, rows: std::ops::Range<usize>) -> &[f32] {
        self.values.get(rows.start * self.columns..rows.end * self.columns).unwrap_or_default()
    }

    /// For each of some rows the nearest of `known`: how far (half the squared distance, to be compared only) and which.
    fn nearest(&self, rows: std::ops::Range<usize>, known: &Self, work: &Work) -> Result<Vec<Vec<(f32, usize)>>> {
        let mut found: Vec<Vec<(f32, usize)>> = vec![Vec::with_capacity(NEAREST + 1); rows.len()];
        let mut products = vec![0.0f32; rows.len() * LANDMARKS];
        for start in (0..known.half.len()).step_by(LANDMARKS) {
            work.check()?;
            let end = (start + LANDMARKS).min(known.half.len());
            let products = &mut products[..rows.len() * (end - start)];
            times_transposed(-1.0, self.rows(rows.clone()), known.rows(start..end), self.columns, products)?;
            for (found, products) in found.iter_mut().zip(products.chunks_exact(end - start)) {
                let mut limit = found.get(NEAREST - 1).map_or(f32::INFINITY, |last| last.0);
                for (at, (product, half)) in products.iter().zip(&known.half[start..end]).enumerate() {
                    let apart = product + half;
                    if apart < limit {
                        let place = found.partition_point(|held| held.0 <= apart);
                        found.insert(place, (apart, start + at));
                        found.truncate(NEAREST);
                        limit = found.get(NEAREST - 1).map_or(f32::INFINITY, |last| last.0);
                    }
                }
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of `clusters` clusters far from each other, one after another.
    fn clustered(rows: usize, clusters: usize, seed: u64) -> Matrix<f32> {
        let mut random = Random::new(seed);
        let value = |row: usize, column: usize, random: &mut Random| {
            let centre = if column == row % clusters { 10.0 } else { 0.0 };
            (centre + random.unit()) as f32
        };
        let values = (0..rows * 6).map(|at| value(at / 6, at % 6, &mut random)).collect();
        Matrix::new(rows, 6, values).unwrap()
    }

    #[test]
    fn rows_stand_with_their_cluster_and_landmarks_where_they_stood() {
        for metric in [Metric::Euclidean, Metric::Cosine] {
            let points = clustered(3000, 3, 1);
            let landmarks: Vec<u32> = (0..3000).filter(|row| row % 10 < 3).collect();
            let centre = |row: usize| [[0.0, 0.0], [20.0, 0.0], [0.0, 20.0f32]][row % 3];
            let positions: Vec<[f32; 2]> = landmarks.iter().map(|&row| centre(row as usize)).collect();
            let places = place(&points, metric, &landmarks, &positions, 7, &Work::new()).unwrap();
            for (&row, position) in landmarks.iter().zip(&positions) {
                assert_eq!(&places[row as usize], position);
            }
            for (row, place) in places.iter().enumerate() {
                let centre = centre(row);
                let apart = (place[0] - centre[0]).hypot(place[1] - centre[1]);
                assert!(apart < 0.5, "{metric:?}: row {row} stands at {place:?}, its cluster at {centre:?}");
            }
        }
    }

    #[test]
    fn the_same_for_any_number_of_threads() {
        let points = clustered(1500, 4, 2);
        let landmarks: Vec<u32> = (0..1500).step_by(7).collect();
        let positions: Vec<[f32; 2]> = landmarks.iter().map(|&row| [row as f32, 1.0]).collect();
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| place(&points, Metric::Cosine, &landmarks, &positions, 3, &Work::new()).unwrap())
        };
        assert_eq!(with(1), with(3));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let points = clustered(10, 2, 3);
        let check = |landmarks: &[u32], positions: &[[f32; 2]]| {
            place(&points, Metric::Cosine, landmarks, positions, 0, &Work::new()).is_err()
        };
        assert!(check(&[], &[]));
        assert!(check(&[1, 2], &[[0.0, 0.0]]));
        assert!(check(&[10], &[[0.0, 0.0]]));
        let work = Work::new();
        work.cancel();
        assert!(place(&points, Metric::Cosine, &[1], &[[0.0, 0.0]], 0, &work).unwrap_err().is_cancelled());
    }
}
