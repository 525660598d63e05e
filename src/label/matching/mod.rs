//! Agreement of two annotators on marks: spans of text, and shapes on images.
//!
//! Marks have no fixed set of units, so what both left out cannot be counted and the kappas have no sound meaning. The
//! usual measure is the F1 of one annotator against the other, `2 |A ∩ B| / (|A| + |B|)`, which is symmetric (Hripcsak &
//! Rothschild, "Agreement, the F-measure, and reliability in information retrieval", JAMIA 12(3), 2005). The measures
//! are kept as counts: those of many items are summed before they are divided, and a bootstrap sums resampled items.
//!
//! What corresponds to what is told one to one, by the pairs of the largest total intersection over union (IoU). Two
//! marks may then differ in class and extent, and each is counted apart from the other.

mod assignment;

use std::collections::BTreeMap;
use std::ops::AddAssign;

pub use assignment::best_pairs;

use crate::engine::{Error, Result};

/// A stretch of text and its class: beginning and end in code points, half-open. One whose end is not behind its
/// beginning has no characters, so that it agrees only with its like.
pub type ClassedSpan = (usize, usize, u16);

/// How often each class of the first annotator met each of the second in corresponding marks.
pub type Confusion = BTreeMap<(u16, u16), Matched>;

/// What is added to the IoU of marks of the same class. It decides only between pairings of equal IoU, as when both
/// annotators gave two classes to the same stretch: paired crosswise, these would look like confusion.
const SAME_CLASS: f64 = 1e-9;

/// From this IoU on two marks have the same extent; below 1 because that of shapes is computed with rounding.
const SAME_EXTENT: f64 = 1.0 - 1e-9;

/// How much of something each of two annotators has, and how much both share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// What the first has, `|A|`.
    pub first: u64,
    /// What the second has, `|B|`.
    pub second: u64,
    /// What both have, `|A ∩ B|`; at most the lesser of the two.
    pub shared: u64,
}

impl Counts {
    /// `F1 = 2 |A ∩ B| / (|A| + |B|)`, 0-1. If neither has anything this is 0 / 0: then 1 if `empty_agrees`, since both
    /// left it empty, and else `None`.
    pub fn f1(self, empty_agrees: bool) -> Option<f64> {
        match self.first + self.second {
            0 => empty_agrees.then_some(1.0),
            both => Some(2.0 * self.shared as f64 / both as f64),
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.first += other.first;
        self.second += other.second;
        self.shared += other.shared;
    }
}

/// Pairs of corresponding marks.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Matched {
    /// How many there are.
    pub pairs: u64,
    /// Those whose classes are the same.
    pub same_class: u64,
    /// Those whose extents are the same; the others differ in a boundary.
    pub same_extent: u64,
    /// The sum of their IoU.
    pub iou: f64,
}

impl Matched {
    fn one(iou: f64, same_class: bool) -> Self {
        Self { pairs: 1, same_class: u64::from(same_class), same_extent: u64::from(iou >= SAME_EXTENT), iou }
    }

    /// The mean IoU of the pairs, 0-1; `None` without any.
    pub fn mean_iou(self) -> Option<f64> {
        self.share(self.iou)
    }

    /// The share of the pairs with the same class, whatever their extents; `None` without any.
    pub fn class_agreement(self) -> Option<f64> {
        self.share(self.same_class as f64)
    }

    /// The share of the pairs with the same extent, whatever their classes; `None` without any.
    pub fn extent_agreement(self) -> Option<f64> {
        self.share(self.same_extent as f64)
    }

    fn share(self, sum: f64) -> Option<f64> {
        (self.pairs > 0).then(|| sum / self.pairs as f64)
    }
}

impl AddAssign for Matched {
    fn add_assign(&mut self, other: Self) {
        self.pairs += other.pairs;
        self.same_class += other.same_class;
        self.same_extent += other.same_extent;
        self.iou += other.iou;
    }
}

/// Adds what one map counts by key to another.
fn add_by_key<K: Ord + Copy, V: AddAssign + Default + Copy>(to: &mut BTreeMap<K, V>, from: &BTreeMap<K, V>) {
    for (&key, &value) in from {
        *to.entry(key).or_default() += value;
    }
}

