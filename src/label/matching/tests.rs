use super::assignment::Assignment;
use super::*;

const PS: u16 = 0;
const OG: u16 = 1;
const LC: u16 = 2;
const DT: u16 = 3;

/// A linear congruential generator (Knuth's MMIX constants).
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % end as u64) as usize
    }

    fn unit(&mut self) -> f64 {
        self.below(1 << 20) as f64 / f64::from(1 << 20)
    }

    fn spans(&mut self) -> Vec<ClassedSpan> {
        (0..self.below(7))
            .map(|_| {
                let start = self.below(20);
                (start, start + self.below(8), self.below(2) as u16)
            })
            .collect()
    }
}

fn counts(first: u64, second: u64, shared: u64) -> Counts {
    Counts { first, second, shared }
}

/// The largest total weight of any pairing, by trying all.
fn brute_force(weights: &[Vec<f64>], used: &mut Vec<bool>) -> f64 {
    let Some((row, rest)) = weights.split_first() else { return 0.0 };
    let mut best = brute_force(rest, used);
    for (column, &weight) in row.iter().enumerate() {
        if !used[column] {
            used[column] = true;
            best = best.max(weight + brute_force(rest, used));
            used[column] = false;
        }
    }
    best
}

/// `agreement_golden.json`, which `agreement_golden.py` makes from these spans.
#[test]
fn the_golden_numbers() {
    let a = [(0, 2, PS), (5, 9, OG), (12, 15, LC)];
    let b = [(0, 2, PS), (5, 8, OG), (20, 22, DT)];
    let agreement = SpanAgreement::of(&a, &b);
    let found = agreement.counts();
    let boxes = box_iou([0.0, 0.0, 10.0, 10.0], [5.0, 5.0, 10.0, 10.0]);
    for (name, value, golden) in [
        ("span_f1_exact", found.exact.f1(false), 0.333_333),
        ("span_f1_overlap", found.overlap.f1(false), 0.666_667),
        ("char_f1", found.characters.f1(false), 0.625),
        ("iou", Some(boxes), 0.142_857),
    ] {
        assert!((value.unwrap() - golden).abs() < 1e-4, "{name}: {value:?}");
    }
    // OG: "5..9" and "5..8" correspond, of the same class, with 3 of 4 characters.
    let matched = agreement.matched();
    assert_eq!(matched, Matched { pairs: 2, same_class: 2, same_extent: 1, iou: 1.75 });
    assert_eq!(agreement.classes[&OG].characters, counts(4, 3, 3));
    assert_eq!(agreement.classes[&LC].overlap, counts(1, 0, 0));
    assert_eq!((matched.mean_iou(), matched.extent_agreement()), (Some(0.875), Some(0.5)));
}

