use std::sync::Arc;

use arrow_array::{Int64Array, LargeStringArray};

use super::*;
use crate::data::{Column, Frame, Kind, Values};
use crate::weak::VoteColumn;

fn frame() -> Frame {
    let text: Vec<String> = (0..400)
        .map(|n| match n % 8 {
            0 => format!("please subscribe to my channel {n}"),
            1 => format!("free money at https://x.co/{n}"),
            2 => format!("구독해주세요 {}", "부탁".repeat(n % 3)),
            3 => "SUBSCRIBE now!!!!".to_owned(),
            4 => format!("what a lovely song, part {n}"),
            5 => "이 노래 정말 좋아요".to_owned(),
            6 => "who is watching this".to_owned(),
            _ => "best band ever".to_owned(),
        })
        .collect();
    let stars = Int64Array::from_iter_values((0..400).map(|n| if n % 8 < 4 { n % 3 } else { 10 + n % 3 }));
    Frame::new(vec![
        Arc::new(Column::text("text", Kind::Text, LargeStringArray::from_iter_values(&text))),
        Arc::new(Column::new("stars", Values::Int(stars))),
    ])
}

fn suggested(frame: &Frame, labels: &[i16], votes: &Votes, refused: &[&str]) -> Vec<Suggestion> {
    let classes = ["spam".to_owned(), "ham".to_owned()];
    let refused: BTreeSet<String> = refused.iter().map(|call| (*call).to_owned()).collect();
    let context = Context { frame, text: Some("text"), classes: &classes };
    let input = Input { context, labels, votes, leave_out: &[], refused: &refused, estimated: false };
    suggest(&input, &Work::new()).unwrap()
}

fn labels() -> Vec<i16> {
    (0..400).map(|n| if n < 120 { i16::from(n % 8 >= 4) } else { -1 }).collect()
}

#[test]
fn what_sets_the_classes_apart_is_suggested_as_it_would_run() {
    let (frame, none) = (frame(), Votes::new(400, 2, Vec::new()).unwrap());
    let found = suggested(&frame, &labels(), &none, &[]);
    let call = |part: &str| found.iter().find(|suggestion| suggestion.call.contains(part));
    let subscribe = call("\"subscribe\"").unwrap();
    assert_eq!((subscribe.class, subscribe.rows, subscribe.new_rows, subscribe.conflicts), (0, 100, 100, 0));
    assert_eq!((subscribe.correct, subscribe.judged), (30, 30));
    assert!(subscribe.interval.0 > 0.9 && subscribe.examples == [0, 3, 8, 11]);
    assert!(call("구독").is_some(), "{found:#?}");
    assert!(found.iter().any(|suggestion| suggestion.form == Form::Shape));
    let bound = found.iter().find(|suggestion| suggestion.form == Form::Range && suggestion.call.contains("stars"));
    assert_eq!(bound.unwrap().rows, 200);
    // What is told is what the declaration does.
    let classes = ["spam".to_owned(), "ham".to_owned()];
    let context = Context { frame: &frame, text: Some("text"), classes: &classes };
    for suggestion in &found {
        let source = format!("{} = {}\n", suggestion.name, suggestion.call);
        let program = crate::weak::functions::compile(&source, &context);
        assert!(program.problems.is_empty(), "{source} {:?}", program.problems);
        let votes = program.functions[0].apply(&context, None, &Work::new()).unwrap().votes;
        assert_eq!(votes.iter().filter(|vote| **vote == suggestion.class as i16).count() as u64, suggestion.rows);
    }
}

#[test]
fn what_is_covered_or_refused_is_not_suggested_again() {
    let (frame, labels) = (frame(), labels());
    let none = Votes::new(400, 2, Vec::new()).unwrap();
    let first = suggested(&frame, &labels, &none, &[]);
    let refused = suggested(&frame, &labels, &none, &[&first[0].call]);
    assert!(refused.iter().all(|suggestion| suggestion.call != first[0].call));
    let column = VoteColumn {
        name: "lf".into(),
        votes: std::sync::Arc::new((0..400).map(|n| if n % 8 == 0 || n % 8 == 3 { 0 } else { -1 }).collect()),
    };
    let there = Votes::new(400, 2, vec![column]).unwrap();
    let found = suggested(&frame, &labels, &there, &[]);
    assert!(found.iter().all(|suggestion| !suggestion.call.contains("\"subscribe\"")), "{found:#?}");
    assert!(found.iter().filter(|suggestion| suggestion.class == 0).all(|suggestion| suggestion.new_rows > 0));
}

#[test]
fn too_few_labels_are_said_and_threads_do_not_matter() {
    let (frame, none) = (frame(), Votes::new(400, 2, Vec::new()).unwrap());
    let classes = ["spam".to_owned(), "ham".to_owned()];
    let context = Context { frame: &frame, text: Some("text"), classes: &classes };
    let refused = BTreeSet::new();
    let check = |labels: &[i16]| {
        let input = Input { context, labels, votes: &none, leave_out: &[], refused: &refused, estimated: false };
        suggest(&input, &Work::new())
    };
    assert!(check(&vec![-1; 400]).is_err());
    assert!(check(&vec![0; 400]).unwrap_err().to_string().contains("too few labels"));
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| check(&labels()).unwrap())
    };
    assert_eq!(with(1), with(3));
    let work = Work::new();
    work.cancel();
    let labels = labels();
    let input = Input { context, labels: &labels, votes: &none, leave_out: &[], refused: &refused, estimated: false };
    assert!(suggest(&input, &work).unwrap_err().is_cancelled());
}
