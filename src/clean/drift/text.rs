//! Texts against texts: a classifier that tells the current from the reference's, and how well it does so on texts that
//! it has not seen (Lopez-Paz and Oquab 2017, "Revisiting Classifier Two-Sample Tests").
//!
//! Features are words and pieces of 2-4 characters, so that Korean counts as English does. Equal texts are in the same
//! half, so that none is both learnt from and asked about.

use arrow_array::{Array as _, LargeStringArray};
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::super::statistics::normal_tail;
use super::resample::{Interval, Judged, poisson};
use super::{Detail, Measured, Options};
use crate::data::Column;
use crate::engine::{Random, Result, Work};
use crate::learn::features::{TextOptions, Tfidf};
use crate::learn::logistic::{self, Targets, Weights};

/// Texts of each side that are looked at; more do not change the answer much.
const MOST: usize = 20_000;

/// The fewest texts of each side in each half.
const FEWEST: usize = 10;

/// Evidently's area from which on texts have drifted.
pub(super) const THRESHOLD: f64 = 0.55;

/// Pieces of words that are named for each side.
const NAMED: usize = 12;

/// So many times as many pieces are looked at, as most are parts of one that was named.
const LOOKED_AT: usize = 8;

/// Compares two columns of text.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn compare(a: &Column, b: &Column, options: &Options, random: &mut Random, work: &Work) -> Result<Measured> {
    let mut measured = Measured { method: "domain-classifier", threshold: THRESHOLD, ..Measured::default() };
    let (Some(reference), Some(current)) = (a.folded(), b.folded()) else { return Ok(measured) };
    let (reference, current) = (sample(reference, random), sample(current, random));
    let of_reference = reference.len();
    let texts = LargeStringArray::from_iter_values(reference.into_iter().chain(current));
    let side = |row: usize| u16::from(row >= of_reference);
    let seed = random.bits();
    let is_learnt: Vec<bool> =
        (0..texts.len()).map(|row| xxh3_64_with_seed(texts.value(row).as_bytes(), seed) & 1 == 0).collect();
    let fewest = [(true, 0), (true, 1), (false, 0), (false, 1)].map(|(learnt, of)| {
        is_learnt.iter().enumerate().filter(|(row, is_learnt)| **is_learnt == learnt && side(*row) == of).count()
    });
    if fewest.iter().any(|count| *count < FEWEST) {
        measured.note = Some("there are too few different texts to compare".to_owned());
        return Ok(measured);
    }
    let (fitted, rows) = Tfidf::fit_transform(&texts, &TextOptions::default(), work)?;
    let labels: Vec<Option<u16>> =
        is_learnt.iter().enumerate().map(|(row, learnt)| learnt.then(|| side(row))).collect();
    let model = logistic::fit(
        &rows,
        Targets::Hard(&labels),
        2,
        Weights::default(),
        &logistic::Options::default(),
        options.seed,
        work,
    )?;
    let said = model.predict_proba(&rows, work)?;
    let held_out = (0..texts.len()).filter(|row| is_learnt.get(*row) == Some(&false));
    let mut scores: Vec<(f32, bool)> =
        held_out.map(|row| (said.row(row).last().copied().unwrap_or(0.0), side(row) == 1)).collect();
    scores.sort_by(|x, y| x.0.total_cmp(&y.0));
    measured.judged = judge(&scores, options.resamples, random, work)?;
    let named = |class: u16| -> Result<Vec<String>> {
        let columns: Vec<u32> =
            model.top_columns(usize::from(class), NAMED * LOOKED_AT).into_iter().map(|(column, _)| column).collect();
        Ok(apart(fitted.names(&texts, &columns, work)?.into_iter().flatten()))
    };
    measured.detail = Detail { more: named(1)?, less: named(0)?, ..Detail::default() };
    Ok(measured)
}

