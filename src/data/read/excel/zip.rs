//! How large the parts of a ZIP archive are once they are unpacked, by what its directory declares.
//!
//! Format: APPNOTE 4.3, <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>.

use std::io::{Read as _, Seek as _, SeekFrom};

use crate::data::read::Source;
use crate::engine::{Error, Result};

/// The end record is at most this far from the end: its own length and that of the longest comment.
const TAIL: u64 = 22 + 65_535;

/// Directories larger than this belong to no workbook.
const MOST_DIRECTORY: usize = 64 << 20;

/// The sum of the unpacked sizes of all parts; `None` if this is no archive, or its directory cannot be followed (the
/// reader of the workbook will then say what is wrong).
///
/// # Errors
/// If the file cannot be read, or the directory is absurdly long.
pub(super) fn unpacked(source: &Source) -> Result<Option<u64>> {
    let failed = |error: std::io::Error| Error::io("cannot read the file", source.path(), &error);
    let mut file = source.file()?;
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(source.size().saturating_sub(TAIL))).map_err(failed)?;
    (&mut file).take(TAIL).read_to_end(&mut tail).map_err(failed)?;
    let Some((start, length)) = directory(&tail) else { return Ok(None) };
    if length > MOST_DIRECTORY {
        return Err(Error::input("the directory of the workbook is too long for any workbook"));
    }
    let mut entries = Vec::new();
    file.seek(SeekFrom::Start(start)).map_err(failed)?;
    file.take(length as u64).read_to_end(&mut entries).map_err(failed)?;
    Ok(sum(&entries))
}

/// Where the directory starts, and its length in bytes.
fn directory(tail: &[u8]) -> Option<(u64, usize)> {
    let at = memchr::memmem::rfind(tail, b"PK\x05\x06")?;
    let length = u32_at(tail, at + 12)?;
    Some((u64::from(u32_at(tail, at + 16)?), length as usize))
}

/// The sum over the entries. A size that stands elsewhere because it needs more than 32 bits counts as 4 GiB.
fn sum(mut entries: &[u8]) -> Option<u64> {
    let mut all = 0u64;
    while entries.starts_with(b"PK\x01\x02") {
        all = all.saturating_add(u64::from(u32_at(entries, 24)?));
        let lengths = [28, 30, 32].map(|at| u16_at(entries, at).map(usize::from));
        let [Some(name), Some(extra), Some(comment)] = lengths else { return None };
        entries = entries.get(46 + name + extra + comment..)?;
    }
    Some(all)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}
