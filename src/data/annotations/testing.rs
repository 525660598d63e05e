//! For tests: sample files, any documents that a format can hold, and whether they go out and come in.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::Value;

use super::holds::{Feature as F, Holds, Losses, Report, fit};
use super::model::{
    Annotation, Audio, Class, Content, Document, Documents, Image, Info, Keypoint, Keypoints, Mark, Pair, Part, Point,
    Rect, Seen, Span,
};
use super::rle::Mask;
use super::{Format, Options};
use crate::engine::{Result, Work};

/// The public data sets, if the variable names their folder.
pub(super) fn data(name: &str) -> Option<PathBuf> {
    let path = Path::new(&std::env::var_os("LAPIDARY_DATA")?).join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {name} is not there");
    None
}

/// A small file of our own.
pub(super) fn sample(name: &str) -> Option<PathBuf> {
    data("formats").map(|folder| folder.join(name)).filter(|path| path.exists())
}

/// The files with which other tools test themselves, below a folder and of an ending; all if these are empty.
pub(super) fn peers(folder: &str, ending: &str) -> Vec<PathBuf> {
    let Some(root) = sample("peers") else { return Vec::new() };
    let root = if folder.is_empty() { root } else { root.join(folder) };
    let endings = ["xml", "json", "jsonl", "txt", "vtt", "textgrid", "conll", "tsv", "csv"];
    let endings = if ending.is_empty() { endings.to_vec() } else { vec![ending] };
    let found = super::source::files_in(&root, &endings, &Work::new()).unwrap();
    found.into_iter().map(|path| root.join(path)).collect()
}

/// Reads a text as a file of that name.
pub(super) fn read_text(format: &dyn Format, name: &str, text: &str) -> Result<(Documents, Report)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    format.read(&path, &Options::default(), &Work::new())
}

/// Annotations in a few characters: the label, and what it marks.
pub(super) fn labels_of(documents: &Documents) -> Vec<String> {
    let marks = documents.documents.iter().flat_map(|document| &document.annotations);
    marks.map(shown).collect()
}

fn shown(annotation: &Annotation) -> String {
    let label = &annotation.label;
    match &annotation.mark {
        Mark::Class => label.to_string(),
        Mark::Span(span) => format!("{label} {}", span.surface),
        Mark::Relation { from, to } => format!("{label} {from}>{to}"),
        Mark::Box(rect) => {
            let [x, y, w, h] = [rect.x, rect.y, rect.width, rect.height].map(|side| (side * 1e4).round() / 1e4 + 0.0);
            format!("{label} [{x},{y},{w},{h}]")
        }
        Mark::Polygon(parts) => format!("{label} <{}>", parts.iter().map(|part| part.outline.len()).sum::<usize>()),
        Mark::Polyline(points) => format!("{label} /{}", points.len()),
        Mark::Keypoints(keypoints) => format!("{label} *{}", keypoints.points.len()),
        Mark::Mask(mask) => format!("{label} #{}", mask.area()),
        Mark::Segment { start, end } => format!("{label} {start}-{end}"),
        Mark::Answer(answer) => format!("{label}={answer}"),
        Mark::Ranking(order) => format!("{label} {}", order.join(">")),
    }
}

/// Everything of an annotation, coordinates to 1e-3, ends of relations by what they are; the order does not count.
fn canonical(document: &Document) -> String {
    let mut lines: Vec<String> = document.annotations.iter().map(|one| whole(document, one)).collect();
    lines.sort();
    let content = match &document.content {
        // Not every format writes sizes; they can be read from the images again.
        Content::Image(image) => image.path.clone(),
        Content::Audio(audio) => audio.path.clone(),
        other => format!("{other:?}"),
    };
    let mut meta: Vec<String> = document.meta.iter().map(|(key, value)| format!("{key}={value}")).collect();
    meta.sort();
    format!("{}|{content}|{}|{}|{}", document.id, document.split, meta.join(","), lines.join("\n"))
}

