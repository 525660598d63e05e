//! `new`: makes a project folder.

use std::path::PathBuf;

use serde_json::json;

use super::answer::Answer;
use super::table::{self, Table};
use super::{CommandLine, Context};
use crate::engine::Result;
use crate::session::{Choice, Proposal, create_project};

/// Make a project folder for a data file or a folder of images, sounds or texts
#[derive(Debug, clap::Args)]
pub(super) struct New {
    /// The folder to make
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The data: a file, or a folder of images, sounds, texts or tables
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// The column of text to label
    #[arg(long, value_name = "COL", conflicts_with = "image")]
    text: Option<String>,
    /// The column of image paths to label
    #[arg(long, value_name = "COL")]
    image: Option<String>,
    /// The column of paths of sounds to label
    #[arg(long, value_name = "COL", conflicts_with_all = ["text", "image"])]
    audio: Option<String>,
    /// The column of labels that came with the data and may be wrong
    #[arg(long, value_name = "COL")]
    label: Option<String>,
    /// The column of known right labels, used only to judge
    #[arg(long, value_name = "COL")]
    gold: Option<String>,
    /// The column that names items
    #[arg(long, value_name = "COL")]
    id: Option<String>,
    /// The classes in order; those in the label or gold column, sorted, if not given
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    classes: Vec<String>,
    /// The language of the data
    #[arg(long, value_name = "LANG", value_parser = ["ko", "en"])]
    language: Option<String>,
}

impl CommandLine for New {
    const NAME: &'static str = "new";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        let proposal = Proposal::for_data(&self.data, context.work)?;
        let mut choice = Choice {
            text: self.text,
            image: self.image,
            audio: self.audio,
            label: self.label,
            gold: self.gold,
            id: self.id,
            classes: self.classes,
            language: self.language,
        };
        // What is to be labelled is guessed as the window's form does; what a label means is for the person to say.
        if choice.text.is_none() && choice.image.is_none() && choice.audio.is_none() {
            let Choice { text, image, audio, .. } = proposal.choice;
            (choice.text, choice.image, choice.audio) = (text, image, audio);
        }
        let (columns, classes) = create_project(&self.folder, &self.data, &choice, &[], context.work)?;
        let project = self.folder.canonicalize().unwrap_or(self.folder);
        let mut listed = Table::new(["column", "type", "example"]);
        for column in &columns {
            listed.row([column.name.clone(), column.kind.name().to_owned(), column.example.clone()]);
        }
        let summary = table::facts([
            ("project", Some(project.display().to_string())),
            ("rows", Some(proposal.rows.to_string())),
            ("text", choice.text.clone()),
            ("image", choice.image.clone()),
            ("audio", choice.audio.clone()),
            ("classes", Some(classes.names().join(", ")).filter(|names| !names.is_empty())),
        ]);
        let fields = json!({
            "project": project.display().to_string(),
            "columns": columns,
            "classes": classes.names(),
            "text": choice.text,
            "image": choice.image,
            "audio": choice.audio,
        });
        Ok(Answer::new(proposal.rows, fields).say(summary).say(format!("\n{}", listed.render())))
    }
}
