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
fn a_profile_tells_all_of_a_column_and_stands_beside_another() {
    let desk = Desk::new();
    desk.write("old.csv", people(400, |row| 20 + row * 7 % 40)).write("new.csv", people(300, |row| 45 + row * 7 % 40));
    let found = desk.json("profile old.csv --compare new.csv -o both.html");
    let age = found["columns"].as_array().unwrap().iter().find(|of| of["name"] == "age").unwrap();
    let names =
        ["skewness", "kurtosis", "variance", "mad", "iqr", "zeros", "negative", "singles", "bytes", "sum", "range"];
    names.into_iter().for_each(|name| assert!(age[name].is_number(), "{name}: {age}"));
    assert_eq!((age["top"][0]["count"].as_u64(), &age["order"]), (Some(10), &json!("none")));
    let country = found["columns"].as_array().unwrap().iter().find(|of| of["name"] == "country").unwrap();
    assert_eq!(country["written"]["shapes"], json!([["A", 400]]));
    assert_eq!((found["compared"]["rows"].as_u64(), &found["compared"]["file"]), (Some(300), &json!("new.csv")));
    assert_eq!(found["compared"]["columns"].as_array().unwrap().len(), 3);
    let page = desk.read("both.html");
    assert!(page.contains("300 rows") && page.contains("class=\"two\""));
}

