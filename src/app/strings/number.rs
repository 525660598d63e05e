//! Numbers as people read them: grouped digits, shares, sizes and spans of time.

use super::Language;
pub use crate::data::show_count as grouped;

/// A share of 0-1 in per cent: one digit after the point below 10% and above 99%, where it matters.
///
/// A share that is not nothing is never shown as 0%, and one that is not all never as 100%.
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return "–".to_owned();
    }
    let value = share * 100.0;
    if value > 0.0 && value < 0.1 {
        "<0.1%".to_owned()
    } else if value > 99.9 && value < 100.0 {
        ">99.9%".to_owned()
    } else if value == 0.0 || value == 100.0 || (9.95..99.0).contains(&value) {
        format!("{value:.0}%")
    } else {
        format!("{value:.1}%")
    }
}

/// A number as people compare it: three digits that count, whole from a thousand on.
pub fn decimal(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if !value.is_finite() => "–".to_owned(),
        0.0 => "0".to_owned(),
        1000.0..1e15 => format!("{}{}", if value < 0.0 { "-" } else { "" }, grouped(size.round() as u64)),
        100.0..1000.0 => format!("{value:.0}"),
        10.0..100.0 => format!("{value:.1}"),
        1.0..10.0 => format!("{value:.2}"),
        0.001..1.0 => format!("{value:.3}"),
        _ => format!("{value:.1e}"),
    }
}

/// A size in bytes, in units of 1024.
pub fn bytes(size: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = size as f64;
    let mut unit = 0;
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or_default();
    if unit == 0 || value >= 99.95 { format!("{value:.0} {name}") } else { format!("{value:.1} {name}") }
}

/// A span of time, rounded to what a person wants to know: seconds, then minutes, then hours and minutes.
pub fn duration(seconds: f64, language: Language) -> String {
    let seconds = if seconds.is_finite() { seconds.max(0.0).round() as u64 } else { 0 };
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let (h, m, s) = match language {
        Language::English => (" h", " min", " s"),
        Language::Korean => ("시간", "분", "초"),
    };
    match (hours, minutes) {
        (0, 0) => format!("{rest}{s}"),
        (0, _) if minutes >= 10 || rest == 0 => format!("{minutes}{m}"),
        (0, _) => format!("{minutes}{m} {rest}{s}"),
        (_, 0) => format!("{hours}{h}"),
        _ => format!("{hours}{h} {minutes}{m}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_in_threes() {
        let check = |number, expected: &str| assert_eq!(grouped(number), expected);
        check(0, "0");
        check(999, "999");
        check(1_000, "1,000");
        check(12_345, "12,345");
        check(123_456, "123,456");
        check(u64::MAX, "18,446,744,073,709,551,615");
    }

    #[test]
    fn shares_are_never_rounded_to_none_or_all() {
        let check = |share, expected: &str| assert_eq!(percent(share), expected, "{share}");
        check(0.0, "0%");
        check(0.00001, "<0.1%");
        check(0.012, "1.2%");
        check(0.0994, "9.9%");
        check(0.0996, "10%");
        check(0.5, "50%");
        check(0.9899, "99%");
        check(0.993, "99.3%");
        check(0.99999, ">99.9%");
        check(1.0, "100%");
        check(f64::NAN, "–");
    }

    #[test]
    fn numbers_have_three_digits_that_count() {
        let check = |value, expected: &str| assert_eq!(decimal(value), expected);
        check(0.0, "0");
        check(0.1234, "0.123");
        check(-2.345, "-2.35");
        check(17.26, "17.3");
        check(412.4, "412");
        check(-12_345.6, "-12,346");
        check(0.000_012, "1.2e-5");
        check(f64::NAN, "–");
    }

    #[test]
    fn sizes_take_the_unit_that_fits() {
        let check = |size, expected: &str| assert_eq!(bytes(size), expected);
        check(0, "0 B");
        check(1023, "1023 B");
        check(1024, "1.0 KiB");
        check(1_572_864, "1.5 MiB");
        check(1024 * 1024 - 1, "1.0 MiB");
        check(300 * 1024 * 1024 * 1024, "300 GiB");
    }

    #[test]
    fn spans_of_time_are_rounded() {
        let check = |seconds, en: &str, ko: &str| {
            assert_eq!(duration(seconds, Language::English), en);
            assert_eq!(duration(seconds, Language::Korean), ko);
        };
        check(0.2, "0 s", "0초");
        check(41.6, "42 s", "42초");
        check(60.0, "1 min", "1분");
        check(125.0, "2 min 5 s", "2분 5초");
        check(725.0, "12 min", "12분");
        check(3600.0, "1 h", "1시간");
        check(5400.0, "1 h 30 min", "1시간 30분");
        check(f64::INFINITY, "0 s", "0초");
    }
}
