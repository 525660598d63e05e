//! What a command has to say: a text for people, fields for programs, and whether what was asked about holds.

use std::io::Write as _;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::Opening;
use crate::engine::Error;

/// The outcome of a command that ran.
#[derive(Debug)]
pub(super) struct Answer {
    rows: u64,
    fields: Map<String, Value>,
    text: String,
    holds: bool,
    faults: Vec<Error>,
    opening: Option<Opening>,
}

impl Answer {
    /// An answer about `rows` rows; `fields` is a JSON object.
    pub(super) fn new(rows: usize, fields: Value) -> Self {
        let fields = match fields {
            Value::Object(fields) => fields,
            other => Map::from_iter([("result".to_owned(), other)]),
        };
        Self { rows: rows as u64, fields, text: String::new(), holds: true, faults: Vec::new(), opening: None }
    }

    /// Adds a paragraph for people.
    pub(super) fn say(mut self, text: impl AsRef<str>) -> Self {
        let text = text.as_ref().trim_end_matches('\n');
        if !text.is_empty() {
            self.text.push_str(text);
            self.text.push('\n');
        }
        self
    }

    /// Asks for the window to be opened after the answer was printed.
    pub(super) fn then_open(mut self, opening: Opening) -> Self {
        self.opening = Some(opening);
        self
    }

    /// Says whether what was asked about holds; if not, the exit code is 1.
    pub(super) fn holding(mut self, holds: bool) -> Self {
        self.holds = holds;
        self
    }

    /// Adds what was wrong with the input although the rest could be done; it makes the exit code that of an error.
    pub(super) fn wrong(mut self, faults: Vec<Error>) -> Self {
        self.faults.extend(faults);
        self
    }

    pub(super) fn faults(&self) -> &[Error] {
        &self.faults
    }

    pub(super) fn holds(&self) -> bool {
        self.holds
    }

    pub(super) fn opening(&self) -> Option<&Opening> {
        self.opening.as_ref()
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// The one JSON object, with the fields that all commands share in front.
    pub(super) fn json(self, command: &str, started: Instant, warnings: &[String]) -> String {
        let seconds = (started.elapsed().as_secs_f64() * 1e6).round() / 1e6;
        let mut object = Map::new();
        object.insert("lapidary".to_owned(), json!(env!("CARGO_PKG_VERSION")));
        object.insert("command".to_owned(), json!(command));
        object.insert("seconds".to_owned(), json!(seconds));
        object.insert("rows".to_owned(), json!(self.rows));
        object.extend(self.fields);
        object.insert("warnings".to_owned(), json!(warnings));
        format!("{}\n", Value::Object(object))
    }
}

/// Prints on stdout and returns the exit code. A reader that has closed its end (`| head`) has read what it wanted.
pub(super) fn print(text: &str, code: u8) -> u8 {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => code,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => code,
        Err(error) => {
            tell(&format!("error: cannot write to the standard output, {error}"));
            2
        }
    }
}

/// Writes a line on stderr. Where nobody listens there is nobody to tell.
pub(super) fn tell(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_fields_come_first_and_what_is_not_a_number_is_null() {
        let answer =
            Answer::new(7, json!({ "accuracy": f64::NAN, "model": "majority" })).say("one").say("").say("two\n");
        let text = answer.json("label-model", Instant::now(), &["careful".to_owned()]);
        let object: Map<String, Value> = serde_json::from_str(&text).unwrap();
        let names: Vec<_> = object.keys().map(String::as_str).collect();
        assert_eq!(names, ["lapidary", "command", "seconds", "rows", "accuracy", "model", "warnings"]);
        assert_eq!((&object["rows"], &object["accuracy"]), (&json!(7), &Value::Null));
        assert_eq!(Answer::new(0, json!({})).say("one").say("").say("two\n").into_text(), "one\ntwo\n");
    }
}
