//! Label models: from votes to a probability for each class and row.
//!
//! A model is a [`LabelModel`]: it is fitted to [`Patterns`] and gives a [`Fitted`], whatever its kind. To add one,
//! write its file and its one line in [`MODELS`]. The trait asks for little because all models here predict in the
//! same way: every vote adds to a score for each class, and a link turns scores into probabilities (`scores.rs`); so
//! prediction, explanation and evaluation are written once.

mod assignment;
mod auto;
mod calibrated;
mod dawid_skene;
mod em;
mod evaluate;
mod explain;
mod fitted;
mod gold;
mod labels;
mod mace;
mod majority;
mod metal;
mod moments;
mod one_coin;
mod outcome;
#[cfg(test)]
mod parity;
mod scores;
mod symbols;
mod ties;
mod triplets;
mod weighted;

pub use auto::Candidate;
pub use evaluate::{Evaluation, Evaluator, TieAccuracy, cross_validate};
pub use explain::{Explanation, Term};
pub use fitted::Fitted;
pub use gold::{Gold, split_gold};
pub use labels::{Flips, Labels};
pub(super) use moments::pair_counts;
pub use outcome::{ModelFit, ModelOutcome};
pub(super) use symbols::Symbols;
pub use ties::Ties;

use super::Patterns;
use crate::engine::{Error, Result, Work};

/// The models that can be chosen, one line each; the first is the default.
pub static MODELS: &[&dyn LabelModel] = &[
    &auto::Auto,
    &majority::Majority,
    &majority::SoftMajority,
    &weighted::Weighted,
    &calibrated::Calibrated,
    &dawid_skene::DawidSkene,
    &one_coin::OneCoin,
    &dawid_skene::Ibcc,
    &mace::Mace,
    &metal::Metal,
    &triplets::Triplets,
];

/// A way to turn votes into probabilities.
pub trait LabelModel: Send + Sync {
    /// The name by which it is chosen ("dawid-skene").
    fn name(&self) -> &'static str;

    /// What it assumes, in a sentence a person can choose by.
    fn about(&self) -> &'static str;

    /// Whether hand labels teach it more than the class balance.
    fn learns_from_gold(&self) -> bool {
        false
    }

    /// Whether it knows votes that are not one class for certain ([`Patterns::meanings`]); one that does not is given
    /// the class of a vote that names one, however sure, and an abstain for one that names several.
    fn reads_meanings(&self) -> bool {
        false
    }

    /// Fits the model. Called through [`fit`], which has made sure that there are at least one function and two
    /// classes, and that a given balance is one.
    ///
    /// # Errors
    /// If the model cannot be fitted to these votes, or the work was cancelled.
    fn fit(&self, patterns: &Patterns, options: &FitOptions, work: &Work) -> Result<Fitted>;
}

/// What a fit may be told. The default is what each model's authors use.
#[derive(Debug, Clone, PartialEq)]
pub struct FitOptions {
    /// The share of each class, positive; scaled to sum to 1. Estimated or uniform if not given.
    pub balance: Option<Vec<f64>>,
    /// Hand labels shown to the model.
    pub gold: Option<Gold>,
    /// The seed of everything random.
    pub seed: u64,
    /// Calibrated vote: how far a vote is believed before hand labels speak (0: not at all, 1: blindly).
    pub trust: f64,
    /// The same for single functions, in their order; missing or `None` means [`trust`](Self::trust).
    pub trust_of: Vec<Option<f64>>,
    /// Calibrated vote: how many hand labels the prior belief is worth.
    pub strength: f64,
    /// Dawid-Skene: added to every cell of the confusion matrices, 0 or more.
    pub smoothing: f64,
    /// Dawid-Skene and its variational form: whether abstaining is a symbol that tells something (true for labelling
    /// functions, which abstain for a reason) or a missing value (false for crowds, who were not asked).
    pub abstain_symbol: bool,
    /// The most iterations of iterative models; each has its own default.
    pub iterations: Option<usize>,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self {
            balance: None,
            gold: None,
            seed: 0,
            trust: 0.6,
            trust_of: Vec::new(),
            strength: 10.0,
            smoothing: 0.1,
            abstain_symbol: true,
            iterations: None,
        }
    }
}

impl FitOptions {
    /// The class balance that is given, else that of the hand labels (each class counted once more, so that none is
    /// impossible), else uniform.
    pub(crate) fn balance_or_gold(&self, classes: usize) -> Vec<f64> {
        match (&self.balance, &self.gold) {
            (Some(balance), _) => balance.clone(),
            (None, Some(gold)) => gold.balance(classes),
            (None, None) => uniform(classes),
        }
    }
}

/// The model of that name.
///
/// # Errors
/// If there is none; the error lists the names.
pub fn model(name: &str) -> Result<&'static dyn LabelModel> {
    MODELS.iter().copied().find(|model| model.name() == name).ok_or_else(|| {
        let names: Vec<_> = MODELS.iter().map(|model| model.name()).collect();
        Error::input("there is no such label model").at(name).help(format!("the models are: {}", names.join(", ")))
    })
}

