//! doccano's JSON Lines: classes, spans, entities with relations, free texts, boxes and outlines.
//!
//! Source: doccano's `data_import` and `data_export` pipelines. Offsets are code points. A list of texts under `label`
//! may be classes or free texts; the file does not say, so it is inferred and reported.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

use super::holds::{Feature as F, Holds, Losses, Report};
use super::json::{self, Json};
use super::model::{Annotation, Audio, Content, Document, Documents, Image, Mark, Part, Rect};
use super::offsets::{Finder, Ruler, Unit};
use super::source::{self, IMAGES, SOUNDS};
use super::wording::Wording;
use super::{Clue, Format, Options, Output, Reason, Sure, Task, lines};
use crate::engine::{Result, Work};

/// doccano.
pub(super) struct Doccano;

const HOLDS: Holds = Holds::of(&[
    F::Text,
    F::Image,
    F::Audio,
    F::EmptyDocument,
    F::DocumentId,
    F::Metadata,
    F::Class,
    F::ManyClasses,
    F::Span,
    F::Overlap,
    F::EmptySpan,
    F::Relation,
    F::Box,
    F::Polygon,
    F::Answer,
]);

/// Keys that are not metadata.
const KEYS: &[&str] = &[
    "id",
    "text",
    "data",
    "column_data",
    "filename",
    "label",
    "labels",
    "column_label",
    "entities",
    "relations",
    "cats",
    "bbox",
    "segmentation",
];

impl Format for Doccano {
    fn name(&self) -> &'static str {
        "doccano"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["jsonl", "json"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        let cut = clue.is_json() && clue.keys(&["start_offset"]);
        if cut {
            return Some((Sure::Likely, Reason::Fields("start_offset")));
        }
        let labels = clue.is_json() && (clue.keys(&["label"]) || clue.keys(&["cats"]));
        labels.then_some((Sure::Perhaps, Reason::Fields("labels")))
    }

    fn holds(&self, _: &Options) -> Holds {
        HOLDS
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        let mut report = Report::default();
        let text = source::read_text(path, options, &mut report, work)?;
        let records = json::records(text.as_bytes())?;
        work.stage("reading annotations", records.len() as u64);
        let unit = options.unit.unwrap_or(Unit::CodePoint);
        let batches = json::map_batches(text.as_bytes(), &records, work, |first, values| {
            let mut batch = Batch { finder: Finder::new(unit), lost: Losses::default(), documents: Vec::new(), first };
            values.into_iter().for_each(|value| batch.document(value));
            Ok(batch)
        })?;
        let mut documents = Documents::default();
        let mut finder = Finder::new(unit);
        for batch in batches {
            finder.merge(&batch.finder);
            report.lost.merge(batch.lost);
            documents.documents.extend(batch.documents);
        }
        finder.report(&mut report);
        classes_or_answers(&mut documents, options.task, &mut report);
        let report = report.counted(&documents);
        Ok((documents, report))
    }

    fn render(&self, path: &Path, documents: &Documents, _: &Options, work: &Work) -> Result<Output> {
        let has = |test: fn(&Mark) -> bool| {
            documents
                .documents
                .iter()
                .flat_map(|document| &document.annotations)
                .any(|annotation| test(&annotation.mark))
        };
        let spans = has(|mark| matches!(mark, Mark::Span(_)));
        let answers = has(|mark| matches!(mark, Mark::Answer(_)));
        let classes = has(|mark| matches!(mark, Mark::Class));
        let relations = has(|mark| matches!(mark, Mark::Relation { .. }));
        let layout = Layout {
            entities: spans && (relations || answers || classes),
            relations,
            cats: classes && (spans || answers),
        };
        let text = lines(documents, work, |json, document| layout.document(json, document))?;
        Ok(Output::text(path, text, Report::of(documents)))
    }
}

/// Documents that one thread reads.
struct Batch {
    finder: Finder,
    lost: Losses,
    documents: Vec<Document>,
    first: usize,
}