fn whole(document: &Document, annotation: &Annotation) -> String {
    let n = |value: f64| format!("{:.3}", if value.abs() < 5e-4 { 0.0 } else { value });
    let points = |points: &[Point]| {
        points.iter().map(|point| format!("{},{}", n(point.x), n(point.y))).collect::<Vec<_>>().join(" ")
    };
    let rect =
        |rect: &Rect| format!("{} {} {} {} @{}", n(rect.x), n(rect.y), n(rect.width), n(rect.height), n(rect.angle));
    let mark = match &annotation.mark {
        Mark::Relation { from, to } => {
            let end = |at: usize| document.annotations.get(at).map(shown).unwrap_or_default();
            format!("{} > {}", end(*from), end(*to))
        }
        Mark::Box(shape) => rect(shape),
        Mark::Polygon(parts) => {
            let part = |part: &Part| {
                format!(
                    "{} - {}",
                    points(&part.outline),
                    part.holes.iter().map(|hole| points(hole)).collect::<Vec<_>>().join(" - ")
                )
            };
            parts.iter().map(part).collect::<Vec<_>>().join(" + ")
        }
        Mark::Polyline(line) => points(line),
        Mark::Keypoints(keypoints) => {
            let point =
                |point: &Keypoint| format!("{},{},{:?},{}", n(point.at.x), n(point.at.y), point.seen, point.name);
            let found: Vec<String> = keypoints.points.iter().map(point).collect();
            format!("{} in {}", found.join(" "), keypoints.bounds.as_ref().map(rect).unwrap_or_default())
        }
        Mark::Segment { start, end } => format!("{}-{}", n(*start), n(*end)),
        Mark::Mask(mask) => format!("{:?}", mask.columns()),
        other => format!("{other:?}"),
    };
    let mut info = annotation.info.clone().unwrap_or_default();
    info.attributes.sort_by(|a, b| a.0.cmp(&b.0));
    // Ids that a writer had to make up do not count.
    let id = annotation.id.as_deref().filter(|id| !id.starts_with('r'));
    format!("{} {id:?} {} {mark} {info:?}", super::form::kind(&annotation.mark), annotation.label)
}

/// Writes documents, reads them, and wants the same.
pub(super) fn check_round_trip(format: &dyn Format, file: &str, documents: Documents, options: &Options) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    let mut losses = Losses::default();
    let fitted = fit(&documents, format.holds(options), &mut losses, &Work::new()).unwrap();
    if fitted.documents.is_empty() {
        return;
    }
    format.render(&path, &fitted, options, &Work::new()).unwrap().save(&Work::new()).unwrap();
    let (read, report) = format.read(&path, options, &Work::new()).unwrap();
    let (mut want, mut have): (Vec<String>, Vec<String>) =
        (fitted.documents.iter().map(canonical).collect(), read.documents.iter().map(canonical).collect());
    // Files of a folder come in the order of their names.
    want.sort();
    have.sort();
    for (want, have) in want.iter().zip(&have) {
        assert_eq!(want, have, "{} {:?}", format.name(), report.lost);
    }
    assert_eq!(want.len(), have.len(), "{} {:?}", format.name(), report.lost);
}

/// Documents that a format can hold.
pub(super) fn documents(holds: Holds) -> impl Strategy<Value = Documents> {
    proptest::collection::vec((0u64..u64::MAX, 0usize..4), 1..4).prop_map(move |seeds| {
        let mut documents = Documents::default();
        for (row, (seed, kind)) in seeds.into_iter().enumerate() {
            documents.documents.push(Maker::new(seed, holds).document(row, kind));
        }
        if holds.has(F::ClassList) {
            documents.classes = ["A", "가나", "b c"].into_iter().map(Class::named).collect();
        }
        // What cannot be held is not tested; what stands in for it is.
        let mut losses = Losses::default();
        fit(&documents, holds, &mut losses, &Work::new()).unwrap()
    })
}

/// Makes documents from a seed.
struct Maker {
    random: crate::engine::Random,
    holds: Holds,
    next: usize,
}

const TEXTS: [&str; 4] =
    ["김민수는 🎉 서울에서 일한다.", "plain ASCII words here", "\"quoted\" & <tagged> text", "e\u{301}a b c d e f"];

impl Maker {
    fn new(seed: u64, holds: Holds) -> Self {
        Self { random: crate::engine::Random::new(seed), holds, next: 0 }
    }

    fn document(&mut self, row: usize, kind: usize) -> Document {
        let kinds: Vec<F> =
            [F::Text, F::Image, F::Audio, F::Pair].into_iter().filter(|kind| self.holds.has(*kind)).collect();
        let content = match kinds[kind % kinds.len()] {
            F::Image => {
                Content::Image(Image { path: format!("이미지_{row}.png"), width: 40, height: 20, orientation: 0 })
            }
            F::Audio => Content::Audio(Audio { path: format!("소리_{row}.wav"), seconds: None }),
            F::Pair => Content::Pair(Pair { prompt: "p".into(), left: "l".into(), right: "r".into() }),
            _ => Content::Text(TEXTS[self.random.below(TEXTS.len())].to_owned()),
        };
        let mut document = Document::new((row + 1).to_string(), content);
        if self.random.below(2) == 0 {
            document.meta = vec![("source".into(), Value::from("신문 \"a\""))];
        }
        if self.holds.has(F::Split) && document.as_image().is_some() {
            document.split = ["train", "val", ""][self.random.below(3)].to_owned();
        }
        for _ in 0..self.random.below(5) {
            let annotation = self.annotation(&document);
            document.annotations.push(annotation);
        }
        let spans: Vec<usize> = (0..document.annotations.len())
            .filter(|at| matches!(document.annotations[*at].mark, Mark::Span(_)))
            .collect();
        if spans.len() > 1 && self.holds.has(F::Relation) {
            let mut relation = Annotation::new("r", Mark::Relation { from: spans[1], to: spans[0] });
            if self.holds.has(F::AnnotationId) && !matches!(document.content, Content::Text(_)) {
                relation = relation.with_id("rel");
            }
            document.annotations.push(relation);
        }
        document
    }

