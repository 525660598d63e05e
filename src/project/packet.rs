//! A packet: one file that carries items, their media, the schema and what was said of them to another machine and back.
//!
//! It is an SQLite file, so that media of any size need not be held in memory, and it is written beside and renamed into
//! place. It holds no code: labelling functions stay at home.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::engine::{Error, Result};

/// "LAPP": tells whose file this is.
const APPLICATION_ID: i64 = 0x4C41_5050;

/// The version of the form that is written. A newer one is refused rather than half understood.
const FORMAT: i64 = 1;

const SCHEMA: &str = "
    CREATE TABLE about (value TEXT NOT NULL) STRICT;
    CREATE TABLE items (item TEXT PRIMARY KEY, row TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE media (path TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE said (
        annotator TEXT NOT NULL, item TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, time INTEGER NOT NULL,
        PRIMARY KEY (annotator, item, field)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE changed (
        annotator TEXT NOT NULL, item TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (annotator, item)
    ) STRICT, WITHOUT ROWID;
";

/// What a packet is about.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PacketAbout {
    /// The project's name.
    pub project: String,
    /// For whom it is; empty for anybody.
    pub annotator: String,
    /// When it was made, in microseconds since 1970, UTC.
    pub time: i64,
    /// The project's `lapidary.toml`.
    pub config: String,
    /// The project's guidelines.
    pub guidelines: String,
}

/// What one annotator says of one field of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Who; empty for what holds of the project.
    pub annotator: String,
    /// The item's id.
    pub item: u64,
    /// The field, without a voice.
    pub field: String,
    /// The value.
    pub value: Value,
    /// When, in microseconds since 1970, UTC.
    pub time: i64,
}

/// A packet that is being written. It is there once [`PacketWriter::finish`] returns.
pub struct PacketWriter {
    connection: Connection,
    beside: PathBuf,
    path: PathBuf,
}

impl PacketWriter {
    /// Begins a packet.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn create(path: &Path) -> Result<Self> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let beside = path.with_file_name(name);
        let _ = std::fs::remove_file(&beside);
        let failed = |source| failed(&source, path);
        let connection = Connection::open(&beside).map_err(failed)?;
        // Nobody sees the file before it is whole: a journal would only cost time.
        connection.execute_batch("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN;").map_err(failed)?;
        connection.execute_batch(SCHEMA).map_err(failed)?;
        let owner = format!("PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={FORMAT};");
        connection.execute_batch(&owner).map_err(failed)?;
        Ok(Self { connection, beside, path: path.to_owned() })
    }

    fn put(&self, statement: &str, values: impl rusqlite::Params) -> Result<()> {
        let done = self.connection.prepare_cached(statement).and_then(|mut insert| insert.execute(values));
        done.map(|_| ()).map_err(|source| failed(&source, &self.path))
    }

    /// Puts an item in, its row as a JSON object.
    ///
    /// # Errors
    /// If the disk does not allow it.
    pub fn item(&self, item: u64, row: &str) -> Result<()> {
        self.put("INSERT OR REPLACE INTO items VALUES (?1, ?2)", params![hex(item), row])
    }

    /// Puts a media file in, by the path that the rows name it with.
    ///
    /// # Errors
    /// If the disk does not allow it.
    pub fn media(&self, path: &str, bytes: &[u8]) -> Result<()> {
        self.put("INSERT OR REPLACE INTO media VALUES (?1, ?2)", params![path, bytes])
    }

    /// Puts in what somebody says.
    ///
    /// # Errors
    /// If the disk does not allow it.
    pub fn said(&self, said: &Said) -> Result<()> {
        self.put(
            "INSERT OR REPLACE INTO said VALUES (?1, ?2, ?3, ?4, ?5)",
            params![said.annotator, hex(said.item), said.field, said.value.to_string(), said.time],
        )
    }

    /// Puts in when an annotator last changed anything of an item, so that what was taken back is known too.
    ///
    /// # Errors
    /// If the disk does not allow it.
    pub fn changed(&self, annotator: &str, item: u64, time: i64) -> Result<()> {
        self.put("INSERT OR REPLACE INTO changed VALUES (?1, ?2, ?3)", params![annotator, hex(item), time])
    }

    /// Writes the packet to its place.
    ///
    /// # Errors
    /// If the disk does not allow it; what was there before is then still there.
    pub fn finish(self, about: &PacketAbout) -> Result<()> {
        let text = serde_json::to_string(about).map_err(|source| Error::input(source.to_string()))?;
        self.put("INSERT INTO about VALUES (?1)", params![text])?;
        let Self { connection, beside, path } = self;
        connection.execute_batch("COMMIT").map_err(|source| failed(&source, &path))?;
        connection.close().map_err(|(_, source)| failed(&source, &path))?;
        let file = std::fs::File::open(&beside).and_then(|file| file.sync_all());
        file.and_then(|()| std::fs::rename(&beside, &path))
            .map_err(|source| Error::io("cannot write the packet", &path, &source))
    }
}

/// A packet that is being read.
pub struct Packet {
    connection: Connection,
    path: PathBuf,
    /// What it is about.
    pub about: PacketAbout,
}

