//! Trends: figures over a column of times or batches: class shares, coverage and precision of functions, how often a
//! model is right, agreement. Since when a figure is otherwise, and for whom.
//!
//! In: a frame, the column, and measures, each a number or nothing a row; the figure of a stretch is their mean. Out: the
//! stretches in order with an interval each, the point of change where it is more than chance over all figures that are
//! looked at (false discoveries held at 5 %), whether it was sudden, and the conditions in whose rows it changed most.

use std::collections::HashMap;

use rayon::prelude::*;
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use super::change::{Change, Weighed, change};
use super::slices::{Moved, moved};
use super::statistics::{benjamini_hochberg, student_quantile};
use super::usual::usual;
use crate::data::describe::{Bin, Detail, describe};
use crate::data::{Column, Frame, Kind, Values, show_time};
use crate::engine::{Error, Random, Result, Work};
use crate::learn::metrics::wilson;

/// Orders of the stretches that are tried to tell a change from chance.
const ORDERS: usize = 1999;

/// The most batches.
const MOST: usize = 200;

/// The fewest rows of a stretch that says something of a change.
const FEWEST: u64 = 5;

/// Conditions that are named for a change.
const NAMED: usize = 3;

/// A figure: for each row a number, or nothing where the row says nothing of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// What it is about, such as a class or a function.
    pub name: String,
    /// What it is: `share`, `coverage`, `precision`, `accuracy`, `agreement`, `unexpected`, `mean`, `arrived`.
    pub kind: &'static str,
    /// By row.
    pub values: Vec<Option<f64>>,
}

/// Figures over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trends {
    /// The column of times or batches.
    pub by: String,
    /// The stretches that have rows, in order.
    pub stretches: Vec<Stretch>,
    /// Rows without a time or batch, or with a time far off from nearly all others.
    pub undated: u64,
    /// The figures; changed ones first, the clearest before others.
    pub series: Vec<Series>,
}

/// A stretch of time, or a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// Its first instant, or the batch.
    pub from: String,
    /// The first instant after it; the batch again.
    pub to: String,
    /// Its rows.
    pub rows: u64,
    /// The condition that selects them.
    pub condition: String,
}

/// A figure over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// What it is about.
    pub name: String,
    /// What it is; see [`Measure::kind`].
    pub kind: &'static str,
    /// Whether its values are shares.
    pub is_share: bool,
    /// One a stretch.
    pub points: Vec<Point>,
    /// When it changed, if it did more than by chance.
    pub change: Option<Change>,
    /// Where it changed most, in filters.
    pub slices: Vec<Moved>,
}

/// A figure in a stretch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Point {
    /// The rows that say something of it.
    pub rows: u64,
    /// The figure; `None` without such rows.
    pub value: Option<f64>,
    /// The lower end of its 95 % interval: Wilson's for shares, Student's for other means.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

/// The stretch of each row, and the stretches.
#[derive(Debug, Clone)]
pub struct Stretches {
    /// The column.
    pub by: String,
    /// By row; `None` without a time or batch, or with a time far off from nearly all others.
    pub of_row: Vec<Option<u32>>,
    /// The stretches.
    pub all: Vec<Stretch>,
}

impl Stretches {
    /// The stretches of a column: times and numbers of many values in at most 30 bins, other values one each in order.
    /// Numbers that stand in few places, such as days written as numbers, are in bins of as many rows each.
    ///
    /// # Errors
    /// If the column holds free text or media, or too many batches, or the work was cancelled.
    pub fn of(column: &Column, work: &Work) -> Result<Self> {
        let near = match column.values() {
            Values::Time(times) => usual(times, work)?,
            _ => None,
        };
        let summary = describe(column, near.as_ref(), work)?;
        let is_binned = matches!(summary.detail, Detail::Times(_) | Detail::Numbers(_));
        let (mut all, places) = if is_binned { binned(column, &summary) } else { batches(column, work)? };
        let mut of_row = Vec::with_capacity(column.len());
        for row in 0..column.len() {
            if row.is_multiple_of(1 << 14) {
                work.check()?;
            }
            let place = places(row);
            if let Some(stretch) = place.and_then(|place| all.get_mut(place)) {
                stretch.rows += 1;
            }
            of_row.push(place.map(|place| place as u32));
        }
        // Stretches without rows are left out.
        let mut kept = 0;
        let renumbered: Vec<Option<u32>> = all
            .iter()
            .map(|stretch| {
                kept += u32::from(stretch.rows > 0);
                (stretch.rows > 0).then(|| kept - 1)
            })
            .collect();
        let renumber = |place: Option<u32>| renumbered.get(place? as usize).copied().flatten();
        let of_row = of_row.into_iter().map(renumber).collect();
        all.retain(|stretch| stretch.rows > 0);
        Ok(Self { by: column.name().to_owned(), of_row, all })
    }
}

