//! How much an editor changed a text: a word diff to show it, the character error rate and the translation edit rate to
//! count it.
//!
//! `before` is the text that was offered (the hypothesis, in the papers), `after` the one the editor left (the
//! reference). Texts are compared as they are: who wants case, Unicode form (NFC) or punctuation to be overlooked
//! normalises both first. White space is what `char::is_whitespace` says, so a Korean word is an eojeol.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

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

/// A word in its text.
struct Token<'t> {
    /// Byte where it begins.
    start: usize,
    /// Without the white space after it; empty for white space at the head of a text.
    word: &'t str,
    /// With the white space after it.
    whole: &'t str,
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let rest = &text[start..];
        let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let whole = rest[word..].find(|c: char| !c.is_whitespace()).map_or(rest.len(), |space| word + space);
        tokens.push(Token { start, word: &rest[..word], whole: &rest[..whole] });
        start += whole;
    }
    tokens
}

/// Two sequences with equal items as equal numbers, and how many numbers there are: small numbers are quick to compare
/// and to look up.
fn numbered<T: Eq + Hash>(
    before: impl Iterator<Item = T>,
    after: impl Iterator<Item = T>,
) -> (Vec<u32>, Vec<u32>, usize) {
    let mut numbers = HashMap::new();
    let mut number = |item| {
        let next = numbers.len() as u32;
        *numbers.entry(item).or_insert(next)
    };
    let a = before.map(&mut number).collect();
    let b = after.map(&mut number).collect();
    (a, b, numbers.len())
}

/// How many items two sequences have in common at the head, and how many of the rest at the tail.
fn common_ends(a: &[u32], b: &[u32]) -> (usize, usize) {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(x, y)| x == y).count();
    (head, tail)
}

/// Adds what stands between two pieces that are the same.
fn push_change(pieces: &mut Vec<Piece>, before: Range<usize>, after: Range<usize>) {
    let place = before.end..before.end;
    push(pieces, PieceKind::Removed, before, after.start..after.start);
    push(pieces, PieceKind::Added, place, after);
}

/// Adds a piece, or makes the last one longer where its kind is the same.
fn push(pieces: &mut Vec<Piece>, kind: PieceKind, before: Range<usize>, after: Range<usize>) {
    if before.is_empty() && after.is_empty() {
        return;
    }
    match pieces.last_mut() {
        Some(last) if last.kind == kind => (last.before.end, last.after.end) = (before.end, after.end),
        _ => pieces.push(Piece { kind, before, after }),
    }
}

/// Pairs of places of the items that both sequences keep, rising in both.
fn kept(a: &[u32], b: &[u32]) -> Vec<(usize, usize)> {
    let (head, tail) = common_ends(a, b);
    let (a_end, b_end) = (a.len() - tail, b.len() - tail);
    let middle = Script::shortest(&a[head..a_end], &b[head..b_end]).unwrap_or_default();
    let heads = (0..head).map(|i| (i, i));
    let middles = middle.into_iter().map(|(i, j)| (head + i, head + j));
    let tails = (0..tail).map(|i| (a_end + i, b_end + i));
    heads.chain(middles).chain(tails).collect()
}

/// The farthest points reached by edit scripts of 0, 1, 2 ... changes (Myers 1986).
///
/// With `d` changes the diagonals `k = x - y` of -d, -d+2 ... d can be reached; they are numbered `i` = 0 ... d.
struct Script {
    /// Items of the first sequence.
    a: i32,
    /// Items of the second.
    b: i32,
    /// `x` by changes and diagonal, -1 where there is no such point: layer `d` begins at `d (d + 1) / 2`.
    reached: Vec<i32>,
}

impl Script {
    /// The items kept by the shortest script, or `None` where it has more than `MOST_CHANGES`.
    fn shortest(a: &[u32], b: &[u32]) -> Option<Vec<(usize, usize)>> {
        if a.len().abs_diff(b.len()) > MOST_CHANGES {
            return None;
        }
        let mut script = Self { a: a.len() as i32, b: b.len() as i32, reached: Vec::new() };
        for changes in 0..=MOST_CHANGES {
            for i in 0..=changes {
                let (mut x, _) = script.entry(changes, i);
                let k = diagonal(changes, i);
                while 0 <= x && x < script.a && x - k < script.b && a[x as usize] == b[(x - k) as usize] {
                    x += 1;
                }
                script.reached.push(x);
                if x == script.a && x - k == script.b {
                    return Some(script.back(changes, i));
                }
            }
        }
        None
    }

