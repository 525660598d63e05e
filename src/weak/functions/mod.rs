//! Labelling functions: a file of them, what each says of each row, and what is wrong with the file.
//!
//! In: the source of `lfs/*.py`, a frame of columns, the names of the classes. Out: one [`Function`] for each that can
//! run, and a [`Diagnostic`] for everything that cannot; one broken function never silences the others.
//!
//! A function runs as a scan over whole columns where its form allows it (the declared patterns such as `keywords` and
//! `where`, and functions that only test columns), else row by row in the evaluator of [`super::script`]. Both
//! ways give the same votes; a test holds them to it.

mod column;
mod combined;
#[cfg(test)]
mod combined_tests;
mod complete;
mod declared;
mod form;
mod highlights;
mod kernels;
mod labels;
mod near;
mod patterns;
#[cfg(test)]
mod probes;
mod recognize;
mod rows;
#[cfg(test)]
mod shaded_tests;
mod taught;
#[cfg(test)]
mod tests;
mod voted;

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

pub use super::script::compile::Severity;
pub use super::script::tokens::{TokenKind, highlight};
pub use complete::{CodeCompletion, Known, complete_code};
pub use form::{FormKind, FormLine, form_at};
pub use near::{NEAR, near_column, near_of};
pub use taught::{MODEL, asks_model, model_column};
pub use voted::voted_classes;

use super::script::compile::Problem;
use super::script::module::{Loose, Shared, What, load};
use super::script::parse::{Lines, parse};
use super::{ABSTAIN, Meaning, Shades};
use crate::data::filter::Filter;
use crate::data::{Column, Frame, Kind};
use crate::engine::{Fingerprint, Fingerprinter, Result, Work};
use declared::Declared;
use labels::Labels;

/// What labelling functions see and say.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The columns, each `x.NAME`.
    pub frame: &'a Frame,
    /// The column that `x.text` means, and that declared patterns search; `None`: the column called `text`.
    pub text: Option<&'a str>,
    /// The classes in their order, which is that of the votes.
    pub classes: &'a [String],
}

impl<'a> Context<'a> {
    /// The column that a name means in a function.
    fn column(&self, name: &str) -> Option<&'a Arc<Column>> {
        let name = if name == "text" { self.text.unwrap_or(name) } else { name };
        self.frame.columns().iter().find(|column| column.name() == name)
    }

    /// The columns that a condition speaks of: those of the frame, and the text column under the name `text`.
    fn conditions(&self) -> Frame {
        let strings = self.text.and_then(|name| self.frame.get(name)).and_then(|column| column.strings());
        match strings {
            Some(strings) if self.text != Some("text") => {
                self.frame.with([Arc::new(Column::text("text", Kind::Text, strings.clone()))])
            }
            _ => self.frame.clone(),
        }
    }

    /// The names that functions can read.
    fn names(&self) -> Vec<&'a str> {
        let own = self.frame.columns().iter().map(|column| column.name());
        own.filter(|name| !name.starts_with(NEAR) && !name.starts_with(MODEL)).collect()
    }
}

/// Something wrong in a file of labelling functions, or worth knowing. Lines and columns count from 1, columns in code
/// points; the end is exclusive.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// The first line.
    pub line: usize,
    /// The first column.
    pub column: usize,
    /// The last line.
    pub end_line: usize,
    /// The column after the last character.
    pub end_column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The function that is off, or that it stands in.
    pub function: Option<String>,
    /// Whether something is off because of it.
    pub severity: Severity,
}

/// A compiled file.
#[derive(Debug)]
pub struct Program {
    /// The functions that can run, in the order of the file.
    pub functions: Vec<Function>,
    /// What is wrong, in the order of the file.
    pub problems: Vec<Diagnostic>,
}

/// A labelling function that can run.
#[derive(Debug)]
pub struct Function {
    name: String,
    line: usize,
    print: Fingerprint,
    body: Body,
    shared: Arc<Shared>,
    labels: Labels,
    /// The first lines of the functions of the file that it may run, for [`Function::line_of`].
    homes: Vec<Range<usize>>,
}

#[derive(Debug)]
enum Body {
    Declared(Declared),
    Kernel(Loose, kernels::Kernel),
    Rows(Loose),
}

/// What a function said of rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Applied {
    /// One vote a row: a class index, or -1 for none.
    pub votes: Arc<Vec<i16>>,
    /// Where the function failed; its vote is -1 there.
    pub faults: Vec<Fault>,
    /// What of the votes is not one class for certain; its vote is the class where it names one, and -1 where several.
    pub shades: Option<Arc<Shades>>,
}

impl Applied {
    /// Plain votes without a fault.
    fn plain(votes: impl Into<Arc<Vec<i16>>>) -> Self {
        Self { votes: votes.into(), ..Self::default() }
    }

    /// The vote of this meaning wherever there is a vote.
    fn with_meaning(self, meaning: &Meaning) -> Self {
        let hits = self.votes.iter().map(|vote| *vote != ABSTAIN);
        let shades = Shades::one(meaning.clone(), hits.clone());
        let votes: Vec<i16> = hits.map(|hit| if hit { meaning.hard() } else { ABSTAIN }).collect();
        Self { votes: Arc::new(votes), faults: self.faults, shades: Some(Arc::new(shades)) }
    }

