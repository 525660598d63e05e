//! The files of labelling functions: read from `lfs/`, edited in the window, followed when another program saves them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime};

use super::versions::Versions;
use crate::engine::{Error, Fingerprint, Fingerprinter, Result, Waker, files};
use crate::weak::suggest::python_text;

/// The folder of lists of words inside a project.
const LISTS: &str = "lists";

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
    /// The lists that functions may name, as `lists/words.txt` with their texts.
    lists: Vec<(String, String)>,
    /// Every text that was saved; `None` where nobody keeps them.
    versions: Option<Versions>,
}

/// The files' texts, and those of the lists that they may name: what votes are computed from.
pub type Sources = Arc<Vec<(String, String)>>;

impl LfFiles {
    /// Reads all `*.py` of a folder.
    pub fn read(folder: &Path) -> Self {
        let lists = folder.parent().map(read_lists).unwrap_or_default();
        let mut made = Self { folder: folder.to_owned(), lists, ..Self::default() };
        for name in names(folder) {
            match files::read_text(&folder.join(&name)) {
                Ok(text) => made.files.push(LfFile { name, saved: text.clone(), text }),
                Err(error) => made.problems.push((name, error)),
            }
        }
        made
    }

    /// Reads all `*.py` of a folder, and keeps every text that is saved in another.
    pub fn with_versions(folder: &Path, versions: &Path) -> Self {
        let mut made = Self { versions: Some(Versions::read(versions)), ..Self::read(folder) };
        made.keep();
        made
    }

    /// Keeps what stands on the disk. That it cannot be kept costs a way back, and is no reason to stop.
    fn keep(&mut self) {
        let Some(versions) = &mut self.versions else { return };
        for file in &self.files {
            let _ = versions.keep(&file.name, &file.saved);
        }
    }

    /// The texts that were saved, the oldest first.
    pub fn versions(&self) -> Option<&Versions> {
        self.versions.as_ref()
    }

    /// The lists that functions may name, with their texts.
    pub fn lists(&self) -> &[(String, String)] {
        &self.lists
    }

    /// What votes would be computed from if nothing were unsaved.
    pub fn saved_sources(&self) -> Sources {
        let files = self.files.iter().map(|file| (file.name.clone(), file.saved.clone()));
        Arc::new(files.chain(self.lists.iter().cloned()).collect())
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
        let files = self.files.iter().map(|file| (file.name.clone(), file.text.clone()));
        Arc::new(files.chain(self.lists.iter().cloned()).collect())
    }

    /// Saves a file, whole or not at all.
    ///
    /// # Errors
    /// If the disk does not allow it; the text stays as it is.
    pub fn save(&mut self, index: usize) -> Result<()> {
        let Some(file) = self.files.get_mut(index) else { return Ok(()) };
        files::write_text(&self.folder.join(&file.name), &file.text)?;
        file.saved.clone_from(&file.text);
        self.keep();
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
        self.keep();
        Ok(self.files.iter().position(|file| file.name == name).unwrap_or(0))
    }

    /// Writes a declaration behind the others of a file, under a name that no function has yet, and says in which line it
    /// stands, from 1, and what it is called. A class that the file has a name for is written by that name. A file that
    /// had no unsaved changes is saved.
    ///
    /// # Errors
    /// If there is no such file, or the disk does not allow it; the text stays changed then.
    pub fn declare(&mut self, index: usize, name: &str, class: &str, call: &str) -> Result<(usize, String)> {
        let name = self.free_name(name);
        let Some(file) = self.files.get_mut(index) else {
            return Err(Error::input("there is no such file of functions").at(index));
        };
        let was_saved = !file.is_dirty();
        let call = match constant_of(&file.text, class) {
            Some(constant) => call.replacen(&python_text(class), &constant, 1),
            None => call.to_owned(),
        };
        let body = file.text.trim_end();
        // Declarations stand below each other; anything else is followed by an empty line.
        let last = body.lines().next_back().unwrap_or_default();
        let follows = last.starts_with("lf_") && last.contains(" = ");
        let gap = if body.is_empty() || follows { "\n" } else { "\n\n" };
        let gap = if body.is_empty() { "" } else { gap };
        file.text = format!("{body}{gap}{name} = {call}\n");
        let line = file.text.lines().count();
        if was_saved {
            self.save(index)?;
        }
        Ok((line, name))
    }

