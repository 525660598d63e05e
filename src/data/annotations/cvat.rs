//! CVAT's XML 1.1: images or tracks with boxes, outlines, lines, points, masks, tags.
//!
//! Source: CVAT's "CVAT for images" and "CVAT for video". Pixels; a box is turned about its centre; a mask is runs row by
//! row inside its box, zeros first. Frames of a track become images named by their numbers; shapes that are outside are
//! left out, since they say that there is nothing.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::geometry::{ellipse, round6};
use super::groups::group_numbers;
use super::holds::{Feature as F, Holds, Losses, Report};
use super::model::{
    Annotation, Class, Content, Document, Documents, Image, Info, Keypoint, Keypoints, Mark, Part, Point, Rect, Seen,
    class_order,
};
use super::rle::Mask;
use super::source::{self, Media};
use super::xml::{self, Node, quoted};
use super::{Clue, Format, Options, Output, Reason, Sure};
use crate::engine::{Error, Result, Work};

/// CVAT.
pub(super) struct Cvat;

const HOLDS: Holds = Holds::of(&[
    F::Image,
    F::EmptyDocument,
    F::DocumentId,
    F::Split,
    F::Class,
    F::ManyClasses,
    F::Box,
    F::RotatedBox,
    F::Polygon,
    F::Polyline,
    F::Keypoints,
    F::ManyKeypoints,
    F::Mask,
    F::Unlabelled,
    F::Prediction,
    F::Group,
    F::Attributes,
    F::ClassList,
]);

impl Format for Cvat {
    fn name(&self) -> &'static str {
        "cvat"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["xml"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        let is_one = |clue: &Clue| clue.ends(&["xml"]) && clue.has("<annotations");
        if is_one(clue) {
            return Some((Sure::Surely, Reason::Begins("<annotations>")));
        }
        clue.within("annotations.xml").filter(is_one).map(|_| (Sure::Likely, Reason::Holds("annotations.xml")))
    }

    fn holds(&self, _: &Options) -> Holds {
        // A point has no number that says how it is seen; those that are absent cannot be told.
        HOLDS
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        let mut report = Report::default();
        let file = if path.is_dir() { path.join("annotations.xml") } else { path.to_owned() };
        let text = source::read_text(&file, options, &mut report, work)?;
        work.stage("reading annotations", 0);
        let root = xml::read(&text, work)?;
        if root.name != "annotations" {
            return Err(Error::input(format!("this is not a CVAT file but <{}>", root.name)));
        }
        let mut documents = Documents { documents: Vec::new(), classes: classes(&root) };
        for image in root.children_named("image") {
            work.check()?;
            let size = |key| image.number(key).filter(|size| (1.0..=1e6).contains(size)).map_or(0, |size| size as u32);
            let path = image.attribute("name").unwrap_or_default().replace('\\', "/");
            let content = Image { path, width: size("width"), height: size("height"), orientation: 0 };
            let (width, height) = (content.width, content.height);
            let mut document = Document::new(image.attribute("id").unwrap_or_default(), Content::Image(content));
            document.split =
                image.attribute("subset").filter(|subset| *subset != "default").unwrap_or_default().to_owned();
            for shape in &image.children {
                let label = shape.attribute("label").unwrap_or_default();
                shape_into(&mut document, shape, label, width, height, &mut report);
            }
            documents.documents.push(document);
        }
        documents.documents.extend(tracks(&root, &mut report));
        let media = Media::beside(path, options)?;
        source::complete_images(&mut documents, &media, false, &mut report, work)?;
        let report = report.counted(&documents);
        Ok((documents, report))
    }

    fn render(&self, path: &Path, documents: &Documents, options: &Options, work: &Work) -> Result<Output> {
        let mut report = Report::default();
        let sized = source::with_sizes(documents, path, options, &mut report, work)?;
        let mut out =
            String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n  <version>1.1</version>\n");
        out.push_str("  <meta><task><labels>\n");
        for label in class_order(&sized) {
            out.push_str(&format!("    <label><name>{}</name></label>\n", quoted(&label)));
        }
        out.push_str("  </labels></task></meta>\n");
        for (row, document) in sized.documents.iter().enumerate() {
            if row % 64 == 0 {
                work.check()?;
            }
            write_image(&mut out, document, row, &mut report.lost);
            for annotation in &document.annotations {
                if let Mark::Keypoints(points) = &annotation.mark {
                    let absent = points.points.iter().filter(|point| point.seen == Seen::Absent).count();
                    (0..absent).for_each(|_| report.lost.add("absent_keypoint", || document.shown()));
                }
            }
        }
        out.push_str("</annotations>\n");
        Ok(Output::text(path, out, report.counted(documents)))
    }
}

