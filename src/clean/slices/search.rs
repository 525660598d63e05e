//! SliceLine: the best conjunctions, level by level, with what cannot be among them left out.

use std::collections::HashMap;

use rayon::prelude::*;

use super::bits::{Bits, ones};
use super::features::Feature;
use crate::engine::{Result, Work};

/// Conjunctions that are counted before the bar of the best is raised again.
const BATCH: usize = 4096;

/// Conjunctions of one level beyond which the search would not end.
const MOST: usize = 20_000_000;

/// What a slice is judged by, on the rows that are searched.
#[derive(Debug)]
pub(super) struct Goal {
    /// The rows that are searched.
    rows: usize,
    /// The error of each row, not negative.
    errors: Vec<f64>,
    /// The rows with an error.
    wrong: Bits,
    /// Whether all errors are 0 or 1, so that counting ones sums them.
    is_share: bool,
    mean: f64,
    alpha: f64,
    support: usize,
}

/// What is known of a slice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stats {
    size: usize,
    sum: f64,
    most: f64,
}

/// A slice as the places of its conditions, in order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Best {
    pub(super) parts: Vec<u16>,
    pub(super) score: f64,
}

/// What the search found.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The best slices, best first.
    pub(super) best: Vec<Best>,
    /// The conjunctions that were counted.
    pub(super) evaluated: u64,
}

impl Goal {
    /// Negative values are lifted so that the least is 0: the score compares means by their ratio.
    pub(super) fn new(values: &[f64], searched: usize, alpha: f64, support: usize, is_share: bool) -> Self {
        let values = values.get(..searched).unwrap_or(values);
        let least = values.iter().copied().fold(0.0, f64::min);
        let errors: Vec<f64> = values.iter().map(|value| value - least).collect();
        let mut wrong = Bits::none(errors.len());
        errors.iter().enumerate().filter(|(_, error)| **error > 0.0).for_each(|(row, _)| wrong.insert(row));
        let mean = errors.iter().sum::<f64>() / errors.len().max(1) as f64;
        Self { rows: errors.len(), errors, wrong, is_share, mean, alpha, support }
    }

    /// The score of a slice: `α (ē_S / ē - 1) - (1 - α) (n / |S| - 1)`.
    pub(super) fn score(&self, size: f64, sum: f64) -> f64 {
        self.alpha * (sum / size / self.mean - 1.0) - (1.0 - self.alpha) * (self.rows as f64 / size - 1.0)
    }

    /// The error of a row that is searched.
    pub(super) fn error(&self, row: usize) -> Option<f64> {
        self.errors.get(row).copied()
    }

    /// The fewest rows of a slice.
    pub(super) fn support(&self) -> usize {
        self.support
    }

    /// The highest score of a slice of at most these rows, this sum of errors and this greatest error: it is taken at
    /// an end, or where the sum is used up (section 3.2 of the paper).
    fn bound(&self, most: &Stats) -> f64 {
        let (low, high) = (self.support as f64, most.size as f64);
        let at = |size: f64| self.score(size, (size * most.most).min(most.sum));
        let used_up = (most.sum / most.most.max(f64::MIN_POSITIVE)).clamp(low, high.max(low));
        at(low).max(at(used_up)).max(at(high.max(low)))
    }

    /// Counts the rows that all these conditions meet.
    fn count(&self, features: &[Feature], parts: &[u16]) -> Stats {
        let sets: Vec<&[u64]> = parts
            .iter()
            .filter_map(|part| features.get(*part as usize))
            .map(|feature| feature.bits.first(self.rows))
            .collect();
        let mut stats = Stats { size: 0, sum: 0.0, most: 0.0 };
        let mut right = 0u64;
        for (index, wrong) in self.wrong.first(self.rows).iter().enumerate() {
            // The last word may have rows that are not searched; only without held-out rows, where there are none.
            let word = sets.iter().fold(u64::MAX, |word, set| word & set.get(index).copied().unwrap_or(0));
            stats.size += word.count_ones() as usize;
            if self.is_share {
                right += u64::from((word & wrong).count_ones());
            } else {
                for bit in ones(word & wrong) {
                    let error = self.errors.get(index * 64 + bit).copied().unwrap_or(0.0);
                    stats.sum += error;
                    stats.most = stats.most.max(error);
                }
            }
        }
        if self.is_share {
            (stats.sum, stats.most) = (right as f64, f64::from(u8::from(right > 0)));
        }
        stats
    }
}

/// The best slices so far.
struct Top {
    most: usize,
    best: Vec<Best>,
}

impl Top {
    /// The score that a slice must exceed.
    fn bar(&self) -> f64 {
        if self.best.len() < self.most { 0.0 } else { self.best.last().map_or(0.0, |last| last.score) }
    }

