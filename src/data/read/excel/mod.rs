//! Workbooks: Excel (.xlsx, .xlsm, .xlsb, .xls) and OpenDocument (.ods). One sheet becomes the table: the one the
//! options name, else the one with most rows.

mod book;
mod table;
#[cfg(test)]
mod tests;
mod zip;

use self::book::{Book, Sheet};
use super::arrow::guarded;
use super::{Format, ReadOptions, Source};
use crate::data::{Frame, ReadReport};
use crate::engine::{Error, Result, Work};

/// The most bytes that a workbook may take once it is unpacked.
const MOST_UNPACKED: u64 = 4 << 30;

/// Workbooks.
pub(super) struct Excel;

impl Format for Excel {
    fn name(&self) -> &'static str {
        "excel"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["xlsx", "xlsm", "xlsb", "xls", "ods"]
    }

    fn read(&self, source: &Source, options: &ReadOptions, work: &Work) -> Result<(Frame, ReadReport)> {
        if source.size() == 0 {
            return Err(Error::input("the file is empty"));
        }
        if let Some(unpacked) = zip::unpacked(source)?.filter(|unpacked| *unpacked > MOST_UNPACKED) {
            return Err(Error::input(format!("the workbook unpacks to {} MB", unpacked >> 20))
                .help("save the sheet as CSV; a workbook of this size cannot be read"));
        }
        work.stage("opening the workbook", 0);
        let (sheet, mut notes) = guarded("Excel", || choose(&mut Book::open(source)?, options, work))?;
        let (frame, more) = table::frame(sheet, options, work)?;
        notes.extend(more);
        Ok((frame, ReadReport { format: self.name().to_owned(), notes }))
    }
}

/// The sheet that is wanted, and notes on the others.
fn choose(book: &mut Book, options: &ReadOptions, work: &Work) -> Result<(Sheet, Vec<String>)> {
    let names = book.names();
    if let Some(wanted) = &options.sheet {
        if !names.contains(wanted) {
            return Err(Error::input("the workbook has no such sheet")
                .at(wanted)
                .help(format!("its sheets are: {}", names.join(", "))));
        }
        return Ok((book.sheet(wanted, work)?, Vec::new()));
    }
    let mut best: Option<(Sheet, usize)> = None;
    let mut counts = Vec::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        let sheet = book.sheet(name, work)?;
        let rows = sheet.rows();
        counts.push(rows);
        if best.as_ref().is_none_or(|(best, _)| rows > best.rows()) {
            best = Some((sheet, at));
        }
    }
    let Some((sheet, chosen)) = best.filter(|(sheet, _)| sheet.rows() > 0) else {
        return Err(Error::input("the workbook holds no cells"));
    };
    let others = names.iter().zip(&counts).enumerate().filter(|(at, _)| *at != chosen);
    let others: Vec<String> = others.map(|(_, (name, rows))| format!("{name} ({rows} rows)")).collect();
    let mut notes = Vec::new();
    if !others.is_empty() {
        let name = names.get(chosen).map_or("", String::as_str);
        notes.push(format!("the sheet {name} was read, which has most rows; not read: {}", others.join(", ")));
    }
    Ok((sheet, notes))
}
