//! The order in which a view shows its rows.

use std::cmp::Ordering;

use arrow_array::{Array as _, LargeStringArray};
use arrow_buffer::NullBuffer;
use rayon::prelude::*;

use super::super::{Column, Values};
use crate::engine::{Result, Work};

/// The rows that one thread sorts at a time; small enough to notice a cancel within some milliseconds.
const RUN: usize = 1 << 15;

/// A column to sort by, made ready: a number for each row, whose order is that of the values.
struct Key<'a> {
    descending: bool,
    nulls: Option<&'a NullBuffer>,
    source: Source<'a>,
}

enum Source<'a> {
    /// The rank of each row's text among those of the view.
    Ranks(Vec<u32>),
    Whole(&'a [i64]),
    Real(&'a [f64]),
    Bool(&'a arrow_array::BooleanArray),
}

impl<'a> Key<'a> {
    fn new(column: &'a Column, descending: bool, rows: &[u32], work: &Work) -> Result<Self> {
        let source = match column.values() {
            Values::Text(array) => Source::Ranks(ranks(array, rows, work)?),
            Values::Int(array) => Source::Whole(array.values()),
            Values::Time(array) => Source::Whole(array.values()),
            Values::Float(array) => Source::Real(array.values()),
            Values::Bool(array) => Source::Bool(array),
        };
        Ok(Self { descending, nulls: column.array().nulls(), source })
    }

    /// What comes last in either direction: 1 for NaN, 2 for a missing value, 0 for all others.
    fn rank(&self, row: usize) -> u8 {
        match &self.source {
            _ if self.nulls.is_some_and(|nulls| nulls.is_null(row)) => 2,
            Source::Real(values) if values.get(row).is_some_and(|value| value.is_nan()) => 1,
            _ => 0,
        }
    }

    /// A number in the order of the values. What comes last has the greatest, which a value may have too.
    fn number(&self, row: usize) -> u64 {
        if self.rank(row) > 0 {
            return u64::MAX;
        }
        let up = match &self.source {
            Source::Ranks(ranks) => ranks.get(row).map_or(0, |rank| u64::from(*rank)),
            Source::Whole(values) => values.get(row).map_or(0, |value| (*value as u64) ^ (1 << 63)),
            Source::Real(values) => values.get(row).map_or(0, |value| ordered(*value)),
            Source::Bool(array) => u64::from(array.value(row)),
        };
        if self.descending { !up } else { up }
    }
}

/// The bits of a real number in an order that is that of the numbers; 0 and -0 are one.
fn ordered(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | (1 << 63) }
}

/// Puts rows into the order of the keys, each a column and whether it descends. Rows that are equal in all keep their
/// order. Missing values come last in either direction, and NaN before them. Texts are ordered by code points.
pub(super) fn sort(rows: Vec<u32>, keys: &[(&Column, bool)], work: &Work) -> Result<Vec<u32>> {
    let keys = keys.iter().map(|(column, descending)| Key::new(column, *descending, &rows, work));
    let keys: Vec<Key<'_>> = keys.collect::<Result<_>>()?;
    let Some((first, others)) = keys.split_first() else { return Ok(rows) };
    work.stage("sorting", 0);
    let mut entries: Vec<(u64, u32)> = Vec::with_capacity(rows.len());
    rows.par_iter().map(|row| (first.number(*row as usize), *row)).collect_into_vec(&mut entries);
    let compare = |a: &(u64, u32), b: &(u64, u32)| -> Ordering {
        let (x, y) = (a.1 as usize, b.1 as usize);
        let odd = |key: &Key<'_>| key.rank(x).cmp(&key.rank(y));
        let later = |key: &Key<'_>| key.number(x).cmp(&key.number(y)).then_with(|| odd(key));
        a.0.cmp(&b.0)
            .then_with(|| if a.0 == u64::MAX { odd(first) } else { Ordering::Equal })
            .then_with(|| others.iter().map(later).find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
            .then(a.1.cmp(&b.1))
    };
    let entries = sort_by(entries, &compare, work)?;
    Ok(entries.into_iter().map(|(_, row)| row).collect())
}

/// A text under way: the next bytes of it, its row, and whether it is known to be the same as the one before it.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    key: u64,
    row: u32,
    same: bool,
}

/// The bytes of a text that a key holds.
const STEP: usize = 7;

/// How often a run is parted before its texts are compared whole, which bounds the depth of the recursion.
const LEVELS: usize = 48;

/// The bytes of a text from `from` on as a number in their order: seven of them and, in the last place, how many there
/// were; 8 stands for more, so that equal keys below it mean equal texts.
fn key_at(bytes: &[u8], from: usize) -> u64 {
    let rest = bytes.get(from..).unwrap_or(&[]);
    let mut key = [0u8; 8];
    key.iter_mut().take(STEP).zip(rest).for_each(|(to, from)| *to = *from);
    u64::from_be_bytes(key) | rest.len().min(STEP + 1) as u64
}

/// For each row its place among the distinct texts of `rows` in the order of code points; 0 for rows without text. The
/// texts are sorted seven bytes at a time, so that those which differ early are never read again.
fn ranks(array: &LargeStringArray, rows: &[u32], work: &Work) -> Result<Vec<u32>> {
    work.stage("sorting texts", 0);
    let bytes = |row: u32| array.value(row as usize).as_bytes();
    let present: Vec<u32> = rows.iter().copied().filter(|row| array.is_valid(*row as usize)).collect();
    let mut entries = Vec::with_capacity(present.len());
    present
        .par_iter()
        .map(|row| Entry { key: key_at(bytes(*row), 0), row: *row, same: false })
        .collect_into_vec(&mut entries);
    let mut entries = sort_by(entries, &|a: &Entry, b: &Entry| (a.key, a.row).cmp(&(b.key, b.row)), work)?;
    refine(&mut entries, 0, LEVELS, &bytes, work)?;
    let mut ranks = vec![0u32; array.len()];
    let mut rank = 0;
    for (index, entry) in entries.iter().enumerate() {
        rank += u32::from(index > 0 && !entry.same);
        if let Some(place) = ranks.get_mut(entry.row as usize) {
            *place = rank;
        }
    }
    Ok(ranks)
}

/// Orders the texts of each run of equal keys by the bytes that follow, and marks those that are the same.
fn refine<'t>(
    entries: &mut [Entry],
    from: usize,
    levels: usize,
    bytes: &(impl Fn(u32) -> &'t [u8] + Sync),
    work: &Work,
) -> Result<()> {
    let mut open: Vec<&mut [Entry]> = Vec::new();
    for run in entries.chunk_by_mut(|a, b| a.key == b.key) {
        if run.len() < 2 {
            continue;
        }
        if run.first().is_some_and(|entry| entry.key & 0xFF > STEP as u64) {
            open.push(run);
        } else {
            run.iter_mut().skip(1).for_each(|entry| entry.same = true);
        }
    }
    let from = from + STEP;
    open.into_par_iter().with_max_len(64).try_for_each(|run| {
        work.check()?;
        if levels == 0 {
            compare_whole(run, bytes);
            return Ok(());
        }
        run.iter_mut().for_each(|entry| entry.key = key_at(bytes(entry.row), from));
        run.par_sort_unstable_by_key(|entry| (entry.key, entry.row));
        refine(run, from, levels - 1, bytes, work)
    })
}

/// Orders texts by comparing them from their beginning, and marks those that are the same.
fn compare_whole<'t>(run: &mut [Entry], bytes: &impl Fn(u32) -> &'t [u8]) {
    run.sort_unstable_by(|a, b| bytes(a.row).cmp(bytes(b.row)).then(a.row.cmp(&b.row)));
    let mut before: Option<u32> = None;
    for entry in run {
        entry.same = before.is_some_and(|before| bytes(before) == bytes(entry.row));
        before = Some(entry.row);
    }
}

