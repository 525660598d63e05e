//! How far annotators agree, as derived values: on classes, and on what they marked inside items.

use std::sync::Arc;

use rayon::prelude::*;

use crate::data::annotations::Mark;
use crate::data::annotations::geometry::{bounds, corners, rasterise};
use crate::data::annotations::model::{Part, Point, Rect};
use crate::engine::{Derived, Fingerprint, Fingerprinter, Result, Work};
use crate::label::agreement::{Agreement, Rating, Ratings};
use crate::label::matching::{Counts, Matched, ShapeAgreement, SpanAgreement, SpanCounts, box_iou, runs_iou};
use crate::label::{Answers, ItemMarks, TaskKind, shapes};

/// Resamples of the bootstrap.
const RESAMPLES: usize = 1000;

/// The intersection over union from which two shapes are the same thing.
const SAME_SHAPE: f64 = 0.5;

/// The grid on which outlines are compared, in cells a side.
const GRID: f64 = 256.0;

/// How far annotators agree on classes.
pub struct ClassAgreementOf {
    /// Their answers.
    pub answers: Arc<Answers<u16>>,
    /// The number of classes.
    pub classes: usize,
    /// The seed of the bootstrap.
    pub seed: u64,
    /// The state of the ledger that the answers are of.
    pub generation: u64,
}

impl Derived for ClassAgreementOf {
    type Output = Agreement;

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("agreement on classes").number(self.generation).number(self.seed).finish()
    }

    fn compute(&self, work: &Work) -> Result<Agreement> {
        let items = self.answers.rows.keys().last().map_or(0, |row| *row as usize + 1);
        let mut ratings = Vec::new();
        for (&item, answers) in &self.answers.rows {
            let given = answers.iter().enumerate().filter_map(|(annotator, class)| Some((annotator, (*class)?)));
            ratings.extend(given.map(|(annotator, class)| Rating { item, annotator: annotator as u32, class }));
        }
        let ratings = Ratings::new(items, self.answers.annotators.len(), self.classes, ratings)?;
        Agreement::of(&ratings, RESAMPLES, self.seed, work)
    }
}

/// How far annotators agree on what they marked, over all pairs of them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MarkAgreement {
    /// Spans: equal, overlapping, by letters.
    pub spans: SpanCounts,
    /// Shapes that were found by both, whatever their class.
    pub located: Counts,
    /// Shapes that were found by both with the same class.
    pub classed: Counts,
    /// What corresponds: class and extent.
    pub matched: Matched,
    /// Items that two or more worked on.
    pub items: usize,
}

/// How far annotators agree on what they marked.
pub struct MarkAgreementOf {
    /// Their answers.
    pub answers: Arc<Answers<Arc<ItemMarks>>>,
    /// The kind of the task.
    pub kind: TaskKind,
    /// The names of its classes.
    pub classes: Vec<String>,
    /// The state of the ledger that the answers are of.
    pub generation: u64,
    /// The task's name.
    pub task: String,
}

impl Derived for MarkAgreementOf {
    type Output = MarkAgreement;

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("agreement on marks").text(&self.task).number(self.generation).finish()
    }

    fn compute(&self, work: &Work) -> Result<MarkAgreement> {
        work.stage("comparing annotators", self.answers.rows.len() as u64);
        let rows: Vec<&Vec<Option<Arc<ItemMarks>>>> = self.answers.rows.values().collect();
        let parts: Vec<MarkAgreement> = rows
            .par_iter()
            .map(|answers| {
                work.advance(1)?;
                self.of_item(answers)
            })
            .collect::<Result<_>>()?;
        // Summed in the order of rows: the same for any number of threads.
        let mut sum = MarkAgreement::default();
        for part in parts {
            sum.spans += part.spans;
            sum.located += part.located;
            sum.classed += part.classed;
            sum.matched += part.matched;
            sum.items += part.items;
        }
        Ok(sum)
    }
}

impl MarkAgreementOf {
    fn of_item(&self, answers: &[Option<Arc<ItemMarks>>]) -> Result<MarkAgreement> {
        let given: Vec<&Arc<ItemMarks>> = answers.iter().flatten().collect();
        let mut found = MarkAgreement { items: usize::from(given.len() > 1), ..MarkAgreement::default() };
        for (at, first) in given.iter().enumerate() {
            for second in &given[at + 1..] {
                match self.kind {
                    TaskKind::Spans => {
                        let both = SpanAgreement::of(&self.spans(first), &self.spans(second));
                        found.spans += both.counts();
                        found.matched += both.matched();
                    }
                    TaskKind::Shapes => self.shapes(first, second, &mut found)?,
                    _ => {}
                }
            }
        }
        Ok(found)
    }

