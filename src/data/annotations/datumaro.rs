//! Datumaro's JSON: one file a part of the data, in a folder `annotations`. Read, not written.
//!
//! Source: datumaro 1.x, its plugin for its own format. Pixels; masks as COCO has them, as text; an item's class is a
//! number in the file's own list. Every kind that is not in the common form is counted.

use std::path::Path;

use serde_json::Value;

use super::coco;
use super::geometry::ellipse;
use super::holds::{Feature as F, Holds, Losses, Report};
use super::json::{self, Top, list, number, number_at, points, text, whole};
use super::model::{
    Annotation, Class, Content, Document, Documents, Image, Info, Keypoint, Keypoints, Mark, Part, Point, Rect, Seen,
};
use super::source::{self, Media};
use super::{Clue, Format, Options, Reason, Sure, form};
use crate::engine::{Error, Result, Work};

/// Datumaro.
pub(super) struct Datumaro;

impl Format for Datumaro {
    fn name(&self) -> &'static str {
        "datumaro"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        let is_one = |clue: &Clue| {
            clue.ends(&["json"]) && (clue.keys(&["categories", "items"]) || clue.keys(&["dm_format_version"]))
        };
        if is_one(clue) {
            return Some((Sure::Surely, Reason::Fields("categories, items")));
        }
        clue.within("annotations")?.first().filter(is_one).map(|_| (Sure::Likely, Reason::Holds("annotations")))
    }

    fn is_written(&self) -> bool {
        false
    }

    fn holds(&self, _: &Options) -> Holds {
        let all = [
            [F::Image, F::EmptyDocument, F::DocumentId, F::Metadata, F::Split, F::Class],
            [F::ManyClasses, F::Box, F::Polygon, F::Polyline, F::Keypoints, F::ManyKeypoints],
            [F::Visibility, F::Mask, F::Answer, F::Unlabelled, F::AnnotationId, F::Confidence],
            [F::Group, F::Attributes, F::ClassList, F::Skeleton, F::ClassList, F::Skeleton],
        ];
        all.iter().fold(Holds::of(&[]), |holds, part| holds.and(Holds::of(part)))
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        let folder = source::folder_of(path);
        let (root, names) = match path.is_dir() && path.join("annotations").is_dir() {
            true => (folder.join("annotations"), source::files_of(&path.join("annotations"), "json", work)?),
            false => (folder.to_owned(), source::files_of(path, "json", work)?),
        };
        let (mut report, mut documents) = (Report::default(), Documents::default());
        for name in &names {
            match read_file(&root.join(name), name, options, &mut documents, &mut report, work) {
                Ok(()) => {}
                Err(error) if names.len() == 1 || error.is_cancelled() => return Err(error),
                Err(error) => report.lost.add("unreadable_file", || format!("{name}: {error}")),
            }
        }
        if documents.documents.is_empty() {
            return Err(Error::input("there is no list of items").help("a Datumaro file has categories and items"));
        }
        // Images lie beside the folder of annotations.
        let beside = match root.file_name() {
            Some(last) if last == "annotations" => root.parent().unwrap_or(&root),
            _ => &root,
        };
        let media = Media::beside(beside, options)?;
        source::complete_images(&mut documents, &media, false, &mut report, work)?;
        let report = report.counted(&documents);
        Ok((documents, report))
    }
}

fn read_file(
    path: &Path,
    name: &str,
    options: &Options,
    documents: &mut Documents,
    report: &mut Report,
    work: &Work,
) -> Result<()> {
    let content = source::read_text(path, options, report, work)?;
    let bytes = content.as_bytes();
    let fields = match json::top(bytes)? {
        Top::Object(fields) => fields,
        Top::Array => Vec::new(),
    };
    let field = |name: &str| fields.iter().find(|field| field.key == name);
    let Some(items) = field("items") else {
        return Err(Error::input("there is no list of items").at(path.display()));
    };
    let classes = match field("categories") {
        Some(field) => classes(&json::parse(bytes, &field.place)?),
        None => Vec::new(),
    };
    let split = source::stem(source::file_name(name));
    let split = if split == "default" { "" } else { split };
    let read = read_items(bytes, items, &classes, split, report, work)?;
    documents.documents.extend(read);
    for class in classes {
        if documents.classes.iter().all(|other| other.name != class.name) {
            documents.classes.push(class);
        }
    }
    Ok(())
}

