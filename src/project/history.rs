//! The history as a person reads it, and the way back to any point of it.
//!
//! Nothing is ever removed: a state of the past is put back by one further gesture that says of every field what was said
//! of it then. One undo takes that back.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Value, json};

use super::Config;
use super::ledger::{Change, Command, Gesture, HistoryEntry, Marks};
use super::store::{Cause, Store};
use crate::engine::{Error, Result, Work};

/// Acts of one kind that follow each other within this time belong together, in microseconds.
const PAUSE: i64 = 5 * 60 * 1_000_000;

/// Acts of one kind by one person, one after another.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// The command's name.
    pub name: String,
    /// Who.
    pub annotator: String,
    /// Done, undone or redone.
    pub kind: Kind,
    /// When it began and ended, in microseconds since 1970, UTC.
    pub time: (i64, i64),
    /// How many items the acts touched, each act counted by itself.
    pub items: usize,
    /// The last gesture of it.
    pub gesture: i64,
}

/// Whether something was done, undone or redone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Done.
    Done,
    /// Undone.
    Undone,
    /// Done again.
    Redone,
}

/// The history in stretches, kept up as it grows.
#[derive(Debug, Default)]
pub struct Stretches {
    stretches: Vec<Stretch>,
    /// How many entries were taken in.
    taken: usize,
}

impl Stretches {
    /// Takes in what has been added to a history since the last time.
    pub fn follow(&mut self, history: &[HistoryEntry]) {
        if history.len() < self.taken {
            *self = Self::default();
        }
        for entry in &history[self.taken..] {
            self.take(entry);
        }
        self.taken = history.len();
    }

    /// The stretches, the oldest first.
    pub fn all(&self) -> &[Stretch] {
        &self.stretches
    }

    fn take(&mut self, entry: &HistoryEntry) {
        let kind = match entry.cause {
            Cause::Do => Kind::Done,
            Cause::Undo(_) => Kind::Undone,
            Cause::Redo(_) => Kind::Redone,
        };
        let goes_on = |last: &&mut Stretch| {
            last.kind == kind
                && last.name == entry.name
                && last.annotator == entry.annotator
                && entry.time - last.time.1 <= PAUSE
        };
        match self.stretches.last_mut().filter(goes_on) {
            Some(last) => {
                last.time.1 = entry.time;
                last.items += entry.items;
                last.gesture = entry.gesture;
            }
            None => self.stretches.push(Stretch {
                name: entry.name.clone(),
                annotator: entry.annotator.clone(),
                kind,
                time: (entry.time, entry.time),
                items: entry.items,
                gesture: entry.gesture,
            }),
        }
    }
}

/// The way back to the state right after a gesture.
#[derive(Debug, Clone, PartialEq)]
pub struct Restore {
    changes: Vec<Change>,
    /// What stands where a change is made, so that nothing that was said meanwhile is lost unseen.
    now: Vec<Option<Value>>,
}

impl Restore {
    /// Reads from a store what was said after a gesture. It can be done off the window's thread.
    ///
    /// # Errors
    /// If the store cannot be read, or the work was cancelled.
    pub fn to(store: &Path, gesture: i64, work: &Work) -> Result<Self> {
        /// What stood in a field at the time, and what stands there now.
        struct Slot {
            then: Option<Value>,
            now: Option<Value>,
            about: Option<Value>,
        }
        let mut slots: HashMap<(Option<u64>, String), Slot> = HashMap::new();
        Store::open(store)?.replay_after(gesture, |event| {
            let about = event.detail.as_ref().and_then(|detail| detail.get("about").cloned());
            let slot = slots.entry((event.item, event.field.clone())).or_insert_with(|| Slot {
                then: event.replaced.clone(),
                now: None,
                about: None,
            });
            slot.now = event.value.clone();
            slot.about = about.or(slot.about.take());
        })?;
        work.check()?;
        let mut changed: Vec<_> = slots.into_iter().filter(|(_, slot)| slot.then != slot.now).collect();
        // What speaks of one item stands together, and the same history gives the same gesture.
        changed.sort_by(|a, b| a.0.cmp(&b.0));
        let now = changed.iter().map(|(_, slot)| slot.now.clone()).collect();
        let change = |((item, field), slot): ((Option<u64>, String), Slot)| Change {
            item,
            field,
            value: slot.then,
            detail: slot.about.map(|about| json!({ "about": about })),
        };
        Ok(Self { changes: changed.into_iter().map(change).collect(), now })
    }
}

