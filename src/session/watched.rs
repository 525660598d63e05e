//! What the Watch workspace shows: what must hold (expectations), how one part of the data is from another (drift), and
//! where a number is high (slices).

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::TimestampMicrosecondArray;
use arrow_buffer::BooleanBuffer;

use super::derived::{LabelModelOf, VotesOf, VotesOutcome};
use super::layers::{Layers, LayersOf, VOTE_COUNT};
use super::{LabellingOf, Live, OtherTable, Session};
use crate::clean::drift::{self, Drift};
use crate::clean::expect::{self, Expectation, Outcome, Report, Suite};
use crate::clean::slices::{self, Slice, Slices};
use crate::data::describe::Summary;
use crate::data::view::{SavedView, View, evaluate};
use crate::data::{Column, Dataset, Frame, Kind, Values, filter, show_time};
use crate::engine::{Cache, Derived, Error, Fingerprint, Fingerprinter, Result, Work, files};

/// Layers that follow from what models and findings say. A condition on one of them says the target in other words.
const TELLING: [&str; 7] =
    ["self_confidence", "outlier_score", "similarity", "excluded", "label_source", "source_change", "label_hand"];

/// The beginnings of the names of such layers.
const TELLING_STARTS: [&str; 3] = ["model_", "weak_", "flag_"];

/// The target that is true of rows on which no function votes: where coverage is low.
pub const UNCOVERED: &str = "uncovered";

/// Layers that follow from votes, beside those of [`TELLING`]: where none is cast they say so in other words.
fn follows_from_votes(name: &str) -> bool {
    name.starts_with("vote_") || ["label", "label_value"].contains(&name)
}

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
    // Behind what is wrong, before the data's own numbers.
    if layers.frame.get(VOTE_COUNT).is_some() {
        let after = names.iter().take_while(|name| WORTH.contains(&name.as_str())).count();
        names.insert(after, UNCOVERED.to_owned());
    }
    names
}

/// Finds the slices of the layers in which a column is high.
pub struct SlicesOf {
    /// The columns that conditions are made of, and the target.
    frame: Frame,
    target: String,
    /// How many functions vote, where the target is that none does.
    votes: Option<Arc<Column>>,
    /// The person's own views, with everything that they may speak of.
    views: Arc<Vec<SavedView>>,
    dataset: Arc<Dataset>,
    all: Frame,
    seed: u64,
    print: Fingerprint,
}

