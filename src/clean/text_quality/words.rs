//! A person's own list of words that are not wanted.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

use super::{Spot, TextIssue};
use crate::engine::{Error, Result};

/// The words, ready to be looked for all at once.
#[derive(Debug)]
pub(super) struct Words(Option<AhoCorasick>);

impl Words {
    /// Blank words are left out.
    pub(super) fn new(words: &[String]) -> Result<Self> {
        let words: Vec<&str> = words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return Ok(Self(None));
        }
        let built = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(&words)
            .map_err(|error| Error::input(format!("the list of words cannot be used, {error}")).help("shorten it"))?;
        Ok(Self(Some(built)))
    }

    /// Adds the words of the list that stand in a text. Words of Latin letters count as whole words only; in scripts that
    /// join words with endings they count wherever they stand.
    pub(super) fn find(&self, text: &str, spots: &mut Vec<Spot>) {
        let Some(words) = &self.0 else { return };
        let bytes = text.as_bytes();
        let is_word = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
        for found in words.find_iter(text) {
            let (start, end) = (found.start(), found.end());
            let cut_before = is_word(Some(start)) && is_word(start.checked_sub(1));
            let cut_after = is_word(end.checked_sub(1)) && is_word(Some(end));
            if !cut_before && !cut_after {
                spots.push(Spot { issue: TextIssue::Listed, start, end, sure: true });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whole_and_without_regard_to_case() {
        let words = Words::new(&["Damn".to_owned(), "바보".to_owned(), " ".to_owned()]).unwrap();
        let check = |text: &str, expected: &[&str]| {
            let mut spots = Vec::new();
            words.find(text, &mut spots);
            let found: Vec<&str> = spots.iter().map(|spot| &text[spot.start..spot.end]).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("DAMN, 이 바보야", &["DAMN", "바보"]);
        check("damnation goddamn", &[]);
        check("", &[]);
        let mut spots = Vec::new();
        Words::new(&[]).unwrap().find("damn", &mut spots);
        assert!(spots.is_empty());
    }
}
