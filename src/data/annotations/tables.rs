//! Tables: `jsonl` (a document a line, which holds everything), `csv` and `parquet` (an annotation a row), and tables of
//! others, in which a row is a document with a label or a second text.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{Int64Array, LargeStringArray};
use serde_json::Value;

use super::form;
use super::holds::{Feature as F, Holds, Losses, Report};
use super::json::{self, Json, list, text};
use super::model::{Annotation, Audio, Content, Document, Documents, Image, Mark};
use super::source::{self, IMAGES, SOUNDS};
use super::{Clue, Format, Options, Output, Reason, Sure};
use crate::data::read::{ReadOptions, read_frame};
use crate::data::{Column, Frame, Kind, Values};
use crate::engine::{Error, Result, Work};

/// A document a line.
pub(super) struct JsonLines;

/// An annotation a row, as CSV.
pub(super) struct Csv;

/// An annotation a row, as Parquet.
pub(super) struct Parquet;

/// Declared classes have no row.
const ROWS: Holds = Holds::ALL.without(F::ClassList);

impl Format for JsonLines {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["jsonl", "ndjson"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        let own = clue.is_json() && clue.keys(&["annotations", "kind"]);
        own.then_some((Sure::Likely, Reason::Fields("annotations, kind")))
    }

    fn holds(&self, _: &Options) -> Holds {
        Holds::ALL
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        let mut report = Report::default();
        let content = source::read_text(path, options, &mut report, work)?;
        let records = json::records(content.as_bytes())?;
        work.stage("reading annotations", records.len() as u64);
        let batches = json::map_batches(content.as_bytes(), &records, work, |first, values| {
            let (mut documents, mut lost, mut foreign) = (Documents::default(), Losses::default(), 0usize);
            for (at, value) in values.iter().enumerate() {
                if value.get("classes").is_some() && value.get("annotations").is_none() {
                    documents.classes.extend(form::read_classes(value));
                    continue;
                }
                foreign += usize::from(value.get("annotations").is_none());
                documents.documents.extend(document(value, first + at + 1, &mut lost));
            }
            Ok((documents, lost, foreign))
        })?;
        let (mut documents, mut foreign) = (Documents::default(), 0);
        for (batch, lost, count) in batches {
            documents.documents.extend(batch.documents);
            documents.classes.extend(batch.classes);
            report.lost.merge(lost);
            foreign += count;
        }
        if foreign > 0 && foreign == documents.documents.len() {
            return read_foreign(path, options, work);
        }
        let report = report.counted(&documents);
        Ok((documents, report))
    }

    fn render(&self, path: &Path, documents: &Documents, _: &Options, work: &Work) -> Result<Output> {
        let mut json = Json::default();
        if !documents.classes.is_empty() {
            form::write_classes(&mut json, &documents.classes);
            json.line("\n");
        }
        for (row, document) in documents.documents.iter().enumerate() {
            if row % 256 == 0 {
                work.check()?;
            }
            form::write_document(&mut json, document);
            json.line("\n");
        }
        Ok(Output::text(path, json.take(), Report::of(documents)))
    }
}

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["csv"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        clue.ends(&["csv"]).then_some((Sure::Perhaps, Reason::Ending(".csv")))
    }

    fn holds(&self, _: &Options) -> Holds {
        ROWS
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        read_rows(path, options, work)
    }

    fn render(&self, path: &Path, documents: &Documents, _: &Options, work: &Work) -> Result<Output> {
        write_rows(path, documents, work)
    }
}

impl Format for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["parquet"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        clue.ends(&["parquet"]).then_some((Sure::Perhaps, Reason::Ending(".parquet")))
    }

    fn holds(&self, _: &Options) -> Holds {
        ROWS
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        read_rows(path, options, work)
    }

    fn render(&self, path: &Path, documents: &Documents, _: &Options, work: &Work) -> Result<Output> {
        write_rows(path, documents, work)
    }
}

/// A document by its record.
fn document(value: &Value, number: usize, lost: &mut Losses) -> Option<Document> {
    let Some(content) = form::read_content(value) else {
        lost.add("unreadable_document", || format!("record {number}"));
        return None;
    };
    let mut document = Document::new(text(value, "id").unwrap_or_default(), content);
    document.split = text(value, "split").unwrap_or_default();
    document.meta = form::pairs(value.get("meta"));
    add_annotations(&mut document, list(value, "annotations"), number, lost);
    Some(document)
}

/// Adds annotations. One that cannot be read would move those to which relations point: relations go as well then.
fn add_annotations(document: &mut Document, values: &[Value], number: usize, lost: &mut Losses) {
    let read: Vec<Option<Annotation>> = values.iter().map(|value| form::read_annotation(value, values.len())).collect();
    let broken = read.iter().filter(|annotation| annotation.is_none()).count();
    (0..broken).for_each(|_| lost.add("unreadable_annotation", || format!("record {number}")));
    for annotation in read.into_iter().flatten() {
        if broken > 0 && matches!(annotation.mark, Mark::Relation { .. }) {
            lost.add("relation_without_end", || format!("record {number}"));
            continue;
        }
        document.annotations.push(annotation);
    }
}

