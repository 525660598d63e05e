//! Watching: profiles, expectations, drift and slices, beside the tools that people use for the same.

use std::sync::Arc;

use arrow_array::{Float64Array, Int64Array, LargeStringArray};
use lapidary::clean::drift::{self, compare};
use lapidary::clean::expect::Suite;
use lapidary::clean::profile::profile;
use lapidary::clean::report::{self, About, Language};
use lapidary::clean::slices::{self, find};
use lapidary::data::read::{self, ReadOptions};
use lapidary::data::{Column, Frame, Kind, Values, write};
use lapidary::engine::{Random, Result, Work, files};

use crate::data;
use crate::peers::Peer;
use crate::table::{Amount, Report, Row, forget_peak, median_of, peak, timed};

const YDATA: Peer = Peer { name: "ydata-profiling", script: "ydata_profile.py", noted: &[] };
const EXPECTATIONS: Peer = Peer { name: "Great Expectations", script: "great_expectations_suite.py", noted: &[] };
const EVIDENTLY: Peer = Peer { name: "Evidently", script: "evidently_drift.py", noted: &[] };

fn million(rows: usize) -> Result<(std::path::PathBuf, Frame)> {
    let path = data::table(rows)?;
    let frame = read::read_frame(&path, &ReadOptions::default(), &Work::new())?.frame;
    Ok((path, frame))
}

/// The profile of a million rows of twelve columns, and the size of its page.
pub fn profiles(report: &mut Report) -> Result<()> {
    let options = report.options;
    let rows = options.rows(1_000_000);
    let (path, frame) = million(rows)?;
    let ydata = YDATA.ask(&[&path], options);
    forget_peak();
    let (found, time) = timed(|| profile(&frame, 0, &Work::new()))?;
    let figure = format!("profile of {}k x {}", rows / 1000, frame.columns().len());
    let row = Row::new(figure, Amount::Time(time)).at_most(Amount::ms(3000));
    report.row(row.beside(ydata.time("seconds")).times(20.0));
    if let Some(peak) = peak() {
        report.row(Row::new("its peak memory", Amount::Bytes(peak)).beside(ydata.memory("peak_mb")));
    }
    let about = About {
        name: "table.csv".to_owned(),
        rows: frame.rows(),
        columns: frame.columns().len(),
        language: Language::English,
    };
    let of = report::Profile { frame: &frame, found: &found };
    let html = report::profile(&about, of, None, &Work::new())?;
    let row = Row::new("size of its page", Amount::Bytes(html.len() as u64)).at_most(Amount::mb(2));
    report.row(row.beside(ydata.memory("html_mb")));
    Ok(())
}

