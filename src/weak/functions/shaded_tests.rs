//! Votes that are not one class for certain, from source to what they mean.

use std::sync::Arc;

use arrow_array::{Int64Array, LargeStringArray};

use super::*;
use crate::data::Values;

fn with<T>(source: &str, run: impl FnOnce(Program, &Context) -> T) -> T {
    let text = [Some("free money"), Some("nice song"), None, Some("free song"), Some("ok")];
    let frame = Frame::new(vec![
        Arc::new(Column::text("text", Kind::Text, LargeStringArray::from(text.to_vec()))),
        Arc::new(Column::new("n", Values::Int(Int64Array::from(vec![Some(0), Some(1), None, Some(2), Some(3)])))),
    ]);
    let classes = ["ham".to_owned(), "spam".to_owned(), "news".to_owned()];
    let context = Context { frame: &frame, text: None, classes: &classes };
    run(compile(&format!("HAM, SPAM, NEWS = 'ham', 'spam', 'news'\n{source}"), &context), &context)
}

/// What the last function of a file says of the rows: `spam`, `spam 0.5`, `not ham`, `ham | news 0.5`, `-`.
fn said(source: &str) -> Vec<String> {
    with(source, |program, context| {
        assert_eq!(program.problems, [], "{source}");
        let function = program.functions.last().unwrap();
        let show = |applied: &Applied, row: usize| {
            let shaded = applied.shades.as_ref().and_then(|shades| shades.row(row));
            match (shaded, applied.votes[row]) {
                (Some(meaning), vote) => {
                    assert_eq!(vote, meaning.hard(), "{source}");
                    let sure = meaning.confidence();
                    let sure = if sure < 1.0 { format!(" {sure}") } else { String::new() };
                    format!("{}{sure}", meaning.show(context.classes))
                }
                (None, -1) => "-".to_owned(),
                (None, vote) => context.classes[vote as usize].clone(),
            }
        };
        let applied = function.apply(context, None, &Work::new()).unwrap();
        assert_eq!(applied.faults, [], "{source}");
        let shown: Vec<String> = (0..5).map(|row| show(&applied, row)).collect();
        let some = function.apply(context, Some(&[3, 0, 2]), &Work::new()).unwrap();
        for (place, row) in [3usize, 0, 2].into_iter().enumerate() {
            assert_eq!(show(&some, place), shown[row], "some rows: {source}");
        }
        shown
    })
}

#[test]
fn functions_say_how_sure_they_are_what_is_not_and_what_may_be() {
    let check = |source: &str, expected: [&str; 5]| assert_eq!(said(source), expected, "{source}");
    let body = |body: &str| format!("def lf_a(x):\n    t = x.text or ''\n    return {body}\n");
    check(&body("(SPAM, 0.8) if 'free' in t else None"), ["spam 0.8", "-", "-", "spam 0.8", "-"]);
    check(&body("(SPAM, len(t) / 10)"), ["spam", "spam 0.9", "-", "spam 0.9", "spam 0.2"]);
    check(&body("not_(SPAM) if 'song' in t else None"), ["-", "not spam", "-", "not spam", "-"]);
    check(&body("not_(SPAM, HAM) if 'song' in t else None"), ["-", "news", "-", "news", "-"]);
    check(&body("(not_(SPAM), 0.5) if 'ok' in t else HAM"), ["ham", "ham", "ham", "ham", "not spam 0.5"]);
    check(
        &body("[c for c, w in ((HAM, 'song'), (SPAM, 'free')) if w in t]"),
        ["spam", "ham", "-", "ham | spam", "-"].map(|shown| if shown == "ham | spam" { "not news" } else { shown }),
    );
    check(&body("{HAM, SPAM, NEWS}"), ["-"; 5]);
    check(&body("(None, 0.5)"), ["-"; 5]);
    check(&body("(1, 1)"), ["spam"; 5]);
    check("NOT = not_(NEWS)\ndef lf_a(x):\n    return NOT if x.n == 1 else -1", ["-", "not news", "-", "-", "-"]);
    check("lf_a = keywords((SPAM, 0.7), ['free'])", ["spam 0.7", "-", "-", "spam 0.7", "-"]);
    check("lf_a = regex(not_(SPAM), 'song')", ["-", "not spam", "-", "not spam", "-"]);
    check("lf_a = where([HAM, NEWS], 'n > 1')", ["-", "-", "-", "not spam", "not spam"]);
    check("lf_a = column('n', {0: (SPAM, 0.6), 1: not_(HAM), 2: NEWS})", ["spam 0.6", "not ham", "-", "news", "-"]);
    let parts = "lf_f = keywords(not_(HAM), ['free'])\nlf_s = keywords((HAM, 0.5), ['song'])\n";
    check(&format!("{parts}lf_a = both(NEWS, lf_f, lf_s)"), ["-", "-", "-", "news", "-"]);
    check(&format!("{parts}lf_a = unless((NEWS, 0.9), lf_f, lf_s)"), ["news 0.9", "-", "-", "-", "-"]);
}

#[test]
fn what_is_no_such_vote_is_said_at_its_line() {
    let fault = |body: &str, part: &str| {
        with(&format!("def lf_a(x):\n    return {body}\n"), |program, context| {
            let applied = program.functions[0].apply(context, None, &Work::new()).unwrap();
            let fault = applied.faults.first().unwrap_or_else(|| panic!("{body}: {:?}", applied.votes));
            assert!(fault.message.contains(part) && fault.rows == 5, "{body}: {fault:?}");
        });
    };
    fault("(SPAM, 1.5)", "a confidence from 0 to 1");
    fault("(SPAM, float('nan'))", "a confidence from 0 to 1");
    fault("(SPAM, HAM)", "a confidence from 0 to 1");
    fault("(SPAM, 0.5, 0.5)", "a confidence from 0 to 1");
    fault("((SPAM, 0.5), 0.5)", "a confidence from 0 to 1");
    fault("['eggs']", "classes of which the row is one");
    fault("not_('eggs')", "no class");
    fault("not_()", "takes the classes");
    let problem = |source: &str, part: &str| {
        with(source, |program, _| {
            let problem = program.problems.first().unwrap_or_else(|| panic!("{source}"));
            assert!(problem.message.contains(part) && problem.line == 2, "{source}: {problem:?}");
        });
    };
    problem("lf_a = keywords((SPAM, 2.0), ['a'])", "no class");
    problem("lf_a = both(SPAM, not_(HAM), not_(NEWS))", "this is none");
}

#[test]
fn many_rows_give_the_same_for_any_number_of_threads() {
    let numbers: Vec<Option<i64>> = (0..30_000).map(|row| Some(row * 7919 % 101)).collect();
    let frame = Frame::new(vec![Arc::new(Column::new("n", Values::Int(Int64Array::from(numbers))))]);
    let classes = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
    let context = Context { frame: &frame, text: None, classes: &classes };
    let source = "def lf_a(x):\n    return ('a', x.n / 100) if x.n % 3 else not_('b') if x.n % 2 else 'c'\n";
    let program = compile(source, &context);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| program.functions[0].apply(&context, None, &Work::new()).unwrap())
    };
    let (one, two) = (with(1), with(2));
    assert_eq!(one, two);
    assert!(one.faults.is_empty() && one.shades.is_some());
}
