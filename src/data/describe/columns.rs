//! The description of one column, by its kind.

use std::collections::HashMap;

use arrow_array::LargeStringArray;
use arrow_buffer::BooleanBuffer;
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::super::view::sort_by;
use super::super::{Column, Kind, Values};
use super::{Categories, Detail, Numbers, Statistics, Texts, Times, bins};
use crate::engine::{Result, Work};

/// The rows that one thread describes between two looks at the clock.
const CHUNK: usize = 1 << 14;

/// The values of a category that are named; the rest are counted together.
const TOP: usize = 20;

/// Calls `take` with chunks of the rows that are in the mask and not missing, in parallel, and returns what it gives in
/// the order of the rows.
pub(super) fn chunks<R: Send>(
    column: &Column,
    mask: Option<&BooleanBuffer>,
    work: &Work,
    take: impl Fn(&mut dyn Iterator<Item = usize>) -> R + Sync,
) -> Result<Vec<R>> {
    let nulls = column.array().nulls().filter(|nulls| nulls.null_count() > 0);
    let parts = column.len().div_ceil(CHUNK);
    let each = |part: usize| {
        work.check()?;
        let rows = part * CHUNK..((part + 1) * CHUNK).min(column.len());
        let wanted = |row: &usize| {
            mask.is_none_or(|mask| *row < mask.len() && mask.value(*row))
                && nulls.is_none_or(|nulls| nulls.is_valid(*row))
        };
        Ok(take(&mut rows.filter(wanted)))
    };
    (0..parts).into_par_iter().map(each).collect()
}

/// Describes the values of a column that are there; gives the number of distinct ones too.
pub(super) fn detail(column: &Column, mask: Option<&BooleanBuffer>, work: &Work) -> Result<(usize, Detail)> {
    match column.values() {
        Values::Int(array) => {
            let values = array.values();
            let sorted = sorted_whole(column, mask, work, |row| values.get(row).copied())?;
            let distinct = runs(&sorted);
            let numbers = Numbers {
                statistics: whole_statistics(&sorted),
                histogram: bins::whole(&sorted, distinct),
                nan: 0,
                negative_infinite: 0,
                positive_infinite: 0,
            };
            Ok((distinct, Detail::Numbers(numbers)))
        }
        Values::Float(array) => {
            let values = array.values();
            reals(&gather(column, mask, work, |row| values.get(row).copied())?, work)
        }
        Values::Time(array) => {
            let values = array.values();
            let sorted = sorted_whole(column, mask, work, |row| values.get(row).copied())?;
            let times =
                Times { min: sorted.first().copied(), max: sorted.last().copied(), histogram: bins::times(&sorted) };
            Ok((runs(&sorted), Detail::Times(times)))
        }
        Values::Bool(array) => {
            let counts = chunks(column, mask, work, |rows| {
                rows.fold((0, 0), |(yes, no), row| if array.value(row) { (yes + 1, no) } else { (yes, no + 1) })
            })?;
            let (yes, no) = counts.into_iter().fold((0, 0), |(yes, no), (more, fewer)| (yes + more, no + fewer));
            Ok((usize::from(yes > 0) + usize::from(no > 0), Detail::Bools { yes, no }))
        }
        Values::Text(array) if column.kind() == Kind::Category => categories(column, array, mask, work),
        Values::Text(array) => texts(column, array, mask, work),
    }
}

fn gather<T: Copy + Send>(
    column: &Column,
    mask: Option<&BooleanBuffer>,
    work: &Work,
    value: impl Fn(usize) -> Option<T> + Sync,
) -> Result<Vec<T>> {
    Ok(chunks(column, mask, work, |rows| rows.filter_map(&value).collect::<Vec<T>>())?.concat())
}

fn sorted_whole(
    column: &Column,
    mask: Option<&BooleanBuffer>,
    work: &Work,
    value: impl Fn(usize) -> Option<i64> + Sync,
) -> Result<Vec<i64>> {
    sort_by(gather(column, mask, work, value)?, &i64::cmp, work)
}

/// The number of distinct values in a sorted list.
fn runs<T: PartialEq>(sorted: &[T]) -> usize {
    usize::from(!sorted.is_empty()) + sorted.windows(2).filter(|pair| matches!(pair, [a, b] if a != b)).count()
}

