//! Argilla's records: fields, and what people answered and models suggested to questions. Read, not written.
//!
//! Sources: Argilla 2's `Record.to_dict` (`responses` and `suggestions` by question), Argilla 1's `FeedbackRecord` (lists
//! of them), and the older records for one task (`text` or `inputs` with `annotation` and `prediction`). Offsets are code
//! points. A text that answers a question may be a class or free; the file does not say, so it is inferred and reported.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use serde_json::Value;

use super::holds::{Feature as F, Holds, Losses, Report};
use super::json::{self, list, number, number_at, shown, text, whole};
use super::model::{Annotation, Content, Document, Documents, Image, Info, Mark};
use super::offsets::{Finder, Ruler, Unit};
use super::source::{self, IMAGES};
use super::wording::Questions;
use super::{Clue, Format, Options, Reason, Sure, form};
use crate::engine::{Result, Work};

/// Argilla.
pub(super) struct Argilla;

/// The question of records that have one only.
const ONLY: &str = "annotation";

impl Format for Argilla {
    fn name(&self) -> &'static str {
        "argilla"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json", "jsonl"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        if !clue.is_json() {
            return None;
        }
        if clue.keys(&["fields"]) && (clue.keys(&["responses"]) || clue.keys(&["suggestions"])) {
            return Some((Sure::Surely, Reason::Fields("fields, responses")));
        }
        let old = clue.keys(&["annotation_agent"]) || clue.keys(&["prediction_agent"]);
        old.then_some((Sure::Surely, Reason::Fields("annotation, prediction")))
    }

    fn is_written(&self) -> bool {
        false
    }

    fn holds(&self, _: &Options) -> Holds {
        let all = [
            [F::Text, F::Image, F::EmptyDocument, F::DocumentId, F::Metadata, F::Class],
            [F::ManyClasses, F::Span, F::Overlap, F::EmptySpan, F::Answer, F::Ranking],
            [F::Confidence, F::Annotator, F::Time, F::Prediction, F::Attributes, F::Unlabelled],
        ];
        all.iter().fold(Holds::of(&[]), |holds, part| holds.and(Holds::of(part)))
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        let mut report = Report::default();
        let content = source::read_text(path, options, &mut report, work)?;
        let bytes = content.as_bytes();
        let records = json::records(bytes)?;
        work.stage("reading annotations", 2 * records.len() as u64);
        // All answers are looked at first: only together do they tell classes from free texts.
        let seen = json::map_batches(bytes, &records, work, |_, values| {
            let mut seen = Seen::default();
            values.iter().for_each(|value| answers(value).iter().for_each(|answer| seen.answer(answer)));
            Ok(seen)
        })?;
        let mut all = Seen::default();
        for part in seen {
            all.texts.merge(part.texts);
            all.questions.extend(part.questions);
        }
        let free = all.texts.settle(options.task, &mut report);
        let unit = options.unit.unwrap_or(Unit::CodePoint);
        let batches = json::map_batches(bytes, &records, work, |first, values| {
            let mut batch = Batch::new(unit, first, &free, all.questions.len() > 1);
            values.iter().for_each(|value| batch.record(value));
            Ok(batch.done)
        })?;
        let (mut documents, mut finder) = (Documents::default(), Finder::new(unit));
        let mut fields: BTreeMap<String, usize> = BTreeMap::new();
        for batch in batches {
            finder.merge(&batch.finder);
            report.lost.merge(batch.lost);
            documents.documents.extend(batch.documents);
            batch.fields.into_iter().for_each(|(field, count)| *fields.entry(field).or_default() += count);
        }
        finder.report(&mut report);
        let shown: Vec<String> = fields.iter().map(|(field, count)| format!("{field} ({count})")).collect();
        if !shown.is_empty() {
            report.infer("content", format!("field {}", shown.join(", ")));
        }
        let report = report.counted(&documents);
        Ok((documents, report))
    }
}

/// Which questions there are, and the texts that answer them.
#[derive(Default)]
struct Seen {
    texts: Questions,
    questions: BTreeSet<String>,
}

impl Seen {
    fn answer(&mut self, answer: &Answer<'_>) {
        self.questions.insert(answer.question.clone());
        if let (Value::String(text), false) = (answer.value, answer.is_class) {
            self.texts.see(&answer.question, text);
        }
    }
}

