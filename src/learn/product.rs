//! Products of dense matrices that are kept row by row, each on one thread; callers divide the work.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, LinalgScalar, ShapeError};

use crate::engine::{Error, Result};

/// `out = scale · a · bᵀ` for `a` of m x `inner`, `b` of n x `inner`, `out` of m x n values.
///
/// Equal rows give equal products, wherever they stand: the terms of each value are added in one fixed order.
pub(super) fn times_transposed<A: LinalgScalar>(scale: A, a: &[A], b: &[A], inner: usize, out: &mut [A]) -> Result<()> {
    let (rows, columns) = (a.len() / inner.max(1), b.len() / inner.max(1));
    let (a, b) = (view(rows, inner, a)?, view(columns, inner, b)?);
    let mut out = ArrayViewMut2::from_shape((rows, columns), out).map_err(misfit)?;
    general_mat_mul(scale, &a, &b.t(), A::zero(), &mut out);
    Ok(())
}

/// `out = a · b` for `a` of m x `inner`, `b` of `inner` x n, `out` of m x n values.
pub(super) fn times<A: LinalgScalar>(a: &[A], b: &[A], inner: usize, out: &mut [A]) -> Result<()> {
    let (rows, columns) = (a.len() / inner.max(1), b.len() / inner.max(1));
    let (a, b) = (view(rows, inner, a)?, view(inner, columns, b)?);
    let mut out = ArrayViewMut2::from_shape((rows, columns), out).map_err(misfit)?;
    general_mat_mul(A::one(), &a, &b, A::zero(), &mut out);
    Ok(())
}

/// `out = aᵀ · b` for `a` of `inner` x m, `b` of `inner` x n, `out` of m x n values.
pub(super) fn transposed_times<A: LinalgScalar>(a: &[A], b: &[A], inner: usize, out: &mut [A]) -> Result<()> {
    let (rows, columns) = (a.len() / inner.max(1), b.len() / inner.max(1));
    let (a, b) = (view(inner, rows, a)?, view(inner, columns, b)?);
    let mut out = ArrayViewMut2::from_shape((rows, columns), out).map_err(misfit)?;
    general_mat_mul(A::one(), &a.t(), &b, A::zero(), &mut out);
    Ok(())
}

fn view<A>(rows: usize, columns: usize, values: &[A]) -> Result<ArrayView2<'_, A>> {
    ArrayView2::from_shape((rows, columns), values).map_err(misfit)
}

fn misfit(error: ShapeError) -> Error {
    Error::input(format!("the sides of a matrix product do not fit together ({error})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_a_small_table() {
        let a = [1.0f64, 2.0, 3.0, 4.0, 5.0, 6.0];
        let b = [7.0f64, 8.0, 9.0, 10.0, 11.0, 12.0];
        let mut out = [0.0; 4];
        times_transposed(-2.0, &a, &b, 3, &mut out).unwrap();
        assert_eq!(out, [-100.0, -136.0, -244.0, -334.0]);
        times(&a, &b, 3, &mut out).unwrap();
        assert_eq!(out, [58.0, 64.0, 139.0, 154.0]);
        let mut wide = [0.0; 9];
        transposed_times(&a, &b, 2, &mut wide).unwrap();
        assert_eq!(wide, [47.0, 52.0, 57.0, 64.0, 71.0, 78.0, 81.0, 90.0, 99.0]);
        assert!(times(&a, &b, 3, &mut out[..3]).is_err());
    }
}
