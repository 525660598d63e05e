//! The nearest neighbours of every row, exactly.
//!
//! All pairs are compared, once each, by matrix products in single precision; a few rows more than asked for are kept,
//! and their distances computed again in double precision. Where rounding could have hidden a nearer row, the row is
//! compared with all others in double precision. No index structure is exact in hundreds of dimensions, and up to a
//! hundred thousand rows this is a matter of seconds: about `rows² * columns / 50e9` on one core.

mod compare;
mod distance;

use rayon::prelude::*;

use super::Matrix;
use crate::engine::{Error, Result, Work};
use compare::{EMPTY, Prepared, candidates};
pub use distance::Metric;
pub(super) use distance::Pairs;

/// Rows that are settled at once.
const ROWS: usize = 64;

/// The nearest neighbours of every row, nearest first; of equally near ones the lower row comes first.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbours {
    metric: Metric,
    wanted: usize,
    rows: usize,
    k: usize,
    indices: Vec<u32>,
    distances: Vec<f32>,
}

impl Neighbours {
    /// Finds the `k` nearest neighbours of every row of `points` (rows x dimensions) among the other rows.
    ///
    /// 60,000 rows of 256 values take about 10 seconds on two cores. Besides a copy of the points,
    /// `rows * (1.5 k + 8) * 8` bytes are needed.
    ///
    /// # Errors
    /// If `k` is 0, a value is not a finite number, there are 2³² rows or more, or the work was cancelled.
    pub fn build(points: &Matrix<f32>, k: usize, metric: Metric, work: &Work) -> Result<Self> {
        let nothing = Self { metric, wanted: k, rows: 0, k: 0, indices: vec![], distances: vec![] };
        nothing.extend(points, work)
    }

    /// The neighbours of more rows: the first rows of `points` are those that these neighbours are of, unchanged, and
    /// the others are new. Only pairs with a new row are compared; both sides get what they have won.
    ///
    /// # Errors
    /// As [`build`](Self::build), and if `points` has fewer rows than there were.
    pub fn extend(&self, points: &Matrix<f32>, work: &Work) -> Result<Self> {
        let rows = points.rows();
        if self.wanted == 0 {
            return Err(Error::input("0 neighbours were asked for").help("ask for at least 1, usually 10 to 30"));
        }
        if rows < self.rows || rows >= u32::MAX as usize {
            return Err(Error::input(format!("{rows} rows cannot extend the neighbours of {}", self.rows)));
        }
        let k = self.wanted.min(rows.saturating_sub(1));
        let pairs = Pairs::new(points, self.metric, work)?;
        let prepared = Prepared::new(points, self.metric, work)?;
        let most = (k + (k / 2).max(8)).min(rows.saturating_sub(1));
        let kept = candidates(&prepared, self.rows, most, work)?;
        work.stage("settling neighbours", rows as u64);
        let (mut indices, mut distances) = (vec![0u32; rows * k], vec![0.0f32; rows * k]);
        let width = (ROWS * k).max(1);
        let unproven: Vec<Vec<u32>> = indices
            .par_chunks_mut(width)
            .zip(distances.par_chunks_mut(width))
            .zip(kept.par_chunks((ROWS * most).max(1)))
            .enumerate()
            .map(|(block, ((indices, distances), kept))| {
                let mut unproven = Vec::new();
                let outs = indices.chunks_exact_mut(k).zip(distances.chunks_exact_mut(k));
                for (at, (out, kept)) in outs.zip(kept.chunks_exact(most)).enumerate() {
                    let row = block * ROWS + at;
                    let found = kept.iter().filter(|&&key| key != EMPTY).map(|&key| key as u32);
                    let nearest = nearest(&pairs, row, found.chain(self.row(row).0.iter().copied()), k);
                    if !prepared.proves(row, kept, nearest.last().copied()) {
                        unproven.push(row as u32);
                    }
                    write(&nearest, self.metric, out);
                }
                work.advance(ROWS as u64)?;
                Ok(unproven)
            })
            .collect::<Result<_>>()?;
        let mut all = Self { metric: self.metric, wanted: self.wanted, rows, k, indices, distances };
        all.settle(&pairs, &unproven.concat(), work)?;
        Ok(all)
    }

