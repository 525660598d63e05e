//! What is odd about columns, by the rules of ydata-profiling.

use serde::Serialize;

use super::more::More;
use crate::data::Kind;
use crate::data::describe::pairs::Correlations;
use crate::data::describe::{Detail, Summary};
use crate::data::filter::quote_name;

/// Above this share missing values and zeros are mentioned.
const NOTABLE: f64 = 0.01;

/// Above this imbalance a category is mentioned.
const IMBALANCED: f64 = 0.5;

/// Beyond this skewness numbers are mentioned.
const SKEWED: f64 = 20.0;

/// Above this probability of even counts, values are more even than chance makes them.
const UNIFORM: f64 = 0.999;

/// A category of more values is mentioned.
const MANY_VALUES: usize = 50;

/// From this correlation on two columns are mentioned together.
const TOGETHER: f64 = 0.5;

/// From this share of its texts on a column of text is what they can be read as.
const NEARLY_ALL: f64 = 0.9;

/// From this share on, and up to nearly all, numbers among texts are mentioned.
const SOME: f64 = 0.05;

/// The most alerts about pairs of columns.
const MOST_PAIRS: usize = 200;

/// Something about a column, two columns, or the whole table, that a person should know before using it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alert {
    /// What it is:
    ///
    /// | kind | when | value |
    /// | --- | --- | --- |
    /// | `empty` | no value at all | 1 |
    /// | `constant` | one value only | share of rows that have it |
    /// | `unique` | text, category or whole number, and every row differs | 1 |
    /// | `missing` | more than 1 % without a value | their share |
    /// | `zeros` | more than 1 % are 0 | their share |
    /// | `not-finite` | any NaN or infinity | their share |
    /// | `skewed` | skewness beyond ±20 | the skewness |
    /// | `uniform` | counts more even than chance makes them, p > 0.999 | p |
    /// | `imbalance` | 1 - entropy / greatest entropy above 0.5 | the same |
    /// | `high-cardinality` | a category of more than 50 values | their number |
    /// | `constant-length` | text of which all values are as long | the length |
    /// | `dates-as-text` | at least 90 % of texts are dates or times | their share |
    /// | `numbers-as-text` | at least 90 % of texts are numbers | their share |
    /// | `mixed-types` | 5-90 % of texts are numbers | their share |
    /// | `nested` | at least 90 % of texts are lists or objects of JSON | their share |
    /// | `high-correlation` | correlation with the column `with` of at least 0.5 | the correlation |
    /// | `duplicate-rows` | rows that repeat an earlier one | their share |
    pub kind: &'static str,
    /// The column; `None` for the whole table.
    pub column: Option<String>,
    /// The other column of a pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
    /// How much, as the table says.
    pub value: f64,
}

impl Alert {
    /// Whether the value is a share of rows.
    pub fn is_share(&self) -> bool {
        !["skewed", "uniform", "imbalance", "high-cardinality", "constant-length", "high-correlation"]
            .contains(&self.kind)
    }

    /// The condition of the filter language that keeps the rows it speaks of; `None` where it speaks of none in
    /// particular.
    pub fn condition(&self, summaries: &[Summary]) -> Option<String> {
        let summary = summaries.iter().find(|summary| Some(&summary.name) == self.column.as_ref())?;
        let name = quote_name(&summary.name);
        match self.kind {
            "empty" | "missing" => Some(format!("{name} IS NULL")),
            "constant" => Some(format!("{name} IS NOT NULL")),
            "zeros" => Some(format!("{name} = 0")),
            "imbalance" => summary.bars().into_iter().max_by_key(|bar| bar.count).map(|bar| bar.sql),
            "not-finite" => {
                let odd = summary.bars().into_iter().filter(|bar| ["-∞", "∞", "NaN"].contains(&bar.label.as_str()));
                Some(odd.map(|bar| bar.sql).collect::<Vec<_>>().join(" OR "))
            }
            _ => None,
        }
    }
}

/// The alerts of a table: by columns, then by pairs of columns, the strongest first, then of the whole.
pub fn alerts(
    summaries: &[Summary],
    more: &[More],
    duplicate_rows: usize,
    correlations: Option<&Correlations>,
) -> Vec<Alert> {
    let rows = summaries.first().map_or(0, |summary| summary.rows);
    if rows == 0 {
        return Vec::new();
    }
    let mut found: Vec<Alert> =
        summaries.iter().zip(more).flat_map(|(summary, more)| of_column(summary, more)).collect();
    found.extend(correlations.into_iter().flat_map(of_pairs));
    if duplicate_rows > 0 {
        let value = duplicate_rows as f64 / rows as f64;
        found.push(Alert { kind: "duplicate-rows", column: None, with: None, value });
    }
    found
}

