//! Label Studio's JSON_MIN: a task's data with its results as further fields, an annotation a record. Read, not written.
//!
//! Source: Label Studio's converter. The fields between `id` and `annotator` are results by the name of their control; a
//! single choice or text stands as plain text there. A record is made a task again and read by the same code. Records of
//! one task become one document.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde_json::{Map, Value, json};

use super::super::holds::{Holds, Report};
use super::super::json;
use super::super::model::{Document, Documents, Mark};
use super::super::offsets::{Finder, Unit};
use super::super::source::{self, Media};
use super::super::wording::Questions;
use super::super::{Clue, Format, Options, Reason, Sure};
use super::read;
use crate::engine::{Result, Work};

/// JSON_MIN.
pub(in super::super) struct Minimal;

/// Fields behind the results.
const LAST: &[&str] = &["annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement"];

impl Format for Minimal {
    fn name(&self) -> &'static str {
        "label-studio-min"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        let own = clue.is_json() && clue.keys(&["annotation_id", "annotator"]) && !clue.keys(&["result"]);
        own.then_some((Sure::Surely, Reason::Fields("annotator, annotation_id")))
    }

    fn is_written(&self) -> bool {
        false
    }

    fn holds(&self, _: &Options) -> Holds {
        super::HOLDS
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        let mut report = Report::default();
        let content = source::read_text(path, options, &mut report, work)?;
        let bytes = content.as_bytes();
        let records = json::records(bytes)?;
        work.stage("reading annotations", 2 * records.len() as u64);
        let seen = json::map_batches(bytes, &records, work, |_, values| {
            let mut texts = Questions::default();
            values.iter().flat_map(results).for_each(|(name, value)| see(&mut texts, name, value));
            Ok(texts)
        })?;
        let mut texts = Questions::default();
        seen.into_iter().for_each(|part| texts.merge(part));
        let free = texts.settle(options.task, &mut report);
        let unit = options.unit.unwrap_or(Unit::CodePoint);
        let batches = json::map_batches(bytes, &records, work, |first, values| {
            let mut reader = read::Reader::new(unit, first);
            values.iter().for_each(|value| reader.task(&task(value, &free)));
            Ok(reader)
        })?;
        let mut finder = Finder::new(unit);
        let mut read = Vec::new();
        for batch in batches {
            finder.merge(&batch.finder);
            report.lost.merge(batch.lost);
            read.extend(batch.documents);
        }
        finder.report(&mut report);
        let mut documents = Documents { documents: joined(read), classes: Vec::new() };
        source::complete_images(&mut documents, &Media::beside(path, options)?, false, &mut report, work)?;
        read::scale_percent(&mut documents, &mut report);
        let report = report.counted(&documents);
        Ok((documents, report))
    }
}

/// The fields that are results, with their names.
fn results(record: &Value) -> Vec<(&String, &Value)> {
    let Value::Object(fields) = record else { return Vec::new() };
    let mut found = Vec::new();
    let mut behind_id = false;
    // Where the id stands first, it stood in the data: the first text behind it is what is shown.
    let mut shown = fields.keys().next().is_some_and(|first| first != "id");
    for (name, value) in fields {
        if name == "id" {
            behind_id = true;
        } else if LAST.contains(&name.as_str()) || !behind_id && !has_regions(value) {
            continue;
        } else if shown || !value.is_string() {
            found.push((name, value));
        } else {
            shown = true;
        }
    }
    found
}

/// Whether a value is a list of regions, which data are not.
fn has_regions(value: &Value) -> bool {
    value.as_array().and_then(|list| list.first()).is_some_and(|first| kind_of(first).is_some())
}

/// The type of a region or of a list of choices, by the field that names its classes.
fn kind_of(region: &Value) -> Option<&str> {
    let named = read::LABEL_KEYS.iter().chain(&["taxonomy"]).find(|key| region.get(**key).is_some_and(Value::is_array));
    if let Some(kind) = named {
        return Some(kind);
    }
    let has = |key: &str| region.get(key).is_some();
    match () {
        () if has("selected") => Some("pairwise"),
        () if has("rating") => Some("rating"),
        () if has("number") => Some("number"),
        () if has("text") && !has("start") => Some("textarea"),
        () if has("rle") => Some("brush"),
        () if has("radiusX") => Some("ellipse"),
        () if has("points") => Some("polygon"),
        () if has("start") => Some("labels"),
        () if has("x") && has("height") => Some("rectangle"),
        () if has("x") => Some("keypoint"),
        () => None,
    }
}

fn see(texts: &mut Questions, name: &str, value: &Value) {
    match value {
        Value::String(text) => texts.see(name, text),
        Value::Array(list) => list.iter().for_each(|one| see(texts, name, one)),
        _ => {}
    }
}

