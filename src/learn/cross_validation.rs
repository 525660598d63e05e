//! Predictions for every row by models that have not seen it: stratified k-fold cross-validation.

use rayon::prelude::*;

use super::ascent::Problem;
use super::logistic::{Model, Options, Targets, Weights};
use super::{Features, Matrix, metrics};
use crate::engine::{Error, Random, Result, Work};

/// The fold of a row without a label, which no fold holds out.
pub const NO_FOLD: u8 = u8::MAX;

/// Out-of-sample predictions and how good they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Cv {
    /// Probabilities, rows x classes. A labelled row is predicted by the model that was fitted without its fold, a row
    /// without a label by a model fitted on all labelled rows.
    pub probabilities: Matrix<f32>,
    /// The fold of each row, [`NO_FOLD`] without a label.
    pub folds: Vec<u8>,
    /// The share of labelled rows whose most probable class is their label.
    pub accuracy: Option<f64>,
    /// The accuracy in each fold.
    pub fold_accuracy: Vec<Option<f64>>,
    /// The mean of `-ln p(label)`.
    pub log_loss: Option<f64>,
    /// Counts of label (row) against most probable class (column).
    pub confusion: Vec<Vec<u64>>,
}

/// Deals labelled rows into `k` folds so that each has its share of each class; rows without a label get [`NO_FOLD`].
///
/// The rows of a class are shuffled and dealt round, and the next class goes on where the last stopped, so that fold
/// sizes differ by at most one, and so do the counts of a class.
pub fn stratified_folds(labels: &[Option<u16>], k: usize, seed: u64) -> Vec<u8> {
    let mut rows: Vec<(u16, u32)> =
        labels.iter().enumerate().filter_map(|(row, label)| Some(((*label)?, row as u32))).collect();
    rows.sort_unstable();
    let mut folds = vec![NO_FOLD; labels.len()];
    let (mut random, mut next) = (Random::new(seed), 0);
    for class in rows.chunk_by_mut(|a, b| a.0 == b.0) {
        random.shuffle(class);
        for &mut (_, row) in class {
            if let Some(fold) = folds.get_mut(row as usize) {
                *fold = (next % k.max(1)) as u8;
            }
            next += 1;
        }
    }
    folds
}

/// Predicts every row by a model that was fitted without it.
///
/// `k` is lowered to the number of labelled rows if there are fewer. A class with fewer rows than folds is simply
/// missing from the training rows of no fold or of its own fold only; it does no harm. Folds are fitted in parallel.
///
/// # Errors
/// If `k` is not 2-100, lengths do not fit, a label is outside the classes, or fewer than two classes have rows; or
/// if the work was cancelled.
pub fn out_of_sample<F: Features>(
    features: &F,
    labels: &[Option<u16>],
    classes: usize,
    k: usize,
    options: &Options,
    seed: u64,
    work: &Work,
) -> Result<Cv> {
    if labels.len() != features.rows() {
        return Err(Error::input(format!("{} labels for {} rows", labels.len(), features.rows())));
    }
    let k = check_labels(labels, k)?;
    let folds = stratified_folds(labels, k, seed);
    out_of_sample_in(features, labels, classes, folds, options, seed, work)
}

/// As [`out_of_sample`] in folds that were dealt before, so that models of other labels can be compared row by row. A row
/// may have a fold and no label: nothing is learnt from it, and it is predicted as the others of its fold.
///
/// # Errors
/// As [`out_of_sample`].
pub fn out_of_sample_in<F: Features>(
    features: &F,
    labels: &[Option<u16>],
    classes: usize,
    folds: Vec<u8>,
    options: &Options,
    seed: u64,
    work: &Work,
) -> Result<Cv> {
    if labels.len() != features.rows() || folds.len() != labels.len() {
        return Err(Error::input(format!(
            "{} labels and {} folds for {} rows",
            labels.len(),
            folds.len(),
            features.rows()
        )));
    }
    let k = folds.iter().filter(|&&fold| fold != NO_FOLD).max().map_or(0, |&last| usize::from(last) + 1);
    check_labels(labels, k.clamp(2, 100))?;
    let missing = folds.contains(&NO_FOLD);
    work.stage("fitting models out of sample", (k + usize::from(missing)) as u64);
    let models: Vec<Model> = (0..k + usize::from(missing))
        .into_par_iter()
        .map(|fold| {
            let kept: Vec<Option<u16>> =
                labels.iter().zip(&folds).map(|(&label, &of)| label.filter(|_| usize::from(of) != fold)).collect();
            let problem = Problem::new(features.rows(), Targets::Hard(&kept), classes, Weights::default(), options)?;
            let model = problem.fit(features, options, seed.wrapping_add(fold as u64), work)?;
            work.advance(1)?;
            Ok(model)
        })
        .collect::<Result<_>>()?;
    let probabilities = predict(features, &models, &folds, classes, work)?;
    Ok(judge(probabilities, folds, labels, classes, k))
}

