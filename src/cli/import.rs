//! `import`: annotations made elsewhere, brought to the items of a project.
//!
//! Classes become labels, whatever stands inside items goes to a task of its kind; what cannot be taken is named and
//! counted.

use std::path::PathBuf;

use serde_json::json;

use super::answer::Answer;
use super::convert::{Told, lost_fields, lost_table};
use super::{CommandLine, Context, table};
use crate::data::annotations;
use crate::engine::{Error, Result};
use crate::session::{Session, import_of};

/// Bring annotations made elsewhere into a project
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// The project folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The annotations: a file, or a folder where the format is one
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// The format [default: recognised]
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    #[command(flatten)]
    told: Told,
    /// Replace labels that items already have
    #[arg(long)]
    overwrite: bool,
    /// Change nothing if anything would be lost
    #[arg(long)]
    strict: bool,
}

impl CommandLine for Import {
    const NAME: &'static str = "import";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        let format = match &self.format {
            Some(name) => annotations::format(name)?,
            None => annotations::recognise(&self.path).map(|(format, _)| format).ok_or_else(|| {
                Error::input("the format of the annotations cannot be told")
                    .at(self.path.display())
                    .help("name it with --format FORMAT")
            })?,
        };
        let (documents, read) = annotations::read(&self.path, format, &self.told.reading(), context.work)?;
        let mut session = Session::open(&self.folder, context.work)?;
        let before = (session.classes().len(), session.tasks().clone());
        let basis = session.import_basis()?;
        let import = import_of(&basis, &documents, read.lost, format.name(), self.overwrite)?;
        let lost = &import.lost;
        if self.strict && !lost.is_empty() {
            let named: Vec<String> = lost.iter().map(|(code, loss)| format!("{code} ({})", loss.count)).collect();
            return Err(Error::input(format!("something would be lost: {}", named.join(", ")))
                .help("leave --strict out to take the rest"));
        }
        let (added, written, items) = (import.classes.len() - before.0, import.annotations(), import.items());
        let tasks: Vec<&str> = import
            .tasks
            .iter()
            .filter(|task| before.1.get(&task.name) != Some(task))
            .map(|task| task.name.as_str())
            .collect();
        if written > 0 || added > 0 {
            session.run(&import)?;
        }
        let fields = json!({
            "format": format.name(),
            "read": read.annotations,
            "written": written,
            "classes_added": added,
            "tasks": tasks,
            "lost": lost_fields(lost),
            "inferred": read.inferred.iter().map(|(what, value)| json!({"what": what, "value": value})).collect::<Vec<_>>(),
            "notes": read.notes,
        });
        let facts = table::facts([
            ("read", Some(table::count(read.annotations, "annotation"))),
            ("taken", Some(format!("{} for {}", table::count(written, "annotation"), table::count(items, "item")))),
            ("tasks", Some(tasks.join(", ")).filter(|tasks| !tasks.is_empty())),
            ("new classes", (added > 0).then(|| added.to_string())),
        ]);
        Ok(Answer::new(read.documents, fields).say(facts).say(lost_table(lost)))
    }
}
