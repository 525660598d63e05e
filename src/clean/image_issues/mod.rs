//! Images that are dark, light, blurred, of odd size or shape, empty, without colour, or that cannot be read.
//!
//! In: a column of image paths. Out: for every image and kind a score in 0-1 (low is bad) and a flag. The kinds and the
//! meaning of scores are CleanVision's; in compatible mode scores and flags are so as well. The default measures better:
//! on photos with planted faults it finds all blurred and overexposed ones, where CleanVision finds none and one of
//! four. Duplicates are found elsewhere (see [`super::duplicates`]).

mod cleanvision;
mod judge;
mod look;
mod pillow;

use std::path::Path;

use arrow_array::{Array as _, LargeStringArray};
use image::DynamicImage;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::look::{Look, SIDE};
use self::pillow::Pixels;
use crate::data::Column;
use crate::data::media::{Limits, Picture, Root};
use crate::engine::{Error, Result, Work};

/// What can be wrong with an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageIssue {
    /// Hardly any light.
    Dark,
    /// Overexposed, or pale throughout.
    Light,
    /// Out of focus or moved.
    Blurry,
    /// Much larger or smaller than the others.
    OddSize,
    /// A strip.
    OddAspectRatio,
    /// Nothing to be seen.
    LowInformation,
    /// No colour.
    Grayscale,
    /// The file is missing, damaged or no image.
    Unreadable,
}

impl ImageIssue {
    /// All kinds, in the order of results.
    pub const ALL: [Self; 8] = [
        Self::Dark,
        Self::Light,
        Self::Blurry,
        Self::OddSize,
        Self::OddAspectRatio,
        Self::LowInformation,
        Self::Grayscale,
        Self::Unreadable,
    ];

    /// The name in results and settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Blurry => "blurry",
            Self::OddSize => "odd_size",
            Self::OddAspectRatio => "odd_aspect_ratio",
            Self::LowInformation => "low_information",
            Self::Grayscale => "grayscale",
            Self::Unreadable => "unreadable",
        }
    }
}

/// From this share of the readable images on, an issue is a trait of the set (scans on white, drawings) rather than
/// a fault of single images.
const COMMON: f64 = 0.3;

/// What was found in a set of images.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageIssues {
    /// The scores by kind, in the order of [`ImageIssue::ALL`].
    scores: Vec<Vec<Option<f64>>>,
    /// The score below which an image has the issue, in the same order.
    thresholds: Vec<f64>,
    /// The images that could not be read, by row, and why.
    pub unreadable: Vec<(u32, String)>,
    rows: usize,
}

impl ImageIssues {
    /// Looks at all images of a column of paths, which are resolved against `root`. An image that is missing or cannot
    /// be read is [`ImageIssue::Unreadable`]; how many there are is said. With `compatible` scores and flags are those
    /// of CleanVision 0.3.7 for the same pixels.
    ///
    /// Images are decoded on all cores; the default takes them at the size of a thumbnail, compatible mode whole.
    ///
    /// # Errors
    /// If the column holds no paths, the root is not there, or the work was cancelled.
    pub fn find(root: &Path, column: &Column, compatible: bool, work: &Work) -> Result<Self> {
        let paths =
            column.strings().ok_or_else(|| Error::input("the image column holds no paths").at(column.name()))?;
        let root = Root::open(root)?;
        work.stage("looking at images", paths.len() as u64);
        let looked: Vec<Result<Look>> = (0..paths.len())
            .into_par_iter()
            .map(|row| {
                work.advance(1)?;
                Ok(look_at(&root, paths, row, compatible))
            })
            .collect::<Result<_>>()?;
        let reason = |found: &Result<Look>| found.as_ref().err().map(ToString::to_string);
        let unreadable: Vec<(u32, String)> =
            looked.iter().zip(0u32..).filter_map(|(found, row)| Some((row, reason(found)?))).collect();
        if let Some((_, first)) = unreadable.first() {
            work.warn(format!("{} of {} images could not be read; the first: {first}", unreadable.len(), looked.len()));
        }
        let looks: Vec<Option<Look>> = looked.into_iter().map(Result::ok).collect();
        Ok(Self::from_looks(&looks, unreadable, compatible))
    }

