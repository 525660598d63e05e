//! Which time stands where in a view of a sound, how far it can be zoomed, and where its axis has steps.

use std::ops::Range;

use crate::data::media::Sound;

/// The least number of samples that fill the width.
const CLOSEST: f64 = 16.0;

/// Steps of the axis in seconds.
const STEPS: [f64; 23] = [
    1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0,
    60.0, 300.0, 900.0,
];

/// How far one may zoom and move.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The length of the sound in seconds, at least that of a sample.
    pub(super) seconds: f64,
    /// The shortest stretch that fills the width.
    shortest: f64,
}

impl Limits {
    /// The limits of a sound.
    pub(super) fn of(sound: &Sound) -> Self {
        let sample = 1.0 / f64::from(sound.rate.max(1));
        let seconds = sound.seconds().max(sample);
        Self { seconds, shortest: (CLOSEST * sample).min(seconds) }
    }

    /// The stretch of the same length that lies within the sound.
    pub(super) fn fitted(&self, start: f64, end: f64) -> Range<f64> {
        let width = (end - start).clamp(self.shortest, self.seconds);
        let start = start.min(self.seconds - width).max(0.0);
        start..start + width
    }

    /// `factor` times closer, with the time `at` staying where it is.
    pub(super) fn zoomed(&self, visible: &Range<f64>, at: f64, factor: f64) -> Range<f64> {
        let old = visible.end - visible.start;
        let width = (old / factor).clamp(self.shortest, self.seconds);
        let start = at - (at - visible.start) * width / old;
        self.fitted(start, start + width)
    }
}

/// Where which time is.
pub(super) struct View {
    /// Left edge and width in points.
    pub(super) left: f32,
    pub(super) width: f32,
    /// The stretch that is seen, in seconds.
    pub(super) start: f64,
    pub(super) end: f64,
}

impl View {
    /// Seconds in a point.
    pub(super) fn seconds_per_point(&self) -> f64 {
        (self.end - self.start) / f64::from(self.width.max(1.0))
    }

    /// The time at a place.
    pub(super) fn time(&self, x: f32) -> f64 {
        self.start + f64::from(x - self.left) * self.seconds_per_point()
    }

    /// The place of a time, if it is seen.
    pub(super) fn x(&self, time: f64) -> Option<f32> {
        let x = self.left + ((time - self.start) / self.seconds_per_point()) as f32;
        (self.start..=self.end).contains(&time).then_some(x)
    }
}

/// The step of the axis in seconds, wide enough for its labels, and the digits after the point that it needs.
pub(super) fn axis_step(seconds_per_point: f64) -> (f64, usize) {
    let fits = |step: f64, decimals: usize| step / seconds_per_point >= 44.0 + 7.0 * decimals as f64;
    let decimals = |step: f64| (0..6).find(|&count| step * 10f64.powi(count) >= 0.999).unwrap_or(6) as usize;
    let found = STEPS.into_iter().map(|step| (step, decimals(step))).find(|&(step, decimals)| fits(step, decimals));
    found.unwrap_or_else(|| {
        // Hours, as many as needed.
        let hours = (seconds_per_point * 44.0 / 3600.0).ceil().max(1.0);
        (hours * 3600.0, 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { seconds: 10.0, shortest: 0.01 };

    fn near(range: &Range<f64>, start: f64, end: f64) -> bool {
        (range.start - start).abs() < 1e-9 && (range.end - end).abs() < 1e-9
    }

    #[test]
    fn zooming_keeps_the_time_under_the_pointer_and_stays_in_the_sound() {
        let check = |visible: Range<f64>, at: f64, factor: f64, start: f64, end: f64| {
            let zoomed = LIMITS.zoomed(&visible, at, factor);
            assert!(near(&zoomed, start, end), "{visible:?} at {at} by {factor}: {zoomed:?}");
        };
        check(0.0..10.0, 5.0, 2.0, 2.5, 7.5);
        check(0.0..10.0, 0.0, 2.0, 0.0, 5.0);
        check(2.0..4.0, 3.5, 2.0, 2.75, 3.75);
        check(2.0..4.0, 2.0, 0.001, 0.0, 10.0);
        check(9.0..10.0, 10.0, 0.5, 8.0, 10.0);
        check(5.0..5.01, 5.005, 100.0, 5.0, 5.01);
    }

    #[test]
    fn moving_stops_at_the_ends() {
        assert!(near(&LIMITS.fitted(-1.0, 1.0), 0.0, 2.0));
        assert!(near(&LIMITS.fitted(9.0, 11.0), 8.0, 10.0));
        assert!(near(&LIMITS.fitted(-5.0, 50.0), 0.0, 10.0));
    }

    #[test]
    fn steps_are_round_and_leave_room_for_their_labels() {
        let check = |seconds_per_point, step: f64, decimals| {
            assert_eq!(axis_step(seconds_per_point), (step, decimals), "{seconds_per_point}");
        };
        check(0.001, 0.1, 1);
        check(0.01, 1.0, 0);
        check(0.1, 5.0, 0);
        check(1e-6, 1e-4, 4);
        check(3.0, 300.0, 0);
        check(100.0, 7200.0, 0);
    }
}
