//! External functions: labelling functions that need Python itself, or packages of it, in a process of their own.
//!
//! In: a file's source, a frame, the names of functions that run here anyway. Out: the votes of the others. The process
//! is started only when a person has allowed this file, see `session`. It is held to a time a row and to an amount of
//! memory; a function that makes it crash or hang is taken out and the others go on in a new process; what fails is
//! counted by row as for every other function. It has the rights of the person: nothing else bounds what it may do.
//!
//! Rows go over in batches, as Arrow IPC where the Python has pyarrow. Else as JSON, which the standard library of every
//! Python reads, at the speed of C, and which holds every text, whole number and real number exactly.

mod batch;
mod process;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::ABSTAIN;
use super::functions::{Applied, Context, Fault};
use crate::data::{Column, Values};
use crate::engine::{Error, Result, Work};
use process::{Heard, Process};

/// Rows that go over at once.
const BATCH: usize = 4096;

/// What bounds a process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The seconds that a function may take for a row.
    pub row_seconds: f64,
    /// The bytes of memory that the process may ask for, where the system can bound that.
    pub memory: u64,
    /// How long nothing may be heard of it before it counts as hanging: longer than a row may take.
    pub patience: Duration,
    /// How long it may take to start: to import its packages and run the file.
    pub start: Duration,
    /// Whether rows may go over as Arrow IPC.
    pub arrow: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            row_seconds: 1.0,
            memory: 4 << 30,
            patience: Duration::from_secs(10),
            start: Duration::from_secs(120),
            arrow: true,
        }
    }
}

/// A file whose functions are to run outside.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The file's name, for messages.
    pub file: &'a str,
    /// Its text.
    pub source: &'a str,
    /// The functions that run here and are left out.
    pub native: &'a BTreeSet<String>,
    /// What functions see.
    pub context: Context<'a>,
    /// What bounds the process.
    pub limits: Limits,
}

/// What a function said.
#[derive(Debug, Clone, PartialEq)]
pub struct ExternalFunction {
    /// Its name.
    pub name: String,
    /// The line where it begins, from 1.
    pub line: usize,
    /// Its votes and failures.
    pub applied: Applied,
}

/// What came of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// The functions in the order of the file.
    pub functions: Vec<ExternalFunction>,
    /// The version of the Python.
    pub python: String,
    /// Whether rows went over as Arrow IPC.
    pub arrow: bool,
    /// Statements of the file that failed, by line.
    pub errors: Vec<(usize, String)>,
}

/// The Python that runs external functions: `LAPIDARY_PYTHON` if it is set, else the `python3` (on Windows `python`) of
/// the path, which is that of an activated environment.
pub fn python() -> PathBuf {
    let usual = if cfg!(windows) { "python" } else { "python3" };
    std::env::var_os("LAPIDARY_PYTHON").map_or_else(|| PathBuf::from(usual), PathBuf::from)
}

/// What the process says when it has started.
#[derive(Deserialize)]
struct Hello {
    python: String,
    arrow: bool,
    functions: Vec<Named>,
    errors: Vec<(usize, String)>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    line: usize,
}

/// The state of a run.
struct Run<'a> {
    request: &'a Request<'a>,
    columns: Vec<&'a Column>,
    outcome: Outcome,
    /// Functions that were taken out.
    off: Vec<bool>,
}

/// Applies the functions of a file that do not run here.
///
/// # Errors
/// If there is no Python, the file cannot be run at all, or the work was cancelled: then the process is gone within
/// 100 ms.
pub fn run(request: &Request<'_>, work: &Work) -> Result<Outcome> {
    let columns = columns(request);
    let mut run = Run { request, columns, outcome: Outcome::default(), off: Vec::new() };
    let mut process = run.start(work)?;
    let rows = request.context.frame.rows();
    let empty = Applied { votes: vec![ABSTAIN; rows].into(), ..Applied::default() };
    run.outcome.functions.iter_mut().for_each(|function| function.applied = empty.clone());
    run.off = vec![false; run.outcome.functions.len()];
    work.stage("running external functions", rows as u64);
    for start in (0..rows).step_by(BATCH) {
        let count = BATCH.min(rows - start);
        run.batch(&mut process, start, count, work)?;
        work.advance(count as u64)?;
    }
    Ok(run.outcome)
}

/// The columns that the functions may read: those that the source mentions, and the text.
fn columns<'a>(request: &Request<'a>) -> Vec<&'a Column> {
    let wanted = |name: &str| request.context.text == Some(name) || request.source.contains(name);
    request.context.frame.columns().iter().map(AsRef::as_ref).filter(|column| wanted(column.name())).collect()
}

