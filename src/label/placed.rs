//! What stands inside items: the annotations of all tasks by row, kept up to date change by change.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

use serde_json::Value;

use super::voice::{Slot, Voice, task_of};
use crate::data::annotations::{Annotation, Mark, from_value};
use crate::data::{Ids, ItemId};
use crate::project::{Marks, Outcome};

/// The annotations of one item in one task.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ItemMarks {
    /// By their number, which an annotation keeps.
    pub marks: BTreeMap<u32, Arc<Annotation>>,
    /// Whether somebody said that the item is finished.
    pub done: bool,
}

impl ItemMarks {
    /// What an item carries of which nothing is said: always the same, so that it is known again.
    pub fn nothing() -> Arc<Self> {
        static NOTHING: LazyLock<Arc<ItemMarks>> = LazyLock::new(Arc::default);
        NOTHING.clone()
    }

    fn is_empty(&self) -> bool {
        self.marks.is_empty() && !self.done
    }

    /// The number that the next annotation gets.
    pub fn free_number(&self) -> u32 {
        (1..u32::MAX).find(|number| !self.marks.contains_key(number)).unwrap_or(u32::MAX)
    }

    /// The numbers given, and those of relations that lead from or to one of them.
    pub fn with_relations(&self, numbers: &[u32]) -> Vec<u32> {
        let mut all: BTreeSet<u32> = numbers.iter().copied().collect();
        let leads = |end: usize| u32::try_from(end).is_ok_and(|end| numbers.contains(&end));
        for (number, annotation) in &self.marks {
            if let Mark::Relation { from, to } = annotation.mark
                && (leads(from) || leads(to))
            {
                all.insert(*number);
            }
        }
        all.into_iter().collect()
    }

    /// The annotations as a list of their own: relations lead to places in it. Those whose ends are gone are left out.
    pub fn listed(&self) -> Vec<Annotation> {
        let place: HashMap<usize, usize> =
            self.marks.keys().enumerate().map(|(place, number)| (*number as usize, place)).collect();
        let listed = |annotation: &Arc<Annotation>| {
            let mut annotation = Annotation::clone(annotation);
            if let Mark::Relation { from, to } = &mut annotation.mark {
                (*from, *to) = (*place.get(from)?, *place.get(to)?);
            }
            Some(annotation)
        };
        self.marks.values().filter_map(listed).collect()
    }
}

/// Rows that are kept together: one change copies so many pointers, and a reader of the whole copies one a chunk.
const CHUNK: usize = 1024;

/// One task's annotations by row. Cloning is cheap: a reader keeps its state while the next one is made.
#[derive(Debug, Clone, Default)]
pub struct TaskMarks {
    chunks: Vec<Arc<Vec<Option<Arc<ItemMarks>>>>>,
    /// Changes with every change; the number of the last event.
    version: i64,
    marks: usize,
    done: usize,
}

impl TaskMarks {
    /// The annotations of a row; `None` if it has none and is not finished.
    pub fn get(&self, row: u32) -> Option<&Arc<ItemMarks>> {
        self.chunks.get(row as usize / CHUNK)?.get(row as usize % CHUNK)?.as_ref()
    }

    /// Whether a row is finished.
    pub fn is_done(&self, row: u32) -> bool {
        self.get(row).is_some_and(|item| item.done)
    }

    /// All rows of which something is said, in order.
    pub fn rows(&self) -> impl Iterator<Item = (u32, &Arc<ItemMarks>)> {
        self.chunks.iter().enumerate().flat_map(|(chunk, items)| {
            let row = move |at: usize| (chunk * CHUNK + at) as u32;
            items.iter().enumerate().filter_map(move |(at, item)| Some((row(at), item.as_ref()?)))
        })
    }

    /// Changes with every change of this task, and never comes back.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// How many annotations there are.
    pub fn marks(&self) -> usize {
        self.marks
    }

