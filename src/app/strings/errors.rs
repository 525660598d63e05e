//! Errors in the person's language.
//!
//! Below the window errors are English sentences: what went wrong, where, what to do. Here the ones that a person can
//! meet are put into Korean, sentence by sentence; one that is not in the table is shown as it is, never left out.

use super::{Language, Strings};
use crate::engine::Error;

/// What went wrong, in English and Korean, in the order of the alphabet.
const WHAT: &[(&str, &str)] = &[
    ("a bone leads to a point that is not there", "뼈대가 없는 점을 가리킵니다"),
    ("a class needs a name", "클래스에는 이름이 필요합니다"),
    ("a class that items carry cannot be removed", "항목에 붙어 있는 클래스는 지울 수 없습니다"),
    ("a file of functions is named like words.py", "함수 파일의 이름은 words.py와 같은 꼴이어야 합니다"),
    ("a page is written in HTML", "페이지는 HTML로 저장합니다"),
    ("a quote is opened and never closed", "따옴표가 열린 뒤 닫히지 않았습니다"),
    ("a saved view needs a name", "저장할 보기에는 이름이 필요합니다"),
    ("a snapshot is one object of tables", "스냅숏은 표를 담은 객체 하나여야 합니다"),
    ("a task cannot have this name", "작업에 쓸 수 없는 이름입니다"),
    ("all labelled rows are of one class", "라벨이 붙은 행이 모두 한 클래스입니다"),
    ("another class has this key", "다른 클래스가 이 키를 씁니다"),
    ("another program is using the project's store", "다른 프로그램이 프로젝트 저장소를 쓰고 있습니다"),
    ("cannot find the data", "데이터를 찾을 수 없습니다"),
    ("cannot find the media file", "미디어 파일을 찾을 수 없습니다"),
    ("cannot lock the project", "프로젝트를 잠글 수 없습니다"),
    ("cannot make the folder", "폴더를 만들 수 없습니다"),
    ("cannot open", "열 수 없습니다"),
    ("cannot open the folder of the media", "미디어 폴더를 열 수 없습니다"),
    ("cannot open the project", "프로젝트를 열 수 없습니다"),
    ("cannot read", "읽을 수 없습니다"),
    ("cannot read the file", "파일을 읽을 수 없습니다"),
    ("cannot read the folder", "폴더를 읽을 수 없습니다"),
    ("cannot read the image", "이미지를 읽을 수 없습니다"),
    ("cannot read the sound", "소리를 읽을 수 없습니다"),
    ("cannot save", "저장할 수 없습니다"),
    ("cannot write the file", "파일을 쓸 수 없습니다"),
    ("cannot write the project's store", "프로젝트 저장소에 쓸 수 없습니다"),
    ("every point needs a name of its own", "점마다 서로 다른 이름이 필요합니다"),
    ("it does not exist", "존재하지 않습니다"),
    ("it is a folder", "폴더입니다"),
    ("it is not a folder", "폴더가 아닙니다"),
    ("no column can be learnt from", "학습에 쓸 수 있는 열이 없습니다"),
    ("no row has a label", "라벨이 있는 행이 없습니다"),
    ("nobody votes, so the classes are not known", "투표가 없어 클래스를 알 수 없습니다"),
    ("nothing stands out there", "그곳에서 두드러진 것을 찾지 못했습니다"),
    ("one of the two parts has no rows", "두 부분 가운데 한쪽에 행이 없습니다"),
    ("permission denied", "권한이 없습니다"),
    ("something was said in the meantime", "그 사이에 다른 변경이 있었습니다"),
    ("the JSON holds no table", "JSON에 표가 없습니다"),
    ("the JSON is cut off", "JSON이 중간에 끊겼습니다"),
    (
        "the column has more different values than there can be classes",
        "열의 서로 다른 값이 클래스로 쓰기에 너무 많습니다",
    ),
    ("the column has too many different values to be batches", "묶음으로 보기에는 서로 다른 값이 너무 많은 열입니다"),
    ("the column holds no text", "텍스트 열이 아닙니다"),
    ("the columns are still being described", "열을 아직 살펴보는 중입니다"),
    ("the data came without labels", "데이터에 라벨이 없습니다"),
    ("the disk failed while saving", "저장하는 중 디스크 오류가 났습니다"),
    ("the disk is full", "디스크가 가득 찼습니다"),
    ("the disk is read-only", "읽기 전용 디스크입니다"),
    ("the encoding of the file is not known, or it is not text", "파일의 인코딩을 알 수 없거나 텍스트가 아닙니다"),
    ("the file is empty", "파일이 비어 있습니다"),
    ("the file is not UTF-8 text", "파일이 UTF-8 텍스트가 아닙니다"),
    ("the file is not a workbook, whatever its name says", "이름과 달리 엑셀 파일이 아닙니다"),
    ("the file was changed since the data were read", "데이터를 읽은 뒤 파일이 바뀌었습니다"),
    ("the format of the annotations cannot be told", "주석의 형식을 알 수 없습니다"),
    ("the format of the file is not known from its name", "이름으로는 파일 형식을 알 수 없습니다"),
    ("the image file is empty", "이미지 파일이 비어 있습니다"),
    ("the image has no pixels", "이미지에 픽셀이 없습니다"),
    ("the image is too large for a mask", "이미지가 마스크를 만들기에는 너무 큽니다"),
    (
        "the items differ so much from each other that none stands out",
        "항목들이 서로 너무 달라서 유난히 다른 것을 가려낼 수 없습니다",
    ),
    ("the labels are still being gathered", "라벨을 아직 모으는 중입니다"),
    ("the last line is cut off", "마지막 줄이 끊겼습니다"),
    ("the packet is damaged, or no packet", "패킷이 아니거나 손상되었습니다"),
    ("the part of the map to be drawn is empty", "그릴 지도 영역이 비어 있습니다"),
    (
        "the path leads out of the dataset's folder and is not followed",
        "경로가 데이터 폴더 밖을 가리켜 따라가지 않았습니다",
    ),
    ("the project is open in another Lapidary", "프로젝트가 다른 Lapidary에서 열려 있습니다"),
    (
        "the project labels rows as a whole, and annotations speak of texts, images or sounds",
        "이 프로젝트는 행 전체에 라벨을 붙이는데, 주석은 텍스트, 이미지, 소리에 대한 것입니다",
    ),
    (
        "the project labels rows as a whole, which annotation formats cannot hold",
        "이 프로젝트는 행 전체에 라벨을 붙여 주석 형식에 담을 수 없습니다",
    ),
    ("the project's store is damaged", "프로젝트 저장소가 손상되었습니다"),
    ("the sheet is empty", "시트가 비어 있습니다"),
    ("the snapshot holds no records", "스냅숏에 레코드가 없습니다"),
    ("the sound file is empty", "소리 파일이 비어 있습니다"),
    ("the text column holds no text", "텍스트 열에 텍스트가 없습니다"),
    ("the workbook has no such sheet", "그런 시트가 없습니다"),
    ("the workbook holds no cells", "통합 문서에 셀이 없습니다"),
    ("the workbook is protected by a password", "통합 문서가 암호로 보호되어 있습니다"),
    ("there are no classes", "클래스가 없습니다"),
    ("there are no functions, so there is nothing to fit", "함수가 없어 맞출 것이 없습니다"),
    (
        "there are no images, sounds, texts or data files in this folder",
        "이 폴더에는 이미지, 소리, 텍스트, 데이터 파일이 없습니다",
    ),
    ("there are no verdicts", "판정이 없습니다"),
    ("there are too few labels to suggest functions from", "함수를 제안하기에 라벨이 너무 적습니다"),
    ("there are too few rows to compare", "비교하기에 행이 너무 적습니다"),
    ("there are two classes of one name", "이름이 같은 클래스가 둘 있습니다"),
    ("there is a file of that name", "같은 이름의 파일이 있습니다"),
    ("there is a project in this folder already", "이 폴더에는 이미 프로젝트가 있습니다"),
    ("there is no project in this folder", "이 폴더에는 프로젝트가 없습니다"),
    ("there is no such annotation", "그런 주석이 없습니다"),
    ("there is no such class", "그런 클래스가 없습니다"),
    ("there is no such column", "그런 열이 없습니다"),
    ("there is no such file of functions", "그런 함수 파일이 없습니다"),
    ("there is no such rule for the copy that is kept", "남길 사본을 고르는 규칙이 아닙니다"),
    ("there is no such task", "그런 작업이 없습니다"),
    ("there is nothing to change", "바꿀 것이 없습니다"),
    ("there is nothing to deliver, no row has a label", "내보낼 것이 없습니다. 라벨이 있는 행이 없습니다"),
    ("this format is only read, not written", "읽기만 하고 쓰지는 않는 형식입니다"),
    ("this is no annotation of the task", "이 작업의 주석이 아닙니다"),
    ("this is no packet", "패킷이 아닙니다"),
    ("this is not a sound of a known format", "알 수 없는 소리 형식입니다"),
    ("this is not an image", "이미지가 아닙니다"),
    ("this work failed because of a fault in Lapidary", "Lapidary의 결함으로 작업이 실패했습니다"),
    ("too many classes", "클래스가 너무 많습니다"),
];

