//! Drift: how far the columns of one table have moved from those of another, and whether that is more than chance.
//!
//! In: a reference and a current frame. Out: for each column that both have a distance with a 95 % interval, the
//! distance that chance alone reaches, and a verdict. A column has drifted if its distance is at least the threshold of
//! its method *and* beyond chance: reference and current rows are dealt anew again and again, and at most 5 % of the
//! deals reach it. So the verdict means the same for 50 rows and for 50 million, and without any drift at most one
//! column in twenty is called drifted, whatever the number of rows. The rule does not switch between tests by size.
//!
//! | column | method | threshold |
//! | --- | --- | --- |
//! | numbers | first Wasserstein distance by the deviation of the reference; or Kolmogorov-Smirnov, or PSI | 0.1 |
//! | categories, truth values, numbers of few values | Jensen-Shannon distance (natural logarithm) | 0.1 |
//! | times | Jensen-Shannon distance of the hours of the week | 0.1 |
//! | text, images, vectors | area under the ROC curve of a classifier that tells the two apart, on rows it has not seen | 0.55 |
//!
//! Distances and thresholds are Evidently's. Missing values are left out of the distance and compared by themselves.

mod categorical;
mod dense;
mod history;
mod numeric;
mod resample;
#[cfg(test)]
mod tests;
mod text;

use rayon::prelude::*;
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use super::statistics::normal_tail;
use crate::data::{Column, Frame, Kind, Values};
use crate::engine::{Error, Random, Result, Work};

pub use super::change::Change;
pub use history::{ColumnHistory, History, Moment, history};

/// Evidently's share of drifted columns from which on a dataset has drifted.
const DATASET: f64 = 0.5;

/// Numbers of no more different values than this are compared value by value.
const FEW: usize = 5;

/// How to compare.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// A column that is compared as text, whatever it looks like.
    pub text: Option<String>,
    /// How numbers are compared.
    pub numeric: NumericMethod,
    /// How often rows are dealt anew for intervals and for chance.
    pub resamples: usize,
    /// The seed of these deals and of samples of texts.
    pub seed: u64,
    /// The folders that the paths of images start from, of the reference and of the current rows. Without them columns
    /// of images are compared by nothing and say so.
    pub media: Option<[std::path::PathBuf; 2]>,
}

impl Default for Options {
    fn default() -> Self {
        Self { text: None, numeric: NumericMethod::Wasserstein, resamples: 199, seed: 0, media: None }
    }
}

/// How numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumericMethod {
    /// The mean distance by which values have moved, in deviations of the reference.
    Wasserstein,
    /// The greatest difference of the cumulative shares.
    KolmogorovSmirnov,
    /// The population stability index over bins after Sturges.
    Psi,
}

impl NumericMethod {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Wasserstein, Self::KolmogorovSmirnov, Self::Psi];

    /// The name on the command line and in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wasserstein => "wasserstein",
            Self::KolmogorovSmirnov => "kolmogorov-smirnov",
            Self::Psi => "psi",
        }
    }

    /// The method of that name.
    ///
    /// # Errors
    /// If there is none.
    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::input(format!("there is no method \"{name}\"")).help(format!("the methods are: {names}"))
        })
    }
}

/// How two tables differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drift {
    /// Each column that both have, in the order of the reference.
    pub columns: Vec<ColumnDrift>,
    /// The columns that were judged; times are not, as they move by nature.
    pub judged: usize,
    /// Those of them that have drifted.
    pub drifted: usize,
    /// True if at least half of them have.
    pub dataset_drifted: bool,
    /// Columns that only the reference has.
    pub only_reference: Vec<String>,
    /// Columns that only the current table has.
    pub only_current: Vec<String>,
}

/// How a column has moved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnDrift {
    /// The column.
    pub name: String,
    /// How it was compared.
    pub method: &'static str,
    /// The distance; `None` where it is undefined, as for a column without values.
    pub distance: Option<f64>,
    /// The lower end of its 95 % interval; where the distance is not beyond chance, the value of no drift at all.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// The distance from which on a column counts as drifted, if it is beyond chance.
    pub threshold: f64,
    /// The distance that 95 % of the deals without drift stay below.
    pub noise: Option<f64>,
    /// The least true distance that rows as many as these would find in four of five cases.
    pub detectable: Option<f64>,
    /// The share of deals without drift that reach the distance, counting the one at hand.
    pub p_value: Option<f64>,
    /// Whether it has drifted.
    pub drifted: bool,
    /// The share of the reference's rows without a value, 0-1.
    pub missing_reference: f64,
    /// The same of the current rows.
    pub missing_current: f64,
    /// Whether these shares differ by more than a twentieth and more than by chance.
    pub missing_drifted: bool,
    /// Why there is no distance, or what to know about it.
    pub note: Option<String>,
    /// What the two distributions look like.
    pub detail: Detail,
}

