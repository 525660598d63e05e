//! A project's labelling functions made ready for Spark.

use super::Session;
use crate::data::{Column, Values};
use crate::deliver::spark::{JobColumn, JobCondition, SparkJobs, condition_name};
use crate::engine::{Error, Result, Work};
use crate::weak::functions::{Context, Function, Severity, compile_with, listed, syntax_errors};

/// The jobs of a project. Functions that cannot run here are left out, with a warning.
///
/// # Errors
/// If a file cannot be read as Python, a condition has no counterpart there, or the work was cancelled; the error names
/// file and line.
pub fn spark_jobs(session: &Session, work: &Work) -> Result<SparkJobs> {
    let basis = session.basis();
    let frame = &basis.dataset.frame;
    let context = Context { frame, text: basis.text.as_deref(), classes: &basis.classes };
    let config = &session.project().config;
    let mut jobs = SparkJobs {
        project: config.name.clone(),
        classes: basis.classes.to_vec(),
        text: basis.text.clone(),
        id: config.data.id.clone(),
        lists: basis.sources.iter().filter(|(file, _)| file.ends_with(".txt")).map(words).collect(),
        sources: basis.sources.iter().filter(|(file, _)| file.ends_with(".py")).cloned().collect(),
        ..SparkJobs::default()
    };
    let mut needed: Vec<String> = Vec::new();
    let files = basis.sources.iter().filter(|(file, _)| file.ends_with(".py"));
    for (file, source) in files {
        work.check()?;
        if let Some((line, message)) = syntax_errors(source).into_iter().next() {
            return Err(Error::input(format!("the file cannot be read as Python, {message}"))
                .at(format!("{file}:{line}"))
                .help("a file of functions leaves as it is, so it has to be whole"));
        }
        let program = compile_with(source, &context, &basis.sources);
        for problem in program.problems.iter().filter(|problem| problem.severity == Severity::Error) {
            work.warn(format!("left out, {}: {file}:{}", problem.message, problem.line));
        }
        for function in program.functions {
            if jobs.functions.iter().any(|(name, _)| name == function.name()) {
                work.warn(format!("left out, there are two functions called {}: {file}", function.name()));
                continue;
            }
            if !function.is_portable() {
                let (how, line) = (function.kernel(), function.line());
                work.warn(format!("left out, {how} of this kind runs in Lapidary only: {file}:{line}"));
                continue;
            }
            add_condition(&mut jobs, &function, file)?;
            let meant = |name: &str| if name == "text" { jobs.text.clone() } else { None };
            needed.extend(function.columns().map(|name| meant(name).unwrap_or_else(|| name.to_owned())));
            jobs.functions.push((function.name().to_owned(), file.clone()));
        }
    }
    jobs.columns = frame.columns().iter().filter_map(|column| job_column(column, &jobs, &needed)).collect();
    Ok(jobs)
}

/// A list with its words.
fn words((file, text): &(String, String)) -> (String, Vec<String>) {
    (file.clone(), listed(text).into_iter().map(str::to_owned).collect())
}

fn add_condition(jobs: &mut SparkJobs, function: &Function, file: &str) -> Result<()> {
    for condition in function.conditions() {
        if jobs.conditions.iter().any(|known| known.source == condition.source()) {
            continue;
        }
        let python = condition.to_python(&condition_name(jobs.conditions.len()));
        let python = python.map_err(|error| error.at(format!("{file}:{}", function.line())))?;
        jobs.conditions.push(JobCondition { source: condition.source().to_owned(), python });
    }
    Ok(())
}

/// A column that a function names, or that is the text. What no source mentions is not read.
fn job_column(column: &Column, jobs: &SparkJobs, needed: &[String]) -> Option<JobColumn> {
    let name = column.name();
    let is_needed = needed.iter().any(|known| known == name);
    let mentioned =
        is_needed || jobs.text.as_deref() == Some(name) || jobs.sources.iter().any(|(_, source)| source.contains(name));
    let kind = match column.values() {
        Values::Text(_) => "text",
        Values::Int(_) => "int",
        Values::Float(_) => "float",
        Values::Bool(_) => "bool",
        Values::Time(_) => "time",
    };
    mentioned.then(|| JobColumn { name: name.to_owned(), kind, needed: is_needed })
}
