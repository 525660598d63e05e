//! How good predictions are. What is undefined is `None`, never 0.

/// Counts of label (row) against prediction (column), classes x classes. Rows without a label, and labels or
/// predictions outside the classes, are left out.
pub fn confusion(labels: &[Option<u16>], predicted: &[u16], classes: usize) -> Vec<Vec<u64>> {
    let mut counts = vec![vec![0; classes]; classes];
    for (label, &predicted) in labels.iter().zip(predicted) {
        let Some(label) = label else { continue };
        if let Some(count) = counts.get_mut(usize::from(*label)).and_then(|row| row.get_mut(usize::from(predicted))) {
            *count += 1;
        }
    }
    counts
}

/// The share of rows on the diagonal; `None` if the matrix is empty.
pub fn accuracy(confusion: &[Vec<u64>]) -> Option<f64> {
    let total: u64 = confusion.iter().flatten().sum();
    let right: u64 = confusion.iter().enumerate().filter_map(|(class, row)| row.get(class)).sum();
    (total > 0).then(|| right as f64 / total as f64)
}

/// The mean of `-ln p(label)`, with `p` no lower than 1e-15; rows without a label or with a NaN are left out.
pub fn log_loss(labels: &[Option<u16>], probabilities: &super::Matrix<f32>) -> Option<f64> {
    let (mut sum, mut rows) = (0.0, 0u64);
    for (row, label) in labels.iter().enumerate() {
        let Some(p) = label.and_then(|label| probabilities.row(row).get(usize::from(label))) else { continue };
        if !p.is_nan() {
            sum -= f64::from(*p).clamp(1e-15, 1.0).ln();
            rows += 1;
        }
    }
    (rows > 0).then(|| sum / rows as f64)
}

/// The 0.95 quantile of the normal distribution: a two-sided interval at it holds 90 %.
pub const Z90: f64 = 1.644_853_626_951_472_2;

/// The 0.975 quantile of the normal distribution: a two-sided interval at it holds 95 %.
pub const Z95: f64 = 1.959_963_984_540_054;

/// The 95 % score interval of a share (Wilson 1927); `None` without trials.
///
/// Unlike `p ± 1.96 se` it stays inside 0-1 and is right for small numbers, where 1 of 1 is not certainty.
pub fn wilson(successes: u64, trials: u64) -> Option<(f64, f64)> {
    wilson_at(Z95, successes, trials)
}

/// The same at another quantile of the normal distribution, such as [`Z90`].
pub fn wilson_at(z: f64, successes: u64, trials: u64) -> Option<(f64, f64)> {
    (trials > 0).then(|| wilson_share(z, successes.min(trials) as f64 / trials as f64, trials as f64))
}

/// The same for a share (0-1) of a number above 0 that need not be whole.
pub fn wilson_share(z: f64, share: f64, trials: f64) -> (f64, f64) {
    let z2 = z * z;
    let scale = 1.0 / (1.0 + z2 / trials);
    let centre = (share + z2 / (2.0 * trials)) * scale;
    let half = z * scale * (share * (1.0 - share) / trials + z2 / (4.0 * trials * trials)).sqrt();
    let low = if share <= 0.0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if share >= 1.0 { 1.0 } else { (centre + half).min(1.0) };
    (low, high)
}

/// The class of the highest probability (the first of equals) and that probability; `None` if empty or all NaN.
pub fn argmax(probabilities: &[f32]) -> Option<(u16, f32)> {
    let mut best: Option<(u16, f32)> = None;
    for (class, &p) in probabilities.iter().enumerate() {
        if best.is_none_or(|(_, most)| p > most) && !p.is_nan() {
            best = Some((class as u16, p));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::super::Matrix;
    use super::*;

    #[test]
    fn scores_of_a_small_table() {
        let labels = [Some(0), Some(0), Some(1), Some(1), None, Some(9)];
        let counts = confusion(&labels, &[0, 1, 1, 1, 0, 0], 3);
        assert_eq!(counts, [[1, 1, 0], [0, 2, 0], [0, 0, 0]]);
        assert_eq!(accuracy(&counts), Some(0.75));
        assert_eq!(accuracy(&[]), None);
    }

    #[test]
    fn wilson_intervals_agree_with_the_formula() {
        let check = |successes, trials, expected: Option<(f64, f64)>| match (wilson(successes, trials), expected) {
            (Some((low, high)), Some((a, b))) => {
                assert!((low - a).abs() < 5e-5 && (high - b).abs() < 5e-5, "{successes}/{trials}: {low} {high}");
            }
            (found, expected) => assert_eq!(found, expected),
        };
        check(0, 0, None);
        check(0, 10, Some((0.0, 0.27753)));
        check(10, 10, Some((0.72247, 1.0)));
        check(5, 10, Some((0.23659, 0.76341)));
        check(81, 100, Some((0.72223, 0.87485)));
        let check = |successes, trials, expected: (f64, f64)| {
            let (low, high) = wilson_at(Z90, successes, trials).unwrap();
            assert!((low - expected.0).abs() < 5e-4 && (high - expected.1).abs() < 5e-4, "{successes}/{trials}");
        };
        check(1, 1, (0.2699, 1.0));
        check(0, 1, (0.0, 0.7301));
        check(5, 10, (0.2693, 0.7307));
        check(100, 100, (0.9737, 1.0));
        assert_eq!(wilson_at(Z90, 0, 0), None);
    }

    #[test]
    fn losses() {
        let probabilities = Matrix::new(3, 2, vec![0.8, 0.2, 0.4, 0.6, f32::NAN, f32::NAN]).unwrap();
        let labels = [Some(0), Some(0), Some(1)];
        let expected = -(0.8f64.ln() + 0.4f64.ln()) / 2.0;
        assert!((log_loss(&labels, &probabilities).unwrap() - expected).abs() < 1e-6);
        assert_eq!(log_loss(&[None, None, None], &probabilities), None);
    }

    #[test]
    fn the_first_of_equals_is_the_greatest() {
        assert_eq!(argmax(&[0.4, 0.4, 0.2]), Some((0, 0.4)));
        assert_eq!(argmax(&[f32::NAN, 0.1]), Some((1, 0.1)));
        assert_eq!(argmax(&[]), None);
    }
}