impl SlicesOf {
    /// Conditions are made of the data's own columns; with `layers_too` also of the labels, the votes of functions and
    /// what images are like. The target is a column, or [`UNCOVERED`]. `None` if there is no such target.
    pub fn new(session: &Session, layers: &Layers, target: &str, layers_too: bool) -> Option<Self> {
        let own = &session.dataset().frame;
        let id = session.project().config.data.id.as_deref();
        let seed = session.project().config.settings.seed;
        let is_wanted = |name: &str| {
            let is_own = own.columns().iter().any(|column| column.name() == name);
            let tells = TELLING.contains(&name) || TELLING_STARTS.iter().any(|start| name.starts_with(start));
            let tells = tells || (target == UNCOVERED && follows_from_votes(name));
            name == target || (Some(name) != id && (is_own || (layers_too && !tells)))
        };
        // A column of that name is meant before the layer.
        let votes = match layers.frame.get(target) {
            Some(_) => None,
            None if target == UNCOVERED => Some(layers.frame.get(VOTE_COUNT)?.clone()),
            None => return None,
        };
        let mut print = Fingerprinter::new("slices").text(target).number(seed);
        let mut columns = Vec::new();
        for (column, name) in layers.frame.columns().iter().zip(&layers.prints) {
            if is_wanted(column.name()) {
                columns.push(column.clone());
            }
            if is_wanted(column.name()) || votes.as_ref().is_some_and(|votes| votes.name() == column.name()) {
                print = print.print(*name);
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
            votes,
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
        let frame = match &self.votes {
            Some(votes) => {
                let none = (0..votes.len()).map(|row| votes.number(row).map(|count| count == 0.0)).collect();
                let uncovered = Arc::new(Column::new(UNCOVERED, Values::Bool(none)));
                Frame::new(self.frame.columns().iter().cloned().chain([uncovered]).collect())
            }
            None => self.frame.clone(),
        };
        let found = slices::find(&frame, &self.target, &options, work)?;
        let column = frame.column(&self.target)?;
        let is_share = (0..column.len()).filter_map(|row| column.number(row)).all(|value| value == 0.0 || value == 1.0);
        Ok(Sliced { target: self.target.clone(), own: self.own(&frame, work)?, found, is_share })
    }
}

impl SlicesOf {
    /// The figures of the person's own views. One that cannot be evaluated any more is left out: its pane says why.
    fn own(&self, frame: &Frame, work: &Work) -> Result<Vec<(String, Slice)>> {
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
        let measured = slices::measure(frame, &self.target, &parts, self.seed)?;
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
    /// The rows before a time of a column, and those from it on.
    Since {
        /// The column of times.
        column: String,
        /// The time, in microseconds since 1970, UTC.
        at: i64,
    },
    /// The rows out of a saved view, and those in it.
    Saved(View),
    /// Another table, and the data's own columns.
    Other(OtherTable),
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
            Self::Since { column, at } => print.number(3).text(column).number(*at as u64),
            Self::Saved(view) => print.number(4).print(view.fingerprint()),
            Self::Other(other) => print.number(5).print(other.fingerprint()),
        }
    }

    /// The column that parts them, if one does.
    fn column(&self) -> Option<&str> {
        match self {
            Self::Values { column, .. } | Self::Halves(column) | Self::Since { column, .. } => Some(column),
            Self::View { .. } | Self::Saved(_) | Self::Other(_) => None,
        }
    }

    /// The rows of the reference and the current ones, and the time between them if one parts them.
    fn rows(&self, frame: &Frame, dataset: &Dataset, work: &Work) -> Result<([Vec<u32>; 2], Option<i64>)> {
        let of = |sql: &str| -> Result<Vec<u32>> {
            Ok(filter::parse(sql, frame)?.evaluate(frame, work)?.set_indices_u32().collect())
        };
        let parted = |mask: &BooleanBuffer| [(!mask).set_indices_u32().collect(), mask.set_indices_u32().collect()];
        match self {
            Self::Values { reference, current, .. } => Ok(([of(reference)?, of(current)?], None)),
            Self::Halves(name) => {
                let column = frame.column(name)?;
                let at = middle(column)?;
                Ok((parted_at(column, at)?, Some(at)))
            }
            Self::Since { column, at } => Ok((parted_at(frame.column(column)?, *at)?, Some(*at))),
            Self::View { mask, .. } => Ok((parted(mask), None)),
            Self::Saved(view) => {
                let snapshot = evaluate(view, frame, &dataset.ids, work).map_err(|error| error.error)?;
                Ok((parted(&snapshot.mask), None))
            }
            // The rows of another table are not among these.
            Self::Other(_) => Ok(([Vec::new(), (0..frame.rows() as u32).collect()], None)),
        }
    }
}

fn times(column: &Column) -> Result<&TimestampMicrosecondArray> {
    match column.values() {
        Values::Time(times) => Ok(times),
        _ => Err(Error::input("the column holds no times").at(column.name())),
    }
}

/// The median of times.
fn middle(column: &Column) -> Result<i64> {
    let mut known: Vec<i64> = times(column)?.iter().flatten().collect();
    if known.is_empty() {
        return Err(Error::input("the column has no values").at(column.name()));
    }
    let middle = known.len() / 2;
    Ok(*known.select_nth_unstable(middle).1)
}

/// The rows before a time, and those from it on. Rows without a time are in neither.
fn parted_at(column: &Column, at: i64) -> Result<[Vec<u32>; 2]> {
    let rows = (0u32..).zip(times(column)?.iter()).filter_map(|(row, time)| Some((row, time?)));
    let (before, after): (Vec<_>, Vec<_>) = rows.partition(|(_, time)| *time < at);
    let plain = |rows: Vec<(u32, i64)>| rows.into_iter().map(|(row, _)| row).collect();
    Ok([plain(before), plain(after)])
}

/// Compares two parts of the data, layers included, or the data with another table.
pub struct DriftOf {
    /// All columns: those that part the data are not among the compared ones.
    frame: Frame,
    compared: Frame,
    parts: Parts,
    text: Option<String>,
    dataset: Arc<Dataset>,
    cache: Arc<Cache>,
    seed: u64,
    print: Fingerprint,
}

impl DriftOf {
    /// Names of items, paths of sounds and the column that parts the data are left out.
    pub fn new(session: &Session, layers: &Layers, parts: Parts) -> Self {
        let id = session.project().config.data.id.as_deref();
        let seed = session.project().config.settings.seed;
        let mut print = parts.print(Fingerprinter::new("drift").number(seed));
        let own = &session.dataset().frame;
        // Another table knows nothing of layers.
        let own_only = matches!(parts, Parts::Other(_));
        let is_wanted = |column: &Column| {
            let name = Some(column.name());
            let is_path = column.kind() == Kind::Audio;
            let is_there = !own_only || own.get(column.name()).is_some();
            name != id && name != parts.column() && !is_path && column.name() != super::SIMILARITY && is_there
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
        let (dataset, cache) = (session.dataset().clone(), session.cache().clone());
        Self { frame: layers.frame.clone(), compared, parts, text, dataset, cache, seed, print: print.finish() }
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
        let ([reference, current], at) = self.parts.rows(&self.frame, &self.dataset, work)?;
        let other = match &self.parts {
            Parts::Other(other) => Some(self.cache.get(other, work)?),
            _ => None,
        };
        let (before, from) = match &other {
            // What is not compared of the data is not missing in them either.
            Some(other) => (without(&other.frame, &self.dataset.frame, &self.compared), other.root.clone()),
            None => (self.compared.take(&reference, work)?, self.dataset.root.clone()),
        };
        let after = self.compared.take(&current, work)?;
        let rows = [before.rows(), after.rows()];
        if rows.contains(&0) {
            return Err(Error::input("one of the two parts has no rows").help("choose other parts to compare"));
        }
        let options = drift::Options {
            text: self.text.clone().filter(|name| before.get(name).is_some()),
            seed: self.seed,
            media: Some([from, self.dataset.root.clone()]),
            ..drift::Options::default()
        };
        let mut found = drift::compare(&before, &after, &options, work)?;
        let beyond = |column: &drift::ColumnDrift| column.distance.map_or(-1.0, |distance| distance / column.threshold);
        found.columns.sort_by(|a, b| b.drifted.cmp(&a.drifted).then(beyond(b).total_cmp(&beyond(a))));
        Ok(Drifted { found, rows, at: at.map(show_time) })
    }
}

/// The columns of another table but for those that the data have and that are not compared.
fn without(other: &Frame, own: &Frame, compared: &Frame) -> Frame {
    let is_wanted = |name: &str| own.get(name).is_none() || compared.get(name).is_some();
    let columns = other.columns().iter().filter(|column| is_wanted(column.name())).cloned();
    Frame::new(columns.collect()).with_vectors(other.vectors().to_vec())
}

#[cfg(test)]
mod tests {
    use arrow_array::Int64Array;

