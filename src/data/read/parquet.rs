//! Apache Parquet, the columns of every row group read on all cores. Of a file that is large beside a laptop's memory,
//! columns are put together on the disk and looked at there.

use std::fs::File;

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use arrow_array::ArrayRef;
use arrow_schema::Field;
use rayon::prelude::*;

use super::arrow::{damaged, guarded, named, values};
use super::names::unique;
use super::packed::{Group, Place, relative};
use super::parts::{Part, frame, part};
use super::spilled::{Spilled, fits};
use super::{Format, ReadOptions, Source};
use crate::data::{Frame, ReadReport};
use crate::engine::{Error, Result, Spill, Work};

/// Rows decoded between two looks at whether the work was cancelled.
const BATCH: usize = 16_384;

/// Parquet files.
pub(super) struct Parquet {
    /// From how many bytes on, as the file's own figures give them, its columns are kept on the disk.
    spill_from: u64,
}

impl Parquet {
    /// As everyone reads them.
    pub(super) const USUAL: Self = Self { spill_from: Spill::FROM };
}

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
        let spill = bytes(&metadata, &groups) >= self.spill_from;
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
                if spill && fits(fields[column].data_type()) {
                    return read_spilled(source, &metadata, &groups, (name, column, &fields[column]), work);
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

/// The bytes of all columns in memory, as far as the file tells: at least eight a value, since a dictionary is unfolded.
fn bytes(metadata: &ArrowReaderMetadata, groups: &[Group]) -> u64 {
    let of = |group: &Group| {
        let group = metadata.metadata().row_group(group.index);
        let least = u64::try_from(group.num_rows()).unwrap_or(0).saturating_mul(8);
        let columns = group.columns().iter().map(|column| u64::try_from(column.uncompressed_size()).unwrap_or(0));
        columns.fold(0u64, |all, bytes| all.saturating_add(bytes.max(least)))
    };
    groups.iter().map(of).fold(0, u64::saturating_add)
}

/// Reads one column of one row group.
fn read_piece(
    source: &Source,
    metadata: &ArrowReaderMetadata,
    group: Group,
    column: usize,
    work: &Work,
) -> Result<Vec<ArrayRef>> {
    let mut arrays = Vec::new();
    each_batch(source, metadata, group, column, work, |array| {
        arrays.push(array);
        Ok(())
    })?;
    Ok(arrays)
}

/// Reads one column of all row groups, of which only a batch is in memory at any time.
fn read_spilled(
    source: &Source,
    metadata: &ArrowReaderMetadata,
    groups: &[Group],
    (name, column, field): (String, usize, &Field),
    work: &Work,
) -> Result<Part> {
    let (mut spilled, mut notes) = (Spilled::new(), Vec::new());
    for group in groups {
        each_batch(source, metadata, *group, column, work, |array| {
            let (piece, note) = values(&name, field.data_type(), vec![array])?;
            notes.extend(note.filter(|note| !notes.contains(note)));
            spilled.push(&piece)
        })?;
    }
    let note = (!notes.is_empty()).then(|| notes.join("; "));
    Ok(Part::from((named(name, field, spilled.finish()?), note)))
}

/// Calls `each` with the batches of one column of one row group. Every reader opens the file anew, since a shared one
/// has a shared cursor.
fn each_batch(
    source: &Source,
    metadata: &ArrowReaderMetadata,
    group: Group,
    column: usize,
    work: &Work,
    mut each: impl FnMut(ArrayRef) -> Result<()>,
) -> Result<()> {
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
        let mut rows = 0;
        for batch in reader {
            let batch = batch.map_err(|error| damaged("Parquet", error))?;
            rows += batch.num_rows();
            if let Some(array) = batch.columns().first() {
                each(array.clone())?;
            }
            work.advance(batch.num_rows() as u64)?;
        }
        if rows == group.rows { Ok(()) } else { Err(damaged("Parquet", "rows are missing")) }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ::parquet::arrow::ArrowWriter;
    use ::parquet::file::properties::WriterProperties;
    use arrow_array::{
        BooleanArray, Date32Array, DictionaryArray, Int8Array, LargeStringArray, RecordBatch, StringArray, UInt64Array,
        types::Int32Type,
    };

    use super::*;

    #[test]
    fn a_file_kept_on_the_disk_holds_what_it_holds_in_memory() {
        let rows = 2_500;
        let words = ["가격", "a", "", "배송이 빨라요"];
        let text =
            LargeStringArray::from_iter((0..rows).map(|row| (row % 7 > 0).then(|| words[row % 4].repeat(row % 5))));
        let dictionary: DictionaryArray<Int32Type> = (0..rows).map(|row| Some(words[row % 3])).collect();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("text", Arc::new(text)),
            ("group", Arc::new(dictionary)),
            ("small", Arc::new(Int8Array::from_iter((0..rows).map(|row| (row % 3 > 0).then_some(row as i8))))),
            ("large", Arc::new(UInt64Array::from_iter_values((0..rows as u64).map(|row| row << 40)))),
            ("flag", Arc::new(BooleanArray::from_iter((0..rows).map(|row| (row % 5 > 0).then_some(row % 2 == 0))))),
            ("day", Arc::new(Date32Array::from_iter_values((0..rows as i32).map(|row| row - 5)))),
            ("none", Arc::new(StringArray::new_null(rows))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(700)).build();
        let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let source = Source::open(&path).unwrap();
        for limit in [None, Some(1_000)] {
            let options = ReadOptions { limit, ..ReadOptions::default() };
            let read = |spill_from| Parquet { spill_from }.read(&source, &options, &Work::new()).unwrap().0;
            let (memory, disk) = (read(u64::MAX), read(0));
            assert_eq!(disk.rows(), limit.unwrap_or(rows));
            for (one, two) in memory.columns().iter().zip(disk.columns()) {
                assert_eq!((one.name(), one.kind()), (two.name(), two.kind()));
                assert_eq!(one.array_ref().as_ref(), two.array_ref().as_ref(), "{}", one.name());
            }
        }
    }
}
