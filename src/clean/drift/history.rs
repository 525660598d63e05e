//! When a table began to differ: the distance of each stretch of time from the reference, and the point of change.

use rayon::prelude::*;
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use super::categorical::{Table, hour_of_week, jensen_shannon, shown};
use super::numeric::{Grid, distinct_values, sorted, walk, wasserstein};
use super::{As, FEW, Options, Pair, pairs};
use crate::clean::change::{Change, Weighed, change};
use crate::clean::usual::usual;
use crate::data::describe::{Detail, TimeBin, describe};
use crate::data::{Column, Frame, Values, show_time};
use crate::engine::{Error, Random, Result, Work};

/// Orders of the stretches that are tried to tell a change from chance.
const ORDERS: usize = 199;

/// The distances of stretches of time from a reference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct History {
    /// The column of times.
    pub by: String,
    /// The stretches in order; those without rows are left out, and so are times far off from nearly all others.
    pub moments: Vec<Moment>,
    /// Each column that is not text.
    pub columns: Vec<ColumnHistory>,
    /// Columns that were left out, because they are text or the time itself.
    pub left_out: Vec<String>,
}

/// A stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// Its first instant.
    pub from: String,
    /// The first instant after it.
    pub to: String,
    /// The rows in it.
    pub rows: u64,
}

/// A column over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnHistory {
    /// The column.
    pub name: String,
    /// Its distance from the reference in each stretch.
    pub distances: Vec<Option<f64>>,
    /// When it changed, if it did more than by chance.
    pub change: Option<Change>,
}

/// Follows the columns of the current frame over the times in its column `by`.
///
/// # Errors
/// If there is no such column or it holds no times, or the work was cancelled.
pub fn history(reference: &Frame, current: &Frame, by: &str, options: &Options, work: &Work) -> Result<History> {
    let times = current.column(by)?;
    let Values::Time(array) = times.values() else {
        return Err(Error::input(format!("the column holds no times but {}", times.kind().name()))
            .at(by)
            .help("choose a column of times, written as 2015-08-25 or 2015-08-25 14:30"));
    };
    let near = usual(array, work)?;
    let Detail::Times(described) = describe(times, near.as_ref(), work)?.detail else {
        return Err(Error::input("the column holds no times").at(by));
    };
    let bins: Vec<TimeBin> = described.histogram.into_iter().filter(|bin| bin.count > 0).collect();
    let place = |row: usize| {
        let time = if times.is_null(row) { return None } else { array.value(row) };
        let place = bins.partition_point(|bin| bin.low <= time).checked_sub(1)?;
        bins.get(place).is_some_and(|bin| time < bin.high || bin.closed).then_some(place)
    };
    let stretches: Vec<Option<usize>> = (0..current.rows()).map(place).collect();
    let pairs = pairs(reference, current, options)?;
    let follows =
        |pair: &&Pair<'_>| !matches!(pair.as_what, As::Text | As::Images) && pair.current.name() != times.name();
    let followed: Vec<&Pair<'_>> = pairs.iter().filter(follows).collect();
    work.stage("following columns over time", followed.len() as u64);
    let moments: Vec<Moment> = bins
        .iter()
        .map(|bin| Moment { from: show_time(bin.low), to: show_time(bin.high), rows: bin.count as u64 })
        .collect();
    let starts: Vec<String> = moments.iter().map(|moment| moment.from.clone()).collect();
    let each = |pair: &&Pair<'_>| {
        let distances = distances(pair, &stretches, bins.len(), work)?;
        let mut random = Random::new(options.seed ^ xxh3_64(pair.current.name().as_bytes()));
        let even = |value: &Option<f64>| value.map(|value| Weighed { value, weight: 1.0 });
        let series: Vec<Option<Weighed>> = distances.iter().map(even).collect();
        let change = change(&series, &starts, ORDERS, &mut random).filter(|change| change.p_value <= 0.05);
        work.advance(1)?;
        Ok(ColumnHistory { name: pair.current.name().to_owned(), distances, change })
    };
    let columns: Vec<ColumnHistory> = followed.par_iter().map(each).collect::<Result<_>>()?;
    let left_out = pairs.iter().filter(|pair| !follows(pair)).map(|pair| pair.current.name().to_owned()).collect();
    Ok(History { by: times.name().to_owned(), moments, columns, left_out })
}

/// The distance of each stretch from the whole reference.
fn distances(pair: &Pair<'_>, stretches: &[Option<usize>], count: usize, work: &Work) -> Result<Vec<Option<f64>>> {
    let (a, b) = (pair.reference, pair.current);
    match pair.as_what {
        As::Numbers if distinct_values(a, FEW + 1, work)? > FEW => {
            let (reference, current) = (sorted(a, work)?, sorted(b, work)?);
            if reference.is_empty() || current.is_empty() {
                return Ok(vec![None; count]);
            }
            let distinct = exact_distinct(&reference, &current);
            let grid = Grid::of(&reference, &current, distinct);
            let cell = |row: usize| b.number(row).filter(|value| value.is_finite()).map(|value| grid.cell(value));
            let counts = counted(b, stretches, count, grid.tops.len(), cell, work)?;
            Ok(counts.iter().map(|cells| wasserstein(&grid.positions, &grid.counts.reference, cells)).collect())
        }
        As::Times => {
            let hours = |column: &Column, row: usize| match column.values() {
                Values::Time(array) if !column.is_null(row) => Some(hour_of_week(array.value(row))),
                _ => None,
            };
            let whole = vec![Some(0); a.len()];
            let reference = counted(a, &whole, 1, 168, |row| hours(a, row), work)?;
            let counts = counted(b, stretches, count, 168, |row| hours(b, row), work)?;
            let reference = reference.first().map(Vec::as_slice).unwrap_or_default();
            Ok(counts.iter().map(|cells| jensen_shannon(reference, cells)).collect())
        }
        _ => {
            let table = Table::of(a, b, work)?;
            let places: std::collections::HashMap<&str, usize> =
                table.values.iter().enumerate().map(|(at, value)| (value.as_str(), at)).collect();
            let cell = |row: usize| shown(b, row).and_then(|value| places.get(value.as_ref()).copied());
            let counts = counted(b, stretches, count, table.values.len(), cell, work)?;
            Ok(counts.iter().map(|cells| jensen_shannon(&table.counts.reference, cells)).collect())
        }
    }
}

fn exact_distinct(reference: &[f64], current: &[f64]) -> usize {
    let mut distinct = 0;
    walk(reference, current, |_, _, _| distinct += 1);
    distinct
}

/// Rows in each cell of each stretch.
fn counted(
    column: &Column,
    stretches: &[Option<usize>],
    count: usize,
    cells: usize,
    cell: impl Fn(usize) -> Option<usize>,
    work: &Work,
) -> Result<Vec<Vec<f64>>> {
    let mut counts = vec![vec![0.0; cells]; count];
    for (row, stretch) in stretches.iter().enumerate().take(column.len()) {
        if row % (1 << 14) == 0 {
            work.check()?;
        }
        let Some((stretch, cell)) = stretch.zip(cell(row)) else { continue };
        if let Some(count) = counts.get_mut(stretch).and_then(|cells| cells.get_mut(cell)) {
            *count += 1.0;
        }
    }
    Ok(counts)
}
