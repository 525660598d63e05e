//! Text that was damaged on its way: characters lost, control characters, bytes read in the wrong encoding.

use std::borrow::Cow;

use encoding_rs::EUC_KR;

use super::{Damage, Spot, TextIssue};

/// Mends at most so many layers of wrong readings.
const LAYERS: usize = 3;

/// Adds the damage of a text.
pub(super) fn find(text: &str, spots: &mut Vec<Spot>) {
    let mut add = |damage: Damage, start: usize, end: usize| {
        spots.push(Spot { issue: TextIssue::Damage(damage), start, end, sure: true });
    };
    for (start, end) in runs(text, |c| c == char::REPLACEMENT_CHARACTER) {
        add(Damage::Lost, start, end);
    }
    for (start, end) in runs(text, is_control) {
        add(Damage::Control, start, end);
    }
    if text.is_ascii() {
        return;
    }
    let misread = misread_as_latin(text);
    // A control character between two such letters is one of their bytes.
    spots.retain(|spot| {
        spot.issue != TextIssue::Damage(Damage::Control)
            || !misread.iter().any(|(start, end, _)| *start <= spot.start && spot.end <= *end)
    });
    let more = misread.into_iter().map(|(start, end, _)| (start, end)).chain(misread_as_korean(text));
    spots.extend(more.map(|(start, end)| Spot { issue: TextIssue::Damage(Damage::Misread), start, end, sure: true }));
    spots.sort_by_key(|spot| spot.start);
}

/// The text as it was before it was read in the wrong encoding, where that can be told: UTF-8 or Korean (CP949) that was
/// taken for Windows-1252. `None` if nothing is to be mended.
pub fn mend(text: &str) -> Option<String> {
    let mut now = Cow::Borrowed(text);
    for _ in 0..LAYERS {
        let misread = misread_as_latin(&now);
        if misread.is_empty() {
            break;
        }
        let mut mended = String::with_capacity(now.len());
        let mut from = 0;
        for (start, end, right) in misread {
            mended.push_str(now.get(from..start).unwrap_or_default());
            mended.push_str(&right);
            from = end;
        }
        mended.push_str(now.get(from..).unwrap_or_default());
        now = Cow::Owned(mended);
    }
    match now {
        Cow::Borrowed(_) => None,
        Cow::Owned(mended) => Some(mended),
    }
}

/// Control characters that no text needs, and what Unicode calls no characters.
fn is_control(c: char) -> bool {
    let code = u32::from(c);
    c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{0C}' | '\u{85}')
        || (0xFDD0..=0xFDEF).contains(&code)
        || code & 0xFFFE == 0xFFFE
}

/// The runs of characters that pass the test.
fn runs(text: &str, test: impl Fn(char) -> bool) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, c) in text.char_indices().filter(|&(_, c)| test(c)) {
        match found.last_mut() {
            Some((_, end)) if *end == at => *end += c.len_utf8(),
            _ => found.push((at, at + c.len_utf8())),
        }
    }
    found
}

/// What was UTF-8 or CP949 and was read as Windows-1252, with what it was.
fn misread_as_latin(text: &str) -> Vec<(usize, usize, String)> {
    let high = |c: char| latin_byte(c).is_some();
    runs(text, high).into_iter().flat_map(|(start, end)| of_latin_run(text, start, end)).collect()
}

/// The byte above 127 that Windows-1252 reads as this character. The five bytes that it does not know pass as control
/// characters, as browsers have it (WHATWG Encoding, index windows-1252).
fn latin_byte(c: char) -> Option<u8> {
    const SPECIAL: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
    ];
    match u32::from(c) {
        code @ 0x80..=0xFF => Some(code as u8),
        _ => SPECIAL.iter().position(|&special| special == c).map(|at| 0x80 + at as u8),
    }
}

fn of_latin_run(text: &str, start: usize, end: usize) -> Vec<(usize, usize, String)> {
    let run = text.get(start..end).unwrap_or_default();
    let places: Vec<usize> = run.char_indices().map(|(at, _)| start + at).chain([end]).collect();
    let bytes: Vec<u8> = run.chars().filter_map(latin_byte).collect();
    if let (Err(_), Some(right)) = (std::str::from_utf8(&bytes), korean(&bytes)) {
        return vec![(start, end, right)];
    }
    let mut found: Vec<(usize, usize, String)> = Vec::new();
    let place = |at: usize| places.get(at).copied().unwrap_or(end);
    let mut at = 0;
    while at < bytes.len() {
        let (length, right) = sequences(bytes.get(at..).unwrap_or_default());
        if length > 0 && is_telling(bytes.get(at..at + length).unwrap_or_default(), &right) {
            found.push((place(at), place(at + length), right));
        }
        at += length.max(1);
    }
    found
}

/// How many of the first bytes are whole characters of UTF-8 beyond ASCII, and these.
fn sequences(bytes: &[u8]) -> (usize, String) {
    let valid = match std::str::from_utf8(bytes) {
        Ok(_) => bytes.len(),
        Err(error) => error.valid_up_to(),
    };
    (valid, String::from_utf8_lossy(bytes.get(..valid).unwrap_or_default()).into_owned())
}

