//! Rows of JSON objects gathered into columns: the keys are the names, in the order in which they are first seen.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Float64Builder, Int64Builder, LargeStringBuilder, TimestampMicrosecondBuilder,
};
use rayon::prelude::*;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::infer::{Type, text_column, time};
use super::names::unique;
use crate::data::column::show_float;
use crate::data::{Column, Frame, Values};
use crate::engine::{Error, Result, Work};

/// More different keys than this are no columns: the objects hold data in their keys.
const MOST_KEYS: usize = 10_000;

/// A value as it stands in the file.
#[derive(Debug, Clone, Copy)]
enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A string, as its place in the column's text.
    Text(u32, u32),
    /// An array or object, as the place of its JSON text.
    Nested(u32, u32),
}

/// A value that another reader gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Given<'a> {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
}

/// The values of one key.
#[derive(Debug, Default)]
pub(super) struct Cells {
    cells: Vec<Cell>,
    text: String,
}

/// Rows in the order of the file, by column.
#[derive(Debug, Default)]
pub(super) struct Rows {
    names: Vec<String>,
    index: HashMap<String, usize>,
    columns: Vec<Cells>,
    rows: usize,
}

impl Cells {
    /// Puts `cell` into `row`, and nulls into the rows before it that have none. A key that stands twice in an object
    /// has its last value, as everywhere in JSON.
    fn put(&mut self, row: usize, cell: Cell) {
        self.cells.resize(row, Cell::Null);
        self.cells.push(cell);
    }

    /// Keeps `text`; `None` if there are 4 GiB of it already.
    fn keep(&mut self, text: &str) -> Option<(u32, u32)> {
        let (start, length) = (u32::try_from(self.text.len()).ok()?, u32::try_from(text.len()).ok()?);
        start.checked_add(length)?;
        self.text.push_str(text);
        Some((start, length))
    }

    fn text(&self, start: u32, length: u32) -> &str {
        self.text.get(start as usize..start as usize + length as usize).unwrap_or_default()
    }

    /// Puts a value into `row`, for readers whose cells are not JSON; rows must come in ascending order. Times are given
    /// as ISO text, and rows without a value are left out.
    ///
    /// # Errors
    /// If the column holds 4 GiB of text already.
    pub(super) fn give(&mut self, row: usize, given: Given<'_>) -> Result<()> {
        let cell = match given {
            Given::Bool(value) => Cell::Bool(value),
            Given::Int(value) => Cell::Int(value),
            Given::Float(value) => Cell::Float(value),
            Given::Text(text) => {
                let kept = self.keep(text).ok_or_else(|| Error::input("a column holds more than 4 GiB of text"))?;
                Cell::Text(kept.0, kept.1)
            }
        };
        self.put(row, cell);
        Ok(())
    }

    /// The values of an array, one a row.
    pub(super) fn from_values(values: &[serde_json::Value]) -> Result<Self> {
        let mut cells = Self::default();
        for (row, value) in values.iter().enumerate() {
            CellSeed { cells: &mut cells, row }
                .deserialize(value)
                .map_err(|error| Error::input(format!("a value cannot be kept: {error}")))?;
        }
        Ok(cells)
    }
}

impl Rows {
    /// The number of rows.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The bytes of text kept so far.
    pub(super) fn bytes(&self) -> usize {
        self.columns.iter().map(|cells| cells.text.len()).sum()
    }

    /// The column of a key; `guess` is where it stood in the row before.
    fn column(&mut self, key: &str, guess: usize) -> Option<usize> {
        if self.names.get(guess).is_some_and(|name| name == key) {
            return Some(guess);
        }
        if let Some(at) = self.index.get(key) {
            return Some(*at);
        }
        if self.names.len() >= MOST_KEYS {
            return None;
        }
        self.index.insert(key.to_owned(), self.names.len());
        self.names.push(key.to_owned());
        self.columns.push(Cells::default());
        Some(self.names.len() - 1)
    }
}

/// Reads one object as the next row.
pub(super) struct RowSeed<'r>(pub(super) &'r mut Rows);

