//! Writing tasks.

use super::super::geometry::about_corner;
use super::super::json::Json;
use super::super::model::{Annotation, Content, Document, Info, Mark, Point};
use super::super::rle::to_brush;

/// Who made a set of annotations, and when.
#[derive(PartialEq)]
struct Maker<'a> {
    annotator: &'a str,
    time: &'a str,
    seconds: Option<f64>,
    prediction: bool,
}

impl<'a> Maker<'a> {
    fn of(annotation: &'a Annotation) -> Self {
        match annotation.info.as_deref() {
            Some(info) => Self {
                annotator: &info.annotator,
                time: &info.time,
                seconds: info.seconds,
                prediction: info.prediction,
            },
            None => Self { annotator: "", time: "", seconds: None, prediction: false },
        }
    }
}

/// Writes a task; `None` if a mask is too large.
pub(super) fn task(json: &mut Json, document: &Document, row: usize) -> Option<()> {
    json.open('{').key("id");
    match document.id.parse::<u32>() {
        Ok(id) if id.to_string() == document.id => json.whole(id as usize),
        _ if document.id.is_empty() => json.whole(row + 1),
        _ => json.text(&document.id),
    };
    let key = match &document.content {
        Content::Text(_) | Content::Pair(_) => "text",
        Content::Image(_) => "image",
        Content::Audio(_) => "audio",
    };
    let shown = document.as_text().or_else(|| document.path()).unwrap_or_default();
    json.key("data").open('{').key(key).text(shown).fields(&document.meta).close('}');
    let mut makers: Vec<(Maker<'_>, Vec<usize>)> = Vec::new();
    for (at, annotation) in document.annotations.iter().enumerate() {
        let maker = Maker::of(annotation);
        match makers.iter_mut().find(|(known, _)| *known == maker) {
            Some((_, places)) => places.push(at),
            None => makers.push((maker, vec![at])),
        }
    }
    for prediction in [false, true] {
        json.key(if prediction { "predictions" } else { "annotations" }).open('[');
        for (maker, places) in makers.iter().filter(|(maker, _)| maker.prediction == prediction) {
            set(json, document, key, maker, places)?;
        }
        json.close(']');
    }
    json.close('}');
    Some(())
}

fn set(json: &mut Json, document: &Document, to: &str, maker: &Maker<'_>, places: &[usize]) -> Option<()> {
    json.open('{');
    if !maker.annotator.is_empty() {
        let key = if maker.prediction { "model_version" } else { "completed_by" };
        match maker.annotator.parse::<u32>() {
            Ok(id) if !maker.prediction && id.to_string() == maker.annotator => json.key(key).whole(id as usize),
            _ => json.key(key).text(maker.annotator),
        };
    }
    if !maker.time.is_empty() {
        json.key("created_at").text(maker.time);
    }
    if let Some(seconds) = maker.seconds {
        json.key("lead_time").number(seconds);
    }
    json.key("was_cancelled").truth(false).key("result").open('[');
    for &at in places {
        result(json, document, to, at)?;
    }
    json.close(']').close('}');
    Some(())
}

/// The id of an annotation's region: its own, or one by its place.
fn id_of(document: &Document, at: usize) -> String {
    let own = document.annotations.get(at).and_then(|annotation| annotation.id.as_deref());
    own.map_or_else(|| format!("r{at}"), str::to_owned)
}

fn result(json: &mut Json, document: &Document, to: &str, at: usize) -> Option<()> {
    let annotation = document.annotations.get(at)?;
    if let Mark::Relation { from, to } = annotation.mark {
        json.open('{').key("from_id").text(&id_of(document, from)).key("to_id").text(&id_of(document, to));
        json.key("type").text("relation").key("direction").text("right").key("labels").open('[');
        if !annotation.label.is_empty() {
            json.text(&annotation.label);
        }
        json.close(']').close('}');
        return Some(());
    }
    let kind = kind_of(annotation);
    json.open('{').key("id").text(&id_of(document, at));
    json.key("from_name").text(if kind == "choices" { "choice" } else { "label" }).key("to_name").text(to);
    json.key("type").text(kind).key("origin").text("manual");
    if let Content::Image(image) = &document.content {
        json.key("original_width").whole(image.width as usize).key("original_height").whole(image.height as usize);
        json.key("image_rotation").whole(0);
    }
    if let Some(info) = annotation.info.as_deref() {
        extras(json, info);
    }
    json.key("value").open('{');
    value(json, document, annotation)?;
    if !matches!(annotation.mark, Mark::Answer(_)) && !annotation.label.is_empty() {
        json.key(kind).open('[').text(&annotation.label).close(']');
    }
    json.close('}').close('}');
    Some(())
}

fn extras(json: &mut Json, info: &Info) {
    if let Some(confidence) = info.confidence {
        json.key("score").number(confidence);
    }
    if !info.note.is_empty() {
        json.key("meta").open('{').key("text").open('[').text(&info.note).close(']').close('}');
    }
}

fn kind_of(annotation: &Annotation) -> &'static str {
    match annotation.mark {
        Mark::Class => "choices",
        Mark::Box(_) => "rectanglelabels",
        Mark::Polygon(_) | Mark::Polyline(_) => "polygonlabels",
        Mark::Keypoints(_) => "keypointlabels",
        Mark::Mask(_) => "brushlabels",
        Mark::Answer(_) => "textarea",
        _ => "labels",
    }
}

fn value(json: &mut Json, document: &Document, annotation: &Annotation) -> Option<()> {
    let (width, height) = document
        .as_image()
        .map_or((1.0, 1.0), |image| (f64::from(image.width.max(1)) / 100.0, f64::from(image.height.max(1)) / 100.0));
    match &annotation.mark {
        Mark::Span(span) => {
            let (start, end) = span.range();
            json.key("start").whole(start).key("end").whole(end).key("text").text(&span.surface);
        }
        Mark::Box(rect) => {
            let rect = about_corner(*rect);
            json.key("x").number(rect.x / width).key("y").number(rect.y / height);
            json.key("width").number(rect.width / width).key("height").number(rect.height / height);
            json.key("rotation").number(if rect.angle < 0.0 { rect.angle + 360.0 } else { rect.angle });
        }
        Mark::Polygon(parts) => {
            let outline = parts.iter().flat_map(|part| &part.outline);
            write_points(json, outline, width, height);
            json.key("closed").truth(true);
        }
        Mark::Polyline(points) => {
            write_points(json, points.iter(), width, height);
            json.key("closed").truth(false);
        }
        Mark::Keypoints(keypoints) => {
            let point = keypoints.points.first()?;
            json.key("x").number(point.at.x / width).key("y").number(point.at.y / height).key("width").number(0.5);
        }
        Mark::Mask(mask) => {
            json.key("format").text("rle").key("rle").open('[');
            for byte in to_brush(mask)? {
                json.whole(byte.into());
            }
            json.close(']');
        }
        Mark::Segment { start, end } => {
            json.key("start").number(*start).key("end").number(*end);
        }
        Mark::Answer(text) => {
            json.key("text").open('[').text(text).close(']');
        }
        Mark::Class | Mark::Relation { .. } | Mark::Ranking(_) => {}
    }
    Some(())
}

fn write_points<'a>(json: &mut Json, points: impl Iterator<Item = &'a Point>, width: f64, height: f64) {
    json.key("points").open('[');
    for point in points {
        json.numbers([point.x / width, point.y / height]);
    }
    json.close(']');
}
