//! From a file to a project: what the columns probably mean, and the making of the folder.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::data::read::{self, ReadOptions};
use crate::data::{Column, Dataset, Frame, Kind};
use crate::engine::{Error, Result, Work};
use crate::label::{Classes, write_classes};
use crate::project::{Config, DataConfig, LF_FOLDER, Project, project_of};

/// A column as the short form shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnInfo {
    /// Its name.
    pub name: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The first value that is there, cut to a line.
    #[serde(skip)]
    pub example: String,
}

/// What a person may say about new data; what is left out stays unknown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choice {
    /// The column to label, if it is text.
    pub text: Option<String>,
    /// The column to label, if it is images.
    pub image: Option<String>,
    /// The column to label, if it is sounds. Without any of the three, rows are labelled as a whole.
    pub audio: Option<String>,
    /// Labels that came with the data.
    pub label: Option<String>,
    /// Known right labels, used only to judge.
    pub gold: Option<String>,
    /// The column that names items.
    pub id: Option<String>,
    /// The classes in order; empty: those found in the label column, else in the gold column.
    pub classes: Vec<String>,
    /// The language of the data.
    pub language: Option<String>,
}

/// What a data file probably is: the short form, filled in.
#[derive(Debug)]
pub struct Proposal {
    /// The data.
    pub data: PathBuf,
    /// The columns.
    pub columns: Vec<ColumnInfo>,
    /// The number of rows.
    pub rows: usize,
    /// How it was read.
    pub notes: Vec<String>,
    /// The guess, to be changed by the person.
    pub choice: Choice,
    /// The project that was made for this data before.
    pub existing: Option<PathBuf>,
}

/// More classes than this in a column that was not named as the label's are hardly classes.
const MOST_CLASSES: usize = 200;

impl Proposal {
    /// Reads a file or folder and guesses what its columns mean.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn for_data(data: &Path, work: &Work) -> Result<Self> {
        let reading = read::read_frame(data, &ReadOptions::default(), work)?;
        let info = |column: &std::sync::Arc<Column>| ColumnInfo {
            name: column.name().to_owned(),
            kind: column.kind(),
            example: example(column),
        };
        Ok(Self {
            data: data.to_owned(),
            columns: reading.frame.columns().iter().map(info).collect(),
            rows: reading.frame.rows(),
            notes: reading.report.notes.clone(),
            choice: guess(&reading.frame),
            existing: project_of(data),
        })
    }
}

fn example(column: &Column) -> String {
    let found = (0..column.len().min(100)).find_map(|row| column.show(row).filter(|value| !value.trim().is_empty()));
    let line: String =
        found.unwrap_or_default().chars().take(80).map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.trim().to_owned()
}

/// Guesses from names first, then from what the columns hold.
fn guess(frame: &Frame) -> Choice {
    let columns = frame.columns();
    let named = |names: &[&str], fits: &dyn Fn(&Column) -> bool| {
        let is = |column: &Column, name: &str| column.name().eq_ignore_ascii_case(name) && fits(column);
        names
            .iter()
            .find_map(|name| columns.iter().find(|column| is(column, name)))
            .map(|column| column.name().to_owned())
    };
    let is_text = |column: &Column| matches!(column.kind(), Kind::Text | Kind::Category);
    let is_class = |column: &Column| {
        matches!(column.kind(), Kind::Category | Kind::Bool)
            || (column.kind() == Kind::Int && distinct(column, MOST_CLASSES).is_some_and(|names| names.len() <= 30))
    };
    let first = |kind: Kind| columns.iter().find(|column| column.kind() == kind).map(|c| c.name().to_owned());
    let image = first(Kind::Image);
    let audio = if image.is_some() { None } else { first(Kind::Audio) };
    let text_names =
        ["text", "document", "content", "sentence", "review", "comment", "question", "q", "message", "title"];
    let longest = || {
        let texts = columns.iter().filter(|column| column.kind() == Kind::Text);
        texts.max_by_key(|column| column.strings().map_or(0, |s| s.value_data().len())).map(|c| c.name().to_owned())
    };
    let text = if image.is_some() || audio.is_some() { None } else { named(&text_names, &is_text).or_else(longest) };
    let label_names = ["label", "class", "category", "intent", "sentiment", "target", "folder"];
    Choice {
        label: named(&label_names, &is_class),
        gold: named(&["gold", "true_label", "gold_label", "truth"], &is_class),
        id: named(&["id", "uuid", "key", "item_id"], &|column| crate::data::Ids::from_key(column).is_ok()),
        text,
        image,
        audio,
        ..Choice::default()
    }
}

/// The distinct values of a column in class order; `None` if there are more than `most`.
fn distinct(column: &Column, most: usize) -> Option<Vec<String>> {
    let mut seen = std::collections::HashSet::new();
    for row in 0..column.len() {
        if let Some(value) = column.show(row)
            && !value.trim().is_empty()
            && !seen.contains(value.as_ref())
        {
            if seen.len() == most {
                return None;
            }
            seen.insert(value.into_owned());
        }
    }
    Some(crate::data::in_order(seen.into_iter().collect()))
}

