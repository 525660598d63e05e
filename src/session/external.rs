//! Files of functions that run outside the evaluator: which may, and what they say.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::derived::Basis;
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work};
use crate::weak::external::{ExternalFunction, Limits, Outcome, Request, python, run};
use crate::weak::functions::{Context, Diagnostic, Severity, needs_python};

/// Which files may run outside.
#[derive(Debug, Clone, Default)]
pub struct Externals {
    /// Every file, for one run of the command line.
    all: bool,
    /// Files with the fingerprint of the text that was allowed.
    files: Arc<BTreeSet<(String, Fingerprint)>>,
}

impl Externals {
    /// These files, as they were.
    pub fn of(files: BTreeSet<(String, Fingerprint)>) -> Self {
        Self { all: false, files: Arc::new(files) }
    }

    /// Every file.
    pub fn all() -> Self {
        Self { all: true, files: Arc::default() }
    }

    /// Whether a file with this text may run outside.
    pub fn allows(&self, file: &str, text: &str) -> bool {
        self.all || self.files.contains(&(file.to_owned(), Fingerprint::of(text.as_bytes())))
    }

    /// The name of what is allowed.
    pub fn print(&self) -> Fingerprint {
        let print = Fingerprinter::new("externals").number(u64::from(self.all));
        self.files.iter().fold(print, |print, (file, text)| print.text(file).print(*text)).finish()
    }
}

/// The functions of a file that run outside.
struct ExternalOf {
    basis: Basis,
    file: String,
    source: String,
    native: BTreeSet<String>,
}

impl Derived for ExternalOf {
    /// A file that cannot be run is not tried again at every keystroke elsewhere.
    type Output = Result<Outcome, Error>;

    fn fingerprint(&self) -> Fingerprint {
        let print = self.basis.print_data("external functions 1").text(&self.file).text(&self.source);
        let print = print.text(&python().to_string_lossy());
        self.native.iter().fold(print, |print, name| print.text(name)).finish()
    }

    fn compute(&self, work: &Work) -> Result<Self::Output> {
        let basis = &self.basis;
        let context = Context { frame: &basis.dataset.frame, text: basis.text.as_deref(), classes: &basis.classes };
        let (file, source, native) = (self.file.as_str(), self.source.as_str(), &self.native);
        match run(&Request { file, source, native, context, limits: Limits::default() }, work) {
            Err(error) if error.is_cancelled() => Err(error),
            outcome => Ok(outcome),
        }
    }

    fn bytes(outcome: &Self::Output) -> usize {
        let functions = outcome.as_ref().map_or(&[][..], |outcome| &outcome.functions);
        functions.iter().map(|function| function.applied.votes.len() * size_of::<i16>()).sum()
    }
}

/// A function that ran outside.
pub(super) struct Outside {
    pub file: String,
    pub function: ExternalFunction,
    pub print: Fingerprint,
}

/// Runs what may run outside. `native` are the functions that run here, `problems` what is wrong: what a function that
/// runs outside was accused of is taken out of them. Gives the functions, and the files for which it could be allowed.
///
/// # Errors
/// If the work was cancelled; what else goes wrong is a problem of the file.
pub(super) fn outside(
    basis: &Basis,
    native: &BTreeSet<String>,
    problems: &mut Vec<(String, Diagnostic)>,
    work: &Work,
) -> Result<(Vec<Outside>, Vec<String>)> {
    let (mut found, mut offers): (Vec<Outside>, Vec<String>) = Default::default();
    for (file, source) in basis.sources.iter() {
        let is_broken = |problem: &Diagnostic| problem.severity == Severity::Error && problem.function.is_some();
        if !problems.iter().any(|(of, problem)| of == file && is_broken(problem)) || !needs_python(source) {
            continue;
        }
        if !basis.external.allows(file, source) {
            offers.push(file.clone());
            continue;
        }
        let of = ExternalOf {
            basis: basis.clone(),
            file: file.clone(),
            source: source.clone(),
            native: native.iter().cloned().chain(found.iter().map(|other| other.function.name.clone())).collect(),
        };
        match &*basis.cache.get(&of, work)? {
            Ok(outcome) => {
                let names: BTreeSet<&str> = outcome.functions.iter().map(|function| function.name.as_str()).collect();
                // What belongs to no function is Python's affair now, which says itself what fails.
                problems.retain(|(of, problem)| {
                    of != file || problem.function.as_deref().is_some_and(|name| !names.contains(name))
                });
                for function in &outcome.functions {
                    let print = Fingerprinter::new("external function").print(of.fingerprint()).text(&function.name);
                    found.push(Outside { file: file.clone(), function: function.clone(), print: print.finish() });
                }
                problems.extend(outcome.errors.iter().map(|(line, why)| (file.clone(), problem(*line, why, None))));
            }
            Err(error) => problems.push((file.clone(), problem(1, &error.to_string(), error.advice()))),
        }
    }
    Ok((found, offers))
}

fn problem(line: usize, message: &str, help: Option<&str>) -> Diagnostic {
    Diagnostic {
        line,
        column: 1,
        end_line: line,
        end_column: 1,
        message: message.to_owned(),
        help: help.map(str::to_owned),
        function: None,
        severity: Severity::Error,
    }
}
