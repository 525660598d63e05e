//! The ledger: the store's events, and the state that follows from them.
//!
//! The last event of a field and item wins. Undo never removes anything: it appends events that put back what stood
//! before, and so does redo; therefore both reach across restarts without limit.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::Config;
use super::store::{Cause, Event, Store};
use crate::engine::{Error, IdMap, Result, Work};

/// Where an event's detail says under which version of the guidelines something was said.
pub const GUIDELINE: &str = "guideline";

/// Where an event's detail says who said something first, where the one who wrote the event only carried it over.
pub const SAID_BY: &str = "said_by";

/// What holds of one field of one item now.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// The value.
    pub value: Value,
    /// Who said so.
    pub annotator: String,
    /// When, in microseconds since 1970, UTC.
    pub time: i64,
    /// What the item was, in a few words, where that was noted.
    pub about: Option<Box<str>>,
    /// The version of the guidelines under which it was said, where that was noted.
    pub guideline: Option<Arc<str>>,
}

/// What holds now, derived from all events.
#[derive(Debug, Default)]
pub struct Marks {
    fields: HashMap<String, IdMap<u64, Mark>>,
    project: HashMap<String, Value>,
    /// Each version of the guidelines once: a million marks share a handful.
    versions: HashSet<Arc<str>>,
}

impl Marks {
    /// What holds by a store, read whole. It can be done off the window's thread, while the project is open.
    ///
    /// # Errors
    /// If the store cannot be read, or the work was cancelled.
    pub fn read(store: &Path, work: &Work) -> Result<Self> {
        let mut marks = Self::default();
        Store::open(store)?.replay(|event| {
            // A store cannot be left half-way; what is left of it costs little once nothing is kept.
            if !work.is_cancelled() {
                marks.put(event);
            }
        })?;
        work.check()?;
        Ok(marks)
    }

    /// What holds of a field of an item; `None` if nothing does.
    pub fn get(&self, field: &str, item: u64) -> Option<&Mark> {
        self.fields.get(field)?.get(&item)
    }

    /// All items of which a field holds, in no order.
    pub fn of(&self, field: &str) -> impl Iterator<Item = (u64, &Mark)> {
        self.fields.get(field).into_iter().flatten().map(|(item, mark)| (*item, mark))
    }

    /// How many items a field holds of.
    pub fn count(&self, field: &str) -> usize {
        self.fields.get(field).map_or(0, IdMap::len)
    }

    /// The fields of which anything is known, in order.
    pub fn fields(&self) -> Vec<&str> {
        let mut fields: Vec<_> = self.fields.keys().map(String::as_str).collect();
        fields.sort_unstable();
        fields
    }

    pub(super) fn value(&self, item: Option<u64>, field: &str) -> Option<Value> {
        match item {
            Some(item) => self.get(field, item).map(|mark| mark.value.clone()),
            None => self.project.get(field).cloned(),
        }
    }

    fn version(&mut self, version: &str) -> Arc<str> {
        if let Some(known) = self.versions.get(version) {
            return known.clone();
        }
        let version: Arc<str> = version.into();
        self.versions.insert(version.clone());
        version
    }

    fn put(&mut self, event: &Event) {
        match (event.item, &event.value) {
            (Some(item), Some(value)) => {
                let about = event.detail.as_ref().and_then(|detail| detail.get("about")?.as_str()).map(Into::into);
                let said_by = event.detail.as_ref().and_then(|detail| detail.get(SAID_BY)?.as_str());
                let (annotator, time) = (said_by.unwrap_or(&event.annotator).to_owned(), event.time);
                let guideline = event.detail.as_ref().and_then(|detail| detail.get(GUIDELINE)?.as_str());
                let guideline = guideline.map(|version| self.version(version));
                let mark = Mark { value: value.clone(), annotator, time, about, guideline };
                // The field's name is cloned for its first item only: a million events share a handful of names.
                match self.fields.get_mut(&event.field) {
                    Some(items) => _ = items.insert(item, mark),
                    None => _ = self.fields.entry(event.field.clone()).or_default().insert(item, mark),
                }
            }
            (Some(item), None) => {
                if let Some(items) = self.fields.get_mut(&event.field) {
                    items.remove(&item);
                }
            }
            (None, Some(value)) => _ = self.project.insert(event.field.clone(), value.clone()),
            (None, None) => _ = self.project.remove(&event.field),
        }
    }
}

