//! Choosing rows from the command line.

use serde_json::json;

use crate::cli::{Desk, check_fields};

const DATA: &str = "id,text,label,p_a,p_b\n\
    r0,red apples and pears,a,0.9,0.1\nr1,red apples and pears,,0.8,0.2\nr2,green pears and apples,,0.55,0.45\n\
    r3,fast cars on the road,b,0.1,0.9\nr4,slow cars on the road,,0.3,0.7\nr5,the deep blue sea,,0.5,0.5\n\
    r6,red apples and cherries,,0.7,0.3\nr7,a road with cars,,0.2,0.8\n";

#[test]
fn rows_are_chosen_ranked_and_explained() {
    let desk = Desk::new();
    desk.write("d.csv", DATA);
    let found = desk.json("select d.csv --budget 2 --strategy margin --label label -o out.csv --id id");
    check_fields(&found, &[("strategy", "s"), ("selected", "a"), ("candidates", "n")]);
    assert_eq!((&found["selected"], &found["candidates"]), (&json!([5, 2]), &json!(6)));
    assert!(desk.read("out.csv").starts_with("row,id,rank,score,reason\n5,r5,1,1"), "{}", desk.read("out.csv"));
    // The sea is like nothing that is there already.
    let found = desk.json("select d.csv --budget 1 --strategy k-center --text text --label label");
    assert_eq!(found["selected"], json!([5]));
    let found = desk.json("select d.csv --budget 3 --strategy balanced --label label --classes a,b");
    assert_eq!(found["selected"].as_array().map(Vec::len), Some(3));
}

#[test]
fn every_strategy_runs_and_does_not_depend_on_threads() {
    let desk = Desk::new();
    desk.write("d.csv", DATA).write("v.csv", "lf_a,lf_b\na,b\na,\n,b\nb,b\na,b\n,\na,a\n,a\n");
    for strategy in [
        "random",
        "margin",
        "entropy",
        "least-confidence",
        "vote-entropy",
        "k-center",
        "k-means++",
        "typical",
        "margin-clusters",
        "gradients",
        "coverage",
        "balanced",
    ] {
        let line =
            format!("select d.csv --budget 4 --strategy {strategy} --text text --label label --votes v.csv --seed 3");
        let one = desk.json(&format!("{line} --threads 1"));
        let two = desk.json(&format!("{line} --threads 2"));
        assert_eq!(one["selected"].as_array().map(Vec::len), Some(4), "{strategy}: {one}");
        assert_eq!(one["selected"], two["selected"], "{strategy}");
    }
    let found = desk.json("select v.csv --budget 2 --strategy vote-entropy --classes a,b");
    let selected = found["selected"].as_array().unwrap();
    assert!(selected.iter().all(|row| *row == json!(0) || *row == json!(4)), "{found}");
}

#[test]
fn what_is_missing_is_named() {
    let desk = Desk::new();
    desk.write("d.csv", "text\na\nb\n").write("n.csv", "text,label\nx,a\ny,b\nz,\n");
    desk.refused("select d.csv --budget 1 --strategy margin", &["margin needs probabilities", "--label"]);
    desk.refused("select d.csv --budget 0 --strategy random", &["nothing is to be chosen"]);
    desk.refused("select d.csv --budget 1 --strategy best", &["best"]);
    desk.refused("select d.csv --budget 1 --strategy k-center --text nothing", &["nothing"]);
    let ran = desk.run("select d.csv --budget 9 --strategy random");
    assert!(ran.code == 0 && ran.err.contains("fewer than 9"), "{}", ran.err);
    // Probabilities may also come from a model that learns from the labels.
    assert_eq!(
        desk.json("select n.csv --budget 1 --strategy entropy --text text --label label --folds 2")["selected"],
        json!([2])
    );
}
