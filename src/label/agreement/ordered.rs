//! Agreement on classes that stand in an order: to miss by one step is less than to miss by three.
//!
//! Krippendorff's alpha is `1 - D_o / D_e` with the disagreement `D` summed over pairs of annotations of an item,
//! weighted by a squared distance. Interval: `(v_c - v_k)²` of the classes' values. Ordinal: the square of how many
//! annotations lie between the two classes, half of their own included. Source: Krippendorff, "Computing
//! Krippendorff's Alpha-Reliability", 2011. Weighted kappa is `1 - Σ w o / Σ w e`, with `w` the distance of the positions
//! of two classes or its square (Cohen 1968).

use rayon::prelude::*;
use serde::Serialize;

use super::{Interval, Profiles, Ratings};
use crate::engine::{Result, Work};

/// Classes up to which pairs of classes are compared: there are as many as the square of this.
const MOST_CLASSES: usize = 512;

/// The measures of agreement on ordered classes; `None` in all of them where there are more than 512 classes.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct OrderedAgreement {
    /// Krippendorff's alpha for classes in an order.
    pub alpha_ordinal: Interval,
    /// Krippendorff's alpha for classes that are values.
    pub alpha_interval: Interval,
    /// Cohen's kappa weighted by distance; only for exactly two annotators.
    pub kappa_linear: Option<Interval>,
    /// Cohen's kappa weighted by the square of the distance; only for exactly two annotators.
    pub kappa_quadratic: Option<Interval>,
}

impl OrderedAgreement {
    /// Measures the agreement of classes in the order of their positions; `values` are what they stand for, one a class,
    /// or nothing where they are only in an order. Intervals as in [`super::Agreement::of`].
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn of(ratings: &Ratings, values: Option<&[f64]>, resamples: usize, seed: u64, work: &Work) -> Result<Self> {
        let classes = ratings.classes();
        if classes > MOST_CLASSES {
            return Ok(Self::default());
        }
        let profiles = Profiles::of(ratings);
        let positions: Vec<f64> = (0..classes).map(|class| class as f64).collect();
        let values = values.filter(|values| values.len() == classes).unwrap_or(&positions);
        let value = measure(&profiles, &profiles.counts, values);
        work.stage("resampling items", resamples as u64);
        let samples: Vec<[Option<f64>; 4]> = (0..resamples)
            .into_par_iter()
            .map(|index| {
                work.advance(1)?;
                Ok(measure(&profiles, &profiles.resample(seed, index as u64), values))
            })
            .collect::<Result<_>>()?;
        let interval =
            |which: usize| Interval::of(value[which], samples.iter().filter_map(|sample| sample[which]).collect());
        Ok(Self {
            alpha_ordinal: interval(0),
            alpha_interval: interval(1),
            kappa_linear: profiles.two.then(|| interval(2)),
            kappa_quadratic: profiles.two.then(|| interval(3)),
        })
    }
}

/// Alpha ordinal and interval, kappa linear and quadratic, of so many items of each profile.
fn measure(profiles: &Profiles, counts: &[u32], values: &[f64]) -> [Option<f64>; 4] {
    let classes = profiles.classes;
    // Coincidences of different classes, and annotations of items with two or more, by class.
    let mut pairs = vec![0.0; classes * classes];
    let mut by_class = vec![0.0; classes];
    for (tally, &count) in profiles.tallies.iter().zip(counts) {
        let total: f64 = tally.iter().map(|&(_, times)| f64::from(times)).sum();
        if count == 0 || total < 2.0 {
            continue;
        }
        for &(one, times) in tally {
            by_class[usize::from(one)] += f64::from(count) * f64::from(times);
            for &(other, others) in tally.iter().filter(|(other, _)| *other != one) {
                let both = f64::from(times) * f64::from(others) / (total - 1.0);
                pairs[usize::from(one) * classes + usize::from(other)] += f64::from(count) * both;
            }
        }
    }
    let total: f64 = by_class.iter().sum();
    let mut up_to = 0.0;
    // How many annotations lie before the middle of each class: distances of these are those of ranks.
    let ranks: Vec<f64> = by_class
        .iter()
        .map(|count| {
            let middle = up_to + count / 2.0;
            up_to += count;
            middle
        })
        .collect();
    let alpha = |at: &[f64]| {
        let (mut observed, mut expected) = (0.0, 0.0);
        for one in (0..classes).filter(|class| by_class[*class] > 0.0) {
            for other in 0..classes {
                let apart = (at[one] - at[other]) * (at[one] - at[other]);
                observed += apart * pairs[one * classes + other];
                expected += apart * by_class[one] * by_class[other];
            }
        }
        Some(1.0 - observed * (total - 1.0) / expected).filter(|alpha| alpha.is_finite())
    };
    let kappa = |weight: fn(f64) -> f64| kappa(profiles, counts, weight);
    [alpha(&ranks), alpha(values), kappa(|apart| apart), kappa(|apart| apart * apart)]
}

