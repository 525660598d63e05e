//! The plain way to some of the figures, row by row and without a mask: what the fast one is checked against.

use crate::learn::Matrix;
use crate::learn::metrics::{argmax, confusion};

/// Precision, recall and F1 of one class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ClassScores {
    /// Rows whose label is this class.
    pub support: u64,
    /// Share of the rows predicted as this class that have it; `None` if none were predicted so.
    pub precision: Option<f64>,
    /// Share of the rows of this class that were predicted so; `None` without such rows.
    pub recall: Option<f64>,
    /// Harmonic mean of both, `2 tp / (2 tp + fp + fn)`; `None` if the class is neither in the labels nor predicted.
    pub f1: Option<f64>,
}

/// The scores of each class from a confusion matrix (labels in rows).
pub(super) fn class_scores(confusion: &[Vec<u64>]) -> Vec<ClassScores> {
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
pub(super) fn macro_f1(confusion: &[Vec<u64>]) -> Option<f64> {
    let defined: Vec<f64> = class_scores(confusion).iter().filter_map(|scores| scores.f1).collect();
    (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64)
}

/// One bin of a reliability diagram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ReliabilityBin {
    /// Rows whose highest probability falls into the bin.
    pub rows: u64,
    /// Their mean highest probability.
    pub confidence: f64,
    /// The share of them that is right.
    pub accuracy: f64,
}

/// Confidence against accuracy in `bins` bins of equal width; empty bins are left out.
pub(super) fn reliability(labels: &[Option<u16>], probabilities: &Matrix<f32>, bins: usize) -> Vec<ReliabilityBin> {
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
pub(super) fn calibration_error(labels: &[Option<u16>], probabilities: &Matrix<f32>) -> Option<f64> {
    let bins = reliability(labels, probabilities, 15);
    let rows: u64 = bins.iter().map(|bin| bin.rows).sum();
    let gap: f64 = bins.iter().map(|bin| (bin.confidence - bin.accuracy).abs() * bin.rows as f64).sum();
    (rows > 0).then(|| gap / rows as f64)
}

/// The area under the precision-recall curve as average precision: the mean precision at the rank of each positive row
/// when rows are taken by falling score. Rows of equal score count as one step. `None` without positive rows.
pub(super) fn average_precision(scores: &[f64], positive: &[bool]) -> Option<f64> {
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

#[test]
fn scores_of_a_small_table() {
    let labels = [Some(0), Some(0), Some(1), Some(1), None, Some(9)];
    let counts = confusion(&labels, &[0, 1, 1, 1, 0, 0], 3);
    let scores = class_scores(&counts);
    assert_eq!([0, 1, 2].map(|class| scores[class].support), [2, 2, 0]);
    assert_eq!((scores[0].precision, scores[0].recall), (Some(1.0), Some(0.5)));
    assert_eq!((scores[2].precision, scores[2].recall, scores[2].f1), (None, None, None));
    assert!((macro_f1(&counts).unwrap() - (2.0 / 3.0 + 0.8) / 2.0).abs() < 1e-12);
    assert_eq!(macro_f1(&[vec![0]]), None);
}

#[test]
fn calibration_of_a_small_table() {
    let probabilities = Matrix::new(3, 2, vec![0.8, 0.2, 0.4, 0.6, f32::NAN, f32::NAN]).unwrap();
    let labels = [Some(0), Some(0), Some(1)];
    assert!((calibration_error(&labels, &probabilities).unwrap() - 0.4).abs() < 1e-6, "(0.2 + 0.6) / 2");
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