/// Fits a model to patterns.
///
/// # Errors
/// If there is no function or no class, the options are outside their ranges, the model cannot be fitted, or the work
/// was cancelled.
pub fn fit(model: &dyn LabelModel, patterns: &Patterns, options: &FitOptions, work: &Work) -> Result<Fitted> {
    let classes = patterns.classes();
    if patterns.functions().is_empty() {
        return Err(Error::input("there are no functions, so there is nothing to fit")
            .help("give at least one column of votes"));
    }
    if classes == 0 {
        return Err(Error::input("there are no classes").help("give their names with --classes"));
    }
    let options = FitOptions { balance: checked_balance(options, classes)?, ..options.clone() };
    let in_unit = |share: f64| (0.0..=1.0).contains(&share);
    if !in_unit(options.trust) || options.trust_of.iter().flatten().any(|&trust| !in_unit(trust)) {
        return Err(Error::input("trust must lie between 0 and 1"));
    }
    if !(options.strength > 0.0 && options.strength.is_finite()) {
        return Err(Error::input("strength must be a number above 0"));
    }
    if !(options.smoothing >= 0.0 && options.smoothing.is_finite()) {
        return Err(Error::input("smoothing must be 0 or more"));
    }
    if classes == 1 {
        // Every probability is 1; dividing by the number of other classes would not be.
        return Fitted::majority(model.name(), patterns, vec![1.0], work);
    }
    if patterns.meanings().is_empty() || model.reads_meanings() {
        return model.fit(patterns, &options, work);
    }
    let mut fitted = model.fit(&patterns.hardened(), &options, work)?;
    (fitted.hardens, fitted.meanings) = (true, patterns.meanings().clone());
    fitted.notes.push(format!(
        "{} counts a vote with a confidence as a whole one, and leaves out votes that name several classes",
        model.name()
    ));
    Ok(fitted)
}

fn checked_balance(options: &FitOptions, classes: usize) -> Result<Option<Vec<f64>>> {
    let Some(balance) = &options.balance else { return Ok(None) };
    if balance.len() != classes {
        let message = format!("the class balance has {} numbers for {classes} classes", balance.len());
        return Err(Error::input(message));
    }
    let sum: f64 = balance.iter().sum();
    if balance.iter().any(|&share| share.is_nan() || share <= 0.0) || !sum.is_finite() {
        return Err(Error::input("every share of the class balance must be a number above 0")
            .help("leave a class out of the classes if it never occurs"));
    }
    Ok(Some(balance.iter().map(|share| share / sum).collect()))
}

