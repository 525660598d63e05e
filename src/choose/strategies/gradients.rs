//! `gradients`: rows that would move a linear model far, and each in another direction (BADGE; Ash and others 2020, "Deep
//! Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds").
//!
//! The gradient of a row is `(p - e) ⊗ x`, with `e` its most probable class and `x` what it is like. It is never
//! written down: `|a⊗x - b⊗y|² = |a|²|x|² + |b|²|y|² - 2 (a·b)(x·y)`.

use super::k_means::drawn;
use super::{Need, Pick, Pool, Strategy};
use crate::engine::{Error, Random, Result, Work};

/// By gradients.
pub(super) struct Gradients;

impl Strategy for Gradients {
    fn name(&self) -> &'static str {
        "gradients"
    }

    fn about(&self) -> &'static str {
        "rows that would move a model far and in different directions (BADGE)"
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Probabilities, Need::Points]
    }

    fn choose(&self, pool: &Pool<'_>, budget: usize, work: &Work) -> Result<Vec<Pick>> {
        let (points, probabilities) = (pool.points()?, pool.probabilities()?);
        if probabilities.rows() != points.rows() {
            return Err(Error::input("there are not as many probabilities as rows"));
        }
        let residual = |row: u32| {
            let mut values = probabilities.row(row as usize).to_vec();
            let top = values.iter().copied().fold(f32::MIN, f32::max);
            if let Some(top) = values.iter_mut().find(|value| **value == top) {
                *top -= 1.0;
            }
            values
        };
        // Residuals by row: a few numbers each.
        let residuals: Vec<Vec<f32>> = (0..points.rows() as u32).map(residual).collect();
        let norms: Vec<f64> = (0..points.rows()).map(|row| dot(points.row(row), points.row(row))).collect();
        let sizes: Vec<f64> = residuals.iter().map(|values| dot(values, values)).collect();
        let apart = |a: u32, b: u32| {
            let (a, b) = (a as usize, b as usize);
            let both = dot(&residuals[a], &residuals[b]) * dot(points.row(a), points.row(b));
            (sizes[a] * norms[a] + sizes[b] * norms[b] - 2.0 * both).max(0.0)
        };
        let mut picks = drawn(pool.candidates, &[], budget, apart, &mut Random::new(pool.seed), work)?;
        for pick in &mut picks {
            let said = super::uncertainty::between(pool, probabilities.row(pick.row as usize));
            pick.reason = format!("{said}; {}", pick.reason);
        }
        Ok(picks)
    }
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    f64::from(a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>())
}
