//! The edges of the input, and what holds for every input.

use proptest::prelude::*;

use super::*;

fn find<R: AsRef<[f64]>>(rows: &[R], labels: &[Option<u16>], options: &Options) -> Result<(LabelErrors, Vec<String>)> {
    let classes = rows.first().map_or(0, |row| row.as_ref().len());
    let work = Work::new();
    let matrix = Matrix::new(rows.len(), classes, rows.iter().flat_map(|row| row.as_ref()).copied().collect())?;
    let found = LabelErrors::find(&matrix, labels, options, &work)?;
    Ok((found, work.warnings()))
}

#[test]
fn a_contradicted_label_is_flagged_first_and_given_the_likely_class() {
    let rows: [&[f64]; 4] = [&[0.9, 0.1], &[0.8, 0.2], &[0.1, 0.9], &[0.4, 0.6]];
    let (found, _) = find(&rows, &[Some(0), Some(1), Some(1), None], &Options::default()).unwrap();
    assert_eq!(found.flagged, [false, true, false, false]);
    assert_eq!(found.rank, [2, 1, 3, 0], "equal scores keep their order, rows without a label have no rank");
    assert_eq!(found.suggested, [Some(0), Some(0), Some(1), Some(1)]);
    assert!(found.self_confidence[3].is_nan());
    assert_eq!((found.rows, found.count()), (3, 1));
}

#[test]
fn a_cut_by_score_flags_up_to_it_and_suggests_another_class() {
    let rows: [&[f64]; 4] = [&[0.5, 0.3, 0.2], &[0.8, 0.1, 0.1], &[0.1, 0.2, 0.7], &[0.4, 0.5, 0.1]];
    let labels = [Some(0), Some(1), Some(2), None];
    let (mut found, _) = find(&rows, &labels, &Options::default()).unwrap();
    assert_eq!(found.by_margin(), [1, 0, 2]);
    let matrix = Matrix::new(4, 3, rows.concat()).unwrap();
    found.flag_up_to(0.6, &labels, &matrix);
    assert_eq!(found.flagged, [true, true, false, false]);
    assert_eq!(
        found.suggested,
        [Some(1), Some(0), Some(2), Some(1)],
        "the next best where the given one is most likely"
    );
    found.flag_up_to(-1.0, &labels, &matrix);
    assert_eq!(found.count(), 0);
}

