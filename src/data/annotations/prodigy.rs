//! Prodigy's JSON Lines (`prodigy`), and the plain form that spaCy's scripts read (`spacy-jsonl`).
//!
//! Sources: Prodigy's annotation interfaces; spaCy's conversion examples. Offsets are code points; `token_end` is
//! inclusive. An answer `reject` says that what is shown does not hold, which is not the same as skipping it.

use std::path::Path;

use serde_json::Value;

use super::holds::{Feature as F, Holds, Losses, Report};
use super::json::{self, Json, list, number_at, points, shown, text, whole};
use super::model::{Annotation, Audio, Content, Document, Documents, Image, Info, Mark, Part, Rect};
use super::offsets::{Finder, Ruler, Unit};
use super::source;
use super::{Clue, Format, Options, Output, Reason, Sure, lines};
use crate::engine::{Result, Work};

/// Prodigy.
pub(super) struct Prodigy;

/// Texts with entities and classes for spaCy.
pub(super) struct SpacyLines;

const PRODIGY: Holds = Holds::of(&[
    F::Text,
    F::Image,
    F::Audio,
    F::EmptyDocument,
    F::DocumentId,
    F::Metadata,
    F::Class,
    F::ManyClasses,
    F::Span,
    F::Overlap,
    F::EmptySpan,
    F::Relation,
    F::Box,
    F::Polygon,
    F::Segment,
    F::Answer,
    F::Rejected,
]);

const SPACY: Holds =
    Holds::of(&[F::Text, F::EmptyDocument, F::DocumentId, F::Metadata, F::Class, F::ManyClasses, F::Span, F::Overlap]);

/// Fields that are read or made anew.
const KEYS: &[&str] = &[
    "id",
    "text",
    "image",
    "audio",
    "path",
    "tokens",
    "spans",
    "entities",
    "relations",
    "label",
    "options",
    "accept",
    "answer",
    "audio_spans",
    "width",
    "height",
    "cats",
    "user_input",
    "meta",
    "_input_hash",
    "_task_hash",
    "_view_id",
    "_is_binary",
    "_timestamp",
    "_annotator_id",
    "_session_id",
    "config",
];

/// Fields of a span that are read or follow from it.
const SPAN_KEYS: &[&str] = &[
    "start",
    "end",
    "text",
    "label",
    "token_start",
    "token_end",
    "x",
    "y",
    "width",
    "height",
    "points",
    "type",
    "center",
    "color",
    "id",
    "_duration",
];

impl Format for Prodigy {
    fn name(&self) -> &'static str {
        "prodigy"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["jsonl"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        let asked = clue.is_json() && (clue.keys(&["_input_hash"]) || clue.keys(&["answer"]));
        asked.then_some((Sure::Likely, Reason::Fields("answer")))
    }

    fn holds(&self, _: &Options) -> Holds {
        PRODIGY
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        read(path, options, work)
    }

    fn render(&self, path: &Path, documents: &Documents, _: &Options, work: &Work) -> Result<Output> {
        let mut report = Report::of(documents);
        let text = lines(documents, work, |json, document| write_task(json, document, &mut report))?;
        Ok(Output::text(path, text, report))
    }
}

impl Format for SpacyLines {
    fn name(&self) -> &'static str {
        "spacy-jsonl"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["jsonl"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        let shares = clue.has("\"cats\":{") || clue.has("\"cats\": {");
        let own = clue.is_json() && shares && clue.keys(&["text"]);
        own.then_some((Sure::Likely, Reason::Fields("entities, cats")))
    }

    fn holds(&self, _: &Options) -> Holds {
        SPACY
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        read(path, options, work)
    }

    fn render(&self, path: &Path, documents: &Documents, _: &Options, work: &Work) -> Result<Output> {
        Ok(Output::text(path, lines(documents, work, write_spacy)?, Report::of(documents)))
    }
}

fn read(path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
    let mut report = Report::default();
    let content = source::read_text(path, options, &mut report, work)?;
    let records = json::records(content.as_bytes())?;
    work.stage("reading annotations", records.len() as u64);
    let unit = options.unit.unwrap_or(Unit::CodePoint);
    let batches = json::map_batches(content.as_bytes(), &records, work, |first, values| {
        let mut batch = Batch { finder: Finder::new(unit), lost: Losses::default(), documents: Vec::new(), first };
        values.into_iter().for_each(|value| batch.task(&value));
        Ok(batch)
    })?;
    let (mut documents, mut finder) = (Documents::default(), Finder::new(unit));
    for batch in batches {
        finder.merge(&batch.finder);
        report.lost.merge(batch.lost);
        documents.documents.extend(batch.documents);
    }
    finder.report(&mut report);
    let report = report.counted(&documents);
    Ok((documents, report))
}