/// The first [`NAMED`] pieces that say something each: what is part of another stands for it, so of the pieces of a
/// word the longest is named, in the place of the first; phrases do not take the place of their words.
fn apart(pieces: impl Iterator<Item = String>) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    for piece in pieces {
        let piece = piece.trim();
        if piece.is_empty() || named.iter().any(|before| before.contains(piece)) {
            continue;
        }
        let is_phrase = piece.contains(char::is_whitespace);
        match named.iter().position(|before| piece.contains(before.as_str())) {
            Some(_) if is_phrase => {}
            Some(first) => {
                named.retain(|before| !piece.contains(before.as_str()));
                named.insert(first, piece.to_owned());
            }
            None if named.len() < NAMED => named.push(piece.to_owned()),
            None => {}
        }
    }
    named
}

/// At most [`MOST`] of the texts that are there and not empty, in their order, the same for the same seed.
fn sample<'a>(texts: &'a LargeStringArray, random: &mut Random) -> Vec<&'a str> {
    let mut rows: Vec<usize> =
        (0..texts.len()).filter(|row| texts.is_valid(*row) && !texts.value(*row).trim().is_empty()).collect();
    random.thin(&mut rows, MOST);
    rows.sort_unstable();
    rows.into_iter().map(|row| texts.value(row)).collect()
}

/// The area under the ROC curve of weighted rows by rising score: the chance that a current text has the greater score;
/// equal scores count half. `None` if one side weighs nothing.
pub(super) fn area(scores: &[(f32, bool)], mut weight: impl FnMut() -> f64) -> Option<f64> {
    let (mut below, mut above, mut area) = (0.0, 0.0, 0.0);
    for step in scores.chunk_by(|x, y| x.0 == y.0) {
        let (mut reference, mut current) = (0.0, 0.0);
        for (_, is_current) in step {
            let weight = weight();
            if *is_current { current += weight } else { reference += weight }
        }
        area += current * (below + reference / 2.0);
        (below, above) = (below + reference, above + current);
    }
    (below > 0.0 && above > 0.0).then(|| area / (below * above))
}

/// The area with its interval (bootstrap of the texts that were not learnt from) and what chance does: the law of the
/// rank sum (Mann and Whitney 1947), which holds since those texts had no part in the classifier.
pub(super) fn judge(scores: &[(f32, bool)], resamples: usize, random: &mut Random, work: &Work) -> Result<Judged> {
    let Some(found) = area(scores, || 1.0) else { return Ok(Judged::default()) };
    let seeds: Vec<u64> = (0..resamples).map(|_| random.bits()).collect();
    let draw = |seed: &u64| {
        work.check()?;
        let mut random = Random::new(*seed);
        Ok(area(scores, || poisson(1.0, &mut random)))
    };
    let samples: Vec<f64> = seeds.par_iter().map(draw).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    let current = scores.iter().filter(|score| score.1).count() as f64;
    let reference = scores.len() as f64 - current;
    let deviation = ((current + reference + 1.0) / (12.0 * current * reference)).sqrt();
    let p_value = normal_tail((found - 0.5) / deviation);
    let noise = 0.5 + 1.644_853_626_951_472_2 * deviation;
    let interval = Interval::of(found, found, 0.5, samples, p_value <= 0.05);
    Ok(Judged {
        distance: Some(found),
        low: interval.low,
        high: interval.high,
        noise: Some(noise),
        detectable: Some(noise + 0.84 * deviation),
        p_value: Some(p_value),
    })
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn pieces_of_a_word_are_named_once() {
        let check = |pieces: &[&str], expected: &[&str]| {
            assert_eq!(apart(pieces.iter().map(|piece| (*piece).to_owned())), expected, "{pieces:?}");
        };
        check(&[], &[]);
        check(&["ne", " new", "new ", "old"], &["new", "old"]);
        check(&["환불", " 환불이 ", "불이"], &["환불이"]);
        check(&["ew", "old", "ne", "new"], &["new", "old"]);
        check(&["new", "new word", "other phrase"], &["new", "other phrase"]);
        let many: Vec<String> = (10..40).map(|number| number.to_string()).collect();
        assert_eq!(apart(many.into_iter()).len(), super::NAMED);
    }
}
