//! A folder whose files are the items: images, sounds or texts, with what data files beside them say of each.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::LargeStringArray;

use super::super::unite::{some, take};
use super::listing::Found;
use super::manifest::{Index, Meant, Reference};
use super::splits::{class, split_of_folders};
use super::tables::{Table, has, joined};
use super::{images, sounds, texts};
use crate::data::{Column, Frame, Kind};
use crate::engine::{Result, Work};

/// The endings of names of columns that name files, as Hugging Face has them.
const FILE_NAME: &str = "file_name";

/// What the files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Images,
    Sounds,
    Texts,
}

impl What {
    fn kind(self) -> Kind {
        match self {
            Self::Images => Kind::Image,
            Self::Sounds => Kind::Audio,
            Self::Texts => Kind::Text,
        }
    }

    /// The name of the column that holds the paths.
    fn column(self) -> &'static str {
        match self {
            Self::Images => "image",
            Self::Sounds => "audio",
            Self::Texts => "file",
        }
    }

    fn plural(self) -> &'static str {
        match self {
            Self::Images => "images",
            Self::Sounds => "sounds",
            Self::Texts => "texts",
        }
    }
}

/// Data files that describe the files of the folder, put together.
pub(super) struct Manifest {
    /// The table, or all of them one below the other.
    frame: Frame,
    /// The columns that name files, the main one first: name, and what each row means.
    references: Vec<(String, Vec<Option<Meant>>)>,
}

/// Finds the data files that describe `files`; those that do not are given back.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn manifest(
    files: &[Found],
    tables: Vec<Table>,
    notes: &mut Vec<String>,
    work: &Work,
) -> Result<(Option<Manifest>, Vec<Table>)> {
    work.stage("looking up files", tables.len() as u64);
    let index = Index::of(files);
    let (mut found, mut others): (Vec<(Table, Vec<Reference>)>, Vec<Table>) = (Vec::new(), Vec::new());
    for table in tables {
        let references = index.references(&table.frame, table.base(), work)?;
        if references.is_empty() {
            others.push(table)
        } else {
            found.push((table, references))
        }
        work.advance(1)?;
    }
    let name_of = |(table, references): &(Table, Vec<Reference>)| -> Option<String> {
        let column = table.frame.columns().get(references.first()?.column)?;
        Some(column.name().to_owned())
    };
    // Files that name theirs in a column of the same name are one; of several kinds that with most matches is taken.
    let mut matches: HashMap<String, usize> = HashMap::new();
    for one in &found {
        let matched = one.1.first().map_or(0, |reference| reference.matched);
        *matches.entry(name_of(one).unwrap_or_default()).or_default() += matched;
    }
    let best = matches.iter().max_by(|(one, a), (two, b)| a.cmp(b).then_with(|| two.cmp(one)));
    let Some(best) = best.map(|(name, _)| name.clone()) else { return Ok((None, others)) };
    let (chosen, left): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| name_of(one).as_ref() == Some(&best));
    others.extend(left.into_iter().map(|(table, _)| table));
    let parts: Vec<&Table> = chosen.iter().map(|(table, _)| table).collect();
    let frame = joined(&parts, notes, work)?;
    Ok((Some(Manifest { frame, references: references(&best, &chosen) }), others))
}

