//! Folders through the front door.

use std::path::Path;

use crate::data::read::{ReadOptions, fingerprint, read, read_frame};
use crate::data::{Frame, Kind};
use crate::engine::Work;

fn put_image(path: &Path, width: u32, height: u32) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    image::RgbImage::new(width, height).save(path).unwrap();
}

fn put(path: &Path, content: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

fn shown(frame: &Frame) -> Vec<String> {
    let columns: Vec<_> = frame.columns().iter().filter(|column| column.name() != "bytes").collect();
    let names: Vec<_> = columns.iter().map(|column| column.name()).collect();
    let row = |row: usize| {
        let cells = columns.iter().map(|column| column.show(row).unwrap_or("·".into()).into_owned());
        cells.collect::<Vec<_>>().join(" ")
    };
    std::iter::once(names.join(" ")).chain((0..frame.rows()).map(row)).collect()
}

/// The rows of a folder below its names, without `bytes`; what was noted; and what was warned of.
fn look(root: &Path) -> (Vec<String>, String, Vec<String>) {
    let work = Work::new();
    let reading = read_frame(root, &ReadOptions::default(), &work).unwrap();
    let again = read_frame(root, &ReadOptions::default(), &Work::new()).unwrap();
    assert_eq!(shown(&again.frame), shown(&reading.frame), "read twice");
    assert_eq!(reading.fingerprint, fingerprint(root, &Work::new()).unwrap());
    assert_eq!(reading.root, root);
    let head = read_frame(root, &ReadOptions { limit: Some(1), ..Default::default() }, &Work::new()).unwrap();
    assert_eq!(shown(&head.frame).get(1), shown(&reading.frame).get(1));
    assert_eq!(head.frame.rows(), reading.frame.rows().min(1));
    (shown(&reading.frame), reading.report.notes.join("; "), work.warnings())
}

fn check(root: &Path, expected: &[&str], notes: &[&str]) {
    let (found, noted, _) = look(root);
    assert_eq!(found, expected, "{noted}");
    for note in notes {
        assert!(noted.contains(note), "{noted:?} has no {note:?}");
    }
}

#[test]
fn images_are_found_with_their_classes_parts_and_sizes() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put_image(&root.join("b.png"), 3, 2);
    put_image(&root.join("train/고양이/A.PNG"), 4, 4);
    put_image(&root.join("train/\u{1100}\u{1162}/1.bmp"), 5, 1);
    put_image(&root.join(".hidden/1.png"), 1, 1);
    std::fs::write(root.join("broken.jpg"), b"\xFF\xD8\xFF no").unwrap();
    put(&root.join("notes.txt"), "no image");
    put(&root.join("labels.csv"), "a\n1\n");
    put(&root.join("weights.bin"), "x");
    let (found, notes, warnings) = look(root);
    assert_eq!(
        found,
        [
            "image folder split width height",
            "b.png · · 3 2",
            "broken.jpg · · · ·",
            "train/\u{1100}\u{1162}/1.bmp 개 train 5 1",
            "train/고양이/A.PNG 고양이 train 4 4",
        ]
    );
    assert_eq!(warnings, ["1 images could not be read: broken.jpg"]);
    for part in ["not read: labels.csv", "1 text files were not read: notes.txt", "weights.bin"] {
        assert!(notes.contains(part), "{notes}");
    }
    let reading = read_frame(root, &ReadOptions::default(), &Work::new()).unwrap();
    assert_eq!(reading.frame.column("image").unwrap().kind(), Kind::Image);
    assert!(reading.frame.column("bytes").unwrap().number(0).unwrap() > 8.0);
}

#[test]
fn a_flat_folder_has_no_classes() {
    let folder = tempfile::tempdir().unwrap();
    put_image(&folder.path().join("images/1.png"), 1, 1);
    check(folder.path(), &["image width height", "images/1.png 1 1"], &[]);
}

#[test]
fn the_fingerprint_changes_with_what_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put_image(&root.join("1.png"), 1, 1);
    let print = || fingerprint(root, &Work::new()).unwrap();
    let first = print();
    put(&root.join("notes.txt"), "x");
    assert_eq!(print(), first);
    put(&root.join("labels.csv"), "file,label\n1.png,a\n");
    let second = print();
    assert_ne!(second, first);
    put_image(&root.join("2.png"), 1, 1);
    assert_ne!(print(), second);
}

