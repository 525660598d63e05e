//! All findings in one list, by what settling them gains: what the fix queue shows.

use super::duplicates::Duplicates;
use super::image_issues::ImageIssue;
use super::label_errors::LabelErrors;
use super::quality::Quality;
use super::text_quality::TextIssue;
use crate::label::ClassIndex;

/// What sort of fault was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FindingKind {
    /// The label is likely wrong.
    LabelError,
    /// The row repeats another one exactly.
    ExactDuplicate,
    /// The row nearly repeats another one.
    NearDuplicate,
    /// The item is unlike all others.
    Outlier,
    /// The image is bad.
    Image(ImageIssue),
    /// The text is bad.
    Text(TextIssue),
}

impl FindingKind {
    /// The name in results and settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::LabelError => "label-error",
            Self::ExactDuplicate => "exact-duplicate",
            Self::NearDuplicate => "near-duplicate",
            Self::Outlier => "outlier",
            Self::Image(issue) => issue.name(),
            Self::Text(issue) => issue.name(),
        }
    }
}

/// Why a row was found, in numbers; the window makes a sentence of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reason {
    /// The probabilities contradict the label.
    Label {
        /// P(given class), 0-1.
        given: f64,
        /// The suggested class.
        suggested: ClassIndex,
        /// By how much it is more probable than the given one, in 0-1.
        margin: f64,
        /// The threshold of confidence of the suggested class, if any row has that class.
        threshold: Option<f64>,
        /// 1 for the most likely error of all.
        rank: u32,
    },
    /// The row repeats the one that is kept of its group.
    Duplicate {
        /// The position of the group in [`Duplicates::groups`].
        group: u32,
        /// The row that is kept.
        kept: u32,
        /// The similarity to it, 0-1.
        similarity: f32,
        /// The group has more than one label.
        conflict: bool,
        /// The group lies in more than one split.
        leak: bool,
    },
    /// The item is far from its nearest neighbours.
    Outlier {
        /// The mean distance to them.
        distance: f64,
        /// The distance above which an item is an outlier.
        threshold: f64,
        /// 1 for the strangest item of all.
        rank: u32,
    },
    /// The image is bad.
    Image {
        /// What is worst about it.
        issue: ImageIssue,
        /// How good it is in this, 0-1.
        score: f64,
        /// The score below which an image has the issue.
        threshold: f64,
        /// Other issues that it has.
        more: u32,
    },
    /// The text is bad.
    Text {
        /// What is worst about it.
        issue: TextIssue,
        /// Where that begins in the text, in bytes, on a character's edge.
        start: usize,
        /// Where it ends.
        end: usize,
        /// The lengths in characters that are usual, if there are enough texts to tell.
        usual: Option<(usize, usize)>,
        /// Other issues that it has.
        more: u32,
    },
}

/// One row with one fault.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding {
    /// The row.
    pub row: u32,
    /// The sort of fault.
    pub kind: FindingKind,
    /// What settling it gains, 0-1: for a label error half of `1 + p(suggested) - p(given)`; for a duplicate 1 if its
    /// group has conflicting labels, 0.9 if it leaks between splits, else half its similarity; for an outlier half of
    /// one less its score; 0.8 for an item without content, 0.7 and more for personal data, 0.5 and less for other faults
    /// of images and texts. High comes first.
    pub score: f64,
    /// The class to give instead, if one is suggested.
    pub suggestion: Option<ClassIndex>,
    /// Why.
    pub reason: Reason,
}

/// The findings of all finders, by falling gain; rows of equal gain in their order.
///
/// Only flagged rows and members of groups other than the kept one come up. A row may come up once for each finder.
pub fn findings(
    label_errors: Option<&LabelErrors>,
    duplicates: Option<&Duplicates>,
    quality: Option<&Quality>,
) -> Vec<Finding> {
    let mut found: Vec<Finding> = each_finding(label_errors, duplicates, quality).collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)).then(a.kind.cmp(&b.kind)));
    found
}

