//! The common form as JSON: what `jsonl`, `csv` and `parquet` carry, so that they hold everything.

use serde_json::Value;

use super::json::{Json, list, number_at, points, shown, text, whole};
use super::model::{
    Annotation, Audio, Class, Content, Document, Image, Info, Keypoint, Keypoints, Mark, Pair, Pairs, Part, Point,
    Rect, Seen, Span,
};
use super::rle::Mask;

/// The name of a mark's kind.
pub(super) fn kind(mark: &Mark) -> &'static str {
    match mark {
        Mark::Class => "class",
        Mark::Span(_) => "span",
        Mark::Relation { .. } => "relation",
        Mark::Box(_) => "box",
        Mark::Polygon(_) => "polygon",
        Mark::Polyline(_) => "polyline",
        Mark::Keypoints(_) => "keypoints",
        Mark::Mask(_) => "mask",
        Mark::Segment { .. } => "segment",
        Mark::Answer(_) => "answer",
        Mark::Ranking(_) => "ranking",
    }
}

/// Writes a document with its annotations.
pub(super) fn write_document(json: &mut Json, document: &Document) {
    json.open('{');
    if !document.id.is_empty() {
        json.key("id").text(&document.id);
    }
    write_content(json, &document.content);
    if !document.split.is_empty() {
        json.key("split").text(&document.split);
    }
    json.key("annotations").open('[');
    document.annotations.iter().for_each(|annotation| write_annotation(json, annotation));
    json.close(']');
    if !document.meta.is_empty() {
        json.key("meta").open('{').fields(&document.meta).close('}');
    }
    json.close('}');
}

/// Writes what a document shows, as fields of the object under way.
pub(super) fn write_content(json: &mut Json, content: &Content) {
    match content {
        Content::Text(text) => {
            json.key("text").text(text);
        }
        Content::Image(image) => {
            json.key("image").text(&image.path);
            json.key("width").whole(image.width as usize).key("height").whole(image.height as usize);
        }
        Content::Audio(audio) => {
            json.key("audio").text(&audio.path);
            if let Some(seconds) = audio.seconds {
                json.key("duration").number(seconds);
            }
        }
        Content::Pair(pair) => {
            json.key("prompt").text(&pair.prompt).key("left").text(&pair.left).key("right").text(&pair.right);
        }
    }
}

/// What a record shows; `None` if it shows nothing that is known.
pub(super) fn read_content(value: &Value) -> Option<Content> {
    let size = |key| number_at(value, key).filter(|size| (1.0..=1e6).contains(size)).map_or(0, |size| size as u32);
    if let Some(path) = text(value, "image") {
        return Some(Content::Image(Image { path, width: size("width"), height: size("height"), orientation: 0 }));
    }
    if let Some(path) = text(value, "audio") {
        return Some(Content::Audio(Audio { path, seconds: number_at(value, "duration") }));
    }
    if let (Some(left), Some(right)) = (text(value, "left"), text(value, "right")) {
        return Some(Content::Pair(Pair { prompt: text(value, "prompt").unwrap_or_default(), left, right }));
    }
    text(value, "text").map(Content::Text)
}

/// An annotation as a JSON value, for those who keep single ones. [`from_value`] reads it again.
pub fn to_value(annotation: &Annotation) -> Value {
    let mut json = Json::default();
    write_annotation(&mut json, annotation);
    serde_json::from_str(&json.take()).unwrap_or(Value::Null)
}

/// An annotation from what [`to_value`] made; `None` if it is not one. Where relations lead is not checked.
pub fn from_value(value: &Value) -> Option<Annotation> {
    read_annotation(value, usize::MAX)
}

/// Writes an annotation.
pub(super) fn write_annotation(json: &mut Json, annotation: &Annotation) {
    json.open('{').key("kind").text(kind(&annotation.mark));
    if let Some(id) = &annotation.id {
        json.key("id").text(id);
    }
    if !annotation.label.is_empty() {
        json.key("label").text(&annotation.label);
    }
    write_mark(json, &annotation.mark);
    if let Some(info) = annotation.info.as_deref() {
        write_info(json, info);
    }
    json.close('}');
}