    use super::*;

    #[test]
    fn times_part_the_rows_that_have_one() {
        let check = |times: Vec<Option<i64>>, before: &[u32], after: &[u32], at: i64| {
            let column = Column::new("when", Values::Time(TimestampMicrosecondArray::from(times)));
            assert_eq!(middle(&column).unwrap(), at);
            assert_eq!(parted_at(&column, at).unwrap(), [before.to_vec(), after.to_vec()]);
        };
        check(vec![Some(4), Some(1), None, Some(3), Some(2)], &[1, 4], &[0, 3], 3);
        check(vec![Some(1), Some(1), Some(9)], &[], &[0, 1, 2], 1);
        check(vec![Some(5)], &[], &[0], 5);
        let empty = Column::new("when", Values::Time(TimestampMicrosecondArray::from(vec![None, None])));
        assert!(middle(&empty).is_err());
        assert!(middle(&Column::new("n", Values::Int(Int64Array::from(vec![1])))).is_err());
    }

    /// A project of 200 rows over 20 days, of which a function votes on the first half.
    fn project(folder: &std::path::Path) -> Session {
        let row = |row: usize| {
            let (text, source) = if row < 100 { ("an offer", "shop") } else { ("dear friend", "mail") };
            format!("2024-01-{:02},{text} {row},{},{source}\n", row / 10 + 1, row % 7)
        };
        let rows: String = (0..200).map(row).collect();
        let (data, project) = (folder.join("here.csv"), folder.join("p"));
        std::fs::write(&data, format!("when,text,n,source\n{rows}")).unwrap();
        let choice = crate::session::Choice {
            text: Some("text".to_owned()),
            classes: vec!["spam".to_owned(), "ham".to_owned()],
            ..Default::default()
        };
        let lfs = [(PathBuf::from("lfs/rules.py"), "lf_offer = keywords(\"spam\", [\"offer\"])\n".to_owned())];
        crate::session::create_project(&project, &data, &choice, &lfs, &Work::new()).unwrap();
        Session::open(&project, &Work::new()).unwrap()
    }

