//! Vectors against vectors, and images against images by their descriptors: a classifier that tells the current from the
//! reference's, as for texts.

use std::path::Path;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::text::{THRESHOLD, judge};
use super::{Measured, Options};
use crate::data::{Column, Kind, Values, Vectors};
use crate::engine::{Random, Result, Work};
use crate::learn::Matrix;
use crate::learn::image_features::{LENGTH, describe_column};
use crate::learn::logistic::{self, Targets, Weights};

/// Vectors of each side that are looked at; more do not change the answer much.
const MOST: usize = 10_000;

/// Images of each side that are looked at, since each has to be decoded.
const MOST_IMAGES: usize = 4_000;

/// The fewest rows of each side in each half.
const FEWEST: usize = 10;

/// Compares two columns of vectors of equal width.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn vectors(
    a: &Vectors,
    b: &Vectors,
    options: &Options,
    random: &mut Random,
    work: &Work,
) -> Result<Measured> {
    let chosen = |of: &Vectors, random: &mut Random| {
        sample((0..of.rows()).filter(|row| of.row(*row).is_some()).map(|row| row as u32).collect(), MOST, random)
    };
    let (of_a, of_b) = (chosen(a, random), chosen(b, random));
    let rows =
        of_a.iter().filter_map(|row| a.row(*row as usize)).chain(of_b.iter().filter_map(|row| b.row(*row as usize)));
    let values: Vec<f32> = rows.flat_map(|row| row.iter().copied()).collect();
    let matrix = Matrix::new(of_a.len() + of_b.len(), a.width(), values)?;
    let told = (of_a.len() + of_b.len() < a.rows() + b.rows()).then_some("vectors");
    compare(&matrix, of_a.len(), told, options, random, work)
}

/// Compares the images of two columns of paths, each with the folder that its paths start from.
///
/// # Errors
/// If a folder is not there, or the work was cancelled.
pub(super) fn images(
    (a, root_a): (&Column, &Path),
    (b, root_b): (&Column, &Path),
    options: &Options,
    random: &mut Random,
    work: &Work,
) -> Result<Measured> {
    let described = |column: &Column, root: &Path, random: &mut Random| {
        let present = (0..column.len() as u32).filter(|row| !column.is_null(*row as usize)).collect();
        let rows = sample(present, MOST_IMAGES, random);
        // A column of paths that was read as plain text is one of images here.
        let taken = match column.take(column.name(), &rows)?.values() {
            Values::Text(paths) => Column::text(column.name(), Kind::Image, paths.clone()),
            _ => column.take(column.name(), &rows)?,
        };
        describe_column(root, &taken, work)
    };
    let (of_a, of_b) = (described(a, root_a, random)?, described(b, root_b, random)?);
    // Images that cannot be read have no descriptor and are told by a warning.
    let is_read = |row: &&[f32]| row.iter().any(|value| *value != 0.0);
    let readable = |matrix: &Matrix<f32>| -> Vec<f32> {
        (0..matrix.rows()).map(|row| matrix.row(row)).filter(is_read).flatten().copied().collect()
    };
    let (mut values, more) = (readable(&of_a), readable(&of_b));
    let of_reference = values.len() / LENGTH;
    values.extend(more);
    let rows = values.len() / LENGTH;
    let told = (of_a.rows() + of_b.rows() < a.len() + b.len()).then_some("images");
    compare(&Matrix::new(rows, LENGTH, values)?, of_reference, told, options, random, work)
}

/// At most `most` of the rows, in their order.
fn sample(mut rows: Vec<u32>, most: usize, random: &mut Random) -> Vec<u32> {
    random.thin(&mut rows, most);
    rows.sort_unstable();
    rows
}

/// The first `of_reference` rows against the rest. `told` is what was sampled, if anything was.
fn compare(
    matrix: &Matrix<f32>,
    of_reference: usize,
    told: Option<&str>,
    options: &Options,
    random: &mut Random,
    work: &Work,
) -> Result<Measured> {
    let mut measured = Measured { method: "domain-classifier", threshold: THRESHOLD, ..Measured::default() };
    let side = |row: usize| u16::from(row >= of_reference);
    let seed = random.bits();
    let bytes = |row: usize| matrix.row(row).iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    // Equal rows are in the same half, so that none is both learnt from and asked about.
    let is_learnt: Vec<bool> = (0..matrix.rows()).map(|row| xxh3_64_with_seed(&bytes(row), seed) & 1 == 0).collect();
    let count = |learnt: bool, of: u16| {
        is_learnt.iter().enumerate().filter(|(row, is)| **is == learnt && side(*row) == of).count()
    };
    if [count(true, 0), count(true, 1), count(false, 0), count(false, 1)].iter().any(|count| *count < FEWEST) {
        measured.note = Some("there are too few different rows to compare".to_owned());
        return Ok(measured);
    }
    let labels: Vec<Option<u16>> =
        is_learnt.iter().enumerate().map(|(row, learnt)| learnt.then(|| side(row))).collect();
    let features = matrix.standardized();
    let settings = logistic::Options::default();
    let model = logistic::fit(&features, Targets::Hard(&labels), 2, Weights::default(), &settings, options.seed, work)?;
    let said = model.predict_proba(&features, work)?;
    let held_out = (0..matrix.rows()).filter(|row| is_learnt.get(*row) == Some(&false));
    let mut scores: Vec<(f32, bool)> =
        held_out.map(|row| (said.row(row).last().copied().unwrap_or(0.0), side(row) == 1)).collect();
    scores.sort_by(|x, y| x.0.total_cmp(&y.0));
    measured.judged = judge(&scores, options.resamples, random, work)?;
    measured.note = told.map(|what| format!("compared on {of_reference} and {} {what}", matrix.rows() - of_reference));
    Ok(measured)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(rows: usize, shift: f32, seed: u64) -> Vectors {
        let mut random = Random::new(seed);
        let values = (0..rows * 8).map(|at| random.unit() as f32 + if at % 8 == 3 { shift } else { 0.0 }).collect();
        Vectors::new("embedding", 8, values, vec![true; rows]).unwrap()
    }

    fn of(a: &Vectors, b: &Vectors) -> Measured {
        vectors(a, b, &Options::default(), &mut Random::new(1), &Work::new()).unwrap()
    }

    #[test]
    fn moved_vectors_are_told_apart_and_equal_ones_are_not() {
        let reference = cloud(400, 0.0, 1);
        let moved = of(&reference, &cloud(400, 0.6, 2));
        assert!(moved.judged.distance.unwrap() > 0.8 && moved.judged.p_value.unwrap() < 0.01, "{:?}", moved.judged);
        let found = (0..40u64).filter(|seed| {
            let judged = of(&cloud(200, 0.0, 2 * seed + 10), &cloud(200, 0.0, 2 * seed + 11)).judged;
            judged.p_value.unwrap() <= 0.05 && judged.distance.unwrap() >= THRESHOLD
        });
        assert!(found.count() <= 5);
        assert!(of(&reference, &cloud(9, 0.0, 3)).note.unwrap().contains("too few"));
    }
}
