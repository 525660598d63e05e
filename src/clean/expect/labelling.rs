//! Expectations about labelling itself: what people, functions and gold labels must be like. They are checked in a
//! project, which knows these; a plain file has none of it.

use std::collections::HashMap;

use arrow_buffer::BooleanBuffer;
use serde_json::{Value, json};

use super::SAMPLE;
use super::rows::Tally;
use super::scalar::Bounds;
use crate::data::filter::nearest;
use crate::engine::{Error, Result};
use crate::label::Effort;
use crate::label::agreement::{Agreement, Interval};
use crate::weak::analysis::FunctionAnalysis;

/// What is known of the labelling of a table.
#[derive(Debug, Clone, Default)]
pub struct Labelling {
    /// The names of the classes.
    pub classes: Vec<String>,
    /// The label of each row as it would be delivered, from whomever it comes.
    pub labels: Vec<Option<u16>>,
    /// Known right labels, by row; empty without any.
    pub gold: Vec<Option<u16>>,
    /// What each annotator said: name, then rows with classes.
    pub said: Vec<(String, Vec<(u32, u16)>)>,
    /// How far annotators agree; `None` if no two of them labelled the same item.
    pub agreement: Option<Agreement>,
    /// What labelling took.
    pub effort: Effort,
    /// The labelling functions.
    pub functions: Vec<FunctionAnalysis>,
    /// The shares of rows with a vote of any function, and with votes for different classes.
    pub covered: (f64, f64),
    /// Rows of equal content, for each content that stands in several.
    pub copies: Vec<Vec<u32>>,
}

/// What is checked of labelling.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum LabellingCheck {
    /// The share of labelled rows that have this class.
    ClassShare(String, Bounds),
    /// The share of rows that have a label.
    LabelledShare(Bounds),
    /// A measure of agreement between annotators.
    Agreement(&'static str, Bounds),
    /// The share of labels that are as gold says: of one annotator, or those that would be delivered.
    Gold(Option<String>, Bounds),
    /// Rows of equal content have one label.
    Copies,
    /// The median seconds that an item took: of one annotator, or of all.
    Seconds(Option<String>, Bounds),
    /// The share of rows with a vote: of one function, or of any.
    Coverage(Option<String>, Bounds),
    /// The share of rows with votes for different classes, or of those where one function votes against another.
    Conflict(Option<String>, Bounds),
    /// The share of right votes of a function, by the labels that are known.
    FunctionAccuracy(String, Bounds),
}

/// The measures of agreement.
pub(super) const MEASURES: [&str; 5] = ["krippendorff_alpha", "percent", "cohen_kappa", "fleiss_kappa", "gwet_ac1"];

/// What came out: rows one by one, or a figure.
pub(super) enum Found {
    Rows(Tally),
    Figure { rows: u64, success: bool, observed: Value },
}

impl LabellingCheck {
    /// Whether a condition can limit its rows.
    pub(super) fn takes_where(&self) -> bool {
        matches!(self, Self::ClassShare(..) | Self::LabelledShare(_) | Self::Gold(..) | Self::Copies)
    }

