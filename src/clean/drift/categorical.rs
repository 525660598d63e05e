//! Values against values, and times by the hours of the week: the Jensen-Shannon distance.

use std::borrow::Cow;
use std::collections::HashMap;

use super::resample::{Counts, judge};
use super::{Detail, Measured, Part, ValueCount};
use crate::data::{Column, Values, show_time};
use crate::engine::{Random, Result, Work};

/// Rows counted between two looks at the clock.
const CHUNK: usize = 1 << 13;

/// Values that are listed of each sort.
const LISTED: usize = 20;

/// Values that are drawn.
const DRAWN: usize = 12;

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// The Jensen-Shannon distance of two lists of counts over the same cells: the root of the divergence, in natural
/// logarithms, so at most 0.8326; `None` if one has no rows.
pub(super) fn jensen_shannon(a: &[f64], b: &[f64]) -> Option<f64> {
    let (n, m) = (a.iter().sum::<f64>(), b.iter().sum::<f64>());
    if n <= 0.0 || m <= 0.0 {
        return None;
    }
    let half = |p: f64, middle: f64| if p > 0.0 { p * (p / middle).ln() } else { 0.0 };
    let term = |(a, b): (&f64, &f64)| {
        let (p, q) = (a / n, b / m);
        let middle = (p + q) / 2.0;
        half(p, middle) + half(q, middle)
    };
    Some((a.iter().zip(b).map(term).sum::<f64>() / 2.0).max(0.0).sqrt())
}

/// The rows of each value, as text.
///
/// # Errors
/// If the work was cancelled.
fn count<'a>(column: &'a Column, work: &Work) -> Result<HashMap<Cow<'a, str>, u64>> {
    let mut counts: HashMap<Cow<'a, str>, u64> = HashMap::new();
    for start in (0..column.len()).step_by(CHUNK) {
        work.check()?;
        for row in start..(start + CHUNK).min(column.len()) {
            let Some(value) = shown(column, row) else { continue };
            match counts.get_mut(value.as_ref()) {
                Some(count) => *count += 1,
                None => {
                    counts.insert(value, 1);
                }
            }
        }
    }
    Ok(counts)
}

/// A value as text; whole numbers are the same in columns of whole and of real ones.
pub(super) fn shown(column: &Column, row: usize) -> Option<Cow<'_, str>> {
    let shown = column.show(row)?;
    match (column.values(), shown.strip_suffix(".0")) {
        (Values::Float(_), Some(whole)) => Some(Cow::Owned(whole.to_owned())),
        _ => Some(shown),
    }
}

/// The values of both sides, the most frequent first.
pub(super) struct Table {
    pub(super) values: Vec<String>,
    pub(super) counts: Counts,
}

impl Table {
    /// # Errors
    /// If the work was cancelled.
    pub(super) fn of(a: &Column, b: &Column, work: &Work) -> Result<Self> {
        let (in_a, mut in_b) = (count(a, work)?, count(b, work)?);
        let mut rows: Vec<(String, u64, u64)> = in_a
            .into_iter()
            .map(|(value, count)| {
                let other = in_b.remove(value.as_ref()).unwrap_or(0);
                (value.into_owned(), count, other)
            })
            .collect();
        rows.extend(in_b.into_iter().map(|(value, count)| (value.into_owned(), 0, count)));
        rows.sort_unstable_by(|x, y| (y.1 + y.2).cmp(&(x.1 + x.2)).then_with(|| x.0.cmp(&y.0)));
        let counts = Counts {
            reference: rows.iter().map(|row| row.1 as f64).collect(),
            current: rows.iter().map(|row| row.2 as f64).collect(),
        };
        Ok(Self { values: rows.into_iter().map(|row| row.0).collect(), counts })
    }

