//! JSON as annotation files use it: large arrays read element by element on all cores, and a writer that is as fast as
//! the disk.

use std::ops::Range;

use rayon::prelude::*;
use serde_json::Value;

use crate::engine::{Error, Result, Work};

/// Elements that one thread reads between two looks at whether the work was cancelled.
const BATCH: usize = 1024;

/// The outermost value of a JSON file, its parts not yet read.
#[derive(Debug)]
pub(super) enum Top {
    /// An array; [`records`] finds its elements.
    Array,
    /// The fields of an object.
    Object(Vec<Field>),
}

/// A field of the outermost object, not yet read.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) key: String,
    /// Where its value stands in the text.
    pub(super) place: Range<usize>,
    /// Where the elements stand, if the value is an array.
    elements: Option<Vec<Range<usize>>>,
}

impl Field {
    /// The places of the array's elements inside `text`.
    ///
    /// # Errors
    /// If the value is no array.
    pub(super) fn elements(&self, text: &[u8]) -> Result<&[Range<usize>]> {
        self.elements.as_deref().ok_or_else(|| wrong(text, self.place.start, "an array is expected here"))
    }
}

/// The outermost value of the text.
///
/// # Errors
/// If it is neither an array nor an object, or is cut off; where its parts are wrong is found when they are read.
pub(super) fn top(text: &[u8]) -> Result<Top> {
    let mut scan = Scan { text, at: 0 };
    match scan.peek() {
        Some(b'[') => Ok(Top::Array),
        Some(b'{') => Ok(Top::Object(scan.fields()?)),
        Some(_) => Err(Error::input("the file is not JSON: it begins with neither [ nor {").at("line 1")),
        None => Err(Error::input("the file is empty")),
    }
}

/// The places of a file's records: the elements of an array, one object a line, or objects one after another however
/// they are laid out.
///
/// # Errors
/// If the file is cut off within a record.
pub(super) fn records(text: &[u8]) -> Result<Vec<Range<usize>>> {
    let mut scan = Scan { text, at: 0 };
    if scan.peek() == Some(b'[') {
        return scan.elements();
    }
    if first_line_is_whole(text) {
        return Ok(lines(text));
    }
    let mut records = Vec::new();
    while scan.peek().is_some() {
        records.push(scan.value()?);
    }
    Ok(records)
}

fn lines(text: &[u8]) -> Vec<Range<usize>> {
    let mut start = 0;
    let ends = memchr::memchr_iter(b'\n', text).chain(std::iter::once(text.len()));
    let mut lines = Vec::new();
    for end in ends {
        if text.get(start..end).is_some_and(|line| !line.trim_ascii().is_empty()) {
            lines.push(start..end);
        }
        start = end + 1;
    }
    lines
}

fn first_line_is_whole(text: &[u8]) -> bool {
    lines(text.get(..text.len().min(1 << 22)).unwrap_or(text)).first().is_some_and(|line| {
        let first = text.get(line.clone()).unwrap_or_default();
        let mut scan = Scan { text: first, at: 0 };
        scan.value().is_ok() && scan.peek().is_none()
    })
}

/// Reads records on all cores, in order. `make` gets batches of values with the number of the first.
///
/// # Errors
/// If a record is not JSON; the error names its line. Or as `make`, or if the work was cancelled.
pub(super) fn map_batches<T: Send>(
    text: &[u8],
    records: &[Range<usize>],
    work: &Work,
    make: impl Fn(usize, Vec<Value>) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let batches: Vec<(usize, &[Range<usize>])> =
        records.chunks(BATCH).enumerate().map(|(at, batch)| (at * BATCH, batch)).collect();
    batches
        .into_par_iter()
        .map(|(first, batch)| {
            work.advance(batch.len() as u64)?;
            let values: Result<Vec<Value>> = batch.iter().map(|place| parse(text, place)).collect();
            make(first, values?)
        })
        .collect()
}

/// Reads records on all cores, in order, where `make` reads them itself: it gets the places of a batch.
///
/// # Errors
/// As `make`, or if the work was cancelled.
pub(super) fn map_places<T: Send>(
    records: &[Range<usize>],
    work: &Work,
    make: impl Fn(&[Range<usize>]) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let of_batch = |batch: &[Range<usize>]| {
        work.advance(batch.len() as u64)?;
        make(batch)
    };
    records.par_chunks(BATCH).map(of_batch).collect()
}

