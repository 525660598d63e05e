//! labelme's JSON: one file an image, with shapes and flags.
//!
//! Source: labelme 5. Pixels of the image as shown. A box is two opposite corners; a circle is its centre and a point of
//! its rim; a mask is a PNG in base64, cropped to its box. Flags of the image are its classes.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::Path;

use serde_json::Value;

use super::geometry::{corners, ellipse, rect_of_corners};
use super::groups::group_numbers;
use super::holds::{Feature as F, Holds, Losses, Report};
use super::json::{self, Json, list, number_at, points, text};
use super::model::{
    Annotation, Content, Document, Documents, Image, Info, Keypoint, Keypoints, Mark, Part, Point, Rect, Seen,
};
use super::rle::Mask;
use super::source::{self, Media};
use super::{Clue, Format, Options, Output, Reason, Sure};
use crate::data::media::{Limits, decode_bytes};
use crate::engine::{Error, Result, Work};

/// labelme.
pub(super) struct Labelme;

const HOLDS: Holds = Holds::of(&[
    F::Image,
    F::EmptyDocument,
    F::Class,
    F::ManyClasses,
    F::Rejected,
    F::Box,
    F::RotatedBox,
    F::Polygon,
    F::Polyline,
    F::Keypoints,
    F::Mask,
    F::Unlabelled,
    F::Confidence,
    F::Group,
    F::Note,
    F::Attributes,
]);

/// Fields of a file that are read, or made anew.
const KEYS: &[&str] =
    &["version", "flags", "shapes", "imagePath", "imageData", "imageHeight", "imageWidth", "lineColor", "fillColor"];

/// Fields of a shape that are read. Colours are those of the window.
const SHAPE_KEYS: &[&str] = &[
    "label",
    "points",
    "group_id",
    "description",
    "shape_type",
    "flags",
    "mask",
    "score",
    "attributes",
    "difficult",
    "line_color",
    "fill_color",
];

/// What says nothing.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

impl Format for Labelme {
    fn name(&self) -> &'static str {
        "labelme"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        let is_one =
            |clue: &Clue| clue.ends(&["json"]) && (clue.keys(&["shapes", "imagePath"]) || clue.keys(&["imageData"]));
        if is_one(clue) {
            return Some((Sure::Surely, Reason::Fields("shapes, imagePath")));
        }
        clue.first().filter(is_one).map(|_| (Sure::Perhaps, Reason::First))
    }

    fn holds(&self, _: &Options) -> Holds {
        HOLDS
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        let folder = source::folder_of(path);
        let names = source::files_of(path, "json", work)?;
        let (mut report, mut documents) = (Report::default(), Documents::default());
        work.stage("reading annotations", names.len() as u64);
        for name in &names {
            work.advance(1)?;
            let content = source::read_text(&folder.join(name), options, &mut report, work)?;
            match json::parse(content.as_bytes(), &(0..content.len())) {
                Ok(value) if value.get("shapes").is_some_and(Value::is_array) => {
                    documents.documents.push(document(&value, name, &mut report.lost));
                }
                Ok(_) => report.lost.add("file_of_another_kind", || name.clone()),
                Err(error) if names.len() == 1 => return Err(error.at(name)),
                Err(error) => report.lost.add("unreadable_file", || format!("{name}: {error}")),
            }
        }
        if documents.documents.is_empty() {
            return Err(Error::input("there is no labelme file, which has a list of shapes").at(path.display()));
        }
        let media = Media::beside(path, options)?;
        source::complete_images(&mut documents, &media, false, &mut report, work)?;
        let report = report.counted(&documents);
        Ok((documents, report))
    }

    fn render(&self, path: &Path, documents: &Documents, options: &Options, work: &Work) -> Result<Output> {
        let mut report = Report::default();
        let sized = source::with_sizes(documents, path, options, &mut report, work)?;
        let output = source::each(path, &sized, work, |document, image| {
            let name = source::inside(&image.path);
            Ok((format!("{}.json", source::stem(&name)), write(document, image, &name, &mut report.lost)?))
        })?;
        Ok(output.with_report(report.counted(documents)))
    }
}

