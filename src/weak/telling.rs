//! Where to label: how much a hand label of each row would tell about the functions.
//!
//! A label judges every function that votes on the row, so it is worth the sum of how uncertain these still are: the
//! widths of the intervals of their accuracy. A label of a row on which functions conflict also says who is right on all
//! rows like it, which counts the more the more there are. Rows that show the same votes tell the same, so each further
//! one counts less: the rows in this order judge different functions instead of the same ones again and again.

use super::analysis::Analysis;
use super::{ABSTAIN, Patterns};

/// The value of a label for each row: 0 for one that has a label or on which no function votes. `hand` holds a class for
/// each row, -1 for none; the functions of `analysis` are those of `patterns`.
pub fn telling(patterns: &Patterns, analysis: &Analysis, hand: &[i16]) -> Vec<f64> {
    let widths: Vec<f64> = analysis
        .functions
        .iter()
        .map(|function| match (function.accuracy_low, function.accuracy_high) {
            (Some(low), Some(high)) => high - low,
            _ => 1.0,
        })
        .collect();
    let all = (1.0 + patterns.rows() as f64).ln();
    let of_pattern = |pattern: usize| {
        let votes = patterns.votes(pattern);
        let voting = votes.iter().zip(&widths).filter(|(vote, _)| **vote != ABSTAIN);
        let unsure: f64 = voting.map(|(_, width)| width).sum();
        let conflict = patterns.conflicts(pattern);
        let count = patterns.counts().get(pattern).copied().unwrap_or(0) as f64;
        unsure + if conflict { 2.0 * (1.0 + count).ln() / all } else { 0.0 }
    };
    let values: Vec<f64> = (0..patterns.len()).map(of_pattern).collect();
    let mut before = vec![0u32; patterns.len()];
    let of_row = |(&pattern, &hand): (&u32, &i16)| {
        let (Some(value), Some(before)) = (values.get(pattern as usize), before.get_mut(pattern as usize)) else {
            return 0.0;
        };
        if hand >= 0 {
            return 0.0;
        }
        *before += 1;
        value / f64::from(*before)
    };
    patterns.of_row().iter().zip(hand).map(of_row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Work;
    use crate::weak::{VoteColumn, Votes};

    #[test]
    fn conflicts_and_unjudged_functions_come_first_and_rows_alike_one_after_another() {
        let column = |name: &str, votes: &[i16]| VoteColumn { name: name.into(), votes: votes.to_vec().into() };
        // Row 0 has a label, 1 and 2 are like it, 3 and 4 conflict, 5 has one unjudged vote, 6 none.
        let a = column("a", &[0, 0, 0, 0, 0, -1, -1]);
        let b = column("b", &[-1, -1, -1, 1, 1, 1, -1]);
        let votes = Votes::new(7, 2, vec![a, b]).unwrap();
        let hand = [0, -1, -1, -1, -1, -1, -1];
        let gold: Vec<Option<u16>> = hand.iter().map(|label| u16::try_from(*label).ok()).collect();
        let analysis = Analysis::of(&votes, Some(&gold), &Work::new()).unwrap();
        let patterns = Patterns::of(&votes, &Work::new()).unwrap();
        let values = telling(&patterns, &analysis, &hand);
        let mut order: Vec<usize> = (0..7).collect();
        order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
        assert_eq!(order, [3, 4, 5, 1, 2, 0, 6], "{values:?}");
        assert_eq!((values[0], values[6]), (0.0, 0.0));
        assert_eq!(values[1], 2.0 * values[2]);
    }
}
