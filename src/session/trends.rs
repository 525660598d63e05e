//! Figures of a project over a column of times or batches, as derived values.

use std::sync::Arc;

use super::Session;
use super::derived::{Basis, VotesOutcome};
use super::layers::Layers;
use super::watched::{EXPECTATIONS, gathered};
use crate::clean::expect::Suite;
use crate::clean::trends::{Measure, Stretches, Trends, names_stretches, trends};
use crate::data::{Column, Frame, Kind, filter, show_float};
use crate::engine::{Derived, Fingerprint, Fingerprinter, Result, Work, files};
use crate::label::{Answers, class_answers};
use crate::weak::ABSTAIN;

/// Classes whose share is followed.
const CLASSES: usize = 20;

/// Functions that are followed.
const FUNCTIONS: usize = 50;

/// Values of a column that are followed.
const VALUES: usize = 5;

/// Follows the figures of a project.
pub struct TrendsOf {
    basis: Basis,
    layers: Arc<Layers>,
    votes: Option<Arc<VotesOutcome>>,
    answers: Arc<Answers<u16>>,
    suite: Option<Arc<str>>,
    by: String,
    print: Fingerprint,
}

impl TrendsOf {
    /// `layers` and `votes` are those of the session as it is, with the name of the layers; `suite` is what is expected of
    /// the data.
    pub fn new(
        session: &Session,
        layers: (Arc<Layers>, Fingerprint),
        votes: Option<Arc<VotesOutcome>>,
        suite: Option<Arc<str>>,
        by: &str,
    ) -> Self {
        let ledger = &session.project().ledger;
        let answers = class_answers(ledger.marks(), &session.dataset().ids, session.classes());
        let print = Self::name(session, layers.1, suite.as_deref(), by);
        let (basis, by) = (session.basis(), by.to_owned());
        Self { basis, layers: layers.0, votes, answers: Arc::new(answers), suite, by, print }
    }

    /// The name of what [`new`](Self::new) would gather, which is linear in the labels: a window asks for it in every
    /// frame, and gathers when it has changed.
    pub fn name(session: &Session, layers: Fingerprint, suite: Option<&str>, by: &str) -> Fingerprint {
        let generation = session.project().ledger.generation();
        let print = Fingerprinter::new("trends").print(layers).number(generation).text(by);
        print.text(suite.unwrap_or_default()).finish()
    }
}

/// The columns by which figures can be followed: times first, then split, source or batch, then numbers.
pub fn trend_columns(frame: &Frame) -> Vec<String> {
    let rank = |column: &Column| match column.kind() {
        Kind::Time => Some(0),
        Kind::Category if ["batch", "split", "month", "week", "day", "date", "version"].contains(&column.name()) => {
            Some(1)
        }
        Kind::Category | Kind::Bool => Some(3),
        Kind::Int | Kind::Float => Some(2),
        Kind::Text | Kind::Image | Kind::Audio => None,
    };
    let mut found: Vec<(i32, String)> =
        frame.columns().iter().filter_map(|column| Some((rank(column)?, column.name().to_owned()))).collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, name)| name).collect()
}

/// The figures of a project over a column, without a window.
///
/// # Errors
/// If there is no such column or nothing can be followed by it, or the work is cancelled.
pub fn project_trends(session: &Session, by: &str, work: &Work) -> Result<Trends> {
    let (layers, votes) = gathered(session, work)?;
    let suite = session.project().folder().join(EXPECTATIONS);
    let suite = if suite.exists() { Some(Arc::from(files::read_text(&suite)?)) } else { None };
    TrendsOf::new(session, layers, Some(votes), suite, by).compute(work)
}

impl Derived for TrendsOf {
    type Output = Trends;

    fn fingerprint(&self) -> Fingerprint {
        self.print
    }

    fn compute(&self, work: &Work) -> Result<Trends> {
        let frame = &self.layers.frame;
        let stretches = Stretches::of(frame.column(&self.by)?, work)?;
        let mut measures = self.label_measures();
        measures.extend(self.function_measures());
        measures.extend(self.model_measures());
        measures.extend(self.agreement());
        measures.extend(self.unexpected(work)?);
        let own = &self.basis.dataset.frame;
        for column in own.columns().iter().filter(|column| column.name() != self.by) {
            work.check()?;
            measures.extend(measures_of_column(column, &stretches));
        }
        // Conditions are made of the data's own columns: layers say again what is followed.
        trends(own, &stretches, &measures, &|_| true, self.basis.settings.seed, work)
    }
}

