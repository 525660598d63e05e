//! Label errors by confident learning: rows whose given class the out-of-sample probabilities contradict.
//!
//! Source: Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels". The class
//! threshold is the mean probability of a class over the rows given that class; a row is confident of the classes it
//! reaches the threshold of; counting given against confident class gives the joint, from which the rules take how
//! many rows to flag. `compatible` reproduces cleanlab 2.9 flag by flag, but for the order of rows of equal score.

mod boxes;
mod filters;
mod joint;
mod many;
mod tokens;

use std::borrow::Cow;

use rayon::prelude::*;

use crate::engine::{Error, Result, Work};
use crate::learn::{Matrix, Real};
pub use boxes::{BoxError, BoxErrors, BoxFault, BoxOf, BoxScores, Boxes};
use filters::Evidence;
use joint::NO_GUESS;
pub use joint::{ClassQuality, Latent};
pub use many::{ClassErrors, ManyErrors};
pub use tokens::{Entity, SentenceScore, class_of, entities, sentence_scores};

/// Rows between two checks for cancellation.
const CHUNK: usize = 1 << 13;

/// How far below its threshold a probability still counts as confident, and by how much the given class is favoured
/// when the most probable class is looked for, so that rounding decides nothing.
const MARGIN: f64 = 1e-6;

/// How far a row's sum may be from 1 before the row is scaled: half precision and rounded files stay as they are.
const SUM_TOLERANCE: f64 = 0.01;

/// Where the mean probability of the given class is above this, the labels are nearly all right, and most rows that the
/// model would label otherwise are its own mistakes (on MNIST's test labels 72 of 87). The default rule then flags only
/// as many rows as the joint counts.
const NEARLY_CLEAN: f64 = 0.97;

/// The rule that decides which rows are flagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// The most probable class is not the given one: on real human noise this finds far more of the errors than the
    /// counts of the confident joint allow (F1 0.93 against 0.76 on CIFAR-10N with a good model), at little cost in
    /// precision. Where the labels are nearly clean, and in compatible mode, prune by noise rate, cleanlab's default;
    /// [`LabelErrors::method`] says which it was.
    #[default]
    Default,
    /// For each pair of classes as many rows as the joint counts, those with the widest margin first.
    PruneByNoiseRate,
    /// For each class as many rows as the joint counts, the least probable first.
    PruneByClass,
    /// Rows that both pruning rules flag.
    Both,
    /// The off-diagonal rows of the confident joint.
    ConfidentLearning,
    /// The most probable class is not the given one.
    PredictedNeqGiven,
    /// As many rows as the joint counts errors, of the lowest self-confidence.
    LowSelfConfidence,
    /// As many rows as the joint counts errors, of the lowest normalised margin.
    LowNormalizedMargin,
}

impl Method {
    /// All rules.
    pub const ALL: [Self; 8] = [
        Self::Default,
        Self::PruneByNoiseRate,
        Self::PruneByClass,
        Self::Both,
        Self::ConfidentLearning,
        Self::PredictedNeqGiven,
        Self::LowSelfConfidence,
        Self::LowNormalizedMargin,
    ];

    /// The name on the command line and in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::PruneByNoiseRate => "prune-by-noise-rate",
            Self::PruneByClass => "prune-by-class",
            Self::Both => "both",
            Self::ConfidentLearning => "confident-learning",
            Self::PredictedNeqGiven => "predicted-neq-given",
            Self::LowSelfConfidence => "low-self-confidence",
            Self::LowNormalizedMargin => "low-normalized-margin",
        }
    }

    /// The rule of that name; underscores count as hyphens.
    ///
    /// # Errors
    /// If there is none; the error lists the names.
    pub fn from_name(name: &str) -> Result<Self> {
        let wanted = name.replace('_', "-");
        Self::ALL.into_iter().find(|method| method.name() == wanted).ok_or_else(|| {
            Error::input("there is no such method")
                .at(name)
                .help(format!("the methods are: {}", Self::ALL.map(Self::name).join(", ")))
        })
    }
}

