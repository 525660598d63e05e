//! Sounds as short dense rows: how loud which frequencies are, how they change, and how long it lasts.
//!
//! These descriptors need no trained network. They are meant to start with; an audio model's embeddings should do better
//! where they can be had.

use std::path::Path;

use super::Matrix;
use crate::data::Column;
use crate::data::media::{AudioLimits, FrameOptions, LogMel, Sound, map_sounds};
use crate::engine::{Result, Work};

/// Mel bands, from 0 Hz to [`TOP_HZ`].
const BANDS: usize = 40;

/// The upper end of the bands in hertz whatever the sample rate, so that sounds of different rates can be compared.
/// Bands above half the rate of a sound are as in silence.
const TOP_HZ: f64 = 8000.0;

/// Windows to both sides that a change over time is taken over.
const REACH: usize = 2;

/// What is looked at of a longer sound, in seconds.
const MOST_SECONDS: f64 = 120.0;

/// The number of values of a [`descriptor`].
pub const LENGTH: usize = 4 * BANDS + 3;

/// Descriptors of the sounds of a column, rows x [`LENGTH`]; paths are resolved against `root`. Of sounds longer than
/// two minutes the beginning is looked at. Unreadable sounds get zeros and are said.
///
/// # Errors
/// If the column holds no paths, the root is not there, or the work was cancelled.
pub fn describe_column(root: &Path, column: &Column, work: &Work) -> Result<Matrix<f32>> {
    let limits = AudioLimits::default().seconds(MOST_SECONDS);
    let rows = map_sounds(root, column, limits, work, |sound| descriptor(sound, work))?;
    let blank = vec![0.0; LENGTH];
    let values = rows.iter().flat_map(|row| row.as_ref().unwrap_or(&blank).iter().copied()).collect();
    Matrix::new(rows.len(), LENGTH, values)
}

/// The descriptor of a sound, [`LENGTH`] values: means of 40 log-mel bands over 25 ms windows every 10 ms, their
/// standard deviations, means and standard deviations of their deltas (Young et al., "The HTK Book", 5.9, two windows
/// to each side), then the logarithm of the length in seconds, the root mean square as a logarithm, and the rate of
/// zero crossings (0-1, by sample).
///
/// Rows of descriptors want [`Matrix::standardized`](super::Matrix::standardized) before a linear model.
///
/// # Errors
/// If the work was cancelled.
pub fn descriptor(sound: &Sound, work: &Work) -> Result<Vec<f32>> {
    let mel = LogMel::of(sound, BANDS, TOP_HZ, FrameOptions::default(), work)?;
    let mut values = Vec::with_capacity(LENGTH);
    push_moments(mel.rows(), &mut values);
    let deltas = deltas(&mel);
    push_moments(deltas.chunks_exact(BANDS), &mut values);
    values.push((sound.seconds() + 0.01).ln() as f32);
    values.push((root_mean_square(&sound.samples) + 1e-5).ln() as f32);
    values.push(zero_crossings(&sound.samples));
    Ok(values)
}

/// Appends the mean of each band, then the standard deviation of each; zeros without rows.
fn push_moments<'a>(rows: impl ExactSizeIterator<Item = &'a [f32]> + Clone, values: &mut Vec<f32>) {
    let count = rows.len().max(1) as f64;
    let (mut mean, mut square) = ([0.0f64; BANDS], [0.0f64; BANDS]);
    for row in rows.clone() {
        mean.iter_mut().zip(row).for_each(|(mean, &value)| *mean += f64::from(value) / count);
    }
    // In a second pass, as the difference of large squares would lose the small deviations of a steady tone.
    for row in rows {
        for ((square, mean), &value) in square.iter_mut().zip(&mean).zip(row) {
            let off = f64::from(value) - mean;
            *square += off * off / count;
        }
    }
    values.extend(mean.iter().map(|&mean| mean as f32));
    values.extend(square.iter().map(|&square| square.sqrt() as f32));
}

