//! Pascal VOC's XML: one file an image, with boxes.
//!
//! Source: the VOC devkit. It counts pixels from 1 and both ends belong to the box; many tools count from 0 or write
//! fractions. The base is asked with `--base`, else detected over all files, and reported. Written files count from 1,
//! with both ends inside, as the devkit has it.

use std::path::Path;

use serde_json::Value;

use super::holds::{Feature as F, Holds, Report};
use super::model::{Annotation, Content, Document, Documents, Image, Mark, Rect};
use super::source::{self, Media};
use super::xml::{self, Node, quoted};
use super::{Clue, Format, Options, Output, Reason, Sure};
use crate::engine::{Error, Result, Work};

/// Pascal VOC.
pub(super) struct Voc;

const HOLDS: Holds = Holds::of(&[F::Image, F::EmptyDocument, F::Box, F::Unlabelled, F::Attributes]);

/// Attributes of an object that the format has places for.
const FLAGS: &[&str] = &["pose", "truncated", "difficult", "occluded"];

/// Elements of an object that are read or counted apart.
const OBJECT: &[&str] = &["name", "bndbox", "part", "actions", "attributes"];

/// How a file counts pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    /// From 0; the end is behind the box.
    Zero,
    /// From 1; the end belongs to the box.
    One,
}

impl Format for Voc {
    fn name(&self) -> &'static str {
        "voc"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["xml"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        let is_one = |clue: &Clue| clue.ends(&["xml"]) && clue.has("<annotation") && !clue.has("<annotations");
        if is_one(clue) {
            return Some((Sure::Surely, Reason::Begins("<annotation>")));
        }
        if clue.holds("Annotations") {
            return Some((Sure::Likely, Reason::Holds("Annotations")));
        }
        clue.first().filter(is_one).map(|_| (Sure::Perhaps, Reason::First))
    }

    fn holds(&self, _: &Options) -> Holds {
        HOLDS
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        let folder = source::folder_of(path);
        let names = source::files_of(path, "xml", work)?;
        let (mut report, mut documents) = (Report::default(), Documents::default());
        work.stage("reading annotations", names.len() as u64);
        for name in &names {
            work.advance(1)?;
            let text = source::read_text(&folder.join(name), options, &mut report, work)?;
            match xml::read(&text, work) {
                Ok(node) if node.name == "annotation" => documents.documents.push(document(&node, name, &mut report)),
                Ok(node) => report.lost.add("file_of_another_kind", || format!("{name}: <{}>", node.name)),
                Err(error) if error.is_cancelled() || names.len() == 1 => return Err(error.at(name)),
                Err(error) => report.lost.add("unreadable_file", || format!("{name}: {error}")),
            }
        }
        if documents.documents.is_empty() {
            return Err(Error::input("there is no VOC annotation")
                .at(path.display())
                .help("give the folder of Annotations"));
        }
        let base = base(&documents, options, &mut report);
        if base == Base::One {
            for annotation in documents.documents.iter_mut().flat_map(|document| &mut document.annotations) {
                if let Mark::Box(rect) = &mut annotation.mark {
                    *rect = Rect::new(rect.x - 1.0, rect.y - 1.0, rect.width + 1.0, rect.height + 1.0);
                }
            }
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
            let file = format!("Annotations/{}.xml", source::stem(&name));
            Ok((file, annotation(document, image, &name, &mut report)))
        })?;
        Ok(output.with_report(report.counted(documents)))
    }
}

fn document(node: &Node, name: &str, report: &mut Report) -> Document {
    let size = |key| {
        let size = node.child("size").and_then(|size| size.child_number(key));
        size.filter(|size| (1.0..=1e6).contains(size)).map_or(0, |size| size as u32)
    };
    let file = node.child_text("filename").filter(|file| !file.is_empty());
    let path =
        file.map_or_else(|| format!("{}.jpg", source::file_name(source::stem(name))), |file| file.replace('\\', "/"));
    let image = Image { path, width: size("width"), height: size("height"), orientation: 0 };
    let mut document = Document::new("", Content::Image(image));
    for object in node.children_named("object") {
        let label = object.child_text("name").unwrap_or_default().to_owned();
        let bounds = object.child("bndbox").and_then(|bounds| {
            let at = |key| bounds.child_number(key);
            Some((at("xmin")?, at("ymin")?, at("xmax")?, at("ymax")?))
        });
        let Some((left, top, right, bottom)) = bounds else {
            report.lost.add("object_without_box", || format!("{name}: {label}"));
            continue;
        };
        if right < left || bottom < top {
            report.notes.push(format!("a box has its ends the wrong way round: {name}: {label}"));
        }
        let rect = Rect::new(left.min(right), top.min(bottom), (right - left).abs(), (bottom - top).abs());
        let mut annotation = Annotation::new(label.clone(), Mark::Box(rect));
        for flag in FLAGS {
            if let Some(value) = object.child_text(flag).filter(|value| !matches!(*value, "" | "0" | "Unspecified")) {
                let value = if value == "1" { Value::Bool(true) } else { Value::from(value) };
                annotation.info_mut().attributes.push(((*flag).to_owned(), value));
            }
        }
        for action in object.child("actions").iter().flat_map(|actions| &actions.children).filter(|one| one.text == "1")
        {
            annotation.info_mut().attributes.push((action.name.clone(), Value::Bool(true)));
        }
        for attribute in object.child("attributes").iter().flat_map(|list| &list.children) {
            if let (Some(name), Some(value)) = (attribute.child_text("name"), attribute.child_text("value")) {
                annotation.info_mut().attributes.push((name.to_owned(), Value::from(value)));
            }
        }
        let known = |name: &str| OBJECT.contains(&name) || FLAGS.contains(&name);
        for child in object.children.iter().filter(|child| !known(&child.name)) {
            report.lost.add("object_field", || format!("{name}: <{}>", child.name));
        }
        object.children_named("part").for_each(|_| report.lost.add("object_part", || format!("{name}: {label}")));
        document.annotations.push(annotation);
    }
    if node.child_text("segmented") == Some("1") {
        report.lost.add("segmentation_image", || name.to_owned());
    }
    document
}

