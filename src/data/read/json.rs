//! JSON: an array of objects, or an object of arrays.

use std::fmt;

use serde::de::{Deserializer as _, Error as _, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::cells::{Cells, RowSeed, Rows, frame, frame_of_columns};
use super::encoding::decode;
use super::{Format, ReadOptions, Source};
use crate::data::{Frame, ReadReport};
use crate::engine::{Error, Result, Work};

/// Rows gathered before a new piece is begun.
const PIECE_ROWS: usize = 1 << 16;

/// Bytes of text gathered before a new piece is begun.
const PIECE_BYTES: usize = 1 << 28;

/// JSON files.
pub(super) struct Json;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn read(&self, source: &Source, options: &ReadOptions, work: &Work) -> Result<(Frame, ReadReport)> {
        let decoded = decode(source.bytes(work)?, options.encoding.as_deref(), work)?;
        let mut notes = decoded.notes;
        let (frame, more) = parse(&decoded.bytes, options.limit, work)?;
        notes.extend(more);
        Ok((frame, ReadReport { format: self.name().to_owned(), notes }))
    }
}

/// Parses a JSON file.
pub(super) fn parse(bytes: &[u8], limit: Option<usize>, work: &Work) -> Result<(Frame, Vec<String>)> {
    work.stage("parsing rows", 0);
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => Err(Error::input("the file is empty")),
        Some(b'[') => array(bytes, limit, work),
        Some(b'{') => object(bytes, limit, work),
        Some(_) => Err(no_table()),
    }
}

fn no_table() -> Error {
    Error::input("the JSON holds no table")
        .help("a table is an array of objects, [{\"text\": \"…\"}, …], or an object of arrays, {\"text\": [\"…\", …]}")
}

fn broken(error: &serde_json::Error) -> Error {
    if error.is_eof() {
        return Error::input("the JSON is cut off")
            .at(format!("line {}", error.line()))
            .help("the file is incomplete: copy or export it again");
    }
    Error::input(format!("the file is not valid JSON ({})", super::jsonl::reason(error)))
        .at(format!("line {}", error.line()))
        .help("NaN and Infinity are written null; for one object a line, name the file .jsonl")
}

/// An array of objects, read without building it in memory first.
fn array(bytes: &[u8], limit: Option<usize>, work: &Work) -> Result<(Frame, Vec<String>)> {
    let mut parts = vec![Rows::default()];
    let mut seed = ArraySeed { parts: &mut parts, left: limit.unwrap_or(usize::MAX), work };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let outcome = deserializer.deserialize_seq(&mut seed).and_then(|()| deserializer.end());
    let enough = seed.left == 0;
    work.check()?;
    match outcome {
        // A preview stops in the middle of the array, which is no error.
        Err(error) if !enough => Err(broken(&error)),
        _ => frame(parts, work),
    }
}

/// Gathers the objects of an array.
struct ArraySeed<'a> {
    parts: &'a mut Vec<Rows>,
    left: usize,
    work: &'a Work,
}

impl<'de> Visitor<'de> for &mut ArraySeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let ArraySeed { parts, left, work } = self;
        while *left > 0 {
            let Some(rows) = parts.last_mut() else { break };
            if seq.next_element_seed(RowSeed(rows))?.is_none() {
                break;
            }
            *left -= 1;
            if rows.rows().is_multiple_of(256) {
                work.check().map_err(A::Error::custom)?;
            }
            if rows.rows() >= PIECE_ROWS || rows.rows().is_multiple_of(64) && rows.bytes() >= PIECE_BYTES {
                parts.push(Rows::default());
            }
        }
        Ok(())
    }
}

/// An object: of columns, or of one array of objects under some key; or the first of several, one a line.
fn object(bytes: &[u8], limit: Option<usize>, work: &Work) -> Result<(Frame, Vec<String>)> {
    let map: Map<String, Value> = match serde_json::from_slice(bytes) {
        Ok(map) => map,
        Err(whole) => {
            work.check()?;
            // Something after the first object: perhaps there is one a line.
            let (frame, mut notes) = super::jsonl::parse(bytes, limit, work)
                .map_err(|lines| if lines.is_cancelled() { lines } else { broken(&whole) })?;
            notes.push("the file holds one object a line instead of one array".to_owned());
            return Ok((frame, notes));
        }
    };
    work.check()?;
    if let Some((key, rows)) = only_table(&map) {
        let bytes = serde_json::to_vec(rows).map_err(|error| broken(&error))?;
        let (frame, mut notes) = array(&bytes, limit, work)?;
        notes.push(format!("the rows were found under the key \"{key}\""));
        return Ok((frame, notes));
    }
    if holds_several_tables(&map) {
        return Err(Error::input("the JSON holds several lists instead of one table")
            .help("name a file with one table; annotation files, such as COCO's, are for `import` and `convert`"));
    }
    let mut columns = Vec::with_capacity(map.len());
    let mut rows = None;
    for (name, value) in map {
        let values = match value {
            Value::Array(values) => values,
            // Some tools write a column as an object from row number to value.
            Value::Object(values) => values.into_iter().map(|(_, value)| value).collect(),
            _ => return Err(no_table()),
        };
        if *rows.get_or_insert(values.len()) != values.len() {
            return Err(Error::input("the columns are of unequal length")
                .at(name)
                .help("every array of the object must have one value for every row"));
        }
        let values = values.get(..limit.unwrap_or(usize::MAX).min(values.len())).unwrap_or_default();
        columns.push((name, Cells::from_values(values)?));
        work.check()?;
    }
    let rows = rows.unwrap_or(0).min(limit.unwrap_or(usize::MAX));
    frame_of_columns(columns, rows, work)
}

