//! Outliers: rows that are far from their nearest neighbours.
//!
//! In: texts, images or vectors. Out: for every row the mean distance to its nearest neighbours, a score, and a flag by
//! the rule of Tukey's box plot. Deep k-nearest-neighbour distances hold up well beside much heavier methods (Kuan and
//! Mueller 2022, "Back to the Basics: Revisiting Out-of-Distribution Detection Baselines"), whose threshold is used.
//!
//! A group of strange rows that is larger than the number of neighbours is not seen: its members have each other.

use std::path::Path;

use arrow_array::{Array as _, LargeStringArray};
use rayon::prelude::*;

use crate::data::media::map_images;
use crate::data::{Column, Vectors};
use crate::engine::{Error, Result, Work, quantile_of_sorted};
use crate::learn::Matrix;
use crate::learn::features::{TextOptions, Tfidf};
use crate::learn::image_features::{LENGTH, descriptor};
use crate::learn::knn::{Metric, Neighbours};
use crate::learn::svd::{SvdOptions, principal_components, truncated_svd};

/// The share of the interquartile range that stands for the threshold in cleanlab: `1 / 0.37037 - 1` of it, about 1.7.
const THRESHOLD: f64 = 0.37037;

/// The least typical distance; below, all rows are equal.
const LEAST_MEDIAN: f64 = 2.2e-14;

/// Cosine distances below this are rounding: neighbours in single precision agree to about seven digits.
const COSINE_ROUNDING: f64 = 1e-7;

/// Images are decoded at most this wide and high before they are described.
const DECODED: u32 = 256;

/// Rows that are worked on at once.
const ROWS: usize = 1024;

/// How outliers are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutlierOptions {
    /// The number of neighbours.
    pub neighbours: usize,
    /// Dimensions that texts and images are reduced to, 1-256.
    pub dimensions: usize,
    /// The seed of the reduction.
    pub seed: u64,
}

