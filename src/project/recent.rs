//! The list of projects opened lately, kept for the person, not for any project.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Project;
use crate::engine::files;

/// A project opened lately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    /// Its folder.
    pub folder: PathBuf,
    /// Its name.
    pub name: String,
}

const MOST: usize = 12;

/// The projects opened lately that are still there, the newest first.
pub fn recent_projects() -> Vec<Recent> {
    let Some(path) = list() else { return Vec::new() };
    let Ok(text) = files::read_text(&path) else { return Vec::new() };
    let all: Vec<Recent> = serde_json::from_str(&text).unwrap_or_default();
    all.into_iter().filter(|recent| Project::is_at(&recent.folder)).collect()
}

/// Puts a project at the head of the list. The list is a convenience: that it cannot be written is no error.
pub fn remember_project(folder: &Path, name: &str) {
    let Some(path) = list() else { return };
    let mut all = recent_projects();
    all.retain(|recent| recent.folder != folder);
    all.insert(0, Recent { folder: folder.to_owned(), name: name.to_owned() });
    all.truncate(MOST);
    if let (Some(parent), Ok(text)) = (path.parent(), serde_json::to_string_pretty(&all)) {
        let _ = std::fs::create_dir_all(parent);
        let _ = files::write_text(&path, &text);
    }
}

fn list() -> Option<PathBuf> {
    home().map(|home| home.join("recent.json"))
}

/// Where Lapidary keeps what belongs to the person and to no project: `LAPIDARY_HOME` if it is set (tests, portable
/// installations), else the platform's folder for such things.
pub fn home() -> Option<PathBuf> {
    match std::env::var_os("LAPIDARY_HOME") {
        Some(home) => Some(PathBuf::from(home)),
        None => Some(directories::ProjectDirs::from("", "", "lapidary")?.data_dir().to_owned()),
    }
}
