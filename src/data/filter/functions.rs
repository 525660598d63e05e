//! The functions of the filter language: their names, arguments and what they give.

use super::tree::{Field, Function, Type};

/// What an argument must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parameter {
    Text,
    Number,
    Int,
    Time,
}

/// What a function becomes in the compiled tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Build {
    /// A function of fixed type.
    Call(Function, Type),
    /// A function whose value has the type of its first argument (whole numbers stay whole).
    Numeric(Function),
    /// `regexp(text, pattern [, 'i'])`, whose pattern is compiled once.
    Regexp,
    Coalesce,
    NullIf,
    If,
    Extreme(bool),
    Concat,
    Modulo,
}

/// A function as it is offered and called.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its names; the first is the one that is offered.
    pub(super) names: &'static [&'static str],
    /// Its arguments, for people.
    pub(super) signature: &'static str,
    /// What it gives, in a few words.
    pub(super) about: &'static str,
    /// The types of its arguments; empty where `build` looks after them itself.
    pub(super) parameters: &'static [Parameter],
    /// How many of `parameters` must be given.
    pub(super) required: usize,
    pub(super) build: Build,
}

use Build::{Call, Numeric};
use Parameter::{Int, Number, Text, Time};

const fn entry(
    names: &'static [&'static str],
    signature: &'static str,
    about: &'static str,
    parameters: &'static [Parameter],
    required: usize,
    build: Build,
) -> Entry {
    Entry { names, signature, about, parameters, required, build }
}

const fn part(names: &'static [&'static str], about: &'static str, field: Field) -> Entry {
    entry(names, "time", about, &[Time], 1, Call(Function::Field(field), Type::Int))
}

