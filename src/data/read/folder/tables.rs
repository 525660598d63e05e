//! A folder of data files: which belong together, which belongs to another by a key, and which is left out.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::super::unite::{Piece, repeated, some, take, unite};
use super::super::{ReadOptions, read_frame};
use super::listing::Found;
use super::splits::{split_of_file, without_number};
use crate::data::{Column, Frame, Kind, Values};
use crate::engine::{Error, Result, Work};

/// Characters that a text has at least on average if it is something to read, and not a name or a code.
const READABLE: usize = 16;

/// More files than this are parts of one whole; they are not compared with each other.
const MOST_COMPARED: usize = 8;

/// A data file that was read.
pub(super) struct Table {
    /// Its path relative to the folder.
    pub(super) path: String,
    pub(super) frame: Frame,
    /// How it was read.
    pub(super) notes: Vec<String>,
}

/// A data file that could not be read, and why.
pub(super) struct Failed {
    pub(super) path: String,
    pub(super) why: Error,
}

impl Table {
    /// The folder in which the file lies, relative to the one that is read.
    pub(super) fn base(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    fn names(&self) -> HashSet<&str> {
        self.frame.columns().iter().map(|column| column.name()).collect()
    }

    /// Whether it holds something that can be looked at: media, or text of some length.
    fn has_content(&self) -> bool {
        self.frame.columns().iter().any(|column| match column.kind() {
            Kind::Image | Kind::Audio => true,
            Kind::Text => {
                let present = column.len() - column.null_count();
                column.strings().is_some_and(|strings| strings.value_data().len() >= READABLE * present.max(1))
            }
            _ => false,
        })
    }
}

/// Reads all data files of a folder. One that cannot be read does not stop the others.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn read_all(
    root: &Path,
    files: &[Found],
    options: &ReadOptions,
    work: &Work,
) -> Result<(Vec<Table>, Vec<Failed>)> {
    let (mut tables, mut failed) = (Vec::new(), Vec::new());
    // All rows are read, also for a preview: which files belong together shows in their rows.
    let options = ReadOptions { id: None, limit: None, root: Some(root.to_owned()), ..options.clone() };
    for file in files {
        match read_frame(&root.join(&file.path), &options, work) {
            Ok(reading) => {
                tables.push(Table { path: file.path.clone(), frame: reading.frame, notes: reading.report.notes });
            }
            Err(error) if error.is_cancelled() => return Err(error),
            Err(why) => failed.push(Failed { path: file.path.clone(), why }),
        }
    }
    Ok((tables, failed))
}

/// The files that were not read, for a note; the reason of the first few stands with them.
pub(super) fn note_failed(failed: &[Failed], notes: &mut Vec<String>) {
    const SHOWN: usize = 5;
    for one in failed.iter().take(SHOWN) {
        notes.push(format!("{} was not read: {}", one.path, one.why.what()));
    }
    if failed.len() > SHOWN {
        notes.push(format!("{} more data files could not be read", failed.len() - SHOWN));
    }
}

/// One frame of the data files of a folder.
///
/// Files with about the same columns, or numbered parts of one name, become one table with the columns `source` and, if
/// every file names a part of the data, `split`. Of several such tables the one with something to look at and most rows
/// is read; others add their columns where they share a key with it. What is left out is said.
///
/// # Errors
/// If none holds a table, or the work was cancelled.
pub(super) fn frame(tables: Vec<Table>, failed: &[Failed], notes: &mut Vec<String>, work: &Work) -> Result<Frame> {
    if tables.is_empty() {
        return Err(nothing_read(failed));
    }
    let groups = groups(&tables);
    // Of groups that are equal in all this the first by path is taken.
    let main = (0..groups.len()).rev().max_by_key(|at| groups.get(*at).map(|group| rank(group, &tables))).unwrap_or(0);
    let mut members = groups.get(main).cloned().unwrap_or_default();
    leave_out_copies(&mut members, &tables, notes, work)?;
    let parts: Vec<&Table> = members.iter().filter_map(|at| tables.get(*at)).collect();
    let mut frame = joined(&parts, notes, work)?;
    let mut left_out = Vec::new();
    for (_, group) in groups.iter().enumerate().filter(|(at, _)| *at != main) {
        work.check()?;
        let others: Vec<&Table> = group.iter().filter_map(|at| tables.get(*at)).collect();
        match others.as_slice() {
            [one] => match with_companion(&frame, one)? {
                Some((wider, note)) => {
                    frame = wider;
                    notes.push(note);
                }
                None => left_out.push(one.path.as_str()),
            },
            several => left_out.extend(several.iter().map(|table| table.path.as_str())),
        }
    }
    if !left_out.is_empty() {
        notes.push(format!(
            "not read, since their columns are others and no key of theirs fits: {}; open such a file by its own name",
            some(&left_out)
        ));
    }
    note_failed(failed, notes);
    Ok(frame)
}