impl Default for OutlierOptions {
    fn default() -> Self {
        Self { neighbours: 10, dimensions: 64, seed: 0 }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Outliers {
    /// The mean distance to the nearest neighbours; `None` for a row with nothing to compare.
    pub distances: Vec<Option<f64>>,
    /// `exp(-distance / median distance)`, 0-1, low is strange; `None` as above.
    pub scores: Vec<Option<f64>>,
    /// True for outliers.
    pub flagged: Vec<bool>,
    /// 1 for the strangest row; 0 for a row with nothing to compare.
    pub ranks: Vec<u32>,
    /// The distance above which a row is an outlier: Q3 + 1.7 (Q3 - Q1). `None` if no row could be compared.
    pub threshold: Option<f64>,
    /// Rows with nothing to compare: empty texts, unreadable images, missing vectors.
    pub left_out: usize,
}

impl Outliers {
    /// The number of outliers.
    pub fn count(&self) -> usize {
        self.flagged.iter().filter(|flagged| **flagged).count()
    }

    /// Judges rows by their mean distances to their neighbours.
    pub fn from_distances(distances: Vec<Option<f64>>) -> Self {
        let mut known: Vec<f64> = distances.iter().flatten().copied().collect();
        known.sort_by(f64::total_cmp);
        let threshold = quantile_of_sorted(&known, 0.75).zip(quantile_of_sorted(&known, 0.25));
        let threshold = threshold.map(|(third, first)| third + (1.0 / THRESHOLD - 1.0) * (third - first));
        let median = quantile_of_sorted(&known, 0.5).unwrap_or(0.0).max(LEAST_MEDIAN);
        let above = |distance: f64| threshold.is_some_and(|threshold| distance > threshold);
        let flagged = distances.iter().map(|distance| distance.is_some_and(above)).collect();
        let score = |distance: f64| if distance < LEAST_MEDIAN { 1.0 } else { (-distance / median).exp() };
        let scores = distances.iter().map(|distance| distance.map(score)).collect();
        let mut order: Vec<u32> =
            (0u32..).zip(&distances).filter(|(_, known)| known.is_some()).map(|at| at.0).collect();
        let distance = |row: &u32| distances.get(*row as usize).copied().flatten().unwrap_or(0.0);
        order.sort_by(|a, b| distance(b).total_cmp(&distance(a)).then(a.cmp(b)));
        let mut ranks = vec![0; distances.len()];
        for (rank, row) in (1u32..).zip(order) {
            if let Some(place) = ranks.get_mut(row as usize) {
                *place = rank;
            }
        }
        let left_out = distances.len() - known.len();
        Self { distances, scores, flagged, ranks, threshold, left_out }
    }

    /// Outliers by a graph of neighbours that is there already; every row must have a vector in it.
    pub fn of_neighbours(neighbours: &Neighbours) -> Self {
        let rounding = if neighbours.metric() == Metric::Cosine { COSINE_ROUNDING } else { 0.0 };
        let mean = |row: usize| {
            let (_, distances) = neighbours.row(row);
            let sum: f64 = distances.iter().map(|&distance| f64::from(distance)).sum();
            let mean = sum / distances.len() as f64;
            (!distances.is_empty()).then_some(if mean < rounding { 0.0 } else { mean })
        };
        Self::from_distances((0..neighbours.rows()).map(mean).collect())
    }

    /// Strange texts, by their weighted character and word n-grams; `texts` should be folded (see [`Column::folded`]).
    /// Texts without a letter or digit are left out.
    ///
    /// A distance is one less the cosine of whole TF-IDF rows as far as it shows in the reduced ones: what the
    /// reduction loses of a row agrees with no other. Without that, texts that the reduction knows little of would seem
    /// near to anything.
    ///
    /// # Errors
    /// If an option is out of range, or the work was cancelled.
    pub fn of_texts(texts: &LargeStringArray, options: &OutlierOptions, work: &Work) -> Result<Self> {
        let has_content = |row: usize| {
            let text = if texts.is_valid(row) { texts.value(row) } else { "" };
            text.chars().any(char::is_alphanumeric)
        };
        let kept: Vec<usize> = (0..texts.len()).into_par_iter().filter(|&row| has_content(row)).collect();
        let some: LargeStringArray = kept.iter().map(|&row| Some(texts.value(row))).collect();
        let (_, rows) = Tfidf::fit_transform(&some, &TextOptions::default(), work)?;
        let svd = SvdOptions { dimensions: options.dimensions, seed: options.seed, ..SvdOptions::default() };
        let points = truncated_svd(&rows, &svd, work)?.scores;
        // More are found than are kept, as the nearest by direction are not quite the nearest by what agrees.
        let wide = Neighbours::build(&points, options.neighbours.saturating_mul(3), Metric::Cosine, work)?;
        let mean = |row: usize| {
            let own = points.row(row);
            let apart = |&other: &u32| {
                let both = own.iter().zip(points.row(other as usize));
                (1.0 - both.map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>()).clamp(0.0, 1.0)
            };
            let mut nearest: Vec<f64> = wide.row(row).0.iter().map(apart).collect();
            nearest.sort_by(f64::total_cmp);
            nearest.truncate(options.neighbours);
            let mean = nearest.iter().sum::<f64>() / nearest.len() as f64;
            (!nearest.is_empty()).then_some(if mean < COSINE_ROUNDING { 0.0 } else { mean })
        };
        let checked = |row: usize| work.check().map(|()| mean(row));
        let found: Vec<Option<f64>> =
            (0..points.rows()).into_par_iter().with_min_len(ROWS).map(checked).collect::<Result<_>>()?;
        Ok(Self::from_distances(spread(texts.len(), &kept, found)))
    }

    /// Strange images, by where which colours are and which way edges run. Unreadable images are left out and said.
    ///
    /// # Errors
    /// If the column holds no paths, the root is not there, an option is out of range, or the work was cancelled.
    pub fn of_image_column(root: &Path, column: &Column, options: &OutlierOptions, work: &Work) -> Result<Self> {
        let described = map_images(root, column, Some(DECODED), work, descriptor)?;
        let is_there: Vec<bool> = described.iter().map(Option::is_some).collect();
        let blank = vec![0.0; LENGTH];
        let values = described.iter().flat_map(|row| row.as_ref().unwrap_or(&blank)).copied().collect();
        Self::of_descriptors(&Matrix::new(described.len(), LENGTH, values)?, &is_there, options, work)
    }

    /// Strange images by their descriptors, where these are there already; rows for which `is_there` is not true are left
    /// out.
    ///
    /// # Errors
    /// If an option is out of range, or the work was cancelled.
    pub fn of_descriptors(
        described: &Matrix<f32>,
        is_there: &[bool],
        options: &OutlierOptions,
        work: &Work,
    ) -> Result<Self> {
        let kept: Vec<usize> = (0..described.rows()).filter(|row| is_there.get(*row) == Some(&true)).collect();
        let values = kept.iter().flat_map(|row| described.row(*row)).copied().collect();
        let points = Matrix::new(kept.len(), described.columns(), values)?;
        let svd = SvdOptions { dimensions: options.dimensions, seed: options.seed, ..SvdOptions::default() };
        let points = principal_components(&points, &svd, work)?.scores;
        let found = Self::of_points(&points, Metric::Euclidean, options, work)?.distances;
        Ok(Self::from_distances(spread(described.rows(), &kept, found)))
    }

    /// Strange vectors, by the cosine where they have more than 3 numbers (as cleanlab), else by their distance.
    /// Missing vectors are left out.
    ///
    /// # Errors
    /// If a value is not a finite number, there are no neighbours to find, or the work was cancelled.
    pub fn of_vectors(vectors: &Vectors, options: &OutlierOptions, work: &Work) -> Result<Self> {
        let kept: Vec<usize> = (0..vectors.rows()).filter(|&row| vectors.row(row).is_some()).collect();
        let values = kept.iter().filter_map(|&row| vectors.row(row)).flatten().copied().collect();
        let points = Matrix::new(kept.len(), vectors.width(), values)?;
        let metric = if vectors.width() > 3 { Metric::Cosine } else { Metric::Euclidean };
        let found = Self::of_points(&points, metric, options, work)?.distances;
        Ok(Self::from_distances(spread(vectors.rows(), &kept, found)))
    }

    /// Strange rows of a matrix.
    ///
    /// # Errors
    /// If a value is not a finite number, 0 neighbours are asked for, or the work was cancelled.
    pub fn of_points(points: &Matrix<f32>, metric: Metric, options: &OutlierOptions, work: &Work) -> Result<Self> {
        if options.neighbours == 0 {
            return Err(Error::input("0 neighbours were asked for").help("ask for at least 1, usually 10"));
        }
        Ok(Self::of_neighbours(&Neighbours::build(points, options.neighbours, metric, work)?))
    }
}

/// Values of some rows among all rows.
fn spread(rows: usize, kept: &[usize], values: Vec<Option<f64>>) -> Vec<Option<f64>> {
    let mut all = vec![None; rows];
    for (&row, value) in kept.iter().zip(values) {
        if let Some(place) = all.get_mut(row) {
            *place = value;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::engine::Random;

    /// The folder of recorded results of cleanlab, if this machine has it.
    fn golden() -> Option<serde_json::Value> {
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let given = std::env::var_os("LAPIDARY_DATA").map(PathBuf::from);
        let places = given.into_iter().chain([here.join("../shared/data"), here.join("../../shared/data")]);
        let found = places.map(|place| place.join("golden/datalab_small.json")).find(|path| path.is_file());
        if found.is_none() {
            eprintln!("skipped: the development data are not on this machine");
        }
        Some(serde_json::from_str(&std::fs::read_to_string(found?).unwrap()).unwrap())
    }

    #[test]
    fn a_small_input_gives_what_cleanlab_gives() {
        let Some(golden) = golden() else { return };
        let list = |value: &serde_json::Value| value.as_array().unwrap().clone();
        let rows = list(&golden["features"]);
        let values: Vec<f32> = rows.iter().flat_map(&list).map(|value| value.as_f64().unwrap() as f32).collect();
        let points = Matrix::new(rows.len(), values.len() / rows.len(), values).unwrap();
        assert_eq!(golden["metric"], "cosine");
        let found = Outliers::of_points(&points, Metric::Cosine, &OutlierOptions::default(), &Work::new()).unwrap();
        let threshold = golden["outlier_issue_threshold"].as_f64().unwrap();
        // Features are kept in single precision.
        assert!((found.threshold.unwrap() - threshold).abs() < 1e-5, "{:?} {threshold}", found.threshold);
        let (scores, flags) = (list(&golden["issues"]["outlier_score"]), list(&golden["issues"]["is_outlier_issue"]));
        for (row, (score, flag)) in scores.iter().zip(&flags).enumerate() {
            assert!((found.scores[row].unwrap() - score.as_f64().unwrap()).abs() < 1e-5, "row {row}");
            assert_eq!(found.flagged[row], flag.as_bool().unwrap(), "row {row}");
        }
    }

    #[test]
    fn what_is_far_from_all_is_flagged_and_ranked_first() {
        let mut random = Random::new(1);
        let mut values: Vec<f32> = (0..200 * 2).map(|_| random.unit() as f32).collect();
        values.extend([30.0, 30.0, -20.0, 5.0]);
        let points = Matrix::new(202, 2, values).unwrap();
        let found = Outliers::of_points(&points, Metric::Euclidean, &OutlierOptions::default(), &Work::new()).unwrap();
        assert!(found.flagged[200] && found.flagged[201] && found.count() < 12, "{}", found.count());
        assert_eq!((found.ranks[200], found.ranks[201], found.left_out), (1, 2, 0));
        assert!(found.scores[200] < found.scores[0]);
    }

    #[test]
    fn a_text_in_another_language_is_strange_and_an_empty_one_is_left_out() {
        let mut texts: Vec<Option<String>> = (0..60)
            .map(|at| Some(format!("the package number {} will be delivered on day {}", at * 7, at % 9)))
            .collect();
        texts.push(Some("오늘 날씨가 참 좋네요".to_owned()));
        texts.extend([None, Some(" … ".to_owned())]);
        let found =
            Outliers::of_texts(&LargeStringArray::from(texts), &OutlierOptions::default(), &Work::new()).unwrap();
        assert_eq!((found.ranks[60], found.left_out), (1, 2));
        assert!(found.flagged[60] && found.distances[60] > Some(0.99));
        assert_eq!((found.scores[61], found.ranks[62], found.flagged[62]), (None, 0, false));
    }

    #[test]
    fn equal_rows_single_rows_and_no_rows_have_no_outlier() {
        let check = |rows: usize| {
            let points = Matrix::new(rows, 5, [0.5, 1.0, 2.0, 0.0, -1.0].repeat(rows)).unwrap();
            let found = Outliers::of_points(&points, Metric::Cosine, &OutlierOptions::default(), &Work::new()).unwrap();
            assert_eq!(found.count(), 0, "{rows}");
            assert!(found.scores.iter().flatten().all(|&score| score == 1.0), "{rows}");
        };
        check(0);
        check(1);
        check(2);
        check(50);
        let empty = LargeStringArray::from(vec![Some(""), None]);
        assert_eq!(Outliers::of_texts(&empty, &OutlierOptions::default(), &Work::new()).unwrap().left_out, 2);
        let none = OutlierOptions { neighbours: 0, ..OutlierOptions::default() };
        let points = Matrix::new(2, 1, vec![0.0, 1.0]).unwrap();
        assert!(Outliers::of_points(&points, Metric::Euclidean, &none, &Work::new()).is_err());
    }

    proptest::proptest! {
        /// Farther is never less strange, and ranks are a permutation.
        #[test]
        fn ranks_and_scores_follow_distances(
            distances in proptest::collection::vec(proptest::option::of(0.0f64..10.0), 0..60),
        ) {
            let found = Outliers::from_distances(distances.clone());
            let mut ranks: Vec<u32> = found.ranks.iter().copied().filter(|&rank| rank > 0).collect();
            ranks.sort_unstable();
            proptest::prop_assert!(ranks.iter().copied().eq(1..=ranks.len() as u32));
            proptest::prop_assert_eq!(ranks.len() + found.left_out, distances.len());
            for (a, b) in (0..distances.len()).zip(1..distances.len()) {
                if let (Some(x), Some(y)) = (distances[a], distances[b]) && x < y {
                    proptest::prop_assert!(found.scores[a] >= found.scores[b] && found.ranks[a] > found.ranks[b]);
                    proptest::prop_assert!(!found.flagged[a] || found.flagged[b]);
                }
            }
        }
    }
}
