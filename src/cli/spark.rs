//! `spark`: writes the jobs that apply a project's functions to data of any size.

use std::path::PathBuf;

use serde_json::json;

use super::answer::Answer;
use super::table;
use super::{CommandLine, Context};
use crate::engine::Result;
use crate::session::{Session, spark_jobs};

/// Write PySpark jobs that apply a project's functions, unchanged, to a Parquet of any size
#[derive(Debug, clap::Args)]
pub(super) struct Spark {
    /// The project folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The folder to write the jobs to
    #[arg(long = "output", short = 'o', value_name = "JOBS")]
    output: PathBuf,
}

impl CommandLine for Spark {
    const NAME: &'static str = "spark";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        let session = Session::open(&self.folder, context.work)?;
        let jobs = spark_jobs(&session, context.work)?;
        let outputs = jobs.write(&self.output)?;
        let functions: Vec<&String> = jobs.functions.iter().map(|(name, _)| name).collect();
        let fields = json!({
            "folder": self.output.display().to_string(),
            "outputs": outputs,
            "classes": jobs.classes,
            "functions": functions,
        });
        let summary = table::facts([
            ("functions", Some(functions.len().to_string())),
            ("classes", Some(jobs.classes.join(", "))),
            ("jobs", Some(self.output.display().to_string())),
        ]);
        let shown = self.output.display();
        let next = format!(
            "\nspark-submit {shown}/vote.py DATA.parquet OUT\nlapidary label-model OUT/patterns --counts count --classes {} -o labels.parquet\nspark-submit {shown}/join.py OUT/votes labels.parquet LABELLED",
            jobs.classes.join(",")
        );
        Ok(Answer::new(session.dataset().rows(), fields).say(summary).say(next))
    }
}
