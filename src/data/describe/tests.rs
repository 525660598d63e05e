//! Descriptions against tables and against the filter language.

use std::sync::Arc;

use arrow_array::{BooleanArray, Float64Array, Int64Array, LargeStringArray, TimestampMicrosecondArray};
use proptest::prelude::*;

use super::super::{Values, filter};
use super::*;

fn text(name: &str, kind: Kind, values: &[Option<&str>]) -> Arc<Column> {
    Arc::new(Column::text(name, kind, LargeStringArray::from(values.to_vec())))
}

fn of(column: &Column) -> Summary {
    describe(column, None, &Work::new()).unwrap()
}

/// Each bar keeps exactly the rows it counts, each row is in one bar, and a recount within a mask agrees with filters.
fn check_bars(column: &Arc<Column>, mask: &BooleanBuffer) {
    let (frame, work) = (Frame::new(vec![column.clone()]), Work::new());
    let summary = of(column);
    let bars = summary.bars();
    assert_eq!(bars.iter().map(|bar| bar.count).sum::<usize>(), column.len(), "{summary:?}");
    let again = recount(column, &summary, mask, &work).unwrap();
    assert_eq!(again.len(), bars.len());
    let mut covered = BooleanBuffer::new_unset(column.len());
    for (bar, within) in bars.iter().zip(again) {
        let filter = filter::parse(&bar.sql, &frame).unwrap_or_else(|error| panic!("{}: {error}", bar.sql));
        let found = filter.evaluate(&frame, &work).unwrap();
        assert_eq!(found.count_set_bits(), bar.count, "{} of {column:?}", bar.sql);
        assert_eq!((&found & mask).count_set_bits(), within, "{} within {mask:?}", bar.sql);
        assert_eq!((&found & &covered).count_set_bits(), 0, "{} overlaps", bar.sql);
        covered = &covered | &found;
    }
    let all = recount(column, &summary, &BooleanBuffer::new_set(column.len()), &work).unwrap();
    assert_eq!(all, bars.iter().map(|bar| bar.count).collect::<Vec<_>>());
    let part = describe(column, Some(mask), &work).unwrap();
    assert_eq!(part.rows, mask.count_set_bits());
    assert_eq!(part.bars().iter().map(|bar| bar.count).sum::<usize>(), part.rows);
}

#[test]
fn numbers_are_described() {
    let values: Vec<Option<f64>> =
        (1..=9).map(|n| Some(f64::from(n))).chain([None, Some(f64::NAN), Some(f64::INFINITY)]).collect();
    let summary = of(&Column::new("x", Values::Float(Float64Array::from(values))));
    assert_eq!((summary.rows, summary.missing, summary.distinct), (12, 1, 11));
    let Detail::Numbers(numbers) = &summary.detail else { panic!("{summary:?}") };
    let statistics = numbers.statistics.unwrap();
    assert_eq!((statistics.min, statistics.max, statistics.mean), (1.0, 9.0, 5.0));
    assert!((statistics.std.unwrap() - 7.5f64.sqrt()).abs() < 1e-12);
    for (found, expected) in statistics.quantiles.into_iter().zip([1.4, 3.0, 5.0, 7.0, 8.6]) {
        assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
    }
    assert_eq!((numbers.nan, numbers.positive_infinite, numbers.negative_infinite), (1, 1, 0));
    let bars = summary.bars();
    let labels: Vec<&str> = bars.iter().map(|bar| bar.label.as_str()).collect();
    assert_eq!((labels[0], labels[1]), ("1 – 1.5", "1.5 – 2"));
    assert_eq!(labels[labels.len() - 3..], ["∞", "NaN", "NULL"]);
    let last = &bars[bars.len() - 4];
    assert_eq!((last.sql.as_str(), last.count), ("x >= 8.5 AND x <= 9", 1));
    let nothing = of(&Column::new("x", Values::Int(Int64Array::from(vec![None, None]))));
    let Detail::Numbers(numbers) = &nothing.detail else { panic!("{nothing:?}") };
    assert!(numbers.statistics.is_none() && numbers.histogram.is_empty());
    assert_eq!(nothing.bars(), [Bar { label: "NULL".into(), sql: "x IS NULL".into(), count: 2 }]);
}