/// What to do about it, in English and Korean, in the order of the alphabet.
const HELP: &[(&str, &str)] = &[
    ("add the class first", "클래스를 먼저 추가하세요"),
    ("check the folder's permissions", "폴더의 권한을 확인하세요"),
    ("check the path", "경로를 확인하세요"),
    ("choose a column of class names", "클래스 이름이 있는 열을 고르세요"),
    (
        "choose a column of class names, or name the classes yourself",
        "클래스 이름이 있는 열을 고르거나 클래스를 직접 적으세요",
    ),
    ("choose a column of paths", "경로가 있는 열을 고르세요"),
    ("choose a column of text", "텍스트 열을 고르세요"),
    (
        "choose a column of times, of numbers, or of at most 200 batches",
        "시각이나 숫자 열, 또는 값이 200개 이하인 열을 고르세요",
    ),
    ("choose a folder that can be written", "쓸 수 있는 폴더를 고르세요"),
    ("choose another name", "다른 이름을 고르세요"),
    ("choose other parts to compare", "비교할 부분을 다시 고르세요"),
    ("click elsewhere, or draw a box around it", "다른 곳을 클릭하거나 상자를 그리세요"),
    ("close it and try again", "닫고 다시 시도하세요"),
    (
        "close it there first; a project is open in one program at a time, so that no label is lost",
        "그쪽에서 먼저 닫으세요. 라벨을 잃지 않도록 프로젝트는 한 번에 한 프로그램에서만 열립니다",
    ),
    ("copy or export it again", "다시 복사하거나 내보내세요"),
    ("export it as csv, jsonl or parquet", "csv, jsonl, parquet로 내보내세요"),
    (
        "free some space and try again; nothing already saved is lost",
        "공간을 비우고 다시 시도하세요. 이미 저장한 것은 그대로입니다",
    ),
    (
        "give yourself permission to read and write there, or choose another folder",
        "그곳의 읽기·쓰기 권한을 얻거나 다른 폴더를 고르세요",
    ),
    ("go back to that time again", "그 시점으로 다시 되돌리세요"),
    ("label 10 items or more, of two classes at least", "두 클래스 이상에서 10개 이상의 항목에 라벨을 붙이세요"),
    ("label some rows of at least two classes", "두 클래스 이상에 몇 행씩 라벨을 붙이세요"),
    (
        "label some rows, write functions, or deliver all rows",
        "몇 행에 라벨을 붙이거나 함수를 쓰거나, 모든 행을 내보내세요",
    ),
    (
        "masks hold up to 268 million pixels; draw an outline instead",
        "마스크는 2억 6,800만 픽셀까지입니다. 대신 다각형으로 그리세요",
    ),
    ("mend or remove it in a text editor", "텍스트 편집기에서 고치거나 지우세요"),
    ("mend that line in a text editor", "텍스트 편집기에서 그 줄을 고치세요"),
    ("name a file", "파일을 지정하세요"),
    ("name a folder", "폴더를 지정하세요"),
    (
        "name the column of labels in lapidary.toml, [data], label",
        "lapidary.toml의 [data]에서 label로 라벨 열을 지정하세요",
    ),
    ("name the format", "형식을 직접 고르세요"),
    (
        "numbers and categories can; free text must be named as the text column",
        "숫자와 범주는 됩니다. 자유 텍스트는 텍스트 열로 지정해야 합니다",
    ),
    ("open it with that version", "그 버전으로 여세요"),
    ("open it, or choose another folder", "그 프로젝트를 열거나 다른 폴더를 고르세요"),
    ("put back a copy of .lapidary/store.sqlite from a backup", ".lapidary/store.sqlite를 백업에서 되돌리세요"),
    ("relabel them first", "먼저 그 항목들의 라벨을 바꾸세요"),
    ("replace the file, or exclude the item", "파일을 바꾸거나 항목을 제외하세요"),
    ("save it as UTF-8", "UTF-8로 저장하세요"),
    ("save it as UTF-8, or name its encoding", "UTF-8로 저장하거나 인코딩을 지정하세요"),
    ("select at least one item", "항목을 하나 이상 선택하세요"),
    ("the file is incomplete: copy or export it again", "파일이 온전하지 않습니다. 다시 복사하거나 내보내세요"),
    ("try again in a moment", "잠시 뒤 다시 시도하세요"),
    ("use a name that ends in .html", ".html로 끝나는 이름을 쓰세요"),
    (
        "use letters, digits and underscores, and no name that labels use themselves",
        "글자, 숫자, 밑줄을 쓰고 라벨이 쓰는 이름은 피하세요",
    ),
    ("write bones as 1-2, 2-3", "뼈대를 1-2, 2-3처럼 적으세요"),
    (
        "your labels are safe; please report it with the steps that led here",
        "라벨은 안전합니다. 여기까지 온 순서와 함께 알려 주세요",
    ),
];

