//! One label an item from several annotators, and how good each of them is: for a table of annotations, and for what
//! annotators said in a project.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work};
use crate::label::Answers;
use crate::label::agreement::{Rating, Ratings};
use crate::learn::Matrix;
use crate::weak::models::{FitOptions, Labels, Ties, fit, model};
use crate::weak::{ABSTAIN, Patterns, VoteColumn, Votes};

/// A dense table of items x annotators beyond this would not fit into a laptop's memory.
const MOST_CELLS: usize = 1_000_000_000;

/// What several annotators say together.
#[derive(Debug, Clone)]
pub struct Consented {
    /// The model that was used.
    pub model: &'static str,
    /// Items x classes.
    pub posterior: Matrix<f64>,
    /// The label of each item with its probability; `None` without annotations.
    pub decided: Vec<Option<(u16, f64)>>,
}

/// What is known of one annotator.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnotatorQuality {
    /// Items that they annotated.
    pub items: usize,
    /// The mean probability of the classes that they gave, 0-1.
    pub quality: Option<f64>,
    /// The share of their answers that are the consensus, over items that somebody else annotated as well.
    pub agreement: Option<f64>,
}

/// The consensus of annotators alone, by `majority`, `one-coin`, `dawid-skene`, or with `auto` by the one that there are
/// annotations enough for. `items` and `classes` are how many there are.
///
/// # Errors
/// If the model is not known, the table would not fit into memory, or the work was cancelled.
pub fn consensus(
    ratings: &Ratings,
    annotators: &[String],
    (items, classes): (usize, usize),
    name: &str,
    seed: u64,
    work: &Work,
) -> Result<Consented> {
    let name = if name == "auto" { fitting_model(ratings, annotators.len(), items, classes) } else { name };
    if items.saturating_mul(annotators.len()) > MOST_CELLS {
        let what = format!("{items} items by {} annotators are too many for one consensus", annotators.len());
        return Err(Error::input(what).help("split the data by items"));
    }
    let column = |name: &String| VoteColumn { name: name.clone(), votes: vec![ABSTAIN; items].into() };
    let mut columns: Vec<VoteColumn> = annotators.iter().map(column).collect();
    for rating in ratings.all() {
        let column = columns.get_mut(rating.annotator as usize);
        if let Some(vote) = column.and_then(|column| Arc::make_mut(&mut column.votes).get_mut(rating.item as usize)) {
            *vote = rating.class as i16;
        }
    }
    let patterns = Patterns::of(&Votes::new(items, classes, columns)?, work)?;
    // Who was not asked has not abstained.
    let options = FitOptions { abstain_symbol: false, seed, ..FitOptions::default() };
    // The soft majority gives the shares of the votes, which the hard one rounds to all or nothing.
    let chosen = model(if name == "majority" { "soft-majority" } else { name })?;
    let fitted = fit(chosen, &patterns, &options, work)?;
    fitted.notes().iter().for_each(|note| work.warn(note.clone()));
    let labels = Labels::of(&fitted, &patterns, Ties::Abstain, seed, work)?;
    let values = (0..items).flat_map(|item| labels.row(item).iter().copied()).collect();
    Ok(Consented {
        model: if name == "majority" { "majority" } else { fitted.model() },
        posterior: Matrix::new(items, classes, values)?,
        decided: decide(ratings, items, &labels),
    })
}

/// Dawid-Skene estimates a confusion matrix for each annotator, one-coin a single number: each wants to see them often
/// enough. Nobody can be judged where items have one annotation each.
fn fitting_model(ratings: &Ratings, annotators: usize, items: usize, classes: usize) -> &'static str {
    let per_annotator = ratings.all().len() as f64 / annotators.max(1) as f64;
    let per_item = ratings.all().len() as f64 / items.max(1) as f64;
    if per_item < 2.0 || per_annotator < 5.0 {
        "majority"
    } else if per_annotator < 10.0 * classes as f64 {
        "one-coin"
    } else {
        "dawid-skene"
    }
}

/// The label of each item with its probability; of equally likely classes the first.
fn decide(ratings: &Ratings, items: usize, labels: &Labels) -> Vec<Option<(u16, f64)>> {
    let mut decided = vec![None; items];
    for item in ratings.by_item().filter_map(|ratings| ratings.first()).map(|rating| rating.item as usize) {
        let mut best: Option<(u16, f64)> = None;
        for (class, &share) in labels.row(item).iter().enumerate() {
            if best.is_none_or(|(_, most)| share > most + 1e-9) {
                best = Some((class as u16, share));
            }
        }
        if let Some(slot) = decided.get_mut(item) {
            *slot = best;
        }
    }
    decided
}

