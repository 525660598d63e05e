//! The Python module gives the votes that our evaluator gives.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use arrow_array::{BooleanArray, Float64Array, Int64Array, LargeStringArray, TimestampMicrosecondArray};
use serde_json::{Value, json};

use super::{MODULE, MODULE_NAME};
use crate::data::filter;
use crate::data::{Column, Frame, Kind, Values};
use crate::engine::Work;
use crate::weak::functions::{Context, compile_with};

/// Rows as nobody expects them.
fn frame() -> Frame {
    let huge = "긴 글 ".repeat(5_000);
    let texts = [
        None,
        Some(""),
        Some(" "),
        Some("Check out my CHANNEL https://x.y"),
        Some("무료 쿠폰 받기"),
        Some("\u{1106}\u{116e}\u{1105}\u{116d}"),
        Some("무료로"),
        Some("👍🏽 🇰🇷 e\u{301}ΣΑΣ İstanbul"),
        Some("a\nb\r\nc\u{1c}d\u{a0}e\u{3000}f"),
        Some("1,234.5 12 -7 ４２ ② ½"),
        Some("100% _x_ \\d [z] it's \"q\""),
        Some(huge.as_str()),
        Some("free"),
        Some("freedom, but free!"),
        Some("K\u{212a}k ſs ß ẞ"),
        Some("inf"),
    ];
    let rows = texts.len();
    let number = |row: usize| [i64::MIN, -7, 0, 3, 12, i64::MAX][row % 6];
    let real = |row: usize| [f64::NAN, -0.0, 2.5, -2.5, 1e300, f64::INFINITY, 0.1][row % 7];
    let time = |row: usize| {
        [0, -1, 1_440_513_005_250_000, 253_402_300_800_000_000, i64::MAX, -62_135_596_800_000_001][row % 6]
    };
    let some = |row: usize| row % 5 != 1;
    let ints: Int64Array = (0..rows).map(|row| some(row).then(|| number(row))).collect();
    let reals: Float64Array = (0..rows).map(|row| some(row + 1).then(|| real(row))).collect();
    let bools: BooleanArray = (0..rows).map(|row| some(row + 2).then_some(row % 2 == 0)).collect();
    let times: TimestampMicrosecondArray = (0..rows).map(|row| some(row + 3).then(|| time(row))).collect();
    let others =
        LargeStringArray::from_iter((0..rows).map(|row| some(row).then(|| ["12", "x", " -3.5e2 ", "yes"][row % 4])));
    Frame::new(vec![
        Arc::new(Column::text("body", Kind::Text, LargeStringArray::from_iter(texts))),
        Arc::new(Column::text("tag", Kind::Category, others)),
        Arc::new(Column::new("n", Values::Int(ints))),
        Arc::new(Column::new("r", Values::Float(reals))),
        Arc::new(Column::new("ok", Values::Bool(bools))),
        Arc::new(Column::new("at", Values::Time(times))),
    ])
}

/// A file of functions of every kind, some of which fail on some rows.
const FUNCTIONS: &str = r#"
import re
import math, unicodedata
from snorkel.labeling import labeling_function, LabelingFunction
from snorkel.types import DataPoint
from typing import Optional

SPAM, HAM, ABSTAIN = "spam", "ham", None
WORDS = ["무료", "FREE", "쿠폰"]

lf_words = keywords(SPAM, WORDS)
lf_whole = keywords(SPAM, ["free", "무료"], whole_words=True)
lf_case = keywords(HAM, ["free", "CHANNEL"], case=True)
lf_many = keywords(HAM, ["a.b", "c", "채널", "x", "y", "z", "[z]", "②", "긴"])
lf_tag = keywords(SPAM, "x", column="tag")
lf_link = regex(SPAM, r"https?://|www\.")
lf_digits = regex("ham", r"\b\d{2}\b")
lf_sigma = regex(HAM, "σ\\b")
lf_kelvin = regex(HAM, r"k{2}")
lf_ahead = regex(SPAM, r"free(?!dom)", case=True)
lf_compiled = regex(SPAM, re.compile(r"^check .*\.y$"))
lf_short = where(HAM, "length(text) < 5")
lf_both = where(SPAM, "n > 0 AND NOT ok")

