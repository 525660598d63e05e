//! What an edit of functions changed: two vote matrices over the same rows, function by function.

use serde::Serialize;

use super::{ABSTAIN, Meaning, Shades, Votes};

/// How the votes of one function differ between two states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FunctionChange {
    /// The function's name.
    pub name: String,
    /// True if it is in both states; a function that came or went counts all its votes.
    pub in_both: bool,
    /// Rows on which it votes now and did not before.
    pub gained: u64,
    /// Rows on which it voted before and does not now.
    pub lost: u64,
    /// Rows on which it votes for another class than before.
    pub flipped: u64,
    /// The first of these rows.
    pub examples: Vec<u32>,
}

impl FunctionChange {
    /// All rows on which its vote is another.
    pub fn rows(&self) -> u64 {
        self.gained + self.lost + self.flipped
    }
}

/// Rows that are given as examples of a change.
const EXAMPLES: usize = 200;

/// What changed from one state to the next, function by function: those of the later state in its order, then those that
/// went. Functions without any change are left out. Classes go by their index, which must mean the same in both.
pub fn changes(before: &Votes, after: &Votes) -> Vec<FunctionChange> {
    let find = |votes: &Votes, name: &str| votes.columns().iter().position(|column| column.name == name);
    let mut found = Vec::new();
    for (at, column) in after.columns().iter().enumerate() {
        let old = find(before, &column.name).map(|at| (before, at));
        found.push(compare(&column.name, old, Some((after, at))));
    }
    for (at, column) in before.columns().iter().enumerate().filter(|(_, column)| find(after, &column.name).is_none()) {
        found.push(compare(&column.name, Some((before, at)), None));
    }
    found.retain(|change| change.rows() > 0 || !change.in_both);
    found
}

/// What a function says of a row: a class, and what it is beyond one class for certain.
type Told<'v> = (i16, Option<&'v Meaning>);

fn compare(name: &str, before: Option<(&Votes, usize)>, after: Option<(&Votes, usize)>) -> FunctionChange {
    let in_both = before.is_some() && after.is_some();
    let mut change =
        FunctionChange { name: name.to_owned(), in_both, gained: 0, lost: 0, flipped: 0, examples: Vec::new() };
    let rows = before.map_or(0, |(votes, _)| votes.rows()).max(after.map_or(0, |(votes, _)| votes.rows()));
    let (before, after) = (before.map(column), after.map(column));
    for row in 0..rows {
        let (old, new) = (told(before, row), told(after, row));
        if old == new {
            continue;
        }
        match (old, new) {
            ((ABSTAIN, None), _) => change.gained += 1,
            (_, (ABSTAIN, None)) => change.lost += 1,
            _ => change.flipped += 1,
        }
        if change.examples.len() < EXAMPLES {
            change.examples.push(row as u32);
        }
    }
    change
}

fn column((votes, at): (&Votes, usize)) -> (&[i16], Option<&Shades>) {
    let plain = votes.columns().get(at).map_or(&[][..], |column| column.votes.as_slice());
    (plain, votes.shades(at).map(AsRef::as_ref))
}

fn told<'v>(column: Option<(&[i16], Option<&'v Shades>)>, row: usize) -> Told<'v> {
    let Some((plain, shades)) = column else { return (ABSTAIN, None) };
    (plain.get(row).copied().unwrap_or(ABSTAIN), shades.and_then(|shades| shades.row(row)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weak::VoteColumn;

    #[test]
    fn changes_are_told_function_by_function() {
        let votes = |columns: &[(&str, &[i16])]| {
            let columns = columns
                .iter()
                .map(|(name, votes)| VoteColumn { name: (*name).into(), votes: votes.to_vec().into() })
                .collect();
            Votes::new(4, 2, columns).unwrap()
        };
        let before = votes(&[("a", &[0, 0, -1, 1]), ("same", &[0, -1, -1, -1]), ("gone", &[1, -1, -1, -1])]);
        let after = votes(&[("same", &[0, -1, -1, -1]), ("a", &[1, -1, 0, 1]), ("new", &[-1, -1, 0, 0])]);
        let found = changes(&before, &after);
        let told: Vec<_> = found.iter().map(|c| (c.name.as_str(), c.in_both, c.gained, c.lost, c.flipped)).collect();
        assert_eq!(told, [("a", true, 1, 1, 1), ("new", false, 2, 0, 0), ("gone", false, 0, 1, 0)]);
        assert_eq!((found[0].examples.as_slice(), found[0].rows()), (&[0, 1, 2][..], 3));
        assert!(changes(&before, &before).is_empty());
    }
}
