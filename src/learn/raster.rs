//! Many points as a picture: for every pixel how many points there are and of which class most of them are.

use std::ops::Range;

use rayon::prelude::*;

use super::points::{Area, PointIndex, is_visible};
use crate::engine::{Error, Result, Work};

/// The class of a pixel without points.
pub const NO_CLASS: u16 = u16::MAX;

/// The most pixels along a side.
const MOST_SIDE: usize = 16_384;

/// Rows of pixels that are filled at once.
const BAND: usize = 16;

/// Points that are looked at between two checks for cancellation.
const CHECK: usize = 1 << 16;

/// How opaque a pixel with a single point is when others have many, 0-1.
const LEAST_ALPHA: f32 = 0.35;

/// Counts and classes of `width` x `height` pixels, row by row, the row of the lowest y first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    /// Pixels along x.
    pub width: usize,
    /// Pixels along y.
    pub height: usize,
    /// The number of points in each pixel.
    pub counts: Vec<u32>,
    /// The class of most points in each pixel, the lowest of equals; [`NO_CLASS`] without points.
    pub classes: Vec<u16>,
}

/// Counts the points of `viewport` by pixel.
///
/// `classes` holds a class below [`NO_CLASS`] for each point; points beyond its end count as class 0. Only points for
/// which `visible` is true are counted, if given. 1,000,000 points at 1200 x 780 take less than 150 ms.
///
/// # Errors
/// If the viewport is empty or not finite, a side is 0 or above 16,384 pixels, or the work was cancelled.
pub fn aggregate(
    index: &PointIndex,
    viewport: &Area,
    (width, height): (usize, usize),
    classes: &[u16],
    visible: Option<&[bool]>,
    work: &Work,
) -> Result<Raster> {
    let extent = [0, 1].map(|axis| viewport.max[axis] - viewport.min[axis]);
    if !extent.iter().all(|extent| extent.is_finite() && *extent > 0.0) {
        return Err(Error::input("the part of the map to be drawn is empty"));
    }
    if !(1..=MOST_SIDE).contains(&width) || !(1..=MOST_SIDE).contains(&height) {
        return Err(Error::input(format!("a picture of {width} x {height} pixels cannot be drawn")));
    }
    let scale = [width as f64 / extent[0], height as f64 / extent[1]];
    let view = View { index, viewport, scale, width, height, classes, visible };
    let (mut counts, mut majority) = (vec![0u32; width * height], vec![NO_CLASS; width * height]);
    let size = BAND * width;
    counts.par_chunks_mut(size).zip(majority.par_chunks_mut(size)).enumerate().with_max_len(1).try_for_each(
        |(band, (counts, majority))| {
            let rows = band * BAND..band * BAND + counts.len() / width;
            view.fill(rows, counts, majority, work)
        },
    )?;
    Ok(Raster { width, height, counts, classes: majority })
}

/// What is drawn, and where.
struct View<'a> {
    index: &'a PointIndex,
    viewport: &'a Area,
    /// Pixels per unit along each axis.
    scale: [f64; 2],
    width: usize,
    height: usize,
    classes: &'a [u16],
    visible: Option<&'a [bool]>,
}

impl View<'_> {
    /// Fills some rows of pixels: each point of the cells below them is read once, then points are sorted by pixel.
    fn fill(&self, rows: Range<usize>, counts: &mut [u32], majority: &mut [u16], work: &Work) -> Result<()> {
        work.check()?;
        let first = rows.start * self.width;
        let mut found: Vec<(u32, u16)> = Vec::new();
        let y = |row: usize| self.viewport.min[1] + row as f64 / self.scale[1];
        // Half a row more on either side, as the edges of pixels and cells are rounded.
        let half = 0.5 / self.scale[1];
        let min = [self.viewport.min[0], y(rows.start) - half];
        let max = [self.viewport.max[0], y(rows.end) + half];
        let Some((columns, cells)) = self.index.cells(&Area { min, max }) else { return Ok(()) };
        for cell_row in cells {
            let (ids, positions) = self.index.points_of(cell_row, columns.clone());
            for (ids, positions) in ids.chunks(CHECK).zip(positions.chunks(CHECK)) {
                work.check()?;
                for (&id, &position) in ids.iter().zip(positions) {
                    let Some((x, y)) = self.pixel(position) else { continue };
                    if rows.contains(&y) && is_visible(self.visible, id) {
                        let pixel = y * self.width + x - first;
                        counts[pixel] += 1;
                        found.push((pixel as u32, self.classes.get(id as usize).copied().unwrap_or(0)));
                    }
                }
            }
        }
        settle(&found, counts, majority);
        Ok(())
    }

    /// The pixel of a point, `None` outside of the viewport; points on the far edges are in the last pixels.
    #[inline]
    fn pixel(&self, position: [f32; 2]) -> Option<(usize, usize)> {
        let position = position.map(f64::from);
        if !self.viewport.contains(position) {
            return None;
        }
        let [x, y] = [0, 1].map(|axis| ((position[axis] - self.viewport.min[axis]) * self.scale[axis]) as usize);
        Some((x.min(self.width - 1), y.min(self.height - 1)))
    }
}

