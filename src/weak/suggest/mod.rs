//! New labelling functions, proposed from labels: words and phrases, shapes of text, values and ranges of columns.
//!
//! In: the columns, a label for some rows, and the votes that there are. Out: [`Suggestion`]s, each the declaration that
//! would be written into a file of functions. What is told of it was measured by compiling and running that very
//! declaration over all rows, so that taking it changes nothing.
//!
//! Candidates are gathered on labelled rows only ([`grams`], [`shapes`], [`ranges`]); those that are most surely better
//! than chance are run on all rows, and of several that say nearly the same of the same rows the best stays. The order
//! follows the low end of the interval of the precision, taken above the share of the class, times the square root of the
//! rows: one row that is surely right is worth little, a thousand that are right by chance nothing.

mod drafts;
mod grams;
mod measure;
mod ranges;
mod shapes;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::Serialize;

pub use drafts::{condition_of, name_of, of_filter, of_text, python_pattern, python_text};

use super::Votes;
use super::functions::Context;
use crate::engine::{Error, Result, Work};
use crate::learn::metrics::{Z90, wilson_at};

/// Labelled rows that candidates are gathered from, spread evenly over all there are.
const LEARNT_FROM: usize = 10_000;

/// Candidates of one sort and class that are run on all rows.
const FINALISTS: usize = 14;

/// Suggestions that are given at most.
const GIVEN: usize = 60;

/// Fewer labelled rows say nothing.
pub const LEAST_LABELS: usize = 10;

/// What suggestions are made from.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The columns, the text column and the classes, as functions see them.
    pub context: Context<'a>,
    /// The class of each row, -1 where none is known.
    pub labels: &'a [i16],
    /// The votes of the functions that there are.
    pub votes: &'a Votes,
    /// Columns that say the answer or name items.
    pub leave_out: &'a [String],
    /// Declarations that a person refused.
    pub refused: &'a BTreeSet<String>,
    /// True if the labels are what the functions themselves say: then only rows that none covers are worth anything.
    pub estimated: bool,
}

/// What a suggestion looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A word, a phrase, or a piece of Korean words.
    Phrase,
    /// A shape of text: links, numbers, repeated signs.
    Shape,
    /// A value of a column.
    Value,
    /// Numbers, lengths or properties of images below or above a bound.
    Range,
}

/// A function that could be added.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Suggestion {
    /// A name for it, such as `lf_check_out`.
    pub name: String,
    /// The declaration, such as `keywords("spam", ["check out"], whole_words=True)`. It names the suggestion where a
    /// person refuses it.
    pub call: String,
    /// The same as a condition of the filter language, to look at its rows.
    pub condition: String,
    /// What it looks for.
    pub form: Form,
    /// The class that it votes for.
    pub class: u16,
    /// The rows that it votes on.
    pub rows: u64,
    /// Those of them on which no function votes yet.
    pub new_rows: u64,
    /// Those on which a function votes for another class.
    pub conflicts: u64,
    /// Labelled rows that it votes on.
    pub judged: u64,
    /// Those of them whose label is its class.
    pub correct: u64,
    /// The 90 % interval of its precision (Wilson's score interval).
    pub interval: (f64, f64),
    /// The first rows that it votes on, new ones first.
    pub examples: Vec<u32>,
}

/// A declaration that may become a suggestion, as it did on the labelled rows.
#[derive(Debug, Clone, PartialEq)]
struct Candidate {
    name: String,
    call: String,
    condition: String,
    form: Form,
    class: u16,
    correct: u32,
    judged: u32,
    /// Equal for candidates of exactly the same labelled rows; 0 where that is not known.
    rows: u64,
}

/// The labelled rows that candidates are gathered from.
struct Learnt {
    rows: Vec<u32>,
    labels: Vec<u16>,
    /// The share of each class.
    shares: Vec<f64>,
}

