//! Hugging Face's imagefolder and audiofolder: media with `metadata.csv`, `.jsonl` or `.parquet` beside them, or folders
//! named as classes.
//!
//! Source: the `datasets` library. Detections are `objects` with `bbox` (x, y, width, height in pixels) and `categories`.

use std::path::Path;

use serde_json::Value;

use super::holds::{Feature as F, Holds, Report};
use super::json::{self, Json, list, text};
use super::model::{Annotation, Audio, Class, Content, Document, Documents, Image, Mark, Rect};
use super::source::{self, IMAGES, Media, SOUNDS};
use super::{Clue, Format, Options, Output, Reason, Sure};
use crate::data::read::{ReadOptions, read_frame};
use crate::engine::{Error, Result, Work};

/// Imagefolder and audiofolder.
pub(super) struct ImageFolder;

const HOLDS: Holds = Holds::of(&[F::Image, F::Audio, F::EmptyDocument, F::Metadata, F::Class, F::Box, F::Answer]);

/// Fields that are not metadata.
const KEYS: &[&str] = &["file_name", "label", "objects", "text", "caption"];

impl Format for ImageFolder {
    fn name(&self) -> &'static str {
        "imagefolder"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &[]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        let tables = ["metadata.csv", "metadata.jsonl", "metadata.parquet"];
        tables.into_iter().find(|name| clue.holds(name)).map(|name| (Sure::Likely, Reason::Holds(name)))
    }

    fn holds(&self, _: &Options) -> Holds {
        HOLDS
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        let folder = source::folder_of(path);
        let mut report = Report::default();
        let tables = source::files_in(folder, &["csv", "jsonl", "parquet"], work)?;
        let tables: Vec<String> =
            tables.into_iter().filter(|name| source::stem(source::file_name(name)) == "metadata").collect();
        let mut documents = Documents::default();
        for name in &tables {
            let prefix = name.strip_suffix(source::file_name(name)).unwrap_or_default();
            for (row, value) in rows(&folder.join(name), options, &mut report, work)?.into_iter().enumerate() {
                match document(&value, prefix, &mut report) {
                    Some(document) => documents.documents.push(document),
                    None => report.lost.add("row_without_file_name", || format!("{name}: row {}", row + 1)),
                }
            }
        }
        if tables.is_empty() {
            documents = by_folder(folder, &mut report, work)?;
        }
        if documents.documents.is_empty() {
            return Err(Error::input("there are neither media nor metadata").at(path.display()));
        }
        let media = Media::beside(path, options)?;
        source::complete_images(&mut documents, &media, false, &mut report, work)?;
        let report = report.counted(&documents);
        Ok((documents, report))
    }

    fn render(&self, path: &Path, documents: &Documents, _: &Options, work: &Work) -> Result<Output> {
        let mut json = Json::default();
        let has = |test: fn(&Mark) -> bool| {
            documents
                .documents
                .iter()
                .flat_map(|document| &document.annotations)
                .any(|annotation| test(&annotation.mark))
        };
        let columns = [
            has(|mark| matches!(mark, Mark::Class)),
            has(|mark| matches!(mark, Mark::Box(_))),
            has(|mark| matches!(mark, Mark::Answer(_))),
        ];
        let mut report = Report::of(documents);
        for (row, document) in documents.documents.iter().enumerate() {
            if row % 256 == 0 {
                work.check()?;
            }
            write_row(&mut json, document, columns, &mut report);
            json.line("\n");
        }
        Ok(Output::text(&path.join("metadata.jsonl"), json.take(), report))
    }
}

/// The rows of a metadata file as objects.
fn rows(path: &Path, options: &Options, report: &mut Report, work: &Work) -> Result<Vec<Value>> {
    if path.extension().is_some_and(|ending| ending == "jsonl") {
        let text = source::read_text(path, options, report, work)?;
        let records = json::records(text.as_bytes())?;
        return Ok(json::map_batches(text.as_bytes(), &records, work, |_, values| Ok(values))?
            .into_iter()
            .flatten()
            .collect());
    }
    let frame = read_frame(path, &ReadOptions::default(), work)?.frame;
    let row = |row: usize| {
        let mut object = serde_json::Map::new();
        for column in frame.columns() {
            if let Some(cell) = column.show(row) {
                // Nested values stand as JSON in a cell.
                let nested = cell.starts_with(['{', '[']).then(|| serde_json::from_str(&cell).ok()).flatten();
                object.insert(column.name().to_owned(), nested.unwrap_or_else(|| Value::from(&*cell)));
            }
        }
        Value::Object(object)
    };
    Ok((0..frame.rows()).map(row).collect())
}

fn media_content(path: String) -> Content {
    if SOUNDS.contains(&source::ending(&path).as_str()) {
        Content::Audio(Audio { path, seconds: None })
    } else {
        Content::Image(Image { path, ..Image::default() })
    }
}

/// The part of the data that a path begins with.
fn split_of(path: &str) -> String {
    let first = path.split('/').next().unwrap_or_default();
    if matches!(first, "train" | "validation" | "valid" | "val" | "test") { first.to_owned() } else { String::new() }
}

