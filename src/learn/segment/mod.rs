//! Click-to-segment without a model: a region grown from one click ([`select`]), the foreground of a box ([`grab`]),
//! and the polygons of either ([`outline`]).
//!
//! Everything runs on one thread, uses no randomness and gives the same answer for the same picture. Colours are
//! compared in CIELAB (D65, CIE 1976), exact up to the rounding of the lookup tables (less than 0.4 ΔE); one ΔE is about
//! the smallest difference seen side by side. Positions are whole pixels, x to the right and y down.

mod cut;
mod grab;
mod grow;
mod outline;
#[cfg(test)]
mod tests;

use grow::Run;

pub use grab::grab;
pub use grow::select;
pub use outline::{outline, signed_area};

/// Fixed-point CIELAB units in one ΔE. At 32, five squared distances between the farthest colours fit an `i32`.
const UNIT: i32 = 32;
/// Entries of the table of cube roots; fine enough that neighbouring dark colours do not fall together.
const ROOTS: usize = 8192;
/// Pixels a region is grown on at most; this bounds the time of a click. A larger picture is scaled down first.
const LARGE: usize = 4_000_000;

/// A decoded picture: 3 bytes a pixel (red, green, blue as sRGB), row-major without padding.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// At least `3 * width * height` bytes; a picture with fewer counts as empty.
    pub rgb: &'a [u8],
}

/// A box of whole pixels: columns `x..x + width`, rows `y..y + height`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// First column.
    pub x: usize,
    /// First row.
    pub y: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// A set of pixels: a mask as large as its bounds, not as the picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Region {
    /// `bounds.width * bounds.height` flags, row-major.
    pub mask: Vec<bool>,
    /// Where the mask lies in the picture; tight around the pixels that are set in what this module returns.
    pub bounds: Bounds,
}

/// One connected part of a region as polygons in pixel-corner coordinates: (0, 0) is the outer corner of the first
/// pixel, (width, height) that of the last. Rings are not closed by repeating the first point.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Outer contour, clockwise on the screen (positive [`signed_area`]).
    pub outline: Vec<(f64, f64)>,
    /// Contours of the holes, counter-clockwise on the screen, in reading order.
    pub holes: Vec<Vec<(f64, f64)>>,
}

impl Picture<'_> {
    fn pixels(&self) -> usize {
        self.width.saturating_mul(self.height)
    }

    fn is_whole(&self) -> bool {
        self.pixels() > 0 && self.rgb.len() / 3 >= self.pixels()
    }

    fn row(&self, y: usize) -> &[u8] {
        &self.rgb[3 * self.width * y..][..3 * self.width]
    }
}

impl Bounds {
    /// The common part with a picture of this size; may have no width or no height.
    fn within(&self, width: usize, height: usize) -> Bounds {
        let (x, y) = (self.x.min(width), self.y.min(height));
        Bounds { x, y, width: self.width.min(width - x), height: self.height.min(height - y) }
    }

    /// The box with `across` more columns and `down` more rows on each side, as far as `size` (width and height) goes.
    fn widened(&self, across: usize, down: usize, size: (usize, usize)) -> Bounds {
        let (x, y) = (self.x.saturating_sub(across), self.y.saturating_sub(down));
        let right = (self.x + self.width + across).min(size.0);
        let bottom = (self.y + self.height + down).min(size.1);
        Bounds { x, y, width: right.saturating_sub(x), height: bottom.saturating_sub(y) }
    }

    fn pixels(&self) -> usize {
        self.width.saturating_mul(self.height)
    }

    fn contains(&self, x: usize, y: usize) -> bool {
        x >= self.x && y >= self.y && x - self.x < self.width && y - self.y < self.height
    }
}

impl Region {
    /// Whether a pixel of the picture belongs to the region.
    pub fn contains(&self, x: usize, y: usize) -> bool {
        let Bounds { x: left, y: top, width, .. } = self.bounds;
        self.bounds.contains(x, y) && self.mask.get((y - top) * width + x - left).copied().unwrap_or(false)
    }

    /// How many pixels belong to the region.
    pub fn area(&self) -> usize {
        self.mask.iter().filter(|&&set| set).count()
    }

    fn row(&self, y: usize) -> &[bool] {
        &self.mask[y * self.bounds.width..][..self.bounds.width]
    }

    /// The same pixels under a mask that covers exactly `bounds`; what lies outside of it is cut off.
    fn reframed(&self, bounds: Bounds) -> Region {
        let mut mask = vec![false; bounds.pixels()];
        let left = bounds.x.max(self.bounds.x);
        let right = (bounds.x + bounds.width).min(self.bounds.x + self.bounds.width);
        let top = bounds.y.max(self.bounds.y);
        let bottom = (bounds.y + bounds.height).min(self.bounds.y + self.bounds.height);
        if left < right {
            for y in top..bottom {
                let from = &self.row(y - self.bounds.y)[left - self.bounds.x..right - self.bounds.x];
                let start = (y - bounds.y) * bounds.width + left - bounds.x;
                mask[start..start + from.len()].copy_from_slice(from);
            }
        }
        Region { mask, bounds }
    }