impl Learnt {
    fn of(labels: &[i16], classes: usize) -> Result<Self> {
        let known = |label: &i16| usize::try_from(*label).is_ok_and(|label| label < classes);
        let all: Vec<u32> =
            labels.iter().enumerate().filter(|(_, label)| known(label)).map(|(row, _)| row as u32).collect();
        let step = all.len().div_ceil(LEARNT_FROM).max(1);
        let rows: Vec<u32> = all.iter().copied().step_by(step).collect();
        let labels: Vec<u16> = rows.iter().map(|&row| labels[row as usize] as u16).collect();
        let mut counts = vec![0usize; classes];
        labels.iter().for_each(|&label| counts[usize::from(label)] += 1);
        let present = counts.iter().filter(|count| **count > 0).count();
        if rows.len() < LEAST_LABELS || present < 2 {
            return Err(Error::input("there are too few labels to suggest functions from")
                .help(format!("label {LEAST_LABELS} items or more, of two classes at least")));
        }
        let shares = counts.iter().map(|&count| count as f64 / rows.len() as f64).collect();
        Ok(Self { rows, labels, shares })
    }

    /// How much surer than chance a vote is, 0-1: the low end of its precision above the share of its class.
    fn lift(&self, class: u16, correct: u64, judged: u64) -> f64 {
        let share = self.shares.get(usize::from(class)).copied().unwrap_or(1.0);
        let low = wilson_at(Z90, correct, judged).map_or(0.0, |(low, _)| low);
        if share >= 1.0 { 0.0 } else { ((low - share) / (1.0 - share)).max(0.0) }
    }

    /// The worth of a candidate on the labelled rows; 0 for one that may be chance.
    fn worth(&self, candidate: &Candidate) -> f64 {
        let (correct, judged) = (u64::from(candidate.correct), u64::from(candidate.judged));
        self.lift(candidate.class, correct, judged) * (judged as f64).sqrt()
    }
}

/// Suggests functions, the best first.
///
/// # Errors
/// If there are fewer than [`LEAST_LABELS`] labels or these are of one class, or the work was cancelled.
pub fn suggest(input: &Input, work: &Work) -> Result<Vec<Suggestion>> {
    let learnt = Learnt::of(input.labels, input.context.classes.len())?;
    work.stage("looking for functions", 4);
    let mut candidates = grams::candidates(input, &learnt, work)?;
    work.advance(1)?;
    candidates.extend(shapes::candidates(input, &learnt, work)?);
    work.advance(1)?;
    candidates.extend(ranges::candidates(input, &learnt, work)?);
    work.advance(1)?;
    candidates.retain(|candidate| !input.refused.contains(&candidate.call));
    let finalists = finalists(candidates, &learnt);
    let suggestions = measure::measure(input, &learnt, finalists, work)?;
    work.advance(1)?;
    Ok(suggestions.into_iter().take(GIVEN).collect())
}

/// The best candidates of each class and form; of those on the same labelled rows the shortest.
fn finalists(candidates: Vec<Candidate>, learnt: &Learnt) -> Vec<Candidate> {
    let mut ranked: Vec<(f64, Candidate)> = candidates
        .into_iter()
        .map(|candidate| (learnt.worth(&candidate), candidate))
        .filter(|(worth, _)| *worth > 0.0)
        .collect();
    ranked.sort_by(|(a, left), (b, right)| {
        let length = |candidate: &Candidate| candidate.call.chars().count();
        b.total_cmp(a).then(length(left).cmp(&length(right))).then_with(|| left.call.cmp(&right.call))
    });
    let mut seen = std::collections::HashSet::new();
    let mut taken: std::collections::HashMap<(u16, Form), usize> = std::collections::HashMap::new();
    let keep = |(_, candidate): &(f64, Candidate)| {
        let (form, class) = (candidate.form, candidate.class);
        if candidate.rows != 0 && !seen.insert((form, class, candidate.rows)) {
            return false;
        }
        let count = taken.entry((class, form)).or_insert(0);
        *count += 1;
        // Phrases are what people look for first.
        *count <= if form == Form::Phrase { 2 * FINALISTS } else { FINALISTS }
    };
    ranked.into_iter().filter(keep).map(|(_, candidate)| candidate).collect()
}

/// Spreads a row number over 64 bits, so that sums tell sets of rows apart.
fn spread(row: u32) -> u64 {
    let mut hash = u64::from(row).wrapping_add(0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    hash ^= hash >> 29;
    hash.wrapping_mul(0x94D0_49BB_1331_11EB) | 1
}
