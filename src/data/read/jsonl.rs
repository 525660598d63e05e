//! JSON Lines: one JSON object a line, parsed on all cores.

use std::ops::Range;

use memchr::{memchr, memchr_iter};
use rayon::prelude::*;
use serde::de::DeserializeSeed as _;

use super::cells::{RowSeed, Rows, frame};
use super::encoding::decode;
use super::{Format, ReadOptions, Source};
use crate::data::{Frame, ReadReport};
use crate::engine::{Error, Result, Work};

/// Bytes of text that are parsed as one piece.
const PIECE: usize = 1 << 20;

/// JSON Lines files.
pub(super) struct JsonLines;

impl Format for JsonLines {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["jsonl", "ndjson"]
    }

    fn read(&self, source: &Source, options: &ReadOptions, work: &Work) -> Result<(Frame, ReadReport)> {
        let decoded = decode(source.bytes(work)?, options.encoding.as_deref(), work)?;
        let mut notes = decoded.notes;
        let first = decoded.bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        let (frame, more) = match first {
            None => return Err(Error::input("the file is empty")),
            Some(b'[') => {
                notes.push("the file holds one JSON array instead of one object a line".to_owned());
                super::json::parse(&decoded.bytes, options.limit, work)?
            }
            Some(_) => parse(&decoded.bytes, options.limit, work)?,
        };
        notes.extend(more);
        Ok((frame, ReadReport { format: self.name().to_owned(), notes }))
    }
}

/// Where a line is not an object, and why.
struct Fault {
    at: usize,
    reason: String,
    cut: bool,
}

/// Parses lines of JSON.
pub(super) fn parse(bytes: &[u8], limit: Option<usize>, work: &Work) -> Result<(Frame, Vec<String>)> {
    let bytes = match limit {
        Some(limit) => first_lines(bytes, limit),
        None => bytes,
    };
    work.stage("parsing rows", bytes.len() as u64);
    let parts: Result<Vec<Result<Rows, Fault>>> = pieces(bytes)
        .into_par_iter()
        .map(|piece| {
            let rows = lines(bytes, piece.clone());
            work.advance(piece.len() as u64)?;
            Ok(rows)
        })
        .collect();
    let parts: Result<Vec<Rows>, Fault> = parts?.into_iter().collect();
    frame(parts.map_err(|fault| error(bytes, &fault))?, work)
}

fn error(bytes: &[u8], fault: &Fault) -> Error {
    let line = 1 + memchr_iter(b'\n', bytes.get(..fault.at).unwrap_or(bytes)).count();
    let rest = bytes.get(fault.at..).unwrap_or_default();
    let last = memchr(b'\n', rest).is_none_or(|end| rest.get(end..).is_none_or(|after| after.trim_ascii().is_empty()));
    if fault.cut && last {
        return Error::input("the last line is cut off")
            .at(format!("line {line}"))
            .help("the file is incomplete: copy or export it again, or remove its last line");
    }
    Error::input(format!("the line is not a JSON object ({})", fault.reason)).at(format!("line {line}")).help(
        "every line holds one object such as {\"text\": \"…\", \"label\": \"…\"}; NaN and Infinity are written null",
    )
}

/// The part of the text that holds the first `limit` lines that are not blank.
fn first_lines(bytes: &[u8], limit: usize) -> &[u8] {
    let (mut at, mut rows) = (0, 0);
    while rows < limit && at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let end = memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        rows += usize::from(!rest.get(..end).unwrap_or_default().trim_ascii().is_empty());
        at += end;
    }
    bytes.get(..at).unwrap_or(bytes)
}

/// Pieces of whole lines. A line feed inside a JSON string is always escaped.
fn pieces(bytes: &[u8]) -> Vec<Range<usize>> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    while start < bytes.len() {
        let from = (start + PIECE).min(bytes.len());
        let end = bytes.get(from..).and_then(|rest| memchr(b'\n', rest)).map_or(bytes.len(), |end| from + end + 1);
        pieces.push(start..end);
        start = end;
    }
    pieces
}

/// Parses the lines of one piece.
fn lines(bytes: &[u8], piece: Range<usize>) -> Result<Rows, Fault> {
    let mut rows = Rows::default();
    let mut at = piece.start;
    while at < piece.end {
        let rest = bytes.get(at..piece.end).unwrap_or_default();
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest.get(..end).unwrap_or_default().trim_ascii();
        if !line.is_empty() {
            let mut deserializer = serde_json::Deserializer::from_slice(line);
            let row = RowSeed(&mut rows).deserialize(&mut deserializer).and_then(|()| deserializer.end());
            row.map_err(|error| Fault { at, reason: reason(&error), cut: error.is_eof() })?;
        }
        at += end + 1;
    }
    Ok(rows)
}