/// A flag as a number.
fn number(flag: bool) -> Option<f64> {
    Some(f64::from(u8::from(flag)))
}

impl TrendsOf {
    fn label_measures(&self) -> Vec<Measure> {
        let labels = &self.layers.labels.label;
        let mut counts = vec![0usize; self.basis.classes.len()];
        for label in labels.iter().filter_map(|label| usize::try_from(*label).ok()) {
            if let Some(count) = counts.get_mut(label) {
                *count += 1;
            }
        }
        let mut order: Vec<usize> =
            (0..counts.len()).filter(|at| counts.get(*at).is_some_and(|count| *count > 0)).collect();
        order.sort_by_key(|at| std::cmp::Reverse(counts.get(*at).copied()));
        let measure = |at: usize| {
            let is = |label: &i16| if *label < 0 { None } else { number(*label as usize == at) };
            let name = self.basis.classes.get(at).cloned().unwrap_or_default();
            Measure { name, kind: "class-share", values: labels.iter().map(is).collect() }
        };
        order.into_iter().take(CLASSES).map(measure).collect()
    }

    fn function_measures(&self) -> Vec<Measure> {
        let Some(votes) = &self.votes else { return Vec::new() };
        let reference = self.basis.reference();
        let measures = |(at, column): (usize, &crate::weak::VoteColumn)| {
            let shaded = |row: usize| votes.votes.shades(at).and_then(|shades| shades.row(row));
            let said = |(row, vote): (usize, &i16)| number(*vote != ABSTAIN || shaded(row).is_some());
            let coverage = column.votes.iter().enumerate().map(said).collect();
            let right = |(row, (vote, known)): (usize, (&i16, &Option<u16>))| match (known, shaded(row)) {
                (Some(known), Some(meaning)) => number(meaning.names(usize::from(*known))),
                (Some(known), None) if *vote != ABSTAIN => number(i32::from(*vote) == i32::from(*known)),
                _ => None,
            };
            let precision: Vec<Option<f64>> = column.votes.iter().zip(&reference).enumerate().map(right).collect();
            let name = column.name.clone();
            [
                Some(Measure { name: name.clone(), kind: "coverage", values: coverage }),
                precision.iter().any(Option::is_some).then_some(Measure { name, kind: "precision", values: precision }),
            ]
        };
        votes.votes.columns().iter().enumerate().take(FUNCTIONS).flat_map(measures).flatten().collect()
    }

    /// How often models are right, by the labels that are known.
    fn model_measures(&self) -> Vec<Measure> {
        let reference = self.basis.reference();
        let measure = |name: &str| {
            let column = self.layers.frame.get(name)?;
            let right = |row: usize| {
                let known = self.basis.classes.get(usize::from((*reference.get(row)?)?))?;
                number(column.show(row)?.as_ref() == known.as_str())
            };
            let values: Vec<Option<f64>> = (0..column.len()).map(right).collect();
            values.iter().any(Option::is_some).then(|| Measure { name: name.to_owned(), kind: "accuracy", values })
        };
        ["model_label", "weak_label"].into_iter().filter_map(measure).collect()
    }

    /// For each item that several annotators labelled, the share of pairs that agree.
    fn agreement(&self) -> Option<Measure> {
        let mut values = vec![None; self.basis.dataset.rows()];
        for (row, answers) in &self.answers.rows {
            let given: Vec<u16> = answers.iter().flatten().copied().collect();
            let pairs = given.len() * given.len().saturating_sub(1) / 2;
            let alike: usize =
                given.iter().enumerate().map(|(at, a)| given.iter().skip(at + 1).filter(|b| a == *b).count()).sum();
            if let (Some(value), true) = (values.get_mut(*row as usize), pairs > 0) {
                *value = Some(alike as f64 / pairs as f64);
            }
        }
        let name = self.answers.annotators.join(", ");
        values.iter().any(Option::is_some).then_some(Measure { name, kind: "agreement", values })
    }

    /// The rows that are not as expected, for each expectation of which a condition selects them.
    fn unexpected(&self, work: &Work) -> Result<Vec<Measure>> {
        let Some(suite) = self.suite.as_deref().and_then(|text| Suite::from_toml(text).ok()) else {
            return Ok(Vec::new());
        };
        let frame = &self.layers.frame;
        let mut found = Vec::new();
        for expectation in &suite.expectations {
            let Some(parsed) = expectation.unexpected(frame).and_then(|sql| filter::parse(&sql, frame).ok()) else {
                continue;
            };
            let mask = parsed.evaluate(frame, work)?;
            let values = (0..mask.len()).map(|row| number(mask.value(row))).collect();
            let short = expectation.name.trim_start_matches("expect_column_");
            let name = format!("{} {short}", expectation.column.as_deref().unwrap_or_default());
            found.push(Measure { name, kind: "unexpected", values });
        }
        Ok(found)
    }
}