    /// The same pixels under the smallest mask; the default region if there are none.
    fn tight(self) -> Region {
        let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, usize::MAX, 0);
        for y in 0..self.bounds.height {
            let row = self.row(y);
            if let (Some(first), Some(last)) = (row.iter().position(|&set| set), row.iter().rposition(|&set| set)) {
                (left, right) = (left.min(first), right.max(last));
                (top, bottom) = (top.min(y), y);
            }
        }
        if left > right {
            return Region::default();
        }
        let (x, y) = (self.bounds.x + left, self.bounds.y + top);
        let bounds = Bounds { x, y, width: right - left + 1, height: bottom - top + 1 };
        if bounds == self.bounds { self } else { self.reframed(bounds) }
    }
}

/// The 4-connected parts of the set (or of the unset) pixels of a mask, as runs.
struct Parts {
    /// Runs in reading order with the number of their part.
    runs: Vec<(Run, usize)>,
    /// Pixels of each part.
    sizes: Vec<usize>,
}

impl Parts {
    /// The part that holds a cell of the mask.
    fn at(&self, x: usize, y: usize) -> Option<usize> {
        let run = self.runs.iter().find(|(run, _)| run.y == y && (run.from..run.to).contains(&x));
        run.map(|&(_, part)| part)
    }

    /// Sets or unsets the cells of the chosen parts.
    fn paint(&self, region: &mut Region, value: bool, chosen: impl Fn(usize) -> bool) {
        for &(run, part) in &self.runs {
            if chosen(part) {
                let start = run.y * region.bounds.width;
                region.mask[start + run.from..start + run.to].fill(value);
            }
        }
    }
}

/// Labels the 4-connected parts of the pixels equal to `value`: runs of a row are joined with those they touch in the
/// row above by union-find (Rosenfeld and Pfaltz 1966, on runs).
fn parts_of(region: &Region, value: bool) -> Parts {
    let mut runs: Vec<Run> = Vec::new();
    let mut parents: Vec<usize> = Vec::new();
    let mut above = 0;
    for y in 0..region.bounds.height {
        let row = region.row(y);
        let first = runs.len();
        let mut at = 0;
        while let Some(start) = row[at..].iter().position(|&cell| cell == value) {
            let from = at + start;
            let to = row[from..].iter().position(|&cell| cell != value).map_or(row.len(), |length| from + length);
            // Runs of the row above that end before this one starts cannot touch a later one either.
            while above < first && runs[above].to <= from {
                above += 1;
            }
            parents.push(runs.len());
            for other in (above..first).take_while(|&other| runs[other].from < to) {
                let (a, b) = (root_of(&mut parents, other), root_of(&mut parents, runs.len()));
                parents[a.max(b)] = a.min(b);
            }
            runs.push(Run { y, from, to });
            at = to;
        }
        above = first;
    }
    number_parts(runs, parents)
}

fn number_parts(runs: Vec<Run>, mut parents: Vec<usize>) -> Parts {
    let mut numbers = vec![0; runs.len()];
    let mut sizes = Vec::new();
    for i in 0..runs.len() {
        // Roots are the first run of their part, so they are numbered before they are asked for.
        let root = root_of(&mut parents, i);
        if root == i {
            numbers[i] = sizes.len();
            sizes.push(0);
        }
        numbers[i] = numbers[root];
        sizes[numbers[i]] += runs[i].to - runs[i].from;
    }
    Parts { runs: runs.into_iter().zip(numbers).collect(), sizes }
}

fn root_of(parents: &mut [usize], mut i: usize) -> usize {
    while parents[i] != i {
        parents[i] = parents[parents[i]];
        i = parents[i];
    }
    i
}

/// Sets the unset parts of at most `limit` pixels, and of at most an eighth of the region so that tiny regions do not
/// swallow their surroundings.
fn fill_holes(region: &mut Region, limit: usize) {
    let limit = limit.min(region.area() / 8);
    let parts = parts_of(region, false);
    parts.paint(region, true, |part| parts.sizes[part] <= limit);
}

/// Morphological opening with a square of 3 × 3 pixels. What lies beyond the mask counts like its rim.
fn open(region: &Region) -> Region {
    let width = region.bounds.width;
    let eroded = spread_square(&region.mask, width, |a, b| a & b);
    Region { mask: spread_square(&eroded, width, |a, b| a | b), bounds: region.bounds }
}

/// Combines each cell with its eight neighbours; one pass along the rows, one along the columns.
fn spread_square(mask: &[bool], width: usize, combine: impl Fn(bool, bool) -> bool + Copy) -> Vec<bool> {
    let mut rows = mask.to_vec();
    for (to, from) in rows.chunks_exact_mut(width).zip(mask.chunks_exact(width)) {
        let shifted = from.iter().skip(1);
        to.iter_mut().zip(shifted).for_each(|(to, &right)| *to = combine(*to, right));
        to.iter_mut().skip(1).zip(from).for_each(|(to, &left)| *to = combine(*to, left));
    }
    let mut square = rows.clone();
    let below = rows.iter().skip(width);
    square.iter_mut().zip(below).for_each(|(to, &below)| *to = combine(*to, below));
    square.iter_mut().skip(width).zip(&rows).for_each(|(to, &above)| *to = combine(*to, above));
    square
}
