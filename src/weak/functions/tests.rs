//! Whole files of labelling functions, from source to votes.

use std::sync::Arc;

use arrow_array::{BooleanArray, Float64Array, Int64Array, LargeStringArray, TimestampMicrosecondArray};
use proptest::prelude::*;

use super::*;
use crate::data::{Kind, Values};

/// A frame with a column of each kind; the third row misses everything.
fn frame() -> Frame {
    let text = [Some("Check OUT my channel"), Some("좋은 노래네요"), None, Some("구독 부탁! http://a.b"), Some("ok")];
    let source = [Some("web"), Some("app"), None, Some("web"), Some("")];
    Frame::new(vec![
        Arc::new(Column::text("text", Kind::Text, LargeStringArray::from(text.to_vec()))),
        Arc::new(Column::text("source", Kind::Category, LargeStringArray::from(source.to_vec()))),
        Arc::new(Column::new("stars", Values::Int(Int64Array::from(vec![Some(1), Some(5), None, Some(2), Some(3)])))),
        Arc::new(Column::new(
            "score",
            Values::Float(Float64Array::from(vec![Some(0.5), Some(-1.0), None, Some(2.5), Some(f64::NAN)])),
        )),
        Arc::new(Column::new(
            "seen",
            Values::Bool(BooleanArray::from(vec![Some(true), Some(false), None, Some(true), Some(false)])),
        )),
        Arc::new(Column::new(
            "at",
            Values::Time(TimestampMicrosecondArray::from(vec![Some(0), Some(1_500_000), None, Some(0), Some(0)])),
        )),
    ])
}

fn classes() -> Vec<String> {
    vec!["ham".to_owned(), "spam".to_owned()]
}

const HEAD: &str = "import re\nSPAM, HAM, ABSTAIN = 'spam', 'ham', None\n";

/// Compiles a file after the usual head.
fn program(source: &str) -> Program {
    let (frame, classes) = (frame(), classes());
    compile(&format!("{HEAD}{source}"), &Context { frame: &frame, text: None, classes: &classes })
}

/// The votes of the only function of a file.
fn votes(source: &str) -> Vec<i16> {
    applied(source).votes.to_vec()
}

fn applied(source: &str) -> Applied {
    let (frame, classes) = (frame(), classes());
    let context = Context { frame: &frame, text: None, classes: &classes };
    let program = compile(&format!("{HEAD}{source}"), &context);
    assert_eq!(program.functions.len(), 1, "{source}: {:?}", program.problems);
    let function = &program.functions[0];
    let applied = function.apply(&context, None, &Work::new()).unwrap();
    let slowly = function.apply_slowly(&context, None, &Work::new()).unwrap();
    assert_eq!(applied, slowly, "kernel and row by row: {source}");
    let some = function.apply(&context, Some(&[3, 0, 2]), &Work::new()).unwrap();
    assert_eq!(*some.votes, [3, 0, 2].map(|row: usize| applied.votes[row]), "some rows: {source}");
    applied
}

#[test]
fn declared_patterns_find_what_they_say() {
    let check = |source: &str, kernel: &str, expected: [i16; 5]| {
        assert_eq!(votes(source), expected, "{source}");
        assert_eq!(program(source).functions[0].kernel(), kernel, "{source}");
    };
    check("lf_a = keywords(SPAM, ['check out', '구독'])", "keywords", [1, -1, -1, 1, -1]);
    check("lf_a = keywords(SPAM, 'check out')", "keywords", [1, -1, -1, -1, -1]);
    check("lf_a = keywords(SPAM, ['check out'], case=True)", "keywords", [-1, -1, -1, -1, -1]);
    check("lf_a = keywords(label=HAM, words=['노래'], whole_words=True)", "keywords", [-1, -1, -1, -1, -1]);
    check("lf_a = keywords(HAM, ['channel', 'ok'], whole_words=True)", "keywords", [0, -1, -1, -1, 0]);
    check("lf_a = keywords(HAM, ['app'], column='source')", "keywords", [-1, 0, -1, -1, -1]);
    check(
        "WORDS = ['OUT'] + [w.upper() for w in ('ok',)]\nlf_a = keywords(HAM, WORDS)",
        "keywords",
        [0, -1, -1, -1, 0],
    );
    check("lf_a = regex(SPAM, r'https?://|CHECK\\s')", "regex", [1, -1, -1, 1, -1]);
    check("lf_a = regex(SPAM, r'[A-Z]{3}', case=True)", "regex", [1, -1, -1, -1, -1]);
    check("lf_a = regex(1, re.compile('^ok$'))", "regex", [-1, -1, -1, -1, 1]);
    check("lf_a = regex(SPAM, r'(?<=부)탁')", "regex", [-1, -1, -1, 1, -1]);
    check("lf_a = regex(SPAM, r'요\\b')", "regex", [-1, 1, -1, -1, -1]);
}

