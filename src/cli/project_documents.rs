//! A project's labels as documents, for `export` in the formats of other tools.

use crate::data::annotations::model::{
    Annotation, Audio, Class, Content as Shown, Document, Documents, Image, Info, Mark,
};
use crate::engine::{Error, Result};
use crate::label::{ItemMarks, LABEL, Voice};
use crate::project::Content;
use crate::session::Session;

/// The items that carry a label or marks and are not left out, in row order, each with its class and who gave it, and with
/// what stands inside it; with `all`, also the others. Ids are the items' own; a label that came with the data counts where nobody gave another.
///
/// # Errors
/// If the project labels rows as a whole: no annotation format holds those.
pub(super) fn documents_of(session: &Session, all: bool) -> Result<Documents> {
    let column = session.content_column().ok_or_else(|| {
        Error::input("the project labels rows as a whole, which annotation formats cannot hold")
            .help("export it as csv, jsonl or parquet")
    })?;
    let names = session.class_names();
    let (annotations, given) = (session.annotations(), session.given());
    let marks = session.project().ledger.marks();
    let mut documents =
        Documents { documents: Vec::new(), classes: names.iter().map(|name| Class::named(name.as_str())).collect() };
    for class in session.tasks().iter().flat_map(|task| task.classes.iter()) {
        if documents.classes.iter().all(|other| *other.name != *class.name) {
            documents.classes.push(Class::named(class.name.as_str()));
        }
    }
    for row in 0..column.len() {
        if annotations.excluded().get(row).copied().unwrap_or(false) {
            continue;
        }
        let own = annotations.labels().get(row).copied().filter(|label| *label >= 0);
        let label = own.or_else(|| given.and_then(|given| given.get(row).copied()));
        let label = label.and_then(|label| usize::try_from(label).ok()).and_then(|label| names.get(label));
        let marked: Vec<ItemMarks> = session
            .tasks()
            .iter()
            .filter_map(|task| session.placed().of(&Voice::PROJECT, &task.name).get(row as u32))
            .map(|marks| ItemMarks::clone(marks))
            .collect();
        if label.is_none() && marked.is_empty() && !all {
            continue;
        }
        let cell = column.show(row).unwrap_or_default().into_owned();
        let shown = match session.content() {
            Content::Image(_) => Shown::Image(Image { path: cell, ..Image::default() }),
            Content::Audio(_) => Shown::Audio(Audio { path: cell, seconds: None }),
            _ => Shown::Text(cell),
        };
        let item = session.item(row as u32)?;
        let mut document = Document::new(item.0.to_string(), shown);
        if let Some(label) = label {
            let mark = own.and_then(|_| marks.get(LABEL, item.0));
            let info =
                Info { annotator: mark.map(|mark| mark.annotator.clone()).unwrap_or_default(), ..Info::default() };
            document.annotations.push(Annotation::new(label.as_str(), Mark::Class).with_info(info));
        }
        for annotations in marked.iter().map(ItemMarks::listed) {
            let before = document.annotations.len();
            document.annotations.extend(annotations.into_iter().map(|mut annotation| {
                if let Mark::Relation { from, to } = &mut annotation.mark {
                    (*from, *to) = (*from + before, *to + before);
                }
                annotation
            }));
        }
        documents.documents.push(document);
    }
    Ok(documents)
}
