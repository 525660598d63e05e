//! Images as short dense rows: where which colours are, and which way edges run.
//!
//! These descriptors need no trained network and take microseconds. They are enough to find gross label errors and to
//! start a queue with; an image model's embeddings do better where they can be had.

use std::path::Path;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;

use super::Matrix;
use crate::data::Column;
use crate::data::media::map_images;
use crate::engine::{Result, Work};

/// The side of the colour thumbnail.
const COLOURS: usize = 8;

/// The side of the image that edges are looked for in, and of the square cells they are counted in.
const EDGES: usize = 32;
const CELL: usize = 4;
const CELLS: usize = EDGES / CELL;

/// Directions of edges that are told apart, over half a turn.
const DIRECTIONS: usize = 9;

/// The number of values of a [`descriptor`].
pub const LENGTH: usize = COLOURS * COLOURS * 3 + CELLS * CELLS * DIRECTIONS;

/// Images are decoded at most this wide and high before they are described.
const DECODED: u32 = 256;

/// Descriptors of the images of a column, rows x [`LENGTH`]; paths are resolved against `root`. Unreadable images get
/// zeros and are said.
///
/// # Errors
/// If the column holds no paths, the root is not there, or the work was cancelled.
pub fn describe_column(root: &Path, column: &Column, work: &Work) -> Result<Matrix<f32>> {
    let rows = map_images(root, column, Some(DECODED), work, descriptor)?;
    let blank = vec![0.0; LENGTH];
    let values = rows.iter().flat_map(|row| row.as_ref().unwrap_or(&blank).iter().copied()).collect();
    Matrix::new(rows.len(), LENGTH, values)
}

/// The image scaled to `side` x `side` pixels, its shape ignored: RGB bytes, row by row. An empty image is black.
pub fn thumbnail(image: &RgbImage, side: usize) -> Vec<u8> {
    let target = side as u32;
    // A large image is scaled in two steps, of which only the first reads all of it.
    let between = 8 * target;
    let first = (image.width().min(image.height()) > 2 * between)
        .then(|| scale(image.as_raw(), (image.width(), image.height()), between));
    let (pixels, size) = match &first {
        Some(pixels) => (pixels.as_slice(), (between, between)),
        None => (image.as_raw().as_slice(), (image.width(), image.height())),
    };
    scale(pixels, size, target)
}

fn scale(pixels: &[u8], (width, height): (u32, u32), side: u32) -> Vec<u8> {
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    let mut target = Image::new(side, side, PixelType::U8x3);
    let scaled = ImageRef::new(width, height, pixels, PixelType::U8x3)
        .is_ok_and(|source| Resizer::new().resize(&source, &mut target, &options).is_ok());
    if scaled { target.into_vec() } else { vec![0; side as usize * side as usize * 3] }
}

/// The descriptor of an image, [`LENGTH`] values: an 8x8 RGB thumbnail less its mean, of unit length, then for each cell of
/// 4x4 pixels of a 32x32 thumbnail a histogram of 9 edge directions (Dalal and Triggs 2005, "Histograms of Oriented
/// Gradients"), cells scaled by their neighbourhood and the whole to unit length.
///
/// Rows of descriptors want [`Matrix::standardized`](super::Matrix::standardized) before a linear model.
pub fn descriptor(image: &RgbImage) -> Vec<f32> {
    let mut values: Vec<f32> = thumbnail(image, COLOURS).into_iter().map(f32::from).collect();
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    values.iter_mut().for_each(|value| *value -= mean);
    to_unit_length(&mut values);
    let cells = edge_cells(&thumbnail(image, EDGES));
    let mut edges = normalized_cells(&cells);
    to_unit_length(&mut edges);
    values.extend(edges);
    values
}

fn to_unit_length(values: &mut [f32]) {
    let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 1e-6 {
        values.iter_mut().for_each(|value| *value /= length);
    }
}

