//! For tests: every reader meets what is broken, and every writer's kinds come back. What is registered is tested.

use proptest::prelude::*;

use super::holds::Feature as F;
use super::model::{Audio, Content, Image, Keypoint, Keypoints, Pair, Part, Point, Rect, Seen, Span};
use super::rle::Mask;
use super::tags::Scheme;
use super::*;

/// Reads bytes as the file of a format's example; the other files of the example stand beside it.
fn read_bytes(format: &dyn Format, place: usize, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Result<()> {
    let page = manual::page(format);
    let files = manual::files(&page);
    let folder = tempfile::tempdir().unwrap();
    let path = manual::write_example(format, &files, &page, folder.path());
    let changed = if path.is_file() { path.clone() } else { folder.path().join(&files[place % files.len()].0) };
    let bytes = change(std::fs::read(&changed).unwrap());
    std::fs::write(&changed, bytes).unwrap();
    read(&path, format, &Options::default(), &Work::new()).map(|_| ())
}

/// One change of an example: where, what is taken away, and what comes there.
fn changed(mut bytes: Vec<u8>, changes: &[(usize, usize, Vec<u8>)]) -> Vec<u8> {
    for (at, gone, new) in changes {
        let at = at % (bytes.len() + 1);
        let end = (at + gone).min(bytes.len());
        bytes.splice(at..end, new.iter().copied());
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(
        format in 0..FORMATS.len(),
        place in 0usize..3,
        bytes in proptest::collection::vec(any::<u8>(), 0..120),
    ) {
        let _ = read_bytes(FORMATS[format], place, |_| bytes);
    }

    #[test]
    fn broken_examples_are_read_or_refused(
        format in 0..FORMATS.len(),
        place in 0usize..3,
        changes in proptest::collection::vec((0usize..2000, 0usize..6, "[-\\[\\]{}\",:0-9a-zA-Z<>/&; \t\n가🎉]{0,4}"), 1..4),
    ) {
        let changes: Vec<_> = changes.into_iter().map(|(at, gone, new)| (at, gone, new.into_bytes())).collect();
        let _ = read_bytes(FORMATS[format], place, |bytes| changed(bytes, &changes));
    }
}

/// Formats whose file is JSON, and those whose file is XML.
fn of(endings: &[&str]) -> Vec<&'static dyn Format> {
    FORMATS.iter().copied().filter(|format| format.extensions().iter().any(|ending| endings.contains(ending))).collect()
}

#[test]
fn bombs_are_refused() {
    let deep = 200_000;
    let json = [
        "[".repeat(deep),
        format!("{}{}", "[".repeat(deep), "]".repeat(deep)),
        format!("{}1{}", "{\"a\":".repeat(deep), "}".repeat(deep)),
        format!("[{{\"data\":{}1{}}}]", "[".repeat(deep), "]".repeat(deep)),
    ];
    for format in of(&["json", "jsonl"]) {
        for text in &json {
            assert!(testing::read_text(format, "a.json", text).is_err(), "{} {text:.30}", format.name());
        }
    }
    let entities =
        "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]>";
    let xml = [
        "<a>".repeat(deep),
        format!("{entities}<a>&c;&c;</a>"),
        format!("{}{}", "<a>".repeat(100), "</a>".repeat(100)),
    ];
    for format in of(&["xml"]) {
        for text in &xml {
            assert!(testing::read_text(format, "a.xml", text).is_err(), "{} {text:.30}", format.name());
        }
    }
}

#[test]
fn sizes_that_cannot_be_are_counted_and_not_made() {
    let check = |format: &str, name: &str, text: &str, code: &str| {
        let (_, report) = testing::read_text(super::format(format).unwrap(), name, text).unwrap();
        assert_eq!(report.lost.count(code), 1, "{format} {:?}", report.lost);
    };
    check(
        "coco",
        "a.json",
        r#"{"images":[{"id":1,"file_name":"a.png"}],"categories":[],"annotations":[{"id":1,"image_id":1,
        "segmentation":{"size":[999999,999999],"counts":[4294967295]},"bbox":[0,0,1,1]}]}"#,
        "unreadable_mask",
    );
    check(
        "cvat",
        "a.xml",
        "<annotations><image id=\"0\" name=\"a\" width=\"999999\" height=\"999999\"><mask label=\"x\" rle=\"0, 1\" left=\"0\" \
         top=\"0\" width=\"1\" height=\"1\"/></image></annotations>",
        "mask_outside_image",
    );
    check(
        "label-studio",
        "a.json",
        r#"[{"data":{"image":"a.png"},"annotations":[{"result":[{"type":"brushlabels","original_width":100000,
        "original_height":100000,"value":{"rle":[255,255,255,255,57,27,254,87],"brushlabels":["x"]}}]}]}]"#,
        "unreadable_mask",
    );
}

#[test]
fn every_file_of_the_peers_is_read_or_refused() {
    let mut seen = 0;
    for path in testing::peers("", "") {
        let ending = source::ending(&path.to_string_lossy());
        let own = recognise(&path).map(|found| found.format.name());
        for format in
            FORMATS.iter().filter(|format| format.extensions().contains(&ending.as_str()) || own == Some(format.name()))
        {
            if let Err(error) = read(&path, *format, &Options::default(), &Work::new()) {
                assert!(!error.what().trim().is_empty() && error.place().is_some(), "{}: {error}", path.display());
            }
        }
        seen += 1;
    }
    assert!(seen == 0 || seen > 100, "{seen}");
}

