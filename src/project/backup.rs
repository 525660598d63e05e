//! Copies of the store, kept each day and before its form changes, and the way back from them when the store is damaged.
//!
//! A damaged store is never written to: it is moved aside, and what can still be read of it is put behind the newest copy
//! in a store of its own. The account says what could not be found again.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, params};

use crate::engine::{Error, Result};

/// Copies that are kept.
const KEPT: usize = 7;

/// The folder of the copies, beside the store.
const FOLDER: &str = "backups";

/// What was done about a damaged store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// Where the damaged store lies now.
    pub damaged: PathBuf,
    /// The day of the copy that was taken, if there was one.
    pub copy: Option<String>,
    /// Events that stand in the new store.
    pub events: usize,
    /// Of these, those that were newer than the copy and could be read from the damaged store.
    pub saved: usize,
    /// Events that were there by their numbers and cannot be read any more; a number at least.
    pub lost: usize,
}

impl Recovery {
    /// The account in a sentence or two.
    pub fn told(&self) -> String {
        let copy = match &self.copy {
            Some(day) => format!("the copy of {day} and {} newer changes that could still be read", self.saved),
            None => format!("{} changes that could still be read; there was no copy", self.saved),
        };
        let lost = match self.lost {
            0 => "what was done last may be missing".to_owned(),
            lost => format!("at least {lost} changes are lost"),
        };
        format!(
            "the store was damaged and has been put together again from {copy}: {} changes in all, {lost}. The damaged \
             file is kept as {}",
            self.events,
            self.damaged.display()
        )
    }
}

/// The copies of a store, the newest last, each with its day.
fn copies(store: &Path) -> Vec<(String, PathBuf)> {
    let folder = store.with_file_name(FOLDER);
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let day = |path: &Path| {
        let name = path.file_name()?.to_str()?;
        Some(name.strip_prefix("store-")?.strip_suffix(".sqlite")?.to_owned())
    };
    let mut found: Vec<(String, PathBuf)> =
        entries.map(|entry| entry.path()).filter_map(|path| Some((day(&path)?, path))).collect();
    found.sort();
    found
}

/// Copies a store if today's copy is not there yet, on a thread of its own: a large store takes seconds, and nobody should
/// wait for them. A copy that cannot be made must not keep anybody from working; the log says so.
pub(super) fn copy_daily(store: &Path) {
    let day = chrono::Local::now().format("%Y-%m-%d").to_string();
    if place_of(store, &day).exists() {
        return;
    }
    let store = store.to_owned();
    let copy = move || {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(&store, flags).map_err(|source| Error::input(source.to_string()));
        let copied = opened.and_then(|connection| copy(&connection, &store, &day));
        copied.unwrap_or_else(|error| tracing::warn!("{error}"));
    };
    let started = std::thread::Builder::new().name("backup".to_owned()).spawn(copy);
    started.map_or_else(|error| tracing::warn!("{error}"), drop);
}

fn place_of(store: &Path, day: &str) -> PathBuf {
    store.with_file_name(FOLDER).join(format!("store-{day}.sqlite"))
}

/// Copies a store under a name that sorts by day, if that copy is not there yet. An empty store needs none.
pub(super) fn copy(connection: &Connection, store: &Path, day: &str) -> Result<()> {
    let (folder, place) = (store.with_file_name(FOLDER), place_of(store, day));
    let events: i64 = connection.query_row("SELECT count(*) FROM events", [], |row| row.get(0)).unwrap_or(0);
    if place.exists() || events == 0 {
        return Ok(());
    }
    // Only within a project that is still there.
    if !folder.is_dir() {
        std::fs::create_dir(&folder).map_err(|source| Error::io("cannot make the folder", &folder, &source))?;
    }
    let beside = place.with_extension("part");
    let _ = std::fs::remove_file(&beside);
    let failed = |source: rusqlite::Error| {
        Error::new(crate::engine::ErrorKind::Io, format!("the store cannot be copied, {source}")).at(place.display())
    };
    connection.execute("VACUUM INTO ?1", params![beside.to_string_lossy()]).map_err(failed)?;
    std::fs::rename(&beside, &place).map_err(|source| Error::io("cannot keep the copy", &place, &source))?;
    let mut all = copies(store);
    while all.len() > KEPT {
        let _ = std::fs::remove_file(all.remove(0).1);
    }
    Ok(())
}

/// Whether a store can be read to its end. A store that is not there is sound.
pub(super) fn is_sound(store: &Path) -> bool {
    if !store.exists() {
        return true;
    }
    let open = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let check = |connection: Connection| {
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0)).map(|said| said == "ok")
    };
    open.and_then(check).unwrap_or(false)
}

/// Puts a damaged store together again from its newest sound copy and what can still be read of it.
///
/// # Errors
/// If the disk does not allow it; the damaged store then lies where it was or beside it.
pub(super) fn recover(store: &Path) -> Result<Recovery> {
    let stamp = chrono::Local::now().format("%Y-%m-%d-%H%M%S");
    let damaged = store.with_file_name(format!("store.damaged-{stamp}.sqlite"));
    for ending in ["", "-wal", "-shm"] {
        let with = |path: &Path| PathBuf::from(format!("{}{ending}", path.display()));
        if with(store).exists() {
            std::fs::rename(with(store), with(&damaged))
                .map_err(|source| Error::io("cannot move the damaged store aside", store, &source))?;
        }
    }
    let copy = copies(store).into_iter().rev().find(|(_, path)| is_sound(path));
    if let Some((_, path)) = &copy {
        std::fs::copy(path, store).map_err(|source| Error::io("cannot put the copy in place", store, &source))?;
    }
    // Opening makes the table where there was no copy.
    let made = super::Store::open(store)?;
    drop(made);
    let failed = |source: rusqlite::Error| Error::input(format!("the store cannot be put together, {source}"));
    let target = Connection::open(store).map_err(failed)?;
    let count = |connection: &Connection| -> rusqlite::Result<(i64, i64)> {
        connection
            .query_row("SELECT count(*), coalesce(max(seq), 0) FROM events", [], |row| Ok((row.get(0)?, row.get(1)?)))
    };
    let (before, newest) = count(&target).map_err(failed)?;
    let highest = salvage(&damaged, &target, newest);
    let (events, last) = count(&target).map_err(failed)?;
    let lost = (highest.max(last) - events).max(0) as usize;
    let day = copy.map(|(day, _)| day);
    Ok(Recovery { damaged, copy: day, events: events as usize, saved: (events - before) as usize, lost })
}