/// Equal shares.
pub(crate) fn uniform(classes: usize) -> Vec<f64> {
    vec![1.0 / classes.max(1) as f64; classes]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::weak::{VoteColumn, Votes};

    fn columns(cells: &[Vec<i16>]) -> Vec<VoteColumn> {
        let column =
            |(index, votes): (usize, &Vec<i16>)| VoteColumn { name: format!("lf{index}"), votes: votes.clone().into() };
        cells.iter().enumerate().map(column).collect()
    }

    fn votes(classes: usize, cells: &[Vec<i16>]) -> Votes {
        Votes::new(cells.first().map_or(0, Vec::len), classes, columns(cells)).unwrap()
    }

    fn every_model_is_sound(votes: &Votes, gold: &[Option<u16>]) {
        let work = Work::new();
        let patterns = Patterns::of(votes, &work).unwrap();
        let shown = Gold::of_rows(&patterns, gold).unwrap();
        for options in
            [FitOptions::default(), FitOptions { gold: Some(shown), abstain_symbol: false, ..Default::default() }]
        {
            for model in MODELS {
                let fitted = fit(*model, &patterns, &options, &work).unwrap();
                let labels = Labels::of(&fitted, &patterns, Ties::Abstain, 0, &work).unwrap();
                assert_eq!(labels.label().len(), votes.rows());
                for row in 0..votes.rows() {
                    let shares = labels.row(row);
                    let sum: f64 = shares.iter().sum();
                    assert!((sum - 1.0).abs() < 1e-9, "{}: {shares:?}", model.name());
                    assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)), "{}: {shares:?}", model.name());
                    if !patterns.is_covered(patterns.of_row()[row] as usize) {
                        assert_eq!((labels.label()[row], shares), (None, fitted.balance()), "{}", model.name());
                    }
                }
                assert!(fitted.weights().iter().all(|weight| weight.is_finite()), "{}", model.name());
            }
        }
    }

    #[test]
    fn models_survive_the_odd_shapes() {
        let check = |classes: usize, cells: &[Vec<i16>]| {
            let votes = votes(classes, cells);
            let gold: Vec<Option<u16>> = (0..votes.rows()).map(|row| Some((row % classes) as u16)).collect();
            every_model_is_sound(&votes, &gold);
            every_model_is_sound(&votes, &vec![None; votes.rows()]);
        };
        check(2, &[vec![0, 1, -1, 1]]);
        check(2, &[vec![0, 1, -1, 1], vec![1, 1, -1, -1]]);
        check(1, &[vec![0, 0, -1], vec![0, -1, -1]]);
        check(3, &[vec![-1; 5], vec![-1; 5], vec![-1; 5]]);
        check(2, &[vec![], vec![], vec![]]);
        check(2, &[vec![1; 6], vec![1; 6], vec![0; 6], vec![0; 6]]);
        check(300, &[vec![299, 5, -1], vec![299, 7, -1], vec![-1, 7, 3]]);
        check(2, &vec![vec![1; 3]; 500]);
    }

    #[test]
    fn no_functions_and_no_classes_are_clear_errors() {
        let work = Work::new();
        let check = |votes: Votes, options: FitOptions, expected: &str| {
            let patterns = Patterns::of(&votes, &work).unwrap();
            for model in MODELS {
                let error = fit(*model, &patterns, &options, &work).unwrap_err();
                assert!(error.what().starts_with(expected), "{error}");
            }
        };
        check(Votes::new(3, 2, vec![]).unwrap(), FitOptions::default(), "there are no functions");
        check(votes(0, &[vec![-1]]), FitOptions::default(), "there are no classes");
        let balance = |shares: &[f64]| FitOptions { balance: Some(shares.to_vec()), ..Default::default() };
        check(votes(2, &[vec![1]]), balance(&[1.0]), "the class balance has 1 numbers for 2 classes");
        check(votes(2, &[vec![1]]), balance(&[1.0, 0.0]), "every share of the class balance");
        check(votes(2, &[vec![1]]), balance(&[1.0, f64::NAN]), "every share of the class balance");
        check(votes(2, &[vec![1]]), FitOptions { trust: 1.5, ..Default::default() }, "trust");
        check(votes(2, &[vec![1]]), FitOptions { strength: 0.0, ..Default::default() }, "strength");
        check(votes(2, &[vec![1]]), FitOptions { smoothing: -1.0, ..Default::default() }, "smoothing");
        assert!(model("nosuch").err().unwrap().advice().unwrap().contains("dawid-skene"));
    }

    #[test]
    fn a_cancelled_fit_stops() {
        let patterns = Patterns::of(&votes(2, &[vec![0, 1], vec![1, 1], vec![0, 1]]), &Work::new()).unwrap();
        let work = Work::new();
        work.cancel();
        for model in MODELS {
            let outcome = fit(*model, &patterns, &FitOptions::default(), &work);
            assert!(outcome.unwrap_err().is_cancelled(), "{}", model.name());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn probabilities_are_probabilities(
            (classes, cells, gold) in (2usize..5, 1usize..6, 0usize..40).prop_flat_map(|(classes, functions, rows)| {
                let vote = -1i16..classes as i16;
                let gold = proptest::option::of(0u16..classes as u16);
                (
                    Just(classes),
                    proptest::collection::vec(proptest::collection::vec(vote, rows), functions),
                    proptest::collection::vec(gold, rows),
                )
            })
        ) {
            every_model_is_sound(&votes(classes, &cells), &gold);
        }

        #[test]
        fn permuting_rows_permutes_results(
            cells in proptest::collection::vec(proptest::collection::vec(-1i16..3, 60), 3..6), seed in 0u64..1000
        ) {
            let work = Work::new();
            let mut order: Vec<usize> = (0..60).collect();
            crate::engine::Random::new(seed).shuffle(&mut order);
            let moved: Vec<Vec<i16>> =
                cells.iter().map(|column| order.iter().map(|&row| column[row]).collect()).collect();
            let here = Patterns::of(&votes(3, &cells), &work).unwrap();
            let there = Patterns::of(&votes(3, &moved), &work).unwrap();
            for model in MODELS {
                // Few iterations: sums in another order differ in the last digit, which a long run may blow up.
                let options = FitOptions { iterations: Some(5), ..Default::default() };
                let of = |patterns: &Patterns| {
                    let fitted = fit(*model, patterns, &options, &work).unwrap();
                    Labels::of(&fitted, patterns, Ties::Abstain, 0, &work).unwrap()
                };
                let (here, there) = (of(&here), of(&there));
                for (at, &row) in order.iter().enumerate() {
                    for (a, b) in here.row(row).iter().zip(there.row(at)) {
                        prop_assert!((a - b).abs() < 1e-6, "{}: {a} {b}", model.name());
                    }
                }
            }
        }
    }

    #[test]
    fn one_thread_and_two_give_the_same_bits() {
        let mut random = crate::engine::Random::new(11);
        let cells: Vec<Vec<i16>> = (0..12).map(|_| (0..30_000).map(|_| random.below(4) as i16 - 1).collect()).collect();
        let votes = votes(3, &cells);
        let with = |threads| -> Vec<Fitted> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let options = FitOptions { iterations: Some(3), ..Default::default() };
            pool.install(|| {
                let patterns = Patterns::of(&votes, &Work::new()).unwrap();
                MODELS.iter().map(|model| fit(*model, &patterns, &options, &Work::new()).unwrap()).collect()
            })
        };
        for (one, two) in with(1).iter().zip(with(2)) {
            assert_eq!(one.probabilities(), two.probabilities(), "{}", one.model());
            assert_eq!(one.weights(), two.weights(), "{}", one.model());
        }
    }
}
