//! What the table and the gallery share: following the focus, selecting, opening.

use std::collections::BTreeSet;

use eframe::egui::Modifiers;

use crate::app::act::Act;
use crate::app::keys::CommandId;
use crate::app::pane::PaneCx;
use crate::app::widgets::{RowClick, RowEvents};
use crate::data::view::Snapshot;

/// Where a person stands among the rows in view.
#[derive(Default)]
pub(super) struct Browser {
    /// The focus that was last scrolled to.
    followed: Option<u32>,
    /// The position where a range selection starts.
    anchor: Option<u64>,
}

impl Browser {
    /// The position to scroll to, when something else moved the focus.
    pub fn follow(&mut self, cx: &PaneCx<'_>, snapshot: &Snapshot) -> Option<u64> {
        if cx.focus == self.followed {
            return None;
        }
        self.followed = cx.focus;
        cx.focus.and_then(|row| snapshot.position(row)).map(|at| at as u64)
    }

    /// Does what was done with the rows.
    pub fn apply(&mut self, cx: &mut PaneCx<'_>, snapshot: &Snapshot, events: &RowEvents) {
        let rows = &snapshot.rows;
        let row = |at: u64| rows.get(at as usize).copied();
        if let Some(click) = events.clicked
            && let Some(clicked) = row(click.row)
        {
            self.focus(cx, clicked);
            if !click.secondary
                && let Some(selection) = select(cx.selection, rows, click, &mut self.anchor)
            {
                cx.act(Act::Select(selection));
            }
        }
        if let Some(moved) = events.moved
            && let Some(to) = row(moved.row)
        {
            let here = cx.focus.and_then(|row| snapshot.position(row)).map(|at| at as u64);
            self.focus(cx, to);
            if moved.extend {
                let from = *self.anchor.get_or_insert(here.unwrap_or(moved.row));
                let (low, high) = (from.min(moved.row) as usize, from.max(moved.row) as usize);
                cx.act(Act::Select(rows.get(low..=high).unwrap_or_default().to_vec()));
            } else {
                self.anchor = Some(moved.row);
            }
        }
        if let Some(toggled) = events.toggled.and_then(row) {
            cx.act(Act::Select(with_toggled(cx.selection, [toggled])));
        }
        if let Some((framed, modifiers)) = &events.framed {
            let chosen = framed.iter().filter_map(|&at| row(at));
            cx.act(Act::Select(in_frame(cx.selection, chosen, *modifiers)));
        }
        if events.activated.is_some() {
            cx.act(Act::Command(CommandId::OpenInLabel));
        }
    }

    fn focus(&mut self, cx: &mut PaneCx<'_>, row: u32) {
        self.followed = Some(row);
        cx.act(Act::Focus(row));
    }
}

fn with_toggled(selection: &BTreeSet<u32>, rows: impl IntoIterator<Item = u32>) -> Vec<u32> {
    let mut next = selection.clone();
    for row in rows {
        if !next.remove(&row) {
            next.insert(row);
        }
    }
    next.into_iter().collect()
}

/// The selection after a frame was drawn over rows: these alone, with Shift these as well, with Ctrl the others of both.
fn in_frame(selection: &BTreeSet<u32>, rows: impl Iterator<Item = u32>, modifiers: Modifiers) -> Vec<u32> {
    match (modifiers.command, modifiers.shift) {
        (true, _) => with_toggled(selection, rows),
        (false, true) => selection.iter().copied().chain(rows).collect::<BTreeSet<_>>().into_iter().collect(),
        (false, false) => rows.collect(),
    }
}

/// The selection after a click: Ctrl toggles a row, Shift takes the range from the last click, a plain click clears.
fn select(selection: &BTreeSet<u32>, rows: &[u32], click: RowClick, anchor: &mut Option<u64>) -> Option<Vec<u32>> {
    let row = *rows.get(click.row as usize)?;
    if click.modifiers.shift
        && let Some(from) = *anchor
    {
        let (first, last) = (from.min(click.row) as usize, from.max(click.row) as usize);
        return rows.get(first..=last).map(<[u32]>::to_vec);
    }
    *anchor = Some(click.row);
    if click.modifiers.command {
        return Some(with_toggled(selection, [row]));
    }
    (!selection.is_empty()).then(Vec::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clicks_select_as_everywhere() {
        let rows = [5, 3, 9, 1];
        let plain = Modifiers::NONE;
        let click = |row, modifiers| RowClick { row, column: None, modifiers, double: false, secondary: false };
        let mut anchor = None;
        let none = BTreeSet::new();
        assert_eq!(select(&none, &rows, click(1, plain), &mut anchor), None);
        assert_eq!(select(&none, &rows, click(3, Modifiers::SHIFT), &mut anchor), Some(vec![3, 9, 1]));
        assert_eq!(select(&none, &rows, click(0, Modifiers::COMMAND), &mut anchor), Some(vec![5]));
        let some = BTreeSet::from([5, 9]);
        assert_eq!(select(&some, &rows, click(0, Modifiers::COMMAND), &mut anchor), Some(vec![9]));
        assert_eq!(select(&some, &rows, click(2, plain), &mut anchor), Some(vec![]));
    }

    #[test]
    fn a_frame_selects_adds_or_turns() {
        let some = BTreeSet::from([1, 2]);
        let check = |modifiers, expected: &[u32]| {
            assert_eq!(in_frame(&some, [2, 3].into_iter(), modifiers), expected);
        };
        check(Modifiers::NONE, &[2, 3]);
        check(Modifiers::SHIFT, &[1, 2, 3]);
        check(Modifiers::COMMAND, &[1, 3]);
    }
}