/// The figures of a column as it is: its mean, the shares of its most frequent values, what is missing. Values that name
/// rows, or the stretch they are in, have no figures.
pub fn measures_of_column(column: &Column, stretches: &Stretches) -> Vec<Measure> {
    let name = column.name();
    let mut found = Vec::new();
    match column.kind() {
        Kind::Int | Kind::Float => {
            let values: Vec<Option<f64>> = (0..column.len()).map(|row| column.number(row)).collect();
            let repeats = Repeats::of(&values);
            if let Some(value) = repeats.filler {
                let is = |it: &Option<f64>| number((*it)? == value);
                let name = format!("{name} = {}", show_float(value).trim_end_matches(".0"));
                found.push(Measure { name, kind: "share", values: values.iter().map(is).collect() });
            }
            if column.kind() == Kind::Float || !repeats.all_differ {
                found.push(Measure { name: name.to_owned(), kind: "mean", values });
            }
        }
        Kind::Bool => {
            let values = (0..column.len()).map(|row| column.number(row)).collect();
            found.push(Measure { name: name.to_owned(), kind: "share", values });
        }
        Kind::Category if !names_stretches(column, stretches) => {
            for value in frequent(column) {
                let is = |row: usize| number(column.show(row)?.as_ref() == value);
                let values = (0..column.len()).map(is).collect();
                found.push(Measure { name: format!("{name} = {value}"), kind: "share", values });
            }
        }
        Kind::Category | Kind::Text | Kind::Time | Kind::Image | Kind::Audio => {}
    }
    if column.null_count() > 0 {
        let values = (0..column.len()).map(|row| number(column.is_null(row))).collect();
        found.push(Measure { name: name.to_owned(), kind: "missing", values });
    }
    found
}

/// The most frequent values of a category.
fn frequent(column: &Column) -> Vec<String> {
    let mut counts: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for value in (0..column.len()).filter_map(|row| column.show(row)) {
        match counts.get_mut(value.as_ref()) {
            Some(count) => *count += 1,
            None => _ = counts.insert(value.into_owned(), 1),
        }
    }
    let mut order: Vec<(String, usize)> = counts.into_iter().collect();
    order.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    order.into_iter().take(VALUES).map(|(value, _)| value).collect()
}

/// How often numbers stand there again.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Repeats {
    /// Whether no two are equal: whole numbers of that kind name rows.
    all_differ: bool,
    /// The number that far more rows have than any measured one would, such as a 0 or what stands in for a missing value.
    /// A mean may hide when it comes and goes.
    filler: Option<f64>,
}

impl Repeats {
    /// The share of rows from which on a number fills in, among numbers of more than [`MANY`](Self::MANY) values.
    const FILLS: f64 = 0.1;
    const MANY: usize = 50;

    fn of(values: &[Option<f64>]) -> Self {
        let mut known: Vec<f64> = values.iter().flatten().copied().filter(|value| value.is_finite()).collect();
        known.sort_unstable_by(f64::total_cmp);
        let runs = || known.chunk_by(|a, b| a == b);
        let distinct = runs().count();
        let most = runs().max_by_key(|run| run.len()).and_then(|run| Some((*run.first()?, run.len())));
        let fills =
            |(_, rows): &(f64, usize)| distinct > Self::MANY && *rows as f64 >= Self::FILLS * known.len() as f64;
        let all_differ = known.len() > Self::MANY && distinct == known.len();
        Self { all_differ, filler: most.filter(fills).map(|(value, _)| value) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fills_in_is_followed_and_names_of_rows_are_not() {
        let check = |values: Vec<f64>, all_differ: bool, filler: Option<f64>| {
            let values: Vec<Option<f64>> = values.into_iter().map(Some).chain([None]).collect();
            assert_eq!(Repeats::of(&values), Repeats { all_differ, filler });
        };
        check((0..100).map(f64::from).collect(), true, None);
        check((0..100).map(|n| f64::from(n % 5)).collect(), false, None);
        let filled = |n: i32| if n % 4 == 0 { -1.0 } else { f64::from(n) };
        check((0..400).map(filled).collect(), false, Some(-1.0));
        check(vec![1.0, 2.0, 3.0], false, None);
    }
}
