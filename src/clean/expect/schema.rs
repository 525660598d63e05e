//! JSON Schema, the part that describes single values: types, bounds, texts, lists, objects, and their combinations.
//!
//! References (`$ref`) and conditions (`if`) are not part of it and are refused, so that nothing passes unseen.

use serde_json::Value;

use super::patterns::{Patterns, TextPattern};
use crate::engine::{Error, Result};

/// How deep schemas may nest.
const DEPTH: usize = 64;

/// A schema as a list of rules that all must hold.
#[derive(Debug, Clone)]
pub(super) struct Schema {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
enum Rule {
    Never,
    Type(Vec<String>),
    Enum(Vec<Value>),
    Minimum(f64),
    Maximum(f64),
    Above(f64),
    Below(f64),
    MultipleOf(f64),
    MinLength(u64),
    MaxLength(u64),
    Pattern(Patterns),
    Items(Schema),
    MinItems(u64),
    MaxItems(u64),
    UniqueItems,
    Required(Vec<String>),
    Properties { known: Vec<(String, Schema)>, others: Option<Schema> },
    MinProperties(u64),
    MaxProperties(u64),
    AllOf(Vec<Schema>),
    AnyOf(Vec<Schema>),
    OneOf(Vec<Schema>),
    Not(Schema),
}

/// Words that describe and do not restrict. `format` only describes by default.
const DESCRIBING: &[&str] = &[
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "format",
    "deprecated",
    "readOnly",
    "writeOnly",
    "contentMediaType",
    "contentEncoding",
    "definitions",
    "$defs",
];

impl Schema {
    /// A schema from JSON, which may also stand in a text.
    ///
    /// # Errors
    /// If it is no schema, or has words that are not known.
    pub(super) fn of(value: &Value) -> Result<Self> {
        let made = match value {
            Value::String(text) => serde_json::from_str(text)
                .map_err(|error| Error::input(format!("this is not JSON: {error}")))
                .and_then(|value| Self::nested(&value, 0)),
            other => Self::nested(other, 0),
        };
        made.map_err(|error| error.at("json_schema"))
    }

    fn nested(value: &Value, depth: usize) -> Result<Self> {
        if depth > DEPTH {
            return Err(Error::input("the schema is nested too deeply"));
        }
        let map = match value {
            Value::Bool(true) => return Ok(Self { rules: Vec::new() }),
            Value::Bool(false) => return Ok(Self { rules: vec![Rule::Never] }),
            Value::Object(map) => map,
            _ => return Err(Error::input("a schema is an object").help("write json_schema = { type = \"object\" }")),
        };
        let mut rules = Vec::new();
        for (word, value) in map {
            if word == "properties" || word == "additionalProperties" || DESCRIBING.contains(&word.as_str()) {
                continue;
            }
            rules.push(rule(word, value, depth).map_err(|error| error.at(word))?);
        }
        let known = match map.get("properties") {
            Some(Value::Object(known)) => known
                .iter()
                .map(|(name, value)| Ok((name.clone(), Self::nested(value, depth + 1)?)))
                .collect::<Result<_>>()?,
            Some(_) => return Err(wrong("properties", "an object")),
            None => Vec::new(),
        };
        let others = map.get("additionalProperties").map(|value| Self::nested(value, depth + 1)).transpose()?;
        if !known.is_empty() || others.is_some() {
            rules.push(Rule::Properties { known, others });
        }
        Ok(Self { rules })
    }

