//! Expectations: what must hold of a table, checked row by row or over whole columns.
//!
//! In: a [`Suite`] (TOML of ours, or the JSON of Great Expectations) and a frame. Out: a [`Report`] with one
//! [`Outcome`] for each expectation. Names, keyword arguments and verdicts are those of Great Expectations on pandas
//! data: missing values are never unexpected except where missing values are what is asked about, and an expectation
//! holds if the share of expected values is at least `mostly`; of no values it holds. `where` limits an expectation to
//! the rows of a condition of our filter language.
//!
//! Where we differ, on purpose: NaN is a value and not a missing one; numbers in a set are compared with a text column
//! by their text, and text in a set of numbers is an error and not a silent failure.

mod aggregates;
mod arguments;
mod catalogue;
mod condition;
mod divergence;
mod keys;
mod labelling;
mod patterns;
mod rows;
mod scalar;
mod schema;
mod suggest;
mod suite;
mod tables;
#[cfg(test)]
mod tests;
mod tuples;
mod unexpected;
mod values;

use std::collections::HashMap;

use arrow_buffer::BooleanBuffer;
use serde::Serialize;
use serde_json::{Value, json};

use aggregates::Aggregate;
use labelling::{Found, LabellingCheck};
use tables::TableCheck;
use tuples::TupleCheck;
use values::ValueCheck;

use crate::data::{Column, Frame, filter};
use crate::engine::{Error, Result, Work};

pub use labelling::Labelling;
pub use suggest::suggest;
pub(super) use values::usual_dates;

/// Unexpected values that an outcome shows.
const SAMPLE: usize = 20;

/// What must hold of a table.
#[derive(Debug, Clone, Default)]
pub struct Suite {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The expectations in order, those that cannot be understood included.
    pub expectations: Vec<Expectation>,
}

/// One expectation of a suite.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// Great Expectations' name.
    pub name: String,
    /// The column it is about, or its columns with commas between them; `None` for the whole table.
    pub column: Option<String>,
    /// The least share of expected values, 0-1.
    pub mostly: f64,
    /// The condition that limits the rows, in our filter language.
    pub condition: Option<String>,
    /// What is checked, or why the expectation cannot be understood and what to write instead.
    check: Result<Check>,
}

/// What is checked.
#[derive(Debug, Clone)]
enum Check {
    Table(TableCheck),
    Values(String, ValueCheck),
    Aggregate(String, Aggregate),
    Tuples(TupleCheck),
    Labelling(LabellingCheck),
}

/// How an expectation came out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Its name.
    pub expectation: String,
    /// The column or columns it is about.
    pub column: Option<String>,
    /// Whether it holds.
    pub success: bool,
    /// What was found: a statistic, a list of names, or for values the share that is as expected (0-1); null if
    /// undefined.
    pub observed: Value,
    /// The values that are not as expected; `None` where no single values are judged.
    pub unexpected_count: Option<u64>,
    /// Their share of the values that are not missing, in per cent (0-100), as Great Expectations gives it.
    pub unexpected_percent: Option<f64>,
    /// The first of them, at most 20.
    pub sample: Vec<Value>,
    /// The rows in which they stand, from 0.
    pub sample_rows: Vec<u32>,
    /// The rows that were looked at.
    pub rows: u64,
    /// Those of them without a value.
    pub missing: u64,
    /// The least share that was asked for.
    pub mostly: f64,
    /// The condition that limited the rows.
    #[serde(rename = "where")]
    pub condition: Option<String>,
    /// Why it could not be checked.
    pub error: Option<String>,
    /// What to do about that.
    pub help: Option<String>,
}

/// How a suite came out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Whether all hold.
    pub success: bool,
    /// One for each expectation, in order.
    pub results: Vec<Outcome>,
}

impl Report {
    /// The number of expectations that hold.
    pub fn held(&self) -> usize {
        self.results.iter().filter(|outcome| outcome.success).count()
    }
}

impl Suite {
    /// The expectations that cannot be understood: why, where, and what to write instead.
    pub fn faults(&self) -> impl Iterator<Item = &Error> {
        self.expectations.iter().filter_map(|expectation| expectation.check.as_ref().err())
    }

    /// Checks all expectations against a frame. What cannot be checked counts as failed and says why; the rest goes on.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn check(&self, frame: &Frame, work: &Work) -> Result<Report> {
        self.check_with(frame, frame, work)
    }

    /// The same where layers stand beside a table: `frame` has the columns of both, and expectations about the table as a
    /// whole look at `table` alone.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn check_with(&self, table: &Frame, frame: &Frame, work: &Work) -> Result<Report> {
        self.check_labelled(table, frame, None, work)
    }

    /// Whether something is expected of labelling itself, so that it has to be known.
    pub fn asks_of_labelling(&self) -> bool {
        self.expectations.iter().any(|expectation| matches!(expectation.check, Ok(Check::Labelling(_))))
    }

    /// The same where it is known how the table is labelled.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn check_labelled(
        &self,
        table: &Frame,
        frame: &Frame,
        labelling: Option<&Labelling>,
        work: &Work,
    ) -> Result<Report> {
        work.stage("checking expectations", self.expectations.len() as u64);
        let mut masks: HashMap<&str, Result<BooleanBuffer>> = HashMap::new();
        let mut results = Vec::with_capacity(self.expectations.len());
        for expectation in &self.expectations {
            let of = |source| masks.entry(source).or_insert_with(|| rows_of(source, frame, work)).clone();
            let mask = expectation.condition.as_deref().map(of);
            let known = (table, frame, labelling);
            // What is wrong with the suite itself is said before what is wrong with the data.
            let understood = expectation.check.as_ref().map(|_| ()).map_err(Clone::clone);
            let checked = understood
                .and_then(|()| mask.transpose())
                .and_then(|mask| expectation.check(known, mask.as_ref(), work));
            results.push(match checked {
                Ok(outcome) => outcome,
                Err(error) if error.is_cancelled() => return Err(error),
                Err(error) => expectation.failed(&error),
            });
            work.advance(1)?;
        }
        Ok(Report { success: results.iter().all(|outcome| outcome.success), results })
    }
}