/// All functions, in the order in which they are offered.
pub(super) static FUNCTIONS: &[Entry] = &[
    entry(
        &["length", "char_length", "character_length", "len"],
        "text",
        "its length in code points",
        &[Text],
        1,
        Call(Function::Length, Type::Int),
    ),
    entry(&["words", "word_count"], "text", "its parts between spaces", &[Text], 1, Call(Function::Words, Type::Int)),
    entry(
        &["bytes", "octet_length"],
        "text",
        "its length in UTF-8 bytes",
        &[Text],
        1,
        Call(Function::Bytes, Type::Int),
    ),
    entry(
        &["contains"],
        "text, part",
        "true if the part is in it",
        &[Text, Text],
        2,
        Call(Function::Contains, Type::Bool),
    ),
    entry(
        &["starts_with"],
        "text, start",
        "true if it starts so",
        &[Text, Text],
        2,
        Call(Function::StartsWith, Type::Bool),
    ),
    entry(&["ends_with"], "text, end", "true if it ends so", &[Text, Text], 2, Call(Function::EndsWith, Type::Bool)),
    entry(
        &["regexp", "regexp_matches", "regexp_like"],
        "text, pattern [, 'i']",
        "true if the regular expression is found in it",
        &[],
        2,
        Build::Regexp,
    ),
    entry(
        &["position", "strpos", "instr"],
        "text, part",
        "where the part begins, from 1; 0 if it is not there",
        &[Text, Text],
        2,
        Call(Function::Position, Type::Int),
    ),
    entry(&["lower"], "text", "in lower case", &[Text], 1, Call(Function::Lower, Type::Text)),
    entry(&["upper"], "text", "in upper case", &[Text], 1, Call(Function::Upper, Type::Text)),
    entry(
        &["trim", "btrim"],
        "text [, characters]",
        "without spaces (or those characters) at both ends",
        &[Text, Text],
        1,
        Call(Function::Trim { left: true, right: true }, Type::Text),
    ),
    entry(
        &["ltrim"],
        "text [, characters]",
        "without spaces at the start",
        &[Text, Text],
        1,
        Call(Function::Trim { left: true, right: false }, Type::Text),
    ),
    entry(
        &["rtrim"],
        "text [, characters]",
        "without spaces at the end",
        &[Text, Text],
        1,
        Call(Function::Trim { left: false, right: true }, Type::Text),
    ),
    entry(
        &["substr", "substring"],
        "text, from [, count]",
        "a part of it, counted in code points from 1",
        &[Text, Int, Int],
        2,
        Call(Function::Substr, Type::Text),
    ),
    entry(&["left"], "text, count", "its first code points", &[Text, Int], 2, Call(Function::Left, Type::Text)),
    entry(&["right"], "text, count", "its last code points", &[Text, Int], 2, Call(Function::Right, Type::Text)),
    entry(
        &["replace"],
        "text, old, new",
        "with every old part replaced",
        &[Text, Text, Text],
        3,
        Call(Function::Replace, Type::Text),
    ),
    entry(&["concat"], "value, …", "the values one after another, NULL left out", &[], 1, Build::Concat),
    entry(&["coalesce", "ifnull", "nvl"], "value, …", "the first that is not NULL", &[], 1, Build::Coalesce),
    entry(&["nullif"], "a, b", "NULL if a = b, else a", &[], 2, Build::NullIf),
    entry(&["if", "iif"], "condition, then, else", "one of two values", &[], 3, Build::If),
    entry(&["least"], "value, …", "the least of the values", &[], 1, Build::Extreme(false)),
    entry(&["greatest"], "value, …", "the greatest of the values", &[], 1, Build::Extreme(true)),
    entry(&["abs"], "number", "without its sign", &[Number], 1, Numeric(Function::Abs)),
    entry(&["round"], "number [, digits]", "rounded, halves away from 0", &[Number, Int], 1, Numeric(Function::Round)),
    entry(&["floor"], "number", "rounded down", &[Number], 1, Numeric(Function::Floor)),
    entry(&["ceil", "ceiling"], "number", "rounded up", &[Number], 1, Numeric(Function::Ceil)),
    entry(&["sign"], "number", "-1, 0 or 1", &[Number], 1, Numeric(Function::Sign)),
    entry(&["mod"], "a, b", "the remainder of a / b", &[Number, Number], 2, Build::Modulo),
    entry(&["sqrt"], "number", "its square root", &[Number], 1, Call(Function::Sqrt, Type::Float)),
    entry(&["exp"], "number", "e to its power", &[Number], 1, Call(Function::Exp, Type::Float)),
    entry(&["ln"], "number", "its natural logarithm", &[Number], 1, Call(Function::Ln, Type::Float)),
    entry(&["log10", "log"], "number", "its logarithm to base 10", &[Number], 1, Call(Function::Log10, Type::Float)),
    entry(
        &["power", "pow"],
        "number, exponent",
        "the number to that power",
        &[Number, Number],
        2,
        Call(Function::Power, Type::Float),
    ),
    entry(&["isnan"], "number", "true if it is not a number (NaN)", &[Number], 1, Call(Function::IsNan, Type::Bool)),
    part(&["year"], "the year", Field::Year),
    part(&["quarter"], "the quarter of the year, 1-4", Field::Quarter),
    part(&["month"], "the month, 1-12", Field::Month),
    part(&["week"], "the ISO week, 1-53", Field::Week),
    part(&["day"], "the day of the month", Field::Day),
    part(&["weekday", "isodow"], "1 is Monday, 7 is Sunday", Field::Weekday),
    part(&["dayofyear", "doy"], "the day of the year, from 1", Field::DayOfYear),
    part(&["hour"], "the hour, 0-23 (UTC)", Field::Hour),
    part(&["minute"], "the minute", Field::Minute),
    part(&["second"], "the second", Field::Second),
    part(&["epoch"], "seconds since 1970", Field::Epoch),
    entry(&["date"], "time", "the day, at midnight (UTC)", &[Time], 1, Call(Function::Date, Type::Time)),
];

/// The function of that name, in any case.
pub(super) fn find(name: &str) -> Option<&'static Entry> {
    FUNCTIONS.iter().find(|entry| entry.names.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

/// Why a function of other databases is not here.
pub(super) fn refusal(name: &str) -> Option<(&'static str, &'static str)> {
    let name = name.to_ascii_lowercase();
    let is = |names: &[&str]| names.contains(&name.as_str());
    if is(&["count", "sum", "avg", "min", "max", "mean", "median", "stddev", "variance", "string_agg", "array_agg"]) {
        let help = "for the smaller or larger of two values write least(a, b) or greatest(a, b)";
        return Some(("an aggregate looks at many rows, a filter at one row at a time", help));
    }
    if is(&[
        "now",
        "current_timestamp",
        "current_date",
        "current_time",
        "localtime",
        "localtimestamp",
        "today",
        "getdate",
    ]) {
        return Some(("a filter must give the same rows every day", "write the time itself, such as '2015-08-25'"));
    }
    if is(&["random", "rand", "uuid", "newid"]) {
        return Some(("a filter must give the same rows every time", "leave the random choice to a sample"));
    }
    if is(&["row_number", "rank", "lag", "lead", "first_value", "last_value", "ntile"]) {
        return Some(("a window function looks at other rows, a filter at one row at a time", "sort the view instead"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_used_once() {
        let mut names: Vec<&str> = FUNCTIONS.iter().flat_map(|entry| entry.names.iter().copied()).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(names.iter().all(|name| refusal(name).is_none()));
        assert!(find("LENGTH").is_some() && find("nothing").is_none());
    }
}
