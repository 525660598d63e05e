//! Verdicts against those of Great Expectations 1.24 on pandas 3.1, and by hand.

use std::sync::Arc;

use arrow_array::{BooleanArray, Float64Array, Int64Array, LargeStringArray, TimestampMicrosecondArray};
use serde_json::{Value, json};

use super::*;
use crate::data::describe::describe_frame;
use crate::data::{Kind, Values};

fn text(name: &str, values: &[Option<&str>]) -> Arc<Column> {
    Arc::new(Column::text(name, Kind::Category, LargeStringArray::from(values.to_vec())))
}

/// Six rows: numbers, real numbers with a gap, texts, truth values, days.
fn frame() -> Frame {
    const DAY: i64 = 86_400_000_000;
    let days: Vec<i64> = vec![18_262, 18_263, 18_264, 18_264, 18_265, 18_300];
    Frame::new(vec![
        Arc::new(Column::new("i", Values::Int(Int64Array::from(vec![1, 2, 2, 3, 10, -1])))),
        Arc::new(Column::new(
            "f",
            Values::Float(Float64Array::from(vec![Some(0.5), None, Some(1.5), Some(2.5), Some(2.5), Some(100.0)])),
        )),
        text("s", &[Some("a"), Some("b"), Some("b"), None, Some("한국"), Some("abc")]),
        Arc::new(Column::new("b", Values::Bool(BooleanArray::from(vec![true, true, false, true, false, true])))),
        Arc::new(Column::new(
            "t",
            Values::Time(days.iter().map(|day| Some(day * DAY)).collect::<TimestampMicrosecondArray>()),
        )),
        text("json", &[Some("{\"a\": 1}"), Some("[]"), Some("nope"), None, Some("3"), Some("{\"a\": \"x\"}")]),
        text("empty", &[None; 6]),
    ])
}

fn run(name: &str, arguments: Value) -> Outcome {
    let mut entry = arguments;
    let suite = json!({"expectations": [{"type": name, "kwargs": entry.take()}]});
    let suite = Suite::from_json(&suite.to_string()).unwrap();
    suite.check(&frame(), &Work::new()).unwrap().results.remove(0)
}

