//! The bundled sample data is whole: what `sample.toml` names is there, labels fit the classes, credit is given.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use lapidary::data::media::{Limits, decode};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name)
}

fn about(name: &str) -> toml::Table {
    let text = std::fs::read_to_string(folder(name).join("sample.toml")).unwrap();
    text.parse().unwrap()
}

fn classes(about: &toml::Table) -> BTreeSet<String> {
    about["classes"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[test]
fn text_samples_are_whole() {
    let check = |name: &str, rows: usize| {
        let about = about(name);
        let path = |key: &str| folder(name).join(about[key].as_str().unwrap());
        let mut reader = csv::Reader::from_path(path("data")).unwrap();
        let header = reader.headers().unwrap().clone();
        let column = |key: &str| {
            let wanted = about[key].as_str().unwrap();
            header.iter().position(|name| name == wanted).unwrap_or_else(|| panic!("{name} has no column {wanted}"))
        };
        let (id, text, gold) = (column("id"), column("text"), column("gold"));
        let (mut ids, mut seen, mut count) = (BTreeSet::new(), BTreeSet::new(), 0);
        for row in reader.records() {
            let row = row.unwrap();
            count += 1;
            assert!(ids.insert(row[id].to_owned()), "{name}: the id {} stands twice", &row[id]);
            assert!(!row[text].trim().is_empty(), "{name}: {} has no text", &row[id]);
            assert!(!row[text].contains(['\u{feff}', '\u{200b}', '\u{fffd}']), "{name}: {}", &row[id]);
            seen.insert(row[gold].to_owned());
        }
        assert_eq!(count, rows, "{name}");
        assert_eq!(seen, classes(&about), "{name}");
        for file in std::fs::read_dir(folder(name).join("lfs")).unwrap() {
            let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
            assert!(source.matches("lf_").count() >= 8, "{name} has functions to start from");
        }
        assert!(folder(name).join("guidelines.md").is_file());
    };
    check("youtube_spam", 1956);
    check("nsmc", 2000);
}

#[test]
fn the_shapes_decode_and_two_are_duplicates() {
    let about = about("shapes");
    let images = folder("shapes").join(about["data"].as_str().unwrap());
    let mut contents: BTreeMap<Vec<u8>, Vec<String>> = BTreeMap::new();
    let (mut labels, mut bytes) = (BTreeSet::new(), 0);
    for class in std::fs::read_dir(images).unwrap() {
        let class = class.unwrap();
        labels.insert(class.file_name().into_string().unwrap());
        for file in std::fs::read_dir(class.path()).unwrap() {
            let path = file.unwrap().path();
            let picture = decode(&path, None, Limits::default()).unwrap();
            assert_eq!((picture.width, picture.height), (96, 96));
            bytes += std::fs::metadata(&path).unwrap().len();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            contents.entry(picture.rgba).or_default().push(name);
        }
    }
    assert_eq!(labels, classes(&about));
    assert_eq!(contents.values().map(Vec::len).sum::<usize>(), 60);
    assert!(bytes < 300_000, "{bytes} bytes");
    let mut twins: Vec<Vec<String>> = contents.into_values().filter(|names| names.len() > 1).collect();
    twins.iter_mut().for_each(|names| names.sort());
    twins.sort();
    assert_eq!(twins, [["circle_02", "circle_14"], ["star_06", "star_15"]]);
}

#[test]
fn every_sample_states_its_source_and_licence() {
    let readme = std::fs::read_to_string(folder("README.md")).unwrap();
    let mut found = 0;
    for entry in std::fs::read_dir(folder("")).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            let name = entry.file_name().into_string().unwrap();
            let about = about(&name);
            for key in ["title", "title_ko", "licence", "credit", "language"] {
                assert!(
                    about.get(key).and_then(toml::Value::as_str).is_some_and(|text| !text.is_empty()),
                    "{name} {key}"
                );
            }
            assert!(readme.contains(&format!("## {name}")), "{name} is not in the README");
            found += 1;
        }
    }
    assert_eq!(found, 3);
}
