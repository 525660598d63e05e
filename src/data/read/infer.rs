//! The type of a column, from what its cells look like.
//!
//! Types are inferred over all rows. The type of a column is the join of the types of its cells, so it does not
//! depend on the order in which they are seen.

use std::collections::HashSet;

use arrow_array::{Array, LargeStringArray};
use chrono::{NaiveDate, NaiveTime};

use crate::data::{Column, Kind};

/// What a cell of a text format can be read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// Nothing but missing cells so far.
    Missing,
    /// `true`, `false` and the like.
    Bool,
    /// Whole numbers of up to 18 digits.
    Int,
    /// Numbers with a point or an exponent.
    Float,
    /// ISO dates and date-times.
    Time,
    /// Everything else.
    Text,
}

impl Type {
    /// The narrowest type that holds both.
    pub(super) fn join(self, other: Self) -> Self {
        match (self, other) {
            (one, two) if one == two => one,
            (Self::Missing, one) | (one, Self::Missing) => one,
            (Self::Int, Self::Float) | (Self::Float, Self::Int) => Self::Float,
            _ => Self::Text,
        }
    }

    /// The type of one cell.
    pub(super) fn of(cell: &str) -> Self {
        let cell = trim(cell);
        match cell.as_bytes().first() {
            None => Self::Missing,
            Some(b'0'..=b'9' | b'-' | b'.' | b'i' | b'I') => {
                if int(cell).is_some() {
                    Self::Int
                } else if float(cell).is_some() {
                    Self::Float
                } else if time(cell).is_some() {
                    Self::Time
                } else {
                    Self::Text
                }
            }
            Some(b't' | b'T' | b'f' | b'F') if boolean(cell).is_some() => Self::Bool,
            Some(b'N' | b'n') if is_missing(cell) => Self::Missing,
            Some(_) => Self::Text,
        }
    }
}

/// Without the spaces around it, which typed cells may have.
pub(super) fn trim(cell: &str) -> &str {
    match cell.as_bytes() {
        [first, .., last] if *first > b' ' && *last > b' ' => cell,
        _ => cell.trim_matches([' ', '\t']),
    }
}

/// True for a (trimmed) cell that stands for no value in a column of numbers, times or truth values. In a column of
/// text only the empty cell is missing, since "NA" and "None" may be words there.
pub(super) fn is_missing(cell: &str) -> bool {
    matches!(cell, "" | "NA" | "N/A" | "NaN" | "nan" | "null" | "NULL" | "None")
}

/// A (trimmed) truth value.
pub(super) fn boolean(cell: &str) -> Option<bool> {
    match cell {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// A (trimmed) whole number of up to 18 digits. Leading zeros and plus signs mean an identifier, not a number.
pub(super) fn int(cell: &str) -> Option<i64> {
    let (negative, digits) = match cell.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        all => (false, all),
    };
    match digits {
        [] => return None,
        [b'0', _, ..] => return None,
        [b'0'] if negative => return None,
        _ if digits.len() > 18 => return None,
        _ => {}
    }
    let mut value = 0i64;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(digit - b'0');
    }
    Some(if negative { -value } else { value })
}

/// A (trimmed) number: `12`, `-0.5`, `.5`, `1e-3`, `inf`; nothing that [`int`] refuses for its leading zeros or its
/// length.
pub(super) fn float(cell: &str) -> Option<f64> {
    let unsigned = cell.strip_prefix('-').unwrap_or(cell).as_bytes();
    if matches!(unsigned, b"inf" | b"Infinity") {
        return cell.parse().ok();
    }
    let run = |from: usize| unsigned.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let whole = run(0);
    if whole > 1 && unsigned.first() == Some(&b'0') {
        return None;
    }
    let mut at = whole;
    let mut digits = whole;
    if unsigned.get(at) == Some(&b'.') {
        let fraction = run(at + 1);
        digits += fraction;
        at += 1 + fraction;
    }
    if digits == 0 || (at == whole && unsigned.len() == whole && whole > 18) {
        return None;
    }
    if matches!(unsigned.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(unsigned.get(at + 1), Some(b'+' | b'-')));
        let exponent = run(at);
        if exponent == 0 {
            return None;
        }
        at += exponent;
    }
    if at == unsigned.len() { cell.parse().ok() } else { None }
}

