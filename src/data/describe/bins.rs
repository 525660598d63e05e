//! Bins with edges that people find natural, and counting into them.

use chrono::{DateTime, Datelike as _, NaiveDate};
use serde::Serialize;

/// The most bins of a histogram.
pub(super) const MOST: usize = 30;

/// So few distinct whole numbers have a bin each, however far apart they are.
const FEW: usize = 10;

/// A bin of numbers or lengths: from `low` up to `high`, which belongs to it only if it is `closed`. A bin of one value
/// is closed and has it at both ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bin {
    /// The least number in it.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// True if `high` belongs to it: the last bin, and bins of one value.
    pub closed: bool,
    /// The numbers in it.
    pub count: usize,
}

/// A bin of times, in microseconds since 1970: from `low` up to `high`, which belongs to it only if it is `closed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TimeBin {
    /// The first instant in it.
    pub low: i64,
    /// The first instant after it.
    pub high: i64,
    /// True if `high` belongs to it, because there is no later instant.
    pub closed: bool,
    /// The times in it.
    pub count: usize,
}

impl Bin {
    /// The first and the last whole number in the bin, exactly; the first is greater where it holds none.
    pub(super) fn whole_ends(&self) -> (i64, i64) {
        let (first, high) = (self.low.ceil() as i128, self.high.floor() as i128);
        let last = if self.closed || self.high.fract() != 0.0 { high } else { high - 1 };
        match (i64::try_from(first.max(i64::MIN.into())), i64::try_from(last.min(i64::MAX.into()))) {
            (Ok(first), Ok(last)) => (first, last),
            _ => (i64::MAX, i64::MIN),
        }
    }

    /// True if the whole number is in the bin.
    fn holds_whole(&self, value: i64) -> bool {
        let (first, last) = self.whole_ends();
        first <= value && value <= last
    }

    /// True if the number is in the bin.
    pub(super) fn holds(&self, value: f64) -> bool {
        self.low <= value && (value < self.high || (self.closed && value == self.high))
    }
}

impl TimeBin {
    /// True if the time is in the bin.
    pub(super) fn holds(&self, value: i64) -> bool {
        self.low <= value && (value < self.high || (self.closed && value == self.high))
    }
}

/// The bin of a value among bins in order, by the number of bins that begin at or before it.
pub(super) fn place<B>(bins: &[B], begins: impl Fn(&B) -> bool, holds: impl Fn(&B) -> bool) -> Option<usize> {
    let index = bins.partition_point(begins).checked_sub(1)?;
    bins.get(index).is_some_and(holds).then_some(index)
}

/// Bins for finite numbers in ascending order, with their counts.
pub(super) fn real(sorted: &[f64]) -> Vec<Bin> {
    let (Some(&min), Some(&max)) = (sorted.first(), sorted.last()) else { return Vec::new() };
    counted(bins_between(edges(min, max, false)), sorted, |bin, value| bin.holds(value))
}

/// Bins for whole numbers in ascending order, with their counts: one for each number where these are few or near each
/// other.
pub(super) fn whole(sorted: &[i64], distinct: usize) -> Vec<Bin> {
    const EXACT: u64 = 1 << 53;
    let (Some(&min), Some(&max)) = (sorted.first(), sorted.last()) else { return Vec::new() };
    let exact = min.unsigned_abs().max(max.unsigned_abs()) <= EXACT;
    let single = |value: i64| Bin { low: value as f64, high: value as f64, closed: true, count: 0 };
    let bins = if exact && max.abs_diff(min) < MOST as u64 {
        (min..=max).map(single).collect()
    } else if exact && distinct <= FEW {
        let mut values = sorted.to_vec();
        values.dedup();
        values.into_iter().map(single).collect()
    } else {
        let mut edges = edges(min as f64, max as f64, true);
        // A great whole number may have been rounded into the range: the ends go outwards until it is inside.
        if let Some(first) = edges.first_mut() {
            while *first as i128 > i128::from(min) {
                *first = first.next_down();
            }
        }
        if let Some(last) = edges.last_mut() {
            while (*last as i128) < i128::from(max) {
                *last = last.next_up();
            }
        }
        bins_between(edges)
    };
    counted(bins, sorted, Bin::holds_whole)
}

