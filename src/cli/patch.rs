//! `patch`: what was settled, to be applied to the same data elsewhere, and reversed.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::answer::Answer;
use super::{CommandLine, Context, files, table};
use crate::data::read::{self, ReadOptions};
use crate::data::write;
use crate::engine::{Error, Result};
use crate::session::{Applied, ApplyFixes, Fix, Session, apply_to_table, fixes_frame, fixes_of, read_fixes, reversed};

/// Write what was settled as a patch, apply it elsewhere, or take it back
#[derive(Debug, clap::Args)]
pub(super) struct Patch {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Write what was settled in a project: one row a change, with old, new, who and why
    Export(Export),
    /// Apply a patch to a project or a table of the same data; only where the old value stands
    Apply(Apply),
    /// Take an applied patch back
    Reverse(Apply),
}

#[derive(Debug, clap::Args)]
struct Export {
    /// The project folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The patch: .jsonl, .csv, .parquet, …
    #[arg(long = "output", short = 'o', value_name = "PATH")]
    output: PathBuf,
}

#[derive(Debug, clap::Args)]
struct Apply {
    /// The patch
    #[arg(value_name = "PATCH")]
    patch: PathBuf,
    /// A project folder, or a table of the same data
    #[arg(value_name = "TARGET")]
    target: PathBuf,
    /// The column of labels of a table
    #[arg(long, value_name = "COL", default_value = "label")]
    label: String,
    /// The column of a table that is labelled, by which rows are known that have no id [default: text, else image]
    #[arg(long, value_name = "COL")]
    content: Option<String>,
    /// The column of a table that names rows, if the project has one
    #[arg(long, value_name = "COL")]
    id: Option<String>,
    /// Where to write a table
    #[arg(long = "output", short = 'o', value_name = "PATH")]
    output: Option<PathBuf>,
    /// Change nothing, and say what would change
    #[arg(long)]
    dry_run: bool,
}

impl CommandLine for Patch {
    const NAME: &'static str = "patch";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        match self.what {
            What::Export(export) => export.run(context),
            What::Apply(apply) => apply.run(false, context),
            What::Reverse(apply) => apply.run(true, context),
        }
    }
}

impl Export {
    fn run(self, context: &Context<'_>) -> Result<Answer> {
        files::check_result(&self.output, false)?;
        let session = Session::open(&self.folder, context.work)?;
        let fixes = fixes_of(&session)?;
        write::write_frame(&self.output, &fixes_frame(&fixes), context.work)?;
        let count = |field: &str| fixes.iter().filter(|fix| fix.field == field).count();
        let fields = json!({
            "changes": fixes.len(),
            "labels": count("label"),
            "excluded": count("excluded"),
            "unsure": count("unsure"),
            "output": self.output.display().to_string(),
        });
        let text = format!("{}: {}", table::count(fixes.len(), "change"), self.output.display());
        Ok(Answer::new(session.dataset().rows(), fields).say(text))
    }
}

impl Apply {
    fn run(self, back: bool, context: &Context<'_>) -> Result<Answer> {
        let frame = files::read_table(&self.patch, context)?.frame;
        let mut fixes = read_fixes(&frame).map_err(|error| error.at(self.patch.display()))?;
        if back {
            fixes = reversed(&fixes);
        }
        let (rows, applied) =
            if self.target.is_dir() { self.to_project(&fixes, context)? } else { self.to_table(&fixes, context)? };
        for (places, why) in
            [(&applied.differs, "another value stands there"), (&applied.missing, "the item is not there")]
        {
            if let Some(first) = places.first().and_then(|at| fixes.get(*at)) {
                let count = table::count(places.len(), "change");
                context.work.warn(format!("{count} left out, {why}: row {} {}", first.row + 1, first.about));
            }
        }
        let fields = json!({
            "changes": fixes.len(),
            "changed": applied.changed,
            "already": applied.already,
            "differs": applied.differs.len(),
            "missing": applied.missing.len(),
            "dry_run": self.dry_run,
        });
        let summary = table::facts([
            (if self.dry_run { "would change" } else { "changed" }, Some(applied.changed.to_string())),
            ("as in the patch already", Some(applied.already.to_string())),
            ("left out: another value", Some(applied.differs.len().to_string())),
            ("left out: no such item", Some(applied.missing.len().to_string())),
        ]);
        Ok(Answer::new(rows, fields).say(summary))
    }

    fn to_project(&self, fixes: &[Fix], context: &Context<'_>) -> Result<(usize, Applied)> {
        let mut session = Session::open(&self.target, context.work)?;
        let (command, applied) = ApplyFixes::plan(&session, fixes);
        if applied.changed > 0 && !self.dry_run {
            session.run(&command)?;
        }
        Ok((session.dataset().rows(), applied))
    }

    fn to_table(&self, fixes: &[Fix], context: &Context<'_>) -> Result<(usize, Applied)> {
        let output = match (&self.output, self.dry_run) {
            (None, false) => {
                return Err(Error::input("where to write the table is not said").help("name a file with -o"));
            }
            (output, _) => output.as_deref(),
        };
        output.map_or(Ok(()), |path: &Path| files::check_result(path, false))?;
        let options = ReadOptions { id: self.id.clone(), ..ReadOptions::default() };
        let dataset = read::read(&self.target, &options, context.work)?;
        let usual = ["text", "image"].into_iter().find(|name| dataset.frame.get(name).is_some());
        let content = self.content.as_deref().or(usual);
        let placed = |error: Error| error.at(self.target.display());
        let (frame, applied) = apply_to_table(&dataset, &self.label, content, fixes).map_err(placed)?;
        if let Some(path) = output.filter(|_| !self.dry_run) {
            write::write_frame(path, &frame, context.work)?;
        }
        Ok((dataset.rows(), applied))
    }
}
