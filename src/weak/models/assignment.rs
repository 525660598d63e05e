//! The assignment problem: which column for each row, so that the sum of their entries is largest.

/// The columns of the rows of a square matrix (row by row, `size` x `size`, finite) in the assignment of the largest
/// sum, by the Hungarian method with potentials, O(n^3). Ties go to the assignment found first, which is the identity
/// where that is among the best.
pub(super) fn largest(matrix: &[f64], size: usize) -> Vec<usize> {
    let cost = |row: usize, column: usize| -matrix[row * size + column];
    let identity: f64 = (0..size).map(|index| cost(index, index)).sum();
    // Columns and rows count from 1; column 0 is where a new row starts looking.
    let (mut row_potential, mut column_potential) = (vec![0.0; size + 1], vec![0.0; size + 1]);
    let mut row_of = vec![0usize; size + 1];
    for row in 1..=size {
        row_of[0] = row;
        let mut column = 0;
        let (mut least, mut from) = (vec![f64::INFINITY; size + 1], vec![0usize; size + 1]);
        let mut used = vec![false; size + 1];
        while row_of[column] != 0 {
            used[column] = true;
            let (current, mut step, mut next) = (row_of[column], f64::INFINITY, 0);
            for other in (1..=size).filter(|&other| !used[other]) {
                let reduced = cost(current - 1, other - 1) - row_potential[current] - column_potential[other];
                if reduced < least[other] {
                    (least[other], from[other]) = (reduced, column);
                }
                if least[other] < step {
                    (step, next) = (least[other], other);
                }
            }
            if next == 0 {
                // Only entries that are not finite lead here.
                return (0..size).collect();
            }
            for other in 0..=size {
                if used[other] {
                    row_potential[row_of[other]] += step;
                    column_potential[other] -= step;
                } else {
                    least[other] -= step;
                }
            }
            column = next;
        }
        while column != 0 {
            row_of[column] = row_of[from[column]];
            column = from[column];
        }
    }
    let mut columns = vec![0; size];
    (1..=size).for_each(|column| columns[row_of[column] - 1] = column - 1);
    let found: f64 = columns.iter().enumerate().map(|(row, &column)| cost(row, column)).sum();
    if identity <= found + 1e-12 * found.abs() { (0..size).collect() } else { columns }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Random;

    #[test]
    fn the_largest_sum_is_found() {
        let check = |matrix: &[f64], size, expected: &[usize]| assert_eq!(largest(matrix, size), expected);
        check(&[], 0, &[]);
        check(&[1.0], 1, &[0]);
        check(&[0.0, 1.0, 1.0, 0.0], 2, &[1, 0]);
        check(&[1.0, 1.0, 1.0, 1.0], 2, &[0, 1]);
        check(&[7.0, 5.0, 1.0, 8.0, 4.0, 6.0, 9.0, 2.0, 3.0], 3, &[1, 2, 0]);
        check(&[f64::NAN; 4], 2, &[0, 1]);
    }

    fn best_by_trying(matrix: &[f64], size: usize, row: usize, taken: &mut Vec<bool>) -> f64 {
        if row == size {
            return 0.0;
        }
        let mut best = f64::NEG_INFINITY;
        for column in 0..size {
            if !taken[column] {
                taken[column] = true;
                best = best.max(matrix[row * size + column] + best_by_trying(matrix, size, row + 1, taken));
                taken[column] = false;
            }
        }
        best
    }

    #[test]
    fn random_matrices_agree_with_trying_all() {
        let mut random = Random::new(1);
        for size in 1..=6 {
            for _ in 0..20 {
                let matrix: Vec<f64> = (0..size * size).map(|_| random.unit() - 0.5).collect();
                let found: f64 = largest(&matrix, size).iter().enumerate().map(|(r, &c)| matrix[r * size + c]).sum();
                let best = best_by_trying(&matrix, size, 0, &mut vec![false; size]);
                assert!((found - best).abs() < 1e-12);
            }
        }
    }
}
