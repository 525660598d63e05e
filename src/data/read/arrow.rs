//! Columns of any Arrow type, as Parquet and Arrow files hold them, become columns of ours.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::builder::LargeStringBuilder;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    DurationMicrosecondType, Float64Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt64Type,
};
use arrow_array::{Array, ArrayRef, LargeStringArray, new_empty_array};
use arrow_cast::cast;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, DataType, Field, TimeUnit};

use super::infer::text_column;
use super::nested;
use crate::data::{Column, Kind, Values};
use crate::engine::{Error, Result};

/// The key of a field's metadata under which our own files keep the kind of a text column.
pub(in crate::data) const KIND: &str = "lapidary:kind";

/// A column, and what had to be changed to make it one.
pub(super) type Converted = (Column, Option<String>);

/// Runs code that may panic on damaged files; a panic is an error then.
pub(super) fn guarded<T>(format: &str, run: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err(damaged(format, "its parts contradict each other")))
}

/// The error for a file that is not what it claims to be.
pub(super) fn damaged(format: &str, reason: impl std::fmt::Display) -> Error {
    let reason = reason.to_string();
    let reason = reason.lines().next().unwrap_or_default().trim_end_matches('.');
    Error::input(format!("the file is not valid {format} (it may be cut off): {reason}"))
        .help("copy or export it again")
}

/// Joins arrays of one of our own types. No array at all makes an empty text column.
pub(super) fn concat(arrays: &[ArrayRef]) -> Result<Values> {
    let joined = match arrays {
        [] => new_empty_array(&DataType::LargeUtf8),
        [one] => one.clone(),
        more => {
            let all: Vec<&dyn Array> = more.iter().map(AsRef::as_ref).collect();
            arrow_select::concat::concat(&all).map_err(failed)?
        }
    };
    ours(&joined)
}

fn failed(error: ArrowError) -> Error {
    Error::input(format!("a column cannot be converted: {error}"))
}

/// An array of one of our own types as values.
fn ours(array: &ArrayRef) -> Result<Values> {
    let wrong = || Error::input(format!("columns of type {} cannot be used", array.data_type()));
    Ok(match array.data_type() {
        DataType::LargeUtf8 => Values::Text(array.as_string_opt::<i64>().ok_or_else(wrong)?.clone()),
        DataType::Int64 => Values::Int(array.as_primitive_opt::<Int64Type>().ok_or_else(wrong)?.clone()),
        DataType::Float64 => Values::Float(array.as_primitive_opt::<Float64Type>().ok_or_else(wrong)?.clone()),
        DataType::Boolean => Values::Bool(array.as_boolean_opt().ok_or_else(wrong)?.clone()),
        DataType::Timestamp(TimeUnit::Microsecond, None) => {
            Values::Time(array.as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(wrong)?.clone())
        }
        _ => return Err(wrong()),
    })
}

/// Makes a column called `name` of the pieces of an Arrow column.
///
/// Text of any form stays text. Whole numbers become 64 bits wide, or real numbers where they are too large for that;
/// decimals with places become real numbers; dates and times with a date become microseconds UTC, those without a
/// zone being taken as UTC; times of day become text, durations microseconds, and lists, structs and maps their JSON
/// text. Bytes that are not text are replaced by a placeholder that gives their number.
pub(super) fn convert(name: String, field: &Field, arrays: Vec<ArrayRef>) -> Result<Converted> {
    let (values, note) = values(&name, field.data_type(), arrays)?;
    Ok((named(name, field, values), note))
}

/// The column of a field's values. Text is of the kind that our own files say, else of the one it looks like.
pub(super) fn named(name: String, field: &Field, values: Values) -> Column {
    match values {
        Values::Text(array) => match field.metadata().get(KIND).and_then(|kind| kind_of(kind)) {
            Some(kind) => Column::text(name, kind, array),
            None => text_column(name, array),
        },
        values => Column::new(name, values),
    }
}