/// How much a group is worth reading: whether there is something to look at, its rows, its columns.
fn rank(group: &[usize], tables: &[Table]) -> (bool, usize, usize) {
    let members = || group.iter().filter_map(|at| tables.get(*at));
    let columns = members().next().map_or(0, |table| table.frame.columns().len());
    (members().any(Table::has_content), members().map(|table| table.frame.rows()).sum(), columns)
}

fn nothing_read(failed: &[Failed]) -> Error {
    match failed {
        [only] => only.why.clone(),
        _ => {
            let names: Vec<&str> = failed.iter().map(|one| one.path.as_str()).collect();
            let why = failed.first().map_or_else(String::new, |one| format!("{}: {}", one.path, one.why.what()));
            Error::input(format!("none of the {} data files in the folder can be read ({why})", failed.len()))
                .help(format!("name one of them to see what is wrong with it: {}", some(&names)))
        }
    }
}

/// Files that belong together, as places in the list: numbered parts of one name, or files of which at least half of
/// the columns are the same.
fn groups(tables: &[Table]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(String, HashSet<&str>, Vec<usize>)> = Vec::new();
    for (at, table) in tables.iter().enumerate() {
        let (name, columns) = (without_number(&table.path), table.names());
        let known = groups.iter().position(|(known, names, _)| {
            let both = names.intersection(&columns).count();
            both > 0 && (*known == name || both * 2 >= names.len() + columns.len() - both)
        });
        match known.and_then(|known| groups.get_mut(known)) {
            Some((_, _, members)) => members.push(at),
            None => groups.push((name, columns, vec![at])),
        }
    }
    groups.into_iter().map(|(_, _, members)| members).collect()
}

/// Takes out files all of whose rows stand in another one as well, such as a sample of it or the same table in another
/// format. A file that names a part of the data stays: that its rows stand in another part is a thing to find out.
fn leave_out_copies(members: &mut Vec<usize>, tables: &[Table], notes: &mut Vec<String>, work: &Work) -> Result<()> {
    if members.len() < 2 || members.len() > MOST_COMPARED {
        return Ok(());
    }
    work.stage("comparing files", members.len() as u64);
    let mut gone: Vec<usize> = Vec::new();
    for small in members.iter().rev() {
        work.advance(1)?;
        let Some(one) = tables.get(*small) else { continue };
        if split_of_file(&one.path).is_some() || one.frame.rows() == 0 {
            continue;
        }
        let mut home = None;
        let others = members.iter().filter(|other| *other != small && !gone.contains(other));
        for large in others.filter_map(|other| tables.get(*other)) {
            if contains(&large.frame, &one.frame, work)? {
                home = Some(&large.path);
                break;
            }
        }
        if let Some(home) = home {
            let (rows, path) = (one.frame.rows(), &one.path);
            notes.push(format!("{path} was left out: all of its {rows} rows stand in {home} as well"));
            gone.push(*small);
        }
    }
    members.retain(|member| !gone.contains(member));
    Ok(())
}

/// Whether every row of `small` is a row of `large`, as far as the columns of `small` go.
fn contains(large: &Frame, small: &Frame, work: &Work) -> Result<bool> {
    if small.rows() > large.rows() || small.columns().is_empty() {
        return Ok(false);
    }
    let pairs: Option<Vec<(&Arc<Column>, &Arc<Column>)>> = small
        .columns()
        .iter()
        .map(|column| Some((column, large.columns().iter().find(|other| other.name() == column.name())?)))
        .collect();
    let Some(pairs) = pairs else { return Ok(false) };
    let (of_small, of_large): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    let all: HashSet<u64> = row_prints(&of_large, large.rows(), work)?.into_iter().collect();
    Ok(row_prints(&of_small, small.rows(), work)?.iter().all(|print| all.contains(print)))
}

/// The hash of every row over some columns. Numbers count by their value, so that 1 and 1.0 are the same.
fn row_prints(columns: &[&Arc<Column>], rows: usize, work: &Work) -> Result<Vec<u64>> {
    const CHUNK: usize = 4096;
    let chunks: Result<Vec<Vec<u64>>> = (0..rows.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            work.check()?;
            let mut buffer = Vec::new();
            let rows = chunk * CHUNK..((chunk + 1) * CHUNK).min(rows);
            Ok(rows.map(|row| row_print(columns, row, &mut buffer)).collect())
        })
        .collect();
    Ok(chunks?.concat())
}