@labeling_function()
def lf_shout(x: DataPoint) -> Optional[str]:
    return SPAM if x.text.isupper() or x.text.count("!") > 0 else ABSTAIN

@labeling_function(name="named", resources=dict(words=WORDS))
def other(x, words):
    text = unicodedata.normalize("NFC", x["body"] or "")
    return HAM if any(w.lower() in text.lower() for w in words) else -1

def lf_korean(x):
    return SPAM if has_word(x.text, '영화') or 'ㅎㄱ' in initials(x.text) or 'ㅂㅅ' in jamo(nfc(x.text)) else ABSTAIN

def lf_number(x):
    if x.n is None:
        return None
    return 1 if x.n % 3 == 0 and math.sqrt(abs(x.r)) >= 0 else 0

def lf_wrong(x):
    return "eggs" if x.get("ok") else x.get("nothing", "ham")

def lf_time(x):
    return "ham" if x.at and x.at.startswith("2015") else None

def make(word, label):
    def check(x):
        return label if word in (x.text or "").split() else None
    return LabelingFunction(name=f"word_{word}", f=check)

made = [make(w, SPAM) for w in ("free", "a")]

def helper(text):
    return re.sub(r"\s+", " ", text).strip()

def lf_helper(x):
    print("never seen")
    return SPAM if len(helper(x.text[:2000])) == 4 else ABSTAIN

lf_sure = keywords((SPAM, 0.7), ["free"])
lf_open = regex(not_(HAM), "f")
lf_tags = column("tag", {"12": SPAM, "x": (HAM, 0.5), "yes": not_(SPAM)})
lf_numbers = column("n", classes={3: HAM, -7: SPAM})
lf_truths = column("ok", {True: SPAM})
lf_reals = column("r", {2.5: HAM, 0.1: "spam"})
lf_times = column("at", {"1970-01-01": HAM})
lf_listed = keywords(SPAM, file="lists/a.txt", whole_words=True)
lf_all = both(SPAM, lf_whole, where(HAM, "length(text) < 9"))
lf_any = either((HAM, 0.9), lf_tags, keywords(HAM, ["channel"]), lf_shout)
lf_none = unless(HAM, where(SPAM, "n > 0"), lf_open, lf_wrong)

def lf_shaded(x):
    if x.n == 3:
        return (SPAM, 0.01)
    if x.n == 12:
        return [SPAM, HAM]
    return not_(SPAM) if x.ok else {"ham"} if x.r else ("eggs", 0.5)

def lf_first(x): return HAM
def lf_first(x): return SPAM

if __name__ == "__main__":
    nothing()
"#;

