//! `convert`: annotations of one format as those of another, and what is lost on the way.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::answer::Answer;
use super::table::{self, Table};
use super::{CommandLine, Context};
use crate::data::annotations::{self, Found, Losses, Options, Report, Task, tags::Scheme};
use crate::engine::{Error, Result};

/// Convert annotations from one format to another; whatever is lost is named and counted
#[derive(Debug, clap::Args)]
pub(super) struct Convert {
    /// The annotations: a file, or a folder where the format is one
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// The file or folder to write
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// The format of IN [default: recognised]
    #[arg(long, value_name = "FORMAT")]
    from: Option<String>,
    /// The format of OUT
    #[arg(long, value_name = "FORMAT")]
    to: String,
    #[command(flatten)]
    told: Told,
    /// The column of labels in a table that is read
    #[arg(long, value_name = "COL")]
    label: Option<String>,
    /// Copy images and sounds beside OUT
    #[arg(long)]
    copy_media: bool,
    /// Write nothing if anything would be lost
    #[arg(long)]
    strict: bool,
}

/// What a person may say about files that do not say it themselves.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Told {
    /// The scheme of tags to write: iob1, iob2, bilou, bmes [default: iob2]
    #[arg(long, value_name = "SCHEME", value_parser = ["iob1", "iob2", "ioe2", "bilou", "bmes"])]
    scheme: Option<String>,
    /// What labels or lines are, where the format leaves it open (doccano, YOLO)
    #[arg(long, value_name = "TASK", value_parser = Task::NAMES)]
    task: Option<String>,
    /// The number of the first pixel in Pascal VOC [default: detected]
    #[arg(long, value_name = "0|1", value_parser = clap::value_parser!(u8).range(0..=1))]
    base: Option<u8>,
    /// The folder that holds the images or sounds
    #[arg(long, value_name = "DIR")]
    media: Option<PathBuf>,
}

impl Told {
    /// As options of a reader, which detects the scheme of tags by itself; `label` is the column of labels in a table.
    pub(super) fn reading(&self, label: Option<&str>) -> Options {
        Options { scheme: None, label: label.map(str::to_owned), ..self.writing() }
    }

    /// As options of a writer.
    pub(super) fn writing(&self) -> Options {
        Options {
            scheme: self.scheme.as_deref().and_then(Scheme::of),
            base: self.base,
            task: self.task.as_deref().and_then(Task::of),
            media: self.media.clone(),
            ..Options::default()
        }
    }
}

impl CommandLine for Convert {
    const NAME: &'static str = "convert";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        let to = annotations::format(&self.to)?;
        let from = annotations::choose(self.from.as_deref(), &self.input)?;
        if self.input == self.output {
            return Err(Error::input("the annotations would be written over themselves")
                .at(self.output.display())
                .help("name another file or folder"));
        }
        let (documents, read) =
            annotations::read(&self.input, from.format, &self.told.reading(self.label.as_deref()), context.work)?;
        let mut writing = self.told.writing();
        if writing.media.is_none() {
            // Sizes that the target needs are read from the images beside the source.
            let beside = if self.input.is_dir() { Some(self.input.as_path()) } else { self.input.parent() };
            writing.media = beside.filter(|folder| folder.is_dir()).map(PathBuf::from);
        }
        let output = annotations::prepare(&self.output, &documents, to, &writing, context.work)?;
        let mut lost = read.lost.clone();
        lost.merge(output.report().lost.clone());
        if self.strict {
            lost.refuse()?;
        }
        let written = output.save(context.work)?;
        let mut copied = None;
        if self.copy_media {
            let counts = annotations::copy_media(&documents, &self.input, &self.output, to, &writing, context.work)?;
            if counts.1 > 0 {
                context.work.warn(format!("{} images or sounds were not found and not copied", counts.1));
            }
            copied = Some(counts.0);
        }
        let fields = fields(from, to.name(), &read, &written, &lost, copied);
        let answer = Answer::new(read.documents, fields).say(format_line(from));
        Ok(answer.say(summary(&read, &written)).say(lost_table(&lost)))
    }
}

/// The format that was recognised, and why; nothing where it was named.
pub(super) fn format_line(found: Found) -> String {
    found.reason.map(|reason| format!("format: {} ({reason})", found.format.name())).unwrap_or_default()
}

/// Why a format was recognised, as a field.
pub(super) fn reason_field(found: Found) -> Value {
    found.reason.map_or(Value::Null, |reason| Value::from(reason.to_string()))
}

/// What was inferred, as fields: `what`, `value`.
pub(super) fn inferred_fields(report: &Report) -> Vec<Value> {
    report.inferred.iter().map(|(what, value)| json!({"what": what, "value": value})).collect()
}

fn fields(from: Found, to: &str, read: &Report, written: &Report, lost: &Losses, copied: Option<usize>) -> Value {
    json!({
        "from": from.format.name(),
        "from_reason": reason_field(from),
        "to": to,
        "read": read.annotations,
        "written": written.annotations,
        "documents_read": read.documents,
        "documents_written": written.documents,
        "lost": lost_fields(lost),
        "inferred": inferred_fields(read),
        "notes": read.notes.iter().chain(&written.notes).collect::<Vec<_>>(),
        "media_copied": copied,
    })
}

/// The losses as fields: `kind`, `count`, `examples`.
pub(super) fn lost_fields(lost: &Losses) -> Vec<Value> {
    lost.iter().map(|(code, loss)| json!({"kind": code, "count": loss.count, "examples": loss.examples})).collect()
}

fn summary(read: &Report, written: &Report) -> String {
    let count = |report: &Report| {
        format!("{} in {}", table::count(report.annotations, "annotation"), table::count(report.documents, "document"))
    };
    let mut lines = table::facts([("read", Some(count(read))), ("written", Some(count(written)))]);
    let inferred = read.inferred.iter().map(|(what, value)| format!("{what}: {value}\n"));
    let notes = read.notes.iter().chain(&written.notes).map(|note| format!("note: {note}\n"));
    lines.extend(inferred.chain(notes));
    lines
}

/// What was lost, for people.
pub(super) fn lost_table(lost: &Losses) -> String {
    if lost.is_empty() {
        return "nothing was lost".to_owned();
    }
    let mut shown = Table::new(["lost", "count", "for example"]);
    for (code, loss) in lost.iter() {
        shown.row([code.to_owned(), loss.count.to_string(), loss.examples.first().cloned().unwrap_or_default()]);
    }
    format!("\n{}", shown.render())
}
