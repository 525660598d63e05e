//! Moments of a sound as people read them; digits and units that are the same in both languages.

/// A moment in seconds as minutes and seconds with so many digits after the point (at most 6): `1:02.50`.
pub fn moment(seconds: f64, decimals: usize) -> String {
    let decimals = decimals.min(6);
    let unit = 10f64.powi(decimals as i32);
    // Rounded as a whole, so that 59.999 does not become 0:60.00.
    let units = (seconds.max(0.0) * unit).round() as u64;
    let per_second = unit as u64;
    let (whole, part) = (units / per_second, units % per_second);
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    let clock =
        if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") };
    if decimals == 0 { clock } else { format!("{clock}.{part:0decimals$}") }
}

/// A moment and a frequency: `0:01.250 · 440 Hz`.
pub fn moment_and_hertz(seconds: f64, decimals: usize, hertz: f64) -> String {
    format!("{} · {hertz:.0} Hz", moment(seconds, decimals))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_as_on_a_clock() {
        let check = |seconds, decimals, expected: &str| assert_eq!(moment(seconds, decimals), expected);
        check(0.0, 0, "0:00");
        check(62.5, 2, "1:02.50");
        check(59.9996, 3, "1:00.000");
        check(3600.25, 1, "1:00:00.3");
        check(0.05, 3, "0:00.050");
        check(-1.0, 1, "0:00.0");
        check(f64::NAN, 0, "0:00");
        assert_eq!(moment_and_hertz(1.25, 3, 439.6), "0:01.250 · 440 Hz");
    }
}
