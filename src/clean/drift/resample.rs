//! Rows dealt anew, as counts: what another sample of the same size would have shown, and what chance alone does.
//!
//! Every distance but that of texts is one of counts over cells, so rows need not be drawn one by one. A bootstrap
//! sample has a Poisson number of rows in each cell, and a deal without drift gives each cell's rows to the reference
//! with the reference's share of all rows. Totals then vary a little, which distances of shares do not see.

use crate::engine::{Random, Result, Work, quantile_of_sorted};

/// Cells times deals beyond which fewer deals are made.
const MOST_DRAWS: usize = 4_000_000;

/// The fewest deals, by which 5 % can still be told.
const FEWEST: usize = 39;

/// From this mean on counts are drawn from the normal distribution that is nearest.
const MANY: f64 = 40.0;

/// A distance with its interval and what chance does.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Judged {
    pub(super) distance: Option<f64>,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    pub(super) noise: Option<f64>,
    pub(super) detectable: Option<f64>,
    pub(super) p_value: Option<f64>,
}

/// Rows of both sides in each cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Counts {
    pub(super) reference: Vec<f64>,
    pub(super) current: Vec<f64>,
}

/// The number of events of a Poisson process with this mean.
pub(super) fn poisson(mean: f64, random: &mut Random) -> f64 {
    if mean <= 0.0 {
        return 0.0;
    }
    if mean >= MANY {
        return (mean + mean.sqrt() * normal(random)).round().max(0.0);
    }
    let (uniform, mut count) = (random.unit(), 0.0);
    let mut term = (-mean).exp();
    let mut sum = term;
    while uniform > sum && count < 10.0 * MANY {
        count += 1.0;
        term *= mean / count;
        sum += term;
    }
    count
}

/// The number of `trials` that succeed, each with this chance.
pub(super) fn binomial(trials: f64, chance: f64, random: &mut Random) -> f64 {
    if chance > 0.5 {
        return trials - binomial(trials, 1.0 - chance, random);
    }
    let mean = trials * chance;
    if mean <= 0.0 {
        return 0.0;
    }
    if mean >= MANY {
        let drawn = mean + (mean * (1.0 - chance)).sqrt() * normal(random);
        return drawn.round().clamp(0.0, trials);
    }
    let (uniform, mut count) = (random.unit(), 0.0);
    let odds = chance / (1.0 - chance);
    let mut term = (trials * (-chance).ln_1p()).exp();
    let mut sum = term;
    while uniform > sum && count < trials {
        term *= odds * (trials - count) / (count + 1.0);
        count += 1.0;
        sum += term;
    }
    count
}

/// A number of the standard normal distribution (Box and Muller 1958).
fn normal(random: &mut Random) -> f64 {
    let radius = (-2.0 * (1.0 - random.unit()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.unit()).cos()
}

/// How far two lists of numbers are apart; `None` where that is undefined.
type Distance<'a> = dyn Fn(&[f64], &[f64]) -> Option<f64> + 'a;

/// Judges a distance of counts. `exact` is the distance of the rows themselves where cells are coarser than these.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn judge(
    counts: &Counts,
    exact: Option<f64>,
    distance: &Distance<'_>,
    resamples: usize,
    random: &mut Random,
    work: &Work,
) -> Result<Judged> {
    let rough = distance(&counts.reference, &counts.current);
    let (Some(rough), Some(exact)) = (rough, exact.or(rough)) else { return Ok(Judged::default()) };
    let cells = counts.reference.len().max(1);
    let deals = resamples.min((MOST_DRAWS / cells).max(FEWEST));
    let (n, m) = (counts.reference.iter().sum::<f64>(), counts.current.iter().sum::<f64>());
    let chance = n / (n + m);
    let (mut samples, mut deals_without) = (Vec::with_capacity(deals), Vec::with_capacity(deals));
    let (mut a, mut b) = (vec![0.0; cells], vec![0.0; cells]);
    for _ in 0..deals {
        work.check()?;
        a.iter_mut().zip(&counts.reference).for_each(|(to, from)| *to = poisson(*from, random));
        b.iter_mut().zip(&counts.current).for_each(|(to, from)| *to = poisson(*from, random));
        samples.extend(distance(&a, &b));
        work.check()?;
        let both = counts.reference.iter().zip(&counts.current).map(|(x, y)| x + y);
        for ((a, b), all) in a.iter_mut().zip(&mut b).zip(both) {
            *a = binomial(all, chance, random);
            *b = all - *a;
        }
        deals_without.extend(distance(&a, &b));
    }
    let reached = deals_without.iter().filter(|other| **other >= rough).count();
    let p_value = (1 + reached) as f64 / (1 + deals_without.len()) as f64;
    deals_without.sort_by(f64::total_cmp);
    let noise = quantile_of_sorted(&deals_without, 0.95);
    let interval = Interval::of(exact, rough, 0.0, samples, p_value <= 0.05);
    Ok(Judged {
        distance: Some(exact),
        low: interval.low,
        high: interval.high,
        noise,
        // 80 % of a bell curve lie above 0.84 deviations below its middle.
        detectable: noise.zip(interval.deviation).map(|(noise, deviation)| noise + 0.84 * deviation),
        p_value: Some(p_value),
    })
}

