//! The words of texts by class, and those that set a class apart.
//!
//! In: texts, a class for each, a mask. Out: for each class the terms that are more frequent in it than elsewhere, by
//! log-odds with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008, "Fightin' Words"), and the
//! most frequent terms of all. Terms are words, pairs of words and, for Korean, the pieces of 2 or 3 syllables inside
//! what stands between spaces, which see a stem under its many endings. They are taken as the features are.

mod best;
mod count;

use std::sync::Arc;

use arrow_array::{Array as _, LargeStringArray};
use arrow_buffer::BooleanBuffer;
use serde::Serialize;

use best::Best;
use count::{Reader, Sizes};

use crate::data::Column;
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work};

/// What is counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Take word n-grams of 1 up to this many words, at most 2.
    pub words: usize,
    /// Whose pieces of 2 or 3 characters are taken.
    pub characters: Characters,
    /// Drop terms that occur less often; more are dropped if there are very many.
    pub least: u32,
    /// The terms that are given for each class and over all.
    pub top: usize,
    /// The strength of the prior: this many times all texts are added to each side before they are compared. More draws
    /// rare terms closer to "no difference".
    pub prior: f64,
}

/// Whose pieces of 2 or 3 characters are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Characters {
    /// Nobody's.
    None,
    /// Those with a Hangul syllable.
    Hangul,
    /// All.
    All,
}

impl Default for Options {
    fn default() -> Self {
        Self { words: 2, characters: Characters::Hangul, least: 3, top: 30, prior: 0.1 }
    }
}

/// What sort a term is. Sorts are compared among themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// A word.
    Word,
    /// Two words that follow each other.
    Pair,
    /// 2 or 3 characters inside a word.
    Characters,
}

/// A term that sets a class apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Term {
    /// The term as it stands in the texts.
    pub text: String,
    /// What it is.
    pub sort: Sort,
    /// How often it occurs in the class.
    pub inside: u64,
    /// How often it occurs in the other classes.
    pub elsewhere: u64,
    /// The log-odds ratio by its standard deviation; above about 2 it is hardly chance.
    pub z: f64,
}

/// A frequent term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Frequent {
    /// The term as it stands in the texts.
    pub text: String,
    /// What it is.
    pub sort: Sort,
    /// How often it occurs.
    pub count: u64,
}

/// The terms of one class, by falling z.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ClassTerms {
    /// Its texts.
    pub texts: u64,
    /// Words and pairs that set it apart.
    pub words: Vec<Term>,
    /// Pieces of words that set it apart.
    pub characters: Vec<Term>,
}

/// What [`compare`] gives.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Words {
    /// Each class, in order.
    pub classes: Vec<ClassTerms>,
    /// The most frequent words and pairs of all texts, those without a class included.
    pub words: Vec<Frequent>,
    /// The most frequent pieces of words.
    pub characters: Vec<Frequent>,
    /// The texts that were read.
    pub texts: u64,
    /// Terms that occur less often than this were left out.
    pub least: u32,
}

/// Compares the words of classes. `texts` should be folded (see [`Column::folded`]); `labels` has a class below
/// `classes` for each, -1 for none; only rows in `mask` count if one is given. Memory stays below about 200 MB however
/// many texts there are.
///
/// # Errors
/// If the lengths do not fit or the work was cancelled.
pub fn compare(
    texts: &LargeStringArray,
    labels: &[i16],
    classes: usize,
    mask: Option<&BooleanBuffer>,
    options: &Options,
    work: &Work,
) -> Result<Words> {
    if labels.len() != texts.len() || mask.is_some_and(|mask| mask.len() != texts.len()) {
        return Err(Error::input(format!("{} labels do not fit {} texts", labels.len(), texts.len()))
            .help("give one label for each text, -1 for none"));
    }
    work.stage("reading words", 2 * texts.len() as u64);
    let reader = Reader { texts, labels, classes, mask, options };
    let sizes = Sizes::of(&reader, work)?;
    let counts = sizes.count(&reader, work)?;
    Best::of(&counts, &sizes, classes, options, work)?.name(&reader, &sizes, work)
}

/// The words of a text column by class as a derived value.
#[derive(Debug, Clone)]
pub struct WordsOf {
    /// The texts.
    pub column: Arc<Column>,
    /// A class for each, -1 for none.
    pub labels: Arc<Vec<i16>>,
    /// The number of classes.
    pub classes: usize,
    /// The rows that count; `None` for all.
    pub mask: Option<BooleanBuffer>,
    /// The name of column, labels and mask.
    pub print: Fingerprint,
}

impl Derived for WordsOf {
    type Output = Words;

    fn bytes(words: &Words) -> usize {
        let of_class = |class: &ClassTerms| class.words.len() + class.characters.len();
        let terms: usize = words.classes.iter().map(of_class).sum();
        96 * (terms + words.words.len() + words.characters.len())
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("words by class 1").print(self.print).number(self.classes as u64).finish()
    }

