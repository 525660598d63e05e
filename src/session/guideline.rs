//! The version of the guidelines: what is stamped on every label, so that after a change those that were given before can
//! be found.

use std::path::Path;
use std::sync::Arc;

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
}
