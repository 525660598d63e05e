//! Reading tasks.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::super::geometry::{about_centre, ellipse};
use super::super::holds::{Losses, Report};
use super::super::json::{list, number_at, points, shown, text, whole};
use super::super::model::{
    Annotation, Audio, Content, Document, Documents, Image, Info, Keypoint, Keypoints, Mark, Part, Point, Rect, Seen,
};
use super::super::offsets::{Finder, Ruler, Unit};
use super::super::rle::from_brush;
use super::super::source::{self, IMAGES, SOUNDS};

/// Keys of a value that hold class names.
pub(super) const LABEL_KEYS: &[&str] = &[
    "labels",
    "rectanglelabels",
    "polygonlabels",
    "keypointlabels",
    "brushlabels",
    "ellipselabels",
    "hypertextlabels",
    "paragraphlabels",
    "timeserieslabels",
    "choices",
    "bitmasklabels",
    "vectorlabels",
];

/// Reads the tasks of one batch.
pub(super) struct Reader {
    pub(super) finder: Finder,
    pub(super) lost: Losses,
    pub(super) documents: Vec<Document>,
    /// Pixels of brushes that are neither in nor out.
    pub(super) soft: u64,
    first: usize,
}

impl Reader {
    pub(super) fn new(unit: Unit, first: usize) -> Self {
        Self { finder: Finder::new(unit), lost: Losses::default(), documents: Vec::new(), soft: 0, first }
    }

    pub(super) fn task(&mut self, task: &Value) {
        let place =
            format!("task {}", text(task, "id").unwrap_or_else(|| (self.first + self.documents.len() + 1).to_string()));
        let data = task.get("data").unwrap_or(task);
        let (content, used) = content(data, task);
        let mut document = Document::new(text(task, "id").unwrap_or_default(), content);
        if let Value::Object(fields) = data {
            let rest = fields.iter().filter(|(key, _)| **key != used);
            document.meta = rest.map(|(key, value)| (key.clone(), value.clone())).collect();
        }
        let whole_text = document.as_text().unwrap_or_default().to_owned();
        let mut ruler = Ruler::new(&whole_text);
        let mut everywhere = HashMap::new();
        let mut relations = Vec::new();
        for (key, prediction) in [("annotations", false), ("completions", false), ("predictions", true)] {
            for set in list(task, key) {
                if set.get("was_cancelled").and_then(Value::as_bool) == Some(true) {
                    self.lost.add("skipped_annotation", || place.clone());
                    continue;
                }
                let places = self.set(&mut document, set, prediction, &mut ruler, &place);
                for (id, at) in &places {
                    everywhere.entry(id.clone()).or_insert(*at);
                }
                relations.push((set, prediction, places));
            }
        }
        if let Some(drafts) = task.get("drafts").and_then(Value::as_array).filter(|drafts| !drafts.is_empty()) {
            drafts.iter().for_each(|_| self.lost.add("draft", || place.clone()));
        }
        // Relations come last: their ends may be anywhere in the task.
        for (set, prediction, places) in relations {
            let info = info_of(set, prediction);
            for relation in list(set, "result").iter().filter(|one| text(one, "type").as_deref() == Some("relation")) {
                let end = |key| {
                    let id = text(relation, key)?;
                    places.get(&id).or_else(|| everywhere.get(&id)).copied()
                };
                self.relation(&mut document, relation, (end("from_id"), end("to_id")), &info, &place);
            }
        }
        self.documents.push(document);
    }

    /// One person's or model's annotations of a task but for its relations; returns the places of ids.
    fn set(
        &mut self,
        document: &mut Document,
        set: &Value,
        prediction: bool,
        ruler: &mut Ruler<'_>,
        place: &str,
    ) -> HashMap<String, usize> {
        let results = list(set, "result");
        if set.get("ground_truth").and_then(Value::as_bool) == Some(true) {
            self.lost.add("ground_truth", || place.to_owned());
        }
        let mut places: HashMap<String, usize> = HashMap::new();
        // A region may come in two results of one id: its plain shape, and the shape with its labels.
        let labelled: HashSet<String> =
            results.iter().filter(|one| has_labels(one)).filter_map(|one| text(one, "id")).collect();
        let mut info = info_of(set, prediction);
        for result in results {
            let kind = text(result, "type").unwrap_or_default();
            if kind == "relation" {
                continue;
            }
            let id = text(result, "id");
            let is_shape =
                !has_labels(result) && !matches!(kind.as_str(), "textarea" | "pairwise" | "rating" | "number");
            if is_shape && id.as_ref().is_some_and(|id| labelled.contains(id)) {
                continue;
            }
            info.note = result.get("meta").map(note_of).unwrap_or_default();
            info.confidence = number_at(result, "score").or_else(|| number_at(set, "score").filter(|_| prediction));
            let at = document.annotations.len();
            self.result(document, result, &kind, &info, ruler, place);
            if let Some(id) = id.filter(|_| document.annotations.len() > at) {
                places.entry(id).or_insert(at);
            }
        }
        places
    }