impl Batch {
    fn document(&mut self, value: Value) {
        let content = content(&value);
        let id = json::text(&value, "id").unwrap_or_default();
        let mut document = Document::new(id, content);
        let place = self.first + self.documents.len() + 1;
        let place = || format!("record {place}");
        let text = document.as_text().unwrap_or_default().to_owned();
        let mut ruler = Ruler::new(&text);
        let mut ids = HashMap::new();
        for key in ["label", "labels", "column_label"] {
            self.labels(&mut document, value.get(key), &mut ruler, &place);
        }
        for entity in json::list(&value, "entities") {
            let (start, end, label) = match entity {
                Value::Array(triple) => (triple.first(), triple.get(1), triple.get(2)),
                other => (other.get("start_offset"), other.get("end_offset"), other.get("label")),
            };
            let at = document.annotations.len();
            self.span(&mut document, &mut ruler, (start, end, label), &place);
            if let Some(id) = json::text(entity, "id").filter(|_| document.annotations.len() > at) {
                ids.insert(id, at);
            }
        }
        for class in json::list(&value, "cats") {
            match json::shown(class) {
                Some(name) => document.annotations.push(Annotation::new(name, Mark::Class)),
                None => self.lost.add("unreadable_label", place),
            }
        }
        for relation in json::list(&value, "relations") {
            let end = |key| json::text(relation, key).and_then(|id| ids.get(&id).copied());
            match (end("from_id"), end("to_id")) {
                (Some(from), Some(to)) => {
                    let label = json::text(relation, "type").unwrap_or_default();
                    document.annotations.push(Annotation::new(label, Mark::Relation { from, to }));
                }
                _ => self.lost.add("relation_without_end", place),
            }
        }
        self.shapes(&mut document, &value, &place);
        if let Value::Object(fields) = value {
            document.meta = fields
                .into_iter()
                .filter(|(key, value)| !KEYS.contains(&key.as_str()) && !is_empty_comments(key, value))
                .collect();
        }
        self.documents.push(document);
    }

    fn labels(
        &mut self,
        document: &mut Document,
        labels: Option<&Value>,
        ruler: &mut Ruler<'_>,
        place: &dyn Fn() -> String,
    ) {
        let labels = match labels {
            Some(Value::Array(labels)) => labels.as_slice(),
            Some(Value::Null) | None => return,
            Some(one) => std::slice::from_ref(one),
        };
        for label in labels {
            match label {
                Value::Array(triple) => {
                    self.span(document, ruler, (triple.first(), triple.get(1), triple.get(2)), place);
                }
                // A class or a free text: both for now, until all labels have been seen.
                other => match json::shown(other) {
                    Some(name) => {
                        let both = Annotation::new(name.as_str(), Mark::Answer(name.clone()));
                        document.annotations.push(both);
                    }
                    None => self.lost.add("unreadable_label", place),
                },
            }
        }
    }

    fn span(
        &mut self,
        document: &mut Document,
        ruler: &mut Ruler<'_>,
        (start, end, label): (Option<&Value>, Option<&Value>, Option<&Value>),
        place: &dyn Fn() -> String,
    ) {
        let read = start.and_then(json::whole).zip(end.and_then(json::whole)).zip(label.and_then(json::shown));
        let Some(((start, end), label)) = read else { return self.lost.add("unreadable_span", place) };
        let found = self.finder.find(ruler, start, end, None).and_then(|at| ruler.span(at.start, at.end));
        match found {
            Some(span) => document.annotations.push(Annotation::new(label, Mark::Span(span))),
            None => self.lost.add("span_outside_text", || format!("{}: {start}-{end} {label}", place())),
        }
    }