/// What two distributions look like, side by side.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Detail {
    /// Parts of the distribution with the shares (0-1) that each side has in them.
    pub parts: Vec<Part>,
    /// Values that only the current rows have, the most frequent first, at most 20.
    pub new: Vec<ValueCount>,
    /// How many there are in all.
    pub new_values: usize,
    /// Values that only the reference has, the most frequent first, at most 20.
    pub vanished: Vec<ValueCount>,
    /// How many there are in all.
    pub vanished_values: usize,
    /// What is more frequent in the current texts, as pieces of words, the heaviest first.
    pub more: Vec<String>,
    /// What is more frequent in the reference's texts.
    pub less: Vec<String>,
    /// The first and last time of the reference.
    pub reference_range: Option<(String, String)>,
    /// The first and last current time.
    pub current_range: Option<(String, String)>,
}

/// A part of a distribution.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// A value or range.
    pub label: String,
    /// The share of the reference in it, 0-1.
    pub reference: f64,
    /// The share of the current rows in it, 0-1.
    pub current: f64,
}

/// A value with the rows that have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValueCount {
    /// The value as text.
    pub value: String,
    /// The rows.
    pub count: u64,
}

/// What a method finds.
#[derive(Debug, Clone, Default, PartialEq)]
struct Measured {
    method: &'static str,
    threshold: f64,
    judged: resample::Judged,
    note: Option<String>,
    detail: Detail,
}

/// Compares the columns of two frames.
///
/// # Errors
/// If they have no column in common, the column named as text is not there or holds no text, or the work was cancelled.
pub fn compare(reference: &Frame, current: &Frame, options: &Options, work: &Work) -> Result<Drift> {
    let pairs = pairs(reference, current, options)?;
    work.stage("comparing columns", pairs.len() as u64);
    let each = |pair: &Pair<'_>| {
        let found = pair.compare(options, work)?;
        work.advance(1)?;
        Ok(found)
    };
    // A classifier uses all threads by itself and reports its own progress, so these come one after the other.
    let is_text = |pair: &&Pair<'_>| matches!(pair.as_what, As::Text | As::Images);
    let quick: Vec<&Pair<'_>> = pairs.iter().filter(|pair| !is_text(pair)).collect();
    let mut quick = quick.par_iter().map(|pair| each(pair)).collect::<Result<Vec<ColumnDrift>>>()?.into_iter();
    let mut columns = Vec::with_capacity(pairs.len());
    for pair in &pairs {
        if is_text(&pair) {
            columns.push(each(pair)?);
        } else {
            columns.extend(quick.next());
        }
    }
    let vectors = vectors(reference, current, options, work)?;
    let judged = || {
        pairs
            .iter()
            .zip(&columns)
            .filter(|(pair, _)| pair.as_what != As::Times)
            .map(|(_, column)| column)
            .chain(&vectors)
    };
    let drifted = judged().filter(|column| column.drifted).count();
    let judged = judged().filter(|column| column.distance.is_some()).count();
    let missing_in = |here: &Frame, there: &Frame| {
        let absent = here.columns().iter().map(|column| column.name()).filter(|name| exact(there, name).is_none());
        absent.map(str::to_owned).collect()
    };
    let dataset_drifted = judged > 0 && drifted as f64 >= DATASET * judged as f64;
    columns.extend(vectors);
    Ok(Drift {
        dataset_drifted,
        judged,
        drifted,
        only_reference: missing_in(reference, current),
        only_current: missing_in(current, reference),
        columns,
    })
}

/// What a column is compared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum As {
    Numbers,
    Values,
    Times,
    Text,
    Images,
}

/// A column of both frames.
struct Pair<'a> {
    reference: &'a Column,
    current: &'a Column,
    as_what: As,
}

fn exact<'a>(frame: &'a Frame, name: &str) -> Option<&'a Column> {
    frame.columns().iter().find(|column| column.name() == name).map(AsRef::as_ref)
}

fn pairs<'a>(reference: &'a Frame, current: &'a Frame, options: &Options) -> Result<Vec<Pair<'a>>> {
    if let Some(name) = &options.text {
        for frame in [reference, current] {
            let column = frame.column(name)?;
            if column.strings().is_none() {
                return Err(Error::input(format!("the column holds no text but {}", column.kind().name())).at(name));
            }
        }
    }
    let is_text = |column: &Column| options.text.as_ref().is_some_and(|name| column.name().eq_ignore_ascii_case(name));
    let pair = |column: &'a Column| {
        let current = exact(current, column.name())?;
        let as_what = if is_text(column) { As::Text } else { common(column, current) };
        Some(Pair { reference: column, current, as_what })
    };
    let pairs: Vec<Pair<'a>> = reference.columns().iter().filter_map(|column| pair(column.as_ref())).collect();
    if pairs.is_empty() {
        let names = |frame: &Frame| frame.columns().iter().take(10).map(|it| it.name()).collect::<Vec<_>>().join(", ");
        return Err(Error::input("the two tables have no column in common").help(format!(
            "the reference has {}; the current table has {}",
            names(reference),
            names(current)
        )));
    }
    Ok(pairs)
}

