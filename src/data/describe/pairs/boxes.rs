//! Numbers by category, as box plots.

use arrow_buffer::BooleanBuffer;
use serde::Serialize;

use super::super::super::filter::quote_name;
use super::super::super::view::sort_by;
use super::super::super::{Column, Values};
use super::super::{Places, columns, range_sql};
use super::grid::numbers;
use super::{CHUNK, Side, both};
use crate::engine::{Result, Work};

/// Numbers by category.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Boxes {
    /// The category's column.
    pub category: String,
    /// The numbers' column.
    pub number: String,
    /// One box for each bar of the category, in order.
    pub boxes: Vec<BoxOf>,
}

/// The numbers of one class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BoxOf {
    /// The class, as its bar is called.
    pub label: String,
    /// The condition that keeps exactly the rows that are counted.
    pub sql: String,
    /// The rows with a finite number.
    pub count: usize,
    /// What they are like; `None` without any.
    pub shape: Option<Shape>,
}

/// A box plot (Tukey 1977).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Shape {
    /// The least number.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The mean.
    pub mean: f64,
    /// The quartiles 25, 50 and 75 %, interpolated linearly as in [`Statistics`](super::super::Statistics).
    pub quartiles: [f64; 3],
    /// The least and the greatest number within 1.5 times the distance of the quartiles from the box.
    pub whiskers: [f64; 2],
    /// Numbers below the lower whisker and above the upper one.
    pub outside: [usize; 2],
}

/// The boxes of a column of numbers by the bars of a category.
pub(super) fn boxes(category: Side<'_>, column: &Column, mask: Option<&BooleanBuffer>, work: &Work) -> Result<Boxes> {
    // A number outside the mask is none, so that the places need not heed it.
    let (places, values) = (Places::of(category.column, category.summary, work)?, numbers(column, mask, work)?);
    let bars = category.summary.bars();
    let mut groups: Vec<Vec<f64>> = vec![Vec::new(); bars.len()];
    for (places, values) in places.rows().chunks(CHUNK).zip(values.chunks(CHUNK)) {
        work.check()?;
        for (place, value) in places.iter().zip(values).filter(|(_, value)| !value.is_nan()) {
            if let Some(group) = groups.get_mut(usize::from(*place)) {
                // 0 is added so that 0 and -0 are one.
                group.push(value + 0.0);
            }
        }
    }
    let each = |(bar, group): (super::super::Bar, Vec<f64>)| {
        let sorted = sort_by(group, &f64::total_cmp, work)?;
        let sql = both(&bar.sql, &present_sql(column, &sorted));
        Ok(BoxOf { label: bar.label, sql, count: sorted.len(), shape: shape(&sorted) })
    };
    let boxes = bars.into_iter().zip(groups).map(each).collect::<Result<_>>()?;
    Ok(Boxes { category: category.column.name().to_owned(), number: column.name().to_owned(), boxes })
}

/// The condition that keeps the rows whose number was counted: for real numbers the range, which leaves out what is
/// infinite or no number.
fn present_sql(column: &Column, sorted: &[f64]) -> String {
    let name = quote_name(column.name());
    match (column.values(), sorted.first(), sorted.last()) {
        (Values::Float(_), Some(&min), Some(&max)) => range_sql(&name, min, max),
        (Values::Float(_), ..) => format!("{name} BETWEEN -{max:e} AND {max:e}", max = f64::MAX),
        _ => format!("{name} IS NOT NULL"),
    }
}

fn shape(sorted: &[f64]) -> Option<Shape> {
    let statistics = columns::real_statistics(sorted)?;
    let [_, low, median, high, _] = statistics.quantiles;
    let reach = 1.5 * (high - low);
    let (below, within) =
        (sorted.partition_point(|value| *value < low - reach), sorted.partition_point(|value| *value <= high + reach));
    let whisker = |at: usize| sorted.get(at).copied().unwrap_or(median);
    Some(Shape {
        min: statistics.min,
        max: statistics.max,
        mean: statistics.mean,
        quartiles: [low, median, high],
        // With few numbers the quartiles lie between them, and the last number in reach may lie inside the box.
        whiskers: [whisker(below).min(low), whisker(within.saturating_sub(1)).max(high)],
        outside: [below, sorted.len() - within],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_have_quartiles_and_whiskers_that_reach_them() {
        let check = |values: &[f64], quartiles: [f64; 3], whiskers: [f64; 2], outside: [usize; 2]| {
            let shape = shape(values).unwrap();
            assert_eq!((shape.quartiles, shape.whiskers, shape.outside), (quartiles, whiskers, outside), "{values:?}");
        };
        check(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], [3.0, 5.0, 7.0], [1.0, 9.0], [0, 0]);
        check(&[-30.0, 1.0, 2.0, 3.0, 4.0, 5.0, 30.0, 40.0], [1.75, 3.5, 11.25], [1.0, 11.25], [1, 2]);
        check(&[4.0], [4.0; 3], [4.0; 2], [0, 0]);
        check(&[0.0, 0.0, 0.0, 0.0, 9.0], [0.0; 3], [0.0; 2], [0, 1]);
        assert!(shape(&[]).is_none());
    }
}