    /// Checks it.
    ///
    /// # Errors
    /// If what it asks about is not there: a class, a function, an annotator, or anything to tell it from.
    pub(super) fn observe(&self, of: &Labelling, mask: Option<&BooleanBuffer>) -> Result<Found> {
        let is_in = |row: usize| mask.is_none_or(|mask| row < mask.len() && mask.value(row));
        let figure = |value: f64, rows: usize, bounds: &Bounds| Found::Figure {
            rows: rows as u64,
            success: bounds.holds_float(value),
            observed: json!(value),
        };
        match self {
            Self::ClassShare(class, bounds) => {
                let wanted = place(&of.classes, class, "class")?;
                let labelled = || of.labels.iter().enumerate().filter(|(row, _)| is_in(*row)).filter_map(|(_, it)| *it);
                let all = known(labelled().count(), "no row has a label", "label some rows first")?;
                let share = labelled().filter(|label| usize::from(*label) == wanted).count() as f64 / all as f64;
                Ok(figure(share, all, bounds))
            }
            Self::LabelledShare(bounds) => {
                let rows = || of.labels.iter().enumerate().filter(|(row, _)| is_in(*row));
                let all = known(rows().count(), "there are no rows", "widen the condition")?;
                let labelled = rows().filter(|(_, label)| label.is_some()).count();
                Ok(figure(labelled as f64 / all as f64, all, bounds))
            }
            Self::Agreement(measure, bounds) => {
                let none = || {
                    Error::input("no two annotators labelled the same item")
                        .help("let some items be labelled by two people")
                };
                let agreement = of.agreement.as_ref().filter(|it| it.paired_items > 0).ok_or_else(none)?;
                let value = measured(agreement, measure).and_then(|interval| interval.value).ok_or_else(|| {
                    Error::input(format!("{measure} is undefined for these labels"))
                        .help("cohen_kappa is for two annotators; krippendorff_alpha takes any number")
                })?;
                Ok(figure(value, agreement.paired_items, bounds))
            }
            Self::Gold(annotator, bounds) => {
                let (right, all) = of.right(annotator.as_deref(), is_in)?;
                let help = "choose a gold column, and label rows that have a value in it";
                known(all, "no row has both a label and a gold label", help)?;
                Ok(figure(right as f64 / all as f64, all, bounds))
            }
            Self::Copies => Ok(Found::Rows(of.conflicting(is_in))),
            Self::Seconds(annotator, bounds) => {
                let (median, items) = of.seconds(annotator.as_deref())?;
                Ok(figure(median, items, bounds))
            }
            Self::Coverage(None, bounds) => {
                known(of.functions.len(), "there are no labelling functions", "write one in lfs/")?;
                Ok(figure(of.covered.0, of.labels.len(), bounds))
            }
            Self::Conflict(None, bounds) => {
                known(of.functions.len(), "there are no labelling functions", "write one in lfs/")?;
                Ok(figure(of.covered.1, of.labels.len(), bounds))
            }
            Self::Coverage(Some(name), bounds) => Ok(figure(of.function(name)?.coverage, of.labels.len(), bounds)),
            Self::Conflict(Some(name), bounds) => Ok(figure(of.function(name)?.conflicts, of.labels.len(), bounds)),
            Self::FunctionAccuracy(name, bounds) => {
                let function = of.function(name)?;
                let none = || Error::input(format!("{name} voted on no row of which the label is known"));
                let judged = function.correct.unwrap_or(0) + function.incorrect.unwrap_or(0);
                let accuracy =
                    function.accuracy.ok_or_else(|| none().help("label rows by hand, or choose a gold column"))?;
                Ok(figure(accuracy, judged as usize, bounds))
            }
        }
    }
}

fn measured<'a>(agreement: &'a Agreement, measure: &str) -> Option<&'a Interval> {
    match measure {
        "percent" => Some(&agreement.percent),
        "cohen_kappa" => agreement.cohen_kappa.as_ref(),
        "fleiss_kappa" => Some(&agreement.fleiss_kappa),
        "gwet_ac1" => Some(&agreement.gwet_ac1),
        _ => Some(&agreement.krippendorff_alpha),
    }
}

/// The number, if there is anything.
fn known(count: usize, what: &str, help: &str) -> Result<usize> {
    if count == 0 { Err(Error::input(what).help(help)) } else { Ok(count) }
}

/// The place of a name, or what looks like it.
fn place(names: &[String], name: &str, what: &str) -> Result<usize> {
    names.iter().position(|known| known == name).ok_or_else(|| {
        let error = Error::input(format!("there is no {what} \"{name}\""));
        let close = nearest(name, names.iter().map(String::as_str));
        match close.as_slice() {
            [] => error.help(format!("there are: {}", names.join(", "))),
            close => error.help(format!("did you mean {}?", close.join(" or "))),
        }
    })
}

