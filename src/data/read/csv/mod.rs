//! CSV and TSV (RFC 4180, and what people make of it).
//!
//! The text is cut at row boundaries into pieces that are parsed on all cores; columns are built piece by piece under
//! the types that the first rows suggest, and once more where a later row contradicts them. The outcome does not
//! depend on the number of threads.

mod build;
mod detect;
mod scan;

use std::sync::Arc;

use rayon::prelude::*;

use self::build::{Build, Part};
use self::detect::Layout;
use self::scan::{Dialect, Fault, Quotes, Records, split};
use super::encoding::{Decoded, decode};
use super::infer::Type;
use super::names::{nameless, nameless_note};
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
    let text = bytes.trim_ascii_end_lines();
    if text.is_empty() {
        return Err(Error::input("the file is empty"));
    }
    let mut dialect = detect::dialect(head(text), options, name)?;
    let mut table = table(text, dialect, options, limit, work);
    if let Err(Failure::Quotes(_)) = &table {
        for (quotes, note) in other_quotes(text, dialect) {
            let other = Dialect { quotes, ..dialect };
            let again = self::table(text, other, options, limit, work);
            if !matches!(again, Err(Failure::Quotes(_) | Failure::Ragged(_))) {
                (dialect, table) = (other, again);
                notes.push(note.to_owned());
                break;
            }
        }
    }
    let (frame, more) = table.map_err(|failure| failure.into_error(text, dialect))?;
    if dialect.delimiter != if name == "tsv" { b'\t' } else { b',' } && frame.columns().len() > 1 {
        notes.push(format!("cells are separated by {}", detect::delimiter_name(dialect.delimiter)));
    }
    notes.extend(more);
    Ok((frame, notes))
}

/// Which other conventions of quoting are worth a try.
fn other_quotes(text: &[u8], dialect: Dialect) -> Vec<(Quotes, &'static str)> {
    let mut others = Vec::new();
    if memchr::memmem::find(text, b"\\\"").is_some() {
        others.push((Quotes::Backslash, "quotes inside cells are escaped with a backslash"));
    }
    if dialect.delimiter == b'\t' {
        others.push((Quotes::None, "quotes are part of the text, as is usual between tabs"));
    }
    others
}

/// Text without the line ends after its last row.
trait TrimEnd {
    fn trim_ascii_end_lines(&self) -> &[u8];
}

