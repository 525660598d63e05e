//! `image-issues`: images that are dark, light, blurred, odd, empty, without colour, or that cannot be read.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::files::{self, Output};
use super::table::{self, Table, percent};
use super::{CommandLine, Context};
use crate::clean::image_issues::{ImageIssue, ImageIssues as Found};
use crate::data::{Column, Frame, Kind};
use crate::engine::{Error, Result};

/// The most unreadable images that are listed with the reason.
const LISTED: usize = 100;

/// Find images that are dark, light, blurred, of odd size or shape, empty, without colour or unreadable
#[derive(Debug, clap::Args)]
pub(super) struct ImageIssues {
    /// A folder of images, or a file with --image
    #[arg(value_name = "FOLDER|FILE")]
    source: PathBuf,
    /// Look at the images whose paths stand in this column
    #[arg(long, value_name = "COL")]
    image: Option<String>,
    /// Score and flag exactly as CleanVision does
    #[arg(long)]
    compatible: bool,
    #[command(flatten)]
    output: Output,
}

impl CommandLine for ImageIssues {
    const NAME: &'static str = "image-issues";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        self.output.check()?;
        let reading = files::read_table(&self.source, context)?;
        let frame = &reading.frame;
        let column = match &self.image {
            Some(name) => files::column(frame, name, &self.source)?,
            None => frame.columns().iter().find(|column| column.kind() == Kind::Image).ok_or_else(|| {
                Error::input("there are no images").at(self.source.display()).help("name a folder of images")
            })?,
        };
        let found = Found::find(&reading.root, column, self.compatible, context.work)?;
        let ids = self.output.ids(frame)?;
        self.output.write(context.work, || rows(&found, column, ids))?;
        let name = |row: u32| column.show(row as usize).unwrap_or_default().into_owned();
        let unreadable: Vec<Value> = found
            .unreadable
            .iter()
            .take(LISTED)
            .map(|(row, reason)| json!({ "path": name(*row), "reason": reason }))
            .collect();
        let counts = ImageIssue::ALL.map(|issue| (issue.name().to_owned(), json!(found.count(issue))));
        let common: Vec<&str> =
            ImageIssue::ALL.into_iter().filter(|&issue| found.is_common(issue)).map(ImageIssue::name).collect();
        let fields = json!({
            "issues": Map::from_iter(counts),
            "common": common,
            "unreadable": unreadable,
            "compatible": self.compatible,
        });
        Ok(Answer::new(found.rows(), fields).say(overview(&found, &name)).say(traits(&common)))
    }
}

/// One row an image: its path, and flag and score of every kind.
fn rows(found: &Found, column: &Arc<Column>, ids: Option<&Arc<Column>>) -> Frame {
    let paths = (0..found.rows()).map(|row| column.show(row)).collect();
    let mut columns = vec![Arc::new(Column::text("path", Kind::Text, paths))];
    if let Some(ids) = ids {
        let shown = (0..found.rows()).map(|row| ids.show(row)).collect();
        columns.push(Arc::new(Column::text("id", Kind::Text, shown)));
    }
    for issue in ImageIssue::ALL {
        let flags = (0..found.rows()).map(|row| found.has(issue, row));
        columns.push(files::flag_column(&format!("is_{}", issue.name()), flags));
        let scores = found.scores(issue).iter().map(|score| score.unwrap_or(f64::NAN));
        columns.push(files::number_column(&format!("{}_score", issue.name()), scores));
    }
    Frame::new(columns)
}

/// How many images have which issue, and the worst of each.
fn overview(found: &Found, name: &dyn Fn(u32) -> String) -> String {
    let mut table = Table::new(["issue", "images", "share", "worst"]);
    for issue in ImageIssue::ALL {
        let worst = found.worst(issue);
        let share = worst.len() as f64 / found.rows().max(1) as f64;
        let shown: Vec<String> = worst.iter().take(2).map(|&row| name(row)).collect();
        table.row([issue.name().to_owned(), worst.len().to_string(), percent(share), shown.join(", ")]);
    }
    format!("{}\n\n{}", table::count(found.rows(), "image"), table.render())
}

fn traits(common: &[&str]) -> String {
    if common.is_empty() {
        return String::new();
    }
    format!("\n{}: so many images that it is a trait of the set rather than a fault", common.join(", "))
}
