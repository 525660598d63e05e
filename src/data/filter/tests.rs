//! Tables of conditions and the rows they keep, of errors and their places, and a second evaluator to compare with.

use std::sync::Arc;

use arrow_array::{BooleanArray, Float64Array, Int64Array, LargeStringArray, TimestampMicrosecondArray};
use proptest::prelude::*;

use super::super::{Column, Frame, Kind, Values};
use super::{FilterError, parse, time};
use crate::engine::Work;

fn small() -> Frame {
    let texts = vec![
        Some("free money"),
        Some("Hello World"),
        None,
        Some(""),
        Some("한국어 데이터"),
        Some("it's 100%"),
        Some("a_b"),
    ];
    let labels = vec![Some("spam"), Some("ham"), None, Some("ham"), Some("spam"), Some("ham"), Some("spam")];
    let codes = vec![Some("1"), Some("2"), Some("10"), None, Some("1"), Some("x"), Some("")];
    let ages = vec![Some(10), None, Some(30), Some(-5), Some(0), Some(9_007_199_254_740_993), Some(7)];
    let scores = vec![Some(0.5), Some(1.5), None, Some(f64::NAN), Some(-1.0), Some(2.0), Some(0.0)];
    let flags = vec![Some(true), Some(false), None, Some(true), Some(false), None, Some(true)];
    let times = [
        Some("2015-08-25"),
        None,
        Some("2015-08-25T14:30:00"),
        Some("1969-12-31T23:59:59"),
        Some("2020-02-29"),
        Some("2015-08-26"),
        Some("2015-01-01"),
    ];
    let times: TimestampMicrosecondArray = times.into_iter().map(|text| text.and_then(time::parse)).collect();
    Frame::new(vec![
        Arc::new(Column::text("text", Kind::Text, LargeStringArray::from(texts))),
        Arc::new(Column::text("label", Kind::Category, LargeStringArray::from(labels))),
        Arc::new(Column::text("code", Kind::Category, LargeStringArray::from(codes))),
        Arc::new(Column::new("age", Values::Int(Int64Array::from(ages)))),
        Arc::new(Column::new("score", Values::Float(Float64Array::from(scores)))),
        Arc::new(Column::new("flag", Values::Bool(BooleanArray::from(flags)))),
        Arc::new(Column::new("at", Values::Time(times))),
        Arc::new(Column::new("my col", Values::Int(Int64Array::from(vec![1, 2, 3, 4, 5, 6, 7])))),
        Arc::new(Column::new("a.b", Values::Int(Int64Array::from(vec![7, 6, 5, 4, 3, 2, 1])))),
    ])
}

fn rows(sql: &str, frame: &Frame) -> Vec<usize> {
    let filter = parse(sql, frame).unwrap_or_else(|error| panic!("{sql}: {error} ({:?})", error.help));
    filter.evaluate(frame, &Work::new()).unwrap().set_indices().collect()
}

#[track_caller]
fn check(sql: &str, expected: &[usize]) {
    assert_eq!(rows(sql, &small()), expected, "{sql}");
}

#[test]
fn comparisons() {
    check("age > 5", &[0, 2, 5, 6]);
    check("5 < age", &[0, 2, 5, 6]);
    check("age >= 10", &[0, 2, 5]);
    check("age <> 10", &[2, 3, 4, 5, 6]);
    check("age != 10", &[2, 3, 4, 5, 6]);
    check("age = 9007199254740993", &[5]);
    check("age = 9007199254740992.0", &[]);
    check("age > 9007199254740992.0", &[5]);
    check("age < 0.5", &[3, 4]);
    check("age <= -5.0", &[3]);
    check("age > -1e999", &[0, 2, 3, 4, 5, 6]);
    check("age = NULL", &[]);
    check("age <> NULL", &[]);
    check("NULL", &[]);
    check("score > 0", &[0, 1, 5]);
    check("score = score", &[0, 1, 4, 5, 6]);
    check("score <> score", &[3]);
    check("NOT score > 0", &[3, 4, 6]);
    check("isnan(score)", &[3]);
    check("score = 0", &[6]);
    check("score = -0.0", &[6]);
    check("age = score * 20", &[0]);
    check("score < age", &[0, 4, 5, 6]);
    check("age > score", &[0, 4, 5, 6]);
    check("label = 'spam'", &[0, 4, 6]);
    check("label <> 'spam'", &[1, 3, 5]);
    check("label < 'i'", &[1, 3, 5]);
    check("text = ''", &[3]);
    check("text < label", &[0, 1, 3, 6]);
    check("Label = 'ham' AND TEXT <> ''", &[1, 5]);
    check("\"my col\" = 3", &[2]);
    check("`my col` = 3", &[2]);
    check("a.b = 7", &[0]);
    check("\"a.b\" = 7", &[0]);
    check("true", &[0, 1, 2, 3, 4, 5, 6]);
    check("false", &[]);
    check("1 = 1", &[0, 1, 2, 3, 4, 5, 6]);
    check("1 == 1 AND 2 > 1", &[0, 1, 2, 3, 4, 5, 6]);
}

