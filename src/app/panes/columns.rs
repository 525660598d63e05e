//! The columns of the table as a person arranged them: their order, which are hidden, how many stay in place.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::app::widgets::TableColumn;
use crate::data::{Column, Frame, Kind};

/// What a person may do with a column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnAct {
    /// Puts it in the place of another.
    Move(usize, usize),
    /// Hides it.
    Hide(usize),
    /// Keeps it and those to its left in place; of one that is kept, lets all go.
    Freeze(usize),
    /// Shows all that are hidden.
    ShowAll,
    /// Makes it as wide as what it holds.
    Fit(usize),
}

/// The arrangement. Places are those of the shown columns, from the left.
#[derive(Default)]
pub(super) struct Columns {
    /// The names of all columns in the person's order.
    order: Vec<String>,
    hidden: HashSet<String>,
    frozen: usize,
    /// The shown columns, and where each stands in the frame.
    shown: Vec<TableColumn>,
    places: Vec<usize>,
    /// How many of the frame's columns are hidden.
    hidden_now: usize,
    /// Widths that were kept, by name, for columns that are not there yet.
    kept_widths: HashMap<String, f32>,
}

/// What is kept of an arrangement with the project.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    order: Vec<String>,
    hidden: BTreeSet<String>,
    frozen: usize,
    widths: BTreeMap<String, f32>,
}

impl Columns {
    /// The columns that are shown.
    pub fn shown(&self) -> &[TableColumn] {
        &self.shown
    }

    /// Where a shown column stands in the frame.
    pub fn place(&self, at: usize) -> Option<usize> {
        self.places.get(at).copied()
    }

    /// How many columns stay in place.
    pub fn frozen(&self) -> usize {
        self.frozen.min(self.shown.len())
    }

    /// How many columns are hidden.
    pub fn hidden(&self) -> usize {
        self.hidden_now
    }

    /// The arrangement as it is kept, with the widths of the shown columns.
    pub fn kept(&self, widths: &[f32]) -> Kept {
        let shown = self.shown.iter().map(|column| column.name.clone()).zip(widths.iter().copied());
        let kept = self.kept_widths.iter().map(|(name, width)| (name.clone(), *width));
        let hidden = self.hidden.iter().cloned().collect();
        Kept { order: self.order.clone(), hidden, frozen: self.frozen, widths: kept.chain(shown).collect() }
    }

    /// An arrangement that was kept: it holds for the columns that come to be shown.
    pub fn of(kept: Kept) -> Self {
        let Kept { order, hidden, frozen, widths } = kept;
        let (hidden, kept_widths) = (hidden.into_iter().collect(), widths.into_iter().collect());
        Self { order, hidden, frozen, kept_widths, ..Self::default() }
    }

    /// Takes in the columns of a frame: known ones keep their place, new ones come where the frame has
    /// them. Names that the frame does not have are remembered: layers come and go. `widths` are those of the
    /// shown columns and follow them.
    pub fn fit(&mut self, frame: &Frame, widths: &mut Vec<f32>) {
        let mut new = false;
        for (at, column) in frame.columns().iter().enumerate() {
            if !self.order.iter().any(|name| name == column.name()) {
                new = true;
                self.order.insert(at.min(self.order.len()), column.name().to_owned());
            }
        }
        let in_place = self
            .places
            .iter()
            .zip(&self.shown)
            .all(|(&place, shown)| frame.columns().get(place).is_some_and(|column| column.name() == shown.name));
        if new || !in_place || self.shown.len() + self.hidden_in(frame) != frame.columns().len() {
            self.arrange(frame, widths);
        }
    }

    fn hidden_in(&self, frame: &Frame) -> usize {
        frame.columns().iter().filter(|column| self.hidden.contains(column.name())).count()
    }

    /// Does what a person asked for.
    pub fn act(&mut self, act: ColumnAct, frame: &Frame, widths: &mut Vec<f32>) {
        let name = |at: usize| self.shown.get(at).map(|column| column.name.clone());
        match act {
            ColumnAct::Move(from, to) => {
                let (Some(from), Some(to)) = (name(from), name(to)) else { return };
                let at = |name: &String| self.order.iter().position(|other| other == name);
                if let (Some(from), Some(to)) = (at(&from), at(&to)) {
                    let moved = self.order.remove(from);
                    self.order.insert(to, moved);
                }
            }
            ColumnAct::Hide(at) => {
                // The last one stays: a table without columns cannot be asked for them again.
                if self.shown.len() > 1 {
                    self.hidden.extend(name(at));
                }
            }
            ColumnAct::Freeze(at) => self.frozen = if at < self.frozen { 0 } else { at + 1 },
            ColumnAct::ShowAll => self.hidden.clear(),
            ColumnAct::Fit(at) => {
                let column = self.places.get(at).and_then(|&place| frame.columns().get(place));
                if let (Some(width), Some(column)) = (widths.get_mut(at), column) {
                    *width = fitted(column);
                }
                return;
            }
        }
        self.arrange(frame, widths);
    }

