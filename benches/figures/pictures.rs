//! Folders of small images, made once: many plain ones to scroll over, and some like photographs to find copies among.

use std::fs;
use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage};
use lapidary::engine::{Error, Random, Result};
use rayon::prelude::*;

use crate::data::{failed, kept};

/// Files that a folder of images holds at most.
#[cfg(feature = "window")]
const FOLDER: usize = 1000;

/// A folder of small images, in folders of a thousand: plain shapes on a plain ground, no two alike.
#[cfg(feature = "window")]
pub fn shapes(count: usize) -> Result<PathBuf> {
    kept(&format!("shapes-{count}"), |path| {
        for folder in 0..count.div_ceil(FOLDER) {
            let folder = path.join(format!("{folder:03}"));
            fs::create_dir_all(&folder).map_err(failed(&folder))?;
        }
        (0..count).into_par_iter().try_for_each(|at| {
            let file = path.join(format!("{:03}/{at:06}.png", at / FOLDER));
            save(&shape(at as u64), &file)
        })
    })
}

/// A large image of soft colours.
#[cfg(feature = "window")]
pub fn wide(path: &Path, width: u32, height: u32) -> Result<()> {
    let value = |at: u32, of: u32| (at * 255 / of.max(1)) as u8;
    save(&RgbImage::from_fn(width, height, |x, y| Rgb([value(x, width), value(y, height), 120])), path)
}

/// One image of [`shapes`], 96 x 96.
#[cfg(feature = "window")]
fn shape(seed: u64) -> RgbImage {
    let mut random = Random::new(seed);
    let colour = |random: &mut Random| Rgb([0; 3].map(|_| random.below(256) as u8));
    let mut image = RgbImage::from_pixel(96, 96, colour(&mut random));
    for _ in 0..4 {
        let [left, top] = [0; 2].map(|_| random.below(80) as u32);
        let [width, height] = [0; 2].map(|_| 8 + random.below(40) as u32);
        let colour = colour(&mut random);
        for y in top..(top + height).min(96) {
            (left..(left + width).min(96)).for_each(|x| image.put_pixel(x, y, colour));
        }
    }
    image
}

/// Of ten images of [`photos`] the last is a copy of the first, brighter and noisy.
pub const PLANTED: usize = 10;

/// A folder of images of 32 x 32 pixels with soft colours, as photographs have at this size.
pub fn photos(count: usize) -> Result<PathBuf> {
    kept(&format!("photos-{count}"), |path| {
        fs::create_dir_all(path).map_err(failed(path))?;
        (0..count).into_par_iter().try_for_each(|at| {
            let copy = at % PLANTED == PLANTED - 1;
            let mut image = photo((if copy { at + 1 - PLANTED } else { at }) as u64);
            if copy {
                let mut random = Random::new(at as u64);
                image.iter_mut().for_each(|value| *value = value.saturating_add(6 + random.below(8) as u8));
            }
            save(&image, &path.join(format!("{at:05}.png")))
        })
    })
}

/// Colours at the corners of a grid of 12 x 12, and what lies between.
fn photo(seed: u64) -> RgbImage {
    const SIDE: usize = 12;
    let mut random = Random::new(seed);
    let grid: Vec<[f64; 3]> = (0..SIDE * SIDE).map(|_| [0; 3].map(|_| random.unit() * 235.0)).collect();
    let at = |x: usize, y: usize| grid.get(y * SIDE + x).copied().unwrap_or_default();
    RgbImage::from_fn(32, 32, |x, y| {
        let [(x, right), (y, down)] = [x, y].map(|place| {
            let place = f64::from(place) / 31.0 * (SIDE - 1) as f64;
            let cell = (place as usize).min(SIDE - 2);
            (cell, place - cell as f64)
        });
        let mix = |channel: usize| {
            let row = |y: usize| at(x, y)[channel] * (1.0 - right) + at(x + 1, y)[channel] * right;
            row(y) * (1.0 - down) + row(y + 1) * down
        };
        Rgb([0, 1, 2].map(|channel| mix(channel) as u8))
    })
}

fn save(image: &RgbImage, path: &Path) -> Result<()> {
    image
        .save_with_format(path, image::ImageFormat::Png)
        .map_err(|error| Error::input(format!("cannot write an image, {error}")).at(path.display()))
}
