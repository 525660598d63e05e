//! `expect`: whether a table is as it must be.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::answer::Answer;
use super::report::ReportTo;
use super::table::{self, Table};
use super::{CommandLine, Context, files};
use crate::clean::expect::{Outcome, Report, Suite, known, suggest};
use crate::clean::report::expectations;
use crate::data::describe::describe_frame;
use crate::data::{Column, Frame, Kind, Values};
use crate::engine::{Error, Result};
use crate::session::{EXPECTATIONS, Session, check_project};

/// Check what must hold of a table; exit code 1 if something does not
#[derive(Debug, clap::Args)]
pub(super) struct Expect {
    /// The data, or the folder of a project, whose labels and functions can be expected of as well
    #[arg(value_name = "FILE|DIR", required_unless_present = "list")]
    file: Option<PathBuf>,
    /// The expectations: a TOML of [[expectation]], or the JSON of a Great Expectations suite [default for a project: its
    /// expectations.toml]
    #[arg(long, value_name = "SUITE")]
    suite: Option<PathBuf>,
    /// Write a suite that the data fulfil, to begin with, instead of checking one; -o names its file
    #[arg(long, conflicts_with = "suite")]
    suggest: bool,
    /// List all expectations with their arguments
    #[arg(long, conflicts_with_all = ["suite", "suggest"])]
    list: bool,
    #[command(flatten)]
    report: ReportTo,
}

impl CommandLine for Expect {
    const NAME: &'static str = "expect";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        let Some(file) = self.file.as_deref().filter(|_| !self.list) else { return Ok(listed()) };
        let is_project = file.is_dir();
        match &self.suite {
            Some(suite) if is_project => self.check_project(file, suite, context),
            Some(suite) => self.check(file, suite, context),
            None if self.suggest => self.suggest(file, context),
            None if is_project => self.check_project(file, &file.join(EXPECTATIONS), context),
            None => Err(Error::input("it is not said what is expected")
                .help("give --suite SUITE.toml, or --suggest to begin with one")),
        }
    }
}

impl Expect {
    fn check(&self, file: &Path, suite: &Path, context: &Context<'_>) -> Result<Answer> {
        self.report.check()?;
        let found = Suite::read(suite)?;
        let frame = files::read_table(file, context)?.frame;
        let report = found.check(&frame, context.work)?;
        self.tell(file, (suite, &found), &frame, &report, context)
    }

    fn check_project(&self, folder: &Path, suite: &Path, context: &Context<'_>) -> Result<Answer> {
        self.report.check()?;
        if !suite.exists() && self.suite.is_none() {
            return Err(Error::input("the project says nothing of what is expected")
                .at(suite.display())
                .help("write the file, give --suite, or open the project and let expectations be suggested in Watch"));
        }
        let found = Suite::read(suite)?;
        let session = Session::open(folder, context.work)?;
        let report = check_project(&session, &found, context.work)?;
        let frame = session.dataset().frame.clone();
        self.tell(folder, (suite, &found), &frame, &report, context)
    }

    fn tell(
        &self,
        file: &Path,
        (suite_path, suite): (&Path, &Suite),
        frame: &Frame,
        report: &Report,
        context: &Context<'_>,
    ) -> Result<Answer> {
        let about = self.report.about(file, frame)?;
        self.report.write(context.work, || expectations(&about, report), || outcomes(report))?;
        // What is wrong with the suite itself is said at the end, after the rest has been checked.
        let wrong: Vec<Error> = suite.faults().map(|error| error.clone().at(suite_path.display())).collect();
        let fields = json!({ "success": report.success, "results": report.results, "suite": suite.name });
        let summary = table::facts([
            ("expectations", Some(report.results.len().to_string())),
            ("held", Some(report.held().to_string())),
            ("failed", Some((report.results.len() - report.held()).to_string())),
        ]);
        Ok(Answer::new(frame.rows(), fields).say(summary).say(failed(report)).holding(report.success).wrong(wrong))
    }

    fn suggest(&self, file: &Path, context: &Context<'_>) -> Result<Answer> {
        if let Some(path) = self.report.path().filter(|path| files::ending(path) != "toml") {
            return Err(Error::input("a suite is written as TOML")
                .at(path.display())
                .help("use a name that ends in .toml"));
        }
        let frame = files::read_table(file, context)?.frame;
        let source = suggest(&describe_frame(&frame, None, context.work)?);
        let count = Suite::from_toml(&source)?.expectations.len();
        let fields = json!({ "expectations": count, "suite": source });
        let answer = Answer::new(frame.rows(), fields);
        Ok(match self.report.path() {
            Some(path) => {
                crate::engine::files::write_text(path, &source)?;
                answer.say(format!("{} written to {}", table::count(count, "expectation"), path.display()))
            }
            None => answer.say(source),
        })
    }
}

/// All expectations.
fn listed() -> Answer {
    let mut table = Table::new(["expectation", "arguments"]);
    let mut names = Vec::new();
    for (name, arguments) in known() {
        names.push(json!({ "expectation": name, "arguments": arguments }));
        table.row([name.trim_start_matches("expect_").to_owned(), arguments]);
    }
    let head =
        "All begin with expect_; [arguments] may be left out; those that judge rows take mostly, all take where.";
    Answer::new(0, json!({ "expectations": names })).say(head).say(table.render())
}

/// What does not hold.
fn failed(report: &Report) -> String {
    let mut table = Table::new(["failed", "column", "observed", "unexpected", "such as"]);
    for outcome in report.results.iter().filter(|outcome| !outcome.success) {
        let sample: Vec<String> = outcome.sample.iter().take(3).map(plain).collect();
        let why = outcome.error.clone().unwrap_or_else(|| sample.join(", "));
        table.row([
            outcome.expectation.trim_start_matches("expect_").to_owned(),
            outcome.column.clone().unwrap_or_default(),
            if outcome.error.is_some() { String::new() } else { plain(&outcome.observed) },
            outcome.unexpected_count.map(|count| count.to_string()).unwrap_or_default(),
            why,
        ]);
    }
    if table.is_empty() { String::new() } else { format!("\n{}", table.render()) }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// One row an expectation.
fn outcomes(report: &Report) -> Frame {
    let texts = |name: &str, values: Vec<Option<String>>| {
        Arc::new(Column::text(name, Kind::Text, values.into_iter().collect()))
    };
    let of = |value: &dyn Fn(&Outcome) -> Option<String>| report.results.iter().map(value).collect();
    let counts = report.results.iter().map(|outcome| outcome.unexpected_count.map(|count| count as i64));
    let percents = report.results.iter().map(|outcome| outcome.unexpected_percent.unwrap_or(f64::NAN));
    Frame::new(vec![
        texts("expectation", of(&|outcome| Some(outcome.expectation.clone()))),
        texts("column", of(&|outcome| outcome.column.clone())),
        files::flag_column("success", report.results.iter().map(|outcome| outcome.success)),
        texts("observed", of(&|outcome| Some(plain(&outcome.observed)))),
        Arc::new(Column::new("unexpected_count", Values::Int(counts.collect()))),
        files::number_column("unexpected_percent", percents),
        texts("sample", of(&|outcome| Some(Value::Array(outcome.sample.clone()).to_string()))),
        texts("where", of(&|outcome| outcome.condition.clone())),
        texts("error", of(&|outcome| outcome.error.clone())),
    ])
}
