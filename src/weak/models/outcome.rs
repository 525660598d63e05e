//! A fitted label model with its labels and its judgement, as a derived value.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    Evaluation, Evaluator, FitOptions, Fitted, Flips, Gold, Labels, Ties, cross_validate, fit, model, split_gold,
};
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work};
use crate::weak::analysis::add_gold;
use crate::weak::{Patterns, Votes};

/// What a label model is fitted to, and how.
pub struct ModelFit {
    /// The votes.
    pub votes: Arc<Votes>,
    /// How many rows each row of the votes stands for; one, if `None`.
    pub weights: Option<Arc<Vec<u64>>>,
    /// The model's name.
    pub model: String,
    /// One hand label a row, `None` where there is none.
    pub gold: Option<Arc<Vec<Option<u16>>>>,
    /// How many of the hand labels the model may see, chosen by seed; the others judge it. `None`: all are seen by a
    /// model that learns from them, which is then judged by cross-validation; a model that does not sees none, and all
    /// judge it.
    pub gold_rows: Option<usize>,
    /// What becomes of ties.
    pub ties: Ties,
    /// The model's options; `gold` is set from the fields above.
    pub options: FitOptions,
}

/// What came of it.
pub struct ModelOutcome {
    /// The patterns that the model was fitted to.
    pub patterns: Patterns,
    /// The fitted model.
    pub fitted: Fitted,
    /// Labels and probabilities of the rows.
    pub labels: Labels,
    /// How the model did on hand labels that it had not seen.
    pub evaluation: Option<Evaluation>,
    /// Whether that is by cross-validation.
    pub cross_validated: bool,
    /// How many hand labels the model has seen.
    pub gold_shown: u64,
    /// How often the model contradicts votes that all agree.
    pub flips: Flips,
    /// Each function's accuracy as the model estimates it.
    pub estimated_accuracy: Vec<Option<f64>>,
}

impl ModelFit {
    /// The hand labels that the model sees, and those that judge it, if that is without cross-validation.
    #[expect(clippy::type_complexity, reason = "two lists of hand labels, used once")]
    fn split(&self, learns: bool) -> (Option<Vec<Option<u16>>>, Option<Vec<Option<u16>>>) {
        let Some(gold) = self.gold.as_deref() else { return (None, None) };
        match self.gold_rows {
            Some(show) => {
                let (shown, judged) = split_gold(gold, show, self.options.seed);
                (Some(shown), Some(judged))
            }
            None if learns => (Some(gold.clone()), None),
            None => (None, Some(gold.clone())),
        }
    }
}

impl Derived for ModelFit {
    type Output = ModelOutcome;

    fn fingerprint(&self) -> Fingerprint {
        let options = &self.options;
        let start = Fingerprinter::new("label model 1").print(self.votes.fingerprint()).text(&self.model);
        let start = add_gold(start, self.gold.as_deref().map(Vec::as_slice));
        let optional = |print: Fingerprinter, number: Option<u64>| match number {
            Some(number) => print.number(1).number(number),
            None => print.number(0),
        };
        let mut print = optional(start, self.gold_rows.map(|rows| rows as u64)).text(self.ties.name());
        print = optional(print, self.weights.as_ref().map(|weights| weights.len() as u64));
        print =
            self.weights.iter().flat_map(|weights| weights.iter()).fold(print, |print, &weight| print.number(weight));
        print = optional(print, options.iterations.map(|most| most as u64)).number(options.seed);
        print = print.number(u64::from(options.abstain_symbol));
        for number in [options.trust, options.strength, options.smoothing] {
            print = print.number(number.to_bits());
        }
        print = optional(print, options.balance.as_ref().map(|balance| balance.len() as u64));
        for share in options.balance.iter().flatten() {
            print = print.number(share.to_bits());
        }
        print = print.number(options.trust_of.len() as u64);
        for trust in &options.trust_of {
            print = optional(print, trust.map(f64::to_bits));
        }
        print.finish()
    }