fn reals(values: &[f64], work: &Work) -> Result<(usize, Detail)> {
    // 0 is added so that 0 and -0 are one.
    let finite: Vec<f64> = values.iter().filter(|value| value.is_finite()).map(|value| value + 0.0).collect();
    let sorted = sort_by(finite, &f64::total_cmp, work)?;
    let count = |test: fn(&f64) -> bool| values.iter().filter(|value| test(value)).count();
    let numbers = Numbers {
        statistics: real_statistics(&sorted),
        histogram: bins::real(&sorted),
        nan: count(|value| value.is_nan()),
        negative_infinite: count(|value| *value == f64::NEG_INFINITY),
        positive_infinite: count(|value| *value == f64::INFINITY),
    };
    let odd = [numbers.nan, numbers.negative_infinite, numbers.positive_infinite];
    Ok((runs(&sorted) + odd.iter().filter(|count| **count > 0).count(), Detail::Numbers(numbers)))
}

pub(super) fn real_statistics(sorted: &[f64]) -> Option<Statistics> {
    let count = sorted.len() as f64;
    let mean = sorted.iter().sum::<f64>() / count;
    statistics(sorted, mean, |value| value)
}

fn whole_statistics(sorted: &[i64]) -> Option<Statistics> {
    let sum: i128 = sorted.iter().map(|value| i128::from(*value)).sum();
    statistics(sorted, sum as f64 / sorted.len() as f64, |value| value as f64)
}

/// Statistics of values in ascending order, in two passes.
fn statistics<T: Copy>(sorted: &[T], mean: f64, real: impl Fn(T) -> f64) -> Option<Statistics> {
    let (first, last) = (*sorted.first()?, *sorted.last()?);
    let squares: f64 = sorted.iter().map(|value| (real(*value) - mean).powi(2)).sum();
    let std = (sorted.len() > 1).then(|| (squares / (sorted.len() - 1) as f64).sqrt());
    let quantiles = [0.05, 0.25, 0.5, 0.75, 0.95].map(|share| {
        let at = share * (sorted.len() - 1) as f64;
        let value = |index: usize| sorted.get(index).copied().map_or(f64::NAN, &real);
        let (low, high) = (value(at.floor() as usize), value(at.ceil() as usize));
        // A weighted mean, since the difference of two real numbers may be too large for one.
        if low == high { low } else { low * (1.0 - at.fract()) + high * at.fract() }
    });
    Some(Statistics { min: real(first), max: real(last), mean, std, quantiles })
}

fn texts(
    column: &Column,
    array: &LargeStringArray,
    mask: Option<&BooleanBuffer>,
    work: &Work,
) -> Result<(usize, Detail)> {
    let pairs = gather(column, mask, work, |row| {
        let text = array.value(row);
        Some((xxh3_64(text.as_bytes()), text.chars().count() as i64))
    })?;
    // Two different texts share a 64-bit hash about once in 10^7 columns of a million texts.
    let hashes = sort_by(pairs.iter().map(|(hash, _)| *hash).collect(), &u64::cmp, work)?;
    let lengths = sort_by(pairs.iter().map(|(_, length)| *length).collect(), &i64::cmp, work)?;
    let (min, max) = (lengths.first().copied(), lengths.last().copied());
    let total: i64 = lengths.iter().sum();
    let texts = Texts {
        min: min.map(|length| length as usize),
        mean: (!lengths.is_empty()).then(|| total as f64 / lengths.len() as f64),
        max: max.map(|length| length as usize),
        histogram: bins::whole(&lengths, runs(&lengths)),
    };
    Ok((runs(&hashes), Detail::Texts(texts)))
}

fn categories(
    column: &Column,
    array: &LargeStringArray,
    mask: Option<&BooleanBuffer>,
    work: &Work,
) -> Result<(usize, Detail)> {
    // For each value, by its hash: how often it occurs, and a row that has it.
    let parts = chunks(column, mask, work, |rows| {
        let mut counts: HashMap<u64, (usize, usize)> = HashMap::new();
        for row in rows {
            counts.entry(xxh3_64(array.value(row).as_bytes())).or_insert((0, row)).0 += 1;
        }
        counts
    })?;
    let mut counts: HashMap<u64, (usize, usize)> = HashMap::new();
    for part in parts {
        for (hash, (count, row)) in part {
            let total = counts.entry(hash).or_insert((0, row));
            total.0 += count;
            total.1 = total.1.min(row);
        }
    }
    let distinct = counts.len();
    let mut values: Vec<(&str, usize)> = counts.into_values().map(|(count, row)| (array.value(row), count)).collect();
    values.sort_unstable_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.cmp(b)));
    let others = values.iter().skip(TOP).map(|(_, count)| count).sum();
    let top = values.into_iter().take(TOP).map(|(value, count)| (value.to_owned(), count)).collect();
    Ok((distinct, Detail::Categories(Categories { top, others })))
}