/// Conditions of every operator and function.
const CONDITIONS: &[&str] = &[
    "length(text) < 20 OR text IS NULL",
    "NOT (n > 3) AND r <> 2.5",
    "n IN (3, 12, NULL)",
    "n NOT IN (3, 12.0, 1.5)",
    "r IN (2.5, 0, -0.0)",
    "tag IN ('x', 'yes')",
    "ok",
    "NOT ok OR n IS NULL",
    "ok IS NOT TRUE",
    "ok IS UNKNOWN",
    "ok IN (TRUE, NULL)",
    "n IS NOT DISTINCT FROM r",
    "r IS NOT DISTINCT FROM r",
    "r = r",
    "r <> r",
    "n < 2.5",
    "n > r",
    "n BETWEEN -7 AND 3",
    "text LIKE '%free%'",
    "text LIKE 'f_ee'",
    "text LIKE '%a%c%'",
    "text ILIKE '%CHECK%channel%'",
    "text ILIKE 'İ%' OR text ILIKE '%무료%'",
    "text LIKE '100!%%' ESCAPE '!'",
    r"text ~ '\bfree\b'",
    r"text ~ '^\w+$'",
    r"text ~ '(?m)^b$'",
    r"text ~ '\s\d+'",
    r"text ~* 'K{2}|STRASSE'",
    r"text ~ '[^\x00-\x7F]{2,}'",
    r"text ~ '\p{Hangul}+ \p{Hangul}'",
    r"text ~ '(?:a|b)*?c'",
    r"text ~ '\B.\B'",
    "words(text) > 3",
    "bytes(text) = length(text)",
    "position(text, 'e') = 3",
    "lower(text) = 'free'",
    "contains(upper(text), 'FREE')",
    "starts_with(text, 'f') OR ends_with(text, '!')",
    "trim(text) = '' OR ltrim(text, 'f') = 'ree' OR rtrim(text, 'e') = 'fr'",
    "length(trim(text)) < length(text)",
    "substr(text, 2, 3) = 'ree' OR substr(text, -1, 3) = 'f' OR substr(text, 0) = 'free'",
    "left(text, 2) = 'fr' OR right(text, -2) = 'ee' OR left(text, -3) = 'f'",
    "replace(text, 'e', 'oo') = 'froooo' OR replace(text, '', 'x') = 'inf'",
    "concat(tag, n, r, ok, at) LIKE '%e%'",
    "tag || text = 'yesfree'",
    "coalesce(tag, text) = 'x'",
    "nullif(n, 3) IS NULL",
    "if(n > 0, r, n) > 1",
    "CASE WHEN n > 3 THEN 'big' WHEN ok THEN 'ok' END = 'ok'",
    "CASE n WHEN 3 THEN 1.5 ELSE 2 END > 1.7",
    "least(n, r, 1) < 0",
    "greatest(text, tag) = 'x'",
    "greatest(ok, n > 0)",
    "n + 1 > 0",
    "n * n = 9",
    "-n > 0",
    "n - 1 IS NULL",
    "n % 5 = 2 OR n % 0 = 1 OR n % -1 = 0",
    "n / 2 > 1",
    "r / n IS NULL",
    "r % 2 = 0.5",
    "mod(r, 0.3) < 0.1",
    "abs(n) > 5",
    "abs(r) = 2.5",
    "sign(n) = sign(r)",
    "round(r) = -3",
    "round(r, 1) = 0.1",
    "round(n, -1) = 10",
    "floor(r) = -3 OR ceil(r) = 3",
    "sqrt(r) > 1",
    "sqrt(r) IS NULL",
    "exp(r) > 10",
    "ln(n) > 1 OR log10(r) < 0",
    "power(r, 3) < 0",
    "power(0, r) > 1",
    "power(r, 0.5) IS NULL",
    "isnan(r)",
    "CAST(tag AS INT) = 12",
    "CAST(tag AS FLOAT) < 0",
    "CAST(tag AS BOOL)",
    "CAST(r AS INT) = 2",
    "CAST(ok AS INT) = 1 OR CAST(n AS BOOL)",
    "CAST(r AS TEXT) = '-2.5' OR CAST(r AS TEXT) = '1e300' OR CAST(r AS TEXT) = '-0.0'",
    "CAST(n AS TEXT) LIKE '-%' OR CAST(ok AS TEXT) = 'true'",
    "CAST(at AS TEXT) LIKE '%T%'",
    "CAST(text AS FLOAT) > 0",
    "at >= '2015-08-25'",
    "at = TIMESTAMP '2015-08-25 14:30:05.25'",
    "year(at) = 2015 OR year(at) IS NULL",
    "quarter(at) = 3 OR month(at) = 12 OR day(at) = 25 OR hour(at) = 23",
    "week(at) = 35 OR weekday(at) = 3 OR dayofyear(at) > 200",
    "minute(at) = 30 AND second(at) = 5",
    "epoch(at) < 0",
    "date(at) = '2015-08-25' OR date(at) = at",
    "NULL",
    "TRUE",
    "text IN ()",
    "'한' < text",
];

/// The value of a cell as JSON that Python reads back exactly; real numbers go as text.
fn cell(column: &Column, row: usize) -> Value {
    match column.values() {
        _ if column.array().is_null(row) => Value::Null,
        Values::Text(array) => json!(array.value(row)),
        Values::Int(array) => json!(array.value(row)),
        Values::Float(array) => json!({"real": format!("{:?}", array.value(row))}),
        Values::Bool(array) => json!(array.value(row)),
        Values::Time(array) => json!(array.value(row)),
    }
}

const DRIVER: &str = r#"
import json, sys
sys.path.insert(0, sys.argv[1])
from lapidary_lfs import Program
given = json.load(sys.stdin)
read = lambda value: float(value["real"]) if isinstance(value, dict) else value
columns = {name: [read(value) for value in values] for name, values in given["columns"].items()}
program = Program(given["plan"], given["sources"], given["conditions"])
votes = program.apply(columns, given["rows"])
faults = {}
for (name, line, message), count in program.faults.items():
    faults[name] = faults.get(name, 0) + count