fn document(value: &Value, name: &str, lost: &mut Losses) -> Document {
    let size = |key| number_at(value, key).filter(|size| (1.0..=1e6).contains(size)).map_or(0, |size| size as u32);
    let path = text(value, "imagePath").filter(|path| !path.is_empty()).map(|path| path.replace('\\', "/"));
    // The image lies beside its file, however deep that is.
    let folder = name.rfind('/').map_or("", |at| name.get(..=at).unwrap_or_default());
    let path = path.map_or_else(|| format!("{}.jpg", source::stem(name)), |path| format!("{folder}{path}"));
    let image = Image { path, width: size("imageWidth"), height: size("imageHeight"), orientation: 0 };
    let (width, height) = (image.width, image.height);
    let mut document = Document::new("", Content::Image(image));
    if let Some(Value::Object(flags)) = value.get("flags") {
        // A flag that is not set says that its class does not hold.
        for (flag, yes) in flags {
            let info = Info { rejected: yes.as_bool() != Some(true), ..Info::default() };
            document.annotations.push(Annotation::new(flag.as_str(), Mark::Class).with_info(info));
        }
    }
    if let Value::Object(fields) = value {
        let more = fields.iter().filter(|(key, value)| !KEYS.contains(&key.as_str()) && !is_blank(value));
        more.for_each(|(key, _)| lost.add("file_field", || format!("{name}: {key}")));
    }
    for shape in list(value, "shapes") {
        if let Value::Object(fields) = shape {
            let more = fields.iter().filter(|(key, value)| !SHAPE_KEYS.contains(&key.as_str()) && !is_blank(value));
            more.for_each(|(key, _)| lost.add("shape_field", || format!("{name}: {key}")));
        }
        let label = text(shape, "label").unwrap_or_default();
        match mark(shape, width, height, lost) {
            Ok(mark) => document.annotations.push(Annotation::new(label, mark).with_info(info(shape))),
            Err(code) => lost.add(code, || format!("{name}: {label}")),
        }
    }
    document
}

