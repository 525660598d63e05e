//! The foreground of a box.

use super::cut::*;
use super::grow::*;
use super::*;

/// Longest side of the grid the colour models are fitted on, in cells. On photos with known masks 256 cells gave the
/// same overlap as 128 in several times the time.
pub(super) const COARSE: usize = 128;
/// Longest side of the grid the border is placed on.
pub(super) const FINE: usize = 384;
/// Weight of a border between equal colours, against the logarithm of the odds of the colour models.
pub(super) const SMOOTHNESS: f32 = 4.0;
/// Most a colour alone may speak for or against the object (logarithm of the odds).
pub(super) const MOST_ODDS: f32 = 4.0;

/// The foreground within a box, in the manner of GrabCut (Rother, Kolmogorov and Blake 2004), made lighter.
///
/// On a grid of at most 128 cells a side, which spans the box and a quarter of it around, two histograms of CIELAB
/// (bins of 8 ΔE) tell the colours of the object from those of the rest, and a minimum cut (8 neighbours, cheaper
/// where colours differ) divides the cells; `rounds` times (at least 1; 3 suits photos) or until nothing changes. An
/// object is expected to fill the ellipse in the box rather than its corners. The border is then placed by one more
/// cut of the cells near it on a grid of at most 384 cells, so it is as fine as `max(1, longest side / 250)` pixels.
/// Parts of less than a twentieth of the largest are dropped and small holes filled.
///
/// The region lies within `bounds`; a box outside of the picture gives the default (empty) region.
pub fn grab(picture: Picture, bounds: Bounds, rounds: usize) -> Region {
    let bounds = bounds.within(picture.width, picture.height);
    if !picture.is_whole() || bounds.pixels() == 0 {
        return Region::default();
    }
    let coarse = Scene::new(&picture, bounds, COARSE);
    let mut object = coarse.first_guess();
    for _ in 0..rounds.max(1) {
        let next = coarse.cut(&object, &coarse.inside);
        if next == object || !next.contains(&true) {
            break;
        }
        object = next;
    }
    let fine = Scene::new(&picture, bounds, FINE);
    let (guess, near_border) = fine.carried_over(&coarse, &object);
    let (width, height) = (fine.grid.width, fine.grid.height);
    let mask = fine.cut(&guess, &near_border);
    let mut region = Region { mask, bounds: Bounds { x: 0, y: 0, width, height } };
    fill_holes(&mut region, width * height / 400);
    let parts = parts_of(&region, true);
    let largest = parts.sizes.iter().max().copied().unwrap_or(0);
    parts.paint(&mut region, false, |part| parts.sizes[part] * 20 < largest);
    fine.grid.enlarged(&region).reframed(bounds).tight()
}

/// A box and its surroundings on a grid.
pub(super) struct Scene {
    pub(super) grid: Grid,
    /// Mean colour of each cell.
    pub(super) lab: Vec<[i16; 3]>,
    /// Whether the middle of a cell lies in the box.
    pub(super) inside: Vec<bool>,
    /// What its place in the box says for the object (logarithm of the odds).
    pub(super) place: Vec<f32>,
}

impl Scene {
    pub(super) fn new(picture: &Picture, bounds: Bounds, side: usize) -> Scene {
        let size = (picture.width, picture.height);
        let window = bounds.widened(4 + bounds.width / 4, 4 + bounds.height / 4, size);
        let longest = window.width.max(window.height);
        let cells = |pixels: usize| (pixels * side.min(longest) / longest).max(1);
        let grid = Grid { window, width: cells(window.width), height: cells(window.height) };
        // From the middle of the box, in halves of its sides.
        let off = |(from, to): (usize, usize), start: usize, length: usize| {
            ((from + to) as f32 - (2 * start) as f32) / length as f32 - 1.0
        };
        let offsets: Vec<(f32, f32)> = (0..grid.width * grid.height)
            .map(|i| (grid.columns(i % grid.width), grid.rows(i / grid.width)))
            .map(|(columns, rows)| (off(columns, bounds.x, bounds.width), off(rows, bounds.y, bounds.height)))
            .collect();
        Scene {
            grid,
            lab: grid.means(picture).into_iter().map(|[red, green, blue]| TABLES.lab(red, green, blue)).collect(),
            inside: offsets.iter().map(|(across, down)| across.abs() < 1.0 && down.abs() < 1.0).collect(),
            place: offsets.iter().map(|(across, down)| 1.5 - 2.0 * (across * across + down * down)).collect(),
        }
    }

