//! Which format a file or folder has, told from its name and its beginning, and why.
//!
//! Every format judges for itself ([`Format::recognises`]); the surest wins, of two equally sure the earlier in the list.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::{FORMATS, Format, source};
use crate::engine::{Error, Result, Work};

/// How much of a file is looked at.
const HEAD: u64 = 1 << 17;

/// How sure a format is that something is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sure {
    /// Others may write the same: a plain table, records with a label.
    Perhaps,
    /// It has what this format has, and hardly another.
    Likely,
    /// It has what only this format has.
    Surely,
}

/// Why something was taken for a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Its name ends so.
    Ending(&'static str),
    /// The file begins so.
    Begins(&'static str),
    /// Its records have these fields.
    Fields(&'static str),
    /// Its lines have these words.
    Lines(&'static str),
    /// Its lines end in tags, as `B-PER` is one.
    Tags,
    /// Its lines begin with two times.
    Times,
    /// The folder holds this.
    Holds(&'static str),
    /// The first file in the folder is of the format.
    First,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ending(ending) => write!(f, "its name ends in {ending}"),
            Self::Begins(with) => write!(f, "it begins with {with}"),
            Self::Fields(fields) => write!(f, "its records have {fields}"),
            Self::Lines(words) => write!(f, "its lines have {words}"),
            Self::Tags => f.write_str("its lines end in tags such as B-PER"),
            Self::Times => f.write_str("its lines begin with two times"),
            Self::Holds(name) => write!(f, "the folder holds {name}"),
            Self::First => f.write_str("the first file in the folder is of this format"),
        }
    }
}

/// A format that was chosen or recognised.
#[derive(Clone, Copy)]
pub struct Found {
    /// The format.
    pub format: &'static dyn Format,
    /// Why; none where it was named.
    pub reason: Option<Reason>,
}

/// What is known of a file or folder before it is read.
#[derive(Debug)]
pub struct Clue {
    path: PathBuf,
    /// The lower-case ending of the file's name; empty for a folder.
    pub(super) ending: String,
    pub(super) is_folder: bool,
    /// The beginning of the file.
    pub(super) head: String,
    /// The first file in the folder of an ending that annotations have.
    first: Option<PathBuf>,
}

/// Endings that files of annotations have in folders.
const ENDINGS: &[&str] = &["ann", "vtt", "textgrid", "xml", "json"];

impl Clue {
    /// What can be seen at a path.
    pub fn at(path: &Path) -> Self {
        let is_folder = path.is_dir();
        let first = match is_folder {
            true => source::files_in(path, ENDINGS, &Work::new()).ok(),
            false => None,
        };
        Self {
            ending: if is_folder { String::new() } else { source::ending(&path.to_string_lossy()) },
            head: if is_folder { String::new() } else { head(path) },
            first: first.and_then(|names| Some(path.join(names.first()?))),
            path: path.to_owned(),
            is_folder,
        }
    }

    /// Whether it is a file whose name ends so.
    pub(super) fn ends(&self, endings: &[&str]) -> bool {
        !self.is_folder && endings.contains(&self.ending.as_str())
    }

    /// Whether the beginning of the file has a text.
    pub(super) fn has(&self, text: &str) -> bool {
        self.head.contains(text)
    }

    /// Whether the beginning of the file has all of these as keys of objects.
    pub(super) fn keys(&self, keys: &[&str]) -> bool {
        keys.iter().all(|key| self.head.contains(&format!("\"{key}\"")))
    }

    /// Whether it is JSON, as one value or a record a line.
    pub(super) fn is_json(&self) -> bool {
        self.ends(&["json", "jsonl", "ndjson"])
    }

    /// Whether the folder holds a file or folder of that name.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.is_folder && self.path.join(name).exists()
    }

    /// What is known of the folder's first file.
    pub(super) fn first(&self) -> Option<Self> {
        self.first.as_deref().map(Self::at)
    }

    /// What is known of a file in the folder.
    pub(super) fn within(&self, name: &str) -> Option<Self> {
        self.holds(name).then(|| Self::at(&self.path.join(name)))
    }

    /// The lines of the beginning that are whole and not blank; at most 200.
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        let whole = self.head.len() < HEAD as usize;
        let cut = if whole { self.head.len() } else { self.head.rfind('\n').unwrap_or(0) };
        let head = self.head.get(..cut).unwrap_or_default();
        head.lines().filter(|line| !line.trim().is_empty()).take(200)
    }

    /// Whether most lines are so, and there is one.
    pub(super) fn most_lines(&self, is: impl Fn(&str) -> bool) -> bool {
        let (of, all) = self.lines().fold((0, 0), |(of, all), line| (of + usize::from(is(line)), all + 1));
        of > 0 && of * 10 >= all * 9
    }
}

