//! Packets out: items, media, schema and what was said, one file for each annotator.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ITEM;
use crate::data::media::{Media, Root};
use crate::data::{Dataset, Kind, Row, write};
use crate::engine::{Error, Result, Work, files};
use crate::label::Voice;
use crate::project::{Config, Marks, PacketAbout, PacketWriter, Said, Store};
use crate::session::Session;

/// Who gets which items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignment {
    /// Everybody gets all.
    All,
    /// Every item goes to one annotator.
    Split,
    /// Every item goes to so many annotators.
    Overlap(usize),
}

impl Assignment {
    /// Whether annotator `person` of `people` gets an item: by its id, so that the same items come again.
    fn gives(self, item: u64, person: usize, people: usize) -> bool {
        let copies = match self {
            Self::All => return true,
            Self::Split => 1,
            Self::Overlap(copies) => copies.min(people),
        };
        // The low bits of a hash of a small number repeat; the high ones do not.
        let first = (item.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33) as usize % people.max(1);
        (person + people - first) % people.max(1) < copies
    }
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PacketsOut {
    /// The files.
    pub paths: Vec<PathBuf>,
    /// Items over all files.
    pub items: usize,
    /// Annotations over all files.
    pub annotations: usize,
    /// Media that could not be read and are not in the packets.
    pub media_missing: usize,
}

/// Writes a packet of `rows` to `path`; for several annotators one each, their names before the ending. What was said so
/// far goes with it only if `said`: a second annotator should not see what the first one said.
///
/// # Errors
/// If a file cannot be written, or the work was cancelled.
pub fn packets_out(
    session: &Session,
    rows: &[u32],
    annotators: &[String],
    assignment: Assignment,
    said: bool,
    path: &Path,
    work: &Work,
) -> Result<PacketsOut> {
    session.packet_request(rows.to_vec(), annotators.to_vec(), assignment, said, path).write(work)
}

/// All that is needed to write packets, away from the session: it can be done off the window's thread.
pub struct PacketRequest {
    dataset: Arc<Dataset>,
    config: Config,
    folder: PathBuf,
    store: PathBuf,
    rows: Vec<u32>,
    annotators: Vec<String>,
    assignment: Assignment,
    said: bool,
    path: PathBuf,
}

impl Session {
    /// What [`packets_out`] writes, as it is now.
    pub fn packet_request(
        &self,
        rows: Vec<u32>,
        annotators: Vec<String>,
        assignment: Assignment,
        said: bool,
        path: &Path,
    ) -> PacketRequest {
        let project = self.project();
        PacketRequest {
            dataset: self.dataset().clone(),
            config: project.config.clone(),
            folder: project.folder().to_owned(),
            store: project.store_path(),
            rows,
            annotators,
            assignment,
            said,
            path: path.to_owned(),
        }
    }
}

impl PacketRequest {
    /// Writes the packets.
    ///
    /// # Errors
    /// If a file cannot be written, or the work was cancelled.
    pub fn write(&self, work: &Work) -> Result<PacketsOut> {
        let lines = json_lines(&self.dataset, work)?;
        let said = if self.said { Some((Marks::read(&self.store, work)?, Store::open(&self.store)?)) } else { None };
        let mut out = PacketsOut::default();
        let people = self.annotators.len().max(1);
        work.stage("writing packets", (self.rows.len() * people) as u64);
        for person in 0..people {
            let name = self.annotators.get(person).map_or("", String::as_str);
            let mut own = Vec::new();
            for &row in &self.rows {
                let Some(item) = self.dataset.id(Row(row)) else { continue };
                if self.assignment.gives(item.0, person, people) {
                    own.push((row, item.0));
                }
            }
            let path = if self.annotators.len() > 1 { named(&self.path, name) } else { self.path.clone() };
            let parts = Parts { of: self, lines: &lines, rows: &own, annotator: name, said: said.as_ref() };
            parts.write(&path, &mut out, work)?;
            out.items += own.len();
            out.paths.push(path);
        }
        Ok(out)
    }
}

/// The data as one JSON object a row.
fn json_lines(dataset: &Dataset, work: &Work) -> Result<Vec<u8>> {
    let columns = dataset.frame.columns().iter().filter(|column| column.name() != ITEM).cloned();
    let mut lines = Vec::new();
    write::json_lines(&crate::data::Frame::new(columns.collect()), &mut lines, work)?;
    Ok(lines)
}

/// `work.packet` for Kim is `work-Kim.packet`.
fn named(path: &Path, name: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let safe: String = name.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();
    let ending = files::ending(path).map_or_else(String::new, |ending| format!(".{ending}"));
    path.with_file_name(format!("{stem}-{safe}{ending}"))
}

/// One packet.
struct Parts<'a> {
    of: &'a PacketRequest,
    lines: &'a [u8],
    /// Rows with their items, in order.
    rows: &'a [(u32, u64)],
    annotator: &'a str,
    /// What holds, and the events that made it; `None` where nothing that was said goes with it.
    said: Option<&'a (Marks, Store)>,
}

