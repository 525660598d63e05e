//! Measures of how far two columns go together. What is undefined is `None`.

use super::super::super::view::sort_by;
use super::CHUNK;
use super::codes::MISSING;
use crate::engine::{Result, Work};

/// Cells of a contingency table that is kept whole; larger ones are mostly empty.
const DENSE: usize = 1 << 20;

/// Pearson's correlation of two lists of numbers, over the places where both are there (NaN is none), and how many
/// these are. `None` if there are fewer than two, or one list is constant.
pub(super) fn pearson(x: &[f64], y: &[f64], work: &Work) -> Result<(Option<f64>, u64)> {
    let (mut rows, mut sum_x, mut sum_y) = (0u64, 0.0, 0.0);
    pairs(x, y, work, |a, b| {
        rows += 1;
        sum_x += a;
        sum_y += b;
    })?;
    let (mean_x, mean_y) = (sum_x / rows as f64, sum_y / rows as f64);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    pairs(x, y, work, |a, b| {
        let (a, b) = (a - mean_x, b - mean_y);
        xx += a * a;
        yy += b * b;
        xy += a * b;
    })?;
    let r = xy / (xx.sqrt() * yy.sqrt());
    Ok(((rows > 1 && r.is_finite()).then(|| r.clamp(-1.0, 1.0)), rows))
}

fn pairs(x: &[f64], y: &[f64], work: &Work, mut each: impl FnMut(f64, f64)) -> Result<()> {
    for (x, y) in x.chunks(CHUNK).zip(y.chunks(CHUNK)) {
        work.check()?;
        x.iter().zip(y).filter(|(x, y)| !x.is_nan() && !y.is_nan()).for_each(|(x, y)| each(*x, *y));
    }
    Ok(())
}

/// Spearman's correlation: Pearson's of the ranks, equal numbers sharing their mean rank.
pub(super) fn spearman(x: &[f64], y: &[f64], work: &Work) -> Result<Option<f64>> {
    let there = |(x, y): &(&f64, &f64)| !x.is_nan() && !y.is_nan();
    let (x, y): (Vec<f64>, Vec<f64>) = x.iter().zip(y).filter(there).map(|(x, y)| (*x, *y)).unzip();
    Ok(pearson(&ranks(&x, work)?, &ranks(&y, work)?, work)?.0)
}

/// The rank of each number from 0, equal numbers sharing their mean rank.
fn ranks(values: &[f64], work: &Work) -> Result<Vec<f64>> {
    let entries: Vec<(f64, u32)> = values.iter().zip(0u32..).map(|(value, place)| (value + 0.0, place)).collect();
    let sorted = sort_by(entries, &|a: &(f64, u32), b: &(f64, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)), work)?;
    let (mut ranks, mut before) = (vec![0.0; values.len()], 0);
    for run in sorted.chunk_by(|a, b| a.0 == b.0) {
        let rank = before as f64 + (run.len() - 1) as f64 / 2.0;
        for (_, place) in run {
            if let Some(slot) = ranks.get_mut(*place as usize) {
                *slot = rank;
            }
        }
        before += run.len();
    }
    Ok(ranks)
}

