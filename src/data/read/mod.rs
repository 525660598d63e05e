//! Reading: a file or a folder becomes a frame of typed columns.
//!
//! In: a path and a few options. Out: a [`Dataset`], or a [`Reading`] where no ids are wanted. What was detected,
//! converted or left out stands in the [`ReadReport`]; what cannot be read as what it claims to be is an error that
//! names the place. One file a format; [`FORMATS`] holds one line for each.

mod arrow;
mod cells;
mod conll;
mod csv;
mod encoding;
mod excel;
mod folder;
mod infer;
mod ipc;
mod json;
mod jsonl;
pub mod matrix;
mod names;
mod nested;
mod packed;
mod parquet;
mod parts;
mod source;
mod spec;
mod spilled;
#[cfg(test)]
mod tests;
mod unite;

use std::path::{Path, PathBuf};

use super::{Dataset, Frame, ReadReport};
use crate::engine::{Error, Fingerprint, Result, Work, files};

pub(super) use arrow::KIND;
pub(crate) use infer::time as parse_time;
pub use source::{Source, fingerprint};
pub use spec::{column_values, split_spec};

/// The formats that can be read, in the order in which messages list them.
pub static FORMATS: &[&dyn Format] = &[
    &csv::Csv,
    &csv::Tsv,
    &jsonl::JsonLines,
    &json::Json,
    &parquet::Parquet::USUAL,
    &ipc::ArrowIpc,
    &excel::Excel,
    &conll::Conll,
];

/// A file format that holds a table.
pub trait Format: Sync {
    /// The name used in options and reports ("csv").
    fn name(&self) -> &'static str;

    /// The file name endings, lower case, without the dot.
    fn extensions(&self) -> &'static [&'static str];

    /// Reads the table.
    ///
    /// # Errors
    /// If the file is not what it claims to be, cannot be read at all, or the work was cancelled.
    fn read(&self, source: &Source, options: &ReadOptions, work: &Work) -> Result<(Frame, ReadReport)>;
}

/// How to read. The default detects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The key column; without one, items are known by their content.
    pub id: Option<String>,
    /// The format's name ("csv"), where the file name does not tell.
    pub format: Option<String>,
    /// The folder against which media paths are resolved; the file's own folder if none is given.
    pub root: Option<PathBuf>,
    /// Only the first so many rows, for previews. The fingerprint is then one of the preview, not of the content.
    pub limit: Option<usize>,
    /// The encoding of a text file by its WHATWG label ("euc-kr", "utf-16le"), where detection is wrong.
    pub encoding: Option<String>,
    /// What separates the cells of a CSV file, where detection is wrong: one ASCII character.
    pub delimiter: Option<char>,
    /// Whether the first row of a CSV file or a sheet names the columns, where detection is wrong.
    pub header: Option<bool>,
    /// The sheet of a workbook; the one with most rows if none is named.
    pub sheet: Option<String>,
}

/// A table as it was read, before its rows have ids.
#[derive(Debug)]
pub struct Reading {
    /// The columns.
    pub frame: Frame,
    /// How it was read.
    pub report: ReadReport,
    /// The folder against which media paths are resolved.
    pub root: PathBuf,
    /// The name of the content.
    pub fingerprint: Fingerprint,
}

/// Reads a file or a folder as a dataset.
///
/// # Errors
/// As [`read_frame`], and if the id column named by the options is missing or not unique.
pub fn read(path: &Path, options: &ReadOptions, work: &Work) -> Result<Dataset> {
    let Reading { frame, report, root, fingerprint } = read_frame(path, options, work)?;
    work.stage("naming items", 0);
    work.check()?;
    Dataset::new(frame, options.id.as_deref(), root, fingerprint, report).map_err(|error| error.at(path.display()))
}

/// Reads a file or a folder as a frame. A folder may hold images, sounds or texts, with data files that describe them;
/// or data files, of which those with the same columns make one table.
///
/// # Errors
/// If the path does not exist or may not be read, its format is not known, or it is not what it claims to be (the
/// error says where); or if the work was cancelled.
pub fn read_frame(path: &Path, options: &ReadOptions, work: &Work) -> Result<Reading> {
    let meta = std::fs::metadata(path).map_err(|source| Error::io("cannot read", path, &source))?;
    if meta.is_dir() {
        return folder::read(path, options, work);
    }
    let source = Source::open(path)?;
    let format = format_of(&source, options)?;
    tracing::debug!(path = %path.display(), format = format.name(), "reading");
    let (frame, report) = format.read(&source, options, work).map_err(|error| placed(error, path))?;
    let fingerprint = match options.limit {
        Some(limit) => source.preview_print(limit),
        None => source.fingerprint(work)?,
    };
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let root = options.root.clone().unwrap_or_else(|| parent.to_owned());
    Ok(Reading { frame, report, root, fingerprint })
}

/// Puts the path in front of the place of an error that does not name it yet.
fn placed(error: Error, path: &Path) -> Error {
    let shown = path.display().to_string();
    if error.is_cancelled() || error.place().is_some_and(|place| place.starts_with(&shown)) {
        return error;
    }
    error.at(shown)
}

/// The format of a file: as the options say, else by its ending, else by the marks that some formats begin with.
fn format_of(source: &Source, options: &ReadOptions) -> Result<&'static dyn Format> {
    if let Some(name) = &options.format {
        return by_ending(&name.to_ascii_lowercase()).ok_or_else(|| {
            let names: Vec<_> = FORMATS.iter().map(|format| format.name()).collect();
            Error::input("there is no such format").at(name).help(format!("the formats are: {}", names.join(", ")))
        });
    }
    if may_be_tagged(source.path()) && is_tagged(source)? {
        return Ok(&conll::Conll);
    }
    if let Some(format) = by_path(source.path()) {
        return Ok(format);
    }
    match source.head(8)?.as_slice() {
        [b'P', b'A', b'R', b'1', ..] => Ok(&parquet::Parquet::USUAL),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Ok(&ipc::ArrowIpc),
        _ => Err(Error::input("the format of the file is not known from its name")
            .at(source.path().display())
            .help(format!("rename it so that it ends in one of: {}", endings()))),
    }
}

/// Bytes by which tagged tokens are told from other text.
const TAGGED_HEAD: u64 = 1 << 16;

/// Whether a file may hold tagged tokens although its name does not say so.
fn may_be_tagged(path: &Path) -> bool {
    let ending = files::ending(path);
    matches!(ending.as_deref(), Some("tsv" | "tab" | "txt") | None)
}

fn is_tagged(source: &Source) -> Result<bool> {
    Ok(conll::is_tagged(&source.head(TAGGED_HEAD)?))
}

fn by_ending(ending: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().find(|format| format.name() == ending || format.extensions().contains(&ending)).copied()
}

fn by_path(path: &Path) -> Option<&'static dyn Format> {
    by_ending(&files::ending(path)?)
}

/// The text of a file in any encoding, without a byte order mark, and what was converted.
///
/// # Errors
/// If the bytes are of another kind of file, no encoding makes text of them, or the work was cancelled.
pub(in crate::data) fn text_of(bytes: Vec<u8>, label: Option<&str>, work: &Work) -> Result<(String, Vec<String>)> {
    let decoded = encoding::decode(bytes, label, work)?;
    let text =
        String::from_utf8(decoded.bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Ok((text, decoded.notes))
}

/// The file name endings that can be read, as a list for messages.
pub fn endings() -> String {
    let endings: Vec<_> = FORMATS.iter().flat_map(|format| format.extensions()).map(|end| format!(".{end}")).collect();
    endings.join(", ")
}
