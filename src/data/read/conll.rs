//! Tagged tokens in columns (CoNLL-2002/2003 and what followed): one token a line, its tag in the last column, a blank
//! line between sentences. A sentence becomes a row.
//!
//! Formats: <https://aclanthology.org/W03-0419/>. Which of the schemes of tags (IOB1, IOB2, BIOES, …) a file follows is
//! not converted; the tags stay as they are.

use std::sync::Arc;

use arrow_array::LargeStringArray;
use arrow_array::builder::{Int64Builder, LargeStringBuilder};

use super::encoding::decode;
use super::{Format, ReadOptions, Source};
use crate::data::{Column, Frame, Kind, ReadReport, Values};
use crate::engine::{Error, Result, Work};

/// Token lines that must be seen before a file without a telling name counts as tagged.
const ENOUGH: usize = 10;

/// The most columns of a token.
const MOST_FIELDS: usize = 20;

/// Files of tagged tokens.
pub(super) struct Conll;

impl Format for Conll {
    fn name(&self) -> &'static str {
        "conll"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["conll", "bio", "iob", "iob2"]
    }

    fn read(&self, source: &Source, options: &ReadOptions, work: &Work) -> Result<(Frame, ReadReport)> {
        let decoded = decode(source.bytes(work)?, options.encoding.as_deref(), work)?;
        let mut notes = decoded.notes;
        let text = String::from_utf8_lossy(&decoded.bytes);
        let frame = parse(&text, options.limit, &mut notes, work)?;
        Ok((frame, ReadReport { format: self.name().to_owned(), notes }))
    }
}

/// Whether the beginning of a file is surely tagged tokens: every line has as many fields as the others, the last of
/// which is a tag; some are `O`, some begin an entity, and blank lines stand between.
pub(super) fn is_tagged(head: &[u8]) -> bool {
    // The last line may be cut; a file of one line is none of ours.
    let Some(end) = memchr::memrchr(b'\n', head) else { return false };
    let text = String::from_utf8_lossy(head.get(..end).unwrap_or_default());
    let separator = Separator::of(&text);
    let (mut tokens, mut blanks, mut outside, mut entities, mut fields) = (0usize, 0usize, false, false, None);
    for line in text.split('\n').map(without_return) {
        match separator.line(line) {
            Line::Blank => blanks += usize::from(tokens > 0),
            Line::Comment(_) | Line::Document => {}
            Line::Token(cells) => {
                let Some(tag) = cells.last().filter(|tag| cells.len() > 1 && is_tag(tag)) else { return false };
                if *fields.get_or_insert(cells.len()) != cells.len() {
                    return false;
                }
                tokens += 1;
                outside |= *tag == "O";
                entities |= *tag != "O";
            }
        }
    }
    tokens >= ENOUGH && blanks > 0 && outside && entities
}

/// `O`, or a letter of a scheme and a class: `B-PER`.
fn is_tag(tag: &str) -> bool {
    match tag.split_once('-') {
        None => tag == "O",
        Some((letter, class)) => matches!(letter, "B" | "I" | "E" | "S" | "L" | "U" | "M") && !class.is_empty(),
    }
}

fn without_return(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line)
}

/// What stands between the fields of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separator {
    /// One tab; a token may be a space.
    Tab,
    /// Any spaces.
    Spaces,
}