fn of_column(summary: &Summary, more: &More) -> Vec<Alert> {
    let mut found = Vec::new();
    let share = |count: usize| count as f64 / summary.rows.max(1) as f64;
    let mut add = |kind, value| found.push(Alert { kind, column: Some(summary.name.clone()), with: None, value });
    let present = summary.rows - summary.missing.min(summary.rows);
    match (present, summary.distinct) {
        (0, _) => add("empty", 1.0),
        (_, 1) => add("constant", share(present)),
        (_, distinct) if distinct == summary.rows && is_key(summary) => add("unique", 1.0),
        _ => {}
    }
    if present > 0 && share(summary.missing) > NOTABLE {
        add("missing", share(summary.missing));
    }
    if let Detail::Numbers(numbers) = &summary.detail {
        let odd = numbers.nan + numbers.negative_infinite + numbers.positive_infinite;
        if odd > 0 {
            add("not-finite", share(odd));
        }
    }
    if summary.distinct < 2 {
        return found;
    }
    if let Some(moments) = &more.moments {
        if share(moments.zeros) > NOTABLE {
            add("zeros", share(moments.zeros));
        }
        if let Some(skewness) = moments.skewness.filter(|skewness| skewness.abs() > SKEWED) {
            add("skewed", skewness);
        }
    }
    if let Some(p) = more.uniform_p.filter(|p| *p > UNIFORM) {
        add("uniform", p);
    }
    if let Some(imbalance) = more.imbalance.filter(|imbalance| *imbalance > IMBALANCED) {
        add("imbalance", imbalance);
    }
    if matches!(summary.detail, Detail::Categories(_)) && summary.distinct > MANY_VALUES {
        add("high-cardinality", summary.distinct as f64);
    }
    if let Some(written) = more.written.as_ref().filter(|_| !matches!(summary.kind, Kind::Image | Kind::Audio)) {
        let [shortest, _, _, longest] = written.lengths;
        if shortest == longest && summary.kind == Kind::Text {
            add("constant-length", longest);
        }
        let of = |count: usize| count as f64 / written.read.max(1) as f64;
        match () {
            () if of(written.dates) >= NEARLY_ALL => add("dates-as-text", of(written.dates)),
            () if of(written.numbers) >= NEARLY_ALL => add("numbers-as-text", of(written.numbers)),
            () if of(written.nested) >= NEARLY_ALL => add("nested", of(written.nested)),
            () if of(written.numbers) >= SOME => add("mixed-types", of(written.numbers)),
            () => {}
        }
    }
    found
}

