//! Functions, label models and consensus from the command line, on small files and against published figures.

use serde_json::{Value, json};

use crate::cli::{Desk, check_fields, number, shared};

const COMMENTS: &str = "\
id,text,likes,gold
a,check out my channel,1,spam
b,subscribe to my channel please,0,spam
c,i love this song,12,ham
d,great song,,ham
e,check this song out,3,
";

const FUNCTIONS: &str = r#"
ABSTAIN = None

lf_channel = keywords("spam", ["my channel", "subscribe"])
lf_check = regex("spam", r"check .*out")

def lf_love(x):
    return "ham" if "song" in x.text else ABSTAIN

def lf_likes(x):
    return "ham" if x.likes > 10 else ABSTAIN
"#;

#[test]
fn function_statistics_equal_hand_counted_ones() {
    let desk = Desk::new();
    desk.write("c.csv", COMMENTS).write("f.py", FUNCTIONS);
    let found = desk.json("lf-stats c.csv --lfs f.py --gold gold --id id -o votes.csv");
    check_fields(
        &found,
        &[
            ("classes", "a"),
            ("functions", "a"),
            ("covered", "n"),
            ("overlapped", "n"),
            ("conflicted", "n"),
            ("errors", "a"),
        ],
    );
    assert_eq!(found["classes"], json!(["ham", "spam"]));
    assert_eq!(
        (number(&found["covered"]), number(&found["overlapped"]), number(&found["conflicted"])),
        (1.0, 0.6, 0.2)
    );
    let by_name = |name: &str| -> Value {
        found["functions"].as_array().unwrap().iter().find(|function| function["name"] == name).cloned().unwrap()
    };
    for function in found["functions"].as_array().unwrap() {
        check_fields(
            function,
            &[
                ("name", "s"),
                ("polarity", "a"),
                ("coverage", "n"),
                ("overlaps", "n"),
                ("conflicts", "n"),
                ("votes", "n"),
                ("correct", "?n"),
                ("incorrect", "?n"),
                ("accuracy", "?n"),
                ("accuracy_low", "?n"),
                ("accuracy_high", "?n"),
            ],
        );
    }
    let check =
        |name: &str, polarity: &str, coverage: f64, overlaps: f64, conflicts: f64, correct: u64, incorrect: u64| {
            let function = by_name(name);
            assert_eq!(function["polarity"], json!([polarity]), "{name}");
            let shares = ["coverage", "overlaps", "conflicts"].map(|field| number(&function[field]));
            assert_eq!(shares, [coverage, overlaps, conflicts], "{name}");
            assert_eq!((&function["correct"], &function["incorrect"]), (&json!(correct), &json!(incorrect)), "{name}");
        };
    check("lf_channel", "spam", 0.4, 0.2, 0.0, 2, 0);
    check("lf_check", "spam", 0.4, 0.4, 0.2, 1, 0);
    check("lf_love", "ham", 0.6, 0.4, 0.2, 2, 0);
    check("lf_likes", "ham", 0.2, 0.2, 0.0, 1, 0);
    let votes = desk.read("votes.csv");
    assert_eq!(votes.lines().next(), Some("row,id,lf_channel,lf_check,lf_love,lf_likes"));
    assert_eq!(votes.lines().nth(1), Some("0,a,1,1,-1,-1"));
    assert_eq!(votes.lines().nth(5), Some("4,e,-1,1,0,-1"));
}

