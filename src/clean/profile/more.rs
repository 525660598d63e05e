//! A closer look at a column: the most frequent values of any kind, higher moments, order, and evenness.

use rayon::prelude::*;
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use super::super::statistics::chi_square_tail;
use super::written::{Written, written};
use crate::data::describe::{Detail, Summary};
use crate::data::{Column, Kind, Values};
use crate::engine::{Result, Work};

/// The most frequent values that are named.
const TOP: usize = 10;

/// What a closer look at a column tells beside its [`Summary`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct More {
    /// The bytes that it takes in memory.
    pub bytes: usize,
    /// The values that stand in one row only.
    pub singles: usize,
    /// The most frequent values with their rows, at most 10; equally frequent ones in the order of their first rows.
    pub top: Vec<(String, usize)>,
    /// How uneven the values of a category or truth value are: 0 if all are as frequent, towards 1 if nearly all rows
    /// have the same (1 - entropy / greatest entropy). `None` for other kinds, and below two values.
    pub imbalance: Option<f64>,
    /// The probability of counts this uneven if all values, or all bins of numbers, were as frequent (Pearson's
    /// chi-square test). Near 1 where they are more even than chance makes them.
    pub uniform_p: Option<f64>,
    /// What numbers have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moments: Option<Moments>,
    /// What texts and categories have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<Written>,
}

/// Statistics of the finite numbers of a column beside [`crate::data::describe::Statistics`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Moments {
    /// The sum.
    pub sum: f64,
    /// The variance of a sample (by n - 1).
    pub variance: Option<f64>,
    /// The standard deviation in means.
    pub variation: Option<f64>,
    /// The skewness, adjusted for a sample (G1 of Joanes and Gill 1998), as pandas gives it; from three numbers on.
    pub skewness: Option<f64>,
    /// The excess kurtosis, adjusted for a sample (G2 of the same); from four numbers on.
    pub kurtosis: Option<f64>,
    /// The median distance from the median.
    pub mad: f64,
    /// The greatest less the least.
    pub range: f64,
    /// The quantile of 75 % less that of 25 %.
    pub iqr: f64,
    /// How many are 0.
    pub zeros: usize,
    /// How many are below 0.
    pub negative: usize,
    /// Whether they rise or fall from row to row.
    pub order: Order,
}

/// How numbers follow each other, missing ones left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Each is greater than the one before.
    StrictlyRising,
    /// None is less than the one before.
    Rising,
    /// Each is less than the one before.
    StrictlyFalling,
    /// None is greater than the one before.
    Falling,
    /// Neither, or all are equal.
    None,
}

impl Order {
    fn of(values: &[f64]) -> Self {
        let all = |test: fn(&f64, &f64) -> bool| values.windows(2).all(|pair| matches!(pair, [a, b] if test(a, b)));
        match () {
            () if values.len() < 2 => Self::None,
            () if all(|a, b| a < b) => Self::StrictlyRising,
            () if all(|a, b| a > b) => Self::StrictlyFalling,
            () => match (all(|a, b| a <= b), all(|a, b| a >= b)) {
                (true, false) => Self::Rising,
                (false, true) => Self::Falling,
                _ => Self::None,
            },
        }
    }
}

/// Looks closer at a column.
///
/// # Errors
/// If the work was cancelled.
pub fn look(column: &Column, summary: &Summary, work: &Work) -> Result<More> {
    let counted = Counted::of(column, work)?;
    work.check()?;
    let is_level = matches!(summary.detail, Detail::Categories(_) | Detail::Bools { .. });
    let moments = match &summary.detail {
        Detail::Numbers(numbers) => match numbers.statistics {
            Some(of) => Some(moments(&finite(column), &of, work)?),
            None => None,
        },
        _ => None,
    };
    let uniform_p = match &summary.detail {
        Detail::Numbers(_) => even(&bins(&mut finite(column), column.kind() == Kind::Int)),
        Detail::Categories(_) => even(&counted.runs.iter().map(|run| run.1 as usize).collect::<Vec<_>>()),
        _ => None,
    };
    work.check()?;
    Ok(More {
        bytes: column.array().get_array_memory_size(),
        singles: counted.runs.iter().filter(|run| run.1 == 1).count(),
        top: counted.top(column),
        imbalance: if is_level { counted.imbalance() } else { None },
        uniform_p,
        moments,
        written: written(column, work)?,
    })
}

/// How often each value stands in a column.
struct Counted {
    /// The first row of a value and its rows.
    runs: Vec<(u32, u32)>,
}

