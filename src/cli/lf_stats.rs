//! `lf-stats`: applies labelling functions and tells what they do to the rows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::answer::Answer;
use super::files::{self, Output};
use super::table::{self, Table, percent};
use super::{CommandLine, Context};
use crate::data::{Column, Dataset, Frame, Ids, in_order, write};
use crate::engine::{Cache, Derived as _, Error, Fingerprint, Result, Work, files as engine_files};
use crate::label::Classes;
use crate::project::{Project, Settings};
use crate::session::{Basis, Externals, Rules, Session, VotesOf, VotesOutcome, read_lists};
use crate::weak::Votes;
use crate::weak::analysis::Analysis;
use crate::weak::functions::{Severity, voted_classes};
use crate::weak::vote_files::votes_to_frame;

/// Apply labelling functions and show what each does to the rows
#[derive(Debug, clap::Args)]
pub(super) struct LfStats {
    /// The data, or a project folder
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The labelling functions; those of the project if FILE is one
    #[arg(long, value_name = "LFS.py")]
    lfs: Vec<PathBuf>,
    /// The column that functions see as x.text; one called text, or the only text column, if not given
    #[arg(long, value_name = "COL", conflicts_with = "image")]
    text: Option<String>,
    /// The column of image paths
    #[arg(long, value_name = "COL")]
    image: Option<String>,
    /// The classes in order; those that occur in the gold column or are named by the functions, sorted, if not given
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    classes: Option<Vec<String>>,
    /// The column of known right labels, by which functions are judged
    #[arg(long, value_name = "COL")]
    gold: Option<String>,
    /// Run functions that need Python itself in a Python process, with your rights
    #[arg(long)]
    allow_external: bool,
    /// Write the votes: a table of one column a function, or an .npy matrix
    #[command(flatten)]
    output: Output,
}

/// What the functions are applied to.
struct Subject {
    basis: Basis,
    gold: Option<Vec<Option<u16>>>,
    ids: Option<Arc<Column>>,
}

impl CommandLine for LfStats {
    const NAME: &'static str = "lf-stats";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        if let Some(path) = &self.output.path {
            files::check_result(path, true)?;
        }
        let work = context.work;
        let subject = if self.lfs.is_empty() { self.project(context)? } else { self.file(context)? };
        let outcome = VotesOf(subject.basis.clone()).compute(work)?;
        if let (true, Some((file, problem))) = (
            outcome.functions.is_empty(),
            outcome.problems.iter().find(|(_, problem)| problem.severity == Severity::Error),
        ) {
            let error = Error::input(format!("no function can be applied, {}", problem.message));
            let error = error.at(format!("{file}:{}", problem.line));
            return Err(match &problem.help {
                Some(help) => error.help(help.clone()),
                None => error,
            });
        }
        warn(&outcome, work);
        let analysis = Analysis::of(&outcome.votes, subject.gold.as_deref(), work)?;
        self.write(&outcome.votes, subject.ids.as_deref(), work)?;
        if self.output.path.is_some() && outcome.votes.is_shaded() {
            work.warn(plain_only(&outcome.votes));
        }
        let classes = &subject.basis.classes;
        let mut fields = analysis.json(classes);
        if let Value::Object(fields) = &mut fields {
            fields.insert("classes".to_owned(), json!(**classes));
            fields.insert("gold_rows".to_owned(), json!(analysis.gold_rows));
            fields.insert("errors".to_owned(), error_list(&outcome));
        }
        let rows = outcome.votes.rows();
        let summary = table::facts([
            ("rows", Some(table::count(rows, "row"))),
            ("covered", Some(percent(analysis.covered))),
            ("overlapped", Some(percent(analysis.overlapped))),
            ("conflicted", Some(percent(analysis.conflicted))),
            ("gold", analysis.gold_rows.map(|rows| table::count(rows, "row"))),
        ]);
        Ok(Answer::new(rows, fields)
            .say(summary)
            .say(function_table(&analysis, &outcome.votes, classes))
            .say(error_table(&outcome)))
    }
}

