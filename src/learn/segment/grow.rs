//! A region grown from one click.

use std::collections::VecDeque;
use std::sync::LazyLock;

use super::*;

/// The connected area around a click whose colour is near that of the clicked pixel.
///
/// The area grows over 4-connected neighbours of a picture smoothed by a 3 × 3 median (so what is one pixel thin counts
/// as noise). A pixel joins if `step² + (drift / 2)² ≤ tolerance²`, where `step` is its ΔE to the neighbour it is
/// reached from and `drift` its ΔE to the running mean of the area: a gentle gradient is followed up to twice the
/// tolerance from the mean, and a sharp edge stops the growth from a contrast of 0.9 times the tolerance. Holes of a
/// few pixels are then filled and thin leaks cut by an opening, unless the click itself is on something that thin.
/// A picture of more than 4 megapixels is scaled down to that first, so its borders are as fine as
/// `sqrt(pixels / 4e6)` pixels, rounded up.
///
/// `seed` is (column, row); outside of the picture it gives the default (empty) region. `tolerance` is in ΔE: 0 takes
/// equal colours only, 5 to 30 suit photos. Time is linear in the area, at most that of 4 megapixels.
pub fn select(picture: Picture, seed: (usize, usize), tolerance: f32) -> Region {
    if !picture.is_whole() || seed.0 >= picture.width || seed.1 >= picture.height {
        return Region::default();
    }
    let factor = (picture.pixels() as f64 / LARGE as f64).sqrt().ceil() as usize;
    if factor <= 1 {
        return grown(picture, seed, tolerance);
    }
    let window = Bounds { x: 0, y: 0, width: picture.width, height: picture.height };
    // A strip narrower than the factor keeps one cell.
    let grid = Grid { window, width: picture.width.div_ceil(factor), height: picture.height.div_ceil(factor) };
    let means = grid.means(&picture);
    let small = Picture { width: grid.width, height: grid.height, rgb: means.as_flattened() };
    grid.enlarged(&grown(small, grid.cell_at(seed), tolerance)).tight()
}

/// [`select`] on a picture that is small enough.
pub(super) fn grown(picture: Picture, seed: (usize, usize), tolerance: f32) -> Region {
    let mut growth = Growth::new(picture, tolerance);
    growth.grow(seed);
    let grown = growth.into_region();
    // The extra ring tells pockets at the rim of the area from holes; at the rim of the picture there is none to add.
    let mut region = grown.reframed(grown.bounds.widened(1, 1, (picture.width, picture.height)));
    fill_holes(&mut region, 16);
    let mut opened = open(&region);
    if !opened.contains(seed.0, seed.1) {
        return region.tight();
    }
    let parts = parts_of(&opened, true);
    let clicked = parts.at(seed.0 - opened.bounds.x, seed.1 - opened.bounds.y);
    parts.paint(&mut opened, false, |part| Some(part) != clicked);
    opened.tight()
}

/// Cells that divide a window of a picture evenly; each spans at least one pixel.
#[derive(Clone, Copy)]
pub(super) struct Grid {
    pub(super) window: Bounds,
    /// Cells in a row, at most the columns of the window.
    pub(super) width: usize,
    /// Rows of cells, at most the rows of the window.
    pub(super) height: usize,
}

impl Grid {
    /// Columns of the picture under a column of cells: first and one past the last.
    pub(super) fn columns(&self, column: usize) -> (usize, usize) {
        let at = |column: usize| self.window.x + column * self.window.width / self.width;
        (at(column), at(column + 1))
    }

    /// Rows of the picture under a row of cells.
    pub(super) fn rows(&self, row: usize) -> (usize, usize) {
        let at = |row: usize| self.window.y + row * self.window.height / self.height;
        (at(row), at(row + 1))
    }

    /// The cell over a pixel of the window.
    pub(super) fn cell_at(&self, (x, y): (usize, usize)) -> (usize, usize) {
        let cell = |at: usize, cells: usize, pixels: usize| ((at + 1) * cells - 1) / pixels;
        let (x, y) = (x - self.window.x, y - self.window.y);
        (cell(x, self.width, self.window.width), cell(y, self.height, self.window.height))
    }