fn of_pairs(found: &Correlations) -> Vec<Alert> {
    let places = (0..found.names.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
    let mut strong: Vec<(f64, usize, usize)> = places
        .filter_map(|(a, b)| Some((found.get(a, b)?.value?, a, b)))
        .filter(|(value, ..)| value.abs() >= TOGETHER)
        .collect();
    strong.sort_by(|x, y| y.0.abs().total_cmp(&x.0.abs()));
    let name = |at: usize| found.names.get(at).cloned();
    let alert = |(value, a, b): &(f64, usize, usize)| Alert {
        kind: "high-correlation",
        column: name(*a),
        with: name(*b),
        value: *value,
    };
    strong.iter().take(MOST_PAIRS).map(alert).collect()
}

/// Whether values that all differ make a column a key: real numbers and times differ by nature.
fn is_key(summary: &Summary) -> bool {
    match &summary.detail {
        Detail::Texts(_) | Detail::Categories(_) => true,
        Detail::Numbers(_) => summary.kind == Kind::Int,
        Detail::Times(_) | Detail::Bools { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Float64Array, Int64Array, LargeStringArray};

    use super::super::profile;
    use super::*;
    use crate::data::{Column, Frame, Values};
    use crate::engine::Work;

    fn text(name: &str, kind: Kind, values: &[Option<&str>]) -> Arc<Column> {
        Arc::new(Column::text(name, kind, LargeStringArray::from(values.to_vec())))
    }

    fn check(column: Arc<Column>, expected: &[(&str, f64)]) {
        let found = profile(&Frame::new(vec![column]), 0, &Work::new()).unwrap().alerts;
        let found: Vec<(&str, f64)> = found
            .iter()
            .filter(|alert| alert.kind != "duplicate-rows")
            .map(|alert| (alert.kind, (alert.value * 1e3).round() / 1e3))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn odd_columns_are_mentioned_with_how_odd_they_are() {
        check(
            Arc::new(Column::new("id", Values::Int((0..20).map(|n| Some(n * n)).collect::<Int64Array>()))),
            &[("unique", 1.0), ("zeros", 0.05)],
        );
        check(text("one", Kind::Category, &[Some("x"); 20]), &[("constant", 1.0)]);
        check(text("none", Kind::Text, &[None; 20]), &[("empty", 1.0)]);
        let mut values = vec![Some("a"); 19];
        values.push(Some("bb"));
        check(text("skewed", Kind::Category, &values), &[("imbalance", 0.714)]);
        let mut values = vec![Some("p"), Some("qq"), None, None];
        values.extend([Some("p"), Some("p"), Some("qq")].repeat(8));
        check(text("holes", Kind::Category, &values), &[("missing", 0.071)]);
        let numbers =
            (0..20).map(|n| Some(if n < 2 { f64::INFINITY } else { f64::from(n * n) })).collect::<Float64Array>();
        check(Arc::new(Column::new("numbers", Values::Float(numbers))), &[("not-finite", 0.1)]);
        let mut numbers = vec![1.0; 1000];
        numbers.extend([2.0, 1e6]);
        let found = profile(
            &Frame::new(vec![Arc::new(Column::new("x", Values::Float(Float64Array::from(numbers))))]),
            0,
            &Work::new(),
        );
        assert_eq!(found.unwrap().alerts[0].kind, "skewed");
        check(
            text("dates", Kind::Text, &["2024-01-05", "5 March 2023", "2024년 1월 5일"].map(Some)),
            &[("unique", 1.0), ("dates-as-text", 1.0)],
        );
        check(
            text("mixed", Kind::Text, &["1", "2.5", "three", "four", "4"].map(Some)),
            &[("unique", 1.0), ("mixed-types", 0.6)],
        );
        check(
            text("lists", Kind::Text, &["[1]", "[2, 3]", "{\"a\": 1}"].map(Some)),
            &[("unique", 1.0), ("nested", 1.0)],
        );
        check(text("codes", Kind::Text, &["ab-1", "cd-2", "ab-1"].map(Some)), &[("constant-length", 4.0)]);
        let even: Vec<String> = (0..240).map(|n| format!("v{}", n % 60 * 7)).collect();
        let even: Vec<Option<&str>> = even.iter().map(|value| Some(value.as_str())).collect();
        check(text("even", Kind::Category, &even), &[("uniform", 1.0), ("high-cardinality", 60.0)]);
    }

    /// The rows of an alert are as many as it says.
    #[test]
    fn alerts_lead_to_the_rows_they_speak_of() {
        let some = |row: usize| (row < 15).then_some(if row < 12 { "a" } else { "b" });
        let category: Vec<Option<&str>> = (0..20).map(some).collect();
        let numbers = (0..20).map(|n| Some([0.0, f64::NAN, f64::INFINITY, 2.5][n % 4])).collect::<Float64Array>();
        let frame = Frame::new(vec![
            text("the kind", Kind::Category, &category),
            text("none", Kind::Text, &[None; 20]),
            text("one", Kind::Category, &[Some("x"); 20]),
            Arc::new(Column::new("x", Values::Float(numbers))),
        ]);
        let found = profile(&frame, 0, &Work::new()).unwrap();
        let rows = |kind: &str, column: &str| {
            let alert = found.alerts.iter().find(|it| it.kind == kind && it.column.as_deref() == Some(column));
            let condition = alert.unwrap_or_else(|| panic!("{kind} of {column}")).condition(&found.summaries)?;
            let parsed = crate::data::filter::parse(&condition, &frame).unwrap();
            Some(parsed.evaluate(&frame, &Work::new()).unwrap().count_set_bits())
        };
        assert_eq!(rows("missing", "the kind"), Some(5));
        assert_eq!(rows("empty", "none"), Some(20));
        assert_eq!(rows("constant", "one"), Some(20));
        assert_eq!(rows("zeros", "x"), Some(5));
        assert_eq!(rows("not-finite", "x"), Some(10));
        let alert = |kind| Alert { kind, column: Some("the kind".to_owned()), with: None, value: 1.0 };
        assert_eq!(alert("imbalance").condition(&found.summaries).as_deref(), Some("\"the kind\" = 'a'"));
        assert_eq!(alert("unique").condition(&found.summaries), None);
    }

    #[test]
    fn columns_that_go_together_are_mentioned_with_both_names() {
        let numbers = |name: &str, factor: i64| {
            Arc::new(Column::new(name, Values::Int((0..50).map(|n| Some(n * factor + n % 3)).collect::<Int64Array>())))
        };
        let found = profile(&Frame::new(vec![numbers("a", 2), numbers("b", -3)]), 0, &Work::new()).unwrap().alerts;
        let pair = found.iter().find(|alert| alert.kind == "high-correlation").unwrap();
        assert_eq!((pair.column.as_deref(), pair.with.as_deref()), (Some("a"), Some("b")));
        assert!(pair.value < -0.99 && !pair.is_share());
    }
}
