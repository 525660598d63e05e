//! The Kullback-Leibler divergence of a column from an expected distribution, as Great Expectations computes it.

use std::collections::HashMap;

use arrow_buffer::BooleanBuffer;

use super::aggregates::sorted_numbers;
use super::arguments::{Arguments, wrong};
use super::keys::{groups, key};
use super::scalar::Scalar;
use super::tuples::cell_key;
use crate::data::Column;
use crate::engine::{Error, Result, Work};

/// An expected distribution.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Partition {
    cells: Cells,
    /// The expected share of each cell.
    weights: Vec<f64>,
    /// The expected shares below the first and above the last bin.
    tails: Option<(f64, f64)>,
    /// The share that is kept for what was not expected.
    tail_holdout: f64,
    /// The share that is given to bins of weight 0.
    internal_holdout: f64,
    /// The most that the divergence may be.
    pub(super) threshold: f64,
}

#[derive(Debug, Clone, PartialEq)]
enum Cells {
    Values(Vec<Scalar>),
    /// Edges, one more than bins.
    Bins(Vec<f64>),
}

impl Partition {
    /// # Errors
    /// If the arguments describe no distribution.
    pub(super) fn of(arguments: Arguments<'_>) -> Result<Self> {
        let name = "partition_object";
        let example = "{ values = [\"a\", \"b\"], weights = [0.5, 0.5] }";
        let object = arguments.required(name)?;
        let misfit = || wrong(name, object, "a table of values (or bins) and weights", example);
        let inner = Arguments::new(object.as_object().ok_or_else(misfit)?);
        let weights = inner.numbers("weights").map_err(|error| error.at(name))?;
        let cells = match (inner.get("values"), inner.get("bins")) {
            (Some(_), None) => Cells::Values(inner.scalars("values")?),
            (None, Some(_)) => Cells::Bins(inner.numbers("bins").map_err(|error| error.at(name))?),
            _ => return Err(misfit()),
        };
        let count = match &cells {
            Cells::Values(values) => values.len(),
            Cells::Bins(edges) if edges.is_sorted_by(|a, b| a < b) => edges.len().saturating_sub(1),
            Cells::Bins(_) => return Err(Error::input("the bins do not rise").at(name).help("write them in order")),
        };
        let tails = match inner.get("tail_weights") {
            None => None,
            Some(_) => match inner.numbers("tail_weights")?.as_slice() {
                [low, high] => Some((*low, *high)),
                _ => return Err(Error::input("tail_weights are two shares").at(name).help("write [0.01, 0.01]")),
            },
        };
        let total: f64 = weights.iter().sum::<f64>() + tails.map_or(0.0, |(low, high)| low + high);
        if weights.len() != count || weights.iter().any(|weight| *weight < 0.0) || (total - 1.0).abs() > 1e-6 {
            return Err(Error::input(format!("{count} shares that add up to 1 are needed as weights"))
                .at(name)
                .help(format!("there are {} that add up to {total}; write {name} = {example}", weights.len())));
        }
        let share = |name: &str| match arguments.number(name)?.unwrap_or(0.0) {
            share if (0.0..=1.0).contains(&share) => Ok(share),
            other => Err(Error::input(format!("{name} is {other}, and a share from 0 to 1 is needed"))),
        };
        let (tail_holdout, internal_holdout) = (share("tail_weight_holdout")?, share("internal_weight_holdout")?);
        if tail_holdout > 0.0 && tails.is_some() {
            return Err(
                Error::input("tail_weight_holdout does not go together with tail_weights").help("leave one out")
            );
        }
        if internal_holdout > 0.0 && matches!(cells, Cells::Values(_)) {
            return Err(Error::input("internal_weight_holdout is for bins").help("leave it out"));
        }
        let threshold = arguments.number("threshold")?.unwrap_or(f64::INFINITY);
        Ok(Self { cells, weights, tails, tail_holdout, internal_holdout, threshold })
    }

    /// The divergence in nats of the observed from the expected shares; infinite where something is there that was
    /// not expected at all, `None` of no values.
    ///
    /// # Errors
    /// If the column does not fit, or the work was cancelled.
    pub(super) fn divergence(
        &self,
        column: &Column,
        mask: Option<&BooleanBuffer>,
        present: u64,
        work: &Work,
    ) -> Result<Option<f64>> {
        if present == 0 {
            return Ok(None);
        }
        let (observed, expected) = match &self.cells {
            Cells::Values(values) => self.of_values(values, column, mask, work)?,
            Cells::Bins(edges) => self.of_bins(edges, &sorted_numbers(column, mask, work)?),
        };
        Ok(Some(entropy(&observed, &expected)))
    }

