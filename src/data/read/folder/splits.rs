//! What the names of folders and files say: the class of an item, and the part of the data (train, test, …) it is in.

use unicode_normalization::UnicodeNormalization as _;

/// Names of parts of the data, lower case.
const SPLITS: &[&str] =
    &["train", "training", "valid", "validation", "val", "dev", "test", "testing", "eval", "evaluation", "holdout"];

/// Names of folders that say nothing of what lies in them, lower case.
const PLAIN: &[&str] = &[
    "images",
    "image",
    "imgs",
    "img",
    "jpegimages",
    "audio",
    "audios",
    "wav",
    "wavs",
    "clips",
    "recordings",
    "texts",
    "text",
    "txt",
    "data",
    "files",
];

/// The class of a file: the folder it lies in, in the composed form that people type; `None` at the top, or if that
/// folder is named after a part of the data or after the kind of its files.
pub(super) fn class(path: &str) -> Option<String> {
    let (folders, _) = path.rsplit_once('/')?;
    let mut named = folders.rsplit('/').filter(|name| !is_plain(name) && split_name(name).is_none());
    named.next().map(|name| name.nfc().collect())
}

fn is_plain(name: &str) -> bool {
    PLAIN.contains(&name.to_ascii_lowercase().as_str())
}

/// The part that a folder or a word names; `train2017` and the like are parts too.
fn split_name(name: &str) -> Option<&'static str> {
    let lower = name.trim_end_matches(|c: char| c.is_ascii_digit()).to_ascii_lowercase();
    SPLITS.iter().find(|split| **split == lower).copied()
}

/// The part of the data that the folders of a path name, the outermost one first; as it is named there.
pub(super) fn split_of_folders(path: &str) -> Option<&'static str> {
    let (folders, _) = path.rsplit_once('/')?;
    folders.split('/').find_map(split_name)
}

/// The part of the data that a data file holds, by its folders or its own name: the only such word in
/// `train-00000-of-00003.parquet`, `L_dev_video.csv` or `en.test.jsonl`.
pub(super) fn split_of_file(path: &str) -> Option<&'static str> {
    split_of_folders(path).or_else(|| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let mut words = name.split(|c: char| !c.is_ascii_alphabetic()).filter_map(split_name);
        let first = words.next()?;
        words.all(|other| other == first).then_some(first)
    })
}

/// The name of a data file without its number among several: `train-00000-of-00003.parquet` and
/// `train-00001-of-00003.parquet` have the same.
pub(super) fn without_number(path: &str) -> String {
    let (stem, ending) = path.rsplit_once('.').unwrap_or((path, ""));
    let stem = match stem.rsplit_once("-of-") {
        Some((before, count)) if !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit()) => before,
        _ => stem,
    };
    let bare = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    if bare.len() == stem.len() { path.to_owned() } else { format!("{bare}.{ending}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_name_classes_and_parts() {
        let check = |path: &str, class_name: Option<&str>, split: Option<&str>| {
            assert_eq!((class(path).as_deref(), split_of_folders(path)), (class_name, split), "{path}");
        };
        check("1.png", None, None);
        check("cat/1.png", Some("cat"), None);
        check("train/cat/1.png", Some("cat"), Some("train"));
        check("cat/test/1.png", Some("cat"), Some("test"));
        check("Images/1.png", None, None);
        check("images/Val/1.png", None, Some("val"));
        check("images/train2017/1.png", None, Some("train"));
        check("animals/cat/images/1.png", Some("cat"), None);
        check("\u{1100}\u{1162}/1.png", Some("개"), None);
        check("trains/1.png", Some("trains"), None);
    }

    #[test]
    fn data_files_name_parts() {
        let check = |path: &str, expected: Option<&str>| assert_eq!(split_of_file(path), expected, "{path}");
        check("train.csv", Some("train"));
        check("data/train-00000-of-00003.parquet", Some("train"));
        check("data/validation-00000-of-00001.parquet", Some("validation"));
        check("test/data-00000-of-00001.arrow", Some("test"));
        check("L_dev_video.csv", Some("dev"));
        check("train_150k.parquet", Some("train"));
        check("TEST.csv", Some("test"));
        check("train_test.csv", None);
        check("train_train.csv", Some("train"));
        check("contest.csv", None);
        check("labels.csv", None);
    }

    #[test]
    fn numbered_files_have_one_name() {
        let check = |path: &str, expected: &str| assert_eq!(without_number(path), expected);
        check("data/train-00001-of-00003.parquet", "data/train-.parquet");
        check("part-7.csv", "part-.csv");
        check("chunk12.jsonl", "chunk.jsonl");
        check("a-of-b.csv", "a-of-b.csv");
        check("labels.csv", "labels.csv");
    }

    proptest::proptest! {
        #[test]
        fn any_name_has_an_answer(path in "\\PC{0,30}") {
            let _ = (class(&path), split_of_folders(&path), split_of_file(&path), without_number(&path));
        }
    }
}