/// The reason without the line number, which is that of the line within itself.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((reason, _)) => format!("{reason}, column {}", error.column()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str) -> Result<Vec<String>> {
        let (frame, _) = parse(text.as_bytes(), None, &Work::new())?;
        let columns = frame.columns().iter().map(|column| {
            let cells: Vec<_> =
                (0..column.len()).map(|row| column.show(row).map_or("·".into(), |cell| cell.into_owned())).collect();
            format!("{} {}: {}", column.name(), column.kind().name(), cells.join(" "))
        });
        Ok(columns.collect())
    }

    #[test]
    fn keys_become_columns_in_the_order_they_are_seen() {
        let check = |text: &str, expected: &[&str]| assert_eq!(show(text).unwrap(), expected, "{text}");
        check("{\"b\":1,\"a\":\"x\"}\n{\"a\":\"y\",\"c\":true}\n", &["b int: 1 ·", "a text: x y", "c bool: · true"]);
        check("{\"a\":1}\r\n\n{\"a\":2.5}\n  \n", &["a float: 1.0 2.5"]);
        check("{\"a\":\"007\"}\n{\"a\":null}", &["a text: 007 ·"]);
        check("{\"a\":1}\n{\"a\":\"x\"}\n{\"a\":true}\n{\"a\":0.5}", &["a text: 1 x true 0.5"]);
        check("{\"a\":[1,{\"b\":\"가\"}]}\n{\"a\":{}}", &["a text: [1,{\"b\":\"가\"}] {}"]);
        check("{\"a\":1,\"a\":2}", &["a int: 2"]);
        check("{\"a\":\"2019-01-02\"}\n{\"a\":\"2019-01-02T03:04:05\"}", &["a time: 2019-01-02 2019-01-02T03:04:05"]);
        check("{\"a\":\"2019-01-02\"}\n{\"a\":\"\"}", &["a text: 2019-01-02 "]);
        check("{\"a\":18446744073709551615}\n{\"a\":1}", &["a float: 1.8446744073709552e19 1.0"]);
        check("{\"a\":\"\\uac00\\n\"}", &["a text: 가\n"]);
        check("{\"\":1}", &["column_1 int: 1"]);
        check("{}\n{}", &[]);
    }

    #[test]
    fn broken_lines_are_named() {
        let check = |text: &str, line: &str, what: &str| {
            let error = show(text).unwrap_err();
            assert_eq!(error.place(), Some(line), "{error}");
            assert!(error.what().contains(what), "{error}");
        };
        check("{\"a\":1}\nnot json\n{\"a\":2}\n", "line 2", "not a JSON object");
        check("{\"a\":1}\n\n[1]\n", "line 3", "an object");
        check("{\"a\":1}\n{\"a\":", "line 2", "cut off");
        check("{\"a\":1}\n{\"a\":\n{\"a\":2}\n", "line 2", "not a JSON object");
        check("{\"a\":1}{\"a\":2}\n", "line 1", "trailing");
        check("{\"a\":NaN}\n", "line 1", "not a JSON object");
    }

    #[test]
    fn pieces_do_not_show() {
        let text: String = (0..60_000)
            .map(|row| match row % 3 {
                0 => format!("{{\"id\":{row},\"text\":\"줄 {row}\"}}\n"),
                1 => format!("{{\"text\":\"줄 {row}\",\"id\":{row}.0}}\n"),
                _ => format!("{{\"id\":{row},\"late\":[{row}]}}\n"),
            })
            .collect();
        assert!(text.len() > PIECE);
        let (frame, notes) = parse(text.as_bytes(), None, &Work::new()).unwrap();
        let names: Vec<_> = frame.columns().iter().map(|column| column.name()).collect();
        assert_eq!((names, frame.rows(), notes.len()), (vec!["id", "text", "late"], 60_000, 1));
        let id = frame.column("id").unwrap();
        assert!((0..60_000).all(|row| id.number(row) == Some(row as f64)));
        assert_eq!(frame.column("late").unwrap().show(59_999).as_deref(), Some("[59999]"));
        assert!(frame.column("text").unwrap().is_null(59_999));
        let (head, _) = parse(text.as_bytes(), Some(5), &Work::new()).unwrap();
        assert_eq!(head.rows(), 5);
    }
}