/// Sorts the points of a band by pixel and finds the class of most of them in each.
fn settle(found: &[(u32, u16)], counts: &[u32], majority: &mut [u16]) {
    let mut next = Vec::with_capacity(counts.len());
    let mut end = 0u32;
    for &count in counts {
        next.push(end);
        end += count;
    }
    let mut sorted = vec![0u16; found.len()];
    for &(pixel, class) in found {
        let next = &mut next[pixel as usize];
        sorted[*next as usize] = class;
        *next += 1;
    }
    let classes = found.iter().map(|&(_, class)| usize::from(class) + 1).max().unwrap_or(0);
    let mut tally = vec![0u32; classes];
    let mut rest = sorted.as_slice();
    for (&count, majority) in counts.iter().zip(majority) {
        let (of_pixel, more) = rest.split_at(count as usize);
        rest = more;
        match of_pixel {
            [] => {}
            [class] => *majority = *class,
            _ => *majority = most_frequent(of_pixel, &mut tally),
        }
    }
}

/// The most frequent class, the lowest of equals; `tally` is all 0 before and after.
fn most_frequent(classes: &[u16], tally: &mut [u32]) -> u16 {
    classes.iter().for_each(|&class| tally[usize::from(class)] += 1);
    let key = |class: &&u16| (tally[usize::from(**class)], std::cmp::Reverse(**class));
    let best = classes.iter().max_by_key(key).copied().unwrap_or(NO_CLASS);
    classes.iter().for_each(|&class| tally[usize::from(class)] = 0);
    best
}

impl Raster {
    /// The picture as `width * height * 4` bytes of red, green, blue and alpha, not premultiplied: the colour of the
    /// class (`palette` is gone through again when it ends; without one all is grey) and an alpha that grows with the
    /// logarithm of the count, up to 255 at the fullest pixel. Pixels without points are transparent.
    pub fn paint(&self, palette: &[[u8; 3]]) -> Vec<u8> {
        let most = self.counts.par_iter().copied().max().unwrap_or(0);
        let full = (most as f32).ln();
        // Most pixels hold few points, and a logarithm for each would be most of the time.
        let alphas: Vec<u8> = (0..most.min(1024)).map(|less| alpha(less + 1, full)).collect();
        let mut bytes = vec![0u8; self.counts.len() * 4];
        let pixels = self.counts.par_chunks(1 << 14).zip(self.classes.par_chunks(1 << 14));
        bytes.par_chunks_mut(4 << 14).zip(pixels).for_each(|(bytes, (counts, classes))| {
            for ((pixel, &count), &class) in bytes.chunks_exact_mut(4).zip(counts).zip(classes) {
                if count > 0 {
                    let [red, green, blue] = colour(palette, class);
                    let alpha = alphas.get(count as usize - 1).copied().unwrap_or_else(|| alpha(count, full));
                    pixel.copy_from_slice(&[red, green, blue, alpha]);
                }
            }
        });
        bytes
    }
}

fn colour(palette: &[[u8; 3]], class: u16) -> [u8; 3] {
    palette.get(usize::from(class) % palette.len().max(1)).copied().unwrap_or([128; 3])
}

