//! What a long piece of work is doing, by the stable English names that workers give their stages.

use super::{Language, Strings};

/// The stages in English and Korean.
const STAGES: &[(&str, &str)] = &[
    ("checking expectations", "기대를 확인하는 중"),
    ("checking probabilities", "확률을 확인하는 중"),
    ("checking texts", "텍스트를 검사하는 중"),
    ("choosing points", "점을 고르는 중"),
    ("choosing rows", "행을 고르는 중"),
    ("comparing", "비교하는 중"),
    ("comparing annotators", "작업자를 비교하는 중"),
    ("comparing columns", "열을 비교하는 중"),
    ("comparing files", "파일을 비교하는 중"),
    ("comparing functions", "함수를 비교하는 중"),
    ("comparing images", "이미지를 비교하는 중"),
    ("comparing labels with probabilities", "라벨과 확률을 비교하는 중"),
    ("comparing layout and distances", "배치와 거리를 비교하는 중"),
    ("comparing pairs of columns", "열 쌍을 비교하는 중"),
    ("comparing rows", "행을 비교하는 중"),
    ("comparing two columns", "두 열을 비교하는 중"),
    ("computing the spectrogram", "스펙트로그램을 계산하는 중"),
    ("copying media", "미디어를 복사하는 중"),
    ("counting", "세는 중"),
    ("counting votes", "투표를 세는 중"),
    ("counting what is missing", "빈 값을 세는 중"),
    ("counting what is shown", "보이는 행을 세는 중"),
    ("decoding the text", "텍스트를 해독하는 중"),
    ("describing columns", "열을 살펴보는 중"),
    ("drawing curves", "곡선을 그리는 중"),
    ("filtering", "거르는 중"),
    ("finding neighbours", "이웃을 찾는 중"),
    ("fingerprinting the file", "파일을 확인하는 중"),
    ("fitting models out of sample", "모델을 교차 학습하는 중"),
    ("fitting the label model", "라벨 모델을 맞추는 중"),
    ("folding texts", "텍스트를 정규화하는 중"),
    ("following columns over time", "시간에 따른 열의 변화를 보는 중"),
    ("following figures", "수치를 따라가는 중"),
    ("gathering annotations", "주석을 모으는 중"),
    ("gathering layers", "레이어를 모으는 중"),
    ("grouping rows", "행을 묶는 중"),
    ("grouping votes", "투표를 묶는 중"),
    ("joining outcomes", "결과를 맞추는 중"),
    ("judging predictions", "예측을 평가하는 중"),
    ("judging the order of rows", "행의 순서를 살펴보는 중"),
    ("judging without leaked rows", "누출된 행을 빼고 판단하는 중"),
    ("laying out points", "점을 배치하는 중"),
    ("listening to sounds", "소리를 듣는 중"),
    ("looking at images", "이미지를 살펴보는 중"),
    ("looking at the images", "이미지를 살펴보는 중"),
    ("looking closer at columns", "열을 자세히 살펴보는 중"),
    ("looking for functions", "함수를 찾는 중"),
    ("looking for images", "이미지를 찾는 중"),
    ("looking for sounds", "소리를 찾는 중"),
    ("looking for telling properties", "라벨을 드러내는 속성을 찾는 중"),
    ("looking into the folder", "폴더를 살펴보는 중"),
    ("looking up files", "파일을 찾는 중"),
    ("making columns", "열을 만드는 중"),
    ("making conditions", "조건을 만드는 중"),
    ("measuring images", "이미지를 재는 중"),
    ("measuring texts", "텍스트를 재는 중"),
    ("naming features", "특징에 이름을 붙이는 중"),
    ("naming items", "항목에 이름을 붙이는 중"),
    ("noting items", "항목을 기록하는 중"),
    ("opening the workbook", "통합 문서를 여는 중"),
    ("parsing rows", "행을 읽는 중"),
    ("parsing rows again", "행을 다시 읽는 중"),
    ("placing rows", "나머지 행을 배치하는 중"),
    ("putting files together", "파일을 합치는 중"),
    ("reading a large image", "큰 이미지를 읽는 중"),
    ("reading annotations", "주석을 읽는 중"),
    ("reading cells", "셀을 읽는 중"),
    ("reading columns", "열을 읽는 중"),
    ("reading image sizes", "이미지 크기를 읽는 중"),
    ("reading images", "이미지를 읽는 중"),
    ("reading record batches", "레코드를 읽는 중"),
    ("reading sentences", "문장을 읽는 중"),
    ("reading texts", "텍스트를 읽는 중"),
    ("reading the file", "파일을 읽는 중"),
    ("reading the headers of sounds", "소리 파일 정보를 읽는 중"),
    ("reading the matrix", "행렬을 읽는 중"),
    ("reading the packet", "패킷을 읽는 중"),
    ("reading vectors", "벡터를 읽는 중"),
    ("reading words", "단어를 읽는 중"),
    ("reducing columns", "차원을 줄이는 중"),
    ("reducing dimensions", "차원을 줄이는 중"),
    ("resampling items", "항목을 다시 뽑는 중"),
    ("running external functions", "외부 함수를 실행하는 중"),
    ("running labelling functions", "라벨링 함수를 실행하는 중"),
    ("searching slices", "슬라이스를 찾는 중"),
    ("settling close neighbours", "가까운 이웃을 정하는 중"),
    ("settling neighbours", "이웃을 정하는 중"),
    ("sorting", "정렬하는 중"),
    ("sorting entries by column", "열별로 정렬하는 중"),
    ("sorting texts", "텍스트를 정렬하는 중"),
    ("weighing neighbours", "이웃의 무게를 재는 중"),
    ("writing annotations", "주석을 쓰는 중"),
    ("writing files", "파일을 쓰는 중"),
    ("writing packets", "패킷을 쓰는 중"),
    ("writing rows", "행을 쓰는 중"),
    ("writing the matrix", "행렬을 쓰는 중"),
];

impl Strings {
    /// What is being done, by the name of the stage; one that has no translation is shown as it is.
    pub fn stage<'a>(&self, name: &'a str) -> &'a str {
        match self.language {
            Language::English => name,
            Language::Korean => STAGES.iter().find(|(english, _)| *english == name).map_or(name, |(_, korean)| korean),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_said_in_both_languages() {
        assert_eq!(Strings::of(Language::English).stage("filtering"), "filtering");
        assert_eq!(Strings::of(Language::Korean).stage("filtering"), "거르는 중");
        assert_eq!(Strings::of(Language::Korean).stage("something new"), "something new");
        assert!(STAGES.is_sorted_by_key(|(english, _)| *english), "kept in order, to be looked up by people");
    }
}
