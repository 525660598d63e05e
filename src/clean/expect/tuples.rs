//! Expectations about several cells of a row.

use std::cmp::Ordering;
use std::collections::HashSet;

use arrow_buffer::BooleanBuffer;
use serde_json::Value;

use super::arguments::{Arguments, wrong};
use super::keys::{joint_key, key, repeated};
use super::rows::{Tally, Verdict, tally};
use super::scalar::{Scalar, misfit};
use crate::data::read::parse_time;
use crate::data::{Column, Kind, Values};
use crate::engine::{Error, Result, Work};

/// What is checked of the cells of some columns, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TupleCheck {
    pub(super) columns: Vec<String>,
    pub(super) ignore: Ignore,
    pub(super) test: TupleTest,
}

/// The rows that are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ignore {
    /// Those without any value.
    AllMissing,
    /// Those that lack a value.
    AnyMissing,
    /// None.
    Never,
}

/// How cells are judged.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TupleTest {
    /// Both are equal; missing equals nothing.
    Equal,
    /// The first is greater than the second.
    Greater { or_equal: bool },
    /// Both together are one of these pairs.
    Pairs(Vec<(Scalar, Scalar)>),
    /// No other row has the same cells.
    CompoundUnique,
    /// All cells of a row differ; missing is a value here.
    Different,
    /// All cells of a row are the same; missing is a value here.
    Same,
    /// They add up to this; a missing one makes the sum missing.
    Sum(f64),
}

impl TupleTest {
    pub(super) fn pairs(arguments: Arguments<'_>) -> Result<Self> {
        let name = "value_pairs_set";
        let pair = |value: &Value| match value.as_array().map(Vec::as_slice) {
            Some([a, b]) => Scalar::of(a).zip(Scalar::of(b)),
            _ => None,
        };
        let each = |value: &Value| {
            pair(value).ok_or_else(|| wrong(name, value, "a list of pairs", "[[\"a\", 1], [\"b\", 2]]"))
        };
        Ok(Self::Pairs(arguments.list(name)?.iter().map(each).collect::<Result<_>>()?))
    }
}

impl TupleCheck {
    /// Judges the rows; `columns` are those of the check.
    ///
    /// # Errors
    /// If the columns cannot be compared, or the work was cancelled.
    pub(super) fn tally(&self, columns: &[&Column], mask: Option<&BooleanBuffer>, work: &Work) -> Result<Tally> {
        let rows = columns.first().map_or(0, |column| column.len());
        let judge = |test: &(dyn Fn(usize) -> bool + Sync)| {
            tally(rows, mask, work, |row| {
                if self.is_ignored(columns, row) { Verdict::Missing } else { Verdict::of(test(row)) }
            })
        };
        match (&self.test, columns) {
            (TupleTest::Equal, [a, b]) => {
                let compare = Comparer::of(a, b)?;
                judge(&|row| compare.compare(row) == Some(Ordering::Equal))
            }
            (TupleTest::Greater { or_equal }, [a, b]) => {
                let compare = Comparer::of(a, b)?;
                judge(&|row| match compare.compare(row) {
                    Some(Ordering::Greater) => true,
                    Some(Ordering::Equal) => *or_equal,
                    _ => false,
                })
            }
            (TupleTest::Pairs(pairs), [a, b]) => {
                let fitted = pairs.iter().map(|(x, y)| Ok((cell_key(x, a)?, cell_key(y, b)?)));
                let known: HashSet<(Option<u128>, Option<u128>)> = fitted.collect::<Result<_>>()?;
                judge(&|row| known.contains(&(key(a, row), key(b, row))))
            }
            (TupleTest::CompoundUnique, _) => {
                let kept = |row: usize| (!self.is_ignored(columns, row)).then(|| joint_key(columns, row));
                let repeated = repeated(rows, mask, work, kept)?;
                judge(&|row| repeated.get(row) == Some(&false))
            }
            (TupleTest::Different, _) => {
                let like = comparable(columns)?;
                judge(&|row| {
                    let mut keys: Vec<_> = columns.iter().map(|column| like(column, row)).collect();
                    keys.sort_unstable();
                    keys.windows(2).all(|pair| pair.first() != pair.last())
                })
            }
            (TupleTest::Same, _) => {
                let like = comparable(columns)?;
                judge(&|row| {
                    let mut keys = columns.iter().map(|column| like(column, row));
                    let first = keys.next();
                    keys.all(|key| Some(key) == first)
                })
            }
            (TupleTest::Sum(total), _) => {
                numeric(columns)?;
                judge(&|row| {
                    let cells = columns.iter().map(|column| column.number(row));
                    cells.sum::<Option<f64>>() == Some(*total)
                })
            }
            _ => Err(Error::input("two columns are needed")),
        }
    }

    fn is_ignored(&self, columns: &[&Column], row: usize) -> bool {
        match self.ignore {
            Ignore::AllMissing => columns.iter().all(|column| column.is_null(row)),
            Ignore::AnyMissing => columns.iter().any(|column| column.is_null(row)),
            Ignore::Never => false,
        }
    }
}

