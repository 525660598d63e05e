//! What candidates do to all rows, and which of them say something that nothing else says.

use super::{Candidate, Input, Learnt, Suggestion};
use crate::engine::{Result, Work};
use crate::learn::metrics::{Z90, wilson_at};
use crate::weak::ABSTAIN;
use crate::weak::functions::{Context, compile};

/// Functions that share this much of their rows, of all that either votes on, say the same.
const SAME: f64 = 0.7;

/// Rows that are given as examples.
const EXAMPLES: usize = 4;

/// A set of rows.
struct Rows {
    words: Vec<u64>,
    count: u64,
}

impl Rows {
    fn of(votes: &[i16], keep: impl Fn(i16) -> bool) -> Self {
        let mut words = vec![0u64; votes.len().div_ceil(64)];
        for (row, _) in votes.iter().enumerate().filter(|(_, vote)| keep(**vote)) {
            words[row / 64] |= 1 << (row % 64);
        }
        let count = words.iter().map(|word| u64::from(word.count_ones())).sum();
        Self { words, count }
    }

    fn common(&self, other: &Self) -> u64 {
        self.words.iter().zip(&other.words).map(|(a, b)| u64::from((a & b).count_ones())).sum()
    }

    fn jaccard(&self, other: &Self) -> f64 {
        let common = self.common(other);
        let either = self.count + other.count - common;
        if either == 0 { 0.0 } else { common as f64 / either as f64 }
    }

    fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(at, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(at as u32 * 64 + bit)
            })
        })
    }
}

/// Compiles declarations and runs each over all rows or the given ones; `each` gets the place of the declaration and its
/// votes. What cannot be compiled is left out: a pattern that a candidate made of odd signs may be none.
pub(super) fn run(
    context: &Context,
    calls: &[String],
    rows: Option<&[u32]>,
    work: &Work,
    mut each: impl FnMut(usize, &[i16]),
) -> Result<()> {
    let source: String = calls.iter().enumerate().map(|(at, call)| format!("lf_{at} = {call}\n")).collect();
    for function in compile(&source, context).functions {
        let Some(at) = function.name().strip_prefix("lf_").and_then(|at| at.parse().ok()) else { continue };
        each(at, &function.apply(context, rows, work)?.votes);
    }
    work.check()
}

/// Runs the finalists on all rows and keeps those that add something, the best first.
pub(super) fn measure(
    input: &Input,
    learnt: &Learnt,
    finalists: Vec<Candidate>,
    work: &Work,
) -> Result<Vec<Suggestion>> {
    let calls: Vec<String> = finalists.iter().map(|candidate| candidate.call.clone()).collect();
    let mut covered = vec![ABSTAIN; input.labels.len()];
    for column in input.votes.columns() {
        for (covered, &vote) in covered.iter_mut().zip(column.votes.iter()) {
            *covered = (*covered).max(vote);
        }
    }
    let mut measured: Vec<(f64, Suggestion, Rows)> = Vec::new();
    run(&input.context, &calls, None, work, |at, votes| {
        let Some(candidate) = finalists.get(at) else { return };
        let rows = Rows::of(votes, |vote| vote != ABSTAIN);
        if rows.count == 0 || says_what_is_said(input, candidate.class, &rows) {
            return;
        }
        let suggestion = told(input, candidate, &rows, &covered);
        let lift = learnt.lift(candidate.class, suggestion.correct, suggestion.judged);
        let (fresh, old) = (suggestion.new_rows as f64, (suggestion.rows - suggestion.new_rows) as f64);
        // A row that is covered already is worth a quarter of a new one, or nothing where the labels come from what
        // covers it; there a contradiction counts against it.
        let reach = if input.estimated { fresh - 0.25 * suggestion.conflicts as f64 } else { fresh + 0.25 * old };
        let worth = lift * reach.max(0.0).sqrt();
        if worth > 0.0 {
            measured.push((worth, suggestion, rows));
        }
    })?;
    measured.sort_by(|(a, left, _), (b, right, _)| b.total_cmp(a).then_with(|| left.call.cmp(&right.call)));
    let mut kept: Vec<(Suggestion, Rows)> = Vec::new();
    for (_, suggestion, rows) in measured {
        work.check()?;
        let same = |(other, of): &(Suggestion, Rows)| other.class == suggestion.class && rows.jaccard(of) >= SAME;
        if !kept.iter().any(same) {
            kept.push((suggestion, rows));
        }
    }
    let mut names = std::collections::HashSet::new();
    let unique = |(mut suggestion, _): (Suggestion, Rows)| {
        let base = suggestion.name.clone();
        let mut number = 2;
        while !names.insert(suggestion.name.clone()) {
            suggestion.name = format!("{base}_{number}");
            number += 1;
        }
        suggestion
    };
    Ok(kept.into_iter().map(unique).collect())
}

/// True if a function that there is votes for the class on nearly the same rows, or on all of these.
fn says_what_is_said(input: &Input, class: u16, rows: &Rows) -> bool {
    input.votes.columns().iter().any(|column| {
        let common = rows.iter().filter(|&row| column.votes.get(row as usize) == Some(&(class as i16))).count() as u64;
        if common == 0 {
            return false;
        }
        let theirs = column.votes.iter().filter(|vote| **vote == class as i16).count() as u64;
        common == rows.count || common as f64 / (rows.count + theirs - common) as f64 >= SAME
    })
}

fn told(input: &Input, candidate: &Candidate, rows: &Rows, covered: &[i16]) -> Suggestion {
    let class = candidate.class as i16;
    let (mut judged, mut correct, mut new_rows, mut conflicts) = (0, 0, 0, 0);
    let (mut fresh, mut others) = (Vec::new(), Vec::new());
    for row in rows.iter() {
        let at = row as usize;
        let label = input.labels.get(at).copied().unwrap_or(ABSTAIN);
        judged += u64::from(label >= 0);
        correct += u64::from(label == class);
        let is_new = covered.get(at) == Some(&ABSTAIN);
        new_rows += u64::from(is_new);
        let against = |vote: &i16| *vote != ABSTAIN && *vote != class;
        conflicts +=
            u64::from(!is_new && input.votes.columns().iter().any(|column| column.votes.get(at).is_some_and(against)));
        let examples = if is_new { &mut fresh } else { &mut others };
        if examples.len() < EXAMPLES {
            examples.push(row);
        }
    }
    fresh.extend(others);
    fresh.truncate(EXAMPLES);
    Suggestion {
        name: candidate.name.clone(),
        call: candidate.call.clone(),
        condition: candidate.condition.clone(),
        form: candidate.form,
        class: candidate.class,
        rows: rows.count,
        new_rows,
        conflicts,
        judged,
        correct,
        interval: wilson_at(Z90, correct, judged).unwrap_or((0.0, 1.0)),
        examples: fresh,
    }
}
