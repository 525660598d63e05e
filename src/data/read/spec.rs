//! `FILE:COLUMN`, as the command line names a column of a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{ReadOptions, read_frame};
use crate::data::Column;
use crate::engine::{Error, Result, Work};

/// Splits `FILE:COLUMN` where the part before the colon is a file that is there. File names, column names and drives
/// may contain colons themselves; the longest file name wins. Without a column the second part is `None`.
///
/// # Errors
/// If no part of `spec` is a file.
pub fn split_spec(spec: &str) -> Result<(PathBuf, Option<String>)> {
    if Path::new(spec).is_file() {
        return Ok((spec.into(), None));
    }
    for (at, _) in spec.rmatch_indices(':') {
        let (file, column) = (&spec[..at], &spec[at + 1..]);
        if Path::new(file).is_file() {
            return Ok((file.into(), (!column.is_empty()).then(|| column.to_owned())));
        }
    }
    Err(Error::input("there is no such file").at(spec).help("write FILE:COLUMN, such as gold.csv:label"))
}

/// Reads the column that `FILE:COLUMN` names. A file of a single column needs no `:COLUMN`.
///
/// # Errors
/// If the file cannot be read, or has no such column; the error lists those it has.
pub fn column_values(spec: &str, options: &ReadOptions, work: &Work) -> Result<Arc<Column>> {
    let (path, name) = split_spec(spec)?;
    let frame = read_frame(&path, options, work)?.frame;
    match (name, frame.columns()) {
        (Some(name), _) => frame.column(&name).cloned().map_err(|error| error.at(path.display())),
        (None, [only]) => Ok(only.clone()),
        (None, columns) => {
            let names: Vec<_> = columns.iter().take(20).map(|column| column.name()).collect();
            Err(Error::input("the column is not named").at(path.display()).help(format!(
                "write {}:COLUMN; the columns are: {}",
                path.display(),
                names.join(", ")
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colons_may_stand_everywhere() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(path("a.csv"), "label,b:c\nx,1\ny,2\n").unwrap();
        std::fs::write(path("one.csv"), "gold\nx\n").unwrap();
        let read = |spec: &str| column_values(spec, &ReadOptions::default(), &Work::new());
        let check = |spec: String, expected: &str| assert_eq!(read(&spec).unwrap().name(), expected, "{spec}");
        check(path("a.csv:label"), "label");
        check(path("a.csv:b:c"), "b:c");
        check(path("a.csv:LABEL"), "label");
        check(path("one.csv"), "gold");
        check(path("one.csv:gold"), "gold");
        if cfg!(unix) {
            std::fs::write(path("a.csv:label.csv"), "z\n1\n").unwrap();
            check(path("a.csv:label.csv:z"), "z");
        }
        let fails = |spec: String, what: &str| {
            let error = read(&spec).unwrap_err();
            assert!(format!("{error} {:?}", error.advice()).contains(what), "{error}");
        };
        fails(path("a.csv"), "label, b:c");
        fails(path("a.csv:"), "label, b:c");
        fails(path("a.csv:none"), "label, b:c");
        fails(path("no.csv:label"), "no such file");
        fails("C:\\no.csv:label".into(), "no such file");
    }
}
