//! Texts that are empty, far too short or long, made of symbols or repetitions, in another script than the others,
//! damaged, or that hold personal data or words that are not wanted.
//!
//! In: a column of texts. Out: for every text what is wrong with it and where, in bytes. What "too long" and "another
//! script" mean follows from the set itself.

mod damage;
mod numbers;
mod personal;
mod script;
mod secrets;
mod shape;
mod words;

use arrow_array::{Array as _, LargeStringArray};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use self::damage::mend;
pub use self::script::Script;
use self::script::{Letters, Usual};
use self::words::Words;
use crate::engine::{Error, Result, Work};

/// Rows that are worked on at once; few, as a text may be a book.
const ROWS: usize = 128;

/// The most of a text that is looked at, in bytes.
const MOST: usize = 1 << 20;

/// From this many texts on lengths are compared.
const LEAST_TEXTS: usize = 20;

/// A text is too long or short if it differs from the quartiles by this factor at least.
const LENGTH_FACTOR: f64 = 4.0;

/// What can be wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextIssue {
    /// Nothing, or only white space.
    Empty,
    /// Far shorter than the others.
    Short,
    /// Far longer than the others.
    Long,
    /// Mostly neither letters nor digits.
    Symbols,
    /// Mostly one run of the same characters.
    RepeatedCharacters,
    /// Mostly the same words over and over.
    RepeatedWords,
    /// In another script than the others.
    Script,
    /// Damaged on its way.
    Damage(Damage),
    /// Names a person, or opens a door.
    Personal(Personal),
    /// A word of the person's own list.
    Listed,
}

/// How a text was damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Damage {
    /// Characters were lost and U+FFFD stands for them.
    Lost,
    /// Control characters.
    Control,
    /// Bytes were read in the wrong encoding. [`mend`] may help.
    Misread,
}

/// Personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Personal {
    /// An e-mail address.
    Email,
    /// A telephone number, Korean, North American, or with a country's code.
    Phone,
    /// A Korean resident-registration number.
    ResidentNumber,
    /// The number of a payment card.
    Card,
    /// The number of a Korean driving licence.
    DriverLicence,
    /// An IP address.
    Ip,
    /// A key or password.
    Secret,
}

impl TextIssue {
    /// The name in results and settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Short => "short",
            Self::Long => "long",
            Self::Symbols => "symbols",
            Self::RepeatedCharacters => "repeated-characters",
            Self::RepeatedWords => "repeated-words",
            Self::Script => "script",
            Self::Damage(Damage::Lost) => "lost-characters",
            Self::Damage(Damage::Control) => "control-characters",
            Self::Damage(Damage::Misread) => "misread-encoding",
            Self::Personal(Personal::Email) => "email",
            Self::Personal(Personal::Phone) => "phone",
            Self::Personal(Personal::ResidentNumber) => "resident-number",
            Self::Personal(Personal::Card) => "card",
            Self::Personal(Personal::DriverLicence) => "driver-licence",
            Self::Personal(Personal::Ip) => "ip",
            Self::Personal(Personal::Secret) => "secret",
            Self::Listed => "listed-word",
        }
    }
}

/// One fault and where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// What is wrong.
    pub issue: TextIssue,
    /// Where it begins in the text, in bytes, on a character's edge.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// False where the shape fits but no check digit could confirm it.
    pub sure: bool,
}

/// What to look for besides.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextQualityOptions {
    /// Words that are not wanted; Latin letters without regard to case.
    pub words: Vec<String>,
}

/// What was found in a set of texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextQuality {
    /// The faults by row, and in a row by place.
    spots: Vec<(u32, Spot)>,
    rows: usize,
    /// The shortest and longest length in characters that is usual; `None` where there are too few texts to tell.
    pub usual_lengths: Option<(usize, usize)>,
    /// The scripts that the texts are written in.
    pub usual_scripts: Vec<Script>,
    /// Texts of which only the first megabyte was looked at.
    pub cut: usize,
}

