//! fastText's lines: words that begin with `__label__` name classes, the rest is the text. Read, not written.
//!
//! Source: fastText's documentation of supervised training.

use std::path::Path;

use super::holds::{Feature as F, Holds, Labels, Report};
use super::model::{Annotation, Document, Documents, Mark};
use super::source;
use super::{Clue, Format, Options, Reason, Sure};
use crate::engine::{Error, Result, Work};

/// fastText.
pub(super) struct FastText;

/// What a label begins with.
const PREFIX: &str = "__label__";

impl Format for FastText {
    fn name(&self) -> &'static str {
        "fasttext"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["txt"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        let labelled = !clue.is_folder && clue.lines().any(|line| line.trim_start().starts_with(PREFIX));
        labelled.then_some((Sure::Surely, Reason::Lines(PREFIX)))
    }

    fn is_written(&self) -> bool {
        false
    }

    fn holds(&self, _: &Options) -> Holds {
        Holds::of(&[F::Text, F::EmptyDocument, F::Class, F::ManyClasses])
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        let mut report = Report::default();
        let text = source::read_text(path, options, &mut report, work)?;
        let (mut documents, mut labels, mut inside) = (Documents::default(), Labels::default(), 0usize);
        for (number, line) in text.lines().enumerate() {
            if number % 65_536 == 0 {
                work.check()?;
            }
            if line.trim().is_empty() {
                continue;
            }
            let (found, rest) = front(line);
            let mut document = Document::text("", rest);
            for label in found {
                let class = label.strip_prefix(PREFIX).unwrap_or_default();
                document.annotations.push(Annotation::new(labels.get(class), Mark::Class));
            }
            // A label may stand anywhere; it is no part of the text then, but the text would change without it.
            for word in rest.split_whitespace().filter(|word| word.starts_with(PREFIX)) {
                inside += 1;
                let class = word.strip_prefix(PREFIX).unwrap_or_default();
                document.annotations.push(Annotation::new(labels.get(class), Mark::Class));
            }
            documents.documents.push(document);
        }
        let report = report.counted(&documents);
        if report.annotations == 0 {
            return Err(Error::input("no line has a label")
                .at(path.display())
                .help(format!("labels are words that begin with {PREFIX}")));
        }
        let mut report = report;
        if inside > 0 {
            report.notes.push(format!("{inside} labels stand inside texts; they were read, and left in the texts"));
        }
        Ok((documents, report))
    }
}

/// The labels at the front of a line, and the text behind them.
fn front(line: &str) -> (Vec<&str>, &str) {
    let (mut labels, mut rest) = (Vec::new(), line.trim());
    while rest.starts_with(PREFIX) {
        let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        labels.push(word);
        rest = after.trim_start();
    }
    (labels, rest)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, labels_of, sample};
    use super::*;

    #[test]
    fn lines_are_read() {
        let check = |text: &str, labels: &[&str], texts: &[&str]| {
            let (read, _) = testing::read_text(&FastText, "a.txt", text).unwrap();
            assert_eq!(labels_of(&read), labels, "{text}");
            assert_eq!(read.documents.iter().filter_map(Document::as_text).collect::<Vec<_>>(), texts, "{text}");
        };
        check(
            "__label__긍정 배송이 빨라요\n\n__label__a\t__label__b x\nplain\n",
            &["긍정", "a", "b"],
            &["배송이 빨라요", "x", "plain"],
        );
        check("__label__a\n", &["a"], &[""]);
        assert!(testing::read_text(&FastText, "a.txt", "plain\n").is_err());
    }

    #[test]
    fn a_peers_file_is_read() {
        let file = "peers/doccano_examples/backend/data_import/tests/data/text_classification/example_fasttext.txt";
        let Some(path) = sample(file) else { return };
        let (read, report) = FastText.read(&path, &Options::default(), &Work::new()).unwrap();
        assert_eq!(labels_of(&read), ["positive", "positive", "negative", "positive"]);
        assert_eq!((read.documents.len(), report.lost.is_empty()), (4, true));
    }
}
