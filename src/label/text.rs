//! Stretches of a text: where words begin and end, what belongs to a name and what is a particle, equal strings.
//!
//! Positions are code points, half-open, as they are stored.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::data::korean::PARTICLES;

/// How a selection is widened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Snap {
    /// To whole words: runs of letters and digits, in Korean the eojeol without its punctuation.
    #[default]
    Word,
    /// Not at all.
    Character,
}

/// Whether a stretch from `first` to `last` is a word of its own between `before` and `after`. Behind Hangul a particle
/// may follow.
fn stands_alone(before: Option<char>, first: char, last: char, after: Option<char>) -> bool {
    let goes_on = |a: char, b: char| a.is_alphanumeric() && b.is_alphanumeric();
    let hangul = |letter: char| matches!(letter, '가'..='힣');
    before.is_none_or(|before| !goes_on(before, first))
        && after.is_none_or(|after| hangul(last) || hangul(after) || !goes_on(last, after))
}

/// Whether the bytes of a text are a word of their own, as [`Points::equal`] means it.
pub(super) fn is_whole(text: &str, bytes: Range<usize>) -> bool {
    let (Some(before), Some(word), Some(after)) =
        (text.get(..bytes.start), text.get(bytes.clone()), text.get(bytes.end..))
    else {
        return false;
    };
    let ends = word.chars().next().zip(word.chars().next_back());
    ends.is_some_and(|(first, last)| stands_alone(before.chars().next_back(), first, last, after.chars().next()))
}

/// A text whose positions are code points.
#[derive(Debug, Clone)]
pub struct Points {
    /// Of every word its beginning and end.
    words: Vec<Range<usize>>,
    letters: Vec<char>,
}

impl Points {
    /// Cuts a text into words.
    pub fn new(text: &str) -> Self {
        let letters: Vec<char> = text.chars().collect();
        let mut words: Vec<Range<usize>> = Vec::new();
        let mut at = 0;
        for word in text.split_word_bounds() {
            let end = at + word.chars().count();
            let counts = word.chars().any(|letter| letter.is_alphanumeric());
            match words.last_mut() {
                // Some scripts are cut within what a person calls a word.
                Some(last) if counts && last.end == at => last.end = end,
                _ if counts => words.push(at..end),
                _ => {}
            }
            at = end;
        }
        Self { words, letters }
    }

    /// The number of code points.
    pub fn len(&self) -> usize {
        self.letters.len()
    }

    /// True for an empty text.
    pub fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// The text of a stretch.
    pub fn slice(&self, range: &Range<usize>) -> String {
        self.letters.get(range.clone()).map_or_else(String::new, |letters| letters.iter().collect())
    }

    /// The word at or just before a position.
    pub fn word_at(&self, at: usize) -> Option<Range<usize>> {
        let next = self.words.partition_point(|word| word.end < at);
        self.words.get(next).filter(|word| word.start <= at).cloned()
    }

    /// Where a step to the right or left over a word leads.
    pub fn word_step(&self, at: usize, forward: bool) -> usize {
        if forward {
            let next = self.words.partition_point(|word| word.end <= at);
            self.words.get(next).map_or(self.len(), |word| word.end)
        } else {
            let next = self.words.partition_point(|word| word.start < at);
            next.checked_sub(1).and_then(|word| self.words.get(word)).map_or(0, |word| word.start)
        }
    }

    /// A selection as it is meant: without white space at its ends, and widened to words if asked for. Empty if nothing
    /// is left.
    pub fn snapped(&self, range: Range<usize>, snap: Snap) -> Range<usize> {
        let (mut start, mut end) = (range.start.min(self.len()), range.end.min(self.len()));
        let space = |at: usize| self.letters.get(at).is_some_and(|letter| letter.is_whitespace());
        while start < end && space(start) {
            start += 1;
        }
        while start < end && space(end - 1) {
            end -= 1;
        }
        if snap == Snap::Word && start < end {
            // Only a word of which a part was chosen is taken whole; what touches it does not count.
            if let Some(word) = self.word_at(start + 1).filter(|word| word.start < start) {
                start = word.start;
            }
            if let Some(word) = self.word_at(end).filter(|word| word.start < end) {
                end = end.max(word.end);
            }
        }
        start..end
    }

