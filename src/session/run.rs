//! The main job, headless: apply the functions, fit the label model, train the end model, look for problems, deliver.
//! And the delivery that the window starts with the same code.

use std::path::PathBuf;
use std::sync::Arc;

use super::derived::{EndModelOf, EndModelOutcome, LabelModelOf, LabelModelOutcome, VotesOf, VotesOutcome};
use super::findings::{Findings, FindingsOf, LeaksFound, LeaksOf};
use super::layers::{Layers, LayersOf};
use super::{Live, Session};
use crate::clean::Finder;
use crate::data::{Dataset, write};
use crate::deliver::{CardFacts, Flags, Scope, card, export_frame, splits};
use crate::engine::{Derived as _, Error, ErrorKind, Result, Work, files};
use crate::label::LABEL;

/// What is to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliverOptions {
    /// Where to, relative to the project's folder or absolute.
    pub folder: PathBuf,
    /// File endings: `csv`, `jsonl`, `parquet`.
    pub formats: Vec<String>,
    /// Which rows.
    pub scope: Scope,
    /// Copies of kept items are left out.
    pub without_duplicates: bool,
}

impl Default for DeliverOptions {
    fn default() -> Self {
        Self {
            folder: "deliver".into(),
            formats: vec!["csv".into(), "jsonl".into(), "parquet".into()],
            scope: Scope::Labelled,
            without_duplicates: false,
        }
    }
}

/// What was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The files, absolute.
    pub files: Vec<PathBuf>,
    /// The rows in each.
    pub rows: usize,
}

/// Everything a delivery needs, so that it can be written on a thread of its own.
pub struct DeliverRequest {
    dataset: Arc<Dataset>,
    classes: Arc<Vec<String>>,
    excluded: Arc<Vec<bool>>,
    layers: Arc<Layers>,
    leader: Vec<u32>,
    marked: Vec<super::Marked>,
    facts: CardFacts,
    folder: PathBuf,
    seed: u64,
    options: DeliverOptions,
}

/// The values that a delivery tells of.
struct Known<'a> {
    layers: &'a Arc<Layers>,
    votes: Option<&'a Arc<VotesOutcome>>,
    model: Option<&'a Arc<LabelModelOutcome>>,
    end_model: Option<&'a Arc<EndModelOutcome>>,
    findings: Option<&'a Arc<Findings>>,
}

/// A delivery of what the window shows; `None` while labels are still being gathered.
pub fn deliver_request(session: &Session, live: &Live, options: DeliverOptions) -> Option<DeliverRequest> {
    let known = Known {
        layers: live.layers()?,
        votes: live.votes.value(),
        model: live.model.value(),
        end_model: live.end_model.value(),
        findings: live.findings.value(),
    };
    Some(request(session, known, options))
}

fn request(session: &Session, known: Known<'_>, options: DeliverOptions) -> DeliverRequest {
    let dataset = session.dataset().clone();
    let mut leader: Vec<u32> = (0..dataset.rows() as u32).collect();
    for group in known.findings.iter().flat_map(|findings| &findings.duplicates.groups) {
        for member in &group.members {
            leader[member.row as usize] = group.kept;
        }
    }
    DeliverRequest {
        facts: facts(session, &known),
        classes: session.class_names().clone(),
        excluded: session.annotations().excluded().clone(),
        layers: known.layers.clone(),
        leader,
        marked: session.marked(),
        folder: session.project().folder().join(&options.folder),
        seed: session.project().config.settings.seed,
        dataset,
        options,
    }
}

