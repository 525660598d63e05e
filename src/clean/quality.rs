//! What is odd about items themselves, whatever their labels: outliers, bad images, bad texts, as findings to be settled.
//!
//! A row comes up once for each of these finders: with its worst issue, and how many others it has.

use super::findings::{Finding, FindingKind, Reason};
use super::image_issues::{ImageIssue, ImageIssues};
use super::outliers::Outliers;
use super::text_quality::{Personal, TextIssue, TextQuality};

/// What was found in the items that are labelled. What does not suit them was not looked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Quality {
    /// Items that are unlike all others.
    pub outliers: Option<Outliers>,
    /// Why there are no outliers, where they would suit.
    pub no_outliers: Option<String>,
    /// Dark, blurred, empty, unreadable images.
    pub images: Option<BadImages>,
    /// Empty, damaged, personal texts.
    pub texts: Option<TextQuality>,
}

/// What images are like, and which issues are faults of single ones.
#[derive(Debug, Clone, PartialEq)]
pub struct BadImages {
    issues: ImageIssues,
    /// The issues that are no trait of the set.
    faults: Vec<ImageIssue>,
}

impl BadImages {
    /// The number of images.
    pub fn rows(&self) -> usize {
        self.issues.rows()
    }
}

impl From<ImageIssues> for BadImages {
    fn from(issues: ImageIssues) -> Self {
        let faults = ImageIssue::ALL.into_iter().filter(|issue| !issues.is_common(*issue)).collect();
        Self { issues, faults }
    }
}