impl<'de> DeserializeSeed<'de> for RowSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let row = self.0.rows;
        let mut guess = 0;
        while let Some(Key(key)) = map.next_key()? {
            let Some(column) = self.0.column(&key, guess) else {
                return Err(A::Error::custom(format!("more than {MOST_KEYS} different keys")));
            };
            guess = column + 1;
            if let Some(cells) = self.0.columns.get_mut(column) {
                map.next_value_seed(CellSeed { cells, row })?;
            }
        }
        self.0.rows += 1;
        Ok(())
    }
}

/// A key, borrowed where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// Reads one value into a row of a column.
struct CellSeed<'c> {
    cells: &'c mut Cells,
    row: usize,
}

impl CellSeed<'_> {
    fn nested<E: serde::de::Error>(self, value: &serde_json::Value) -> Result<(), E> {
        let (start, length) = self.cells.keep(&value.to_string()).ok_or_else(too_long)?;
        self.cells.put(self.row, Cell::Nested(start, length));
        Ok(())
    }
}

fn too_long<E: serde::de::Error>() -> E {
    E::custom("more than 4 GiB of text")
}

impl<'de> DeserializeSeed<'de> for CellSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CellSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.cells.put(self.row, Cell::Null);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.cells.put(self.row, Cell::Bool(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.cells.put(self.row, Cell::Int(value));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        let cell = i64::try_from(value).map_or(Cell::Float(value as f64), Cell::Int);
        self.cells.put(self.row, cell);
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.cells.put(self.row, Cell::Float(value));
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        let (start, length) = self.cells.keep(text).ok_or_else(too_long)?;
        self.cells.put(self.row, Cell::Text(start, length));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        let value = serde_json::Value::deserialize(SeqAccessDeserializer::new(seq))?;
        self.nested(&value)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let value = serde_json::Value::deserialize(MapAccessDeserializer::new(map))?;
        self.nested(&value)
    }
}

/// Makes a frame of rows that were read piece by piece, and notes on what was changed.
pub(super) fn frame(parts: Vec<Rows>, work: &Work) -> Result<(Frame, Vec<String>)> {
    let mut names: Vec<String> = Vec::new();
    let mut index: HashMap<&str, usize> = HashMap::new();
    let mut places: Vec<Vec<Option<&Cells>>> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        for (name, cells) in part.names.iter().zip(&part.columns) {
            let column = *index.entry(name).or_insert_with(|| {
                names.push(name.clone());
                places.push(vec![None; parts.len()]);
                places.len() - 1
            });
            if let Some(place) = places.get_mut(column).and_then(|places| places.get_mut(at)) {
                *place = Some(cells);
            }
        }
        if names.len() > MOST_KEYS {
            return Err(Error::input(format!("the objects have more than {MOST_KEYS} different keys"))
                .help("put what varies into values instead of keys"));
        }
    }
    let rows: Vec<usize> = parts.iter().map(|part| part.rows).collect();
    assemble(names, places, &rows, work)
}

/// Makes a frame of whole columns.
pub(super) fn frame_of_columns(
    columns: Vec<(String, Cells)>,
    rows: usize,
    work: &Work,
) -> Result<(Frame, Vec<String>)> {
    let names = columns.iter().map(|(name, _)| name.clone()).collect();
    assemble(names, columns.iter().map(|(_, cells)| vec![Some(cells)]).collect(), &[rows], work)
}

fn assemble(
    names: Vec<String>,
    places: Vec<Vec<Option<&Cells>>>,
    rows: &[usize],
    work: &Work,
) -> Result<(Frame, Vec<String>)> {
    let (names, mut notes) = unique(names.iter().map(String::as_str));
    work.stage("making columns", names.len() as u64);
    let columns: Result<Vec<(Column, Option<String>)>> = names
        .into_par_iter()
        .zip(places)
        .map(|(name, pieces)| {
            work.advance(1)?;
            column(name, &pieces, rows, work)
        })
        .collect();
    let (columns, more): (Vec<_>, Vec<_>) = columns?.into_iter().unzip();
    notes.extend(more.into_iter().flatten());
    Ok((Frame::new(columns.into_iter().map(Arc::new).collect()), notes))
}

/// What the cells of a column have in common.
#[derive(Default)]
struct Seen {
    numbers: Option<Type>,
    text: bool,
    times: bool,
    nested: usize,
}

