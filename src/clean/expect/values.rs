//! Expectations about the values of a column, one by one.

use std::cmp::Ordering;

use arrow_array::LargeStringArray;
use arrow_buffer::BooleanBuffer;
use chrono::format::{Item, Parsed, StrftimeItems};

use super::aggregates::{finite, mean_and_deviation};
use super::keys::{Known, key, repeated};
use super::patterns::Patterns;
use super::rows::{CHUNK, Tally, Verdict, tally};
use super::scalar::{Bounds, Scalar};
use super::schema::Schema;
use super::tuples::cell_key;
use crate::data::read::parse_time;
use crate::data::{Column, Kind, Values};
use crate::engine::{Error, Result, Work};

/// What is checked of each value.
#[derive(Debug, Clone)]
pub(super) enum ValueCheck {
    /// It is missing (`true`), or not.
    Null(bool),
    /// No other row has it.
    Unique,
    /// It is one of these (`true`), or none of them.
    Set(Vec<Scalar>, bool),
    /// It lies within bounds.
    Between(Bounds),
    /// The column is of one of these types.
    Type(Vec<String>),
    /// Patterns are found in its text.
    Match(Patterns),
    /// It is a time in this form.
    Format(TimeFormat),
    /// It is a time in one of the usual forms.
    Date,
    /// It is JSON.
    Json,
    /// It is JSON of this form.
    Schema(Box<Schema>),
    /// It is not less (`up`) or not greater than the one before; `strictly` not equal either.
    Ordered { up: bool, strictly: bool },
    /// The length of its text in code points lies within bounds.
    Length(Bounds),
    /// It lies less than so many standard deviations from (or above) the mean.
    ZScore { threshold: f64, double_sided: bool },
}

impl ValueCheck {
    /// Judges the values of a column.
    ///
    /// # Errors
    /// If the column is of a kind that the check does not fit, or the work was cancelled.
    pub(super) fn tally(&self, column: &Column, mask: Option<&BooleanBuffer>, work: &Work) -> Result<Tally> {
        let rows = column.len();
        let judge = |test: &(dyn Fn(usize) -> bool + Sync)| {
            tally(rows, mask, work, |row| if column.is_null(row) { Verdict::Missing } else { Verdict::of(test(row)) })
        };
        match self {
            Self::Null(wanted) => tally(rows, mask, work, |row| Verdict::of(column.is_null(row) == *wanted)),
            Self::Unique => {
                let repeated = repeated(rows, mask, work, |row| key(column, row))?;
                judge(&|row| repeated.get(row) == Some(&false))
            }
            Self::Set(set, wanted) => {
                let keys = set.iter().map(|scalar| cell_key(scalar, column)).collect::<Result<Vec<_>>>()?;
                let known = Known::of(keys.into_iter().flatten());
                judge(&|row| key(column, row).is_some_and(|key| known.holds(key)) == *wanted)
            }
            Self::Between(bounds) => between(&bounds.fit(column)?, column, &judge),
            Self::Type(types) => {
                let fits = types.iter().map(|name| is_of_type(column.kind(), name)).collect::<Result<Vec<_>>>()?;
                let fits = fits.contains(&true);
                judge(&|_| fits)
            }
            // Numbers are matched by their text, as Great Expectations does.
            Self::Match(patterns) => match column.strings() {
                Some(strings) => judge(&|row| patterns.holds(strings.value(row))),
                None => judge(&|row| column.show(row).is_some_and(|text| patterns.holds(&text))),
            },
            Self::Format(format) => {
                let strings = texts(column, "times as text")?;
                judge(&|row| format.reads(strings.value(row)))
            }
            Self::Date => match column.values() {
                Values::Time(_) => judge(&|_| true),
                _ => {
                    let strings = texts(column, "times as text")?;
                    let formats = usual_formats();
                    judge(&|row| is_date(strings.value(row), &formats))
                }
            },
            Self::Json => {
                let strings = texts(column, "JSON")?;
                judge(&|row| serde_json::from_str::<serde::de::IgnoredAny>(strings.value(row)).is_ok())
            }
            Self::Schema(schema) => {
                let strings = texts(column, "JSON")?;
                judge(&|row| serde_json::from_str(strings.value(row)).is_ok_and(|value| schema.holds(&value)))
            }
            Self::Ordered { up, strictly } => {
                let ordered = ordered(column, mask, *up, *strictly, work)?;
                judge(&|row| ordered.get(row) == Some(&true))
            }
            Self::Length(bounds) => {
                let strings = texts(column, "text")?;
                judge(&|row| bounds.holds_int(strings.value(row).chars().count() as i64))
            }
            Self::ZScore { threshold, double_sided } => {
                let values = finite(column, mask, work)?;
                let (mean, deviation) = mean_and_deviation(&values);
                let deviation = deviation.unwrap_or(f64::NAN);
                judge(&|row| {
                    let score = (column.number(row).unwrap_or(f64::NAN) - mean) / deviation;
                    (if *double_sided { score.abs() } else { score }) < *threshold
                })
            }
        }
    }
}

