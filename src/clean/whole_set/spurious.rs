//! Labels that a simple property gives away: all cats are dark, all complaints are long. A model will learn that instead.

use arrow_array::{Array as _, LargeStringArray};
use rayon::prelude::*;

use crate::engine::{Random, Result, Work};

/// Folds of cross-validation.
const FOLDS: usize = 5;

/// Below this score the property gives the label away, as in cleanlab.
pub const GIVEN_AWAY: f64 = 0.3;

/// A number that every row has, such as the length of its text or the brightness of its image.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// The name.
    pub name: String,
    /// The values; `None` or what is not finite counts as missing.
    pub values: Vec<Option<f64>>,
}

/// How well one property tells the label.
#[derive(Debug, Clone, PartialEq)]
pub struct Spurious {
    /// The property.
    pub name: String,
    /// The share of rows whose label is told rightly from the property alone, out of sample, 0-1.
    pub accuracy: f64,
    /// The share of the most frequent class, which is told without any property.
    pub baseline: f64,
    /// `(1 - accuracy) / (1 - baseline)`, at most 1: the share of errors that is left. Low is bad.
    pub score: f64,
    /// Rows with a label and a value.
    pub rows: usize,
}

/// Tries to tell the label from each property alone, by a Gaussian for each class in five folds; the most telling first.
/// Properties that fewer than ten labelled rows have, or rows of a single class, are left out.
///
/// cleanlab takes the number of the most frequent class for its share, which makes its score meaningless where that is
/// not near 0; here the share is taken.
///
/// # Errors
/// If the work was cancelled.
pub fn spurious_correlations(
    properties: &[Property],
    labels: &[Option<u16>],
    seed: u64,
    work: &Work,
) -> Result<Vec<Spurious>> {
    work.stage("looking for telling properties", properties.len() as u64);
    let found: Vec<Option<Spurious>> = properties
        .par_iter()
        .map(|property| {
            let found = tell(property, labels, seed, work)?;
            work.advance(1)?;
            Ok(found)
        })
        .collect::<Result<_>>()?;
    let mut found: Vec<Spurious> = found.into_iter().flatten().collect();
    found.sort_by(|a, b| a.score.total_cmp(&b.score).then_with(|| a.name.cmp(&b.name)));
    Ok(found)
}

fn tell(property: &Property, labels: &[Option<u16>], seed: u64, work: &Work) -> Result<Option<Spurious>> {
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    let usable = property.values.iter().zip(labels).filter_map(|(&value, &label)| Some((finite(value)?, label?)));
    let mut rows: Vec<(f64, u16)> = usable.collect();
    let classes = rows.iter().map(|(_, label)| usize::from(*label) + 1).max().unwrap_or(0);
    let mut counts = vec![0usize; classes];
    rows.iter().for_each(|(_, label)| counts[usize::from(*label)] += 1);
    let most = counts.iter().copied().max().unwrap_or(0);
    if rows.len() < 2 * FOLDS || most == rows.len() {
        return Ok(None);
    }
    // Shuffled, then by class: every fifth row is then a fold in which classes have their shares.
    Random::new(seed).shuffle(&mut rows);
    rows.sort_by_key(|(_, label)| *label);
    let mut right = 0usize;
    for fold in 0..FOLDS {
        work.check()?;
        let is_test = |at: usize| at % FOLDS == fold;
        let train = rows.iter().enumerate().filter(|(at, _)| !is_test(*at)).map(|(_, row)| *row);
        let model = Gaussians::fit(train, classes);
        let tested = rows.iter().enumerate().filter(|(at, _)| is_test(*at));
        right += tested.filter(|(_, (value, label))| model.predict(*value) == Some(*label)).count();
    }
    let accuracy = right as f64 / rows.len() as f64;
    let baseline = most as f64 / rows.len() as f64;
    let score = ((1.0 - accuracy) / (1.0 - baseline)).min(1.0);
    Ok(Some(Spurious { name: property.name.clone(), accuracy, baseline, score, rows: rows.len() }))
}

/// A Gaussian naive Bayes classifier of one number.
struct Gaussians(Vec<Option<Gaussian>>);

struct Gaussian {
    log_prior: f64,
    mean: f64,
    variance: f64,
}

impl Gaussians {
    fn fit(rows: impl Iterator<Item = (f64, u16)> + Clone, classes: usize) -> Self {
        let mut sums = vec![(0.0f64, 0.0f64); classes];
        let add = |sums: &mut Vec<(f64, f64)>, label: u16, value: f64| {
            if let Some((count, sum)) = sums.get_mut(usize::from(label)) {
                (*count, *sum) = (*count + 1.0, *sum + value);
            }
        };
        rows.clone().for_each(|(value, label)| add(&mut sums, label, value));
        let means: Vec<f64> = sums.iter().map(|(count, sum)| sum / count.max(1.0)).collect();
        let mean = |label: u16| means.get(usize::from(label)).copied().unwrap_or(0.0);
        let mut squares = vec![(0.0f64, 0.0f64); classes];
        rows.clone().for_each(|(value, label)| add(&mut squares, label, (value - mean(label)).powi(2)));
        let all: f64 = sums.iter().map(|(count, _)| count).sum();
        let middle = sums.iter().map(|(_, sum)| sum).sum::<f64>() / all.max(1.0);
        let spread = rows.map(|(value, _)| (value - middle).powi(2)).sum::<f64>() / all.max(1.0);
        // As in scikit-learn, so that a class of one value has a width.
        let least = (1e-9 * spread).max(f64::MIN_POSITIVE);
        let one = |class: usize| {
            let (count, square) = (sums[class].0, squares[class].1);
            let (log_prior, mean, variance) = ((count / all).ln(), means[class], square / count + least);
            (count > 0.0).then_some(Gaussian { log_prior, mean, variance })
        };
        Self((0..classes).map(one).collect())
    }

