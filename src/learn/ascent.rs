//! Dual coordinate ascent for multinomial logistic regression: the work behind [`logistic`](super::logistic).
//!
//! Each row keeps its current prediction `q` as dual variable, and `W = Σ weight/l2 · (target - q) xᵀ` holds all the
//! time; a step moves one `q` to where it agrees with what the model would say after the step (Shalev-Shwartz and
//! Zhang 2013, "Stochastic Dual Coordinate Ascent Methods"; Yu, Huang and Lin 2011 for the logistic loss).

use super::Features;
use super::logistic::{Model, Options, Targets, Weights};
use crate::engine::{Error, Random, Result, Work};

/// Rows between two checks for cancellation.
const CHECK: usize = 1024;

/// The value of the constant feature whose weight is the bias.
pub(super) const BIAS: f32 = 1.0;

/// The rows to learn from, their targets and their costs `weight / l2`.
pub(super) struct Problem {
    classes: usize,
    rows: Vec<u32>,
    targets: Vec<f32>,
    costs: Vec<f32>,
}

impl Problem {
    pub(super) fn new(
        rows: usize,
        targets: Targets<'_>,
        classes: usize,
        weights: Weights<'_>,
        options: &Options,
    ) -> Result<Self> {
        let length = match targets {
            Targets::Hard(labels) => labels.len(),
            Targets::Soft(matrix) => matrix.rows(),
        };
        if length != rows || weights.rows.is_some_and(|weights| weights.len() != rows) {
            return Err(Error::input(format!("{length} targets or weights for {rows} rows")));
        }
        if weights.classes.is_some_and(|weights| weights.len() != classes) {
            return Err(Error::input(format!("the class weights are not one for each of {classes} classes")));
        }
        let all = weights.rows.into_iter().chain(weights.classes).flatten();
        if all.into_iter().any(|weight| !(*weight >= 0.0 && weight.is_finite())) {
            return Err(Error::input("a weight is negative or not a number"));
        }
        if !(options.l2 > 0.0 && options.l2.is_finite()) {
            return Err(Error::input("the l2 penalty must be above 0"));
        }
        let mut problem = Self { classes, rows: vec![], targets: vec![], costs: vec![] };
        let mut target = vec![0.0f32; classes];
        for row in 0..rows {
            let weight = weights.rows.and_then(|weights| weights.get(row)).copied().unwrap_or(1.0);
            if weight == 0.0 || !read_target(targets, row, &mut target)? {
                continue;
            }
            let of_class = weights
                .classes
                .map_or(1.0, |classes| classes.iter().zip(&target).map(|(weight, share)| weight * share).sum());
            if of_class > 0.0 {
                problem.rows.push(row as u32);
                problem.targets.extend_from_slice(if classes == 2 { &target[1..] } else { &target });
                problem.costs.push(weight * of_class / options.l2);
            }
        }
        Ok(problem)
    }

    /// The number of margins: one for two classes, else one for each.
    fn margins(&self) -> usize {
        if self.classes == 2 { 1 } else { self.classes }
    }

    /// The number of classes that some row has.
    pub(super) fn classes_present(&self) -> usize {
        let margins = self.margins().max(1);
        let mut present = vec![false; margins];
        let mut first = false;
        for target in self.targets.chunks_exact(margins) {
            for (present, &share) in present.iter_mut().zip(target) {
                *present |= share > 0.0;
                first |= margins == 1 && share < 1.0;
            }
        }
        present.iter().filter(|&&present| present).count() + usize::from(first)
    }

    pub(super) fn fit<F: Features>(&self, features: &F, options: &Options, seed: u64, work: &Work) -> Result<Model> {
        match self.margins() {
            1 => self.ascend(features, Lanes::<1>::new(features.columns()), options, seed, work),
            2..=4 => self.ascend(features, Lanes::<4>::new(features.columns()), options, seed, work),
            5..=8 => self.ascend(features, Lanes::<8>::new(features.columns()), options, seed, work),
            9..=16 => self.ascend(features, Lanes::<16>::new(features.columns()), options, seed, work),
            margins => self.ascend(features, Flat::new(features.columns(), margins), options, seed, work),
        }
    }

