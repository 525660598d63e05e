//! Search by initial consonants, as Korean readers expect it: ㄷㅇㅌ finds 데이터.

use std::ops::Range;

/// The consonants with which a Hangul syllable can begin, in the order of Unicode.
const INITIALS: [char; 19] =
    ['ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ'];

/// The syllables that begin with one consonant (Unicode, chapter 3.12): 21 vowels by 28 finals.
const SYLLABLES: u32 = 588;

/// A word of initial consonants: for each the consonant and the first of the syllables that begin with it.
#[derive(Debug, Clone)]
pub(super) struct Initials(Vec<(u32, u32)>);

impl Initials {
    /// The word, if it is made of initial consonants alone.
    pub(super) fn new(word: &str) -> Option<Self> {
        let letters = word.chars().map(|letter| {
            let index = INITIALS.iter().position(|initial| *initial == letter)?;
            Some((u32::from(letter), 0xAC00 + index as u32 * SYLLABLES))
        });
        letters.collect::<Option<Vec<_>>>().filter(|letters| !letters.is_empty()).map(Self)
    }

    /// Where it first occurs at or after the byte `from`: in syllables that begin with these consonants, or in the
    /// consonants themselves.
    pub(super) fn find(&self, text: &str, from: usize) -> Option<Range<usize>> {
        let (first, others) = self.0.split_first()?;
        let rest = text.get(from..)?;
        if rest.is_ascii() {
            return None;
        }
        let mut letters = rest.char_indices();
        while let Some((at, letter)) = letters.next() {
            if !begins_with(letter, *first) {
                continue;
            }
            let mut following = letters.clone();
            if others.iter().all(|wanted| following.next().is_some_and(|(_, letter)| begins_with(letter, *wanted))) {
                return Some(from + at..from + following.offset());
            }
        }
        None
    }
}

#[inline]
fn begins_with(letter: char, (consonant, syllable): (u32, u32)) -> bool {
    let letter = u32::from(letter);
    letter.wrapping_sub(syllable) < SYLLABLES || letter == consonant
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_find_syllables_and_themselves() {
        let check = |word: &str, text: &str, expected: Option<&str>| {
            let found = Initials::new(word).unwrap().find(text, 0).map(|range| &text[range]);
            assert_eq!(found, expected, "{word} in {text}");
        };
        check("ㄷㅇㅌ", "한국어 데이터 과학", Some("데이터"));
        check("ㅋㅋ", "ㅋㅋㅋ", Some("ㅋㅋ"));
        check("ㅋㅋ", "크킄", Some("크킄"));
        check("ㅎㄱ", "하하한국", Some("한국"));
        check("ㄷㅇㅌ", "데이", None);
        check("ㄲ", "가까", Some("까"));
        check("ㅎ", "힣", Some("힣"));
        check("ㄱ", "abc", None);
        assert!(Initials::new("ㅏ").is_none());
        assert!(Initials::new("데ㅇ").is_none());
        assert!(Initials::new("ㄳ").is_none(), "no syllable begins with it");
        assert!(Initials::new("").is_none());
    }
}
