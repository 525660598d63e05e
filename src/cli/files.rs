//! What commands read and write: tables with their notes, columns by name, labels, probabilities, result files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::Int64Array;

use super::Context;
use super::answer::tell;
use crate::data::read::{self, ReadOptions, Reading, matrix};
use crate::data::{Column, Frame, Kind, Values, write};
use crate::engine::{Error, Result, Work, files};
use crate::label::Classes;
use crate::learn::Matrix;

/// Where a result goes.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Output {
    /// Write the rows to a file: .csv, .parquet, .jsonl, …
    #[arg(long = "output", short = 'o', value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// A column of the input that names rows, carried along as `id`
    #[arg(long, value_name = "COL")]
    pub id: Option<String>,
}

impl Output {
    /// Checks the name before the work is done, so that a long run does not end in a wrong ending.
    pub(super) fn check(&self) -> Result<()> {
        self.path.as_deref().map_or(Ok(()), |path| check_result(path, false))
    }

    /// The column of ids, if one is asked for.
    pub(super) fn ids<'a>(&self, frame: &'a Frame) -> Result<Option<&'a Arc<Column>>> {
        self.id.as_deref().map(|name| frame.column(name)).transpose()
    }

    /// Writes the result, if a file is asked for.
    pub(super) fn write(&self, work: &Work, frame: impl FnOnce() -> Frame) -> Result<()> {
        match &self.path {
            Some(path) => write::write_frame(path, &frame(), work),
            None => Ok(()),
        }
    }
}

/// Whether a result can be written under this name at all; a matrix may also be an `.npy`.
///
/// # Errors
/// If the ending is not one of a format that can be written, or the folder is not there.
pub(super) fn check_result(path: &Path, is_matrix: bool) -> Result<()> {
    let ending = ending(path);
    let endings = write::endings();
    let is_table = endings.split(", ").any(|known| known.trim_start_matches('.') == ending);
    let fits = is_table || (is_matrix && ending == "npy");
    if !fits {
        let more = if is_matrix { ", .npy" } else { "" };
        return Err(Error::input("results cannot be written in the format that this name ends in")
            .at(path.display())
            .help(format!("use a name that ends in one of: {endings}{more}")));
    }
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) if !folder.is_dir() => Err(Error::input("there is no such folder to write to")
            .at(folder.display())
            .help("make the folder first, or write elsewhere")),
        _ => Ok(()),
    }
}

/// The lower-case ending of a file name without its dot.
pub(super) fn ending(path: &Path) -> String {
    files::ending(path).unwrap_or_default()
}

/// Reads a table and says how it was read where that was not plain.
pub(super) fn read_table(path: &Path, context: &Context<'_>) -> Result<Reading> {
    let reading = read::read_frame(path, &ReadOptions::default(), context.work)?;
    if !context.globals.quiet {
        reading.report.notes.iter().for_each(|note| tell(&format!("note: {note}: {}", path.display())));
    }
    Ok(reading)
}

/// The column of that name, with the file in the error.
pub(super) fn column<'a>(frame: &'a Frame, name: &str, path: &Path) -> Result<&'a Arc<Column>> {
    frame.column(name).map_err(|error| error.at(path.display()))
}

/// The text column: the one named, else one called `text`, else the only one that holds text.
///
/// # Errors
/// If there is no such column or it holds no text, or which one is meant cannot be told.
pub(super) fn text_column<'a>(frame: &'a Frame, name: Option<&str>, path: &Path) -> Result<&'a Arc<Column>> {
    let is_text = |column: &Column| matches!(column.kind(), Kind::Text | Kind::Category) && column.strings().is_some();
    if let Some(name) = name {
        let column = column(frame, name, path)?;
        if column.strings().is_none() {
            let kind = column.kind().name();
            return Err(Error::input(format!("the column holds no text but {kind}")).at(name).at(path.display()));
        }
        return Ok(column);
    }
    if let Some(column) = frame.get("text").filter(|column| is_text(column)) {
        return Ok(column);
    }
    let mut texts = frame.columns().iter().filter(|column| column.kind() == Kind::Text);
    match (texts.next(), texts.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(Error::input("there is no column of text").at(path.display()).help("name one with --text")),
        (Some(_), Some(_)) => {
            let names: Vec<_> =
                frame.columns().iter().filter(|column| is_text(column)).map(|column| column.name()).collect();
            Err(Error::input("which column is the text cannot be told")
                .at(path.display())
                .help(format!("name it with --text, one of: {}", names.join(", "))))
        }
    }
}

