//! Columns of images and sounds inside a Parquet file: they become references, and their bytes stay where they are.
//!
//! Hugging Face writes such a column as `struct<bytes: binary, path: string>`; others write plain bytes. The bytes pass
//! through once, a few rows at a time, so that each is known by its hash; none is kept.

use std::fs::File;
use std::path::Path;

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use arrow_array::builder::LargeStringBuilder;
use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef, LargeBinaryArray, LargeStringArray};
use arrow_schema::{DataType, Field};
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::arrow::{concat, damaged, guarded};
use super::{ReadOptions, Source};
use crate::data::media::packed::{Leaves, Reference, parts};
use crate::data::{Column, Kind, Values};
use crate::engine::{Result, Work};

/// Rows whose bytes are in memory at once, for each core.
const ROWS: usize = 16;

/// A column that holds media.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packed {
    kind: Kind,
    leaves: Leaves,
}

/// A row group that is wanted: its number, its first row in the file, and how many of its rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub(super) index: usize,
    pub(super) start: u64,
    pub(super) rows: usize,
}

/// A file with the groups that are wanted of it.
pub(super) struct Place<'a> {
    pub(super) source: &'a Source,
    pub(super) metadata: &'a ArrowReaderMetadata,
    pub(super) groups: &'a [Group],
    /// The file relative to the dataset's folder, as references name it.
    pub(super) file: &'a str,
}

/// The name of the file relative to the folder against which media are resolved; `None` if it lies elsewhere, where
/// references would lead out.
pub(super) fn relative(source: &Source, options: &ReadOptions) -> Option<String> {
    let path = source.path();
    let inside = match &options.root {
        Some(root) => path.strip_prefix(root).ok()?,
        None => Path::new(path.file_name()?),
    };
    let parts: Option<Vec<&str>> = inside.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/")).filter(|name| !name.is_empty())
}

impl Place<'_> {
    /// What a column holds, if it is media: by the first bytes that are there, or the ending of the first path.
    pub(super) fn detect(&self, column: usize, field: &Field) -> Result<Option<Packed>> {
        if !may_hold_bytes(field) {
            return Ok(None);
        }
        let Some(leaves) = Leaves::of(self.metadata.parquet_schema(), column) else { return Ok(None) };
        let mut kind = None;
        for group in self.groups {
            self.each_batch(leaves, Group { rows: group.rows.min(ROWS), ..*group }, |_, bytes, paths| {
                kind = kind.or_else(|| bytes.iter().flatten().next().map(kind_of_bytes));
                let path = || paths.and_then(|paths| paths.iter().flatten().next()).map(kind_of_path);
                kind = kind.or_else(path);
                Ok(())
            })?;
            if kind.is_some() {
                break;
            }
        }
        Ok(kind.flatten().map(|kind| Packed { kind, leaves }))
    }

    /// The column of references, and a note on it. Where a row has no bytes, its path stands for them.
    pub(super) fn references(
        &self,
        name: String,
        column: usize,
        packed: Packed,
        work: &Work,
    ) -> Result<(Column, Option<String>)> {
        let pieces: Result<Vec<(LargeStringArray, usize)>> = self
            .groups
            .par_iter()
            .map(|group| {
                let (mut builder, mut inside) = (LargeStringBuilder::new(), 0);
                self.each_batch(packed.leaves, *group, |start, bytes, paths| {
                    for at in 0..bytes.len() {
                        if bytes.is_valid(at) {
                            let (row, hash) = (start + at as u64, xxh3_64(bytes.value(at)));
                            builder.append_value(Reference { file: self.file, column, row, hash }.to_string());
                            inside += 1;
                        } else {
                            builder
                                .append_option(paths.filter(|paths| paths.is_valid(at)).map(|paths| paths.value(at)));
                        }
                    }
                    work.advance(bytes.len() as u64)
                })?;
                Ok((builder.finish(), inside))
            })
            .collect();
        let (arrays, counts): (Vec<_>, Vec<usize>) = pieces?.into_iter().unzip();
        let arrays: Vec<ArrayRef> = arrays.into_iter().map(|array| std::sync::Arc::new(array) as ArrayRef).collect();
        let Values::Text(values) = concat(&arrays)? else { return Err(damaged("Parquet", "a column of media")) };
        let what = if packed.kind == Kind::Image { "images" } else { "sounds" };
        let inside: usize = counts.iter().sum();
        let note = format!("{name}: {inside} {what} lie inside the file and are read when they are shown");
        Ok((Column::text(name, packed.kind, values), Some(note)))
    }

    /// Calls `each` with the rows of a group, a few at a time: the first row's place in the file, bytes and paths.
    fn each_batch(
        &self,
        leaves: Leaves,
        group: Group,
        mut each: impl FnMut(u64, &LargeBinaryArray, Option<&LargeStringArray>) -> Result<()>,
    ) -> Result<()> {
        let file: File = self.source.file()?;
        guarded("Parquet", || {
            let wanted = std::iter::once(leaves.bytes).chain(leaves.path);
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_row_groups(vec![group.index])
                .with_projection(ProjectionMask::leaves(self.metadata.parquet_schema(), wanted))
                .with_batch_size(ROWS)
                .with_limit(group.rows)
                .build()
                .map_err(|error| damaged("Parquet", error))?;
            let mut start = group.start;
            for batch in reader {
                let batch = batch.map_err(|error| damaged("Parquet", error))?;
                let Some(column) = batch.columns().first() else { break };
                let (bytes, paths) = parts(column)?;
                let bytes = bytes.as_binary_opt::<i64>().ok_or_else(|| damaged("Parquet", "bytes of another type"))?;
                each(start, bytes, paths.as_ref().and_then(|paths| paths.as_string_opt::<i64>()))?;
                start += batch.num_rows() as u64;
            }
            if start == group.start + group.rows as u64 { Ok(()) } else { Err(damaged("Parquet", "rows are missing")) }
        })
    }
}

