//! PySpark jobs that apply a project's labelling functions to a Parquet of any size.
//!
//! In: the functions' files, what they need of the data, and their conditions translated to Python. Out: a folder with
//! the files as they are, a job that writes votes and pattern counts, and one that takes fitted labels back to the rows.

use std::path::Path;

use serde_json::json;

use crate::data::filter::python_text;
use crate::engine::{Error, Result, files};
use crate::weak::python::{MODULE, MODULE_NAME};

/// A column as the jobs must know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobColumn {
    /// Its name.
    pub name: String,
    /// "text", "int", "float", "bool" or "time".
    pub kind: &'static str,
    /// Whether a function cannot do without it.
    pub needed: bool,
}

/// A condition of `where(…)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobCondition {
    /// Its source in the filter language.
    pub source: String,
    /// A Python function `condition_N(values, at)`, N its position, with its constants.
    pub python: String,
}

/// What the jobs are made from.
#[derive(Debug, Clone, Default)]
pub struct SparkJobs {
    /// The project's name.
    pub project: String,
    /// The classes in the order of votes.
    pub classes: Vec<String>,
    /// The column that functions see as `x.text`.
    pub text: Option<String>,
    /// The column that names items.
    pub id: Option<String>,
    /// The columns that functions may read.
    pub columns: Vec<JobColumn>,
    /// The functions in the order of their votes: name and file.
    pub functions: Vec<(String, String)>,
    /// The files of functions: name and text.
    pub sources: Vec<(String, String)>,
    /// The lists of words that functions may name: name and words.
    pub lists: Vec<(String, Vec<String>)>,
    /// The conditions.
    pub conditions: Vec<JobCondition>,
}

/// The name of the Python function of a condition.
pub fn condition_name(position: usize) -> String {
    format!("condition_{position}")
}

impl SparkJobs {
    /// Writes the jobs into a folder, which is made if it is not there, and returns the files' names in it.
    ///
    /// # Errors
    /// If there are no functions, or the disk does not allow it.
    pub fn write(&self, folder: &Path) -> Result<Vec<String>> {
        if self.functions.is_empty() {
            return Err(Error::input("the project has no labelling function that can run")
                .help("write one in lfs/, and try it with lapidary lf-stats"));
        }
        let lfs = folder.join("lfs");
        std::fs::create_dir_all(&lfs).map_err(|source| Error::io("cannot make the folder", &lfs, &source))?;
        let mut written = Vec::new();
        for (name, text) in self.files() {
            files::write_text(&folder.join(&name), &text)?;
            written.push(name);
        }
        Ok(written)
    }

    fn files(&self) -> Vec<(String, String)> {
        let mut files = vec![
            ("vote.py".to_owned(), include_str!("vote.py").to_owned()),
            ("join.py".to_owned(), include_str!("join.py").to_owned()),
            (MODULE_NAME.to_owned(), MODULE.to_owned()),
            ("plan.json".to_owned(), self.plan()),
            ("conditions.py".to_owned(), self.python()),
        ];
        files.extend(self.sources.iter().map(|(name, text)| (format!("lfs/{name}"), text.clone())));
        files
    }

    /// What the jobs read: `plan.json`.
    pub fn plan(&self) -> String {
        let columns = self.columns.iter();
        let columns: Vec<_> =
            columns.map(|column| json!({"name": column.name, "type": column.kind, "needed": column.needed})).collect();
        let functions: Vec<_> = self.functions.iter().map(|(name, file)| json!({"name": name, "file": file})).collect();
        let files: Vec<&String> = self.sources.iter().map(|(name, _)| name).collect();
        let lists: serde_json::Map<_, _> =
            self.lists.iter().map(|(name, words)| (name.clone(), json!(words))).collect();
        let plan = json!({
            "project": self.project,
            "classes": self.classes,
            "text": self.text,
            "id": self.id,
            "columns": columns,
            "functions": functions,
            "files": files,
            "lists": lists,
        });
        format!("{plan:#}\n")
    }

    /// The conditions as Python: `conditions.py`.
    pub fn python(&self) -> String {
        let mut source = "# The conditions of where(…), translated from the filter language.\n".to_owned();
        for (at, condition) in self.conditions.iter().enumerate() {
            let about = condition.source.replace(['\n', '\r'], " ");
            source.push_str(&format!("\n# {about}\n{}", condition.python));
            let key = python_text(&condition.source);
            source.push_str(&format!("CONDITIONS[{key}] = {}\n", condition_name(at)));
        }
        source
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_names_what_the_jobs_need() {
        let jobs = SparkJobs {
            project: "nsmc".into(),
            classes: vec!["neg".into(), "pos".into()],
            text: Some("document".into()),
            columns: vec![JobColumn { name: "document".into(), kind: "text", needed: true }],
            functions: vec![("lf_a".into(), "a.py".into())],
            sources: vec![("a.py".into(), "lf_a = where('pos', 'x\n> 1')\n".into())],
            conditions: vec![JobCondition { source: "x\n> 1".into(), python: "def condition_0(values, at):\n".into() }],
            ..SparkJobs::default()
        };
        let folder = tempfile::tempdir().unwrap();
        let written = jobs.write(&folder.path().join("jobs")).unwrap();
        assert_eq!(written, ["vote.py", "join.py", "lapidary_lfs.py", "plan.json", "conditions.py", "lfs/a.py"]);
        let plan: serde_json::Value = serde_json::from_str(&jobs.plan()).unwrap();
        assert_eq!(plan["functions"][0]["file"], "a.py");
        assert!(jobs.python().contains("# x > 1\ndef condition_0"), "{}", jobs.python());
        assert!(jobs.python().contains("CONDITIONS[\"x\\U0000000a> 1\"] = condition_0"), "{}", jobs.python());
        assert!(SparkJobs::default().write(folder.path()).is_err());
    }
}
