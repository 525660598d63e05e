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
    ("accuracy", "accuracy", "정확도"),
    ("after", "from then on", "그 뒤"),
    ("agreement", "agreement of annotators", "작업자 일치도"),
    ("alerts", "Alerts", "알림"),
    ("all_rows", "rows", "행"),
    ("arabic", "Arabic", "아랍 문자"),
    ("arrived", "outcomes that have come", "도착한 결과"),
    ("audio", "audio", "소리"),
    ("before", "before", "그 전"),
    ("beyond_chance", "Chance alone reaches", "우연으로 나올 수 있는 거리"),
    ("bool", "true/false", "참/거짓"),
    ("category", "category", "범주"),
    ("changed_gradually", "changed gradually from", "다음부터 서서히 변함:"),
    ("changed_suddenly", "changed suddenly at", "다음부터 갑자기 변함:"),
    ("characters", "characters (different)", "글자 수 (서로 다른)"),
    ("class-share", "share of the class", "클래스 비율"),
    ("column", "Column", "열"),
    ("columns", "columns", "열"),
    ("columns_left", "more columns are not shown", "개 열은 생략"),
    ("columns_missing", "Columns without a value", "값이 없는 열"),
    ("condition", "Rows", "조건"),
    ("constant", "one value only", "값이 하나뿐"),
    ("constant-length", "every value is as long", "모든 값의 길이가 같음"),
    ("correlations", "Columns that go together", "함께 움직이는 열"),
    (
        "correlations_what",
        "Pearson's correlation of numbers, Cramér's V of categories, the correlation ratio of both",
        "숫자끼리는 피어슨 상관, 범주끼리는 크라메르 V, 숫자와 범주는 상관비",
    ),
    ("coverage", "coverage of the function", "함수 적용 범위"),
    ("current", "Current", "현재"),
    ("cyrillic", "Cyrillic", "키릴 문자"),
    ("dataset_drifted", "The dataset has drifted", "데이터가 변했습니다"),
    ("dataset_still", "The dataset has not drifted", "데이터가 변하지 않았습니다"),
    ("dates-as-text", "dates kept as text", "글로 저장된 날짜"),
    ("detectable", "Least drift these rows can show", "이 행 수로 알 수 있는 최소 변화"),
    ("distance", "Distance", "거리"),
    ("distinct", "different values", "서로 다른 값"),
    ("domain-classifier", "classifier on unseen rows (area)", "보지 않은 행에 대한 분류기 (면적)"),
    ("drift", "Drift", "변화"),
    ("drifted", "drifted", "변함"),
    ("drifted_columns", "columns have drifted", "개 열이 변함"),
    ("duplicate-rows", "repeated rows", "되풀이된 행"),
    ("elsewhere", "elsewhere", "그 밖에서는"),
    ("empty", "no value", "값 없음"),
    ("empty_texts", "empty texts", "빈 글"),
    ("expectation", "Expectation", "기대"),
    ("expectations", "Expectations", "기대 검사"),
    ("failed", "failed", "실패"),
    ("falling", "never rises", "커지지 않음"),
    ("figures", "figures", "수치"),
    ("figures_changed", "changed", "개 변함"),
    ("first_and_last", "First and last rows", "처음과 마지막 행"),
    ("float", "real number", "실수"),
    ("greek", "Greek", "그리스 문자"),
    ("han", "Chinese characters", "한자"),
    ("hangul", "Korean", "한글"),
    ("hebrew", "Hebrew", "히브리 문자"),
    ("held", "held", "통과"),
    ("high-cardinality", "very many different values", "서로 다른 값이 매우 많음"),
    ("high-correlation", "go together closely", "밀접하게 함께 움직임"),
    ("holds", "All expectations hold", "모든 기대를 만족합니다"),
    ("holds_not", "Some expectations do not hold", "만족하지 않는 기대가 있습니다"),
    ("image", "image", "그림"),
    ("imbalance", "very uneven values", "값이 한쪽으로 치우침"),
    ("imbalance_of", "imbalance (0-1)", "불균형 (0-1)"),
    ("indic", "Indic", "인도계 문자"),
    ("int", "whole number", "정수"),
    ("iqr", "interquartile range", "사분위 범위"),
    ("jensen-shannon", "Jensen-Shannon distance", "옌센-섀넌 거리"),
    ("kana", "Japanese", "가나"),
    ("kolmogorov-smirnov", "Kolmogorov-Smirnov", "콜모고로프-스미르노프"),
    ("kurtosis", "kurtosis (excess)", "첨도 (초과)"),
    ("latin", "Latin", "로마자"),
    ("left", "more are not shown", "개는 생략"),
    ("less", "Less often now", "줄어든 것"),
    ("mad", "median deviation", "중앙값 절대 편차"),
    ("max", "greatest", "최댓값"),
    ("max_length", "longest", "가장 긴 길이"),
    ("mean", "mean", "평균"),
    ("mean_length", "mean length", "평균 길이"),
    ("median", "median", "중앙값"),
    ("median_length", "median length", "중앙값 길이"),
    ("memory", "in memory", "메모리 크기"),
    ("min", "least", "최솟값"),
    ("min_length", "shortest", "가장 짧은 길이"),
    ("missing", "missing", "빈 값"),
    ("missing_cells", "missing cells", "빈 칸"),
    ("missing_together", "Missing together", "함께 빠진 값"),
    ("mixed-types", "some numbers among texts", "글 사이에 숫자가 섞임"),
    ("more", "More often now", "늘어난 것"),
    ("more_facts", "More", "더 보기"),
    ("most_repeated", "Rows that repeat most", "가장 많이 되풀이된 행"),
    ("most_where", "most where", "가장 많이 변한 곳:"),
    ("mostly", "mostly", "최소 비율"),
    ("negative", "negative", "음수"),
    ("nested", "lists or objects as text", "글로 저장된 목록이나 객체"),
    ("new", "New values", "새 값"),
    ("not-finite", "NaN or infinite", "NaN 또는 무한"),
    ("numbers-as-text", "numbers kept as text", "글로 저장된 숫자"),
    ("observed", "Observed", "관측"),
    ("of", "of", "/"),
    ("only_current", "Only in the current data", "현재 데이터에만 있음"),
    ("only_here", "Only in", "다음에만 있는 열 –"),
    ("only_reference", "Only in the reference", "기준 데이터에만 있음"),
    ("order", "from row to row", "행 순서대로"),
    ("other", "other", "그 밖의 문자"),
    ("other_columns", "Other columns", "다른 열"),
    ("other_figures", "Other figures", "다른 수치"),
    ("others", "other values", "그 밖의 값"),
    ("over_time", "Over time, by", "시간에 따라, 기준 열:"),
    ("precision", "precision of the function", "함수 정밀도"),
    ("profile", "Profile", "데이터 살펴보기"),
    ("psi", "population stability index", "모집단 안정성 지수"),
    ("q05", "5 %", "5 %"),
    ("q25", "25 %", "25 %"),
    ("q75", "75 %", "75 %"),
    ("q95", "95 %", "95 %"),
    ("range", "range", "범위"),
    ("range_of", "least and greatest", "최소와 최대"),
    ("reference", "Reference", "기준"),
    ("repeated", "repeated rows", "되풀이된 행"),
    ("rising", "never falls", "작아지지 않음"),
    ("row", "row", "행"),
    ("sample", "Examples", "예"),
    ("sampled", "from a sample of", "표본"),
    ("scripts", "Scripts of letters", "글자 종류"),
    ("shapes", "Shapes of values", "값의 모양"),
    ("share", "Share", "비율"),
    ("singles", "values that stand once", "한 번만 나온 값"),
    ("skewed", "strongly skewed", "크게 치우친 분포"),
    ("skewness", "skewness", "왜도"),
    ("south-east-asian", "South-East Asian", "동남아시아 문자"),
    ("std", "standard deviation", "표준편차"),
    ("still", "not drifted", "변하지 않음"),
    ("stretches_of", "stretches of", "개 구간, 기준 열:"),
    ("strictly_falling", "always falls", "계속 작아짐"),
    ("strictly_rising", "always rises", "계속 커짐"),
    ("sum", "sum", "합계"),
    ("text", "text", "글"),
    ("threshold", "Threshold", "기준값"),
    ("time", "time", "시각"),
    ("times", "times", "횟수"),
    ("top_values", "Most frequent values", "가장 많은 값"),
    ("top_words", "Most frequent words", "가장 많은 낱말"),
    ("undated", "rows without a time, or far off", "시각이 없거나 동떨어진 행"),
    ("unexpected", "Unexpected", "벗어난 값"),
    ("uniform", "evenly spread", "고르게 퍼짐"),
    ("unique", "every value differs", "모두 다른 값"),
    ("vanished", "Vanished values", "사라진 값"),
    ("variance", "variance", "분산"),
    ("variation", "coefficient of variation", "변동계수"),
    ("wasserstein", "Wasserstein distance in deviations", "표준편차 단위 바서슈타인 거리"),
    ("watch", "Over time", "시간에 따른 변화"),
    ("whole_table", "whole table", "표 전체"),
    ("with", "95 % interval", "95 % 구간"),
    ("words", "words (different)", "낱말 수 (서로 다른)"),
    ("zeros", "zeros", "0인 값"),
];