#[test]
fn truth_values_and_nulls() {
    check("flag", &[0, 3, 6]);
    check("NOT flag", &[1, 4]);
    check("flag = true", &[0, 3, 6]);
    check("flag <> true", &[1, 4]);
    check("flag = 1", &[0, 3, 6]);
    check("flag IS TRUE", &[0, 3, 6]);
    check("flag IS NOT TRUE", &[1, 2, 4, 5]);
    check("flag IS FALSE", &[1, 4]);
    check("flag IS NOT FALSE", &[0, 2, 3, 5, 6]);
    check("flag IS UNKNOWN", &[2, 5]);
    check("flag IS NOT UNKNOWN", &[0, 1, 3, 4, 6]);
    check("flag IS NULL", &[2, 5]);
    check("age IS NULL", &[1]);
    check("age IS NOT NULL", &[0, 2, 3, 4, 5, 6]);
    check("age > 5 IS NULL", &[1]);
    check("text IS NULL OR age IS NULL", &[1, 2]);
    check("age + score IS NULL", &[1, 2]);
    check("flag AND age > 5", &[0, 6]);
    check("flag OR age > 5", &[0, 2, 3, 5, 6]);
    check("NOT (flag AND age > 5)", &[1, 3, 4]);
    check("NOT (flag OR age > 5)", &[4]);
    check("(flag OR age > 5) IS UNKNOWN", &[1]);
    check("(flag AND age > 5) IS UNKNOWN", &[2, 5]);
    check("flag IS DISTINCT FROM true", &[1, 2, 4, 5]);
    check("flag IS NOT DISTINCT FROM NULL", &[2, 5]);
    check("age IS DISTINCT FROM 10", &[1, 2, 3, 4, 5, 6]);
    check("score IS NOT DISTINCT FROM score", &[0, 1, 2, 3, 4, 5, 6]);
    check("text IS NOT DISTINCT FROM label", &[2]);
    check("NOT NULL", &[]);
    check("NULL IS NULL", &[0, 1, 2, 3, 4, 5, 6]);
    check("NULL OR flag", &[0, 3, 6]);
}

#[test]
fn lists_and_ranges() {
    check("age IN (10, 7, 99)", &[0, 6]);
    check("age NOT IN (10, 7)", &[2, 3, 4, 5]);
    check("age IN (10, NULL)", &[0]);
    check("age NOT IN (10, NULL)", &[]);
    check("age IN (10.0, 0.5)", &[0]);
    check("score IN (0.5, 2, NULL)", &[0, 5]);
    check("score NOT IN (0.5, 2)", &[1, 3, 4, 6]);
    check("score IN (9007199254740993)", &[]);
    check("label IN ('spam')", &[0, 4, 6]);
    check("label NOT IN ('spam', 'x')", &[1, 3, 5]);
    check("label IN ('a', 'b', 'c', 'd', 'e', 'ham')", &[1, 3, 5]);
    check("label IN ()", &[]);
    check("label NOT IN ()", &[0, 1, 2, 3, 4, 5, 6]);
    check("flag IN (true)", &[0, 3, 6]);
    check("flag IN (true, false)", &[0, 1, 3, 4, 6]);
    check("at IN ('2015-08-25', '2015-08-26')", &[0, 5]);
    check("age IN (\"my col\", 10)", &[0, 6]);
    check("age BETWEEN 0 AND 10", &[0, 4, 6]);
    check("age NOT BETWEEN 0 AND 10", &[2, 3, 5]);
    check("label BETWEEN 'a' AND 'i'", &[1, 3, 5]);
    check("at BETWEEN '2015-08-25' AND '2015-08-25 23:59'", &[0, 2]);
}

