//! An audit: a person settles a few dozen items drawn over all scores, and from these verdicts follow precision and recall at
//! every rank, with intervals, and the rank at which to cut.
//!
//! The chance that a label is wrong is fitted as a logistic function of its score, with a weak prior, so that thirty
//! verdicts suffice; what the verdicts leave open is told by drawing from the posterior (Laplace's approximation). The items
//! are drawn by score and not by chance, which a model of the chance by score needs no weights for.

use serde::Serialize;

use super::label_errors::LabelErrors;
use crate::engine::{Random, quantile_of_sorted};

/// Standard deviation of the prior of intercept and slope, where scores have mean 0 and deviation 1.
const PRIOR: f64 = 2.5;

/// Draws from the posterior.
const DRAWS: usize = 400;

/// Ranks at which figures are given.
const POINTS: usize = 200;

/// Strata of the flagged rows, and of the others.
const STRATA: usize = 5;

/// A share with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The share, 0-1.
    pub value: f64,
    /// The low end.
    pub low: f64,
    /// The high end.
    pub high: f64,
}

/// What holds if all rows up to a rank are taken for errors.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AtRank {
    /// Rows taken.
    pub rank: usize,
    /// The score of the last of them.
    pub score: f64,
    /// The share of them that is wrong.
    pub precision: Estimate,
    /// The share of all wrong labels that is among them.
    pub recall: Estimate,
    /// Errors among them, as expected.
    pub errors: f64,
    /// The mean of precision and recall that is high where both are, as expected.
    pub f1: f64,
}

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Audit {
    /// Verdicts that it rests on.
    pub verdicts: usize,
    /// Those that found the label wrong.
    pub wrong: usize,
    /// Wrong labels among all rows, as a share.
    pub error_rate: Estimate,
    /// Figures by rank, ascending.
    pub ranks: Vec<AtRank>,
    /// The position in `ranks` at which F1 is highest: where to cut.
    pub cut: usize,
    /// The chance by score that was fitted.
    #[serde(skip)]
    line: Line,
}

/// A logistic function of a score.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Line {
    mean: f64,
    deviation: f64,
    intercept: f64,
    slope: f64,
}

/// The rows to be settled: some of every score, from the flagged rows as many as from the others, whose strata double in
/// width. Ascending by score; `wanted` of them, or as many as there are.
pub fn draw(scores: &[f64], flagged: usize, wanted: usize, seed: u64) -> Vec<u32> {
    let order = by_score(scores);
    let flagged = flagged.clamp(1.min(order.len()), order.len());
    let rest = order.len() - flagged;
    let mut edges: Vec<usize> = (0..=STRATA).map(|at| flagged * at / STRATA).collect();
    edges.extend((1..=STRATA).map(|at| flagged + (rest * ((1 << at) - 1)).div_ceil((1 << STRATA) - 1)));
    let mut random = Random::new(seed);
    let mut pools: Vec<Vec<u32>> = edges.windows(2).map(|edge| order[edge[0]..edge[1].max(edge[0])].to_vec()).collect();
    pools.iter_mut().for_each(|pool| random.shuffle(pool));
    let mut drawn = Vec::new();
    while drawn.len() < wanted && pools.iter().any(|pool| !pool.is_empty()) {
        for pool in &mut pools {
            if drawn.len() < wanted {
                drawn.extend(pool.pop());
            }
        }
    }
    drawn.sort_by(|&a, &b| scores[a as usize].total_cmp(&scores[b as usize]).then(a.cmp(&b)));
    drawn
}

/// The rows with a score, the lowest first.
fn by_score(scores: &[f64]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..scores.len() as u32).filter(|&row| !scores[row as usize].is_nan()).collect();
    order.sort_by(|&a, &b| scores[a as usize].total_cmp(&scores[b as usize]).then(a.cmp(&b)));
    order
}

