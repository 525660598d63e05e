//! Confidence against accuracy: is a model right as often as it says?

use arrow_buffer::BooleanBuffer;
use serde::Serialize;

use super::{Answers, Losses, Rate, at, radix, visit};
use crate::data::describe::{Bin, bin_sql};
use crate::data::filter::quote_name;
use crate::engine::{Result, Work};

/// Bins of the histogram of confidence.
const HISTOGRAM: usize = 20;

/// Bins of the reliability diagrams, as Guo et al. have them.
const RELIABILITY: usize = 15;

/// A bin of the histogram of confidence, of equal width.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ConfidenceBin {
    /// Its lower end, which belongs to it.
    pub low: f64,
    /// Its upper end, which belongs to the next bin, or to it if it is the last.
    pub high: f64,
    /// True for the last bin.
    pub closed: bool,
    /// Rows whose prediction is right.
    pub right: u64,
    /// Rows whose prediction is wrong.
    pub wrong: u64,
    /// Rows without a label.
    pub unlabelled: u64,
}

/// A bin of a reliability diagram.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReliabilityBin {
    /// Its lower end, which belongs to it.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// True if the upper end belongs to it.
    pub closed: bool,
    /// The mean confidence of its rows; `None` without any.
    pub confidence: Option<f64>,
    /// The share of its rows that is right; `None` without any.
    pub accuracy: Option<Rate>,
}

/// Confidence (the probability of the predicted class) against accuracy, over the rows that have a label and a
/// prediction.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// These rows.
    pub rows: u64,
    /// The confidence of all rows that have a prediction, in 20 bins of equal width.
    pub histogram: Vec<ConfidenceBin>,
    /// Confidence against accuracy in 15 bins of equal width, empty ones included.
    pub reliability: Vec<ReliabilityBin>,
    /// The expected calibration error: mean |confidence - accuracy| of these bins, weighted by rows (Guo et al. 2017,
    /// "On Calibration of Modern Neural Networks").
    pub error: Option<f64>,
    /// The greatest |confidence - accuracy| of these bins.
    pub greatest_error: Option<f64>,
    /// The same in at most 15 bins of equally many rows; rows of equal confidence are never parted.
    pub adaptive: Vec<ReliabilityBin>,
    /// Their weighted mean |confidence - accuracy| (Nixon et al. 2019, "Measuring Calibration in Deep Learning", for
    /// the predicted class). Bins of equal width are nearly empty where a model is seldom unsure.
    pub adaptive_error: Option<f64>,
    /// The mean over rows of the sum over classes of (p - y)², 0-2 (Brier 1950). For two classes scikit-learn gives
    /// half of it.
    pub brier: Option<f64>,
    /// The mean of -ln p(label), with p no lower than 1e-15.
    pub log_loss: Option<f64>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    rows: u64,
    confidence: f64,
    right: u64,
}

impl ConfidenceBin {
    /// The condition that keeps the rows in the bin, right or wrong; `column` holds the confidence.
    pub fn sql(&self, column: &str) -> String {
        span_sql(column, self.low, self.high, self.closed)
    }
}

impl ReliabilityBin {
    /// The condition that keeps the rows in the bin; `column` holds the confidence.
    pub fn sql(&self, column: &str) -> String {
        span_sql(column, self.low, self.high, self.closed)
    }

    /// Confidence less accuracy: above 0 where the model is too sure.
    pub fn gap(&self) -> Option<f64> {
        Some(self.confidence? - self.accuracy.as_ref()?.value)
    }

    fn new(low: f64, high: f64, closed: bool, sums: Sums) -> Self {
        let confidence = (sums.rows > 0).then(|| sums.confidence / sums.rows as f64);
        Self { low, high, closed, confidence, accuracy: Rate::of(sums.right, sums.rows) }
    }
}

fn span_sql(column: &str, low: f64, high: f64, closed: bool) -> String {
    bin_sql(&quote_name(column), &Bin { low, high, closed, count: 0 })
}