    fn compute(&self, work: &Work) -> Result<ModelOutcome> {
        let chosen = model(&self.model)?;
        if let Some(gold) = self.gold.as_ref().filter(|gold| gold.len() != self.votes.rows()) {
            return Err(Error::input(format!("{} hand labels for {} rows", gold.len(), self.votes.rows())));
        }
        let patterns = match &self.weights {
            Some(weights) => Patterns::weighted(&self.votes, weights, work)?,
            None => Patterns::of(&self.votes, work)?,
        };
        let (shown, judged) = self.split(chosen.learns_from_gold());
        let count =
            |gold: &Option<Vec<Option<u16>>>| gold.as_ref().map(|gold| Gold::of_rows(&patterns, gold)).transpose();
        let (shown, judged) = (count(&shown)?, count(&judged)?);
        let options = FitOptions { gold: shown.clone(), ..self.options.clone() };
        let fitted = fit(chosen, &patterns, &options, work)?;
        let (evaluation, cross_validated) = match (&shown, &judged) {
            (_, Some(judged)) => {
                let mut evaluator = Evaluator::new(patterns.classes());
                evaluator.add_gold(&patterns, fitted.probabilities(), judged);
                (evaluator.finish(), false)
            }
            // The model that was used is judged, not the choice of it, which no fold would make differently.
            (Some(shown), None) => (cross_validate(model(fitted.model())?, &patterns, shown, &options, work)?, true),
            (None, None) => (None, false),
        };
        let labels = Labels::of(&fitted, &patterns, self.ties, self.options.seed, work)?;
        let flips = Flips::of(&fitted, &patterns);
        if flips.flipped > 0 {
            let Flips { flipped, unanimous } = flips;
            work.warn(format!("on {flipped} of {unanimous} rows the model contradicts votes that all agree"));
        }
        fitted.notes().iter().for_each(|note| work.warn(format!("label model: {note}")));
        let estimated_accuracy = fitted.estimated_accuracy(&patterns, work)?;
        let gold_shown = shown.as_ref().map_or(0, Gold::rows);
        Ok(ModelOutcome {
            patterns,
            fitted,
            labels,
            evaluation,
            cross_validated,
            gold_shown,
            flips,
            estimated_accuracy,
        })
    }
}