#[test]
fn functions_vote_as_python_would() {
    let check = |source: &str, kernel: &str, expected: [i16; 5]| {
        let source = format!("def lf_a(x):\n{source}");
        assert_eq!(votes(&source), expected, "{source}");
        assert_eq!(program(&source).functions[0].kernel(), kernel, "{source}");
    };
    let guard = "    if x.text is None: return ABSTAIN\n";
    check("    return SPAM if x.stars == 5 else ABSTAIN", "kernel", [-1, 1, -1, -1, -1]);
    check("    return SPAM if 1 < x.stars <= 3 else HAM", "kernel", [0, 0, -1, 1, 1]);
    check("    if x.score > 0:\n        return SPAM\n    return HAM", "kernel", [1, 0, -1, 1, 0]);
    check(
        "    if x.seen:\n        return SPAM\n    elif x.stars > 4:\n        return HAM",
        "kernel",
        [1, 0, -1, 1, -1],
    );
    check(
        "    return SPAM if x['source'] in ('web', 'x') and not x.seen == False else ABSTAIN",
        "row by row",
        [1, -1, -1, 1, -1],
    );
    check("    return SPAM if x['source'] in ('web', 'x') and x.seen else ABSTAIN", "kernel", [1, -1, -1, 1, -1]);
    check(
        &format!("{guard}    return SPAM if 'check out' in x.text.lower() else ABSTAIN"),
        "kernel",
        [1, -1, -1, -1, -1],
    );
    check(
        &format!("{guard}    t = x.text.lower()\n    return SPAM if any(k in t for k in ['구독', 'out']) else ABSTAIN"),
        "kernel",
        [1, -1, -1, 1, -1],
    );
    check(
        &format!("{guard}    return SPAM if re.search(r'https?://', x.text) else ABSTAIN"),
        "kernel",
        [-1, -1, -1, 1, -1],
    );
    check(
        &format!("{guard}    return SPAM if re.match('check', x.text, re.I) is not None else HAM"),
        "kernel",
        [1, 0, -1, 0, 0],
    );
    check(
        &format!("{guard}    return HAM if len(x.text) < 8 else SPAM if len(x.text.split()) >= 3 else ABSTAIN"),
        "kernel",
        [1, 0, -1, 1, 0],
    );
    check(
        &format!("{guard}    return HAM if x.text.startswith(('좋', 'ok')) or x.text.count('!') > 0 else ABSTAIN"),
        "kernel",
        [-1, 0, -1, 0, 0],
    );
    check(
        &format!("{guard}    n = 0\n    for c in x.text:\n        n += c == 'o'\n    return n and SPAM or ABSTAIN"),
        "row by row",
        [-1, -1, -1, -1, 1],
    );
    check("    return SPAM if (x.text or '').isupper() else int(bool(x.text)) - 1", "row by row", [0, 0, -1, 0, 0]);
    check("    return HAM if x.at == '1970-01-01' else ABSTAIN", "row by row", [0, -1, -1, 0, 0]);
    check("    return {'web': SPAM, 'app': HAM}.get(x.source)", "row by row", [1, 0, -1, 1, -1]);
    check("    return 1", "row by row", [1, 1, 1, 1, 1]);
    check("    pass", "row by row", [-1, -1, -1, -1, -1]);
}

