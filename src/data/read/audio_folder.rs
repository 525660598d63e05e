//! A folder of sounds: one row a sound, with its class where sounds lie in several folders or are named by a pattern,
//! or with the columns of the one table that lists them.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array as _, Int64Array, LargeStringArray};
use rayon::prelude::*;
use unicode_normalization::UnicodeNormalization as _;

use super::folder::{Found, class, some};
use super::{ReadOptions, Reading, read_frame};
use crate::data::media::{AudioInfo, AudioLimits, audio_info};
use crate::data::{Column, Frame, Kind, ReadReport, Values};
use crate::engine::{Fingerprinter, Result, Work};

/// Endings of sound files, lower case.
pub(super) const SOUNDS: &[&str] = &["wav", "wave", "flac", "mp3", "ogg", "oga"];

/// A part of the file names is a class if it has no more values than this.
const MOST_CLASSES: usize = 200;

/// File names are split into at most this many parts.
const MOST_PARTS: usize = 6;

/// True if the name ends as those of sounds do.
pub(super) fn is_sound(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    ending.is_some_and(|ending| SOUNDS.contains(&ending.as_str()))
}

/// Reads the sounds found below `path`, sorted by their paths.
///
/// Columns: `audio` (paths relative to the folder), `folder` (the folder a sound lies in, if they lie in more than
/// one), or, where they all lie in one and their names are built alike (`7_jackson_0.wav`), `name_1`, `name_2` ... for
/// the parts that could be classes; then `seconds`, `sample_rate`, `channels` (from the header, missing where that
/// cannot be read) and `bytes`. With exactly one data file beside the sounds, of which a column holds their paths, the
/// rows and columns are those of that file, and these are added.
///
/// # Errors
/// If the data file is not what it claims to be, or the work was cancelled.
pub(super) fn read(
    path: &Path,
    mut sounds: Vec<Found>,
    tables: &[std::path::PathBuf],
    options: &ReadOptions,
    work: &Work,
) -> Result<Reading> {
    let root = options.root.clone().unwrap_or_else(|| path.to_owned());
    let listed = match tables {
        [table] => listing(path, table, &sounds, options, work)?,
        _ => None,
    };
    let fingerprint = fingerprint(&sounds, tables, work)?;
    let mut notes = Vec::new();
    let columns = match listed {
        Some(listed) => {
            let rows: Vec<Option<&Found>> = listed.rows.iter().map(|row| row.and_then(|at| sounds.get(at))).collect();
            let name = tables.first().and_then(|table| table.file_name()).unwrap_or_default().to_string_lossy();
            notes.push(format!("the sounds are those that {name} lists in its column {}", listed.column));
            notes.extend(unlisted(&sounds, &listed.rows, &name));
            let mut columns = listed.columns;
            let taken: HashSet<String> = columns.iter().map(|column| column.name().to_owned()).collect();
            let facts = facts(path, &rows, work)?;
            columns.extend(facts.into_iter().filter(|column| !taken.contains(column.name())).map(Arc::new));
            columns
        }
        None => {
            if !tables.is_empty() {
                let names: Vec<_> = tables.iter().filter_map(|table| table.file_name()?.to_str()).collect();
                notes.push(format!("the data files beside the sounds were not read: {}", names.join(", ")));
            }
            sounds.truncate(options.limit.unwrap_or(usize::MAX));
            own_columns(path, &sounds, work)?.into_iter().map(Arc::new).collect()
        }
    };
    let report = ReadReport { format: "folder".to_owned(), notes };
    Ok(Reading { frame: Frame::new(columns), report, root, fingerprint })
}

/// The name of a folder of sounds: of their names, sizes and times, and of what the one data file beside them holds.
///
/// # Errors
/// If the data file cannot be read, or the work was cancelled.
pub(super) fn fingerprint(
    sounds: &[Found],
    tables: &[std::path::PathBuf],
    work: &Work,
) -> Result<crate::engine::Fingerprint> {
    let start = Fingerprinter::new("audio-folder").number(sounds.len() as u64);
    let all = sounds.iter().fold(start, |all, one| all.text(&one.path).number(one.size).number(one.modified));
    match tables {
        [table] => Ok(all.print(super::fingerprint(table, work)?).finish()),
        _ => Ok(all.finish()),
    }
}