/// The classes that `choice` means: those it names, else those that stand in its label column, else in its gold column.
///
/// # Errors
/// If a column is missing or has too many values to be classes.
pub fn classes_of(frame: &Frame, choice: &Choice) -> Result<Classes> {
    if !choice.classes.is_empty() {
        return Classes::from_names(&choice.classes);
    }
    let Some(name) = choice.label.as_ref().or(choice.gold.as_ref()) else { return Ok(Classes::default()) };
    let values = distinct(frame.column(name)?, MOST_CLASSES * 10).ok_or_else(|| {
        Error::input(format!("the label column has more than {} different values", MOST_CLASSES * 10))
            .at(name)
            .help("choose a column of class names, or name the classes yourself")
    })?;
    Classes::from_names(values)
}

/// Makes a project for `data` in `folder`. Everything is checked before anything is written. Returns the columns and
/// the classes.
///
/// # Errors
/// If the data cannot be read, a chosen column is missing or the wrong kind, ids are not unique, or the folder cannot be
/// made.
pub fn create_project(
    folder: &Path,
    data: &Path,
    choice: &Choice,
    extra: &[(PathBuf, String)],
    work: &Work,
) -> Result<(Vec<ColumnInfo>, Classes)> {
    let options = ReadOptions { id: choice.id.clone(), ..ReadOptions::default() };
    let dataset = read::read(data, &options, work)?;
    let classes = check_choice(&dataset, choice)?;
    let name = folder.file_name().map_or_else(|| "project".to_owned(), |name| name.to_string_lossy().into_owned());
    let mut config = Config::new(
        name,
        DataConfig {
            path: Project::refer(folder, data)?,
            fingerprint: Some(dataset.fingerprint),
            text: choice.text.clone(),
            image: choice.image.clone(),
            audio: choice.audio.clone(),
            label: choice.label.clone(),
            gold: choice.gold.clone(),
            id: choice.id.clone(),
        },
    );
    config.settings.language.clone_from(&choice.language);
    write_classes(&mut config, &classes)?;
    let mut files = extra.to_vec();
    let functions = Path::new(LF_FOLDER);
    if !files.iter().any(|(path, _)| path.starts_with(functions)) {
        files.push((functions.join("functions.py"), starter(&classes)));
    }
    if !files.iter().any(|(path, _)| path == Path::new("guidelines.md")) {
        files.push(("guidelines.md".into(), guidelines(&classes)));
    }
    Project::create(folder, &config, &files)?;
    let info = |column: &std::sync::Arc<Column>| ColumnInfo {
        name: column.name().to_owned(),
        kind: column.kind(),
        example: example(column),
    };
    Ok((dataset.frame.columns().iter().map(info).collect(), classes))
}

fn check_choice(dataset: &Dataset, choice: &Choice) -> Result<Classes> {
    let frame = &dataset.frame;
    if let Some(text) = &choice.text
        && frame.column(text)?.strings().is_none()
    {
        return Err(Error::input("the text column holds no text").at(text).help("choose a column of text"));
    }
    for (name, what) in [(&choice.image, "image"), (&choice.audio, "audio")] {
        if let Some(name) = name
            && frame.column(name)?.strings().is_none()
        {
            let what = format!("the {what} column holds no file names");
            return Err(Error::input(what).at(name).help("choose a column of paths"));
        }
    }
    for name in [&choice.label, &choice.gold].into_iter().flatten() {
        frame.column(name)?;
    }
    classes_of(frame, choice)
}

/// The first file of functions: what may be written, with the project's own classes.
fn starter(classes: &Classes) -> String {
    let names = classes.names();
    let quoted = |name: &str| format!("{:?}", name);
    let mut text = "# Labelling functions: each votes a class or abstains. This file is Python; Lapidary runs it safely by itself.\n\
                    #\n\
                    #   lf_words = keywords(\"CLASS\", [\"word\", \"another\"])       any of these words\n\
                    #   lf_link  = regex(\"CLASS\", r\"https?://\")                 a regular expression\n\
                    #   lf_short = where(\"CLASS\", \"length(text) < 20\")          a condition over columns\n\
                    #   lf_list  = keywords(\"CLASS\", file=\"lists/words.txt\")   the words of a list, one a line\n\
                    #   lf_both  = both(\"CLASS\", lf_words, lf_short)          where both vote; also either, unless\n\
                    #   lf_old   = column(\"votes\", {\"yes\": \"CLASS\"})         votes that are in the data\n\
                    #\n\
                    #   def lf_shouts(x):\n\
                    #       return \"CLASS\" if x.text.count(\"!\") > 3 else ABSTAIN\n"
        .to_owned();
    if !names.is_empty() {
        let list: Vec<_> = names.iter().take(12).map(|name| quoted(name)).collect();
        text.push_str(&format!("#\n# The classes: {}\n", list.join(", ")));
    }
    text.push_str("\nABSTAIN = None\n");
    text
}

fn guidelines(classes: &Classes) -> String {
    let mut text = "# Guidelines\n\nWhat belongs to each class, and what to do in doubt.\n".to_owned();
    for class in classes.iter() {
        text.push_str(&format!("\n## {}\n\n", class.name));
    }
    text
}
