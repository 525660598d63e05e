//! XML as annotation files use it: a small tree. Entities other than the five of XML itself are kept as they are and
//! never followed; a document type is skipped; depth and count have limits.

use quick_xml::XmlVersion;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::engine::{Error, Result, Work};

/// The deepest nesting that is read.
const DEEPEST: usize = 64;

/// An element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    /// The text directly inside, without blanks at its ends.
    pub(super) text: String,
    pub(super) children: Vec<Node>,
}

impl Node {
    /// The attribute of that name.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The attribute of that name as a number.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        parse(self.attribute(name)?)
    }

    /// The first element inside of that name.
    pub(super) fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The elements inside of that name.
    pub(super) fn children_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first element inside of that name.
    pub(super) fn child_text(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    /// The text of the first element inside of that name as a number.
    pub(super) fn child_number(&self, name: &str) -> Option<f64> {
        parse(self.child_text(name)?)
    }
}

/// A finite number.
fn parse(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// Reads a whole document.
///
/// # Errors
/// If it is not well-formed, is nested too deep, or has no element; or if the work was cancelled.
pub(super) fn read(text: &str, work: &Work) -> Result<Node> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut open: Vec<Node> = Vec::new();
    let mut root = None;
    let mut events = 0usize;
    loop {
        events += 1;
        if events.is_multiple_of(4096) {
            work.check()?;
        }
        let event = reader.read_event();
        let place = |reader: &Reader<&[u8]>| line_of(text, reader.buffer_position() as usize);
        match event {
            Err(error) => {
                return Err(Error::input(format!("this is not well-formed XML ({error})")).at(place(&reader)));
            }
            Ok(Event::Start(start)) => {
                if open.len() >= DEEPEST {
                    return Err(Error::input("the XML is nested too deep").at(place(&reader)));
                }
                open.push(node(&start)?);
            }
            Ok(Event::Empty(start)) => close(node(&start)?, &mut open, &mut root),
            Ok(Event::End(_)) => {
                if let Some(done) = open.pop() {
                    close(done, &mut open, &mut root);
                }
            }
            Ok(Event::Text(part)) => add(&mut open, &part.xml10_content()),
            Ok(Event::CData(part)) => add(&mut open, &part.xml10_content()),
            Ok(Event::GeneralRef(name)) => {
                let name = name.into_inner();
                add(&mut open, &resolved(&name));
            }
            Ok(Event::Eof) => break,
            Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => {}
        }
    }
    if let Some(open) = open.last() {
        return Err(Error::input(format!("the XML is cut off: <{}> is not closed", open.name))
            .help("the file is incomplete: copy or export it again"));
    }
    root.ok_or_else(|| Error::input("the file holds no XML element"))
}

fn line_of(text: &str, at: usize) -> String {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    format!("line {}", 1 + memchr::memchr_iter(b'\n', before).count())
}

fn node(start: &BytesStart<'_>) -> Result<Node> {
    let name = start.name().into_inner().to_owned();
    let mut attributes = Vec::new();
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute
            .map_err(|error| Error::input(format!("an attribute of <{name}> is not well-formed ({error})")))?;
        let value = match attribute.normalized_value(XmlVersion::Implicit1_0) {
            Ok(value) => value.into_owned(),
            // An entity that is not known stays as it is written.
            Err(_) => attribute.value.into_owned(),
        };
        attributes.push((attribute.key.into_inner().to_owned(), value));
    }
    Ok(Node { name, attributes, ..Node::default() })
}

fn add(open: &mut [Node], text: &str) {
    if let Some(node) = open.last_mut() {
        node.text.push_str(text);
    }
}

fn close(mut done: Node, open: &mut [Node], root: &mut Option<Node>) {
    let trimmed = done.text.trim();
    if trimmed.len() != done.text.len() {
        done.text = trimmed.to_owned();
    }
    match open.last_mut() {
        Some(parent) => parent.children.push(done),
        None => {
            root.get_or_insert(done);
        }
    }
}

/// What a reference stands for; one that is not known stays as it is written.
fn resolved(name: &str) -> String {
    let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    });
    if let Some(c) = number.and_then(char::from_u32) {
        return c.to_string();
    }
    match name {
        "amp" => "&".to_owned(),
        "lt" => "<".to_owned(),
        "gt" => ">".to_owned(),
        "quot" => "\"".to_owned(),
        "apos" => "'".to_owned(),
        other => format!("&{other};"),
    }
}

/// A text that may stand in XML. Characters that XML forbids are replaced by U+FFFD.
pub(super) fn quoted(text: &str) -> String {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r') || (c >= ' ' && !matches!(c, '\u{FFFE}' | '\u{FFFF}'));
    let safe: String = text.chars().map(|c| if allowed(c) { c } else { '\u{FFFD}' }).collect();
    // Line ends and tabs in attributes would be read as blanks.
    escape(safe.as_str()).replace('\t', "&#9;").replace('\n', "&#10;").replace('\r', "&#13;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_read() {
        let text = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<a b=\"1 &lt; 2\">\
            t&amp;u &x;<c/><c>가<![CDATA[<]]></c></a>";
        let node = read(text, &Work::new()).unwrap();
        assert_eq!((node.name.as_str(), node.attribute("b"), node.text.as_str()), ("a", Some("1 < 2"), "t&u &x;"));
        assert_eq!(node.children_named("c").map(|child| child.text.as_str()).collect::<Vec<_>>(), ["", "가<"]);
    }

    #[test]
    fn bombs_and_cuts_are_refused() {
        let check = |text: &str| assert!(read(text, &Work::new()).is_err(), "{text:.40}");
        check(&"<a>".repeat(10_000));
        check("<a><b></a>");
        check("<a>");
        check("");
        check("plain");
    }

    proptest::proptest! {
        #[test]
        fn texts_are_written_as_they_read(text in "\\PC{0,20}") {
            let node = read(&format!("<a b=\"{}\"/>", quoted(&text)), &Work::new()).unwrap();
            proptest::prop_assert_eq!(node.attribute("b"), Some(text.as_str()));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[<>/a&;\"= !\\[\\]-]{0,40}") {
            let _ = read(&text, &Work::new());
        }
    }
}
