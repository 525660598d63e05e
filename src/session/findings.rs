//! The findings of a session: likely label errors, duplicates, and what is odd about the items. Each part is kept by itself,
//! so that another cut or another rule for the kept copy learns nothing anew.

use std::sync::Arc;

use super::derived::{Basis, Looks, LooksOf};
use super::quality::QualityOf;
use crate::clean::duplicates::{self, Duplicates, Keep};
use crate::clean::label_errors::{self, LabelErrors};
use crate::clean::{Finding, Leaks, Quality, each_finding};
use crate::data::{Column, Frame};
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work};
use crate::learn::cross_validation::out_of_sample;
use crate::learn::{Matrix, logistic};

/// Likely label errors and duplicates, and what is odd about the items.
#[derive(Clone)]
pub struct FindingsOf {
    /// What is open.
    pub basis: Basis,
    /// Whether outliers and bad images and texts are looked for, too.
    pub quality: bool,
}

/// What [`FindingsOf`] gives.
pub struct Findings {
    /// Label errors among people's and given labels, up to the cut where one was set; `None` if there are too few labels to
    /// learn from, with the reason.
    pub label_errors: Result<Arc<LabelErrors>, String>,
    /// How many rows the rule flags by itself, without a cut.
    pub by_rule: usize,
    /// Accuracy of the model behind them, cross-validated against the labels as they stand.
    pub cv_accuracy: Option<f64>,
    /// Out-of-sample probabilities behind them.
    pub probabilities: Option<Arc<Matrix<f32>>>,
    /// Groups of equal or nearly equal items.
    pub duplicates: Arc<Duplicates>,
    /// Outliers, bad images and texts; nothing where they were not looked for.
    pub quality: Arc<Quality>,
    /// The labels that were examined; those of excluded rows are not.
    pub standing: Vec<Option<u16>>,
    /// The classes that all of these speak of.
    pub classes: Arc<Vec<String>>,
}

impl Derived for FindingsOf {
    type Output = Findings;

    fn bytes(findings: &Findings) -> usize {
        findings.standing.len() * 40
    }

    fn fingerprint(&self) -> Fingerprint {
        let (basis, settings) = (&self.basis, &self.basis.settings);
        let print = basis.print_data("findings").print(basis.annotations_print);
        let print = print.number(settings.folds as u64).number(settings.seed).number(u64::from(self.quality));
        let print = print.text(settings.keep.as_deref().unwrap_or_default());
        print.number(settings.error_cut.map_or(u64::MAX, f64::to_bits)).finish()
    }

    fn compute(&self, work: &Work) -> Result<Findings> {
        let basis = &self.basis;
        let standing = basis.standing();
        let duplicates = basis.cache.get(&DuplicatesOf(basis.clone()), work)?;
        let examined = match basis.cache.get(&ExaminedOf(basis.clone()), work) {
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => Err(error.what().to_owned()),
            Ok(examined) => Ok(examined),
        };
        let by_rule = examined.as_ref().map_or(0, |examined| examined.errors.count());
        let label_errors = examined.as_ref().map_err(Clone::clone).map(|examined| match basis.settings.error_cut {
            None => examined.errors.clone(),
            Some(cut) => {
                let mut errors = LabelErrors::clone(&examined.errors);
                errors.flag_up_to(cut, &examined.labels, &examined.probabilities);
                Arc::new(errors)
            }
        });
        let quality = if self.quality { basis.cache.get(&QualityOf(basis.clone()), work)? } else { Arc::default() };
        Ok(Findings {
            label_errors,
            by_rule,
            cv_accuracy: examined.as_ref().ok().and_then(|examined| examined.accuracy),
            probabilities: examined.ok().map(|examined| examined.probabilities.clone()),
            duplicates,
            quality,
            standing,
            classes: basis.classes.clone(),
        })
    }
}

impl Findings {
    /// All findings, in no order that means anything.
    pub fn each(&self) -> impl Iterator<Item = Finding> + '_ {
        each_finding(self.label_errors.as_deref().ok(), Some(&*self.duplicates), Some(&*self.quality))
    }
}