impl Command for Restore {
    fn gesture(&self, marks: &Marks, _: &Config) -> Result<Gesture> {
        let same = |(change, now): (&Change, &Option<Value>)| marks.value(change.item, &change.field) == *now;
        if !self.changes.iter().zip(&self.now).all(same) {
            return Err(Error::input("something was said in the meantime").help("go back to that time again"));
        }
        Ok(Gesture { name: "restore".to_owned(), changes: self.changes.clone() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Config, DataConfig, Ledger};
    use super::*;

    fn entry(name: &str, minute: i64, cause: Cause) -> HistoryEntry {
        let time = minute * 60_000_000;
        HistoryEntry { gesture: minute, name: name.into(), time, annotator: "Kim".into(), items: 2, cause }
    }

    #[test]
    fn acts_of_one_kind_stand_together() {
        let history = [
            entry("label", 0, Cause::Do),
            entry("label", 4, Cause::Do),
            entry("label", 10, Cause::Do),
            entry("label", 11, Cause::Undo(10)),
            entry("skip", 12, Cause::Do),
        ];
        let mut stretches = Stretches::default();
        stretches.follow(&history[..1]);
        stretches.follow(&history);
        let found: Vec<(&str, usize, i64, Kind)> =
            stretches.all().iter().map(|s| (s.name.as_str(), s.items, s.gesture, s.kind)).collect();
        let expected = [
            ("label", 4, 4, Kind::Done),
            ("label", 2, 10, Kind::Done),
            ("label", 2, 11, Kind::Undone),
            ("skip", 2, 12, Kind::Done),
        ];
        assert_eq!(found, expected);
    }

    /// What holds of every item and of the project.
    fn state(ledger: &Ledger) -> Vec<(u64, String, Value)> {
        let marks = ledger.marks();
        let mut all: Vec<_> = marks
            .fields()
            .into_iter()
            .flat_map(|field| marks.of(field).map(move |(item, mark)| (item, field.to_owned(), mark.value.clone())))
            .collect();
        all.extend(marks.value(None, "tasks").map(|value| (u64::MAX, "tasks".into(), value)));
        all.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        all
    }

    proptest! {
        /// Whatever was done, undone and redone: every state comes back, and one undo leads to where one was.
        #[test]
        fn every_state_comes_back(acts in proptest::collection::vec((0u64..4, 0usize..3, 0u8..6), 1..25), pick in 0usize..25) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("s.sqlite");
            let mut ledger = Ledger::new(Store::open(&path).unwrap(), "a").unwrap();
            let mut states = vec![(0, state(&ledger))];
            for (item, field, what) in acts {
                let field = ["label", "skipped", "entities#1"][field];
                match what {
                    4 => _ = ledger.undo().unwrap(),
                    5 => _ = ledger.redo().unwrap(),
                    what => {
                        let target = if what == 3 { None } else { Some(item) };
                        let field = if what == 3 { "tasks" } else { field };
                        let value = (what > 0).then(|| json!(format!("{what}{item}")));
                        let change = Change { item: target, field: field.into(), value, detail: None };
                        ledger.apply(Gesture { name: "x".into(), changes: vec![change] }).unwrap();
                    }
                }
                if let Some(last) = ledger.history().last() {
                    states.push((last.gesture, state(&ledger)));
                }
            }
            let (gesture, expected) = &states[pick % states.len()];
            let before = state(&ledger);
            let restore = Restore::to(&path, *gesture, &Work::new()).unwrap();
            let wanted = restore.gesture(ledger.marks(), &Config::new("p", DataConfig::default())).unwrap();
            if wanted.changes.is_empty() {
                prop_assert_eq!(&before, expected);
            } else {
                ledger.apply(wanted).unwrap();
                prop_assert_eq!(&state(&ledger), expected);
                ledger.undo().unwrap();
                prop_assert_eq!(state(&ledger), before);
            }
        }
    }

    #[test]
    fn what_was_said_meanwhile_is_not_lost_unseen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.sqlite");
        let mut ledger = Ledger::new(Store::open(&path).unwrap(), "a").unwrap();
        let label = |class: &str| Gesture { name: "label".into(), changes: vec![Change::set(1, "label", class)] };
        ledger.apply(label("a")).unwrap();
        ledger.apply(label("b")).unwrap();
        let restore = Restore::to(&path, 1, &Work::new()).unwrap();
        ledger.apply(label("c")).unwrap();
        assert!(restore.gesture(ledger.marks(), &Config::new("p", DataConfig::default())).is_err());
    }
}
