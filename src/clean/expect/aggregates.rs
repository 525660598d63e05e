//! Expectations about a column as a whole: statistics, distinct values, quantiles.

use std::cmp::Ordering;
use std::collections::HashMap;

use arrow_array::Array as _;
use arrow_buffer::BooleanBuffer;
use serde_json::{Value, json};

use super::arguments::{Arguments, wrong};
use super::divergence::Partition;
use super::keys::{self, groups, key};
use super::rows::{Tally, chunks};
use super::scalar::{Bounds, Scalar};
use super::shown;
use super::tuples::cell_key;
use crate::data::view::sort_by;
use crate::data::{Column, Kind, Values, show_time};
use crate::engine::{Error, Result, Work};

/// Distinct values that an outcome shows.
const SHOWN: usize = 100;

/// What is checked of a column.
#[derive(Debug, Clone)]
pub(super) enum Aggregate {
    /// A statistic lies within bounds.
    Statistic(Statistic, Bounds),
    /// Each quantile lies in its range, both ends included.
    Quantiles { quantiles: Vec<f64>, ranges: Vec<(f64, f64)>, interpolation: Interpolation },
    /// The most frequent value is one of these; of several, one is enough if `true`.
    MostCommon(Vec<Scalar>, bool),
    /// The distinct values stand in a relation to these.
    Distinct(Distinct, Vec<Scalar>),
    /// The divergence from a distribution is small.
    Divergence(Box<Partition>),
}

/// A statistic of the values that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Statistic {
    Max,
    Min,
    Mean,
    Median,
    Sum,
    /// Of a sample, by n - 1.
    Stdev,
    /// Different values.
    Distinct,
    /// Different values by values.
    DistinctShare,
    /// Values by rows.
    PresentShare,
}

/// How the distinct values of a column are to stand to a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Distinct {
    /// All are in the set.
    Inside,
    /// All of the set are there.
    Contain,
    /// Both.
    Equal,
}

/// Which value stands for a quantile between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interpolation {
    Nearest,
    Linear,
    Lower,
    Higher,
    Midpoint,
}

impl Aggregate {
    pub(super) fn quantiles(arguments: Arguments<'_>) -> Result<Self> {
        let example = "{ quantiles = [0.5], value_ranges = [[0, 10]] }";
        let value = arguments.required("quantile_ranges")?;
        let misfit = || wrong("quantile_ranges", value, "a table of quantiles and value_ranges", example);
        let map = value.as_object().ok_or_else(misfit)?;
        let inner = Arguments::new(map);
        let quantiles = inner.numbers("quantiles").map_err(|error| error.at("quantile_ranges"))?;
        if quantiles.iter().any(|share| !(0.0..=1.0).contains(share)) {
            return Err(
                Error::input("quantiles are shares from 0 to 1").help(format!("write quantile_ranges = {example}"))
            );
        }
        let open = |value: &Value, default: f64| if value.is_null() { Some(default) } else { value.as_f64() };
        let range = |value: &Value| match value.as_array().map(Vec::as_slice) {
            Some([low, high]) => open(low, f64::NEG_INFINITY).zip(open(high, f64::INFINITY)).ok_or_else(misfit),
            _ => Err(misfit()),
        };
        let ranges: Vec<(f64, f64)> = inner.list("value_ranges")?.iter().map(range).collect::<Result<_>>()?;
        if ranges.len() != quantiles.len() {
            return Err(Error::input(format!("{} quantiles have {} value_ranges", quantiles.len(), ranges.len()))
                .help("give one range for each quantile"));
        }
        let interpolation = match arguments.get("allow_relative_error") {
            None | Some(Value::Bool(_)) => Interpolation::Nearest,
            Some(Value::String(word)) => match word.as_str() {
                "linear" => Interpolation::Linear,
                "lower" => Interpolation::Lower,
                "higher" => Interpolation::Higher,
                "midpoint" => Interpolation::Midpoint,
                _ => Interpolation::Nearest,
            },
            // A tolerance of databases; the values are exact here.
            Some(_) => Interpolation::Nearest,
        };
        Ok(Self::Quantiles { quantiles, ranges, interpolation })
    }

