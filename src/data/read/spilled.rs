//! A column that is put together piece by piece in a file instead of in memory.

use arrow_array::types::{ArrowPrimitiveType, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, BooleanArray, LargeStringArray, PrimitiveArray};
use arrow_buffer::{BooleanBufferBuilder, Buffer, NullBuffer, NullBufferBuilder, OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;

use crate::data::Values;
use crate::engine::{Error, Result, Spill};

/// True if pieces of such a column become values on their own: for the others (bytes that may be text, numbers that
/// may not fit) all pieces decide together.
pub(super) fn fits(data_type: &DataType) -> bool {
    use DataType as D;
    match data_type {
        D::UInt64 | D::Binary | D::LargeBinary | D::BinaryView | D::FixedSizeBinary(_) => false,
        D::Dictionary(_, inner) => fits(inner),
        D::RunEndEncoded(_, inner) => fits(inner.data_type()),
        D::List(_) | D::LargeList(_) | D::FixedSizeList(..) => false,
        _ => true,
    }
}

/// Pieces of one column so far. Whether a row is missing (one bit) stays in memory, everything else goes to the disk.
pub(super) struct Spilled {
    rows: usize,
    kind: Pieces,
    nulls: NullBufferBuilder,
}

enum Pieces {
    None,
    Text { bytes: Spill, offsets: Spill },
    Int(Spill),
    Float(Spill),
    Time(Spill),
    Bool(BooleanBufferBuilder),
}

impl Spilled {
    /// No piece yet.
    pub(super) fn new() -> Self {
        Self { rows: 0, kind: Pieces::None, nulls: NullBufferBuilder::new(0) }
    }

    /// Takes in the next piece.
    ///
    /// # Errors
    /// If the disk is full or fails, or the piece is of another type than those before it.
    pub(super) fn push(&mut self, piece: &Values) -> Result<()> {
        if let Pieces::None = self.kind {
            self.kind = begin(piece)?;
        }
        match (&mut self.kind, piece) {
            (Pieces::Text { bytes, offsets }, Values::Text(array)) => push_text(bytes, offsets, array)?,
            (Pieces::Int(spill), Values::Int(array)) => push_numbers(spill, array)?,
            (Pieces::Float(spill), Values::Float(array)) => push_numbers(spill, array)?,
            (Pieces::Time(spill), Values::Time(array)) => push_numbers(spill, array)?,
            (Pieces::Bool(bits), Values::Bool(array)) => bits.append_buffer(array.values()),
            _ => return Err(Error::input("a column changes its type from one piece to the next")),
        }
        let (rows, nulls) = match piece {
            Values::Text(array) => (array.len(), array.nulls()),
            Values::Int(array) => (array.len(), array.nulls()),
            Values::Float(array) => (array.len(), array.nulls()),
            Values::Bool(array) => (array.len(), array.nulls()),
            Values::Time(array) => (array.len(), array.nulls()),
        };
        match nulls {
            Some(nulls) => self.nulls.append_buffer(nulls),
            None => self.nulls.append_n_non_nulls(rows),
        }
        self.rows += rows;
        Ok(())
    }

    /// The column's values, in the file; an empty text column without any piece.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub(super) fn finish(mut self) -> Result<Values> {
        let nulls = self.nulls.finish();
        Ok(match self.kind {
            Pieces::None => Values::Text(LargeStringArray::new_null(0)),
            Pieces::Text { bytes, offsets } => {
                let offsets = ScalarBuffer::new(Buffer::from(offsets.finish()?), 0, self.rows + 1);
                let array = LargeStringArray::try_new(OffsetBuffer::new(offsets), bytes.finish()?.into(), nulls);
                Values::Text(array.map_err(|error| Error::input(format!("a column cannot be put together: {error}")))?)
            }
            Pieces::Int(spill) => Values::Int(numbers::<Int64Type>(spill, self.rows, nulls)?),
            Pieces::Float(spill) => Values::Float(numbers::<Float64Type>(spill, self.rows, nulls)?),
            Pieces::Time(spill) => Values::Time(numbers::<TimestampMicrosecondType>(spill, self.rows, nulls)?),
            Pieces::Bool(mut bits) => Values::Bool(BooleanArray::new(bits.finish(), nulls)),
        })
    }
}

