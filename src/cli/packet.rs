//! `packet`: work to take to another machine, and back.

use std::path::PathBuf;

use serde_json::json;

use super::answer::Answer;
use super::{CommandLine, Context, table};
use crate::engine::{Error, Result};
use crate::label::{State, class_state};
use crate::session::{Assignment, Session, merge_packet, packets_out, unpack};

/// Take work to another machine, and bring it back
#[derive(Debug, clap::Args)]
pub(super) struct Packet {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Write items, media, schema and guidelines into one file for each annotator
    Out(Out),
    /// Bring back what was labelled elsewhere: nothing is overwritten, the same packet twice changes nothing
    In(In),
    /// Make a project of a packet, to label it here
    Open(Open),
}

#[derive(Debug, clap::Args)]
struct Out {
    /// The project folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The file to write [default: NAME.packet in the current folder]
    #[arg(long = "output", short = 'o', value_name = "FILE")]
    output: Option<PathBuf>,
    /// For whom: one file each
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    to: Vec<String>,
    /// Who gets which items: all, split, or overlap:K for K annotators an item
    #[arg(long, value_name = "HOW", default_value = "all")]
    assign: String,
    /// Which rows: all, open (without a label), or labelled
    #[arg(long, value_name = "ROWS", default_value = "all", value_parser = ["all", "open", "labelled"])]
    rows: String,
    /// Leave out what was said so far: the default where the packet is for somebody
    #[arg(long)]
    blank: bool,
}

#[derive(Debug, clap::Args)]
struct In {
    /// The project folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The packets
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct Open {
    /// The packet
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The project folder to make
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl CommandLine for Packet {
    const NAME: &'static str = "packet";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        match self.what {
            What::Out(out) => out.run(context),
            What::In(into) => into.run(context),
            What::Open(open) => open.run(context),
        }
    }
}

/// `all`, `split` or `overlap:K`.
fn assignment(text: &str) -> Result<Assignment> {
    let wrong =
        || Error::input("the assignment is not known").at(text).help("use all, split or overlap:K, such as overlap:2");
    match text {
        "all" => Ok(Assignment::All),
        "split" => Ok(Assignment::Split),
        other => {
            let copies = other.strip_prefix("overlap:").and_then(|copies| copies.parse().ok());
            copies.filter(|copies| *copies > 0).map(Assignment::Overlap).ok_or_else(wrong)
        }
    }
}

impl Out {
    fn run(self, context: &Context<'_>) -> Result<Answer> {
        let assignment = assignment(&self.assign)?;
        let session = Session::open(&self.folder, context.work)?;
        let annotations = session.annotations();
        let wanted = |row: &u32| match self.rows.as_str() {
            "open" => class_state(*row, annotations) == State::Open,
            "labelled" => class_state(*row, annotations) == State::Labelled,
            _ => true,
        };
        let rows: Vec<u32> = (0..session.dataset().rows() as u32).filter(wanted).collect();
        let path = self.output.unwrap_or_else(|| PathBuf::from(format!("{}.packet", session.project().config.name)));
        // Somebody who is asked should not see what others answered.
        let said = !self.blank && self.to.is_empty();
        let out = packets_out(&session, &rows, &self.to, assignment, said, &path, context.work)?;
        let paths: Vec<String> = out.paths.iter().map(|path| path.display().to_string()).collect();
        let fields = json!({
            "items": out.items,
            "annotations": out.annotations,
            "media_missing": out.media_missing,
            "outputs": paths,
        });
        Ok(Answer::new(rows.len(), fields).say(table::facts([
            ("written", Some(paths.join(", "))),
            ("items", Some(out.items.to_string())),
            ("annotations", (out.annotations > 0).then(|| out.annotations.to_string())),
            ("media missing", (out.media_missing > 0).then(|| out.media_missing.to_string())),
        ])))
    }
}

impl In {
    fn run(self, context: &Context<'_>) -> Result<Answer> {
        /// Items that are listed at most.
        const LISTED: usize = 20;
        let mut session = Session::open(&self.folder, context.work)?;
        let (mut merged, mut removed, mut known, mut unknown) = (0, 0, 0, 0);
        let (mut annotators, mut conflicts) = (Vec::new(), Vec::new());
        for file in &self.files {
            let one = merge_packet(&mut session, file, context.work)?;
            (merged, removed) = (merged + one.merged, removed + one.removed);
            (known, unknown) = (known + one.known, unknown + one.unknown);
            annotators.extend(one.annotators);
            conflicts = one.conflicts;
        }
        annotators.sort();
        annotators.dedup();
        let listed: Vec<String> = conflicts.iter().take(LISTED).map(ToString::to_string).collect();
        let fields = json!({
            "items": session.dataset().rows(),
            "annotations": merged,
            "merged": merged,
            "removed": removed,
            "known": known,
            "unknown_items": unknown,
            "annotators": annotators,
            "conflicts": conflicts.len(),
            "conflicting_items": listed,
        });
        Ok(Answer::new(session.dataset().rows(), fields).say(table::facts([
            ("merged", Some(table::count(merged, "annotation"))),
            ("taken back", (removed > 0).then(|| removed.to_string())),
            ("known already", (known > 0).then(|| table::count(known, "item"))),
            ("not in this project", (unknown > 0).then(|| table::count(unknown, "item"))),
            ("annotators", Some(annotators.join(", ")).filter(|names| !names.is_empty())),
            ("seen differently", Some(table::count(conflicts.len(), "item"))),
        ])))
    }
}

impl Open {
    fn run(self, context: &Context<'_>) -> Result<Answer> {
        let items = unpack(&self.file, &self.folder, context.work)?;
        let project = self.folder.canonicalize().unwrap_or(self.folder);
        let fields = json!({ "items": items, "project": project.display().to_string() });
        Ok(Answer::new(items, fields)
            .say(table::facts([("project", Some(project.display().to_string())), ("items", Some(items.to_string()))])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_are_read() {
        let check = |text: &str, expected| assert_eq!(assignment(text).ok(), expected, "{text}");
        check("all", Some(Assignment::All));
        check("split", Some(Assignment::Split));
        check("overlap:3", Some(Assignment::Overlap(3)));
        check("overlap:0", None);
        check("overlap", None);
        check("some", None);
    }
}
