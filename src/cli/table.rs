//! Short tables for people: aligned columns, in which Hangul and other wide characters count two.

use crate::data::show_count;
pub(super) use crate::data::show_percent as percent;

/// A table that is being filled. Numbers stand to the right, text to the left.
#[derive(Debug, Default)]
pub(super) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// No cell is wider than this; longer text is cut and ends in `…`.
const WIDEST: usize = 48;

impl Table {
    /// A table with these column heads; without any, only rows are shown.
    pub(super) fn new<const N: usize>(header: [&str; N]) -> Self {
        Self { header: header.map(str::to_owned).to_vec(), rows: Vec::new() }
    }

    /// Adds a row.
    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.to_vec());
    }

    /// True without rows.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as text, each line ended.
    pub(super) fn render(&self) -> String {
        let lines: Vec<Vec<String>> = [&self.header]
            .into_iter()
            .chain(&self.rows)
            .map(|row| row.iter().map(|cell| fit(cell)).collect())
            .collect();
        let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
        let cells = |column: usize| lines.iter().filter_map(move |line| line.get(column));
        let widths: Vec<usize> =
            (0..columns).map(|column| cells(column).map(|cell| width(cell)).max().unwrap_or(0)).collect();
        let numeric: Vec<bool> = (0..columns).map(|column| cells(column).skip(1).all(|cell| is_number(cell))).collect();
        let mut text = String::new();
        for line in lines.iter().filter(|line| line.iter().any(|cell| !cell.is_empty())) {
            let start = text.len();
            for (column, cell) in line.iter().enumerate() {
                let padding = " ".repeat(widths[column].saturating_sub(width(cell)));
                let (before, after) = if numeric[column] { (padding.as_str(), "") } else { ("", padding.as_str()) };
                text.push_str(before);
                text.push_str(cell);
                text.push_str(after);
                text.push_str("  ");
            }
            text.truncate(start + text[start..].trim_end().len());
            text.push('\n');
        }
        text
    }
}

/// Two columns: what, and its value. Rows without a value are left out.
pub(super) fn facts<const N: usize>(facts: [(&str, Option<String>); N]) -> String {
    let kept: Vec<_> = facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let widest = kept.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let line = |(name, value): &(&str, String)| format!("{name}{}  {value}\n", " ".repeat(widest - width(name)));
    kept.iter().map(line).collect()
}

/// A number that may be undefined, with three decimals.
pub(super) fn decimal(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"))
}

/// A count with its noun: `1 row`, `2 rows`, `12,345 rows`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", show_count(number as u64))
}

fn is_number(cell: &str) -> bool {
    let cell = cell.trim_end_matches(" %");
    cell.is_empty() || cell == "–" || cell.replace([',', ' '], "").parse::<f64>().is_ok()
}

/// One line of at most [`WIDEST`] columns. Control characters become spaces, so that no data can steer a terminal.
fn fit(cell: &str) -> String {
    let clean: String = cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if width(&clean) <= WIDEST {
        return clean;
    }
    let mut used = 0;
    let kept = clean.chars().take_while(|&c| {
        used += char_width(c);
        used < WIDEST
    });
    kept.chain(['…']).collect()
}

/// The columns that a text takes on a terminal.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// 2 for the characters that Unicode calls wide or full-width (UAX #11, in blocks), 0 for those that are drawn over the
/// one before, else 1.
fn char_width(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036F | 0x1160..=0x11FF | 0x200B..=0x200F | 0x20D0..=0x20FF | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F
        | 0x2E80..=0x303E
        | 0x3041..=0x33FF
        | 0x3400..=0x4DBF
        | 0x4E00..=0x9FFF
        | 0xA000..=0xA4CF
        | 0xA960..=0xA97F
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1F64F
        | 0x1F680..=0x1F6FF
        | 0x1F900..=0x1F9FF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_count_two() {
        let check = |text: &str, expected| assert_eq!(width(text), expected, "{text}");
        check("abc", 3);
        check("긍정", 4);
        check("\u{1112}\u{1161}\u{11ab}", 2);
        check("é", 1);
        check("e\u{301}", 1);
        check("漢字かな", 8);
        check("🎉", 2);
        check("", 0);
    }

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(["class", "rows"]);
        table.row(["긍정".into(), "12".into()]);
        table.row(["neg".into(), "1,234".into()]);
        assert_eq!(table.render(), "class   rows\n긍정      12\nneg    1,234\n");
        assert_eq!(
            facts([("rows", Some("3".into())), ("gold", None), ("model", Some("m".into()))]),
            "rows   3\nmodel  m\n"
        );
    }

    #[test]
    fn long_and_unruly_cells_are_tamed() {
        let mut table = Table::new(["text"]);
        table.row(["가".repeat(100)]);
        table.row(["a\u{1b}[31m\nb".into()]);
        let text = table.render();
        assert!(text.lines().all(|line| width(line) <= WIDEST), "{text}");
        assert!(text.contains('…') && !text.contains('\u{1b}'));
    }

    #[test]
    fn counts_have_their_noun() {
        let check = |number, expected: &str| assert_eq!(count(number, "row"), expected);
        check(0, "0 rows");
        check(1, "1 row");
        check(999, "999 rows");
        check(1_234_567, "1,234,567 rows");
        assert_eq!((percent(0.928), percent(f64::NAN)), ("92.8 %".to_owned(), "–".to_owned()));
    }
}
