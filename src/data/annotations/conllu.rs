//! CoNLL-U with entities in its last column.
//!
//! Source: <https://universaldependencies.org/format.html>. The text is the tokens with a space behind each that does not
//! say `SpaceAfter=No`. Entities stand as tags under `NER=`, `Entity=` or `NE=` in MISC. The other columns are grammar,
//! which is counted as lost.

use std::path::Path;

use super::conll::{broken_tags, entity, spans_of, tokens};
use super::holds::{Feature as F, Holds, Labels, Report};
use super::model::{Annotation, Document, Documents, Mark, Span};
use super::source;
use super::tags::{Entity, Evidence, Scheme, entities, tags};
use super::{Clue, Format, Options, Output, Reason, Sure};
use crate::engine::{Error, Result, Work};

/// CoNLL-U.
pub(super) struct Conllu;

const HOLDS: Holds = Holds::of(&[F::Text, F::EmptyDocument, F::DocumentId, F::Span]);

/// Keys of MISC under which tools write entities.
const KEYS: &[&str] = &["NER", "Entity", "NE", "ner"];

/// The bytes and the code points of a token, from where to where, and its tag.
type Token = ((usize, usize), (usize, usize), String);

/// A sentence as it is read.
#[derive(Default)]
struct Sentence {
    id: String,
    declared: Option<String>,
    text: String,
    points: usize,
    /// Bytes and code points of every token, and its tag.
    tokens: Vec<Token>,
    /// Words up to this number are inside a token that was read.
    covered: usize,
}

impl Format for Conllu {
    fn name(&self) -> &'static str {
        "conllu"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["conllu", "conll"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        if clue.ends(&["conllu"]) {
            return Some((Sure::Surely, Reason::Ending(".conllu")));
        }
        let ten = |line: &str| line.starts_with('#') || line.split('\t').count() == 10;
        (clue.ends(self.extensions()) && clue.most_lines(ten)).then_some((Sure::Likely, Reason::Lines("10 columns")))
    }

    fn holds(&self, _: &Options) -> Holds {
        HOLDS
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        let mut report = Report::default();
        let text = source::read_text(path, options, &mut report, work)?;
        let (mut sentences, mut open) = (Vec::new(), Sentence::default());
        for (number, line) in text.lines().enumerate() {
            if number % 65_536 == 0 {
                work.check()?;
            }
            if line.trim().is_empty() {
                if !open.tokens.is_empty() {
                    sentences.push(std::mem::take(&mut open));
                }
            } else if let Some(comment) = line.strip_prefix('#') {
                open.comment(comment, number, &mut report);
            } else {
                open.word(line, number, &mut report);
            }
        }
        if !open.tokens.is_empty() {
            sentences.push(open);
        }
        if sentences.is_empty() && report.lost.count("unreadable_line") > 0 {
            return Err(Error::input("no line has the ten columns of CoNLL-U"));
        }
        let documents = documents(sentences, options, &mut report);
        let report = report.counted(&documents);
        Ok((documents, report))
    }

    fn render(&self, path: &Path, documents: &Documents, options: &Options, work: &Work) -> Result<Output> {
        let scheme = options.scheme.unwrap_or(Scheme::Iob2);
        let mut report = Report::of(documents);
        let mut out = String::new();
        for (row, document) in documents.documents.iter().enumerate() {
            if row % 256 == 0 {
                work.check()?;
            }
            write_sentence(&mut out, document, scheme, &mut report);
        }
        Ok(Output::text(path, out, report))
    }
}

impl Sentence {
    fn comment(&mut self, comment: &str, number: usize, report: &mut Report) {
        let (key, value) = comment.split_once('=').unwrap_or((comment, ""));
        match key.trim() {
            "sent_id" => self.id = value.trim().to_owned(),
            "text" => self.declared = Some(value.trim().to_owned()),
            _ => report.lost.add("comment", || format!("line {}: #{comment}", number + 1)),
        }
    }

    fn word(&mut self, line: &str, number: usize, report: &mut Report) {
        let fields: Vec<&str> = line.split('\t').collect();
        let &[id, form, .., misc] = fields.as_slice() else {
            return report.lost.add("unreadable_line", || format!("line {}: {line}", number + 1));
        };
        if fields.len() != 10 {
            return report.lost.add("unreadable_line", || format!("line {}: {line}", number + 1));
        }
        // `8.1` is a word that is not in the text; `1-2` is one token of two words.
        if id.contains('.') {
            return report.lost.add("empty_node", || format!("line {}: {line}", number + 1));
        }
        if let Some((_, last)) = id.split_once('-') {
            self.covered = last.parse().unwrap_or(0);
        } else if id.parse::<usize>().is_ok_and(|id| id <= self.covered) {
            // A word inside a token: it has nothing but grammar.
            return report.lost.add("token_columns", || format!("line {}", number + 1));
        }
        let pairs = || misc.split('|').filter_map(|pair| pair.split_once('='));
        let known = |key: &str| KEYS.contains(&key) || key == "SpaceAfter";
        let grammar = fields.get(2..9).unwrap_or_default().iter().any(|field| *field != "_");
        if grammar || pairs().any(|(key, _)| !known(key)) {
            report.lost.add("token_columns", || format!("line {}", number + 1));
        }
        let tag = pairs().find(|(key, _)| KEYS.contains(key)).map_or("O", |(_, value)| value);
        let (from, start) = (self.text.len(), self.points);
        self.text.push_str(form);
        self.points += form.chars().count();
        self.tokens.push(((from, self.text.len()), (start, self.points), tag.to_owned()));
        if !pairs().any(|pair| pair == ("SpaceAfter", "No")) {
            self.text.push(' ');
            self.points += 1;
        }
    }
}

