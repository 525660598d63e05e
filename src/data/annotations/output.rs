//! What a writer has made, before any of it is on the disk: so that what is lost is known first, and nothing is left
//! behind where it is too much.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::holds::{Losses, Report};
use crate::data::{Frame, write};
use crate::engine::{Error, Result, Work, files};

/// The files that a writer has made, with its report. Nothing is on the disk until [`Output::save`].
#[derive(Debug, Default)]
pub struct Output {
    files: Vec<(PathBuf, Made)>,
    report: Report,
}

/// What a file is to hold.
#[derive(Debug)]
enum Made {
    Text(String),
    Table(Frame),
}

impl Output {
    /// No files yet.
    pub(super) fn new(report: Report) -> Self {
        Self { files: Vec::new(), report }
    }

    /// One file of text.
    pub(super) fn text(path: &Path, text: String, report: Report) -> Self {
        Self { files: vec![(path.to_owned(), Made::Text(text))], report }
    }

    /// One table; the path's ending names its format.
    pub(super) fn table(path: &Path, table: Frame, report: Report) -> Self {
        Self { files: vec![(path.to_owned(), Made::Table(table))], report }
    }

    /// A further file of text.
    pub(super) fn add(&mut self, path: PathBuf, text: String) {
        self.files.push((path, Made::Text(text)));
    }

    /// What was lost before the writer got it, in front of what it could not write itself.
    pub(super) fn lose_first(&mut self, mut lost: Losses) {
        lost.merge(std::mem::take(&mut self.report.lost));
        self.report.lost = lost;
    }

    /// The same with another report.
    pub(super) fn with_report(mut self, report: Report) -> Self {
        self.report = report;
        self
    }

    /// What is written, and what is lost.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Writes the files, each whole or not at all, and makes their folders.
    ///
    /// # Errors
    /// If a file cannot be written, or the work was cancelled.
    pub fn save(self, work: &Work) -> Result<Report> {
        work.stage("writing annotations", self.files.len() as u64);
        // Each file waits for the disk: many do so together.
        let save = |(path, made): &(PathBuf, Made)| {
            work.advance(1)?;
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder)
                    .map_err(|source| Error::io("cannot make the folder", folder, &source))?;
            }
            match made {
                Made::Text(text) => files::write_text(path, text),
                Made::Table(table) => write::write_frame(path, table, work),
            }
        };
        // The first in order that failed is told, whichever failed first.
        let saved: Vec<Result<()>> = self.files.par_iter().map(save).collect();
        saved.into_iter().collect::<Result<()>>()?;
        Ok(self.report)
    }
}
