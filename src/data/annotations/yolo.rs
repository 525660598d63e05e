//! YOLO: a text file of numbers beside every image, and `data.yaml` with the classes in their order.
//!
//! Source: Ultralytics' dataset formats (detect, segment, OBB, pose). Numbers are shares of the image's width and height,
//! so the images' sizes must be known. The order of classes stands in `data.yaml` (or `classes.txt`, `obj.names`) and is
//! never guessed: without it, classes are the numbers themselves and the report says so.

use std::collections::HashMap;
use std::path::Path;

use super::geometry::{bounds_of_keypoints, corners, rect_of_corners};
use super::holds::{Feature as F, Holds, Report};
use super::model::{
    Annotation, Class, Content, Document, Documents, Image, Keypoint, Keypoints, Mark, Part, Point, Rect, Seen,
    class_order,
};
use super::source::{self, IMAGES, Media};
use super::{Clue, Format, Options, Output, Reason, Sure, Task};
use crate::engine::{Error, Result, Work};

mod yaml;

use yaml::Yaml;

/// YOLO.
pub(super) struct Yolo;

const COMMON: Holds = Holds::of(&[F::Image, F::EmptyDocument, F::Split, F::ClassList]);

impl Format for Yolo {
    fn name(&self) -> &'static str {
        "yolo"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &[]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        for name in ["data.yaml", "dataset.yaml", "data.yml", "obj.names"] {
            if clue.holds(name) {
                return Some((Sure::Surely, Reason::Holds(name)));
            }
        }
        (clue.holds("labels") && clue.holds("classes.txt")).then_some((Sure::Surely, Reason::Holds("classes.txt")))
    }

    fn holds(&self, options: &Options) -> Holds {
        COMMON.and(match options.task {
            Some(Task::Segment) => Holds::of(&[F::Polygon]),
            Some(Task::Rotated) => Holds::of(&[F::Box, F::RotatedBox]),
            Some(Task::Pose) => Holds::of(&[F::Keypoints, F::ManyKeypoints, F::Bounds, F::Visibility]),
            _ => Holds::of(&[F::Box]),
        })
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        let folder = source::folder_of(path);
        let mut report = Report::default();
        let setup = Setup::find(path, folder, options, &mut report, work)?;
        let lists: Vec<String> =
            source::files_in(folder, &["txt"], work)?.into_iter().filter(|name| is_annotation(name)).collect();
        if lists.is_empty() {
            return Err(Error::input("there is no label file")
                .at(path.display())
                .help("give the folder that holds labels/ and images/"));
        }
        let images = images(folder, options, work)?;
        let media = Media::beside(path, options)?;
        let task = setup.task(folder, &lists, options, &mut report, work)?;
        let mut documents = Documents { documents: Vec::new(), classes: setup.classes() };
        let mut seen = std::collections::HashSet::new();
        work.stage("reading annotations", lists.len() as u64);
        for name in &lists {
            work.advance(1)?;
            let key = key_of(source::stem(name));
            seen.insert(key.clone());
            let image = images.get(&key).cloned().unwrap_or_else(|| format!("{key}.jpg"));
            let lines = source::read_text(&folder.join(name), options, &mut report, work)?;
            let mut document = Document::new("", Content::Image(Image { path: image, ..Image::default() }));
            document.split = split_of(name);
            for (number, line) in lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
                match setup.line(line, task) {
                    Ok(annotation) => document.annotations.push(annotation),
                    Err(code) => report.lost.add(code, || format!("{name}:{}: {line}", number + 1)),
                }
            }
            documents.documents.push(document);
        }
        // An image without a file of labels is an image of nothing but background.
        let mut background: Vec<(&String, &String)> = images.iter().filter(|(key, _)| !seen.contains(*key)).collect();
        background.sort();
        for (_, image) in background {
            let mut document = Document::new("", Content::Image(Image { path: image.clone(), ..Image::default() }));
            document.split = split_of(image);
            documents.documents.push(document);
        }
        source::complete_images(&mut documents, &media, true, &mut report, work)?;
        scale(&mut documents);
        let report = report.counted(&documents);
        Ok((documents, report))
    }

    fn render(&self, path: &Path, documents: &Documents, options: &Options, work: &Work) -> Result<Output> {
        let mut report = Report::default();
        let sized = source::with_sizes(documents, path, options, &mut report, work)?;
        let labels = class_order(&sized);
        let numbers: HashMap<&str, usize> = labels.iter().enumerate().map(|(at, label)| (&**label, at)).collect();
        let mut output = source::each(path, &sized, work, |document, image| {
            let split = if document.split.is_empty() { String::new() } else { format!("{}/", document.split) };
            let stem = key_of(source::stem(&source::inside(&image.path)));
            let name = format!("labels/{split}{stem}.txt");
            let mut out = String::new();
            for annotation in &document.annotations {
                let number = numbers.get(&*annotation.label).copied().unwrap_or_default();
                write_line(&mut out, number, &annotation.mark, image, options.task == Some(Task::Rotated));
            }
            Ok((name, out))
        })?;
        let points = most_points(&sized);
        let splits = splits(&sized);
        if !splits.iter().any(|split| split == "val") {
            let note = "there is no part val, so data.yaml names the same images for training and validation: split them first";
            report.notes.push(note.to_owned());
        }
        output.add(path.join("data.yaml"), yaml::write(&labels, &splits, points));
        Ok(output.with_report(report.counted(documents)))
    }
}