/// Judges rows that are there with a test.
type Judge<'a> = dyn Fn(&(dyn Fn(usize) -> bool + Sync)) -> Result<Tally> + 'a;

fn between(bounds: &Bounds, column: &Column, judge: &Judge<'_>) -> Result<Tally> {
    match column.values() {
        Values::Int(values) => judge(&|row| bounds.holds_int(values.value(row))),
        Values::Time(values) => judge(&|row| bounds.holds_int(values.value(row))),
        Values::Float(values) => judge(&|row| bounds.holds_float(values.value(row))),
        Values::Text(values) => judge(&|row| bounds.holds_text(values.value(row))),
        Values::Bool(_) => Err(Error::input("truth values have no order")
            .at(column.name())
            .help("write expect_column_values_to_be_in_set with value_set = [true]")),
    }
}

fn texts<'a>(column: &'a Column, wanted: &str) -> Result<&'a LargeStringArray> {
    column.strings().ok_or_else(|| {
        let kind = column.kind().name();
        Error::input(format!("{wanted} is expected, and the column was read as {kind}"))
            .at(column.name())
            .help(format!("to check its type write expect_column_values_to_be_of_type with type_ = \"{kind}\""))
    })
}

/// The types of pandas, NumPy, Spark and SQL by the kind they come to here.
const TYPES: &[(&[&str], &[Kind])] = &[
    (
        &[
            "int",
            "int8",
            "int16",
            "int32",
            "int64",
            "uint8",
            "uint16",
            "uint32",
            "uint64",
            "integer",
            "bigint",
            "smallint",
            "integertype",
            "longtype",
            "shorttype",
            "long",
        ],
        &[Kind::Int],
    ),
    (
        &[
            "float",
            "float16",
            "float32",
            "float64",
            "double",
            "double_precision",
            "real",
            "numeric",
            "decimal",
            "floattype",
            "doubletype",
            "decimaltype",
            "number",
        ],
        &[Kind::Float],
    ),
    (&["bool", "boolean", "booleantype", "bool_"], &[Kind::Bool]),
    (
        &["str", "string", "object", "text", "varchar", "char", "nvarchar", "stringtype", "category", "image", "audio"],
        &[Kind::Text, Kind::Category, Kind::Image, Kind::Audio],
    ),
    (
        &[
            "time",
            "date",
            "datetime",
            "datetime64",
            "datetime64[ns]",
            "datetime64[us]",
            "datetime64[ns, utc]",
            "timestamp",
            "timestamptype",
            "datetype",
        ],
        &[Kind::Time],
    ),
];

fn is_of_type(kind: Kind, name: &str) -> Result<bool> {
    let wanted = name.trim().to_ascii_lowercase();
    if wanted == kind.name() {
        return Ok(true);
    }
    match TYPES.iter().find(|(names, _)| names.contains(&wanted.as_str())) {
        Some((_, kinds)) => Ok(kinds.contains(&kind)),
        None => Err(Error::input(format!("there is no type \"{name}\""))
            .help("the types are: int, float, bool, text, category, time, image, audio, and those of pandas and SQL")),
    }
}

/// For each row of the mask with a value, whether it is in order with the value before it.
fn ordered(column: &Column, mask: Option<&BooleanBuffer>, up: bool, strictly: bool, work: &Work) -> Result<Vec<bool>> {
    let mut ordered = vec![true; column.len()];
    let mut before: Option<usize> = None;
    let compare = |a: usize, b: usize| match column.values() {
        Values::Int(values) => Some(values.value(a).cmp(&values.value(b))),
        Values::Time(values) => Some(values.value(a).cmp(&values.value(b))),
        Values::Float(values) => values.value(a).partial_cmp(&values.value(b)),
        Values::Text(values) => Some(values.value(a).cmp(values.value(b))),
        Values::Bool(values) => Some(values.value(a).cmp(&values.value(b))),
    };
    let wanted = if up { Ordering::Less } else { Ordering::Greater };
    for (row, flag) in ordered.iter_mut().enumerate() {
        if row % CHUNK == 0 {
            work.check()?;
        }
        if column.is_null(row) || !mask.is_none_or(|mask| row < mask.len() && mask.value(row)) {
            continue;
        }
        if let Some(before) = before {
            let found = compare(before, row);
            *flag = found == Some(wanted) || (!strictly && found == Some(Ordering::Equal));
        }
        before = Some(row);
    }
    Ok(ordered)
}

/// A form of times, as `strftime` writes it.
#[derive(Debug, Clone)]
pub(super) struct TimeFormat {
    items: Vec<Item<'static>>,
}