#[test]
fn odd_inputs_are_counted_or_refused() {
    let refused = |rows: &[&[f64]], labels: &[Option<u16>], expected: &str| {
        let error = find(rows, labels, &Options::default()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    };
    refused(&[&[1.0]], &[Some(0)], "at least two classes");
    refused(&[&[0.5, 0.5]], &[Some(0), Some(1)], "2 labels for 1 rows");
    refused(&[&[0.5, 0.5]], &[Some(2)], "outside the 2 classes of the probabilities: row 1");
    refused(&[&[0.5, 0.5]], &[None], "no row has a label");
    refused(&[&[f64::NAN, 0.5]], &[Some(0)], "no usable probabilities");
    refused(&[&[-3.0, 5.0]], &[Some(0)], "no usable probabilities");

    let rows: [&[f64]; 5] = [&[0.9, 0.1], &[f64::NAN, 0.2], &[0.2, 0.6], &[0.0, 0.0], &[0.1, 0.9]];
    let labels = [Some(0), Some(1), Some(1), Some(0), Some(1)];
    let (found, warnings) = find(&rows, &labels, &Options::default()).unwrap();
    assert_eq!((found.unusable, found.scaled, found.rows), (2, 1, 3));
    assert_eq!(warnings.len(), 2);
    assert_eq!(found.suggested[1], None);
    assert!((found.self_confidence[2] - 0.75).abs() < 1e-12, "scaled to sum 1");
    let (found, _) = find(&rows, &labels, &Options { compatible: true, ..Options::default() }).unwrap();
    assert!((found.self_confidence[2] - 0.6).abs() < 1e-12, "taken as it is");
}

#[test]
fn one_row_an_absent_class_and_equal_rows_are_no_trouble() {
    let check = |rows: &[&[f64]], labels: &[Option<u16>], flagged: usize| {
        for method in Method::ALL {
            for compatible in [false, true] {
                let options = Options { method, compatible, ..Options::default() };
                let (found, _) = find(rows, labels, &options).unwrap();
                assert!(found.count() <= flagged, "{method:?} {rows:?}");
            }
        }
    };
    check(&[&[0.6, 0.4]], &[Some(0)], 0);
    check(&[&[0.4, 0.6]], &[Some(0)], 1);
    check(&[&[0.5, 0.5, 0.0][..]; 4], &[Some(0), Some(1), Some(0), Some(1)], 4);
    check(&[&[0.1, 0.1, 0.8][..]; 3], &[Some(0), Some(1), Some(1)], 3);
    let (found, _) = find(&[&[0.1, 0.1, 0.8]; 3], &[Some(0); 3], &Options::default()).unwrap();
    assert_eq!(found.thresholds[1], None);
    assert_eq!(found.classes[1].quality, None, "undefined for a class without rows");
}

#[test]
fn the_confident_class_is_the_papers_and_cleanlabs_where_asked() {
    // Class 2 is the most probable of row 6, but its threshold is not reached, while those of 0 and 1 are.
    let low: &[f64] = &[0.31, 0.30, 0.39];
    let rows: [&[f64]; 7] = [
        &[0.3, 0.3, 0.4],
        &[0.3, 0.3, 0.4],
        &[0.3, 0.3, 0.4],
        &[0.3, 0.3, 0.4],
        &[0.0, 0.1, 0.9],
        &[0.0, 0.1, 0.9],
        low,
    ];
    let labels = [Some(0), Some(0), Some(1), Some(1), Some(2), Some(2), Some(1)];
    let count = |compatible, likely: usize| {
        let options = Options { method: Method::ConfidentLearning, compatible, ..Options::default() };
        find(&rows, &labels, &options).unwrap().0.confident_joint[1][likely]
    };
    assert_eq!((count(false, 0), count(false, 2)), (3, 0), "the most probable of the confident classes");
    assert_eq!((count(true, 0), count(true, 2)), (0, 3), "the most probable of all classes");
}

#[test]
fn the_default_rule_is_careful_where_labels_are_nearly_clean() {
    let check = |sure: f64, expected: Method| {
        let row: &[f64] = &[sure, 1.0 - sure];
        let (found, _) = find(&[row; 4], &[Some(0); 4], &Options::default()).unwrap();
        assert_eq!(found.method, expected, "{sure}");
    };
    check(0.8, Method::PredictedNeqGiven);
    check(0.95, Method::PredictedNeqGiven);
    check(0.98, Method::PruneByNoiseRate);
}

#[test]
fn names_round_trip() {
    for method in Method::ALL {
        assert_eq!(Method::from_name(method.name()).unwrap(), method);
    }
    assert_eq!(Method::from_name("prune_by_class").unwrap(), Method::PruneByClass);
    assert!(Method::from_name("x").unwrap_err().advice().unwrap().contains("low-normalized-margin"));
}

fn random_rows(rows: usize, classes: usize, seed: u64) -> (Matrix<f32>, Vec<Option<u16>>) {
    let mut random = crate::engine::Random::new(seed);
    let mut values = Vec::new();
    let mut labels = Vec::new();
    for _ in 0..rows {
        let row: Vec<f32> = (0..classes).map(|_| random.unit().powi(4) as f32 + 1e-6).collect();
        let sum: f32 = row.iter().sum();
        values.extend(row.iter().map(|value| value / sum));
        labels.push((random.below(20) > 0).then(|| random.below(classes) as u16));
    }
    (Matrix::new(rows, classes, values).unwrap(), labels)
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let (matrix, labels) = random_rows(50_000, 5, 3);
    for method in Method::ALL {
        let options = Options { method, ..Options::default() };
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| LabelErrors::find(&matrix, &labels, &options, &Work::new()).unwrap())
        };
        let (one, two) = (run(1), run(2));
        assert_eq!((one.flagged, one.rank, one.thresholds), (two.flagged, two.rank, two.thresholds), "{method:?}");
    }
}

proptest! {
    #[test]
    fn results_hold_together(rows in 1usize..80, classes in 2usize..6, seed in any::<u64>(), method in 0usize..8) {
        let (matrix, mut labels) = random_rows(rows, classes, seed);
        labels[0] = Some(0);
        let options = Options { method: Method::ALL[method], ..Options::default() };
        let found = LabelErrors::find(&matrix, &labels, &options, &Work::new()).unwrap();
        let labelled = labels.iter().flatten().count();
        let mut ranks: Vec<u32> = found.rank.iter().copied().filter(|&rank| rank > 0).collect();
        ranks.sort_unstable();
        prop_assert!(ranks.into_iter().eq(1..=labelled as u32));
        for (row, label) in labels.iter().enumerate() {
            prop_assert!(!found.flagged[row] || label.is_some());
            if found.flagged[row] && !matches!(options.method, Method::LowSelfConfidence | Method::LowNormalizedMargin) {
                prop_assert!(found.suggested[row] != *label, "a flag comes with another class");
            }
        }
        for (class, counts) in found.joint.iter().enumerate() {
            let given = labels.iter().filter(|label| **label == Some(class as u16)).count();
            prop_assert_eq!(counts.iter().sum::<u64>(), given as u64);
        }
        prop_assert!((0.0..=1.0).contains(&found.health));
    }
}