impl Counted {
    /// Values are told apart by 64 bits: numbers by themselves, texts by a hash.
    fn of(column: &Column, work: &Work) -> Result<Self> {
        const CHUNK: usize = 1 << 14;
        let key = |row: usize| match column.values() {
            Values::Text(values) => xxh3_64(values.value(row).as_bytes()),
            Values::Int(values) => values.value(row) as u64,
            Values::Time(values) => values.value(row) as u64,
            Values::Bool(values) => u64::from(values.value(row)),
            Values::Float(values) => {
                let value = values.value(row);
                if value.is_nan() { f64::NAN.to_bits() } else { (value + 0.0).to_bits() }
            }
        };
        let chunk = |at: usize| {
            work.check()?;
            let rows = (at * CHUNK..column.len().min((at + 1) * CHUNK)).filter(|row| !column.is_null(*row));
            Ok(rows.map(|row| (key(row), row as u32)).collect::<Vec<_>>())
        };
        let chunks: Vec<Vec<(u64, u32)>> =
            (0..column.len().div_ceil(CHUNK)).into_par_iter().map(chunk).collect::<Result<_>>()?;
        let mut keys = chunks.concat();
        keys.par_sort_unstable();
        let run = |run: &[(u64, u32)]| run.first().map(|(_, row)| (*row, run.len() as u32));
        Ok(Self { runs: keys.chunk_by(|a, b| a.0 == b.0).filter_map(run).collect() })
    }

    fn top(&self, column: &Column) -> Vec<(String, usize)> {
        let rank = |run: &(u32, u32)| (std::cmp::Reverse(run.1), run.0);
        let mut runs = self.runs.clone();
        if runs.len() > TOP {
            runs.select_nth_unstable_by_key(TOP, rank);
            runs.truncate(TOP);
        }
        runs.sort_unstable_by_key(rank);
        let shown = |row: u32| column.show(row as usize).map(|value| value.chars().take(200).collect::<String>());
        runs.into_iter().filter_map(|(row, count)| Some((shown(row)?, count as usize))).collect()
    }

    fn imbalance(&self) -> Option<f64> {
        if self.runs.len() < 2 {
            return None;
        }
        let all: f64 = self.runs.iter().map(|run| f64::from(run.1)).sum();
        let entropy: f64 = self.runs.iter().map(|run| f64::from(run.1) / all).map(|share| -share * share.ln()).sum();
        Some(1.0 - entropy / (self.runs.len() as f64).ln())
    }
}

/// The finite numbers of a column in the order of its rows.
fn finite(column: &Column) -> Vec<f64> {
    (0..column.len()).filter_map(|row| column.number(row)).filter(|value| value.is_finite()).collect()
}

fn moments(values: &[f64], of: &crate::data::describe::Statistics, work: &Work) -> Result<Moments> {
    let n = values.len() as f64;
    let (mut second, mut third, mut fourth) = (0.0, 0.0, 0.0);
    for value in values {
        let (from, square) = (value - of.mean, (value - of.mean).powi(2));
        second += square;
        third += square * from;
        fourth += square * square;
    }
    work.check()?;
    // Sums of squares that are only rounding, as pandas has it.
    let is_flat = second.abs() < 1e-14 * n * of.mean.abs().max(1.0);
    let skewness = (n > 2.0).then(|| match is_flat {
        true => 0.0,
        false => n * (n - 1.0).sqrt() / (n - 2.0) * third / second.powf(1.5),
    });
    let kurtosis = (n > 3.0).then(|| match is_flat {
        true => 0.0,
        false => {
            let adjust = 3.0 * (n - 1.0).powi(2) / ((n - 2.0) * (n - 3.0));
            n * (n + 1.0) * (n - 1.0) * fourth / ((n - 2.0) * (n - 3.0) * second.powi(2)) - adjust
        }
    });
    let [_, q25, median, q75, _] = of.quantiles;
    let mut away: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
    Ok(Moments {
        sum: of.mean * n,
        variance: of.std.map(|std| std * std),
        variation: of.std.map(|std| std / of.mean).filter(|it| it.is_finite()),
        skewness: skewness.filter(|it| it.is_finite()),
        kurtosis: kurtosis.filter(|it| it.is_finite()),
        mad: crate::engine::quantile(&mut away, 0.5),
        range: of.max - of.min,
        iqr: q75 - q25,
        zeros: values.iter().filter(|value| **value == 0.0).count(),
        negative: values.iter().filter(|value| **value < 0.0).count(),
        order: Order::of(values),
    })
}