/// Whether the values are lists of objects of different lengths, which are no columns.
fn holds_several_tables(map: &Map<String, Value>) -> bool {
    let length = |value: &Value| match value {
        Value::Array(values) => values.len(),
        Value::Object(values) => values.len(),
        _ => 0,
    };
    let lists = map.values().filter(|value| value.as_array().is_some_and(|list| list.iter().any(Value::is_object)));
    lists.count() > 0 && map.values().any(|value| Some(length(value)) != map.values().next().map(length))
}

/// The only array of objects among the values, if the others are no columns.
fn only_table(map: &Map<String, Value>) -> Option<(&str, &Value)> {
    let is_rows = |value: &Value| match value {
        Value::Array(rows) => !rows.is_empty() && rows.iter().all(Value::is_object),
        _ => false,
    };
    let mut tables = map.iter().filter(|(_, value)| is_rows(value));
    let (key, rows) = tables.next()?;
    let others_are_columns = map.len() > 1 && map.values().all(Value::is_array);
    (tables.next().is_none() && !others_are_columns).then_some((key.as_str(), rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str, limit: Option<usize>) -> Result<String> {
        let (frame, _) = parse(text.as_bytes(), limit, &Work::new())?;
        let columns = frame.columns().iter().map(|column| {
            let cells: Vec<_> =
                (0..column.len()).map(|row| column.show(row).map_or("·".into(), |cell| cell.into_owned())).collect();
            format!("{}: {}", column.name(), cells.join(" "))
        });
        Ok(columns.collect::<Vec<_>>().join("; "))
    }

    #[test]
    fn every_usual_shape_of_a_table_is_read() {
        let check = |text: &str, expected: &str| assert_eq!(show(text, None).unwrap(), expected, "{text}");
        check("[{\"a\":1,\"b\":\"x\"},\n {\"b\":\"y\"}]", "a: 1 ·; b: x y");
        check(" {\"a\":[1,2],\"b\":[\"x\",null]}", "a: 1 2; b: x ·");
        check("{\"a\":{\"0\":1,\"1\":2},\"b\":{\"0\":\"x\",\"1\":\"y\"}}", "a: 1 2; b: x y");
        check("{\"version\":1,\"data\":[{\"a\":1},{\"a\":2}]}", "a: 1 2");
        check("{\"a\":1}\n{\"a\":2}\n", "a: 1 2");
        check("[]", "");
        check("{}", "");
        check("{\"a\":[[1],[2,3]]}", "a: [1] [2,3]");
        assert_eq!(show("[{\"a\":1},{\"a\":2},{\"a\":3}]", Some(2)).unwrap(), "a: 1 2");
        assert_eq!(show("{\"a\":[1,2,3]}", Some(2)).unwrap(), "a: 1 2");
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_place() {
        let check = |text: &str, what: &str| {
            let error = show(text, None).unwrap_err();
            assert!(error.to_string().contains(what), "{text}: {error}");
        };
        check("", "empty");
        check("7", "no table");
        check("{\"a\":1}", "no table");
        check("[1,2]", "an object");
        check("[{\"a\":1},\n{\"a\":", "cut off: line 2");
        check("[{\"a\":1},\n{\"a\":x}]", "line 2");
        check("{\"a\":[1,2],\"b\":[1]}", "unequal length: b");
        check("[{\"a\":1}] more", "trailing");
        check("{\"info\":{\"a\":1},\"images\":[{\"id\":1},{\"id\":2}],\"boxes\":[{\"id\":1}]}", "several lists");
    }

    #[test]
    fn long_arrays_are_read_in_pieces() {
        let rows: Vec<String> = (0..PIECE_ROWS + 10).map(|row| format!("{{\"id\":{row}}}")).collect();
        let (frame, _) = parse(format!("[{}]", rows.join(",")).as_bytes(), None, &Work::new()).unwrap();
        let id = frame.column("id").unwrap();
        assert_eq!((frame.rows(), id.number(PIECE_ROWS + 9)), (PIECE_ROWS + 10, Some((PIECE_ROWS + 9) as f64)));
    }
}