/// Label files, and not lists of classes or images or what tells about them.
fn is_annotation(name: &str) -> bool {
    let plain = source::file_name(name).to_ascii_lowercase();
    let told =
        ["classes.txt", "train.txt", "val.txt", "valid.txt", "test.txt", "readme.txt", "obj.names", "requirements.txt"];
    !told.contains(&plain.as_str()) && !plain.starts_with("readme")
}

/// The path of a label file or image without `labels/` or `images/` and without its ending: what both share.
fn key_of(stem: &str) -> String {
    let parts: Vec<&str> =
        stem.split('/').filter(|part| !matches!(*part, "labels" | "images" | "labelTxt" | "obj_train_data")).collect();
    parts.join("/")
}

/// The part of the data that a path names.
fn split_of(path: &str) -> String {
    let known = path.split('/').find(|part| matches!(*part, "train" | "val" | "valid" | "test"));
    known.map_or_else(String::new, |part| if part == "valid" { "val".to_owned() } else { part.to_owned() })
}

/// Images by what they share with their label files.
fn images(folder: &Path, options: &Options, work: &Work) -> Result<HashMap<String, String>> {
    let from = options.media.as_deref().unwrap_or(folder);
    let found = source::files_in(from, IMAGES, work)?;
    Ok(found.into_iter().map(|path| (key_of(source::stem(&path)), path)).collect())
}

/// What `data.yaml` and its like say.
struct Setup {
    names: Option<Vec<String>>,
    /// Keypoints an object, and numbers a keypoint.
    keypoints: Option<(usize, usize)>,
}

impl Setup {
    fn find(path: &Path, folder: &Path, options: &Options, report: &mut Report, work: &Work) -> Result<Self> {
        let mut setup = Self { names: None, keypoints: None };
        let named = path.is_file().then(|| source::file_name(&path.to_string_lossy()).to_owned());
        let yamls = named.into_iter().filter(|name| name.ends_with("yaml") || name.ends_with("yml"));
        let yamls: Vec<String> =
            yamls.chain(["data.yaml".to_owned(), "dataset.yaml".to_owned(), "data.yml".to_owned()]).collect();
        for name in yamls {
            let file = folder.join(&name);
            if file.is_file() {
                let yaml = Yaml::read(&source::read_text(&file, options, report, work)?)
                    .map_err(|error| error.at(file.display()))?;
                setup.names = yaml.names;
                setup.keypoints = yaml.keypoints;
                report.infer("class order", format!("from {name}"));
                return Ok(setup);
            }
        }
        for name in ["classes.txt", "obj.names", "labels/classes.txt"] {
            let file = folder.join(name);
            if file.is_file() {
                let text = source::read_text(&file, options, report, work)?;
                setup.names =
                    Some(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect());
                report.infer("class order", format!("from {name}"));
                return Ok(setup);
            }
        }
        report.infer("class order", "not given: classes are the numbers themselves");
        Ok(setup)
    }

