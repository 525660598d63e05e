//! A folder: its images, sounds or texts are the items, or the rows of its data files.
//!
//! One listing serves all. Which of them it is follows from the listing alone:
//!
//! | in the folder | what is read |
//! | --- | --- |
//! | images, or sounds if there are more of these | a row a file, joined with the data files that name them |
//! | data files | those with the same columns as one table, see [`tables`] |
//! | text files | a row a file, or if all hold tagged tokens a row a sentence |
//!
//! What stays unread is named in the notes.

mod images;
mod items;
mod listing;
mod manifest;
mod sounds;
mod splits;
mod tables;
#[cfg(test)]
mod tests;
mod texts;

use std::path::Path;

use self::items::What;
use self::listing::{Found, IMAGES, Listing, SOUNDS};
use super::unite::{head, some};
use super::{ReadOptions, Reading, Source, endings, is_tagged, read_frame};
use crate::data::{Kind, ReadReport};
use crate::engine::{Error, Fingerprint, Fingerprinter, Result, Work};

/// More text files than this are not looked into for tagged tokens: they are documents.
const MOST_TAGGED: usize = 100;

/// What a folder is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plan {
    Items(What),
    /// The only data file.
    Table,
    Tables,
    Nothing,
}

/// The kind of media that a file name means.
pub(super) fn media_kind(path: &Path) -> Option<Kind> {
    listing::kind_of(path)
}

/// Reads a folder.
pub(super) fn read(path: &Path, options: &ReadOptions, work: &Work) -> Result<Reading> {
    let mut listing = Listing::of(path, work)?;
    let plan = plan(path, &mut listing)?;
    listing.warn(work);
    match plan {
        Plan::Nothing => Err(nothing(path, &listing)),
        Plan::Table => read_only_table(path, &listing, options, work),
        Plan::Tables => read_tables(path, &listing, options, work),
        Plan::Items(what) => read_items(path, &listing, what, options, work),
    }
}

/// Decides how a folder is read. Text files that hold tagged tokens become data files in the listing.
fn plan(root: &Path, listing: &mut Listing) -> Result<Plan> {
    if !listing.images.is_empty() || !listing.sounds.is_empty() {
        let what = if listing.sounds.len() > listing.images.len() { What::Sounds } else { What::Images };
        return Ok(Plan::Items(what));
    }
    if listing.tables.is_empty() && (1..=MOST_TAGGED).contains(&listing.texts.len()) {
        let mut tagged = true;
        for text in &listing.texts {
            tagged = tagged && is_tagged(&Source::open(&root.join(&text.path))?)?;
        }
        if tagged {
            listing.tables.append(&mut listing.texts);
        }
    }
    Ok(match (listing.tables.len(), listing.texts.len()) {
        (0, 0) => Plan::Nothing,
        (0, _) => Plan::Items(What::Texts),
        (1, 0) => Plan::Table,
        _ => Plan::Tables,
    })
}

/// The name of a folder's content.
pub(super) fn fingerprint(path: &Path, work: &Work) -> Result<Fingerprint> {
    let mut listing = Listing::of(path, work)?;
    let plan = plan(path, &mut listing)?;
    print(path, plan, &listing, work)
}

/// Data files are named by their content, so that a copied folder is the same; of the many files that are items only
/// name, length and time of change are looked at.
fn print(root: &Path, plan: Plan, listing: &Listing, work: &Work) -> Result<Fingerprint> {
    let start = Fingerprinter::new("folder 2");
    match (plan, listing.tables.as_slice()) {
        (Plan::Table, [only]) => super::fingerprint(&root.join(&only.path), work),
        (Plan::Items(_), tables) => {
            let files = [&listing.images, &listing.sounds, &listing.texts].map(Vec::as_slice);
            // Beside images and sounds texts are not read.
            let [images, sounds, texts] = files;
            let texts = if images.is_empty() && sounds.is_empty() { texts } else { &[] };
            let all = images.iter().chain(sounds).chain(texts).chain(tables);
            Ok(all.fold(start, |start, file| file.print(start)).finish())
        }
        (_, tables) => {
            let mut all = start.number(tables.len() as u64);
            for table in tables {
                all = all.text(&table.path).print(super::fingerprint(&root.join(&table.path), work)?);
            }
            Ok(listing.texts.iter().fold(all, |all, file| file.print(all)).finish())
        }
    }
}

/// The name of what was read: of the content, or, where only the first rows were wanted, one that costs little.
fn print_read(root: &Path, plan: Plan, listing: &Listing, limit: Option<usize>, work: &Work) -> Result<Fingerprint> {
    let Some(limit) = limit else { return print(root, plan, listing, work) };
    let start = Fingerprinter::new("folder preview").number(limit as u64);
    let all = listing.images.iter().chain(&listing.sounds).chain(&listing.texts).chain(&listing.tables);
    Ok(all.fold(start, |start, file| file.print(start)).finish())
}

