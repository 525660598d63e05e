//! Slices: conditions under which a number, such as an error or a disagreement, is higher than elsewhere.
//!
//! In: a frame and a column of numbers or truth values. Out: [`Slice`]s, each a condition of the filter language with
//! its rows, mean and interval. They are found by SliceLine (Sagadeeva and Boehm 2021, "SliceLine: Fast, Linear-Algebra-
//! based Slice Finding for ML Model Debugging") among conjunctions of column values and ranges, exactly: its bounds
//! leave out only what cannot be among the best. Rows are sets of bits, so a conjunction is an AND and a count of ones.
//!
//! Whoever looks at thousands of conditions finds some by chance. So slices are searched on two thirds of the rows and
//! confirmed on the rest, with the false discoveries among all that are reported held at 5 %.

mod apart;
mod bits;
mod confirm;
mod features;
mod moved;
mod search;
#[cfg(test)]
mod tests;

use arrow_buffer::BooleanBuffer;
pub use moved::{Moved, moved};
use serde::Serialize;

use features::Feature;
use search::{Goal, search};

use crate::data::filter::quote_name;
use crate::data::{Column, Frame, Values};
use crate::engine::{Error, Random, Result, Work};

/// Candidates for each slice that is reported, since many say the same in other words.
const SPARE: usize = 16;

/// What is looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The most conditions that a slice joins, 1-4.
    pub levels: usize,
    /// The weight of a high mean against a large size, 0-1. The paper's 0.95 overlooks slices of few rows, such as 2 % with
    /// three times the errors; 0.99 finds them, and confirmation sorts out those of chance.
    pub alpha: f64,
    /// The fewest rows of a slice; a hundredth of the rows, and 32 at least, if not given.
    pub support: Option<usize>,
    /// The most slices that are reported.
    pub most: usize,
    /// Report slices that better ones explain, too: parts of them, and whatever holds them.
    pub all: bool,
    /// The columns that conditions are made of; all but the target if not given.
    pub columns: Option<Vec<String>>,
    /// The seed by which rows are held out.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { levels: 3, alpha: 0.99, support: None, most: 20, all: false, columns: None, seed: 0 }
    }
}

/// A condition under which the target is high.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Slice {
    /// The condition, in the filter language; it selects exactly the rows that are counted.
    pub condition: String,
    /// The conditions that it joins.
    pub level: usize,
    /// Its rows.
    pub rows: usize,
    /// The mean of the target in them.
    pub mean: f64,
    /// The lower end of its 95 % interval: Wilson's for shares, Student's for other means.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The mean of the target in all other rows; `None` if there are none.
    pub elsewhere: Option<f64>,
    /// SliceLine's score on the rows that were searched.
    pub score: f64,
    /// Its rows among those that were held out.
    pub held_out_rows: usize,
    /// The mean of the target in these.
    pub held_out_mean: Option<f64>,
    /// The probability of so high a mean among the held-out rows if the slice were as the rest.
    pub p_value: f64,
    /// The same, adjusted for all slices that are reported (Benjamini and Hochberg 1995).
    pub p_adjusted: f64,
    /// Whether the adjusted probability is at most 5 %.
    pub confirmed: bool,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Slices {
    /// The slices, best score first.
    pub slices: Vec<Slice>,
    /// The rows that have a target.
    pub rows: usize,
    /// Those of them in which slices were confirmed.
    pub held_out: usize,
    /// The mean of the target.
    pub mean: Option<f64>,
    /// The fewest rows of a slice.
    pub support: usize,
    /// The single conditions that were joined.
    pub conditions: usize,
    /// The conjunctions that were counted.
    pub evaluated: u64,
    /// Columns that gave no condition.
    pub left_out: Vec<String>,
}

/// The rows that have a target, in the order in which they are searched: those to be searched first.
struct Rows {
    rows: Vec<u32>,
    /// The target of each.
    values: Vec<f64>,
    /// How many are searched; a multiple of 64, so that sets of bits part there.
    searched: usize,
}

