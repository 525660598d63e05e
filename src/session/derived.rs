//! The derived values of a session: each a pure function of what is open, named by the fingerprint of its inputs.

use std::sync::Arc;

use rayon::prelude::*;

use super::external::{Externals, Outside, outside};
use super::functions::{Sources, print_sources};
use super::map::SimilarityOf;
use super::task_layers::Marked;
use super::taught::TaughtOf;
use crate::data::describe::{self, Places, Summary};
use crate::data::media::properties::PropertiesOf;
use crate::data::view::{Snapshot, mask_print};
use crate::data::{Column, Dataset, Frame, SourceChange};
use crate::engine::{Cache, Derived, Error, Fingerprint, Fingerprinter, Result, Work};
use crate::learn::cross_validation::{Cv, out_of_sample_soft};
use crate::learn::features::{TextOptions, Tfidf};
use crate::learn::{Csr, Matrix, audio_features, image_features, logistic, metrics, table_features};
use crate::project::{Content, Settings};
use crate::weak::analysis::Analysis;
use crate::weak::bits::BitsOf;
use crate::weak::external::ExternalFunction;
use crate::weak::functions::{
    Applied, Context, Diagnostic, Fault, Function, Severity, asks_model, compile_with, model_column, near_column,
    near_of,
};
use crate::weak::models::{FitOptions, Fitted, Gold, Labels, Ties};
use crate::weak::{Patterns, VoteColumn, Votes};

/// Under which guidelines labels were given.
#[derive(Clone, Default)]
pub struct Rules {
    /// By row the position in `versions` plus 1; 0 where it is not known.
    pub of_row: Arc<Vec<u16>>,
    /// The versions that labels were given under.
    pub versions: Arc<Vec<Arc<str>>>,
    /// The version that holds; `None` without guidelines.
    pub now: Option<Arc<str>>,
}

/// What everything derived starts from: a cheap copy of the session's state at one moment, safe to take to a thread.
#[derive(Clone)]
pub struct Basis {
    /// The data.
    pub dataset: Arc<Dataset>,
    /// The column that is labelled, if it is text.
    pub text: Option<String>,
    /// The column that is labelled, if it is images.
    pub image: Option<String>,
    /// The column that is labelled, if it is sounds.
    pub audio: Option<String>,
    /// The columns that say the answer, or name items: nothing is learnt from them.
    pub answers: Vec<String>,
    /// The classes' names.
    pub classes: Arc<Vec<String>>,
    /// People's labels, -1 for none.
    pub hand: Arc<Vec<i16>>,
    /// Rows left out of what is delivered.
    pub excluded: Arc<Vec<bool>>,
    /// Rows whose label is uncertain.
    pub unsure: Arc<Vec<bool>>,
    /// What is known of doubts beyond that they are there.
    pub doubts: Arc<std::collections::BTreeMap<u32, crate::label::Doubt>>,
    /// The versions of the guidelines that labels were given under, and the one that holds.
    pub rules: Rules,
    /// Rows that should not be in the data.
    pub bad: Arc<Vec<bool>>,
    /// What people commented, by row.
    pub comments: Arc<std::collections::BTreeMap<u32, Arc<str>>>,
    /// The name of `hand`, `excluded` and the remarks.
    pub annotations_print: Fingerprint,
    /// The tasks with what stands inside items.
    pub marked: Arc<Vec<Marked>>,
    /// Labels that came with the data, -1 for none.
    pub given: Option<Arc<Vec<i16>>>,
    /// Known right labels, -1 for none.
    pub gold: Option<Arc<Vec<i16>>>,
    /// How the source differs from what was last taken over.
    pub source_change: Option<Arc<SourceChange>>,
    /// The seed of the random order, where one is wanted.
    pub shuffle: Option<u64>,
    /// Which files of functions may run outside the evaluator.
    pub external: Externals,
    /// The texts of the labelling functions and of the lists that they may name.
    pub sources: Sources,
    /// Where thumbnails are kept, from which images are measured.
    pub thumbnails: Option<std::path::PathBuf>,
    /// The project's settings.
    pub settings: Settings,
    /// Where derived values are kept.
    pub cache: Arc<Cache>,
}