fn total<K, V: AddAssign + Default + Copy>(counts: &BTreeMap<K, V>) -> V {
    counts.values().fold(V::default(), |mut sum, &value| {
        sum += value;
        sum
    })
}

/// The three ways to count what two annotators' spans share, from strict to lenient.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SpanCounts {
    /// Spans; those of the same beginning, end and class are shared.
    pub exact: Counts,
    /// Spans; shared are as many as can be paired one to one so that the two of a pair have the same class and a
    /// character in common (maximum matching). So one span against the two halves of it is one pair with one span left
    /// over; precision and recall that let one span answer for several call that full agreement.
    pub overlap: Counts,
    /// Characters in spans, each counted once for every class that it has.
    pub characters: Counts,
}

impl SpanCounts {
    /// The counts of distinct spans of one class, sorted.
    fn of(first: &[(usize, usize)], second: &[(usize, usize)]) -> Self {
        let spans =
            |shared: usize| Counts { first: first.len() as u64, second: second.len() as u64, shared: shared as u64 };
        // With the same weight for every pair the largest total is the largest number.
        let meets = |a: usize, b: usize| if common(first[a], second[b]) > 0 { 1.0 } else { 0.0 };
        let (a, b) = (united(first), united(second));
        Self {
            exact: spans(first.iter().filter(|span| second.binary_search(span).is_ok()).count()),
            overlap: spans(best_pairs(first.len(), second.len(), meets).len()),
            characters: Counts { first: length(&a), second: length(&b), shared: common_length(&a, &b) },
        }
    }
}

impl AddAssign for SpanCounts {
    fn add_assign(&mut self, other: Self) {
        self.exact += other.exact;
        self.overlap += other.overlap;
        self.characters += other.characters;
    }
}

/// How two annotators agree on the spans of an item, or, added up, of many.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SpanAgreement {
    /// The counts by class.
    pub classes: BTreeMap<u16, SpanCounts>,
    /// The spans that correspond, by the class of the first annotator and that of the second: those pairs with a
    /// character in common, one to one, whose total IoU of characters is the largest. Classes do not matter to it, so it
    /// tells confusion of classes apart from error of boundaries, and its pairs of one class may be fewer than
    /// [`SpanCounts::overlap`] shares.
    pub confusion: Confusion,
    /// Spans that an annotator has more than once; only one of them counts.
    pub repeated: u64,
}

impl SpanAgreement {
    /// Compares two annotators' spans of one item, in any order.
    pub fn of(first: &[ClassedSpan], second: &[ClassedSpan]) -> Self {
        let (a, b) = (distinct(first), distinct(second));
        let repeated = (first.len() - a.len()) + (second.len() - b.len());
        let mut by_class: BTreeMap<u16, [Vec<(usize, usize)>; 2]> = BTreeMap::new();
        for (side, spans) in [&a, &b].into_iter().enumerate() {
            for &(start, end, class) in spans {
                by_class.entry(class).or_default()[side].push((start, end));
            }
        }
        let classes = by_class.iter().map(|(&class, [a, b])| (class, SpanCounts::of(a, b))).collect();
        let confusion = confusion(a.len(), b.len(), 0.0, |i, j| {
            let ((start, end, class), (other_start, other_end, other)) = (a[i], b[j]);
            ((class, other), span_iou((start, end), (other_start, other_end)))
        });
        Self { classes, confusion, repeated: repeated as u64 }
    }

    /// The counts over all classes.
    pub fn counts(&self) -> SpanCounts {
        total(&self.classes)
    }

    /// The corresponding pairs over all classes.
    pub fn matched(&self) -> Matched {
        total(&self.confusion)
    }
}

impl AddAssign<&Self> for SpanAgreement {
    fn add_assign(&mut self, other: &Self) {
        add_by_key(&mut self.classes, &other.classes);
        add_by_key(&mut self.confusion, &other.confusion);
        self.repeated += other.repeated;
    }
}

