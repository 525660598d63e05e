//! The files of labelling functions: read from `lfs/`, edited in the window, followed when another program saves them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime};

use crate::engine::{Error, Fingerprint, Fingerprinter, Result, Waker, files};

/// One file of functions, as it is being edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LfFile {
    /// The file's name inside `lfs/`.
    pub name: String,
    /// The text as it is now, saved or not.
    pub text: String,
    /// The text as it stands on the disk.
    pub saved: String,
}

impl LfFile {
    /// True if there are changes that were not saved.
    pub fn is_dirty(&self) -> bool {
        self.text != self.saved
    }
}

/// All files of functions of a project, sorted by name.
#[derive(Debug, Clone, Default)]
pub struct LfFiles {
    folder: PathBuf,
    files: Vec<LfFile>,
    /// Files that could not be read, with the reason: the others go on.
    problems: Vec<(String, Error)>,
}

/// The files' texts: what votes are computed from.
pub type Sources = Arc<Vec<(String, String)>>;

impl LfFiles {
    /// Reads all `*.py` of a folder.
    pub fn read(folder: &Path) -> Self {
        let mut made = Self { folder: folder.to_owned(), ..Self::default() };
        for name in names(folder) {
            match files::read_text(&folder.join(&name)) {
                Ok(text) => made.files.push(LfFile { name, saved: text.clone(), text }),
                Err(error) => made.problems.push((name, error)),
            }
        }
        made
    }

    /// The files in order.
    pub fn files(&self) -> &[LfFile] {
        &self.files
    }

    /// Files that could not be read.
    pub fn problems(&self) -> &[(String, Error)] {
        &self.problems
    }

    /// The text of a file, to be edited in place.
    pub fn text_mut(&mut self, index: usize) -> Option<&mut String> {
        self.files.get_mut(index).map(|file| &mut file.text)
    }

    /// What votes are computed from.
    pub fn sources(&self) -> Sources {
        Arc::new(self.files.iter().map(|file| (file.name.clone(), file.text.clone())).collect())
    }

    /// Saves a file, whole or not at all.
    ///
    /// # Errors
    /// If the disk does not allow it; the text stays as it is.
    pub fn save(&mut self, index: usize) -> Result<()> {
        let Some(file) = self.files.get_mut(index) else { return Ok(()) };
        files::write_text(&self.folder.join(&file.name), &file.text)?;
        file.saved.clone_from(&file.text);
        Ok(())
    }

    /// Saves every file that has unsaved changes.
    ///
    /// # Errors
    /// If the disk does not allow it; the texts stay as they are.
    pub fn save_all(&mut self) -> Result<()> {
        let dirty: Vec<usize> = (0..self.files.len()).filter(|&index| self.files[index].is_dirty()).collect();
        dirty.into_iter().try_for_each(|index| self.save(index))
    }

    /// Makes a new file and returns its position.
    ///
    /// # Errors
    /// If the name is not that of a Python file in this folder, or is taken.
    pub fn add(&mut self, name: &str, text: &str) -> Result<usize> {
        let plain = !name.contains(['/', '\\']) && !name.starts_with('.') && name.len() > 3 && name.ends_with(".py");
        if !plain {
            return Err(Error::input("a file of functions is named like words.py").at(name));
        }
        if self.files.iter().any(|file| file.name == name) {
            return Err(Error::input("there is a file of that name").at(name).help("choose another name"));
        }
        files::write_text(&self.folder.join(name), text)?;
        self.files.push(LfFile { name: name.to_owned(), text: text.to_owned(), saved: text.to_owned() });
        self.files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(self.files.iter().position(|file| file.name == name).unwrap_or(0))
    }

    /// Takes in what other programs saved. A file with unsaved changes here keeps them: its name is returned, so that
    /// the person can be told.
    pub fn follow(&mut self) -> Vec<String> {
        let fresh = Self::read(&self.folder);
        let mut kept = Vec::new();
        let mut merged = fresh.files;
        for old in &self.files {
            match merged.iter_mut().find(|new| new.name == old.name) {
                Some(new) if old.is_dirty() => {
                    if new.saved != old.saved && new.saved != old.text {
                        kept.push(old.name.clone());
                    }
                    new.text.clone_from(&old.text);
                }
                None if old.is_dirty() => {
                    kept.push(old.name.clone());
                    merged.push(LfFile { saved: String::new(), ..old.clone() });
                }
                _ => {}
            }
        }
        merged.sort_by(|a, b| a.name.cmp(&b.name));
        self.files = merged;
        self.problems = fresh.problems;
        kept
    }
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<_> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".py") && !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

/// The fingerprint of the texts.
pub fn print_sources(sources: &Sources) -> Fingerprint {
    let start = Fingerprinter::new("lf-sources");
    sources.iter().fold(start, |print, (name, text)| print.text(name).text(text)).finish()
}

/// Watches a folder for saved files from a thread of its own. Two looks a second at a handful of modification times
/// cost nothing to speak of, work on every file system, and wake the window only when something changed.
pub struct Watch {
    changes: Receiver<()>,
    /// The thread holds this weakly: it ends with the watch.
    _alive: Arc<()>,
}

impl Watch {
    /// Starts to watch; ends when the value is dropped.
    pub fn start(folder: &Path, waker: Waker) -> Self {
        let (sender, changes) = channel();
        let folder = folder.to_owned();
        let alive = Arc::new(());
        let watched = Arc::downgrade(&alive);
        let body = move || {
            let mut last = stamp(&folder);
            while watched.strong_count() > 0 {
                std::thread::sleep(Duration::from_millis(500));
                let now = stamp(&folder);
                if now != last {
                    last = now;
                    if sender.send(()).is_err() {
                        return;
                    }
                    waker();
                }
            }
        };
        // Without a thread the files are still read when the project is opened.
        let _ = std::thread::Builder::new().name("watch functions".to_owned()).spawn(body);
        Self { changes, _alive: alive }
    }

    /// True if something was saved since the last call.
    pub fn changed(&self) -> bool {
        self.changes.try_iter().count() > 0
    }
}

fn stamp(folder: &Path) -> Vec<(String, Option<SystemTime>, u64)> {
    let look = |name: String| {
        let meta = std::fs::metadata(folder.join(&name)).ok();
        (name, meta.as_ref().and_then(|meta| meta.modified().ok()), meta.map_or(0, |meta| meta.len()))
    };
    names(folder).into_iter().map(look).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_saved_elsewhere_is_followed_but_never_over_unsaved_changes() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("a.py", "1");
        write("b.py", "1");
        write("notes.txt", "no function");
        let mut files = LfFiles::read(folder.path());
        assert_eq!(files.files().len(), 2);
        files.text_mut(1).unwrap().push_str("00");
        write("a.py", "2");
        write("b.py", "2");
        assert_eq!(files.follow(), ["b.py"]);
        let texts: Vec<_> = files.files().iter().map(|file| file.text.as_str()).collect();
        assert_eq!(texts, ["2", "100"]);
        files.save(1).unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("b.py")).unwrap(), "100");
        assert!(files.add("../c.py", "").is_err());
        assert_eq!(files.add("c.py", "3").unwrap(), 2);
    }
}