/// A (trimmed) point in time as microseconds since 1970 UTC: `YYYY-MM-DD` (or with `/` or `.`), alone or followed by
/// a space or `T` and `HH:MM[:SS[.f]]`, and that by nothing (taken as UTC), `Z`, `UTC` or `±hh:mm`.
pub(crate) fn time(cell: &str) -> Option<i64> {
    let bytes = cell.as_bytes();
    if bytes.len() < 10 {
        return None;
    }
    let separator = bytes[4];
    if !matches!(separator, b'-' | b'/' | b'.') || bytes[7] != separator {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(
        i32::try_from(digits(bytes.get(..4)?)?).ok()?,
        digits(bytes.get(5..7)?)?,
        digits(bytes.get(8..10)?)?,
    )?;
    let midnight = date.and_time(NaiveTime::MIN).and_utc().timestamp_micros();
    match bytes.get(10..)? {
        [] => Some(midnight),
        [b' ' | b'T', clock @ ..] => Some(midnight + clock_micros(clock)?),
        _ => None,
    }
}

/// `HH:MM[:SS[.f]][zone]` as microseconds after midnight UTC.
fn clock_micros(clock: &[u8]) -> Option<i64> {
    if clock.get(2) != Some(&b':') {
        return None;
    }
    let (hours, minutes) = (digits(clock.get(..2)?)?, digits(clock.get(3..5)?)?);
    let (mut seconds, mut micros, mut rest) = (0, 0, clock.get(5..)?);
    if let [b':', after @ ..] = rest {
        seconds = digits(after.get(..2)?)?;
        rest = after.get(2..)?;
        if let [b'.', after @ ..] = rest {
            let count = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if !(1..=9).contains(&count) {
                return None;
            }
            for at in 0..6 {
                micros = micros * 10 + if at < count { u32::from(after.get(at)? - b'0') } else { 0 };
            }
            rest = after.get(count..)?;
        }
    }
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let local = (i64::from(hours) * 3600 + i64::from(minutes) * 60 + i64::from(seconds)) * 1_000_000;
    Some(local + i64::from(micros) - zone_seconds(rest)? * 1_000_000)
}

/// A time zone as seconds east of Greenwich.
fn zone_seconds(zone: &[u8]) -> Option<i64> {
    let (sign, rest) = match zone.strip_prefix(b" ").unwrap_or(zone) {
        [] if zone.is_empty() => return Some(0),
        b"Z" | b"z" | b"UTC" => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match rest {
        [_, _] => (digits(rest)?, 0),
        [h1, h2, b':', m1, m2] | [h1, h2, m1, m2] => (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?),
        _ => return None,
    };
    (hours <= 14 && minutes <= 59).then(|| sign * i64::from(hours * 3600 + minutes * 60))
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0u32, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
}

/// A column of strings, as [`Kind::Category`] if few distinct short values make it up, else as [`Kind::Text`].
pub(super) fn text_column(name: impl Into<String>, values: LargeStringArray) -> Column {
    let kind = if is_category(&values) { Kind::Category } else { Kind::Text };
    Column::text(name, kind, values)
}

/// Whether at most 100 distinct values, each used twice on average, of 40 characters at most on average make up the
/// column.
fn is_category(values: &LargeStringArray) -> bool {
    let present = values.len() - values.null_count();
    let most = (present / 2).min(100);
    let mut distinct = HashSet::with_capacity(most + 1);
    let mut last = None;
    for value in values.iter().flatten() {
        if last != Some(value) {
            distinct.insert(value);
            if distinct.len() > most {
                return false;
            }
            last = Some(value);
        }
    }
    let bytes: usize = values.iter().flatten().map(str::len).sum();
    let characters = || values.iter().flatten().map(|value| value.chars().count()).sum::<usize>();
    present > 0 && (bytes <= 40 * present || characters() <= 40 * present)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_the_type_that_people_see_in_them() {
        let check = |expected: Type, cells: &[&str]| {
            for cell in cells {
                assert_eq!(Type::of(cell), expected, "{cell:?}");
            }
        };
        check(Type::Missing, &["", " ", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", " NA "]);
        check(Type::Bool, &["true", "false", "True", "False", "TRUE", " true"]);
        check(Type::Int, &["0", "7", "-1", "123456789012345678", " 42", "42 "]);
        check(Type::Float, &["0.5", "-0.5", ".5", "5.", "1e5", "1E-5", "1.5e+10", "-0", "inf", "-inf", "-Infinity"]);
        check(Type::Time, &["2019-01-15", "2019/01/15", "2019.01.15", "2019-01-15 03:36", "2019-01-15T03:36:12"]);
        check(Type::Time, &["2019-01-15T03:36:12.123456789Z", "2019-01-15 03:36:12 UTC", "2019-01-15T03:36:12+09:00"]);
        check(Type::Text, &["007", "-007", "00.5", "+1", "1234567890123456789", "1,234", "1_000", "0x1F", "١٢", "1 2"]);
        check(Type::Text, &["yes", "T", "tRUE", "na", "none", "-", ".", "-.", "e5", "1e", "1e+", "infinite", "nil"]);
        check(Type::Text, &["2019-1-5", "2019-13-01", "2019-02-29", "2019-01.15", "2019-01-15 25:00", "03:36:12"]);
        check(Type::Text, &["2019-01-15T", "2019-01-15 03", "2019-01-15 03:36:", "2019-01-15 03:36:12."]);
        check(Type::Text, &["2019-01-15T03:36:12+9", "2019-01-15T24:00", "가", "2019년", "1.2.3", "127.0.0.1"]);
    }

    #[test]
    fn the_join_of_types_is_the_narrowest_that_holds_both() {
        use Type::{Bool, Float, Int, Missing, Text, Time};
        let all = [Missing, Bool, Int, Float, Time, Text];
        for one in all {
            assert_eq!(one.join(one), one);
            assert_eq!(Missing.join(one), one);
            for two in all {
                assert_eq!(one.join(two), two.join(one));
                for three in all {
                    assert_eq!(one.join(two).join(three), one.join(two.join(three)), "{one:?} {two:?} {three:?}");
                }
            }
        }
        assert_eq!((Int.join(Float), Int.join(Bool), Time.join(Int)), (Float, Text, Text));
    }

    #[test]
    fn numbers_and_times_have_their_values() {
        assert_eq!((int("-12"), int("123456789012345678"), int("")), (Some(-12), Some(123_456_789_012_345_678), None));
        assert_eq!((float("1e-3"), float("12"), float("5.")), (Some(0.001), Some(12.0), Some(5.0)));
        assert_eq!(float("12345678901234567890"), None);
        let check = |cell: &str, expected: &str| {
            assert_eq!(time(cell).map(crate::data::column::show_time).as_deref(), Some(expected), "{cell}");
        };
        check("1970-01-02", "1970-01-02");
        check("0001-01-01", "0001-01-01");
        check("2019.03.01", "2019-03-01");
        check("2019-03-01 09:00", "2019-03-01T09:00:00");
        check("2019-03-01T09:00:00+09:00", "2019-03-01");
        check("2019-03-01T09:00:00-0130", "2019-03-01T10:30:00");
        check("2019-03-01T09:00:00+09", "2019-03-01");
        check("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500000");
        check("2019-03-01 09:00:00.123456789", "2019-03-01T09:00:00.123456");
    }

    #[test]
    fn few_short_distinct_values_make_a_category() {
        let kind = |texts: Vec<Option<String>>| text_column("t", LargeStringArray::from(texts)).kind();
        let repeated = |distinct: usize, rows: usize, length: usize| {
            (0..rows).map(|row| Some(format!("{:0length$}", row % distinct))).collect::<Vec<_>>()
        };
        assert_eq!(kind(repeated(2, 4, 1)), Kind::Category);
        assert_eq!(kind(repeated(3, 4, 1)), Kind::Text, "most differ");
        assert_eq!(kind(repeated(100, 1000, 3)), Kind::Category);
        assert_eq!(kind(repeated(101, 1000, 3)), Kind::Text, "too many");
        assert_eq!(kind(repeated(2, 1000, 41)), Kind::Text, "too long");
        assert_eq!(kind(vec![Some("가".repeat(40)); 4]), Kind::Category, "characters count, not bytes");
        assert_eq!(kind(vec![None, None]), Kind::Text);
        assert_eq!(kind(vec![]), Kind::Text);
        assert_eq!(kind(vec![Some("a".into()), None, None, None]), Kind::Text, "missing values do not repeat");
    }
}
