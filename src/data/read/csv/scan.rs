//! Rows and cells of CSV text, one after another, and where it can be cut into pieces of whole rows.

use std::ops::Range;

use memchr::{memchr, memchr2};

use crate::engine::{Result, Work};

/// How quotes inside a quoted cell are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// Doubled, as RFC 4180 has it.
    Doubled,
    /// After a backslash, as some databases export.
    Backslash,
    /// Quotes have no meaning.
    None,
}

/// How a CSV file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    /// What separates cells.
    pub(super) delimiter: u8,
    /// How quotes are written.
    pub(super) quotes: Quotes,
    /// What ends a row: a line feed, which a carriage return may precede; or a carriage return alone.
    pub(super) terminator: u8,
}

/// What is wrong with the quotes, at byte positions of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A quote that is never closed.
    Open {
        /// Where it is.
        at: usize,
    },
    /// Text between a closing quote and the end of the cell.
    After {
        /// Where the cell's opening quote is.
        open: usize,
        /// Where its closing quote is.
        close: usize,
    },
}

impl Fault {
    /// The fault in a text that starts `by` bytes earlier.
    pub(super) fn moved(self, by: usize) -> Self {
        match self {
            Self::Open { at } => Self::Open { at: at + by },
            Self::After { open, close } => Self::After { open: open + by, close: close + by },
        }
    }
}

/// What follows a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Another cell of the row.
    Cell,
    /// The next row, or the end of the text.
    Row,
}

/// Reads cells one after another. A row is all cells up to one that ends in [`End::Row`].
pub(super) struct Records<'a> {
    text: &'a str,
    at: usize,
    dialect: Dialect,
    unescaped: String,
}

impl<'a> Records<'a> {
    /// The rows of `text`.
    pub(super) fn new(text: &'a str, dialect: Dialect) -> Self {
        Self { text, at: 0, dialect, unescaped: String::new() }
    }

    /// The position in the text.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// True after the last row.
    pub(super) fn done(&self) -> bool {
        self.at >= self.text.len()
    }

    /// At the start of a row: passes it by if it holds nothing but spaces.
    pub(super) fn skip_blank(&mut self) -> bool {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        while let Some(byte) = bytes.get(at) {
            match byte {
                byte if *byte == self.dialect.terminator => {
                    self.at = at + 1;
                    return true;
                }
                byte if *byte == self.dialect.delimiter => return false,
                b' ' | b'\r' => at += 1,
                _ => return false,
            }
        }
        self.at = bytes.len();
        true
    }

    /// Passes a row by.
    pub(super) fn skip(&mut self) {
        while !self.done() && self.cell().1 == End::Cell {}
    }

    /// The next cell and what follows it.
    pub(super) fn cell(&mut self) -> (&str, End) {
        if self.dialect.quotes != Quotes::None && self.text.as_bytes().get(self.at) == Some(&b'"') {
            return self.quoted();
        }
        let start = self.at;
        let (stop, end) = self.finish(start);
        let bytes = self.text.as_bytes();
        let trim = end == End::Row && self.dialect.terminator == b'\n' && stop > start && bytes[stop - 1] == b'\r';
        (self.text.get(start..stop - usize::from(trim)).unwrap_or_default(), end)
    }

    /// Moves behind the delimiter or row end at or after `from`, and returns where that stands.
    fn finish(&mut self, from: usize) -> (usize, End) {
        let bytes = self.text.as_bytes();
        let Dialect { delimiter, terminator, .. } = self.dialect;
        let near = bytes.len().min(from + 16);
        let mut stop = from;
        // Most cells are short: looking at a few bytes one by one is quicker than setting up a search.
        while stop < near && bytes[stop] != delimiter && bytes[stop] != terminator {
            stop += 1;
        }
        if stop == near {
            stop +=
                bytes.get(near..).and_then(|rest| memchr2(delimiter, terminator, rest)).unwrap_or(bytes.len() - near);
        }
        self.at = (stop + 1).min(bytes.len());
        let more = bytes.get(stop) == Some(&delimiter);
        (stop, if more { End::Cell } else { End::Row })
    }

