//! Many columns made few: truncated singular value decomposition of sparse rows, principal components of dense ones.
//!
//! Both are subspace iteration from a random start (Halko, Martinsson and Tropp 2011, "Finding Structure with
//! Randomness"): a few more directions than asked for are multiplied by `AᵀA` and made orthonormal again, and the
//! decomposition is read off inside what they span. Only columns x directions are kept besides the scores.

use rayon::prelude::*;

use super::operator::{Dense, Operator, Sparse};
use super::product::{times, transposed_times};
use super::{Csr, Features, Matrix, eigen};
use crate::engine::{Error, Random, Result, Work};

/// Directions beyond those asked for; they make the last ones asked for good.
const OVERSAMPLING: usize = 8;

/// The most dimensions that can be asked for.
const MOST_DIMENSIONS: usize = 256;

/// Multiplications after which principal components are taken as they are.
const DENSE_STEPS: usize = 12;

/// The relative change of a singular value below which it has settled.
const SETTLED: f64 = 1e-5;

/// Rows that are multiplied at once: a few milliseconds of work.
const ROWS: usize = 4096;

/// How a decomposition is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SvdOptions {
    /// The number of dimensions to keep, 1-256. Fewer come out where there are fewer rows or columns.
    pub dimensions: usize,
    /// Power steps of [`truncated_svd`]: more separate singular values that lie close together. 2 are enough for text.
    pub power_steps: usize,
    /// The seed of the random start.
    pub seed: u64,
}

impl Default for SvdOptions {
    fn default() -> Self {
        Self { dimensions: 64, power_steps: 2, seed: 0 }
    }
}

/// A decomposition `A ≈ U diag(S) Vᵀ`, cut to its greatest singular values.
#[derive(Debug, Clone, PartialEq)]
pub struct Reduction {
    /// The rows in few dimensions, `U diag(S)`: rows x dimensions.
    pub scores: Matrix<f32>,
    /// The singular values S, falling. Their squares over the number of rows are the variances of principal components.
    pub singular_values: Vec<f64>,
    /// How to bring further rows into the same dimensions.
    pub projection: Projection,
}

/// The way from columns into the few dimensions of a [`Reduction`].
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    dimensions: usize,
    /// V, columns x dimensions. In each dimension the value farthest from 0 is positive, which settles its sign.
    basis: Vec<f32>,
    /// What the mean of the rows comes to in the few dimensions; zeros if rows were not centred.
    shift: Vec<f32>,
}

impl Projection {
    /// The number of dimensions.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Rows of the same columns in the few dimensions, rows x dimensions.
    ///
    /// # Errors
    /// If there are more columns than there were, or the work was cancelled.
    pub fn apply<F: Features>(&self, rows: &F, work: &Work) -> Result<Matrix<f32>> {
        let width = self.dimensions;
        if rows.columns() * width > self.basis.len() {
            return Err(Error::input(format!("{} columns do not fit the ones that were reduced", rows.columns()))
                .help("describe the new rows as the old ones were"));
        }
        let mut scores = vec![0.0f32; rows.rows() * width];
        const BLOCK: usize = 256;
        scores.par_chunks_mut((BLOCK * width).max(1)).enumerate().try_for_each(|(block, scores)| {
            work.check()?;
            for (at, score) in scores.chunks_exact_mut(width).enumerate() {
                score.iter_mut().zip(&self.shift).for_each(|(score, shift)| *score = -shift);
                rows.visit(block * BLOCK + at, |column, value| {
                    let basis = &self.basis[column * width..(column + 1) * width];
                    score.iter_mut().zip(basis).for_each(|(score, basis)| *score += value * basis);
                });
            }
            Ok::<_, Error>(())
        })?;
        Matrix::new(rows.rows(), width, scores)
    }
}