fn write_mark(json: &mut Json, mark: &Mark) {
    match mark {
        Mark::Class => {}
        Mark::Span(span) => {
            let (start, end) = span.range();
            json.key("start").whole(start).key("end").whole(end).key("surface").text(&span.surface);
            if span.pieces.len() > 1 {
                json.key("pieces").open('[');
                span.pieces.iter().for_each(|piece| {
                    json.open('[').whole(piece.0).whole(piece.1).close(']');
                });
                json.close(']');
            }
        }
        Mark::Relation { from, to } => {
            json.key("from").whole(*from).key("to").whole(*to);
        }
        Mark::Box(rect) => write_rect(json, "box", rect),
        Mark::Polygon(parts) => {
            json.key("parts").open('[');
            for part in parts {
                json.open('{').key("outline");
                write_points(json, &part.outline);
                json.key("holes").open('[');
                part.holes.iter().for_each(|hole| write_points(json, hole));
                json.close(']').close('}');
            }
            json.close(']');
        }
        Mark::Polyline(points) => {
            json.key("points");
            write_points(json, points);
        }
        Mark::Keypoints(keypoints) => {
            json.key("keypoints").open('[');
            for point in &keypoints.points {
                json.open('{').key("x").number(point.at.x).key("y").number(point.at.y);
                json.key("v").whole(point.seen.number().into());
                if !point.name.is_empty() {
                    json.key("name").text(&point.name);
                }
                json.close('}');
            }
            json.close(']');
            if let Some(rect) = &keypoints.bounds {
                write_rect(json, "box", rect);
            }
        }
        Mark::Mask(mask) => {
            json.key("width").whole(mask.width() as usize).key("height").whole(mask.height() as usize);
            json.key("runs").numbers(mask.runs().iter().map(|run| f64::from(*run)));
        }
        Mark::Segment { start, end } => {
            json.key("start").number(*start).key("end").number(*end);
        }
        Mark::Answer(answer) => {
            json.key("answer").text(answer);
        }
        Mark::Ranking(order) => {
            json.key("order").open('[');
            order.iter().for_each(|item| {
                json.text(item);
            });
            json.close(']');
        }
    }
}

fn write_rect(json: &mut Json, key: &str, rect: &Rect) {
    let upright = [rect.x, rect.y, rect.width, rect.height];
    let turned = (rect.angle != 0.0).then_some(rect.angle);
    json.key(key).numbers(upright.into_iter().chain(turned));
}

fn write_points(json: &mut Json, points: &[Point]) {
    json.open('[');
    points.iter().for_each(|point| {
        json.numbers([point.x, point.y]);
    });
    json.close(']');
}

fn write_info(json: &mut Json, info: &Info) {
    if let Some(confidence) = info.confidence {
        json.key("confidence").number(confidence);
    }
    for (key, value) in
        [("annotator", &info.annotator), ("time", &info.time), ("group", &info.group), ("note", &info.note)]
    {
        if !value.is_empty() {
            json.key(key).text(value);
        }
    }
    if let Some(seconds) = info.seconds {
        json.key("seconds").number(seconds);
    }
    for (key, yes) in [("prediction", info.prediction), ("rejected", info.rejected)] {
        if yes {
            json.key(key).truth(true);
        }
    }
    if !info.attributes.is_empty() {
        json.key("attributes").open('{').fields(&info.attributes).close('}');
    }
}

/// Reads an annotation; `None` if it is not one of this form, or a relation leads outside `count` annotations.
pub(super) fn read_annotation(value: &Value, count: usize) -> Option<Annotation> {
    let mark = read_mark(value, count)?;
    let mut annotation = Annotation::new(text(value, "label").unwrap_or_default(), mark).with_info(read_info(value));
    if let Some(id) = text(value, "id") {
        annotation = annotation.with_id(id);
    }
    Some(annotation)
}