impl Basis {
    /// The fingerprint of data, column roles and classes.
    pub(super) fn print_data(&self, name: &str) -> Fingerprinter {
        let print = Fingerprinter::new(name)
            .print(self.dataset.fingerprint)
            .text(self.text.as_deref().unwrap_or(""))
            .text(self.image.as_deref().unwrap_or(""))
            .text(self.audio.as_deref().unwrap_or(""));
        self.classes.iter().fold(print, |print, class| print.text(class))
    }

    /// The columns that functions see: the data's, and, where a function names one of them, what the images are like.
    ///
    /// # Errors
    /// If the images cannot be measured, or the work was cancelled.
    fn seen_by_functions(&self, work: &Work) -> Result<Frame> {
        let frame = &self.dataset.frame.with(self.similarities(work)?);
        let frame = &frame.with(self.taught(work)?);
        let Content::Image(name) = self.content() else { return Ok(frame.clone()) };
        if !self.sources.iter().any(|(_, source)| source.contains("image_")) {
            return Ok(frame.clone());
        }
        let wanted = PropertiesOf {
            root: self.dataset.root.clone(),
            column: frame.column(name)?.clone(),
            folder: self.thumbnails.clone(),
            print: self.dataset.fingerprint,
        };
        Ok(frame.with(self.cache.get(&wanted, work)?.iter().cloned()))
    }

    /// How like the items are to those that functions name with `near`.
    fn similarities(&self, work: &Work) -> Result<Vec<Arc<Column>>> {
        let mut columns = Vec::new();
        for (_, source) in self.sources.iter().filter(|(file, _)| file.ends_with(".py")) {
            for ids in near_of(source) {
                // An item that is not there is a problem of the function that names it, not of the others.
                let rows: Option<Vec<u32>> = ids.iter().map(|id| self.dataset.row_named(id)).collect();
                let Some(rows) = rows.filter(|rows| !rows.is_empty()) else { continue };
                let similarity = self.cache.get(&SimilarityOf { basis: self.clone(), rows }, work)?;
                columns.push(Arc::new(Column::new(near_column(&ids), similarity.values().clone())));
            }
        }
        Ok(columns)
    }

    /// Where a function votes by `model`: what a model of people's labels alone says of each row.
    fn taught(&self, work: &Work) -> Result<Vec<Arc<Column>>> {
        let asks = |source: &str| asks_model(source);
        if !self.sources.iter().any(|(file, source)| file.ends_with(".py") && asks(source)) {
            return Ok(Vec::new());
        }
        let wanted = TaughtOf(self.clone());
        let name = wanted.fingerprint();
        match self.cache.get(&wanted, work) {
            Ok(found) => Ok(found
                .iter()
                .enumerate()
                .map(|(class, column)| {
                    let class = self.classes.get(class).map_or("", String::as_str);
                    Arc::new(Column::new(model_column(name, class), column.values().clone()))
                })
                .collect()),
            Err(error) if error.is_cancelled() => Err(error),
            // Without a model the functions that ask it say so; the others go on.
            Err(_) => Ok(Vec::new()),
        }
    }

