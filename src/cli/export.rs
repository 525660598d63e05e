//! `export`: a project's annotations as a file.

use std::path::PathBuf;

use serde_json::json;

use super::answer::Answer;
use super::convert::{Told, lost_fields, lost_table};
use super::{CommandLine, Context, files, table};
use crate::data::annotations::{self, Documents, Losses, Mark};
use crate::data::{Frame, write};
use crate::deliver::{FinalLabels, Flags, Scope, export_frame, splits};
use crate::engine::{Error, Result};
use crate::label::LABEL;
use crate::session::Session;

/// Under which annotations of items that the source no longer has are counted.
const VANISHED: &str = "items no longer in the data";

/// Write a project's annotations to a file
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// The project folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The format: csv, jsonl, parquet, or one of those of `convert`
    #[arg(long, value_name = "FORMAT")]
    format: String,
    /// The file to write
    #[arg(long = "output", short = 'o', value_name = "PATH")]
    output: PathBuf,
    /// Which rows: with a label and not excluded, not excluded, or all
    #[arg(long, value_name = "ROWS", default_value = "labelled", value_parser = ["labelled", "kept", "all"])]
    rows: String,
    #[command(flatten)]
    told: Told,
    /// Write nothing if anything would be lost
    #[arg(long)]
    strict: bool,
}

impl CommandLine for Export {
    const NAME: &'static str = "export";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        if !["csv", "jsonl", "parquet"].contains(&self.format.as_str()) {
            return self.as_annotations(context);
        }
        files::check_result(&self.output, false)?;
        if files::ending(&self.output) != self.format {
            return Err(Error::input("the name does not end as the format does")
                .at(self.output.display())
                .help(format!("use a name that ends in .{}", self.format)));
        }
        let session = Session::open(&self.folder, context.work)?;
        let (dataset, annotations) = (session.dataset(), session.annotations());
        let scope = match self.rows.as_str() {
            "kept" => Scope::Kept,
            "all" => Scope::All,
            _ => Scope::Labelled,
        };
        let given = session.given().map(|given| given.as_slice());
        let labels = FinalLabels::resolve(annotations.labels(), given, None, None, session.classes().len());
        let (rows, excluded) = (dataset.rows(), annotations.excluded());
        if self.strict {
            // Rows that are left out as asked are no loss.
            let mut lost = Losses::default();
            lost.add_many(VANISHED, annotations.orphans());
            lost.refuse()?;
        }
        let leader: Vec<u32> = (0..rows as u32).collect();
        let split = splits(dataset.ids.all(), &leader, session.project().config.settings.seed);
        let unknown = vec![false; rows];
        let flags = Flags { excluded, label_error: &unknown, duplicate: &unknown, split: &split };
        let tasks = session.task_columns();
        let (frame, written) = export_frame(dataset, session.class_names(), &labels, flags, &tasks, scope)?;
        // Nobody has looked for errors and duplicates here, so nothing is claimed of them.
        let claimed = |name: &str| name != "flag_label_error" && name != "flag_duplicate";
        let columns = frame.columns().iter().filter(|column| claimed(column.name())).cloned().collect();
        write::write_frame(&self.output, &Frame::new(columns), context.work)?;

        let out = if scope == Scope::All { 0 } else { excluded.iter().filter(|&&out| out).count() };
        let unlabelled = rows - written.len() - out;
        let lost = [("excluded", out), ("without a label", unlabelled), (VANISHED, annotations.orphans())];
        let lost: Vec<_> = lost.into_iter().filter(|(_, count)| *count > 0).collect();
        let fields = json!({
            "read": rows,
            "written": written.len(),
            "lost": lost.iter().map(|(kind, count)| json!({"kind": kind, "count": count})).collect::<Vec<_>>(),
            "outputs": [self.output.display().to_string()],
        });
        let left: Vec<_> = lost.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        Ok(Answer::new(rows, fields).say(table::facts([
            ("written", Some(format!("{}: {}", table::count(written.len(), "row"), self.output.display()))),
            ("left out", Some(left.join(", ")).filter(|left| !left.is_empty())),
        ])))
    }
}

/// Says of each class who gave it.
fn name_annotators(session: &Session, documents: &mut Documents) {
    let marks = session.project().ledger.marks();
    for document in &mut documents.documents {
        let mark = document.id.parse().ok().and_then(|item| marks.get(LABEL, item));
        let class = document.annotations.iter_mut().find(|annotation| matches!(annotation.mark, Mark::Class));
        if let (Some(mark), Some(class)) = (mark, class) {
            class.info_mut().annotator.clone_from(&mark.annotator);
        }
    }
}

impl Export {
    /// In a format of other tools.
    fn as_annotations(&self, context: &Context<'_>) -> Result<Answer> {
        let format = annotations::format(&self.format)?;
        let session = Session::open(&self.folder, context.work)?;
        let mut documents = session.documents_basis()?.documents(self.rows != "labelled", context.work)?;
        name_annotators(&session, &mut documents);
        let mut options = self.told.writing();
        options.media.get_or_insert_with(|| session.dataset().root.clone());
        let output = annotations::prepare(&self.output, &documents, format, &options, context.work)?;
        let mut lost = output.report().lost.clone();
        lost.add_many(VANISHED, session.orphan_count());
        if self.strict {
            lost.refuse()?;
        }
        let written = output.save(context.work)?;
        let rows = session.dataset().rows();
        let fields = json!({
            "read": rows,
            "written": written.annotations,
            "lost": lost_fields(&lost),
            "outputs": [self.output.display().to_string()],
        });
        let line = format!("{}: {}", table::count(written.annotations, "annotation"), self.output.display());
        Ok(Answer::new(rows, fields).say(table::facts([("written", Some(line))])).say(lost_table(&lost)))
    }
}
