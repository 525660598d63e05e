//! The confident joint: counts of given against likely class, and what follows from them about the classes.

use super::{Overlap, RowFacts};

/// Below this a denominator counts as 0.
const TINY: f64 = 1e-100;

/// The guess of a row that is confident of no class.
pub(super) const NO_GUESS: u16 = u16::MAX;

/// Counts by given class (row) and likely class (column).
pub(super) type Counts = Vec<Vec<u64>>;

/// Counts rows that are confident of a class, by given and by likely class. The diagonal is at least 1, so that every
/// class keeps a row.
pub(super) fn confident_joint(labels: &[Option<u16>], facts: &[RowFacts], classes: usize) -> Counts {
    let mut counts = vec![vec![0; classes]; classes];
    for (label, facts) in labels.iter().zip(facts) {
        let Some(label) = label else { continue };
        let row = counts.get_mut(usize::from(*label));
        if let Some(count) = row.and_then(|row| row.get_mut(usize::from(facts.guess))) {
            *count += 1;
        }
    }
    for (class, row) in counts.iter_mut().enumerate() {
        row[class] = row[class].max(1);
    }
    counts
}

/// Scales the joint so that each row sums to the number of rows given that class, in whole numbers. A row is scaled by
/// one division of whole numbers, so that halves are halves and rounding noise decides no tie.
pub(super) fn calibrate(joint: &Counts, given: &[u64]) -> Counts {
    let scale = |(row, &given): (&Vec<u64>, &u64)| {
        let sum = row.iter().sum::<u64>().max(1) as f64;
        round_preserving_sum(&row.iter().map(|&count| (count * given) as f64 / sum).collect::<Vec<_>>())
    };
    joint.iter().zip(given).map(scale).collect()
}

/// Rounds numbers that are not negative to whole ones whose sum is the rounded sum: first half to even, then the
/// entries that lost most go up (the later of equals first), or those that gained most go down (the earlier first).
pub(super) fn round_preserving_sum(values: &[f64]) -> Vec<u64> {
    let mut rounded: Vec<f64> = values.iter().map(|value| value.round_ties_even()).collect();
    let wanted = values.iter().sum::<f64>().round_ties_even();
    loop {
        let difference = (wanted - rounded.iter().sum::<f64>()).round_ties_even();
        if difference.abs() < 0.5 || values.is_empty() {
            break;
        }
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&a, &b| (values[a] - rounded[a]).total_cmp(&(values[b] - rounded[b])));
        if difference > 0.0 {
            order.reverse();
        }
        for &at in order.iter().take(difference.abs() as usize) {
            rounded[at] += difference.signum();
        }
    }
    rounded.into_iter().map(|value| value.max(0.0) as u64).collect()
}

/// How many rows may be taken out, by likely class (row) and given class (column): the calibrated joint turned over,
/// with at least one row left on each diagonal and the other counts scaled by `share`.
pub(super) fn prune_counts(calibrated: &Counts, share: f64) -> Counts {
    let classes = calibrated.len();
    let mut counts = vec![vec![0; classes]; classes];
    for given in 0..classes {
        let column: Vec<f64> = calibrated[given].iter().map(|&count| count as f64).collect();
        let diagonal = column[given].max(1.0);
        let filled = column.iter().filter(|&&count| count != 0.0).count() as f64;
        let taken = (diagonal - column[given]) / (filled - 1.0).max(1.0);
        let mut moved = 0.0;
        for (likely, &count) in column.iter().enumerate().filter(|(likely, _)| *likely != given) {
            let left = (count - taken).max(0.0);
            moved += left - left * share;
            counts[likely][given] = (left * share) as u64;
        }
        counts[given][given] = (diagonal + moved) as u64;
    }
    counts
}

/// The quality of a class as the calibrated joint has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassQuality {
    /// Rows given this class that should have another.
    pub label_issues: u64,
    /// Rows given another class that should have this one.
    pub inverse_label_issues: u64,
    /// P(true ≠ class | given = class); `None` if no row has the class.
    pub label_noise: Option<f64>,
    /// P(given ≠ class | true = class); `None` if the class is likely for no row.
    pub inverse_label_noise: Option<f64>,
    /// P(true = class | given = class); `None` if no row has the class.
    pub quality: Option<f64>,
}

pub(super) fn class_quality(calibrated: &Counts) -> Vec<ClassQuality> {
    (0..calibrated.len())
        .map(|class| {
            let right = calibrated[class][class];
            let given: u64 = calibrated[class].iter().sum();
            let likely: u64 = calibrated.iter().map(|row| row[class]).sum();
            let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
            ClassQuality {
                label_issues: given - right,
                inverse_label_issues: likely - right,
                label_noise: share(given - right, given),
                inverse_label_noise: share(likely - right, likely),
                quality: share(right, given),
            }
        })
        .collect()
}

