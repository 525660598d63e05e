//! The labels that people gave, by row: what every pane reads, kept up to date change by change.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{BAD, COMMENT, Classes, Doubt, EXCLUDED, LABEL, SKIPPED, UNSURE, Voice};
use crate::data::{Ids, ItemId, Row};
use crate::project::{Mark, Marks, Outcome};

/// The rows' labels, as one voice gave them. Cloning is cheap: a reader keeps its state while the next one is made.
#[derive(Debug, Clone, Default)]
pub struct Annotations {
    labels: Arc<Vec<i16>>,
    excluded: Arc<Vec<bool>>,
    skipped: Arc<Vec<bool>>,
    unsure: Arc<Vec<bool>>,
    bad: Arc<Vec<bool>>,
    comments: Arc<BTreeMap<u32, Arc<str>>>,
    /// What is known of doubts beyond that they are there.
    doubts: Arc<BTreeMap<u32, Doubt>>,
    /// The guidelines that each label was given under, as a position in `versions` plus 1; 0 where that is not known.
    ruled: Arc<Vec<u16>>,
    versions: Arc<Vec<Arc<str>>>,
    counts: Vec<usize>,
    excluded_count: usize,
    skipped_count: usize,
    /// Annotations of items that the source no longer has: kept in the store, counted here.
    orphans: usize,
    /// Labels whose class the project no longer has: kept in the store, counted here.
    unknown: usize,
    voice: Voice,
}

impl Annotations {
    /// Derives the labels that a voice gave from all marks. What is left out is left out for everybody.
    pub fn new(marks: &Marks, ids: &Ids, classes: &Classes, voice: Voice) -> Self {
        let rows = ids.all().len();
        let mut made = Self {
            labels: Arc::new(vec![-1; rows]),
            excluded: Arc::new(vec![false; rows]),
            skipped: Arc::new(vec![false; rows]),
            unsure: Arc::new(vec![false; rows]),
            bad: Arc::new(vec![false; rows]),
            ruled: Arc::new(vec![0; rows]),
            counts: vec![0; classes.len()],
            voice,
            ..Self::default()
        };
        for field in [LABEL, EXCLUDED, SKIPPED, UNSURE, BAD, COMMENT] {
            let whose = made.whose(field);
            for (item, mark) in marks.of(&whose.field(field)) {
                match ids.row(ItemId(item)) {
                    Some(row) => made.put(row, field, Some(mark), classes),
                    None => made.orphans += 1,
                }
            }
        }
        made
    }

    /// Takes in what a command changed. `marks` already hold the new state.
    pub fn update(&mut self, outcome: &Outcome, marks: &Marks, ids: &Ids, classes: &Classes) {
        for event in &outcome.events {
            let (field, voice) = Voice::split(&event.field);
            if let Some(item) = event.item
                && voice == self.whose(field)
            {
                let Some(row) = ids.row(ItemId(item)) else { continue };
                self.put(row, field, marks.get(&event.field, item), classes);
            }
        }
    }

    /// The voice that a field is read from.
    fn whose(&self, field: &str) -> Voice {
        if field == EXCLUDED { Voice::PROJECT } else { self.voice.clone() }
    }

    /// Takes in what holds of a field of a row.
    fn put(&mut self, row: Row, field: &str, mark: Option<&Mark>, classes: &Classes) {
        let flag = mark.is_some_and(|mark| mark.value.as_bool() == Some(true));
        match field {
            LABEL => {
                let class = mark.and_then(|mark| mark.value.as_str()).map(|name| classes.index(name));
                self.unknown += usize::from(class == Some(None));
                let new = class.flatten().map_or(-1, |index| index.0 as i16);
                let rule = mark.and_then(|mark| mark.guideline.as_ref()).map_or(0, |rule| self.version_of(rule));
                if self.ruled.get(row.index()).is_some_and(|old| *old != rule) {
                    Arc::make_mut(&mut self.ruled)[row.index()] = rule;
                }
                let labels = Arc::make_mut(&mut self.labels);
                let old = std::mem::replace(&mut labels[row.index()], new);
                if let Some(count) = usize::try_from(old).ok().and_then(|index| self.counts.get_mut(index)) {
                    *count -= 1;
                }
                if let Some(count) = usize::try_from(new).ok().and_then(|index| self.counts.get_mut(index)) {
                    *count += 1;
                }
            }
            EXCLUDED => count(&mut self.excluded_count, set_flag(&mut self.excluded, row.index(), flag)),
            UNSURE => {
                let doubt = mark.and_then(|mark| Doubt::read(&mark.value));
                set_flag(&mut self.unsure, row.index(), doubt.is_some());
                let doubts = Arc::make_mut(&mut self.doubts);
                match doubt.filter(|doubt| !doubt.is_bare()) {
                    Some(doubt) => _ = doubts.insert(row.0, doubt),
                    None => _ = doubts.remove(&row.0),
                }
            }
            BAD => _ = set_flag(&mut self.bad, row.index(), flag),
            COMMENT => {
                let comments = Arc::make_mut(&mut self.comments);
                match mark.and_then(|mark| mark.value.as_str()) {
                    Some(text) => _ = comments.insert(row.0, text.into()),
                    None => _ = comments.remove(&row.0),
                }
            }
            SKIPPED => count(&mut self.skipped_count, set_flag(&mut self.skipped, row.index(), flag)),
            _ => {}
        }
    }

