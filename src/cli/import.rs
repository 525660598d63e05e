//! `import`: annotations made elsewhere, brought to the items of a project.
//!
//! A project holds one class an item today; whatever else a file holds is named and counted as lost.

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::json;

use super::answer::Answer;
use super::convert::{Told, lost_fields, lost_table};
use super::{CommandLine, Context, table};
use crate::data::annotations::{self, Document, Losses, Mark};
use crate::engine::{Error, Result};
use crate::label::{LABEL, SKIPPED, SetClasses};
use crate::project::{Change, Command, Config, Gesture, Marks};
use crate::session::Session;

/// Bring annotations made elsewhere into a project
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// The project folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The annotations: a file, or a folder where the format is one
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// The format [default: recognised]
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    #[command(flatten)]
    told: Told,
    /// Replace labels that items already have
    #[arg(long)]
    overwrite: bool,
    /// Change nothing if anything would be lost
    #[arg(long)]
    strict: bool,
}

/// Labels from a file: one gesture, undone in one step.
struct ImportLabels {
    labels: Vec<(u64, String)>,
    source: String,
}

impl Command for ImportLabels {
    fn gesture(&self, marks: &Marks, _: &Config) -> Result<Gesture> {
        let detail = json!({ "imported": self.source });
        let mut changes = Vec::with_capacity(self.labels.len());
        for (item, class) in &self.labels {
            changes.push(Change::set(*item, LABEL, class.as_str()).because(detail.clone()));
            // An item that gets a label is no longer passed over.
            if marks.get(SKIPPED, *item).is_some() {
                changes.push(Change::clear(*item, SKIPPED));
            }
        }
        Ok(Gesture { name: "import".to_owned(), changes })
    }
}

impl CommandLine for Import {
    const NAME: &'static str = "import";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        let format = match &self.format {
            Some(name) => annotations::format(name)?,
            None => annotations::recognise(&self.path).map(|(format, _)| format).ok_or_else(|| {
                Error::input("the format of the annotations cannot be told")
                    .at(self.path.display())
                    .help("name it with --format FORMAT")
            })?,
        };
        let (documents, read) = annotations::read(&self.path, format, &self.told.reading(), context.work)?;
        let mut session = Session::open(&self.folder, context.work)?;
        let mut lost = read.lost.clone();
        let found = matched(&session, &documents.documents, self.overwrite, &mut lost)?;
        if self.strict && !lost.is_empty() {
            let named: Vec<String> = lost.iter().map(|(code, loss)| format!("{code} ({})", loss.count)).collect();
            return Err(Error::input(format!("something would be lost: {}", named.join(", ")))
                .help("leave --strict out to take the rest"));
        }
        let mut classes = session.classes().clone();
        let before = classes.len();
        for name in
            documents.classes.iter().map(|class| &*class.name).chain(found.iter().map(|(_, name)| name.as_str()))
        {
            if !name.trim().is_empty() && classes.index(name.trim()).is_none() {
                classes.add(name)?;
            }
        }
        let added = classes.len() - before;
        if added > 0 {
            session.run(&SetClasses(classes))?;
        }
        let written = found.len();
        if written > 0 {
            session.run(&ImportLabels { labels: found, source: format.name().to_owned() })?;
        }
        let fields = json!({
            "format": format.name(),
            "read": read.annotations,
            "written": written,
            "classes_added": added,
            "lost": lost_fields(&lost),
            "inferred": read.inferred.iter().map(|(what, value)| json!({"what": what, "value": value})).collect::<Vec<_>>(),
            "notes": read.notes,
        });
        let facts = table::facts([
            ("read", Some(table::count(read.annotations, "annotation"))),
            ("labelled", Some(table::count(written, "item"))),
            ("new classes", (added > 0).then(|| added.to_string())),
        ]);
        Ok(Answer::new(read.documents, fields).say(facts).say(lost_table(&lost)))
    }
}

/// The class of every item that the documents speak of. A document is the item with the same text or path; of several
/// with the same, the first belongs to the first.
fn matched(
    session: &Session,
    documents: &[Document],
    overwrite: bool,
    lost: &mut Losses,
) -> Result<Vec<(u64, String)>> {
    let column = session.content_column().ok_or_else(|| {
        Error::input("the project labels rows as a whole, and annotations speak of texts, images or sounds")
    })?;
    let mut rows: HashMap<String, std::collections::VecDeque<u32>> = HashMap::new();
    for row in 0..column.len() {
        if let Some(content) = column.show(row) {
            rows.entry(key(&content)).or_default().push_back(row as u32);
        }
    }
    let labels = session.annotations().labels().clone();
    let mut found = Vec::new();
    for document in documents {
        let content = document.as_text().or_else(|| document.path()).unwrap_or_default();
        let Some(row) = rows.get_mut(&key(content)).and_then(std::collections::VecDeque::pop_front) else {
            lost.add("document_without_item", || document.shown());
            continue;
        };
        let mut taken = false;
        for annotation in &document.annotations {
            let holds =
                matches!(annotation.mark, Mark::Class) && !annotation.is_rejected() && !annotation.is_prediction();
            if !holds {
                lost.add("annotation_of_another_kind", || document.shown());
            } else if taken {
                lost.add("further_class", || format!("{}: {}", document.shown(), annotation.label));
            } else if !overwrite && labels.get(row as usize).is_some_and(|label| *label >= 0) {
                lost.add("already_labelled", || document.shown());
            } else if annotation.label.trim().is_empty() {
                lost.add("unlabelled", || document.shown());
            } else {
                taken = true;
                found.push((session.item(row)?.0, annotation.label.trim().to_owned()));
            }
        }
    }
    Ok(found)
}

/// Texts and paths are compared in NFC, with `/` between the parts of a path.
fn key(content: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    content.replace('\\', "/").nfc().collect()
}
