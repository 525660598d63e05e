//! The point at which a series changed, if it did more than by chance.

use serde::Serialize;

use crate::engine::Random;

/// Values beside which a change can be told.
const FEWEST: usize = 6;

/// A point of change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The place of the first value after it.
    pub at: usize,
    /// The beginning of that stretch.
    pub since: String,
    /// The mean before.
    pub before: f64,
    /// The mean from then on.
    pub after: f64,
    /// True if one step fits the values better than a straight line does.
    pub sudden: bool,
    /// The share of orders of the values that show as great a change, counting the one at hand.
    pub p_value: f64,
}

/// A value of a series and what it weighs, as the rows that it is a mean of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weighed {
    pub(super) value: f64,
    pub(super) weight: f64,
}

/// The change of a series, whatever its probability: the greatest gain of a split among `orders` random orders of what
/// the values are away from their mean, each in units of its own noise, so that values of few rows are no evidence.
/// `None` of fewer than six values. `starts` are the beginnings of the stretches.
pub(super) fn change(
    series: &[Option<Weighed>],
    starts: &[String],
    orders: usize,
    random: &mut Random,
) -> Option<Change> {
    let known: Vec<(usize, Weighed)> = series
        .iter()
        .enumerate()
        .filter_map(|(at, value)| Some((at, (*value)?)))
        .filter(|(_, it)| it.value.is_finite() && it.weight > 0.0)
        .collect();
    if known.len() < FEWEST {
        return None;
    }
    let values: Vec<Weighed> = known.iter().map(|(_, value)| *value).collect();
    let (gain, place) = split(&values)?;
    let mean = mean(&values);
    let mut away: Vec<f64> = values.iter().map(|it| (it.value - mean) * it.weight.sqrt()).collect();
    let mut dealt = values.clone();
    let reached = (0..orders)
        .filter(|_| {
            random.shuffle(&mut away);
            for (to, away) in dealt.iter_mut().zip(&away) {
                to.value = mean + away / to.weight.sqrt();
            }
            split(&dealt).is_some_and(|(other, _)| other >= gain - 1e-12)
        })
        .count();
    let (before, after) = values.split_at(place);
    let at = known.get(place)?.0;
    Some(Change {
        at,
        since: starts.get(at)?.clone(),
        before: self::mean(before),
        after: self::mean(after),
        sudden: gain >= line_gain(&values),
        p_value: (1 + reached) as f64 / (1 + orders) as f64,
    })
}

fn mean(values: &[Weighed]) -> f64 {
    let weight: f64 = values.iter().map(|it| it.weight).sum();
    values.iter().map(|it| it.value * it.weight).sum::<f64>() / weight
}

/// The split of a series by which the squares around the two means are least: how much less than around one mean, and
/// the place of the first value after it.
fn split(values: &[Weighed]) -> Option<(f64, usize)> {
    let all: f64 = values.iter().map(|it| it.weight).sum();
    let total: f64 = values.iter().map(|it| it.weight * it.value).sum();
    let (mut weight, mut sum, mut best) = (0.0, 0.0, None::<(f64, usize)>);
    for (at, it) in values.iter().enumerate().take(values.len().saturating_sub(1)) {
        (weight, sum) = (weight + it.weight, sum + it.weight * it.value);
        let gain = sum * sum / weight + (total - sum).powi(2) / (all - weight) - total * total / all;
        if best.is_none_or(|(most, _)| gain > most) {
            best = Some((gain, at + 1));
        }
    }
    best
}

/// How much less the squares around the best straight line are than around the mean.
fn line_gain(values: &[Weighed]) -> f64 {
    let all: f64 = values.iter().map(|it| it.weight).sum();
    let middle = values.iter().enumerate().map(|(at, it)| at as f64 * it.weight).sum::<f64>() / all;
    let mean = mean(values);
    let (mut cross, mut spread) = (0.0, 0.0);
    for (at, it) in values.iter().enumerate() {
        cross += it.weight * (at as f64 - middle) * (it.value - mean);
        spread += it.weight * (at as f64 - middle).powi(2);
    }
    if spread > 0.0 { cross * cross / spread } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64], weights: &[f64], seed: u64) -> Option<Change> {
        let starts: Vec<String> = (0..values.len()).map(|at| at.to_string()).collect();
        let series: Vec<Option<Weighed>> = values
            .iter()
            .zip(weights.iter().cycle())
            .map(|(value, weight)| Some(Weighed { value: *value, weight: *weight }))
            .collect();
        change(&series, &starts, 199, &mut Random::new(seed))
    }

    #[test]
    fn a_step_is_sudden_and_a_slope_gradual() {
        let step: Vec<f64> =
            (0..12).map(|n| if n < 7 { 0.01 * (n % 2) as f64 } else { 0.3 + 0.01 * (n % 3) as f64 }).collect();
        let found = of(&step, &[1.0], 0).unwrap();
        assert_eq!((found.at, found.since.as_str(), found.sudden), (7, "7", true));
        assert!((found.before - 0.03 / 7.0).abs() < 1e-12 && found.after > 0.3 && found.p_value <= 0.05);
        let slope: Vec<f64> = (0..12).map(|n| f64::from(n) * 0.03).collect();
        assert!(!of(&slope, &[1.0], 0).unwrap().sudden);
        assert!(of(&[0.1, 0.2, 0.1], &[1.0], 0).is_none(), "too few");
    }

    /// False alarms over 200 seeds, for values of equal noise and for a beginning of few rows.
    #[test]
    fn noise_has_no_change_beyond_one_in_twenty() {
        let few_first: Vec<f64> = (0..20).map(|at| if at < 5 { 4.0 } else { 400.0 }).collect();
        for weights in [vec![1.0; 20], few_first] {
            let found = (0..200u64).filter(|seed| {
                let mut random = Random::new(*seed + 1000);
                let values: Vec<f64> = weights.iter().map(|weight| (random.unit() - 0.5) / weight.sqrt()).collect();
                of(&values, &weights, *seed).is_some_and(|found| found.p_value <= 0.05)
            });
            // Of 200 at 5 %, more than 18 happen once in 100 times.
            let found = found.count();
            assert!(found <= 18, "{found} of 200");
        }
    }

    /// A step of known size and place over 200 seeds: how often it is found, and how near.
    #[test]
    fn a_planted_step_is_found_where_it_is() {
        let (mut found, mut near, mut sudden) = (0, 0, 0);
        for seed in 0..200u64 {
            let mut random = Random::new(seed + 5000);
            let values: Vec<f64> = (0..24).map(|at| random.unit() + if at >= 15 { 0.8 } else { 0.0 }).collect();
            let change = of(&values, &[1.0], seed).unwrap();
            found += usize::from(change.p_value <= 0.05);
            near += usize::from(change.at.abs_diff(15) <= 2);
            sudden += usize::from(change.sudden);
        }
        assert!(found >= 190 && near >= 170 && sudden >= 160, "{found} {near} {sudden}");
    }
}
