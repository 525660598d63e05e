//! Finding points in the plane: the nearest to the pointer, those in a rectangle, those in a lasso.
//!
//! Points are sorted into a grid of 256 x 256 cells once, which is quick enough to be done whenever a layout changes,
//! and every question then looks at the cells that it touches. Points are named by their place in what the index was
//! built from, as rows are.

use std::ops::Range;

use rayon::prelude::*;

use crate::engine::{Error, Result, Work};

/// Cells along each side.
const SIDE: usize = 256;

/// Points between two checks for cancellation.
const CHECK: usize = 1 << 16;

/// A rectangle of the plane; edges belong to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// The lowest x and y.
    pub min: [f64; 2],
    /// The highest x and y.
    pub max: [f64; 2],
}

impl Area {
    /// The rectangle between two corners, in whatever order they are given.
    pub fn between(a: [f64; 2], b: [f64; 2]) -> Self {
        Self { min: [a[0].min(b[0]), a[1].min(b[1])], max: [a[0].max(b[0]), a[1].max(b[1])] }
    }

    /// True if a point lies inside or on the edge.
    pub fn contains(&self, point: [f64; 2]) -> bool {
        (0..2).all(|axis| point[axis] >= self.min[axis] && point[axis] <= self.max[axis])
    }
}

/// Points sorted into cells.
#[derive(Debug, Clone)]
pub struct PointIndex {
    bounds: Area,
    /// Cells per unit along each axis, 0 where all points share one coordinate.
    scale: [f64; 2],
    /// Where each cell begins in `ids` and `positions`, row by row of cells, and the end.
    starts: Vec<u32>,
    /// The points by cell, and within a cell rising.
    ids: Vec<u32>,
    positions: Vec<[f32; 2]>,
    points: usize,
}

impl PointIndex {
    /// Sorts points; those with a coordinate that is not finite are in no cell and are never found.
    ///
    /// # Errors
    /// If there are 2³² points or more, or the work was cancelled.
    pub fn new(points: &[[f32; 2]], work: &Work) -> Result<Self> {
        if points.len() >= u32::MAX as usize {
            return Err(Error::input(format!("{} points are too many for a map", points.len())));
        }
        let bounds = bounds(points);
        let extent = |axis: usize| bounds.max[axis] - bounds.min[axis];
        let scale = [0, 1].map(|axis| if extent(axis) > 0.0 { SIDE as f64 / extent(axis) } else { 0.0 });
        let nothing = (vec![0; SIDE * SIDE + 1], vec![], vec![]);
        let mut index =
            Self { bounds, scale, starts: nothing.0, ids: nothing.1, positions: nothing.2, points: points.len() };
        for block in points.chunks(CHECK) {
            work.check()?;
            for &point in block.iter().filter(|point| is_finite(point)) {
                let cell = index.cell(point);
                index.starts[cell + 1] += 1;
            }
        }
        (1..index.starts.len()).for_each(|cell| index.starts[cell] += index.starts[cell - 1]);
        let placed = index.starts[SIDE * SIDE] as usize;
        (index.ids, index.positions) = (vec![0; placed], vec![[0.0; 2]; placed]);
        let mut next = index.starts.clone();
        for (block, chunk) in points.chunks(CHECK).enumerate() {
            work.check()?;
            for (at, &point) in chunk.iter().enumerate().filter(|(_, point)| is_finite(point)) {
                let next = &mut next[index.cell(point)];
                index.ids[*next as usize] = (block * CHECK + at) as u32;
                index.positions[*next as usize] = point;
                *next += 1;
            }
        }
        Ok(index)
    }

    /// The number of points the index was built from.
    pub fn points(&self) -> usize {
        self.points
    }

    /// How many of them have no place on the map, as a coordinate is not finite.
    pub fn without_place(&self) -> usize {
        self.points - self.ids.len()
    }

    /// The smallest rectangle that holds all points; from 0 to 0 if there are none.
    pub fn bounds(&self) -> Area {
        self.bounds
    }

