//! What a model of people's labels alone says of each row, for functions that vote by `model`.
//!
//! Functions teach the label model, and this the end model. If a function asked that end model, it would hear itself, and
//! what it is sure of would only grow. So the model that functions ask knows no function: it learns from people's labels
//! and nothing else, and a row with such a label is predicted by a model that has not seen it, so that the function's
//! accuracy is an honest one.

use std::sync::Arc;

use arrow_array::Float64Array;

use super::derived::{Basis, Looks, LooksOf};
use crate::data::{Column, Values};
use crate::engine::{Derived, Error, Fingerprint, Result, Work};
use crate::learn::cross_validation::out_of_sample;
use crate::learn::logistic;

/// From how many labels of each of two classes on there is a model.
pub const ENOUGH: usize = 5;

/// The model of people's labels.
pub struct TaughtOf(pub Basis);

impl TaughtOf {
    /// The labels that are learnt from: people's, of rows that are not left out.
    fn labels(&self) -> Vec<Option<u16>> {
        let of = |(&hand, &out): (&i16, &bool)| u16::try_from(hand).ok().filter(|_| !out);
        self.0.hand.iter().zip(self.0.excluded.iter()).map(of).collect()
    }
}

impl Derived for TaughtOf {
    /// One column of probabilities a class.
    type Output = Vec<Arc<Column>>;

    fn bytes(columns: &Vec<Arc<Column>>) -> usize {
        columns.iter().map(|column| column.len() * size_of::<f64>()).sum()
    }

    fn fingerprint(&self) -> Fingerprint {
        let labels: Vec<u8> =
            self.labels().iter().flat_map(|label| label.map_or(-1, i32::from).to_le_bytes()).collect();
        let settings = &self.0.settings;
        let print = self.0.print_data("taught 1").number(settings.folds as u64).number(settings.seed);
        print.bytes(&labels).finish()
    }

    fn compute(&self, work: &Work) -> Result<Vec<Arc<Column>>> {
        let basis = &self.0;
        let (labels, classes) = (self.labels(), basis.classes.len());
        let mut counts = vec![0usize; classes];
        labels.iter().flatten().for_each(|label| counts[usize::from(*label)] += 1);
        if counts.iter().filter(|count| **count >= ENOUGH).count() < 2 {
            return Err(Error::input("there are too few labels by hand to learn from"));
        }
        let looks = basis.cache.get(&LooksOf(basis.clone()), work)?;
        let (folds, seed) = (basis.settings.folds, basis.settings.seed);
        let options = logistic::Options::default();
        let cv = match &*looks {
            Looks::Sparse(csr) => out_of_sample(csr, &labels, classes, folds, &options, seed, work)?,
            Looks::Dense(matrix) => out_of_sample(matrix, &labels, classes, folds, &options, seed, work)?,
        };
        let column = |class: usize| {
            let share = |row: usize| cv.probabilities.row(row).get(class).map(|share| f64::from(*share));
            let shares: Float64Array = (0..cv.probabilities.rows()).map(share).collect();
            Arc::new(Column::new("probability", Values::Float(shares)))
        };
        Ok((0..classes).map(column).collect())
    }
}