    /// Mean of the sRGB bytes under each cell.
    pub(super) fn means(&self, picture: &Picture) -> Vec<[u8; 3]> {
        let (first, last) = (self.window.x, self.window.x + self.window.width);
        let columns: Vec<(usize, usize)> = (0..self.width).map(|column| self.columns(column)).collect();
        let mut means = Vec::with_capacity(self.width * self.height);
        let mut sums = vec![[0u32; 3]; last - first];
        for (top, bottom) in (0..self.height).map(|row| self.rows(row)) {
            // Whole rows are added up before cells are told apart, which the compiler turns into vector code.
            sums.fill([0; 3]);
            for y in top..bottom {
                let bytes = &picture.row(y)[3 * first..3 * last];
                sums.as_flattened_mut().iter_mut().zip(bytes).for_each(|(sum, &byte)| *sum += u32::from(byte));
            }
            means.extend(columns.iter().map(|&(left, right)| {
                let cell = &sums[left - first..right - first];
                let total = cell.iter().fold([0; 3], |a, b| [a[0] + b[0], a[1] + b[1], a[2] + b[2]]);
                let count = ((right - left) * (bottom - top)) as u32;
                total.map(|total| ((total + count / 2) / count) as u8)
            }));
        }
        means
    }

    /// A region of cells on the pixels of the window, its border halfway between the middles of cells (bilinear).
    pub(super) fn enlarged(&self, cells: &Region) -> Region {
        let bounds = cells.bounds.widened(1, 1, (self.width, self.height));
        let cells = cells.reframed(bounds);
        let (left, right) = (self.columns(bounds.x).0, self.columns(bounds.x + bounds.width).0);
        let (top, bottom) = (self.rows(bounds.y).0, self.rows(bounds.y + bounds.height).0);
        // The two cells of `cells` around the middle of a pixel, and how far it is from the first to the second.
        let between = |at: usize, count: usize, pixels: usize, first: usize, length: usize| {
            let along = (at as f32 + 0.5) * count as f32 / pixels as f32 - 0.5 - first as f32;
            let along = along.clamp(0.0, (length - 1) as f32);
            (along as usize, (along as usize + 1).min(length - 1), along.fract())
        };
        let across: Vec<(usize, usize, f32)> = (left - self.window.x..right - self.window.x)
            .map(|x| between(x, self.width, self.window.width, bounds.x, bounds.width))
            .collect();
        let mut mask = Vec::with_capacity((right - left) * (bottom - top));
        let value = |cell: bool| f32::from(u8::from(cell));
        for y in top - self.window.y..bottom - self.window.y {
            let (upper, lower, down) = between(y, self.height, self.window.height, bounds.y, bounds.height);
            let rows = cells.row(upper).iter().zip(cells.row(lower));
            let row: Vec<f32> = rows.map(|(&a, &b)| value(a) + (value(b) - value(a)) * down).collect();
            mask.extend(across.iter().map(|&(a, b, part)| row[a] + (row[b] - row[a]) * part > 0.5));
        }
        Region { mask, bounds: Bounds { x: left, y: top, width: right - left, height: bottom - top } }
    }
}

/// Tables that turn sRGB bytes into fixed-point CIELAB without arithmetic on floats.
pub(super) struct Tables {
    /// For each channel and byte its share of X/Xn, Y/Yn and Z/Zn, three fields of 21 bits in one word, so that the
    /// sum of three words is the whole matrix product.
    pub(super) shares: [[u64; 256]; 3],
    /// The function f of CIELAB, times 2^14, over 0..=1 in [`ROOTS`] steps.
    pub(super) roots: Vec<i16>,
}

/// Fraction bits of a field in [`Tables::shares`].
pub(super) const FRACTION: u32 = 6;

pub(super) static TABLES: LazyLock<Tables> = LazyLock::new(Tables::new);

