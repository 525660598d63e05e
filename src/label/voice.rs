//! Whose annotations are meant, and how this stands in the store.
//!
//! What holds of the project is written into plain fields (`label`, `entities#1`). What one annotator said apart from
//! that, in a second pass or on another machine, is written into fields of its own (`label@Kim`, `entities#1@Kim`), so
//! that nobody's work replaces anybody else's.

use std::borrow::Cow;
use std::sync::Arc;

/// Whose annotations are meant: the project's own, or those of one annotator.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Voice(Option<Arc<str>>);

impl Voice {
    /// What holds of the project.
    pub const PROJECT: Self = Self(None);

    /// What an annotator said.
    pub fn of(annotator: &str) -> Self {
        Self(Some(annotator.into()))
    }

    /// The annotator; `None` for the project's own.
    pub fn annotator(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The field in which this voice says `base`.
    pub fn field<'a>(&self, base: &'a str) -> Cow<'a, str> {
        match &self.0 {
            None => Cow::Borrowed(base),
            Some(name) => Cow::Owned(format!("{base}@{name}")),
        }
    }

    /// A field's base, and whose it is.
    pub fn split(field: &str) -> (&str, Self) {
        match field.split_once('@') {
            Some((base, name)) => (base, Self::of(name)),
            None => (field, Self::PROJECT),
        }
    }
}

/// What a field of a task holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// One annotation, by its number within item and task, from 1.
    Mark(u32),
    /// Whether the item is finished.
    Done,
}

/// The field of a task's slot, as the project says it.
pub fn task_field(task: &str, slot: Slot) -> String {
    match slot {
        Slot::Mark(number) => format!("{task}#{number}"),
        Slot::Done => format!("{task}#done"),
    }
}

/// The task and slot of a field's base; `None` if it is not a task's.
pub fn task_of(base: &str) -> Option<(&str, Slot)> {
    let (task, slot) = base.split_once('#')?;
    let slot = if slot == "done" { Slot::Done } else { Slot::Mark(slot.parse().ok()?) };
    Some((task, slot))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_they_are_written() {
        for voice in [Voice::PROJECT, Voice::of("김민수"), Voice::of("a@b")] {
            for slot in [Slot::Mark(1), Slot::Mark(4_000_000_000), Slot::Done] {
                let field = task_field("entities", slot);
                let field = voice.field(&field);
                let (base, whose) = Voice::split(&field);
                assert_eq!((task_of(base), whose), (Some(("entities", slot)), voice.clone()));
            }
        }
        assert_eq!(task_of("label"), None);
        assert_eq!(task_of("entities#x"), None);
    }
}
