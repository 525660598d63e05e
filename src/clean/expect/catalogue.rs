//! The expectations that are known: their names and arguments, and how arguments become a check.

use serde_json::{Map, Value};

use super::aggregates::{Aggregate, Distinct, Statistic};
use super::arguments::Arguments;
use super::divergence::Partition;
use super::labelling::{LabellingCheck, MEASURES};
use super::patterns::{Patterns, TextPattern};
use super::schema::Schema;
use super::tables::TableCheck;
use super::tuples::{Ignore, TupleCheck, TupleTest};
use super::values::{TimeFormat, ValueCheck};
use super::{Check, arguments};
use crate::data::filter::nearest;
use crate::engine::{Error, Result};

/// A known expectation.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) name: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
    make: fn(Arguments<'_>) -> Result<Check>,
}

/// Arguments that any expectation may carry and that do not change what is checked, or are read by the suite.
const ANYWHERE: &[&str] = &[
    "allow_cross_type_comparisons",
    "batch_id",
    "catch_exceptions",
    "condition_parser",
    "description",
    "id",
    "include_config",
    "meta",
    "mostly",
    "notes",
    "output_strftime_format",
    "parse_strings_as_datetimes",
    "result_format",
    "row_condition",
    "severity",
    "where",
    "windows",
];

const RANGE: &[&str] = &["min_value", "max_value", "strict_min", "strict_max"];
const COLUMN: &[&str] = &["column"];
const OF_ANNOTATOR: &[&str] = &["annotator", "min_value", "max_value", "strict_min", "strict_max"];
const OF_FUNCTION: &[&str] = &["function", "min_value", "max_value", "strict_min", "strict_max"];

macro_rules! known {
    ($name:literal, $required:expr, $optional:expr, $make:expr) => {
        Known { name: $name, required: $required, optional: $optional, make: $make }
    };
}