    /// What is labelled.
    pub fn content(&self) -> Content<'_> {
        Content::of(self.text.as_deref(), self.image.as_deref(), self.audio.as_deref())
    }

    /// Known right labels by row: people's, and where there are none, the gold column's.
    pub fn reference(&self) -> Vec<Option<u16>> {
        let gold = self.gold.as_deref();
        let of = |row: usize| {
            let hand = self.hand[row];
            u16::try_from(if hand >= 0 { hand } else { gold.map_or(-1, |gold| gold[row]) }).ok()
        };
        (0..self.hand.len()).map(of).collect()
    }

    /// The labels as they stand, people's first, then the data's.
    pub fn standing(&self) -> Vec<Option<u16>> {
        let given = self.given.as_deref();
        let of = |row: usize| {
            let hand = self.hand[row];
            u16::try_from(if hand >= 0 { hand } else { given.map_or(-1, |given| given[row]) }).ok()
        };
        (0..self.hand.len()).map(of).collect()
    }
}

/// A function as the window lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionInfo {
    /// Its name.
    pub name: String,
    /// The file it stands in.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// How it runs ("keywords", "row by row").
    pub kernel: &'static str,
    /// What failed while it ran, by message.
    pub faults: Vec<Fault>,
}

/// The votes of all functions.
pub struct VotesOf(pub Basis);

/// What [`VotesOf`] gives.
pub struct VotesOutcome {
    /// The votes, one column a function that could be compiled.
    pub votes: Arc<Votes>,
    /// The name of each column's votes.
    pub prints: Vec<Fingerprint>,
    /// The functions, in the order of the columns.
    pub functions: Vec<FunctionInfo>,
    /// The compiled functions, in the same order, for highlighting; those that run outside come last and have none.
    pub compiled: Vec<Arc<Function>>,
    /// What could not be compiled, with its file.
    pub problems: Vec<(String, Diagnostic)>,
    /// Files with functions that could run outside the evaluator, if a person allows it.
    pub offers: Vec<String>,
    /// Coverage, overlaps, conflicts, and accuracy against known labels.
    pub analysis: Analysis,
}

impl Derived for VotesOf {
    type Output = VotesOutcome;

    fn fingerprint(&self) -> Fingerprint {
        let basis = &self.0;
        let print = basis.print_data("votes").print(print_sources(&basis.sources)).print(basis.annotations_print);
        print.print(basis.external.print()).finish()
    }

    fn compute(&self, work: &Work) -> Result<VotesOutcome> {
        let basis = &self.0;
        let (mut functions, mut compiled, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        let (mut columns, mut prints, mut shades) = (Vec::new(), Vec::new(), Vec::new());
        work.stage("running labelling functions", basis.sources.len() as u64);
        let frame = basis.seen_by_functions(work)?;
        for (file, source) in basis.sources.iter().filter(|(file, _)| file.ends_with(".py")) {
            let context = Context { frame: &frame, text: basis.text.as_deref(), classes: &basis.classes };
            let program = compile_with(source, &context, &basis.sources);
            problems.extend(program.problems.into_iter().map(|problem| (file.clone(), problem)));
            for function in program.functions {
                if columns.iter().any(|column: &VoteColumn| column.name == function.name()) {
                    let other = functions.iter().find(|info: &&FunctionInfo| info.name == function.name());
                    let place = other.map_or_else(String::new, |info| format!("{}:{}", info.file, info.line));
                    problems.push((file.clone(), twice(&function, &place)));
                    continue;
                }
                let function = Arc::new(function);
                let column = ColumnOf { basis: basis.clone(), frame: frame.clone(), function: function.clone() };
                let applied = basis.cache.get(&column, work)?;
                prints.push(column.fingerprint());
                shades.extend(applied.shades.clone().map(|shades| (columns.len(), shades)));
                columns.push(VoteColumn { name: function.name().to_owned(), votes: applied.votes.clone() });
                functions.push(FunctionInfo {
                    name: function.name().to_owned(),
                    file: file.clone(),
                    line: function.line(),
                    kernel: function.kernel(),
                    faults: applied.faults.iter().map(|fault| function.relocated(fault)).collect(),
                });
                compiled.push(function);
            }
            work.advance(1)?;
        }
        let native = columns.iter().map(|column: &VoteColumn| column.name.clone()).collect();
        let (others, offers) = outside(basis, &native, &mut problems, work)?;
        for Outside { file, function: ExternalFunction { name, line, applied }, print } in others {
            prints.push(print);
            columns.push(VoteColumn { name: name.clone(), votes: applied.votes });
            functions.push(FunctionInfo { name, file, line, kernel: "external", faults: applied.faults });
        }
        let votes = Votes::new(basis.dataset.rows(), basis.classes.len(), columns)?.with_shades(shades)?;
        let bits = |(column, print): (&VoteColumn, &Fingerprint)| {
            let bits = BitsOf { votes: column.votes.clone(), print: *print, classes: votes.classes() };
            basis.cache.get(&bits, work)
        };
        let bits = votes.columns().iter().zip(&prints).map(bits).collect::<Result<Vec<_>>>()?;
        let analysis = Analysis::of_bits(&votes, &bits, Some(&basis.reference()), work)?;
        Ok(VotesOutcome { votes: Arc::new(votes), prints, functions, compiled, problems, offers, analysis })
    }
}

fn twice(function: &Function, place: &str) -> Diagnostic {
    Diagnostic {
        line: function.line(),
        column: 1,
        end_line: function.line(),
        end_column: 1,
        message: format!("there is a function of this name already ({place}); this one is left out"),
        help: Some("give it another name".to_owned()),
        function: Some(function.name().to_owned()),
        severity: Severity::Error,
    }
}

/// The votes of one function: kept apart, so that editing one of a hundred runs that one.
struct ColumnOf {
    basis: Basis,
    /// What functions see; it follows from the data.
    frame: Frame,
    function: Arc<Function>,
}

impl Derived for ColumnOf {
    type Output = Applied;

