//! The commands that change what stands inside items.

use std::sync::Arc;

use serde_json::{Value, json};

use super::SKIPPED;
use super::placed::ItemMarks;
use super::tasks::{Task, TaskKind};
use super::voice::{Slot, Voice, task_field};
use crate::data::ItemId;
use crate::data::annotations::model::{Point, Rect};
use crate::data::annotations::{Annotation, Mark, from_value, to_value};
use crate::engine::{Error, Result};
use crate::project::{Change, Command, Config, GUIDELINE, Gesture, Marks};

/// One change of an item's annotations.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// A further annotation, with the next free number.
    Add(Annotation),
    /// Another annotation under a number that is taken.
    Set(u32, Annotation),
    /// No annotation under that number any more.
    Remove(u32),
}

/// Changes the annotations of an item in a task: all of it or nothing, undone in one step.
#[derive(Debug, Clone, PartialEq)]
pub struct EditMarks {
    /// The item.
    pub item: ItemId,
    /// The task.
    pub task: Task,
    /// Whose annotations.
    pub voice: Voice,
    /// The changes, in order.
    pub edits: Vec<Edit>,
    /// Says whether the item is finished, where it is said.
    pub done: Option<bool>,
    /// Seconds since the item was first shown, where it was shown.
    pub seconds: Option<f64>,
    /// What the item is in a few words, so that what was said of it still means something when the source has lost it.
    pub about: Option<String>,
    /// The version of the guidelines that holds, where there are any.
    pub guideline: Option<Arc<str>>,
}

impl EditMarks {
    /// Edits of an item in a task.
    pub fn new(item: ItemId, task: Task, voice: Voice, edits: Vec<Edit>) -> Self {
        Self { item, task, voice, edits, done: None, seconds: None, about: None, guideline: None }
    }

    /// Removes annotations, and the relations that lead from or to them.
    pub fn remove(item: ItemId, task: Task, voice: Voice, marks: &ItemMarks, numbers: &[u32]) -> Self {
        let edits = marks.with_relations(numbers).into_iter().map(Edit::Remove).collect();
        Self::new(item, task, voice, edits)
    }

    fn field(&self, slot: Slot) -> String {
        let field = task_field(&self.task.name, slot);
        self.voice.field(&field).into_owned()
    }

    fn detail(&self) -> Option<Value> {
        let mut detail = json!({});
        if let Some(seconds) = self.seconds {
            detail["seconds"] = seconds.into();
        }
        if let Some(about) = &self.about {
            detail["about"] = about.as_str().into();
        }
        if let Some(guideline) = &self.guideline {
            detail[GUIDELINE] = (&**guideline).into();
        }
        Some(detail).filter(|detail| detail.as_object().is_some_and(|fields| !fields.is_empty()))
    }

    /// The name of the gesture in the history.
    fn name(&self) -> &'static str {
        match (self.edits.as_slice(), self.done) {
            ([], Some(true)) => "finish",
            ([], _) => "reopen",
            (edits, _) if edits.iter().all(|edit| matches!(edit, Edit::Remove(_))) => "unmark",
            (edits, _) if edits.iter().all(|edit| matches!(edit, Edit::Set(..))) => "change-mark",
            _ => "mark",
        }
    }
}

impl Command for EditMarks {
    fn gesture(&self, marks: &Marks, _: &Config) -> Result<Gesture> {
        let item = self.item.0;
        let there = |number: u32| marks.get(&self.field(Slot::Mark(number)), item).is_some();
        let detail = self.detail();
        let say = |slot: Slot, value: Option<Value>| Change {
            item: Some(item),
            field: self.field(slot),
            value,
            detail: detail.clone(),
        };
        let mut changes = Vec::with_capacity(self.edits.len() + 1);
        let mut next = 1;
        for edit in &self.edits {
            match edit {
                Edit::Add(annotation) => {
                    check(annotation, &self.task)?;
                    next = (next..u32::MAX).find(|number| !there(*number)).unwrap_or(u32::MAX);
                    changes.push(say(Slot::Mark(next), Some(to_value(annotation))));
                    next += 1;
                }
                Edit::Set(number, annotation) if there(*number) => {
                    check(annotation, &self.task)?;
                    changes.push(say(Slot::Mark(*number), Some(to_value(annotation))));
                }
                Edit::Remove(number) if there(*number) => changes.push(say(Slot::Mark(*number), None)),
                Edit::Set(number, _) | Edit::Remove(number) => {
                    return Err(Error::input("there is no such annotation").at(format!("{} {number}", self.task.name)));
                }
            }
        }
        let done_now = marks.get(&self.field(Slot::Done), item).is_some();
        match self.done {
            Some(true) if !done_now => changes.push(say(Slot::Done, Some(true.into()))),
            Some(false) if done_now => changes.push(say(Slot::Done, None)),
            _ => {}
        }
        // An item that is worked on is no longer passed over.
        let skipped = self.voice.field(SKIPPED);
        if self.done != Some(false) && marks.get(&skipped, item).is_some() {
            changes.push(Change::clear(item, skipped.into_owned()));
        }
        Ok(Gesture { name: self.name().to_owned(), changes })
    }
}