    fn arrange(&mut self, frame: &Frame, widths: &mut Vec<f32>) {
        let old: Vec<(String, f32)> =
            self.shown.iter().map(|column| column.name.clone()).zip(widths.iter().copied()).collect();
        let place = |name: &String| frame.columns().iter().position(|column| column.name() == name);
        self.places = self.order.iter().filter(|name| !self.hidden.contains(*name)).filter_map(place).collect();
        self.hidden_now = self.hidden_in(frame);
        let columns = self.places.iter().filter_map(|&place| frame.columns().get(place));
        self.shown = columns.map(|column| TableColumn::new(column.name(), fitted(column))).collect();
        let width = |column: &TableColumn| {
            let old = old.iter().find(|(name, _)| *name == column.name).map(|(_, width)| *width);
            old.or_else(|| self.kept_widths.get(&column.name).copied())
        };
        *widths = self.shown.iter().map(|column| width(column).unwrap_or(column.width)).collect();
    }
}

/// Wide enough for the name and for most of what a column holds.
fn fitted(column: &Column) -> f32 {
    let width = match column.kind() {
        Kind::Text => text_width(column),
        Kind::Image | Kind::Audio => 120.0,
        Kind::Category => 110.0,
        Kind::Time => 140.0,
        Kind::Int | Kind::Float => 90.0,
        Kind::Bool => 70.0,
    };
    f32::max(width, 28.0 + column.name().chars().count() as f32 * 7.5)
}

/// Wide enough for most of the first texts, at most half a window: long texts are cut.
fn text_width(column: &Column) -> f32 {
    let rows = column.len().min(100);
    let longest = (0..rows).filter_map(|row| column.show(row)).map(|text| text.chars().take(80).count()).max();
    (longest.unwrap_or(0) as f32 * 8.0 + 20.0).clamp(80.0, 460.0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::Int64Array;

    use super::*;
    use crate::data::Values;

    fn frame(names: &[&str]) -> Frame {
        let column = |name: &&str| Arc::new(Column::new(*name, Values::Int(Int64Array::from(vec![1]))));
        Frame::new(names.iter().map(column).collect())
    }

    fn names(columns: &Columns) -> Vec<&str> {
        columns.shown().iter().map(|column| column.name.as_str()).collect()
    }

    #[test]
    fn an_arrangement_survives_new_columns() {
        let (mut columns, mut widths) = (Columns::default(), Vec::new());
        let first = frame(&["a", "b", "c", "d"]);
        columns.fit(&first, &mut widths);
        assert_eq!(names(&columns), ["a", "b", "c", "d"]);
        widths[1] = 300.0;
        columns.act(ColumnAct::Move(3, 0), &first, &mut widths);
        columns.act(ColumnAct::Hide(1), &first, &mut widths);
        columns.act(ColumnAct::Freeze(0), &first, &mut widths);
        assert_eq!((names(&columns), columns.frozen(), columns.hidden()), (vec!["d", "b", "c"], 1, 1));
        assert_eq!((widths[1], columns.place(0)), (300.0, Some(3)));
        let second = frame(&["a", "b", "c", "d", "e"]);
        columns.fit(&second, &mut widths);
        assert_eq!(names(&columns), ["d", "b", "c", "e"]);
        assert_eq!(widths[1], 300.0);
        columns.fit(&frame(&["b", "c"]), &mut widths);
        assert_eq!(names(&columns), ["b", "c"]);
        columns.fit(&second, &mut widths);
        columns.act(ColumnAct::ShowAll, &second, &mut widths);
        assert_eq!(names(&columns).len(), 5);
        columns.act(ColumnAct::Freeze(0), &second, &mut widths);
        assert_eq!(columns.frozen(), 0);
    }

    #[test]
    fn an_arrangement_is_kept_for_columns_that_come_later() {
        let (mut columns, mut widths) = (Columns::default(), Vec::new());
        let all = frame(&["a", "b", "c"]);
        columns.fit(&all, &mut widths);
        columns.act(ColumnAct::Move(2, 0), &all, &mut widths);
        columns.act(ColumnAct::Hide(1), &all, &mut widths);
        columns.act(ColumnAct::Freeze(0), &all, &mut widths);
        widths[0] = 222.0;
        let text = serde_json::to_string(&columns.kept(&widths)).unwrap();
        let (mut again, mut widths) = (Columns::of(serde_json::from_str(&text).unwrap()), Vec::new());
        again.fit(&all, &mut widths);
        assert_eq!((names(&again), again.frozen(), again.hidden(), widths[0]), (vec!["c", "b"], 1, 1, 222.0));
        assert_eq!(serde_json::from_str::<Kept>("{}").unwrap(), Kept::default());
    }

    #[test]
    fn the_last_column_cannot_be_hidden() {
        let (mut columns, mut widths) = (Columns::default(), Vec::new());
        let frame = frame(&["a", "b"]);
        columns.fit(&frame, &mut widths);
        columns.act(ColumnAct::Hide(0), &frame, &mut widths);
        columns.act(ColumnAct::Hide(0), &frame, &mut widths);
        assert_eq!(names(&columns), ["b"]);
    }
}
