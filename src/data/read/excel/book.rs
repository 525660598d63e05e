//! The cells of a workbook's sheets, whatever format it is in.
//!
//! Cells are gathered one by one where the format allows it: a sheet of two cells in opposite corners declares
//! seventeen thousand million, which must not be allocated.

use std::fs::File;
use std::io::BufReader;

use calamine::{Data, Dimensions, Ods, Range, Reader as _, SheetType, Sheets, Xls, Xlsb, Xlsx};

use crate::data::read::Source;
use crate::data::read::arrow::damaged;
use crate::engine::{Error, Result, Work, files};

/// More cells than this are refused: they would need several gigabytes before they are a table.
const MOST_CELLS: usize = 60_000_000;

/// A workbook.
pub(super) struct Book(Sheets<BufReader<File>>);

/// A cell that holds something.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    /// From 0.
    pub(super) row: u32,
    /// From 0.
    pub(super) column: u32,
    pub(super) value: Data,
}

/// The cells of a sheet that hold something, by row and column, and the regions that are merged into one cell.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) cells: Vec<Cell>,
    pub(super) merged: Vec<Dimensions>,
}

impl Sheet {
    /// The number of rows with something in them.
    pub(super) fn rows(&self) -> usize {
        self.cells.chunk_by(|one, two| one.row == two.row).count()
    }

    fn push(&mut self, (row, column): (u32, u32), value: Data) -> Result<()> {
        if matches!(&value, Data::Empty) || matches!(&value, Data::String(text) if text.is_empty()) {
            return Ok(());
        }
        if self.cells.len() >= MOST_CELLS {
            return Err(Error::input(format!("the sheet holds more than {MOST_CELLS} cells"))
                .help("save it as CSV, which is read without that limit"));
        }
        self.cells.push(Cell { row, column, value });
        Ok(())
    }
}

impl Book {
    /// Opens a workbook; what it is is told by its content where the name is wrong.
    pub(super) fn open(source: &Source) -> Result<Self> {
        let ending = files::ending(source.path());
        let file = || source.file().map(|file| BufReader::with_capacity(1 << 16, file));
        let head = source.head(4)?;
        let book = match (head.as_slice(), ending.as_deref()) {
            // Encrypted workbooks of the newer formats look like old ones from outside.
            ([0xD0, 0xCF, 0x11, 0xE0], Some("xls") | None) => Sheets::Xls(Xls::new(file()?).map_err(broken)?),
            ([0xD0, 0xCF, 0x11, 0xE0], _) => match Xls::new(file()?) {
                Ok(book) => Sheets::Xls(book),
                Err(_) => Sheets::Xlsx(Xlsx::new(file()?).map_err(broken)?),
            },
            ([b'P', b'K', 3, 4], Some("ods")) => Sheets::Ods(Ods::new(file()?).map_err(broken)?),
            ([b'P', b'K', 3, 4], Some("xlsb")) => Sheets::Xlsb(Xlsb::new(file()?).map_err(broken)?),
            ([b'P', b'K', 3, 4], _) => Sheets::Xlsx(Xlsx::new(file()?).map_err(broken)?),
            _ => {
                return Err(Error::input("the file is not a workbook, whatever its name says").help(
                    "some programs write text under this name: rename it so that it ends in .csv, or save it again",
                ));
            }
        };
        Ok(Self(book))
    }

    /// The names of the sheets that hold cells, in order.
    pub(super) fn names(&self) -> Vec<String> {
        let sheets = self.0.sheets_metadata().iter();
        sheets.filter(|sheet| sheet.typ == SheetType::WorkSheet).map(|sheet| sheet.name.clone()).collect()
    }

    /// The cells of a sheet.
    pub(super) fn sheet(&mut self, name: &str, work: &Work) -> Result<Sheet> {
        work.stage("reading cells", 0);
        let mut sheet = Sheet::default();
        match &mut self.0 {
            Sheets::Xlsx(book) => {
                sheet.merged = book.merge_cells_by_sheet_name(name).map_err(broken)?;
                let mut reader = book.worksheet_cells_reader(name).map_err(broken)?;
                while let Some(cell) = reader.next_cell().map_err(broken)? {
                    tick(&sheet, work)?;
                    sheet.push(cell.get_position(), cell.get_value().clone().into())?;
                }
            }
            Sheets::Xlsb(book) => {
                let mut reader = book.worksheet_cells_reader(name).map_err(broken)?;
                while let Some(cell) = reader.next_cell().map_err(broken)? {
                    tick(&sheet, work)?;
                    sheet.push(cell.get_position(), cell.get_value().clone().into())?;
                }
            }
            Sheets::Xls(book) => {
                sheet.merged = book.merge_cells_by_sheet_name(name).map_err(broken)?;
                take_range(&mut sheet, &book.worksheet_range(name).map_err(broken)?, work)?;
            }
            Sheets::Ods(book) => take_range(&mut sheet, &book.worksheet_range(name).map_err(broken)?, work)?,
        }
        if !sheet.cells.is_sorted_by_key(|cell| (cell.row, cell.column)) {
            sheet.cells.sort_by_key(|cell| (cell.row, cell.column));
        }
        Ok(sheet)
    }
}

fn take_range(sheet: &mut Sheet, range: &Range<Data>, work: &Work) -> Result<()> {
    let (top, left) = range.start().unwrap_or((0, 0));
    for (row, column, value) in range.used_cells() {
        tick(sheet, work)?;
        let place = |offset: usize, start: u32| u32::try_from(offset).unwrap_or(u32::MAX).saturating_add(start);
        sheet.push((place(row, top), place(column, left)), value.clone())?;
    }
    Ok(())
}

/// Looks whether the work was cancelled, every so many cells.
fn tick(sheet: &Sheet, work: &Work) -> Result<()> {
    if sheet.cells.len().is_multiple_of(8192) { work.check() } else { Ok(()) }
}

fn broken(error: impl std::fmt::Display) -> Error {
    let reason = error.to_string();
    if reason.to_ascii_lowercase().contains("password") {
        return Error::input("the workbook is protected by a password").help("save a copy without one");
    }
    damaged("Excel", reason)
}