impl Run<'_> {
    /// Starts a process and hears what functions there are.
    fn start(&mut self, work: &Work) -> Result<Process> {
        let Request { file, source, native, context, limits } = self.request;
        let mut process = Process::start(&python())?;
        let kind = |column: &Column| if matches!(column.values(), Values::Time(_)) { "time" } else { "other" };
        let columns: Vec<_> =
            self.columns.iter().map(|column| json!({"name": column.name(), "type": kind(column)})).collect();
        let first = json!({
            "file": file, "source": source, "native": native, "classes": context.classes, "text": context.text,
            "columns": columns, "seconds": limits.row_seconds, "memory": limits.memory, "arrow": limits.arrow,
        });
        process.send(first.to_string().into_bytes());
        let hello: Hello = match process.hear(limits.start, work)? {
            Heard::Frame(frame) => serde_json::from_slice(&frame).map_err(|_| broken(&process.last_words(), file))?,
            Heard::Gone => return Err(broken(&process.last_words(), file)),
            Heard::Nothing => {
                let seconds = limits.start.as_secs();
                return Err(Error::input(format!("the file ran for {seconds} s and was stopped")).at(file));
            }
        };
        if self.outcome.functions.is_empty() {
            let function =
                |named: Named| ExternalFunction { name: named.name, line: named.line, applied: Applied::default() };
            self.outcome.functions = hello.functions.into_iter().map(function).collect();
            (self.outcome.python, self.outcome.errors) = (hello.python, hello.errors);
        }
        self.outcome.arrow = hello.arrow;
        Ok(process)
    }

    /// Runs all functions on some rows.
    fn batch(&mut self, process: &mut Process, start: usize, count: usize, work: &Work) -> Result<()> {
        let mut waiting: Vec<usize> = (0..self.off.len()).filter(|&function| !self.off[function]).collect();
        while !waiting.is_empty() {
            process.send(json!({"rows": count, "run": waiting}).to_string().into_bytes());
            process.send(batch::encode(&self.columns, start, count, self.outcome.arrow)?);
            let Some((culprit, why)) = self.listen(process, &mut waiting, start, count, work)? else { break };
            // The one that was at work is taken out, and the others are done by a new process.
            self.take_out(culprit, start, &why);
            waiting.retain(|&function| function != culprit);
            if !waiting.is_empty() || self.off.contains(&false) {
                *process = self.start(work)?;
            }
        }
        Ok(())
    }

    /// Hears the votes of a batch. `Some` if the process is gone: which function was at work, and what is known.
    fn listen(
        &mut self,
        process: &mut Process,
        waiting: &mut Vec<usize>,
        start: usize,
        count: usize,
        work: &Work,
    ) -> Result<Option<(usize, String)>> {
        let mut at = waiting.first().copied().unwrap_or(0);
        loop {
            let frame = match process.hear(self.request.limits.patience, work)? {
                Heard::Frame(frame) => frame,
                Heard::Nothing => {
                    process.stop();
                    let seconds = self.request.limits.patience.as_secs_f64();
                    return Ok(Some((at, format!("nothing was heard of it for {seconds} s"))));
                }
                Heard::Gone => return Ok(Some((at, ended(&process.last_words())))),
            };
            let told: Told = match serde_json::from_slice(&frame) {
                Ok(told) => told,
                Err(_) => return Ok(Some((at, "what it said cannot be read".to_owned()))),
            };
            if told.end {
                return Ok(None);
            }
            at = told.at.unwrap_or(at);
            let Some(done) = told.done else { continue };
            let Heard::Frame(votes) = process.hear(self.request.limits.patience, work)? else {
                return Ok(Some((done, ended(&process.last_words()))));
            };
            if votes.len() != count * 2 || done >= self.off.len() {
                return Ok(Some((at, "what it said cannot be read".to_owned())));
            }
            waiting.retain(|&function| function != done);
            self.note(done, &votes, told.faults, start);
            if let Some(row) = told.stopped {
                self.take_out(done, start + row, "too many rows ran into a limit");
            }
        }
    }

    fn note(&mut self, function: usize, votes: &[u8], faults: Vec<(usize, String, usize, usize)>, start: usize) {
        let classes = self.request.context.classes.len();
        let Some(function) = self.outcome.functions.get_mut(function) else { return };
        let all = Arc::make_mut(&mut function.applied.votes);
        for (place, vote) in all.iter_mut().skip(start).zip(votes.chunks_exact(2)) {
            let vote = i16::from_le_bytes([vote[0], vote[1]]);
            *place = if (vote as i64) < classes as i64 && vote >= ABSTAIN { vote } else { ABSTAIN };
        }
        for (line, message, rows, first) in faults {
            let line = if line == 0 { function.line } else { line };
            let known = function.applied.faults.iter_mut().find(|known| known.line == line && known.message == message);
            match known {
                Some(known) => known.rows += rows,
                None => function.applied.faults.push(Fault::outside(line, message, rows, start + first)),
            }
        }
    }

    /// Takes a function out from a row on.
    fn take_out(&mut self, function: usize, row: usize, why: &str) {
        let rows = self.request.context.frame.rows().saturating_sub(row);
        self.off[function] = true;
        let Some(function) = self.outcome.functions.get_mut(function) else { return };
        if rows > 0 {
            let message = format!("it was stopped, {why}");
            function.applied.faults.push(Fault::outside(function.line, message, rows, row));
        }
    }
}

/// What the process says during a batch.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    at: Option<usize>,
    #[serde(default)]
    done: Option<usize>,
    #[serde(default)]
    faults: Vec<(usize, String, usize, usize)>,
    #[serde(default)]
    stopped: Option<usize>,
    #[serde(default)]
    end: bool,
}

fn ended(last_words: &str) -> String {
    match last_words.lines().last().map(str::trim).filter(|line| !line.is_empty()) {
        Some(line) => format!("the process ended: {line}"),
        None => "the process ended".to_owned(),
    }
}

fn broken(last_words: &str, file: &str) -> Error {
    Error::input(format!("the file cannot be run, {}", ended(last_words))).at(file)
}