/// One label a row with the classes' names: those given, else those that occur, sorted. An empty value is no label.
///
/// # Errors
/// If a value is not one of the given classes; the error names its row.
pub(super) fn labels(column: &Column, classes: Option<&[String]>) -> Result<(Vec<Option<u16>>, Vec<String>)> {
    let mut seen: HashMap<String, u16> = HashMap::new();
    let mut firsts: Vec<(String, usize)> = Vec::new();
    let mut found = Vec::with_capacity(column.len());
    for row in 0..column.len() {
        let shown = column.show(row);
        let name = shown.as_deref().map(class_name).filter(|name| !name.is_empty());
        found.push(match name {
            None => None,
            Some(name) => match seen.get(name) {
                Some(&index) => Some(index),
                None => {
                    let index = u16::try_from(firsts.len()).ok().filter(|&index| index < i16::MAX as u16);
                    let index = index.ok_or_else(|| too_many(column))?;
                    seen.insert(name.to_owned(), index);
                    firsts.push((name.to_owned(), row));
                    Some(index)
                }
            },
        });
    }
    let classes = match classes {
        Some(classes) => Classes::from_names(classes)?.names(),
        None => crate::data::in_order(firsts.iter().map(|(name, _)| name.clone()).collect()),
    };
    let places: HashMap<&str, u16> = classes.iter().enumerate().map(|(at, name)| (name.as_str(), at as u16)).collect();
    let place = |(name, row): &(String, usize)| {
        places.get(name.as_str()).copied().ok_or_else(|| {
            Error::input(format!("\"{name}\" is not one of the classes"))
                .at(format!("{}, row {}", column.name(), row + 1))
                .help(format!("the classes are: {}", classes.join(", ")))
        })
    };
    let moved: Vec<u16> = firsts.iter().map(place).collect::<Result<_>>()?;
    let found = found.into_iter().map(|label| label.and_then(|label| moved.get(usize::from(label)).copied())).collect();
    Ok((found, classes))
}

fn too_many(column: &Column) -> Error {
    Error::input("the column has more different values than there can be classes")
        .at(column.name())
        .help("choose a column of class names")
}

/// A class's name as it stands in a cell: a whole number that was read as a real one (`1.0`, because values are
/// missing) is the number.
fn class_name(shown: &str) -> &str {
    let shown = shown.trim();
    match shown.strip_suffix(".0") {
        Some(whole) if whole.parse::<i64>().is_ok() => whole,
        _ => shown,
    }
}

/// Reads probabilities, one row a row of the data and one column a class: an `.npy` matrix, or a table with columns
/// `p_CLASS`. `classes` are those of the labels; a matrix wider than these is taken to count classes from 0 if the
/// labels are such numbers. Returns the classes in the order of the columns.
///
/// # Errors
/// If the file cannot be read, or its shape does not fit.
pub(super) fn probabilities(
    path: &Path,
    rows: usize,
    classes: &[String],
    context: &Context<'_>,
) -> Result<(Matrix<f64>, Vec<String>)> {
    let (matrix, classes, _) = rows_of_probabilities(path, classes, "", context)?;
    if matrix.rows() != rows {
        return Err(Error::input(format!("{} rows of probabilities for {rows} rows", matrix.rows())).at(path.display()));
    }
    Ok((matrix, classes))
}

/// A name a row, `None` where it is missing.
pub(super) type Names = Vec<Option<String>>;

