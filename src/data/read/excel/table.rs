//! The cells of a sheet as a table: titles above it passed by, its header found, its columns typed.

use std::collections::HashMap;
use std::ops::Range;

use calamine::{Data, ExcelDateTime};

use super::book::{Cell, Sheet};
use crate::data::Frame;
use crate::data::read::ReadOptions;
use crate::data::read::cells::{Cells, Given, frame_of_columns};
use crate::data::read::csv::is_header;
use crate::data::read::infer::Type;
use crate::data::read::names::nameless;
use crate::engine::{Error, Result, Work};

/// Rows that detection looks at.
const SAMPLE: usize = 200;

/// The most rows above a header that are taken for titles.
const MOST_TITLES: usize = 20;

/// More places than this, filled or not, are no table.
const MOST_PLACES: usize = 300_000_000;

/// Whole numbers up to this size are exact in a sheet, whose numbers are all 64-bit floats.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A sheet by rows: those with something in them, and the columns with something in them.
struct Grid {
    sheet: Sheet,
    /// The cells of each row, as a range of the sheet's.
    rows: Vec<Range<usize>>,
}

/// Makes a frame of a sheet, and notes on what was assumed.
///
/// # Errors
/// If it holds no table, or one that is absurdly wide and empty; or if the work was cancelled.
pub(super) fn frame(mut sheet: Sheet, options: &ReadOptions, work: &Work) -> Result<(Frame, Vec<String>)> {
    let mut notes = Vec::new();
    let filled = fill_merged(&mut sheet, work)?;
    if filled > 0 {
        notes.push(format!("{filled} cells of merged regions were given the region's value"));
    }
    let mut grid = Grid::new(sheet);
    if grid.rows.is_empty() {
        return Err(Error::input("the sheet is empty"));
    }
    let titles = grid.titles();
    if titles > 0 {
        let text = grid.text_of(0..titles);
        notes.push(format!("{titles} rows above the table were left out: {text}"));
        grid.rows.drain(..titles);
    }
    let columns = grid.columns();
    if columns.len().saturating_mul(grid.rows.len()) > MOST_PLACES {
        let (rows, columns) = (grid.rows.len(), columns.len());
        return Err(Error::input(format!("the sheet has {rows} rows and {columns} columns, most of which are empty"))
            .help("remove what stands far away from the table"));
    }
    let (names, header) = grid.header(&columns, options.header, &mut notes);
    grid.rows.drain(..header);
    grid.rows.truncate(options.limit.unwrap_or(usize::MAX));
    let (frame, more) = grid.into_frame(&columns, names, &mut notes, work)?;
    notes.extend(more);
    Ok((frame, notes))
}

/// Gives the value of a region merged down several rows to the rows below its first, as far as these hold anything.
/// Returns how many cells were filled.
fn fill_merged(sheet: &mut Sheet, work: &Work) -> Result<usize> {
    if sheet.merged.iter().all(|region| region.start.0 >= region.end.0) {
        return Ok(0);
    }
    let rows = sheet.cells.chunk_by(|one, two| one.row == two.row);
    let rows: Vec<u32> = rows.filter_map(|row| row.first()).map(|cell| cell.row).collect();
    let wanted: HashMap<(u32, u32), usize> =
        sheet.merged.iter().enumerate().map(|(at, region)| (region.start, at)).collect();
    let values: Vec<(usize, Data)> = sheet
        .cells
        .iter()
        .filter_map(|cell| wanted.get(&(cell.row, cell.column)).map(|at| (*at, cell.value.clone())))
        .collect();
    let mut more = Vec::new();
    for (at, value) in values {
        work.check()?;
        let Some(region) = sheet.merged.get(at) else { continue };
        let first = rows.partition_point(|row| *row <= region.start.0);
        for row in rows.iter().skip(first).take_while(|row| **row <= region.end.0) {
            more.push(Cell { row: *row, column: region.start.1, value: value.clone() });
        }
        if more.len() > MOST_PLACES / 10 {
            return Err(Error::input("the sheet has merged regions without end").help("save it as CSV"));
        }
    }
    let count = more.len();
    // Regions cover nothing else, so that no cell comes twice; were it so, the one of the file stands last and wins.
    more.append(&mut sheet.cells);
    more.sort_by_key(|cell| (cell.row, cell.column));
    sheet.cells = more;
    Ok(count)
}

