//! Stable ids of items. A row position is not an id: positions change when the source is sorted or filtered.

use std::fmt;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::{Column, Frame, media};
use crate::engine::{Error, IdMap, Result};

/// The stable name of an item: the hash of its key, or of its content where the source has no key column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ItemId(pub u64);

impl ItemId {
    /// The id of the item of a key.
    pub fn of_key(key: &str) -> Self {
        Self(xxh3_64(key.as_bytes()))
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The position of an item in the source as it was read this time, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Row(pub u32);

impl Row {
    /// The position as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The column that holds ids as such, sixteen hexadecimal digits each, instead of keys to make them from.
pub const ITEM_COLUMN: &str = "lapidary_item";

/// The ids of a dataset's rows, both ways.
#[derive(Debug, Default)]
pub struct Ids {
    ids: Vec<ItemId>,
    rows: IdMap<ItemId, Row>,
}

/// Rows hashed by one task.
const TASK: usize = 4096;

/// The hash of all values of a row, each behind its length, so that values do not run together.
pub(super) fn content_of(frame: &Frame, row: usize, buffer: &mut Vec<u8>) -> u64 {
    buffer.clear();
    for column in frame.columns() {
        match column.show(row) {
            Some(value) => {
                // Media inside a file are known by their bytes: their row changes when the file is sorted.
                let value = media::content_part(column.kind(), &value);
                buffer.extend_from_slice(&(value.len() as u64).to_le_bytes());
                buffer.extend_from_slice(value.as_bytes());
            }
            None => buffer.extend_from_slice(&u64::MAX.to_le_bytes()),
        }
    }
    xxh3_64(buffer)
}

impl Ids {
    /// Ids as they stand in a column of that name, which a packet's items bring with them.
    fn from_written(column: &Column) -> Option<Self> {
        let mut made = Self::with_capacity(column.len());
        for row in 0..column.len() {
            let digits = column.show(row).filter(|digits| digits.len() == 16)?;
            let id = u64::from_str_radix(&digits, 16).ok()?;
            if made.push(ItemId(id)).is_some() {
                return None;
            }
        }
        Some(made)
    }

    /// Ids from a key column, whose values must all be there and differ.
    ///
    /// # Errors
    /// If a key is missing or stands twice; the error names the first such key and its rows, and counts the rest.
    pub fn from_key(column: &Column) -> Result<Self> {
        if column.name() == ITEM_COLUMN
            && let Some(made) = Self::from_written(column)
        {
            return Ok(made);
        }
        let mut made = Self::with_capacity(column.len());
        let (mut twice, mut missing) = (0usize, 0usize);
        let mut first = None;
        let id = |row: usize| column.show(row).map(|key| ItemId::of_key(&key));
        let ids: Vec<Option<ItemId>> = (0..column.len()).into_par_iter().with_min_len(TASK).map(id).collect();
        for (row, id) in ids.into_iter().enumerate() {
            let Some(id) = id else {
                missing += 1;
                first.get_or_insert_with(|| format!("row {} has no id", row + 1));
                continue;
            };
            if let Some(other) = made.push(id) {
                twice += 1;
                let key = column.show(row).unwrap_or_default();
                first.get_or_insert_with(|| format!("\"{key}\" stands in rows {} and {}", other.0 + 1, row + 1));
            }
        }
        let Some(first) = first else { return Ok(made) };
        Err(Error::input(format!("the id column is not unique ({twice} repeated, {missing} missing; {first})"))
            .at(column.name())
            .help(
                "choose a column whose values all differ, or leave the id empty: items are then known by their content",
            ))
    }

    /// Ids from the content of all columns. Rows of equal content are told apart by their order among each other.
    pub fn from_content(frame: &Frame) -> Self {
        let mut made = Self::with_capacity(frame.rows());
        let mut seen: IdMap<u64, u64> = IdMap::default();
        let contents: Vec<u64> = (0..frame.rows())
            .into_par_iter()
            .with_min_len(TASK)
            .map_init(Vec::new, |buffer, row| content_of(frame, row, buffer))
            .collect();
        for content in contents {
            loop {
                let count = seen.entry(content).or_insert(0);
                let id = if *count == 0 { content } else { content ^ count.wrapping_mul(0x9E37_79B9_7F4A_7C15) };
                *count += 1;
                if made.push(ItemId(id)).is_none() {
                    break;
                }
            }
        }
        made
    }

    fn with_capacity(rows: usize) -> Self {
        Self { ids: Vec::with_capacity(rows), rows: IdMap::with_capacity_and_hasher(rows, Default::default()) }
    }

    /// Appends an id; if it is already there, nothing is appended and the other row is returned.
    fn push(&mut self, id: ItemId) -> Option<Row> {
        let row = Row(self.ids.len() as u32);
        match self.rows.entry(id) {
            std::collections::hash_map::Entry::Occupied(other) => Some(*other.get()),
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(row);
                self.ids.push(id);
                None
            }
        }
    }

    /// The id of a row.
    pub fn id(&self, row: Row) -> Option<ItemId> {
        self.ids.get(row.index()).copied()
    }

    /// The row of an id, `None` if the source no longer has it.
    pub fn row(&self, id: ItemId) -> Option<Row> {
        self.rows.get(&id).copied()
    }

    /// All ids in row order.
    pub fn all(&self) -> &[ItemId] {
        &self.ids
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int64Array, LargeStringArray};

    use super::super::{Kind, Values};
    use super::*;

    #[test]
    fn a_repeated_key_is_refused_with_its_rows() {
        let column = Column::new("id", Values::Int(Int64Array::from(vec![Some(1), Some(2), Some(1), None])));
        let error = Ids::from_key(&column).unwrap_err();
        assert!(error.what().contains("\"1\" stands in rows 1 and 3"), "{error}");
        assert!(error.what().contains("1 repeated, 1 missing"), "{error}");
    }

    #[test]
    fn content_ids_follow_items_when_rows_move_and_tell_equal_rows_apart() {
        let ids = |texts: Vec<&str>| {
            let column = Column::text("t", Kind::Text, LargeStringArray::from(texts));
            Ids::from_content(&Frame::new(vec![Arc::new(column)]))
        };
        let (one, two) = (ids(vec!["a", "b", "b"]), ids(vec!["b", "a", "b"]));
        assert_eq!(one.id(Row(0)), two.id(Row(1)));
        assert_eq!(one.all().len(), 3);
        assert_ne!(one.id(Row(1)), one.id(Row(2)));
        assert_eq!(one.row(one.all()[2]), Some(Row(2)));
    }
}
