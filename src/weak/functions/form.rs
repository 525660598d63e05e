//! A declaration as a form sees it: the same line as the text, taken apart and put together again.
//!
//! In: a source and a line. Out: the declaration there, if all its arguments are written out, and the text that it
//! becomes when a person changes a field. What a form cannot show (a list made by code, an argument that is a name)
//! stays text.

use std::ops::Range;

use crate::weak::script::parse::{Ranged, TextRange, ast, parse};
use crate::weak::suggest::{python_pattern, python_text};

/// A declaration that a form can edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormLine {
    /// The bytes of its statement.
    pub range: Range<usize>,
    /// The function's name.
    pub name: String,
    /// The class as it is written: a name such as `SPAM`, or a text in quotes.
    pub class: String,
    /// What it looks for.
    pub kind: FormKind,
}

/// What a declaration looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormKind {
    /// `keywords(…)`.
    Keywords {
        /// The words; empty where a file has them.
        words: Vec<String>,
        /// The list that has the words.
        file: Option<String>,
        /// The column that is searched; `None` for the text.
        column: Option<String>,
        /// Whether upper case matters.
        case: bool,
        /// Whether words must stand by themselves.
        whole_words: bool,
    },
    /// `regex(…)`.
    Regex {
        /// The pattern.
        pattern: String,
        /// The column that is searched; `None` for the text.
        column: Option<String>,
        /// Whether upper case matters.
        case: bool,
    },
    /// `where(…)`.
    Where {
        /// The condition, in the filter language.
        condition: String,
    },
}

/// The declaration whose statement covers a line, from 1; `None` if there is none that a form can show whole.
pub fn form_at(source: &str, line: usize) -> Option<FormLine> {
    let start: usize = source.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let end = source.get(start..)?.find('\n').map_or(source.len(), |length| start + length);
    for block in parse(source).blocks {
        for statement in &block.statements {
            let place = |node: TextRange| block.base + node.start().to_usize()..block.base + node.end().to_usize();
            let range = place(statement.range());
            if range.start <= end && range.end >= start && !range.is_empty() {
                return read(source, statement, range, &place);
            }
        }
    }
    None
}

fn read(
    source: &str,
    statement: &ast::Stmt,
    range: Range<usize>,
    place: &dyn Fn(TextRange) -> Range<usize>,
) -> Option<FormLine> {
    let ast::Stmt::Assign(assign) = statement else { return None };
    let [ast::Expr::Name(name)] = &assign.targets[..] else { return None };
    let ast::Expr::Call(call) = &*assign.value else { return None };
    let ast::Expr::Name(function) = &*call.func else { return None };
    let names: &[&str] = match function.id.as_str() {
        "keywords" => &["label", "words", "column", "case", "whole_words", "file"],
        "regex" => &["label", "pattern", "column", "case"],
        "where" => &["label", "condition"],
        _ => return None,
    };
    let mut given: Vec<Option<&ast::Expr>> = vec![None; names.len()];
    for (at, value) in call.arguments.args.iter().enumerate() {
        *given.get_mut(at)? = Some(value);
    }
    for keyword in &call.arguments.keywords {
        let at = names.iter().position(|name| keyword.arg.as_ref().is_some_and(|arg| arg.as_str() == *name))?;
        given[at] = Some(&keyword.value);
    }
    let argument = |name: &str| given.get(names.iter().position(|other| *other == name)?).copied().flatten();
    let class = argument("label")?;
    if !matches!(class, ast::Expr::Name(_) | ast::Expr::StringLiteral(_)) {
        return None;
    }
    let class = source.get(place(class.range()))?.to_owned();
    let column = match argument("column") {
        Some(value) => Some(text(value)?),
        None => None,
    };
    let flag = |name: &str| match argument(name) {
        None => Some(false),
        Some(ast::Expr::BooleanLiteral(flag)) => Some(flag.value),
        Some(_) => None,
    };
    let kind = match function.id.as_str() {
        "keywords" => {
            let file = match argument("file") {
                Some(value) => Some(text(value)?),
                None => None,
            };
            let words = match argument("words") {
                Some(words) => texts(words)?,
                None if file.is_some() => Vec::new(),
                None => return None,
            };
            FormKind::Keywords { words, file, column, case: flag("case")?, whole_words: flag("whole_words")? }
        }
        "regex" => FormKind::Regex { pattern: text(argument("pattern")?)?, column, case: flag("case")? },
        _ => FormKind::Where { condition: text(argument("condition")?)? },
    };
    Some(FormLine { range, name: name.id.to_string(), class, kind })
}

fn text(value: &ast::Expr) -> Option<String> {
    let ast::Expr::StringLiteral(text) = value else { return None };
    Some(text.value.to_str().to_owned())
}