    /// The rows that were looked at, whether it holds, and what was found.
    ///
    /// # Errors
    /// If the column is of a kind that the check does not fit, or the work was cancelled.
    pub(super) fn observe(
        &self,
        column: &Column,
        mask: Option<&BooleanBuffer>,
        work: &Work,
    ) -> Result<(Tally, bool, Value)> {
        let tally = presence(column, mask, work)?;
        let present = tally.rows - tally.missing;
        let (success, observed) = match self {
            Self::Statistic(statistic, bounds) => statistic.observe(bounds, column, mask, &tally, work)?,
            Self::Quantiles { quantiles, ranges, interpolation } => {
                let values = settled(finite(column, mask, work)?, quantiles);
                let found: Vec<Option<f64>> =
                    quantiles.iter().map(|share| quantile(&values, *share, *interpolation)).collect();
                let inside =
                    found.iter().zip(ranges).all(|(value, range)| value.is_some_and(|value| is_near(value, *range)));
                (inside, json!({"quantiles": quantiles, "values": found}))
            }
            Self::MostCommon(set, ties) => most_common(column, mask, set, *ties, work)?,
            Self::Distinct(relation, set) => distinct(column, mask, *relation, set, work)?,
            Self::Divergence(partition) => {
                let found = partition.divergence(column, mask, present, work)?;
                let small = found.is_some_and(|value| value <= partition.threshold);
                (small, json!(found.filter(|value| value.is_finite())))
            }
        };
        Ok((tally, success, observed))
    }
}

/// The rows of the mask and those of them without a value.
fn presence(column: &Column, mask: Option<&BooleanBuffer>, work: &Work) -> Result<Tally> {
    let nulls = column.array().nulls();
    let (rows, missing) = match mask {
        None => (column.len(), column.null_count()),
        Some(_) => {
            let parts = chunks(column.len(), mask, work, |rows| {
                rows.fold((0, 0), |(all, gone), row| {
                    (all + 1, gone + usize::from(nulls.is_some_and(|nulls| nulls.is_null(row))))
                })
            })?;
            parts.into_iter().fold((0, 0), |(all, gone), (more, gaps)| (all + more, gone + gaps))
        }
    };
    Ok(Tally { rows: rows as u64, missing: missing as u64, ..Tally::default() })
}

/// The numbers of a column that are there, NaN left out, in the order of the rows.
///
/// # Errors
/// If it holds no numbers, or the work was cancelled.
pub(super) fn finite(column: &Column, mask: Option<&BooleanBuffer>, work: &Work) -> Result<Vec<f64>> {
    if !matches!(column.kind(), Kind::Int | Kind::Float | Kind::Bool) {
        return Err(Error::input(format!("the column holds no numbers but {}", column.kind().name()))
            .at(column.name())
            .help("choose a column of numbers"));
    }
    let number = |row: usize| column.number(row).filter(|value| !value.is_nan());
    Ok(chunks(column.len(), mask, work, |rows| rows.filter_map(number).collect::<Vec<f64>>())?.concat())
}

/// As [`finite`], in ascending order.
pub(super) fn sorted_numbers(column: &Column, mask: Option<&BooleanBuffer>, work: &Work) -> Result<Vec<f64>> {
    sort_by(finite(column, mask, work)?, &f64::total_cmp, work)
}

/// Mean, and standard deviation of a sample; NaN and `None` of too few.
pub(super) fn mean_and_deviation(values: &[f64]) -> (f64, Option<f64>) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (values.len() > 1).then(|| (squares / (count - 1.0)).sqrt()))
}

impl Statistic {
    fn observe(
        self,
        bounds: &Bounds,
        column: &Column,
        mask: Option<&BooleanBuffer>,
        tally: &Tally,
        work: &Work,
    ) -> Result<(bool, Value)> {
        let within = |value: Option<f64>| {
            let value = value.filter(|value| !value.is_nan());
            (value.is_some_and(|value| bounds.holds_float(value)), json!(value))
        };
        let present = tally.rows - tally.missing;
        Ok(match self {
            Self::Max | Self::Min => return extreme(self == Self::Max, bounds, column, mask, work),
            Self::Mean => within(Some(mean_and_deviation(&finite(column, mask, work)?).0)),
            Self::Stdev => within(mean_and_deviation(&finite(column, mask, work)?).1),
            Self::Median => within(quantile(&settled(finite(column, mask, work)?, &[0.5]), 0.5, Interpolation::Linear)),
            Self::Sum => match column.values() {
                Values::Int(values) => {
                    let parts = chunks(column.len(), mask, work, |rows| {
                        rows.filter(|row| values.is_valid(*row)).map(|row| i128::from(values.value(row))).sum::<i128>()
                    })?;
                    within(Some(parts.into_iter().sum::<i128>() as f64))
                }
                _ => within(Some(finite(column, mask, work)?.iter().sum())),
            },
            Self::Distinct | Self::DistinctShare => {
                let distinct = keys::distinct(column, mask, work)? as f64;
                within(Some(match self {
                    Self::Distinct => distinct,
                    _ if present == 0 => 0.0,
                    _ => distinct / present as f64,
                }))
            }
            Self::PresentShare => within((tally.rows > 0).then(|| present as f64 / tally.rows as f64)),
        })
    }
}

