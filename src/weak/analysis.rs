//! The statistics of labelling functions: coverage, overlaps, conflicts, and accuracy against hand labels.
//!
//! Definitions are Snorkel's (`LFAnalysis`): with `a` the number of votes of a row and `u` the number of distinct
//! ones, a row is covered if `a >= 1`, overlapped if `a >= 2` and conflicted if `u >= 2`. One difference, on purpose:
//! rows without a hand label are excluded from everything that judges, where Snorkel counts them as wrong in its
//! empirical accuracy.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::Votes;
use super::bits::{GoldBits, VoteBits};
use super::tally::{FunctionTally, Tallies};
use crate::engine::{Error, Fingerprinter, Result, Work};
use crate::learn::metrics::{Z90, wilson_at, wilson_share};

/// What one function does to the rows. Shares are of all rows and lie in 0-1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FunctionAnalysis {
    /// The function's name.
    pub name: String,
    /// The classes it votes for, sorted.
    pub polarity: Vec<u16>,
    /// The share of rows it votes on.
    pub coverage: f64,
    /// The share of rows on which it and another function vote.
    pub overlaps: f64,
    /// The share of rows on which it and another function vote, and votes differ.
    pub conflicts: f64,
    /// The share of rows on which it alone votes.
    pub unique: f64,
    /// The number of rows it votes on.
    pub votes: u64,
    /// Votes that equal the hand label; `None` if no hand labels were given.
    pub correct: Option<u64>,
    /// Votes that differ from the hand label; `None` if no hand labels were given.
    pub incorrect: Option<u64>,
    /// `correct / (correct + incorrect)`; `None` without a hand label on a row it votes on.
    pub accuracy: Option<f64>,
    /// The low end of the 90 % interval of the accuracy (Wilson's score interval).
    pub accuracy_low: Option<f64>,
    /// The high end of the 90 % interval of the accuracy.
    pub accuracy_high: Option<f64>,
    /// The same by class, for the classes it votes for.
    pub by_class: Vec<ClassAnalysis>,
}

/// A function's votes for one class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassAnalysis {
    /// The class.
    pub class: u16,
    /// Votes for it.
    pub votes: u64,
    /// Those that equal the hand label.
    pub correct: Option<u64>,
    /// Those that differ from it.
    pub incorrect: Option<u64>,
}

/// The analysis of a vote matrix.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Analysis {
    /// The number of rows.
    pub rows: usize,
    /// The number of rows with a hand label; `None` if none were given.
    pub gold_rows: Option<usize>,
    /// One entry a function, in order.
    pub functions: Vec<FunctionAnalysis>,
    /// The share of rows with at least one vote; 0 without rows.
    pub covered: f64,
    /// The share of rows with at least two votes.
    pub overlapped: f64,
    /// The share of rows with at least two different votes.
    pub conflicted: f64,
}

impl Analysis {
    /// Analyses a vote matrix; `gold` holds one hand label a row, `None` where there is none.
    ///
    /// # Errors
    /// If `gold` has another length than the votes, or the work was cancelled.
    pub fn of(votes: &Votes, gold: Option<&[Option<u16>]>, work: &Work) -> Result<Self> {
        Self::of_bits(votes, &VoteBits::of_columns(votes), gold, work)
    }

    /// As [`of`](Self::of), with the bits of the columns made before.
    ///
    /// # Errors
    /// As [`of`](Self::of), or if there is not one set of bits a column.
    pub fn of_bits(votes: &Votes, bits: &[Arc<VoteBits>], gold: Option<&[Option<u16>]>, work: &Work) -> Result<Self> {
        let rows = votes.rows();
        if let Some(gold) = gold.filter(|gold| gold.len() != rows) {
            return Err(Error::input(format!("{} hand labels for {rows} rows", gold.len())));
        }
        if bits.len() != votes.columns().len() {
            return Err(Error::input(format!("bits of {} functions for {}", bits.len(), votes.columns().len())));
        }
        let judge = gold.map(|gold| GoldBits::of(gold, votes.classes()));
        let tallies = Tallies::of(bits, judge.as_ref(), work)?;
        let names: Vec<&str> = votes.columns().iter().map(|column| column.name.as_str()).collect();
        let mut analysis = finish(&names, bits, &tallies, rows, gold);
        super::partial::amend(&mut analysis, votes, gold, work)?;
        Ok(analysis)
    }

