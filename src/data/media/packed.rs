//! Media that lie inside a Parquet file, one value of a column each, as Hugging Face stores images and sounds.
//!
//! The data's column holds a reference, `parquet:FILE#COLUMN#ROW#HASH`: the file relative to the dataset's folder, the
//! number of the column at the top of its schema, the row in the file (both from 0), and the XXH3 of the bytes in 16
//! hexadecimal digits. The bytes are read when they are shown: a [`Shelf`] seeks to the row group and keeps the few
//! rows around it, since who looks at one row looks at the next.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef, LargeBinaryArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::PageIndexPolicy;
use parquet::schema::types::SchemaDescriptor;
use xxhash_rust::xxh3::xxh3_64;

use crate::data::Kind;
use crate::engine::{Error, Result};

const SCHEME: &str = "parquet:";

/// Rows that are read at once.
const WINDOW: usize = 16;

/// Bytes of media kept in memory; one window is kept even if it is larger.
const KEPT: usize = 64 << 20;

/// Files whose footers are kept.
const FILES: usize = 64;

/// Where some bytes lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data) struct Reference<'a> {
    /// The file, relative to the dataset's folder, with `/` between its parts.
    pub(in crate::data) file: &'a str,
    /// The number of the column among those at the top of the schema, from 0.
    pub(in crate::data) column: usize,
    /// The row in the file, from 0.
    pub(in crate::data) row: u64,
    /// The XXH3 of the bytes.
    pub(in crate::data) hash: u64,
}

impl<'a> Reference<'a> {
    /// Reads a reference; `None` for any other path. File names may hold `#` themselves, so it is read from the end.
    pub(in crate::data) fn parse(value: &'a str) -> Option<Self> {
        let mut parts = value.strip_prefix(SCHEME)?.rsplitn(4, '#');
        let hash = parts.next().filter(|hash| hash.len() == 16)?;
        let hash = u64::from_str_radix(hash, 16).ok()?;
        let row = parts.next()?.parse().ok()?;
        let column = parts.next()?.parse().ok()?;
        Some(Self { file: parts.next()?, column, row, hash })
    }
}

impl fmt::Display for Reference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}#{}#{}#{:016x}", self.file, self.column, self.row, self.hash)
    }
}

/// The part of a cell by which its item is known: of a reference to media inside a file the hash of the bytes, of
/// anything else all of it.
pub(in crate::data) fn content_part(kind: Kind, value: &str) -> &str {
    match (kind, Reference::parse(value)) {
        (Kind::Image | Kind::Audio, Some(_)) => value.rsplit('#').next().unwrap_or(value),
        _ => value,
    }
}

/// The leaf columns of a column that holds media, as numbers in the schema of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data) struct Leaves {
    /// Where the bytes are.
    pub(in crate::data) bytes: usize,
    /// Where the path is, which stands for the bytes where there are none.
    pub(in crate::data) path: Option<usize>,
}

impl Leaves {
    /// The leaves of a column: its only one, or those called `bytes` and `path`, which must be all it has.
    pub(in crate::data) fn of(schema: &SchemaDescriptor, column: usize) -> Option<Self> {
        let all = schema.columns().iter().enumerate();
        let leaves: Vec<(usize, &[String])> = all
            .filter(|(leaf, _)| schema.get_column_root_idx(*leaf) == column)
            .map(|(leaf, described)| (leaf, described.path().parts()))
            .collect();
        let named = |name: &str| {
            let is = |path: &[String]| matches!(path, [_, last] if last == name);
            leaves.iter().find(|(_, path)| is(path)).map(|(leaf, _)| *leaf)
        };
        match leaves.as_slice() {
            [(only, [_])] => Some(Self { bytes: *only, path: None }),
            [_] => Some(Self { bytes: named("bytes")?, path: None }),
            [_, _] => Some(Self { bytes: named("bytes")?, path: Some(named("path")?) }),
            _ => None,
        }
    }
}

/// A Parquet file whose footer was read.
struct Open {
    metadata: ArrowReaderMetadata,
    /// The first row of every row group, and the number of all rows.
    starts: Vec<u64>,
    /// Length and time of change of the file, by which a changed one is told.
    state: (u64, Option<std::time::SystemTime>),
}

/// A few neighbouring rows of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    path: PathBuf,
    leaf: usize,
    group: usize,
    /// The first row in its group.
    first: usize,
}

/// Reads the bytes that references name. Shared by threads; each reads the file with a cursor of its own.
#[derive(Default)]
pub(super) struct Shelf {
    files: Mutex<HashMap<PathBuf, Arc<Open>>>,
    /// Windows, longest unused first.
    windows: Mutex<VecDeque<(Place, Arc<LargeBinaryArray>)>>,
}