/// The word of a key, such as the kind of an alert or the name of a [`Fact`](super::facts::Fact); the key itself if there
/// is none.
pub fn word(language: Language, key: &'static str) -> &'static str {
    let found = WORDS.binary_search_by(|(known, ..)| (*known).cmp(key)).ok().and_then(|at| WORDS.get(at));
    match (found, language) {
        (Some((_, english, _)), Language::English) => english,
        (Some((_, _, korean)), Language::Korean) => korean,
        (None, _) => key,
    }
}

/// A note on how a column was compared, or the name of a day, where it is one that is known.
pub(super) fn said(language: Language, text: &str) -> &str {
    const KNOWN: &[(&str, &str)] = &[
        ("Fri", "금"),
        ("Mon", "월"),
        ("Sat", "토"),
        ("Sun", "일"),
        ("Thu", "목"),
        ("Tue", "화"),
        ("Wed", "수"),
        ("compared by the day of the week", "요일별로 비교함"),
        ("compared by the hour of the week", "요일과 시간별로 비교함"),
        ("it is not known where the images are", "이미지가 어디 있는지 알 수 없음"),
        ("one side has no numbers", "한쪽에 숫자가 없음"),
        ("one side has no times", "한쪽에 시각이 없음"),
        ("one side has no values", "한쪽에 값이 없음"),
        ("there are too few different rows to compare", "비교하기에 서로 다른 행이 너무 적음"),
        ("there are too few different texts to compare", "비교하기에 서로 다른 글이 너무 적음"),
    ];
    match language {
        Language::English => text,
        Language::Korean => KNOWN.iter().find(|(english, _)| *english == text).map_or(text, |(_, korean)| korean),
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
            include_str!("../../../assets/reports/rows.html"),
            include_str!("../../../assets/reports/expect.html"),
            include_str!("../../../assets/reports/drift.html"),
            include_str!("../../../assets/reports/watch.html"),
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