/// How to look for label errors.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The rule.
    pub method: Method,
    /// Give cleanlab's flags: its default rule, its confident class (the most probable of all classes, where the paper
    /// takes the most probable confident one), and rows used as they are, whatever their sum.
    pub compatible: bool,
    /// The share of the estimated errors that the pruning rules take, 0-1.
    pub noise_share: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { method: Method::Default, compatible: false, noise_share: 1.0 }
    }
}

/// Two classes that are taken for each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overlap {
    /// The one class.
    pub first: u16,
    /// The other class.
    pub second: u16,
    /// Rows given one that should have the other, both ways.
    pub rows: u64,
    /// The same as a share of all labelled rows.
    pub share: f64,
}

/// Likely label errors and what they say about the classes.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelErrors {
    /// The rule that was used, settled.
    pub method: Method,
    /// Likely wrong, by row; never for a row without a label or usable probabilities.
    pub flagged: Vec<bool>,
    /// The probability of the given class, by row, low is bad; NaN without label or usable probabilities.
    pub self_confidence: Vec<f64>,
    /// `(p(given) - max p(other) + 1) / 2`, by row, low is bad; NaN as above.
    pub normalized_margin: Vec<f64>,
    /// The most probable class, by row; `None` without usable probabilities.
    pub suggested: Vec<Option<u16>>,
    /// 1 for the row most likely wrong, and so on: by self-confidence, then by normalised margin, then by position;
    /// 0 without label or usable probabilities.
    pub rank: Vec<u32>,
    /// The threshold of each class; `None` for a class that no row has.
    pub thresholds: Vec<Option<f64>>,
    /// Counts of rows by given (row) and confident class (column).
    pub confident_joint: Vec<Vec<u64>>,
    /// The same, scaled so that each row sums to the number of rows given that class.
    pub joint: Vec<Vec<u64>>,
    /// Rows that the confident joint counts as errors.
    pub issues: u64,
    /// Rows with a label and usable probabilities.
    pub rows: u64,
    /// `1 - issues / rows`.
    pub health: f64,
    /// The quality of each class.
    pub classes: Vec<ClassQuality>,
    /// Pairs of classes taken for each other, most rows first; only those with rows.
    pub overlaps: Vec<Overlap>,
    /// Rows whose probabilities could not be used: NaN, infinite, negative, or all 0.
    pub unusable: u64,
    /// Rows whose probabilities did not sum to 1 and were scaled.
    pub scaled: u64,
}

/// What the probabilities say of one row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowFacts {
    self_confidence: f64,
    normalized_margin: f64,
    /// The most probable class, the first of equals.
    suggested: u16,
    /// The confident class, [`NO_GUESS`] if none.
    guess: u16,
    /// The given class is the most probable one, or within rounding of it.
    agrees: bool,
}

const NO_FACTS: RowFacts = RowFacts {
    self_confidence: f64::NAN,
    normalized_margin: f64::NAN,
    suggested: NO_GUESS,
    guess: NO_GUESS,
    agrees: true,
};

impl LabelErrors {
    /// Finds label errors from out-of-sample probabilities (rows x classes) and the given labels.
    ///
    /// Rows without a label, and rows whose probabilities are no probabilities, are left out; the latter are counted
    /// and said, as are rows that had to be scaled to sum 1.
    ///
    /// # Errors
    /// If there are fewer than two classes, lengths differ, a label is outside the classes, or no row can be used; or
    /// if the work was cancelled.
    pub fn find<T: Real>(
        probabilities: &Matrix<T>,
        labels: &[Option<u16>],
        options: &Options,
        work: &Work,
    ) -> Result<Self> {
        let input = Input::prepare(probabilities, labels, options, work)?;
        let classes = probabilities.columns();
        let thresholds = thresholds(&input, work)?;
        let facts = row_facts(&input, &thresholds, options.compatible, work)?;
        let confident_joint = joint::confident_joint(&input.labels, &facts, classes);
        let mut given = vec![0u64; classes];
        input.labels.iter().flatten().for_each(|&label| given[usize::from(label)] += 1);
        let calibrated = joint::calibrate(&confident_joint, &given);
        let evidence = Evidence {
            probabilities: &input.probabilities,
            labels: &input.labels,
            facts: &facts,
            calibrated: &calibrated,
            share: options.noise_share.clamp(0.0, 1.0),
        };
        let method = settle(options, &thresholds, &given);
        let flagged = evidence.flag(method, work)?;
        let (issues, rows) = (evidence.issues() as u64, given.iter().sum::<u64>());
        let labelled = |row: &RowFacts| !row.self_confidence.is_nan();
        let rank = rank(&facts, labelled);
        Ok(Self {
            method,
            flagged,
            self_confidence: facts.iter().map(|row| row.self_confidence).collect(),
            normalized_margin: facts.iter().map(|row| row.normalized_margin).collect(),
            suggested: facts.iter().map(|row| (row.suggested != NO_GUESS).then_some(row.suggested)).collect(),
            rank,
            thresholds,
            confident_joint,
            issues,
            rows,
            health: 1.0 - issues as f64 / rows as f64,
            classes: joint::class_quality(&calibrated),
            overlaps: joint::overlaps(&calibrated),
            joint: calibrated,
            unusable: input.unusable,
            scaled: input.scaled,
        })
    }

