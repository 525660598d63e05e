//! What people write in labelling functions: each form either runs or is refused at its line, and what is bad about one
//! function leaves the others alone.

use std::sync::Arc;

use arrow_array::{Int64Array, LargeStringArray};

use super::*;
use crate::data::Values;

const HEAD: &str = "import re, math\nSPAM, HAM, ABSTAIN = 'spam', 'ham', None\n";
const GOOD: &str = "\nlf_good = keywords(SPAM, ['song'])\n";

fn frame() -> Frame {
    let text = [Some("Check out My SONG song"), Some("한국어 노래"), Some("ok"), Some("")];
    Frame::new(vec![
        Arc::new(Column::text("text", Kind::Text, LargeStringArray::from(text.to_vec()))),
        Arc::new(Column::new("stars", Values::Int(Int64Array::from(vec![1, 5, 3, 4])))),
    ])
}

/// What becomes of a file after the usual head, followed by a good function.
fn with<T>(source: &str, run: impl FnOnce(&Program, &Context) -> T) -> T {
    let (frame, classes) = (frame(), ["ham".to_owned(), "spam".to_owned()]);
    let context = Context { frame: &frame, text: None, classes: &classes };
    run(&compile(&format!("{HEAD}{source}{GOOD}"), &context), &context)
}

/// The good function still votes.
fn the_others_go_on(source: &str, program: &Program, context: &Context) {
    let good = program.functions.iter().find(|function| function.name() == "lf_good");
    let good = good.unwrap_or_else(|| panic!("{source}: {:#?}", program.problems));
    assert_eq!(good.apply(context, None, &Work::new()).unwrap().votes.to_vec(), [1, -1, -1, -1], "{source}");
}

