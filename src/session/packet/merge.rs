//! Packets in: what others said, beside what stands here. Nothing is overwritten; the same packet again changes nothing,
//! and the order in which packets come does not matter.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use serde_json::{Value, json};

use crate::data::{Dataset, ItemId};
use crate::engine::{Error, Result, Work};
use crate::label::{Voice, class_answers, mark_answers};
use crate::project::{Change, Command, Config, Gesture, Marks, Packet, Said};
use crate::session::Session;

/// The field that tells when an annotator last changed an item, as the packet that was taken in last says it.
pub(super) const CHANGED: &str = "changed";

/// The name of the gesture.
pub(super) const NAME: &str = "packet";

/// What a packet brought.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Merged {
    /// Annotations that are new or changed.
    pub merged: usize,
    /// Annotations that were taken back over there.
    pub removed: usize,
    /// Items of which nothing was new.
    pub known: usize,
    /// Items that this project does not have.
    pub unknown: usize,
    /// Who said it.
    pub annotators: Vec<String>,
    /// Items that annotators see differently, after the merge.
    pub conflicts: Vec<ItemId>,
}

/// One annotator's state of one item.
#[derive(Default)]
struct State {
    changed: i64,
    fields: BTreeMap<String, Value>,
}

/// The command that writes what is new.
struct Merge {
    states: BTreeMap<(String, u64), State>,
    /// Fields that each annotator has here, by name.
    fields: HashMap<String, Vec<String>>,
}

impl Merge {
    /// Whether this project knows that state already, or a later one.
    fn is_known(&self, marks: &Marks, annotator: &str, item: u64, state: &State) -> bool {
        let stamp = marks.get(&Voice::of(annotator).field(CHANGED), item).and_then(|mark| mark.value.as_i64());
        stamp.is_some_and(|stamp| stamp >= state.changed)
    }
}

impl Command for Merge {
    fn gesture(&self, marks: &Marks, _: &Config) -> Result<Gesture> {
        let mut changes = Vec::new();
        for ((annotator, item), state) in &self.states {
            if self.is_known(marks, annotator, *item, state) {
                continue;
            }
            let voice = Voice::of(annotator);
            let detail = json!({ "at": state.changed });
            for (base, value) in &state.fields {
                let field = voice.field(base);
                if marks.get(&field, *item).is_none_or(|mark| mark.value != *value) {
                    changes.push(Change::set(*item, &*field, value.clone()).because(detail.clone()));
                }
            }
            let here = self.fields.get(annotator).into_iter().flatten();
            let gone =
                here.filter(|base| !state.fields.contains_key(*base) && marks.get(&voice.field(base), *item).is_some());
            changes.extend(gone.map(|base| Change::clear(*item, &*voice.field(base)).because(detail.clone())));
            changes.push(Change::set(*item, &*voice.field(CHANGED), state.changed));
        }
        Ok(Gesture { name: NAME.to_owned(), changes })
    }
}

/// Takes a packet in.
///
/// # Errors
/// If the packet is damaged, or the store fails; nothing has changed then.
pub fn merge_packet(session: &mut Session, path: &Path, work: &Work) -> Result<Merged> {
    let said = read_packet(session.dataset(), path, work)?;
    merge_said(session, said)
}

/// What a packet says of the items of a dataset, ready to be taken in.
pub struct PacketSaid {
    states: BTreeMap<(String, u64), State>,
    /// Items of the packet that the data does not have.
    unknown: usize,
}

/// Takes in what was read of a packet, as [`merge_packet`] does.
///
/// # Errors
/// If the store fails.
pub fn merge_said(session: &mut Session, said: PacketSaid) -> Result<Merged> {
    let merged = Merged { unknown: said.unknown, ..Merged::default() };
    run(session, Merge { states: said.states, fields: HashMap::new() }, merged)
}

/// Reads what a packet says. It can be done off the window's thread.
///
/// # Errors
/// If the file is no packet, or damaged.
pub fn read_packet(dataset: &Dataset, path: &Path, work: &Work) -> Result<PacketSaid> {
    let packet = Packet::open(path)?;
    work.stage("reading the packet", 0);
    let ids = &dataset.ids;
    let mut unknown = BTreeSet::new();
    let mut states: BTreeMap<(String, u64), State> = BTreeMap::new();
    let mut note = |item: u64| {
        let here = ids.row(ItemId(item)).is_some();
        if !here {
            unknown.insert(item);
        }
        here
    };
    packet.changed(|annotator, item, time| {
        if note(item) {
            check_name(&annotator)?;
            states.entry((annotator, item)).or_default().changed = time;
        }
        Ok(())
    })?;
    packet.said(|Said { annotator, item, field, value, time }| {
        // Under no name stands what holds of the other project; this one has its own.
        if !annotator.is_empty() && note(item) {
            check_name(&annotator)?;
            let state = states.entry((annotator, item)).or_default();
            state.changed = state.changed.max(time);
            state.fields.insert(field, value);
        }
        Ok(())
    })?;
    work.check()?;
    Ok(PacketSaid { states, unknown: unknown.len() })
}

fn run(session: &mut Session, mut merge: Merge, mut merged: Merged) -> Result<Merged> {
    let marks = session.project().ledger.marks();
    for field in marks.fields() {
        let (base, voice) = Voice::split(field);
        if let Some(annotator) = voice.annotator().filter(|_| base != CHANGED) {
            merge.fields.entry(annotator.to_owned()).or_default().push(base.to_owned());
        }
    }
    let known = |((annotator, item), state): &(&(String, u64), &State)| merge.is_known(marks, annotator, *item, state);
    merged.known = merge.states.iter().filter(known).count();
    let annotators: BTreeSet<&String> = merge.states.keys().map(|(annotator, _)| annotator).collect();
    merged.annotators = annotators.into_iter().cloned().collect();
    if merged.known < merge.states.len() {
        let outcome = session.run(&merge)?;
        let content = |field: &str| Voice::split(field).0 != CHANGED;
        for event in outcome.events.iter().filter(|event| content(&event.field)) {
            if event.value.is_some() {
                merged.merged += 1;
            } else {
                merged.removed += 1;
            }
        }
    }
    merged.conflicts = conflicts(session);
    Ok(merged)
}

/// A name that could not stand in a field would make two annotators one.
fn check_name(annotator: &str) -> Result<()> {
    if annotator.trim().is_empty() {
        return Err(Error::input("an annotation in the packet has no annotator"));
    }
    Ok(())
}

/// Items that annotators see differently, in their class or in what stands inside, in the order of rows.
fn conflicts(session: &Session) -> Vec<ItemId> {
    let ledger = &session.project().ledger;
    let ids = &session.dataset().ids;
    let mut rows: BTreeSet<u32> =
        class_answers(ledger.marks(), ids, session.classes()).disputes().into_iter().collect();
    for task in session.tasks().iter() {
        let answers = mark_answers(session.placed(), ledger.marks(), ids, &task.name, ledger.annotator());
        rows.extend(answers.disputes());
    }
    rows.into_iter().filter_map(|row| session.item(row).ok()).collect()
}
