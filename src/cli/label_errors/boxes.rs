//! `label-errors --boxes`: what was overlooked, lies badly or is of the wrong class among drawn boxes.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::LargeStringArray;
use serde_json::{Value, json};

use super::super::Context;
use super::super::answer::Answer;
use super::super::files;
use super::super::table::{self, Table, decimal};
use super::LabelErrors;
use crate::clean::label_errors::{BoxErrors, BoxFault, BoxOf, Boxes};
use crate::data::annotations::{self, Documents, Mark};
use crate::data::{Column, Frame, Kind};
use crate::engine::{Error, Result, files::read_text};

/// The images and the classes of both files.
struct Set {
    images: Vec<Boxes>,
    paths: Vec<String>,
    classes: Vec<String>,
    /// Marks that are no boxes, and predictions of images that are not there.
    left_out: usize,
}

pub(super) fn run(command: &LabelErrors, predictions: &Path, context: &Context<'_>) -> Result<Answer> {
    let work = context.work;
    let set = read(&command.file, predictions, context)?;
    if set.left_out > 0 {
        work.warn(format!(
            "{} left out: no box, or of an image that is not there",
            table::count(set.left_out, "annotation")
        ));
    }
    let found = BoxErrors::find(&set.images, set.classes.len(), command.compatible);
    command.output.write(work, || frame(&found, &set))?;
    let count = |fault: BoxFault| found.errors.iter().filter(|error| error.fault == fault).count();
    let mut images: Vec<usize> = found.errors.iter().map(|error| error.image).collect();
    images.sort_unstable();
    images.dedup();
    let precision: Vec<Value> = set
        .classes
        .iter()
        .zip(&found.precision)
        .map(|(class, precision)| json!({"class": class, "average_precision": precision}))
        .collect();
    let scores: Vec<Value> = set
        .paths
        .iter()
        .zip(&found.images)
        .map(|(path, scores)| json!({"path": path, "score": scores.image}))
        .collect();
    let fields = json!({
        "flagged": found.errors.len(),
        "flagged_images": images.len(),
        "method": "objectlab",
        "classes": set.classes,
        "issues": BoxFault::ALL.map(|fault| (fault.name().to_owned(), json!(count(fault)))).into_iter().collect::<serde_json::Map<_, _>>(),
        "by_class": precision,
        "images": scores,
    });
    let summary = table::facts([
        ("boxes likely wrong", Some(format!("{} in {}", found.errors.len(), table::count(images.len(), "image")))),
        ("overlooked", Some(count(BoxFault::Overlooked).to_string())),
        ("badly placed", Some(count(BoxFault::BadlyPlaced).to_string())),
        ("swapped", Some(count(BoxFault::Swapped).to_string())),
    ]);
    Ok(Answer::new(set.images.len(), fields).say(summary).say(worst(&found, &set)))
}

fn read(given: &Path, predicted: &Path, context: &Context<'_>) -> Result<Set> {
    let documents = read_documents(given, context)?;
    let mut set = Set { images: Vec::new(), paths: Vec::new(), classes: Vec::new(), left_out: 0 };
    let mut places: HashMap<String, u16> = HashMap::new();
    for class in &documents.classes {
        set.class(&class.name, &mut places)?;
    }
    let (mut of_path, mut of_id) = (HashMap::new(), HashMap::new());
    for document in &documents.documents {
        let Some(image) = document.as_image() else { continue };
        let at = set.images.len();
        of_path.insert(image.path.clone(), at);
        of_id.insert(document.id.clone(), at);
        set.paths.push(image.path.clone());
        let known = image.width > 0 && image.height > 0;
        set.images
            .push(Boxes { size: known.then(|| (f64::from(image.width), f64::from(image.height))), ..Boxes::default() });
        for annotation in &document.annotations {
            let class = set.class(&annotation.label, &mut places)?;
            match box_of(class, &annotation.mark, 1.0) {
                Some(found) => set.images[at].given.push(found),
                None => set.left_out += 1,
            }
        }
    }
    if set.images.is_empty() {
        return Err(Error::input("there are no images with boxes").at(given.display()));
    }
    let placed = |error: Error| error.at(predicted.display());
    if let Some(results) = coco_results(predicted)? {
        // A detector's results name classes by their numbers in the file of annotations.
        let names = coco_categories(given)?;
        for result in results {
            let name = names.get(&result.category).ok_or_else(|| {
                placed(Error::input(format!("there is no category {} in the annotations", result.category)))
            })?;
            let class = set.class(name, &mut places)?;
            match of_id.get(&result.image).and_then(|at: &usize| set.images.get_mut(*at)) {
                Some(image) => image.predicted.push(BoxOf { class, edges: result.edges, confidence: result.score }),
                None => set.left_out += 1,
            }
        }
        return Ok(set);
    }
    let documents = read_documents(predicted, context)?;
    for document in &documents.documents {
        let at = document.path().and_then(|path| of_path.get(path)).or_else(|| of_id.get(&document.id)).copied();
        for annotation in &document.annotations {
            let class = set.class(&annotation.label, &mut places)?;
            let confidence = annotation.info.as_ref().and_then(|info| info.confidence);
            let Some(confidence) = confidence.filter(|confidence| (0.0..=1.0).contains(confidence)) else {
                return Err(placed(Error::input("a predicted box has no confidence from 0 to 1"))
                    .help("give a detector's results with their scores"));
            };
            let found = box_of(class, &annotation.mark, confidence);
            match (found, at.and_then(|at| set.images.get_mut(at))) {
                (Some(found), Some(image)) => image.predicted.push(found),
                _ => set.left_out += 1,
            }
        }
    }
    Ok(set)
}

