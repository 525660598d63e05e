//! What is known of labelling itself, for what is expected of it: labels, gold, what each annotator said and how long it
//! took, functions, copies.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::Array as _;
use xxhash_rust::xxh3::xxh3_128;

use super::derived::{Basis, VotesOutcome};
use super::findings::DuplicatesOf;
use super::layers::Layers;
use super::{ClassAgreementOf, Session};
use crate::clean::expect::Labelling;
use crate::engine::{Derived, Fingerprint, Fingerprinter, Result, Work};
use crate::label::{Answers, EffortLog, class_answers};

/// Gathers what is known of labelling.
#[derive(Clone)]
pub struct LabellingOf {
    basis: Basis,
    layers: Arc<Layers>,
    votes: Option<Arc<VotesOutcome>>,
    answers: Arc<Answers<u16>>,
    store: PathBuf,
    generation: u64,
    print: Fingerprint,
}

impl LabellingOf {
    /// `layers` and `votes` are those of the session as it is, with the name of the layers.
    pub fn new(session: &Session, layers: (Arc<Layers>, Fingerprint), votes: Option<Arc<VotesOutcome>>) -> Self {
        let project = session.project();
        let generation = project.ledger.generation();
        let answers = class_answers(project.ledger.marks(), &session.dataset().ids, session.classes());
        let print = Fingerprinter::new("labelling").print(layers.1).number(generation).finish();
        let store = project.store_path();
        Self { basis: session.basis(), layers: layers.0, votes, answers: Arc::new(answers), store, generation, print }
    }
}

impl Derived for LabellingOf {
    type Output = Labelling;

    fn fingerprint(&self) -> Fingerprint {
        self.print
    }

    fn compute(&self, work: &Work) -> Result<Labelling> {
        let basis = &self.basis;
        let mut log = EffortLog::default();
        // The newest events may not be on the disk yet where nothing was ever labelled.
        if self.store.exists() {
            crate::project::Store::open(&self.store)?.replay(|event| log.take(event))?;
        }
        work.check()?;
        let agreement = ClassAgreementOf {
            answers: self.answers.clone(),
            classes: basis.classes.clone(),
            seed: basis.settings.seed,
            generation: self.generation,
        };
        let agreement = basis.cache.get(&agreement, work)?;
        let mut said: Vec<(String, Vec<(u32, u16)>)> =
            self.answers.annotators.iter().map(|name| (name.clone(), Vec::new())).collect();
        for (row, answers) in &self.answers.rows {
            for ((_, said), class) in said.iter_mut().zip(answers) {
                said.extend(class.map(|class| (*row, class)));
            }
        }
        let gold = basis.gold.as_deref().map(|gold| gold.iter().map(|label| u16::try_from(*label).ok()).collect());
        let analysis = self.votes.as_ref().map(|votes| &votes.analysis);
        Ok(Labelling {
            classes: basis.classes.to_vec(),
            labels: self.layers.labels.label.iter().map(|label| u16::try_from(*label).ok()).collect(),
            gold: gold.unwrap_or_default(),
            said,
            agreement: Some(agreement.named),
            effort: log.figures(),
            functions: analysis.map(|analysis| analysis.functions.clone()).unwrap_or_default(),
            covered: analysis.map_or((0.0, 0.0), |analysis| (analysis.covered, analysis.conflicted)),
            copies: basis.cache.get(&CopiesOf(basis.clone()), work)?.to_vec(),
        })
    }
}

/// Rows of equal content.
struct CopiesOf(Basis);

impl Derived for CopiesOf {
    type Output = Vec<Vec<u32>>;

    fn fingerprint(&self) -> Fingerprint {
        let content = self.0.content().column().unwrap_or_default().to_owned();
        Fingerprinter::new("copies").print(self.0.dataset.fingerprint).text(&content).finish()
    }

    fn compute(&self, work: &Work) -> Result<Self::Output> {
        let basis = &self.0;
        let column = basis.text.as_deref().map(|name| basis.dataset.frame.column(name)).transpose()?;
        let Some(texts) = column.and_then(|column| column.strings()) else {
            let found = basis.cache.get(&DuplicatesOf(basis.clone()), work)?;
            let exact = found.groups.iter().map(|group| {
                group.members.iter().filter(|member| member.exact).map(|member| member.row).collect::<Vec<_>>()
            });
            return Ok(exact.filter(|rows| rows.len() > 1).collect());
        };
        work.stage("comparing texts", texts.len() as u64);
        let mut groups: HashMap<u128, Vec<u32>> = HashMap::new();
        for row in 0..texts.len() {
            if row.is_multiple_of(4096) {
                work.advance(4096)?;
            }
            let text = if texts.is_null(row) { "" } else { texts.value(row).trim() };
            if !text.is_empty() {
                groups.entry(xxh3_128(text.as_bytes())).or_default().push(row as u32);
            }
        }
        let mut copies: Vec<Vec<u32>> = groups.into_values().filter(|rows| rows.len() > 1).collect();
        copies.sort_unstable();
        Ok(copies)
    }
}
