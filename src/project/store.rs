//! The store: one SQLite file with one append-only table of events. The one file that must never be lost.
//!
//! WAL with `synchronous=FULL`: when [`Store::append`] returns, the events have reached the disk. State is derived from
//! the events (see [`super::Ledger`]); nothing is ever updated or deleted.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, params};
use serde_json::Value;

use crate::engine::{Error, ErrorKind, Result};

/// "LAPI": tells a file manager, and us, whose database this is.
const APPLICATION_ID: i64 = 0x4C41_5049;

/// One step for each version of the schema; a store is brought up to date by the steps it has not seen.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE events (
        seq INTEGER PRIMARY KEY,       -- order of all events
        gesture INTEGER NOT NULL,      -- events of one act of a person share it: undone together
        time INTEGER NOT NULL,         -- microseconds since 1970, UTC
        annotator TEXT NOT NULL,
        name TEXT NOT NULL,            -- of the command
        cause TEXT NOT NULL CHECK (cause IN ('do', 'undo', 'redo')),
        target INTEGER,                -- the gesture that an undo or redo speaks of
        task TEXT NOT NULL,
        item TEXT,                     -- 16 hexadecimal digits; NULL speaks of the project
        field TEXT NOT NULL,
        value TEXT,                    -- JSON; NULL clears
        replaced TEXT,                 -- what stood there before, JSON
        detail TEXT                    -- JSON: reason, finder, suggestion, seconds
    ) STRICT;
    CREATE INDEX events_item ON events (item, seq);
    CREATE INDEX events_gesture ON events (gesture);
"];

/// Why an event came about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Cause {
    /// A person did something.
    #[default]
    Do,
    /// A person undid the gesture.
    Undo(i64),
    /// A person redid the gesture.
    Redo(i64),
}

/// One line of the store. Values are JSON; see the table's comments for units.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Event {
    /// Order of all events, from 1. Set by the store.
    pub seq: i64,
    /// Events of one act share it.
    pub gesture: i64,
    /// Microseconds since 1970, UTC.
    pub time: i64,
    /// Who.
    pub annotator: String,
    /// The command's name.
    pub name: String,
    /// Done, undone or redone.
    pub cause: Cause,
    /// The task.
    pub task: String,
    /// The item's id, `None` if the event speaks of the project.
    pub item: Option<u64>,
    /// What is said of the item: `label`, `skipped`, `excluded`, `settled:…`.
    pub field: String,
    /// The new value, `None` clears it.
    pub value: Option<Value>,
    /// What stood there before.
    pub replaced: Option<Value>,
    /// Reason, finder, suggestion, seconds.
    pub detail: Option<Value>,
}