#[test]
fn a_data_file_that_names_the_images_is_joined_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for name in ["images/1.png", "images/2.png", "images/3.png"] {
        put_image(&root.join(name), 1, 2);
    }
    put(&root.join("labels.csv"), "id,file,label\n7,images/2.png,b\n8,images/1.png,a\n9,images/3.png,a\n");
    check(
        root,
        &["image id label width height", "images/2.png 7 b 1 2", "images/1.png 8 a 1 2", "images/3.png 9 a 1 2"],
        &["3 images are named by the column file"],
    );
    // Bare names, one of which is not there, one leads out, and an image that is not named.
    put(&root.join("labels.csv"), "file,label\n2.png,b\n9.png,c\n../../secret.png,d\n1.png,a\n");
    check(
        root,
        &[
            "image file label width height",
            "images/2.png 2.png b 1 2",
            "· 9.png c · ·",
            "· ../../secret.png d · ·",
            "images/1.png 1.png a 1 2",
            "images/3.png · · 1 2",
        ],
        &[
            "1 values of file lead out of the folder and are not followed, so their rows have no image: ../../s",
            "1 values of file name no file that is there, so their rows have no image: 9.png",
            "1 images are not; they stand at the end: images/3.png",
        ],
    );
    // Columns of the table keep their names.
    put(&root.join("labels.csv"), "image,width\n1.png,wide\n2.png,narrow\n3.png,wide\n");
    check(
        root,
        &[
            "image image_name width height",
            "images/1.png 1.png wide 2",
            "images/2.png 2.png narrow 2",
            "images/3.png 3.png wide 2",
        ],
        &[],
    );
}

#[test]
fn metadata_as_hugging_face_has_them_are_read_in_every_part() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for name in ["train/1.png", "train/a/2.png", "test/1.png"] {
        put_image(&root.join(name), 1, 1);
    }
    let lines = "{\"file_name\":\"a/2.png\",\"text\":\"two\"}\n{\"file_name\":\"1.png\",\"text\":\"one\"}\n";
    put(&root.join("train/metadata.jsonl"), lines);
    put(&root.join("test/metadata.csv"), "file_name,text\n1.png,other\n");
    check(
        root,
        &[
            "image file_name text source split folder width height",
            "test/1.png 1.png other test/metadata.csv test · 1 1",
            "train/a/2.png a/2.png two train/metadata.jsonl train a 1 1",
            "train/1.png 1.png one train/metadata.jsonl train · 1 1",
        ],
        &["2 files were put together"],
    );
}

#[test]
fn several_columns_may_name_images() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    ["l1.png", "r1.png", "l2.png", "r2.png"].iter().for_each(|name| put_image(&root.join(name), 1, 1));
    put(&root.join("metadata.csv"), "left_file_name,right_file_name,same\nl1.png,r1.png,true\nl2.png,r2.png,false\n");
    check(
        root,
        &["image right same width height", "l1.png r1.png true 1 1", "l2.png r2.png false 1 1"],
        &["4 images are named"],
    );
    let frame = read_frame(root, &ReadOptions::default(), &Work::new()).unwrap().frame;
    assert_eq!(frame.column("right").unwrap().kind(), Kind::Image);
}

#[test]
fn names_match_however_they_are_composed() {
    use unicode_normalization::UnicodeNormalization as _;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let decomposed: String = "고양이.png".nfd().collect();
    put_image(&root.join(&decomposed), 1, 1);
    put_image(&root.join("개.png"), 1, 1);
    let other: String = "개.png".nfd().collect();
    put(&root.join("labels.csv"), &format!("file,label\n고양이.png,a\n{other},b\n"));
    let frame = read_frame(root, &ReadOptions::default(), &Work::new()).unwrap().frame;
    let image = frame.column("image").unwrap();
    assert_eq!((image.show(0).as_deref(), image.show(1).as_deref()), (Some(decomposed.as_str()), Some("개.png")));
}

fn put_sound(path: &Path, samples: usize) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, crate::data::media::audio_samples::wav(1000, 1, &vec![0.1; samples])).unwrap();
}

