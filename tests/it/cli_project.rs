//! Projects from the command line: made, run, exported.

use serde_json::json;

use crate::cli::{Desk, check_fields, number};

const COMMENTS: &str = "\
key,comment,stars,truth
a,check out my channel now,1,spam
b,please subscribe to my channel,2,spam
c,i love this song so much,5,ham
d,great song and great video,4,ham
e,check out this free gift,1,spam
f,this song is the best ever,5,ham
g,subscribe for a free gift,1,spam
h,i love the drums in this song,5,ham
i,check out my channel now,1,spam
j,what a lovely voice,5,
";

const FUNCTIONS: &str = r#"
lf_channel = keywords("spam", ["my channel", "subscribe", "free gift"])
lf_check = regex("spam", r"^check out")

def lf_song(x):
    return "ham" if "song" in x.text else None
"#;

fn project(desk: &Desk) {
    desk.write("c.csv", COMMENTS);
    let made = desk.json("new p --data c.csv --text comment --gold truth --id key --classes ham,spam --language en");
    check_fields(&made, &[("project", "s"), ("columns", "a"), ("classes", "a")]);
    assert!(made["project"].as_str().unwrap().ends_with("/p"));
    assert_eq!((made["rows"].as_u64(), &made["classes"]), (Some(10), &json!(["ham", "spam"])));
    let columns: Vec<_> =
        made["columns"].as_array().unwrap().iter().map(|column| column["name"].as_str().unwrap()).collect();
    assert_eq!(columns, ["key", "comment", "stars", "truth"]);
    for column in made["columns"].as_array().unwrap() {
        check_fields(column, &[("name", "s"), ("type", "s")]);
    }
    desk.write("p/lfs/functions.py", FUNCTIONS);
}

#[test]
fn a_project_is_made_run_and_delivered() {
    let desk = Desk::new();
    project(&desk);
    let found = desk.json("run p");
    check_fields(
        &found,
        &[
            ("functions", "a"),
            ("label_model", "o"),
            ("end_model", "o"),
            ("label_errors", "o"),
            ("duplicates", "o"),
            ("outputs", "a"),
            ("errors", "a"),
        ],
    );
    assert_eq!(found["functions"].as_array().unwrap().len(), 3);
    check_fields(
        &found["label_model"],
        &[("model", "s"), ("patterns", "n"), ("balance", "a"), ("weights", "a"), ("accuracy", "?n")],
    );
    check_fields(&found["end_model"], &[("accuracy_cv", "?n")]);
    check_fields(&found["label_errors"], &[("count", "n")]);
    assert_eq!(found["duplicates"], json!({"groups": 1, "rows": 2, "leaks": null}));
    assert_eq!(number(&found["label_model"]["accuracy"]), 1.0);
    for output in found["outputs"].as_array().unwrap() {
        let output = output.as_str().unwrap();
        assert!(output.starts_with("deliver/"), "{output}");
        assert!(desk.path("p").join(output).is_file(), "{output}");
    }
    let delivered = desk.read("p/deliver/data.csv");
    assert!(delivered.lines().next().unwrap().contains("label,label_probability,label_source"), "{delivered}");
    assert!(delivered.lines().count() > 9, "{delivered}");
    assert!(desk.read("p/deliver/DATACARD.md").contains("lf_song"));
    let stats = desk.json("lf-stats p");
    assert_eq!(stats["functions"], found["functions"]);
    let plain = desk.run("run p");
    assert_eq!(plain.code, 0);
    assert!(plain.out.contains("label model") && plain.out.contains("deliver/data.csv"), "{}", plain.out);
}

#[test]
fn the_same_project_gives_the_same_delivery() {
    let desk = Desk::new();
    project(&desk);
    let with = |threads: usize| {
        let mut found = desk.json(&format!("run p --threads {threads}"));
        found.as_object_mut().unwrap().remove("seconds");
        (found, ["data.csv", "data.jsonl"].map(|name| desk.read(&format!("p/deliver/{name}"))))
    };
    assert_eq!(with(1), with(2));
}