fn begin(piece: &Values) -> Result<Pieces> {
    Ok(match piece {
        Values::Text(_) => {
            let mut offsets = Spill::new()?;
            offsets.write(&0i64.to_ne_bytes())?;
            Pieces::Text { bytes: Spill::new()?, offsets }
        }
        Values::Int(_) => Pieces::Int(Spill::new()?),
        Values::Float(_) => Pieces::Float(Spill::new()?),
        Values::Time(_) => Pieces::Time(Spill::new()?),
        Values::Bool(_) => Pieces::Bool(BooleanBufferBuilder::new(0)),
    })
}

fn push_text(bytes: &mut Spill, offsets: &mut Spill, array: &LargeStringArray) -> Result<()> {
    let ends = array.value_offsets();
    let (Some(first), Some(last)) = (ends.first().copied(), ends.last().copied()) else { return Ok(()) };
    let shift = bytes.len() as i64 - first;
    for end in ends.iter().skip(1) {
        offsets.write(&(end + shift).to_ne_bytes())?;
    }
    bytes.write(array.value_data().get(first as usize..last as usize).unwrap_or_default())
}

fn push_numbers<T: ArrowPrimitiveType>(spill: &mut Spill, array: &PrimitiveArray<T>) -> Result<()> {
    spill.write(array.values().inner().as_slice())
}

fn numbers<T: ArrowPrimitiveType>(spill: Spill, rows: usize, nulls: Option<NullBuffer>) -> Result<PrimitiveArray<T>> {
    Ok(PrimitiveArray::new(ScalarBuffer::new(Buffer::from(spill.finish()?), 0, rows), nulls))
}

#[cfg(test)]
mod tests {
    use arrow_array::{Float64Array, Int64Array, TimestampMicrosecondArray};

    use super::*;

    fn check(whole: &Values, pieces: &[Values]) {
        let mut spilled = Spilled::new();
        pieces.iter().for_each(|piece| spilled.push(piece).unwrap());
        let found = spilled.finish().unwrap();
        let array = |values: &Values| crate::data::Column::new("c", values.clone()).array_ref();
        assert_eq!(array(&found).as_ref(), array(whole).as_ref());
    }

    #[test]
    fn pieces_of_every_type_become_the_whole() {
        let text = LargeStringArray::from(vec![Some("가나"), None, Some(""), Some("abc"), Some("d")]);
        check(&Values::Text(text.clone()), &[Values::Text(text.slice(0, 2)), Values::Text(text.slice(2, 3))]);
        let ints = Int64Array::from(vec![Some(1), None, Some(i64::MIN)]);
        check(
            &Values::Int(ints.clone()),
            &[Values::Int(ints.slice(0, 0)), Values::Int(ints.slice(0, 1)), Values::Int(ints.slice(1, 2))],
        );
        let floats = Float64Array::from(vec![0.5, -0.0, f64::MAX]);
        check(&Values::Float(floats.clone()), &[Values::Float(floats.slice(0, 2)), Values::Float(floats.slice(2, 1))]);
        let times = TimestampMicrosecondArray::from(vec![Some(7), None]);
        check(&Values::Time(times.clone()), &[Values::Time(times.slice(0, 1)), Values::Time(times.slice(1, 1))]);
        let bools = BooleanArray::from(vec![Some(true), None, Some(false), Some(true)]);
        check(&Values::Bool(bools.clone()), &[Values::Bool(bools.slice(0, 3)), Values::Bool(bools.slice(3, 1))]);
        check(&Values::Text(LargeStringArray::new_null(0)), &[]);
    }

    #[test]
    fn a_piece_of_another_type_is_refused() {
        let mut spilled = Spilled::new();
        spilled.push(&Values::Int(Int64Array::from(vec![1]))).unwrap();
        assert!(spilled.push(&Values::Float(Float64Array::from(vec![1.0]))).is_err());
    }
}