/// How the files count: as asked; from 0 if any box begins at 0; from 1 if one ends at the image's last pixel and none
/// behind it, or all are whole numbers.
fn base(documents: &Documents, options: &Options, report: &mut Report) -> Base {
    let asked = |base: Base| (base, "as asked".to_owned());
    let (mut zero, mut fraction, mut full) = (0usize, 0usize, 0usize);
    for document in &documents.documents {
        let Some(image) = document.as_image() else { continue };
        for annotation in &document.annotations {
            let Mark::Box(rect) = annotation.mark else { continue };
            zero += usize::from(rect.x < 1.0 || rect.y < 1.0);
            fraction += usize::from([rect.x, rect.y, rect.width, rect.height].iter().any(|value| value.fract() != 0.0));
            let ends = (rect.x + rect.width, rect.y + rect.height);
            full += usize::from(ends.0 == f64::from(image.width) || ends.1 == f64::from(image.height));
        }
    }
    let (base, reason) = match options.base {
        Some(0) => asked(Base::Zero),
        Some(_) => asked(Base::One),
        None if zero > 0 => (Base::Zero, format!("{zero} boxes begin before 1")),
        None if fraction > 0 => (Base::Zero, format!("{fraction} boxes have fractions")),
        None => (Base::One, format!("none begins at 0, {full} end with the image")),
    };
    let shown = if base == Base::Zero { "0, the end outside" } else { "1, the end inside" };
    report.infer("first pixel", format!("{shown} ({reason})"));
    base
}

fn annotation(document: &Document, image: &Image, name: &str, report: &mut Report) -> String {
    let mut out = format!(
        "<annotation>\n  <folder>JPEGImages</folder>\n  <filename>{}</filename>\n  <size><width>{}</width><height>{}</height>\
         <depth>3</depth></size>\n  <segmented>0</segmented>\n",
        quoted(name),
        image.width,
        image.height
    );
    for annotation in &document.annotations {
        let Mark::Box(rect) = annotation.mark else { continue };
        out.push_str(&format!("  <object>\n    <name>{}</name>\n", quoted(&annotation.label)));
        let attributes = annotation.info.as_ref().map(|info| info.attributes.as_slice()).unwrap_or_default();
        for flag in FLAGS.iter().take(3) {
            let value = attributes.iter().find(|(key, _)| key == flag).map(|(_, value)| value);
            let value = match value {
                Some(Value::Bool(yes)) => usize::from(*yes).to_string(),
                Some(Value::String(text)) => quoted(text),
                Some(other) => other.to_string(),
                None if *flag == "pose" => "Unspecified".to_owned(),
                None => "0".to_owned(),
            };
            out.push_str(&format!("    <{flag}>{value}</{flag}>\n"));
        }
        let more: Vec<_> = attributes.iter().filter(|(key, _)| !FLAGS.iter().take(3).any(|flag| flag == key)).collect();
        if !more.is_empty() {
            out.push_str("    <attributes>\n");
            for (key, value) in more {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let (key, value) = (quoted(key), quoted(&value));
                out.push_str(&format!("      <attribute><name>{key}</name><value>{value}</value></attribute>\n"));
            }
            out.push_str("    </attributes>\n");
        }
        if rect.x < 0.0 || rect.y < 0.0 {
            report.notes.push(format!("a box begins outside the image: {name}"));
        }
        let ends = [rect.x + 1.0, rect.y + 1.0, rect.x + rect.width, rect.y + rect.height];
        let [left, top, right, bottom] = ends.map(super::geometry::round6);
        out.push_str(&format!(
            "    <bndbox><xmin>{left}</xmin><ymin>{top}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox>\n  </object>\n"
        ));
    }
    out.push_str("</annotation>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, labels_of, sample};
    use super::*;

    #[test]
    fn its_own_file_is_read() {
        let Some(path) = sample("img/voc/Annotations/a.xml") else { return };
        let (read, report) = Voc.read(&path, &Options::default(), &Work::new()).unwrap();
        assert_eq!(labels_of(&read), ["상자 [2,1,6,4]"]);
        assert!(report.inferred.iter().any(|(what, value)| what == "first pixel" && value.starts_with('1')));
        let (read, _) = Voc.read(&path, &Options { base: Some(0), ..Options::default() }, &Work::new()).unwrap();
        assert_eq!(labels_of(&read), ["상자 [3,2,5,3]"]);
    }

    #[test]
    fn peers_files_are_read() {
        for path in testing::peers("datumaro_assets/tests/assets/voc_dataset", "xml") {
            let read = Voc.read(&path, &Options::default(), &Work::new());
            assert!(read.is_ok(), "{} {:?}", path.display(), read.err());
        }
    }

    proptest::proptest! {
        #[test]
        fn what_goes_out_comes_in(documents in testing::documents(HOLDS)) {
            testing::check_round_trip(&Voc, "folder", documents, &Options { base: Some(1), ..Options::default() });
        }
    }
}