/// The greatest or least value.
fn extreme(
    greatest: bool,
    bounds: &Bounds,
    column: &Column,
    mask: Option<&BooleanBuffer>,
    work: &Work,
) -> Result<(bool, Value)> {
    let bounds = bounds.fit(column)?;
    let wanted = if greatest { Ordering::Greater } else { Ordering::Less };
    let first = |row: usize, best: Option<usize>, compare: &dyn Fn(usize, usize) -> Ordering| match best {
        Some(best) if compare(row, best) != wanted => Some(best),
        _ => Some(row),
    };
    let compare = |a: usize, b: usize| match column.values() {
        Values::Int(values) => values.value(a).cmp(&values.value(b)),
        Values::Time(values) => values.value(a).cmp(&values.value(b)),
        Values::Float(values) => values.value(a).total_cmp(&values.value(b)),
        Values::Text(values) => values.value(a).cmp(values.value(b)),
        Values::Bool(values) => values.value(a).cmp(&values.value(b)),
    };
    let counts = |row: usize| match column.values() {
        Values::Float(values) => values.is_valid(row) && !values.value(row).is_nan(),
        _ => !column.is_null(row),
    };
    let parts = chunks(column.len(), mask, work, |rows| {
        rows.filter(|row| counts(*row)).fold(None, |best, row| first(row, best, &compare))
    })?;
    let best = parts.into_iter().flatten().fold(None, |best, row| first(row, best, &compare));
    let Some(row) = best else { return Ok((false, Value::Null)) };
    let inside = match column.values() {
        Values::Int(values) => bounds.holds_int(values.value(row)),
        Values::Time(values) => bounds.holds_int(values.value(row)),
        Values::Float(values) => bounds.holds_float(values.value(row)),
        Values::Text(values) => bounds.holds_text(values.value(row)),
        Values::Bool(_) => false,
    };
    let observed = match column.values() {
        Values::Time(values) => json!(show_time(values.value(row))),
        _ => shown(column, row),
    };
    Ok((inside, observed))
}

/// Values of which those that quantiles ask for stand where they would if all were sorted, which is not done.
fn settled(mut values: Vec<f64>, shares: &[f64]) -> Vec<f64> {
    let last = values.len().saturating_sub(1) as f64;
    let mut places: Vec<usize> =
        shares.iter().flat_map(|share| [(share * last).floor() as usize, (share * last).ceil() as usize]).collect();
    places.sort_unstable();
    places.dedup();
    let mut from = 0;
    for place in places {
        if let Some(rest) = values.get_mut(from..).filter(|rest| place - from < rest.len()) {
            rest.select_nth_unstable_by(place - from, f64::total_cmp);
        }
        from = place + 1;
    }
    values
}

/// A quantile of values that are sorted as far as it asks for; `None` of none. `Nearest` rounds halves to the even place, as NumPy does.
fn quantile(sorted: &[f64], share: f64, interpolation: Interpolation) -> Option<f64> {
    let place = share * sorted.len().checked_sub(1)? as f64;
    let at = |place: f64| sorted.get(place as usize).copied();
    let (low, high) = (at(place.floor())?, at(place.ceil())?);
    Some(match interpolation {
        Interpolation::Nearest => at(place.round_ties_even())?,
        Interpolation::Lower => low,
        Interpolation::Higher => high,
        _ if low == high => low,
        Interpolation::Midpoint => low / 2.0 + high / 2.0,
        Interpolation::Linear => low * (1.0 - place.fract()) + high * place.fract(),
    })
}

/// Whether a quantile is in its range; one that misses an end by a ten-thousandth counts as in it, as it does in Great
/// Expectations.
fn is_near(value: f64, (low, high): (f64, f64)) -> bool {
    let close = |end: f64| end.is_finite() && (value - end).abs() <= 1e-4 * end.abs();
    (low <= value && value <= high) || close(low) || close(high)
}