    fn bytes(applied: &Applied) -> usize {
        applied.votes.len() * size_of::<i16>() + applied.shades.as_ref().map_or(0, |shades| shades.bytes())
    }

    fn fingerprint(&self) -> Fingerprint {
        self.basis.print_data("vote-column").print(self.function.fingerprint()).finish()
    }

    fn compute(&self, work: &Work) -> Result<Applied> {
        let basis = &self.basis;
        let context = Context { frame: &self.frame, text: basis.text.as_deref(), classes: &basis.classes };
        self.function.apply(&context, None, work)
    }
}

/// The label model, fitted to the votes and people's labels.
pub struct LabelModelOf {
    /// What is open.
    pub basis: Basis,
    /// The votes.
    pub votes: Arc<VotesOutcome>,
    /// The name of the votes.
    pub votes_print: Fingerprint,
}

/// What [`LabelModelOf`] gives.
pub struct LabelModelOutcome {
    /// The fitted model.
    pub fitted: Fitted,
    /// A label and probabilities for each row.
    pub labels: Labels,
    /// The rows that it gives a label.
    pub labelled: usize,
    /// The distinct vote rows.
    pub patterns: Arc<Patterns>,
    /// The share of covered rows with a known label that the model gets right, and how many such rows there are.
    /// Rows whose hand label the model has seen are not counted.
    pub accuracy: Option<(f64, u64)>,
}

impl Derived for LabelModelOf {
    type Output = LabelModelOutcome;

    fn bytes(model: &LabelModelOutcome) -> usize {
        // The patterns know each row's; labels and probabilities stand by pattern.
        model.labels.rows() * 2 * size_of::<u64>()
    }

    fn fingerprint(&self) -> Fingerprint {
        let print = Fingerprinter::new("label-model").print(self.votes_print).text(&self.basis.settings.label_model);
        print.print(self.basis.annotations_print).number(self.basis.settings.seed).finish()
    }

