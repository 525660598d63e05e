//! Jobs for Spark and labels of counted patterns, from the command line.

use std::process::Command;

use serde_json::{Value, json};

use crate::cli::Desk;

const DATA: &str = "id,document,stars\n\
    a,check out my channel,1\nb,나는 이 노래를 사랑해요,5\nc,FREE 무료!!,1\nd,,3\ne,free to listen,\nf,ok,5\n";

const FUNCTIONS: &str = r#"import re
from snorkel.labeling import labeling_function
SPAM, HAM = "spam", "ham"
lf_words = keywords(SPAM, ["free", "check out"])
lf_love = regex(HAM, r"사랑|love")
lf_short = where(HAM, "length(text) < 4 OR stars >= 5")
lf_stars = column("stars", {1: SPAM, 5: (HAM, 0.6)})
lf_listed = keywords(not_(HAM), file="lists/free.txt", whole_words=True)
lf_both = both(SPAM, lf_words, lf_stars)
lf_unless = unless((HAM, 0.7), where(SPAM, "stars > 0"), lf_listed)

@labeling_function()
def lf_shout(x):
    return SPAM if x.document.count("!") > 1 else None
"#;

/// Applies the functions as the job does, without Spark.
const DRIVER: &str = r#"
import json, sys
sys.path.insert(0, "jobs")
from lapidary_lfs import Program
read = lambda name: open("jobs/" + name, encoding="utf-8", newline="").read()
plan = json.loads(read("plan.json"))
program = Program(plan, {name: read("lfs/" + name) for name in plan["files"]}, read("conditions.py"))
columns = json.load(sys.stdin)
print(json.dumps(program.apply(columns, len(columns["document"]))))
"#;

/// Runs Python on a text; `None` where there is none.
fn python(desk: &Desk, source: &str, input: &Value) -> Option<Value> {
    desk.write("in.json", input.to_string()).write("driver.py", source);
    let file = std::fs::File::open(desk.path("in.json")).unwrap();
    let folder = desk.path("driver.py").parent().unwrap().to_owned();
    let Ok(done) = Command::new("python3").arg("driver.py").current_dir(folder).stdin(file).output() else {
        eprintln!("skipped: there is no python3 here");
        return None;
    };
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Some(serde_json::from_slice(&done.stdout).unwrap())
}

pub fn project(desk: &Desk, functions: &str) {
    desk.write("d.csv", DATA);
    desk.json("new p --data d.csv --text document --id id --classes ham,spam");
    desk.write("p/lfs/a.py", functions);
}

#[test]
fn the_jobs_carry_the_functions_unchanged_and_give_the_same_votes() {
    let desk = Desk::new();
    project(&desk, FUNCTIONS);
    desk.write("p/lists/free.txt", "# words\nfree\n무료\n");
    let made = desk.json("spark p -o jobs");
    let outputs = made["outputs"].as_array().unwrap();
    for name in ["vote.py", "join.py", "lapidary_lfs.py", "plan.json", "conditions.py", "lfs/a.py"] {
        assert!(outputs.contains(&json!(name)), "{name} is not in {outputs:?}");
        assert!(desk.path("jobs").join(name).is_file(), "{name}");
    }
    assert_eq!(desk.read("jobs/lfs/a.py"), FUNCTIONS);
    assert_eq!(
        made["functions"],
        json!(["lf_words", "lf_love", "lf_short", "lf_stars", "lf_listed", "lf_both", "lf_unless", "lf_shout"])
    );
    desk.json("lf-stats p -o votes.csv");
    let columns = json!({
        "document": ["check out my channel", "나는 이 노래를 사랑해요", "FREE 무료!!", null, "free to listen", "ok"],
        "stars": [1, 5, 1, 3, null, 5],
    });
    let Some(votes) = python(&desk, DRIVER, &columns) else { return };
    let header = desk.read("votes.csv").lines().next().unwrap().to_owned();
    for (at, name) in header.split(',').enumerate().skip(1) {
        let native: Vec<i64> = desk.rows("votes.csv").iter().map(|row| row[at].parse().unwrap()).collect();
        assert_eq!(votes[name], json!(native), "{name}");
    }
}

#[test]
fn what_cannot_be_taken_to_spark_is_refused_with_its_place() {
    let desk = Desk::new();
    project(&desk, "lf_a = where('ham', \"CAST(document AS TIMESTAMP) > '2020-01-01'\")\n");
    desk.refused("spark p -o jobs", &["has no counterpart in Python", "a.py:1"]);
    desk.write("p/lfs/a.py", "lf_a = keywords('ham', ['ok'])\ndef lf_b(x:\n    return 1\n");
    desk.refused("spark p -o jobs", &["cannot be read as Python", "a.py:2"]);
    desk.write("p/lfs/a.py", "");
    desk.refused("spark p -o jobs", &["no labelling function that can run"]);
    assert!(!desk.path("jobs/vote.py").exists());
}

#[test]
fn a_label_model_fits_on_counted_patterns_as_on_their_rows() {
    let desk = Desk::new();
    let mut rows = String::from("lf_a,lf_b,lf_c,gold\n");
    let mut patterns = String::from("lf_a,lf_b,lf_c,gold,count\n");
    for (pattern, gold, count) in [
        ("0,0,-1", "", 40),
        ("1,1,0", "", 25),
        ("-1,1,1", "1", 3),
        ("0,-1,0", "0", 2),
        ("-1,-1,-1", "", 30),
        ("0,1,-1", "", 7),
    ] {
        patterns.push_str(&format!("{pattern},{gold},{count}\n"));
        (0..count).for_each(|_| rows.push_str(&format!("{pattern},{gold}\n")));
    }
    desk.write("rows.csv", rows).write("patterns.csv", patterns);
    for model in ["majority", "dawid-skene", "metal", "calibrated", "auto"] {
        let options = format!("--model {model} --classes 0,1");
        let whole = desk.json(&format!("label-model rows.csv --gold rows.csv:gold {options} -o rows_out.csv"));
        let counted = desk.json(&format!(
            "label-model patterns.csv --gold patterns.csv:gold --counts count {options} -o patterns_out.csv"
        ));
        for field in ["model", "patterns", "balance", "weights", "covered", "accuracy"] {
            assert_eq!(whole[field], counted[field], "{model} {field}");
        }
        assert_eq!(counted["rows"], 107, "{model}");
        let header = desk.read("patterns_out.csv").lines().next().unwrap().to_owned();
        assert_eq!(header, "lf_a,lf_b,lf_c,count,p_0,p_1,label");
        let first: Vec<String> = desk.rows("rows_out.csv")[0][1..].to_vec();
        assert_eq!(desk.rows("patterns_out.csv")[0][4..], first, "{model}");
    }
    desk.write("bad.csv", "lf_a,count\n0,1\n1,x\n");
    desk.refused("label-model bad.csv --counts count", &["not a whole number from 0 on", "count, row"]);
    desk.refused("label-model patterns.csv --counts nothing", &["nothing"]);
}
