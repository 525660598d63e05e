//! The map: every item as a point of two dimensions, near what it is like.
//!
//! What the items are like ([`LooksOf`]) is brought into a few dimensions, whose first two are a map at once; the
//! neighbours in these dimensions are laid out for the better one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::Float64Array;
use arrow_buffer::BooleanBuffer;

use super::derived::{Basis, Looks, LooksOf};
use crate::data::describe::Summary;
use crate::data::{Column, Values};
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Random, Result, Work};
use crate::learn::Matrix;
use crate::learn::knn::{Metric, Neighbours};
use crate::learn::layout::{LayoutOptions, layout, place};
use crate::learn::points::{Area, PointIndex};
use crate::learn::raster::{Raster, aggregate};
use crate::learn::svd::{SvdOptions, principal_components, truncated_svd};
use crate::learn::trust::trustworthiness;

/// Neighbours that hold a point in its place.
const NEIGHBOURS: usize = 15;

/// The most rows whose neighbours are looked for: beyond, comparing all pairs takes longer than a person waits.
pub const MOST_LAID_OUT: usize = 200_000;

/// Of more rows, so many are laid out, and the others put beside those they are most like.
pub const LANDMARKS: usize = 50_000;

/// Rows whose neighbourhoods are compared to say how far a map can be trusted.
const TRUST_SAMPLE: usize = 1000;

/// What the items are like in few dimensions, rows x dimensions.
pub(super) struct ReducedOf(pub(super) Basis);

/// The dimensions, and how two rows are compared.
pub struct Reduced {
    /// Rows x dimensions, those of most variance first.
    pub scores: Matrix<f32>,
    /// How near two rows are.
    pub metric: Metric,
}

impl Derived for ReducedOf {
    type Output = Reduced;

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("reduced").print(LooksOf(self.0.clone()).fingerprint()).number(self.0.settings.seed).finish()
    }

    fn compute(&self, work: &Work) -> Result<Reduced> {
        let options = SvdOptions { seed: self.0.settings.seed, ..SvdOptions::default() };
        let looks = self.0.cache.get(&LooksOf(self.0.clone()), work)?;
        work.stage("reducing dimensions", 0);
        Ok(match &*looks {
            // Texts are compared by direction: a long one is not far from a short one that says the same.
            Looks::Sparse(csr) => {
                Reduced { scores: truncated_svd(csr, &options, work)?.scores, metric: Metric::Cosine }
            }
            Looks::Dense(matrix) => {
                Reduced { scores: principal_components(matrix, &options, work)?.scores, metric: Metric::Euclidean }
            }
        })
    }

    fn bytes(reduced: &Reduced) -> usize {
        size_of_val(reduced.scores.values())
    }
}

/// The nearest neighbours of every item.
pub(super) struct NeighboursOf(pub(super) Basis);

impl Derived for NeighboursOf {
    type Output = Neighbours;

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("neighbours").print(ReducedOf(self.0.clone()).fingerprint()).finish()
    }

    fn compute(&self, work: &Work) -> Result<Neighbours> {
        let reduced = self.0.cache.get(&ReducedOf(self.0.clone()), work)?;
        let rows = reduced.scores.rows();
        if rows > MOST_LAID_OUT {
            return Err(Error::input(format!("the neighbours of {rows} rows would take too long to find"))
                .help(format!("up to {MOST_LAID_OUT} rows can be compared with each other")));
        }
        Neighbours::build(&reduced.scores, NEIGHBOURS, reduced.metric, work)
    }

    fn bytes(neighbours: &Neighbours) -> usize {
        neighbours.rows() * neighbours.k() * 8
    }
}

/// How much every item is like some of them.
pub struct SimilarityOf {
    /// What is open.
    pub basis: Basis,
    /// The rows that are looked for the like of.
    pub rows: Vec<u32>,
}

impl Derived for SimilarityOf {
    type Output = Arc<Column>;