/// A value that was given to a question.
struct Answer<'a> {
    question: String,
    value: &'a Value,
    /// How sure the model is: a number, or one for each of several values.
    score: Option<&'a Value>,
    by: String,
    prediction: bool,
    /// What became of it: `submitted`, `draft`, `discarded`.
    status: String,
    /// The record says that texts are classes.
    is_class: bool,
}

/// What people answered and models suggested, in whichever form the record has.
fn answers(record: &Value) -> Vec<Answer<'_>> {
    let mut found = Vec::new();
    let answer = |question: &str, value, by: String, status: String| Answer {
        question: question.to_owned(),
        value,
        score: None,
        by,
        prediction: false,
        status,
        is_class: false,
    };
    match record.get("responses") {
        // By question, each a list of values with their users.
        Some(Value::Object(questions)) => {
            for (question, values) in questions {
                for one in values.as_array().map(Vec::as_slice).unwrap_or_default() {
                    let by = text(one, "user_id").unwrap_or_default();
                    let status = text(one, "status").unwrap_or_default();
                    found.push(answer(question, one.get("value").unwrap_or(&Value::Null), by, status));
                }
            }
        }
        // By user, each with the values of all questions.
        Some(Value::Array(users)) => {
            for user in users {
                let by = || text(user, "user_id").unwrap_or_default();
                let status = || text(user, "status").unwrap_or_default();
                if let Some(Value::Object(values)) = user.get("values") {
                    for (question, one) in values {
                        found.push(answer(question, one.get("value").unwrap_or(one), by(), status()));
                    }
                } else if status() == "discarded" {
                    found.push(answer("", &Value::Null, by(), status()));
                }
            }
        }
        _ => {}
    }
    let mut suggest = |question: &str, one| {
        let value = Value::get(one, "value").unwrap_or(&Value::Null);
        let by = text(one, "agent").unwrap_or_default();
        found.push(Answer { score: one.get("score"), prediction: true, ..answer(question, value, by, String::new()) });
    };
    match record.get("suggestions") {
        Some(Value::Object(questions)) => questions.iter().for_each(|(question, one)| suggest(question, one)),
        Some(Value::Array(all)) => {
            all.iter().for_each(|one| suggest(&text(one, "question_name").unwrap_or_default(), one));
        }
        _ => {}
    }
    if record.get("fields").is_none() {
        old_answers(record, &mut found);
    }
    found
}

/// The answers of the older records for one task.
fn old_answers<'a>(record: &'a Value, found: &mut Vec<Answer<'a>>) {
    // Records of classes have inputs; those of free texts have neither inputs nor tokens.
    let is_class = record.get("inputs").is_some() || record.get("multi_label").is_some();
    let status = text(record, "status").unwrap_or_default().to_lowercase();
    for (key, agent, prediction) in
        [("annotation", "annotation_agent", false), ("prediction", "prediction_agent", true)]
    {
        let Some(value) = record.get(key).filter(|value| !value.is_null()) else { continue };
        let one = |value, score| Answer {
            question: ONLY.to_owned(),
            value,
            score,
            by: text(record, agent).unwrap_or_default(),
            prediction,
            status: if prediction { String::new() } else { status.clone() },
            is_class,
        };
        match value {
            // Pairs of a class or text and its share: `[["긍정", 0.9]]` or `[{"label": …, "score": …}]`.
            Value::Array(pairs) if prediction && record.get("tokens").is_none() => {
                for pair in pairs {
                    let label = pair.get(0).or_else(|| pair.get("label")).or_else(|| pair.get("text")).unwrap_or(pair);
                    found.push(one(label, pair.get(1).or_else(|| pair.get("score"))));
                }
            }
            value => found.push(one(value, None)),
        }
    }
}

/// Documents that one thread reads.
struct Batch<'a> {
    done: Done,
    first: usize,
    /// Questions that are answered with free texts.
    free: &'a HashSet<String>,
    /// Whether annotations must say which question they answer.
    several: bool,
}

/// What a thread has read.
struct Done {
    finder: Finder,
    lost: Losses,
    documents: Vec<Document>,
    fields: BTreeMap<String, usize>,
}

impl<'a> Batch<'a> {
    fn new(unit: Unit, first: usize, free: &'a HashSet<String>, several: bool) -> Self {
        let done =
            Done { finder: Finder::new(unit), lost: Losses::default(), documents: Vec::new(), fields: BTreeMap::new() };
        Self { done, first, free, several }
    }

