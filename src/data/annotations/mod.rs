//! Annotations of other tools: read into one common form, and written from it.
//!
//! In: a file or folder and the name of its format. Out: [`Documents`], and a [`Report`] that says what was inferred and
//! names and counts whatever was lost. What a format can hold is stated as [`Holds`]; [`fit`] computes from it what has to
//! be changed, so that a writer only ever gets what it can write. One file a format; [`FORMATS`] holds one line for each.

mod audio;
mod brat;
mod coco;
mod conll;
mod conllu;
mod cvat;
mod doccano;
mod form;
pub mod geometry;
mod holds;
mod imagefolder;
mod json;
mod label_studio;
mod labelme;
pub mod model;
pub mod offsets;
mod prodigy;
pub mod rle;
mod source;
mod tables;
pub mod tags;
#[cfg(test)]
mod testing;
mod voc;
mod xml;
mod yolo;

use std::path::{Path, PathBuf};

pub use form::{from_value, to_value};
pub use holds::{Feature, Holds, Loss, Losses, Report, fit};
pub use model::{Annotation, Document, Documents, Mark};

use crate::engine::{Error, Result, Work};
use json::Json;
use offsets::Unit;
use tags::Scheme;

/// The formats, in the order in which messages list them.
pub static FORMATS: &[&dyn Format] = &[
    &doccano::Doccano,
    &label_studio::LabelStudio,
    &brat::Brat,
    &conll::Conll,
    &conll::CharConll,
    &conllu::Conllu,
    &coco::Coco,
    &yolo::Yolo,
    &voc::Voc,
    &labelme::Labelme,
    &cvat::Cvat,
    &prodigy::Prodigy,
    &imagefolder::ImageFolder,
    &prodigy::SpacyLines,
    &audio::Audacity,
    &audio::WebVtt,
    &audio::TextGrid,
    &tables::Csv,
    &tables::JsonLines,
    &tables::Parquet,
];

/// A format of annotations.
pub trait Format: Sync {
    /// The name in options and reports ("label-studio").
    fn name(&self) -> &'static str;

    /// The endings of its files, lower case, without the dot; none where it is a folder.
    fn extensions(&self) -> &'static [&'static str];

    /// What it can hold.
    fn holds(&self, options: &Options) -> Holds;

    /// Reads a file or folder. Forgives what real files get wrong, and says so.
    ///
    /// # Errors
    /// If it is not of this format or cannot be read at all, something that must be known is missing, or the work was
    /// cancelled.
    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)>;

    /// Writes a file or folder, strictly by the format. The documents hold only what [`Format::holds`] says; what still
    /// cannot be written is counted in the report.
    ///
    /// # Errors
    /// If it cannot be written, something that must be known is missing, or the work was cancelled.
    fn write(&self, path: &Path, documents: &Documents, options: &Options, work: &Work) -> Result<Report>;
}

/// What the lines or labels of a format that does not say are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Lists of texts are classes (doccano).
    Classes,
    /// Lists of texts are free texts (doccano).
    Answers,
    /// Boxes (YOLO).
    Detect,
    /// Outlines (YOLO).
    Segment,
    /// Turned boxes (YOLO OBB).
    Rotated,
    /// Keypoints (YOLO).
    Pose,
}

impl Task {
    /// The names in options.
    pub const NAMES: [&'static str; 6] = ["classes", "seq2seq", "detect", "segment", "obb", "pose"];

    /// The task of that name.
    pub fn of(name: &str) -> Option<Self> {
        let all = [Self::Classes, Self::Answers, Self::Detect, Self::Segment, Self::Rotated, Self::Pose];
        Self::NAMES.iter().position(|known| *known == name).and_then(|at| all.get(at)).copied()
    }

    /// Whether it is one of YOLO's.
    fn is_yolo(self) -> bool {
        !matches!(self, Self::Classes | Self::Answers)
    }
}

/// What a person may say about a file. The default infers everything that can be inferred.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The scheme of tags, on reading and writing.
    pub scheme: Option<Scheme>,
    /// What offsets count.
    pub unit: Option<Unit>,
    /// The number of the first pixel in Pascal VOC: 0 or 1.
    pub base: Option<u8>,
    /// What the labels or lines are.
    pub task: Option<Task>,
    /// The folder that holds the media.
    pub media: Option<PathBuf>,
    /// The column of labels in a table.
    pub label: Option<String>,
    /// The encoding of text files by its WHATWG label.
    pub encoding: Option<String>,
}

