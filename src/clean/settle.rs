//! Settling: what a person decides about a finding. A settled finding does not come back.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::FindingKind;
use crate::data::{Ids, ItemId};
use crate::engine::{Error, Fingerprint, Fingerprinter, Result};
use crate::label::{EXCLUDED, LABEL, read_classes};
use crate::project::{Change, Command, Config, Gesture, Marks};

/// The finders whose findings are settled in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finder {
    /// Confident learning.
    LabelError,
    /// Equal or nearly equal items.
    Duplicate,
}

impl Finder {
    /// The field of the ledger that holds the decisions about this finder's findings.
    pub fn field(self) -> &'static str {
        match self {
            Self::LabelError => "settled:label-error",
            Self::Duplicate => "settled:duplicate",
        }
    }
}

impl From<FindingKind> for Finder {
    fn from(kind: FindingKind) -> Self {
        match kind {
            FindingKind::LabelError => Self::LabelError,
            FindingKind::ExactDuplicate | FindingKind::NearDuplicate => Self::Duplicate,
        }
    }
}

/// What a person decides about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is right as it is.
    Keep,
    /// The item gets this class.
    Relabel(String),
    /// The item is left out of what is delivered.
    Exclude,
}

/// Settles findings.
#[derive(Debug, Clone, PartialEq)]
pub struct Settle {
    /// The items.
    pub items: Vec<ItemId>,
    /// Who found them.
    pub finder: Finder,
    /// What is decided.
    pub decision: Decision,
    /// The evidence that stood beside them, for the record: score, suggestion.
    pub evidence: Option<serde_json::Value>,
}

impl Command for Settle {
    fn gesture(&self, _: &Marks, config: &Config) -> Result<Gesture> {
        let (name, value) = match &self.decision {
            Decision::Keep => ("keep", json!("keep")),
            Decision::Relabel(_) => ("relabel", json!("relabel")),
            Decision::Exclude => ("exclude", json!("exclude")),
        };
        if let Decision::Relabel(class) = &self.decision
            && read_classes(config)?.index(class).is_none()
        {
            return Err(Error::input("there is no such class").at(class).help("add the class first"));
        }
        let detail = json!({ "finder": self.finder, "evidence": self.evidence });
        let mut changes = Vec::new();
        for item in &self.items {
            changes.push(Change::set(item.0, self.finder.field(), value.clone()).because(detail.clone()));
            match &self.decision {
                Decision::Keep => {}
                Decision::Relabel(class) => {
                    changes.push(Change::set(item.0, LABEL, class.as_str()).because(detail.clone()));
                }
                Decision::Exclude => {
                    changes.push(Change::set(item.0, EXCLUDED, true).because(detail.clone()));
                }
            }
        }
        Ok(Gesture { name: name.to_owned(), changes })
    }
}

/// The decisions about findings, by row.
#[derive(Debug, PartialEq)]
pub struct Settlement {
    label_errors: HashSet<u32>,
    duplicates: HashSet<u32>,
    print: Fingerprint,
}

impl Default for Settlement {
    fn default() -> Self {
        Self::new(HashSet::new(), HashSet::new())
    }
}

impl Settlement {
    /// Gathers the decisions from the ledger.
    pub fn of(marks: &Marks, ids: &Ids) -> Self {
        let rows = |finder: Finder| {
            marks.of(finder.field()).filter_map(|(item, _)| ids.row(ItemId(item))).map(|row| row.0).collect()
        };
        Self::new(rows(Finder::LabelError), rows(Finder::Duplicate))
    }

    fn new(label_errors: HashSet<u32>, duplicates: HashSet<u32>) -> Self {
        let mut print = Fingerprinter::new("settlement");
        for rows in [&label_errors, &duplicates] {
            let mut rows: Vec<_> = rows.iter().copied().collect();
            rows.sort_unstable();
            print = rows.into_iter().fold(print.text("|"), |print, row| print.number(u64::from(row)));
        }
        Self { label_errors, duplicates, print: print.finish() }
    }

    /// True if the row was settled as a label error.
    pub fn label_error(&self, row: u32) -> bool {
        self.label_errors.contains(&row)
    }

    /// True if the row was settled as a duplicate.
    pub fn duplicate(&self, row: u32) -> bool {
        self.duplicates.contains(&row)
    }

    /// True if the row's finding was settled.
    pub fn is_settled(&self, finder: Finder, row: u32) -> bool {
        match finder {
            Finder::LabelError => self.label_error(row),
            Finder::Duplicate => self.duplicate(row),
        }
    }

    /// How many findings of a finder were settled.
    pub fn count(&self, finder: Finder) -> usize {
        match finder {
            Finder::LabelError => self.label_errors.len(),
            Finder::Duplicate => self.duplicates.len(),
        }
    }

    /// The name of the content.
    pub fn fingerprint(&self) -> Fingerprint {
        self.print
    }
}