/// The counts of numbers in the bins that numpy's rule "auto" takes: those of Freedman and Diaconis or of Sturges,
/// whichever are narrower.
fn bins(values: &mut [f64], whole: bool) -> Vec<usize> {
    /// More bins than this tell nothing.
    const MOST: usize = 100_000;
    let n = values.len() as f64;
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let range = high - low;
    if values.is_empty() || !range.is_finite() {
        return Vec::new();
    }
    let mut quantile = |share: f64| crate::engine::quantile(values, share);
    let iqr = quantile(0.75) - quantile(0.25);
    let sturges = range / (n.log2() + 1.0);
    let freedman = 2.0 * iqr / n.cbrt();
    let width = if freedman > 0.0 { freedman.min(sturges) } else { sturges };
    let width = if whole { width.max(1.0) } else { width };
    let count = if width > 0.0 { (range / width).ceil().clamp(1.0, MOST as f64) as usize } else { 1 };
    let mut counts = vec![0; count];
    for value in values.iter() {
        let at = if range > 0.0 { ((value - low) / range * count as f64) as usize } else { 0 };
        if let Some(bin) = counts.get_mut(at.min(count - 1)) {
            *bin += 1;
        }
    }
    counts
}

/// The probability of counts as uneven as these if all were equal.
fn even(counts: &[usize]) -> Option<f64> {
    let expected = counts.iter().sum::<usize>() as f64 / counts.len() as f64;
    if counts.len() < 2 || expected <= 0.0 {
        return None;
    }
    let distance: f64 = counts.iter().map(|count| (*count as f64 - expected).powi(2) / expected).sum();
    Some(chi_square_tail(distance, (counts.len() - 1) as f64))
}

#[cfg(test)]
mod tests {
    use arrow_array::{Float64Array, Int64Array, LargeStringArray};

    use super::*;
    use crate::data::describe::describe;

    fn of(column: &Column) -> More {
        look(column, &describe(column, None, &Work::new()).unwrap(), &Work::new()).unwrap()
    }

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1e-9), "{found} is not {expected}");
    }

    /// Against pandas' skew, kurt, var, sum and the median of distances.
    #[test]
    fn moments_are_those_of_pandas() {
        let values = vec![1.0, 2.0, 2.0, 3.0, 7.5, -4.0, 0.0, 12.0];
        let moments = of(&Column::new("x", Values::Float(Float64Array::from(values)))).moments.unwrap();
        near(moments.sum, 23.5);
        near(moments.variance.unwrap(), 23.602_678_571_428_573);
        near(moments.skewness.unwrap(), 0.782_558_664_269_117_5);
        near(moments.kurtosis.unwrap(), 0.999_038_271_139_022);
        near(moments.mad, 1.5);
        assert_eq!((moments.zeros, moments.negative, moments.range, moments.iqr), (1, 1, 16.0, 3.375));
        let flat = of(&Column::new("x", Values::Float(Float64Array::from(vec![5.0; 5])))).moments.unwrap();
        assert_eq!((flat.skewness, flat.kurtosis, flat.order), (Some(0.0), Some(0.0), Order::None));
        let one = of(&Column::new("x", Values::Int(Int64Array::from(vec![5])))).moments.unwrap();
        assert_eq!((one.skewness, one.kurtosis, one.variance), (None, None, None));
    }

    #[test]
    fn order_is_told_apart() {
        let check = |values: &[f64], expected| assert_eq!(Order::of(values), expected, "{values:?}");
        check(&[1.0, 2.0], Order::StrictlyRising);
        check(&[1.0, 1.0, 2.0], Order::Rising);
        check(&[3.0, 2.0], Order::StrictlyFalling);
        check(&[3.0, 2.0, 2.0], Order::Falling);
        check(&[1.0, 3.0, 2.0], Order::None);
        check(&[1.0, 1.0], Order::None);
        check(&[], Order::None);
    }

    #[test]
    fn frequent_and_single_values_are_counted_for_every_kind() {
        let texts = ["a", "b", "b", "c", "가", "가"].map(Some).to_vec();
        let found = of(&Column::text("t", Kind::Category, LargeStringArray::from(texts)));
        assert_eq!(found.singles, 2);
        assert_eq!(found.top[..2], [("b".to_owned(), 2), ("가".to_owned(), 2)]);
        let shares = [1.0 / 6.0, 1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0];
        let entropy: f64 = shares.iter().map(|share: &f64| -share * share.log2()).sum();
        near(found.imbalance.unwrap(), 1.0 - entropy / 2.0);
        let floats = of(&Column::new("x", Values::Float(Float64Array::from(vec![0.0, -0.0, f64::NAN, f64::NAN, 3.5]))));
        assert_eq!((floats.singles, floats.top[0].1, floats.imbalance), (1, 2, None));
    }

    /// Against numpy.histogram(bins="auto") and scipy.stats.chisquare.
    #[test]
    fn evenness_is_scipys() {
        assert_eq!(bins(&mut (0..100).map(f64::from).collect::<Vec<_>>(), true), vec![13, 12, 13, 12, 12, 13, 12, 13]);
        near(even(&[16, 18, 16, 14, 12, 12]).unwrap(), 0.849_145_036_084_609_6);
        near(even(&[10, 10, 10]).unwrap(), 1.0);
        assert_eq!((even(&[5]), even(&[])), (None, None));
    }
}