/// Labels against out-of-sample probabilities, before a cut is set.
pub(super) struct ExaminedOf(pub(super) Basis);

/// What [`ExaminedOf`] gives.
pub(super) struct Examined {
    pub(super) errors: Arc<LabelErrors>,
    pub(super) probabilities: Arc<Matrix<f32>>,
    accuracy: Option<f64>,
    /// The labels, none where a row is excluded.
    pub(super) labels: Vec<Option<u16>>,
}

impl Derived for ExaminedOf {
    type Output = Examined;

    fn bytes(examined: &Examined) -> usize {
        size_of_val(examined.probabilities.values()) + examined.labels.len() * 32
    }

    fn fingerprint(&self) -> Fingerprint {
        let basis = &self.0;
        let print = basis.print_data("examined labels").print(basis.annotations_print);
        print.number(basis.settings.folds as u64).number(basis.settings.seed).finish()
    }

    fn compute(&self, work: &Work) -> Result<Examined> {
        let basis = &self.0;
        let labels = basis.learnt_from();
        let looks = basis.cache.get(&LooksOf(basis.clone()), work)?;
        let (classes, folds, seed) = (basis.classes.len(), basis.settings.folds, basis.settings.seed);
        let options = logistic::Options::default();
        let cv = match &*looks {
            Looks::Sparse(csr) => out_of_sample(csr, &labels, classes, folds, &options, seed, work)?,
            Looks::Dense(matrix) => out_of_sample(matrix, &labels, classes, folds, &options, seed, work)?,
        };
        let errors = LabelErrors::find(&cv.probabilities, &labels, &label_errors::Options::default(), work)?;
        Ok(Examined { errors: errors.into(), probabilities: cv.probabilities.into(), accuracy: cv.accuracy, labels })
    }
}

impl Basis {
    /// The labels as they stand, without those of excluded rows.
    pub(super) fn learnt_from(&self) -> Vec<Option<u16>> {
        let standing = self.standing().into_iter().zip(self.excluded.iter());
        standing.map(|(label, &out)| label.filter(|_| !out)).collect()
    }
}

/// Duplicates of the content column: of texts by their words, of images by their pixels.
pub(super) struct DuplicatesOf(pub(super) Basis);

impl Derived for DuplicatesOf {
    type Output = Duplicates;

    fn bytes(found: &Duplicates) -> usize {
        found.pairs.len() * 12 + found.groups.iter().map(|group| 24 + group.members.len() * 12).sum::<usize>()
    }

    fn fingerprint(&self) -> Fingerprint {
        let basis = &self.0;
        let print = basis.print_data("duplicates").print(basis.annotations_print);
        print.text(basis.settings.keep.as_deref().unwrap_or_default()).finish()
    }

    fn compute(&self, work: &Work) -> Result<Duplicates> {
        let basis = &self.0;
        let (dataset, standing) = (&basis.dataset, basis.standing());
        let splits = splits_of(&dataset.frame);
        let keep = match &basis.settings.keep {
            Some(name) => Keep::of(name).ok_or_else(|| {
                Error::input("there is no such rule for the copy that is kept")
                    .at(name)
                    .help(format!("in lapidary.toml, keep is one of: {}", Keep::NAMES.join(", ")))
            })?,
            None => Keep::default(),
        };
        let splits = splits.as_ref().map(|splits| splits.parts.as_slice());
        let context = duplicates::Context { labels: Some(&standing), splits, keep };
        if let Some(image) = &basis.image {
            let column = dataset.frame.column(image)?;
            let options = duplicates::ImageOptions::default();
            return duplicates::of_image_column(&dataset.root, column, context, &options, work);
        }
        let column = basis.text.as_deref().map(|name| dataset.frame.column(name)).transpose()?;
        match column.and_then(|column| column.strings()) {
            Some(texts) => duplicates::of_texts(texts, context, &duplicates::TextOptions::default(), work),
            None => Ok(Duplicates::default()),
        }
    }
}

