//! Matrices in NumPy's NPY format: votes and probabilities, rows x columns.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use npyz::{DType, NpyFile, Order, TypeChar};

use super::arrow::{damaged, guarded};
use crate::engine::{Error, Result, Work};

/// A dense matrix in row-major order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matrix {
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub columns: usize,
    /// The values, row after row: `rows * columns` of them.
    pub data: Vec<f64>,
}

impl Matrix {
    /// The values of a row; empty if there is no such row.
    pub fn row(&self, row: usize) -> &[f64] {
        self.data.get(row * self.columns..(row + 1) * self.columns).unwrap_or_default()
    }
}

/// Reads an NPY file of one or two dimensions (one dimension is read as one column): 32 or 64 bit floats, 8-64 bit
/// integers, or truth values, in either byte or memory order. Integers beyond 2^53 lose their last digits.
///
/// Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>
///
/// # Errors
/// If the file cannot be read, is not a numeric NPY matrix, or is cut off; or if the work was cancelled.
pub fn read_matrix(path: &Path, work: &Work) -> Result<Matrix> {
    let file = File::open(path).map_err(|source| Error::io("cannot read the file", path, &source))?;
    let size = file.metadata().map_err(|source| Error::io("cannot read the file", path, &source))?.len();
    guarded("NPY", || {
        let npy = NpyFile::new(BufReader::with_capacity(1 << 18, file)).map_err(|error| damaged("NPY", error))?;
        read(npy, size, work)
    })
    .map_err(|error| error.at(path.display()))
}

fn read(npy: NpyFile<BufReader<File>>, size: u64, work: &Work) -> Result<Matrix> {
    let (rows, columns) = match *npy.shape() {
        [rows] => (rows, 1),
        [rows, columns] => (rows, columns),
        ref shape => {
            return Err(Error::input(format!("the array has {} dimensions where two are expected", shape.len()))
                .help("save a matrix of rows x columns"));
        }
    };
    let DType::Plain(kind) = npy.dtype() else { return Err(not_numbers(&npy.dtype())) };
    let width = kind.size_field();
    let cells = rows.checked_mul(columns).and_then(|cells| usize::try_from(cells).ok());
    // Nothing is allocated for more values than the file can hold.
    let cells = cells.filter(|cells| (*cells as u64).checked_mul(width).is_some_and(|bytes| bytes <= size));
    let Some(cells) = cells else { return Err(damaged("NPY", "it is shorter than its header says")) };
    let by_column = npy.order() == Order::Fortran;
    work.stage("reading the matrix", cells as u64);
    let data = match (kind.type_char(), width) {
        (TypeChar::Float, 4) => values::<f32>(npy, cells, f64::from, work),
        (TypeChar::Float, 8) => values::<f64>(npy, cells, |value| value, work),
        (TypeChar::Int, 1) => values::<i8>(npy, cells, f64::from, work),
        (TypeChar::Int, 2) => values::<i16>(npy, cells, f64::from, work),
        (TypeChar::Int, 4) => values::<i32>(npy, cells, f64::from, work),
        (TypeChar::Int, 8) => values::<i64>(npy, cells, |value| value as f64, work),
        (TypeChar::Uint, 1) => values::<u8>(npy, cells, f64::from, work),
        (TypeChar::Uint, 2) => values::<u16>(npy, cells, f64::from, work),
        (TypeChar::Uint, 4) => values::<u32>(npy, cells, f64::from, work),
        (TypeChar::Uint, 8) => values::<u64>(npy, cells, |value| value as f64, work),
        (TypeChar::Bool, 1) => values::<bool>(npy, cells, |value| f64::from(u8::from(value)), work),
        _ => Err(not_numbers(&npy.dtype())),
    }?;
    let (rows, columns) = (rows as usize, columns as usize);
    let data = if by_column && columns > 1 { transposed(&data, rows, columns) } else { data };
    Ok(Matrix { rows, columns, data })
}

fn not_numbers(dtype: &DType) -> Error {
    Error::input(format!("values of type {} cannot be read", dtype.descr()))
        .help("save the matrix as float32, float64 or integers")
}

