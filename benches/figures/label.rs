//! Labelling in a project of a million items with a million labels: opening it, and from a key to the next item.

use std::time::{Duration, Instant};

use lapidary::engine::Result;
use lapidary::label::{Label, class_state, next_open};
use lapidary::project::{Change, Command, Config, Gesture, Marks};
use lapidary::session::Session;

use crate::data;
use crate::table::{Amount, Report, Row, timed};

/// Labels that are given one after another.
const ACTS: usize = 500;

/// Labels of many items in one gesture.
struct All(Vec<u64>);

impl Command for All {
    fn gesture(&self, _: &Marks, _: &Config) -> Result<Gesture> {
        let change = |(at, item): (usize, &u64)| Change::set(*item, "label", if at % 2 == 0 { "a" } else { "b" });
        Ok(Gesture { name: "label".to_owned(), changes: self.0.iter().enumerate().map(change).collect() })
    }
}

/// A project of a million labelled items.
pub fn million(report: &mut Report) -> Result<()> {
    let rows = report.options.rows(1_000_000);
    let path = data::table(rows)?;
    let folder = data::folder()?;
    let project = data::project(folder.path(), &path, &["--text", "text", "--id", "id", "--classes", "a,b"])?;
    let work = lapidary::engine::Work::new();
    {
        let mut session = Session::open(&project, &work)?;
        let items = session.dataset().ids.all().iter().map(|id| id.0).collect();
        session.run(&All(items))?;
    }
    let (mut session, opened) = timed(|| Session::open(&project, &work))?;
    let of = |what: &str| format!("{}k items with as many labels, {what}", rows / 1000);
    report.row(Row::new(of("opening"), Amount::Time(opened)).at_most(Amount::ms(2000)));
    let queue: Vec<u32> = (0..session.dataset().rows() as u32).collect();
    let mut times: Vec<Duration> = Vec::with_capacity(ACTS);
    for act in 0..ACTS {
        let item = session.item((act * 997 % rows) as u32)?;
        let start = Instant::now();
        session.run(&Label::one(item, if act % 3 == 0 { "b" } else { "a" }))?;
        std::hint::black_box(next_open(&queue, act, |row| class_state(row, session.own())));
        times.push(start.elapsed());
    }
    times.sort();
    let p99 = times.get(ACTS * 99 / 100).copied().unwrap_or_default();
    report.row(
        Row::new(of("a label on the disk and the next item found, p99"), Amount::Time(p99)).at_most(Amount::ms(16)),
    );
    Ok(())
}
