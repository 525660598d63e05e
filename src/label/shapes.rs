//! Shapes under a person's hand: what is hit, what can be gripped, and what becomes of a shape that is moved.
//!
//! Coordinates are pixels of the image as it is shown.

use crate::data::annotations::Mark;
use crate::data::annotations::geometry::{
    area, bounds, bounds_of_keypoints, bounds_of_parts, corners, turned, upright_bounds,
};
use crate::data::annotations::model::{Keypoint, Keypoints, Part, Point, Rect, Seen};

/// A box of less than this many pixels a side is a slip of the hand.
pub const LEAST_SIDE: f64 = 2.0;

/// A box between two opposite corners, within the image. `None` if it is too small to be meant.
pub fn box_between(a: Point, b: Point, width: f64, height: f64) -> Option<Rect> {
    let (a, b) = (inside(a, width, height), inside(b, width, height));
    let rect = Rect::new(a.x.min(b.x), a.y.min(b.y), (a.x - b.x).abs(), (a.y - b.y).abs());
    (rect.width >= LEAST_SIDE && rect.height >= LEAST_SIDE).then_some(rect)
}

/// The nearest point of the image.
pub fn inside(point: Point, width: f64, height: f64) -> Point {
    Point::new(point.x.clamp(0.0, width), point.y.clamp(0.0, height))
}

/// The upright box around a shape; `None` for what has no place on an image.
pub fn bounds_of(mark: &Mark) -> Option<Rect> {
    match mark {
        Mark::Box(rect) => Some(upright_bounds(*rect)),
        Mark::Polygon(parts) => bounds_of_parts(parts),
        Mark::Polyline(points) => bounds(points),
        Mark::Keypoints(points) => bounds_of_keypoints(points),
        Mark::Mask(mask) => mask.bounds(),
        _ => None,
    }
}

/// What a shape covers in square pixels, by which the smallest of several under the pointer is found. Lines and points
/// cover nothing: they win.
pub fn extent(mark: &Mark) -> f64 {
    match mark {
        Mark::Box(rect) => rect.width * rect.height,
        Mark::Polygon(parts) => parts.iter().map(|part| area(&part.outline).abs()).sum(),
        Mark::Mask(mask) => mask.area() as f64,
        _ => 0.0,
    }
}

/// Whether a point is on a shape, or at most `slack` pixels away from its lines and points.
pub fn hits(mark: &Mark, point: Point, slack: f64) -> bool {
    match mark {
        Mark::Box(rect) => {
            let centre = Point::new(rect.x + rect.width / 2.0, rect.y + rect.height / 2.0);
            let flat = turned(point, centre, -rect.angle);
            (flat.x - centre.x).abs() <= rect.width / 2.0 + slack
                && (flat.y - centre.y).abs() <= rect.height / 2.0 + slack
        }
        Mark::Polygon(parts) => {
            parts.iter().any(|part| in_part(part, point) || near_line(&part.outline, true, point, slack))
        }
        Mark::Polyline(points) => near_line(points, false, point, slack),
        Mark::Keypoints(points) => present(points).any(|(_, other)| distance(other.at, point) <= slack.max(1.0)),
        Mark::Mask(mask) => {
            let (column, row) = (point.x.floor(), point.y.floor());
            let within =
                column >= 0.0 && row >= 0.0 && column < f64::from(mask.width()) && row < f64::from(mask.height());
            within && mask_at(mask.runs(), row as u64 * u64::from(mask.width()) + column as u64)
        }
        _ => false,
    }
}

/// Whether a pixel of a mask is set; `runs` begin with what is not.
fn mask_at(runs: &[u32], pixel: u64) -> bool {
    let mut end = 0;
    for (at, run) in runs.iter().enumerate() {
        end += u64::from(*run);
        if pixel < end {
            return at % 2 == 1;
        }
    }
    false
}

/// Even-odd: a hole is outside.
fn in_part(part: &Part, point: Point) -> bool {
    let crossings = |ring: &[Point]| {
        let pairs = ring.iter().zip(ring.iter().cycle().skip(1));
        pairs
            .filter(|(a, b)| {
                (a.y > point.y) != (b.y > point.y) && point.x < (b.x - a.x) * (point.y - a.y) / (b.y - a.y) + a.x
            })
            .count()
    };
    let all = crossings(&part.outline) + part.holes.iter().map(|hole| crossings(hole)).sum::<usize>();
    all % 2 == 1
}

