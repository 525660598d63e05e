//! A suite that a table fulfils, to begin with: what its columns are like, with room.

use std::fmt::Write as _;

use crate::data::describe::{Detail, Numbers, Statistics, Summary};
use crate::data::{Kind, show_time};

/// Columns beyond which their names are not listed.
const MOST_NAMES: usize = 500;

/// A suite in TOML from the descriptions of all columns. The table that was described fulfils it; bounds have room of a
/// tenth of the range, shares one of a hundredth.
pub fn suggest(summaries: &[Summary]) -> String {
    let mut out = String::from("# Suggested from the data. Take out what need not hold, and narrow what must.\n");
    let rows = summaries.first().map_or(0, |summary| summary.rows);
    entry(&mut out, "expect_table_row_count_to_be_between", None, &[("min_value", rows.min(1).to_string())]);
    if (1..=MOST_NAMES).contains(&summaries.len()) {
        let names: Vec<String> = summaries.iter().map(|summary| text(&summary.name)).collect();
        let set = format!("[{}]", names.join(", "));
        entry(
            &mut out,
            "expect_table_columns_to_match_set",
            None,
            &[("column_set", set), ("exact_match", "false".into())],
        );
    }
    for summary in summaries {
        of_column(&mut out, summary);
    }
    out
}

fn of_column(out: &mut String, summary: &Summary) {
    let name = Some(summary.name.as_str());
    let mut add = |expectation: &str, arguments: &[(&str, String)]| entry(out, expectation, name, arguments);
    add("expect_column_values_to_be_of_type", &[("type_", text(kind_name(summary.kind)))]);
    let present = summary.rows - summary.missing.min(summary.rows);
    if present == 0 {
        return;
    }
    if summary.missing == 0 {
        add("expect_column_values_to_not_be_null", &[]);
    } else {
        // Rounded down, a hundredth below what is there.
        let mostly = ((present as f64 / summary.rows as f64 - 0.01) * 100.0).floor() / 100.0;
        if mostly > 0.0 {
            add("expect_column_values_to_not_be_null", &[("mostly", mostly.to_string())]);
        }
    }
    let is_key = summary.missing == 0 && summary.distinct == summary.rows && summary.rows > 1;
    match &summary.detail {
        Detail::Numbers(numbers) => {
            if is_key && summary.kind == Kind::Int {
                add("expect_column_values_to_be_unique", &[]);
            } else if let Some((low, high)) = range(numbers) {
                add("expect_column_values_to_be_between", &[("min_value", low), ("max_value", high)]);
            }
        }
        Detail::Categories(categories) if categories.others == 0 && !is_key => {
            let values: Vec<String> = categories.top.iter().map(|(value, _)| text(value)).collect();
            add("expect_column_values_to_be_in_set", &[("value_set", format!("[{}]", values.join(", ")))]);
        }
        Detail::Categories(_) => {}
        Detail::Texts(texts) => {
            if is_key {
                add("expect_column_values_to_be_unique", &[]);
            }
            if let (Some(least), Some(most)) = (texts.min, texts.max) {
                let (least, most) = (least.min(1), most.saturating_mul(2).max(1));
                let arguments = [("min_value", least.to_string()), ("max_value", most.to_string())];
                add("expect_column_value_lengths_to_be_between", &arguments);
            }
        }
        Detail::Times(times) => {
            if let Some(first) = times.min {
                add("expect_column_values_to_be_between", &[("min_value", text(&show_time(first)))]);
            }
        }
        Detail::Bools { .. } => {}
    }
}

/// A category is a kind of text, and may be read as plain text where its values are many.
fn kind_name(kind: Kind) -> &'static str {
    if kind == Kind::Category { "str" } else { kind.name() }
}

/// The range of numbers with room; never below 0 where no number is. `None` if there are odd ones.
fn range(numbers: &Numbers) -> Option<(String, String)> {
    let odd = numbers.nan + numbers.negative_infinite + numbers.positive_infinite;
    let Statistics { min, max, .. } = numbers.statistics.filter(|_| odd == 0)?;
    let room = (max / 10.0 - min / 10.0).max(max.abs().max(min.abs()) * 1e-3);
    // A step of one digit less than the room keeps the numbers short.
    let step = 10f64.powf(room.max(1e-300).log10().floor());
    let low = ((min - room) / step).floor() * step;
    let high = ((max + room) / step).ceil() * step;
    let low = if min >= 0.0 { low.max(0.0) } else { low };
    (low.is_finite() && high.is_finite() && low <= min && high >= max).then(|| (number(low), number(high)))
}

/// A number as TOML reads it back, without the digits that rounding leaves.
fn number(value: f64) -> String {
    let short = format!("{value:.10e}").parse().unwrap_or(value);
    if short == f64::trunc(short) && short.abs() < 1e15 { format!("{:.0}", short + 0.0) } else { format!("{short:?}") }
}

/// A text in quotes, as TOML reads it back.
fn text(value: &str) -> String {
    toml::Value::String(value.to_owned()).to_string()
}

fn entry(out: &mut String, expectation: &str, column: Option<&str>, arguments: &[(&str, String)]) {
    // Writing to a text cannot fail.
    let _ = writeln!(out, "\n[[expectation]]\nexpectation = \"{expectation}\"");
    if let Some(column) = column {
        let _ = writeln!(out, "column = {}", text(column));
    }
    for (name, value) in arguments {
        let _ = writeln!(out, "{name} = {value}");
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn ranges_have_room_and_short_numbers() {
        let check = |min: f64, max: f64, expected: (&str, &str)| {
            let statistics = Statistics { min, max, mean: 0.0, std: None, quantiles: [0.0; 5] };
            let numbers = Numbers {
                statistics: Some(statistics),
                histogram: vec![],
                nan: 0,
                negative_infinite: 0,
                positive_infinite: 0,
            };
            let found = range(&numbers).unwrap();
            assert_eq!((found.0.as_str(), found.1.as_str()), expected, "{min} {max}");
        };
        check(17.0, 90.0, ("9", "98"));
        check(0.0, 1.0, ("0", "1.1"));
        check(-1.0, 1.0, ("-1.2", "1.2"));
        check(0.1, 0.7, ("0.04", "0.76"));
        check(5.0, 5.0, ("4.995", "5.005"));
        check(0.0, 0.0, ("0", "0"));
    }
}