/// What the rows of all chosen tables mean: by the main column, and by those that are named as file names.
fn references(main: &str, chosen: &[(Table, Vec<Reference>)]) -> Vec<(String, Vec<Option<Meant>>)> {
    let named = |table: &Table, reference: &Reference| {
        table.frame.columns().get(reference.column).map(|column| column.name().to_owned())
    };
    let mut names = vec![main.to_owned()];
    for (table, references) in chosen {
        for name in references.iter().filter_map(|reference| named(table, reference)) {
            if name.ends_with(FILE_NAME) && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let meant = |name: &String| {
        let mut all = Vec::new();
        for (table, references) in chosen {
            match references.iter().find(|reference| named(table, reference).as_ref() == Some(name)) {
                Some(reference) => all.extend(reference.meant.iter().copied()),
                None => all.resize(all.len() + table.frame.rows(), None),
            }
        }
        all
    };
    names.iter().map(|name| (name.clone(), meant(name))).collect()
}

/// A row: of the table, of the files, or of both.
#[derive(Debug, Clone, Copy)]
struct Row {
    table: Option<usize>,
    file: Option<usize>,
}

/// Puts the items together: the rows of the manifest with their files, then the files that it does not name; all files
/// if there is none. At most `limit` rows.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn frame(
    root: &Path,
    (what, files): (What, &[Found]),
    manifest: Option<&Manifest>,
    limit: Option<usize>,
    notes: &mut Vec<String>,
    work: &Work,
) -> Result<Frame> {
    let mut rows = rows(what, files, manifest, notes);
    rows.truncate(limit.unwrap_or(usize::MAX));
    let table = manifest.map(|manifest| with_table(what, files, manifest, &rows)).transpose()?.unwrap_or_default();
    let path_name = free_name(&table, what);
    let named = by_name(&path_name, what, files, manifest.is_none());
    let of_files: Vec<Option<usize>> = rows.iter().map(|row| row.file).collect();
    // Only the files that are wanted are opened.
    let mut used: Vec<usize> = of_files.iter().flatten().copied().collect();
    used.sort_unstable();
    used.dedup();
    let wanted: Vec<&Found> = used.iter().filter_map(|at| files.get(*at)).collect();
    let looked_at = match what {
        What::Images => images::columns(root, &wanted, work)?,
        What::Sounds => sounds::columns(root, &wanted, work)?,
        What::Texts => texts::columns(root, &wanted, notes, work)?,
    };
    let of_used: Vec<Option<usize>> =
        of_files.iter().map(|file| file.and_then(|file| used.binary_search(&file).ok())).collect();
    // What is read or looked at first, then what the table says, then what else is known of the files.
    let (mut first, mut rest): (Vec<Arc<Column>>, Vec<Arc<Column>>) = (Vec::new(), Vec::new());
    let all = named.iter().map(|column| (column, &of_files)).chain(looked_at.iter().map(|column| (column, &of_used)));
    for (column, places) in all.filter(|(column, _)| !has(&table, column.name())) {
        let taken = Arc::new(take(column, column.name(), places)?);
        if what == What::Texts && taken.name() == "text" {
            first.insert(0, taken);
        } else if taken.name() == path_name {
            first.push(taken);
        } else {
            rest.push(taken);
        }
    }
    first.extend(table.columns().iter().cloned());
    first.extend(rest);
    Ok(Frame::new(first).with_vectors(table.vectors().to_vec()))
}

/// What the names of files say: their paths, `folder` and `split`; and, where these and a table say nothing of the class
/// of a sound, the parts of its name.
fn by_name(path_name: &str, what: What, files: &[Found], alone: bool) -> Vec<Column> {
    let files: Vec<&Found> = files.iter().collect();
    let mut columns = vec![paths(path_name, what, &files)];
    let folders = folders(&files);
    if what == What::Sounds && alone && folders.is_empty() {
        columns.extend(sounds::name_parts(&files));
    }
    columns.extend(folders);
    columns
}

/// The rows in order, and notes on what does not fit.
fn rows(what: What, files: &[Found], manifest: Option<&Manifest>, notes: &mut Vec<String>) -> Vec<Row> {
    let alone = |file| Row { table: None, file: Some(file) };
    let Some(manifest) = manifest else { return (0..files.len()).map(alone).collect() };
    let mut named = vec![false; files.len()];
    let mut rows = Vec::with_capacity(files.len());
    for (at, (column, meant)) in manifest.references.iter().enumerate() {
        note_unfound(what, column, meant, &manifest.frame, notes);
        for (row, meant) in meant.iter().enumerate() {
            let file = match meant {
                Some(Meant::File(file)) => Some(*file),
                _ => None,
            };
            if let Some(named) = file.and_then(|file| named.get_mut(file)) {
                *named = true;
            }
            if at == 0 {
                rows.push(Row { table: Some(row), file });
            }
        }
    }
    let unnamed: Vec<usize> = named.iter().enumerate().filter(|(_, named)| !**named).map(|(file, _)| file).collect();
    let (column, count) = (manifest.references.first().map_or("", |(name, _)| name.as_str()), unnamed.len());
    notes.push(format!("{} {} are named by the column {column}", files.len() - count, what.plural()));
    if count > 0 {
        let names: Vec<&str> = unnamed.iter().filter_map(|at| files.get(*at)).map(|file| file.path.as_str()).collect();
        notes.push(format!("{count} {} are not; they stand at the end: {}", what.plural(), some(&names)));
    }
    rows.extend(unnamed.into_iter().map(alone));
    rows
}

/// Says which values of a column of names mean no file.
fn note_unfound(what: What, column: &str, meant: &[Option<Meant>], frame: &Frame, notes: &mut Vec<String>) {
    let Some(values) = frame.get(column) else { return };
    let shown = |wanted: Meant| -> Vec<String> {
        let rows = meant.iter().enumerate().filter(|(_, meant)| **meant == Some(wanted));
        rows.filter_map(|(row, _)| values.show(row)).map(|value| value.into_owned()).collect()
    };
    for (wanted, why) in [
        (Meant::Outside, "lead out of the folder and are not followed"),
        (Meant::Nothing, "name no file that is there"),
    ] {
        let values = shown(wanted);
        if !values.is_empty() {
            let names: Vec<&str> = values.iter().map(String::as_str).collect();
            notes.push(format!(
                "{} values of {column} {why}, so their rows have no {}: {}",
                names.len(),
                what.column(),
                some(&names)
            ));
        }
    }
}

/// The columns of the table for `rows`. Those that name files become columns of their paths: the main one under the
/// name of what the files are, `left_file_name` as `left`; the names stay beside where they differ from the paths.
fn with_table(what: What, files: &[Found], manifest: &Manifest, rows: &[Row]) -> Result<Frame> {
    let of_table: Vec<Option<usize>> = rows.iter().map(|row| row.table).collect();
    let mut columns: Vec<Arc<Column>> = Vec::new();
    for column in manifest.frame.columns() {
        let place = manifest.references.iter().position(|(name, _)| name == column.name());
        let Some((_, meant)) = place.and_then(|at| manifest.references.get(at)) else {
            columns.push(Arc::new(take(column, column.name(), &of_table)?));
            continue;
        };
        let path = |row: usize| match meant.get(row) {
            Some(Some(Meant::File(file))) => files.get(*file).map(|file| file.path.as_str()),
            _ => None,
        };
        let resolved: LargeStringArray = of_table.iter().map(|row| row.and_then(path)).collect();
        // Over all rows, those that a preview leaves out too: it must have the same columns.
        let same = (0..column.len()).all(|row| column.show(row).as_deref() == path(row));
        let main = place == Some(0);
        let name = match column.name().strip_suffix(FILE_NAME).map(|name| name.trim_end_matches('_')) {
            Some(name) if !main && !name.is_empty() => name,
            _ => column.name(),
        };
        // The main column of paths is made with the files; here only what it was called.
        if !main {
            let free = name != column.name() && !has(&manifest.frame, name);
            let made = if free { name.to_owned() } else { format!("{}_{}", column.name(), what.column()) };
            columns.push(Arc::new(Column::text(made, what.kind(), resolved)));
        }
        if !same {
            let taken = main && column.name().eq_ignore_ascii_case(what.column());
            let kept = if taken { format!("{}_name", column.name()) } else { column.name().to_owned() };
            columns.push(Arc::new(take(column, &kept, &of_table)?));
        }
    }
    let vectors = manifest.frame.vectors().iter().map(|vectors| Arc::new(vectors.take(&of_table))).collect();
    Ok(Frame::new(columns).with_vectors(vectors))
}

/// The name of the column of paths: what the files are, unless the table has another column of that name.
fn free_name(table: &Frame, what: What) -> String {
    let name = what.column();
    let more = std::iter::once(format!("{name}_file")).chain((2..).map(|count| format!("{name}_file_{count}")));
    let mut names = std::iter::once(name.to_owned()).chain(more);
    names.find(|name| !has(table, name)).unwrap_or_else(|| name.to_owned())
}

/// The paths of files as a column.
fn paths(name: &str, what: What, files: &[&Found]) -> Column {
    let paths = LargeStringArray::from_iter_values(files.iter().map(|file| file.path.as_str()));
    Column::text(name, what.kind(), paths)
}

/// `folder` and `split` by the folders that files lie in, where these say anything.
fn folders(files: &[&Found]) -> Vec<Column> {
    let classes: LargeStringArray = files.iter().map(|file| class(&file.path)).collect();
    let splits: LargeStringArray = files.iter().map(|file| split_of_folders(&file.path)).collect();
    let all = [Column::text("folder", Kind::Category, classes), Column::text("split", Kind::Category, splits)];
    all.into_iter().filter(|column| column.null_count() < column.len()).collect()
}
