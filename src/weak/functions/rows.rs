//! Functions run row by row, on all cores, each thread with a machine of its own.

use std::collections::HashMap;

use rayon::prelude::*;

use super::{Applied, Context, Fault, Function, int_vote};
use crate::engine::{Error, Result, Work};
use crate::weak::ABSTAIN;
use crate::weak::script::budget::{Budget, ROW_BYTES, ROW_STEPS, Raise};
use crate::weak::script::machine::{Field, Fields, Machine};
use crate::weak::script::value::Value;

/// Rows that one machine runs before it looks whether to stop.
const ROWS: usize = 2048;

pub(super) fn apply(function: &Function, context: &Context<'_>, rows: Option<&[u32]>, work: &Work) -> Result<Applied> {
    let (votes, faults) = run(function, context, rows, &ABSTAIN, |value| vote(value, context.classes), work)?;
    Ok(Applied { votes, faults })
}

/// The names and numbers that a function returns on any row, sorted; what fails or is something else is left out.
pub(super) fn returned(function: &Function, context: &Context<'_>, work: &Work) -> Result<Vec<Box<str>>> {
    let name = |value: &Value<'_>| -> Result<Option<Box<str>>, Box<Raise>> {
        Ok(match value {
            Value::None | Value::Int(-1) => None,
            Value::Int(number) => Some(number.to_string().into()),
            other => other.as_str().map(Into::into),
        })
    };
    let (names, _) = run(function, context, None, &None, name, work)?;
    let mut names: Vec<Box<str>> = names.into_iter().flatten().collect();
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// Runs a function over rows. `take` makes of each value what is kept; where that or the function fails, `empty` is.
fn run<T: Clone + Send + Sync>(
    function: &Function,
    context: &Context<'_>,
    rows: Option<&[u32]>,
    empty: &T,
    take: impl Fn(&Value<'_>) -> Result<T, Box<Raise>> + Sync,
    work: &Work,
) -> Result<(Vec<T>, Vec<Fault>)> {
    let shared = &function.shared;
    let fields = fields(function, context);
    let count = rows.map_or(context.frame.rows(), <[u32]>::len);
    let mut kept = vec![empty.clone(); count];
    let faults: Vec<Vec<Fault>> = kept
        .par_chunks_mut(ROWS)
        .enumerate()
        .map(|(chunk, out)| {
            work.check()?;
            let (heap, globals) = function.frozen.thaw(&shared.tree);
            let budget = Budget::new(ROW_STEPS, ROW_BYTES);
            let mut machine = Machine::new(&shared.tree, heap, globals, &shared.patterns, budget);
            machine.read(&fields);
            let roots: Vec<Value<'_>> = function.frozen.roots.iter().map(|root| root.value()).collect();
            let Some(body) = roots.first() else { return Ok(Vec::new()) };
            let mut faults: Vec<Fault> = Vec::new();
            for (at, out) in out.iter_mut().enumerate() {
                // One row may cost a million steps: with many of those, stopping must not wait for the chunk's end.
                if at % 64 == 0 {
                    work.check()?;
                }
                let at = chunk * ROWS + at;
                let row = rows.map_or(at as u32, |rows| rows[at]);
                machine.go_to(row as usize);
                match machine.call_with_resources(body, &[Value::Row], roots.get(1)).and_then(|value| take(&value)) {
                    Ok(value) => *out = value,
                    Err(raise) => note(&mut faults, function, &raise, row),
                }
            }
            Ok(faults)
        })
        .collect::<Result<_, Error>>()?;
    Ok((kept, gather(faults)))
}

fn fields<'a>(function: &Function, context: &Context<'a>) -> Fields<'a> {
    let mut by_name: HashMap<&'a str, Field<'a>> = HashMap::new();
    for column in context.frame.columns() {
        by_name.insert(column.name(), Field::of(column, true));
    }
    if let Some(text) = context.text.and_then(|name| context.frame.get(name)) {
        by_name.entry("text").or_insert_with(|| Field::of(text, true));
    }
    let by_id = function.shared.tree.names.iter().map(|name| by_name.get(name.as_str()).copied()).collect();
    Fields { by_id, by_name }
}

fn vote(value: &Value<'_>, classes: &[String]) -> Result<i16, Box<Raise>> {
    let wrong = |shown: String| {
        let known: Vec<_> = classes.iter().take(12).map(String::as_str).collect();
        let message = format!("the function must return a class or None; the classes are: {}", known.join(", "));
        crate::weak::script::budget::bad_value(message).detail(&format!("it returned {shown}"))
    };
    match value {
        Value::None => Ok(ABSTAIN),
        Value::Int(number) => int_vote(*number, classes).ok_or_else(|| wrong(number.to_string())),
        other => match other.as_str() {
            Some(name) => match classes.iter().position(|class| class == name) {
                Some(index) => Ok(index as i16),
                None => Err(wrong(format!("\"{name}\""))),
            },
            None => Err(wrong(other.a().to_owned())),
        },
    }
}

fn note(faults: &mut Vec<Fault>, function: &Function, raise: &Raise, row: u32) {
    let line = raise.at.map_or(function.line, |at| function.shared.lines.line(at as usize));
    let mut message = raise.message.to_string();
    if let Some(detail) = &raise.detail {
        message = format!("{message} ({detail})");
    }
    // Of messages that differ in what the row had to do with it, the first stands for all.
    let same = |fault: &&mut Fault| fault.line == line && fault.message.starts_with(raise.message.as_ref());
    match faults.iter_mut().find(same) {
        Some(fault) => fault.rows += 1,
        None => faults.push(Fault { line, message, rows: 1, first_row: row }),
    }
}

/// Faults of all chunks, in order, those of one line and message together.
fn gather(chunks: Vec<Vec<Fault>>) -> Vec<Fault> {
    let mut all: Vec<Fault> = Vec::new();
    for fault in chunks.into_iter().flatten() {
        let head = |message: &str| message.split(" (").next().unwrap_or_default().to_owned();
        match all.iter_mut().find(|other| other.line == fault.line && head(&other.message) == head(&fault.message)) {
            Some(other) => other.rows += fault.rows,
            None => all.push(fault),
        }
    }
    all
}
