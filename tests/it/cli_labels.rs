//! Annotations and packets from the command line: in, out, to another machine and back.

use serde_json::json;

use crate::cli::{Desk, check_fields, shared};

const SPANS: &str = r#"{"text":"김민수는 서울에서 왔다","label":[[0,3,"PS"],[5,7,"LC"]]}
{"text":"아무도 없다","label":[]}
"#;

/// A project of two texts with spans, brought in from another tool.
fn with_spans(desk: &Desk) {
    desk.write("t.csv", "id,text\n1,김민수는 서울에서 왔다\n2,아무도 없다\n");
    desk.write("spans.jsonl", SPANS);
    desk.json("new p --data t.csv --text text --id id");
    let found = desk.json("import p spans.jsonl --format doccano");
    assert_eq!((found["written"].as_u64(), &found["tasks"]), (Some(2), &json!(["entities"])));
}

#[test]
fn spans_come_in_and_go_out_as_they_were() {
    let desk = Desk::new();
    with_spans(&desk);
    // What is there already is kept, and counted.
    let again = desk.json("import p spans.jsonl --format doccano");
    assert_eq!((again["written"].as_u64(), again["lost"][0]["count"].as_u64()), (Some(0), Some(1)));
    let out = desk.json("export p --format doccano -o out.jsonl");
    assert_eq!(out["written"].as_u64(), Some(2));
    let line: serde_json::Value = serde_json::from_str(desk.read("out.jsonl").lines().next().unwrap()).unwrap();
    assert_eq!(line["label"], json!([[0, 3, "PS"], [5, 7, "LC"]]));
    desk.json("export p --format brat -o brat");
    desk.json("export p --format label-studio -o ls.json");
    assert!(desk.read("ls.json").contains("서울"));
}

#[test]
fn answers_of_a_crowd_come_in_under_the_names_of_who_gave_them() {
    let desk = Desk::new();
    desk.write("items.csv", "id,text\n7,one\n8,two\n9,three\n");
    desk.write("answers.csv", "item,annotator,label\n7,kim,yes\n7,lee,no\n8,kim,no\n99,kim,no\n");
    desk.json("new p --data items.csv --text text --id id");
    let found = desk.json("import p answers.csv");
    assert_eq!((found["format"].as_str(), found["written"].as_u64()), (Some("answers"), Some(3)));
    assert_eq!(
        (found["lost"][0]["kind"].as_str(), found["classes_added"].as_u64()),
        (Some("document_without_item"), Some(2))
    );
    let session = lapidary::session::Session::open(&desk.path("p"), &lapidary::engine::Work::new()).unwrap();
    let marks = session.project().ledger.marks();
    let item = |row: u32| session.item(row).unwrap().0;
    let said = |field: &str, row: u32| marks.get(field, item(row)).and_then(|mark| mark.value.as_str());
    assert_eq!(
        (said("label@kim", 0), said("label@lee", 0), said("label@kim", 1)),
        (Some("yes"), Some("no"), Some("no"))
    );
    assert_eq!((said("label", 0), said("label@lee", 1)), (None, None), "nothing is decided by it");
    // What only one of two tables of items has is said.
    desk.write("other.csv", "item,annotator,label\na,kim,yes\n");
    drop(session);
    desk.refused("import p other.csv", &["no column of the project has the ids"]);
}

#[test]
fn real_annotations_go_through_a_project_unchanged() {
    let Some(coco) = shared("coco_photos") else { return };
    let desk = Desk::new();
    desk.json(&format!("new p --data {}", coco.join("images").display()));
    let read = desk.json(&format!("import p {} --format coco", coco.join("instances.json").display()));
    assert_eq!(read["written"].as_u64(), Some(690), "{read}");
    let out = desk.json("export p --format coco -o out.json");
    assert_eq!(out["written"].as_u64(), Some(690));
    let boxes = |text: &str| -> Vec<Vec<f64>> {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        let sides = |annotation: &serde_json::Value| {
            annotation["bbox"].as_array().unwrap().iter().map(|side| side.as_f64().unwrap()).collect()
        };
        value["annotations"].as_array().unwrap().iter().map(sides).collect()
    };
    let before = boxes(&std::fs::read_to_string(coco.join("instances.json")).unwrap());
    // Boxes are those of the outlines, which differ from those in the file by less than the pixel that was rounded.
    let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1.01);
    let missing = boxes(&desk.read("out.json")).iter().filter(|made| !before.iter().any(|old| near(made, old))).count();
    assert_eq!(missing, 0);
}

#[test]
fn a_packet_goes_out_is_worked_on_and_comes_back_in_any_order() {
    let desk = Desk::new();
    with_spans(&desk);
    let out = desk.json("packet out p -o work.packet --to Kim,Lee");
    check_fields(&out, &[("items", "n"), ("annotations", "n"), ("outputs", "a")]);
    assert_eq!((out["items"].as_u64(), out["annotations"].as_u64()), (Some(4), Some(0)));
    // Each of them labels on a machine of their own: the project carries their name.
    for (name, spans) in [("Kim", SPANS.replace("PS", "OG")), ("Lee", SPANS.to_owned())] {
        desk.json(&format!("packet open work-{name}.packet {name}"));
        desk.write("own.jsonl", spans);
        desk.json(&format!("import {name} own.jsonl --format doccano"));
        let back = desk.json(&format!("packet out {name} -o back-{name}.packet"));
        assert_eq!(back["annotations"].as_u64(), Some(3), "two spans and that it is done");
    }
    let merged = desk.json("packet in p back-Kim.packet back-Lee.packet");
    assert_eq!((merged["merged"].as_u64(), &merged["annotators"]), (Some(6), &json!(["Kim", "Lee"])));
    assert_eq!(merged["conflicts"].as_u64(), Some(1), "Kim sees a person as an organisation");
    // The same again changes nothing; what stood here is untouched.
    let again = desk.json("packet in p back-Lee.packet back-Kim.packet");
    assert_eq!((again["merged"].as_u64(), again["known"].as_u64()), (Some(0), Some(2)));
    desk.json("export p --format doccano -o out.jsonl");
    assert!(desk.read("out.jsonl").contains("PS") && !desk.read("out.jsonl").contains("OG"));
    // A packet for nobody takes what was said so far along: work goes on elsewhere from where it stands.
    desk.json("packet out p -o whole.packet");
    desk.json("packet open whole.packet elsewhere");
    desk.json("export elsewhere --format doccano -o there.jsonl");
    assert_eq!(desk.read("there.jsonl"), desk.read("out.jsonl"));
    desk.refused("packet in p t.csv", &["packet"]);
    desk.refused("packet open work-Kim.packet Kim", &["already"]);
}
