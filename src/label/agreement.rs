//! Agreement among several annotators, with bootstrap intervals.
//!
//! With `n_ic` the number of annotators who gave item `i` the class `c`, `r_i` its sum over classes and `q` the number of
//! classes: percent agreement is the mean over items with `r_i >= 2` of `Σ_c n_ic (n_ic - 1) / (r_i (r_i - 1))`.
//! The kappas correct it for chance, `(p_a - p_e) / (1 - p_e)`, and differ in what they take for chance. Items may
//! have any number of annotations. Cohen's kappa is highly sensitive to prevalence and Gwet's AC1 is not, so both are
//! given. Sources: Cohen 1960; Fleiss 1971; Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011;
//! Gwet, "Handbook of Inter-Rater Reliability", 2014 (AC1, and the generalisation of Fleiss to missing annotations).

mod ordered;

use std::collections::HashMap;

use rayon::prelude::*;
use serde::Serialize;

pub use ordered::OrderedAgreement;

use crate::engine::{Error, Random, Result, Work, quantile_of_sorted};

/// One annotation: who gave which class to which item. All three are positions from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rating {
    /// The item.
    pub item: u32,
    /// The annotator.
    pub annotator: u32,
    /// The class.
    pub class: u16,
}

/// The annotations of a set of items, at most one for each item and annotator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ratings {
    items: usize,
    annotators: usize,
    classes: usize,
    /// Sorted by item, then annotator.
    ratings: Vec<Rating>,
    repeated: usize,
}

impl Ratings {
    /// Puts annotations together. Of several by one annotator for one item the last counts.
    ///
    /// # Errors
    /// If an item, annotator or class is outside its range.
    pub fn new(items: usize, annotators: usize, classes: usize, mut ratings: Vec<Rating>) -> Result<Self> {
        let inside = |rating: &Rating| {
            (rating.item as usize) < items
                && (rating.annotator as usize) < annotators
                && usize::from(rating.class) < classes
        };
        if let Some(bad) = ratings.iter().find(|rating| !inside(rating)) {
            return Err(Error::input("an annotation names an item, annotator or class that does not exist")
                .at(format!("{bad:?}")));
        }
        // Stable, so that of equal keys the last stays last.
        ratings.sort_by_key(|rating| (rating.item, rating.annotator));
        let before = ratings.len();
        ratings.dedup_by(|later, earlier| {
            let same = (later.item, later.annotator) == (earlier.item, earlier.annotator);
            if same {
                *earlier = *later;
            }
            same
        });
        let repeated = before - ratings.len();
        Ok(Self { items, annotators, classes, ratings, repeated })
    }

    /// The number of items.
    pub fn items(&self) -> usize {
        self.items
    }

    /// The number of annotators.
    pub fn annotators(&self) -> usize {
        self.annotators
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The annotations, sorted by item, then annotator.
    pub fn all(&self) -> &[Rating] {
        &self.ratings
    }

    /// How many annotations were replaced by a later one of the same annotator and item.
    pub fn repeated(&self) -> usize {
        self.repeated
    }

    /// The annotations of each item that has any.
    pub fn by_item(&self) -> impl Iterator<Item = &[Rating]> {
        self.ratings.chunk_by(|a, b| a.item == b.item)
    }
}

/// A measure with its 95 % bootstrap interval; `None` where it is undefined.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Interval {
    /// The measure on the data as they are.
    pub value: Option<f64>,
    /// The 2.5 % quantile over resampled items.
    pub low: Option<f64>,
    /// The 97.5 % quantile over resampled items.
    pub high: Option<f64>,
}

/// The measures of agreement. Percent lies in 0-1; the others are 1 for full agreement, 0 for what chance gives, and can
/// be negative.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Agreement {
    /// The share of pairs of annotations of an item that agree, averaged over items with two or more.
    pub percent: Interval,
    /// Cohen's kappa; only for exactly two annotators.
    pub cohen_kappa: Option<Interval>,
    /// Fleiss' kappa; chance is `Σ_c π_c²`, with `π_c` the mean over items of `n_ic / r_i`.
    pub fleiss_kappa: Interval,
    /// Krippendorff's alpha for nominal data.
    pub krippendorff_alpha: Interval,
    /// Gwet's AC1; chance is `Σ_c π_c (1 - π_c) / (q - 1)`.
    pub gwet_ac1: Interval,
    /// Items with two or more annotations: those that the percent is computed from.
    #[serde(skip)]
    pub paired_items: usize,
}