    /// Whether anything is said of each row.
    pub fn cast(&self) -> impl Iterator<Item = bool> + '_ {
        let shaded = |row: usize| self.shades.as_ref().is_some_and(|shades| shades.row(row).is_some());
        self.votes.iter().enumerate().map(move |(row, vote)| *vote != ABSTAIN || shaded(row))
    }
}

/// A failure of a function, the same on many rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The line of the file, as it was when the function was applied. If the file changed elsewhere since, ask
    /// [`Function::line_of`].
    pub line: usize,
    /// What went wrong.
    pub message: String,
    /// On how many rows.
    pub rows: usize,
    /// The first of them, as an index into the frame.
    pub first_row: usize,
    /// The function of the file it happened in, and the line from its first.
    place: (usize, usize),
}

impl Fault {
    /// A failure of a function that ran outside the evaluator.
    pub(crate) fn outside(line: usize, message: String, rows: usize, first_row: usize) -> Self {
        Self { line, message, rows, first_row, place: (usize::MAX, 0) }
    }
}

/// Compiles a file of labelling functions that reads no other files.
pub fn compile(source: &str, context: &Context) -> Program {
    compile_with(source, context, &[])
}

/// Compiles a file of labelling functions. `files` are the texts that it may name, such as `lists/words.txt`, each with
/// its name.
pub fn compile_with(source: &str, context: &Context, files: &[(String, String)]) -> Program {
    let loaded = load(source);
    let mut problems = loaded.problems;
    let mut functions = Vec::new();
    for loose in loaded.functions {
        let (name, range) = (loose.name.clone(), loose.range.clone());
        let within = Within { shared: &loaded.shared, source, context, files, parts: &Cell::new(PARTS) };
        match Function::new(loose, &within) {
            Ok((function, warnings)) => {
                problems.extend(warnings);
                functions.push(function);
            }
            Err(mut problem) => {
                problem.function.get_or_insert(name);
                if problem.range.is_empty() {
                    problem.range = range;
                }
                problems.push(*problem);
            }
        }
    }
    problems.sort_by_key(|problem| (problem.range.start, problem.range.end));
    problems.dedup();
    let problems = problems.into_iter().map(|problem| diagnostic(source, &loaded.shared, problem)).collect();
    Program { functions, problems }
}

fn diagnostic(source: &str, shared: &Shared, problem: Problem) -> Diagnostic {
    // A problem is shown on its first line; a mark under a whole function would say nothing.
    let first = source.get(problem.range.clone()).and_then(|text| text.find('\n'));
    let end = first.map_or(problem.range.end, |length| problem.range.start + length);
    let (line, column) = shared.lines.place(source, problem.range.start);
    let (end_line, end_column) = shared.lines.place(source, end.max(problem.range.start));
    Diagnostic {
        line,
        column,
        end_line,
        end_column,
        message: problem.message,
        help: problem.help,
        function: problem.function,
        severity: problem.severity,
    }
}

/// Whether a file is whole Python of which some functions lie outside the evaluator, so that running it in Python could
/// help: what is wrong is not a column or a class that is not there.
pub fn needs_python(source: &str) -> bool {
    let refused = |problem: &Problem| problem.severity == Severity::Error && problem.function.is_some();
    syntax_errors(source).is_empty() && load(source).problems.iter().any(refused)
}

/// The words of a list, as `keywords(…, file=…)` reads them: one a line; empty lines and what follows a `#` at the start of a
/// line do not count.
pub fn listed(text: &str) -> Vec<&str> {
    declared::words_of(text)
}

/// Where a file is no Python, with line (from 1) and what is wrong; a file with such a place can be run here in part, and
/// by Python not at all.
pub fn syntax_errors(source: &str) -> Vec<(usize, String)> {
    let lines = Lines::new(source);
    parse(source).errors.into_iter().map(|error| (lines.line(error.range.start), error.message)).collect()
}

/// An error at a place of the source.
fn problem(range: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Box<Problem> {
    let help = Some(help.into()).filter(|help| !help.is_empty());
    Box::new(Problem { range, message: message.into(), help, function: None, severity: Severity::Error })
}

/// Functions that one may be put together from.
const PARTS: usize = 64;

/// Where a function is made.
struct Within<'w> {
    shared: &'w Arc<Shared>,
    source: &'w str,
    context: &'w Context<'w>,
    files: &'w [(String, String)],
    /// How many more functions the one at hand may be put together from.
    parts: &'w Cell<usize>,
}