fn facts(session: &Session, known: &Known<'_>) -> CardFacts {
    let config = &session.project().config;
    let mut annotators: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for (_, mark) in session.project().ledger.marks().of(LABEL) {
        *annotators.entry(mark.annotator.clone()).or_default() += 1;
    }
    let functions = known.votes.iter().flat_map(|votes| &votes.analysis.functions);
    let duplicates = known.findings.map(|findings| &findings.duplicates.groups);
    CardFacts {
        name: config.name.clone(),
        source: format!("{} ({})", config.data.path.display(), session.dataset().report.format),
        notes: session.dataset().report.notes.clone(),
        rows: session.dataset().rows(),
        excluded: session.annotations().excluded_count(),
        classes: session.class_names().to_vec(),
        functions: functions.map(|f| (f.name.clone(), f.coverage, f.accuracy)).collect(),
        label_model: known.model.map(|model| (model.fitted.model().to_owned(), model.accuracy.map(|(share, _)| share))),
        end_model: known.end_model.and_then(|model| model.accuracy).map(|(share, rows)| (share, rows as usize)),
        label_errors: known.layers.open(Finder::LabelError),
        duplicates: duplicates.map_or((0, 0), |groups| (groups.len(), groups.iter().map(|g| g.members.len()).sum())),
        annotators: annotators.into_iter().collect(),
        tasks: session.marked().iter().map(|of| (of.task.name.clone(), of.marks.done(), of.marks.marks())).collect(),
        date: chrono::Local::now().format("%Y-%m-%d").to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

impl DeliverRequest {
    /// Writes the files, each whole or not at all.
    ///
    /// # Errors
    /// If nothing is to be delivered, or the disk does not allow it.
    pub fn write(&self, work: &Work) -> Result<Delivered> {
        let mut excluded = self.excluded.to_vec();
        if self.options.without_duplicates {
            excluded.iter_mut().zip(self.layers.flagged(Finder::Duplicate)).for_each(|(out, &copy)| *out |= copy);
        }
        let split = splits(self.dataset.ids.all(), &self.leader, self.seed);
        let flags = Flags {
            excluded: &excluded,
            label_error: self.layers.flagged(Finder::LabelError),
            duplicate: self.layers.flagged(Finder::Duplicate),
            split: &split,
        };
        let tasks: Vec<_> = self.marked.iter().map(|marked| marked.delivered(self.dataset.rows())).collect();
        let labels = &self.layers.labels;
        let (frame, rows) = export_frame(&self.dataset, &self.classes, labels, flags, &tasks, self.options.scope)?;
        if rows.is_empty() {
            return Err(Error::input("there is nothing to deliver, no row has a label")
                .help("label some rows, write functions, or deliver all rows"));
        }
        std::fs::create_dir_all(&self.folder)
            .map_err(|source| Error::io("cannot make the folder", &self.folder, &source))?;
        let mut written = Vec::new();
        work.stage("writing files", self.options.formats.len() as u64 + 1);
        for format in &self.options.formats {
            let path = self.folder.join(format!("data.{format}"));
            write::write_frame(&path, &frame, work)?;
            written.push(path);
            work.advance(1)?;
        }
        let path = self.folder.join("DATACARD.md");
        let own_split = self.dataset.frame.columns().iter().any(|column| column.name() == "split");
        files::write_text(&path, &card(&self.facts, &self.layers.labels, (!own_split).then_some(&split[..]), &rows))?;
        written.push(path);
        Ok(Delivered { files: written, rows: rows.len() })
    }
}

/// What the main job found.
pub struct RunSummary {
    /// Votes, their statistics, and what could not be compiled or failed.
    pub votes: Arc<VotesOutcome>,
    /// The label model; `None` without functions.
    pub model: Option<Arc<LabelModelOutcome>>,
    /// The end model, or why there is none.
    pub end_model: Result<Arc<EndModelOutcome>>,
    /// Label errors and duplicates.
    pub findings: Arc<Findings>,
    /// What leaked between parts of the data.
    pub leaks: Arc<LeaksFound>,
    /// Rows flagged as label errors and not settled.
    pub label_errors: usize,
    /// What was delivered, or why nothing was.
    pub delivered: Result<Delivered>,
}

/// Does the main job of a project: steps that need what is not there (no functions, no labels) are left out and say why.
///
/// # Errors
/// If the work is cancelled, or a step fails for another reason than missing input.
pub fn run(session: &Session, options: &DeliverOptions, work: &Work) -> Result<RunSummary> {
    let (basis, cache) = (session.basis(), session.cache());
    let of_votes = VotesOf(basis.clone());
    let votes_print = of_votes.fingerprint();
    let votes = cache.get(&of_votes, work)?;
    let of_model = LabelModelOf { basis: basis.clone(), votes: votes.clone(), votes_print };
    let model_print = of_model.fingerprint();
    let model = if votes.votes.columns().is_empty() { None } else { Some(cache.get(&of_model, work)?) };
    let of_end =
        EndModelOf { basis: basis.clone(), model_print: model.as_ref().map(|_| model_print), model: model.clone() };
    let end_print = of_end.fingerprint();
    let end_model = match cache.get(&of_end, work) {
        Err(error) if error.is_cancelled() => return Err(error),
        outcome => outcome,
    };
    let of_findings = FindingsOf { basis: basis.clone(), quality: false };
    let findings_print = of_findings.fingerprint();
    let findings = cache.get(&of_findings, work)?;
    let leaks = cache.get(&LeaksOf(basis.clone()), work)?;
    let settlement = Arc::new(session.settlement());
    let layers = LayersOf {
        basis,
        votes: Some((votes.clone(), votes_print)),
        model: model.clone().map(|model| (model, model_print)),
        end_model: end_model.clone().ok().map(|model| (model, end_print)),
        findings: Some((findings.clone(), findings_print)),
        properties: None,
        similarity: None,
        queue_order: None,
        settlement,
    };
    let layers = cache.get(&layers, work)?;
    let label_errors = layers.open(Finder::LabelError);
    let known = Known {
        layers: &layers,
        votes: Some(&votes),
        model: model.as_ref(),
        end_model: end_model.as_ref().ok(),
        findings: Some(&findings),
    };
    let delivered = request(session, known, options.clone()).write(work);
    // That there is nothing to deliver is told with the rest; a disk that fails is the failure of the run.
    if let Err(error) = &delivered
        && error.kind() != ErrorKind::Input
    {
        return Err(error.clone());
    }
    Ok(RunSummary { votes, model, end_model, findings, leaks, label_errors, delivered })
}