type Place<'a> = Box<dyn Fn(usize) -> Option<usize> + 'a>;

fn binned<'a>(column: &'a Column, summary: &crate::data::describe::Summary) -> (Vec<Stretch>, Place<'a>) {
    let name = crate::data::filter::quote_name(column.name());
    match (&summary.detail, column.values()) {
        (Detail::Times(times), Values::Time(array)) => {
            let bins = times.histogram.clone();
            let stretch = |bin: &crate::data::describe::TimeBin| Stretch {
                from: show_time(bin.low),
                to: show_time(bin.high),
                rows: 0,
                condition: crate::data::describe::time_bin_sql(&name, bin),
            };
            let all = bins.iter().map(stretch).collect();
            let place = move |row: usize| {
                let time = if column.is_null(row) { return None } else { array.value(row) };
                let place = bins.partition_point(|bin| bin.low <= time).checked_sub(1)?;
                bins.get(place).is_some_and(|bin| time < bin.high || bin.closed).then_some(place)
            };
            (all, Box::new(place))
        }
        (Detail::Numbers(numbers), _) => {
            let filled = numbers.histogram.iter().filter(|bin| bin.count > 0).count();
            let bins = match filled * 2 < numbers.histogram.len() {
                true => even_bins(column),
                false => numbers.histogram.clone(),
            };
            let shown = |value: f64| crate::data::show_float(value).trim_end_matches(".0").to_owned();
            let stretch = |bin: &crate::data::describe::Bin| Stretch {
                from: shown(bin.low),
                to: shown(bin.high),
                rows: 0,
                condition: crate::data::describe::bin_sql(&name, bin),
            };
            let all = bins.iter().map(stretch).collect();
            let lows: Vec<f64> = bins.iter().map(|bin| bin.low).collect();
            let place = move |row: usize| {
                let value = column.number(row).filter(|value| value.is_finite())?;
                lows.partition_point(|low| *low <= value).checked_sub(1)
            };
            (all, Box::new(place))
        }
        _ => (Vec::new(), Box::new(|_| None)),
    }
}

/// Bins of about as many rows each, at most 30. Equal numbers are in one bin.
fn even_bins(column: &Column) -> Vec<Bin> {
    const BINS: usize = 30;
    let mut values: Vec<f64> =
        (0..column.len()).filter_map(|row| column.number(row)).filter(|value| value.is_finite()).collect();
    values.sort_unstable_by(f64::total_cmp);
    let mut lows: Vec<f64> = (0..BINS).filter_map(|at| values.get(at * values.len() / BINS).copied()).collect();
    lows.dedup();
    let last = values.last().copied().unwrap_or_default();
    let bin = |(at, low): (usize, &f64)| match lows.get(at + 1) {
        Some(high) => Bin { low: *low, high: *high, closed: false, count: 0 },
        None => Bin { low: *low, high: last, closed: true, count: 0 },
    };
    lows.iter().enumerate().map(bin).collect()
}

/// Whether the values of a column say again in which stretch a row is, as the name of its month does, or are all
/// different: their shares tell nothing.
pub fn names_stretches(column: &Column, stretches: &Stretches) -> bool {
    let mut rows: HashMap<String, HashMap<u32, usize>> = HashMap::new();
    let mut all = 0;
    for (row, place) in stretches.of_row.iter().enumerate() {
        let (Some(place), Some(value)) = (place, column.show(row)) else { continue };
        all += 1;
        // What is the same in many rows needs no text of its own.
        match rows.get_mut(value.as_ref()) {
            Some(places) => *places.entry(*place).or_default() += 1,
            None => _ = rows.insert(value.into_owned(), HashMap::from([(*place, 1)])),
        }
    }
    let in_own: usize = rows.values().filter_map(|places| places.values().max()).sum();
    rows.len() >= (stretches.all.len() / 2).max(3) && in_own as f64 >= 0.9 * all as f64
}