/// Finds slices of a frame in which `target` is high.
///
/// # Errors
/// If the target is not there or holds no numbers, an option is out of its range, or the work was cancelled.
pub fn find(frame: &Frame, target: &str, options: &Options, work: &Work) -> Result<Slices> {
    check(options)?;
    let column = frame.column(target)?;
    let rows = Rows::of(column, options.seed)?;
    let support = options.support.unwrap_or_else(|| (rows.searched / 100).max(32)).max(1);
    let (mean, is_share) = (rows.mean(), rows.values.iter().all(|value| *value == 0.0 || *value == 1.0));
    let (features, left_out) = features::of(frame, column, &rows, support, options.columns.as_deref(), work)?;
    let goal = Goal::new(&rows.values, rows.searched, options.alpha, support, is_share);
    let found = search(&features, &goal, options.levels, options.most.saturating_mul(SPARE), work)?;
    let distinct = apart::apart(&features, &found.best, &goal, options.most, options.all);
    let reported: Vec<Slice> = distinct
        .iter()
        .map(|(best, bits)| {
            let condition = condition(&features, &best.parts, column, &rows);
            confirm::slice(condition, best.parts.len(), best.score, bits, &rows, is_share)
        })
        .collect();
    Ok(Slices {
        slices: confirm::adjusted(reported),
        held_out: rows.rows.len() - rows.searched,
        rows: rows.rows.len(),
        mean,
        support,
        conditions: features.len(),
        evaluated: found.evaluated,
        left_out,
    })
}

/// The figures of parts that somebody else chose, such as saved views: each a condition with its rows.
///
/// # Errors
/// If the target is not there or holds no numbers.
pub fn measure(frame: &Frame, target: &str, parts: &[(String, BooleanBuffer)], seed: u64) -> Result<Vec<Slice>> {
    let rows = Rows::of(frame.column(target)?, seed)?;
    let is_share = rows.values.iter().all(|value| *value == 0.0 || *value == 1.0);
    let slice = |(condition, mask): &(String, BooleanBuffer)| {
        let mut bits = bits::Bits::none(rows.rows.len());
        let is_in = |row: u32| (row as usize) < mask.len() && mask.value(row as usize);
        rows.rows.iter().enumerate().filter(|(_, row)| is_in(**row)).for_each(|(at, _)| bits.insert(at));
        confirm::slice(condition.clone(), 0, 0.0, &bits, &rows, is_share)
    };
    Ok(confirm::adjusted(parts.iter().map(slice).collect()))
}

fn check(options: &Options) -> Result<()> {
    if !(1..=4).contains(&options.levels) {
        return Err(Error::input(format!("{} levels are not possible", options.levels)).help("take 1 to 4 levels"));
    }
    if !(options.alpha > 0.0 && options.alpha <= 1.0) {
        return Err(
            Error::input(format!("alpha cannot be {}", options.alpha)).help("take a share above 0, usually 0.99")
        );
    }
    Ok(())
}

impl Rows {
    fn of(column: &Column, seed: u64) -> Result<Self> {
        if !matches!(column.values(), Values::Int(_) | Values::Float(_) | Values::Bool(_)) {
            return Err(Error::input(format!("the target holds no numbers but {}", column.kind().name()))
                .at(column.name())
                .help("choose a column of numbers, or of 0 and 1 such as whether a prediction is wrong"));
        }
        let value = |row: u32| column.number(row as usize).filter(|value| value.is_finite());
        let mut rows: Vec<u32> = (0..column.len() as u32).filter(|row| value(*row).is_some()).collect();
        if rows.is_empty() {
            return Err(Error::input("the target has no values").at(column.name()));
        }
        Random::new(seed).shuffle(&mut rows);
        // Few rows are all searched: a slice that cannot be confirmed is better than none.
        let searched = rows.len() * 2 / 3 / 64 * 64;
        let searched = if searched == 0 { rows.len() } else { searched };
        // Reading is fastest in order, and the order inside the two parts does not matter.
        let (first, rest) = rows.split_at_mut(searched);
        first.sort_unstable();
        rest.sort_unstable();
        let values = rows.iter().map(|row| value(*row).unwrap_or(0.0)).collect();
        Ok(Self { rows, values, searched })
    }

    fn mean(&self) -> Option<f64> {
        (!self.values.is_empty()).then(|| self.values.iter().sum::<f64>() / self.values.len() as f64)
    }
}

/// The condition of a slice; where the target has gaps, these are left out by it, as they are by the search.
fn condition(features: &[Feature], parts: &[u16], target: &Column, rows: &Rows) -> String {
    let mut conditions: Vec<String> =
        parts.iter().filter_map(|part| features.get(*part as usize)).map(|feature| feature.condition.clone()).collect();
    if rows.rows.len() < target.len() {
        let name = quote_name(target.name());
        conditions.push(format!("{name} IS NOT NULL"));
        if let Values::Float(_) = target.values() {
            conditions.push(format!("abs({name}) <= {:e}", f64::MAX));
        }
    }
    conditions.join(" AND ")
}
