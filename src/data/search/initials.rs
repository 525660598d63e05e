//! Search by initial consonants, as Korean readers expect it: ㄷㅇㅌ finds 데이터.

use std::ops::Range;

/// The consonants with which a Hangul syllable can begin, in the order of Unicode (chapter 3.12).
const INITIALS: [char; 19] =
    ['ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ'];

/// A word of initial consonants.
#[derive(Debug, Clone)]
pub(super) struct Initials(Vec<char>);

impl Initials {
    /// The word, if it is made of initial consonants alone.
    pub(super) fn new(word: &str) -> Option<Self> {
        let letters: Vec<char> = word.chars().collect();
        (!letters.is_empty() && letters.iter().all(|letter| INITIALS.contains(letter))).then_some(Self(letters))
    }

    /// Where it first occurs at or after the byte `from`: in syllables that begin with these consonants, or in the
    /// consonants themselves.
    pub(super) fn find(&self, text: &str, from: usize) -> Option<Range<usize>> {
        let first = *self.0.first()?;
        let rest = text.get(from..)?;
        for (at, letter) in rest.char_indices() {
            if initial(letter) != first {
                continue;
            }
            let mut length = 0;
            let mut letters = rest.get(at..)?.chars();
            let all = self.0.iter().all(|wanted| match letters.next() {
                Some(letter) if initial(letter) == *wanted => {
                    length += letter.len_utf8();
                    true
                }
                _ => false,
            });
            if all {
                return Some(from + at..from + at + length);
            }
        }
        None
    }
}

/// The consonant with which a syllable begins; any other character as it is.
#[inline]
fn initial(letter: char) -> char {
    let index = u32::from(letter).wrapping_sub(0xAC00);
    if index < 11_172 { INITIALS.get(index as usize / 588).copied().unwrap_or(letter) } else { letter }
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
