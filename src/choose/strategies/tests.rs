//! What holds for every strategy, and what each is for.

use super::*;
use crate::engine::Random;
use crate::learn::Matrix;
use crate::weak::{VoteColumn, Votes};

/// Three groups of 60, 30 and 10 rows; the class follows the group, the doubt is largest in the last.
struct Sample {
    points: Matrix<f32>,
    probabilities: Matrix<f32>,
    votes: Votes,
    classes: Vec<Option<u16>>,
    names: Vec<String>,
    candidates: Vec<u32>,
    taken: Vec<u32>,
}

fn group(row: u32) -> usize {
    match row {
        0..60 => 0,
        60..90 => 1,
        _ => 2,
    }
}

fn sample(taken: &[u32]) -> Sample {
    let mut random = Random::new(9);
    let mut points = Vec::new();
    let mut shares = Vec::new();
    let mut votes = [Vec::new(), Vec::new()];
    for row in 0..100u32 {
        let (x, y) = [(0.0, 0.0), (10.0, 0.0), (0.0, 10.0)][group(row)];
        points.extend([x + random.unit() as f32, y + random.unit() as f32, 0.5, 0.0, 0.0]);
        let sure = if row == 95 { 0.51 } else { 0.9 - 0.1 * group(row) as f32 + 0.05 * random.unit() as f32 };
        let mut row_shares = [(1.0 - sure) / 2.0; 3];
        row_shares[group(row)] = sure;
        shares.extend(row_shares);
        votes[0].push(group(row) as i16);
        votes[1].push(if row == 42 { 1 } else { -1 });
    }
    // A row that is twice there.
    let copy: Vec<f32> = points[..5].to_vec();
    points[5..10].copy_from_slice(&copy);
    let columns =
        votes.into_iter().zip(["a", "b"]).map(|(votes, name)| VoteColumn { name: name.into(), votes: votes.into() });
    Sample {
        points: Matrix::new(100, 5, points).unwrap(),
        probabilities: Matrix::new(100, 3, shares).unwrap(),
        votes: Votes::new(100, 3, columns.collect()).unwrap(),
        classes: (0..100).map(|row| Some(group(row) as u16)).collect(),
        names: ["x", "y", "z"].map(str::to_owned).to_vec(),
        candidates: (0..100).filter(|row| !taken.contains(row)).collect(),
        taken: taken.to_vec(),
    }
}

impl Sample {
    fn pool(&self) -> Pool<'_> {
        Pool {
            candidates: &self.candidates,
            taken: &self.taken,
            probabilities: Some(&self.probabilities),
            points: Some(&self.points),
            votes: Some(&self.votes),
            classes: Some(&self.classes),
            names: &self.names,
            seed: 7,
        }
    }

    fn rows(&self, name: &str, budget: usize) -> Vec<u32> {
        let picks = crate::choose::choose(strategy(name).unwrap(), &self.pool(), budget, &Work::new()).unwrap();
        picks.into_iter().map(|pick| pick.row).collect()
    }

    /// How many of the first rows are of each group.
    fn groups(&self, name: &str, budget: usize) -> [usize; 3] {
        let mut counts = [0; 3];
        self.rows(name, budget).into_iter().for_each(|row| counts[group(row)] += 1);
        counts
    }
}

#[test]
fn every_strategy_fills_its_budget_with_different_candidates_and_repeats_itself() {
    let sample = sample(&[3, 61]);
    for strategy in STRATEGIES {
        let name = strategy.name();
        for budget in [1, 7, 98, 500] {
            let rows = sample.rows(name, budget);
            let mut sorted = rows.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), budget.min(98), "{name} {budget}");
            assert!(sorted.iter().all(|row| sample.candidates.contains(row)), "{name} {budget}");
            let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
            assert_eq!(one.install(|| sample.rows(name, budget)), rows, "{name} {budget}");
        }
    }
    assert!(strategy("nothing").is_err_and(|error| error.advice().is_some_and(|help| help.contains("k-center"))));
}

#[test]
fn a_strategy_without_what_it_needs_says_so() {
    let sample = sample(&[]);
    let pool = Pool { probabilities: None, points: None, votes: None, classes: None, ..sample.pool() };
    for strategy in STRATEGIES {
        let result = strategy.choose(&pool, 3, &Work::new());
        assert_eq!(result.is_err(), !strategy.needs().is_empty(), "{}", strategy.name());
    }
    let empty = Pool { candidates: &[], ..sample.pool() };
    let random = strategy("random").unwrap();
    assert!(crate::choose::choose(random, &empty, 3, &Work::new()).is_err());
    assert!(crate::choose::choose(random, &sample.pool(), 0, &Work::new()).is_err());
}

#[test]
fn doubt_comes_first() {
    let sample = sample(&[]);
    for name in ["margin", "entropy", "least-confidence"] {
        assert_eq!(sample.rows(name, 1), [95], "{name}");
    }
    assert_eq!(sample.rows("vote-entropy", 1), [42]);
    let pick = strategy("margin").unwrap().choose(&sample.pool(), 1, &Work::new()).unwrap();
    assert_eq!(pick[0].reason, "z 0.51, x 0.25");
    let pick = strategy("vote-entropy").unwrap().choose(&sample.pool(), 1, &Work::new()).unwrap();
    assert_eq!((pick[0].reason.as_str(), pick[0].score), ("1 for x, 1 for y", 1.0));
}

#[test]
fn a_spread_choice_sees_every_group() {
    let fresh = sample(&[]);
    for name in ["k-center", "k-means++", "typical", "coverage"] {
        assert_eq!(fresh.groups(name, 3), [1, 1, 1], "{name}");
    }
    // What is there already is not chosen again before the others.
    let begun = sample(&[5, 70]);
    for name in ["k-center", "typical"] {
        assert_eq!(begun.groups(name, 1), [0, 0, 1], "{name}");
    }
    assert_eq!(fresh.groups("balanced", 30), [10, 10, 10]);
    assert_eq!(fresh.groups("balanced", 60), [25, 25, 10], "a class that is used up leaves its share to the others");
    assert_eq!(fresh.rows("balanced", 3)[2], 95, "the least sure of its class");
}

#[test]
fn a_copy_is_kept_last() {
    let sample = sample(&[]);
    let rows = sample.rows("coverage", 100);
    let place = |row: u32| rows.iter().position(|&other| other == row).unwrap();
    assert!(place(0).max(place(1)) >= 98, "one of the two equal rows stands for both: {}, {}", place(0), place(1));
}

#[test]
fn doubt_is_spread_over_groups() {
    let sample = sample(&[]);
    // By margin alone the ten rows of the least sure group would come first.
    assert_eq!(sample.groups("margin", 9), [0, 0, 9]);
    let groups = sample.groups("margin-clusters", 9);
    assert!(groups.iter().all(|&count| count > 0), "{groups:?}");
    let groups = sample.groups("gradients", 9);
    assert!(groups.iter().all(|&count| count > 0), "{groups:?}");
}