    #[test]
    fn parts_are_those_of_a_date_a_saved_view_and_another_table() {
        let (folder, work) = (tempfile::tempdir().unwrap(), Work::new());
        let session = project(folder.path());
        let ((layers, _), _) = gathered(&session, &work).unwrap();
        let drift = |parts: Parts| session.cache().get(&DriftOf::new(&session, &layers, parts), &work).unwrap();
        let at = crate::data::read::parse_time("2024-01-06").unwrap();
        let since = drift(Parts::Since { column: "when".to_owned(), at });
        assert_eq!((since.rows, since.at.as_deref()), ([50, 150], Some("2024-01-06")));
        let view = View { filters: vec![crate::data::view::Chip::new("n > 3")], ..View::default() };
        assert_eq!(drift(Parts::Saved(view)).rows, [116, 84]);
        let there: String = (0..60).map(|row| format!("an offer {row},{},shop,1\n", row % 7 + 20)).collect();
        let path = folder.path().join("there.csv");
        std::fs::write(&path, format!("text,n,source,more\n{there}")).unwrap();
        let other = drift(Parts::Other(OtherTable::at(&session, &path).unwrap()));
        let names: Vec<&str> = other.found.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!((other.rows, names.len()), ([60, 200], 3), "{names:?}: no layers");
        assert_eq!(
            (&other.found.only_reference[..], &other.found.only_current[..]),
            (&["more".to_owned()][..], &["when".to_owned()][..])
        );
        assert!(other.found.columns.iter().find(|column| column.name == "n").unwrap().drifted);
    }

    #[test]
    fn low_coverage_is_a_target_that_votes_do_not_explain() {
        let (folder, work) = (tempfile::tempdir().unwrap(), Work::new());
        let session = project(folder.path());
        let ((layers, _), _) = gathered(&session, &work).unwrap();
        assert_eq!(slice_targets(&session, &layers)[0], UNCOVERED);
        for layers_too in [false, true] {
            let of = SlicesOf::new(&session, &layers, UNCOVERED, layers_too).unwrap();
            let sliced = session.cache().get(&of, &work).unwrap();
            assert_eq!((sliced.found.mean, sliced.is_share), (Some(0.5), true));
            let first = sliced.found.slices.first().unwrap();
            assert!(first.confirmed && first.mean == 1.0, "{first:?}");
            assert!(sliced.found.slices.iter().all(|slice| !slice.condition.contains("vote_")));
        }
        assert!(SlicesOf::new(&session, &layers, "nothing", false).is_none());
    }
}
