//! `demo`: makes a project from a bundled sample and opens it.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::answer::Answer;
use super::{CommandLine, Context, Opening, open, table};
use crate::engine::{Error, Result};
use crate::project::Project;
use crate::session::{Session, make_sample, sample_folder, samples};

/// Make a project from a bundled sample and open it
#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// The sample; the first of the list if not given
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// The project folder to make; if not given, one among your documents
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Only make the project
    #[arg(long)]
    no_window: bool,
}

impl CommandLine for Demo {
    const NAME: &'static str = "demo";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        let all = samples();
        let first = all.first().map(|sample| sample.name.clone());
        let name = self.name.or(first).ok_or_else(|| Error::input("this program carries no samples"))?;
        let folder = match self.dir {
            Some(dir) => dir,
            None => sample_folder(&name)?,
        };
        let opening = Opening { path: Some(folder.clone()), renderer: None };
        if !self.no_window {
            // Before anything is made: a project that cannot be shown was not asked for.
            open::check(&Opening { path: None, renderer: None }, context.window).map_err(|error| {
                error.help(format!("make the sample without a window: lapidary demo {name} --no-window"))
            })?;
        }
        if self.no_window || !Project::is_at(&folder) {
            make_sample(&name, &folder, context.work)?;
        }
        let rows = rows_of(&folder, context)?;
        let project = folder.canonicalize().unwrap_or(folder);
        let shown = project.display().to_string();
        let answer = Answer::new(rows, json!({ "project": shown, "sample": name })).say(table::facts([
            ("project", Some(shown.clone())),
            ("rows", Some(rows.to_string())),
            ("next", self.no_window.then(|| format!("lapidary run {shown}"))),
        ]));
        Ok(if self.no_window { answer } else { answer.then_open(opening) })
    }
}

/// Opens the new project once, which also proves that it is whole.
fn rows_of(folder: &Path, context: &Context<'_>) -> Result<usize> {
    Ok(Session::open(folder, context.work)?.dataset().rows())
}