/// Tasks that one thread reads.
struct Batch {
    finder: Finder,
    lost: Losses,
    documents: Vec<Document>,
    first: usize,
}

impl Batch {
    fn task(&mut self, value: &Value) {
        let place = format!("record {}", self.first + self.documents.len() + 1);
        let mut document = Document::new(text(value, "id").unwrap_or_default(), content(value));
        document.meta = meta(value);
        let answer = text(value, "answer");
        if answer.as_deref() == Some("ignore") {
            self.lost.add("ignored_task", || place);
            self.documents.push(document);
            return;
        }
        let whole_text = document.as_text().unwrap_or_default().to_owned();
        let mut ruler = Ruler::new(&whole_text);
        let info = Info {
            rejected: answer.as_deref() == Some("reject"),
            annotator: text(value, "_annotator_id").unwrap_or_default(),
            time: text(value, "_timestamp").unwrap_or_default(),
            ..Info::default()
        };
        let add = |document: &mut Document, label: String, mark: Mark| {
            document.annotations.push(Annotation::new(label, mark).with_info(info.clone()));
        };
        for key in ["spans", "entities", "audio_spans"] {
            for span in list(value, key) {
                if let Value::Object(fields) = span {
                    let more = fields.keys().filter(|key| !SPAN_KEYS.contains(&key.as_str()));
                    more.for_each(|key| self.lost.add("span_field", || format!("{place}: {key}")));
                }
                match self.span(value, span, &mut ruler, document.as_text().is_some()) {
                    Ok((label, mark)) => add(&mut document, label, mark),
                    Err(code) => self.lost.add(code, || place.clone()),
                }
            }
        }
        let shows_options = value.get("options").is_some();
        for class in list(value, "accept").iter().filter_map(shown) {
            add(&mut document, class, Mark::Class);
        }
        match value.get("label") {
            Some(Value::Array(labels)) => {
                labels.iter().filter_map(shown).for_each(|label| add(&mut document, label, Mark::Class));
            }
            Some(label) if !shows_options => {
                if let Some(label) = shown(label) {
                    add(&mut document, label, Mark::Class);
                }
            }
            _ => {}
        }
        if let Some(Value::Object(cats)) = value.get("cats") {
            for (label, share) in cats {
                let share = json::number(share).or(share.as_bool().map(f64::from));
                if share.is_some_and(|share| share > 0.0 && share < 1.0) {
                    self.lost.add("class_share", || format!("{place}: {label}"));
                }
                if share.is_some_and(|share| share >= 0.5) {
                    add(&mut document, label.clone(), Mark::Class);
                }
            }
        }
        if let Some(answer) = text(value, "user_input") {
            add(&mut document, String::new(), Mark::Answer(answer));
        }
        self.relations(&mut document, value, &info, &place);
        self.documents.push(document);
    }

    fn span(
        &mut self,
        task: &Value,
        span: &Value,
        ruler: &mut Ruler<'_>,
        is_text: bool,
    ) -> Result<(String, Mark), &'static str> {
        let (span_fields, label) = match span {
            // spaCy's triples.
            Value::Array(triple) => (None, triple.get(2).and_then(shown).unwrap_or_default()),
            other => (Some(other), text(other, "label").unwrap_or_default()),
        };
        let at = |key: &str, place: usize| match span_fields {
            Some(fields) => fields.get(key),
            None => span.get(place),
        };
        if is_text {
            let start = at("start", 0).and_then(whole).ok_or("span_without_offsets")?;
            let end = at("end", 1).and_then(whole).ok_or("span_without_offsets")?;
            let surface = text(span, "text").or_else(|| tokens_text(task, span, start, end));
            let found = self.finder.find(ruler, start, end, surface.as_deref()).ok_or("span_outside_text")?;
            let span = ruler.span(found.start, found.end).ok_or("span_outside_text")?;
            return Ok((label, Mark::Span(span)));
        }
        let number = |key| number_at(span, key);
        if let (Some(start), Some(end)) = (number("start"), number("end")) {
            return Ok((label, Mark::Segment { start, end }));
        }
        let sides = number("x").zip(number("y")).zip(number("width").zip(number("height")));
        let is_box = text(span, "type").as_deref() == Some("rect") || span.get("points").is_none();
        match (sides, span.get("points").and_then(points)) {
            (Some(((x, y), (width, height))), _) if is_box => Ok((label, Mark::Box(Rect::new(x, y, width, height)))),
            (_, Some(outline)) if is_box => {
                let rect = super::geometry::bounds(&outline).ok_or("unreadable_shape")?;
                Ok((label, Mark::Box(rect)))
            }
            (_, Some(outline)) => Ok((label, Mark::Polygon(vec![Part { outline, holes: Vec::new() }]))),
            _ => Err("unreadable_shape"),
        }
    }

    fn relations(&mut self, document: &mut Document, value: &Value, info: &Info, place: &str) {
        for relation in list(value, "relations") {
            // Ends are tokens; the span that has the token is meant.
            let end = |key: &str, span_key: &str| {
                let span = relation.get(span_key);
                let start = span.and_then(|span| span.get("start")).and_then(whole).or_else(|| {
                    let token = relation.get(key).and_then(whole)?;
                    list(value, "tokens").get(token)?.get("start").and_then(whole)
                })?;
                let stop = span.and_then(|span| span.get("end")).and_then(whole);
                document.annotations.iter().position(|annotation| match &annotation.mark {
                    Mark::Span(span) => {
                        let (from, to) = span.range();
                        stop.map_or(from <= start && start < to, |stop| from == start && to == stop)
                    }
                    _ => false,
                })
            };
            match (end("head", "head_span"), end("child", "child_span")) {
                (Some(from), Some(to)) => {
                    let label = text(relation, "label").unwrap_or_default();
                    let annotation = Annotation::new(label, Mark::Relation { from, to }).with_info(info.clone());
                    document.annotations.push(annotation);
                }
                _ => self.lost.add("relation_between_tokens", || place.to_owned()),
            }
        }
    }
}

