//! Settling: what a person decides about a finding. A settled finding does not come back.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::FindingKind;
use crate::data::{Ids, ItemId};
use crate::engine::{Error, Fingerprint, Fingerprinter, Result, quantile_of_sorted};
use crate::label::{EXCLUDED, LABEL, UNSURE, read_classes};
use crate::project::{Cause, Change, Command, Config, Event, Gesture, Marks};

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
    /// More than one class is right: the label stays, and the item is marked as unsure.
    SeveralRight,
    /// No class is right: the item is left out of what is delivered.
    NoneRight,
}

impl Decision {
    /// The name in the store and in patches.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Relabel(_) => "relabel",
            Self::Exclude => "exclude",
            Self::SeveralRight => "several-right",
            Self::NoneRight => "none-right",
        }
    }

    /// What else it says of an item, beside that the finding is settled.
    fn change(&self, item: ItemId) -> Option<Change> {
        match self {
            Self::Keep => None,
            Self::Relabel(class) => Some(Change::set(item.0, LABEL, class.as_str())),
            Self::Exclude | Self::NoneRight => Some(Change::set(item.0, EXCLUDED, true)),
            Self::SeveralRight => Some(Change::set(item.0, UNSURE, true)),
        }
    }
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
    /// For each item the name of what was decided upon: its content, and for label errors the label that then stands.
    /// When that changes, the finding may come back. Without names it stays settled for good.
    pub inputs: Vec<Fingerprint>,
    /// The score of the label that one finding was judged by, 0-1, low is bad: the decision then is a verdict that
    /// [`verdicts`] gathers. `None` where many were settled at once.
    pub score: Option<f64>,
    /// How long the person looked at it, in seconds.
    pub seconds: Option<f64>,
}

/// What persons found of labels that they judged one by one: the score then, and whether the label was wrong. That an item
/// was left out says nothing of its label.
pub fn verdicts(marks: &Marks, ids: &Ids) -> Vec<(f64, bool)> {
    let of = |(item, mark): (u64, &crate::project::Mark)| {
        let row = ids.row(ItemId(item))?;
        let score = mark.value.get("score")?.as_f64().filter(|score| score.is_finite())?;
        let wrong = match mark.value.get("decision")?.as_str()? {
            "keep" | "several-right" => false,
            "relabel" | "none-right" => true,
            _ => return None,
        };
        Some((row, (score, wrong)))
    };
    let mut found: Vec<_> = marks.of(Finder::LabelError.field()).filter_map(of).collect();
    found.sort_by_key(|(row, _)| *row);
    found.into_iter().map(|(_, verdict)| verdict).collect()
}

/// How long persons look at a finding: feed it all events in order.
#[derive(Debug, Clone, Default)]
pub struct ReviewLog(Vec<f64>);

impl ReviewLog {
    /// Longer looks than this are breaks, in seconds.
    const AWAY: f64 = 120.0;

    /// Fewer looks than this tell nothing.
    const LEAST: usize = 5;

    /// Takes in an event.
    pub fn take(&mut self, event: &Event) {
        let settled = Finder::ALL.iter().any(|finder| finder.field() == event.field);
        let seconds = event.detail.as_ref().and_then(|detail| detail.get("seconds")?.as_f64());
        if let (true, Cause::Do, Some(seconds)) = (settled, event.cause, seconds.filter(|seconds| *seconds >= 0.0)) {
            self.0.push(seconds.min(Self::AWAY));
        }
    }

    /// The median of seconds a look; `None` of fewer than five.
    pub fn median(mut self) -> Option<f64> {
        self.0.sort_by(f64::total_cmp);
        quantile_of_sorted(&self.0, 0.5).filter(|_| self.0.len() >= Self::LEAST)
    }
}

impl Command for Settle {
    fn gesture(&self, _: &Marks, config: &Config) -> Result<Gesture> {
        if let Decision::Relabel(class) = &self.decision
            && read_classes(config)?.index(class).is_none()
        {
            return Err(Error::input("there is no such class").at(class).help("add the class first"));
        }
        let mut detail = json!({ "finder": self.finder, "decision": self.decision.name(), "evidence": self.evidence });
        if let Some(seconds) = self.seconds {
            detail["seconds"] = json!(seconds);
        }
        let mut changes = Vec::new();
        let name = self.decision.name();
        for (at, item) in self.items.iter().enumerate() {
            let value = match (self.inputs.get(at), self.score) {
                (Some(inputs), Some(score)) => json!({ "decision": name, "inputs": inputs, "score": score }),
                (Some(inputs), None) => json!({ "decision": name, "inputs": inputs }),
                (None, Some(score)) => json!({ "decision": name, "score": score }),
                (None, None) => json!(name),
            };
            changes.push(Change::set(item.0, self.finder.field(), value).because(detail.clone()));
            changes.extend(self.decision.change(*item).map(|change| change.because(detail.clone())));
        }
        Ok(Gesture { name: name.to_owned(), changes })
    }
}