/// The alpha of a pixel whose count is `count` where `full` is the logarithm of the greatest count.
fn alpha(count: u32, full: f32) -> u8 {
    let share = if full > 0.0 { ((count as f32).ln() / full).min(1.0) } else { 1.0 };
    (255.0 * (LEAST_ALPHA + (1.0 - LEAST_ALPHA) * share)).round() as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn raster(
        points: &[[f32; 2]],
        area: &Area,
        size: (usize, usize),
        classes: &[u16],
        visible: Option<&[bool]>,
    ) -> Raster {
        let index = PointIndex::new(points, &Work::new()).unwrap();
        aggregate(&index, area, size, classes, visible, &Work::new()).unwrap()
    }

    #[test]
    fn pixels_hold_counts_and_the_class_of_most() {
        let points = [[0.1, 0.1], [0.2, 0.2], [0.3, 0.1], [1.9, 0.1], [1.0, 1.5], [2.0, 2.0], [2.1, 0.0]];
        let area = Area { min: [0.0, 0.0], max: [2.0, 2.0] };
        let found = raster(&points, &area, (2, 2), &[3, 1, 1, 2, 9, 4, 4], None);
        assert_eq!((found.counts, found.classes), (vec![3, 1, 0, 2], vec![1, 2, NO_CLASS, 4]));
        let visible = [true, true, false, false, true, false, true];
        let found = raster(&points, &area, (2, 2), &[3, 1], Some(&visible));
        assert_eq!((found.counts, found.classes), (vec![2, 0, 0, 1], vec![1, NO_CLASS, NO_CLASS, 0]));
    }

    #[test]
    fn empty_views_and_huge_pictures_are_refused() {
        let index = PointIndex::new(&[[0.0; 2]], &Work::new()).unwrap();
        let check = |min, max, size| {
            assert!(aggregate(&index, &Area { min, max }, size, &[], None, &Work::new()).is_err());
        };
        check([0.0, 0.0], [0.0, 1.0], (10, 10));
        check([0.0, 0.0], [f64::NAN, 1.0], (10, 10));
        check([1.0, 1.0], [0.0, 0.0], (10, 10));
        check([0.0, 0.0], [1.0, 1.0], (0, 10));
        check([0.0, 0.0], [1.0, 1.0], (10, 1 << 20));
        let work = Work::new();
        work.cancel();
        let area = Area { min: [-1.0; 2], max: [1.0; 2] };
        assert!(aggregate(&index, &area, (10, 10), &[], None, &work).unwrap_err().is_cancelled());
    }

    #[test]
    fn full_pixels_are_opaque_and_empty_ones_clear() {
        let raster = Raster { width: 4, height: 1, counts: vec![0, 1, 10, 100], classes: vec![NO_CLASS, 0, 1, 2] };
        let bytes = raster.paint(&[[1, 2, 3], [4, 5, 6]]);
        assert_eq!(bytes[..4], [0; 4]);
        assert_eq!((&bytes[4..7], &bytes[8..11], &bytes[12..15]), (&[1, 2, 3][..], &[4, 5, 6][..], &[1, 2, 3][..]));
        assert_eq!([bytes[7], bytes[11], bytes[15]], [89, 172, 255], "even steps for even ratios");
        let single = Raster { width: 1, height: 1, counts: vec![1], classes: vec![0] };
        assert_eq!(single.paint(&[]), [128, 128, 128, 255]);
    }

    proptest! {
        #[test]
        fn the_same_as_counting_every_point(
            points in prop::collection::vec((-10.0f32..10.0, -10.0f32..10.0, 0u16..4), 0..400),
            corners in ((-12.0f64..12.0, -12.0f64..12.0), (-12.0f64..12.0, -12.0f64..12.0)),
            width in 1usize..40,
            height in 1usize..60,
        ) {
            let area = Area::between(corners.0.into(), corners.1.into());
            prop_assume!(area.max[0] > area.min[0] && area.max[1] > area.min[1]);
            let places: Vec<[f32; 2]> = points.iter().map(|&(x, y, _)| [x, y]).collect();
            let classes: Vec<u16> = points.iter().map(|&(_, _, class)| class).collect();
            let found = raster(&places, &area, (width, height), &classes, None);
            let mut expected = vec![[0u32; 4]; width * height];
            for &(x, y, class) in points.iter().filter(|p| area.contains([p.0.into(), p.1.into()])) {
                let along = |value: f32, axis: usize, pixels: usize| {
                    let scale = pixels as f64 / (area.max[axis] - area.min[axis]);
                    (((f64::from(value) - area.min[axis]) * scale) as usize).min(pixels - 1)
                };
                expected[along(y, 1, height) * width + along(x, 0, width)][usize::from(class)] += 1;
            }
            for (pixel, tally) in expected.iter().enumerate() {
                prop_assert_eq!(found.counts[pixel], tally.iter().sum::<u32>());
                let most = tally.iter().copied().max().unwrap_or(0);
                let first = tally.iter().position(|&count| count == most && count > 0);
                prop_assert_eq!(found.classes[pixel], first.map_or(NO_CLASS, |class| class as u16));
            }
        }
    }
}