/// All expectations by name, with their arguments; those in brackets may be left out.
pub fn known() -> impl Iterator<Item = (&'static str, String)> {
    catalogue::KNOWN.iter().map(|known| (known.name, known.usage()))
}

/// The rows of a condition.
fn rows_of(source: &str, frame: &Frame, work: &Work) -> Result<BooleanBuffer> {
    filter::parse(source, frame).map_err(|error| Error::from(error).at("where"))?.evaluate(frame, work)
}

impl Expectation {
    fn check(
        &self,
        (table, frame, labelling): (&Frame, &Frame, Option<&Labelling>),
        mask: Option<&BooleanBuffer>,
        work: &Work,
    ) -> Result<Outcome> {
        match self.check.as_ref().map_err(Clone::clone)? {
            Check::Table(check) => {
                let rows = mask.map_or(frame.rows(), BooleanBuffer::count_set_bits);
                let (success, observed) = check.observe(table, rows);
                Ok(self.whole(rows as u64, 0, success, observed))
            }
            Check::Values(name, check) => {
                let column = frame.column(name)?;
                let tally = check.tally(column, mask, work)?;
                Ok(self.judged(&tally, |row| shown(column, row)))
            }
            Check::Aggregate(name, aggregate) => {
                let column = frame.column(name)?;
                let (tally, success, observed) = aggregate.observe(column, mask, work)?;
                Ok(self.whole(tally.rows, tally.missing, success, observed))
            }
            Check::Tuples(check) => {
                let columns: Vec<&Column> =
                    check.columns.iter().map(|name| frame.column(name).map(AsRef::as_ref)).collect::<Result<_>>()?;
                let tally = check.tally(&columns, mask, work)?;
                Ok(self.judged(&tally, |row| columns.iter().map(|column| shown(column, row)).collect()))
            }
            Check::Labelling(check) => {
                let unknown = || {
                    Error::input("this is about labelling, and a plain file has none")
                        .help("check a project: lapidary expect DIR")
                };
                let labelling = labelling.ok_or_else(unknown)?;
                Ok(match check.observe(labelling, mask)? {
                    Found::Rows(tally) => self.judged(&tally, |row| {
                        let label = labelling.labels.get(row).copied().flatten();
                        json!(label.and_then(|label| labelling.classes.get(usize::from(label))))
                    }),
                    Found::Figure { rows, success, observed } => self.whole(rows, 0, success, observed),
                })
            }
        }
    }

    /// An outcome about rows one by one.
    fn judged(&self, tally: &rows::Tally, show: impl Fn(usize) -> Value) -> Outcome {
        let present = tally.rows - tally.missing;
        let share = |count: u64| (present > 0).then(|| count as f64 / present as f64);
        let expected = share(present - tally.unexpected);
        let mut outcome =
            self.whole(tally.rows, tally.missing, expected.is_none_or(|share| share >= self.mostly), json!(expected));
        outcome.unexpected_count = Some(tally.unexpected);
        outcome.unexpected_percent = share(tally.unexpected).map(|share| share * 100.0);
        outcome.sample = tally.sample.iter().map(|row| show(*row as usize)).collect();
        outcome.sample_rows.clone_from(&tally.sample);
        outcome
    }

    /// An outcome about a whole column or table.
    fn whole(&self, rows: u64, missing: u64, success: bool, observed: Value) -> Outcome {
        Outcome {
            expectation: self.name.clone(),
            column: self.column.clone(),
            success,
            observed,
            unexpected_count: None,
            unexpected_percent: None,
            sample: Vec::new(),
            sample_rows: Vec::new(),
            rows,
            missing,
            mostly: self.mostly,
            condition: self.condition.clone(),
            error: None,
            help: None,
        }
    }

    fn failed(&self, error: &Error) -> Outcome {
        let mut outcome = self.whole(0, 0, false, Value::Null);
        outcome.error = Some(error.to_string());
        outcome.help = error.advice().map(str::to_owned);
        outcome
    }
}

/// A cell as JSON; text is cut at 200 characters.
fn shown(column: &Column, row: usize) -> Value {
    use crate::data::Values;
    if column.is_null(row) {
        return Value::Null;
    }
    match column.values() {
        Values::Int(values) => json!(values.value(row)),
        Values::Float(values) => json!(values.value(row)),
        Values::Bool(values) => json!(values.value(row)),
        Values::Text(values) => match values.value(row).char_indices().nth(200) {
            Some((end, _)) => json!(format!("{}…", values.value(row).get(..end).unwrap_or_default())),
            None => json!(values.value(row)),
        },
        Values::Time(_) => json!(column.show(row)),
    }
}
