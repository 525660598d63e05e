//! Orders of the queue that take a while to find: similar items together, and the most valuable first.
//!
//! An order is that of the moment in which it was asked for. It does not follow every label, so that the queue does not
//! change under a person's hands; asking again renews it.

use std::sync::Arc;

use arrow_array::Int64Array;

use super::derived::{Basis, EndModelOutcome};
use super::map::ReducedOf;
use crate::choose::{Pool, choose, strategy, together, unit};
use crate::data::{Column, Values};
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work};
use crate::learn::knn::Metric;

/// An order that has to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueOrder {
    /// Items that are alike follow each other.
    Together,
    /// What a label would tell most: what the end model is unsure of, spread over kinds of items; without an end model
    /// the most typical item of each kind.
    Valuable,
}

impl QueueOrder {
    /// The layer that holds the places.
    pub fn column(self) -> &'static str {
        match self {
            Self::Together => "similar_order",
            Self::Valuable => "value_order",
        }
    }
}

/// The place of every item in an order.
#[derive(Clone)]
pub struct QueueOrderOf {
    /// What was open when it was asked for.
    pub basis: Basis,
    /// The end model of that moment, with its name.
    pub end_model: Option<(Arc<EndModelOutcome>, Fingerprint)>,
    /// The order.
    pub order: QueueOrder,
}

impl Derived for QueueOrderOf {
    type Output = Arc<Column>;

    fn fingerprint(&self) -> Fingerprint {
        let print = Fingerprinter::new("queue order").print(ReducedOf(self.basis.clone()).fingerprint());
        let print = print.text(self.order.column()).number(self.basis.settings.seed);
        match (&self.end_model, self.order) {
            (_, QueueOrder::Together) => print.finish(),
            (Some((_, model)), _) => print.print(self.basis.annotations_print).print(*model).finish(),
            (None, _) => print.print(self.basis.annotations_print).text("none").finish(),
        }
    }

    /// A column of places from 1; items that are labelled or left out have none in the order by value.
    fn compute(&self, work: &Work) -> Result<Arc<Column>> {
        let (basis, seed) = (&self.basis, self.basis.settings.seed);
        let reduced = basis.cache.get(&ReducedOf(basis.clone()), work)?;
        let lengths = (reduced.metric == Metric::Cosine).then(|| unit(&reduced.scores)).transpose()?;
        let points = lengths.as_ref().unwrap_or(&reduced.scores);
        let rows = 0..points.rows() as u32;
        let order = match self.order {
            QueueOrder::Together => together(points, &rows.collect::<Vec<_>>(), seed, work)?,
            QueueOrder::Valuable => {
                let (taken, open): (Vec<u32>, Vec<u32>) = rows.partition(|&row| basis.hand[row as usize] >= 0);
                let candidates: Vec<u32> = open.into_iter().filter(|&row| !basis.excluded[row as usize]).collect();
                if candidates.is_empty() {
                    return Err(Error::input("every item has its label"));
                }
                let model = self.end_model.as_ref().map(|(model, _)| &model.probabilities);
                let pool = Pool {
                    candidates: &candidates,
                    taken: &taken,
                    probabilities: model,
                    points: Some(points),
                    votes: None,
                    classes: None,
                    names: &basis.classes,
                    seed,
                };
                let by = strategy(if model.is_some() { "margin-clusters" } else { "typical" })?;
                let picks = choose(by, &pool, candidates.len(), work)?;
                picks.into_iter().map(|pick| pick.row).collect()
            }
        };
        let mut places: Vec<Option<i64>> = vec![None; points.rows()];
        for (place, row) in (1..).zip(order) {
            places[row as usize] = Some(place);
        }
        Ok(Arc::new(Column::new(self.order.column(), Values::Int(Int64Array::from(places)))))
    }

    fn bytes(column: &Arc<Column>) -> usize {
        column.len() * 8
    }
}