/// Whether a field is bytes, or a struct of bytes and perhaps a path.
fn may_hold_bytes(field: &Field) -> bool {
    let is_bytes = |kind: &DataType| matches!(kind, DataType::Binary | DataType::LargeBinary | DataType::BinaryView);
    let is_text = |kind: &DataType| matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    match field.data_type() {
        DataType::Struct(fields) => {
            let has_bytes = fields.iter().any(|field| field.name() == "bytes" && is_bytes(field.data_type()));
            let known = |field: &Field| match field.name().as_str() {
                "bytes" => true,
                "path" => is_text(field.data_type()),
                _ => false,
            };
            has_bytes && fields.iter().all(|field| known(field))
        }
        other => is_bytes(other),
    }
}

/// What begins like this: an image, a sound, or neither.
fn kind_of_bytes(bytes: &[u8]) -> Option<Kind> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..]
        | [0xFF, 0xD8, 0xFF, ..]
        | [b'G', b'I', b'F', b'8', ..]
        | [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..]
        | [b'I', b'I', 0x2A, 0, ..]
        | [b'M', b'M', 0, 0x2A, ..]
        | [b'q', b'o', b'i', b'f', ..] => Some(Kind::Image),
        // A BMP gives its own length.
        [b'B', b'M', a, b, c, d, ..] if u32::from_le_bytes([*a, *b, *c, *d]) as usize == bytes.len() => {
            Some(Kind::Image)
        }
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..]
        | [b'f', b'L', b'a', b'C', ..]
        | [b'O', b'g', b'g', b'S', ..]
        | [b'I', b'D', b'3', ..]
        | [0xFF, 0xFB | 0xFA | 0xF3 | 0xF2, ..] => Some(Kind::Audio),
        _ => None,
    }
}

fn kind_of_path(path: &str) -> Option<Kind> {
    super::folder::media_kind(Path::new(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::media::packed::tests::put_images;
    use crate::data::media::{Limits, Root};
    use crate::data::read::{ReadOptions, read, read_frame};
    use crate::data::{Ids, ItemId};

    fn png(width: u32) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::RgbImage::new(width, 1).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn images_inside_a_file_become_references_that_lead_back_to_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a#b.parquet");
        let images: Vec<Option<Vec<u8>>> = (1..=50).map(|width| (width != 9).then(|| png(width))).collect();
        put_images(&path, &images, 20);
        let dataset = read(&path, &ReadOptions::default(), &Work::new()).unwrap();
        let column = dataset.frame.column("image").unwrap();
        assert_eq!((column.kind(), column.null_count(), dataset.rows()), (Kind::Image, 0, 50));
        assert!(dataset.report.notes[0].contains("49 images"), "{:?}", dataset.report.notes);
        assert_eq!(column.show(8).as_deref(), Some("8.png"), "without bytes the path stands for them");
        let root = Root::open(&dataset.root).unwrap();
        for row in [0, 19, 20, 49] {
            let media = root.media(&column.show(row).unwrap()).unwrap();
            assert_eq!(media.decode(None, Limits::default()).unwrap().width, row as u32 + 1);
        }
        let head = read_frame(&path, &ReadOptions { limit: Some(3), ..Default::default() }, &Work::new()).unwrap();
        assert_eq!(head.frame.column("image").unwrap().show(2), column.show(2));
    }

    #[test]
    fn items_are_known_by_their_bytes_wherever_these_stand() {
        let folder = tempfile::tempdir().unwrap();
        let ids = |name: &str, order: [u32; 4]| -> Vec<ItemId> {
            let path = folder.path().join(name);
            put_images(&path, &order.map(|width| Some(png(width))), 2);
            let frame = read_frame(&path, &ReadOptions::default(), &Work::new()).unwrap().frame;
            let image = frame.column("image").unwrap().clone();
            Ids::from_content(&crate::data::Frame::new(vec![image])).all().to_vec()
        };
        let (one, two) = (ids("a.parquet", [1, 2, 3, 4]), ids("b.parquet", [4, 3, 2, 1]));
        assert_eq!(one.into_iter().rev().collect::<Vec<_>>(), two);
    }

    #[test]
    fn the_first_bytes_tell_what_media_are() {
        let check = |bytes: &[u8], expected: Option<Kind>| assert_eq!(kind_of_bytes(bytes), expected, "{bytes:?}");
        check(&png(1), Some(Kind::Image));
        check(b"\xFF\xD8\xFF\xE0", Some(Kind::Image));
        check(b"RIFF\0\0\0\0WEBPVP8 ", Some(Kind::Image));
        check(b"RIFF\0\0\0\0WAVEfmt ", Some(Kind::Audio));
        check(b"fLaC", Some(Kind::Audio));
        check(b"ID3\x04", Some(Kind::Audio));
        check(b"BM\x08\0\0\0ab", Some(Kind::Image));
        check(b"BM is a word", None);
        check(b"plain text", None);
        check(b"", None);
    }
}