/// Ten expectations, in a form that Great Expectations reads too.
const SUITE: &str = r#"[
    {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "score", "mostly": 0.9}},
    {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}},
    {"type": "expect_column_values_to_be_between", "kwargs": {"column": "price", "min_value": 0, "max_value": 400, "mostly": 0.99}},
    {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "stars", "value_set": [1, 2, 3, 4, 5]}},
    {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "country", "value_set": ["KR", "US", "JP", "DE", "FR", "GB"], "mostly": 0.5}},
    {"type": "expect_column_value_lengths_to_be_between", "kwargs": {"column": "text", "min_value": 1, "max_value": 200}},
    {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "lang", "regex": "^(ko|en)$"}},
    {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "score", "min_value": 0.4, "max_value": 0.6}},
    {"type": "expect_column_quantile_values_to_be_between", "kwargs": {"column": "price", "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[0, 100]]}}},
    {"type": "expect_column_unique_value_count_to_be_between", "kwargs": {"column": "category", "min_value": 5, "max_value": 20}}
]"#;

/// Ten expectations on a million rows.
pub fn expectations(report: &mut Report) -> Result<()> {
    let options = report.options;
    let rows = options.rows(1_000_000);
    let (path, frame) = million(rows)?;
    let folder = data::folder()?;
    let file = folder.path().join("suite.json");
    files::write_text(&file, SUITE)?;
    let peer = EXPECTATIONS.ask(&[path.as_path(), file.as_path()], options);
    let suite = Suite::from_json(SUITE)?;
    let mut held = 0;
    let time = median_of(3, |_| {
        let (found, time) = timed(|| suite.check(&frame, &Work::new()))?;
        held = found.held();
        Ok(time)
    })?;
    let row = Row::new(format!("ten expectations on {}k rows", rows / 1000), Amount::Time(time));
    report.row(row.beside(peer.time("seconds")).times(20.0));
    report.row(Row::new("of them hold", Amount::Share(held as f64 / 10.0)).beside(peer.share("held")));
    Ok(())
}

/// Fifteen columns: ten of numbers, five of categories, of which a third has moved where `moved`.
fn columns(rows: usize, moved: bool, seed: u64) -> Frame {
    let mut random = Random::new(seed);
    let mut made: Vec<Arc<Column>> = Vec::new();
    for at in 0..10 {
        let shift = if moved && at % 3 == 0 { 0.3 } else { 0.0 };
        let values = (0..rows).map(|_| (0..6).map(|_| random.unit()).sum::<f64>() + shift);
        made.push(Arc::new(Column::new(format!("n{at}"), Values::Float(Float64Array::from_iter_values(values)))));
    }
    for at in 0..5 {
        let power = if moved && at % 3 == 0 { 1.5 } else { 2.0 };
        let values = (0..rows).map(|_| format!("v{}", (random.unit().powf(power) * 12.0) as usize));
        let values = LargeStringArray::from_iter_values(values);
        made.push(Arc::new(Column::text(format!("c{at}"), Kind::Category, values)));
    }
    Frame::new(made)
}

/// A report of drift between 120,000 and 120,000 rows of fifteen columns, with intervals and power.
pub fn drifts(report: &mut Report) -> Result<()> {
    let options = report.options;
    let rows = options.rows(120_000);
    let (reference, current) = (columns(rows, false, 1), columns(rows, true, 2));
    let folder = data::folder()?;
    let paths = ["reference.parquet", "current.parquet"].map(|name| folder.path().join(name));
    if options.peers {
        write::write_frame(&paths[0], &reference, &Work::new())?;
        write::write_frame(&paths[1], &current, &Work::new())?;
    }
    let peer = EVIDENTLY.ask(&paths, options);
    let about = |frame: &Frame| About {
        name: "table".to_owned(),
        rows: frame.rows(),
        columns: frame.columns().len(),
        language: Language::English,
    };
    let mut drifted = 0;
    let time = median_of(3, |_| {
        let made = || {
            let found = compare(&reference, &current, &drift::Options::default(), &Work::new())?;
            let html = report::drift(&about(&current), &about(&reference), &found, None)?;
            Ok((found.drifted, html.len()))
        };
        let ((found, _), time) = timed(made)?;
        drifted = found;
        Ok(time)
    })?;
    let figure = format!("drift of {0}k against {0}k rows x 15", rows / 1000);
    report.row(Row::new(figure, Amount::Time(time)).beside(peer.time("seconds")).times(20.0));
    report.row(Row::new("columns that drifted", Amount::Share(drifted as f64 / 15.0)).beside(peer.share("drifted")));
    Ok(())
}

/// Slices of 150,000 rows and twenty columns, three levels deep.
pub fn slices(report: &mut Report) -> Result<()> {
    let rows = report.options.rows(150_000);
    let mut random = Random::new(5);
    let mut made: Vec<Arc<Column>> = Vec::new();
    for at in 0..20 {
        let values = (0..rows).map(|_| format!("v{}", random.below(4 + at % 7)));
        let values = LargeStringArray::from_iter_values(values);
        made.push(Arc::new(Column::text(format!("c{at}"), Kind::Category, values)));
    }
    let is = |column: usize, row: usize, value: &str| {
        made.get(column).and_then(|column| column.show(row)).is_some_and(|shown| shown == value)
    };
    let wrong = (0..rows).map(|row| {
        let bad = is(1, row, "v0") && is(5, row, "v1");
        i64::from(random.unit() < if bad { 0.4 } else { 0.1 })
    });
    let wrong = Int64Array::from_iter_values(wrong.collect::<Vec<_>>());
    let frame = Frame::new(made).with([Arc::new(Column::new("wrong", Values::Int(wrong)))]);
    let time = median_of(3, |_| Ok(timed(|| find(&frame, "wrong", &slices::Options::default(), &Work::new()))?.1))?;
    let figure = format!("slices of {}k rows x 20, three levels", rows / 1000);
    report.row(Row::new(figure, Amount::Time(time)).at_most(Amount::ms(2000)));
    Ok(())
}