/// One change of one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The item's id; `None` speaks of the project.
    pub item: Option<u64>,
    /// The field.
    pub field: String,
    /// The new value; `None` clears it.
    pub value: Option<Value>,
    /// Reason, finder, suggestion shown, seconds taken.
    pub detail: Option<Value>,
}

impl Change {
    /// Says `value` of a field of an item.
    pub fn set(item: u64, field: impl Into<String>, value: impl Into<Value>) -> Self {
        Self { item: Some(item), field: field.into(), value: Some(value.into()), detail: None }
    }

    /// Takes back whatever was said of a field of an item.
    pub fn clear(item: u64, field: impl Into<String>) -> Self {
        Self { item: Some(item), field: field.into(), value: None, detail: None }
    }

    /// Adds why or how it came about.
    #[must_use]
    pub fn because(mut self, detail: Value) -> Self {
        self.detail = Some(detail);
        self
    }
}

/// What one act of a person changes: all of it or nothing, undone in one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Gesture {
    /// The command's name ("label"), stable, in English; the window says it in the person's language.
    pub name: String,
    /// The changes.
    pub changes: Vec<Change>,
}

/// The only way to change anything that is kept.
pub trait Command {
    /// Checks the command against what holds now, and says what it changes.
    ///
    /// # Errors
    /// If it makes no sense now: an unknown class, an empty selection.
    fn gesture(&self, marks: &Marks, config: &Config) -> Result<Gesture>;
}

/// What a command, an undo or a redo did.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The name of the command that was done, undone or redone.
    pub name: String,
    /// The events that were written, in order.
    pub events: Vec<Event>,
}

impl Outcome {
    /// The items that were touched, in order, without repeats.
    pub fn items(&self) -> Vec<u64> {
        let mut seen = std::collections::HashSet::new();
        self.events.iter().filter_map(|event| event.item).filter(|item| seen.insert(*item)).collect()
    }
}

/// One line of the history, the newest last.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEntry {
    /// The gesture.
    pub gesture: i64,
    /// The command's name.
    pub name: String,
    /// When, in microseconds since 1970, UTC.
    pub time: i64,
    /// Who.
    pub annotator: String,
    /// How many items it touched.
    pub items: usize,
    /// Done, undone or redone.
    pub cause: Cause,
}

/// The open ledger of a project.
pub struct Ledger {
    store: Store,
    state: Derivation,
    annotator: String,
    task: String,
}

/// What follows from the events: the same for events read from the disk and for those just written.
#[derive(Default)]
struct Derivation {
    marks: Marks,
    /// Gestures that can be undone, oldest first, and those that can be redone.
    undo: Vec<i64>,
    redo: Vec<i64>,
    history: Vec<HistoryEntry>,
    last_seq: i64,
    last_gesture: i64,
    last_item: Option<u64>,
}

impl Ledger {
    /// Reads a store whole and derives its state.
    ///
    /// # Errors
    /// If the store is damaged.
    pub fn new(store: Store, annotator: impl Into<String>) -> Result<Self> {
        let mut state = Derivation::default();
        store.replay(|event| state.take_in(event))?;
        Ok(Self { store, state, annotator: annotator.into(), task: "main".to_owned() })
    }

    /// What holds now.
    pub fn marks(&self) -> &Marks {
        &self.state.marks
    }

    /// A number that changes with every change, and never comes back.
    pub fn generation(&self) -> u64 {
        self.state.last_seq as u64
    }

    /// What a field of the project began with, where no event has spoken of it: undoing the first change puts it back.
    pub fn begin_with(&mut self, field: &str, value: &impl serde::Serialize) {
        if let (false, Ok(value)) = (self.state.marks.project.contains_key(field), serde_json::to_value(value)) {
            self.state.marks.project.insert(field.to_owned(), value);
        }
    }

    /// All gestures in order.
    pub fn history(&self) -> &[HistoryEntry] {
        &self.state.history
    }

