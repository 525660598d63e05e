//! A sound as a picture: time to the right, frequency upwards, loudness as brightness.

use std::ops::Range;

use rayon::prelude::*;

use super::Sound;
use super::frames::{FrameOptions, Frames};
use super::mel::{FilterBank, hz_of_mel, mel_of_hz};
use crate::engine::{Result, Work};

/// How frequencies are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// One row a bin of the transform, evenly from 0 Hz to half the sample rate.
    #[default]
    Linear,
    /// So many rows of equal width on the mel scale (HTK's formula), over the same range.
    Mel(usize),
}

/// How a spectrogram is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpectrogramOptions {
    /// The windows.
    pub frames: FrameOptions,
    /// The rows.
    pub scale: Scale,
    /// No more columns than this, at least 1. In longer sounds a column shows the loudest of several windows, so that
    /// a click does not vanish.
    pub max_columns: usize,
}

impl Default for SpectrogramOptions {
    /// 25 ms every 10 ms, linear, 2048 columns, which any graphics card takes as a texture.
    fn default() -> Self {
        Self { frames: FrameOptions::default(), scale: Scale::Linear, max_columns: 2048 }
    }
}

/// Loudness over time and frequency.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrogram {
    /// The number of columns.
    pub columns: usize,
    /// The number of rows.
    pub rows: usize,
    /// Column by column, each from low to high frequencies: 0 is [`Spectrogram::FLOOR_DB`] or less, 255 is 0 dB of full
    /// scale or more.
    pub levels: Vec<u8>,
    /// The time that the columns cover, in seconds of the sound.
    pub span: Range<f64>,
    /// The upper edge in hertz; the lower is 0.
    pub top_hz: f64,
    /// How the rows are laid out.
    pub scale: Scale,
}

/// Windows between two looks at whether to stop.
const CHECK_EVERY: usize = 64;

impl Spectrogram {
    /// What level 0 stands for, in decibels of full scale (a sine between -1 and 1 has 0).
    pub const FLOOR_DB: f32 = -120.0;

    /// The spectrogram of a part of a sound, in seconds; the part is cut to the sound.
    ///
    /// # Errors
    /// If the options are not positive, or the work was cancelled.
    pub fn of(sound: &Sound, part: Range<f64>, options: &SpectrogramOptions, work: &Work) -> Result<Self> {
        let frames = Frames::new(sound.rate, options.frames)?;
        let rate = f64::from(sound.rate.max(1));
        let end = sound.samples.len();
        // Floats become integers saturating, and NaN becomes 0.
        let sample = |seconds: f64| ((seconds.max(0.0) * rate) as usize).min(end);
        let (from, to) = (sample(part.start), sample(part.end).max(sample(part.start)));
        let windows = frames.count(to - from);
        let together = windows.div_ceil(options.max_columns.max(1)).max(1);
        let columns = windows.div_ceil(together);
        let nyquist = rate / 2.0;
        let bank = match options.scale {
            Scale::Linear => None,
            Scale::Mel(bands) => Some(FilterBank::new(bands.max(1), frames.bins(), sound.rate, 0.0, nyquist)),
        };
        let rows = match options.scale {
            Scale::Linear => frames.bins(),
            Scale::Mel(bands) => bands.max(1),
        };
        let plan = Plan { frames, bank, rows, from, to, together };
        work.stage("computing the spectrogram", columns as u64);
        let mut levels = vec![0u8; columns * rows];
        let chunk = (CHECK_EVERY / together).max(1);
        levels
            .par_chunks_mut(chunk * rows)
            .enumerate()
            .try_for_each(|(index, levels)| plan.fill(sound, index * chunk, levels, work))?;
        let hop = plan.frames.hop() * together;
        let span = from as f64 / rate..(from + columns * hop) as f64 / rate;
        Ok(Self { columns, rows, levels, span, top_hz: nyquist, scale: options.scale })
    }

    /// The level at a column and a row; `None` outside.
    pub fn level(&self, column: usize, row: usize) -> Option<u8> {
        if row >= self.rows {
            return None;
        }
        self.levels.get(column.checked_mul(self.rows)?.checked_add(row)?).copied()
    }

    /// What a level stands for, in decibels of full scale.
    pub fn db_of(level: u8) -> f32 {
        Self::FLOOR_DB * (1.0 - f32::from(level) / 255.0)
    }

    /// The greatest level; 0 without columns.
    pub fn loudest(&self) -> u8 {
        self.levels.iter().copied().max().unwrap_or(0)
    }

    /// The frequency in hertz at a share of the height, 0 at the bottom and 1 at the top.
    pub fn hz_at(&self, share: f64) -> f64 {
        match self.scale {
            Scale::Linear => share * self.top_hz,
            Scale::Mel(_) => hz_of_mel(share * mel_of_hz(self.top_hz)),
        }
    }
}

/// What is computed for each column.
struct Plan {
    frames: Frames,
    bank: Option<FilterBank>,
    rows: usize,
    /// The part of the samples.
    from: usize,
    to: usize,
    /// Windows that share a column.
    together: usize,
}