fn kind_of(name: &str) -> Option<Kind> {
    [Kind::Text, Kind::Category, Kind::Image, Kind::Audio].into_iter().find(|kind| kind.name() == name)
}

/// The values that the pieces of an Arrow column become, and what had to be changed for it.
pub(super) fn values(name: &str, data_type: &DataType, mut arrays: Vec<ArrayRef>) -> Result<(Values, Option<String>)> {
    use DataType as D;
    if arrays.is_empty() {
        arrays.push(new_empty_array(data_type));
    }
    let to = |target: &D| -> Result<Values> {
        let cast: Result<Vec<ArrayRef>> = arrays.iter().map(|array| cast(array, target).map_err(failed)).collect();
        concat(&cast?)
    };
    Ok(match data_type {
        D::Utf8 | D::LargeUtf8 | D::Utf8View => (to(&D::LargeUtf8)?, None),
        D::Boolean => (to(&D::Boolean)?, None),
        D::Int8 | D::Int16 | D::Int32 | D::Int64 | D::UInt8 | D::UInt16 | D::UInt32 => (to(&D::Int64)?, None),
        D::UInt64 if arrays.iter().all(fits_i64) => (to(&D::Int64)?, None),
        D::UInt64 => (to(&D::Float64)?, Some(format!("{name}: numbers beyond 63 bits were read as real numbers"))),
        D::Float16 | D::Float32 | D::Float64 => (to(&D::Float64)?, None),
        D::Decimal32(digits, scale)
        | D::Decimal64(digits, scale)
        | D::Decimal128(digits, scale)
        | D::Decimal256(digits, scale) => {
            let whole = *scale <= 0 && i16::from(*digits) - i16::from(*scale) <= 18;
            (to(if whole { &D::Int64 } else { &D::Float64 })?, None)
        }
        D::Date32 | D::Date64 | D::Timestamp(..) => times(name, &arrays)?,
        D::Duration(_) => {
            let micros: Result<Vec<ArrayRef>> = arrays.iter().map(duration).collect();
            (concat(&micros?)?, Some(format!("{name}: durations were read as microseconds")))
        }
        D::Dictionary(_, inner) => values(name, inner, plain(&arrays, inner)?)?,
        D::RunEndEncoded(_, inner) => values(name, inner.data_type(), plain(&arrays, inner.data_type())?)?,
        D::Binary | D::LargeBinary | D::BinaryView | D::FixedSizeBinary(_) => binary(name, &arrays)?,
        D::List(_) | D::LargeList(_) | D::FixedSizeList(..) | D::Struct(_) | D::Map(..) => {
            let texts: Result<Vec<ArrayRef>> =
                arrays.iter().map(|array| Ok(Arc::new(nested::json(array)?) as ArrayRef)).collect();
            (concat(&texts?)?, Some(format!("{name}: nested values were read as their JSON text")))
        }
        D::Null => {
            let rows = arrays.iter().map(|array| array.len()).sum();
            (Values::Text(LargeStringArray::new_null(rows)), None)
        }
        _ => {
            let texts: Result<Vec<ArrayRef>> =
                arrays.iter().map(|array| Ok(Arc::new(shown(array)?) as ArrayRef)).collect();
            (concat(&texts?)?, Some(format!("{name}: values of type {data_type} were read as text")))
        }
    })
}

/// Dictionaries and runs as plain arrays.
fn plain(arrays: &[ArrayRef], inner: &DataType) -> Result<Vec<ArrayRef>> {
    arrays.iter().map(|array| cast(array, inner).map_err(failed)).collect()
}

fn fits_i64(array: &ArrayRef) -> bool {
    let Some(array) = array.as_primitive_opt::<UInt64Type>() else { return false };
    array.iter().flatten().all(|value| i64::try_from(value).is_ok())
}

