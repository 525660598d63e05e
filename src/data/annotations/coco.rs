//! COCO's JSON: boxes, outlines, masks of both kinds, keypoints, captions and image labels.
//!
//! Source: <https://cocodataset.org/#format-data> and pycocotools. Pixels; masks column by column; ids are arbitrary.
//! One annotation may have an outline and keypoints: they become two of one group, and one again on writing. A bare
//! list of results has neither images nor classes and is refused.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::geometry::{area, bounds_of_keypoints, bounds_of_parts};
use super::holds::{Feature as F, Holds, Losses, Report};
use super::json::{self, Json, Top, list, number, number_at, points, text, whole};
use super::model::{
    Annotation, Class, Content, Document, Documents, Image, Info, Keypoint, Keypoints, Label, Mark, Pairs, Part, Point,
    Rect, Seen, class_order,
};
use super::rle::{Mask, from_coco_text, to_coco_text};
use super::source::{self, Media};
use super::{Clue, Format, Options, Output, Reason, Sure};
use crate::engine::{Error, Result, Work};

/// COCO.
pub(super) struct Coco;

const HOLDS: Holds = Holds::of(&[
    F::Image,
    F::EmptyDocument,
    F::DocumentId,
    F::Metadata,
    F::Box,
    F::Polygon,
    F::Parts,
    F::Keypoints,
    F::ManyKeypoints,
    F::Bounds,
    F::Visibility,
    F::Mask,
    F::Class,
    F::ManyClasses,
    F::Unlabelled,
    F::Answer,
    F::AnnotationId,
    F::Confidence,
    F::Group,
    F::Attributes,
    F::ClassList,
    F::Skeleton,
]);

/// Fields of an annotation that are not attributes.
const KEYS: &[&str] = &[
    "id",
    "image_id",
    "category_id",
    "bbox",
    "area",
    "segmentation",
    "iscrowd",
    "keypoints",
    "num_keypoints",
    "score",
    "caption",
    "attributes",
];

/// The attribute of annotations that stand for many objects at once, which evaluation passes over.
const CROWD: &str = "iscrowd";

/// Fields of an image that are not metadata.
const IMAGE_KEYS: &[&str] = &["id", "file_name", "width", "height"];

impl Format for Coco {
    fn name(&self) -> &'static str {
        "coco"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        let lists = clue.ends(&["json"]) && clue.keys(&["images"]);
        let named = ["annotations", "categories", "file_name"].iter().any(|key| clue.keys(&[key]));
        (lists && named).then_some((Sure::Likely, Reason::Fields("images, annotations")))
    }

    fn holds(&self, _: &Options) -> Holds {
        HOLDS
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        let mut report = Report::default();
        let content = source::read_text(path, options, &mut report, work)?;
        let bytes = content.as_bytes();
        let Top::Object(fields) = json::top(bytes)? else {
            return Err(Error::input("this is a list, not a COCO data set").help(
                "a list of results has no images and classes: give the data set, with images, categories and annotations",
            ));
        };
        let field = |name: &str| fields.iter().find(|field| field.key == name);
        let Some(images) = field("images") else {
            return Err(
                Error::input("there is no list of images").help("a COCO file has images, categories and annotations")
            );
        };
        let (mut documents, rows) = read_images(bytes, images, &mut report, work)?;
        let (classes, by_id) = match field("categories") {
            Some(field) => read_categories(&json::parse(bytes, &field.place)?, &mut report),
            None => (Vec::new(), HashMap::new()),
        };
        documents.classes = classes;
        if let Some(field) = field("annotations") {
            read_annotations(bytes, field, &mut documents, &rows, &by_id, &mut report, work)?;
        }
        let ignored: Vec<&str> = fields
            .iter()
            .map(|field| field.key.as_str())
            .filter(|key| !matches!(*key, "images" | "categories" | "annotations"))
            .collect();
        if !ignored.is_empty() {
            report.notes.push(format!("fields that were not read: {}", ignored.join(", ")));
        }
        let media = Media::beside(path, options)?;
        if options.media.is_some() {
            source::complete_images(&mut documents, &media, false, &mut report, work)?;
        }
        let report = report.counted(&documents);
        Ok((documents, report))
    }

    fn render(&self, path: &Path, documents: &Documents, options: &Options, work: &Work) -> Result<Output> {
        let mut report = Report::default();
        let sized = source::with_sizes(documents, path, options, &mut report, work)?;
        let out = write(&sized, work)?;
        Ok(Output::text(path, out, report.counted(documents)))
    }
}