fn info(shape: &Value) -> Info {
    let mut info = Info {
        group: text(shape, "group_id").unwrap_or_default(),
        note: text(shape, "description").unwrap_or_default(),
        confidence: number_at(shape, "score"),
        ..Info::default()
    };
    for key in ["flags", "attributes"] {
        if let Some(Value::Object(pairs)) = shape.get(key) {
            info.attributes.extend(pairs.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
    }
    if shape.get("difficult").and_then(Value::as_bool) == Some(true) {
        info.attributes.push(("difficult".to_owned(), Value::Bool(true)));
    }
    info
}

fn mark(shape: &Value, width: u32, height: u32, lost: &mut Losses) -> Result<Mark, &'static str> {
    let points = shape.get("points").and_then(points).ok_or("unreadable_shape")?;
    let kind = text(shape, "shape_type").unwrap_or_else(|| "polygon".to_owned());
    let polygon = |outline: Vec<Point>| Mark::Polygon(vec![Part { outline, holes: Vec::new() }]);
    let two = || match *points.as_slice() {
        [a, b] => Some((a, b)),
        // X-AnyLabeling writes all four corners.
        [a, _, c, _] => Some((a, c)),
        _ => None,
    };
    match kind.as_str() {
        "rectangle" => {
            let (a, b) = two().ok_or("unreadable_shape")?;
            Ok(Mark::Box(Rect::new(a.x.min(b.x), a.y.min(b.y), (b.x - a.x).abs(), (b.y - a.y).abs())))
        }
        "oriented_rectangle" | "rotation" => Ok(match rect_of_corners(&points, 1.0) {
            Some(rect) => Mark::Box(rect),
            None => polygon(points),
        }),
        "polygon" if points.len() >= 3 => Ok(polygon(points)),
        "polygon" => Err("polygon_of_two_points"),
        "line" | "linestrip" => Ok(Mark::Polyline(points)),
        "point" | "points" => {
            let one = |at| Keypoint { at, seen: Seen::Visible, name: String::new() };
            Ok(Mark::Keypoints(Keypoints { points: points.into_iter().map(one).collect(), bounds: None }))
        }
        "circle" => {
            let (centre, rim) = two().ok_or("unreadable_shape")?;
            lost.add("circle_as_polygon", || text(shape, "label").unwrap_or_default());
            let radius = (rim.x - centre.x).hypot(rim.y - centre.y);
            Ok(polygon(ellipse(centre, Point::new(radius, radius), 0.0)))
        }
        "mask" => {
            let (corner, _) = two().ok_or("unreadable_shape")?;
            let bytes = text(shape, "mask").and_then(|mask| base64_bytes(&mask)).ok_or("unreadable_mask")?;
            let picture = decode_bytes(&bytes, None, Limits::default()).map_err(|_| "unreadable_mask")?;
            let pixels: Vec<u8> = picture.rgba.chunks_exact(4).map(|pixel| pixel[0]).collect();
            let part = Mask::from_pixels(picture.width, picture.height, &pixels).ok_or("unreadable_mask")?;
            let whole = part.placed(corner.x.max(0.0) as u32, corner.y.max(0.0) as u32, width, height);
            whole.map(Mark::Mask).ok_or("mask_outside_image")
        }
        _ => Err("unknown_shape"),
    }
}

fn write(document: &Document, image: &Image, name: &str, lost: &mut Losses) -> Result<String> {
    let groups = group_numbers(document, lost);
    let mut json = Json::default();
    json.open('{').key("version").text("5.5.0").key("flags").open('{');
    for annotation in document.annotations.iter().filter(|annotation| matches!(annotation.mark, Mark::Class)) {
        json.key(&annotation.label).truth(!annotation.is_rejected());
    }
    json.close('}').key("shapes").open('[');
    for annotation in &document.annotations {
        if !matches!(annotation.mark, Mark::Class) {
            write_shape(&mut json, annotation, &groups)?;
        }
    }
    json.close(']').key("imagePath").text(source::file_name(name)).key("imageData").null();
    json.key("imageHeight").whole(image.height as usize).key("imageWidth").whole(image.width as usize).close('}');
    Ok(json.line("\n").take())
}

fn write_shape(json: &mut Json, annotation: &Annotation, groups: &HashMap<&str, usize>) -> Result<()> {
    let mut mask_text = None;
    let (kind, points): (&str, Vec<Point>) = match &annotation.mark {
        Mark::Box(rect) if rect.angle != 0.0 => ("oriented_rectangle", corners(*rect).to_vec()),
        Mark::Box(rect) => {
            ("rectangle", vec![Point::new(rect.x, rect.y), Point::new(rect.x + rect.width, rect.y + rect.height)])
        }
        Mark::Polygon(parts) => ("polygon", parts.iter().flat_map(|part| &part.outline).copied().collect()),
        Mark::Polyline(points) => ("linestrip", points.clone()),
        Mark::Keypoints(keypoints) => ("point", keypoints.points.iter().map(|point| point.at).collect()),
        Mark::Mask(mask) => {
            let rect = mask.bounds().unwrap_or(Rect::new(0.0, 0.0, 1.0, 1.0));
            mask_text = Some(mask_png(mask, rect)?);
            let end = Point::new(rect.x + rect.width - 1.0, rect.y + rect.height - 1.0);
            ("mask", vec![Point::new(rect.x, rect.y), end])
        }
        _ => return Ok(()),
    };
    json.open('{').key("label").text(&annotation.label).key("points").open('[');
    points.iter().for_each(|point| {
        json.numbers([point.x, point.y]);
    });
    json.close(']').key("group_id");
    let none = Info::default();
    let info = annotation.info.as_deref().unwrap_or(&none);
    match groups.get(info.group.as_str()) {
        Some(number) => json.whole(*number),
        None => json.null(),
    };
    json.key("description").text(&info.note).key("shape_type").text(kind);
    // Flags are true or false and nothing else.
    let (flags, rest): (Vec<_>, Vec<_>) = info.attributes.iter().cloned().partition(|(_, value)| value.is_boolean());
    json.key("flags").open('{').fields(&flags).close('}');
    if !rest.is_empty() {
        json.key("attributes").open('{').fields(&rest).close('}');
    }
    if let Some(confidence) = info.confidence {
        json.key("score").number(confidence);
    }
    match mask_text {
        Some(text) => json.key("mask").text(&text),
        None => json.key("mask").null(),
    };
    json.close('}');
    Ok(())
}

fn mask_png(mask: &Mask, rect: Rect) -> Result<String> {
    let [left, top, width, height] = [rect.x, rect.y, rect.width, rect.height].map(|value| value as u32);
    let failed = || Error::input("a mask cannot be written as an image");
    let part = mask.cropped(left, top, width, height).ok_or_else(failed)?;
    let pixels: Vec<u8> = part.pixels().into_iter().map(|pixel| pixel * 255).collect();
    let image = image::GrayImage::from_raw(width, height, pixels).ok_or_else(failed)?;
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).map_err(|_| failed())?;
    Ok(base64_text(bytes.get_ref()))
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes as base64 (RFC 4648, 4).
fn base64_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = BASE64.get((word >> (18 - 6 * place) & 63) as usize).copied().unwrap_or(b'=');
            text.push(if place > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

/// Base64 as bytes; line ends are let pass.
fn base64_bytes(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut word, mut bits) = (Vec::with_capacity(text.len() / 4 * 3), 0u32, 0);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = BASE64.iter().position(|letter| *letter == byte)?;
        word = word << 6 | value as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((word >> bits) as u8);
            word &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, labels_of, sample};
    use super::*;

    #[test]
    fn its_own_file_is_read() {
        let Some(path) = sample("img/labelme_a.json") else { return };
        let (read, report) = Labelme.read(&path, &Options::default(), &Work::new()).unwrap();
        assert!(report.lost.is_empty());
        assert_eq!(labels_of(&read), ["blurry", "상자 [2,1,6,4]", "tri <3>"]);
        assert!(read.documents[0].annotations[0].is_rejected());
        assert_eq!(read.documents[0].annotations[2].info.as_ref().unwrap().group, "1");
    }

    #[test]
    fn flags_are_truths_and_groups_are_numbers() {
        let info = Info {
            group: "team".to_owned(),
            attributes: vec![("difficult".to_owned(), Value::Bool(true)), ("colour".to_owned(), Value::from("red"))],
            ..Info::default()
        };
        let image = Image { path: "a.png".to_owned(), width: 20, height: 10, orientation: 0 };
        let mut document = Document::new("", Content::Image(image.clone()));
        document
            .annotations
            .push(Annotation::new("a", Mark::Box(Rect::new(1.0, 2.0, 3.0, 4.0))).with_info(info.clone()));
        let mut lost = Losses::default();
        let text = write(&document, &image, "a.png", &mut lost).unwrap();
        let file: Value = serde_json::from_str(&text).unwrap();
        let shape = &file["shapes"][0];
        assert_eq!((&shape["flags"], &shape["group_id"]), (&serde_json::json!({"difficult": true}), &Value::from(1)));
        assert_eq!(lost.count("group_name"), 1);
        let (read, report) = testing::read_text(&Labelme, "a.json", &text).unwrap();
        assert_eq!(read.documents[0].annotations[0].info.as_ref().unwrap().attributes, info.attributes);
        assert!(report.lost.is_empty(), "{:?}", report.lost);
    }

    #[test]
    fn base64_goes_there_and_back() {
        let check = |bytes: &[u8], text: &str| {
            assert_eq!(base64_text(bytes), text);
            assert_eq!(base64_bytes(text).as_deref(), Some(bytes));
        };
        check(b"", "");
        check(b"f", "Zg==");
        check(b"fo", "Zm8=");
        check(b"foo", "Zm9v");
        check(&[255, 254, 253, 0], "//79AA==");
        assert_eq!(base64_bytes("a*"), None);
    }

    proptest::proptest! {
        #[test]
        fn what_goes_out_comes_in(mut documents in testing::documents(HOLDS)) {
            testing::flags_once(&mut documents);
            testing::check_round_trip(&Labelme, "folder", documents, &Options::default());
        }
    }
}