    /// The stretch without the Korean particle at its end; `None` if it has none, or would be nothing without.
    pub fn without_particle(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let text = self.slice(range);
        let hangul = |letter: char| matches!(letter, '가'..='힣');
        let fits = |particle: &&&str| {
            let before = text.strip_suffix(**particle).and_then(|rest| rest.chars().next_back());
            before.is_some_and(|letter| letter.is_alphanumeric() || matches!(letter, ')' | '”' | '"' | '\''))
                && particle.chars().all(hangul)
        };
        let particle = PARTICLES.iter().find(fits)?;
        Some(range.start..range.end - particle.chars().count())
    }

    /// The stretch with the Korean particle that follows it in its word; `None` if none follows.
    pub fn with_particle(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let word = self.word_at(range.end + 1).filter(|word| word.start < range.end + 1 && word.end > range.end)?;
        let rest = self.slice(&(range.end..word.end));
        let particle = PARTICLES.iter().find(|particle| rest.starts_with(**particle))?;
        Some(range.start..range.end + particle.chars().count())
    }

    /// All stretches with the same text as this one, that one left out. They do not overlap each other. Where a stretch
    /// is a word of its own script, only such are found: `Ann` is not in `Annual`; in Hangul a particle may follow.
    pub fn equal(&self, range: &Range<usize>) -> Vec<Range<usize>> {
        let Some(wanted) = self.letters.get(range.clone()).filter(|letters| !letters.is_empty()) else {
            return Vec::new();
        };
        let (first, last) = (wanted[0], wanted[wanted.len() - 1]);
        let mut found = Vec::new();
        let mut at = 0;
        while at + wanted.len() <= self.letters.len() {
            let end = at + wanted.len();
            let before = at.checked_sub(1).map(|before| self.letters[before]);
            let after = self.letters.get(end).copied();
            let whole = stands_alone(before, first, last, after);
            if self.letters[at] == first && &self.letters[at..end] == wanted && whole {
                if at != range.start {
                    found.push(at..end);
                }
                at = end;
            } else {
                at += 1;
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_script() {
        let text = Points::new("Ann's 김민수는, 삼성전자(주) 3.5%");
        let check = |at, expected: &str| {
            assert_eq!(text.word_at(at).map(|word| text.slice(&word)).unwrap_or_default(), expected, "{at}");
        };
        check(1, "Ann's");
        check(5, "Ann's");
        check(7, "김민수는");
        check(13, "삼성전자");
        check(16, "삼성전자");
        check(17, "주");
        assert_eq!(text.word_step(0, true), 5);
        assert_eq!(text.word_step(5, true), 10);
        assert_eq!(text.word_step(10, false), 6);
        assert_eq!(text.word_step(0, false), 0);
    }

    #[test]
    fn a_selection_is_trimmed_and_widened() {
        let text = Points::new(" 서울에서 왔다 ");
        let check = |range, snap, expected: &str| {
            let range = text.snapped(range, snap);
            assert_eq!(text.slice(&range), expected);
        };
        check(0..3, Snap::Character, "서울");
        check(0..3, Snap::Word, "서울에서");
        check(2..3, Snap::Word, "서울에서");
        check(0..1, Snap::Word, "");
        check(4..8, Snap::Word, "서울에서 왔다");
        check(5..99, Snap::Word, "왔다");
    }

    #[test]
    fn particles_go_and_come() {
        let text = Points::new("김민수는 서울에서 삼성전자에 입사했다");
        let check = |range: Range<usize>, expected: Option<&str>| {
            let without = text.without_particle(&range);
            assert_eq!(without.as_ref().map(|range| text.slice(range)).as_deref(), expected);
            if let Some(without) = without {
                assert_eq!(text.with_particle(&without), Some(range));
            }
        };
        check(0..4, Some("김민수"));
        check(5..9, Some("서울"));
        check(10..15, Some("삼성전자"));
        check(0..3, None);
        assert_eq!(text.with_particle(&(0..4)), None);
        assert_eq!(Points::new("은").without_particle(&(0..1)), None);
    }

    #[test]
    fn equal_strings_are_words_of_their_own() {
        let text = Points::new("Ann met Ann; Annual Ann. 서울은 서울에서 남서울");
        let at = |range: Range<usize>| text.equal(&range).len();
        assert_eq!(at(0..3), 2);
        assert_eq!(at(25..27), 1);
        assert_eq!(at(3..3), 0);
    }
}