/// The same in no order that means anything.
pub fn each_finding<'a>(
    label_errors: Option<&'a LabelErrors>,
    duplicates: Option<&'a Duplicates>,
    quality: Option<&'a Quality>,
) -> impl Iterator<Item = Finding> + 'a {
    let labels = label_errors.into_iter().flat_map(label_findings);
    let copies = duplicates.into_iter().flat_map(duplicate_findings);
    labels.chain(copies).chain(quality.into_iter().flat_map(Quality::findings))
}

fn label_findings(errors: &LabelErrors) -> impl Iterator<Item = Finding> + '_ {
    let rows = errors.flagged.iter().enumerate().filter(|(_, flagged)| **flagged);
    rows.filter_map(|(row, _)| label_finding(errors, row as u32))
}

/// What is to be said of the label of a row, flagged or not; `None` where it has none or no usable probabilities.
pub fn label_finding(errors: &LabelErrors, row: u32) -> Option<Finding> {
    let at = row as usize;
    let suggested = (*errors.suggested.get(at)?)?;
    let margin = 1.0 - 2.0 * errors.normalized_margin.get(at).filter(|margin| !margin.is_nan())?;
    Some(Finding {
        row,
        kind: FindingKind::LabelError,
        score: ((1.0 + margin) / 2.0).clamp(0.0, 1.0),
        suggestion: Some(ClassIndex(suggested)),
        reason: Reason::Label {
            given: *errors.self_confidence.get(at)?,
            suggested: ClassIndex(suggested),
            margin,
            threshold: errors.thresholds.get(usize::from(suggested)).copied().flatten(),
            rank: errors.rank.get(at).copied().unwrap_or(0),
        },
    })
}

fn duplicate_findings(duplicates: &Duplicates) -> impl Iterator<Item = Finding> + '_ {
    duplicates.groups.iter().enumerate().flat_map(|(at, group)| {
        group.members.iter().filter(|member| member.row != group.kept).map(move |member| Finding {
            row: member.row,
            kind: if member.exact { FindingKind::ExactDuplicate } else { FindingKind::NearDuplicate },
            score: match (group.conflict, group.leak) {
                (true, _) => 1.0,
                (_, true) => 0.9,
                _ => f64::from(member.similarity) / 2.0,
            },
            suggestion: None,
            reason: Reason::Duplicate {
                group: at as u32,
                kept: group.kept,
                similarity: member.similarity,
                conflict: group.conflict,
                leak: group.leak,
            },
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::duplicates::{Group, Member};
    use super::super::label_errors::Options;
    use super::*;
    use crate::engine::Work;
    use crate::learn::Matrix;

    #[test]
    fn what_gains_most_comes_first() {
        let matrix = Matrix::new(4, 2, vec![0.9f64, 0.1, 0.7, 0.3, 0.1, 0.9, 0.02, 0.98]).unwrap();
        let labels = [Some(0), Some(1), Some(1), Some(0)];
        let errors = LabelErrors::find(&matrix, &labels, &Options::default(), &Work::new()).unwrap();
        let member = |row, similarity, exact| Member { row, similarity, exact };
        let group = |kept, conflict, leak, members| Group { members, kept, conflict, leak };
        let duplicates = Duplicates {
            groups: vec![
                group(0, false, false, vec![member(0, 1.0, true), member(2, 0.8, false)]),
                group(4, true, false, vec![member(4, 1.0, true), member(5, 1.0, true)]),
            ],
            ..Duplicates::default()
        };
        let list = findings(Some(&errors), Some(&duplicates), None);
        let rows: Vec<(u32, &str)> = list.iter().map(|finding| (finding.row, finding.kind.name())).collect();
        assert_eq!(rows, [(5, "exact-duplicate"), (3, "label-error"), (1, "label-error"), (2, "near-duplicate")]);
        assert_eq!(list[1].suggestion, Some(ClassIndex(1)));
        assert!((list[1].score - 0.98).abs() < 1e-9);
        assert!(findings(None, None, None).is_empty());
    }
}
