//! What annotators said side by side, gathered off the window's thread from the store.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::data::Dataset;
use crate::engine::{Derived, Fingerprint, Fingerprinter, Result, Work};
use crate::label::{Answers, Classes, ItemMarks, Placed, class_answers, mark_answers};
use crate::project::Marks;

/// Answers with what follows from them.
#[derive(Debug, Clone)]
pub struct Gathered<T> {
    /// What each annotator said.
    pub answers: Arc<Answers<T>>,
    /// The rows that two or more answered and not all alike, in order.
    pub disputes: Vec<u32>,
    /// The rows that two or more answered alike and nobody decided yet, with the answer.
    pub agreed: Vec<(u32, T)>,
    /// The state of the ledger that they are of.
    pub generation: u64,
}

impl<T: PartialEq + Clone> Gathered<T> {
    fn of(answers: Answers<T>, generation: u64) -> Self {
        let (disputes, agreed) = (answers.disputes(), answers.agreed());
        Self { answers: Arc::new(answers), disputes, agreed, generation }
    }

    /// The rows to be decided, in order; with `all` those that are decided as well.
    pub fn open(&self, all: bool) -> Vec<u32> {
        let decided: &BTreeSet<u32> = &self.answers.decided;
        self.disputes.iter().copied().filter(|row| all || !decided.contains(row)).collect()
    }
}

/// The classes that annotators gave.
pub struct ClassAnswersOf {
    /// The store of the project.
    pub store: PathBuf,
    /// Whose items they are.
    pub dataset: Arc<Dataset>,
    /// The classes of the project.
    pub classes: Classes,
    /// The state of the ledger.
    pub generation: u64,
}

impl Derived for ClassAnswersOf {
    type Output = Gathered<u16>;

    fn bytes(value: &Self::Output) -> usize {
        value.answers.rows.len() * (value.answers.annotators.len() * 4 + 64)
    }

    fn fingerprint(&self) -> Fingerprint {
        let print = Fingerprinter::new("answers of classes").number(self.generation);
        self.classes.iter().fold(print, |print, class| print.text(&class.name)).finish()
    }

    fn compute(&self, work: &Work) -> Result<Gathered<u16>> {
        let marks = Marks::read(&self.store, work)?;
        Ok(Gathered::of(class_answers(&marks, &self.dataset.ids, &self.classes), self.generation))
    }
}

/// What annotators marked in a task.
pub struct MarkAnswersOf {
    /// The store of the project.
    pub store: PathBuf,
    /// Whose items they are.
    pub dataset: Arc<Dataset>,
    /// What stands inside items.
    pub placed: Placed,
    /// The task's name.
    pub task: String,
    /// Who made what holds of the project.
    pub own: String,
    /// The state of the ledger.
    pub generation: u64,
}

impl Derived for MarkAnswersOf {
    type Output = Gathered<Arc<ItemMarks>>;

    fn bytes(value: &Self::Output) -> usize {
        value.answers.rows.len() * (value.answers.annotators.len() * 16 + 64)
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("answers of marks").number(self.generation).text(&self.task).text(&self.own).finish()
    }

    fn compute(&self, work: &Work) -> Result<Gathered<Arc<ItemMarks>>> {
        let marks = Marks::read(&self.store, work)?;
        let answers = mark_answers(&self.placed, &marks, &self.dataset.ids, &self.task, &self.own);
        Ok(Gathered::of(answers, self.generation))
    }
}