    /// The fields of the command line's JSON: `functions`, with polarity by class name, and the overall shares.
    /// A class beyond `classes` goes by its number.
    pub fn json(&self, classes: &[String]) -> Value {
        let name = |class: u16| classes.get(usize::from(class)).cloned().unwrap_or_else(|| class.to_string());
        let function = |function: &FunctionAnalysis| {
            let by_class: Vec<Value> = function
                .by_class
                .iter()
                .map(|part| {
                    json!({"class": name(part.class), "votes": part.votes, "correct": part.correct,
                           "incorrect": part.incorrect})
                })
                .collect();
            json!({
                "name": function.name,
                "polarity": function.polarity.iter().map(|&class| name(class)).collect::<Vec<_>>(),
                "coverage": function.coverage,
                "overlaps": function.overlaps,
                "conflicts": function.conflicts,
                "unique": function.unique,
                "votes": function.votes,
                "correct": function.correct,
                "incorrect": function.incorrect,
                "accuracy": function.accuracy,
                "accuracy_low": function.accuracy_low,
                "accuracy_high": function.accuracy_high,
                "by_class": by_class,
            })
        };
        json!({
            "functions": self.functions.iter().map(function).collect::<Vec<_>>(),
            "covered": self.covered,
            "overlapped": self.overlapped,
            "conflicted": self.conflicted,
        })
    }
}

/// How many more hand labels, if their share of correct ones stays as it is, decide whether an accuracy lies above or
/// below `threshold`: the least number after which the 90 % interval leaves it out. 0 if it is decided already;
/// `None` if there is no hand label yet, or more than 100,000 would not be enough.
pub fn labels_to_decide(correct: u64, total: u64, threshold: f64) -> Option<u64> {
    if total == 0 {
        return None;
    }
    let share = correct as f64 / total as f64;
    let decided = |more: u64| {
        let (low, high) = wilson_share(Z90, share, (total + more) as f64);
        threshold < low || threshold > high
    };
    let (mut low, mut high) = (0, 100_000);
    if !decided(high) {
        return None;
    }
    // The interval only shrinks as labels are added, so the first number that decides is found by halving.
    while low < high {
        let middle = (low + high) / 2;
        if decided(middle) { high = middle } else { low = middle + 1 }
    }
    Some(low)
}

/// What the votes of one function amount to, in rows.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) votes: u64,
    pub(super) overlaps: u64,
    pub(super) conflicts: u64,
    pub(super) unique: u64,
    /// Votes on rows with a hand label, and those of them that are right.
    pub(super) judged: u64,
    pub(super) correct: u64,
}

impl FunctionAnalysis {
    /// The figures of a function but those by class; `has_gold` tells whether hand labels were given.
    pub(super) fn of(name: &str, counts: Counts, rows: usize, has_gold: bool) -> Self {
        let Counts { votes, overlaps, conflicts, unique, judged, correct } = counts;
        let interval = wilson_at(Z90, correct, judged);
        Self {
            name: name.to_owned(),
            polarity: Vec::new(),
            coverage: share(votes, rows),
            overlaps: share(overlaps, rows),
            conflicts: share(conflicts, rows),
            unique: share(unique, rows),
            votes,
            correct: has_gold.then_some(correct),
            incorrect: has_gold.then_some(judged - correct),
            accuracy: (judged > 0).then(|| correct as f64 / judged as f64),
            accuracy_low: interval.map(|(low, _)| low),
            accuracy_high: interval.map(|(_, high)| high),
            by_class: Vec::new(),
        }
    }
}

/// The share of all rows; 0 without rows.
pub(super) fn share(count: u64, rows: usize) -> f64 {
    if rows == 0 { 0.0 } else { count as f64 / rows as f64 }
}