/// A line of a file.
#[derive(Debug, PartialEq, Eq)]
enum Line<'a> {
    Blank,
    Comment(&'a str),
    /// The start of another document.
    Document,
    Token(Vec<&'a str>),
}

impl Separator {
    /// Tabs if most of the first lines with anything in them have one.
    fn of(text: &str) -> Self {
        let lines = text.split('\n').filter(|line| !line.trim().is_empty() && !line.starts_with('#')).take(200);
        let (tabs, all) = lines.fold((0, 0), |(tabs, all), line| (tabs + usize::from(line.contains('\t')), all + 1));
        if tabs * 2 > all { Self::Tab } else { Self::Spaces }
    }

    fn line(self, line: &str) -> Line<'_> {
        if line.trim().is_empty() && !(self == Self::Tab && line.contains('\t')) {
            return Line::Blank;
        }
        let fields: Vec<&str> = match self {
            Self::Tab => line.split('\t').collect(),
            Self::Spaces => line.split_whitespace().collect(),
        };
        // "#" is a token too: a comment is what has no tag at its end.
        let tagged = fields.len() > 1 && fields.last().is_some_and(|last| is_tag(last));
        match line.strip_prefix('#') {
            Some(comment) if !tagged => Line::Comment(comment.trim_start_matches('#').trim()),
            _ if line.starts_with("-DOCSTART-") => Line::Document,
            _ => Line::Token(fields),
        }
    }
}

/// Sentences as they are gathered.
#[derive(Default)]
struct Sentences {
    /// The cells of the current sentence, field by field.
    fields: Vec<Vec<String>>,
    texts: LargeStringBuilder,
    /// One column for every field, as JSON arrays.
    columns: Vec<LargeStringBuilder>,
    documents: Int64Builder,
    ids: Vec<Option<String>>,
    rows: usize,
    document: i64,
    /// The id that a comment before the current sentence gave.
    id: Option<String>,
    /// Lines without a tag, and the first of them.
    untagged: usize,
    first_untagged: Option<usize>,
    tokens: usize,
}

impl Sentences {
    /// Takes in a token of line `number` (from 1).
    fn token(&mut self, cells: &[&str], number: usize) -> Result<()> {
        let known = self.fields.len();
        if known == 0 {
            self.fields = vec![Vec::new(); cells.len().clamp(2, MOST_FIELDS)];
            self.columns = self.fields.iter().map(|_| LargeStringBuilder::new()).collect();
        }
        let known = self.fields.len();
        if cells.len() > known || (cells.len() > 1 && cells.len() < known) {
            return Err(Error::input(format!("a token has {} fields where {known} are expected", cells.len()))
                .at(format!("line {number}"))
                .help("every line holds a token and its tag, with the same separator; blank lines part sentences"));
        }
        self.tokens += 1;
        if cells.len() == 1 {
            self.untagged += 1;
            self.first_untagged.get_or_insert(number);
        }
        for (at, field) in self.fields.iter_mut().enumerate() {
            let missing = if at + 1 == known { "O" } else { "" };
            field.push(cells.get(at).copied().unwrap_or(missing).to_owned());
        }
        Ok(())
    }

    /// Ends the current sentence.
    fn end(&mut self) {
        if self.fields.first().is_none_or(Vec::is_empty) {
            return;
        }
        let tokens = self.fields.first().map(Vec::as_slice).unwrap_or_default();
        self.texts.append_value(text_of(tokens));
        for (field, column) in self.fields.iter_mut().zip(&mut self.columns) {
            column.append_value(serde_json::Value::from(std::mem::take(field)).to_string());
        }
        self.documents.append_value(self.document);
        self.ids.push(self.id.take());
        self.rows += 1;
    }
}

/// The text of a sentence: tokens of single characters, or of which some are spaces, follow one another; words have a
/// space between them.
fn text_of(tokens: &[String]) -> String {
    let single = |token: &&String| token.chars().nth(1).is_none();
    let by_character = tokens.iter().any(|token| token.trim().is_empty())
        || (tokens.len() > 1 && tokens.iter().filter(single).count() * 20 >= tokens.len() * 19);
    tokens.join(if by_character { "" } else { " " })
}

/// The id in a comment: `id<tab>text` as KLUE has it, `sent_id = id` as Universal Dependencies have it.
fn id_of(comment: &str) -> Option<&str> {
    let id = match comment.split_once('\t') {
        Some((id, _)) => id,
        None => ["sent_id", "id"].iter().find_map(|key| {
            let value = comment.strip_prefix(*key)?.trim_start();
            value.strip_prefix(['=', ':'])
        })?,
    };
    Some(id.trim()).filter(|id| !id.is_empty())
}

