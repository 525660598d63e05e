//! `import`: annotations made elsewhere, brought to the items of a project.
//!
//! Classes become labels, whatever stands inside items goes to a task of its kind; what cannot be taken is named and
//! counted.

use std::path::PathBuf;

use serde_json::json;

use super::answer::Answer;
use super::convert::{Told, format_line, inferred_fields, lost_fields, lost_table, reason_field};
use super::{CommandLine, Context, table};
use crate::data::annotations;
use crate::engine::Result;
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
    /// The column of labels in a table
    #[arg(long, value_name = "COL")]
    label: Option<String>,
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
        let found = annotations::choose(self.format.as_deref(), &self.path)?;
        let (format, options) = (found.format, self.told.reading(self.label.as_deref()));
        let (documents, read) = annotations::read(&self.path, format, &options, context.work)?;
        let mut session = Session::open(&self.folder, context.work)?;
        let before = (session.classes().len(), session.tasks().clone());
        let basis = session.import_basis();
        let import = import_of(&basis, &documents, read.lost.clone(), format.name(), self.overwrite)?;
        let lost = &import.lost;
        if self.strict {
            lost.refuse()?;
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
            "format_reason": reason_field(found),
            "read": read.annotations,
            "written": written,
            "classes_added": added,
            "tasks": tasks,
            "lost": lost_fields(lost),
            "inferred": inferred_fields(&read),
            "notes": read.notes,
        });
        let facts = table::facts([
            ("read", Some(table::count(read.annotations, "annotation"))),
            ("taken", Some(format!("{} for {}", table::count(written, "annotation"), table::count(items, "item")))),
            ("tasks", Some(tasks.join(", ")).filter(|tasks| !tasks.is_empty())),
            ("new classes", (added > 0).then(|| added.to_string())),
        ]);
        let answer = Answer::new(read.documents, fields).say(format_line(found));
        Ok(answer.say(facts).say(lost_table(lost)))
    }
}
