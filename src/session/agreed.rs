//! How far annotators agree, as derived values: on classes, and on what they marked inside items.

use std::sync::Arc;

use rayon::prelude::*;

use crate::data::annotations::Mark;
use crate::data::annotations::geometry::{bounds, corners, rasterise};
use crate::data::annotations::model::{Part, Point, Rect};
use crate::engine::{Derived, Fingerprint, Fingerprinter, Result, Work};
use crate::label::agreement::{Agreement, Interval, OrderedAgreement, Rating, Ratings, resampling};
use crate::label::matching::{Counts, Matched, ShapeAgreement, SpanAgreement, SpanCounts, box_iou, runs_iou};
use crate::label::{Answers, ItemMarks, TaskKind, shapes};

/// Resamples of the bootstrap.
const RESAMPLES: usize = 1000;

/// The intersection over union from which two shapes are the same thing.
const SAME_SHAPE: f64 = 0.5;

/// The grid on which outlines are compared, in cells a side.
const GRID: f64 = 256.0;

/// How far annotators agree on classes, taken as names and as in an order.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ClassAgreement {
    /// Of classes as names.
    pub named: Agreement,
    /// Of classes in the order in which they stand; of their values where all their names are numbers.
    pub ordered: OrderedAgreement,
}

/// How far annotators agree on classes.
pub struct ClassAgreementOf {
    /// Their answers.
    pub answers: Arc<Answers<u16>>,
    /// The names of the classes.
    pub classes: Arc<Vec<String>>,
    /// The seed of the bootstrap.
    pub seed: u64,
    /// The state of the ledger that the answers are of.
    pub generation: u64,
}

/// What classes stand for, where all their names are numbers.
pub fn class_values(classes: &[String]) -> Option<Vec<f64>> {
    let value = |name: &String| name.trim().parse::<f64>().ok().filter(|value| value.is_finite());
    classes.iter().map(value).collect()
}

impl Derived for ClassAgreementOf {
    type Output = ClassAgreement;

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("agreement on classes").number(self.generation).number(self.seed).finish()
    }

    fn compute(&self, work: &Work) -> Result<ClassAgreement> {
        let items = self.answers.rows.keys().last().map_or(0, |row| *row as usize + 1);
        let mut ratings = Vec::new();
        for (&item, answers) in &self.answers.rows {
            let given = answers.iter().enumerate().filter_map(|(annotator, class)| Some((annotator, (*class)?)));
            ratings.extend(given.map(|(annotator, class)| Rating { item, annotator: annotator as u32, class }));
        }
        let ratings = Ratings::new(items, self.answers.annotators.len(), self.classes.len(), ratings)?;
        let values = class_values(&self.classes);
        Ok(ClassAgreement {
            named: Agreement::of(&ratings, RESAMPLES, self.seed, work)?,
            ordered: OrderedAgreement::of(&ratings, values.as_deref(), RESAMPLES, self.seed, work)?,
        })
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
    /// The measures with their intervals over resampled items.
    pub measures: MarkMeasures,
}

/// The measures of agreement on marks; those of other kinds of tasks are without a value.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MarkMeasures {
    /// F1 of equal spans.
    pub exact: Interval,
    /// F1 of overlapping spans.
    pub overlap: Interval,
    /// F1 by letters.
    pub characters: Interval,
    /// F1 of shapes that were found, whatever their class.
    pub located: Interval,
    /// F1 of shapes that were found with the same class.
    pub classed: Interval,
    /// The mean intersection over union of what corresponds.
    pub iou: Interval,
    /// The share of what corresponds that has the same class.
    pub same_class: Interval,
}

impl MarkAgreement {
    /// Takes in what was counted of further items.
    fn add(&mut self, part: &Self) {
        self.spans += part.spans;
        self.located += part.located;
        self.classed += part.classed;
        self.matched += part.matched;
        self.items += part.items;
    }