/// All of them, by what they are about.
pub(super) static KNOWN: &[Known] = &[
    known!("expect_table_row_count_to_be_between", &[], RANGE, |a| Ok(Check::Table(TableCheck::Rows(a.bounds(true)?)))),
    known!("expect_table_row_count_to_equal", &["value"], &[], |a| {
        Ok(Check::Table(TableCheck::RowsEqual(a.count("value")?)))
    }),
    known!("expect_table_column_count_to_be_between", &[], RANGE, |a| {
        Ok(Check::Table(TableCheck::Columns(a.bounds(true)?)))
    }),
    known!("expect_table_column_count_to_equal", &["value"], &[], |a| {
        Ok(Check::Table(TableCheck::ColumnsEqual(a.count("value")?)))
    }),
    known!("expect_table_columns_to_match_ordered_list", &["column_list"], &[], |a| {
        Ok(Check::Table(TableCheck::List(a.texts("column_list")?)))
    }),
    known!("expect_table_columns_to_match_set", &["column_set"], &["exact_match"], |a| {
        Ok(Check::Table(TableCheck::Set(a.texts("column_set")?, a.flag("exact_match", true)?)))
    }),
    known!("expect_column_to_exist", COLUMN, &["column_index"], |a| {
        let index = a.get("column_index").map(|_| a.count("column_index")).transpose()?;
        Ok(Check::Table(TableCheck::Exists(a.text("column")?, index)))
    }),
    known!("expect_column_values_to_be_null", COLUMN, &[], |a| values(a, ValueCheck::Null(true))),
    known!("expect_column_values_to_not_be_null", COLUMN, &[], |a| values(a, ValueCheck::Null(false))),
    known!("expect_column_values_to_be_unique", COLUMN, &[], |a| values(a, ValueCheck::Unique)),
    known!("expect_column_values_to_be_in_set", &["column", "value_set"], &[], |a| {
        values(a, ValueCheck::Set(a.scalars("value_set")?, true))
    }),
    known!("expect_column_values_to_not_be_in_set", &["column", "value_set"], &[], |a| {
        values(a, ValueCheck::Set(a.scalars("value_set")?, false))
    }),
    known!("expect_column_values_to_be_between", COLUMN, RANGE, |a| values(a, ValueCheck::Between(a.bounds(false)?))),
    known!("expect_column_values_to_be_of_type", &["column", "type_"], &[], |a| {
        values(a, ValueCheck::Type(vec![a.text("type_")?]))
    }),
    known!("expect_column_values_to_be_in_type_list", &["column", "type_list"], &[], |a| {
        values(a, ValueCheck::Type(a.texts("type_list")?))
    }),
    known!("expect_column_values_to_match_regex", &["column", "regex"], &[], |a| matching(
        a,
        "regex",
        TextPattern::regex,
        true
    )),
    known!("expect_column_values_to_not_match_regex", &["column", "regex"], &[], |a| {
        matching(a, "regex", TextPattern::regex, false)
    }),
    known!("expect_column_values_to_match_regex_list", &["column", "regex_list"], &["match_on"], |a| {
        matching_list(a, "regex_list", TextPattern::regex, true)
    }),
    known!("expect_column_values_to_not_match_regex_list", &["column", "regex_list"], &[], |a| {
        matching_list(a, "regex_list", TextPattern::regex, false)
    }),
    known!("expect_column_values_to_match_like_pattern", &["column", "like_pattern"], &[], |a| {
        matching(a, "like_pattern", TextPattern::like, true)
    }),
    known!("expect_column_values_to_not_match_like_pattern", &["column", "like_pattern"], &[], |a| {
        matching(a, "like_pattern", TextPattern::like, false)
    }),
    known!("expect_column_values_to_match_like_pattern_list", &["column", "like_pattern_list"], &["match_on"], |a| {
        matching_list(a, "like_pattern_list", TextPattern::like, true)
    }),
    known!("expect_column_values_to_not_match_like_pattern_list", &["column", "like_pattern_list"], &[], |a| {
        matching_list(a, "like_pattern_list", TextPattern::like, false)
    }),
    known!("expect_column_values_to_match_strftime_format", &["column", "strftime_format"], &[], |a| {
        values(a, ValueCheck::Format(TimeFormat::new(&a.text("strftime_format")?)?))
    }),
    known!("expect_column_values_to_be_dateutil_parseable", COLUMN, &[], |a| values(a, ValueCheck::Date)),
    known!("expect_column_values_to_be_json_parseable", COLUMN, &[], |a| values(a, ValueCheck::Json)),
    known!("expect_column_values_to_match_json_schema", &["column", "json_schema"], &[], |a| {
        values(a, ValueCheck::Schema(Box::new(Schema::of(a.required("json_schema")?)?)))
    }),
    known!("expect_column_values_to_be_increasing", COLUMN, &["strictly"], |a| {
        values(a, ValueCheck::Ordered { up: true, strictly: a.flag("strictly", false)? })
    }),
    known!("expect_column_values_to_be_decreasing", COLUMN, &["strictly"], |a| {
        values(a, ValueCheck::Ordered { up: false, strictly: a.flag("strictly", false)? })
    }),
    known!("expect_column_value_lengths_to_be_between", COLUMN, RANGE, |a| {
        values(a, ValueCheck::Length(a.bounds(true)?))
    }),
    known!("expect_column_value_lengths_to_equal", &["column", "value"], &[], |a| {
        let length = super::scalar::Scalar::Int(a.count("value")? as i64);
        let bounds = super::scalar::Bounds { min: Some(length.clone()), max: Some(length), ..Default::default() };
        values(a, ValueCheck::Length(bounds))
    }),
    known!("expect_column_value_z_scores_to_be_less_than", &["column", "threshold"], &["double_sided"], |a| {
        let threshold = a.number("threshold")?.unwrap_or(f64::NAN);
        values(a, ValueCheck::ZScore { threshold, double_sided: a.flag("double_sided", true)? })
    }),
    known!("expect_column_max_to_be_between", COLUMN, RANGE, |a| statistic(a, Statistic::Max)),
    known!("expect_column_min_to_be_between", COLUMN, RANGE, |a| statistic(a, Statistic::Min)),
    known!("expect_column_mean_to_be_between", COLUMN, RANGE, |a| statistic(a, Statistic::Mean)),
    known!("expect_column_median_to_be_between", COLUMN, RANGE, |a| statistic(a, Statistic::Median)),
    known!("expect_column_sum_to_be_between", COLUMN, RANGE, |a| statistic(a, Statistic::Sum)),
    known!("expect_column_stdev_to_be_between", COLUMN, RANGE, |a| statistic(a, Statistic::Stdev)),
    known!("expect_column_unique_value_count_to_be_between", COLUMN, RANGE, |a| statistic(a, Statistic::Distinct)),
    known!("expect_column_proportion_of_unique_values_to_be_between", COLUMN, RANGE, |a| {
        statistic(a, Statistic::DistinctShare)
    }),
    known!("expect_column_proportion_of_non_null_values_to_be_between", COLUMN, RANGE, |a| {
        statistic(a, Statistic::PresentShare)
    }),
    known!(
        "expect_column_quantile_values_to_be_between",
        &["column", "quantile_ranges"],
        &["allow_relative_error"],
        |a| { Ok(Check::Aggregate(a.text("column")?, Aggregate::quantiles(a)?)) }
    ),
    known!("expect_column_most_common_value_to_be_in_set", &["column", "value_set"], &["ties_okay"], |a| {
        let check = Aggregate::MostCommon(a.scalars("value_set")?, a.flag("ties_okay", false)?);
        Ok(Check::Aggregate(a.text("column")?, check))
    }),
    known!("expect_column_distinct_values_to_be_in_set", &["column", "value_set"], &[], |a| distinct(
        a,
        Distinct::Inside
    )),
    known!("expect_column_distinct_values_to_contain_set", &["column", "value_set"], &[], |a| distinct(
        a,
        Distinct::Contain
    )),
    known!("expect_column_distinct_values_to_equal_set", &["column", "value_set"], &[], |a| distinct(
        a,
        Distinct::Equal
    )),
    known!(
        "expect_column_kl_divergence_to_be_less_than",
        &["column", "partition_object", "threshold"],
        &["bucketize_data", "tail_weight_holdout", "internal_weight_holdout"],
        |a| Ok(Check::Aggregate(a.text("column")?, Aggregate::Divergence(Box::new(Partition::of(a)?))))
    ),
    known!("expect_column_pair_values_to_be_equal", &["column_A", "column_B"], &["ignore_row_if"], |a| {
        pair(a, TupleTest::Equal)
    }),
    known!(
        "expect_column_pair_values_a_to_be_greater_than_b",
        &["column_A", "column_B"],
        &["or_equal", "ignore_row_if"],
        |a| { pair(a, TupleTest::Greater { or_equal: a.flag("or_equal", false)? }) }
    ),
    known!(
        "expect_column_pair_values_to_be_in_set",
        &["column_A", "column_B", "value_pairs_set"],
        &["ignore_row_if"],
        |a| { pair(a, TupleTest::pairs(a)?) }
    ),
    known!("expect_compound_columns_to_be_unique", &["column_list"], &["ignore_row_if"], |a| {
        several(a, TupleTest::CompoundUnique)
    }),
    known!("expect_select_column_values_to_be_unique_within_record", &["column_list"], &["ignore_row_if"], |a| {
        several(a, TupleTest::Different)
    }),
    known!("expect_multicolumn_values_to_be_unique", &["column_list"], &["ignore_row_if"], |a| {
        several(a, TupleTest::Different)
    }),
    known!("expect_multicolumn_values_to_be_equal", &["column_list"], &["ignore_row_if"], |a| several(
        a,
        TupleTest::Same
    )),
    known!("expect_multicolumn_sum_to_equal", &["column_list", "sum_total"], &["ignore_row_if"], |a| {
        several(a, TupleTest::Sum(a.number("sum_total")?.unwrap_or(f64::NAN)))
    }),
    known!("expect_label_class_share_to_be_between", &["class"], RANGE, |a| {
        Ok(Check::Labelling(LabellingCheck::ClassShare(a.text("class")?, a.bounds(true)?)))
    }),
    known!("expect_labelled_share_to_be_between", &[], RANGE, |a| {
        Ok(Check::Labelling(LabellingCheck::LabelledShare(a.bounds(true)?)))
    }),
    known!(
        "expect_annotator_agreement_to_be_between",
        &[],
        &["measure", "min_value", "max_value", "strict_min", "strict_max"],
        |a| {
            let measure = a.word("measure", &MEASURES, "krippendorff_alpha")?;
            Ok(Check::Labelling(LabellingCheck::Agreement(measure, a.bounds(true)?)))
        }
    ),
    known!("expect_gold_accuracy_to_be_between", &[], OF_ANNOTATOR, |a| {
        Ok(Check::Labelling(LabellingCheck::Gold(named(a, "annotator")?, a.bounds(true)?)))
    }),
    known!("expect_duplicates_to_have_no_conflicting_labels", &[], &[], |_| {
        Ok(Check::Labelling(LabellingCheck::Copies))
    }),
    known!("expect_median_seconds_per_item_to_be_between", &[], OF_ANNOTATOR, |a| {
        Ok(Check::Labelling(LabellingCheck::Seconds(named(a, "annotator")?, a.bounds(true)?)))
    }),
    known!("expect_function_coverage_to_be_between", &[], OF_FUNCTION, |a| {
        Ok(Check::Labelling(LabellingCheck::Coverage(named(a, "function")?, a.bounds(true)?)))
    }),
    known!("expect_function_conflict_to_be_between", &[], OF_FUNCTION, |a| {
        Ok(Check::Labelling(LabellingCheck::Conflict(named(a, "function")?, a.bounds(true)?)))
    }),
    known!("expect_function_accuracy_to_be_between", &["function"], RANGE, |a| {
        Ok(Check::Labelling(LabellingCheck::FunctionAccuracy(a.text("function")?, a.bounds(true)?)))
    }),
];