impl Plan {
    /// Fills the columns from `first` on.
    fn fill(&self, sound: &Sound, first: usize, levels: &mut [u8], work: &Work) -> Result<()> {
        let mut scratch = self.frames.scratch();
        let (mut loudest, mut bands) = (vec![0.0f32; self.rows], Vec::with_capacity(self.rows));
        for (column, levels) in levels.chunks_exact_mut(self.rows.max(1)).enumerate() {
            loudest.fill(0.0);
            for window in 0..self.together {
                if window % CHECK_EVERY == 0 {
                    work.check()?;
                }
                let start = self.from + ((first + column) * self.together + window) * self.frames.hop();
                if start >= self.to {
                    break;
                }
                // A column shows what is about its middle.
                self.frames.transform(&sound.samples, start + self.frames.hop() / 2, &mut scratch)?;
                let power = match &self.bank {
                    Some(bank) => {
                        bank.apply(&scratch.power, &mut bands);
                        &bands
                    }
                    None => &scratch.power,
                };
                loudest.iter_mut().zip(power).for_each(|(loudest, &power)| *loudest = loudest.max(power));
            }
            levels.iter_mut().zip(&loudest).for_each(|(level, &power)| *level = level_of(power));
            work.advance(1)?;
        }
        Ok(())
    }
}

/// A power (1 is a sine at full scale) as a level.
fn level_of(power: f32) -> u8 {
    let db = 10.0 * power.log10();
    // A cast of a float to an integer saturates: silence is minus infinity and becomes 0.
    (255.0 * (1.0 - db / Spectrogram::FLOOR_DB)).round() as u8
}

#[cfg(test)]
mod tests {
    use super::super::samples::sine;
    use super::*;

    fn sound(samples: Vec<f32>) -> Sound {
        Sound { samples, rate: 8000, channels: 1, notes: Vec::new() }
    }

    fn of(sound: &Sound, options: SpectrogramOptions) -> Spectrogram {
        Spectrogram::of(sound, 0.0..sound.seconds(), &options, &Work::new()).unwrap()
    }

    #[test]
    fn a_tone_is_a_line_at_its_frequency_and_loudness() {
        let tone = sound(sine(8000, 1000.0, 0.1, 1.0));
        let linear = of(&tone, SpectrogramOptions::default());
        assert_eq!((linear.columns, linear.rows, linear.span.clone()), (100, 129, 0.0..1.0));
        let loudest = |s: &Spectrogram, column| (0..s.rows).max_by_key(|&row| s.level(column, row)).unwrap();
        assert_eq!(loudest(&linear, 50), 32);
        let db = Spectrogram::db_of(linear.level(50, 32).unwrap());
        assert!((db + 20.0).abs() < 0.5, "a tenth of full scale is -20 dB, not {db}");
        assert!((linear.hz_at(32.0 / 128.0) - 1000.0).abs() < 1e-9);
        let mel = of(&tone, SpectrogramOptions { scale: Scale::Mel(64), ..Default::default() });
        let hz = mel.hz_at((loudest(&mel, 50) as f64 + 1.0) / 65.0);
        assert!((hz - 1000.0).abs() < 60.0, "{hz}");
    }

    #[test]
    fn long_sounds_are_bounded_and_a_click_is_kept() {
        let mut samples = vec![0.0; 80_000];
        samples[40_123] = 1.0;
        let options = SpectrogramOptions { max_columns: 10, ..Default::default() };
        let picture = of(&sound(samples), options);
        assert_eq!((picture.columns, picture.levels.len()), (10, 10 * 129));
        let loud: Vec<bool> = (0..10).map(|column| picture.level(column, 60) > Some(0)).collect();
        assert_eq!(loud.iter().filter(|&&loud| loud).count(), 1, "{loud:?}");
        assert!(loud[5]);
    }

    #[test]
    fn silence_parts_and_odd_ranges() {
        let silence = sound(vec![0.0; 8000]);
        assert_eq!(of(&silence, SpectrogramOptions::default()).loudest(), 0);
        let check = |part: Range<f64>, columns: usize| {
            let made = Spectrogram::of(&silence, part.clone(), &SpectrogramOptions::default(), &Work::new()).unwrap();
            assert_eq!(made.columns, columns, "{part:?}");
        };
        check(0.25..0.5, 25);
        check(0.5..0.5, 0);
        check(0.5..0.25, 0);
        check(-9.0..99.0, 100);
        check(f64::NAN..f64::NAN, 0);
        check(2.0..3.0, 0);
        assert_eq!(of(&sound(Vec::new()), SpectrogramOptions::default()).loudest(), 0);
        let work = Work::new();
        work.cancel();
        assert!(Spectrogram::of(&silence, 0.0..1.0, &SpectrogramOptions::default(), &work).is_err());
    }

    #[test]
    fn levels_are_decibels() {
        let check = |power: f32, expected: u8| assert_eq!(level_of(power), expected, "{power}");
        check(0.0, 0);
        check(1e-12, 0);
        check(1e-6, 128);
        check(1.0, 255);
        check(100.0, 255);
        check(f32::NAN, 0);
    }
}
