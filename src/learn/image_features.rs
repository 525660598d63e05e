//! Small descriptors of images, enough to learn coarse classes from: colours on a grid, and the directions of edges.

use std::path::Path;

use arrow_array::Array as _;
use rayon::prelude::*;

use super::Matrix;
use crate::data::media::{self, Picture};
use crate::data::Column;
use crate::engine::{Error, Result, Work};

/// Images are decoded at this many pixels at most before they are described.
const SIDE: u32 = 64;
/// Colours are averaged over a grid of this many cells a side.
const GRID: usize = 8;
/// Edges are counted in a grid of this many cells a side.
const CELLS: usize = 4;
/// Directions of edges that are told apart.
const DIRECTIONS: usize = 8;
/// The length of a descriptor.
pub const LENGTH: usize = GRID * GRID * 3 + CELLS * CELLS * DIRECTIONS;

/// Descriptors of the images of a column, rows x [`LENGTH`]. Paths are resolved against `root`. An unreadable or
/// missing image gets zeros; how many there were is said.
///
/// # Errors
/// If the column holds no paths, the root is not there, or the work was cancelled.
pub fn describe_column(root: &Path, column: &Column, work: &Work) -> Result<Matrix<f32>> {
    let paths = column.strings().ok_or_else(|| Error::input("the image column holds no paths").at(column.name()))?;
    let root = media::Root::open(root)?;
    work.stage("looking at images", paths.len() as u64);
    let rows: Vec<Option<Vec<f32>>> = (0..paths.len())
        .into_par_iter()
        .map(|row| {
            work.advance(1)?;
            if paths.is_null(row) {
                return Ok(None);
            }
            let picture = root
                .resolve(paths.value(row))
                .and_then(|path| media::decode(&path, Some(SIDE), media::Limits::default()));
            Ok(picture.ok().map(|picture| describe(&picture)))
        })
        .collect::<Result<_>>()?;
    let unreadable = rows.iter().filter(|row| row.is_none()).count();
    if unreadable > 0 {
        work.warn(format!("{unreadable} of {} images could not be read; they are described by zeros", rows.len()));
    }
    let blank = vec![0.0; LENGTH];
    let values = rows.iter().flat_map(|row| row.as_ref().unwrap_or(&blank).iter().copied()).collect();
    Matrix::new(rows.len(), LENGTH, values)
}

/// The descriptor of one image: mean colours on an 8 x 8 grid in 0-1, then histograms of edge directions on a 4 x 4
/// grid, each of length 1 (after Dalal and Triggs, "Histograms of Oriented Gradients", 2005).
pub fn describe(picture: &Picture) -> Vec<f32> {
    let mut found = colours(picture);
    found.extend(edges(picture));
    found
}

fn colours(picture: &Picture) -> Vec<f32> {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let mut sums = vec![[0.0f32; 4]; GRID * GRID];
    for (index, pixel) in picture.rgba.chunks_exact(4).enumerate() {
        let (x, y) = (index % width.max(1), index / width.max(1));
        let cell = &mut sums[(y * GRID / height.max(1)).min(GRID - 1) * GRID + (x * GRID / width.max(1)).min(GRID - 1)];
        for (sum, &value) in cell.iter_mut().zip(&pixel[..3]) {
            *sum += f32::from(value) / 255.0;
        }
        cell[3] += 1.0;
    }
    sums.iter().flat_map(|[red, green, blue, count]| [red, green, blue].map(|sum| sum / count.max(1.0))).collect()
}

fn edges(picture: &Picture) -> Vec<f32> {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let grey: Vec<f32> = picture
        .rgba
        .chunks_exact(4)
        .map(|p| (0.299 * f32::from(p[0]) + 0.587 * f32::from(p[1]) + 0.114 * f32::from(p[2])) / 255.0)
        .collect();
    let mut cells = vec![0.0f32; CELLS * CELLS * DIRECTIONS];
    for y in 1..height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            let at = y * width + x;
            let (across, down) = (grey[at + 1] - grey[at - 1], grey[at + width] - grey[at - width]);
            let strength = across.hypot(down);
            // Light on dark and dark on light are the same edge: directions go round in half a turn.
            let turn = (down.atan2(across) / std::f32::consts::PI).rem_euclid(1.0);
            let direction = ((turn * DIRECTIONS as f32) as usize).min(DIRECTIONS - 1);
            let cell = (y * CELLS / height) * CELLS + x * CELLS / width;
            cells[cell * DIRECTIONS + direction] += strength;
        }
    }
    for cell in cells.chunks_exact_mut(DIRECTIONS) {
        let length = cell.iter().map(|value| value * value).sum::<f32>().sqrt();
        // A flat cell has no direction: noise must not be blown up to look like one.
        cell.iter_mut().for_each(|value| *value /= length.max(0.1));
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32, pixel: impl Fn(u32, u32) -> u8) -> Picture {
        let rgba = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .flat_map(|(x, y)| {
                let value = pixel(x, y);
                [value, value, value, 255]
            })
            .collect();
        Picture { width, height, rgba, full_width: width, full_height: height }
    }

    #[test]
    fn edges_are_told_apart_by_direction_and_flat_images_have_none() {
        let upright = describe(&picture(32, 32, |x, _| if x % 8 < 4 { 0 } else { 255 }));
        let lying = describe(&picture(32, 32, |_, y| if y % 8 < 4 { 0 } else { 255 }));
        let flat = describe(&picture(32, 32, |_, _| 128));
        assert_eq!([upright.len(), lying.len(), flat.len()], [LENGTH; 3]);
        let sum = |found: &[f32], direction: usize| {
            found[GRID * GRID * 3..].iter().skip(direction).step_by(DIRECTIONS).sum::<f32>()
        };
        assert!(sum(&upright, 0) > 10.0 && sum(&upright, 4) < 1.0);
        assert!(sum(&lying, 4) > 10.0 && sum(&lying, 0) < 1.0);
        assert!(flat[GRID * GRID * 3..].iter().all(|&value| value == 0.0));
        assert!(flat[..GRID * GRID * 3].iter().all(|&value| (value - 128.0 / 255.0).abs() < 1e-5));
    }

    #[test]
    fn images_of_one_pixel_and_odd_shapes_are_described() {
        for (width, height) in [(1, 1), (1, 50), (3, 7), (0, 0)] {
            let found = describe(&picture(width, height, |x, y| (x + y) as u8));
            assert!(found.len() == LENGTH && found.iter().all(|value| value.is_finite()), "{width}x{height}");
        }
    }
}
