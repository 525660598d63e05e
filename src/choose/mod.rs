//! What to use next: which items a person should look at first.
//!
//! In: probabilities. Out: scores by which the queue is sorted.

/// The margin of a probability row: the difference between the two largest values, in 0-1. Small margins are the items
/// a model is least sure of (Scheffer, Decomain and Wrobel, 2001). A row of one class has margin 1.
pub fn margin(probabilities: &[f32]) -> f32 {
    let (mut first, mut second) = (0.0f32, 0.0f32);
    for &p in probabilities {
        if p > first {
            (first, second) = (p, first);
        } else if p > second {
            second = p;
        }
    }
    first - second
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_margin_is_between_the_two_largest() {
        let check = |row: &[f32], expected: f32| assert!((margin(row) - expected).abs() < 1e-6, "{row:?}");
        check(&[0.5, 0.5], 0.0);
        check(&[0.2, 0.7, 0.1], 0.5);
        check(&[1.0], 1.0);
        check(&[], 0.0);
    }
}