/// How fast each band changes, by window: the slope of a line through the windows around, the first and last repeated
/// beyond the ends.
fn deltas(mel: &LogMel) -> Vec<f32> {
    let last = mel.rows().len().saturating_sub(1);
    let row = |index: usize| mel.values.get(index * BANDS..(index + 1) * BANDS).unwrap_or_default();
    let norm = 2.0 * (1..=REACH).map(|step| (step * step) as f32).sum::<f32>();
    let mut values = vec![0.0f32; mel.values.len()];
    for (index, out) in values.chunks_exact_mut(BANDS).enumerate() {
        for step in 1..=REACH {
            let (before, after) = (row(index.saturating_sub(step)), row((index + step).min(last)));
            for ((out, before), after) in out.iter_mut().zip(before).zip(after) {
                *out += step as f32 * (after - before) / norm;
            }
        }
    }
    values
}

fn root_mean_square(samples: &[f32]) -> f64 {
    let sum: f64 = samples.iter().map(|&sample| f64::from(sample) * f64::from(sample)).sum();
    (sum / samples.len().max(1) as f64).sqrt()
}

/// The share of neighbouring samples between which the sign changes.
fn zero_crossings(samples: &[f32]) -> f32 {
    let changes = samples.windows(2).filter(|two| matches!(two, [a, b] if (*a < 0.0) != (*b < 0.0))).count();
    changes as f32 / samples.len().saturating_sub(1).max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(rate: u32, hz: f64, peak: f64, seconds: f64) -> Sound {
        let step = std::f64::consts::TAU * hz / f64::from(rate);
        let count = (seconds * f64::from(rate)) as usize;
        let samples = (0..count).map(|at| ((at as f64 * step).sin() * peak) as f32).collect();
        Sound { samples, rate, channels: 1, notes: Vec::new() }
    }

    fn describe(sound: &Sound) -> Vec<f32> {
        descriptor(sound, &Work::new()).unwrap()
    }

    #[test]
    fn a_descriptor_tells_pitch_loudness_and_length() {
        let (low, high) = (describe(&tone(16_000, 300.0, 0.5, 1.0)), describe(&tone(16_000, 3000.0, 0.5, 2.0)));
        assert_eq!((low.len(), high.len()), (LENGTH, LENGTH));
        let loudest = |values: &[f32]| (0..BANDS).max_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap();
        assert!(loudest(&low) + 10 < loudest(&high), "{} {}", loudest(&low), loudest(&high));
        let [seconds, rms, crossings] = low[4 * BANDS..] else { panic!() };
        assert!((seconds - 1.01f32.ln()).abs() < 1e-6);
        assert!((rms - (0.5f32 / 2f32.sqrt()).ln()).abs() < 1e-3, "{rms}");
        assert!((crossings - 600.0 / 16_000.0).abs() < 1e-3, "{crossings}");
    }

    #[test]
    fn the_sample_rate_hardly_matters() {
        let (slow, fast) = (describe(&tone(8000, 500.0, 0.5, 1.0)), describe(&tone(48_000, 500.0, 0.5, 1.0)));
        let loudest = |values: &[f32]| (0..BANDS).max_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap();
        assert_eq!(loudest(&slow), loudest(&fast));
        assert_eq!(slow[BANDS - 1], LogMel::FLOOR, "nothing is above half the rate");
    }

    #[test]
    fn odd_sounds_are_no_trouble() {
        for samples in [vec![], vec![0.0], vec![1.0; 3], vec![-1.0; 5000], vec![1e30; 400]] {
            let values = describe(&Sound { samples, rate: 8000, channels: 1, notes: Vec::new() });
            assert_eq!(values.len(), LENGTH);
            assert!(values.iter().all(|value| value.is_finite()), "{values:?}");
        }
    }

    #[test]
    fn deltas_are_slopes() {
        let rising = LogMel { bands: BANDS, values: (0..10).flat_map(|row| vec![3.0 * row as f32; BANDS]).collect() };
        let slopes = deltas(&rising);
        // In the middle the slope itself; at the first window (1*3 + 2*6) / 10.
        assert!((slopes[5 * BANDS] - 3.0).abs() < 1e-5 && (slopes[0] - 1.5).abs() < 1e-5, "{slopes:?}");
    }
}
