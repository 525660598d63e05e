//! The bars of a description as an axis: which bar a row falls into.

use std::collections::HashMap;

use arrow_buffer::BooleanBuffer;
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::super::super::{Column, Values};
use super::super::{Detail, bins};
use super::{CHUNK, Side, is_in};
use crate::engine::{Result, Work};

/// A row that is outside the mask or in no bar.
pub(super) const NOWHERE: u8 = u8::MAX;

/// The code of a missing value.
pub(super) const MISSING: u32 = u32::MAX;

/// For each row the index of its bar in [`Summary::bars`](super::super::Summary::bars), or [`NOWHERE`].
///
/// A description has at most 30 bins and four bars for what is infinite, not a number or missing.
pub(super) fn places(side: Side<'_>, mask: Option<&BooleanBuffer>, work: &Work) -> Result<Vec<u8>> {
    let null_bar = side.summary.bars().len().checked_sub(1).filter(|_| side.summary.missing > 0);
    let place = placer(side);
    let mut places = vec![NOWHERE; side.column.len()];
    places.par_chunks_mut(CHUNK).enumerate().try_for_each(|(index, chunk)| {
        work.check()?;
        for (offset, slot) in chunk.iter_mut().enumerate() {
            let row = index * CHUNK + offset;
            if is_in(mask, row) {
                let bar = if side.column.is_null(row) { null_bar } else { place(row) };
                *slot = bar.and_then(|bar| u8::try_from(bar).ok()).unwrap_or(NOWHERE);
            }
        }
        Ok::<_, crate::engine::Error>(())
    })?;
    Ok(places)
}

/// Finds the bar of a row that has a value.
fn placer(side: Side<'_>) -> Box<dyn Fn(usize) -> Option<usize> + Sync + '_> {
    match (&side.summary.detail, side.column.values()) {
        (Detail::Numbers(numbers), Values::Int(array)) => Box::new(move |row| {
            let (bins, value) = (&numbers.histogram, *array.values().get(row)?);
            bins::place(bins, |bin| bin.low as i128 <= i128::from(value), |bin| bin.holds_whole(value))
        }),
        (Detail::Numbers(numbers), Values::Float(array)) => {
            let seen = [numbers.negative_infinite, numbers.positive_infinite, numbers.nan].map(|count| count > 0);
            Box::new(move |row| {
                let (bins, value) = (&numbers.histogram, *array.values().get(row)?);
                if value.is_finite() {
                    return bins::place(bins, |bin| bin.low <= value, |bin| bin.holds(value));
                }
                let which = if value.is_nan() { 2 } else { usize::from(value > 0.0) };
                let before = seen.iter().take(which).filter(|seen| **seen).count();
                seen.get(which).is_some_and(|seen| *seen).then_some(bins.len() + before)
            })
        }
        (Detail::Times(times), Values::Time(array)) => Box::new(move |row| {
            let value = *array.values().get(row)?;
            bins::place(&times.histogram, |bin| bin.low <= value, |bin| bin.holds(value))
        }),
        (Detail::Texts(texts), Values::Text(array)) => Box::new(move |row| {
            let length = array.value(row).chars().count() as i64;
            let begins = |bin: &bins::Bin| bin.low as i128 <= i128::from(length);
            bins::place(&texts.histogram, begins, |bin| bin.holds_whole(length))
        }),
        (Detail::Categories(categories), Values::Text(array)) => {
            let top: HashMap<&str, usize> =
                categories.top.iter().enumerate().map(|(index, (value, _))| (value.as_str(), index)).collect();
            let others = (categories.others > 0).then_some(categories.top.len());
            Box::new(move |row| top.get(array.value(row)).copied().or(others))
        }
        (Detail::Bools { .. }, Values::Bool(array)) => Box::new(move |row| Some(usize::from(!array.value(row)))),
        _ => Box::new(|_| None),
    }
}

/// The values of a category or truth column as numbers from 0 in the order of their first row, and how many there are.
/// `rows` picks and orders the rows; a missing value is [`MISSING`].
pub(super) fn codes(column: &Column, rows: &[u32], work: &Work) -> Result<(Vec<u32>, usize)> {
    let hash = |row: &u32| {
        let row = *row as usize;
        match column.values() {
            _ if column.is_null(row) => None,
            Values::Text(array) => Some(xxh3_64(array.value(row).as_bytes())),
            Values::Bool(array) => Some(u64::from(array.value(row))),
            _ => None,
        }
    };
    let parts = rows.par_chunks(CHUNK).map(|chunk| {
        work.check()?;
        Ok(chunk.iter().map(hash).collect())
    });
    let parts: Vec<Vec<Option<u64>>> = parts.collect::<Result<_>>()?;
    let mut known: HashMap<u64, u32> = HashMap::new();
    let mut codes = Vec::with_capacity(rows.len());
    for part in parts {
        work.check()?;
        codes.extend(part.into_iter().map(|hash| {
            let next = known.len() as u32;
            hash.map_or(MISSING, |hash| *known.entry(hash).or_insert(next))
        }));
    }
    Ok((codes, known.len()))
}