impl Labelling {
    fn function(&self, name: &str) -> Result<&FunctionAnalysis> {
        let names: Vec<String> = self.functions.iter().map(|function| function.name.clone()).collect();
        let at = place(&names, name, "labelling function")?;
        self.functions.get(at).ok_or_else(|| Error::input(format!("there is no labelling function \"{name}\"")))
    }

    /// Right labels, and those that can be judged.
    fn right(&self, annotator: Option<&str>, is_in: impl Fn(usize) -> bool) -> Result<(usize, usize)> {
        let gold = |row: usize| self.gold.get(row).copied().flatten().filter(|_| is_in(row));
        let judge = |(right, all): (usize, usize), (row, label): (usize, u16)| match gold(row) {
            Some(gold) => (right + usize::from(gold == label), all + 1),
            None => (right, all),
        };
        let Some(name) = annotator else {
            let labels = self.labels.iter().enumerate().filter_map(|(row, label)| Some((row, (*label)?)));
            return Ok(labels.fold((0, 0), judge));
        };
        let names: Vec<String> = self.said.iter().map(|(name, _)| name.clone()).collect();
        let at = place(&names, name, "annotator")?;
        let said = self.said.get(at).map(|(_, said)| said.as_slice()).unwrap_or_default();
        Ok(said.iter().map(|(row, label)| (*row as usize, *label)).fold((0, 0), judge))
    }

    /// The median seconds of an item, and the items.
    fn seconds(&self, annotator: Option<&str>) -> Result<(f64, usize)> {
        let Some(name) = annotator else {
            let none = || Error::input("no label was given with a time").help("label some items in the window");
            return Ok((self.effort.median.ok_or_else(none)?, self.effort.items));
        };
        let names: Vec<String> = self.effort.annotators.iter().map(|(name, ..)| name.clone()).collect();
        let at = place(&names, name, "annotator")?;
        Ok(self.effort.annotators.get(at).map_or((f64::NAN, 0), |(_, items, median)| (*median, *items)))
    }

    /// Of rows of equal content, those whose label is not the most frequent one of their copies; of rows that have a
    /// label.
    fn conflicting(&self, is_in: impl Fn(usize) -> bool) -> Tally {
        let mut tally = Tally::default();
        for rows in &self.copies {
            let label = |row: &u32| self.labels.get(*row as usize).copied().flatten().map(|label| (*row, label));
            let labelled: Vec<(u32, u16)> = rows.iter().filter(|row| is_in(**row as usize)).filter_map(label).collect();
            let mut counts: HashMap<u16, usize> = HashMap::new();
            labelled.iter().for_each(|(_, label)| *counts.entry(*label).or_default() += 1);
            let most = counts.iter().max_by_key(|(label, count)| (**count, std::cmp::Reverse(**label)));
            tally.rows += labelled.len() as u64;
            for (row, _) in labelled.iter().filter(|(_, label)| most.is_some_and(|(most, _)| most != label)) {
                tally.unexpected += 1;
                if tally.sample.len() < SAMPLE {
                    tally.sample.push(*row);
                }
            }
        }
        tally.sample.sort_unstable();
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Report, Suite};
    use super::*;
    use crate::data::Frame;
    use crate::engine::Work;

    fn labelling() -> Labelling {
        Labelling {
            classes: vec!["ham".into(), "spam".into()],
            labels: vec![Some(0), Some(0), Some(1), Some(0), None],
            gold: vec![Some(0), Some(1), Some(1), None, Some(0)],
            said: vec![("Kim".into(), vec![(0, 0), (2, 0)]), ("Lee".into(), vec![(0, 0)])],
            agreement: None,
            effort: Effort {
                items: 4,
                median: Some(2.5),
                annotators: vec![("Kim".into(), 3, 2.0)],
                ..Effort::default()
            },
            functions: Vec::new(),
            covered: (0.8, 0.1),
            copies: vec![vec![0, 2, 3], vec![1, 4]],
        }
    }

