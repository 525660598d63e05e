//! Snapshots of whole projects of Refinery: one JSON of tables that name each other by id. Read, not written.
//!
//! Source: the tables that Refinery's gateway writes for "project export" and reads again. A label stands in
//! `record_label_associations_data`, its class in `labeling_task_labels_data`, the task of that in `labeling_tasks_data`.
//! A span names the tokens it covers by their numbers in `record_label_association_tokens_data`; the tokens are not in the
//! file, but how many each text has may be (`record_attribute_token_statistics_data`), so that they can be made anew.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde_json::Value;

use super::holds::{Feature as F, Holds, Report};
use super::json::{self, Top, number};
use super::model::{Annotation, Document, Documents, Info, Mark, Span};
use super::refinery::tokens;
use super::source;
use super::{Clue, Format, Options, Reason, Sure};
use crate::engine::{Error, Result, Work};

/// A snapshot of a project of Refinery.
pub(super) struct RefineryProject;

/// The table that every snapshot begins with.
const FIRST: &str = "project_details_data";

impl Format for RefineryProject {
    fn name(&self) -> &'static str {
        "refinery-project"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        let own = clue.is_json() && clue.keys(&[FIRST]);
        own.then_some((Sure::Surely, Reason::Fields("project_details_data")))
    }

    fn is_written(&self) -> bool {
        false
    }

    fn holds(&self, _: &Options) -> Holds {
        let all = [
            [F::Text, F::EmptyDocument, F::DocumentId, F::Metadata, F::Class, F::Annotator],
            [F::ManyClasses, F::Span, F::Confidence, F::Prediction, F::Attributes, F::Time],
        ];
        all.iter().fold(Holds::of(&[]), |holds, part| holds.and(Holds::of(part)))
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        let mut report = Report::default();
        let content = source::read_text(path, options, &mut report, work)?;
        let bytes = content.as_bytes();
        let Top::Object(tables) = json::top(bytes)? else {
            return Err(Error::input("a snapshot is one object of tables")
                .help("records that were downloaded are read as refinery"));
        };
        let tables = Tables { bytes, tables, work };
        let labels = tables.labels()?;
        let records = tables.rows("records_data")?;
        if records.is_empty() {
            return Err(Error::input("the snapshot holds no records").help("export the project with its records"));
        }
        work.stage("reading annotations", records.len() as u64);
        let shown = tables.shown(&records)?;
        let mut documents = Documents::default();
        let mut places = HashMap::new();
        for record in &records {
            if let Some(id) = said(record, "id") {
                places.insert(id.to_owned(), documents.documents.len());
            }
            documents.documents.push(document(record, &shown.name));
        }
        let spans = tables.spans(&shown)?;
        for association in tables.rows("record_label_associations_data")? {
            work.check()?;
            let document = said(&association, "record_id").and_then(|id| places.get(id));
            let Some(document) = document.and_then(|at| documents.documents.get_mut(*at)) else {
                report.lost.add("label_of_no_record", || said(&association, "id").unwrap_or_default().to_owned());
                continue;
            };
            take(document, &association, &labels, &spans, &mut report);
        }
        report.infer("content", format!("field {}", shown.name));
        let report = report.counted(&documents);
        Ok((documents, report))
    }
}

/// The tables of a snapshot, read as they are asked for.
struct Tables<'a> {
    bytes: &'a [u8],
    tables: Vec<json::Field>,
    work: &'a Work,
}

/// The classes by id: their names and tasks, and whether there are several tasks.
struct Labels {
    of: HashMap<String, (String, String)>,
    several: bool,
}

/// The field that is shown.
struct Shown {
    id: String,
    name: String,
}

/// What is known of spans: the tokens of a label, and how many a record's text has.
struct Spans {
    covered: HashMap<String, Vec<usize>>,
    counts: HashMap<String, usize>,
}

