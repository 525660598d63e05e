//! Where a report goes: an HTML page, or the result as a table.

use std::path::{Path, PathBuf};

use super::files;
use crate::clean::report::{About, Language};
use crate::data::{Frame, write};
use crate::engine::{Error, Result, Work};

/// The options of commands that can write a report.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ReportTo {
    /// Write a report: .html, or the results as a table: .csv, .parquet, .jsonl, …
    #[arg(long = "output", short = 'o', value_name = "REPORT.html")]
    path: Option<PathBuf>,
    /// The language of the report
    #[arg(long, value_name = "en|ko", default_value = "en", value_parser = ["en", "ko"])]
    language: String,
}

impl ReportTo {
    /// The file, if one is asked for.
    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Checks the name before the work is done.
    pub(super) fn check(&self) -> Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        if !is_html(path) {
            return files::check_result(path, false).map_err(|error| {
                let more = error.advice().filter(|help| help.contains("ends in")).map(|help| format!("{help}, .html"));
                match more {
                    Some(help) => error.help(help),
                    None => error,
                }
            });
        }
        match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) if !folder.is_dir() => Err(Error::input("there is no such folder to write to")
                .at(folder.display())
                .help("make the folder first, or write elsewhere")),
            _ => Ok(()),
        }
    }

    /// Writes what is asked for.
    pub(super) fn write(
        &self,
        work: &Work,
        html: impl FnOnce() -> Result<String>,
        table: impl FnOnce() -> Frame,
    ) -> Result<()> {
        match &self.path {
            Some(path) if is_html(path) => crate::engine::files::write_text(path, &html()?),
            Some(path) => write::write_frame(path, &table(), work),
            None => Ok(()),
        }
    }

    /// What the report on a file is about. The file's name is all of its path that a report tells.
    pub(super) fn about(&self, path: &Path, frame: &Frame) -> Result<About> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let language = Language::from_code(&self.language)?;
        Ok(About { name, rows: frame.rows(), columns: frame.columns().len(), language })
    }
}

fn is_html(path: &Path) -> bool {
    matches!(files::ending(path).as_str(), "html" | "htm")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_pages_or_tables() {
        let check = |path: &str, expected: Option<&str>| {
            let to = ReportTo { path: Some(path.into()), language: "en".into() };
            let found = to.check().err();
            assert_eq!(found.is_some(), expected.is_some(), "{path}");
            let advice = found.and_then(|error| error.advice().map(str::to_owned)).unwrap_or_default();
            assert!(advice.contains(expected.unwrap_or_default()), "{path}: {advice}");
        };
        check("a.html", None);
        check("a.HTM", None);
        check("a.csv", None);
        check("a.pdf", Some(".html"));
        check("no/such/folder/a.html", Some("make the folder"));
    }
}
