//! Judgements against scikit-learn 1.9 on a table full of ties, and at full size.

use super::super::metrics;
use super::*;
use crate::engine::Random;

/// 60 rows of 3 classes whose probabilities are small fractions, so that many are equal, and labels of which some are
/// missing.
fn table() -> (Matrix<f32>, Vec<i16>) {
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    for row in 0..60usize {
        let weights = [0, 1, 2].map(|class| ((row * 7 + class * 5 + row * row * class) % 9 + 1) as f32);
        let sum: f32 = weights.iter().sum();
        values.extend(weights.map(|weight| weight / sum));
        let best = metrics::argmax(&values[values.len() - 3..]).map_or(0, |(class, _)| class as i16);
        let label = if row % 3 == 0 { best } else { ((row * row + row / 3) % 3) as i16 };
        labels.push(if row % 11 == 5 { -1 } else { label });
    }
    (Matrix::new(60, 3, values).unwrap(), labels)
}

fn near(found: Option<f64>, expected: f64, slack: f64) {
    assert!(found.is_some_and(|found| (found - expected).abs() < slack), "{found:?} is not {expected}");
}

fn value(rate: &Option<Rate>) -> Option<f64> {
    rate.as_ref().map(|rate| rate.value)
}

#[test]
fn confusion_and_scores_agree_with_scikit_learn() {
    let (matrix, labels) = table();
    let found = judge(Predicted::Probabilities(&matrix), &labels, 3, None, &Work::new()).unwrap();
    let expected = [[5, 6, 0], [13, 13, 0], [6, 0, 12]];
    for (label, row) in expected.iter().enumerate() {
        for (class, count) in row.iter().enumerate() {
            assert_eq!(found.confusion.count(Some(label as u16), Some(class as u16)), *count, "{label} {class}");
        }
    }
    assert_eq!([0, 1, 2].map(|class| found.confusion.count(None, Some(class))), [3, 1, 1]);
    assert_eq!((found.rows, found.confusion.judged(), found.confusion.count(Some(3), Some(0))), (60, 55, 0));
    let scores = &found.scores;
    let check = |class: usize, support: u64, precision: f64, recall: f64, f1: f64| {
        let report = &scores.classes[class];
        assert_eq!(report.support, support);
        near(value(&report.precision), precision, 1e-12);
        near(value(&report.recall), recall, 1e-12);
        near(value(&report.f1), f1, 1e-12);
    };
    check(0, 11, 0.20833333333333334, 0.45454545454545453, 0.2857142857142857);
    check(1, 26, 0.6842105263157895, 0.5, 0.5777777777777777);
    check(2, 18, 1.0, 0.6666666666666666, 0.8);
    near(value(&scores.accuracy), 0.5454545454545454, 1e-12);
    near(scores.macro_f1, 0.5544973544973545, 1e-12);
    near(scores.macro_f1, plain::macro_f1(&expected.map(Vec::from)).unwrap(), 1e-12);
    near(scores.weighted_f1, 0.592092352092352, 1e-12);
    near(value(&scores.balanced_accuracy), 0.5404040404040403, 1e-12);
    assert_eq!(value(&scores.coverage), Some(1.0));
}

#[test]
fn calibration_agrees_with_scikit_learn_and_the_house() {
    let (matrix, labels) = table();
    let found = judge(Predicted::Probabilities(&matrix), &labels, 3, None, &Work::new()).unwrap();
    let calibration = found.calibration.unwrap();
    near(calibration.log_loss, 0.9643509905325878, 1e-9);
    near(calibration.brier, 0.5800987644329353, 1e-9);
    near(calibration.error, 0.18363636569543318, 1e-9);
    near(calibration.greatest_error, 0.5555555522441864, 1e-9);
    let known: Vec<Option<u16>> = labels.iter().map(|label| u16::try_from(*label).ok()).collect();
    near(calibration.error, plain::calibration_error(&known, &matrix).unwrap(), 1e-12);
    near(calibration.log_loss, metrics::log_loss(&known, &matrix).unwrap(), 1e-12);
    let counted: u64 = calibration.histogram.iter().map(|bin| bin.right + bin.wrong + bin.unlabelled).sum();
    assert_eq!((counted, calibration.rows), (60, 55));
    let adaptive: u64 = calibration.adaptive.iter().filter_map(|bin| Some(bin.accuracy?.of)).sum();
    assert_eq!((adaptive, calibration.reliability.len()), (55, 15));
    assert!(calibration.adaptive.is_sorted_by(|a, b| a.high < b.low));
    assert_eq!(calibration.histogram[19].sql("p"), "p >= 0.95 AND p <= 1");
}

