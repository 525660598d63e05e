//! Two predictions of the same rows: what got better, what got worse, and whether that may be chance.

use arrow_buffer::BooleanBuffer;

use super::super::metrics::wilson;
use super::{at, visit};
use crate::engine::{Error, Result, Work};

/// Two predictions against reference labels. A row without an answer is not right. Rows are in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Rows where the second is right and the first is not.
    pub better: Vec<u32>,
    /// Rows where the first is right and the second is not.
    pub worse: Vec<u32>,
    /// Rows where both are right.
    pub both_right: Vec<u32>,
    /// Rows where neither is right.
    pub both_wrong: Vec<u32>,
    /// Rows without a label where the two differ: what a look would settle.
    pub unlabelled_differ: Vec<u32>,
    /// What changed in each class of the labels.
    pub classes: Vec<ClassChange>,
    /// Whether one is right more often than the other.
    pub test: McNemar,
    /// Accuracy of the second less that of the first; `None` without labelled rows.
    pub difference: Option<Interval>,
}

/// What changed in the rows of one class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClassChange {
    /// Rows with this label.
    pub support: u64,
    /// Those that became right.
    pub better: u64,
    /// Those that are right no more.
    pub worse: u64,
}

/// The test of McNemar (1947) on the rows where only one of the two is right; two-sided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct McNemar {
    /// The exact probability of such a difference by chance, conditional on the number of these rows. It errs on the
    /// safe side.
    pub exact: f64,
    /// The mid-p value, which does not (Fagerland, Lydersen and Laake 2013, "The McNemar test for binary matched-pairs
    /// data").
    pub mid_p: f64,
}

/// A difference with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The difference.
    pub value: f64,
    /// The low end of the interval.
    pub low: f64,
    /// The high end of the interval.
    pub high: f64,
}

/// Compares two predictions (a class for each row, -1 for none) within `mask` if one is given. `reference` has a class
/// below `classes` for each row, -1 for none.
///
/// # Errors
/// If the lengths do not fit or the work was cancelled.
pub fn compare(
    first: &[i16],
    second: &[i16],
    reference: &[i16],
    classes: usize,
    mask: Option<&BooleanBuffer>,
    work: &Work,
) -> Result<Comparison> {
    let rows = reference.len();
    if first.len() != rows || second.len() != rows || mask.is_some_and(|mask| mask.len() != rows) {
        return Err(Error::input(format!("{} and {} predictions do not fit {rows} labels", first.len(), second.len()))
            .help("compare predictions of the same rows"));
    }
    let (mut better, mut worse, mut both_right, mut both_wrong, mut differ) = (vec![], vec![], vec![], vec![], vec![]);
    let mut changes = vec![ClassChange::default(); classes];
    visit(rows, mask, work, |row| {
        let (label, a, b) = (at(reference, row), at(first, row), at(second, row));
        let Some(change) = usize::try_from(label).ok().and_then(|label| changes.get_mut(label)) else {
            if a != b {
                differ.push(row as u32);
            }
            return;
        };
        change.support += 1;
        let list = match (a == label, b == label) {
            (true, true) => &mut both_right,
            (false, false) => &mut both_wrong,
            (false, true) => {
                change.better += 1;
                &mut better
            }
            (true, false) => {
                change.worse += 1;
                &mut worse
            }
        };
        list.push(row as u32);
    })?;
    let table = [both_right.len(), better.len(), worse.len(), both_wrong.len()].map(|count| count as u64);
    Ok(Comparison {
        test: McNemar::of(table[1], table[2]),
        difference: paired_difference(table),
        better,
        worse,
        both_right,
        both_wrong,
        unlabelled_differ: differ,
        classes: changes,
    })
}

impl McNemar {
    /// The test from the rows that only one of the two has right.
    pub fn of(better: u64, worse: u64) -> Self {
        let (all, least) = (better + worse, better.min(worse));
        if all == 0 {
            return Self { exact: 1.0, mid_p: 1.0 };
        }
        // The probability of exactly `least` of `all` with even chances, and from there downwards.
        let ln_all = ln_factorial(all) - all as f64 * std::f64::consts::LN_2;
        let observed = (ln_all - ln_factorial(least) - ln_factorial(all - least)).exp();
        let (mut term, mut tail) = (observed, observed);
        for k in (1..=least).rev() {
            term *= k as f64 / (all - k + 1) as f64;
            tail += term;
            if term < tail * 1e-17 {
                break;
            }
        }
        let exact = (2.0 * tail).min(1.0);
        // What is as extreme as was observed counts half; with equal counts that is one value, else one at each end.
        let mid_p = if better == worse { 1.0 - observed / 2.0 } else { 2.0 * tail - observed };
        Self { exact, mid_p: mid_p.clamp(0.0, 1.0) }
    }
}

/// `ln n!`: summed for small numbers, else by Stirling's series, to about 15 digits.
fn ln_factorial(n: u64) -> f64 {
    if n < 32 {
        return (2..=n).map(|k| (k as f64).ln()).sum();
    }
    let x = n as f64;
    let series = (1.0 - (1.0 / 30.0 - 1.0 / (105.0 * x * x)) / (x * x)) / (12.0 * x);
    x * x.ln() - x + (2.0 * std::f64::consts::PI * x).ln() / 2.0 + series
}

