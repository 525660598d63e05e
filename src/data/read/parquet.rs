//! Apache Parquet, the columns of every row group read on all cores.

use std::fs::File;

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use arrow_array::ArrayRef;
use rayon::prelude::*;

use super::arrow::{damaged, guarded};
use super::names::unique;
use super::packed::{Group, Place, relative};
use super::parts::{Part, frame, part};
use super::{Format, ReadOptions, Source};
use crate::data::{Frame, ReadReport};
use crate::engine::{Error, Result, Work};

/// Rows decoded between two looks at whether the work was cancelled.
const BATCH: usize = 16_384;

/// Parquet files.
pub(super) struct Parquet;

impl Format for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["parquet", "pq"]
    }

    fn read(&self, source: &Source, options: &ReadOptions, work: &Work) -> Result<(Frame, ReadReport)> {
        if source.size() == 0 {
            return Err(Error::input("the file is empty"));
        }
        let file = source.file()?;
        let metadata = guarded("Parquet", || {
            ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|error| damaged("Parquet", error))
        })?;
        let groups = groups(&metadata, options.limit)?;
        let fields = metadata.schema().fields().clone();
        let (names, mut notes) = unique(fields.iter().map(|field| field.name().as_str()));
        let rows = groups.iter().fold(0u64, |all, group| all.saturating_add(group.rows as u64));
        let cells = rows.saturating_mul(fields.len() as u64);
        work.stage("reading columns", cells);
        let file = relative(source, options);
        let place = file.as_deref().map(|file| Place { source, metadata: &metadata, groups: &groups, file });
        let parts: Result<Vec<Part>> = names
            .into_par_iter()
            .enumerate()
            .map(|(column, name)| {
                if let Some(place) = &place
                    && let Some(packed) = place.detect(column, &fields[column])?
                {
                    return place.references(name, column, packed, work).map(Part::from);
                }
                let pieces: Result<Vec<Vec<ArrayRef>>> =
                    groups.par_iter().map(|group| read_piece(source, &metadata, *group, column, work)).collect();
                guarded("Parquet", || part(name, &fields[column], pieces?.into_iter().flatten().collect()))
            })
            .collect();
        let frame = frame(parts?, &mut notes);
        Ok((frame, ReadReport { format: self.name().to_owned(), notes }))
    }
}

/// The row groups that hold the first `limit` rows.
fn groups(metadata: &ArrowReaderMetadata, limit: Option<usize>) -> Result<Vec<Group>> {
    let (mut left, mut start) = (limit.unwrap_or(usize::MAX), 0u64);
    let mut groups = Vec::new();
    for (index, group) in metadata.metadata().row_groups().iter().enumerate() {
        let rows = usize::try_from(group.num_rows()).map_err(|_| damaged("Parquet", "a negative number of rows"))?;
        if left == 0 {
            break;
        }
        groups.push(Group { index, start, rows: rows.min(left) });
        left -= rows.min(left);
        start = start.saturating_add(rows as u64);
    }
    Ok(groups)
}

/// Reads one column of one row group. Every piece opens the file anew, since a shared one has a shared cursor.
fn read_piece(
    source: &Source,
    metadata: &ArrowReaderMetadata,
    group: Group,
    column: usize,
    work: &Work,
) -> Result<Vec<ArrayRef>> {
    work.check()?;
    let file: File = source.file()?;
    guarded("Parquet", || {
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
            .with_row_groups(vec![group.index])
            .with_projection(ProjectionMask::roots(metadata.parquet_schema(), [column]))
            .with_batch_size(BATCH)
            .with_limit(group.rows)
            .build()
            .map_err(|error| damaged("Parquet", error))?;
        let (mut arrays, mut rows) = (Vec::new(), 0);
        for batch in reader {
            let batch = batch.map_err(|error| damaged("Parquet", error))?;
            rows += batch.num_rows();
            arrays.extend(batch.columns().first().cloned());
            work.advance(batch.num_rows() as u64)?;
        }
        if rows == group.rows { Ok(arrays) } else { Err(damaged("Parquet", "rows are missing")) }
    })
}
