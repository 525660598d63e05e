//! Text files in any encoding become UTF-8.
//!
//! In order: a byte order mark, UTF-16 told by its zero bytes, valid UTF-8, Korean EUC-KR (CP949) told by its share of
//! Hangul, and what chardetng guesses. A guess that turns the file into control characters is no answer.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{EUC_KR, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use rayon::prelude::*;

use crate::engine::{Error, Result, Work};

/// Bytes checked or converted between two looks at whether the work was cancelled.
const PIECE: usize = 1 << 20;

/// Bytes that detection looks at, from the first that is not ASCII.
const WINDOW: usize = 1 << 20;

/// A text file's content.
#[derive(Debug)]
pub(super) struct Decoded {
    /// Valid UTF-8 without a byte order mark.
    pub(super) bytes: Vec<u8>,
    /// What was converted.
    pub(super) notes: Vec<String>,
}

/// Detects the encoding of `bytes` and converts them to UTF-8; `label` overrides the detection.
///
/// # Errors
/// If the bytes are of another kind of file, or no encoding makes text of them; or if the work was cancelled.
pub(super) fn decode(mut bytes: Vec<u8>, label: Option<&str>, work: &Work) -> Result<Decoded> {
    work.stage("decoding the text", bytes.len() as u64);
    let marked = Encoding::for_bom(&bytes);
    if let Some(label) = label {
        let encoding = Encoding::for_label(label.trim().as_bytes()).ok_or_else(|| {
            Error::input("there is no such encoding")
                .at(label)
                .help("known are: utf-8, utf-16le, utf-16be, euc-kr (also for CP949), shift_jis, gbk, windows-1252")
        })?;
        let skip = marked.filter(|(found, _)| *found == encoding).map_or(0, |(_, length)| length);
        return convert(&bytes, skip, encoding, work);
    }
    if let Some((encoding, length)) = marked {
        if encoding == UTF_8 {
            bytes.drain(..length);
            let note = "encoding UTF-8 with a byte order mark".to_owned();
            return match is_utf8(&bytes, work)? {
                true => utf8(bytes, vec![note]),
                false => repaired(&bytes, work),
            };
        }
        return convert(&bytes, length, encoding, work);
    }
    if let Some((what, help)) = foreign(&bytes) {
        return Err(Error::input(format!("the file is not text, it is {what}")).help(help));
    }
    if let Some(encoding) = unmarked_utf16(&bytes) {
        return convert(&bytes, 0, encoding, work);
    }
    if is_utf8(&bytes, work)? {
        return utf8(bytes, Vec::new());
    }
    if is_mostly_utf8(&bytes) {
        return repaired(&bytes, work);
    }
    let window = window(&bytes);
    let encoding = if is_korean(window) {
        EUC_KR
    } else {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
        detector.feed(window, true);
        detector.guess(None, Utf8Detection::Deny)
    };
    convert(&bytes, 0, encoding, work)
}

/// What other kind of file the bytes begin like, and what to do about it.
fn foreign(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const SAVE: &str = "open it in its own program and save it as CSV";
    const IMAGE: &str = "give the folder that holds the images";
    Some(match bytes {
        [b'P', b'K', 3, 4, ..] => {
            ("a ZIP archive or an Excel workbook", "unpack it, or rename it so that it ends in .xlsx")
        }
        [0xD0, 0xCF, 0x11, 0xE0, ..] => ("an old Excel or Word file", "rename a workbook so that it ends in .xls"),
        [0x1F, 0x8B, ..] => ("gzip-compressed", "decompress it first"),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => ("Zstandard-compressed", "decompress it first"),
        [b'P', b'A', b'R', b'1', ..] => ("Parquet", "rename it so that it ends in .parquet"),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => ("Arrow IPC", "rename it so that it ends in .arrow"),
        [b'%', b'P', b'D', b'F', b'-', ..] => ("PDF", SAVE),
        [b'S', b'Q', b'L', b'i', b't', b'e', b' ', ..] => ("a SQLite database", "export the table as CSV"),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => ("a NumPy array", "give it where a matrix is asked for"),
        [0x89, b'P', b'N', b'G', ..] | [0xFF, 0xD8, 0xFF, ..] => ("an image", IMAGE),
        _ => return None,
    })
}