impl Quality {
    /// The findings of all rows, in no order that means anything.
    pub fn findings(&self) -> impl Iterator<Item = Finding> + '_ {
        let flagged = self.outliers.iter().flat_map(|outliers| outliers.flagged.iter().zip(0u32..));
        let outliers = flagged.filter(|(flagged, _)| **flagged).filter_map(|(_, row)| self.outlier(row));
        let rows = self.images.as_ref().map_or(0, BadImages::rows) as u32;
        let images = (0..rows).filter_map(|row| self.image(row));
        let spots = self.texts.iter().flat_map(|texts| texts.all().chunk_by(|a, b| a.0 == b.0));
        let texts = spots.filter_map(|spots| self.text(spots.first()?.0));
        outliers.chain(images).chain(texts)
    }

    /// The row as an outlier, if it is one.
    pub fn outlier(&self, row: u32) -> Option<Finding> {
        let (outliers, at) = (self.outliers.as_ref()?, row as usize);
        if !*outliers.flagged.get(at)? {
            return None;
        }
        let score = (*outliers.scores.get(at)?)?;
        let reason = Reason::Outlier {
            distance: (*outliers.distances.get(at)?)?,
            threshold: outliers.threshold.unwrap_or(f64::INFINITY),
            rank: *outliers.ranks.get(at)?,
        };
        Some(Finding { row, kind: FindingKind::Outlier, score: (1.0 - score) / 2.0, suggestion: None, reason })
    }

    /// The row as a bad image, if it is one. What so many have that it is a trait of the set is none.
    pub fn image(&self, row: u32) -> Option<Finding> {
        let BadImages { issues: images, faults } = self.images.as_ref()?;
        let has = |issue: &ImageIssue| images.has(*issue, row as usize);
        let found = faults.iter().copied().filter(has).map(|issue| {
            let score = images.scores(issue).get(row as usize).copied().flatten().unwrap_or(0.0);
            let threshold = images.threshold(issue);
            let lack = if threshold > 0.0 { (1.0 - score / threshold).clamp(0.0, 1.0) } else { 1.0 };
            // From an image that cannot be read nothing can be learnt.
            let gain = if issue == ImageIssue::Unreadable { 0.8 } else { 0.2 + 0.3 * lack };
            (gain, issue, score, threshold)
        });
        let found: Vec<_> = found.collect();
        let worst = found.iter().max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))?;
        let (gain, issue, score, threshold) = *worst;
        let reason = Reason::Image { issue, score, threshold, more: found.len() as u32 - 1 };
        Some(Finding { row, kind: FindingKind::Image(issue), score: gain, suggestion: None, reason })
    }

    /// The row as a bad text, if it is one.
    pub fn text(&self, row: u32) -> Option<Finding> {
        let texts = self.texts.as_ref()?;
        let spots = texts.of_row(row);
        let gain = |issue: TextIssue, sure: bool| -> f64 {
            match issue {
                TextIssue::Empty => 0.8,
                TextIssue::Personal(Personal::Secret) if sure => 0.75,
                TextIssue::Personal(_) if sure => 0.7,
                TextIssue::Damage(_) => 0.5,
                TextIssue::Personal(_) | TextIssue::Listed => 0.45,
                _ => 0.3,
            }
        };
        // Of equal ones the first, by place.
        let worst = spots.iter().rev().max_by(|(_, a), (_, b)| gain(a.issue, a.sure).total_cmp(&gain(b.issue, b.sure)));
        let spot = worst?.1;
        let mut issues: Vec<TextIssue> = spots.iter().map(|(_, spot)| spot.issue).collect();
        issues.sort_unstable();
        issues.dedup();
        let reason = Reason::Text {
            issue: spot.issue,
            start: spot.start,
            end: spot.end,
            usual: texts.usual_lengths,
            more: issues.len() as u32 - 1,
        };
        let score = gain(spot.issue, spot.sure);
        Some(Finding { row, kind: FindingKind::Text(spot.issue), score, suggestion: None, reason })
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::LargeStringArray;

    use super::*;
    use crate::clean::text_quality::TextQualityOptions;
    use crate::data::{Column, Kind};
    use crate::engine::Work;

    fn texts(texts: &[&str]) -> Quality {
        let array = LargeStringArray::from_iter_values(texts.iter().copied());
        let found = TextQuality::find(&array, &TextQualityOptions::default(), &Work::new()).unwrap();
        Quality { texts: Some(found), ..Quality::default() }
    }

    #[test]
    fn a_text_comes_up_once_with_its_worst_issue() {
        let quality = texts(&["a good text", "", "write to me@example.com, \u{FFFD} and you@example.com", "fine"]);
        let found: Vec<Finding> = quality.findings().collect();
        let rows: Vec<(u32, &str)> = found.iter().map(|finding| (finding.row, finding.kind.name())).collect();
        assert_eq!(rows, [(1, "empty"), (2, "email")]);
        let Reason::Text { start, end, more, .. } = found[1].reason else { panic!("{:?}", found[1]) };
        assert_eq!((start, end, more), (9, 23, 1), "the first address, and the lost character beside");
        assert!(found[0].score > found[1].score, "from an empty text nothing can be learnt");
        assert_eq!((quality.text(0), quality.text(9), quality.image(1), quality.outlier(1)), (None, None, None, None));
    }

    #[test]
    fn an_image_comes_up_with_its_worst_issue() {
        let folder = tempfile::tempdir().unwrap();
        let mut paths = Vec::new();
        for at in 0..12u32 {
            let name = format!("{at}.png");
            let pixel = |x: u32, y: u32| image::Rgb([(x * 7 + at * 9) as u8, (y * 5) as u8, ((x + y) * 3 + at) as u8]);
            let picture =
                image::RgbImage::from_fn(64, 64, |x, y| if at == 3 { image::Rgb([0, 0, 0]) } else { pixel(x, y) });
            picture.save(folder.path().join(&name)).unwrap();
            paths.push(name);
        }
        std::fs::write(folder.path().join("12.png"), b"no image").unwrap();
        paths.push("12.png".to_owned());
        let column = Column::text("path", Kind::Image, LargeStringArray::from(paths));
        let issues = ImageIssues::find(folder.path(), &column, false, &Work::new()).unwrap();
        let quality = Quality { images: Some(issues.into()), ..Quality::default() };
        let unreadable = quality.image(12).unwrap();
        assert_eq!((unreadable.kind, unreadable.score), (FindingKind::Image(ImageIssue::Unreadable), 0.8));
        let black = quality.image(3).unwrap();
        assert!(matches!(black.reason, Reason::Image { more: 1.., .. }), "dark, and nothing to be seen: {black:?}");
        assert!(black.score <= 0.5 && quality.image(99).is_none());
        assert!(quality.findings().any(|finding| finding == black));
    }

    #[test]
    fn outliers_come_up_the_stranger_the_sooner() {
        let mut distances: Vec<Option<f64>> = (0..40).map(|at| Some(1.0 + f64::from(at) / 100.0)).collect();
        distances.extend([Some(9.0), Some(5.0), None]);
        let quality = Quality { outliers: Some(Outliers::from_distances(distances)), ..Quality::default() };
        let found: Vec<Finding> = quality.findings().collect();
        let rows: Vec<u32> = found.iter().map(|finding| finding.row).collect();
        assert_eq!(rows, [40, 41]);
        assert!(found[0].score > found[1].score && found[0].score <= 0.5);
        assert!(matches!(found[0].reason, Reason::Outlier { rank: 1, .. }));
        assert_eq!(Quality::default().findings().count(), 0);
    }
}
