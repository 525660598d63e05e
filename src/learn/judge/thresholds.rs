//! What holds when only answers of at least some confidence are taken: the numbers behind a slider.

use arrow_buffer::BooleanBuffer;

use super::{Answers, Rate, at, radix, visit};
use crate::engine::{Result, Work};

/// Counts by falling confidence, exact for every threshold. A look-up is a binary search.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds {
    /// The rows in the mask.
    rows: u64,
    /// One step for each confidence that occurs, the highest first.
    steps: Vec<Step>,
}

/// How many rows have at least a confidence.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Step {
    confidence: f32,
    answered: u32,
    labelled: u32,
    right: u32,
}

/// What holds at a threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AtThreshold {
    /// Answers of at least this confidence are taken.
    pub threshold: f32,
    /// The share of the rows in the mask that keep an answer; `None` without rows.
    pub coverage: Option<Rate>,
    /// The share of those of them that have a label that is right; `None` without any.
    pub accuracy: Option<Rate>,
}

impl Thresholds {
    /// Counts the answers within `mask`; `classes` tells which labels are known.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn of(
        answers: &Answers,
        reference: &[i16],
        classes: usize,
        mask: Option<&BooleanBuffer>,
        work: &Work,
    ) -> Result<Self> {
        let (mut rows, mut keys) = (0, Vec::new());
        visit(reference.len(), mask, work, |row| {
            rows += 1;
            let (answer, label) = (at(&answers.labels, row), at(reference, row));
            if let Some(&confidence) = answers.confidence.get(row).filter(|_| answer >= 0) {
                let known = usize::try_from(label).is_ok_and(|label| label < classes);
                let sort = (u64::from(known) << 1) | u64::from(known && label == answer);
                keys.push((u64::from(TOP - confidence.to_bits().min(TOP)) << 2) | sort);
            }
        })?;
        let keys = radix::sort(keys, 32, work)?;
        let mut now = Step::default();
        let step = |run: &[u64]| {
            now.confidence = run.first().map_or(0.0, |key| f32::from_bits(TOP - (key >> 2) as u32));
            now.answered += run.len() as u32;
            now.labelled += run.iter().map(|key| ((key >> 1) & 1) as u32).sum::<u32>();
            now.right += run.iter().map(|key| (key & 1) as u32).sum::<u32>();
            now
        };
        Ok(Self { rows, steps: keys.chunk_by(|a, b| a >> 2 == b >> 2).map(step).collect() })
    }

    /// What holds at a threshold, exactly.
    pub fn at(&self, threshold: f32) -> AtThreshold {
        let taken = self.steps.partition_point(|step| step.confidence >= threshold);
        let step = taken.checked_sub(1).and_then(|last| self.steps.get(last)).copied().unwrap_or_default();
        AtThreshold {
            threshold,
            coverage: Rate::of(u64::from(step.answered), self.rows),
            accuracy: Rate::of(u64::from(step.right), u64::from(step.labelled)),
        }
    }

    /// The lowest threshold that occurs at which the accuracy is at least `wanted`, which keeps the most rows; `None`
    /// if there is none.
    pub fn for_accuracy(&self, wanted: f64) -> Option<AtThreshold> {
        let good = |step: &&Step| step.labelled > 0 && f64::from(step.right) >= wanted * f64::from(step.labelled);
        self.steps.iter().rev().find(good).map(|step| self.at(step.confidence))
    }

    /// Accuracy against coverage at `points` thresholds that part the answers evenly, from the highest confidence down.
    pub fn curve(&self, points: usize) -> Vec<AtThreshold> {
        let answered = self.steps.last().map_or(0, |step| u64::from(step.answered));
        let place = |point: usize| {
            let wanted = (answered * point as u64).div_ceil(points.max(1) as u64);
            self.steps.partition_point(|step| u64::from(step.answered) < wanted)
        };
        let mut places: Vec<usize> = (1..=points).map(place).collect();
        places.dedup();
        places.into_iter().filter_map(|at| self.steps.get(at)).map(|step| self.at(step.confidence)).collect()
    }
}

/// The bits of 1.0, the greatest confidence.
const TOP: u32 = 0x3F80_0000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_takes_the_sure_answers() {
        let answers = Answers { labels: vec![0, 1, 0, 1, -1, 0], confidence: vec![0.9, 0.8, 0.8, 0.6, 0.0, 1.0] };
        let found = Thresholds::of(&answers, &[0, 1, 1, -1, 0, 0], 2, None, &Work::new()).unwrap();
        let check = |threshold: f32, coverage: f64, accuracy: Option<f64>| {
            let at = found.at(threshold);
            assert_eq!(at.coverage.map(|rate| rate.value), Some(coverage), "{threshold}");
            assert_eq!(at.accuracy.map(|rate| rate.value), accuracy, "{threshold}");
        };
        check(0.0, 5.0 / 6.0, Some(0.75));
        check(0.7, 4.0 / 6.0, Some(0.75));
        check(0.8, 4.0 / 6.0, Some(0.75));
        check(0.81, 2.0 / 6.0, Some(1.0));
        check(1.0, 1.0 / 6.0, Some(1.0));
        check(1.5, 0.0, None);
        assert_eq!(found.for_accuracy(0.9).map(|at| at.threshold), Some(0.9));
        assert_eq!(found.for_accuracy(0.5).map(|at| at.threshold), Some(0.6));
        let curve: Vec<f32> = found.curve(5).iter().map(|at| at.threshold).collect();
        assert_eq!(curve, [1.0, 0.9, 0.8, 0.6]);
        let none = Thresholds::of(&answers, &[0; 6], 2, Some(&BooleanBuffer::new_unset(6)), &Work::new()).unwrap();
        assert!(none.at(0.5).coverage.is_none() && none.curve(9).is_empty() && none.for_accuracy(0.0).is_none());
    }
}