    /// How many rows are finished.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Takes in what the ledger says of a slot of a row. False if it cannot be read.
    pub(super) fn put(&mut self, slot: Slot, row: u32, value: Option<&Value>, version: i64) -> bool {
        let read = value.map(from_value);
        let readable = !matches!((slot, &read), (Slot::Mark(_), Some(None)));
        self.version = version;
        self.change(row, |item| match (slot, read.flatten()) {
            (Slot::Done, _) => item.done = value.and_then(Value::as_bool) == Some(true),
            (Slot::Mark(number), Some(annotation)) => _ = item.marks.insert(number, Arc::new(annotation)),
            (Slot::Mark(number), None) => _ = item.marks.remove(&number),
        });
        readable
    }

    fn change(&mut self, row: u32, change: impl FnOnce(&mut ItemMarks)) {
        let (chunk, at) = (row as usize / CHUNK, row as usize % CHUNK);
        if self.chunks.len() <= chunk {
            self.chunks.resize_with(chunk + 1, Arc::default);
        }
        let items = Arc::make_mut(&mut self.chunks[chunk]);
        if items.len() <= at {
            items.resize(at + 1, None);
        }
        let mut item = items[at].take().unwrap_or_default();
        let before = (item.marks.len(), item.done);
        change(Arc::make_mut(&mut item));
        self.marks = self.marks + item.marks.len() - before.0;
        self.done = self.done + usize::from(item.done) - usize::from(before.1);
        items[at] = Some(item).filter(|item| !item.is_empty());
    }
}

/// The annotations of all tasks and voices.
#[derive(Debug, Clone, Default)]
pub struct Placed {
    voices: HashMap<Voice, HashMap<String, TaskMarks>>,
    empty: TaskMarks,
    /// Annotations of items that the source no longer has: kept in the store, counted here.
    orphans: usize,
    /// Annotations that this version cannot read: kept in the store, counted here.
    unreadable: usize,
}

impl Placed {
    /// Derives the annotations from all marks.
    pub fn new(marks: &Marks, ids: &Ids) -> Self {
        let mut made = Self::default();
        for field in marks.fields() {
            let (base, voice) = Voice::split(field);
            let Some((task, slot)) = task_of(base) else { continue };
            let (mut orphans, mut unreadable) = (0, 0);
            let into = made.task_mut(voice, task);
            for (item, mark) in marks.of(field) {
                match ids.row(ItemId(item)) {
                    Some(row) => unreadable += usize::from(!into.put(slot, row.0, Some(&mark.value), 0)),
                    None => orphans += 1,
                }
            }
            made.orphans += orphans;
            made.unreadable += unreadable;
        }
        made
    }

    /// Takes in what a command changed.
    pub fn update(&mut self, outcome: &Outcome, ids: &Ids) {
        for event in &outcome.events {
            let (base, voice) = Voice::split(&event.field);
            if let Some((task, slot)) = task_of(base)
                && let Some(row) = event.item.and_then(|item| ids.row(ItemId(item)))
            {
                let readable = self.task_mut(voice, task).put(slot, row.0, event.value.as_ref(), event.seq);
                self.unreadable += usize::from(!readable);
            }
        }
    }

    fn task_mut(&mut self, voice: Voice, task: &str) -> &mut TaskMarks {
        self.voices.entry(voice).or_default().entry(task.to_owned()).or_default()
    }

    /// What a voice said in a task.
    pub fn of(&self, voice: &Voice, task: &str) -> &TaskMarks {
        self.voices.get(voice).and_then(|tasks| tasks.get(task)).unwrap_or(&self.empty)
    }

    /// Who said anything in a task apart from what holds of the project, in order.
    pub fn annotators(&self, task: &str) -> Vec<String> {
        let speaking = self.voices.iter().filter(|(_, tasks)| tasks.contains_key(task));
        let mut found: Vec<String> = speaking.filter_map(|(voice, _)| voice.annotator().map(str::to_owned)).collect();
        found.sort();
        found
    }

    /// Annotations of items that the source no longer has.
    pub fn orphans(&self) -> usize {
        self.orphans
    }

    /// Annotations that cannot be read.
    pub fn unreadable(&self) -> usize {
        self.unreadable
    }
}
