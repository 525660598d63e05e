//! `lapidary.toml`: what a project is about, in a form that people edit and diff.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::engine::{Error, Fingerprint, Result, files};

/// The version of the configuration that this program writes. A newer one is refused rather than half understood.
const FORMAT: u32 = 1;

/// The content of `lapidary.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The version of this file's form.
    pub format: u32,
    /// The project's name, shown in the window.
    pub name: String,
    /// Where the data is and what its columns mean.
    pub data: DataConfig,
    /// Choices that are not data.
    #[serde(default)]
    pub settings: Settings,
    /// The classes of the task, in order, as `[[classes]]` tables. The project keeps them as plain values; the room
    /// that knows what a class is gives them their type.
    #[serde(default)]
    pub classes: Vec<toml::Table>,
    /// The tasks beside these classes, as `[[tasks]]` tables; like the classes, they get their type from the room that
    /// knows it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<toml::Table>,
    /// The saved views, as `[[views]]` tables; like the classes, they get their type from the room that knows it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<toml::Table>,
}

/// Where the data is and what its columns mean.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// The file or folder, relative to the project where possible.
    pub path: PathBuf,
    /// The content as it was when last taken over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// The column that holds the text to label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The column that holds image paths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The column that holds paths of sounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio: Option<String>,
    /// The column of labels that came with the data and may be wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The column of known right labels, used only to judge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gold: Option<String>,
    /// The column that names items; without one they are known by their content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// What is labelled: a column, or rows as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// The text in this column.
    Text(&'a str),
    /// The images that this column names.
    Image(&'a str),
    /// The sounds that this column names.
    Audio(&'a str),
    /// All columns of a row.
    Rows,
}

impl<'a> Content<'a> {
    /// What is labelled, by the columns that are named for it.
    pub fn of(text: Option<&'a str>, image: Option<&'a str>, audio: Option<&'a str>) -> Self {
        match (image, audio, text) {
            (Some(image), _, _) => Self::Image(image),
            (None, Some(audio), _) => Self::Audio(audio),
            (None, None, Some(text)) => Self::Text(text),
            (None, None, None) => Self::Rows,
        }
    }

    /// The column, if it is one.
    pub fn column(self) -> Option<&'a str> {
        match self {
            Self::Text(name) | Self::Image(name) | Self::Audio(name) => Some(name),
            Self::Rows => None,
        }
    }
}

impl DataConfig {
    /// What is labelled.
    pub fn content(&self) -> Content<'_> {
        Content::of(self.text.as_deref(), self.image.as_deref(), self.audio.as_deref())
    }

    /// The columns that must not be learnt from: those that say the answer, and the one that names items.
    pub fn answers(&self) -> impl Iterator<Item = &str> {
        [&self.label, &self.gold, &self.id].into_iter().flatten().map(String::as_str)
    }
}

/// Choices that are not data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The label model: `auto`, `majority`, `dawid-skene`, …
    pub label_model: String,
    /// Folds of cross-validation.
    pub folds: usize,
    /// The seed of everything random.
    pub seed: u64,
    /// The share of items that are served without their suggestion, to measure how much it sways: 0 to 1.
    #[serde(skip_serializing_if = "is_usual_share")]
    pub blank_share: f64,
    /// The share of items in the queue that check: gold items, and items that are served again without saying so; 0 to 1.
    #[serde(skip_serializing_if = "is_nothing")]
    pub check_share: f64,
    /// Whether the card of first steps is shown; set for samples.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tour: bool,
    /// Who labels, where that is not the account's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotator: Option<String>,
    /// Which of several copies is kept: `labelled` (the usual), `largest`, `longest` or `earliest`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<String>,
    /// The normalised margin, 0-1, up to which labels count as likely errors, where a person has moved the cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_cut: Option<f64>,
    /// The language of the data, `ko` or `en`, where it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Suggested functions that were refused, as their declarations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused_functions: Vec<String>,
}

/// The usual share of items that are served without their suggestion.
const BLANK: f64 = 0.05;

fn is_nothing(share: &f64) -> bool {
    *share == 0.0
}

fn is_usual_share(share: &f64) -> bool {
    *share == BLANK
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            label_model: "auto".to_owned(),
            folds: 5,
            seed: 0,
            blank_share: BLANK,
            check_share: 0.0,
            tour: false,
            annotator: None,
            keep: None,
            error_cut: None,
            language: None,
            refused_functions: Vec::new(),
        }
    }
}

impl Config {
    /// A configuration for new data.
    pub fn new(name: impl Into<String>, data: DataConfig) -> Self {
        let name = name.into();
        Self {
            format: FORMAT,
            name,
            data,
            settings: Settings::default(),
            classes: Vec::new(),
            tasks: Vec::new(),
            views: Vec::new(),
        }
    }

    /// Reads `lapidary.toml`.
    ///
    /// # Errors
    /// If it cannot be read, is not valid TOML (with its line), or comes from a newer Lapidary.
    pub fn read(path: &Path) -> Result<Self> {
        let text = files::read_text(path)?;
        let wrong = |source: toml::de::Error| {
            let line = source.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            Error::input(format!("the configuration is not right, {}", source.message()))
                .at(format!("{}:{line}", path.display()))
                .help("mend that line in a text editor")
        };
        // The version is looked at first: a newer form may have fields that this one does not know.
        let table: toml::Table = toml::from_str(&text).map_err(&wrong)?;
        let format = table.get("format").and_then(toml::Value::as_integer).unwrap_or(0);
        if format > i64::from(FORMAT) {
            return Err(Error::input(format!("the project was made by a newer Lapidary (form {format})"))
                .at(path.display())
                .help("open it with that version"));
        }
        toml::from_str(&text).map_err(wrong)
    }

    /// Writes `lapidary.toml`, whole or not at all.
    ///
    /// # Errors
    /// If the disk does not allow it.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = toml::to_string_pretty(self).map_err(|source| {
            Error::input(format!("the configuration cannot be written, {source}")).at(path.display())
        })?;
        files::write_text(path, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lapidary.toml");
        std::fs::write(&path, text).unwrap();
        Config::read(&path)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut config = Config::new(
            "한국어 \"x\"",
            DataConfig { path: "d.csv".into(), text: Some("t".into()), ..Default::default() },
        );
        config.classes.push(toml::toml! { name = "긍정" });
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lapidary.toml");
        config.write(&path).unwrap();
        assert_eq!(Config::read(&path).unwrap(), config);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let check = |text: &str, part: &str| {
            let error = read(text).unwrap_err();
            assert!(error.to_string().contains(part), "{error} has no {part:?}");
        };
        check("format = 1\nname = \"x\"\nnmae = 2\n[data]\npath = \"a\"\n", "lapidary.toml:3");
        check("format = 99\n", "newer Lapidary (form 99)");
        check("format = 1\nname = ", ":2");
    }
}