#[test]
fn sounds_in_folders_have_classes_and_lengths() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put_sound(&root.join("dog/1.wav"), 500);
    put_sound(&root.join("\u{1100}\u{1162}/2.WAV"), 1000);
    put(&root.join("dog/broken.mp3"), "no sound");
    let (found, _, warnings) = look(root);
    assert_eq!(
        found,
        [
            "audio folder seconds sample_rate channels",
            "dog/1.wav dog 0.5 1000 1",
            "dog/broken.mp3 dog · · ·",
            "\u{1100}\u{1162}/2.WAV 개 1.0 1000 1",
        ]
    );
    assert_eq!(warnings, ["1 sounds could not be read: dog/broken.mp3"]);
}

#[test]
fn names_of_sounds_that_are_built_alike_give_classes() {
    let folder = tempfile::tempdir().unwrap();
    let names = |root: &Path| shown(&read_frame(root, &ReadOptions::default(), &Work::new()).unwrap().frame);
    for digit in 0..2 {
        for take in 0..4 {
            put_sound(&folder.path().join(format!("recordings/{digit}_theo_{take}.wav")), 10);
        }
    }
    // The speaker never changes; every second take is one of a kind, which is still few enough.
    let found = names(folder.path());
    assert_eq!(found[0], "audio name_1 name_3 seconds sample_rate channels");
    assert_eq!(found[6], "recordings/1_theo_1.wav 1 1 0.01 1000 1");
    put_sound(&folder.path().join("recordings/other.wav"), 10);
    assert_eq!(names(folder.path())[0], "audio seconds sample_rate channels");
}

#[test]
fn a_table_that_lists_the_sounds_is_joined_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for name in ["a", "b", "c"] {
        put_sound(&root.join(format!("clips/{name}.wav")), 100);
    }
    put(&root.join("labels.csv"), "file,word,seconds\nclips/b.wav,up,7\na.wav,down,8\ngone.wav,down,9\n");
    check(
        root,
        &[
            "audio file word seconds sample_rate channels",
            "clips/b.wav clips/b.wav up 7 1000 1",
            "clips/a.wav a.wav down 8 1000 1",
            "· gone.wav down 9 · ·",
            "clips/c.wav · · · 1000 1",
        ],
        &["name no file that is there", "1 sounds are not"],
    );
    let frame = read_frame(root, &ReadOptions::default(), &Work::new()).unwrap().frame;
    assert_eq!(frame.column("audio").unwrap().kind(), Kind::Audio);
}

#[test]
fn texts_are_read_in_the_encoding_of_each() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(&root.join("train/pos/1.txt"), "good\nfilm\n");
    put(&root.join("train/neg/2.txt"), "");
    std::fs::create_dir_all(root.join("test/pos")).unwrap();
    let (korean, _, _) = encoding_rs::EUC_KR.encode("정말 재미있는 영화였습니다");
    std::fs::write(root.join("test/pos/3.md"), korean).unwrap();
    std::fs::write(root.join("test/pos/4.txt"), [0u8; 100]).unwrap();
    put(&root.join("README.md"), "# Reviews");
    let (found, notes, warnings) = look(root);
    assert_eq!(
        found,
        [
            "text file folder split",
            "정말 재미있는 영화였습니다 test/pos/3.md pos test",
            "· test/pos/4.txt pos test",
            "· train/neg/2.txt neg train",
            "good\nfilm train/pos/1.txt pos train",
        ]
    );
    assert!(notes.contains("1 files: encoding EUC-KR (CP949), converted to UTF-8: test/pos/3.md"), "{notes}");
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    put(&root.join("labels.csv"), "file,rating\n1.txt,9\n3.md,8\n");
    let (found, _, _) = look(root);
    assert_eq!(found[1], "good\nfilm train/pos/1.txt 1.txt 9 pos train");
}

#[test]
fn data_files_with_the_same_columns_are_one_table() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(&root.join("train.csv"), "text,label\none,a\ntwo,b\n");
    put(&root.join("test.csv"), "text\nthree\n");
    check(
        root,
        &["text label source split", "three · test.csv test", "one a train.csv train", "two b train.csv train"],
        &["2 files were put together: test.csv, train.csv", "label: missing for the rows of test.csv"],
    );
    std::fs::remove_file(root.join("test.csv")).unwrap();
    check(root, &["text label", "one a", "two b"], &["the folder holds one data file, train.csv"]);
}

