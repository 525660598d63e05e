//! A named column of values, kept as an Arrow array.

use std::borrow::Cow;
use std::sync::OnceLock;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, LargeStringArray, TimestampMicrosecondArray, UInt32Array,
};
use arrow_buffer::{BooleanBuffer, Buffer, OffsetBuffer};
use arrow_select::take::TakeOptions;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use crate::engine::{Error, Result, Spill};

/// What a column means, which decides how it is shown and which functions of the filter language fit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Free text.
    Text,
    /// Text with few distinct values, such as a class name.
    Category,
    /// Whole numbers.
    Int,
    /// Real numbers.
    Float,
    /// True or false.
    Bool,
    /// Points in time, UTC, microseconds.
    Time,
    /// Paths of image files, relative to the dataset's root.
    Image,
    /// Paths of audio files, relative to the dataset's root.
    Audio,
}

impl Kind {
    /// The name used in configuration files and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Category => "category",
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Time => "time",
            Self::Image => "image",
            Self::Audio => "audio",
        }
    }
}

/// The values of a column. A string column is one contiguous UTF-8 buffer with 64-bit offsets, which the pattern
/// engine scans whole.
#[derive(Debug, Clone)]
pub enum Values {
    /// Strings: for [`Kind::Text`], [`Kind::Category`], [`Kind::Image`] and [`Kind::Audio`].
    Text(LargeStringArray),
    /// Whole numbers.
    Int(Int64Array),
    /// Real numbers; NaN is a value, null is missing.
    Float(Float64Array),
    /// Truth values.
    Bool(BooleanArray),
    /// Microseconds since 1970, UTC.
    Time(TimestampMicrosecondArray),
}

/// A named column.
#[derive(Debug)]
pub struct Column {
    name: String,
    kind: Kind,
    values: Values,
    folded: OnceLock<LargeStringArray>,
    folded_is_lower: OnceLock<BooleanBuffer>,
}

impl Column {
    /// A column of text; `kind` must be one of the string kinds, else it is taken as [`Kind::Text`].
    pub fn text(name: impl Into<String>, kind: Kind, values: LargeStringArray) -> Self {
        let kind = match kind {
            Kind::Text | Kind::Category | Kind::Image | Kind::Audio => kind,
            _ => Kind::Text,
        };
        Self {
            name: name.into(),
            kind,
            values: Values::Text(values),
            folded: OnceLock::new(),
            folded_is_lower: OnceLock::new(),
        }
    }

    /// A column of anything but text; its kind follows from the values.
    pub fn new(name: impl Into<String>, values: Values) -> Self {
        let kind = match values {
            Values::Text(_) => Kind::Text,
            Values::Int(_) => Kind::Int,
            Values::Float(_) => Kind::Float,
            Values::Bool(_) => Kind::Bool,
            Values::Time(_) => Kind::Time,
        };
        Self { name: name.into(), kind, values, folded: OnceLock::new(), folded_is_lower: OnceLock::new() }
    }

    /// The column's name, as in the source.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the column means.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The values.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.array().len()
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True if the value at `row` is missing.
    pub fn is_null(&self, row: usize) -> bool {
        self.array().is_null(row)
    }

    /// The number of missing values.
    pub fn null_count(&self) -> usize {
        self.array().null_count()
    }

    /// The values as a plain Arrow array.
    pub fn array(&self) -> &dyn Array {
        match &self.values {
            Values::Text(array) => array,
            Values::Int(array) => array,
            Values::Float(array) => array,
            Values::Bool(array) => array,
            Values::Time(array) => array,
        }
    }

    /// The values as a shared Arrow array (cheap: buffers are shared).
    pub fn array_ref(&self) -> ArrayRef {
        match &self.values {
            Values::Text(array) => std::sync::Arc::new(array.clone()),
            Values::Int(array) => std::sync::Arc::new(array.clone()),
            Values::Float(array) => std::sync::Arc::new(array.clone()),
            Values::Bool(array) => std::sync::Arc::new(array.clone()),
            Values::Time(array) => std::sync::Arc::new(array.clone()),
        }
    }

