//! Annotations made elsewhere, brought to the items of a project: planned first, so that it can be looked at, then taken in
//! one step that one undo takes back.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use serde_json::json;

use super::Session;
use crate::data::annotations::{Annotation, Document, Documents, Losses, Mark, to_value};
use crate::data::{Column, Dataset, ItemId, Row};
use crate::engine::{Error, Result};
use crate::label::{
    Classes, LABEL, Placed, SKIPPED, SetClasses, SetTasks, Slot, Task, TaskKind, Tasks, Voice, task_field,
};
use crate::project::{Change, Command, Config, Gesture, Marks};

/// What an import would do.
#[derive(Debug, Clone, Default)]
pub struct Import {
    /// The class of items.
    pub labels: Vec<(ItemId, String)>,
    /// The class that annotators gave to items, each in their own name: the item, who, and the class.
    pub said: Vec<(ItemId, String, String)>,
    /// What stands inside items, by task.
    pub marks: Vec<(ItemId, String, Vec<Annotation>)>,
    /// The classes of the project with those that are new.
    pub classes: Classes,
    /// The tasks of the project with those that are new.
    pub tasks: Tasks,
    /// What cannot be taken.
    pub lost: Losses,
    /// Where it comes from, for the history.
    pub source: String,
    /// Whether what annotators said before is replaced.
    pub overwrite: bool,
}

impl Import {
    /// How many annotations are taken.
    pub fn annotations(&self) -> usize {
        self.labels.len() + self.said.len() + self.marks.iter().map(|(_, _, marks)| marks.len()).sum::<usize>()
    }

    /// How many items get something.
    pub fn items(&self) -> usize {
        let marked = self.marks.iter().map(|(item, ..)| *item);
        let said = self.said.iter().map(|(item, ..)| *item);
        self.labels.iter().map(|(item, _)| *item).chain(said).chain(marked).collect::<HashSet<_>>().len()
    }
}

impl Command for Import {
    fn gesture(&self, marks: &Marks, config: &Config) -> Result<Gesture> {
        let detail = json!({ "imported": self.source });
        let mut changes = Vec::new();
        if crate::label::read_classes(config)? != self.classes {
            changes.extend(SetClasses(self.classes.clone()).gesture(marks, config)?.changes);
        }
        if crate::label::read_tasks(config)? != self.tasks {
            changes.extend(SetTasks(self.tasks.clone()).gesture(marks, config)?.changes);
        }
        for (item, class) in &self.labels {
            changes.push(Change::set(item.0, LABEL, class.as_str()).because(detail.clone()));
        }
        // In the order of items: a gesture says all it has to say of one in a row.
        for (item, annotator, class) in &self.said {
            let field = Voice::of(annotator).field(LABEL).into_owned();
            let there = marks.get(&field, item.0);
            let same = there.is_some_and(|mark| mark.value.as_str() == Some(class));
            if !same && (self.overwrite || there.is_none()) {
                changes.push(Change::set(item.0, field, class.as_str()).because(detail.clone()));
            }
        }
        for (item, task, annotations) in &self.marks {
            let field = |number: usize| task_field(task, Slot::Mark(number as u32));
            for (at, annotation) in annotations.iter().enumerate() {
                changes.push(Change::set(item.0, field(at + 1), to_value(annotation)).because(detail.clone()));
            }
            // What stood there before and has no successor goes.
            let behind = (annotations.len() + 1..).take_while(|number| marks.get(&field(*number), item.0).is_some());
            changes.extend(behind.map(|number| Change::clear(item.0, field(number))));
            changes.push(Change::set(item.0, task_field(task, Slot::Done), true).because(detail.clone()));
        }
        // An item that gets something is no longer passed over.
        let touched = self.labels.iter().map(|(item, _)| *item).chain(self.marks.iter().map(|(item, ..)| *item));
        let skipped: HashSet<ItemId> = touched.filter(|item| marks.get(SKIPPED, item.0).is_some()).collect();
        changes.extend(skipped.into_iter().map(|item| Change::clear(item.0, SKIPPED)));
        Ok(Gesture { name: "import".to_owned(), changes })
    }
}

