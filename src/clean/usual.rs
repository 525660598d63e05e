//! Times within reason: a few wrong dates, such as a clock that was never set, must not make a decade of three months.

use arrow_array::{Array as _, TimestampMicrosecondArray};
use arrow_buffer::BooleanBuffer;

use crate::engine::{Result, Work};

/// The share of times at either end that may be far off.
const ENDS: f64 = 0.001;

/// How many times as wide the whole has to be for its ends to be left out.
const FAR: i64 = 2;

/// The rows whose time is not far off from nearly all others; `None` where all are near, or there are too few to tell.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn usual(times: &TimestampMicrosecondArray, work: &Work) -> Result<Option<BooleanBuffer>> {
    let mut known: Vec<i64> = times.iter().flatten().collect();
    let left = (known.len() as f64 * ENDS) as usize;
    if left == 0 {
        return Ok(None);
    }
    work.check()?;
    let (least, most) = (known.iter().min().copied(), known.iter().max().copied());
    let last = known.len() - 1;
    let low = *known.select_nth_unstable(left).1;
    let high = *known.select_nth_unstable(last - left).1;
    let (Some(least), Some(most)) = (least, most) else { return Ok(None) };
    if most.saturating_sub(least) <= high.saturating_sub(low).saturating_mul(FAR) {
        return Ok(None);
    }
    // What lies as near as the width of the rest again is still near.
    let width = high.saturating_sub(low) / 2;
    let (low, high) = (low.saturating_sub(width), high.saturating_add(width));
    let near = |row: usize| times.is_valid(row) && (low..=high).contains(&times.value(row));
    Ok(Some(BooleanBuffer::collect_bool(times.len(), near)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_never_set_is_left_out() {
        let check = |extra: &[i64], rows: i64, left_out: Option<usize>| {
            let times = (0..rows).map(|row| 1_000_000 + row).chain(extra.iter().copied()).map(Some);
            let times: TimestampMicrosecondArray = times.collect();
            let found = usual(&times, &Work::new()).unwrap();
            assert_eq!(found.map(|mask| mask.len() - mask.count_set_bits()), left_out, "{extra:?}");
        };
        check(&[], 5000, None);
        check(&[0, 9_000_000], 5000, Some(2));
        check(&[1_006_000], 5000, None);
        check(&[0], 50, None);
    }
}
