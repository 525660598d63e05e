//! CSV and TSV (RFC 4180, and what people make of it).
//!
//! The text is cut at row boundaries into pieces that are parsed on all cores; columns are built piece by piece under
//! the types that the first rows suggest, and once more where a later row contradicts them. The outcome does not
//! depend on the number of threads.

mod build;
mod detect;
mod fault;
mod scan;
mod table;

pub(super) use self::detect::is_header;
use self::fault::Failure;
use self::scan::{Dialect, Quotes};
use self::table::Table;
use super::encoding::{Decoded, decode};
use super::{Format, ReadOptions, Source};
use crate::data::{Frame, ReadReport};
use crate::engine::{Error, Result, Work};

/// Bytes of text that are parsed as one piece: some milliseconds of work.
const PIECE: usize = 1 << 20;

/// Bytes at the start by which the layout is detected.
const HEAD: usize = 1 << 20;

/// Bytes that are tried first where only the first rows are wanted.
const PREVIEW: u64 = 4 << 20;

/// Comma-separated values; the delimiter is detected.
pub(super) struct Csv;

/// Tab-separated values.
pub(super) struct Tsv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["csv"]
    }

    fn read(&self, source: &Source, options: &ReadOptions, work: &Work) -> Result<(Frame, ReadReport)> {
        read(source, options, self.name(), work)
    }
}

impl Format for Tsv {
    fn name(&self) -> &'static str {
        "tsv"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["tsv", "tab"]
    }

    fn read(&self, source: &Source, options: &ReadOptions, work: &Work) -> Result<(Frame, ReadReport)> {
        read(source, options, self.name(), work)
    }
}

fn read(source: &Source, options: &ReadOptions, name: &str, work: &Work) -> Result<(Frame, ReadReport)> {
    let (frame, notes) = match options.limit {
        Some(limit) => preview(source, options, name, limit, work)?,
        None => {
            let decoded = decode(source.bytes(work)?, options.encoding.as_deref(), work)?;
            parse(decoded, options, name, None, work)?
        }
    };
    Ok((frame, ReadReport { format: name.to_owned(), notes }))
}

/// Reads the first rows from the beginning of the file if they are all there, else from the whole file.
fn preview(
    source: &Source,
    options: &ReadOptions,
    name: &str,
    limit: usize,
    work: &Work,
) -> Result<(Frame, Vec<String>)> {
    if source.size() > PREVIEW {
        let mut head = source.head(PREVIEW)?;
        // Zero bytes mean UTF-16, in which a byte of this value need not be a line end.
        if let (Some(end), None) = (memchr::memrchr(b'\n', &head), memchr::memchr(0, &head)) {
            head.truncate(end + 1);
            let parsed = decode(head, options.encoding.as_deref(), work)
                .and_then(|decoded| parse(decoded, options, name, Some(limit), work));
            match parsed {
                Ok((frame, notes)) if frame.rows() == limit => return Ok((frame, notes)),
                Err(error) if error.is_cancelled() => return Err(error),
                _ => {}
            }
        }
    }
    let decoded = decode(source.bytes(work)?, options.encoding.as_deref(), work)?;
    parse(decoded, options, name, Some(limit), work)
}

/// Parses the decoded text. Quotes that cannot be understood in the usual way are tried with the conventions of other
/// programs before they count as broken.
fn parse(
    decoded: Decoded,
    options: &ReadOptions,
    name: &str,
    limit: Option<usize>,
    work: &Work,
) -> Result<(Frame, Vec<String>)> {
    let Decoded { bytes, mut notes } = decoded;
    let text = without_end(&bytes);
    if text.is_empty() {
        return Err(Error::input("the file is empty"));
    }
    let mut dialect = detect::dialect(head(text), options, name)?;
    let mut table = Table::parse(text, dialect, options.header, limit, work);
    if table.as_ref().is_err_and(Failure::is_of_layout) {
        for (quotes, note) in other_quotes(text, dialect) {
            let other = Dialect { quotes, ..dialect };
            let again = Table::parse(text, other, options.header, limit, work);
            if !again.as_ref().is_err_and(Failure::is_of_layout) {
                (dialect, table) = (other, again);
                notes.push(note.to_owned());
                break;
            }
        }
    }
    let table = table.map_err(|failure| failure.into_error(text, dialect))?;
    // The columns hold everything: joining their pieces needs the room that the text takes.
    drop(bytes);
    let (frame, more) = table.join()?;
    if dialect.delimiter != if name == "tsv" { b'\t' } else { b',' } && frame.columns().len() > 1 {
        notes.push(format!("cells are separated by {}", detect::delimiter_name(dialect.delimiter)));
    }
    notes.extend(more);
    Ok((frame, notes))
}

/// Which other conventions of quoting are worth a try.
fn other_quotes(text: &[u8], dialect: Dialect) -> Vec<(Quotes, &'static str)> {
    let mut others = Vec::new();
    if memchr::memchr(b'"', text).is_none() {
        return others;
    }
    if memchr::memmem::find(text, b"\\\"").is_some() {
        others.push((Quotes::Backslash, "quotes inside cells are escaped with a backslash"));
    }
    if dialect.delimiter == b'\t' {
        others.push((Quotes::None, "quotes are part of the text, as is usual between tabs"));
    }
    others
}

/// The text without the line ends after its last row.
fn without_end(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r' | 0x1A)).map_or(0, |at| at + 1);
    text.get(..end).unwrap_or_default()
}

/// The start of the text, in whole characters; all of it if its first row is longer than is usual.
fn head(text: &[u8]) -> &str {
    match text.get(..HEAD) {
        Some(head) if memchr::memchr2(b'\n', b'\r', head).is_some() => valid(head),
        _ => valid(text),
    }
}

/// The longest beginning that is UTF-8: everything, except where a character was cut at the end.
fn valid(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => bytes.get(..error.valid_up_to()).and_then(|head| std::str::from_utf8(head).ok()).unwrap_or(""),
    }
}