    /// In the order of [`MarkMeasures`].
    fn values(&self) -> [Option<f64>; 7] {
        [
            self.spans.exact.f1(false),
            self.spans.overlap.f1(false),
            self.spans.characters.f1(false),
            self.located.f1(false),
            self.classed.f1(false),
            self.matched.mean_iou(),
            self.matched.class_agreement(),
        ]
    }
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
    /// The seed of the bootstrap.
    pub seed: u64,
}

impl Derived for MarkAgreementOf {
    type Output = MarkAgreement;

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("agreement on marks").text(&self.task).number(self.generation).number(self.seed).finish()
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
        parts.iter().for_each(|part| sum.add(part));
        sum.measures = self.measures(&sum, &parts, work)?;
        Ok(sum)
    }
}

impl MarkAgreementOf {
    /// Intervals by resampling the items that two or more worked on.
    fn measures(&self, sum: &MarkAgreement, parts: &[MarkAgreement], work: &Work) -> Result<MarkMeasures> {
        let compared: Vec<&MarkAgreement> = parts.iter().filter(|part| part.items > 0).collect();
        work.stage("resampling items", RESAMPLES as u64);
        let samples: Vec<[Option<f64>; 7]> = (0..RESAMPLES)
            .into_par_iter()
            .map(|index| {
                work.advance(1)?;
                let (mut random, mut sum) = (resampling(self.seed, index as u64), MarkAgreement::default());
                for _ in 0..compared.len() {
                    compared.get(random.below(compared.len())).iter().for_each(|part| sum.add(part));
                }
                Ok(sum.values())
            })
            .collect::<Result<_>>()?;
        let values = sum.values();
        let interval =
            |which: usize| Interval::of(values[which], samples.iter().filter_map(|sample| sample[which]).collect());
        Ok(MarkMeasures {
            exact: interval(0),
            overlap: interval(1),
            characters: interval(2),
            located: interval(3),
            classed: interval(4),
            iou: interval(5),
            same_class: interval(6),
        })
    }

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
                    TaskKind::Shapes | TaskKind::Keypoints => self.shapes(first, second, &mut found)?,
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
    if let (Mark::Mask(a), Mark::Mask(b)) = (a, b)
        && (a.width(), a.height()) == (b.width(), b.height())
    {
        return runs_iou(a.runs(), b.runs());
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
        // Lines, points, and a mask beside an outline are compared by the boxes around them.
        _ => boxes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_over_items_and_hold_the_value() {
        let item = |boxes: &[f64]| {
            let mut item = ItemMarks::default();
            for (at, x) in boxes.iter().enumerate() {
                let mark = Mark::Box(Rect::new(*x, 0.0, 10.0, 10.0));
                item.marks.insert(at as u32 + 1, Arc::new(crate::data::annotations::Annotation::new("a", mark)));
            }
            Some(Arc::new(item))
        };
        // Of forty items a quarter was missed by one of the two.
        let rows = (0..40u32)
            .map(|row| (row, vec![item(&[0.0, 50.0]), item(if row % 4 == 0 { &[0.0] } else { &[0.0, 50.0] })]));
        let answers = Answers {
            annotators: vec!["a".into(), "b".into()],
            rows: rows.collect(),
            decided: std::collections::BTreeSet::new(),
        };
        let of = |seed| {
            let answers = Arc::new(answers.clone());
            let classes = vec!["a".to_owned()];
            let of =
                MarkAgreementOf { answers, kind: TaskKind::Shapes, classes, generation: 1, task: "t".into(), seed };
            of.compute(&Work::new()).unwrap()
        };
        let found = of(1);
        let located = found.measures.located;
        assert!((located.value.unwrap() - 140.0 / 150.0).abs() < 1e-9);
        assert!(located.low < located.value && located.value < located.high, "{located:?}");
        assert_eq!(found.measures.iou.value, Some(1.0));
        assert_eq!(found.measures.exact, Interval::default());
        assert_eq!(found, of(1));
    }

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
