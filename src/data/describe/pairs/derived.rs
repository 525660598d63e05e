//! These comparisons as derived values. Their `print` names the columns' content and the mask.

use std::sync::Arc;

use arrow_buffer::BooleanBuffer;

use super::super::super::{Column, Frame};
use super::super::Summary;
use super::scatter::MOST_POINTS;
use super::{
    Correlation, Correlations, Density, Missing, Pair, Point, Scatter, Side, Table, correlations, missing, pair,
    scatter,
};
use crate::engine::{Derived, Fingerprint, Fingerprinter, Result, Work};

/// Two columns against each other as a derived value.
#[derive(Debug, Clone)]
pub struct PairOf {
    /// The columns.
    pub columns: [Arc<Column>; 2],
    /// Their descriptions, whose bars are the axes.
    pub summaries: [Summary; 2],
    /// The rows that count; `None` for all.
    pub mask: Option<BooleanBuffer>,
    /// The name of the frame that has them, and of the mask.
    pub print: Fingerprint,
}

impl Derived for PairOf {
    type Output = Pair;

    fn bytes(pair: &Pair) -> usize {
        const BAR: usize = 256;
        match pair {
            Pair::Density(Density { grid, .. }) | Pair::Table(Table { grid, .. }) => {
                8 * grid.counts.len() + BAR * (grid.x.len() + grid.y.len())
            }
            Pair::Boxes(boxes) => BAR * (1 + boxes.boxes.len()),
        }
    }

    fn fingerprint(&self) -> Fingerprint {
        let [x, y] = &self.columns;
        Fingerprinter::new("pair of columns 1").print(self.print).text(x.name()).text(y.name()).finish()
    }

    fn compute(&self, work: &Work) -> Result<Pair> {
        let ([x, y], [xs, ys]) = (&self.columns, &self.summaries);
        pair(Side::new(x, xs), Side::new(y, ys), self.mask.as_ref(), work)
    }
}

/// Rows as points as a derived value.
#[derive(Debug, Clone)]
pub struct ScatterOf {
    /// The columns.
    pub columns: [Arc<Column>; 2],
    /// The rows that count; `None` for all.
    pub mask: Option<BooleanBuffer>,
    /// The seed of the sample.
    pub seed: u64,
    /// The name of the frame that has the columns, and of the mask.
    pub print: Fingerprint,
}

impl Derived for ScatterOf {
    type Output = Scatter;

    fn bytes(scatter: &Scatter) -> usize {
        scatter.points.len() * size_of::<Point>()
    }

    fn fingerprint(&self) -> Fingerprint {
        let [x, y] = &self.columns;
        let print = Fingerprinter::new("scatter of columns 1").print(self.print).number(self.seed);
        print.text(x.name()).text(y.name()).finish()
    }

    fn compute(&self, work: &Work) -> Result<Scatter> {
        let [x, y] = &self.columns;
        work.stage("choosing points", 0);
        scatter(x, y, self.mask.as_ref(), MOST_POINTS, self.seed, work)
    }
}

/// Every column against every other as a derived value.
#[derive(Debug, Clone)]
pub struct CorrelationsOf {
    /// The columns.
    pub frame: Frame,
    /// The rows that count; `None` for all.
    pub mask: Option<BooleanBuffer>,
    /// The seed of the sample, should one be taken.
    pub seed: u64,
    /// The name of the frame's content and of the mask.
    pub print: Fingerprint,
}

impl Derived for CorrelationsOf {
    type Output = Correlations;

    fn bytes(found: &Correlations) -> usize {
        found.pairs.len() * size_of::<Correlation>() + 64 * (found.names.len() + found.left_out.len())
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("correlations 1").print(self.print).number(self.seed).finish()
    }

    fn compute(&self, work: &Work) -> Result<Correlations> {
        correlations(&self.frame, self.mask.as_ref(), self.seed, work)
    }
}

/// What is missing together as a derived value.
#[derive(Debug, Clone)]
pub struct MissingOf {
    /// The columns.
    pub frame: Frame,
    /// The rows that count; `None` for all.
    pub mask: Option<BooleanBuffer>,
    /// The name of the frame's content and of the mask.
    pub print: Fingerprint,
}

impl Derived for MissingOf {
    type Output = Missing;

    fn bytes(missing: &Missing) -> usize {
        let sql: usize = missing.patterns.iter().map(|pattern| pattern.sql.len() + 8 * pattern.columns.len()).sum();
        sql + 128 * missing.columns.len()
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("missing 1").print(self.print).finish()
    }

    fn compute(&self, work: &Work) -> Result<Missing> {
        missing(&self.frame, self.mask.as_ref(), work)
    }
}