/// The format of that name.
///
/// # Errors
/// If there is none; the error lists them.
pub fn format(name: &str) -> Result<&'static dyn Format> {
    FORMATS.iter().find(|format| format.name() == name).copied().ok_or_else(|| {
        let names: Vec<_> = FORMATS.iter().map(|format| format.name()).collect();
        Error::input("there is no such format").at(name).help(format!("the formats are: {}", names.join(", ")))
    })
}

/// Reads annotations.
///
/// # Errors
/// As [`Format::read`]; the error names the path.
pub fn read(path: &Path, format: &dyn Format, options: &Options, work: &Work) -> Result<(Documents, Report)> {
    if !path.exists() {
        let absent = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(Error::io("cannot read the annotations", path, &absent));
    }
    format.read(path, options, work).map_err(|error| placed(error, path))
}

/// What would be lost by writing documents in a format; nothing is written.
///
/// # Errors
/// If the work was cancelled.
pub fn losses(documents: &Documents, format: &dyn Format, options: &Options, work: &Work) -> Result<Losses> {
    let mut losses = Losses::default();
    fit(documents, format.holds(options), &mut losses, work)?;
    Ok(losses)
}

/// Writes annotations, as much of them as the format can hold; the report counts the rest.
///
/// # Errors
/// As [`Format::write`].
pub fn write(
    path: &Path,
    documents: &Documents,
    format: &dyn Format,
    options: &Options,
    work: &Work,
) -> Result<Report> {
    let mut lost = Losses::default();
    let fitted = fit(documents, format.holds(options), &mut lost, work)?;
    let mut report = format.write(path, &fitted, options, work).map_err(|error| placed(error, path))?;
    lost.merge(std::mem::take(&mut report.lost));
    report.lost = lost;
    Ok(report)
}

/// Copies the media that the documents name beside the annotations at `to`; they are looked for beside those at `from`,
/// or in the options' folder. Returns how many were copied and how many were not found.
///
/// # Errors
/// If a file cannot be copied, or the work was cancelled.
pub fn copy_media(
    documents: &Documents,
    from: &Path,
    to: &Path,
    format: &dyn Format,
    options: &Options,
    work: &Work,
) -> Result<(usize, usize)> {
    let media = source::Media::beside(from, options)?;
    let below = match format.name() {
        "yolo" => "images",
        "voc" => "JPEGImages",
        _ => "",
    };
    let folder = if to.is_dir() { to.to_owned() } else { source::folder_of(to).to_owned() };
    source::copy_media(documents, &media, &folder.join(below), work)
}

/// The format that a file or folder has, and why; `None` if it cannot be told.
pub fn recognise(path: &Path) -> Option<(&'static dyn Format, &'static str)> {
    let found = |name: &str, reason: &'static str| format(name).ok().map(|format| (format, reason));
    if path.is_dir() {
        return recognise_folder(path).and_then(|(name, reason)| found(name, reason));
    }
    let ending = source::ending(&path.to_string_lossy());
    let head = head(path, 1 << 16);
    let has = |word: &str| head.contains(word);
    match ending.as_str() {
        "vtt" => found("webvtt", "it ends in .vtt"),
        "textgrid" => found("textgrid", "it ends in .TextGrid"),
        "conllu" => found("conllu", "it ends in .conllu"),
        "ann" => found("brat", "it ends in .ann"),
        "xml" if has("<annotations") => found("cvat", "it begins with <annotations>"),
        "xml" if has("<annotation") => found("voc", "it begins with <annotation>"),
        "json" if has("\"shapes\"") && has("\"imagePath\"") || has("\"imageData\"") => {
            found("labelme", "it has shapes and the path of an image")
        }
        "json" if has("\"images\"") && (has("\"annotations\"") || has("\"categories\"") || has("\"file_name\"")) => {
            found("coco", "it has images and annotations")
        }
        "json" | "jsonl" if has("\"result\"") && has("\"data\"") => {
            found("label-studio", "it has tasks with data and results")
        }
        "jsonl" | "json" if has("\"annotations\"") && has("\"kind\"") => {
            found("jsonl", "its annotations name their kinds")
        }
        "jsonl" if has("\"_input_hash\"") || has("\"answer\"") => found("prodigy", "its tasks have answers"),
        "jsonl" | "json" if has("\"start_offset\"") || has("\"label\"") || has("\"cats\"") => {
            found("doccano", "its records have labels or entities")
        }
        "conll" | "bio" | "iob" => found("conll", "its name says so"),
        "csv" => found("csv", "it ends in .csv"),
        "parquet" => found("parquet", "it ends in .parquet"),
        _ => None,
    }
}

