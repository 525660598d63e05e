//! Lists, votes in the data, and functions put together from others, from source to votes.

use std::sync::Arc;

use arrow_array::{Int64Array, LargeStringArray};

use super::*;
use crate::data::Values;

fn frame() -> Frame {
    let text = [Some("free money"), Some("좋은 노래"), None, Some("무료 쿠폰 http://a.b"), Some("ok")];
    let old = [Some("yes"), Some("no"), None, Some("maybe"), Some("spam")];
    let stars = Int64Array::from(vec![Some(1), Some(5), None, Some(1), Some(3)]);
    Frame::new(vec![
        Arc::new(Column::text("text", Kind::Text, LargeStringArray::from(text.to_vec()))),
        Arc::new(Column::text("old", Kind::Category, LargeStringArray::from(old.to_vec()))),
        Arc::new(Column::new("stars", Values::Int(stars))),
    ])
}

const HEAD: &str = "SPAM, HAM = 'spam', 'ham'\n";

fn with<T>(source: &str, list: &str, run: impl FnOnce(Program, &Context) -> T) -> T {
    let (frame, classes) = (frame(), ["ham".to_owned(), "spam".to_owned()]);
    let context = Context { frame: &frame, text: None, classes: &classes };
    let files = [("lists/free.txt".to_owned(), list.to_owned())];
    run(compile_with(&format!("{HEAD}{source}"), &context, &files), &context)
}

const LIST: &str = "# what costs nothing\nfree\n\n 무료 \r\n";

/// The votes of the last function of a file.
fn votes(source: &str) -> Vec<i16> {
    with(source, LIST, |program, context| {
        assert_eq!(program.problems, [], "{source}");
        let function = program.functions.last().unwrap();
        let applied = function.apply(context, None, &Work::new()).unwrap();
        let some = function.apply(context, Some(&[3, 0, 2]), &Work::new()).unwrap();
        assert_eq!(*some.votes, [3, 0, 2].map(|row: usize| applied.votes[row]), "some rows: {source}");
        applied.votes.to_vec()
    })
}