    /// The name, with a number behind it where a file uses it already.
    fn free_name(&self, name: &str) -> String {
        let is_used = |name: &str| {
            self.files.iter().any(|file| {
                file.text.match_indices(name).any(|(at, _)| {
                    let letter =
                        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
                    !letter(file.text[..at].chars().next_back()) && !letter(file.text[at + name.len()..].chars().next())
                })
            })
        };
        let mut numbered = (2..).map(|number| format!("{name}_{number}"));
        if is_used(name) { numbered.find(|name| !is_used(name)).unwrap_or_default() } else { name.to_owned() }
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
        self.lists = fresh.lists;
        self.keep();
        kept
    }
}

/// The name that a file gives a class at the beginning of a line, as in `SPAM = "spam"` or `SPAM, HAM = "spam", "ham"`.
pub fn constant_of(text: &str, class: &str) -> Option<String> {
    let literals = [python_text(class), format!("'{class}'")];
    let is_name = |name: &str| {
        let mut letters = name.chars();
        letters.next().is_some_and(|letter| letter.is_alphabetic() || letter == '_')
            && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
    };
    let of_line = |line: &str| {
        let (names, values) = line.split_once('=')?;
        let (names, values): (Vec<&str>, Vec<&str>) = (names.split(',').collect(), values.split(',').collect());
        if names.len() != values.len() || !names.iter().all(|name| is_name(name.trim())) {
            return None;
        }
        let at = values.iter().position(|value| literals.iter().any(|literal| literal == value.trim()))?;
        names.get(at).map(|name| name.trim().to_owned())
    };
    text.lines().filter(|line| !line.starts_with(char::is_whitespace)).find_map(of_line)
}

/// The texts of `lists/*.txt` inside a folder, by the name that functions give them. A list that cannot be read is none:
/// the function that names it says so.
pub fn read_lists(folder: &Path) -> Vec<(String, String)> {
    let name =
        |name: String| Some((format!("{LISTS}/{name}"), files::read_text(&folder.join(LISTS).join(&name)).ok()?));
    names_ending(&folder.join(LISTS), ".txt").into_iter().filter_map(name).collect()
}

fn names(folder: &Path) -> Vec<String> {
    names_ending(folder, ".py")
}

fn names_ending(folder: &Path, ending: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<_> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(ending) && !name.starts_with('.'))
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
    let mut found: Vec<_> = names(folder).into_iter().map(look).collect();
    if let Some(project) = folder.parent() {
        let lists = names_ending(&project.join(LISTS), ".txt").into_iter();
        found.extend(lists.map(|name| look(format!("../{LISTS}/{name}"))));
    }
    found
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

    #[test]
    fn a_declaration_is_written_as_a_person_would() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.py"), "SPAM, HAM = \"spam\", 'ham'\n\n\ndef lf_x(x):\n    return HAM\n")
            .unwrap();
        let mut files = LfFiles::read(folder.path());
        let mut check = |name: &str, class: &str, call: &str, expected: (usize, &str)| {
            let (line, name) = files.declare(0, name, class, call).unwrap();
            assert_eq!((line, name.as_str()), expected);
        };
        check("lf_x", "spam", "keywords(\"spam\", [\"spam\"])", (7, "lf_x_2"));
        check("lf_y", "ham", "keywords(\"ham\", [\"a\"])", (8, "lf_y"));
        check("lf_z", "other", "keywords(\"other\", [\"b\"])", (9, "lf_z"));
        let text = std::fs::read_to_string(folder.path().join("a.py")).unwrap();
        assert!(text.ends_with(
            "    return HAM\n\nlf_x_2 = keywords(SPAM, [\"spam\"])\nlf_y = keywords(HAM, [\"a\"])\nlf_z = keywords(\"other\", [\"b\"])\n"
        ), "{text}");
        // What is not saved stays unsaved.
        files.text_mut(0).unwrap().push_str("# more\n");
        files.declare(0, "lf_w", "ham", "keywords(\"ham\", [\"c\"])").unwrap();
        assert!(files.files()[0].is_dirty());
        assert!(files.declare(9, "lf", "ham", "").is_err());
    }
}