    fn fingerprint(&self) -> Fingerprint {
        let print = Fingerprinter::new("similarity").print(ReducedOf(self.basis.clone()).fingerprint());
        self.rows.iter().fold(print, |print, row| print.number(u64::from(*row))).finish()
    }

    /// A column `similarity`: 1 for what is the same as the mean of the rows, less the more it differs.
    fn compute(&self, work: &Work) -> Result<Arc<Column>> {
        let reduced = self.basis.cache.get(&ReducedOf(self.basis.clone()), work)?;
        let scores = &reduced.scores;
        let unit = |row: &[f32]| {
            let length = row.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
            if reduced.metric == Metric::Cosine { length } else { 1.0 }
        };
        let mut mean = vec![0.0f32; scores.columns()];
        for &row in &self.rows {
            let row = scores.row(row as usize);
            let length = unit(row);
            mean.iter_mut().zip(row).for_each(|(mean, value)| *mean += value / length / self.rows.len() as f32);
        }
        let length = unit(&mean);
        mean.iter_mut().for_each(|value| *value /= length);
        let similarity = |row: usize| {
            let row = scores.row(row);
            let length = unit(row);
            let square: f32 = row.iter().zip(&mean).map(|(value, mean)| (value / length - mean).powi(2)).sum();
            match reduced.metric {
                // Half the square of the distance of two unit vectors is 1 less their cosine.
                Metric::Cosine => f64::from(1.0 - square / 2.0),
                Metric::Euclidean => f64::from(1.0 / (1.0 + square.sqrt())),
            }
        };
        let values: Float64Array = (0..scores.rows()).map(|row| Some(similarity(row))).collect();
        Ok(Arc::new(Column::new(SIMILARITY, Values::Float(values))))
    }

    fn bytes(column: &Arc<Column>) -> usize {
        column.len() * 8
    }
}

/// The name of the column that [`SimilarityOf`] makes.
pub const SIMILARITY: &str = "similarity";

/// How a map was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapKind {
    /// The two dimensions of most variance.
    Flat,
    /// The neighbours, laid out; so many passes of it are done.
    Passes(usize),
    /// The neighbours, laid out.
    LaidOut,
}

/// A map of all items.
pub struct MapPoints {
    /// The points by row, to be asked by place.
    pub index: PointIndex,
    /// The place of each row.
    pub positions: Vec<[f32; 2]>,
    /// How it was made.
    pub kind: MapKind,
    /// How far neighbours on the map are neighbours in truth, 0-1 (Venna and Kaski 2001), from a sample of rows.
    pub trust: Option<f64>,
    /// How many rows were laid out, if the others were put beside them.
    pub landmarks: Option<usize>,
}

impl MapPoints {
    fn new(positions: Vec<[f32; 2]>, kind: MapKind, work: &Work) -> Result<Self> {
        Ok(Self { index: PointIndex::new(&positions, work)?, positions, kind, trust: None, landmarks: None })
    }
}

/// The map of the two dimensions of most variance.
pub struct FlatMapOf(pub Basis);

impl Derived for FlatMapOf {
    type Output = MapPoints;

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("flat map").print(ReducedOf(self.0.clone()).fingerprint()).finish()
    }

    fn compute(&self, work: &Work) -> Result<MapPoints> {
        let reduced = self.0.cache.get(&ReducedOf(self.0.clone()), work)?;
        let place = |row: usize| {
            let scores = reduced.scores.row(row);
            [scores.first().copied().unwrap_or(0.0), scores.get(1).copied().unwrap_or(0.0)]
        };
        MapPoints::new((0..reduced.scores.rows()).map(place).collect(), MapKind::Flat, work)
    }

    fn bytes(points: &MapPoints) -> usize {
        points.positions.len() * 20
    }
}

/// The positions while they are being found, for the window to show.
pub type Preview = Arc<Mutex<Option<Arc<MapPoints>>>>;

