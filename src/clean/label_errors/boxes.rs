//! Label errors of boxes: objects that were overlooked, boxes that lie badly, and boxes of the wrong class.
//!
//! In: the given boxes of images and a detector's. Source: Tkachenko, Thyagarajan and Mueller 2023, "ObjectLab: Automated
//! Diagnosis of Mislabeled Images in Object Detection Data". Two boxes are as similar as they overlap, and a little as
//! their centres are near; a score is how well the detector bears a box out.

use super::tokens::softmin;

/// How much of the similarity the overlap is; the rest is how near the centres are.
const OVERLAP: f64 = 0.9;

/// How fast the nearness falls with the distance, by pixel.
const FALL: f64 = 0.1;

/// The diagonal of an image whose distances count as they are, in pixels. Those of other images are scaled to it, so that
/// a score does not depend on the resolution.
const DIAGONAL: f64 = 800.0;

/// The confidence above which a predicted box that no given one touches is an overlooked object, and above which one of
/// another class speaks for a swap.
const SURE: f64 = 0.95;

/// The confidence above which a predicted box says where an object lies.
const PLACED: f64 = 0.5;

/// The temperature of the mean of an image's scores.
const TEMPERATURE: f64 = 0.1;

/// The score of what is surely wrong is no higher, however well all other boxes agree.
const LEAST: f64 = 1e-3;

/// The share of its class's average precision below which a score is an error.
const SHARE: f64 = 0.8 * 0.25;

/// A box in pixels, of a class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoxOf {
    /// The class.
    pub class: u16,
    /// Left, top, right, bottom.
    pub edges: [f64; 4],
    /// How sure the detector is, 0-1; of a given box 1.
    pub confidence: f64,
}

impl BoxOf {
    fn area(&self) -> f64 {
        (self.edges[2] - self.edges[0]).max(0.0) * (self.edges[3] - self.edges[1]).max(0.0)
    }

    /// The share of both that is common, 0-1.
    fn overlap(&self, other: &Self) -> f64 {
        let width = self.edges[2].min(other.edges[2]) - self.edges[0].max(other.edges[0]);
        let height = self.edges[3].min(other.edges[3]) - self.edges[1].max(other.edges[1]);
        let common = width.max(0.0) * height.max(0.0);
        let either = self.area() + other.area() - common;
        if either > 0.0 { common / either } else { 0.0 }
    }

    fn distance(&self, other: &Self) -> f64 {
        let middle = |at: usize| (self.edges[at] + self.edges[at + 2] - other.edges[at] - other.edges[at + 2]) / 2.0;
        middle(0).hypot(middle(1))
    }
}

/// The boxes of one image.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Boxes {
    /// Those that were drawn.
    pub given: Vec<BoxOf>,
    /// Those of a detector that has not learnt from this image.
    pub predicted: Vec<BoxOf>,
    /// Width and height in pixels, if they are known.
    pub size: Option<(f64, f64)>,
}

/// What may be wrong with a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BoxFault {
    /// A sure prediction where nothing was drawn.
    Overlooked,
    /// A drawn box that lies elsewhere than the predicted one of its class.
    BadlyPlaced,
    /// A drawn box where another class is predicted.
    Swapped,
}

impl BoxFault {
    /// All faults.
    pub const ALL: [Self; 3] = [Self::Overlooked, Self::BadlyPlaced, Self::Swapped];

    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overlooked => "overlooked",
            Self::BadlyPlaced => "badly-placed",
            Self::Swapped => "swapped",
        }
    }
}

/// The scores of an image's boxes, each 0-1, low is bad.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BoxScores {
    /// By predicted box; `None` where it is not sure or something was drawn there.
    pub overlooked: Vec<Option<f64>>,
    /// By given box.
    pub badly_placed: Vec<f64>,
    /// By given box.
    pub swapped: Vec<f64>,
    /// Of the image: the geometric mean of the three softmins, an empty one being 1.
    pub image: f64,
}

/// One box that is likely wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoxError {
    /// The image, by position.
    pub image: usize,
    /// What is wrong.
    pub fault: BoxFault,
    /// The box: of the predicted ones if overlooked, else of the given ones.
    pub at: usize,
    /// Its score.
    pub score: f64,
}