#[test]
fn faults_of_functions_are_listed_with_their_line() {
    let desk = Desk::new();
    desk.write("c.csv", COMMENTS).write("f.py", format!("{FUNCTIONS}\ndef lf_open(x):\n    return open(x.text)\n"));
    let found = desk.json("lf-stats c.csv --lfs f.py --gold gold");
    let errors = found["errors"].as_array().unwrap();
    assert!(!errors.is_empty(), "{found}");
    for error in errors {
        check_fields(error, &[("function", "?s"), ("line", "n"), ("message", "s"), ("rows", "?n")]);
    }
    assert!(errors.iter().any(|error| error["function"] == "lf_open" && number(&error["line"]) >= 14.0), "{errors:?}");
    assert!(
        found["functions"].as_array().unwrap().iter().any(|function| function["name"] == "lf_love"),
        "the others go on"
    );
    desk.write("broken.py", "def lf(x:\n  return 1\n");
    desk.refused("lf-stats c.csv --lfs broken.py --classes ham,spam", &["no function can be applied", "broken.py:"]);
    desk.refused("lf-stats c.csv", &["--lfs"]);
}

#[test]
fn classes_that_nobody_names_follow_from_gold_and_votes() {
    let desk = Desk::new();
    desk.write("t.csv", "text,names,numbers\na b,x,3\nb,,\nc,y,1\nd,,\n");
    for (functions, gold, classes) in [
        (
            "lf_a = keywords('y', ['a'])\ndef lf_b(x):\n    return 'x' if 'b' in x.text else None\n",
            "",
            json!(["x", "y"]),
        ),
        ("lf_a = keywords('z', ['a'])\n", " --gold names", json!(["x", "y", "z"])),
        ("lf_a = keywords(1, ['a'])\n", " --gold names", json!(["x", "y"])),
        ("lf_a = keywords(2, ['a'])\ndef lf_b(x):\n    return -1\n", "", json!(["0", "1", "2"])),
        ("lf_a = keywords(3, ['a'])\n", " --gold numbers", json!(["1", "3"])),
        ("lf_a = keywords('y', ['a'])\n", " --classes z,y", json!(["z", "y"])),
    ] {
        desk.write("f.py", functions);
        let found = desk.json(&format!("lf-stats t.csv --lfs f.py{gold}"));
        assert_eq!(found["classes"], classes, "{functions}");
        assert_eq!(found["errors"], json!([]), "{functions}");
        let polarity = &found["functions"][0]["polarity"];
        assert_eq!(polarity.as_array().map(Vec::len), Some(1), "{functions}: {found}");
    }
}

#[test]
fn votes_of_functions_flow_into_the_label_model() {
    let desk = Desk::new();
    desk.write("c.csv", COMMENTS).write("f.py", FUNCTIONS);
    for votes in ["votes.csv", "votes.parquet", "votes.npy"] {
        desk.json(&format!("lf-stats c.csv --lfs f.py --gold gold -o {votes}"));
        let found =
            desk.json(&format!("label-model {votes} --classes ham,spam --model majority --gold c.csv:gold -o p.csv"));
        check_fields(
            &found,
            &[
                ("model", "s"),
                ("candidates", "a"),
                ("patterns", "n"),
                ("balance", "a"),
                ("weights", "a"),
                ("accuracy", "n"),
                ("accuracy_covered", "n"),
                ("f1_macro", "n"),
                ("log_loss", "n"),
                ("classes", "a"),
            ],
        );
        assert_eq!((number(&found["accuracy"]), found["rows"].as_u64()), (1.0, Some(5)), "{votes}");
        assert_eq!(desk.read("p.csv").lines().next(), Some("row,p_ham,p_spam,label"), "{votes}");
        assert_eq!(desk.rows("p.csv")[0], ["0", "0.0", "1.0", "spam"], "{votes}");
        assert_eq!(desk.rows("p.csv")[4].last().unwrap(), "", "a tie has no label: {votes}");
    }
    desk.json("label-model votes.csv --classes ham,spam -o p.npy");
    assert_eq!(&std::fs::read(desk.path("p.npy")).unwrap()[1..6], b"NUMPY");
}

