//! Text files: one is an item, in whatever encoding each is.

use std::collections::BTreeMap;
use std::path::Path;

use arrow_array::{Int64Array, LargeStringArray};
use rayon::prelude::*;

use super::listing::Found;
use crate::data::read::encoding::decode;
use crate::data::read::unite::some;
use crate::data::{Column, Kind, Values};
use crate::engine::{Result, Work};

/// Longer files than this are no text that anybody labels.
const MOST_BYTES: u64 = 8 << 20;

/// What became of a file.
struct Taken {
    text: Option<String>,
    /// The encoding, if it was not plain UTF-8, and other things done to the text.
    notes: Vec<String>,
    /// Why there is no text.
    trouble: Option<String>,
}

/// `text` and `bytes`, a row for each file. The text of a file that cannot be read, is too long or is empty is missing;
/// how many there were is said.
pub(super) fn columns(root: &Path, files: &[&Found], notes: &mut Vec<String>, work: &Work) -> Result<Vec<Column>> {
    work.stage("reading texts", files.len() as u64);
    let taken: Result<Vec<Taken>> = files
        .par_iter()
        .map(|file| {
            let taken = take(root, file);
            work.advance(1)?;
            Ok(taken)
        })
        .collect();
    let taken = taken?;
    let mut counts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (file, taken) in files.iter().zip(&taken) {
        for note in &taken.notes {
            counts.entry(note).or_default().push(&file.path);
        }
    }
    notes.extend(counts.iter().map(|(note, files)| format!("{} files: {note}: {}", files.len(), some(files))));
    let mut troubles: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (file, taken) in files.iter().zip(&taken) {
        if let Some(trouble) = &taken.trouble {
            troubles.entry(trouble).or_default().push(&file.path);
        }
    }
    for (trouble, files) in troubles {
        work.warn(format!("the text of {} files is missing, {trouble}: {}", files.len(), some(&files)));
    }
    let texts: LargeStringArray = taken.iter().map(|taken| taken.text.as_deref()).collect();
    let bytes: Int64Array = files.iter().map(|file| i64::try_from(file.size).ok()).collect();
    Ok(vec![Column::text("text", Kind::Text, texts), Column::new("bytes", Values::Int(bytes))])
}

fn take(root: &Path, file: &Found) -> Taken {
    let nothing = |trouble: &str| Taken { text: None, notes: Vec::new(), trouble: Some(trouble.to_owned()) };
    if file.size > MOST_BYTES {
        return nothing("they are longer than 8 MB");
    }
    let bytes = match std::fs::read(root.join(&file.path)) {
        Ok(bytes) => bytes,
        Err(error) => return nothing(&format!("they cannot be read ({})", error.kind())),
    };
    // The work of one file: its stages and warnings are not those of the whole folder.
    let own = Work::new();
    match decode(bytes, None, &own) {
        Ok(decoded) => {
            let text = String::from_utf8_lossy(&decoded.bytes);
            let text = text.trim_end_matches(['\n', '\r']);
            let notes = decoded.notes.iter().map(|note| without_place(note)).collect();
            let trouble = text.is_empty().then(|| "they are empty".to_owned());
            Taken { text: (!text.is_empty()).then(|| text.to_owned()), notes, trouble }
        }
        Err(error) => nothing(error.what()),
    }
}

/// A note without counts and lines, so that those of many files are one.
fn without_place(note: &str) -> String {
    match note.split_once(" with ").filter(|(_, rest)| rest.contains("broken places")) {
        Some((encoding, _)) => format!("{encoding} with broken places, which were replaced by \u{FFFD}"),
        None => note.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').to_owned(),
    }
}
