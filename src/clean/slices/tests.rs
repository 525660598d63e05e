//! Slices against a search of everything, on planted errors, and as filters.

use std::sync::Arc;

use arrow_array::{BooleanArray, Float64Array, Int64Array, LargeStringArray, TimestampMicrosecondArray};

use super::bits::Bits;
use super::features::bins;
use super::*;
use crate::data::{Kind, filter};

/// Rows of which those of men's shoes in Seoul are mostly wrong, and others seldom.
fn shop(rows: usize, seed: u64) -> Frame {
    let mut random = Random::new(seed);
    let pick = |random: &mut Random, list: &[&'static str]| list[random.below(list.len())];
    let (mut kind, mut sex, mut city, mut price, mut wrong, mut time, mut text) =
        (vec![], vec![], vec![], vec![], vec![], vec![], vec![]);
    for row in 0..rows {
        let (k, s) = (pick(&mut random, &["shoes", "hats", "coats"]), pick(&mut random, &["men", "women"]));
        let c = pick(&mut random, &["Seoul", "부산", "it's"]);
        let bad = k == "shoes" && s == "men";
        kind.push((row % 50 != 3).then_some(k));
        sex.push(Some(s));
        city.push(Some(c));
        price.push((row % 10 != 0).then(|| (random.unit() * 1000.0).round() / 10.0));
        let is_bad = bad && row % 50 != 3;
        wrong.push(random.unit() < if is_bad { 0.6 } else { 0.1 });
        time.push(Some(row as i64 * 3_600_000_000));
        text.push("x".repeat(random.below(30)));
    }
    let category = |name: &str, values: Vec<Option<&str>>| {
        Arc::new(Column::text(name, Kind::Category, LargeStringArray::from(values)))
    };
    Frame::new(vec![
        category("kind", kind),
        category("sex", sex),
        category("the city", city),
        Arc::new(Column::new("price", Values::Float(Float64Array::from(price)))),
        Arc::new(Column::new("when", Values::Time(time.into_iter().collect::<TimestampMicrosecondArray>()))),
        Arc::new(Column::text("text", Kind::Text, LargeStringArray::from_iter_values(text))),
        Arc::new(Column::new("wrong", Values::Bool(BooleanArray::from(wrong)))),
    ])
}

#[test]
fn the_planted_slice_is_first_and_confirmed() {
    let found = find(&shop(3000, 1), "wrong", &Options::default(), &Work::new()).unwrap();
    let first = &found.slices[0];
    assert_eq!(first.condition, "kind = 'shoes' AND sex = 'men'", "{:?}", found.slices);
    assert!(first.confirmed && first.mean > 0.5 && first.low > 0.5 && first.elsewhere.unwrap() < 0.15, "{first:?}");
    assert!(first.held_out_rows > 50 && found.held_out > 900 && found.support == 32);
    assert!(found.slices.iter().skip(1).all(|slice| !slice.confirmed), "one cause, one slice: {:?}", found.slices);
    let all = find(&shop(3000, 1), "wrong", &Options { all: true, ..Options::default() }, &Work::new()).unwrap();
    assert!(all.slices.len() == 20 && all.slices.iter().any(|slice| slice.condition == first.condition));
}

#[test]
fn conditions_select_exactly_the_rows_that_are_counted() {
    let frame = shop(2000, 2);
    let options = Options { most: 60, all: true, support: Some(30), ..Options::default() };
    for target in ["wrong", "price"] {
        let found = find(&frame, target, &options, &Work::new()).unwrap();
        assert!(found.slices.len() > 10, "{target}: {}", found.slices.len());
        for slice in &found.slices {
            let mask = filter::parse(&slice.condition, &frame).unwrap().evaluate(&frame, &Work::new()).unwrap();
            let values: Vec<f64> =
                mask.set_indices().map(|row| frame.column(target).unwrap().number(row).unwrap()).collect();
            assert_eq!(values.len(), slice.rows, "{}", slice.condition);
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            assert!((mean - slice.mean).abs() < 1e-9 && slice.low <= mean && mean <= slice.high, "{slice:?}");
        }
    }
}

/// The scores of all conjunctions, without any bound.
fn everything(
    features: &[Feature],
    values: &[f64],
    goal: &dyn Fn(f64, f64) -> f64,
    support: usize,
    levels: usize,
) -> Vec<f64> {
    let mut scores = Vec::new();
    let mut stack: Vec<(Vec<usize>, Bits)> = vec![(vec![], Bits::all(values.len()))];
    while let Some((parts, bits)) = stack.pop() {
        for next in parts.last().map_or(0, |last| last + 1)..features.len() {
            if parts.iter().any(|part| features[*part].column == features[next].column) {
                continue;
            }
            let mut both = bits.clone();
            both.keep(&features[next].bits);
            let (size, sum) = both.iter().fold((0.0, 0.0), |(size, sum), row| (size + 1.0, sum + values[row]));
            if size >= support as f64 && sum > 0.0 {
                scores.push(goal(size, sum));
            }
            if parts.len() + 1 < levels {
                stack.push((parts.iter().copied().chain([next]).collect(), both));
            }
        }
    }
    scores.sort_by(|a, b| b.total_cmp(a));
    scores.retain(|score| *score > 0.0);
    scores
}

#[test]
fn the_bounds_leave_out_nothing_that_is_among_the_best() {
    for seed in 0..6u64 {
        let (mut random, rows) = (Random::new(seed), 256);
        let is_share = seed % 2 == 0;
        let features: Vec<Feature> = (0..12)
            .map(|n| {
                let mut bits = Bits::none(rows);
                (0..rows)
                    .filter(|_| random.below(4) == 0)
                    .collect::<Vec<_>>()
                    .into_iter()
                    .for_each(|row| bits.insert(row));
                Feature { column: n / 3, condition: n.to_string(), bits, rows }
            })
            .collect();
        let values: Vec<f64> = (0..rows)
            .map(|_| if is_share { f64::from(u8::from(random.below(5) == 0)) } else { random.unit().powi(4) })
            .collect();
        let (alpha, support) = (0.9, 8);
        let goal = Goal::new(&values, rows, alpha, support, is_share);
        let mean = values.iter().sum::<f64>() / rows as f64;
        let score =
            |size: f64, sum: f64| alpha * (sum / size / mean - 1.0) - (1.0 - alpha) * (rows as f64 / size - 1.0);
        let expected = everything(&features, &values, &score, support, 3);
        for most in [1, 5, 20] {
            let found = search(&features, &goal, 3, most, &Work::new()).unwrap();
            let scores: Vec<f64> = found.best.iter().map(|best| best.score).collect();
            assert_eq!(scores.len(), expected.len().min(most), "seed {seed}");
            for (a, b) in scores.iter().zip(&expected) {
                assert!((a - b).abs() < 1e-9, "seed {seed}, {most}: {scores:?} is not {:?}", &expected[..scores.len()]);
            }
        }
    }
}

#[test]
fn without_a_slice_hardly_any_is_confirmed() {
    let mut confirmed = 0;
    for seed in 0..20u64 {
        let frame = shop(1200, seed);
        let mut random = Random::new(seed + 77);
        let noise = (0..1200).map(|_| Some(i64::from(random.below(5) == 0))).collect::<Int64Array>();
        let frame =
            Frame::new(frame.columns()[..6].to_vec()).with([Arc::new(Column::new("noise", Values::Int(noise)))]);
        let found = find(&frame, "noise", &Options { seed, ..Options::default() }, &Work::new()).unwrap();
        confirmed += usize::from(found.slices.iter().any(|slice| slice.confirmed));
    }
    assert!(confirmed <= 3, "{confirmed} of 20 runs confirmed a slice of noise");
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let frame = shop(1500, 4);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| find(&frame, "price", &Options::default(), &Work::new()).unwrap())
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn bins_hold_about_equally_many_and_frequent_values_stand_alone() {
    let check = |sorted: &[f64], whole: bool, expected: &[(f64, f64, bool, usize)]| {
        let found: Vec<_> = bins(sorted, whole).iter().map(|bin| (bin.low, bin.high, bin.closed, bin.count)).collect();
        assert_eq!(found, expected);
    };
    check(&[1.0, 1.0, 2.0, 5.0], true, &[(1.0, 1.0, true, 2), (2.0, 2.0, true, 1), (5.0, 5.0, true, 1)]);
    let mut heavy = vec![0.0; 80];
    heavy.extend((1..=20).map(f64::from));
    check(&heavy, true, &[(0.0, 0.0, true, 80), (1.0, 14.0, false, 13), (14.0, 20.0, true, 7)]);
    let even: Vec<f64> = (0..80).map(f64::from).collect();
    assert!(bins(&even, true).len() == 8 && bins(&even, true).iter().all(|bin| bin.count == 10));
    check(&[], false, &[]);
}

#[test]
fn bad_input_is_refused_with_advice() {
    let frame = shop(100, 0);
    let error = |target: &str, options: Options| find(&frame, target, &options, &Work::new()).unwrap_err();
    assert!(error("kind", Options::default()).to_string().contains("holds no numbers but category"));
    assert!(error("nope", Options::default()).to_string().contains("no such column"));
    assert!(error("wrong", Options { levels: 9, ..Options::default() }).advice().unwrap().contains("1 to 4"));
    assert!(
        error("wrong", Options { columns: Some(vec!["x".into()]), ..Options::default() })
            .what()
            .contains("no such column")
    );
    let zero = Arc::new(Column::new("zero", Values::Int(Int64Array::from(vec![0; 100]))));
    assert!(find(&frame.with([zero]), "zero", &Options::default(), &Work::new()).unwrap().slices.is_empty());
    let work = Work::new();
    work.cancel();
    assert!(find(&frame, "wrong", &Options::default(), &work).unwrap_err().is_cancelled());
}