fn nothing(path: &Path, listing: &Listing) -> Error {
    let mut help = format!(
        "images end in .{}; sounds in .{}; texts in .txt, .md; data files in {}",
        IMAGES.join(", ."),
        SOUNDS.join(", ."),
        endings()
    );
    let unread = listing.skipped.len() + listing.outside.len();
    if unread > 0 {
        help.push_str(&format!("; {unread} folders or files could not be read or lead out of the folder"));
    }
    Error::input("there are no images, sounds, texts or data files in this folder").at(path.display()).help(help)
}

/// Reads the data file of a folder that holds nothing else.
fn read_only_table(path: &Path, listing: &Listing, options: &ReadOptions, work: &Work) -> Result<Reading> {
    let Some(table) = listing.tables.first() else { return Err(nothing(path, listing)) };
    let root = options.root.clone().unwrap_or_else(|| path.to_owned());
    let options = ReadOptions { root: Some(root), ..options.clone() };
    let mut reading = read_frame(&path.join(&table.path), &options, work)?;
    reading.report.notes.insert(0, format!("the folder holds one data file, {}, which was read", table.path));
    Ok(reading)
}

/// Reads the data files of a folder, or the texts that they describe.
fn read_tables(path: &Path, listing: &Listing, options: &ReadOptions, work: &Work) -> Result<Reading> {
    let mut notes = Vec::new();
    let (tables, failed) = tables::read_all(path, &listing.tables, options, work)?;
    let (manifest, tables) = items::manifest(&listing.texts, tables, &mut notes, work)?;
    let frame = match &manifest {
        Some(found) => {
            let texts = (What::Texts, listing.texts.as_slice());
            let frame = items::frame(path, texts, Some(found), options.limit, &mut notes, work)?;
            note_unread(&tables, &mut notes);
            tables::note_failed(&failed, &mut notes);
            frame
        }
        None => {
            let frame = tables::frame(tables, &failed, &mut notes, work).map_err(|error| error.at(path.display()))?;
            note_files("text files", &listing.texts, &mut notes);
            head(frame, options.limit)?
        }
    };
    note_others(listing, &mut notes);
    finish(path, Plan::Tables, listing, options, frame, notes, work)
}

/// Reads the files of a folder as items, with what its data files say of them.
fn read_items(path: &Path, listing: &Listing, what: What, options: &ReadOptions, work: &Work) -> Result<Reading> {
    let files: &[Found] = match what {
        What::Images => &listing.images,
        What::Sounds => &listing.sounds,
        What::Texts => &listing.texts,
    };
    let mut notes = Vec::new();
    let (tables, failed) = tables::read_all(path, &listing.tables, options, work)?;
    let (manifest, tables) = items::manifest(files, tables, &mut notes, work)?;
    let frame = items::frame(path, (what, files), manifest.as_ref(), options.limit, &mut notes, work)?;
    note_unread(&tables, &mut notes);
    tables::note_failed(&failed, &mut notes);
    for (other, name, files) in [
        (What::Images, "images", &listing.images),
        (What::Sounds, "sounds", &listing.sounds),
        (What::Texts, "text files", &listing.texts),
    ] {
        if other != what {
            note_files(name, files, &mut notes);
        }
    }
    note_others(listing, &mut notes);
    finish(path, Plan::Items(what), listing, options, frame, notes, work)
}

fn finish(
    path: &Path,
    plan: Plan,
    listing: &Listing,
    options: &ReadOptions,
    frame: crate::data::Frame,
    notes: Vec<String>,
    work: &Work,
) -> Result<Reading> {
    Ok(Reading {
        frame,
        report: ReadReport { format: "folder".to_owned(), notes },
        root: options.root.clone().unwrap_or_else(|| path.to_owned()),
        fingerprint: print_read(path, plan, listing, options.limit, work)?,
    })
}

fn note_unread(tables: &[tables::Table], notes: &mut Vec<String>) {
    let names: Vec<&str> = tables.iter().map(|table| table.path.as_str()).collect();
    if !names.is_empty() {
        notes.push(format!("data files that name none of the files were not read: {}", some(&names)));
    }
}

fn note_files(what: &str, files: &[Found], notes: &mut Vec<String>) {
    let names: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    if !names.is_empty() {
        notes.push(format!("{} {what} were not read: {}", names.len(), some(&names)));
    }
}

fn note_others(listing: &Listing, notes: &mut Vec<String>) {
    let names: Vec<&str> = listing.others.iter().map(String::as_str).collect();
    if !names.is_empty() {
        notes.push(format!("{} files of other kinds were not read: {}", names.len(), some(&names)));
    }
}
