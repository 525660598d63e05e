//! Tagged tokens: CoNLL-2003 and its like (`conll`), and one character a line (`char-conll`, as KLUE-NER has it).
//!
//! Formats: <https://aclanthology.org/W03-0419/>, <https://klue-benchmark.com>. The text of a sentence is its tokens
//! joined by one space, or its characters joined by nothing; a character may be a space, so nothing is trimmed there.

use std::path::Path;

use super::holds::{Feature as F, Holds, Labels, Report};
use super::model::{Annotation, Document, Documents, Mark, Span};
use super::source;
use super::tags::{Entity, Evidence, Scheme, entities, tags};
use super::{Clue, Format, Options, Output, Reason, Sure};
use crate::engine::{Error, Result, Work};

/// Tokens a line, separated by spaces or tabs, the tag last.
pub(super) struct Conll;

/// Characters a line.
pub(super) struct CharConll;

const HOLDS: Holds = Holds::of(&[F::Text, F::Span, F::EmptyDocument]);

/// Characters a file may have ids: `## id<TAB>sentence` stands before a sentence.
const CHAR_HOLDS: Holds = HOLDS.and(Holds::of(&[F::DocumentId]));

impl Format for Conll {
    fn name(&self) -> &'static str {
        "conll"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["conll", "txt", "tsv", "bio", "iob"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        for (ending, reason) in [("conll", ".conll"), ("bio", ".bio"), ("iob", ".iob")] {
            if clue.ends(&[ending]) {
                return Some((Sure::Perhaps, Reason::Ending(reason)));
            }
        }
        let tagged = clue.ends(self.extensions()) && clue.most_lines(is_tagged);
        tagged.then_some((Sure::Perhaps, Reason::Tags))
    }

    fn holds(&self, _: &Options) -> Holds {
        HOLDS
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        read(path, false, options, work)
    }

    fn render(&self, path: &Path, documents: &Documents, options: &Options, work: &Work) -> Result<Output> {
        write(path, documents, false, options, work)
    }
}

impl Format for CharConll {
    fn name(&self) -> &'static str {
        "char-conll"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["tsv", "txt"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        let tagged = |line: &str| line.starts_with("##") || is_tagged(line);
        let single = |line: &str| line.split('\t').next().is_some_and(|token| token.chars().count() == 1);
        let plain = |line: &str| line.starts_with("##") || single(line);
        let is_own = clue.ends(self.extensions()) && clue.most_lines(tagged) && clue.most_lines(plain);
        is_own.then_some((Sure::Likely, Reason::Tags))
    }

    fn holds(&self, _: &Options) -> Holds {
        CHAR_HOLDS
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        read(path, true, options, work)
    }

    fn render(&self, path: &Path, documents: &Documents, options: &Options, work: &Work) -> Result<Output> {
        write(path, documents, true, options, work)
    }
}

/// Whether a line is a token and a tag, as far as one can tell: `O`, or a letter, a hyphen and a name.
fn is_tagged(line: &str) -> bool {
    let separator = if line.contains('\t') { '\t' } else { ' ' };
    let mut fields = line.rsplit(separator);
    let (tag, token) = (fields.next().unwrap_or_default().trim_end(), fields.next());
    let mut letters = tag.chars();
    let prefix = letters.next().is_some_and(|letter| "BIESULMO".contains(letter)) && letters.next() == Some('-');
    token.is_some() && (tag == "O" || prefix && tag.len() > 2)
}

/// A sentence: its tokens, their tags, and its id.
#[derive(Debug, Default)]
struct Sentence<'a> {
    tokens: Vec<&'a str>,
    tags: Vec<&'a str>,
    id: String,
}

