//! Apache Arrow IPC: the file format (also called Feather, version 2) and the stream format.

use std::io::{BufReader, Read, Seek};

use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, SchemaRef};
use rayon::prelude::*;

use super::arrow::{damaged, guarded};
use super::names::unique;
use super::parts::{Part, frame, part};
use super::{Format, ReadOptions, Source};
use crate::data::{Frame, ReadReport};
use crate::engine::{Error, Result, Work};

/// Arrow IPC files and streams.
pub(super) struct ArrowIpc;

impl Format for ArrowIpc {
    fn name(&self) -> &'static str {
        "arrow"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["arrow", "feather", "ipc", "arrows"]
    }

    fn read(&self, source: &Source, options: &ReadOptions, work: &Work) -> Result<(Frame, ReadReport)> {
        let mut file = BufReader::with_capacity(1 << 18, source.file()?);
        let head = source.head(8)?;
        work.stage("reading record batches", 0);
        let (schema, batches) = guarded("Arrow IPC", || match head.as_slice() {
            [] => Err(Error::input("the file is empty")),
            [b'F', b'E', b'A', b'1', ..] => Err(Error::input("this is Feather version 1, which is no longer used")
                .help("write it again as Feather version 2 (pandas: to_feather), Parquet or CSV")),
            [b'A', b'R', b'R', b'O', b'W', b'1', ..] => {
                file.rewind().map_err(|error| damaged("Arrow IPC", error))?;
                let reader = FileReader::try_new(file, None).map_err(broken)?;
                let schema = reader.schema();
                collect(schema, reader, options.limit, work)
            }
            _ => stream(file, options.limit, work),
        })?;
        let (names, mut notes) = unique(schema.fields().iter().map(|field| field.name().as_str()));
        let parts: Result<Vec<Part>> = names
            .into_par_iter()
            .enumerate()
            .map(|(column, name)| {
                work.check()?;
                let pieces: Vec<ArrayRef> = batches.iter().map(|batch| batch.column(column).clone()).collect();
                guarded("Arrow IPC", || part(name, schema.field(column), pieces))
            })
            .collect();
        let frame = frame(parts?, &mut notes);
        Ok((frame, ReadReport { format: self.name().to_owned(), notes }))
    }
}

fn broken(error: ArrowError) -> Error {
    damaged("Arrow IPC", error)
}

fn stream(file: impl Read, limit: Option<usize>, work: &Work) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let reader = StreamReader::try_new(file, None).map_err(broken)?;
    let schema = reader.schema();
    collect(schema, reader, limit, work)
}

/// The batches that hold the first `limit` rows.
fn collect(
    schema: SchemaRef,
    reader: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    limit: Option<usize>,
    work: &Work,
) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let (mut batches, mut left) = (Vec::new(), limit.unwrap_or(usize::MAX));
    for batch in reader {
        let batch = batch.map_err(broken)?;
        if left == 0 {
            break;
        }
        let rows = batch.num_rows().min(left);
        left -= rows;
        work.advance(rows as u64)?;
        batches.push(batch.slice(0, rows));
    }
    Ok((schema, batches))
}