/// One stretch for each value, in their order.
fn batches<'a>(column: &'a Column, work: &Work) -> Result<(Vec<Stretch>, Place<'a>)> {
    if matches!(column.kind(), Kind::Image | Kind::Audio) {
        return Err(Error::input("paths of media are no times").at(column.name()));
    }
    let mut values: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for row in 0..column.len() {
        if row.is_multiple_of(1 << 14) {
            work.check()?;
        }
        if let Some(value) = column.show(row) {
            if !values.contains_key(value.as_ref()) {
                values.insert(value.into_owned(), 0);
            }
            if values.len() > MOST {
                return Err(Error::input("the column has too many different values to be batches")
                    .at(column.name())
                    .help("choose a column of times, of numbers, or of at most 200 batches"));
            }
        }
    }
    let name = crate::data::filter::quote_name(column.name());
    let condition = |value: &str| match column.values() {
        Values::Bool(_) if value == "true" => name.clone(),
        Values::Bool(_) => format!("NOT {name}"),
        _ => format!("{name} = {}", crate::data::filter::quote_text(value)),
    };
    let stretch =
        |value: &String| Stretch { from: value.clone(), to: value.clone(), rows: 0, condition: condition(value) };
    let all: Vec<Stretch> = values.keys().map(stretch).collect();
    values.values_mut().enumerate().for_each(|(at, place)| *place = at);
    Ok((all, Box::new(move |row| values.get(column.show(row)?.as_ref()).copied())))
}