    /// Where the last change lets diagonal `i` be entered, and the number of the diagonal it came from.
    fn entry(&self, changes: usize, i: usize) -> (i32, usize) {
        if changes == 0 {
            return (0, 0);
        }
        let layer = &self.reached[changes * (changes - 1) / 2..][..changes];
        let k = diagonal(changes, i);
        let added = layer.get(i).copied().filter(|&x| x >= 0 && x - (k + 1) < self.b);
        let removed = i.checked_sub(1).map(|i| layer[i]).filter(|&x| x >= 0 && x < self.a).map(|x| x + 1);
        if removed > added { (removed.unwrap_or(-1), i - 1) } else { (added.unwrap_or(-1), i) }
    }

    /// The items kept on the way to the point reached on diagonal `i`.
    fn back(&self, mut changes: usize, mut i: usize) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        loop {
            let (entry, from) = self.entry(changes, i);
            let k = diagonal(changes, i);
            let reached = self.reached[changes * (changes + 1) / 2 + i];
            pairs.extend((entry..reached).rev().map(|x| (x as usize, (x - k) as usize)));
            if changes == 0 {
                pairs.reverse();
                return pairs;
            }
            (changes, i) = (changes - 1, from);
        }
    }
}

/// The `i`-th diagonal that can be reached with some changes.
fn diagonal(changes: usize, i: usize) -> i32 {
    2 * i as i32 - changes as i32
}

/// Levenshtein distance of two sequences of numbers below `symbols`.
fn distance(a: &[u32], b: &[u32], symbols: usize) -> usize {
    let mut band = FIRST_BAND.max(a.len().abs_diff(b.len()));
    loop {
        let found = distance_within(a, b, symbols, band);
        if found <= band {
            return found;
        }
        // What a narrow band finds is never too small, so one as wide as that is the last. Bands in between pay only
        // where they are much narrower.
        band = if band * 64 < found { band * 8 } else { found };
    }
}

/// Levenshtein distance where it is at most `band`, else a number above `band` that is not too small.
fn distance_within(a: &[u32], b: &[u32], symbols: usize, band: usize) -> usize {
    let (head, tail) = common_ends(a, b);
    let (a, b) = (&a[head..a.len() - tail], &b[head..b.len() - tail]);
    if a.is_empty() || b.is_empty() {
        return a.len().max(b.len());
    }
    Row::last(a, b, symbols, band.max(a.len().abs_diff(b.len()))).end()
}

/// The last row of an edit distance table.
struct Row {
    /// The first column that was computed.
    first: usize,
    /// Distance at the left edge of that column.
    left: usize,
    /// By column, distance minus the distance one column to the left: -1, 0 or 1.
    steps: Vec<i8>,
}

impl Row {
    /// Distances between `a` and the heads of `b`, 64 rows of the table at a time (Myers 1999, "A Fast Bit-Vector
    /// Algorithm for Approximate String Matching"; Hyyrö 2003).
    ///
    /// Only columns at most `band` off the main diagonal are computed (Ukkonen 1985). At the rim of the band the way
    /// straight down or right is taken, so distances are right up to `band` and never too small above. `band` must be
    /// at least the difference of the lengths.
    fn last(a: &[u32], b: &[u32], symbols: usize, band: usize) -> Self {
        let mut row = Self { first: 0, left: 0, steps: vec![1; b.len()] };
        let mut places = vec![0_u64; symbols];
        for (number, rows) in a.chunks(64).enumerate() {
            let first = (number * 64).saturating_sub(band).min(b.len());
            let end = (number * 64 + 64).saturating_add(band).min(b.len());
            row.left = row.at(first) + rows.len();
            row.first = first;
            for (bit, &symbol) in rows.iter().enumerate() {
                places[symbol as usize] |= 1 << bit;
            }
            advance(&places, rows.len() - 1, &b[first..end], &mut row.steps[first..end]);
            for &symbol in rows {
                places[symbol as usize] = 0;
            }
        }
        row
    }

    /// The distance left of a column that is not before the first.
    fn at(&self, column: usize) -> usize {
        let sum: isize = self.steps[self.first..column].iter().map(|&step| isize::from(step)).sum();
        self.left.saturating_add_signed(sum)
    }