impl Tables {
    pub(super) fn new() -> Tables {
        // IEC 61966-2-1 primaries, each row divided by the white point D65, so that white is (1, 1, 1).
        const XYZ: [[f64; 3]; 3] = [
            [0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505],
            [0.2126, 0.7152, 0.0722],
            [0.0193 / 1.089, 0.1192 / 1.089, 0.9505 / 1.089],
        ];
        let scale = ((ROOTS - 1) << FRACTION) as f64;
        let mut shares = [[0; 256]; 3];
        for (channel, table) in shares.iter_mut().enumerate() {
            for (byte, entry) in table.iter_mut().enumerate() {
                let v = byte as f64 / 255.0;
                let linear = if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) };
                let field = |row: usize| (XYZ[row][channel] * linear * scale) as u64;
                *entry = field(0) | field(1) << 21 | field(2) << 42;
            }
        }
        let root = |i: usize| {
            let t = i as f64 / (ROOTS - 1) as f64;
            let f = if t > 216.0 / 24389.0 { t.cbrt() } else { (24389.0 / 27.0 * t + 16.0) / 116.0 };
            (f * 16383.0).round() as i16
        };
        Tables { shares, roots: (0..ROOTS).map(root).collect() }
    }

    /// CIELAB in units of 1/[`UNIT`] ΔE.
    #[inline]
    pub(super) fn lab(&self, red: u8, green: u8, blue: u8) -> [i16; 3] {
        let [reds, greens, blues] = &self.shares;
        let sum = reds[usize::from(red)] + greens[usize::from(green)] + blues[usize::from(blue)];
        let root = |field: u32| i32::from(self.roots[(sum >> (21 * field + FRACTION)) as usize & (ROOTS - 1)]);
        let (x, y, z) = (root(0), root(1), root(2));
        // 2^14 / UNIT = 2^9 is the factor from a difference of roots to the units of the result.
        [((116 * y) >> 9) as i16 - (16 * UNIT) as i16, ((500 * (x - y)) >> 9) as i16, ((200 * (y - z)) >> 9) as i16]
    }
}

/// Squared distance of two colours, in squared fixed-point units.
#[inline]
pub(super) fn squared(a: [i16; 3], b: [i16; 3]) -> i32 {
    let difference = |i: usize| i32::from(a[i]) - i32::from(b[i]);
    difference(0) * difference(0) + difference(1) * difference(1) + difference(2) * difference(2)
}

/// Pixels `from..to` of one row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) y: usize,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// Sum of the colours taken so far and what of it decides on the next ones.
pub(super) struct Likeness {
    pub(super) sum: [i64; 3],
    pub(super) count: i64,
    pub(super) mean: [i16; 3],
    /// `(2 tolerance)²` in squared units: the rule of [`select`] times four, to stay with whole numbers.
    pub(super) limit: i32,
}

impl Likeness {
    #[inline]
    pub(super) fn joins(&self, colour: [i16; 3], neighbour: [i16; 3]) -> bool {
        4 * squared(colour, neighbour) + squared(colour, self.mean) <= self.limit
    }

    #[inline]
    pub(super) fn add(&mut self, colour: [i16; 3]) {
        for (sum, value) in self.sum.iter_mut().zip(colour) {
            *sum += i64::from(value);
        }
        self.count += 1;
    }

    pub(super) fn refresh(&mut self) {
        self.mean = self.sum.map(|sum| (sum / self.count.max(1)) as i16);
    }
}

/// A region while it grows: runs of pixels are spread to the rows above and below, first come first served, so that
/// the mean is made of near pixels before far ones.
pub(super) struct Growth<'a> {
    pub(super) picture: Picture<'a>,
    /// Smoothed colours of the rows marked in `ready`. Zeroed memory that is never touched costs nothing.
    pub(super) lab: Vec<[i16; 3]>,
    pub(super) ready: Vec<bool>,
    pub(super) taken: Vec<bool>,
    pub(super) likeness: Likeness,
    pub(super) queue: VecDeque<Run>,
    /// Extent of what is taken: first and last column, first and last row.
    pub(super) extent: [usize; 4],
}