#[test]
fn another_seed_holds_for_one_run() {
    let desk = Desk::new();
    project(&desk);
    let before = desk.read("p/lapidary.toml");
    desk.json("run p --seed 5");
    let with_five = desk.read("p/deliver/data.csv");
    desk.json("run p --seed 6 --deliver elsewhere");
    assert_ne!(with_five, desk.read("p/elsewhere/data.csv"), "the splits differ");
    assert_eq!(desk.read("p/lapidary.toml"), before);
}

#[test]
fn a_project_without_functions_says_what_is_missing() {
    let desk = Desk::new();
    desk.write("c.csv", COMMENTS);
    desk.json("new p --data c.csv --text comment --classes ham,spam");
    let found = desk.json("run p");
    assert_eq!((&found["label_model"], &found["end_model"]), (&json!(null), &json!(null)));
    assert_eq!(found["outputs"], json!([]));
    let warnings = found["warnings"].to_string();
    assert!(warnings.contains("no end model") && warnings.contains("nothing was delivered"), "{warnings}");
}

#[test]
fn projects_that_cannot_be_are_refused_whole() {
    let desk = Desk::new();
    desk.write("c.csv", COMMENTS).write("twice.csv", "key,comment\na,x\na,y\n");
    desk.refused(
        "new p --data twice.csv --id key --text comment",
        &["the id column is not unique", "twice.csv", "rows 1 and 2"],
    );
    desk.refused("new p --data c.csv --text stars", &["the text column holds no text", "stars"]);
    desk.refused("new p --data c.csv --text comment --classes a,a", &["two classes of one name: a"]);
    desk.refused("new p", &["an argument is missing: --data <FILE>"]);
    assert!(!desk.path("p").exists());
    desk.json("new p --data c.csv --text comment");
    desk.refused("new p --data c.csv --text comment", &["there is a project in this folder already", "help: open it"]);
    desk.refused("run q", &["there is no project in this folder: q", "lapidary new"]);
    desk.refused("lf-stats p --gold truth", &["its own"]);
    std::fs::remove_file(desk.path("c.csv")).unwrap();
    desk.refused("run p", &["c.csv", "it does not exist"]);
}

#[test]
fn annotations_are_exported_and_what_is_left_out_has_a_name() {
    let desk = Desk::new();
    desk.write("c.csv", COMMENTS);
    desk.json("new p --data c.csv --text comment --label truth --id key");
    for format in ["csv", "jsonl", "parquet"] {
        let found = desk.json(&format!("export p --format {format} -o out.{format}"));
        check_fields(&found, &[("read", "n"), ("written", "n"), ("lost", "a")]);
        assert_eq!((found["read"].as_u64(), found["written"].as_u64()), (Some(10), Some(9)), "{format}");
        assert_eq!(found["lost"], json!([{"kind": "without a label", "count": 1}]));
        assert!(desk.path(&format!("out.{format}")).is_file());
    }
    assert_eq!(
        desk.read("out.csv").lines().next(),
        Some("key,comment,stars,truth,label,label_probability,label_source,split")
    );
    let all = desk.json("export p --format csv -o all.csv --rows all");
    assert_eq!((all["written"].as_u64(), &all["lost"]), (Some(10), &json!([])));
    desk.refused("export p --format csv -o out.txt", &["out.txt"]);
    desk.refused("export p --format csv -o out.jsonl", &["does not end as the format does"]);
    desk.refused("export p --format docx -o out.csv", &["there is no such format: docx", "csv, jsonl, parquet"]);
}

#[test]
fn the_samples_are_projects_that_run() {
    let desk = Desk::new();
    let made = desk.json("demo --no-window --dir first");
    check_fields(&made, &[("project", "s")]);
    assert!(desk.path("first/lapidary.toml").is_file());
    assert!(number(&made["rows"]) >= 50.0);
    let found = desk.json("run first");
    assert!(!found["outputs"].as_array().unwrap().is_empty());
    desk.refused("demo --no-window --dir first", &["there is a project in this folder already"]);
    desk.refused("demo nothing --no-window", &["there is no such sample: nothing", "the samples are: "]);
    assert!(!desk.path("nothing").exists());
}