/// Counts sorted values into bins that lie in the same order and hold them all.
fn counted<T: Copy>(mut bins: Vec<Bin>, sorted: &[T], holds: impl Fn(&Bin, T) -> bool) -> Vec<Bin> {
    let mut rest = sorted;
    for bin in &mut bins {
        let inside = rest.partition_point(|value| holds(bin, *value));
        bin.count = inside;
        rest = rest.get(inside..).unwrap_or(&[]);
    }
    bins
}

fn bins_between(edges: Vec<f64>) -> Vec<Bin> {
    let last = edges.len().saturating_sub(2);
    let pairs = edges.windows(2).enumerate();
    let bins = pairs.filter_map(|(index, pair)| match pair {
        [low, high] => Some(Bin { low: *low, high: *high, closed: index == last, count: 0 }),
        _ => None,
    });
    bins.collect()
}

/// Edges from `min` to `max` at multiples of 1, 2 or 5 times a power of ten; at most [`MOST`] bins between them.
fn edges(min: f64, max: f64, whole: bool) -> Vec<f64> {
    if min == max {
        return vec![min, max];
    }
    // Halves are taken first, since the difference itself may be too large for a real number.
    let width = max / MOST as f64 - min / MOST as f64;
    let exponent = width.log10().floor().max(-300.0) as i32;
    let steps = (exponent..exponent + 3).flat_map(|exponent| [1.0, 2.0, 5.0].map(|digit| (digit, exponent)));
    for (digit, exponent) in steps.filter(|(_, exponent)| !whole || *exponent >= 0) {
        let power = 10f64.powi(exponent.abs());
        // Dividing by a power of ten gives the real number nearest to the decimal; multiplying by 0.1 would not.
        let scaled = |count: f64| if exponent >= 0 { count * digit * power } else { count * digit / power };
        let counted = |value: f64| if exponent >= 0 { value / (digit * power) } else { value * power / digit };
        let (first, last) = (counted(min).floor(), counted(max).ceil());
        if !(first.is_finite() && last.is_finite()) || last - first > MOST as f64 {
            continue;
        }
        let count = (last - first) as usize;
        let mut edges: Vec<f64> = (0..=count).map(|index| scaled(first + index as f64) + 0.0).collect();
        edges.iter_mut().for_each(|edge| *edge = edge.clamp(f64::MIN, f64::MAX));
        edges.dedup();
        if let Some(edge) = edges.first_mut() {
            *edge = edge.min(min);
        }
        if let Some(edge) = edges.last_mut() {
            *edge = edge.max(max);
        }
        if edges.len() > 1 && edges.is_sorted_by(|a, b| a < b) {
            return edges;
        }
    }
    vec![min, max]
}

/// A unit by which times are binned.
#[derive(Debug, Clone, Copy)]
enum Unit {
    /// So many microseconds, counted from an instant.
    Fixed(i64, i64),
    /// So many months, counted from January of the year 0.
    Months(i64),
}

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Days, weeks from Monday, months and years, and parts of a day that divide it evenly.
const UNITS: &[Unit] = &[
    Unit::Fixed(1, 0),
    Unit::Fixed(10, 0),
    Unit::Fixed(100, 0),
    Unit::Fixed(1_000, 0),
    Unit::Fixed(10_000, 0),
    Unit::Fixed(100_000, 0),
    Unit::Fixed(SECOND, 0),
    Unit::Fixed(5 * SECOND, 0),
    Unit::Fixed(15 * SECOND, 0),
    Unit::Fixed(30 * SECOND, 0),
    Unit::Fixed(MINUTE, 0),
    Unit::Fixed(5 * MINUTE, 0),
    Unit::Fixed(15 * MINUTE, 0),
    Unit::Fixed(30 * MINUTE, 0),
    Unit::Fixed(HOUR, 0),
    Unit::Fixed(3 * HOUR, 0),
    Unit::Fixed(6 * HOUR, 0),
    Unit::Fixed(12 * HOUR, 0),
    Unit::Fixed(DAY, 0),
    Unit::Fixed(7 * DAY, -3 * DAY),
    Unit::Months(1),
    Unit::Months(3),
    Unit::Months(6),
    Unit::Months(12),
    Unit::Months(24),
    Unit::Months(60),
    Unit::Months(120),
    Unit::Months(240),
    Unit::Months(600),
    Unit::Months(1_200),
    Unit::Months(6_000),
    Unit::Months(12_000),
];