/// Name, arguments, whether it holds, unexpected values.
#[test]
fn values_are_judged_as_great_expectations_does() {
    let check = |name: &str, arguments: Value, success: bool, unexpected: u64| {
        let found = run(&format!("expect_column_{name}"), arguments.clone());
        assert_eq!(
            (found.success, found.unexpected_count),
            (success, Some(unexpected)),
            "{name} {arguments}: {found:?}"
        );
    };
    check("values_to_not_be_null", json!({"column": "f"}), false, 1);
    check("values_to_not_be_null", json!({"column": "f", "mostly": 0.8}), true, 1);
    check("values_to_be_null", json!({"column": "empty"}), true, 0);
    check("values_to_be_null", json!({"column": "f"}), false, 5);
    check("values_to_be_unique", json!({"column": "i"}), false, 2);
    check("values_to_be_unique", json!({"column": "f"}), false, 2);
    check("values_to_be_in_set", json!({"column": "i", "value_set": [1, 2, 3.0]}), false, 2);
    check("values_to_be_in_set", json!({"column": "s", "value_set": ["a", "b"], "mostly": 0.6}), true, 2);
    check("values_to_be_in_set", json!({"column": "b", "value_set": [true]}), false, 2);
    check("values_to_be_in_set", json!({"column": "t", "value_set": ["2020-01-01"]}), false, 5);
    check("values_to_not_be_in_set", json!({"column": "i", "value_set": [2]}), false, 2);
    check("values_to_be_between", json!({"column": "i", "min_value": 0, "max_value": 3}), false, 2);
    check("values_to_be_between", json!({"column": "i", "min_value": 1, "strict_min": true}), false, 2);
    check("values_to_be_between", json!({"column": "f", "max_value": 2.5}), false, 1);
    check("values_to_be_between", json!({"column": "f", "max_value": 2.5, "mostly": 0.8}), true, 1);
    check(
        "values_to_be_between",
        json!({"column": "t", "min_value": "2020-01-02", "max_value": "2020-01-31"}),
        false,
        2,
    );
    check("values_to_be_between", json!({"column": "empty", "min_value": "a"}), true, 0);
    check("values_to_be_of_type", json!({"column": "i", "type_": "int64"}), true, 0);
    check("values_to_be_in_type_list", json!({"column": "f", "type_list": ["int", "str"]}), false, 5);
    check("values_to_match_regex", json!({"column": "s", "regex": "^[a-z]+$"}), false, 1);
    check("values_to_not_match_regex", json!({"column": "s", "regex": "b"}), false, 3);
    check("values_to_match_regex_list", json!({"column": "s", "regex_list": ["a", "b"]}), false, 1);
    check("values_to_match_regex_list", json!({"column": "s", "regex_list": ["a", "b"], "match_on": "all"}), false, 4);
    check("values_to_not_match_regex_list", json!({"column": "s", "regex_list": ["c", "국"]}), false, 2);
    check("values_to_match_like_pattern", json!({"column": "s", "like_pattern": "a%"}), false, 3);
    check("values_to_be_json_parseable", json!({"column": "json"}), false, 1);
    let schema = json!({"type": "object", "properties": {"a": {"type": "integer"}}});
    check("values_to_match_json_schema", json!({"column": "json", "json_schema": schema}), false, 4);
    check("values_to_be_increasing", json!({"column": "i"}), false, 1);
    check("values_to_be_increasing", json!({"column": "f"}), true, 0);
    check("values_to_be_increasing", json!({"column": "f", "strictly": true}), false, 1);
    check("values_to_be_decreasing", json!({"column": "t"}), false, 4);
    check("value_lengths_to_be_between", json!({"column": "s", "max_value": 1}), false, 2);
    check("value_lengths_to_equal", json!({"column": "s", "value": 1}), false, 2);
    check("value_z_scores_to_be_less_than", json!({"column": "f", "threshold": 1.7}), false, 1);
    check("value_z_scores_to_be_less_than", json!({"column": "f", "threshold": 1.8}), true, 0);
    let pair = json!({"column_A": "i", "column_B": "f"});
    check("pair_values_to_be_equal", pair.clone(), false, 6);
    let either = json!({"column_A": "i", "column_B": "f", "ignore_row_if": "either_value_is_missing"});
    check("pair_values_to_be_equal", either, false, 5);
    check("pair_values_A_to_be_greater_than_B", pair, false, 2);
    let set = json!({"column_A": "i", "column_B": "s", "value_pairs_set": [[1, "a"], [2, "b"], [3, null]]});
    check("pair_values_to_be_in_set", set, false, 2);
}

#[test]
fn rows_of_several_columns_are_judged() {
    let check = |name: &str, arguments: Value, success: bool, unexpected: u64| {
        let found = run(name, arguments.clone());
        assert_eq!(
            (found.success, found.unexpected_count),
            (success, Some(unexpected)),
            "{name} {arguments}: {found:?}"
        );
    };
    check("expect_compound_columns_to_be_unique", json!({"column_list": ["i", "s"]}), false, 2);
    check("expect_compound_columns_to_be_unique", json!({"column_list": ["i", "t"]}), true, 0);
    check("expect_select_column_values_to_be_unique_within_record", json!({"column_list": ["s", "json"]}), true, 0);
    check("expect_multicolumn_values_to_be_equal", json!({"column_list": ["i", "i"]}), true, 0);
    check("expect_multicolumn_sum_to_equal", json!({"column_list": ["i", "i"], "sum_total": 4}), false, 4);
}

