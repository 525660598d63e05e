//! Which bar of a description each row falls into.

use std::collections::HashMap;

use arrow_buffer::BooleanBuffer;
use rayon::prelude::*;

use super::super::{Column, Values};
use super::bins::{self, Bin};
use super::{Detail, Numbers, Summary};
use crate::engine::{Result, Work};

/// The rows that one thread looks at between two looks at the clock.
const CHUNK: usize = 1 << 14;

/// For each row the number of its bar in [`Summary::bars`], or [`NOWHERE`](Self::NOWHERE).
///
/// A description has at most 30 bins and four bars for what is infinite, not a number or missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places(Vec<u8>);

impl Places {
    /// The place of a row that no bar holds.
    pub const NOWHERE: u8 = u8::MAX;

    /// Places the values of a column among the bars of a description, which may be one of another column of its kind.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn of(column: &Column, summary: &Summary, work: &Work) -> Result<Self> {
        let null_bar = summary.bars().len().checked_sub(1).filter(|_| summary.missing > 0);
        let place = placer(column, summary);
        let nulls = column.array().nulls().filter(|nulls| nulls.null_count() > 0);
        let mut places = vec![Self::NOWHERE; column.len()];
        places.par_chunks_mut(CHUNK).enumerate().try_for_each(|(index, chunk)| {
            work.check()?;
            for (offset, slot) in chunk.iter_mut().enumerate() {
                let row = index * CHUNK + offset;
                let is_null = nulls.is_some_and(|nulls| nulls.is_null(row));
                let bar = if is_null { null_bar } else { place(row) };
                *slot = bar.and_then(|bar| u8::try_from(bar).ok()).unwrap_or(Self::NOWHERE);
            }
            Ok::<_, crate::engine::Error>(())
        })?;
        Ok(Self(places))
    }

    /// The place of each row.
    pub fn rows(&self) -> &[u8] {
        &self.0
    }

    /// Counts the rows of a mask by their bar, of which there are `bars`.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn count(&self, mask: &BooleanBuffer, bars: usize, work: &Work) -> Result<Vec<usize>> {
        let of_chunk = |(index, chunk): (usize, &[u8])| {
            work.check()?;
            let mut counts = vec![0usize; usize::from(Self::NOWHERE) + 1];
            let from = index * CHUNK;
            let length = chunk.len().min(mask.len().saturating_sub(from));
            for row in mask.slice(from.min(mask.len()), length).set_indices() {
                counts[usize::from(chunk[row])] += 1;
            }
            Ok(counts)
        };
        let parts = self.0.par_chunks(CHUNK).enumerate().map(of_chunk).collect::<Result<Vec<_>>>()?;
        let mut counts = vec![0; bars];
        for part in parts {
            counts.iter_mut().zip(part).for_each(|(count, more)| *count += more);
        }
        Ok(counts)
    }
}

/// Finds the bar of a row that has a value.
fn placer<'a>(column: &'a Column, summary: &'a Summary) -> Box<dyn Fn(usize) -> Option<usize> + Sync + 'a> {
    match (&summary.detail, column.values()) {
        (Detail::Numbers(numbers), Values::Int(array)) => {
            let whole = WholeBins::of(&numbers.histogram);
            Box::new(move |row| whole.place(*array.values().get(row)?))
        }
        (Detail::Numbers(numbers), Values::Float(array)) => {
            Box::new(move |row| place_real(numbers, *array.values().get(row)?))
        }
        (Detail::Times(times), Values::Time(array)) => Box::new(move |row| {
            let value = *array.values().get(row)?;
            bins::place(&times.histogram, |bin| bin.low <= value, |bin| bin.holds(value))
        }),
        (Detail::Texts(texts), Values::Text(array)) => {
            let whole = WholeBins::of(&texts.histogram);
            Box::new(move |row| whole.place(array.value(row).chars().count() as i64))
        }
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

fn place_real(numbers: &Numbers, value: f64) -> Option<usize> {
    let bins = &numbers.histogram;
    if value.is_finite() {
        return bins::place(bins, |bin| bin.low <= value, |bin| bin.holds(value));
    }
    let seen = [numbers.negative_infinite, numbers.positive_infinite, numbers.nan].map(|count| count > 0);
    let which = if value.is_nan() { 2 } else { usize::from(value > 0.0) };
    let before = seen.iter().take(which).filter(|seen| **seen).count();
    seen.get(which).is_some_and(|seen| *seen).then_some(bins.len() + before)
}

/// Bins as the first and last whole number in them: comparing these is many times faster than comparing a whole number
/// with a real one exactly.
struct WholeBins(Vec<(i64, i64)>);

impl WholeBins {
    fn of(bins: &[Bin]) -> Self {
        Self(bins.iter().map(Bin::whole_ends).collect())
    }

    fn place(&self, value: i64) -> Option<usize> {
        bins::place(&self.0, |(first, _)| *first <= value, |(first, last)| *first <= value && value <= *last)
    }
}