fn recognise_folder(path: &Path) -> Option<(&'static str, &'static str)> {
    let has = |name: &str| path.join(name).exists();
    if has("data.yaml") || has("obj.names") || (has("labels") && has("classes.txt")) {
        return Some(("yolo", "it has data.yaml or a list of classes"));
    }
    if has("Annotations") {
        return Some(("voc", "it has a folder Annotations"));
    }
    if has("annotation.conf") {
        return Some(("brat", "it has annotation.conf"));
    }
    if ["metadata.csv", "metadata.jsonl", "metadata.parquet"].iter().any(|name| has(name)) {
        return Some(("imagefolder", "it has a file of metadata"));
    }
    let names = source::files_in(path, &["ann", "vtt", "textgrid", "xml", "json"], &Work::new()).ok()?;
    match source::ending(names.first()?).as_str() {
        "ann" => Some(("brat", "it has .ann files")),
        "vtt" => Some(("webvtt", "it has .vtt files")),
        "textgrid" => Some(("textgrid", "it has .TextGrid files")),
        _ => {
            let first = path.join(names.first()?);
            recognise(&first)
                .filter(|(format, _)| matches!(format.name(), "voc" | "labelme"))
                .map(|(format, reason)| (format.name(), reason))
        }
    }
}

/// The beginning of a file as text.
fn head(path: &Path, bytes: u64) -> String {
    use std::io::Read as _;
    let mut head = Vec::new();
    if let Ok(file) = std::fs::File::open(path) {
        let _ = file.take(bytes).read_to_end(&mut head);
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// Puts the path in front of the place of an error that does not name it yet.
fn placed(error: Error, path: &Path) -> Error {
    let shown = path.display().to_string();
    if error.is_cancelled() || error.place().is_some_and(|place| place.contains(&shown)) {
        error
    } else {
        error.at(shown)
    }
}

/// Writes a JSON object a document, one a line.
fn write_lines(
    path: &Path,
    documents: &Documents,
    work: &Work,
    mut write: impl FnMut(&mut Json, &Document),
) -> Result<()> {
    work.stage("writing annotations", documents.documents.len() as u64);
    let mut json = Json::default();
    for batch in documents.documents.chunks(256) {
        work.advance(batch.len() as u64)?;
        for document in batch {
            write(&mut json, document);
            json.line("\n");
        }
    }
    source::write_text(path, &json.take())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_recognised() {
        let check = |file: &str, expected: &str| {
            let Some(path) = testing::sample(file) else { return };
            assert_eq!(recognise(&path).map(|(format, _)| format.name()), Some(expected), "{file}");
        };
        check("text/doccano_seq.jsonl", "doccano");
        check("text/prodigy_ner.jsonl", "prodigy");
        check("labelstudio/tasks.json", "label-studio");
        check("img/coco.json", "coco");
        check("img/cvat.xml", "cvat");
        check("img/labelme_a.json", "labelme");
        check("img/voc", "voc");
        check("img/yolo", "yolo");
        check("img/hf", "imagefolder");
        check("brat", "brat");
        check("audio/tiny.vtt", "webvtt");
    }

    #[test]
    fn every_file_of_the_peers_is_read_or_refused() {
        for path in testing::peers("", "") {
            for format in FORMATS {
                let fits = format.extensions().contains(&source::ending(&path.to_string_lossy()).as_str());
                if fits {
                    let _ = format.read(&path, &Options::default(), &Work::new());
                }
            }
        }
    }

    #[test]
    fn what_a_format_cannot_hold_has_a_name() {
        let Some(path) = testing::sample("brat") else { return };
        let (documents, _) = read(&path, format("brat").unwrap(), &Options::default(), &Work::new()).unwrap();
        let lost = losses(&documents, format("conll").unwrap(), &Options::default(), &Work::new()).unwrap();
        assert_eq!((lost.count("relation"), lost.count("discontinuous_span_split")), (4, 1));
        assert!(lost.count("attributes") + lost.count("note") > 0);
    }
}
