//! For tests: the manual has a page for every format, and what the page says is true. Its example is read by the format
//! with the count that stands there, it is recognised for the reason that stands there, and what the format cannot hold
//! is what stands there.

use std::path::{Path, PathBuf};

use super::holds::{Feature as F, Holds};
use super::*;

/// The page of a format.
pub(super) fn page(format: &dyn Format) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/manual/formats");
    let path = folder.join(format!("{}.md", format.name()));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of a page's example: the fenced blocks whose first line names a file.
pub(super) fn files(page: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(name) = line.strip_prefix("```").and_then(|info| info.split_whitespace().nth(1)) else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
        files.push((name.to_owned(), body.join("\n") + "\n"));
    }
    files
}

/// A line of the page that tells a test what a text cannot: `<!-- image PATH WxH -->`, `<!-- as NAME -->`.
fn told<'a>(page: &'a str, what: &str) -> Option<Vec<&'a str>> {
    let start = format!("<!-- {what} ");
    let line = page.lines().find(|line| line.starts_with(&start))?;
    Some(line.trim_end_matches("-->").split_whitespace().skip(2).collect())
}

/// Writes an example into a folder; the path that is to be read.
pub(super) fn write_example(format: &dyn Format, files: &[(String, String)], page: &str, folder: &Path) -> PathBuf {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    if let Some(image) = told(page, "image") {
        let (width, height) = image[1].split_once('x').unwrap();
        let path = folder.join(image[0]);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        image::GrayImage::new(width.parse().unwrap(), height.parse().unwrap()).save(path).unwrap();
    }
    if let Some(names) = told(page, "as") {
        let from = folder.join(&files[0].0);
        let path = folder.join(names[0]);
        if let Ok(read) = crate::data::read::read_frame(&from, &Default::default(), &Work::new()) {
            let _ = crate::data::write::write_frame(&path, &read.frame, &Work::new());
        }
        return path;
    }
    if format.extensions().is_empty() { folder.to_owned() } else { folder.join(&files[0].0) }
}

/// What a format cannot hold of what it could speak of, as the page lists it.
fn cannot_hold(holds: Holds) -> String {
    const ALWAYS: &[F] = &[
        F::EmptyDocument,
        F::DocumentId,
        F::Metadata,
        F::Split,
        F::Class,
        F::ManyClasses,
        F::Answer,
        F::Unlabelled,
        F::AnnotationId,
        F::Confidence,
        F::Annotator,
        F::Time,
        F::Prediction,
        F::Rejected,
        F::Group,
        F::Note,
        F::Attributes,
        F::ClassList,
    ];
    const TEXT: &[F] = &[F::Span, F::Pieces, F::Overlap, F::EmptySpan, F::Relation];
    const IMAGE: &[F] = &[
        F::Box,
        F::RotatedBox,
        F::Polygon,
        F::Parts,
        F::Holes,
        F::Polyline,
        F::Keypoints,
        F::ManyKeypoints,
        F::Bounds,
        F::Visibility,
        F::Mask,
        F::Skeleton,
    ];
    let kinds: [(F, &[F]); 4] =
        [(F::Text, TEXT), (F::Image, IMAGE), (F::Audio, &[F::Segment]), (F::Pair, &[F::Ranking])];
    let mut missing: Vec<F> = Vec::new();
    for (kind, features) in kinds {
        // What is said of a kind of document that it does not hold goes with the document.
        let of: Vec<F> = if holds.has(kind) { features.to_vec() } else { vec![kind] };
        missing.extend(of.into_iter().filter(|feature| !holds.has(*feature)));
    }
    missing.extend(ALWAYS.iter().copied().filter(|feature| !holds.has(*feature)));
    let codes: Vec<String> = missing.iter().map(|feature| format!("`{}`", feature.code())).collect();
    if codes.is_empty() { "nothing".to_owned() } else { codes.join(", ") }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[test]
fn every_format_has_a_true_page() {
    for format in FORMATS {
        let (page, name) = (page(*format), format.name());
        assert!(page.starts_with(&format!("# {name}\n")), "{name}");
        for section in ["## Example", "## What it holds", "## What is lost", "## Options"] {
            assert!(page.contains(section), "{name} {section}");
        }
        let folder = tempfile::tempdir().unwrap();
        let files = files(&page);
        let path = write_example(*format, &files, &page, folder.path());
        let found = recognise(&path).unwrap_or_else(|| panic!("{name} is not recognised"));
        assert_eq!(found.format.name(), name);
        let reason = found.reason.unwrap().to_string();
        assert!(page.contains(&format!("Recognised because {reason}.")), "{name}: {reason}");
        let (documents, report) = read(&path, *format, &Options::default(), &Work::new()).unwrap();
        let (annotations, read) =
            (counted(report.annotations, "annotation"), counted(documents.documents.len(), "document"));
        assert!(
            page.contains(&format!("Reading it gives {annotations} in {read}.")),
            "{name}: {annotations} in {read}"
        );
        assert!(report.lost.is_empty(), "{name}: {:?}", report.lost);
        if format.is_written() {
            let line = format!("Written, it cannot hold: {}.", cannot_hold(format.holds(&Options::default())));
            assert!(page.contains(&line), "{name}: {line}");
        } else {
            assert!(page.contains("It is read, not written."), "{name}");
        }
    }
}

#[test]
fn the_index_names_every_page() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/manual/README.md");
    let index = std::fs::read_to_string(path).unwrap();
    assert!(index.lines().count() < 150);
    for format in FORMATS {
        assert!(index.contains(&format!("(formats/{}.md)", format.name())), "{}", format.name());
    }
}
