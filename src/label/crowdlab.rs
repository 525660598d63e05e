//! Consensus of several annotators and a model: CROWDLAB, and what to have labelled next by ActiveLab.
//!
//! Annotators and the model are weighed by how much better than always naming the commonest class they agree with the
//! rest; the consensus is the most probable class of the weighted mean. Sources: Goh, Tkachenko and Mueller 2022,
//! "CROWDLAB: Supervised learning to infer consensus labels and quality scores for data with multiple annotators"; Goh
//! and Mueller 2023, "ActiveLab: Active Learning with Re-Labeling by Multiple Annotators". Weights, consensus and
//! qualities are those of cleanlab 2.9 to rounding.

use super::agreement::{Rating, Ratings};
use crate::engine::{Error, Result};
use crate::learn::Matrix;

/// No weight is lower, and no logarithm of less is taken.
const LEAST: f64 = 1e-6;

/// Probabilities that differ by less tie.
const TIE: f64 = 1e-9;

/// The temperatures that are tried first; the finer ones lie between the best and its neighbours.
const TEMPERATURES: [f64; 9] = [0.1, 0.2, 0.5, 0.8, 1.0, 2.0, 3.0, 5.0, 8.0];

/// What annotators and a model together say.
#[derive(Debug, Clone, PartialEq)]
pub struct Crowdlab {
    /// Items x classes; the model's own probabilities for an item that nobody labelled.
    pub posterior: Matrix<f64>,
    /// The class of each item that somebody labelled.
    pub consensus: Vec<Option<u16>>,
    /// Its probability, 0-1; NaN where there is none.
    pub quality: Vec<f64>,
    /// For each annotator how well they label, 0-1; `None` without a label by them.
    pub annotator_quality: Vec<Option<f64>>,
    /// The weight of each annotator, at least 1e-6.
    pub annotator_weights: Vec<f64>,
    /// The weight of the model.
    pub model_weight: f64,
    /// No item has two labels: nobody can be judged by another, and the model alone says how good a label is.
    pub single: bool,
}

impl Crowdlab {
    /// Finds consensus and quality. `probabilities` are a model's out-of-sample ones, items x classes.
    ///
    /// # Errors
    /// If the shapes do not fit, a probability is none, or nobody labelled anything.
    pub fn of(ratings: &Ratings, probabilities: &Matrix<f64>) -> Result<Self> {
        check(ratings, probabilities)?;
        let crowd = Crowd::of(ratings);
        let majority = crowd.majority(probabilities);
        let single = crowd.items.iter().all(|item| item.len() < 2);
        if single {
            return Ok(crowd.judged_by_model(majority, probabilities));
        }
        let first = crowd.weigh(&majority, probabilities);
        let consensus = crowd.most_probable(&first.posterior, &majority);
        let weighed = crowd.weigh(&consensus, probabilities);
        let consensus = crowd.most_probable(&weighed.posterior, &majority);
        let quality = qualities(&weighed.posterior, &consensus);
        let annotator_quality = crowd.annotator_qualities(&weighed, &consensus);
        Ok(Self {
            consensus,
            quality,
            annotator_quality,
            annotator_weights: weighed.annotators,
            model_weight: weighed.model,
            posterior: weighed.posterior,
            single,
        })
    }

    /// How little a further label would add to what is known of each item, 0-1, the lowest first to be labelled: for
    /// items with labels and without. It compares them with each other, so that new and doubtful items share one queue.
    pub fn settled_scores(&self, ratings: &Ratings) -> Vec<f64> {
        let classes = self.posterior.columns().max(1) as f64;
        let mean = self.annotator_weights.iter().sum::<f64>() / self.annotator_weights.len().max(1) as f64;
        let mut given = vec![0.0; self.posterior.rows()];
        for rating in ratings.all() {
            let weight = self.annotator_weights.get(rating.annotator as usize).copied().unwrap_or(0.0);
            if let Some(sum) = given.get_mut(rating.item as usize) {
                *sum += weight;
            }
        }
        let score = |(item, given): (usize, &f64)| {
            let known = self.quality.get(item).copied().filter(|quality| !quality.is_nan());
            let quality = known.unwrap_or_else(|| self.posterior.row(item).iter().copied().fold(0.0, f64::max));
            let weight = given + self.model_weight;
            (weight * quality + mean / classes) / (weight + mean)
        };
        given.iter().enumerate().map(score).collect()
    }
}