/// How the cells of two columns compare.
enum Comparer<'a> {
    Whole(&'a Column, &'a Column),
    Real(&'a Column, &'a Column),
    Texts(&'a Column, &'a Column),
}

impl<'a> Comparer<'a> {
    fn of(a: &'a Column, b: &'a Column) -> Result<Self> {
        match (a.values(), b.values()) {
            (Values::Int(_), Values::Int(_))
            | (Values::Time(_), Values::Time(_))
            | (Values::Bool(_), Values::Bool(_)) => Ok(Self::Whole(a, b)),
            (Values::Int(_) | Values::Float(_), Values::Int(_) | Values::Float(_)) => Ok(Self::Real(a, b)),
            (Values::Text(_), Values::Text(_)) => Ok(Self::Texts(a, b)),
            _ => Err(unlike(a, b)),
        }
    }

    /// How the first compares with the second; `None` where one is missing or not a number.
    fn compare(&self, row: usize) -> Option<Ordering> {
        match self {
            Self::Whole(a, b) => Some(whole(a, row)?.cmp(&whole(b, row)?)),
            Self::Real(a, b) => a.number(row)?.partial_cmp(&b.number(row)?),
            Self::Texts(a, b) => Some(text(a, row)?.cmp(text(b, row)?)),
        }
    }
}

fn whole(column: &Column, row: usize) -> Option<i64> {
    if column.is_null(row) {
        return None;
    }
    match column.values() {
        Values::Int(values) => Some(values.value(row)),
        Values::Time(values) => Some(values.value(row)),
        Values::Bool(values) => Some(i64::from(values.value(row))),
        Values::Float(_) | Values::Text(_) => None,
    }
}

fn text(column: &Column, row: usize) -> Option<&str> {
    if column.is_null(row) { None } else { column.strings().map(|strings| strings.value(row)) }
}

fn unlike(a: &Column, b: &Column) -> Error {
    Error::input(format!("{} and {} cannot be compared", a.kind().name(), b.kind().name()))
        .at(format!("{}, {}", a.name(), b.name()))
        .help("compare columns of one kind")
}

/// Keys can be compared only among columns of one sort.
/// What tells whether cells of columns are equal: their keys, and where whole and real numbers stand beside each other,
/// the real number that both are.
fn comparable(columns: &[&Column]) -> Result<fn(&Column, usize) -> Option<u128>> {
    let is_number = |column: &&Column| matches!(column.kind(), Kind::Int | Kind::Float);
    if columns.iter().all(is_number) && columns.iter().any(|column| column.kind() == Kind::Float) {
        return Ok(|column, row| column.number(row).map(|value| u128::from((value + 0.0).to_bits())));
    }
    let Some((first, others)) = columns.split_first() else { return Ok(key) };
    for other in others {
        if std::mem::discriminant(first.values()) != std::mem::discriminant(other.values()) {
            return Err(unlike(first, other));
        }
    }
    Ok(key)
}

fn numeric(columns: &[&Column]) -> Result<()> {
    match columns.iter().find(|column| !matches!(column.kind(), Kind::Int | Kind::Float | Kind::Bool)) {
        Some(column) => Err(Error::input(format!("the column holds no numbers but {}", column.kind().name()))
            .at(column.name())
            .help("sum columns of numbers")),
        None => Ok(()),
    }
}

/// The key that a cell has if it holds this constant.
///
/// # Errors
/// If it cannot hold it.
pub(super) fn cell_key(scalar: &Scalar, column: &Column) -> Result<Option<u128>> {
    let misfit = || misfit(scalar, column, "the set");
    Ok(Some(match (column.values(), scalar) {
        (_, Scalar::Null) => return Ok(None),
        (Values::Text(_), scalar) => xxhash_rust::xxh3::xxh3_128(scalar.as_text().unwrap_or_default().as_bytes()),
        (Values::Int(_), Scalar::Int(value)) => *value as u64 as u128,
        // A number with a fraction is in no column of whole numbers; NaN's bits are a key that no whole number has.
        (Values::Int(_), Scalar::Float(value)) if value.fract() == 0.0 && value.abs() < 9e18 => {
            *value as i64 as u64 as u128
        }
        (Values::Int(_), Scalar::Float(_)) => u128::MAX,
        (Values::Float(_), Scalar::Int(value)) => u128::from((*value as f64 + 0.0).to_bits()),
        (Values::Float(_), Scalar::Float(value)) => u128::from((value + 0.0).to_bits()),
        (Values::Bool(_), Scalar::Bool(value)) => u128::from(*value),
        (Values::Bool(_), Scalar::Int(value @ (0 | 1))) => *value as u128,
        (Values::Time(_), Scalar::Text(text)) => parse_time(text.trim()).ok_or_else(misfit)? as u64 as u128,
        _ => return Err(misfit()),
    }))
}