impl Calibration {
    pub(super) fn of(
        answers: &Answers,
        reference: &[i16],
        classes: usize,
        mask: Option<&BooleanBuffer>,
        losses: Losses,
        work: &Work,
    ) -> Result<Self> {
        let mut histogram = vec![(0u64, 0u64, 0u64); HISTOGRAM];
        let mut widths = vec![Sums::default(); RELIABILITY];
        let mut keys = Vec::new();
        visit(reference.len(), mask, work, |row| {
            let answer = at(&answers.labels, row);
            let Some(&confidence) = answers.confidence.get(row).filter(|_| answer >= 0) else { return };
            let label = at(reference, row);
            let known = usize::try_from(label).is_ok_and(|label| label < classes);
            let right = known && label == answer;
            if let Some(bin) = histogram.get_mut(place(f64::from(confidence), HISTOGRAM)) {
                bin.0 += u64::from(right);
                bin.1 += u64::from(known && !right);
                bin.2 += u64::from(!known);
            }
            if known {
                if let Some(bin) = widths.get_mut(place(f64::from(confidence), RELIABILITY)) {
                    bin.add(f64::from(confidence), right);
                }
                // The bits of numbers that are not negative stand in the order of the numbers.
                keys.push((u64::from(confidence.to_bits()) << 1) | u64::from(right));
            }
        })?;
        let rows = keys.len() as u64;
        // A confidence is at most 1, whose bits are below 2^30.
        let adaptive = equal_mass(&radix::sort(keys, 31, work)?, RELIABILITY);
        let reliability: Vec<ReliabilityBin> = spans(RELIABILITY)
            .zip(widths)
            .map(|((l, h, closed), sums)| ReliabilityBin::new(l, h, closed, sums))
            .collect();
        let histogram = spans(HISTOGRAM).zip(histogram).map(|((low, high, closed), (right, wrong, unlabelled))| {
            ConfidenceBin { low, high, closed, right, wrong, unlabelled }
        });
        let mean = |sum: f64| (losses.rows > 0).then(|| sum / losses.rows as f64);
        Ok(Self {
            rows,
            histogram: histogram.collect(),
            error: weighted_gap(&reliability),
            greatest_error: reliability.iter().filter_map(ReliabilityBin::gap).map(f64::abs).reduce(f64::max),
            reliability,
            adaptive_error: weighted_gap(&adaptive),
            adaptive,
            brier: mean(losses.brier),
            log_loss: mean(losses.log),
        })
    }
}

impl Sums {
    fn add(&mut self, confidence: f64, right: bool) {
        self.rows += 1;
        self.confidence += confidence;
        self.right += u64::from(right);
    }
}

/// The ends of `bins` bins of equal width over 0-1, and which is closed.
fn spans(bins: usize) -> impl Iterator<Item = (f64, f64, bool)> {
    (0..bins).map(move |bin| (edge(bin, bins), edge(bin + 1, bins), bin + 1 == bins))
}

fn edge(bin: usize, bins: usize) -> f64 {
    bin as f64 / bins as f64
}

/// The bin of a number in 0-1, such that comparing it with the edges gives the same.
fn place(value: f64, bins: usize) -> usize {
    let guess = ((value * bins as f64) as usize).min(bins - 1);
    if value < edge(guess, bins) {
        guess.saturating_sub(1)
    } else if guess + 1 < bins && value >= edge(guess + 1, bins) {
        guess + 1
    } else {
        guess
    }
}

/// Bins of equally many rows from sorted keys; a bin goes on to the end of rows of equal confidence.
fn equal_mass(keys: &[u64], bins: usize) -> Vec<ReliabilityBin> {
    let confidence = |key: u64| f64::from(f32::from_bits((key >> 1) as u32));
    let (mut found, mut start) = (Vec::with_capacity(bins), 0);
    for bin in 1..=bins {
        let wanted = keys.len() * bin / bins;
        let Some(&last) = wanted.checked_sub(1).and_then(|at| keys.get(at)).filter(|_| wanted > start) else {
            continue;
        };
        let end = keys.partition_point(|key| key >> 1 <= last >> 1);
        let mut sums = Sums::default();
        keys.get(start..end).unwrap_or_default().iter().for_each(|&key| sums.add(confidence(key), key & 1 == 1));
        let low = keys.get(start).map_or(0.0, |&key| confidence(key));
        found.push(ReliabilityBin::new(low, confidence(last), true, sums));
        start = end;
    }
    found
}

fn weighted_gap(bins: &[ReliabilityBin]) -> Option<f64> {
    let rows = |bin: &ReliabilityBin| bin.accuracy.as_ref().map_or(0, |accuracy| accuracy.of);
    let all: u64 = bins.iter().map(rows).sum();
    let gaps: f64 = bins.iter().filter_map(|bin| Some(bin.gap()?.abs() * rows(bin) as f64)).sum();
    (all > 0).then(|| gaps / all as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confidence_is_in_the_bin_whose_condition_holds() {
        for bins in [HISTOGRAM, RELIABILITY] {
            for step in 0..=3000 {
                let value = f64::from(step as f32 / 3000.0);
                let (low, high, closed) = spans(bins).nth(place(value, bins)).unwrap();
                assert!(low <= value && (value < high || (closed && value == high)), "{value} of {bins}");
            }
        }
    }

    #[test]
    fn equal_confidences_are_not_parted() {
        let key = |confidence: f32, right: bool| (u64::from(confidence.to_bits()) << 1) | u64::from(right);
        let mut keys = vec![key(0.5, true); 10];
        keys.extend([key(0.9, false), key(0.95, true)]);
        let bins = equal_mass(&keys, 4);
        let rows: Vec<u64> = bins.iter().map(|bin| bin.accuracy.unwrap().of).collect();
        assert_eq!(rows, [10, 2]);
        assert_eq!(bins[0].sql("model_confidence"), "model_confidence = 0.5");
        assert!(equal_mass(&[], 4).is_empty());
    }
}
