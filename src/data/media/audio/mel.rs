//! Frequencies as ears tell them apart: filter banks on the mel scale, and their logarithms over time.

use super::Sound;
use super::frames::{FrameOptions, Frames};
use crate::engine::{Result, Work};

/// Hertz to mel by the formula of HTK (Young et al., "The HTK Book", 5.4): 2595 log10(1 + f / 700).
pub fn mel_of_hz(hz: f64) -> f64 {
    2595.0 * (1.0 + hz / 700.0).log10()
}

/// The inverse of [`mel_of_hz`].
pub fn hz_of_mel(mel: f64) -> f64 {
    700.0 * (10f64.powf(mel / 2595.0) - 1.0)
}

/// Triangular filters whose middles lie evenly on the mel scale, each reaching to the middles of its neighbours. The
/// weights of a filter sum to 1, so that what comes out is the mean power of its band whatever its width.
#[derive(Debug)]
pub(super) struct FilterBank {
    /// For each filter its first bin and the weights from there on.
    filters: Vec<(usize, Vec<f32>)>,
}

impl FilterBank {
    /// `bands` filters between `low` and `high` hertz over power spectra of `bins` values up to half of `rate`. Filters
    /// that lie above half the sample rate stay empty and give 0; one so narrow that no bin lies in it takes the
    /// nearest.
    pub(super) fn new(bands: usize, bins: usize, rate: u32, low: f64, high: f64) -> Self {
        let width = f64::from(rate) / 2.0 / bins.saturating_sub(1).max(1) as f64;
        let (bottom, top) = (mel_of_hz(low.max(0.0)), mel_of_hz(high.max(low).max(0.0)));
        let edge = |index: usize| hz_of_mel(bottom + (top - bottom) * index as f64 / (bands + 1) as f64) / width;
        let filters = (0..bands).map(|band| filter(edge(band), edge(band + 1), edge(band + 2), bins)).collect();
        Self { filters }
    }

    /// The mean power of each band.
    pub(super) fn apply(&self, power: &[f32], out: &mut Vec<f32>) {
        out.clear();
        out.extend(self.filters.iter().map(|(start, weights)| {
            let bins = power.get(*start..).unwrap_or_default();
            weights.iter().zip(bins).map(|(weight, power)| weight * power).sum::<f32>()
        }));
    }
}

/// One triangle from `left` over `middle` to `right`, in bins.
fn filter(left: f64, middle: f64, right: f64, bins: usize) -> (usize, Vec<f32>) {
    let start = left.floor().max(0.0) as usize;
    let end = (right.ceil().max(0.0) as usize + 1).min(bins);
    let height = |bin: usize| {
        let at = bin as f64;
        ((at - left) / (middle - left)).min((right - at) / (right - middle)).max(0.0)
    };
    let mut weights: Vec<f64> = (start..end).map(height).collect();
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 && sum.is_finite() {
        weights.iter_mut().for_each(|weight| *weight /= sum);
        return (start, weights.into_iter().map(|weight| weight as f32).collect());
    }
    let nearest = middle.round().max(0.0) as usize;
    if nearest < bins { (nearest, vec![1.0]) } else { (0, Vec::new()) }
}

/// The logarithms of the mel bands of a sound, window by window.
#[derive(Debug, Clone, PartialEq)]
pub struct LogMel {
    /// The number of bands.
    pub bands: usize,
    /// Natural logarithms of mean power, windows x `bands`; a sine at full scale has a power of 1. At least
    /// [`LogMel::FLOOR`].
    pub values: Vec<f32>,
}

impl LogMel {
    /// The logarithm that stands for silence: -100 dB of full scale.
    pub const FLOOR: f32 = -23.025_85;

    /// `bands` bands from 0 to `high` hertz of the windows that `options` make.
    ///
    /// # Errors
    /// If the options are not positive, or the work was cancelled.
    pub fn of(sound: &Sound, bands: usize, high: f64, options: FrameOptions, work: &Work) -> Result<Self> {
        let frames = Frames::new(sound.rate, options)?;
        let bank = FilterBank::new(bands, frames.bins(), sound.rate, 0.0, high);
        let mut scratch = frames.scratch();
        let (mut values, mut row) = (Vec::new(), Vec::with_capacity(bands));
        for index in 0..frames.count(sound.samples.len()) {
            if index % 256 == 0 {
                work.check()?;
            }
            frames.transform(&sound.samples, index * frames.hop(), &mut scratch)?;
            bank.apply(&scratch.power, &mut row);
            values.extend(row.iter().map(|&power| power.ln().max(Self::FLOOR)));
        }
        Ok(Self { bands, values })
    }

    /// The windows in order of time, each as its bands from low to high.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> + Clone {
        self.values.chunks_exact(self.bands.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::sine;
    use super::*;

    #[test]
    fn mel_and_hertz_agree_with_the_htk_book() {
        // 1000 Hz is about 1000 mel by the choice of the constants.
        assert!((mel_of_hz(1000.0) - 999.985_5).abs() < 1e-3, "{}", mel_of_hz(1000.0));
        for hz in [0.0, 50.0, 440.0, 8000.0] {
            assert!((hz_of_mel(mel_of_hz(hz)) - hz).abs() < 1e-6, "{hz}");
        }
    }

    #[test]
    fn every_filter_has_a_weight_of_one_or_lies_above_the_sound() {
        for (bands, bins, rate) in [(40, 129, 8000), (40, 513, 16_000), (128, 257, 44_100), (1, 9, 100), (80, 17, 8000)]
        {
            let bank = FilterBank::new(bands, bins, rate, 0.0, f64::from(rate) / 2.0);
            assert_eq!(bank.filters.len(), bands);
            let mut out = Vec::new();
            bank.apply(&vec![1.0; bins], &mut out);
            assert!(out.iter().all(|sum| (sum - 1.0).abs() < 1e-5), "{bands} {bins} {rate}: {out:?}");
        }
        let bank = FilterBank::new(40, 129, 8000, 0.0, 8000.0);
        let mut out = Vec::new();
        bank.apply(&[1.0; 129], &mut out);
        assert!(out[0] > 0.99 && out[39] == 0.0, "{out:?}");
    }

    #[test]
    fn a_tone_is_loudest_in_its_band_and_silence_is_the_floor() {
        let sound = |samples| Sound { samples, rate: 8000, channels: 1, notes: Vec::new() };
        let tone = sound(sine(8000, 1000.0, 0.5, 0.5));
        let mel = LogMel::of(&tone, 40, 4000.0, FrameOptions::default(), &Work::new()).unwrap();
        assert_eq!(mel.rows().len(), 50);
        let row = mel.rows().nth(25).unwrap();
        let loudest = (0..40).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
        // 1000 mel of 2146 in all, over 41 steps: between the middles of bands 18 and 19, counted from 0.
        assert!((18..=19).contains(&loudest), "{loudest}");
        let silence = LogMel::of(&sound(vec![0.0; 800]), 40, 4000.0, FrameOptions::default(), &Work::new()).unwrap();
        assert!(silence.values.iter().all(|&value| value == LogMel::FLOOR) && silence.rows().len() == 10);
    }
}