fn parse(text: &str, limit: Option<usize>, notes: &mut Vec<String>, work: &Work) -> Result<Frame> {
    work.stage("reading sentences", text.len() as u64);
    let separator = Separator::of(text);
    let mut all = Sentences::default();
    for (number, line) in (1usize..).zip(text.split('\n')) {
        if number.is_multiple_of(4096) {
            work.check()?;
        }
        if limit.is_some_and(|limit| all.rows >= limit) {
            break;
        }
        match separator.line(without_return(line)) {
            Line::Blank => all.end(),
            Line::Comment(comment) => {
                all.end();
                all.id = id_of(comment).map(str::to_owned).or(all.id.take());
            }
            Line::Document => {
                all.end();
                all.document += 1;
            }
            Line::Token(cells) => all.token(&cells, number)?,
        }
    }
    if limit.is_none_or(|limit| all.rows < limit) {
        all.end();
    }
    work.advance(text.len() as u64)?;
    finish(all, separator, notes)
}

fn finish(mut all: Sentences, separator: Separator, notes: &mut Vec<String>) -> Result<Frame> {
    if all.tokens == 0 {
        return Err(Error::input("the file is empty"));
    }
    if all.untagged * 20 > all.tokens {
        return Err(Error::input(format!("{} of {} tokens have no tag", all.untagged, all.tokens))
            .at(format!("line {}", all.first_untagged.unwrap_or(1)))
            .help("every line holds a token and its tag, with a tab or a space between them"));
    }
    if let Some(line) = all.first_untagged {
        notes.push(format!("{} tokens have no tag and count as O, the first in line {line}", all.untagged));
    }
    let between = if separator == Separator::Tab { "tabs" } else { "spaces" };
    notes.push(format!("{} tokens in {} sentences, fields separated by {between}", all.tokens, all.rows));
    let text = |name: &str, values: LargeStringArray| Arc::new(Column::text(name, Kind::Text, values));
    let mut columns = Vec::new();
    if all.ids.iter().all(Option::is_some) {
        columns.push(text("id", LargeStringArray::from_iter(std::mem::take(&mut all.ids))));
    }
    columns.push(text("text", all.texts.finish()));
    let names = field_names(all.columns.len());
    for (name, mut column) in names.iter().zip(std::mem::take(&mut all.columns)) {
        columns.push(text(name, column.finish()));
    }
    if all.document > 0 {
        columns.push(Arc::new(Column::new("document", Values::Int(all.documents.finish()))));
    }
    Ok(Frame::new(columns))
}

