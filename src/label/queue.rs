//! Which item comes next.

use super::{Annotations, TaskMarks};

/// How an item stands in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits.
    Open,
    /// It has its label, or is finished.
    Labelled,
    /// It was passed over, or is left out.
    Skipped,
}

/// How a row stands in the task that gives every item a class.
pub fn class_state(row: u32, annotations: &Annotations) -> State {
    if annotations.labels().get(row as usize).is_some_and(|&label| label >= 0) {
        return State::Labelled;
    }
    aside(row, annotations)
}

/// How a row stands in a task that marks something inside items.
pub fn task_state(row: u32, annotations: &Annotations, marks: &TaskMarks) -> State {
    if marks.is_done(row) { State::Labelled } else { aside(row, annotations) }
}

fn aside(row: u32, annotations: &Annotations) -> State {
    let row = row as usize;
    if annotations.skipped().get(row) == Some(&true) || annotations.excluded().get(row) == Some(&true) {
        State::Skipped
    } else {
        State::Open
    }
}

/// How far the labelling of a list of rows has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows with a label.
    pub labelled: usize,
    /// Rows passed over that have no label.
    pub skipped: usize,
    /// Rows in all.
    pub total: usize,
}

impl Progress {
    /// Counts the rows of a list.
    pub fn of(rows: &[u32], state: impl Fn(u32) -> State) -> Self {
        let mut progress = Self { labelled: 0, skipped: 0, total: rows.len() };
        for &row in rows {
            match state(row) {
                State::Labelled => progress.labelled += 1,
                State::Skipped => progress.skipped += 1,
                State::Open => {}
            }
        }
        progress
    }

    /// Rows that still wait.
    pub fn open(self) -> usize {
        self.total - self.labelled - self.skipped
    }
}

/// The position in `rows` of the first row at or after `from` that waits, going round once; `None` if the queue is
/// finished.
pub fn next_open(rows: &[u32], from: usize, state: impl Fn(u32) -> State) -> Option<usize> {
    let from = from.min(rows.len());
    (from..rows.len()).chain(0..from).find(|&position| state(rows[position]) == State::Open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_goes_round_once() {
        let states = [State::Labelled, State::Open, State::Skipped, State::Open];
        let state = |row: u32| states[row as usize];
        let rows = [3, 2, 1, 0];
        let check = |from, expected| assert_eq!(next_open(&rows, from, state), expected);
        check(0, Some(0));
        check(1, Some(2));
        check(3, Some(0));
        check(99, Some(0));
        assert_eq!(next_open(&[0, 2], 0, state), None);
        assert_eq!(Progress::of(&rows, state), Progress { labelled: 1, skipped: 1, total: 4 });
    }
}