    fn shapes(&mut self, document: &mut Document, value: &Value, place: &dyn Fn() -> String) {
        for shape in json::list(value, "bbox") {
            let number = |key| json::number_at(shape, key);
            match (number("x"), number("y"), number("width"), number("height")) {
                (Some(x), Some(y), Some(width), Some(height)) => {
                    let label = json::text(shape, "label").unwrap_or_default();
                    document.annotations.push(Annotation::new(label, Mark::Box(Rect::new(x, y, width, height))));
                }
                _ => self.lost.add("unreadable_box", place),
            }
        }
        for shape in json::list(value, "segmentation") {
            match shape.get("points").and_then(json::points) {
                Some(outline) => {
                    let label = json::text(shape, "label").unwrap_or_default();
                    let part = Part { outline, holes: Vec::new() };
                    document.annotations.push(Annotation::new(label, Mark::Polygon(vec![part])));
                }
                None => self.lost.add("unreadable_polygon", place),
            }
        }
    }
}

/// Older exports write an empty list of comments into every record.
fn is_empty_comments(key: &str, value: &Value) -> bool {
    key == "Comments" && value.as_array().is_some_and(Vec::is_empty)
}

fn content(value: &Value) -> Content {
    if let Some(path) = json::text(value, "filename") {
        return if SOUNDS.contains(&source::ending(&path).as_str()) {
            Content::Audio(Audio { path, seconds: None })
        } else if IMAGES.contains(&source::ending(&path).as_str()) || value.get("text").is_none() {
            Content::Image(Image { path, ..Image::default() })
        } else {
            Content::Text(json::text(value, "text").unwrap_or_default())
        };
    }
    let text = ["text", "data", "column_data"].iter().find_map(|key| json::text(value, key));
    Content::Text(text.unwrap_or_default())
}

/// Lists of texts are classes, or free texts if the options say so or they look like sentences.
fn classes_or_answers(documents: &mut Documents, task: Option<Task>, report: &mut Report) {
    let labels = documents.documents.iter().flat_map(|document| &document.annotations);
    let mut wording = Wording::default();
    for annotation in labels {
        if let Mark::Answer(text) = &annotation.mark {
            wording.see(text);
        }
    }
    if wording.is_empty() {
        return;
    }
    let answers = wording.report("label", task, report);
    for annotation in documents.documents.iter_mut().flat_map(|document| &mut document.annotations) {
        if matches!(annotation.mark, Mark::Answer(_)) {
            if answers {
                annotation.label = "".into();
            } else {
                annotation.mark = Mark::Class;
            }
        }
    }
}

/// Which of doccano's project types the file is written for.
struct Layout {
    entities: bool,
    relations: bool,
    cats: bool,
}

impl Layout {
    fn document(&self, json: &mut Json, document: &Document) {
        json.open('{');
        if let Ok(id) = document.id.parse::<u32>() {
            json.key("id").whole(id as usize);
        } else if !document.id.is_empty() {
            json.key("id").text(&document.id);
        }
        match &document.content {
            Content::Text(text) => json.key("text").text(text),
            other => json.key("filename").text(match other {
                Content::Image(image) => &image.path,
                Content::Audio(audio) => &audio.path,
                _ => "",
            }),
        };
        let marks = |test: fn(&Mark) -> bool| document.annotations.iter().filter(move |one| test(&one.mark));
        let shapes = marks(|mark| matches!(mark, Mark::Box(_) | Mark::Polygon(_))).count();
        if shapes == 0 || marks(|mark| matches!(mark, Mark::Class | Mark::Answer(_))).count() > 0 {
            self.labels(json, document);
        }
        if self.entities {
            self.entities(json, document);
        }
        if self.cats {
            json.key("cats").open('[');
            marks(|mark| matches!(mark, Mark::Class)).for_each(|class| {
                json.text(&class.label);
            });
            json.close(']');
        }
        if shapes > 0 {
            write_shapes(json, document);
        }
        json.fields(&document.meta).close('}');
    }

    fn labels(&self, json: &mut Json, document: &Document) {
        json.key("label").open('[');
        for annotation in &document.annotations {
            match &annotation.mark {
                Mark::Span(span) if !self.entities => {
                    let (start, end) = span.range();
                    json.open('[').whole(start).whole(end).text(&annotation.label).close(']');
                }
                Mark::Class if !self.cats => {
                    json.text(&annotation.label);
                }
                Mark::Answer(text) => {
                    json.text(text);
                }
                _ => {}
            }
        }
        json.close(']');
    }