impl TimeFormat {
    /// # Errors
    /// If it is no form of times.
    pub(super) fn new(format: &str) -> Result<Self> {
        // Python's %f is the fraction after a point that is written itself.
        let items = StrftimeItems::new(&format.replace(".%f", "%.f")).parse_to_owned().map_err(|_| {
            Error::input(format!("\"{format}\" is no form of times"))
                .at("strftime_format")
                .help("write for example \"%Y-%m-%d %H:%M:%S\"")
        })?;
        Ok(Self { items })
    }

    fn reads(&self, text: &str) -> bool {
        let mut parsed = Parsed::new();
        if chrono::format::parse(&mut parsed, text, self.items.iter()).is_err() {
            return false;
        }
        let has_date = parsed.month().is_some() || parsed.day().is_some() || parsed.ordinal().is_some();
        let by_week =
            parsed.week_from_sun().is_some() || parsed.week_from_mon().is_some() || parsed.isoyear().is_some();
        if !has_date || by_week {
            return true;
        }
        // Python fills in 1900-01-01, and so can tell that there is no 30 February.
        let has_year = parsed.year().is_some() || parsed.year_mod_100().is_some();
        let filled = (has_year || parsed.set_year(1900).is_ok())
            && (parsed.ordinal().is_some() || parsed.month().is_some() || parsed.set_month(1).is_ok())
            && (parsed.ordinal().is_some() || parsed.day().is_some() || parsed.set_day(1).is_ok());
        filled && parsed.to_naive_date().is_ok()
    }
}

/// The usual forms of dates beside ISO's.
fn usual_formats() -> Vec<TimeFormat> {
    let dates = [
        "%m/%d/%Y",
        "%d.%m.%Y",
        "%d/%m/%Y",
        "%d-%m-%Y",
        "%Y%m%d",
        "%d %B %Y",
        "%B %d, %Y",
        "%d %b %Y",
        "%b %d, %Y",
        "%b %d %Y",
        "%B %d %Y",
        "%d-%b-%Y",
        "%Y-%m",
        "%m/%d/%y",
        "%a, %d %b %Y",
        "%A, %B %d, %Y",
        "%Y년 %m월 %d일",
    ];
    let clocks = ["", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p"];
    let all = dates.iter().flat_map(|date| clocks.iter().map(move |clock| format!("{date}{clock}")));
    all.chain(["%H:%M".to_owned(), "%H:%M:%S".to_owned()]).filter_map(|format| TimeFormat::new(&format).ok()).collect()
}

/// What tells whether a text is a time in one of the usual forms.
pub(in crate::clean) fn usual_dates() -> impl Fn(&str) -> bool + Send + Sync {
    let formats = usual_formats();
    move |text| is_date(text, &formats)
}

/// Whether a text is a time in one of the usual forms. Python's dateutil takes more than these.
fn is_date(text: &str, formats: &[TimeFormat]) -> bool {
    let text = text.trim();
    parse_time(text).is_some()
        || chrono::DateTime::parse_from_rfc3339(text).is_ok()
        || chrono::DateTime::parse_from_rfc2822(text).is_ok()
        || formats.iter().any(|format| format.reads(text))
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn forms_of_times_are_those_of_python() {
        let check = |format: &str, text: &str, expected: bool| {
            assert_eq!(TimeFormat::new(format).unwrap().reads(text), expected, "{text} as {format}");
        };
        check("%Y-%m-%d", "2020-02-29", true);
        check("%Y-%m-%d", "2019-02-29", false);
        check("%Y-%m-%d", "2020-02-29 ", false);
        check("%Y-%m-%d %H:%M:%S.%f", "2020-01-01 10:00:00.123", true);
        check("%d/%m", "30/02", false);
        check("%H:%M", "24:00", false);
        check("%y%m%d", "200131", true);
        check("%d %B %Y", "3 March 2020", true);
        assert!(TimeFormat::new("%!").is_err());
    }

    #[test]
    fn dates_are_known_in_the_usual_forms() {
        let formats = usual_formats();
        for text in [
            "2020-01-31",
            "2020-01-31T10:00:00Z",
            "1/31/2020",
            "31.01.2020",
            "Jan 31, 2020",
            "31 January 2020 10:00",
            "20200131",
            "2020년 01월 31일",
        ] {
            assert!(is_date(text, &formats), "{text}");
        }
        for text in ["", "yesterday", "2020-13-01", "32.01.2020", "12"] {
            assert!(!is_date(text, &formats), "{text}");
        }
    }

    #[test]
    fn types_are_known_by_their_names_elsewhere() {
        let check = |kind: Kind, name: &str, expected: bool| assert_eq!(is_of_type(kind, name), Ok(expected), "{name}");
        check(Kind::Int, "int64", true);
        check(Kind::Int, "INTEGER", true);
        check(Kind::Int, "float64", false);
        check(Kind::Category, "str", true);
        check(Kind::Category, "text", true);
        check(Kind::Time, "datetime64[ns]", true);
        check(Kind::Image, "image", true);
        assert!(is_of_type(Kind::Int, "blob").is_err());
    }
}