fn read(path: &Path, characters: bool, options: &Options, work: &Work) -> Result<(Documents, Report)> {
    let mut report = Report::default();
    let text = source::read_text(path, options, &mut report, work)?;
    let sentences = sentences(&text, characters, &mut report, work)?;
    let mut evidence = Evidence::default();
    sentences.iter().for_each(|sentence| evidence.see(sentence.tags.iter().copied()));
    let scheme = match options.scheme {
        Some(scheme) => {
            report.infer("scheme", format!("{} (as asked)", scheme.name()));
            scheme
        }
        None => {
            let (scheme, reason) = evidence.scheme();
            report.infer("scheme", format!("{} ({reason})", scheme.name()));
            scheme
        }
    };
    let (mut documents, mut labels, mut broken) = (Documents::default(), Labels::default(), 0);
    for (at, sentence) in sentences.into_iter().enumerate() {
        if at % 1024 == 0 {
            work.check()?;
        }
        let (found, faults) = entities(&sentence.tags, scheme);
        broken += faults;
        documents.documents.push(document(&sentence, &found, characters, &mut labels));
    }
    if broken > 0 {
        report.notes.push(broken_tags(broken));
    }
    let report = report.counted(&documents);
    Ok((documents, report))
}

/// What is said of tags that are not of their scheme.
pub(super) fn broken_tags(count: usize) -> String {
    format!("{count} tags do not follow the scheme; they were read as they are meant most likely")
}

fn document(sentence: &Sentence<'_>, found: &[Entity<'_>], characters: bool, labels: &mut Labels) -> Document {
    let (mut text, mut starts, mut ends, mut point) = (String::new(), Vec::new(), Vec::new(), 0);
    for (at, token) in sentence.tokens.iter().enumerate() {
        if at > 0 && !characters {
            text.push(' ');
            point += 1;
        }
        starts.push((text.len(), point));
        text.push_str(token);
        point += token.chars().count();
        ends.push((text.len(), point));
    }
    let annotations = found.iter().filter_map(|entity| {
        let (from, start) = *starts.get(entity.start)?;
        let (to, end) = *ends.get(entity.end.checked_sub(1)?)?;
        let surface = text.get(from..to)?.to_owned();
        Some(Annotation::new(labels.get(entity.class), Mark::Span(Span { pieces: vec![(start, end)], surface })))
    });
    let annotations = annotations.collect();
    let mut document = Document::text(sentence.id.clone(), text);
    document.annotations = annotations;
    document
}

/// The sentences of a file. Comments and marks of documents are left out; a line without a tag is counted.
fn sentences<'a>(text: &'a str, characters: bool, report: &mut Report, work: &Work) -> Result<Vec<Sentence<'a>>> {
    let tabs = characters || mostly_tabs(text);
    let (mut done, mut open) = (Vec::new(), Sentence::default());
    let (mut other_columns, mut documents) = (0usize, 0usize);
    for (number, line) in text.split('\n').enumerate() {
        if number % 65_536 == 0 {
            work.check()?;
        }
        let line = line.strip_suffix('\r').unwrap_or(line);
        let blank = if tabs {
            line.is_empty() || (!line.contains('\t') && line.trim().is_empty())
        } else {
            line.trim().is_empty()
        };
        if blank {
            if !open.tokens.is_empty() {
                done.push(std::mem::take(&mut open));
            }
            continue;
        }
        let names = |comment: &&str| {
            open.tokens.is_empty() && (characters || !comment.trim_start().contains('\t')) || comment.starts_with(' ')
        };
        if let Some(comment) = line.strip_prefix("##").filter(names) {
            open.id = comment.trim().split('\t').next().unwrap_or_default().to_owned();
            continue;
        }
        if line.starts_with("-DOCSTART-") {
            documents += 1;
            continue;
        }
        let fields: Vec<&str> = if tabs { line.split('\t').collect() } else { line.split_whitespace().collect() };
        if fields.len() < 2 {
            if line.starts_with('#') {
                report.lost.add("comment", || format!("line {}: {line}", number + 1));
                continue;
            }
            report.lost.add("line_without_tag", || format!("line {}: {line}", number + 1));
            continue;
        }
        other_columns += usize::from(fields.len() > 2);
        let (Some(token), Some(tag)) = (fields.first(), fields.last()) else { continue };
        open.tokens.push(token);
        open.tags.push(tag.trim());
    }
    if !open.tokens.is_empty() {
        done.push(open);
    }
    if done.is_empty() && report.lost.count("line_without_tag") > 0 {
        return Err(Error::input("no line holds a token and its tag")
            .help("each line holds a token, a space or tab, and a tag such as B-PER or O"));
    }
    if other_columns > 0 {
        report.lost.add("token_columns", || "columns between the token and its tag".to_owned());
        report.lost.add_many("token_columns", other_columns - 1);
    }
    if documents > 1 {
        report.lost.add("document_boundaries", || format!("{documents} marks -DOCSTART-"));
    }
    Ok(done)
}