    fn compute(&self, work: &Work) -> Result<LabelModelOutcome> {
        let votes = &self.votes.votes;
        let patterns = Arc::new(Patterns::of(votes, work)?);
        let hand: Vec<Option<u16>> = self.basis.hand.iter().map(|&label| u16::try_from(label).ok()).collect();
        let gold = Gold::of_rows(&patterns, &hand)?;
        let options = FitOptions {
            gold: (gold.rows() > 0).then_some(gold),
            seed: self.basis.settings.seed,
            ..FitOptions::default()
        };
        let model = crate::weak::models::model(&self.basis.settings.label_model)?;
        let fitted = crate::weak::models::fit(model, &patterns, &options, work)?;
        let labels = Labels::of(&fitted, &patterns, Ties::Abstain, self.basis.settings.seed, work)?;
        let accuracy = judge(labels.label(), &self.basis, &hand);
        let labelled = labels.label().iter().flatten().count();
        Ok(LabelModelOutcome { fitted, labels, labelled, patterns, accuracy })
    }
}

/// The share of rows with a gold label, not shown to the model, and a label by the model, that are right.
fn judge(labels: &[Option<u16>], basis: &Basis, shown: &[Option<u16>]) -> Option<(f64, u64)> {
    let gold = basis.gold.as_deref()?;
    let (mut right, mut all) = (0u64, 0u64);
    for ((label, &gold), shown) in labels.iter().zip(gold).zip(shown) {
        if let (Some(label), Ok(gold), None) = (label, u16::try_from(gold), shown) {
            all += 1;
            right += u64::from(*label == gold);
        }
    }
    (all > 0).then(|| (right as f64 / all as f64, all))
}

/// What a linear model looks at: n-grams of text, or dense features of anything else.
pub enum Looks {
    /// TF-IDF of word and character n-grams.
    Sparse(Csr),
    /// Descriptors of images or sounds, or the numbers and categories of a table.
    Dense(Matrix<f32>),
}

/// What images are like in short rows, as they are.
pub(super) struct DescriptorsOf(pub(super) Basis);

impl Derived for DescriptorsOf {
    type Output = Matrix<f32>;

    fn bytes(matrix: &Matrix<f32>) -> usize {
        size_of_val(matrix.values())
    }

    fn fingerprint(&self) -> Fingerprint {
        let image = self.0.image.as_deref().unwrap_or_default();
        Fingerprinter::new("descriptors").print(self.0.dataset.fingerprint).text(image).finish()
    }

    fn compute(&self, work: &Work) -> Result<Matrix<f32>> {
        let column = self.0.dataset.frame.column(self.0.image.as_deref().unwrap_or_default())?;
        image_features::describe_column(&self.0.dataset.root, column, work)
    }
}

/// The features of what is labelled.
pub(super) struct LooksOf(pub(super) Basis);

impl Derived for LooksOf {
    type Output = Looks;

    fn bytes(looks: &Looks) -> usize {
        match looks {
            Looks::Sparse(csr) => csr.entries() * 2 * size_of::<f32>(),
            Looks::Dense(matrix) => size_of_val(matrix.values()),
        }
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("looks")
            .print(self.0.dataset.fingerprint)
            .text(self.0.text.as_deref().unwrap_or(""))
            .text(self.0.image.as_deref().unwrap_or(""))
            .text(self.0.audio.as_deref().unwrap_or(""))
            .finish()
    }