    /// A little more than the ellipse in the box. Its corners start as background, so that a box as large as the
    /// picture has some, too.
    pub(super) fn first_guess(&self) -> Vec<bool> {
        self.inside.iter().zip(&self.place).map(|(&inside, &place)| inside && place > -0.9).collect()
    }

    /// The object of a coarser grid on this one, and the cells that are near its border.
    pub(super) fn carried_over(&self, coarse: &Scene, object: &[bool]) -> (Vec<bool>, Vec<bool>) {
        let shrunk = spread_square(object, coarse.grid.width, |a, b| a & b);
        let grown = spread_square(object, coarse.grid.width, |a, b| a | b);
        let under = |i: usize| {
            let (column, row) = (i % self.grid.width, i / self.grid.width);
            let row = row * coarse.grid.height / self.grid.height;
            row * coarse.grid.width + column * coarse.grid.width / self.grid.width
        };
        let cells = 0..self.lab.len();
        let guess = cells.clone().map(|i| self.inside[i] && object[under(i)]).collect();
        (guess, cells.map(|i| self.inside[i] && grown[under(i)] && !shrunk[under(i)]).collect())
    }

    /// Divides the cells anew by the colours of the object so far. Cells that are not `free` stay what they are.
    pub(super) fn cut(&self, object: &[bool], free: &[bool]) -> Vec<bool> {
        let colours = |of: bool| self.lab.iter().zip(object).filter(move |(_, cell)| **cell == of).map(|(lab, _)| *lab);
        let (front, back) = (Palette::of(colours(true)), Palette::of(colours(false)));
        let mut cut = Cut::new(self.grid.width, self.grid.height);
        for (i, &lab) in self.lab.iter().enumerate() {
            let odds = (front.share(lab) / back.share(lab)).ln().clamp(-MOST_ODDS, MOST_ODDS) + self.place[i];
            let fixed = if object[i] { 1000.0 } else { -1000.0 };
            cut.pull(i, if free[i] { odds } else { fixed });
        }
        let contrast = |a: usize, b: usize| squared(self.lab[a], self.lab[b]) as f32;
        let (mut total, mut count) = (0.0, 0.0);
        cut.each_link(|_, a, b, _| {
            total += contrast(a, b);
            count += 1.0;
        });
        let sharpness = 0.5 * count / f32::max(total, 1.0);
        cut.each_link(|cut, a, b, direction| {
            let length = if STEPS[direction].0 * STEPS[direction].1 == 0 { 1.0 } else { std::f32::consts::SQRT_2 };
            cut.link(a, direction, SMOOTHNESS * (-sharpness * contrast(a, b)).exp() / length);
        });
        cut.solve()
    }
}

/// How common colours are: a histogram of CIELAB in bins of 8 ΔE, blurred along each axis by (1 2 1).
pub(super) struct Palette {
    pub(super) shares: Vec<f32>,
}

/// Bins for L, a and b, with an empty one at either end that takes up the blur.
pub(super) const BINS: [usize; 3] = [15, 34, 34];

impl Palette {
    pub(super) fn of(colours: impl Iterator<Item = [i16; 3]>) -> Palette {
        let mut shares = vec![0.0; BINS.iter().product()];
        let mut count = 0.0;
        for colour in colours {
            shares[Palette::bin(colour)] += 1.0;
            count += 1.0;
        }
        for stride in [1, BINS[2], BINS[1] * BINS[2]] {
            let sharp = shares.clone();
            for i in stride..shares.len() - stride {
                shares[i] = 0.25 * sharp[i - stride] + 0.5 * sharp[i] + 0.25 * sharp[i + stride];
            }
        }
        // A colour that neither side has seen speaks for neither.
        shares.iter_mut().for_each(|share| *share = *share / f32::max(count, 1.0) + 1e-4);
        Palette { shares }
    }

    pub(super) fn bin([l, a, b]: [i16; 3]) -> usize {
        let at = |value: i16, low: i32, bins: usize| {
            let bin = (i32::from(value) / UNIT - low).max(0) as usize / 8 + 1;
            bin.min(bins - 2)
        };
        (at(l, 0, BINS[0]) * BINS[1] + at(a, -128, BINS[1])) * BINS[2] + at(b, -128, BINS[2])
    }

    pub(super) fn share(&self, colour: [i16; 3]) -> f32 {
        self.shares[Palette::bin(colour)]
    }
}
