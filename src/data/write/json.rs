//! JSON Lines, and JSON as an array of objects.

use std::io::Write;

use super::{BATCH, failed, steps};
use crate::data::column::{show_float, show_time};
use crate::data::{Column, Frame, Values};
use crate::engine::{Error, Result, Work};

/// Writes one object a line.
pub(crate) fn lines(frame: &Frame, out: &mut dyn Write, work: &Work) -> Result<()> {
    rows(frame, out, "\n", work)
}

/// Writes an array of objects, one a line.
pub(super) fn array(frame: &Frame, out: &mut dyn Write, work: &Work) -> Result<()> {
    out.write_all(b"[\n").map_err(|source| failed(&source))?;
    rows(frame, out, ",\n", work)?;
    out.write_all(b"]\n").map_err(|source| failed(&source))
}

/// Writes the rows as objects, with `between` after each but the last.
fn rows(frame: &Frame, out: &mut dyn Write, between: &str, work: &Work) -> Result<()> {
    let keys: Result<Vec<Vec<u8>>> = frame.columns().iter().map(|column| quoted(column.name())).collect();
    let (keys, mut buffer, mut lost) = (keys?, Vec::new(), 0);
    for (start, count) in steps(frame.rows(), BATCH) {
        buffer.clear();
        for row in start..start + count {
            let mut before: &[u8] = b"{";
            for (column, key) in frame.columns().iter().zip(&keys) {
                buffer.extend_from_slice(before);
                buffer.extend_from_slice(key);
                buffer.push(b':');
                lost += usize::from(!value(column, row, &mut buffer)?);
                before = b",";
            }
            if keys.is_empty() {
                buffer.push(b'{');
            }
            let last = row + 1 == frame.rows();
            buffer.push(b'}');
            buffer.extend_from_slice(if last { b"\n" } else { between.as_bytes() });
        }
        out.write_all(&buffer).map_err(|source| failed(&source))?;
        work.advance(count as u64)?;
    }
    if lost > 0 {
        work.warn(format!("{lost} numbers that are not finite were written as null, since JSON has no such numbers"));
    }
    Ok(())
}

fn quoted(text: &str) -> Result<Vec<u8>> {
    serde_json::to_vec(text).map_err(|error| Error::input(format!("a text cannot be written: {error}")))
}

/// Appends a value; false if JSON cannot hold it and null stands there instead.
fn value(column: &Column, row: usize, buffer: &mut Vec<u8>) -> Result<bool> {
    if column.is_null(row) {
        buffer.extend_from_slice(b"null");
        return Ok(true);
    }
    let written = match column.values() {
        Values::Text(array) => serde_json::to_writer(&mut *buffer, array.value(row)).map_err(std::io::Error::from),
        Values::Int(array) => write!(buffer, "{}", array.value(row)),
        Values::Float(array) if !array.value(row).is_finite() => {
            buffer.extend_from_slice(b"null");
            return Ok(false);
        }
        Values::Float(array) => write!(buffer, "{}", show_float(array.value(row))),
        Values::Bool(array) => write!(buffer, "{}", array.value(row)),
        Values::Time(array) => write!(buffer, "\"{}\"", show_time(array.value(row))),
    };
    written.map_err(|source| failed(&source))?;
    Ok(true)
}