/// Takes over the events behind `newest` that can be read, one by one: a broken page costs its own. Returns the highest
/// number that the damaged store knows of.
fn salvage(damaged: &Path, target: &Connection, newest: i64) -> i64 {
    /// Numbers that are tried behind the last one that was found.
    const BEYOND: i64 = 2000;
    let Ok(source) = Connection::open_with_flags(damaged, OpenFlags::SQLITE_OPEN_READ_WRITE) else { return newest };
    // The table's last page may be gone while an index still knows its numbers.
    let numbers = [
        "SELECT max(seq) FROM events",
        "SELECT seq FROM events INDEXED BY events_gesture ORDER BY gesture DESC LIMIT 1",
        "SELECT max(seq) FROM events INDEXED BY events_item WHERE item > ''",
    ];
    let number = |select: &str| source.query_row(select, [], |row| row.get::<_, Option<i64>>(0)).ok().flatten();
    let mut highest = numbers.into_iter().filter_map(number).max().unwrap_or(newest).max(newest);
    let columns = "seq, gesture, time, annotator, name, cause, target, task, item, field, value, replaced, detail";
    let select = format!("SELECT {columns} FROM events WHERE seq = ?1");
    let insert =
        format!("INSERT OR IGNORE INTO events ({columns}) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)");
    let (mut seq, mut silent) = (newest + 1, 0);
    while seq <= highest || silent < BEYOND {
        let read = source.prepare_cached(&select).and_then(|mut select| {
            select.query_row([seq], |row| {
                (0..13).map(|at| row.get::<_, rusqlite::types::Value>(at)).collect::<rusqlite::Result<Vec<_>>>()
            })
        });
        silent += 1;
        if let Ok(values) = read {
            silent = 0;
            highest = highest.max(seq);
            let _ = target
                .prepare_cached(&insert)
                .and_then(|mut insert| insert.execute(rusqlite::params_from_iter(values)));
        }
        seq += 1;
    }
    highest
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, SeekFrom, Write as _};

    use super::super::{Change, Gesture, Ledger, Store};
    use super::*;

    fn label(ledger: &mut Ledger, items: std::ops::Range<u64>) {
        for item in items {
            let changes = vec![Change::set(item, "label", "a class with a name of some length")];
            ledger.apply(Gesture { name: "label".into(), changes }).unwrap();
        }
    }

    /// A store with a copy after 300 labels and 300 more behind it; its last pages are then overwritten.
    fn damaged(folder: &Path) -> PathBuf {
        let path = folder.join("store.sqlite");
        let mut ledger = Ledger::new(Store::open(&path).unwrap(), "a").unwrap();
        label(&mut ledger, 0..300);
        copy(&Connection::open(&path).unwrap(), &path, "2000-01-01").unwrap();
        label(&mut ledger, 300..600);
        ledger.close().unwrap();
        drop(ledger);
        let length = std::fs::metadata(&path).unwrap().len();
        let mut file = std::fs::File::options().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(length - 3 * 4096)).unwrap();
        file.write_all(&[0xA5; 3 * 4096]).unwrap();
        path
    }

    #[test]
    fn a_damaged_store_is_put_together_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = damaged(folder.path());
        assert!(!is_sound(&path));
        let recovery = recover(&path).unwrap();
        assert_eq!(recovery.copy.as_deref(), Some("2000-01-01"));
        assert!(recovery.damaged.exists() && is_sound(&path));
        assert!(recovery.events >= 300, "{recovery:?}");
        assert!(recovery.events < 600 && recovery.events + recovery.lost <= 600, "{recovery:?}");
        let ledger = Ledger::new(Store::open(&path).unwrap(), "a").unwrap();
        assert_eq!(ledger.marks().count("label"), recovery.events);
        assert!(recovery.told().contains("2000-01-01"));
    }

    #[test]
    fn without_a_copy_what_can_be_read_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = damaged(folder.path());
        std::fs::remove_dir_all(folder.path().join(FOLDER)).unwrap();
        let recovery = recover(&path).unwrap();
        assert_eq!((recovery.copy.as_deref(), recovery.saved), (None, recovery.events));
        assert!(recovery.events > 300, "{recovery:?}");
    }

    #[test]
    fn copies_are_made_once_a_day_and_a_week_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.sqlite");
        let mut ledger = Ledger::new(Store::open(&path).unwrap(), "a").unwrap();
        let connection = Connection::open(&path).unwrap();
        copy(&connection, &path, "2000-01-01").unwrap();
        assert!(copies(&path).is_empty(), "an empty store needs no copy");
        label(&mut ledger, 0..1);
        for day in 1..=9 {
            copy(&connection, &path, &format!("2000-01-0{day}")).unwrap();
        }
        let days: Vec<String> = copies(&path).into_iter().map(|(day, _)| day).collect();
        assert_eq!((days.len(), days[0].as_str()), (KEPT, "2000-01-03"));
    }
}
