//! Matrices in NumPy's NPY format.

use std::path::Path;

use npyz::{AutoSerialize, WriterBuilder as _};

use super::failed;
use crate::engine::{Error, Result, Work, files};

/// Values written between two looks at whether the work was cancelled.
const STEP: usize = 1 << 18;

/// Writes a matrix of `rows` x `columns` numbers, row after row, as float32.
///
/// # Errors
/// If there are not `rows * columns` values, the file cannot be written, or the work was cancelled; the old file is
/// left as it was then.
pub fn write_matrix(path: &Path, rows: usize, columns: usize, data: &[f32], work: &Work) -> Result<()> {
    write(path, rows, columns, data, work)
}

/// Writes a matrix of `rows` x `columns` whole numbers, such as votes, row after row, as int16.
///
/// # Errors
/// As [`write_matrix`].
pub fn write_integers(path: &Path, rows: usize, columns: usize, data: &[i16], work: &Work) -> Result<()> {
    write(path, rows, columns, data, work)
}

fn write<T: AutoSerialize + Copy>(path: &Path, rows: usize, columns: usize, data: &[T], work: &Work) -> Result<()> {
    if rows.checked_mul(columns) != Some(data.len()) {
        let counted = data.len();
        return Err(
            Error::input(format!("a matrix of {rows} x {columns} does not have {counted} values")).at(path.display())
        );
    }
    work.stage("writing the matrix", data.len() as u64);
    files::write_whole(path, |out| {
        let options = npyz::WriteOptions::<T>::new().default_dtype().shape(&[rows as u64, columns as u64]);
        let mut writer = options.writer(out).begin_nd().map_err(|source| failed(&source))?;
        for piece in data.chunks(STEP) {
            writer.extend(piece.iter().copied()).map_err(|source| failed(&source))?;
            work.advance(piece.len() as u64)?;
        }
        writer.finish().map_err(|source| failed(&source))
    })
    .map_err(|error| error.or_at(path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::read::matrix::read_matrix;

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let (path, work) = (folder.path().join("m.npy"), Work::new());
        for (rows, columns) in [(0, 0), (0, 3), (1, 1), (3, 2), (1000, 7)] {
            let data: Vec<f32> = (0..rows * columns).map(|at| at as f32 * 0.5 - 3.0).collect();
            write_matrix(&path, rows, columns, &data, &work).unwrap();
            let matrix = read_matrix(&path, &work).unwrap();
            assert_eq!((matrix.rows, matrix.columns), (rows, columns));
            assert!(matrix.data.iter().copied().eq(data.iter().map(|value| f64::from(*value))));
        }
        write_integers(&path, 2, 2, &[-1, 0, 1, 2], &work).unwrap();
        assert_eq!(read_matrix(&path, &work).unwrap().row(1), [1.0, 2.0]);
        assert!(write_matrix(&path, 2, 2, &[1.0], &work).is_err());
        assert_eq!(read_matrix(&path, &work).unwrap().row(0), [-1.0, 0.0], "the old file is left");
    }
}