/// The columns of a table with an annotation a row. `document` numbers the documents; the rest is repeated.
const COLUMNS: &[&str] =
    &["document", "id", "split", "content", "meta", "kind", "label", "start", "end", "surface", "annotation"];

fn write_rows(path: &Path, documents: &Documents, work: &Work) -> Result<Output> {
    let mut numbers: Vec<i64> = Vec::new();
    let mut texts: Vec<Vec<Option<String>>> = vec![Vec::new(); COLUMNS.len() - 3];
    let mut ends: [Vec<Option<i64>>; 2] = [Vec::new(), Vec::new()];
    let mut json = Json::default();
    for (row, document) in documents.documents.iter().enumerate() {
        if row % 256 == 0 {
            work.check()?;
        }
        // The id stands in the content as well: a column of ids would be read as numbers or dates.
        json.open('{').key("id").text(&document.id);
        form::write_content(&mut json, &document.content);
        json.close('}').line("");
        let content = json.take();
        json.open('{').fields(&document.meta).close('}').line("");
        let meta = Some(json.take()).filter(|_| !document.meta.is_empty());
        let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let none = document.annotations.is_empty().then_some(None);
        for annotation in document.annotations.iter().map(Some).chain(none) {
            numbers.push(row as i64);
            let (surface, range) = match annotation.map(|annotation| &annotation.mark) {
                Some(Mark::Span(span)) => (filled(&span.surface), Some(span.range())),
                _ => (None, None),
            };
            let written = annotation.map(|annotation| {
                form::write_annotation(&mut json, annotation);
                json.line("").take()
            });
            let cells = [
                filled(&document.id),
                filled(&document.split),
                Some(content.clone()),
                meta.clone(),
                annotation.map(|annotation| form::kind(&annotation.mark).to_owned()),
                annotation.and_then(|annotation| filled(&annotation.label)),
                surface,
                written,
            ];
            texts.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
            ends[0].push(range.map(|range| range.0 as i64));
            ends[1].push(range.map(|range| range.1 as i64));
        }
    }
    let mut texts = texts.into_iter();
    let mut ends = ends.into_iter();
    let columns = COLUMNS.iter().map(|name| {
        Arc::new(match *name {
            "document" => Column::new(*name, Values::Int(Int64Array::from(std::mem::take(&mut numbers)))),
            "start" | "end" => Column::new(*name, Values::Int(Int64Array::from(ends.next().unwrap_or_default()))),
            _ => {
                let cells = texts.next().unwrap_or_default();
                Column::text(*name, Kind::Text, LargeStringArray::from(cells))
            }
        })
    });
    Ok(Output::table(path, Frame::new(columns.collect()), Report::of(documents)))
}

fn read_rows(path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
    let reading =
        read_frame(path, &ReadOptions { encoding: options.encoding.clone(), ..ReadOptions::default() }, work)?;
    let frame = &reading.frame;
    let ours = ["document", "content", "annotation"].iter().all(|name| frame.get(name).is_some());
    if !ours {
        return foreign(frame, reading.report.notes, options);
    }
    let mut report = Report { notes: reading.report.notes, ..Report::default() };
    let cell =
        |name: &str, row: usize| frame.get(name).and_then(|column| column.show(row)).map(|cell| cell.into_owned());
    let parsed = |name: &str, row: usize| cell(name, row).and_then(|cell| serde_json::from_str::<Value>(&cell).ok());
    let mut documents = Documents::default();
    let (mut open, mut values): (Option<String>, Vec<Value>) = (None, Vec::new());
    for row in 0..frame.rows() {
        if row % 1024 == 0 {
            work.check()?;
        }
        let number = cell("document", row);
        if row == 0 || number != open {
            if let Some(last) = documents.documents.last_mut() {
                add_annotations(last, &std::mem::take(&mut values), row, &mut report.lost);
            }
            values.clear();
            open = number;
            let shown = parsed("content", row);
            let Some(content) = shown.as_ref().and_then(form::read_content) else {
                return Err(Error::input("the column content is not what it should be").at(format!("row {row}")));
            };
            let id = shown.as_ref().and_then(|shown| text(shown, "id")).or_else(|| cell("id", row));
            let mut document = Document::new(id.unwrap_or_default(), content);
            document.split = cell("split", row).unwrap_or_default();
            document.meta = form::pairs(parsed("meta", row).as_ref());
            documents.documents.push(document);
        }
        match (cell("annotation", row).filter(|cell| !cell.is_empty()), parsed("annotation", row)) {
            (Some(_), Some(value)) => values.push(value),
            (Some(_), None) => values.push(Value::Null),
            (None, _) => {}
        }
    }
    if let Some(last) = documents.documents.last_mut() {
        add_annotations(last, &values, frame.rows(), &mut report.lost);
    }
    let report = report.counted(&documents);
    Ok((documents, report))
}

