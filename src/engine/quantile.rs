//! Quantiles, interpolated linearly between neighbours (type 7 of Hyndman and Fan 1996, "Sample Quantiles in Statistical
//! Packages"; what NumPy does if nothing else is said).

/// The quantile of rising numbers at a share, 0-1; `None` of none.
pub fn quantile_of_sorted(rising: &[f64], share: f64) -> Option<f64> {
    let place = share.clamp(0.0, 1.0) * rising.len().checked_sub(1)? as f64;
    let (low, high) = (rising.get(place.floor() as usize)?, rising.get(place.ceil() as usize)?);
    Some(low + (high - low) * place.fract())
}

/// The quantile of numbers in any order at a share, 0-1; NaN of none. They are put into another order, which is faster
/// than sorting them.
pub fn quantile<T: Copy + Into<f64>>(values: &mut [T], share: f64) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    let at = share * (values.len() - 1) as f64;
    let order = |a: &T, b: &T| (*a).into().total_cmp(&(*b).into());
    let (_, low, above) = values.select_nth_unstable_by(at.floor() as usize, order);
    let low = (*low).into();
    let high = above.iter().copied().map(Into::into).reduce(f64::min).unwrap_or(low);
    low + (high - low) * at.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours() {
        let check = |values: &[f64], share: f64, expected: f64| {
            assert_eq!(quantile(&mut values.to_vec(), share), expected, "{values:?} at {share}");
            let single: Vec<f32> = values.iter().map(|value| *value as f32).collect();
            assert_eq!(quantile(&mut single.clone(), share), expected, "{values:?} at {share}");
            let mut rising = values.to_vec();
            rising.sort_by(f64::total_cmp);
            assert_eq!(quantile_of_sorted(&rising, share), Some(expected), "{values:?} at {share}");
        };
        check(&[5.0], 0.3, 5.0);
        check(&[4.0, 1.0, 2.0], 0.0, 1.0);
        check(&[4.0, 1.0, 2.0], 0.5, 2.0);
        check(&[4.0, 1.0, 2.0], 0.75, 3.0);
        check(&[4.0, 1.0, 2.0], 1.0, 4.0);
        assert_eq!(quantile_of_sorted(&[], 0.5), None);
        assert!(quantile::<f64>(&mut [], 0.5).is_nan());
    }
}
