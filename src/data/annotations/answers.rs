//! Answers of a crowd: a table with a row for every answer, which names the item, who answered, and the class. Read, not
//! written.
//!
//! The items themselves are elsewhere: a document has an id and no content.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::holds::{Feature as F, Holds, Report};
use super::model::{Annotation, Class, Document, Documents, Info, Mark};
use super::{Clue, Format, Options, Reason, Sure};
use crate::data::read::{ReadOptions, read_frame};
use crate::data::{Column, Frame};
use crate::engine::{Error, Result, Work};

/// A row an answer.
pub(super) struct Answers;

/// The names that the column of items has, in lower case; the first that is there counts.
const ITEMS: &[&str] = &[
    "item",
    "item_id",
    "itemid",
    "id",
    "task",
    "task_id",
    "question",
    "example",
    "example_id",
    "unit",
    "object",
    "row",
];
const ANNOTATORS: &[&str] = &[
    "annotator",
    "annotator_id",
    "worker",
    "worker_id",
    "workerid",
    "rater",
    "coder",
    "user",
    "labeler",
    "labeller",
    "judge",
];
const LABELS: &[&str] = &[
    "label",
    "answer",
    "class",
    "response",
    "annotation",
    "choice",
    "rating",
    "category",
    "judgement",
    "judgment",
    "vote",
];

impl Format for Answers {
    fn name(&self) -> &'static str {
        "answers"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["csv", "tsv", "parquet", "jsonl"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        let reason = Reason::Fields("item, annotator, label");
        if !clue.ends(&["csv", "tsv"]) {
            return None;
        }
        let head = clue.lines().next()?.to_lowercase();
        let names: Vec<&str> = head.split([',', ';', '\t']).map(|name| name.trim().trim_matches('"')).collect();
        let has = |known: &[&str]| names.iter().any(|name| known.contains(name));
        // A table that holds the content itself is another's.
        let whole = ["text", "content", "document", "file_name", "surface"].iter().any(|name| names.contains(name));
        (has(ITEMS) && has(ANNOTATORS) && has(LABELS) && !whole).then_some((Sure::Likely, reason))
    }

    fn is_written(&self) -> bool {
        false
    }

    fn holds(&self, _: &Options) -> Holds {
        Holds::of(&[F::Class, F::ManyClasses, F::Annotator])
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        let reading =
            read_frame(path, &ReadOptions { encoding: options.encoding.clone(), ..ReadOptions::default() }, work)?;
        let mut report = Report { notes: reading.report.notes, ..Report::default() };
        let frame = &reading.frame;
        let item = column(frame, ITEMS, None, "item")?;
        let annotator = column(frame, ANNOTATORS, None, "annotator")?;
        let label = column(frame, LABELS, options.label.as_deref(), "label")?;
        for (what, column) in [("item", item), ("annotator", annotator), ("label", label)] {
            report.infer(what, format!("column {}", column.name()));
        }
        let (mut documents, mut places) = (Documents::default(), HashMap::<String, usize>::new());
        let mut answered: HashMap<(usize, String), usize> = HashMap::new();
        for row in 0..frame.rows() {
            if row % 65_536 == 0 {
                work.check()?;
            }
            let cell = |column: &Column| column.show(row).map(|text| text.trim().to_owned()).unwrap_or_default();
            let (id, name, class) = (cell(item), cell(annotator), cell(label));
            if id.is_empty() || name.is_empty() {
                report.lost.add("answer_without_item_or_annotator", || format!("row {}", row + 1));
                continue;
            }
            if class.is_empty() {
                report.lost.add("unlabelled", || format!("row {}", row + 1));
                continue;
            }
            let place = *places.entry(id.clone()).or_insert_with(|| {
                documents.documents.push(Document::text(&*id, ""));
                documents.documents.len() - 1
            });
            let Some(document) = documents.documents.get_mut(place) else { continue };
            let info = Info { annotator: name.clone(), ..Info::default() };
            let answer = Annotation::new(class, Mark::Class).with_info(info);
            match answered.get(&(place, name.clone())).and_then(|at| document.annotations.get_mut(*at)) {
                // Who answers twice means the last.
                Some(before) => {
                    *before = answer;
                    report.lost.add("answered_again", || format!("{name}: {id}"));
                }
                None => {
                    answered.insert((place, name), document.annotations.len());
                    document.annotations.push(answer);
                }
            }
        }
        documents.classes = classes(&documents);
        let report = report.counted(&documents);
        Ok((documents, report))
    }
}