#[test]
fn bad_tables_and_suites_are_told_and_the_rest_goes_on() {
    let desk = Desk::new();
    desk.write("empty.csv", "a,b\n").write("one.csv", "a,b\n1,x\n").write("same.csv", "a,b,c\n1,,5\n1,,5\n1,,5\n");
    let kinds = |file: &str| {
        let found = desk.json(&format!("profile {file}"));
        let kind =
            |alert: &Value| format!("{} {}", alert["kind"].as_str().unwrap(), alert["column"].as_str().unwrap_or("-"));
        found["alerts"].as_array().unwrap().iter().map(kind).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(kinds("empty.csv"), "");
    assert_eq!(kinds("one.csv"), "constant a, constant b");
    assert_eq!(kinds("same.csv"), "constant a, empty b, constant c, duplicate-rows -");
    let line = |row: usize| {
        let mixed = if row.is_multiple_of(2) { format!("\"t{row}\"") } else { row.to_string() };
        format!("{{\"tags\": [\"a\", \"{row}\"], \"mixed\": {mixed}}}\n")
    };
    desk.write("odd.jsonl", (0..30).map(line).collect::<String>());
    let odd = kinds("odd.jsonl");
    assert!(odd.contains("nested tags") && odd.contains("mixed-types mixed"), "{odd}");
    let forms = ["2024-01-05", "05/01/2024", "5 January 2024", "2024년 1월 5일", "Jan 5, 2024"];
    let line = |row: usize| format!("\"{}\",{row}\n", forms[row % 5]);
    desk.write("dates.csv", "d,n\n".to_owned() + &(0..50).map(line).collect::<String>());
    assert!(kinds("dates.csv").contains("dates-as-text d"));

    let wide = |columns: usize| {
        let names: Vec<String> = (0..columns).map(|at| format!("c{at}")).collect();
        let row =
            |row: usize| (0..columns).map(|at| (row * 31 + at * 7).to_string()).collect::<Vec<_>>().join(",") + "\n";
        names.join(",") + "\n" + &(0..20).map(row).collect::<String>()
    };
    desk.write("wide.csv", wide(2000));
    let found = desk.json("profile wide.csv -o wide.html");
    assert_eq!(found["columns"].as_array().unwrap().len(), 2000);
    assert!(desk.read("wide.html").len() <= 2_000_000);

    let one = |name: &str, rest: &str| format!("[[expectation]]\nexpectation = \"{name}\"\n{rest}\n");
    let suite = one("expect_column_values_to_not_be_nul", "column = \"a\"")
        + &one("expect_column_values_to_be_between", "column = \"a\"\nmin_value = \"x\"")
        + &one("expect_column_values_to_not_be_null", "column = \"nothing\"")
        + &one("expect_labelled_share_to_be_between", "min_value = 0.5")
        + &one("expect_column_values_to_not_be_null", "column = \"a\"");
    desk.write("bad.toml", suite);
    let ran = desk.run("expect one.csv --suite bad.toml --json");
    let found: Value = serde_json::from_str(&ran.out).unwrap();
    let held: Vec<bool> = found["results"].as_array().unwrap().iter().map(|of| of["success"] == true).collect();
    assert_eq!((ran.code, held), (2, vec![false, false, false, false, true]), "{}", ran.err);
    assert!(found["results"].as_array().unwrap()[..4].iter().all(|of| of["error"].is_string()), "{found}");
    desk.refused("expect one.csv", &["--suite"]);
    desk.refused("drift same.csv dates.csv", &["no column in common", "the current table has d, n"]);
    let drift = desk.json("drift one.csv same.csv");
    assert_eq!((&drift["only_current"], &drift["drifted"]), (&json!(["c"]), &json!(0)));
}

/// A shop that serves 40 predictions a day; from the tenth day on, it is wrong about men's shoes. Outcomes take a day.
fn served() -> (String, String) {
    let kinds = ["men", "women", "children"];
    let (mut log, mut outcomes) = ("order,sent,kind,said\n".to_owned(), "order,truth,known\n".to_owned());
    for row in 0..800usize {
        let (day, kind) = (row / 40, kinds[row * 7 % 3]);
        log += &format!("{row},2024-03-{:02} 12:00,{kind},keep\n", day + 1);
        let wrong = row * 13 % 17 == 0 || (day >= 9 && kind == "men" && row * 11 % 5 < 3);
        if day < 19 {
            outcomes += &format!("{row},{},2024-03-{:02} 13:00\n", if wrong { "return" } else { "keep" }, day + 2);
        }
    }
    outcomes += "9999,keep,2024-03-02 13:00\n";
    (log, outcomes)
}

#[test]
fn outcomes_that_come_later_tell_since_when_and_for_whom() {
    let desk = Desk::new();
    let (log, outcomes) = served();
    desk.write("log.csv", log).write("later.csv", outcomes);
    let found = desk.json(
        "watch log.csv --by sent --prediction said --outcome truth --outcomes later.csv --id order --outcome-time known -o w.html",
    );
    let told = &found["outcomes"];
    assert_eq!(
        (told["joined"].as_u64(), told["waiting"].as_u64(), told["unknown"].as_u64()),
        (Some(760), Some(40), Some(1))
    );
    let accuracy = found["series"].as_array().unwrap().iter().find(|of| of["kind"] == "accuracy").unwrap();
    assert_eq!(accuracy["change"]["since"], "2024-03-10", "{accuracy}");
    assert_eq!(accuracy["slices"][0]["condition"], "kind = 'men'");
    assert!(desk.read("w.html").contains("2024-03-10"));
    desk.refused("watch log.csv --by nothing", &["nothing"]);
    desk.write("untimed.csv", people(20, |row| row));
    desk.refused("watch untimed.csv", &["no column of times", "--by"]);
    let by = desk.json("watch untimed.csv --by age");
    assert!(by["series"].as_array().unwrap().iter().any(|of| of["name"] == "country = KR"));
}

#[test]
fn a_project_is_expected_of_and_followed() {
    let desk = Desk::new();
    let line = |row: usize| format!("\"text {}\",{}\n", row % 25, if row.is_multiple_of(3) { "spam" } else { "ham" });
    desk.write("mail.csv", "text,label\n".to_owned() + &(0..60).map(line).collect::<String>());
    desk.json("new box --data mail.csv --text text --label label");
    desk.refused("expect box", &["expectations.toml"]);
    let share = |least: f64| {
        format!(
            "[[expectation]]\nexpectation = \"expect_label_class_share_to_be_between\"\nclass = \"spam\"\nmin_value = {least}\n\
             [[expectation]]\nexpectation = \"expect_duplicates_to_have_no_conflicting_labels\"\nmostly = 0.1\n"
        )
    };
    desk.write("box/expectations.toml", share(0.3));
    let found = desk.json("expect box");
    assert_eq!((&found["success"], found["results"][0]["observed"].as_f64()), (&json!(true), Some(1.0 / 3.0)));
    assert!(found["results"][1]["unexpected_count"].as_u64().unwrap() > 0, "{found}");
    desk.write("box/expectations.toml", share(0.4));
    assert_eq!(desk.run("expect box").code, 1);
    let found = desk.json("watch box --by label");
    assert!(found["series"].as_array().unwrap().iter().any(|of| of["kind"] == "class-share"), "{found}");
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

#[test]
fn strict_knows_what_a_writer_loses_before_it_writes() {
    let desk = Desk::new();
    // Two blanks between tokens are lost only in the writing of them.
    let spans = json!({"text": "Kim  works", "label": [[0, 3, "PS"]]});
    desk.write("in.jsonl", spans.to_string());
    let lossy = desk.json("convert in.jsonl out.conll --to conll");
    assert_eq!((&lossy["from"], &lossy["from_reason"]), (&json!("doccano"), &json!("its records have labels")));
    assert!(lossy["lost"].as_array().unwrap().iter().any(|of| of["kind"] == "text_spacing"), "{lossy}");
    desk.refused("convert in.jsonl strict.conll --to conll --strict", &["text_spacing (1)"]);
    desk.refused("convert in.jsonl strict.txt --to fasttext", &["only read, not written: fasttext", "doccano"]);
    desk.refused("convert nothing.jsonl strict.conll --to conll", &["nothing.jsonl"]);
    assert!(!desk.path("strict.conll").exists() && !desk.path("strict.txt").exists());
    desk.json("convert in.jsonl strict.jsonl --to doccano --strict");
    assert!(desk.path("strict.jsonl").is_file());
}

#[test]
fn exports_are_strict_too() {
    let desk = Desk::new();
    desk.write("c.csv", "key,comment,truth\na,good one,x\nb,bad one,y\n");
    desk.json("new p --data c.csv --text comment --label truth --id key");
    desk.refused("export p --format conll -o p.conll --strict", &["class (2)"]);
    assert!(!desk.path("p.conll").exists());
    let found = desk.json("export p --format doccano -o p.jsonl --rows all --strict");
    assert_eq!((found["written"].as_u64(), &found["lost"]), (Some(2), &json!([])));
    desk.json("export p --format csv -o p.csv --strict");
}

#[test]
fn formats_that_are_only_read_are_recognised_and_say_why() {
    let desk = Desk::new();
    let check = |name: &str, text: &str, format: &str, annotations: u64| {
        desk.write(name, text);
        let found = desk.json(&format!("convert {name} out.{format}.jsonl --to jsonl"));
        assert_eq!((found["from"].as_str(), found["read"].as_u64()), (Some(format), Some(annotations)), "{found}");
        assert!(found["from_reason"].is_string());
    };
    check("a.txt", "__label__x a b\n", "fasttext", 1);
    check("a.json", "[{\"fields\":{\"text\":\"a\"},\"responses\":{\"q\":[{\"value\":\"x\"}]}}]", "argilla", 1);
    check("b.json", "[{\"text\":\"a\",\"__topic__MANUAL\":\"x\"}]", "refinery", 1);
    let min = json!([{"text": "a", "id": 1, "mood": "x", "annotator": 1, "annotation_id": 2}]);
    check("c.json", &min.to_string(), "label-studio-min", 1);
    let items = json!({"categories": {"label": {"labels": [{"name": "x"}]}},
        "items": [{"id": "a", "annotations": [{"type": "label", "label_id": 0}]}]});
    check("d.json", &items.to_string(), "datumaro", 1);
}

/// What is known to have changed in real streams is found with its date, and what only names rows or months is not told.
#[test]
fn real_streams_have_changed_when_they_are_known_to_have() {
    let desk = Desk::new();
    let changes = |name: &str, by: &str, columns: &str| -> Option<Vec<(String, String, String)>> {
        let path = super::cli::shared(name)?;
        let found = desk.json(&format!("watch {} --by {by} --columns {columns}", path.display()));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let changed = |series: &Value| {
            let since = series["change"]["since"].as_str()?.to_owned();
            Some((text(&series["name"]), text(&series["kind"]), since))
        };
        Some(found["series"].as_array().unwrap().iter().filter_map(changed).collect())
    };
    let since = |found: &[(String, String, String)], name: &str, kind: &str| -> String {
        let one = found.iter().find(|(a, b, _)| a == name && b == kind);
        one.unwrap_or_else(|| panic!("{name} {kind} is not among {found:?}")).2.clone()
    };
    // The congestion surcharge of New York began in February 2019; its column was empty before.
    if let Some(found) =
        changes("nyc_taxi/taxi_2018_2019.parquet", "pickup_datetime", "congestion_surcharge,extra,file_month")
    {
        assert_eq!(since(&found, "congestion_surcharge", "missing"), "2019-02-01");
        assert_eq!(since(&found, "congestion_surcharge", "mean"), "2019-02-01");
        assert_eq!(since(&found, "extra", "mean"), "2019-02-01", "one vendor puts it there as well");
        assert!(found.iter().all(|(name, ..)| !name.starts_with("file_month")), "the month's own name: {found:?}");
    }
    // Victoria joined the market of electricity in May 1997, 0.4423 on this scale: before, its price is one that fills in.
    if let Some(found) = changes("elec2/elec2.csv", "date", "vicprice") {
        let at: f64 = since(&found, "vicprice = 0.003467", "share").parse().unwrap();
        assert!((0.43..0.45).contains(&at), "{at}");
    }
    if let Some(found) = changes("nsmc/stream_200k.parquet", "date", "id,rating") {
        assert!(found.iter().all(|(name, ..)| name != "id"), "a name of rows: {found:?}");
        since(&found, "rating", "mean");
    }
}