/// Whether an annotation is one that a task can hold.
fn check(annotation: &Annotation, task: &Task) -> Result<()> {
    let refused = |what: &str| Err(Error::input(what).at(&task.name));
    let classes = if matches!(annotation.mark, Mark::Relation { .. }) { &task.relations } else { &task.classes };
    if !annotation.label.is_empty() && classes.index(&annotation.label).is_none() {
        return Err(Error::input("there is no such class").at(&*annotation.label).help("add the class first"));
    }
    let fits = match (&annotation.mark, task.kind) {
        (Mark::Class, TaskKind::Tags | TaskKind::Choice) => !annotation.label.is_empty(),
        (Mark::Span(span), TaskKind::Spans) => {
            !span.pieces.is_empty()
                && span.pieces.iter().all(|piece| piece.0 < piece.1)
                && span.pieces.is_sorted_by(|a, b| a.1 < b.0)
        }
        (Mark::Relation { from, to }, TaskKind::Spans) => from != to,
        (Mark::Box(rect), TaskKind::Shapes) => rect_holds(*rect),
        (Mark::Polygon(parts), TaskKind::Shapes) => {
            !parts.is_empty() && parts.iter().all(|part| part.outline.len() >= 3 && all_finite(&part.outline))
        }
        (Mark::Polyline(points), TaskKind::Shapes) => points.len() >= 2 && all_finite(points),
        (Mark::Keypoints(points), TaskKind::Shapes | TaskKind::Keypoints) => {
            let mut there = super::shapes::present(points).peekable();
            there.peek().is_some() && there.all(|(_, point)| point.at.x.is_finite() && point.at.y.is_finite())
        }
        (Mark::Mask(mask), TaskKind::Shapes) => mask.area() > 0,
        (Mark::Segment { start, end }, TaskKind::Segments) => {
            start.is_finite() && end.is_finite() && *start >= 0.0 && start <= end
        }
        (Mark::Answer(_), TaskKind::Rewrite) => true,
        (Mark::Ranking(order), TaskKind::Ranking) => {
            let mut seen = std::collections::HashSet::new();
            order.len() > 1 && order.iter().all(|name| !name.is_empty() && seen.insert(name))
        }
        _ => false,
    };
    if !fits {
        return refused("this is no annotation of the task");
    }
    // What is written must be read again: the store keeps it for years.
    if from_value(&to_value(annotation)).is_none() {
        return refused("the annotation cannot be written");
    }
    Ok(())
}

fn rect_holds(rect: Rect) -> bool {
    let numbers = [rect.x, rect.y, rect.width, rect.height, rect.angle];
    numbers.iter().all(|number| number.is_finite()) && rect.width > 0.0 && rect.height > 0.0
}

fn all_finite(points: &[Point]) -> bool {
    points.iter().all(|point| point.x.is_finite() && point.y.is_finite())
}

#[cfg(test)]
mod tests {
    use arrow_array::Int64Array;

    use super::super::{Classes, Placed};
    use super::*;
    use crate::data::annotations::model::Span;
    use crate::data::{Column, Ids, Values};
    use crate::project::{DataConfig, Ledger, Store};

    fn span(start: usize, end: usize, label: &str) -> Annotation {
        Annotation::new(label, Mark::Span(Span { pieces: vec![(start, end)], surface: "x".into() }))
    }

    fn entities() -> Task {
        let mut task = Task::new("entities", TaskKind::Spans);
        task.classes = Classes::from_names(["PER", "LOC"]).unwrap();
        task.relations = Classes::from_names(["in"]).unwrap();
        task
    }

    /// A ledger with what follows from it, kept up and derived anew.
    struct Desk {
        ledger: Ledger,
        ids: Ids,
        kept: Placed,
        config: Config,
        _folder: tempfile::TempDir,
    }

    impl Desk {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let ledger = Ledger::new(Store::open(&folder.path().join("s")).unwrap(), "a").unwrap();
            let ids = Ids::from_key(&Column::new("id", Values::Int(Int64Array::from(vec![1, 2, 3])))).unwrap();
            let kept = Placed::new(ledger.marks(), &ids);
            let config = Config::new("p", DataConfig::default());
            Self { ledger, ids, kept, config, _folder: folder }
        }

        fn run(&mut self, command: &EditMarks) -> Result<()> {
            let outcome = self.ledger.apply(command.gesture(self.ledger.marks(), &self.config)?)?;
            self.kept.update(&outcome, &self.ids);
            Ok(())
        }

        fn undo(&mut self) {
            let outcome = self.ledger.undo().unwrap().unwrap();
            self.kept.update(&outcome, &self.ids);
        }

