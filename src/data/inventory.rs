//! The inventory: which items a source held when a project last took it over, so that a later change of the source can
//! be told item by item.
//!
//! It is kept beside the store, not in the cache: once the source has changed, it cannot be made again.

use std::collections::HashMap;
use std::path::Path;

use rayon::prelude::*;

use super::{Frame, Ids, ItemId};
use crate::engine::{Error, Result, Work, files};

/// The first bytes of the file, its version included.
const MAGIC: &[u8; 8] = b"lapinv1\n";

/// Bytes of an entry: the id and the hash of the content, both little-endian.
const ENTRY: usize = 16;

/// The items of a source: id, and hash of all its values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory(Vec<(ItemId, u64)>);

/// What became of one row since an [`Inventory`] was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowChange {
    /// The item was there and is as it was.
    Same,
    /// The item was not there.
    Added,
    /// The item was there under the same key, with other values.
    Changed,
}

impl RowChange {
    /// The name in the filter language; `None` for a row that is as it was.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Same => None,
            Self::Added => Some("added"),
            Self::Changed => Some("changed"),
        }
    }
}

/// How a source differs from an [`Inventory`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceChange {
    /// What became of each row.
    pub rows: Vec<RowChange>,
    /// The items that are no longer there, in their old order.
    pub removed: Vec<ItemId>,
}

impl SourceChange {
    /// The number of rows to which `change` happened.
    pub fn count(&self, change: RowChange) -> usize {
        self.rows.iter().filter(|&&row| row == change).count()
    }

    /// True if the source differs in more than the order of its rows.
    pub fn is_any(&self) -> bool {
        !self.removed.is_empty() || self.rows.iter().any(|&row| row != RowChange::Same)
    }
}

impl Inventory {
    /// The inventory of a dataset. A row whose content changed under a key keeps its id and gets another hash.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn of(frame: &Frame, ids: &Ids, work: &Work) -> Result<Self> {
        const CHUNK: usize = 4096;
        work.stage("noting items", frame.rows() as u64);
        let chunks: Result<Vec<Vec<(ItemId, u64)>>> = ids
            .all()
            .par_chunks(CHUNK)
            .enumerate()
            .map(|(chunk, ids)| {
                work.advance(ids.len() as u64)?;
                let mut buffer = Vec::new();
                let content = |at| super::ids::content_of(frame, chunk * CHUNK + at, &mut buffer);
                let contents: Vec<u64> = (0..ids.len()).map(content).collect();
                Ok(ids.iter().copied().zip(contents).collect())
            })
            .collect();
        Ok(Self(chunks?.concat()))
    }

    /// How `now` differs from this inventory.
    pub fn compare(&self, now: &Self, ids: &Ids) -> SourceChange {
        let before: HashMap<ItemId, u64> = self.0.iter().copied().collect();
        let change = |(id, content): &(ItemId, u64)| match before.get(id) {
            None => RowChange::Added,
            Some(old) if old == content => RowChange::Same,
            Some(_) => RowChange::Changed,
        };
        let removed = self.0.iter().map(|(id, _)| *id).filter(|&id| ids.row(id).is_none()).collect();
        SourceChange { rows: now.0.iter().map(change).collect(), removed }
    }

    /// Reads an inventory; `None` if there is none.
    ///
    /// # Errors
    /// If the file cannot be read or is damaged.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("cannot read the list of items", path, &error)),
        };
        let entries = bytes.strip_prefix(MAGIC).filter(|rest| rest.len() % ENTRY == 0).ok_or_else(|| {
            Error::input("the list of items is damaged")
                .at(path.display())
                .help("remove the file: the next opening takes the data as it is then")
        })?;
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0u64, |all, &byte| all << 8 | u64::from(byte));
        let entry = |bytes: &[u8]| {
            let (id, content) = bytes.split_at(ENTRY / 2);
            (ItemId(number(id)), number(content))
        };
        Ok(Some(Self(entries.chunks_exact(ENTRY).map(entry).collect())))
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// If the disk does not allow it.
    pub fn write(&self, path: &Path) -> Result<()> {
        files::write_whole(path, |out| {
            let bytes = self.0.iter().flat_map(|(id, content)| [id.0.to_le_bytes(), content.to_le_bytes()]);
            let bytes: Vec<u8> = MAGIC.iter().copied().chain(bytes.flatten()).collect();
            out.write_all(&bytes).map_err(|error| Error::io("cannot write the list of items", path, &error))
        })
    }

    /// The number of items.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True without items.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int64Array, LargeStringArray};

    use super::super::{Column, Kind, Values};
    use super::*;

    fn data(keyed: bool, rows: &[(i64, &str)]) -> (Ids, Inventory) {
        let key = Column::new("id", Values::Int(rows.iter().map(|row| Some(row.0)).collect::<Int64Array>()));
        let text = LargeStringArray::from_iter_values(rows.iter().map(|row| row.1));
        let text = Column::text("text", Kind::Text, text);
        let frame =
            if keyed { Frame::new(vec![Arc::new(key), Arc::new(text)]) } else { Frame::new(vec![Arc::new(text)]) };
        let ids = if keyed { Ids::from_key(&frame.columns()[0]).unwrap() } else { Ids::from_content(&frame) };
        let inventory = Inventory::of(&frame, &ids, &Work::new()).unwrap();
        (ids, inventory)
    }

    #[test]
    fn a_change_of_the_source_is_told_item_by_item() {
        use RowChange::{Added, Changed, Same};
        let check = |keyed, before: &[(i64, &str)], after: &[(i64, &str)], rows: &[RowChange], removed: usize| {
            let ((_, before), (ids, after)) = (data(keyed, before), data(keyed, after));
            let change = before.compare(&after, &ids);
            assert_eq!((change.rows.as_slice(), change.removed.len()), (rows, removed));
            assert_eq!(change.is_any(), removed > 0 || rows.iter().any(|row| *row != Same));
        };
        let old = [(1, "a"), (2, "b"), (3, "c")];
        check(true, &old, &old, &[Same; 3], 0);
        check(true, &old, &[(3, "c"), (1, "a"), (2, "b")], &[Same; 3], 0);
        check(true, &old, &[(3, "C"), (4, "d"), (1, "a")], &[Changed, Added, Same], 1);
        // Without a key, an item is its content: a changed one is another item.
        check(false, &old, &[(3, "C"), (1, "a"), (2, "b")], &[Added, Same, Same], 1);
        check(true, &[], &[(1, "a")], &[Added], 0);
        check(true, &[(1, "a")], &[], &[], 1);
    }

    #[test]
    fn it_is_written_and_read_and_damage_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("items.bin");
        assert_eq!(Inventory::read(&path).unwrap(), None);
        let (_, inventory) = data(true, &[(1, "a"), (-2, "한국어")]);
        inventory.write(&path).unwrap();
        assert_eq!(Inventory::read(&path).unwrap(), Some(inventory));
        let bytes = std::fs::read(&path).unwrap();
        for broken in [&bytes[..bytes.len() - 1], b"", b"lapinv2\n"] {
            std::fs::write(&path, broken).unwrap();
            assert!(Inventory::read(&path).unwrap_err().what().contains("damaged"));
        }
    }
}
