//! Single conditions: values of a column, ranges that hold about equally many rows, lengths of texts, and missing values.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::Rows;
use super::bits::Bits;
use crate::data::describe::{Bin, TimeBin, bin_sql, time_bin_sql};
use crate::data::filter::{quote_name, quote_text};
use crate::data::view::sort_by;
use crate::data::{Column, Frame, Kind, Values};
use crate::engine::{Error, Result, Work};

/// Ranges of a column.
const RANGES: usize = 8;

/// Whole numbers of so few values have a condition each.
const FEW: usize = 10;

/// Rows read between two looks at the clock.
const CHUNK: usize = 1 << 14;

/// Conditions that can be joined at all.
const MOST: usize = u16::MAX as usize;

/// A condition on one column, and its rows.
#[derive(Debug, Clone)]
pub(super) struct Feature {
    /// The place of the column.
    pub(super) column: usize,
    /// The condition in the filter language.
    pub(super) condition: String,
    /// The places of its rows.
    pub(super) bits: Bits,
    /// How many rows there are in all.
    pub(super) rows: usize,
}

/// The conditions that at least `support` of the searched rows meet, and the columns that gave none.
///
/// # Errors
/// If a named column is not there, or the work was cancelled.
pub(super) fn of(
    frame: &Frame,
    target: &Column,
    rows: &Rows,
    support: usize,
    names: Option<&[String]>,
    work: &Work,
) -> Result<(Vec<Feature>, Vec<String>)> {
    let columns: Vec<&Arc<Column>> = match names {
        Some(names) => names.iter().map(|name| frame.column(name)).collect::<Result<_>>()?,
        None => frame.columns().iter().collect(),
    };
    let columns: Vec<&Arc<Column>> = columns.into_iter().filter(|column| column.name() != target.name()).collect();
    if columns.is_empty() {
        return Err(Error::input("there is no column besides the target").at(target.name()));
    }
    work.stage("making conditions", columns.len() as u64);
    let each = |(place, column): (usize, &&Arc<Column>)| {
        let made = of_column(place, column, rows, work)?;
        work.advance(1)?;
        Ok(made)
    };
    let made: Vec<Vec<Feature>> = columns.par_iter().enumerate().map(each).collect::<Result<_>>()?;
    let size = |feature: &Feature| {
        feature.bits.first(rows.searched).iter().map(|word| word.count_ones() as usize).sum::<usize>()
    };
    let mut seen: HashSet<Bits> = HashSet::new();
    let (mut features, mut left_out) = (Vec::new(), Vec::new());
    for (column, made) in columns.iter().zip(made) {
        let before = features.len();
        for feature in made {
            let count = size(&feature);
            // What all rows meet divides nothing, and what the same rows meet as another condition says nothing new.
            if count >= support && count < rows.searched && seen.insert(feature.bits.clone()) {
                features.push(feature);
            }
        }
        if features.len() == before {
            left_out.push(column.name().to_owned());
        }
    }
    if features.len() > MOST {
        work.warn(format!("only the first {MOST} of {} conditions are joined", features.len()));
        features.truncate(MOST);
    }
    Ok((features, left_out))
}

/// All conditions of a column.
fn of_column(place: usize, column: &Column, rows: &Rows, work: &Work) -> Result<Vec<Feature>> {
    let name = quote_name(column.name());
    let mut made = match column.values() {
        Values::Text(_) if column.kind() == Kind::Category => categories(&name, column, rows, work)?,
        Values::Text(array) => {
            let length = |row: usize| Some(array.value(row).chars().count() as f64);
            ranges(&format!("length({name})"), column, rows, length, work)?
        }
        Values::Bool(array) => by_code(
            column,
            rows,
            work,
            |row| Some(usize::from(array.value(row))),
            vec![format!("NOT {name}"), name.clone()],
        )?,
        Values::Time(array) => times(&name, column, rows, |row| array.value(row), work)?,
        Values::Int(_) | Values::Float(_) => {
            let number = |row: usize| column.number(row).filter(|value| value.is_finite());
            ranges(&name, column, rows, number, work)?
        }
    };
    if column.null_count() > 0 {
        let mut bits = Bits::none(rows.rows.len());
        for (at, row) in rows.rows.iter().enumerate() {
            if column.is_null(*row as usize) {
                bits.insert(at);
            }
        }
        made.push((format!("{name} IS NULL"), bits));
    }
    Ok(made
        .into_iter()
        .map(|(condition, bits)| Feature { column: place, condition, bits, rows: rows.rows.len() })
        .collect())
}