fn texts(value: &ast::Expr) -> Option<Vec<String>> {
    match value {
        ast::Expr::List(list) => list.elts.iter().map(text).collect(),
        ast::Expr::Tuple(tuple) => tuple.elts.iter().map(text).collect(),
        ast::Expr::Set(set) => set.elts.iter().map(text).collect(),
        one => Some(vec![text(one)?]),
    }
}

impl FormLine {
    /// The statement as it is written.
    pub fn write(&self) -> String {
        let class = &self.class;
        let more = |column: &Option<String>, flags: &[(&str, bool)]| {
            let mut out =
                column.as_ref().map_or_else(String::new, |column| format!(", column={}", python_text(column)));
            for (name, _) in flags.iter().filter(|(_, on)| *on) {
                out.push_str(&format!(", {name}=True"));
            }
            out
        };
        let call = match &self.kind {
            FormKind::Keywords { words, file, column, case, whole_words } => {
                let what = match file {
                    Some(file) => format!("file={}", python_text(file)),
                    None => {
                        let words: Vec<String> = words.iter().map(|word| python_text(word)).collect();
                        format!("[{}]", words.join(", "))
                    }
                };
                format!("keywords({class}, {what}{})", more(column, &[("case", *case), ("whole_words", *whole_words)]))
            }
            FormKind::Regex { pattern, column, case } => {
                format!("regex({class}, {}{})", python_pattern(pattern), more(column, &[("case", *case)]))
            }
            FormKind::Where { condition } => format!("where({class}, {})", python_text(condition)),
        };
        format!("{} = {call}", self.name)
    }

    /// The source with this declaration in place of the one that was read from it.
    pub fn put_into(&self, source: &str) -> String {
        let (before, after) = (source.get(..self.range.start), source.get(self.range.end..));
        format!("{}{}{}", before.unwrap_or_default(), self.write(), after.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_and_text_are_two_faces_of_one_line() {
        let check = |source: &str, expected: &str| {
            let line = form_at(source, 1).unwrap_or_else(|| panic!("no form for {source}"));
            assert_eq!(line.write(), expected);
            let again = form_at(expected, 1).unwrap();
            assert_eq!((again.kind, again.class, again.name), (line.kind, line.class, line.name));
        };
        check("lf_a = keywords(SPAM, ['a', \"it's\"])", "lf_a = keywords(SPAM, [\"a\", \"it's\"])");
        check("lf_a = keywords(\n  'spam', ('a',),\n  case=True)", "lf_a = keywords('spam', [\"a\"], case=True)");
        check("lf_a = keywords(label=S, words='한국')", "lf_a = keywords(S, [\"한국\"])");
        check(
            "lf_a = keywords(S, file='lists/x.txt', column='t', whole_words=True)",
            "lf_a = keywords(S, file=\"lists/x.txt\", column=\"t\", whole_words=True)",
        );
        check("lf_a = regex(S, r'\\d+\"')", "lf_a = regex(S, \"\\\\d+\\\"\")");
        check("lf_a = regex(S, '\\\\d+', column=\"t\")", "lf_a = regex(S, r\"\\d+\", column=\"t\")");
        check("lf_a = where(S, 'length(text) < 20')", "lf_a = where(S, \"length(text) < 20\")");
    }

    #[test]
    fn what_a_form_cannot_show_whole_stays_text() {
        let none = |source: &str| assert_eq!(form_at(source, 1), None, "{source}");
        none("lf_a = keywords(S, WORDS)");
        none("lf_a = keywords(S, ['a'], case=CASE)");
        none("lf_a = keywords(S, ['a', b])");
        none("lf_a = keywords(S)");
        none("lf_a = keywords(f(), ['a'])");
        none("lf_a = keywords(S, ['a'], other=1)");
        none("lf_a = where(S, f'length(text) < {n}')");
        none("lf_a, lf_b = keywords(S, ['a']), regex(S, 'b')");
        none("def lf_a(x):\n    return 1");
        none("lf_a = both(S, a, b)");
        none("");
        none("lf_a = keywords(S, [");
    }

    #[test]
    fn the_declaration_of_the_line_is_found_and_put_back() {
        let source = "A = 1\n\nlf_a = keywords(S, [\n    'a',\n])\nlf_b = regex(S, 'b')  # why\n";
        assert_eq!(form_at(source, 1), None);
        assert_eq!(form_at(source, 2), None);
        for line in 3..=5 {
            assert_eq!(form_at(source, line).unwrap().name, "lf_a");
        }
        let mut line = form_at(source, 6).unwrap();
        line.kind = FormKind::Where { condition: "n > 1".to_owned() };
        assert!(line.put_into(source).ends_with("])\nlf_b = where(S, \"n > 1\")  # why\n"));
        assert_eq!(form_at(source, 99), None);
    }
}