/// A form in the body of a function that runs, and the votes of the four rows.
const RUNS: &[(&str, &str, [i16; 4])] = &[
    ("generator expression", "return SPAM if any(w == 'song' for w in x.text.split()) else ABSTAIN", [1, -1, -1, -1]),
    ("is None", "return ABSTAIN if x.text is None or x.stars is not None and x.stars > 3 else HAM", [0, -1, 0, -1]),
    ("chained comparison", "return SPAM if 1 < x.stars < 5 else ABSTAIN", [-1, -1, 1, 1]),
    ("power", "return SPAM if x.stars ** 2 == 25 else ABSTAIN", [-1, 1, -1, -1]),
    ("set display", "return SPAM if x.stars in {1, 3} else ABSTAIN", [1, -1, 1, -1]),
    ("set()", "return SPAM if len(set(x.text)) < 3 else ABSTAIN", [-1, -1, 1, 1]),
    ("while", "n = x.stars\n    while n > 1:\n        n -= 2\n    return SPAM if n == 1 else HAM", [1, 1, 1, 0]),
    (
        "try",
        "try:\n        return [HAM, SPAM][x.stars]\n    except IndexError:\n        return ABSTAIN",
        [1, -1, -1, -1],
    ),
    ("iterating text", "return SPAM if sum(1 for c in x.text if c.isupper()) > 4 else ABSTAIN", [1, -1, -1, -1]),
    ("walrus", "return SPAM if (n := len(x.text)) > 2 and n < 8 else ABSTAIN", [-1, 1, -1, -1]),
    ("sum", "return SPAM if sum([x.stars, 1]) == 4 else ABSTAIN", [-1, -1, 1, -1]),
    ("isinstance", "return SPAM if isinstance(x.stars, int) and not isinstance(x.text, (int, list)) else HAM", [1; 4]),
    ("print", "print('seen', x.stars)\n    return SPAM", [1; 4]),
    ("round", "return SPAM if round(x.stars / 2) == 2 else ABSTAIN", [-1, 1, 1, 1]),
    ("math", "return SPAM if math.sqrt(x.stars) == 2.0 else ABSTAIN", [-1, -1, -1, 1]),
    ("casefold", "return SPAM if 'SONG'.casefold() in x.text.casefold() else ABSTAIN", [1, -1, -1, -1]),
    ("Korean names", "글 = x.text\n    return HAM if '노래' in 글 else ABSTAIN", [-1, 0, -1, -1]),
    ("lambda", "f = lambda t, k='ok': k in t\n    return SPAM if f(x.text) else ABSTAIN", [-1, -1, 1, -1]),
    ("f-string", "return SPAM if f'{x.stars:02d}{x.text!r}' == \"03'ok'\" else ABSTAIN", [-1, -1, 1, -1]),
    ("annotations", "n: int = x.stars\n    return SPAM if n == 5 else ABSTAIN", [-1, 1, -1, -1]),
    ("docstring", "\"\"\"Says nothing.\"\"\"\n    return ABSTAIN", [-1; 4]),
    ("closure", "def has(w):\n        return w in x.text\n    return SPAM if has('ok') else ABSTAIN", [-1, -1, 1, -1]),
    ("list comprehension", "return SPAM if [w for w in x.text.split() if len(w) > 4] else ABSTAIN", [1, -1, -1, -1]),
    (
        "dict comprehension",
        "d = {w: 1 for w in x.text.split()}\n    return SPAM if 'ok' in d else ABSTAIN",
        [-1, -1, 1, -1],
    ),
    ("percent format", "return SPAM if '%d-%s' % (x.stars, x.text) == '3-ok' else ABSTAIN", [-1, -1, 1, -1]),
    ("slices", "return SPAM if x.text[:2] == x.text[-2:] != '' else ABSTAIN", [-1, -1, 1, -1]),
    ("length of Korean", "return HAM if len(x.text.split(' ')[0]) == 3 else ABSTAIN", [-1, 0, -1, -1]),
    ("characters of Korean", "return HAM if x.text[1:2] == '국' else ABSTAIN", [-1, 0, -1, -1]),
    ("conditional chain", "if x.stars > 4: return SPAM\n    elif x.stars > 2: return HAM", [-1, 1, 0, 0]),
    ("unpacking", "a, b = x.stars, len(x.text)\n    return SPAM if a < b < 10 else ABSTAIN", [-1, 1, -1, -1]),
    (
        "for else",
        "for w in x.text.split():\n        if w == 'ok': break\n    else:\n        return HAM\n    return SPAM",
        [0, 0, 1, 0],
    ),
    (
        "sorted by key",
        "return SPAM if sorted(x.text.split(), key=len, reverse=True)[:1] == ['ok'] else ABSTAIN",
        [-1, -1, 1, -1],
    ),
    (
        "enumerate and zip",
        "return SPAM if any(i == 1 and a == 'o' for i, (a, b) in enumerate(zip('xo', 'yk'))) else HAM",
        [1; 4],
    ),
    (
        "re groups",
        "m = re.search(r'(\\w+) (?P<b>\\w+)', x.text)\n    return SPAM if m and m.group('b') == 'out' else ABSTAIN",
        [1, -1, -1, -1],
    ),
    ("re.findall", "return SPAM if len(re.findall('song', x.text, re.I)) == 2 else ABSTAIN", [1, -1, -1, -1]),
    ("column by name", "return SPAM if x['stars'] == x.stars == getattr(x, 'stars') else HAM", [1; 4]),
    ("delete", "n = [1, 2]\n    del n[0]\n    return SPAM if n == [2] else HAM", [1; 4]),
];

