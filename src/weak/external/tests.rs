//! External functions, with a real Python; skipped where there is none.

use std::sync::Arc;

use arrow_array::{Float64Array, LargeStringArray};

use super::*;
use crate::data::{Frame, Kind};

fn frame(rows: usize) -> Frame {
    let texts = (0..rows).map(|row| (row % 50 != 7).then(|| format!("글 {row} 👍 \"x\"\n")));
    let texts: LargeStringArray = texts.collect();
    let numbers: Float64Array = (0..rows).map(|row| Some([f64::NAN, 0.1, f64::NEG_INFINITY][row % 3])).collect();
    Frame::new(vec![
        Arc::new(Column::text("body", Kind::Text, texts)),
        Arc::new(Column::new("score", Values::Float(numbers))),
    ])
}

/// Runs a file over some rows; `None` where there is no Python.
fn outcome(source: &str, rows: usize, limits: Limits, work: &Work) -> Option<Result<Outcome>> {
    let there = std::process::Command::new(python()).arg("--version").output();
    if !there.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there is no Python here");
        return None;
    }
    let (frame, classes) = (frame(rows), ["ham".to_owned(), "spam".to_owned()]);
    let context = Context { frame: &frame, text: Some("body"), classes: &classes };
    let native = BTreeSet::from(["lf_here".to_owned()]);
    Some(run(&Request { file: "a.py", source, native: &native, context, limits }, work))
}

fn quick() -> Limits {
    Limits { row_seconds: 0.05, patience: Duration::from_secs(2), ..Limits::default() }
}

/// A function's votes and failures: how many rows by message.
fn found(outcome: &Outcome, name: &str) -> (Vec<i16>, Vec<(usize, String, usize)>) {
    let function = outcome.functions.iter().find(|function| function.name == name).unwrap();
    let faults = function.applied.faults.iter().map(|fault| (fault.line, fault.message.clone(), fault.rows));
    (function.applied.votes.to_vec(), faults.collect())
}

#[test]
fn a_function_that_needs_python_votes() {
    let source = r#"
import collections, os
from snorkel.labeling import labeling_function
from snorkel.preprocess import preprocessor

class Words:
    def __init__(self, text):
        self.count = collections.Counter((text or "").split())

@preprocessor(memoize=True)
def split(x):
    x.words = Words(x.text)
    return x

@labeling_function(pre=[split])
def lf_class(x):
    return "spam" if x.words.count["👍"] else None

def lf_here(x):
    return "ham"

def lf_number(x):
    with open(os.devnull) as nothing:
        print("said", nothing.read())
    os.write(1, b"said, too")
    if x.score != x.score:
        return "ham"
    return "spam" if x["score"] == 0.1 else -1
"#;
    let Some(outcome) = outcome(source, 10, Limits::default(), &Work::new()) else { return };
    let outcome = outcome.unwrap();
    assert_eq!(outcome.functions.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["lf_class", "lf_number"]);
    assert_eq!(found(&outcome, "lf_class"), (vec![1, 1, 1, 1, 1, 1, 1, -1, 1, 1], vec![]));
    assert_eq!(found(&outcome, "lf_number"), (vec![0, 1, -1, 0, 1, -1, 0, 1, -1, 0], vec![]));
    assert_eq!(outcome.functions[0].line, 15);
}

#[test]
fn what_fails_is_counted_by_row_and_the_others_go_on() {
    let source = "import numpy_is_not_here as np\n\
        def lf_wrong(x):\n    return 'eggs'\n\
        def lf_none(x):\n    return x.text.upper() and None\n\
        def lf_missing(x):\n    return np.array([x.text])\n\
        def lf_exit(x):\n    raise SystemExit(3)\n\
        def lf_good(x):\n    yield_ = 1\n    return 'ham'\n";
    let Some(outcome) = outcome(source, 5000, Limits::default(), &Work::new()) else { return };
    let outcome = outcome.unwrap();
    let (votes, faults) = found(&outcome, "lf_wrong");
    assert!(votes.iter().all(|&vote| vote == -1));
    assert_eq!(faults, [(2, "it returned str, which is no class".to_owned(), 5000)]);
    let (_, faults) = found(&outcome, "lf_none");
    assert_eq!(faults[0], (5, "AttributeError: 'NoneType' object has no attribute 'upper'".to_owned(), 100));
    let (_, faults) = found(&outcome, "lf_missing");
    assert_eq!(faults, [(7, "ImportError: numpy_is_not_here.array is not available here".to_owned(), 5000)]);
    assert_eq!(found(&outcome, "lf_exit").1, [(9, "SystemExit: 3".to_owned(), 5000)]);
    assert!(found(&outcome, "lf_good").0.iter().all(|&vote| vote == 0));
}