/// What leaked from the part of the data that is taught into the others, with accuracy with those rows and without.
pub struct LeaksOf(pub Basis);

/// What [`LeaksOf`] gives.
pub struct LeaksFound {
    /// The leaks; `None` where nothing leaked, or no column says which part a row belongs to.
    pub leaks: Option<Leaks>,
    /// The names of the parts.
    pub names: Vec<String>,
}

impl Derived for LeaksOf {
    type Output = LeaksFound;

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("leaks")
            .print(DuplicatesOf(self.0.clone()).fingerprint())
            .number(self.0.settings.seed)
            .finish()
    }

    fn compute(&self, work: &Work) -> Result<LeaksFound> {
        let basis = &self.0;
        let Some(Splits { parts, names }) = splits_of(&basis.dataset.frame) else {
            return Ok(LeaksFound { leaks: None, names: Vec::new() });
        };
        let duplicates = basis.cache.get(&DuplicatesOf(basis.clone()), work)?;
        let mut leaks = Leaks::of(&duplicates, &parts, &names);
        let labels = basis.learnt_from();
        if let Some(leaks) = leaks.as_mut().filter(|_| labels.iter().any(Option::is_some)) {
            let looks = basis.cache.get(&LooksOf(basis.clone()), work)?;
            let (classes, seed) = (basis.classes.len(), basis.settings.seed);
            match &*looks {
                Looks::Sparse(csr) => leaks.judge(csr, &labels, &parts, classes, seed, work)?,
                Looks::Dense(matrix) => leaks.judge(matrix, &labels, &parts, classes, seed, work)?,
            }
        }
        Ok(LeaksFound { leaks, names })
    }
}

/// The part of the data that each row belongs to.
#[derive(Debug, PartialEq)]
struct Splits {
    /// By row, the position in `names`.
    parts: Vec<Option<u16>>,
    names: Vec<String>,
}

/// The part of the data that each row belongs to, where a column of a usual name says so.
fn splits_of(frame: &Frame) -> Option<Splits> {
    const NAMES: [&str; 5] = ["split", "subset", "partition", "data_split", "dataset_split"];
    const MOST: usize = 12;
    let is_named = |column: &&Arc<Column>| NAMES.contains(&column.name().to_ascii_lowercase().as_str());
    let column = frame.columns().iter().find(is_named)?;
    let mut names: Vec<String> = Vec::new();
    let mut parts = Vec::with_capacity(column.len());
    for row in 0..column.len() {
        let name = column.show(row).filter(|name| !name.is_empty());
        parts.push(match name {
            Some(name) => Some(match names.iter().position(|known| *known == name) {
                Some(at) => at as u16,
                None if names.len() < MOST => {
                    names.push(name.into_owned());
                    names.len() as u16 - 1
                }
                None => return None,
            }),
            None => None,
        });
    }
    (names.len() > 1).then_some(Splits { parts, names })
}

#[cfg(test)]
mod tests {
    use arrow_array::LargeStringArray;

    use super::*;
    use crate::data::Kind;

    #[test]
    fn parts_are_known_by_the_name_of_their_column() {
        let parts = |name: &str, values: Vec<Option<&str>>| {
            let column = Column::text(name, Kind::Category, LargeStringArray::from(values));
            splits_of(&Frame::new(vec![Arc::new(column)])).map(|splits| splits.parts)
        };
        let some = vec![Some("train"), None, Some("test"), Some("train")];
        assert_eq!(parts("Split", some.clone()), Some(vec![Some(0), None, Some(1), Some(0)]));
        assert_eq!(parts("text", some), None);
        assert_eq!(parts("split", vec![Some("train"), Some("train")]), None, "one part is none");
        let many: Vec<String> = (0..40).map(|at| at.to_string()).collect();
        assert_eq!(parts("split", many.iter().map(|name| Some(name.as_str())).collect()), None);
    }
}