#[test]
fn gold_that_was_shown_does_not_judge_and_empty_gold_is_no_gold() {
    let desk = Desk::new();
    let mut table = String::from("lf_a,lf_b,lf_c,gold\n");
    for row in 0..200usize {
        let class = row % 2;
        let vote = |right: usize| if row % 10 < right { class as i64 } else { 1 - class as i64 };
        let gold = if row % 4 == 3 { String::new() } else { class.to_string() };
        table.push_str(&format!("{},{},{},{gold}\n", vote(9), vote(8), if row % 3 == 0 { -1 } else { vote(7) }));
    }
    desk.write("v.csv", table);
    let found = desk.json("label-model v.csv --gold v.csv:gold --gold-rows 40 --model calibrated");
    assert_eq!((found["gold_rows_shown"].as_u64(), found["gold_rows_judged"].as_u64()), (Some(40), Some(110)));
    assert_eq!(found["weights"].as_array().unwrap().len(), 3, "the gold column is no function");
    let again = desk.json("label-model v.csv --gold v.csv:gold --gold-rows 40 --model calibrated");
    assert_eq!(found["accuracy"], again["accuracy"]);
    desk.refused("label-model v.csv --gold v.csv:nothing", &["there is no such column: v.csv: nothing", "lf_a, lf_b"]);
    desk.refused("label-model v.csv --gold no.csv:gold", &["no.csv:gold"]);
    desk.refused("label-model v.csv --skip gold --balance 0.5", &["1 numbers for 2 classes"]);
}

/// The test split's votes and labels of a published set, and the votes of its training split.
fn youtube(desk: &Desk) -> bool {
    let Some(path) = shared("youtube_spam/youtube_lf.csv") else { return false };
    // Only the first and the last columns are needed, and no comment in this set ends like them, so lines that belong
    // to one comment can be joined from the back.
    let text = std::fs::read_to_string(path).unwrap();
    let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let mut out = format!("gold,{}\n", header[3..].join(","));
    let mut inside_test = false;
    for line in text.lines().skip(1) {
        if ["train,", "valid,", "test,"].iter().any(|split| line.starts_with(split)) {
            inside_test = line.starts_with("test,");
        }
        let cells: Vec<&str> = line.rsplitn(12, ',').collect();
        let is_end = cells.len() >= 11 && cells[..11].iter().all(|cell| cell.parse::<i64>().is_ok());
        if inside_test && is_end {
            let cells: Vec<&str> = cells[..11].iter().rev().copied().collect();
            out.push_str(&format!("{}\n", cells.join(",")));
            inside_test = false;
        }
    }
    desk.write("test.csv", out);
    true
}

#[test]
fn the_majority_vote_on_youtube_equals_published_figures() {
    let desk = Desk::new();
    if !youtube(&desk) {
        return;
    }
    let found = desk.json("label-model test.csv --gold test.csv:gold --classes 0,1 --model majority -o p.csv");
    assert_eq!(found["rows"], 250);
    let near =
        |value: &Value, expected: f64| assert!((number(value) - expected).abs() < 5e-4, "{value} is not {expected}");
    near(&found["covered"], 0.928);
    near(&found["accuracy"], 0.816);
    near(&found["accuracy_ties"]["first"], 0.776);
    near(&found["accuracy_ties"]["last"], 0.856);
    let ties = desk.rows("p.csv").iter().filter(|row| row[3].is_empty()).count();
    assert_eq!(ties as f64 / 250.0, 0.176 + 0.0, "rows without a decision, those without votes among them");
    for model in ["auto", "soft-majority", "dawid-skene", "metal"] {
        let found = desk.json(&format!("label-model test.csv --gold test.csv:gold --classes 0,1 --model {model}"));
        assert!(number(&found["accuracy"]) > 0.7, "{model}: {found}");
    }
}