impl TrimEnd for Vec<u8> {
    fn trim_ascii_end_lines(&self) -> &[u8] {
        let end = self.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r' | 0x1A)).map_or(0, |at| at + 1);
        self.get(..end).unwrap_or_default()
    }
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

/// Why a table could not be made.
enum Failure {
    /// The quotes are broken.
    Quotes(Fault),
    /// Rows have too many or too few cells.
    Ragged(Ragged),
    /// Cancelled, mostly.
    Other(Error),
}

/// Rows that do not have as many cells as the table has columns.
#[derive(Debug, Clone, Copy)]
struct Ragged {
    /// Where the first one starts in the text.
    at: usize,
    /// How many cells it has.
    cells: usize,
    /// How many it should have.
    columns: usize,
    /// How many rows there are of the kind.
    rows: usize,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl Failure {
    fn into_error(self, text: &[u8], dialect: Dialect) -> Error {
        let line = |at: usize| {
            let before = text.get(..at).unwrap_or(text);
            1 + memchr::memchr_iter(dialect.terminator, before).count()
        };
        match self {
            Self::Other(error) => error,
            Self::Quotes(Fault::Open { at }) => Error::input("a quote is opened and never closed")
                .at(format!("line {}", line(at)))
                .help("close it, or double it (\"\") if it is part of the text; everything after it would be one cell"),
            Self::Quotes(Fault::After { open, close }) => {
                let (open, close) = (line(open), line(close));
                let what = if open == close {
                    "text follows a closing quote".to_owned()
                } else {
                    format!(
                        "the quote opened here ends in line {close} in the middle of a cell, so one of them is broken"
                    )
                };
                Error::input(what)
                    .at(format!("line {open}"))
                    .help("close the quote where the cell ends, and double quotes (\"\") that are part of the text")
            }
            Self::Ragged(Ragged { at, cells, columns, rows }) => {
                let cells = if cells == 1 { "1 cell".to_owned() } else { format!("{cells} cells") };
                let like = if rows > 1 { format!("; {rows} rows do not fit") } else { String::new() };
                Error::input(format!("a row has {cells} where {columns} are expected{like}"))
                    .at(format!("line {}", line(at)))
                    .help(format!(
                        "check the quotes around cells that contain {}; if the cells are separated by something else, \
                         name the delimiter",
                        detect::delimiter_name(dialect.delimiter)
                    ))
            }
        }
    }
}

/// Makes the table of `text` in a given dialect, and notes on what was assumed.
fn table(
    text: &[u8],
    dialect: Dialect,
    options: &ReadOptions,
    limit: Option<usize>,
    work: &Work,
) -> Result<(Frame, Vec<String>), Failure> {
    let layout = detect::layout(head(text), dialect, options.header);
    if layout.names.is_empty() {
        return Err(Failure::Other(Error::input("the file is empty")));
    }
    let mut body = text.get(layout.body..).unwrap_or_default();
    if let Some(limit) = limit {
        body = first_rows(body, dialect, limit, layout.names.len() > 1, work)?;
    }
    work.stage("parsing rows", body.len() as u64);
    let mut pieces = Vec::new();
    split(body, dialect, PIECE, work, |piece| pieces.push(piece))?.map_err(|fault| {
        Failure::Quotes(match fault {
            Fault::Open { at } => Fault::Open { at: at + layout.body },
            Fault::After { open, close } => Fault::After { open: open + layout.body, close: close + layout.body },
        })
    })?;
    let Layout { names, types, mut notes, .. } = layout;
    let columns = names.len();
    let run = |plan: &[Option<Type>]| -> Result<Vec<Part>> {
        let parts = pieces.par_iter().map(|piece| {
            let part = Part::parse(valid(body.get(piece.clone()).unwrap_or_default()), dialect, plan, piece.start);
            work.advance(piece.len() as u64)?;
            Ok(part)
        });
        parts.collect()
    };
    let mut parts = run(&types.iter().copied().map(Some).collect::<Vec<_>>())?;
    if let Some(mut ragged) = ragged(&parts, columns) {
        ragged.at += layout.body;
        return Err(Failure::Ragged(ragged));
    }
    let found: Vec<Type> = (0..columns)
        .map(|column| parts.iter().fold(types[column], |all, part| all.join(part.type_of(column))))
        .map(|found| if found == Type::Missing { Type::Text } else { found })
        .collect();
    // Columns whose later rows contradict the first ones are built once more, under their final type.
    let plan: Vec<Option<Type>> =
        found.iter().zip(&types).map(|(found, guess)| (found != guess).then_some(*found)).collect();
    if plan.iter().any(Option::is_some) {
        work.stage("parsing rows again", body.len() as u64);
        for (part, again) in parts.iter_mut().zip(run(&plan)?) {
            part.replace(again);
        }
    }
    work.check()?;
    let extra: usize = parts.iter().map(|part| part.extra_empty).sum();
    if extra > 0 {
        notes
            .push(format!("{extra} rows end in more delimiters than there are columns; the empty cells were left out"));
    }
    let frame = join(names, &found, parts, &mut notes)?;
    Ok((frame, notes))
}

/// The part of `body` that holds its first `limit` rows; blank lines are rows only in a table of one column.
fn first_rows<'a>(body: &'a [u8], dialect: Dialect, limit: usize, skip_blank: bool, work: &Work) -> Result<&'a [u8]> {
    let mut records = Records::new(valid(body), dialect);
    for row in 0..limit {
        if row.is_multiple_of(1024) {
            work.check()?;
        }
        while skip_blank && !records.done() && records.skip_blank() {}
        records.skip();
    }
    Ok(body.get(..records.at()).unwrap_or(body))
}

/// The first row that does not fit, and how many there are.
fn ragged(parts: &[Part], columns: usize) -> Option<Ragged> {
    let (at, cells, _) = parts.iter().find_map(|part| part.ragged)?;
    let rows = parts.iter().filter_map(|part| part.ragged).map(|(_, _, count)| count).sum();
    Some(Ragged { at, cells, columns, rows })
}

/// Joins the pieces of every column.
fn join(names: Vec<String>, types: &[Type], parts: Vec<Part>, notes: &mut Vec<String>) -> Result<Frame> {
    let mut pieces: Vec<Vec<Build>> = names.iter().map(|_| Vec::with_capacity(parts.len())).collect();
    for part in parts {
        for (pieces, build) in pieces.iter_mut().zip(part.columns) {
            pieces.push(build);
        }
    }
    let last = names.len();
    let columns: Result<Vec<_>> = names
        .into_par_iter()
        .zip(pieces)
        .zip(types.par_iter())
        .map(|((name, pieces), found)| build::column(name, *found, pieces))
        .collect();
    let mut columns: Vec<_> = columns?.into_iter().map(Arc::new).collect();
    // A delimiter at the end of every line makes a column of nothing.
    let nameless = columns
        .last()
        .is_some_and(|column| last > 1 && column.name() == nameless(last) && column.null_count() == column.len());
    if nameless && columns.len() > 1 {
        columns.pop();
        notes.push("every line ends in a delimiter; the empty last column was left out".to_owned());
        notes.retain(|note| *note != nameless_note(last));
    }
    Ok(Frame::new(columns))
}