#[test]
fn an_endless_loop_and_a_memory_eater_run_into_their_limits() {
    let source = "def lf_endless(x):\n    while True:\n        pass\n\
        def lf_eater(x):\n    return 'a' * (1 << 33)\n\
        def lf_good(x):\n    return 'spam'\n";
    let limits = Limits { memory: 2 << 30, ..quick() };
    let Some(outcome) = outcome(source, 5000, limits, &Work::new()) else { return };
    let outcome = outcome.unwrap();
    let (votes, faults) = found(&outcome, "lf_endless");
    assert!(votes.iter().all(|&vote| vote == -1));
    if cfg!(unix) {
        assert_eq!(faults.iter().map(|(_, _, rows)| rows).sum::<usize>(), 5000, "{faults:?}");
        assert_eq!((faults[0].1.as_str(), faults[0].2), ("TooLong: the row took longer than 0.05 s", 16));
        assert_eq!(faults[1].1, "it was stopped, too many rows ran into a limit");
    }
    if cfg!(target_os = "linux") {
        let (_, faults) = found(&outcome, "lf_eater");
        assert_eq!((faults[0].1.as_str(), faults[0].2), ("MemoryError: ", 16));
    }
    assert!(found(&outcome, "lf_good").0.iter().all(|&vote| vote == 1));
}

#[test]
fn a_function_that_kills_or_blocks_the_process_is_taken_out() {
    let source = "import os, time\n\
        def lf_good(x):\n    return 'spam'\n\
        def lf_crash(x):\n    os.write(2, b'Fatal: no more\\n')\n    os._exit(11)\n\
        def lf_stubborn(x):\n    while True:\n        try:\n            time.sleep(9)\n        except BaseException:\n            pass\n\
        def lf_last(x):\n    return 'ham'\n";
    let limits = Limits { patience: Duration::from_millis(600), ..quick() };
    let Some(outcome) = outcome(source, 6000, limits, &Work::new()) else { return };
    let outcome = outcome.unwrap();
    assert!(found(&outcome, "lf_good").0.iter().all(|&vote| vote == 1));
    assert!(found(&outcome, "lf_last").0.iter().all(|&vote| vote == 0));
    assert_eq!(
        found(&outcome, "lf_crash").1,
        [(4, "it was stopped, the process ended: Fatal: no more".to_owned(), 6000)]
    );
    assert_eq!(found(&outcome, "lf_stubborn").1[0].1, "it was stopped, nothing was heard of it for 0.6 s");
}

#[test]
fn a_file_that_cannot_start_says_why() {
    let check = |source: &str, limits: Limits, expected: &str| {
        let Some(outcome) = outcome(source, 3, limits, &Work::new()) else { return };
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check("import os\nos._exit(1)\n", quick(), "the file cannot be run, the process ended: a.py");
    let limits = Limits { start: Duration::from_millis(500), ..quick() };
    check("while True:\n    pass\n", limits, "was stopped: a.py");
    check("def f(:\n", quick(), "the process ended: SyntaxError");
}

#[test]
fn cancelling_ends_the_process_at_once() {
    let work = Work::new();
    let other = work.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(700));
        other.cancel();
    });
    let limits = Limits { row_seconds: 60.0, patience: Duration::from_secs(60), ..Limits::default() };
    let Some(outcome) = outcome("def lf_endless(x):\n    while True:\n        pass\n", 10, limits, &work) else {
        return;
    };
    assert!(outcome.unwrap_err().is_cancelled());
}