#[test]
fn columns_and_tables_are_judged() {
    let check = |name: &str, arguments: Value, success: bool, observed: Value| {
        let found = run(name, arguments.clone());
        assert_eq!((found.success, &found.observed), (success, &observed), "{name} {arguments}: {found:?}");
        assert_eq!(found.unexpected_count, None);
    };
    check("expect_table_row_count_to_equal", json!({"value": 6}), true, json!(6));
    check("expect_table_row_count_to_be_between", json!({"max_value": 5}), false, json!(6));
    check("expect_table_column_count_to_equal", json!({"value": 7}), true, json!(7));
    check("expect_column_to_exist", json!({"column": "s", "column_index": 2}), true, json!(2));
    check("expect_column_to_exist", json!({"column": "S"}), false, json!(null));
    check("expect_column_max_to_be_between", json!({"column": "i", "max_value": 10}), true, json!(10));
    check(
        "expect_column_min_to_be_between",
        json!({"column": "t", "min_value": "2020-01-02"}),
        false,
        json!("2020-01-01"),
    );
    check(
        "expect_column_mean_to_be_between",
        json!({"column": "f", "min_value": 21, "max_value": 22}),
        true,
        json!(21.4),
    );
    check("expect_column_median_to_be_between", json!({"column": "i", "max_value": 2}), true, json!(2.0));
    check("expect_column_sum_to_be_between", json!({"column": "i", "min_value": 18}), false, json!(17.0));
    check(
        "expect_column_stdev_to_be_between",
        json!({"column": "i", "min_value": 3.7, "max_value": 3.8}),
        true,
        json!(3.763_863_263_545_405),
    );
    check("expect_column_unique_value_count_to_be_between", json!({"column": "s", "max_value": 4}), true, json!(4.0));
    check(
        "expect_column_proportion_of_unique_values_to_be_between",
        json!({"column": "s", "min_value": 0.9}),
        false,
        json!(0.8),
    );
    check(
        "expect_column_most_common_value_to_be_in_set",
        json!({"column": "s", "value_set": ["b"]}),
        true,
        json!(["b"]),
    );
    check(
        "expect_column_distinct_values_to_equal_set",
        json!({"column": "b", "value_set": [true, false]}),
        true,
        json!([true, false]),
    );
    check(
        "expect_column_distinct_values_to_contain_set",
        json!({"column": "i", "value_set": [4]}),
        false,
        json!([-1, 1, 2, 3, 10]),
    );
    let ranges = json!({"quantiles": [0.0, 0.5, 1.0], "value_ranges": [[null, 0], [2, 2], [9, 11]]});
    let observed = json!({"quantiles": [0.0, 0.5, 1.0], "values": [-1.0, 2.0, 10.0]});
    check(
        "expect_column_quantile_values_to_be_between",
        json!({"column": "i", "quantile_ranges": ranges}),
        true,
        observed,
    );
    check("expect_column_max_to_be_between", json!({"column": "empty", "max_value": "z"}), false, json!(null));
    let partition = json!({"values": ["a", "b", "x"], "weights": [0.5, 0.4, 0.1]});
    let divergence = json!({"column": "s", "partition_object": partition, "threshold": 1});
    check("expect_column_kl_divergence_to_be_less_than", divergence, false, json!(null));
}

#[test]
fn outcomes_show_what_was_found_and_where() {
    let found = run("expect_column_values_to_be_between", json!({"column": "i", "min_value": 0, "max_value": 3}));
    assert_eq!((found.sample, found.sample_rows), (vec![json!(10), json!(-1)], vec![4, 5]));
    assert!((found.unexpected_percent.unwrap() - 100.0 / 3.0).abs() < 1e-12);
    assert_eq!(found.observed, json!(4.0 / 6.0));
    let empty = run("expect_column_values_to_be_unique", json!({"column": "empty"}));
    assert_eq!((empty.success, empty.observed, empty.unexpected_percent, empty.missing), (true, Value::Null, None, 6));
}

#[test]
fn conditions_limit_the_rows() {
    let between = |condition: &str| {
        run(
            "expect_column_values_to_be_between",
            json!({"column": "i", "min_value": 0, "max_value": 3, "where": condition}),
        )
    };
    assert!(between("b").unexpected_count == Some(1) && between("b").rows == 4);
    assert!(between("s = 'b'").success);
    let wrong = between("nothing = 3");
    assert!(!wrong.success && wrong.error.unwrap().contains("nothing") && wrong.help.is_some());
    let rows = run(
        "expect_table_row_count_to_equal",
        json!({"value": 0, "row_condition": "i > 10", "condition_parser": "pandas"}),
    );
    assert!(rows.success, "{rows:?}");
}

