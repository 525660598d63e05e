//! Points in time in the filter language: reading them from text, and taking them apart. All times are UTC.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime};

use super::tree::Field;

/// The microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// The forms in which a time may be written, for messages.
pub(super) const FORMS: &str =
    "'2015-08-25', '2015-08-25 14:30', '2015-08-25T14:30:05.25', '2015-08-25T14:30:05+09:00'";

/// Reads ISO 8601 in its usual forms: a date, a date and time with `T` or a space, with seconds, a fraction and an
/// offset if wanted. Also the form in which times beyond the calendar are shown (`12345 µs`).
/// The result counts microseconds since 1970.
pub(super) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(micros) = text.strip_suffix(" µs") {
        return micros.parse().ok();
    }
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros());
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_micros());
    }
    let local = text.strip_suffix('Z').unwrap_or(text);
    for form in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(local, form) {
            return Some(time.and_utc().timestamp_micros());
        }
    }
    for form in ["%Y-%m-%dT%H:%M%:z", "%Y-%m-%d %H:%M%:z", "%Y-%m-%d %H:%M:%S%.f%:z"] {
        if let Ok(time) = DateTime::parse_from_str(text, form) {
            return Some(time.timestamp_micros());
        }
    }
    None
}

/// A part of a time; `None` beyond the calendar (the years ±262,000).
pub(super) fn field(micros: i64, field: Field) -> Option<i64> {
    let of_day = micros.rem_euclid(DAY);
    Some(match field {
        Field::Hour => of_day / 3_600_000_000,
        Field::Minute => of_day / 60_000_000 % 60,
        Field::Second => of_day / 1_000_000 % 60,
        Field::Epoch => micros.div_euclid(1_000_000),
        // 1970-01-01 was a Thursday.
        Field::Weekday => (micros.div_euclid(DAY) + 3).rem_euclid(7) + 1,
        Field::Year | Field::Quarter | Field::Month | Field::Week | Field::Day | Field::DayOfYear => {
            let date = DateTime::from_timestamp_micros(micros)?.date_naive();
            match field {
                Field::Year => i64::from(date.year()),
                Field::Quarter => i64::from(date.month0() / 3 + 1),
                Field::Month => i64::from(date.month()),
                Field::Week => i64::from(date.iso_week().week()),
                Field::Day => i64::from(date.day()),
                _ => i64::from(date.ordinal()),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::column::show_time;
    use super::*;

    #[test]
    fn times_are_read_in_their_usual_forms() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(parse(text).map(show_time).as_deref(), expected, "{text}");
        };
        check("2015-08-25", Some("2015-08-25"));
        check(" 2015-08-25 ", Some("2015-08-25"));
        check("2015-08-25 14:30", Some("2015-08-25T14:30:00"));
        check("2015-08-25T14:30:05", Some("2015-08-25T14:30:05"));
        check("2015-08-25T14:30:05Z", Some("2015-08-25T14:30:05"));
        check("2015-08-25 14:30:05.25", Some("2015-08-25T14:30:05.250000"));
        check("2015-08-25T14:30:05+09:00", Some("2015-08-25T05:30:05"));
        check("2015-08-25 00:30:05+09:00", Some("2015-08-24T15:30:05"));
        check("1969-12-31T23:59:59", Some("1969-12-31T23:59:59"));
        check("2015-13-25", None);
        check("25/08/2015", None);
        check("today", None);
        check("", None);
    }

    #[test]
    fn what_is_shown_is_read_back() {
        for micros in [0, 1, -1, 1_500_000, 1_440_460_800_000_000, i64::MAX, i64::MIN, 253_402_300_800_000_000] {
            assert_eq!(parse(&show_time(micros)), Some(micros), "{}", show_time(micros));
        }
    }

    #[test]
    fn parts_of_times() {
        let at = parse("2015-08-25T14:30:05").unwrap();
        let check = |part: Field, expected: i64| assert_eq!(field(at, part), Some(expected), "{part:?}");
        check(Field::Year, 2015);
        check(Field::Quarter, 3);
        check(Field::Month, 8);
        check(Field::Week, 35);
        check(Field::Day, 25);
        check(Field::Weekday, 2);
        check(Field::DayOfYear, 237);
        check(Field::Hour, 14);
        check(Field::Minute, 30);
        check(Field::Second, 5);
        check(Field::Epoch, 1_440_513_005);
        assert_eq!(field(-1, Field::Hour), Some(23), "before 1970");
        assert_eq!(field(-1, Field::Year), Some(1969));
        assert_eq!(field(i64::MAX, Field::Year), None);
    }
}
