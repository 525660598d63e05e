//! The delivered table: the data's own columns, and beside them what is known of each item.

use std::sync::Arc;

use arrow_array::{BooleanArray, Float64Array, LargeStringArray};

use super::{FinalLabels, SPLITS};
use crate::data::{Column, Dataset, Frame, Kind, Values};
use crate::engine::Result;

/// Which rows are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// Rows that have a label, or something marked inside them, and were not excluded.
    #[default]
    Labelled,
    /// Rows that were not excluded, labelled or not.
    Kept,
    /// All rows; a column tells which were excluded.
    All,
}

/// What was found or decided about the rows. All are of the dataset's length.
#[derive(Debug, Clone, Copy)]
pub struct Flags<'a> {
    /// Left out by a person.
    pub excluded: &'a [bool],
    /// Likely mislabelled and not settled.
    pub label_error: &'a [bool],
    /// A copy of another item, not the one that is kept, and not settled.
    pub duplicate: &'a [bool],
    /// The part of each item, an index into [`SPLITS`].
    pub split: &'a [u8],
}

/// What was said in a task, one value a row of the dataset; `None` where nothing was.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskColumn {
    /// The task's name.
    pub name: String,
    /// The values by row.
    pub values: Vec<Option<String>>,
}

/// The names of the columns that an export adds.
const ADDED: [&str; 7] =
    ["label", "label_probability", "label_source", "flag_excluded", "flag_label_error", "flag_duplicate", "split"];

/// Builds the delivered table and the rows it holds: the data's columns, what is known of each row, and a column a task.
/// Columns of the data that bear the name of an added one are kept under `data_NAME`, except `split`, which the data's own
/// column wins.
///
/// # Errors
/// If the data cannot be gathered.
pub fn export_frame(
    dataset: &Dataset,
    classes: &[String],
    labels: &FinalLabels,
    flags: Flags<'_>,
    tasks: &[TaskColumn],
    scope: Scope,
) -> Result<(Frame, Vec<u32>)> {
    let marked = |row: usize| tasks.iter().any(|task| task.values.get(row).is_some_and(Option::is_some));
    let keep = |row: usize| match scope {
        Scope::All => true,
        Scope::Kept => !flags.excluded[row],
        Scope::Labelled => !flags.excluded[row] && (labels.label[row] >= 0 || marked(row)),
    };
    let rows: Vec<u32> = (0..dataset.rows()).filter(|&row| keep(row)).map(|row| row as u32).collect();
    let mut columns: Vec<Arc<Column>> = Vec::new();
    let own_split = dataset.frame.columns().iter().any(|column| column.name() == "split");
    for column in dataset.frame.columns() {
        let own = tasks.iter().any(|task| task.name == column.name());
        let clashes = own || ADDED.contains(&column.name()) && column.name() != "split";
        let name = if clashes { format!("data_{}", column.name()) } else { column.name().to_owned() };
        columns.push(Arc::new(column.take(&name, &rows)?));
    }
    let text = |name: &str, value: &dyn Fn(usize) -> Option<String>| {
        let values: LargeStringArray = rows.iter().map(|&row| value(row as usize)).collect();
        Arc::new(Column::text(name, Kind::Category, values))
    };
    let flag = |name: &str, values: &[bool]| {
        let values: BooleanArray = rows.iter().map(|&row| values.get(row as usize).copied()).collect();
        Arc::new(Column::new(name, Values::Bool(values)))
    };
    let class = |row: usize| usize::try_from(labels.label[row]).ok().and_then(|index| classes.get(index)).cloned();
    columns.push(text("label", &class));
    let probability: Float64Array =
        rows.iter().map(|&row| labels.probability[row as usize].map(|p| round(f64::from(p)))).collect();
    columns.push(Arc::new(Column::new("label_probability", Values::Float(probability))));
    columns
        .push(text("label_source", &|row| Some(labels.source[row].name().to_owned()).filter(|name| !name.is_empty())));
    if scope == Scope::All {
        columns.push(flag("flag_excluded", flags.excluded));
    }
    columns.push(flag("flag_label_error", flags.label_error));
    columns.push(flag("flag_duplicate", flags.duplicate));
    if !own_split {
        let part = |row: usize| {
            flags.split.get(row).and_then(|&part| SPLITS.get(usize::from(part))).map(|&name| name.to_owned())
        };
        columns.push(text("split", &part));
    }
    for task in tasks {
        let values: LargeStringArray = rows.iter().map(|&row| task.values.get(row as usize)?.as_deref()).collect();
        columns.push(Arc::new(Column::text(&task.name, Kind::Text, values)));
    }
    Ok((Frame::new(columns), rows))
}

/// Six digits say all that a probability in single precision knows.
fn round(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use arrow_array::Int64Array;

    use super::super::Source;
    use super::*;
    use crate::data::ReadReport;
    use crate::engine::Fingerprint;

    fn dataset() -> Dataset {
        let text = Column::text("text", Kind::Text, LargeStringArray::from(vec!["a", "b", "c"]));
        let label = Column::new("label", Values::Int(Int64Array::from(vec![Some(7), None, Some(9)])));
        let frame = Frame::new(vec![Arc::new(text), Arc::new(label)]);
        Dataset::new(frame, None, ".".into(), Fingerprint::of(b""), ReadReport::default()).unwrap()
    }

    #[test]
    fn scopes_pick_rows_and_clashing_columns_are_kept_under_another_name() {
        let labels = FinalLabels {
            label: vec![0, -1, 1],
            probability: vec![Some(1.0), None, Some(0.75)],
            source: vec![Source::Hand, Source::None, Source::Functions],
        };
        let flags = Flags {
            excluded: &[false, false, true],
            label_error: &[true, false, false],
            duplicate: &[false; 3],
            split: &[0, 1, 2],
        };
        let classes = ["ham".to_owned(), "spam".to_owned()];
        let rows = |scope| export_frame(&dataset(), &classes, &labels, flags, &[], scope).unwrap().1;
        assert_eq!(rows(Scope::All), [0, 1, 2]);
        assert_eq!(rows(Scope::Kept), [0, 1]);
        assert_eq!(rows(Scope::Labelled), [0]);
        let (frame, _) = export_frame(&dataset(), &classes, &labels, flags, &[], Scope::All).unwrap();
        let row = |row: usize| {
            frame.columns().iter().map(|c| c.show(row).unwrap_or_default().into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(row(0), ["a", "7", "ham", "1.0", "hand", "false", "true", "false", "train"]);
        assert_eq!(row(2), ["c", "9", "spam", "0.75", "functions", "true", "false", "false", "test"]);
        assert_eq!(frame.columns()[1].name(), "data_label");
        // What stands inside items is delivered as well, and makes a row worth delivering.
        let task = TaskColumn { name: "text".into(), values: vec![None, Some("[1]".into()), None] };
        let (frame, rows) = export_frame(&dataset(), &classes, &labels, flags, &[task], Scope::Labelled).unwrap();
        assert_eq!(rows, [0, 1]);
        let names: Vec<&str> = frame.columns().iter().map(|column| column.name()).collect();
        assert_eq!((names[0], names.last()), ("data_text", Some(&"text")));
        let column = frame.get("text").unwrap();
        assert_eq!((column.show(0), column.show(1).as_deref()), (None, Some("[1]")));
    }
}
