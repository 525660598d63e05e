//! A selection: a set of items by their stable ids, as a value.

use arrow_buffer::BooleanBuffer;
use serde::{Deserialize, Serialize};

use super::super::{Frame, Ids, ItemId, Row};
use super::Snapshot;

/// How a gesture changes a selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SelectMode {
    /// The items of the gesture alone.
    Replace,
    /// Those that were selected and those of the gesture (Shift).
    Add,
    /// Those that were selected without those of the gesture (Alt).
    Remove,
    /// Those that were selected and are of the gesture (Shift and Alt).
    Intersect,
    /// Those that are in one of the two (Ctrl).
    Toggle,
}

/// A set of items. It names items, not rows, so that it means the same after the source was sorted or has grown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Selection(Vec<ItemId>);

/// Ids are written as people see them, in hexadecimal: TOML and JSON readers keep no 64-bit numbers.
impl TryFrom<Vec<String>> for Selection {
    type Error = String;

    fn try_from(ids: Vec<String>) -> Result<Self, String> {
        let id = |id: String| u64::from_str_radix(&id, 16).map(ItemId).map_err(|_| format!("{id} is no item's id"));
        ids.into_iter().map(id).collect()
    }
}

impl From<Selection> for Vec<String> {
    fn from(selection: Selection) -> Self {
        selection.0.iter().map(ItemId::to_string).collect()
    }
}

impl FromIterator<ItemId> for Selection {
    fn from_iter<T: IntoIterator<Item = ItemId>>(ids: T) -> Self {
        let mut ids: Vec<ItemId> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        Self(ids)
    }
}

impl Selection {
    /// No items.
    pub fn new() -> Self {
        Self::default()
    }

    /// The items of the rows that are set in `mask`.
    pub fn of_mask(mask: &BooleanBuffer, ids: &Ids) -> Self {
        mask.set_indices_u32().filter_map(|row| ids.id(Row(row))).collect()
    }

    /// The items at the display positions `from` to `to`, both included and in either order: what Shift-click selects.
    pub fn of_range(snapshot: &Snapshot, ids: &Ids, from: usize, to: usize) -> Self {
        let (first, last) = (from.min(to), from.max(to));
        let rows = snapshot.rows.iter().skip(first).take((last - first).saturating_add(1));
        rows.filter_map(|row| ids.id(Row(*row))).collect()
    }

    /// The number of items.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True without items.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True if the item is selected.
    pub fn contains(&self, id: ItemId) -> bool {
        self.0.binary_search(&id).is_ok()
    }

    /// The items in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = ItemId> + '_ {
        self.0.iter().copied()
    }

    /// The selection after a gesture over `items`.
    #[must_use]
    pub fn changed(&self, mode: SelectMode, items: &Self) -> Self {
        let keep = |mine: bool, other: bool| match mode {
            SelectMode::Replace => other,
            SelectMode::Add => mine || other,
            SelectMode::Remove => mine && !other,
            SelectMode::Intersect => mine && other,
            SelectMode::Toggle => mine != other,
        };
        let mut merged = Vec::with_capacity(self.len() + items.len());
        let (mut mine, mut others) = (self.0.iter().copied().peekable(), items.0.iter().copied().peekable());
        loop {
            let next = match (mine.peek(), others.peek()) {
                (None, None) => return Self(merged),
                (Some(a), Some(b)) => *a.min(b),
                (Some(only), None) | (None, Some(only)) => *only,
            };
            let in_mine = mine.next_if_eq(&next).is_some();
            let in_others = others.next_if_eq(&next).is_some();
            if keep(in_mine, in_others) {
                merged.push(next);
            }
        }
    }

    /// The rows of the selected items as a mask over `frame`; items that the source no longer has are left out.
    pub fn mask(&self, frame: &Frame, ids: &Ids) -> BooleanBuffer {
        let mut rows = vec![false; frame.rows()];
        for id in &self.0 {
            if let Some(place) = ids.row(*id).and_then(|row| rows.get_mut(row.index())) {
                *place = true;
            }
        }
        BooleanBuffer::from(rows)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn selection(ids: &[u64]) -> Selection {
        ids.iter().copied().map(ItemId).collect()
    }

    #[test]
    fn gestures_change_a_selection_as_sets_do() {
        let check = |mode, expected: &[u64]| {
            assert_eq!(selection(&[1, 2, 3]).changed(mode, &selection(&[3, 4])), selection(expected), "{mode:?}");
        };
        check(SelectMode::Replace, &[3, 4]);
        check(SelectMode::Add, &[1, 2, 3, 4]);
        check(SelectMode::Remove, &[1, 2]);
        check(SelectMode::Intersect, &[3]);
        check(SelectMode::Toggle, &[1, 2, 4]);
        assert_eq!(serde_json::from_str::<Selection>(r#"["3","1","3"]"#).unwrap(), selection(&[1, 3]));
        let far = selection(&[u64::MAX, 7]);
        assert_eq!(serde_json::from_str::<Selection>(&serde_json::to_string(&far).unwrap()).unwrap(), far);
        assert!(serde_json::from_str::<Selection>(r#"["x"]"#).is_err());
    }

    proptest! {
        #[test]
        fn toggling_twice_changes_nothing(a: BTreeSet<u64>, b: BTreeSet<u64>) {
            let (a, b): (Vec<u64>, Vec<u64>) = (a.into_iter().collect(), b.into_iter().collect());
            let (a, b) = (selection(&a), selection(&b));
            prop_assert_eq!(a.changed(SelectMode::Toggle, &b).changed(SelectMode::Toggle, &b), a.clone());
            prop_assert_eq!(a.changed(SelectMode::Remove, &b).len() + a.changed(SelectMode::Intersect, &b).len(), a.len());
        }
    }
}
