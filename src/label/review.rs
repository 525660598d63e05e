//! Several annotators' answers side by side, where they differ, and the decision between them.
//!
//! What holds of the project counts as the answer of whoever gave it, until it was decided in review: then that person's
//! own answer is kept under the name, as everybody else's is, and the decision stands for itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::placed::{ItemMarks, Placed};
use super::voice::{Slot, Voice, task_field, task_of};
use super::{Classes, LABEL};
use crate::data::annotations::to_value;
use crate::data::{Ids, ItemId};
use crate::engine::{Error, Result};
use crate::project::{Change, Command, Config, Gesture, Marks};

/// The field of items that were decided: `true`. Of a task it is the task's name with this ending.
const DECIDED: &str = "decided";

/// What each annotator said of each item that several might have seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers<T> {
    /// The annotators, in order.
    pub annotators: Vec<String>,
    /// By row, one answer an annotator.
    pub rows: BTreeMap<u32, Vec<Option<T>>>,
    /// Rows that were decided.
    pub decided: BTreeSet<u32>,
}

impl<T: PartialEq + Clone> Answers<T> {
    fn of(said: BTreeMap<String, Vec<(u32, T)>>, decided: BTreeSet<u32>) -> Self {
        let annotators: Vec<String> = said.keys().cloned().collect();
        let mut rows: BTreeMap<u32, Vec<Option<T>>> = BTreeMap::new();
        for (at, answers) in said.into_values().enumerate() {
            for (row, answer) in answers {
                rows.entry(row).or_insert_with(|| vec![None; annotators.len()])[at] = Some(answer);
            }
        }
        Self { annotators, rows, decided }
    }

    /// The answers that were given to a row.
    fn given(answers: &[Option<T>]) -> impl Iterator<Item = &T> {
        answers.iter().flatten()
    }

    /// The rows that two or more answered and not all alike, in order.
    pub fn disputes(&self) -> Vec<u32> {
        let differ = |answers: &[Option<T>]| {
            let mut given = Self::given(answers);
            given.next().is_some_and(|first| given.any(|other| other != first))
        };
        self.rows.iter().filter(|(_, answers)| differ(answers)).map(|(row, _)| *row).collect()
    }

    /// The rows that two or more answered alike and nobody decided yet, with the answer.
    pub fn agreed(&self) -> Vec<(u32, T)> {
        let same = |answers: &[Option<T>]| {
            let mut given = Self::given(answers);
            let first = given.next()?;
            let mut others = 0;
            let alike = given.all(|other| {
                others += 1;
                other == first
            });
            (alike && others > 0).then(|| first.clone())
        };
        let open = self.rows.iter().filter(|(row, _)| !self.decided.contains(row));
        open.filter_map(|(row, answers)| Some((*row, same(answers)?))).collect()
    }
}

/// The classes that annotators gave.
pub fn class_answers(marks: &Marks, ids: &Ids, classes: &Classes) -> Answers<u16> {
    let row = |item: u64| ids.row(ItemId(item)).map(|row| row.0);
    let decided: BTreeSet<u32> = marks.of(DECIDED).filter_map(|(item, _)| row(item)).collect();
    let mut said: BTreeMap<String, Vec<(u32, u16)>> = BTreeMap::new();
    for field in marks.fields().into_iter().filter(|field| Voice::split(field).0 == LABEL) {
        let voice = Voice::split(field).1;
        for (item, mark) in marks.of(field) {
            let Some(row) = row(item) else { continue };
            let class = mark.value.as_str().and_then(|name| classes.index(name));
            // Of the project, what was decided is nobody's own answer, and an answer kept under the name comes first.
            let own = match voice.annotator() {
                Some(name) => Some(name),
                None => Some(mark.annotator.as_str())
                    .filter(|name| !decided.contains(&row) && marks.get(&Voice::of(name).field(LABEL), item).is_none()),
            };
            if let (Some(name), Some(class)) = (own, class) {
                said.entry(name.to_owned()).or_default().push((row, class.0));
            }
        }
    }
    Answers::of(said, decided)
}

/// What annotators marked in a task; `own` is who made what holds of the project. Only items that somebody finished or
/// marked something in count.
pub fn mark_answers(placed: &Placed, marks: &Marks, ids: &Ids, task: &str, own: &str) -> Answers<Arc<ItemMarks>> {
    let decided_field = decided_field(task);
    let row = |item: u64| ids.row(ItemId(item)).map(|row| row.0);
    let decided: BTreeSet<u32> = marks.of(&decided_field).filter_map(|(item, _)| row(item)).collect();
    let mut said: BTreeMap<String, Vec<(u32, Arc<ItemMarks>)>> = BTreeMap::new();
    for name in placed.annotators(task) {
        let items = placed.of(&Voice::of(&name), task).rows().map(|(row, item)| (row, item.clone()));
        said.entry(name).or_default().extend(items);
    }
    let kept: BTreeSet<u32> = said.get(own).into_iter().flatten().map(|(row, _)| *row).collect();
    let project = placed.of(&Voice::PROJECT, task).rows();
    let mine = project.filter(|(row, _)| !decided.contains(row) && !kept.contains(row));
    said.entry(own.to_owned()).or_default().extend(mine.map(|(row, item)| (row, item.clone())));
    said.retain(|_, answers| !answers.is_empty());
    Answers::of(said, decided)
}