/// The truncated singular value decomposition of sparse rows, which are not centred (latent semantic analysis when
/// the rows are TF-IDF: Deerwester et al. 1990).
///
/// 150,000 rows of 60 entries take a few seconds on two cores. Memory: `entries * 8` bytes for the transpose, and
/// `(rows + columns that occur) * (dimensions + 8) * 4` bytes.
///
/// # Errors
/// If the number of dimensions is out of range, a value is not a number, or the work was cancelled.
pub fn truncated_svd(matrix: &Csr, options: &SvdOptions, work: &Work) -> Result<Reduction> {
    let operator = Sparse::new(matrix, work)?;
    let mut reduction = decompose(&operator, options, options.power_steps + 1, work)?;
    reduction.projection.basis = operator.spread(&reduction.projection.basis, reduction.projection.dimensions);
    Ok(reduction)
}

/// The principal components of dense rows, which are centred first but not scaled.
///
/// Up to about 70 columns the Gram matrix of all of them is decomposed; more are reached by subspace iteration until
/// the singular values have settled.
///
/// # Errors
/// As [`truncated_svd`].
pub fn principal_components(matrix: &Matrix<f32>, options: &SvdOptions, work: &Work) -> Result<Reduction> {
    let operator = Dense::new(matrix, work)?;
    let mut reduction = decompose(&operator, options, DENSE_STEPS, work)?;
    let Projection { dimensions, basis, shift } = &mut reduction.projection;
    for (mean, basis) in operator.mean().iter().zip(basis.chunks_exact((*dimensions).max(1))) {
        shift.iter_mut().zip(basis).for_each(|(shift, basis)| *shift += mean * basis);
    }
    Ok(reduction)
}

fn decompose<O: Operator>(operator: &O, options: &SvdOptions, steps: usize, work: &Work) -> Result<Reduction> {
    if !(1..=MOST_DIMENSIONS).contains(&options.dimensions) {
        return Err(Error::input(format!("{} dimensions are not possible", options.dimensions))
            .help(format!("ask for 1 to {MOST_DIMENSIONS}")));
    }
    let (rows, columns) = (operator.rows(), operator.columns());
    let kept = options.dimensions.min(rows).min(columns);
    let width = if kept == 0 { 0 } else { (options.dimensions + OVERSAMPLING).min(columns) };
    if width == 0 {
        let projection = Projection { dimensions: 0, basis: vec![], shift: vec![] };
        return Ok(Reduction { scores: Matrix::new(rows, 0, vec![])?, singular_values: vec![], projection });
    }
    let mut basis = start(columns, width, options.seed, work)?;
    if width < columns {
        work.stage("reducing columns", (2 * steps + 1) as u64 * rows as u64);
        iterate(operator, &mut basis, width, kept, steps, work)?;
    }
    read_off(operator, &basis, width, kept, work)
}

/// All directions where there are no more than asked for, else random ones: sums of four uniform numbers, which are
/// close enough to normal ones and much cheaper.
fn start(columns: usize, width: usize, seed: u64, work: &Work) -> Result<Vec<f32>> {
    let mut basis = vec![0.0f32; columns * width];
    if width == columns {
        basis.iter_mut().step_by(width + 1).for_each(|value| *value = 1.0);
        return Ok(basis);
    }
    let mut random = Random::new(seed);
    for block in basis.chunks_mut(1 << 20) {
        work.check()?;
        for value in block {
            let bits = random.bits();
            let sum: u64 = (0..4).map(|part| (bits >> (16 * part)) & 0xFFFF).sum();
            *value = sum as f32 / 65536.0 - 2.0;
        }
    }
    Ok(basis)
}

/// Turns the directions towards the greatest singular vectors.
fn iterate<O: Operator>(
    operator: &O,
    basis: &mut [f32],
    width: usize,
    kept: usize,
    steps: usize,
    work: &Work,
) -> Result<()> {
    let mut before: Vec<f64> = Vec::new();
    for _ in 0..steps {
        operator.normal(basis, width, work)?;
        let mut values = orthonormalize(basis, width, work)?;
        values.truncate(kept);
        let settled = |(now, before): (&f64, &f64)| (now - before).abs() <= SETTLED * now.abs();
        if values.len() == before.len() && values.iter().zip(&before).all(settled) {
            break;
        }
        before = values;
    }
    Ok(())
}