    fn of_values(
        &self,
        values: &[Scalar],
        column: &Column,
        mask: Option<&BooleanBuffer>,
        work: &Work,
    ) -> Result<(Vec<f64>, Vec<f64>)> {
        let groups = groups(column.len(), mask, work, |row| key(column, row))?;
        let mut counts: HashMap<u128, f64> = groups.iter().map(|group| (group.key, group.count as f64)).collect();
        let mut observed = Vec::new();
        for value in values {
            let count = cell_key(value, column)?.and_then(|key| counts.remove(&key));
            observed.push(count.unwrap_or(0.0));
        }
        let mut expected = self.weights.clone();
        if !counts.is_empty() {
            expected.iter_mut().for_each(|weight| *weight *= 1.0 - self.tail_holdout);
            expected.extend(counts.keys().map(|_| self.tail_holdout / counts.len() as f64));
            // What was not expected all has the same share, so the order does not matter but for the last digits.
            let mut others: Vec<f64> = counts.into_values().collect();
            others.sort_by(f64::total_cmp);
            observed.extend(others);
        }
        Ok((observed, expected))
    }

    fn of_bins(&self, edges: &[f64], sorted: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let below = |edge: f64| sorted.partition_point(|value| *value < edge);
        let last = edges.last().copied().unwrap_or(f64::NAN);
        let mut places: Vec<usize> = edges.iter().map(|edge| below(*edge)).collect();
        // The last bin has its upper edge too, as NumPy's.
        if let Some(end) = places.last_mut() {
            *end = sorted.partition_point(|value| *value <= last);
        }
        let bins = places.windows(2).map(|pair| match pair {
            [from, to] => (to - from) as f64,
            _ => 0.0,
        });
        let under = places.first().copied().unwrap_or(0) as f64;
        let over = (sorted.len() - places.last().copied().unwrap_or(0)) as f64;
        let observed = std::iter::once(under).chain(bins).chain([over]).collect();
        let rest = 1.0 - self.tail_holdout - self.internal_holdout;
        let empty = self.weights.iter().filter(|weight| **weight == 0.0).count().max(1) as f64;
        let inner = self
            .weights
            .iter()
            .map(|weight| if *weight == 0.0 { self.internal_holdout / empty } else { weight * rest });
        let (low, high) = self.tails.unwrap_or((self.tail_holdout / 2.0, self.tail_holdout / 2.0));
        let expected = std::iter::once(low).chain(inner).chain([high]).collect();
        (observed, expected)
    }
}

/// `Σ p ln(p / q)` of shares that are scaled to sum 1.
fn entropy(observed: &[f64], expected: &[f64]) -> f64 {
    let (all, wanted) = (observed.iter().sum::<f64>(), expected.iter().sum::<f64>());
    let term = |(p, q): (&f64, &f64)| match (p / all, q / wanted) {
        (0.0, _) => 0.0,
        (_, 0.0) => f64::INFINITY,
        (p, q) => p * (p / q).ln(),
    };
    observed.iter().zip(expected).map(term).sum()
}

#[cfg(test)]
mod unit {
    use serde_json::Value;

    use super::*;

    #[test]
    fn divergence_is_the_relative_entropy() {
        let found = entropy(&[50.0, 30.0, 20.0], &[0.4, 0.4, 0.2]);
        // scipy.stats.entropy([.5, .3, .2], [.4, .4, .2])
        assert!((found - 0.025_267_153_921_570_557).abs() < 1e-12, "{found}");
        assert_eq!(entropy(&[1.0, 1.0], &[1.0, 0.0]), f64::INFINITY);
        assert_eq!(entropy(&[1.0, 0.0], &[1.0, 0.0]), 0.0);
    }

    #[test]
    fn bins_have_tails() {
        let object: Value = serde_json::from_str(
            r#"{"partition_object": {"bins": [0, 1, 2], "weights": [0.4, 0.4], "tail_weights": [0.1, 0.1]}, "threshold": 1}"#,
        )
        .unwrap();
        let partition = Partition::of(Arguments::new(object.as_object().unwrap())).unwrap();
        let (observed, expected) = partition.of_bins(&[0.0, 1.0, 2.0], &[-1.0, 0.0, 0.5, 1.0, 2.0, 3.0]);
        assert_eq!((observed, expected), (vec![1.0, 2.0, 2.0, 1.0], vec![0.1, 0.4, 0.4, 0.1]));
    }
}