/// Sorts by an order in which no two items are equal, or in which equal items cannot be told apart.
///
/// # Errors
/// If the work was cancelled, which is noticed within some milliseconds however many items there are.
pub(crate) fn sort_by<T: Copy + Default + Send + Sync>(
    mut items: Vec<T>,
    compare: &(impl Fn(&T, &T) -> Ordering + Sync),
    work: &Work,
) -> Result<Vec<T>> {
    items.par_chunks_mut(RUN).try_for_each(|run| {
        work.check()?;
        run.sort_unstable_by(compare);
        Ok::<_, crate::engine::Error>(())
    })?;
    if items.len() <= RUN {
        return Ok(items);
    }
    let mut spare = vec![T::default(); items.len()];
    let mut width = RUN;
    while width < items.len() {
        let pairs = items.par_chunks(width * 2).zip(spare.par_chunks_mut(width * 2));
        pairs.try_for_each(|(from, to)| {
            let (left, right) = from.split_at(width.min(from.len()));
            merge(left, right, to, compare, work)
        })?;
        std::mem::swap(&mut items, &mut spare);
        width *= 2;
    }
    Ok(items)
}

/// Merges two sorted runs, in two halves at once where that is worth a thread.
fn merge<T: Copy + Send + Sync>(
    left: &[T],
    right: &[T],
    out: &mut [T],
    compare: &(impl Fn(&T, &T) -> Ordering + Sync),
    work: &Work,
) -> Result<()> {
    work.check()?;
    if left.len() + right.len() > RUN {
        // The middle of the longer run parts both, and the two halves are merged side by side.
        let (left_half, right_half) = if left.len() >= right.len() {
            let middle = left.len() / 2;
            let pivot = left.get(middle);
            (middle, pivot.map_or(0, |pivot| right.partition_point(|item| compare(item, pivot).is_lt())))
        } else {
            let middle = right.len() / 2;
            let pivot = right.get(middle);
            (pivot.map_or(0, |pivot| left.partition_point(|item| compare(item, pivot).is_le())), middle)
        };
        let (left_low, left_high) = left.split_at(left_half);
        let (right_low, right_high) = right.split_at(right_half);
        let (low, high) = out.split_at_mut(left_half + right_half);
        let (one, two) = rayon::join(
            || merge(left_low, right_low, low, compare, work),
            || merge(left_high, right_high, high, compare, work),
        );
        return one.and(two);
    }
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    for place in out {
        let next = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) if compare(b, a).is_lt() => right.next(),
            (Some(_), _) => left.next(),
            (None, _) => right.next(),
        };
        if let Some(next) = next {
            *place = *next;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use arrow_array::{BooleanArray, Float64Array, Int64Array};
    use proptest::prelude::*;

    use super::super::super::Kind;
    use super::*;

    fn order(keys: &[(&Column, bool)]) -> Vec<u32> {
        let rows = keys[0].0.len() as u32;
        sort((0..rows).collect(), keys, &Work::new()).unwrap()
    }

    #[test]
    fn each_kind_has_its_order_and_what_is_missing_comes_last() {
        let check = |column: &Column, up: &[u32], down: &[u32]| {
            assert_eq!(order(&[(column, false)]), up, "{} up", column.name());
            assert_eq!(order(&[(column, true)]), down, "{} down", column.name());
        };
        let ints = Int64Array::from(vec![Some(3), None, Some(i64::MIN), Some(i64::MAX), Some(3)]);
        check(&Column::new("int", Values::Int(ints)), &[2, 0, 4, 3, 1], &[3, 0, 4, 2, 1]);
        let floats = vec![Some(f64::NAN), Some(-1.0), None, Some(0.0), Some(-0.0), Some(f64::INFINITY)];
        check(
            &Column::new("float", Values::Float(Float64Array::from(floats))),
            &[1, 3, 4, 5, 0, 2],
            &[5, 3, 4, 1, 0, 2],
        );
        let bools = BooleanArray::from(vec![Some(true), None, Some(false), Some(true)]);
        check(&Column::new("bool", Values::Bool(bools)), &[2, 0, 3, 1], &[0, 3, 2, 1]);
        let texts = vec![Some("b"), None, Some(""), Some("abcdefghZ"), Some("abcdefghA"), Some("abcdefgh"), Some("가")];
        let texts = Column::text("text", Kind::Text, LargeStringArray::from(texts));
        check(&texts, &[2, 5, 4, 3, 0, 6, 1], &[6, 0, 3, 4, 5, 2, 1]);
    }

    #[test]
    fn later_keys_settle_what_the_first_leaves_open() {
        let group = Column::text("g", Kind::Category, LargeStringArray::from(vec!["b", "a", "b", "a", "b"]));
        let score = Column::new("s", Values::Int(Int64Array::from(vec![1, 2, 3, 2, 1])));
        assert_eq!(order(&[(&group, false), (&score, true)]), [1, 3, 2, 0, 4]);
        assert_eq!(order(&[(&score, false), (&group, false)]), [0, 4, 1, 3, 2]);
        let cancelled = Work::new();
        cancelled.cancel();
        assert!(sort(vec![0, 1], &[(&group, false)], &cancelled).unwrap_err().is_cancelled());
    }

    #[test]
    fn many_rows_are_sorted_as_few_are_on_any_number_of_threads() {
        let mut random = crate::engine::Random::new(5);
        let numbers: Vec<i64> = (0..200_000).map(|_| random.below(1000) as i64).collect();
        let column = Column::new("n", Values::Int(Int64Array::from(numbers.clone())));
        let mut expected: Vec<u32> = (0..200_000).collect();
        expected.sort_by_key(|row| std::cmp::Reverse(numbers[*row as usize]));
        assert_eq!(order(&[(&column, true)]), expected);
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(one.install(|| order(&[(&column, true)])), expected);
    }

    proptest! {
        #[test]
        fn texts_are_sorted_stably(texts in proptest::collection::vec(proptest::option::of("[ab가]{0,10}"), 0..40), down: bool) {
            let column = Column::text("t", Kind::Text, texts.iter().map(Option::as_deref).collect());
            let mut expected: Vec<u32> = (0..texts.len() as u32).collect();
            expected.sort_by(|a, b| match (&texts[*a as usize], &texts[*b as usize]) {
                (Some(a), Some(b)) => if down { b.cmp(a) } else { a.cmp(b) },
                (a, b) => a.is_none().cmp(&b.is_none()),
            });
            prop_assert_eq!(sort((0..texts.len() as u32).collect(), &[(&column, down)], &Work::new()).unwrap(), expected);
        }

        #[test]
        fn long_and_equal_texts_are_ranked(texts in proptest::collection::vec("(aaaaaaa|b|\u{0}|가나다){0,60}", 1..20), twice: bool) {
            let mut texts = texts;
            if twice {
                texts.extend(texts.clone());
            }
            let array: LargeStringArray = texts.iter().map(Some).collect();
            let found = ranks(&array, &(0..texts.len() as u32).collect::<Vec<_>>(), &Work::new()).unwrap();
            let mut sorted: Vec<&String> = texts.iter().collect();
            sorted.sort();
            sorted.dedup();
            for (text, rank) in texts.iter().zip(found) {
                prop_assert_eq!(sorted.binary_search(&text), Ok(rank as usize));
            }
        }

        #[test]
        fn merging_keeps_order(mut a in proptest::collection::vec(0u8..9, 0..50), mut b in proptest::collection::vec(0u8..9, 0..50)) {
            a.sort_unstable();
            b.sort_unstable();
            let mut out = vec![0; a.len() + b.len()];
            merge(&a, &b, &mut out, &u8::cmp, &Work::new()).unwrap();
            let mut expected = [a, b].concat();
            expected.sort_unstable();
            prop_assert_eq!(out, expected);
        }
    }
}
