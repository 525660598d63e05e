//! Functions in a Python process, from the command line.

use std::process::Command;

use serde_json::json;

use crate::cli::Desk;
use crate::cli_spark::project;

#[test]
fn functions_that_need_python_run_only_when_that_is_allowed() {
    let desk = Desk::new();
    let functions = "import collections\n\
        lf_words = keywords('spam', ['free'])\n\
        class Count:\n    def __init__(self, text):\n        self.of = collections.Counter(text)\n\
        def lf_marks(x):\n    return 'spam' if Count(x.document).of['!'] > 1 else -1\n";
    project(&desk, functions);
    let refused = desk.json("lf-stats p");
    assert_eq!(refused["functions"].as_array().map(Vec::len), Some(1), "{refused}");
    assert!(refused["errors"].as_array().is_some_and(|errors| !errors.is_empty()));
    assert!(refused["warnings"].to_string().contains("--allow-external"), "{refused}");
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: there is no python3 here");
        return;
    }
    let allowed = desk.json("lf-stats p --allow-external -o votes.csv");
    assert_eq!(allowed["functions"][1]["name"], "lf_marks", "{allowed}");
    let votes: Vec<String> = desk.rows("votes.csv").into_iter().map(|row| row[2].clone()).collect();
    assert_eq!(votes, ["-1", "-1", "1", "-1", "-1", "-1"]);
    // What Python can do and we cannot is no error any more.
    assert_eq!(allowed["errors"], json!([]), "{allowed}");
}
