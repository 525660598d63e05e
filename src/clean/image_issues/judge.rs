//! From the scores of single images to what is odd in the set.

use super::ImageIssue;
use super::look::Look;
use crate::engine::quantile;

/// Images differ in size by this factor before one is odd, however much the others are alike.
const SIZE_FACTOR: f64 = 2.5;

/// Below this ratio of the shorter to the longer side the median image is itself so long that shapes are compared with
/// it: lines of text, film strips.
const LONG_SET: f64 = 0.5;

/// The score below which an image has the issue. CleanVision's thresholds in compatible mode.
pub(super) fn threshold(issue: ImageIssue, compatible: bool) -> f64 {
    match (issue, compatible) {
        (ImageIssue::Dark, _) => 0.32,
        (ImageIssue::Light, true) => 0.05,
        (ImageIssue::Light, false) => 0.6,
        (ImageIssue::Blurry, true) => 0.29,
        (ImageIssue::Blurry, false) => 0.4,
        (ImageIssue::OddAspectRatio, true) => 0.35,
        // A panorama of 3 to 1 is a photo format; what is longer is a strip.
        (ImageIssue::OddAspectRatio, false) => 0.3,
        (ImageIssue::LowInformation, _) => 0.3,
        (ImageIssue::OddSize | ImageIssue::Grayscale | ImageIssue::Unreadable, _) => 0.5,
    }
}

/// The scores of all images by kind, in the order of [`ImageIssue::ALL`], and the score below which an image has the issue.
/// `None` stands for an image that could not be read; its scores are missing but for that it is unreadable.
pub(super) fn judge(looks: &[Option<Look>], compatible: bool) -> Vec<(Vec<Option<f64>>, f64)> {
    let sizes = if compatible { Sizes::as_cleanvision(looks) } else { Sizes::of(looks) };
    let usual = if compatible { 1.0 } else { usual_shape(looks) };
    let of = |issue: ImageIssue| {
        let score = |look: &Look| match issue {
            ImageIssue::Dark => look.dark,
            ImageIssue::Light => look.light,
            ImageIssue::Blurry => look.blurry,
            ImageIssue::OddSize => sizes.score(look),
            ImageIssue::OddAspectRatio => shape_score(look, usual),
            ImageIssue::LowInformation => look.low_information,
            ImageIssue::Grayscale => look.grayscale,
            ImageIssue::Unreadable => 1.0,
        };
        let scores = looks.iter().map(|look| match look {
            Some(look) => Some(score(look)),
            None => (issue == ImageIssue::Unreadable).then_some(0.0),
        });
        let least = if issue == ImageIssue::OddSize { sizes.threshold } else { threshold(issue, compatible) };
        (scores.collect(), least)
    };
    ImageIssue::ALL.into_iter().map(of).collect()
}

/// The usual sizes of a set, and how far from them is odd.
struct Sizes {
    middle: f64,
    /// The distance from the middle at which the score is 0.
    reach: f64,
    threshold: f64,
    /// Sizes are compared by their logarithm: half is as odd as double.
    logarithmic: bool,
}

impl Sizes {
    /// Odd is what lies beyond the quartiles by three times their distance (Tukey 1977, "far out") and differs from the
    /// middle by a factor of 2.5 at least.
    fn of(looks: &[Option<Look>]) -> Self {
        let mut sizes: Vec<f64> = looks.iter().flatten().map(|look| size(look).ln()).collect();
        let (first, third) = (quantile(&mut sizes, 0.25), quantile(&mut sizes, 0.75));
        let reach = (7.0 * (third - first)).max(2.0 * SIZE_FACTOR.ln());
        Self { middle: (first + third) / 2.0, reach, threshold: 0.5, logarithmic: true }
    }