impl Tables<'_> {
    /// The rows of a table; none where it is not there, since each is exported only if asked for.
    fn rows(&self, name: &str) -> Result<Vec<Value>> {
        let Some(table) = self.tables.iter().find(|table| table.key == name) else { return Ok(Vec::new()) };
        let rows = table.elements(self.bytes).map_err(|error| error.at(name.to_owned()))?;
        Ok(json::map_batches(self.bytes, rows, self.work, |_, values| Ok(values))?.concat())
    }

    fn labels(&self) -> Result<Labels> {
        let tasks: BTreeMap<String, String> = named(&self.rows("labeling_tasks_data")?, "name").collect();
        let row = |label: &Value| {
            let task = said(label, "labeling_task_id").and_then(|id| tasks.get(id)).cloned().unwrap_or_default();
            Some((said(label, "id")?.to_owned(), (said(label, "name")?.to_owned(), task)))
        };
        let of = self.rows("labeling_task_labels_data")?.iter().filter_map(row).collect();
        Ok(Labels { of, several: tasks.len() > 1 })
    }

    /// The field whose spans are labelled, else one that is labelled, else the longest text of the first record.
    fn shown(&self, records: &[Value]) -> Result<Shown> {
        let fields: Vec<(String, String)> = named(&self.rows("attributes_data")?, "name").collect();
        let tasks = self.rows("labeling_tasks_data")?;
        let is_of_spans = |task: &&Value| said(task, "task_type") == Some("INFORMATION_EXTRACTION");
        let field = |task: &Value| fields.iter().find(|(id, _)| said(task, "attribute_id") == Some(id));
        let labelled = tasks.iter().filter(is_of_spans).find_map(field).or_else(|| tasks.iter().find_map(field));
        if let Some((id, name)) = labelled {
            return Ok(Shown { id: id.clone(), name: name.clone() });
        }
        let data = records.first().and_then(|record| record.get("data")).and_then(Value::as_object);
        let texts = data.into_iter().flatten().filter_map(|(name, value)| Some((name, value.as_str()?)));
        let longest = texts.max_by_key(|(_, text)| text.len()).map(|(name, _)| name.clone());
        let name = longest.ok_or_else(|| Error::input("no field holds a text").at("records_data"))?;
        let id = fields.iter().find(|(_, other)| *other == name).map(|(id, _)| id.clone()).unwrap_or_default();
        Ok(Shown { id, name })
    }

    fn spans(&self, shown: &Shown) -> Result<Spans> {
        let mut covered: HashMap<String, Vec<usize>> = HashMap::new();
        for token in self.rows("record_label_association_tokens_data")? {
            let at = token.get("token_index").and_then(Value::as_u64);
            if let (Some(of), Some(at)) = (said(&token, "record_label_association_id"), at) {
                covered.entry(of.to_owned()).or_default().push(at as usize);
            }
        }
        let count = |row: &Value| {
            let count = row.get("num_token").and_then(Value::as_u64)?;
            let of_shown = said(row, "attribute_id") == Some(&shown.id);
            of_shown.then_some((said(row, "record_id")?.to_owned(), count as usize))
        };
        let counts = self.rows("record_attribute_token_statistics_data")?.iter().filter_map(count).collect();
        Ok(Spans { covered, counts })
    }
}

/// A text of a row. Ids are texts, too.
fn said<'a>(row: &'a Value, key: &str) -> Option<&'a str> {
    row.get(key)?.as_str()
}

/// Ids of rows with another text of theirs.
fn named<'a>(rows: &'a [Value], key: &'a str) -> impl Iterator<Item = (String, String)> + 'a {
    rows.iter().filter_map(move |row| Some((said(row, "id")?.to_owned(), said(row, key)?.to_owned())))
}

fn document(record: &Value, shown: &str) -> Document {
    let data = record.get("data").unwrap_or(&Value::Null);
    let id = data.get("running_id").map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
    let id = id.or_else(|| said(record, "id").map(str::to_owned)).unwrap_or_default();
    let mut document = Document::text(&id, said(data, shown).unwrap_or_default());
    for (key, value) in data.as_object().into_iter().flatten() {
        if key != shown && key != "running_id" {
            document.meta.push((key.clone(), value.clone()));
        }
    }
    document
}

/// Takes a label that a person or a model gave. The votes of single heuristics, and labels that were decided against, are
/// counted and left out.
fn take(document: &mut Document, association: &Value, labels: &Labels, spans: &Spans, report: &mut Report) {
    let of = |key: &str| said(association, key).unwrap_or_default();
    let place = || format!("label {}", of("id"));
    let prediction = match of("source_type") {
        "MANUAL" => false,
        "WEAK_SUPERVISION" | "MODEL_CALLBACK" => true,
        _ => return report.lost.add("vote_of_heuristic", place),
    };
    if !prediction && association.get("is_valid_manual_label") == Some(&Value::Bool(false)) {
        return report.lost.add("label_not_valid", place);
    }
    let Some((class, task)) = labels.of.get(of("labeling_task_label_id")) else {
        return report.lost.add("label_without_class", place);
    };
    let mut info = Info { prediction, time: of("created_at").to_owned(), ..Info::default() };
    // A person's label is certain in every file; only what a model says has a share.
    info.confidence = association.get("confidence").and_then(number).filter(|_| prediction);
    if !prediction {
        info.annotator = of("created_by").to_owned();
    }
    if labels.several {
        info.attributes.push(("task".to_owned(), Value::from(task.as_str())));
    }
    let mark = match of("return_type") {
        "RETURN" => match span(document, association, spans) {
            Some(span) => Mark::Span(span),
            None => return report.lost.add("tokens_do_not_fit", place),
        },
        _ => Mark::Class,
    };
    document.annotations.push(Annotation::new(class.as_str(), mark).with_info(info));
}

