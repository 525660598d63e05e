//! Sets of rows within one chunk, and truth in three values as two such sets.

use arrow_buffer::BooleanBuffer;

/// The rows of a chunk: small enough that the vectors of a condition stay in the processor's cache.
pub(in crate::data) const ROWS: usize = 4096;

/// The 64-bit words of a chunk.
pub(in crate::data) const WORDS: usize = ROWS / 64;

/// A set of rows of one chunk, by their position in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data) struct Bits(pub(in crate::data) [u64; WORDS]);

impl Bits {
    /// No rows.
    pub(in crate::data) const fn none() -> Self {
        Self([0; WORDS])
    }

    /// The first `rows` rows.
    pub(in crate::data) fn first(rows: usize) -> Self {
        let mut bits = Self::none();
        for (index, word) in bits.0.iter_mut().enumerate() {
            let left = rows.saturating_sub(index * 64);
            *word = if left >= 64 { u64::MAX } else { (1u64 << left) - 1 };
        }
        bits
    }

    /// The rows below `rows` for which `test` holds.
    #[inline]
    pub(in crate::data) fn when(rows: usize, mut test: impl FnMut(usize) -> bool) -> Self {
        let mut bits = Self::none();
        for (index, word) in bits.0.iter_mut().enumerate().take(rows.div_ceil(64)) {
            let base = index * 64;
            for bit in 0..(rows - base).min(64) {
                *word |= u64::from(test(base + bit)) << bit;
            }
        }
        bits
    }

    /// The rows of `among` for which `test` holds; the others are not looked at.
    #[inline]
    pub(in crate::data) fn among(among: &Self, mut test: impl FnMut(usize) -> bool) -> Self {
        let mut bits = Self::none();
        among.each(|row| {
            if test(row) {
                bits.insert(row);
            }
        });
        bits
    }

    /// The bits of `buffer` from `start`, at most `rows` of them.
    pub(in crate::data) fn of(buffer: &BooleanBuffer, start: usize, rows: usize) -> Self {
        let mut bits = Self::none();
        let slice = buffer.slice(start, rows);
        for (word, chunk) in bits.0.iter_mut().zip(slice.bit_chunks().iter_padded()) {
            *word = chunk;
        }
        bits
    }

    /// Calls `visit` with each row in order.
    #[inline]
    pub(in crate::data) fn each(&self, mut visit: impl FnMut(usize)) {
        for (index, &word) in self.0.iter().enumerate() {
            let mut rest = word;
            while rest != 0 {
                visit(index * 64 + rest.trailing_zeros() as usize);
                rest &= rest - 1;
            }
        }
    }

    pub(in crate::data) fn has(&self, row: usize) -> bool {
        self.0.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    pub(in crate::data) fn insert(&mut self, row: usize) {
        if let Some(word) = self.0.get_mut(row / 64) {
            *word |= 1 << (row % 64);
        }
    }

    pub(in crate::data) fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(in crate::data) fn is_empty(&self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }

    fn zip(mut self, other: &Self, join: impl Fn(u64, u64) -> u64) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word = join(*word, other));
        self
    }

    /// The rows in both.
    #[must_use]
    pub(in crate::data) fn and(self, other: &Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    /// The rows in either.
    #[must_use]
    pub(in crate::data) fn or(self, other: &Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    /// The rows not in the other.
    #[must_use]
    pub(in crate::data) fn minus(self, other: &Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }
}

/// Truth in three values (SQL:2016, 6.39): a row in neither set is unknown. No row is in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data) struct Truth {
    /// Where it is true.
    pub(in crate::data) yes: Bits,
    /// Where it is false.
    pub(in crate::data) no: Bits,
}

impl Truth {
    /// Unknown everywhere.
    pub(in crate::data) const fn unknown() -> Self {
        Self { yes: Bits::none(), no: Bits::none() }
    }

    /// True in `yes`, false in the rest of `known`, unknown elsewhere.
    pub(in crate::data) fn of(yes: &Bits, known: &Bits) -> Self {
        Self { yes: yes.and(known), no: known.minus(yes) }
    }

    /// Where it is true or false.
    pub(in crate::data) fn known(&self) -> Bits {
        self.yes.or(&self.no)
    }

    #[must_use]
    pub(in crate::data) fn not(self) -> Self {
        Self { yes: self.no, no: self.yes }
    }

    #[must_use]
    pub(in crate::data) fn and(self, other: &Self) -> Self {
        Self { yes: self.yes.and(&other.yes), no: self.no.or(&other.no) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_valued_truth_tables_hold() {
        let values = [Some(true), Some(false), None];
        let put = |value: Option<bool>| {
            let mut truth = Truth::unknown();
            match value {
                Some(true) => truth.yes.insert(5),
                Some(false) => truth.no.insert(5),
                None => (),
            }
            truth
        };
        let get = |truth: Truth| match (truth.yes.has(5), truth.no.has(5)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
            (true, true) => panic!("true and false at once"),
        };
        for a in values {
            assert_eq!(get(put(a).not()), a.map(|a| !a));
            for b in values {
                let and =
                    if a == Some(false) || b == Some(false) { Some(false) } else { a.zip(b).map(|(a, b)| a && b) };
                let or = if a == Some(true) || b == Some(true) { Some(true) } else { a.zip(b).map(|(a, b)| a || b) };
                assert_eq!(get(put(a).and(&put(b))), and, "{a:?} AND {b:?}");
                assert_eq!(get(put(a).not().and(&put(b).not()).not()), or, "{a:?} OR {b:?}");
            }
        }
    }

    #[test]
    fn bits_agree_with_a_list_of_rows() {
        for rows in [0, 1, 63, 64, 65, 1000, ROWS] {
            assert_eq!(Bits::first(rows).count(), rows);
            let thirds = Bits::when(rows, |row| row % 3 == 0);
            let mut seen = Vec::new();
            thirds.each(|row| seen.push(row));
            assert_eq!(seen, (0..rows).step_by(3).collect::<Vec<_>>());
            assert_eq!(Bits::among(&thirds, |row| row % 2 == 0), Bits::when(rows, |row| row % 6 == 0));
        }
        let buffer = BooleanBuffer::collect_bool(500, |row| row % 7 == 0);
        assert_eq!(Bits::of(&buffer, 70, 100), Bits::when(100, |row| row % 7 == 0));
    }
}