#[test]
fn the_files_of_snorkel_users_run_as_they_are() {
    let source = r#"
import re
import pandas as pd
from typing import List, Optional
from snorkel.labeling import labeling_function, LabelingFunction, PandasLFApplier, LFAnalysis
from snorkel.preprocess import preprocessor
from textblob import TextBlob

ABSTAIN = -1
HAM = 0
SPAM = 1

df_train = pd.read_csv("train.csv")

@labeling_function()
def check(x):
    """A docstring."""
    return SPAM if "check" in x.text.lower() else ABSTAIN

@labeling_function(name="regex_check_out", resources=dict(limit=3))
def regex_out(x, limit):
    return SPAM if re.search(r"check.*out", x.text, flags=re.I) and x.stars < limit else ABSTAIN

def keyword_lookup(x, keywords, label):
    if any(word in x.text.lower() for word in keywords):
        return label
    return ABSTAIN

def make_keyword_lf(keywords, label=SPAM):
    return LabelingFunction(
        name=f"keyword_{keywords[0]}",
        f=keyword_lookup,
        resources=dict(keywords=keywords, label=label),
    )

keyword_my = make_keyword_lf(keywords=["my"])
keyword_song = make_keyword_lf(keywords=["song", "노래"], label=HAM)

@preprocessor(memoize=True)
def textblob_sentiment(x):
    scores = TextBlob(x.text)
    x.polarity = scores.sentiment.polarity
    return x

@labeling_function(pre=[textblob_sentiment])
def textblob_polarity(x):
    return HAM if x.polarity > 0.9 else ABSTAIN

@labeling_function()
def short(x):
    return HAM if len(x.text.split()) < 2 else ABSTAIN

def closed_over(word):
    @labeling_function
    def inner(x):
        return SPAM
    return inner

def make_contains(word):
    def contains(x):
        return SPAM if word in x.text else ABSTAIN
    return LabelingFunction(f"contains_{word}", contains)

more = [make_contains(word) for word in ("ok", "channel")]

lfs = [check, regex_out, keyword_my, keyword_song, textblob_polarity, short]
applier = PandasLFApplier(lfs=lfs)
L_train = applier.apply(df=df_train)

if __name__ == "__main__":
    print(LFAnalysis(L=L_train, lfs=lfs).lf_summary())
"#;
    let (frame, classes) = (frame(), classes());
    let context = Context { frame: &frame, text: None, classes: &classes };
    let program = compile(source, &context);
    let found: Vec<(String, &str, Vec<i16>)> = program
        .functions
        .iter()
        .map(|f| {
            (
                f.name().to_owned(),
                f.kernel(),
                f.apply(&context, Some(&[0, 1, 3, 4]), &Work::new()).unwrap().votes.to_vec(),
            )
        })
        .collect();
    let expected = [
        ("check", "kernel", vec![1, -1, -1, -1]),
        ("regex_check_out", "kernel", vec![1, -1, -1, -1]),
        ("keyword_my", "kernel", vec![1, -1, -1, -1]),
        ("keyword_song", "kernel", vec![-1, 0, -1, -1]),
        ("short", "kernel", vec![-1, -1, -1, 0]),
        ("contains_ok", "kernel", vec![-1, -1, -1, 1]),
        ("contains_channel", "kernel", vec![1, -1, -1, -1]),
    ];
    let found: Vec<(&str, &str, Vec<i16>)> = found.iter().map(|(a, b, c)| (a.as_str(), *b, c.clone())).collect();
    assert_eq!(found, expected, "{:#?}", program.problems);
    let problem = |part: &str| {
        let found = program.problems.iter().find(|problem| problem.message.contains(part));
        let problem = found.unwrap_or_else(|| panic!("{part}: {:#?}", program.problems));
        (problem.line, problem.severity, problem.function.as_deref())
    };
    assert_eq!(problem("package pandas"), (3, Severity::Warning, None));
    assert_eq!(problem("package textblob"), (7, Severity::Warning, None));
    assert_eq!(problem("`PandasLFApplier` does nothing"), (5, Severity::Warning, None));
    assert_eq!(problem("preprocessors are not available; do").0, 6);
    let errors = program.problems.iter().filter(|problem| problem.severity == Severity::Error);
    let off: Vec<Option<&str>> = errors.map(|problem| problem.function.as_deref()).collect();
    assert_eq!(off, [Some("textblob_sentiment"), Some("textblob_polarity"), Some("closed_over")]);
}

