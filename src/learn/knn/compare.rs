//! Comparing all pairs of rows in single precision, block by block.

use std::ops::Range;

use rayon::prelude::*;

use super::super::Matrix;
use super::super::product::times_transposed;
use super::Metric;
use crate::engine::{Error, Result, Work};

/// The key of a place that no row has taken yet.
pub(super) const EMPTY: u64 = u64::MAX;

/// Values that are looked at together; most groups hold no near row and are passed over.
const LANES: usize = 16;

/// The most that a single rounding to `f32` changes a number, relative to it.
const ROUNDING: f64 = 1.0 / (1u64 << 24) as f64;

/// Rows made ready, so that how far two are apart is `half[a] + half[b] + scale · (row a · row b)`.
pub(super) struct Prepared {
    metric: Metric,
    columns: usize,
    values: Vec<f32>,
    half: Vec<f32>,
    scale: f32,
    /// What distances were multiplied by.
    stretch: f64,
    /// No product or sum is rounded.
    exact: bool,
}

impl Prepared {
    /// For the cosine rows get unit length. Else they are shifted by their mean and scaled so that the longest has
    /// length 1, which keeps rounding small and huge values out of infinity; unless they are small whole numbers, with
    /// which single precision makes no error at all, so that ties stay ties.
    pub(super) fn new(points: &Matrix<f32>, metric: Metric, work: &Work) -> Result<Self> {
        work.check()?;
        let (columns, exact) = (points.columns(), metric == Metric::Euclidean && is_exact(points));
        let scale = if metric == Metric::Cosine { -1.0 } else { -2.0 };
        let mut stretch = 1.0;
        let values = match metric {
            Metric::Euclidean if exact => points.values().to_vec(),
            Metric::Euclidean => {
                let mean = mean(points, work)?;
                let square = |row: &[f32]| row.iter().zip(&mean).map(|(&v, mean)| (f64::from(v) - mean).powi(2)).sum();
                let longest = points.values().chunks_exact(columns.max(1)).map(square).fold(0.0, f64::max).sqrt();
                stretch = if longest > 0.0 { 1.0 / longest } else { 1.0 };
                map_rows(points, work, |row, out| {
                    for ((out, &value), mean) in out.iter_mut().zip(row).zip(&mean) {
                        *out = ((f64::from(value) - mean) * stretch) as f32;
                    }
                })?
            }
            Metric::Cosine => map_rows(points, work, |row, out| {
                let length = squared_length(row).sqrt();
                let factor = if length > 0.0 { 1.0 / length } else { 0.0 };
                out.iter_mut().zip(row).for_each(|(out, &value)| *out = (f64::from(value) * factor) as f32);
            })?,
        };
        let mut prepared = Self { metric, columns, values, half: vec![], scale, stretch, exact };
        prepared.half = match metric {
            Metric::Cosine => vec![0.5; points.rows()],
            Metric::Euclidean => (0..points.rows()).map(|row| squared_length(prepared.row(row)) as f32).collect(),
        };
        Ok(prepared)
    }

    fn rows(&self, rows: Range<usize>) -> &[f32] {
        self.values.get(rows.start * self.columns..rows.end * self.columns).unwrap_or_default()
    }

    fn row(&self, row: usize) -> &[f32] {
        self.rows(row..row + 1)
    }