/// The span from the first to the last token of a label, if tokens can be made of which there are as many as there were.
fn span(document: &Document, association: &Value, spans: &Spans) -> Option<Span> {
    let covered = spans.covered.get(said(association, "id")?)?;
    let count = *spans.counts.get(said(association, "record_id")?)?;
    let letters: Vec<char> = document.as_text()?.chars().collect();
    let (_, made) = tokens(&letters, count)?;
    let (start, _) = made.get(*covered.iter().min()?)?;
    let (_, end) = made.get(*covered.iter().max()?)?;
    let surface = letters.get(*start..*end)?.iter().collect();
    Some(Span { pieces: vec![(*start, *end)], surface })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, labels_of};
    use super::*;

    const SNAPSHOT: &str = r#"{"project_details_data": {"id": "p", "name": "headlines", "tokenizer": "en_core_web_sm"},
        "records_data": [{"id": "r1", "data": {"headline": "Cheap laptops sell, again", "running_id": 7, "page": 3}, "category": "SCALE"},
            {"id": "r2", "data": {"headline": "a b", "running_id": 8, "page": 4}, "category": "SCALE"}],
        "attributes_data": [{"id": "a1", "name": "running_id"}, {"id": "a2", "name": "headline"}],
        "labeling_tasks_data": [{"id": "t1", "attribute_id": "a2", "name": "topic", "task_type": "MULTICLASS_CLASSIFICATION"},
            {"id": "t2", "attribute_id": "a2", "name": "entities", "task_type": "INFORMATION_EXTRACTION"}],
        "labeling_task_labels_data": [{"id": "l1", "labeling_task_id": "t1", "name": "price"}, {"id": "l2", "labeling_task_id": "t2", "name": "PRODUCT"}],
        "record_label_associations_data": [
            {"id": "x1", "record_id": "r1", "labeling_task_label_id": "l1", "source_type": "MANUAL", "return_type": "YIELD", "confidence": 1.0, "created_by": "u1", "is_valid_manual_label": true},
            {"id": "x2", "record_id": "r1", "labeling_task_label_id": "l2", "source_type": "MANUAL", "return_type": "RETURN", "confidence": 1.0, "created_by": "u1"},
            {"id": "x3", "record_id": "r2", "labeling_task_label_id": "l1", "source_type": "WEAK_SUPERVISION", "return_type": "YIELD", "confidence": 0.62},
            {"id": "x4", "record_id": "r2", "labeling_task_label_id": "l1", "source_type": "INFORMATION_SOURCE", "return_type": "YIELD", "confidence": 1.0},
            {"id": "x5", "record_id": "r2", "labeling_task_label_id": "l2", "source_type": "MANUAL", "return_type": "RETURN", "confidence": 1.0},
            {"id": "x6", "record_id": "gone", "labeling_task_label_id": "l1", "source_type": "MANUAL", "return_type": "YIELD"},
            {"id": "x7", "record_id": "r2", "labeling_task_label_id": "l1", "source_type": "MANUAL", "return_type": "YIELD", "is_valid_manual_label": false}],
        "record_label_association_tokens_data": [{"record_label_association_id": "x2", "token_index": 1, "is_beginning_token": false},
            {"record_label_association_id": "x2", "token_index": 0, "is_beginning_token": true},
            {"record_label_association_id": "x5", "token_index": 0, "is_beginning_token": true}],
        "record_attribute_token_statistics_data": [{"record_id": "r1", "attribute_id": "a2", "num_token": 5}, {"record_id": "r2", "attribute_id": "a2", "num_token": 9}]}"#;

    #[test]
    fn a_snapshot_is_put_together_from_its_tables() {
        let (read, report) = testing::read_text(&RefineryProject, "snapshot.json", SNAPSHOT).unwrap();
        assert_eq!(labels_of(&read), ["price", "PRODUCT Cheap laptops", "price"]);
        let (first, second) = (&read.documents[0], &read.documents[1]);
        assert_eq!((first.id.as_str(), first.meta.len(), second.id.as_str()), ("7", 1, "8"));
        let info = |document: &Document, at: usize| document.annotations[at].info.clone().unwrap();
        assert_eq!((info(first, 0).annotator.as_str(), info(first, 0).confidence), ("u1", None));
        assert_eq!(info(first, 1).attributes, [("task".to_owned(), Value::from("entities"))]);
        assert!(second.annotations[0].is_prediction());
        assert_eq!(info(second, 0).confidence, Some(0.62));
        let mut lost: Vec<(&str, usize)> = report.lost.iter().map(|(code, loss)| (code, loss.count)).collect();
        lost.sort_unstable();
        let expected =
            ["label_not_valid", "label_of_no_record", "tokens_do_not_fit", "vote_of_heuristic"].map(|code| (code, 1));
        assert_eq!(lost, expected);
    }

    #[test]
    fn what_is_no_whole_snapshot_says_so() {
        let check = |text: &str, expected: &str| {
            let error = testing::read_text(&RefineryProject, "snapshot.json", text).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        };
        check("[]", "one object of tables");
        check(r#"{"project_details_data": {}}"#, "no records");
        check(r#"{"project_details_data": {}, "records_data": 3}"#, "array");
        check(
            r#"{"project_details_data": {}, "records_data": [{"id": "a", "data": {"n": 1}}]}"#,
            "no field holds a text",
        );
    }
}