    fn relation(
        &mut self,
        document: &mut Document,
        relation: &Value,
        ends: (Option<usize>, Option<usize>),
        info: &Info,
        place: &str,
    ) {
        let (Some(from), Some(to)) = ends else {
            return self.lost.add("relation_without_end", || place.to_owned());
        };
        let (from, to) = if text(relation, "direction").as_deref() == Some("left") { (to, from) } else { (from, to) };
        if text(relation, "direction").as_deref() == Some("bi") {
            self.lost.add("relation_both_ways", || place.to_owned());
        }
        let names: Vec<String> = list(relation, "labels").iter().filter_map(shown).collect();
        let names = if names.is_empty() { vec![String::new()] } else { names };
        for name in names {
            let annotation = Annotation::new(name, Mark::Relation { from, to }).with_info(info.clone());
            document.annotations.push(annotation);
        }
    }

    fn result(
        &mut self,
        document: &mut Document,
        result: &Value,
        kind: &str,
        info: &Info,
        ruler: &mut Ruler<'_>,
        place: &str,
    ) {
        let empty = Value::Null;
        let value = result.get("value").unwrap_or(&empty);
        remember_size(document, result);
        let id = text(result, "id");
        let mut push = |label: String, mark: Mark, with_id: bool| {
            let mut annotation = Annotation::new(label, mark).with_info(info.clone());
            if let Some(id) = id.as_ref().filter(|_| with_id) {
                annotation = annotation.with_id(id);
            }
            document.annotations.push(annotation);
        };
        let labels = labels_of(value);
        match kind {
            "choices" | "taxonomy" => {
                // A choice about a region: the common form has classes of documents only.
                if ["start", "x", "points"].iter().any(|key| value.get(*key).is_some()) {
                    self.lost.add("region_class_as_document_class", || format!("{place}: {}", labels.join(", ")));
                }
                for (at, label) in labels.into_iter().enumerate() {
                    push(label, Mark::Class, at == 0);
                }
                return;
            }
            "textarea" => {
                let texts: Vec<String> = match value.get("text") {
                    Some(Value::Array(texts)) => texts.iter().filter_map(shown).collect(),
                    Some(one) => shown(one).into_iter().collect(),
                    None => Vec::new(),
                };
                for (at, text) in texts.into_iter().enumerate() {
                    push(String::new(), Mark::Answer(text), at == 0);
                }
                return;
            }
            "pairwise" => {
                if let Some(side) = text(value, "selected") {
                    push(side, Mark::Class, true);
                }
                return;
            }
            "rating" | "number" | "datetime" => {
                if let Some(answer) = text(value, kind) {
                    push(String::new(), Mark::Answer(answer), true);
                }
                return;
            }
            _ => {}
        }
        match self.region(document.as_text().is_some(), value, result, kind, ruler) {
            Ok(mark) => {
                let labels = if labels.is_empty() { vec![String::new()] } else { labels };
                for (at, label) in labels.into_iter().enumerate() {
                    let mut annotation = Annotation::new(label, mark.clone()).with_info(info.clone());
                    if let Some(id) = id.as_ref().filter(|_| at == 0) {
                        annotation = annotation.with_id(id);
                    }
                    document.annotations.push(annotation);
                }
            }
            Err(code) => self.lost.add(code, || format!("{place}: {kind}")),
        }
    }