    /// The strings, if this is a string column.
    pub fn strings(&self) -> Option<&LargeStringArray> {
        match &self.values {
            Values::Text(array) => Some(array),
            _ => None,
        }
    }

    /// The strings in NFC and lower case, computed once and kept: what case-insensitive search scans.
    /// `None` if this is not a string column.
    pub fn folded(&self) -> Option<&LargeStringArray> {
        let strings = self.strings()?;
        Some(self.folded.get_or_init(|| fold_array(strings)))
    }

    /// The rows whose folded form is exactly their text in lower case: those that are in NFC already and have no
    /// capital sigma, whose lower case depends on the letters around it. Computed once and kept.
    /// `None` if this is not a string column.
    pub fn folded_is_lower(&self) -> Option<&BooleanBuffer> {
        let strings = self.strings()?;
        Some(self.folded_is_lower.get_or_init(|| {
            let rows: Vec<bool> = (0..strings.len())
                .into_par_iter()
                .with_min_len(4096)
                .map(|row| strings.is_null(row) || folds_to_lower(strings.value(row)))
                .collect();
            BooleanBuffer::from(rows)
        }))
    }

    /// These rows under another name, in this order.
    ///
    /// # Errors
    /// If there is no such row.
    pub fn take(&self, name: &str, rows: &[u32]) -> Result<Self> {
        let indices = UInt32Array::from(rows.to_vec());
        let options = Some(TakeOptions { check_bounds: true });
        let failed = |source| Error::input(format!("the rows cannot be gathered, {source}")).at(self.name());
        let taken = arrow_select::take::take(self.array(), &indices, options).map_err(failed)?;
        let any = taken.as_any();
        let values = match &self.values {
            Values::Text(_) => any.downcast_ref().cloned().map(Values::Text),
            Values::Int(_) => any.downcast_ref().cloned().map(Values::Int),
            Values::Float(_) => any.downcast_ref().cloned().map(Values::Float),
            Values::Bool(_) => any.downcast_ref().cloned().map(Values::Bool),
            Values::Time(_) => any.downcast_ref().cloned().map(Values::Time),
        };
        match values {
            Some(Values::Text(array)) => Ok(Self::text(name, self.kind, array)),
            Some(values) => Ok(Self::new(name, values)),
            None => Err(Error::input("the rows changed their type while they were gathered").at(self.name())),
        }
    }

    /// The value at `row` as a number, if it is one (truth values count as 0 and 1, times as seconds since 1970).
    pub fn number(&self, row: usize) -> Option<f64> {
        if self.is_null(row) {
            return None;
        }
        match &self.values {
            Values::Text(_) => None,
            Values::Int(array) => Some(array.value(row) as f64),
            Values::Float(array) => Some(array.value(row)),
            Values::Bool(array) => Some(f64::from(u8::from(array.value(row)))),
            Values::Time(array) => Some(array.value(row) as f64 / 1e6),
        }
    }

    /// The value at `row` as text for a person or a text file; `None` if it is missing.
    pub fn show(&self, row: usize) -> Option<Cow<'_, str>> {
        if self.is_null(row) {
            return None;
        }
        Some(match &self.values {
            Values::Text(array) => Cow::Borrowed(array.value(row)),
            Values::Int(array) => Cow::Owned(array.value(row).to_string()),
            Values::Float(array) => Cow::Owned(show_float(array.value(row))),
            Values::Bool(array) => Cow::Borrowed(if array.value(row) { "true" } else { "false" }),
            Values::Time(array) => Cow::Owned(show_time(array.value(row))),
        })
    }
}