/// An open store. One writer: the project's lock sees to that.
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens the store, makes it if it is not there, and brings its schema up to date.
    ///
    /// # Errors
    /// If the file cannot be opened, is damaged, belongs to another program or comes from a newer Lapidary.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |source: rusqlite::Error| describe(&source, path);
        let connection = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(failed)?;
        connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(failed)?;
        let mut store = Self { connection, path: path.to_owned() };
        store.migrate().map_err(|error| error.at(path.display()))?;
        Ok(store)
    }

    fn migrate(&mut self) -> Result<()> {
        let path = self.path.clone();
        let failed = |source: rusqlite::Error| describe(&source, &path);
        let pragma = |name: &str| self.connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
        let version = pragma("user_version").map_err(failed)?;
        let owner = pragma("application_id").map_err(failed)?;
        if owner != APPLICATION_ID && (owner != 0 || version != 0) {
            return Err(Error::input("the store belongs to another program")
                .help("it was put there by mistake; move it away to start a new store"));
        }
        if version > MIGRATIONS.len() as i64 {
            return Err(Error::input(format!("the store was made by a newer Lapidary (form {version})"))
                .help("open the project with that version"));
        }
        self.connection
            .execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;")
            .map_err(failed)?;
        if version > 0 && version < MIGRATIONS.len() as i64 {
            super::backup::copy(&self.connection, &path, &format!("before-form-{}", version + 1))?;
        }
        for (index, step) in MIGRATIONS.iter().enumerate().skip(version.max(0) as usize) {
            let transaction = self.connection.transaction().map_err(failed)?;
            transaction.execute_batch(step).map_err(failed)?;
            transaction
                .execute_batch(&format!("PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={};", index + 1))
                .map_err(failed)?;
            transaction.commit().map_err(failed)?;
        }
        Ok(())
    }

    /// Appends events in one transaction and sets their `seq`. When this returns `Ok`, they are on the disk; when it
    /// returns an error, none of them is.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn append(&mut self, events: &mut [Event]) -> Result<()> {
        let path = self.path.clone();
        let failed = |source: rusqlite::Error| describe(&source, &path);
        let transaction = self.connection.transaction().map_err(failed)?;
        {
            let mut insert = transaction
                .prepare_cached(
                    "INSERT INTO events
                     (gesture, time, annotator, name, cause, target, task, item, field, value, replaced, detail)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                )
                .map_err(failed)?;
            for event in events.iter_mut() {
                let (cause, target) = match event.cause {
                    Cause::Do => ("do", None),
                    Cause::Undo(target) => ("undo", Some(target)),
                    Cause::Redo(target) => ("redo", Some(target)),
                };
                let json = |value: &Option<Value>| value.as_ref().map(Value::to_string);
                event.seq = insert
                    .insert(params![
                        event.gesture,
                        event.time,
                        event.annotator,
                        event.name,
                        cause,
                        target,
                        event.task,
                        event.item.map(|item| format!("{item:016x}")),
                        event.field,
                        json(&event.value),
                        json(&event.replaced),
                        json(&event.detail),
                    ])
                    .map_err(failed)?;
            }
        }
        transaction.commit().map_err(failed)
    }

    /// All events in order, one after another, without holding them all.
    ///
    /// # Errors
    /// If the file is damaged.
    pub fn replay(&self, each: impl FnMut(&Event)) -> Result<()> {
        self.select("", [], each)
    }

    /// The events behind a gesture, in order, one after another.
    ///
    /// # Errors
    /// If the file is damaged.
    pub fn replay_after(&self, gesture: i64, each: impl FnMut(&Event)) -> Result<()> {
        self.select("WHERE gesture > ?1", [gesture], each)
    }

    /// The events of one gesture, in order.
    ///
    /// # Errors
    /// If the file is damaged.
    pub fn gesture(&self, gesture: i64) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        self.select("WHERE gesture = ?1", [gesture], |event| events.push(event.clone()))?;
        Ok(events)
    }

    /// All events of an item, in order.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn item(&self, item: u64) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        self.select("WHERE item = ?1", [format!("{item:016x}")], |event| events.push(event.clone()))?;
        Ok(events)
    }

    fn select(&self, condition: &str, values: impl rusqlite::Params, mut each: impl FnMut(&Event)) -> Result<()> {
        let failed = |source: rusqlite::Error| describe(&source, &self.path);
        let mut select = self
            .connection
            .prepare(&format!(
                "SELECT seq, gesture, time, annotator, name, cause, target, task, item, field, value, replaced, detail
                 FROM events {condition} ORDER BY seq"
            ))
            .map_err(failed)?;
        let mut rows = select.query(values).map_err(failed)?;
        let mut event = Event::default();
        while let Some(row) = rows.next().map_err(failed)? {
            read_event(row, &mut event).map_err(failed)?;
            each(&event);
        }
        Ok(())
    }

    /// Folds the log back into the main file, so that a closed project is one file.
    ///
    /// # Errors
    /// If the disk fails; nothing is lost by that.
    pub fn checkpoint(&self) -> Result<()> {
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(|source| describe(&source, &self.path))
    }
}