fn near_line(points: &[Point], closed: bool, point: Point, slack: f64) -> bool {
    let pairs = points.windows(2).map(|pair| (pair[0], pair[1]));
    let last = closed.then(|| points.last().copied().zip(points.first().copied())).flatten();
    pairs.chain(last).any(|(a, b)| distance_to_segment(a, b, point) <= slack)
}

fn distance(a: Point, b: Point) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

fn distance_to_segment(a: Point, b: Point, point: Point) -> f64 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let length = dx * dx + dy * dy;
    if length == 0.0 {
        return distance(a, point);
    }
    let share = (((point.x - a.x) * dx + (point.y - a.y) * dy) / length).clamp(0.0, 1.0);
    distance(Point::new(a.x + share * dx, a.y + share * dy), point)
}

/// The points by which a shape can be gripped: corners of a box, vertices of outlines and lines, single points.
pub fn grips(mark: &Mark) -> Vec<Point> {
    match mark {
        Mark::Box(rect) => corners(*rect).to_vec(),
        Mark::Polygon(parts) => parts.iter().flat_map(|part| part.outline.iter().copied()).collect(),
        Mark::Polyline(points) => points.clone(),
        Mark::Keypoints(points) => present(points).map(|(_, point)| point.at).collect(),
        _ => Vec::new(),
    }
}

/// The points of an object that are in the image, with their places among all of them.
pub fn present(points: &Keypoints) -> impl Iterator<Item = (usize, &Keypoint)> {
    points.points.iter().enumerate().filter(|(_, point)| point.seen != Seen::Absent)
}

/// The shape with one of its [`grips`] drawn to another place. A box keeps its opposite corner and its angle.
#[must_use]
pub fn with_grip(mark: &Mark, grip: usize, to: Point) -> Mark {
    let mut changed = mark.clone();
    match &mut changed {
        Mark::Box(rect) => {
            if let Some(fixed) = corners(*rect).get((grip + 2) % 4).copied() {
                *rect = turned_box(fixed, to, rect.angle);
            }
        }
        Mark::Polygon(parts) => {
            if let Some(point) = parts.iter_mut().flat_map(|part| part.outline.iter_mut()).nth(grip) {
                *point = to;
            }
        }
        Mark::Polyline(points) => {
            if let Some(point) = points.get_mut(grip) {
                *point = to;
            }
        }
        Mark::Keypoints(points) => {
            let there = present(points).nth(grip).map(|(at, _)| at);
            if let Some(point) = there.and_then(|at| points.points.get_mut(at)) {
                point.at = to;
            }
        }
        _ => {}
    }
    changed
}

/// The box with these opposite corners that is turned by an angle.
fn turned_box(a: Point, b: Point, angle: f64) -> Rect {
    let centre = Point::new((a.x + b.x) / 2.0, (a.y + b.y) / 2.0);
    let flat = turned(b, centre, -angle);
    let (width, height) = (2.0 * (flat.x - centre.x).abs(), 2.0 * (flat.y - centre.y).abs());
    let (width, height) = (width.max(1.0), height.max(1.0));
    Rect { x: centre.x - width / 2.0, y: centre.y - height / 2.0, width, height, angle }
}

/// The shape at another place.
#[must_use]
pub fn moved(mark: &Mark, dx: f64, dy: f64) -> Mark {
    let by = |point: &mut Point| (point.x, point.y) = (point.x + dx, point.y + dy);
    let mut changed = mark.clone();
    match &mut changed {
        Mark::Box(rect) => (rect.x, rect.y) = (rect.x + dx, rect.y + dy),
        Mark::Polygon(parts) => {
            for part in parts {
                part.outline.iter_mut().for_each(by);
                part.holes.iter_mut().flatten().for_each(by);
            }
        }
        Mark::Polyline(points) => points.iter_mut().for_each(by),
        Mark::Keypoints(points) => {
            let there = points.points.iter_mut().filter(|point| point.seen != Seen::Absent);
            there.for_each(|point| by(&mut point.at));
            if let Some(rect) = &mut points.bounds {
                (rect.x, rect.y) = (rect.x + dx, rect.y + dy);
            }
        }
        _ => {}
    }
    changed
}

/// The box turned clockwise by so many degrees; what is not a box stays.
#[must_use]
pub fn rotated(mark: &Mark, degrees: f64) -> Mark {
    match mark {
        Mark::Box(rect) => {
            let angle = (rect.angle + degrees).rem_euclid(360.0);
            Mark::Box(Rect { angle: if angle > 180.0 { angle - 360.0 } else { angle }, ..*rect })
        }
        other => other.clone(),
    }
}