    fn compute(&self, work: &Work) -> Result<Looks> {
        let (frame, root) = (&self.0.dataset.frame, &self.0.dataset.root);
        match self.0.content() {
            Content::Image(_) => {
                let descriptors = self.0.cache.get(&DescriptorsOf(self.0.clone()), work)?;
                Ok(Looks::Dense(descriptors.standardized()))
            }
            Content::Audio(name) => {
                let descriptors = audio_features::describe_column(root, frame.column(name)?, work)?;
                Ok(Looks::Dense(descriptors.standardized()))
            }
            Content::Text(name) => {
                let column = frame.column(name)?;
                let strings = column.strings().ok_or_else(|| Error::input("the column holds no text").at(name))?;
                Ok(Looks::Sparse(Tfidf::fit_transform(strings, &TextOptions::default(), work)?.1))
            }
            Content::Rows => {
                let answers = |column: &&Arc<Column>| !self.0.answers.iter().any(|name| name == column.name());
                let columns: Vec<Arc<Column>> = frame.columns().iter().filter(answers).cloned().collect();
                Ok(Looks::Dense(table_features::describe_columns(&columns, work)?))
            }
        }
    }
}

/// The end model: trained on what functions and people say, so that it can speak of rows that no function covers.
pub struct EndModelOf {
    /// What is open.
    pub basis: Basis,
    /// The label model's probabilities; `None` to learn from people's and given labels alone.
    pub model: Option<Arc<LabelModelOutcome>>,
    /// The name of the label model's outcome.
    pub model_print: Option<Fingerprint>,
}

/// What [`EndModelOf`] gives. All of it is out of sample: each row is predicted by a model that has not seen it.
pub struct EndModelOutcome {
    /// Rows x classes.
    pub probabilities: Matrix<f32>,
    /// The most probable class of each row.
    pub labels: Vec<Option<u16>>,
    /// The share right against known labels, and how many there are; `None` without any.
    pub accuracy: Option<(f64, u64)>,
    /// The share of training rows whose target it agrees with.
    pub agreement: Option<f64>,
    /// Rows that it was trained on.
    pub trained_rows: usize,
}

impl Derived for EndModelOf {
    type Output = EndModelOutcome;

    fn bytes(model: &EndModelOutcome) -> usize {
        size_of_val(model.probabilities.values()) + size_of_val(model.labels.as_slice())
    }

    fn fingerprint(&self) -> Fingerprint {
        let print = self.basis.print_data("end-model").print(self.basis.annotations_print);
        let print = print.number(self.basis.settings.folds as u64).number(self.basis.settings.seed);
        match self.model_print {
            Some(model) => print.print(model),
            None => print,
        }
        .finish()
    }

    fn compute(&self, work: &Work) -> Result<EndModelOutcome> {
        let basis = &self.basis;
        let classes = basis.classes.len();
        let (targets, rows) = self.targets()?;
        let looks = basis.cache.get(&LooksOf(basis.clone()), work)?;
        let cv = cross_validate(&looks, &targets, basis, work)?;
        let known = basis.reference();
        let labels: Vec<Option<u16>> = (0..cv.probabilities.rows())
            .map(|row| metrics::argmax(cv.probabilities.row(row)).map(|(class, _)| class))
            .collect();
        let (mut right, mut all) = (0u64, 0u64);
        for (label, known) in labels.iter().zip(&known) {
            if known.is_some() {
                all += 1;
                right += u64::from(label == known);
            }
        }
        debug_assert_eq!(cv.probabilities.columns(), classes);
        Ok(EndModelOutcome {
            probabilities: cv.probabilities,
            labels,
            accuracy: (all > 0).then(|| (right as f64 / all as f64, all)),
            agreement: cv.accuracy,
            trained_rows: rows,
        })
    }
}

impl EndModelOf {
    /// The training targets, rows x classes: people's and given labels as certainties, else the label model's
    /// probabilities where a function voted, else nothing (a row of zeros, which is not learnt from).
    fn targets(&self) -> Result<(Matrix<f32>, usize)> {
        let basis = &self.basis;
        let (classes, rows) = (basis.classes.len(), basis.dataset.rows());
        let mut values = vec![0.0f32; rows * classes];
        let standing = basis.standing();
        let mut trained = 0;
        for (row, out) in values.chunks_exact_mut(classes.max(1)).enumerate() {
            if basis.excluded[row] {
                continue;
            }
            if let Some(label) = standing[row] {
                out[usize::from(label)] = 1.0;
                trained += 1;
            } else if let Some(model) = &self.model
                && model.patterns.is_covered(model.patterns.of_row()[row] as usize)
            {
                let probabilities = model.labels.row(row);
                out.iter_mut().zip(probabilities).for_each(|(out, &p)| *out = p as f32);
                trained += 1;
            }
        }
        Ok((Matrix::new(rows, classes, values)?, trained))
    }
}

fn cross_validate(looks: &Looks, targets: &Matrix<f32>, basis: &Basis, work: &Work) -> Result<Cv> {
    let (folds, seed) = (basis.settings.folds, basis.settings.seed);
    let options = logistic::Options::default();
    match looks {
        Looks::Sparse(csr) => out_of_sample_soft(csr, targets, folds, &options, seed, work),
        Looks::Dense(matrix) => out_of_sample_soft(matrix, targets, folds, &options, seed, work),
    }
}

/// The descriptions of all columns, each kept under the name of its own content: a label describes the few columns that
/// depend on it anew, not the data.
pub struct DescriptionsOf {
    /// The columns, with the name of each one's content.
    pub columns: Vec<(Arc<Column>, Fingerprint)>,
    /// Where descriptions are kept.
    pub cache: Arc<Cache>,
}

impl DescriptionsOf {
    fn print(print: Fingerprint) -> Fingerprint {
        Fingerprinter::new("description").print(print).finish()
    }
}

impl Derived for DescriptionsOf {
    type Output = Vec<Arc<Summary>>;