#[test]
fn problems_stand_at_their_place() {
    let check = |source: &str, line: usize, part: &str, functions: &[&str]| {
        let program = program(source);
        let found = program.problems.iter().find(|problem| problem.message.contains(part));
        let Some(problem) = found else { panic!("{source}: {:#?}", program.problems) };
        assert_eq!(problem.line, line + 2, "{source}: {problem:?}");
        assert!(problem.end_line > problem.line || problem.end_column >= problem.column, "{problem:?}");
        let names: Vec<&str> = program.functions.iter().map(Function::name).collect();
        assert_eq!(names, functions, "{source}");
    };
    let good = "\ndef lf_good(x):\n    return SPAM\n";
    check(&format!("def lf_a(x)\n    return SPAM\n{good}"), 1, "xpected", &["lf_good"]);
    check(&format!("def lf_a(x):\n    return SPAM if (x.text\n{good}"), 2, "", &["lf_good"]);
    check(&format!("def lf_a(x):\n    return x.txet\n{good}"), 2, "no column `txet`", &["lf_good"]);
    check(&format!("def lf_a(x):\n    return x['nope']\n{good}"), 2, "no column `nope`", &["lf_good"]);
    check(
        &format!("def h(y):\n    return y.nope\ndef lf_a(x):\n    return h(x)\n{good}"),
        2,
        "no column `nope`",
        &["lf_good"],
    );
    check(&format!("def lf_a(x):\n    return undefined\n{good}"), 2, "`undefined` is not defined", &["lf_good"]);
    check(&format!("def lf_a(x):\n    with x: pass\n{good}"), 2, "`with`", &["lf_good"]);
    check(&format!("def lf_a(x):\n    return x.text.contains('a')\n{good}"), 2, "no method `contains`", &["lf_good"]);
    check(&format!("def lf_a():\n    return SPAM\n{good}"), 1, "takes the row", &["lf_good"]);
    check(&format!("def lf_a(x, k):\n    return SPAM\n{good}"), 1, "nothing gives `k`", &["lf_good"]);
    check(&format!("import numpy as np\ndef lf_a(x):\n    return np.sum(1)\n{good}"), 1, "package numpy", &["lf_good"]);
    check(
        &format!("import numpy as np\ndef lf_a(x):\n    return np.sum(1)\n{good}"),
        3,
        "`np` is not available",
        &["lf_good"],
    );
    check(&format!("def lf_a(x):\n    import numpy\n{good}"), 2, "numpy", &["lf_good"]);
    check(
        &format!("K = undefined\ndef lf_a(x):\n    return K\n{good}"),
        2,
        "`lf_a` is off: `K` is off because of line 3",
        &["lf_good"],
    );
    check(&format!("K = 1 / 0\n{good}"), 1, "divided by zero", &["lf_good"]);
    check(&format!("def h(x): return 1 +\ndef lf_a(x):\n    return h(x)\n{good}"), 2, "`lf_a` is off", &["lf_good"]);
    check(&format!("{good}\ndef lf_good(x):\n    return HAM\n"), 5, "two labelling functions called", &["lf_good"]);
    check("lf_a = keywords('eggs', ['a'])", 1, "\"eggs\" is no class", &[]);
    check("lf_a = keywords(SPAM, [])", 1, "empty", &[]);
    check("lf_a = keywords(SPAM, ['a'], column='nope')", 1, "no column `nope`", &[]);
    check("lf_a = keywords(SPAM, ['a'], column='stars')", 1, "holds no text", &[]);
    check("lf_a = keywords(SPAM, ['a'], cas=True)", 1, "no argument `cas`", &[]);
    check("lf_a = regex(SPAM, '(a')", 1, "cannot be read", &[]);
    check("lf_a = regex(SPAM, 'a(?=b)')", 1, "looks around", &["lf_a"]);
    check("keywords(SPAM, ['a'])", 1, "no name", &[]);
    check("it = iter([1])\ndef lf_a(x):\n    return next(it)", 2, "iterator", &[]);
    check("@nope\ndef lf_a(x):\n    return SPAM", 1, "decorator `@nope`", &[]);
    check("class A:\n    pass", 1, "classes", &[]);
    check("def lf_a(x):\n    return 1\n    return undefined\n    with x: pass", 4, "`with`", &[]);
}

