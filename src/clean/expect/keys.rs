//! Values as numbers that are equal exactly where the values are, to count distinct and repeated ones.

use arrow_buffer::BooleanBuffer;
use rayon::prelude::*;
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::rows::chunks;
use crate::data::{Column, Values};
use crate::engine::{IdMap, Result, Work};

/// The key of a missing value in a row of several.
const MISSING: u128 = u128::MAX - 1;

/// The key of a cell: the value itself, or 128 bits of XXH3 of a text. `None` without a value.
#[inline]
pub(super) fn key(column: &Column, row: usize) -> Option<u128> {
    if column.is_null(row) {
        return None;
    }
    Some(match column.values() {
        Values::Text(values) => xxh3_128(values.value(row).as_bytes()),
        Values::Int(values) => values.value(row) as u64 as u128,
        Values::Time(values) => values.value(row) as u64 as u128,
        Values::Bool(values) => u128::from(values.value(row)),
        // Both zeros are equal, and so are all that are not numbers.
        Values::Float(values) => {
            let value = values.value(row);
            u128::from((if value.is_nan() { f64::NAN } else { value + 0.0 }).to_bits())
        }
    })
}

/// The key of several cells of a row together.
pub(super) fn joint_key(columns: &[&Column], row: usize) -> u128 {
    let mut hash = Xxh3::new();
    for column in columns {
        hash.update(&key(column, row).unwrap_or(MISSING).to_le_bytes());
    }
    hash.digest128()
}

/// A value that occurs: its key, how often, and the first row that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) key: u128,
    pub(super) count: u64,
    pub(super) first: u32,
}

/// Keys are spread over this many tables, so that these fit into the cache and fill side by side.
const TABLES: usize = 64;

/// The keys of rows, by table, in the order of the rows.
struct Spread(Vec<Vec<Vec<(u128, u32)>>>);

impl Spread {
    fn of(
        rows: usize,
        mask: Option<&BooleanBuffer>,
        work: &Work,
        key: impl Fn(usize) -> Option<u128> + Sync,
    ) -> Result<Self> {
        let parts = chunks(rows, mask, work, |rows| {
            let mut tables = vec![Vec::new(); TABLES];
            for row in rows {
                if let Some(key) = key(row) {
                    tables[table(key)].push((key, row as u32));
                }
            }
            tables
        })?;
        Ok(Self(parts))
    }

    /// Calls `take` for each table with its groups, side by side, and returns what it gives in the order of the tables.
    fn each<R: Send>(&self, work: &Work, take: impl Fn(usize, IdMap<u128, Group>) -> R + Sync) -> Result<Vec<R>> {
        let of_table = |table: usize| {
            work.check()?;
            let mut groups: IdMap<u128, Group> = IdMap::default();
            for &(key, row) in self.rows(table) {
                groups.entry(key).or_insert(Group { key, count: 0, first: row }).count += 1;
            }
            Ok(take(table, groups))
        };
        (0..TABLES).into_par_iter().map(of_table).collect()
    }

    fn rows(&self, table: usize) -> impl Iterator<Item = &(u128, u32)> {
        self.0.iter().filter_map(move |part| part.get(table)).flatten()
    }
}

/// Numbers that stand close together go to different tables.
fn table(key: u128) -> usize {
    let folded = (key as u64) ^ ((key >> 64) as u64);
    (folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58) as usize % TABLES
}

/// The values that occur, in the order of their first row; rows for which `key` gives none are left out.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn groups(
    rows: usize,
    mask: Option<&BooleanBuffer>,
    work: &Work,
    key: impl Fn(usize) -> Option<u128> + Sync,
) -> Result<Vec<Group>> {
    let spread = Spread::of(rows, mask, work, key)?;
    let mut groups = spread.each(work, |_, groups| groups.into_values().collect::<Vec<_>>())?.concat();
    groups.sort_unstable_by_key(|group| group.first);
    Ok(groups)
}

/// How many different values occur.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn distinct(column: &Column, mask: Option<&BooleanBuffer>, work: &Work) -> Result<usize> {
    let spread = Spread::of(column.len(), mask, work, |row| key(column, row))?;
    Ok(spread.each(work, |_, groups| groups.len())?.into_iter().sum())
}

/// The rows whose key occurs more than once, as one truth value a row.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn repeated(
    rows: usize,
    mask: Option<&BooleanBuffer>,
    work: &Work,
    key: impl Fn(usize) -> Option<u128> + Sync,
) -> Result<Vec<bool>> {
    let spread = Spread::of(rows, mask, work, key)?;
    let found = spread.each(work, |table, groups| {
        let is_repeated = |key: &u128| groups.get(key).is_some_and(|group| group.count > 1);
        let any = groups.values().any(|group| group.count > 1);
        let rows = spread.rows(table).filter(|(key, _)| any && is_repeated(key));
        rows.map(|(_, row)| *row).collect::<Vec<u32>>()
    })?;
    let mut repeated = vec![false; rows];
    for row in found.into_iter().flatten() {
        if let Some(flag) = repeated.get_mut(row as usize) {
            *flag = true;
        }
    }
    Ok(repeated)
}

/// Keys to be looked for among those of many rows.
pub(super) struct Known(Vec<u128>);

impl Known {
    pub(super) fn of(keys: impl IntoIterator<Item = u128>) -> Self {
        let mut keys: Vec<u128> = keys.into_iter().collect();
        keys.sort_unstable();
        keys.dedup();
        Self(keys)
    }

    #[inline]
    pub(super) fn holds(&self, key: u128) -> bool {
        const FEW: usize = 8;
        if self.0.len() <= FEW { self.0.contains(&key) } else { self.0.binary_search(&key).is_ok() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_grouped_in_the_order_of_their_first_rows() {
        let rows = 40_000;
        // Every third row has no key; the last key occurs once.
        let key =
            |row: usize| (!row.is_multiple_of(3)).then_some(if row == 39_998 { 7_777 } else { (row % 5) as u128 * 3 });
        let mut expected: Vec<Group> = Vec::new();
        for row in 0..rows {
            let Some(key) = key(row) else { continue };
            match expected.iter_mut().find(|group| group.key == key) {
                Some(group) => group.count += 1,
                None => expected.push(Group { key, count: 1, first: row as u32 }),
            }
        }
        assert_eq!(groups(rows, None, &Work::new(), key).unwrap(), expected);
        let again = repeated(rows, None, &Work::new(), key).unwrap();
        assert!((0..rows).all(|row| again[row] == (row % 3 > 0 && row != 39_998)));
        let mask = BooleanBuffer::collect_bool(rows, |row| row == 1 || row == 2);
        assert_eq!(groups(rows, Some(&mask), &Work::new(), key).unwrap().len(), 2);
        assert!(!repeated(rows, Some(&mask), &Work::new(), key).unwrap().contains(&true));
    }

    #[test]
    fn keys_are_known_however_many_there_are() {
        for count in [0, 1, 8, 9, 100] {
            let known = Known::of((0..count).map(|key| key * 2));
            assert!((0..count).all(|key| known.holds(key * 2) && !known.holds(key * 2 + 1)), "{count}");
        }
    }
}