#[test]
fn curves_agree_with_scikit_learn() {
    let (matrix, labels) = table();
    let found = all_curves(&matrix, &labels, None, &Work::new()).unwrap();
    let check = |class: usize, auc: f64, precision: f64, roc: usize, points: usize| {
        near(found[class].roc_auc, auc, 1e-12);
        near(found[class].average_precision, precision, 1e-12);
        assert_eq!((found[class].roc.len(), found[class].precision_recall.len()), (roc, points), "{class}");
    };
    check(0, 0.37603305785123964, 0.21529245947850598, 7, 9);
    check(1, 0.7738726790450928, 0.7173053384803691, 5, 5);
    check(2, 0.9234234234234233, 0.838095238095238, 7, 7);
    let roc: Vec<(f64, f64)> =
        found[1].roc.iter().map(|point| (point.false_positive_rate, point.true_positive_rate)).collect();
    let twice = |whole: f64, counts: [[f64; 2]; 5]| counts.map(|[x, y]| (x / whole, y / 26.0));
    assert_eq!(roc, twice(29.0, [[0.0, 0.0], [0.0, 6.0], [6.0, 13.0], [17.0, 26.0], [29.0, 26.0]]));
    let pr: Vec<(f64, f64)> = found[1].precision_recall.iter().map(|point| (point.precision, point.recall)).collect();
    let expected = [(1.0, 0.0), (1.0, 6.0 / 26.0), (13.0 / 19.0, 0.5), (26.0 / 43.0, 1.0), (26.0 / 55.0, 1.0)];
    assert_eq!(pr, expected);
    assert_eq!(found[1].best_f1.map(|(_, f1)| f1), Some(52.0 / 69.0));
    let known: Vec<(f64, bool)> =
        (0..60).filter(|row| labels[*row] >= 0).map(|row| (f64::from(matrix.row(row)[1]), labels[row] == 1)).collect();
    let (scores, positive): (Vec<f64>, Vec<bool>) = known.into_iter().unzip();
    near(found[1].average_precision, plain::average_precision(&scores, &positive).unwrap(), 1e-12);
    let none = curves(&matrix, &[-1; 60], None, 0, &Work::new()).unwrap();
    assert!(
        none.roc.is_empty() && none.roc_auc.is_none() && none.average_precision.is_none() && none.best_f1.is_none()
    );
}

#[test]
fn rows_without_an_answer_or_a_label_stand_in_the_margins() {
    let labels = [0i16, -1, 1, 1, 0, 7];
    let found = judge(Predicted::Labels(&labels), &[0, 0, -1, 0, 1, 0], 2, None, &Work::new()).unwrap();
    assert!(found.calibration.is_none());
    let count = |label, predicted| found.confusion.count(label, predicted);
    assert_eq!((count(Some(0), Some(0)), count(Some(0), Some(1)), count(Some(1), Some(0))), (1, 1, 1));
    assert_eq!((count(Some(0), None), count(None, Some(1)), count(None, None)), (2, 1, 0));
    assert_eq!(found.scores.classes[0].unanswered, 2);
    near(value(&found.scores.coverage), 0.6, 1e-12);
    let values = vec![0.0, 0.0, f32::NAN, 0.4, f32::NAN, f32::NAN, 0.3, 0.7];
    let matrix = Matrix::new(4, 2, values).unwrap();
    let mask = BooleanBuffer::from(vec![true, true, true, false]);
    let found = judge(Predicted::Probabilities(&matrix), &[0, 1, 1, 1], 2, Some(&mask), &Work::new()).unwrap();
    assert_eq!(found.answers.labels, [-1, 1, -1, -1]);
    assert_eq!((found.rows, found.confusion.judged(), found.confusion.count(Some(1), None)), (3, 1, 1));
    let calibration = found.calibration.unwrap();
    assert_eq!((calibration.rows, calibration.brier), (1, None));
    assert_eq!(cell_sql("label", Some("it's"), "model_label", None), "label = 'it''s' AND model_label IS NULL");
}

#[test]
fn what_does_not_fit_is_refused() {
    let matrix = Matrix::new(2, 2, vec![0.5f32; 4]).unwrap();
    let check = |predicted: Predicted<'_>, labels: &[i16], classes, mask: Option<&BooleanBuffer>| {
        let error = judge(predicted, labels, classes, mask, &Work::new()).unwrap_err();
        assert!(error.advice().is_some(), "{error}");
    };
    check(Predicted::Probabilities(&matrix), &[0], 2, None);
    check(Predicted::Probabilities(&matrix), &[0, 1], 3, None);
    check(Predicted::Probabilities(&matrix), &[0, 1], 2, Some(&BooleanBuffer::new_set(3)));
    check(Predicted::Labels(&[0, 1]), &[0, 1], MOST_CLASSES + 1, None);
    let empty = judge(Predicted::Labels(&[]), &[], 0, None, &Work::new()).unwrap();
    assert!(empty.scores.accuracy.is_none() && empty.scores.macro_f1.is_none());
    let work = Work::new();
    work.cancel();
    assert!(judge(Predicted::Labels(&[0]), &[0], 1, None, &work).unwrap_err().is_cancelled());
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let (rows, classes, mut random) = (100_000, 10, Random::new(1));
    let values: Vec<f32> = (0..rows * classes).map(|_| random.unit() as f32).collect();
    let labels: Vec<i16> = (0..rows).map(|_| random.below(11) as i16 - 1).collect();
    let matrix = Matrix::new(rows, classes, values).unwrap();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| judge(Predicted::Probabilities(&matrix), &labels, classes, None, &Work::new()).unwrap())
    };
    assert_eq!(run(1), run(2));
}