/// How good each of `annotators` annotators is by a consensus. Their quality is the mean probability of the classes that they gave, by `posterior`
/// (items x classes); their agreement is with `decided`.
pub fn annotator_qualities(
    ratings: &Ratings,
    annotators: usize,
    posterior: &Matrix<f64>,
    decided: &[Option<(u16, f64)>],
) -> Vec<AnnotatorQuality> {
    let mut sums = vec![(0usize, 0.0f64, 0usize, 0usize); annotators];
    for item in ratings.by_item() {
        for rating in item {
            let Some((items, quality, shared, equal)) = sums.get_mut(rating.annotator as usize) else { continue };
            let row = rating.item as usize;
            *items += 1;
            *quality += posterior.row(row).get(usize::from(rating.class)).copied().unwrap_or(0.0);
            if item.len() > 1 {
                *shared += 1;
                let consensus = decided.get(row).copied().flatten();
                *equal += usize::from(consensus.is_some_and(|(class, _)| class == rating.class));
            }
        }
    }
    let share = |part: f64, whole: usize| (whole > 0).then(|| part / whole as f64);
    let judge = |(items, quality, shared, equal): (usize, f64, usize, usize)| AnnotatorQuality {
        items,
        quality: share(quality, items),
        agreement: share(equal as f64, shared),
    };
    sums.into_iter().map(judge).collect()
}

/// What annotators said of the classes of a project's items, together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClassConsensus {
    /// The model that was used.
    pub model: &'static str,
    /// Of each row that somebody answered: the most likely class, and its probability.
    pub rows: BTreeMap<u32, (u16, f64)>,
    /// In the order of the answers' annotators.
    pub annotators: Vec<AnnotatorQuality>,
}

/// The consensus of a project's annotators on classes.
pub struct ClassConsensusOf {
    /// Their answers.
    pub answers: Arc<Answers<u16>>,
    /// How many classes there are.
    pub classes: usize,
    /// The seed of the fit.
    pub seed: u64,
    /// The state of the ledger that the answers are of.
    pub generation: u64,
}

impl Derived for ClassConsensusOf {
    type Output = ClassConsensus;

    fn fingerprint(&self) -> Fingerprint {
        let print = Fingerprinter::new("consensus on classes").number(self.generation).number(self.seed);
        print.number(self.classes as u64).finish()
    }

    fn compute(&self, work: &Work) -> Result<ClassConsensus> {
        // Only what was answered is an item: a project may have a million rows, and a crowd a thousand of them.
        let rows: Vec<u32> = self.answers.rows.keys().copied().collect();
        let mut ratings = Vec::new();
        for (item, answers) in self.answers.rows.values().enumerate() {
            let given = answers.iter().enumerate().filter_map(|(annotator, class)| Some((annotator, (*class)?)));
            let rating = |(annotator, class)| Rating { item: item as u32, annotator: annotator as u32, class };
            ratings.extend(given.map(rating));
        }
        let names = &self.answers.annotators;
        let ratings = Ratings::new(rows.len(), names.len(), self.classes, ratings)?;
        let found = consensus(&ratings, names, (rows.len(), self.classes), "auto", self.seed, work)?;
        let annotators = annotator_qualities(&ratings, names.len(), &found.posterior, &found.decided);
        let decided = rows.into_iter().zip(found.decided).filter_map(|(row, decided)| Some((row, decided?)));
        Ok(ClassConsensus { model: found.model, rows: decided.collect(), annotators })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_often_wrong_counts_less_and_is_said_to() {
        // Two who always agree with the truth, and one who always says the other class.
        let mut rows = BTreeMap::new();
        for row in 0..60u32 {
            let class = (row % 2) as u16;
            rows.insert(row * 3, vec![Some(class), Some(class), Some(1 - class)]);
        }
        // Where one of the good ones did not answer, the other counts more than the bad one.
        rows.insert(500, vec![Some(1), None, Some(0)]);
        let annotators = ["good", "fine", "bad"].map(str::to_owned).to_vec();
        let answers = Arc::new(Answers { annotators, rows, decided: Default::default() });
        let found = ClassConsensusOf { answers, classes: 2, seed: 1, generation: 1 }.compute(&Work::new()).unwrap();
        assert_eq!(found.model, "dawid-skene");
        assert!((0..60).all(|row| found.rows[&(row * 3)].0 == (row % 2) as u16));
        assert_eq!(found.rows[&500].0, 1);
        let quality: Vec<f64> = found.annotators.iter().map(|one| one.quality.unwrap()).collect();
        assert!(quality[0] > 0.9 && quality[1] > 0.9 && quality[2] < 0.1, "{quality:?}");
        assert_eq!(found.annotators[1].items, 60);
        assert_eq!(found.annotators[2].agreement, Some(0.0));
    }

    #[test]
    fn nobody_is_judged_where_items_have_one_answer_each() {
        let rows = (0..9u32).map(|row| (row, vec![Some(0), None])).collect();
        let annotators = ["a", "b"].map(str::to_owned).to_vec();
        let answers = Arc::new(Answers { annotators, rows, decided: Default::default() });
        let found = ClassConsensusOf { answers, classes: 2, seed: 1, generation: 1 }.compute(&Work::new()).unwrap();
        assert_eq!((found.model, found.rows.len()), ("majority", 9));
        assert_eq!((found.annotators[0].agreement, found.annotators[1].items), (None, 0));
    }
}