/// The classes in their order, with the keypoints that the file declares for them.
fn classes(value: &Value) -> Vec<Class> {
    let labels = value.get("label").map(|label| list(label, "labels")).unwrap_or_default();
    let mut classes: Vec<Class> = labels
        .iter()
        .map(|label| {
            let mut class = Class::named(text(label, "name").unwrap_or_default());
            class.parent = text(label, "parent").unwrap_or_default();
            class
        })
        .collect();
    for item in value.get("points").map(|points| list(points, "items")).unwrap_or_default() {
        let at = item.get("label_id").and_then(whole);
        let Some(class) = at.and_then(|at| classes.get_mut(at)) else { continue };
        class.keypoints = list(item, "labels").iter().filter_map(json::shown).collect();
        let joints: Vec<(usize, usize)> =
            list(item, "joints").iter().filter_map(|bone| Some((whole(bone.get(0)?)?, whole(bone.get(1)?)?))).collect();
        // As COCO's skeletons, from which they come, these count from 1; some count from 0.
        let base = usize::from(!joints.iter().any(|bone| bone.0 == 0 || bone.1 == 0));
        class.skeleton = joints.into_iter().map(|bone| (bone.0 - base, bone.1 - base)).collect();
    }
    classes
}

fn read_items(
    bytes: &[u8],
    field: &json::Field,
    classes: &[Class],
    split: &str,
    report: &mut Report,
    work: &Work,
) -> Result<Vec<Document>> {
    let places = field.elements(bytes)?;
    work.stage("reading annotations", places.len() as u64);
    let batches = json::map_batches(bytes, places, work, |_, items| {
        let mut lost = Losses::default();
        let read: Vec<Document> = items.iter().filter_map(|item| document(item, classes, split, &mut lost)).collect();
        Ok((read, lost))
    })?;
    let mut documents = Vec::with_capacity(places.len());
    for (read, lost) in batches {
        documents.extend(read);
        report.lost.merge(lost);
    }
    Ok(documents)
}

fn document(item: &Value, classes: &[Class], split: &str, lost: &mut Losses) -> Option<Document> {
    let id = text(item, "id").unwrap_or_default();
    if ["video", "video_frame", "point_cloud"].iter().any(|kind| item.get(*kind).is_some_and(Value::is_object)) {
        lost.add("item_of_another_kind", || id);
        return None;
    }
    let shown = ["image", "media"].iter().find_map(|key| item.get(*key)).unwrap_or(&Value::Null);
    let side = |at: usize| shown.get("size").and_then(|size| size.get(at)).and_then(whole);
    let side = |at: usize| side(at).filter(|side| *side <= 1_000_000).map_or(0, |side| side as u32);
    let path = text(shown, "path").filter(|path| !path.is_empty()).unwrap_or_else(|| id.clone()).replace('\\', "/");
    // Height stands first.
    let mut document =
        Document::new(id, Content::Image(Image { path, width: side(1), height: side(0), orientation: 0 }));
    split.clone_into(&mut document.split);
    document.meta = form::pairs(item.get("attr"));
    for value in list(item, "annotations") {
        match annotation(value, classes, lost) {
            Ok(annotation) => document.annotations.push(annotation),
            Err(code) => {
                lost.add(code, || format!("{}: {}", document.shown(), text(value, "type").unwrap_or_default()))
            }
        }
    }
    Some(document)
}

fn annotation(value: &Value, classes: &[Class], lost: &mut Losses) -> Result<Annotation, &'static str> {
    let outline = |value: &Value| value.get("points").and_then(points);
    let polygon = |outline| Mark::Polygon(vec![Part { outline, holes: Vec::new() }]);
    let mark = match text(value, "type").unwrap_or_default().as_str() {
        "label" => Mark::Class,
        "bbox" => Mark::Box(rect(value.get("bbox").unwrap_or(&Value::Null)).ok_or("unreadable_box")?),
        "polygon" => polygon(outline(value).filter(|outline| outline.len() >= 3).ok_or("unreadable_polygon")?),
        "polyline" => Mark::Polyline(outline(value).ok_or("unreadable_polyline")?),
        "points" => keypoints(value).ok_or("unreadable_points")?,
        "mask" => Mark::Mask(value.get("rle").and_then(coco::mask).ok_or("unreadable_mask")?),
        "caption" => Mark::Answer(text(value, "caption").ok_or("unreadable_caption")?),
        "ellipse" => {
            let ends = outline(value).ok_or("unreadable_ellipse")?;
            let &[from, to] = ends.as_slice() else { return Err("unreadable_ellipse") };
            let radius = Point::new((to.x - from.x).abs() / 2.0, (to.y - from.y).abs() / 2.0);
            lost.add("ellipse_as_polygon", || text(value, "id").unwrap_or_default());
            polygon(ellipse(Point::new((from.x + to.x) / 2.0, (from.y + to.y) / 2.0), radius, 0.0))
        }
        _ => return Err("unknown_annotation"),
    };
    let label = match value.get("label_id").and_then(whole) {
        Some(at) => classes.get(at).ok_or("class_number_without_name")?.name.clone(),
        None => "".into(),
    };
    let mut annotation = Annotation::new(label, mark).with_info(info(value));
    if let Some(id) = text(value, "id") {
        annotation = annotation.with_id(id);
    }
    Ok(annotation)
}