/// ActiveLab: which items to have labelled, again or for the first time; the lowest score first. The model's
/// probabilities are first tempered so that they fit the annotators' votes, as by [`best_temperature`].
///
/// # Errors
/// As [`Crowdlab::of`].
pub fn active_scores(ratings: &Ratings, probabilities: &Matrix<f64>, temperature: f64) -> Result<Vec<f64>> {
    let tempered = temper(probabilities, temperature)?;
    Ok(Crowdlab::of(ratings, &tempered)?.settled_scores(ratings))
}

/// The temperature by which the probabilities come nearest to the shares of the votes, by cross-entropy: below 1 where
/// the model is too timid, above where it is too bold. (cleanlab 2.9 takes the one by which they are farthest.)
///
/// # Errors
/// As [`Crowdlab::of`].
pub fn best_temperature(ratings: &Ratings, probabilities: &Matrix<f64>) -> Result<f64> {
    check(ratings, probabilities)?;
    let crowd = Crowd::of(ratings);
    let best = |grid: &[f64]| -> Result<(usize, f64)> {
        let mut best = (0, f64::INFINITY);
        for (at, &temperature) in grid.iter().enumerate() {
            let found = crowd.cross_entropy(&temper(probabilities, temperature)?);
            if found < best.1 {
                best = (at, found);
            }
        }
        Ok(best)
    };
    let (at, _) = best(&TEMPERATURES)?;
    let between = |low: usize, high: usize, steps: std::ops::Range<usize>| {
        let (low, high) = (TEMPERATURES[low], TEMPERATURES[high]);
        steps.map(move |step| low + (high - low) * step as f64 / 4.0)
    };
    let mut fine = vec![];
    if at > 0 {
        fine.extend(between(at - 1, at, 0..4));
    }
    fine.push(TEMPERATURES[at]);
    if at + 1 < TEMPERATURES.len() {
        fine.extend(between(at, at + 1, 1..5));
    }
    let (at, _) = best(&fine)?;
    Ok(fine.get(at).copied().unwrap_or(1.0))
}

/// `p^(1/T)`, scaled to sum 1.
fn temper(probabilities: &Matrix<f64>, temperature: f64) -> Result<Matrix<f64>> {
    let (rows, classes) = (probabilities.rows(), probabilities.columns());
    let mut values = Vec::with_capacity(rows * classes);
    for row in 0..rows {
        let logs: Vec<f64> =
            probabilities.row(row).iter().map(|p| p.max(f64::MIN_POSITIVE).ln() / temperature).collect();
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logs.iter().map(|log| (log - most).exp()).sum();
        values.extend(logs.iter().map(|log| (log - most).exp() / sum));
    }
    Matrix::new(rows, classes, values)
}

fn check(ratings: &Ratings, probabilities: &Matrix<f64>) -> Result<()> {
    if (probabilities.rows(), probabilities.columns()) != (ratings.items(), ratings.classes()) {
        return Err(Error::input(format!(
            "probabilities of {} items x {} classes do not fit {} items x {} classes",
            probabilities.rows(),
            probabilities.columns(),
            ratings.items(),
            ratings.classes()
        )));
    }
    if ratings.all().is_empty() {
        return Err(Error::input("there are no annotations"));
    }
    if ratings.classes() < 2 {
        return Err(Error::input("a consensus needs at least two classes").help("name all classes with --classes"));
    }
    let good = |row: &[f64]| row.iter().all(|p| p.is_finite() && *p >= 0.0) && row.iter().sum::<f64>() > 0.0;
    match (0..probabilities.rows()).find(|&row| !good(probabilities.row(row))) {
        Some(row) => Err(Error::input("the probabilities of an item are missing, negative or all 0")
            .at(format!("item {}", row + 1))
            .help("give probabilities from 0 to 1 for every item")),
        None => Ok(()),
    }
}

/// The annotations by item; an item that nobody labelled has none.
struct Crowd<'a> {
    items: Vec<&'a [Rating]>,
    annotators: usize,
    classes: usize,
    /// Labels of an item that has any, in the mean.
    mean_labels: f64,
}

/// What the weighing gives.
struct Weighed {
    posterior: Matrix<f64>,
    annotators: Vec<f64>,
    model: f64,
}

