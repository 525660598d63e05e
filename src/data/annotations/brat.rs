//! brat's standoff: a text file and an `.ann` beside it, in a folder.
//!
//! Source: <https://brat.nlplab.org/standoff.html>. Offsets are code points of the text with LF at its line ends; pieces
//! of a span are joined by one space. Events become the class of their trigger and relations to their arguments, so that
//! nothing of them is lost; on writing they are relations.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde_json::Value;

use super::holds::{Feature as F, Holds, Labels, Losses, Report};
use super::model::{Annotation, Class, Document, Documents, Mark, Span};
use super::offsets::{Finder, Ruler, Unit, plain_ends};
use super::source;
use super::{Clue, Format, Options, Output, Reason, Sure};
use crate::engine::{Error, Result, Work};

/// brat.
pub(super) struct Brat;

const HOLDS: Holds = Holds::of(&[
    F::Text,
    F::EmptyDocument,
    F::DocumentId,
    F::Span,
    F::Pieces,
    F::Overlap,
    F::Relation,
    F::AnnotationId,
    F::Note,
    F::Attributes,
    F::ClassList,
]);

impl Format for Brat {
    fn name(&self) -> &'static str {
        "brat"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &[]
    }

    fn recognises(&self, clue: &Clue) -> Option<(Sure, Reason)> {
        if clue.ends(&["ann"]) {
            return Some((Sure::Likely, Reason::Ending(".ann")));
        }
        if clue.holds("annotation.conf") {
            return Some((Sure::Surely, Reason::Holds("annotation.conf")));
        }
        clue.first().filter(|first| first.ends(&["ann"])).map(|_| (Sure::Likely, Reason::Holds(".ann")))
    }

    fn holds(&self, _: &Options) -> Holds {
        HOLDS
    }

    fn read(&self, path: &Path, options: &Options, work: &Work) -> Result<(Documents, Report)> {
        let folder = source::folder_of(path);
        let names = match path.is_dir() {
            true => source::files_in(path, &["ann"], work)?,
            false => vec![source::file_name(&path.to_string_lossy()).replace(".txt", ".ann")],
        };
        if names.is_empty() {
            return Err(Error::input("there is no .ann file")
                .at(path.display())
                .help("give the folder of brat's files"));
        }
        let (mut report, mut documents, mut labels) = (Report::default(), Documents::default(), Labels::default());
        let mut finder = Finder::new(options.unit.unwrap_or(Unit::CodePoint));
        work.stage("reading annotations", names.len() as u64);
        for name in names {
            work.advance(1)?;
            let stem = source::stem(&name).to_owned();
            let text_path = folder.join(format!("{stem}.txt"));
            if !text_path.is_file() {
                report.lost.add("annotations_without_text", || name.clone());
                continue;
            }
            let text = plain_ends(&source::read_text(&text_path, options, &mut report, work)?).into_owned();
            let lines = source::read_text(&folder.join(&name), options, &mut report, work)?;
            let mut file = File { name: &name, finder: &mut finder, lost: &mut report.lost, labels: &mut labels };
            let mut document = Document::text(stem, text);
            file.lines(&mut document, &lines);
            documents.documents.push(document);
        }
        finder.report(&mut report);
        documents.classes = read_conf(folder, &mut report);
        let report = report.counted(&documents);
        Ok((documents, report))
    }

    fn render(&self, path: &Path, documents: &Documents, _: &Options, work: &Work) -> Result<Output> {
        let mut output = Output::new(Report::of(documents));
        let mut taken = std::collections::HashSet::new();
        work.stage("writing annotations", documents.documents.len() as u64);
        for (row, document) in documents.documents.iter().enumerate() {
            work.advance(1)?;
            let mut name = source::inside(&document.id);
            if name.is_empty() || !taken.insert(name.clone()) {
                name = format!("document_{:06}", row + 1);
                taken.insert(name.clone());
            }
            let text = document.as_text().unwrap_or_default();
            output.add(path.join(format!("{name}.txt")), text.to_owned());
            output.add(path.join(format!("{name}.ann")), standoff(document)?);
        }
        output.add(path.join("annotation.conf"), conf(documents));
        Ok(output)
    }
}

/// One `.ann` file being read.
struct File<'a> {
    name: &'a str,
    finder: &'a mut Finder,
    lost: &'a mut Losses,
    labels: &'a mut Labels,
}

/// What names an annotation in the file, and its place.
type Places = HashMap<String, usize>;