/// How two annotators agree on the shapes of an image, or, added up, of many.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ShapeAgreement {
    /// Shapes by class; those that correspond and have the same class are shared.
    pub classes: BTreeMap<u16, Counts>,
    /// The shapes that correspond, by the class of the first annotator and that of the second.
    pub confusion: Confusion,
}

impl ShapeAgreement {
    /// Compares two annotators' shapes of one image by their classes and the IoU of every pair, row by row: that of
    /// shape `i` of the first and `j` of the second is `iou[i * second.len() + j]`.
    ///
    /// Shapes correspond as [`shape_pairs`] says, with no regard to class.
    ///
    /// # Errors
    /// If there is not one IoU for every pair, or an IoU or the threshold is not within 0-1.
    pub fn of(first: &[u16], second: &[u16], iou: &[f64], threshold: f64) -> Result<Self> {
        check_iou(first.len(), second.len(), iou, threshold)?;
        let mut classes: BTreeMap<u16, Counts> = BTreeMap::new();
        for &class in first {
            classes.entry(class).or_default().first += 1;
        }
        for &class in second {
            classes.entry(class).or_default().second += 1;
        }
        let at = |i: usize, j: usize| ((first[i], second[j]), iou[i * second.len() + j]);
        let confusion = confusion(first.len(), second.len(), threshold, at);
        for (&(class, _), pairs) in &confusion {
            classes.entry(class).or_default().shared += pairs.same_class;
        }
        Ok(Self { classes, confusion })
    }

    /// Shapes over all classes; those that correspond are shared, whatever their classes. Its F1 is that of finding the
    /// objects.
    pub fn located(&self) -> Counts {
        Counts { shared: self.matched().pairs, ..self.classed() }
    }

    /// Shapes over all classes; those that correspond and have the same class are shared. Its F1 is that of finding the
    /// objects and naming them.
    pub fn classed(&self) -> Counts {
        total(&self.classes)
    }

    /// The corresponding pairs over all classes.
    pub fn matched(&self) -> Matched {
        total(&self.confusion)
    }
}

impl AddAssign<&Self> for ShapeAgreement {
    fn add_assign(&mut self, other: &Self) {
        add_by_key(&mut self.classes, &other.classes);
        add_by_key(&mut self.confusion, &other.confusion);
    }
}

/// The shapes that correspond, as places in `first` and `second`, in order of the first: of all ways to pair shapes one
/// to one with an IoU that is above 0 and at least `threshold` (usually 0.5), that of the largest total IoU, and of equal
/// ones that with more equal classes. It need not be the way with the most pairs. The other arguments, and when it fails,
/// are as in [`ShapeAgreement::of`].
///
/// # Errors
/// As in [`ShapeAgreement::of`].
pub fn shape_pairs(first: &[u16], second: &[u16], iou: &[f64], threshold: f64) -> Result<Vec<(usize, usize)>> {
    check_iou(first.len(), second.len(), iou, threshold)?;
    let weight = |i: usize, j: usize| weight(iou[i * second.len() + j], first[i] == second[j], threshold);
    Ok(best_pairs(first.len(), second.len(), weight))
}

fn check_iou(rows: usize, columns: usize, iou: &[f64], threshold: f64) -> Result<()> {
    if !(0.0..=1.0).contains(&threshold) {
        let what = format!("the IoU from which shapes correspond is {threshold}, which is not within 0-1");
        return Err(Error::input(what));
    }
    if rows.checked_mul(columns) != Some(iou.len()) {
        let what = format!("{rows} and {columns} shapes need an IoU for every pair, but there are {}", iou.len());
        return Err(Error::input(what));
    }
    // Rounding may lift the IoU of a shape with itself a little above 1.
    match iou.iter().position(|value| !(0.0..=1.0 + 1e-9).contains(value)) {
        Some(at) => Err(Error::input(format!(
            "the IoU of shape {} with shape {} is {}, which is not within 0-1",
            at / columns,
            at % columns,
            iou[at]
        ))),
        None => Ok(()),
    }
}

