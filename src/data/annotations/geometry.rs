//! Shapes in pixels: boxes that are turned, bounds, EXIF turns, and areas as pixels.
//!
//! A pixel belongs to an area if its centre does, by the even-odd rule; a centre on an edge belongs to the side to its
//! right. This is not COCO's rule, which draws on a finer grid; masks that come as masks are never redrawn.

use super::model::{Annotation, Keypoints, Mark, Part, Point, Rect, Seen};
use super::rle::Mask;

/// A number to 1e-6, which is as fine as coordinates are compared.
pub fn round6(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// The corners of a box, clockwise from the upper left one.
pub fn corners(rect: Rect) -> [Point; 4] {
    let Rect { x, y, width, height, angle } = rect;
    let centre = Point::new(x + width / 2.0, y + height / 2.0);
    [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        .map(|(x, y)| turned(Point::new(x, y), centre, angle))
}

/// A point turned clockwise about another by degrees.
pub fn turned(point: Point, about: Point, degrees: f64) -> Point {
    if degrees == 0.0 {
        return point;
    }
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (dx, dy) = (point.x - about.x, point.y - about.y);
    Point::new(about.x + dx * cos - dy * sin, about.y + dx * sin + dy * cos)
}

/// Points of the outline that stands for an ellipse.
const ELLIPSE_POINTS: usize = 64;

/// An outline in place of an ellipse, with its half axes, turned clockwise about its centre by degrees.
pub fn ellipse(centre: Point, half: Point, degrees: f64) -> Vec<Point> {
    let point = |step: usize| {
        let (sin, cos) = (std::f64::consts::TAU * step as f64 / ELLIPSE_POINTS as f64).sin_cos();
        turned(Point::new(centre.x + half.x * cos, centre.y + half.y * sin), centre, degrees)
    };
    (0..ELLIPSE_POINTS).map(point).collect()
}

/// The box of which these are the corners in order, if they are those of one to within `tolerance` pixels.
pub fn rect_of_corners(points: &[Point], tolerance: f64) -> Option<Rect> {
    let &[a, b, c, d] = points else { return None };
    let length = |from: Point, to: Point| (to.x - from.x).hypot(to.y - from.y);
    let (width, height) = (length(a, b), length(b, c));
    let centre = Point::new((a.x + b.x + c.x + d.x) / 4.0, (a.y + b.y + c.y + d.y) / 4.0);
    let angle = if width > 0.0 { (b.y - a.y).atan2(b.x - a.x).to_degrees() } else { 0.0 };
    let angle = if angle.abs() < 1e-9 { 0.0 } else { angle };
    let rect = Rect { x: centre.x - width / 2.0, y: centre.y - height / 2.0, width, height, angle };
    let near = corners(rect).iter().zip(points).all(|(have, want)| length(*have, *want) <= tolerance);
    near.then_some(rect)
}

/// Label Studio and CVAT turn boxes about different points: the box that is turned about its upper left corner, as one
/// that is turned about its centre.
pub fn about_centre(corner: Rect) -> Rect {
    let Rect { x, y, width, height, angle } = corner;
    let centre = turned(Point::new(x + width / 2.0, y + height / 2.0), Point::new(x, y), angle);
    Rect { x: centre.x - width / 2.0, y: centre.y - height / 2.0, width, height, angle }
}

/// The other way: where the upper left corner comes to lie, with size and angle.
pub fn about_corner(centred: Rect) -> Rect {
    let [corner, ..] = corners(centred);
    Rect { x: corner.x, y: corner.y, ..centred }
}

/// The upright box around points; `None` without any.
pub fn bounds<'a>(points: impl IntoIterator<Item = &'a Point>) -> Option<Rect> {
    let mut points = points.into_iter();
    let first = points.next()?;
    let (mut left, mut top, mut right, mut bottom) = (first.x, first.y, first.x, first.y);
    for point in points {
        (left, right) = (left.min(point.x), right.max(point.x));
        (top, bottom) = (top.min(point.y), bottom.max(point.y));
    }
    Some(Rect::new(left, top, right - left, bottom - top))
}

/// The upright box around a turned one.
pub fn upright_bounds(rect: Rect) -> Rect {
    if rect.angle == 0.0 { rect } else { bounds(&corners(rect)).unwrap_or(rect) }
}

/// The upright box around an area.
pub fn bounds_of_parts(parts: &[Part]) -> Option<Rect> {
    bounds(parts.iter().flat_map(|part| &part.outline))
}

/// The upright box around the keypoints that are there.
pub fn bounds_of_keypoints(keypoints: &Keypoints) -> Option<Rect> {
    bounds(keypoints.points.iter().filter(|point| point.seen != Seen::Absent).map(|point| &point.at))
}

/// The area inside an outline in square pixels (shoelace formula), not negative.
pub fn area(outline: &[Point]) -> f64 {
    let next = outline.iter().cycle().skip(1);
    let twice: f64 = outline.iter().zip(next).map(|(a, b)| a.x * b.y - b.x * a.y).sum();
    (twice / 2.0).abs()
}

/// The pixels of an area by the rule above. `None` if the image is too large for a mask or its size is not known.
pub fn rasterise(parts: &[Part], width: u32, height: u32) -> Option<Mask> {
    let mut runs = Runs::new(width);
    let rings: Vec<&[Point]> =
        parts.iter().flat_map(|part| std::iter::once(&part.outline).chain(&part.holes)).map(Vec::as_slice).collect();
    let mut crossings = Vec::new();
    for row in 0..height {
        let y = f64::from(row) + 0.5;
        crossings.clear();
        for ring in &rings {
            let next = ring.iter().cycle().skip(1);
            for (a, b) in ring.iter().zip(next) {
                if (a.y <= y) != (b.y <= y) {
                    crossings.push(a.x + (y - a.y) * (b.x - a.x) / (b.y - a.y));
                }
            }
        }
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            // The first pixel whose centre is not left of the crossing.
            let pixel = |x: f64| (x - 0.5).ceil().clamp(0.0, f64::from(width)) as u32;
            runs.fill(row, pixel(pair[0]), pixel(pair[1]));
        }
    }
    Mask::from_rows(width, height, runs.done(height))
}