impl Seen {
    fn of(pieces: &[Option<&Cells>]) -> Self {
        let mut seen = Self { times: true, ..Self::default() };
        let mut add = |found: Type| seen.numbers = Some(seen.numbers.map_or(found, |all| all.join(found)));
        let (mut text, mut times, mut nested) = (false, true, 0);
        for cells in pieces.iter().flatten() {
            for cell in &cells.cells {
                match *cell {
                    Cell::Null => {}
                    Cell::Bool(_) => add(Type::Bool),
                    Cell::Int(_) => add(Type::Int),
                    Cell::Float(_) => add(Type::Float),
                    Cell::Nested(..) => nested += 1,
                    Cell::Text(start, length) => {
                        text = true;
                        times = times && time(cells.text(start, length)).is_some();
                    }
                }
            }
        }
        Self { text, times, nested, ..seen }
    }

    /// The type of the column: numbers, truth values or times if all cells are, else text.
    fn type_of(&self) -> Type {
        match self.numbers {
            _ if self.nested > 0 => Type::Text,
            Some(found) if !self.text => found,
            None if self.text && self.times => Type::Time,
            _ => Type::Text,
        }
    }

    fn note(&self, name: &str) -> Option<String> {
        match self.numbers {
            _ if self.nested > 0 => Some(format!("{name}: nested values were read as their JSON text")),
            Some(found) if self.text || found == Type::Text => {
                Some(format!("{name}: values of several types were read as text"))
            }
            _ => None,
        }
    }
}

fn column(name: String, pieces: &[Option<&Cells>], rows: &[usize], work: &Work) -> Result<(Column, Option<String>)> {
    let seen = Seen::of(pieces);
    let total = rows.iter().sum();
    // Every cell of every piece, and nulls where a piece or the end of one does not know the key.
    let each = |take: &mut dyn FnMut(&Cells, Cell)| -> Result<()> {
        let nothing = Cells::default();
        for (cells, rows) in pieces.iter().zip(rows) {
            work.check()?;
            let cells = cells.unwrap_or(&nothing);
            cells.cells.iter().for_each(|cell| take(cells, *cell));
            (cells.cells.len()..*rows).for_each(|_| take(cells, Cell::Null));
        }
        Ok(())
    };
    let column = match seen.type_of() {
        Type::Bool => {
            let mut builder = BooleanBuilder::with_capacity(total);
            each(&mut |_, cell| builder.append_option(if let Cell::Bool(value) = cell { Some(value) } else { None }))?;
            Column::new(name.clone(), Values::Bool(builder.finish()))
        }
        Type::Int => {
            let mut builder = Int64Builder::with_capacity(total);
            each(&mut |_, cell| builder.append_option(if let Cell::Int(value) = cell { Some(value) } else { None }))?;
            Column::new(name.clone(), Values::Int(builder.finish()))
        }
        Type::Float => {
            let mut builder = Float64Builder::with_capacity(total);
            each(&mut |_, cell| {
                builder.append_option(match cell {
                    Cell::Int(value) => Some(value as f64),
                    Cell::Float(value) => Some(value),
                    _ => None,
                });
            })?;
            Column::new(name.clone(), Values::Float(builder.finish()))
        }
        Type::Time => {
            let mut builder = TimestampMicrosecondBuilder::with_capacity(total);
            each(&mut |cells, cell| {
                builder.append_option(match cell {
                    Cell::Text(start, length) => time(cells.text(start, length)),
                    _ => None,
                });
            })?;
            Column::new(name.clone(), Values::Time(builder.finish()))
        }
        Type::Text | Type::Missing => {
            let bytes = pieces.iter().flatten().map(|cells| cells.text.len()).sum();
            let mut builder = LargeStringBuilder::with_capacity(total, bytes);
            each(&mut |cells, cell| match cell {
                Cell::Null => builder.append_null(),
                Cell::Bool(value) => builder.append_value(if value { "true" } else { "false" }),
                Cell::Int(value) => builder.append_value(value.to_string()),
                Cell::Float(value) => builder.append_value(show_float(value)),
                Cell::Text(start, length) | Cell::Nested(start, length) => {
                    builder.append_value(cells.text(start, length));
                }
            })?;
            text_column(name.clone(), builder.finish())
        }
    };
    Ok((column, seen.note(&name)))
}
