//! Training, validation and test: each item's part, so that near relatives never stand on two sides.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::data::ItemId;

/// The parts' names, in the order of their share: 80, 10 and 10 per cent.
pub const SPLITS: [&str; 3] = ["train", "validation", "test"];

/// The part of each item, as an index into [`SPLITS`]. It depends on the item's id and the seed alone, so an item stays
/// in its part when others are added. Members of one group (duplicates) go where the group's first item goes:
/// `leader[row]` is the row that leads its group, the row itself outside of groups.
pub fn splits(ids: &[ItemId], leader: &[u32], seed: u64) -> Vec<u8> {
    let part = |id: ItemId| match xxh3_64_with_seed(&id.0.to_le_bytes(), seed) % 100 {
        0..80 => 0,
        80..90 => 1,
        _ => 2,
    };
    ids.iter()
        .enumerate()
        .map(|(row, &id)| part(leader.get(row).and_then(|&first| ids.get(first as usize)).copied().unwrap_or(id)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_as_stated_and_groups_stay_together() {
        let ids: Vec<_> = (0..10_000).map(ItemId).collect();
        let mut leader: Vec<u32> = (0..10_000).collect();
        leader[77] = 5;
        let parts = splits(&ids, &leader, 0);
        let share = |part: u8| parts.iter().filter(|&&other| other == part).count() as f64 / 10_000.0;
        assert!((share(0) - 0.8).abs() < 0.02 && (share(1) - 0.1).abs() < 0.01 && (share(2) - 0.1).abs() < 0.01);
        assert_eq!(parts[77], parts[5]);
        assert_eq!(splits(&ids[..100], &leader[..100], 0), parts[..100], "others do not matter");
    }
}