impl LfStats {
    /// A data file with files of functions.
    fn file(&self, context: &Context<'_>) -> Result<Subject> {
        let reading = files::read_table(&self.file, context)?;
        let frame = &reading.frame;
        if let Some(image) = &self.image {
            files::column(frame, image, &self.file)?;
        }
        let text = match (&self.text, &self.image) {
            (None, Some(_)) => None,
            // Functions may look at other columns only; without a text column there is just no `x.text`.
            (None, None) => files::text_column(frame, None, &self.file).ok(),
            (Some(name), _) => Some(files::text_column(frame, Some(name), &self.file)?),
        };
        let text = text.map(|column| column.name().to_owned());
        let mut sources = Vec::new();
        for path in &self.lfs {
            sources.push((path.display().to_string(), engine_files::read_text(path)?));
        }
        for path in &self.lfs {
            // Beside the functions, or beside their folder, as in a project.
            let folder = path.parent().unwrap_or(Path::new(""));
            let lists = [Some(folder), folder.parent()].into_iter().flatten().flat_map(read_lists);
            for list in lists {
                if sources.iter().all(|(name, _)| *name != list.0) {
                    sources.push(list);
                }
            }
        }
        let gold = self.gold.as_deref().map(|name| files::column(frame, name, &self.file)).transpose()?;
        let placed = |error: Error| error.at(self.file.display());
        let classes = match &self.classes {
            Some(classes) => Classes::from_names(classes)?.names(),
            None => {
                let known = gold.map(|column| files::labels(column, None)).transpose().map_err(placed)?;
                let known = known.map(|(_, names)| names).unwrap_or_default();
                found_classes(known, &sources, frame, text.as_deref(), context.work)?
            }
        };
        let gold = gold.map(|column| files::labels(column, Some(&classes))).transpose().map_err(placed)?;
        let gold = gold.map(|(gold, _)| gold);
        let ids = self.output.ids(frame).map_err(placed)?.cloned();
        let rows = frame.rows();
        let dataset = Dataset {
            frame: reading.frame,
            ids: Ids::default(),
            root: reading.root,
            fingerprint: reading.fingerprint,
            report: reading.report,
        };
        let basis = Basis {
            dataset: Arc::new(dataset),
            text,
            image: self.image.clone(),
            audio: None,
            answers: Vec::new(),
            source_change: None,
            classes: Arc::new(classes),
            hand: Arc::new(vec![-1; rows]),
            excluded: Arc::new(vec![false; rows]),
            unsure: Arc::new(vec![false; rows]),
            bad: Arc::new(vec![false; rows]),
            comments: Arc::default(),
            doubts: Arc::default(),
            rules: Rules::default(),
            annotations_print: Fingerprint::of(b"none"),
            marked: Arc::default(),
            given: None,
            gold: None,
            shuffle: None,
            external: if self.allow_external { Externals::all() } else { Externals::default() },
            sources: Arc::new(sources),
            thumbnails: None,
            settings: Settings::default(),
            cache: Arc::new(Cache::new(256)),
        };
        Ok(Subject { basis, gold, ids })
    }

    /// A project with its own functions.
    fn project(&self, context: &Context<'_>) -> Result<Subject> {
        if !Project::is_at(&self.file) {
            return Err(Error::input("the labelling functions are not named")
                .at(self.file.display())
                .help("give them with --lfs LFS.py, or name a project folder"));
        }
        if self.text.is_some() || self.image.is_some() || self.classes.is_some() || self.gold.is_some() {
            return Err(Error::input("a project has its own text, image, classes and gold")
                .at(self.file.display())
                .help("leave these options out, or change lapidary.toml"));
        }
        let mut session = Session::open(&self.file, context.work)?;
        if self.allow_external {
            session.allow_all_external();
        }
        let known = session.basis().reference();
        let ids = self.output.ids(&session.dataset().frame)?.cloned();
        Ok(Subject { basis: session.basis(), gold: known.iter().any(Option::is_some).then_some(known), ids })
    }

    fn write(&self, votes: &Votes, ids: Option<&Column>, work: &Work) -> Result<()> {
        match &self.output.path {
            Some(path) if files::ending(path) == "npy" => {
                let (rows, columns) = (votes.rows(), votes.columns());
                let cells: Vec<i16> = (0..rows)
                    .flat_map(|row| columns.iter().filter_map(move |column| column.votes.get(row).copied()))
                    .collect();
                write::matrix::write_integers(path, rows, columns.len(), &cells, work)
            }
            _ => self.output.write(work, || votes_to_frame(votes, ids)),
        }
    }
}

