//! For whom a figure changed: the conditions in whose rows it moved most between two times, against all other rows.

use serde::Serialize;

use super::features;
use super::{Rows, features::Feature};
use crate::clean::statistics::{benjamini_hochberg, normal_tail};
use crate::data::{Column, Frame};
use crate::engine::{Result, Work};

/// The fewest rows of a condition on either side of the change, and of those outside it.
const FEWEST: usize = 20;

/// Conditions that share more of their rows than this say the same.
const SAME: f64 = 0.6;

/// A condition in whose rows a figure moved otherwise than elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moved {
    /// The condition, in the filter language.
    pub condition: String,
    /// Its rows before and after.
    pub rows: [usize; 2],
    /// The mean in them before and after.
    pub means: [f64; 2],
    /// The mean in all other rows before and after.
    pub elsewhere: [f64; 2],
    /// The probability of so great a difference between the two changes if there were none, adjusted for all conditions
    /// that were looked at (Benjamini and Hochberg 1995).
    pub p_adjusted: f64,
}

/// Count, sum and sum of squares.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Sums {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        self.sum += value;
        self.squares += value * value;
    }

    fn less(self, other: Self) -> Self {
        Self { count: self.count - other.count, sum: self.sum - other.sum, squares: self.squares - other.squares }
    }

    fn mean(self) -> f64 {
        self.sum / self.count
    }

    /// The variance of the mean. A share of 0 or 1 of few rows is not certain: one row is taken to be otherwise.
    fn error(self) -> f64 {
        let variance = (self.squares / self.count - self.mean().powi(2)).max(0.0);
        variance.max(1e-12 + self.least() / self.count) / self.count
    }

    fn least(self) -> f64 {
        self.squares.abs() / self.count / self.count.max(1.0)
    }
}

/// The conditions in whose rows `values` moved farther than elsewhere, in the direction in which the whole moved; the
/// clearest first, at most `most`, none that says the same as a better one. `after` tells on which side of the change a
/// row lies.
///
/// # Errors
/// If the work was cancelled.
pub fn moved(
    frame: &Frame,
    values: &[Option<f64>],
    after: &dyn Fn(usize) -> Option<bool>,
    most: usize,
    work: &Work,
) -> Result<Vec<Moved>> {
    let known = |row: usize| {
        let value = values.get(row).copied().flatten().filter(|value| value.is_finite())?;
        Some((value, after(row)?))
    };
    let chosen: Vec<u32> = (0..frame.rows()).filter(|row| known(*row).is_some()).map(|row| row as u32).collect();
    let told: Vec<(f64, bool)> = chosen.iter().filter_map(|row| known(*row as usize)).collect();
    let rows = Rows { values: told.iter().map(|(value, _)| *value).collect(), searched: chosen.len(), rows: chosen };
    // The features leave out the column of that name, and none has this one.
    let target = Column::new("", crate::data::Values::Int(arrow_array::Int64Array::from(Vec::<i64>::new())));
    if frame.columns().is_empty() {
        return Ok(Vec::new());
    }
    let (features, _) = features::of(frame, &target, &rows, 2 * FEWEST, None, work)?;
    let sums = |places: &mut dyn Iterator<Item = usize>| {
        let mut sums = [Sums::default(); 2];
        for (value, after) in places.filter_map(|at| told.get(at)) {
            sums[usize::from(*after)].add(*value);
        }
        sums
    };
    let all = sums(&mut (0..told.len()));
    let direction = (all[1].mean() - all[0].mean()).signum();
    let mut judged: Vec<(f64, &Feature, Moved)> = Vec::new();
    for feature in &features {
        work.check()?;
        let inside = sums(&mut feature.bits.iter());
        let outside = [all[0].less(inside[0]), all[1].less(inside[1])];
        if inside.iter().chain(&outside).any(|sums| sums.count < FEWEST as f64) {
            continue;
        }
        let step = |sums: &[Sums; 2]| sums[1].mean() - sums[0].mean();
        let error: f64 = inside.iter().chain(&outside).map(|sums| sums.error()).sum();
        let z = (step(&inside) - step(&outside)) * direction / error.sqrt();
        let moved = Moved {
            condition: feature.condition.clone(),
            rows: inside.map(|sums| sums.count as usize),
            means: inside.map(Sums::mean),
            elsewhere: outside.map(Sums::mean),
            p_adjusted: 1.0,
        };
        judged.push((z, feature, moved));
    }
    let p: Vec<f64> = judged.iter().map(|(z, ..)| (2.0 * normal_tail(z.abs())).min(1.0)).collect();
    for ((_, _, moved), p) in judged.iter_mut().zip(benjamini_hochberg(&p)) {
        moved.p_adjusted = p;
    }
    judged.retain(|(z, _, moved)| *z > 0.0 && moved.p_adjusted <= 0.05);
    judged.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut kept: Vec<(&Feature, Moved)> = Vec::new();
    for (_, feature, moved) in judged {
        if kept.len() < most && kept.iter().all(|(other, _)| other.bits.overlap(&feature.bits) < SAME) {
            kept.push((feature, moved));
        }
    }
    Ok(kept.into_iter().map(|(_, moved)| moved).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::LargeStringArray;

    use super::*;
    use crate::data::Kind;
    use crate::engine::Random;

    fn shop(rows: usize, drop: f64, seed: u64) -> (Frame, Vec<Option<f64>>) {
        let mut random = Random::new(seed);
        let kinds: Vec<&str> = (0..rows).map(|_| ["men", "women", "children"][random.below(3)]).collect();
        let sizes: Vec<i64> = (0..rows).map(|_| 36 + random.below(10) as i64).collect();
        let values = (0..rows).map(|row| {
            let chance = if row >= rows / 2 && kinds[row] == "men" { 0.9 - drop } else { 0.9 };
            Some(f64::from(u8::from(random.unit() < chance)))
        });
        let values = values.collect();
        let kinds = Column::text("kind", Kind::Category, LargeStringArray::from(kinds));
        let sizes = Column::new("size", crate::data::Values::Int(sizes.into()));
        (Frame::new(vec![Arc::new(kinds), Arc::new(sizes)]), values)
    }

    #[test]
    fn the_slice_that_moved_is_named_and_none_where_none_did() {
        let of = |drop: f64, seed: u64| {
            let (frame, values) = shop(3000, drop, seed);
            moved(&frame, &values, &|row| Some(row >= 1500), 3, &Work::new()).unwrap()
        };
        let found = of(0.3, 1);
        assert_eq!(found[0].condition, "kind = 'men'");
        assert!(found[0].means[1] < 0.7 && found[0].elsewhere[1] > 0.85 && found[0].p_adjusted < 1e-6);
        let false_alarms = (0..200).filter(|seed| !of(0.0, 10 + seed).is_empty()).count();
        assert!(false_alarms <= 18, "{false_alarms} of 200");
    }
}
