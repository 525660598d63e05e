//! A project's annotations as documents, for export in the formats of other tools.

use std::sync::Arc;

use super::Session;
use crate::data::annotations::model::{Annotation, Audio, Class, Content as Shown, Document, Documents, Image, Mark};
use crate::data::{Column, Dataset, Row};
use crate::engine::{Error, Result, Work};
use crate::label::{ItemMarks, Placed, Tasks, Voice};
use crate::project::Content;

/// What documents are made of: it can be done off the window's thread.
#[derive(Clone)]
pub struct DocumentsBasis {
    dataset: Arc<Dataset>,
    column: Arc<Column>,
    kind: Kind,
    names: Arc<Vec<String>>,
    labels: Arc<Vec<i16>>,
    given: Option<Arc<Vec<i16>>>,
    excluded: Arc<Vec<bool>>,
    tasks: Tasks,
    placed: Placed,
}

/// What documents show.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Image,
    Audio,
}

impl Session {
    /// What documents are made of, as it is now.
    ///
    /// # Errors
    /// If the project labels rows as a whole: no annotation format holds those.
    pub fn documents_basis(&self) -> Result<DocumentsBasis> {
        let column = self.content_column().cloned().ok_or_else(|| {
            Error::input("the project labels rows as a whole, which annotation formats cannot hold")
                .help("export it as csv, jsonl or parquet")
        })?;
        let kind = match self.content() {
            Content::Image(_) => Kind::Image,
            Content::Audio(_) => Kind::Audio,
            _ => Kind::Text,
        };
        Ok(DocumentsBasis {
            dataset: self.dataset().clone(),
            column,
            kind,
            names: self.class_names().clone(),
            labels: self.annotations().labels().clone(),
            given: self.given().cloned(),
            excluded: self.annotations().excluded().clone(),
            tasks: self.tasks().clone(),
            placed: self.placed().clone(),
        })
    }
}

impl DocumentsBasis {
    /// The items that carry a label or marks and are not left out, in row order, each with its class and what stands inside
    /// it; with `all`, also the others. Ids are the items' own; a label that came with the data counts where nobody gave
    /// another.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn documents(&self, all: bool, work: &Work) -> Result<Documents> {
        work.stage("gathering annotations", self.column.len() as u64);
        let mut documents = Documents::default();
        let of_tasks =
            self.tasks.iter().flat_map(|task| task.classes.iter().map(move |class| (&class.name, Some(task))));
        for (name, task) in self.names.iter().map(|name| (name, None)).chain(of_tasks) {
            let known = documents.classes.iter().position(|other| *other.name == **name);
            let at = known.unwrap_or_else(|| {
                documents.classes.push(Class::named(name.as_str()));
                documents.classes.len() - 1
            });
            if let (Some(class), Some(task)) =
                (documents.classes.get_mut(at), task.filter(|task| !task.points.is_empty()))
            {
                (class.keypoints, class.skeleton) = (task.points.clone(), task.bones.clone());
            }
        }
        for row in 0..self.column.len() {
            if row % 4096 == 0 {
                work.advance(4096)?;
            }
            documents.documents.extend(self.document(row, all));
        }
        Ok(documents)
    }

    fn document(&self, row: usize, all: bool) -> Option<Document> {
        if self.excluded.get(row) == Some(&true) {
            return None;
        }
        let own = self.labels.get(row).copied().filter(|label| *label >= 0);
        let label = own.or_else(|| self.given.as_ref().and_then(|given| given.get(row).copied()));
        let label = label.and_then(|label| usize::try_from(label).ok()).and_then(|label| self.names.get(label));
        let marks =
            |name: &str| self.placed.of(&Voice::PROJECT, name).get(row as u32).map(|marks| ItemMarks::clone(marks));
        let marked: Vec<ItemMarks> = self.tasks.iter().filter_map(|task| marks(&task.name)).collect();
        if label.is_none() && marked.is_empty() && !all {
            return None;
        }
        let cell = self.column.show(row).unwrap_or_default().into_owned();
        let shown = match self.kind {
            Kind::Image => Shown::Image(Image { path: cell, ..Image::default() }),
            Kind::Audio => Shown::Audio(Audio { path: cell, seconds: None }),
            Kind::Text => Shown::Text(cell),
        };
        let mut document = Document::new(self.dataset.id(Row(row as u32))?.0.to_string(), shown);
        document.annotations.extend(label.map(|label| Annotation::new(label.as_str(), Mark::Class)));
        for annotations in marked.iter().map(ItemMarks::listed) {
            let before = document.annotations.len();
            document.annotations.extend(annotations.into_iter().map(|mut annotation| {
                if let Mark::Relation { from, to } = &mut annotation.mark {
                    (*from, *to) = (*from + before, *to + before);
                }
                annotation
            }));
        }
        Some(document)
    }
}
