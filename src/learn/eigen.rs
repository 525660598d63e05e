//! Eigenvalues of small symmetric matrices.

/// Sweeps after which the rest off the diagonal is taken as it is; a handful is usual.
const SWEEPS: usize = 50;

/// Eigenvalues, falling, and eigenvectors of a symmetric matrix of `size` x `size` values; row `j` of the second
/// result is the unit eigenvector of value `j`. Only sizes up to a few hundred are sensible.
///
/// Cyclic Jacobi rotations (Golub and Van Loan, "Matrix Computations", section 8.5): slow for large matrices, but
/// accurate and always convergent.
pub(super) fn symmetric(mut matrix: Vec<f64>, size: usize) -> (Vec<f64>, Vec<f64>) {
    debug_assert_eq!(matrix.len(), size * size);
    let mut vectors = vec![0.0; size * size];
    vectors.iter_mut().step_by(size + 1).for_each(|value| *value = 1.0);
    for _ in 0..SWEEPS {
        let mut turned = false;
        for p in 0..size {
            for q in p + 1..size {
                turned |= rotate(&mut matrix, &mut vectors, size, p, q);
            }
        }
        if !turned {
            break;
        }
    }
    let mut order: Vec<usize> = (0..size).collect();
    let value = |at: usize| matrix[at * size + at];
    order.sort_by(|&a, &b| value(b).total_cmp(&value(a)));
    let values = order.iter().map(|&at| value(at)).collect();
    let vectors = order.iter().flat_map(|&at| vectors[at * size..(at + 1) * size].iter().copied()).collect();
    (values, vectors)
}

/// Turns the plane of `p` and `q` so that their value off the diagonal becomes 0; false if it is nothing already.
fn rotate(matrix: &mut [f64], vectors: &mut [f64], size: usize, p: usize, q: usize) -> bool {
    let (pp, qq, pq) = (matrix[p * size + p], matrix[q * size + q], matrix[p * size + q]);
    if pq.abs() <= f64::EPSILON * 0.5 * (pp.abs() * qq.abs()).sqrt() || pq.abs() < f64::MIN_POSITIVE {
        return false;
    }
    let tau = (qq - pp) / (2.0 * pq);
    let t = tau.signum() / (tau.abs() + tau.hypot(1.0));
    let cosine = 1.0 / t.hypot(1.0);
    let sine = t * cosine;
    let turn = |values: &mut [f64], a: usize, b: usize| {
        let (x, y) = (values[a], values[b]);
        values[a] = cosine * x - sine * y;
        values[b] = sine * x + cosine * y;
    };
    for at in 0..size {
        turn(matrix, at * size + p, at * size + q);
    }
    for at in 0..size {
        turn(matrix, p * size + at, q * size + at);
        turn(vectors, p * size + at, q * size + at);
    }
    matrix[p * size + q] = 0.0;
    matrix[q * size + p] = 0.0;
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Random;

    #[test]
    fn values_of_small_matrices() {
        let check = |matrix: &[f64], size, expected: &[f64]| {
            let (values, _) = symmetric(matrix.to_vec(), size);
            assert!(values.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{values:?}");
        };
        check(&[], 0, &[]);
        check(&[3.0], 1, &[3.0]);
        check(&[2.0, 1.0, 1.0, 2.0], 2, &[3.0, 1.0]);
        check(&[0.0, 1.0, 1.0, 0.0], 2, &[1.0, -1.0]);
        check(&[0.0; 9], 3, &[0.0; 3]);
        let root = 2.0f64.sqrt();
        check(&[2.0, -1.0, 0.0, -1.0, 2.0, -1.0, 0.0, -1.0, 2.0], 3, &[2.0 + root, 2.0, 2.0 - root]);
    }

    #[test]
    fn vectors_put_together_give_the_matrix_back() {
        let size = 40;
        let mut random = Random::new(3);
        let half: Vec<f64> = (0..size * size).map(|_| random.unit() - 0.5).collect();
        let matrix: Vec<f64> = (0..size * size).map(|at| half[at] + half[at % size * size + at / size]).collect();
        let (values, vectors) = symmetric(matrix.clone(), size);
        assert!(values.is_sorted_by(|a, b| a >= b));
        for row in 0..size {
            for column in 0..size {
                let (mut whole, mut one) = (0.0, 0.0);
                for (at, value) in values.iter().enumerate() {
                    whole += value * vectors[at * size + row] * vectors[at * size + column];
                    one += vectors[row * size + at] * vectors[column * size + at];
                }
                assert!((whole - matrix[row * size + column]).abs() < 1e-12);
                assert!((one - if row == column { 1.0 } else { 0.0 }).abs() < 1e-12);
            }
        }
    }
}