/// Settles several findings in one step, which is undone in one.
#[derive(Debug, Clone, PartialEq)]
pub struct SettleAll(pub Vec<Settle>);

impl Command for SettleAll {
    fn gesture(&self, marks: &Marks, config: &Config) -> Result<Gesture> {
        let mut changes = Vec::new();
        for settle in &self.0 {
            changes.extend(settle.gesture(marks, config)?.changes);
        }
        Ok(Gesture { name: "settle".to_owned(), changes })
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
    /// Gathers the decisions from the ledger that still hold: those whose inputs, if they were noted, are what `inputs`
    /// gives for the row now.
    pub fn of(marks: &Marks, ids: &Ids, inputs: impl Fn(Finder, u32) -> Fingerprint) -> Self {
        let holds = |finder: Finder, row: u32, value: &serde_json::Value| match value.get("inputs") {
            Some(then) => serde_json::to_value(inputs(finder, row)).is_ok_and(|now| now == *then),
            None => true,
        };
        let rows = |finder: Finder| {
            let settled = marks.of(finder.field()).filter_map(|(item, mark)| Some((ids.row(ItemId(item))?.0, mark)));
            settled.filter(|(row, mark)| holds(finder, *row, &mark.value)).map(|(row, _)| row).collect()
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
    fn each_decision_changes_what_it_says_and_no_more() {
        let mut config = Config::new("p", crate::project::DataConfig::default());
        let classes = crate::label::Classes::from_names(["a", "b"]).unwrap();
        crate::label::write_classes(&mut config, &classes).unwrap();
        let check = |decision: Decision, expected: &[(&str, serde_json::Value)]| {
            let settle = Settle {
                items: vec![ItemId(1), ItemId(2)],
                finder: Finder::LabelError,
                decision,
                evidence: None,
                inputs: vec![Fingerprint::of(b"x")],
                score: None,
                seconds: None,
            };
            let gesture = settle.gesture(&Marks::default(), &config).unwrap();
            let of = |item: u64| -> Vec<(String, serde_json::Value)> {
                let changes = gesture.changes.iter().filter(|change| change.item == Some(item));
                changes.map(|change| (change.field.clone(), change.value.clone().unwrap())).collect()
            };
            let inputs = serde_json::to_value(Fingerprint::of(b"x")).unwrap();
            let settled = |value: serde_json::Value| ("settled:label-error".to_owned(), value);
            let more = || expected.iter().map(|(field, value)| ((*field).to_owned(), value.clone()));
            let first = settled(json!({"decision": gesture.name, "inputs": inputs}));
            assert_eq!(of(1), std::iter::once(first).chain(more()).collect::<Vec<_>>());
            assert_eq!(of(2), std::iter::once(settled(json!(gesture.name))).chain(more()).collect::<Vec<_>>());
        };
        check(Decision::Keep, &[]);
        check(Decision::Relabel("b".to_owned()), &[(LABEL, json!("b"))]);
        check(Decision::Exclude, &[(EXCLUDED, json!(true))]);
        check(Decision::SeveralRight, &[(UNSURE, json!(true))]);
        check(Decision::NoneRight, &[(EXCLUDED, json!(true))]);
    }

    #[test]
    fn decisions_about_one_label_are_verdicts() {
        let folder = tempfile::tempdir().unwrap();
        let store = crate::project::Store::open(&folder.path().join("s")).unwrap();
        let mut ledger = crate::project::Ledger::new(store, "Kim").unwrap();
        let mut config = Config::new("p", crate::project::DataConfig::default());
        crate::label::write_classes(&mut config, &crate::label::Classes::from_names(["a"]).unwrap()).unwrap();
        let numbers = arrow_array::Int64Array::from_iter_values(1..7);
        let ids = Ids::from_key(&crate::data::Column::new("id", crate::data::Values::Int(numbers))).unwrap();
        let decisions = [
            (1, Decision::Keep, Some(0.2)),
            (2, Decision::Relabel("a".to_owned()), Some(0.1)),
            (3, Decision::Exclude, Some(0.3)),
            (4, Decision::Relabel("a".to_owned()), None),
            (5, Decision::SeveralRight, Some(0.4)),
            (6, Decision::NoneRight, Some(0.5)),
            (99, Decision::Keep, Some(0.6)),
        ];
        for (item, decision, score) in decisions {
            let settle = Settle {
                items: vec![ids.all().get(item - 1).copied().unwrap_or(ItemId(99))],
                finder: Finder::LabelError,
                decision,
                evidence: None,
                inputs: vec![],
                score,
                seconds: Some(item as f64),
            };
            ledger.apply(settle.gesture(ledger.marks(), &config).unwrap()).unwrap();
        }
        assert_eq!(verdicts(ledger.marks(), &ids), [(0.2, false), (0.1, true), (0.4, false), (0.5, true)]);
        let mut log = ReviewLog::default();
        ledger.events(|event| log.take(event)).unwrap();
        assert_eq!(log.median(), Some(4.0));
        assert_eq!(ReviewLog(vec![1.0; 4]).median(), None, "four looks tell nothing");
    }

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