/// As [`probabilities`] for as many rows as there are, and the names in a column of that name if the file has it.
pub(super) fn rows_of_probabilities(
    path: &Path,
    classes: &[String],
    names: &str,
    context: &Context<'_>,
) -> Result<(Matrix<f64>, Vec<String>, Option<Names>)> {
    if ending(path) == "npy" {
        let found = matrix::read_matrix(path, context.work)?;
        let classes = matrix_classes(found.columns, classes).map_err(|error| error.at(path.display()))?;
        return Ok((Matrix::new(found.rows, found.columns, found.data)?, classes, None));
    }
    let frame = read_table(path, context)?.frame;
    let name = |column: &Arc<Column>| {
        let shown = |row| column.show(row).map(|name| name.into_owned()).filter(|name| !name.is_empty());
        (0..column.len()).map(shown).collect()
    };
    let names = frame.get(names).map(name);
    Ok((table_matrix(&frame, classes, path)?, classes.to_vec(), names))
}

fn matrix_classes(columns: usize, classes: &[String]) -> Result<Vec<String>> {
    let counted = classes.iter().all(|name| name.parse::<usize>().is_ok_and(|number| number < columns));
    if columns == classes.len() {
        Ok(classes.to_vec())
    } else if counted && columns > classes.len() {
        Ok((0..columns).map(|class| class.to_string()).collect())
    } else {
        Err(Error::input(format!("{columns} columns of probabilities for {} classes", classes.len()))
            .help(format!("the classes are: {}; give all of them in order with --classes", classes.join(", "))))
    }
}

fn table_matrix(frame: &Frame, classes: &[String], path: &Path) -> Result<Matrix<f64>> {
    let of_class = |name: &String| {
        let column = column(frame, &format!("p_{name}"), path)?;
        match column.values() {
            Values::Float(_) | Values::Int(_) => Ok(column),
            _ => Err(Error::input("the column holds no numbers").at(column.name()).at(path.display())),
        }
    };
    let columns: Vec<&Arc<Column>> = classes.iter().map(of_class).collect::<Result<_>>()?;
    let rows = frame.rows();
    let cells =
        (0..rows).flat_map(|row| columns.iter().map(move |column| column.number(row).unwrap_or(f64::NAN))).collect();
    Matrix::new(rows, classes.len(), cells)
}

/// The columns that every result file begins with: `row`, counted from 0, and `id` if there is one.
pub(super) fn row_columns(rows: impl Iterator<Item = u32> + Clone, ids: Option<&Arc<Column>>) -> Vec<Arc<Column>> {
    let numbers: Int64Array = rows.clone().map(|row| Some(i64::from(row))).collect();
    let mut columns = vec![Arc::new(Column::new("row", Values::Int(numbers)))];
    if let Some(ids) = ids {
        columns.push(Arc::new(pick(ids, "id", rows)));
    }
    columns
}

/// Some rows of a column under another name.
fn pick(column: &Column, name: &str, rows: impl Iterator<Item = u32>) -> Column {
    match column.values() {
        Values::Text(values) => {
            let value = |row: u32| (!column.is_null(row as usize)).then(|| values.value(row as usize));
            Column::text(name, column.kind(), rows.map(value).collect())
        }
        Values::Int(values) => {
            let value = |row: u32| (!column.is_null(row as usize)).then(|| values.value(row as usize));
            Column::new(name, Values::Int(rows.map(value).collect()))
        }
        _ => Column::text(name, Kind::Category, rows.map(|row| column.show(row as usize)).collect()),
    }
}

/// A column of class names.
pub(super) fn class_column(name: &str, classes: &[String], values: impl Iterator<Item = Option<u16>>) -> Arc<Column> {
    let value = |class: Option<u16>| classes.get(usize::from(class?)).map(String::as_str);
    Arc::new(Column::text(name, Kind::Category, values.map(value).collect()))
}

/// A column of real numbers; NaN becomes missing.
pub(super) fn number_column(name: &str, values: impl Iterator<Item = f64>) -> Arc<Column> {
    let values = values.map(|value| Some(value).filter(|value| !value.is_nan())).collect();
    Arc::new(Column::new(name, Values::Float(values)))
}