impl ModelOutcome {
    /// The fields of the command line's JSON.
    pub fn json(&self) -> Value {
        let functions = self.patterns.functions().iter().zip(self.fitted.weights()).zip(&self.estimated_accuracy);
        let weights: Vec<Value> = functions
            .map(|((name, weight), estimate)| {
                json!({"function": name, "weight": weight, "estimated_accuracy": estimate})
            })
            .collect();
        let mut fields = json!({
            "model": self.fitted.model(),
            "candidates": self.fitted.candidates(),
            "patterns": self.patterns.len(),
            "balance": self.fitted.balance(),
            "weights": weights,
            "unanimous": self.flips.unanimous,
            "unanimous_flipped": self.flips.flipped,
            "notes": self.fitted.notes(),
        });
        if let (Some(found), Some(fields)) = (&self.evaluation, fields.as_object_mut()) {
            let judged = json!({
                "accuracy": found.accuracy,
                "accuracy_low": found.accuracy_low,
                "accuracy_high": found.accuracy_high,
                "accuracy_covered": found.accuracy_covered,
                "accuracy_ties": found.ties,
                "f1": found.f1,
                "f1_macro": found.f1_macro,
                "log_loss": found.log_loss,
                "gold_rows_judged": found.rows,
                "gold_rows_shown": self.gold_shown,
                "cross_validated": self.cross_validated,
            });
            if let Value::Object(judged) = judged {
                fields.extend(judged);
            }
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Random;
    use crate::weak::VoteColumn;
    use crate::weak::models::MODELS;

    fn fit_of(model: &str, gold_rows: Option<usize>, with_gold: bool) -> ModelFit {
        let mut random = Random::new(8);
        let truth: Vec<u16> = (0..400).map(|_| random.below(2) as u16).collect();
        let mut column = |index: usize, right: usize| {
            let vote = |random: &mut Random, &class: &u16| match random.below(10) {
                0..3 => -1,
                _ => (if random.below(100) < right { class } else { 1 - class }) as i16,
            };
            VoteColumn {
                name: format!("lf{index}"),
                votes: Arc::new(truth.iter().map(|class| vote(&mut random, class)).collect()),
            }
        };
        let columns = [90, 85, 80, 60].into_iter().enumerate().map(|(index, right)| column(index, right)).collect();
        ModelFit {
            weights: None,
            votes: Arc::new(Votes::new(400, 2, columns).unwrap()),
            model: model.into(),
            gold: with_gold.then(|| Arc::new(truth.iter().map(|&class| Some(class)).collect())),
            gold_rows,
            ties: Ties::Abstain,
            options: FitOptions::default(),
        }
    }

    #[test]
    fn hand_labels_that_were_shown_do_not_judge() {
        let check = |model: &str, gold_rows, shown: u64, judged: u64, cross_validated: bool| {
            let outcome = fit_of(model, gold_rows, true).compute(&Work::new()).unwrap();
            let rows = outcome.evaluation.as_ref().map_or(0, |found| found.rows);
            assert_eq!(
                (outcome.gold_shown, rows, outcome.cross_validated),
                (shown, judged, cross_validated),
                "{model}"
            );
        };
        check("majority", None, 0, 400, false);
        check("metal", None, 0, 400, false);
        check("metal", Some(100), 100, 300, false);
        check("calibrated", None, 400, 400, true);
        check("calibrated", Some(100), 100, 300, false);
        check("auto", Some(0), 0, 400, false);
        check("auto", Some(1000), 400, 0, false);
    }

    #[test]
    fn every_model_is_better_than_its_worst_function_and_tells_all_fields() {
        for model in MODELS {
            let outcome = fit_of(model.name(), Some(50), true).compute(&Work::new()).unwrap();
            let accuracy = outcome.evaluation.as_ref().unwrap().accuracy;
            assert!(accuracy > 0.82, "{}: {accuracy}", model.name());
            let json = outcome.json();
            for field in [
                "model",
                "candidates",
                "patterns",
                "balance",
                "weights",
                "accuracy",
                "accuracy_covered",
                "f1_macro",
                "log_loss",
            ] {
                assert!(json.get(field).is_some_and(|value| !value.is_null()), "{}: {field}", model.name());
            }
            assert_eq!(json["weights"][3]["function"], "lf3");
        }
        let json = fit_of("auto", None, false).compute(&Work::new()).unwrap().json();
        assert_eq!((json["model"].as_str(), json.get("accuracy")), (Some("soft-majority"), None));
    }

    #[test]
    fn every_input_changes_the_fingerprint() {
        let print = |change: &dyn Fn(&mut ModelFit)| {
            let mut fit = fit_of("auto", None, true);
            change(&mut fit);
            fit.fingerprint()
        };
        let mut prints = vec![
            print(&|_| {}),
            print(&|fit| fit.model = "metal".into()),
            print(&|fit| fit.gold = None),
            print(&|fit| fit.gold_rows = Some(5)),
            print(&|fit| fit.ties = Ties::Random),
            print(&|fit| fit.votes = Arc::new(Votes::new(400, 2, vec![]).unwrap())),
            print(&|fit| fit.options.seed = 1),
            print(&|fit| fit.options.trust = 0.5),
            print(&|fit| fit.options.trust_of = vec![Some(0.5)]),
            print(&|fit| fit.options.trust_of = vec![None]),
            print(&|fit| fit.options.strength = 1.0),
            print(&|fit| fit.options.smoothing = 1.0),
            print(&|fit| fit.options.abstain_symbol = false),
            print(&|fit| fit.options.iterations = Some(1)),
            print(&|fit| fit.options.balance = Some(vec![0.5, 0.5])),
        ];
        assert_eq!(prints[0], print(&|_| {}));
        let count = prints.len();
        prints.sort();
        prints.dedup();
        assert_eq!(prints.len(), count);
    }

    #[test]
    fn hand_labels_of_another_length_are_refused() {
        let mut fit = fit_of("auto", None, true);
        fit.gold = Some(Arc::new(vec![None]));
        assert!(fit.compute(&Work::new()).is_err());
    }
}