    /// Everything that was ever said of an item, in order.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn history_of(&self, item: u64) -> Result<Vec<Event>> {
        self.store.item(item)
    }

    /// All events in order, read from the disk.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn events(&self, each: impl FnMut(&Event)) -> Result<()> {
        self.store.replay(each)
    }

    /// Who labels.
    pub fn annotator(&self) -> &str {
        &self.annotator
    }

    /// Says who labels from now on.
    pub fn set_annotator(&mut self, annotator: impl Into<String>) {
        self.annotator = annotator.into();
    }

    /// The name of the command that undo would take back.
    pub fn can_undo(&self) -> Option<&str> {
        self.state.undo.last().and_then(|gesture| self.state.name_of(*gesture))
    }

    /// The name of the command that redo would do again.
    pub fn can_redo(&self) -> Option<&str> {
        self.state.redo.last().and_then(|gesture| self.state.name_of(*gesture))
    }

    /// Does a gesture: writes it in one transaction, then shows it. On an error nothing has changed.
    ///
    /// # Errors
    /// If it changes nothing, or the store fails.
    pub fn apply(&mut self, gesture: Gesture) -> Result<Outcome> {
        if gesture.changes.is_empty() {
            return Err(Error::input("there is nothing to change").help("select at least one item"));
        }
        self.write(gesture.name, gesture.changes, Cause::Do)
    }

    /// Takes back the last gesture that stands; `None` if there is none.
    ///
    /// # Errors
    /// If the store fails.
    pub fn undo(&mut self) -> Result<Option<Outcome>> {
        let Some(&gesture) = self.state.undo.last() else { return Ok(None) };
        let events = self.store.gesture(gesture)?;
        let back = |event: &Event| Change {
            item: event.item,
            field: event.field.clone(),
            value: event.replaced.clone(),
            detail: None,
        };
        let name = events.first().map_or_else(String::new, |event| event.name.clone());
        let changes = events.iter().rev().map(back).collect();
        self.write(name, changes, Cause::Undo(gesture)).map(Some)
    }

    /// Does again the last gesture that was undone; `None` if there is none.
    ///
    /// # Errors
    /// If the store fails.
    pub fn redo(&mut self) -> Result<Option<Outcome>> {
        let Some(&gesture) = self.state.redo.last() else { return Ok(None) };
        let events = self.store.gesture(gesture)?;
        let again = |event: &Event| Change {
            item: event.item,
            field: event.field.clone(),
            value: event.value.clone(),
            detail: event.detail.clone(),
        };
        let name = events.first().map_or_else(String::new, |event| event.name.clone());
        let changes = events.iter().map(again).collect();
        self.write(name, changes, Cause::Redo(gesture)).map(Some)
    }

    fn write(&mut self, name: String, changes: Vec<Change>, cause: Cause) -> Result<Outcome> {
        let (gesture, time) = (self.state.last_gesture + 1, now());
        // Several changes of one field in one gesture replace each other, as they will when the store is read again.
        let mut pending: HashMap<(Option<u64>, String), Option<Value>> = HashMap::new();
        let mut events = Vec::with_capacity(changes.len());
        for change in changes {
            let slot = (change.item, change.field.clone());
            let replaced = match pending.get(&slot) {
                Some(value) => value.clone(),
                None => self.state.marks.value(change.item, &change.field),
            };
            pending.insert(slot, change.value.clone());
            events.push(Event {
                seq: 0,
                gesture,
                time,
                annotator: self.annotator.clone(),
                name: name.clone(),
                cause,
                task: self.task.clone(),
                item: change.item,
                field: change.field,
                value: change.value,
                replaced,
                detail: change.detail,
            });
        }
        self.store.append(&mut events)?;
        for event in &events {
            self.state.take_in(event);
        }
        Ok(Outcome { name, events })
    }

    /// Folds the log into the main file.
    ///
    /// # Errors
    /// As [`Store::checkpoint`].
    pub fn close(&self) -> Result<()> {
        self.store.checkpoint()
    }
}

impl Derivation {
    fn take_in(&mut self, event: &Event) {
        self.marks.put(event);
        self.last_seq = self.last_seq.max(event.seq);
        let first_of_gesture = event.gesture != self.last_gesture;
        self.last_gesture = event.gesture;
        if first_of_gesture {
            self.turn(event);
            self.history.push(HistoryEntry {
                gesture: event.gesture,
                name: event.name.clone(),
                time: event.time,
                annotator: event.annotator.clone(),
                items: 0,
                cause: event.cause,
            });
        }
        // A gesture says all it has to say of one item in a row.
        if (first_of_gesture || self.last_item != event.item)
            && let Some(entry) = self.history.last_mut()
        {
            entry.items += 1;
        }
        self.last_item = event.item;
    }