/// The text of a span by its tokens, where they begin and end with it: it tells the unit of the offsets.
fn tokens_text(task: &Value, span: &Value, start: usize, end: usize) -> Option<String> {
    let tokens = list(task, "tokens");
    let (first, last) = (span.get("token_start").and_then(whole)?, span.get("token_end").and_then(whole)?);
    let (first_token, last_token) = (tokens.get(first)?, tokens.get(last)?);
    let exact =
        first_token.get("start").and_then(whole) == Some(start) && last_token.get("end").and_then(whole) == Some(end);
    if !exact || first != last {
        return None;
    }
    text(first_token, "text")
}

fn content(value: &Value) -> Content {
    if let Some(path) = text(value, "image") {
        let size = |key| number_at(value, key).filter(|size| (1.0..=1e6).contains(size)).map_or(0, |size| size as u32);
        let path = if path.starts_with("data:") { text(value, "path").unwrap_or_default() } else { path };
        return Content::Image(Image { path, width: size("width"), height: size("height"), orientation: 0 });
    }
    if let Some(path) = text(value, "audio") {
        let path = if path.starts_with("data:") { text(value, "path").unwrap_or_default() } else { path };
        return Content::Audio(Audio { path, seconds: None });
    }
    Content::Text(text(value, "text").unwrap_or_default())
}