    fn classes(&self) -> Vec<Class> {
        self.names.iter().flatten().map(|name| Class::named(name.as_str())).collect()
    }

    /// What the lines are: as asked, as `data.yaml` says, or as their lengths say; 9 numbers may be two things.
    fn task(
        &self,
        folder: &Path,
        lists: &[String],
        options: &Options,
        report: &mut Report,
        work: &Work,
    ) -> Result<Task> {
        if let Some(task) = options.task.filter(|task| task.is_yolo()) {
            return Ok(task);
        }
        if self.keypoints.is_some() {
            report.infer("task", "pose (data.yaml has kpt_shape)");
            return Ok(Task::Pose);
        }
        let mut lengths: HashMap<usize, usize> = HashMap::new();
        for name in lists.iter().take(1000) {
            for line in source::read_text(&folder.join(name), options, &mut Report::default(), work)?.lines() {
                *lengths.entry(line.split_whitespace().count()).or_default() += 1;
            }
        }
        lengths.remove(&0);
        let all: usize = lengths.values().sum();
        let of = |wanted: fn(usize) -> bool| {
            lengths.iter().filter(|(length, _)| wanted(**length)).map(|(_, n)| n).sum::<usize>()
        };
        let (boxes, nine) = (of(|length| length == 5 || length == 6), of(|length| length == 9));
        if boxes == all {
            report.infer("task", "detect (5 or 6 numbers a line)");
            return Ok(Task::Detect);
        }
        if nine == all {
            return Err(Error::input("9 numbers a line are a turned box or an outline of four points")
                .at(folder.display())
                .help("say which with --task obb or --task segment"));
        }
        report.infer("task", format!("segment ({} of {all} lines are outlines)", all - boxes));
        Ok(Task::Segment)
    }

    /// One line, in shares of the image.
    fn line(&self, line: &str, task: Task) -> Result<Annotation, &'static str> {
        let mut words = line.split_whitespace();
        let class = words.next().ok_or("unreadable_line")?;
        let number: f64 = class.parse().map_err(|_| "unreadable_line")?;
        if number < 0.0 || number.fract() != 0.0 {
            return Err("unreadable_class_number");
        }
        let label = match &self.names {
            Some(names) => names.get(number as usize).ok_or("class_number_without_name")?.clone(),
            None => format!("{number}"),
        };
        let values: Option<Vec<f64>> =
            words.map(|word| word.parse().ok().filter(|value: &f64| value.is_finite())).collect();
        let values = values.ok_or("unreadable_line")?;
        let (mark, used) = match task {
            Task::Rotated => (rotated(&values), 8),
            Task::Pose => self.pose(&values).ok_or("unreadable_line")?,
            Task::Segment if values.len() > 5 => {
                let points: Vec<Point> = values.chunks_exact(2).map(|pair| Point::new(pair[0], pair[1])).collect();
                let used = points.len() * 2;
                (Some(Mark::Polygon(vec![Part { outline: points, holes: Vec::new() }])), used)
            }
            _ => (centred(&values).map(Mark::Box), 4),
        };
        let mut annotation = Annotation::new(label, mark.ok_or("unreadable_line")?);
        match values.get(used..).unwrap_or_default() {
            [] => {}
            [confidence] => annotation.info_mut().confidence = Some(*confidence),
            _ => return Err("unreadable_line"),
        }
        Ok(annotation)
    }

    fn pose(&self, values: &[f64]) -> Option<(Option<Mark>, usize)> {
        let bounds = centred(values)?;
        let rest = values.get(4..)?;
        let (count, size) = self.keypoints.unwrap_or(if rest.len().is_multiple_of(3) {
            (rest.len() / 3, 3)
        } else {
            (rest.len() / 2, 2)
        });
        let points = rest.get(..count * size)?.chunks_exact(size.max(2)).map(|values| {
            let at = Point::new(values[0], values[1]);
            let seen = match values.get(2) {
                Some(seen) => Seen::of(*seen),
                None if at == Point::default() => Seen::Absent,
                None => Seen::Visible,
            };
            Keypoint { at, seen, name: String::new() }
        });
        let keypoints = Keypoints { points: points.collect(), bounds: Some(bounds) };
        Some((Some(Mark::Keypoints(keypoints)), 4 + count * size))
    }
}