#[test]
fn texts_and_categories_and_truths_are_described() {
    let summary = of(&text("t", Kind::Text, &[Some("한국어"), Some("ab"), None, Some(""), Some("ab")]));
    assert_eq!((summary.missing, summary.distinct), (1, 3));
    let Detail::Texts(texts) = &summary.detail else { panic!("{summary:?}") };
    assert_eq!((texts.min, texts.mean, texts.max), (Some(0), Some(1.75), Some(3)));
    assert_eq!(summary.bars()[2], Bar { label: "2".into(), sql: "length(t) = 2".into(), count: 2 });

    let summary = of(&text("my label", Kind::Category, &[Some("b"), Some("it's"), None, Some("b"), Some("a")]));
    assert_eq!((summary.missing, summary.distinct), (1, 3));
    let bars = summary.bars();
    let shown: Vec<(&str, usize)> = bars.iter().map(|bar| (bar.sql.as_str(), bar.count)).collect();
    let expected = [
        ("\"my label\" = 'b'", 2),
        ("\"my label\" = 'a'", 1),
        ("\"my label\" = 'it''s'", 1),
        ("\"my label\" IS NULL", 1),
    ];
    assert_eq!(shown, expected);

    let many: Vec<String> = (0..30).flat_map(|n| vec![format!("v{n:02}"); 31 - n]).collect();
    let many = Arc::new(Column::text("c", Kind::Category, many.iter().map(|value| Some(value.as_str())).collect()));
    let summary = of(&many);
    let Detail::Categories(categories) = &summary.detail else { panic!("{summary:?}") };
    assert_eq!((categories.top.len(), categories.others, summary.distinct), (20, (2..=11).sum(), 30));
    check_bars(&many, &BooleanBuffer::collect_bool(many.len(), |row| row % 3 == 0));

    let flags =
        Arc::new(Column::new("f", Values::Bool(BooleanArray::from(vec![Some(true), None, Some(false), Some(true)]))));
    let shown: Vec<(String, usize)> = of(&flags).bars().into_iter().map(|bar| (bar.sql, bar.count)).collect();
    assert_eq!(shown, [("f".to_owned(), 2), ("NOT f".to_owned(), 1), ("f IS NULL".to_owned(), 1)]);
    check_bars(&flags, &BooleanBuffer::from(vec![true, true, false, false]));
}

#[test]
fn an_empty_column_has_no_bars_but_truths() {
    for column in [
        text("t", Kind::Text, &[]),
        text("c", Kind::Category, &[]),
        Arc::new(Column::new("n", Values::Float(Float64Array::from(Vec::<f64>::new())))),
    ] {
        let summary = of(&column);
        assert_eq!((summary.rows, summary.missing, summary.distinct, summary.bars().len()), (0, 0, 0, 0));
    }
}

#[test]
fn a_frame_is_described_in_order_and_equally_on_any_number_of_threads() {
    let mut random = crate::engine::Random::new(3);
    let numbers: Vec<Option<f64>> = (0..100_000).map(|row| (row % 7 != 0).then(|| random.unit() * 1e6)).collect();
    let texts: Vec<String> = (0..100_000).map(|_| "x".repeat(random.below(200))).collect();
    let frame = Frame::new(vec![
        Arc::new(Column::new("n", Values::Float(Float64Array::from(numbers)))),
        Arc::new(Column::text("t", Kind::Text, texts.iter().map(|text| Some(text.as_str())).collect())),
        Arc::new(Column::text("c", Kind::Category, texts.iter().map(|text| Some(text.as_str())).collect())),
    ]);
    let many = describe_frame(&frame, None, &Work::new()).unwrap();
    assert_eq!(many.iter().map(|summary| summary.name.as_str()).collect::<Vec<_>>(), ["n", "t", "c"]);
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(one.install(|| describe_frame(&frame, None, &Work::new()).unwrap()), many);
    let cancelled = Work::new();
    cancelled.cancel();
    assert!(describe_frame(&frame, None, &cancelled).unwrap_err().is_cancelled());
}

#[test]
fn brushes_are_conditions() {
    assert_eq!(range_sql("x", 3.5, -1.0), "x BETWEEN -1 AND 3.5");
    assert_eq!(
        (literal(-0.0), literal(1e300), literal(0.1), literal(1e-7)),
        ("0".into(), "1e300".into(), "0.1".into(), "1e-7".into())
    );
}

fn masked<T: std::fmt::Debug>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = (Vec<Option<T>>, BooleanBuffer)> {
    let rows = proptest::collection::vec((proptest::option::of(value), any::<bool>()), 1..40);
    rows.prop_map(|rows| {
        let (values, mask): (Vec<_>, Vec<bool>) = rows.into_iter().unzip();
        (values, BooleanBuffer::from(mask))
    })
}

proptest! {
    #[test]
    fn bars_of_reals_are_filters((values, mask) in masked(prop_oneof![any::<f64>(), -1.0..1.0f64, (-20i32..20).prop_map(|n| f64::from(n) / 10.0)])) {
        check_bars(&Arc::new(Column::new("a b", Values::Float(Float64Array::from(values)))), &mask);
    }

    #[test]
    fn bars_of_whole_numbers_are_filters((values, mask) in masked(any::<i64>()), shift in 0u32..63) {
        let values: Vec<Option<i64>> = values.into_iter().map(|value| value.map(|value| value >> shift)).collect();
        check_bars(&Arc::new(Column::new("n", Values::Int(Int64Array::from(values)))), &mask);
    }

    #[test]
    fn bars_of_times_are_filters((values, mask) in masked(any::<i64>()), shift in 0u32..63) {
        let values: TimestampMicrosecondArray = values.into_iter().map(|value| value.map(|value| value >> shift)).collect();
        check_bars(&Arc::new(Column::new("at", Values::Time(values))), &mask);
    }

    #[test]
    fn bars_of_texts_are_filters((values, mask) in masked(".{0,40}"), category: bool) {
        let kind = if category { Kind::Category } else { Kind::Text };
        let values: LargeStringArray = values.iter().map(Option::as_deref).collect();
        check_bars(&Arc::new(Column::text("t", kind, values)), &mask);
    }
}