#[test]
fn failures_on_rows_are_counted_and_said() {
    let check = |body: &str, line: usize, part: &str, rows: usize, first: usize| {
        let applied = applied(&format!("def lf_a(x):\n{body}"));
        let Some(fault) = applied.faults.first() else { panic!("{body}: no fault") };
        assert!(fault.message.contains(part), "{body}: {}", fault.message);
        assert_eq!((fault.line, fault.rows, fault.first_row), (line + 2, rows, first), "{body}: {fault:?}");
    };
    check("    return SPAM if 'a' in x.text else HAM", 2, "missing value (None)", 1, 2);
    check("    return SPAM if x.text.lower() else HAM", 2, "no method `lower`", 1, 2);
    check("    y = 1\n    return SPAM if x.stars > 3 else HAM", 3, "missing value", 1, 2);
    check("    return 'eggs'", 1, "no class; the classes are: ham, spam", 5, 0);
    check("    return 'free' == x.text", 1, "(first: False)", 5, 0);
    check("    return 7", 1, "(first: 7)", 5, 0);
    check("    while True:\n        pass", 2, "1,000,000 steps on a row", 5, 0);
    check("    return 'a' * 10 ** 9", 2, "16 MB", 5, 0);
    check("    return [SPAM][x.stars]", 2, "no such position", 4, 0);
    check("    K.append(1)\nK = []", 2, "made at module level cannot be changed", 5, 0);
    check("    return getattr(x, 'nope')", 2, "no column `nope`", 5, 0);
}

#[test]
fn a_loop_without_end_stops_the_function_and_not_the_program() {
    let texts: Vec<String> = (0..100_000).map(|row| row.to_string()).collect();
    let frame = Frame::new(vec![Arc::new(Column::text("text", Kind::Text, LargeStringArray::from_iter_values(texts)))]);
    let classes = classes();
    let context = Context { frame: &frame, text: None, classes: &classes };
    let program = compile("def lf_a(x):\n    while True:\n        pass", &context);
    let applied = program.functions[0].apply(&context, None, &Work::new()).unwrap();
    assert_eq!((applied.faults[0].rows, applied.faults[0].line), (100_000, 2));
    assert!(applied.faults[0].message.contains("stopped after 16 rows"));
    let work = Work::new();
    work.cancel();
    assert!(program.functions[0].apply(&context, None, &work).unwrap_err().is_cancelled());
}

#[test]
fn a_fingerprint_changes_with_what_the_votes_depend_on() {
    let print = |source: &str| {
        let program = program(source);
        program.functions.iter().find(|f| f.name() == "lf_a").map(Function::fingerprint).unwrap()
    };
    let base = "K = ['a']\ndef h(t): return t\ndef lf_a(x):\n    return SPAM if h(x.text) in K else ABSTAIN\n";
    let same = |source: &str, expected: bool| assert_eq!(print(source) == print(base), expected, "{source}");
    same(&format!("# a comment\n{base}"), true);
    same(&format!("def lf_0(x): return SPAM\nOTHER = 5\n{base}def lf_b(x): return HAM"), true);
    same(&base.replace("'a'", "'b'"), false);
    same(&base.replace("return t", "return t.lower()"), false);
    same(&base.replace("else ABSTAIN", "else HAM"), false);
    same(&base.replace("K = ['a']", "K = ('a',)"), false);
    let regex = |source: &str| print(&format!("lf_a = {source}"));
    assert_ne!(regex("regex(SPAM, 'a')"), regex("regex(HAM, 'a')"));
    assert_ne!(regex("regex(SPAM, 'a')"), regex("keywords(SPAM, 'a')"));
    assert_ne!(regex("regex(SPAM, re.compile('a'))"), regex("regex(SPAM, re.compile('a', re.M))"));
    assert_ne!(
        print("from math import floor as f\ndef lf_a(x): return f(1)"),
        print("from math import ceil as f\ndef lf_a(x): return f(1)")
    );
}