impl TextQuality {
    /// Looks at all texts. A missing text is none of them: what is missing is said elsewhere.
    ///
    /// # Errors
    /// If the list of words is too large, there are 2³² texts or more, or the work was cancelled.
    pub fn find(texts: &LargeStringArray, options: &TextQualityOptions, work: &Work) -> Result<Self> {
        if u32::try_from(texts.len()).is_err() {
            return Err(Error::input(format!("{} texts are too many", texts.len())));
        }
        let words = Words::new(&options.words)?;
        let usual = Profile::of(texts, work)?;
        let found = in_parts(texts, "checking texts", work, |row, text| {
            look_at(text, &words, &usual).into_iter().map(|spot| (row, spot)).collect::<Vec<_>>()
        })?;
        let spots: Vec<(u32, Spot)> = found.into_iter().flatten().flatten().collect();
        let cut =
            (0..texts.len()).filter(|&row| texts.is_valid(row) && texts.value_length(row) as usize > MOST).count();
        if cut > 0 {
            work.warn(format!("of {cut} texts only the first megabyte was looked at"));
        }
        Ok(Self {
            spots,
            rows: texts.len(),
            usual_lengths: usual.lengths,
            usual_scripts: usual.scripts.scripts().to_vec(),
            cut,
        })
    }

    /// The number of texts.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// All faults with their rows, rising.
    pub fn all(&self) -> &[(u32, Spot)] {
        &self.spots
    }

    /// The faults of a text, by place.
    pub fn of_row(&self, row: u32) -> &[(u32, Spot)] {
        let start = self.spots.partition_point(|(other, _)| *other < row);
        let end = self.spots.partition_point(|(other, _)| *other <= row);
        self.spots.get(start..end).unwrap_or_default()
    }

