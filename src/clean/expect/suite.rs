//! Suites from files: TOML of ours, and the JSON of Great Expectations, old (0.x) and new (1.x).

use std::path::Path;

use serde_json::{Map, Value};

use super::arguments::{Arguments, wrong};
use super::{Check, Expectation, Suite, catalogue, condition};
use crate::engine::{Error, Result, files};

impl Suite {
    /// Reads a suite; the ending of the name tells the form.
    ///
    /// # Errors
    /// If the file cannot be read or is no suite at all. Single expectations that cannot be understood are kept as
    /// [`Suite::faults`].
    pub fn read(path: &Path) -> Result<Self> {
        let text = files::read_text(path)?;
        let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        let suite = if is_json { Self::from_json(&text) } else { Self::from_toml(&text) };
        suite.map_err(|error| error.at(path.display()))
    }

    /// A suite in TOML: a list of `[[expectation]]` with the name under `expectation`, its arguments beside it, `mostly`
    /// and `where`.
    ///
    /// # Errors
    /// If it is not TOML, or not a suite.
    pub fn from_toml(text: &str) -> Result<Self> {
        let table: toml::Table = toml::from_str(text).map_err(|error| {
            let line =
                error.span().map_or(1, |span| text.get(..span.start).map_or(1, |head| head.matches('\n').count() + 1));
            Error::input(format!("this is not TOML: {}", error.message())).at(format!("line {line}"))
        })?;
        for key in table.keys() {
            if !["expectation", "name", "suite", "notes"].contains(&key.as_str()) {
                return Err(Error::input(format!("\"{key}\" is not part of a suite"))
                    .help("begin each expectation with [[expectation]]"));
            }
        }
        let name = table.get("name").and_then(toml::Value::as_str).map(str::to_owned);
        let entries = match table.get("expectation") {
            Some(toml::Value::Array(entries)) => entries.as_slice(),
            Some(_) => {
                return Err(Error::input("\"expectation\" is not a list of tables")
                    .help("begin each expectation with [[expectation]]"));
            }
            None => &[],
        };
        let lines = lines_of_entries(text);
        let each = |(index, entry): (usize, &toml::Value)| {
            let line = lines.get(index).map_or_else(String::new, |line| format!(", line {line}"));
            let place = format!("expectation {}{line}", index + 1);
            let toml::Value::Table(entry) = entry else {
                return fault(String::new(), Error::input("an expectation is a table of arguments").at(place));
            };
            let mut map: Map<String, Value> = entry.iter().map(|(key, value)| (key.clone(), json_of(value))).collect();
            let Some(Value::String(name)) = map.shift_remove("expectation") else {
                let error = Error::input("the name of the expectation is missing").at(place);
                return fault(String::new(), error.help("write expectation = \"expect_column_values_to_not_be_null\""));
            };
            make(name, map, &place)
        };
        Ok(Self { name, expectations: entries.iter().enumerate().map(each).collect() })
    }

    /// A suite of Great Expectations, as its JSON: `expectation_type` and `kwargs` (0.x) or `type` and `kwargs` (1.x).
    ///
    /// # Errors
    /// If it is not JSON, or not a suite.
    pub fn from_json(text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(text).map_err(|error| {
            Error::input(format!("this is not JSON: {error}")).help("a suite of Great Expectations is one JSON object")
        })?;
        // A checkpoint's or a validation's file holds the suite one level down.
        let suite = value.get("expectation_suite").or_else(|| value.get("suite")).filter(|it| it.is_object());
        let suite = suite.unwrap_or(&value);
        let entries = match suite {
            Value::Array(entries) => entries,
            other => match other.get("expectations") {
                Some(Value::Array(entries)) => entries,
                _ => {
                    return Err(Error::input("there is no list \"expectations\"")
                        .help("give the JSON of an expectation suite, as Great Expectations saves it"));
                }
            },
        };
        let name =
            ["name", "expectation_suite_name"].iter().find_map(|key| suite.get(key)?.as_str()).map(str::to_owned);
        let each = |(index, entry): (usize, &Value)| {
            let place = format!("expectation {}", index + 1);
            let named = ["type", "expectation_type", "expectation"].iter().find_map(|key| entry.get(key)?.as_str());
            let Some(named) = named else {
                let error = Error::input("the type of the expectation is missing").at(place);
                return fault(String::new(), error.help("write \"type\": \"expect_column_values_to_not_be_null\""));
            };
            match entry.get("kwargs") {
                Some(Value::Object(kwargs)) => make(named.to_owned(), kwargs.clone(), &place),
                None => make(named.to_owned(), Map::new(), &place),
                Some(other) => fault(named.to_owned(), wrong("kwargs", other, "an object", "{…}").at(place)),
            }
        };
        Ok(Self { name, expectations: entries.iter().enumerate().map(each).collect() })
    }
}

