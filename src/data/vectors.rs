//! Vectors, one a row: embeddings that a model made. They stand beside the columns of a frame and not among them, since
//! nobody reads or filters seven hundred numbers a cell.

use crate::data::Column;
use crate::engine::{Error, Result, Work};

/// A named column of vectors of equal length.
#[derive(Debug, Clone, PartialEq)]
pub struct Vectors {
    name: String,
    width: usize,
    values: Vec<f32>,
    present: Vec<bool>,
}

impl Vectors {
    /// The shortest list of numbers that counts as a vector; shorter ones (a box, a point, a colour) stay readable.
    pub const LEAST: usize = 8;

    /// Vectors of `width` numbers: `values` holds them row after row, `width` zeros where `present` is false.
    ///
    /// # Errors
    /// If there are not `width` values for every row.
    pub fn new(name: impl Into<String>, width: usize, values: Vec<f32>, present: Vec<bool>) -> Result<Self> {
        let name = name.into();
        if present.len().checked_mul(width) != Some(values.len()) {
            return Err(Error::input("the vectors are of unequal length").at(name));
        }
        Ok(Self { name, width, values, present })
    }

    /// The vectors that stand in a text column as JSON arrays of numbers ("[0.1, -2, …]").
    ///
    /// # Errors
    /// If a value is not such an array, they differ in length, there is none, or the work was cancelled.
    pub fn parse(column: &Column, work: &Work) -> Result<Self> {
        let strings = column.strings().ok_or_else(|| Error::input("the column holds no vectors").at(column.name()))?;
        work.stage("reading vectors", column.len() as u64);
        let mut made = Gather::default();
        for (row, text) in strings.iter().enumerate() {
            if row.is_multiple_of(1024) {
                work.advance(1024)?;
            }
            let numbers: Option<Vec<f32>> = text.map(serde_json::from_str).transpose().map_err(|_| {
                Error::input("a value is not a list of numbers").at(format!("{}, row {}", column.name(), row + 1))
            })?;
            let fits = match &numbers {
                Some(numbers) => made.push(numbers),
                None => made.push_missing(),
            };
            if !fits {
                return Err(Error::input("the vectors are of unequal length")
                    .at(format!("{}, row {}", column.name(), row + 1))
                    .help("every row must hold as many numbers"));
            }
        }
        made.finish(column.name()).ok_or_else(|| Error::input("the column holds no vectors").at(column.name()))
    }

    /// The name of the column in the source.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of numbers in a vector.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.present.len()
    }

    /// The vector of a row; `None` if it is missing.
    pub fn row(&self, row: usize) -> Option<&[f32]> {
        let present = self.present.get(row).copied().unwrap_or(false);
        self.values.get(row * self.width..(row + 1) * self.width).filter(|_| present)
    }

    /// All values, row after row: `rows * width` of them, zeros for missing vectors.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The number of rows without a vector.
    pub fn missing(&self) -> usize {
        self.present.iter().filter(|present| !**present).count()
    }

    /// The vectors of several sources one below the other; a source without them gives its rows as missing. `None` if
    /// no source has any, or they differ in length.
    pub(in crate::data) fn joined(parts: &[(usize, Option<&Self>)]) -> Option<Self> {
        let name = parts.iter().find_map(|(_, part)| part.map(|part| part.name.clone()))?;
        let mut made = Gather::default();
        for (rows, part) in parts {
            for row in 0..*rows {
                match part.and_then(|part| part.row(row)) {
                    Some(vector) if !made.push(vector) => return None,
                    Some(_) => {}
                    None => made.missing(1),
                }
            }
        }
        made.finish(&name)
    }

    /// The vectors of `rows`, in their order; `None` stands for a row without one.
    #[must_use]
    pub(in crate::data) fn take(&self, rows: &[Option<usize>]) -> Self {
        let (mut values, mut present) = (Vec::with_capacity(rows.len() * self.width), Vec::with_capacity(rows.len()));
        for row in rows {
            let vector = row.and_then(|row| self.row(row));
            present.push(vector.is_some());
            match vector {
                Some(vector) => values.extend_from_slice(vector),
                None => values.resize(values.len() + self.width, 0.0),
            }
        }
        Self { name: self.name.clone(), width: self.width, values, present }
    }
}

/// Vectors as they come, one row after another; their length is that of the first.
#[derive(Debug, Default)]
pub(in crate::data) struct Gather {
    width: Option<usize>,
    values: Vec<f32>,
    present: Vec<bool>,
}

impl Gather {
    /// Takes in the next row; false if it is not as long as those before it.
    pub(in crate::data) fn push(&mut self, vector: &[f32]) -> bool {
        let width = *self.width.get_or_insert(vector.len());
        if width != vector.len() {
            return false;
        }
        // Rows before the first vector had no length yet.
        self.values.resize(self.present.len() * width, 0.0);
        self.values.extend_from_slice(vector);
        self.present.push(true);
        true
    }

    /// Takes in rows without a vector.
    pub(in crate::data) fn missing(&mut self, rows: usize) {
        self.present.resize(self.present.len() + rows, false);
    }

    fn push_missing(&mut self) -> bool {
        self.missing(1);
        true
    }

    /// The vectors; `None` if no row had one.
    pub(in crate::data) fn finish(mut self, name: &str) -> Option<Vectors> {
        let width = self.width?;
        self.values.resize(self.present.len() * width, 0.0);
        Vectors::new(name, width, self.values, self.present).ok()
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::LargeStringArray;

    use super::*;
    use crate::data::Kind;

    fn parse(texts: Vec<Option<&str>>) -> Result<Vectors> {
        Vectors::parse(&Column::text("v", Kind::Text, LargeStringArray::from(texts)), &Work::new())
    }

    #[test]
    fn lists_of_numbers_are_vectors() {
        let vectors = parse(vec![None, Some("[1, 2.5]"), None, Some("[-1e1,0]")]).unwrap();
        assert_eq!((vectors.rows(), vectors.width(), vectors.missing()), (4, 2, 2));
        assert_eq!(vectors.row(1), Some(&[1.0, 2.5][..]));
        assert_eq!((vectors.row(0), vectors.row(2), vectors.row(9)), (None, None, None));
        assert_eq!(vectors.values(), [0.0, 0.0, 1.0, 2.5, 0.0, 0.0, -10.0, 0.0]);
        let picked = vectors.take(&[Some(3), None, Some(0)]);
        assert_eq!((picked.row(0), picked.row(1), picked.row(2)), (Some(&[-10.0, 0.0][..]), None, None));
        let both = Vectors::joined(&[(1, None), (4, Some(&vectors))]).unwrap();
        assert_eq!((both.rows(), both.row(2)), (5, vectors.row(1)));
    }

    #[test]
    fn what_is_no_vector_is_refused() {
        let check = |texts: Vec<Option<&str>>, what: &str| {
            let error = parse(texts).unwrap_err();
            assert!(error.to_string().contains(what), "{error}");
        };
        check(vec![Some("[1]"), Some("[1,2]")], "unequal length: v, row 2");
        check(vec![Some("hello")], "not a list of numbers: v, row 1");
        check(vec![Some("[\"a\"]")], "not a list of numbers");
        check(vec![None], "no vectors");
        assert!(Vectors::new("v", 2, vec![0.0; 3], vec![true, true]).is_err());
    }
}