    fn record(&mut self, record: &Value) {
        let place = format!("record {}", self.first + self.done.documents.len() + 1);
        let mut document = self.document(record);
        let whole_text = document.as_text().unwrap_or_default().to_owned();
        let mut ruler = Ruler::new(&whole_text);
        for answer in answers(record) {
            match answer.status.as_str() {
                "discarded" => self.done.lost.add("discarded_response", || place.clone()),
                "draft" => self.done.lost.add("draft_response", || place.clone()),
                _ => self.answer(&mut document, &answer, &mut ruler, &place),
            }
        }
        self.done.documents.push(document);
    }

    fn document(&mut self, record: &Value) -> Document {
        let id = ["external_id", "id", "_server_id"].iter().find_map(|key| text(record, key)).unwrap_or_default();
        let none = Value::Null;
        let fields = ["fields", "inputs"].iter().find_map(|key| record.get(*key)).unwrap_or(&none);
        let own = text(record, "text").map(|text| ("text".to_owned(), text));
        let (field, shown) = shown_field(fields).or(own).unwrap_or_default();
        let content = if is_image(&shown) {
            Content::Image(Image { path: shown, ..Image::default() })
        } else {
            Content::Text(shown)
        };
        let mut document = Document::new(id, content);
        let rest = form::pairs(Some(fields)).into_iter().filter(|(key, _)| *key != field);
        document.meta = rest.chain(form::pairs(record.get("metadata"))).collect();
        for pair in list(record, "metadata") {
            document.meta.extend(text(pair, "name").zip(pair.get("value").cloned()));
        }
        let has_vectors = record.get("vectors").is_some_and(|vectors| match vectors {
            Value::Object(vectors) => !vectors.is_empty(),
            Value::Array(vectors) => !vectors.is_empty(),
            _ => false,
        });
        if has_vectors {
            self.done.lost.add("vectors", || document.shown());
        }
        *self.done.fields.entry(field).or_default() += 1;
        document
    }

    fn answer(&mut self, document: &mut Document, answer: &Answer<'_>, ruler: &mut Ruler<'_>, place: &str) {
        let mut info = Info { annotator: answer.by.clone(), prediction: answer.prediction, ..Info::default() };
        if self.several {
            info.attributes.push(("question".to_owned(), Value::from(answer.question.as_str())));
        }
        let score = |at: usize| match answer.score {
            Some(Value::Array(scores)) => scores.get(at).and_then(number),
            Some(score) => number(score),
            None => None,
        };
        let mut push = |label: String, mark: Mark, confidence: Option<f64>| {
            let annotation = Annotation::new(label, mark).with_info(Info { confidence, ..info.clone() });
            document.annotations.push(annotation);
        };
        match answer.value {
            Value::Null => {}
            Value::String(text) if !answer.is_class && self.free.contains(&answer.question) => {
                push(String::new(), Mark::Answer(text.clone()), score(0));
            }
            Value::String(label) => push(label.clone(), Mark::Class, score(0)),
            Value::Number(rating) => push(String::new(), Mark::Answer(rating.to_string()), score(0)),
            Value::Array(values) if values.iter().any(|value| value.get("rank").is_some()) => {
                push(String::new(), Mark::Ranking(ranking(values)), score(0));
            }
            Value::Array(values) => {
                for (at, value) in values.iter().enumerate() {
                    match value {
                        Value::String(label) => push(label.clone(), Mark::Class, score(at)),
                        span => match self.done.span(span, ruler) {
                            Ok((label, mark)) => {
                                let own = number_at(span, "score").or_else(|| span.get(3).and_then(number));
                                push(label, mark, own.or_else(|| score(at)));
                            }
                            Err(code) => self.done.lost.add(code, || place.to_owned()),
                        },
                    }
                }
            }
            _ => self.done.lost.add("unreadable_answer", || format!("{place}: {}", answer.question)),
        }
    }
}