impl<'a> Growth<'a> {
    pub(super) fn new(picture: Picture<'a>, tolerance: f32) -> Growth<'a> {
        // From 400 ΔE on everything joins. NaN counts as 0.
        let reach = 2.0 * UNIT as f32 * if tolerance > 0.0 { tolerance.min(400.0) } else { 0.0 };
        Growth {
            picture,
            lab: vec![[0; 3]; picture.pixels()],
            ready: vec![false; picture.height],
            taken: vec![false; picture.pixels()],
            likeness: Likeness { sum: [0; 3], count: 0, mean: [0; 3], limit: (reach * reach) as i32 },
            queue: VecDeque::new(),
            extent: [usize::MAX, 0, usize::MAX, 0],
        }
    }

    pub(super) fn grow(&mut self, (x, y): (usize, usize)) {
        self.prepare(y);
        let start = y * self.picture.width + x;
        self.taken[start] = true;
        self.likeness.add(self.lab[start]);
        self.likeness.refresh();
        self.queue.push_back(Run { y, from: x, to: x + 1 });
        while let Some(run) = self.queue.pop_front() {
            let run = self.lengthen(run);
            self.likeness.refresh();
            if run.y > 0 {
                self.spread(run, run.y - 1);
            }
            if run.y + 1 < self.picture.height {
                self.spread(run, run.y + 1);
            }
        }
    }

    /// Grows a run of taken pixels to the left and to the right.
    pub(super) fn lengthen(&mut self, run: Run) -> Run {
        let row = run.y * self.picture.width..(run.y + 1) * self.picture.width;
        let (lab, taken) = (&self.lab[row.clone()], &mut self.taken[row]);
        let Run { y, mut from, mut to } = run;
        while from > 0 && !taken[from - 1] && self.likeness.joins(lab[from - 1], lab[from]) {
            from -= 1;
            taken[from] = true;
            self.likeness.add(lab[from]);
        }
        while to < lab.len() && !taken[to] && self.likeness.joins(lab[to], lab[to - 1]) {
            taken[to] = true;
            self.likeness.add(lab[to]);
            to += 1;
        }
        let [left, right, top, bottom] = self.extent;
        self.extent = [left.min(from), right.max(to - 1), top.min(y), bottom.max(y)];
        Run { y, from, to }
    }

    /// Takes the pixels of a neighbouring row that join from the run, and queues the runs they form.
    pub(super) fn spread(&mut self, run: Run, y: usize) {
        self.prepare(y);
        let width = self.picture.width;
        let here = &self.lab[run.y * width + run.from..run.y * width + run.to];
        let there = &self.lab[y * width + run.from..y * width + run.to];
        let taken = &mut self.taken[y * width + run.from..y * width + run.to];
        let mut start = None;
        for (i, ((&near, &far), taken)) in here.iter().zip(there).zip(taken).enumerate() {
            if !*taken && self.likeness.joins(far, near) {
                *taken = true;
                self.likeness.add(far);
                start = start.or(Some(i));
            } else if let Some(first) = start.take() {
                self.queue.push_back(Run { y, from: run.from + first, to: run.from + i });
            }
        }
        if let Some(first) = start {
            self.queue.push_back(Run { y, from: run.from + first, to: run.to });
        }
    }

    /// Smooths a row and turns it into CIELAB, once.
    pub(super) fn prepare(&mut self, y: usize) {
        if std::mem::replace(&mut self.ready[y], true) {
            return;
        }
        let smooth = smoothed_row(&self.picture, y);
        let tables = &*TABLES;
        let width = self.picture.width;
        for (lab, rgb) in self.lab[y * width..][..width].iter_mut().zip(smooth.chunks_exact(3)) {
            *lab = tables.lab(rgb[0], rgb[1], rgb[2]);
        }
    }

    pub(super) fn into_region(self) -> Region {
        let [left, right, top, bottom] = self.extent;
        let bounds = Bounds { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
        let (width, height) = (self.picture.width, self.picture.height);
        Region { mask: self.taken, bounds: Bounds { x: 0, y: 0, width, height } }.reframed(bounds)
    }
}

/// One row with noise taken out: in each channel the median of three rows, then of three columns, with the rim of the
/// picture repeated outwards. Unlike a mean it leaves straight edges and square corners where they are.
pub(super) fn smoothed_row(picture: &Picture, y: usize) -> Vec<u8> {
    let above = picture.row(y.saturating_sub(1));
    let below = picture.row((y + 1).min(picture.height - 1));
    let here = picture.row(y);
    let mut column = Vec::with_capacity(here.len() + 6);
    column.extend_from_slice(&here[..3]);
    column.extend(above.iter().zip(here).zip(below).map(|((&a, &b), &c)| median(a, b, c)));
    column.extend_from_within(here.len()..);
    column.copy_within(3..6, 0);
    column.iter().zip(&column[3..]).zip(&column[6..]).map(|((&a, &b), &c)| median(a, b, c)).collect()
}

#[inline]
pub(super) fn median(a: u8, b: u8, c: u8) -> u8 {
    a.min(b).max(a.max(b).min(c))
}