/// Cramér's V of two lists of codes, corrected for bias (Bergsma 2013, "A bias-correction for Cramér's V and
/// Tschuprow's T"): 0 for independent, 1 where one decides the other; and the number of rows where both are there.
/// `None` if one has a single value, or as many as there are rows.
pub(super) fn cramers_v(
    (x, x_levels): (&[u32], usize),
    (y, y_levels): (&[u32], usize),
    work: &Work,
) -> Result<(Option<f64>, u64)> {
    let cells = joint_counts((x, x_levels), (y, y_levels), work)?;
    let (mut x_sums, mut y_sums) = (vec![0u64; x_levels], vec![0u64; y_levels]);
    for &(a, b, count) in &cells {
        for (sums, code) in [(&mut x_sums, a), (&mut y_sums, b)] {
            if let Some(sum) = sums.get_mut(code as usize) {
                *sum += count;
            }
        }
    }
    let rows: u64 = x_sums.iter().sum();
    let sum_of = |sums: &[u64], code: u32| sums.get(code as usize).map_or(1.0, |sum| *sum as f64);
    // chi² / n = sum of o² / (row sum * column sum) - 1, of which empty cells add nothing.
    let part =
        |&(a, b, count): &(u32, u32, u64)| count as f64 / sum_of(&x_sums, a) * (count as f64 / sum_of(&y_sums, b));
    let phi = cells.iter().map(part).sum::<f64>() - 1.0;
    let present = |sums: &[u64]| sums.iter().filter(|sum| **sum > 0).count() as f64;
    let (n, r, k) = (rows as f64, present(&x_sums), present(&y_sums));
    let phi = (phi - (r - 1.0) * (k - 1.0) / (n - 1.0)).max(0.0);
    let corrected = |levels: f64| levels - (levels - 1.0).powi(2) / (n - 1.0);
    let least = (corrected(r) - 1.0).min(corrected(k) - 1.0);
    let v = (least > 1e-12).then(|| (phi / least).sqrt().min(1.0)).filter(|v| v.is_finite());
    Ok((v, rows))
}

/// How often each two codes stand together, in the order of the codes; only those that do.
fn joint_counts(
    (x, x_levels): (&[u32], usize),
    (y, y_levels): (&[u32], usize),
    work: &Work,
) -> Result<Vec<(u32, u32, u64)>> {
    let there = |(x, y): &(&u32, &u32)| **x != MISSING && **y != MISSING;
    if x_levels.saturating_mul(y_levels) <= DENSE {
        let mut counts = vec![0u64; x_levels * y_levels];
        for (x, y) in x.chunks(CHUNK).zip(y.chunks(CHUNK)) {
            work.check()?;
            for (a, b) in x.iter().zip(y).filter(there) {
                if let Some(count) = counts.get_mut(*a as usize * y_levels + *b as usize) {
                    *count += 1;
                }
            }
        }
        let cell = |(place, count): (usize, u64)| ((place / y_levels) as u32, (place % y_levels) as u32, count);
        return Ok(counts.into_iter().enumerate().filter(|(_, count)| *count > 0).map(cell).collect());
    }
    let keys: Vec<u64> = x.iter().zip(y).filter(there).map(|(a, b)| (u64::from(*a) << 32) | u64::from(*b)).collect();
    let keys = sort_by(keys, &u64::cmp, work)?;
    let cell = |run: &[u64]| run.first().map(|key| ((key >> 32) as u32, *key as u32, run.len() as u64));
    Ok(keys.chunk_by(|a, b| a == b).filter_map(cell).collect())
}

/// The correlation ratio of numbers by code: the root of the share of their variance that lies between the classes
/// (Fisher 1925), 0-1; and the number of rows where both are there. `None` if the numbers are constant.
pub(super) fn correlation_ratio(
    (codes, levels): (&[u32], usize),
    numbers: &[f64],
    work: &Work,
) -> Result<(Option<f64>, u64)> {
    let mut classes = vec![(0u64, 0.0f64); levels];
    each_coded(codes, numbers, work, |code, number| {
        if let Some(class) = classes.get_mut(code) {
            *class = (class.0 + 1, class.1 + number);
        }
    })?;
    let rows: u64 = classes.iter().map(|class| class.0).sum();
    let mean = classes.iter().map(|class| class.1).sum::<f64>() / rows as f64;
    let mut total = 0.0;
    each_coded(codes, numbers, work, |_, number| total += (number - mean).powi(2))?;
    let between = |class: &&(u64, f64)| class.0 > 0;
    let between: f64 =
        classes.iter().filter(between).map(|(count, sum)| *count as f64 * (sum / *count as f64 - mean).powi(2)).sum();
    let ratio = (between / total).sqrt();
    Ok(((rows > 1 && ratio.is_finite()).then(|| ratio.min(1.0)), rows))
}