    fn ascend<F: Features, S: Store>(
        &self,
        features: &F,
        mut store: S,
        options: &Options,
        seed: u64,
        work: &Work,
    ) -> Result<Model> {
        let margins = self.margins();
        let mut order: Vec<u32> = (0..self.rows.len() as u32).collect();
        // A row's curvature says how far the model follows when its q moves: cost · (|x|² + bias²).
        let curvature: Vec<f32> = self
            .rows
            .iter()
            .zip(&self.costs)
            .map(|(&row, cost)| {
                let mut squares = BIAS * BIAS;
                features.visit(row as usize, |_, value| squares += value * value);
                cost * squares
            })
            .collect();
        let total: f64 = self.costs.iter().map(|&cost| f64::from(cost)).sum();
        let mut dual = self.targets.clone();
        let mut bias = vec![0.0f32; margins];
        let mut step = vec![0.0f32; margins];
        let mut scratch = Scratch::new(margins);
        let mut random = Random::new(seed);
        let (mut epochs, mut converged) = (0, self.rows.is_empty());
        // Steps too small to matter are not taken, which spares half of the work of the later passes.
        let least = options.tolerance * 0.1;
        while epochs < options.epochs.max(1) && !converged {
            random.shuffle(&mut order);
            let mut moved = 0.0f64;
            for block in order.chunks(CHECK) {
                work.check()?;
                for at in block.iter().map(|&at| at as usize) {
                    let (row, cost) = (self.rows[at] as usize, self.costs[at]);
                    let q = &mut dual[at * margins..(at + 1) * margins];
                    step.iter_mut().zip(&bias).for_each(|(margin, bias)| *margin = bias * BIAS);
                    store.dot(features, row, &mut step);
                    settle(q, &mut step, curvature[at], &mut scratch);
                    let size = step.iter().fold(0.0f32, |most, change| most.max(change.abs()));
                    moved += f64::from(size) * f64::from(cost);
                    if size < least {
                        continue;
                    }
                    for ((q, change), bias) in q.iter_mut().zip(&mut step).zip(&mut bias) {
                        *q += *change;
                        *change *= -cost;
                        *bias += *change * BIAS;
                    }
                    store.add(features, row, &step);
                }
            }
            epochs += 1;
            converged = moved <= f64::from(options.tolerance) * total;
        }
        Ok(Model {
            classes: self.classes,
            columns: features.columns(),
            margins,
            weights: store.into_flat(margins),
            bias,
            epochs,
            converged,
        })
    }
}

/// Reads the target of a row; false if it has none.
fn read_target(targets: Targets<'_>, row: usize, out: &mut [f32]) -> Result<bool> {
    match targets {
        Targets::Hard(labels) => {
            let Some(label) = labels.get(row).copied().flatten() else { return Ok(false) };
            out.fill(0.0);
            let classes = out.len();
            let Some(share) = out.get_mut(usize::from(label)) else {
                return Err(Error::input(format!("the label {label} is outside the {classes} classes"))
                    .at(format!("row {}", row + 1)));
            };
            *share = 1.0;
            Ok(true)
        }
        Targets::Soft(matrix) => {
            let row = matrix.row(row);
            if row.len() != out.len() {
                return Err(Error::input(format!("targets for {} classes where there are {}", row.len(), out.len())));
            }
            let sum: f32 = row.iter().sum();
            if !(sum > 0.0 && sum.is_finite()) || row.iter().any(|&share| share < 0.0) {
                return Ok(false);
            }
            out.iter_mut().zip(row).for_each(|(out, share)| *out = share / sum);
            Ok(true)
        }
    }
}

/// Finds the change of `q` after which `q = softmax(margins)` holds for this row, where the margins fall by `curvature`
/// times the change. On entry `margins` are those before the step, on exit it is the change of `q`.
fn settle(q: &[f32], margins: &mut [f32], curvature: f32, scratch: &mut Scratch) {
    if let ([q], [margin]) = (q, &mut *margins) {
        *margin = settle_one(*q, *margin, curvature) - *q;
        return;
    }
    let Scratch { after, said, step } = scratch;
    after.copy_from_slice(margins);
    let mut cost = proximal_cost(after, margins, q, curvature, said);
    for _ in 0..6 {
        newton_step(after, margins, q, curvature, said, step);
        let mut share = 1.0;
        loop {
            after.iter_mut().zip(&*step).for_each(|(margin, change)| *margin += share * change);
            let next = proximal_cost(after, margins, q, curvature, said);
            // Near the minimum the cost falls by less than single precision shows.
            if next <= cost + 1e-5 * (1.0 + cost.abs()) || share < 0.05 {
                cost = next;
                break;
            }
            after.iter_mut().zip(&*step).for_each(|(margin, change)| *margin -= share * change);
            share *= 0.5;
        }
        // The error left is of the order of the square of the last step.
        if step.iter().all(|change| change.abs() < 1e-2) {
            break;
        }
    }
    for ((change, said), q) in margins.iter_mut().zip(&*said).zip(q) {
        *change = said - q;
    }
}

/// `|after - margins|²/2 + curvature (logsumexp(after) - q after)`, of which the step is the minimum; `said` becomes
/// the softmax of `after`.
fn proximal_cost(after: &[f32], margins: &[f32], q: &[f32], curvature: f32, said: &mut [f32]) -> f32 {
    said.copy_from_slice(after);
    let most = said.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for value in &mut *said {
        *value = (*value - most).exp();
        sum += *value;
    }
    said.iter_mut().for_each(|value| *value /= sum);
    let mut cost = curvature * (most + sum.ln());
    for ((after, margin), q) in after.iter().zip(margins).zip(q) {
        cost += 0.5 * (after - margin) * (after - margin) - curvature * q * after;
    }
    cost
}