#[test]
fn patterns() {
    check("text LIKE '%o%'", &[0, 1]);
    check("text LIKE 'H%'", &[1]);
    check("text LIKE 'h%'", &[]);
    check("text ILIKE 'h%'", &[1]);
    check("text ILIKE '%WORLD'", &[1]);
    check("text NOT LIKE '%o%'", &[3, 4, 5, 6]);
    check("text NOT ILIKE '%O%'", &[3, 4, 5, 6]);
    check("text LIKE 'a_b'", &[6]);
    check("text LIKE '___'", &[6]);
    check("text LIKE '___ ___'", &[4]);
    check("text LIKE '%100!%' ESCAPE '!'", &[5]);
    check("text LIKE 'a!_b' ESCAPE '!'", &[6]);
    check("text LIKE 'it''s%'", &[5]);
    check("text LIKE '%'", &[0, 1, 3, 4, 5, 6]);
    check("text LIKE ''", &[3]);
    check("text ~ '^[A-Z]'", &[1]);
    check("text ~ 'money'", &[0]);
    check("text ~* 'HELLO'", &[1]);
    check("text !~ 'o'", &[3, 4, 5, 6]);
    check("text !~* 'O'", &[3, 4, 5, 6]);
    check("text REGEXP '\\d+'", &[5]);
    check("text NOT REGEXP '\\d+'", &[0, 1, 3, 4, 6]);
    check("text RLIKE '^\\p{Hangul}+ '", &[4]);
    check("regexp(text, 'w.rld', 'i')", &[1]);
    check("contains(text, '데이')", &[4]);
    check("contains(text, '')", &[0, 1, 3, 4, 5, 6]);
    check("contains(text, label)", &[]);
    check("starts_with(text, 'free') OR ends_with(text, '%')", &[0, 5]);
    check("upper(text) LIKE '%MON%'", &[0]);
    check("lower(text) ILIKE '%WORLD%'", &[1]);
}

#[test]
fn functions_of_text() {
    check("length(text) = 7", &[4]);
    check("length(text) = 0", &[3]);
    check("bytes(text) > 12", &[4]);
    check("words(text) = 2", &[0, 1, 4, 5]);
    check("word_count(text) = 0", &[3]);
    check("upper(label) = 'SPAM'", &[0, 4, 6]);
    check("trim('  a ') = 'a' AND ltrim(' a ') = 'a ' AND rtrim(' a ') = ' a'", &[0, 1, 2, 3, 4, 5, 6]);
    check("trim(both 'x' from 'xax') = 'a' AND trim(leading 'x' from 'xax') = 'ax'", &[0, 1, 2, 3, 4, 5, 6]);
    check("trim(text, 'fre') = ' money'", &[0]);
    check("substr(text, 1, 3) = '한국어'", &[4]);
    check("substring(text from 5) = '데이터'", &[4]);
    check("substring(text from 1 for 4) = 'free'", &[0]);
    check("left(text, 1) = 'H' OR right(text, 1) = '%'", &[1, 5]);
    check("replace(text, ' ', '') = 'freemoney'", &[0]);
    check("position('데' in text) = 5", &[4]);
    check("strpos(text, 'o') = 5", &[1]);
    check("text || '!' = '!'", &[3]);
    check("label || age = 'spam10'", &[0]);
    check("concat(label, '-', age) = 'ham-'", &[1]);
    check("coalesce(text, label, 'none') = 'none'", &[2]);
    check("nullif(label, 'spam') IS NULL", &[0, 2, 4, 6]);
    check("greatest(label, 'i') = 'i'", &[1, 2, 3, 5]);
    check("least(label, 'i') = 'ham'", &[1, 3, 5]);
}