    fn class(&self, label: &str) -> u16 {
        self.classes.iter().position(|name| name == label).map_or(u16::MAX, |at| at as u16)
    }

    fn spans(&self, marks: &ItemMarks) -> Vec<(usize, usize, u16)> {
        let span = |annotation: &Arc<crate::data::annotations::Annotation>| match &annotation.mark {
            Mark::Span(span) => Some((span.range().0, span.range().1, self.class(&annotation.label))),
            _ => None,
        };
        marks.marks.values().filter_map(span).collect()
    }

    fn shapes(&self, first: &ItemMarks, second: &ItemMarks, found: &mut MarkAgreement) -> Result<()> {
        let of = |marks: &ItemMarks| -> (Vec<u16>, Vec<Mark>) {
            marks.marks.values().map(|annotation| (self.class(&annotation.label), annotation.mark.clone())).unzip()
        };
        let ((classes_a, a), (classes_b, b)) = (of(first), of(second));
        let iou: Vec<f64> = a.iter().flat_map(|a| b.iter().map(|b| iou(a, b))).collect();
        let both = ShapeAgreement::of(&classes_a, &classes_b, &iou, SAME_SHAPE)?;
        found.located += both.located();
        found.classed += both.classed();
        found.matched += both.matched();
        Ok(())
    }
}

/// Intersection over union of two shapes: of upright boxes exactly, of others on a grid over both.
fn iou(a: &Mark, b: &Mark) -> f64 {
    let (Some(first), Some(second)) = (shapes::bounds_of(a), shapes::bounds_of(b)) else { return 0.0 };
    let sides = |rect: Rect| [rect.x, rect.y, rect.width, rect.height];
    let boxes = box_iou(sides(first), sides(second));
    if matches!((a, b), (Mark::Box(p), Mark::Box(q)) if p.angle == 0.0 && q.angle == 0.0) || boxes == 0.0 {
        return boxes;
    }
    let ends =
        [first, second].map(|rect| [Point::new(rect.x, rect.y), Point::new(rect.x + rect.width, rect.y + rect.height)]);
    let Some(whole) = bounds(ends.as_flattened()) else { return 0.0 };
    let scale = GRID / whole.width.max(whole.height).max(1e-9);
    let on_grid = |mark: &Mark| {
        let place = |point: &Point| Point::new((point.x - whole.x) * scale, (point.y - whole.y) * scale);
        let ring = |points: &[Point]| points.iter().map(place).collect::<Vec<_>>();
        let parts: Vec<Part> = match mark {
            Mark::Box(rect) => vec![Part { outline: ring(&corners(*rect)), holes: Vec::new() }],
            Mark::Polygon(parts) => parts
                .iter()
                .map(|part| Part {
                    outline: ring(&part.outline),
                    holes: part.holes.iter().map(|hole| ring(hole)).collect(),
                })
                .collect(),
            _ => return None,
        };
        rasterise(&parts, GRID as u32, GRID as u32)
    };
    match (on_grid(a), on_grid(b)) {
        (Some(a), Some(b)) => runs_iou(a.runs(), b.runs()),
        // Lines, points and masks are compared by the boxes around them.
        _ => boxes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_compared_by_what_they_cover() {
        let square = |x: f64, angle: f64| Mark::Box(Rect { angle, ..Rect::new(x, 0.0, 10.0, 10.0) });
        let outline = |points: &[(f64, f64)]| {
            let outline = points.iter().map(|(x, y)| Point::new(*x, *y)).collect();
            Mark::Polygon(vec![Part { outline, holes: Vec::new() }])
        };
        let check = |a: &Mark, b: &Mark, expected: f64| assert!((iou(a, b) - expected).abs() < 0.01, "{}", iou(a, b));
        check(&square(0.0, 0.0), &square(5.0, 0.0), 1.0 / 3.0);
        check(&square(0.0, 0.0), &square(20.0, 0.0), 0.0);
        check(&square(0.0, 90.0), &square(0.0, 0.0), 1.0);
        let triangle = outline(&[(0.0, 0.0), (10.0, 0.0), (0.0, 10.0)]);
        check(&triangle, &square(0.0, 0.0), 0.5);
    }
}