#[test]
fn the_line_of_a_fault_follows_its_function() {
    let fault = |program: &Program, context: &Context| {
        let function = program.functions.iter().find(|f| f.name() == "lf_a").unwrap();
        function.apply(context, None, &Work::new()).unwrap().faults.remove(0)
    };
    let (frame, classes) = (frame(), classes());
    let context = Context { frame: &frame, text: None, classes: &classes };
    let source = "def lf_a(x):\n    y = 1\n    return 1 / 0\n";
    let old = fault(&compile(source, &context), &context);
    let later = compile(&format!("\n\ndef lf_0(x):\n    return 1\n{source}"), &context);
    let function = later.functions.iter().find(|f| f.name() == "lf_a").unwrap();
    assert_eq!((old.line, function.line_of(&old)), (3, 7));
}

#[test]
fn x_text_is_the_column_that_was_chosen() {
    let (frame, classes) = (frame(), classes());
    let context = Context { frame: &frame, text: Some("source"), classes: &classes };
    let source = "lf_a = keywords(1, ['web'])\ndef lf_b(x): return 1 if x.text == 'web' else None\ndef lf_c(x): return 1 if (x.text or '')[:1] == 'w' else -1";
    let program = compile(source, &context);
    for function in &program.functions {
        let votes = function.apply(&context, None, &Work::new()).unwrap().votes.to_vec();
        assert_eq!(votes, [1, -1, -1, 1, -1], "{}", function.name());
    }
}

#[test]
fn highlights_show_what_was_found() {
    let check = |source: &str, text: &str, expected: &[&str]| {
        let program = program(source);
        let found: Vec<&str> = program.functions[0].highlights(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, expected, "{source}");
    };
    check("lf_a = keywords(SPAM, ['free', '무료'])", "FREE 무료 freely", &["FREE", "무료", "free"]);
    check("lf_a = regex(SPAM, r'a+')", "bAaa a", &["Aaa", "a"]);
    check("def lf_a(x): return SPAM if 'free' in x.text.lower() else ABSTAIN", "İFREE", &["FREE"]);
    check("def lf_a(x): return SPAM if re.search('a.', x.text) or 'b' in x.text else ABSTAIN", "ab b", &["ab", "b"]);
    check("def lf_a(x): return len(x.text)", "a", &[]);
}

#[test]
fn conditions_speak_the_filter_language_and_text_is_the_text_column() {
    let (frame, classes) = (frame(), classes());
    for text in [None, Some("text")] {
        let context = Context { frame: &frame, text, classes: &classes };
        let program = compile("lf_a = where('ham', 'length(text) < 8')\nlf_b = where('ham', 'nonsense')", &context);
        let votes = program.functions[0].apply(&context, None, &Work::new()).unwrap().votes.to_vec();
        assert_eq!((votes, program.functions[0].kernel()), (vec![-1, 0, -1, -1, 0], "where"));
        assert_eq!(program.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [2]);
    }
    // A column of another name is reached as `text` too.
    let (strings, kind) = (frame.column("text").unwrap().strings().unwrap().clone(), crate::data::Kind::Text);
    let renamed = Frame::new(vec![std::sync::Arc::new(crate::data::Column::text("본문", kind, strings))]);
    let context = Context { frame: &renamed, text: Some("본문"), classes: &classes };
    let program = compile("lf_a = where('ham', 'length(text) < 8 AND length(본문) < 8')", &context);
    let votes = program.functions[0].apply(&context, None, &Work::new()).unwrap().votes.to_vec();
    assert_eq!(votes, vec![-1, 0, -1, -1, 0]);
}

#[test]
fn many_functions_none_and_halves_of_files_are_all_the_same_to_it() {
    assert_eq!(program("").functions.len(), 0);
    let many: String =
        (0..500).map(|n| format!("def lf_{n}(x):\n    return SPAM if x.stars == {n} else ABSTAIN\n")).collect();
    assert_eq!(program(&many).functions.len(), 500);
    // Every prefix of a file, as an editor may save it, compiles to something without a panic.
    let source = "@labeling_function(name=f'a{1}')\ndef lf_b(x, k=[1, 2]):\n    return {'a': 1}.get(x.text[1:2], (lambda y: y)(None)) if 'é한' in [w for w in x.text.split()] else -1\nlf_c = regex(SPAM, r\"\"\"a\n\"\"\")\n";
    for (end, _) in source.char_indices() {
        program(&source[..end]);
    }
    assert_eq!(program(source).functions.len(), 2);
}

