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
            votes: std::sync::Arc::new(rows.iter().map(|(votes, _)| votes[index]).collect()),
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

/// Accuracy on covered rows that were not shown, mean over forty draws of hand labels.
fn draws(name: &str, set: &Set, show: usize) -> f64 {
    let patterns = set.patterns();
    let draw = |seed: u64| {
        let (shown, judged) = split_gold(&set.gold, show, seed);
        let gold = Some(Gold::of_rows(&patterns, &shown).unwrap());
        let options = FitOptions { gold, ..Default::default() };
        let fitted = fit(model(name).unwrap(), &patterns, &options, &Work::new()).unwrap();
        evaluate(&patterns, fitted.probabilities(), &judged).accuracy_covered.unwrap()
    };
    (0..40).map(draw).sum::<f64>() / 40.0
}

fn crowd(folder: &str) -> Option<Set> {
    let folder = data()?.join(folder);
    let read = |name: &str| {
        let mut reader = csv::Reader::from_path(folder.join(name)).unwrap();
        reader.records().map(Result::unwrap).collect::<Vec<_>>()
    };
    let (answers, gold) = (read("answers.csv"), read("gold.csv"));
    let mut annotators: Vec<&str> = answers.iter().map(|answer| &answer[1]).collect();
    annotators.sort_unstable();
    annotators.dedup();
    let row = |record: &csv::StringRecord| {
        let mut votes = vec![-1i16; annotators.len()];
        for answer in answers.iter().filter(|answer| answer[0] == record[0]) {
            votes[annotators.binary_search(&&answer[1]).unwrap()] = answer[2].parse().unwrap();
        }
        (votes, Some(record[1].parse().unwrap()))
    };
    Some(Set::of(&gold.iter().map(row).collect::<Vec<_>>(), 2))
}

fn tennis() -> Option<(Set, Set)> {
    let folder = data()?.join("lf_tennis");
    let read = |name: &str| -> Vec<Vec<i16>> {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        // -1 and 1 are the classes there, 0 abstains.
        let vote = |cell: &str| match cell.trim() {
            "1" => 1,
            "-1" => 0,
            _ => -1,
        };
        text.lines().map(|line| line.split(',').map(vote).collect()).collect()
    };
    let train: Vec<_> = read("L_train_video.csv").into_iter().map(|votes| (votes, None)).collect();
    let gold = read("Y_dev_video.csv").into_iter().map(|gold| Some(gold[0] as u16));
    let dev: Vec<_> = read("L_dev_video.csv").into_iter().zip(gold).collect();
    Some((Set::of(&train, 2), Set::of(&dev, 2)))
}

#[test]
fn youtube_majority_and_its_ties() {
    let Some(test) = youtube(&["test"]) else { return };
    let analysis = crate::weak::analysis::Analysis::of(&test.votes, Some(&test.gold), &Work::new()).unwrap();
    near(analysis.covered, 92.8, 0.05, "coverage");
    for name in ["majority", "soft-majority"] {
        let found = transfer(name, &FitOptions::default(), &test, &test);
        near(found.ties.share, 17.6, 0.05, "ties");
        near(found.ties.first, 77.6, 0.05, "ties to the first class");
        near(found.ties.last, 85.6, 0.05, "ties to the second class");
        near(found.accuracy, 81.6, 0.05, "ties counted half");
    }
}

#[test]
fn youtube_models_fitted_to_the_train_split() {
    let (Some(train), Some(test)) = (youtube(&["train"]), youtube(&["test"])) else { return };
    for smoothing in [0.0, 0.1, 0.5, 1.0] {
        let options = FitOptions { smoothing, ..Default::default() };
        near(transfer("dawid-skene", &options, &train, &test).accuracy, 83.2, 0.05, "Dawid-Skene");
    }
    let accuracy = |name: &str| transfer(name, &FitOptions::default(), &train, &test).accuracy;
    near(accuracy("metal"), 84.0, 0.5, "MeTaL");
    near(accuracy("mace"), 83.6, 0.5, "MACE");
    near(accuracy("triplets"), 78.4, 1.0, "triplets");
    // One coin for each function knows nothing of functions that vote for one class only.
    near(accuracy("one-coin"), 52.8, 0.05, "one-coin");
}

#[test]
fn youtube_pool() {
    let Some(pool) = youtube(&["train"]) else { return };
    let patterns = pool.patterns();
    assert_eq!(patterns.len(), 134);
    let covered = |name: &str| transfer(name, &FitOptions::default(), &pool, &pool).accuracy_covered.unwrap();
    near(covered("majority"), 86.3, 0.5, "majority");
    near(covered("metal"), 85.3, 0.5, "MeTaL");
    near(covered("dawid-skene"), 82.3, 0.5, "Dawid-Skene");
    for (show, expected) in [(20, 90.8), (50, 91.7), (100, 92.5), (200, 93.3)] {
        let (calibrated, auto) = (draws("calibrated", &pool, show), draws("auto", &pool, show));
        assert!(100.0 * calibrated >= expected - 0.5, "{show} hand labels: {calibrated}, expected {expected}");
        assert_eq!(calibrated, auto, "auto chooses the calibrated vote");
        assert!(auto > draws("majority", &pool, show) + 0.03);
    }
}

#[test]
fn crowds() {
    let check = |folder: &str, model: &str, expected: f64, tolerance: f64| {
        let Some(set) = crowd(folder) else { return };
        let options = FitOptions { abstain_symbol: false, ..Default::default() };
        near(transfer(model, &options, &set, &set).accuracy, expected, tolerance, &format!("{folder}, {model}"));
    };
    check("crowd_bluebirds", "majority", 75.9, 0.05);
    check("crowd_bluebirds", "dawid-skene", 89.8, 0.5);
    check("crowd_bluebirds", "ibcc", 88.9, 0.5);
    check("crowd_bluebirds", "one-coin", 58.3, 0.5);
    check("crowd_rte", "majority", 89.7, 0.05);
    check("crowd_rte", "dawid-skene", 92.8, 0.5);
    check("crowd_rte", "ibcc", 92.8, 0.5);
    check("crowd_rte", "one-coin", 92.1, 0.5);
}

#[test]
fn tennis_models_fitted_to_the_train_split() {
    let Some((train, dev)) = tennis() else { return };
    let accuracy = |name: &str| transfer(name, &FitOptions::default(), &train, &dev).accuracy;
    near(accuracy("majority"), 88.5, 0.1, "majority");
    near(accuracy("dawid-skene"), 89.3, 0.1, "Dawid-Skene");
    near(accuracy("metal"), 88.1, 0.5, "MeTaL");
    for (show, expected) in [(20, 89.0), (50, 89.0), (100, 88.8), (200, 88.8)] {
        let calibrated = 100.0 * draws("calibrated", &dev, show);
        assert!(calibrated >= expected - 0.5, "{show} hand labels: {calibrated}, expected {expected}");
    }
    for show in [20, 50, 100, 200] {
        assert!(draws("auto", &dev, show) > draws("majority", &dev, show) - 0.005);
    }
}