#[test]
fn spans_by_hand() {
    type Case = (&'static str, &'static [ClassedSpan], &'static [ClassedSpan], [Counts; 3], [u64; 3]);
    // Exact, overlap and characters; then pairs, those of the same class, those of the same extent.
    let cases: [Case; 10] = [
        ("nothing", &[], &[], [counts(0, 0, 0); 3], [0, 0, 0]),
        ("one side only", &[(1, 3, PS)], &[], [counts(1, 0, 0), counts(1, 0, 0), counts(2, 0, 0)], [0; 3]),
        ("other class", &[(1, 3, PS)], &[(1, 3, OG)], [counts(1, 1, 0), counts(1, 1, 0), counts(2, 2, 0)], [1, 0, 1]),
        ("they touch", &[(1, 3, PS)], &[(3, 5, PS)], [counts(1, 1, 0), counts(1, 1, 0), counts(2, 2, 0)], [0; 3]),
        // One span and its halves: one pair, the other half is left.
        (
            "halves",
            &[(0, 4, PS)],
            &[(0, 2, PS), (2, 4, PS)],
            [counts(1, 2, 0), counts(1, 2, 1), counts(4, 4, 4)],
            [1, 1, 0],
        ),
        // From left to right 0..9 would take 1..2, the only one that 1..3 meets.
        (
            "maximum",
            &[(0, 9, PS), (1, 3, PS)],
            &[(1, 2, PS), (5, 6, PS)],
            [counts(2, 2, 0), counts(2, 2, 2), counts(9, 2, 2)],
            [2, 2, 0],
        ),
        // The nested ones cover 10 characters once; the inner one is the same in both.
        (
            "nested",
            &[(0, 10, PS), (2, 4, PS)],
            &[(2, 4, PS)],
            [counts(2, 1, 1), counts(2, 1, 1), counts(10, 2, 2)],
            [1, 1, 1],
        ),
        (
            "twice",
            &[(1, 3, PS), (1, 3, PS)],
            &[(1, 3, PS)],
            [counts(1, 1, 1), counts(1, 1, 1), counts(2, 2, 2)],
            [1, 1, 1],
        ),
        (
            "no characters",
            &[(3, 3, PS), (5, 4, PS)],
            &[(3, 3, PS)],
            [counts(2, 1, 1), counts(2, 1, 0), counts(0, 0, 0)],
            [0; 3],
        ),
        // Two classes on one stretch are not paired crosswise.
        (
            "two classes",
            &[(0, 5, PS), (0, 5, OG)],
            &[(0, 5, OG), (0, 5, PS)],
            [counts(2, 2, 2), counts(2, 2, 2), counts(10, 10, 10)],
            [2, 2, 2],
        ),
    ];
    for (name, a, b, [exact, overlap, characters], [pairs, same_class, same_extent]) in cases {
        let agreement = SpanAgreement::of(a, b);
        assert_eq!(agreement.counts(), SpanCounts { exact, overlap, characters }, "{name}");
        let matched = agreement.matched();
        assert_eq!(
            [matched.pairs, matched.same_class, matched.same_extent],
            [pairs, same_class, same_extent],
            "{name}"
        );
        assert_eq!(agreement.repeated, u64::from(name == "twice"), "{name}");
    }
}

#[test]
fn confusion_of_classes_is_told_apart_from_boundaries() {
    // Right; other class; other end; both; and one that has no counterpart.
    let a = [(0, 4, PS), (10, 14, PS), (20, 24, OG), (30, 34, LC), (40, 44, DT)];
    let b = [(0, 4, PS), (10, 14, OG), (20, 22, OG), (31, 34, DT)];
    let agreement = SpanAgreement::of(&a, &b);
    let one = |same_class, same_extent, iou| Matched { pairs: 1, same_class, same_extent, iou };
    let expected = [
        ((PS, PS), one(1, 1, 1.0)),
        ((PS, OG), one(0, 1, 1.0)),
        ((OG, OG), one(1, 0, 0.5)),
        ((LC, DT), one(0, 0, 0.75)),
    ];
    assert_eq!(agreement.confusion, Confusion::from(expected));
    let matched = agreement.matched();
    assert_eq!((matched.class_agreement(), matched.extent_agreement()), (Some(0.5), Some(0.5)));
    assert_eq!(agreement.counts().exact.f1(false), Some(2.0 / 9.0));
}

#[test]
fn nothing_on_both_sides_agrees_only_if_asked() {
    let cases = [
        (counts(0, 0, 0), None, Some(1.0)),
        (counts(3, 0, 0), Some(0.0), Some(0.0)),
        (counts(2, 2, 2), Some(1.0), Some(1.0)),
    ];
    for (counted, without, with) in cases {
        assert_eq!((counted.f1(false), counted.f1(true)), (without, with), "{counted:?}");
    }
    let none = Matched::default();
    assert_eq!([none.mean_iou(), none.class_agreement(), none.extent_agreement()], [None; 3]);
}

#[test]
fn spans_agree_with_sets_and_with_trying_all() {
    let mut random = Lcg(1);
    for round in 0..400 {
        let (a, b) = (random.spans(), random.spans());
        let found = SpanAgreement::of(&a, &b);
        let set = |spans: &[ClassedSpan]| -> std::collections::BTreeSet<(usize, u16)> {
            spans.iter().flat_map(|&(start, end, class)| (start..end).map(move |at| (at, class))).collect()
        };
        let (in_a, in_b) = (set(&a), set(&b));
        let characters = counts(in_a.len() as u64, in_b.len() as u64, in_a.intersection(&in_b).count() as u64);
        assert_eq!(found.counts().characters, characters, "{round}: {a:?} {b:?}");
        let (a, b) = (distinct(&a), distinct(&b));
        let table = |weight: &dyn Fn(ClassedSpan, ClassedSpan) -> f64| -> f64 {
            let rows: Vec<Vec<f64>> = a.iter().map(|one| b.iter().map(|two| weight(*one, *two)).collect()).collect();
            brute_force(&rows, &mut vec![false; b.len()])
        };
        let meets = |one: ClassedSpan, two: ClassedSpan| one.0.max(two.0) < one.1.min(two.1);
        let most = table(&|one, two| if meets(one, two) && one.2 == two.2 { 1.0 } else { 0.0 });
        assert_eq!(found.counts().overlap.shared as f64, most, "{round}: {a:?} {b:?}");
        let most = table(&|one, two| span_iou((one.0, one.1), (two.0, two.1)));
        assert!((found.matched().iou - most).abs() < 1e-7, "{round}: {a:?} {b:?}");
    }
}

#[test]
fn items_add_up_and_sides_change_places() {
    let mut random = Lcg(2);
    let (mut one_by_one, mut apart) = (SpanAgreement::default(), SpanCounts::default());
    let (mut all_a, mut all_b) = (Vec::new(), Vec::new());
    for item in 0..30 {
        let (a, b) = (random.spans(), random.spans());
        let found = SpanAgreement::of(&a, &b);
        let back = SpanAgreement::of(&b, &a);
        assert_eq!(found.counts().overlap.f1(true), back.counts().overlap.f1(true));
        assert!((found.matched().iou - back.matched().iou).abs() < 1e-7);
        one_by_one += &found;
        apart += found.counts();
        let shift = |spans: Vec<ClassedSpan>| spans.into_iter().map(move |s| (s.0 + item * 100, s.1 + item * 100, s.2));
        all_a.extend(shift(a));
        all_b.extend(shift(b));
    }
    // One long text has the counts of the items one after the other.
    let at_once = SpanAgreement::of(&all_a, &all_b);
    assert_eq!((one_by_one.counts(), &one_by_one.classes), (apart, &at_once.classes));
    assert_eq!(one_by_one.matched().pairs, at_once.matched().pairs);
    assert_eq!(one_by_one.repeated, at_once.repeated);
}

#[test]
fn shapes_by_hand() {
    type Case = (&'static str, &'static [u16], &'static [u16], &'static [f64], &'static [(usize, usize)], u64, f64);
    // Classes, IoU and the expected pairs at 0.5, how many of them have one class, and their total IoU.
    let cases: [Case; 8] = [
        ("nothing", &[], &[], &[], &[], 0, 0.0),
        ("no second", &[PS, OG], &[], &[], &[], 0, 0.0),
        ("at the threshold", &[PS], &[PS], &[0.5], &[(0, 0)], 1, 0.5),
        ("below it", &[PS], &[PS], &[0.499], &[], 0, 0.0),
        ("other class", &[PS], &[OG], &[0.8], &[(0, 0)], 0, 0.8),
        // The best pair first would leave 0.9 alone; 0.8 + 0.7 is more.
        ("not greedy", &[PS, PS], &[PS, PS], &[0.9, 0.8, 0.7, 0.1], &[(0, 1), (1, 0)], 2, 1.5),
        ("more rows", &[PS, PS, OG], &[OG], &[0.6, 0.7, 0.65], &[(1, 0)], 0, 0.7),
        ("equal but for class", &[PS, OG], &[OG, PS], &[0.9, 0.9, 0.9, 0.9], &[(0, 1), (1, 0)], 2, 1.8),
    ];
    for (name, first, second, iou, pairs, same_class, total) in cases {
        assert_eq!(shape_pairs(first, second, iou, 0.5).unwrap(), pairs, "{name}");
        let agreement = ShapeAgreement::of(first, second, iou, 0.5).unwrap();
        let (a, b, both) = (first.len() as u64, second.len() as u64, pairs.len() as u64);
        assert_eq!(agreement.located(), counts(a, b, both), "{name}");
        assert_eq!(agreement.classed(), counts(a, b, same_class), "{name}");
        assert!((agreement.matched().iou - total).abs() < 1e-12, "{name}");
    }
}

#[test]
fn images_add_up() {
    let mut sum = ShapeAgreement::of(&[PS, OG], &[PS], &[0.9, 0.0], 0.5).unwrap();
    sum += &ShapeAgreement::of(&[OG], &[PS, LC], &[0.6, 0.3], 0.5).unwrap();
    let one = |same_class, iou| Matched { pairs: 1, same_class, same_extent: 0, iou };
    assert_eq!(sum.confusion, Confusion::from([((PS, PS), one(1, 0.9)), ((OG, PS), one(0, 0.6))]));
    let classes = [(PS, counts(1, 2, 1)), (OG, counts(2, 0, 0)), (LC, counts(0, 1, 0))];
    assert_eq!(sum.classes, BTreeMap::from(classes));
    assert_eq!((sum.located().f1(false), sum.classed().f1(false)), (Some(4.0 / 6.0), Some(2.0 / 6.0)));
    assert_eq!((sum.matched().mean_iou(), sum.matched().class_agreement()), (Some(0.75), Some(0.5)));
}

#[test]
fn what_is_no_iou_is_refused() {
    for (iou, threshold, told) in [
        (&[0.5][..], 0.5, "2 and 1 shapes need"),
        (&[0.5, f64::NAN], 0.5, "shape 1 with shape 0 is NaN"),
        (&[-0.1, 0.5], 0.5, "shape 0 with shape 0 is -0.1"),
        (&[0.5, 1.5], 0.5, "shape 1 with shape 0 is 1.5"),
        (&[0.5, 0.5], 1.1, "1.1"),
        (&[0.5, 0.5], f64::NAN, "NaN"),
    ] {
        let error = ShapeAgreement::of(&[PS, PS], &[PS], iou, threshold).unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
    assert_eq!(shape_pairs(&[PS], &[PS], &[0.0], 0.0), Ok(Vec::new()), "no common area is no pair");
}

#[test]
fn iou_by_hand() {
    let unit = [0.0, 0.0, 2.0, 2.0];
    for (other, expected) in [
        (unit, 1.0),
        ([1.0, 0.0, 2.0, 2.0], 1.0 / 3.0),
        ([2.0, 0.0, 2.0, 2.0], 0.0),
        ([5.0, 5.0, 1.0, 1.0], 0.0),
        ([0.5, 0.5, 1.0, 1.0], 0.25),
        ([0.0, 0.0, 0.0, 0.0], 0.0),
    ] {
        assert!((box_iou(unit, other) - expected).abs() < 1e-12, "{other:?}");
    }
    assert_eq!(box_iou([0.0; 4], [0.0; 4]), 0.0);
    // Pixels 2..5 and 8..10, against others of ten.
    for (other, expected) in
        [(&[2, 3, 3, 2][..], 1.0), (&[0, 10], 0.5), (&[4, 5, 1], 2.0 / 8.0), (&[5, 3, 2], 0.0), (&[10], 0.0)]
    {
        assert_eq!(runs_iou(&[2, 3, 3, 2], other), expected, "{other:?}");
    }
    assert_eq!(runs_iou(&[10], &[10]), 0.0);
}

#[test]
fn pairs_agree_with_trying_all() {
    let mut random = Lcg(3);
    for round in 0..2000 {
        let (rows, columns) = (random.below(7), random.below(7));
        // Sparse, dense, and with many ties in turn.
        let weights: Vec<Vec<f64>> = (0..rows)
            .map(|_| {
                let mut one = || match round % 3 {
                    0 => (random.unit() - 0.7).max(0.0),
                    1 => random.unit(),
                    _ => random.below(3) as f64,
                };
                (0..columns).map(|_| one()).collect()
            })
            .collect();
        let pairs = best_pairs(rows, columns, |row, column| weights[row][column]);
        let (mut of_rows, mut of_columns) = (vec![0; rows], vec![0; columns]);
        for &(row, column) in &pairs {
            assert!(weights[row][column] > 0.0);
            of_rows[row] += 1;
            of_columns[column] += 1;
        }
        assert!(of_rows.iter().chain(&of_columns).all(|times| *times <= 1), "{weights:?}: {pairs:?}");
        let total: f64 = pairs.iter().map(|&(row, column)| weights[row][column]).sum();
        let best = brute_force(&weights, &mut vec![false; columns]);
        assert!((total - best).abs() < 1e-9, "{weights:?}: {pairs:?} has {total}, best is {best}");
    }
    let odd = [[f64::NAN, f64::INFINITY], [-1.0, 0.25]];
    assert_eq!(best_pairs(2, 2, |row, column| odd[row][column]), [(1, 1)]);
}

/// Costs that are easy, usual and hard: products make every path long.
fn large(kind: usize, rows: usize, columns: usize) -> Vec<f64> {
    let mut random = Lcg(4);
    let mut cost = |row: usize, column: usize| match kind {
        0 => random.unit(),
        1 => random.below(3) as f64,
        _ => (row + 1) as f64 * (column + 1) as f64 / (rows * columns) as f64,
    };
    (0..rows * columns).map(|at| cost(at / columns, at % columns)).collect()
}

#[test]
fn the_duals_prove_large_assignments() {
    for (rows, columns) in [(120, 120), (40, 150), (1, 9), (0, 3), (0, 0)] {
        for kind in 0..3 {
            let costs = large(kind, rows, columns);
            let made = Assignment::of(&costs, rows, columns);
            let mut seen = vec![false; rows];
            for column in 0..columns {
                for row in 0..rows {
                    let slack = costs[row * columns + column] - made.row_dual[row] - made.column_dual[column];
                    let has = made.taken[column] == Some(row);
                    assert!(slack > -1e-9 && (!has || slack < 1e-9), "{kind}: {row} {column} {slack}");
                    seen[row] |= has;
                }
                let dual = made.column_dual[column];
                assert!(dual <= 0.0 && (made.taken[column].is_some() || dual == 0.0), "{kind}: {column} {dual}");
            }
            assert!(seen.iter().all(|seen| *seen), "{kind}: every row has a column");
        }
    }
}
