//! The command line: every command without a window, one file each.
//!
//! In: arguments. Out: an exit code; a short table, or with `--json` one object, on stdout; progress, warnings and
//! errors on stderr. To add a command, write its file with a struct of arguments that is a [`CommandLine`], and give it
//! its one line in [`COMMANDS`]. The window is not known here: `main` hands in how to open it.

mod answer;
mod arguments;
mod consensus;
mod convert;
mod demo;
mod drift;
mod duplicates;
mod expect;
mod export;
mod files;
mod image_issues;
mod import;
mod label_errors;
mod label_model;
mod lf_stats;
mod new;
mod open;
mod outliers;
mod packet;
mod patch;
mod profile;
mod report;
mod run;
mod select;
mod slices;
mod spark;
mod table;
mod trends;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use answer::Answer;
use arguments::{Asked, Globals};

use crate::engine::{Error, ErrorKind, Result, Work};

/// The commands, one line each, in the order of the help.
static COMMANDS: &[Entry] = &[
    Entry::of::<demo::Demo>(),
    Entry::of::<new::New>(),
    Entry::of::<run::Run>(),
    Entry::of::<lf_stats::LfStats>(),
    Entry::of::<label_model::LabelModel>(),
    Entry::of::<label_errors::LabelErrors>(),
    Entry::of::<duplicates::Duplicates>(),
    Entry::of::<image_issues::ImageIssues>(),
    Entry::of::<outliers::Outliers>(),
    Entry::of::<consensus::Consensus>(),
    Entry::of::<profile::Profile>(),
    Entry::of::<expect::Expect>(),
    Entry::of::<drift::Drift>(),
    Entry::of::<slices::Slices>(),
    Entry::of::<trends::Watch>(),
    Entry::of::<convert::Convert>(),
    Entry::of::<export::Export>(),
    Entry::of::<import::Import>(),
    Entry::of::<packet::Packet>(),
    Entry::of::<patch::Patch>(),
    Entry::of::<select::Select>(),
    Entry::of::<spark::Spark>(),
];

/// A command: its arguments, and what it does with them.
trait CommandLine: clap::Args {
    /// The name on the command line.
    const NAME: &'static str;

    /// Does the work. What it returns is printed by the caller, as a table or as JSON.
    fn run(self, context: &Context<'_>) -> Result<Answer>;
}

/// What every command may look at.
struct Context<'a> {
    globals: &'a Globals,
    work: &'a Work,
    /// How to open the window; `None` in a program that has none.
    window: Option<OpenWindow>,
}

impl Context<'_> {
    /// The seed of everything random.
    fn seed(&self) -> u64 {
        self.globals.seed.unwrap_or(0)
    }
}

/// A registered command.
struct Entry {
    name: &'static str,
    declare: fn(clap::Command) -> clap::Command,
    run: fn(&clap::ArgMatches, &Context<'_>) -> Result<Answer>,
}

impl Entry {
    const fn of<C: CommandLine>() -> Self {
        Self { name: C::NAME, declare: C::augment_args, run: run_parsed::<C> }
    }
}

fn run_parsed<C: CommandLine>(matches: &clap::ArgMatches, context: &Context<'_>) -> Result<Answer> {
    let command = C::from_arg_matches(matches).map_err(|error| arguments::explain(&error))?;
    command.run(context)
}

/// What the window is asked to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// A project folder, a data file or a folder of images; `None` for the welcome screen.
    pub path: Option<PathBuf>,
    /// How to draw: `wgpu` or `glow`; `None` to choose what works.
    pub renderer: Option<String>,
}

/// Opens the window and returns when it is closed.
pub type OpenWindow = fn(Opening) -> Result<()>;

/// Runs the program with the process's arguments. `window` opens the window; `None` in a program that has none.
pub fn main(window: Option<OpenWindow>) -> ExitCode {
    let started = Instant::now();
    watch::quiet_panics();
    let code = match std::panic::catch_unwind(|| run(std::env::args_os().collect(), window, started)) {
        Ok(code) => code,
        Err(_) => watch::after_panic(),
    };
    ExitCode::from(code)
}

fn run(arguments: Vec<std::ffi::OsString>, window: Option<OpenWindow>, started: Instant) -> u8 {
    let asked = match arguments::parse(arguments, COMMANDS) {
        Ok(asked) => asked,
        Err(arguments::Stop::Help(text)) => return answer::print(&text, 0),
        Err(arguments::Stop::Wrong(error)) => return fail(&error),
    };
    match asked {
        Asked::Open(opening) => open::open(opening, window).map_or_else(|error| fail(&error), |()| 0),
        Asked::Command { index, matches, globals } => {
            let Some(entry) = COMMANDS.get(index) else { return 2 };
            run_command(entry, &matches, &globals, window, started)
        }
    }
}

fn run_command(
    entry: &Entry,
    matches: &clap::ArgMatches,
    globals: &Globals,
    window: Option<OpenWindow>,
    started: Instant,
) -> u8 {
    if let Err(error) = watch::use_threads(globals.threads) {
        return fail(&error);
    }
    let work = Work::new();
    watch::cancel_on_interrupt(&work);
    let context = Context { globals, work: &work, window };
    let progress = watch::Bar::start(&work, globals.quiet);
    let outcome = (entry.run)(matches, &context);
    drop(progress);
    let warnings = work.warnings();
    if !globals.quiet {
        warnings.iter().for_each(|warning| answer::tell(&format!("warning: {warning}")));
    }
    let answer = match outcome {
        Ok(answer) => answer,
        Err(error) => return fail(&error),
    };
    // What is wrong with the input is said, and the rest that could be done is printed.
    let wrong = answer.faults().iter().map(fail).max();
    let code = wrong.unwrap_or(if answer.holds() { 0 } else { 1 });
    let opening = answer.opening().cloned();
    let text = if globals.json { answer.json(entry.name, started, &warnings) } else { answer.into_text() };
    let code = answer::print(&text, code);
    match opening {
        Some(opening) => open::open(opening, window).map_or_else(|error| fail(&error), |()| code),
        None => code,
    }
}

/// Says what went wrong and returns the exit code.
fn fail(error: &Error) -> u8 {
    answer::tell(&format!("error: {error}"));
    if let Some(help) = error.advice() {
        answer::tell(&format!("help: {help}"));
    }
    match error.kind() {
        ErrorKind::Cancelled => 130,
        ErrorKind::Input | ErrorKind::Locked | ErrorKind::Io => 2,
    }
}
