//! Why a row gets its label: what the prior and each vote add, and what would be without each function.

use serde::Serialize;

use super::scores::{Contribution, Link};
use super::{Fitted, ties};
use crate::weak::patterns::common;
use crate::weak::{ABSTAIN, Meaning};

/// What one function contributes to the label of a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Term {
    /// The position of the function.
    pub function: usize,
    /// The class it votes for; `None` if it names several, or abstains, which tells something in models that take
    /// abstaining as a symbol.
    pub vote: Option<u16>,
    /// What it adds to the score of each class.
    pub contribution: Vec<f64>,
    /// The probabilities without this function.
    pub without: Vec<f64>,
    /// The label without this function; `None` on a tie or if no vote is left.
    pub label_without: Option<u16>,
}

/// The explanation of the label of a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// What the numbers are: `"log-odds"`, or `"votes"` where votes are counted. Log odds are centred: their mean over
    /// the classes is 0, and the difference between two classes is the log odds between these two.
    pub unit: &'static str,
    /// The score of each class before any vote.
    pub prior: Vec<f64>,
    /// What functions add, in their order; those that add nothing are left out.
    pub terms: Vec<Term>,
    /// The probability of each class.
    pub probabilities: Vec<f64>,
    /// The label; `None` on a tie or without votes.
    pub label: Option<u16>,
    /// The class that all votes name, if they agree.
    pub unanimous: Option<u16>,
    /// Whether the model contradicts votes that all agree: worth a warning.
    pub contradicts_unanimous: bool,
}

impl Fitted {
    /// Explains the label of a row with these votes, one a function.
    pub fn explain(&self, votes: &[i16]) -> Explanation {
        let classes = self.classes();
        let (_, unanimous) = common(&self.meanings, classes, votes);
        let votes = &*self.read(votes);
        let counts = matches!(self.scores.link, Link::Plurality | Link::Share);
        let centred = |scores: &[f64]| -> Vec<f64> {
            let shift =
                if self.scores.link == Link::Softmax { scores.iter().sum::<f64>() / classes as f64 } else { 0.0 };
            scores.iter().map(|score| score - shift).collect()
        };
        let (probabilities, label) = self.decide(votes);
        let mut terms = Vec::new();
        self.scores.terms(votes, |function, added| {
            let vote = votes.get(function).copied().and_then(|vote| self.hard(vote));
            terms.push(Term { function, vote, contribution: centred(added), without: vec![], label_without: None });
        });
        for term in &mut terms {
            (term.without, term.label_without) = self.decide_without(votes, term.function);
        }
        Explanation {
            unit: if counts { "votes" } else { "log-odds" },
            prior: centred(&self.scores.prior),
            terms,
            contradicts_unanimous: unanimous.is_some_and(|class| ties::tied(&probabilities).all(|best| best != class)),
            probabilities,
            label,
            unanimous,
        }
    }

    /// The class that a vote names, if it is one only.
    fn hard(&self, vote: i16) -> Option<u16> {
        let at = usize::try_from(vote).ok()?.checked_sub(self.classes());
        let hard = at.and_then(|at| self.meanings.get(at)).map_or(vote, Meaning::hard);
        u16::try_from(hard).ok()
    }

    /// The probabilities and the label of a row of votes; without votes, the class balance and no label.
    pub fn decide(&self, votes: &[i16]) -> (Vec<f64>, Option<u16>) {
        let votes = &*self.read(votes);
        if votes.iter().all(|&vote| vote == ABSTAIN) {
            return (self.balance().to_vec(), None);
        }
        let mut shares = vec![0.0; self.classes()];
        self.scores.probabilities(votes, &mut shares);
        let label = ties::decided(&shares);
        (shares, label)
    }

