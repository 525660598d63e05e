//! A table outside of the project, such as last month's, to compare the data with.

use std::path::{Path, PathBuf};

use super::Session;
use crate::data::read::{ReadOptions, Reading, read_frame};
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work};

/// A file or folder of data as it stood on the disk when it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherTable {
    path: PathBuf,
    print: Fingerprint,
}

impl OtherTable {
    /// The data at a path; one that is not absolute starts from the project's folder.
    ///
    /// # Errors
    /// If there is nothing.
    pub fn at(session: &Session, path: &Path) -> Result<Self> {
        let path = session.project().folder().join(path);
        let meta = std::fs::metadata(&path).map_err(|source| Error::io("cannot read", &path, &source))?;
        let since = meta.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        let print = Fingerprinter::new("other table")
            .bytes(path.as_os_str().as_encoded_bytes())
            .number(meta.len())
            .number(since.map_or(0, |since| since.as_nanos() as u64));
        Ok(Self { path, print: print.finish() })
    }

    /// The name of the file or folder.
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }
}

impl Derived for OtherTable {
    type Output = Reading;

    fn bytes(value: &Reading) -> usize {
        value.frame.columns().iter().map(|column| column.array().get_array_memory_size()).sum()
    }

    fn fingerprint(&self) -> Fingerprint {
        self.print
    }

    fn compute(&self, work: &Work) -> Result<Reading> {
        read_frame(&self.path, &ReadOptions::default(), work)
    }
}