#[test]
fn lists_columns_and_combinations_vote_as_they_say() {
    let check = |source: &str, expected: [i16; 5]| assert_eq!(votes(source), expected, "{source}");
    check("lf_a = keywords(SPAM, file='lists/free.txt')", [1, -1, -1, 1, -1]);
    check("lf_a = keywords(SPAM, file='./lists/free.txt', whole_words=True)", [1, -1, -1, 1, -1]);
    check("lf_a = column('old', {'yes': SPAM, 'no': HAM})", [1, 0, -1, -1, -1]);
    check("lf_a = column('old')", [-1, -1, -1, -1, 1]);
    check("lf_a = column('stars', classes={1: SPAM, 5: HAM})", [1, 0, -1, 1, -1]);
    let parts = "lf_free = keywords(HAM, ['free', '무료'])\nlf_link = regex(SPAM, r'https?://')\n";
    check(&format!("{parts}lf_a = both(SPAM, lf_free, lf_link)"), [-1, -1, -1, 1, -1]);
    check(&format!("{parts}lf_a = either(SPAM, lf_free, lf_link)"), [1, -1, -1, 1, -1]);
    check(&format!("{parts}lf_a = unless(SPAM, lf_free, lf_link)"), [1, -1, -1, -1, -1]);
    // Parts without a name, a function of the file, and one inside another.
    check("lf_a = both(HAM, keywords(HAM, ['ok']), where(HAM, 'stars > 2'))", [-1, -1, -1, -1, 0]);
    let written = "def lf_f(x):\n    return SPAM if x.text and 'o' in x.text else None\n";
    check(&format!("{written}lf_a = unless(SPAM, lf_f, keywords(HAM, ['ok']))"), [1, -1, -1, -1, -1]);
    check(
        "lf_a = unless(SPAM, either(HAM, keywords(HAM, ['free', '노래']), regex(HAM, '무료')), where(HAM, 'stars = 1'))",
        [-1, 1, -1, -1, -1],
    );
    let names = |source: &str| {
        with(source, LIST, |program, _| program.functions.iter().map(|f| f.name().to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(names("lf_a = both(HAM, keywords(HAM, ['ok']), where(HAM, 'stars > 2'))"), ["lf_a"]);
    let found = with(&format!("{parts}lf_a = both(SPAM, lf_free, lf_link)"), LIST, |program, _| {
        let text = "무료 쿠폰 http://a.b";
        let ranges = program.functions[2].highlights(text);
        (program.functions[2].kernel(), ranges.into_iter().map(|range| text[range].to_owned()).collect::<Vec<_>>())
    });
    assert_eq!(found, ("both", vec!["무료".to_owned(), "http://".to_owned()]));
}

#[test]
fn what_is_wrong_with_them_is_said_with_what_to_do() {
    let check = |source: &str, message: &str, help: &str| {
        with(source, LIST, |program, _| {
            let problem = program.problems.first().unwrap_or_else(|| panic!("{source} is fine"));
            assert!(problem.message.contains(message), "{source}: {}", problem.message);
            let said = problem.help.clone().unwrap_or_default();
            assert!(said.contains(help), "{source}: {said}");
        });
    };
    check("lf_a = keywords(SPAM, file='lists/no.txt')", "there is no list `lists/no.txt`", "lists/free.txt");
    check("lf_a = keywords(SPAM, file='/etc/passwd')", "there is no list", "lists/free.txt");
    check("lf_a = keywords(SPAM, ['a'], file='lists/free.txt')", "words or a file", "");
    check("lf_a = keywords(SPAM, file=3)", "file= is the name of a list", "");
    check("lf_a = column('odl')", "no column `odl`", "did you mean `old`");
    check("lf_a = column('old', {'yes': 'eggs'})", "\"yes\" stands for no class", "the classes are: ham, spam");
    check("lf_a = column('old', ['yes'])", "dict from values to classes", "");
    check("lf_a = both(SPAM, keywords(SPAM, ['a']))", "two functions or more", "both(SPAM, lf_a, lf_b)");
    check("lf_a = both(SPAM, 3, 4)", "puts functions together", "");
    check("lf_a = both(SPAM, keywords(SPAM, ['a']), regex(SPAM, '('))", "pattern", "");
    check("lf_a = either('eggs', keywords(SPAM, ['a']), keywords(SPAM, ['b']))", "\"eggs\" is no class", "");
    // Each doubles the one before: a million parts in twenty lines.
    let bomb: String = (1..21).map(|n| format!("lf_{n} = both(SPAM, lf_{}, lf_{})\n", n - 1, n - 1)).collect();
    check(&format!("lf_0 = keywords(SPAM, ['a'])\n{bomb}"), "more than 64 functions", "");
    with("lf_a = keywords(SPAM, file='lists/free.txt')", "# nothing\n", |program, _| {
        assert!(program.problems[0].message.contains("is empty"));
    });
}

#[test]
fn a_changed_list_is_another_function_and_other_files_are_not() {
    let print = |source: &str, list: &str| with(source, list, |program, _| program.functions[0].fingerprint());
    let listed = "lf_a = keywords(SPAM, file='lists/free.txt')";
    let inside = "lf_a = either(SPAM, keywords(SPAM, file='lists/free.txt'), keywords(SPAM, ['x']))";
    let plain = "lf_a = keywords(SPAM, ['free'])";
    for source in [listed, inside] {
        assert_eq!(print(source, LIST), print(source, LIST));
        assert_ne!(print(source, LIST), print(source, "free\n"), "{source}");
    }
    assert_eq!(print(plain, LIST), print(plain, "free\n"));
    assert_eq!(print(listed, "free\n"), print(listed, "# a remark\nfree"));
}

#[test]
fn a_fault_inside_a_part_is_told_with_its_line() {
    let source = "def lf_f(x):\n    return SPAM if 1 / (x.stars - 5) else None\n\nlf_a = both(SPAM, lf_f, where(SPAM, 'stars > 0'))";
    with(source, LIST, |program, context| {
        let function = program.functions.iter().find(|function| function.name() == "lf_a").unwrap();
        let applied = function.apply(context, None, &Work::new()).unwrap();
        let fault = applied.faults.iter().find(|fault| fault.message.contains("zero")).unwrap();
        assert_eq!((function.line_of(fault), fault.rows, fault.first_row), (3, 1, 1));
    });
}
