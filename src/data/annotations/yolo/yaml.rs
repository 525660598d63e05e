//! The part of YAML that `data.yaml` uses: keys of one level, and lists and maps of names in either style.
//!
//! A whole YAML reader would bring anchors, tags and types that these files do not have; what is not understood is left
//! alone.

use std::collections::BTreeMap;

use super::super::model::Label;
use crate::engine::{Error, Result};

/// What is used of a `data.yaml`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Yaml {
    /// The names of the classes in their order.
    pub(super) names: Option<Vec<String>>,
    /// `kpt_shape`: keypoints an object, numbers a keypoint.
    pub(super) keypoints: Option<(usize, usize)>,
}

impl Yaml {
    /// Reads a `data.yaml`.
    ///
    /// # Errors
    /// If the names leave a number out, or `nc` says another count: the order of classes is never guessed.
    pub(super) fn read(text: &str) -> Result<Self> {
        let mut yaml = Self::default();
        let mut count = None;
        let mut lines = text.lines().map(without_comment).peekable();
        while let Some(line) = lines.next() {
            let Some((key, value)) = line.split_once(':').filter(|_| !line.starts_with([' ', '\t', '-'])) else {
                continue;
            };
            let mut value = value.trim().to_owned();
            if value.starts_with(['[', '{']) {
                while !closed(&value) && lines.peek().is_some() {
                    value.push(' ');
                    value.push_str(lines.next().unwrap_or_default().trim());
                }
            }
            match key.trim() {
                "nc" => count = value.parse::<usize>().ok(),
                "names" if value.is_empty() => {
                    let mut block = Vec::new();
                    while let Some(inner) =
                        lines.next_if(|line| line.trim().is_empty() || line.starts_with([' ', '\t', '-']))
                    {
                        block.push(inner.trim().to_owned());
                    }
                    yaml.names = Some(block_names(&block)?);
                }
                "names" => yaml.names = Some(flow_names(&value)?),
                "kpt_shape" => {
                    let numbers: Vec<usize> = items(&value).iter().filter_map(|item| item.parse().ok()).collect();
                    if let &[points, size] = numbers.as_slice() {
                        yaml.keypoints = Some((points, size)).filter(|_| (2..=3).contains(&size));
                    }
                }
                _ => {}
            }
        }
        if let (Some(names), Some(count)) = (&yaml.names, count)
            && names.len() != count
        {
            return Err(Error::input(format!("names has {} classes and nc says {count}", names.len()))
                .help("correct data.yaml: the order of classes is not guessed"));
        }
        Ok(yaml)
    }
}

/// A line without its comment; a `#` inside quotes or a word is none.
fn without_comment(line: &str) -> &str {
    let (mut quote, mut before) = (None, ' ');
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '#') if before.is_whitespace() => return line.get(..at).unwrap_or(line),
            _ => {}
        }
        before = c;
    }
    line
}

fn closed(value: &str) -> bool {
    value.trim_end().ends_with([']', '}'])
}

/// The items of `[a, b]` or `{0: a, 1: b}`, each as it stands.
fn items(value: &str) -> Vec<String> {
    let inner = value.trim().trim_start_matches(['[', '{']).trim_end_matches([']', '}']);
    let (mut items, mut item, mut quote) = (Vec::new(), String::new(), None);
    for c in inner.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, ',') => {
                items.push(std::mem::take(&mut item).trim().to_owned());
                continue;
            }
            _ => {}
        }
        item.push(c);
    }
    items.push(item.trim().to_owned());
    items.retain(|item| !item.is_empty());
    items
}

fn flow_names(value: &str) -> Result<Vec<String>> {
    if value.starts_with('{') {
        return numbered(&items(value));
    }
    Ok(items(value).iter().map(|item| unquoted(item)).collect())
}

fn block_names(lines: &[String]) -> Result<Vec<String>> {
    let lines: Vec<String> = lines.iter().filter(|line| !line.is_empty()).cloned().collect();
    if lines.iter().all(|line| line.starts_with('-')) {
        return Ok(lines.iter().map(|line| unquoted(line.trim_start_matches('-'))).collect());
    }
    numbered(&lines)
}

/// `0: a` and so on, in the order of the numbers.
fn numbered(lines: &[String]) -> Result<Vec<String>> {
    let mut names = BTreeMap::new();
    for line in lines {
        let number =
            line.split_once(':').and_then(|(number, name)| Some((unquoted(number).parse::<usize>().ok()?, name)));
        let Some((number, name)) = number else {
            return Err(Error::input("names are not numbered").at(line).help("write them as a list, or as 0: name"));
        };
        names.insert(number, unquoted(name));
    }
    let gap = names.keys().enumerate().find(|(at, number)| at != *number);
    if let Some((missing, _)) = gap {
        return Err(Error::input(format!("names leaves class {missing} out")).help("number the classes from 0 on"));
    }
    Ok(names.into_values().collect())
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    let inner = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).map(|inner| inner.replace("''", "'"));
    let inner = inner.or_else(|| {
        let double = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))?;
        Some(double.replace("\\\"", "\"").replace("\\\\", "\\"))
    });
    inner.unwrap_or_else(|| text.to_owned())
}

/// The text of a `data.yaml`.
pub(super) fn write(names: &[Label], splits: &[String], keypoints: usize) -> String {
    let mut out = String::from("path: .\n");
    let has = |split: &str| splits.iter().any(|known| known == split);
    let folder = |split: &str| if has(split) { format!("images/{split}") } else { "images".to_owned() };
    let train = folder("train");
    // Both must be there. Where one part is missing, the other stands for both, and the report says so.
    let val = if has("val") { folder("val") } else { train.clone() };
    out.push_str(&format!("train: {train}\nval: {val}\n"));
    if has("test") {
        out.push_str("test: images/test\n");
    }
    out.push_str(&format!("nc: {}\n", names.len()));
    if keypoints > 0 {
        out.push_str(&format!("kpt_shape: [{keypoints}, 3]\n"));
    }
    out.push_str("names:\n");
    for (number, name) in names.iter().enumerate() {
        out.push_str(&format!("  {number}: '{}'\n", name.replace(['\n', '\r'], " ").replace('\'', "''")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_every_style() {
        let check = |text: &str, expected: &[&str]| {
            let names = Yaml::read(text).unwrap().names.unwrap();
            assert_eq!(names, expected, "{text}");
        };
        check("names:\n  0: 상자\n  1: tri # c\n", &["상자", "tri"]);
        check("nc: 2\nnames: ['a, b', \"c\"]\n", &["a, b", "c"]);
        check("names:\n- a\n- 'it''s'\nnc: 2", &["a", "it's"]);
        check("names: {0: a, 1: b}", &["a", "b"]);
        check("names: [a,\n  b]\n", &["a", "b"]);
    }

    #[test]
    fn the_order_is_not_guessed() {
        let check = |text: &str| assert!(Yaml::read(text).is_err(), "{text}");
        check("names:\n  0: a\n  2: b\n");
        check("nc: 3\nnames: [a, b]\n");
        check("names:\n  a: b\n");
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read(names in proptest::collection::vec("[a-z가-힣'\"#:,\\[ ]{1,6}", 1..5)) {
            let names: Vec<String> = names.iter().map(|name| name.trim().to_owned()).collect();
            let labels: Vec<Label> = names.iter().map(|name| name.as_str().into()).collect();
            proptest::prop_assert_eq!(Yaml::read(&write(&labels, &[], 0)).unwrap().names.unwrap(), names);
        }
    }
}