    /// The kinds that occur, and in how many texts each does.
    pub fn counts(&self) -> Vec<(TextIssue, usize)> {
        let mut kinds: Vec<(TextIssue, u32)> = self.spots.iter().map(|(row, spot)| (spot.issue, *row)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds.chunk_by(|a, b| a.0 == b.0).filter_map(|run| Some((run.first()?.0, run.len()))).collect()
    }

    /// For every text whether it has the fault.
    pub fn flags(&self, issue: TextIssue) -> Vec<bool> {
        let mut flags = vec![false; self.rows];
        for (row, _) in self.spots.iter().filter(|(_, spot)| spot.issue == issue) {
            if let Some(flag) = flags.get_mut(*row as usize) {
                *flag = true;
            }
        }
        flags
    }
}

/// What is usual in a set of texts.
struct Profile {
    lengths: Option<(usize, usize)>,
    scripts: Usual,
}

impl Profile {
    fn of(texts: &LargeStringArray, work: &Work) -> Result<Self> {
        let parts = in_parts(texts, "reading texts", work, |_, text| (shape::length(text), Letters::of(text).main()))?;
        let mut lengths: Vec<usize> = Vec::new();
        let mut mains = [0usize; Script::COUNT];
        for (length, main) in parts.into_iter().flatten() {
            if length > 0 {
                lengths.push(length);
            }
            if let Some(count) = main.and_then(|main| mains.get_mut(main as usize)) {
                *count += 1;
            }
        }
        lengths.sort_unstable();
        Ok(Self { lengths: usual_lengths(&lengths), scripts: Usual::of(&mains) })
    }
}

/// Tukey's outer fences (1977) on the logarithm of the length, as half as long is as odd as twice as long; no closer to
/// the quartiles than by a factor of four.
fn usual_lengths(rising: &[usize]) -> Option<(usize, usize)> {
    if rising.len() < LEAST_TEXTS {
        return None;
    }
    let at = |share: usize| rising.get(rising.len() * share / 4).map(|&length| (length as f64).ln());
    let (first, third) = (at(1)?, at(3)?);
    let reach = (3.0 * (third - first)).max(LENGTH_FACTOR.ln());
    // A hair's breadth, so that rounding does not move a whole number to the next.
    Some((((first - reach).exp() - 1e-6).ceil() as usize, ((third + reach).exp() + 1e-6).floor() as usize))
}

/// What `each` makes of every text that is there, at most its first megabyte, by parts of rows in order.
fn in_parts<T: Send>(
    texts: &LargeStringArray,
    stage: &str,
    work: &Work,
    each: impl Fn(u32, &str) -> T + Sync,
) -> Result<Vec<Vec<T>>> {
    work.stage(stage, texts.len() as u64);
    let starts: Vec<usize> = (0..texts.len()).step_by(ROWS).collect();
    starts
        .into_par_iter()
        .map(|start| {
            let rows = start..(start + ROWS).min(texts.len());
            let mut found = Vec::with_capacity(rows.len());
            for row in rows.clone().filter(|&row| texts.is_valid(row)) {
                work.check()?;
                let text = texts.value(row);
                found.push(each(row as u32, text.get(..text.floor_char_boundary(MOST)).unwrap_or(text)));
            }
            work.advance(rows.len() as u64)?;
            Ok(found)
        })
        .collect()
}

/// All faults of one text, by place.
fn look_at(text: &str, words: &Words, usual: &Profile) -> Vec<Spot> {
    let mut spots = Vec::new();
    shape::find(text, &mut spots);
    if spots.iter().any(|spot| spot.issue == TextIssue::Empty) {
        return spots;
    }
    let mut whole = |issue| spots.push(Spot { issue, start: 0, end: text.len(), sure: true });
    let length = shape::length(text);
    match usual.lengths {
        Some((least, _)) if length < least => whole(TextIssue::Short),
        Some((_, most)) if length > most => whole(TextIssue::Long),
        _ => {}
    }
    if usual.scripts.is_foreign(&Letters::of(text)) {
        whole(TextIssue::Script);
    }
    damage::find(text, &mut spots);
    spots.extend(personal::find(text));
    words.find(text, &mut spots);
    spots.sort_by_key(|spot| (spot.start, spot.end, spot.issue));
    spots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(texts: &[Option<&str>], words: &[&str]) -> TextQuality {
        let options = TextQualityOptions { words: words.iter().map(|&word| word.to_owned()).collect() };
        TextQuality::find(&LargeStringArray::from(texts.to_vec()), &options, &Work::new()).unwrap()
    }

    #[test]
    fn every_fault_has_its_place() {
        let good = "오늘 배송이 빨라서 정말 좋았습니다";
        let long = "좋습니다 아주 ".repeat(2) + &(0..400).map(|at| format!("낱말{at} ")).collect::<String>();
        let mut texts = vec![Some(good); 40];
        let odd = [
            Some(""),
            None,
            Some(long.as_str()),
            Some("a sentence in another script"),
            Some("연락처 010-1234-5678, kim@example.com 바보"),
            Some("caf\u{FFFD} 배송이 빨라요"),
            Some("!!!!!!?????"),
        ];
        texts.extend(odd);
        let found = find(&texts, &["바보"]);
        let of = |row: u32| found.of_row(row).iter().map(|(_, spot)| spot.issue.name()).collect::<Vec<_>>();
        assert!((0..40).all(|row| of(row).is_empty()));
        assert_eq!((of(40), of(41)), (vec!["empty"], vec![]));
        assert_eq!((of(42), of(43)), (vec!["long"], vec!["script"]));
        assert_eq!(of(44), ["phone", "email", "listed-word"]);
        assert_eq!((of(45), of(46)), (vec!["lost-characters"], vec!["symbols"]));
        assert_eq!(found.usual_scripts, [Script::Hangul]);
        assert!(found.counts().contains(&(TextIssue::Personal(Personal::Phone), 1)));
        assert_eq!(found.flags(TextIssue::Listed).iter().filter(|flag| **flag).count(), 1);
        assert_eq!((found.rows(), found.cut), (47, 0));
    }

    #[test]
    fn lengths_are_judged_by_the_set() {
        assert_eq!(usual_lengths(&[5; 10]), None);
        assert_eq!(usual_lengths(&[40; 100]), Some((10, 160)));
        let wide: Vec<usize> = (1..=200).collect();
        assert_eq!(usual_lengths(&wide).map(|(least, _)| least), Some(2));
    }

    #[test]
    fn empty_sets_and_cancelling() {
        assert_eq!(find(&[], &[]), TextQuality::default());
        let work = Work::new();
        work.cancel();
        let texts = LargeStringArray::from(vec!["a"; 10]);
        assert!(TextQuality::find(&texts, &TextQualityOptions::default(), &work).unwrap_err().is_cancelled());
    }

    proptest::proptest! {
        /// Whatever stands in a text, faults lie on the edges of characters and in order.
        #[test]
        fn places_are_on_the_edges_of_characters(
            texts in proptest::collection::vec("(\\PC|[0-9@.:+() -]|가|ÃÂ|\u{FFFD}|010-1234-5678|a@b\\.co){0,30}", 0..8),
        ) {
            let texts: Vec<Option<&str>> = texts.iter().map(|text| Some(text.as_str())).collect();
            let found = find(&texts, &["가나"]);
            proptest::prop_assert!(found.all().is_sorted_by_key(|(row, _)| *row));
            for (row, spot) in found.all() {
                let text = texts[*row as usize].unwrap();
                proptest::prop_assert!(text.get(spot.start..spot.end).is_some(), "{:?} of {:?}", spot, text);
            }
        }
    }
}