    /// The most probable class, the first of equals.
    fn predict(&self, value: f64) -> Option<u16> {
        let mut best: Option<(f64, u16)> = None;
        for (gaussian, class) in self.0.iter().zip(0u16..) {
            let Some(Gaussian { log_prior, mean, variance }) = gaussian else { continue };
            let log = log_prior - 0.5 * variance.ln() - (value - mean).powi(2) / (2.0 * variance);
            if best.is_none_or(|(most, _)| log > most) {
                best = Some((log, class));
            }
        }
        best.map(|(_, class)| class)
    }
}

/// Simple properties of texts: `characters`, `words`, `word_length`, and the shares of `capitals`, `digits` and
/// `punctuation` among the characters.
///
/// # Errors
/// If the work was cancelled.
pub fn text_properties(texts: &LargeStringArray, work: &Work) -> Result<Vec<Property>> {
    const NAMES: [&str; 6] = ["characters", "words", "word_length", "capitals", "digits", "punctuation"];
    work.stage("measuring texts", texts.len() as u64);
    let one = |row: usize| {
        if row.is_multiple_of(1024) {
            work.advance(1024)?;
        }
        Ok(texts.is_valid(row).then(|| measures(texts.value(row))))
    };
    let rows: Vec<Option<[f64; 6]>> = (0..texts.len()).into_par_iter().map(one).collect::<Result<_>>()?;
    let of = |(at, name): (usize, &str)| Property {
        name: name.to_owned(),
        values: rows.iter().map(|row| row.as_ref().and_then(|row| row.get(at)).copied()).collect(),
    };
    Ok(NAMES.into_iter().enumerate().map(of).collect())
}

fn measures(text: &str) -> [f64; 6] {
    let characters = text.chars().count() as f64;
    let words = text.split_whitespace().count() as f64;
    let of = |test: fn(char) -> bool| text.chars().filter(|&c| test(c)).count() as f64;
    let visible = of(|c| !c.is_whitespace());
    let share = |count: f64| if visible > 0.0 { count / visible } else { 0.0 };
    let capitals = share(of(char::is_uppercase));
    let digits = share(of(char::is_numeric));
    let punctuation = share(of(|c| !c.is_alphanumeric() && !c.is_whitespace()));
    [characters, words, visible / words.max(1.0), capitals, digits, punctuation]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn property(name: &str, values: impl Iterator<Item = f64>) -> Property {
        Property { name: name.to_owned(), values: values.map(Some).collect() }
    }

    #[test]
    fn a_telling_property_comes_first_and_noise_is_harmless() {
        let mut random = Random::new(3);
        let labels: Vec<Option<u16>> = (0..600).map(|row| Some((row % 3) as u16)).collect();
        let telling = property("brightness", (0..600).map(|row| (row % 3) as f64 + 0.3 * random.unit()));
        let mut random = Random::new(4);
        let noise = property("noise", (0..600).map(|_| random.unit()));
        let found = spurious_correlations(&[noise, telling], &labels, 0, &Work::new()).unwrap();
        assert_eq!(found[0].name, "brightness");
        assert!(found[0].score < 0.01 && found[0].accuracy > 0.99 && found[0].rows == 600);
        assert!((found[0].baseline - 1.0 / 3.0).abs() < 1e-9, "the share, not the number, of the class");
        assert!(found[1].score > 0.8);
    }

    #[test]
    fn what_cannot_be_judged_is_left_out() {
        let check = |values: Vec<Option<f64>>, labels: &[Option<u16>], expected: usize| {
            let property = Property { name: "x".to_owned(), values };
            assert_eq!(spurious_correlations(&[property], labels, 0, &Work::new()).unwrap().len(), expected);
        };
        check(vec![Some(1.0); 40], &[Some(0); 40], 0);
        check(vec![], &[], 0);
        check(vec![Some(f64::NAN); 40], &[Some(0); 40], 0);
        let labels: Vec<Option<u16>> = (0..40).map(|row| Some(row % 2)).collect();
        check(vec![Some(1.0); 40], &labels, 1);
        check(vec![None; 40], &labels, 0);
    }

    #[test]
    fn texts_have_their_measures() {
        let texts = LargeStringArray::from(vec![Some("Hi THERE 42!"), None, Some("")]);
        let found = text_properties(&texts, &Work::new()).unwrap();
        let values: Vec<Option<f64>> = found.iter().map(|property| property.values[0]).collect();
        assert_eq!(values, [12.0, 3.0, 10.0 / 3.0, 0.6, 0.2, 0.1].map(Some));
        assert!(found.iter().all(|property| property.values[1].is_none() && property.values[2] == Some(0.0)));
    }
}