/// The beginning of a file as text.
fn head(path: &Path) -> String {
    let mut head = Vec::new();
    if let Ok(file) = std::fs::File::open(path) {
        let _ = file.take(HEAD).read_to_end(&mut head);
    }
    let plain = match head.as_slice() {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        bytes => String::from_utf8_lossy(bytes).into_owned(),
    };
    plain.trim_start_matches('\u{FEFF}').to_owned()
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}

/// The format that a file or folder has, and why; `None` if it cannot be told.
pub fn recognise(path: &Path) -> Option<Found> {
    let clue = Clue::at(path);
    let mut best: Option<(Sure, Found)> = None;
    for format in FORMATS {
        if let Some((sure, reason)) = format.recognises(&clue)
            && best.is_none_or(|(other, _)| sure > other)
        {
            best = Some((sure, Found { format: *format, reason: Some(reason) }));
        }
    }
    best.map(|(_, found)| found)
}

/// The format of that name, or without one the format that a file or folder has.
///
/// # Errors
/// If there is nothing at that path, there is no such format, or it cannot be told.
pub fn choose(name: Option<&str>, path: &Path) -> Result<Found> {
    super::there(path)?;
    match name {
        Some(name) => Ok(Found { format: super::format(name)?, reason: None }),
        None => recognise(path).ok_or_else(|| {
            Error::input("the format of the annotations cannot be told").at(path.display()).help("name the format")
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn files_are_recognised() {
        let check = |file: &str, expected: &str| {
            let Some(path) = testing::sample(file) else { return };
            let found = recognise(&path);
            assert_eq!(found.map(|found| found.format.name()), Some(expected), "{file}");
            assert!(found.is_some_and(|found| found.reason.is_some()));
        };
        check("text/doccano_seq.jsonl", "doccano");
        check("text/doccano_cls.jsonl", "doccano");
        check("text/prodigy_ner.jsonl", "prodigy");
        check("text/conll2003.txt", "conll");
        check("text/char_bio_ko.tsv", "char-conll");
        check("text/tiny.conllu", "conllu");
        check("labelstudio/tasks.json", "label-studio");
        check("img/coco.json", "coco");
        check("img/cvat.xml", "cvat");
        check("img/labelme_a.json", "labelme");
        check("img/voc", "voc");
        check("img/voc/Annotations/a.xml", "voc");
        check("img/yolo", "yolo");
        check("img/hf", "imagefolder");
        check("brat", "brat");
        check("audio/tiny.vtt", "webvtt");
        check("audio/tiny.TextGrid", "textgrid");
        check("audio/audacity_labels.txt", "audacity");
        check("peers/datumaro_assets/tests/assets/datumaro_dataset/legacy", "datumaro");
        check("peers/datumaro_assets/tests/assets/datumaro_dataset/legacy/annotations/train.json", "datumaro");
        check("peers/panlabel_fixtures/tests/fixtures/sample_legacy_completions.label_studio.json", "label-studio");
        let fasttext = "peers/doccano_examples/backend/data_import/tests/data/text_classification/example_fasttext.txt";
        check(fasttext, "fasttext");
    }

    #[test]
    fn texts_are_recognised_by_their_beginning() {
        let check = |name: &str, text: &str, expected: Option<&str>| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            assert_eq!(recognise(&path).map(|found| found.format.name()), expected, "{text}");
        };
        check("a.txt", "__label__x a b\n__label__y c\n", Some("fasttext"));
        check("a.txt", "plain words\n", None);
        check("a.txt", "0.5\t1.5\thello\n", Some("audacity"));
        check("a.txt", "EU B-ORG\nrejects O\n", Some("conll"));
        check("a.jsonl", "{\"text\":\"a\",\"entities\":[[0,1,\"X\"]],\"cats\":{\"A\":1}}\n", Some("spacy-jsonl"));
        check("a.jsonl", "{\"text\":\"a\",\"entities\":[[0,1,\"X\"]],\"cats\":[\"A\"]}\n", Some("doccano"));
        check("a.json", "[{\"fields\":{\"text\":\"a\"},\"responses\":{}}]", Some("argilla"));
        check("a.json", "[{\"text\":\"a\",\"__topic__MANUAL\":\"x\"}]", Some("refinery"));
        check(
            "a.json",
            "[{\"text\":\"a\",\"id\":1,\"sentiment\":\"x\",\"annotator\":1,\"annotation_id\":2}]",
            Some("label-studio-min"),
        );
        check("a.jsonl", "{\"text\":\"a\",\"annotations\":[{\"kind\":\"class\",\"label\":\"x\"}]}", Some("jsonl"));
        check("a.csv", "text,label\na,b\n", Some("csv"));
        check("a.bin", "", None);
    }
}
