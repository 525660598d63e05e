//! Praat's TextGrid, long or short: tiers of intervals that cover the whole time, and tiers of points.
//!
//! Both forms are the same numbers and texts in the same order; the long form has words around them. A tier's name is
//! kept as the group of its annotations. Intervals without text say nothing and are left out; on writing they fill the
//! gaps.

use std::path::Path;

use super::super::holds::{Feature as F, Holds, Report};
use super::super::model::{Annotation, Content, Document, Documents, Info, Mark};
use super::super::{Clue, Format, Options, Output, Reason, Sure};
use super::{read_files, write_files};
use crate::engine::{Error, Result, Work};

/// TextGrid.
pub(in super::super) struct TextGrid;

pub(super) const HOLDS: Holds = Holds::of(&[F::Audio, F::EmptyDocument, F::Segment, F::Group]);

/// The most tiers and intervals that a file may announce.
const MOST: f64 = 1e7;

impl Format for TextGrid {
    fn name(&self) -> &'static str {
        "textgrid"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["textgrid"]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        if clue.ends(&["textgrid"]) {
            return Some((Sure::Surely, Reason::Ending(".TextGrid")));
        }
        clue.first().filter(|first| first.ends(&["textgrid"])).map(|_| (Sure::Likely, Reason::Holds(".TextGrid")))
    }

    fn holds(&self, _: &Options) -> Holds {
        HOLDS
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        read_files(path, "textgrid", options, work, fill)
    }

    fn render(&self, path: &Path, documents: &Documents, _: &Options, work: &Work) -> Result<Output> {
        write_files(path, "TextGrid", documents, work, |document| Ok(text(document)))
    }
}

/// A number or a text of a file.
#[derive(Debug, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
}

/// The numbers and texts that are not part of a word, an index or a comment.
fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first == '"' {
            let mut value = String::new();
            let mut after = rest.get(1..).unwrap_or_default();
            loop {
                let Some((part, behind)) = after.split_once('"') else {
                    value.push_str(after);
                    after = "";
                    break;
                };
                value.push_str(part);
                match behind.strip_prefix('"') {
                    Some(more) => {
                        value.push('"');
                        after = more;
                    }
                    None => {
                        after = behind;
                        break;
                    }
                }
            }
            found.push(Token::Text(value));
            rest = after;
        } else if first == '!' {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        } else if first.is_whitespace() {
            rest = rest.trim_start();
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            if let Ok(number) = word.parse::<f64>()
                && number.is_finite()
            {
                found.push(Token::Number(number));
            }
            rest = after;
        }
    }
    found
}

/// Tokens in order.
struct Tokens(std::vec::IntoIter<Token>);

impl Tokens {
    fn number(&mut self) -> Result<f64> {
        match self.0.next() {
            Some(Token::Number(number)) => Ok(number),
            other => Err(wrong("a number", other)),
        }
    }

    fn text(&mut self) -> Result<String> {
        match self.0.next() {
            Some(Token::Text(text)) => Ok(text),
            other => Err(wrong("a text in quotes", other)),
        }
    }

    fn count(&mut self) -> Result<usize> {
        let number = self.number()?;
        if (0.0..MOST).contains(&number) {
            Ok(number as usize)
        } else {
            Err(Error::input(format!("{number} is no count")))
        }
    }
}

fn wrong(wanted: &str, found: Option<Token>) -> Error {
    let found = found.map_or_else(|| "the end of the file".to_owned(), |token| format!("{token:?}"));
    Error::input(format!("{wanted} is expected, and {found} is there"))
}

