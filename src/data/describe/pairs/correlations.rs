//! Every column against every other, in one number each.

use arrow_buffer::BooleanBuffer;
use rayon::prelude::*;
use serde::Serialize;

use super::super::super::{Column, Frame, Kind};
use super::codes::codes;
use super::{CHUNK, correlate, is_category, is_in, number};
use crate::engine::{Random, Result, Work};

/// The most columns that are compared, the first ones.
const MOST_COLUMNS: usize = 200;

/// Values of a category beyond which it is rather a name or a text.
const MOST_LEVELS: usize = 1000;

/// Numbers that are held at once, of all columns; of more rows a sample is taken.
const MOST_CELLS: usize = 1 << 24;

/// What a number between two columns means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// Pearson's correlation of numbers, -1 to 1.
    Pearson,
    /// Cramér's V of categories, corrected for bias, 0-1.
    CramersV,
    /// The correlation ratio of numbers by category, 0-1.
    CorrelationRatio,
}

/// How far two columns go together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Correlation {
    /// What `value` means.
    pub measure: Measure,
    /// The measure; `None` where it is undefined, as for a constant column.
    pub value: Option<f64>,
    /// The rows in which both have a value.
    pub rows: u64,
}

/// Every column against every other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Correlations {
    /// The columns.
    pub names: Vec<String>,
    /// The pairs: the second column with the first, the third with the first and the second, and so on.
    pub pairs: Vec<Correlation>,
    /// Columns that are not in it: free text, media, and categories of more than 1000 values.
    pub left_out: Vec<String>,
    /// The rows that were looked at.
    pub rows: usize,
    /// The rows that they were drawn from; more than `rows` if a sample was taken.
    pub of: usize,
}

enum Prepared {
    Numbers(Vec<f64>),
    Codes(Vec<u32>, usize),
}

impl Correlations {
    /// Two columns by their place in [`names`](Self::names), in either order; `None` for a column with itself.
    pub fn get(&self, a: usize, b: usize) -> Option<&Correlation> {
        let (first, second) = (a.min(b), a.max(b));
        if first == second || second >= self.names.len() {
            return None;
        }
        self.pairs.get(second * (second - 1) / 2 + first)
    }
}

/// Compares all columns of a frame, within `mask` if one is given. Above 16 million cells a sample of rows is taken,
/// the same for the same seed, and said.
///
/// # Errors
/// If the work was cancelled.
pub fn correlations(frame: &Frame, mask: Option<&BooleanBuffer>, seed: u64, work: &Work) -> Result<Correlations> {
    let fits = |column: &Column| !matches!(column.kind(), Kind::Text | Kind::Image | Kind::Audio);
    let fitting: Vec<&Column> = frame.columns().iter().map(AsRef::as_ref).filter(|column| fits(column)).collect();
    if fitting.len() > MOST_COLUMNS {
        work.warn(format!("only the first {MOST_COLUMNS} of {} columns are compared", fitting.len()));
    }
    let chosen = fitting.get(..fitting.len().min(MOST_COLUMNS)).unwrap_or_default();
    let mut rows: Vec<u32> = (0..frame.rows()).filter(|row| is_in(mask, *row)).map(|row| row as u32).collect();
    let of = rows.len();
    thin(&mut rows, MOST_CELLS / chosen.len().max(1), seed);
    work.stage("comparing columns", chosen.len() as u64);
    let prepare = |column: &&Column| {
        let prepared = if is_category(column) {
            codes(column, &rows, work).map(|(codes, levels)| Prepared::Codes(codes, levels))
        } else {
            numbers(column, &rows, work).map(Prepared::Numbers)
        }?;
        work.advance(1)?;
        Ok(prepared)
    };
    let prepared: Vec<Prepared> = chosen.par_iter().map(prepare).collect::<Result<_>>()?;
    let small = |prepared: &Prepared| !matches!(prepared, Prepared::Codes(_, levels) if *levels > MOST_LEVELS);
    let kept: Vec<(&str, &Prepared)> =
        chosen.iter().zip(&prepared).filter(|(_, it)| small(it)).map(|(column, it)| (column.name(), it)).collect();
    let names: Vec<String> = kept.iter().map(|(name, _)| (*name).to_owned()).collect();
    let left_out = frame.columns().iter().map(|column| column.name()).filter(|name| !names.iter().any(|it| it == name));
    let left_out = left_out.map(str::to_owned).collect();
    let places: Vec<(usize, usize)> = (1..kept.len()).flat_map(|b| (0..b).map(move |a| (a, b))).collect();
    work.stage("comparing pairs of columns", places.len() as u64);
    let each = |&(a, b): &(usize, usize)| {
        let found = match (kept.get(a), kept.get(b)) {
            (Some((_, a)), Some((_, b))) => of_two(a, b, work)?,
            _ => Correlation { measure: Measure::Pearson, value: None, rows: 0 },
        };
        work.advance(1)?;
        Ok(found)
    };
    let pairs: Vec<Correlation> = places.par_iter().map(each).collect::<Result<_>>()?;
    Ok(Correlations { names, pairs, left_out, rows: rows.len(), of })
}

fn of_two(a: &Prepared, b: &Prepared, work: &Work) -> Result<Correlation> {
    let (measure, (value, rows)) = match (a, b) {
        (Prepared::Numbers(a), Prepared::Numbers(b)) => (Measure::Pearson, correlate::pearson(a, b, work)?),
        (Prepared::Codes(a, a_levels), Prepared::Codes(b, b_levels)) => {
            (Measure::CramersV, correlate::cramers_v((a, *a_levels), (b, *b_levels), work)?)
        }
        (Prepared::Codes(codes, levels), Prepared::Numbers(numbers))
        | (Prepared::Numbers(numbers), Prepared::Codes(codes, levels)) => {
            (Measure::CorrelationRatio, correlate::correlation_ratio((codes, *levels), numbers, work)?)
        }
    };
    Ok(Correlation { measure, value, rows })
}

fn numbers(column: &Column, rows: &[u32], work: &Work) -> Result<Vec<f64>> {
    let mut numbers = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(CHUNK) {
        work.check()?;
        numbers.extend(chunk.iter().map(|row| number(column, *row as usize)));
    }
    Ok(numbers)
}

/// Leaves `most` of the rows, in order, the same for the same seed.
fn thin(rows: &mut Vec<u32>, most: usize, seed: u64) {
    Random::new(seed).thin(rows, most);
    rows.sort_unstable();
}