/// The kind of task that holds a mark; `None` for what the project has no task for.
fn kind_of(mark: &Mark) -> Option<TaskKind> {
    Some(match mark {
        Mark::Class => TaskKind::Tags,
        Mark::Span(_) | Mark::Relation { .. } => TaskKind::Spans,
        // A point alone is a shape like others.
        Mark::Keypoints(points) if points.points.len() > 1 => TaskKind::Keypoints,
        Mark::Box(_) | Mark::Polygon(_) | Mark::Polyline(_) | Mark::Keypoints(_) | Mark::Mask(_) => TaskKind::Shapes,
        Mark::Segment { .. } => TaskKind::Segments,
        Mark::Answer(_) => TaskKind::Rewrite,
        Mark::Ranking(_) => return None,
    })
}

/// What an import is planned against: it can be done off the window's thread.
#[derive(Clone)]
pub struct ImportBasis {
    dataset: Arc<Dataset>,
    /// The column of the content; none where rows are labelled as a whole.
    column: Option<Arc<Column>>,
    /// The column of ids, if the project has one.
    id: Option<String>,
    labels: Arc<Vec<i16>>,
    placed: Placed,
    classes: Classes,
    tasks: Tasks,
}

impl Session {
    /// What an import is planned against, as it is now.
    pub fn import_basis(&self) -> ImportBasis {
        ImportBasis {
            dataset: self.dataset().clone(),
            column: self.content_column().cloned(),
            id: self.project().config.data.id.clone(),
            labels: self.annotations().labels().clone(),
            placed: self.placed().clone(),
            classes: self.classes().clone(),
            tasks: self.tasks().clone(),
        }
    }
}

/// Plans an import. A document is the item with the same text or path; of several with the same, the first belongs to
/// the first. Documents that have an id and no content are the items of that id, and their classes are what each annotator
/// said. `lost` is what reading them has lost already. Classes are labels where no document has more than one, else tags.
/// What an item has already is kept unless `overwrite`.
///
/// # Errors
/// If a class cannot be added; if the project labels rows as a whole and the documents have content.
pub fn import_of(
    basis: &ImportBasis,
    documents: &Documents,
    lost: Losses,
    source: &str,
    overwrite: bool,
) -> Result<Import> {
    let answers = !documents.documents.is_empty()
        && documents.documents.iter().all(|document| document.as_text() == Some("") && !document.id.is_empty());
    let column = match &basis.column {
        _ if answers => column_of_ids(basis, documents)?,
        Some(column) => column,
        None => {
            return Err(Error::input(
                "the project labels rows as a whole, and annotations speak of texts, images or sounds",
            ));
        }
    };
    let mut rows: HashMap<String, VecDeque<u32>> = HashMap::new();
    for row in 0..column.len() {
        if let Some(content) = column.show(row) {
            rows.entry(key(&content)).or_default().push_back(row as u32);
        }
    }
    let mut plan = Plan {
        basis,
        overwrite,
        answers,
        several: !answers && documents.documents.iter().any(|document| taken(document).filter(is_class).count() > 1),
        made: Import {
            classes: basis.classes.clone(),
            tasks: basis.tasks.clone(),
            source: source.to_owned(),
            overwrite,
            lost,
            ..Import::default()
        },
    };
    for document in &documents.documents {
        let content = if answers { Some(document.id.as_str()) } else { document.as_text().or_else(|| document.path()) };
        let content = content.unwrap_or_default();
        match rows.get_mut(&key(content)).and_then(VecDeque::pop_front) {
            Some(row) => plan.take(document, row)?,
            None => plan.made.lost.add("document_without_item", || document.shown()),
        }
    }
    plan.declare(documents)?;
    plan.take_skeleton(documents)?;
    Ok(plan.made)
}

/// What is said of a document by a person: proposals and refusals are not taken.
fn taken(document: &Document) -> impl Iterator<Item = &Annotation> {
    document.annotations.iter().filter(|annotation| !annotation.is_rejected() && !annotation.is_prediction())
}

fn is_class(annotation: &&Annotation) -> bool {
    matches!(annotation.mark, Mark::Class)
}