/// Expectations of Great Expectations that are not here, and what to do instead.
const ELSEWHERE: &[(&str, &str)] = &[
    ("expect_table_row_count_to_equal_other_table", "give the number itself: expect_table_row_count_to_equal"),
    (
        "unexpected_rows_expectation",
        "write a condition: expect_table_row_count_to_equal with value = 0 and where = \"…\"",
    ),
    ("expect_column_bootstrapped_ks_test_p_value_to_be_greater_than", "compare two files with lapidary drift"),
    ("expect_column_chisquare_test_p_value_to_be_greater_than", "compare two files with lapidary drift"),
    (
        "expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than",
        "bound the quantiles: expect_column_quantile_values_to_be_between",
    ),
    ("expect_column_values_to_not_be_outliers", "write expect_column_value_z_scores_to_be_less_than"),
    ("expect_column_type_to_be", "write expect_column_values_to_be_of_type"),
];

/// The expectation of that name, in any case.
///
/// # Errors
/// If there is none; with what looks like it.
pub(super) fn find(name: &str) -> Result<&'static Known> {
    if let Some(known) = KNOWN.iter().find(|known| known.name.eq_ignore_ascii_case(name)) {
        return Ok(known);
    }
    let error = Error::input(format!("there is no expectation \"{name}\""));
    if let Some((_, help)) = ELSEWHERE.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)) {
        return Err(Error::input(format!("the expectation \"{name}\" is not supported")).help(*help));
    }
    // What people leave out or mistype is usually in the middle of the name.
    let names = || KNOWN.iter().map(|known| known.name);
    let bare = |name: &str| name.trim_start_matches("expect_").trim_start_matches("column_").to_owned();
    let close = nearest(name, names());
    let close = if close.is_empty() {
        let wanted = bare(name);
        names().filter(|known| !wanted.is_empty() && bare(known).contains(&wanted)).take(3).collect()
    } else {
        close
    };
    Err(match close.as_slice() {
        [] => error.help("lapidary expect --list names all of them"),
        close => error.help(format!("did you mean {}?", close.join(" or "))),
    })
}