fn fill(document: &mut Document, text: &str, report: &mut Report) -> Result<()> {
    let mut tokens = Tokens(tokens(text).into_iter());
    let kind = tokens.text()?;
    if !kind.starts_with("ooTextFile") || tokens.text()? != "TextGrid" {
        return Err(Error::input("the file is not a TextGrid in text form").help("save it in Praat as a text file"));
    }
    tokens.number()?;
    let end = tokens.number()?;
    if let Content::Audio(audio) = &mut document.content {
        audio.seconds = Some(end);
    }
    for _ in 0..tokens.count()? {
        let intervals = match tokens.text()?.as_str() {
            "IntervalTier" => true,
            "TextTier" => false,
            other => return Err(Error::input("there is no such kind of tier").at(other)),
        };
        let name = tokens.text()?;
        tokens.number()?;
        tokens.number()?;
        let before = document.annotations.len();
        for _ in 0..tokens.count()? {
            let start = tokens.number()?;
            let end = if intervals { tokens.number()? } else { start };
            let label = tokens.text()?;
            if label.is_empty() && intervals {
                continue;
            }
            if start > end {
                return Err(Error::input(format!("an interval ends at {end} before it begins at {start}")));
            }
            let info = Info { group: name.clone(), ..Info::default() };
            document.annotations.push(Annotation::new(label, Mark::Segment { start, end }).with_info(info));
        }
        if document.annotations.len() == before {
            report.lost.add("empty_tier", || name.clone());
        }
    }
    Ok(())
}

/// A tier to be written.
struct Tier<'a> {
    name: &'a str,
    points: bool,
    /// Start, end and text, in order and not overlapping.
    marks: Vec<(f64, f64, &'a str)>,
}

/// Tiers by group; what overlaps within a group gets a further tier of the same name.
fn tiers(document: &Document) -> Vec<Tier<'_>> {
    let mut marks: Vec<(f64, f64, &str, &str)> = document
        .annotations
        .iter()
        .filter_map(|annotation| match annotation.mark {
            Mark::Segment { start, end } => {
                let group = annotation.info.as_ref().map(|info| info.group.as_str()).unwrap_or_default();
                Some((start, end, &*annotation.label, group))
            }
            _ => None,
        })
        .collect();
    marks.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut tiers: Vec<Tier<'_>> = Vec::new();
    for (start, end, label, group) in marks {
        let points = start == end;
        let fits = |tier: &Tier<'_>| {
            let behind = tier.marks.last().is_none_or(|last| if points { last.1 < start } else { last.1 <= start });
            tier.name == group && tier.points == points && behind
        };
        match tiers.iter_mut().find(|tier| fits(tier)) {
            Some(tier) => tier.marks.push((start, end, label)),
            None => tiers.push(Tier { name: group, points, marks: vec![(start, end, label)] }),
        }
    }
    tiers
}

fn text(document: &Document) -> String {
    let tiers = tiers(document);
    let known = match &document.content {
        Content::Audio(audio) => audio.seconds.unwrap_or(0.0),
        _ => 0.0,
    };
    let last = tiers.iter().flat_map(|tier| &tier.marks).map(|mark| mark.1).fold(known, f64::max);
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut out = String::from("File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n");
    out.push_str(&format!("xmin = 0\nxmax = {last}\ntiers? <exists>\nsize = {}\nitem []:\n", tiers.len()));
    for (number, tier) in tiers.iter().enumerate() {
        let class = if tier.points { "TextTier" } else { "IntervalTier" };
        out.push_str(&format!("    item [{}]:\n        class = \"{class}\"\n", number + 1));
        out.push_str(&format!("        name = {}\n        xmin = 0\n        xmax = {last}\n", quoted(tier.name)));
        if tier.points {
            out.push_str(&format!("        points: size = {}\n", tier.marks.len()));
            for (at, (start, _, label)) in tier.marks.iter().enumerate() {
                let at = at + 1;
                out.push_str(&format!(
                    "        points [{at}]:\n            number = {start}\n            mark = {}\n",
                    quoted(label)
                ));
            }
            continue;
        }
        let mut filled: Vec<(f64, f64, &str)> = Vec::new();
        let mut reached = 0.0;
        for mark in &tier.marks {
            if mark.0 > reached {
                filled.push((reached, mark.0, ""));
            }
            filled.push(*mark);
            reached = mark.1;
        }
        if reached < last {
            filled.push((reached, last, ""));
        }
        out.push_str(&format!("        intervals: size = {}\n", filled.len()));
        for (at, (start, end, label)) in filled.iter().enumerate() {
            out.push_str(&format!(
                "        intervals [{}]:\n            xmin = {start}\n            xmax = {end}\n",
                at + 1
            ));
            out.push_str(&format!("            text = {}\n", quoted(label)));
        }
    }
    out
}