fn each_coded(codes: &[u32], numbers: &[f64], work: &Work, mut each: impl FnMut(usize, f64)) -> Result<()> {
    for (codes, numbers) in codes.chunks(CHUNK).zip(numbers.chunks(CHUNK)) {
        work.check()?;
        let there = |(code, number): &(&u32, &f64)| **code != MISSING && !number.is_nan();
        codes.iter().zip(numbers).filter(there).for_each(|(code, number)| each(*code as usize, *number));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: [f64; 8] = [1.0, 2.0, 2.0, 4.0, f64::NAN, 6.0, 7.0, 9.0];
    const Y: [f64; 8] = [2.0, 1.0, 4.0, 3.0, 8.0, f64::NAN, 9.0, 9.0];

    fn near(found: Option<f64>, expected: f64) {
        assert!(found.is_some_and(|found| (found - expected).abs() < 1e-12), "{found:?} is not {expected}");
    }

    #[test]
    fn correlations_agree_with_scipy() {
        let work = Work::new();
        let (r, rows) = pearson(&X, &Y, &work).unwrap();
        near(r, 0.9193415475052519);
        assert_eq!(rows, 6);
        near(spearman(&X, &Y, &work).unwrap(), 0.7941176470588236);
        assert_eq!(pearson(&[1.0, 1.0], &[1.0, 2.0], &work).unwrap(), (None, 2));
        assert_eq!(pearson(&[1.0], &[2.0], &work).unwrap(), (None, 1));
        assert_eq!(pearson(&[], &[], &work).unwrap(), (None, 0));
        near(spearman(&[-0.0, 0.0, 1.0], &[1.0, 1.0, 2.0], &work).unwrap(), 1.0);
    }

    #[test]
    fn cramers_v_agrees_with_the_formula() {
        let work = Work::new();
        // The table [[20, 5, 0], [4, 15, 6]].
        let cells = [(0u32, 0u32, 20usize), (0, 1, 5), (1, 0, 4), (1, 1, 15), (1, 2, 6)];
        let of = |which: fn(&(u32, u32, usize)) -> u32| -> Vec<u32> {
            cells.iter().flat_map(|cell| vec![which(cell); cell.2]).chain([MISSING]).collect()
        };
        let (x, y) = (of(|cell| cell.0), of(|cell| cell.1));
        let (v, rows) = cramers_v((&x, 2), (&y, 3), &work).unwrap();
        near(v, 0.6330043004944313);
        assert_eq!(rows, 50);
        // The same by sorting, as for many values.
        let sparse = cramers_v((&x, 1 << 20), (&y, 3), &work).unwrap();
        assert_eq!(sparse, (v, 50));
        near(cramers_v((&x, 2), (&x, 2), &work).unwrap().0, 1.0);
        let same = vec![0; 9];
        assert_eq!(cramers_v((&same, 1), (&same, 1), &work).unwrap(), (None, 9));
        let unlike: Vec<u32> = (0..9).collect();
        assert_eq!(cramers_v((&unlike, 9), (&unlike, 9), &work).unwrap(), (None, 9));
        assert_eq!(cramers_v((&[], 0), (&[], 0), &work).unwrap(), (None, 0));
    }

    #[test]
    fn the_correlation_ratio_is_that_of_the_textbook() {
        // Scores in algebra, geometry and statistics: 15 students, eta² = 6780 / 9640.
        let scores = [45.0, 70.0, 29.0, 15.0, 21.0, 40.0, 20.0, 30.0, 42.0, 65.0, 95.0, 80.0, 70.0, 85.0, 73.0];
        let codes = [0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2];
        let (eta, rows) = correlation_ratio((&codes, 3), &scores, &Work::new()).unwrap();
        near(eta, (6780.0f64 / 9640.0).sqrt());
        assert_eq!(rows, 15);
        assert_eq!(correlation_ratio((&[0, 1], 2), &[3.0, 3.0], &Work::new()).unwrap(), (None, 2));
    }
}