    /// The distance in the corner.
    fn end(&self) -> usize {
        self.at(self.steps.len())
    }

    /// The distances of all columns and of the left edge, for a row without a band.
    fn all(&self) -> Vec<usize> {
        let mut distance = self.left;
        let rest = self.steps.iter().map(|&step| {
            distance = distance.saturating_add_signed(isize::from(step));
            distance
        });
        std::iter::once(self.left).chain(rest).collect()
    }
}

/// Goes through the columns of up to 64 rows. `steps` are those of the row above, and become those of row `last`;
/// `places` has for each symbol the rows that it stands in.
fn advance(places: &[u64], last: usize, columns: &[u32], steps: &mut [i8]) {
    // Bits of the rows whose distance is one more or one less than that of the row above.
    let (mut more, mut less) = (u64::MAX, 0_u64);
    for (&symbol, step) in columns.iter().zip(steps) {
        let (rises, falls) = (u64::from(*step > 0), u64::from(*step < 0));
        let equal = places[symbol as usize];
        let vertical = equal | less;
        let equal = equal | falls;
        let horizontal = ((equal & more).wrapping_add(more) ^ more) | equal;
        let right_more = less | !(horizontal | more);
        let right_less = more & horizontal;
        *step = (right_more >> last & 1) as i8 - (right_less >> last & 1) as i8;
        let right_more = right_more << 1 | rises;
        more = (right_less << 1 | falls) | !(vertical | right_more);
        less = right_more & vertical;
    }
}

/// A step of an alignment of two sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Keep,
    Replace,
    Delete,
    Insert,
}

/// A shortest way to make `b` of `a`.
fn alignment(a: &[u32], b: &[u32], symbols: usize) -> Vec<Step> {
    let mut steps = Vec::with_capacity(a.len().max(b.len()));
    align(a, b, symbols, &mut steps);
    steps
}

/// Adds a shortest way. Where the table would be too large, it is halved at a row that the way is known to cross
/// (Hirschberg 1975), so memory grows only with the length.
fn align(a: &[u32], b: &[u32], symbols: usize, steps: &mut Vec<Step>) {
    if a.len() < 2 || a.len().saturating_mul(b.len()) <= MOST_CELLS {
        return trace(a, b, steps);
    }
    let (upper, lower) = a.split_at(a.len() / 2);
    let backward = |items: &[u32]| items.iter().rev().copied().collect::<Vec<u32>>();
    let to_column = Row::last(upper, b, symbols, usize::MAX).all();
    let from_column = Row::last(&backward(lower), &backward(b), symbols, usize::MAX).all();
    let both = to_column.iter().zip(from_column.iter().rev()).map(|(to, from)| to + from);
    let column = both.enumerate().min_by_key(|&(_, sum)| sum).map_or(0, |(column, _)| column);
    align(upper, &b[..column], symbols, steps);
    align(lower, &b[column..], symbols, steps);
}

/// Adds a shortest way, found with the whole table. Of ways as short, from the end on, one that keeps or replaces is
/// preferred to one that deletes, and that to one that inserts: the order of tercom, on which the shifts found depend.
fn trace(a: &[u32], b: &[u32], steps: &mut Vec<Step>) {
    let width = b.len() + 1;
    let mut row: Vec<u32> = (0..width as u32).collect();
    let mut table = vec![Step::Insert; (a.len() + 1) * width];
    for (x, line) in a.iter().zip(table.chunks_exact_mut(width).skip(1)) {
        let mut corner = row[0];
        row[0] += 1;
        line[0] = Step::Delete;
        for (j, y) in b.iter().enumerate() {
            let (straight, step) = if x == y { (corner, Step::Keep) } else { (corner + 1, Step::Replace) };
            let (delete, insert) = (row[j + 1] + 1, row[j] + 1);
            corner = row[j + 1];
            (row[j + 1], line[j + 1]) = if straight <= delete.min(insert) {
                (straight, step)
            } else if delete <= insert {
                (delete, Step::Delete)
            } else {
                (insert, Step::Insert)
            };
        }
    }
    let (mut i, mut j) = (a.len(), b.len());
    let begin = steps.len();
    while i + j > 0 {
        let step = table[i * width + j];
        i -= usize::from(step != Step::Insert);
        j -= usize::from(step != Step::Delete);
        steps.push(step);
    }
    steps[begin..].reverse();
}