fn document(value: &Value, prefix: &str, report: &mut Report) -> Option<Document> {
    let path = format!("{prefix}{}", text(value, "file_name").filter(|name| !name.is_empty())?.replace('\\', "/"));
    let mut document = Document::new("", media_content(path.clone()));
    document.split = split_of(&path);
    let labels = match value.get("label") {
        Some(Value::Array(labels)) => labels.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    for label in labels.iter().filter_map(json::shown).filter(|label| !label.is_empty()) {
        document.annotations.push(Annotation::new(label, Mark::Class));
    }
    if let Some(objects) = value.get("objects") {
        let names =
            ["categories", "category", "label"].iter().map(|key| list(objects, key)).find(|names| !names.is_empty());
        if let Value::Object(fields) = objects {
            let known = ["bbox", "categories", "category", "label"];
            let more = fields.keys().filter(|key| !known.contains(&key.as_str()));
            more.for_each(|key| report.lost.add("object_field", || format!("{path}: {key}")));
        }
        for (at, bounds) in list(objects, "bbox").iter().enumerate() {
            let side = |place: usize| bounds.get(place).and_then(json::number);
            let sides = side(0).zip(side(1)).zip(side(2).zip(side(3)));
            let label = names.and_then(|names| names.get(at)).and_then(json::shown);
            match (sides, label) {
                (Some(((x, y), (width, height))), Some(label)) => {
                    document.annotations.push(Annotation::new(label, Mark::Box(Rect::new(x, y, width, height))));
                }
                _ => report.lost.add("unreadable_box", || path.clone()),
            }
        }
    }
    for key in ["text", "caption"] {
        if let Some(answer) = text(value, key) {
            document.annotations.push(Annotation::new("", Mark::Answer(answer)));
        }
    }
    if let Value::Object(fields) = value {
        let rest = fields.iter().filter(|(key, _)| !KEYS.contains(&key.as_str()));
        document.meta = rest.map(|(key, value)| (key.clone(), value.clone())).collect();
    }
    Some(document)
}

/// Media whose folder is their class.
fn by_folder(folder: &Path, report: &mut Report, work: &Work) -> Result<Documents> {
    let endings: Vec<&str> = IMAGES.iter().chain(SOUNDS).copied().collect();
    let mut documents = Documents::default();
    for path in source::files_in(folder, &endings, work)? {
        let parts: Vec<&str> = path.split('/').collect();
        let label =
            parts.len().checked_sub(2).and_then(|at| parts.get(at)).copied().filter(|name| split_of(name).is_empty());
        let mut document = Document::new("", media_content(path.clone()));
        document.split = split_of(&path);
        if let Some(label) = label {
            document.annotations.push(Annotation::new(label, Mark::Class));
            if !documents.classes.iter().any(|class| &*class.name == label) {
                documents.classes.push(Class::named(label));
            }
        }
        documents.documents.push(document);
    }
    report.infer("label", "the folder's name");
    Ok(documents)
}

fn write_row(json: &mut Json, document: &Document, [classes, boxes, answers]: [bool; 3], report: &mut Report) {
    json.open('{').key("file_name").text(&source::inside(document.path().unwrap_or_default()));
    let of = |test: fn(&Mark) -> bool| document.annotations.iter().filter(move |annotation| test(&annotation.mark));
    if classes {
        json.key("label");
        match of(|mark| matches!(mark, Mark::Class)).next() {
            Some(class) => json.text(&class.label),
            None => json.null(),
        };
    }
    if boxes {
        json.key("objects").open('{').key("bbox").open('[');
        for annotation in &document.annotations {
            if let Mark::Box(rect) = annotation.mark {
                json.numbers([rect.x, rect.y, rect.width, rect.height]);
            }
        }
        json.close(']').key("categories").open('[');
        for annotation in of(|mark| matches!(mark, Mark::Box(_))) {
            json.text(&annotation.label);
        }
        json.close(']').close('}');
    }
    if answers {
        let mut texts = document.annotations.iter().filter_map(|annotation| match &annotation.mark {
            Mark::Answer(answer) => Some(answer),
            _ => None,
        });
        json.key("text");
        match texts.next() {
            Some(answer) => json.text(answer),
            None => json.null(),
        };
        texts.for_each(|_| report.lost.add("further_answer", || document.shown()));
    }
    json.fields(&document.meta).close('}');
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, labels_of, sample};
    use super::*;

    #[test]
    fn its_own_folders_are_read() {
        let check = |folder: &str, labels: &[&str]| {
            let Some(path) = sample(folder) else { return };
            let (read, _) = ImageFolder.read(&path, &Options::default(), &Work::new()).unwrap();
            assert_eq!(labels_of(&read), labels, "{folder}");
        };
        check("img/hf", &["상자", "=빨간 상자"]);
        check("img/hf_det", &["상자 [2,1,6,4]"]);
    }

    proptest::proptest! {
        #[test]
        fn what_goes_out_comes_in(mut documents in testing::documents(HOLDS)) {
            testing::one_answer(&mut documents);
            testing::check_round_trip(&ImageFolder, "folder", documents, &Options::default());
        }
    }
}