impl Audit {
    /// Estimates from verdicts, each a score (0-1, low is bad) and whether the label was wrong. `None` without a verdict or
    /// a row.
    pub fn of(scores: &[f64], verdicts: &[(f64, bool)], seed: u64) -> Option<Self> {
        let order = by_score(scores);
        let verdicts: Vec<(f64, bool)> = verdicts.iter().filter(|(score, _)| !score.is_nan()).copied().collect();
        if verdicts.is_empty() || order.is_empty() {
            return None;
        }
        let seen: Vec<f64> = order.iter().map(|&row| stretched(scores[row as usize])).collect();
        let mean = seen.iter().sum::<f64>() / seen.len() as f64;
        let deviation = (seen.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / seen.len() as f64).sqrt().max(1e-9);
        let scale = |z: f64| (z - mean) / deviation;
        let known: Vec<(f64, f64)> =
            verdicts.iter().map(|(score, wrong)| (scale(stretched(*score)), f64::from(u8::from(*wrong)))).collect();
        let (mode, root) = posterior(&known);
        let mut random = Random::new(seed);
        let mut normal = || {
            let (one, two) = (random.unit().max(f64::MIN_POSITIVE), random.unit());
            (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * two).cos()
        };
        let lines: Vec<[f64; 2]> = (0..DRAWS)
            .map(|_| {
                let (u, v) = (normal(), normal());
                [mode[0] + root[0] * u, mode[1] + root[1] * u + root[2] * v]
            })
            .collect();
        let edges = edges(order.len());
        // Errors up to each edge, by draw.
        let parts: Vec<(f64, f64)> = edges
            .windows(2)
            .map(|edge| {
                let part = &seen[edge[0]..edge[1]];
                (part.iter().map(|z| scale(*z)).sum::<f64>() / part.len().max(1) as f64, part.len() as f64)
            })
            .collect();
        let sums: Vec<Vec<f64>> = lines
            .iter()
            .map(|[intercept, slope]| {
                let mut sum = 0.0;
                let add = |(z, rows): &(f64, f64)| {
                    sum += rows * logistic(intercept + slope * z);
                    sum
                };
                parts.iter().map(add).collect()
            })
            .collect();
        let total = |draw: &[f64]| draw.last().copied().unwrap_or(0.0).max(1e-12);
        let ranks: Vec<AtRank> = edges
            .iter()
            .skip(1)
            .enumerate()
            .map(|(at, &rank)| {
                let over = |of: &dyn Fn(&[f64]) -> f64| estimate(sums.iter().map(|draw| of(draw)).collect());
                let mean = |of: &dyn Fn(&[f64]) -> f64| sums.iter().map(|draw| of(draw)).sum::<f64>() / DRAWS as f64;
                AtRank {
                    rank,
                    score: scores[order[rank - 1] as usize],
                    precision: over(&|draw| draw[at] / rank as f64),
                    recall: over(&|draw| draw[at] / total(draw)),
                    errors: mean(&|draw| draw[at]),
                    f1: mean(&|draw| 2.0 * draw[at] / (rank as f64 + total(draw))),
                }
            })
            .collect();
        let best = |(at, a): (usize, &AtRank), (best, b): (usize, &AtRank)| if a.f1 > b.f1 { at } else { best };
        let cut = (1..ranks.len()).fold(0, |cut, at| best((at, &ranks[at]), (cut, &ranks[cut])));
        let rows = order.len() as f64;
        Some(Self {
            verdicts: verdicts.len(),
            wrong: verdicts.iter().filter(|(_, wrong)| *wrong).count(),
            error_rate: estimate(sums.iter().map(|draw| total(draw) / rows).collect()),
            ranks,
            cut,
            line: Line { mean, deviation, intercept: mode[0], slope: mode[1] },
        })
    }

    /// The chance that a label of this score is wrong, 0-1.
    pub fn chance(&self, score: f64) -> f64 {
        let Line { mean, deviation, intercept, slope } = self.line;
        logistic(intercept + slope * (stretched(score) - mean) / deviation)
    }