/// The measures of one set of items, in the order percent, Fleiss, Krippendorff, Gwet, Cohen.
type Measures = [Option<f64>; 5];

impl Agreement {
    /// Measures the agreement; intervals by resampling items `resamples` times (percentile method), 0 for none. The
    /// result depends on the seed, not on the number of threads.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn of(ratings: &Ratings, resamples: usize, seed: u64, work: &Work) -> Result<Self> {
        let profiles = Profiles::of(ratings);
        let value = profiles.measure(&profiles.counts);
        work.stage("resampling items", resamples as u64);
        let samples: Vec<Measures> = (0..resamples)
            .into_par_iter()
            .map(|index| {
                work.advance(1)?;
                Ok(profiles.measure(&profiles.resample(seed, index as u64)))
            })
            .collect::<Result<_>>()?;
        let interval =
            |which: usize| Interval::of(value[which], samples.iter().filter_map(|sample| sample[which]).collect());
        Ok(Self {
            percent: interval(0),
            fleiss_kappa: interval(1),
            krippendorff_alpha: interval(2),
            gwet_ac1: interval(3),
            cohen_kappa: profiles.two.then(|| interval(4)),
            paired_items: ratings.by_item().filter(|item| item.len() >= 2).count(),
        })
    }
}

impl Interval {
    /// A measure with the same measure of every resample of the items (percentile method).
    pub fn of(value: Option<f64>, mut samples: Vec<f64>) -> Self {
        if value.is_none() || samples.is_empty() {
            return Self { value, low: None, high: None };
        }
        samples.sort_by(f64::total_cmp);
        Self { value, low: quantile_of_sorted(&samples, 0.025), high: quantile_of_sorted(&samples, 0.975) }
    }
}

/// The random numbers of one resample: the same for a seed and its index, whatever thread draws it.
pub fn resampling(seed: u64, index: u64) -> Random {
    Random::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ index.wrapping_mul(0xD1B5_4A32_D192_ED03))
}

/// The annotations of an item: class and count, sorted by class.
type Tally = Vec<(u16, u32)>;

/// What an item's annotations are, apart from which item it is: two items of one profile count alike in every measure,
/// so a resample costs what the profiles cost, beside one random number an item.
struct Profiles {
    classes: usize,
    /// Exactly two annotators: profiles then also tell the classes of the first and the second, for Cohen.
    two: bool,
    tallies: Vec<Tally>,
    /// The classes of the two annotators, where both gave one.
    pairs: Vec<Option<(u16, u16)>>,
    /// The profile of each item that has annotations.
    of_item: Vec<u32>,
    /// How many items have each profile.
    counts: Vec<u32>,
}

impl Profiles {
    fn of(ratings: &Ratings) -> Self {
        let two = ratings.annotators == 2;
        let mut made = Self {
            classes: ratings.classes,
            two,
            tallies: Vec::new(),
            pairs: Vec::new(),
            of_item: Vec::new(),
            counts: Vec::new(),
        };
        let mut known: HashMap<(Tally, Option<(u16, u16)>), u32> = HashMap::new();
        for item in ratings.by_item() {
            let mut classes: Vec<u16> = item.iter().map(|rating| rating.class).collect();
            let pair = match (two, classes.as_slice()) {
                (true, &[first, second]) => Some((first, second)),
                _ => None,
            };
            classes.sort_unstable();
            let tally: Tally =
                classes.chunk_by(|a, b| a == b).filter_map(|run| Some((*run.first()?, run.len() as u32))).collect();
            let next = made.counts.len() as u32;
            let profile = *known.entry((tally, pair)).or_insert_with_key(|(tally, pair)| {
                made.tallies.push(tally.clone());
                made.pairs.push(*pair);
                made.counts.push(0);
                next
            });
            made.of_item.push(profile);
            if let Some(count) = made.counts.get_mut(profile as usize) {
                *count += 1;
            }
        }
        made
    }

