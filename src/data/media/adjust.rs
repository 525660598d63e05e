//! Brightness and contrast of a picture as it is looked at. The data never change.

/// How a picture is shown. The default shows it as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Adjust {
    /// -100 to 100: what is added, in percent of the range from black to white.
    pub brightness: i8,
    /// -100 to 100: 0 leaves it, 100 makes it four times as strong, -100 leaves a plain grey.
    pub contrast: i8,
}

impl Adjust {
    /// The most and, negative, the least of each.
    pub const MOST: i8 = 100;

    /// Whether pictures are shown as they are.
    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    /// Brighter by `step`, or darker, within bounds.
    #[must_use]
    pub fn brighter(self, step: i8) -> Self {
        Self { brightness: within(self.brightness.saturating_add(step)), ..self }
    }

    /// More contrast by `step`, or less, within bounds.
    #[must_use]
    pub fn stronger(self, step: i8) -> Self {
        Self { contrast: within(self.contrast.saturating_add(step)), ..self }
    }

    /// Changes the colours of RGBA pixels; alpha stays.
    pub fn apply(self, rgba: &mut [u8]) {
        if self.is_none() {
            return;
        }
        let table = self.table();
        for pixel in rgba.chunks_exact_mut(4) {
            for value in &mut pixel[..3] {
                *value = table[usize::from(*value)];
            }
        }
    }

    /// What becomes of every value of a channel. Contrast turns around the middle grey.
    fn table(self) -> [u8; 256] {
        let (brightness, contrast) = (f32::from(self.brightness) / 100.0, f32::from(self.contrast) / 100.0);
        let gain = if contrast > 0.0 { 1.0 + 3.0 * contrast } else { 1.0 + contrast };
        std::array::from_fn(|value| {
            ((value as f32 - 127.5) * gain + 127.5 + brightness * 255.0).round().clamp(0.0, 255.0) as u8
        })
    }
}

fn within(value: i8) -> i8 {
    value.clamp(-Adjust::MOST, Adjust::MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_follow_and_alpha_stays() {
        let check = |brightness: i8, contrast: i8, expected: [u8; 4]| {
            let mut rgba = [0, 100, 255, 77];
            Adjust { brightness, contrast }.apply(&mut rgba);
            assert_eq!(rgba, expected, "{brightness} {contrast}");
        };
        check(0, 0, [0, 100, 255, 77]);
        check(10, 0, [26, 126, 255, 77]);
        check(-10, 0, [0, 75, 230, 77]);
        check(100, 0, [255, 255, 255, 77]);
        check(-100, 0, [0, 0, 0, 77]);
        check(0, -100, [128, 128, 128, 77]);
        check(0, -50, [64, 114, 191, 77]);
        check(0, 100, [0, 18, 255, 77]);
    }

    #[test]
    fn steps_stay_within_bounds() {
        let check = |from: i8, step: i8, expected: i8| {
            let adjust = Adjust { brightness: from, contrast: from };
            assert_eq!(adjust.brighter(step), Adjust { brightness: expected, contrast: from });
            assert_eq!(adjust.stronger(step), Adjust { brightness: from, contrast: expected });
        };
        check(0, 10, 10);
        check(95, 10, 100);
        check(-95, -10, -100);
        check(100, 127, 100);
        assert!(Adjust::default().is_none());
    }

    proptest::proptest! {
        /// What was darker stays darker, or equal.
        #[test]
        fn order_is_kept(brightness in -100i8..=100, contrast in -100i8..=100) {
            let table = Adjust { brightness, contrast }.table();
            proptest::prop_assert!(table.is_sorted());
        }
    }
}