fn own_columns(path: &Path, sounds: &[Found], work: &Work) -> Result<Vec<Column>> {
    let paths = LargeStringArray::from_iter_values(sounds.iter().map(|sound| sound.path.as_str()));
    let mut columns = vec![Column::text("audio", Kind::Audio, paths)];
    let folders: Vec<Option<String>> = sounds.iter().map(|sound| class(&sound.path)).collect();
    if folders.iter().collect::<HashSet<_>>().len() > 1 {
        columns.push(Column::text("folder", Kind::Category, folders.into_iter().collect::<LargeStringArray>()));
    } else {
        columns.extend(name_parts(sounds));
    }
    let rows: Vec<Option<&Found>> = sounds.iter().map(Some).collect();
    columns.extend(facts(path, &rows, work)?);
    Ok(columns)
}

/// Columns for the parts of file names that are all built alike, `_` or `-` between the parts; parts that never change
/// or are hardly ever the same say nothing of a class and are left out.
fn name_parts(sounds: &[Found]) -> Vec<Column> {
    let stems: Vec<&str> = sounds.iter().map(|sound| stem(&sound.path)).collect();
    let Some((separator, count)) = ['_', '-'].into_iter().find_map(|separator| {
        let mut counts = stems.iter().map(|stem| stem.split(separator).count());
        let first = counts.next().filter(|count| (2..=MOST_PARTS).contains(count))?;
        counts.all(|count| count == first).then_some((separator, first))
    }) else {
        return Vec::new();
    };
    let column = |part: usize| {
        let values: Vec<String> =
            stems.iter().map(|stem| stem.split(separator).nth(part).unwrap_or_default().nfc().collect()).collect();
        let distinct = values.iter().collect::<HashSet<_>>().len();
        let tells = distinct > 1 && distinct <= MOST_CLASSES && distinct * 2 <= values.len();
        tells.then(|| {
            let values = LargeStringArray::from_iter_values(&values);
            Column::text(format!("name_{}", part + 1), Kind::Category, values)
        })
    };
    (0..count).filter_map(column).collect()
}

