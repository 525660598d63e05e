//! How much an editor changed a text: a word diff to show it, the character error rate and the translation edit rate to
//! count it.
//!
//! `before` is the text that was offered (the hypothesis, in the papers), `after` the one the editor left (the
//! reference). Texts are compared as they are: who wants case, Unicode form (NFC) or punctuation to be overlooked
//! normalises both first. White space is what `char::is_whitespace` says, so a Korean word is an eojeol.

mod diff;
mod distance;
mod shifts;
#[cfg(test)]
mod tests;

use std::ops::Range;

use diff::*;
use distance::*;
use shifts::*;

/// Removed and added words up to which [`word_diff`] looks for the shortest script: 8 MB of paths, some 20 ms.
const MOST_CHANGES: usize = 2000;

/// Half the width of the first band that [`distance`] looks in. Most post-edits are smaller.
const FIRST_BAND: usize = 64;

/// Cells of an edit distance table that are kept to find the way back through it, one byte each.
const MOST_CELLS: usize = 1 << 22;

/// The longest block of words that [`ter`] moves, as in tercom.
const MOST_SHIFTED: usize = 10;

/// How many words a block moves past at most: the distance of tercom.
const FARTHEST_SHIFT: usize = 50;

/// What the search for shifts may cost for one pair of texts, in steps of a few nanoseconds: about half a second.
const MOST_EFFORT: usize = 1 << 26;

/// What became of a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PieceKind {
    /// Stands in both texts.
    Same,
    /// Stands only in the text before.
    Removed,
    /// Stands only in the text after.
    Added,
}

/// A piece of a [`word_diff`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What became of it.
    pub kind: PieceKind,
    /// Bytes of the text before. Empty where it was added: the place where it came in.
    pub before: Range<usize>,
    /// Bytes of the text after. Empty where it was removed: the place where it stood.
    pub after: Range<usize>,
}

impl Piece {
    /// The words of the piece, taken from the two texts it was made of; empty for other texts that are too short.
    pub fn text<'t>(&self, before: &'t str, after: &'t str) -> &'t str {
        let (text, range) = match self.kind {
            PieceKind::Same | PieceKind::Added => (after, &self.after),
            PieceKind::Removed => (before, &self.before),
        };
        text.get(range.clone()).unwrap_or_default()
    }
}

/// The counts behind a translation edit rate, and the rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ter {
    /// Words put in.
    pub insertions: usize,
    /// Words taken out.
    pub deletions: usize,
    /// Words put in the place of others.
    pub substitutions: usize,
    /// Blocks of 1-10 words that were moved. Each counts as one edit, whatever its length.
    pub shifts: usize,
    /// Words of the text after.
    pub reference_words: usize,
    /// Edits per word of the text after: 0 for equal words, above 1 where more was done than there are words. Where
    /// nothing is left after, 1 if anything was there before and 0 if not.
    pub rate: f64,
}

impl Ter {
    /// Edits of all four sorts.
    pub fn edits(&self) -> usize {
        self.insertions + self.deletions + self.substitutions + self.shifts
    }
}

/// What changed between two texts, word by word.
///
/// A word is a run of what is not white space, with the white space after it. Where only that white space changed, the
/// word is the same and the white space is told apart, so a sentence added at the end leaves the last word alone.
/// The pieces stand in the order of the texts and cover both; between two that are the same, what was removed comes
/// before what was added, and neither is empty.
///
/// The words kept are as many as possible (Myers 1986, "An O(ND) Difference Algorithm and Its Variations") for up to
/// 2,000 words removed and added. Texts farther apart keep the words they have in common at both ends, and the middle
/// is told as replaced.
pub fn word_diff(before: &str, after: &str) -> Vec<Piece> {
    let (old, new) = (tokens(before), tokens(after));
    let (a, b, _) = numbered(old.iter().map(|token| token.word), new.iter().map(|token| token.word));
    let mut pieces = Vec::new();
    let (mut old_end, mut new_end) = (0, 0);
    for (i, j) in kept(&a, &b) {
        let (from, to) = (&old[i], &new[j]);
        let bytes = if from.whole == to.whole { from.whole.len() } else { from.word.len() };
        push_change(&mut pieces, old_end..from.start, new_end..to.start);
        (old_end, new_end) = (from.start + bytes, to.start + bytes);
        push(&mut pieces, PieceKind::Same, from.start..old_end, to.start..new_end);
    }
    push_change(&mut pieces, old_end..before.len(), new_end..after.len());
    pieces
}

/// The fewest characters (Unicode scalar values) to insert, delete or replace to make one text of the other: their
/// Levenshtein distance. The same in both directions.
pub fn edits(before: &str, after: &str) -> usize {
    let (a, b, symbols) = numbered(before.chars(), after.chars());
    distance(&a, &b, symbols)
}

/// Character error rate: [`edits`] per character of the text after.
///
/// 0 for equal texts, above 1 where more was changed than there is left. Where nothing is left after, 1 if anything was
/// there before and 0 if not.
pub fn cer(before: &str, after: &str) -> f64 {
    rate(edits(before, after), after.chars().count())
}

/// Translation edit rate: insertions, deletions, substitutions and shifts of words per word of the text after (Snover
/// et al. 2006, "A Study of Translation Edit Rate with Targeted Human Annotation"). With the post-edited text as the
/// reference, as here, it is the HTER of that paper.
///
/// As the paper has it, the shift that lowers the edit distance most is made as long as one does; ties go to the
/// longest block, then to the first. A block has 1-10 words that stand in a row in both texts, with an error in both
/// places, and moves past at most 50 words. The search is greedy, so the rate is an upper bound, but never above the
/// word error rate. It is also bounded, at about half a second: in texts of a thousand words and more shifts may be
/// missed.
pub fn ter(before: &str, after: &str) -> Ter {
    let (mut words, reference, symbols) = numbered(before.split_whitespace(), after.split_whitespace());
    let mut search = ShiftSearch::new(&reference, symbols);
    let mut steps = alignment(&words, &reference, symbols);
    let mut shifts = 0;
    while let Some(shifted) = search.best(&words, &steps) {
        words = shifted;
        steps = alignment(&words, &reference, symbols);
        shifts += 1;
    }
    let count = |kind| steps.iter().filter(|&&step| step == kind).count();
    let mut ter = Ter {
        insertions: count(Step::Insert),
        deletions: count(Step::Delete),
        substitutions: count(Step::Replace),
        shifts,
        reference_words: reference.len(),
        rate: 0.0,
    };
    ter.rate = rate(ter.edits(), ter.reference_words);
    ter
}

/// Edits per unit. Finite also where there is no unit, so that a mean over rows stays one.
fn rate(edits: usize, units: usize) -> f64 {
    match (edits, units) {
        (0, _) => 0.0,
        (_, 0) => 1.0,
        _ => edits as f64 / units as f64,
    }
}
