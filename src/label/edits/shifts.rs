//! Blocks of words that were moved, for the translation edit rate.

use std::cmp::Reverse;

use super::*;

/// What an alignment says about the words of both texts.
pub(super) struct Places {
    /// Words that are deleted or replaced, by word of the text before.
    pub(super) wrong_before: Vec<bool>,
    /// Words that are inserted or put in the place of others, by word of the text after.
    pub(super) wrong_after: Vec<bool>,
    /// By words of the text after (from 0 to all), how many of the text before stand in their place.
    pub(super) gaps: Vec<usize>,
    /// Steps that do not keep a word.
    pub(super) errors: usize,
}

impl Places {
    pub(super) fn of(steps: &[Step]) -> Self {
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
    pub(super) fn allow(&self, block: &Range<usize>, target: &Range<usize>) -> bool {
        let gap = self.gaps[target.start + 1];
        let own = block.start < gap && gap <= block.end;
        let wrong = |words: &[bool]| words.iter().any(|&wrong| wrong);
        !own && wrong(&self.wrong_before[block.clone()]) && wrong(&self.wrong_after[target.clone()])
    }
}

/// How good a shift is, the best being the largest: how much it lowers the edit distance, words, first word and place.
pub(super) type Rank = (usize, usize, Reverse<usize>, Reverse<usize>);

/// The search for shifts for one pair of texts.
pub(super) struct ShiftSearch<'r> {
    pub(super) reference: &'r [u32],
    /// By symbol, where it stands in the reference.
    pub(super) stands: Vec<Vec<usize>>,
    /// What the search may still cost. Counted, not timed, so that a pair has the same result everywhere.
    pub(super) effort: usize,
}

impl<'r> ShiftSearch<'r> {
    pub(super) fn new(reference: &'r [u32], symbols: usize) -> Self {
        let mut stands = vec![Vec::new(); symbols];
        for (place, &symbol) in reference.iter().enumerate() {
            stands[symbol as usize].push(place);
        }
        Self { reference, stands, effort: MOST_EFFORT }
    }

    /// The words after the shift that lowers the edit distance most, or `None` where no shift does.
    pub(super) fn best(&mut self, words: &[u32], steps: &[Step]) -> Option<Vec<u32>> {
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
    pub(super) fn try_block(
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
    pub(super) fn spend(&mut self, steps: usize) -> bool {
        let left = self.effort.checked_sub(steps);
        self.effort = left.unwrap_or(0);
        left.is_some()
    }
}

/// Words with a block moved to before the word `to`, which is outside the block.
pub(super) fn shifted(words: &[u32], block: &Range<usize>, to: usize) -> Vec<u32> {
    let mut words = words.to_vec();
    if to < block.start {
        words[to..block.end].rotate_right(block.len());
    } else {
        words[block.start..to].rotate_left(block.len());
    }
    words
}
