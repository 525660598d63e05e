//! Precision-recall and ROC curves, one class against the rest.

use arrow_buffer::BooleanBuffer;
use rayon::prelude::*;
use serde::Serialize;

use super::super::Matrix;
use super::{Predicted, at, check_sizes, radix, visit};
use crate::engine::{Result, Work};

/// The most points of a curve: more than a screen shows.
const POINTS: usize = 512;

/// A point of a ROC curve: what holds when rows of at least this score count as positive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RocPoint {
    /// The score; infinite at the first point, where no row counts.
    pub threshold: f32,
    /// The share of the other classes' rows that count.
    pub false_positive_rate: f64,
    /// The share of the class's rows that count.
    pub true_positive_rate: f64,
}

/// A point of a precision-recall curve: what holds when rows of at least this score count as positive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PrPoint {
    /// The score; infinite at the first point, where no row counts and precision is 1 by convention.
    pub threshold: f32,
    /// The share of the rows that count that are of the class.
    pub precision: f64,
    /// The share of the class's rows that count.
    pub recall: f64,
}

/// The curves of one class against the rest. Areas are of the whole curve, not of the points that are kept of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curves {
    /// Labelled rows of the class.
    pub positives: u64,
    /// Labelled rows of other classes.
    pub negatives: u64,
    /// From (0, 0) to (1, 1), at most 512 points; empty without rows of either sort.
    pub roc: Vec<RocPoint>,
    /// The area under it, by the trapezoidal rule: the chance that a row of the class has the greater score.
    pub roc_auc: Option<f64>,
    /// By falling score, at most 512 points; empty without rows of the class.
    pub precision_recall: Vec<PrPoint>,
    /// The sum of precision times the gain in recall, without interpolation.
    pub average_precision: Option<f64>,
    /// The score at which F1 is greatest, with that F1; the highest of equals.
    pub best_f1: Option<(f32, f64)>,
}

/// How many rows have at least a score.
#[derive(Debug, Clone, Copy, Default)]
struct Step {
    threshold: f32,
    right: u64,
    wrong: u64,
}

/// The curves of a class from its probabilities, over rows with a label; those whose probability is NaN are left out.
/// Rows of equal score are one step, as in scikit-learn.
///
/// # Errors
/// If the sizes do not fit or the work was cancelled.
pub fn curves(
    probabilities: &Matrix<f32>,
    reference: &[i16],
    mask: Option<&BooleanBuffer>,
    class: u16,
    work: &Work,
) -> Result<Curves> {
    check_sizes(Predicted::Probabilities(probabilities), reference, probabilities.columns(), mask)?;
    let column = usize::from(class);
    let mut keys = Vec::new();
    visit(reference.len(), mask, work, |row| {
        let label = at(reference, row);
        let known = usize::try_from(label).is_ok_and(|label| label < probabilities.columns());
        if let Some(score) = probabilities.row(row).get(column).filter(|score| known && !score.is_nan()) {
            keys.push((u64::from(!ordered(*score)) << 1) | u64::from(label as usize == column));
        }
    })?;
    Ok(of_steps(&steps(&radix::sort(keys, 33, work)?)))
}

/// [`curves`] of every class, side by side.
///
/// # Errors
/// As [`curves`].
pub fn all_curves(
    probabilities: &Matrix<f32>,
    reference: &[i16],
    mask: Option<&BooleanBuffer>,
    work: &Work,
) -> Result<Vec<Curves>> {
    check_sizes(Predicted::Probabilities(probabilities), reference, probabilities.columns(), mask)?;
    work.stage("drawing curves", probabilities.columns() as u64);
    let each = |class: usize| {
        let made = curves(probabilities, reference, mask, class as u16, work)?;
        work.advance(1)?;
        Ok(made)
    };
    (0..probabilities.columns()).into_par_iter().map(each).collect()
}

/// The bits of a score in an order that is that of the scores; 0 and -0 are one.
fn ordered(score: f32) -> u32 {
    let bits = (score + 0.0).to_bits();
    if bits >> 31 == 1 { !bits } else { bits | (1 << 31) }
}

fn score(ordered: u32) -> f32 {
    f32::from_bits(if ordered >> 31 == 1 { ordered & !(1 << 31) } else { !ordered })
}

/// Counts by falling score, one step for each score.
fn steps(keys: &[u64]) -> Vec<Step> {
    let mut now = Step::default();
    let step = |run: &[u64]| {
        let right = run.iter().map(|key| key & 1).sum::<u64>();
        now.right += right;
        now.wrong += run.len() as u64 - right;
        now.threshold = run.first().map_or(0.0, |key| score(!((key >> 1) as u32)));
        now
    };
    keys.chunk_by(|a, b| a >> 1 == b >> 1).map(step).collect()
}

fn of_steps(steps: &[Step]) -> Curves {
    let (positives, negatives) = steps.last().map_or((0, 0), |last| (last.right, last.wrong));
    let share = |part: u64, whole: u64| part as f64 / whole as f64;
    let (mut before, mut twice_area, mut precision_sum) = (Step::default(), 0u128, 0.0);
    let mut best_f1: Option<(f32, f64)> = None;
    for step in steps {
        twice_area += u128::from(step.wrong - before.wrong) * u128::from(step.right + before.right);
        precision_sum +=
            share(step.right - before.right, positives.max(1)) * share(step.right, step.right + step.wrong);
        let f1 = share(2 * step.right, positives + step.right + step.wrong);
        if best_f1.is_none_or(|(_, best)| f1 > best) {
            best_f1 = Some((step.threshold, f1));
        }
        before = *step;
    }
    let both = positives > 0 && negatives > 0;
    let area = |twice: u128| twice as f64 / (2 * u128::from(positives) * u128::from(negatives)) as f64;
    Curves {
        positives,
        negatives,
        roc: if both { roc(steps, positives, negatives) } else { Vec::new() },
        roc_auc: both.then(|| area(twice_area)),
        precision_recall: if positives > 0 { precision_recall(steps, positives) } else { Vec::new() },
        average_precision: (positives > 0).then_some(precision_sum),
        best_f1: best_f1.filter(|_| positives > 0),
    }
}