    /// The number of flagged rows.
    pub fn count(&self) -> usize {
        self.flagged.iter().filter(|&&flag| flag).count()
    }

    /// The rows with a label and usable probabilities by rising normalised margin: the most likely wrong first; equal ones
    /// in their order.
    pub fn by_margin(&self) -> Vec<u32> {
        let margin = |row: u32| self.normalized_margin.get(row as usize).copied().unwrap_or(f64::NAN);
        let mut order: Vec<u32> =
            (0..self.normalized_margin.len() as u32).filter(|&row| !margin(row).is_nan()).collect();
        order.sort_by(|&a, &b| margin(a).total_cmp(&margin(b)).then(a.cmp(&b)));
        order
    }

    /// Flags the rows whose normalised margin is at most `score`, instead of what a rule flagged. Where the most probable
    /// class is the given one, the next best is suggested.
    pub fn flag_up_to<T: Real>(&mut self, score: f64, labels: &[Option<u16>], probabilities: &Matrix<T>) {
        for row in 0..self.flagged.len() {
            self.flagged[row] = self.normalized_margin.get(row).is_some_and(|margin| *margin <= score);
            let given = labels.get(row).copied().flatten();
            if !self.flagged[row] || self.suggested.get(row).copied().flatten() != given || row >= probabilities.rows()
            {
                continue;
            }
            let mut best: Option<(f64, u16)> = None;
            for (&p, class) in probabilities.row(row).iter().zip(0u16..) {
                let p: f64 = p.into();
                if Some(class) != given && !best.is_some_and(|(most, _)| p <= most) {
                    best = Some((p, class));
                }
            }
            self.suggested[row] = best.map(|(_, class)| class);
        }
    }

    /// The true shares of the classes and how they are confused, as far as the joint tells.
    pub fn latent(&self) -> Latent {
        joint::latent(&self.joint)
    }
}

/// The rule that the default stands for here.
fn settle(options: &Options, thresholds: &[Option<f64>], given: &[u64]) -> Method {
    let sure: f64 = thresholds.iter().zip(given).filter_map(|(mean, &rows)| Some((*mean)? * rows as f64)).sum();
    let nearly_clean = sure > NEARLY_CLEAN * given.iter().sum::<u64>() as f64;
    match options.method {
        Method::Default if options.compatible || nearly_clean => Method::PruneByNoiseRate,
        Method::Default => Method::PredictedNeqGiven,
        method => method,
    }
}

/// The probabilities and labels that can be used.
struct Input<'a, T: Real> {
    probabilities: Cow<'a, Matrix<T>>,
    labels: Cow<'a, [Option<u16>]>,
    usable: Vec<bool>,
    unusable: u64,
    scaled: u64,
}

/// Whether a row's probabilities can be used, and what they sum to.
enum RowState {
    Good,
    Scale(f64),
    Unusable,
}