        fn edit(&self, edits: Vec<Edit>) -> EditMarks {
            EditMarks::new(self.ids.all()[1], entities(), Voice::PROJECT, edits)
        }

        /// The numbers and labels at the second row, which a fresh reading gives as well.
        fn at(&self) -> Vec<(u32, String)> {
            let list = |placed: &Placed| {
                let item = placed.of(&Voice::PROJECT, "entities").get(1).cloned().unwrap_or_default();
                item.marks.iter().map(|(number, mark)| (*number, mark.label.to_string())).collect::<Vec<_>>()
            };
            assert_eq!(list(&self.kept), list(&Placed::new(self.ledger.marks(), &self.ids)));
            list(&self.kept)
        }
    }

    #[test]
    fn marks_keep_their_numbers_through_change_and_undo() {
        let mut desk = Desk::new();
        desk.run(&desk.edit(vec![Edit::Add(span(0, 2, "PER")), Edit::Add(span(1, 4, "LOC"))])).unwrap();
        assert_eq!(desk.at(), [(1, "PER".into()), (2, "LOC".into())]);
        desk.run(&desk.edit(vec![Edit::Set(1, span(0, 3, "LOC"))])).unwrap();
        desk.run(&desk.edit(vec![Edit::Remove(1)])).unwrap();
        assert_eq!(desk.at(), [(2, "LOC".into())]);
        desk.undo();
        desk.undo();
        assert_eq!(desk.at(), [(1, "PER".into()), (2, "LOC".into())]);
    }

    #[test]
    fn relations_go_with_their_ends() {
        let mut desk = Desk::new();
        desk.run(&desk.edit(vec![Edit::Add(span(0, 2, "PER")), Edit::Add(span(3, 4, "LOC"))])).unwrap();
        let relation = Annotation::new("in", Mark::Relation { from: 1, to: 2 });
        desk.run(&desk.edit(vec![Edit::Add(relation)])).unwrap();
        let marks = desk.kept.of(&Voice::PROJECT, "entities").get(1).cloned().unwrap();
        assert_eq!(marks.listed()[2].mark, Mark::Relation { from: 0, to: 1 });
        let item = desk.ids.all()[1];
        desk.run(&EditMarks::remove(item, entities(), Voice::PROJECT, &marks, &[2])).unwrap();
        assert_eq!(desk.at(), [(1, "PER".into())]);
        desk.undo();
        assert_eq!(desk.at().len(), 3);
    }

    #[test]
    fn finishing_is_said_and_taken_back() {
        let mut desk = Desk::new();
        let finish = |desk: &Desk, done| EditMarks { done: Some(done), ..desk.edit(Vec::new()) };
        desk.run(&finish(&desk, true)).unwrap();
        let done = |desk: &Desk| desk.kept.of(&Voice::PROJECT, "entities").is_done(1);
        assert!(done(&desk));
        assert!(desk.run(&finish(&desk, true)).is_err(), "it is finished already");
        desk.run(&finish(&desk, false)).unwrap();
        assert!(!done(&desk));
        assert_eq!(desk.kept.of(&Voice::PROJECT, "entities").get(1), None);
    }

    #[test]
    fn what_a_task_cannot_hold_is_refused() {
        let desk = Desk::new();
        let check = |annotation: Annotation, fits: bool| {
            let gesture = desk.edit(vec![Edit::Add(annotation.clone())]).gesture(desk.ledger.marks(), &desk.config);
            assert_eq!(gesture.is_ok(), fits, "{annotation:?}");
        };
        check(span(0, 2, "PER"), true);
        check(span(0, 2, ""), true);
        check(span(2, 2, "PER"), false);
        check(span(0, 2, "nobody"), false);
        check(Annotation::new("PER", Mark::Box(Rect::new(0.0, 0.0, 1.0, 1.0))), false);
        check(Annotation::new("in", Mark::Relation { from: 1, to: 1 }), false);
        check(Annotation::new("PER", Mark::Relation { from: 1, to: 2 }), false);
        let pieces = |pieces| Annotation::new("PER", Mark::Span(Span { pieces, surface: String::new() }));
        check(pieces(vec![(0, 2), (3, 5)]), true);
        check(pieces(vec![(0, 2), (2, 5)]), false);
    }

    #[test]
    fn voices_do_not_mix() {
        let mut desk = Desk::new();
        desk.run(&desk.edit(vec![Edit::Add(span(0, 2, "PER"))])).unwrap();
        let other = EditMarks { voice: Voice::of("b"), ..desk.edit(vec![Edit::Add(span(1, 2, "LOC"))]) };
        desk.run(&other).unwrap();
        assert_eq!(desk.at(), [(1, "PER".into())]);
        assert_eq!(desk.kept.of(&Voice::of("b"), "entities").marks(), 1);
        assert_eq!(desk.kept.annotators("entities"), ["b"]);
    }
}