    /// Compares rows with all others in double precision.
    fn settle(&mut self, pairs: &Pairs<'_>, unproven: &[u32], work: &Work) -> Result<()> {
        let (rows, k) = (self.rows, self.k);
        work.stage("settling close neighbours", unproven.len() as u64);
        let found: Vec<Vec<(f64, u32)>> = unproven
            .par_iter()
            .map(|&row| {
                let mut best: Vec<(f64, u32)> = Vec::new();
                for start in (0..rows).step_by(4096) {
                    work.check()?;
                    let others = (start..(start + 4096).min(rows)).map(|other| other as u32);
                    best = nearest(pairs, row as usize, best.iter().map(|&(_, other)| other).chain(others), k);
                }
                work.advance(1)?;
                Ok(best)
            })
            .collect::<Result<_>>()?;
        for (&row, found) in unproven.iter().zip(&found) {
            let range = row as usize * k..(row as usize + 1) * k;
            write(found, self.metric, (&mut self.indices[range.clone()], &mut self.distances[range]));
        }
        Ok(())
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of neighbours of each row: what was asked for, or all other rows if there are fewer.
    pub fn k(&self) -> usize {
        self.k
    }

    /// How distance is measured.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// The neighbours of a row and their distances, nearest first; empty if there is no such row.
    pub fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let start = row.saturating_mul(self.k);
        let range = start..start.saturating_add(self.k);
        (self.indices.get(range.clone()).unwrap_or_default(), self.distances.get(range).unwrap_or_default())
    }
}