    /// How often each profile occurs when as many items as there are are drawn with replacement.
    fn resample(&self, seed: u64, index: u64) -> Vec<u32> {
        let mut random = resampling(seed, index);
        let mut counts = vec![0; self.counts.len()];
        for _ in 0..self.of_item.len() {
            let item = random.below(self.of_item.len());
            if let Some(count) = self.of_item.get(item).and_then(|&profile| counts.get_mut(profile as usize)) {
                *count += 1;
            }
        }
        counts
    }

    fn measure(&self, counts: &[u32]) -> Measures {
        let mut sums = Sums::new(self.classes);
        for (tally, &count) in self.tallies.iter().zip(counts) {
            if count > 0 {
                sums.add(tally, f64::from(count));
            }
        }
        let cohen = if self.two { self.cohen(counts) } else { None };
        let [percent, fleiss, krippendorff, gwet] = sums.measures();
        [percent, fleiss, krippendorff, gwet, cohen]
    }

    /// `(p_o - p_e) / (1 - p_e)` over the items that both annotators have, `p_e = Σ_c p_1c p_2c`.
    fn cohen(&self, counts: &[u32]) -> Option<f64> {
        let (mut first, mut second) = (vec![0.0; self.classes], vec![0.0; self.classes]);
        let (mut total, mut equal) = (0.0, 0.0);
        for (pair, &count) in self.pairs.iter().zip(counts) {
            let Some((one, two)) = *pair else { continue };
            let count = f64::from(count);
            total += count;
            if one == two {
                equal += count;
            }
            if let (Some(one), Some(two)) = (first.get_mut(usize::from(one)), second.get_mut(usize::from(two))) {
                *one += count;
                *two += count;
            }
        }
        let chance = first.iter().zip(&second).map(|(a, b)| a * b).sum::<f64>() / (total * total);
        corrected(equal / total, chance)
    }
}

/// What the measures need of a set of items.
struct Sums {
    /// Items with two or more annotations, and the sum of their share of agreeing pairs.
    paired: f64,
    agreeing: f64,
    /// Items with any annotation, and for each class the sum of its share in them.
    rated: f64,
    shares: Vec<f64>,
    /// Krippendorff: annotations of items with two or more, the same by class, and the diagonal of the coincidences.
    pairable: f64,
    by_class: Vec<f64>,
    coincident: f64,
}

impl Sums {
    fn new(classes: usize) -> Self {
        let zeros = vec![0.0; classes];
        Self {
            paired: 0.0,
            agreeing: 0.0,
            rated: 0.0,
            shares: zeros.clone(),
            pairable: 0.0,
            by_class: zeros,
            coincident: 0.0,
        }
    }

    fn add(&mut self, tally: &[(u16, u32)], weight: f64) {
        let total: f64 = tally.iter().map(|&(_, count)| f64::from(count)).sum();
        let agreeing: f64 = tally.iter().map(|&(_, count)| f64::from(count) * (f64::from(count) - 1.0)).sum();
        self.rated += weight;
        for &(class, count) in tally {
            if let Some(share) = self.shares.get_mut(usize::from(class)) {
                *share += weight * f64::from(count) / total;
            }
        }
        if total < 2.0 {
            return;
        }
        self.paired += weight;
        self.agreeing += weight * agreeing / (total * (total - 1.0));
        self.pairable += weight * total;
        self.coincident += weight * agreeing / (total - 1.0);
        for &(class, count) in tally {
            if let Some(sum) = self.by_class.get_mut(usize::from(class)) {
                *sum += weight * f64::from(count);
            }
        }
    }

