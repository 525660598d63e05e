//! `run`: the main job of a project, headless.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::answer::Answer;
use super::lf_stats::{self, error_list, error_table, function_table};
use super::table::{self, percent};
use super::{CommandLine, Context};
use crate::clean::LeakedPart;
use crate::engine::{Error, Result};
use crate::session::{DeliverOptions, LabelModelOutcome, LeaksFound, RunSummary, Session, run};

/// Apply a project's functions, fit its models, find label errors and duplicates, and write deliver/
#[derive(Debug, clap::Args)]
pub(super) struct Run {
    /// The project folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Where to write, relative to the project folder
    #[arg(long, value_name = "DIR", default_value = "deliver")]
    deliver: PathBuf,
    /// Leave copies of kept items out of what is delivered
    #[arg(long)]
    without_duplicates: bool,
    /// Run functions that need Python itself in a Python process, with your rights
    #[arg(long)]
    allow_external: bool,
}

impl CommandLine for Run {
    const NAME: &'static str = "run";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        let work = context.work;
        let mut session = Session::open(&self.folder, work)?;
        if let Some(seed) = context.globals.seed {
            session.set_seed(seed);
        }
        if self.allow_external {
            session.allow_all_external();
        }
        let options = DeliverOptions {
            folder: self.deliver.clone(),
            without_duplicates: self.without_duplicates,
            ..DeliverOptions::default()
        };
        let summary = run(&session, &options, work)?;
        let root = session.project().folder();
        let outputs: Vec<String> = summary
            .delivered
            .iter()
            .flat_map(|delivered| &delivered.files)
            .map(|path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/"))
            .collect();
        lf_stats::warn(&summary.votes, work);
        let why = |what: &str, error: &Error| work.warn(format!("{what}: {error}"));
        summary.end_model.as_ref().err().inspect(|error| why("no end model", error));
        summary.delivered.as_ref().err().inspect(|error| why("nothing was delivered", error));
        let classes = session.class_names();
        let mut fields = summary.votes.analysis.json(classes);
        if let Value::Object(fields) = &mut fields {
            let more = json!({
                "project": root.display().to_string(),
                "classes": **classes,
                "errors": error_list(&summary.votes),
                "label_model": summary.model.as_deref().map(label_model),
                "end_model": end_model(&summary),
                "label_errors": {"count": summary.label_errors},
                "duplicates": {
                    "groups": summary.findings.duplicates.groups.len(),
                    "rows": summary.findings.duplicates.rows_in_groups(),
                    "leaks": leaks(&summary.leaks),
                },
                "delivered": summary.delivered.as_ref().map_or(0, |delivered| delivered.rows),
                "outputs": outputs,
            });
            if let Value::Object(more) = more {
                fields.extend(more);
            }
        }
        let rows = session.dataset().rows();
        Ok(Answer::new(rows, fields)
            .say(report(&summary, rows, &outputs))
            .say(function_table(&summary.votes.analysis, &summary.votes.votes, classes))
            .say(error_table(&summary.votes)))
    }
}

fn label_model(outcome: &LabelModelOutcome) -> Value {
    let weights: Vec<Value> = outcome
        .patterns
        .functions()
        .iter()
        .zip(outcome.fitted.weights())
        .map(|(function, weight)| json!({"function": function, "weight": weight}))
        .collect();
    json!({
        "model": outcome.fitted.model(),
        "candidates": outcome.fitted.candidates(),
        "patterns": outcome.patterns.len(),
        "balance": outcome.fitted.balance(),
        "weights": weights,
        "notes": outcome.fitted.notes(),
        "accuracy": outcome.accuracy.map(|(share, _)| share),
        "gold_rows_judged": outcome.accuracy.map(|(_, rows)| rows),
    })
}

fn end_model(summary: &RunSummary) -> Value {
    match &summary.end_model {
        Ok(model) => json!({
            "accuracy_cv": model.accuracy.map(|(share, _)| share),
            "gold_rows_judged": model.accuracy.map(|(_, rows)| rows),
            "agreement_cv": model.agreement,
            "trained_rows": model.trained_rows,
        }),
        Err(_) => Value::Null,
    }
}

/// What leaked from the part that is taught into the others; `null` where no column says which part a row belongs to.
fn leaks(found: &LeaksFound) -> Option<Vec<Value>> {
    let name = |part: u16| found.names.get(usize::from(part));
    let parts = found.leaks.iter().flat_map(|leaks| &leaks.parts);
    let of = |part: &LeakedPart| {
        json!({
            "split": name(part.part), "rows": part.rows, "leaked_rows": part.leaked.len(),
            "accuracy": part.accuracy, "accuracy_without_leaked": part.without,
        })
    };
    (!found.names.is_empty()).then(|| parts.map(of).collect())
}

fn report(summary: &RunSummary, rows: usize, outputs: &[String]) -> String {
    let analysis = &summary.votes.analysis;
    let functions = analysis.functions.len();
    let duplicates = &summary.findings.duplicates;
    let judged = |accuracy: Option<(f64, u64)>| {
        accuracy.map_or_else(String::new, |(share, of)| {
            format!(", {} right of {} known", percent(share), table::count(of as usize, "label"))
        })
    };
    table::facts([
        ("rows", Some(table::count(rows, "row"))),
        ("functions", Some(format!("{functions}, covering {} of rows", percent(analysis.covered)))),
        (
            "label model",
            summary.model.as_ref().map(|model| format!("{}{}", model.fitted.model(), judged(model.accuracy))),
        ),
        (
            "end model",
            summary.end_model.as_ref().ok().map(|model| {
                format!("trained on {}{}", table::count(model.trained_rows, "row"), judged(model.accuracy))
            }),
        ),
        ("label errors", Some(summary.label_errors.to_string())),
        (
            "duplicates",
            Some(format!(
                "{} in {}",
                table::count(duplicates.rows_in_groups(), "row"),
                table::count(duplicates.groups.len(), "group")
            )),
        ),
        (
            "delivered",
            summary
                .delivered
                .as_ref()
                .ok()
                .map(|delivered| format!("{}: {}", table::count(delivered.rows, "row"), outputs.join(", "))),
        ),
    ])
}
