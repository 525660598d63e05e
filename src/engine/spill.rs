//! Bytes that are too many for memory: they are written to a file without a name and looked at through a map of it, so
//! that the system keeps in memory what is used and drops what is not.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

use bytes::Bytes;
use memmap2::Mmap;

use super::{Error, Result};

/// Bytes on their way to a file that vanishes with the last look at it.
#[derive(Debug)]
pub struct Spill {
    file: BufWriter<File>,
    folder: PathBuf,
    written: usize,
}

impl Spill {
    /// From how many bytes on a thing is spilled: what is smaller is quicker in memory, and every machine has this much.
    pub const FROM: u64 = 1 << 30;

    /// Nothing yet. The file lies in the person's folder for caches, or where `LAPIDARY_HOME` says, and not among the
    /// system's temporary files, which are often kept in memory.
    ///
    /// # Errors
    /// If no file can be made there.
    pub fn new() -> Result<Self> {
        let folder = folder();
        let made = std::fs::create_dir_all(&folder).and_then(|()| tempfile::tempfile_in(&folder));
        let file =
            made.map_err(|source| Error::io("cannot put aside what does not fit into memory", &folder, &source))?;
        Ok(Self { file: BufWriter::with_capacity(1 << 20, file), folder, written: 0 })
    }

    /// The number of bytes so far.
    pub fn len(&self) -> usize {
        self.written
    }

    /// True before the first byte.
    pub fn is_empty(&self) -> bool {
        self.written == 0
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|source| failed(&self.folder, &source))?;
        self.written += bytes.len();
        Ok(())
    }

    /// All bytes, from the file. They begin on a page, so that numbers in them are aligned.
    ///
    /// # Errors
    /// If the disk is full or fails, or the system cannot map the file.
    pub fn finish(self) -> Result<Bytes> {
        if self.written == 0 {
            return Ok(Bytes::new());
        }
        let file = self.file.into_inner().map_err(|error| failed(&self.folder, error.error()))?;
        map(&file).map(Bytes::from_owner).map_err(|source| failed(&self.folder, &source))
    }
}

#[expect(
    unsafe_code,
    reason = "a map of a file is unsafe since others could change the file; nobody can reach this one"
)]
fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: the file has no name and this is its only handle, which ends here: no one can write to it or cut it off
    // while it is mapped.
    unsafe { Mmap::map(file) }
}

fn failed(folder: &std::path::Path, source: &std::io::Error) -> Error {
    Error::io("cannot put aside what does not fit into memory", folder, source)
}

fn folder() -> PathBuf {
    match std::env::var_os("LAPIDARY_HOME") {
        Some(home) => PathBuf::from(home),
        None => directories::ProjectDirs::from("", "", "lapidary")
            .map_or_else(std::env::temp_dir, |folders| folders.cache_dir().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_spilled_is_there_and_aligned() {
        let mut spill = Spill::new().unwrap();
        assert!(spill.is_empty());
        let bytes: Vec<u8> = (0..3_000_001u32).map(|at| (at % 251) as u8).collect();
        for piece in bytes.chunks(7_001) {
            spill.write(piece).unwrap();
        }
        assert_eq!(spill.len(), bytes.len());
        let spilled = spill.finish().unwrap();
        assert_eq!(spilled, bytes);
        assert_eq!(spilled.as_ptr() as usize % 64, 0);
        assert!(Spill::new().unwrap().finish().unwrap().is_empty());
    }
}