/// One character of two bytes may be a capital letter before a quotation mark or a dash (`É”`), which is nothing odd,
/// unless its first is `Â` or `Ã`, which such readings are full of.
fn is_telling(bytes: &[u8], right: &str) -> bool {
    let characters = right.chars().count();
    characters >= 2 || bytes.len() >= 3 || matches!(bytes.first(), Some(0xC2 | 0xC3))
}

/// Two or more syllables of KS X 1001 whose bytes were read as Latin letters. Letters with accents do not stand four in a
/// row elsewhere; rows of one sign (`½½½½`) do.
fn korean(bytes: &[u8]) -> Option<String> {
    let different: std::collections::HashSet<u8> = bytes.iter().copied().collect();
    if bytes.len() < 4 || different.len() < 3 {
        return None;
    }
    let right = EUC_KR.decode_without_bom_handling_and_without_replacement(bytes)?;
    right.chars().all(|c| ('가'..='힣').contains(&c)).then(|| right.into_owned())
}

/// UTF-8 that was read as CP949: words that mix syllables which Korean hardly has with Chinese characters, question marks
/// or lost characters. Such syllables lie outside of the 2,350 of KS X 1001, whose bytes both have their highest bit; of
/// running text less than one in a thousand does, though laughter and slang are fond of them.
fn misread_as_korean(text: &str) -> Vec<(usize, usize)> {
    let is_syllable = |c: char| ('가'..='힣').contains(&c);
    let is_other = |c: char| ('\u{4E00}'..='\u{9FFF}').contains(&c) || c == '?' || c == char::REPLACEMENT_CHARACTER;
    let is_misread = |&(start, end): &(usize, usize)| {
        let run = text.get(start..end).unwrap_or_default();
        if !run.contains(is_other) {
            return false;
        }
        let (mut rare, mut syllables) = (0usize, 0usize);
        let mut first = None;
        let mut differ = false;
        for c in run.chars().filter(|&c| is_syllable(c)) {
            let mut buffer = [0; 4];
            let (bytes, _, _) = EUC_KR.encode(c.encode_utf8(&mut buffer));
            syllables += 1;
            if bytes.iter().any(|&byte| byte < 0xA1) {
                rare += 1;
                differ |= *first.get_or_insert(c) != c;
            }
        }
        differ && 4 * rare >= syllables
    };
    runs(text, |c| is_syllable(c) || is_other(c)).into_iter().filter(is_misread).collect()
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1252;

    use super::*;

    fn check(text: &str, expected: &[(Damage, &str)]) {
        let mut spots = Vec::new();
        find(text, &mut spots);
        let found: Vec<(Damage, &str)> = spots
            .iter()
            .filter_map(|spot| match spot.issue {
                TextIssue::Damage(damage) => Some((damage, &text[spot.start..spot.end])),
                _ => None,
            })
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }

    fn as_latin(bytes: &[u8]) -> String {
        WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
    }

    #[test]
    fn lost_and_control_characters() {
        check("a \u{FFFD}\u{FFFD}b\u{FFFD}", &[(Damage::Lost, "\u{FFFD}\u{FFFD}"), (Damage::Lost, "\u{FFFD}")]);
        check("tab\tline\r\n", &[]);
        check("bell\u{7} \u{0}", &[(Damage::Control, "\u{7}"), (Damage::Control, "\u{0}")]);
        check("\u{FFFE}", &[(Damage::Control, "\u{FFFE}")]);
    }

    #[test]
    fn what_was_read_in_the_wrong_encoding() {
        check("cafÃ© au lait", &[(Damage::Misread, "Ã©")]);
        check("itâ€™s", &[(Damage::Misread, "â€™")]);
        let korean = as_latin("안녕하세요".as_bytes());
        check(&format!("say {korean}!"), &[(Damage::Misread, &korean)]);
        let old = as_latin(&EUC_KR.encode("안녕").0);
        check(&format!("{old} hi"), &[(Damage::Misread, &old)]);
        let as_korean = EUC_KR.decode_without_bom_handling("안녕하세요 반갑습니다".as_bytes()).0.into_owned();
        let mut spots = Vec::new();
        find(&as_korean, &mut spots);
        assert!(spots.iter().any(|spot| spot.issue == TextIssue::Damage(Damage::Misread)), "{as_korean}");
    }

    #[test]
    fn good_text_is_left_alone() {
        for text in [
            "안녕하세요, 똠방각하",
            "뷁 햏",
            "naïve façade",
            "“quoted” – ‘so’… É” Ü–",
            "½½½½ °°°°",
            "São Tomé, ÀÉÎÕÜ",
            "日本語",
            "Füße, Ärger",
            "1 000 €",
            "© 2024 Â",
            "Ελληνικά",
        ] {
            check(text, &[]);
            assert_eq!(mend(text), None, "{text}");
        }
    }

    proptest::proptest! {
        /// What was misread once or twice is mended, whatever it was.
        #[test]
        fn mending_reverses_misreading(text in "[a-z]{0,4}[가-힣é]{2,9}[ a-z]{0,4}", times in 1usize..3) {
            let misread = (0..times).fold(text.clone(), |text, _| as_latin(text.as_bytes()));
            proptest::prop_assert_eq!(mend(&misread), Some(text));
        }
    }
}