/// UTF-16 without a mark: its ASCII characters (digits, separators, line ends) have zero bytes on one side only.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..bytes.len().min(1 << 16) & !1)?;
    let (mut even, mut odd, mut little, mut big) = (0usize, 0usize, false, false);
    for pair in head.chunks_exact(2) {
        even += usize::from(pair[0] == 0);
        odd += usize::from(pair[1] == 0);
        little |= pair == [b'\n', 0];
        big |= pair == [0, b'\n'];
    }
    let enough = |zeros: usize| zeros * 40 >= head.len() && bytes.len().is_multiple_of(2);
    // Some characters (가 is AC00) have a zero byte on the other side.
    match (little, big) {
        (true, _) if odd > 2 * even && enough(odd) => Some(UTF_16LE),
        (_, true) if even > 2 * odd && enough(even) => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether all bytes are UTF-8, piece by piece on all cores.
fn is_utf8(bytes: &[u8], work: &Work) -> Result<bool> {
    let mut pieces = Vec::with_capacity(bytes.len() / PIECE + 1);
    let mut rest = bytes;
    while rest.len() > PIECE {
        // A character is at most four bytes long: cut before its first one.
        let back = (0..3).find(|back| rest.get(PIECE - back).is_none_or(|byte| byte & 0xC0 != 0x80)).unwrap_or(0);
        let (piece, after) = rest.split_at(PIECE - back);
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    let checked: Result<Vec<bool>> = pieces
        .into_par_iter()
        .map(|piece| {
            work.advance(piece.len() as u64)?;
            Ok(std::str::from_utf8(piece).is_ok())
        })
        .collect();
    Ok(checked?.into_iter().all(|valid| valid))
}

/// Valid UTF-8 as it is, unless it is full of zeros.
fn utf8(bytes: Vec<u8>, mut notes: Vec<String>) -> Result<Decoded> {
    let zeros = memchr::memchr_iter(0, &bytes).count();
    if zeros > 0 {
        if zeros * 10 > bytes.len() {
            return Err(unknown());
        }
        notes.push(format!("{zeros} NUL characters in the text were kept"));
    }
    Ok(Decoded { bytes, notes })
}

/// Whether this is UTF-8 but for a few broken places: an editor's slip, or a cut in the middle of a character, should
/// not make the rest unreadable.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut broken) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().as_bytes().iter().filter(|byte| **byte >= 0xC0).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    valid >= 4 * broken
}

/// Replaces what is not UTF-8, and says how much that was.
fn repaired(bytes: &[u8], work: &Work) -> Result<Decoded> {
    let broken = bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
    let valid = std::str::from_utf8(bytes).err().map_or(0, |error| error.valid_up_to());
    let line = 1 + memchr::memchr_iter(b'\n', bytes.get(..valid).unwrap_or_default()).count();
    work.warn(format!(
        "{broken} places are not UTF-8 and were replaced by \u{FFFD}, the first in line {line}; if that is wrong, save \
         the file as UTF-8 or name its encoding"
    ));
    let note = format!("encoding UTF-8 with {broken} broken places, the first in line {line}");
    utf8(String::from_utf8_lossy(bytes).into_owned().into_bytes(), vec![note])
}

/// The part of the bytes by which the encoding is guessed.
fn window(bytes: &[u8]) -> &[u8] {
    let first = bytes.iter().position(|byte| *byte >= 0x80).unwrap_or(0);
    // Back to the start of a line, so that no character is cut.
    let start = memchr::memrchr(b'\n', bytes.get(..first).unwrap_or_default()).map_or(0, |at| at + 1);
    let rest = bytes.get(start..).unwrap_or_default();
    match rest.get(..WINDOW) {
        Some(head) => memchr::memrchr(b'\n', head).and_then(|end| head.get(..end)).unwrap_or(head),
        None => rest,
    }
}

/// Korean text in EUC-KR is nearly all Hangul, and most of it among the 2350 syllables of KS X 1001 (Japanese and
/// Chinese bytes make syllables that nobody writes). chardetng needs more text than a short list of labels to be sure.
fn is_korean(window: &[u8]) -> bool {
    let (text, broken) = EUC_KR.decode_without_bom_handling(window);
    let (mut hangul, mut high) = (0usize, 0usize);
    for character in text.chars().filter(|character| !character.is_ascii()) {
        high += 1;
        hangul += usize::from(matches!(character, '가'..='힣' | 'ㄱ'..='ㅣ'));
    }
    let (mut common, mut pairs, mut rest) = (0usize, 0usize, window);
    while let [lead, after @ ..] = rest {
        rest = after;
        if let (true, [trail, after @ ..]) = (*lead >= 0x80, after) {
            pairs += 1;
            common += usize::from((0xB0..=0xC8).contains(lead) && *trail >= 0xA1);
            rest = after;
        }
    }
    !broken && hangul * 10 >= high * 8 && common * 2 >= pairs && hangul > 0
}

/// Converts `bytes` after the first `skip`.
fn convert(bytes: &[u8], skip: usize, encoding: &'static Encoding, work: &Work) -> Result<Decoded> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 2);
    let mut rest = bytes.get(skip..).unwrap_or_default();
    let mut broken = false;
    loop {
        let (piece, after) = rest.split_at(rest.len().min(PIECE));
        let mut left = piece;
        loop {
            text.reserve(decoder.max_utf8_buffer_length(left.len()).unwrap_or(left.len() * 3));
            let (result, read, replaced) = decoder.decode_to_string(left, &mut text, after.is_empty());
            broken |= replaced;
            left = left.get(read..).unwrap_or_default();
            if result == encoding_rs::CoderResult::InputEmpty {
                break;
            }
        }
        work.advance(piece.len() as u64)?;
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    let name = if encoding == EUC_KR { "EUC-KR (CP949)" } else { encoding.name() };
    let mut notes = vec![format!("encoding {name}, converted to UTF-8")];
    if broken {
        let count = text.matches('\u{FFFD}').count();
        if count * 100 > text.chars().filter(|character| !character.is_ascii()).count() {
            return Err(unknown());
        }
        work.warn(format!("{count} places are not {name} and were replaced by \u{FFFD}"));
        notes.push(format!("{count} places are not {name}"));
    }
    let odd = text.chars().filter(|character| character.is_control() && !matches!(character, '\t' | '\n' | '\r'));
    if odd.count() * 200 > text.chars().count() {
        return Err(unknown());
    }
    Ok(Decoded { bytes: text.into_bytes(), notes })
}

fn unknown() -> Error {
    Error::input("the encoding of the file is not known, or it is not text")
        .help("save it as UTF-8, or name its encoding")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KOREAN: &[&str] = &[
        "id,문장\n1,안녕하세요\n",
        "라벨\n스팸\n",
        "이름,나이\n홍길동,20\n김철수,31\n",
        "text,label\n이 영화 정말 재미있어요! 강추합니다.,긍정\n완전 별로... 돈 아까움 ㅠㅠ,부정\n",
        "번호,질문\n1,\"12시 땡! 하루가 또 가네요.\"\n",
        "똠방각하,펲시콜라,햏햏\n", // syllables of CP949 that EUC-KR lacks
    ];

    fn text(bytes: &[u8]) -> Result<(String, Vec<String>, Vec<String>)> {
        let work = Work::new();
        let decoded = decode(bytes.to_vec(), None, &work)?;
        Ok((String::from_utf8(decoded.bytes).unwrap(), decoded.notes, work.warnings()))
    }

    #[test]
    fn korean_text_is_recognised_in_every_encoding_it_comes_in() {
        for korean in KOREAN {
            let utf16 = |big: bool, mark: bool| -> Vec<u8> {
                let units = mark.then_some(0xFEFF).into_iter().chain(korean.encode_utf16());
                units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
            };
            let cases: Vec<(&str, Vec<u8>)> = vec![
                ("", korean.as_bytes().to_vec()),
                ("encoding UTF-8 with a byte order mark", [b"\xEF\xBB\xBF", korean.as_bytes()].concat()),
                ("encoding EUC-KR (CP949), converted to UTF-8", EUC_KR.encode(korean).0.into_owned()),
                ("encoding UTF-16LE, converted to UTF-8", utf16(false, true)),
                ("encoding UTF-16BE, converted to UTF-8", utf16(true, true)),
                ("encoding UTF-16LE, converted to UTF-8", utf16(false, false)),
                ("encoding UTF-16BE, converted to UTF-8", utf16(true, false)),
            ];
            for (note, bytes) in cases {
                let (found, notes, warnings) = text(&bytes).unwrap();
                assert_eq!(found, *korean, "{note}");
                assert_eq!(notes.join(""), note);
                assert!(warnings.is_empty());
            }
        }
    }

    #[test]
    fn other_encodings_are_recognised_too() {
        let check = |encoding: &'static Encoding, sample: &str| {
            let (bytes, _, unmappable) = encoding.encode(sample);
            assert!(!unmappable);
            assert_eq!(text(&bytes).unwrap().0, sample, "{}", encoding.name());
        };
        check(encoding_rs::WINDOWS_1252, "name,city\nJosé,Málaga\nZoë,Besançon – “ça va”\n");
        check(encoding_rs::SHIFT_JIS, "番号,文章\n1,こんにちは、元気ですか。今日はとても良い天気です。\n");
        check(encoding_rs::GBK, "编号,句子\n1,你好,今天天气很好,我们去公园吧。这是一个测试文件的内容。\n");
    }

    #[test]
    fn a_named_encoding_is_taken_as_named() {
        let work = Work::new();
        let decoded = decode(b"caf\xE9".to_vec(), Some("windows-1252"), &work).unwrap();
        assert_eq!(decoded.bytes, "café".as_bytes());
        let decoded = decode(b"\xEF\xBB\xBFab".to_vec(), Some("utf-8"), &work).unwrap();
        assert_eq!(decoded.bytes, b"ab");
        assert!(decode(Vec::new(), Some("klingon"), &work).unwrap_err().to_string().contains("klingon"));
    }

    #[test]
    fn a_few_broken_bytes_are_replaced_and_said() {
        let mut bytes = "id,문장\n".repeat(50).into_bytes();
        bytes.extend_from_slice(b"x\xFFy\n");
        let (found, notes, warnings) = text(&bytes).unwrap();
        assert!(found.ends_with("x\u{FFFD}y\n"));
        assert!(notes[0].contains("line 51") && warnings[0].contains("line 51"), "{notes:?}");
        let cut = &"한국어 문장 하나가 여기에 있습니다 그리고 더".as_bytes()[..61];
        assert!(text(cut).unwrap().0.contains("한국어"), "cut in the middle of a character");
    }

    #[test]
    fn what_is_not_text_is_refused() {
        let noise: Vec<u8> = (0..4000u64).map(|at| (at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as u8).collect();
        for (bytes, what) in [
            (b"PK\x03\x04rest".to_vec(), "Excel"),
            (b"\x1F\x8B\x08".to_vec(), "gzip"),
            (b"PAR1".to_vec(), "Parquet"),
            (noise, "encoding"),
            (vec![0; 100], "encoding"),
        ] {
            let error = text(&bytes).unwrap_err();
            assert!(error.what().contains(what) && error.advice().is_some(), "{error}");
        }
    }

    #[test]
    fn nul_characters_are_kept_and_said() {
        let (found, notes, _) = text(b"id,text\n1,a\0b\n").unwrap();
        assert!(found.ends_with("a\0b\n"));
        assert_eq!(notes, ["1 NUL characters in the text were kept"]);
    }

    #[test]
    fn long_text_is_checked_piece_by_piece() {
        let long = "가나다\n".repeat(PIECE / 4);
        let work = Work::new();
        assert!(is_utf8(long.as_bytes(), &work).unwrap());
        let mut broken = long.clone().into_bytes();
        broken.truncate(long.len() - 2);
        assert!(!is_utf8(&broken, &work).unwrap());
        let (bytes, _, _) = EUC_KR.encode(&long);
        assert_eq!(text(&bytes).unwrap().0, long);
    }
}