fn decided_field(task: &str) -> String {
    format!("{task}_{DECIDED}")
}

/// Decides the class of items.
#[derive(Debug, Clone, PartialEq)]
pub struct Decide(pub Vec<(ItemId, String)>);

impl Command for Decide {
    fn gesture(&self, marks: &Marks, config: &Config) -> Result<Gesture> {
        let classes = super::read_classes(config)?;
        let mut changes = Vec::with_capacity(self.0.len() * 2);
        for (item, class) in &self.0 {
            if classes.index(class).is_none() {
                return Err(Error::input("there is no such class").at(class).help("add the class first"));
            }
            let undecided = marks.get(DECIDED, item.0).is_none();
            if let Some(own) = marks.get(LABEL, item.0).filter(|_| undecided) {
                let voice = Voice::of(&own.annotator);
                let field = voice.field(LABEL);
                if marks.get(&field, item.0).is_none() {
                    changes.push(Change::set(item.0, &*field, own.value.clone()));
                }
            }
            changes.push(Change::set(item.0, LABEL, class.as_str()));
            if undecided {
                changes.push(Change::set(item.0, DECIDED, true));
            }
        }
        Ok(Gesture { name: "decide".to_owned(), changes })
    }
}

/// Decides what is marked in an item: as one annotator did.
#[derive(Debug, Clone, PartialEq)]
pub struct DecideMarks {
    /// The item.
    pub item: ItemId,
    /// The task's name.
    pub task: String,
    /// What holds from now on.
    pub marks: Arc<ItemMarks>,
}

impl Command for DecideMarks {
    fn gesture(&self, marks: &Marks, _: &Config) -> Result<Gesture> {
        let (item, decided) = (self.item.0, decided_field(&self.task));
        let field = |slot: Slot| task_field(&self.task, slot);
        let undecided = marks.get(&decided, item).is_none();
        let mut changes = Vec::new();
        // What stood there is kept under the name of who made it, and cleared.
        for base in marks.fields().into_iter().filter(|field| task_of(field).is_some_and(|(task, _)| task == self.task))
        {
            let Some(own) = marks.get(base, item).filter(|_| Voice::split(base).1 == Voice::PROJECT) else { continue };
            let voice = Voice::of(&own.annotator);
            if undecided && marks.get(&voice.field(base), item).is_none() {
                changes.push(Change::set(item, &*voice.field(base), own.value.clone()));
            }
            let stays = match task_of(base) {
                Some((_, Slot::Mark(number))) => self.marks.marks.contains_key(&number),
                _ => true,
            };
            if !stays {
                changes.push(Change::clear(item, base));
            }
        }
        for (number, annotation) in &self.marks.marks {
            changes.push(Change::set(item, field(Slot::Mark(*number)), to_value(annotation)));
        }
        changes.push(Change::set(item, field(Slot::Done), true));
        changes.push(Change::set(item, decided, true));
        Ok(Gesture { name: "decide".to_owned(), changes })
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Int64Array;

    use super::super::{Label, write_classes};
    use super::*;
    use crate::data::{Column, Values};
    use crate::project::{DataConfig, Ledger, Store};

    #[test]
    fn answers_stay_what_they_were_when_somebody_decides() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::new(Store::open(&folder.path().join("s")).unwrap(), "me").unwrap();
        let ids = Ids::from_key(&Column::new("id", Values::Int(Int64Array::from(vec![1, 2, 3])))).unwrap();
        let classes = Classes::from_names(["a", "b"]).unwrap();
        let mut config = Config::new("p", DataConfig::default());
        write_classes(&mut config, &classes).unwrap();
        let id = |row: usize| ids.all()[row];
        let run = |ledger: &mut Ledger, command: &dyn Command| {
            let gesture = command.gesture(ledger.marks(), &config).unwrap();
            ledger.apply(gesture).unwrap();
        };
        let kim = |item, class| Label { voice: Voice::of("Kim"), ..Label::one(item, class) };
        run(&mut ledger, &Label::one(id(0), "a"));
        run(&mut ledger, &Label::one(id(1), "a"));
        run(&mut ledger, &kim(id(0), "b"));
        run(&mut ledger, &kim(id(1), "a"));
        run(&mut ledger, &kim(id(2), "b"));
        let answers = |ledger: &Ledger| class_answers(ledger.marks(), &ids, &classes);
        let before = answers(&ledger);
        assert_eq!(before.annotators, ["Kim", "me"]);
        assert_eq!((before.disputes(), before.agreed()), (vec![0], vec![(1, 0)]));
        run(&mut ledger, &Decide(vec![(id(0), "b".into()), (id(1), "a".into())]));
        let after = answers(&ledger);
        assert_eq!((&after.rows, after.disputes()), (&before.rows, vec![0]));
        assert_eq!((after.decided.len(), after.agreed().len()), (2, 0));
        assert_eq!(ledger.marks().get(LABEL, id(0).0).unwrap().value, "b");
        // Decided once more, the own answer is still the first one.
        run(&mut ledger, &Decide(vec![(id(0), "a".into())]));
        assert_eq!(answers(&ledger).rows, before.rows);
        ledger.undo().unwrap();
        ledger.undo().unwrap();
        assert_eq!(answers(&ledger), before);
    }
}