impl Shelf {
    /// The bytes that `reference` names in the file at `path`.
    ///
    /// # Errors
    /// If the file cannot be read, is no Parquet file, has no such row, or holds other bytes there than it did when the
    /// data were read.
    pub(super) fn read(&self, path: &Path, reference: Reference<'_>) -> Result<Vec<u8>> {
        let open = self.open(path)?;
        let changed = || {
            Error::input("the file was changed since the data were read")
                .at(reference)
                .help("close the project and open it again")
        };
        let leaf = Leaves::of(open.metadata.parquet_schema(), reference.column).ok_or_else(changed)?.bytes;
        let total = open.starts.last().copied().unwrap_or(0);
        let group = open.starts.partition_point(|start| *start <= reference.row).checked_sub(1);
        let (Some(group), true) = (group, reference.row < total) else { return Err(changed()) };
        let start = open.starts.get(group).copied().unwrap_or(0);
        let row = usize::try_from(reference.row - start).map_err(|_| changed())?;
        let place = Place { path: path.to_owned(), leaf, group, first: row / WINDOW * WINDOW };
        let window = match self.kept(&place, &open) {
            Some(window) => window,
            None => {
                let window = Arc::new(read_window(&open, &place)?);
                self.keep(place, window.clone());
                window
            }
        };
        let at = row % WINDOW;
        if at >= window.len() || window.is_null(at) || xxh3_64(window.value(at)) != reference.hash {
            return Err(changed());
        }
        Ok(window.value(at).to_vec())
    }

    /// The footer of a file, read anew if the file was changed.
    fn open(&self, path: &Path) -> Result<Arc<Open>> {
        let failed = |source: std::io::Error| Error::io("cannot read the file of the media", path, &source);
        let file = File::open(path).map_err(failed)?;
        let meta = file.metadata().map_err(failed)?;
        let state = (meta.len(), meta.modified().ok());
        if let Some(known) = lock(&self.files).get(path).filter(|known| known.state == state) {
            return Ok(known.clone());
        }
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
        let metadata =
            guarded(path, || ArrowReaderMetadata::load(&file, options).map_err(|error| damaged(path, &error)))?;
        let mut starts = vec![0u64];
        for group in metadata.metadata().row_groups() {
            let rows = u64::try_from(group.num_rows()).unwrap_or(0);
            starts.push(starts.last().copied().unwrap_or(0).saturating_add(rows));
        }
        let open = Arc::new(Open { metadata, starts, state });
        let mut files = lock(&self.files);
        if files.len() >= FILES {
            files.clear();
        }
        files.insert(path.to_owned(), open.clone());
        // What was kept of the file as it was before is of no use.
        drop(files);
        lock(&self.windows).retain(|(place, _)| place.path != path);
        Ok(open)
    }

    /// A window that is kept, marked as used.
    fn kept(&self, place: &Place, open: &Arc<Open>) -> Option<Arc<LargeBinaryArray>> {
        // A file that was opened anew meanwhile has windows of its own.
        lock(&self.files).get(&place.path).filter(|known| Arc::ptr_eq(known, open))?;
        let mut windows = lock(&self.windows);
        let at = windows.iter().position(|(known, _)| known == place)?;
        let found = windows.remove(at)?;
        let window = found.1.clone();
        windows.push_back(found);
        Some(window)
    }

    /// Keeps a window, and lets go those longest unused beyond the bound.
    fn keep(&self, place: Place, window: Arc<LargeBinaryArray>) {
        let mut windows = lock(&self.windows);
        windows.push_back((place, window));
        let mut bytes: usize = windows.iter().map(|(_, window)| window.value_data().len()).sum();
        while bytes > KEPT && windows.len() > 1 {
            let Some((_, gone)) = windows.pop_front() else { break };
            bytes = bytes.saturating_sub(gone.value_data().len());
        }
    }
}

/// Reads the rows of a window from the disk.
fn read_window(open: &Open, place: &Place) -> Result<LargeBinaryArray> {
    let path = &place.path;
    let file = File::open(path).map_err(|source| Error::io("cannot read the file of the media", path, &source))?;
    guarded(path, || {
        let mask = ProjectionMask::leaves(open.metadata.parquet_schema(), [place.leaf]);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, open.metadata.clone())
            .with_row_groups(vec![place.group])
            .with_projection(mask)
            .with_batch_size(WINDOW)
            .with_offset(place.first)
            .with_limit(WINDOW)
            .build()
            .map_err(|error| damaged(path, &error))?;
        let mut arrays: Vec<ArrayRef> = Vec::new();
        for batch in reader {
            let batch = batch.map_err(|error| damaged(path, &error))?;
            let Some(column) = batch.columns().first() else { break };
            let (bytes, _) = parts(column)?;
            arrays.push(bytes);
        }
        let all: Vec<&dyn arrow_array::Array> = arrays.iter().map(AsRef::as_ref).collect();
        if all.is_empty() {
            return Ok(LargeBinaryArray::new_null(0));
        }
        let joined = arrow_select::concat::concat(&all).map_err(|error| damaged(path, &error))?;
        joined.as_binary_opt::<i64>().cloned().ok_or_else(|| damaged(path, &"the column holds no bytes"))
    })
}