fn kappa(profiles: &Profiles, counts: &[u32], weight: fn(f64) -> f64) -> Option<f64> {
    if !profiles.two {
        return None;
    }
    let classes = profiles.classes;
    let (mut first, mut second) = (vec![0.0; classes], vec![0.0; classes]);
    let (mut total, mut observed) = (0.0, 0.0);
    for (pair, &count) in profiles.pairs.iter().zip(counts) {
        let Some((one, two)) = *pair else { continue };
        let count = f64::from(count);
        first[usize::from(one)] += count;
        second[usize::from(two)] += count;
        total += count;
        observed += count * weight((f64::from(one) - f64::from(two)).abs());
    }
    let mut expected = 0.0;
    for (one, a) in first.iter().enumerate().filter(|(_, count)| **count > 0.0) {
        for (two, b) in second.iter().enumerate() {
            expected += weight((one as f64 - two as f64).abs()) * a * b / total;
        }
    }
    Some(1.0 - observed / expected).filter(|kappa| kappa.is_finite())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, golden, raw, table};
    use super::*;

    fn of(ratings: &Ratings) -> OrderedAgreement {
        OrderedAgreement::of(ratings, None, 0, 0, &Work::new()).unwrap()
    }

    fn ten() -> Ratings {
        let (one, two) = ([1, 2, 3, 4, 4, 3, 2, 1, 2, 3], [1, 2, 4, 4, 3, 3, 1, 1, 2, 2]);
        let rows: Vec<[u16; 2]> = one.into_iter().zip(two).map(|(a, b)| [a, b]).collect();
        table(4, &rows.iter().map(|row| row.as_slice()).collect::<Vec<_>>())
    }

    #[test]
    fn measures_equal_those_of_other_programs() {
        // Computed with krippendorff 0.9.0 and scikit-learn 1.9.1.
        let found = of(&raw());
        check(found.alpha_ordinal, 0.815_387_503_754_881_4);
        check(found.alpha_interval, 0.849_107_142_857_143);
        assert_eq!((found.kappa_linear, found.kappa_quadratic), (None, None));
        let found = of(&ten());
        check(found.kappa_linear.unwrap(), 0.666_666_666_666_666_7);
        check(found.kappa_quadratic.unwrap(), 0.826_086_956_521_739_1);
    }

    #[test]
    fn the_golden_file_agrees() {
        let Some(golden) = golden() else { return };
        let number = |set: &str, name: &str| golden[set][name].as_f64().unwrap();
        let found = of(&raw());
        check(found.alpha_ordinal, number("raw4raters", "kripp_ordinal_pkg"));
        check(found.alpha_interval, number("raw4raters", "kripp_interval_pkg"));
        let found = of(&ten());
        check(found.kappa_linear.unwrap(), number("weighted_10", "linear"));
        check(found.kappa_quadratic.unwrap(), number("weighted_10", "quadratic"));
    }

    #[test]
    fn values_tell_how_far_classes_lie_apart() {
        let rows: [&[u16]; 4] = [&[1, 2], &[1, 1], &[2, 2], &[3, 3]];
        let near = OrderedAgreement::of(&table(3, &rows), Some(&[0.0, 1.0, 9.0]), 0, 0, &Work::new()).unwrap();
        let even = of(&table(3, &rows));
        assert!(near.alpha_interval.value > even.alpha_interval.value);
        assert_eq!(near.alpha_ordinal, even.alpha_ordinal);
        assert_eq!(of(&table(600, &rows)), OrderedAgreement::default());
        assert_eq!(of(&table(2, &[&[1, 1], &[1, 1]])).alpha_ordinal.value, None, "one class only");
    }

    #[test]
    fn intervals_hold_the_value_and_ignore_threads() {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| OrderedAgreement::of(&ten(), None, 300, 5, &Work::new()).unwrap())
        };
        let found = with(1);
        assert_eq!(found, with(2));
        let linear = found.kappa_linear.unwrap();
        assert!(linear.low < linear.value && linear.value < linear.high, "{linear:?}");
    }
}
