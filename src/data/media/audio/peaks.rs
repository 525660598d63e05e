//! The outline of a sound: least and greatest sample of any stretch, at the cost of the pixels that show it.

use std::sync::Arc;

use super::Sound;

/// Samples in a block of the lowest level, and blocks of one level in a block of the next.
const BASE: usize = 64;
const FACTOR: usize = 4;

/// Least and greatest sample.
type Span = (f32, f32);

/// A pyramid of least and greatest samples over a sound: a twenty-fourth of the sound's own memory.
#[derive(Debug, Clone)]
pub struct Peaks {
    sound: Arc<Sound>,
    /// `levels[n]` covers [`BASE`] x [`FACTOR`]^n samples with each pair; the last block of a level may be shorter.
    levels: Vec<Vec<Span>>,
}

impl Peaks {
    /// The outline of a sound.
    pub fn of(sound: Arc<Sound>) -> Self {
        let mut levels: Vec<Vec<Span>> = Vec::new();
        let mut level: Vec<Span> = sound.samples.chunks(BASE).map(over_samples).collect();
        while level.len() > FACTOR {
            let next = level.chunks(FACTOR).map(over_spans).collect();
            levels.push(std::mem::replace(&mut level, next));
        }
        levels.push(level);
        Self { sound, levels }
    }

    /// The sound.
    pub fn sound(&self) -> &Arc<Sound> {
        &self.sound
    }

    /// The length in seconds.
    pub fn seconds(&self) -> f64 {
        self.sound.seconds()
    }

    /// The greatest distance of a sample from 0.
    pub fn peak(&self) -> f32 {
        let (least, greatest) = self.levels.last().map_or((0.0, 0.0), |level| over_spans(level));
        greatest.max(-least).max(0.0)
    }

    /// Least and greatest sample of `count` equal parts of the time from `start` to `end` (seconds), each with its
    /// neighbour's first sample, so that the outline has no gaps. `None` where there is no sound.
    pub fn columns(&self, start: f64, end: f64, count: usize) -> Vec<Option<(f32, f32)>> {
        let rate = f64::from(self.sound.rate);
        let step = (end - start) / count.max(1) as f64 * rate;
        // Floats become integers saturating, and NaN becomes 0.
        let edge = |column: usize| (start * rate + step * column as f64).max(0.0).floor() as usize;
        let before_start = |column: usize| start * rate + step * (column + 1) as f64 <= 0.0;
        let column = |column: usize| {
            let from = edge(column);
            if before_start(column) { None } else { self.span(from, edge(column + 1).max(from).saturating_add(1)) }
        };
        (0..count).map(column).collect()
    }

    /// Least and greatest of the samples `from..to`; `None` if there are none.
    fn span(&self, from: usize, to: usize) -> Option<Span> {
        let to = to.min(self.sound.samples.len());
        if from >= to {
            return None;
        }
        // The coarsest level of which at least one whole block lies within.
        let (mut size, mut chosen) = (BASE, None);
        for level in &self.levels {
            if from.div_ceil(size) < to / size {
                chosen = Some((size, level));
            }
            size *= FACTOR;
        }
        let Some((size, level)) = chosen else {
            return self.sound.samples.get(from..to).map(over_samples);
        };
        let (first, last) = (from.div_ceil(size), to / size);
        let middle = level.get(first..last).map(over_spans);
        // What is left over at both ends is shorter than a block and is looked up in finer levels.
        let head = self.span(from, first * size);
        let tail = self.span(last * size, to);
        [head, middle, tail].into_iter().flatten().reduce(wider)
    }
}

fn wider(a: Span, b: Span) -> Span {
    (a.0.min(b.0), a.1.max(b.1))
}

fn over_samples(samples: &[f32]) -> Span {
    samples.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |span, &sample| wider(span, (sample, sample)))
}

fn over_spans(spans: &[Span]) -> Span {
    spans.iter().copied().reduce(wider).unwrap_or((0.0, 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Random;

    fn noise(length: usize, rate: u32) -> Arc<Sound> {
        let mut random = Random::new(7);
        let samples = (0..length).map(|_| random.unit() as f32 * 2.0 - 1.0).collect();
        Arc::new(Sound { samples, rate, channels: 1, notes: Vec::new() })
    }

    #[test]
    fn any_stretch_has_its_least_and_greatest_sample() {
        let sound = noise(70_001, 8000);
        let peaks = Peaks::of(sound.clone());
        let mut random = Random::new(8);
        for _ in 0..2000 {
            let (a, b) = (random.below(70_010), random.below(70_010));
            // Short stretches as often as long ones.
            let (from, to) = if random.below(2) == 0 { (a.min(b), a.max(b)) } else { (a, a + random.below(300)) };
            let expected = sound.samples.get(from..to.min(70_001)).filter(|part| !part.is_empty()).map(over_samples);
            assert_eq!(peaks.span(from, to), expected, "{from}..{to}");
        }
    }

    #[test]
    fn columns_cover_the_sound_and_are_empty_beside_it() {
        let peaks = Peaks::of(noise(8000, 8000));
        let columns = peaks.columns(-0.5, 1.5, 20);
        assert!(columns[..5].iter().all(Option::is_none) && columns[15..].iter().all(Option::is_none), "{columns:?}");
        assert!(columns[5..15].iter().all(Option::is_some));
        let (least, greatest) = columns.iter().flatten().copied().reduce(wider).unwrap();
        assert_eq!(greatest.max(-least), peaks.peak());
        let close = peaks.columns(0.1, 0.101, 80);
        assert!(close.iter().all(Option::is_some), "more columns than samples");
        assert!(close.windows(2).all(|two| match two {
            [Some(one), Some(next)] => one.0 <= next.1 && next.0 <= one.1,
            _ => false,
        }));
    }

    #[test]
    fn odd_sounds_are_no_trouble() {
        let empty = Peaks::of(noise(0, 8000));
        assert_eq!((empty.peak(), empty.columns(0.0, 1.0, 3)), (0.0, vec![None; 3]));
        let one = Peaks::of(noise(1, 1));
        assert!(one.columns(0.0, 1.0, 1)[0].is_some());
        for (start, end) in [(f64::NAN, 1.0), (0.0, f64::INFINITY), (1.0, 0.0), (-1e300, 1e300)] {
            assert_eq!(one.columns(start, end, 4).len(), 4);
        }
    }
}
