//! A class gets another name, or goes: with everything that was said with it, in one step that one undo takes back.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::commands::{SetClasses, read_classes};
use super::tasks::{SetTasks, read_tasks};
use super::voice::{Slot, Voice, task_of};
use super::{Classes, Doubt, LABEL, UNSURE};
use crate::engine::{Error, Result};
use crate::project::{Change, Command, Config, GUIDELINE, Gesture, Mark, Marks, SAID_BY};

/// Renames or removes a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reclass {
    /// The task; `None` is that of one class an item.
    pub task: Option<String>,
    /// The class.
    pub class: String,
    /// Its new name; `None` removes it with all annotations that carry it.
    pub to: Option<String>,
}

impl Reclass {
    /// How many annotations carry the class, whoever made them.
    pub fn carried(&self, marks: &Marks) -> usize {
        self.said(marks).len()
    }

    /// Everything that is said with the class: the field, the item, and what is said.
    fn said<'a>(&self, marks: &'a Marks) -> Vec<(String, u64, &'a Mark)> {
        let mut found = Vec::new();
        for field in marks.fields() {
            let (base, _) = Voice::split(field);
            let label = |value: &Value| match (&self.task, task_of(base)) {
                (None, None) if base == LABEL => value.as_str() == Some(&*self.class),
                (Some(task), Some((name, Slot::Mark(_)))) if task == name => {
                    value.get("label").and_then(Value::as_str) == Some(&*self.class)
                }
                _ => false,
            };
            let own = marks.of(field).filter(|(_, mark)| label(&mark.value));
            found.extend(own.map(|(item, mark)| (field.to_owned(), item, mark)));
        }
        found
    }

    /// The relations that lead from or to one of these annotations.
    fn relations(&self, marks: &Marks, gone: &[(String, u64, &Mark)]) -> Vec<(String, u64)> {
        let mut numbers: BTreeMap<(Voice, u64), BTreeSet<u64>> = BTreeMap::new();
        for (field, item, _) in gone {
            let (base, voice) = Voice::split(field);
            if let Some((_, Slot::Mark(number))) = task_of(base) {
                numbers.entry((voice, *item)).or_default().insert(u64::from(number));
            }
        }
        let mut found = Vec::new();
        for field in marks.fields() {
            let (base, voice) = Voice::split(field);
            if task_of(base).map(|(task, _)| task) != self.task.as_deref() {
                continue;
            }
            for (item, mark) in marks.of(field) {
                let Some(ends) = numbers.get(&(voice.clone(), item)) else { continue };
                let end = |name: &str| mark.value.get(name).and_then(Value::as_u64);
                let relation = mark.value.get("kind").and_then(Value::as_str) == Some("relation");
                if relation && [end("from"), end("to")].into_iter().flatten().any(|end| ends.contains(&end)) {
                    found.push((field.to_owned(), item));
                }
            }
        }
        found
    }

    fn changed(&self, classes: &Classes) -> Result<Classes> {
        match &self.to {
            Some(to) => classes.renamed(&self.class, to),
            None => Ok(classes.without(&self.class)),
        }
    }

    /// The change of the list of classes itself.
    fn of_list(&self, marks: &Marks, config: &Config) -> Result<Vec<Change>> {
        let Some(name) = &self.task else {
            let classes = self.changed(&read_classes(config)?)?;
            return Ok(vec![SetClasses::change(&classes)]);
        };
        let mut tasks = read_tasks(config)?;
        let missing = || Error::input("there is no such task").at(name);
        let mut task = tasks.get(name).cloned().ok_or_else(missing)?;
        if task.classes.index(&self.class).is_some() {
            task.classes = self.changed(&task.classes)?;
        } else {
            task.relations = self.changed(&task.relations)?;
        }
        tasks.put(task)?;
        Ok(SetTasks(tasks).gesture(marks, config)?.changes)
    }
}

impl Command for Reclass {
    fn gesture(&self, marks: &Marks, config: &Config) -> Result<Gesture> {
        let mut changes = self.of_list(marks, config)?;
        let said = self.said(marks);
        let mut of_items: Vec<Change> = Vec::with_capacity(said.len());
        if self.to.is_none() {
            of_items.extend(self.relations(marks, &said).into_iter().map(|(field, item)| Change::clear(item, field)));
        }
        for (field, item, mark) in &said {
            of_items.push(match &self.to {
                None => Change::clear(*item, field),
                Some(to) if self.task.is_none() => Change::set(*item, field, to.as_str()).because(kept(mark)),
                Some(to) => {
                    let mut value = mark.value.clone();
                    value["label"] = to.as_str().into();
                    Change::set(*item, field, value).because(kept(mark))
                }
            });
        }
        if self.task.is_none() {
            of_items.extend(self.second_choices(marks));
        }
        // What speaks of one item stands together; a relation that carries the class itself is cleared once.
        of_items.sort_by(|a, b| (a.item, &a.field).cmp(&(b.item, &b.field)));
        of_items.dedup_by(|a, b| (a.item, &a.field) == (b.item, &b.field));
        changes.extend(of_items);
        let name = if self.to.is_some() { "rename-class" } else { "remove-class" };
        Ok(Gesture { name: name.to_owned(), changes })
    }
}

