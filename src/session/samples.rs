//! The bundled samples: small real datasets with known labels, carried inside the program. A sample is a folder in
//! `assets/samples` with a `sample.toml`; there is no list to keep.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use super::{Choice, create_project};
use crate::engine::{Error, Result, Work, files};
use crate::project::{Project, home};

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/samples");

/// What `sample.toml` says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// The name on the command line: the folder's.
    #[serde(skip)]
    pub name: String,
    /// What it is, in English.
    pub title: String,
    /// What it is, in Korean.
    pub title_ko: String,
    /// Where it stands in the list, the first is the one to try first.
    order: u32,
    data: String,
    text: Option<String>,
    image: Option<String>,
    label: Option<String>,
    gold: Option<String>,
    id: Option<String>,
    #[serde(default)]
    classes: Vec<String>,
    language: Option<String>,
    /// The licence of the data, as an SPDX expression.
    pub licence: String,
    /// Whom to thank for it.
    pub credit: String,
}

/// The bundled samples, the one to try first at the head.
pub fn samples() -> Vec<Sample> {
    let read = |dir: &Dir<'_>| -> Option<Sample> {
        let name = dir.path().file_name()?.to_str()?.to_owned();
        let text = dir.get_file(dir.path().join("sample.toml"))?.contents_utf8()?;
        let sample: Sample = toml::from_str(text).ok()?;
        Some(Sample { name, ..sample })
    };
    let mut all: Vec<_> = FOLDER.dirs().filter_map(read).collect();
    all.sort_by_key(|sample| sample.order);
    all
}

/// Where a sample's project is kept if nobody says otherwise: among the person's documents, else where Lapidary keeps
/// its own things.
///
/// # Errors
/// If this account has no such folder.
pub fn sample_folder(name: &str) -> Result<PathBuf> {
    let documents = match std::env::var_os("LAPIDARY_HOME") {
        Some(_) => None,
        None => directories::UserDirs::new().and_then(|dirs| dirs.document_dir().map(PathBuf::from)),
    };
    let parent = documents.filter(|folder| folder.is_dir()).or_else(home).ok_or_else(|| {
        Error::input("there is no folder to put the sample in").help("make one with: lapidary demo NAME --dir DIR")
    })?;
    Ok(parent.join("lapidary-samples").join(name))
}

/// Makes a project in `folder` from the sample called `name`, with a copy of its data inside.
///
/// # Errors
/// If there is no such sample, or the folder cannot be made.
pub fn make_sample(name: &str, folder: &Path, work: &Work) -> Result<()> {
    let all = samples();
    let plain = |name: &str| name.replace('-', "_");
    let Some(sample) = all.into_iter().find(|sample| plain(&sample.name) == plain(name)) else {
        let names: Vec<_> = samples().into_iter().map(|sample| sample.name).collect();
        return Err(Error::input("there is no such sample")
            .at(name)
            .help(format!("the samples are: {}", names.join(", "))));
    };
    if Project::is_at(folder) {
        return Err(Error::input("there is a project in this folder already")
            .at(folder.display())
            .help("open it, or choose another folder"));
    }
    let mut texts: Vec<(PathBuf, String)> = Vec::new();
    if let Some(dir) = FOLDER.get_dir(&sample.name) {
        unpack(dir, dir.path(), folder, &mut texts)?;
    }
    let choice = Choice {
        text: sample.text,
        image: sample.image,
        audio: None,
        label: sample.label,
        gold: sample.gold,
        id: sample.id,
        classes: sample.classes,
        language: sample.language,
    };
    create_project(folder, &folder.join(sample.data), &choice, &texts, work)?;
    Project::open(folder)?.configure(|config| {
        config.settings.tour = true;
        Ok(())
    })
}

/// Writes a sample's data into the project; functions and guidelines are collected for the making of the project.
fn unpack(dir: &Dir<'_>, root: &Path, folder: &Path, texts: &mut Vec<(PathBuf, String)>) -> Result<()> {
    for file in dir.files() {
        let path = file.path().strip_prefix(root).unwrap_or(file.path());
        let ending = path.extension().and_then(|ending| ending.to_str());
        match (ending, file.contents_utf8()) {
            (Some("toml"), _) => {}
            (Some("py" | "md"), Some(text)) => texts.push((path.to_owned(), text.to_owned())),
            _ => write(&folder.join(path), file.contents())?,
        }
    }
    dir.dirs().try_for_each(|inner| unpack(inner, root, folder, texts))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|source| Error::io("cannot make the folder", parent, &source))?;
    }
    files::write_whole(path, |out| {
        out.write_all(bytes).map_err(|source| Error::io("cannot write the file", path, &source))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;

    #[test]
    fn every_sample_becomes_a_project_that_opens() {
        let folders = FOLDER.dirs().count();
        let all = samples();
        assert_eq!(all.len(), folders, "a sample.toml is missing or not right");
        for sample in all {
            let parent = tempfile::tempdir().unwrap();
            let folder = parent.path().join("p");
            make_sample(&sample.name, &folder, &Work::new()).unwrap();
            let session = Session::open(&folder, &Work::new()).unwrap();
            assert!(session.dataset().rows() >= 50, "{}", sample.name);
            assert!(session.classes().len() >= 2, "{}", sample.name);
            assert!(session.content_column().is_some(), "{}", sample.name);
        }
    }
}