fn row_print(columns: &[&Arc<Column>], row: usize, buffer: &mut Vec<u8>) -> u64 {
    buffer.clear();
    for column in columns {
        match (column.values(), column.number(row)) {
            (Values::Int(_) | Values::Float(_), Some(number)) => buffer.extend_from_slice(&number.to_le_bytes()),
            // An empty text is missing in some formats and not in others.
            _ => match column.show(row).filter(|text| !text.is_empty()) {
                Some(text) => {
                    buffer.extend_from_slice(&(text.len() as u64).to_le_bytes());
                    buffer.extend_from_slice(text.as_bytes());
                }
                None => buffer.extend_from_slice(&u64::MAX.to_le_bytes()),
            },
        }
    }
    xxh3_64(buffer)
}

/// The rows of files that belong together, with where they came from if there are several.
pub(super) fn joined(parts: &[&Table], notes: &mut Vec<String>, work: &Work) -> Result<Frame> {
    if let [only] = parts {
        notes.extend(only.notes.iter().cloned());
        return Ok(only.frame.clone());
    }
    for part in parts {
        notes.extend(part.notes.iter().map(|note| format!("{}: {note}", part.path)));
    }
    let pieces: Vec<Piece<'_>> = parts.iter().map(|part| Piece { file: &part.path, frame: &part.frame }).collect();
    let (frame, more) = unite(&pieces, work)?;
    let names: Vec<&str> = parts.iter().map(|part| part.path.as_str()).collect();
    notes.push(format!("{} files were put together: {}", parts.len(), some(&names)));
    notes.extend(more);
    let sources: Vec<(Option<&str>, usize)> =
        parts.iter().map(|part| (Some(part.path.as_str()), part.frame.rows())).collect();
    let splits: Vec<(Option<&str>, usize)> =
        parts.iter().map(|part| (split_of_file(&part.path), part.frame.rows())).collect();
    let mut more = Vec::new();
    // A file's own column of that name says it better.
    if !has(&frame, "source") {
        more.push(Arc::new(repeated("source", &sources)));
    }
    if splits.iter().all(|(split, _)| split.is_some()) && !has(&frame, "split") {
        more.push(Arc::new(repeated("split", &splits)));
    }
    Ok(frame.with(more))
}

/// Whether a frame has a column of that name, in whatever case.
pub(super) fn has(frame: &Frame, name: &str) -> bool {
    frame.columns().iter().any(|column| column.name().eq_ignore_ascii_case(name))
}

/// The frame with the columns of another file, if they share a key: a column in which the other file has every value
/// once, and at least half of the frame's values.
fn with_companion(frame: &Frame, other: &Table) -> Result<Option<(Frame, String)>> {
    let more: Vec<&Arc<Column>> = other.frame.columns().iter().filter(|column| !has(frame, column.name())).collect();
    if more.is_empty() {
        return Ok(None);
    }
    for key in other.frame.columns() {
        let name = key.name();
        // Names that were given for want of others say nothing.
        if name.starts_with("column_") {
            continue;
        }
        let Some(own) = frame.columns().iter().find(|column| column.name() == name) else { continue };
        let Some(rows) = rows_of_keys(own, key) else { continue };
        let added: Result<Vec<Arc<Column>>> =
            more.iter().map(|column| take(column, column.name(), &rows).map(Arc::new)).collect();
        let names: Vec<&str> = more.iter().map(|column| column.name()).collect();
        let missing = rows.iter().filter(|row| row.is_none()).count();
        let lacking = if missing > 0 { format!(" ({missing} rows have none)") } else { String::new() };
        let note = format!("{} was added by its column {name}: {}{lacking}", other.path, some(&names));
        return Ok(Some((frame.with(added?), note)));
    }
    Ok(None)
}

/// For each value of `own` the row of `key` that holds it; `None` if `key` has a value twice or none, or too few of
/// them are found.
fn rows_of_keys(own: &Column, key: &Column) -> Option<Vec<Option<usize>>> {
    let mut rows = HashMap::with_capacity(key.len());
    for row in 0..key.len() {
        if rows.insert(key.show(row)?, row).is_some() {
            return None;
        }
    }
    let found: Vec<Option<usize>> =
        (0..own.len()).map(|row| own.show(row).and_then(|value| rows.get(value.as_ref()).copied())).collect();
    (found.iter().flatten().count() * 2 >= own.len().max(1)).then_some(found)
}
