//! Rows looked at side by side: how many are as expected, missing or not as expected.

use arrow_buffer::BooleanBuffer;
use rayon::prelude::*;

use super::SAMPLE;
use crate::engine::{Result, Work};

/// The rows that one thread looks at between two looks at the clock.
pub(super) const CHUNK: usize = 1 << 13;

/// What a row says to an expectation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There is nothing to judge.
    Missing,
    /// As expected.
    Expected,
    /// Not as expected.
    Unexpected,
}

impl Verdict {
    pub(super) fn of(expected: bool) -> Self {
        if expected { Self::Expected } else { Self::Unexpected }
    }
}

/// Counts over rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// The rows that were looked at.
    pub(super) rows: u64,
    /// Those with nothing to judge.
    pub(super) missing: u64,
    /// Those that are not as expected.
    pub(super) unexpected: u64,
    /// The first of these.
    pub(super) sample: Vec<u32>,
}

/// Judges `rows` rows, within `mask` if one is given.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn tally(
    rows: usize,
    mask: Option<&BooleanBuffer>,
    work: &Work,
    judge: impl Fn(usize) -> Verdict + Sync,
) -> Result<Tally> {
    let parts = chunks(rows, mask, work, |rows| {
        let mut part = Tally::default();
        for row in rows {
            part.rows += 1;
            match judge(row) {
                Verdict::Expected => {}
                Verdict::Missing => part.missing += 1,
                Verdict::Unexpected => {
                    part.unexpected += 1;
                    if part.sample.len() < SAMPLE {
                        part.sample.push(row as u32);
                    }
                }
            }
        }
        part
    })?;
    let mut all = Tally::default();
    for part in parts {
        all.rows += part.rows;
        all.missing += part.missing;
        all.unexpected += part.unexpected;
        all.sample.extend(part.sample);
    }
    all.sample.truncate(SAMPLE);
    Ok(all)
}

/// Calls `take` with chunks of the rows of the mask, in parallel, and returns what it gives in the order of the rows.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn chunks<R: Send>(
    rows: usize,
    mask: Option<&BooleanBuffer>,
    work: &Work,
    take: impl Fn(&mut dyn Iterator<Item = usize>) -> R + Sync,
) -> Result<Vec<R>> {
    let each = |part: usize| {
        work.check()?;
        let range = part * CHUNK..((part + 1) * CHUNK).min(rows);
        let is_in = |row: &usize| mask.is_none_or(|mask| *row < mask.len() && mask.value(*row));
        Ok(take(&mut range.filter(is_in)))
    };
    (0..rows.div_ceil(CHUNK)).into_par_iter().map(each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_within_the_mask_and_the_first_are_kept() {
        let judge = |row: usize| match row % 3 {
            0 => Verdict::Missing,
            1 => Verdict::Unexpected,
            _ => Verdict::Expected,
        };
        let all = tally(30_000, None, &Work::new(), judge).unwrap();
        assert_eq!((all.rows, all.missing, all.unexpected), (30_000, 10_000, 10_000));
        assert_eq!(all.sample, (0..20).map(|n| n * 3 + 1).collect::<Vec<u32>>());
        let mask = BooleanBuffer::collect_bool(30_000, |row| row >= 29_999);
        let last = tally(30_000, Some(&mask), &Work::new(), judge).unwrap();
        assert_eq!(last, Tally { rows: 1, missing: 0, unexpected: 0, sample: vec![] });
        assert_eq!(tally(0, None, &Work::new(), judge).unwrap(), Tally::default());
        let work = Work::new();
        work.cancel();
        assert!(tally(9, None, &work, judge).unwrap_err().is_cancelled());
    }
}