/// The names of the fields: four are those of CoNLL-2003.
fn field_names(count: usize) -> Vec<String> {
    let middle = |at: usize| match (count, at) {
        (3 | 4, 1) => "pos".to_owned(),
        (4, 2) => "chunk".to_owned(),
        _ => format!("field_{}", at + 1),
    };
    let name = |at: usize| match at {
        0 => "tokens".to_owned(),
        at if at + 1 == count => "tags".to_owned(),
        at => middle(at),
    };
    (0..count).map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str, limit: Option<usize>) -> Result<Vec<String>> {
        let frame = parse(text, limit, &mut Vec::new(), &Work::new())?;
        let cells = |column: &Arc<Column>| {
            let cells: Vec<_> = (0..column.len()).map(|row| column.show(row).unwrap_or("·".into())).collect();
            format!("{}: {}", column.name(), cells.join(" | "))
        };
        Ok(frame.columns().iter().map(cells).collect())
    }

    #[test]
    fn a_sentence_is_a_row() {
        let check = |text: &str, expected: &[&str]| assert_eq!(show(text, None).unwrap(), expected, "{text:?}");
        check(
            "EU B-ORG\nrejects O\n\n\nOsc-Dis I-MISC\r\n\r\n",
            &[
                "text: EU rejects | Osc-Dis",
                r#"tokens: ["EU","rejects"] | ["Osc-Dis"]"#,
                r#"tags: ["B-ORG","O"] | ["I-MISC"]"#,
            ],
        );
        check(
            "-DOCSTART- -X- O O\n\nEU NNP I-NP I-ORG\n\n-DOCSTART- -X- O O\n\nUK NNP I-NP I-LOC",
            &[
                "text: EU | UK",
                r#"tokens: ["EU"] | ["UK"]"#,
                r#"pos: ["NNP"] | ["NNP"]"#,
                r#"chunk: ["I-NP"] | ["I-NP"]"#,
                r#"tags: ["I-ORG"] | ["I-LOC"]"#,
                "document: 1 | 2",
            ],
        );
        check(
            "## a-1\t<김:PS>이 온다\n김\tB-PS\n이\tO\n \tO\n온\tO\n다\tO\n\n## a-2\t#\n#\tO\n1\tB-QT\n",
            &[
                "id: a-1 | a-2",
                "text: 김이 온다 | #1",
                r##"tokens: ["김","이"," ","온","다"] | ["#","1"]"##,
                r#"tags: ["B-PS","O","O","O","O"] | ["O","B-QT"]"#,
            ],
        );
        check(
            "# sent_id = s1\n# text = x\na O\n\nb O\n",
            &["text: a | b", r#"tokens: ["a"] | ["b"]"#, r#"tags: ["O"] | ["O"]"#],
        );
        assert_eq!(show("a O\n\nb O\n\nc O", Some(2)).unwrap()[0], "text: a | b");
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let check = |text: &str, what: &str| {
            let error = show(text, None).unwrap_err();
            assert!(error.to_string().contains(what), "{text:?}: {error}");
        };
        check("", "empty");
        check("\n# only a comment\n", "empty");
        check("a O\nb x O\n", "3 fields where 2 are expected: line 2");
        check("a x O\nb O\n", "2 fields where 3 are expected: line 2");
        check("a\nb\n", "2 of 2 tokens have no tag: line 1");
        let mut notes = Vec::new();
        let text = format!("{}T\n", "a O\n".repeat(30));
        parse(&text, None, &mut notes, &Work::new()).unwrap();
        assert!(notes[0].contains("1 tokens have no tag") && notes[0].contains("line 31"), "{notes:?}");
    }

    #[test]
    fn tagged_files_are_told_from_tables() {
        let tagged = |text: &str| is_tagged(text.as_bytes());
        let lines = |line: &str| line.repeat(6);
        assert!(tagged(&format!("{}\nEU B-ORG\n", lines("a O\nb I-PER\n"))));
        assert!(tagged(&format!("## 1\tx\n{}\n", lines(" \tO\n가\tB-PS\n"))));
        assert!(!tagged(&lines("a O\nb I-PER\n")), "no blank line");
        assert!(!tagged(&format!("{}\n", lines("a O\nb O\n"))), "no entity");
        assert!(!tagged(&format!("token\ttag\n{}\n", lines("a\tO\nb\tB-X\n"))), "a header: a table");
        assert!(!tagged(&format!("{}\n", lines("a 1 O\nb B-PER\n"))), "fields differ");
        assert!(!tagged("a O\n\nb B-X\n"), "too short to be sure");
        assert!(!tagged(&format!("{}\n", lines("0 0.5 0.5 0.1 0.1\n1 0.2 0.2 0.1 0.1\n"))), "boxes");
        assert!(!tagged("") && !tagged("no line end"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[ \t\n\rOBI#a가-]{0,60}") {
            let _ = is_tagged(text.as_bytes());
            if let Ok(frame) = parse(&text, None, &mut Vec::new(), &Work::new()) {
                proptest::prop_assert!(frame.columns().iter().all(|column| column.len() == frame.rows()));
            }
        }
    }
}