/// What an alignment says about the words of both texts.
struct Places {
    /// Words that are deleted or replaced, by word of the text before.
    wrong_before: Vec<bool>,
    /// Words that are inserted or put in the place of others, by word of the text after.
    wrong_after: Vec<bool>,
    /// By words of the text after (from 0 to all), how many of the text before stand in their place.
    gaps: Vec<usize>,
    /// Steps that do not keep a word.
    errors: usize,
}

impl Places {
    fn of(steps: &[Step]) -> Self {
        let mut places = Self { wrong_before: Vec::new(), wrong_after: Vec::new(), gaps: vec![0], errors: 0 };
        for &step in steps {
            let wrong = step != Step::Keep;
            places.errors += usize::from(wrong);
            if step != Step::Insert {
                places.wrong_before.push(wrong);
            }
            if step != Step::Delete {
                places.wrong_after.push(wrong);
                places.gaps.push(places.wrong_before.len());
            }
        }
        places
    }

    /// Whether a block may be moved to where `target` stands in the text after: both must have an error, and the target
    /// must not be aligned with the block itself.
    fn allow(&self, block: &Range<usize>, target: &Range<usize>) -> bool {
        let gap = self.gaps[target.start + 1];
        let own = block.start < gap && gap <= block.end;
        let wrong = |words: &[bool]| words.iter().any(|&wrong| wrong);
        !own && wrong(&self.wrong_before[block.clone()]) && wrong(&self.wrong_after[target.clone()])
    }
}

/// How good a shift is, the best being the largest: how much it lowers the edit distance, words, first word and place.
type Rank = (usize, usize, Reverse<usize>, Reverse<usize>);

/// The search for shifts for one pair of texts.
struct ShiftSearch<'r> {
    reference: &'r [u32],
    /// By symbol, where it stands in the reference.
    stands: Vec<Vec<usize>>,
    /// What the search may still cost. Counted, not timed, so that a pair has the same result everywhere.
    effort: usize,
}

impl<'r> ShiftSearch<'r> {
    fn new(reference: &'r [u32], symbols: usize) -> Self {
        let mut stands = vec![Vec::new(); symbols];
        for (place, &symbol) in reference.iter().enumerate() {
            stands[symbol as usize].push(place);
        }
        Self { reference, stands, effort: MOST_EFFORT }
    }

    /// The words after the shift that lowers the edit distance most, or `None` where no shift does.
    fn best(&mut self, words: &[u32], steps: &[Step]) -> Option<Vec<u32>> {
        // A cell of the table of an alignment takes about a quarter of a step of the search.
        if !self.spend(words.len().saturating_mul(self.reference.len()) / 4) {
            return None;
        }
        let places = Places::of(steps);
        let mut best = None;
        for start in 0..words.len() {
            for nth in 0..self.stands[words[start] as usize].len() {
                let target = self.stands[words[start] as usize][nth];
                let equal = words[start..].iter().zip(&self.reference[target..]).take_while(|(x, y)| x == y);
                for length in 1..=equal.take(MOST_SHIFTED).count() {
                    let (block, target) = (start..start + length, target..target + length);
                    if places.allow(&block, &target) && !self.try_block(words, &block, &target, &places, &mut best) {
                        return best.map(|(_, words)| words);
                    }
                }
            }
        }
        best.map(|(_, words)| words)
    }

    /// Tries the places where a block may go: before `target` and after each of its words. False when the effort is
    /// spent.
    fn try_block(
        &mut self,
        words: &[u32],
        block: &Range<usize>,
        target: &Range<usize>,
        places: &Places,
        best: &mut Option<(Rank, Vec<u32>)>,
    ) -> bool {
        let mut last = None;
        for &to in &places.gaps[target.start..=target.end] {
            let gain = best.as_ref().map_or(0, |((gain, ..), _)| *gain);
            let passed = if to < block.start { block.start - to } else { to.saturating_sub(block.end) };
            // A block can be taken out and put in anew with two edits a word, so that is the most a shift can gain.
            if 2 * block.len() < gain || !(1..=FARTHEST_SHIFT).contains(&passed) || last.replace(to) == Some(to) {
                continue;
            }
            let most = places.errors.saturating_sub(gain.max(1));
            let columns = self.reference.len().min(64 + 2 * most);
            if !self.spend(columns * words.len().div_ceil(64) + words.len()) {
                return false;
            }
            let shifted = shifted(words, block, to);
            let now = distance_within(&shifted, self.reference, self.stands.len(), most);
            let rank = (places.errors.saturating_sub(now), block.len(), Reverse(block.start), Reverse(to));
            if now <= most && best.as_ref().is_none_or(|(other, _)| rank > *other) {
                *best = Some((rank, shifted));
            }
        }
        true
    }