fn info(value: &Value) -> Info {
    let mut info = Info { attributes: form::pairs(value.get("attributes")), ..Info::default() };
    if let Some(at) = info.attributes.iter().position(|(key, value)| key == "score" && value.is_number()) {
        info.confidence = number(&info.attributes.remove(at).1);
    }
    info.group = text(value, "group").filter(|group| group != "0").unwrap_or_default();
    for (key, none) in [("z_order", 0.0), ("object_id", -1.0)] {
        if let Some(number) = number_at(value, key).filter(|number| *number != none) {
            info.attributes.push((key.to_owned(), Value::from(number as i64)));
        }
    }
    info
}

fn rect(value: &Value) -> Option<Rect> {
    let side = |at: usize| value.get(at).and_then(number);
    Some(Rect::new(side(0)?, side(1)?, side(2)?, side(3)?))
}

fn keypoints(value: &Value) -> Option<Mark> {
    let seen = list(value, "visibility");
    let point = |(at, point): (usize, Point)| Keypoint {
        at: point,
        seen: seen.get(at).and_then(number).map_or(Seen::Visible, Seen::of),
        name: String::new(),
    };
    let points = value.get("points").and_then(points)?.into_iter().enumerate().map(point).collect();
    Some(Mark::Keypoints(Keypoints { points, bounds: value.get("bbox").and_then(rect) }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, labels_of, sample};
    use super::*;

    const TEXT: &str = r#"{"dm_format_version": "1.0", "categories": {"label": {"labels": [{"name": "상자", "parent": ""},
        {"name": "사람", "parent": "동물"}]}, "points": {"items": [{"label_id": 1, "labels": ["코", "눈"], "joints": [[1, 2]]}]}},
        "items": [{"id": "a", "image": {"path": "a.png", "size": [10, 20]}, "attr": {"frame": 3}, "annotations": [
        {"id": 1, "type": "bbox", "label_id": 0, "group": 0, "bbox": [2, 1, 6, 4], "z_order": 2, "attributes": {"score": 0.5}},
        {"id": 2, "type": "polygon", "label_id": 0, "group": 4, "points": [0, 0, 4, 0, 4, 4], "object_id": -1},
        {"id": 3, "type": "mask", "label_id": 1, "rle": {"counts": "e046000000000g3", "size": [10, 20]}},
        {"id": 4, "type": "points", "label_id": 1, "points": [1, 2, 3, 4], "visibility": [2, 1]},
        {"id": 5, "type": "caption", "caption": "빨간 상자"}, {"id": 6, "type": "cuboid_3d"},
        {"id": 7, "type": "ellipse", "label_id": 0, "points": [0, 0, 4, 2]}, {"id": 8, "type": "label", "label_id": 9}]}]}"#;

    #[test]
    fn every_kind_is_read_or_counted() {
        let (read, report) = testing::read_text(&Datumaro, "train.json", TEXT).unwrap();
        assert_eq!(labels_of(&read), ["상자 [2,1,6,4]", "상자 <3>", "사람 #24", "사람 *2", "=빨간 상자", "상자 <64>"]);
        let lost: Vec<_> = report.lost.iter().map(|(code, loss)| (code, loss.count)).collect();
        assert_eq!(lost, [("class_number_without_name", 1), ("ellipse_as_polygon", 1), ("unknown_annotation", 1)]);
        let document = &read.documents[0];
        assert_eq!((document.split.as_str(), document.meta.len()), ("train", 1));
        let first = document.annotations[0].info.as_ref().unwrap();
        assert_eq!((first.confidence, first.attributes.len()), (Some(0.5), 1));
        assert_eq!(document.annotations[1].info.as_ref().unwrap().group, "4");
        assert_eq!(
            (read.classes[1].skeleton.as_slice(), read.classes[1].parent.as_str()),
            ([(0, 1)].as_slice(), "동물")
        );
    }

    #[test]
    fn a_peers_folder_is_read() {
        let Some(path) = sample("peers/datumaro_assets/tests/assets/datumaro_dataset/legacy") else { return };
        let (read, report) = Datumaro.read(&path, &Options::default(), &Work::new()).unwrap();
        assert_eq!(read.documents.len(), 4);
        assert!(report.lost.is_empty(), "{:?}", report.lost);
        let mut splits: Vec<&str> = read.documents.iter().map(|document| document.split.as_str()).collect();
        splits.dedup();
        assert_eq!(splits, ["test", "train", "validation"]);
    }
}
