//! Numbers against numbers: Wasserstein, Kolmogorov-Smirnov and PSI.

use super::resample::{Counts, judge};
use super::{Detail, Measured, NumericMethod, Options, Part};
use crate::data::view::sort_by;
use crate::data::{Column, show_float};
use crate::engine::{Random, Result, Work};

/// Cells into which the numbers of both sides are put for dealing.
const CELLS: usize = 256;

/// Parts of a drawing of both distributions.
const PARTS: usize = 24;

/// Numbers read between two looks at the clock.
const CHUNK: usize = 1 << 14;

/// Pairs of rows up to which the probability of the Kolmogorov-Smirnov statistic is counted out exactly.
const EXACT_PAIRS: usize = 4_000_000;

/// The finite numbers of a column in ascending order.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn sorted(column: &Column, work: &Work) -> Result<Vec<f64>> {
    let mut values = Vec::with_capacity(column.len() - column.null_count());
    for start in (0..column.len()).step_by(CHUNK) {
        work.check()?;
        let rows = start..(start + CHUNK).min(column.len());
        // 0 is added so that 0 and -0 are one.
        values.extend(
            rows.filter_map(|row| column.number(row)).filter(|value| value.is_finite()).map(|value| value + 0.0),
        );
    }
    sort_by(values, &f64::total_cmp, work)
}

/// The different values of a column, counted up to `most`.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn distinct_values(column: &Column, most: usize, work: &Work) -> Result<usize> {
    let mut seen: Vec<f64> = Vec::new();
    for start in (0..column.len()).step_by(CHUNK) {
        work.check()?;
        for value in (start..(start + CHUNK).min(column.len())).filter_map(|row| column.number(row)) {
            if !seen.contains(&value) {
                seen.push(value);
                if seen.len() >= most {
                    return Ok(most);
                }
            }
        }
    }
    Ok(seen.len())
}

/// Calls `visit` with each distinct number of both sorted lists and how often each list has it.
pub(super) fn walk(a: &[f64], b: &[f64], mut visit: impl FnMut(f64, usize, usize)) {
    let (mut a, mut b) = (a, b);
    loop {
        let value = match (a.first(), b.first()) {
            (Some(x), Some(y)) => x.min(*y),
            (Some(x), None) | (None, Some(x)) => *x,
            (None, None) => return,
        };
        let run = |list: &[f64]| list.iter().take_while(|other| **other == value).count();
        let (in_a, in_b) = (run(a), run(b));
        visit(value, in_a, in_b);
        a = a.get(in_a..).unwrap_or_default();
        b = b.get(in_b..).unwrap_or_default();
    }
}

/// The exact distances of two lists.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Exact {
    /// The first Wasserstein distance by the deviation of the reference.
    pub(super) wasserstein: f64,
    /// The Kolmogorov-Smirnov statistic, 0-1.
    pub(super) ks: f64,
    /// The same times the product of both lengths, which is a whole number.
    pub(super) ks_whole: u128,
    /// The different numbers of both.
    distinct: usize,
}

/// The distances of two sorted lists, neither of which is empty.
pub(super) fn exact(reference: &[f64], current: &[f64]) -> Exact {
    let (n, m) = (reference.len(), current.len());
    let (mut in_a, mut in_b, mut area, mut before, mut distinct) = (0usize, 0usize, 0.0, None, 0);
    let (mut ks, mut ks_whole) = (0.0f64, 0u128);
    walk(reference, current, |value, a, b| {
        let gap = (in_a as f64 / n as f64 - in_b as f64 / m as f64).abs();
        area += before.map_or(0.0, |before: f64| gap * (value - before));
        (in_a, in_b) = (in_a + a, in_b + b);
        let whole = (in_a as u128 * m as u128).abs_diff(in_b as u128 * n as u128);
        if whole > ks_whole {
            (ks_whole, ks) = (whole, (in_a as f64 / n as f64 - in_b as f64 / m as f64).abs());
        }
        (before, distinct) = (Some(value), distinct + 1);
    });
    Exact { wasserstein: area / scale(deviation(reference)), ks, ks_whole, distinct }
}

/// The standard deviation of a population.
fn deviation(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
}

/// What distances are divided by. Evidently never divides by less than 0.001, which hides every drift of a column in
/// small units; here only a constant is so treated.
fn scale(deviation: f64) -> f64 {
    if deviation > 0.0 { deviation } else { 0.001 }
}

/// Numbers in cells: each distinct number its own, or many by their rank.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Grid {
    /// The mean of the numbers in each cell.
    pub(super) positions: Vec<f64>,
    /// The greatest number in each cell.
    pub(super) tops: Vec<f64>,
    pub(super) counts: Counts,
}

