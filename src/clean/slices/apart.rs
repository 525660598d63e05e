//! Which of the best slices say something that better ones do not.
//!
//! One cause shows in many slices: in parts of it, and in whatever holds it. So conditions that add nothing are taken
//! out of a slice, and it is reported only if it says more than those before it: a part of a better slice must be clearly
//! worse than the rest of that, and any other must still be bad without the rows of all better ones. Only rows that were
//! searched are asked; those held out stay untouched for confirmation.

use std::collections::HashSet;

use super::bits::Bits;
use super::confirm::{Moments, welch};
use super::features::Feature;
use super::search::{Best, Goal};

/// A slice of which this share lies in a better one is a part of it.
const PART: f64 = 0.95;

/// How sure a part must be to be worse than the rest.
const SURE: f64 = 0.01;

/// Slices that overlap more than this (shared rows by rows of either) with a better one are the same in other words.
const OVERLAP: f64 = 0.8;

/// The first `most` of the best slices that say more than those before them, with their rows; or that merely are not
/// the same if `all` are wanted.
pub(super) fn apart(features: &[Feature], best: &[Best], goal: &Goal, most: usize, all: bool) -> Vec<(Best, Bits)> {
    let mut kept: Vec<(Best, Bits)> = Vec::new();
    let mut known = Bits::none(features.first().map_or(0, |feature| feature.rows));
    let mut seen: HashSet<Vec<u16>> = HashSet::new();
    for slice in best {
        if kept.len() >= most {
            break;
        }
        let parts = if all { slice.parts.clone() } else { simplified(features, &slice.parts, goal) };
        if !seen.insert(parts.clone()) {
            continue;
        }
        let bits = rows_of(features, &parts);
        let differs = kept.iter().all(|(_, other)| bits.overlap(other) < OVERLAP);
        if differs && (all || says_more(&bits, &kept, &known, goal)) {
            known.join(&bits);
            let inside = errors(&bits, goal);
            let score = goal.score(inside.len() as f64, inside.iter().sum());
            kept.push((Best { parts, score }, bits));
        }
    }
    kept.sort_by(|a, b| b.0.score.total_cmp(&a.0.score));
    kept
}

/// The rows that meet all these conditions.
fn rows_of(features: &[Feature], parts: &[u16]) -> Bits {
    let mut sets = parts.iter().filter_map(|part| features.get(*part as usize)).map(|feature| &feature.bits);
    let mut bits = sets.next().cloned().unwrap_or_else(|| Bits::none(0));
    sets.for_each(|set| bits.keep(set));
    bits
}

/// The errors of those of the rows that were searched.
fn errors(bits: &Bits, goal: &Goal) -> Vec<f64> {
    bits.iter().map_while(|row| goal.error(row)).collect()
}

/// How likely it is by chance that the first rows are so much worse than the second; 1 if there is nothing to compare.
fn worse(inside: &[f64], rest: &[f64]) -> f64 {
    if inside.len() < 2 || rest.len() < 2 {
        return 1.0;
    }
    welch(&Moments::of(inside.iter().copied()), &Moments::of(rest.iter().copied()))
}

/// The conditions without those that add nothing: as long as the slice is not clearly worse than what it leaves out of
/// the slice without one of them, the condition that adds least goes.
fn simplified(features: &[Feature], parts: &[u16], goal: &Goal) -> Vec<u16> {
    let mut parts = parts.to_vec();
    while parts.len() > 1 {
        let bits = rows_of(features, &parts);
        let inside = errors(&bits, goal);
        let added = (0..parts.len()).map(|skipped| {
            let fewer: Vec<u16> =
                parts.iter().enumerate().filter(|(at, _)| *at != skipped).map(|(_, part)| *part).collect();
            let mut rest = rows_of(features, &fewer);
            rest.remove(&bits);
            (worse(&inside, &errors(&rest, goal)), fewer)
        });
        match added.max_by(|a, b| a.0.total_cmp(&b.0)) {
            Some((chance, fewer)) if chance > SURE => parts = fewer,
            _ => break,
        }
    }
    parts
}

fn says_more(bits: &Bits, kept: &[(Best, Bits)], known: &Bits, goal: &Goal) -> bool {
    let inside = errors(bits, goal);
    let holds = |other: &Bits| {
        let mut both = bits.clone();
        both.keep(other);
        errors(&both, goal).len() as f64 >= PART * inside.len() as f64
    };
    if let Some((_, whole)) = kept.iter().find(|(_, other)| holds(other)) {
        let mut rest = whole.clone();
        rest.remove(bits);
        return worse(&inside, &errors(&rest, goal)) <= SURE;
    }
    let mut new = bits.clone();
    new.remove(known);
    let new = errors(&new, goal);
    2 * new.len() >= goal.support() && goal.score(new.len() as f64, new.iter().sum()) > 0.0
}