#[test]
fn consensus_counts_agreement_and_judges_annotators() {
    let desk = Desk::new();
    let mut table = String::from("item,who,label\n");
    for item in 0..100 {
        let truth = if item % 2 == 0 { "yes" } else { "no" };
        let other = if item % 2 == 0 { "no" } else { "yes" };
        for (who, right) in [("ann", true), ("bob", true), ("cleo", item % 5 > 0), ("dan", item % 2 == 0)] {
            table.push_str(&format!("i{item},{who},{}\n", if right { truth } else { other }));
        }
    }
    desk.write("a.csv", table);
    for model in ["auto", "majority", "dawid-skene", "one-coin"] {
        let line = format!("consensus a.csv --item item --annotator who --label label --model {model} -o c.csv");
        let found = desk.json(&line);
        check_fields(
            &found,
            &[("agreement", "o"), ("annotators", "a"), ("items", "n"), ("model", "s"), ("classes", "a")],
        );
        assert_eq!(found["items"], 100);
        for name in ["percent", "fleiss_kappa", "krippendorff_alpha", "gwet_ac1"] {
            let measure = &found["agreement"][name];
            check_fields(measure, &[("value", "n"), ("low", "n"), ("high", "n")]);
            assert!(number(&measure["low"]) <= number(&measure["value"]), "{name}: {measure}");
            assert!(number(&measure["high"]) >= number(&measure["value"]), "{name}: {measure}");
        }
        assert_eq!(found["agreement"]["cohen_kappa"], Value::Null, "for two annotators only");
        let quality = |name: &str| {
            let all = found["annotators"].as_array().unwrap();
            let one = all.iter().find(|annotator| annotator["annotator"] == name).unwrap();
            check_fields(one, &[("items", "n"), ("quality", "n"), ("agreement", "n")]);
            number(&one["quality"])
        };
        assert!(quality("ann") > quality("cleo") && quality("cleo") > quality("dan"), "{model}: {found}");
        let rows = desk.rows("c.csv");
        assert_eq!(desk.read("c.csv").lines().next(), Some("item,label,quality"));
        let right =
            rows.iter().enumerate().filter(|(at, row)| row[1] == if at % 2 == 0 { "yes" } else { "no" }).count();
        assert_eq!((rows.len(), right), (100, 100), "{model}");
    }
    let two: String = desk
        .read("a.csv")
        .lines()
        .filter(|line| !line.contains("cleo") && !line.contains("dan"))
        .fold(String::new(), |all, line| all + line + "\n");
    desk.write("two.csv", two);
    let found = desk.json("consensus two.csv --item item --annotator who --label label");
    assert_eq!(found["agreement"]["cohen_kappa"]["value"], 1.0);
}

#[test]
fn consensus_is_right_on_real_crowds() {
    let desk = Desk::new();
    // The published accuracies: bluebirds majority 75.9 %, Dawid-Skene 89.8 %; RTE majority 89.8 to 90 %, Dawid-Skene 92.7 %.
    for (set, model, least) in [
        ("crowd_bluebirds", "majority", 0.74),
        ("crowd_bluebirds", "auto", 0.88),
        ("crowd_rte", "majority", 0.88),
        ("crowd_rte", "dawid-skene", 0.92),
    ] {
        let Some(folder) = shared(set) else { return };
        let answers = folder.join("answers.csv");
        let ran = desk.run_words(&[
            "consensus",
            &answers.display().to_string(),
            "--item",
            "item",
            "--annotator",
            "annotator",
            "--label",
            "label",
            "--model",
            model,
            "--resamples",
            "200",
            "-o",
            "c.csv",
            "--quiet",
        ]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let gold = std::fs::read_to_string(folder.join("gold.csv")).unwrap();
        let gold: std::collections::HashMap<&str, &str> =
            gold.lines().skip(1).filter_map(|line| line.split_once(',')).collect();
        let rows = desk.rows("c.csv");
        let right = rows.iter().filter(|row| gold.get(row[0].as_str()) == Some(&row[1].as_str())).count();
        let share = right as f64 / rows.len() as f64;
        assert!(rows.len() == gold.len() && share >= least, "{set} {model}: {share} of {}", rows.len());
        println!("{set} {model}: {share:.4}");
    }
}