    /// What a region marks. Shapes are in percent until [`scale_percent`].
    fn region(
        &mut self,
        is_text: bool,
        value: &Value,
        result: &Value,
        kind: &str,
        ruler: &mut Ruler<'_>,
    ) -> Result<Mark, &'static str> {
        let at = |key| number_at(value, key);
        if is_text {
            let offsets = value.get("globalOffsets").unwrap_or(value);
            let start = offsets.get("start").and_then(whole).ok_or("span_without_offsets")?;
            let end = offsets.get("end").and_then(whole).ok_or("span_without_offsets")?;
            let surface = text(value, "text");
            let place = self.finder.find(ruler, start, end, surface.as_deref()).ok_or("span_outside_text")?;
            return ruler.span(place.start, place.end).map(Mark::Span).ok_or("span_outside_text");
        }
        if let (Some(start), Some(end)) = (at("start"), at("end")) {
            return Ok(Mark::Segment { start, end });
        }
        let closed = value.get("closed").and_then(Value::as_bool) != Some(false);
        let shape = kind.strip_suffix("labels").unwrap_or(kind);
        match shape {
            "polygon" => {
                let outline = value.get("points").and_then(points).ok_or("unreadable_polygon")?;
                let part = |outline| Mark::Polygon(vec![Part { outline, holes: Vec::new() }]);
                Ok(if closed { part(outline) } else { Mark::Polyline(outline) })
            }
            "keypoint" => {
                let at = Point::new(at("x").ok_or("unreadable_point")?, at("y").ok_or("unreadable_point")?);
                let point = Keypoint { at, seen: Seen::Visible, name: String::new() };
                Ok(Mark::Keypoints(Keypoints { points: vec![point], bounds: None }))
            }
            "brush" => self.brush(value, result),
            "ellipse" => {
                let (Some((x, y)), Some((rx, ry))) = (at("x").zip(at("y")), at("radiusX").zip(at("radiusY"))) else {
                    return Err("unreadable_ellipse");
                };
                self.lost.add("ellipse_as_polygon", || labels_of(value).join(", "));
                // It is turned in pixels, whose sides are not equal in percent.
                let side = |key| number_at(result, key).filter(|side| *side > 0.0).unwrap_or(1.0);
                let (width, height) = (side("original_width"), side("original_height"));
                let (centre, half) = (Point::new(x * width, y * height), Point::new(rx * width, ry * height));
                let turned = ellipse(centre, half, at("rotation").unwrap_or(0.0));
                let outline = turned.into_iter().map(|point| Point::new(point.x / width, point.y / height)).collect();
                Ok(Mark::Polygon(vec![Part { outline, holes: Vec::new() }]))
            }
            _ => {
                let (x, y) = (at("x").ok_or("unknown_result")?, at("y").ok_or("unknown_result")?);
                let size = at("width").zip(at("height")).ok_or("unknown_result")?;
                let angle = at("rotation").or_else(|| number_at(result, "rotation")).unwrap_or(0.0);
                Ok(Mark::Box(Rect { x, y, width: size.0, height: size.1, angle }))
            }
        }
    }

    fn brush(&mut self, value: &Value, result: &Value) -> Result<Mark, &'static str> {
        let size = |key| result.get(key).and_then(whole).and_then(|size| u32::try_from(size).ok());
        let (width, height) = size("original_width").zip(size("original_height")).ok_or("mask_without_size")?;
        let bytes: Option<Vec<u8>> =
            list(value, "rle").iter().map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok())).collect();
        let brush = bytes.and_then(|bytes| from_brush(&bytes, width, height)).ok_or("unreadable_mask")?;
        self.soft += brush.soft;
        Ok(Mark::Mask(brush.mask))
    }
}

fn has_labels(result: &Value) -> bool {
    // The few fields are compared with the known keys, which is faster than looking for every key.
    let is_label = |key: &String| key == "taxonomy" || LABEL_KEYS.contains(&key.as_str());
    result.get("value").and_then(Value::as_object).is_some_and(|value| value.keys().any(is_label))
}

fn labels_of(value: &Value) -> Vec<String> {
    if let Some(Value::Array(paths)) = value.get("taxonomy") {
        let path = |path: &Value| match path {
            Value::Array(parts) => parts.iter().filter_map(shown).collect::<Vec<_>>().join("/"),
            other => shown(other).unwrap_or_default(),
        };
        return paths.iter().map(path).collect();
    }
    let fields = value.as_object().into_iter().flatten();
    let named = fields.filter(|(key, _)| LABEL_KEYS.contains(&key.as_str()));
    named.filter_map(|(_, names)| names.as_array()).flatten().filter_map(shown).collect()
}

fn note_of(meta: &Value) -> String {
    match meta.get("text") {
        Some(Value::Array(lines)) => lines.iter().filter_map(shown).collect::<Vec<_>>().join("\n"),
        Some(one) => shown(one).unwrap_or_default(),
        None => String::new(),
    }
}

fn info_of(set: &Value, prediction: bool) -> Info {
    let annotator = match set.get("completed_by") {
        Some(Value::Object(person)) => {
            ["email", "id"].iter().find_map(|key| person.get(*key).and_then(shown)).unwrap_or_default()
        }
        Some(one) => shown(one).unwrap_or_default(),
        None => String::new(),
    };
    let annotator = if prediction { text(set, "model_version").unwrap_or_default() } else { annotator };
    Info {
        annotator,
        time: text(set, "created_at").unwrap_or_default(),
        seconds: number_at(set, "lead_time"),
        prediction,
        ..Info::default()
    }
}

/// The size that a result gives its image.
fn remember_size(document: &mut Document, result: &Value) {
    if let Content::Image(image) = &mut document.content
        && (image.width == 0 || image.height == 0)
    {
        let size = |key| number_at(result, key).filter(|size| (1.0..=1e6).contains(size)).map_or(0, |size| size as u32);
        (image.width, image.height) = (size("original_width"), size("original_height"));
    }
}