#[test]
fn numbered_parts_are_one_table() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(&root.join("data/train-00000-of-00002.csv"), "n\n1\n2\n");
    put(&root.join("data/train-00001-of-00002.csv"), "n\n2.5\n3.5\n");
    check(
        root,
        &[
            "n source split",
            "1.0 data/train-00000-of-00002.csv train",
            "2.0 data/train-00000-of-00002.csv train",
            "2.5 data/train-00001-of-00002.csv train",
            "3.5 data/train-00001-of-00002.csv train",
        ],
        &["n: the files hold values of different types, which were read as real numbers"],
    );
}

#[test]
fn a_file_that_is_part_of_another_is_left_out_unless_it_is_a_part_of_the_data() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(&root.join("all.csv"), "id,text\n1,a\n2,b\n3,c\n");
    put(&root.join("sample.csv"), "id,text\n3,c\n1,a\n");
    check(
        root,
        &["id text", "1 a", "2 b", "3 c"],
        &["sample.csv was left out: all of its 2 rows stand in all.csv as well"],
    );
    std::fs::rename(root.join("sample.csv"), root.join("test.csv")).unwrap();
    let (found, _, _) = look(root);
    assert_eq!(found.len(), 1 + 5, "{found:?}");
}

#[test]
fn a_key_joins_what_is_known_of_items_and_the_rest_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(&root.join("items.csv"), "item,text\n1,a text that is long enough\n2,another text to look at\n");
    put(&root.join("gold.csv"), "item,gold\n2,yes\n1,no\n3,no\n");
    put(&root.join("answers.csv"), "item,person,answer\n1,p,yes\n1,q,no\n2,p,yes\n2,q,yes\n");
    check(
        root,
        &["item text gold", "1 a text that is long enough no", "2 another text to look at yes"],
        &["gold.csv was added by its column item: gold", "not read, since", "answers.csv"],
    );
    std::fs::remove_file(root.join("items.csv")).unwrap();
    check(
        root,
        &["item person answer gold", "1 p yes no", "1 q no no", "2 p yes yes", "2 q yes yes"],
        &["gold.csv was added"],
    );
}

#[test]
fn what_cannot_be_read_does_not_stop_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(&root.join("a.csv"), "text,label\none,a\ntwo,b\n");
    put(&root.join("b.json"), "{\"images\":[{\"id\":1}],\"boxes\":[{\"id\":1},{\"id\":2}]}");
    check(root, &["text label", "one a", "two b"], &["b.json was not read: the JSON holds several lists"]);
    put(&root.join("a.csv"), "\"broken");
    let error = read_frame(root, &ReadOptions::default(), &Work::new()).unwrap_err();
    assert!(error.what().contains("none of the 2 data files"), "{error}");
}

#[test]
fn tagged_tokens_are_found_in_text_files() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let sentence = "EU B-ORG\nrejects O\nGerman B-MISC\ncall O\n\n";
    put(&root.join("README.md"), "# Entities");
    put(&root.join("wiki.conll.txt"), &sentence.repeat(3));
    let (found, notes, _) = look(root);
    assert_eq!(found.len(), 4);
    assert_eq!(found[0], "text tokens tags");
    assert!(found[1].starts_with("EU rejects German call "), "{found:?}");
    assert!(notes.contains("12 tokens in 3 sentences"), "{notes}");
}

#[test]
fn a_folder_of_nothing_says_what_it_looks_for() {
    let folder = tempfile::tempdir().unwrap();
    put(&folder.path().join("README.md"), "# Nothing");
    let error = read_frame(folder.path(), &ReadOptions::default(), &Work::new()).unwrap_err();
    assert!(error.what().contains("no images, sounds, texts or data files"), "{error}");
    assert!(error.advice().is_some_and(|help| help.contains(".jpg") && help.contains(".parquet")));
}

