//! The brush: which pixels a stroke covers.
//!
//! A pixel is covered if its centre lies within the radius of the way that the middle of the brush went.

use crate::data::annotations::model::{Point, Rect};

/// The smallest brush: one pixel across.
pub const LEAST_RADIUS: f64 = 0.5;

/// The largest brush, in pixels.
pub const MOST_RADIUS: f64 = 512.0;

/// The pixels of an image of `width` x `height` that a round brush covers on its straight way from `a` to `b`, as
/// stretches row by row (the first pixel, and the one behind the last), in order and apart.
pub fn swept(a: Point, b: Point, radius: f64, width: u32, height: u32) -> Vec<(u64, u64)> {
    let radius = radius.clamp(LEAST_RADIUS, MOST_RADIUS);
    // A brush of a pixel must not fall between four of them.
    let middle = |at: Point| {
        if radius < 1.0 { Point::new(at.x.floor() + 0.5, at.y.floor() + 0.5) } else { at }
    };
    let (a, b) = (middle(a), middle(b));
    let row = |at: f64| at.clamp(0.0, f64::from(height)) as u32;
    let rows = row((a.y.min(b.y) - radius).floor())..row((a.y.max(b.y) + radius).ceil());
    rows.filter_map(|row| {
        let (left, right) = across(a, b, radius, f64::from(row) + 0.5)?;
        let column = |at: f64| at.clamp(0.0, f64::from(width)) as u64;
        let (from, to) = (column((left - 0.5).ceil()), column((right - 0.5).floor() + 1.0));
        let line = u64::from(row) * u64::from(width);
        (from < to).then_some((line + from, line + to))
    })
    .collect()
}

/// Where a line at height `y` enters and leaves the area within `radius` of the way from `a` to `b`.
fn across(a: Point, b: Point, radius: f64, y: f64) -> Option<(f64, f64)> {
    let mut found: Option<(f64, f64)> = None;
    let mut take = |low: f64, high: f64| {
        found = Some(found.map_or((low, high), |(left, right)| (left.min(low), right.max(high))));
    };
    for end in [a, b] {
        let off = y - end.y;
        if off.abs() <= radius {
            let half = (radius * radius - off * off).sqrt();
            take(end.x - half, end.x + half);
        }
    }
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let length = dx.hypot(dy);
    if length > 0.0 {
        let (nx, ny) = (-dy / length * radius, dx / length * radius);
        let corners = [(a.x + nx, a.y + ny), (b.x + nx, b.y + ny), (b.x - nx, b.y - ny), (a.x - nx, a.y - ny)];
        for (p, q) in corners.into_iter().zip(corners.into_iter().cycle().skip(1)) {
            if (p.1 <= y) != (q.1 <= y) {
                let x = p.0 + (y - p.1) / (q.1 - p.1) * (q.0 - p.0);
                take(x, x);
            }
        }
    }
    found
}

/// The box that a brush may have touched on its way, in pixels.
pub fn touched(a: Point, b: Point, radius: f64) -> Rect {
    let reach = radius + 1.0;
    let (left, top) = (a.x.min(b.x) - reach, a.y.min(b.y) - reach);
    Rect::new(left, top, a.x.max(b.x) + reach - left, a.y.max(b.y) + reach - top)
}

/// The next larger or smaller brush: by a fifth, at least by a pixel across.
pub fn resized(radius: f64, larger: bool) -> f64 {
    let step = (radius * 0.2).max(0.5);
    (if larger { radius + step } else { radius - step }).clamp(LEAST_RADIUS, MOST_RADIUS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::annotations::rle::Mask;

    /// The covered pixels by their distance from the way.
    fn by_distance(a: Point, b: Point, radius: f64, width: u32, height: u32) -> Vec<u8> {
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let length = dx * dx + dy * dy;
        let inside = |pixel: u32| {
            let (x, y) = (f64::from(pixel % width) + 0.5, f64::from(pixel / width) + 0.5);
            let share = if length == 0.0 { 0.0 } else { (((x - a.x) * dx + (y - a.y) * dy) / length).clamp(0.0, 1.0) };
            (x - a.x - share * dx).hypot(y - a.y - share * dy) <= radius
        };
        (0..width * height).map(|pixel| u8::from(inside(pixel))).collect()
    }

    #[test]
    fn a_dab_of_one_pixel_is_one_pixel() {
        let at = Point::new(3.99, 2.01);
        assert_eq!(swept(at, at, 0.1, 10, 10), [(23, 24)]);
        assert_eq!(swept(Point::new(0.5, 0.5), Point::new(3.5, 0.5), 0.5, 10, 10), [(0, 4)]);
    }

    #[test]
    fn what_lies_outside_is_left_out() {
        let at = Point::new(-3.0, 4.0);
        assert!(swept(at, at, 2.0, 10, 10).is_empty());
        let all = swept(Point::new(5.0, 5.0), Point::new(5.0, 5.0), 100.0, 10, 10);
        assert_eq!(Mask::from_stretches(10, 10, all).map(|mask| mask.area()), Some(100));
    }

    #[test]
    fn sizes_stay_within_their_bounds() {
        let mut radius = LEAST_RADIUS;
        assert_eq!(resized(radius, false), LEAST_RADIUS);
        (0..200).for_each(|_| radius = resized(radius, true));
        assert_eq!(radius, MOST_RADIUS);
    }

    proptest::proptest! {
        #[test]
        fn a_stroke_covers_what_is_near_its_way(
            ax in -5.0..45.0f64, ay in -5.0..35.0f64, bx in -5.0..45.0f64, by in -5.0..35.0f64, radius in 1.0..9.0f64,
        ) {
            let (a, b) = (Point::new(ax, ay), Point::new(bx, by));
            let found = Mask::from_stretches(40, 30, swept(a, b, radius, 40, 30)).unwrap().pixels();
            let expected = by_distance(a, b, radius, 40, 30);
            // Pixels whose centre lies on the very edge may fall either way.
            let nearly = by_distance(a, b, radius + 1e-6, 40, 30);
            let surely = by_distance(a, b, radius - 1e-6, 40, 30);
            for (pixel, found) in found.iter().enumerate() {
                let on_edge = nearly[pixel] != surely[pixel];
                proptest::prop_assert!(on_edge || *found == expected[pixel], "pixel {}", pixel);
            }
        }
    }
}
