//! The form in which texts are searched: composed (NFC), full-width letters made narrow, and in lower case unless case
//! matters; with the way back from that form to the bytes of the original.

use std::borrow::Cow;
use std::ops::Range;

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

/// A full-width form as the ASCII character it stands for, an ideographic space as a space; others as they are.
#[inline]
pub(super) fn narrow(letter: char) -> char {
    match letter {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
        other => other,
    }
}

/// True if the text holds a character that [`narrow`] changes.
#[inline]
pub(super) fn has_wide(text: &str) -> bool {
    text.chars().any(|letter| narrow(letter) != letter)
}

/// True if folding could change the text in more than its case: it holds combining marks, conjoining Hangul, full-width
/// forms or other characters outside the scripts that are known to be plain. Errs towards `true`.
#[inline]
pub(super) fn is_odd(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&lead) = bytes.get(at) {
        at += match lead {
            0x00..=0x7F => 1,
            // Latin, up to the modifiers; the combining marks begin after.
            0xC2..=0xCB => 2,
            // CJK ideographs; Hangul syllables.
            0xE4..=0xE9 | 0xEB | 0xEC => 3,
            0xEA if bytes.get(at + 1).is_some_and(|next| *next >= 0xB0) => 3,
            0xED if bytes.get(at + 1).is_some_and(|next| *next < 0x9E) => 3,
            _ => {
                let letter = text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or('\0');
                if narrow(letter) != letter || !begins_cluster(letter) {
                    return true;
                }
                letter.len_utf8()
            }
        };
    }
    false
}

/// True if composition never joins the character to what stands before it, nor changes it by itself (UAX 15, 9).
#[inline]
fn begins_cluster(letter: char) -> bool {
    is_nfc_quick(std::iter::once(letter)) == IsNormalized::Yes && canonical_combining_class(letter) == 0
}

/// A text in searched form.
pub(super) fn fold(text: &str, match_case: bool) -> Cow<'_, str> {
    if text.is_ascii() {
        return if match_case || !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(text.to_ascii_lowercase())
        };
    }
    if match_case {
        return if is_odd(text) { Cow::Owned(text.nfc().map(narrow).collect()) } else { Cow::Borrowed(text) };
    }
    Cow::Owned(text.nfc().flat_map(char::to_lowercase).map(narrow).collect())
}

/// A text in searched form with, for each of its characters, the bytes of the original it comes from.
pub(super) struct Mapped {
    /// The searched form.
    pub(super) text: String,
    /// For each character of `text`: where it begins in `text`, and the bytes of the original.
    places: Vec<(usize, Range<usize>)>,
}

impl Mapped {
    /// Folds `text` cluster by cluster: a cluster begins at a character that composition never joins to the one before
    /// it, so that the folded clusters together are the folded text.
    pub(super) fn new(text: &str, match_case: bool) -> Self {
        let mut mapped = Self { text: String::with_capacity(text.len()), places: Vec::with_capacity(text.len()) };
        let mut start = 0;
        for (at, letter) in text.char_indices().skip(1) {
            if begins_cluster(letter) {
                mapped.cluster(text, start..at, match_case);
                start = at;
            }
        }
        if !text.is_empty() {
            mapped.cluster(text, start..text.len(), match_case);
        }
        mapped
    }

    fn cluster(&mut self, text: &str, bytes: Range<usize>, match_case: bool) {
        for letter in text.get(bytes.clone()).unwrap_or("").nfc() {
            if match_case {
                self.push(narrow(letter), &bytes);
            } else {
                letter.to_lowercase().for_each(|lower| self.push(narrow(lower), &bytes));
            }
        }
    }

    fn push(&mut self, letter: char, bytes: &Range<usize>) {
        self.places.push((self.text.len(), bytes.clone()));
        self.text.push(letter);
    }

    /// The bytes of the original behind a range of bytes of the searched form; `None` for an empty range.
    pub(super) fn original(&self, range: Range<usize>) -> Option<Range<usize>> {
        if range.is_empty() {
            return None;
        }
        let place = |byte: usize| {
            let after = self.places.partition_point(|(start, _)| *start <= byte);
            after.checked_sub(1).and_then(|index| self.places.get(index)).map(|(_, bytes)| bytes.clone())
        };
        Some(place(range.start)?.start..place(range.end - 1)?.end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folding() {
        let check = |text: &str, lower: &str, cased: &str| {
            assert_eq!(fold(text, false), lower, "{text}");
            assert_eq!(fold(text, true), cased, "{text}");
        };
        check("ABC", "abc", "ABC");
        check("ＡＢＣ１２３！", "abc123!", "ABC123!");
        check("가\u{3000}나", "가 나", "가 나");
        check("\u{1112}\u{1161}\u{11ab}국어", "한국어", "한국어");
        check("e\u{301}É", "éé", "éÉ");
        check("İ", "i\u{307}", "İ");
    }

    #[test]
    fn what_is_not_odd_is_left_alone() {
        for plain in ["abc", "한국어 데이터 ㅋㅋ", "漢字かな", "naïve", "русский", "😀"] {
            assert!(!is_odd(plain), "{plain}");
        }
        for odd in ["e\u{301}", "\u{1112}\u{1161}", "ＡＢ", "\u{3000}", "か\u{3099}", "\u{212B}"] {
            assert!(is_odd(odd), "{odd}");
        }
    }

    proptest! {
        #[test]
        fn the_mapped_form_is_the_folded_form(
            text in "([a-zA-Zé가-힣ㄱ-ㅎ\u{1100}-\u{1112}\u{1161}-\u{1175}\u{11a8}-\u{11c2}\u{300}-\u{308}\u{3099}か-ごＡ-ｚ\u{3000} ]|\\PC){0,16}",
            match_case: bool,
        ) {
            let mapped = Mapped::new(&text, match_case);
            prop_assert_eq!(&mapped.text, &fold(&text, match_case));
            if let Some(all) = mapped.original(0..mapped.text.len()) {
                prop_assert_eq!(all, 0..text.len());
            }
            if !is_odd(&text) {
                prop_assert_eq!(text.nfc().map(narrow).collect::<String>(), text.clone());
            }
        }

        #[test]
        fn ranges_lie_on_characters(text in ".{0,12}", at in 0usize..12) {
            let mapped = Mapped::new(&text, false);
            let bounds: Vec<usize> = mapped.text.char_indices().map(|(at, _)| at).collect();
            if let Some(&start) = bounds.get(at) {
                let range = mapped.original(start..start + 1).unwrap();
                prop_assert!(text.get(range).is_some_and(|part| !part.is_empty()));
            }
        }
    }
}
