//! Numbers and texts as a reader expects them.

use crate::data::show_float;
pub(super) use crate::data::{show_count as count, show_percent as percent};

/// Characters of a value that a report shows.
const WIDEST: usize = 60;

/// A number of at most four digits that count, or of all digits before the point; a dash if there is none.
pub(super) fn number(value: Option<f64>) -> String {
    let Some(value) = value.filter(|value| value.is_finite()) else { return "–".to_owned() };
    if value == value.trunc() && value.abs() < 1e15 {
        let sign = if value < 0.0 { "-" } else { "" };
        return format!("{sign}{}", count(value.abs() as u64));
    }
    if value.abs() >= 1000.0 && value.abs() < 1e15 {
        let sign = if value < 0.0 { "-" } else { "" };
        return format!("{sign}{}", count(value.abs().round() as u64));
    }
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    let shown = show_float(rounded);
    shown.strip_suffix(".0").map_or_else(|| shown.clone(), str::to_owned)
}

/// A text of one line and of at most [`WIDEST`] characters.
pub(super) fn clipped(text: &str) -> String {
    let plain: String = text.chars().take(WIDEST + 1).map(|c| if c.is_control() { ' ' } else { c }).collect();
    match plain.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{}…", plain.get(..end).unwrap_or_default()),
        None => plain,
    }
}

/// A text inside markup.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Characters that XML does not allow, and lines, which a label has none of.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let check = |value: f64, expected: &str| assert_eq!(number(Some(value)), expected);
        check(0.0, "0");
        check(1234567.0, "1,234,567");
        check(-12.0, "-12");
        check(0.123456, "0.1235");
        check(1234.5678, "1,235");
        check(-189_778.4, "-189,778");
        check(1e-9, "1e-9");
        check(f64::NAN, "–");
        assert_eq!((number(None), percent(0.1234)), ("–".to_owned(), "12.3 %".to_owned()));
    }

    #[test]
    fn texts_are_clipped_and_escaped() {
        assert_eq!(clipped("a\nb"), "a b");
        assert_eq!(clipped(&"가".repeat(61)).chars().count(), 61);
        assert_eq!(escaped("<a href='x'>&\u{1}"), "&lt;a href=&#39;x&#39;&gt;&amp; ");
    }
}