fn documents(sentences: Vec<Sentence>, options: &Options, report: &mut Report) -> Documents {
    let mut evidence = Evidence::default();
    sentences.iter().for_each(|sentence| evidence.see(sentence.tokens.iter().map(|(_, _, tag)| tag.as_str())));
    let (scheme, reason) = match options.scheme {
        Some(scheme) => (scheme, "as asked".to_owned()),
        None => evidence.scheme(),
    };
    report.infer("scheme", format!("{} ({reason})", scheme.name()));
    let (mut documents, mut labels) = (Documents::default(), Labels::default());
    let (mut differing, mut broken) = (0usize, 0usize);
    for sentence in sentences {
        let text = sentence.text.trim_end();
        differing += usize::from(sentence.declared.as_deref().is_some_and(|declared| declared != text));
        let tags: Vec<&str> = sentence.tokens.iter().map(|(_, _, tag)| tag.as_str()).collect();
        let mut document = Document::text(sentence.id.clone(), text);
        let (found, faults) = entities(&tags, scheme);
        broken += faults;
        for found in found {
            let (first, last) = (sentence.tokens.get(found.start), sentence.tokens.get(found.end.saturating_sub(1)));
            let (Some(first), Some(last)) = (first, last) else { continue };
            let surface = text.get(first.0.0..last.0.1).unwrap_or_default().to_owned();
            let span = Span { pieces: vec![(first.1.0, last.1.1)], surface };
            document.annotations.push(Annotation::new(labels.get(found.class), Mark::Span(span)));
        }
        documents.documents.push(document);
    }
    if broken > 0 {
        report.notes.push(broken_tags(broken));
    }
    if differing > 0 {
        report.notes.push(format!("{differing} sentences have another text in their comment than in their tokens"));
    }
    documents
}

fn write_sentence(out: &mut String, document: &Document, scheme: Scheme, report: &mut Report) {
    let text = document.as_text().unwrap_or_default();
    let spans = spans_of(document);
    let tokens = tokens(text, &spans);
    if tokens.is_empty() {
        return report.lost.add("empty_document", || document.shown());
    }
    let found: Vec<Entity<'_>> = spans.iter().filter_map(|span| entity(span, &tokens, document, report)).collect();
    if !document.id.is_empty() {
        out.push_str(&format!("# sent_id = {}\n", document.id.replace(['\n', '\r'], " ")));
    }
    out.push_str(&format!("# text = {}\n", text.replace(['\n', '\r'], " ")));
    let mut exact = tokens.first().is_some_and(|token| token.start == 0);
    for (at, (token, tag)) in tokens.iter().zip(tags(tokens.len(), &found, scheme)).enumerate() {
        let next = tokens.get(at + 1).map(|next| next.start);
        let mut misc = Vec::new();
        if tag != "O" {
            misc.push(format!("NER={}", tag.replace('|', "/")));
        }
        if next == Some(token.end) {
            misc.push("SpaceAfter=No".to_owned());
        }
        exact &= next.is_none_or(|next| next <= token.end + 1);
        let misc = if misc.is_empty() { "_".to_owned() } else { misc.join("|") };
        out.push_str(&format!("{}\t{}\t_\t_\t_\t_\t_\t_\t_\t{misc}\n", at + 1, token.text));
    }
    out.push('\n');
    if !exact || text.ends_with(char::is_whitespace) || text.contains(['\n', '\t', '\r']) {
        report.lost.add("text_spacing", || document.shown());
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, sample};
    use super::*;

    #[test]
    fn its_own_file_is_read() {
        let Some(path) = sample("text/tiny.conllu") else { return };
        let (read, report) = Conllu.read(&path, &Options::default(), &Work::new()).unwrap();
        assert_eq!(read.documents[0].as_text(), Some("책을 읽었다."));
        assert_eq!((read.documents[0].id.as_str(), report.lost.count("token_columns")), ("ko-1", 3));
    }

    proptest::proptest! {
        #[test]
        fn what_goes_out_comes_in(mut documents in testing::documents(HOLDS)) {
            testing::plain_spaces(&mut documents);
            testing::check_round_trip(&Conllu, "a.conllu", documents, &Options::default());
        }
    }
}
