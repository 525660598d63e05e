//! Rows as they go to the process: Arrow IPC, or JSON.

use std::fmt::Write as _;

use arrow_array::{Array as _, ArrayRef, Int64Array, RecordBatch};
use arrow_ipc::writer::StreamWriter;

use crate::data::{Column, Values};
use crate::engine::{Error, Result};

/// Some rows of columns. Times go as microseconds since 1970.
pub(super) fn encode(columns: &[&Column], start: usize, count: usize, arrow: bool) -> Result<Vec<u8>> {
    if arrow && !columns.is_empty() { as_arrow(columns, start, count) } else { Ok(as_json(columns, start, count)) }
}

fn as_arrow(columns: &[&Column], start: usize, count: usize) -> Result<Vec<u8>> {
    let failed = |error: arrow_schema::ArrowError| Error::input(format!("rows cannot be handed to Python: {error}"));
    let slice = |column: &Column| -> ArrayRef {
        match column.values() {
            Values::Time(times) => {
                let numbers = times.slice(start, count);
                std::sync::Arc::new(Int64Array::new(numbers.values().clone(), numbers.nulls().cloned()))
            }
            _ => column.array().slice(start, count),
        }
    };
    let arrays = columns.iter().map(|column| (column.name(), slice(column), true));
    let batch = RecordBatch::try_from_iter_with_nullable(arrays).map_err(failed)?;
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).map_err(failed)?;
    writer.write(&batch).map_err(failed)?;
    writer.finish().map_err(failed)?;
    writer.into_inner().map_err(failed)
}

fn as_json(columns: &[&Column], start: usize, count: usize) -> Vec<u8> {
    let mut out = String::from("{");
    for (at, column) in columns.iter().enumerate() {
        let comma = if at > 0 { "," } else { "" };
        let _ = write!(out, "{comma}{}:[", serde_json::Value::from(column.name()));
        for row in start..start + count {
            if row > start {
                out.push(',');
            }
            if column.array().is_null(row) {
                out.push_str("null");
                continue;
            }
            // Writing to a String cannot fail.
            let _ = match column.values() {
                Values::Text(texts) => write!(out, "{}", serde_json::Value::from(texts.value(row))),
                Values::Int(numbers) => write!(out, "{}", numbers.value(row)),
                Values::Bool(flags) => write!(out, "{}", flags.value(row)),
                Values::Time(times) => write!(out, "{}", times.value(row)),
                Values::Float(numbers) => match numbers.value(row) {
                    // As Python's json writes and reads them.
                    number if number.is_nan() => write!(out, "NaN"),
                    number if number.is_infinite() => write!(out, "{}Infinity", if number < 0.0 { "-" } else { "" }),
                    number => write!(out, "{number:?}"),
                },
            };
        }
        out.push(']');
    }
    out.push('}');
    out.into_bytes()
}