#[test]
fn arithmetic_and_functions_of_numbers() {
    check("age + 1 = 11", &[0]);
    check("-age = 5", &[3]);
    check("age * 2 - 4 = 10", &[6]);
    check("7 / 2 = 3.5", &[0, 1, 2, 3, 4, 5, 6]);
    check("age / 0 IS NULL", &[0, 1, 2, 3, 4, 5, 6]);
    check("age % 0 IS NULL", &[0, 1, 2, 3, 4, 5, 6]);
    check("10 / age > 1", &[6]);
    check("age % 4 = 2", &[0, 2]);
    check("age % 4 = -1", &[3]);
    check("mod(age, 4) = 3", &[6]);
    check("age + 9223372036854775807 IS NULL", &[0, 1, 2, 5, 6]);
    check("-9223372036854775808 < age", &[0, 2, 3, 4, 5, 6]);
    check("abs(age) = 5", &[3]);
    check("round(score) = 2", &[1, 5]);
    check("round(score * 1.11, 1) = 0.6", &[0]);
    check("floor(score) = 1 OR ceil(score) = 1", &[0, 1]);
    check("sqrt(age) < 3", &[4, 6]);
    check("sqrt(score) IS NULL", &[2, 4]);
    check("ln(score) IS NULL", &[2, 4, 6]);
    check("power(2, 10) = 1024 AND exp(0) = 1 AND log10(100) = 2", &[0, 1, 2, 3, 4, 5, 6]);
    check("sign(age) = -1", &[3]);
    check("greatest(age, score, 5) = 5", &[1, 3, 4]);
    check("least(age, 5) = 5", &[0, 1, 2, 5, 6]);
    check("coalesce(age, 0) = 0", &[1, 4]);
    check("coalesce(age, score) = 1.5", &[1]);
    check("nullif(age, 10) IS NULL", &[0, 1]);
}

#[test]
fn cases_and_casts() {
    check("CASE WHEN age > 5 THEN 'big' WHEN age < 0 THEN 'neg' ELSE 'small' END = 'small'", &[1, 4]);
    check("CASE label WHEN 'spam' THEN 1 WHEN 'ham' THEN 0 END = 1", &[0, 4, 6]);
    check("CASE WHEN flag THEN age END > 5", &[0, 6]);
    check("CASE WHEN flag THEN age > 5 ELSE true END", &[0, 1, 2, 4, 5, 6]);
    check("CASE WHEN flag THEN age ELSE 0.5 END = 0.5", &[1, 2, 4, 5]);
    check("CASE WHEN false THEN at END IS NULL", &[0, 1, 2, 3, 4, 5, 6]);
    check("if(flag, 1, 0) = 0", &[1, 2, 4, 5]);
    check("CAST(code AS INT) = 1", &[0, 4]);
    check("CAST(code AS INT) IS NULL", &[3, 5, 6]);
    check("code::int > 1", &[1, 2]);
    check("TRY_CAST(code AS FLOAT) > 1.5", &[1, 2]);
    check("CAST(age AS TEXT) LIKE '%0'", &[0, 2, 4]);
    check("CAST(score AS TEXT) = '0.5'", &[0]);
    check("CAST(score AS INT) = 1", &[1]);
    check("CAST(flag AS INT) = 1", &[0, 3, 6]);
    check("CAST(age AS BOOL)", &[0, 2, 3, 5, 6]);
    check("CAST(flag AS TEXT) = 'true'", &[0, 3, 6]);
    check("CAST('yes' AS BOOL) AND CAST('0' AS BOOL) IS FALSE", &[0, 1, 2, 3, 4, 5, 6]);
    check("CAST('2015-08-25' AS DATE) = at", &[0]);
    check("CAST(text AS TIMESTAMP) IS NULL", &[0, 1, 2, 3, 4, 5, 6]);
}

#[test]
fn times() {
    check("at = '2015-08-25'", &[0]);
    check("'2015-08-25' = at", &[0]);
    check("at >= '2015-08-25'", &[0, 2, 4, 5]);
    check("at < DATE '2015-08-25'", &[3, 6]);
    check("at = TIMESTAMP '2015-08-25 14:30:00'", &[2]);
    check("at = '2015-08-25T23:30+09:00'", &[2]);
    check("date(at) = '2015-08-25'", &[0, 2]);
    check("year(at) = 2015", &[0, 2, 5, 6]);
    check("month(at) = 8 AND day(at) = 25", &[0, 2]);
    check("hour(at) = 14 AND minute(at) = 30 AND second(at) = 0", &[2]);
    check("weekday(at) = 2", &[0, 2]);
    check("extract(year from at) = 2020", &[4]);
    check("extract(isodow from at) = 2", &[0, 2]);
    check("quarter(at) = 1", &[4, 6]);
    check("epoch(at) = -1", &[3]);
    check("date('2015-08-25') = at", &[0]);
    check("coalesce(at, '2015-08-25') = '2015-08-25'", &[0, 1]);
    check("greatest(at, '2020-01-01') = '2020-01-01'", &[0, 1, 2, 3, 5, 6]);
}