/// A column of whole numbers.
pub(super) fn count_column(name: &str, values: impl Iterator<Item = i64>) -> Arc<Column> {
    Arc::new(Column::new(name, Values::Int(values.map(Some).collect())))
}

/// A column of truth values.
pub(super) fn flag_column(name: &str, values: impl Iterator<Item = bool>) -> Arc<Column> {
    Arc::new(Column::new(name, Values::Bool(values.map(Some).collect())))
}

#[cfg(test)]
mod tests {
    use arrow_array::{Float64Array, LargeStringArray};

    use super::*;

    fn text(name: &str, values: &[&str]) -> Column {
        Column::text(name, Kind::Text, LargeStringArray::from(values.to_vec()))
    }

    #[test]
    fn labels_become_positions_in_the_order_of_the_classes() {
        let given = ["b".to_owned(), "a".to_owned()];
        let column = text("l", &["a", " b ", "", "a"]);
        let (found, classes) = labels(&column, None).unwrap();
        assert_eq!((found, classes.join(",")), (vec![Some(0), Some(1), None, Some(0)], "a,b".to_owned()));
        let (found, classes) = labels(&column, Some(&given)).unwrap();
        assert_eq!((found, classes.join(",")), (vec![Some(1), Some(0), None, Some(1)], "b,a".to_owned()));
        let error = labels(&column, Some(&given[..1])).unwrap_err();
        assert_eq!(error.to_string(), "\"a\" is not one of the classes: l, row 1");
        let numbers = Column::new("l", Values::Float(Float64Array::from(vec![Some(10.0), None, Some(9.0)])));
        assert_eq!(labels(&numbers, None).unwrap().1, ["9", "10"]);
    }

    #[test]
    fn the_text_is_named_or_told() {
        let frame = |names: &[&str]| Frame::new(names.iter().map(|name| Arc::new(text(name, &["x"]))).collect());
        let check = |names: &[&str], asked: Option<&str>, expected: Result<&str, &str>| {
            let frame = frame(names);
            let found = text_column(&frame, asked, Path::new("f.csv"));
            match (found, expected) {
                (Ok(column), Ok(name)) => assert_eq!(column.name(), name),
                (Err(error), Err(what)) => assert!(error.to_string().contains(what), "{error}"),
                (found, expected) => panic!("{found:?} is not {expected:?}"),
            }
        };
        check(&["a", "text"], None, Ok("text"));
        check(&["a"], None, Ok("a"));
        check(&["a", "b"], Some("b"), Ok("b"));
        check(&["a", "b"], None, Err("cannot be told: f.csv"));
        check(&[], None, Err("no column of text: f.csv"));
        check(&["a"], Some("c"), Err("there is no such column: f.csv: c"));
    }

    #[test]
    fn a_matrix_fits_the_classes_or_counts_them() {
        let names = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let check = |columns, classes: &[&str], expected: Option<&[&str]>| {
            assert_eq!(matrix_classes(columns, &names(classes)).ok(), expected.map(names), "{columns} {classes:?}");
        };
        check(2, &["ham", "spam"], Some(&["ham", "spam"]));
        check(3, &["0", "2"], Some(&["0", "1", "2"]));
        check(3, &["1", "2", "3"], Some(&["1", "2", "3"]));
        check(3, &["ham", "spam"], None);
        check(1, &["0", "1"], None);
        check(3, &["1", "3"], None);
    }

    #[test]
    fn endings_and_folders_are_checked_first() {
        let check = |path: &str, matrix, expected: Option<&str>| {
            let found = check_result(Path::new(path), matrix).err().map(|error| error.to_string());
            assert_eq!(found.is_some(), expected.is_some(), "{path}");
            assert!(found.unwrap_or_default().contains(expected.unwrap_or_default()), "{path}");
        };
        check("a.csv", false, None);
        check("a.PARQUET", false, None);
        check("a.npy", true, None);
        check("a.npy", false, Some("ends in: a.npy"));
        check("a", false, Some("ends in: a"));
        check("no/such/folder/a.csv", false, Some("no such folder to write to: no/such/folder"));
    }
}