/// The bytes, and the paths if they were read, of a column as [`Leaves`] projects it.
pub(in crate::data) fn parts(column: &ArrayRef) -> Result<(ArrayRef, Option<ArrayRef>)> {
    let failed = |error| Error::input(format!("a column of media cannot be read: {error}"));
    let Some(both) = column.as_struct_opt() else {
        return Ok((cast(column, &DataType::LargeBinary).map_err(failed)?, None));
    };
    let child = |name: &str| both.column_by_name(name);
    let bytes = child("bytes").ok_or_else(|| Error::input("a column of media holds no bytes"))?;
    let bytes = cast(bytes, &DataType::LargeBinary).map_err(failed)?;
    let paths = child("path").map(|paths| cast(paths, &DataType::LargeUtf8)).transpose().map_err(failed)?;
    Ok((bytes, paths))
}

/// Runs code that may panic on damaged files; a panic is an error then.
fn guarded<T>(path: &Path, run: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err(damaged(path, &"its parts contradict each other")))
}

fn damaged(path: &Path, reason: &dyn fmt::Display) -> Error {
    let reason = reason.to_string();
    let reason = reason.lines().next().unwrap_or_default().trim_end_matches('.').to_owned();
    Error::input(format!("the file of the media is not valid Parquet (it may be cut off): {reason}"))
        .at(path.display())
        .help("copy or export it again")
}

/// Goes on with the value if another thread panicked while it held the lock: what is kept is whole between any two
/// calls.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
pub(in crate::data) mod tests {
    use arrow_array::{BinaryArray, RecordBatch, StringArray, StructArray};
    use arrow_schema::{Field, Fields, Schema};
    use parquet::arrow::ArrowWriter;
    use parquet::file::properties::WriterProperties;

    use super::*;

    /// Writes a Parquet file with a number and an image a row, `struct<bytes, path>` as Hugging Face writes them.
    pub(in crate::data) fn put_images(path: &Path, images: &[Option<Vec<u8>>], rows_a_group: usize) {
        let bytes: ArrayRef = Arc::new(BinaryArray::from_iter(images.iter().map(Option::as_deref)));
        let names = (0..images.len()).map(|row| Some(format!("{row}.png")));
        let names: ArrayRef = Arc::new(StringArray::from_iter(names));
        let fields =
            Fields::from(vec![Field::new("bytes", DataType::Binary, true), Field::new("path", DataType::Utf8, true)]);
        let both: ArrayRef = Arc::new(StructArray::new(fields.clone(), vec![bytes, names], None));
        let labels = (0..images.len()).map(|row| row as i64 % 2);
        let label: ArrayRef = Arc::new(arrow_array::Int64Array::from_iter_values(labels));
        let schema = Arc::new(Schema::new(vec![
            Field::new("label", DataType::Int64, false),
            Field::new("image", DataType::Struct(fields), true),
        ]));
        let batch = RecordBatch::try_new(schema.clone(), vec![label, both]).unwrap();
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(rows_a_group)).build();
        let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), schema, Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }

    #[test]
    fn references_are_read_from_their_end() {
        let check = |value: &str, expected: Option<(&str, usize, u64, u64)>| {
            let found = Reference::parse(value).map(|found| (found.file, found.column, found.row, found.hash));
            assert_eq!(found, expected, "{value}");
            if let Some(found) = Reference::parse(value) {
                assert_eq!(found.to_string(), value);
            }
        };
        check("parquet:data/a.parquet#1#20#00000000000000ff", Some(("data/a.parquet", 1, 20, 255)));
        check("parquet:a#b.parquet#0#0#0123456789abcdef", Some(("a#b.parquet", 0, 0, 0x0123_4567_89ab_cdef)));
        check("parquet:a.parquet#1#20", None);
        check("parquet:a.parquet#1#-2#00000000000000ff", None);
        check("images/a.png", None);
        let value = "parquet:a.parquet#1#20#00000000000000ff";
        assert_eq!(content_part(Kind::Image, value), "00000000000000ff");
        assert_eq!((content_part(Kind::Text, value), content_part(Kind::Image, "a#b")), (value, "a#b"));
    }

    #[test]
    fn bytes_are_found_in_every_row_group_and_a_changed_file_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        let image = |row: u8| (row != 7).then(|| vec![row; 1 + usize::from(row)]);
        let images: Vec<Option<Vec<u8>>> = (0..100).map(image).collect();
        put_images(&path, &images, 33);
        let shelf = Shelf::default();
        let reference = |row: usize, hash: u64| Reference { file: "a.parquet", column: 1, row: row as u64, hash };
        let read = |row: usize, hash: u64| shelf.read(&path, reference(row, hash));
        for row in (0..100).rev() {
            match &images[row] {
                Some(bytes) => assert_eq!(read(row, xxh3_64(bytes)).unwrap(), *bytes, "row {row}"),
                None => assert!(read(row, 0).is_err()),
            }
        }
        assert!(read(100, 0).is_err() && read(usize::MAX, 0).is_err());
        let hash = xxh3_64(&[3u8; 4]);
        assert!(read(3, hash ^ 1).unwrap_err().what().contains("was changed"));
        put_images(&path, &images[1..], 50);
        assert!(read(3, hash).is_err());
        assert_eq!(read(2, hash).unwrap(), [3; 4]);
        std::fs::write(&path, b"PAR1 cut").unwrap();
        assert!(read(2, hash).unwrap_err().what().contains("not valid Parquet"));
    }
}