    /// True if no row that is not among the `kept` candidates of `row` can be nearer than the `last` of its nearest.
    ///
    /// A product of unit rows of d values is off by at most d roundings (Higham 2002, "Accuracy and Stability of
    /// Numerical Algorithms", section 3.1). Equal rows have equal products, so that they are kept in the order of rows.
    pub(super) fn proves(&self, row: usize, kept: &[u64], last: Option<(f64, u32)>) -> bool {
        let (Some(&worst), Some((apart, _))) = (kept.last(), last) else { return true };
        let blank = self.metric == Metric::Cosine && self.row(row).iter().all(|&value| value == 0.0);
        if worst == EMPTY || self.exact || apart == 0.0 || blank {
            return true;
        }
        let (apart, error) = match self.metric {
            Metric::Cosine => (apart, (self.columns + 16) as f64 * ROUNDING),
            Metric::Euclidean => {
                let roundings = (2 * self.columns + 32) as f64 * ROUNDING;
                let apart = apart * self.stretch * self.stretch;
                let length = self.half.get(row).map_or(1.0, |&square| f64::from(square).sqrt()) + apart.sqrt();
                (apart, roundings * length * length + f64::from(f32::MIN_POSITIVE) * self.columns as f64)
            }
        };
        f64::from(f32::from_bits((worst >> 32) as u32)) > apart + error
    }
}

fn squared_length(row: &[f32]) -> f64 {
    row.iter().map(|&value| f64::from(value) * f64::from(value)).sum()
}

/// All values after `map` has written each row anew.
fn map_rows(points: &Matrix<f32>, work: &Work, map: impl Fn(&[f32], &mut [f32]) + Sync) -> Result<Vec<f32>> {
    let columns = points.columns().max(1);
    let mut values = vec![0.0f32; points.values().len()];
    let width = columns * 256;
    values.par_chunks_mut(width).zip(points.values().par_chunks(width)).try_for_each(|(out, rows)| {
        work.check()?;
        out.chunks_exact_mut(columns).zip(rows.chunks_exact(columns)).for_each(|(out, row)| map(row, out));
        Ok::<_, Error>(())
    })?;
    Ok(values)
}

/// True if all values are whole and so small that products and their sums are exact in single precision.
fn is_exact(points: &Matrix<f32>) -> bool {
    let most = points.values().iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let sum = 4.0 * f64::from(most) * f64::from(most) * points.columns() as f64;
    sum < 1.0 / ROUNDING && points.values().iter().all(|value| value.fract() == 0.0)
}

fn mean(points: &Matrix<f32>, work: &Work) -> Result<Vec<f64>> {
    let columns = points.columns().max(1);
    let mut mean = vec![0.0f64; points.columns()];
    for rows in points.values().chunks(columns * 4096) {
        work.check()?;
        for row in rows.chunks_exact(columns) {
            mean.iter_mut().zip(row).for_each(|(mean, &value)| *mean += f64::from(value));
        }
    }
    mean.iter_mut().for_each(|mean| *mean /= points.rows().max(1) as f64);
    Ok(mean)
}

/// The nearest rows found so far for each row of a block, as keys: how far (bits of a float that is not negative),
/// then which row, so that the order of keys is the order of neighbours and does not depend on when they were found.
#[derive(Default)]
struct Best {
    most: usize,
    keys: Vec<u64>,
    /// How far the last key of each row is.
    limits: Vec<f32>,
}

impl Best {
    fn new(rows: usize, most: usize) -> Self {
        Self { most, keys: vec![EMPTY; rows * most], limits: vec![f32::INFINITY; rows] }
    }

    fn offer(&mut self, row: usize, apart: f32, other: usize) {
        let key = (u64::from(apart.max(0.0).to_bits()) << 32) | other as u64;
        let keys = &mut self.keys[row * self.most..(row + 1) * self.most];
        let place = keys.partition_point(|&held| held < key);
        if place < keys.len() {
            keys[place..].rotate_right(1);
            keys[place] = key;
            if let Some(&last) = keys.last().filter(|&&last| last != EMPTY) {
                self.limits[row] = f32::from_bits((last >> 32) as u32);
            }
        }
    }
}

/// One comparison of two blocks (or of one with itself) and the places for what it finds.
struct Task {
    first: usize,
    second: usize,
    of_first: Best,
    of_second: Option<Best>,
}

