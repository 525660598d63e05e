//! Data files that describe the files beside them: which column names them, and which file each value means.
//!
//! Whatever a value says, only files that were found in the folder are meant: an absolute path, an address, or one that
//! climbs out with `..` names nothing.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization as _;

use super::listing::Found;
use crate::data::{Column, Frame};
use crate::engine::{Result, Work};

/// Values by which a column is tried.
const SAMPLE: usize = 1000;

/// What a value of a data file means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meant {
    /// The file at this place of the list.
    File(usize),
    /// A place outside the folder.
    Outside,
    /// No file that is there.
    Nothing,
}

/// Files by the ways in which data name them, all in composed form: names from macOS are decomposed.
pub(super) struct Index {
    paths: HashMap<String, usize>,
    /// By name without folders, and by that without its ending; `None` where several share it.
    names: HashMap<String, Option<usize>>,
    stems: HashMap<String, Option<usize>>,
    /// The path of every file.
    files: Vec<String>,
}

/// A column that names files, and what its values mean.
pub(super) struct Reference {
    /// The place of the column in the frame.
    pub(super) column: usize,
    /// What each row means.
    pub(super) meant: Vec<Option<Meant>>,
    /// The number of rows whose file was found.
    pub(super) matched: usize,
}

impl Index {
    pub(super) fn of(files: &[Found]) -> Self {
        let mut made = Self { paths: HashMap::new(), names: HashMap::new(), stems: HashMap::new(), files: Vec::new() };
        let several = |at: usize| move |known: &mut Option<usize>| *known = known.filter(|known| *known == at);
        for (at, file) in files.iter().enumerate() {
            let path: String = file.path.nfc().collect();
            let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
            let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem).to_owned();
            made.names.entry(name).and_modify(several(at)).or_insert(Some(at));
            made.stems.entry(stem).and_modify(several(at)).or_insert(Some(at));
            made.files.push(path.clone());
            // Two names that differ only in form: neither is preferred, the first is taken.
            made.paths.entry(path).or_insert(at);
        }
        made
    }

    /// The file that `value` means in a data file of the folder `base`: a path from there or from the top, the
    /// end of a path, or a name without its ending, where only one file is meant.
    pub(super) fn find(&self, base: &str, value: &str) -> Meant {
        let value: String = value.trim().nfc().collect();
        match self.find_as_written(base, &value) {
            Meant::File(file) => Meant::File(file),
            meant if value.contains('\\') => match self.find_as_written(base, &value.replace('\\', "/")) {
                Meant::Nothing => meant,
                turned => turned,
            },
            meant => meant,
        }
    }

    fn find_as_written(&self, base: &str, value: &str) -> Meant {
        if value.is_empty() {
            return Meant::Nothing;
        }
        let (beside, below) = (inside(base, value), inside("", value));
        if beside.is_none() {
            return Meant::Outside;
        }
        let known = |path: &Option<String>| path.as_ref().and_then(|path| self.paths.get(path)).copied();
        if let Some(file) = known(&beside).or_else(|| known(&below)) {
            return Meant::File(file);
        }
        let Some(path) = below else { return Meant::Nothing };
        let name = path.rsplit('/').next().unwrap_or(&path);
        let by_name = self.names.get(name).copied().flatten().filter(|file| self.ends_in(*file, &path));
        let by_stem = || self.stems.get(&path).copied().flatten();
        by_name.or_else(by_stem).map_or(Meant::Nothing, Meant::File)
    }

    /// Whether the path of a file ends in `path`, at the start of a part.
    fn ends_in(&self, file: usize, path: &str) -> bool {
        let Some(whole) = self.files.get(file) else { return false };
        whole.strip_suffix(path).is_some_and(|before| before.is_empty() || before.ends_with('/'))
    }

    /// The columns of a frame that name files: those of whose values at least half are files that are there. The one
    /// that names most comes first. `base` is the folder in which the frame's file lies.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub(super) fn references(&self, frame: &Frame, base: &str, work: &Work) -> Result<Vec<Reference>> {
        let mut found = Vec::new();
        for (at, column) in frame.columns().iter().enumerate() {
            work.check()?;
            let sample = values(column).flatten().take(SAMPLE);
            let (all, files) = sample.fold((0usize, 0usize), |(all, files), value| {
                (all + 1, files + usize::from(matches!(self.find(base, value), Meant::File(_))))
            });
            if files == 0 || files * 2 < all {
                continue;
            }
            let mut meant = Vec::with_capacity(column.len());
            for (row, value) in values(column).enumerate() {
                if row.is_multiple_of(4096) {
                    work.check()?;
                }
                meant.push(value.map(|value| self.find(base, value)));
            }
            let matched = meant.iter().filter(|meant| matches!(meant, Some(Meant::File(_)))).count();
            found.push(Reference { column: at, meant, matched });
        }
        found.sort_by_key(|reference| std::cmp::Reverse(reference.matched));
        Ok(found)
    }
}