/// What a task shows, and under which key.
fn content(data: &Value, task: &Value) -> (Content, String) {
    let Value::Object(fields) = data else { return (Content::Text(shown(data).unwrap_or_default()), String::new()) };
    let kinds: Vec<String> = ["annotations", "completions", "predictions"]
        .iter()
        .flat_map(|key| list(task, key))
        .flat_map(|set| list(set, "result"))
        .filter_map(|result| text(result, "type"))
        .collect();
    let texts = || fields.iter().filter_map(|(key, value)| value.as_str().map(|text| (key, text)));
    let media = |endings: &[&str], names: &[&str]| {
        texts()
            .find(|(key, text)| {
                names.contains(&key.as_str()) || endings.contains(&source::ending(&plain(text)).as_str())
            })
            .map(|(key, text)| (key.clone(), local(text)))
    };
    let draws = kinds.iter().any(|kind| {
        ["rectangle", "polygon", "keypoint", "brush", "ellipse"].iter().any(|shape| kind.starts_with(shape))
    });
    if let Some((key, path)) = media(IMAGES, &["image", "img"]) {
        return (Content::Image(Image { path, ..Image::default() }), key);
    }
    if let Some((key, path)) = media(SOUNDS, &["audio"]) {
        return (Content::Audio(Audio { path, seconds: None }), key);
    }
    let first = texts().find(|(key, _)| *key == "text").or_else(|| texts().max_by_key(|(_, text)| text.len()));
    match first {
        Some((key, path)) if draws => (Content::Image(Image { path: local(path), ..Image::default() }), key.clone()),
        Some((key, text)) => (Content::Text(text.to_owned()), key.clone()),
        None => (Content::Text(String::new()), String::new()),
    }
}

/// An address without its query.
fn plain(path: &str) -> String {
    local(path).split('?').next().unwrap_or_default().to_owned()
}

/// The path of a file that Label Studio serves from the disk; anything else as it is.
fn local(path: &str) -> String {
    match path.strip_prefix("/data/local-files/?d=") {
        Some(inner) => decoded(inner),
        None => path
            .strip_prefix("/data/upload/")
            .map_or_else(|| path.to_owned(), |inner| decoded(source::file_name(inner))),
    }
}

/// Percent signs of an address undone (RFC 3986, 2.1).
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match hex.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// Turns percent into pixels, once the sizes of the images are known. Shapes of images of unknown size are lost.
pub(super) fn scale_percent(documents: &mut Documents, report: &mut Report) {
    for document in &mut documents.documents {
        let Content::Image(image) = &document.content else { continue };
        let (width, height) = (f64::from(image.width) / 100.0, f64::from(image.height) / 100.0);
        let known = image.width > 0 && image.height > 0;
        let path = image.path.clone();
        let scale = |point: &mut Point| *point = Point::new(point.x * width, point.y * height);
        let is_shape =
            |mark: &Mark| matches!(mark, Mark::Box(_) | Mark::Polygon(_) | Mark::Polyline(_) | Mark::Keypoints(_));
        if !known && document.annotations.iter().any(|annotation| is_shape(&annotation.mark)) {
            drop_shapes(document, is_shape, || report.lost.add("shape_without_image_size", || path.clone()));
            continue;
        }
        for annotation in &mut document.annotations {
            match &mut annotation.mark {
                Mark::Box(rect) => {
                    let pixels = Rect {
                        x: rect.x * width,
                        y: rect.y * height,
                        width: rect.width * width,
                        height: rect.height * height,
                        angle: if rect.angle > 180.0 { rect.angle - 360.0 } else { rect.angle },
                    };
                    *rect = if pixels.angle == 0.0 { pixels } else { about_centre(pixels) };
                }
                Mark::Polygon(parts) => parts.iter_mut().flat_map(|part| &mut part.outline).for_each(scale),
                Mark::Polyline(points) => points.iter_mut().for_each(scale),
                Mark::Keypoints(keypoints) => keypoints.points.iter_mut().for_each(|point| scale(&mut point.at)),
                _ => {}
            }
        }
    }
}

/// Removes shapes, and with them the relations, whose ends cannot be kept.
fn drop_shapes(document: &mut Document, is_shape: impl Fn(&Mark) -> bool, mut count: impl FnMut()) {
    document.annotations.retain(|annotation| {
        let dropped = is_shape(&annotation.mark) || matches!(annotation.mark, Mark::Relation { .. });
        if dropped {
            count();
        }
        !dropped
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn served_paths_become_local() {
        assert_eq!(local("/data/local-files/?d=img/%EA%B0%80.png"), "img/가.png");
        assert_eq!(local("/data/upload/3/abcd-a.png"), "abcd-a.png");
        assert_eq!(local("s3://b/a.png"), "s3://b/a.png");
        assert_eq!(decoded("100%"), "100%");
    }
}