/// The `most` nearest rows of every row, as rising keys, `most` for each row; rows before `old` are not compared with
/// each other.
///
/// Blocks meet as in a round robin: in round r block i meets block r - i, so that every block is in one task at a time
/// and threads share nothing.
pub(super) fn candidates(prepared: &Prepared, old: usize, most: usize, work: &Work) -> Result<Vec<u64>> {
    let rows = prepared.half.len();
    if most == 0 {
        return Ok(vec![]);
    }
    let size = ((1 << 19) / prepared.columns.max(1)).clamp(64, 512).min((rows / 16).max(32));
    let split = |rows: Range<usize>| {
        let end = rows.end;
        rows.step_by(size).map(move |start| start..(start + size).min(end))
    };
    let blocks: Vec<Range<usize>> = split(0..old).chain(split(old..rows)).collect();
    let is_old = |block: usize| blocks.get(block).is_some_and(|rows| rows.start < old);
    let mut found: Vec<Best> = blocks.iter().map(|rows| Best::new(rows.len(), most)).collect();
    work.stage("comparing rows", (blocks.len() * (blocks.len() + 1) / 2) as u64);
    for round in 0..blocks.len() {
        let mut tasks: Vec<Task> = (0..blocks.len())
            .map(|first| (first, (round + blocks.len() - first) % blocks.len()))
            .filter(|&(first, second)| first <= second && !(is_old(first) && is_old(second)))
            .map(|(first, second)| Task {
                first,
                second,
                of_first: std::mem::take(&mut found[first]),
                of_second: (first != second).then(|| std::mem::take(&mut found[second])),
            })
            .collect();
        tasks.par_iter_mut().with_max_len(1).try_for_each(|task| {
            compare(prepared, &blocks, task)?;
            work.advance(1)
        })?;
        for task in tasks {
            found[task.first] = task.of_first;
            if let Some(best) = task.of_second {
                found[task.second] = best;
            }
        }
    }
    Ok(found.into_iter().flat_map(|best| best.keys).collect())
}

fn compare(prepared: &Prepared, blocks: &[Range<usize>], task: &mut Task) -> Result<()> {
    let (first, second) = (blocks[task.first].clone(), blocks[task.second].clone());
    let mut products = vec![0.0f32; first.len() * second.len()];
    if prepared.columns > 0 {
        let (a, b) = (prepared.rows(first.clone()), prepared.rows(second.clone()));
        times_transposed(prepared.scale, a, b, prepared.columns, &mut products)?;
    }
    let halves = &prepared.half[second.clone()];
    let unlimited = vec![f32::NEG_INFINITY; if task.of_second.is_none() { second.len() } else { 0 }];
    for (at, products) in products.chunks_exact(second.len()).enumerate() {
        let row = first.start + at;
        let half = prepared.half[row];
        for start in (0..second.len()).step_by(LANES) {
            let lanes = start..(start + LANES).min(second.len());
            let limits = task.of_second.as_ref().map_or(unlimited.as_slice(), |best| best.limits.as_slice());
            let limit = task.of_first.limits[at];
            if !any_near(&products[lanes.clone()], &halves[lanes.clone()], &limits[lanes.clone()], half, limit) {
                continue;
            }
            for lane in lanes {
                let apart = products[lane] + (half + halves[lane]);
                let other = second.start + lane;
                if apart <= task.of_first.limits[at] && row != other {
                    task.of_first.offer(at, apart, other);
                }
                if let Some(best) = &mut task.of_second
                    && apart <= best.limits[lane]
                {
                    best.offer(lane, apart, row);
                }
            }
        }
    }
    Ok(())
}

/// True if one of a few rows may be near enough for either side.
#[inline]
fn any_near(products: &[f32], halves: &[f32], limits: &[f32], half: f32, limit: f32) -> bool {
    let mut near = false;
    for ((&product, &other), &its) in products.iter().zip(halves).zip(limits) {
        let apart = product + (half + other);
        near |= (apart <= limit) | (apart <= its);
    }
    near
}
