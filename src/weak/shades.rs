//! Votes that are not one class for certain: with a confidence, against a class, for one of several.
//!
//! All are one thing: *the row is of one of these classes, said with this confidence*. A soft vote names one class, a
//! vote against a class names all others, a list names its members. Most functions never cast one, so the votes of a
//! function stay one number a row ([`VoteColumn::votes`](super::VoteColumn)), which holds the class where a vote names
//! one only and abstains where it names several; what is beyond it stands beside, in [`Shades`].

use std::collections::HashMap;

use super::ABSTAIN;

/// Confidences are kept in twentieths, so that rows with nearly the same votes are one pattern.
const STEPS: u8 = 20;

/// The most different ones that a function may cast.
pub(crate) const MOST_MEANINGS: usize = 1000;

/// What a vote says beyond one class for certain. At least one class is named and at least one is not.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Meaning {
    classes: Vec<u16>,
    steps: u8,
}

/// What a function says of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A class, or [`ABSTAIN`].
    Vote(i16),
    /// Something beyond.
    Shaded(Meaning),
}

impl Said {
    /// What "one of these classes, with this confidence" (0-1, rounded to twentieths) amounts to where there are `of`
    /// classes: naming none or all of them says nothing, as does no confidence; one for certain is a plain vote.
    pub fn of(mut classes: Vec<u16>, confidence: f64, of: usize) -> Self {
        classes.retain(|class| usize::from(*class) < of);
        classes.sort_unstable();
        classes.dedup();
        let steps = (confidence.clamp(0.0, 1.0) * f64::from(STEPS)).round() as u8;
        match classes.as_slice() {
            _ if steps == 0 || classes.len() >= of && of > 1 => Self::Vote(ABSTAIN),
            [] => Self::Vote(ABSTAIN),
            [class] if steps == STEPS => Self::Vote(i16::try_from(*class).unwrap_or(ABSTAIN)),
            _ => Self::Shaded(Meaning { classes, steps }),
        }
    }

    /// As one number: the class if only one is named, however sure; else [`ABSTAIN`].
    pub fn hard(&self) -> i16 {
        match self {
            Self::Vote(vote) => *vote,
            Self::Shaded(meaning) => meaning.hard(),
        }
    }

    /// Whether anything is said.
    pub fn is_cast(&self) -> bool {
        !matches!(self, Self::Vote(ABSTAIN))
    }

    /// The classes that are named, with how sure; none where nothing is said.
    pub fn parts(&self) -> (Vec<u16>, f64) {
        match self {
            Self::Vote(vote) => (u16::try_from(*vote).into_iter().collect(), 1.0),
            Self::Shaded(meaning) => (meaning.classes.clone(), meaning.confidence()),
        }
    }
}

impl Meaning {
    /// The classes that are named, ascending.
    pub fn classes(&self) -> &[u16] {
        &self.classes
    }

    /// How sure the vote is, above 0, at most 1.
    pub fn confidence(&self) -> f64 {
        f64::from(self.steps) / f64::from(STEPS)
    }

    /// Whether a class is among those named.
    pub fn names(&self, class: usize) -> bool {
        u16::try_from(class).is_ok_and(|class| self.classes.binary_search(&class).is_ok())
    }

    /// The class if only one is named, else [`ABSTAIN`].
    pub fn hard(&self) -> i16 {
        match self.classes.as_slice() {
            [class] => i16::try_from(*class).unwrap_or(ABSTAIN),
            _ => ABSTAIN,
        }
    }

    /// The class that is left out, where all others of so many are named.
    pub fn left_out(&self, of: usize) -> Option<usize> {
        let all_but_one = self.classes.len() > 1 && self.classes.len() + 1 == of;
        (0..of).find(|class| !self.names(*class)).filter(|_| all_but_one)
    }

    /// The classes in words, as columns of votes hold them: `spam`, `not spam` where all others are named, else `a | b`.
    pub fn show(&self, classes: &[String]) -> String {
        let name = |class: usize| classes.get(class).map_or("?", String::as_str);
        match self.left_out(classes.len()) {
            Some(class) => format!("not {}", name(class)),
            None => self.classes.iter().map(|&class| name(usize::from(class))).collect::<Vec<_>>().join(" | "),
        }
    }
}

/// The votes of one function that are not one class for certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shades {
    /// The different ones, sorted.
    meanings: Vec<Meaning>,
    /// For each row 0 where it holds no such vote, else 1 more than the position in `meanings`.
    of_row: Vec<u16>,
}

impl Shades {
    /// The same vote on the rows for which `hit` says so.
    pub(crate) fn one(meaning: Meaning, hit: impl Iterator<Item = bool>) -> Self {
        Self { meanings: vec![meaning], of_row: hit.map(u16::from).collect() }
    }

    /// The different ones, sorted.
    pub fn meanings(&self) -> &[Meaning] {
        &self.meanings
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.of_row.len()
    }

    /// What a row holds, if it is not a plain vote.
    pub fn row(&self, row: usize) -> Option<&Meaning> {
        self.meanings.get(usize::from(*self.of_row.get(row)?).checked_sub(1)?)
    }

    /// For each row 0, or 1 more than the position in [`meanings`](Self::meanings).
    pub(super) fn of_row(&self) -> &[u16] {
        &self.of_row
    }