#[track_caller]
fn wrong(sql: &str) -> FilterError {
    match parse(sql, &small()) {
        Ok(_) => panic!("{sql} was accepted"),
        Err(error) => {
            assert!(error.start <= error.end && error.end <= sql.len(), "{sql}: {error:?}");
            assert!(sql.is_char_boundary(error.start) && sql.is_char_boundary(error.end), "{sql}: {error:?}");
            error
        }
    }
}

/// The bytes under `marks` are those the error is about.
#[track_caller]
fn refused(sql: &str, marks: &str, message: &str, help: &str) {
    let error = wrong(sql);
    let start = marks.find('^').unwrap_or(marks.chars().count());
    let end = start + marks.matches('^').count();
    let byte = |at: usize| sql.char_indices().nth(at).map_or(sql.len(), |(byte, _)| byte);
    assert_eq!((error.start, error.end), (byte(start), byte(end)), "{sql}: {error:?}");
    assert!(error.message.contains(message), "{sql}: {error:?}");
    assert!(error.help.as_deref().unwrap_or("").contains(help), "{sql}: {error:?}");
}

#[test]
fn errors_say_where_and_what_to_do() {
    refused("", "", "empty", "length");
    refused("  -- nothing", "", "empty", "");
    refused("age >", "     ", "ends too early", "a column, a value");
    refused("age > 5 AND", "           ", "ends too early", "");
    refused("(age > 5", "        ", "ends too early", "closing parenthesis");
    refused("age > 5)", "       ^", "not expected", "too many");
    refused("age > 5 label = 'x'", "        ^^^^^", "label was not expected", "AND or OR");
    refused("my col = 3", "   ^^^", "not expected", "double quotes");
    refused("age > 5;", "       ^", "not expected", "semicolon");
    refused("flag && flag", "     ^^", "not expected", "AND");
    refused("!flag", "^", "not expected", "NOT");
    refused("label = 'x", "        ^^", "not closed", "single quote");
    refused("\"my col = 3", "^^^^^^^^^^^", "not closed", "");
    refused("lable = 'x'", "^^^^^", "no column lable", "label");
    refused("label = spam", "        ^^^^", "no column spam", "single quotes");
    refused("label = \"spam\"", "        ^^^^^^", "no column spam", "'spam'");
    refused("한국 = 1", "^^", "no column 한국", "the columns are");
    refused("flag AND 나이 > 3", "         ^^", "no column 나이", "");
    refused("t.age = 1", "^^^^^", "no column t.age", "write age");
    refused("age = '10'", "^^^^^^^^^^", "age is a number", "without quotes: 10");
    refused("age = 'x'", "^^^^^^^^^", "age is a number", "CAST");
    refused("code = 1", "^^^^^^^^", "code is text", "code = '1'");
    refused("1 = code", "^^^^^^^^", "code is text", "code = '1'");
    refused("at = 2015", "^^^^^^^^^", "at is a time", "2015-08-25");
    refused("at = 'yesterday'", "     ^^^^^^^^^^^", "not a time", "2015-08-25");
    refused("at > label", "^^^^^^^^^^", "at is a time, and label is text", "");
    refused("flag = 'true'", "^^^^^^^^^^^^^", "flag is a truth value", "NOT flag");
    refused("age", "^^^", "a number, not a condition", "age > 0");
    refused("flag AND label", "         ^^^^^", "text, not a condition", "label = ");
    refused("age + label > 1", "      ^^^^^", "text, not a number", "length(label)");
    refused("length(age) > 1", "       ^^^", "a number, not text", "CAST(age AS TEXT)");
    refused("lenght(text) > 1", "^^^^^^", "no function lenght", "length");
    refused("frobnicate(text)", "^^^^^^^^^^", "no function", "the functions are: length");
    refused("replace(text) = 'x'", "^^^^^^^^^^^^", "replace has 1 arguments", "text, old, new");
    refused("count(*) > 1", "^^^^^", "aggregate", "");
    refused("max(age) > 1", "^^^", "aggregate", "greatest");
    refused("at < now()", "     ^^^", "same rows every day", "the time itself");
    refused("at < current_date", "     ^^^^^^^^^^^^", "same rows every day", "the time itself");
    refused("random() < 0.1", "^^^^^^", "same rows every time", "");
    refused("text ~ '(a'", "       ^^^^", "unclosed group", "");
    refused("text ~ label", "       ^^^^^", "must be a constant text", "contains");
    refused("text LIKE 'a!' ESCAPE '!'", "          ^^^^", "escape character", "");
    refused("text LIKE 'a' ESCAPE 'ab'", "                     ^^^^", "one character", "");
    refused("label IN (1, 2)", "^^^^^^^^^^^", "label is text", "label = '1'");
    refused("CASE WHEN flag THEN 1 ELSE 'x' END = 1", "^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^", "one type", "CAST");
    refused("round(text) = 1", "      ^^^^", "text, not a number", "");
    refused("left(text, 1.5) = 'a'", "           ^^^", "not a whole number", "CAST");
    refused("WHERE age > 5", "^^^^^", "not a query", "leave out WHERE");
    refused("SELECT * FROM x", "^^^^^^", "not a query", "follow WHERE");
    refused("CAST(at AS INT) = 1", "     ^^", "cannot become", "epoch");
    refused("x'ff' = 'a'", "^^^^^", "form of a value", "");
    assert!(wrong("age IN (SELECT 1)").message.contains("one row at a time"));
    assert!(wrong("EXISTS (SELECT 1)").message.contains("one row at a time"));
    assert!(wrong("age = (SELECT 1)").message.contains("one row at a time"));
    assert!(wrong("row_number() OVER (ORDER BY age) = 1").message.contains("window function"));
    assert!(wrong("text SIMILAR TO 'a'").help.unwrap().contains('~'));
    let error: crate::engine::Error = wrong("flag AND 나이 > 3").into();
    assert_eq!(error.to_string(), "there is no column 나이: column 10");
}

