//! Sound files: their lengths and rates, from their headers, and what their names say.

use std::collections::HashSet;
use std::path::Path;

use arrow_array::{Int64Array, LargeStringArray};
use rayon::prelude::*;
use unicode_normalization::UnicodeNormalization as _;

use super::listing::Found;
use crate::data::media::{AudioInfo, AudioLimits, audio_info};
use crate::data::read::unite::some;
use crate::data::{Column, Kind, Values};
use crate::engine::{Result, Work};

/// A part of the file names is a class if it has no more values than this.
const MOST_CLASSES: usize = 200;

/// File names are split into at most this many parts.
const MOST_PARTS: usize = 6;

/// `seconds`, `sample_rate`, `channels` (from the header, missing where that cannot be read) and `bytes`, a row for each
/// file.
pub(super) fn columns(root: &Path, files: &[&Found], work: &Work) -> Result<Vec<Column>> {
    let infos = infos(root, files, work)?;
    let seconds = infos.iter().map(|info| info.map(|info| info.seconds)).collect();
    let whole = |name: &str, values: Int64Array| Column::new(name, Values::Int(values));
    Ok(vec![
        Column::new("seconds", Values::Float(seconds)),
        whole("sample_rate", infos.iter().map(|info| info.map(|info| i64::from(info.sample_rate))).collect()),
        whole("channels", infos.iter().map(|info| info.map(|info| i64::from(info.channels))).collect()),
        whole("bytes", files.iter().map(|file| i64::try_from(file.size).ok()).collect()),
    ])
}

fn infos(root: &Path, files: &[&Found], work: &Work) -> Result<Vec<Option<AudioInfo>>> {
    work.stage("reading the headers of sounds", files.len() as u64);
    let infos: Vec<Option<AudioInfo>> = files
        .par_iter()
        .map(|file| {
            work.advance(1)?;
            match audio_info(&root.join(&file.path), AudioLimits::default(), work) {
                Err(error) if error.is_cancelled() => Err(error),
                other => Ok(other.ok()),
            }
        })
        .collect::<Result<_>>()?;
    let unread = files.iter().zip(&infos).filter(|(_, info)| info.is_none());
    let unread: Vec<&str> = unread.map(|(file, _)| file.path.as_str()).collect();
    if !unread.is_empty() {
        work.warn(format!("{} sounds could not be read: {}", unread.len(), some(&unread)));
    }
    Ok(infos)
}

/// `name_1`, `name_2`, … for the parts of file names that are all built alike, `_` or `-` between the parts
/// (`7_jackson_0.wav`); parts that never change or are hardly ever the same say nothing of a class and are left out.
pub(super) fn name_parts(files: &[&Found]) -> Vec<Column> {
    let stems: Vec<&str> = files.iter().map(|file| stem(file.name())).collect();
    let Some((separator, count)) = ['_', '-'].into_iter().find_map(|separator| {
        let mut counts = stems.iter().map(|stem| stem.split(separator).count());
        let first = counts.next().filter(|count| (2..=MOST_PARTS).contains(count))?;
        counts.all(|count| count == first).then_some((separator, first))
    }) else {
        return Vec::new();
    };
    let column = |part: usize| {
        let values: Vec<String> =
            stems.iter().map(|stem| stem.split(separator).nth(part).unwrap_or_default().nfc().collect()).collect();
        let distinct = values.iter().collect::<HashSet<_>>().len();
        let tells = distinct > 1 && distinct <= MOST_CLASSES && distinct * 2 <= values.len();
        tells.then(|| {
            let values = LargeStringArray::from_iter_values(&values);
            Column::text(format!("name_{}", part + 1), Kind::Category, values)
        })
    };
    (0..count).filter_map(column).collect()
}

/// The file's name without its ending.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
