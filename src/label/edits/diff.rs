//! Which words were kept, by the shortest script of changes.

use std::collections::HashMap;
use std::hash::Hash;

use super::*;

/// A word in its text.
pub(super) struct Token<'t> {
    /// Byte where it begins.
    pub(super) start: usize,
    /// Without the white space after it; empty for white space at the head of a text.
    pub(super) word: &'t str,
    /// With the white space after it.
    pub(super) whole: &'t str,
}

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
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
pub(super) fn numbered<T: Eq + Hash>(
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
pub(super) fn common_ends(a: &[u32], b: &[u32]) -> (usize, usize) {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(x, y)| x == y).count();
    (head, tail)
}

/// Adds what stands between two pieces that are the same.
pub(super) fn push_change(pieces: &mut Vec<Piece>, before: Range<usize>, after: Range<usize>) {
    let place = before.end..before.end;
    push(pieces, PieceKind::Removed, before, after.start..after.start);
    push(pieces, PieceKind::Added, place, after);
}

/// Adds a piece, or makes the last one longer where its kind is the same.
pub(super) fn push(pieces: &mut Vec<Piece>, kind: PieceKind, before: Range<usize>, after: Range<usize>) {
    if before.is_empty() && after.is_empty() {
        return;
    }
    match pieces.last_mut() {
        Some(last) if last.kind == kind => (last.before.end, last.after.end) = (before.end, after.end),
        _ => pieces.push(Piece { kind, before, after }),
    }
}

/// Pairs of places of the items that both sequences keep, rising in both.
pub(super) fn kept(a: &[u32], b: &[u32]) -> Vec<(usize, usize)> {
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
pub(super) struct Script {
    /// Items of the first sequence.
    pub(super) a: i32,
    /// Items of the second.
    pub(super) b: i32,
    /// `x` by changes and diagonal, -1 where there is no such point: layer `d` begins at `d (d + 1) / 2`.
    pub(super) reached: Vec<i32>,
}

impl Script {
    /// The items kept by the shortest script, or `None` where it has more than `MOST_CHANGES`.
    pub(super) fn shortest(a: &[u32], b: &[u32]) -> Option<Vec<(usize, usize)>> {
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
    pub(super) fn entry(&self, changes: usize, i: usize) -> (i32, usize) {
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
    pub(super) fn back(&self, mut changes: usize, mut i: usize) -> Vec<(usize, usize)> {
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
pub(super) fn diagonal(changes: usize, i: usize) -> i32 {
    2 * i as i32 - changes as i32
}