/// How far a shape may be moved at most so that it stays within the image.
pub fn held_within(mark: &Mark, dx: f64, dy: f64, width: f64, height: f64) -> (f64, f64) {
    let Some(bounds) = bounds_of(mark) else { return (dx, dy) };
    let hold =
        |by: f64, start: f64, length: f64, room: f64| by.max(-start.max(0.0)).min((room - start - length).max(0.0));
    (hold(dx, bounds.x, bounds.width, width), hold(dy, bounds.y, bounds.height, height))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(x: f64, y: f64) -> Point {
        Point::new(x, y)
    }

    fn square() -> Mark {
        Mark::Polygon(vec![Part {
            outline: vec![p(0.0, 0.0), p(10.0, 0.0), p(10.0, 10.0), p(0.0, 10.0)],
            holes: vec![vec![p(4.0, 4.0), p(6.0, 4.0), p(6.0, 6.0), p(4.0, 6.0)]],
        }])
    }

    #[test]
    fn what_is_under_the_pointer_is_hit() {
        let check = |mark: &Mark, x, y, expected| assert_eq!(hits(mark, p(x, y), 1.0), expected, "{mark:?} {x} {y}");
        let upright = Mark::Box(Rect::new(10.0, 10.0, 20.0, 10.0));
        check(&upright, 15.0, 15.0, true);
        check(&upright, 9.5, 15.0, true);
        check(&upright, 5.0, 15.0, false);
        let turned = rotated(&upright, 90.0);
        check(&turned, 20.0, 6.0, true);
        check(&turned, 11.0, 15.0, false);
        check(&square(), 2.0, 2.0, true);
        check(&square(), 5.0, 5.0, false);
        let line = Mark::Polyline(vec![p(0.0, 0.0), p(10.0, 10.0)]);
        check(&line, 5.0, 5.5, true);
        check(&line, 5.0, 8.0, false);
        let points = Keypoints { points: vec![Keypoint { at: p(3.0, 3.0), ..Default::default() }], bounds: None };
        check(&Mark::Keypoints(points), 3.5, 3.0, true);
        let mask = crate::data::annotations::rle::Mask::from_pixels(2, 2, &[0, 1, 0, 0]).unwrap();
        check(&Mark::Mask(mask.clone()), 1.5, 0.5, true);
        check(&Mark::Mask(mask), 0.5, 0.5, false);
    }

    #[test]
    fn a_gripped_corner_leaves_the_opposite_one() {
        let rect = Mark::Box(Rect::new(0.0, 0.0, 10.0, 20.0));
        assert_eq!(with_grip(&rect, 2, p(30.0, 40.0)), Mark::Box(Rect::new(0.0, 0.0, 30.0, 40.0)));
        assert_eq!(with_grip(&rect, 0, p(-5.0, -5.0)), Mark::Box(Rect::new(-5.0, -5.0, 15.0, 25.0)));
        // Drawn beyond the opposite corner it turns over.
        assert_eq!(with_grip(&rect, 2, p(-4.0, -4.0)), Mark::Box(Rect::new(-4.0, -4.0, 4.0, 4.0)));
        let turned = rotated(&rect, 30.0);
        let before = grips(&turned);
        let after = grips(&with_grip(&turned, 1, p(50.0, 3.0)));
        assert!(distance(before[3], after[3]) < 1e-9 && distance(after[1], p(50.0, 3.0)) < 1e-9);
    }

    #[test]
    fn moving_stops_at_the_edge() {
        let rect = Mark::Box(Rect::new(10.0, 10.0, 20.0, 20.0));
        let check = |dx, dy, expected| assert_eq!(held_within(&rect, dx, dy, 100.0, 50.0), expected);
        check(5.0, 5.0, (5.0, 5.0));
        check(-50.0, 5.0, (-10.0, 5.0));
        check(90.0, 90.0, (70.0, 20.0));
        assert_eq!(moved(&rect, 1.0, -1.0), Mark::Box(Rect::new(11.0, 9.0, 20.0, 20.0)));
    }

    #[test]
    fn a_box_lies_within_the_image() {
        assert_eq!(box_between(p(30.0, -5.0), p(5.0, 20.0), 25.0, 15.0), Some(Rect::new(5.0, 0.0, 20.0, 15.0)));
        assert_eq!(box_between(p(5.0, 5.0), p(6.0, 90.0), 100.0, 100.0), None);
    }
}
