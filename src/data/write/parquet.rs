//! Apache Parquet, compressed with Zstandard.

use std::io::Write;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;

use super::{BATCH, batch, failed, schema, steps};
use crate::data::Frame;
use crate::engine::{Error, Result, Work};

/// Rows in a row group: enough to compress well, few enough that a reader has several to share among its cores.
const GROUP: usize = 1 << 17;

/// Where the writer, which wants a file it can send to another thread, leaves its bytes for the one we have.
#[derive(Clone, Default)]
struct Tray(Arc<Mutex<Vec<u8>>>);

impl Tray {
    fn take(&self) -> Vec<u8> {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Tray {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Writes Parquet.
pub(super) fn write(frame: &Frame, out: &mut dyn Write, work: &Work) -> Result<()> {
    let (schema, tray) = (schema(frame), Tray::default());
    let level = ZstdLevel::try_new(3).map_err(broken)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(GROUP))
        .build();
    let mut writer = ArrowWriter::try_new(tray.clone(), schema.clone(), Some(properties)).map_err(broken)?;
    for (start, count) in steps(frame.rows(), BATCH) {
        writer.write(&batch(frame, &schema, start, count)?).map_err(broken)?;
        out.write_all(&tray.take()).map_err(|source| failed(&source))?;
        work.advance(count as u64)?;
    }
    writer.close().map_err(broken)?;
    out.write_all(&tray.take()).map_err(|source| failed(&source))
}

fn broken(error: ParquetError) -> Error {
    Error::input(format!("the table cannot be written as Parquet: {error}"))
}
