//! Outcomes that come later: a log of served predictions joined by id with what turned out to be right.
//!
//! Outcomes are late, and the late ones may be of another kind than the quick ones. So a stretch of time is judged only
//! once it is ripe: where the time of outcomes is known, when nine of ten outcomes of its last prediction would have
//! come; else when about as large a share of its outcomes has come as usual.

use std::collections::HashMap;

use serde::Serialize;

use super::trends::{Measure, Stretches};
use crate::data::{Column, Frame, Values};
use crate::engine::{Error, Result, Work, quantile};

/// The share of outcomes that have to have come.
const RIPE: f64 = 0.9;

/// Where no times of outcomes are known, the share of the usual share that has to have come.
const NEARLY: f64 = 0.8;

/// What is joined with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join<'a> {
    /// The column of ids, in both tables.
    pub id: &'a str,
    /// The predictions, in the log.
    pub prediction: &'a str,
    /// What turned out to be right, among the outcomes.
    pub outcome: &'a str,
    /// When that was known, among the outcomes.
    pub known: Option<&'a str>,
}

/// Predictions with their outcomes.
#[derive(Debug, Clone, PartialEq)]
pub struct Joined {
    /// By row of the log: the row of its outcome.
    pub outcome: Vec<Option<u32>>,
    /// How they were joined.
    pub told: Told,
    /// Whether predictions are right, and whether their outcome has come.
    pub measures: Vec<Measure>,
    /// By stretch, whether it can be judged.
    pub ripe: Vec<bool>,
}

/// How a log was joined with outcomes.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Told {
    /// Predictions with an outcome.
    pub joined: u64,
    /// Predictions that still wait for one.
    pub waiting: u64,
    /// Outcomes of ids that the log does not have.
    pub unknown: u64,
    /// Outcomes beyond the last of an id, which are left out.
    pub repeated: u64,
    /// The share of right predictions among those with an outcome.
    pub accuracy: Option<f64>,
    /// The delay by which nine of ten outcomes come, in seconds, where it is known.
    pub delay: Option<f64>,
    /// Stretches that are not judged yet.
    pub unripe: Vec<String>,
}

/// Joins a log with outcomes. `when` is the time of each prediction, if the stretches are of times.
///
/// # Errors
/// If a column is not there or is of the wrong kind, no id is in both, or the work was cancelled.
pub fn join(log: &Frame, outcomes: &Frame, of: &Join<'_>, stretches: &Stretches, work: &Work) -> Result<Joined> {
    let (ids, there) = (log.column(of.id)?, outcomes.column(of.id)?);
    let (predictions, results) = (log.column(of.prediction)?, outcomes.column(of.outcome)?);
    let known = of.known.map(|name| outcomes.column(name)).transpose()?;
    if let Some(known) = known.filter(|column| !matches!(column.values(), Values::Time(_))) {
        return Err(Error::input(format!("the column holds no times but {}", known.kind().name())).at(known.name()));
    }
    work.stage("joining outcomes", log.rows() as u64);
    let mut told = Told::default();
    let mut by_id: HashMap<String, u32> = HashMap::with_capacity(outcomes.rows());
    for row in 0..outcomes.rows() {
        if row.is_multiple_of(1 << 13) {
            work.check()?;
        }
        let Some(id) = there.show(row).filter(|_| !results.is_null(row)) else { continue };
        // The last outcome of an id is the one that counts: outcomes are corrected.
        told.repeated += u64::from(by_id.insert(id.into_owned(), row as u32).is_some());
    }
    let all = by_id.len() as u64;
    let mut outcome = Vec::with_capacity(log.rows());
    let mut used = std::collections::HashSet::new();
    for row in 0..log.rows() {
        if row.is_multiple_of(1 << 13) {
            work.advance(1 << 13)?;
        }
        let found = ids.show(row).and_then(|id| by_id.get(id.as_ref()).copied());
        used.extend(found);
        outcome.push(found);
    }
    told.joined = outcome.iter().flatten().count() as u64;
    told.waiting = outcome.len() as u64 - told.joined;
    told.unknown = all - used.len() as u64;
    if told.joined == 0 {
        return Err(Error::input("no id of the log is among the outcomes")
            .at(of.id)
            .help("name the column that both have with --id"));
    }
    let flag = |flag: bool| Some(f64::from(u8::from(flag)));
    let right = |row: usize| {
        let outcome = (*outcome.get(row)?)? as usize;
        flag(same(predictions, row, results, outcome)?)
    };
    let right: Vec<Option<f64>> = (0..log.rows()).map(right).collect();
    let judged: Vec<f64> = right.iter().flatten().copied().collect();
    told.accuracy = (!judged.is_empty()).then(|| judged.iter().sum::<f64>() / judged.len() as f64);
    let arrived: Vec<Option<f64>> = outcome.iter().map(|it| flag(it.is_some())).collect();
    let ripe = match known {
        Some(known) => by_delay(log, stretches, &outcome, known, &mut told)?,
        None => by_share(stretches, &outcome),
    };
    told.unripe = stretches.all.iter().zip(&ripe).filter(|(_, ripe)| !**ripe).map(|(it, _)| it.from.clone()).collect();
    let measures = vec![
        Measure { name: of.prediction.to_owned(), kind: "accuracy", values: right },
        Measure { name: of.outcome.to_owned(), kind: "arrived", values: arrived },
    ];
    Ok(Joined { outcome, told, measures, ripe })
}