/// The labels that the head declares.
fn classes(root: &Node) -> Vec<Class> {
    let heads = root.child("meta").map(|meta| meta.children.as_slice()).unwrap_or_default();
    let labels = heads.iter().filter_map(|head| head.child("labels")).flat_map(|labels| labels.children_named("label"));
    let mut names: Vec<&str> = Vec::new();
    for name in labels.filter_map(|label| label.child_text("name")).filter(|name| !name.is_empty()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.into_iter().map(Class::named).collect()
}

fn shape_into(document: &mut Document, shape: &Node, label: &str, width: u32, height: u32, report: &mut Report) {
    let place = || format!("{}: <{}> {label}", document.path().unwrap_or_default(), shape.name);
    let mark = match mark(shape, width, height) {
        Ok(mark) => mark,
        Err(code) => return report.lost.add(code, place),
    };
    if shape.name == "ellipse" {
        report.lost.add("ellipse_as_polygon", place);
    }
    for point in shape.children_named("points").filter(|point| !point.children.is_empty()) {
        let name = point.attribute("label").unwrap_or_default();
        report.lost.add("point_attributes", || format!("{}: {name}", document.path().unwrap_or_default()));
    }
    document.annotations.push(Annotation::new(label, mark).with_info(info(shape)));
}

fn info(shape: &Node) -> Info {
    let mut info = Info {
        group: shape.attribute("group_id").filter(|group| *group != "0").unwrap_or_default().to_owned(),
        prediction: shape.attribute("source") == Some("auto"),
        ..Info::default()
    };
    if shape.attribute("occluded") == Some("1") {
        info.attributes.push(("occluded".to_owned(), Value::Bool(true)));
    }
    if let Some(order) = shape.number("z_order").filter(|order| *order != 0.0) {
        info.attributes.push(("z_order".to_owned(), Value::from(order as i64)));
    }
    for attribute in shape.children_named("attribute") {
        let name = attribute.attribute("name").unwrap_or_default();
        let value = match attribute.text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            text => Value::from(text),
        };
        info.attributes.push((name.to_owned(), value));
    }
    info
}

fn mark(shape: &Node, width: u32, height: u32) -> Result<Mark, &'static str> {
    let at = |key| shape.number(key);
    match shape.name.as_str() {
        "tag" => Ok(Mark::Class),
        "box" => {
            let sides = at("xtl").zip(at("ytl")).zip(at("xbr").zip(at("ybr")));
            let ((left, top), (right, bottom)) = sides.ok_or("unreadable_box")?;
            let angle = at("rotation").unwrap_or(0.0);
            let angle = if angle > 180.0 { angle - 360.0 } else { angle };
            Ok(Mark::Box(Rect {
                angle,
                ..Rect::new(left.min(right), top.min(bottom), (right - left).abs(), (bottom - top).abs())
            }))
        }
        "polygon" => {
            let outline = points(shape).filter(|points| points.len() >= 3).ok_or("unreadable_polygon")?;
            Ok(Mark::Polygon(vec![Part { outline, holes: Vec::new() }]))
        }
        "polyline" => points(shape).map(Mark::Polyline).ok_or("unreadable_polyline"),
        "points" => {
            let found = points(shape).ok_or("unreadable_points")?;
            let one = |at| Keypoint { at, seen: Seen::Visible, name: String::new() };
            Ok(Mark::Keypoints(Keypoints { points: found.into_iter().map(one).collect(), bounds: None }))
        }
        "skeleton" => {
            let found: Option<Vec<Keypoint>> = shape
                .children_named("points")
                .map(|node| {
                    let at = *points(node)?.first()?;
                    let outside = node.attribute("outside") == Some("1");
                    let hidden = node.attribute("occluded") == Some("1");
                    let seen = if outside {
                        Seen::Absent
                    } else if hidden {
                        Seen::Hidden
                    } else {
                        Seen::Visible
                    };
                    Some(Keypoint { at, seen, name: node.attribute("label").unwrap_or_default().to_owned() })
                })
                .collect();
            Ok(Mark::Keypoints(Keypoints { points: found.ok_or("unreadable_skeleton")?, bounds: None }))
        }
        "ellipse" => {
            let (cx, cy) = at("cx").zip(at("cy")).ok_or("unreadable_ellipse")?;
            let (rx, ry) = at("rx").zip(at("ry")).ok_or("unreadable_ellipse")?;
            let angle = at("rotation").unwrap_or(0.0);
            let outline = ellipse(Point::new(cx, cy), Point::new(rx, ry), angle);
            Ok(Mark::Polygon(vec![Part { outline, holes: Vec::new() }]))
        }
        "mask" => {
            let whole = |key| at(key).filter(|value| (0.0..=1e6).contains(value)).map(|value| value as u32);
            let corner = whole("left").zip(whole("top")).ok_or("unreadable_mask")?;
            let size = whole("width").zip(whole("height")).ok_or("unreadable_mask")?;
            let runs = shape.attribute("rle").unwrap_or_default().split(',').map(|run| run.trim().parse().ok());
            let runs: Option<Vec<u32>> = runs.collect();
            let mask = runs.and_then(|runs| Mask::from_rows(size.0, size.1, runs)).ok_or("unreadable_mask")?;
            mask.placed(corner.0, corner.1, width, height).map(Mark::Mask).ok_or("mask_outside_image")
        }
        _ => Err("unknown_shape"),
    }
}