/// A key as files write ids: numbers, or texts where a tool made them so.
fn id_of(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(text) => Some(text.clone()),
        other => whole(other).map(|id| id.to_string()),
    }
}

fn read_images(
    bytes: &[u8],
    field: &json::Field,
    report: &mut Report,
    work: &Work,
) -> Result<(Documents, HashMap<String, usize>)> {
    let places = field.elements(bytes)?;
    work.stage("reading images", places.len() as u64);
    let batches = json::map_batches(bytes, places, work, |_, values| Ok(values))?;
    let (mut documents, mut rows) = (Documents::default(), HashMap::new());
    for value in batches.into_iter().flatten() {
        let Some(id) = id_of(&value, "id") else {
            report.lost.add("image_without_id", || text(&value, "file_name").unwrap_or_default());
            continue;
        };
        let size = |key| number_at(&value, key).filter(|size| (1.0..=1e6).contains(size)).map_or(0, |size| size as u32);
        let image = Image {
            path: text(&value, "file_name").unwrap_or_default().replace('\\', "/"),
            width: size("width"),
            height: size("height"),
            orientation: 0,
        };
        if rows.contains_key(&id) {
            report.lost.add("repeated_image_id", || id.clone());
            continue;
        }
        rows.insert(id.clone(), documents.documents.len());
        let mut document = Document::new(id, Content::Image(image));
        if let Value::Object(fields) = value {
            document.meta = fields
                .into_iter()
                .filter(|(key, value)| !IMAGE_KEYS.contains(&key.as_str()) && !is_blank(value))
                .collect();
        }
        documents.documents.push(document);
    }
    Ok((documents, rows))
}

/// What tools fill in where they know nothing.
fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("") || value.as_i64() == Some(0)
}

fn read_categories(value: &Value, report: &mut Report) -> (Vec<Class>, HashMap<String, usize>) {
    let (mut classes, mut by_id) = (Vec::new(), HashMap::new());
    for category in value.as_array().map(Vec::as_slice).unwrap_or_default() {
        let Some(id) = id_of(category, "id") else {
            report.lost.add("category_without_id", || text(category, "name").unwrap_or_default());
            continue;
        };
        let mut class = Class::named(text(category, "name").unwrap_or_else(|| id.clone()));
        class.parent = text(category, "supercategory").unwrap_or_default();
        class.keypoints = list(category, "keypoints").iter().filter_map(json::shown).collect();
        let bones: Vec<(usize, usize)> = list(category, "skeleton")
            .iter()
            .filter_map(|bone| Some((whole(bone.get(0)?)?, whole(bone.get(1)?)?)))
            .collect();
        // Counted from 1, but some tools count from 0.
        let base = usize::from(!bones.iter().any(|bone| bone.0 == 0 || bone.1 == 0));
        class.skeleton = bones.into_iter().map(|bone| (bone.0 - base, bone.1 - base)).collect();
        by_id.insert(id, classes.len());
        classes.push(class);
    }
    (classes, by_id)
}

/// Ids as files write them, and where what they name stands. Those that are numbers, as nearly all are, need no text.
struct Numbered<'a> {
    texts: &'a HashMap<String, usize>,
    numbers: HashMap<u64, usize>,
}

impl<'a> Numbered<'a> {
    fn of(texts: &'a HashMap<String, usize>) -> Self {
        let number = |(id, at): (&String, &usize)| {
            let number: u64 = id.parse().ok()?;
            // Ids such as "007" are texts.
            (number.to_string() == *id).then_some((number, *at))
        };
        Self { texts, numbers: texts.iter().filter_map(number).collect() }
    }
}

