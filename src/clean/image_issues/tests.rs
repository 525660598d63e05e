//! Whole sets of images: planted faults, CleanVision's recorded scores, unreadable files.

use std::path::PathBuf;

use serde_json::Value;

use super::*;
use crate::data::Kind;
use crate::data::read::{ReadOptions, read_frame};

/// The folder of development data, if this machine has it.
fn data() -> Option<PathBuf> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let given = std::env::var_os("LAPIDARY_DATA").map(PathBuf::from);
    let places = given.into_iter().chain([here.join("../shared/data"), here.join("../../shared/data")]);
    let found = places.into_iter().find(|place| place.join("golden").is_dir());
    if found.is_none() {
        eprintln!("skipped: the development data are not on this machine");
    }
    found
}

fn images(folder: &Path, names: &[Option<&str>], compatible: bool, work: &Work) -> ImageIssues {
    let column = Column::text("image", Kind::Image, LargeStringArray::from(names.to_vec()));
    ImageIssues::find(folder, &column, compatible, work).unwrap()
}

#[test]
fn unreadable_images_are_counted_and_listed_and_the_rest_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let save = |name: &str, image: image::RgbaImage| image.save(folder.path().join(name)).unwrap();
    save("plain.png", image::RgbaImage::from_pixel(40, 30, image::Rgba([120, 120, 120, 255])));
    save("clear.png", image::RgbaImage::from_pixel(40, 30, image::Rgba([0, 0, 0, 0])));
    std::fs::write(folder.path().join("broken.png"), "no image").unwrap();
    let names = [Some("plain.png"), Some("broken.png"), Some("absent.png"), None, Some("../x.png"), Some("clear.png")];
    for compatible in [false, true] {
        let work = Work::new();
        let found = images(folder.path(), &names, compatible, &work);
        let rows: Vec<u32> = found.unreadable.iter().map(|(row, _)| *row).collect();
        assert_eq!(rows, [1, 2, 3, 4]);
        assert_eq!((found.rows(), found.count(ImageIssue::Unreadable)), (6, 4));
        assert!(found.unreadable[0].1.contains("broken.png"), "{:?}", found.unreadable);
        assert!(work.warnings()[0].starts_with("4 of 6 images could not be read"), "{:?}", work.warnings());
        assert!(found.has(ImageIssue::LowInformation, 0));
        assert_eq!(found.scores(ImageIssue::Dark)[1], None);
        // What can be seen through lies on white; CleanVision sees the black behind.
        assert_eq!(found.has(ImageIssue::Light, 5), !compatible);
        assert_eq!(found.has(ImageIssue::Dark, 5), compatible);
    }
    let work = Work::new();
    work.cancel();
    let column = Column::text("image", Kind::Image, LargeStringArray::from(names.to_vec()));
    assert!(ImageIssues::find(folder.path(), &column, false, &work).unwrap_err().is_cancelled());
}

/// Found and planted among the flagged images of each kind of `photo_issues`.
#[test]
fn every_planted_fault_is_found_and_little_else() {
    let Some(data) = data() else { return };
    let folder = data.join("photo_issues");
    let manifest = read_frame(&folder.join("manifest.csv"), &ReadOptions::default(), &Work::new()).unwrap().frame;
    let strings = |name: &str| manifest.column(name).unwrap().strings().unwrap().clone();
    let (files, kinds) = (strings("file"), strings("kind"));
    let sources = strings("source_photo");
    let column = Column::text("image", Kind::Image, files);
    let found = ImageIssues::find(&folder.join("images"), &column, false, &Work::new()).unwrap();
    // Four of the photos are black and white; these and a plain grey image have no colour though nobody planted it.
    let without_colour = ["000000000086.jpg", "000000000328.jpg", "000000000359.jpg", "000000000542.jpg"];
    let check = |issue: ImageIssue, planted: &str| {
        let flagged = found.worst(issue);
        let is_planted = |row: &&u32| kinds.value(**row as usize) == planted;
        let hits = flagged.iter().filter(is_planted).count();
        let planted = kinds.iter().filter(|kind| *kind == Some(planted)).count();
        let natural = |row: &&u32| {
            issue == ImageIssue::Grayscale
                && (without_colour.contains(&sources.value(**row as usize))
                    || kinds.value(**row as usize) == "low_information")
        };
        let wrong = flagged.iter().filter(|row| !is_planted(row) && !natural(row)).count();
        assert_eq!(hits, planted, "{}: recall", issue.name());
        assert!(hits as f64 >= 0.9 * (hits + wrong) as f64, "{}: {wrong} beside {hits}", issue.name());
    };
    check(ImageIssue::Blurry, "blurry");
    check(ImageIssue::Light, "overexposed");
    check(ImageIssue::Dark, "dark");
    check(ImageIssue::LowInformation, "low_information");
    check(ImageIssue::OddAspectRatio, "odd_aspect");
    check(ImageIssue::Grayscale, "gray");
    assert_eq!(found.count(ImageIssue::Unreadable), 0);
}

