//! What the Watch workspace shows: what must hold (expectations), how one part of the data is from another (drift), and
//! where a number is high (slices).

use std::path::PathBuf;
use std::sync::Arc;

use arrow_buffer::BooleanBuffer;

use super::derived::{LabelModelOf, VotesOf, VotesOutcome};
use super::layers::{Layers, LayersOf};
use super::{LabellingOf, Live, Session};
use crate::clean::drift::{self, Drift};
use crate::clean::expect::{self, Expectation, Outcome, Report, Suite};
use crate::clean::slices::{self, Slice, Slices};
use crate::data::describe::Summary;
use crate::data::view::{SavedView, evaluate};
use crate::data::{Column, Dataset, Frame, Kind, Values, filter, show_time};
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work, files};

/// Layers that follow from what models and findings say. A condition on one of them says the target in other words.
const TELLING: [&str; 7] =
    ["self_confidence", "outlier_score", "similarity", "excluded", "label_source", "source_change", "label_hand"];

/// The beginnings of the names of such layers.
const TELLING_STARTS: [&str; 3] = ["model_", "weak_", "flag_"];

/// Layers that are worth knowing where they are high, before anything else.
const WORTH: [&str; 3] = ["model_wrong", "flag_label_error", "flag_duplicate"];

/// The columns in which a slice may be looked for, those most worth it first: where a model is wrong and what was found,
/// then the data's own numbers and truth values, then other layers. The column that names items is none.
pub fn slice_targets(session: &Session, layers: &Layers) -> Vec<String> {
    let id = session.project().config.data.id.as_deref();
    let own = session.dataset().frame.columns();
    let rank = |name: &str| match WORTH.iter().position(|worth| *worth == name) {
        Some(at) => at,
        None if own.iter().any(|column| column.name() == name) => WORTH.len(),
        None => WORTH.len() + 1,
    };
    let is_number = |kind: Kind| matches!(kind, Kind::Bool | Kind::Int | Kind::Float);
    let columns = layers.frame.columns().iter().filter(|column| is_number(column.kind()));
    let mut names: Vec<String> = columns.map(|column| column.name().to_owned()).collect();
    names.retain(|name| Some(name.as_str()) != id);
    names.sort_by_key(|name| rank(name));
    names
}

/// Finds the slices of the layers in which a column is high.
pub struct SlicesOf {
    /// The columns that conditions are made of, and the target.
    frame: Frame,
    target: String,
    /// The person's own views, with everything that they may speak of.
    views: Arc<Vec<SavedView>>,
    dataset: Arc<Dataset>,
    all: Frame,
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
        let views = session.views().clone();
        let print = views.iter().fold(print, |print, view| print.text(&view.name).print(view.view.fingerprint()));
        // A view may speak of any layer.
        let print =
            if views.is_empty() { print } else { layers.prints.iter().fold(print, |print, it| print.print(*it)) };
        Some(Self {
            frame: Frame::new(columns),
            target: target.to_owned(),
            views,
            dataset: session.dataset().clone(),
            all: layers.frame.clone(),
            seed,
            print: print.finish(),
        })
    }
}

/// What [`SlicesOf`] gives.
pub struct Sliced {
    /// The column that is high.
    pub target: String,
    /// The slices.
    pub found: Slices,
    /// The person's own views, with their names; those without rows are left out.
    pub own: Vec<(String, Slice)>,
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
        Ok(Sliced { target: self.target.clone(), own: self.own(work)?, found, is_share })
    }
}

impl SlicesOf {
    /// The figures of the person's own views. One that cannot be evaluated any more is left out: its pane says why.
    fn own(&self, work: &Work) -> Result<Vec<(String, Slice)>> {
        let (mut names, mut parts) = (Vec::new(), Vec::new());
        for saved in self.views.iter() {
            work.check()?;
            let Ok(snapshot) = evaluate(&saved.view, &self.all, &self.dataset.ids, work) else { continue };
            let rows = snapshot.mask.count_set_bits();
            if 0 < rows && rows < snapshot.mask.len() {
                names.push(saved.name.clone());
                parts.push((saved.view.expression().unwrap_or_default(), snapshot.mask));
            }
        }
        let measured = slices::measure(&self.frame, &self.target, &parts, self.seed)?;
        Ok(names.into_iter().zip(measured).filter(|(_, slice)| slice.rows > 0).collect())
    }
}

impl Sliced {
    /// The person's own views with their names, then the slices that were found.
    pub fn rows(&self) -> Vec<(Option<&str>, &Slice)> {
        let own = self.own.iter().map(|(name, slice)| (Some(name.as_str()), slice));
        own.chain(self.found.slices.iter().map(|slice| (None, slice))).collect()
    }
}

/// The name of the file of expectations in a project's folder.
pub const EXPECTATIONS: &str = "expectations.toml";

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
    /// What is known of labelling, where something is expected of it.
    pub labelling: Option<LabellingOf>,
}