/// Whether a prediction is its outcome: as numbers where both are, else by their text.
fn same(a: &Column, at: usize, b: &Column, there: usize) -> Option<bool> {
    match (a.number(at), b.number(there)) {
        (Some(x), Some(y)) => Some(x == y),
        _ => Some(a.show(at)?.trim() == b.show(there)?.trim()),
    }
}

/// Stretches whose last prediction is older than most outcomes take.
fn by_delay(
    log: &Frame,
    stretches: &Stretches,
    outcome: &[Option<u32>],
    known: &Column,
    told: &mut Told,
) -> Result<Vec<bool>> {
    let made = log.column(&stretches.by)?;
    if !matches!(made.values(), Values::Time(_)) {
        return Err(Error::input("delays can be told only where predictions have a time")
            .at(&*stretches.by)
            .help("follow the log by a column of times, or leave out the time of outcomes"));
    }
    let mut delays: Vec<f64> = Vec::new();
    let (mut last, mut ends) = (f64::NEG_INFINITY, vec![f64::NEG_INFINITY; stretches.all.len()]);
    for (row, outcome) in outcome.iter().enumerate() {
        let time = made.number(row);
        if let (Some(time), Some(place)) = (time, stretches.of_row.get(row).copied().flatten())
            && let Some(end) = ends.get_mut(place as usize)
        {
            *end = end.max(time);
        }
        last = last.max(time.unwrap_or(last));
        if let Some(came) = outcome.and_then(|there| known.number(there as usize)) {
            last = last.max(came);
            delays.extend(time.map(|time| (came - time).max(0.0)));
        }
    }
    // Of those that came at all: the slowest of the newest predictions are not among them, so this errs to be short.
    let delay = quantile(&mut delays, RIPE);
    told.delay = delay.is_finite().then_some(delay);
    Ok(ends.into_iter().map(|end| end + delay <= last).collect())
}

