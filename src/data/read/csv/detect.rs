//! How a CSV file is laid out: its delimiter, whether its first row names the columns, and their likely types.

use super::scan::{Dialect, End, Quotes, Records};
use crate::data::read::ReadOptions;
use crate::data::read::infer::{Type, is_missing, trim};
use crate::data::read::names::{nameless, unique};
use crate::engine::{Error, Result};

/// Rows that detection looks at.
const SAMPLE: usize = 200;

/// Delimiters that are detected. Between two that fit equally well the first is taken: a comma may be a decimal
/// comma in every row, while the others do not come by chance.
const DELIMITERS: [u8; 4] = [b'\t', b';', b'|', b','];

/// What the first rows say of the table.
pub(super) struct Layout {
    /// The names of the columns, all different.
    pub(super) names: Vec<String>,
    /// The types of the columns in the sample.
    pub(super) types: Vec<Type>,
    /// Where the first row of data starts.
    pub(super) body: usize,
    /// What was assumed.
    pub(super) notes: Vec<String>,
}

/// The name of a delimiter in messages.
pub(super) fn delimiter_name(delimiter: u8) -> String {
    match delimiter {
        b',' => "commas".to_owned(),
        b';' => "semicolons".to_owned(),
        b'\t' => "tabs".to_owned(),
        b'|' => "vertical bars".to_owned(),
        other => format!("\"{}\"", char::from(other)),
    }
}

/// Detects how the text is written; `format` is "csv" or "tsv".
///
/// # Errors
/// If the options name a delimiter that cannot be one.
pub(super) fn dialect(head: &str, options: &ReadOptions, format: &str) -> Result<Dialect> {
    let bytes = head.as_bytes();
    let old_mac = memchr::memchr(b'\n', bytes).is_none() && memchr::memchr(b'\r', bytes).is_some();
    let terminator = if old_mac { b'\r' } else { b'\n' };
    let with = |delimiter| Dialect { delimiter, quotes: Quotes::Doubled, terminator };
    if let Some(wanted) = options.delimiter {
        return match u8::try_from(wanted) {
            Ok(byte) if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r' | b'\\') => Ok(with(byte)),
            _ => Err(Error::input("this cannot separate cells")
                .at(format!("{wanted:?}"))
                .help("name one ASCII character other than a quote, a backslash or a line end")),
        };
    }
    if format == "tsv" && memchr::memchr(b'\t', bytes).is_some() {
        return Ok(with(b'\t'));
    }
    let mut best = (0.0, b',');
    for delimiter in DELIMITERS {
        if let Some(fit) = fit(head, with(delimiter))
            && fit > best.0
        {
            best = (fit, delimiter);
        }
    }
    Ok(with(best.1))
}

/// The share of the first rows that have as many cells as the first one, if that has more than one.
fn fit(head: &str, dialect: Dialect) -> Option<f64> {
    let rows = sample(head, dialect);
    let cells = rows.first().map(Vec::len).filter(|cells| *cells > 1)?;
    Some(rows.iter().filter(|row| row.len() == cells).count() as f64 / rows.len() as f64)
}

/// The first rows that are not blank. The last row of the head may be cut, and is left out if there are others.
fn sample(head: &str, dialect: Dialect) -> Vec<Vec<String>> {
    let mut records = Records::new(head, dialect);
    let mut rows = Vec::new();
    while rows.len() < SAMPLE && !records.done() {
        if !records.skip_blank() {
            rows.push(row(&mut records));
        }
    }
    if records.done() && head.len() >= super::HEAD - 3 && rows.len() > 1 {
        rows.pop();
    }
    rows
}

fn row(records: &mut Records<'_>) -> Vec<String> {
    let mut cells = Vec::new();
    loop {
        let (cell, end) = records.cell();
        cells.push(cell.to_owned());
        if end == End::Row {
            return cells;
        }
    }
}

/// Detects the columns; `header` overrides the detection of a header.
pub(super) fn layout(head: &str, dialect: Dialect, header: Option<bool>) -> Layout {
    let rows = sample(head, dialect);
    let Some((first, rest)) = rows.split_first() else {
        return Layout { names: Vec::new(), types: Vec::new(), body: head.len(), notes: Vec::new() };
    };
    let types = |rows: &[Vec<String>]| -> Vec<Type> {
        (0..first.len())
            .map(|column| {
                let cells = rows.iter().filter_map(|row| row.get(column));
                cells.map(|cell| Type::of(cell)).fold(Type::Missing, Type::join)
            })
            .collect()
    };
    let typed = types(rest);
    if header.unwrap_or_else(|| is_header(first, &typed, rest.is_empty())) {
        let (names, notes) = unique(first.iter().map(|name| name.trim()));
        let mut records = Records::new(head, dialect);
        while !records.done() && records.skip_blank() {}
        records.skip();
        return Layout { names, types: typed, body: records.at(), notes };
    }
    let names = (1..=first.len()).map(nameless).collect();
    let notes = match header {
        Some(_) => Vec::new(),
        None => vec![format!("the first row looks like data, so the columns are called {} and so on", nameless(1))],
    };
    Layout { names, types: types(&rows), body: 0, notes }
}

