//! Annotations of other tools: read into one common form, and written from it.
//!
//! In: a file or folder and the name of its format. Out: [`Documents`], and a [`Report`] that says what was inferred and
//! names and counts whatever was lost. What a format can hold is stated as [`Holds`]; [`fit`] computes from it what has to
//! be changed, so that a writer only ever gets what it can write. One file a format; [`FORMATS`] holds one line for each.

mod answers;
mod argilla;
mod audio;
mod brat;
mod coco;
mod conll;
mod conllu;
mod cvat;
mod datumaro;
mod detect;
mod doccano;
mod fasttext;
mod form;
pub mod geometry;
mod groups;
mod holds;
mod imagefolder;
mod json;
mod label_studio;
mod labelme;
#[cfg(test)]
mod manual;
pub mod model;
pub mod offsets;
mod output;
mod prodigy;
mod refinery;
mod refinery_project;
pub mod rle;
#[cfg(test)]
mod robust;
mod source;
mod tables;
pub mod tags;
#[cfg(test)]
mod testing;
mod voc;
mod wording;
mod xml;
mod yolo;

use std::path::{Path, PathBuf};

pub use detect::{Clue, Found, Reason, Sure, choose, recognise};
pub use form::{from_value, to_value};
pub use holds::{Feature, Holds, Loss, Losses, Report, fit};
pub use model::{Annotation, Document, Documents, Mark};
pub use output::Output;

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
    &label_studio::Minimal,
    &fasttext::FastText,
    &answers::Answers,
    &argilla::Argilla,
    &refinery::Refinery,
    &refinery_project::RefineryProject,
    &datumaro::Datumaro,
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

    /// How sure it is that a file or folder is of this format, and why; `None` if it does not look so.
    fn recognises(&self, _: &Clue) -> Option<(Sure, Reason)> {
        None
    }

    /// Whether it is written as well as read.
    fn is_written(&self) -> bool {
        true
    }

    /// Makes a file or folder, strictly by the format; nothing is on the disk yet. The documents hold only what
    /// [`Format::holds`] says; what still cannot be written is counted in the report.
    ///
    /// # Errors
    /// If something that must be known is missing, or the work was cancelled.
    fn render(&self, _: &Path, _: &Documents, _: &Options, _: &Work) -> Result<Output> {
        Err(Error::input("this format is only read, not written").at(self.name()))
    }
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
    there(path)?;
    format.read(path, options, work).map_err(|error| placed(error, path))
}

/// Makes the files that hold documents, as much of them as the format can hold; the report counts the rest. Nothing is on
/// the disk before [`Output::save`].
///
/// # Errors
/// As [`Format::render`], and if the format is only read.
pub fn prepare(
    path: &Path,
    documents: &Documents,
    format: &dyn Format,
    options: &Options,
    work: &Work,
) -> Result<Output> {
    if !format.is_written() {
        let names: Vec<_> = FORMATS.iter().filter(|other| other.is_written()).map(|other| other.name()).collect();
        return Err(Error::input("this format is only read, not written")
            .at(format.name())
            .help(format!("formats that are written: {}", names.join(", "))));
    }
    let mut lost = Losses::default();
    let fitted = fit(documents, format.holds(options), &mut lost, work)?;
    let mut output = format.render(path, &fitted, options, work).map_err(|error| placed(error, path))?;
    output.lose_first(lost);
    Ok(output)
}

/// Writes annotations, as much of them as the format can hold; the report counts the rest.
///
/// # Errors
/// As [`prepare`] and [`Output::save`].
pub fn write(
    path: &Path,
    documents: &Documents,
    format: &dyn Format,
    options: &Options,
    work: &Work,
) -> Result<Report> {
    prepare(path, documents, format, options, work)?.save(work)
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

/// Nothing, where a path exists.
fn there(path: &Path) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    let absent = std::io::Error::from(std::io::ErrorKind::NotFound);
    Err(Error::io("cannot read the annotations", path, &absent))
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

/// A JSON object a document, one a line.
fn lines(documents: &Documents, work: &Work, mut write: impl FnMut(&mut Json, &Document)) -> Result<String> {
    work.stage("writing annotations", documents.documents.len() as u64);
    let mut json = Json::default();
    for batch in documents.documents.chunks(256) {
        work.advance(batch.len() as u64)?;
        for document in batch {
            write(&mut json, document);
            json.line("\n");
        }
    }
    Ok(json.take())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_format_cannot_hold_has_a_name() {
        let Some(path) = testing::sample("brat") else { return };
        let (documents, _) = read(&path, format("brat").unwrap(), &Options::default(), &Work::new()).unwrap();
        let (format, path) = (format("conll").unwrap(), Path::new("a.conll"));
        let output = prepare(path, &documents, format, &Options::default(), &Work::new()).unwrap();
        let lost = &output.report().lost;
        assert_eq!((lost.count("relation"), lost.count("discontinuous_span_split")), (4, 1));
        assert!(lost.count("attributes") + lost.count("note") > 0);
    }
}