/// Dates and timestamps as microseconds. The numbers of a timestamp with a zone are UTC already.
fn times(name: &str, arrays: &[ArrayRef]) -> Result<(Values, Option<String>)> {
    let target = DataType::Timestamp(TimeUnit::Microsecond, None);
    let mut lost = 0;
    let mut cast_all = Vec::with_capacity(arrays.len());
    for array in arrays {
        let zoneless: ArrayRef = match array.data_type() {
            DataType::Timestamp(TimeUnit::Second, Some(_)) => {
                Arc::new(array.as_primitive::<TimestampSecondType>().clone().with_timezone_opt(None::<Arc<str>>))
            }
            DataType::Timestamp(TimeUnit::Millisecond, Some(_)) => {
                Arc::new(array.as_primitive::<TimestampMillisecondType>().clone().with_timezone_opt(None::<Arc<str>>))
            }
            DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => {
                Arc::new(array.as_primitive::<TimestampMicrosecondType>().clone().with_timezone_opt(None::<Arc<str>>))
            }
            DataType::Timestamp(TimeUnit::Nanosecond, Some(_)) => {
                Arc::new(array.as_primitive::<TimestampNanosecondType>().clone().with_timezone_opt(None::<Arc<str>>))
            }
            _ => array.clone(),
        };
        let micros = cast(&zoneless, &target).map_err(failed)?;
        lost += micros.null_count().saturating_sub(array.null_count());
        cast_all.push(micros);
    }
    let note = (lost > 0).then(|| format!("{name}: {lost} times are too far off to be kept and count as missing"));
    Ok((concat(&cast_all)?, note))
}

/// Durations of any unit as microseconds.
fn duration(array: &ArrayRef) -> Result<ArrayRef> {
    let micros = cast(array, &DataType::Duration(TimeUnit::Microsecond)).map_err(failed)?;
    let micros = micros.as_primitive_opt::<DurationMicrosecondType>().ok_or_else(|| Error::input("not a duration"))?;
    Ok(Arc::new(micros.reinterpret_cast::<Int64Type>()))
}