/// One mark of each kind, with the feature that it needs and what it is a mark of.
fn marks() -> Vec<(F, Content, Mark)> {
    let image = Content::Image(Image { path: "a.png".into(), width: 40, height: 20, orientation: 0 });
    let text = Content::Text("서울에서 일한다 오늘".to_owned());
    let points = vec![Point::new(1.0, 2.0), Point::new(9.5, 2.0), Point::new(9.5, 8.25)];
    let part = Part { outline: points.clone(), holes: Vec::new() };
    let keypoint = Keypoint { at: Point::new(3.0, 4.0), seen: Seen::Visible, name: String::new() };
    let pixels: Vec<u8> = (0..800u32).map(|at| u8::from(at % 7 < 3)).collect();
    let span = |pieces: &[(usize, usize)], surface: &str| {
        Mark::Span(Span { pieces: pieces.to_vec(), surface: surface.to_owned() })
    };
    vec![
        (F::Class, text.clone(), Mark::Class),
        (F::Class, image.clone(), Mark::Class),
        (F::Span, text.clone(), span(&[(0, 4)], "서울에서")),
        (F::Pieces, text.clone(), span(&[(0, 4), (9, 11)], "서울에서 오늘")),
        (F::Box, image.clone(), Mark::Box(Rect::new(2.0, 1.0, 6.0, 4.0))),
        (F::RotatedBox, image.clone(), Mark::Box(Rect { angle: 30.0, ..Rect::new(12.0, 6.0, 6.0, 4.0) })),
        (F::Polygon, image.clone(), Mark::Polygon(vec![part.clone()])),
        (F::Parts, image.clone(), Mark::Polygon(vec![part.clone(), part.clone()])),
        (F::Holes, image.clone(), Mark::Polygon(vec![Part { holes: vec![points.clone()], ..part }])),
        (F::Polyline, image.clone(), Mark::Polyline(points)),
        (
            F::Keypoints,
            image.clone(),
            Mark::Keypoints(Keypoints { points: vec![keypoint], bounds: Some(Rect::new(2.0, 3.0, 4.0, 4.0)) }),
        ),
        (F::Mask, image, Mark::Mask(Mask::from_pixels(40, 20, &pixels).unwrap())),
        (
            F::Segment,
            Content::Audio(Audio { path: "a.wav".into(), seconds: None }),
            Mark::Segment { start: 0.5, end: 1.25 },
        ),
        (F::Answer, text, Mark::Answer("좋은 아침입니다.".to_owned())),
        (
            F::Ranking,
            Content::Pair(Pair { prompt: "p".into(), left: "l".into(), right: "r".into() }),
            Mark::Ranking(vec!["left".into(), "right".into()]),
        ),
    ]
}

/// The ways in which a format may be written.
fn ways(format: &dyn Format) -> Vec<Options> {
    let task = |task| Options { task: Some(task), ..Options::default() };
    match format.name() {
        "yolo" => [Task::Detect, Task::Segment, Task::Rotated, Task::Pose].map(task).to_vec(),
        "conll" | "char-conll" | "conllu" => [Scheme::Iob1, Scheme::Iob2, Scheme::Bilou, Scheme::Bmes]
            .map(|scheme| Options { scheme: Some(scheme), ..Options::default() })
            .to_vec(),
        _ => vec![Options::default()],
    }
}

#[test]
fn every_kind_that_a_format_holds_comes_back() {
    let mut tried = 0;
    for format in FORMATS.iter().filter(|format| format.is_written()) {
        for mut options in ways(*format) {
            for (feature, content, mark) in marks() {
                let holds = format.holds(&options);
                let kind = match &content {
                    Content::Text(_) => F::Text,
                    Content::Image(_) => F::Image,
                    Content::Audio(_) => F::Audio,
                    Content::Pair(_) => F::Pair,
                };
                if !holds.has(feature) || !holds.has(kind) {
                    continue;
                }
                let mut mark = mark;
                if let Mark::Keypoints(keypoints) = &mut mark {
                    keypoints.bounds = keypoints.bounds.filter(|_| holds.has(F::Bounds));
                }
                let folder = tempfile::tempdir().unwrap();
                image::GrayImage::new(40, 20).save(folder.path().join("a.png")).unwrap();
                if format.name() == "yolo" {
                    options.media = Some(folder.path().to_owned());
                }
                let label = if matches!(mark, Mark::Answer(_) | Mark::Ranking(_)) { "" } else { "가나" };
                let mut document = Document::new(if holds.has(F::DocumentId) { "1" } else { "" }, content);
                document.annotations.push(Annotation::new(label, mark));
                let documents = Documents { documents: vec![document], classes: Vec::new() };
                let written = folder.path().join(match format.extensions().first() {
                    Some(_) if matches!(format.name(), "voc" | "labelme") => "out".to_owned(),
                    Some(ending) => format!("a.{ending}"),
                    None => "out".to_owned(),
                });
                let what = format!("{} {} {options:?}", format.name(), feature.code());
                let report = write(&written, &documents, *format, &options, &Work::new()).expect(&what);
                assert!(report.lost.is_empty(), "{what}: {:?}", report.lost);
                let (back, report) = read(&written, *format, &options, &Work::new()).expect(&what);
                assert!(report.lost.is_empty(), "{what}: {:?}", report.lost);
                assert_eq!(testing::labels_of(&back), testing::labels_of(&documents), "{what}");
                tried += 1;
            }
        }
    }
    assert!(tried > 80, "{tried}");
}