/// The corners of the curve; of too many, those nearest to equal distances along it.
fn roc(steps: &[Step], positives: u64, negatives: u64) -> Vec<RocPoint> {
    // A step in the middle of a straight line says nothing, as scikit-learn's `drop_intermediate`.
    let mut corners = vec![Step { threshold: f32::INFINITY, ..Step::default() }];
    for (index, step) in steps.iter().enumerate() {
        let around = index.checked_sub(1).and_then(|at| steps.get(at)).zip(steps.get(index + 1));
        let straight = around.is_some_and(|(before, after)| {
            after.right - step.right == step.right - before.right
                && after.wrong - step.wrong == step.wrong - before.wrong
        });
        if !straight {
            corners.push(*step);
        }
    }
    let rates = |step: &Step| RocPoint {
        threshold: step.threshold,
        false_positive_rate: step.wrong as f64 / negatives as f64,
        true_positive_rate: step.right as f64 / positives as f64,
    };
    let points: Vec<RocPoint> = corners.iter().map(rates).collect();
    if points.len() <= POINTS {
        return points;
    }
    let way = |point: &RocPoint| point.false_positive_rate + point.true_positive_rate;
    let stride = 2.0 / (POINTS - 2) as f64;
    let (mut kept, mut next) = (Vec::with_capacity(POINTS), 0.0);
    for (index, point) in points.iter().enumerate() {
        if way(point) >= next || index + 1 == points.len() {
            kept.push(*point);
            next = (way(point) / stride).floor() * stride + stride;
        }
    }
    kept
}

/// All steps; of too many, the highest and the lowest precision within equal parts of the recall, and the last.
fn precision_recall(steps: &[Step], positives: u64) -> Vec<PrPoint> {
    let point = |step: &Step| PrPoint {
        threshold: step.threshold,
        precision: step.right as f64 / (step.right + step.wrong) as f64,
        recall: step.right as f64 / positives as f64,
    };
    let start = PrPoint { threshold: f32::INFINITY, precision: 1.0, recall: 0.0 };
    if steps.len() < POINTS {
        return std::iter::once(start).chain(steps.iter().map(point)).collect();
    }
    let parts = POINTS / 2 - 1;
    let part = |step: &Step| (step.right as u128 * parts as u128 / positives as u128).min(parts as u128 - 1);
    let mut kept = vec![start];
    for run in steps.chunk_by(|a, b| part(a) == part(b)) {
        let points: Vec<PrPoint> = run.iter().map(point).collect();
        let index = |better: fn(f64, f64) -> bool| {
            let pick = |best: usize, at: usize| match (points.get(best), points.get(at)) {
                (Some(a), Some(b)) if better(b.precision, a.precision) => at,
                _ => best,
            };
            (0..points.len()).fold(0, pick)
        };
        let (low, high) = (index(|a, b| a < b), index(|a, b| a > b));
        kept.extend(points.get(low.min(high)));
        if low != high {
            kept.extend(points.get(low.max(high)));
        }
    }
    if let Some(last) = steps.last().map(point)
        && kept.last() != Some(&last)
    {
        kept.push(last);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_keep_their_order_as_bits() {
        let scores = [f32::NEG_INFINITY, -1.0, -1e-30, 0.0, 1e-30, 0.5, 1.0, f32::INFINITY];
        assert!(scores.is_sorted_by(|a, b| ordered(*a) < ordered(*b)));
        assert!(scores.iter().all(|&value| score(ordered(value)) == value));
        assert_eq!(ordered(0.0), ordered(-0.0));
    }

    #[test]
    fn long_curves_are_thinned_and_keep_their_ends() {
        let mut random = crate::engine::Random::new(5);
        let mut keys: Vec<u64> = (0..100_000u64)
            .map(|_| {
                let positive = random.unit() < 0.3;
                let value = (random.unit() + random.unit() + f64::from(u8::from(positive))) as f32 / 3.0;
                (u64::from(!ordered(value)) << 1) | u64::from(positive)
            })
            .collect();
        keys.sort_unstable();
        let steps = steps(&keys);
        let found = of_steps(&steps);
        assert!(steps.len() > 10_000 && found.roc.len() <= POINTS && found.precision_recall.len() <= POINTS);
        assert!(found.roc.len() > POINTS / 2 && found.precision_recall.len() > POINTS / 2);
        let (first, last) = (found.roc[0], found.roc[found.roc.len() - 1]);
        assert_eq!((first.false_positive_rate, first.true_positive_rate), (0.0, 0.0));
        assert_eq!((last.false_positive_rate, last.true_positive_rate), (1.0, 1.0));
        let pair = |pair: &[RocPoint]| {
            let (width, height) = (
                pair[1].false_positive_rate - pair[0].false_positive_rate,
                pair[1].true_positive_rate + pair[0].true_positive_rate,
            );
            width * height / 2.0
        };
        let area: f64 = found.roc.windows(2).map(pair).sum();
        assert!((area - found.roc_auc.unwrap()).abs() < 1e-4, "the kept points have nearly the same area");
        assert!(found.precision_recall.is_sorted_by(|a, b| a.recall <= b.recall && a.threshold > b.threshold));
        assert_eq!(found.precision_recall.last().map(|point| point.recall), Some(1.0));
    }
}