/// The strength of edges by cell and direction, of the colour channel in which a pixel's edge is strongest.
fn edge_cells(pixels: &[u8]) -> Vec<[f32; DIRECTIONS]> {
    let mut cells = vec![[0.0f32; DIRECTIONS]; CELLS * CELLS];
    let at = |x: usize, y: usize, channel: usize| {
        pixels.get((y.min(EDGES - 1) * EDGES + x.min(EDGES - 1)) * 3 + channel).map_or(0.0, |&value| f32::from(value))
    };
    for y in 0..EDGES {
        for x in 0..EDGES {
            let (mut dx, mut dy, mut strongest) = (0.0, 0.0, 0.0);
            for channel in 0..3 {
                let across = at(x + 1, y, channel) - at(x.saturating_sub(1), y, channel);
                let down = at(x, y + 1, channel) - at(x, y.saturating_sub(1), channel);
                let strength: f32 = across * across + down * down;
                if strength > strongest {
                    (dx, dy, strongest) = (across, down, strength);
                }
            }
            // A direction and its opposite are one edge; the strength is shared between the two nearest directions.
            let turn = dy.atan2(dx).rem_euclid(std::f32::consts::PI) / std::f32::consts::PI * DIRECTIONS as f32;
            let (whole, part) = (turn.floor(), turn.fract());
            let cell = &mut cells[(y / CELL) * CELLS + x / CELL];
            cell[whole as usize % DIRECTIONS] += strongest.sqrt() * (1.0 - part);
            cell[(whole as usize + 1) % DIRECTIONS] += strongest.sqrt() * part;
        }
    }
    cells
}

/// The square roots of the histograms after scaling each cell by the strength of the 3x3 cells about it.
fn normalized_cells(cells: &[[f32; DIRECTIONS]]) -> Vec<f32> {
    let strength: Vec<f32> = cells.iter().map(|cell| cell.iter().sum()).collect();
    let mut values = Vec::with_capacity(cells.len() * DIRECTIONS);
    for (index, cell) in cells.iter().enumerate() {
        let (cx, cy) = (index % CELLS, index / CELLS);
        let rows = cy.saturating_sub(1)..(cy + 2).min(CELLS);
        let around: f32 = rows
            .flat_map(|y| (cx.saturating_sub(1)..(cx + 2).min(CELLS)).map(move |x| y * CELLS + x))
            .filter_map(|at| strength.get(at))
            .sum();
        values.extend(cell.iter().map(|value| (value / (around + 1.0)).sqrt()));
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripes(upright: bool) -> RgbImage {
        RgbImage::from_fn(64, 48, |x, y| {
            let on = (if upright { x } else { y }) / 6 % 2 == 0;
            image::Rgb(if on { [200, 180, 20] } else { [10, 10, 60] })
        })
    }

    #[test]
    fn a_descriptor_has_its_length_and_tells_directions_apart() {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
        let (upright, level) = (descriptor(&stripes(true)), descriptor(&stripes(false)));
        assert_eq!(upright.len(), LENGTH);
        let colours = COLOURS * COLOURS * 3;
        assert!((dot(&upright[colours..], &upright[colours..]) - 1.0).abs() < 1e-4);
        assert!(dot(&upright[colours..], &level[colours..]) < 0.3, "edges that run across each other");
    }

    #[test]
    fn odd_images_are_no_trouble() {
        let check = |width, height| {
            let values = descriptor(&RgbImage::from_pixel(width, height, image::Rgb([9, 9, 9])));
            assert_eq!(values.len(), LENGTH);
            assert!(values.iter().all(|value| value.is_finite()), "{width}x{height}");
        };
        check(0, 0);
        check(1, 1);
        check(1, 500);
        check(3000, 2);
        assert_eq!(thumbnail(&RgbImage::from_pixel(500, 300, image::Rgb([7, 8, 9])), 2), [7, 8, 9].repeat(4));
    }
}
