//! A share of counted rows with its interval.

use serde::Serialize;

use super::super::metrics::wilson;

/// A share with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rate {
    /// The share, 0-1.
    pub value: f64,
    /// The low end of the interval.
    pub low: f64,
    /// The high end of the interval.
    pub high: f64,
    /// The rows that it is a share of.
    pub of: u64,
}

impl Rate {
    /// `part` of `whole` rows with the score interval (Wilson 1927); `None` of no rows.
    pub fn of(part: u64, whole: u64) -> Option<Self> {
        let (low, high) = wilson(part, whole)?;
        Some(Self { value: part.min(whole) as f64 / whole as f64, low, high, of: whole })
    }

    /// The F1 of a class that is right in `right` rows and is label or prediction in `either` rows; `None` of no rows.
    ///
    /// With the Jaccard share `j = right / either` it is `2 j / (1 + j)`, which rises with `j`, so the Wilson interval
    /// of `j` carries over.
    pub(super) fn f1(right: u64, either: u64) -> Option<Self> {
        let share = Self::of(right, either)?;
        let carry = |j: f64| 2.0 * j / (1.0 + j);
        // 2 tp / (2 tp + fp + fn), in whole numbers as long as possible.
        let value = 2.0 * right as f64 / (right + either) as f64;
        Some(Self { value, low: carry(share.low), high: carry(share.high), of: either })
    }

    /// The mean of shares of different rows, whose interval is put together from theirs (MOVER: Zou and Donner 2008,
    /// "Construction of confidence limits about effect measures"); `None` of none.
    pub(super) fn mean(rates: &[Self]) -> Option<Self> {
        let count = rates.len() as f64;
        let mean = |of: &dyn Fn(&Self) -> f64| rates.iter().map(of).sum::<f64>() / count;
        let value = mean(&|rate| rate.value);
        let below = (mean(&|rate| (rate.value - rate.low).powi(2)) / count).sqrt();
        let above = (mean(&|rate| (rate.high - rate.value).powi(2)) / count).sqrt();
        let of = rates.iter().map(|rate| rate.of).sum();
        (!rates.is_empty()).then(|| Self { value, low: (value - below).max(0.0), high: (value + above).min(1.0), of })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_intervals_around_them() {
        assert!(Rate::of(0, 0).is_none() && Rate::f1(0, 0).is_none() && Rate::mean(&[]).is_none());
        let rate = Rate::of(81, 100).unwrap();
        assert!((rate.low - 0.72223).abs() < 5e-5 && (rate.high - 0.87485).abs() < 5e-5, "{rate:?}");
        let f1 = Rate::f1(1, 3).unwrap();
        assert!((f1.value - 0.5).abs() < 1e-12 && f1.low < 0.5 && f1.high > 0.5, "1 right of 3: 2 / (2 + 2)");
        assert_eq!(Rate::f1(0, 4).map(|f1| (f1.value, f1.low)), Some((0.0, 0.0)));
        let mean = Rate::mean(&[rate, Rate::of(5, 10).unwrap()]).unwrap();
        assert!((mean.value - 0.655).abs() < 1e-12 && mean.of == 110);
        assert!(mean.high - mean.low < 0.76341 - 0.23659, "narrower than the wider of the two");
        assert_eq!(Rate::mean(&[rate]).map(|mean| mean.value), Some(rate.value));
    }
}
