//! Tall matrices as the decomposition of [`svd`](super::svd) sees them: something that multiplies.

use std::ops::Range;

use rayon::prelude::*;

use super::product::{times, transposed_times};
use super::{Csr, Matrix};
use crate::engine::{Error, Result, Work};

/// A matrix A of rows x columns. Results do not depend on the number of threads.
pub(super) trait Operator: Sync {
    /// The number of rows.
    fn rows(&self) -> usize;

    /// The number of columns.
    fn columns(&self) -> usize;

    /// `A · right` for `right` of columns x `width` values: rows x `width` values.
    fn image(&self, right: &[f32], width: usize, work: &Work) -> Result<Vec<f32>>;

    /// Puts `AᵀA · right` in the place of `right`.
    fn normal(&self, right: &mut [f32], width: usize, work: &Work) -> Result<()>;
}

/// Rows of a sparse matrix that are multiplied at once.
const ROWS: usize = 512;

/// Entries of the transpose that are multiplied at once, and between two checks for cancellation.
const ENTRIES: usize = 1 << 16;

/// A column that no row has.
const NO_PLACE: u32 = u32::MAX;

/// A sparse matrix and its transpose, restricted to the columns that occur.
pub(super) struct Sparse<'a> {
    matrix: &'a Csr,
    /// The place of each column among those that occur.
    places: Vec<u32>,
    /// Where the entries of each column that occurs begin in `rows` and `values`, and their end.
    starts: Vec<usize>,
    rows: Vec<u32>,
    values: Vec<f32>,
}

impl<'a> Sparse<'a> {
    /// Transposes by counting.
    pub(super) fn new(matrix: &'a Csr, work: &Work) -> Result<Self> {
        work.stage("sorting entries by column", matrix.rows() as u64);
        let mut counts = vec![0u32; matrix.columns()];
        for row in 0..matrix.rows() {
            let (indices, values) = matrix.row(row);
            if values.iter().any(|value| !value.is_finite()) {
                return Err(Error::input("a value is not a finite number").at(format!("row {}", row + 1)));
            }
            indices.iter().for_each(|&column| counts[column as usize] += 1);
            if row.is_multiple_of(ROWS) {
                work.check()?;
            }
        }
        let (mut places, mut starts) = (vec![NO_PLACE; matrix.columns()], vec![0usize]);
        let mut end = 0;
        for (place, &count) in places.iter_mut().zip(&counts).filter(|(_, count)| **count > 0) {
            *place = (starts.len() - 1) as u32;
            end += count as usize;
            starts.push(end);
        }
        let mut sparse = Self { matrix, places, starts, rows: vec![0; end], values: vec![0.0; end] };
        let mut next = sparse.starts.clone();
        for row in 0..matrix.rows() {
            let (indices, values) = matrix.row(row);
            for (&column, &value) in indices.iter().zip(values) {
                let next = &mut next[sparse.places[column as usize] as usize];
                (sparse.rows[*next], sparse.values[*next]) = (row as u32, value);
                *next += 1;
            }
            if row.is_multiple_of(ROWS) {
                work.advance(ROWS as u64)?;
            }
        }
        Ok(sparse)
    }

    /// Values of the columns that occur, `width` for each, as values of all columns; 0 for the others.
    pub(super) fn spread(&self, values: &[f32], width: usize) -> Vec<f32> {
        let mut all = vec![0.0f32; self.places.len() * width];
        for (all, &place) in all.chunks_exact_mut(width.max(1)).zip(&self.places) {
            let start = (place as usize).saturating_mul(width);
            if let Some(values) = values.get(start..start.saturating_add(width)) {
                all.copy_from_slice(values);
            }
        }
        all
    }

    /// Ranges of columns with about equally many entries.
    fn column_blocks(&self) -> Vec<Range<usize>> {
        let (mut blocks, mut first) = (Vec::new(), 0);
        for column in 0..self.columns() {
            if self.starts[column + 1] - self.starts[first] >= ENTRIES || column + 1 == self.columns() {
                blocks.push(first..column + 1);
                first = column + 1;
            }
        }
        blocks
    }