impl Grid {
    fn new(sheet: Sheet) -> Self {
        let mut rows = Vec::new();
        let mut start = 0;
        for row in sheet.cells.chunk_by(|one, two| one.row == two.row) {
            rows.push(start..start + row.len());
            start += row.len();
        }
        Self { sheet, rows }
    }

    fn row(&self, at: usize) -> &[Cell] {
        self.rows.get(at).and_then(|range| self.sheet.cells.get(range.clone())).unwrap_or_default()
    }

    /// The number of a row in the sheet, from 0.
    fn number(&self, at: usize) -> Option<u32> {
        self.row(at).first().map(|cell| cell.row)
    }

    /// How many rows stand above the table: those with far fewer cells than is usual, with a line left free below, or
    /// with one cell merged across the table.
    fn titles(&self) -> usize {
        let mut counts: Vec<usize> = (0..self.rows.len().min(SAMPLE)).map(|at| self.row(at).len()).collect();
        counts.sort_unstable();
        let usual = counts.get(counts.len() / 2).copied().unwrap_or(0);
        let is_title = |at: usize| {
            let cells = self.row(at);
            let Some(first) = cells.first() else { return false };
            let gap_below = self.number(at + 1).is_some_and(|next| next > first.row + 1);
            let merged = self.sheet.merged.iter().any(|region| {
                let width = region.end.1.saturating_sub(region.start.1) as usize + 1;
                region.start == (first.row, first.column) && width >= usual.max(2)
            });
            cells.len() * 2 < usual || (cells.len() < usual && gap_below) || (cells.len() == 1 && merged)
        };
        let most = MOST_TITLES.min(self.rows.len().saturating_sub(1));
        (0..most).take_while(|at| is_title(*at)).count()
    }

    /// The texts of some rows, for a note.
    fn text_of(&self, rows: Range<usize>) -> String {
        let cells = rows.flat_map(|at| self.row(at)).map(|cell| show(&cell.value));
        let mut text: String = cells.collect::<Vec<_>>().join(" ").chars().take(80).collect();
        text = text.replace(['\r', '\n'], " ");
        text
    }

    /// The columns with something in them, in order.
    fn columns(&self) -> Vec<u32> {
        let mut seen = std::collections::BTreeSet::new();
        for range in &self.rows {
            for cell in self.sheet.cells.get(range.clone()).unwrap_or_default() {
                seen.insert(cell.column);
            }
        }
        seen.into_iter().collect()
    }

    /// The cells of a row as text, one for each of `columns`.
    fn texts(&self, at: usize, columns: &[u32]) -> Vec<String> {
        let mut texts = vec![String::new(); columns.len()];
        for cell in self.row(at) {
            if let Ok(place) = columns.binary_search(&cell.column)
                && let Some(text) = texts.get_mut(place)
            {
                *text = show(&cell.value).replace(['\r', '\n'], " ").trim().to_owned();
            }
        }
        texts
    }

    /// The names of the columns, and how many rows gave them: none, one, or two where the upper one spans columns.
    fn header(&self, columns: &[u32], wanted: Option<bool>, notes: &mut Vec<String>) -> (Vec<String>, usize) {
        let first = self.texts(0, columns);
        let types = self.types(1, columns);
        if !wanted.unwrap_or_else(|| is_header(&first, &types, self.rows.len() == 1)) {
            if wanted.is_none() {
                let name = nameless(1);
                notes.push(format!("the first row looks like data, so the columns are called {name} and so on"));
            }
            return ((1..=columns.len()).map(nameless).collect(), 0);
        }
        let Some(upper) = self.spanned(&first, columns) else { return (first, 1) };
        let lower = self.texts(1, columns);
        let joined = upper.iter().zip(&lower).map(|(upper, lower)| match (upper.as_str(), lower.as_str()) {
            ("", one) | (one, "") => one.to_owned(),
            (one, two) if one == two => one.to_owned(),
            (one, two) => format!("{one} {two}"),
        });
        notes.push("the names of the columns stand in two rows, which were joined".to_owned());
        (joined.collect(), 2)
    }

