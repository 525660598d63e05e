//! Reports are whole, small, without anything from elsewhere, and nothing of the data becomes markup.

use std::sync::Arc;

use arrow_array::{Float64Array, Int64Array, LargeStringArray, TimestampMicrosecondArray};

use super::*;
use crate::clean::drift::{Options, compare, history};
use crate::clean::expect::Suite;
use crate::clean::profile::profile as look;
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
    for tag in ["section", "table", "tr", "svg", "dl", "main", "p", "h2", "details"] {
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
    let found = look(&frame, 0, &Work::new()).unwrap();
    let of = Profile { frame: &frame, found: &found };
    let english = profile(&about(&frame, Language::English), of, None, &Work::new()).unwrap();
    check(
        &english,
        Language::English,
        &[
            "Profile",
            "number",
            "&lt;script&gt;",
            "prefers-color-scheme: dark",
            "500 rows",
            "서울",
            "skewness",
            "Most frequent words",
        ],
    );
    let korean = profile(&about(&frame, Language::Korean), of, None, &Work::new()).unwrap();
    check(&korean, Language::Korean, &["데이터 살펴보기", "500 행", "표준편차", "가장 많은 낱말", "한글"]);
}

#[test]
fn two_profiles_stand_beside_each_other() {
    let (frame, later) = (frame(500, 0.0, 1), frame(700, 20.0, 2));
    let more = later.with([Arc::new(Column::new("added", Values::Int((0..700).map(Some).collect::<Int64Array>())))]);
    let (found, there) = (look(&frame, 0, &Work::new()).unwrap(), look(&more, 0, &Work::new()).unwrap());
    let of = Profile { frame: &frame, found: &found };
    let other_about = about(&more, Language::English);
    let other = (&other_about, Profile { frame: &more, found: &there });
    let html = profile(&about(&frame, Language::English), of, Some(other), &Work::new()).unwrap();
    check(
        &html,
        Language::English,
        &["class=\"b\"", "class=\"two\"", "700 rows", ": added", "other values: 0.0 % → 100.0 %"],
    );
}

#[test]
fn a_report_stays_small_whatever_the_number_of_columns() {
    let columns = (0..6000).map(|n| {
        let values = (0..60).map(|row| Some((row * 7919 + n) % 997)).collect::<Int64Array>();
        Arc::new(Column::new(format!("a rather long name of a column, number {n}"), Values::Int(values)))
    });
    let frame = Frame::new(columns.collect());
    let found = look(&frame, 0, &Work::new()).unwrap();
    let of = Profile { frame: &frame, found: &found };
    let html = profile(&about(&frame, Language::English), of, None, &Work::new()).unwrap();
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

#[test]
fn figures_over_time_say_since_when_and_for_whom() {
    use crate::clean::trends::{Measure, Stretches, trends as follow};
    let frame = frame(1200, 0.0, 1);
    let stretches = Stretches::of(frame.column("time").unwrap(), &Work::new()).unwrap();
    let values = stretches.of_row.iter().enumerate().map(|(row, place)| {
        let late = place.is_some_and(|place| place >= 8) && (row + row / 7) % 3 == 0;
        Some(f64::from(u8::from(row % 10 != 0 && !(late && row % 2 == 0))))
    });
    let measure = Measure { name: EVIL.into(), kind: "accuracy", values: values.collect() };
    let found = follow(&frame, &stretches, &[measure], &|_| true, 0, &Work::new()).unwrap();
    for (language, wanted) in [(Language::English, "changed suddenly at"), (Language::Korean, "시간에 따른 변화")]
    {
        check(&trends(&about(&frame, language), &found).unwrap(), language, &[wanted, "서울", "class=\"threshold\""]);
    }
}
