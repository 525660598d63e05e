//! Records downloaded from Refinery: the data's own fields, and for every task the labels given by hand and by weak
//! supervision. Read, not written.
//!
//! Source: Refinery's documentation of its data export. `FIELD__TASK__MANUAL` is a class of a field, `__TASK__MANUAL` one
//! of the whole record; a list there is a class for every token of the field, `O` for none. The tokens themselves are not
//! in the file: they are made anew, in several ways, until there are as many as classes; where none fits, that is counted.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::holds::{Feature as F, Holds, Losses, Report};
use super::json::{self, number, shown, text};
use super::model::{Annotation, Document, Documents, Info, Mark, Span};
use super::source;
use super::{Clue, Format, Options, Reason, Sure};
use crate::engine::{Error, Result, Work};

/// Refinery.
pub(super) struct Refinery;

/// How keys of labels end, and whether a model gave them.
const SOURCES: [(&str, bool); 2] = [("__MANUAL", false), ("__WEAK_SUPERVISION", true)];

/// How keys of shares end.
const SHARE: &str = "__confidence";

impl Format for Refinery {
    fn name(&self) -> &'static str {
        "refinery"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json", "jsonl"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        let own = clue.is_json() && SOURCES.iter().any(|(ending, _)| clue.has(&format!("{ending}\"")));
        own.then_some((Sure::Surely, Reason::Fields("__MANUAL, __WEAK_SUPERVISION")))
    }

    fn is_written(&self) -> bool {
        false
    }

    fn holds(&self, _: &Options) -> Holds {
        let all = [
            [F::Text, F::EmptyDocument, F::DocumentId, F::Metadata, F::Class],
            [F::ManyClasses, F::Span, F::Confidence, F::Prediction, F::Attributes],
        ];
        all.iter().fold(Holds::of(&[]), |holds, part| holds.and(Holds::of(part)))
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        let mut report = Report::default();
        let content = source::read_text(path, options, &mut report, work)?;
        let records = json::records(content.as_bytes())?;
        let Some(first) = records.first() else { return Err(Error::input("there is no record")) };
        let layout = Layout::of(&json::parse(content.as_bytes(), first)?)?;
        work.stage("reading annotations", records.len() as u64);
        let batches = json::map_batches(content.as_bytes(), &records, work, |first, values| {
            let mut batch = Batch { layout: &layout, first, ..Batch::new(&layout) };
            values.iter().for_each(|value| batch.record(value));
            Ok((batch.documents, batch.lost, batch.fitted))
        })?;
        let mut documents = Documents::default();
        let mut fitted: BTreeMap<&str, usize> = BTreeMap::new();
        for (read, lost, counts) in batches {
            documents.documents.extend(read);
            report.lost.merge(lost);
            counts.into_iter().for_each(|(way, count)| *fitted.entry(way).or_default() += count);
        }
        report.infer("content", format!("field {}", layout.shown));
        let ways: Vec<String> = fitted.iter().map(|(way, count)| format!("{way} for {count}")).collect();
        if !ways.is_empty() {
            report.infer("tokens", ways.join(", "));
        }
        let report = report.counted(&documents);
        Ok((documents, report))
    }
}

/// What the keys of a file are.
struct Layout {
    /// The field that is shown: the one whose spans are labelled, else the longest text.
    shown: String,
    /// Whether there are several tasks, so that annotations must say of which they are.
    several: bool,
}

/// A key of labels: the field that is labelled (empty for the record), the task, and whether a model gave them.
fn label_key(key: &str) -> Option<(&str, &str, bool)> {
    let (rest, model) = SOURCES.iter().find_map(|(end, model)| Some((key.strip_suffix(end)?, *model)))?;
    let (field, task) = rest.rsplit_once("__")?;
    Some((field, task, model))
}

fn is_share(key: &str) -> bool {
    key.strip_suffix(SHARE).is_some_and(|key| label_key(key).is_some())
}

impl Layout {
    fn of(first: &Value) -> Result<Self> {
        let Value::Object(fields) = first else { return Err(Error::input("the records are not objects")) };
        let keys: Vec<(&str, &str, bool)> = fields.keys().filter_map(|key| label_key(key)).collect();
        if keys.is_empty() {
            return Err(Error::input("no field ends in __MANUAL or __WEAK_SUPERVISION")
                .help("download the records from Refinery with their labels"));
        }
        let tasks: std::collections::BTreeSet<(&str, &str)> = keys.iter().map(|key| (key.0, key.1)).collect();
        let is_list = |key: &str| fields.get(key).is_some_and(Value::is_array);
        let spans = fields.keys().find(|key| label_key(key).is_some() && is_list(key)).and_then(|key| label_key(key));
        let of_field = spans.or_else(|| keys.iter().copied().find(|(field, ..)| !field.is_empty()));
        let texts = fields.iter().filter(|(key, _)| label_key(key).is_none() && !is_share(key));
        let longest = texts.filter_map(|(key, value)| Some((key, value.as_str()?))).max_by_key(|(_, text)| text.len());
        let shown = match of_field {
            Some((field, ..)) if fields.contains_key(field) => field.to_owned(),
            _ => longest.map(|(key, _)| key.clone()).ok_or_else(|| Error::input("no field holds a text"))?,
        };
        Ok(Self { shown, several: tasks.len() > 1 })
    }
}