fn values<T: npyz::Deserialize>(
    npy: NpyFile<BufReader<File>>,
    cells: usize,
    number: impl Fn(T) -> f64,
    work: &Work,
) -> Result<Vec<f64>> {
    let reader = npy.data::<T>().map_err(|error| damaged("NPY", error))?;
    let mut data = Vec::with_capacity(cells);
    for (at, value) in reader.enumerate() {
        data.push(number(value.map_err(|error| damaged("NPY", error))?));
        if (at + 1).is_multiple_of(1 << 18) {
            work.advance(1 << 18)?;
        }
    }
    if data.len() == cells { Ok(data) } else { Err(damaged("NPY", "values are missing")) }
}

/// Column after column to row after row.
fn transposed(data: &[f64], rows: usize, columns: usize) -> Vec<f64> {
    (0..rows).flat_map(|row| (0..columns).filter_map(move |column| data.get(column * rows + row).copied())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn npy(header: &str, data: &[u8]) -> Vec<u8> {
        let text = format!("{header}\n");
        [b"\x93NUMPY\x01\x00", &(text.len() as u16).to_le_bytes()[..], text.as_bytes(), data].concat()
    }

    fn header(descr: &str, fortran: bool, shape: &str) -> String {
        let fortran = if fortran { "True" } else { "False" };
        format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': ({shape}), }}")
    }

    fn read_bytes(bytes: &[u8]) -> Result<Matrix> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.npy");
        std::fs::write(&path, bytes).unwrap();
        read_matrix(&path, &Work::new())
    }

    #[test]
    fn every_numeric_type_and_order_is_read() {
        let check = |header: String, data: &[u8], rows: usize, columns: usize, expected: &[f64]| {
            let expected = Matrix { rows, columns, data: expected.to_vec() };
            assert_eq!(read_bytes(&npy(&header, data)).unwrap(), expected, "{header}");
        };
        check(header("|i1", false, "2, 2"), &[0xFF, 1, 0, 2], 2, 2, &[-1.0, 1.0, 0.0, 2.0]);
        check(header("|i1", true, "2, 2"), &[0xFF, 1, 0, 2], 2, 2, &[-1.0, 0.0, 1.0, 2.0]);
        check(header("<i2", false, "1, 2"), &[1, 0, 0, 1], 1, 2, &[1.0, 256.0]);
        check(header(">i2", false, "1, 2"), &[1, 0, 0, 1], 1, 2, &[256.0, 1.0]);
        check(header("<i4", false, "1, 1"), &(-7i32).to_le_bytes(), 1, 1, &[-7.0]);
        check(header("<i8", false, "1,"), &(-1i64).to_le_bytes(), 1, 1, &[-1.0]);
        check(header("<f4", false, "1, 1"), &0.25f32.to_le_bytes(), 1, 1, &[0.25]);
        check(header(">f8", false, "1, 1"), &0.1f64.to_be_bytes(), 1, 1, &[0.1]);
        check(header("|b1", false, "2, 1"), &[0, 1], 2, 1, &[0.0, 1.0]);
        check(header("|u1", false, "0, 3"), &[], 0, 3, &[]);
    }

    #[test]
    fn what_is_no_matrix_is_refused() {
        let check = |bytes: &[u8], what: &str| {
            let error = read_bytes(bytes).unwrap_err();
            assert!(error.what().contains(what), "{error}");
        };
        check(b"", "not valid NPY");
        check(b"a,b\n1,2\n", "not valid NPY");
        check(&npy(&header("<f8", false, "10, 10"), &[0; 8]), "shorter than its header says");
        check(&npy(&header("<f8", false, "99999999999, 99999999999"), &[0; 8]), "not valid NPY");
        check(&npy(&header("<f8", false, "1, 1, 1"), &[0; 8]), "3 dimensions");
        check(&npy(&header("|O", false, "1, 1"), &[0; 8]), "cannot be read");
        check(&npy(&header("<U3", false, "1, 1"), &[0; 12]), "cannot be read");
        check(&npy(&header("<c16", false, "1, 1"), &[0; 16]), "cannot be read");
    }
}
