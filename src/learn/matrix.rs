//! Matrices of features and of probabilities, dense and sparse.

use crate::engine::{Error, Result};

/// A number that widens to `f64` without loss: `f32` or `f64`.
pub trait Real: Copy + Default + Send + Sync + PartialOrd + Into<f64> + 'static {
    /// The nearest number of this type.
    fn from_f64(value: f64) -> Self;
}

impl Real for f32 {
    fn from_f64(value: f64) -> Self {
        value as Self
    }
}

impl Real for f64 {
    fn from_f64(value: f64) -> Self {
        value
    }
}

/// A dense matrix, kept row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix<T = f32> {
    rows: usize,
    columns: usize,
    values: Vec<T>,
}

impl<T> Matrix<T> {
    /// A matrix of `rows` x `columns` values in row order.
    ///
    /// # Errors
    /// If the number of values is not `rows * columns`.
    pub fn new(rows: usize, columns: usize, values: Vec<T>) -> Result<Self> {
        if rows.checked_mul(columns) != Some(values.len()) {
            return Err(Error::input(format!("{} values do not fill {rows} rows of {columns}", values.len()))
                .help("give one value for each row and column"));
        }
        Ok(Self { rows, columns, values })
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The values of a row; empty if there is no such row.
    pub fn row(&self, row: usize) -> &[T] {
        let start = row.saturating_mul(self.columns);
        self.values.get(start..start.saturating_add(self.columns)).unwrap_or_default()
    }

    /// All values in row order.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// All values in row order, to be changed in place.
    pub(crate) fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }
}

/// A sparse matrix in compressed rows: the entries of row `i` stand at `offsets[i]..offsets[i + 1]` of `indices`
/// (columns, each at most once a row, in no particular order) and `values`.
#[derive(Debug, Clone, PartialEq)]
pub struct Csr {
    rows: usize,
    columns: usize,
    offsets: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f32>,
}

impl Csr {
    /// A sparse matrix from its parts.
    ///
    /// # Errors
    /// If the parts do not fit together or an index lies outside the columns.
    pub fn new(columns: usize, offsets: Vec<usize>, indices: Vec<u32>, values: Vec<f32>) -> Result<Self> {
        let ordered = offsets.first() == Some(&0)
            && offsets.last() == Some(&indices.len())
            && offsets.is_sorted()
            && values.len() == indices.len();
        if !ordered || indices.iter().any(|&index| index as usize >= columns) {
            return Err(Error::input("the parts of a sparse matrix do not fit together"));
        }
        Ok(Self { rows: offsets.len() - 1, columns, offsets, indices, values })
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The number of entries.
    pub fn entries(&self) -> usize {
        self.indices.len()
    }

    /// Columns and values of a row; empty if there is no such row.
    pub fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let range = match (self.offsets.get(row), self.offsets.get(row + 1)) {
            (Some(&start), Some(&end)) => start..end,
            _ => 0..0,
        };
        (self.indices.get(range.clone()).unwrap_or_default(), self.values.get(range).unwrap_or_default())
    }
}

/// Rows of features, dense or sparse, as the linear models read them.
pub trait Features: Sync {
    /// The number of rows.
    fn rows(&self) -> usize;

    /// The number of columns.
    fn columns(&self) -> usize;

    /// Calls `each` with column and value of every entry of a row, always in the same order.
    fn visit(&self, row: usize, each: impl FnMut(usize, f32));
}

impl Features for Csr {
    fn rows(&self) -> usize {
        self.rows
    }

    fn columns(&self) -> usize {
        self.columns
    }

    #[inline]
    fn visit(&self, row: usize, mut each: impl FnMut(usize, f32)) {
        let (indices, values) = self.row(row);
        for (&index, &value) in indices.iter().zip(values) {
            each(index as usize, value);
        }
    }
}

impl Features for Matrix<f32> {
    fn rows(&self) -> usize {
        self.rows
    }

    fn columns(&self) -> usize {
        self.columns
    }

    #[inline]
    fn visit(&self, row: usize, mut each: impl FnMut(usize, f32)) {
        for (column, &value) in self.row(row).iter().enumerate() {
            each(column, value);
        }
    }
}

impl Matrix<f32> {
    /// The same rows with every column shifted to mean 0 and scaled to variance `1 / columns`, so that rows have about
    /// unit length, which the linear model's penalty is made for. Constant columns become 0.
    #[must_use]
    pub fn standardized(&self) -> Self {
        let (rows, columns) = (self.rows.max(1) as f64, self.columns);
        let mut mean = vec![0.0f64; columns];
        let mut square = vec![0.0f64; columns];
        for row in self.values.chunks_exact(columns.max(1)) {
            for ((&value, mean), square) in row.iter().zip(&mut mean).zip(&mut square) {
                *mean += f64::from(value);
                *square += f64::from(value) * f64::from(value);
            }
        }
        let scale: Vec<f64> = mean
            .iter_mut()
            .zip(&square)
            .map(|(mean, square)| {
                *mean /= rows;
                let variance = square / rows - *mean * *mean;
                if variance > 1e-12 * (1.0 + square / rows) { 1.0 / (variance * columns as f64).sqrt() } else { 0.0 }
            })
            .collect();
        let mut copy = self.clone();
        for row in copy.values.chunks_exact_mut(columns.max(1)) {
            for ((value, mean), scale) in row.iter_mut().zip(&mean).zip(&scale) {
                *value = ((f64::from(*value) - mean) * scale) as f32;
            }
        }
        copy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let check = |columns, offsets: &[usize], indices: &[u32], good: bool| {
            let values = vec![1.0; indices.len()];
            assert_eq!(Csr::new(columns, offsets.to_vec(), indices.to_vec(), values).is_ok(), good, "{offsets:?}");
        };
        check(3, &[0, 2, 2, 3], &[0, 2, 1], true);
        check(3, &[0], &[], true);
        check(3, &[], &[], false);
        check(3, &[0, 2], &[0, 3], false);
        check(3, &[0, 2, 1], &[0], false);
        check(3, &[1, 2], &[0, 1], false);
        assert!(Matrix::new(2, 2, vec![0.0f32; 3]).is_err());
        assert!(Matrix::new(usize::MAX, 2, vec![0.0f32; 3]).is_err());
    }

    #[test]
    fn rows_outside_are_empty() {
        let sparse = Csr::new(2, vec![0, 1], vec![1], vec![0.5]).unwrap();
        assert_eq!(sparse.row(0), (&[1][..], &[0.5][..]));
        assert_eq!(sparse.row(7), (&[][..], &[][..]));
        assert!(Matrix::new(1, 2, vec![1.0f32, 2.0]).unwrap().row(usize::MAX).is_empty());
    }

    #[test]
    fn standardized_columns_have_mean_0_and_constant_ones_vanish() {
        let matrix = Matrix::new(3, 2, vec![1.0f32, 5.0, 2.0, 5.0, 3.0, 5.0]).unwrap().standardized();
        let column: Vec<f32> = (0..3).map(|row| matrix.row(row)[0]).collect();
        assert!((column.iter().sum::<f32>()).abs() < 1e-6);
        assert!((column.iter().map(|v| v * v).sum::<f32>() / 3.0 - 0.5).abs() < 1e-6);
        assert!((0..3).all(|row| matrix.row(row)[1] == 0.0));
    }
}