/// Documents that one thread reads.
struct Batch<'a> {
    layout: &'a Layout,
    first: usize,
    documents: Vec<Document>,
    lost: Losses,
    fitted: BTreeMap<&'static str, usize>,
}

impl<'a> Batch<'a> {
    fn new(layout: &'a Layout) -> Self {
        Self { layout, first: 0, documents: Vec::new(), lost: Losses::default(), fitted: BTreeMap::new() }
    }

    fn record(&mut self, record: &Value) {
        let place = format!("record {}", self.first + self.documents.len() + 1);
        let Value::Object(fields) = record else { return self.lost.add("unreadable_document", || place) };
        let shown_text = text(record, &self.layout.shown).unwrap_or_default();
        let id = ["id", "running_id"].iter().find_map(|key| text(record, key)).unwrap_or_default();
        let mut document = Document::text(id, shown_text);
        for (key, value) in fields {
            if let Some((field, task, prediction)) = label_key(key) {
                let share = fields.get(&format!("{key}{SHARE}"));
                let mut info = Info { prediction, ..Info::default() };
                if self.layout.several {
                    info.attributes.push(("task".to_owned(), Value::from(task)));
                }
                self.labels(&mut document, (field, value, share), &info, &place);
            } else if !is_share(key) && *key != self.layout.shown && !matches!(key.as_str(), "id" | "running_id") {
                document.meta.push((key.clone(), value.clone()));
            }
        }
        self.documents.push(document);
    }

    fn labels(
        &mut self,
        document: &mut Document,
        (field, value, share): (&str, &Value, Option<&Value>),
        info: &Info,
        place: &str,
    ) {
        match value {
            Value::Null => {}
            Value::Array(classes) if field == self.layout.shown => {
                self.spans(document, classes, share, info, place);
            }
            Value::Array(_) => self.lost.add("span_of_another_field", || format!("{place}: {field}")),
            one => match shown(one) {
                Some(label) => {
                    let info = Info { confidence: share.and_then(number), ..info.clone() };
                    document.annotations.push(Annotation::new(label, Mark::Class).with_info(info));
                }
                None => self.lost.add("unreadable_label", || place.to_owned()),
            },
        }
    }

    /// Neighbouring tokens of one class are a span.
    fn spans(&mut self, document: &mut Document, classes: &[Value], share: Option<&Value>, info: &Info, place: &str) {
        let names: Vec<&str> = classes.iter().map(|class| class.as_str().unwrap_or("O")).collect();
        let found = runs(&names);
        if found.is_empty() {
            return;
        }
        let text: Vec<char> = document.as_text().unwrap_or_default().chars().collect();
        let Some((way, tokens)) = tokens(&text, names.len()) else {
            return found.iter().for_each(|_| self.lost.add("tokens_do_not_fit", || place.to_owned()));
        };
        *self.fitted.entry(way).or_default() += 1;
        for (first, last, class) in found {
            let (Some(&(start, _)), Some(&(_, end))) = (tokens.get(first), tokens.get(last)) else { continue };
            let surface = text.get(start..end).unwrap_or_default().iter().collect();
            let span = Span { pieces: vec![(start, end)], surface };
            let confidence = share.and_then(|share| share.get(first)).and_then(number);
            let annotation = Annotation::new(class, Mark::Span(span));
            document.annotations.push(annotation.with_info(Info { confidence, ..info.clone() }));
        }
    }
}

/// The first and last token of every run of one class. A class may begin with `B-` or `I-`.
fn runs<'a>(names: &[&'a str]) -> Vec<(usize, usize, &'a str)> {
    let mut found: Vec<(usize, usize, &str)> = Vec::new();
    for (at, name) in names.iter().enumerate().filter(|(_, name)| !matches!(**name, "O" | "")) {
        let plain = name.strip_prefix("I-").or_else(|| name.strip_prefix("B-")).unwrap_or(name);
        match found.last_mut() {
            Some((_, last, class)) if *last + 1 == at && *class == plain && !name.starts_with("B-") => *last = at,
            _ => found.push((at, at, plain)),
        }
    }
    found
}

