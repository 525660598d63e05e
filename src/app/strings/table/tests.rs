//! What holds of every fixed text.

use super::*;

fn is_hangul(c: char) -> bool {
    matches!(c, '가'..='힣' | 'ㄱ'..='ㅣ')
}

#[test]
fn english_is_english_and_korean_is_korean() {
    // Names and terms that Korean text keeps as they are.
    let same = ["app_name", "model_dawid_skene", "model_one_coin"];
    for (key, english, korean) in ALL {
        assert!(!english.chars().any(is_hangul), "{key}: {english}");
        assert!(korean.chars().any(is_hangul) || same.contains(key), "{key}: {korean}");
    }
}

#[test]
fn both_languages_agree_in_form() {
    for (key, english, korean) in ALL {
        assert_eq!(english.ends_with('…'), korean.ends_with('…'), "{key}: only one asks for more");
        for text in [english, korean] {
            assert_eq!(text.trim(), *text, "{key}: stray spaces");
            assert!(!text.is_empty(), "{key}: empty");
            assert!(!text.ends_with(['.', ':']), "{key}: no full stop or colon at the end: {text}");
        }
    }
}
