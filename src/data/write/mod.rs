//! Writing: a frame becomes a file, whole or not at all.
//!
//! In: a frame and a path, whose ending names the format. Out: the file. What a format cannot hold (a NaN in JSON) is
//! counted and said. One file a format; [`FORMATS`] holds one line for each.

mod csv;
mod ipc;
mod json;
pub(crate) use json::lines as json_lines;
pub mod matrix;
mod parquet;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use super::read::KIND;
use super::{Column, Frame, Values};
use crate::engine::{Error, Result, Work, files};

/// Rows written between two looks at whether the work was cancelled.
const BATCH: usize = 8192;

/// What writes a frame to an open file.
type Fill = fn(&Frame, &mut dyn Write, &Work) -> Result<()>;

/// The formats that can be written, with their file name endings.
static FORMATS: &[(&[&str], Fill)] = &[
    (&["csv"], csv::comma),
    (&["tsv"], csv::tab),
    (&["jsonl", "ndjson"], json::lines),
    (&["json"], json::array),
    (&["parquet"], parquet::write),
    (&["arrow", "feather", "ipc"], ipc::write),
];

/// Writes a frame in the format that the ending of `path` names. Missing values are empty cells in CSV and TSV, nulls
/// elsewhere; CSV and TSV cannot tell an empty text from a missing one.
///
/// # Errors
/// If the ending is not one of a known format, the file cannot be written, or the work was cancelled; the old file,
/// if there was one, is left as it was then.
pub fn write_frame(path: &Path, frame: &Frame, work: &Work) -> Result<()> {
    let ending = files::ending(path).unwrap_or_default();
    let Some((_, fill)) = FORMATS.iter().find(|(endings, _)| endings.contains(&ending.as_str())) else {
        return Err(Error::input("tables cannot be written in the format that this name ends in")
            .at(path.display())
            .help(format!("use a name that ends in one of: {}", endings())));
    };
    work.stage("writing rows", frame.rows() as u64);
    files::write_whole(path, |out| fill(frame, out, work)).map_err(|error| error.or_at(path.display()))
}

/// The file name endings that can be written, as a list for messages.
pub fn endings() -> String {
    let endings: Vec<_> = FORMATS.iter().flat_map(|(endings, _)| *endings).map(|end| format!(".{end}")).collect();
    endings.join(", ")
}

/// A failure to write, before the file's name is known. The operating system's reason is kept.
fn failed(source: &std::io::Error) -> Error {
    let error = Error::io("cannot write the file", Path::new(""), source);
    let plain = Error::new(error.kind(), error.what());
    match error.advice() {
        Some(help) => plain.help(help),
        None => plain,
    }
}

/// The Arrow schema of a frame. A field's metadata keep what the column means.
fn schema(frame: &Frame) -> SchemaRef {
    let fields = frame.columns().iter().map(|column| {
        let data_type = match column.values() {
            Values::Text(_) => DataType::LargeUtf8,
            Values::Int(_) => DataType::Int64,
            Values::Float(_) => DataType::Float64,
            Values::Bool(_) => DataType::Boolean,
            Values::Time(_) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        };
        let kind = [(KIND.to_owned(), column.kind().name().to_owned())];
        Field::new(column.name(), data_type, true).with_metadata(kind)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Rows `start..start + count` of a frame as a record batch of [`schema`].
fn batch(frame: &Frame, schema: &SchemaRef, start: usize, count: usize) -> Result<RecordBatch> {
    let slice = |column: &Arc<Column>| -> ArrayRef {
        match column.values() {
            Values::Time(array) => Arc::new(array.slice(start, count).with_timezone("UTC")),
            _ => column.array_ref().slice(start, count),
        }
    };
    let columns = frame.columns().iter().map(slice).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(count));
    RecordBatch::try_new_with_options(schema.clone(), columns, &options)
        .map_err(|error| Error::input(format!("the table cannot be written: {error}")))
}

/// The rows of a frame in steps of at most `step`, as (start, count).
fn steps(rows: usize, step: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).step_by(step.max(1)).map(move |start| (start, step.min(rows - start)))
}
