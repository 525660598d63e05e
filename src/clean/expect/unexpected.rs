//! The rows that are not as expected, as a condition of the filter language, where one exists: what a failed expectation
//! is looked into with.

use super::patterns::{Patterns, TextPattern};
use super::scalar::{Bounds, Scalar};
use super::tuples::TupleTest;
use super::values::ValueCheck;
use super::{Check, Expectation};
use crate::data::filter::{quote_name, quote_text};
use crate::data::{Column, Frame, Values};

impl Expectation {
    /// A condition that selects the rows that are not as expected; `None` where the language has none (such as for
    /// repeated values), or no single rows are judged.
    pub fn unexpected(&self, frame: &Frame) -> Option<String> {
        let condition = match self.check.as_ref().ok()? {
            Check::Values(name, check) => of_values(frame.get(name)?, check)?,
            Check::Tuples(check) => {
                let [a, b] = check.columns.as_slice() else { return None };
                of_pair(&quote_name(a), &quote_name(b), &check.test)?
            }
            Check::Table(_) | Check::Aggregate(..) | Check::Labelling(_) => return None,
        };
        Some(match &self.condition {
            // A comment at the end of a condition must not swallow the parenthesis.
            Some(rows) => format!("({condition}) AND ({rows}\n)"),
            None => condition,
        })
    }
}

fn of_values(column: &Column, check: &ValueCheck) -> Option<String> {
    let name = quote_name(column.name());
    match check {
        ValueCheck::Null(true) | ValueCheck::Type(_) => Some(format!("{name} IS NOT NULL")),
        ValueCheck::Null(false) => Some(format!("{name} IS NULL")),
        ValueCheck::Set(set, wanted) => {
            let values: Option<Vec<String>> =
                set.iter().filter(|scalar| **scalar != Scalar::Null).map(|scalar| constant(scalar, column)).collect();
            let values = values.filter(|values| !values.is_empty())?.join(", ");
            Some(format!("{name} {} ({values})", if *wanted { "NOT IN" } else { "IN" }))
        }
        ValueCheck::Between(bounds) => outside(&name, bounds, |scalar| constant(scalar, column)),
        ValueCheck::Length(bounds) => outside(&format!("length({name})"), bounds, Scalar::as_text),
        ValueCheck::Match(patterns) if column.strings().is_some() => of_patterns(&name, patterns),
        _ => None,
    }
}

/// A constant as it is compared with the values of a column.
fn constant(scalar: &Scalar, column: &Column) -> Option<String> {
    match (column.values(), scalar) {
        (Values::Text(_) | Values::Time(_), scalar) => Some(quote_text(&scalar.as_text()?)),
        (_, Scalar::Text(_)) => None,
        (_, scalar) => scalar.as_text(),
    }
}

fn outside(value: &str, bounds: &Bounds, constant: impl Fn(&Scalar) -> Option<String>) -> Option<String> {
    let side = |bound: &Option<Scalar>, operator: &str| -> Option<Option<String>> {
        let Some(bound) = bound else { return Some(None) };
        Some(Some(format!("{value} {operator} {}", constant(bound)?)))
    };
    let low = side(&bounds.min, if bounds.strict_min { "<=" } else { "<" })?;
    let high = side(&bounds.max, if bounds.strict_max { ">=" } else { ">" })?;
    let sides: Vec<String> = low.into_iter().chain(high).collect();
    (!sides.is_empty()).then(|| sides.join(" OR "))
}

fn of_patterns(name: &str, patterns: &Patterns) -> Option<String> {
    let found = |pattern: &TextPattern| match pattern {
        TextPattern::Linear(regex) => Some(format!("regexp({name}, {})", quote_text(regex.as_str()))),
        TextPattern::Back(_) => None,
    };
    let found: Vec<String> = patterns.patterns.iter().map(found).collect::<Option<_>>()?;
    let joined = found.join(if patterns.wanted && patterns.all { " AND " } else { " OR " });
    match (patterns.wanted, found.is_empty()) {
        (_, true) => None,
        (true, _) => Some(format!("NOT ({joined})")),
        (false, _) => Some(joined),
    }
}