    fn number(&mut self, bound: usize) -> f64 {
        self.random.below(bound * 4) as f64 / 4.0
    }

    fn points(&mut self, count: usize) -> Vec<Point> {
        (0..count).map(|_| Point::new(self.number(40), self.number(20))).collect()
    }

    fn rect(&mut self) -> Rect {
        Rect::new(self.number(20), self.number(10), self.number(15) + 1.0, self.number(8) + 1.0)
    }

    fn annotation(&mut self, document: &Document) -> Annotation {
        let mark = match &document.content {
            Content::Text(text) => self.text_mark(text),
            Content::Image(_) => self.image_mark(),
            Content::Audio(_) => {
                let start = self.number(10);
                Mark::Segment { start, end: start + self.number(3) }
            }
            Content::Pair(_) => Mark::Ranking(vec!["left".into(), "right".into()]),
        };
        let label = match mark {
            Mark::Answer(_) | Mark::Ranking(_) => "",
            _ => ["A", "가나"][self.random.below(2)],
        };
        self.next += 1;
        let mut annotation = Annotation::new(label, mark);
        if self.holds.has(F::AnnotationId) {
            annotation = annotation.with_id(format!("{}", self.next + 100));
        }
        let mut info = Info::default();
        if self.random.below(2) == 0 {
            info.confidence = Some(0.25);
            info.annotator = "ann".into();
            info.group = "7".into();
            info.note = "두 줄".into();
            info.attributes = vec![("difficult".into(), Value::Bool(true))];
            info.prediction = self.holds.has(F::Prediction) && self.random.below(2) == 0;
            info.rejected = self.holds.has(F::Rejected) && matches!(annotation.mark, Mark::Class);
        }
        annotation.with_info(info)
    }

    fn text_mark(&mut self, text: &str) -> Mark {
        let length = text.chars().count();
        let mut kinds = vec![F::Span, F::Span];
        kinds.extend([F::Class, F::Answer].into_iter().filter(|kind| self.holds.has(*kind)));
        match kinds[self.random.below(kinds.len())] {
            F::Class => Mark::Class,
            F::Answer => Mark::Answer("자유 글".into()),
            _ => {
                // Spans of whole words, which every format has.
                let words: Vec<(usize, usize)> = words(text);
                let first = self.random.below(words.len());
                let last = first + self.random.below(words.len() - first);
                let mut pieces = vec![(words[first].0, words[last].1)];
                if last > first + 1 && self.holds.has(F::Pieces) {
                    pieces = vec![words[first], words[last]];
                }
                let part =
                    |piece: &(usize, usize)| text.chars().skip(piece.0).take(piece.1 - piece.0).collect::<String>();
                let surface = pieces.iter().map(part).collect::<Vec<_>>().join(" ");
                debug_assert!(pieces.iter().all(|piece| piece.1 <= length));
                Mark::Span(Span { pieces, surface })
            }
        }
    }

