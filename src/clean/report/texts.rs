//! The words of reports, in English and Korean.

use minijinja::value::Value;

use crate::engine::{Error, Result};

/// The language of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Korean.
    Korean,
}

impl Language {
    /// The code of the language: `en` or `ko`.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Korean => "ko",
        }
    }

    /// The language of that code.
    ///
    /// # Errors
    /// If there is none.
    pub fn from_code(code: &str) -> Result<Self> {
        match code {
            "en" => Ok(Self::English),
            "ko" => Ok(Self::Korean),
            other => Err(Error::input(format!("there is no language \"{other}\"")).help("the languages are: en, ko")),
        }
    }
}

/// Key, English, Korean.
static WORDS: &[(&str, &str, &str)] = &[
    ("alerts", "Alerts", "알림"),
    ("all_rows", "rows", "행"),
    ("audio", "audio", "소리"),
    ("beyond_chance", "Chance alone reaches", "우연으로 나올 수 있는 거리"),
    ("bool", "true/false", "참/거짓"),
    ("category", "category", "범주"),
    ("changed_gradually", "changed gradually from", "다음부터 서서히 변함:"),
    ("changed_suddenly", "changed suddenly at", "다음부터 갑자기 변함:"),
    ("column", "Column", "열"),
    ("columns", "columns", "열"),
    ("condition", "Rows", "조건"),
    ("constant", "one value only", "값이 하나뿐"),
    ("correlations", "Columns that go together", "함께 움직이는 열"),
    ("current", "Current", "현재"),
    ("dataset_drifted", "The dataset has drifted", "데이터가 변했습니다"),
    ("dataset_still", "The dataset has not drifted", "데이터가 변하지 않았습니다"),
    ("detectable", "Least drift these rows can show", "이 행 수로 알 수 있는 최소 변화"),
    ("distance", "Distance", "거리"),
    ("distinct", "different values", "서로 다른 값"),
    ("domain-classifier", "classifier on unseen texts (area)", "보지 않은 글에 대한 분류기 (면적)"),
    ("drift", "Drift", "변화"),
    ("drifted", "drifted", "변함"),
    ("drifted_columns", "columns have drifted", "개 열이 변함"),
    ("duplicate-rows", "repeated rows", "되풀이된 행"),
    ("empty", "no value", "값 없음"),
    ("expectation", "Expectation", "기대"),
    ("expectations", "Expectations", "기대 검사"),
    ("failed", "failed", "실패"),
    ("float", "real number", "실수"),
    ("held", "held", "통과"),
    ("holds", "All expectations hold", "모든 기대를 만족합니다"),
    ("holds_not", "Some expectations do not hold", "만족하지 않는 기대가 있습니다"),
    ("image", "image", "그림"),
    ("imbalance", "nearly one value", "한 값에 치우침"),
    ("int", "whole number", "정수"),
    ("jensen-shannon", "Jensen-Shannon distance", "옌센-섀넌 거리"),
    ("kolmogorov-smirnov", "Kolmogorov-Smirnov", "콜모고로프-스미르노프"),
    ("left", "more are not shown", "개는 생략"),
    ("less", "Less often now", "줄어든 것"),
    ("max", "greatest", "최댓값"),
    ("max_length", "longest", "가장 긴 길이"),
    ("mean", "mean", "평균"),
    ("mean_length", "mean length", "평균 길이"),
    ("median", "median", "중앙값"),
    ("min", "least", "최솟값"),
    ("min_length", "shortest", "가장 짧은 길이"),
    ("missing", "missing", "빈 값"),
    ("more", "More often now", "늘어난 것"),
    ("mostly", "mostly", "최소 비율"),
    ("new", "New values", "새 값"),
    ("not-finite", "NaN or infinite", "NaN 또는 무한"),
    ("observed", "Observed", "관측"),
    ("of", "of", "/"),
    ("only_current", "Only in the current data", "현재 데이터에만 있음"),
    ("only_reference", "Only in the reference", "기준 데이터에만 있음"),
    ("other_columns", "Other columns", "다른 열"),
    ("others", "other values", "그 밖의 값"),
    ("over_time", "Over time, by", "시간에 따라, 기준 열:"),
    ("profile", "Profile", "데이터 살펴보기"),
    ("psi", "population stability index", "모집단 안정성 지수"),
    ("q05", "5 %", "5 %"),
    ("q25", "25 %", "25 %"),
    ("q75", "75 %", "75 %"),
    ("q95", "95 %", "95 %"),
    ("reference", "Reference", "기준"),
    ("repeated", "repeated rows", "되풀이된 행"),
    ("sample", "Examples", "예"),
    ("share", "Share", "비율"),
    ("std", "standard deviation", "표준편차"),
    ("still", "not drifted", "변하지 않음"),
    ("text", "text", "글"),
    ("threshold", "Threshold", "기준값"),
    ("time", "time", "시각"),
    ("unexpected", "Unexpected", "벗어난 값"),
    ("unique", "every value differs", "모두 다른 값"),
    ("vanished", "Vanished values", "사라진 값"),
    ("wasserstein", "Wasserstein distance in deviations", "표준편차 단위 바서슈타인 거리"),
    ("with", "95 % interval", "95 % 구간"),
];

/// The word of a key; the key itself if there is none.
pub(super) fn word(language: Language, key: &'static str) -> &'static str {
    let found = WORDS.binary_search_by(|(known, ..)| (*known).cmp(key)).ok().and_then(|at| WORDS.get(at));
    match (found, language) {
        (Some((_, english, _)), Language::English) => english,
        (Some((_, _, korean)), Language::Korean) => korean,
        (None, _) => key,
    }
}

/// All words, for templates.
pub(super) fn words(language: Language) -> Value {
    Value::from_pairs(WORDS.iter().map(|(key, ..)| (key.replace('-', "_"), word(language, key))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_order_and_in_both_languages() {
        assert!(WORDS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(WORDS.iter().all(|(_, english, korean)| !english.is_empty() && !korean.is_empty()));
        assert_eq!((word(Language::Korean, "drift"), word(Language::English, "nothing")), ("변화", "nothing"));
        assert_eq!(Language::from_code("ko").unwrap(), Language::Korean);
        assert!(Language::from_code("de").is_err());
    }

    /// A word that a template asks for and nobody has would be an empty place on the page.
    #[test]
    fn templates_ask_for_words_that_are_there() {
        for source in [
            include_str!("../../../assets/reports/page.html"),
            include_str!("../../../assets/reports/profile.html"),
            include_str!("../../../assets/reports/expect.html"),
            include_str!("../../../assets/reports/drift.html"),
        ] {
            for rest in source.split("t.").skip(1).filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase())) {
                let key: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                let known = WORDS.iter().any(|(known, ..)| known.replace('-', "_") == key);
                let is_word = source.contains(&format!("{{{{ t.{key} }}}}"));
                assert!(known || !is_word, "{key}");
            }
        }
    }
}
