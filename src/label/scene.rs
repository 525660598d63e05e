//! The shapes of an image in a grid, so that of ten thousand only those are looked at that are seen or pointed at.

use std::sync::Arc;

use super::placed::ItemMarks;
use super::shapes::{bounds_of, extent, hits};
use crate::data::annotations::Mark;
use crate::data::annotations::model::{Point, Rect};

/// Cells along the longer side of the image.
const CELLS: f64 = 64.0;

/// Where the shapes of an image lie.
#[derive(Debug, Clone)]
pub struct Scene {
    of: Arc<ItemMarks>,
    shapes: Vec<Placed>,
    /// The side of a cell in pixels.
    side: f64,
    columns: usize,
    rows: usize,
    /// The shapes of each cell, row by row, by their place in `shapes`.
    cells: Vec<Vec<u32>>,
}

#[derive(Debug, Clone)]
struct Placed {
    number: u32,
    bounds: Rect,
    extent: f64,
}

impl Scene {
    /// The shapes of an item, on an image of `width` x `height` pixels. What has no place on an image is left out.
    pub fn new(of: &Arc<ItemMarks>, width: f64, height: f64) -> Self {
        let side = (width.max(height) / CELLS).max(1.0);
        let cells = |length: f64| ((length / side).ceil() as usize).max(1);
        let (columns, rows) = (cells(width), cells(height));
        let mut made = Self {
            of: of.clone(),
            shapes: Vec::with_capacity(of.marks.len()),
            side,
            columns,
            rows,
            cells: vec![Vec::new(); columns * rows],
        };
        for (number, annotation) in &of.marks {
            let Some(bounds) = bounds_of(&annotation.mark) else { continue };
            let at = made.shapes.len() as u32;
            made.shapes.push(Placed { number: *number, bounds, extent: extent(&annotation.mark) });
            for cell in made.cells_of(bounds) {
                if let Some(cell) = made.cells.get_mut(cell) {
                    cell.push(at);
                }
            }
        }
        made
    }

    /// Whether these are the annotations that it was made of.
    pub fn is_of(&self, marks: &Arc<ItemMarks>) -> bool {
        Arc::ptr_eq(&self.of, marks)
    }

    /// The numbers of the shapes whose bounds touch a box, in order.
    pub fn within(&self, area: Rect) -> Vec<u32> {
        let touches = |bounds: &Rect| {
            bounds.x <= area.x + area.width
                && area.x <= bounds.x + bounds.width
                && bounds.y <= area.y + area.height
                && area.y <= bounds.y + bounds.height
        };
        let cells = self.cells_of(area).filter_map(|cell| self.cells.get(cell));
        let mut found: Vec<u32> = cells.flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        let shapes = found.iter().filter_map(|at| self.shapes.get(*at as usize));
        shapes.filter(|shape| touches(&shape.bounds)).map(|shape| shape.number).collect()
    }

    /// The smallest shape at a point, or at most `slack` pixels away from its lines, among those that `fits` allows.
    pub fn at(&self, point: Point, slack: f64, fits: impl Fn(&Mark) -> bool) -> Option<u32> {
        let area = Rect::new(point.x - slack, point.y - slack, slack * 2.0, slack * 2.0);
        let near = self.within(area).into_iter().filter_map(|number| Some((number, self.of.marks.get(&number)?)));
        let under = near.filter(|(_, annotation)| fits(&annotation.mark) && hits(&annotation.mark, point, slack));
        let size = |number: u32| {
            let shape = self.shapes.binary_search_by_key(&number, |shape| shape.number).ok();
            shape.and_then(|at| self.shapes.get(at)).map_or(f64::MAX, |shape| shape.extent)
        };
        under.map(|(number, _)| number).min_by(|a, b| size(*a).total_cmp(&size(*b)))
    }

    /// The cells that a box touches. What lies outside of the image belongs to the cells at its edge.
    fn cells_of(&self, area: Rect) -> impl Iterator<Item = usize> + use<> {
        let cell = |at: f64, most: usize| ((at / self.side).floor().max(0.0) as usize).min(most - 1);
        let columns = cell(area.x, self.columns)..=cell(area.x + area.width, self.columns);
        let rows = cell(area.y, self.rows)..=cell(area.y + area.height, self.rows);
        let width = self.columns;
        rows.flat_map(move |row| columns.clone().map(move |column| row * width + column))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::annotations::Annotation;

    fn marks(boxes: &[(f64, f64, f64, f64)]) -> Arc<ItemMarks> {
        let mut item = ItemMarks::default();
        for (at, &(x, y, width, height)) in boxes.iter().enumerate() {
            let annotation = Annotation::new("a", Mark::Box(Rect::new(x, y, width, height)));
            item.marks.insert(at as u32 + 1, Arc::new(annotation));
        }
        Arc::new(item)
    }

    proptest! {
        /// The grid finds what a look at every shape finds, whatever their size, and also beyond the image's edge.
        #[test]
        fn the_grid_finds_what_is_there(
            boxes in proptest::collection::vec((-20.0..120.0f64, -20.0..90.0f64, 1.0..60.0f64, 1.0..60.0f64), 0..40),
            x in -10.0..120.0f64,
            y in -10.0..90.0f64,
        ) {
            let marks = marks(&boxes);
            let scene = Scene::new(&marks, 100.0, 70.0);
            let point = Point::new(x, y);
            let all = marks.marks.iter().filter(|(_, annotation)| hits(&annotation.mark, point, 2.0));
            let smallest = all.map(|(_, annotation)| extent(&annotation.mark)).min_by(f64::total_cmp);
            let found = scene.at(point, 2.0, |_| true).and_then(|number| marks.marks.get(&number));
            prop_assert_eq!(found.map(|annotation| extent(&annotation.mark)), smallest);
            let everything = scene.within(Rect::new(-1000.0, -1000.0, 3000.0, 3000.0));
            prop_assert_eq!(everything.len(), boxes.len());
        }
    }
}