    /// Moves gestures between what can be undone and what can be redone.
    fn turn(&mut self, event: &Event) {
        match event.cause {
            Cause::Do => {
                self.undo.push(event.gesture);
                self.redo.clear();
            }
            Cause::Undo(target) => {
                self.undo.retain(|gesture| *gesture != target);
                self.redo.push(target);
            }
            Cause::Redo(target) => {
                self.redo.retain(|gesture| *gesture != target);
                self.undo.push(target);
            }
        }
    }

    /// The name of a gesture; the history is in order of gestures.
    fn name_of(&self, gesture: i64) -> Option<&str> {
        let index = self.history.binary_search_by_key(&gesture, |entry| entry.gesture).ok()?;
        Some(self.history[index].name.as_str())
    }
}

/// Microseconds since 1970, UTC.
fn now() -> i64 {
    chrono::Utc::now().timestamp_micros()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn open(folder: &tempfile::TempDir) -> Ledger {
        Ledger::new(Store::open(&folder.path().join("s.sqlite")).unwrap(), "a").unwrap()
    }

    fn label(item: u64, class: &str) -> Gesture {
        Gesture { name: "label".into(), changes: vec![Change::set(item, "label", class)] }
    }

    fn labels(ledger: &Ledger) -> Vec<(u64, String)> {
        let mut all: Vec<_> = ledger
            .marks()
            .of("label")
            .map(|(item, mark)| (item, mark.value.as_str().unwrap_or("").to_owned()))
            .collect();
        all.sort();
        all
    }

    #[test]
    fn undo_and_redo_reach_across_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(&folder);
        ledger.apply(label(1, "spam")).unwrap();
        ledger.apply(label(1, "ham")).unwrap();
        ledger.undo().unwrap();
        let mut ledger = {
            drop(ledger);
            open(&folder)
        };
        assert_eq!(labels(&ledger), [(1, "spam".to_owned())]);
        assert_eq!((ledger.can_undo(), ledger.can_redo()), (Some("label"), Some("label")));
        ledger.redo().unwrap();
        assert_eq!(labels(&ledger), [(1, "ham".to_owned())]);
        ledger.undo().unwrap();
        ledger.undo().unwrap();
        assert_eq!(labels(&ledger), []);
        assert!(ledger.undo().unwrap().is_none());
        ledger.apply(label(2, "ham")).unwrap();
        assert!(ledger.redo().unwrap().is_none(), "a new act ends what could be redone");
    }

    #[test]
    fn one_gesture_may_change_one_field_twice() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(&folder);
        let changes = vec![Change::set(1, "label", "a"), Change::set(1, "label", "b")];
        ledger.apply(Gesture { name: "x".into(), changes }).unwrap();
        assert_eq!(labels(&ledger), [(1, "b".to_owned())]);
        ledger.undo().unwrap();
        assert_eq!(labels(&ledger), []);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        /// Whatever was done, undone and redone: what a fresh reading derives is what the running ledger shows.
        #[test]
        fn a_fresh_reading_equals_the_running_state(acts in prop::collection::vec((0u8..4, 0u64..4, 0usize..3), 1..40)) {
            let folder = tempfile::tempdir().unwrap();
            let mut ledger = open(&folder);
            for (act, item, class) in acts {
                match act {
                    0 | 1 => _ = ledger.apply(label(item, ["a", "b", "c"][class])).unwrap(),
                    2 => _ = ledger.undo().unwrap(),
                    _ => _ = ledger.redo().unwrap(),
                }
            }
            let (shown, undo, redo) = (labels(&ledger), ledger.state.undo.clone(), ledger.state.redo.clone());
            drop(ledger);
            let fresh = open(&folder);
            prop_assert_eq!(labels(&fresh), shown);
            prop_assert_eq!((fresh.state.undo.clone(), fresh.state.redo.clone()), (undo, redo));
        }
    }
}