/// Reads one value.
///
/// # Errors
/// If it is not JSON; the error names the line.
pub(super) fn parse(text: &[u8], place: &Range<usize>) -> Result<Value> {
    let part = text.get(place.clone()).unwrap_or_default();
    serde_json::from_slice(part).map_err(|error| {
        let shown = error.to_string();
        let reason = shown.split(" at line ").next().unwrap_or_default().to_owned();
        let inner = error.line().saturating_sub(1);
        wrong(text, place.start, &reason).at_line_offset(inner)
    })
}

/// An error at a byte of the text, with its line.
fn wrong(text: &[u8], at: usize, reason: &str) -> Error {
    let line = 1 + memchr::memchr_iter(b'\n', text.get(..at).unwrap_or(text)).count();
    Error::input(format!("this is not JSON ({reason})")).at(format!("line {line}"))
}

/// Moves the line of an error.
trait LineOffset {
    fn at_line_offset(self, lines: usize) -> Error;
}

impl LineOffset for Error {
    fn at_line_offset(self, lines: usize) -> Error {
        if lines == 0 {
            return self;
        }
        let line = self.place().and_then(|place| place.strip_prefix("line ")).and_then(|line| line.parse().ok());
        match line {
            Some(line) => Error::input(self.what()).at(format!("line {}", lines + usize::max(line, 1))),
            None => self,
        }
    }
}

/// Finds where values begin and end without reading them.
struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    /// The next byte that is not blank.
    fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.text.get(self.at) {
            if !byte.is_ascii_whitespace() {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    fn cut(&self) -> Error {
        wrong(self.text, self.at, "it is cut off").help("the file is incomplete: copy or export it again")
    }

    fn elements(&mut self) -> Result<Vec<Range<usize>>> {
        self.at += 1;
        let mut elements = Vec::new();
        loop {
            match self.peek() {
                Some(b']') => return self.closed(elements),
                Some(_) => elements.push(self.value()?),
                None => return Err(self.cut()),
            }
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => return self.closed(elements),
                Some(_) => return Err(wrong(self.text, self.at, "a comma or ] is expected here")),
                None => return Err(self.cut()),
            }
        }
    }

    fn closed<T>(&mut self, found: T) -> Result<T> {
        self.at += 1;
        Ok(found)
    }

    fn fields(&mut self) -> Result<Vec<Field>> {
        self.at += 1;
        let mut fields = Vec::new();
        loop {
            match self.peek() {
                Some(b'}') => return self.closed(fields),
                Some(b'"') => {}
                Some(_) => return Err(wrong(self.text, self.at, "a key is expected here")),
                None => return Err(self.cut()),
            }
            let place = self.value()?;
            let key = match parse(self.text, &place)? {
                Value::String(key) => key,
                _ => return Err(wrong(self.text, place.start, "a key is expected here")),
            };
            if self.peek() != Some(b':') {
                return Err(wrong(self.text, self.at, "a colon is expected here"));
            }
            self.at += 1;
            fields.push(self.field(key)?);
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => return self.closed(fields),
                Some(_) => return Err(wrong(self.text, self.at, "a comma or } is expected here")),
                None => return Err(self.cut()),
            }
        }
    }

    /// The field whose value begins here. An array's elements are found on the way, since a second look at a large file
    /// costs as much as the first.
    fn field(&mut self, key: String) -> Result<Field> {
        match self.peek() {
            None => Err(self.cut()),
            Some(b'[') => {
                let start = self.at;
                let elements = self.elements()?;
                Ok(Field { key, place: start..self.at, elements: Some(elements) })
            }
            Some(_) => Ok(Field { key, place: self.value()?, elements: None }),
        }
    }

    /// The place of the value that begins here.
    fn value(&mut self) -> Result<Range<usize>> {
        self.peek();
        let (start, mut depth) = (self.at, 0usize);
        loop {
            let Some(byte) = self.text.get(self.at).copied() else {
                // A number or word may end with the text.
                return if depth == 0 && self.at > start { Ok(start..self.at) } else { Err(self.cut()) };
            };
            match byte {
                b'"' => {
                    self.string()?;
                    if depth == 0 {
                        return Ok(start..self.at);
                    }
                    continue;
                }
                b'[' | b'{' => depth += 1,
                b']' | b'}' if depth == 0 => {
                    return if self.at > start {
                        Ok(start..self.at)
                    } else {
                        Err(wrong(self.text, self.at, "a value is expected here"))
                    };
                }
                b']' | b'}' => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += 1;
                        return Ok(start..self.at);
                    }
                }
                b',' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => {
                    return if self.at > start {
                        Ok(start..self.at)
                    } else {
                        Err(wrong(self.text, self.at, "a value is expected here"))
                    };
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Moves behind the string that begins here.
    fn string(&mut self) -> Result<()> {
        self.at += 1;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let Some(step) = memchr::memchr2(b'"', b'\\', rest) else { return Err(self.cut()) };
            let is_end = rest.get(step) == Some(&b'"');
            self.at += step + if is_end { 1 } else { 2 };
            if is_end {
                return Ok(());
            }
        }
    }
}

