//! Models: label models on votes, a text classifier out of sample, and exact nearest neighbours.

use std::sync::Arc;

use lapidary::data::read::{self, ReadOptions};
use lapidary::engine::{Error, Random, Result, Work};
use lapidary::learn::Matrix;
use lapidary::learn::cross_validation::out_of_sample;
use lapidary::learn::features::{TextOptions, Tfidf};
use lapidary::learn::knn::{Metric, Neighbours};
use lapidary::learn::logistic;
use lapidary::weak::models::{FitOptions, Labels, Ties, fit, model};
use lapidary::weak::{Patterns, VoteColumn, Votes};
use rayon::prelude::*;

use crate::data;
use crate::open::REVIEWS;
use crate::peers::Peer;
use crate::table::{Amount, Report, Row, forget_peak, peak, timed};

const SNORKEL: Peer =
    Peer { name: "Snorkel LabelModel", script: "snorkel_model.py", noted: &[("seconds", 7.5), ("peak_mb", 3300.0)] };
const SCIKIT: Peer =
    Peer { name: "scikit-learn", script: "sklearn_text.py", noted: &[("seconds", 64.0), ("accuracy", 0.811)] };

const FUNCTIONS: usize = 50;
const CLASSES: u16 = 3;

/// The class that each row really has.
fn truth(rows: usize) -> Vec<u16> {
    let mut random = Random::new(1);
    (0..rows).map(|_| random.below(usize::from(CLASSES)) as u16).collect()
}

/// Votes of functions that are right in 40 to 75 of 100 votes, and vote on 10 to 40 of 100 rows.
fn votes(truth: &[u16]) -> Result<Votes> {
    let column = |at: usize| {
        let mut random = Random::new(100 + at as u64);
        let (right, votes) = (0.4 + 0.35 * random.unit(), 0.1 + 0.3 * random.unit());
        let mut vote = |class: u16| {
            let (votes, right) = (random.unit() < votes, random.unit() < right);
            let other = (usize::from(class) + 1 + random.below(usize::from(CLASSES) - 1)) as u16 % CLASSES;
            if !votes { -1 } else { i16::try_from(if right { class } else { other }).unwrap_or(-1) }
        };
        VoteColumn { name: format!("lf_{at}"), votes: Arc::new(truth.iter().map(|&class| vote(class)).collect()) }
    };
    Votes::new(truth.len(), usize::from(CLASSES), (0..FUNCTIONS).into_par_iter().map(column).collect())
}

/// Label models on a million rows of 50 votes, hardly two of them alike.
pub fn votes_of_many(report: &mut Report) -> Result<()> {
    let options = report.options;
    let truth = truth(options.rows(1_000_000));
    let votes = votes(&truth)?;
    let folder = data::folder()?;
    let files = ["votes.bin", "truth.bin"].map(|name| folder.path().join(name));
    if options.peers {
        let [cells, known] = &files;
        data::write_bytes(
            cells,
            votes.columns().iter().flat_map(|column| column.votes.iter().map(|&vote| vote as u8)),
        )?;
        data::write_bytes(known, truth.iter().map(|&class| class as u8))?;
    }
    let snorkel = SNORKEL.ask(&files, options);
    for (name, factor) in [("metal", Some(20.0)), ("dawid-skene", None), ("auto", None)] {
        forget_peak();
        let work = Work::new();
        let (labels, time) = timed(|| {
            let patterns = Patterns::of(&votes, &work)?;
            let fitted = fit(model(name)?, &patterns, &FitOptions::default(), &work)?;
            Labels::of(&fitted, &patterns, Ties::Abstain, 0, &work)
        })?;
        let held = peak();
        let of = |what: &str| format!("label model {name}, {}k x 50 votes, {what}", options.rows(1000));
        let row = Row::new(of("fit and predict"), Amount::Time(time));
        report.row(match factor {
            Some(factor) => row.beside(snorkel.time("seconds")).times(factor),
            None => row,
        });
        if let Some(held) = held {
            let row = Row::new(of("peak memory"), Amount::Bytes(held)).at_most(Amount::mb(1000));
            report.row(if factor.is_some() { row.beside(snorkel.memory("peak_mb")) } else { row });
        }
        let right = labels.label().iter().zip(&truth).filter(|(label, truth)| **label == Some(**truth)).count();
        let row = Row::new(of("right"), Amount::Share(right as f64 / truth.len().max(1) as f64));
        report.row(if factor.is_some() { row.beside(snorkel.share("accuracy")) } else { row });
    }
    Ok(())
}