struct Plan<'a> {
    basis: &'a ImportBasis,
    overwrite: bool,
    /// Whether classes are what annotators said, each in their own name.
    answers: bool,
    /// Whether classes are tags.
    several: bool,
    made: Import,
}

impl Plan<'_> {
    fn take(&mut self, document: &Document, row: u32) -> Result<()> {
        let Some(item) = self.basis.dataset.id(Row(row)) else { return Ok(()) };
        for annotation in document.annotations.iter() {
            let code = match (annotation.is_prediction(), annotation.is_rejected(), kind_of(&annotation.mark)) {
                (true, ..) => "prediction",
                (_, true, _) => "rejected",
                (.., None) => "annotation_of_another_kind",
                _ => continue,
            };
            self.made.lost.add(code, || document.shown());
        }
        if self.answers {
            self.take_answers(document, item);
        } else if !self.several {
            self.take_label(document, item, row);
        }
        for kind in TaskKind::ALL {
            self.take_marks(document, item, row, kind)?;
        }
        Ok(())
    }

    fn take_answers(&mut self, document: &Document, item: ItemId) {
        for annotation in taken(document).filter(is_class) {
            let name = annotation.info.as_ref().map_or("", |info| info.annotator.trim());
            // A name that could be taken for another field is no name.
            if name.is_empty() || name.contains('@') {
                self.made.lost.add("unusable_annotator", || name.to_owned());
            } else {
                self.made.said.push((item, name.to_owned(), annotation.label.trim().to_owned()));
            }
        }
    }

    fn take_label(&mut self, document: &Document, item: ItemId, row: u32) {
        let labels = &self.basis.labels;
        let Some(annotation) = taken(document).find(is_class) else { return };
        let name = annotation.label.trim();
        if name.is_empty() {
            self.made.lost.add("unlabelled", || document.shown());
        } else if !self.overwrite && labels.get(row as usize).is_some_and(|label| *label >= 0) {
            self.made.lost.add("already_labelled", || document.shown());
        } else {
            self.made.labels.push((item, name.to_owned()));
        }
    }

    /// The annotations of one kind, in a task of that kind. Relations keep their ends.
    fn take_marks(&mut self, document: &Document, item: ItemId, row: u32, kind: TaskKind) -> Result<()> {
        let own = |annotation: &Annotation| {
            kind_of(&annotation.mark) == Some(kind) && (kind != TaskKind::Tags || self.several)
        };
        let kept: Vec<(usize, &Annotation)> = document
            .annotations
            .iter()
            .enumerate()
            .filter(|(_, annotation)| !annotation.is_rejected() && !annotation.is_prediction() && own(annotation))
            .collect();
        if kept.is_empty() {
            return Ok(());
        }
        let number: HashMap<usize, usize> = kept.iter().enumerate().map(|(at, (place, _))| (*place, at + 1)).collect();
        let task = self.task_of(kind)?;
        let there = self.basis.placed.of(&Voice::PROJECT, &task.name).get(row).is_some();
        if there && !self.overwrite {
            self.made.lost.add("already_labelled", || document.shown());
            return Ok(());
        }
        let mut task = task;
        let mut marks = Vec::with_capacity(kept.len());
        for (_, annotation) in kept {
            let mut annotation = annotation.clone();
            if let Mark::Relation { from, to } = &mut annotation.mark {
                let (Some(a), Some(b)) = (number.get(from), number.get(to)) else {
                    self.made.lost.add("relation_without_end", || document.shown());
                    continue;
                };
                (*from, *to) = (*a, *b);
            }
            let relation = matches!(annotation.mark, Mark::Relation { .. });
            let classes = if relation { &mut task.relations } else { &mut task.classes };
            let label = annotation.label.trim().to_owned();
            if !label.is_empty() && classes.index(&label).is_none() {
                classes.add(&label)?;
            }
            annotation.label = label.into();
            marks.push(annotation);
        }
        self.made.marks.push((item, task.name.clone(), marks));
        self.made.tasks.put(task)
    }

    /// The first task of a kind, or a new one.
    fn task_of(&self, kind: TaskKind) -> Result<Task> {
        let tasks = &self.made.tasks;
        let found = tasks.iter().find(|task| task.kind == kind).cloned();
        Ok(found.unwrap_or_else(|| Task::new(tasks.free_name(kind), kind)))
    }

    /// The names of keypoints and the bones between them, where the task does not know them yet: those of the class with
    /// most points; the points of files that name none are numbered.
    fn take_skeleton(&mut self, documents: &Documents) -> Result<()> {
        let tasks = self.made.tasks.iter();
        let Some(mut task) =
            tasks.filter(|task| task.kind == TaskKind::Keypoints).find(|task| task.points.is_empty()).cloned()
        else {
            return Ok(());
        };
        let marks = self.made.marks.iter().filter(|(_, name, _)| *name == task.name).flat_map(|(.., marks)| marks);
        let count = |annotation: &Annotation| match &annotation.mark {
            Mark::Keypoints(points) => points.points.len(),
            _ => 0,
        };
        let Some(most) = marks.map(count).max() else { return Ok(()) };
        let own = documents.classes.iter().filter(|class| task.classes.index(class.name.trim()).is_some());
        let class = own.max_by_key(|class| class.keypoints.len());
        let mut points = class.map(|class| class.keypoints.clone()).unwrap_or_default();
        points.extend((points.len()..most).map(|at| (at + 1).to_string()));
        let bones = class.map(|class| class.skeleton.clone()).unwrap_or_default();
        // A file whose names or bones make no sense still has its points.
        if task.set_skeleton(points, bones).is_err() {
            self.made.lost.add("unusable_skeleton", || class.map_or_else(String::new, |class| class.name.to_string()));
            task.set_skeleton((1..=most).map(|at| at.to_string()).collect(), Vec::new())?;
        }
        self.made.tasks.put(task)
    }

    /// Classes that the file declares, and those that its labels need.
    fn declare(&mut self, documents: &Documents) -> Result<()> {
        let used: HashSet<&str> =
            self.made.tasks.iter().flat_map(|task| task.classes.iter()).map(|class| class.name.as_str()).collect();
        let said = self.made.said.iter().map(|(.., class)| class.as_str());
        let labels = self.made.labels.iter().map(|(_, class)| class.as_str()).chain(said);
        // A declared class that stands in a task is that task's; others are the project's where it has labels at all.
        let declared = documents.classes.iter().map(|class| class.name.trim());
        let declared =
            declared.filter(|name| self.made.marks.is_empty() || !used.contains(name) && !self.made.labels.is_empty());
        let wanted: Vec<String> = declared.chain(labels).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        for name in wanted {
            if self.made.classes.index(&name).is_none() {
                self.made.classes.add(&name)?;
            }
        }
        Ok(())
    }
}