impl Packet {
    /// Opens a packet. Nothing in it is run.
    ///
    /// # Errors
    /// If it is no packet, damaged, or comes from a newer Lapidary.
    pub fn open(path: &Path) -> Result<Self> {
        let wrong = |what: &str| Error::input(what).at(path.display());
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let failed = |source| failed(&source, path);
        let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
        let pragma = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
        if pragma("application_id").map_err(failed)? != APPLICATION_ID {
            return Err(wrong("this is no packet").help("a packet is made with: lapidary packet out DIR -o FILE"));
        }
        if pragma("user_version").map_err(failed)? > FORMAT {
            return Err(wrong("the packet was made by a newer Lapidary").help("open it with that version"));
        }
        let text: Option<String> =
            connection.query_row("SELECT value FROM about", [], |row| row.get(0)).optional().map_err(failed)?;
        let about = text.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let about = about.ok_or_else(|| wrong("the packet does not say what it is about"))?;
        Ok(Self { connection, path: path.to_owned(), about })
    }

    /// True if the file is a packet by its first bytes.
    pub fn is_at(path: &Path) -> bool {
        use std::io::Read as _;
        let mut head = [0u8; 72];
        let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
        // The application id stands at byte 68 of an SQLite file, big-endian.
        read.is_ok() && head.starts_with(b"SQLite format 3\0") && head[68..72] == (APPLICATION_ID as u32).to_be_bytes()
    }

    fn each<T>(
        &self,
        select: &str,
        read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
        mut take: impl FnMut(T) -> Result<()>,
    ) -> Result<()> {
        let failed = |source| failed(&source, &self.path);
        let mut statement = self.connection.prepare(select).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            take(read(row).map_err(failed)?)?;
        }
        Ok(())
    }

    /// All items with their rows as JSON objects, in the order of ids.
    ///
    /// # Errors
    /// If the packet is damaged, or `take` fails.
    pub fn items(&self, mut take: impl FnMut(u64, &str) -> Result<()>) -> Result<()> {
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
        self.each("SELECT item, row FROM items ORDER BY item", read, |(item, row)| take(number(&item)?, &row))
    }

    /// All media by their paths.
    ///
    /// # Errors
    /// If the packet is damaged, or `take` fails.
    pub fn media(&self, mut take: impl FnMut(&str, &[u8]) -> Result<()>) -> Result<()> {
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?));
        self.each("SELECT path, bytes FROM media ORDER BY path", read, |(path, bytes)| take(&path, &bytes))
    }

    /// All that is said.
    ///
    /// # Errors
    /// If the packet is damaged, or `take` fails.
    pub fn said(&self, mut take: impl FnMut(Said) -> Result<()>) -> Result<()> {
        type Line = (String, String, String, String, i64);
        let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<Line> {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        };
        let select = "SELECT annotator, item, field, value, time FROM said ORDER BY annotator, item, field";
        self.each(select, read, |(annotator, item, field, value, time)| {
            let value = serde_json::from_str(&value)
                .map_err(|source| Error::input(format!("a value is not right, {source}")).at(self.path.display()))?;
            take(Said { annotator, item: number(&item)?, field, value, time })
        })
    }

    /// When each annotator last changed anything of each item.
    ///
    /// # Errors
    /// If the packet is damaged, or `take` fails.
    pub fn changed(&self, mut take: impl FnMut(String, u64, i64) -> Result<()>) -> Result<()> {
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?));
        let select = "SELECT annotator, item, time FROM changed ORDER BY annotator, item";
        self.each(select, read, |(annotator, item, time)| take(annotator, number(&item)?, time))
    }
}

fn hex(item: u64) -> String {
    format!("{item:016x}")
}

fn number(item: &str) -> Result<u64> {
    u64::from_str_radix(item, 16).map_err(|_| Error::input("an id is not right").at(item))
}

fn failed(source: &rusqlite::Error, path: &Path) -> Error {
    use rusqlite::ErrorCode as Code;
    match source.sqlite_error_code() {
        Some(Code::NotADatabase | Code::DatabaseCorrupt) => Error::input("the packet is damaged, or no packet"),
        Some(Code::DiskFull) => Error::new(crate::engine::ErrorKind::Io, "cannot write the packet, the disk is full"),
        _ => Error::new(crate::engine::ErrorKind::Io, format!("the packet failed, {source}")),
    }
    .at(path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.packet");
        let said = Said { annotator: "김".into(), item: 7, field: "label".into(), value: "x".into(), time: 5 };
        let writer = PacketWriter::create(&path).unwrap();
        writer.item(7, r#"{"text":"글"}"#).unwrap();
        writer.media("a/b.png", &[1, 2, 3]).unwrap();
        writer.said(&said).unwrap();
        writer.changed("김", 7, 9).unwrap();
        assert!(!path.exists(), "nobody sees it before it is whole");
        let about = PacketAbout { project: "p".into(), ..Default::default() };
        writer.finish(&about).unwrap();
        assert!(Packet::is_at(&path));
        let packet = Packet::open(&path).unwrap();
        assert_eq!(packet.about, about);
        let mut seen = Vec::new();
        let mut see = |line: String| -> Result<()> {
            seen.push(line);
            Ok(())
        };
        packet.items(|item, row| see(format!("{item} {row}"))).unwrap();
        packet.media(|path, bytes| see(format!("{path} {bytes:?}"))).unwrap();
        packet.changed(|who, item, time| see(format!("{who} {item} {time}"))).unwrap();
        packet.said(|found| see(format!("{}", found == said))).unwrap();
        assert_eq!(seen, ["7 {\"text\":\"글\"}", "a/b.png [1, 2, 3]", "김 7 9", "true"]);
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, "no packet, only a long text ".repeat(100)).unwrap();
        assert!(!Packet::is_at(&path));
        assert!(Packet::open(&path).is_err());
    }
}