fn mostly_tabs(text: &str) -> bool {
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')).take(200);
    let (tabs, all) = lines.fold((0, 0), |(tabs, all), line| (tabs + usize::from(line.contains('\t')), all + 1));
    tabs * 2 > all
}

fn write(path: &Path, documents: &Documents, characters: bool, options: &Options, work: &Work) -> Result<Output> {
    let scheme = options.scheme.unwrap_or(Scheme::Iob2);
    let mut report = Report::of(documents);
    let mut out = String::new();
    for (at, document) in documents.documents.iter().enumerate() {
        if at % 256 == 0 {
            work.check()?;
        }
        let text = document.as_text().unwrap_or_default();
        let spans = spans_of(document);
        let tokens = if characters { single(text) } else { tokens(text, &spans) };
        if characters && !document.id.is_empty() {
            let line = |text: &str| text.replace(['\n', '\r', '\t'], " ");
            out.push_str(&format!("## {}\t{}\n", line(&document.id), line(text)));
        }
        let found: Vec<Entity<'_>> =
            spans.iter().filter_map(|span| entity(span, &tokens, document, &mut report)).collect();
        let separator = if characters { '\t' } else { ' ' };
        for (token, tag) in tokens.iter().zip(tags(tokens.len(), &found, scheme)) {
            // A line end inside a text would end the line of its token.
            let shown = if matches!(token.text, "\n" | "\r" | "\t") { " " } else { token.text };
            out.push_str(shown);
            out.push(separator);
            out.push_str(&tag);
            out.push('\n');
        }
        out.push('\n');
        count_changes(document, text, &tokens, characters, &mut report);
    }
    Ok(Output::text(path, out, report))
}

/// What the reader will not find again: blanks other than one space, or line ends.
fn count_changes(document: &Document, text: &str, tokens: &[Token<'_>], characters: bool, report: &mut Report) {
    if tokens.is_empty() {
        report.lost.add("empty_document", || document.shown());
    } else if characters && text.contains(['\n', '\r', '\t']) {
        report.lost.add("text_spacing", || document.shown());
    } else if !characters {
        let joined: usize = tokens.iter().map(|token| token.text.len() + 1).sum();
        let same = joined == text.len() + 1
            && tokens.windows(2).all(|pair| pair[0].end + 1 == pair[1].start)
            && !text.contains(['\n', '\t', '\r']);
        if !same {
            report.lost.add("text_spacing", || document.shown());
        }
    }
}

/// The spans of a document in order, with their classes.
pub(super) fn spans_of(document: &Document) -> Vec<(usize, usize, &str)> {
    let mut spans: Vec<(usize, usize, &str)> = document
        .annotations
        .iter()
        .filter_map(|annotation| match &annotation.mark {
            Mark::Span(span) => Some((span.range().0, span.range().1, &*annotation.label)),
            _ => None,
        })
        .collect();
    spans.sort_unstable();
    spans
}

/// A token by its code points.
pub(super) struct Token<'a> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: &'a str,
}

/// Every character for itself.
fn single(text: &str) -> Vec<Token<'_>> {
    text.char_indices()
        .enumerate()
        .map(|(point, (byte, c))| Token {
            start: point,
            end: point + 1,
            text: text.get(byte..byte + c.len_utf8()).unwrap_or_default(),
        })
        .collect()
}

