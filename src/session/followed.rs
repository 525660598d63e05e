//! A small text file that a person may edit with any editor while the window shows it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crate::engine::{Result, files};

/// The file as it was last read. It is looked at again once a second.
#[derive(Default)]
pub struct Followed {
    path: PathBuf,
    looked: Option<Instant>,
    changed: Option<SystemTime>,
    text: Option<Result<Arc<str>>>,
}

impl Followed {
    /// Follows the file at `path`.
    pub fn follow(&mut self, path: PathBuf) {
        if self.path == path && self.looked.is_some_and(|at| at.elapsed().as_secs() < 1) {
            return;
        }
        self.looked = Some(Instant::now());
        let changed = std::fs::metadata(&path).and_then(|meta| meta.modified()).ok();
        if self.path != path || self.changed != changed {
            self.text = changed.map(|_| files::read_text(&path).map(Arc::from));
            (self.path, self.changed) = (path, changed);
        }
    }

    /// Reads it anew at the next look.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// The path.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// The text, or why it cannot be read; `None` if there is no such file.
    pub fn text(&self) -> Option<&Result<Arc<str>>> {
        self.text.as_ref()
    }
}