    fn detail(&self) -> Detail {
        let (n, m) = (self.counts.reference.iter().sum::<f64>(), self.counts.current.iter().sum::<f64>());
        let rows = || self.values.iter().zip(self.counts.reference.iter().zip(&self.counts.current));
        let share = |count: f64, all: f64| if all > 0.0 { count / all } else { 0.0 };
        let part = |label: &str, a: f64, b: f64| Part {
            label: label.to_owned(),
            reference: share(a, n),
            current: share(b, m),
        };
        let mut parts: Vec<Part> = rows().take(DRAWN).map(|(value, (a, b))| part(&clipped(value), *a, *b)).collect();
        if self.values.len() > DRAWN {
            let rest = rows().skip(DRAWN).fold((0.0, 0.0), |sum, (_, (a, b))| (sum.0 + a, sum.1 + b));
            parts.push(part("…", rest.0, rest.1));
        }
        let only = |is_new: bool| {
            rows().filter_map(move |(value, (a, b))| {
                let (here, there) = if is_new { (*b, *a) } else { (*a, *b) };
                (here > 0.0 && there == 0.0).then(|| ValueCount { value: clipped(value), count: here as u64 })
            })
        };
        Detail {
            parts,
            new: only(true).take(LISTED).collect(),
            new_values: only(true).count(),
            vanished: only(false).take(LISTED).collect(),
            vanished_values: only(false).count(),
            ..Detail::default()
        }
    }
}

/// A value of at most 80 characters.
fn clipped(value: &str) -> String {
    match value.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}

/// Compares two columns value by value.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn values(a: &Column, b: &Column, resamples: usize, random: &mut Random, work: &Work) -> Result<Measured> {
    let table = Table::of(a, b, work)?;
    let judged = judge(&table.counts, None, &jensen_shannon, resamples, random, work)?;
    let note = judged.distance.is_none().then(|| "one side has no values".to_owned());
    Ok(Measured { method: "jensen-shannon", threshold: 0.1, judged, note, detail: table.detail() })
}

/// The hour of the week of a time, from Monday 0 h UTC.
pub(super) fn hour_of_week(micros: i64) -> usize {
    // 1970 began on a Thursday.
    (micros.div_euclid(HOUR).rem_euclid(168) as usize + 3 * 24) % 168
}

/// What [`rhythm`] gives: its counts, the first and the last moment, and whether anything is finer than a day.
type Rhythm = (Vec<f64>, Option<(i64, i64)>, bool);

/// The rows of each hour of the week.
///
/// # Errors
/// If the work was cancelled.
fn rhythm(column: &Column, work: &Work) -> Result<Rhythm> {
    let (mut hours, mut range, mut by_day) = (vec![0.0; 168], None::<(i64, i64)>, true);
    if let Values::Time(array) = column.values() {
        for start in (0..column.len()).step_by(CHUNK) {
            work.check()?;
            for row in (start..(start + CHUNK).min(column.len())).filter(|row| !column.is_null(*row)) {
                let time = array.value(row);
                by_day &= time.rem_euclid(DAY) == 0;
                range = Some(range.map_or((time, time), |(low, high)| (low.min(time), high.max(time))));
                if let Some(hour) = hours.get_mut(hour_of_week(time)) {
                    *hour += 1.0;
                }
            }
        }
    }
    Ok((hours, range, by_day))
}

/// Compares the rhythm of two columns of times: the current times are later by nature, but not at other hours.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn times(a: &Column, b: &Column, resamples: usize, random: &mut Random, work: &Work) -> Result<Measured> {
    let ((in_a, range_a, days_a), (in_b, range_b, days_b)) = (rhythm(a, work)?, rhythm(b, work)?);
    let counts = Counts { reference: in_a, current: in_b };
    let judged = judge(&counts, None, &jensen_shannon, resamples, random, work)?;
    let shown = |range: Option<(i64, i64)>| range.map(|(low, high)| (show_time(low), show_time(high)));
    let note = match judged.distance {
        None => Some("one side has no times".to_owned()),
        Some(_) if days_a && days_b => Some("compared by the day of the week".to_owned()),
        Some(_) => Some("compared by the hour of the week".to_owned()),
    };
    let day = |cells: &[f64], day: usize| {
        let all = cells.iter().sum::<f64>();
        let in_day = cells.iter().skip(day * 24).take(24).sum::<f64>();
        if all > 0.0 { in_day / all } else { 0.0 }
    };
    let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let part = |(at, name): (usize, &str)| Part {
        label: name.to_owned(),
        reference: day(&counts.reference, at),
        current: day(&counts.current, at),
    };
    let detail = Detail {
        parts: names.into_iter().enumerate().map(part).collect(),
        reference_range: shown(range_a),
        current_range: shown(range_b),
        ..Detail::default()
    };
    Ok(Measured { method: "jensen-shannon", threshold: 0.1, judged, note, detail })
}