    /// The quoted cell whose opening quote is next.
    fn quoted(&mut self) -> (&str, End) {
        let (start, bytes) = (self.at + 1, self.text.as_bytes());
        let (close, escaped) = closing(bytes, self.at, self.dialect.quotes);
        let (_, end) = self.finish((close + 1).min(bytes.len()));
        let content = self.text.get(start..close).unwrap_or_default();
        if !escaped {
            return (content, end);
        }
        self.unescaped.clear();
        let mut rest = content;
        while let Some(at) = next_escape(rest.as_bytes(), self.dialect.quotes) {
            self.unescaped.push_str(rest.get(..at).unwrap_or_default());
            self.unescaped.push('"');
            rest = rest.get(at + 2..).unwrap_or_default();
        }
        self.unescaped.push_str(rest);
        (&self.unescaped, end)
    }
}

/// Where the quote that opens at `open` is closed (the end of the text if it never is), and whether quotes are escaped
/// in between.
fn closing(bytes: &[u8], open: usize, quotes: Quotes) -> (usize, bool) {
    let (mut at, mut escaped) = (open + 1, false);
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let found = match quotes {
            Quotes::Backslash => memchr2(b'"', b'\\', rest),
            _ => memchr(b'"', rest),
        };
        let Some(found) = found else { return (bytes.len(), escaped) };
        match (rest[found], rest.get(found + 1)) {
            (b'"', Some(b'"')) | (b'\\', Some(b'"')) => {
                escaped = true;
                at += found + 2;
            }
            (b'\\', Some(b'\\')) => at += found + 2,
            (b'\\', _) => at += found + 1,
            _ => return (at + found, escaped),
        }
    }
}

/// The next `""` (or `\"`) in the content of a quoted cell.
fn next_escape(content: &[u8], quotes: Quotes) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = content.get(at..)?;
        let found = match quotes {
            Quotes::Backslash => memchr2(b'"', b'\\', rest),
            _ => memchr(b'"', rest),
        }?;
        match (rest[found], rest.get(found + 1)) {
            (_, Some(b'"')) => return Some(at + found),
            (b'\\', Some(b'\\')) => at += found + 2,
            _ => at += found + 1,
        }
    }
}

/// Cuts `text` behind row ends into pieces of at least `size` bytes, and checks that every quote is closed where its
/// cell ends. The outer error is a cancelled work.
pub(super) fn split(
    text: &[u8],
    dialect: Dialect,
    size: usize,
    work: &Work,
    mut piece: impl FnMut(Range<usize>),
) -> Result<Result<(), Fault>> {
    let (mut start, mut at, mut checked) = (0, 0, 0usize);
    loop {
        let open = if dialect.quotes == Quotes::None { None } else { opening(text, at, dialect) };
        let end = open.unwrap_or(text.len());
        // No quote is open between `at` and `end`: every row end there is one.
        while let Some(rest) = text.get(at.max(start + size)..end) {
            let Some(found) = memchr(dialect.terminator, rest) else { break };
            let next = end - rest.len() + found + 1;
            piece(start..next);
            start = next;
            work.check()?;
        }
        let Some(open) = open else { break };
        let (close, _) = closing(text, open, dialect.quotes);
        if close >= text.len() {
            return Ok(Err(Fault::Open { at: open }));
        }
        at = close + 1;
        while text.get(at).is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\r') && is_inside(*byte, dialect)) {
            at += 1;
        }
        if text.get(at).is_some_and(|byte| is_inside(*byte, dialect)) {
            return Ok(Err(Fault::After { open, close }));
        }
        checked += 1;
        if checked.is_multiple_of(1 << 14) {
            work.check()?;
        }
    }
    if start < text.len() {
        piece(start..text.len());
    }
    Ok(Ok(()))
}

/// True unless the byte ends a cell.
fn is_inside(byte: u8, dialect: Dialect) -> bool {
    byte != dialect.delimiter && byte != dialect.terminator
}