    /// The point nearest to `at` and no farther than `radius`, the first of equals; only where `visible` is true, if
    /// given. Quick enough to be asked at every move of the pointer while the radius covers a few cells.
    pub fn nearest(&self, at: [f64; 2], radius: f64, visible: Option<&[bool]>) -> Option<u32> {
        let area = Area { min: [at[0] - radius, at[1] - radius], max: [at[0] + radius, at[1] + radius] };
        let mut best: Option<(f64, u32)> = None;
        let (columns, rows) = self.cells(&area)?;
        for row in rows {
            let range = self.row_of_cells(row, columns.clone());
            for (&id, &point) in self.ids[range.clone()].iter().zip(&self.positions[range]) {
                let (dx, dy) = (f64::from(point[0]) - at[0], f64::from(point[1]) - at[1]);
                let square = dx * dx + dy * dy;
                let nearer = best.is_none_or(|(least, first)| square < least || (square == least && id < first));
                if square <= radius * radius && nearer && is_visible(visible, id) {
                    best = Some((square, id));
                }
            }
        }
        best.map(|(_, id)| id)
    }

    /// The points in a rectangle, rising.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn in_area(&self, area: &Area, work: &Work) -> Result<Vec<u32>> {
        let Some((columns, rows)) = self.cells(area) else { return Ok(vec![]) };
        let inside = |point: &[f32; 2]| area.contains(point.map(f64::from));
        // Cells on the rim may hold points outside; all others lie inside as a whole.
        let whole_columns = columns.start + 1..columns.end.saturating_sub(1);
        let whole_rows = rows.start + 1..rows.end.saturating_sub(1);
        self.gather(rows, work, |row, found| {
            for column in columns.clone() {
                let range = self.row_of_cells(row, column..column + 1);
                let whole = whole_rows.contains(&row) && whole_columns.contains(&column);
                self.take(range, whole, inside, found);
            }
        })
    }

    /// The points inside a closed polygon, rising: those from which a ray crosses its sides an odd number of times, so
    /// that a lasso that crosses itself leaves out what it goes round twice. The last corner is joined to the first.
    ///
    /// A cell that no side runs through lies inside or outside as a whole. 1,000,000 points and 500 corners take
    /// less than 100 ms on one core.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn in_polygon(&self, corners: &[[f64; 2]], work: &Work) -> Result<Vec<u32>> {
        let corners: Vec<[f64; 2]> = corners.iter().copied().filter(|c| c[0].is_finite() && c[1].is_finite()).collect();
        let (Some(&first), true) = (corners.first(), corners.len() > 2) else { return Ok(vec![]) };
        let area = corners.iter().fold(Area { min: first, max: first }, |area, corner| Area {
            min: [area.min[0].min(corner[0]), area.min[1].min(corner[1])],
            max: [area.max[0].max(corner[0]), area.max[1].max(corner[1])],
        });
        let Some((columns, rows)) = self.cells(&area) else { return Ok(vec![]) };
        let inside = |point: &[f32; 2]| is_inside(&corners, point.map(f64::from));
        self.gather(rows, work, |row, found| {
            let crossed = self.crossed(&corners, row);
            for column in columns.clone() {
                let range = self.row_of_cells(row, column..column + 1);
                if range.is_empty() {
                    continue;
                }
                let whole = !crossed[column];
                if !whole || inside(&self.positions[range.start]) {
                    self.take(range, whole, inside, found);
                }
            }
        })
    }

    /// Which cells of a row a side of the polygon runs through, or may run through.
    fn crossed(&self, corners: &[[f64; 2]], row: usize) -> Vec<bool> {
        // Sides are measured in cells; the rows above and below a hair's breadth away count as well.
        const HAIR: f64 = 1e-6;
        let mut crossed = vec![false; SIDE];
        let in_cells = |corner: [f64; 2]| [0, 1].map(|axis| (corner[axis] - self.bounds.min[axis]) * self.scale[axis]);
        // All points of the last row and column, even those on the far edge, are in the last cell.
        let low = row as f64 - HAIR;
        let high = row as f64 + 1.0 + HAIR;
        for (&a, &b) in corners.iter().zip(corners.iter().cycle().skip(1)) {
            let (a, b) = (in_cells(a), in_cells(b));
            if a[1].max(b[1]) < low || a[1].min(b[1]) > high {
                continue;
            }
            let at = |y: f64| if a[1] == b[1] { a[0] } else { a[0] + (b[0] - a[0]) * ((y - a[1]) / (b[1] - a[1])) };
            let (from, to) = (at(a[1].clamp(low, high)), at(b[1].clamp(low, high)));
            let (from, to) = if a[1] == b[1] { (a[0], b[0]) } else { (from, to) };
            let cell = |x: f64| (x.max(0.0) as usize).min(SIDE - 1);
            crossed[cell(from.min(to) - HAIR)..=cell(from.max(to) + HAIR)].fill(true);
        }
        crossed
    }

    /// Takes a cell's points: all of them, or those that are `inside`.
    fn take(&self, range: Range<usize>, whole: bool, inside: impl Fn(&[f32; 2]) -> bool, found: &mut Vec<u32>) {
        if whole {
            found.extend_from_slice(&self.ids[range]);
        } else {
            let points = self.ids[range.clone()].iter().zip(&self.positions[range]);
            found.extend(points.filter(|(_, point)| inside(point)).map(|(&id, _)| id));
        }
    }

    /// What `each` finds in some rows of cells, rising.
    fn gather(&self, rows: Range<usize>, work: &Work, each: impl Fn(usize, &mut Vec<u32>) + Sync) -> Result<Vec<u32>> {
        let found: Vec<Vec<u32>> = rows
            .into_par_iter()
            .map(|row| {
                work.check()?;
                let mut found = Vec::new();
                each(row, &mut found);
                Ok(found)
            })
            .collect::<Result<_>>()?;
        let mut found = found.concat();
        found.par_sort_unstable();
        Ok(found)
    }

    fn cell(&self, point: [f32; 2]) -> usize {
        let [x, y] = [0, 1].map(|axis| self.cell_along(axis, f64::from(point[axis])));
        y * SIDE + x
    }

    fn cell_along(&self, axis: usize, value: f64) -> usize {
        (((value - self.bounds.min[axis]) * self.scale[axis]).max(0.0) as usize).min(SIDE - 1)
    }

    /// The columns and rows of cells that a rectangle touches, `None` if it touches none.
    pub(super) fn cells(&self, area: &Area) -> Option<(Range<usize>, Range<usize>)> {
        let apart = |axis: usize| area.max[axis] < self.bounds.min[axis] || area.min[axis] > self.bounds.max[axis];
        if self.ids.is_empty() || apart(0) || apart(1) {
            return None;
        }
        let along = |axis: usize| self.cell_along(axis, area.min[axis])..self.cell_along(axis, area.max[axis]) + 1;
        Some((along(0), along(1))).filter(|(columns, rows)| !columns.is_empty() && !rows.is_empty())
    }

    /// Where the points of some cells of one row stand.
    fn row_of_cells(&self, row: usize, columns: Range<usize>) -> Range<usize> {
        self.starts[row * SIDE + columns.start] as usize..self.starts[row * SIDE + columns.end] as usize
    }

    /// The points of some cells of one row.
    pub(super) fn points_of(&self, row: usize, columns: Range<usize>) -> (&[u32], &[[f32; 2]]) {
        let range = self.row_of_cells(row, columns);
        (&self.ids[range.clone()], &self.positions[range])
    }
}

