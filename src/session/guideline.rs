//! The version of the guidelines: what is stamped on every label, so that after a change those that were given before can
//! be found.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use crate::engine::{Fingerprint, files};

/// Digits of the hash that a version shows.
const DIGITS: usize = 8;

/// The version of the guidelines at `path`: the day of their last change and the beginning of their hash, such as
/// `2026-11-28 3f2a91bc`. `None` where there are none, or nothing stands in them.
pub(super) fn version_of(path: &Path) -> Option<Arc<str>> {
    let text = files::read_text(path).ok()?;
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let changed = std::fs::metadata(path).and_then(|about| about.modified()).ok()?;
    let day = chrono::DateTime::<chrono::Local>::from(changed).format("%Y-%m-%d");
    let hash = Fingerprint::of(text.as_bytes()).to_string();
    Some(format!("{day} {}", hash.get(..DIGITS).unwrap_or(&hash)).into())
}

/// A file that was changed less long ago than this may change again without showing it: some file systems count in twos.
const SETTLED: Duration = Duration::from_secs(3);

/// When a file was last changed, and its length.
type Stamp = (SystemTime, u64);

/// The last version that was read, so that the file is read again only when it has changed.
#[derive(Default)]
pub(super) struct Known(Mutex<Option<(Stamp, Option<Arc<str>>)>>);

impl Known {
    /// As [`version_of`].
    pub(super) fn version_of(&self, path: &Path) -> Option<Arc<str>> {
        let about = std::fs::metadata(path).ok()?;
        let stamp = (about.modified().ok()?, about.len());
        let Ok(mut known) = self.0.lock() else { return version_of(path) };
        if let Some((_, version)) = known.as_ref().filter(|(of, _)| *of == stamp) {
            return version.clone();
        }
        let version = version_of(path);
        let settled = stamp.0.elapsed().is_ok_and(|age| age > SETTLED);
        *known = settled.then(|| (stamp, version.clone()));
        version
    }
}

/// Whether two versions are of the same text: a file that was copied has another day.
pub(super) fn same_guideline(one: &str, other: &str) -> bool {
    let hash = |version: &str| version.rsplit(' ').next().unwrap_or_default().to_owned();
    hash(one) == hash(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_follows_the_text_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("guidelines.md");
        assert_eq!(version_of(&path), None);
        std::fs::write(&path, "  \n").unwrap();
        assert_eq!(version_of(&path), None);
        std::fs::write(&path, "## spam\n").unwrap();
        let first = version_of(&path).unwrap();
        std::fs::write(&path, "## spam\n\n").unwrap();
        assert!(same_guideline(&first, &version_of(&path).unwrap()));
        std::fs::write(&path, "## spam\n- offers").unwrap();
        assert!(!same_guideline(&first, &version_of(&path).unwrap()));
        assert!(same_guideline("2026-01-01 3f2a91bc", "2026-02-02 3f2a91bc"));
        assert_eq!(first.len(), "2026-11-28 3f2a91bc".len());
    }

    #[test]
    fn a_change_is_seen_whether_the_file_is_old_or_new() {
        let folder = tempfile::tempdir().unwrap();
        let (path, known) = (folder.path().join("guidelines.md"), Known::default());
        assert_eq!(known.version_of(&path), None);
        let write = |text: &str, age: u64| {
            std::fs::write(&path, text).unwrap();
            let file = std::fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        };
        // Of one length, so that only the time tells them apart; and then not even that.
        for (text, age) in [("one", 100), ("two", 50), ("six", 0), ("ten", 0)] {
            write(text, age);
            assert_eq!(known.version_of(&path), version_of(&path), "{text}");
            assert_eq!(known.version_of(&path), version_of(&path), "{text}, again");
        }
    }
}