/// A field as text; numbers are shown.
pub(super) fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(shown)
}

/// A value as text, if it is text or a number.
pub(super) fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

/// A value as a number; a number in quotes counts, as real files have them. What is not finite is none.
pub(super) fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok()?,
        other => other.as_f64()?,
    };
    number.is_finite().then_some(number)
}

/// A field as a number.
pub(super) fn number_at(value: &Value, key: &str) -> Option<f64> {
    value.get(key).and_then(number)
}

/// A value as a whole number that is not negative.
pub(super) fn whole(value: &Value) -> Option<usize> {
    number(value)
        .filter(|number| *number >= 0.0 && number.fract() == 0.0 && *number < 1e15)
        .map(|number| number as usize)
}

/// A field as a list; nothing counts as an empty one.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A value as points: `[[x, y], …]` or `[x, y, x, y, …]` or `[{"x": …, "y": …}, …]`.
pub(super) fn points(value: &Value) -> Option<Vec<super::model::Point>> {
    use super::model::Point;
    let list = value.as_array()?;
    if list.first().is_some_and(|first| first.is_array() || first.is_object()) {
        return list
            .iter()
            .map(|pair| match pair {
                Value::Array(pair) => Some(Point::new(number(pair.first()?)?, number(pair.get(1)?)?)),
                other => Some(Point::new(number_at(other, "x")?, number_at(other, "y")?)),
            })
            .collect();
    }
    let flat: Vec<f64> = list.iter().map(number).collect::<Option<_>>()?;
    flat.len().is_multiple_of(2).then(|| flat.chunks_exact(2).map(|pair| Point::new(pair[0], pair[1])).collect())
}

/// Writes JSON piece by piece. Keys and values are put in order; commas come by themselves.
#[derive(Debug, Default)]
pub(super) struct Json {
    out: String,
    comma: bool,
}

impl Json {
    /// What was written so far, which is taken.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    fn before(&mut self) {
        if self.comma {
            self.out.push(',');
        }
        self.comma = true;
    }

    /// Begins an object (`{`) or array (`[`).
    pub(super) fn open(&mut self, bracket: char) -> &mut Self {
        self.before();
        self.out.push(bracket);
        self.comma = false;
        self
    }

    /// Ends an object (`}`) or array (`]`).
    pub(super) fn close(&mut self, bracket: char) -> &mut Self {
        self.out.push(bracket);
        self.comma = true;
        self
    }

    /// A line end between records of a JSON Lines file, or between elements.
    pub(super) fn line(&mut self, between: &str) -> &mut Self {
        self.out.push_str(between);
        self.comma = false;
        self
    }

    /// A key; its value follows.
    pub(super) fn key(&mut self, key: &str) -> &mut Self {
        self.before();
        quote(&mut self.out, key);
        self.out.push(':');
        self.comma = false;
        self
    }

    /// A text.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.before();
        quote(&mut self.out, text);
        self
    }

    /// A number, the shortest that reads back the same; null if it is not finite.
    pub(super) fn number(&mut self, number: f64) -> &mut Self {
        use std::fmt::Write as _;
        self.before();
        if number.is_finite() {
            let _ = write!(self.out, "{number}");
        } else {
            self.out.push_str("null");
        }
        self
    }

    /// A whole number.
    pub(super) fn whole(&mut self, number: usize) -> &mut Self {
        use std::fmt::Write as _;
        self.before();
        let _ = write!(self.out, "{number}");
        self
    }

    /// A truth value.
    pub(super) fn truth(&mut self, yes: bool) -> &mut Self {
        self.before();
        self.out.push_str(if yes { "true" } else { "false" });
        self
    }

    /// Nothing.
    pub(super) fn null(&mut self) -> &mut Self {
        self.before();
        self.out.push_str("null");
        self
    }

    /// A value as it is.
    pub(super) fn value(&mut self, value: &Value) -> &mut Self {
        self.before();
        self.out.push_str(&value.to_string());
        self
    }

    /// Numbers in an array.
    pub(super) fn numbers(&mut self, numbers: impl IntoIterator<Item = f64>) -> &mut Self {
        self.open('[');
        for number in numbers {
            self.number(number);
        }
        self.close(']')
    }

    /// Pairs as fields of the object under way.
    pub(super) fn fields(&mut self, pairs: &[(String, Value)]) -> &mut Self {
        for (key, value) in pairs {
            self.key(key).value(value);
        }
        self
    }
}

