//! Labelling functions: a file compiled against columns and classes, and run over rows.
//!
//! In: the source of a file of `lfs/`, a frame and class names. Out: functions, each of which gives one vote a row, and
//! diagnostics with their place. One broken function never silences the others.

mod declared;
mod rows;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::ABSTAIN;
use super::script::builtins::Builtin;
use super::script::compile::Severity;
use super::script::freeze::{Cold, Frozen};
use super::script::module::{Loose, Shared, What, load};
use crate::data::Frame;
use crate::engine::{Fingerprint, Fingerprinter, Result, Work};

pub use super::script::tokens::{TokenKind, highlight};
use declared::Pattern;

/// What a file is compiled against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The columns that functions may read.
    pub frame: &'a Frame,
    /// The column that `x.text` means.
    pub text: Option<&'a str>,
    /// The classes' names.
    pub classes: &'a [String],
}

/// Something wrong with a file, at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The first line, from 1.
    pub line: usize,
    /// The first column, from 1, in code points.
    pub column: usize,
    /// The last line.
    pub end_line: usize,
    /// The column behind the last character.
    pub end_column: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// The function that is off because of it.
    pub function: Option<String>,
    /// True if everything runs all the same.
    pub warning: bool,
}

/// A compiled file.
pub struct Program {
    /// The functions that run.
    pub functions: Vec<Function>,
    /// What is wrong, in the order of the file.
    pub problems: Vec<Diagnostic>,
}

/// A labelling function.
pub struct Function {
    name: String,
    line: usize,
    print: Fingerprint,
    shared: Arc<Shared>,
    frozen: Frozen,
    body: Body,
}

enum Body {
    Pattern { class: i16, pattern: Pattern },
    Rows,
}

/// The votes of a function, and what failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// One vote a row that was asked for: a class index, or -1.
    pub votes: Vec<i16>,
    /// What failed, by line and message; such rows abstain.
    pub faults: Vec<Fault>,
}

/// A fault of a function on some rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// What went wrong.
    pub message: String,
    /// On how many rows.
    pub rows: usize,
    /// The first of them.
    pub first_row: u32,
}

/// Compiles a file. Whatever it holds, this ends soon and does not fail: problems are told.
pub fn compile(source: &str, context: &Context<'_>) -> Program {
    let loaded = load(source);
    let diagnose =
        |range: &Range<usize>, message: String, help: Option<String>, function: Option<String>, warning: bool| {
            let (line, column) = loaded.shared.lines.place(source, range.start);
            let (end_line, end_column) = loaded.shared.lines.place(source, range.end);
            Diagnostic { line, column, end_line, end_column, message, help, function, warning }
        };
    let mut problems: Vec<Diagnostic> = loaded
        .problems
        .iter()
        .map(|problem| {
            let warning = problem.severity == Severity::Warning;
            let (message, help) = (problem.message.clone(), problem.help.clone());
            diagnose(&problem.range, message, help, problem.function.clone(), warning)
        })
        .collect();
    let mut functions: Vec<Function> = Vec::new();
    for loose in loaded.functions {
        if let Some(other) = functions.iter().find(|other| other.name == loose.name) {
            let message =
                format!("there is a function `{}` in line {} already; this one is left out", loose.name, other.line);
            problems.push(diagnose(
                &loose.range,
                message,
                Some("give it another name".into()),
                Some(loose.name),
                false,
            ));
            continue;
        }
        let (name, range) = (loose.name.clone(), loose.range.clone());
        match bind(loose, source, &loaded.shared, context) {
            Ok(function) => functions.push(function),
            Err((message, help)) => problems.push(diagnose(&range, message, help, Some(name), false)),
        }
    }
    problems.sort_by_key(|problem| (problem.line, problem.column));
    Program { functions, problems }
}

/// The classes that the functions of a file vote for, where nobody has named them: the labels of declared patterns, and
/// what the other functions return on any row of the frame. A label that is a number stands as its digits.
///
/// # Errors
/// If the work was cancelled.
pub fn voted_classes(source: &str, frame: &Frame, text: Option<&str>, work: &Work) -> Result<BTreeSet<String>> {
    let context = Context { frame, text, classes: &[] };
    let loaded = load(source);
    let mut names = BTreeSet::new();
    for loose in loaded.functions {
        match &loose.what {
            What::Pattern(builtin, given) => {
                let arguments = Arguments { frozen: &loose.frozen, names: given, what: *builtin };
                match arguments.get("label", 0) {
                    Some(Cold::Str(name)) => drop(names.insert(name.to_string())),
                    Some(Cold::Int(number)) if *number != -1 => drop(names.insert(number.to_string())),
                    _ => {}
                }
            }
            What::Function => {
                if let Ok(function) = bind(loose, source, &loaded.shared, &context) {
                    names.extend(rows::returned(&function, &context, work)?.into_iter().map(String::from));
                }
            }
        }
    }
    Ok(names)
}