#[test]
fn forms_that_people_write_run() {
    let mut wrong = Vec::new();
    for (form, body, expected) in RUNS {
        let source = format!("def lf_a(x):\n    {body}\n");
        with(&source, |program, context| {
            the_others_go_on(&source, program, context);
            match program.functions.iter().find(|function| function.name() == "lf_a") {
                None => wrong.push(format!("{form}: {:?}", program.problems)),
                Some(function) => {
                    let applied = function.apply(context, None, &Work::new()).unwrap();
                    if applied.votes[..] != *expected || !applied.faults.is_empty() {
                        wrong.push(format!("{form}: {:?} {:?}", applied.votes, applied.faults));
                    }
                }
            }
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A form that is refused, the line after the head, and a part of the reason.
const REFUSED: &[(&str, usize, &str)] = &[
    ("class A:\n    pass\ndef lf_a(x):\n    return A()\n", 1, "classes"),
    ("def lf_a(x):\n    with open('a') as f:\n        return SPAM\n", 2, "`with`"),
    ("N = 1\ndef lf_a(x):\n    global N\n    N += 1\n    return SPAM\n", 3, "cannot change names outside"),
    ("def lf_a(x):\n    assert x.text\n    return SPAM\n", 2, "`assert`"),
    ("def lf_a(x):\n    raise ValueError('a')\n", 2, "`raise`"),
    ("def lf_a(x):\n    yield SPAM\n", 2, "not available"),
    ("async def lf_a(x):\n    return SPAM\n", 1, "`async`"),
    ("def h(*words):\n    return words\ndef lf_a(x):\n    return h(x)\n", 1, "star parameters"),
    ("def lf_a(x):\n    match x.stars:\n        case 1:\n            return SPAM\n", 2, "`match`"),
    ("import numpy as np\ndef lf_a(x):\n    return int(np.mean([1]))\n", 3, "`np` is not available"),
    (
        "import spacy\nnlp = spacy.load('en')\ndef lf_a(x):\n    return SPAM if nlp(x.text) else ABSTAIN\n",
        3,
        "`lf_a` is off",
    ),
    ("def lf_a(x):\n    return open('/etc/hosts').read()\n", 2, "`open` is not available"),
    ("def lf_a(x):\n    return eval('1')\n", 2, "`eval` is not available"),
    (
        "import random\ndef lf_a(x):\n    return SPAM if random.random() > 0.5 else HAM\n",
        3,
        "`random` is not available",
    ),
    ("def lf_a(x):\n    return SPAM if x.text.contains('a') else HAM\n", 2, "no method `contains`"),
];

#[test]
fn forms_that_cannot_run_are_refused_at_their_line() {
    for (source, line, part) in REFUSED {
        with(source, |program, context| {
            the_others_go_on(source, program, context);
            assert!(program.functions.iter().all(|function| function.name() != "lf_a"), "{source}");
            let found = program.problems.iter().find(|problem| problem.message.contains(part));
            let problem = found.unwrap_or_else(|| panic!("{source}: {:#?}", program.problems));
            assert_eq!((problem.line, problem.severity), (line + 2, Severity::Error), "{source}: {problem:?}");
        });
    }
}

#[test]
fn tabs_decorators_and_imports_are_read() {
    let sources = [
        "def lf_a(x):\n\tif 'song' in x.text:\n\t\treturn SPAM\n\treturn ABSTAIN\n",
        "from snorkel.labeling import labeling_function\n@labeling_function()\ndef lf_a(x):\n    return SPAM if 'song' in x.text else ABSTAIN\n",
        "from re import search as find\nfrom math import floor\ndef lf_a(x):\n    return SPAM if find('song', x.text) and floor(1.5) == 1 else ABSTAIN\n",
        "def lf_a(x):\r\n    return SPAM if 'song' in x.text else ABSTAIN\r\n",
    ];
    for source in sources {
        with(source, |program, context| {
            let function = program.functions.iter().find(|function| function.name() == "lf_a");
            let function = function.unwrap_or_else(|| panic!("{source}: {:#?}", program.problems));
            let applied = function.apply(context, None, &Work::new()).unwrap();
            assert_eq!((applied.votes.to_vec(), applied.faults), (vec![1, -1, -1, -1], vec![]), "{source}");
        });
    }
}

/// A body that is bad in a way that shows on the rows: the line in the function, a part of what is said, the rows.
const BAD: &[(&str, usize, &str, usize)] = &[
    ("while True:\n        pass", 2, "1,000,000 steps on a row", 4),
    ("return lf_a(x)", 2, "deep", 4),
    ("t = 'a'\n    while True:\n        t += t", 4, "steps", 4),
    ("return ['a' * 1000] * 10 ** 8", 2, "16 MB", 4),
    ("return 7", 1, "a whole number (int), which is no class", 4),
    ("return 0.7", 1, "a real number (float), which is no class", 4),
    ("return 'eggs'", 1, "no class; the classes are: ham, spam", 4),
    ("return 'a' * 10_000_000", 1, "no class; the classes are: ham, spam", 4),
    ("return x", 1, "the row itself, which is no class", 4),
    ("return {}", 1, "a dict, which is no class", 4),
    ("return SPAM if x.text[2] else HAM", 2, "no such position", 2),
    ("return SPAM if re.search(r'(x+x+)+\\1y', 'x' * 5000) else HAM", 2, "tried too often", 4),
];

#[test]
fn what_is_bad_on_rows_is_said_at_its_line_and_ends() {
    let mut wrong = Vec::new();
    for (body, line, part, rows) in BAD {
        let source = format!("def lf_a(x):\n    {body}\n");
        with(&source, |program, context| {
            the_others_go_on(&source, program, context);
            let function = program.functions.iter().find(|function| function.name() == "lf_a");
            let function = function.unwrap_or_else(|| panic!("{source}: {:#?}", program.problems));
            let applied = function.apply(context, None, &Work::new()).unwrap();
            let fault = applied.faults.first().unwrap_or_else(|| panic!("{source}: {:?}", applied.votes));
            let short = fault.message.len() < 400;
            if !fault.message.contains(part) || !short || (fault.line, fault.rows) != (line + 2, *rows) {
                wrong.push(format!("{source}: {fault:?}"));
            }
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Nothing returned is an abstain and no fault.
    with("def lf_a(x):\n    pass\n", |program, context| {
        let applied = program.functions[0].apply(context, None, &Work::new()).unwrap();
        assert_eq!((applied.votes.to_vec(), applied.faults), (vec![-1; 4], vec![]));
    });
}

#[test]
fn patterns_that_explode_elsewhere_are_linear_here() {
    let text = format!("{}!", "a".repeat(200_000));
    let column = Column::text("text", Kind::Text, LargeStringArray::from(vec![Some(text.as_str())]));
    let frame = Frame::new(vec![Arc::new(column)]);
    let classes = ["ham".to_owned(), "spam".to_owned()];
    let context = Context { frame: &frame, text: None, classes: &classes };
    let source = "import re\nlf_a = regex(1, r'^(a+)+$')\nlf_b = regex(1, r'(a|aa)*$')\ndef lf_c(x):\n    return 1 if re.match(r'(a|a?)+$', x.text) else 0\n";
    let program = compile(source, &context);
    assert_eq!(program.problems, []);
    let votes = |at: usize| program.functions[at].apply(&context, None, &Work::new()).unwrap();
    assert_eq!([votes(0), votes(1), votes(2)].map(|applied| applied.votes[0]), [-1, 1, 0]);
    assert!((0..3).all(|at| votes(at).faults.is_empty()));
}

#[test]
fn files_that_are_half_there_lose_what_is_broken_and_say_where() {
    let check = |source: &str, line: usize, part: &str, functions: &[&str]| {
        let (frame, classes) = (frame(), ["ham".to_owned(), "spam".to_owned()]);
        let program = compile(source, &Context { frame: &frame, text: None, classes: &classes });
        let names: Vec<&str> = program.functions.iter().map(Function::name).collect();
        assert_eq!(names, functions, "{source}: {:#?}", program.problems);
        let found = program.problems.iter().find(|problem| problem.message.contains(part));
        let problem = found.unwrap_or_else(|| panic!("{source}: {:#?}", program.problems));
        assert_eq!((problem.line, problem.severity), (line, Severity::Error), "{source}: {problem:?}");
    };
    let two = "lf_a = keywords('spam', ['a'])\nlf_b = keywords('ham', ['b'])\n";
    check(&format!("{two}def lf_c(x):\n    return 'sp"), 4, "", &["lf_a", "lf_b"]);
    check(&format!("{two}lf_c = keywords('spam', ['a', 'b"), 3, "", &["lf_a", "lf_b"]);
    check(
        &format!("{two}lf_a = keywords('ham', ['c'])\n"),
        3,
        "two labelling functions called `lf_a`",
        &["lf_a", "lf_b"],
    );
    let many: String = (0..500).map(|n| format!("lf_{n} = keywords('spam', ['w{n}'])\n")).collect();
    let (frame, classes) = (frame(), ["ham".to_owned(), "spam".to_owned()]);
    let context = Context { frame: &frame, text: None, classes: &classes };
    let program = compile(&many, &context);
    assert_eq!((program.functions.len(), program.problems.len()), (500, 0));
    let nothing = compile("# nothing yet\n", &context);
    assert_eq!((nothing.functions.len(), nothing.problems.len()), (0, 0));
}
