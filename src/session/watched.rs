//! What the Watch workspace shows: what must hold (expectations), and where a number is high (slices).

use std::path::PathBuf;
use std::sync::Arc;

use super::layers::Layers;
use super::{Live, Session};
use crate::clean::expect::{self, Expectation, Outcome, Suite};
use crate::clean::slices::{self, Slices};
use crate::data::describe::Summary;
use crate::data::{Frame, Kind, filter};
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work, files};

/// Layers that follow from what models and findings say. A condition on one of them says the target in other words.
const TELLING: [&str; 6] = ["self_confidence", "similarity", "excluded", "label_source", "source_change", "label_hand"];

/// The beginnings of the names of such layers.
const TELLING_STARTS: [&str; 3] = ["model_", "weak_", "flag_"];

/// The columns in which a slice may be looked for: truth values first, then numbers. The column that names items is none.
pub fn slice_targets(session: &Session, layers: &Layers) -> Vec<String> {
    let id = session.project().config.data.id.as_deref();
    let of = |wanted: fn(Kind) -> bool| {
        let columns = layers.frame.columns().iter().filter(move |column| wanted(column.kind()));
        columns.map(|column| column.name().to_owned()).filter(|name| Some(name.as_str()) != id)
    };
    of(|kind| kind == Kind::Bool).chain(of(|kind| matches!(kind, Kind::Int | Kind::Float))).collect()
}

/// Finds the slices of the layers in which a column is high.
pub struct SlicesOf {
    /// The columns that conditions are made of, and the target.
    frame: Frame,
    target: String,
    seed: u64,
    print: Fingerprint,
}

impl SlicesOf {
    /// Conditions are made of the data's own columns; with `layers_too` also of the labels, the votes of functions and
    /// what images are like. `None` if there is no such target.
    pub fn new(session: &Session, layers: &Layers, target: &str, layers_too: bool) -> Option<Self> {
        let own = &session.dataset().frame;
        let id = session.project().config.data.id.as_deref();
        let seed = session.project().config.settings.seed;
        let is_wanted = |name: &str| {
            let is_own = own.columns().iter().any(|column| column.name() == name);
            let tells = TELLING.contains(&name) || TELLING_STARTS.iter().any(|start| name.starts_with(start));
            name == target || (Some(name) != id && (is_own || (layers_too && !tells)))
        };
        layers.frame.get(target)?;
        let mut print = Fingerprinter::new("slices").text(target).number(seed);
        let mut columns = Vec::new();
        for (column, name) in layers.frame.columns().iter().zip(&layers.prints) {
            if is_wanted(column.name()) {
                print = print.print(*name);
                columns.push(column.clone());
            }
        }
        Some(Self { frame: Frame::new(columns), target: target.to_owned(), seed, print: print.finish() })
    }
}

/// What [`SlicesOf`] gives.
pub struct Sliced {
    /// The column that is high.
    pub target: String,
    /// The slices.
    pub found: Slices,
    /// Whether the target is 0 or 1, so that its mean is a share.
    pub is_share: bool,
}

impl Derived for SlicesOf {
    type Output = Sliced;

    fn fingerprint(&self) -> Fingerprint {
        self.print
    }

    fn compute(&self, work: &Work) -> Result<Sliced> {
        let options = slices::Options { seed: self.seed, ..slices::Options::default() };
        let found = slices::find(&self.frame, &self.target, &options, work)?;
        let column = self.frame.column(&self.target)?;
        let is_share = (0..column.len()).filter_map(|row| column.number(row)).all(|value| value == 0.0 || value == 1.0);
        Ok(Sliced { target: self.target.clone(), found, is_share })
    }
}

/// The name of the file of expectations in a project's folder.
const EXPECTATIONS: &str = "expectations.toml";

/// Where the expectations of a project stand.
pub fn expectations_path(session: &Session) -> PathBuf {
    session.project().folder().join(EXPECTATIONS)
}

/// Writes expectations that the data fulfil, to begin with, from the descriptions of its columns. How many there are.
///
/// # Errors
/// If there are expectations already, the columns are still being described, or the disk does not allow it.
pub fn suggest_expectations(session: &Session, live: &Live) -> Result<usize> {
    let path = expectations_path(session);
    if path.exists() {
        return Err(Error::input("there is a file of that name").at(EXPECTATIONS));
    }
    let Some(summaries) = live.whole.value() else {
        return Err(Error::input("the columns are still being described").help("try again in a moment"));
    };
    // The data's own columns come first; layers behind them change with every label.
    let own = session.dataset().frame.columns().len();
    let summaries: Vec<Summary> = summaries.iter().take(own).map(|summary| Summary::clone(summary)).collect();
    let text = expect::suggest(&summaries);
    files::write_text(&path, &text)?;
    Ok(Suite::from_toml(&text)?.expectations.len())
}

/// Checks expectations on the data and its layers.
pub struct ExpectationsOf {
    /// The suite, as TOML.
    pub text: Arc<str>,
    /// The data alone, for what is expected of the table as a whole.
    pub own: Frame,
    /// The data and its layers.
    pub layers: Frame,
    /// The name of the content of the layers.
    pub print: Fingerprint,
}

/// What [`ExpectationsOf`] gives.
pub struct Checked {
    /// Each expectation with the condition that selects its unexpected rows, where there is one; failed ones first.
    pub outcomes: Vec<(Outcome, Option<String>)>,
    /// How many hold.
    pub held: usize,
}

impl Derived for ExpectationsOf {
    type Output = Checked;

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("expectations").text(&self.text).print(self.print).finish()
    }

    fn compute(&self, work: &Work) -> Result<Checked> {
        let suite = Suite::from_toml(&self.text).map_err(|error| error.at(EXPECTATIONS))?;
        let report = suite.check_with(&self.own, &self.layers, work)?;
        let held = report.held();
        let mut outcomes = Vec::with_capacity(report.results.len());
        for (expectation, outcome) in suite.expectations.iter().zip(report.results) {
            let condition = if outcome.success { None } else { self.condition(expectation, &outcome, work)? };
            outcomes.push((outcome, condition));
        }
        outcomes.sort_by_key(|(outcome, _)| outcome.success);
        Ok(Checked { outcomes, held })
    }
}

impl ExpectationsOf {
    /// The condition of the unexpected rows, if it selects exactly those that were counted.
    fn condition(&self, expectation: &Expectation, outcome: &Outcome, work: &Work) -> Result<Option<String>> {
        let Some(condition) = expectation.unexpected(&self.layers) else { return Ok(None) };
        let Ok(parsed) = filter::parse(&condition, &self.layers) else { return Ok(None) };
        let mask = parsed.evaluate(&self.layers, work)?;
        let counted = outcome.unexpected_count == Some(mask.count_set_bits() as u64);
        let known = outcome.sample_rows.iter().all(|&row| (row as usize) < mask.len() && mask.value(row as usize));
        Ok((counted && known).then_some(condition))
    }
}
