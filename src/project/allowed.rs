//! Which files of functions may run outside the evaluator, as the person has allowed them.
//!
//! That stands with what belongs to the person, not in the project: a project that comes from somebody else must not
//! bring its own permission along. A file is allowed as it is; one change, and it has to be allowed again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::home;
use crate::engine::{Error, Fingerprint, Result, files};

/// A file of one project, with the fingerprint of its text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Entry {
    project: PathBuf,
    file: String,
    text: Fingerprint,
}

/// The files of a project that may run outside, each with the fingerprint of the text that was allowed.
pub fn allowed_files(project: &Path) -> BTreeSet<(String, Fingerprint)> {
    let of_project = entries().into_iter().filter(|entry| entry.project == project);
    of_project.map(|entry| (entry.file, entry.text)).collect()
}

/// Allows a file of a project to run outside, with the text of this fingerprint.
///
/// # Errors
/// If it cannot be written down.
pub fn allow_file(project: &Path, file: &str, text: Fingerprint) -> Result<()> {
    let Some(path) = list() else {
        return Err(Error::input("there is no folder for what belongs to you").help("set LAPIDARY_HOME"));
    };
    let mut entries = entries();
    entries.retain(|entry| (entry.project.as_path(), entry.file.as_str()) != (project, file));
    entries.push(Entry { project: project.to_owned(), file: file.to_owned(), text });
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|source| Error::io("cannot make the folder", folder, &source))?;
    }
    let text = serde_json::to_string_pretty(&entries).map_err(|error| Error::input(error.to_string()))?;
    files::write_text(&path, &text)
}

/// What was allowed so far; what cannot be read allows nothing.
fn entries() -> Vec<Entry> {
    let text = list().and_then(|path| files::read_text(&path).ok());
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

fn list() -> Option<PathBuf> {
    home().map(|home| home.join("external.json"))
}