    fn fingerprint(&self) -> Fingerprint {
        self.columns.iter().fold(Fingerprinter::new("descriptions"), |all, (_, print)| all.print(*print)).finish()
    }

    fn compute(&self, work: &Work) -> Result<Vec<Arc<Summary>>> {
        work.stage("describing columns", self.columns.len() as u64);
        let describe = |(column, print): &(Arc<Column>, Fingerprint)| {
            let summary = || describe::describe(column, None, work);
            let summary = self.cache.get_or_make(Self::print(*print), |_| 4096, summary)?;
            work.advance(1)?;
            Ok(summary)
        };
        self.columns.par_iter().map(describe).collect()
    }
}

/// How many rows in view fall into each bar of each column's description. A column's own chip is left out of its own
/// counts, so that a person sees what else could be chosen.
pub struct CountsOf {
    /// The columns, with the name of each one's content.
    pub columns: Vec<(Arc<Column>, Fingerprint)>,
    /// The description of all rows, whose bars are counted, with its name.
    pub whole: (Arc<Vec<Arc<Summary>>>, Fingerprint),
    /// The view, with its name.
    pub snapshot: (Arc<Snapshot>, Fingerprint),
    /// Where counts are kept.
    pub cache: Arc<Cache>,
}

impl Derived for CountsOf {
    /// For each column the counts of its bars, in the order of [`Summary::bars`].
    type Output = Vec<Arc<Vec<usize>>>;

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("counts").print(self.whole.1).print(self.snapshot.1).finish()
    }

    fn compute(&self, work: &Work) -> Result<Vec<Arc<Vec<usize>>>> {
        work.stage("counting what is shown", self.columns.len() as u64);
        let count = |((column, print), summary): (&(Arc<Column>, Fingerprint), &Arc<Summary>)| {
            let mask = self.snapshot.0.mask_without_column(column.name());
            // Named by the rows that are counted, not by the rule: a label changes the layers, seldom the rows in view.
            let name = Fingerprinter::new("counts of a column").print(*print).print(mask_print(&mask)).finish();
            let places = || {
                let name = Fingerprinter::new("bars of rows").print(*print).finish();
                self.cache.get_or_make(name, |_| column.len(), || Places::of(column, summary, work))
            };
            let count = || places()?.count(&mask, summary.bars().len(), work);
            let counts = self.cache.get_or_make(name, |_| 512, count)?;
            work.advance(1)?;
            Ok(counts)
        };
        self.columns.par_iter().zip(self.whole.0.par_iter()).map(count).collect()
    }
}