impl File<'_> {
    fn lines(&mut self, document: &mut Document, lines: &str) {
        let text = document.as_text().unwrap_or_default().to_owned();
        let mut ruler = Ruler::new(&text);
        let mut places = Places::new();
        let rest: Vec<(usize, &str)> = lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).collect();
        for (number, line) in &rest {
            if line.starts_with('T') {
                self.span(document, &mut ruler, line, *number, &mut places);
            }
        }
        let mut triggers = HashSet::new();
        // What refers to others comes after them, whatever the order of the lines: events, relations, then remarks.
        for (number, line) in rest.iter().filter(|(_, line)| line.starts_with('E')) {
            self.event_trigger(document, line, *number, &mut places, &mut triggers);
        }
        for (number, line) in &rest {
            match line.chars().next() {
                Some('T') => {}
                Some('E') => self.event_arguments(document, line, *number, &places),
                Some('R') => self.relation(document, line, *number, &mut places),
                Some('*') => self.equivalence(document, line, *number, &places),
                _ => {}
            }
        }
        for (number, line) in &rest {
            match line.chars().next() {
                Some('A' | 'M') => self.attribute(document, line, *number, &places),
                Some('N') => self.reference(document, line, *number, &places),
                Some('#') => self.note(document, line, *number, &places),
                Some('T' | 'E' | 'R' | '*') => {}
                _ => self.wrong("unknown_line", *number, line),
            }
        }
    }

    fn wrong(&mut self, code: &'static str, number: usize, line: &str) {
        let name = self.name;
        self.lost.add(code, || format!("{name}:{}: {line}", number + 1));
    }

    fn span(&mut self, document: &mut Document, ruler: &mut Ruler<'_>, line: &str, number: usize, places: &mut Places) {
        let mut fields = line.splitn(3, '\t');
        let (Some(id), Some(middle)) = (fields.next(), fields.next()) else {
            return self.wrong("unreadable_span", number, line);
        };
        let surface = fields.next().unwrap_or_default();
        let Some((class, offsets)) = middle.split_once(' ') else {
            return self.wrong("unreadable_span", number, line);
        };
        let pieces: Option<Vec<(usize, usize)>> = offsets
            .split(';')
            .map(|piece| {
                let (start, end) = piece.trim().split_once(' ')?;
                Some((start.trim().parse().ok()?, end.trim().parse().ok()?))
            })
            .collect();
        let Some(pieces) = pieces else { return self.wrong("unreadable_span", number, line) };
        let Some(span) = self.place(ruler, &pieces, surface) else {
            return self.wrong("span_outside_text", number, line);
        };
        places.insert(id.to_owned(), document.annotations.len());
        document.annotations.push(Annotation::new(self.labels.get(class), Mark::Span(span)).with_id(id));
    }

    fn place(&mut self, ruler: &mut Ruler<'_>, pieces: &[(usize, usize)], surface: &str) -> Option<Span> {
        if let &[(start, end)] = pieces {
            let found = self.finder.find(ruler, start, end, Some(surface))?;
            return ruler.span(found.start, found.end);
        }
        let mut span = Span { pieces: Vec::new(), surface: String::new() };
        let mut rest = surface;
        for &(start, end) in pieces {
            // A piece's text is as long as its offsets say, if those are code points.
            let length = end.checked_sub(start)?;
            let bytes = rest.char_indices().nth(length).map_or(rest.len(), |(at, _)| at);
            let (part, after) = rest.split_at(bytes);
            rest = after.strip_prefix(' ').unwrap_or(after);
            let found = self.finder.find(ruler, start, end, Some(part))?;
            if !span.surface.is_empty() {
                span.surface.push(' ');
            }
            span.surface.push_str(ruler.slice(found.start, found.end)?);
            span.pieces.push((found.start, found.end));
        }
        span.pieces.sort_unstable();
        Some(span)
    }

    fn event_trigger(
        &mut self,
        document: &Document,
        line: &str,
        number: usize,
        places: &mut Places,
        triggers: &mut HashSet<usize>,
    ) {
        let mut fields = line.split('\t');
        let id = fields.next().unwrap_or_default();
        let trigger =
            fields.next().and_then(|rest| rest.split_whitespace().next()).and_then(|word| word.split_once(':'));
        let at = trigger.and_then(|(_, trigger)| places.get(trigger).copied());
        match at {
            Some(at) => {
                // An event is its trigger here: a second one of the same trigger, or one of another type, is not told apart.
                if !triggers.insert(at) {
                    self.wrong("event_of_shared_trigger", number, line);
                }
                let class = document.annotations.get(at).map(|trigger| &*trigger.label);
                if trigger.is_some_and(|(name, _)| class != Some(name)) {
                    self.wrong("event_type", number, line);
                }
                places.insert(id.to_owned(), at);
            }
            None => self.wrong("event_without_trigger", number, line),
        }
    }

    fn event_arguments(&mut self, document: &mut Document, line: &str, number: usize, places: &Places) {
        let mut fields = line.split('\t');
        let Some(from) = fields.next().and_then(|id| places.get(id).copied()) else { return };
        for word in fields.next().unwrap_or_default().split_whitespace().skip(1) {
            match word.split_once(':').and_then(|(role, id)| Some((role, places.get(id).copied()?))) {
                Some((role, to)) => {
                    let mark = Mark::Relation { from, to };
                    document.annotations.push(Annotation::new(self.labels.get(role), mark));
                }
                None => self.wrong("event_without_argument", number, line),
            }
        }
    }

    fn relation(&mut self, document: &mut Document, line: &str, number: usize, places: &mut Places) {
        let mut fields = line.split('\t');
        let id = fields.next().unwrap_or_default();
        let mut words = fields.next().unwrap_or_default().split_whitespace();
        let class = words.next().unwrap_or_default();
        let ends: Vec<Option<usize>> =
            words.map(|word| word.split_once(':').and_then(|(_, id)| places.get(id).copied())).collect();
        let &[Some(from), Some(to)] = ends.as_slice() else {
            return self.wrong("relation_without_end", number, line);
        };
        places.insert(id.to_owned(), document.annotations.len());
        document.annotations.push(Annotation::new(self.labels.get(class), Mark::Relation { from, to }).with_id(id));
    }

    /// `*<TAB>Name T1 T2 T3`: relations from each to the next.
    fn equivalence(&mut self, document: &mut Document, line: &str, number: usize, places: &Places) {
        let mut words = line.split_whitespace().skip(1);
        let class = words.next().unwrap_or_default();
        let ends: Vec<Option<usize>> = words.map(|id| places.get(id).copied()).collect();
        for pair in ends.windows(2) {
            match (pair.first(), pair.get(1)) {
                (Some(Some(from)), Some(Some(to))) => {
                    let mark = Mark::Relation { from: *from, to: *to };
                    document.annotations.push(Annotation::new(self.labels.get(class), mark));
                }
                _ => self.wrong("relation_without_end", number, line),
            }
        }
    }

    fn attribute(&mut self, document: &mut Document, line: &str, number: usize, places: &Places) {
        let mut words = line.split_once('\t').map(|(_, rest)| rest).unwrap_or_default().splitn(3, ' ');
        let (name, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let Some(annotation) = places.get(target.trim()).and_then(|at| document.annotations.get_mut(*at)) else {
            return self.wrong("attribute_without_target", number, line);
        };
        let value = words.next().map_or(Value::Bool(true), |value| Value::String(value.trim_end().to_owned()));
        annotation.info_mut().attributes.push((name.to_owned(), value));
    }

    fn reference(&mut self, document: &mut Document, line: &str, number: usize, places: &Places) {
        let mut fields = line.split('\t').skip(1);
        let mut words = fields.next().unwrap_or_default().split_whitespace().skip(1);
        let (target, value) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let Some(annotation) = places.get(target).and_then(|at| document.annotations.get_mut(*at)) else {
            return self.wrong("reference_without_target", number, line);
        };
        // The entry, and its name where the line has one.
        let value = match fields.next().map(str::trim).filter(|name| !name.is_empty()) {
            Some(name) => Value::from(vec![value, name]),
            None => Value::from(value),
        };
        annotation.info_mut().attributes.push((REFERENCE.to_owned(), value));
    }

    fn note(&mut self, document: &mut Document, line: &str, number: usize, places: &Places) {
        let mut fields = line.splitn(3, '\t').skip(1);
        let target = fields.next().unwrap_or_default().split_whitespace().nth(1).unwrap_or_default();
        let Some(annotation) = places.get(target).and_then(|at| document.annotations.get_mut(*at)) else {
            return self.wrong("note_without_target", number, line);
        };
        let note = &mut annotation.info_mut().note;
        if !note.is_empty() {
            note.push('\n');
        }
        note.push_str(fields.next().unwrap_or_default());
    }
}

