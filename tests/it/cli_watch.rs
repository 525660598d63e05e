//! Expectations, drift, slices, the page of a profile, and annotations from one tool to the next, by the command line.

use serde_json::{Value, json};

use super::cli::{Desk, check_fields, number};

/// People whose age and country stand in a table; one is 200 years old.
fn people(rows: usize, age: impl Fn(usize) -> usize) -> String {
    let line = |row: usize| format!("{},{},{}\n", row, age(row), if row.is_multiple_of(3) { "KR" } else { "FR" });
    "id,age,country\n".to_owned() + &(0..rows).map(line).collect::<String>()
}

#[test]
fn what_must_hold_is_checked_and_the_code_says_whether_it_does() {
    let desk = Desk::new();
    desk.write("p.csv", people(60, |row| if row == 9 { 200 } else { 20 + row % 40 }));
    let suite = |greatest: u32| {
        format!(
            "[[expectation]]\nexpectation = \"expect_column_values_to_be_between\"\ncolumn = \"age\"\nmin_value = 0\n\
             max_value = {greatest}\nwhere = \"country = 'KR'\"\n"
        )
    };
    desk.write("strict.toml", suite(120)).write("wide.toml", suite(300));
    let held = desk.json("expect p.csv --suite wide.toml");
    assert_eq!(held["success"], json!(true));
    let ran = desk.run("expect p.csv --suite strict.toml --json");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let found: Value = serde_json::from_str(&ran.out).unwrap();
    let result = &found["results"][0];
    check_fields(result, &[("expectation", "s"), ("column", "?s"), ("success", "b"), ("sample", "a")]);
    assert_eq!((&found["success"], result["unexpected_count"].as_u64()), (&json!(false), Some(1)));
    assert!((number(&result["unexpected_percent"]) - 5.0).abs() < 1e-9, "one of the twenty of KR: {result}");

    desk.json("expect p.csv --suggest -o own.toml");
    assert_eq!(desk.json("expect p.csv --suite own.toml")["success"], json!(true), "data meet what they suggest");
    desk.write("faulty.toml", suite(300).replace("to_be_between", "to_be_nice"));
    let ran = desk.run("expect p.csv --suite faulty.toml");
    assert!(ran.code == 2 && ran.err.contains("expect_column_values_to_be_nice"), "{} {}", ran.code, ran.err);
}

#[test]
fn drift_slices_and_pages() {
    let desk = Desk::new();
    desk.write("old.csv", people(400, |row| 20 + row * 7 % 40)).write("new.csv", people(400, |row| 45 + row * 7 % 40));
    let drift = desk.json("drift old.csv new.csv -o drift.html");
    let column = |name: &str| drift["columns"].as_array().unwrap().iter().find(|of| of["name"] == *name).unwrap();
    check_fields(column("age"), &[("method", "s"), ("distance", "n"), ("low", "n"), ("high", "n"), ("drifted", "b")]);
    assert_eq!((&column("age")["drifted"], &column("country")["drifted"]), (&json!(true), &json!(false)));
    assert!(drift["dataset_drifted"].is_boolean());

    let wrong = |row: usize| usize::from(row.is_multiple_of(3) && !row.is_multiple_of(7));
    let rows = (0..600).map(|row| format!("{},{},{}\n", row % 50, if row % 3 == 0 { "KR" } else { "FR" }, wrong(row)));
    desk.write("w.csv", "age,country,wrong\n".to_owned() + &rows.collect::<String>());
    let slices = desk.json("slices w.csv --target wrong");
    let first = &slices["slices"][0];
    check_fields(first, &[("condition", "s"), ("rows", "n"), ("mean", "n"), ("p_adjusted", "n"), ("confirmed", "b")]);
    assert_eq!((&first["condition"], first["rows"].as_u64()), (&json!("country = 'KR'"), Some(200)));

    desk.json("profile old.csv -o page.html");
    for page in ["drift.html", "page.html"] {
        let page = desk.read(page);
        assert!(page.starts_with("<!") && page.contains("age") && page.trim_end().ends_with("</html>"));
        assert!(!page.contains("http://") && !page.contains("https://"), "a page loads nothing");
    }
}

#[test]
fn annotations_go_from_tool_to_tool_and_what_is_lost_has_a_name() {
    let desk = Desk::new();
    let coco = json!({
        "images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 80}],
        "categories": [{"id": 7, "name": "cat"}],
        "annotations": [{"id": 3, "image_id": 1, "category_id": 7, "bbox": [10, 20, 30, 40], "area": 1200, "iscrowd": 0}],
    });
    desk.write("in.json", coco.to_string());
    let there = desk.json("convert in.json voc --from coco --to voc");
    check_fields(&there, &[("read", "n"), ("written", "n"), ("lost", "a")]);
    assert!(desk.read("voc/Annotations/a.xml").contains("<name>cat</name>"));
    desk.json("convert voc out.json --from voc --to coco");
    let back: Value = serde_json::from_str(&desk.read("out.json")).unwrap();
    assert_eq!(back["annotations"][0]["bbox"], json!([10, 20, 30, 40]));

    let outlined = coco.to_string().replace("\"iscrowd\":0", "\"iscrowd\":0,\"segmentation\":[[10,20,40,20,25,60]]");
    desk.write("outlined.json", outlined);
    let lossy = desk.json("convert outlined.json lossy --from coco --to voc");
    let lost = lossy["lost"].as_array().unwrap();
    assert!(lost.iter().any(|of| of["kind"] == "polygon_as_box" && of["count"] == 1), "{lossy}");
    desk.refused("convert outlined.json strict --from coco --to voc --strict", &["polygon_as_box (1)"]);
    assert!(!desk.path("strict").exists());
}