impl Reclass {
    /// Doubts that name the class as what an item might be instead.
    fn second_choices(&self, marks: &Marks) -> Vec<Change> {
        let mut changes = Vec::new();
        for field in marks.fields().into_iter().filter(|field| Voice::split(field).0 == UNSURE) {
            for (item, mark) in marks.of(field) {
                let Some(doubt) = Doubt::read(&mark.value) else { continue };
                if doubt.second.as_deref() == Some(&*self.class) {
                    let second = self.to.as_deref().map(Into::into);
                    let value = Doubt { second, ..doubt }.value();
                    changes.push(Change::set(item, field, value).because(kept(mark)));
                }
            }
        }
        changes
    }
}

/// Takes several classes for one, whose names differ by oversight: everything that was said with the others is said with
/// the one that stays, in one step that one undo takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeClasses {
    /// The class that stays.
    pub into: String,
    /// Those that go.
    pub names: Vec<String>,
}

impl Command for MergeClasses {
    fn gesture(&self, marks: &Marks, config: &Config) -> Result<Gesture> {
        let classes = read_classes(config)?.merged(&self.into, &self.names)?;
        let mut of_items = Vec::new();
        for name in self.names.iter().filter(|name| **name != self.into) {
            let one = Reclass { task: None, class: name.clone(), to: Some(self.into.clone()) };
            let said = one.said(marks).into_iter();
            of_items.extend(said.map(|(field, item, mark)| Change::set(item, field, &*self.into).because(kept(mark))));
            of_items.extend(one.second_choices(marks));
        }
        of_items.sort_by(|a, b| (a.item, &a.field).cmp(&(b.item, &b.field)));
        let changes = std::iter::once(SetClasses::change(&classes)).chain(of_items).collect();
        Ok(Gesture { name: "merge-classes".to_owned(), changes })
    }
}

/// What stays as it was under another name: who said it, of what, and under which guidelines.
fn kept(mark: &Mark) -> Value {
    let mut detail = json!({ SAID_BY: mark.annotator });
    if let Some(about) = &mark.about {
        detail["about"] = (&**about).into();
    }
    if let Some(guideline) = &mark.guideline {
        detail[GUIDELINE] = (&**guideline).into();
    }
    detail
}

#[cfg(test)]
mod tests {
    use super::super::{Edit, EditMarks, Label, Remark, Task, TaskKind, Tasks, write_classes, write_tasks};
    use super::*;
    use crate::data::ItemId;
    use crate::data::annotations::model::Span;
    use crate::data::annotations::{Annotation, Mark as Said};
    use crate::project::{DataConfig, Ledger, Store};

    struct Desk {
        ledger: Ledger,
        config: Config,
        _folder: tempfile::TempDir,
    }

    impl Desk {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let ledger = Ledger::new(Store::open(&folder.path().join("s")).unwrap(), "Kim").unwrap();
            let mut config = Config::new("p", DataConfig::default());
            write_classes(&mut config, &Classes::from_names(["spam", "ham"]).unwrap()).unwrap();
            let mut task = Task::new("entities", TaskKind::Spans);
            task.classes = Classes::from_names(["PER", "LOC"]).unwrap();
            task.relations = Classes::from_names(["in"]).unwrap();
            let mut tasks = Tasks::default();
            tasks.put(task).unwrap();
            write_tasks(&mut config, &tasks).unwrap();
            Self { ledger, config, _folder: folder }
        }

        fn run(&mut self, command: &dyn Command) {
            let gesture = command.gesture(self.ledger.marks(), &self.config).unwrap();
            self.ledger.apply(gesture).unwrap();
        }