/// Pairs of classes that are taken for each other, most rows first.
pub(super) fn overlaps(calibrated: &Counts) -> Vec<Overlap> {
    let total: u64 = calibrated.iter().flatten().sum();
    let mut pairs: Vec<Overlap> = (0..calibrated.len())
        .flat_map(|first| (first + 1..calibrated.len()).map(move |second| (first, second)))
        .filter_map(|(first, second)| {
            let rows = calibrated[first][second] + calibrated[second][first];
            let share = rows as f64 / (total as f64).max(1.0);
            (rows > 0).then_some(Overlap { first: first as u16, second: second as u16, rows, share })
        })
        .collect();
    pairs.sort_by_key(|pair| (std::cmp::Reverse(pair.rows), pair.first, pair.second));
    pairs
}

/// The classes' true shares and how they are confused, derived from the calibrated joint.
#[derive(Debug, Clone, PartialEq)]
pub struct Latent {
    /// P(true = k).
    pub prior: Vec<f64>,
    /// P(given = row | true = column).
    pub noise: Vec<Vec<f64>>,
    /// P(true = row | given = column).
    pub inverse_noise: Vec<Vec<f64>>,
}

pub(super) fn latent(calibrated: &Counts) -> Latent {
    let classes = calibrated.len();
    let total: u64 = calibrated.iter().flatten().sum();
    let given: Vec<f64> = calibrated.iter().map(|row| row.iter().sum::<u64>() as f64).collect();
    let likely: Vec<f64> = (0..classes).map(|k| calibrated.iter().map(|row| row[k]).sum::<u64>() as f64).collect();
    let table = |of: &dyn Fn(usize, usize) -> f64| -> Vec<Vec<f64>> {
        (0..classes).map(|row| (0..classes).map(|column| of(row, column)).collect()).collect()
    };
    let noise = table(&|row, column| calibrated[row][column] as f64 / likely[column].max(TINY));
    let inverse_noise = table(&|row, column| calibrated[column][row] as f64 / given[column].max(TINY));
    let mut prior: Vec<f64> = (0..classes)
        .map(|k| {
            let share = given[k] / (total as f64).max(TINY);
            (inverse_noise[k][k] / noise[k][k].max(TINY) * share).clamp(1e-6, 1.0)
        })
        .collect();
    let sum: f64 = prior.iter().sum();
    prior.iter_mut().for_each(|share| *share /= sum.max(TINY));
    Latent { prior, noise: clip_noise(noise), inverse_noise: clip_noise(inverse_noise) }
}

/// Keeps rates off the diagonal within 0-0.9999 and lets columns sum to 1 again.
fn clip_noise(mut rates: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    for (row, rates) in rates.iter_mut().enumerate() {
        for (_, rate) in rates.iter_mut().enumerate().filter(|(column, _)| *column != row) {
            *rate = rate.clamp(0.0, 0.9999);
        }
    }
    for column in 0..rates.len() {
        let sum: f64 = rates.iter().map(|row| row[column]).sum();
        rates.iter_mut().for_each(|row| row[column] /= sum.max(TINY));
    }
    rates
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rounding_keeps_the_sum() {
        let check = |values: &[f64], expected: &[u64]| assert_eq!(round_preserving_sum(values), expected, "{values:?}");
        check(&[], &[]);
        check(&[0.5, 0.5], &[0, 1]);
        check(&[1.5, 1.5], &[1, 2]);
        check(&[0.4, 0.4, 0.2], &[0, 1, 0]);
        check(&[2.6, 2.6, 2.8], &[2, 3, 3]);
        check(&[10.0, 0.0], &[10, 0]);
        check(&[0.3; 10], &[0, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
    }

    #[test]
    fn at_least_one_row_of_a_class_is_left() {
        let counts = prune_counts(&vec![vec![0, 3, 2], vec![0, 4, 0], vec![1, 0, 0]], 1.0);
        assert_eq!(counts, [[1, 0, 0], [2, 4, 0], [1, 0, 1]]);
        let half = prune_counts(&vec![vec![6, 4], vec![0, 2]], 0.5);
        assert_eq!(half, [[8, 0], [2, 2]]);
    }

    proptest! {
        #[test]
        fn rounding_keeps_any_sum_and_stays_near(values in prop::collection::vec(0.0f64..1000.0, 1..30)) {
            let rounded = round_preserving_sum(&values);
            let sum: u64 = rounded.iter().sum();
            prop_assert_eq!(sum as f64, values.iter().sum::<f64>().round_ties_even());
            for (value, &whole) in values.iter().zip(&rounded) {
                prop_assert!((value - whole as f64).abs() <= 1.5 + 1e-9);
            }
        }

        #[test]
        fn calibrated_rows_sum_to_the_given_counts(
            joint in prop::collection::vec(prop::collection::vec(0u64..50, 4), 4),
            given in prop::collection::vec(0u64..500, 4),
        ) {
            let mut joint = joint;
            (0..4).for_each(|k| joint[k][k] += 1);
            for (row, given) in calibrate(&joint, &given).iter().zip(&given) {
                prop_assert_eq!(row.iter().sum::<u64>(), *given);
            }
        }
    }
}
