//! Views: filters and searches over a million rows, with everything that the window shows of them.

use lapidary::data::search::{self, Search};
use lapidary::data::view::{Chip, View};
use lapidary::engine::{Error, Result, Work};

use crate::data;
use crate::live::Bench;
use crate::open::PANDAS;
use crate::table::{Amount, Report, Row, median_of, quantile, timed};

/// Conditions that a person could write, each of another shape.
const FILTERS: [&str; 7] = [
    "price < 20 AND stars >= 4 AND category = 'book'",
    "score BETWEEN 0.4 AND 0.6",
    "text LIKE '%영화%' OR title LIKE '%movie%'",
    "category IN ('film', 'music') AND active AND NOT country = 'US'",
    "sent >= '2024-01-01' AND score IS NOT NULL",
    "length(text) > 30 AND lang = 'en'",
    "author % 10 = 3 OR price > 300",
];

fn open(report: &Report) -> Result<(tempfile::TempDir, std::path::PathBuf, Bench)> {
    let path = data::table(report.options.rows(1_000_000))?;
    let folder = data::folder()?;
    let project = data::project(folder.path(), &path, &["--text", "text", "--id", "id"])?;
    let mut bench = Bench::open(&project)?;
    bench.settle(&View::default())?;
    Ok((folder, path, bench))
}

/// A filter, with the rows, the counts of all bars and everything else that is shown up to date.
pub fn filter(report: &mut Report) -> Result<()> {
    let (_folder, path, mut bench) = open(report)?;
    let of = |sql: &str| View { filters: vec![Chip::new(sql)], ..View::default() };
    let mut times = Vec::new();
    for sql in FILTERS {
        times.push(bench.settle(&of(sql))?);
        if bench.rows() == 0 {
            return Err(Error::input("a filter of the benches keeps no row").at(sql));
        }
        bench.settle(&View::default())?;
    }
    let options = report.options;
    let pandas = PANDAS.ask(&[path.as_os_str()], options);
    let of = |what: &str| format!("SQL filter over {}k rows, all panes, {what}", options.rows(1000));
    let median = Row::new(of("median of 7"), Amount::Time(quantile(&times, 0.5))).at_most(Amount::ms(150));
    report.row(median.beside(pandas.time("filter_seconds")));
    let most = times.iter().max().copied().unwrap_or_default();
    report.row(Row::new(of("slowest"), Amount::Time(most)).at_most(Amount::ms(150)));
    Ok(())
}

/// Full-text search over short texts, once the folded copy of the column is there.
pub fn search(report: &mut Report) -> Result<()> {
    let (_folder, path, mut bench) = open(report)?;
    let wanted = |text: &str| Search { text: text.to_owned(), ..Search::default() };
    let frame = bench.session.dataset().frame.clone();
    let columns = ["text"];
    search::search(&frame, &columns, &wanted("영화"), &Work::new())?;
    let words = ["감동", "summer", "친구 사랑", "letter garden", "ㅇㅎ", "이야기했다", "voices"];
    let alone = median_of(words.len(), |run| {
        let search = wanted(words.get(run).copied().unwrap_or_default());
        Ok(timed(|| search::search(&frame, &columns, &search, &Work::new()))?.1)
    })?;
    let pandas = PANDAS.ask(&[path.as_os_str()], report.options);
    let figure = format!("full-text search over {}k short texts, warm", report.options.rows(1000));
    let row = Row::new(figure, Amount::Time(alone)).at_most(Amount::ms(150));
    report.row(row.beside(pandas.time("search_seconds")));
    let of = |text: &str| View { search: Some(wanted(text)), ..View::default() };
    bench.settle(&of("영화"))?;
    let shown = median_of(words.len(), |run| {
        let time = bench.settle(&of(words.get(run).copied().unwrap_or_default()))?;
        bench.settle(&View::default())?;
        Ok(time)
    })?;
    report.row(Row::new("the same over all text columns, all panes", Amount::Time(shown)));
    Ok(())
}