/// What annotations refer to.
struct Known<'a> {
    documents: &'a Documents,
    rows: Numbered<'a>,
    classes: Numbered<'a>,
}

/// An annotation as most files write it, with nothing but a box and an outline: read without a general value between.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain {
    id: u64,
    image_id: u64,
    category_id: u64,
    bbox: [f64; 4],
    #[serde(default)]
    segmentation: Vec<Vec<f64>>,
    #[serde(default)]
    iscrowd: u8,
    /// It follows from the shape.
    #[serde(default, rename = "area")]
    _area: f64,
}

/// Annotations that one thread has read: the row of their document, and they.
#[derive(Default)]
struct Batch {
    found: Vec<(usize, Annotation)>,
    lost: Losses,
    other_boxes: usize,
}

fn read_annotations(
    bytes: &[u8],
    field: &json::Field,
    documents: &mut Documents,
    rows: &HashMap<String, usize>,
    by_id: &HashMap<String, usize>,
    report: &mut Report,
    work: &Work,
) -> Result<()> {
    let places = field.elements(bytes)?;
    work.stage("reading annotations", places.len() as u64);
    let known = Known { documents: &*documents, rows: Numbered::of(rows), classes: Numbered::of(by_id) };
    let batches = json::map_places(places, work, |places| {
        let mut batch = Batch::default();
        for place in places {
            let plain = bytes.get(place.clone()).and_then(|part| serde_json::from_slice::<Plain>(part).ok());
            if !plain.is_some_and(|plain| batch.plain(&plain, &known)) {
                batch.annotation(&json::parse(bytes, place)?, &known);
            }
        }
        Ok(batch)
    })?;
    let mut other_boxes = 0;
    for batch in batches {
        report.lost.merge(batch.lost);
        other_boxes += batch.other_boxes;
        for (row, annotation) in batch.found {
            if let Some(document) = documents.documents.get_mut(row) {
                document.annotations.push(annotation);
            }
        }
    }
    if other_boxes > 0 {
        report.notes.push(format!("{other_boxes} boxes are not those of their outlines, which were kept"));
    }
    Ok(())
}

impl Batch {
    /// Takes in an annotation if nothing about it is out of the ordinary.
    fn plain(&mut self, plain: &Plain, known: &Known) -> bool {
        let row = known.rows.numbers.get(&plain.image_id);
        let class = known.classes.numbers.get(&plain.category_id).and_then(|at| known.documents.classes.get(*at));
        let (Some(&row), Some(class), 0) = (row, class, plain.iscrowd) else { return false };
        if plain.segmentation.iter().any(|ring| ring.len() < 6 || !ring.len().is_multiple_of(2)) {
            return false;
        }
        let ring = |ring: &Vec<f64>| ring.chunks_exact(2).map(|at| Point::new(at[0], at[1])).collect();
        let parts: Vec<Part> =
            plain.segmentation.iter().map(|flat| Part { outline: ring(flat), holes: Vec::new() }).collect();
        let shape = (!parts.is_empty()).then_some(Mark::Polygon(parts));
        let [x, y, width, height] = plain.bbox;
        let bounds = Rect::new(x, y, width, height);
        self.compare(bounds, shape.as_ref());
        let id = plain.id.to_string();
        self.push(row, Some(&id), class.name.clone(), shape.unwrap_or(Mark::Box(bounds)), Info::default());
        true
    }

    /// Counts boxes that are not those of their outlines.
    fn compare(&mut self, bounds: Rect, shape: Option<&Mark>) {
        let Some(Mark::Polygon(parts)) = shape else { return };
        let near = bounds_of_parts(parts).is_some_and(|own| {
            [own.x - bounds.x, own.y - bounds.y, own.width - bounds.width, own.height - bounds.height]
                .iter()
                .all(|difference| difference.abs() <= 1.0)
        });
        self.other_boxes += usize::from(!near);
    }