    /// Percent, Fleiss, Krippendorff, Gwet.
    fn measures(&self) -> [Option<f64>; 4] {
        let percent = (self.paired > 0.0).then(|| self.agreeing / self.paired);
        let shares = || self.shares.iter().map(|share| share / self.rated);
        let fleiss = percent.and_then(|percent| corrected(percent, shares().map(|share| share * share).sum()));
        let others = self.shares.len() as f64 - 1.0;
        let gwet = percent
            .and_then(|percent| corrected(percent, shares().map(|share| share * (1.0 - share)).sum::<f64>() / others));
        let n = self.pairable;
        let observed = (n - self.coincident) / n;
        let expected = (n * n - self.by_class.iter().map(|sum| sum * sum).sum::<f64>()) / (n * (n - 1.0));
        let krippendorff = Some(1.0 - observed / expected).filter(|alpha| alpha.is_finite());
        [percent, fleiss, krippendorff, gwet]
    }
}

/// Agreement corrected for chance; `None` where chance alone agrees fully, and nothing can be told.
fn corrected(observed: f64, chance: f64) -> Option<f64> {
    Some((observed - chance) / (1.0 - chance)).filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Ratings from a table of items x annotators; 0 is "not asked", classes count from 1.
    pub(super) fn table(classes: usize, rows: &[&[u16]]) -> Ratings {
        let annotators = rows.iter().map(|row| row.len()).max().unwrap_or(0);
        let mut ratings = Vec::new();
        for (item, row) in rows.iter().enumerate() {
            for (annotator, &class) in row.iter().enumerate().filter(|(_, class)| **class > 0) {
                ratings.push(Rating { item: item as u32, annotator: annotator as u32, class: class - 1 });
            }
        }
        Ratings::new(rows.len(), annotators, classes, ratings).unwrap()
    }

    pub(super) fn raw() -> Ratings {
        table(
            5,
            &[
                &[1, 1, 0, 1],
                &[2, 2, 3, 2],
                &[3, 3, 3, 3],
                &[3, 3, 3, 3],
                &[2, 2, 2, 2],
                &[1, 2, 3, 4],
                &[4, 4, 4, 4],
                &[1, 1, 2, 1],
                &[2, 2, 2, 2],
                &[0, 5, 5, 5],
                &[0, 0, 1, 1],
                &[0, 0, 3, 0],
            ],
        )
    }

    fn skewed() -> Ratings {
        let pairs: [(&[u16], usize); 4] = [(&[2, 2], 80), (&[1, 2], 10), (&[2, 1], 5), (&[1, 1], 5)];
        let rows: Vec<&[u16]> = pairs.iter().flat_map(|&(row, times)| std::iter::repeat_n(row, times)).collect();
        table(2, &rows)
    }

    fn fleiss_1971() -> Ratings {
        let counts = [
            [0, 0, 0, 0, 14],
            [0, 2, 6, 4, 2],
            [0, 0, 3, 5, 6],
            [0, 3, 9, 2, 0],
            [2, 2, 8, 1, 1],
            [7, 7, 0, 0, 0],
            [3, 2, 6, 3, 0],
            [2, 5, 3, 2, 2],
            [6, 5, 2, 1, 0],
            [0, 2, 2, 3, 7],
        ];
        let row = |counts: &[usize; 5]| -> Vec<u16> {
            counts.iter().enumerate().flat_map(|(class, &n)| std::iter::repeat_n(class as u16 + 1, n)).collect()
        };
        let rows: Vec<Vec<u16>> = counts.iter().map(row).collect();
        table(5, &rows.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    pub(super) fn check(found: Interval, expected: f64) {
        let value = found.value.unwrap();
        assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
    }

    #[test]
    fn measures_equal_those_of_other_programs() {
        // Computed with krippendorff 0.9.0 and scikit-learn 1.9.1, and from the definitions with NumPy.
        let of = |ratings| Agreement::of(&ratings, 0, 0, &Work::new()).unwrap();
        let found = of(raw());
        check(found.percent, 0.818_181_818_181_818_2);
        check(found.fleiss_kappa, 0.761_169_275_422_411_2);
        check(found.krippendorff_alpha, 0.743_421_052_631_578_9);
        check(found.gwet_ac1, 0.775_444_068_126_995);
        assert_eq!((found.cohen_kappa, found.paired_items), (None, 11));
        let found = of(skewed());
        check(found.percent, 0.85);
        check(found.cohen_kappa.unwrap(), 0.318_181_818_181_818_2);
        check(found.gwet_ac1, 0.808);
        check(found.krippendorff_alpha, 0.317_714_285_714_285_7);
        check(of(fleiss_1971()).fleiss_kappa, 0.209_930_704_421_955_2);
    }

    /// The numbers of other programs; `None`, saying so, where the shared data is not here.
    pub(super) fn golden() -> Option<serde_json::Value> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let named = std::env::var("LAPIDARY_DATA").map(Into::into).ok();
        let places = [named, Some(manifest.join("../shared/data")), Some(manifest.join("../../shared/data"))];
        let path =
            places.into_iter().flatten().map(|root| root.join("formats/agreement_golden.json")).find(|p| p.exists());
        let Some(path) = path else {
            eprintln!("skipped: the shared data is not here");
            return None;
        };
        Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
    }

    #[test]
    fn the_golden_file_agrees() {
        let Some(golden) = golden() else { return };
        let number = |set: &str, name: &str| golden[set][name].as_f64().unwrap();
        let of = |ratings| Agreement::of(&ratings, 0, 0, &Work::new()).unwrap();
        let found = of(raw());
        check(found.percent, number("raw4raters", "percent_agreement"));
        check(found.fleiss_kappa, number("raw4raters", "fleiss_generalised"));
        check(found.krippendorff_alpha, number("raw4raters", "kripp_pkg"));
        check(found.gwet_ac1, number("raw4raters", "gwet_ac1"));
        let found = of(skewed());
        check(found.percent, number("paradox_100", "po"));
        check(found.cohen_kappa.unwrap(), number("paradox_100", "cohen"));
        check(found.gwet_ac1, number("paradox_100", "ac1"));
        check(found.krippendorff_alpha, number("paradox_100", "alpha"));
        check(of(fleiss_1971()).fleiss_kappa, golden["fleiss_10x14"].as_f64().unwrap());
    }

    #[test]
    fn what_cannot_be_told_is_none() {
        let of = |ratings| Agreement::of(&ratings, 50, 0, &Work::new()).unwrap();
        let none = Interval::default();
        let found = of(table(2, &[&[1, 1], &[1, 1]]));
        assert_eq!(found.percent.value, Some(1.0));
        assert_eq!((found.fleiss_kappa, found.krippendorff_alpha), (none, none), "chance alone agrees fully");
        assert_eq!(found.cohen_kappa, Some(none));
        let single = of(table(2, &[&[1, 0], &[0, 2]]));
        assert_eq!((single.percent, single.gwet_ac1, single.cohen_kappa), (none, none, Some(none)));
        assert_eq!(of(Ratings::new(0, 0, 0, vec![]).unwrap()).percent, none);
        assert_eq!(of(table(1, &[&[1, 1]])).gwet_ac1, none, "one class only");
    }

    #[test]
    fn intervals_hold_the_value_repeat_with_the_seed_and_ignore_threads() {
        let with = |threads, seed| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| Agreement::of(&skewed(), 400, seed, &Work::new()).unwrap())
        };
        let found = with(1, 3);
        assert_eq!(found, with(2, 3));
        assert_ne!(found, with(1, 4));
        for interval in [found.percent, found.cohen_kappa.unwrap(), found.krippendorff_alpha, found.gwet_ac1] {
            let (low, value, high) = (interval.low.unwrap(), interval.value.unwrap(), interval.high.unwrap());
            assert!(low < value && value < high, "{interval:?}");
        }
        // The binomial standard error of 0.85 over 100 items is 0.0357.
        let width = found.percent.high.unwrap() - found.percent.low.unwrap();
        assert!((0.10..0.18).contains(&width), "{width}");
    }

    #[test]
    fn the_last_of_repeated_annotations_counts() {
        let rating = |class| Rating { item: 0, annotator: 0, class };
        let ratings = Ratings::new(1, 1, 2, vec![rating(0), rating(1), rating(1)]).unwrap();
        assert_eq!((ratings.all(), ratings.repeated()), (&[rating(1)][..], 2));
        assert!(Ratings::new(1, 1, 1, vec![rating(1)]).is_err());
    }
}