fn finish(
    names: &[&str],
    bits: &[Arc<VoteBits>],
    tallies: &Tallies,
    rows: usize,
    gold: Option<&[Option<u16>]>,
) -> Analysis {
    let function = |((name, bits), tally): ((&&str, &Arc<VoteBits>), &FunctionTally)| {
        let (judged, correct) = tally.judged.iter().fold((0, 0), |all, part| (all.0 + part.0, all.1 + part.1));
        let &FunctionTally { overlaps, conflicts, unique, .. } = tally;
        let counts = Counts { votes: bits.by_class.iter().sum(), overlaps, conflicts, unique, judged, correct };
        let polarity = bits.polarity();
        let by_class = |&class: &u16| {
            let at = usize::from(class);
            let part = gold.map(|_| tally.judged.get(at).copied().unwrap_or_default());
            let votes = bits.by_class.get(at).copied().unwrap_or(0);
            let (correct, incorrect) = (part.map(|(_, right)| right), part.map(|(judged, right)| judged - right));
            ClassAnalysis { class, votes, correct, incorrect }
        };
        FunctionAnalysis {
            by_class: polarity.iter().map(by_class).collect(),
            polarity,
            ..FunctionAnalysis::of(name, counts, rows, gold.is_some())
        }
    };
    Analysis {
        rows,
        gold_rows: gold.map(|gold| gold.iter().flatten().count()),
        functions: names.iter().zip(bits).zip(&tallies.functions).map(function).collect(),
        covered: share(tallies.covered, rows),
        overlapped: share(tallies.overlapped, rows),
        conflicted: share(tallies.conflicted, rows),
    }
}