    fn offer(&mut self, parts: &[u16], score: f64) {
        if score > self.bar() {
            // Equal scores: the one with fewer conditions came first and stays first.
            let place = self.best.partition_point(|other| other.score >= score);
            self.best.insert(place, Best { parts: parts.to_vec(), score });
            self.best.truncate(self.most);
        }
    }
}

/// Finds the `most` best conjunctions of at most `levels` conditions on different columns, among those that at least
/// `support` rows meet.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn search(features: &[Feature], goal: &Goal, levels: usize, most: usize, work: &Work) -> Result<Outcome> {
    let mut top = Top { most, best: Vec::new() };
    let mut evaluated = 0u64;
    let mut level: Vec<(Vec<u16>, Stats)> = Vec::new();
    if goal.mean > 0.0 && most > 0 {
        let single: Vec<Vec<u16>> = (0..features.len() as u16).map(|part| vec![part]).collect();
        for depth in 1..=levels {
            let candidates = if depth == 1 { single.clone() } else { joined(&level, features, goal, top.bar(), work)? };
            if candidates.is_empty() {
                break;
            }
            work.stage("searching slices", candidates.len() as u64);
            let parents: HashMap<&[u16], &Stats> =
                level.iter().map(|(parts, stats)| (parts.as_slice(), stats)).collect();
            let mut kept = Vec::new();
            for batch in candidates.chunks(BATCH) {
                // The bar may have risen since the candidates were made.
                let bar = top.bar();
                let live: Vec<&Vec<u16>> = batch
                    .iter()
                    .filter(|parts| depth == 1 || limits(parts, &parents).is_some_and(|it| goal.bound(&it) > bar))
                    .collect();
                let counted: Vec<Stats> = live
                    .par_iter()
                    .map(|parts| {
                        work.check()?;
                        Ok(goal.count(features, parts))
                    })
                    .collect::<Result<_>>()?;
                evaluated += live.len() as u64;
                for (parts, stats) in live.into_iter().zip(counted) {
                    if stats.size >= goal.support && stats.sum > 0.0 {
                        top.offer(parts, goal.score(stats.size as f64, stats.sum));
                        kept.push((parts.clone(), stats));
                    }
                }
                work.advance(batch.len() as u64)?;
            }
            drop(parents);
            level = kept;
        }
    }
    Ok(Outcome { best: top.best, evaluated })
}

/// What a conjunction can have at most, from all that lack one of its conditions; `None` if one of them is not there.
fn limits(parts: &[u16], parents: &HashMap<&[u16], &Stats>) -> Option<Stats> {
    let mut least = Stats { size: usize::MAX, sum: f64::INFINITY, most: f64::INFINITY };
    let mut parent = Vec::with_capacity(parts.len());
    for skipped in 0..parts.len() {
        parent.clear();
        parent.extend(parts.iter().enumerate().filter(|(at, _)| *at != skipped).map(|(_, part)| *part));
        let stats = parents.get(parent.as_slice())?;
        least.size = least.size.min(stats.size);
        least.sum = least.sum.min(stats.sum);
        least.most = least.most.min(stats.most);
    }
    Some(least)
}

/// The conjunctions of one more condition that may be among the best: those whose parents are all there and whose bound
/// exceeds the bar.
fn joined(
    level: &[(Vec<u16>, Stats)],
    features: &[Feature],
    goal: &Goal,
    bar: f64,
    work: &Work,
) -> Result<Vec<Vec<u16>>> {
    let parents: HashMap<&[u16], &Stats> = level.iter().map(|(parts, stats)| (parts.as_slice(), stats)).collect();
    let column = |part: u16| features.get(part as usize).map(|feature| feature.column);
    let shared = |a: &[u16]| a.split_last().map(|(_, head)| head.to_vec());
    let of_group = |group: &[(Vec<u16>, Stats)]| {
        work.check()?;
        let mut made = Vec::new();
        for (at, (first, _)) in group.iter().enumerate() {
            for (second, _) in group.iter().skip(at + 1) {
                let (Some(a), Some(b)) = (first.last(), second.last()) else { continue };
                if column(*a) == column(*b) {
                    continue;
                }
                let mut parts = first.clone();
                parts.push(*b);
                if limits(&parts, &parents).is_some_and(|it| it.size >= goal.support && goal.bound(&it) > bar) {
                    made.push(parts);
                }
            }
        }
        Ok(made)
    };
    // The slices of a level are in order, so those that differ in the last condition only are beside each other.
    let groups: Vec<&[(Vec<u16>, Stats)]> = level.chunk_by(|a, b| shared(&a.0) == shared(&b.0)).collect();
    let made: Vec<Vec<Vec<u16>>> = groups.par_iter().map(|group| of_group(group)).collect::<Result<_>>()?;
    let mut made = made.concat();
    if made.len() > MOST {
        work.warn(format!("only the first {MOST} of {} conjunctions were looked at; raise the least size", made.len()));
        made.truncate(MOST);
    }
    Ok(made)
}
