//! Functions that could be added, and what the functions there are leave out.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::Array as _;
use arrow_buffer::BooleanBuffer;

use super::derived::{Basis, LabelModelOutcome, VotesOutcome};
use crate::data::{Column, Kind};
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work};
use crate::learn::words::{self, Frequent};
use crate::weak::ABSTAIN;
use crate::weak::functions::Context;
use crate::weak::suggest::{Input, LEAST_LABELS, Suggestion, suggest};

/// A row counts as labelled by the label model if it is at least this sure.
const SURE: f64 = 0.8;

/// Frequent words that are given of what is left out.
const WORDS: usize = 60;

/// Whose labels suggestions are made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelsFrom {
    /// People's.
    People,
    /// People's, and where there are none those that came with the data.
    Data,
    /// The label model's, where it is sure: what is told of precision is an estimate.
    Model,
}

/// Suggestions of functions.
pub struct SuggestionsOf {
    /// What is open.
    pub basis: Basis,
    /// The votes, with their name.
    pub votes: (Arc<VotesOutcome>, Fingerprint),
    /// The label model, with its name.
    pub model: Option<(Arc<LabelModelOutcome>, Fingerprint)>,
    /// What the images are like, with its name.
    pub properties: Option<(Arc<Vec<Arc<Column>>>, Fingerprint)>,
    /// Declarations that were refused.
    pub refused: Arc<BTreeSet<String>>,
}

/// What [`SuggestionsOf`] gives.
pub struct Suggestions {
    /// Whose labels they were made from.
    pub from: LabelsFrom,
    /// How many rows these label.
    pub labels: u64,
    /// The suggestions, the best first.
    pub list: Vec<Suggestion>,
}

impl Derived for SuggestionsOf {
    type Output = Suggestions;

    fn fingerprint(&self) -> Fingerprint {
        let print = Fingerprinter::new("suggestions 1").print(self.votes.1).print(self.basis.annotations_print);
        let print = self.refused.iter().fold(print, |print, call| print.text(call));
        let parts = [self.model.as_ref().map(|(_, print)| *print), self.properties.as_ref().map(|(_, print)| *print)];
        parts.into_iter().flatten().fold(print, |print, part| print.print(part)).finish()
    }

    fn compute(&self, work: &Work) -> Result<Suggestions> {
        let basis = &self.basis;
        let (from, labels) = self.labels()?;
        let more = self.properties.iter().flat_map(|(columns, _)| columns.iter().cloned());
        let frame = basis.dataset.frame.with(more);
        let context = Context { frame: &frame, text: basis.text.as_deref(), classes: &basis.classes };
        let input = Input {
            context,
            labels: &labels,
            votes: &self.votes.0.votes,
            leave_out: &basis.answers,
            refused: &self.refused,
            estimated: from == LabelsFrom::Model,
        };
        let list = suggest(&input, work)?;
        Ok(Suggestions { from, labels: labels.iter().filter(|label| **label >= 0).count() as u64, list })
    }
}

impl SuggestionsOf {
    /// People's labels where there are enough of two classes, else those of the data too, else the label model's.
    fn labels(&self) -> Result<(LabelsFrom, Vec<i16>)> {
        let basis = &self.basis;
        if is_enough(&basis.hand) {
            return Ok((LabelsFrom::People, basis.hand.to_vec()));
        }
        let standing: Vec<i16> =
            basis.standing().into_iter().map(|label| label.map_or(ABSTAIN, |label| label as i16)).collect();
        if is_enough(&standing) {
            return Ok((LabelsFrom::Data, standing));
        }
        let Some((model, _)) = &self.model else {
            return Err(Error::input("there are too few labels to suggest functions from")
                .help(format!("label {LEAST_LABELS} items or more, of two classes at least")));
        };
        let of = |(row, label): (usize, &Option<u16>)| match label {
            Some(label) if model.labels.row(row).get(usize::from(*label)).is_some_and(|share| *share >= SURE) => {
                *label as i16
            }
            _ => ABSTAIN,
        };
        Ok((LabelsFrom::Model, model.labels.label().iter().enumerate().map(of).collect()))
    }
}

fn is_enough(labels: &[i16]) -> bool {
    let classes: BTreeSet<i16> = labels.iter().copied().filter(|label| *label >= 0).collect();
    classes.len() >= 2 && labels.iter().filter(|label| **label >= 0).count() >= LEAST_LABELS
}

/// The rows on which no function votes, and what is frequent in them.
pub struct UncoveredOf {
    /// What is open.
    pub basis: Basis,
    /// The votes, with their name.
    pub votes: (Arc<VotesOutcome>, Fingerprint),
}

/// What [`UncoveredOf`] gives.
pub struct Uncovered {
    /// How many rows there are on which no function votes.
    pub rows: u64,
    /// The words, pairs of words and pieces of Korean words that are frequent in them, with how often each stands there.
    pub words: Vec<Frequent>,
}

impl Derived for UncoveredOf {
    type Output = Uncovered;

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("uncovered 1").print(self.votes.1).print(self.basis.dataset.fingerprint).finish()
    }

    fn compute(&self, work: &Work) -> Result<Uncovered> {
        let rows = self.basis.dataset.rows();
        let mut covered = vec![ABSTAIN; rows];
        for (at, column) in self.votes.0.votes.columns().iter().enumerate() {
            work.check()?;
            covered.iter_mut().zip(column.votes.iter()).for_each(|(covered, vote)| *covered = (*covered).max(*vote));
            if let Some(shades) = self.votes.0.votes.shades(at) {
                let shaded = (0..rows).filter(|&row| shades.row(row).is_some());
                shaded.for_each(|row| covered[row] = covered[row].max(0));
            }
        }
        let mask = BooleanBuffer::collect_bool(rows, |row| covered[row] == ABSTAIN);
        let count = mask.count_set_bits() as u64;
        let text = self.basis.text.as_deref().and_then(|name| self.basis.dataset.frame.get(name));
        let Some(texts) = text.filter(|column| column.kind() == Kind::Text).and_then(|column| column.folded()) else {
            return Ok(Uncovered { rows: count, words: Vec::new() });
        };
        let options = words::Options { top: WORDS, ..words::Options::default() };
        let found = words::compare(texts, &vec![ABSTAIN; texts.len()], 0, Some(&mask), &options, work)?;
        let mut words = found.words;
        words.extend(found.characters);
        words.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
        words.truncate(WORDS);
        Ok(Uncovered { rows: count, words })
    }
}