/// The file's name without folders and ending.
fn stem(path: &str) -> &str {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// `seconds`, `sample_rate`, `channels` and `bytes` of sounds; missing for rows without one and where the header cannot
/// be read.
fn facts(path: &Path, rows: &[Option<&Found>], work: &Work) -> Result<Vec<Column>> {
    let infos = infos(path, rows, work)?;
    let seconds = infos.iter().map(|info| info.map(|info| info.seconds)).collect();
    let whole = |name: &str, values: Int64Array| Column::new(name, Values::Int(values));
    Ok(vec![
        Column::new("seconds", Values::Float(seconds)),
        whole("sample_rate", infos.iter().map(|info| info.map(|info| i64::from(info.sample_rate))).collect()),
        whole("channels", infos.iter().map(|info| info.map(|info| i64::from(info.channels))).collect()),
        whole("bytes", rows.iter().map(|row| row.and_then(|found| i64::try_from(found.size).ok())).collect()),
    ])
}

fn infos(path: &Path, rows: &[Option<&Found>], work: &Work) -> Result<Vec<Option<AudioInfo>>> {
    work.stage("reading the headers of sounds", rows.len() as u64);
    let infos: Vec<Option<AudioInfo>> = rows
        .par_iter()
        .map(|row| {
            work.advance(1)?;
            let Some(found) = row else { return Ok(None) };
            match audio_info(&path.join(&found.path), AudioLimits::default(), work) {
                Err(error) if error.is_cancelled() => Err(error),
                other => Ok(other.ok()),
            }
        })
        .collect::<Result<_>>()?;
    let unread = rows.iter().zip(&infos).filter(|(_, info)| info.is_none());
    let unread: Vec<&str> = unread.filter_map(|(row, _)| row.map(|found| found.path.as_str())).collect();
    if !unread.is_empty() {
        work.warn(format!("{} sounds could not be read: {}", unread.len(), some(&unread)));
    }
    Ok(infos)
}

/// A table that lists sounds.
struct Listed {
    /// All columns; that of the paths is of [`Kind::Audio`].
    columns: Vec<Arc<Column>>,
    /// The name of the column of paths.
    column: String,
    /// The sound of each row, if it is there.
    rows: Vec<Option<usize>>,
}

/// Reads `table` and finds the column that names sounds: at least half of its values are paths or names of sounds in
/// the folder. `None` if there is none.
fn listing(path: &Path, table: &Path, sounds: &[Found], options: &ReadOptions, work: &Work) -> Result<Option<Listed>> {
    let frame = read_frame(table, &ReadOptions { root: Some(path.to_owned()), ..options.clone() }, work)?.frame;
    // By whole path and, where it is the only one of its name, by name alone; both composed, as people type them.
    let mut known: HashMap<String, Option<usize>> = HashMap::new();
    for (index, sound) in sounds.iter().enumerate() {
        let name = sound.path.rsplit('/').next().unwrap_or_default();
        known.entry(name.nfc().collect()).and_modify(|at| *at = None).or_insert(Some(index));
    }
    for (index, sound) in sounds.iter().enumerate() {
        known.insert(sound.path.nfc().collect(), Some(index));
    }
    for (at, column) in frame.columns().iter().enumerate() {
        let Some(strings) = column.strings() else { continue };
        work.check()?;
        let find = |value: &str| {
            let value: String = value.trim_start_matches("./").replace('\\', "/").nfc().collect();
            known.get(&value).copied().flatten()
        };
        let rows: Vec<Option<usize>> = strings.iter().map(|value| value.and_then(find)).collect();
        let (there, all) = (rows.iter().flatten().count(), strings.len() - strings.null_count());
        if there == 0 || there * 2 < all {
            continue;
        }
        // Written as they are found, so that a bare name leads to its folder; what is missing stays as it stands.
        let paths: LargeStringArray = strings
            .iter()
            .zip(&rows)
            .map(|(value, row)| row.and_then(|at| sounds.get(at)).map(|sound| sound.path.as_str()).or(value))
            .collect();
        let name = column.name().to_owned();
        let mut columns = frame.columns().to_vec();
        if let Some(place) = columns.get_mut(at) {
            *place = Arc::new(Column::text(name.clone(), Kind::Audio, paths));
        }
        return Ok(Some(Listed { columns, column: name, rows }));
    }
    Ok(None)
}

/// Says how many sounds the table leaves out, and how many of its rows have none.
fn unlisted(sounds: &[Found], rows: &[Option<usize>], table: &str) -> Vec<String> {
    let listed: HashSet<usize> = rows.iter().flatten().copied().collect();
    let absent = rows.iter().filter(|row| row.is_none()).count();
    let mut notes = Vec::new();
    if listed.len() < sounds.len() {
        notes.push(format!("{} sounds are not in {table} and were left out", sounds.len() - listed.len()));
    }
    if absent > 0 {
        notes.push(format!("{absent} rows of {table} name no sound in the folder"));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::media::audio_samples::wav;

    fn put(root: &Path, path: &str, samples: usize) {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, wav(1000, 1, &vec![0.1; samples])).unwrap();
    }

    fn show(path: &Path, work: &Work) -> (Vec<String>, Vec<String>, Vec<String>) {
        let reading = read_frame(path, &ReadOptions::default(), work).unwrap();
        let columns: Vec<_> = reading.frame.columns().iter().filter(|column| column.name() != "bytes").collect();
        let names = columns.iter().map(|column| column.name().to_owned()).collect();
        let row = |row| {
            let cells = columns.iter().map(|column| column.show(row).unwrap_or("·".into()).into_owned());
            cells.collect::<Vec<_>>().join(" ")
        };
        (names, (0..reading.frame.rows()).map(row).collect(), reading.report.notes)
    }

    #[test]
    fn sounds_in_folders_have_classes_and_lengths() {
        let folder = tempfile::tempdir().unwrap();
        let (root, work) = (folder.path(), Work::new());
        put(root, "dog/1.wav", 500);
        put(root, "\u{1100}\u{1162}/2.WAV", 1000);
        std::fs::write(root.join("dog/broken.mp3"), "no sound").unwrap();
        let (names, rows, _) = show(root, &work);
        assert_eq!(names, ["audio", "folder", "seconds", "sample_rate", "channels"]);
        assert_eq!(
            rows,
            ["dog/1.wav dog 0.5 1000 1", "dog/broken.mp3 dog · · ·", "\u{1100}\u{1162}/2.WAV 개 1.0 1000 1"]
        );
        assert_eq!(work.warnings(), ["1 sounds could not be read: dog/broken.mp3"]);
    }

    #[test]
    fn names_that_are_built_alike_give_classes() {
        let folder = tempfile::tempdir().unwrap();
        for digit in 0..2 {
            for take in 0..4 {
                put(folder.path(), &format!("recordings/{digit}_theo_{take}.wav"), 10);
            }
        }
        let (names, rows, _) = show(folder.path(), &Work::new());
        // The speaker never changes; every second take is one of a kind, which is still few enough.
        assert_eq!(names, ["audio", "name_1", "name_3", "seconds", "sample_rate", "channels"]);
        assert_eq!(rows[5], "recordings/1_theo_1.wav 1 1 0.01 1000 1");
        put(folder.path(), "recordings/other.wav", 10);
        assert_eq!(show(folder.path(), &Work::new()).0, ["audio", "seconds", "sample_rate", "channels"]);
    }

    #[test]
    fn the_one_table_that_lists_the_sounds_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let (root, work) = (folder.path(), Work::new());
        for name in ["a", "b", "c"] {
            put(root, &format!("clips/{name}.wav"), 100);
        }
        std::fs::write(root.join("labels.csv"), "file,word,seconds\nclips/b.wav,up,7\na.wav,down,8\ngone.wav,down,9\n")
            .unwrap();
        let (names, rows, notes) = show(root, &work);
        assert_eq!(names, ["file", "word", "seconds", "sample_rate", "channels"]);
        assert_eq!(rows, ["clips/b.wav up 7 1000 1", "clips/a.wav down 8 1000 1", "gone.wav down 9 · ·"]);
        assert_eq!(notes.len(), 3, "{notes:?}");
        let reading = read_frame(root, &ReadOptions::default(), &work).unwrap();
        assert_eq!(reading.frame.column("file").unwrap().kind(), Kind::Audio);
        assert_eq!(reading.fingerprint, super::super::fingerprint(root, &work).unwrap());
        std::fs::write(root.join("labels.csv"), "text,n\nhello,1\n").unwrap();
        let (names, rows, notes) = show(root, &work);
        assert_eq!((names[0].as_str(), rows.len()), ("audio", 3));
        assert!(notes[0].contains("labels.csv"), "{notes:?}");
        assert_ne!(reading.fingerprint, super::super::fingerprint(root, &work).unwrap());
    }

    #[test]
    fn spoken_digits_open_as_their_table_lists_them() {
        let Some(folder) = std::env::var_os("LAPIDARY_DATA").map(std::path::PathBuf::from) else {
            eprintln!("skipped: LAPIDARY_DATA names no folder");
            return;
        };
        let reading = read_frame(&folder.join("fsdd"), &ReadOptions::default(), &Work::new()).unwrap();
        assert_eq!(reading.frame.rows(), 2000);
        assert_eq!(reading.frame.column("file").unwrap().kind(), Kind::Audio);
        assert!(reading.frame.column("digit").is_ok() && reading.frame.column("sample_rate").is_ok());
        let flat = read_frame(&folder.join("fsdd/recordings"), &ReadOptions::default(), &Work::new()).unwrap();
        let names: Vec<_> = flat.frame.columns().iter().map(|column| column.name()).collect();
        assert_eq!(names, ["audio", "name_1", "name_2", "name_3", "seconds", "sample_rate", "channels", "bytes"]);
    }
}