impl<'a, T: Real> Input<'a, T> {
    fn prepare(matrix: &'a Matrix<T>, labels: &'a [Option<u16>], options: &Options, work: &Work) -> Result<Self> {
        let classes = matrix.columns();
        if classes < 2 {
            return Err(Error::input("label errors need probabilities of at least two classes"));
        }
        if labels.len() != matrix.rows() {
            return Err(Error::input(format!("{} labels for {} rows of probabilities", labels.len(), matrix.rows()))
                .help("the probabilities must have one row for each row of the data, in the same order"));
        }
        if let Some(row) = labels.iter().position(|label| label.is_some_and(|label| usize::from(label) >= classes)) {
            return Err(Error::input(format!("the label is outside the {classes} classes of the probabilities"))
                .at(format!("row {}", row + 1))
                .help("the probabilities must have one column for each class, in the order of the classes"));
        }
        work.stage("checking probabilities", labels.len() as u64);
        let odd = find_odd_rows(matrix, work)?;
        let mut input = Self {
            probabilities: Cow::Borrowed(matrix),
            labels: Cow::Borrowed(labels),
            usable: vec![true; labels.len()],
            unusable: 0,
            scaled: 0,
        };
        for (row, state) in odd {
            match state {
                RowState::Unusable => {
                    input.unusable += 1;
                    input.usable[row] = false;
                    input.labels.to_mut()[row] = None;
                }
                RowState::Scale(sum) if !options.compatible => {
                    input.scaled += 1;
                    let values = input.probabilities.to_mut().values_mut();
                    for value in values.iter_mut().skip(row * classes).take(classes) {
                        *value = T::from_f64((*value).into() / sum);
                    }
                }
                _ => {}
            }
        }
        input.say(work)?;
        Ok(input)
    }

    fn say(&self, work: &Work) -> Result<()> {
        if self.labels.iter().all(Option::is_none) {
            return Err(match self.unusable {
                0 => Error::input("no row has a label").help("name a column of labels, or label some rows"),
                count => Error::input(format!("{count} rows have no usable probabilities, and no other has a label"))
                    .help("give probabilities, not scores or logarithms: from 0 to 1, summing to 1 in each row"),
            });
        }
        if self.unusable > 0 {
            work.warn(format!(
                "{} rows were left out: their probabilities are missing, negative, infinite or all 0",
                self.unusable
            ));
        }
        if self.scaled > 0 {
            work.warn(format!("the probabilities of {} rows did not sum to 1 and were scaled", self.scaled));
        }
        Ok(())
    }
}