/// True if a point is to be seen: it is unless it is marked as not.
pub(super) fn is_visible(visible: Option<&[bool]>, id: u32) -> bool {
    visible.is_none_or(|visible| visible.get(id as usize).copied().unwrap_or(false))
}

fn is_finite(point: &[f32; 2]) -> bool {
    point[0].is_finite() && point[1].is_finite()
}

fn bounds(points: &[[f32; 2]]) -> Area {
    let (mut min, mut max) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
    for point in points.iter().filter(|point| is_finite(point)) {
        min = [min[0].min(point[0]), min[1].min(point[1])];
        max = [max[0].max(point[0]), max[1].max(point[1])];
    }
    if min[0] > max[0] {
        return Area { min: [0.0; 2], max: [0.0; 2] };
    }
    Area { min: min.map(f64::from), max: max.map(f64::from) }
}

/// True if a ray to the right from `point` crosses an odd number of sides.
fn is_inside(corners: &[[f64; 2]], point: [f64; 2]) -> bool {
    let mut inside = false;
    for (a, b) in corners.iter().zip(corners.iter().cycle().skip(1)) {
        if (a[1] > point[1]) != (b[1] > point[1])
            && point[0] < a[0] + (b[0] - a[0]) * ((point[1] - a[1]) / (b[1] - a[1]))
        {
            inside = !inside;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn index(points: &[[f32; 2]]) -> PointIndex {
        PointIndex::new(points, &Work::new()).unwrap()
    }

    #[test]
    fn the_nearest_within_the_radius() {
        let points = [[0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [f32::NAN, 0.0], [5.0, 5.0]];
        let index = index(&points);
        let check = |at: [f64; 2], radius, expected| assert_eq!(index.nearest(at, radius, None), expected, "{at:?}");
        check([0.9, 0.1], 0.5, Some(1));
        check([0.9, 0.1], 0.1, None);
        check([-3.0, 0.0], 3.0, Some(0));
        check([100.0, 100.0], 1.0, None);
        check([5.0, 5.0], 0.0, Some(4));
        check([f64::NAN, 0.0], 1.0, None);
        let visible = [true, false, true, true, true];
        assert_eq!(index.nearest([1.0, 0.0], 0.5, Some(&visible)), Some(2));
        assert_eq!(index.nearest([1.0, 0.0], 0.5, Some(&[])), None);
        assert_eq!((index.points(), index.without_place()), (5, 1));
    }

    #[test]
    fn a_lasso_that_crosses_itself_leaves_its_middle_out() {
        let grid: Vec<[f32; 2]> = (0..100).map(|at| [(at % 10) as f32, (at / 10) as f32]).collect();
        let index = index(&grid);
        let around = |low: f64, high: f64| [[low, low], [high, low], [high, high], [low, high], [low, low]];
        let twice = [around(-0.5, 9.5), around(2.5, 6.5)].concat();
        assert_eq!(index.in_polygon(&twice, &Work::new()).unwrap().len(), 100 - 16);
        assert!(index.in_polygon(&twice[..2], &Work::new()).unwrap().is_empty());
        assert!(index.in_polygon(&[[f64::NAN, 0.0]; 9], &Work::new()).unwrap().is_empty());
    }

    #[test]
    fn odd_sets_are_no_trouble() {
        let everything = [[-1e39, -1e39], [1e39, -1e39], [1e39, 1e39], [-1e39, 1e39]];
        let check = |points: &[[f32; 2]], expected: usize| {
            let index = index(points);
            let area = Area::between(everything[0], everything[2]);
            assert_eq!(index.in_area(&area, &Work::new()).unwrap().len(), expected);
            assert_eq!(index.in_polygon(&everything, &Work::new()).unwrap().len(), expected);
        };
        check(&[], 0);
        check(&[[f32::INFINITY, 0.0]], 0);
        check(&[[3.0, 4.0]; 5], 5);
        check(&[[3.0, 0.0], [3.0, 1.0], [3.0, 2.0]], 3);
        check(&[[f32::MAX, f32::MIN], [f32::MIN, f32::MAX], [0.0, 0.0]], 3);
        let work = Work::new();
        work.cancel();
        assert!(PointIndex::new(&[[0.0; 2]], &work).unwrap_err().is_cancelled());
    }

    proptest! {
        #[test]
        fn the_same_as_asking_every_point(
            points in prop::collection::vec((-10.0f32..10.0, -10.0f32..10.0), 0..300),
            corners in prop::collection::vec((-12.0f64..12.0, -12.0f64..12.0), 3..12),
            radius in 0.0f64..4.0,
        ) {
            let points: Vec<[f32; 2]> = points.into_iter().map(|(x, y)| [x, y]).collect();
            let corners: Vec<[f64; 2]> = corners.into_iter().map(|(x, y)| [x, y]).collect();
            let index = index(&points);
            let all = |inside: &dyn Fn([f64; 2]) -> bool| -> Vec<u32> {
                (0..points.len() as u32).filter(|&id| inside(points[id as usize].map(f64::from))).collect()
            };
            let area = Area::between(corners[0], corners[1]);
            prop_assert_eq!(index.in_area(&area, &Work::new()).unwrap(), all(&|point| area.contains(point)));
            let found = index.in_polygon(&corners, &Work::new()).unwrap();
            prop_assert_eq!(found, all(&|point| is_inside(&corners, point)));
            let square = |id: u32| {
                let point = points[id as usize].map(f64::from);
                (point[0] - corners[2][0]).powi(2) + (point[1] - corners[2][1]).powi(2)
            };
            let nearest = (0..points.len() as u32)
                .filter(|&id| square(id) <= radius * radius)
                .min_by(|&a, &b| square(a).total_cmp(&square(b)));
            prop_assert_eq!(index.nearest(corners[2], radius, None), nearest);
        }
    }
}