fn meta(value: &Value) -> Vec<(String, Value)> {
    let mut pairs = Vec::new();
    if let Some(Value::Object(fields)) = value.get("meta") {
        pairs.extend(fields.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    if let Value::Object(fields) = value {
        let rest = fields.iter().filter(|(key, _)| !KEYS.contains(&key.as_str()));
        pairs.extend(rest.map(|(key, value)| (key.clone(), value.clone())));
    }
    pairs
}

fn head(json: &mut Json, document: &Document) {
    if !document.id.is_empty() {
        json.key("id").text(&document.id);
    }
    match &document.content {
        Content::Image(image) => {
            json.key("image").text(&image.path);
            if image.width > 0 {
                json.key("width").whole(image.width as usize).key("height").whole(image.height as usize);
            }
        }
        Content::Audio(audio) => {
            json.key("audio").text(&audio.path);
        }
        _ => {
            json.key("text").text(document.as_text().unwrap_or_default());
        }
    }
}

/// A task. One that holds both what is so and what is not becomes two, since an answer is one for all that is shown.
fn write_task(json: &mut Json, document: &Document, report: &mut Report) {
    let rejected = document.annotations.iter().filter(|annotation| annotation.is_rejected()).count();
    let both = rejected > 0 && rejected < document.annotations.len();
    let sides = if both { vec![false, true] } else { vec![rejected > 0] };
    for (at, side) in sides.into_iter().enumerate() {
        if at > 0 {
            json.line("\n");
            report.notes.push(format!("accepted and rejected annotations became two tasks: {}", document.shown()));
        }
        write_side(json, document, side);
    }
}

fn write_side(json: &mut Json, document: &Document, rejected: bool) {
    let chosen = || document.annotations.iter().filter(move |annotation| annotation.is_rejected() == rejected);
    json.open('{');
    head(json, document);
    json.key(if matches!(document.content, Content::Audio(_)) { "audio_spans" } else { "spans" }).open('[');
    for annotation in chosen() {
        write_span(json, annotation);
    }
    json.close(']').key("relations").open('[');
    for annotation in chosen() {
        let Mark::Relation { from, to } = annotation.mark else { continue };
        json.open('{').key("label").text(&annotation.label);
        for (key, at) in [("head_span", from), ("child_span", to)] {
            if let Some(Mark::Span(span)) = document.annotations.get(at).map(|annotation| &annotation.mark) {
                let (start, end) = span.range();
                json.key(key).open('{').key("start").whole(start).key("end").whole(end).close('}');
            }
        }
        json.close('}');
    }
    json.close(']');
    let classes: Vec<&Annotation> = chosen().filter(|annotation| matches!(annotation.mark, Mark::Class)).collect();
    if !classes.is_empty() {
        json.key("accept").open('[');
        classes.iter().for_each(|class| {
            json.text(&class.label);
        });
        json.close(']');
    }
    for annotation in chosen() {
        if let Mark::Answer(answer) = &annotation.mark {
            json.key("user_input").text(answer);
            break;
        }
    }
    if !document.meta.is_empty() {
        json.key("meta").open('{').fields(&document.meta).close('}');
    }
    json.key("answer").text(if rejected { "reject" } else { "accept" }).close('}');
}

fn write_span(json: &mut Json, annotation: &Annotation) {
    match &annotation.mark {
        Mark::Span(span) => {
            let (start, end) = span.range();
            json.open('{').key("start").whole(start).key("end").whole(end).key("text").text(&span.surface);
        }
        Mark::Box(rect) => {
            json.open('{').key("type").text("rect").key("x").number(rect.x).key("y").number(rect.y);
            json.key("width").number(rect.width).key("height").number(rect.height);
        }
        Mark::Polygon(parts) => {
            json.open('{').key("type").text("polygon").key("points").open('[');
            for point in parts.iter().flat_map(|part| &part.outline) {
                json.numbers([point.x, point.y]);
            }
            json.close(']');
        }
        Mark::Segment { start, end } => {
            json.open('{').key("start").number(*start).key("end").number(*end);
        }
        _ => return,
    }
    json.key("label").text(&annotation.label).close('}');
}

fn write_spacy(json: &mut Json, document: &Document) {
    json.open('{');
    head(json, document);
    json.key("entities").open('[');
    for annotation in &document.annotations {
        if let Mark::Span(span) = &annotation.mark {
            let (start, end) = span.range();
            json.open('[').whole(start).whole(end).text(&annotation.label).close(']');
        }
    }
    json.close(']').key("cats").open('{');
    for annotation in &document.annotations {
        if matches!(annotation.mark, Mark::Class) {
            json.key(&annotation.label).number(1.0);
        }
    }
    json.close('}');
    if !document.meta.is_empty() {
        json.key("meta").open('{').fields(&document.meta).close('}');
    }
    json.close('}');
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, labels_of, sample};
    use super::*;

    #[test]
    fn its_own_file_is_read() {
        let Some(path) = sample("text/prodigy_ner.jsonl") else { return };
        let (read, report) = Prodigy.read(&path, &Options::default(), &Work::new()).unwrap();
        assert_eq!(labels_of(&read), ["PS 김민수", "LC 서울", "OG 삼성전자", "부정"]);
        assert_eq!((read.documents.len(), report.lost.count("ignored_task")), (3, 1));
    }

    #[test]
    fn a_rejection_is_a_vote_against() {
        let text = "{\"text\":\"a\",\"label\":\"X\",\"answer\":\"reject\"}\n";
        let (read, _) = testing::read_text(&Prodigy, "a.jsonl", text).unwrap();
        assert!(read.documents[0].annotations[0].is_rejected());
    }

    proptest::proptest! {
        #[test]
        fn tasks_go_out_and_come_in(mut documents in testing::documents(PRODIGY.without(F::Rejected))) {
            testing::one_answer(&mut documents);
            testing::distinct_spans(&mut documents);
            testing::check_round_trip(&Prodigy, "a.jsonl", documents, &Options::default());
        }

        #[test]
        fn spacy_goes_out_and_comes_in(mut documents in testing::documents(SPACY)) {
            testing::flags_once(&mut documents);
            testing::check_round_trip(&SpacyLines, "a.jsonl", documents, &Options::default());
        }
    }
}