fn find_odd_rows<T: Real>(matrix: &Matrix<T>, work: &Work) -> Result<Vec<(usize, RowState)>> {
    let classes = matrix.columns().max(1);
    let state = |row: &[T]| {
        let (mut sum, mut least) = (0.0f64, 0.0f64);
        for &value in row {
            let value: f64 = value.into();
            sum += value;
            least = if value < least { value } else { least };
        }
        match sum {
            _ if !sum.is_finite() || least < -MARGIN || sum <= 0.0 => RowState::Unusable,
            _ if (sum - 1.0).abs() > SUM_TOLERANCE => RowState::Scale(sum),
            _ => RowState::Good,
        }
    };
    let found: Vec<Vec<(usize, RowState)>> = matrix
        .values()
        .par_chunks(CHUNK * classes)
        .enumerate()
        .map(|(chunk, values)| {
            let rows = values.chunks_exact(classes).map(state).enumerate();
            let odd = rows.filter(|(_, state)| !matches!(state, RowState::Good));
            let odd = odd.map(|(at, state)| (chunk * CHUNK + at, state)).collect();
            work.advance((values.len() / classes) as u64)?;
            Ok(odd)
        })
        .collect::<Result<_>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// The mean probability of each class over the rows given that class, no lower than 2e-6.
fn thresholds<T: Real>(input: &Input<'_, T>, work: &Work) -> Result<Vec<Option<f64>>> {
    let classes = input.probabilities.columns();
    let parts: Vec<Vec<(f64, u64)>> = input
        .labels
        .par_chunks(CHUNK)
        .zip(input.probabilities.values().par_chunks(CHUNK * classes))
        .map(|(labels, values)| {
            let mut sums = vec![(0.0, 0); classes];
            for (label, row) in labels.iter().zip(values.chunks_exact(classes)) {
                if let Some(label) = label.map(usize::from) {
                    sums[label].0 += row[label].into();
                    sums[label].1 += 1;
                }
            }
            work.check().map(|()| sums)
        })
        .collect::<Result<_>>()?;
    let total = |class: usize| {
        let (sum, count) = parts.iter().fold((0.0, 0), |all, part| (all.0 + part[class].0, all.1 + part[class].1));
        (count > 0).then(|| (sum / count as f64).max(2.0 * MARGIN))
    };
    Ok((0..classes).map(total).collect())
}

fn row_facts<T: Real>(
    input: &Input<'_, T>,
    thresholds: &[Option<f64>],
    compatible: bool,
    work: &Work,
) -> Result<Vec<RowFacts>> {
    let classes = input.probabilities.columns();
    let least: Vec<f64> = thresholds.iter().map(|t| t.map_or(f64::INFINITY, |t| t - MARGIN)).collect();
    let mut facts = vec![NO_FACTS; input.labels.len()];
    work.stage("comparing labels with probabilities", facts.len() as u64);
    facts
        .par_chunks_mut(CHUNK)
        .zip(input.labels.par_chunks(CHUNK))
        .zip(input.usable.par_chunks(CHUNK))
        .zip(input.probabilities.values().par_chunks(CHUNK * classes))
        .try_for_each(|(((facts, labels), usable), values)| {
            let rows = labels.iter().zip(usable).zip(values.chunks_exact(classes));
            for (facts, ((label, usable), row)) in facts.iter_mut().zip(rows) {
                if *usable {
                    *facts = facts_of(row, *label, &least, compatible);
                }
            }
            work.advance(facts.len() as u64)
        })?;
    Ok(facts)
}

/// Looks at one row; `least` holds what a class's probability must reach for the row to be confident of it.
fn facts_of<T: Real>(row: &[T], label: Option<u16>, least: &[f64], compatible: bool) -> RowFacts {
    let given = label.map_or(usize::MAX, usize::from);
    let (mut best, mut best_p) = (0, f64::NEG_INFINITY);
    let (mut other, mut other_p) = (usize::MAX, f64::NEG_INFINITY);
    let (mut confident, mut sure, mut sure_p) = (0u32, usize::MAX, f64::NEG_INFINITY);
    for (class, (&p, &least)) in row.iter().zip(least).enumerate() {
        let p: f64 = p.into();
        if p > best_p {
            (best, best_p) = (class, p);
        }
        if class != given && p > other_p {
            (other, other_p) = (class, p);
        }
        if p >= least {
            confident += 1;
            if p > sure_p {
                (sure, sure_p) = (class, p);
            }
        }
    }
    let guess = match confident {
        0 => NO_GUESS,
        1 => sure as u16,
        _ if compatible => best as u16,
        _ => sure as u16,
    };
    let Some(p) = row.get(given).map(|&p| p.into()) else {
        return RowFacts { suggested: best as u16, guess: NO_GUESS, ..NO_FACTS };
    };
    let favoured = p + MARGIN;
    RowFacts {
        self_confidence: p,
        normalized_margin: (p - other_p + 1.0) / 2.0,
        suggested: best as u16,
        guess,
        agrees: favoured > other_p || (favoured == other_p && given < other),
    }
}

fn rank(facts: &[RowFacts], labelled: impl Fn(&RowFacts) -> bool) -> Vec<u32> {
    let mut order: Vec<u32> = (0..facts.len() as u32).filter(|&row| labelled(&facts[row as usize])).collect();
    order.par_sort_unstable_by(|&a, &b| {
        let (one, two) = (&facts[a as usize], &facts[b as usize]);
        one.self_confidence
            .total_cmp(&two.self_confidence)
            .then(one.normalized_margin.total_cmp(&two.normalized_margin))
            .then(a.cmp(&b))
    });
    let mut rank = vec![0; facts.len()];
    for (at, row) in order.into_iter().enumerate() {
        rank[row as usize] = at as u32 + 1;
    }
    rank
}

#[cfg(test)]
mod golden;
#[cfg(test)]
mod tests;