fn read_foreign(path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
    let reading =
        read_frame(path, &ReadOptions { encoding: options.encoding.clone(), ..ReadOptions::default() }, work)?;
    foreign(&reading.frame, reading.report.notes, options)
}

/// A table of others: a row is a document. Its text or media, and its label or a second text, are told by the columns'
/// names and contents, and reported.
fn foreign(frame: &Frame, notes: Vec<String>, options: &Options) -> Result<(Documents, Report)> {
    let mut report = Report { notes, ..Report::default() };
    let named = |names: &[&str]| names.iter().find_map(|name| frame.get(name));
    let label = match &options.label {
        Some(name) => Some(frame.column(name)?),
        None => named(&["label", "labels", "class", "category", "target"]),
    };
    let is_label = |column: &Arc<Column>| label.is_some_and(|label| label.name() == column.name());
    let texts: Vec<&Arc<Column>> = frame
        .columns()
        .iter()
        .filter(|column| column.strings().is_some() && !is_label(column) && !matches!(column.name(), "id" | "split"))
        .collect();
    let known = named(&["text", "sentence", "document", "file_name", "filename", "image", "audio", "path", "file"]);
    let shown = known.filter(|column| column.strings().is_some()).or_else(|| texts.first().copied());
    let Some(shown) = shown else {
        return Err(
            Error::input("there is no column of text, images or sounds").help("name the columns text and label")
        );
    };
    let second = texts.iter().find(|column| column.name() != shown.name() && label.is_none());
    report.infer("content", format!("column {}", shown.name()));
    match (label, second) {
        (Some(label), _) => report.infer("label", format!("column {}", label.name())),
        (None, Some(second)) => report.infer("free text", format!("column {}", second.name())),
        (None, None) => report.notes.push("no column holds labels".to_owned()),
    }
    let used = |name: &str| {
        name == shown.name()
            || label.is_some_and(|label| label.name() == name)
            || second.is_some_and(|one| one.name() == name)
    };
    let mut documents = Documents::default();
    for row in 0..frame.rows() {
        let cell = shown.show(row).unwrap_or_default().into_owned();
        let content = match source::ending(&cell).as_str() {
            ending if IMAGES.contains(&ending) => Content::Image(Image { path: cell, ..Image::default() }),
            ending if SOUNDS.contains(&ending) => Content::Audio(Audio { path: cell, seconds: None }),
            _ => Content::Text(cell),
        };
        let id = frame.get("id").and_then(|column| column.show(row)).unwrap_or_default().into_owned();
        let mut document = Document::new(id, content);
        document.split = frame.get("split").and_then(|column| column.show(row)).unwrap_or_default().into_owned();
        if let Some(name) = label.and_then(|label| label.show(row)).filter(|name| !name.is_empty()) {
            document.annotations.push(Annotation::new(&*name, Mark::Class));
        }
        if let Some(answer) = second.and_then(|second| second.show(row)) {
            document.annotations.push(Annotation::new("", Mark::Answer(answer.into_owned())));
        }
        for column in
            frame.columns().iter().filter(|column| !used(column.name()) && !matches!(column.name(), "id" | "split"))
        {
            if let Some(value) = column.show(row) {
                let value = column
                    .number(row)
                    .and_then(serde_json::Number::from_f64)
                    .map_or(Value::from(&*value), Value::Number);
                document.meta.push((column.name().to_owned(), value));
            }
        }
        documents.documents.push(document);
    }
    let report = report.counted(&documents);
    Ok((documents, report))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, labels_of};
    use super::*;

    #[test]
    fn tables_of_others_are_read() {
        let check = |name: &str, content: &str, labels: &[&str]| {
            let format: &dyn Format = if name.ends_with("csv") { &Csv } else { &JsonLines };
            let (read, _) = testing::read_text(format, name, content).unwrap();
            assert_eq!(labels_of(&read), labels, "{content}");
        };
        check("a.csv", "text,label\n좋아요,긍정\n싫어요,\n", &["긍정"]);
        check("a.csv", "ko,en\n안녕하세요,Hello there\n잘 가요,Goodbye now\n", &["=Hello there", "=Goodbye now"]);
        check("a.jsonl", "{\"text\":\"a b\",\"label\":\"x\"}\n", &["x"]);
    }

    proptest::proptest! {
        #[test]
        fn lines_hold_everything(documents in testing::documents(Holds::ALL)) {
            testing::check_round_trip(&JsonLines, "a.jsonl", documents, &Options::default());
        }

        #[test]
        fn rows_hold_everything(documents in testing::documents(ROWS)) {
            testing::check_round_trip(&Csv, "a.csv", documents.clone(), &Options::default());
            testing::check_round_trip(&Parquet, "a.parquet", documents, &Options::default());
        }
    }
}