    fn entities(&self, json: &mut Json, document: &Document) {
        json.key("entities").open('[');
        for (at, annotation) in document.annotations.iter().enumerate() {
            if let Mark::Span(span) = &annotation.mark {
                let (start, end) = span.range();
                json.open('{').key("id").whole(at + 1).key("label").text(&annotation.label);
                json.key("start_offset").whole(start).key("end_offset").whole(end).close('}');
            }
        }
        json.close(']');
        if !self.relations {
            return;
        }
        json.key("relations").open('[');
        for (at, annotation) in document.annotations.iter().enumerate() {
            if let Mark::Relation { from, to } = annotation.mark {
                json.open('{').key("id").whole(at + 1).key("from_id").whole(from + 1).key("to_id").whole(to + 1);
                json.key("type").text(&annotation.label).close('}');
            }
        }
        json.close(']');
    }
}

fn write_shapes(json: &mut Json, document: &Document) {
    json.key("bbox").open('[');
    for annotation in &document.annotations {
        if let Mark::Box(rect) = annotation.mark {
            json.open('{').key("x").number(rect.x).key("y").number(rect.y).key("width").number(rect.width);
            json.key("height").number(rect.height).key("label").text(&annotation.label).close('}');
        }
    }
    json.close(']').key("segmentation").open('[');
    for annotation in &document.annotations {
        if let Mark::Polygon(parts) = &annotation.mark {
            let points = parts.iter().flat_map(|part| &part.outline).flat_map(|point| [point.x, point.y]);
            json.open('{').key("points").numbers(points).key("label").text(&annotation.label).close('}');
        }
    }
    json.close(']');
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, labels_of, sample};
    use super::*;

    #[test]
    fn its_own_files_are_read() {
        let check = |file: &str, documents: usize, labels: &[&str]| {
            let Some(path) = sample(file) else { return };
            let (read, report) = Doccano.read(&path, &Options::default(), &Work::new()).unwrap();
            assert_eq!((read.documents.len(), report.lost.is_empty()), (documents, true), "{file}");
            assert_eq!(labels_of(&read), labels, "{file}");
        };
        check("text/doccano_cls.jsonl", 3, &["긍정", "부정", "문의"]);
        check("text/doccano_seq.jsonl", 1, &["PS 김민수", "LC 서울", "OG 삼성전자"]);
        check("text/doccano_rel.jsonl", 1, &["PS 김민수", "LC 서울", "OG 삼성전자", "입사 0>2"]);
        check("text/doccano_seq2seq.jsonl", 1, &["=좋은 아침입니다.", "=안녕하세요."]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let text = "{\"text\":\"abc\",\"label\":[[0,9,\"A\"],[0,\"x\",\"A\"],[2,3,\"B\"]],\"entities\":[],\"relations\":[{\"from_id\":1,\"to_id\":2}]}";
        let (read, report) = testing::read_text(&Doccano, "a.jsonl", text).unwrap();
        assert_eq!(labels_of(&read), ["B c"]);
        let lost: Vec<_> = report.lost.iter().map(|(code, loss)| (code, loss.count)).collect();
        assert_eq!(lost, [("relation_without_end", 1), ("span_outside_text", 1), ("unreadable_span", 1)]);
    }

    proptest::proptest! {
        #[test]
        fn classes_go_out_and_come_in(documents in testing::documents(HOLDS.without(F::Answer))) {
            let options = Options { task: Some(Task::Classes), ..Options::default() };
            testing::check_round_trip(&Doccano, "a.jsonl", documents, &options);
        }

        #[test]
        fn texts_go_out_and_come_in(documents in testing::documents(HOLDS.without(F::Class))) {
            let options = Options { task: Some(Task::Answers), ..Options::default() };
            testing::check_round_trip(&Doccano, "a.jsonl", documents, &options);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[\\[\\]{}\",:a1 \n]{0,40}") {
            let _ = testing::read_text(&Doccano, "a.jsonl", &text);
        }
    }
}