/// A 95 % interval from samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Interval {
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    /// The deviation of the samples, by the middle two thirds of them.
    pub(super) deviation: Option<f64>,
}

impl Interval {
    /// The basic interval (Davison and Hinkley 1997, 5.2): the samples around the distance are turned over, which takes
    /// out the bias that distances of samples have away from `none`, the distance of two equal distributions. Where the
    /// distance is not beyond chance, no drift at all is among what is possible. `exact` is the distance of the rows,
    /// `rough` the same as the samples would have it.
    pub(super) fn of(exact: f64, rough: f64, none: f64, mut samples: Vec<f64>, beyond: bool) -> Self {
        samples.sort_by(f64::total_cmp);
        let end = |share: f64| quantile_of_sorted(&samples, share).map(|sample| exact - (sample - rough));
        let low = end(0.975).map(|low| low.max(none));
        let low = if beyond { low } else { Some(none) };
        let spread = quantile_of_sorted(&samples, 0.84).zip(quantile_of_sorted(&samples, 0.16));
        Self {
            low: low.map(|low| low.min(exact)),
            high: end(0.025).map(|high| high.max(exact)),
            deviation: spread.map(|(up, down)| (up - down) / 2.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_the_mean_and_variance_of_their_law() {
        let check = |name: &str, mean: f64, variance: f64, draw: &dyn Fn(&mut Random) -> f64| {
            let mut random = Random::new(3);
            let drawn: Vec<f64> = (0..40_000).map(|_| draw(&mut random)).collect();
            let found = drawn.iter().sum::<f64>() / drawn.len() as f64;
            let spread = drawn.iter().map(|x| (x - found).powi(2)).sum::<f64>() / drawn.len() as f64;
            assert!((found - mean).abs() < 0.03 * mean.max(1.0), "{name}: mean {found}, not {mean}");
            assert!((spread - variance).abs() < 0.05 * variance.max(0.5), "{name}: variance {spread}, not {variance}");
            assert!(drawn.iter().all(|x| *x >= 0.0 && x.fract() == 0.0), "{name}");
        };
        for mean in [0.3, 1.0, 12.0, 39.0, 41.0, 5000.0] {
            check("poisson", mean, mean, &|random| poisson(mean, random));
        }
        for (trials, chance) in [(1.0, 0.5), (10.0, 0.9), (60.0, 0.3), (200.0, 0.5), (1e6, 0.01)] {
            check("binomial", trials * chance, trials * chance * (1.0 - chance), &|random| {
                binomial(trials, chance, random)
            });
        }
    }

    /// The distance of two shares of one value.
    fn difference(a: &[f64], b: &[f64]) -> Option<f64> {
        let share = |cells: &[f64]| cells.first().copied().unwrap_or(0.0) / cells.iter().sum::<f64>();
        Some((share(a) - share(b)).abs()).filter(|distance| !distance.is_nan())
    }

    #[test]
    fn without_drift_one_in_twenty_is_beyond_chance_and_a_large_drift_always_is() {
        for (rows, shift) in [(30.0, 0.0), (1000.0, 0.0), (1000.0, 0.2)] {
            let (mut beyond, mut covered, runs) = (0, 0, 200);
            for seed in 0..runs {
                let mut random = Random::new(seed);
                let (x, y) = (binomial(rows, 0.4, &mut random), binomial(rows, 0.4 + shift, &mut random));
                let counts = Counts { reference: vec![x, rows - x], current: vec![y, rows - y] };
                let judged = judge(&counts, None, &difference, 99, &mut random, &Work::new()).unwrap();
                beyond += usize::from(judged.p_value.unwrap() <= 0.05);
                covered += usize::from(judged.low.unwrap() <= shift && shift <= judged.high.unwrap());
            }
            if shift > 0.0 {
                assert_eq!(beyond, runs as usize);
            } else {
                assert!(beyond <= 18, "{beyond} of {runs} at {rows} rows");
            }
            assert!(covered >= 180, "{covered} of {runs} at {rows} rows and shift {shift}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_and_nothing_gives_nothing() {
        let counts = Counts { reference: vec![10.0, 20.0], current: vec![20.0, 10.0] };
        let run = |seed| judge(&counts, None, &difference, 99, &mut Random::new(seed), &Work::new()).unwrap();
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        let empty = Counts { reference: vec![0.0], current: vec![0.0] };
        assert_eq!(judge(&empty, None, &difference, 9, &mut Random::new(0), &Work::new()).unwrap(), Judged::default());
        let work = Work::new();
        work.cancel();
        assert!(judge(&counts, None, &difference, 9, &mut Random::new(0), &work).unwrap_err().is_cancelled());
    }
}
