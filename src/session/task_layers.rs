//! What stands inside items as columns: how much, of which classes, and whether an item is finished.

use arrow_array::builder::LargeStringBuilder;
use arrow_array::{BooleanArray, Int64Array};

use crate::data::{Column, Kind, Values};
use crate::engine::{Fingerprint, Fingerprinter};
use crate::label::{Task, TaskKind, TaskMarks};

/// A task with its annotations.
#[derive(Debug, Clone)]
pub struct Marked {
    /// The task.
    pub task: Task,
    /// What holds of the project.
    pub marks: TaskMarks,
}

impl Marked {
    /// The name of the content.
    pub(super) fn print(&self) -> Fingerprint {
        let print = Fingerprinter::new("marks of a task").text(&self.task.name);
        print.number(self.marks.version() as u64).number(self.marks.marks() as u64).finish()
    }

    /// The columns: `NAME` (its classes, in the order of the text or of their making, or the text that was written),
    /// `NAME_count` and `NAME_done`.
    pub(super) fn columns(&self, rows: usize) -> [Column; 3] {
        let name = &self.task.name;
        let mut said = LargeStringBuilder::with_capacity(rows, 0);
        let mut counts = vec![0i64; rows];
        let mut done = vec![false; rows];
        let mut next = 0;
        for (row, item) in self.marks.rows().filter(|(row, _)| (*row as usize) < rows) {
            let row = row as usize;
            (next..row).for_each(|_| said.append_null());
            next = row + 1;
            let text = self.said(item);
            said.append_option(Some(text).filter(|text| !text.is_empty()));
            (counts[row], done[row]) = (item.marks.len() as i64, item.done);
        }
        (next..rows).for_each(|_| said.append_null());
        let kind = if self.task.kind == TaskKind::Rewrite { Kind::Text } else { Kind::Category };
        [
            Column::text(name.clone(), kind, said.finish()),
            Column::new(format!("{name}_count"), Values::Int(Int64Array::from(counts))),
            Column::new(format!("{name}_done"), Values::Bool(BooleanArray::from(done))),
        ]
    }

    /// What an item carries in a few words: each class once.
    fn said(&self, item: &crate::label::ItemMarks) -> String {
        use crate::data::annotations::Mark;
        let mut words: Vec<&str> = Vec::new();
        for annotation in item.marks.values() {
            let word = match &annotation.mark {
                Mark::Answer(text) => text,
                _ => &*annotation.label,
            };
            if !word.is_empty() && !words.contains(&word) {
                words.push(word);
            }
        }
        words.join(", ")
    }
}