/// A box by its centre and size.
fn centred(values: &[f64]) -> Option<Rect> {
    let &[x, y, width, height, ..] = values else { return None };
    (width >= 0.0 && height >= 0.0).then(|| Rect::new(x - width / 2.0, y - height / 2.0, width, height))
}

/// The corners of a turned box; whether they are those of one is seen in pixels.
fn rotated(values: &[f64]) -> Option<Mark> {
    let points: Vec<Point> = values.get(..8)?.chunks_exact(2).map(|pair| Point::new(pair[0], pair[1])).collect();
    Some(Mark::Polyline(points))
}

/// Turns shares into pixels.
fn scale(documents: &mut Documents) {
    for document in &mut documents.documents {
        let Content::Image(image) = &document.content else { continue };
        let (width, height) = (f64::from(image.width), f64::from(image.height));
        let point = |point: &mut Point| *point = Point::new(point.x * width, point.y * height);
        let rect = |rect: &mut Rect| {
            *rect = Rect::new(rect.x * width, rect.y * height, rect.width * width, rect.height * height);
        };
        for annotation in &mut document.annotations {
            match &mut annotation.mark {
                Mark::Box(shape) => rect(shape),
                Mark::Polygon(parts) => parts.iter_mut().flat_map(|part| &mut part.outline).for_each(point),
                Mark::Polyline(points) => {
                    points.iter_mut().for_each(point);
                    let outline = std::mem::take(points);
                    annotation.mark = match rect_of_corners(&outline, 1.0) {
                        Some(rect) => Mark::Box(rect),
                        None => Mark::Polygon(vec![Part { outline, holes: Vec::new() }]),
                    };
                }
                Mark::Keypoints(keypoints) => {
                    keypoints.points.iter_mut().for_each(|keypoint| point(&mut keypoint.at));
                    if let Some(bounds) = &mut keypoints.bounds {
                        rect(bounds);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Appends a line: the class's number and shares of the image to 1e-9, so that pixels come back to 1e-4 of one in any
/// image.
fn write_line(out: &mut String, number: usize, mark: &Mark, image: &Image, as_corners: bool) {
    use std::fmt::Write as _;
    let (width, height) = (f64::from(image.width), f64::from(image.height));
    let mut numbers: Vec<String> = vec![number.to_string()];
    let share = |value: f64| format!("{value:.9}");
    let centre = |numbers: &mut Vec<String>, rect: Rect| {
        numbers.push(share((rect.x + rect.width / 2.0) / width));
        numbers.push(share((rect.y + rect.height / 2.0) / height));
        numbers.push(share(rect.width / width));
        numbers.push(share(rect.height / height));
    };
    match mark {
        Mark::Box(rect) if as_corners => {
            for point in corners(*rect) {
                numbers.extend([share(point.x / width), share(point.y / height)]);
            }
        }
        Mark::Box(rect) => centre(&mut numbers, *rect),
        Mark::Polygon(parts) => {
            for point in parts.iter().flat_map(|part| &part.outline) {
                numbers.extend([share(point.x / width), share(point.y / height)]);
            }
        }
        Mark::Keypoints(points) => {
            centre(&mut numbers, points.bounds.or_else(|| bounds_of_keypoints(points)).unwrap_or_default());
            for point in &points.points {
                numbers.extend([
                    share(point.at.x / width),
                    share(point.at.y / height),
                    point.seen.number().to_string(),
                ]);
            }
        }
        _ => return,
    }
    let _ = writeln!(out, "{}", numbers.join(" "));
}

fn most_points(documents: &Documents) -> usize {
    let annotations = documents.documents.iter().flat_map(|document| &document.annotations);
    annotations
        .map(|annotation| match &annotation.mark {
            Mark::Keypoints(points) => points.points.len(),
            _ => 0,
        })
        .max()
        .unwrap_or(0)
}

fn splits(documents: &Documents) -> Vec<String> {
    let splits: std::collections::BTreeSet<&str> =
        documents.documents.iter().map(|document| document.split.as_str()).filter(|split| !split.is_empty()).collect();
    splits.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, labels_of, sample};
    use super::*;

    #[test]
    fn its_own_files_are_read() {
        let check = |folder: &str, task: Option<Task>, labels: &[&str]| {
            let Some(path) = sample(folder) else { return };
            let media = sample("img/yolo/images");
            let options = Options { task, media, ..Options::default() };
            let (read, report) = Yolo.read(&path, &options, &Work::new()).unwrap();
            assert!(report.lost.is_empty(), "{folder} {:?}", report.lost);
            assert_eq!(labels_of(&read), labels, "{folder}");
        };
        check("img/yolo", None, &["상자 [2,1,6,4]", "tri [10,2,8,6]"]);
        check("img/yolo_seg", None, &["0 <4>", "1 <3>"]);
        check("img/yolo_obb", Some(Task::Rotated), &["0 [2,1,6,4]"]);
        check("img/yolo_pose", Some(Task::Pose), &["0 *3"]);
    }

    #[test]
    fn nine_numbers_are_not_guessed() {
        let Some(path) = sample("img/yolo_obb") else { return };
        let options = Options { media: sample("img/yolo/images"), ..Options::default() };
        let error = Yolo.read(&path, &options, &Work::new()).unwrap_err();
        assert!(error.advice().unwrap().contains("--task"), "{error}");
    }

    #[test]
    fn sizes_must_be_known() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.txt"), "0 0.5 0.5 0.1 0.1\n").unwrap();
        let error = Yolo.read(folder.path(), &Options::default(), &Work::new()).unwrap_err();
        assert!(error.advice().unwrap().contains("--media"), "{error}");
    }

    /// Everything that one of the tasks can hold.
    const ANY: Holds = COMMON.and(Holds::of(&[
        F::Box,
        F::RotatedBox,
        F::Polygon,
        F::Keypoints,
        F::ManyKeypoints,
        F::Bounds,
        F::Visibility,
    ]));

    proptest::proptest! {
        #[test]
        fn what_goes_out_comes_in(documents in testing::documents(ANY), pick in 0usize..4) {
            let task = [Task::Detect, Task::Segment, Task::Rotated, Task::Pose][pick];
            let options = Options { task: Some(task), ..Options::default() };
            let fitted = super::super::fit(&documents, Yolo.holds(&options), &mut Default::default(), &Work::new()).unwrap();
            let folder = tempfile::tempdir().unwrap();
            for document in &fitted.documents {
                let path = folder.path().join("images").join(&document.split);
                std::fs::create_dir_all(&path).unwrap();
                image::GrayImage::new(40, 20).save(path.join(document.path().unwrap())).unwrap();
            }
            Yolo.render(folder.path(), &fitted, &options, &Work::new()).unwrap().save(&Work::new()).unwrap();
            let (read, report) = Yolo.read(folder.path(), &options, &Work::new()).unwrap();
            let sorted = |documents: &Documents| {
                let mut labels = labels_of(documents);
                labels.sort();
                labels
            };
            proptest::prop_assert_eq!(sorted(&read), sorted(&fitted), "{:?} {:?}", task, report.lost);
            proptest::prop_assert_eq!(read.documents.len(), fitted.documents.len());
        }
    }
}
