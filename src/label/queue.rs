//! Which item comes next.

use super::Annotations;

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
    pub fn of(rows: &[u32], annotations: &Annotations) -> Self {
        let mut progress = Self { labelled: 0, skipped: 0, total: rows.len() };
        for &row in rows {
            match is_open(row, annotations) {
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

/// The position in `rows` of the first row at or after `from` that has no label and was not passed over, going round
/// once; `None` if the queue is finished.
pub fn next_open(rows: &[u32], from: usize, annotations: &Annotations) -> Option<usize> {
    let from = from.min(rows.len());
    let open = |position: &usize| matches!(is_open(rows[*position], annotations), State::Open);
    (from..rows.len()).chain(0..from).find(open)
}

enum State {
    Open,
    Labelled,
    Skipped,
}

fn is_open(row: u32, annotations: &Annotations) -> State {
    let row = row as usize;
    if annotations.labels().get(row).is_some_and(|&label| label >= 0) {
        State::Labelled
    } else if annotations.skipped().get(row) == Some(&true) || annotations.excluded().get(row) == Some(&true) {
        State::Skipped
    } else {
        State::Open
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Int64Array;

    use super::super::{Classes, LABEL, SKIPPED};
    use super::*;
    use crate::data::{Column, Ids, Values};
    use crate::project::{Change, Gesture, Ledger, Store};

    #[test]
    fn the_queue_goes_round_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::new(Store::open(&folder.path().join("s")).unwrap(), "a").unwrap();
        let ids = Ids::from_key(&Column::new("id", Values::Int(Int64Array::from(vec![1, 2, 3, 4])))).unwrap();
        let id = |row: usize| ids.all()[row].0;
        let changes = vec![Change::set(id(0), LABEL, "a"), Change::set(id(2), SKIPPED, true)];
        ledger.apply(Gesture { name: "x".into(), changes }).unwrap();
        let annotations = Annotations::new(ledger.marks(), &ids, &Classes::from_names(["a"]).unwrap());
        let rows = [3, 2, 1, 0];
        let check = |from, expected| assert_eq!(next_open(&rows, from, &annotations), expected);
        check(0, Some(0));
        check(1, Some(2));
        check(3, Some(0));
        check(99, Some(0));
        assert_eq!(next_open(&[0, 2], 0, &annotations), None);
        assert_eq!(Progress::of(&rows, &annotations), Progress { labelled: 1, skipped: 1, total: 4 });
    }
}