    fn annotation(&mut self, value: &Value, known: &Known) {
        let Known { documents, rows, classes } = known;
        let id = id_of(value, "id");
        let shown = || format!("annotation {}", id.clone().unwrap_or_default());
        let row = id_of(value, "image_id").and_then(|image| rows.texts.get(&image).copied());
        let Some((row, image)) = row.and_then(|row| Some((row, documents.documents.get(row)?.as_image()?))) else {
            return self.lost.add("annotation_without_image", shown);
        };
        let class = id_of(value, "category_id")
            .and_then(|class| classes.texts.get(&class))
            .and_then(|at| documents.classes.get(*at));
        let mut info = Info { confidence: number_at(value, "score"), attributes: attributes(value), ..Info::default() };
        if class.is_none() && value.get("category_id").is_some_and(|class| !class.is_null()) {
            self.lost.add("unknown_category", shown);
        }
        let label: Label = match class {
            Some(class) => class.name.clone(),
            None => "".into(),
        };
        if let Some(at) = info.attributes.iter().position(|(key, value)| key == "group" && value.is_string()) {
            info.group = json::shown(&info.attributes.remove(at).1).unwrap_or_default();
        }
        if let Some(caption) = text(value, "caption") {
            self.push(row, id.as_deref(), "".into(), Mark::Answer(caption), info);
            return;
        }
        let (shape, points) = (self.shape(value, image, &shown), keypoints(value));
        if shape.is_some() && points.is_some() {
            info.group = format!("coco:{}", id.clone().unwrap_or_default());
        }
        if points.is_none() && !keypoints_are_blank(value) {
            self.lost.add("unreadable_keypoints", shown);
        }
        let bounds = value.get("bbox").and_then(rect);
        if let Some(bounds) = bounds {
            self.compare(bounds, shape.as_ref());
        }
        let has_shape = shape.is_some();
        if let Some(mark) = shape {
            self.push(row, id.as_deref(), label.clone(), mark, info.clone());
        }
        if let Some(points) = points {
            // The box is the outline's where there is one.
            let bounds = bounds.filter(|_| !has_shape);
            let id = id.as_deref().filter(|_| !has_shape);
            self.push(row, id, label, Mark::Keypoints(Keypoints { points, bounds }), info);
        } else if !has_shape {
            match bounds {
                Some(rect) => self.push(row, id.as_deref(), label, Mark::Box(rect), info),
                None if class.is_some() => self.push(row, id.as_deref(), label, Mark::Class, info),
                None => self.lost.add("annotation_without_shape", shown),
            }
        }
    }

    fn push(&mut self, row: usize, id: Option<&str>, label: Label, mark: Mark, info: Info) {
        let mut annotation = Annotation::new(label, mark).with_info(info);
        if let Some(id) = id {
            annotation = annotation.with_id(id);
        }
        self.found.push((row, annotation));
    }

    fn shape(&mut self, value: &Value, image: &Image, shown: &dyn Fn() -> String) -> Option<Mark> {
        match value.get("segmentation")? {
            Value::Array(rings) if rings.is_empty() => None,
            Value::Array(rings) => {
                let rings: Option<Vec<Vec<Point>>> = match rings.first() {
                    Some(Value::Number(_)) => value.get("segmentation").and_then(points).map(|ring| vec![ring]),
                    _ => rings.iter().map(points).collect(),
                };
                let Some(rings) = rings else {
                    self.lost.add("unreadable_polygon", shown);
                    return None;
                };
                let (whole, short): (Vec<_>, Vec<_>) = rings.into_iter().partition(|ring| ring.len() >= 3);
                short.iter().for_each(|_| self.lost.add("polygon_of_two_points", shown));
                let parts: Vec<Part> = whole.into_iter().map(|outline| Part { outline, holes: Vec::new() }).collect();
                (!parts.is_empty()).then_some(Mark::Polygon(parts))
            }
            run @ Value::Object(_) => {
                let mask = mask(run);
                if let Some(mask) = &mask
                    && image.width > 0
                    && (mask.width(), mask.height()) != (image.width, image.height)
                {
                    self.lost.add("mask_of_another_size", shown);
                    return None;
                }
                if mask.is_none() {
                    self.lost.add("unreadable_mask", shown);
                }
                mask.map(Mark::Mask)
            }
            Value::Null => None,
            _ => {
                self.lost.add("unreadable_mask", shown);
                None
            }
        }
    }
}

