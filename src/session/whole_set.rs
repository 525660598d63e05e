//! The set as a whole: how its labels are spread and how well they are told apart, whether its order tells something,
//! whether a simple property gives labels away, and what leaked between its parts.

use std::sync::Arc;

use super::derived::Basis;
use super::findings::{ExaminedOf, LeaksFound, LeaksOf};
use super::map::{NeighboursOf, ReducedOf};
use crate::clean::label_errors::{LabelErrors, Overlap};
use crate::clean::whole_set::{
    GIVEN_AWAY, Imbalance, Order, OrderOptions, Property, Runs, Spurious, class_imbalance, label_runs, row_order,
    spurious_correlations, text_properties,
};
use crate::data::Column;
use crate::data::media::properties::PropertiesOf;
use crate::engine::{Derived, Fingerprint, Random, Result, Work};
use crate::learn::Matrix;
use crate::learn::knn::Neighbours;
use crate::project::Content;

/// Rows up to which all are compared with each other; of more, some are taken in their order.
const ALL_COMPARED: usize = 50_000;

/// How many these are.
const SOME_COMPARED: usize = 20_000;

/// Neighbours that the order is judged by.
const NEIGHBOURS: usize = 10;

/// The share of rows that stand for a property: those where it is highest.
const HIGHEST: usize = 10;

/// Rows that are shown for an order that tells something.
const MOST_SHOWN: usize = 200;

/// Looks at the set as a whole.
pub struct WholeSetOf(pub Basis);

/// A property that tells the label, and the tenth of the rows where it is highest.
pub struct Telling {
    /// How well it tells.
    pub found: Spurious,
    /// The rows, ascending.
    pub highest: Vec<u32>,
}

impl Telling {
    /// True if the property gives the label away.
    pub fn gives_away(&self) -> bool {
        self.found.score < GIVEN_AWAY
    }
}

/// Two classes that are taken for each other, with the rows.
pub struct Confused {
    /// The classes and how many rows.
    pub overlap: Overlap,
    /// The rows given one of them whose most probable class is the other, ascending.
    pub rows: Vec<u32>,
}

/// What [`WholeSetOf`] gives.
pub struct WholeSet {
    /// The classes that it speaks of.
    pub classes: Arc<Vec<String>>,
    /// How labels are spread.
    pub imbalance: Imbalance,
    /// Whether rows that stand near each other are alike; `None` of too few rows. Scores are by row, of some rows where
    /// there are many.
    pub order: Option<Order>,
    /// The rows whose neighbours stand unusually near, ascending.
    pub in_order: Vec<u32>,
    /// How often rows that follow each other have the same label.
    pub runs: Option<Runs>,
    /// Simple properties, the most telling first.
    pub telling: Vec<Telling>,
    /// Health, class quality and overlaps; why not, where there are too few labels.
    pub labels: Result<Arc<LabelErrors>, String>,
    /// Pairs of classes that are taken for each other, most rows first.
    pub confused: Vec<Confused>,
    /// What leaked between the parts.
    pub leaks: Arc<LeaksFound>,
}

impl Derived for WholeSetOf {
    type Output = WholeSet;

    fn fingerprint(&self) -> Fingerprint {
        let basis = &self.0;
        let print = basis.print_data("whole set").print(basis.annotations_print);
        print.number(basis.settings.folds as u64).number(basis.settings.seed).finish()
    }

    fn compute(&self, work: &Work) -> Result<WholeSet> {
        let basis = &self.0;
        let labels = basis.learnt_from();
        let examined = match basis.cache.get(&ExaminedOf(basis.clone()), work) {
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => Err(error.what().to_owned()),
            Ok(examined) => Ok(examined.errors.clone()),
        };
        let confused = examined.as_ref().map_or_else(|_| Vec::new(), |errors| confused(errors, &labels));
        let leaks = basis.cache.get(&LeaksOf(basis.clone()), work)?;
        let properties = self.properties(work)?;
        let found = spurious_correlations(&properties, &labels, basis.settings.seed, work)?;
        let telling = found.into_iter().map(|found| Telling { highest: highest(&properties, &found.name), found });
        let (order, in_order) = self.order(work)?;
        Ok(WholeSet {
            classes: basis.classes.clone(),
            imbalance: class_imbalance(&labels, basis.classes.len() as u16),
            order,
            in_order,
            runs: label_runs(&labels),
            telling: telling.collect(),
            labels: examined,
            confused,
            leaks,
        })
    }

    fn bytes(found: &WholeSet) -> usize {
        let rows: usize = found.telling.iter().map(|telling| telling.highest.len()).sum();
        rows * 4 + found.order.as_ref().map_or(0, |order| order.scores.len() * 8)
    }
}