#[test]
fn bombs_are_refused_and_do_no_harm() {
    let nested = |open: &str, close: &str, times: usize| format!("{}flag{}", open.repeat(times), close.repeat(times));
    for (open, close) in [
        ("(", ")"),
        ("NOT ", ""),
        ("lower(", ")"),
        ("CASE WHEN flag THEN ", " END"),
        ("- ", ""),
        ("[", "]"),
        ("{", "}"),
    ] {
        let error = wrong(&nested(open, close, 10_000));
        assert!(error.message.contains("deep") || error.message.contains("operators"), "{open}: {error:?}");
    }
    for open in ["(", "CASE ", "CAST(", "if(", "f(", "NOT (", "current_time(", "a.b.", "interval ", "case-"] {
        let start = std::time::Instant::now();
        wrong(&open.repeat(60));
        assert!(start.elapsed().as_secs() < 5, "{open} took {:?}", start.elapsed());
    }
    let chain = |sign: &str, times: usize| vec!["age"; times].join(sign);
    assert!(wrong(&format!("{} > 0", chain(" + ", 100_000))).message.contains("operators"));
    assert!(wrong(&format!("{} > 0", chain(" + ", 1_000))).message.contains("deep"));
    assert!(wrong(&format!("({}) > 5", vec!["flag"; 900].join(" AND "))).message.contains("truth value"));
    assert!(wrong(&"a".repeat(5_000_000)).message.contains("too long"));
    assert!(wrong(&format!("text ~ '{}'", "(a{99}){99}{99}")).message.contains("too large"));
    let many = vec!["flag"; 1_900].join(" OR ");
    check(&many, &[0, 3, 6]);
    check(&nested("(", ")", 60), &[0, 3, 6]);
    check(&nested("NOT ", "", 60), &[0, 3, 6]);
    check(&nested("CASE WHEN flag THEN ", " ELSE false END", 60), &[0, 3, 6]);
    check(&format!("{}label{} = 'spam'", "coalesce(lower(".repeat(30), "))".repeat(30)), &[0, 4, 6]);
    check(&format!("{}age{} = 70", "(1 + ".repeat(60), ")".repeat(60)), &[0]);
    let list: Vec<String> = (0..100_000).map(|number| number.to_string()).collect();
    check(&format!("age IN ({})", list.join(",")), &[0, 2, 4, 6]);
}