/// The classes that occur: by number where all are numbers, else by name.
fn classes(documents: &Documents) -> Vec<Class> {
    let all = documents.documents.iter().flat_map(|document| &document.annotations);
    let mut names: Vec<Arc<str>> = all.map(|annotation| annotation.label.clone()).collect();
    names.sort_unstable();
    names.dedup();
    let number = |name: &Arc<str>| name.parse::<f64>().unwrap_or(f64::NAN);
    if names.iter().all(|name| number(name).is_finite()) {
        names.sort_by(|a, b| number(a).total_cmp(&number(b)));
    }
    names.into_iter().map(Class::named).collect()
}

/// The column of that name, or the first that has one of the known names.
fn column<'a>(frame: &'a Frame, known: &[&str], named: Option<&str>, what: &str) -> Result<&'a Arc<Column>> {
    if let Some(name) = named {
        return frame.column(name);
    }
    let is = |known: &&str| frame.columns().iter().find(|column| column.name().trim().to_lowercase() == **known);
    known.iter().find_map(is).ok_or_else(|| {
        Error::input(format!("no column names the {what} of an answer"))
            .help(format!("name the columns item, annotator and label; known are also: {}", known.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::super::detect::recognise;
    use super::super::testing::{self, labels_of, sample};
    use super::*;

    #[test]
    fn answers_are_read_by_item() {
        let text = "item,annotator,label\n7,kim,b\n7,lee,a\n9,kim,10\n7,kim,a\n,kim,a\n9,,a\n9,lee,\n";
        let (read, report) = testing::read_text(&Answers, "a.csv", text).unwrap();
        let ids: Vec<&str> = read.documents.iter().map(|document| document.id.as_str()).collect();
        assert_eq!(ids, ["7", "9"]);
        assert_eq!(labels_of(&read), ["a", "a", "10"]);
        let who = |at: usize| read.documents[0].annotations[at].info.as_ref().unwrap().annotator.clone();
        assert_eq!((who(0), who(1)), ("kim".to_owned(), "lee".to_owned()));
        let lost = &report.lost;
        assert_eq!((lost.count("answered_again"), lost.count("answer_without_item_or_annotator")), (1, 2));
        assert_eq!((lost.count("unlabelled"), report.annotations), (1, 3));
        assert!(testing::read_text(&Answers, "a.csv", "item,label\n1,a\n").is_err());
    }

    #[test]
    fn classes_that_are_numbers_stand_in_their_order() {
        let check = |text: &str, expected: &[&str]| {
            let (read, _) = testing::read_text(&Answers, "a.csv", text).unwrap();
            assert_eq!(read.classes.iter().map(|class| &*class.name).collect::<Vec<_>>(), expected);
        };
        check("Task,Worker,Response\n1,a,10\n2,a,9\n3,a,-1\n", &["-1", "9", "10"]);
        check("id,user,class\n1,a,no\n2,a,9\n", &["9", "no"]);
    }

    #[test]
    fn a_table_of_answers_is_told_from_others() {
        let folder = tempfile::tempdir().unwrap();
        let check = |head: &str, expected: &str| {
            let path = folder.path().join("a.csv");
            std::fs::write(&path, format!("{head}\n1,2,3\n")).unwrap();
            assert_eq!(recognise(&path).map(|found| found.format.name()), Some(expected), "{head}");
        };
        check("item,annotator,label", "answers");
        check("\"Task_ID\";\"worker_id\";\"answer\"", "answers");
        check("id,text,label", "csv");
        check("id,annotator,text,label", "csv");
    }

    #[test]
    fn a_crowds_file_is_read() {
        let Some(path) = sample("../crowd_rte/answers.csv") else { return };
        let (read, report) = Answers.read(&path, &Options::default(), &Work::new()).unwrap();
        assert_eq!((read.documents.len(), report.annotations, read.classes.len()), (800, 8000, 2));
    }
}