    /// Takes from the effort, or says that too little is left.
    fn spend(&mut self, steps: usize) -> bool {
        let left = self.effort.checked_sub(steps);
        self.effort = left.unwrap_or(0);
        left.is_some()
    }
}

/// Words with a block moved to before the word `to`, which is outside the block.
fn shifted(words: &[u32], block: &Range<usize>, to: usize) -> Vec<u32> {
    let mut words = words.to_vec();
    if to < block.start {
        words[to..block.end].rotate_right(block.len());
    } else {
        words[block.start..to].rotate_left(block.len());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small linear congruential generator (Knuth's MMIX constants), for inputs that are the same in every run.
    struct Lcg(u64);

    impl Lcg {
        fn below(&mut self, bound: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % bound
        }

        /// Up to `most` parts, drawn from a few so that many are equal.
        fn text(&mut self, most: usize, parts: &[&str]) -> String {
            (0..self.below(most + 1)).map(|_| parts[self.below(parts.len())]).collect()
        }

        /// The text with up to `most` of its words left out, put elsewhere, or replaced.
        fn edited(&mut self, text: &str, most: usize) -> String {
            let mut words: Vec<&str> = text.split_inclusive(' ').collect();
            for _ in 0..self.below(most + 1) {
                if words.is_empty() {
                    break;
                }
                let word = words.remove(self.below(words.len()));
                match self.below(3) {
                    0 => {}
                    1 => words.insert(self.below(words.len() + 1), word),
                    _ => words.insert(self.below(words.len() + 1), "새 "),
                }
            }
            words.concat()
        }
    }

    const PARTS: [&str; 9] = ["a ", "b ", "bc", "  ", "나는 ", "밥을\n", "é", "c\u{3000}", "먹었다."];
    const WORDS: [&str; 8] = ["a ", "b ", "c ", "d ", "e ", "나는 ", "밥을 ", "어제 "];

    /// The textbook table, to check the fast ways against.
    fn plain_distance<T: PartialEq>(a: &[T], b: &[T]) -> usize {
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for x in a {
            let mut corner = row[0];
            row[0] += 1;
            for (j, y) in b.iter().enumerate() {
                let best = (corner + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
                corner = std::mem::replace(&mut row[j + 1], best);
            }
        }
        row[b.len()]
    }

    /// Length of the longest common subsequence, by the textbook table.
    fn plain_common<T: PartialEq>(a: &[T], b: &[T]) -> usize {
        let mut row = vec![0; b.len() + 1];
        for x in a {
            let mut corner = 0;
            for (j, y) in b.iter().enumerate() {
                let best = if x == y { corner + 1 } else { row[j].max(row[j + 1]) };
                corner = std::mem::replace(&mut row[j + 1], best);
            }
        }
        row[b.len()]
    }

    /// A diff as one line: `=`, `-` or `+` and the text in brackets.
    fn shown(before: &str, after: &str) -> String {
        let sign = |kind| match kind {
            PieceKind::Same => '=',
            PieceKind::Removed => '-',
            PieceKind::Added => '+',
        };
        let pieces = word_diff(before, after);
        pieces.iter().map(|piece| format!("{}[{}]", sign(piece.kind), piece.text(before, after))).collect()
    }

    /// Checks what must hold of every diff: the pieces cover both texts in order, and no two of a kind meet.
    fn check_pieces(before: &str, after: &str) {
        let pieces = word_diff(before, after);
        let (mut old_end, mut new_end) = (0, 0);
        for piece in &pieces {
            assert_eq!((piece.before.start, piece.after.start), (old_end, new_end), "{before:?} {after:?}");
            (old_end, new_end) = (piece.before.end, piece.after.end);
            match piece.kind {
                PieceKind::Same => assert_eq!(before[piece.before.clone()], after[piece.after.clone()]),
                PieceKind::Removed => assert!(piece.after.is_empty()),
                PieceKind::Added => assert!(piece.before.is_empty()),
            }
            assert!(!piece.text(before, after).is_empty());
        }
        assert_eq!((old_end, new_end), (before.len(), after.len()), "{before:?} {after:?}");
        assert!(pieces.windows(2).all(|two| two[0].kind != two[1].kind), "{pieces:?}");
    }

    #[test]
    fn word_diff_tells_what_changed() {
        let check = |before, after, expected: &str| assert_eq!(shown(before, after), expected, "{before:?} {after:?}");
        check("", "", "");
        check("a b", "a b", "=[a b]");
        check("", "새 글", "+[새 글]");
        check("옛 글", "", "-[옛 글]");
        check("the cat sat", "the dog sat", "=[the ]-[cat ]+[dog ]=[sat]");
        check("the cat sat", "the sat", "=[the ]-[cat ]=[sat]");
        check("나는 밥을 먹었다.", "나는 어제 밥을 먹었다.", "=[나는 ]+[어제 ]=[밥을 먹었다.]");
        check("나는 밥를 먹었다.", "나는 밥을 먹었다.", "=[나는 ]-[밥를 ]+[밥을 ]=[먹었다.]");
        // Appended text, and white space alone.
        check("안녕하세요.", "안녕하세요. 반갑습니다.", "=[안녕하세요.]+[ 반갑습니다.]");
        check("a b\nc", "a b c", "=[a b]-[\n]+[ ]=[c]");
        check("  a", "a", "-[  ]=[a]");
        check(" a", "\ta", "-[ ]+[\t]=[a]");
        check("a ", "a", "=[a]-[ ]");
        check("   ", "\n", "-[   ]+[\n]");
        // What is replaced in a row is told once.
        check("w x y z", "w p q z", "=[w ]-[x y ]+[p q ]=[z]");
    }

    #[test]
    fn word_diff_gives_places_in_both_texts() {
        let pieces = word_diff("가 b c", "가 x c");
        let expected = [
            (PieceKind::Same, 0..4, 0..4),
            (PieceKind::Removed, 4..6, 4..4),
            (PieceKind::Added, 6..6, 4..6),
            (PieceKind::Same, 6..7, 6..7),
        ];
        assert_eq!(pieces, expected.map(|(kind, before, after)| Piece { kind, before, after }));
        assert_eq!(pieces[1].text("", ""), "");
    }

    #[test]
    fn word_diff_covers_both_texts_and_keeps_the_most_words() {
        let mut random = Lcg(1);
        for _ in 0..1000 {
            let (before, after) = (random.text(24, &PARTS), random.text(24, &PARTS));
            check_pieces(&before, &after);
            let words = |text: &str| tokens(text).iter().map(|token| token.word.to_owned()).collect::<Vec<_>>();
            let (old, new) = (words(&before), words(&after));
            let (a, b, _) = numbered(old.iter(), new.iter());
            assert_eq!(kept(&a, &b).len(), plain_common(&old, &new), "{before:?} {after:?}");
        }
    }

    #[test]
    fn word_diff_of_long_texts_is_bounded() {
        let text = |mark: &str, words| (0..words).map(|i| format!("{mark}{i} ")).collect::<String>();
        let check = |middle_before: usize, middle_after: usize, shared: &str, expected: usize| {
            let before = format!("head {}{shared}{}tail", text("a", middle_before), text("b", middle_before));
            let after = format!("head {}{shared}{}tail", text("c", middle_after), text("d", middle_after));
            check_pieces(&before, &after);
            assert_eq!(word_diff(&before, &after).len(), expected, "{middle_before} {middle_after}");
        };
        // 2,000 changes are still followed, 2,004 are not: the word in the middle is lost, the ends are kept.
        check(500, 500, "shared ", 7);
        check(501, 501, "shared ", 4);
        check(5000, 5000, "shared ", 4);
        check(5000, 0, "shared ", 4);
        let long = text("w", 10_000);
        assert_eq!(word_diff(&long, &long.replacen("w5000 ", "", 1)).len(), 3);
    }

    #[test]
    fn edits_counts_characters() {
        let check = |before: &str, after: &str, expected| {
            assert_eq!(edits(before, after), expected, "{before:?} {after:?}");
            assert_eq!(edits(after, before), expected, "{after:?} {before:?}");
        };
        check("", "", 0);
        check("", "abc", 3);
        check("", "한국어", 3);
        check("same", "same", 0);
        check("kitten", "sitting", 3);
        check("intention", "execution", 5);
        check("밥를", "밥을", 1);
        check("나는 학교에 갔다", "나는 어제 학교에 갔다", 3);
        check("띄어 쓰기", "띄어쓰기", 1);
        check("👍🏽", "👍", 1);
        check(&"ab".repeat(100), &"ba".repeat(100), 2);
        check(&"a".repeat(1000), &"b".repeat(700), 1000);
    }

    #[test]
    fn cer_is_per_character_of_the_text_after() {
        let check = |before, after, expected: f64| {
            assert!((cer(before, after) - expected).abs() < 1e-12, "{before:?} {after:?} {}", cer(before, after));
        };
        check("", "", 0.0);
        check("가나", "", 1.0);
        check("", "가나", 1.0);
        check("kitten", "sitting", 3.0 / 7.0);
        check("sitting", "kitten", 3.0 / 6.0);
        check("밥를 먹다", "밥을 먹다", 0.2);
        check("abcdef", "a", 5.0);
    }

    #[test]
    fn distance_equals_the_textbook() {
        let mut random = Lcg(2);
        for round in 0..200 {
            // Every fifth pair is long enough for several blocks and for bands narrower than the table.
            let most = if round % 10 < 2 { 400 } else { 90 };
            let before = random.text(most, &PARTS);
            let after = if round % 2 == 0 { random.edited(&before, 40) } else { random.text(most, &PARTS) };
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            let expected = plain_distance(&chars(&before), &chars(&after));
            assert_eq!(edits(&before, &after), expected, "{before:?} {after:?}");
            assert_eq!(edits(&after, &before), expected, "{before:?} {after:?}");
            assert_eq!(cer(&before, &before), 0.0);
        }
    }

    #[test]
    fn a_narrow_band_never_finds_too_little() {
        let mut random = Lcg(3);
        for _ in 0..50 {
            let [a, b] =
                [0; 2].map(|_| (0..300 + random.below(20)).map(|_| random.below(4) as u32).collect::<Vec<_>>());
            let expected = plain_distance(&a, &b);
            for band in [20, 40, 80, 160, 320, usize::MAX] {
                let found = Row::last(&a, &b, 4, band).end();
                assert!(
                    if expected <= band { found == expected } else { found >= expected },
                    "{band} {found} {expected}"
                );
            }
        }
    }

    #[test]
    fn alignment_is_shortest_with_and_without_halves() {
        let mut random = Lcg(4);
        let mut sequence =
            |length: usize, symbols| (0..length).map(|_| random.below(symbols) as u32).collect::<Vec<_>>();
        let mut check = |a_length, b_length, symbols| {
            let (a, b) = (sequence(a_length, symbols), sequence(b_length, symbols));
            let steps = alignment(&a, &b, symbols);
            let (mut i, mut j) = (0, 0);
            for &step in &steps {
                assert!(!matches!(step, Step::Keep | Step::Replace) || (a[i] == b[j]) == (step == Step::Keep));
                i += usize::from(step != Step::Insert);
                j += usize::from(step != Step::Delete);
            }
            assert_eq!((i, j), (a.len(), b.len()));
            let errors = steps.iter().filter(|&&step| step != Step::Keep).count();
            assert_eq!(errors, distance(&a, &b, symbols));
        };
        for length in 0..40 {
            check(length, 40 - length, 3);
        }
        check(2100, 2010, 50);
        check(2, MOST_CELLS / 2 + 1, 2);
    }

    /// Insertions, deletions, substitutions and shifts.
    fn counts(ter: &Ter) -> [usize; 4] {
        [ter.insertions, ter.deletions, ter.substitutions, ter.shifts]
    }

    #[test]
    fn ter_counts_edits_of_words() {
        let check = |before, after, expected: [usize; 4], expected_rate: f64| {
            let found = ter(before, after);
            assert_eq!(counts(&found), expected, "{before:?} {after:?}");
            assert!((found.rate - expected_rate).abs() < 1e-12, "{before:?} {after:?} {}", found.rate);
            assert_eq!(found.reference_words, after.split_whitespace().count());
        };
        check("", "", [0, 0, 0, 0], 0.0);
        check("a b", "", [0, 2, 0, 0], 1.0);
        check("", "가 나 다", [3, 0, 0, 0], 1.0);
        check("a  b\n", "a b", [0, 0, 0, 0], 0.0);
        check("나는 밥을 먹었다", "나는 밥을 먹었다", [0, 0, 0, 0], 0.0);
        check("a b c d", "a x c d", [0, 0, 1, 0], 0.25);
        check("a b c d e", "a", [0, 4, 0, 0], 4.0);
        check("a b c d", "c d a b", [0, 0, 0, 1], 0.25);
        check("나는 밥을 어제 먹었다", "나는 어제 밥을 먹었다", [0, 0, 0, 1], 0.25);
        check("어제 학교에서 나는 친구를 만났다", "나는 어제 학교에서 그 친구를 만났다", [1, 0, 0, 1], 2.0 / 6.0);
        // Neither "a" nor "e" gains by a shift alone, so the greedy search replaces both.
        check("a b c d e", "e b c d a", [0, 0, 2, 0], 0.4);
        // The example of Snover et al. 2006, section 3: one shift, two substitutions, one insertion in 13 words.
        check(
            "THIS WEEK THE SAUDIS denied information published in the new york times",
            "SAUDI ARABIA denied THIS WEEK information published in the AMERICAN new york times",
            [1, 0, 2, 1],
            4.0 / 13.0,
        );
    }

    #[test]
    fn ter_keeps_to_the_limits_of_shifts() {
        let words = |mark: &str, count| (0..count).map(|i| format!("{mark}{i} ")).collect::<String>();
        let check = |block, rest, expected: usize| {
            let (block, rest) = (words("b", block), words("r", rest));
            assert_eq!(ter(&format!("{block}{rest}"), &format!("{rest}{block}")).shifts, expected, "{block} {rest}");
        };
        check(10, 50, 1);
        check(1, 49, 1);
        // Eleven words take two shifts.
        check(11, 50, 2);
        // Too far to move.
        check(1, 60, 0);
    }

    /// The best shift, found by trying all and with the textbook distance.
    fn plain_best(words: &[u32], reference: &[u32], steps: &[Step]) -> Option<Vec<u32>> {
        let places = Places::of(steps);
        let before = plain_distance(words, reference);
        let mut best: Option<((usize, usize), Vec<u32>)> = None;
        for (start, length) in (0..words.len()).flat_map(|start| (1..=10).map(move |length| (start, length))) {
            let block = start..start + length;
            let targets = (0..reference.len()).map(|target| target..target + length).filter(|target| {
                let equal = words.get(block.clone()).is_some_and(|some| Some(some) == reference.get(target.clone()));
                equal && places.allow(&block, target)
            });
            let mut gaps: Vec<usize> =
                targets.flat_map(|target| places.gaps[target.start..=target.end].to_vec()).collect();
            gaps.sort_unstable();
            for to in gaps.into_iter().filter(|&to| to < block.start || block.end < to) {
                let shifted = shifted(words, &block, to);
                let gain = before.saturating_sub(plain_distance(&shifted, reference));
                // Starts and places rise, so of those as good the first stays.
                if gain > 0 && best.as_ref().is_none_or(|(rank, _)| (gain, length) > *rank) {
                    best = Some(((gain, length), shifted));
                }
            }
        }
        best.map(|(_, words)| words)
    }

    #[test]
    fn the_best_shift_is_that_of_trying_all() {
        let mut random = Lcg(6);
        for round in 0..400 {
            let before = random.text(20, &WORDS);
            let after = if round % 2 == 0 { random.text(20, &WORDS) } else { random.edited(&before, 8) };
            let (a, b, symbols) = numbered(before.split_whitespace(), after.split_whitespace());
            let steps = alignment(&a, &b, symbols);
            let found = ShiftSearch::new(&b, symbols).best(&a, &steps);
            assert_eq!(found, plain_best(&a, &b, &steps), "{before:?} {after:?}");
        }
    }

    #[test]
    fn ter_is_at_most_the_word_error_rate() {
        let mut random = Lcg(5);
        let mut shifts = 0;
        for _ in 0..500 {
            let before = random.text(25, &WORDS);
            let after = random.edited(&before, 8);
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            let (old, new) = (words(&before), words(&after));
            let found = ter(&before, &after);
            assert!(found.edits() <= plain_distance(&old, &new), "{before:?} {after:?} {found:?}");
            assert_eq!(old.len() + found.insertions, new.len() + found.deletions, "{before:?} {after:?} {found:?}");
            assert_eq!(counts(&ter(&before, &before)), [0; 4]);
            shifts += found.shifts;
        }
        assert!(shifts > 150, "{shifts}");
    }
}