/// The classes in order where nobody gives them: those of the gold column and those that functions vote for. Where classes
/// have names, numbers name them by position. Where functions vote for numbers and nothing tells what they mean, every
/// one up to the highest is a class.
fn found_classes(
    gold: Vec<String>,
    sources: &[(String, String)],
    frame: &Frame,
    text: Option<&str>,
    work: &Work,
) -> Result<Vec<String>> {
    let has_gold = !gold.is_empty();
    let mut names = BTreeSet::from_iter(gold);
    for (_, source) in sources.iter().filter(|(name, _)| name.ends_with(".py")) {
        names.extend(voted_classes(source, frame, text, work)?);
    }
    let number = |name: &String| name.parse::<u16>().ok().filter(|&number| number < i16::MAX as u16);
    let all_numbers = names.iter().all(|name| number(name).is_some());
    if all_numbers && !has_gold {
        let count = names.iter().filter_map(number).max().map_or(0, |highest| highest + 1);
        return Ok((0..count).map(|class| class.to_string()).collect());
    }
    if !all_numbers {
        names.retain(|name| number(name).is_none());
    }
    Ok(in_order(names.into_iter().collect()))
}

/// What could not be compiled, and what failed while it ran, as the JSON field `errors`.
pub(super) fn error_list(outcome: &VotesOutcome) -> Value {
    let problems =
        outcome.problems.iter().filter(|(_, problem)| problem.severity == Severity::Error).map(|(file, problem)| {
            json!({"function": problem.function, "file": file, "line": problem.line, "message": problem.message,
               "help": problem.help, "rows": null})
        });
    let faults = outcome.functions.iter().flat_map(|function| {
        function.faults.iter().map(move |fault| {
            json!({"function": function.name, "file": function.file, "line": fault.line, "message": fault.message,
                   "help": null, "rows": fault.rows})
        })
    });
    Value::Array(problems.chain(faults).collect())
}

/// Passes on what is odd about functions that run all the same, and what could be done for those that do not.
pub(super) fn warn(outcome: &VotesOutcome, work: &Work) {
    for file in &outcome.offers {
        work.warn(format!("{file} has functions that need Python itself; to run them there, give --allow-external"));
    }
    for (file, problem) in outcome.problems.iter().filter(|(_, problem)| problem.severity == Severity::Warning) {
        work.warn(format!("{}: {file}:{}", problem.message, problem.line));
    }
}

/// The same for people.
pub(super) fn error_table(outcome: &VotesOutcome) -> String {
    let mut lines = String::new();
    for (file, problem) in outcome.problems.iter().filter(|(_, problem)| problem.severity == Severity::Error) {
        lines.push_str(&format!("{file}:{}: {}\n", problem.line, problem.message));
        if let Some(help) = &problem.help {
            lines.push_str(&format!("  help: {help}\n"));
        }
    }
    for function in &outcome.functions {
        for fault in &function.faults {
            let rows = table::count(fault.rows, "row");
            let name = &function.name;
            lines.push_str(&format!("{}:{}: {name} failed on {rows}: {}\n", function.file, fault.line, fault.message));
        }
    }
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

/// What a file of votes does not hold of them.
fn plain_only(votes: &Votes) -> String {
    let (mut sure, mut several) = (0u64, 0u64);
    for shades in (0..votes.columns().len()).filter_map(|at| votes.shades(at)) {
        for meaning in (0..shades.rows()).filter_map(|row| shades.row(row)) {
            *(if meaning.classes().len() > 1 { &mut several } else { &mut sure }) += 1;
        }
    }
    format!(
        "a file holds one class a vote: {sure} are written without their confidence, {several} for several classes as -1"
    )
}

/// One line a function.
pub(super) fn function_table(analysis: &Analysis, votes: &Votes, classes: &[String]) -> String {
    let name = |class: &u16| classes.get(usize::from(*class)).cloned().unwrap_or_else(|| class.to_string());
    let mut table =
        Table::new(["function", "votes for", "coverage", "overlaps", "conflicts", "right", "wrong", "accuracy"]);
    // What a function votes for: its classes, then what is not one class.
    let voted = |at: usize, polarity: &[u16]| {
        let mut shown: Vec<String> = polarity.iter().map(name).collect();
        let meanings = votes.shades(at).map_or(&[][..], |shades| shades.meanings());
        let several = meanings.iter().filter(|meaning| meaning.classes().len() > 1);
        shown.extend(several.map(|meaning| meaning.show(classes)));
        shown.dedup();
        shown.join(", ")
    };
    for (at, function) in analysis.functions.iter().enumerate() {
        let count = |count: Option<u64>| count.map_or_else(|| "–".to_owned(), |count| count.to_string());
        table.row([
            function.name.clone(),
            voted(at, &function.polarity),
            percent(function.coverage),
            percent(function.overlaps),
            percent(function.conflicts),
            count(function.correct),
            count(function.incorrect),
            function.accuracy.map_or_else(|| "–".to_owned(), percent),
        ]);
    }
    if table.is_empty() { String::new() } else { format!("\n{}", table.render()) }
}