json.dump({"votes": votes, "faults": faults}, sys.stdout)
"#;

/// Runs the module over a frame; `None` without a `python3`.
fn run_python(frame: &Frame, functions: &[(String, String)], sources: &Value, conditions: &str) -> Option<Value> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(MODULE_NAME), MODULE).unwrap();
    let kind = |column: &Column| if matches!(column.values(), Values::Time(_)) { "time" } else { "other" };
    let columns: Vec<Value> =
        frame.columns().iter().map(|column| json!({"name": column.name(), "type": kind(column)})).collect();
    let functions: Vec<Value> = functions.iter().map(|(name, file)| json!({"name": name, "file": file})).collect();
    let values = frame
        .columns()
        .iter()
        .map(|column| (column.name().to_owned(), Value::from_iter((0..column.len()).map(|row| cell(column, row)))));
    let input = json!({
        "plan": {"classes": ["ham", "spam"], "text": "body", "columns": columns, "functions": functions,
                 "lists": {"lists/a.txt": ["free", "무료"]}},
        "sources": sources, "conditions": conditions, "rows": frame.rows(),
        "columns": serde_json::Map::from_iter(values),
    });
    let mut command = Command::new("python3");
    command.args(["-c", DRIVER]).arg(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        eprintln!("skipped: there is no python3 here");
        return None;
    };
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn check(source: &str, conditions: &[&str]) {
    let frame = frame();
    let classes = ["ham".to_owned(), "spam".to_owned()];
    let context = Context { frame: &frame, text: Some("body"), classes: &classes };
    let mut source = source.to_owned();
    for (at, condition) in conditions.iter().enumerate() {
        let quoted = filter::python_text(condition);
        source.push_str(&format!("lf_where_{at} = where('spam', {quoted})\n"));
    }
    let list = ("lists/a.txt".to_owned(), "# words\nfree\n\n 무료 \n".to_owned());
    let program = compile_with(&source, &context, &[list]);
    let names: Vec<_> = program.functions.iter().map(|f| (f.name().to_owned(), "a.py".to_owned())).collect();
    let mut python = String::new();
    for (at, condition) in program.functions.iter().flat_map(|function| function.conditions()).enumerate() {
        let name = format!("condition_{at}");
        python.push_str(&condition.to_python(&name).unwrap());
        python.push_str(&format!("CONDITIONS[{}] = {name}\n", filter::python_text(condition.source())));
    }
    assert_eq!(
        program.functions.iter().filter(|function| function.name().contains("_where_")).count(),
        conditions.len()
    );
    let Some(found) = run_python(&frame, &names, &json!({"a.py": source}), &python) else { return };
    let mut wrong = Vec::new();
    for function in &program.functions {
        let expected = function.apply(&context, None, &Work::new()).unwrap();
        let votes: Vec<i16> = serde_json::from_value(found["votes"][function.name()].clone()).unwrap();
        let faults: usize = expected.faults.iter().map(|fault| fault.rows).sum();
        let about = function.conditions().first().map_or(function.name(), |condition| condition.source());
        if votes != *expected.votes {
            wrong.push(format!("{about}\n  here   {:?}\n  Python {votes:?}", expected.votes));
        }
        if found["faults"][function.name()].as_u64().unwrap_or(0) != faults as u64 {
            wrong.push(format!("{about}: {faults} faults here, in Python {}", found["faults"][function.name()]));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn functions_vote_as_they_do_here() {
    check(FUNCTIONS, &["words(text) > 2"]);
}

#[test]
fn conditions_hold_for_the_rows_for_which_they_hold_here() {
    check("", CONDITIONS);
}

#[test]
fn what_has_no_counterpart_is_refused_by_name() {
    let frame = frame();
    let check = |condition: &str, expected: &str| {
        let error = filter::parse(condition, &frame).unwrap().to_python("c").unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    check(
        "CAST(tag AS TIMESTAMP) > '2015-08-25'",
        "a text that is read as a time has no counterpart in Python: CAST(tag AS TIMESTAMP) > '2015-08-25'",
    );
    check("body ~ '(?R)(?m)^a'", "a line end of \\r\\n in a pattern has no counterpart in Python: body ~ '(?R)(?m)^a'");
}