/// Bins for times in ascending order, with their counts, by the finest unit that needs no more than [`MOST`].
pub(super) fn times(sorted: &[i64]) -> Vec<TimeBin> {
    let (Some(&min), Some(&max)) = (sorted.first(), sorted.last()) else { return Vec::new() };
    let found = UNITS.iter().find_map(|unit| time_edges(*unit, min, max));
    // Beyond the calendar, equal parts.
    let edges = found.unwrap_or_else(|| {
        let step = i128::from(max.abs_diff(min)) / MOST as i128 + 1;
        (0..=MOST as i128).map(|part| to_time(i128::from(min) + step * part)).collect()
    });
    let mut rest = sorted;
    let bins = edges.windows(2).filter_map(|pair| match pair {
        [low, high] if low < high => {
            let mut bin = TimeBin { low: *low, high: *high, closed: *high == i64::MAX, count: 0 };
            bin.count = rest.partition_point(|time| bin.holds(*time));
            rest = rest.get(bin.count..).unwrap_or(&[]);
            Some(bin)
        }
        _ => None,
    });
    bins.collect()
}

fn to_time(micros: i128) -> i64 {
    micros.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

fn time_edges(unit: Unit, min: i64, max: i64) -> Option<Vec<i64>> {
    let enough = |first: i128, last: i128| last - first < MOST as i128;
    match unit {
        Unit::Fixed(size, origin) => {
            let (size, origin) = (i128::from(size), i128::from(origin));
            let index = |time: i64| (i128::from(time) - origin).div_euclid(size);
            let (first, last) = (index(min), index(max));
            enough(first, last).then(|| (first..=last + 1).map(|index| to_time(index * size + origin)).collect())
        }
        Unit::Months(size) => {
            let index = |time: i64| {
                let date = DateTime::from_timestamp_micros(time)?.date_naive();
                Some((i64::from(date.year()) * 12 + i64::from(date.month0())).div_euclid(size))
            };
            let (first, last) = (index(min)?, index(max)?);
            if !enough(i128::from(first), i128::from(last)) {
                return None;
            }
            let start = |index: i64| {
                let month = index * size;
                let year = i32::try_from(month.div_euclid(12)).ok()?;
                let date = NaiveDate::from_ymd_opt(year, u32::try_from(month.rem_euclid(12)).ok()? + 1, 1)?;
                Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros())
            };
            (first..=last + 1).map(start).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::column::show_time;
    use super::*;

    #[test]
    fn edges_are_round_numbers() {
        let check = |min, max, whole, first: &[f64], count: usize| {
            let edges = edges(min, max, whole);
            assert_eq!(edges.get(..first.len()), Some(first), "{min}..{max}: {edges:?}");
            assert_eq!(edges.len() - 1, count, "{min}..{max}: {edges:?}");
        };
        check(0.0, 1.0, false, &[0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3], 20);
        check(0.0, 100.0, true, &[0.0, 5.0, 10.0], 20);
        check(17.0, 90.0, true, &[15.0, 20.0], 15);
        check(-1.0, 1.0, false, &[-1.0, -0.9, -0.8, -0.7], 20);
        check(0.0, 31.0, true, &[0.0, 2.0], 16);
        check(0.0, 18823.0, true, &[0.0, 1000.0], 19);
        check(3.0, 3.0, false, &[3.0, 3.0], 1);
        check(0.001, 0.0017, false, &[0.001, 0.00105], 14);
        check(f64::MIN, f64::MAX, false, &[f64::MIN], 18);
    }

    #[test]
    fn whole_numbers_that_are_few_have_a_bin_each() {
        let lows = |values: &[i64], distinct| {
            whole(values, distinct).iter().map(|bin| (bin.low, bin.count)).collect::<Vec<_>>()
        };
        assert_eq!(lows(&[1, 1, 3], 2), [(1.0, 2), (2.0, 0), (3.0, 1)]);
        assert_eq!(lows(&[0, 100, 100_000], 3), [(0.0, 1), (100.0, 1), (100_000.0, 1)]);
        assert_eq!(lows(&[], 0), []);
        assert_eq!(whole(&[i64::MIN, i64::MAX], 2).iter().map(|bin| bin.count).sum::<usize>(), 2);
    }

    #[test]
    fn times_are_binned_by_the_calendar() {
        let parse =
            |text: &str| text.parse::<NaiveDate>().unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp_micros();
        let check = |from: i64, to: i64, first: &str, second: &str, count: usize| {
            let bins = times(&[from, to]);
            let lows: Vec<String> = bins.iter().take(2).map(|bin| show_time(bin.low)).collect();
            assert_eq!(
                (lows[0].as_str(), show_time(bins[0].high).as_str(), bins.len()),
                (first, second, count),
                "{lows:?}"
            );
            assert_eq!(bins.iter().map(|bin| bin.count).sum::<usize>(), 2);
        };
        check(parse("2015-08-25"), parse("2015-09-10"), "2015-08-25", "2015-08-26", 17);
        check(parse("2015-08-25"), parse("2015-12-10"), "2015-08-24", "2015-08-31", 16);
        check(parse("2015-08-25"), parse("2017-09-10"), "2015-08-01", "2015-09-01", 26);
        check(parse("1950-08-25"), parse("2017-09-10"), "1950-01-01", "1955-01-01", 14);
        check(0, 3 * HOUR, "1970-01-01", "1970-01-01T00:15:00", 13);
        check(5, 7, "1970-01-01T00:00:00.000005", "1970-01-01T00:00:00.000006", 3);
        assert_eq!(times(&[i64::MIN, 0, i64::MAX]).iter().map(|bin| bin.count).sum::<usize>(), 3);
        assert!(times(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn every_number_is_in_one_bin(mut values in proptest::collection::vec(proptest::num::f64::NORMAL | proptest::num::f64::ZERO, 1..20)) {
            values.sort_by(f64::total_cmp);
            let bins = real(&values);
            prop_assert!(bins.len() <= MOST, "{}", bins.len());
            prop_assert_eq!(bins.iter().map(|bin| bin.count).sum::<usize>(), values.len());
            for value in values {
                prop_assert_eq!(bins.iter().filter(|bin| bin.holds(value)).count(), 1);
                let found = place(&bins, |bin| bin.low <= value, |bin| bin.holds(value));
                prop_assert_eq!(found, bins.iter().position(|bin| bin.holds(value)));
            }
        }

        #[test]
        fn every_whole_number_is_in_one_bin(mut values in proptest::collection::vec(any::<i64>() , 1..20), shift in 0u32..63) {
            values.iter_mut().for_each(|value| *value >>= shift);
            values.sort_unstable();
            let mut distinct = values.clone();
            distinct.dedup();
            let bins = whole(&values, distinct.len());
            prop_assert!(bins.len() <= MOST);
            prop_assert_eq!(bins.iter().map(|bin| bin.count).sum::<usize>(), values.len());
            for value in distinct {
                prop_assert_eq!(bins.iter().filter(|bin| bin.holds_whole(value)).count(), 1);
            }
        }

        #[test]
        fn every_time_is_in_one_bin(mut values in proptest::collection::vec(any::<i64>() , 1..20), shift in 0u32..63) {
            values.iter_mut().for_each(|value| *value >>= shift);
            values.sort_unstable();
            let bins = times(&values);
            prop_assert!(bins.len() <= MOST);
            prop_assert_eq!(bins.iter().map(|bin| bin.count).sum::<usize>(), values.len());
        }
    }
}