/// Expectations about a session as it is. `layers` come with the name of their content.
pub fn expectations_of(
    session: &Session,
    text: Arc<str>,
    layers: (Arc<Layers>, Fingerprint),
    votes: Option<Arc<VotesOutcome>>,
) -> ExpectationsOf {
    // What cannot be read at all is said when it is checked.
    let asks = Suite::from_toml(&text).is_ok_and(|suite| suite.asks_of_labelling());
    ExpectationsOf {
        text,
        own: session.dataset().frame.clone(),
        layers: layers.0.frame.clone(),
        print: layers.1,
        labelling: asks.then(|| LabellingOf::new(session, layers, votes)),
    }
}

/// Checks a suite on a project without a window: its data, votes, labels of the label model, people's labels.
///
/// # Errors
/// If the work is cancelled, or a function file cannot be run.
pub fn check_project(session: &Session, suite: &Suite, work: &Work) -> Result<Report> {
    let (layers, votes) = gathered(session, work)?;
    let labelling = suite.asks_of_labelling().then(|| LabellingOf::new(session, layers.clone(), Some(votes)));
    let labelling = labelling.map(|of| session.cache().get(&of, work)).transpose()?;
    suite.check_labelled(&session.dataset().frame, &layers.0.frame, labelling.as_deref(), work)
}

/// Layers with their name, and the votes.
pub(super) type Gathered = ((Arc<Layers>, Fingerprint), Arc<VotesOutcome>);

