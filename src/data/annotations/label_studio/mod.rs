//! Label Studio's JSON: tasks with their annotations and predictions.
//!
//! Sources: Label Studio's task format and its converter. Image coordinates are percent of the image as shown; a box is
//! turned about its upper left corner; text offsets are code points (UTF-16 in old files); times are seconds.

mod min;
mod read;
mod write;

use std::borrow::Cow;
use std::path::Path;

use super::holds::{Feature as F, Holds, Report};
use super::model::{Document, Documents, Image};
use super::offsets::{Finder, Unit};
use super::source::{self, Media};
use super::{Clue, Format, Options, Output, Reason, Sure, json};
use crate::engine::{Error, Result, Work};

pub(super) use min::Minimal;

/// Label Studio.
pub(super) struct LabelStudio;

pub(super) const HOLDS: Holds = Holds::of(&[
    F::Text,
    F::Image,
    F::Audio,
    F::EmptyDocument,
    F::DocumentId,
    F::Metadata,
    F::Class,
    F::ManyClasses,
    F::Span,
    F::Overlap,
    F::EmptySpan,
    F::Relation,
    F::Box,
    F::RotatedBox,
    F::Polygon,
    F::Polyline,
    F::Keypoints,
    F::Mask,
    F::Segment,
    F::Answer,
    F::Unlabelled,
    F::AnnotationId,
    F::Confidence,
    F::Annotator,
    F::Time,
    F::Prediction,
    F::Note,
]);

impl Format for LabelStudio {
    fn name(&self) -> &'static str {
        "label-studio"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json", "jsonl"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        let tasks = clue.is_json() && clue.keys(&["result", "data"]);
        tasks.then_some((Sure::Surely, Reason::Fields("data, result")))
    }

    fn holds(&self, _: &Options) -> Holds {
        HOLDS
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        let mut report = Report::default();
        let text = source::read_text(path, options, &mut report, work)?;
        let records = json::records(text.as_bytes())?;
        work.stage("reading annotations", records.len() as u64);
        let unit = options.unit.unwrap_or(Unit::CodePoint);
        let batches = json::map_batches(text.as_bytes(), &records, work, |first, tasks| {
            let mut reader = read::Reader::new(unit, first);
            tasks.iter().for_each(|task| reader.task(task));
            Ok(reader)
        })?;
        let (mut documents, mut finder) = (Documents::default(), Finder::new(unit));
        let mut soft = 0;
        for batch in batches {
            finder.merge(&batch.finder);
            report.lost.merge(batch.lost);
            soft += batch.soft;
            documents.documents.extend(batch.documents);
        }
        finder.report(&mut report);
        if soft > 0 {
            report.infer("brush", format!("{soft} pixels at soft edges; from half alpha on they belong to the mask"));
        }
        let media = Media::beside(path, options)?;
        source::complete_images(&mut documents, &media, false, &mut report, work)?;
        read::scale_percent(&mut documents, &mut report);
        let report = report.counted(&documents);
        Ok((documents, report))
    }

    fn render(&self, path: &Path, documents: &Documents, options: &Options, work: &Work) -> Result<Output> {
        let mut report = Report::default();
        let unknown = |image: &Image| image.width == 0 || image.height == 0;
        // An image of which nothing is said needs no size.
        let needs = |document: &Document| !document.annotations.is_empty() && document.as_image().is_some_and(unknown);
        let sized = match documents.documents.iter().any(needs) {
            true => source::with_sizes(documents, path, options, &mut report, work)?,
            false => Cow::Borrowed(documents),
        };
        let mut out = json::Json::default();
        out.open('[');
        for (row, document) in sized.documents.iter().enumerate() {
            if row % 256 == 0 {
                work.check()?;
            }
            out.line(if row == 0 { "\n" } else { ",\n" });
            write::task(&mut out, document, row)
                .ok_or_else(|| Error::input("a mask is too large for Label Studio").at(document.shown()))?;
        }
        out.line("\n").close(']').line("\n");
        Ok(Output::text(path, out.take(), report.counted(documents)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::{Mark, Rect};
    use super::super::testing::{self, labels_of, sample};
    use super::*;

    #[test]
    fn its_own_files_are_read() {
        let Some(path) = sample("labelstudio/tasks.json") else { return };
        let (read, report) = LabelStudio.read(&path, &Options::default(), &Work::new()).unwrap();
        assert!(report.lost.is_empty(), "{:?}", report.lost);
        let image = &read.documents[0];
        assert_eq!(image.path(), Some("img/a.png"));
        assert_eq!(image.annotations[0].mark, Mark::Box(Rect::new(2.0, 1.0, 6.0, 4.0)));
        assert!(matches!(&image.annotations[3].mark, Mark::Mask(mask) if mask.area() == 24));
        assert!(image.annotations[4].is_prediction());
        assert_eq!(labels_of(&read)[5..], ["PS 김민수", "LC 서울", "OG 삼성전자", "중립", "입사 0>2"]);
    }

    #[test]
    fn old_dumps_and_utf16_offsets_are_read() {
        let text = "[{\"data\":{\"text\":\"🎉 서울\"},\"completions\":[{\"result\":[{\"id\":\"a\",\"type\":\"labels\",\
            \"value\":{\"start\":3,\"end\":5,\"text\":\"서울\",\"labels\":[\"LC\"]}}]}]}]";
        let (read, report) = testing::read_text(&LabelStudio, "a.json", text).unwrap();
        assert_eq!(labels_of(&read), ["LC 서울"]);
        assert!(report.inferred.iter().any(|(_, value)| value.contains("UTF-16")), "{:?}", report.inferred);
    }

    proptest::proptest! {
        #[test]
        fn what_goes_out_comes_in(documents in testing::documents(HOLDS)) {
            testing::check_round_trip(&LabelStudio, "a.json", documents, &Options::default());
        }
    }
}