/// The attribute under which a reference to a knowledge base (`N` line) is kept.
const REFERENCE: &str = "Reference";

/// The lines of a document's `.ann` file.
fn standoff(document: &Document) -> Result<String> {
    let mut out = String::new();
    let ids = ids(document);
    let id = |at: usize| ids.get(at).map(String::as_str).unwrap_or_default();
    for (at, annotation) in document.annotations.iter().enumerate() {
        if let Mark::Span(span) = &annotation.mark {
            let pieces = lines_apart(document.as_text().unwrap_or_default(), &span.pieces);
            let offsets: Vec<String> = pieces.iter().map(|(start, end)| format!("{start} {end}")).collect();
            let surface = span.surface.replace('\n', " ");
            out.push_str(&format!("{}\t{} {}\t{surface}\n", id(at), word(&annotation.label)?, offsets.join(";")));
        }
    }
    for (at, annotation) in document.annotations.iter().enumerate() {
        if let Mark::Relation { from, to } = annotation.mark {
            let (label, from, to) = (word(&annotation.label)?, id(from), id(to));
            out.push_str(&format!("{}\t{label} Arg1:{from} Arg2:{to}\t\n", id(at)));
        }
    }
    let (mut attributes, mut references, mut notes) = (0, 0, 0);
    for (at, annotation) in document.annotations.iter().enumerate() {
        let Some(info) = annotation.info.as_deref() else { continue };
        for (name, value) in &info.attributes {
            match value {
                Value::Array(pair) if name == REFERENCE => {
                    references += 1;
                    let part = |at: usize| pair.get(at).and_then(Value::as_str).unwrap_or_default();
                    out.push_str(&format!("N{references}\tReference {} {}\t{}\n", id(at), part(0), part(1)));
                    continue;
                }
                Value::String(value) if name == REFERENCE => {
                    references += 1;
                    out.push_str(&format!("N{references}\tReference {} {value}\t\n", id(at)));
                    continue;
                }
                Value::Bool(true) => out.push_str(&format!("A{}\t{} {}\n", attributes + 1, word(name)?, id(at))),
                other => {
                    let value = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
                    let value = value.replace(['\n', '\r', '\t'], " ");
                    out.push_str(&format!("A{}\t{} {} {value}\n", attributes + 1, word(name)?, id(at)));
                }
            }
            attributes += 1;
        }
        for line in info.note.lines() {
            notes += 1;
            out.push_str(&format!("#{notes}\tAnnotatorNotes {}\t{line}\n", id(at)));
        }
    }
    Ok(out)
}

