//! Sets of rows.

/// A set of rows, one bit for each.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// No rows.
    pub(super) fn none(rows: usize) -> Self {
        Self { words: vec![0; rows.div_ceil(64)] }
    }

    /// All rows.
    #[cfg(test)]
    pub(super) fn all(rows: usize) -> Self {
        let mut words = vec![u64::MAX; rows.div_ceil(64)];
        if let (Some(last), rest @ 1..) = (words.last_mut(), rows % 64) {
            *last = (1 << rest) - 1;
        }
        Self { words }
    }

    #[inline]
    pub(super) fn insert(&mut self, row: usize) {
        if let Some(word) = self.words.get_mut(row / 64) {
            *word |= 1 << (row % 64);
        }
    }

    /// Leaves only rows that are in the other set too.
    pub(super) fn keep(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
    }

    /// Leaves out the rows of the other set.
    pub(super) fn remove(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= !other);
    }

    /// Adds the rows of the other set.
    pub(super) fn join(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    /// The rows shared with another set by those of either; 0 of two empty ones.
    pub(super) fn overlap(&self, other: &Self) -> f64 {
        let (mut both, mut either) = (0u64, 0u64);
        for (a, b) in self.words.iter().zip(&other.words) {
            both += u64::from((a & b).count_ones());
            either += u64::from((a | b).count_ones());
        }
        both as f64 / either.max(1) as f64
    }

    /// The words of the first `rows` rows, which must be a multiple of 64 or all.
    pub(super) fn first(&self, rows: usize) -> &[u64] {
        self.words.get(..rows.div_ceil(64)).unwrap_or(&self.words)
    }

    /// The rows in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(index, word)| ones(*word).map(move |bit| index * 64 + bit))
    }
}

/// The places of the ones of a word, from the lowest.
#[inline]
pub(super) fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros() as usize;
        (word != 0).then(|| {
            word &= word - 1;
            bit
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_agree_with_lists() {
        for rows in [0, 1, 63, 64, 65, 200] {
            assert_eq!(Bits::all(rows).iter().collect::<Vec<_>>(), (0..rows).collect::<Vec<_>>());
            let of = |step: usize| {
                let mut bits = Bits::none(rows);
                (0..rows).step_by(step).for_each(|row| bits.insert(row));
                bits
            };
            let (mut twos, threes) = (of(2), of(3));
            let (both, either) = (rows.div_ceil(6), rows.div_ceil(2) + rows.div_ceil(3) - rows.div_ceil(6));
            assert!((twos.overlap(&threes) - both as f64 / either.max(1) as f64).abs() < 1e-12, "{rows}");
            let mut without = twos.clone();
            without.remove(&threes);
            twos.keep(&threes);
            assert_eq!(twos, of(6));
            without.join(&twos);
            assert_eq!(without, of(2));
        }
    }
}