/// Words between blanks, cut where a span begins or ends, so that no span is lost.
pub(super) fn tokens<'a>(text: &'a str, spans: &[(usize, usize, &str)]) -> Vec<Token<'a>> {
    let mut cuts: Vec<usize> = spans.iter().flat_map(|span| [span.0, span.1]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let (mut tokens, mut open): (Vec<Token<'a>>, Option<(usize, usize)>) = (Vec::new(), None);
    let mut cut = cuts.iter().peekable();
    let mut points = 0;
    let mut end_token = |open: &mut Option<(usize, usize)>, point: usize, byte: usize| {
        if let Some((start, from)) = open.take() {
            tokens.push(Token { start, end: point, text: text.get(from..byte).unwrap_or_default() });
        }
    };
    for (point, (byte, c)) in text.char_indices().enumerate() {
        points = point + 1;
        while cut.peek().is_some_and(|at| **at < point) {
            cut.next();
        }
        if c.is_whitespace() || cut.peek().is_some_and(|at| **at == point) {
            end_token(&mut open, point, byte);
        }
        if !c.is_whitespace() && open.is_none() {
            open = Some((point, byte));
        }
    }
    end_token(&mut open, points, text.len());
    tokens
}

/// The tokens of a span; `None` if it covers none.
pub(super) fn entity<'a>(
    &(start, end, class): &(usize, usize, &'a str),
    tokens: &[Token<'_>],
    document: &Document,
    report: &mut Report,
) -> Option<Entity<'a>> {
    let first = tokens.partition_point(|token| token.start < start);
    let behind = tokens.partition_point(|token| token.end <= end);
    let exact = tokens.get(first).is_some_and(|token| token.start == start)
        && behind.checked_sub(1).and_then(|last| tokens.get(last)).is_some_and(|token| token.end == end);
    if first >= behind {
        report.lost.add("blank_span", || format!("{}: {class}", document.shown()));
        return None;
    }
    if !exact {
        report.lost.add("span_blanks_trimmed", || format!("{}: {class}", document.shown()));
    }
    Some(Entity { start: first, end: behind, class })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, labels_of, sample};
    use super::*;

    #[test]
    fn files_of_all_schemes_are_read() {
        let check = |format: &dyn Format, file: &str, labels: &[&str], scheme: &str| {
            let Some(path) = sample(file) else { return };
            let (read, report) = format.read(&path, &Options::default(), &Work::new()).unwrap();
            assert_eq!(labels_of(&read), labels, "{file}");
            assert!(report.inferred.iter().any(|(_, value)| value.starts_with(scheme)), "{file} {:?}", report.inferred);
        };
        check(&Conll, "text/conll2003.txt", &["ORG EU", "MISC German"], "iob1");
        check(&CharConll, "text/char_bio_ko.tsv", &["PS 김민수", "LC 서울", "OG 삼성전자"], "iob2");
    }

    #[test]
    fn public_sets_keep_every_entity() {
        let check = |format: &dyn Format, set: &str, entities: usize| {
            let Some(path) = testing::data(set) else { return };
            let (read, _) = format.read(&path, &Options::default(), &Work::new()).unwrap();
            let found = labels_of(&read).len();
            assert!(found >= entities, "{set}: {found}");
            let file = if format.name() == "conll" { "out.conll" } else { "out.tsv" };
            testing::check_round_trip(
                format,
                file,
                read,
                &Options { scheme: Some(Scheme::Bilou), ..Options::default() },
            );
        };
        check(&CharConll, "ner_ko_klue/train.tsv", 3000);
        check(&Conll, "ner_en_wikigold/wikigold.conll.txt", 3000);
    }

    proptest::proptest! {
        #[test]
        fn what_goes_out_comes_in(mut documents in testing::documents(HOLDS), pick in 0usize..4) {
            testing::plain_spaces(&mut documents);
            let scheme = [Scheme::Iob1, Scheme::Iob2, Scheme::Bilou, Scheme::Bmes][pick];
            let options = Options { scheme: Some(scheme), ..Options::default() };
            testing::check_round_trip(&CharConll, "a.tsv", documents, &options);
        }
    }
}