/// A frame long enough for several chunks, with the rows of the small one in turn.
fn long(times: usize) -> Frame {
    let small = small();
    let columns = small.columns().iter().map(|column| {
        let indices: arrow_array::UInt32Array = (0..times * 7).map(|row| (row % 7) as u32).collect();
        let taken = arrow_select::take::take(column.array(), &indices, None).unwrap();
        let any = taken.as_any();
        let values = match column.values() {
            Values::Text(_) => {
                let array = any.downcast_ref::<LargeStringArray>().unwrap().clone();
                return Arc::new(Column::text(column.name(), column.kind(), array));
            }
            Values::Int(_) => Values::Int(any.downcast_ref::<Int64Array>().unwrap().clone()),
            Values::Float(_) => Values::Float(any.downcast_ref::<Float64Array>().unwrap().clone()),
            Values::Bool(_) => Values::Bool(any.downcast_ref::<BooleanArray>().unwrap().clone()),
            Values::Time(_) => Values::Time(any.downcast_ref::<TimestampMicrosecondArray>().unwrap().clone()),
        };
        Arc::new(Column::new(column.name(), values))
    });
    Frame::new(columns.collect())
}

const VARIED: &[&str] = &[
    "flag AND age > 5 AND text LIKE '%o%'",
    "label = 'spam' OR length(text) > 5",
    "NOT (text ~ '[a-z]' AND score < 1)",
    "CASE WHEN flag THEN text ELSE label END = 'ham'",
    "coalesce(text, label) || 'x' LIKE '%x'",
    "contains(text, 'o') IS UNKNOWN",
    "text ILIKE '%O%' AND at >= '2015-01-01'",
    "age IN (10, 7) OR score IN (0.5, 2)",
];

#[test]
fn chunks_and_threads_change_nothing() {
    let (small, long) = (small(), long(3_000));
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    for sql in VARIED {
        let few = rows(sql, &small);
        let many = rows(sql, &long);
        let expected: Vec<usize> = (0..21_000).filter(|row| few.contains(&(row % 7))).collect();
        assert_eq!(many, expected, "{sql}");
        assert_eq!(one.install(|| rows(sql, &long)), expected, "{sql} on one thread");
    }
}

#[test]
fn a_decomposed_name_is_the_same_name() {
    let decomposed: String = unicode_normalization::UnicodeNormalization::nfd("나이").collect();
    let frame = Frame::new(vec![Arc::new(Column::new(decomposed.as_str(), Values::Int(vec![1, 2, 3].into())))]);
    assert_eq!(rows("나이 > 1", &frame), [1, 2]);
    assert_eq!(rows(&format!("{} > 1", super::quote_name(&decomposed)), &frame), [1, 2]);
}

#[test]
fn a_filter_fits_another_frame_only_if_its_columns_are_there() {
    let frame = small();
    let filter = parse("age > 5 AND label = 'ham' AND age < 100", &frame).unwrap();
    assert_eq!(filter.columns().collect::<Vec<_>>(), ["age", "label"]);
    assert_eq!(filter.source(), "age > 5 AND label = 'ham' AND age < 100");
    let work = Work::new();
    let other = Frame::new(frame.columns()[..2].to_vec());
    assert_eq!(filter.evaluate(&other, &work).unwrap_err().place(), Some("age"));
    let changed = frame.with([Arc::new(Column::text("age", Kind::Text, LargeStringArray::from(vec!["x"; 7])))]);
    assert!(filter.evaluate(&changed, &work).unwrap_err().what().contains("no longer"));
    let cancelled = Work::new();
    cancelled.cancel();
    assert!(filter.evaluate(&frame, &cancelled).unwrap_err().is_cancelled());
    assert_eq!(
        filter
            .evaluate(
                &Frame::new(vec![]).with(small().columns().iter().map(|column| {
                    Arc::new(Column::text(column.name(), column.kind(), LargeStringArray::from(Vec::<&str>::new())))
                })),
                &work
            )
            .err()
            .map(|error| error.place().map(str::to_owned)),
        Some(Some("age".to_owned()))
    );
}