    fn run(text: &str) -> Report {
        let suite = Suite::from_toml(text).unwrap();
        assert!(suite.asks_of_labelling());
        suite.check_labelled(&Frame::default(), &Frame::default(), Some(&labelling()), &Work::new()).unwrap()
    }

    #[test]
    fn figures_of_labelling_are_checked() {
        let check = |arguments: &str, observed: Option<f64>, success: bool, said: &str| {
            let report = run(&format!("[[expectation]]\n{arguments}"));
            let outcome = &report.results[0];
            assert_eq!((outcome.observed.as_f64(), outcome.success), (observed, success), "{arguments}: {outcome:?}");
            let error = format!("{:?} {:?}", outcome.error, outcome.help);
            assert!(error.contains(said), "{error}");
        };
        let share = "expectation = \"expect_label_class_share_to_be_between\"\nclass = ";
        check(&format!("{share}\"spam\"\nmin_value = 0.2"), Some(0.25), true, "");
        check(&format!("{share}\"spam\"\nmax_value = 0.2"), Some(0.25), false, "");
        check(&format!("{share}\"spm\"\nmax_value = 0.2"), None, false, "did you mean spam");
        check("expectation = \"expect_labelled_share_to_be_between\"\nmin_value = 0.9", Some(0.8), false, "");
        let gold = "expectation = \"expect_gold_accuracy_to_be_between\"\nmin_value = 0.6\n";
        check(gold, Some(2.0 / 3.0), true, "");
        check(&format!("{gold}annotator = \"Kim\""), Some(0.5), false, "");
        check(&format!("{gold}annotator = \"Park\""), None, false, "there are: Kim, Lee");
        let seconds = "expectation = \"expect_median_seconds_per_item_to_be_between\"\nmin_value = 2.2\n";
        check(seconds, Some(2.5), true, "");
        check(&format!("{seconds}annotator = \"Kim\""), Some(2.0), false, "");
        check(
            "expectation = \"expect_annotator_agreement_to_be_between\"\nmin_value = 0.8",
            None,
            false,
            "no two annotators",
        );
        let coverage = "expectation = \"expect_function_coverage_to_be_between\"\nmin_value = 0.5";
        check(coverage, None, false, "no labelling functions");
    }

    #[test]
    fn copies_with_other_labels_are_rows_that_can_be_looked_at() {
        let text = "[[expectation]]\nexpectation = \"expect_duplicates_to_have_no_conflicting_labels\"\nmostly = ";
        let outcome = &run(&format!("{text}0.7")).results[0];
        assert_eq!((outcome.unexpected_count, outcome.rows, outcome.success), (Some(1), 4, true));
        assert_eq!(outcome.sample_rows, [2]);
        assert!(!run(&format!("{text}0.8")).results[0].success);
    }

    #[test]
    fn what_only_a_project_knows_is_not_asked_of_a_file() {
        let suite = Suite::from_toml(
            "[[expectation]]\nexpectation = \"expect_labelled_share_to_be_between\"\nmin_value = 0.5\n\
             [[expectation]]\nexpectation = \"expect_function_coverage_to_be_between\"\nmin_value = 0.5\nwhere = \"a = 1\"\n\
             [[expectation]]\nexpectation = \"expect_annotator_agreement_to_be_between\"\nmin_value = 0.5\nmeasure = \"kappa\"\n",
        );
        let report = suite.unwrap().check(&Frame::default(), &Work::new()).unwrap();
        let help = |at: usize| report.results[at].help.clone().unwrap_or_default();
        assert!(help(0).contains("project"), "{}", help(0));
        assert!(help(1).contains("leave where out"), "{}", help(1));
        assert!(help(2).contains("krippendorff_alpha"), "{}", help(2));
    }
}