/// The functions for which kernel and row by row are compared.
const COMPARED: &[&str] = &[
    "return SPAM if 'ab' in x.text else ABSTAIN",
    "return SPAM if 'é' in x.text.lower() else HAM",
    "return SPAM if 'i' in x.text.lower() else ABSTAIN",
    "return SPAM if 'σ' in x.text.lower() and 'ς' not in x.text.lower() else ABSTAIN",
    "return SPAM if any(k in x.text.lower() for k in ['한', 'ss', 'ß', 'a']) else ABSTAIN",
    "return SPAM if any(k in x.text for k in ('국', 'B', 'e\\u0301')) else ABSTAIN",
    "return SPAM if re.search(r'\\bab|국\\b', x.text) else ABSTAIN",
    "return SPAM if re.search('a$', x.text.lower()) else ABSTAIN",
    "return SPAM if re.match('[a-z]+', x.text, re.I) else ABSTAIN",
    "return SPAM if re.fullmatch(r'\\w+', x.text) else ABSTAIN",
    "return SPAM if re.search(r'a\\s*b', x.text) else HAM if re.search(r'[가-힣]{2,}', x.text) else ABSTAIN",
    "return SPAM if len(x.text) < 3 or len(x.text.lower()) > 6 else ABSTAIN",
    "return SPAM if x.text.startswith('a') or x.text.lower().endswith(('b', '국')) else ABSTAIN",
    "return SPAM if x.text.count('a') >= 2 and len(x.text.split()) == 1 else ABSTAIN",
    "return SPAM if x.text == 'ab' or x.text.lower() in ['ba', ''] else ABSTAIN",
    "return SPAM if not x.text else HAM if x.n and x.n > 1 else ABSTAIN",
    "return SPAM if 0 < x.n < 2.5 != x.n else ABSTAIN",
    "return SPAM if x.n is None or 'a' in x.text else ABSTAIN",
];

proptest! {
    #[test]
    fn kernels_say_what_the_functions_say(
        texts in prop::collection::vec(prop::option::weighted(0.9, "[abBéE\u{301}İIßẞΣς한국\u{1112}\u{1161}\u{11ab} \n.]{0,8}"), 1..60),
        numbers in prop::collection::vec(prop::option::weighted(0.8, -1i64..4), 60),
        which in 0..COMPARED.len(),
    ) {
        let numbers = Int64Array::from(numbers[..texts.len()].to_vec());
        let frame = Frame::new(vec![
            Arc::new(Column::text("text", Kind::Text, LargeStringArray::from(texts.clone()))),
            Arc::new(Column::new("n", Values::Int(numbers))),
        ]);
        let classes = classes();
        let context = Context { frame: &frame, text: None, classes: &classes };
        let source = format!("{HEAD}def lf_a(x):\n    {}", COMPARED[which]);
        let program = compile(&source, &context);
        prop_assert_eq!(program.functions.len(), 1, "{:?}", &program.problems);
        let function = &program.functions[0];
        prop_assert_eq!(function.kernel(), "kernel", "{}", COMPARED[which]);
        let fast = function.apply(&context, None, &Work::new()).unwrap();
        let slow = function.apply_slowly(&context, None, &Work::new()).unwrap();
        prop_assert_eq!(&fast, &slow, "{} on {:?}", COMPARED[which], &texts);
        let rows: Vec<u32> = (0..texts.len() as u32).rev().collect();
        let some = function.apply(&context, Some(&rows), &Work::new()).unwrap();
        prop_assert_eq!(some.votes.to_vec(), slow.votes.iter().rev().copied().collect::<Vec<_>>());
    }

    #[test]
    fn whatever_is_typed_compiles_to_something(source in "[a-c()\\[\\]{}:=.,'\"#@\n lf_xdefrtun+*-]{0,60}") {
        let _ = program(&source);
        let _ = highlight(&source);
    }
}