/// TF-IDF and multinomial logistic regression on 150,000 reviews, in five folds.
pub fn texts(report: &mut Report) -> Result<()> {
    let figure = "TF-IDF + logistic regression, 150k reviews, 5 folds";
    let Some(path) = data::find(REVIEWS) else {
        report.skip(figure, REVIEWS);
        return Ok(());
    };
    let work = Work::new();
    let frame = read::read_frame(&path, &ReadOptions::default(), &work)?.frame;
    let (texts, classes) = (frame.column("document")?.clone(), frame.column("label")?.clone());
    let labels: Vec<Option<u16>> = (0..frame.rows()).map(|row| classes.number(row).map(|class| class as u16)).collect();
    forget_peak();
    let (cv, time) = timed(|| {
        let folded = texts.folded().ok_or_else(|| Error::input("the reviews are no texts"))?;
        let (_, features) = Tfidf::fit_transform(folded, &TextOptions::default(), &work)?;
        out_of_sample(&features, &labels, 2, 5, &logistic::Options::default(), 0, &work)
    })?;
    let held = peak();
    let scikit = SCIKIT.ask(&[path.as_os_str()], report.options);
    report.row(Row::new(figure, Amount::Time(time)).beside(scikit.time("seconds")).times(10.0));
    let least = Amount::Share(scikit.number("accuracy").unwrap_or(0.811));
    let accuracy = Row::new("its accuracy out of sample", Amount::Share(cv.accuracy.unwrap_or(0.0))).at_least(least);
    report.row(accuracy.beside(scikit.share("accuracy")));
    if let Some(held) = held {
        report.row(Row::new("its peak memory", Amount::Bytes(held)).beside(scikit.memory("peak_mb")));
    }
    Ok(())
}

/// Exact nearest neighbours, and whether they are those of comparing everything in double precision.
pub fn neighbours(report: &mut Report) -> Result<()> {
    const COLUMNS: usize = 256;
    const K: usize = 10;
    let rows = report.options.rows(60_000);
    let mut random = Random::new(3);
    let mut values = Vec::with_capacity(rows * COLUMNS);
    for row in 0..rows {
        values.extend((0..COLUMNS).map(|column| data::cloud(&mut random, (row % 10) * (column % 7)) as f32));
    }
    let points = Matrix::new(rows, COLUMNS, values)?;
    let (found, time) = timed(|| Neighbours::build(&points, K, Metric::Euclidean, &Work::new()))?;
    let figure = format!("exact neighbours, {}k x {COLUMNS}, k = {K}", rows / 1000);
    report.row(Row::new(figure, Amount::Time(time)).at_most(Amount::ms(15_000)));
    let asked: Vec<usize> = (0..rows).step_by((rows / 200).max(1)).collect();
    let same = asked.par_iter().filter(|&&row| {
        let mut by_distance: Vec<(f64, u32)> = (0..rows)
            .filter(|&other| other != row)
            .map(|other| {
                let pairs = points.row(row).iter().zip(points.row(other));
                (pairs.map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum(), other as u32)
            })
            .collect();
        by_distance.select_nth_unstable_by(K, |a, b| a.0.total_cmp(&b.0));
        let mut nearest: Vec<u32> = by_distance.iter().take(K).map(|&(_, other)| other).collect();
        let mut ours = found.row(row).0.to_vec();
        nearest.sort_unstable();
        ours.sort_unstable();
        nearest == ours
    });
    let share = same.count() as f64 / asked.len().max(1) as f64;
    report.row(Row::new("the same as brute force, 200 rows", Amount::Share(share)).at_least(Amount::Share(1.0)));
    Ok(())
}