/// The lines on which the expectations of a TOML suite begin.
fn lines_of_entries(text: &str) -> Vec<usize> {
    let begins = |line: &str| line.split_whitespace().collect::<String>().starts_with("[[expectation]]");
    text.lines().enumerate().filter(|(_, line)| begins(line)).map(|(index, _)| index + 1).collect()
}

fn json_of(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text.as_str()),
        toml::Value::Integer(number) => Value::from(*number),
        // JSON has no infinities: an infinite bound is an open one.
        toml::Value::Float(number) => serde_json::Number::from_f64(*number).map_or(Value::Null, Value::Number),
        toml::Value::Boolean(value) => Value::from(*value),
        toml::Value::Datetime(time) => Value::from(time.to_string()),
        toml::Value::Array(items) => items.iter().map(json_of).collect(),
        toml::Value::Table(table) => {
            Value::Object(table.iter().map(|(key, value)| (key.clone(), json_of(value))).collect())
        }
    }
}

fn fault(name: String, error: Error) -> Expectation {
    Expectation { name, column: None, mostly: 1.0, condition: None, check: Err(error) }
}

/// An expectation from its name and arguments.
fn make(name: String, mut map: Map<String, Value>, place: &str) -> Expectation {
    // Either spelling of the two columns of a pair.
    for (small, large) in [("column_a", "column_A"), ("column_b", "column_B")] {
        if let Some(value) = map.shift_remove(small) {
            map.insert(large.to_owned(), value);
        }
    }
    let column = about(&map);
    let mostly = mostly(&map);
    let condition = row_condition(&map);
    let known = catalogue::find(&name);
    let canonical = known.as_ref().map_or_else(|_| name.clone(), |known| known.name.to_owned());
    let placed = |error: Error| error.at(format!("{place} ({canonical})"));
    let check = || -> Result<Check> {
        let known = known.clone()?;
        let check = known.check(&map)?;
        if mostly.clone()? < 1.0 && !known.judges_rows() {
            return Err(Error::input("mostly is a share of values, and this expectation judges none")
                .help("leave mostly out, or widen min_value and max_value"));
        }
        if let (Some(_), Check::Labelling(labelling)) = (condition.clone()?, &check)
            && !labelling.takes_where()
        {
            return Err(Error::input("no condition can limit what this is told from").help("leave where out"));
        }
        Ok(check)
    };
    let check = check().map_err(placed);
    Expectation {
        name: canonical.clone(),
        column,
        mostly: mostly.unwrap_or(1.0),
        condition: condition.unwrap_or(None),
        check,
    }
}

fn about(map: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
    let listed = || {
        let names = map.get("column_list")?.as_array()?;
        Some(names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "))
    };
    // Of labelling, what it is about stands in the place of a column.
    let named = || ["class", "annotator", "function"].into_iter().find_map(text);
    text("column")
        .or_else(named)
        .or_else(|| Some(format!("{}, {}", text("column_A")?, text("column_B")?)))
        .or_else(listed)
}

fn mostly(map: &Map<String, Value>) -> Result<f64> {
    let share = Arguments::new(map).number("mostly")?.unwrap_or(1.0);
    if (0.0..=1.0).contains(&share) {
        Ok(share)
    } else {
        Err(Error::input(format!("mostly is {share}, and a share from 0 to 1 is needed")).help("write mostly = 0.99"))
    }
}

/// `where` in our filter language, or a `row_condition` of Great Expectations turned into it.
fn row_condition(map: &Map<String, Value>) -> Result<Option<String>> {
    let arguments = Arguments::new(map);
    if let Some(value) = arguments.get("where") {
        return match value {
            Value::String(text) if text.trim().is_empty() => Ok(None),
            Value::String(text) => Ok(Some(text.clone())),
            other => Err(wrong("where", other, "a condition", "\"country = 'KR'\"")),
        };
    }
    arguments.get("row_condition").map(condition::translate).transpose().map(Option::flatten)
}