/// Likely errors of boxes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BoxErrors {
    /// The scores by image.
    pub images: Vec<BoxScores>,
    /// The average precision of the detector by class, over overlaps from 0.5 to 0.95; `None` of a class without boxes.
    pub precision: Vec<Option<f64>>,
    /// The boxes whose score is at most a fifth of their class's average precision, the lowest first.
    pub errors: Vec<BoxError>,
}

impl BoxErrors {
    /// Finds errors among the boxes of images. `compatible` counts distances in pixels whatever the image's size.
    pub fn find(images: &[Boxes], classes: usize, compatible: bool) -> Self {
        let scale = |image: &Boxes| match image.size {
            Some((width, height)) if !compatible && width.hypot(height) > 0.0 => DIAGONAL / width.hypot(height),
            _ => 1.0,
        };
        let similarity = |image: &Boxes, a: &BoxOf, b: &BoxOf| {
            OVERLAP * a.overlap(b) + (1.0 - OVERLAP) * (-FALL * a.distance(b) * scale(image)).exp()
        };
        let all = images.iter().flat_map(|image| {
            let pairs = image.given.iter().flat_map(|given| image.predicted.iter().map(move |other| (given, other)));
            pairs.map(|(given, predicted)| similarity(image, given, predicted))
        });
        let most = if compatible { 1.0 } else { LEAST };
        let least = all.filter(|similarity| *similarity > 0.0).fold(most, f64::min);
        let found: Vec<BoxScores> =
            images.iter().map(|image| score(image, least, |a, b| similarity(image, a, b))).collect();
        let precision: Vec<Option<f64>> = (0..classes as u16).map(|class| average_precision(images, class)).collect();
        let mut errors: Vec<BoxError> = Vec::new();
        for (at, (image, scores)) in images.iter().zip(&found).enumerate() {
            let bar = |class: u16| precision.get(usize::from(class)).copied().flatten().unwrap_or(0.0) * SHARE;
            let mut add = |fault, boxes: &[BoxOf], scores: &mut dyn Iterator<Item = Option<f64>>| {
                for (place, (of, score)) in boxes.iter().zip(scores).enumerate() {
                    if let Some(score) = score.filter(|score| *score <= bar(of.class)) {
                        errors.push(BoxError { image: at, fault, at: place, score });
                    }
                }
            };
            add(BoxFault::Overlooked, &image.predicted, &mut scores.overlooked.iter().copied());
            add(BoxFault::BadlyPlaced, &image.given, &mut scores.badly_placed.iter().map(|score| Some(*score)));
            add(BoxFault::Swapped, &image.given, &mut scores.swapped.iter().map(|score| Some(*score)));
        }
        errors
            .sort_by(|a, b| a.score.total_cmp(&b.score).then((a.image, a.fault, a.at).cmp(&(b.image, b.fault, b.at))));
        Self { images: found, precision, errors }
    }
}

fn score(image: &Boxes, least: f64, similarity: impl Fn(&BoxOf, &BoxOf) -> f64) -> BoxScores {
    let best = |of: &BoxOf, others: &mut dyn Iterator<Item = &BoxOf>| {
        others
            .map(|other| similarity(of, other))
            .fold(None, |best: Option<f64>, one| Some(best.map_or(one, |b| b.max(one))))
    };
    let overlooked = |predicted: &BoxOf| {
        let alone = predicted.confidence >= SURE && image.given.iter().all(|given| given.overlap(predicted) == 0.0);
        let mut same = image.given.iter().filter(|given| given.class == predicted.class);
        alone.then(|| best(predicted, &mut same).unwrap_or(least * (1.0 - predicted.confidence)))
    };
    let badly_placed = |given: &BoxOf| {
        let places =
            |other: &&BoxOf| other.class == given.class && other.confidence > PLACED && given.overlap(other) > 0.0;
        best(given, &mut image.predicted.iter().filter(places)).unwrap_or(1.0)
    };
    let swapped = |(at, given): (usize, &BoxOf)| {
        let others = image.given.iter().enumerate();
        let twin = |(other, of): (usize, &BoxOf)| other != at && of.class != given.class && of.overlap(given) >= SURE;
        if others.into_iter().any(twin) {
            return least;
        }
        let speaks = |other: &&BoxOf| other.class != given.class && other.confidence > SURE;
        best(given, &mut image.predicted.iter().filter(speaks)).map_or(1.0, |best| least.max(1.0 - best))
    };
    let overlooked: Vec<Option<f64>> = image.predicted.iter().map(overlooked).collect();
    let badly_placed: Vec<f64> = image.given.iter().map(badly_placed).collect();
    let swapped: Vec<f64> = image.given.iter().enumerate().map(swapped).collect();
    let pool = |scores: &mut dyn Iterator<Item = f64>| {
        let pooled = softmin(scores, TEMPERATURE);
        if pooled.is_nan() { 1.0 } else { pooled }
    };
    let pools = [
        pool(&mut overlooked.iter().flatten().copied()),
        pool(&mut badly_placed.iter().copied()),
        pool(&mut swapped.iter().copied()),
    ];
    let image = pools.iter().product::<f64>().cbrt();
    BoxScores { overlooked, badly_placed, swapped, image }
}