    /// The figures at the cut.
    pub fn at_cut(&self) -> Option<&AtRank> {
        self.ranks.get(self.cut)
    }

    /// The figures at the last of the ranks that is not beyond `rank`, or at the first.
    pub fn at(&self, rank: usize) -> Option<&AtRank> {
        let after = self.ranks.partition_point(|at| at.rank <= rank);
        self.ranks.get(after.saturating_sub(1))
    }

    /// The position in `ranks` of the last one whose score is not above `score`; `None` if all are above.
    pub fn up_to(&self, score: f64) -> Option<usize> {
        self.ranks.partition_point(|at| at.score <= score).checked_sub(1)
    }

    /// Flags what lies up to the cut, instead of what a rule flagged.
    pub fn apply(&self, errors: &mut LabelErrors) {
        let Some(cut) = self.at_cut() else { return };
        let order = by_score(&errors.normalized_margin);
        errors.flagged.fill(false);
        for row in order.into_iter().take(cut.rank) {
            if let Some(flag) = errors.flagged.get_mut(row as usize) {
                *flag = true;
            }
        }
    }
}

/// The ranks at which figures are given: evenly spread, the last being all rows.
fn edges(rows: usize) -> Vec<usize> {
    let points = POINTS.min(rows).max(1);
    let mut edges: Vec<usize> = (0..=points).map(|at| rows * at / points).collect();
    edges.dedup();
    edges
}