/// `x,y;x,y`
fn points(shape: &Node) -> Option<Vec<Point>> {
    shape
        .attribute("points")?
        .split(';')
        .map(|pair| {
            let (x, y) = pair.split_once(',')?;
            let number = |text: &str| text.trim().parse().ok().filter(|value: &f64| value.is_finite());
            Some(Point::new(number(x)?, number(y)?))
        })
        .collect()
}

/// Frames of tracks as images.
fn tracks(root: &Node, report: &mut Report) -> Vec<Document> {
    let mut size = (0, 0);
    for head in root.child("meta").map(|meta| meta.children.as_slice()).unwrap_or_default() {
        if let Some(original) = head.child("original_size") {
            let of = |key| {
                original.child_number(key).filter(|size| (1.0..=1e6).contains(size)).map_or(0, |size| size as u32)
            };
            size = (of("width"), of("height"));
        }
    }
    let mut frames: BTreeMap<u64, Document> = BTreeMap::new();
    let (mut outside, mut between) = (0usize, 0usize);
    for track in root.children_named("track") {
        let label = track.attribute("label").unwrap_or_default();
        for shape in &track.children {
            let Some(frame) = shape.number("frame").filter(|frame| (0.0..1e12).contains(frame)) else { continue };
            if shape.attribute("outside") == Some("1") {
                outside += 1;
                continue;
            }
            between += usize::from(shape.attribute("keyframe") == Some("0"));
            let document = frames.entry(frame as u64).or_insert_with(|| {
                let path = format!("frame_{:06}.PNG", frame as u64);
                let image = Image { path, width: size.0, height: size.1, orientation: 0 };
                Document::new(format!("{}", frame as u64), Content::Image(image))
            });
            let before = document.annotations.len();
            shape_into(document, shape, label, size.0, size.1, report);
            if let (Some(id), Some(annotation)) = (track.attribute("id"), document.annotations.get_mut(before)) {
                annotation.info_mut().attributes.push(("track_id".to_owned(), Value::from(id)));
            }
        }
    }
    if outside > 0 {
        report.notes.push(format!("{outside} shapes of tracks lie outside their frames and were left out"));
    }
    if between > 0 {
        report.notes.push(format!("{between} shapes of tracks lie between key frames and were read as they stand"));
    }
    frames.into_values().collect()
}

