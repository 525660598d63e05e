//! Files that are written whole or not at all.

use std::io::{BufWriter, Write};
use std::path::Path;

use super::{Error, Result};

/// The ending of a file name, in lower case and without its dot; `None` without one.
pub fn ending(path: &Path) -> Option<String> {
    path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase)
}

/// Writes a file beside `path` and renames it into place when `fill` has succeeded and the bytes are on disk.
/// A cancelled or failed run leaves the old file as it was.
///
/// # Errors
/// Whatever `fill` returns, or a failure of the file system with its reason.
pub fn write_whole(path: &Path, fill: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let failed = |source: &std::io::Error| Error::io("cannot write the file", path, source);
    let mut file = tempfile::Builder::new()
        .prefix(".lapidary-")
        .permissions_like(path)
        .tempfile_in(folder)
        .map_err(|source| failed(&source))?;
    {
        let mut buffer = BufWriter::with_capacity(1 << 18, file.as_file_mut());
        fill(&mut buffer)?;
        buffer.flush().map_err(|source| failed(&source))?;
    }
    file.as_file().sync_all().map_err(|source| failed(&source))?;
    file.persist(path).map_err(|source| failed(&source.error))?;
    sync_folder(folder);
    Ok(())
}

/// Writes `text` to `path`, whole or not at all.
///
/// # Errors
/// As [`write_whole`].
pub fn write_text(path: &Path, text: &str) -> Result<()> {
    write_whole(path, |out| {
        out.write_all(text.as_bytes()).map_err(|source| Error::io("cannot write the file", path, &source))
    })
}

/// Reads a text file whole.
///
/// # Errors
/// If it cannot be read, or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|source| Error::io("cannot read the file", path, &source))?;
    String::from_utf8(bytes)
        .map_err(|_| Error::input("the file is not UTF-8 text").at(path.display()).help("save it as UTF-8"))
}

/// A path without `.` and `..`, for people to read. Links are not followed and nothing is looked up on the disk.
pub fn tidy(path: &Path) -> std::path::PathBuf {
    use std::path::Component;
    let mut tidy = std::path::PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(tidy.components().next_back(), Some(Component::Normal(_))) => {
                tidy.pop();
            }
            other => tidy.push(other),
        }
    }
    tidy
}

/// Makes a rename durable. Not every file system can; the rename itself is done, so failing here is not an error.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = std::fs::File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// A temporary file is private by default; a result file should have the permissions of an ordinary new file.
trait PermissionsLike {
    fn permissions_like(&mut self, path: &Path) -> &mut Self;
}

impl PermissionsLike for tempfile::Builder<'_, '_> {
    fn permissions_like(&mut self, path: &Path) -> &mut Self {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(path).map_or(0o644, |meta| meta.permissions().mode() & 0o777);
            self.permissions(std::fs::Permissions::from_mode(mode));
        }
        #[cfg(not(unix))]
        let _ = path;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_text(&path, "old").unwrap();
        let failed = write_whole(&path, |out| {
            out.write_all(b"half").unwrap();
            Err(Error::cancelled())
        });
        assert!(failed.unwrap_err().is_cancelled());
        assert_eq!(read_text(&path).unwrap(), "old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing half-made stays behind");
    }
}