/// The map of neighbours, laid out.
pub struct MapOf {
    /// What is open.
    pub basis: Basis,
    /// Where the positions are put on the way.
    pub preview: Preview,
}

impl Derived for MapOf {
    type Output = MapPoints;

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("map 2").print(NeighboursOf(self.basis.clone()).fingerprint()).finish()
    }

    fn compute(&self, work: &Work) -> Result<MapPoints> {
        let basis = &self.basis;
        let reduced = basis.cache.get(&ReducedOf(basis.clone()), work)?;
        let options = LayoutOptions { seed: basis.settings.seed, ..LayoutOptions::default() };
        if reduced.scores.rows() > MOST_LAID_OUT {
            return of_landmarks(basis, &reduced, &options, work);
        }
        let neighbours = basis.cache.get(&NeighboursOf(basis.clone()), work)?;
        let show = |passes: usize, positions: &[[f32; 2]]| {
            let points = MapPoints::new(positions.to_vec(), MapKind::Passes(passes), &Work::new());
            if let Ok(points) = points {
                *self.preview.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(points));
            }
        };
        let positions = layout(&neighbours, &reduced.scores, &options, work, show)?;
        let seed = basis.settings.seed;
        let trust = trustworthiness(&reduced.scores, reduced.metric, &positions, NEIGHBOURS, TRUST_SAMPLE, seed, work)?;
        let points = MapPoints { trust, ..MapPoints::new(positions, MapKind::LaidOut, work)? };
        *self.preview.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(points)
    }

    fn bytes(points: &MapPoints) -> usize {
        points.positions.len() * 20
    }
}

/// The map of more rows than can be compared with each other: some are laid out, the others stand beside them.
fn of_landmarks(basis: &Basis, reduced: &Reduced, options: &LayoutOptions, work: &Work) -> Result<MapPoints> {
    let mut rows: Vec<u32> = (0..reduced.scores.rows() as u32).collect();
    Random::new(options.seed).shuffle(&mut rows);
    rows.truncate(LANDMARKS);
    rows.sort_unstable();
    let values = rows.iter().flat_map(|&row| reduced.scores.row(row as usize)).copied().collect();
    let known = Matrix::new(rows.len(), reduced.scores.columns(), values)?;
    let neighbours = Neighbours::build(&known, NEIGHBOURS, reduced.metric, work)?;
    let positions = layout(&neighbours, &known, options, work, |_, _| {})?;
    let positions = place(&reduced.scores, reduced.metric, &rows, &positions, options.seed, work)?;
    let seed = basis.settings.seed;
    let trust = trustworthiness(&reduced.scores, reduced.metric, &positions, NEIGHBOURS, TRUST_SAMPLE, seed, work)?;
    let points = MapPoints::new(positions, MapKind::LaidOut, work)?;
    Ok(MapPoints { trust, landmarks: Some(rows.len()), ..points })
}

/// Categories that are told apart by colour; the others share the last one.
pub const COLOURS: u16 = 10;

/// Steps of a number from its least to its greatest value.
pub const STEPS: u16 = 24;

/// What each row is coloured by.
pub struct Colouring {
    /// For each row an index: of a category 0 to [`COLOURS`] - 1, of a number 0 to [`STEPS`] - 1;
    /// [`NO_VALUE`] where there is no value.
    pub of_row: Vec<u16>,
    /// What the indices stand for, in the order in which they are listed.
    pub legend: Vec<(String, u16)>,
    /// True if the indices are steps of a number.
    pub is_scale: bool,
}

/// Stands for a row without a value.
pub const NO_VALUE: u16 = STEPS;

/// The colours of a column's values.
pub struct ColouringOf {
    /// The column, with the name of its content.
    pub column: (Arc<Column>, Fingerprint),
    /// Its description.
    pub summary: Arc<Summary>,
    /// The classes by name, with the colour that each has for good.
    pub classes: Vec<(String, u16)>,
}