/// Images of which nothing is wrong, of all sizes: photos of 640 pixels, of 32, digits of 28.
#[test]
fn ordinary_images_are_left_alone() {
    let Some(data) = data() else { return };
    // All images: the first ones of a folder are of one class, whose pictures may be alike (aeroplanes before white skies).
    let check = |folder: &str, issues: &[ImageIssue], most: f64| {
        let reading = read_frame(&data.join(folder), &ReadOptions::default(), &Work::new()).unwrap();
        let column = reading.frame.columns().iter().find(|column| column.kind() == Kind::Image).unwrap().clone();
        let found = ImageIssues::find(&reading.root, &column, false, &Work::new()).unwrap();
        for &issue in issues {
            let share = found.count(issue) as f64 / found.rows() as f64;
            assert!(share <= most, "{folder}: {share} are {}", issue.name());
        }
    };
    let all = [ImageIssue::Dark, ImageIssue::Light, ImageIssue::Blurry, ImageIssue::LowInformation];
    check("coco_photos/images", &all, 0.02);
    check("cifar10/images", &all, 0.02);
    check("mnist_test", &[ImageIssue::Dark, ImageIssue::Blurry, ImageIssue::LowInformation], 0.02);
}

/// Scores that CleanVision 0.3.7 gave to the first twenty test images of CIFAR-10. The JPEG decoders differ by a level
/// here and there, so that scores agree to two hundredths; for equal pixels they agree to 1e-9, see `cleanvision`.
#[test]
fn compatible_scores_agree_with_the_recorded_ones() {
    let Some(data) = data() else { return };
    let golden: Value =
        serde_json::from_str(&std::fs::read_to_string(data.join("golden/cleanvision_20.json")).unwrap()).unwrap();
    let golden = &golden["issues"];
    // Names are class and number; the images stand in the order of the test set.
    let order = [
        "cat_0000",
        "ship_0000",
        "ship_0001",
        "airplane_0000",
        "frog_0000",
        "frog_0001",
        "automobile_0000",
        "frog_0002",
        "cat_0001",
        "automobile_0001",
        "airplane_0001",
        "truck_0000",
        "dog_0000",
        "horse_0000",
        "truck_0001",
        "ship_0002",
        "dog_0001",
        "horse_0001",
        "ship_0003",
        "frog_0003",
    ];
    let path = data.join("cifar_duplicates/images.parquet");
    let reading = read_frame(&path, &ReadOptions::default(), &Work::new()).unwrap();
    let ids = reading.frame.column("id").unwrap().strings().unwrap().clone();
    let column = reading.frame.column("image").unwrap();
    let media = column.strings().unwrap();
    let row_of = |id: &str| ids.iter().position(|other| other == Some(id)).unwrap();
    let names: Vec<String> =
        golden["index"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    let values: LargeStringArray = names
        .iter()
        .map(|name| {
            let place = order.iter().position(|known| *name == format!("test_{known}.jpg")).unwrap();
            Some(media.value(row_of(&format!("test_{place}"))))
        })
        .collect();
    let column = Column::text("image", Kind::Image, values);
    let found = ImageIssues::find(&reading.root, &column, true, &Work::new()).unwrap();
    for issue in ImageIssue::ALL.into_iter().filter(|&issue| issue != ImageIssue::Unreadable) {
        let expected = golden[format!("{}_score", issue.name())].as_array().unwrap();
        let flags = golden[format!("is_{}_issue", issue.name())].as_array().unwrap();
        for (row, (expected, flag)) in expected.iter().zip(flags).enumerate() {
            let (score, expected) = (found.scores(issue)[row].unwrap(), expected.as_f64().unwrap());
            assert!((score - expected).abs() < 0.02, "{} of {}: {score}, {expected}", issue.name(), names[row]);
            assert_eq!(found.has(issue, row), flag.as_bool().unwrap(), "{}", issue.name());
        }
    }
}