/// brat's own program wants no line end inside a piece: it is left out between two.
fn lines_apart(text: &str, pieces: &[(usize, usize)]) -> Vec<(usize, usize)> {
    if !text.contains('\n') {
        return pieces.to_vec();
    }
    let mut apart = Vec::new();
    for &(start, end) in pieces {
        let mut from = start;
        let inside = text.chars().enumerate().skip(start).take(end.saturating_sub(start));
        for (at, _) in inside.filter(|(_, c)| *c == '\n') {
            if at > from {
                apart.push((from, at));
            }
            from = at + 1;
        }
        if end > from {
            apart.push((from, end));
        }
    }
    apart
}

/// The id of an annotation, if it is a letter and a number.
fn fits(annotation: &Annotation, letter: char) -> Option<&str> {
    annotation.id.as_deref().filter(|id| {
        id.strip_prefix(letter).is_some_and(|number| !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit()))
    })
}

/// Ids that are unique and of the right letter: their own where they are, else the next numbers.
fn ids(document: &Document) -> Vec<String> {
    let letter = |annotation: &Annotation| if matches!(annotation.mark, Mark::Relation { .. }) { 'R' } else { 'T' };
    let mut taken: std::collections::HashSet<String> = std::collections::HashSet::new();
    let own: Vec<Option<String>> = document
        .annotations
        .iter()
        .map(|annotation| {
            fits(annotation, letter(annotation)).filter(|id| taken.insert((*id).to_owned())).map(str::to_owned)
        })
        .collect();
    let mut next = 0usize;
    own.into_iter()
        .zip(&document.annotations)
        .map(|(own, annotation)| {
            own.unwrap_or_else(|| {
                loop {
                    next += 1;
                    let id = format!("{}{next}", letter(annotation));
                    if taken.insert(id.clone()) {
                        return id;
                    }
                }
            })
        })
        .collect()
}