/// A mask as runs or as their text.
pub(super) fn mask(value: &Value) -> Option<Mask> {
    let size = value.get("size")?;
    let (height, width) = (whole(size.get(0)?)?, whole(size.get(1)?)?);
    let counts = match value.get("counts")? {
        Value::String(text) => from_coco_text(text)?,
        counts => counts
            .as_array()?
            .iter()
            .map(|run| whole(run).and_then(|run| u32::try_from(run).ok()))
            .collect::<Option<_>>()?,
    };
    Mask::from_columns(u32::try_from(width).ok()?, u32::try_from(height).ok()?, &counts)
}

fn rect(value: &Value) -> Option<Rect> {
    let list = value.as_array()?;
    let at = |place: usize| list.get(place).and_then(number);
    Some(Rect::new(at(0)?, at(1)?, at(2)?, at(3)?))
}

/// Whether keypoints are missing, or say of each that it is absent.
fn keypoints_are_blank(value: &Value) -> bool {
    let all = list(value, "keypoints");
    all.len().is_multiple_of(3) && all.iter().all(|number| json::number(number).is_some())
}

/// Keypoints, if any is there.
fn keypoints(value: &Value) -> Option<Vec<Keypoint>> {
    let flat: Vec<f64> = list(value, "keypoints").iter().map(number).collect::<Option<_>>()?;
    let found: Vec<Keypoint> = flat
        .chunks_exact(3)
        .map(|triple| Keypoint { at: Point::new(triple[0], triple[1]), seen: Seen::of(triple[2]), name: String::new() })
        .collect();
    found.iter().any(|point| point.seen != Seen::Absent).then_some(found)
}

