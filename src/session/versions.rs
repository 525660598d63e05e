//! Versions of the files of functions: every text that was saved, by its content, and what its votes were.
//!
//! In `.lapidary/versions/` a text stands once under the name of its content, and `log.jsonl` says which file had it when.
//! Losing the folder loses the past of the functions, nothing else.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::derived::{Basis, VotesOf, VotesOutcome};
use super::functions::Sources;
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work, files};
use crate::weak::changes::{FunctionChange, changes};

/// Entries of the log that are read, the newest.
const READ: usize = 1000;

/// A text that a file once had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The file's name.
    pub file: String,
    /// When it was saved, in seconds since 1970, UTC.
    pub time: u64,
    /// The name of the text.
    pub print: String,
}

/// The versions of a project's files of functions.
#[derive(Debug, Clone, Default)]
pub struct Versions {
    folder: PathBuf,
    log: Vec<Version>,
}

impl Versions {
    /// Reads the log; lines that cannot be read are passed over.
    pub fn read(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join("log.jsonl")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let newest = lines.iter().skip(lines.len().saturating_sub(READ));
        let log = newest.filter_map(|line| serde_json::from_str(line).ok()).collect();
        Self { folder: folder.to_owned(), log }
    }

    /// The versions, the oldest first.
    pub fn log(&self) -> &[Version] {
        &self.log
    }

    /// Keeps the text of a file, unless it is what the file had last.
    ///
    /// # Errors
    /// If the disk does not allow it.
    pub fn keep(&mut self, file: &str, text: &str) -> Result<()> {
        let print = Fingerprint::of(text.as_bytes()).to_string();
        let last = self.log.iter().rev().find(|version| version.file == file);
        if last.is_some_and(|version| version.print == print) {
            return Ok(());
        }
        let folder = &self.folder;
        std::fs::create_dir_all(folder).map_err(|source| Error::io("cannot make the folder", folder, &source))?;
        let path = self.path_of(&print);
        if !path.exists() {
            files::write_text(&path, text)?;
        }
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        let version = Version { file: file.to_owned(), time, print };
        let line = serde_json::to_string(&version)
            .map_err(|source| Error::input(format!("the version cannot be written, {source}")))?;
        let path = folder.join("log.jsonl");
        let write = || -> std::io::Result<()> {
            let mut log = std::fs::File::options().create(true).append(true).open(&path)?;
            writeln!(log, "{line}")
        };
        write().map_err(|source| Error::io("cannot write the file", &path, &source))?;
        self.log.push(version);
        Ok(())
    }

    /// The text of a version.
    ///
    /// # Errors
    /// If it is no longer there.
    pub fn text(&self, version: &Version) -> Result<String> {
        files::read_text(&self.path_of(&version.print))
    }

    fn path_of(&self, print: &str) -> PathBuf {
        // A log that was edited by hand names no file elsewhere.
        let name: String = print.chars().filter(char::is_ascii_alphanumeric).collect();
        self.folder.join(format!("{name}.py"))
    }
}

/// What changed in the votes between two states of the files.
pub struct ChangesOf {
    /// What is open.
    pub basis: Basis,
    /// The texts before.
    pub before: Sources,
    /// The texts after.
    pub after: Sources,
}

/// What [`ChangesOf`] gives.
pub struct VoteChanges {
    /// The functions whose votes changed, those that came and those that went.
    pub functions: Vec<FunctionChange>,
    /// The votes before.
    pub before: Arc<VotesOutcome>,
}

impl ChangesOf {
    fn votes(&self, sources: &Sources) -> VotesOf {
        VotesOf(Basis { sources: sources.clone(), ..self.basis.clone() })
    }
}

impl Derived for ChangesOf {
    type Output = VoteChanges;

    fn fingerprint(&self) -> Fingerprint {
        let (before, after) = (self.votes(&self.before).fingerprint(), self.votes(&self.after).fingerprint());
        Fingerprinter::new("vote changes 1").print(before).print(after).finish()
    }

    fn compute(&self, work: &Work) -> Result<VoteChanges> {
        let before = self.basis.cache.get(&self.votes(&self.before), work)?;
        let after = self.basis.cache.get(&self.votes(&self.after), work)?;
        work.check()?;
        Ok(VoteChanges { functions: changes(&before.votes, &after.votes), before })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_once_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("versions");
        let mut versions = Versions::read(&path);
        for text in ["a = 1", "a = 1", "a = 2", "a = 1"] {
            versions.keep("x.py", text).unwrap();
        }
        versions.keep("y.py", "a = 1").unwrap();
        let again = Versions::read(&path);
        assert_eq!(again.log(), versions.log());
        let texts: Vec<String> = again.log().iter().map(|version| again.text(version).unwrap()).collect();
        assert_eq!(texts, ["a = 1", "a = 2", "a = 1", "a = 1"]);
        assert_eq!(std::fs::read_dir(&path).unwrap().count(), 3, "two texts and the log");
        std::fs::write(path.join("log.jsonl"), "{broken\n{\"file\":\"x.py\",\"time\":1,\"print\":\"../../x\"}\n")
            .unwrap();
        let broken = Versions::read(&path);
        assert_eq!(broken.log().len(), 1);
        assert!(broken.text(&broken.log()[0]).is_err());
    }
}
