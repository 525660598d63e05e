//! The wand: what a click or a box means on a picture, found off the window's thread without a model.

use std::path::PathBuf;

use crate::data::annotations::Mark;
use crate::data::annotations::model::{Part, Point, Rect};
use crate::data::annotations::rle::Mask;
use crate::data::media::{Limits, Picture, Root};
use crate::engine::{Error, Job, Result, Waker};
use crate::learn::segment;

/// Pixels of the longer side on which the wand works.
const SIDE: u32 = 2048;

/// How far colours of one thing may differ, in ΔE.
const TOLERANCE: f32 = 11.0;

/// Rounds of telling object and rest apart.
const ROUNDS: usize = 3;

/// How far a simplified outline may lie from the true one, in pixels.
const EPSILON: f64 = 1.0;

/// What the wand is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Touch {
    /// The area around a click.
    At(Point),
    /// The object in a box.
    In(Rect),
}

/// What the wand gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gives {
    /// The outline of what it found.
    Outline,
    /// Its pixels.
    Mask,
}

/// Begins to look. `root` is the folder of the images, `path` names the image in it; positions are pixels of the image.
pub(super) fn touch(root: PathBuf, path: String, touch: Touch, gives: Gives, waker: Waker) -> Job<Mark> {
    Job::spawn("wand", waker, move |work| {
        let picture = Root::open(&root)?.media(&path)?.decode(Some(SIDE), Limits::default())?;
        work.check()?;
        found(&picture, touch, gives)
    })
}

fn found(picture: &Picture, touch: Touch, gives: Gives) -> Result<Mark> {
    let rgb: Vec<u8> = picture.rgba.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let (width, height) = (picture.width as usize, picture.height as usize);
    let shown = segment::Picture { width, height, rgb: &rgb };
    let scale = f64::from(picture.width) / f64::from(picture.full_width.max(1));
    let cell = |at: f64, most: usize| ((at * scale) as usize).min(most.saturating_sub(1));
    let region = match touch {
        Touch::At(at) => segment::select(shown, (cell(at.x, width), cell(at.y, height)), TOLERANCE),
        Touch::In(rect) => {
            let (x, y) = (cell(rect.x, width), cell(rect.y, height));
            let side = |length: f64| (length * scale).ceil() as usize;
            let bounds = segment::Bounds { x, y, width: side(rect.width), height: side(rect.height) };
            segment::grab(shown, bounds, ROUNDS)
        }
    };
    if gives == Gives::Mask {
        return mask_of(&region, scale, picture).map(Mark::Mask);
    }
    let ring = |points: &[(f64, f64)]| points.iter().map(|(x, y)| Point::new(x / scale, y / scale)).collect::<Vec<_>>();
    let mut parts: Vec<Part> = segment::outline(&region, EPSILON)
        .iter()
        .map(|part| Part { outline: ring(&part.outline), holes: part.holes.iter().map(|hole| ring(hole)).collect() })
        .filter(|part| part.outline.len() >= 3)
        .collect();
    // A click means the one part that it is on; crumbs beside it are noise.
    if matches!(touch, Touch::At(_)) {
        parts.truncate(1);
    }
    if parts.is_empty() {
        return Err(nothing());
    }
    Ok(Mark::Polygon(parts))
}

fn nothing() -> Error {
    Error::input("nothing stands out there").help("click elsewhere, or draw a box around it")
}

/// The pixels of the full image whose centre lies in a region of the picture that is `scale` times as large.
fn mask_of(region: &segment::Region, scale: f64, picture: &Picture) -> Result<Mask> {
    let (width, height) = (picture.full_width, picture.full_height);
    let column = |cell: usize| ((cell as f64 / scale - 0.5).ceil().max(0.0) as u64).min(width.into());
    let (left, columns) = (region.bounds.x, region.bounds.width);
    let mut stretches = Vec::new();
    for y in 0..height {
        let row = ((f64::from(y) + 0.5) * scale) as usize;
        let Some(line) = row.checked_sub(region.bounds.y).and_then(|row| region.mask.get(row * columns..)) else {
            continue;
        };
        let mut at = 0;
        for run in line.get(..columns).unwrap_or_default().chunk_by(|a, b| a == b) {
            if run.first() == Some(&true) {
                let start = u64::from(y) * u64::from(width);
                stretches.push((start + column(left + at), start + column(left + at + run.len())));
            }
            at += run.len();
        }
    }
    let mask = Mask::from_stretches(width, height, stretches).ok_or_else(super::brush::too_large)?;
    if mask.area() == 0 { Err(nothing()) } else { Ok(mask) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::shapes;

    #[test]
    fn a_disc_is_found_by_a_click_and_in_a_box() {
        let (side, radius) = (200usize, 50.0);
        let inside = |x: usize, y: usize| (x as f64 + 0.5 - 100.0).hypot(y as f64 + 0.5 - 90.0) < radius;
        let pixel = |at: usize| if inside(at % side, at / side) { [200, 60, 50, 255] } else { [60, 90, 120, 255] };
        let rgba = (0..side * side).flat_map(pixel).collect();
        let picture = Picture { width: 200, height: 200, rgba, full_width: 400, full_height: 400 };
        for touch in [Touch::At(Point::new(200.0, 180.0)), Touch::In(Rect::new(80.0, 60.0, 240.0, 240.0))] {
            for gives in [Gives::Outline, Gives::Mask] {
                let mark = found(&picture, touch, gives).unwrap();
                let area = shapes::extent(&mark);
                let expected = std::f64::consts::PI * (2.0 * radius) * (2.0 * radius);
                assert!((area / expected - 1.0).abs() < 0.05, "{touch:?} {gives:?}: {area} of {expected}");
                assert!(shapes::hits(&mark, Point::new(200.0, 180.0), 0.0), "{touch:?} {gives:?}");
            }
        }
    }
}
