//! Parity of the compatible mode with cleanlab, on results that were recorded from it.

use std::path::PathBuf;

use serde_json::Value;

use super::*;

/// The folder of development data, if this machine has it.
pub(super) fn data() -> Option<PathBuf> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let given = std::env::var_os("LAPIDARY_DATA").map(PathBuf::from);
    let places = given.into_iter().chain([here.join("../shared/data"), here.join("../../shared/data")]);
    let found = places.into_iter().find(|place| place.join("golden").is_dir());
    if found.is_none() {
        eprintln!("skipped: the development data are not on this machine");
    }
    found
}

pub(super) fn json(path: PathBuf) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub(super) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

pub(super) fn table(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

pub(super) fn close(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (at, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= 1e-9 * b.abs().max(1e-3), "{what}[{at}]: {a} is not {b}");
    }
}

fn close_table(found: &[Vec<f64>], expected: &Value, what: &str) {
    for (row, expected) in found.iter().zip(table(expected)) {
        close(row, &expected, what);
    }
}

fn compatible(method: Method) -> Options {
    Options { method, compatible: true, ..Options::default() }
}

fn find(probabilities: &Matrix<f64>, labels: &[Option<u16>], method: Method) -> LabelErrors {
    LabelErrors::find(probabilities, labels, &compatible(method), &Work::new()).unwrap()
}

fn flagged_rows(found: &LabelErrors) -> Vec<usize> {
    found.flagged.iter().enumerate().filter_map(|(row, &flag)| flag.then_some(row)).collect()
}

const FILTERS: [(Method, &str); 7] = [
    (Method::PruneByNoiseRate, "prune_by_noise_rate"),
    (Method::PruneByClass, "prune_by_class"),
    (Method::Both, "both"),
    (Method::ConfidentLearning, "confident_learning"),
    (Method::PredictedNeqGiven, "predicted_neq_given"),
    (Method::LowSelfConfidence, "low_self_confidence"),
    (Method::LowNormalizedMargin, "low_normalized_margin"),
];

fn whole(counts: &[Vec<u64>]) -> Vec<Vec<f64>> {
    counts.iter().map(|row| row.iter().map(|&count| count as f64).collect()).collect()
}

#[test]
fn a_small_input_gives_what_cleanlab_gives() {
    let Some(data) = data() else { return };
    let golden = json(data.join("golden/confident_learning_small.json"));
    let rows = table(&golden["pred_probs"]);
    let classes = rows[0].len();
    let probabilities = Matrix::new(rows.len(), classes, rows.concat()).unwrap();
    let labels: Vec<Option<u16>> = numbers(&golden["labels"]).into_iter().map(|label| Some(label as u16)).collect();
    let found = find(&probabilities, &labels, Method::Default);
    let thresholds: Vec<f64> = found.thresholds.iter().map(|threshold| threshold.unwrap_or(2.0)).collect();
    close(&thresholds, &numbers(&golden["thresholds"]), "thresholds");
    close_table(&whole(&found.confident_joint), &golden["cj_uncal"], "joint");
    close_table(&whole(&found.joint), &golden["cj_cal"], "calibrated joint");
    close(&found.self_confidence, &numbers(&golden["score_self_confidence"]), "self-confidence");
    close(&found.normalized_margin, &numbers(&golden["score_normalized_margin"]), "normalised margin");
    let latent = found.latent();
    close(&latent.prior, &numbers(&golden["py"]), "prior");
    close_table(&latent.noise, &golden["noise_matrix"], "noise");
    close_table(&latent.inverse_noise, &golden["inv_noise_matrix"], "inverse noise");
    assert_eq!(found.health, golden["health_score"].as_f64().unwrap());
    let quality: Vec<f64> = found.classes.iter().map(|class| class.quality.unwrap_or(1.0)).collect();
    close(&quality, &numbers(&golden["classes"]["Label Quality Score"]), "class quality");
    for (method, name) in FILTERS {
        let expected: Vec<usize> =
            numbers(&golden[format!("filter_{name}")]).into_iter().map(|row| row as usize).collect();
        assert_eq!(flagged_rows(&find(&probabilities, &labels, method)), expected, "{name}");
    }
}

fn npy<T: npyz::Deserialize>(path: PathBuf) -> (Vec<u64>, Vec<T>) {
    let bytes = std::fs::read(path).unwrap();
    let file = npyz::NpyFile::new(&bytes[..]).unwrap();
    let shape = file.shape().to_vec();
    (shape, file.into_vec().unwrap())
}

