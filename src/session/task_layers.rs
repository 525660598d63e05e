//! What stands inside items as columns: how much, of which classes, and whether an item is finished; and all of it, as it
//! is delivered.

use arrow_array::builder::LargeStringBuilder;
use arrow_array::{BooleanArray, Int64Array};

use crate::data::annotations::to_value;
use crate::data::{Column, Kind, Values};
use crate::deliver::TaskColumn;
use crate::engine::{Fingerprint, Fingerprinter};
use crate::label::{ItemMarks, Task, TaskKind, TaskMarks};

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

    /// What was said of every row, as it is delivered: the text that was written or the class that was chosen; of what is
    /// marked inside an item a JSON list, empty where somebody said that there is nothing.
    pub(super) fn delivered(&self, rows: usize) -> TaskColumn {
        let mut values = vec![None; rows];
        for (row, item) in self.marks.rows() {
            if let Some(value) = values.get_mut(row as usize) {
                *value = self.in_full(item);
            }
        }
        TaskColumn { name: self.task.name.clone(), values }
    }

    fn in_full(&self, item: &ItemMarks) -> Option<String> {
        use crate::data::annotations::Mark;
        let first = item.marks.values().next();
        match self.task.kind {
            TaskKind::Rewrite => first.and_then(|annotation| match &annotation.mark {
                Mark::Answer(text) => Some(text.clone()),
                _ => None,
            }),
            TaskKind::Choice => first.map(|annotation| annotation.label.to_string()),
            TaskKind::Ranking => first.and_then(|annotation| match &annotation.mark {
                Mark::Ranking(order) => Some(serde_json::json!(order).to_string()),
                _ => None,
            }),
            TaskKind::Tags => {
                let names: Vec<&str> = item.marks.values().map(|annotation| &*annotation.label).collect();
                Some(serde_json::json!(names).to_string())
            }
            _ => {
                let listed: Vec<serde_json::Value> = item.listed().iter().map(to_value).collect();
                Some(serde_json::Value::from(listed).to_string())
            }
        }
    }

    /// What an item carries in a few words: each class once.
    fn said(&self, item: &ItemMarks) -> String {
        use crate::data::annotations::Mark;
        let ranked = item.marks.values().find_map(|annotation| match &annotation.mark {
            Mark::Ranking(order) => Some(order.join(" > ")),
            _ => None,
        });
        if let Some(ranked) = ranked {
            return ranked;
        }
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