#[test]
fn suites_are_read_from_toml_and_faults_stay_where_they_are() {
    let source = "name = 'mine'\n\n[[expectation]]\nexpectation = \"expect_column_values_to_be_between\"\ncolumn = \"i\"\n\
        min_value = 0\nmostly = 0.5\n\n[[expectation]]\nexpectation = \"expect_column_values_to_be_odd\"\ncolumn = \"i\"\n\n\
        [[expectation]]\nexpectation = \"expect_column_values_to_be_unique\"\ncolumn = \"nope\"\n\n\
        [[expectation]]\nexpectation = \"expect_column_mean_to_be_between\"\ncolumn = \"i\"\nmin_value = 0\nmostly = 0.5\n";
    let suite = Suite::from_toml(source).unwrap();
    let faults: Vec<String> = suite.faults().map(ToString::to_string).collect();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].contains("there is no expectation \"expect_column_values_to_be_odd\""), "{faults:?}");
    assert!(faults[0].contains("expectation 2, line 9"), "{faults:?}");
    let report = suite.check(&frame(), &Work::new()).unwrap();
    let held: Vec<bool> = report.results.iter().map(|outcome| outcome.success).collect();
    assert_eq!(held, [true, false, false, false], "the rest goes on");
    assert!(report.results[2].error.as_deref().unwrap().contains("there is no such column"));
    assert!(report.results[2].help.as_deref().unwrap().contains("the columns are: i, f"));
    let wrong = |source: &str| Suite::from_toml(source).unwrap_err();
    assert!(wrong("[[expectations]]\n").advice().unwrap().contains("[[expectation]]"));
    assert!(wrong("a = \n").to_string().contains("line 1"));
    assert!(Suite::from_json("{}").unwrap_err().to_string().contains("no list"));
}

#[test]
fn old_and_new_suites_of_great_expectations_are_one() {
    let old = r#"{"expectation_suite_name": "old", "expectations": [{"expectation_type": "expect_column_values_to_be_in_set",
        "kwargs": {"column": "s", "value_set": ["a"], "mostly": 0.1, "result_format": "BASIC"}, "meta": {}}]}"#;
    let new = r#"{"name": "new", "id": "8f", "expectations": [{"type": "expect_column_values_to_be_in_set", "id": "3", "severity":
        "critical", "kwargs": {"column": "s", "value_set": ["a"], "mostly": 0.1, "row_condition": {"type": "comparison",
        "column": {"name": "b"}, "operator": "==", "parameter": true}}, "meta": {}}], "meta": {}, "notes": null}"#;
    for (source, name, rows) in [(old, "old", 6), (new, "new", 4)] {
        let suite = Suite::from_json(source).unwrap();
        assert_eq!(suite.name.as_deref(), Some(name));
        let report = suite.check(&frame(), &Work::new()).unwrap();
        assert!(report.success && report.results[0].rows == rows, "{report:?}");
    }
}

#[test]
fn a_table_fulfils_the_suite_that_is_suggested_for_it() {
    let frame = frame();
    let summaries = describe_frame(&frame, None, &Work::new()).unwrap();
    let source = suggest(&summaries);
    let suite = Suite::from_toml(&source).unwrap();
    assert_eq!(suite.faults().count(), 0, "{:?}", suite.faults().collect::<Vec<_>>());
    let report = suite.check(&frame, &Work::new()).unwrap();
    let failed: Vec<_> = report.results.iter().filter(|outcome| !outcome.success).collect();
    assert!(report.success && report.results.len() > 10, "{source}\n{failed:?}");
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let values: Vec<Option<i64>> = (0..50_000).map(|n| (n % 11 != 0).then_some(n * 7919 % 1000)).collect();
    let frame = Frame::new(vec![Arc::new(Column::new("i", Values::Int(Int64Array::from(values))))]);
    let suite = Suite::from_json(
        r#"[{"type": "expect_column_values_to_be_between", "kwargs": {"column": "i", "max_value": 900}},
            {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "i", "max_value": 900}},
            {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "i"}}]"#,
    )
    .unwrap();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| suite.check(&frame, &Work::new()).unwrap())
    };
    assert_eq!(run(1), run(2));
}