/// Attributes, and fields that COCO does not know.
fn attributes(value: &Value) -> Pairs {
    let mut pairs: Pairs = Vec::new();
    if let Some(Value::Object(fields)) = value.get("attributes") {
        pairs.extend(fields.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    if value.get("iscrowd").and_then(number) == Some(1.0) {
        pairs.push((CROWD.to_owned(), Value::Bool(true)));
    }
    if let Value::Object(fields) = value {
        let more = fields.iter().filter(|(key, value)| !KEYS.contains(&key.as_str()) && !value.is_null());
        pairs.extend(more.map(|(key, value)| (key.clone(), value.clone())));
    }
    pairs
}

/// The text of a COCO file.
fn write(documents: &Documents, work: &Work) -> Result<String> {
    let labels = class_order(documents);
    let numbers: HashMap<&str, usize> = labels.iter().enumerate().map(|(at, label)| (&**label, at + 1)).collect();
    let mut json = Json::default();
    json.open('{').key("info").open('{').close('}').key("licenses").open('[').close(']').key("images").open('[');
    for (row, document) in documents.documents.iter().enumerate() {
        let Some(image) = document.as_image() else { continue };
        json.open('{').key("id");
        write_id(&mut json, &document.id, row + 1);
        json.key("file_name").text(&image.path).key("width").whole(image.width as usize);
        json.key("height").whole(image.height as usize).fields(&document.meta).close('}');
    }
    json.close(']').key("categories").open('[');
    for (at, label) in labels.iter().enumerate() {
        let class = documents.classes.iter().find(|class| class.name == *label);
        json.open('{').key("id").whole(at + 1).key("name").text(label);
        json.key("supercategory").text(class.map_or("", |class| &class.parent));
        if let Some(class) = class.filter(|class| !class.keypoints.is_empty() || !class.skeleton.is_empty()) {
            json.key("keypoints").open('[');
            class.keypoints.iter().for_each(|name| {
                json.text(name);
            });
            json.close(']').key("skeleton").open('[');
            class.skeleton.iter().for_each(|bone| {
                json.open('[').whole(bone.0 + 1).whole(bone.1 + 1).close(']');
            });
            json.close(']');
        }
        json.close('}');
    }
    json.close(']').key("annotations").open('[');
    let mut next = 0;
    for (row, document) in documents.documents.iter().enumerate() {
        if row % 64 == 0 {
            work.check()?;
        }
        write_document(&mut json, document, row, &numbers, &mut next);
    }
    json.close(']').close('}').line("\n");
    Ok(json.take())
}

fn write_id(json: &mut Json, id: &str, otherwise: usize) {
    match id.parse::<u64>() {
        Ok(number) if number.to_string() == id => json.whole(number as usize),
        _ if id.is_empty() => json.whole(otherwise),
        _ => json.text(id),
    };
}

/// The annotations of a document; keypoints and the shape of their group are written as one.
fn write_document(json: &mut Json, document: &Document, row: usize, numbers: &HashMap<&str, usize>, next: &mut usize) {
    let group = |annotation: &Annotation| {
        annotation.info.as_ref().map(|info| info.group.clone()).filter(|group| group.starts_with("coco:"))
    };
    let mut points: HashMap<String, &Keypoints> = HashMap::new();
    let shaped: std::collections::HashSet<String> = document
        .annotations
        .iter()
        .filter(|annotation| matches!(annotation.mark, Mark::Polygon(_) | Mark::Mask(_)))
        .filter_map(group)
        .collect();
    for annotation in &document.annotations {
        if let (Mark::Keypoints(keypoints), Some(group)) = (&annotation.mark, group(annotation))
            && shaped.contains(&group)
        {
            points.insert(group, keypoints);
        }
    }
    for annotation in &document.annotations {
        let group = group(annotation);
        let joined = group.as_ref().and_then(|group| points.get(group).copied());
        if joined.is_some() && matches!(annotation.mark, Mark::Keypoints(_)) {
            continue;
        }
        *next += 1;
        json.open('{').key("id");
        write_id(json, annotation.id.as_deref().unwrap_or_default(), *next);
        json.key("image_id");
        write_id(json, &document.id, row + 1);
        if let Mark::Answer(text) = &annotation.mark {
            json.key("caption").text(text);
        }
        if let Some(number) = numbers.get(&*annotation.label) {
            json.key("category_id").whole(*number);
        }
        let crowd = annotation.attribute(CROWD) == Some(&Value::Bool(true));
        write_mark(json, &annotation.mark, joined, crowd);
        if let Some(info) = annotation.info.as_deref() {
            if let Some(confidence) = info.confidence {
                json.key("score").number(confidence);
            }
            let attributes: Vec<_> = info.attributes.iter().filter(|(key, _)| key != CROWD || !crowd).collect();
            if !attributes.is_empty() || (!info.group.is_empty() && group.is_none()) {
                json.key("attributes").open('{');
                attributes.into_iter().for_each(|(key, value)| _ = json.key(key).value(value));
                if !info.group.is_empty() && group.is_none() {
                    json.key("group").text(&info.group);
                }
                json.close('}');
            }
        }
        json.close('}');
    }
}

fn write_mark(json: &mut Json, mark: &Mark, joined: Option<&Keypoints>, crowd: bool) {
    let bounds = match mark {
        Mark::Box(rect) => Some((*rect, rect.width * rect.height)),
        Mark::Polygon(parts) => bounds_of_parts(parts).map(|rect| {
            json.key("segmentation").open('[');
            for part in parts {
                json.numbers(part.outline.iter().flat_map(|point| [point.x, point.y]));
            }
            json.close(']');
            (rect, parts.iter().map(|part| area(&part.outline)).sum())
        }),
        Mark::Mask(mask) => {
            json.key("segmentation").open('{').key("size").open('[');
            json.whole(mask.height() as usize).whole(mask.width() as usize).close(']');
            json.key("counts").text(&to_coco_text(&mask.columns())).close('}');
            Some((mask.bounds().unwrap_or_default(), mask.area() as f64))
        }
        Mark::Keypoints(points) => {
            points.bounds.or_else(|| bounds_of_keypoints(points)).map(|rect| (rect, rect.width * rect.height))
        }
        _ => None,
    };
    let keypoints = match mark {
        Mark::Keypoints(points) => Some(points),
        _ => joined,
    };
    if let Some(points) = keypoints {
        let there = points.points.iter().filter(|point| point.seen != Seen::Absent).count();
        let flat = points.points.iter().flat_map(|point| [point.at.x, point.at.y, f64::from(point.seen.number())]);
        json.key("keypoints").numbers(flat).key("num_keypoints").whole(there);
    }
    if let Some((rect, area)) = bounds {
        json.key("bbox").numbers([rect.x, rect.y, rect.width, rect.height]).key("area").number(area);
        json.key("iscrowd").whole(usize::from(crowd));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, sample};
    use super::*;

    #[test]
    fn its_own_file_is_read() {
        let Some(path) = sample("img/coco.json") else { return };
        let (read, report) = Coco.read(&path, &Options::default(), &Work::new()).unwrap();
        assert!(report.lost.is_empty(), "{:?}", report.lost);
        let found = &read.documents[0].annotations;
        assert!(matches!(&found[0].mark, Mark::Polygon(parts) if parts[0].outline.len() == 4));
        assert!(matches!(&found[1].mark, Mark::Mask(mask) if mask.area() == 24));
        assert!(matches!(&found[3].mark, Mark::Keypoints(points) if points.points[1].seen == Seen::Hidden));
        assert_eq!(found[2].info.as_ref().unwrap().group, found[3].info.as_ref().unwrap().group);
        assert_eq!(read.classes[1].skeleton, [(0, 1), (1, 2)]);
    }

    #[test]
    fn a_mask_is_a_crowd_only_where_it_says_so() {
        let mask = Mask::from_columns(20, 10, &[21, 4, 175]).unwrap();
        let image = Image { path: "a.png".into(), width: 20, height: 10, orientation: 0 };
        let mut document = Document::new("1", Content::Image(image));
        document.annotations.push(Annotation::new("a", Mark::Mask(mask)));
        document.annotations.push(document.annotations[0].clone());
        document.annotations[1].info_mut().attributes.push((CROWD.to_owned(), Value::Bool(true)));
        let text = write(&Documents { documents: vec![document], classes: Vec::new() }, &Work::new()).unwrap();
        let file: Value = serde_json::from_str(&text).unwrap();
        let crowds: Vec<_> =
            list(&file, "annotations").iter().map(|one| (&one["iscrowd"], one.get("attributes"))).collect();
        assert_eq!(crowds, [(&Value::from(0), None), (&Value::from(1), None)]);
        let (read, _) = testing::read_text(&Coco, "a.json", &text).unwrap();
        let kept: Vec<_> = read.documents[0].annotations.iter().map(|one| one.attribute(CROWD).is_some()).collect();
        assert_eq!(kept, [false, true]);
    }

    #[test]
    fn photos_go_out_and_come_in() {
        let Some(path) = testing::data("coco_photos/instances.json") else { return };
        let (read, _) = Coco.read(&path, &Options::default(), &Work::new()).unwrap();
        assert_eq!((read.documents.len(), read.classes.len()), (88, 80));
        let boxes: usize = read.documents.iter().map(|document| document.annotations.len()).sum();
        assert!(boxes >= 682, "{boxes}");
        testing::check_round_trip(&Coco, "a.json", read, &Options::default());
    }

    proptest::proptest! {
        #[test]
        fn what_goes_out_comes_in(documents in testing::documents(HOLDS.without(F::Bounds))) {
            testing::check_round_trip(&Coco, "a.json", testing::with_bounds(documents), &Options::default());
        }
    }
}
