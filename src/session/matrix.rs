//! Functions against each other, and the patterns of votes that rows show.

use std::sync::Arc;

use super::derived::{Basis, LabelModelOutcome};
use crate::engine::{Derived, Fingerprint, Fingerprinter, Result, Work};
use crate::weak::pairs::{Pairs, Relation};

/// Functions whose votes are this much alike are near duplicates.
const NEAR: f64 = 0.9;

/// Patterns that are given at most, the most frequent.
const PATTERNS: usize = 500;

/// Rows of a pattern that are given as examples.
const EXAMPLES: usize = 3;

/// Functions against each other, and vote patterns.
pub struct MatrixOf {
    /// What is open.
    pub basis: Basis,
    /// The label model with its patterns, and its name.
    pub model: (Arc<LabelModelOutcome>, Fingerprint),
}

/// What [`MatrixOf`] gives.
pub struct VoteMatrix {
    /// How often each two functions vote together and agree.
    pub pairs: Pairs,
    /// Near duplicates, and functions that add nothing to another one.
    pub relations: Vec<Relation>,
    /// How often each function's vote is right if the label model is; `None` for one that never votes.
    pub estimated: Vec<Option<f64>>,
    /// The most frequent patterns.
    pub patterns: Vec<PatternRow>,
}

/// A pattern of votes.
#[derive(Debug, Clone, PartialEq)]
pub struct PatternRow {
    /// Its place among the patterns of the label model.
    pub pattern: usize,
    /// The rows that show it.
    pub count: u64,
    /// How many of them people gave each class.
    pub hand: Vec<u64>,
    /// Its first rows.
    pub examples: Vec<u32>,
}

impl PatternRow {
    /// The rows that nobody labelled.
    pub fn open(&self) -> u64 {
        self.count - self.hand.iter().sum::<u64>().min(self.count)
    }
}

impl Derived for MatrixOf {
    type Output = VoteMatrix;

    fn bytes(matrix: &VoteMatrix) -> usize {
        matrix.pairs.functions().pow(2) * 16 + matrix.patterns.len() * 128
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("vote matrix 1").print(self.model.1).print(self.basis.annotations_print).finish()
    }

    fn compute(&self, work: &Work) -> Result<VoteMatrix> {
        let model = &self.model.0;
        let patterns = &model.patterns;
        work.stage("comparing functions", 0);
        let pairs = Pairs::of(patterns, work)?;
        let relations = pairs.relations(NEAR);
        let estimated = model.fitted.estimated_accuracy(patterns, work)?;
        let mut order: Vec<usize> = (0..patterns.len()).collect();
        order.sort_by_key(|&pattern| std::cmp::Reverse(patterns.counts()[pattern]));
        order.truncate(PATTERNS);
        let mut place = vec![usize::MAX; patterns.len()];
        order.iter().enumerate().for_each(|(at, &pattern)| place[pattern] = at);
        let classes = self.basis.classes.len();
        let fresh = |&pattern: &usize| PatternRow {
            pattern,
            count: patterns.counts()[pattern],
            hand: vec![0; classes],
            examples: Vec::new(),
        };
        let mut rows: Vec<PatternRow> = order.iter().map(fresh).collect();
        for (row, (&pattern, &hand)) in patterns.of_row().iter().zip(self.basis.hand.iter()).enumerate() {
            if row % 65_536 == 0 {
                work.check()?;
            }
            let Some(of) = place.get(pattern as usize).and_then(|&at| rows.get_mut(at)) else { continue };
            if let Some(count) = usize::try_from(hand).ok().and_then(|hand| of.hand.get_mut(hand)) {
                *count += 1;
            }
            if of.examples.len() < EXAMPLES {
                of.examples.push(row as u32);
            }
        }
        Ok(VoteMatrix { pairs, relations, estimated, patterns: rows })
    }
}
