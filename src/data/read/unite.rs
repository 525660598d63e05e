//! Several frames as one: rows below each other, columns matched by name; and rows picked from a frame.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, LargeStringBuilder};
use arrow_array::cast::AsArray as _;
use arrow_array::{ArrayRef, LargeStringArray, UInt64Array, new_null_array};
use arrow_schema::DataType;

use super::arrow::concat;
use super::infer::text_column;
use crate::data::{Column, Frame, Kind, Values, Vectors};
use crate::engine::{Error, Result, Work};

/// A frame, and the name of the file it came from.
pub(super) struct Piece<'a> {
    pub(super) file: &'a str,
    pub(super) frame: &'a Frame,
}

/// The rows of all pieces, in their order. Columns are matched by name, in the order in which the names are first seen;
/// where a piece has no such column its values are missing. Types that differ become the narrowest that holds both:
/// whole and real numbers real numbers, anything else text. Both are said.
pub(super) fn unite(pieces: &[Piece<'_>], work: &Work) -> Result<(Frame, Vec<String>)> {
    let mut names: Vec<&str> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for column in pieces.iter().flat_map(|piece| piece.frame.columns()) {
        if seen.insert(column.name()) {
            names.push(column.name());
        }
    }
    work.stage("putting files together", names.len() as u64);
    let (mut columns, mut notes) = (Vec::with_capacity(names.len()), Vec::new());
    for name in names {
        let (column, more) = united(name, pieces)?;
        columns.push(Arc::new(column));
        notes.extend(more);
        work.advance(1)?;
    }
    Ok((Frame::new(columns).with_vectors(united_vectors(pieces, &mut notes)), notes))
}

fn united_vectors(pieces: &[Piece<'_>], notes: &mut Vec<String>) -> Vec<Arc<Vectors>> {
    let mut names: Vec<&str> = Vec::new();
    for vectors in pieces.iter().flat_map(|piece| piece.frame.vectors()) {
        if !names.contains(&vectors.name()) {
            names.push(vectors.name());
        }
    }
    let mut made = Vec::new();
    for name in names {
        let of = |piece: &Piece<'_>| piece.frame.vectors().iter().position(|vectors| vectors.name() == name);
        let parts: Vec<(usize, Option<&Vectors>)> = pieces
            .iter()
            .map(|piece| (piece.frame.rows(), of(piece).and_then(|at| piece.frame.vectors().get(at)).map(Arc::as_ref)))
            .collect();
        match Vectors::joined(&parts) {
            Some(vectors) => made.push(Arc::new(vectors)),
            None => notes.push(format!("{name}: the vectors of the files differ in length and were left out")),
        }
    }
    made
}

/// The column called `name` of all pieces.
fn united(name: &str, pieces: &[Piece<'_>]) -> Result<(Column, Vec<String>)> {
    let parts: Vec<(&Piece<'_>, Option<&Arc<Column>>)> =
        pieces.iter().map(|piece| (piece, piece.frame.columns().iter().find(|column| column.name() == name))).collect();
    let mut notes = Vec::new();
    let absent: Vec<&str> = parts.iter().filter(|(_, column)| column.is_none()).map(|(piece, _)| piece.file).collect();
    if !absent.is_empty() {
        notes.push(format!("{name}: missing for the rows of {}", some(&absent)));
    }
    // A column without any value was read as text and says nothing about its type.
    let typed = |column: &&Arc<Column>| column.null_count() < column.len();
    let there: Vec<&Arc<Column>> = parts.iter().filter_map(|(_, column)| *column).collect();
    let target = there.iter().copied().filter(typed).map(|column| type_of(column)).reduce(join);
    let target = target.or_else(|| there.first().map(|column| type_of(column))).unwrap_or(DataType::LargeUtf8);
    let others = there.iter().filter(|column| typed(column) && type_of(column) != target);
    if others.count() > 0 {
        let what = if target == DataType::Float64 { "real numbers" } else { "text" };
        notes.push(format!("{name}: the files hold values of different types, which were read as {what}"));
    }
    let arrays: Vec<ArrayRef> = parts
        .iter()
        .map(|(piece, column)| match column {
            Some(column) => cast_to(column, &target),
            None => new_null_array(&target, piece.frame.rows()),
        })
        .collect();
    let column = match concat(&arrays)? {
        Values::Text(values) => match media_kind(&there) {
            Some(kind) => Column::text(name, kind, values),
            None => text_column(name, values),
        },
        values => Column::new(name, values),
    };
    Ok((column, notes))
}

/// The kind of a column of media, if it is that in every piece.
fn media_kind(columns: &[&Arc<Column>]) -> Option<Kind> {
    let kind = columns.first()?.kind();
    let same = columns.iter().all(|column| column.kind() == kind);
    (same && matches!(kind, Kind::Image | Kind::Audio)).then_some(kind)
}

fn type_of(column: &Column) -> DataType {
    column.array().data_type().clone()
}

/// The narrowest type that holds both.
fn join(one: DataType, two: DataType) -> DataType {
    match (&one, &two) {
        _ if one == two => one,
        (DataType::Int64, DataType::Float64) | (DataType::Float64, DataType::Int64) => DataType::Float64,
        _ => DataType::LargeUtf8,
    }
}

/// The values as one of our own types: unchanged, whole numbers as real ones, a column without any value as missing, or
/// anything as people see it.
fn cast_to(column: &Column, target: &DataType) -> ArrayRef {
    if column.array().data_type() == target {
        return column.array_ref();
    }
    if column.null_count() == column.len() {
        return new_null_array(target, column.len());
    }
    if *target == DataType::Float64 {
        let mut builder = Float64Builder::with_capacity(column.len());
        (0..column.len()).for_each(|row| builder.append_option(column.number(row)));
        return Arc::new(builder.finish());
    }
    let mut builder = LargeStringBuilder::new();
    (0..column.len()).for_each(|row| builder.append_option(column.show(row)));
    Arc::new(builder.finish())
}

/// The values of `rows` under another name, in their order; missing where a row is `None`.
pub(super) fn take(column: &Column, name: &str, rows: &[Option<usize>]) -> Result<Column> {
    let indices: UInt64Array = rows.iter().map(|row| row.map(|row| row as u64)).collect();
    let taken = arrow_select::take::take(column.array(), &indices, None)
        .map_err(|error| Error::input(format!("rows cannot be picked: {error}")).at(column.name()))?;
    Ok(match taken.as_string_opt::<i64>() {
        Some(strings) => Column::text(name, column.kind(), strings.clone()),
        None => Column::new(name, concat(&[taken])?),
    })
}

/// The first `limit` rows of a frame.
pub(super) fn head(frame: Frame, limit: Option<usize>) -> Result<Frame> {
    let Some(limit) = limit.filter(|limit| *limit < frame.rows()) else { return Ok(frame) };
    let rows: Vec<Option<usize>> = (0..limit).map(Some).collect();
    let columns: Result<Vec<Arc<Column>>> =
        frame.columns().iter().map(|column| take(column, column.name(), &rows).map(Arc::new)).collect();
    let vectors = frame.vectors().iter().map(|vectors| Arc::new(vectors.take(&rows))).collect();
    Ok(Frame::new(columns?).with_vectors(vectors))
}

/// A column of one value a piece, repeated for its rows.
pub(super) fn repeated(name: &str, pieces: &[(Option<&str>, usize)]) -> Column {
    let values: LargeStringArray = pieces.iter().flat_map(|(value, rows)| std::iter::repeat_n(*value, *rows)).collect();
    Column::text(name, Kind::Category, values)
}

/// The first names of a list, for messages.
pub(super) fn some(names: &[&str]) -> String {
    const NAMED: usize = 10;
    let more = if names.len() > NAMED { format!(", … ({} in all)", names.len()) } else { String::new() };
    format!("{}{more}", names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use arrow_array::{Float64Array, Int64Array};

    use super::*;

    fn column(name: &str, values: Values) -> Arc<Column> {
        Arc::new(match values {
            Values::Text(values) => Column::text(name, Kind::Text, values),
            values => Column::new(name, values),
        })
    }

    fn text(values: &[Option<&str>]) -> Values {
        Values::Text(values.iter().copied().collect())
    }

    fn int(values: &[i64]) -> Values {
        Values::Int(Int64Array::from(values.to_vec()))
    }

    fn show(column: &Column) -> String {
        let cells: Vec<_> = (0..column.len()).map(|row| column.show(row).unwrap_or("·".into())).collect();
        format!("{} {}: {}", column.name(), column.kind().name(), cells.join("|"))
    }

    #[test]
    fn columns_are_matched_by_name_and_types_widened() {
        let one = Frame::new(vec![
            column("a", int(&[1, 2])),
            column("b", int(&[1, 2])),
            column("c", int(&[1, 2])),
            column("empty", text(&[None, None])),
        ]);
        let float = Values::Float(Float64Array::from(vec![0.5]));
        let two = Frame::new(vec![
            column("b", float),
            column("c", text(&[Some("x")])),
            column("empty", int(&[3])),
            column("d", text(&[Some("y")])),
        ]);
        let pieces = [Piece { file: "1.csv", frame: &one }, Piece { file: "2.csv", frame: &two }];
        let (frame, notes) = unite(&pieces, &Work::new()).unwrap();
        let shown: Vec<_> = frame.columns().iter().map(|column| show(column)).collect();
        assert_eq!(
            shown,
            ["a int: 1|2|·", "b float: 1.0|2.0|0.5", "c text: 1|2|x", "empty int: ·|·|3", "d text: ·|·|y"]
        );
        assert_eq!(notes.len(), 4, "{notes:?}");
        assert!(notes[0].contains("a: missing for the rows of 2.csv"), "{notes:?}");
        assert!(notes[1].contains("real numbers") && notes[2].contains("read as text"), "{notes:?}");
    }

    #[test]
    fn vectors_are_united_too() {
        let vectors = |width: usize| Arc::new(Vectors::new("v", width, vec![1.0; 2 * width], vec![true; 2]).unwrap());
        let frame = |width: usize| Frame::new(vec![column("a", int(&[1, 2]))]).with_vectors(vec![vectors(width)]);
        let (one, two, three) = (frame(8), frame(8), frame(9));
        let unite = |frames: &[&Frame]| {
            let pieces: Vec<_> = frames.iter().map(|frame| Piece { file: "f", frame }).collect();
            unite(&pieces, &Work::new()).unwrap()
        };
        assert_eq!(unite(&[&one, &two]).0.vectors()[0].rows(), 4);
        let (frame, notes) = unite(&[&one, &three]);
        assert!(frame.vectors().is_empty() && notes[0].contains("differ in length"));
    }

    #[test]
    fn rows_are_picked_in_any_order() {
        let taken = take(&column("a", text(&[Some("x"), None, Some("z")])), "b", &[Some(2), None, Some(0), Some(1)]);
        assert_eq!(show(&taken.unwrap()), "b text: z|·|x|·");
        let taken = take(&column("a", int(&[7, 8])), "a", &[Some(1), Some(1)]).unwrap();
        assert_eq!(show(&taken), "a int: 8|8");
        let frame = head(Frame::new(vec![column("a", int(&[7, 8]))]), Some(1)).unwrap();
        assert_eq!(frame.rows(), 1);
        assert_eq!(show(&repeated("split", &[(Some("train"), 2), (None, 1)])), "split category: train|train|·");
    }
}