/// As [`out_of_sample`] for targets that are probabilities: rows x classes, a row of zeros is not learnt from.
///
/// Folds are stratified by the most probable class of each row; accuracy and confusion are counted against it, so they
/// tell how far the model agrees with what it was taught.
///
/// # Errors
/// As [`out_of_sample`].
pub fn out_of_sample_soft<F: Features>(
    features: &F,
    targets: &Matrix<f32>,
    k: usize,
    options: &Options,
    seed: u64,
    work: &Work,
) -> Result<Cv> {
    if targets.rows() != features.rows() {
        return Err(Error::input(format!("{} targets for {} rows", targets.rows(), features.rows())));
    }
    let classes = targets.columns();
    let likely = |row| metrics::argmax(targets.row(row)).filter(|(_, share)| *share > 0.0).map(|(class, _)| class);
    let labels: Vec<Option<u16>> = (0..targets.rows()).map(likely).collect();
    let k = check_labels(&labels, k)?;
    let folds = stratified_folds(&labels, k, seed);
    let missing = folds.contains(&NO_FOLD);
    work.stage("fitting models out of sample", (k + usize::from(missing)) as u64);
    let models: Vec<Model> = (0..k + usize::from(missing))
        .into_par_iter()
        .map(|fold| {
            // A row of its own fold counts nothing.
            let kept: Vec<f32> = folds.iter().map(|&of| f32::from(u8::from(usize::from(of) != fold))).collect();
            let weights = Weights { rows: Some(&kept), classes: None };
            let problem = Problem::new(features.rows(), Targets::Soft(targets), classes, weights, options)?;
            let model = problem.fit(features, options, seed.wrapping_add(fold as u64), work)?;
            work.advance(1)?;
            Ok(model)
        })
        .collect::<Result<_>>()?;
    let probabilities = predict(features, &models, &folds, classes, work)?;
    Ok(judge(probabilities, folds, &labels, classes, k))
}

/// Checks that there is something to learn, and how many folds there can be.
fn check_labels(labels: &[Option<u16>], k: usize) -> Result<usize> {
    if !(2..=100).contains(&k) {
        return Err(Error::input(format!("{k} folds are not possible")).help("take 2 to 100 folds, usually 5"));
    }
    let mut labelled = labels.iter().flatten();
    let Some(first) = labelled.next() else {
        return Err(Error::input("no row has a label").help("label some rows of at least two classes"));
    };
    if labelled.all(|label| label == first) {
        return Err(Error::input("all labelled rows are of one class").help("label some rows of at least two classes"));
    }
    Ok(k.min(labels.iter().flatten().count()))
}

fn predict<F: Features>(
    features: &F,
    models: &[Model],
    folds: &[u8],
    classes: usize,
    work: &Work,
) -> Result<Matrix<f32>> {
    const ROWS: usize = 1024;
    let mut values = vec![0.0f32; folds.len() * classes];
    values.par_chunks_mut((ROWS * classes).max(1)).zip(folds.par_chunks(ROWS)).enumerate().try_for_each(
        |(chunk, (values, folds))| {
            work.check()?;
            for (at, (out, &fold)) in values.chunks_exact_mut(classes.max(1)).zip(folds).enumerate() {
                let model = if fold == NO_FOLD { models.last() } else { models.get(usize::from(fold)) };
                if let Some(model) = model {
                    model.predict_row(features, chunk * ROWS + at, out);
                }
            }
            Ok::<_, Error>(())
        },
    )?;
    Matrix::new(folds.len(), classes, values)
}