/// Bytes that are text in every row are text (old writers did not say so); else each value's place is kept by a
/// placeholder.
fn binary(name: &str, arrays: &[ArrayRef]) -> Result<(Values, Option<String>)> {
    let wide: Vec<ArrayRef> = plain(arrays, &DataType::LargeBinary)?;
    let rows = || wide.iter().filter_map(|array| array.as_binary_opt::<i64>()).flat_map(|array| array.iter());
    let is_text = rows().flatten().all(|bytes| std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0')));
    let mut builder = LargeStringBuilder::new();
    for bytes in rows() {
        match bytes {
            None => builder.append_null(),
            Some(bytes) if is_text => builder.append_value(std::str::from_utf8(bytes).unwrap_or_default()),
            Some(bytes) => builder.append_value(placeholder(bytes.len())),
        }
    }
    let note =
        if is_text { "bytes were read as UTF-8 text" } else { "bytes were left out, only their number is shown" };
    Ok((Values::Text(builder.finish()), Some(format!("{name}: {note}"))))
}

/// What stands for bytes that are not text.
pub(super) fn placeholder(bytes: usize) -> String {
    format!("<binary {bytes} bytes>")
}

/// Values of any other type as Arrow shows them.
pub(super) fn shown(array: &ArrayRef) -> Result<LargeStringArray> {
    let options = FormatOptions::default().with_display_error(true);
    let formatter = ArrayFormatter::try_new(array.as_ref(), &options).map_err(failed)?;
    let mut builder = LargeStringBuilder::new();
    for row in 0..array.len() {
        builder.append_option((!array.is_null(row)).then(|| formatter.value(row).to_string()));
    }
    Ok(builder.finish())
}

#[cfg(test)]
mod tests {
    use arrow_array::types::Int32Type;
    use arrow_array::{
        BinaryArray, Date32Array, Decimal128Array, DictionaryArray, DurationSecondArray, Float32Array, Int8Array,
        NullArray, StringArray, StringViewArray, Time64MicrosecondArray, TimestampNanosecondArray,
        TimestampSecondArray, UInt64Array,
    };

    use super::*;

    fn check(array: impl Array + 'static, kind: Kind, expected: &[Option<&str>], noted: bool) {
        let array: ArrayRef = Arc::new(array);
        let field = Field::new("c", array.data_type().clone(), true);
        let label = format!("{}", array.data_type());
        // In two pieces, as files hold them.
        let half = array.len() / 2;
        let pieces = vec![array.slice(0, half), array.slice(half, array.len() - half)];
        let (column, note) = convert("c".into(), &field, pieces).unwrap();
        let found: Vec<_> = (0..column.len()).map(|row| column.show(row)).collect();
        assert_eq!(found.iter().map(Option::as_deref).collect::<Vec<_>>(), expected, "{label}");
        assert_eq!((column.kind(), note.is_some()), (kind, noted), "{label}: {note:?}");
        let (empty, _) = convert("c".into(), &field, Vec::new()).unwrap();
        assert!(empty.is_empty());
    }

    #[test]
    fn every_arrow_type_has_a_place_among_ours() {
        check(StringArray::from(vec![Some("가"), None]), Kind::Text, &[Some("가"), None], false);
        check(StringViewArray::from(vec!["a", "a"]), Kind::Category, &[Some("a"), Some("a")], false);
        let dictionary: DictionaryArray<Int32Type> = vec![Some("x"), None, Some("x"), Some("y")].into_iter().collect();
        check(dictionary, Kind::Text, &[Some("x"), None, Some("x"), Some("y")], false);
        check(Int8Array::from(vec![Some(-1), None]), Kind::Int, &[Some("-1"), None], false);
        check(UInt64Array::from(vec![1, 2]), Kind::Int, &[Some("1"), Some("2")], false);
        check(UInt64Array::from(vec![1, u64::MAX]), Kind::Float, &[Some("1.0"), Some("1.8446744073709552e19")], true);
        check(Float32Array::from(vec![0.5, 2.0]), Kind::Float, &[Some("0.5"), Some("2.0")], false);
        let decimal = |scale| Decimal128Array::from(vec![125, 300]).with_precision_and_scale(9, scale).unwrap();
        check(decimal(2), Kind::Float, &[Some("1.25"), Some("3.0")], false);
        check(decimal(0), Kind::Int, &[Some("125"), Some("300")], false);
        check(Date32Array::from(vec![Some(1), None]), Kind::Time, &[Some("1970-01-02"), None], false);
        let seoul = TimestampSecondArray::from(vec![0, 1]).with_timezone("+09:00");
        check(seoul, Kind::Time, &[Some("1970-01-01"), Some("1970-01-01T00:00:01")], false);
        let fine = TimestampNanosecondArray::from(vec![1_500_000_000]);
        check(fine, Kind::Time, &[Some("1970-01-01T00:00:01.500000")], false);
        check(TimestampSecondArray::from(vec![i64::MAX]), Kind::Time, &[None], true);
        check(DurationSecondArray::from(vec![2]), Kind::Int, &[Some("2000000")], true);
        check(Time64MicrosecondArray::from(vec![61_000_000]), Kind::Text, &[Some("00:01:01")], true);
        check(BinaryArray::from(vec![&b"ab"[..], b"c"]), Kind::Text, &[Some("ab"), Some("c")], true);
        let jpeg = BinaryArray::from(vec![Some(&b"\xFF\xD8\xFF"[..]), None, Some(b"a")]);
        check(jpeg, Kind::Text, &[Some("<binary 3 bytes>"), None, Some("<binary 1 bytes>")], true);
        check(NullArray::new(2), Kind::Text, &[None, None], false);
    }

    #[test]
    fn a_panic_in_a_reader_is_an_error() {
        let error = guarded("Parquet", || -> Result<()> { panic!("on purpose") }).unwrap_err();
        assert!(error.what().starts_with("the file is not valid Parquet (it may be cut off)"), "{error}");
    }
}
