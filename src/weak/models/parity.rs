//! Agreement with published figures on real votes; skipped where the data is absent.

use std::path::PathBuf;

use super::*;
use crate::weak::{VoteColumn, Votes};

fn data() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let named = std::env::var("LAPIDARY_DATA").ok().map(PathBuf::from);
    let found = named.into_iter().chain(["../shared/data", "../../shared/data"].map(|path| root.join(path)));
    let found = found.into_iter().find(|path| path.is_dir());
    if found.is_none() {
        eprintln!("skipped: the shared data sets are not here");
    }
    found
}

struct Set {
    votes: Votes,
    gold: Vec<Option<u16>>,
}

impl Set {
    fn of(rows: &[(Vec<i16>, Option<u16>)], classes: usize) -> Self {
        let functions = rows.first().map_or(0, |(votes, _)| votes.len());
        let column = |index: usize| VoteColumn {
            name: format!("lf{index}"),
            votes: rows.iter().map(|(votes, _)| votes[index]).collect(),
        };
        let votes = Votes::new(rows.len(), classes, (0..functions).map(column).collect()).unwrap();
        Self { votes, gold: rows.iter().map(|(_, gold)| *gold).collect() }
    }

    fn patterns(&self) -> Patterns {
        Patterns::of(&self.votes, &Work::new()).unwrap()
    }
}

fn evaluate(patterns: &Patterns, probabilities: &[f64], gold: &[Option<u16>]) -> Evaluation {
    let mut evaluator = Evaluator::new(patterns.classes());
    evaluator.add_gold(patterns, probabilities, &Gold::of_rows(patterns, gold).unwrap());
    evaluator.finish().unwrap()
}

/// Fits to one set and judges on another.
fn transfer(name: &str, options: &FitOptions, from: &Set, to: &Set) -> Evaluation {
    let work = Work::new();
    let fitted = fit(model(name).unwrap(), &from.patterns(), options, &work).unwrap();
    let patterns = to.patterns();
    evaluate(&patterns, &fitted.predict(&patterns, &work).unwrap(), &to.gold)
}

fn youtube(splits: &[&str]) -> Option<Set> {
    let mut reader = csv::Reader::from_path(data()?.join("youtube_spam/youtube_lf.csv")).unwrap();
    let records = reader.records().map(Result::unwrap).filter(|record| splits.contains(&&record[0]));
    let row = |record: csv::StringRecord| {
        ((3..13).map(|cell| record[cell].parse().unwrap()).collect(), Some(record[2].parse().unwrap()))
    };
    Some(Set::of(&records.map(row).collect::<Vec<_>>(), 2))
}

fn near(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((100.0 * found - expected).abs() <= tolerance, "{what}: {:.2}, expected {expected}", 100.0 * found);
}

#[test]
fn probe() {
    let (Some(train), Some(test)) = (youtube(&["train"]), youtube(&["test"])) else { return };
    for model in MODELS {
        let found = transfer(model.name(), &FitOptions::default(), &train, &test);
        eprintln!("{}: {:?}", model.name(), found);
        let own = transfer(model.name(), &FitOptions::default(), &test, &test);
        eprintln!("   own {} {:?}", own.accuracy, own.ties);
    }
    for smoothing in [0.0, 0.1, 0.5, 1.0] {
        let found = transfer("dawid-skene", &FitOptions { smoothing, ..Default::default() }, &train, &test);
        eprintln!("ds {smoothing}: {:?} covered {:?}", found.ties, found.accuracy_covered);
    }
}
