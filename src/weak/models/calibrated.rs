//! The calibrated vote: each vote says what it has meant on hand-labelled rows.

use std::sync::Arc;

use super::scores::{Contribution, Link, Scores};
use super::symbols::Symbols;
use super::{FitOptions, Fitted, LabelModel};
use crate::engine::{Result, Work};
use crate::weak::{Meaning, Patterns};

/// Calibrated vote, in closed form.
///
/// For a vote `c` of function `j`, `pr_j(k|c) = (g_jck + s b_ck) / (g_jc + s)` estimates the chance that the row is of
/// class `k`: `g` counts hand-labelled rows with that vote, and `b_ck = (1-t) pi_k + t [k=c]` is the belief before
/// any hand label, worth `s` of them. Each vote adds `ln pr_j(k|c) - ln pi_k` to the prior `ln pi_k`. Abstains add
/// nothing, one function is enough, and an untested vote always speaks for its class, however skewed the classes.
///
/// A vote that is not one class for certain is a vote of its own kind, counted apart: for a set `C` of classes with
/// confidence `w`, `b_ck = (1 - tw) pi_k + tw [k in C] pi_k / pi(C)`. So a confidence is what is believed until hand labels
/// say what votes of that confidence have meant, and a vote against a class leaves the others as they stand to each other.
pub(super) struct Calibrated;

impl LabelModel for Calibrated {
    fn name(&self) -> &'static str {
        "calibrated"
    }

    fn about(&self) -> &'static str {
        "Each vote counts what it has meant on hand-labelled rows. The best choice from 20 hand labels on."
    }

    fn learns_from_gold(&self) -> bool {
        true
    }

    fn reads_meanings(&self) -> bool {
        true
    }

    fn fit(&self, patterns: &Patterns, options: &FitOptions, work: &Work) -> Result<Fitted> {
        let classes = patterns.classes();
        let balance = options.balance_or_gold(classes);
        let symbols = Arc::new(Symbols::of(patterns, false, work)?);
        let mut counts = vec![0.0; symbols.len() * classes];
        for &(pattern, class, count) in options.gold.iter().flat_map(|gold| gold.entries()) {
            for number in symbols.numbers(patterns.votes(pattern as usize)).filter(|&number| number > 0) {
                counts[number * classes + usize::from(class)] += count as f64;
            }
        }
        // The weight of a function is its mean estimated precision, over the votes it casts.
        let mut precision = vec![(0.0, 0.0); patterns.functions().len()];
        let mut values = counts;
        for (number, function, vote) in symbols.pairs() {
            let row = &mut values[number * classes..][..classes];
            // Even full trust leaves the others a chance: a vote is never certain.
            let trust = options.trust_of.get(function).copied().flatten().unwrap_or(options.trust).min(1.0 - 1e-6);
            let trust = trust * patterns.meaning(vote).map_or(1.0, Meaning::confidence);
            let total: f64 = row.iter().sum();
            let of_named = balance.iter().enumerate().filter(|(class, _)| patterns.names(vote, *class));
            let of_named: f64 = of_named.map(|(_, share)| share).sum();
            for (class, (value, share)) in row.iter_mut().zip(&balance).enumerate() {
                let named = patterns.names(vote, class);
                // Among the classes it names a vote takes no side.
                let belief = (1.0 - trust) * share + if named { trust * (share / of_named) } else { 0.0 };
                let chance = (*value + options.strength * belief) / (total + options.strength);
                if named {
                    precision[function].0 += chance * symbols.rows(number);
                    precision[function].1 += symbols.rows(number);
                }
                *value = chance.ln() - share.ln();
            }
        }
        let weights = precision.into_iter().map(|(sum, votes)| if votes > 0.0 { sum / votes } else { 0.0 }).collect();
        let prior = balance.iter().map(|share| share.ln()).collect();
        let scores = Scores { prior, votes: Contribution::Table { symbols, values }, link: Link::Softmax };
        Fitted::new(self.name(), patterns, balance, weights, scores, work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weak::models::{Gold, fit};

    fn patterns() -> Patterns {
        let names = (0..2).map(|index| format!("lf{index}")).collect();
        Patterns::from_counts(names, 2, vec![0, -1, 0, 1, -1, 1], vec![10, 10, 10]).unwrap()
    }

    #[test]
    fn the_formula_by_hand() {
        let patterns = patterns();
        let gold = Gold::of_counts(&patterns, vec![(0, 0, 3), (0, 1, 1)]).unwrap();
        let options = FitOptions { gold: Some(gold), balance: Some(vec![0.5, 0.5]), ..Default::default() };
        let fitted = fit(&Calibrated, &patterns, &options, &Work::new()).unwrap();
        // pr(0|0) = (3 + 10 (0.2 + 0.6)) / (4 + 10), and a single vote with a uniform prior is its precision.
        let precision = 11.0 / 14.0;
        assert!((fitted.pattern(0)[0] - precision).abs() < 1e-12);
        assert!((fitted.weights()[0] - precision).abs() < 1e-12 && (fitted.weights()[1] - 0.8).abs() < 1e-12);
        let odds = (precision / (1.0 - precision)) * (0.2 / 0.8);
        assert!((fitted.pattern(1)[0] - odds / (1.0 + odds)).abs() < 1e-12);
    }

    #[test]
    fn an_untested_vote_speaks_for_its_class_even_where_it_is_rare() {
        let options = FitOptions { balance: Some(vec![0.99, 0.01]), ..Default::default() };
        let fitted = fit(&Calibrated, &patterns(), &options, &Work::new()).unwrap();
        assert!(fitted.pattern(2)[1] > 0.01 * 10.0, "{:?}", fitted.pattern(2));
    }

    #[test]
    fn without_hand_labels_it_decides_as_the_majority() {
        let fitted = fit(&Calibrated, &patterns(), &FitOptions::default(), &Work::new()).unwrap();
        assert!(fitted.pattern(0)[0] > 0.5 && fitted.pattern(2)[1] > 0.5);
        assert!((fitted.pattern(1)[0] - 0.5).abs() < 1e-12, "a tie stays one");
    }

    #[test]
    fn full_trust_and_none_are_finite() {
        for trust in [0.0, 1.0] {
            let options = FitOptions { trust_of: vec![Some(trust), None], ..Default::default() };
            let fitted = fit(&Calibrated, &patterns(), &options, &Work::new()).unwrap();
            assert!(fitted.probabilities().iter().all(|share| share.is_finite()));
            assert_eq!(fitted.pattern(0)[0] > 0.5 + 1e-9, trust > 0.0);
        }
    }
}
