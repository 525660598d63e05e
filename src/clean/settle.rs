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
    /// Distances to the nearest neighbours.
    Outlier,
    /// What images are like.
    Image,
    /// What texts are like.
    Text,
}

impl Finder {
    /// All finders.
    pub const ALL: [Self; 5] = [Self::LabelError, Self::Duplicate, Self::Outlier, Self::Image, Self::Text];

    /// The field of the ledger that holds the decisions about this finder's findings.
    pub fn field(self) -> &'static str {
        match self {
            Self::LabelError => "settled:label-error",
            Self::Duplicate => "settled:duplicate",
            Self::Outlier => "settled:outlier",
            Self::Image => "settled:image",
            Self::Text => "settled:text",
        }
    }
}

impl From<FindingKind> for Finder {
    fn from(kind: FindingKind) -> Self {
        match kind {
            FindingKind::LabelError => Self::LabelError,
            FindingKind::ExactDuplicate | FindingKind::NearDuplicate => Self::Duplicate,
            FindingKind::Outlier => Self::Outlier,
            FindingKind::Image(_) => Self::Image,
            FindingKind::Text(_) => Self::Text,
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
    /// The settled rows of each finder, in the order of [`Finder::ALL`].
    rows: [HashSet<u32>; Finder::ALL.len()],
    print: Fingerprint,
}

impl Default for Settlement {
    fn default() -> Self {
        Self::new(Default::default())
    }
}

impl Settlement {
    /// Gathers the decisions from the ledger.
    pub fn of(marks: &Marks, ids: &Ids) -> Self {
        let rows = |finder: Finder| {
            marks.of(finder.field()).filter_map(|(item, _)| ids.row(ItemId(item))).map(|row| row.0).collect()
        };
        Self::new(Finder::ALL.map(rows))
    }

    fn new(rows: [HashSet<u32>; Finder::ALL.len()]) -> Self {
        let mut print = Fingerprinter::new("settlement");
        for rows in &rows {
            let mut rows: Vec<_> = rows.iter().copied().collect();
            rows.sort_unstable();
            print = rows.into_iter().fold(print.text("|"), |print, row| print.number(u64::from(row)));
        }
        Self { rows, print: print.finish() }
    }

    /// True if the row's finding was settled.
    pub fn is_settled(&self, finder: Finder, row: u32) -> bool {
        self.rows.get(finder as usize).is_some_and(|rows| rows.contains(&row))
    }

    /// How many findings were settled.
    pub fn count(&self) -> usize {
        self.rows.iter().map(HashSet::len).sum()
    }

    /// The name of the content.
    pub fn fingerprint(&self) -> Fingerprint {
        self.print
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finder_has_its_place_and_a_field_of_its_own() {
        let fields: HashSet<&str> = Finder::ALL.into_iter().map(Finder::field).collect();
        assert_eq!(fields.len(), Finder::ALL.len());
        for (at, finder) in Finder::ALL.into_iter().enumerate() {
            assert_eq!(finder as usize, at);
            let mut rows: [HashSet<u32>; Finder::ALL.len()] = Default::default();
            rows[at].insert(7);
            let settlement = Settlement::new(rows);
            assert_eq!(settlement.count(), 1);
            let settled = Finder::ALL.into_iter().filter(|finder| settlement.is_settled(*finder, 7));
            assert_eq!(settled.collect::<Vec<_>>(), [finder]);
        }
    }
}