    /// One column's part of `Aᵀ · left`.
    fn column_product(&self, column: usize, left: &[Lanes], work: &Work) -> Result<Lanes> {
        let entries = self.starts[column]..self.starts[column + 1];
        let mut sum = Lanes::default();
        for (rows, values) in self.rows[entries.clone()].chunks(ENTRIES).zip(self.values[entries].chunks(ENTRIES)) {
            if rows.len() == ENTRIES {
                work.check()?;
            }
            for (&row, &value) in rows.iter().zip(values) {
                sum.add(value, &left[row as usize]);
            }
        }
        Ok(sum)
    }
}

/// Neighbouring columns of a tall matrix that are worked on at once: their sums stay in registers, one row is one line
/// of the cache, and what is read again and again is small enough for the cache, which all columns would not be.
const LANES: usize = 16;

/// Up to [`LANES`] values of a row, the rest 0.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Lanes([f32; LANES]);

impl Lanes {
    #[inline]
    fn add(&mut self, scale: f32, values: &Self) {
        self.0.iter_mut().zip(&values.0).for_each(|(sum, value)| *sum += scale * value);
    }

    fn write(&self, out: &mut [f32]) {
        out.iter_mut().zip(&self.0).for_each(|(out, &value)| *out = value);
    }
}

/// The columns of a tall matrix, a few at a time.
fn tiles(width: usize) -> impl Iterator<Item = Range<usize>> {
    (0..width).step_by(LANES).map(move |start| start..(start + LANES).min(width))
}

/// Some columns of a tall matrix, row after row.
fn pack(tall: &[f32], width: usize, columns: &Range<usize>) -> Vec<Lanes> {
    let row = |row: &[f32]| {
        let mut lanes = Lanes::default();
        lanes.0.iter_mut().zip(&row[columns.clone()]).for_each(|(lane, &value)| *lane = value);
        lanes
    };
    tall.par_chunks(width).map(row).collect()
}

impl Operator for Sparse<'_> {
    fn rows(&self) -> usize {
        self.matrix.rows()
    }

    fn columns(&self) -> usize {
        self.starts.len() - 1
    }

    fn image(&self, right: &[f32], width: usize, work: &Work) -> Result<Vec<f32>> {
        let mut image = vec![0.0f32; self.rows() * width];
        for columns in tiles(width) {
            let right = pack(right, width, &columns);
            image.par_chunks_mut(ROWS * width).enumerate().try_for_each(|(block, out)| {
                work.check()?;
                for (at, out) in out.chunks_exact_mut(width).enumerate() {
                    let (indices, values) = self.matrix.row(block * ROWS + at);
                    let mut sum = Lanes::default();
                    for (&column, &value) in indices.iter().zip(values) {
                        sum.add(value, &right[self.places[column as usize] as usize]);
                    }
                    sum.write(&mut out[columns.clone()]);
                }
                Ok::<_, Error>(())
            })?;
        }
        work.advance(self.rows() as u64)?;
        Ok(image)
    }

    /// Both products gather rows, so that no two threads write to one place and nothing has to be added up afterwards.
    fn normal(&self, right: &mut [f32], width: usize, work: &Work) -> Result<()> {
        let image = self.image(right, width, work)?;
        for columns in tiles(width) {
            let left = pack(&image, width, &columns);
            let (mut rest, mut blocks) = (&mut *right, Vec::new());
            for block in self.column_blocks() {
                let (some, more) = std::mem::take(&mut rest).split_at_mut(block.len() * width);
                rest = more;
                blocks.push((block, some));
            }
            // Columns that stand in many rows come first; each block must be free to go to a thread of its own.
            blocks.into_par_iter().with_max_len(1).try_for_each(|(block, out)| {
                work.check()?;
                for (column, out) in block.zip(out.chunks_exact_mut(width)) {
                    self.column_product(column, &left, work)?.write(&mut out[columns.clone()]);
                }
                Ok::<_, Error>(())
            })?;
        }
        work.advance(self.rows() as u64)
    }
}