/// The first quote at or after `from` that opens a cell; others are part of the text.
fn opening(text: &[u8], from: usize, dialect: Dialect) -> Option<usize> {
    let mut at = from;
    loop {
        let found = at + memchr(b'"', text.get(at..)?)?;
        match found.checked_sub(1).and_then(|before| text.get(before)) {
            Some(before) if is_inside(*before, dialect) => at = found + 1,
            _ => return Some(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: Dialect = Dialect { delimiter: b',', quotes: Quotes::Doubled, terminator: b'\n' };

    fn rows(text: &str, dialect: Dialect) -> Vec<Vec<String>> {
        let mut records = Records::new(text, dialect);
        let mut rows = Vec::new();
        while !records.done() {
            let mut row = Vec::new();
            loop {
                let (cell, end) = records.cell();
                row.push(cell.to_owned());
                if end == End::Row {
                    break;
                }
            }
            rows.push(row);
        }
        rows
    }

    #[test]
    fn cells_are_read_as_rfc_4180_has_them() {
        let check = |text: &str, expected: &[&[&str]]| assert_eq!(rows(text, COMMA), expected, "{text:?}");
        check("a,b\n1,2\n", &[&["a", "b"], &["1", "2"]]);
        check("a,b\r\n1,2", &[&["a", "b"], &["1", "2"]]);
        check("a,\n,b", &[&["a", ""], &["", "b"]]);
        check("\"a,b\",\"c\nd\"\n", &[&["a,b", "c\nd"]]);
        check("\"say \"\"hi\"\"\",x", &[&["say \"hi\"", "x"]]);
        check("\"\",\"\"\"\"", &[&["", "\""]]);
        check("5\" disk,it's \"so\"\n", &[&["5\" disk", "it's \"so\""]]);
        check("\"a\" ,b\r\n", &[&["a", "b"]]);
        check("a\rb,c\n", &[&["a\rb", "c"]]);
        check("가,나\n다,\"라\"\"마\"\n", &[&["가", "나"], &["다", "라\"마"]]);
        check(
            "a long cell of more than sixteen bytes,and another one\n",
            &[&["a long cell of more than sixteen bytes", "and another one"]],
        );
    }

    #[test]
    fn other_dialects() {
        let old_mac = Dialect { terminator: b'\r', ..COMMA };
        assert_eq!(rows("a,b\r1,2\r", old_mac), [["a", "b"], ["1", "2"]]);
        let backslash = Dialect { quotes: Quotes::Backslash, ..COMMA };
        assert_eq!(rows(r#""a \"b\" c\\","d\n""#, backslash), [[r#"a "b" c\\"#, r"d\n"]]);
        let none = Dialect { quotes: Quotes::None, delimiter: b'\t', ..COMMA };
        assert_eq!(rows("\"a\tb\n", none), [["\"a", "b"]]);
    }

    #[test]
    fn pieces_hold_whole_rows_whatever_their_size() {
        let text = "a,b\n\"x\ny\",\"1\"\"\n\"\n\n가\"나,\"\n\"\nlast,one";
        for size in 0..text.len() + 2 {
            let mut pieces = Vec::new();
            split(text.as_bytes(), COMMA, size, &Work::new(), |piece| pieces.push(piece)).unwrap().unwrap();
            let joined: Vec<_> = pieces.iter().flat_map(|piece| rows(&text[piece.clone()], COMMA)).collect();
            assert_eq!(joined, rows(text, COMMA), "pieces of {size}");
            assert_eq!(pieces.last().unwrap().end, text.len());
        }
    }

    #[test]
    fn broken_quotes_are_found_where_they_open() {
        let check = |text: &str, expected: Result<(), Fault>| {
            assert_eq!(split(text.as_bytes(), COMMA, 4, &Work::new(), |_| {}).unwrap(), expected, "{text:?}");
        };
        check("a,b\n1,\"2\n3,4\n", Err(Fault::Open { at: 6 }));
        check("\"", Err(Fault::Open { at: 0 }));
        check("\"a\"\"", Err(Fault::Open { at: 0 }));
        check("1,\"hello\n2,\"world\"\n", Err(Fault::After { open: 2, close: 11 }));
        check("\"a\"b\n", Err(Fault::After { open: 0, close: 2 }));
        check("\"a\" \r\n\"b\"", Ok(()));
        check("5\" disk,6\" disk\n7\"", Ok(()));
        check("", Ok(()));
    }
}