fn read_mark(value: &Value, count: usize) -> Option<Mark> {
    let at = |key| value.get(key).and_then(whole);
    Some(match text(value, "kind")?.as_str() {
        "class" => Mark::Class,
        "span" => {
            let (start, end) = (at("start")?, at("end")?);
            let pieces: Option<Vec<(usize, usize)>> = list(value, "pieces")
                .iter()
                .map(|piece| Some((whole(piece.get(0)?)?, whole(piece.get(1)?)?)))
                .collect();
            let pieces = pieces.filter(|pieces| !pieces.is_empty()).unwrap_or_else(|| vec![(start, end)]);
            Mark::Span(Span { pieces, surface: text(value, "surface").unwrap_or_default() })
        }
        "relation" => {
            let (from, to) = (at("from")?, at("to")?);
            (from < count && to < count).then_some(Mark::Relation { from, to })?
        }
        "box" => Mark::Box(read_rect(value.get("box")?)?),
        "polygon" => {
            let part = |part: &Value| {
                let holes: Option<Vec<Vec<Point>>> = list(part, "holes").iter().map(points).collect();
                Some(Part { outline: points(part.get("outline")?)?, holes: holes? })
            };
            Mark::Polygon(list(value, "parts").iter().map(part).collect::<Option<_>>()?)
        }
        "polyline" => Mark::Polyline(points(value.get("points")?)?),
        "keypoints" => {
            let point = |point: &Value| {
                let at = Point::new(number_at(point, "x")?, number_at(point, "y")?);
                let seen = Seen::of(number_at(point, "v").unwrap_or(2.0));
                Some(Keypoint { at, seen, name: text(point, "name").unwrap_or_default() })
            };
            let found = list(value, "keypoints").iter().map(point).collect::<Option<_>>()?;
            Mark::Keypoints(Keypoints { points: found, bounds: value.get("box").and_then(read_rect) })
        }
        "mask" => {
            let runs: Option<Vec<u32>> =
                list(value, "runs").iter().map(|run| whole(run).and_then(|run| u32::try_from(run).ok())).collect();
            let side = |key| at(key).and_then(|side| u32::try_from(side).ok());
            Mark::Mask(Mask::from_rows(side("width")?, side("height")?, runs?)?)
        }
        "segment" => Mark::Segment { start: number_at(value, "start")?, end: number_at(value, "end")? },
        "answer" => Mark::Answer(text(value, "answer")?),
        "ranking" => Mark::Ranking(list(value, "order").iter().filter_map(shown).collect()),
        _ => return None,
    })
}

fn read_rect(value: &Value) -> Option<Rect> {
    let list = value.as_array()?;
    let at = |place: usize| list.get(place).and_then(super::json::number);
    Some(Rect { angle: at(4).unwrap_or(0.0), ..Rect::new(at(0)?, at(1)?, at(2)?, at(3)?) })
}

fn read_info(value: &Value) -> Info {
    let yes = |key: &str| value.get(key).and_then(Value::as_bool) == Some(true);
    Info {
        confidence: number_at(value, "confidence"),
        annotator: text(value, "annotator").unwrap_or_default(),
        time: text(value, "time").unwrap_or_default(),
        seconds: number_at(value, "seconds"),
        prediction: yes("prediction"),
        rejected: yes("rejected"),
        group: text(value, "group").unwrap_or_default(),
        note: text(value, "note").unwrap_or_default(),
        attributes: pairs(value.get("attributes")),
    }
}

/// The fields of an object, if it is one.
pub(super) fn pairs(value: Option<&Value>) -> Pairs {
    match value {
        Some(Value::Object(fields)) => fields.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        _ => Vec::new(),
    }
}

/// Writes declared classes.
pub(super) fn write_classes(json: &mut Json, classes: &[Class]) {
    json.open('{').key("classes").open('[');
    for class in classes {
        json.open('{').key("name").text(&class.name);
        if !class.parent.is_empty() {
            json.key("parent").text(&class.parent);
        }
        if !class.keypoints.is_empty() {
            json.key("keypoints").open('[');
            class.keypoints.iter().for_each(|name| {
                json.text(name);
            });
            json.close(']');
        }
        if !class.skeleton.is_empty() {
            json.key("skeleton").open('[');
            class.skeleton.iter().for_each(|bone| {
                json.open('[').whole(bone.0).whole(bone.1).close(']');
            });
            json.close(']');
        }
        json.close('}');
    }
    json.close(']').close('}');
}

/// Reads declared classes.
pub(super) fn read_classes(value: &Value) -> Vec<Class> {
    let class = |value: &Value| {
        let mut class = Class::named(text(value, "name")?);
        class.parent = text(value, "parent").unwrap_or_default();
        class.keypoints = list(value, "keypoints").iter().filter_map(shown).collect();
        let bone = |bone: &Value| Some((whole(bone.get(0)?)?, whole(bone.get(1)?)?));
        class.skeleton = list(value, "skeleton").iter().filter_map(bone).collect();
        Some(class)
    };
    list(value, "classes").iter().filter_map(class).collect()
}