/// A dense matrix whose columns are shifted to mean 0 as they are read.
pub(super) struct Dense<'a> {
    matrix: &'a Matrix<f32>,
    mean: Vec<f32>,
    /// Rows of a block: about 1 MB.
    block: usize,
}

/// Blocks whose products are held at once before they are added up.
const TOGETHER: usize = 8;

impl<'a> Dense<'a> {
    /// Takes the mean of every column.
    pub(super) fn new(matrix: &'a Matrix<f32>, work: &Work) -> Result<Self> {
        let columns = matrix.columns();
        let block = ((1 << 18) / columns.max(1)).clamp(64, 1024);
        let sums: Vec<Vec<f64>> = matrix
            .values()
            .par_chunks((block * columns).max(1))
            .enumerate()
            .map(|(at, values)| {
                work.check()?;
                let mut sums = vec![0.0f64; columns];
                for (row, values) in values.chunks_exact(columns).enumerate() {
                    if values.iter().any(|value| !value.is_finite()) {
                        let row = at * block + row + 1;
                        return Err(Error::input("a value is not a finite number").at(format!("row {row}")));
                    }
                    sums.iter_mut().zip(values).for_each(|(sum, &value)| *sum += f64::from(value));
                }
                Ok(sums)
            })
            .collect::<Result<_>>()?;
        let mut mean = vec![0.0f64; columns];
        for sums in sums {
            mean.iter_mut().zip(sums).for_each(|(mean, sum)| *mean += sum);
        }
        let mean = mean.iter().map(|sum| (sum / matrix.rows().max(1) as f64) as f32).collect();
        Ok(Self { matrix, mean, block })
    }

    /// The mean of every column.
    pub(super) fn mean(&self) -> &[f32] {
        &self.mean
    }

    fn centred(&self, rows: &[f32]) -> Vec<f32> {
        let mut copy = rows.to_vec();
        for row in copy.chunks_exact_mut(self.mean.len().max(1)) {
            row.iter_mut().zip(&self.mean).for_each(|(value, mean)| *value -= mean);
        }
        copy
    }
}

impl Operator for Dense<'_> {
    fn rows(&self) -> usize {
        self.matrix.rows()
    }

    fn columns(&self) -> usize {
        self.matrix.columns()
    }

    fn image(&self, right: &[f32], width: usize, work: &Work) -> Result<Vec<f32>> {
        let columns = self.columns().max(1);
        let mut image = vec![0.0f32; self.rows() * width];
        let blocks = self.matrix.values().par_chunks(self.block * columns);
        image.par_chunks_mut(self.block * width).zip(blocks).try_for_each(|(out, rows)| {
            times(&self.centred(rows), right, columns, out)?;
            work.advance((rows.len() / columns) as u64)
        })?;
        Ok(image)
    }

    fn normal(&self, right: &mut [f32], width: usize, work: &Work) -> Result<()> {
        let columns = self.columns().max(1);
        let mut sum = vec![0.0f64; columns * width];
        for blocks in self.matrix.values().chunks(TOGETHER * self.block * columns) {
            let read: &[f32] = right;
            let parts: Vec<Vec<f32>> = blocks
                .par_chunks(self.block * columns)
                .map(|rows| {
                    let count = rows.len() / columns;
                    let centred = self.centred(rows);
                    let mut image = vec![0.0f32; count * width];
                    times(&centred, read, columns, &mut image)?;
                    let mut part = vec![0.0f32; columns * width];
                    transposed_times(&centred, &image, count, &mut part)?;
                    work.advance(2 * count as u64)?;
                    Ok(part)
                })
                .collect::<Result<_>>()?;
            for part in parts {
                sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += f64::from(part));
            }
        }
        right.iter_mut().zip(sum).for_each(|(value, sum)| *value = sum as f32);
        Ok(())
    }
}