fn write_image(out: &mut String, document: &Document, row: usize, lost: &mut Losses) {
    let Some(image) = document.as_image() else { return };
    let id = if document.id.is_empty() { row.to_string() } else { document.id.clone() };
    let subset =
        if document.split.is_empty() { String::new() } else { format!(" subset=\"{}\"", quoted(&document.split)) };
    out.push_str(&format!(
        "  <image id=\"{}\" name=\"{}\"{subset} width=\"{}\" height=\"{}\">\n",
        quoted(&id),
        quoted(&image.path),
        image.width,
        image.height
    ));
    let groups = group_numbers(document, lost);
    let none = Info::default();
    for annotation in &document.annotations {
        let (name, shape) = shape(annotation);
        let source = if annotation.is_prediction() { "auto" } else { "manual" };
        out.push_str(&format!("    <{name} label=\"{}\" source=\"{source}\"{shape}", quoted(&annotation.label)));
        let info = annotation.info.as_deref().unwrap_or(&none);
        let mut occluded = "0".to_owned();
        let mut order = "0".to_owned();
        let mut rest = Vec::new();
        for (key, value) in &info.attributes {
            match value {
                Value::Bool(true) if key == "occluded" => occluded = "1".to_owned(),
                Value::Number(number) if key == "z_order" => order = number.to_string(),
                Value::String(text) => rest.push((key, text.clone())),
                other => rest.push((key, other.to_string())),
            }
        }
        if name != "tag" {
            out.push_str(&format!(" occluded=\"{occluded}\" z_order=\"{order}\""));
        }
        if let Some(number) = groups.get(info.group.as_str()) {
            out.push_str(&format!(" group_id=\"{number}\""));
        }
        if rest.is_empty() {
            out.push_str("/>\n");
            continue;
        }
        out.push_str(">\n");
        for (key, value) in rest {
            out.push_str(&format!("      <attribute name=\"{}\">{}</attribute>\n", quoted(key), quoted(&value)));
        }
        out.push_str(&format!("    </{name}>\n"));
    }
    out.push_str("  </image>\n");
}

/// The element's name, and the attributes that place it.
fn shape(annotation: &Annotation) -> (&'static str, String) {
    let line = |points: &mut dyn Iterator<Item = Point>| {
        let points: Vec<String> = points.map(|point| format!("{},{}", round6(point.x), round6(point.y))).collect();
        format!(" points=\"{}\"", points.join(";"))
    };
    match &annotation.mark {
        Mark::Box(rect) => {
            let sides = [rect.x, rect.y, rect.x + rect.width, rect.y + rect.height].map(round6);
            let angle = if rect.angle < 0.0 { rect.angle + 360.0 } else { rect.angle };
            let turn = if angle == 0.0 { String::new() } else { format!(" rotation=\"{}\"", round6(angle)) };
            let [left, top, right, bottom] = sides;
            ("box", format!(" xtl=\"{left}\" ytl=\"{top}\" xbr=\"{right}\" ybr=\"{bottom}\"{turn}"))
        }
        Mark::Polygon(parts) => ("polygon", line(&mut parts.iter().flat_map(|part| &part.outline).copied())),
        Mark::Polyline(points) => ("polyline", line(&mut points.iter().copied())),
        Mark::Keypoints(keypoints) => {
            let there = keypoints.points.iter().filter(|point| point.seen != Seen::Absent);
            ("points", line(&mut there.map(|point| point.at)))
        }
        Mark::Mask(mask) => {
            let rect = mask.bounds().unwrap_or_default();
            let [left, top, width, height] = [rect.x, rect.y, rect.width, rect.height].map(|value| value as u32);
            let runs = mask.cropped(left, top, width, height).map(|part| part.runs().to_vec()).unwrap_or_default();
            let runs: Vec<String> = runs.iter().map(u32::to_string).collect();
            let place = format!(
                " rle=\"{}\" left=\"{left}\" top=\"{top}\" width=\"{width}\" height=\"{height}\"",
                runs.join(", ")
            );
            ("mask", place)
        }
        _ => ("tag", String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, labels_of, sample};
    use super::*;

    #[test]
    fn its_own_file_is_read() {
        let Some(path) = sample("img/cvat.xml") else { return };
        let (read, report) = Cvat.read(&path, &Options::default(), &Work::new()).unwrap();
        assert!(report.lost.is_empty(), "{:?}", report.lost);
        assert_eq!(labels_of(&read), ["상자 [2,1,6,4]", "tri <3>", "상자 #24", "tri"]);
        assert_eq!(read.documents[0].annotations[0].attribute("색"), Some(&Value::from("red")));
    }

    #[test]
    fn peers_files_are_read() {
        for folder in ["datumaro_assets/tests/assets/cvat_dataset", "panlabel_fixtures/tests/fixtures"] {
            for path in testing::peers(folder, "xml") {
                let (read, _) = Cvat.read(&path, &Options::default(), &Work::new()).unwrap();
                assert!(!read.documents.is_empty(), "{}", path.display());
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn what_goes_out_comes_in(mut documents in testing::documents(HOLDS)) {
            testing::all_present(&mut documents);
            testing::check_round_trip(&Cvat, "a.xml", documents, &Options::default());
        }
    }
}