impl Derived for ColouringOf {
    type Output = Colouring;

    fn fingerprint(&self) -> Fingerprint {
        let print = Fingerprinter::new("colouring").print(self.column.1).text(self.column.0.name());
        self.classes.iter().fold(print, |print, (name, colour)| print.text(name).number(u64::from(*colour))).finish()
    }

    fn compute(&self, work: &Work) -> Result<Colouring> {
        work.stage("counting", 0);
        let column = &self.column.0;
        match column.values() {
            Values::Int(values) => Ok(scale(column, |row| values.value(row) as f64)),
            Values::Float(values) => Ok(scale(column, |row| values.value(row))),
            Values::Time(values) => Ok(scale(column, |row| values.value(row) as f64)),
            Values::Bool(_) | Values::Text(_) => Ok(self.categories(column)),
        }
    }

    fn bytes(colouring: &Colouring) -> usize {
        colouring.of_row.len() * 2
    }
}

impl ColouringOf {
    /// Classes keep the colour they have; other values get theirs by frequency, as the bars of the column show them.
    fn categories(&self, column: &Column) -> Colouring {
        let other = COLOURS - 1;
        let mut legend: Vec<(String, u16)> = Vec::new();
        let bars = self.summary.bars();
        for bar in bars.iter().filter(|bar| bar.label != "NULL" && bar.label != "…") {
            let fixed = self.classes.iter().find(|(name, _)| *name == bar.label).map(|(_, colour)| *colour % COLOURS);
            let next = (legend.len() as u16).min(other);
            legend.push((bar.label.clone(), fixed.unwrap_or(next)));
        }
        let colours: HashMap<&str, u16> = legend.iter().map(|(name, colour)| (name.as_str(), *colour)).collect();
        let of = |row: usize| column.show(row).map_or(NO_VALUE, |value| colours.get(&*value).copied().unwrap_or(other));
        let of_row = (0..column.len()).map(of).collect();
        legend.truncate(usize::from(COLOURS));
        Colouring { of_row, legend, is_scale: false }
    }
}

/// Numbers in steps between the 2nd and the 98th of 100, so that one outlier does not take all the colour.
fn scale(column: &Column, value: impl Fn(usize) -> f64) -> Colouring {
    let array = column.array();
    let value = |row: usize| Some(value(row)).filter(|value| !array.is_null(row) && value.is_finite());
    let mut sorted: Vec<f64> = (0..column.len()).filter_map(value).collect();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted.get(((sorted.len() as f64 - 1.0) * share).max(0.0) as usize).copied().unwrap_or(0.0);
    let (low, high) = (at(0.02), at(0.98));
    let step = |value: f64| {
        let share = if high > low { (value - low) / (high - low) } else { 0.5 };
        (share.clamp(0.0, 1.0) * f64::from(STEPS - 1)).round() as u16
    };
    let of_row = (0..column.len()).map(|row| value(row).map_or(NO_VALUE, step)).collect();
    let shown = |value: f64| crate::data::show_float((value * 1000.0).round() / 1000.0);
    let legend = vec![(shown(low), 0), (shown((low + high) / 2.0), STEPS / 2), (shown(high), STEPS - 1)];
    Colouring { of_row, legend, is_scale: true }
}

/// A part of the map as a picture.
pub struct PictureOf {
    /// The points, with their name.
    pub points: (Arc<MapPoints>, Fingerprint),
    /// The colours, with their name.
    pub colouring: (Arc<Colouring>, Fingerprint),
    /// The rows that are shown.
    pub mask: BooleanBuffer,
    /// The name of these rows.
    pub mask_print: Fingerprint,
    /// The part.
    pub viewport: Area,
    /// Its size in pixels.
    pub size: (usize, usize),
    /// Red, green and blue of each index.
    pub palette: Vec<[u8; 3]>,
}