impl Parts<'_> {
    fn write(&self, path: &Path, out: &mut PacketsOut, work: &Work) -> Result<()> {
        let packet = PacketWriter::create(path)?;
        let mut wanted = self.rows.iter().peekable();
        for (row, line) in self.lines.split(|byte| *byte == b'\n').enumerate() {
            if let Some((_, item)) = wanted.next_if(|(next, _)| *next as usize == row) {
                packet.item(*item, &String::from_utf8_lossy(line))?;
                work.advance(1)?;
            }
        }
        out.media_missing += self.media(&packet, work)?;
        if let Some((marks, store)) = self.said {
            out.annotations += self.annotations(&packet, marks, store)?;
            work.check()?;
        }
        let config = &self.of.config;
        packet.finish(&PacketAbout {
            project: config.name.clone(),
            annotator: self.annotator.to_owned(),
            time: chrono::Utc::now().timestamp_micros(),
            config: toml::to_string(config).map_err(|source| Error::input(source.to_string()))?,
            guidelines: files::read_text(&self.of.folder.join("guidelines.md")).unwrap_or_default(),
        })
    }

    /// Images and sounds that the rows name. Returns how many could not be read.
    fn media(&self, packet: &PacketWriter, work: &Work) -> Result<usize> {
        let dataset = &self.of.dataset;
        let columns: Vec<_> = dataset
            .frame
            .columns()
            .iter()
            .filter(|column| matches!(column.kind(), Kind::Image | Kind::Audio))
            .collect();
        if columns.is_empty() {
            return Ok(0);
        }
        let root = Root::open(&dataset.root)?;
        let (mut seen, mut missing) = (HashSet::new(), 0);
        for (row, _) in self.rows {
            work.check()?;
            for path in columns.iter().filter_map(|column| column.show(*row as usize)) {
                if !seen.insert(path.to_string()) {
                    continue;
                }
                let bytes = root.media(&path).and_then(|media| match media {
                    Media::Bytes(bytes) => Ok(bytes),
                    Media::File(file) => {
                        std::fs::read(&file).map_err(|source| Error::io("cannot read the file", &file, &source))
                    }
                });
                match bytes {
                    Ok(bytes) => packet.media(&path, &bytes)?,
                    Err(error) => {
                        missing += 1;
                        work.warn(error.to_string());
                    }
                }
            }
        }
        Ok(missing)
    }

    /// What everybody said of these items, each in their own name, with the time of the last change.
    fn annotations(&self, packet: &PacketWriter, marks: &Marks, store: &Store) -> Result<usize> {
        let items: HashSet<u64> = self.rows.iter().map(|(_, item)| *item).collect();
        let changed = changed(store, &items)?;
        let mut count = 0;
        for field in marks.fields() {
            let (base, voice) = Voice::split(field);
            if base == super::merge::CHANGED {
                continue;
            }
            for (item, mark) in marks.of(field).filter(|(item, _)| items.contains(item)) {
                let annotator = voice.annotator().unwrap_or(&mark.annotator).to_owned();
                let (field, value, time) = (base.to_owned(), mark.value.clone(), mark.time);
                let said = Said { annotator, item, field, value, time };
                // What came with a packet and was not touched since is nobody's own here.
                if changed.contains_key(&(said.annotator.clone(), item)) {
                    packet.said(&said)?;
                    count += 1;
                }
                // What holds of the project stands under no name as well: whoever opens the packet goes on from there.
                if voice == Voice::PROJECT {
                    packet.said(&Said { annotator: String::new(), ..said })?;
                }
            }
        }
        for ((annotator, item), time) in changed {
            packet.changed(&annotator, item, time)?;
        }
        Ok(count)
    }
}

/// When each annotator last changed anything of each of these items, as far as that was an act of their own.
fn changed(store: &Store, items: &HashSet<u64>) -> Result<BTreeMap<(String, u64), i64>> {
    let mut changed: BTreeMap<(String, u64), i64> = BTreeMap::new();
    store.replay(|event| {
        let Some(item) = event.item.filter(|item| items.contains(item)) else { return };
        let (base, voice) = Voice::split(&event.field);
        let annotator = voice.annotator().unwrap_or(&event.annotator).to_owned();
        // A stamp that came with a packet tells the time at the other machine.
        let stamp = if base == super::merge::CHANGED { event.value.as_ref().and_then(|at| at.as_i64()) } else { None };
        let merged = event.name == super::merge::NAME;
        let Some(time) = stamp.or((!merged).then_some(event.time)) else { return };
        let last = changed.entry((annotator, item)).or_default();
        *last = (*last).max(time);
    })?;
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_goes_to_as_many_as_it_should() {
        let count = |assignment: Assignment, people| {
            let of = |item: u64| (0..people).filter(|person| assignment.gives(item, *person, people)).count();
            (0..500u64).map(of).collect::<HashSet<_>>()
        };
        assert_eq!(count(Assignment::All, 3), [3].into());
        assert_eq!(count(Assignment::Split, 3), [1].into());
        assert_eq!(count(Assignment::Overlap(2), 5), [2].into());
        assert_eq!(count(Assignment::Overlap(9), 2), [2].into());
        assert_eq!(count(Assignment::Split, 1), [1].into());
        let share = (0..900u64).filter(|item| Assignment::Split.gives(*item, 0, 3)).count();
        assert!((250..350).contains(&share), "{share}");
    }
}
