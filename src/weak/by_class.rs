//! What functions do class by class: how many rows get a vote for it, how many of these are contested, and how the rows
//! that are known to be of it fare.

use serde::Serialize;

use super::models::Gold;
use super::{ABSTAIN, Patterns, Votes};
use crate::engine::{Result, Work};

/// The figures of one class. All are counts of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ClassFigures {
    /// Rows on which a function votes for the class alone.
    pub covered: u64,
    /// Those of them on which another function votes, too.
    pub overlapped: u64,
    /// Those of them on which votes conflict.
    pub conflicted: u64,
    /// Rows that are known to be of the class.
    pub known: u64,
    /// Those of them on which any function votes.
    pub known_covered: u64,
    /// Those of them on which a function votes for the class alone.
    pub known_found: u64,
}

/// The figures of each class; `gold` holds one known label a row, `None` where there is none.
///
/// # Errors
/// If `gold` has another length than the votes, or the work was cancelled.
pub fn by_class(votes: &Votes, gold: &[Option<u16>], work: &Work) -> Result<Vec<ClassFigures>> {
    let patterns = Patterns::of(votes, work)?;
    let mut figures = vec![ClassFigures::default(); votes.classes()];
    let mut named = vec![false; votes.classes()];
    let name = |pattern: usize, named: &mut Vec<bool>| {
        named.fill(false);
        for &vote in patterns.votes(pattern) {
            let hard = patterns.meaning(vote).map_or(vote, |meaning| meaning.hard());
            if let Some(slot) = usize::try_from(hard).ok().and_then(|class| named.get_mut(class)) {
                *slot = true;
            }
        }
    };
    for (pattern, &count) in patterns.counts().iter().enumerate() {
        if pattern % 4096 == 0 {
            work.check()?;
        }
        name(pattern, &mut named);
        let several = patterns.votes(pattern).iter().filter(|vote| **vote != ABSTAIN).count() > 1;
        let conflicts = patterns.conflicts(pattern);
        for (figures, _) in figures.iter_mut().zip(&named).filter(|(_, named)| **named) {
            figures.covered += count;
            figures.overlapped += if several { count } else { 0 };
            figures.conflicted += if conflicts { count } else { 0 };
        }
    }
    for &(pattern, class, count) in Gold::of_rows(&patterns, gold)?.entries() {
        name(pattern as usize, &mut named);
        let (class, covered) = (usize::from(class), patterns.is_covered(pattern as usize));
        if let Some(figures) = figures.get_mut(class) {
            figures.known += count;
            figures.known_covered += if covered { count } else { 0 };
            figures.known_found += if named[class] { count } else { 0 };
        }
    }
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weak::VoteColumn;

    #[test]
    fn rows_are_counted_by_the_classes_they_get_and_have() {
        let column = |name: &str, votes: &[i16]| VoteColumn { name: name.into(), votes: votes.to_vec().into() };
        let votes = vec![column("a", &[0, 0, 0, -1, -1]), column("b", &[-1, 0, 1, 1, -1])];
        let votes = Votes::new(5, 2, votes).unwrap();
        let gold = [Some(0), None, Some(1), Some(0), Some(1)];
        let found = by_class(&votes, &gold, &Work::new()).unwrap();
        let told = |class: usize| {
            let f = found[class];
            [f.covered, f.overlapped, f.conflicted, f.known, f.known_covered, f.known_found]
        };
        assert_eq!(told(0), [3, 2, 1, 2, 2, 1]);
        assert_eq!(told(1), [2, 1, 1, 2, 1, 1]);
        assert!(by_class(&votes, &[None], &Work::new()).is_err());
    }
}