    /// The same as if one function had never been asked.
    fn decide_without(&self, votes: &[i16], function: usize) -> (Vec<f64>, Option<u16>) {
        let others = votes.iter().enumerate().filter(|(index, _)| *index != function);
        if others.clone().all(|(_, &vote)| vote == ABSTAIN) {
            return (self.balance().to_vec(), None);
        }
        let mut shares = vec![0.0; self.classes()];
        match &self.scores.votes {
            Contribution::Weights(_) => {
                let without: Vec<i16> = votes
                    .iter()
                    .enumerate()
                    .map(|(index, &vote)| if index == function { ABSTAIN } else { vote })
                    .collect();
                self.scores.sum(&without, &mut shares);
            }
            // Where abstaining is a symbol, leaving a function out is not the same as its abstaining.
            Contribution::Table { .. } => {
                shares.copy_from_slice(&self.scores.prior);
                self.scores.terms(votes, |other, added| {
                    if other != function {
                        shares.iter_mut().zip(added).for_each(|(share, add)| *share += add);
                    }
                });
            }
        }
        self.scores.link.apply(&mut shares);
        let label = ties::decided(&shares);
        (shares, label)
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::Work;
    use crate::weak::Patterns;
    use crate::weak::models::{FitOptions, Fitted, MODELS, fit, model};

    fn patterns() -> Patterns {
        let names = (0..4).map(|index| format!("lf{index}")).collect();
        let cells = vec![0, 0, 1, -1, 1, 1, 1, -1, 0, -1, 0, 1, -1, 0, 0, 0];
        Patterns::from_counts(names, 2, cells, vec![30, 40, 20, 10]).unwrap()
    }

    fn fitted(name: &str) -> Fitted {
        fit(model(name).unwrap(), &patterns(), &FitOptions::default(), &Work::new()).unwrap()
    }

    #[test]
    fn contributions_add_up_to_the_probabilities() {
        for model in MODELS {
            let fitted = fitted(model.name());
            for pattern in 0..patterns().len() {
                let explanation = fitted.explain(patterns().votes(pattern));
                assert_eq!(explanation.probabilities, fitted.pattern(pattern));
                let sum = |class: usize| {
                    explanation.prior[class]
                        + explanation.terms.iter().map(|term| term.contribution[class]).sum::<f64>()
                };
                let odds = (explanation.probabilities[1] / explanation.probabilities[0]).ln();
                if explanation.unit == "log-odds" {
                    assert!((sum(1) - sum(0) - odds).abs() < 1e-6, "{}: {explanation:?}", fitted.model());
                } else {
                    assert_eq!(sum(1) > sum(0), odds > 0.0);
                }
            }
        }
    }

    #[test]
    fn the_flip_test_names_the_function_that_decides() {
        let explanation = fitted("majority").explain(&[0, 0, 1, -1]);
        assert_eq!((explanation.label, explanation.unanimous), (Some(0), None));
        let without: Vec<_> =
            explanation.terms.iter().map(|term| (term.function, term.vote, term.label_without)).collect();
        assert_eq!(without, [(0, Some(0), None), (1, Some(0), None), (2, Some(1), Some(0))]);
        let alone = fitted("calibrated").explain(&[-1, -1, 1, -1]);
        assert_eq!((alone.label, alone.unanimous, alone.contradicts_unanimous), (Some(1), Some(1), false));
        assert_eq!((alone.terms.len(), alone.terms[0].label_without), (1, None));
        assert_eq!(alone.terms[0].without, fitted("calibrated").balance());
    }

    #[test]
    fn abstaining_is_explained_where_it_tells_something() {
        let explanation = fitted("dawid-skene").explain(&[0, 0, 1, -1]);
        assert_eq!(
            explanation.terms.iter().map(|term| term.vote).collect::<Vec<_>>(),
            [Some(0), Some(0), Some(1), None]
        );
    }

    #[test]
    fn silence_is_the_class_balance() {
        let explanation = fitted("metal").explain(&[-1; 4]);
        assert_eq!((explanation.label, explanation.probabilities, explanation.terms.len()), (None, vec![0.5; 2], 0));
    }

    #[test]
    fn contradicting_agreement_is_flagged() {
        let mut fitted = fitted("calibrated");
        fitted.scores.prior = vec![0.0, 50.0];
        assert!(fitted.explain(&[0, 0, -1, -1]).contradicts_unanimous);
    }
}