impl<'a> Crowd<'a> {
    fn of(ratings: &'a Ratings) -> Self {
        let mut items: Vec<&[Rating]> = vec![&[]; ratings.items()];
        let mut labelled = 0usize;
        for item in ratings.by_item() {
            if let Some(slot) = item.first().and_then(|rating| items.get_mut(rating.item as usize)) {
                *slot = item;
                labelled += 1;
            }
        }
        let mean_labels = ratings.all().len() as f64 / labelled.max(1) as f64;
        Self { items, annotators: ratings.annotators(), classes: ratings.classes(), mean_labels }
    }

    /// The class that most name. Ties are broken by the model, then for the rarer class, then for those whose annotators
    /// agree more with the other majorities, then for the first.
    fn majority(&self, probabilities: &Matrix<f64>) -> Vec<Option<u16>> {
        let mut frequency = vec![0u64; self.classes];
        self.items.iter().copied().flatten().for_each(|rating| frequency[usize::from(rating.class)] += 1);
        let mut found = vec![None; self.items.len()];
        let mut tied: Vec<(usize, Vec<u16>)> = Vec::new();
        for (item, ratings) in self.items.iter().enumerate().filter(|(_, ratings)| !ratings.is_empty()) {
            let mut votes = vec![0u32; self.classes];
            ratings.iter().for_each(|rating| votes[usize::from(rating.class)] += 1);
            let all: Vec<u16> = (0..self.classes as u16).collect();
            let best = most(all, |class| f64::from(votes[usize::from(class)]));
            let row = probabilities.row(item);
            let best = most(best, |class| row.get(usize::from(class)).copied().unwrap_or(0.0));
            let best = most(best, |class| -(frequency[usize::from(class)] as f64));
            match best.as_slice() {
                [one] => found[item] = Some(*one),
                _ => tied.push((item, best)),
            }
        }
        let agreement = self.agreement_with(&found);
        for (item, best) in tied {
            let of = |class: u16| {
                let with = self.items[item].iter().filter(|rating| rating.class == class);
                let with: Vec<f64> = with.filter_map(|rating| agreement[rating.annotator as usize]).collect();
                with.iter().sum::<f64>() / with.len().max(1) as f64
            };
            found[item] = most(best, of).first().copied();
        }
        found
    }

    /// For each annotator the share of their labels that are the consensus, over items with several; `None` without any.
    fn agreement_with(&self, consensus: &[Option<u16>]) -> Vec<Option<f64>> {
        let mut counts = vec![(0u64, 0u64); self.annotators];
        for (ratings, consensus) in self.items.iter().zip(consensus).filter(|(ratings, _)| ratings.len() > 1) {
            let Some(consensus) = consensus else { continue };
            for rating in *ratings {
                let (equal, all) = &mut counts[rating.annotator as usize];
                *equal += u64::from(rating.class == *consensus);
                *all += 1;
            }
        }
        counts.into_iter().map(|(equal, all)| (all > 0).then(|| equal as f64 / all as f64)).collect()
    }

    /// For each annotator the share of the other labels of their items that are as theirs; those without company get the
    /// mean of the rest.
    fn agreement_with_each_other(&self) -> Vec<f64> {
        let mut sums = vec![(0u64, 0u64); self.annotators];
        for ratings in self.items.iter().filter(|ratings| ratings.len() > 1) {
            for rating in *ratings {
                let (equal, others) = &mut sums[rating.annotator as usize];
                *equal += ratings.iter().filter(|other| other.class == rating.class).count() as u64 - 1;
                *others += ratings.len() as u64 - 1;
            }
        }
        let known: Vec<Option<f64>> =
            sums.into_iter().map(|(equal, others)| (others > 0).then(|| equal as f64 / others as f64)).collect();
        let all: Vec<f64> = known.iter().flatten().copied().collect();
        let mean = all.iter().sum::<f64>() / all.len().max(1) as f64;
        known.into_iter().map(|share| share.unwrap_or(mean)).collect()
    }