/// A name as brat can read it: without blanks.
fn word(name: &str) -> Result<String> {
    if name.is_empty() {
        return Err(Error::input("an annotation without a class cannot be written for brat"));
    }
    Ok(name.split_whitespace().collect::<Vec<_>>().join("_"))
}

/// The entity types that `annotation.conf` declares.
fn read_conf(folder: &Path, report: &mut Report) -> Vec<Class> {
    let Ok(text) = std::fs::read_to_string(folder.join("annotation.conf")) else { return Vec::new() };
    report.infer("classes", "from annotation.conf");
    let mut section = "";
    let mut classes = Vec::new();
    for line in text.lines().map(|line| line.split('#').next().unwrap_or_default()) {
        let plain = line.trim().trim_start_matches('!');
        if let Some(name) = plain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
        } else if matches!(section, "entities" | "events") && !plain.is_empty() && !plain.starts_with(['<', '-']) {
            let name = plain.split_whitespace().next().unwrap_or_default();
            classes.push(Class::named(name));
        }
    }
    classes
}

/// The text of `annotation.conf`.
fn conf(documents: &Documents) -> String {
    let named = |wanted: fn(&Mark) -> bool| {
        let mut names = std::collections::BTreeSet::new();
        for annotation in documents.documents.iter().flat_map(|document| &document.annotations) {
            if wanted(&annotation.mark) && !annotation.label.is_empty() {
                names.insert(word(&annotation.label).unwrap_or_default());
            }
        }
        names
    };
    let spans = named(|mark| matches!(mark, Mark::Span(_)));
    let relations = named(|mark| matches!(mark, Mark::Relation { .. }));
    let mut out = String::from("[entities]\n");
    let declared: Vec<String> = documents
        .classes
        .iter()
        .filter_map(|class| word(&class.name).ok())
        .filter(|name| !relations.contains(name))
        .collect();
    declared.iter().for_each(|name| out.push_str(&format!("{name}\n")));
    spans.iter().filter(|name| !declared.contains(name)).for_each(|name| out.push_str(&format!("{name}\n")));
    out.push_str("[relations]\n");
    relations.iter().for_each(|name| out.push_str(&format!("{name}\tArg1:<ENTITY>, Arg2:<ENTITY>\n")));
    out.push_str("[events]\n[attributes]\n");
    let mut attributes = std::collections::BTreeSet::new();
    for annotation in documents.documents.iter().flat_map(|document| &document.annotations) {
        let names = annotation.info.iter().flat_map(|info| &info.attributes).map(|(name, _)| name);
        attributes.extend(names.filter(|name| *name != REFERENCE).filter_map(|name| word(name).ok()));
    }
    attributes.iter().for_each(|name| out.push_str(&format!("{name}\tArg:<ENTITY>\n")));
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, labels_of, sample};
    use super::*;

    #[test]
    fn its_own_files_are_read() {
        let Some(path) = sample("brat/doc1.ann") else { return };
        let (read, report) = Brat.read(path.parent().unwrap(), &Options::default(), &Work::new()).unwrap();
        assert!(report.lost.is_empty(), "{:?}", report.lost);
        let labels = labels_of(&read);
        assert_eq!(labels[..4], ["Person 김민수", "Organization 삼성전자", "Join 입사", "Date 2024년 3월"]);
        assert_eq!(labels[4..], ["Employment 0>1", "Who-Arg 2>0", "Org-Arg 2>1", "Alias 0>1"]);
        let date = &read.documents[0].annotations[3];
        assert!(matches!(&date.mark, Mark::Span(span) if span.pieces == [(30, 35), (36, 38)]));
        let entry = Value::from(vec!["Wikipedia:20718", "삼성전자"]);
        assert_eq!(read.documents[0].annotations[1].attribute(REFERENCE), Some(&entry));
        assert_eq!(date.info.as_ref().unwrap().note, "불연속 구간");
        assert_eq!(read.documents[0].annotations[2].attribute("Confidence"), Some(&Value::from("High")));
    }

    proptest::proptest! {
        #[test]
        fn what_goes_out_comes_in(mut documents in testing::documents(HOLDS)) {
            testing::brat_ids(&mut documents);
            testing::check_round_trip(&Brat, "folder", documents, &Options::default());
        }
    }
}