/// Row-major runs, zeros first, gathered from left to right and from top to bottom.
struct Runs {
    width: u64,
    runs: Vec<u32>,
    reached: u64,
}

impl Runs {
    fn new(width: u32) -> Self {
        Self { width: u64::from(width), runs: Vec::new(), reached: 0 }
    }

    fn fill(&mut self, row: u32, from: u32, to: u32) {
        let start = (u64::from(row) * self.width + u64::from(from)).max(self.reached);
        let end = u64::from(row) * self.width + u64::from(to);
        if start >= end {
            return;
        }
        let length = (end - start) as u32;
        if start == self.reached && !self.runs.is_empty() {
            if let Some(last) = self.runs.last_mut() {
                *last += length;
            }
        } else {
            self.runs.push((start - self.reached) as u32);
            self.runs.push(length);
        }
        self.reached = end;
    }

    fn done(mut self, height: u32) -> Vec<u32> {
        let rest = u64::from(height) * self.width - self.reached;
        if rest > 0 {
            self.runs.push(rest as u32);
        }
        self.runs
    }
}

/// Where a point of the file's own pixels is shown, for an image of `width` x `height` pixels as it lies in the file and
/// an EXIF orientation of 1-8 (EXIF 2.3, 4.6.4.A).
pub fn shown(point: Point, width: f64, height: f64, orientation: u8) -> Point {
    let Point { x, y } = point;
    match orientation {
        2 => Point::new(width - x, y),
        3 => Point::new(width - x, height - y),
        4 => Point::new(x, height - y),
        5 => Point::new(y, x),
        6 => Point::new(height - y, x),
        7 => Point::new(height - y, width - x),
        8 => Point::new(y, width - x),
        _ => point,
    }
}