    /// The first row with its merged cells spread over the columns they span; `None` if none spans several, or if what
    /// stands below is not all text.
    fn spanned(&self, first: &[String], columns: &[u32]) -> Option<Vec<String>> {
        let (row, mut upper) = (self.number(0)?, first.to_vec());
        let spans = |region: &&calamine::Dimensions| {
            region.start.0 == row && region.end.0 == row && region.start.1 < region.end.1
        };
        let mut any = false;
        for region in self.sheet.merged.iter().filter(spans) {
            let Ok(place) = columns.binary_search(&region.start.1) else { continue };
            let text = upper.get(place).cloned().unwrap_or_default();
            for (column, cell) in columns.iter().zip(&mut upper) {
                if (region.start.1..=region.end.1).contains(column) {
                    cell.clone_from(&text);
                    any |= *column > region.start.1;
                }
            }
        }
        let below = self.row(1);
        let names = self.rows.len() > 2 && below.iter().all(|cell| matches!(cell.value, Data::String(_)));
        (any && names && below.len() * 2 >= columns.len()).then_some(upper)
    }

    /// The types of the columns in some rows from row `from`.
    fn types(&self, from: usize, columns: &[u32]) -> Vec<Type> {
        let mut types = vec![Type::Missing; columns.len()];
        for cell in (from..self.rows.len().min(from + SAMPLE)).flat_map(|at| self.row(at)) {
            if let Ok(place) = columns.binary_search(&cell.column)
                && let Some(found) = types.get_mut(place)
            {
                *found = found.join(type_of(&cell.value));
            }
        }
        types
    }

    /// The rows as columns.
    fn into_frame(
        self,
        columns: &[u32],
        names: Vec<String>,
        notes: &mut Vec<String>,
        work: &Work,
    ) -> Result<(Frame, Vec<String>)> {
        let mut made: Vec<Cells> = columns.iter().map(|_| Cells::default()).collect();
        let mut errors = 0usize;
        for (row, range) in self.rows.iter().enumerate() {
            if row.is_multiple_of(1024) {
                work.check()?;
            }
            for cell in self.sheet.cells.get(range.clone()).unwrap_or_default() {
                let Ok(place) = columns.binary_search(&cell.column) else { continue };
                let Some(cells) = made.get_mut(place) else { continue };
                errors += usize::from(matches!(cell.value, Data::Error(_)));
                give(cells, row, &cell.value)?;
            }
        }
        if errors > 0 {
            notes.push(format!("{errors} cells hold an error such as #N/A and count as missing"));
        }
        frame_of_columns(names.into_iter().zip(made).collect(), self.rows.len(), work)
    }
}

fn give(cells: &mut Cells, row: usize, value: &Data) -> Result<()> {
    let text;
    let given = match value {
        Data::Empty | Data::Error(_) => return Ok(()),
        Data::Bool(value) => Given::Bool(*value),
        Data::Int(value) => Given::Int(*value),
        Data::Float(value) if is_whole(*value) => Given::Int(*value as i64),
        Data::Float(value) => Given::Float(*value),
        Data::String(value) | Data::DateTimeIso(value) | Data::DurationIso(value) => Given::Text(value),
        Data::DateTime(value) => {
            text = show_time(*value);
            Given::Text(&text)
        }
    };
    cells.give(row, given)
}

fn is_whole(value: f64) -> bool {
    value == value.trunc() && value.abs() <= EXACT
}

fn type_of(value: &Data) -> Type {
    match value {
        Data::Empty | Data::Error(_) => Type::Missing,
        Data::Bool(_) => Type::Bool,
        Data::Int(_) => Type::Int,
        Data::Float(value) if is_whole(*value) => Type::Int,
        Data::Float(_) => Type::Float,
        other => Type::of(&show(other)),
    }
}

/// A cell as text.
fn show(value: &Data) -> String {
    match value {
        Data::Float(value) if is_whole(*value) => (*value as i64).to_string(),
        Data::DateTime(value) => show_time(*value),
        other => other.to_string(),
    }
}

/// A date, with its time of day if it has one; a time of day alone; or a duration in hours, minutes and seconds.
fn show_time(value: ExcelDateTime) -> String {
    let days = value.as_f64();
    if value.is_duration() {
        let seconds = (days * 86_400.0).round() as i64;
        let sign = if seconds < 0 { "-" } else { "" };
        let seconds = seconds.unsigned_abs();
        return format!("{sign}{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    let (year, month, day, hour, minute, second, milli) = value.to_ymd_hms_milli();
    let part = if milli > 0 { format!(".{milli:03}") } else { String::new() };
    let clock = format!("{hour:02}:{minute:02}:{second:02}{part}");
    let date = format!("{year:04}-{month:02}-{day:02}");
    if days < 1.0 {
        clock
    } else if days.fract() == 0.0 {
        date
    } else {
        format!("{date}T{clock}")
    }
}