/// Stretches of which about the usual share of outcomes has come.
fn by_share(stretches: &Stretches, outcome: &[Option<u32>]) -> Vec<bool> {
    let mut counts = vec![(0.0, 0.0); stretches.all.len()];
    for (place, outcome) in stretches.of_row.iter().zip(outcome) {
        if let Some((all, came)) = place.and_then(|place| counts.get_mut(place as usize)) {
            *all += 1.0;
            *came += f64::from(u8::from(outcome.is_some()));
        }
    }
    let mut shares: Vec<f64> = counts.iter().map(|(all, came)| came / all).collect();
    let usual = quantile(&mut shares.clone(), 0.5);
    shares.drain(..).map(|share| share >= NEARLY * usual).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int64Array, LargeStringArray, TimestampMicrosecondArray};

    use super::*;
    use crate::clean::trends::trends;
    use crate::data::Kind;
    use crate::engine::Random;

    const HOUR: i64 = 3_600_000_000;

    fn ints(name: &str, values: impl Iterator<Item = i64>) -> Arc<Column> {
        Arc::new(Column::new(name, Values::Int(Int64Array::from_iter_values(values))))
    }

    fn times(name: &str, values: impl Iterator<Item = i64>) -> Arc<Column> {
        Arc::new(Column::new(name, Values::Time(values.map(Some).collect::<TimestampMicrosecondArray>())))
    }

    fn words(name: &str, values: Vec<&str>) -> Arc<Column> {
        Arc::new(Column::text(name, Kind::Category, LargeStringArray::from(values)))
    }

    /// A log of twenty days, a prediction every half hour; outcomes take up to three days, and wrong predictions are
    /// known at once. Nothing changes in truth.
    fn late() -> (Frame, Frame) {
        let rows = 960i64;
        let mut random = Random::new(7);
        let wrong: Vec<bool> = (0..rows).map(|_| random.unit() < 0.15).collect();
        let delay: Vec<i64> = wrong.iter().map(|wrong| if *wrong { 1 } else { random.below(72) as i64 }).collect();
        let log = Frame::new(vec![
            ints("id", 0..rows),
            times("when", (0..rows).map(|row| row * HOUR / 2)),
            words("said", vec!["yes"; rows as usize]),
        ]);
        let came: Vec<i64> =
            (0..rows).filter(|row| row * HOUR / 2 + delay[*row as usize] * HOUR <= rows * HOUR / 2).collect();
        let outcomes = Frame::new(vec![
            ints("id", came.iter().copied()),
            words("truth", came.iter().map(|row| if wrong[*row as usize] { "no" } else { "yes" }).collect()),
            times("known", came.iter().map(|row| row * HOUR / 2 + delay[*row as usize] * HOUR)),
        ]);
        (log, outcomes)
    }

    fn joined(log: &Frame, outcomes: &Frame, known: Option<&str>) -> (Joined, Stretches) {
        let stretches = Stretches::of(log.column("when").unwrap(), &Work::new()).unwrap();
        let of = Join { id: "id", prediction: "said", outcome: "truth", known };
        (join(log, outcomes, &of, &stretches, &Work::new()).unwrap(), stretches)
    }

    #[test]
    fn labels_that_are_late_are_no_change() {
        let (log, outcomes) = late();
        let changed = |ripe: &dyn Fn(usize) -> bool, joined: &Joined, stretches: &Stretches| {
            let found = trends(&log, stretches, &joined.measures[..1], ripe, 0, &Work::new()).unwrap();
            found.series[0].change.is_some()
        };
        let (with_times, stretches) = joined(&log, &outcomes, Some("known"));
        assert!(changed(&|_| true, &with_times, &stretches), "without care the quick outcomes look like a change");
        assert!(!changed(&|at| with_times.ripe[at], &with_times, &stretches));
        assert!(with_times.told.delay.unwrap() > 40.0 * 3600.0 && !with_times.told.unripe.is_empty());
        assert!(with_times.told.waiting > 0 && with_times.told.joined + with_times.told.waiting == 960);
        let (by_share, _) = joined(&log, &outcomes, None);
        assert!(!by_share.ripe[19] && by_share.ripe[5]);
    }

    #[test]
    fn ids_are_joined_once_and_what_does_not_fit_is_counted() {
        let log = Frame::new(vec![
            ints("id", [1, 2, 3].into_iter()),
            times("when", [0, HOUR, 2 * HOUR].into_iter()),
            words("said", vec!["a", "b", "a"]),
        ]);
        let outcomes =
            Frame::new(vec![words("id", vec!["1", "2", "9", "1"]), words("truth", vec!["b", "b", "a", "a"])]);
        let (found, _) = joined(&log, &outcomes, None);
        let told = &found.told;
        assert_eq!((told.joined, told.waiting, told.unknown, told.repeated), (2, 1, 1, 1));
        assert_eq!((told.accuracy, found.outcome.clone()), (Some(1.0), vec![Some(3), Some(1), None]));
        let other = Frame::new(vec![words("id", vec!["x"]), words("truth", vec!["a"])]);
        let stretches = Stretches::of(log.column("when").unwrap(), &Work::new()).unwrap();
        let of = Join { id: "id", prediction: "said", outcome: "truth", known: None };
        let error = join(&log, &other, &of, &stretches, &Work::new()).unwrap_err();
        assert!(error.advice().unwrap().contains("--id"), "{error}");
    }
}