/// Makes the columns of a tall matrix orthonormal and returns the lengths of its principal axes, falling.
///
/// What is lost in rounding (axes of less than 1e-7 of the longest) becomes 0. The second round mends what the first,
/// working on squared lengths, has left.
fn orthonormalize(tall: &mut [f32], width: usize, work: &Work) -> Result<Vec<f64>> {
    let mut lengths = Vec::new();
    for round in 0..2 {
        let (values, vectors) = eigen::symmetric(gram(tall, width, work)?, width);
        let least = values.first().map_or(0.0, |most| most.max(f64::MIN_POSITIVE) * 1e-14);
        let mut turn = vec![0.0f32; width * width];
        for (at, (&value, vector)) in values.iter().zip(vectors.chunks_exact(width)).enumerate() {
            let scale = if value > least { 1.0 / value.sqrt() } else { 0.0 };
            vector.iter().enumerate().for_each(|(row, v)| turn[row * width + at] = (v * scale) as f32);
        }
        tall.par_chunks_mut(ROWS * width).try_for_each(|block| {
            work.check()?;
            let copy = block.to_vec();
            times(&copy, &turn, width, block)
        })?;
        if round == 0 {
            lengths = values.iter().map(|value| value.max(0.0).sqrt()).collect();
        }
    }
    Ok(lengths)
}

/// `tallᵀ · tall` in double precision, blocks added in their order.
fn gram(tall: &[f32], width: usize, work: &Work) -> Result<Vec<f64>> {
    let parts: Vec<Vec<f64>> = tall
        .par_chunks(ROWS * width)
        .map(|block| {
            work.check()?;
            let block: Vec<f64> = block.iter().map(|&value| f64::from(value)).collect();
            let mut part = vec![0.0f64; width * width];
            transposed_times(&block, &block, block.len() / width, &mut part)?;
            Ok(part)
        })
        .collect::<Result<_>>()?;
    let mut sum = vec![0.0f64; width * width];
    for part in parts {
        sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
    }
    Ok(sum)
}

/// The decomposition inside what an orthonormal basis spans (Rayleigh-Ritz), signs settled.
fn read_off<O: Operator>(operator: &O, basis: &[f32], width: usize, kept: usize, work: &Work) -> Result<Reduction> {
    let image = operator.image(basis, width, work)?;
    let (mut values, vectors) = eigen::symmetric(gram(&image, width, work)?, width);
    let mut turn = vec![0.0f32; width * kept];
    for (at, vector) in vectors.chunks_exact(width).take(kept).enumerate() {
        vector.iter().enumerate().for_each(|(row, &v)| turn[row * kept + at] = v as f32);
    }
    let mut turned = multiply(basis, &turn, width, kept, work)?;
    let signs = signs(&turned, kept);
    for row in turned.chunks_exact_mut(kept).chain(turn.chunks_exact_mut(kept)) {
        row.iter_mut().zip(&signs).for_each(|(value, sign)| *value *= sign);
    }
    let scores = Matrix::new(operator.rows(), kept, multiply(&image, &turn, width, kept, work)?)?;
    values.truncate(kept);
    let singular_values = values.iter().map(|value| value.max(0.0).sqrt()).collect();
    let projection = Projection { dimensions: kept, basis: turned, shift: vec![0.0; kept] };
    Ok(Reduction { scores, singular_values, projection })
}