/// What a pair of marks is worth: nothing if they do not correspond.
fn weight(iou: f64, same_class: bool, threshold: f64) -> f64 {
    if iou <= 0.0 || iou < threshold {
        return 0.0;
    }
    iou + if same_class { SAME_CLASS } else { 0.0 }
}

/// Pairs marks, of which `at` tells the two classes and the IoU, and counts the pairs by their classes.
fn confusion(rows: usize, columns: usize, threshold: f64, at: impl Fn(usize, usize) -> ((u16, u16), f64)) -> Confusion {
    let worth = |i, j| {
        let ((first, second), iou) = at(i, j);
        weight(iou, first == second, threshold)
    };
    let mut met = Confusion::new();
    for (i, j) in best_pairs(rows, columns, worth) {
        let (classes, iou) = at(i, j);
        *met.entry(classes).or_default() += Matched::one(iou, classes.0 == classes.1);
    }
    met
}

/// The IoU of two upright boxes, each its left and upper side, width and height; 0 if both are empty.
pub fn box_iou(a: [f64; 4], b: [f64; 4]) -> f64 {
    let side = |axis: usize| {
        let end = (a[axis] + a[axis + 2]).min(b[axis] + b[axis + 2]);
        (end - a[axis].max(b[axis])).max(0.0)
    };
    let both = side(0) * side(1);
    let either = a[2] * a[3] + b[2] * b[3] - both;
    if either > 0.0 { both / either } else { 0.0 }
}

/// The IoU of two masks of images of the same size, each the lengths of its runs of pixels outside and inside in turn,
/// beginning outside, both in the same order of pixels; 0 if both are empty.
pub fn runs_iou(a: &[u32], b: &[u32]) -> f64 {
    let (a, b) = (inside(a), inside(b));
    iou(length(&a), length(&b), common_length(&a, &b))
}

/// Where the runs that are inside begin and end.
fn inside(runs: &[u32]) -> Vec<(usize, usize)> {
    let mut end = 0;
    let mut stretches = Vec::with_capacity(runs.len() / 2);
    for (place, &run) in runs.iter().enumerate() {
        let start = end;
        end += run as usize;
        if place % 2 == 1 {
            stretches.push((start, end));
        }
    }
    stretches
}

fn span_iou(a: (usize, usize), b: (usize, usize)) -> f64 {
    iou(length(&[a]), length(&[b]), common(a, b))
}

fn iou(a: u64, b: u64, both: u64) -> f64 {
    // Nothing in common, which holds for empty ones too, spares the division by 0.
    if both == 0 { 0.0 } else { both as f64 / (a + b - both) as f64 }
}

fn distinct(spans: &[ClassedSpan]) -> Vec<ClassedSpan> {
    let mut spans = spans.to_vec();
    spans.sort_unstable();
    spans.dedup();
    spans
}

/// How much two stretches have in common.
fn common(a: (usize, usize), b: (usize, usize)) -> u64 {
    a.1.min(b.1).saturating_sub(a.0.max(b.0)) as u64
}

/// How much stretches cover, if none meets another.
fn length(stretches: &[(usize, usize)]) -> u64 {
    stretches.iter().map(|(start, end)| end.saturating_sub(*start) as u64).sum()
}

/// What sorted stretches cover, as stretches of which none meets another.
fn united(sorted: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut made: Vec<(usize, usize)> = Vec::with_capacity(sorted.len());
    for &(start, end) in sorted.iter().filter(|(start, end)| start < end) {
        match made.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => made.push((start, end)),
        }
    }
    made
}

/// How much two lists of stretches have in common, each sorted and without stretches that meet.
fn common_length(a: &[(usize, usize)], b: &[(usize, usize)]) -> u64 {
    let (mut a, mut b) = (a, b);
    let mut sum = 0;
    while let ([one, rest_a @ ..], [two, rest_b @ ..]) = (a, b) {
        sum += common(*one, *two);
        // The one that ends first cannot meet what follows in the other list.
        if one.1 <= two.1 { a = rest_a } else { b = rest_b }
    }
    sum
}

#[cfg(test)]
mod tests;