/// A real number as people and CSV readers expect it: no exponent for ordinary sizes, `.0` kept on whole numbers.
pub fn show_float(value: f64) -> String {
    let size = value.abs();
    if value == value.trunc() && size < 1e15 {
        format!("{value:.1}")
    } else if size != 0.0 && !(1e-5..1e15).contains(&size) {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

/// A whole number with a comma between groups of three digits, as English and Korean write it.
pub fn show_count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share in per cent with one decimal, `92.8 %`; a dash if it is not finite.
pub fn show_percent(share: f64) -> String {
    if share.is_finite() { format!("{:.1} %", share * 100.0) } else { "–".to_owned() }
}

/// A time as ISO 8601: the date alone at midnight, else date and time.
pub fn show_time(micros: i64) -> String {
    match chrono::DateTime::from_timestamp_micros(micros) {
        Some(time) if micros.rem_euclid(86_400_000_000) == 0 => time.format("%Y-%m-%d").to_string(),
        Some(time) if micros.rem_euclid(1_000_000) == 0 => time.format("%Y-%m-%dT%H:%M:%S").to_string(),
        Some(time) => time.format("%Y-%m-%dT%H:%M:%S%.6f").to_string(),
        None => format!("{micros} µs"),
    }
}

/// Text in NFC and lower case, the form in which case-insensitive things are compared.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

fn fold_into(text: &str, out: &mut String) {
    if is_composed(text) {
        lower_into(text.chars(), out);
    } else {
        lower_into(text.nfc(), out);
    }
}

/// Appends characters in lower case.
pub(crate) fn lower_into(letters: impl Iterator<Item = char>, out: &mut String) {
    for letter in letters {
        match letter {
            '\0'..='\u{7F}' => out.push(letter.to_ascii_lowercase()),
            // The scripts of East Asia have no case, and looking each character up would cost more than all the rest.
            '\u{3000}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' => out.push(letter),
            _ => out.extend(letter.to_lowercase()),
        }
    }
}

/// True if the text is surely in NFC. Errs towards `false`: the bytes decide for ASCII, Latin, Hangul syllables and
/// ideographs, the Unicode tables for everything else.
pub(crate) fn is_composed(text: &str) -> bool {
    is_plain(text, begins_cluster)
}

/// True if every character is of the scripts that are composed, or passes the test.
#[inline]
pub(crate) fn is_plain(text: &str, test: impl Fn(char) -> bool) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&lead) = bytes.get(at) {
        at += match lead {
            0x00..=0x7F => 1,
            // Latin, up to the modifiers; the combining marks begin after.
            0xC2..=0xCB => 2,
            0xE4..=0xE9 | 0xEB | 0xEC => 3,
            0xEA if bytes.get(at + 1).is_some_and(|next| *next >= 0xB0) => 3,
            0xED if bytes.get(at + 1).is_some_and(|next| *next < 0x9E) => 3,
            // Single Hangul letters.
            0xE3 if matches!(bytes.get(at + 1), Some(0x84 | 0x85)) => 3,
            _ => {
                let letter = text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or('\0');
                if !test(letter) {
                    return false;
                }
                letter.len_utf8()
            }
        };
    }
    true
}

/// True if composition never joins the character to what stands before it, nor changes it by itself (UAX 15, 9).
pub(crate) fn begins_cluster(letter: char) -> bool {
    is_nfc_quick(std::iter::once(letter)) == IsNormalized::Yes && canonical_combining_class(letter) == 0
}

/// True if folding a text does no more than putting it into lower case. The lower case of a capital sigma depends on
/// the letters around it.
fn folds_to_lower(text: &str) -> bool {
    text.is_ascii() || is_composed(text) && !text.contains('Σ')
}

/// Folds a column in parts side by side, a few at a time, into one buffer: in memory, or on the disk where the column
/// is as large as those that lie there themselves.
fn fold_array(strings: &LargeStringArray) -> LargeStringArray {
    let large = strings.value_data().len() as u64 >= Spill::FROM;
    if large && let Ok(folded) = fold_spilled(strings) {
        return folded;
    }
    let mut bytes = Vec::with_capacity(strings.value_data().len());
    let lengths = fold_parts(strings, |part| {
        bytes.extend_from_slice(part);
        Ok(())
    });
    let offsets = OffsetBuffer::from_lengths(lengths.unwrap_or_default());
    LargeStringArray::new(offsets, Buffer::from_vec(bytes), strings.nulls().cloned())
}