fn judge(probabilities: Matrix<f32>, folds: Vec<u8>, labels: &[Option<u16>], classes: usize, k: usize) -> Cv {
    let predicted: Vec<u16> = (0..probabilities.rows())
        .map(|row| metrics::argmax(probabilities.row(row)).map_or(u16::MAX, |(class, _)| class))
        .collect();
    let confusion = metrics::confusion(labels, &predicted, classes);
    let mut right = vec![(0u64, 0u64); k];
    for ((label, predicted), &fold) in labels.iter().zip(&predicted).zip(&folds) {
        if let (Some(label), Some(count)) = (label, right.get_mut(usize::from(fold))) {
            count.0 += u64::from(label == predicted);
            count.1 += 1;
        }
    }
    let share = |(right, rows): (u64, u64)| (rows > 0).then(|| right as f64 / rows as f64);
    Cv {
        accuracy: metrics::accuracy(&confusion),
        fold_accuracy: right.into_iter().map(share).collect(),
        log_loss: metrics::log_loss(labels, &probabilities),
        probabilities,
        folds,
        confusion,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rows whose label can be told from the first column, with noise in the second.
    fn rows(count: usize, seed: u64) -> (Matrix<f32>, Vec<Option<u16>>) {
        let mut random = Random::new(seed);
        let labels: Vec<Option<u16>> = (0..count).map(|_| Some(random.below(3) as u16)).collect();
        let values = labels
            .iter()
            .flat_map(|label| {
                let mut row = [0.1f32; 4];
                row[usize::from(label.unwrap_or(0))] = 1.0;
                row[3] = random.unit() as f32;
                row
            })
            .collect();
        (Matrix::new(count, 4, values).unwrap(), labels)
    }

    #[test]
    fn every_row_is_predicted_by_a_model_that_has_not_seen_it() {
        // The feature names the row, and nothing else: a model that had seen the row would know its label.
        let count = 60;
        let mut values = vec![0.0f32; count * count];
        (0..count).for_each(|row| values[row * count + row] = 1.0);
        let x = Matrix::new(count, count, values).unwrap();
        let labels: Vec<Option<u16>> = (0..count).map(|row| Some((row % 2) as u16)).collect();
        let options = Options { l2: 0.1, epochs: 500, tolerance: 1e-4 };
        let cv = out_of_sample(&x, &labels, 2, 5, &options, 0, &Work::new()).unwrap();
        for row in 0..count {
            let p = cv.probabilities.row(row)[0];
            assert!((p - 0.5).abs() < 0.1, "row {row}: {p}");
        }
    }

    #[test]
    fn what_can_be_learnt_is_learnt_and_threads_do_not_matter() {
        let (x, mut labels) = rows(300, 3);
        labels[5] = None;
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| out_of_sample(&x, &labels, 3, 5, &Options::default(), 9, &Work::new()).unwrap())
        };
        let cv = run(1);
        assert_eq!(cv, run(2));
        assert_eq!(cv.accuracy, Some(1.0));
        assert_eq!(cv.folds[5], NO_FOLD);
        assert!((cv.probabilities.row(5).iter().sum::<f32>() - 1.0).abs() < 1e-5, "predicted all the same");
        assert_eq!(cv.confusion.iter().flatten().sum::<u64>(), 299);
    }

    #[test]
    fn rare_classes_and_few_rows_are_no_trouble_and_one_class_is_an_error() {
        let (x, mut labels) = rows(30, 4);
        labels.iter_mut().for_each(|label| *label = Some(0));
        let run = |labels: &[Option<u16>], k| out_of_sample(&x, labels, 3, k, &Options::default(), 0, &Work::new());
        assert!(run(&labels, 5).unwrap_err().what().contains("one class"));
        assert!(run(&[None; 30], 5).unwrap_err().what().contains("no row has a label"));
        assert!(run(&labels, 1).is_err());
        labels[3] = Some(2);
        assert!(run(&labels, 5).unwrap().accuracy.is_some());
        let mut two = [None; 30];
        (two[0], two[1]) = (Some(0), Some(1));
        assert_eq!(run(&two, 5).unwrap().fold_accuracy.len(), 2, "as many folds as labelled rows");
    }

    proptest! {
        #[test]
        fn folds_have_their_share_of_each_class(
            labels in prop::collection::vec(prop::option::of(0u16..4), 0..200),
            k in 2usize..8,
            seed in any::<u64>(),
        ) {
            let folds = stratified_folds(&labels, k, seed);
            prop_assert_eq!(&folds, &stratified_folds(&labels, k, seed));
            let count = |class: Option<u16>| {
                let mut counts = vec![0usize; k];
                for (label, &fold) in labels.iter().zip(&folds) {
                    prop_assert_eq!(label.is_none(), fold == NO_FOLD);
                    if label.is_some() && class.is_none_or(|class| *label == Some(class)) {
                        counts[usize::from(fold)] += 1;
                    }
                }
                let spread = counts.iter().max().unwrap() - counts.iter().min().unwrap();
                prop_assert!(spread <= 1);
                Ok(())
            };
            for class in [None, Some(0), Some(1), Some(2), Some(3)] {
                count(class)?;
            }
        }
    }
}