/// The `k` nearest of some rows to `row`, which may stand among them, with what [`Pairs::apart`] says.
fn nearest(pairs: &Pairs<'_>, row: usize, others: impl Iterator<Item = u32>, k: usize) -> Vec<(f64, u32)> {
    let others = others.filter(|&other| other as usize != row);
    let mut found: Vec<(f64, u32)> = others.map(|other| (pairs.apart(row, other as usize), other)).collect();
    let order = |a: &(f64, u32), b: &(f64, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    if found.len() > k && k > 0 {
        found.select_nth_unstable_by(k - 1, order);
        found.truncate(k);
    }
    found.sort_unstable_by(order);
    found
}

fn write(nearest: &[(f64, u32)], metric: Metric, (indices, distances): (&mut [u32], &mut [f32])) {
    for ((&(apart, other), index), distance) in nearest.iter().zip(indices).zip(distances) {
        (*index, *distance) = (other, metric.distance(apart) as f32);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::Random;

    fn brute(points: &Matrix<f32>, k: usize, metric: Metric) -> Vec<Vec<u32>> {
        let dot = |a: usize, b: usize| -> f64 {
            points.row(a).iter().zip(points.row(b)).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum()
        };
        let apart = |a: usize, b: usize| match metric {
            Metric::Euclidean => {
                points.row(a).iter().zip(points.row(b)).map(|(&x, &y)| (f64::from(x) - f64::from(y)).powi(2)).sum()
            }
            Metric::Cosine if dot(a, a) == 0.0 || dot(b, b) == 0.0 => 1.0,
            Metric::Cosine => (1.0 - dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()).max(0.0),
        };
        let of = |row: usize| {
            let mut others: Vec<(f64, u32)> = (0..points.rows())
                .filter(|&other| other != row)
                .map(|other| (apart(row, other), other as u32))
                .collect();
            others.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            others.into_iter().take(k).map(|(_, other)| other).collect()
        };
        (0..points.rows()).map(of).collect()
    }

    fn check(points: &Matrix<f32>, k: usize, metric: Metric) {
        let found = Neighbours::build(points, k, metric, &Work::new()).unwrap();
        for (row, expected) in brute(points, k, metric).iter().enumerate() {
            assert_eq!(found.row(row).0, expected, "row {row}, {metric:?}, {} rows", points.rows());
            assert!(found.row(row).1.is_sorted());
        }
    }

    fn gaussian(rows: usize, columns: usize, scale: f32, offset: f32, seed: u64) -> Matrix<f32> {
        let mut random = Random::new(seed);
        let mut normal = || (0..12).map(|_| random.unit()).sum::<f64>() as f32 - 6.0;
        let values = (0..rows * columns).map(|_| normal() * scale + offset).collect();
        Matrix::new(rows, columns, values).unwrap()
    }

    #[test]
    fn the_same_as_comparing_every_pair() {
        for metric in [Metric::Euclidean, Metric::Cosine] {
            check(&gaussian(700, 24, 1.0, 0.0, 1), 10, metric);
            check(&gaussian(300, 7, 1e-3, 500.0, 2), 5, metric);
            check(&gaussian(90, 3, 1e20, 0.0, 3), 5, metric);
            check(&gaussian(90, 3, 1e-20, 0.0, 3), 5, metric);
        }
    }

    #[test]
    fn duplicates_zero_rows_and_few_rows() {
        let unique = gaussian(10, 4, 1.0, 0.0, 4);
        let copies: Vec<f32> = (0..300).flat_map(|row| unique.row(row % 7).to_vec()).collect();
        let copies = Matrix::new(300, 4, copies).unwrap();
        check(&copies, 5, Metric::Euclidean);
        check(&copies, 60, Metric::Euclidean);
        check(&copies, 5, Metric::Cosine);
        let some = |row: usize| unique.row(row % 10).iter().map(move |v| if row.is_multiple_of(3) { 0.0 } else { *v });
        let holes: Vec<f32> = (0..200).flat_map(some).collect();
        let holes = Matrix::new(200, 4, holes).unwrap();
        check(&holes, 12, Metric::Euclidean);
        check(&holes, 12, Metric::Cosine);
        for rows in 0..4 {
            check(&gaussian(rows, 3, 1.0, 0.0, 5), 5, Metric::Euclidean);
            check(&Matrix::new(rows, 0, vec![]).unwrap(), 5, Metric::Cosine);
        }
        let found = Neighbours::build(&gaussian(3, 3, 1.0, 0.0, 5), 5, Metric::Euclidean, &Work::new()).unwrap();
        assert_eq!((found.k(), found.rows(), found.row(3).0.len()), (2, 3, 0));
        assert!(Neighbours::build(&unique, 0, Metric::Euclidean, &Work::new()).is_err());
        let nan = Matrix::new(2, 1, vec![0.0, f32::NAN]).unwrap();
        assert!(Neighbours::build(&nan, 1, Metric::Euclidean, &Work::new()).is_err());
    }

    #[test]
    fn an_outlier_does_not_blur_the_others() {
        let mut values = gaussian(400, 8, 1e-4, 0.0, 6).values().to_vec();
        values.extend([1e6f32; 8]);
        check(&Matrix::new(401, 8, values).unwrap(), 6, Metric::Euclidean);
    }

    #[test]
    fn growing_is_the_same_as_starting_anew() {
        let all = gaussian(500, 12, 1.0, 3.0, 7);
        for metric in [Metric::Euclidean, Metric::Cosine] {
            let whole = Neighbours::build(&all, 8, metric, &Work::new()).unwrap();
            for first in [0, 1, 5, 260, 499, 500] {
                let part = Matrix::new(first, 12, all.values()[..first * 12].to_vec()).unwrap();
                let part = Neighbours::build(&part, 8, metric, &Work::new()).unwrap();
                assert_eq!(part.extend(&all, &Work::new()).unwrap(), whole, "from {first} rows");
            }
            let fewer = Matrix::new(1, 12, vec![0.0; 12]).unwrap();
            assert!(whole.extend(&fewer, &Work::new()).is_err());
        }
    }

    #[test]
    fn the_number_of_threads_does_not_matter() {
        let points = gaussian(1500, 16, 1.0, 0.0, 8);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| Neighbours::build(&points, 10, Metric::Euclidean, &Work::new()).unwrap())
        };
        assert_eq!(run(1), run(3));
    }

    #[test]
    fn cancelled_work_stops() {
        let work = Work::new();
        work.cancel();
        let points = gaussian(50, 4, 1.0, 0.0, 9);
        assert!(Neighbours::build(&points, 3, Metric::Euclidean, &work).unwrap_err().is_cancelled());
    }

    proptest! {
        #[test]
        fn whole_numbers_with_many_ties(
            values in prop::collection::vec(-2i32..3, 0..240),
            columns in 1usize..5,
            k in 1usize..20,
        ) {
            let rows = values.len() / columns;
            let values = values[..rows * columns].iter().map(|&value| value as f32).collect();
            check(&Matrix::new(rows, columns, values).unwrap(), k, Metric::Euclidean);
        }
    }
}
