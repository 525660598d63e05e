//! Frames written and read again.

use std::sync::Arc;

use arrow_array::{BooleanArray, Float64Array, Int64Array, LargeStringArray, TimestampMicrosecondArray};
use proptest::prelude::*;

use super::write_frame;
use crate::data::read::{ReadOptions, read_frame};
use crate::data::{Column, Frame, Kind, Values};
use crate::engine::Work;

/// Texts that are hard on text formats.
fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "\"",
        "\"\"",
        ",",
        ";",
        "\t",
        "\n",
        "\r",
        "\r\n",
        "\\",
        "\\\"",
        "'",
        "{",
        "007",
        "12",
        "NA",
        "null",
        "true",
        " ",
        "가나다",
        "\u{1100}\u{1161}",
        "👩‍🚀",
        "é",
        "a",
        "2019-01-02",
        "\u{0}",
        "\u{FEFF}",
        "=1+1",
        "|",
    ]);
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

type Row = (Option<String>, Option<i64>, Option<f64>, Option<bool>, Option<i64>);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let int = -999_999_999_999_999_999i64..=999_999_999_999_999_999;
    let time = prop_oneof![
        (-62_135_596_800_000_000i64..253_402_300_799_999_999),
        (-10_000i64..10_000).prop_map(|day| day * 86_400_000_000),
    ];
    let float = prop_oneof![any::<f64>().prop_filter("finite", |value| value.is_finite()), Just(-0.0), Just(3.0)];
    let some = prop::option::of::<_>;
    let row =
        (some(text()), prop::option::of(int), prop::option::of(float), any::<Option<bool>>(), prop::option::of(time));
    prop::collection::vec(row, 0..12)
}

/// A frame whose first row gives every column its type also where a file does not keep types.
fn frame(rows: &[Row]) -> Frame {
    let first: Row = (Some("text".into()), Some(1), Some(0.5), Some(true), Some(1));
    let all: Vec<&Row> = std::iter::once(&first).chain(rows).collect();
    let texts: LargeStringArray = all.iter().map(|row| row.0.as_deref()).collect();
    let ints: Int64Array = all.iter().map(|row| row.1).collect();
    let floats: Float64Array = all.iter().map(|row| row.2).collect();
    let bools: BooleanArray = all.iter().map(|row| row.3).collect();
    let times: TimestampMicrosecondArray = all.iter().map(|row| row.4).collect();
    let columns = vec![
        Column::text("글, \"t\"", Kind::Text, texts),
        Column::new("int", Values::Int(ints)),
        Column::new("float", Values::Float(floats)),
        Column::new("bool", Values::Bool(bools)),
        Column::new("time", Values::Time(times)),
    ];
    Frame::new(columns.into_iter().map(Arc::new).collect())
}

fn again(frame: &Frame, name: &str) -> Frame {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    write_frame(&path, frame, &Work::new()).unwrap();
    let reading = read_frame(&path, &ReadOptions::default(), &Work::new());
    reading
        .unwrap_or_else(|error| panic!("{name}: {error}: {}", String::from_utf8_lossy(&std::fs::read(&path).unwrap())))
        .frame
}

fn assert_equal(found: &Frame, expected: &Frame, name: &str) {
    assert_eq!((found.rows(), found.columns().len()), (expected.rows(), expected.columns().len()), "{name}");
    for (found, expected) in found.columns().iter().zip(expected.columns()) {
        assert_eq!(found.name(), expected.name(), "{name}");
        assert_eq!(&found.array_ref(), &expected.array_ref(), "{name}: {}", expected.name());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read_again(mut rows in rows()) {
        let exact = frame(&rows);
        for name in ["a.parquet", "a.arrow", "a.feather", "a.jsonl", "a.json"] {
            assert_equal(&again(&exact, name), &exact, name);
        }
        // CSV has no empty text beside the missing one.
        rows.iter_mut().for_each(|row| row.0 = row.0.take().filter(|text| !text.is_empty()));
        let without_empty = frame(&rows);
        for name in ["a.csv", "a.tsv"] {
            assert_equal(&again(&without_empty, name), &without_empty, name);
        }
    }
}

#[test]
fn kinds_are_kept_where_the_format_can_keep_them() {
    let paths = || LargeStringArray::from(vec!["a.png", "b.png"]);
    let kinds = [Kind::Text, Kind::Category, Kind::Image, Kind::Audio];
    let columns = kinds.map(|kind| Arc::new(Column::text(kind.name(), kind, paths())));
    let frame = Frame::new(columns.into());
    for name in ["a.parquet", "a.arrow"] {
        let found = again(&frame, name);
        assert!(found.columns().iter().zip(kinds).all(|(column, kind)| column.kind() == kind), "{name}");
    }
}

#[test]
fn many_rows_are_written_in_steps() {
    let ids: Int64Array = (0..150_000).collect();
    let texts = LargeStringArray::from_iter_values((0..150_000).map(|row| format!("줄 {row}")));
    let columns = vec![Column::new("id", Values::Int(ids)), Column::text("t", Kind::Text, texts)];
    let frame = Frame::new(columns.into_iter().map(Arc::new).collect());
    for name in ["a.csv", "a.jsonl", "a.json", "a.parquet", "a.arrow"] {
        assert_equal(&again(&frame, name), &frame, name);
    }
}

#[test]
fn tables_without_rows_keep_their_columns_where_the_format_can() {
    let frame = frame(&[]);
    let none = Frame::new(
        frame.columns().iter().map(|column| Arc::new(Column::new(column.name(), empty(column.values())))).collect(),
    );
    for name in ["a.parquet", "a.arrow"] {
        assert_equal(&again(&none, name), &none, name);
    }
    assert_eq!(again(&none, "a.csv").columns().len(), 5);
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.csv", "a.jsonl", "a.json", "a.parquet", "a.arrow"] {
        write_frame(&folder.path().join(name), &Frame::default(), &Work::new()).unwrap();
    }
}

fn empty(values: &Values) -> Values {
    match values {
        Values::Text(array) => Values::Text(array.slice(0, 0)),
        Values::Int(array) => Values::Int(array.slice(0, 0)),
        Values::Float(array) => Values::Float(array.slice(0, 0)),
        Values::Bool(array) => Values::Bool(array.slice(0, 0)),
        Values::Time(array) => Values::Time(array.slice(0, 0)),
    }
}

#[test]
fn what_a_format_cannot_hold_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let column = Column::new("x", Values::Float(Float64Array::from(vec![1.0, f64::NAN, f64::INFINITY])));
    let (frame, work) = (Frame::new(vec![Arc::new(column)]), Work::new());
    write_frame(&folder.path().join("a.jsonl"), &frame, &work).unwrap();
    assert!(work.warnings()[0].starts_with("2 numbers"), "{:?}", work.warnings());
    let error = write_frame(&folder.path().join("a.xlsx"), &frame, &work).unwrap_err();
    assert!(error.advice().is_some_and(|help| help.contains(".parquet")), "{error}");
    let error = write_frame(&folder.path().join("none/a.csv"), &frame, &work).unwrap_err();
    assert!(error.place().is_some_and(|place| place.contains("a.csv")), "{error}");
}