/// Whether a word is cut before a character.
type Cut = fn(&[char], usize) -> bool;

/// Tokens by their code points, in whichever way makes as many as are wanted, and the name of that way.
pub(super) fn tokens(text: &[char], wanted: usize) -> Option<(&'static str, Vec<(usize, usize)>)> {
    let ways: [(&str, Cut); 4] = [
        ("words and punctuation at their ends", outer_cut),
        ("words and punctuation", |text, at| is_cut(text, at, |a, b| is_mark(a) || is_mark(b))),
        ("words and runs of punctuation", |text, at| is_cut(text, at, |a, b| is_mark(a) != is_mark(b))),
        ("words", |_, _| false),
    ];
    ways.into_iter().find_map(|(name, cut)| {
        let found = split(text, cut);
        (found.len() == wanted).then_some((name, found))
    })
}

fn is_mark(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace()
}

fn is_cut(text: &[char], at: usize, apart: impl Fn(char, char) -> bool) -> bool {
    match (at.checked_sub(1).and_then(|before| text.get(before)), text.get(at)) {
        (Some(a), Some(b)) => apart(*a, *b),
        _ => false,
    }
}

/// Punctuation is cut off where only punctuation stands between it and a blank, so that `1.5` and `don't` stay whole; and
/// a hyphen between letters stands alone, as in most English tokenisers.
fn outer_cut(text: &[char], at: usize) -> bool {
    let outer = |place: usize| {
        let before = text.get(..place).unwrap_or_default().iter().rev().find(|c| !is_mark(**c));
        let behind = text.get(place + 1..).unwrap_or_default().iter().find(|c| !is_mark(**c));
        let blank = |c: Option<&char>| c.is_none_or(|c| c.is_whitespace());
        let hyphen = text.get(place) == Some(&'-')
            && before.is_some_and(|c| c.is_alphabetic())
            && behind.is_some_and(|c| c.is_alphabetic());
        text.get(place).is_some_and(|c| is_mark(*c)) && (blank(before) || blank(behind) || hyphen)
    };
    outer(at) || at.checked_sub(1).is_some_and(outer)
}

/// The words of a text, cut further where `cut` says so.
fn split(text: &[char], cut: Cut) -> Vec<(usize, usize)> {
    let (mut tokens, mut open) = (Vec::new(), None);
    for at in 0..=text.len() {
        let ends = text.get(at).is_none_or(|c| c.is_whitespace());
        if let Some(start) = open.filter(|_| ends || cut(text, at)) {
            tokens.push((start, at));
            open = None;
        }
        if !ends && open.is_none() {
            open = Some(at);
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, labels_of};
    use super::*;

    #[test]
    fn records_are_read() {
        let text = r#"[{"headline": "$200 Laptops Break a Business Model", "running_id": "7", "page": 3, "__clickbait__MANUAL": null,
            "__clickbait__WEAK_SUPERVISION": "yes", "__clickbait__WEAK_SUPERVISION__confidence": "0.4685",
            "headline__entities__MANUAL": ["MONEY", "MONEY", "PROD", "O", "O", "O", "O"],
            "headline__entities__WEAK_SUPERVISION": null, "headline__entities__WEAK_SUPERVISION__confidence": null},
            {"headline": "a b", "running_id": "8", "headline__entities__MANUAL": ["X", "O", "X", "O"]}]"#;
        let (read, report) = testing::read_text(&Refinery, "a.json", text).unwrap();
        assert_eq!(labels_of(&read), ["yes", "MONEY $200", "PROD Laptops"]);
        let first = &read.documents[0];
        assert_eq!((first.id.as_str(), first.meta.len()), ("7", 1));
        assert_eq!(first.annotations[0].info.as_ref().unwrap().confidence, Some(0.4685));
        assert!(first.annotations[0].is_prediction());
        assert_eq!(
            report.lost.iter().map(|(code, loss)| (code, loss.count)).collect::<Vec<_>>(),
            [("tokens_do_not_fit", 2)]
        );
    }

    #[test]
    fn tokens_are_made_to_fit() {
        let check = |text: &str, expected: &[&str]| {
            let chars: Vec<char> = text.chars().collect();
            let (_, found) = tokens(&chars, expected.len()).unwrap();
            let found: Vec<String> = found.iter().map(|(start, end)| chars[*start..*end].iter().collect()).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("T. Rowe (TROW) dips.", &["T", ".", "Rowe", "(", "TROW", ")", "dips", "."]);
        check("well-known $1.5", &["well", "-", "known", "$", "1.5"]);
        check("a-b c", &["a-b", "c"]);
        check("서울에서, 부산", &["서울에서", ",", "부산"]);
        assert_eq!(tokens(&['a'], 5), None);
    }
}
