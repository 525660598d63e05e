//! What correcting labels gained: the same model in the same folds, once taught the labels as they were and once the
//! corrected ones, each judged by both, so that nobody flatters himself by correcting what he is judged by.

use serde::Serialize;

use crate::engine::{Error, Result, Work};
use crate::learn::cross_validation::{out_of_sample_in, stratified_folds};
use crate::learn::judge::{Interval, compare};
use crate::learn::{Features, Matrix, logistic, metrics};

/// The two models judged by one set of labels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Judged {
    /// Rows that are judged.
    pub rows: u64,
    /// The share that the model of the labels as they were gets right, 0-1.
    pub before: f64,
    /// The share that the model of the corrected labels gets right.
    pub after: f64,
    /// What was gained, with its 95 % interval.
    pub difference: Gain,
    /// The probability of such a difference by chance (McNemar, mid-p).
    pub p_value: f64,
}

/// A difference of two shares with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Gain {
    /// The difference.
    pub value: f64,
    /// The low end.
    pub low: f64,
    /// The high end.
    pub high: f64,
}

/// What correcting labels gained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BeforeAfter {
    /// Rows whose label was changed.
    pub changed: u64,
    /// Rows that were left out by the correction: they are learnt from before, and judged by nobody.
    pub left_out: u64,
    /// Judged by the labels as they were.
    pub on_given: Option<Judged>,
    /// Judged by the corrected labels.
    pub on_corrected: Option<Judged>,
    /// Judged by the rows where both agree: by what nobody has doubted.
    pub on_agreed: Option<Judged>,
}

/// Compares models of labels as they were and corrected. Rows without a label as it was are left out of both; rows
/// without a corrected one are not learnt from after.
///
/// # Errors
/// If lengths do not fit, there are too few labels to learn from, or the work was cancelled.
pub fn before_after<F: Features>(
    features: &F,
    given: &[Option<u16>],
    corrected: &[Option<u16>],
    classes: usize,
    folds: usize,
    seed: u64,
    work: &Work,
) -> Result<BeforeAfter> {
    if given.len() != corrected.len() {
        return Err(Error::input(format!("{} corrected labels for {} rows", corrected.len(), given.len())));
    }
    if !(2..=100).contains(&folds) {
        return Err(Error::input(format!("{folds} folds are not possible")).help("take 2 to 100 folds, usually 5"));
    }
    let corrected: Vec<Option<u16>> =
        given.iter().zip(corrected).map(|(given, corrected)| given.and(*corrected)).collect();
    let dealt = stratified_folds(given, folds, seed);
    let options = logistic::Options::default();
    let fit = |labels: &[Option<u16>]| {
        let cv = out_of_sample_in(features, labels, classes, dealt.clone(), &options, seed, work)?;
        Ok::<_, Error>(classes_of(&cv.probabilities))
    };
    let (before, after) = (fit(given)?, fit(&corrected)?);
    let count = |of: &dyn Fn(Option<u16>, Option<u16>) -> bool| {
        given.iter().zip(&corrected).filter(|(given, corrected)| of(**given, **corrected)).count() as u64
    };
    let judged = |of: &dyn Fn(Option<u16>, Option<u16>) -> Option<u16>| -> Result<Option<Judged>> {
        let labels = given.iter().zip(&corrected);
        let reference: Vec<i16> =
            labels.map(|(given, corrected)| of(*given, *corrected).map_or(-1, |label| label as i16)).collect();
        let found = compare(&before, &after, &reference, classes, None, work)?;
        let rows = reference.iter().filter(|label| **label >= 0).count();
        let share = |right: usize| right as f64 / rows.max(1) as f64;
        Ok(found.difference.map(|Interval { value, low, high }| Judged {
            rows: rows as u64,
            before: share(found.both_right.len() + found.worse.len()),
            after: share(found.both_right.len() + found.better.len()),
            difference: Gain { value, low, high },
            p_value: found.test.mid_p,
        }))
    };
    Ok(BeforeAfter {
        changed: count(&|given, corrected| corrected.is_some() && given != corrected),
        left_out: count(&|given, corrected| given.is_some() && corrected.is_none()),
        on_given: judged(&|given, corrected| corrected.and(given))?,
        on_corrected: judged(&|_, corrected| corrected)?,
        on_agreed: judged(&|given, corrected| corrected.filter(|_| given == corrected))?,
    })
}

/// The most probable class of each row, -1 for none.
fn classes_of(probabilities: &Matrix<f32>) -> Vec<i16> {
    let of = |row: usize| metrics::argmax(probabilities.row(row)).map_or(-1, |(class, _)| class as i16);
    (0..probabilities.rows()).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Random;

    #[test]
    fn correcting_helps_and_is_judged_by_both_sides() {
        let mut random = Random::new(4);
        let rows = 400;
        let truth: Vec<u16> = (0..rows).map(|_| random.below(2) as u16).collect();
        let values = truth.iter().flat_map(|&class| {
            let mut noise = || random.unit() as f32 * 1.6;
            [noise() + f32::from(class), noise() + 1.0 - f32::from(class), 1.0]
        });
        let matrix = Matrix::new(rows, 3, values.collect()).unwrap();
        // A third of class 1 has the other label: learnt from, it moves the border.
        let given: Vec<Option<u16>> = truth
            .iter()
            .enumerate()
            .map(|(row, &class)| Some(if class == 1 && row % 5 < 2 { 0 } else { class }))
            .collect();
        let mut corrected: Vec<Option<u16>> = truth.iter().map(|&class| Some(class)).collect();
        corrected[0] = None;
        let run = |corrected: &[Option<u16>]| before_after(&matrix, &given, corrected, 2, 5, 0, &Work::new()).unwrap();
        let found = run(&corrected);
        let wrong = given.iter().zip(&corrected).filter(|(a, b)| b.is_some() && a != b).count() as u64;
        assert_eq!((found.changed, found.left_out), (wrong, 1));
        let (on_corrected, on_agreed) = (found.on_corrected.unwrap(), found.on_agreed.unwrap());
        assert!(on_corrected.difference.low > 0.0, "{on_corrected:?}");
        assert!(on_corrected.after > on_corrected.before && on_corrected.rows == 399);
        assert_eq!(on_agreed.rows, 399 - wrong);
        assert!(
            found.on_given.unwrap().after < on_corrected.after,
            "the old labels are no fair judge of the new model"
        );
        assert_eq!(found, run(&corrected), "the same seed");
        let same = run(&given);
        assert_eq!((same.changed, same.on_given.unwrap().difference.value), (0, 0.0));
        assert!(before_after(&matrix, &given, &corrected[1..], 2, 5, 0, &Work::new()).is_err());
    }
}