/// Appends a text in quotes (RFC 8259, 7).
fn quote(out: &mut String, text: &str) {
    use std::fmt::Write as _;
    out.push('"');
    let mut done = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escaped = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(text.get(done..at).unwrap_or_default());
        if escaped.is_empty() {
            let _ = write!(out, "\\u{byte:04x}");
        } else {
            out.push_str(escaped);
        }
        done = at + 1;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown_records(text: &str) -> Vec<String> {
        let text = text.as_bytes();
        records(text)
            .unwrap()
            .into_iter()
            .map(|place| String::from_utf8_lossy(&text[place]).trim().to_owned())
            .collect()
    }

    #[test]
    fn records_are_found_however_they_are_laid_out() {
        assert_eq!(shown_records("{\"a\":1}\n\n{\"a\":\"}\"}\r\n"), ["{\"a\":1}", "{\"a\":\"}\"}"]);
        assert_eq!(shown_records("[ {\"a\":[1,2]} , 3,\"]\"]"), ["{\"a\":[1,2]}", "3", "\"]\""]);
        assert_eq!(shown_records("{\n \"a\": 1\n}\n{\n \"a\": 2\n}"), ["{\n \"a\": 1\n}", "{\n \"a\": 2\n}"]);
        assert_eq!(shown_records(""), Vec::<String>::new());
    }

    #[test]
    fn an_object_is_taken_apart() {
        let text = b" {\"a\" : [1, {\"b\":2}], \"c\\\"\":\"x\"}";
        let Top::Object(fields) = top(text).unwrap() else { panic!("an object") };
        assert_eq!(fields.iter().map(|field| field.key.as_str()).collect::<Vec<_>>(), ["a", "c\""]);
        assert!(fields[1].elements(text).is_err());
        assert_eq!(fields[0].elements(text).unwrap().len(), 2);
    }

    #[test]
    fn broken_files_name_the_line() {
        let check = |text: &str, line: &str| {
            let text = text.as_bytes();
            let read = top(text).and_then(|top| {
                let places = match top {
                    Top::Array => records(text)?,
                    Top::Object(fields) => fields.into_iter().map(|field| field.place).collect(),
                };
                places.iter().map(|place| parse(text, place)).collect::<Result<Vec<_>>>()
            });
            assert_eq!(read.unwrap_err().place(), Some(line));
        };
        check("[1,\n2", "line 2");
        check("[1,\n{\"a\":\n nope}]", "line 3");
        check("{\"a\" 1}", "line 1");
        check("x", "line 1");
        check("[\"ab", "line 1");
    }

    proptest::proptest! {
        #[test]
        fn texts_are_written_as_they_read(text in "\\PC{0,20}[\u{0}-\u{1f}]{0,3}\\PC{0,5}") {
            let mut json = Json::default();
            json.text(&text);
            let read: Value = serde_json::from_str(&json.take()).unwrap();
            proptest::prop_assert_eq!(read.as_str(), Some(text.as_str()));
        }

        #[test]
        fn any_text_is_scanned_or_refused(text in "[\\[\\]{}\",:a1 \n\\\\]{0,40}") {
            let _ = top(text.as_bytes());
            let _ = records(text.as_bytes());
        }
    }
}