impl Function {
    fn new(loose: Loose, within: &Within<'_>) -> std::result::Result<(Self, Vec<Problem>), Box<Problem>> {
        let Within { shared, source, context, .. } = *within;
        let labels = Labels::new(context.classes);
        let mut warnings = Vec::new();
        let print = Fingerprinter::new("labelling function 1")
            .print(loose.frozen.fingerprint(&shared.tree, source))
            .text(&format!("{:?}", loose.what))
            .text(&context.classes.join("\n"))
            .text(context.text.unwrap_or_default());
        let mut print = print;
        let name = loose.name.clone();
        let line = shared.lines.line(loose.at as usize);
        let codes = loose.frozen.codes.iter().filter_map(|code| shared.tree.codes.get(*code as usize));
        let mut homes: Vec<Range<usize>> = codes.map(|code| code.range.clone()).collect();
        homes.push(loose.range.clone());
        let body = match &loose.what {
            What::Pattern(builtin, names) => {
                let declared = Declared::new(*builtin, names, &loose, within, &labels)?;
                if let Some(of_files) = declared.print_of_files() {
                    print = print.print(of_files);
                }
                if let Some(warning) = declared.warning() {
                    let range = loose.range.clone();
                    let function = Some(name.clone());
                    let severity = Severity::Warning;
                    warnings.push(Problem { range, message: warning, help: None, function, severity });
                }
                Body::Declared(declared)
            }
            What::Function => {
                rows::check(&loose, shared, context)?;
                match recognize::kernel(&loose, shared, context, &labels) {
                    Some(kernel) => Body::Kernel(loose, kernel),
                    None => Body::Rows(loose),
                }
            }
        };
        let print = print.finish();
        Ok((Self { name, line, print, body, shared: shared.clone(), labels, homes }, warnings))
    }

    /// The name, which is that of the function or of the variable.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The line where it is declared, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The name of what the votes depend on besides the data: its own source, the values and functions of the file that
    /// it reaches, the classes and the meaning of `x.text`. Other functions of the file do not matter.
    pub fn fingerprint(&self) -> Fingerprint {
        self.print
    }

    /// How it runs: by the name of its declaration ("keywords", "where"), "kernel" (over whole columns) or "row by row".
    pub fn kernel(&self) -> &'static str {
        match &self.body {
            Body::Declared(declared) => declared.name(),
            Body::Kernel(..) => "kernel",
            Body::Rows(_) => "row by row",
        }
    }

    /// The class that it votes for, if it can vote for one only and says so by its form.
    pub fn label(&self) -> Option<i16> {
        match &self.body {
            Body::Declared(declared) => Some(declared.label()).filter(|label| *label >= 0),
            Body::Kernel(_, kernel) => kernel.only_label(),
            Body::Rows(_) => None,
        }
    }

    /// Whether the function is known outside Lapidary, where the same file runs on other engines: `near` and `model` want
    /// all items at once, and so does what is put together from them.
    pub fn is_portable(&self) -> bool {
        match &self.body {
            Body::Declared(declared) => declared.is_portable(),
            Body::Kernel(..) | Body::Rows(_) => true,
        }
    }

    /// The conditions of `where(…)` in it.
    pub fn conditions(&self) -> Vec<&Filter> {
        match &self.body {
            Body::Declared(declared) => declared.conditions(),
            _ => Vec::new(),
        }
    }

    /// The names of the columns that it cannot do without; a function of Python says so only where it runs, so there
    /// are none for it. The name `text` may stand for another column.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let columns = match &self.body {
            Body::Declared(declared) => declared.columns(),
            _ => Vec::new(),
        };
        columns.into_iter()
    }

    /// Applies it to all rows, or to the given ones, in their order. Rows beyond the frame get no vote.
    ///
    /// # Errors
    /// If the work is cancelled, or a column it was compiled for is not there. Failures of the function itself are
    /// [`Applied::faults`].
    pub fn apply(&self, context: &Context, rows: Option<&[u32]>, work: &Work) -> Result<Applied> {
        match &self.body {
            Body::Declared(declared) => declared.apply(context, rows, work),
            Body::Kernel(loose, kernel) => kernels::apply(self, loose, kernel, context, rows, work),
            Body::Rows(loose) => rows::apply(self, loose, context, rows, work),
        }
    }

    /// Applies it row by row even if a kernel could do it, to hold the two ways to the same votes.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn apply_slowly(&self, context: &Context, rows: Option<&[u32]>, work: &Work) -> Result<Applied> {
        match &self.body {
            Body::Kernel(loose, _) => rows::apply(self, loose, context, rows, work),
            _ => self.apply(context, rows, work),
        }
    }

    /// The line of a fault now, also if the function was applied before other parts of the file changed.
    pub fn line_of(&self, fault: &Fault) -> usize {
        let (home, line) = fault.place;
        self.homes.get(home).map_or(fault.line, |range| self.shared.lines.line(range.start) + line)
    }

    /// The fault with its line as it is now, see [`Self::line_of`].
    pub fn relocated(&self, fault: &Fault) -> Fault {
        Fault { line: self.line_of(fault), ..fault.clone() }
    }

    /// The byte ranges of a text in which this function finds what it looks for, in order and without overlap; empty
    /// for functions that are not patterns.
    pub fn highlights(&self, text: &str) -> Vec<Range<usize>> {
        match &self.body {
            Body::Declared(declared) => declared.highlights(text),
            Body::Kernel(_, kernel) => kernel.highlights(text),
            Body::Rows(_) => Vec::new(),
        }
    }
}
