//! The statistics of labelling functions: coverage, overlaps, conflicts, and accuracy against hand labels.
//!
//! Definitions are Snorkel's (`LFAnalysis`): with `a` the number of votes of a row and `u` the number of distinct
//! ones, a row is covered if `a >= 1`, overlapped if `a >= 2` and conflicted if `u >= 2`. One difference, on purpose:
//! rows without a hand label are excluded from everything that judges, where Snorkel counts them as wrong in its
//! empirical accuracy.

use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use super::Votes;
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work};

/// The 0.95 quantile of the normal distribution: a two-sided interval at it holds 90 %.
const Z90: f64 = 1.644_853_626_951_472_2;

/// Rows handled by one task; counts within it fit 16 bits, which lets the loops run on eight rows at once.
const BLOCK: usize = 2048;

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
        let rows = votes.rows();
        if let Some(gold) = gold.filter(|gold| gold.len() != rows) {
            return Err(Error::input(format!("{} hand labels for {rows} rows", gold.len())));
        }
        let blocks = rows.div_ceil(BLOCK);
        let fresh = || Tallies::new(votes, gold.is_some());
        let sum = (0..blocks)
            .into_par_iter()
            .try_fold(fresh, |mut tallies, block| -> Result<Tallies> {
                work.check()?;
                tallies.add_block(votes, gold, block * BLOCK, BLOCK.min(rows - block * BLOCK));
                Ok(tallies)
            })
            .try_reduce(fresh, |mut left, right| {
                left.add(&right);
                Ok(left)
            })?;
        Ok(sum.finish(votes, gold))
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

/// Wilson's score interval at 90 % for `correct` of `total` (E. B. Wilson, 1927): sensible for small numbers too,
/// where 1 of 1 is not certainty. `None` if `total` is 0.
pub fn wilson(correct: u64, total: u64) -> Option<(f64, f64)> {
    if total == 0 {
        return None;
    }
    Some(wilson_share(correct as f64 / total as f64, total as f64))
}

