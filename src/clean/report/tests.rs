//! Reports are whole, small, without anything from elsewhere, and nothing of the data becomes markup.

use std::sync::Arc;

use arrow_array::{Float64Array, Int64Array, LargeStringArray, TimestampMicrosecondArray};

use super::*;
use crate::clean::drift::{Options, compare, history};
use crate::clean::expect::Suite;
use crate::clean::profile::{alerts, duplicate_rows};
use crate::data::describe::describe_frame;
use crate::data::{Column, Frame, Kind, Values};
use crate::engine::{Random, Work};

const EVIL: &str = "<script>alert('x')</script>";

fn frame(rows: usize, shift: f64, seed: u64) -> Frame {
    let mut random = Random::new(seed);
    let numbers: Vec<Option<f64>> = (0..rows).map(|n| (n % 9 != 0).then(|| random.unit() * 10.0 + shift)).collect();
    let values: Vec<Option<&str>> = (0..rows).map(|n| Some(["서울", "부산", EVIL][(n + n / 7) % 3])).collect();
    let texts = (0..rows)
        .map(|n| format!("리뷰 {} word{} {}", n % 13, random.below(9), if shift > 0.0 { "new" } else { "old" }));
    let times = (0..rows).map(|n| Some(n as i64 * 7_200_000_000)).collect::<TimestampMicrosecondArray>();
    Frame::new(vec![
        Arc::new(Column::new("number", Values::Float(Float64Array::from(numbers)))),
        Arc::new(Column::text(EVIL, Kind::Category, LargeStringArray::from(values))),
        Arc::new(Column::text("text", Kind::Text, LargeStringArray::from_iter_values(texts))),
        Arc::new(Column::new("time", Values::Time(times))),
    ])
}

fn about(frame: &Frame, language: Language) -> About {
    About { name: format!("data {EVIL}.csv"), rows: frame.rows(), columns: frame.columns().len(), language }
}

/// What holds of every report.
fn check(html: &str, language: Language, wanted: &[&str]) {
    assert!(html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"), "{}", &html[..200]);
    assert!(html.len() <= 2_000_000, "{} bytes", html.len());
    assert!(html.contains(&format!("lang=\"{}\"", language.code())) && html.contains("charset=\"utf-8\""));
    for outside in ["<script", "http://", "https://", "src=", "url(", "@import", "{{", "{%"] {
        assert!(!html.contains(outside), "{outside}");
    }
    for tag in ["section", "table", "tr", "svg", "dl", "main", "p", "h2"] {
        let opened = html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    for text in wanted {
        assert!(html.contains(text), "{text}");
    }
}

#[test]
fn a_profile_is_one_page_in_both_languages() {
    let frame = frame(500, 0.0, 1);
    let summaries = describe_frame(&frame, None, &Work::new()).unwrap();
    let repeated = duplicate_rows(&frame, &Work::new()).unwrap();
    let alerts = alerts(&summaries, repeated);
    let found = Profile { summaries: &summaries, alerts: &alerts, duplicate_rows: repeated, correlations: None };
    let english = profile(&about(&frame, Language::English), &found).unwrap();
    check(
        &english,
        Language::English,
        &["Profile", "number", "&lt;script&gt;", "prefers-color-scheme: dark", "500 rows", "서울"],
    );
    let korean = profile(&about(&frame, Language::Korean), &found).unwrap();
    check(&korean, Language::Korean, &["데이터 살펴보기", "500 행", "표준편차"]);
}

#[test]
fn a_report_stays_small_whatever_the_number_of_columns() {
    let columns = (0..6000).map(|n| {
        let values = (0..60).map(|row| Some((row * 7919 + n) % 997)).collect::<Int64Array>();
        Arc::new(Column::new(format!("a rather long name of a column, number {n}"), Values::Int(values)))
    });
    let frame = Frame::new(columns.collect());
    let summaries = describe_frame(&frame, None, &Work::new()).unwrap();
    let found = Profile { summaries: &summaries, alerts: &[], duplicate_rows: 0, correlations: None };
    let html = profile(&about(&frame, Language::English), &found).unwrap();
    check(&html, Language::English, &["Other columns", "more are not shown"]);
    assert!(html.matches("<section").count() > 100);
}

#[test]
fn expectations_show_what_failed_and_why() {
    let frame = frame(300, 0.0, 1);
    let suite = Suite::from_json(
        r#"[{"type": "expect_column_values_to_be_between", "kwargs": {"column": "number", "min_value": 0, "max_value": 5, "mostly": 0.9}},
            {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "time"}},
            {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "nothing"}}]"#,
    )
    .unwrap();
    let report = suite.check(&frame, &Work::new()).unwrap();
    let html = expectations(&about(&frame, Language::English), &report).unwrap();
    check(
        &html,
        Language::English,
        &["Some expectations do not hold", "✗", "✓", "mostly 0.9", "there is no such column", "the columns are"],
    );
    let korean = expectations(&about(&frame, Language::Korean), &report).unwrap();
    check(&korean, Language::Korean, &["만족하지 않는 기대가 있습니다"]);
}

#[test]
fn drift_shows_both_distributions_and_when_they_parted() {
    let (reference, current) = (frame(600, 0.0, 1), frame(600, 4.0, 2));
    let found = compare(&reference, &current, &Options::default(), &Work::new()).unwrap();
    let followed = history(&reference, &current, "time", &Options::default(), &Work::new()).unwrap();
    for (language, wanted) in
        [(Language::English, "The dataset has drifted"), (Language::Korean, "데이터가 변했습니다")]
    {
        let html = drift(&about(&current, language), &about(&reference, language), &found, Some(&followed)).unwrap();
        check(&html, language, &[wanted, "class=\"b\"", "class=\"threshold\"", "new"]);
    }
}