/// The distinct values of a column: a row for each, and how often it occurs.
fn counts(column: &Column, mask: Option<&BooleanBuffer>, work: &Work) -> Result<HashMap<u128, (u64, u32)>> {
    let groups = groups(column.len(), mask, work, |row| key(column, row))?;
    Ok(groups.into_iter().map(|group| (group.key, (group.count, group.first))).collect())
}

/// Values by their rows, in order, at most [`SHOWN`].
fn listed(column: &Column, mut rows: Vec<u32>) -> Value {
    rows.sort_unstable();
    let mut values: Vec<Value> = rows.iter().take(SHOWN).map(|row| shown(column, *row as usize)).collect();
    values.sort_by(|a, b| match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => a.as_str().cmp(&b.as_str()),
    });
    Value::Array(values)
}

fn most_common(
    column: &Column,
    mask: Option<&BooleanBuffer>,
    set: &[Scalar],
    ties: bool,
    work: &Work,
) -> Result<(bool, Value)> {
    let wanted = set.iter().map(|scalar| cell_key(scalar, column)).collect::<Result<Vec<_>>>()?;
    let counts = counts(column, mask, work)?;
    let most = counts.values().map(|(count, _)| *count).max().unwrap_or(0);
    let modes: Vec<(u128, u32)> =
        counts.iter().filter(|(_, (count, _))| *count == most).map(|(key, (_, row))| (*key, *row)).collect();
    let known = modes.iter().filter(|(key, _)| wanted.contains(&Some(*key))).count();
    let success = if ties { known > 0 } else { modes.len() == 1 && known == 1 };
    Ok((success, listed(column, modes.into_iter().map(|(_, row)| row).collect())))
}

fn distinct(
    column: &Column,
    mask: Option<&BooleanBuffer>,
    relation: Distinct,
    set: &[Scalar],
    work: &Work,
) -> Result<(bool, Value)> {
    let wanted = set.iter().map(|scalar| cell_key(scalar, column)).collect::<Result<Vec<_>>>()?;
    let wanted: std::collections::HashSet<u128> = wanted.into_iter().flatten().collect();
    let counts = counts(column, mask, work)?;
    let inside = || counts.keys().all(|key| wanted.contains(key));
    let contain = || wanted.iter().all(|key| counts.contains_key(key));
    let success = match relation {
        Distinct::Inside => inside(),
        Distinct::Contain => contain(),
        Distinct::Equal => inside() && contain(),
    };
    Ok((success, listed(column, counts.values().map(|(_, row)| *row).collect())))
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn quantiles_need_no_more_order_than_they_ask_for() {
        let values: Vec<f64> = (0..997).map(|at| f64::from(at * 613 % 997)).collect();
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        for shares in [&[0.5][..], &[0.0, 1.0], &[0.9, 0.1, 0.1, 0.33]] {
            let found = settled(values.clone(), shares);
            for share in shares {
                for interpolation in [Interpolation::Linear, Interpolation::Nearest, Interpolation::Higher] {
                    assert_eq!(quantile(&found, *share, interpolation), quantile(&sorted, *share, interpolation));
                }
            }
        }
        assert!(settled(Vec::new(), &[0.5]).is_empty());
    }

    #[test]
    fn quantiles_agree_with_numpy() {
        let values = [1.0, 2.0, 4.0, 8.0];
        let check = |share, interpolation, expected: f64| {
            assert_eq!(quantile(&values, share, interpolation), Some(expected), "{share} {interpolation:?}");
        };
        check(0.5, Interpolation::Nearest, 4.0);
        check(0.5, Interpolation::Linear, 3.0);
        check(0.5, Interpolation::Lower, 2.0);
        check(0.5, Interpolation::Higher, 4.0);
        check(0.25, Interpolation::Nearest, 2.0);
        check(0.25, Interpolation::Linear, 1.75);
        check(1.0, Interpolation::Nearest, 8.0);
        assert_eq!(quantile(&[], 0.5, Interpolation::Linear), None);
        assert!(
            is_near(10.0005, (0.0, 10.0)) && !is_near(10.01, (0.0, 10.0)) && is_near(5.0, (f64::NEG_INFINITY, 5.0))
        );
    }

    #[test]
    fn deviation_is_that_of_a_sample() {
        assert_eq!(mean_and_deviation(&[1.0, 2.0, 3.0, 4.0]), (2.5, Some((5.0f64 / 3.0).sqrt())));
        assert_eq!(mean_and_deviation(&[1.0]).1, None);
    }
}
