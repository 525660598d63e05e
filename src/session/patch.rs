//! What was settled as a patch: old, new, who, why; applied to the same data elsewhere, and reversed.
//!
//! An entry knows its item by its id, and where ids are those of the whole row (which an applied patch changes) by its place
//! and content. It is applied only where the old value stands, so that nobody's later work is overwritten.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{BooleanArray, Int64Array, LargeStringArray};
use serde_json::Value;

use super::Session;
use crate::data::{Column, Dataset, Frame, ItemId, Kind, Values};
use crate::engine::{Error, Fingerprint, Result};
use crate::label::{EXCLUDED, LABEL, UNSURE};
use crate::project::{Change, Command, Config, Event, Gesture, Marks};

/// The fields that settling changes.
const FIELDS: [&str; 3] = [LABEL, EXCLUDED, UNSURE];

/// The columns of a patch that must be there.
const NEEDED: [&str; 6] = ["id", "row", "content", "field", "old", "new"];

/// One change that settling made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The item.
    pub id: ItemId,
    /// Its row, from 0.
    pub row: u32,
    /// The name of its content.
    pub content: String,
    /// `label`, `excluded` or `unsure`.
    pub field: String,
    /// What stood there; `None` for nothing.
    pub old: Option<String>,
    /// What stands there now.
    pub new: Option<String>,
    /// Who decided it.
    pub who: String,
    /// When, in RFC 3339.
    pub time: String,
    /// The decision and its evidence, in JSON.
    pub why: String,
    /// The item in a few words.
    pub about: String,
}

/// What came of a patch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// Entries that changed something.
    pub changed: usize,
    /// Entries whose new value stood there already.
    pub already: usize,
    /// Entries, by position, that found neither the old nor the new value: they were left out.
    pub differs: Vec<usize>,
    /// Entries, by position, whose item is not there.
    pub missing: Vec<usize>,
}

/// The changes that settling made and that still stand, by row.
///
/// # Errors
/// If the store cannot be read.
pub fn fixes_of(session: &Session) -> Result<Vec<Fix>> {
    let ledger = &session.project().ledger;
    // What stood before the first decision, and the last one, of each field of each item.
    let mut first: HashMap<(u64, String), Option<Value>> = HashMap::new();
    let mut last: HashMap<(u64, String), Event> = HashMap::new();
    ledger.events(|event| {
        let Some((item, detail)) = event.item.zip(event.detail.as_ref()) else { return };
        if detail.get("finder").is_none() || !FIELDS.contains(&event.field.as_str()) {
            return;
        }
        let place = (item, event.field.clone());
        first.entry(place.clone()).or_insert_with(|| event.replaced.clone());
        last.insert(place, event.clone());
    })?;
    let mut fixes = Vec::new();
    for ((item, field), event) in last {
        let value = event.value;
        let now = ledger.marks().get(&field, item).map(|mark| &mark.value);
        let Some(row) = session.dataset().ids.row(ItemId(item)).filter(|_| now == value.as_ref()) else { continue };
        let before = first.get(&(item, field.clone())).cloned().flatten();
        let given = || session.given_class(row.0).map(str::to_owned);
        let old = shown(before.as_ref()).or_else(|| if field == LABEL { given() } else { None });
        let new = shown(value.as_ref());
        if old == new {
            continue;
        }
        fixes.push(Fix {
            id: ItemId(item),
            row: row.0,
            content: content_print(session.content_at(row.0).as_deref()),
            field,
            old,
            new,
            who: event.annotator,
            time: chrono::DateTime::from_timestamp_micros(event.time)
                .map_or_else(String::new, |time| time.to_rfc3339()),
            why: event.detail.map_or_else(String::new, |why| why.to_string()),
            about: session.about(row.0).unwrap_or_default(),
        });
    }
    fixes.sort_by(|a, b| a.row.cmp(&b.row).then_with(|| a.field.cmp(&b.field)));
    Ok(fixes)
}