impl Known {
    /// What the expectation needs, for a list.
    pub(super) fn usage(&self) -> String {
        let optional = self.optional.iter().map(|name| format!("[{name}]"));
        self.required.iter().map(|name| (*name).to_owned()).chain(optional).collect::<Vec<_>>().join(" ")
    }

    /// Whether shares of rows are judged, so that `mostly` applies.
    pub(super) fn judges_rows(&self) -> bool {
        let name = self.name;
        (name.starts_with("expect_column_value") || name.starts_with("expect_column_pair"))
            || name.contains("compound")
            || name.contains("multicolumn")
            || name.contains("select_column")
            || name.contains("conflicting_labels")
    }

    /// The check that the arguments describe.
    ///
    /// # Errors
    /// If an argument is unknown, missing or of the wrong sort.
    pub(super) fn check(&self, map: &Map<String, Value>) -> Result<Check> {
        let names = || self.required.iter().chain(self.optional).copied();
        for name in map.keys() {
            if !names().chain(ANYWHERE.iter().copied()).any(|known| known == name) {
                let close = nearest(name, names().chain(ANYWHERE.iter().copied()));
                let error = Error::input(format!("there is no argument {name}"));
                return Err(match close.first() {
                    Some(close) => error.help(format!("did you mean {close}?")),
                    None => error.help(format!("its arguments are: {}", self.usage())),
                });
            }
        }
        let arguments = Arguments::new(map);
        for name in self.required {
            if arguments.get(name).is_none() {
                return Err(
                    Error::input(format!("{name} is missing")).help(format!("its arguments are: {}", self.usage()))
                );
            }
        }
        (self.make)(arguments)
    }
}

