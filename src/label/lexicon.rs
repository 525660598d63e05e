//! What was marked before, proposed where it stands again: the strings that people gave one class, nearly always.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use super::placed::TaskMarks;
use super::text::is_whole;
use crate::data::annotations::Mark;
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work};

/// A string must have been marked so often.
const LEAST: usize = 2;

/// And with one class in this share of its marks.
const NEARLY_ALWAYS: f64 = 0.8;

/// Strings of fewer letters stand everywhere.
const SHORTEST: usize = 2;

/// The strings with their classes, ready to be found.
#[derive(Debug)]
pub struct Lexicon {
    finder: AhoCorasick,
    classes: Vec<String>,
}

/// Builds a [`Lexicon`] of what was marked in a task.
pub struct LexiconOf {
    /// What was marked.
    pub marks: TaskMarks,
    /// The task's name.
    pub task: String,
}

impl Derived for LexiconOf {
    type Output = Lexicon;

    fn fingerprint(&self) -> Fingerprint {
        let print = Fingerprinter::new("lexicon").text(&self.task).number(self.marks.version() as u64);
        print.number(self.marks.marks() as u64).finish()
    }

    fn compute(&self, work: &Work) -> Result<Lexicon> {
        let mut seen: HashMap<&str, BTreeMap<&str, usize>> = HashMap::new();
        for (_, item) in self.marks.rows() {
            work.check()?;
            for annotation in item.marks.values() {
                if let Mark::Span(span) = &annotation.mark
                    && span.pieces.len() == 1
                    && span.surface.chars().count() >= SHORTEST
                {
                    *seen.entry(&span.surface).or_default().entry(&annotation.label).or_default() += 1;
                }
            }
        }
        let mut kept: Vec<(&str, &str)> = seen
            .into_iter()
            .filter_map(|(surface, classes)| {
                let all: usize = classes.values().sum();
                let (class, most) = classes.into_iter().max_by_key(|(_, count)| *count)?;
                (all >= LEAST && most as f64 >= NEARLY_ALWAYS * all as f64).then_some((surface, class))
            })
            .collect();
        kept.sort_unstable();
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(kept.iter().map(|(surface, _)| surface))
            .map_err(|source| Error::input(format!("the strings cannot be looked for, {source}")))?;
        Ok(Lexicon { finder, classes: kept.iter().map(|(_, class)| (*class).to_owned()).collect() })
    }

    fn bytes(lexicon: &Lexicon) -> usize {
        lexicon.finder.memory_usage() + lexicon.classes.len() * 32
    }
}

impl Lexicon {
    /// Where the strings stand in a text and with which class, in code points. Not within words, and not over what is
    /// `taken`.
    pub fn find(&self, text: &str, taken: &[Range<usize>]) -> Vec<(Range<usize>, &str)> {
        let mut found = Vec::new();
        // Bytes and code points run side by side: matches come in order.
        let (mut byte, mut point) = (0, 0);
        for hit in self.finder.find_iter(text) {
            let before = text.get(byte..hit.start()).unwrap_or_default().chars().count();
            let inside = text.get(hit.start()..hit.end()).unwrap_or_default().chars().count();
            let range = point + before..point + before + inside;
            (byte, point) = (hit.end(), range.end);
            let free = taken.iter().all(|other| other.end <= range.start || range.end <= other.start);
            if free && is_whole(text, hit.range()) {
                found.extend(self.classes.get(hit.pattern().as_usize()).map(|class| (range, class.as_str())));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::Slot;
    use super::*;
    use crate::data::annotations::model::Span;
    use crate::data::annotations::{Annotation, to_value};

    fn lexicon(marked: &[(&str, &str)]) -> Lexicon {
        let mut marks = TaskMarks::default();
        for (row, (surface, class)) in marked.iter().enumerate() {
            let span = Span { pieces: vec![(0, surface.chars().count())], surface: (*surface).to_owned() };
            let annotation = Annotation::new(*class, Mark::Span(span));
            marks.put(Slot::Mark(1), row as u32, Some(&to_value(&annotation)), 0);
        }
        LexiconOf { marks, task: "t".into() }.compute(&Work::new()).unwrap()
    }

    #[test]
    fn what_was_marked_before_is_proposed() {
        let marked = [
            ("서울", "LC"),
            ("서울", "LC"),
            ("서울대", "OG"),
            ("서울대", "OG"),
            ("Ann", "PER"),
            ("Ann", "PER"),
            ("once", "PER"),
            ("May", "PER"),
            ("May", "DATE"),
        ];
        let lexicon = lexicon(&marked);
        let check = |text: &str, taken: &[Range<usize>], expected: &[(Range<usize>, &str)]| {
            assert_eq!(lexicon.find(text, taken), expected, "{text}");
        };
        check("서울에서 서울대까지", &[], &[(0..2, "LC"), (5..8, "OG")]);
        let taken = 1..3;
        check("서울에서", std::slice::from_ref(&taken), &[]);
        check("Annual Ann once in May", &[], &[(7..10, "PER")]);
        check("", &[], &[]);
    }
}