fn shown(value: Option<&Value>) -> Option<String> {
    value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn content_print(content: Option<&str>) -> String {
    content.map_or_else(String::new, |content| Fingerprint::of(content.as_bytes()).to_string())
}

/// The patch that takes another one back.
pub fn reversed(fixes: &[Fix]) -> Vec<Fix> {
    let turn = |fix: &Fix| Fix { old: fix.new.clone(), new: fix.old.clone(), ..fix.clone() };
    fixes.iter().rev().map(turn).collect()
}

/// A patch as a table, one row an entry.
pub fn fixes_frame(fixes: &[Fix]) -> Frame {
    let text = |name: &str, of: &dyn Fn(&Fix) -> Option<String>| {
        Arc::new(Column::text(name, Kind::Text, fixes.iter().map(of).collect::<LargeStringArray>()))
    };
    Frame::new(vec![
        text("id", &|fix| Some(fix.id.to_string())),
        Arc::new(Column::new(
            "row",
            Values::Int(fixes.iter().map(|fix| Some(i64::from(fix.row))).collect::<Int64Array>()),
        )),
        text("content", &|fix| Some(fix.content.clone()).filter(|content| !content.is_empty())),
        text("field", &|fix| Some(fix.field.clone())),
        text("old", &|fix| fix.old.clone()),
        text("new", &|fix| fix.new.clone()),
        text("who", &|fix| Some(fix.who.clone())),
        text("time", &|fix| Some(fix.time.clone())),
        text("why", &|fix| Some(fix.why.clone())),
        text("about", &|fix| Some(fix.about.clone())),
    ])
}

/// Reads a patch from its table.
///
/// # Errors
/// If a column is missing, or an entry is not right; the error names its row.
pub fn read_fixes(frame: &Frame) -> Result<Vec<Fix>> {
    if let Some(name) = NEEDED.into_iter().find(|name| frame.get(name).is_none()) {
        return Err(Error::input("this is no patch, a column is missing").at(name));
    }
    let cell = |name: &str, row: usize| {
        frame
            .get(name)
            .and_then(|column| column.show(row))
            .map(|value| value.into_owned())
            .filter(|value| !value.is_empty())
    };
    let of = |row: usize| -> Result<Fix> {
        let wrong = |what: &str| Error::input(what).at(format!("row {}", row + 1));
        let id = cell("id", row).and_then(|id| u64::from_str_radix(&id, 16).ok());
        let field = cell("field", row).filter(|field| FIELDS.contains(&field.as_str()));
        Ok(Fix {
            id: ItemId(id.ok_or_else(|| wrong("the id is not one of an item"))?),
            row: cell("row", row).and_then(|row| row.parse().ok()).ok_or_else(|| wrong("the row is no number"))?,
            content: cell("content", row).unwrap_or_default(),
            field: field.ok_or_else(|| wrong("the field is not one of label, excluded, unsure"))?,
            old: cell("old", row),
            new: cell("new", row),
            who: cell("who", row).unwrap_or_default(),
            time: cell("time", row).unwrap_or_default(),
            why: cell("why", row).unwrap_or_default(),
            about: cell("about", row).unwrap_or_default(),
        })
    };
    (0..frame.rows()).map(of).collect()
}

/// The row of each entry's item.
fn places(fixes: &[Fix], dataset: &Dataset, content: Option<&Column>) -> Vec<Option<u32>> {
    let of = |fix: &Fix| {
        let at_row = || {
            let same = content.is_some_and(|column| {
                !fix.content.is_empty() && content_print(column.show(fix.row as usize).as_deref()) == fix.content
            });
            ((fix.row as usize) < dataset.rows() && same).then_some(fix.row)
        };
        dataset.ids.row(fix.id).map(|row| row.0).or_else(at_row)
    };
    fixes.iter().map(of).collect()
}

/// Applies a patch to a project, in one step that can be undone.
#[derive(Debug, Clone, PartialEq)]
pub struct ApplyFixes {
    changes: Vec<Change>,
}

impl ApplyFixes {
    /// What a patch changes in a project, and what it does not.
    pub fn plan(session: &Session, fixes: &[Fix]) -> (Self, Applied) {
        let (marks, mut applied, mut changes) = (session.project().ledger.marks(), Applied::default(), Vec::new());
        let rows = places(fixes, session.dataset(), session.content_column().map(|column| &**column));
        for (at, (fix, row)) in fixes.iter().zip(rows).enumerate() {
            let Some((row, id)) = row.and_then(|row| Some((row, session.item(row).ok()?))) else {
                applied.missing.push(at);
                continue;
            };
            let mark = shown(marks.get(&fix.field, id.0).map(|mark| &mark.value));
            let given = (fix.field == LABEL).then(|| session.given_class(row).map(str::to_owned)).flatten();
            let now = mark.clone().or_else(|| given.clone());
            if now == fix.new {
                applied.already += 1;
            } else if now == fix.old {
                applied.changed += 1;
                let detail = serde_json::json!({"patch": {"who": fix.who, "time": fix.time, "why": fix.why}});
                // Where the data say the same, nothing needs to be said of it.
                let change = match &fix.new {
                    Some(new) if Some(new) != given.as_ref() || fix.field != LABEL => {
                        let value =
                            if fix.field == LABEL { Value::from(new.as_str()) } else { Value::from(new == "true") };
                        Change::set(id.0, fix.field.as_str(), value)
                    }
                    _ => Change::clear(id.0, fix.field.as_str()),
                };
                changes.push(change.because(detail));
            } else {
                applied.differs.push(at);
            }
        }
        (Self { changes }, applied)
    }
}

impl Command for ApplyFixes {
    fn gesture(&self, _: &Marks, config: &Config) -> Result<Gesture> {
        let classes = crate::label::read_classes(config)?;
        let labels = self.changes.iter().filter(|change| change.field == LABEL);
        let mut names = labels.filter_map(|change| change.value.as_ref()?.as_str());
        if let Some(unknown) = names.find(|name| classes.index(name).is_none()) {
            return Err(Error::input("there is no such class").at(unknown).help("add the class first"));
        }
        Ok(Gesture { name: "patch".to_owned(), changes: self.changes.clone() })
    }
}

/// Applies a patch to a table: labels in the column of that name, exclusions and doubts in columns of their own. `content`
/// is the column that is labelled, by which items are known when their rows have changed.
///
/// # Errors
/// If there is no column of labels.
pub fn apply_to_table(
    dataset: &Dataset,
    label: &str,
    content: Option<&str>,
    fixes: &[Fix],
) -> Result<(Frame, Applied)> {
    let content = content.map(|name| dataset.frame.column(name)).transpose()?.map(|column| &**column);
    let old = dataset.frame.column(label)?;
    let rows = dataset.rows();
    let mut labels: Vec<Option<String>> =
        (0..rows).map(|row| old.show(row).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())).collect();
    let flags = |name: &str| -> Vec<bool> {
        let column = dataset.frame.get(name);
        (0..rows).map(|row| column.and_then(|column| column.show(row)).is_some_and(|value| value == "true")).collect()
    };
    let mut marked = [(EXCLUDED, flags(EXCLUDED)), (UNSURE, flags(UNSURE))];
    let mut applied = Applied::default();
    for (at, (fix, row)) in fixes.iter().zip(places(fixes, dataset, content)).enumerate() {
        let Some(row) = row.map(|row| row as usize) else {
            applied.missing.push(at);
            continue;
        };
        let flag = marked.iter_mut().find(|(name, _)| *name == fix.field).and_then(|(_, flags)| flags.get_mut(row));
        let now = match &flag {
            Some(flag) => flag.then(|| "true".to_owned()),
            None => labels.get(row).cloned().flatten(),
        };
        if now == fix.new {
            applied.already += 1;
        } else if now == fix.old {
            applied.changed += 1;
            match (flag, labels.get_mut(row)) {
                (Some(flag), _) => *flag = fix.new.as_deref() == Some("true"),
                (None, Some(label)) => label.clone_from(&fix.new),
                (None, None) => {}
            }
        } else {
            applied.differs.push(at);
        }
    }
    let changed = Column::text(label, Kind::Category, labels.into_iter().collect::<LargeStringArray>());
    let mut columns: Vec<Arc<Column>> = dataset.frame.columns().to_vec();
    if let Some(place) = columns.iter_mut().find(|column| column.name() == label) {
        *place = Arc::new(changed);
    }
    for (name, flags) in marked {
        let there = columns.iter_mut().find(|column| column.name() == name);
        let column = || Arc::new(Column::new(name, Values::Bool(BooleanArray::from(flags.clone()))));
        match there {
            Some(place) => *place = column(),
            None if flags.contains(&true) => columns.push(column()),
            None => {}
        }
    }
    Ok((Frame::new(columns), applied))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::{Decision, Finder, Settle};
    use crate::engine::Work;
    use crate::session::{Choice, create_project};

    fn project(folder: &std::path::Path) -> Session {
        let data = folder.join("d.csv");
        if !data.exists() {
            std::fs::write(&data, "id,text,label\na,one,x\nb,two,x\nc,three,y\nd,four,y\n").unwrap();
        }
        let choice = Choice {
            text: Some("text".to_owned()),
            label: Some("label".to_owned()),
            id: Some("id".to_owned()),
            ..Choice::default()
        };
        let name = format!("p{}", std::fs::read_dir(folder).unwrap().count());
        create_project(&folder.join(&name), &data, &choice, &[], &Work::new()).unwrap();
        Session::open(&folder.join(name), &Work::new()).unwrap()
    }

    fn settle(session: &mut Session, row: u32, decision: Decision) {
        let label = match &decision {
            Decision::Relabel(class) => Some(class.clone()),
            _ => session.standing(row).map(str::to_owned),
        };
        let inputs = vec![session.inputs_of(Finder::LabelError, row, label.as_deref())];
        let items = vec![session.item(row).unwrap()];
        let evidence = Some(serde_json::json!({"score": 0.9}));
        session
            .run(&Settle { items, finder: Finder::LabelError, decision, evidence, inputs, score: None, seconds: None })
            .unwrap();
    }

    #[test]
    fn a_patch_applies_elsewhere_and_reverses() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = project(folder.path());
        settle(&mut session, 0, Decision::Relabel("y".to_owned()));
        settle(&mut session, 1, Decision::Keep);
        settle(&mut session, 2, Decision::NoneRight);
        settle(&mut session, 3, Decision::Relabel("x".to_owned()));
        session.undo().unwrap();
        let fixes = fixes_of(&session).unwrap();
        let told: Vec<(u32, &str, Option<&str>, Option<&str>)> =
            fixes.iter().map(|fix| (fix.row, fix.field.as_str(), fix.old.as_deref(), fix.new.as_deref())).collect();
        assert_eq!(told, [(0, "label", Some("x"), Some("y")), (2, "excluded", None, Some("true"))]);
        assert!(fixes[0].why.contains("\"decision\":\"relabel\"") && fixes[0].why.contains("0.9"), "{}", fixes[0].why);
        assert_eq!(read_fixes(&fixes_frame(&fixes)).unwrap(), fixes, "a patch reads as it was written");

        let mut other = project(folder.path());
        let (command, applied) = ApplyFixes::plan(&other, &fixes);
        assert_eq!((applied.changed, applied.already, applied.differs.len()), (2, 0, 0));
        other.run(&command).unwrap();
        assert_eq!((other.standing(0), other.annotations().excluded()[2]), (Some("y"), true));
        assert_eq!(ApplyFixes::plan(&other, &fixes).1.already, 2, "twice is once");
        let (command, applied) = ApplyFixes::plan(&other, &reversed(&fixes));
        assert_eq!(applied.changed, 2);
        other.run(&command).unwrap();
        assert_eq!((other.standing(0), other.annotations().excluded()[2]), (Some("x"), false));
        settle(&mut other, 2, Decision::Relabel("x".to_owned()));
        let foreign = Fix { old: Some("y".to_owned()), new: Some("x".to_owned()), ..fixes[0].clone() };
        let missing = Fix { id: ItemId(1), content: String::new(), ..fixes[0].clone() };
        let (_, applied) = ApplyFixes::plan(&other, &[foreign, missing]);
        assert_eq!((applied.already, applied.missing), (1, vec![1]));

        let (frame, applied) = apply_to_table(session.dataset(), "label", Some("text"), &fixes).unwrap();
        assert_eq!(applied.changed, 2);
        let column = |name: &str| {
            (0..4).map(|row| frame.column(name).unwrap().show(row).unwrap().into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(column("label"), ["y", "x", "y", "y"]);
        assert_eq!(column("excluded"), ["false", "false", "true", "false"]);
    }

    #[test]
    fn a_settled_finding_comes_back_when_its_label_changes_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = project(folder.path());
        settle(&mut session, 0, Decision::Keep);
        settle(&mut session, 1, Decision::Relabel("y".to_owned()));
        let settled = |session: &Session| [0, 1].map(|row| session.settlement().is_settled(Finder::LabelError, row));
        assert_eq!(settled(&session), [true, true]);
        let label = |session: &mut Session, row: u32, class: &str| {
            let item = session.item(row).unwrap();
            session.run(&crate::label::Label::one(item, class)).unwrap();
        };
        label(&mut session, 2, "x");
        assert_eq!(settled(&session), [true, true], "another row");
        label(&mut session, 0, "x");
        assert_eq!(settled(&session), [true, true], "the same label");
        label(&mut session, 1, "x");
        assert_eq!(settled(&session), [true, false], "the label was changed again");
        session.undo().unwrap();
        assert_eq!(settled(&session), [true, true]);
    }
}