    /// By the size itself. Where half of the images are of one size, CleanVision calls every other size odd.
    fn as_cleanvision(looks: &[Option<Look>]) -> Self {
        let mut sizes: Vec<f64> = looks.iter().flatten().map(size).collect();
        let (first, third) = (quantile(&mut sizes, 0.25), quantile(&mut sizes, 0.75));
        let spread = third - first;
        let (least, most) = (first - 3.0 * spread, third + 3.0 * spread);
        let (middle, gap) = ((least + most) / 2.0, most - least);
        if gap > 0.0 {
            Self { middle, reach: gap, threshold: 0.5, logarithmic: false }
        } else {
            Self { middle, reach: middle, threshold: 1.0, logarithmic: false }
        }
    }

    fn score(&self, look: &Look) -> f64 {
        let size = if self.logarithmic { size(look).ln() } else { size(look) };
        1.0 - ((size - self.middle).abs() / self.reach).clamp(0.0, 1.0)
    }
}

/// The side of a square with as many pixels.
fn size(look: &Look) -> f64 {
    f64::from(look.width).sqrt() * f64::from(look.height).sqrt()
}

fn shape(look: &Look) -> f64 {
    f64::from(look.width) / f64::from(look.height)
}

/// Width by height of the median image where that is long or tall, else 1.
fn usual_shape(looks: &[Option<Look>]) -> f64 {
    let mut shapes: Vec<f64> = looks.iter().flatten().map(|look| shape(look).ln()).collect();
    let middle = quantile(&mut shapes, 0.5).exp();
    if middle.min(1.0 / middle) < LONG_SET { middle } else { 1.0 }
}

fn shape_score(look: &Look, usual: f64) -> f64 {
    let (width, height) = (f64::from(look.width), f64::from(look.height) * usual);
    (width / height).min(height / width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_size(width: u32, height: u32) -> Option<Look> {
        Some(Look { width, height, dark: 1.0, light: 1.0, blurry: 1.0, low_information: 1.0, grayscale: 1.0 })
    }

    fn flagged(looks: &[Option<Look>], issue: ImageIssue, compatible: bool) -> Vec<usize> {
        let all = judge(looks, compatible);
        let (scores, least) = &all[issue as usize];
        scores
            .iter()
            .enumerate()
            .filter(|(_, score)| score.is_some_and(|score| score < *least))
            .map(|at| at.0)
            .collect()
    }

    #[test]
    fn sizes_are_odd_beside_the_others() {
        let mut looks = vec![of_size(640, 480); 20];
        looks.extend([of_size(320, 240), of_size(64, 48), of_size(4000, 3000), None]);
        assert_eq!(flagged(&looks, ImageIssue::OddSize, false), [21, 22], "half the size is not odd");
        assert_eq!(flagged(&looks, ImageIssue::OddSize, true), [20, 21, 22]);
        let varied: Vec<_> = (1..40).map(|at| of_size(100 * at, 100 * at)).collect();
        assert!(flagged(&varied, ImageIssue::OddSize, false).is_empty());
        assert!(flagged(&[of_size(1, 1)], ImageIssue::OddSize, false).is_empty());
        assert!(flagged(&[None, None], ImageIssue::OddSize, false).is_empty());
    }

    #[test]
    fn shapes_are_odd_by_themselves_unless_all_are_long() {
        let mut looks = vec![of_size(640, 480); 5];
        looks.extend([of_size(900, 300), of_size(1000, 200), of_size(30, 640)]);
        assert_eq!(flagged(&looks, ImageIssue::OddAspectRatio, false), [6, 7]);
        assert_eq!(flagged(&looks, ImageIssue::OddAspectRatio, true), [5, 6, 7]);
        let mut lines = vec![of_size(600, 40); 9];
        lines.push(of_size(60, 60));
        assert_eq!(flagged(&lines, ImageIssue::OddAspectRatio, false), [9], "a square among lines of text");
    }

    #[test]
    fn what_cannot_be_read_has_that_issue_and_no_scores() {
        let looks = [of_size(10, 10), None];
        assert_eq!(flagged(&looks, ImageIssue::Unreadable, false), [1]);
        let all = judge(&looks, false);
        let scores = |issue: ImageIssue| all[issue as usize].0[1];
        assert_eq!((scores(ImageIssue::Dark), scores(ImageIssue::Unreadable)), (None, Some(0.0)));
    }
}