/// A record as the task that it was.
fn task(record: &Value, free: &HashSet<String>) -> Value {
    let found = results(record);
    let names: HashSet<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    let mut data = Map::new();
    if let Value::Object(fields) = record {
        let own = fields
            .iter()
            .filter(|(name, _)| *name != "id" && !names.contains(name.as_str()) && !LAST.contains(&name.as_str()));
        data.extend(own.map(|(name, value)| (name.clone(), value.clone())));
    }
    let mut all = Vec::new();
    for (name, value) in found {
        add(&mut all, name, value, free.contains(name));
    }
    let of = |key: &str| record.get(key).cloned().unwrap_or(Value::Null);
    json!({
        "id": of("id"),
        "data": data,
        "annotations": [{"completed_by": of("annotator"), "created_at": of("created_at"), "lead_time": of("lead_time"), "result": all}],
    })
}

/// Adds the results that a field holds.
fn add(all: &mut Vec<Value>, name: &str, value: &Value, free: bool) {
    match value {
        Value::Array(list) => list.iter().for_each(|one| add(all, name, one, free)),
        Value::String(text) if free => {
            all.push(json!({"from_name": name, "type": "textarea", "value": {"text": [text]}}))
        }
        Value::String(text) => all.push(json!({"from_name": name, "type": "choices", "value": {"choices": [text]}})),
        Value::Number(number) => all.push(json!({"from_name": name, "type": "number", "value": {"number": number}})),
        Value::Object(_) => {
            let kind = kind_of(value).unwrap_or("unknown");
            let of = |key: &str| value.get(key).cloned().unwrap_or(Value::Null);
            let size = |key: &str| of(key);
            all.push(json!({
                "from_name": name, "type": kind, "value": value, "id": of("id"),
                "original_width": size("original_width"), "original_height": size("original_height"),
            }));
        }
        _ => {}
    }
}

/// Documents of one task as one, each person's annotations behind the other's.
fn joined(read: Vec<Document>) -> Vec<Document> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut joined: Vec<Document> = Vec::with_capacity(read.len());
    for document in read {
        let at = (!document.id.is_empty()).then(|| places.get(&document.id).copied()).flatten();
        match at.and_then(|at| joined.get_mut(at)).filter(|other| same_content(other, &document)) {
            Some(other) => {
                let before = other.annotations.len();
                other.annotations.extend(document.annotations.into_iter().map(|mut annotation| {
                    if let Mark::Relation { from, to } = &mut annotation.mark {
                        (*from, *to) = (*from + before, *to + before);
                    }
                    annotation
                }));
            }
            None => {
                places.insert(document.id.clone(), joined.len());
                joined.push(document);
            }
        }
    }
    joined
}

fn same_content(a: &Document, b: &Document) -> bool {
    a.as_text() == b.as_text() && a.path() == b.path()
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{self, labels_of};
    use super::*;

    #[test]
    fn records_become_tasks_again() {
        let check = |records: &str, documents: usize, labels: &[&str]| {
            let (read, report) = testing::read_text(&Minimal, "a.json", &format!("[{records}]")).unwrap();
            assert!(report.lost.is_empty(), "{:?}", report.lost);
            assert_eq!(
                (read.documents.len(), labels_of(&read)),
                (documents, labels.iter().map(|label| (*label).to_owned()).collect())
            );
        };
        let last = r#""annotator": 1, "annotation_id": 4, "created_at": "t", "updated_at": "t", "lead_time": 2.5"#;
        check(
            &format!(
                r#"{{"image": "a.png", "id": 3, "label": [{{"x": 10, "y": 10, "width": 30, "height": 40, "rotation": 0,
                "rectanglelabels": ["상자"], "original_width": 20, "original_height": 10}}], {last}}}"#
            ),
            1,
            &["상자 [2,1,6,4]"],
        );
        check(
            &format!(
                r#"{{"text": "서울에서", "id": 3, "names": [{{"start": 0, "end": 2, "text": "서울", "labels": ["LC"]}}],
                "mood": "중립", "tags": {{"choices": ["a", "b"]}}, {last}}},
                {{"text": "서울에서", "id": 3, "mood": "긍정", {last}}}"#
            ),
            1,
            &["LC 서울", "중립", "a", "b", "긍정"],
        );
        check(&format!(r#"{{"id": 1, "text": "a b c", "mood": "x", {last}}}"#), 1, &["x"]);
        check(
            &format!(r#"{{"text": "Guten Tag", "id": 1, "english": "Good morning to you.", {last}}}"#),
            1,
            &["=Good morning to you."],
        );
    }
}
