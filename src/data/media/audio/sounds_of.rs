//! All sounds of a column, one after another on all cores.

use std::path::Path;

use arrow_array::Array as _;
use rayon::prelude::*;

use super::{AudioLimits, Sound};
use crate::data::Column;
use crate::data::media::Root;
use crate::engine::{Error, Result, Work};

/// Decodes every sound of a column of paths and keeps what `each` makes of it. Paths are resolved against `root`. A
/// missing or unreadable sound gives `None`; how many there were is said, and how many were not decoded whole.
///
/// # Errors
/// If the column holds no paths, the root is not there, `each` fails, or the work was cancelled.
pub fn map_sounds<T: Send>(
    root: &Path,
    column: &Column,
    limits: AudioLimits,
    work: &Work,
    each: impl Fn(&Sound) -> Result<T> + Sync,
) -> Result<Vec<Option<T>>> {
    let paths = column.strings().ok_or_else(|| Error::input("the audio column holds no paths").at(column.name()))?;
    let root = Root::open(root)?;
    work.stage("listening to sounds", paths.len() as u64);
    let made: Vec<(Option<T>, bool)> = (0..paths.len())
        .into_par_iter()
        .map(|row| {
            work.advance(1)?;
            if paths.is_null(row) {
                return Ok((None, false));
            }
            match root.media(paths.value(row)).and_then(|media| media.decode_sound(limits, work)) {
                Ok(sound) => Ok((Some(each(&sound)?), !sound.notes.is_empty())),
                Err(error) if error.is_cancelled() => Err(error),
                Err(_) => Ok((None, false)),
            }
        })
        .collect::<Result<_>>()?;
    let count = |is: fn(&(Option<T>, bool)) -> bool| made.iter().filter(|made| is(made)).count();
    let (unreadable, partial) = (count(|made| made.0.is_none()), count(|made| made.1));
    if unreadable > 0 {
        work.warn(format!("{unreadable} of {} sounds could not be read; they are left out", made.len()));
    }
    if partial > 0 {
        work.warn(format!("{partial} of {} sounds are damaged or longer than what is looked at", made.len()));
    }
    Ok(made.into_iter().map(|(value, _)| value).collect())
}

#[cfg(test)]
mod tests {
    use arrow_array::LargeStringArray;

    use super::super::samples::wav;
    use super::*;
    use crate::data::Kind;

    #[test]
    fn unreadable_sounds_are_left_out_and_said() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.wav"), wav(100, 1, &[0.5; 50])).unwrap();
        std::fs::write(folder.path().join("long.wav"), wav(100, 1, &[0.5; 500])).unwrap();
        std::fs::write(folder.path().join("b.wav"), "no sound").unwrap();
        let names = vec![Some("a.wav"), Some("long.wav"), Some("b.wav"), None, Some("../a.wav")];
        let column = Column::text("audio", Kind::Audio, LargeStringArray::from(names));
        let work = Work::new();
        let limits = AudioLimits::default().seconds(2.0);
        let lengths = map_sounds(folder.path(), &column, limits, &work, |sound| Ok(sound.samples.len())).unwrap();
        assert_eq!(lengths, [Some(50), Some(200), None, None, None]);
        assert_eq!(
            work.warnings(),
            [
                "3 of 5 sounds could not be read; they are left out",
                "1 of 5 sounds are damaged or longer than what is looked at",
            ]
        );
        work.cancel();
        assert!(map_sounds(folder.path(), &column, limits, &work, |_| Ok(())).unwrap_err().is_cancelled());
    }
}
