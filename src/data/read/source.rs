//! The file that is read: its bytes, and the fingerprint of these.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rayon::prelude::*;

use crate::engine::{Error, Fingerprint, Fingerprinter, Result, Work};

/// Bytes that are hashed as one piece. The fingerprint of a file is that of the fingerprints of its pieces, so that
/// all cores can take part.
const BLOCK: usize = 1 << 20;

/// Bytes that are read at once: long enough to keep the disk busy, short enough to be cancelled in time.
const GULP: usize = 16 * BLOCK;

/// A file to be read.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    size: u64,
    print: OnceLock<Fingerprint>,
}

impl Source {
    /// The file at `path`.
    ///
    /// # Errors
    /// If it does not exist or may not be read.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |source: std::io::Error| Error::io("cannot read the file", path, &source);
        let size = File::open(path).and_then(|file| file.metadata()).map_err(failed)?.len();
        Ok(Self { path: path.to_owned(), size, print: OnceLock::new() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Opens the file with a cursor of its own, for readers that jump about in it.
    ///
    /// # Errors
    /// If it may no longer be read.
    pub(crate) fn file(&self) -> Result<File> {
        File::open(&self.path).map_err(|source| self.failed(&source))
    }

    /// At most the first `count` bytes.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn head(&self, count: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file()?.take(count).read_to_end(&mut bytes).map_err(|source| self.failed(&source))?;
        Ok(bytes)
    }

    /// The whole content; its fingerprint is noted on the way.
    ///
    /// # Errors
    /// If it cannot be read, or the work was cancelled.
    pub(crate) fn bytes(&self, work: &Work) -> Result<Vec<u8>> {
        work.stage("reading the file", self.size);
        let mut bytes = Vec::with_capacity(usize::try_from(self.size).unwrap_or(0).saturating_add(1));
        let mut file = self.file()?;
        loop {
            let read = (&mut file).take(GULP as u64).read_to_end(&mut bytes).map_err(|source| self.failed(&source))?;
            if read == 0 {
                break;
            }
            work.advance(read as u64)?;
        }
        let mut blocks = Vec::with_capacity(bytes.len() / BLOCK + 1);
        for gulp in bytes.chunks(GULP) {
            blocks.extend(block_prints(gulp));
            work.check()?;
        }
        let _ = self.print.set(join_prints(bytes.len() as u64, &blocks));
        Ok(bytes)
    }

    /// The fingerprint of the content: as noted when the content was read, else by reading it.
    ///
    /// # Errors
    /// If it cannot be read, or the work was cancelled.
    pub(crate) fn fingerprint(&self, work: &Work) -> Result<Fingerprint> {
        if let Some(print) = self.print.get() {
            return Ok(*print);
        }
        work.stage("fingerprinting the file", self.size);
        let (mut file, mut gulp, mut blocks, mut size) = (self.file()?, Vec::with_capacity(GULP), Vec::new(), 0);
        loop {
            gulp.clear();
            let read = (&mut file).take(GULP as u64).read_to_end(&mut gulp).map_err(|source| self.failed(&source))?;
            if read == 0 {
                break;
            }
            size += read as u64;
            blocks.extend(block_prints(&gulp));
            work.advance(read as u64)?;
        }
        Ok(*self.print.get_or_init(|| join_prints(size, &blocks)))
    }

    /// The fingerprint of a preview: it names the file and its state on disk without reading all of it.
    pub(crate) fn preview_print(&self, rows: usize) -> Fingerprint {
        let modified = std::fs::metadata(&self.path).ok().map_or(0, |meta| modified(&meta));
        Fingerprinter::new("preview")
            .bytes(self.path.as_os_str().as_encoded_bytes())
            .number(self.size)
            .number(modified)
            .number(rows as u64)
            .finish()
    }

    fn failed(&self, source: &std::io::Error) -> Error {
        Error::io("cannot read the file", &self.path, source)
    }
}

/// The time of the last change in nanoseconds since 1970, 0 where the file system keeps none.
pub(super) fn modified(meta: &std::fs::Metadata) -> u64 {
    let since = meta.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    since.map_or(0, |since| since.as_nanos() as u64)
}

/// The name of what stands at a path: of the content of a file; for a folder, of the names, sizes and times of the
/// images in it.
///
/// # Errors
/// If it cannot be read, or the work was cancelled.
pub fn fingerprint(path: &Path, work: &Work) -> Result<Fingerprint> {
    if path.is_dir() { super::folder::fingerprint(path, work) } else { Source::open(path)?.fingerprint(work) }
}

fn block_prints(bytes: &[u8]) -> Vec<Fingerprint> {
    bytes.par_chunks(BLOCK).map(Fingerprint::of).collect()
}

fn join_prints(size: u64, blocks: &[Fingerprint]) -> Fingerprint {
    blocks.iter().fold(Fingerprinter::new("file").number(size), |all, block| all.print(*block)).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_fingerprint_however_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        let work = Work::new();
        for size in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, GULP + 3] {
            let content: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
            std::fs::write(&path, &content).unwrap();
            let source = Source::open(&path).unwrap();
            assert_eq!(source.bytes(&work).unwrap(), content);
            assert_eq!(source.fingerprint(&work).unwrap(), fingerprint(&path, &work).unwrap(), "{size} bytes");
        }
        let before = fingerprint(&path, &work).unwrap();
        let mut content = std::fs::read(&path).unwrap();
        content[BLOCK + 7] ^= 1;
        std::fs::write(&path, &content).unwrap();
        assert_ne!(fingerprint(&path, &work).unwrap(), before);
    }

    #[test]
    fn cancelled_work_stops_reading() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        std::fs::write(&path, b"abc").unwrap();
        let work = Work::new();
        work.cancel();
        assert!(Source::open(&path).unwrap().bytes(&work).unwrap_err().is_cancelled());
        assert!(fingerprint(&path, &work).unwrap_err().is_cancelled());
    }
}