/// What two columns can be compared as.
fn common(a: &Column, b: &Column) -> As {
    let numbers = |column: &Column| matches!(column.kind(), Kind::Int | Kind::Float);
    match (a.values(), b.values()) {
        (Values::Time(_), Values::Time(_)) => As::Times,
        _ if a.kind() == Kind::Image && b.kind() == Kind::Image => As::Images,
        _ if numbers(a) && numbers(b) => As::Numbers,
        // A text of many values on one side, and the same column with few on the other, are texts.
        (Values::Text(_), Values::Text(_)) if a.kind() == Kind::Text || b.kind() == Kind::Text => As::Text,
        _ => As::Values,
    }
}

impl Pair<'_> {
    fn compare(&self, options: &Options, work: &Work) -> Result<ColumnDrift> {
        // Each column has its own numbers, so that they do not depend on which others there are.
        let name = self.reference.name();
        let mut random = Random::new(options.seed ^ xxh3_64(name.as_bytes()));
        let (a, b) = (self.reference, self.current);
        let measured = match self.as_what {
            As::Text => text::compare(a, b, options, &mut random, work)?,
            As::Images => match &options.media {
                Some([of_a, of_b]) => dense::images((a, of_a), (b, of_b), options, &mut random, work)?,
                None => Measured {
                    method: "domain-classifier",
                    threshold: text::THRESHOLD,
                    note: Some("it is not known where the images are".to_owned()),
                    ..Measured::default()
                },
            },
            As::Times => categorical::times(a, b, options.resamples, &mut random, work)?,
            As::Values => categorical::values(a, b, options.resamples, &mut random, work)?,
            As::Numbers if numeric::distinct_values(a, FEW + 1, work)? <= FEW => {
                categorical::values(a, b, options.resamples, &mut random, work)?
            }
            As::Numbers => numeric::compare(a, b, options, &mut random, work)?,
        };
        let share = |column: &Column| column.null_count() as f64 / column.len().max(1) as f64;
        let note = measured.note.clone().or_else(|| {
            let kinds = (a.kind(), b.kind());
            let unlike = std::mem::discriminant(a.values()) != std::mem::discriminant(b.values());
            (unlike && self.as_what == As::Values)
                .then(|| format!("{} in the reference and {} now", kinds.0.name(), kinds.1.name()))
        });
        let missing = [share(a), share(b)];
        Ok(Measured { note, ..measured }.told(name, missing, missing_drifted(a, b)))
    }
}

/// Vectors that both tables have, under one name and of one width.
fn vectors(reference: &Frame, current: &Frame, options: &Options, work: &Work) -> Result<Vec<ColumnDrift>> {
    let mut found = Vec::new();
    for a in reference.vectors() {
        let Some(b) = current.vectors().iter().find(|b| b.name() == a.name()) else { continue };
        let mut random = Random::new(options.seed ^ xxh3_64(a.name().as_bytes()));
        let measured = match a.width() == b.width() {
            true => dense::vectors(a, b, options, &mut random, work)?,
            false => Measured {
                method: "domain-classifier",
                threshold: text::THRESHOLD,
                note: Some(format!("{} numbers in the reference and {} now", a.width(), b.width())),
                ..Measured::default()
            },
        };
        let share = |of: &crate::data::Vectors| {
            (0..of.rows()).filter(|row| of.row(*row).is_none()).count() as f64 / of.rows().max(1) as f64
        };
        found.push(measured.told(a.name(), [share(a), share(b)], false));
    }
    Ok(found)
}

impl Measured {
    /// The column as it is told.
    fn told(self, name: &str, missing: [f64; 2], missing_drifted: bool) -> ColumnDrift {
        let judged = self.judged;
        let beyond = judged.p_value.is_some_and(|p| p <= 0.05);
        ColumnDrift {
            name: name.to_owned(),
            method: self.method,
            drifted: beyond && judged.distance.is_some_and(|distance| distance >= self.threshold),
            distance: judged.distance,
            low: judged.low,
            high: judged.high,
            threshold: self.threshold,
            noise: judged.noise,
            detectable: judged.detectable,
            p_value: judged.p_value,
            missing_reference: missing[0],
            missing_current: missing[1],
            missing_drifted,
            note: self.note,
            detail: self.detail,
        }
    }
}

/// Whether the shares of missing values differ by more than a twentieth, and more than by chance (two shares, pooled,
/// two-sided, 5 %).
fn missing_drifted(a: &Column, b: &Column) -> bool {
    let (n, m) = (a.len() as f64, b.len() as f64);
    if n == 0.0 || m == 0.0 {
        return false;
    }
    let difference = (a.null_count() as f64 / n - b.null_count() as f64 / m).abs();
    let pooled = (a.null_count() + b.null_count()) as f64 / (n + m);
    let deviation = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
    difference >= 0.05 && deviation > 0.0 && 2.0 * normal_tail(difference / deviation) <= 0.05
}