fn of_pair(a: &str, b: &str, test: &TupleTest) -> Option<String> {
    let operator = match test {
        TupleTest::Equal => "<>",
        TupleTest::Greater { or_equal: true } => "<",
        TupleTest::Greater { or_equal: false } => "<=",
        _ => return None,
    };
    Some(format!("{a} {operator} {b}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Float64Array, Int64Array, LargeStringArray};

    use super::*;
    use crate::clean::expect::Suite;
    use crate::data::{Kind, filter};
    use crate::engine::Work;

    fn frame() -> Frame {
        let texts = vec![Some("a1"), Some("it's"), None, Some("long text here"), Some("b"), Some("")];
        Frame::new(vec![
            Arc::new(Column::text("the text", Kind::Text, LargeStringArray::from(texts))),
            Arc::new(Column::new(
                "n",
                Values::Int(Int64Array::from(vec![Some(1), Some(5), None, Some(-3), Some(9), Some(5)])),
            )),
            Arc::new(Column::new(
                "x",
                Values::Float(Float64Array::from(vec![Some(0.5), Some(2.5), None, Some(-1.0), Some(1e300), Some(3.0)])),
            )),
        ])
    }

    #[test]
    fn conditions_select_exactly_the_rows_that_are_counted() {
        let frame = frame();
        let check = |body: &str| {
            let suite = Suite::from_toml(&format!("[[expectation]]\n{body}\n")).unwrap();
            let report = suite.check(&frame, &Work::new()).unwrap();
            let outcome = &report.results[0];
            assert_eq!(outcome.error, None, "{body}");
            let condition = suite.expectations[0].unexpected(&frame).unwrap_or_else(|| panic!("no condition: {body}"));
            let mask = filter::parse(&condition, &frame).unwrap().evaluate(&frame, &Work::new()).unwrap();
            let rows: Vec<u32> = mask.set_indices_u32().collect();
            assert_eq!(rows, outcome.sample_rows, "{condition}");
            assert!(!rows.is_empty(), "{condition}: a test that selects nothing tests nothing");
        };
        let text = "column = \"the text\"";
        check(&format!("expectation = \"expect_column_values_to_not_be_null\"\n{text}"));
        check(&format!("expectation = \"expect_column_values_to_be_null\"\n{text}"));
        check(&format!("expectation = \"expect_column_values_to_be_in_set\"\n{text}\nvalue_set = [\"it's\", \"b\"]"));
        check("expectation = \"expect_column_values_to_not_be_in_set\"\ncolumn = \"n\"\nvalue_set = [5]");
        check("expectation = \"expect_column_values_to_be_between\"\ncolumn = \"n\"\nmin_value = 0\nmax_value = 5");
        check(
            "expectation = \"expect_column_values_to_be_between\"\ncolumn = \"x\"\nmax_value = 2.5\nstrict_max = true",
        );
        check(&format!(
            "expectation = \"expect_column_value_lengths_to_be_between\"\n{text}\nmin_value = 1\nmax_value = 5"
        ));
        check(&format!("expectation = \"expect_column_values_to_match_regex\"\n{text}\nregex = '^[a-z]+\\d?$'"));
        check(&format!("expectation = \"expect_column_values_to_not_match_regex\"\n{text}\nregex = '\\s'"));
        check("expectation = \"expect_column_values_to_be_of_type\"\ncolumn = \"n\"\ntype_ = \"str\"");
        check("expectation = \"expect_column_values_to_be_between\"\ncolumn = \"n\"\nmax_value = 1\nwhere = \"x > 2\"");
        check("expectation = \"expect_column_pair_values_A_to_be_greater_than_B\"\ncolumn_A = \"n\"\ncolumn_B = \"x\"");
    }

    #[test]
    fn what_judges_no_rows_has_no_condition() {
        let frame = frame();
        for body in [
            "expectation = \"expect_column_values_to_be_unique\"\ncolumn = \"n\"",
            "expectation = \"expect_table_row_count_to_equal\"\nvalue = 6",
            "expectation = \"expect_something_else\"",
        ] {
            let suite = Suite::from_toml(&format!("[[expectation]]\n{body}\n")).unwrap();
            assert_eq!(suite.expectations[0].unexpected(&frame), None, "{body}");
        }
    }
}