    fn image_mark(&mut self) -> Mark {
        let all = [F::Class, F::Box, F::RotatedBox, F::Polygon, F::Polyline, F::Keypoints, F::Mask];
        let kinds: Vec<F> = all.into_iter().filter(|kind| self.holds.has(*kind)).collect();
        match kinds[self.random.below(kinds.len())] {
            F::Class => Mark::Class,
            F::RotatedBox => Mark::Box(Rect { angle: 30.0, ..self.rect() }),
            F::Polygon => {
                let mut parts = vec![Part { outline: self.points(4), holes: Vec::new() }];
                if self.holds.has(F::Parts) && self.random.below(2) == 0 {
                    parts.push(Part { outline: self.points(3), holes: Vec::new() });
                }
                if self.holds.has(F::Holes) {
                    parts[0].holes.push(self.points(3));
                }
                Mark::Polygon(parts)
            }
            F::Polyline => Mark::Polyline(self.points(3)),
            F::Keypoints => {
                let seen = [Seen::Visible, Seen::Hidden, Seen::Absent];
                let points = (0..3).map(|at| {
                    let seen = seen[at % if self.holds.has(F::Visibility) { 3 } else { 1 }];
                    let at = if seen == Seen::Absent {
                        Point::default()
                    } else {
                        Point::new(self.number(40), self.number(20))
                    };
                    Keypoint { at, seen, name: String::new() }
                });
                let points = points.collect();
                Mark::Keypoints(Keypoints { points, bounds: Some(self.rect()) })
            }
            F::Mask => {
                let pixels: Vec<u8> = (0..800).map(|_| u8::from(self.random.below(3) == 0)).collect();
                Mark::Mask(Mask::from_pixels(40, 20, &pixels).unwrap())
            }
            _ => Mark::Box(self.rect()),
        }
    }
}

/// The words of a text in code points.
fn words(text: &str) -> Vec<(usize, usize)> {
    let chars: Vec<char> = text.chars().collect();
    let (mut words, mut start) = (Vec::new(), None);
    for (at, c) in chars.iter().chain([&' ']).enumerate() {
        match (c.is_whitespace(), start) {
            (false, None) => start = Some(at),
            (true, Some(from)) => {
                words.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    words
}

/// Leaves out documents whose text has other blanks than single spaces between words.
pub(super) fn plain_spaces(documents: &mut Documents) {
    documents
        .documents
        .retain(|document| document.as_text().is_some_and(|text| !text.contains("  ") && text.trim() == text));
}

/// Ids as brat has them.
pub(super) fn brat_ids(documents: &mut Documents) {
    for document in &mut documents.documents {
        for (at, annotation) in document.annotations.iter_mut().enumerate() {
            let letter = if matches!(annotation.mark, Mark::Relation { .. }) { 'R' } else { 'T' };
            annotation.id = Some(format!("{letter}{}", at + 1).as_str().into());
        }
    }
}

/// At most one class of a name, as keys of an object are.
pub(super) fn flags_once(documents: &mut Documents) {
    for document in &mut documents.documents {
        let mut seen = std::collections::HashSet::new();
        document
            .annotations
            .retain(|annotation| !matches!(annotation.mark, Mark::Class) || seen.insert(annotation.label.clone()));
        // A flag has nothing but its name and whether it is set.
        for annotation in document.annotations.iter_mut().filter(|annotation| matches!(annotation.mark, Mark::Class)) {
            let rejected = annotation.is_rejected();
            annotation.info = None;
            if rejected {
                annotation.info_mut().rejected = true;
            }
        }
    }
}

/// At most one free text a document.
pub(super) fn one_answer(documents: &mut Documents) {
    for document in &mut documents.documents {
        if document.annotations.iter().any(|annotation| matches!(annotation.mark, Mark::Relation { .. })) {
            continue;
        }
        let mut seen = false;
        document
            .annotations
            .retain(|annotation| !matches!(annotation.mark, Mark::Answer(_)) || !std::mem::replace(&mut seen, true));
    }
}

/// No two spans at one place, by which Prodigy names the ends of relations, and one free text.
pub(super) fn distinct_spans(documents: &mut Documents) {
    for document in &mut documents.documents {
        let mut seen = std::collections::HashSet::new();
        let mut answered = false;
        let before = document.annotations.len();
        document.annotations.retain(|annotation| match &annotation.mark {
            Mark::Span(span) => seen.insert(span.range()),
            Mark::Answer(_) => !std::mem::replace(&mut answered, true),
            _ => true,
        });
        if document.annotations.len() < before {
            document.annotations.retain(|annotation| !matches!(annotation.mark, Mark::Relation { .. }));
        }
    }
}

/// Every keypoint is there, as formats without a word for absent ones want it.
pub(super) fn all_present(documents: &mut Documents) {
    for annotation in documents.documents.iter_mut().flat_map(|document| &mut document.annotations) {
        if let Mark::Keypoints(keypoints) = &mut annotation.mark {
            keypoints.points.retain(|point| point.seen != Seen::Absent);
        }
    }
}

/// Keypoints with the box that COCO writes where there is none.
pub(super) fn with_bounds(mut documents: Documents) -> Documents {
    for annotation in documents.documents.iter_mut().flat_map(|document| &mut document.annotations) {
        if let Mark::Keypoints(keypoints) = &mut annotation.mark {
            keypoints.bounds = super::geometry::bounds_of_keypoints(keypoints);
        }
    }
    documents
}