/// Reads a row into `event`, whose texts are written anew only where they differ: a million events share a handful of
/// names.
fn read_event(row: &rusqlite::Row<'_>, event: &mut Event) -> rusqlite::Result<()> {
    let text = |index: usize| -> rusqlite::Result<Option<&str>> { Ok(row.get_ref(index)?.as_str_or_null()?) };
    let json = |index: usize| -> rusqlite::Result<Option<Value>> {
        Ok(text(index)?.and_then(|text| serde_json::from_str(text).ok()))
    };
    for (index, into) in [(3, &mut event.annotator), (4, &mut event.name), (7, &mut event.task), (9, &mut event.field)]
    {
        let read = text(index)?.unwrap_or_default();
        if into != read {
            read.clone_into(into);
        }
    }
    let target = row.get::<_, Option<i64>>(6)?.unwrap_or(0);
    event.cause = match text(5)? {
        Some("undo") => Cause::Undo(target),
        Some("redo") => Cause::Redo(target),
        _ => Cause::Do,
    };
    event.seq = row.get(0)?;
    event.gesture = row.get(1)?;
    event.time = row.get(2)?;
    event.item = text(8)?.and_then(|digits| u64::from_str_radix(digits, 16).ok());
    (event.value, event.replaced, event.detail) = (json(10)?, json(11)?, json(12)?);
    Ok(())
}

/// Turns SQLite's codes into what a person can act on.
fn describe(source: &rusqlite::Error, path: &Path) -> Error {
    use rusqlite::ErrorCode as Code;
    let saved = "nothing that was saved before is lost";
    match source.sqlite_error_code() {
        Some(Code::DiskFull) => Error::new(ErrorKind::Io, "cannot save, the disk is full")
            .help(format!("free some space and do it again; {saved}")),
        Some(Code::ReadOnly | Code::PermissionDenied | Code::CannotOpen | Code::AuthorizationForStatementDenied) => {
            Error::new(ErrorKind::Io, "cannot write the project's store").help("check the folder's permissions")
        }
        Some(Code::DatabaseBusy | Code::DatabaseLocked) => {
            Error::new(ErrorKind::Locked, "another program is using the project's store").help("close it and try again")
        }
        Some(Code::NotADatabase | Code::DatabaseCorrupt) => Error::input("the project's store is damaged")
            .help("put back a copy of .lapidary/store.sqlite from a backup"),
        Some(Code::SystemIoFailure) => {
            Error::new(ErrorKind::Io, "the disk failed while saving").help(format!("try again; {saved}"))
        }
        _ => Error::new(ErrorKind::Io, format!("the project's store failed, {source}")),
    }
    .at(path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(gesture: i64, value: &str) -> Event {
        Event {
            seq: 0,
            gesture,
            time: 1,
            annotator: "a".into(),
            name: "label".into(),
            cause: Cause::Do,
            task: "main".into(),
            item: Some(u64::MAX),
            field: "label".into(),
            value: Some(value.into()),
            replaced: None,
            detail: Some(serde_json::json!({"seconds": 1.5})),
        }
    }

    #[test]
    fn events_come_back_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.sqlite");
        let mut events = [event(1, "스팸"), Event { cause: Cause::Undo(1), value: None, ..event(2, "") }];
        Store::open(&path).unwrap().append(&mut events).unwrap();
        let mut found = Vec::new();
        Store::open(&path).unwrap().replay(|event| found.push(event.clone())).unwrap();
        assert_eq!(found, events);
        assert_eq!(found.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn foreign_and_broken_files_are_refused_with_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let check = |name: &str, part: &str| {
            let error = Store::open(&folder.path().join(name)).err().expect("must be refused");
            assert!(error.to_string().contains(part), "{error}");
        };
        std::fs::write(folder.path().join("text"), "not a database at all, only text ".repeat(40)).unwrap();
        check("text", "damaged");
        Connection::open(folder.path().join("other")).unwrap().execute_batch("PRAGMA application_id=7").unwrap();
        check("other", "another program");
        Connection::open(folder.path().join("new"))
            .unwrap()
            .execute_batch(&format!("PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version=99"))
            .unwrap();
        check("new", "newer Lapidary");
    }
}