impl Grid {
    /// Both lists in cells.
    pub(super) fn of(reference: &[f64], current: &[f64], distinct: usize) -> Self {
        let all = reference.len() + current.len();
        let least = if distinct <= CELLS { 1 } else { all.div_ceil(CELLS) };
        let mut grid = Self::default();
        let (mut sum, mut a, mut b, mut top) = (0.0, 0usize, 0usize, None);
        walk(reference, current, |value, in_a, in_b| {
            sum += value * (in_a + in_b) as f64;
            (a, b, top) = (a + in_a, b + in_b, Some(value));
            if a + b >= least {
                grid.push(sum / (a + b) as f64, value, a, b);
                (sum, a, b, top) = (0.0, 0, 0, None);
            }
        });
        if let Some(top) = top {
            grid.push(sum / (a + b) as f64, top, a, b);
        }
        grid
    }

    fn push(&mut self, position: f64, top: f64, a: usize, b: usize) {
        self.positions.push(position);
        self.tops.push(top);
        self.counts.reference.push(a as f64);
        self.counts.current.push(b as f64);
    }

    /// The cell of a number: the first whose greatest number is not less; the last for greater ones.
    pub(super) fn cell(&self, value: f64) -> usize {
        self.tops.partition_point(|top| *top < value).min(self.tops.len().saturating_sub(1))
    }
}

/// The Wasserstein distance of two lists of counts over cells, by the deviation of the first.
pub(super) fn wasserstein(positions: &[f64], a: &[f64], b: &[f64]) -> Option<f64> {
    let (n, m) = (a.iter().sum::<f64>(), b.iter().sum::<f64>());
    if n <= 0.0 || m <= 0.0 {
        return None;
    }
    let mean = positions.iter().zip(a).map(|(x, count)| x * count).sum::<f64>() / n;
    let variance = positions.iter().zip(a).map(|(x, count)| (x - mean).powi(2) * count).sum::<f64>() / n;
    let (mut area, mut gap, mut before) = (0.0, 0.0f64, None);
    for ((position, a), b) in positions.iter().zip(a).zip(b) {
        area += before.map_or(0.0, |before: f64| gap.abs() * (position - before));
        gap += a / n - b / m;
        before = Some(*position);
    }
    Some(area / scale(variance.sqrt())).filter(|distance| distance.is_finite())
}

/// The Kolmogorov-Smirnov statistic of two lists of counts over cells in order.
pub(super) fn kolmogorov_smirnov(a: &[f64], b: &[f64]) -> Option<f64> {
    let (n, m) = (a.iter().sum::<f64>(), b.iter().sum::<f64>());
    let (mut gap, mut most) = (0.0f64, 0.0f64);
    for (a, b) in a.iter().zip(b) {
        gap += a / n - b / m;
        most = most.max(gap.abs());
    }
    (n > 0.0 && m > 0.0).then_some(most)
}

/// The population stability index `Σ (a - b) ln(a / b)` of shares, 0 made 0.0001, or a millionth of the least share if
/// that is smaller, as Evidently does.
pub(super) fn psi(a: &[f64], b: &[f64]) -> Option<f64> {
    let (n, m) = (a.iter().sum::<f64>(), b.iter().sum::<f64>());
    if n <= 0.0 || m <= 0.0 {
        return None;
    }
    let floor = |cells: &[f64], all: f64| {
        let least =
            cells.iter().filter(|count| **count > 0.0).fold(f64::INFINITY, |least, count| least.min(count / all));
        if least <= 1e-4 { least / 1e6 } else { 1e-4 }
    };
    let (low_a, low_b) = (floor(a, n), floor(b, m));
    let share = |count: f64, all: f64, low: f64| if count > 0.0 { count / all } else { low };
    let term = |(a, b): (&f64, &f64)| {
        let (a, b) = (share(*a, n, low_a), share(*b, m, low_b));
        (a - b) * (a / b).ln()
    };
    Some(a.iter().zip(b).map(term).sum())
}

/// The cells of the population stability index: a value each where the reference has no more than 20, as Evidently has it,
/// else bins.
fn cells(reference: &[f64], current: &[f64]) -> Counts {
    const FEW_VALUES: usize = 20;
    if reference.windows(2).filter(|pair| matches!(pair, [a, b] if a != b)).count() >= FEW_VALUES {
        return sturges(reference, current);
    }
    let mut counts = Counts::default();
    walk(reference, current, |_, a, b| {
        counts.reference.push(a as f64);
        counts.current.push(b as f64);
    });
    counts
}

/// Counts in bins of equal width over both lists, as many as Sturges (1926) advises, as NumPy does.
pub(super) fn sturges(reference: &[f64], current: &[f64]) -> Counts {
    let ends = |at: fn(&[f64]) -> Option<&f64>| [at(reference), at(current)].into_iter().flatten().copied();
    let low = ends(<[f64]>::first).fold(f64::INFINITY, f64::min);
    let high = ends(<[f64]>::last).fold(f64::NEG_INFINITY, f64::max);
    let all = (reference.len() + current.len()) as f64;
    let bins = (all.log2() + 1.0).ceil().max(1.0) as usize;
    let edge = |at: usize| low + (high - low) * (at as f64 / bins as f64);
    let count = |list: &[f64]| {
        let places: Vec<usize> = (0..=bins)
            .map(|at| if at == bins { list.len() } else { list.partition_point(|value| *value < edge(at)) })
            .collect();
        places.windows(2).map(|pair| pair.iter().copied().reduce(|from, to| to - from).unwrap_or(0) as f64).collect()
    };
    Counts { reference: count(reference), current: count(current) }
}

