//! Random conditions, run by us and by SQLite over the same rows: where both speak the same SQL they must agree.

use std::sync::Arc;

use arrow_array::{BooleanArray, Float64Array, Int64Array, LargeStringArray};
use proptest::prelude::*;
use rusqlite::{Connection, params};

use super::super::{Column, Frame, Kind, Values};
use super::{parse, quote_text};
use crate::engine::Work;

type Item = (Option<i64>, Option<f64>, Option<&'static str>, Option<bool>);

const ITEMS: &[Item] = &[
    (Some(0), Some(0.5), Some("spam and ham"), Some(true)),
    (Some(1), None, Some("Spam"), Some(false)),
    (None, Some(-2.25), Some(""), None),
    (Some(-3), Some(1e18), None, Some(true)),
    (Some(1_000_000_007), Some(1_000_000_007.0), Some("한국어 a_b"), Some(false)),
    (Some(7), Some(7.0), Some("a%b"), Some(true)),
    (None, None, None, None),
    (Some(12), Some(-0.0), Some("it's"), None),
];

fn frame() -> Frame {
    Frame::new(vec![
        Arc::new(Column::new("n", Values::Int(ITEMS.iter().map(|item| item.0).collect::<Int64Array>()))),
        Arc::new(Column::new("x", Values::Float(ITEMS.iter().map(|item| item.1).collect::<Float64Array>()))),
        Arc::new(Column::text("t", Kind::Text, ITEMS.iter().map(|item| item.2).collect::<LargeStringArray>())),
        Arc::new(Column::new("f", Values::Bool(ITEMS.iter().map(|item| item.3).collect::<BooleanArray>()))),
    ])
}

fn database() -> Connection {
    let database = Connection::open_in_memory().unwrap();
    database
        .execute_batch(
            "PRAGMA case_sensitive_like = ON; CREATE TABLE d (id INTEGER, n INTEGER, x REAL, t TEXT, f INTEGER)",
        )
        .unwrap();
    for (id, (n, x, t, f)) in ITEMS.iter().enumerate() {
        database.execute("INSERT INTO d VALUES (?, ?, ?, ?, ?)", params![id as i64, n, x, t, f]).unwrap();
    }
    database
}

fn constant() -> impl Strategy<Value = String> {
    prop_oneof![Just("0"), Just("1"), Just("-3"), Just("7"), Just("12"), Just("1000000007"), Just("NULL")]
        .prop_map(str::to_owned)
}

fn literal() -> impl Strategy<Value = String> {
    prop_oneof![Just("spam"), Just("a"), Just(""), Just("it's"), Just("한국"), Just("%b")].prop_map(quote_text)
}

/// Whole or real numbers, small enough to be exact as either: SQLite finds the type of a CASE row by row, we once for all.
fn number() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("n".to_owned()),
        Just("x".to_owned()),
        constant(),
        Just("0.5".to_owned()),
        Just("length(t)".to_owned())
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        let small = || prop_oneof![Just("n"), Just("length(t)"), Just("3"), Just("0")];
        prop_oneof![
            (inner.clone(), small()).prop_map(|(a, b)| format!("({a} + {b})")),
            (inner.clone(), small()).prop_map(|(a, b)| format!("({a} - {b})")),
            (small(), small()).prop_map(|(a, b)| format!("({a} % {b})")),
            (small(), Just("x")).prop_map(|(a, b)| format!("({a} * {b})")),
            inner.clone().prop_map(|a| format!("abs({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("coalesce({a}, {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("nullif({a}, {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("CASE WHEN f THEN {a} ELSE {b} END")),
            text().prop_map(|a| format!("length({a})")),
            (text(), literal()).prop_map(|(a, b)| format!("instr({a}, {b})")),
        ]
    })
}

fn text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![Just("t".to_owned()), literal()];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            (inner.clone(), literal(), literal()).prop_map(|(a, b, c)| format!("replace({a}, {b}, {c})")),
            (inner.clone(), 1..4i32, 0..4i32).prop_map(|(a, from, count)| format!("substr({a}, {from}, {count})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("coalesce({a}, {b})")),
            inner.clone().prop_map(|a| format!("nullif({a}, '')")),
            inner.prop_map(|a| format!("CASE WHEN n > 0 THEN {a} END")),
        ]
    })
}

fn condition() -> impl Strategy<Value = String> {
    let sign = || prop_oneof![Just("="), Just("<>"), Just("<"), Just("<="), Just(">"), Just(">=")];
    let not = || prop_oneof![Just(""), Just("NOT ")];
    let distinct = || prop_oneof![Just("IS DISTINCT FROM"), Just("IS NOT DISTINCT FROM")];
    let leaf = prop_oneof![
        Just("f".to_owned()),
        (number(), sign(), number()).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        (text(), sign(), text()).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        (number(), distinct(), number()).prop_map(|(a, sign, b)| format!("({a}) {sign} ({b})")),
        (number(), not(), proptest::collection::vec(constant(), 0..4))
            .prop_map(|(a, not, list)| format!("{a} {not}IN ({})", list.join(", "))),
        (text(), not(), proptest::collection::vec(literal(), 1..6))
            .prop_map(|(a, not, list)| format!("{a} {not}IN ({})", list.join(", "))),
        (number(), not(), constant(), constant())
            .prop_map(|(a, not, low, high)| format!("{a} {not}BETWEEN {low} AND {high}")),
        (text(), not(), "[a%_m]{0,4}").prop_map(|(a, not, pattern)| format!("{a} {not}LIKE '{pattern}'")),
        (text(), "[a%_!]{0,3}")
            .prop_map(|(a, pattern)| format!("{a} LIKE '{}' ESCAPE '!'", pattern.trim_end_matches('!'))),
        number().prop_map(|a| format!("({a}) IS NULL")),
        text().prop_map(|a| format!("({a}) IS NOT NULL")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| format!("NOT ({a})")),
            inner.clone().prop_map(|a| format!("({a}) IS TRUE")),
            inner.clone().prop_map(|a| format!("({a}) IS NOT FALSE")),
            inner.clone().prop_map(|a| format!("({a}) IS NULL")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} AND {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} OR {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} OR {b}) AND {a}")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("CASE WHEN {a} THEN {b} ELSE {c} END")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]
    #[test]
    fn sqlite_keeps_the_same_rows(sql in condition()) {
        thread_local!(static DATABASE: Connection = database());
        let filter = match parse(&sql, &frame()) {
            Ok(filter) => filter,
            Err(error) => return Err(TestCaseError::fail(format!("{sql}: {error}"))),
        };
        let ours: Vec<i64> = filter.evaluate(&frame(), &Work::new()).unwrap().set_indices().map(|row| row as i64).collect();
        let theirs: Vec<i64> = DATABASE.with(|database| {
            let mut query = database.prepare(&format!("SELECT id FROM d WHERE {sql} ORDER BY id")).unwrap();
            query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
        });
        prop_assert_eq!(ours, theirs, "{}", sql);
    }
}