        fn value(&self, field: &str, item: u64) -> Option<Value> {
            self.ledger.marks().get(field, item).map(|mark| mark.value.clone())
        }
    }

    fn rename(task: Option<&str>, class: &str, to: Option<&str>) -> Reclass {
        Reclass { task: task.map(str::to_owned), class: class.into(), to: to.map(str::to_owned) }
    }

    #[test]
    fn a_new_name_goes_to_everything_and_nobody_else_is_said_to_have_said_it() {
        let mut desk = Desk::new();
        desk.run(&Label::one(ItemId(1), "spam"));
        desk.run(&Label { voice: Voice::of("Lee"), ..Label::one(ItemId(1), "spam") });
        desk.run(&Remark::doubt(ItemId(2), Voice::PROJECT, &Doubt { second: Some("spam".into()), confidence: None }));
        desk.ledger.set_annotator("Park");
        let command = rename(None, "spam", Some("junk"));
        assert_eq!(command.carried(desk.ledger.marks()), 2);
        desk.run(&command);
        assert_eq!((desk.value(LABEL, 1), desk.value("label@Lee", 1)), (Some("junk".into()), Some("junk".into())));
        assert_eq!(desk.ledger.marks().get(LABEL, 1).unwrap().annotator, "Kim");
        let doubt = desk.value(UNSURE, 2).and_then(|value| Doubt::read(&value)).unwrap();
        assert_eq!(doubt.second.as_deref(), Some("junk"));
        let list = desk.ledger.history().last().unwrap();
        assert_eq!((list.name.as_str(), list.annotator.as_str()), ("rename-class", "Park"));
        desk.ledger.undo().unwrap();
        assert_eq!(desk.value(LABEL, 1), Some("spam".into()));
    }

    #[test]
    fn a_class_goes_with_its_annotations_and_their_relations() {
        let mut desk = Desk::new();
        let task = read_tasks(&desk.config).unwrap().get("entities").cloned().unwrap();
        let span = |start: usize, label: &str| {
            let span = Span { pieces: vec![(start, start + 1)], surface: "x".into() };
            Edit::Add(Annotation::new(label, Said::Span(span)))
        };
        let relation = Edit::Add(Annotation::new("in", Said::Relation { from: 1, to: 2 }));
        let edits = vec![span(0, "PER"), span(3, "LOC"), relation];
        desk.run(&EditMarks::new(ItemId(1), task.clone(), Voice::PROJECT, edits));
        desk.run(&EditMarks::new(ItemId(2), task, Voice::PROJECT, vec![span(0, "LOC")]));
        desk.run(&rename(Some("entities"), "PER", None));
        assert_eq!(desk.value("entities#1", 1), None);
        assert_eq!(desk.value("entities#3", 1), None, "the relation has lost its end");
        assert!(desk.value("entities#2", 1).is_some() && desk.value("entities#1", 2).is_some());
        desk.ledger.undo().unwrap();
        assert!(desk.value("entities#1", 1).is_some() && desk.value("entities#3", 1).is_some());
        desk.run(&rename(Some("entities"), "in", Some("inside")));
        assert_eq!(desk.value("entities#3", 1).unwrap()["label"], "inside");
    }

    #[test]
    fn variants_become_one_class_with_all_that_was_said() {
        let mut desk = Desk::new();
        write_classes(&mut desk.config, &Classes::from_names(["Spam", "spam", "ham"]).unwrap()).unwrap();
        desk.run(&Label::one(ItemId(1), "spam"));
        desk.run(&Label { voice: Voice::of("Lee"), ..Label::one(ItemId(1), "Spam") });
        desk.run(&Label::one(ItemId(2), "ham"));
        desk.run(&MergeClasses { into: "Spam".into(), names: vec!["spam".into(), "Spam".into()] });
        assert_eq!((desk.value(LABEL, 1), desk.value("label@Lee", 1)), (Some("Spam".into()), Some("Spam".into())));
        assert_eq!(
            (desk.value(LABEL, 2), desk.ledger.marks().get(LABEL, 1).unwrap().annotator.as_str()),
            (Some("ham".into()), "Kim")
        );
        desk.ledger.undo().unwrap();
        assert_eq!(desk.value(LABEL, 1), Some("spam".into()));
        let unknown = MergeClasses { into: "Spam".into(), names: vec!["x".into()] };
        assert!(unknown.gesture(desk.ledger.marks(), &desk.config).is_err());
    }

    #[test]
    fn names_that_make_no_sense_are_refused() {
        let desk = Desk::new();
        let check = |command: Reclass, fits: bool| {
            assert_eq!(command.gesture(desk.ledger.marks(), &desk.config).is_ok(), fits, "{command:?}");
        };
        check(rename(None, "spam", Some("ham")), false);
        check(rename(None, "spam", Some(" ")), false);
        check(rename(None, "nobody", Some("x")), false);
        check(rename(Some("nothing"), "PER", Some("x")), false);
        check(rename(Some("entities"), "PER", Some("사람")), true);
    }
}
