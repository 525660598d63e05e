//! The polygons of a region.

use super::*;

/// The polygons of a region, one [`Part`] for each 4-connected part, largest (by pixels) first.
///
/// Contours run along the edges of pixels; pixels that touch only at a corner are kept apart. Each ring is simplified
/// by Douglas and Peucker (1973): no corner that is left out lies farther than `epsilon` pixels from the ring, and 0
/// keeps all corners. A ring that would lose more than a quarter of its area is simplified with a smaller epsilon, so
/// one pixel stays a square. Simplified rings may cross themselves where a region is thinner than `epsilon`; 1 suits
/// photos, and is needed to turn the stairs of a slanted edge into a line.
pub fn outline(region: &Region, epsilon: f64) -> Vec<Part> {
    if region.bounds.width == 0 || region.mask.len() < region.bounds.pixels() {
        return Vec::new();
    }
    let labelled = parts_of(region, true);
    let mut parts: Vec<(usize, Part)> =
        labelled.sizes.iter().map(|&size| (size, Part { outline: Vec::new(), holes: Vec::new() })).collect();
    let mut tracer = Tracer { region, seen: vec![false; region.mask.len()] };
    for &(run, number) in &labelled.runs {
        for x in run.from..run.to {
            let Some(ring) = tracer.trace(x, run.y) else { continue };
            let part = &mut parts[number].1;
            if signed_area(&ring) > 0.0 {
                part.outline = simplify(ring, epsilon);
            } else {
                part.holes.push(simplify(ring, epsilon));
            }
        }
    }
    // Stable, so that parts of one size stay in reading order.
    parts.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    parts.into_iter().map(|(_, part)| part).collect()
}

/// Area of a ring by the shoelace formula, in square pixels; positive if it is clockwise on the screen (y down).
pub fn signed_area(ring: &[(f64, f64)]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum::<f64>() / 2.0
}

/// Follows the edges of pixels with the region on the right-hand side.
pub(super) struct Tracer<'a> {
    pub(super) region: &'a Region,
    /// Pixels whose upper edge is part of a ring already traced. Every ring has at least one upper edge.
    pub(super) seen: Vec<bool>,
}

impl Tracer<'_> {
    /// Whether a pixel of the mask is set; coordinates outside of it (also wrapped below zero) are not.
    pub(super) fn set(&self, x: usize, y: usize) -> bool {
        let Bounds { width, height, .. } = self.region.bounds;
        x < width && y < height && self.region.mask[y * width + x]
    }

    /// The corners of the ring through the upper edge of a pixel, if that is a border and new.
    pub(super) fn trace(&mut self, x: usize, y: usize) -> Option<Vec<(f64, f64)>> {
        let width = self.region.bounds.width;
        if self.seen[y * width + x] || self.set(x, y.wrapping_sub(1)) {
            return None;
        }
        let (left, top) = (self.region.bounds.x as f64, self.region.bounds.y as f64);
        let mut ring = Vec::new();
        // A position is a corner of pixels; directions are 0 right, 1 down, 2 left, 3 up.
        let (mut cx, mut cy, mut direction) = (x, y, 0);
        loop {
            if direction == 0 {
                if std::mem::replace(&mut self.seen[cy * width + cx], true) {
                    break;
                }
                cx += 1;
            } else {
                (cx, cy) = [(cx, cy), (cx, cy + 1), (cx.wrapping_sub(1), cy), (cx, cy.wrapping_sub(1))][direction];
            }
            // The pixels ahead to the left and to the right of the corner reached.
            let (west, north) = (cx.wrapping_sub(1), cy.wrapping_sub(1));
            let [ahead_left, ahead_right] = [
                [(cx, north), (cx, cy)],
                [(cx, cy), (west, cy)],
                [(west, cy), (west, north)],
                [(west, north), (cx, north)],
            ][direction];
            // Turning right first keeps pixels apart that touch at this corner only.
            let turn = match (self.set(ahead_left.0, ahead_left.1), self.set(ahead_right.0, ahead_right.1)) {
                (_, false) => 1,
                (true, true) => 3,
                (false, true) => continue,
            };
            direction = (direction + turn) % 4;
            ring.push((left + cx as f64, top + cy as f64));
        }
        Some(ring)
    }
}

/// Simplifies a ring, with a smaller epsilon where the one asked for would destroy it.
pub(super) fn simplify(ring: Vec<(f64, f64)>, epsilon: f64) -> Vec<(f64, f64)> {
    let area = signed_area(&ring);
    let mut epsilon = epsilon;
    // Below 1/16 pixel nothing on the grid of corners is left out but points on a straight line.
    while epsilon > 1.0 / 16.0 {
        let simple = douglas_peucker(&ring, epsilon);
        if simple.len() >= 3 && (signed_area(&simple) - area).abs() <= 0.25 * area.abs() {
            return simple;
        }
        epsilon /= 2.0;
    }
    ring
}

/// Douglas-Peucker on a ring, cut at two corners that are surely kept: one farthest from the middle and the one
/// farthest from that.
pub(super) fn douglas_peucker(ring: &[(f64, f64)], epsilon: f64) -> Vec<(f64, f64)> {
    let farthest = |from: (f64, f64)| {
        let distance = |p: &(f64, f64)| (p.0 - from.0).powi(2) + (p.1 - from.1).powi(2);
        let far = ring.iter().enumerate().max_by(|a, b| distance(a.1).total_cmp(&distance(b.1)));
        far.map_or(0, |(i, _)| i)
    };
    let n = ring.len() as f64;
    let middle = ring.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0 / n, sum.1 + p.1 / n));
    let start = farthest(middle);
    let turned: Vec<(f64, f64)> = ring[start..].iter().chain(&ring[..=start]).copied().collect();
    let far = (farthest(ring[start]) + ring.len() - start) % ring.len();
    let mut kept = vec![false; turned.len()];
    (kept[0], kept[far]) = (true, true);
    // A stack of its own: a contour of a million corners would overflow that of the thread.
    let mut open = vec![(0, far), (far, turned.len() - 1)];
    while let Some((from, to)) = open.pop() {
        let line = (turned[from], turned[to]);
        let distances = (from + 1..to).map(|i| (i, distance_to_segment(turned[i], line)));
        if let Some((i, distance)) = distances.max_by(|a, b| a.1.total_cmp(&b.1))
            && distance > epsilon
        {
            kept[i] = true;
            open.extend([(from, i), (i, to)]);
        }
    }
    turned.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(&point, _)| point).collect()
}

pub(super) fn distance_to_segment(p: (f64, f64), (a, b): ((f64, f64), (f64, f64))) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 { (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    (p.0 - a.0 - along * dx).hypot(p.1 - a.1 - along * dy)
}