impl WholeSetOf {
    /// Simple properties of what is labelled. Those of a table are what is learnt from: none of them is beside the point.
    fn properties(&self, work: &Work) -> Result<Vec<Property>> {
        let basis = &self.0;
        let frame = &basis.dataset.frame;
        match basis.content() {
            Content::Text(name) => match frame.column(name)?.strings() {
                Some(texts) => text_properties(texts, work),
                None => Ok(Vec::new()),
            },
            Content::Image(name) => {
                let wanted = PropertiesOf {
                    root: basis.dataset.root.clone(),
                    column: frame.column(name)?.clone(),
                    folder: basis.thumbnails.clone(),
                    print: basis.dataset.fingerprint,
                };
                let columns = basis.cache.get(&wanted, work)?;
                let of = |column: &Arc<Column>| Property {
                    name: column.name().to_owned(),
                    values: (0..column.len()).map(|row| column.number(row)).collect(),
                };
                Ok(columns.iter().map(of).filter(|property| property.values.iter().any(Option::is_some)).collect())
            }
            Content::Audio(_) | Content::Rows => Ok(Vec::new()),
        }
    }

    /// Whether the order tells something, and the rows that show it most.
    fn order(&self, work: &Work) -> Result<(Option<Order>, Vec<u32>)> {
        let basis = &self.0;
        let options = OrderOptions { seed: basis.settings.seed, ..OrderOptions::default() };
        let rows = basis.dataset.rows();
        if rows < 3 {
            return Ok((None, Vec::new()));
        }
        let (order, of) = if rows <= ALL_COMPARED {
            let neighbours = basis.cache.get(&NeighboursOf(basis.clone()), work)?;
            (row_order(&neighbours, &options, work)?, (0..rows as u32).collect::<Vec<_>>())
        } else {
            let reduced = basis.cache.get(&ReducedOf(basis.clone()), work)?;
            let mut some: Vec<u32> = (0..rows as u32).collect();
            Random::new(options.seed).shuffle(&mut some);
            some.truncate(SOME_COMPARED);
            some.sort_unstable();
            let values = some.iter().flat_map(|&row| reduced.scores.row(row as usize)).copied().collect();
            let points = Matrix::new(some.len(), reduced.scores.columns(), values)?;
            let neighbours = Neighbours::build(&points, NEIGHBOURS, reduced.metric, work)?;
            (row_order(&neighbours, &options, work)?, some)
        };
        let shown = order.as_ref().map_or_else(Vec::new, |order| {
            let mut worst: Vec<(f64, u32)> = order.scores.iter().copied().zip(of).collect();
            worst.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let mut rows: Vec<u32> = worst.into_iter().take(MOST_SHOWN).map(|(_, row)| row).collect();
            rows.sort_unstable();
            rows
        });
        Ok((order, shown))
    }
}

/// The tenth of the rows where a property is highest, ascending.
fn highest(properties: &[Property], name: &str) -> Vec<u32> {
    let Some(property) = properties.iter().find(|property| property.name == name) else { return Vec::new() };
    let values = property.values.iter().zip(0u32..);
    let mut rows: Vec<(f64, u32)> =
        values.filter_map(|(value, row)| Some((value.filter(|value| value.is_finite())?, row))).collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    rows.truncate(rows.len().div_ceil(HIGHEST));
    let mut rows: Vec<u32> = rows.into_iter().map(|(_, row)| row).collect();
    rows.sort_unstable();
    rows
}

/// The pairs of classes that are taken for each other, with the rows that show it.
fn confused(errors: &LabelErrors, labels: &[Option<u16>]) -> Vec<Confused> {
    let mut pairs: std::collections::HashMap<(u16, u16), Vec<u32>> = std::collections::HashMap::new();
    for (row, (label, suggested)) in labels.iter().zip(&errors.suggested).enumerate() {
        if let (Some(label), Some(suggested)) = (*label, *suggested)
            && label != suggested
        {
            pairs.entry((label.min(suggested), label.max(suggested))).or_default().push(row as u32);
        }
    }
    let mut rows = |pair: &Overlap| pairs.remove(&(pair.first.min(pair.second), pair.first.max(pair.second)));
    errors
        .overlaps
        .iter()
        .map(|overlap| Confused { overlap: *overlap, rows: rows(overlap).unwrap_or_default() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_tenth_of_a_property() {
        let property = |values: Vec<Option<f64>>| [Property { name: "x".to_owned(), values }];
        let values = (0..30).map(|at| (at != 29).then_some(f64::from((at * 7) % 30))).collect();
        let rows = highest(&property(values), "x");
        assert_eq!(rows.len(), 3);
        assert!(rows.windows(2).all(|pair| pair[0] < pair[1]) && !rows.contains(&29));
        assert_eq!(highest(&property(vec![Some(1.0), Some(f64::NAN), None]), "x"), [0]);
        assert!(highest(&property(vec![]), "x").is_empty() && highest(&property(vec![Some(1.0)]), "y").is_empty());
    }
}