fn values(column: &Column) -> impl Iterator<Item = Option<&str>> {
    column.strings().into_iter().flat_map(|strings| strings.iter())
}

/// The path of `value` from the top, read in the folder `base`, with `.` and `..` worked off; `None` if it leads out.
fn inside(base: &str, value: &str) -> Option<String> {
    let is_drive = matches!(value.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if value.starts_with(['/', '\\']) || is_drive || value.contains("://") {
        return None;
    }
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in value.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::LargeStringArray;

    use super::*;
    use crate::data::Kind;

    fn index(paths: &[&str]) -> Index {
        let found = |path: &&str| Found { path: (*path).to_owned(), size: 1, modified: 0 };
        Index::of(&paths.iter().map(found).collect::<Vec<_>>())
    }

    #[test]
    fn values_mean_files_of_the_folder_and_nothing_else() {
        let decomposed: String = "밤/고양이.png".nfd().collect();
        let files = ["a.png", "cats/1.png", "cats/b c.png", "dogs/1.png", "train/x/7.jpg", &decomposed];
        let index = index(&files);
        let check = |base: &str, value: &str, expected: Result<&str, Meant>| {
            let expected = match expected {
                Ok(path) => Meant::File(files.iter().position(|file| *file == path).unwrap()),
                Err(meant) => meant,
            };
            assert_eq!(index.find(base, value), expected, "{value} in {base:?}");
        };
        check("", "a.png", Ok("a.png"));
        check("", " ./a.png", Ok("a.png"));
        check("cats", "1.png", Ok("cats/1.png"));
        check("cats", "../dogs/1.png", Ok("dogs/1.png"));
        check("cats", "dogs/1.png", Ok("dogs/1.png"));
        check("", "1.png", Err(Meant::Nothing));
        check("", "b c.png", Ok("cats/b c.png"));
        check("", "x/7.jpg", Ok("train/x/7.jpg"));
        check("", "7", Ok("train/x/7.jpg"));
        check("", "y/7.jpg", Err(Meant::Nothing));
        check("", "cats\\1.png", Ok("cats/1.png"));
        check("", "밤/고양이.png", Ok(&decomposed));
        check("", &decomposed, Ok(&decomposed));
        check("", "고양이.png", Ok(&decomposed));
        check("", "../a.png", Err(Meant::Outside));
        check("cats", "../../a.png", Err(Meant::Outside));
        check("", "/etc/passwd", Err(Meant::Outside));
        check("", "/a.png", Err(Meant::Outside));
        check("", "C:\\a.png", Err(Meant::Outside));
        check("", "\\\\server\\a.png", Err(Meant::Outside));
        check("", "https://example.org/a.png", Err(Meant::Outside));
        check("", "absent.png", Err(Meant::Nothing));
        check("", "", Err(Meant::Nothing));
    }

    #[test]
    fn columns_are_found_that_name_files() {
        let index = index(&["images/1.png", "images/2.png", "images/3.png"]);
        let text = |name: &str, values: Vec<Option<&str>>| {
            Arc::new(Column::text(name, Kind::Text, LargeStringArray::from(values)))
        };
        let frame = Frame::new(vec![
            text("other", vec![Some("9.png"), Some("8.png"), Some("1.png"), None]),
            text("twin", vec![None, None, Some("1.png"), None]),
            text("file", vec![Some("1.png"), Some("images/2.png"), Some("4.png"), Some("../1.png")]),
        ]);
        let found = index.references(&frame, "", &Work::new()).unwrap();
        assert_eq!(found.iter().map(|found| (found.column, found.matched)).collect::<Vec<_>>(), [(2, 2), (1, 1)]);
        let meant = [Meant::File(0), Meant::File(1), Meant::Nothing, Meant::Outside].map(Some);
        assert_eq!(found[0].meant, meant);
    }

    proptest::proptest! {
        /// Whatever a value says, what is meant is one of the files.
        #[test]
        fn nothing_but_files_of_the_list_is_meant(
            base in "(a/|b/){0,2}",
            value in "(\\.\\./|\\./|a/|b/|/|\\\\|1\\.png|1|C:){0,6}",
        ) {
            let index = index(&["a/1.png", "b/2.png"]);
            if let Meant::File(file) = index.find(&base, &value) {
                proptest::prop_assert!(file < 2);
                proptest::prop_assert!(!value.starts_with('/'));
            }
        }
    }
}