#[test]
fn images_inside_parts_lead_back_to_their_file() {
    use crate::data::media::packed::tests::put_images;
    use crate::data::media::{Limits, Root};
    let png = |width: u32| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::RgbImage::new(width, 1).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        Some(bytes.into_inner())
    };
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir(root.join("data")).unwrap();
    put_images(&root.join("data/train-00000-of-00002.parquet"), &[png(1), png(2)], 10);
    put_images(&root.join("data/train-00001-of-00002.parquet"), &[png(3)], 10);
    let dataset = read(root, &ReadOptions::default(), &Work::new()).unwrap();
    let image = dataset.frame.column("image").unwrap();
    assert_eq!((dataset.rows(), image.kind()), (3, Kind::Image));
    let media = Root::open(&dataset.root).unwrap();
    for row in 0..3 {
        let picture = media.media(&image.show(row).unwrap()).unwrap().decode(None, Limits::default()).unwrap();
        assert_eq!(picture.width, row as u32 + 1);
    }
}

#[test]
fn cancelled_work_stops() {
    let folder = tempfile::tempdir().unwrap();
    put(&folder.path().join("a.txt"), "x");
    let work = Work::new();
    work.cancel();
    assert!(read_frame(folder.path(), &ReadOptions::default(), &work).unwrap_err().is_cancelled());
    assert!(fingerprint(folder.path(), &work).unwrap_err().is_cancelled());
}

/// What each set of the folder of data is read as: the first columns, and how many rows there are.
#[test]
fn every_real_set_opens_as_a_folder() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = std::env::var_os("LAPIDARY_DATA").map(std::path::PathBuf::from);
    let mut places = named.into_iter().chain(["../shared/data", "../../shared/data"].map(|place| manifest.join(place)));
    let Some(data) = places.find(|folder| folder.is_dir()) else {
        eprintln!("skipped: the folder of data sets is not there");
        return;
    };
    let sets: &[(&str, &[&str], usize)] = &[
        ("adult", &["age", "workclass"], 32_561),
        ("agnews", &["text", "label"], 8_973),
        ("agnews_noisy", &["noisy_label", "true_label"], 5_000),
        ("banking77", &["text", "category"], 10_003),
        ("chatbot_ko", &["Q", "A", "label"], 11_823),
        ("cifar10", &["image", "cifar_index", "clean_label"], 5_000),
        ("coco_photos", &["image", "width", "height", "bytes"], 88),
        ("crowd_bluebirds", &["item", "annotator", "label", "gold"], 4_212),
        ("crowd_rte", &["item", "text", "hypothesis", "task", "gold"], 800),
        ("diamonds", &["carat"], 53_940),
        ("elec2", &["date"], 45_312),
        ("fsdd", &["audio", "digit", "speaker"], 2_000),
        ("imdb", &["file", "text"], 25_000),
        ("intent_ko", &["text", "label"], 55_134),
        ("koen_parallel", &["ko", "en"], 720),
        ("korean_hate", &["comments"], 7_896),
        ("lf_tennis", &["column_1", "column_2"], 7_705),
        ("mnist_test", &["image", "index", "given_label"], 3_071),
        ("ner_en_wikigold", &["text", "tokens", "tags"], 1_696),
        ("ner_en_wnut17", &["text", "tokens", "tags"], 3_394),
        ("ner_ko_klue", &["id", "text", "tokens", "tags"], 3_500),
        ("nsmc", &["id", "document"], 350_000),
        ("nyc_taxi", &["vendor_id", "pickup_datetime"], 240_000),
        ("photo_issues", &["image", "file", "source_photo", "kind", "duplicate_of"], 208),
        ("sms_spam", &["label", "text"], 5_574),
        ("sst2", &["sentence", "label"], 60_614),
        ("titanic", &["PassengerId"], 891),
        ("youtube_spam", &["split", "text", "label"], 1_956),
    ];
    for (set, columns, rows) in sets {
        let reading = read_frame(&data.join(set), &ReadOptions::default(), &Work::new());
        let reading = reading.unwrap_or_else(|error| panic!("{set}: {error}"));
        let names: Vec<_> = reading.frame.columns().iter().map(|column| column.name()).collect();
        assert!(names.starts_with(columns), "{set}: {names:?}");
        assert_eq!(reading.frame.rows(), *rows, "{set}: {:?}", reading.report.notes);
    }
    let images = read_frame(&data.join("cifar_duplicates"), &ReadOptions::default(), &Work::new()).unwrap();
    assert_eq!(images.frame.column("image").unwrap().kind(), Kind::Image);
}