fn values(arguments: Arguments<'_>, check: ValueCheck) -> Result<Check> {
    Ok(Check::Values(arguments.text("column")?, check))
}

/// A text that may be left out.
fn named(arguments: Arguments<'_>, name: &str) -> Result<Option<String>> {
    arguments.get(name).map(|_| arguments.text(name)).transpose()
}

fn statistic(arguments: Arguments<'_>, statistic: Statistic) -> Result<Check> {
    let bounds = arguments.bounds(!matches!(statistic, Statistic::Max | Statistic::Min))?;
    Ok(Check::Aggregate(arguments.text("column")?, Aggregate::Statistic(statistic, bounds)))
}

fn distinct(arguments: Arguments<'_>, relation: Distinct) -> Result<Check> {
    let set = arguments.scalars("value_set")?;
    Ok(Check::Aggregate(arguments.text("column")?, Aggregate::Distinct(relation, set)))
}

type MakePattern = fn(&str) -> Result<TextPattern>;

fn matching(arguments: Arguments<'_>, name: &str, make: MakePattern, wanted: bool) -> Result<Check> {
    let pattern = make(&arguments.text(name)?).map_err(|error| error.at(name))?;
    values(arguments, ValueCheck::Match(Patterns { patterns: vec![pattern], all: true, wanted }))
}