/// The Newton step of that cost; its Hessian is a diagonal less a product of vectors, which Sherman and Morrison invert.
fn newton_step(after: &[f32], margins: &[f32], q: &[f32], curvature: f32, said: &[f32], step: &mut [f32]) {
    let (mut along, mut left) = (0.0f32, 0.0f32);
    for ((((step, after), margin), said), q) in step.iter_mut().zip(after).zip(margins).zip(said).zip(q) {
        let scale = 1.0 / (1.0 + curvature * said);
        *step = scale * (margin - after + curvature * (q - said));
        along += said * *step;
        left += said * scale;
    }
    let factor = curvature * along / left.max(f32::MIN_POSITIVE);
    for (step, said) in step.iter_mut().zip(said) {
        *step += factor * said / (1.0 + curvature * said);
    }
}

/// The `v` with `v = sigmoid(margin - curvature (v - q))`.
///
/// Newton's method on the margin after the step. The function is concave above 0 and convex below, so from 0, or from
/// any point between 0 and the solution, the steps go towards the solution and never past it.
fn settle_one(q: f32, margin: f32, curvature: f32) -> f32 {
    let mut said = sigmoid(margin);
    let gap = said - q;
    let near = curvature * gap.abs() < 1.0 || (gap <= 0.0) == (margin >= 0.0);
    let mut after = margin;
    if !near {
        (after, said) = (0.0, 0.5);
    }
    for _ in 0..8 {
        let change = (margin - after - curvature * (said - q)) / (1.0 + curvature * said * (1.0 - said));
        after += change;
        said = sigmoid(after);
        if change.abs() < 1e-2 {
            break;
        }
    }
    said
}

/// Memory for one step, used again for every row.
struct Scratch {
    after: Vec<f32>,
    said: Vec<f32>,
    step: Vec<f32>,
}

impl Scratch {
    fn new(margins: usize) -> Self {
        Self { after: vec![0.0; margins], said: vec![0.0; margins], step: vec![0.0; margins] }
    }
}

pub(super) fn sigmoid(margin: f32) -> f32 {
    1.0 / (1.0 + (-margin).exp())
}

pub(super) fn softmax(values: &mut [f32]) {
    let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for value in &mut *values {
        *value = (*value - most).exp();
        sum += *value;
    }
    values.iter_mut().for_each(|value| *value /= sum);
}

/// Weights during a fit, features x margins.
trait Store {
    /// Adds `W x` to `margins`.
    fn dot<F: Features>(&self, features: &F, row: usize, margins: &mut [f32]);
    /// Adds `step xᵀ` to `W`.
    fn add<F: Features>(&mut self, features: &F, row: usize, step: &[f32]);
    /// All weights, features x margins.
    fn into_flat(self, margins: usize) -> Vec<f32>;
}

/// Few margins: a fixed number of lanes, which the processor keeps in registers.
struct Lanes<const N: usize>(Vec<[f32; N]>);

impl<const N: usize> Lanes<N> {
    fn new(columns: usize) -> Self {
        Self(vec![[0.0; N]; columns])
    }
}

impl<const N: usize> Store for Lanes<N> {
    #[inline]
    fn dot<F: Features>(&self, features: &F, row: usize, margins: &mut [f32]) {
        let mut sums = [0.0f32; N];
        features.visit(row, |column, value| {
            if let Some(weights) = self.0.get(column) {
                for lane in 0..N {
                    sums[lane] += value * weights[lane];
                }
            }
        });
        margins.iter_mut().zip(sums).for_each(|(margin, sum)| *margin += sum);
    }

    #[inline]
    fn add<F: Features>(&mut self, features: &F, row: usize, step: &[f32]) {
        let mut lanes = [0.0f32; N];
        lanes.iter_mut().zip(step).for_each(|(lane, step)| *lane = *step);
        features.visit(row, |column, value| {
            if let Some(weights) = self.0.get_mut(column) {
                for lane in 0..N {
                    weights[lane] += value * lanes[lane];
                }
            }
        });
    }

    fn into_flat(self, margins: usize) -> Vec<f32> {
        self.0.into_iter().flat_map(|lanes| lanes.into_iter().take(margins)).collect()
    }
}

/// Any number of margins.
struct Flat {
    margins: usize,
    weights: Vec<f32>,
}

impl Flat {
    fn new(columns: usize, margins: usize) -> Self {
        Self { margins, weights: vec![0.0; columns * margins] }
    }
}

impl Store for Flat {
    fn dot<F: Features>(&self, features: &F, row: usize, margins: &mut [f32]) {
        features.visit(row, |column, value| {
            let weights = self.weights.get(column * self.margins..).unwrap_or_default();
            for (margin, weight) in margins.iter_mut().zip(weights) {
                *margin += value * weight;
            }
        });
    }

    fn add<F: Features>(&mut self, features: &F, row: usize, step: &[f32]) {
        let width = self.margins;
        features.visit(row, |column, value| {
            let weights = self.weights.get_mut(column * width..).unwrap_or_default();
            for (weight, step) in weights.iter_mut().zip(step) {
                *weight += value * step;
            }
        });
    }

    fn into_flat(self, _: usize) -> Vec<f32> {
        self.weights
    }
}