impl Set {
    fn class(&mut self, name: &str, places: &mut HashMap<String, u16>) -> Result<u16> {
        if let Some(&at) = places.get(name) {
            return Ok(at);
        }
        let at = u16::try_from(self.classes.len()).map_err(|_| Error::input("there are too many classes"))?;
        self.classes.push(name.to_owned());
        places.insert(name.to_owned(), at);
        Ok(at)
    }
}

fn read_documents(path: &Path, context: &Context<'_>) -> Result<Documents> {
    let found = annotations::choose(None, path)?;
    let (documents, report) = annotations::read(path, found.format, &annotations::Options::default(), context.work)?;
    report.notes.iter().for_each(|note| context.work.warn(format!("{note}: {}", path.display())));
    Ok(documents)
}

/// A mark as an upright box; an outline has the box around it.
fn box_of(class: u16, mark: &Mark, confidence: f64) -> Option<BoxOf> {
    let rect = match mark {
        Mark::Box(rect) => annotations::geometry::upright_bounds(*rect),
        Mark::Polygon(parts) => annotations::geometry::bounds_of_parts(parts)?,
        _ => return None,
    };
    Some(BoxOf { class, edges: [rect.x, rect.y, rect.x + rect.width, rect.y + rect.height], confidence })
}

/// One line of a detector's results in COCO's form.
struct CocoResult {
    image: String,
    category: i64,
    edges: [f64; 4],
    score: f64,
}

/// A detector's results, if the file is a list of them; `None` if it is another format.
fn coco_results(path: &Path) -> Result<Option<Vec<CocoResult>>> {
    if files::ending(path) != "json" {
        return Ok(None);
    }
    let text = read_text(path)?;
    if !text.trim_start().starts_with('[') {
        return Ok(None);
    }
    let list: Vec<Value> = serde_json::from_str(&text)
        .map_err(|source| Error::input(format!("not valid JSON, {source}")).at(path.display()))?;
    let of = |(at, value): (usize, &Value)| {
        let number = |field: &str| value.get(field).and_then(Value::as_f64);
        let image = value.get("image_id").map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
        let numbers: Option<Vec<f64>> =
            value.get("bbox").and_then(Value::as_array).map(|list| list.iter().filter_map(Value::as_f64).collect());
        let edges = numbers.filter(|numbers| numbers.len() == 4);
        let category = value.get("category_id").and_then(Value::as_i64);
        let score = number("score").filter(|score| (0.0..=1.0).contains(score));
        let (Some(image), Some(category), Some(b), Some(score)) = (image, category, edges, score) else {
            return Err(Error::input(
                "a result lacks image_id, category_id, bbox of 4 numbers, or a score from 0 to 1",
            )
            .at(format!("{}, result {}", path.display(), at + 1)));
        };
        Ok(CocoResult { image, category, edges: [b[0], b[1], b[0] + b[2], b[1] + b[3]], score })
    };
    list.iter().enumerate().map(of).collect::<Result<Vec<_>>>().map(Some)
}

/// The names of categories by their numbers.
fn coco_categories(path: &Path) -> Result<HashMap<i64, String>> {
    let value: Value = serde_json::from_str(&read_text(path)?)
        .map_err(|_| Error::input("results of this form go with annotations in COCO's").at(path.display()))?;
    let list = value.get("categories").and_then(Value::as_array).cloned().unwrap_or_default();
    let of = |category: &Value| Some((category.get("id")?.as_i64()?, category.get("name")?.as_str()?.to_owned()));
    Ok(list.iter().filter_map(of).collect())
}

/// The box that an error speaks of.
fn box_at<'a>(set: &'a Set, error: &crate::clean::label_errors::BoxError) -> Option<&'a BoxOf> {
    let image = set.images.get(error.image)?;
    let boxes = if error.fault == BoxFault::Overlooked { &image.predicted } else { &image.given };
    boxes.get(error.at)
}

fn frame(found: &BoxErrors, set: &Set) -> Frame {
    let text = |of: &dyn Fn(&crate::clean::label_errors::BoxError) -> Option<String>| -> LargeStringArray {
        found.errors.iter().map(of).collect()
    };
    let number = |of: &dyn Fn(&BoxOf) -> f64| -> Vec<f64> {
        found.errors.iter().map(|error| box_at(set, error).map_or(f64::NAN, of)).collect()
    };
    let class =
        |error: &crate::clean::label_errors::BoxError| set.classes.get(usize::from(box_at(set, error)?.class)).cloned();
    Frame::new(vec![
        Arc::new(Column::text("path", Kind::Text, text(&|error| set.paths.get(error.image).cloned()))),
        Arc::new(Column::text("issue", Kind::Category, text(&|error| Some(error.fault.name().to_owned())))),
        Arc::new(Column::text("class", Kind::Category, text(&class))),
        files::number_column("x", number(&|of| of.edges[0]).into_iter()),
        files::number_column("y", number(&|of| of.edges[1]).into_iter()),
        files::number_column("width", number(&|of| of.edges[2] - of.edges[0]).into_iter()),
        files::number_column("height", number(&|of| of.edges[3] - of.edges[1]).into_iter()),
        files::number_column("score", found.errors.iter().map(|error| error.score)),
        files::count_column("rank", 1..=found.errors.len() as i64),
    ])
}

fn worst(found: &BoxErrors, set: &Set) -> String {
    let mut table = Table::new(["image", "issue", "class", "score"]);
    for error in found.errors.iter().take(10) {
        let class = box_at(set, error).and_then(|of| set.classes.get(usize::from(of.class))).cloned();
        let path = set.paths.get(error.image).cloned().unwrap_or_default();
        table.row([path, error.fault.name().to_owned(), class.unwrap_or_default(), decimal(Some(error.score))]);
    }
    if table.is_empty() { String::new() } else { format!("\n{}", table.render()) }
}