/// Turns a mark from the file's own pixels to the image as shown. A mask is left as it is: returns false then.
pub fn show_mark(annotation: &mut Annotation, width: u32, height: u32, orientation: u8) -> bool {
    let (width, height) = (f64::from(width), f64::from(height));
    let turn = |point: &mut Point| *point = shown(*point, width, height, orientation);
    let turn_rect = |rect: &mut Rect| {
        let around = corners(*rect).map(|point| shown(point, width, height, orientation));
        let upright = rect.angle == 0.0;
        let mirrored = [around[1], around[0], around[3], around[2]];
        let turned = if upright {
            bounds(&around)
        } else {
            rect_of_corners(&around, 1e-6).or_else(|| rect_of_corners(&mirrored, 1e-6))
        };
        *rect = turned.unwrap_or(*rect);
    };
    match &mut annotation.mark {
        Mark::Box(rect) => turn_rect(rect),
        Mark::Polygon(parts) => {
            for part in parts {
                part.outline.iter_mut().for_each(turn);
                part.holes.iter_mut().flatten().for_each(turn);
            }
        }
        Mark::Polyline(points) => points.iter_mut().for_each(turn),
        Mark::Keypoints(keypoints) => {
            keypoints
                .points
                .iter_mut()
                .filter(|point| point.seen != Seen::Absent)
                .for_each(|point| turn(&mut point.at));
            if let Some(rect) = &mut keypoints.bounds {
                turn_rect(rect);
            }
        }
        Mark::Mask(_) => return false,
        _ => {}
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: Rect, b: Rect) -> bool {
        [a.x - b.x, a.y - b.y, a.width - b.width, a.height - b.height, a.angle - b.angle]
            .iter()
            .all(|difference| difference.abs() < 1e-6)
    }

    fn part(points: &[(f64, f64)]) -> Part {
        Part { outline: points.iter().map(|&(x, y)| Point::new(x, y)).collect(), holes: Vec::new() }
    }

    #[test]
    fn a_box_fills_its_own_pixels() {
        let mask = rasterise(&[part(&[(2.0, 1.0), (8.0, 1.0), (8.0, 5.0), (2.0, 5.0)])], 20, 10).unwrap();
        assert_eq!((mask.area(), mask.bounds()), (24, Some(Rect::new(2.0, 1.0, 6.0, 4.0))));
    }

    #[test]
    fn a_hole_is_cut_out_and_neighbours_share_no_pixel() {
        let mut outer = part(&[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]);
        outer.holes.push(part(&[(2.0, 2.0), (4.0, 2.0), (4.0, 4.0), (2.0, 4.0)]).outline);
        assert_eq!(rasterise(&[outer], 10, 10).unwrap().area(), 96);
        let left = rasterise(&[part(&[(0.0, 0.0), (4.5, 0.0), (4.5, 10.0), (0.0, 10.0)])], 10, 10).unwrap();
        let right = rasterise(&[part(&[(4.5, 0.0), (10.0, 0.0), (10.0, 10.0), (4.5, 10.0)])], 10, 10).unwrap();
        assert_eq!(left.area() + right.area(), 100);
    }

    #[test]
    fn an_image_that_lies_on_its_side_is_shown_upright() {
        // Orientation 6: what lies at the upper left is shown at the upper right.
        assert_eq!(shown(Point::new(0.0, 0.0), 40.0, 20.0, 6), Point::new(20.0, 0.0));
        assert_eq!(shown(Point::new(40.0, 0.0), 40.0, 20.0, 6), Point::new(20.0, 40.0));
        assert_eq!(shown(Point::new(0.0, 0.0), 40.0, 20.0, 8), Point::new(0.0, 40.0));
        let mut annotation = Annotation::new("a", Mark::Box(Rect::new(1.0, 2.0, 10.0, 4.0)));
        assert!(show_mark(&mut annotation, 40, 20, 6));
        assert_eq!(annotation.mark, Mark::Box(Rect::new(14.0, 1.0, 4.0, 10.0)));
    }

    proptest::proptest! {
        #[test]
        fn boxes_keep_their_shape(x in -50.0..50.0f64, y in -50.0..50.0f64, w in 1.0..40.0f64, h in 1.0..40.0f64, angle in -179.0..179.0f64) {
            let rect = Rect { x, y, width: w, height: h, angle };
            proptest::prop_assert!(near(about_centre(about_corner(rect)), rect));
            proptest::prop_assert!(near(rect_of_corners(&corners(rect), 1e-6).unwrap(), rect));
            proptest::prop_assert!((area(&corners(rect)) - w * h).abs() < 1e-6);
        }

        #[test]
        fn masks_stay_within_the_image(points in proptest::collection::vec((-5.0..25.0f64, -5.0..15.0f64), 3..8)) {
            let mask = rasterise(&[part(&points)], 20, 10).unwrap();
            proptest::prop_assert_eq!(mask.runs().iter().map(|run| u64::from(*run)).sum::<u64>(), 200);
        }
    }
}
