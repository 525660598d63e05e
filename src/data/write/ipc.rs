//! Apache Arrow IPC in its file format, which is also Feather version 2.

use std::io::Write;

use arrow_ipc::writer::FileWriter;
use arrow_schema::ArrowError;

use super::{batch, failed, schema, steps};
use crate::data::Frame;
use crate::engine::{Error, Result, Work};

/// Rows in a record batch.
const ROWS: usize = 1 << 16;

/// Writes Arrow IPC.
pub(super) fn write(frame: &Frame, out: &mut dyn Write, work: &Work) -> Result<()> {
    let schema = schema(frame);
    let mut writer = FileWriter::try_new(out, &schema).map_err(broken)?;
    for (start, count) in steps(frame.rows(), ROWS) {
        writer.write(&batch(frame, &schema, start, count)?).map_err(broken)?;
        work.advance(count as u64)?;
    }
    writer.finish().map_err(broken)
}

fn broken(error: ArrowError) -> Error {
    match error {
        ArrowError::IoError(_, source) => failed(&source),
        other => Error::input(format!("the table cannot be written as Arrow: {other}")),
    }
}