    /// The number of a version of the guidelines. Those of more than a project ever sees are not told apart.
    fn version_of(&mut self, rule: &Arc<str>) -> u16 {
        let known = self.versions.iter().position(|other| other == rule);
        let at = known.unwrap_or_else(|| {
            let versions = Arc::make_mut(&mut self.versions);
            versions.push(rule.clone());
            versions.len() - 1
        });
        u16::try_from(at + 1).unwrap_or(u16::MAX)
    }

    /// The version of the guidelines that a row's label was given under, where that is known.
    pub fn guideline(&self, row: u32) -> Option<&Arc<str>> {
        let at = usize::from(*self.ruled.get(row as usize)?).checked_sub(1)?;
        self.versions.get(at)
    }

    /// By row the position of the version of the guidelines plus 1, 0 where it is not known; and the versions.
    pub fn guidelines(&self) -> (&Arc<Vec<u16>>, &Arc<Vec<Arc<str>>>) {
        (&self.ruled, &self.versions)
    }

    /// What is known of doubts beyond that they are there, by row.
    pub fn doubts(&self) -> &Arc<BTreeMap<u32, Doubt>> {
        &self.doubts
    }

    /// Whose labels these are.
    pub fn voice(&self) -> &Voice {
        &self.voice
    }

    /// One label a row: a class index, or -1 without a label.
    pub fn labels(&self) -> &Arc<Vec<i16>> {
        &self.labels
    }

    /// The rows left out of what is delivered.
    pub fn excluded(&self) -> &Arc<Vec<bool>> {
        &self.excluded
    }

    /// The rows passed over.
    pub fn skipped(&self) -> &Arc<Vec<bool>> {
        &self.skipped
    }

    /// The rows whose label is uncertain.
    pub fn unsure(&self) -> &Arc<Vec<bool>> {
        &self.unsure
    }

    /// The rows that should not be in the data.
    pub fn bad(&self) -> &Arc<Vec<bool>> {
        &self.bad
    }

    /// The comments by row.
    pub fn comments(&self) -> &Arc<BTreeMap<u32, Arc<str>>> {
        &self.comments
    }

    /// How many rows carry each class.
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// How many rows carry a label.
    pub fn labelled(&self) -> usize {
        self.counts.iter().sum()
    }

    /// How many rows are left out of what is delivered.
    pub fn excluded_count(&self) -> usize {
        self.excluded_count
    }

    /// How many rows were passed over.
    pub fn skipped_count(&self) -> usize {
        self.skipped_count
    }

    /// Annotations of items that the source no longer has.
    pub fn orphans(&self) -> usize {
        self.orphans
    }

    /// Labels of classes that the project no longer has, seen since the project was opened.
    pub fn unknown(&self) -> usize {
        self.unknown
    }
}

/// Sets a flag; what it was and what it is.
fn set_flag(flags: &mut Arc<Vec<bool>>, row: usize, value: bool) -> (bool, bool) {
    (std::mem::replace(&mut Arc::make_mut(flags)[row], value), value)
}

fn count(count: &mut usize, (old, new): (bool, bool)) {
    *count = *count + usize::from(new) - usize::from(old);
}

#[cfg(test)]
mod tests {
    use arrow_array::Int64Array;

    use super::super::Label;
    use super::*;
    use crate::data::{Column, Values};
    use crate::project::{Command, Config, DataConfig, Ledger, Store};

    #[test]
    fn keeping_up_equals_deriving_anew() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::new(Store::open(&folder.path().join("s")).unwrap(), "a").unwrap();
        let ids = Ids::from_key(&Column::new("id", Values::Int(Int64Array::from(vec![1, 2, 3])))).unwrap();
        let classes = Classes::from_names(["a", "b"]).unwrap();
        let mut config = Config::new("p", DataConfig::default());
        super::super::write_classes(&mut config, &classes).unwrap();
        let mut kept = Annotations::new(ledger.marks(), &ids, &classes, Voice::PROJECT);
        let labels = [(0, Some("a")), (1, Some("b")), (0, Some("b")), (1, None)];
        for (row, class) in labels {
            let command = Label { class: class.map(str::to_owned), ..Label::one(ids.all()[row], "a") };
            let outcome = ledger.apply(command.gesture(ledger.marks(), &config).unwrap()).unwrap();
            kept.update(&outcome, ledger.marks(), &ids, &classes);
        }
        let outcome = ledger.undo().unwrap().unwrap();
        kept.update(&outcome, ledger.marks(), &ids, &classes);
        let fresh = Annotations::new(ledger.marks(), &ids, &classes, Voice::PROJECT);
        assert_eq!(**kept.labels(), [1, 1, -1]);
        assert_eq!((kept.labels(), kept.counts()), (fresh.labels(), fresh.counts()));
        assert_eq!(kept.counts(), [0, 2]);
    }
}
