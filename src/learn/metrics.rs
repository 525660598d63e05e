//! How good predictions are. What is undefined is `None`, never 0.

/// Precision, recall and F1 of one class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassScores {
    /// Rows whose label is this class.
    pub support: u64,
    /// Share of the rows predicted as this class that have it; `None` if none were predicted so.
    pub precision: Option<f64>,
    /// Share of the rows of this class that were predicted so; `None` without such rows.
    pub recall: Option<f64>,
    /// Harmonic mean of both, `2 tp / (2 tp + fp + fn)`; `None` if the class is neither in the labels nor predicted.
    pub f1: Option<f64>,
}

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

/// The scores of each class from a confusion matrix (labels in rows).
pub fn class_scores(confusion: &[Vec<u64>]) -> Vec<ClassScores> {
    let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    (0..confusion.len())
        .map(|class| {
            let right = confusion.get(class).and_then(|row| row.get(class)).copied().unwrap_or(0);
            let support: u64 = confusion.get(class).map_or(0, |row| row.iter().sum());
            let predicted: u64 = confusion.iter().filter_map(|row| row.get(class)).sum();
            ClassScores {
                support,
                precision: share(right, predicted),
                recall: share(right, support),
                f1: share(2 * right, predicted + support),
            }
        })
        .collect()
}

/// The mean F1 of the classes for which it is defined; `None` if it is for none.
pub fn macro_f1(confusion: &[Vec<u64>]) -> Option<f64> {
    let defined: Vec<f64> = class_scores(confusion).iter().filter_map(|scores| scores.f1).collect();
    (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64)
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

/// The 95 % score interval of a share (Wilson 1927); `None` without trials.
///
/// Unlike `p ± 1.96 se` it stays inside 0-1 and is right for small numbers.
pub fn wilson(successes: u64, trials: u64) -> Option<(f64, f64)> {
    const Z: f64 = 1.959_963_984_540_054;
    if trials == 0 {
        return None;
    }
    let n = trials as f64;
    let share = successes.min(trials) as f64 / n;
    let centre = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let low = if successes == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if successes >= trials { 1.0 } else { (centre + half).min(1.0) };
    Some((low, high))
}

/// One bin of a reliability diagram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReliabilityBin {
    /// Rows whose highest probability falls into the bin.
    pub rows: u64,
    /// Their mean highest probability.
    pub confidence: f64,
    /// The share of them that is right.
    pub accuracy: f64,
}

/// Confidence against accuracy in `bins` bins of equal width; empty bins are left out.
pub fn reliability(labels: &[Option<u16>], probabilities: &super::Matrix<f32>, bins: usize) -> Vec<ReliabilityBin> {
    let bins = bins.max(1);
    let mut sums = vec![(0u64, 0.0f64, 0u64); bins];
    for (row, label) in labels.iter().enumerate() {
        let Some(label) = label else { continue };
        let Some((best, confidence)) = argmax(probabilities.row(row)) else { continue };
        let bin = ((f64::from(confidence) * bins as f64) as usize).min(bins - 1);
        if let Some(sum) = sums.get_mut(bin) {
            *sum = (sum.0 + 1, sum.1 + f64::from(confidence), sum.2 + u64::from(best == *label));
        }
    }
    let bin = |(rows, confidence, right): (u64, f64, u64)| {
        (rows > 0).then(|| ReliabilityBin {
            rows,
            confidence: confidence / rows as f64,
            accuracy: right as f64 / rows as f64,
        })
    };
    sums.into_iter().filter_map(bin).collect()
}

/// The expected calibration error: mean |confidence - accuracy| over 15 bins, weighted by rows (Guo et al. 2017,
/// "On Calibration of Modern Neural Networks"); `None` without labelled rows.
pub fn calibration_error(labels: &[Option<u16>], probabilities: &super::Matrix<f32>) -> Option<f64> {
    let bins = reliability(labels, probabilities, 15);
    let rows: u64 = bins.iter().map(|bin| bin.rows).sum();
    let gap: f64 = bins.iter().map(|bin| (bin.confidence - bin.accuracy).abs() * bin.rows as f64).sum();
    (rows > 0).then(|| gap / rows as f64)
}

/// The area under the precision-recall curve as average precision: the mean precision at the rank of each positive row
/// when rows are taken by falling score. Rows of equal score count as one step. `None` without positive rows.
pub fn average_precision(scores: &[f64], positive: &[bool]) -> Option<f64> {
    let mut rows: Vec<(f64, bool)> = scores.iter().copied().zip(positive.iter().copied()).collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let total = rows.iter().filter(|row| row.1).count();
    let (mut taken, mut found, mut area) = (0usize, 0usize, 0.0);
    for step in rows.chunk_by(|a, b| a.0 == b.0) {
        let more = step.iter().filter(|row| row.1).count();
        taken += step.len();
        found += more;
        area += more as f64 * found as f64 / taken as f64;
    }
    (total > 0).then(|| area / total as f64)
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
        let scores = class_scores(&counts);
        assert_eq!((scores[0].precision, scores[0].recall), (Some(1.0), Some(0.5)));
        assert_eq!((scores[2].precision, scores[2].recall, scores[2].f1), (None, None, None));
        assert!((macro_f1(&counts).unwrap() - (2.0 / 3.0 + 0.8) / 2.0).abs() < 1e-12);
        assert_eq!((accuracy(&[]), macro_f1(&[vec![0]])), (None, None));
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
    }

    #[test]
    fn losses_and_calibration() {
        let probabilities = Matrix::new(3, 2, vec![0.8, 0.2, 0.4, 0.6, f32::NAN, f32::NAN]).unwrap();
        let labels = [Some(0), Some(0), Some(1)];
        let expected = -(0.8f64.ln() + 0.4f64.ln()) / 2.0;
        assert!((log_loss(&labels, &probabilities).unwrap() - expected).abs() < 1e-6);
        assert!((calibration_error(&labels, &probabilities).unwrap() - 0.4).abs() < 1e-6, "(0.2 + 0.6) / 2");
        assert_eq!(log_loss(&[None, None, None], &probabilities), None);
        assert_eq!(calibration_error(&[None, None, None], &probabilities), None);
    }

    #[test]
    fn average_precision_takes_ties_together() {
        let check = |scores: &[f64], positive: &[bool], expected: Option<f64>| {
            let found = average_precision(scores, positive);
            assert!(found.zip(expected).map_or(found == expected, |(a, b)| (a - b).abs() < 1e-12), "{found:?}");
        };
        check(&[0.9, 0.8, 0.1], &[true, false, true], Some((1.0 + 2.0 / 3.0) / 2.0));
        check(&[0.5, 0.5], &[true, false], Some(0.5));
        check(&[0.5, 0.5], &[false, true], Some(0.5));
        check(&[0.5], &[false], None);
    }

    #[test]
    fn the_first_of_equals_is_the_greatest() {
        assert_eq!(argmax(&[0.4, 0.4, 0.2]), Some((0, 0.4)));
        assert_eq!(argmax(&[f32::NAN, 0.1]), Some((1, 0.1)));
        assert_eq!(argmax(&[]), None);
    }
}