/// The same for a share of a number that need not be whole.
pub(super) fn wilson_share(share: f64, total: f64) -> (f64, f64) {
    let z2 = Z90 * Z90;
    let scale = 1.0 / (1.0 + z2 / total);
    let centre = (share + z2 / (2.0 * total)) * scale;
    let half = Z90 * scale * (share * (1.0 - share) / total + z2 / (4.0 * total * total)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
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
        let (low, high) = wilson_share(share, (total + more) as f64);
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

/// Whole counts, so that their sum does not depend on the order of blocks.
struct Tallies {
    classes: usize,
    functions: Vec<FunctionTally>,
    covered: u64,
    overlapped: u64,
    conflicted: u64,
}

#[derive(Clone, Default)]
struct FunctionTally {
    votes: u64,
    overlaps: u64,
    conflicts: u64,
    unique: u64,
    /// Votes by class.
    by_class: Vec<u32>,
    /// Votes by class on rows with a hand label, and those of them that are right; empty without hand labels.
    judged: Vec<u32>,
    correct: Vec<u32>,
}

/// What the votes of a row amount to, for the rows of one block: 0 or 1 each.
struct RowFlags {
    overlapped: [u16; BLOCK],
    conflicted: [u16; BLOCK],
    single: [u16; BLOCK],
}

impl Tallies {
    fn new(votes: &Votes, with_gold: bool) -> Self {
        let classes = votes.classes();
        let judged = vec![0; if with_gold { classes } else { 0 }];
        let empty =
            FunctionTally { by_class: vec![0; classes], judged: judged.clone(), correct: judged, ..Default::default() };
        let functions = vec![empty; votes.columns().len()];
        Self { classes, functions, covered: 0, overlapped: 0, conflicted: 0 }
    }

    fn add_block(&mut self, votes: &Votes, gold: Option<&[Option<u16>]>, from: usize, length: usize) {
        let flags = self.row_flags(votes, from, length);
        let gold: Vec<(usize, u16)> = gold
            .and_then(|gold| gold.get(from..from + length))
            .unwrap_or_default()
            .iter()
            .enumerate()
            .filter_map(|(row, gold)| gold.map(|gold| (row, gold)))
            .collect();
        for (tally, column) in self.functions.iter_mut().zip(votes.columns()) {
            let block = &column.votes[from..from + length];
            let votes = tally.add_flags(block, &flags);
            tally.add_classes(block, votes);
            for &(row, gold) in &gold {
                let Ok(vote) = usize::try_from(block[row]) else { continue };
                tally.judged[vote] += 1;
                tally.correct[vote] += u32::from(vote == usize::from(gold));
            }
        }
    }

    fn row_flags(&mut self, votes: &Votes, from: usize, length: usize) -> RowFlags {
        let mut count = [0u16; BLOCK];
        let (mut low, mut high) = ([i16::MAX; BLOCK], [-1i16; BLOCK]);
        for column in votes.columns() {
            let block = &column.votes[from..from + length];
            for (((&vote, count), low), high) in block.iter().zip(&mut count).zip(&mut low).zip(&mut high) {
                *count += u16::from(vote >= 0);
                *low = (*low).min(abstain_last(vote));
                *high = (*high).max(vote);
            }
        }
        let mut flags = RowFlags { overlapped: [0; BLOCK], conflicted: [0; BLOCK], single: [0; BLOCK] };
        for row in 0..length {
            flags.overlapped[row] = u16::from(count[row] >= 2);
            flags.conflicted[row] = u16::from(count[row] >= 2 && low[row] != high[row]);
            flags.single[row] = u16::from(count[row] == 1);
        }
        let sum = |flags: &[u16; BLOCK]| u64::from(flags.iter().sum::<u16>());
        self.covered += sum(&flags.overlapped) + sum(&flags.single);
        self.overlapped += sum(&flags.overlapped);
        self.conflicted += sum(&flags.conflicted);
        flags
    }

    fn add(&mut self, other: &Self) {
        self.covered += other.covered;
        self.overlapped += other.overlapped;
        self.conflicted += other.conflicted;
        let add = |left: &mut [u32], right: &[u32]| left.iter_mut().zip(right).for_each(|(left, right)| *left += right);
        for (left, right) in self.functions.iter_mut().zip(&other.functions) {
            left.votes += right.votes;
            left.overlaps += right.overlaps;
            left.conflicts += right.conflicts;
            left.unique += right.unique;
            add(&mut left.by_class, &right.by_class);
            add(&mut left.judged, &right.judged);
            add(&mut left.correct, &right.correct);
        }
    }

    fn finish(self, votes: &Votes, gold: Option<&[Option<u16>]>) -> Analysis {
        let rows = votes.rows();
        let share = |count: u64| if rows == 0 { 0.0 } else { count as f64 / rows as f64 };
        let function = |(tally, column): (&FunctionTally, &super::VoteColumn)| {
            let polarity: Vec<u16> = (0..self.classes as u16).filter(|&c| tally.by_class[usize::from(c)] > 0).collect();
            let sum = |counts: &[u32]| counts.iter().map(|&count| u64::from(count)).sum::<u64>();
            let (correct, judged) = (sum(&tally.correct), sum(&tally.judged));
            let interval = wilson(correct, judged);
            let by_class = |&class: &u16| {
                let at = |counts: &[u32]| counts.get(usize::from(class)).map(|&count| u64::from(count));
                let (judged, correct) = (at(&tally.judged), at(&tally.correct));
                let incorrect = judged.zip(correct).map(|(judged, correct)| judged - correct);
                ClassAnalysis { class, votes: at(&tally.by_class).unwrap_or(0), correct, incorrect }
            };
            FunctionAnalysis {
                name: column.name.clone(),
                coverage: share(tally.votes),
                overlaps: share(tally.overlaps),
                conflicts: share(tally.conflicts),
                unique: share(tally.unique),
                votes: tally.votes,
                correct: gold.map(|_| correct),
                incorrect: gold.map(|_| judged - correct),
                accuracy: (judged > 0).then(|| correct as f64 / judged as f64),
                accuracy_low: interval.map(|(low, _)| low),
                accuracy_high: interval.map(|(_, high)| high),
                by_class: polarity.iter().map(by_class).collect(),
                polarity,
            }
        };
        Analysis {
            rows,
            gold_rows: gold.map(|gold| gold.iter().flatten().count()),
            functions: self.functions.iter().zip(votes.columns()).map(function).collect(),
            covered: share(self.covered),
            overlapped: share(self.overlapped),
            conflicted: share(self.conflicted),
        }
    }
}

impl FunctionTally {
    /// Counts the rows of a block that the function votes on; returns their number.
    fn add_flags(&mut self, block: &[i16], flags: &RowFlags) -> u16 {
        let (mut votes, mut overlaps, mut conflicts, mut unique) = (0u16, 0u16, 0u16, 0u16);
        let rows = block.iter().zip(&flags.overlapped).zip(&flags.conflicted).zip(&flags.single);
        for (((&vote, &overlapped), &conflicted), &single) in rows {
            let voted = u16::from(vote >= 0);
            votes += voted;
            overlaps += voted & overlapped;
            conflicts += voted & conflicted;
            unique += voted & single;
        }
        self.votes += u64::from(votes);
        self.overlaps += u64::from(overlaps);
        self.conflicts += u64::from(conflicts);
        self.unique += u64::from(unique);
        votes
    }

    /// Counts the votes of a block by class; `votes` is their number.
    fn add_classes(&mut self, block: &[i16], votes: u16) {
        let (mut low, mut high) = (i16::MAX, -1);
        for &vote in block {
            low = low.min(abstain_last(vote));
            high = high.max(vote);
        }
        if low == high {
            // Most functions vote for one class only.
            self.by_class[high as usize] += u32::from(votes);
        } else if high >= 0 && high - low < 8 {
            // A pass for each class, on eight rows at once, is faster than one that counts row by row.
            for class in low..=high {
                let count: u16 = block.iter().map(|&vote| u16::from(vote == class)).sum();
                self.by_class[class as usize] += u32::from(count);
            }
        } else {
            block.iter().filter(|vote| **vote >= 0).for_each(|&vote| self.by_class[vote as usize] += 1);
        }
    }
}

/// The vote, or the largest number for an abstain, without a branch.
fn abstain_last(vote: i16) -> i16 {
    vote ^ ((vote >> 15) & i16::MIN)
}

/// The analysis of votes as a derived value.
pub struct AnalysisOf {
    /// The votes.
    pub votes: Arc<Votes>,
    /// One hand label a row, `None` where there is none.
    pub gold: Option<Arc<Vec<Option<u16>>>>,
}

impl Derived for AnalysisOf {
    type Output = Analysis;

    fn fingerprint(&self) -> Fingerprint {
        let start = Fingerprinter::new("lf analysis 1").print(self.votes.fingerprint());
        add_gold(start, self.gold.as_deref().map(Vec::as_slice)).finish()
    }

    fn compute(&self, work: &Work) -> Result<Analysis> {
        work.stage("counting votes", 0);
        Analysis::of(&self.votes, self.gold.as_deref().map(Vec::as_slice), work)
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
    fn intervals_are_wilsons() {
        // Reference values from the formula by hand.
        let check = |correct, total, low: f64, high: f64| {
            let found = wilson(correct, total).unwrap();
            assert!((found.0 - low).abs() < 5e-4 && (found.1 - high).abs() < 5e-4, "{correct}/{total}: {found:?}");
        };
        check(1, 1, 0.2699, 1.0);
        check(0, 1, 0.0, 0.7301);
        check(5, 10, 0.2693, 0.7307);
        check(100, 100, 0.9737, 1.0);
        assert_eq!(wilson(0, 0), None);
    }

    #[test]
    fn the_labels_that_are_missing_are_counted() {
        assert_eq!(labels_to_decide(0, 0, 0.7), None);
        assert_eq!(labels_to_decide(7, 10, 0.7), None, "a share on the threshold is never decided");
        assert_eq!(labels_to_decide(100, 100, 0.7), Some(0));
        let more = labels_to_decide(9, 10, 0.7).unwrap();
        let ends = |more: u64| wilson_share(0.9, (10 + more) as f64).0;
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

    #[test]
    fn derived_analyses_are_told_apart_by_votes_and_hand_labels() {
        let votes = Arc::new(matrix(2, &[&[0, 1]]));
        let print = |gold: Option<Vec<Option<u16>>>| {
            AnalysisOf { votes: votes.clone(), gold: gold.map(Arc::new) }.fingerprint()
        };
        assert_eq!(print(None), print(None));
        assert_ne!(print(None), print(Some(vec![None, None])));
        assert_ne!(print(Some(vec![Some(0), None])), print(Some(vec![None, Some(0)])));
    }
}