/// What is wrong and what to write instead.
type Refusal = (String, Option<String>);

fn bind(loose: Loose, source: &str, shared: &Arc<Shared>, context: &Context<'_>) -> Result<Function, Refusal> {
    let line = shared.lines.line(loose.at as usize);
    let statement = source.get(loose.range.clone()).unwrap_or_default();
    let print = Fingerprinter::new("labelling function").text(&loose.name).text(statement);
    let print = print.print(loose.frozen.fingerprint(&shared.tree, source)).text(context.text.unwrap_or_default());
    let body = match &loose.what {
        What::Function => {
            declared::check_columns(&shared.tree, &loose.frozen, context)?;
            Body::Rows
        }
        What::Pattern(builtin, names) => {
            let arguments = Arguments { frozen: &loose.frozen, names, what: *builtin };
            let label = arguments.get("label", 0).ok_or_else(|| arguments.missing("a label"))?;
            let class = vote_of(label, context.classes)?;
            Body::Pattern { class, pattern: Pattern::new(*builtin, &arguments, context)? }
        }
    };
    Ok(Function { name: loose.name, line, print: print.finish(), shared: shared.clone(), frozen: loose.frozen, body })
}

/// The arguments of a declared pattern.
struct Arguments<'a> {
    frozen: &'a Frozen,
    names: &'a [Option<String>],
    what: Builtin,
}

impl<'a> Arguments<'a> {
    /// The argument of that name, or at that position if it was given without a name.
    fn get(&self, name: &str, position: usize) -> Option<&'a Cold> {
        let named = self.names.iter().position(|given| given.as_deref() == Some(name));
        let index = named.or_else(|| (self.names.get(position)? == &None).then_some(position))?;
        self.frozen.roots.get(index)
    }

    fn missing(&self, what: &str) -> Refusal {
        let example = match self.what {
            Builtin::Keywords => "keywords(SPAM, [\"word\", \"another\"])",
            Builtin::Regex => "regex(SPAM, r\"https?://\")",
            _ => "where(SPAM, \"length(text) < 20\")",
        };
        (format!("{what} is missing"), Some(format!("write {example}")))
    }
}

/// The vote that a constant means: a class by its name, or by its number.
fn vote_of(label: &Cold, classes: &[String]) -> Result<i16, Refusal> {
    let by_name = |name: &str| classes.iter().position(|class| class == name).map(|index| index as i16);
    let unknown = |shown: String| {
        let known: Vec<_> = classes.iter().take(12).map(|class| format!("\"{class}\"")).collect();
        (format!("{shown} is no class"), Some(format!("the classes are: {}", known.join(", "))))
    };
    match label {
        Cold::None => Ok(ABSTAIN),
        Cold::Str(name) => by_name(name).ok_or_else(|| unknown(format!("\"{name}\""))),
        Cold::Int(number) => int_vote(*number, classes).ok_or_else(|| unknown(number.to_string())),
        _ => Err((
            "the label must be a class's name, a class's number or None".to_owned(),
            Some("write the name in quotes".to_owned()),
        )),
    }
}

/// The vote that a whole number means: the class of that name if there is one, else the class at that position as
/// Snorkel counts them; -1 abstains.
fn int_vote(number: i64, classes: &[String]) -> Option<i16> {
    let name = number.to_string();
    if let Some(index) = classes.iter().position(|class| *class == name) {
        return Some(index as i16);
    }
    match number {
        -1 => Some(ABSTAIN),
        _ => usize::try_from(number).ok().filter(|&index| index < classes.len()).map(|index| index as i16),
    }
}

impl Function {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// How it runs: the pattern's kind, or "row by row".
    pub fn kernel(&self) -> &'static str {
        match &self.body {
            Body::Pattern { pattern, .. } => pattern.kind(),
            Body::Rows => "row by row",
        }
    }

    /// The name of what its votes depend on besides the data: its own text and the values it reads, not other
    /// functions of the file.
    pub fn fingerprint(&self) -> Fingerprint {
        self.print
    }

    /// Its votes on `rows`, or on all rows.
    ///
    /// # Errors
    /// If the columns are no longer there, or the work was cancelled.
    pub fn apply(&self, context: &Context<'_>, rows: Option<&[u32]>, work: &Work) -> Result<Applied> {
        match &self.body {
            Body::Pattern { class, pattern } => {
                let hits = pattern.apply(context, rows, work)?;
                let votes = hits.into_iter().map(|hit| if hit { *class } else { ABSTAIN }).collect();
                Ok(Applied { votes, faults: Vec::new() })
            }
            Body::Rows => rows::apply(self, context, rows, work),
        }
    }

    /// Where it matches in a text, in bytes; nothing for functions that are no patterns.
    pub fn highlights(&self, text: &str) -> Vec<Range<usize>> {
        match &self.body {
            Body::Pattern { pattern, .. } => pattern.highlights(text),
            Body::Rows => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
