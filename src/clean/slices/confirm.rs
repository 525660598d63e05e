//! Whether a slice holds on rows that it was not found on, and how sure its mean is.

use super::bits::Bits;
use super::{Rows, Slice};
use crate::clean::statistics::{benjamini_hochberg, fisher_tail, student_quantile, student_tail};
use crate::learn::metrics::wilson;

/// The fewest held-out rows on either side of a test.
const FEWEST: usize = 5;

/// Size, sum and squares around the mean of some numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Moments {
    count: usize,
    mean: f64,
    squares: f64,
}

impl Moments {
    pub(super) fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let (count, sum) = values.clone().fold((0usize, 0.0), |(count, sum), value| (count + 1, sum + value));
        let mean = sum / count.max(1) as f64;
        Self { count, mean, squares: values.map(|value| (value - mean).powi(2)).sum() }
    }

    /// The variance of the mean.
    fn error(&self) -> f64 {
        let count = self.count as f64;
        self.squares / (count - 1.0) / count
    }
}

/// A slice with its figures; the adjusted probability comes later.
pub(super) fn slice(condition: String, level: usize, score: f64, bits: &Bits, rows: &Rows, is_share: bool) -> Slice {
    let value = |at: usize| rows.values.get(at).copied().unwrap_or(0.0);
    let mut inside = vec![false; rows.values.len()];
    bits.iter().for_each(|at| {
        if let Some(flag) = inside.get_mut(at) {
            *flag = true;
        }
    });
    let part = |from: usize, wanted: bool| {
        let flags = inside.iter().enumerate().skip(from);
        flags.filter(move |(_, flag)| **flag == wanted).map(move |(at, _)| value(at))
    };
    let (all, others) = (Moments::of(part(0, true)), Moments::of(part(0, false)));
    let (held, rest) = (Moments::of(part(rows.searched, true)), Moments::of(part(rows.searched, false)));
    let (low, high) = interval(&all, is_share);
    let p_value = if held.count < FEWEST || rest.count < FEWEST {
        1.0
    } else if is_share {
        let right = |of: &Moments| (of.mean * of.count as f64).round() as u64;
        let both = (held.count + rest.count) as u64;
        fisher_tail(right(&held), held.count as u64, right(&held) + right(&rest), both)
    } else {
        welch(&held, &rest)
    };
    Slice {
        condition,
        level,
        rows: all.count,
        mean: all.mean,
        low,
        high,
        elsewhere: (others.count > 0).then_some(others.mean),
        score,
        held_out_rows: held.count,
        held_out_mean: (held.count > 0).then_some(held.mean),
        p_value,
        p_adjusted: p_value,
        confirmed: false,
    }
}

/// The 95 % interval of a mean.
fn interval(of: &Moments, is_share: bool) -> (f64, f64) {
    if is_share {
        let right = (of.mean * of.count as f64).round() as u64;
        return wilson(right, of.count as u64).unwrap_or((0.0, 1.0));
    }
    if of.count < 2 {
        return (of.mean, of.mean);
    }
    let half = student_quantile(0.025, (of.count - 1) as f64) * of.error().sqrt();
    (of.mean - half, of.mean + half)
}

/// The probability of so much higher a mean in `a` than in `b` (Welch 1947), one-sided.
pub(super) fn welch(a: &Moments, b: &Moments) -> f64 {
    let (in_a, in_b) = (a.error(), b.error());
    let both = in_a + in_b;
    // NaN where one side has a single row.
    if both.is_nan() || both <= 0.0 {
        return if a.mean > b.mean { 0.0 } else { 1.0 };
    }
    let freedom = both * both / (in_a * in_a / (a.count as f64 - 1.0) + in_b * in_b / (b.count as f64 - 1.0));
    student_tail((a.mean - b.mean) / both.sqrt(), freedom)
}

/// The slices with their probabilities adjusted for all of them.
pub(super) fn adjusted(mut slices: Vec<Slice>) -> Vec<Slice> {
    let adjusted = benjamini_hochberg(&slices.iter().map(|slice| slice.p_value).collect::<Vec<_>>());
    for (slice, p) in slices.iter_mut().zip(adjusted) {
        slice.p_adjusted = p;
        slice.confirmed = p <= 0.05;
    }
    slices
}

#[cfg(test)]
mod unit {
    use super::*;

    /// Against scipy.stats.ttest_ind(a, b, equal_var=False, alternative='greater') and scipy.stats.t.interval.
    #[test]
    fn means_are_compared_as_scipy_does() {
        let a = Moments::of([3.0, 4.5, 2.5, 6.0, 5.0].into_iter());
        let b = Moments::of([1.0, 2.0, 3.5, 2.0, 2.5, 1.5].into_iter());
        assert!((welch(&a, &b) - 0.013_228_568_322_067_797).abs() < 1e-10, "{}", welch(&a, &b));
        let (low, high) = interval(&a, false);
        assert!(
            (low - 2.411_400_357_764_945).abs() < 1e-9 && (high - 5.988_599_642_235_055).abs() < 1e-9,
            "{low} {high}"
        );
        let share = Moments::of([1.0, 0.0, 0.0, 1.0].into_iter());
        assert_eq!(interval(&share, true), wilson(2, 4).unwrap());
    }
}