impl Strings {
    /// What went wrong and where.
    pub fn error(&self, error: &Error) -> String {
        let what = self.error_what(error);
        error.place().map_or_else(|| what.clone(), |place| format!("{what}: {place}"))
    }

    /// What went wrong.
    pub fn error_what(&self, error: &Error) -> String {
        let what = error.what();
        if self.language == Language::English {
            return what.to_owned();
        }
        if let Some(korean) = find(WHAT, what) {
            return korean.to_owned();
        }
        // "cannot read the file, permission denied": what, and the reason behind the comma.
        match what.split_once(", ").map(|(what, reason)| (find(WHAT, what), find(WHAT, reason), reason)) {
            Some((Some(what), Some(reason), _)) => format!("{what}. {reason}"),
            Some((Some(what), None, reason)) => format!("{what} ({reason})"),
            _ => what.to_owned(),
        }
    }

    /// What to do about it.
    pub fn advice<'a>(&self, error: &'a Error) -> Option<&'a str> {
        let advice = error.advice()?;
        match self.language {
            Language::English => Some(advice),
            Language::Korean => Some(find(HELP, advice).unwrap_or(advice)),
        }
    }
}

fn find(table: &[(&str, &'static str)], english: &str) -> Option<&'static str> {
    table.binary_search_by(|(other, _)| (*other).cmp(english)).ok().and_then(|at| table.get(at)).map(|found| found.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_said_in_korean_and_never_left_out() {
        let korean = Strings::of(Language::Korean);
        let check = |what: &str, expected: &str| assert_eq!(korean.error_what(&Error::input(what)), expected);
        check("the file is empty", "파일이 비어 있습니다");
        check("cannot read the file, permission denied", "파일을 읽을 수 없습니다. 권한이 없습니다");
        check("cannot read the file, odd disk", "파일을 읽을 수 없습니다 (odd disk)");
        check("something new", "something new");
        let error = Error::input("there is no such class").at("x").help("add the class first");
        assert_eq!(korean.error(&error), "그런 클래스가 없습니다: x");
        assert_eq!(korean.advice(&error), Some("클래스를 먼저 추가하세요"));
        let english = Strings::of(Language::English);
        assert_eq!((english.error(&error), english.advice(&error)), (error.to_string(), error.advice()));
    }

    #[test]
    fn the_tables_are_in_order() {
        for table in [WHAT, HELP] {
            assert!(table.is_sorted_by_key(|(english, _)| *english), "looked up by halves");
        }
    }
}