    /// Weighs annotators and model by a consensus, and mixes what they say by these weights.
    fn weigh(&self, consensus: &[Option<u16>], probabilities: &Matrix<f64>) -> Weighed {
        let several = || {
            let items = self.items.iter().zip(consensus).enumerate();
            items.filter_map(|(item, (ratings, consensus))| {
                Some((item, *ratings, (*consensus)?)).filter(|i| i.1.len() > 1)
            })
        };
        let count = several().count().max(1) as f64;
        let share = |ratings: &[Rating], class: u16| {
            ratings.iter().filter(|rating| rating.class == class).count() as f64 / ratings.len() as f64
        };
        let right = several().map(|(_, ratings, class)| share(ratings, class)).sum::<f64>() / count;
        let wrong = (1.0 - right) / (self.classes - 1).max(1) as f64;
        let mut classes = vec![0u64; self.classes];
        several().for_each(|(_, _, class)| classes[usize::from(class)] += 1);
        let commonest = classes.iter().copied().max().unwrap_or(0) as f64;
        let base_error = (1.0 - commonest / count).max(LEAST);
        let weight = |error: f64| (1.0 - error / base_error).max(LEAST);
        let annotators: Vec<f64> =
            self.agreement_with_each_other().into_iter().map(|agreement| weight(1.0 - agreement)).collect();
        let missed =
            several().filter(|(item, _, class)| argmax(probabilities.row(*item)) != usize::from(*class)).count();
        let model = weight(missed as f64 / count) * self.mean_labels.sqrt();
        let mut values = Vec::with_capacity(self.items.len() * self.classes);
        for (item, ratings) in self.items.iter().enumerate() {
            let all = model + ratings.iter().map(|rating| annotators[rating.annotator as usize]).sum::<f64>();
            values.extend(probabilities.row(item).iter().enumerate().map(|(class, p)| {
                let said = ratings.iter().map(|rating| {
                    let says = if usize::from(rating.class) == class { right } else { wrong };
                    annotators[rating.annotator as usize] * says
                });
                (model * p + said.sum::<f64>()) / all
            }));
        }
        let posterior = Matrix::new(self.items.len(), self.classes, values);
        Weighed { posterior: posterior.unwrap_or_else(|_| probabilities.clone()), annotators, model }
    }

    /// The most probable class of each item with labels; of equals that of the majority if it is among them.
    fn most_probable(&self, posterior: &Matrix<f64>, majority: &[Option<u16>]) -> Vec<Option<u16>> {
        let of = |(item, ratings): (usize, &&[Rating])| {
            if ratings.is_empty() {
                return None;
            }
            let row = posterior.row(item);
            let all: Vec<u16> = (0..self.classes as u16).collect();
            let best = most(all, |class| row.get(usize::from(class)).copied().unwrap_or(0.0));
            majority[item].filter(|class| best.contains(class)).or(best.first().copied())
        };
        self.items.iter().enumerate().map(of).collect()
    }

    fn annotator_qualities(&self, weighed: &Weighed, consensus: &[Option<u16>]) -> Vec<Option<f64>> {
        let all: f64 = weighed.annotators.iter().sum();
        let share = weighed.model / (weighed.model + all * self.mean_labels / self.annotators.max(1) as f64);
        let agreement = self.agreement_with(consensus);
        let trusted = self.mean_posterior(&weighed.posterior);
        let of = |(trusted, agreement): (Option<f64>, Option<f64>)| match (trusted, agreement) {
            (Some(trusted), Some(agreement)) => Some(share * trusted + (1.0 - share) * agreement),
            (trusted, _) => trusted,
        };
        trusted.into_iter().zip(agreement).map(of).collect()
    }

    /// For each annotator the mean probability of what they said.
    fn mean_posterior(&self, posterior: &Matrix<f64>) -> Vec<Option<f64>> {
        let mut sums = vec![(0.0, 0u64); self.annotators];
        for rating in self.items.iter().copied().flatten() {
            let p = posterior.row(rating.item as usize).get(usize::from(rating.class)).copied().unwrap_or(0.0);
            let (sum, count) = &mut sums[rating.annotator as usize];
            *sum += p;
            *count += 1;
        }
        sums.into_iter().map(|(sum, count)| (count > 0).then(|| sum / count as f64)).collect()
    }

    /// Where every item has one label, the model alone can say how good it is.
    fn judged_by_model(&self, consensus: Vec<Option<u16>>, probabilities: &Matrix<f64>) -> Crowdlab {
        Crowdlab {
            quality: qualities(probabilities, &consensus),
            annotator_quality: self.mean_posterior(probabilities),
            annotator_weights: vec![1.0; self.annotators],
            model_weight: 1.0,
            posterior: probabilities.clone(),
            consensus,
            single: true,
        }
    }