fn fold_spilled(strings: &LargeStringArray) -> Result<LargeStringArray> {
    let mut spill = Spill::new()?;
    let lengths = fold_parts(strings, |part| spill.write(part))?;
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(LargeStringArray::new(offsets, Buffer::from(spill.finish()?), strings.nulls().cloned()))
}

/// Folds every row, hands the bytes over in order, and returns their lengths.
fn fold_parts(strings: &LargeStringArray, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<Vec<usize>> {
    const PART: usize = 1 << 14;
    /// Parts that are in memory at once.
    const PARTS: usize = 32;
    let fold = |part: usize| {
        let rows = part * PART..((part + 1) * PART).min(strings.len());
        let (mut text, mut lengths) = (String::new(), Vec::with_capacity(rows.len()));
        for row in rows {
            let before = text.len();
            if strings.is_valid(row) {
                fold_into(strings.value(row), &mut text);
            }
            lengths.push(text.len() - before);
        }
        (text, lengths)
    };
    let mut all = Vec::with_capacity(strings.len());
    let parts = strings.len().div_ceil(PART);
    for first in (0..parts).step_by(PARTS) {
        let folded: Vec<(String, Vec<usize>)> = (first..(first + PARTS).min(parts)).into_par_iter().map(fold).collect();
        for (text, lengths) in folded {
            take(text.as_bytes())?;
            all.extend(lengths);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_show_as_people_expect() {
        let check = |value: f64, expected: &str| assert_eq!(show_float(value), expected);
        check(1.0, "1.0");
        check(0.1, "0.1");
        check(-3.25, "-3.25");
        check(1e20, "1e20");
        check(f64::NAN, "NaN");
        assert_eq!(show_time(0), "1970-01-01");
        assert_eq!(show_time(1_500_000), "1970-01-01T00:00:01.500000");
    }

    #[test]
    fn folding_lowers_case_and_composes_hangul() {
        assert_eq!(fold("ABC"), "abc");
        assert_eq!(fold("\u{1112}\u{1161}\u{11ab}국 ÀB"), "한국 àb");
        let column = Column::text("t", Kind::Text, LargeStringArray::from(vec![Some("AB"), None]));
        assert_eq!(column.folded().map(|folded| folded.value(0)), Some("ab"));
        assert!(column.folded().is_some_and(|folded| folded.is_null(1)));
        let rows: Vec<String> = (0..20_000).map(|row| format!("Row {row} ÀÉ {}", "가나".repeat(row % 3))).collect();
        let column = Column::text("t", Kind::Text, LargeStringArray::from_iter_values(&rows));
        let folded = column.folded().unwrap();
        assert!(rows.iter().enumerate().all(|(row, text)| folded.value(row) == text.to_lowercase()));
    }

    #[test]
    fn rows_are_known_whose_folded_form_is_their_lower_case() {
        let check = |text: &str, expected: bool| {
            let column = Column::text("t", Kind::Text, LargeStringArray::from(vec![text]));
            assert_eq!(column.folded_is_lower().map(|rows| rows.value(0)), Some(expected), "{text}");
        };
        check("ABC 한국 Éİẞ", true);
        check("\u{1112}\u{1161}\u{11ab}", false);
        check("e\u{301}", false);
        check("ΟΔΟΣ", false);
        check("", true);
    }

    #[test]
    fn many_texts_fold_as_each_does() {
        let some = ["AB", "\u{1112}\u{1161}\u{11ab}국", "", "É e\u{301}", "漢字 ㅋㅋ", "İ"];
        let texts: Vec<Option<&str>> = (0..40_000).map(|row| some.get(row % 7).copied()).collect();
        let column = Column::text("t", Kind::Text, LargeStringArray::from(texts.clone()));
        let folded = column.folded().unwrap();
        assert_eq!(folded.len(), texts.len());
        for (row, text) in texts.iter().enumerate() {
            let expected = text.map(|text| text.nfc().flat_map(char::to_lowercase).collect::<String>());
            assert_eq!((!folded.is_null(row)).then(|| folded.value(row)), expected.as_deref());
        }
        assert_eq!(&fold_spilled(column.strings().unwrap()).unwrap(), folded);
    }
}