/// What [`PictureOf`] gives.
pub struct MapPicture {
    /// Red, green, blue and alpha of each pixel, row by row from `viewport.min`.
    pub rgba: Vec<u8>,
    /// Width and height in pixels.
    pub size: (usize, usize),
    /// The part of the map.
    pub viewport: Area,
    /// The points in it.
    pub points: u64,
}

impl Derived for PictureOf {
    type Output = MapPicture;

    fn fingerprint(&self) -> Fingerprint {
        let print = Fingerprinter::new("picture of a map").print(self.points.1).print(self.colouring.1);
        let print = print.print(self.mask_print).number(self.size.0 as u64).number(self.size.1 as u64);
        let corners = [self.viewport.min, self.viewport.max].concat();
        let print = corners.iter().fold(print, |print, value| print.number(value.to_bits()));
        print.bytes(&self.palette.concat()).finish()
    }

    fn compute(&self, work: &Work) -> Result<MapPicture> {
        let visible: Vec<bool> = self.mask.iter().collect();
        let all = visible.iter().all(|&shown| shown);
        let classes = &self.colouring.0.of_row;
        let shown = (!all).then_some(visible.as_slice());
        let raster: Raster = aggregate(&self.points.0.index, &self.viewport, self.size, classes, shown, work)?;
        let points = raster.counts.iter().map(|&count| u64::from(count)).sum();
        Ok(MapPicture { rgba: raster.paint(&self.palette), size: self.size, viewport: self.viewport, points })
    }

    fn bytes(picture: &MapPicture) -> usize {
        picture.rgba.len()
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{Int64Array, LargeStringArray};

    use super::*;
    use crate::data::Kind;
    use crate::data::describe;

    fn colouring(column: Column, classes: &[(&str, u16)]) -> Colouring {
        let summary = Arc::new(describe::describe(&column, None, &Work::new()).unwrap());
        let classes = classes.iter().map(|(name, colour)| ((*name).to_owned(), *colour)).collect();
        let of = ColouringOf { column: (Arc::new(column), Fingerprint::of(b"c")), summary, classes };
        of.compute(&Work::new()).unwrap()
    }

    #[test]
    fn classes_keep_their_colour_and_others_get_one_by_frequency() {
        let values = vec![Some("ham"), Some("spam"), Some("ham"), None, Some("eggs")];
        let text = |values| Column::text("label", Kind::Category, LargeStringArray::from(values));
        let found = colouring(text(values), &[("ham", 4), ("spam", 7)]);
        assert_eq!(found.of_row, [4, 7, 4, NO_VALUE, 1], "ham, spam, ham, none, and eggs as the second bar");
        assert!(!found.is_scale);
        let many: Vec<Option<String>> = (0..40).map(|at| Some(format!("v{:02}", at % 15))).collect();
        let many: LargeStringArray = many.iter().map(Option::as_deref).collect();
        let found = colouring(Column::text("c", Kind::Category, many), &[]);
        assert!(found.of_row.iter().all(|&colour| colour < COLOURS));
        assert_eq!(found.legend.len(), usize::from(COLOURS));
    }

    #[test]
    fn numbers_are_steps_and_an_outlier_takes_no_more_than_the_last() {
        let numbers: Vec<Option<i64>> = (0..100).map(Some).chain([Some(1_000_000), None]).collect();
        let found = colouring(Column::new("n", Values::Int(Int64Array::from(numbers))), &[]);
        assert!(found.is_scale);
        assert_eq!((found.of_row[0], found.of_row[99], found.of_row[100]), (0, STEPS - 1, STEPS - 1));
        assert_eq!(found.of_row[101], NO_VALUE);
        assert!((STEPS / 2 - 2..=STEPS / 2 + 2).contains(&found.of_row[50]), "{}", found.of_row[50]);
        let same = colouring(Column::new("n", Values::Int(Int64Array::from(vec![3, 3]))), &[]);
        assert_eq!(same.of_row[0], same.of_row[1]);
    }
}
