//! A sound as overlapping windows and their power spectra, which the spectrogram and the features share.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use crate::engine::{Error, Result};

/// How a sound is cut into windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameOptions {
    /// The length of a window in seconds, more than 0.
    pub window: f64,
    /// The time between the middles of two windows in seconds, more than 0.
    pub hop: f64,
}

impl Default for FrameOptions {
    /// 25 ms every 10 ms, as speech is usually looked at.
    fn default() -> Self {
        Self { window: 0.025, hop: 0.010 }
    }
}

/// The longest window in samples; longer ones are shortened to it.
const MAX_WINDOW: usize = 1 << 16;

/// The plan for one sample rate: Hann windows (periodic; Harris 1978, "On the Use of Windows for Harmonic Analysis with
/// the Discrete Fourier Transform"), padded to a power of two, and their real Fourier transform. Shared by threads.
pub(super) struct Frames {
    window: Vec<f32>,
    hop: usize,
    fft: Arc<dyn RealToComplex<f32>>,
    /// Makes the power of a sine of amplitude 1 in the middle of a bin 1.
    scale: f32,
}

/// What one thread needs to transform windows.
pub(super) struct Scratch {
    input: Vec<f32>,
    output: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    /// The power of each bin of the last window; 1 is a sine at full scale.
    pub(super) power: Vec<f32>,
}

impl Frames {
    pub(super) fn new(rate: u32, options: FrameOptions) -> Result<Self> {
        let samples = |seconds: f64| (seconds * f64::from(rate)).round();
        if !(options.window > 0.0 && options.hop > 0.0) {
            return Err(Error::input("windows and the time between them must be longer than 0 seconds"));
        }
        // At least 16 samples, so that a very low sample rate gives some frequencies still.
        let length = (samples(options.window) as usize).clamp(16, MAX_WINDOW);
        let hop = (samples(options.hop) as usize).max(1);
        let step = std::f64::consts::TAU / length as f64;
        let window: Vec<f32> = (0..length).map(|at| (0.5 - 0.5 * (at as f64 * step).cos()) as f32).collect();
        let sum: f32 = window.iter().sum();
        let fft = RealFftPlanner::new().plan_fft_forward(length.next_power_of_two());
        Ok(Self { window, hop, fft, scale: 4.0 / (sum * sum) })
    }

    /// The number of bins, from 0 Hz to half the sample rate.
    pub(super) fn bins(&self) -> usize {
        self.fft.len() / 2 + 1
    }

    /// The number of samples between two windows.
    pub(super) fn hop(&self) -> usize {
        self.hop
    }

    /// The number of windows over `samples` samples: the first is about sample 0, the last not behind the end.
    pub(super) fn count(&self, samples: usize) -> usize {
        if samples == 0 { 0 } else { (samples - 1) / self.hop + 1 }
    }

    pub(super) fn scratch(&self) -> Scratch {
        Scratch {
            input: self.fft.make_input_vec(),
            output: self.fft.make_output_vec(),
            scratch: self.fft.make_scratch_vec(),
            power: vec![0.0; self.bins()],
        }
    }

    /// The power spectrum of the window whose middle is sample `middle`; outside of `samples` there is silence.
    pub(super) fn transform(&self, samples: &[f32], middle: usize, scratch: &mut Scratch) -> Result<()> {
        let half = self.window.len() / 2;
        // Samples before the first are left out of the window as well.
        let (start, skipped) = (middle.saturating_sub(half), half.saturating_sub(middle));
        scratch.input.fill(0.0);
        let inside = samples.get(start..).unwrap_or_default().iter().zip(self.window.iter().skip(skipped));
        for ((&sample, &weight), out) in inside.zip(scratch.input.iter_mut().skip(skipped)) {
            *out = sample * weight;
        }
        self.fft
            .process_with_scratch(&mut scratch.input, &mut scratch.output, &mut scratch.scratch)
            .map_err(|why| Error::input(format!("the spectrum cannot be computed ({why})")))?;
        for (power, value) in scratch.power.iter_mut().zip(&scratch.output) {
            // Bounded, so that samples far beyond full scale make no infinities.
            *power = ((value.re * value.re + value.im * value.im) * self.scale).min(1e30);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::sine;
    use super::*;

    #[test]
    fn a_tone_has_its_power_in_its_bin() {
        let frames = Frames::new(8000, FrameOptions { window: 0.032, hop: 0.010 }).unwrap();
        assert_eq!((frames.bins(), frames.hop(), frames.count(8000), frames.count(0)), (129, 80, 100, 0));
        let mut scratch = frames.scratch();
        frames.transform(&sine(8000, 1000.0, 1.0, 1.0), 4000, &mut scratch).unwrap();
        // 1000 Hz is bin 32 of 31.25 Hz each. A Hann window puts a quarter of the power into each neighbour.
        let close = |bin: usize, expected: f32| (scratch.power[bin] - expected).abs() < 0.01;
        assert!(close(32, 1.0) && close(31, 0.25) && close(33, 0.25) && close(40, 0.0), "{:?}", &scratch.power[28..44]);
    }

    #[test]
    fn the_ends_are_silent_and_odd_settings_are_no_trouble() {
        let frames = Frames::new(8000, FrameOptions::default()).unwrap();
        let mut scratch = frames.scratch();
        for middle in [0, 1, 99, 100, 101, 5000, usize::MAX] {
            frames.transform(&[1.0; 100], middle, &mut scratch).unwrap();
            assert!(scratch.power.iter().all(|power| power.is_finite()), "{middle}");
        }
        assert!(scratch.power.iter().all(|&power| power == 0.0));
        assert!(Frames::new(1, FrameOptions::default()).is_ok_and(|frames| frames.bins() == 9));
        assert!(Frames::new(1_000_000, FrameOptions { window: 1e9, hop: 1e9 }).is_ok());
        for bad in [0.0, -1.0, f64::NAN] {
            assert!(Frames::new(8000, FrameOptions { window: bad, hop: 0.01 }).is_err());
            assert!(Frames::new(8000, FrameOptions { window: 0.01, hop: bad }).is_err());
        }
    }
}