    fn from_looks(looks: &[Option<Look>], unreadable: Vec<(u32, String)>, compatible: bool) -> Self {
        let (scores, thresholds) = judge::judge(looks, compatible).into_iter().unzip();
        Self { scores, thresholds, unreadable, rows: looks.len() }
    }

    /// The number of images.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The score of every image, 0-1, low is bad; `None` where the image could not be read.
    pub fn scores(&self, issue: ImageIssue) -> &[Option<f64>] {
        self.scores.get(issue as usize).map(Vec::as_slice).unwrap_or_default()
    }

    /// The score below which an image has the issue.
    pub fn threshold(&self, issue: ImageIssue) -> f64 {
        self.thresholds.get(issue as usize).copied().unwrap_or(0.0)
    }

    /// True if the image of that row has the issue.
    pub fn has(&self, issue: ImageIssue, row: usize) -> bool {
        let score = self.scores(issue).get(row).copied().flatten();
        score.is_some_and(|score| score < self.threshold(issue))
    }

    /// The rows that have the issue, worst first.
    pub fn worst(&self, issue: ImageIssue) -> Vec<u32> {
        let scored = |row: &u32| self.scores(issue).get(*row as usize).copied().flatten().unwrap_or(1.0);
        let mut rows: Vec<u32> = (0..self.rows as u32).filter(|&row| self.has(issue, row as usize)).collect();
        rows.sort_by(|a, b| scored(a).total_cmp(&scored(b)).then(a.cmp(b)));
        rows
    }

    /// How many images have the issue.
    pub fn count(&self, issue: ImageIssue) -> usize {
        (0..self.rows).filter(|&row| self.has(issue, row)).count()
    }

    /// True if so many images have the issue that it is a trait of the set.
    pub fn is_common(&self, issue: ImageIssue) -> bool {
        let readable = self.rows - self.unreadable.len().min(self.rows);
        issue != ImageIssue::Unreadable && readable > 10 && self.count(issue) as f64 > COMMON * readable as f64
    }
}

/// Reads and measures one image.
fn look_at(root: &Root, paths: &LargeStringArray, row: usize, compatible: bool) -> Result<Look> {
    if paths.is_null(row) {
        return Err(Error::input("there is no path").at(format!("row {}", row + 1)));
    }
    let value = paths.value(row);
    let media = root.media(value)?;
    let found = if compatible {
        cleanvision::look(pixels(media.decode_stored(Limits::default())?))
    } else {
        let picture = media.decode(Some(SIDE), Limits::default())?;
        let size = (picture.full_width, picture.full_height);
        look::look(&on_white(&picture), picture.width as usize, picture.height as usize, size)
    };
    found.ok_or_else(|| Error::input("the image has no pixels").at(value))
}

/// RGB bytes of the picture on white, which is what most programs put behind what can be seen through.
fn on_white(picture: &Picture) -> Vec<u8> {
    let over = |value: u8, alpha: u8| {
        let (value, alpha) = (u32::from(value), u32::from(alpha));
        ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    let of = |pixel: &[u8]| match *pixel {
        [red, green, blue, 255] => [red, green, blue],
        [red, green, blue, alpha] => [red, green, blue].map(|value| over(value, alpha)),
        _ => [0; 3],
    };
    picture.rgba.chunks_exact(4).flat_map(of).collect()
}

/// The channels as CleanVision gets them from Pillow: grey, RGB or RGBA. What Pillow would hand over otherwise (deep
/// colour, grey with alpha) becomes RGB.
fn pixels(image: DynamicImage) -> Pixels {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let (channels, bytes) = match image {
        DynamicImage::ImageLuma8(image) => (1, image.into_raw()),
        DynamicImage::ImageRgba8(image) => (4, image.into_raw()),
        other => (3, other.into_rgb8().into_raw()),
    };
    Pixels { width, height, channels, bytes }
}

#[cfg(test)]
mod tests;