    /// Whether a value fits.
    pub(super) fn holds(&self, value: &Value) -> bool {
        self.rules.iter().all(|rule| rule.holds(value))
    }
}

fn wrong(word: &str, wanted: &str) -> Error {
    Error::input(format!("\"{word}\" of a schema is {wanted}"))
}

fn rule(word: &str, value: &Value, depth: usize) -> Result<Rule> {
    let number = || value.as_f64().ok_or_else(|| wrong(word, "a number"));
    let count = || value.as_u64().ok_or_else(|| wrong(word, "a whole number"));
    let list = || value.as_array().ok_or_else(|| wrong(word, "a list"));
    let texts = || -> Result<Vec<String>> {
        let text = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(|| wrong(word, "a list of texts"));
        list()?.iter().map(text).collect()
    };
    let schemas = || -> Result<Vec<Schema>> { list()?.iter().map(|value| Schema::nested(value, depth + 1)).collect() };
    Ok(match word {
        "type" => Rule::Type(match value {
            Value::String(name) => vec![name.clone()],
            _ => texts()?,
        }),
        "enum" => Rule::Enum(list()?.clone()),
        "const" => Rule::Enum(vec![value.clone()]),
        "minimum" => Rule::Minimum(number()?),
        "maximum" => Rule::Maximum(number()?),
        "exclusiveMinimum" => Rule::Above(number()?),
        "exclusiveMaximum" => Rule::Below(number()?),
        "multipleOf" => Rule::MultipleOf(number()?),
        "minLength" => Rule::MinLength(count()?),
        "maxLength" => Rule::MaxLength(count()?),
        "pattern" => {
            let pattern = TextPattern::regex(value.as_str().ok_or_else(|| wrong(word, "a text"))?)?;
            Rule::Pattern(Patterns { patterns: vec![pattern], all: true, wanted: true })
        }
        "items" => Rule::Items(Schema::nested(value, depth + 1)?),
        "minItems" => Rule::MinItems(count()?),
        "maxItems" => Rule::MaxItems(count()?),
        "uniqueItems" => match value {
            Value::Bool(true) => Rule::UniqueItems,
            _ => Rule::AllOf(Vec::new()),
        },
        "required" => Rule::Required(texts()?),
        "minProperties" => Rule::MinProperties(count()?),
        "maxProperties" => Rule::MaxProperties(count()?),
        "allOf" => Rule::AllOf(schemas()?),
        "anyOf" => Rule::AnyOf(schemas()?),
        "oneOf" => Rule::OneOf(schemas()?),
        "not" => Rule::Not(Schema::nested(value, depth + 1)?),
        _ => {
            return Err(Error::input(format!("\"{word}\" of JSON Schema is not supported"))
                .help("types, bounds, pattern, items, properties, required, enum, allOf, anyOf, oneOf and not are"));
        }
    })
}

impl Rule {
    fn holds(&self, value: &Value) -> bool {
        let number = |test: &dyn Fn(f64) -> bool| value.as_f64().is_none_or(test);
        let length = |test: &dyn Fn(u64) -> bool| value.as_str().is_none_or(|text| test(text.chars().count() as u64));
        let items = |test: &dyn Fn(&[Value]) -> bool| value.as_array().is_none_or(|items| test(items));
        let object = |test: &dyn Fn(&serde_json::Map<String, Value>) -> bool| value.as_object().is_none_or(test);
        match self {
            Self::Never => false,
            Self::Type(names) => names.iter().any(|name| is_type(value, name)),
            Self::Enum(values) => values.iter().any(|known| equal(known, value)),
            Self::Minimum(bound) => number(&|value| value >= *bound),
            Self::Maximum(bound) => number(&|value| value <= *bound),
            Self::Above(bound) => number(&|value| value > *bound),
            Self::Below(bound) => number(&|value| value < *bound),
            Self::MultipleOf(step) => number(&|value| (value / step).fract() == 0.0),
            Self::MinLength(least) => length(&|count| count >= *least),
            Self::MaxLength(most) => length(&|count| count <= *most),
            Self::Pattern(pattern) => value.as_str().is_none_or(|text| pattern.holds(text)),
            Self::Items(schema) => items(&|items| items.iter().all(|item| schema.holds(item))),
            Self::MinItems(least) => items(&|items| items.len() as u64 >= *least),
            Self::MaxItems(most) => items(&|items| items.len() as u64 <= *most),
            Self::UniqueItems => items(&|items| {
                items.iter().enumerate().all(|(at, item)| !items.iter().skip(at + 1).any(|other| equal(item, other)))
            }),
            Self::Required(names) => object(&|map| names.iter().all(|name| map.contains_key(name))),
            Self::Properties { known, others } => object(&|map| {
                map.iter().all(|(name, value)| match known.iter().find(|(known, _)| known == name) {
                    Some((_, schema)) => schema.holds(value),
                    None => others.as_ref().is_none_or(|schema| schema.holds(value)),
                })
            }),
            Self::MinProperties(least) => object(&|map| map.len() as u64 >= *least),
            Self::MaxProperties(most) => object(&|map| map.len() as u64 <= *most),
            Self::AllOf(schemas) => schemas.iter().all(|schema| schema.holds(value)),
            Self::AnyOf(schemas) => schemas.iter().any(|schema| schema.holds(value)),
            Self::OneOf(schemas) => schemas.iter().filter(|schema| schema.holds(value)).count() == 1,
            Self::Not(schema) => !schema.holds(value),
        }
    }
}

fn is_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

/// Equality for which 1 and 1.0 are one number.
fn equal(a: &Value, b: &Value) -> bool {
    a == b || (a.is_number() && a.as_f64() == b.as_f64())
}

#[cfg(test)]
mod unit {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_judged_as_json_schema_says() {
        let check = |schema: Value, value: Value, expected: bool| {
            assert_eq!(Schema::of(&schema).unwrap().holds(&value), expected, "{value} by {schema}");
        };
        let person = json!({
            "type": "object",
            "properties": {"name": {"type": "string", "minLength": 1}, "age": {"type": "integer", "minimum": 0}},
            "required": ["name"],
            "additionalProperties": false
        });
        check(person.clone(), json!({"name": "가", "age": 3}), true);
        check(person.clone(), json!({"name": "", "age": 3}), false);
        check(person.clone(), json!({"age": 3}), false);
        check(person.clone(), json!({"name": "a", "x": 1}), false);
        check(person, json!([1]), false);
        check(json!({"type": ["integer", "null"]}), json!(1.0), true);
        check(json!({"type": "array", "items": {"enum": ["a", 1]}, "uniqueItems": true}), json!(["a", 1.0]), true);
        check(json!({"uniqueItems": true}), json!([1, 1.0]), false);
        check(json!({"oneOf": [{"minimum": 3}, {"maximum": 5}]}), json!(4), false);
        check(json!({"not": {"pattern": "^a"}}), json!("ab"), false);
        check(json!(false), json!(1), false);
        check(json!("{\"const\": 2}"), json!(2), true);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        let error = |schema: Value| Schema::of(&schema).unwrap_err().to_string();
        assert!(error(json!({"$ref": "#/x"})).contains("not supported"));
        assert!(error(json!({"minimum": "3"})).contains("a number"));
        assert!(error(json!(3)).contains("an object"));
    }
}
