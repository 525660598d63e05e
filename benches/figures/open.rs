//! Opening: from a file to its first rows and to the distributions of its columns, and how much memory that takes.

use lapidary::data::view::View;
use lapidary::engine::Result;

use crate::data;
use crate::live::{Bench, arrow_bytes};
use crate::peers::Peer;
use crate::table::{Amount, Report, Row, forget_peak, peak, timed};

/// Reads a table, describes it, filters it and searches its texts with pandas.
pub const PANDAS: Peer = Peer { name: "pandas", script: "pandas_table.py", noted: &[] };

/// 150,000 Korean film reviews.
pub const REVIEWS: &str = "nsmc/train_150k.parquet";

/// A Parquet file of texts to its first rows.
pub fn reviews(report: &mut Report) -> Result<()> {
    let figure = "150k reviews, Parquet, to first rows";
    let Some(path) = data::find(REVIEWS) else {
        report.skip(figure, REVIEWS);
        return Ok(());
    };
    let folder = data::folder()?;
    let project = data::project(folder.path(), &path, &["--text", "document", "--gold", "label", "--id", "id"])?;
    let (_bench, time) = timed(|| {
        let mut bench = Bench::open(&project)?;
        bench.until(&View::default(), |live| live.snapshot().is_some())?;
        Ok(bench)
    })?;
    report.row(Row::new(figure, Amount::Time(time)).at_most(Amount::ms(1000)));
    Ok(())
}

/// A large CSV file to its first rows, and to all distributions.
pub fn million(report: &mut Report) -> Result<()> {
    let rows = report.options.rows(1_000_000);
    let path = data::table(rows)?;
    let folder = data::folder()?;
    let project = data::project(folder.path(), &path, &["--text", "text", "--id", "id"])?;
    let pandas = PANDAS.ask(&[path.as_os_str()], report.options);
    forget_peak();
    let view = View::default();
    let (mut bench, opened) = timed(|| Bench::open(&project))?;
    let first = opened + bench.until(&view, |live| live.snapshot().is_some())?;
    let described = first + bench.settle(&view)?;
    let of = |what: &str| format!("{}k x 12 CSV, {what}", rows / 1000);
    report.row(
        Row::new(of("to first rows"), Amount::Time(first)).at_most(Amount::ms(1000)).beside(pandas.time("seconds")),
    );
    let all = Row::new(of("to all distributions"), Amount::Time(described)).at_most(Amount::ms(3000));
    report.row(all.beside(pandas.time("described_seconds")));
    if let Some(peak) = peak() {
        let arrow = arrow_bytes(&bench.session);
        report.row(Row::new(of("the data in Arrow"), Amount::Bytes(arrow)));
        let most = Amount::Bytes(2 * arrow + 300_000_000);
        report.row(Row::new(of("peak memory"), Amount::Bytes(peak)).at_most(most).beside(pandas.memory("peak_mb")));
    }
    Ok(())
}
