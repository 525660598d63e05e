//! MACE: voters who know, and voters who spam.

use std::sync::Arc;

use super::em::{accuracies, digamma, expect_scores};
use super::scores::{Contribution, Link, Scores};
use super::symbols::Symbols;
use super::{FitOptions, Fitted, LabelModel, uniform};
use crate::engine::{Random, Result, Work};
use crate::weak::Patterns;

/// Multi-annotator competence estimation (D. Hovy and others, 2013), in its variational form: function `j` knows the
/// class with chance `t_j`, else it votes by its habit `xi_j`, whatever the class.
pub(super) struct Mace;

/// Prior counts of knowing and of not knowing.
const KNOW_PRIOR: f64 = 0.5;
/// Prior count of each habit.
const HABIT_PRIOR: f64 = 10.0;

/// How likely each function knows, and what it votes if it does not, by symbol.
struct Parameters {
    know: Vec<f64>,
    spam: Vec<f64>,
    habit: Vec<f64>,
}

impl LabelModel for Mace {
    fn name(&self) -> &'static str {
        "mace"
    }

    fn about(&self) -> &'static str {
        "Tells functions that know from those that vote by habit. Made for crowds; never far from the majority."
    }

    fn fit(&self, patterns: &Patterns, options: &FitOptions, work: &Work) -> Result<Fitted> {
        let (functions, classes) = (patterns.functions().len(), patterns.classes());
        let symbols = Arc::new(Symbols::of(patterns, false, work)?);
        let balance = options.balance.clone().unwrap_or_else(|| uniform(classes));
        // Ten starts as the authors do; where votes do not compress into patterns, two must do.
        let starts = if patterns.len() * functions > 2_000_000 { 2 } else { 10 };
        let iterations = options.iterations.unwrap_or(50).max(1);
        work.stage("fitting the label model", (starts * iterations) as u64);
        let mut random = Random::new(options.seed);
        let mut best: Option<(f64, Scores, Vec<f64>)> = None;
        for start in 0..starts {
            let mut model = Parameters::start(functions, &symbols, start, &mut random);
            let mut scores = model.scores(&symbols, &balance);
            let mut expected = expect_scores(patterns, &symbols, &scores, work)?;
            for _ in 0..iterations {
                model = model.next(&expected.counts, &symbols, classes);
                scores = model.scores(&symbols, &balance);
                expected = expect_scores(patterns, &symbols, &scores, work)?;
                work.advance(1)?;
            }
            // A later start must be better by more than rounding, so that the choice does not hang on it.
            let margin = 1e-9 * expected.log_likelihood.abs();
            if best.as_ref().is_none_or(|(likelihood, ..)| expected.log_likelihood > likelihood + margin) {
                let weights = accuracies(&expected, &symbols, patterns);
                best = Some((expected.log_likelihood, scores, weights));
            }
        }
        let Some((_, scores, weights)) = best else {
            return Fitted::majority(self.name(), patterns, balance, work);
        };
        Fitted::new(self.name(), patterns, balance, weights, scores, work)
    }
}

impl Parameters {
    /// The first start believes everybody alike; the others are random.
    fn start(functions: usize, symbols: &Symbols, start: usize, random: &mut Random) -> Self {
        let mut draw = |middle: f64| if start == 0 { middle } else { (middle + random.unit() - 0.5).clamp(0.05, 0.95) };
        let know: Vec<f64> = (0..functions).map(|_| draw(0.5)).collect();
        let spam = know.iter().map(|know| 1.0 - know).collect();
        let mut habit: Vec<f64> = (0..symbols.len()).map(|_| draw(0.5)).collect();
        let mut sums = vec![0.0; functions];
        symbols.pairs().for_each(|(number, function, _)| sums[function] += habit[number]);
        symbols.pairs().for_each(|(number, function, _)| habit[number] /= sums[function]);
        Self { know, spam, habit }
    }

    /// Variational maximisation: `exp(digamma(count + prior) - digamma(total))`.
    fn next(&self, counts: &[f64], symbols: &Symbols, classes: usize) -> Self {
        let (mut knows, mut spams) = (vec![0.0; self.know.len()], vec![0.0; self.know.len()]);
        let mut habits = vec![HABIT_PRIOR; symbols.len()];
        for (number, function, vote) in symbols.pairs() {
            let Ok(class) = usize::try_from(vote) else { continue };
            let row = &counts[number * classes..][..classes];
            let (know, by_habit) = (self.know[function], self.spam[function] * self.habit[number]);
            let known = row[class] * know / (know + by_habit);
            let spam = row.iter().sum::<f64>() - known;
            knows[function] += known;
            spams[function] += spam;
            habits[number] += spam;
        }
        let share = |part: f64, total: f64| (digamma(part) - digamma(total)).exp().max(1e-12);
        let both = |function: usize| knows[function] + spams[function] + 2.0 * KNOW_PRIOR;
        let of = |counts: &[f64]| -> Vec<f64> {
            counts.iter().enumerate().map(|(function, count)| share(count + KNOW_PRIOR, both(function))).collect()
        };
        let mut habit = vec![0.0; symbols.len()];
        for (number, function, _) in symbols.pairs() {
            habit[number] = share(habits[number], spams[function] + HABIT_PRIOR * classes as f64);
        }
        Self { know: of(&knows), spam: of(&spams), habit }
    }

    fn scores(&self, symbols: &Arc<Symbols>, balance: &[f64]) -> Scores {
        let classes = balance.len();
        let mut values = vec![0.0; symbols.len() * classes];
        for (number, function, vote) in symbols.pairs() {
            let by_habit = self.spam[function] * self.habit[number];
            for (class, value) in values[number * classes..][..classes].iter_mut().enumerate() {
                let known = if i32::from(vote) == class as i32 { self.know[function] } else { 0.0 };
                *value = (by_habit + known).max(1e-300).ln();
            }
        }
        let prior = balance.iter().map(|share| share.ln()).collect();
        Scores { prior, votes: Contribution::Table { symbols: symbols.clone(), values }, link: Link::Softmax }
    }
}