/// A condition as a tree and, beside it, what one row gives: the plain reading of three-valued logic.
#[derive(Debug, Clone)]
enum Plain {
    Flag,
    Greater(i64),
    Like(String),
    IsNull(Box<Plain>),
    IsTrue(Box<Plain>),
    Not(Box<Plain>),
    And(Box<Plain>, Box<Plain>),
    Or(Box<Plain>, Box<Plain>),
    Case(Box<Plain>, Box<Plain>, Box<Plain>),
}

impl Plain {
    fn sql(&self) -> String {
        match self {
            Self::Flag => "flag".to_owned(),
            Self::Greater(bound) => format!("age > {bound}"),
            Self::Like(part) => format!("text LIKE {}", super::quote_text(&format!("%{part}%"))),
            Self::IsNull(a) => format!("({}) IS NULL", a.sql()),
            Self::IsTrue(a) => format!("({}) IS TRUE", a.sql()),
            Self::Not(a) => format!("NOT ({})", a.sql()),
            Self::And(a, b) => format!("({}) AND ({})", a.sql(), b.sql()),
            Self::Or(a, b) => format!("({}) OR ({})", a.sql(), b.sql()),
            Self::Case(a, b, c) => format!("CASE WHEN {} THEN {} ELSE {} END", a.sql(), b.sql(), c.sql()),
        }
    }

    fn value(&self, flag: Option<bool>, age: Option<i64>, text: Option<&str>) -> Option<bool> {
        let value = |part: &Self| part.value(flag, age, text);
        match self {
            Self::Flag => flag,
            Self::Greater(bound) => age.map(|age| age > *bound),
            Self::Like(part) => text.map(|text| text.contains(part.as_str())),
            Self::IsNull(a) => Some(value(a).is_none()),
            Self::IsTrue(a) => Some(value(a) == Some(true)),
            Self::Not(a) => value(a).map(|a| !a),
            Self::And(a, b) => match (value(a), value(b)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Or(a, b) => match (value(a), value(b)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Self::Case(a, b, c) => {
                if value(a) == Some(true) {
                    value(b)
                } else {
                    value(c)
                }
            }
        }
    }
}

fn plain() -> impl Strategy<Value = Plain> {
    let leaf = prop_oneof![
        Just(Plain::Flag),
        (-6i64..12).prop_map(Plain::Greater),
        prop_oneof![Just("o"), Just("데"), Just("'"), Just("")].prop_map(|part| Plain::Like(part.to_owned())),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        prop_oneof![
            boxed().prop_map(Plain::IsNull),
            boxed().prop_map(Plain::IsTrue),
            boxed().prop_map(Plain::Not),
            (boxed(), boxed()).prop_map(|(a, b)| Plain::And(a, b)),
            (boxed(), boxed()).prop_map(|(a, b)| Plain::Or(a, b)),
            (boxed(), boxed(), boxed()).prop_map(|(a, b, c)| Plain::Case(a, b, c)),
        ]
    })
}

proptest! {
    #[test]
    fn conditions_agree_with_a_plain_reading(tree in plain()) {
        let frame = small();
        let found = rows(&tree.sql(), &frame);
        let text = |row: usize| frame.column("text").unwrap().strings().unwrap().iter().nth(row).flatten();
        let age = |row: usize| frame.column("age").unwrap().show(row).and_then(|age| age.parse().ok());
        let flag = |row: usize| frame.column("flag").unwrap().show(row).map(|flag| flag == "true");
        let expected: Vec<usize> = (0..7).filter(|row| tree.value(flag(*row), age(*row), text(*row)) == Some(true)).collect();
        prop_assert_eq!(found, expected, "{}", tree.sql());
    }

    #[test]
    fn no_source_makes_it_panic(sql in "(age|text|'a'|label|flag|at|[(),.=<>!~|&+*/%-]|NOT|AND|CASE|WHEN|THEN|END|IN|LIKE|IS|NULL|1|0\\.5| ){0,16}") {
        if let Ok(filter) = parse(&sql, &small()) {
            filter.evaluate(&small(), &Work::new()).unwrap();
        }
        super::complete(&sql, &small());
    }

    #[test]
    fn no_text_makes_it_panic(sql in ".{0,40}") {
        if let Err(error) = parse(&sql, &small()) {
            prop_assert!(sql.is_char_boundary(error.start) && sql.is_char_boundary(error.end));
        }
        super::complete(&sql, &small());
    }
}