/// The area under precision by recall of a class, the mean over overlaps of .5, .55, … .95; the precision at a recall is
/// the best one at that recall or more.
fn average_precision(images: &[Boxes], class: u16) -> Option<f64> {
    let of_class = |boxes: &[BoxOf]| -> Vec<BoxOf> { boxes.iter().filter(|b| b.class == class).copied().collect() };
    let given: Vec<Vec<BoxOf>> = images.iter().map(|image| of_class(&image.given)).collect();
    let all = given.iter().map(Vec::len).sum::<usize>();
    if all == 0 {
        return None;
    }
    let mut predicted: Vec<(usize, BoxOf)> = images
        .iter()
        .enumerate()
        .flat_map(|(at, image)| of_class(&image.predicted).into_iter().map(move |b| (at, b)))
        .collect();
    predicted.sort_by(|a, b| b.1.confidence.total_cmp(&a.1.confidence).then(a.0.cmp(&b.0)));
    let at_overlap = |least: f64| {
        let mut taken: Vec<Vec<bool>> = given.iter().map(|boxes| vec![false; boxes.len()]).collect();
        let mut hits = Vec::with_capacity(predicted.len());
        for (image, predicted) in &predicted {
            let free = given[*image].iter().enumerate().filter(|(at, _)| !taken[*image][*at]);
            let best = free
                .map(|(at, given)| (at, given.overlap(predicted)))
                .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
            let hit = best.filter(|(_, overlap)| *overlap >= least);
            if let Some((at, _)) = hit {
                taken[*image][at] = true;
            }
            hits.push(hit.is_some());
        }
        let mut right = 0;
        let mut precision: Vec<f64> = Vec::with_capacity(hits.len());
        for (at, hit) in hits.iter().enumerate() {
            right += usize::from(*hit);
            precision.push(right as f64 / (at + 1) as f64);
        }
        let mut best = 0.0f64;
        let mut area = 0.0;
        for (precision, hit) in precision.iter().zip(&hits).rev() {
            best = best.max(*precision);
            area += if *hit { best } else { 0.0 };
        }
        area / all as f64
    };
    Some((0..10).map(|step| at_overlap(0.5 + 0.05 * f64::from(step))).sum::<f64>() / 10.0)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::golden::{close, data, numbers, table};
    use super::*;

    fn of(class: u16, edges: [f64; 4], confidence: f64) -> BoxOf {
        BoxOf { class, edges, confidence }
    }

    fn images(golden: &Value) -> Vec<Boxes> {
        let edges = |row: &[f64]| [row[0], row[1], row[2], row[3]];
        let labels = golden["labels"].as_array().unwrap().iter();
        labels
            .zip(golden["predictions"].as_array().unwrap())
            .map(|(label, predictions)| Boxes {
                given: table(&label["bboxes"])
                    .iter()
                    .zip(numbers(&label["labels"]))
                    .map(|(row, class)| of(class as u16, edges(row), 1.0))
                    .collect(),
                predicted: (0u16..)
                    .zip(predictions.as_array().unwrap())
                    .flat_map(|(class, rows)| table(rows).into_iter().map(move |row| of(class, edges(&row), row[4])))
                    .collect(),
                size: None,
            })
            .collect()
    }

    #[test]
    fn scores_are_cleanlabs() {
        let Some(data) = data() else { return };
        let text = std::fs::read_to_string(data.join("golden/object_detection_small.json")).unwrap();
        // The file writes what is not a number as the peer does.
        let golden: Value = serde_json::from_str(&text.replace("NaN", "null")).unwrap();
        let found = BoxErrors::find(&images(&golden), 2, true);
        let image: Vec<f64> = found.images.iter().map(|scores| scores.image).collect();
        // The peer takes a tiny similarity as the difference of numbers near 1, which leaves it few digits.
        for (a, b) in image.iter().zip(numbers(&golden["scores"])) {
            assert!((a - b).abs() <= 1e-3 * b, "{a} is not {b}");
        }
        for (at, scores) in found.images.iter().enumerate() {
            close(&scores.badly_placed, &numbers(&golden["badloc"][at]), "badly placed");
            close(&scores.swapped, &numbers(&golden["swap"][at]), "swapped");
            let expected: Vec<Option<f64>> =
                golden["overlooked"][at].as_array().unwrap().iter().map(Value::as_f64).collect();
            assert_eq!(scores.overlooked.len(), expected.len());
            for (a, b) in scores.overlooked.iter().zip(&expected) {
                assert_eq!(a.is_some(), b.is_some());
                close(a.as_slice(), b.as_slice(), "overlooked");
            }
        }
    }

    #[test]
    fn each_fault_is_found_and_good_boxes_are_not() {
        let good = |class, x: f64| {
            let edges = [x, 10.0, x + 50.0, 60.0];
            Boxes {
                given: vec![of(class, edges, 1.0)],
                predicted: vec![of(class, edges, 0.97)],
                size: Some((400.0, 300.0)),
            }
        };
        let mut all: Vec<Boxes> = (0..10).map(|at| good(at % 2, f64::from(at) * 10.0)).collect();
        all[2].given.clear();
        all[3].predicted[0].class = 0;
        all[5].given[0].edges = [95.0, 55.0, 145.0, 105.0];
        let found = BoxErrors::find(&all, 3, false);
        let errors: Vec<(usize, BoxFault)> = found.errors.iter().map(|error| (error.image, error.fault)).collect();
        assert!(errors.contains(&(2, BoxFault::Overlooked)), "{errors:?}");
        assert!(errors.contains(&(3, BoxFault::Swapped)), "{errors:?}");
        assert!(errors.contains(&(5, BoxFault::BadlyPlaced)), "{errors:?}");
        assert_eq!(errors.len(), 3, "{errors:?}");
        assert!(
            found.precision[0].is_some_and(|precision| (0.5..1.0).contains(&precision)) && found.precision[2].is_none()
        );
        assert_eq!(BoxErrors::find(&[], 1, false).errors, []);
    }

    #[test]
    fn precision_is_that_counted_by_hand() {
        let at = |x: f64| [x, 0.0, x + 10.0, 10.0];
        let boxes = |given: &[f64], predicted: &[(f64, f64)]| Boxes {
            given: given.iter().map(|x| of(0, at(*x), 1.0)).collect(),
            predicted: predicted.iter().map(|(x, sure)| of(0, at(*x), *sure)).collect(),
            size: None,
        };
        let check = |image: Boxes, expected: f64| {
            let found = average_precision(&[image], 0).unwrap();
            assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
        };
        check(boxes(&[0.0, 50.0], &[(0.0, 0.9), (50.0, 0.8)]), 1.0);
        check(boxes(&[0.0, 50.0], &[(0.0, 0.9)]), 0.5);
        check(boxes(&[0.0, 50.0], &[(200.0, 0.95), (0.0, 0.9), (50.0, 0.8)]), 2.0 / 3.0);
        check(boxes(&[0.0], &[(0.0, 0.9), (0.0, 0.8)]), 1.0);
        check(boxes(&[0.0], &[]), 0.0);
    }
}