/// Follows measures over the stretches. `frame` has the columns that conditions are made of; that of the stretches is left
/// out of them. `ripe` tells in which stretches figures can be judged: those that are not are shown but are no evidence.
///
/// # Errors
/// If the work was cancelled.
pub fn trends(
    frame: &Frame,
    stretches: &Stretches,
    measures: &[Measure],
    ripe: &dyn Fn(usize) -> bool,
    seed: u64,
    work: &Work,
) -> Result<Trends> {
    work.stage("following figures", measures.len() as u64);
    let starts: Vec<String> = stretches.all.iter().map(|stretch| stretch.from.clone()).collect();
    let ripe: Vec<bool> = (0..stretches.all.len()).map(ripe).collect();
    let each = |measure: &Measure| {
        let (points, is_share) = points(measure, stretches);
        let weighed = |(at, point): (usize, &Point)| {
            let is_evidence = point.rows >= FEWEST && ripe.get(at) == Some(&true);
            point.value.filter(|_| is_evidence).map(|value| Weighed { value, weight: point.rows as f64 })
        };
        let series: Vec<Option<Weighed>> = points.iter().enumerate().map(weighed).collect();
        let mut random = Random::new(seed ^ xxh3_64(format!("{}\0{}", measure.kind, measure.name).as_bytes()));
        // What never varies has not changed.
        let varies = series.iter().flatten().any(|it| series.iter().flatten().any(|other| it.value != other.value));
        let change = if varies { change(&series, &starts, ORDERS, &mut random) } else { None };
        work.advance(1)?;
        Ok(Series { name: measure.name.clone(), kind: measure.kind, is_share, points, change, slices: Vec::new() })
    };
    let mut series: Vec<Series> = measures.par_iter().map(each).collect::<Result<_>>()?;
    let tested: Vec<f64> = series.iter().filter_map(|it| it.change.as_ref().map(|change| change.p_value)).collect();
    let mut adjusted = benjamini_hochberg(&tested).into_iter();
    for one in &mut series {
        if let (Some(change), true) = (&mut one.change, true) {
            change.p_value = adjusted.next().unwrap_or(1.0);
        }
        one.change = one.change.take().filter(|change| change.p_value <= 0.05);
    }
    let others = frame.columns().iter().filter(|column| column.name() != stretches.by).cloned().collect();
    let others = Frame::new(others);
    for (one, measure) in series.iter_mut().zip(measures) {
        if let Some(change) = &one.change {
            let after = |row: usize| {
                let stretch = (*stretches.of_row.get(row)?)? as usize;
                (ripe.get(stretch) == Some(&true)).then_some(stretch >= change.at)
            };
            one.slices = moved(&others, &measure.values, &after, NAMED, work)?;
        }
    }
    let size = |one: &Series| one.change.as_ref().map(|change| change.p_value);
    series.sort_by(|a, b| match (size(a), size(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    let undated = stretches.of_row.iter().filter(|place| place.is_none()).count() as u64;
    Ok(Trends { by: stretches.by.clone(), stretches: stretches.all.clone(), undated, series })
}

/// The figure in each stretch, and whether it is a share.
fn points(measure: &Measure, stretches: &Stretches) -> (Vec<Point>, bool) {
    let mut sums = vec![(0u64, 0.0f64, 0.0f64); stretches.all.len()];
    let mut is_share = true;
    for (value, place) in measure.values.iter().zip(&stretches.of_row) {
        let Some(value) = value.filter(|value| value.is_finite()) else { continue };
        is_share &= value == 0.0 || value == 1.0;
        if let Some(sums) = place.and_then(|place| sums.get_mut(place as usize)) {
            *sums = (sums.0 + 1, sums.1 + value, sums.2 + value * value);
        }
    }
    let point = |(rows, sum, squares): (u64, f64, f64)| {
        if rows == 0 {
            return Point::default();
        }
        let count = rows as f64;
        let mean = sum / count;
        let (low, high) = if is_share {
            wilson(sum as u64, rows).map_or((None, None), |(low, high)| (Some(low), Some(high)))
        } else if rows > 1 {
            let variance = ((squares - sum * mean) / (count - 1.0)).max(0.0);
            let reach = student_quantile(0.025, count - 1.0) * (variance / count).sqrt();
            (Some(mean - reach), Some(mean + reach))
        } else {
            (None, None)
        };
        Point { rows, value: Some(mean), low, high }
    };
    (sums.into_iter().map(point).collect(), is_share)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Float64Array, Int64Array, LargeStringArray, TimestampMicrosecondArray};

    use super::*;

    const DAY: i64 = 86_400_000_000;

    /// A shop of twenty days; from `since` on, the model is wrong more often about men's shoes.
    fn shop(since: usize, seed: u64) -> (Frame, Vec<Measure>) {
        let rows = 4000;
        let mut random = Random::new(seed);
        let days: Vec<usize> = (0..rows).map(|row| row * 20 / rows).collect();
        let kinds: Vec<&str> = (0..rows).map(|_| ["men", "women", "children"][random.below(3)]).collect();
        let right = days.iter().zip(&kinds).map(|(day, kind)| {
            let chance = if *day >= since && *kind == "men" { 0.6 } else { 0.92 };
            Some(f64::from(u8::from(random.unit() < chance)))
        });
        let right = Measure { name: "model".into(), kind: "accuracy", values: right.collect() };
        let mut noise = |name: &str| Measure {
            name: name.into(),
            kind: "mean",
            values: (0..rows).map(|_| Some(random.unit())).collect(),
        };
        let measures = vec![noise("a"), right, noise("b")];
        let times = days.iter().map(|day| Some((19_000 + *day as i64) * DAY)).collect::<TimestampMicrosecondArray>();
        let frame = Frame::new(vec![
            Arc::new(Column::new("when", Values::Time(times))),
            Arc::new(Column::text("kind", Kind::Category, LargeStringArray::from(kinds))),
        ]);
        (frame, measures)
    }

    fn follow(frame: &Frame, measures: &[Measure], by: &str) -> Trends {
        let stretches = Stretches::of(frame.column(by).unwrap(), &Work::new()).unwrap();
        trends(frame, &stretches, measures, &|_| true, 0, &Work::new()).unwrap()
    }

    #[test]
    fn since_when_and_for_whom() {
        let (frame, measures) = shop(12, 3);
        let found = follow(&frame, &measures, "when");
        assert_eq!((found.stretches.len(), found.undated), (20, 0));
        let first = &found.series[0];
        let change = first.change.as_ref().unwrap();
        assert_eq!((first.name.as_str(), change.at, change.sudden), ("model", 12, true));
        assert_eq!(first.slices[0].condition, "kind = 'men'");
        assert!(found.series[1..].iter().all(|series| series.change.is_none()));
        let point = &first.points[0];
        assert!(point.low.unwrap() < point.value.unwrap() && point.value.unwrap() < point.high.unwrap());
    }

    /// Over 200 seeds without any change, a figure is said to have changed in at most one run of twenty.
    #[test]
    fn nothing_changes_where_nothing_did() {
        let alarms = (0..200).filter(|seed| {
            let (frame, measures) = shop(99, *seed);
            let small: Vec<u32> = (0..4000).step_by(10).collect();
            let frame = frame.take(&small, &Work::new()).unwrap();
            let thin = |measure: &Measure| Measure {
                values: measure.values.iter().step_by(10).copied().collect(),
                ..measure.clone()
            };
            let measures: Vec<Measure> = measures.iter().map(thin).collect();
            follow(&frame, &measures, "when").series.iter().any(|series| series.change.is_some())
        });
        let alarms = alarms.count();
        assert!(alarms <= 18, "{alarms} of 200");
    }

    #[test]
    fn batches_and_numbers_make_stretches_too() {
        let check = |column: Column, expected: &[(&str, u64)], undated: usize| {
            let found = Stretches::of(&column, &Work::new()).unwrap();
            let shown: Vec<(&str, u64)> = found.all.iter().map(|it| (it.from.as_str(), it.rows)).collect();
            assert_eq!(shown, expected);
            assert_eq!(found.of_row.iter().filter(|place| place.is_none()).count(), undated);
        };
        let batches = ["b2", "b1", "b2"].map(Some).into_iter().chain([None]).collect::<Vec<_>>();
        check(Column::text("batch", Kind::Category, LargeStringArray::from(batches)), &[("b1", 1), ("b2", 2)], 1);
        check(Column::new("n", Values::Int(Int64Array::from(vec![3, 1, 3]))), &[("1", 1), ("3", 2)], 0);
        let floats = Float64Array::from(vec![0.0, 0.49, 0.51, f64::NAN]);
        let found = Stretches::of(&Column::new("x", Values::Float(floats)), &Work::new()).unwrap();
        assert_eq!((found.all.len(), found.of_row[3]), (3, None));
        let many: Vec<String> = (0..300).map(|n| format!("t{n}")).collect();
        let many = Column::text("text", Kind::Text, LargeStringArray::from_iter_values(many));
        assert!(Stretches::of(&many, &Work::new()).unwrap_err().to_string().contains("too many different values"));
    }

    /// Days written as numbers, in two clusters far from each other: equal widths would leave nearly all bins empty.
    #[test]
    fn numbers_in_few_places_are_parted_by_their_rows() {
        let days = (0..3000).map(|row| Some(if row < 1500 { row as f64 * 1e-5 } else { 0.9 + row as f64 * 1e-5 }));
        let column = Column::new("day", Values::Float(days.collect::<Float64Array>()));
        let found = Stretches::of(&column, &Work::new()).unwrap();
        assert_eq!(found.all.len(), 30);
        assert!(found.all.iter().all(|stretch| stretch.rows == 100), "{:?}", found.all);
        let frame = Frame::new(vec![Arc::new(column)]);
        for (at, stretch) in found.all.iter().enumerate() {
            let parsed = crate::data::filter::parse(&stretch.condition, &frame).unwrap();
            assert_eq!(parsed.evaluate(&frame, &Work::new()).unwrap().count_set_bits(), 100, "{at}");
        }
    }

    #[test]
    fn a_column_that_names_its_stretch_is_told() {
        let (frame, _) = shop(99, 1);
        let stretches = Stretches::of(frame.column("when").unwrap(), &Work::new()).unwrap();
        let column = |value: &dyn Fn(usize) -> String| {
            Column::text("c", Kind::Category, LargeStringArray::from_iter_values((0..4000).map(value)))
        };
        assert!(names_stretches(&column(&|row| format!("day {}", row / 200)), &stretches), "the day's own name");
        assert!(names_stretches(&column(&|row| format!("order {row}")), &stretches), "a name of rows");
        assert!(!names_stretches(&column(&|row| format!("kind {}", row % 12)), &stretches));
        assert!(!names_stretches(&column(&|row| (if row < 2000 { "old" } else { "new" }).to_owned()), &stretches));
    }

    #[test]
    fn stretches_that_are_not_ripe_are_no_evidence() {
        let (frame, measures) = shop(17, 3);
        let stretches = Stretches::of(frame.column("when").unwrap(), &Work::new()).unwrap();
        let found = trends(&frame, &stretches, &measures, &|at| at < 16, 0, &Work::new()).unwrap();
        assert!(found.series.iter().all(|series| series.change.is_none()));
        assert!(found.series.iter().all(|series| series.points[19].value.is_some()), "they are shown all the same");
    }
}