/// The probability of a Kolmogorov-Smirnov statistic at least this great without drift, two-sided: counted out along
/// the paths through the grid of both samples (Hodges 1958) where these are few enough, else by its limit (Smirnov 1939).
///
/// # Errors
/// If the work was cancelled.
pub(super) fn ks_probability(n: usize, m: usize, whole: u128, work: &Work) -> Result<f64> {
    if whole == 0 {
        return Ok(1.0);
    }
    if n.saturating_mul(m) > EXACT_PAIRS {
        let (n, m) = (n as f64, m as f64);
        let x = (n * m / (n + m)).sqrt() * (whole as f64 / (n * m));
        let term = |k: i32| if k % 2 == 1 { 2.0 } else { -2.0 } * (-2.0 * f64::from(k * k) * x * x).exp();
        return Ok((1..=100).map(term).sum::<f64>().clamp(0.0, 1.0));
    }
    // `outside[j]`: the probability that a random path to (i, j) has left the band.
    let leaves = |i: usize, j: usize| (i as u128 * m as u128).abs_diff(j as u128 * n as u128) >= whole;
    let mut outside = vec![0.0f64; m + 1];
    for i in 0..=n {
        if i % 16 == 0 {
            work.check()?;
        }
        let mut left = 0.0;
        for (j, slot) in outside.iter_mut().enumerate() {
            let value = match (leaves(i, j), i, j) {
                (true, ..) => 1.0,
                (false, 0, 0) => 0.0,
                // The last step came along i with probability i / (i + j), else along j.
                _ => (*slot * i as f64 + left * j as f64) / (i + j) as f64,
            };
            (*slot, left) = (value, value);
        }
    }
    Ok(outside.last().copied().unwrap_or(1.0))
}

/// Compares two columns of numbers.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn compare(a: &Column, b: &Column, options: &Options, random: &mut Random, work: &Work) -> Result<Measured> {
    let method = options.numeric;
    let (reference, current) = (sorted(a, work)?, sorted(b, work)?);
    let mut measured = Measured { method: method.name(), threshold: 0.1, ..Measured::default() };
    if reference.is_empty() || current.is_empty() {
        measured.note = Some("one side has no numbers".to_owned());
        return Ok(measured);
    }
    let exact = exact(&reference, &current);
    measured.detail = Detail { parts: parts(&reference, &current), ..Detail::default() };
    measured.judged = match method {
        NumericMethod::Wasserstein => {
            let grid = Grid::of(&reference, &current, exact.distinct);
            let distance = |a: &[f64], b: &[f64]| wasserstein(&grid.positions, a, b);
            let found = Some(exact.wasserstein).filter(|distance| distance.is_finite());
            judge(&grid.counts, found, &distance, options.resamples, random, work)?
        }
        NumericMethod::KolmogorovSmirnov => {
            let grid = Grid::of(&reference, &current, exact.distinct);
            let mut judged = judge(&grid.counts, Some(exact.ks), &kolmogorov_smirnov, options.resamples, random, work)?;
            judged.p_value = Some(ks_probability(reference.len(), current.len(), exact.ks_whole, work)?);
            judged
        }
        NumericMethod::Psi => {
            let counts = cells(&reference, &current);
            judge(&counts, None, &psi, options.resamples, random, work)?
        }
    };
    Ok(measured)
}

/// Both distributions in parts of equal width between the hundredth and the last but one hundredth of all numbers; what
/// lies beyond is in the outermost parts.
fn parts(reference: &[f64], current: &[f64]) -> Vec<Part> {
    let end = |share: f64, pick: fn(f64, f64) -> f64| {
        let at = |list: &[f64]| list.get((share * (list.len() - 1) as f64).round() as usize).copied().unwrap_or(0.0);
        pick(at(reference), at(current))
    };
    let (low, high) = (end(0.01, f64::min), end(0.99, f64::max));
    let parts = if low < high { PARTS } else { 1 };
    let edge = |at: usize| low * (1.0 - at as f64 / parts as f64) + high * (at as f64 / parts as f64);
    let share = |list: &[f64], at: usize| {
        let below = |at: usize| match at {
            0 => 0,
            at if at == parts => list.len(),
            at => list.partition_point(|value| *value < edge(at)),
        };
        (below(at + 1) - below(at)) as f64 / list.len() as f64
    };
    let part = |at: usize| Part {
        label: format!("{} – {}", short(edge(at)), short(edge(at + 1))),
        reference: share(reference, at),
        current: share(current, at),
    };
    (0..parts).map(part).collect()
}

/// A number of at most four digits that count.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    let shown = show_float(rounded);
    shown.strip_suffix(".0").map_or_else(|| shown.clone(), str::to_owned)
}
