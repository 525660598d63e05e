//! Helpers that read Korean: `nfc`, `jamo`, `initials` and `has_word`.

use unicode_normalization::UnicodeNormalization as _;

use super::budget::{Eval, wrong_type};
use super::builtins::Builtin;
use super::call::Keywords;
use super::machine::Machine;
use super::value::Value;
use crate::data::korean::PARTICLES;

/// The initial consonants in the order of the syllables of Unicode, as letters of their own.
const INITIALS: [char; 19] =
    ['ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ'];

/// The final consonants in that order; the first stands for none.
const FINALS: [&str; 28] = [
    "", "ㄱ", "ㄲ", "ㄳ", "ㄴ", "ㄵ", "ㄶ", "ㄷ", "ㄹ", "ㄺ", "ㄻ", "ㄼ", "ㄽ", "ㄾ", "ㄿ", "ㅀ", "ㅁ", "ㅂ", "ㅄ",
    "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ",
];

impl<'a> Machine<'a> {
    /// Calls a helper that reads Korean.
    pub(super) fn korean(
        &mut self,
        builtin: Builtin,
        args: &[Value<'a>],
        keywords: Keywords<'_, 'a>,
    ) -> Eval<Value<'a>> {
        let name = builtin.name();
        if let Some((given, _)) = keywords.first() {
            return Err(wrong_type(format!("{name}() has no argument `{given}`")));
        }
        let texts: Option<Vec<&str>> = args.iter().map(Value::as_str).collect();
        let texts = texts.ok_or_else(|| wrong_type(format!("{name}() needs text")))?;
        let bytes: usize = texts.iter().map(|text| text.len()).sum();
        self.budget.steps(bytes / 4)?;
        // A syllable of three bytes is three letters of three bytes each.
        self.budget.bytes(bytes * 4)?;
        match (builtin, texts.as_slice()) {
            (Builtin::Nfc, [text]) => Ok(Value::text(text.nfc().collect())),
            (Builtin::Jamo, [text]) => Ok(Value::text(jamo(text))),
            (Builtin::Initials, [text]) => Ok(Value::text(initials(text))),
            (Builtin::HasWord, [text, word]) => Ok(Value::Bool(has_word(text, word))),
            (Builtin::HasWord, _) => Err(wrong_type("has_word() needs a text and a word")),
            _ => Err(wrong_type(format!("{name}() takes one text"))),
        }
    }
}

/// The number of a syllable among those of Unicode.
fn syllable(letter: char) -> Option<usize> {
    ('가'..='힣').contains(&letter).then(|| letter as usize - '가' as usize)
}

/// A text with its syllables taken apart into letters: 값 is ㄱㅏㅄ.
fn jamo(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for letter in text.nfc() {
        let Some(at) = syllable(letter) else {
            out.push(letter);
            continue;
        };
        out.extend(INITIALS.get(at / 588));
        out.extend(char::from_u32('ㅏ' as u32 + (at % 588 / 28) as u32));
        out.push_str(FINALS.get(at % 28).copied().unwrap_or_default());
    }
    out
}

/// A text with the initial consonant in place of each syllable: 대한민국 is ㄷㅎㅁㄱ.
fn initials(text: &str) -> String {
    let of = |letter: char| syllable(letter).and_then(|at| INITIALS.get(at / 588).copied()).unwrap_or(letter);
    text.nfc().map(of).collect()
}

/// True if a word stands in a text by itself or with a particle behind it: 영화 is in 영화를 and not in 영화관. Upper and
/// lower case and the forms of Unicode make no difference.
fn has_word(text: &str, word: &str) -> bool {
    let (text, word) = (crate::data::fold(text), crate::data::fold(word));
    if word.is_empty() {
        return false;
    }
    let takes_particle = word.chars().next_back().is_some_and(|letter| syllable(letter).is_some());
    text.match_indices(&word).any(|(at, _)| {
        let before = text.get(..at).and_then(|front| front.chars().next_back());
        let rest = text.get(at + word.len()..).unwrap_or_default();
        let ends = |rest: &str| !rest.chars().next().is_some_and(char::is_alphanumeric);
        let particle = || PARTICLES.iter().any(|particle| rest.strip_prefix(particle).is_some_and(ends));
        !before.is_some_and(char::is_alphanumeric) && (ends(rest) || takes_particle && particle())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_are_taken_apart() {
        let check = |text: &str, letters: &str, first: &str| {
            assert_eq!((jamo(text).as_str(), initials(text).as_str()), (letters, first), "{text}");
        };
        check("값", "ㄱㅏㅄ", "ㄱ");
        check("대한민국!", "ㄷㅐㅎㅏㄴㅁㅣㄴㄱㅜㄱ!", "ㄷㅎㅁㄱ!");
        check("뷁 a1", "ㅂㅞㄺ a1", "ㅂ a1");
        check("\u{1112}\u{1161}\u{11ab}", "ㅎㅏㄴ", "ㅎ");
        check("ㅋㅋ", "ㅋㅋ", "ㅋㅋ");
        check("", "", "");
    }

    #[test]
    fn a_word_may_carry_a_particle() {
        let check = |text: &str, word: &str, expected: bool| {
            assert_eq!(has_word(text, word), expected, "{word} in {text}");
        };
        check("이 영화를 봤다", "영화", true);
        check("영화는, 좋다", "영화", true);
        check("영화", "영화", true);
        check("영화관에서", "영화", false);
        check("이영화", "영화", false);
        check("the Movie is", "movie", true);
        check("movies", "movie", false);
        check("\u{110b}\u{1167}\u{11bc}화를", "영화", true);
        check("a", "", false);
    }
}