/// The score on the whole line, its tails held.
fn stretched(score: f64) -> f64 {
    let score = score.clamp(1e-3, 1.0 - 1e-3);
    (score / (1.0 - score)).ln()
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The most likely intercept and slope, and the lower root of their covariance (`[a, b, c]` of `[[a, 0], [b, c]]`), by
/// Newton's method.
fn posterior(known: &[(f64, f64)]) -> ([f64; 2], [f64; 3]) {
    let mut at = [0.0f64, 0.0];
    let prior = 1.0 / (PRIOR * PRIOR);
    let slopes = |at: [f64; 2]| {
        let (mut g, mut h) = ([-prior * at[0], -prior * at[1]], [prior, 0.0, prior]);
        for (z, wrong) in known {
            let p = logistic(at[0] + at[1] * z);
            let weight = p * (1.0 - p);
            g[0] += wrong - p;
            g[1] += (wrong - p) * z;
            h[0] += weight;
            h[1] += weight * z;
            h[2] += weight * z * z;
        }
        (g, h)
    };
    for _ in 0..100 {
        let (g, h) = slopes(at);
        let det = h[0] * h[2] - h[1] * h[1];
        let step = [(h[2] * g[0] - h[1] * g[1]) / det, (h[0] * g[1] - h[1] * g[0]) / det];
        // A step that is too long where the curve is flat would leave and never come back.
        let long = step[0].hypot(step[1]).max(1.0);
        at = [at[0] + step[0] / long, at[1] + step[1] / long];
        if step[0].hypot(step[1]) < 1e-10 {
            break;
        }
    }
    let (_, h) = slopes(at);
    let det = (h[0] * h[2] - h[1] * h[1]).max(1e-12);
    let (a, b, c) = (h[2] / det, -h[1] / det, h[0] / det);
    let first = a.sqrt();
    (at, [first, b / first, (c - b * b / a).max(0.0).sqrt()])
}

fn estimate(mut draws: Vec<f64>) -> Estimate {
    draws.sort_by(f64::total_cmp);
    let at = |share: f64| quantile_of_sorted(&draws, share).unwrap_or(f64::NAN);
    Estimate { value: at(0.5), low: at(0.025), high: at(0.975) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores with labels of which some are wrong, the lower the score the likelier.
    fn population(rows: usize, seed: u64) -> (Vec<f64>, Vec<bool>) {
        let mut random = Random::new(seed);
        let scores: Vec<f64> = (0..rows).map(|_| random.unit().powf(0.5)).collect();
        let wrong = scores.iter().map(|score| random.unit() < logistic(-1.5 * stretched(*score) - 1.0)).collect();
        (scores, wrong)
    }

    fn audit(scores: &[f64], wrong: &[bool], flagged: usize, seed: u64) -> Audit {
        let drawn = draw(scores, flagged, 50, seed);
        let verdicts: Vec<(f64, bool)> = drawn.iter().map(|&row| (scores[row as usize], wrong[row as usize])).collect();
        Audit::of(scores, &verdicts, seed).unwrap()
    }

    fn truth(scores: &[f64], wrong: &[bool], rank: usize) -> (f64, f64, f64) {
        let all = wrong.iter().filter(|wrong| **wrong).count() as f64;
        let hits = by_score(scores).into_iter().take(rank).filter(|&row| wrong[row as usize]).count() as f64;
        (hits / rank as f64, hits / all, 2.0 * hits / (rank as f64 + all))
    }

    #[test]
    fn intervals_cover_what_is_true_and_the_cut_moves_to_where_it_belongs() {
        let (mut inside, mut asked, mut gained) = (0, 0, 0.0);
        for seed in 0..40 {
            let (scores, wrong) = population(2000, seed);
            let found = audit(&scores, &wrong, 60, seed);
            for rank in [100, 300, 800] {
                let at = found.at(rank).unwrap();
                let (precision, recall, _) = truth(&scores, &wrong, at.rank);
                for (estimate, true_value) in [(at.precision, precision), (at.recall, recall)] {
                    asked += 1;
                    inside += usize::from((estimate.low..=estimate.high).contains(&true_value));
                }
            }
            gained += truth(&scores, &wrong, found.at_cut().unwrap().rank).2 - truth(&scores, &wrong, 60).2;
        }
        assert!(inside * 100 >= asked * 85, "{inside} of {asked} lie inside");
        assert!(gained / 40.0 > 0.2, "{}", gained / 40.0);
    }

    #[test]
    fn items_are_drawn_from_all_scores_each_once() {
        let (mut scores, _) = population(500, 1);
        scores[7] = f64::NAN;
        let drawn = draw(&scores, 100, 40, 3);
        assert_eq!(drawn.len(), 40);
        assert!(drawn.windows(2).all(|pair| scores[pair[0] as usize] <= scores[pair[1] as usize]));
        let mut once = drawn.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!((once.len(), drawn.contains(&7)), (40, false));
        let order = by_score(&scores);
        let flagged = drawn.iter().filter(|row| order[..100].contains(row)).count();
        assert_eq!(flagged, 20, "half of them of the flagged");
        assert_ne!(drawn, draw(&scores, 100, 40, 4));
        for (rows, wanted, expected) in [(0, 5, 0), (1, 5, 1), (3, 5, 3), (30, 0, 0)] {
            assert_eq!(draw(&scores[10..10 + rows], 1, wanted, 0).len(), expected, "{rows} {wanted}");
        }
    }

    #[test]
    fn edges_of_what_can_be_known() {
        let scores = [0.1, 0.9, f64::NAN];
        assert!(Audit::of(&scores, &[], 0).is_none());
        assert!(Audit::of(&[f64::NAN], &[(0.5, true)], 0).is_none());
        let found = Audit::of(&scores, &[(0.1, true)], 0).unwrap();
        assert_eq!((found.verdicts, found.wrong, found.ranks.len()), (1, 1, 2));
        assert!(found.ranks.iter().all(|at| (0.0..=1.0).contains(&at.precision.low) && at.recall.high <= 1.0 + 1e-12));
        // All right: the estimate is low, and never a certainty.
        let many: Vec<f64> = (0..200).map(|at| f64::from(at) / 200.0).collect();
        let right: Vec<(f64, bool)> = many.iter().step_by(5).map(|score| (*score, false)).collect();
        let found = Audit::of(&many, &right, 0).unwrap();
        assert!(
            found.error_rate.value < 0.05 && found.error_rate.high > found.error_rate.low,
            "{:?}",
            found.error_rate
        );
    }
}