fn matching_list(arguments: Arguments<'_>, name: &str, make: MakePattern, wanted: bool) -> Result<Check> {
    let texts = arguments.texts(name)?;
    if texts.is_empty() {
        return Err(arguments::wrong(name, &Value::Array(Vec::new()), "at least one pattern", "[\"…\"]"));
    }
    let patterns = texts.iter().map(|text| make(text).map_err(|error| error.at(name))).collect::<Result<_>>()?;
    let all = wanted && arguments.word("match_on", &["any", "all"], "any")? == "all";
    values(arguments, ValueCheck::Match(Patterns { patterns, all, wanted }))
}

fn pair(arguments: Arguments<'_>, test: TupleTest) -> Result<Check> {
    let words = ["both_values_are_missing", "either_value_is_missing", "neither", "never"];
    let ignore = match arguments.word("ignore_row_if", &words, "both_values_are_missing")? {
        "both_values_are_missing" => Ignore::AllMissing,
        "either_value_is_missing" => Ignore::AnyMissing,
        _ => Ignore::Never,
    };
    let columns = vec![arguments.text("column_A")?, arguments.text("column_B")?];
    Ok(Check::Tuples(TupleCheck { columns, ignore, test }))
}

fn several(arguments: Arguments<'_>, test: TupleTest) -> Result<Check> {
    let words = ["all_values_are_missing", "any_value_is_missing", "never"];
    let ignore = match arguments.word("ignore_row_if", &words, "all_values_are_missing")? {
        "all_values_are_missing" => Ignore::AllMissing,
        "any_value_is_missing" => Ignore::AnyMissing,
        _ => Ignore::Never,
    };
    let columns = arguments.texts("column_list")?;
    if columns.is_empty() {
        return Err(Error::input("column_list is empty").help("name at least one column"));
    }
    Ok(Check::Tuples(TupleCheck { columns, ignore, test }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_or_something_like_them_is_named() {
        assert_eq!(find("expect_column_pair_values_A_to_be_greater_than_B").unwrap().name.len(), 48);
        let help = |name: &str| find(name).unwrap_err().advice().unwrap_or_default().to_owned();
        assert!(help("expect_column_values_to_be_betwen").contains("expect_column_values_to_be_between"));
        assert!(help("values_to_be_in_set").contains("expect_column_values_to_be_in_set"));
        assert!(help("unexpected_rows_expectation").contains("where"));
        assert!(help("expect_the_moon").contains("--list"));
        assert!(KNOWN.len() >= 50);
        let mut names: Vec<&str> = KNOWN.iter().map(|known| known.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), KNOWN.len());
    }

    #[test]
    fn arguments_are_checked() {
        let check = |name: &str, arguments: &str, expected: &str, help: &str| {
            let map: Map<String, Value> = serde_json::from_str(arguments).unwrap();
            let error = find(name).unwrap().check(&map).unwrap_err();
            assert_eq!(error.to_string(), expected);
            assert!(error.advice().unwrap_or_default().contains(help), "{:?}", error.advice());
        };
        let between = "expect_column_values_to_be_between";
        check(between, r#"{"min_value": 1}"#, "column is missing", "its arguments are: column [min_value]");
        check(between, r#"{"column": "a"}"#, "min_value and max_value are both missing", "one or both");
        check(between, r#"{"column": "a", "min": 1}"#, "there is no argument min", "did you mean min_value");
        check(between, r#"{"column": 3, "min_value": 1}"#, "column is 3, and a text is needed", "column = ");
        check(
            between,
            r#"{"column": "a", "min_value": 2, "max_value": 1}"#,
            "min_value is greater than max_value",
            "exchange",
        );
        check(
            "expect_column_mean_to_be_between",
            r#"{"column": "a", "min_value": "x"}"#,
            "min_value is the text \"x\", and a number is needed",
            "min_value = 0",
        );
        check(
            "expect_column_values_to_match_regex_list",
            r#"{"column": "a", "regex_list": ["a"], "match_on": "some"}"#,
            "match_on cannot be \"some\"",
            "any, all",
        );
    }
}