/// `tied` are the rules whose cut falls among rows of equal score: which of those numpy's unstable sort takes depends on
/// the machine it ran on, so only their first rows are compared.
fn check_against_repository(name: &str, file: &str, tied: &[Method]) {
    let Some(data) = data() else { return };
    let golden = json(data.join("golden/confident_learning_label_errors_repo.json"));
    let golden = &golden[name];
    let (shape, values) = npy::<f64>(data.join(format!("label_errors/{file}_test_set_pyx.npy")));
    let (_, labels) = npy::<u16>(data.join(format!("label_errors/{file}_test_set_original_labels.npy")));
    let probabilities = Matrix::new(shape[0] as usize, shape[1] as usize, values).unwrap();
    let labels: Vec<Option<u16>> = labels.into_iter().map(Some).collect();
    let found = find(&probabilities, &labels, Method::Default);
    let thresholds: Vec<f64> = found.thresholds.iter().map(|threshold| threshold.unwrap()).collect();
    close(&thresholds, &numbers(&golden["thresholds"]), "thresholds");
    assert_eq!(Some(found.issues), golden["num_label_issues_off_diagonal"].as_u64());
    if golden["cj_uncal"].is_array() {
        close_table(&whole(&found.confident_joint), &golden["cj_uncal"], "joint");
        close_table(&whole(&found.joint), &golden["cj_cal"], "calibrated joint");
    }
    let off_diagonal: u64 =
        (0..found.joint.len()).map(|k| found.joint[k].iter().sum::<u64>() - found.joint[k][k]).sum();
    assert_eq!(Some(off_diagonal), golden["cj_offdiag_cal"].as_u64());
    for (method, name) in FILTERS {
        let rows = flagged_rows(&find(&probabilities, &labels, method));
        let expected = &golden["filters"][name];
        let found = (Some(rows.len() as u64), Some(rows.iter().sum::<usize>() as u64));
        let wanted = (expected["count"].as_u64(), expected["sum_idx"].as_u64());
        assert!(found == wanted || tied.contains(&method), "{name}: {found:?} is not {wanted:?}");
        let first: Vec<f64> = rows.iter().take(10).map(|&row| row as f64).collect();
        assert_eq!(first, numbers(&expected["first10"]), "{name}");
    }
    for (scores, key) in [(&found.self_confidence, "self_confidence"), (&found.normalized_margin, "normalized_margin")]
    {
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        close(&[mean], &[golden[format!("score_{key}")]["mean"].as_f64().unwrap()], key);
    }
}

#[test]
fn fifteen_errors_on_mnist() {
    check_against_repository("mnist_test_set", "mnist", &[]);
}

#[test]
fn ninety_five_errors_on_20_newsgroups() {
    let tied = [Method::PruneByClass, Method::Both, Method::LowSelfConfidence];
    check_against_repository("20news_test_set", "20news", &tied);
}

/// F1 of the default rule and of cleanlab's among the rows that five people checked; an error is a row whose given label
/// fewer than three of them confirmed.
#[test]
fn the_default_rule_is_no_worse_than_cleanlabs_where_people_checked() {
    let Some(data) = data() else { return };
    for file in ["mnist", "20news"] {
        let (shape, values) = npy::<f64>(data.join(format!("label_errors/{file}_test_set_pyx.npy")));
        let (_, labels) = npy::<u16>(data.join(format!("label_errors/{file}_test_set_original_labels.npy")));
        let probabilities = Matrix::new(shape[0] as usize, shape[1] as usize, values).unwrap();
        let labels: Vec<Option<u16>> = labels.into_iter().map(Some).collect();
        let verdicts = json(data.join(format!("label_errors/{file}_mturk.json")));
        let f1 = |options: &Options| {
            let found = LabelErrors::find(&probabilities, &labels, options, &Work::new()).unwrap();
            let (mut hits, mut flagged, mut wrong) = (0.0, 0.0, 0.0);
            for verdict in verdicts.as_array().unwrap() {
                let flag = found.flagged[verdict["id"].as_u64().unwrap() as usize];
                let error = verdict["mturk"]["given"].as_u64().unwrap() < 3;
                hits += f64::from(u8::from(flag && error));
                flagged += f64::from(u8::from(flag));
                wrong += f64::from(u8::from(error));
            }
            2.0 * hits / (flagged + wrong)
        };
        let (ours, theirs) = (f1(&Options::default()), f1(&compatible(Method::Default)));
        assert!(ours >= theirs, "{file}: {ours} against {theirs}");
    }
}