    /// The mean cross-entropy of the probabilities with the shares of the votes.
    fn cross_entropy(&self, probabilities: &Matrix<f64>) -> f64 {
        let items = self.items.iter().enumerate().filter(|(_, ratings)| !ratings.is_empty());
        let of = |(item, ratings): (usize, &&[Rating])| {
            let row = probabilities.row(item);
            let log = |rating: &Rating| row.get(usize::from(rating.class)).copied().unwrap_or(0.0).max(LEAST).ln();
            -ratings.iter().map(log).sum::<f64>() / ratings.len() as f64
        };
        let (sum, count) = items.map(of).fold((0.0, 0u64), |(sum, count), one| (sum + one, count + 1));
        sum / count.max(1) as f64
    }
}

/// The classes of the highest value.
fn most(classes: Vec<u16>, value: impl Fn(u16) -> f64) -> Vec<u16> {
    let best = classes.iter().map(|&class| value(class)).fold(f64::NEG_INFINITY, f64::max);
    classes.into_iter().filter(|&class| value(class) >= best - TIE * best.abs()).collect()
}

/// The position of the first highest value.
fn argmax(row: &[f64]) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (at, &value) in row.iter().enumerate() {
        if value > best.1 {
            best = (at, value);
        }
    }
    best.0
}

fn qualities(posterior: &Matrix<f64>, consensus: &[Option<u16>]) -> Vec<f64> {
    let of = |(item, class): (usize, &Option<u16>)| {
        class.and_then(|class| posterior.row(item).get(usize::from(class)).copied()).unwrap_or(f64::NAN)
    };
    consensus.iter().enumerate().map(of).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn golden() -> Option<Value> {
        let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let named = std::env::var_os("LAPIDARY_DATA").map(Into::into);
        let places = named.into_iter().chain([here.join("../shared/data"), here.join("../../shared/data")]);
        let path = places.map(|place| place.join("golden/crowdlab_small.json")).find(|path| path.is_file());
        if path.is_none() {
            eprintln!("skipped: the development data are not on this machine");
        }
        Some(serde_json::from_str(&std::fs::read_to_string(path?).unwrap()).unwrap())
    }

    fn list(value: &Value) -> Vec<f64> {
        value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
    }

    fn table(value: &Value) -> Matrix<f64> {
        let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(list).collect();
        Matrix::new(rows.len(), rows[0].len(), rows.concat()).unwrap()
    }

    fn ratings(labels: &Matrix<f64>, items: usize, classes: usize) -> Ratings {
        let cell = |item: usize, annotator: usize| {
            let class = labels.row(item)[annotator];
            (class >= 0.0).then_some(Rating { item: item as u32, annotator: annotator as u32, class: class as u16 })
        };
        let all = (0..labels.rows()).flat_map(|item| (0..labels.columns()).filter_map(move |who| cell(item, who)));
        Ratings::new(items, labels.columns(), classes, all.collect()).unwrap()
    }

    fn close(found: &[f64], expected: &[f64], what: &str) {
        assert_eq!(found.len(), expected.len(), "{what}");
        for (at, (a, b)) in found.iter().zip(expected).enumerate() {
            assert!((a - b).abs() <= 1e-9 * b.abs().max(1e-3), "{what}[{at}]: {a} is not {b}");
        }
    }

    #[test]
    fn consensus_weights_and_qualities_are_cleanlabs() {
        let Some(golden) = golden() else { return };
        let (labels, probabilities) = (table(&golden["labels"]), table(&golden["pred_probs"]));
        let ratings = ratings(&labels, labels.rows(), probabilities.columns());
        let found = Crowdlab::of(&ratings, &probabilities).unwrap();
        let consensus: Vec<f64> = found.consensus.iter().map(|class| f64::from(class.unwrap())).collect();
        assert_eq!(consensus, list(&golden["consensus"]["consensus_label"]));
        close(&found.quality, &list(&golden["consensus"]["consensus_quality_score"]), "quality");
        close(&found.annotator_weights, &list(&golden["annotator_weight"]), "annotators' weights");
        close(&[found.model_weight], &[golden["model_weight"].as_f64().unwrap()], "the model's weight");
        let order = list(&golden["annotator_stats"]["index"]);
        let quality: Vec<f64> = order.iter().map(|&who| found.annotator_quality[who as usize].unwrap()).collect();
        close(&quality, &list(&golden["annotator_stats"]["annotator_quality"]), "annotators' quality");
        let majority = Crowd::of(&ratings).majority(&probabilities);
        let majority: Vec<f64> = majority.into_iter().map(|class| f64::from(class.unwrap())).collect();
        assert_eq!(majority, list(&golden["majority_vote"]));
    }

    #[test]
    fn what_to_label_next_is_cleanlabs_at_its_temperature() {
        let Some(golden) = golden() else { return };
        let (labels, known, new) =
            (table(&golden["labels"]), table(&golden["pred_probs"]), table(&golden["pred_probs_unlabeled"]));
        let items = labels.rows() + new.rows();
        let all = [known.values(), new.values()].concat();
        let probabilities = Matrix::new(items, known.columns(), all).unwrap();
        let ratings = ratings(&labels, items, known.columns());
        let found = active_scores(&ratings, &probabilities, golden["best_temp"].as_f64().unwrap()).unwrap();
        let expected = [list(&golden["active_labeled"]), list(&golden["active_unlabeled"])].concat();
        close(&found, &expected, "scores");
        // cleanlab's temperature lies at the worst end; the best one is found by hand from the same grid.
        assert!((best_temperature(&ratings, &probabilities).unwrap() - 0.725).abs() < 1e-9);
    }

    #[test]
    fn edges() {
        let of = |items, annotators, classes, all: &[(u32, u32, u16)]| {
            let all = all.iter().map(|&(item, annotator, class)| Rating { item, annotator, class });
            Ratings::new(items, annotators, classes, all.collect()).unwrap()
        };
        let even = |items: usize| Matrix::new(items, 2, vec![0.5; items * 2]).unwrap();
        // Nobody shares an item: the model judges.
        let probabilities = Matrix::new(2, 2, vec![0.9, 0.1, 0.2, 0.8]).unwrap();
        let alone = Crowdlab::of(&of(2, 2, 2, &[(0, 0, 0), (1, 1, 0)]), &probabilities).unwrap();
        assert!(alone.single);
        assert_eq!((alone.consensus, alone.quality), (vec![Some(0), Some(0)], vec![0.9, 0.2]));
        // All of one class, an annotator without company, an item without a label.
        let crowd = of(4, 3, 2, &[(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 0), (2, 2, 1)]);
        let found = Crowdlab::of(&crowd, &even(4)).unwrap();
        assert_eq!(found.consensus, [Some(0), Some(0), Some(1), None]);
        assert!(found.quality[3].is_nan() && found.quality[..3].iter().all(|quality| quality.is_finite()));
        assert!(found.annotator_weights.iter().all(|weight| *weight >= LEAST));
        assert!(found.settled_scores(&crowd).iter().all(|score| (0.0..=1.0).contains(score)));
        for (ratings, probabilities) in [
            (of(2, 1, 2, &[(0, 0, 0)]), even(3)),
            (of(2, 1, 2, &[]), even(2)),
            (of(1, 1, 2, &[(0, 0, 0)]), Matrix::new(1, 2, vec![f64::NAN, 1.0]).unwrap()),
            (of(1, 1, 1, &[(0, 0, 0)]), Matrix::new(1, 1, vec![1.0]).unwrap()),
        ] {
            assert!(Crowdlab::of(&ratings, &probabilities).is_err());
        }
    }

    proptest! {
        /// Probabilities stay probabilities, and what is the most probable is the consensus.
        #[test]
        fn posteriors_sum_to_one(
            labels in prop::collection::vec(prop::option::of(0u16..3), 40),
            values in prop::collection::vec(0.01f64..1.0, 30),
        ) {
            let all: Vec<Rating> = labels.iter().enumerate().filter_map(|(at, class)| {
                Some(Rating { item: (at / 4) as u32, annotator: (at % 4) as u32, class: (*class)? })
            }).collect();
            prop_assume!(!all.is_empty());
            let ratings = Ratings::new(10, 4, 3, all).unwrap();
            let values = values.chunks(3).flat_map(|row| row.iter().map(|v| v / row.iter().sum::<f64>())).collect();
            let found = Crowdlab::of(&ratings, &Matrix::new(10, 3, values).unwrap()).unwrap();
            for item in 0..10 {
                let row = found.posterior.row(item);
                prop_assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-9);
                if let (Some(class), false) = (found.consensus[item], found.single) {
                    prop_assert!(row.iter().all(|p| *p <= row[usize::from(class)] + 1e-8));
                }
            }
        }
    }
}