/// `tall · small` for `small` of `width` x `kept` values.
fn multiply(tall: &[f32], small: &[f32], width: usize, kept: usize, work: &Work) -> Result<Vec<f32>> {
    let mut out = vec![0.0f32; tall.len() / width * kept];
    out.par_chunks_mut(ROWS * kept).zip(tall.par_chunks(ROWS * width)).try_for_each(|(out, tall)| {
        work.check()?;
        times(tall, small, width, out)
    })?;
    Ok(out)
}

/// For each column the sign of its value farthest from 0, the first of equals.
fn signs(values: &[f32], width: usize) -> Vec<f32> {
    let mut most = vec![0.0f32; width];
    for row in values.chunks_exact(width.max(1)) {
        for (most, &value) in most.iter_mut().zip(row) {
            if value.abs() > most.abs() {
                *most = value;
            }
        }
    }
    most.iter().map(|&value| if value < 0.0 { -1.0 } else { 1.0 }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sparse(rows: usize, columns: usize, seed: u64) -> Csr {
        let mut random = Random::new(seed);
        let (mut offsets, mut indices, mut values) = (vec![0], vec![], vec![]);
        for row in 0..rows {
            let topic = row % 5;
            for column in 0..columns {
                if random.unit() < if column % 5 == topic { 0.5 } else { 0.05 } {
                    indices.push(column as u32);
                    values.push(0.2 + random.unit() as f32);
                }
            }
            offsets.push(indices.len());
        }
        Csr::new(columns, offsets, indices, values).unwrap()
    }

    fn dense(matrix: &Csr) -> Matrix<f32> {
        let mut values = vec![0.0; matrix.rows() * matrix.columns()];
        for row in 0..matrix.rows() {
            matrix.visit(row, |column, value| values[row * matrix.columns() + column] = value);
        }
        Matrix::new(matrix.rows(), matrix.columns(), values).unwrap()
    }

    /// Singular values by the eigenvalues of the whole Gram matrix.
    fn reference(matrix: &Matrix<f32>, centred: bool) -> Vec<f64> {
        let (rows, columns) = (matrix.rows(), matrix.columns());
        let mean = |c: usize| (0..rows).map(|r| f64::from(matrix.row(r)[c])).sum::<f64>() / rows as f64;
        let means: Vec<f64> = (0..columns).map(|c| if centred { mean(c) } else { 0.0 }).collect();
        let mut gram = vec![0.0; columns * columns];
        for row in 0..rows {
            let row: Vec<f64> = matrix.row(row).iter().zip(&means).map(|(&v, mean)| f64::from(v) - mean).collect();
            for (at, gram) in gram.iter_mut().enumerate() {
                *gram += row[at / columns] * row[at % columns];
            }
        }
        eigen::symmetric(gram, columns).0.iter().map(|value| value.max(0.0).sqrt()).collect()
    }

    #[test]
    fn the_leading_values_are_those_of_the_whole_decomposition() {
        let matrix = sparse(300, 60, 1);
        let options = SvdOptions { dimensions: 5, power_steps: 6, seed: 4 };
        let found = truncated_svd(&matrix, &options, &Work::new()).unwrap();
        let expected = reference(&dense(&matrix), false);
        for (found, expected) in found.singular_values.iter().zip(&expected) {
            assert!((found / expected - 1.0).abs() < 2e-3, "{found} {expected}");
        }
        for dimension in 0..5 {
            let length: f64 = (0..300).map(|row| f64::from(found.scores.row(row)[dimension]).powi(2)).sum();
            assert!((length.sqrt() / found.singular_values[dimension] - 1.0).abs() < 1e-4, "scores are U diag(S)");
        }
    }

    #[test]
    fn all_columns_give_the_exact_decomposition() {
        let matrix = sparse(50, 9, 2);
        let options = SvdOptions { dimensions: 9, ..SvdOptions::default() };
        let found = truncated_svd(&matrix, &options, &Work::new()).unwrap();
        let components = principal_components(&dense(&matrix), &options, &Work::new()).unwrap();
        let close = |found: &[f64], expected: &[f64]| {
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4), "{found:?} {expected:?}");
        };
        close(&found.singular_values, &reference(&dense(&matrix), false));
        close(&components.singular_values, &reference(&dense(&matrix), true));
    }

    #[test]
    fn new_rows_land_where_the_old_ones_are() {
        let matrix = sparse(200, 120, 3);
        let options = SvdOptions { dimensions: 6, ..SvdOptions::default() };
        let check = |scores: &Matrix<f32>, again: &Matrix<f32>| {
            let apart = scores.values().iter().zip(again.values()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(apart < 1e-3, "{apart}");
        };
        let found = truncated_svd(&matrix, &options, &Work::new()).unwrap();
        check(&found.scores, &found.projection.apply(&matrix, &Work::new()).unwrap());
        let rows = dense(&matrix);
        let found = principal_components(&rows, &options, &Work::new()).unwrap();
        check(&found.scores, &found.projection.apply(&rows, &Work::new()).unwrap());
    }

    #[test]
    fn the_number_of_threads_does_not_matter() {
        let (matrix, options) = (sparse(5000, 100, 5), SvdOptions { dimensions: 4, ..SvdOptions::default() });
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let svd = truncated_svd(&matrix, &options, &Work::new()).unwrap();
                (svd, principal_components(&dense(&matrix), &options, &Work::new()).unwrap())
            })
        };
        assert_eq!(run(1), run(3));
    }

    #[test]
    fn odd_matrices_are_no_trouble() {
        let check = |columns: usize, offsets: Vec<usize>, indices: Vec<u32>, dimensions: usize, kept: usize| {
            let values = vec![1.0; indices.len()];
            let matrix = Csr::new(columns, offsets, indices, values).unwrap();
            let options = SvdOptions { dimensions, ..SvdOptions::default() };
            let found = truncated_svd(&matrix, &options, &Work::new()).unwrap();
            assert_eq!((found.scores.rows(), found.scores.columns()), (matrix.rows(), kept));
            assert!(found.scores.values().iter().all(|value| value.is_finite()));
            assert_eq!(found.projection.apply(&matrix, &Work::new()).unwrap().columns(), kept);
        };
        check(0, vec![0], vec![], 2, 0);
        check(5, vec![0, 0, 0], vec![], 2, 0);
        check(500, vec![0, 1, 2, 3], vec![7, 7, 499], 2, 2);
        check(500, vec![0, 1, 2, 3], vec![7, 7, 7], 2, 1);
        let nan = Csr::new(1, vec![0, 1], vec![0], vec![f32::NAN]).unwrap();
        assert!(truncated_svd(&nan, &SvdOptions::default(), &Work::new()).is_err());
        let none = SvdOptions { dimensions: 0, ..SvdOptions::default() };
        assert!(truncated_svd(&sparse(3, 3, 1), &none, &Work::new()).is_err());
    }

    #[test]
    fn cancelled_work_stops() {
        let work = Work::new();
        work.cancel();
        let matrix = sparse(50, 40, 1);
        assert!(truncated_svd(&matrix, &SvdOptions::default(), &work).unwrap_err().is_cancelled());
        assert!(principal_components(&dense(&matrix), &SvdOptions::default(), &work).unwrap_err().is_cancelled());
    }

    proptest! {
        #[test]
        fn any_rows_are_reduced_to_finite_scores(
            rows in 0usize..40,
            values in prop::collection::vec(-100.0f32..100.0, 0..400),
        ) {
            let columns = values.len().checked_div(rows).unwrap_or(0);
            let matrix = Matrix::new(rows, columns, values[..rows * columns].to_vec()).unwrap();
            let options = SvdOptions { dimensions: 3, ..SvdOptions::default() };
            let found = principal_components(&matrix, &options, &Work::new()).unwrap();
            prop_assert!(found.scores.values().iter().all(|value| value.is_finite()));
            prop_assert!(found.singular_values.is_sorted_by(|a, b| a >= b));
        }
    }
}