/// The column whose values are the documents' ids: the project's column of ids, unless another names more of them.
fn column_of_ids<'a>(basis: &'a ImportBasis, documents: &Documents) -> Result<&'a Arc<Column>> {
    let wanted: HashSet<String> = documents.documents.iter().map(|document| key(&document.id)).collect();
    let found = |column: &Arc<Column>| {
        let values = (0..column.len()).filter_map(|row| column.show(row)).map(|value| key(&value));
        values.filter(|value| wanted.contains(value)).collect::<HashSet<_>>().len()
    };
    let columns = basis.dataset.frame.columns();
    let is_id = |column: &Arc<Column>| basis.id.as_deref() == Some(column.name());
    let best = columns.iter().map(|column| (found(column), is_id(column), column));
    // Of equally good ones the column of ids, then the first.
    let mut best_of: Option<(usize, bool, &Arc<Column>)> = None;
    for one in best {
        if best_of.is_none_or(|other| (one.0, one.1) > (other.0, other.1)) {
            best_of = Some(one);
        }
    }
    best_of.filter(|best| best.0 > 0).map(|(.., column)| column).ok_or_else(|| {
        Error::input("no column of the project has the ids of the answered items")
            .help("open the table of the items themselves, with the same ids in a column")
    })
}

/// Texts and paths are compared in NFC, with `/` between the parts of a path.
fn key(content: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    content.replace('\\', "/").nfc().collect()
}