/// Conditions with their rows, from the number of the condition that each row meets.
fn by_code(
    column: &Column,
    rows: &Rows,
    work: &Work,
    code: impl Fn(usize) -> Option<usize>,
    conditions: Vec<String>,
) -> Result<Vec<(String, Bits)>> {
    let mut sets = vec![Bits::none(rows.rows.len()); conditions.len()];
    for (chunk, list) in rows.rows.chunks(CHUNK).enumerate() {
        work.check()?;
        for (at, row) in list.iter().map(|row| *row as usize).enumerate().filter(|(_, row)| !column.is_null(*row)) {
            if let Some(set) = code(row).and_then(|code| sets.get_mut(code)) {
                set.insert(chunk * CHUNK + at);
            }
        }
    }
    Ok(conditions.into_iter().zip(sets).collect())
}

fn categories(name: &str, column: &Column, rows: &Rows, work: &Work) -> Result<Vec<(String, Bits)>> {
    let Some(strings) = column.strings() else { return Ok(Vec::new()) };
    let mut codes: HashMap<&str, usize> = HashMap::new();
    let mut values: Vec<&str> = Vec::new();
    for row in rows.rows.iter().map(|row| *row as usize).filter(|row| !column.is_null(*row)) {
        let value = strings.value(row);
        if !codes.contains_key(value) {
            if values.len() >= MOST {
                break;
            }
            codes.insert(value, values.len());
            values.push(value);
        }
    }
    work.check()?;
    let conditions = values.iter().map(|value| format!("{name} = {}", quote_text(value))).collect();
    by_code(column, rows, work, |row| codes.get(strings.value(row)).copied(), conditions)
}

/// Ranges of numbers; `value` is the quoted column or an expression of it.
fn ranges(
    value: &str,
    column: &Column,
    rows: &Rows,
    number: impl Fn(usize) -> Option<f64>,
    work: &Work,
) -> Result<Vec<(String, Bits)>> {
    let mut found = Vec::with_capacity(rows.rows.len());
    for list in rows.rows.chunks(CHUNK) {
        work.check()?;
        let present = list.iter().map(|row| *row as usize).filter(|row| !column.is_null(*row));
        found.extend(present.filter_map(&number).map(|value| value + 0.0));
    }
    let sorted = sort_by(found, &f64::total_cmp, work)?;
    let whole = column.kind() == Kind::Int;
    let bins = bins(&sorted, whole);
    let conditions = bins.iter().map(|bin| bin_sql(value, bin)).collect();
    let code = |row: usize| {
        let value = number(row)? + 0.0;
        bins.partition_point(|bin| bin.low <= value).checked_sub(1)
    };
    by_code(column, rows, work, code, conditions)
}

/// Bins of sorted numbers that hold about equally many: a number so frequent that it fills one has one for itself, and
/// so have few whole numbers.
pub(super) fn bins(sorted: &[f64], whole: bool) -> Vec<Bin> {
    let runs: Vec<(f64, usize)> =
        sorted.chunk_by(|a, b| a == b).filter_map(|run| Some((*run.first()?, run.len()))).collect();
    let single = |value: f64, count: usize| Bin { low: value, high: value, closed: true, count };
    if whole && runs.len() <= FEW {
        return runs.into_iter().map(|(value, count)| single(value, count)).collect();
    }
    let full = sorted.len().div_ceil(RANGES).max(1);
    let mut bins: Vec<Bin> = Vec::new();
    let mut open: Option<(f64, usize)> = None;
    for (value, count) in runs {
        if count >= full {
            if let Some((low, count)) = open.take() {
                bins.push(Bin { low, high: value, closed: false, count });
            }
            bins.push(single(value, count));
            continue;
        }
        let (low, held) = open.unwrap_or((value, 0));
        if held >= full {
            bins.push(Bin { low, high: value, closed: false, count: held });
            open = Some((value, count));
        } else {
            open = Some((low, held + count));
        }
    }
    if let (Some((low, count)), Some(high)) = (open, sorted.last()) {
        bins.push(Bin { low, high: *high, closed: true, count });
    }
    bins
}

/// Ranges of times that hold about equally many.
fn times(
    name: &str,
    column: &Column,
    rows: &Rows,
    time: impl Fn(usize) -> i64,
    work: &Work,
) -> Result<Vec<(String, Bits)>> {
    let present = rows.rows.iter().map(|row| *row as usize).filter(|row| !column.is_null(*row));
    let sorted = sort_by(present.map(&time).collect(), &i64::cmp, work)?;
    let Some(last) = sorted.last() else { return Ok(Vec::new()) };
    let mut lows: Vec<i64> = (0..RANGES).filter_map(|part| sorted.get(part * sorted.len() / RANGES).copied()).collect();
    lows.dedup();
    let bin = |at: usize| {
        let low = lows.get(at).copied().unwrap_or(i64::MIN);
        match lows.get(at + 1) {
            Some(high) => TimeBin { low, high: *high, closed: false, count: 0 },
            None => TimeBin { low, high: *last, closed: true, count: 0 },
        }
    };
    let conditions = (0..lows.len()).map(|at| time_bin_sql(name, &bin(at))).collect();
    by_code(column, rows, work, |row| lows.partition_point(|low| *low <= time(row)).checked_sub(1), conditions)
}
