//! CSV (RFC 4180, UTF-8, line feeds) and TSV, quoted where it is needed.

use std::io::Write;

use super::{BATCH, failed, steps};
use crate::data::Frame;
use crate::engine::{Error, Result, Work};

/// Writes CSV.
pub(super) fn comma(frame: &Frame, out: &mut dyn Write, work: &Work) -> Result<()> {
    write(frame, out, b',', work)
}

/// Writes TSV; cells with tabs, quotes or line ends are quoted as in CSV.
pub(super) fn tab(frame: &Frame, out: &mut dyn Write, work: &Work) -> Result<()> {
    write(frame, out, b'\t', work)
}

fn write(frame: &Frame, out: &mut dyn Write, delimiter: u8, work: &Work) -> Result<()> {
    if frame.columns().is_empty() {
        return Ok(());
    }
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(out);
    writer.write_record(frame.columns().iter().map(|column| column.name())).map_err(broken)?;
    for (start, count) in steps(frame.rows(), BATCH) {
        for row in start..start + count {
            for column in frame.columns() {
                let cell = column.show(row);
                writer.write_field(cell.as_deref().unwrap_or_default()).map_err(broken)?;
            }
            writer.write_record(None::<&[u8]>).map_err(broken)?;
        }
        work.advance(count as u64)?;
    }
    writer.flush().map_err(|source| failed(&source))
}

fn broken(error: csv::Error) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(source) => failed(&source),
        other => Error::input(format!("a row cannot be written: {other:?}")),
    }
}