    /// Those of some rows, in their order.
    pub(super) fn of_rows(&self, rows: &[u32]) -> Self {
        let of_row = rows.iter().map(|&row| self.of_row.get(row as usize).copied().unwrap_or(0)).collect();
        Self { meanings: self.meanings.clone(), of_row }
    }

    /// The bytes held.
    pub fn bytes(&self) -> usize {
        size_of_val(self.of_row.as_slice()) + self.meanings.len() * size_of::<Meaning>()
    }
}

/// Collects votes of consecutive rows.
#[derive(Debug, Default)]
pub(crate) struct Shading {
    numbers: HashMap<Meaning, u32>,
    rows: Vec<(u32, u32)>,
}

impl Shading {
    /// Notes what a row holds.
    pub fn add(&mut self, row: usize, meaning: Meaning) {
        let next = self.numbers.len() as u32;
        let number = *self.numbers.entry(meaning).or_insert(next);
        self.rows.push((row as u32, number));
    }

    /// Joins what was collected of parts, each with the row where it begins; `None` without any such vote. Beyond
    /// [`MOST_MEANINGS`] different ones, the last in order are left out; their rows are given back, for abstaining.
    pub fn join(parts: Vec<(usize, Self)>, rows: usize) -> (Option<Shades>, Vec<usize>) {
        let mut meanings: Vec<Meaning> = parts.iter().flat_map(|(_, part)| part.numbers.keys().cloned()).collect();
        meanings.sort_unstable();
        meanings.dedup();
        if meanings.is_empty() {
            return (None, Vec::new());
        }
        meanings.truncate(MOST_MEANINGS);
        let (mut of_row, mut left_out) = (vec![0u16; rows], Vec::new());
        for (from, part) in parts {
            let mut place = vec![None; part.numbers.len()];
            for (meaning, number) in &part.numbers {
                place[*number as usize] = meanings.binary_search(meaning).ok();
            }
            for (row, number) in part.rows {
                let row = from + row as usize;
                match (place.get(number as usize).copied().flatten(), of_row.get_mut(row)) {
                    (Some(place), Some(slot)) => *slot = place as u16 + 1,
                    _ => left_out.push(row),
                }
            }
        }
        (Some(Shades { meanings, of_row }), left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_no_more_than_a_vote_is_one() {
        let check = |classes: &[u16], confidence: f64, of: usize, expected: Result<i16, (&[u16], f64)>| {
            let found = Said::of(classes.to_vec(), confidence, of);
            match expected {
                Ok(vote) => assert_eq!(found, Said::Vote(vote), "{classes:?} {confidence} of {of}"),
                Err((classes, confidence)) => {
                    assert_eq!(found.parts(), (classes.to_vec(), confidence));
                    assert!(found.is_cast());
                }
            }
        };
        check(&[1], 1.0, 3, Ok(1));
        check(&[1], 0.98, 3, Ok(1));
        check(&[1], 0.01, 3, Ok(-1));
        check(&[], 1.0, 3, Ok(-1));
        check(&[2, 0, 1], 1.0, 3, Ok(-1));
        check(&[0], 1.0, 1, Ok(0));
        check(&[2, 0, 2], 1.0, 3, Err((&[0, 2], 1.0)));
        check(&[1], 0.7, 2, Err((&[1], 0.7)));
        assert_eq!(Said::of(vec![1], 0.7, 2).hard(), 1);
        assert_eq!(Said::of(vec![0, 1], 1.0, 3).hard(), -1);
    }

    #[test]
    fn votes_are_shown_by_their_classes() {
        let names = ["a", "b", "c", "d"].map(str::to_owned);
        let check = |classes: &[u16], expected: &str| {
            let Said::Shaded(meaning) = Said::of(classes.to_vec(), 0.5, 4) else { panic!("{classes:?}") };
            assert_eq!(meaning.show(&names), expected);
        };
        check(&[1], "b");
        check(&[0, 2, 3], "not b");
        check(&[0, 2], "a | c");
    }

    #[test]
    fn parts_join_to_the_same_whatever_their_length() {
        let shaded = |classes: &[u16], confidence| match Said::of(classes.to_vec(), confidence, 3) {
            Said::Shaded(meaning) => meaning,
            Said::Vote(vote) => panic!("{vote}"),
        };
        let rows = [(1, shaded(&[2], 0.5)), (2, shaded(&[0, 1], 1.0)), (4, shaded(&[2], 0.5)), (5, shaded(&[0], 0.2))];
        let of = |length: usize| {
            let mut parts: Vec<(usize, Shading)> = (0..6).step_by(length).map(|at| (at, Shading::default())).collect();
            for (row, meaning) in &rows {
                parts[row / length].1.add(row % length, meaning.clone());
            }
            let (shades, left_out) = Shading::join(parts, 6);
            assert_eq!(left_out, [0usize; 0]);
            shades.unwrap()
        };
        let whole = of(6);
        assert_eq!((whole.meanings().len(), whole.row(0), whole.row(4)), (3, None, Some(&rows[0].1)));
        assert!((1..6).all(|length| of(length) == whole));
        assert_eq!(Shading::join(vec![(0, Shading::default())], 3), (None, vec![]));
    }
}