impl Done {
    /// A span as an object, or as `[label, start, end]`.
    fn span(&mut self, value: &Value, ruler: &mut Ruler<'_>) -> Result<(String, Mark), &'static str> {
        let at = |key: &str, place: usize| value.get(key).or_else(|| value.get(place));
        let start = at("start", 1).and_then(whole).ok_or("unreadable_span")?;
        let end = at("end", 2).and_then(whole).ok_or("unreadable_span")?;
        let label = at("label", 0).and_then(shown).ok_or("unreadable_span")?;
        let found = self.finder.find(ruler, start, end, text(value, "text").as_deref()).ok_or("span_outside_text")?;
        let span = ruler.span(found.start, found.end).ok_or("span_outside_text")?;
        Ok((label, Mark::Span(span)))
    }
}

/// The field that is shown: an image, else the one named text, else the first text.
fn shown_field(fields: &Value) -> Option<(String, String)> {
    let texts: Vec<(&String, &str)> =
        fields.as_object()?.iter().filter_map(|(key, value)| Some((key, value.as_str()?))).collect();
    let image = texts.iter().find(|(_, text)| is_image(text));
    let (key, text) = image.or_else(|| texts.iter().find(|(key, _)| *key == "text")).or_else(|| texts.first())?;
    Some(((*key).clone(), (*text).to_owned()))
}

fn is_image(text: &str) -> bool {
    !text.contains('\n') && text.len() < 4096 && IMAGES.contains(&source::ending(text).as_str())
}

/// Values by their rank, best first; equal ranks keep their order.
fn ranking(values: &[Value]) -> Vec<String> {
    let mut ranked: Vec<(f64, String)> = values
        .iter()
        .filter_map(|value| Some((number_at(value, "rank").unwrap_or(f64::MAX), text(value, "value")?)))
        .collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    ranked.into_iter().map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, labels_of};
    use super::*;

    fn read(record: &str) -> (Documents, Report) {
        testing::read_text(&Argilla, "a.json", &format!("[{record}]")).unwrap()
    }

    #[test]
    fn records_of_all_versions_are_read() {
        let check = |record: &str, labels: &[&str], predictions: usize| {
            let (read, report) = read(record);
            assert!(report.lost.is_empty(), "{:?}", report.lost);
            assert_eq!(labels_of(&read), labels, "{record}");
            let annotations = &read.documents[0].annotations;
            assert_eq!(annotations.iter().filter(|one| one.is_prediction()).count(), predictions, "{record}");
        };
        let text = r#""fields": {"text": "김민수는 🎉 서울에서"}"#;
        check(
            &format!(
                r#"{{"id": "1", {text}, "metadata": {{}}, "suggestions": {{"topic": {{"value": "뉴스", "score": 0.5, "agent": "m"}}}},
                "responses": {{"topic": [{{"value": "일상", "user_id": "u"}}],
                "names": [{{"value": [{{"label": "LC", "start": 7, "end": 9}}], "user_id": "u"}}]}}}}"#
            ),
            &["일상", "LC 서울", "뉴스"],
            1,
        );
        check(
            &format!(
                r#"{{{text}, "responses": [{{"user_id": "u", "status": "submitted", "values": {{"tags": {{"value": ["a", "b"]}},
                "rating": {{"value": 4}}, "best": {{"value": [{{"value": "y", "rank": 2}}, {{"value": "x", "rank": 1}}]}}}}}}],
                "suggestions": [{{"question_name": "tags", "value": ["c"], "score": [0.25]}}]}}"#
            ),
            &["a", "b", "=4", " x>y", "c"],
            1,
        );
        check(
            r#"{"inputs": {"text": "a"}, "annotation": "x", "prediction": [["x", 0.9], ["y", 0.1]]}"#,
            &["x", "x", "y"],
            2,
        );
        check(
            r#"{"text": "Paris", "tokens": ["Paris"], "annotation": [["LOC", 0, 5]], "prediction": [{"label": "PER", "start": 0, "end": 5, "score": 0.2}]}"#,
            &["LOC Paris", "PER Paris"],
            1,
        );
        check(r#"{"text": "a b", "annotation": "A short text.", "prediction": null}"#, &["=A short text."], 0);
    }

    #[test]
    fn what_is_left_out_is_named() {
        let (read, report) = read(
            r#"{"fields": {"text": "abc", "other": "def"}, "vectors": {"v": [1]}, "responses": [{"user_id": "u", "status": "discarded"},
            {"status": "draft", "values": {"q": {"value": "x"}}}, {"values": {"q": {"value": [{"label": "A", "start": 2, "end": 9}]}}}]}"#,
        );
        let lost: Vec<_> = report.lost.iter().map(|(code, loss)| (code, loss.count)).collect();
        assert_eq!(lost, [("discarded_response", 1), ("draft_response", 1), ("span_outside_text", 1), ("vectors", 1)]);
        assert_eq!(read.documents[0].meta[0].0, "other");
    }
}