/// The layers of a session without a window: votes, and labels of the label model beside people's.
pub(super) fn gathered(session: &Session, work: &Work) -> Result<Gathered> {
    let (basis, cache) = (session.basis(), session.cache());
    let votes = VotesOf(basis.clone());
    let votes = (cache.get(&votes, work)?, votes.fingerprint());
    let mut model = None;
    if !votes.0.votes.columns().is_empty() {
        let of = LabelModelOf { basis: basis.clone(), votes: votes.0.clone(), votes_print: votes.1 };
        model = Some((cache.get(&of, work)?, of.fingerprint()));
    }
    let settlement = session.settlement();
    let of = LayersOf {
        basis,
        votes: Some(votes.clone()),
        model,
        end_model: None,
        findings: None,
        queue_order: None,
        properties: None,
        similarity: None,
        settlement: Arc::new(settlement),
    };
    Ok(((cache.get(&of, work)?, of.fingerprint()), votes.0))
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
        let print = Fingerprinter::new("expectations").text(&self.text).print(self.print);
        match &self.labelling {
            Some(labelling) => print.print(labelling.fingerprint()).finish(),
            None => print.finish(),
        }
    }

    fn compute(&self, work: &Work) -> Result<Checked> {
        let suite = Suite::from_toml(&self.text).map_err(|error| error.at(EXPECTATIONS))?;
        let labelling = self.labelling.as_ref().map(|of| of.compute(work)).transpose()?;
        let report = suite.check_labelled(&self.own, &self.layers, labelling.as_ref(), work)?;
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

/// Two parts of the data that are compared.
#[derive(Debug, Clone)]
pub enum Parts {
    /// The rows of two conditions on a column.
    Values {
        /// The column, which is not compared itself.
        column: String,
        /// The condition of the reference.
        reference: String,
        /// The condition of what is compared with it.
        current: String,
    },
    /// The rows before the median of a column of times, and the rest of those that have one.
    Halves(String),
    /// The rows out of view, and those in view.
    View {
        /// Those in view.
        mask: BooleanBuffer,
        /// Their name.
        print: Fingerprint,
    },
}

impl Parts {
    fn print(&self, print: Fingerprinter) -> Fingerprinter {
        match self {
            Self::Values { column, reference, current } => print.number(0).text(column).text(reference).text(current),
            Self::Halves(column) => print.number(1).text(column),
            Self::View { print: mask, .. } => print.number(2).print(*mask),
        }
    }

    /// The column that parts them, if one does.
    fn column(&self) -> Option<&str> {
        match self {
            Self::Values { column, .. } | Self::Halves(column) => Some(column),
            Self::View { .. } => None,
        }
    }

    /// The rows of the reference and the current ones, and the time between them if one parts them.
    fn rows(&self, frame: &Frame, work: &Work) -> Result<([Vec<u32>; 2], Option<i64>)> {
        let of = |sql: &str| -> Result<Vec<u32>> {
            Ok(filter::parse(sql, frame)?.evaluate(frame, work)?.set_indices_u32().collect())
        };
        match self {
            Self::Values { reference, current, .. } => Ok(([of(reference)?, of(current)?], None)),
            Self::Halves(name) => {
                let (before, after, at) = halves(frame.column(name)?)?;
                Ok(([before, after], Some(at)))
            }
            Self::View { mask, .. } => {
                Ok(([(!mask).set_indices_u32().collect(), mask.set_indices_u32().collect()], None))
            }
        }
    }
}

/// The rows before the median of times, those from it on, and the median.
fn halves(column: &Column) -> Result<(Vec<u32>, Vec<u32>, i64)> {
    let Values::Time(times) = column.values() else {
        return Err(Error::input("the column holds no times").at(column.name()));
    };
    let mut known: Vec<i64> = times.iter().flatten().collect();
    if known.is_empty() {
        return Err(Error::input("the column has no values").at(column.name()));
    }
    let middle = known.len() / 2;
    let at = *known.select_nth_unstable(middle).1;
    let rows = (0u32..).zip(times.iter()).filter_map(|(row, time)| Some((row, time?)));
    let (before, after): (Vec<_>, Vec<_>) = rows.partition(|(_, time)| *time < at);
    let plain = |rows: Vec<(u32, i64)>| rows.into_iter().map(|(row, _)| row).collect();
    Ok((plain(before), plain(after), at))
}

/// Compares two parts of the data, layers included.
pub struct DriftOf {
    /// All columns: those that part the data are not among the compared ones.
    frame: Frame,
    compared: Frame,
    parts: Parts,
    text: Option<String>,
    /// The folder that paths of images start from.
    media: PathBuf,
    seed: u64,
    print: Fingerprint,
}

impl DriftOf {
    /// Names of items, paths of sounds and the column that parts the data are left out.
    pub fn new(session: &Session, layers: &Layers, parts: Parts) -> Self {
        let id = session.project().config.data.id.as_deref();
        let seed = session.project().config.settings.seed;
        let mut print = parts.print(Fingerprinter::new("drift").number(seed));
        let is_wanted = |column: &Column| {
            let name = Some(column.name());
            let is_path = column.kind() == Kind::Audio;
            name != id && name != parts.column() && !is_path && column.name() != super::SIMILARITY
        };
        let mut columns = Vec::new();
        for (column, name) in layers.frame.columns().iter().zip(&layers.prints) {
            print = print.print(*name);
            if is_wanted(column) {
                columns.push(column.clone());
            }
        }
        let content = session.content_column().filter(|column| column.kind() == Kind::Text);
        let text = content.map(|column| column.name().to_owned());
        let compared = Frame::new(columns).with_vectors(session.dataset().frame.vectors().to_vec());
        let text = text.filter(|name| compared.columns().iter().any(|column| column.name() == name));
        let media = session.dataset().root.clone();
        Self { frame: layers.frame.clone(), compared, parts, text, media, seed, print: print.finish() }
    }
}

/// What [`DriftOf`] gives.
pub struct Drifted {
    /// The columns, drifted ones first, those that are farthest beyond their threshold before others.
    pub found: Drift,
    /// The rows of the reference, and of what is compared with it.
    pub rows: [usize; 2],
    /// The time that parts them, if one does.
    pub at: Option<String>,
}

impl Derived for DriftOf {
    type Output = Drifted;

    fn fingerprint(&self) -> Fingerprint {
        self.print
    }

    fn compute(&self, work: &Work) -> Result<Drifted> {
        let ([reference, current], at) = self.parts.rows(&self.frame, work)?;
        let rows = [reference.len(), current.len()];
        if rows.contains(&0) {
            return Err(Error::input("one of the two parts has no rows").help("choose other parts to compare"));
        }
        let (before, after) = (self.compared.take(&reference, work)?, self.compared.take(&current, work)?);
        let options = drift::Options {
            text: self.text.clone(),
            seed: self.seed,
            media: Some([self.media.clone(), self.media.clone()]),
            ..drift::Options::default()
        };
        let mut found = drift::compare(&before, &after, &options, work)?;
        let beyond = |column: &drift::ColumnDrift| column.distance.map_or(-1.0, |distance| distance / column.threshold);
        found.columns.sort_by(|a, b| b.drifted.cmp(&a.drifted).then(beyond(b).total_cmp(&beyond(a))));
        Ok(Drifted { found, rows, at: at.map(show_time) })
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{Int64Array, TimestampMicrosecondArray};

    use super::*;

    #[test]
    fn halves_part_the_rows_that_have_a_time() {
        let check = |times: Vec<Option<i64>>, before: &[u32], after: &[u32], at: i64| {
            let column = Column::new("when", Values::Time(TimestampMicrosecondArray::from(times)));
            assert_eq!(halves(&column).unwrap(), (before.to_vec(), after.to_vec(), at));
        };
        check(vec![Some(4), Some(1), None, Some(3), Some(2)], &[1, 4], &[0, 3], 3);
        check(vec![Some(1), Some(1), Some(9)], &[], &[0, 1, 2], 1);
        check(vec![Some(5)], &[], &[0], 5);
        let empty = Column::new("when", Values::Time(TimestampMicrosecondArray::from(vec![None, None])));
        assert!(halves(&empty).is_err());
        assert!(halves(&Column::new("n", Values::Int(Int64Array::from(vec![1])))).is_err());
    }
}