/// Whether the first row names the columns: unless its cells fit the types of all typed columns below it.
pub(in crate::data::read) fn is_header(first: &[String], types: &[Type], alone: bool) -> bool {
    if alone {
        return !first.iter().all(|cell| matches!(Type::of(cell), Type::Int | Type::Float));
    }
    let typed: Vec<(&str, Type)> = first
        .iter()
        .zip(types)
        .filter(|(_, found)| !matches!(found, Type::Missing | Type::Text))
        .map(|(cell, found)| (trim(cell), *found))
        .collect();
    let fits = |cell: &str, found: Type| {
        let own = Type::of(cell);
        own == found || matches!((own, found), (Type::Int, Type::Float) | (Type::Float, Type::Int) | (Type::Missing, _))
    };
    let some = typed.iter().any(|(cell, _)| !is_missing(cell));
    if !some || !typed.iter().all(|(cell, found)| fits(cell, *found)) {
        return true;
    }
    is_numbering(first, types)
}

/// Whether a row of numbers are the column numbers 0, 1, 2, … that some tools write as names: above an index column
/// without a name, or above numbers with a point.
fn is_numbering(first: &[String], types: &[Type]) -> bool {
    let indexed = first.first().is_some_and(|cell| cell.is_empty());
    let numbers = first.get(usize::from(indexed)..).unwrap_or_default();
    let floats = types.iter().skip(usize::from(indexed)).all(|found| *found == Type::Float);
    numbers.len() > 1
        && (indexed || floats)
        && numbers.iter().enumerate().all(|(at, cell)| trim(cell) == at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_what_cuts_all_rows_alike() {
        let check = |text: &str, expected: u8| {
            let found = dialect(text, &ReadOptions::default(), "csv").unwrap().delimiter;
            assert_eq!(char::from(found), char::from(expected), "{text:?}");
        };
        check("a,b\n1,2\n", b',');
        check("a;b\n1,5;2,5\n", b';');
        check("1,5;2,5\n3,5;4,5\n", b';');
        check("a\tb\nx, y\tz\n", b'\t');
        check("a|b\n\"x|y\"|z\n", b'|');
        check("a,b\n\"x;y\",\"z;w\"\n", b',');
        check("text\nhello\n", b',');
        check("text, label\nAAA, Negative, Positive\n", b',');
        check("id,tags\n1,a;b\n2,c;d\n", b',');
        check("", b',');
        let tsv = |text: &str| dialect(text, &ReadOptions::default(), "tsv").unwrap().delimiter;
        assert_eq!((tsv("a,b\tc\n"), tsv("a,b\n1,2\n")), (b'\t', b','));
        let wanted = |wanted| dialect("a", &ReadOptions { delimiter: Some(wanted), ..Default::default() }, "csv");
        assert_eq!(wanted('^').unwrap().delimiter, b'^');
        assert!(wanted('가').is_err() && wanted('"').is_err());
    }

    #[test]
    fn a_header_is_told_from_data() {
        let check = |text: &str, expected: &[&str]| {
            let dialect = dialect(text, &ReadOptions::default(), "csv").unwrap();
            assert_eq!(layout(text, dialect, None).names, expected, "{text:?}");
        };
        check("id,text\n1,a\n", &["id", "text"]);
        check("text,label\na,b\n", &["text", "label"]);
        check("-1,1,0\n0,1,1\n", &["column_1", "column_2", "column_3"]);
        check("1\n1\n0\n", &["column_1"]);
        check("img.jpg,10,cat\nimg.jpg,20,dog\n", &["column_1", "column_2", "column_3"]);
        check("2019-01-01,a\n2019-01-02,b\n", &["column_1", "column_2"]);
        check("0,1,2\n0.5,0.1,0.2\n", &["0", "1", "2"]);
        check(",0,1\n0,5,7\n1,6,8\n", &["column_1", "0", "1"]);
        check("text,2019,2020\na,1,2\nb,3,4\n", &["column_1", "column_2", "column_3"]);
        check("a,b\n", &["a", "b"]);
        check("1,2\n", &["column_1", "column_2"]);
        check("a,a,,a_2, a\n1,2,3,4,5\n", &["a", "a_3", "column_3", "a_2", "a_4"]);
        check(",column_1\nx,y\n", &["column_1_2", "column_1"]);
        check("a,b\n,\n", &["a", "b"]);
    }

    #[test]
    fn the_header_can_be_named() {
        let dialect = dialect("1,2\n3,4\n", &ReadOptions::default(), "csv").unwrap();
        let named = layout("1,2\n3,4\n", dialect, Some(true));
        assert_eq!((named.names, named.body), (vec!["1".to_owned(), "2".to_owned()], 4));
        let bare = layout("a,b\nc,d\n", dialect, Some(false));
        assert_eq!((bare.names.len(), bare.body, bare.notes.len()), (2, 0, 0));
    }
}