/// The difference of two paired shares with its score interval (method 10 of Newcombe 1998, "Improved confidence
/// intervals for the difference between binomial proportions based on paired data"), from the counts both right, only
/// the second, only the first, neither.
fn paired_difference([both, second, first, neither]: [u64; 4]) -> Option<Interval> {
    let n = both + second + first + neither;
    let (low_1, high_1) = wilson(both + first, n)?;
    let (low_2, high_2) = wilson(both + second, n)?;
    let real = |count: u64| count as f64;
    let (p_1, p_2) = (real(both + first) / real(n), real(both + second) / real(n));
    let margins = real(both + first) * real(second + neither) * real(both + second) * real(first + neither);
    let cross = real(both) * real(neither) - real(first) * real(second);
    // The correlation of the two, made smaller by half a row where it is positive.
    let cross = if cross > 0.0 { (cross - real(n) / 2.0).max(0.0) } else { cross };
    let phi = if margins > 0.0 { cross / margins.sqrt() } else { 0.0 };
    let joined = |a: f64, b: f64| (a * a - 2.0 * phi * a * b + b * b).max(0.0).sqrt();
    let value = p_2 - p_1;
    let (low, high) = (value - joined(p_2 - low_2, high_1 - p_1), value + joined(high_2 - p_2, p_1 - low_1));
    Some(Interval { value, low: low.max(-1.0), high: high.min(1.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_told_apart_by_who_is_right() {
        let (first, second) = ([0, 1, 0, 1, -1, 0, 1], [0, 0, 1, 1, 1, 1, -1]);
        let reference = [0, 0, 0, 0, 1, -1, -1];
        let found = compare(&first, &second, &reference, 2, None, &Work::new()).unwrap();
        assert_eq!((&*found.both_right, &*found.both_wrong), (&[0][..], &[3][..]));
        assert_eq!((&*found.better, &*found.worse), (&[1, 4][..], &[2][..]));
        assert_eq!(found.unlabelled_differ, [5, 6]);
        assert_eq!(found.classes[0], ClassChange { support: 4, better: 1, worse: 1 });
        assert_eq!(found.classes[1], ClassChange { support: 1, better: 1, worse: 0 });
        assert!((found.difference.unwrap().value - 0.2).abs() < 1e-12, "3 of 5 less 2 of 5");
        let mask = BooleanBuffer::from(vec![false, false, false, false, false, true, true]);
        let none = compare(&first, &second, &reference, 2, Some(&mask), &Work::new()).unwrap();
        assert!(none.difference.is_none() && none.test.exact == 1.0 && none.unlabelled_differ.len() == 2);
        assert!(compare(&first, &second, &reference[1..], 2, None, &Work::new()).is_err());
    }

    #[test]
    fn mcnemar_agrees_with_published_and_computed_values() {
        let check = |better, worse, exact: f64, mid_p: f64| {
            let found = McNemar::of(better, worse);
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b;
            assert!(near(found.exact, exact) && near(found.mid_p, mid_p), "{better} {worse}: {found:?}");
            assert_eq!(McNemar::of(worse, better), found);
        };
        check(1, 7, 0.0703125, 0.039062500000000014);
        check(7, 7, 1.0, 0.8952636718750001);
        check(0, 5, 0.0625, 0.03125000000000003);
        check(59, 31, 0.0041651140158244435, 0.0031126898483937564);
        check(1200, 1100, 0.03896685268382023, 0.037074406338548235);
        check(40000, 40500, 0.07862036880511007, 0.07802515293761762);
    }

    #[test]
    fn differences_of_paired_shares_agree_with_newcombe() {
        let check = |table: [u64; 4], value: f64, low: f64, high: f64| {
            let found = paired_difference(table).unwrap();
            let near = |a: f64, b: f64| (a - b).abs() < 5e-10;
            assert!(near(found.value, value) && near(found.low, low) && near(found.high, high), "{table:?}: {found:?}");
        };
        check([1, 1, 7, 12], -0.2857142857142857, -0.506920226686141, -0.02555912416485978);
        check([1, 7, 1, 12], 0.2857142857142857, 0.02555912416485978, 0.506920226686141);
        check([36, 12, 2, 0], 0.19999999999999996, 0.05692958400323869, 0.3404276029749407);
        check([700, 120, 80, 100], 0.039999999999999925, 0.01230159097404445, 0.06773908561997782);
        check([0, 0, 0, 5], 0.0, -0.43448246478317476, 0.43448246478317476);
    }

    #[test]
    fn factorials_agree_where_the_two_ways_meet() {
        let direct = |n: u64| (2..=n).map(|k| (k as f64).ln()).sum::<f64>();
        for n in [0, 1, 2, 31, 32, 33, 100, 1000] {
            assert!((ln_factorial(n) - direct(n)).abs() < 1e-11 * (1.0 + direct(n)), "{n}");
        }
    }
}