    fn compute(&self, work: &Work) -> Result<Words> {
        work.stage("folding texts", 0);
        let texts = self.column.folded().ok_or_else(|| {
            Error::input("only a column of text has words").at(self.column.name()).help("choose a column of text")
        })?;
        compare(texts, &self.labels, self.classes, self.mask.as_ref(), &Options::default(), work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(rows: &[&str]) -> LargeStringArray {
        LargeStringArray::from_iter_values(rows)
    }

    #[test]
    fn words_that_set_a_class_apart_have_the_z_of_the_formula() {
        let rows =
            texts(&["win money now", "win money", "win a prize", "see you now", "see a film", "you see money", "win"]);
        let labels = [0, 0, 0, 1, 1, 1, -1];
        let options = Options { words: 1, least: 1, prior: 0.5, ..Options::default() };
        let found = compare(&rows, &labels, 2, None, &options, &Work::new()).unwrap();
        let terms: Vec<_> =
            found.classes[0].words.iter().map(|term| (term.text.as_str(), term.inside, term.elsewhere)).collect();
        assert_eq!(terms[..3], [("win", 3, 0), ("prize", 1, 0), ("money", 2, 1)]);
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
        near(found.classes[0].words[0].z, 1.4390227405909184);
        near(found.classes[0].words[2].z, 0.5731612123375092);
        near(found.classes[0].words[1].z, 0.7470779266988538);
        assert_eq!((found.classes[1].words[0].text.as_str(), found.classes[1].texts, found.texts), ("see", 3, 7));
        assert_eq!(found.words[0], Frequent { text: "win".to_owned(), sort: Sort::Word, count: 4 });
        assert!(found.characters.is_empty() && found.classes.iter().all(|class| class.characters.is_empty()));
        assert_eq!(found.classes.iter().flat_map(|class| &class.words).filter(|term| term.z <= 0.0).count(), 0);
    }

    #[test]
    fn korean_stems_are_found_under_their_endings() {
        let good = ["영화가 재미있다", "재미있고 좋다", "정말 재미있네요!", "재미있음"];
        let bad = ["영화가 지루하다", "지루하고 나쁘다", "정말 지루했네요!", "지루함"];
        let rows = texts(&[good, bad].concat());
        let labels = [0, 0, 0, 0, 1, 1, 1, 1];
        let found = compare(&rows, &labels, 2, None, &Options::default(), &Work::new()).unwrap();
        let pieces = |class: usize| -> Vec<&str> {
            found.classes[class].characters.iter().map(|term| term.text.as_str()).collect()
        };
        assert!(pieces(0).starts_with(&["미있", "재미", "재미있"]), "{:?}", pieces(0));
        assert_eq!(pieces(1)[0], "지루");
        assert!(found.characters.iter().all(|term| term.text.chars().all(char::is_alphanumeric)));
        assert!(found.classes[0].words.is_empty(), "no word occurs three times: {:?}", found.classes[0].words);
    }

    #[test]
    fn masked_and_missing_rows_do_not_count() {
        let rows = LargeStringArray::from(vec![Some("a b"), None, Some("a c"), Some("a")]);
        let options = Options { least: 1, ..Options::default() };
        let mask = BooleanBuffer::from(vec![true, true, false, true]);
        let found = compare(&rows, &[0, 0, 1, 7], 2, Some(&mask), &options, &Work::new()).unwrap();
        let all: Vec<_> = found.words.iter().map(|term| (term.text.as_str(), term.sort, term.count)).collect();
        assert_eq!(all, [("a", Sort::Word, 2), ("a b", Sort::Pair, 1), ("b", Sort::Word, 1)]);
        assert_eq!((found.texts, found.classes[0].texts, found.classes[1].texts), (2, 1, 0));
        assert!(compare(&rows, &[0], 2, None, &options, &Work::new()).is_err());
        let none = compare(&texts(&[]), &[], 1, None, &options, &Work::new()).unwrap();
        assert!(none.words.is_empty() && none.classes.len() == 1);
        let cancelled = Work::new();
        cancelled.cancel();
        assert!(compare(&rows, &[0; 4], 1, None, &options, &cancelled).unwrap_err().is_cancelled());
    }

    #[test]
    fn the_number_of_threads_does_not_matter() {
        let rows: Vec<String> =
            (0..20_000).map(|n| format!("word{} other{} 한국어{}", n % 97, n % 13, n % 7)).collect();
        let rows = LargeStringArray::from_iter_values(&rows);
        let labels: Vec<i16> = (0..20_000).map(|n| (n % 13 % 4) as i16 - 1).collect();
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| compare(&rows, &labels, 3, None, &Options::default(), &Work::new()).unwrap())
        };
        let found = run(1);
        assert_eq!(found, run(2));
        let of_class = |class: usize| found.classes[class].words.iter().filter(|term| term.sort == Sort::Word);
        assert!(of_class(0).take(3).all(|term| term.text.starts_with("other")), "{:?}", found.classes[0].words);
    }
}