/// Adds hand labels to a fingerprint.
pub(super) fn add_gold(print: Fingerprinter, gold: Option<&[Option<u16>]>) -> Fingerprinter {
    match gold {
        None => print.number(0),
        Some(gold) => {
            let bytes: Vec<u8> = gold.iter().flat_map(|gold| gold.map_or(-1, i32::from).to_le_bytes()).collect();
            print.number(1).bytes(&bytes)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Random;
    use crate::weak::VoteColumn;

    fn matrix(classes: usize, columns: &[&[i16]]) -> Votes {
        let rows = columns.first().map_or(0, |column| column.len());
        let column =
            |(index, votes): (usize, &&[i16])| VoteColumn { name: format!("lf{index}"), votes: votes.to_vec().into() };
        Votes::new(rows, classes, columns.iter().enumerate().map(column).collect()).unwrap()
    }

    #[test]
    fn the_figures_equal_those_counted_by_hand() {
        let votes = matrix(
            3,
            &[&[0, 0, -1, 1, -1, 2], &[0, 1, -1, -1, -1, 2], &[-1, 1, 1, -1, -1, -1], &[-1, -1, -1, -1, -1, -1]],
        );
        let gold = [Some(0), Some(1), Some(1), None, Some(2), Some(0)];
        let analysis = Analysis::of(&votes, Some(&gold), &Work::new()).unwrap();
        let sixth = |count: u64| count as f64 / 6.0;
        let overall = (analysis.covered, analysis.overlapped, analysis.conflicted, analysis.gold_rows);
        assert_eq!(overall, (sixth(5), sixth(3), sixth(1), Some(5)));
        let check = |index: usize, polarity: &[u16], shares: [u64; 4], correct: u64, incorrect: u64| {
            let function = &analysis.functions[index];
            assert_eq!(function.polarity, polarity);
            let found = [function.coverage, function.overlaps, function.conflicts, function.unique];
            assert_eq!(found, shares.map(sixth), "{}", function.name);
            assert_eq!((function.correct, function.incorrect), (Some(correct), Some(incorrect)), "{}", function.name);
            assert_eq!(function.votes, shares[0]);
        };
        check(0, &[0, 1, 2], [4, 3, 1, 1], 1, 2);
        check(1, &[0, 1, 2], [3, 3, 1, 0], 2, 1);
        check(2, &[1], [2, 1, 1, 1], 2, 0);
        check(3, &[], [0, 0, 0, 0], 0, 0);
        let silent = &analysis.functions[3];
        assert_eq!((silent.accuracy, silent.accuracy_low, silent.accuracy_high), (None, None, None));
        let first = &analysis.functions[0].by_class;
        assert_eq!(first[0], ClassAnalysis { class: 0, votes: 2, correct: Some(1), incorrect: Some(1) });
        assert_eq!(first[1], ClassAnalysis { class: 1, votes: 1, correct: Some(0), incorrect: Some(0) });
    }

    #[test]
    fn without_hand_labels_nothing_is_judged() {
        let analysis = Analysis::of(&matrix(2, &[&[0, 1]]), None, &Work::new()).unwrap();
        let function = &analysis.functions[0];
        assert_eq!((function.correct, function.accuracy, analysis.gold_rows), (None, None, None));
        let json = analysis.json(&["ham".into()]);
        assert_eq!(json["functions"][0]["polarity"], json!(["ham", "1"]));
        assert_eq!(json["functions"][0]["accuracy"], Value::Null);
    }

    #[test]
    fn empty_matrices_are_fine_and_gold_of_another_length_is_not() {
        let check = |votes: &Votes| {
            let analysis = Analysis::of(votes, None, &Work::new()).unwrap();
            assert_eq!((analysis.covered, analysis.overlapped, analysis.conflicted), (0.0, 0.0, 0.0));
        };
        check(&Votes::new(0, 2, vec![]).unwrap());
        check(&Votes::new(5, 2, vec![]).unwrap());
        check(&matrix(0, &[&[-1, -1]]));
        assert!(Analysis::of(&matrix(2, &[&[0, 1]]), Some(&[None]), &Work::new()).is_err());
    }

    #[test]
    fn the_labels_that_are_missing_are_counted() {
        assert_eq!(labels_to_decide(0, 0, 0.7), None);
        assert_eq!(labels_to_decide(7, 10, 0.7), None, "a share on the threshold is never decided");
        assert_eq!(labels_to_decide(100, 100, 0.7), Some(0));
        let more = labels_to_decide(9, 10, 0.7).unwrap();
        let ends = |more: u64| wilson_share(Z90, 0.9, (10 + more) as f64).0;
        assert!(ends(more) > 0.7 && ends(more - 1) <= 0.7, "{more} is the least");
    }

    /// The definitions row by row, as slow and plain as can be.
    fn by_rows(votes: &Votes, function: usize) -> [usize; 4] {
        let mut counts = [0; 4];
        for row in 0..votes.rows() {
            let cast: Vec<i16> = votes.columns().iter().map(|c| c.votes[row]).filter(|&vote| vote >= 0).collect();
            if votes.columns()[function].votes[row] < 0 {
                continue;
            }
            counts[0] += 1;
            counts[1] += usize::from(cast.len() >= 2);
            counts[2] += usize::from(cast.iter().any(|&vote| vote != cast[0]));
            counts[3] += usize::from(cast.len() == 1);
        }
        counts
    }

    #[test]
    fn random_matrices_agree_with_the_plain_definitions_for_any_number_of_threads() {
        let mut random = Random::new(3);
        let rows = 10_000;
        let columns = (0..5)
            .map(|index| {
                let cast = |random: &mut Random| if random.below(3) == 0 { random.below(4) as i16 } else { -1 };
                VoteColumn {
                    name: format!("lf{index}"),
                    votes: Arc::new((0..rows).map(|_| cast(&mut random)).collect()),
                }
            })
            .collect();
        let votes = Votes::new(rows, 4, columns).unwrap();
        let gold: Vec<Option<u16>> = (0..rows).map(|_| [None, Some(random.below(4) as u16)][random.below(2)]).collect();
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| Analysis::of(&votes, Some(&gold), &Work::new()).unwrap())
        };
        let analysis = with(1);
        assert_eq!(analysis, with(2));
        for (index, function) in analysis.functions.iter().enumerate() {
            let expected = by_rows(&votes, index).map(|count| count as f64 / rows as f64);
            assert_eq!([function.coverage, function.overlaps, function.conflicts, function.unique], expected);
            let column = &votes.columns()[index].votes;
            let right = column.iter().zip(&gold).filter(|(vote, gold)| gold.map(|gold| gold as i16) == Some(**vote));
            assert_eq!(function.correct, Some(right.count() as u64));
            assert_eq!(function.by_class.iter().map(|part| part.votes).sum::<u64>(), function.votes);
        }
    }
}
