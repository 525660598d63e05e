//! The parser, and the only module that names it: source in, statements and syntax errors out.
//!
//! The parser recovers from errors, but an unclosed bracket can swallow the functions after it. When a file has
//! errors, it is therefore split into top-level blocks that are parsed one by one, so that a half-written function
//! costs no other.

use std::ops::Range;

pub(in crate::weak) use ruff_python_ast as ast;
use ruff_python_ast::token::TokenKind as Raw;
pub(super) use ruff_python_ast::visitor;
use ruff_python_parser::{Mode, ParseOptions, lexer, parse_unchecked};
pub(in crate::weak) use ruff_text_size::{Ranged, TextRange};

/// The largest source that is read, in bytes.
const LARGEST: usize = 8 << 20;
/// The deepest nesting of an expression that is given to the parser at all.
const DEEPEST: usize = 500;

/// Statements whose positions count from `base` in the source.
pub(crate) struct Block {
    pub statements: Vec<ast::Stmt>,
    pub base: usize,
}

/// A syntax error.
#[derive(Debug, PartialEq)]
pub(crate) struct SyntaxError {
    pub range: Range<usize>,
    pub message: String,
    pub help: Option<String>,
    /// The names that the broken statement would have defined.
    pub names: Vec<String>,
    /// The function it stands in.
    pub function: Option<String>,
}

/// What was read of a source.
#[derive(Default)]
pub(crate) struct Parsed {
    pub blocks: Vec<Block>,
    pub errors: Vec<SyntaxError>,
}

/// What a token is, for an editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    Keyword,
    Name,
    Text,
    Number,
    Comment,
    Operator,
    Other,
}

/// Parses a source; blocks without errors are kept.
pub(crate) fn parse(source: &str) -> Parsed {
    if source.len() > LARGEST {
        return refuse(source, 0, "the file is larger than 8 MB", "split it into several files");
    }
    if let Some(line) = too_deep(source) {
        let at = source.split_inclusive('\n').take(line).map(str::len).sum();
        return refuse(source, at, "this is nested too deeply", "name parts of it in lines of their own");
    }
    match parse_block(source, 0) {
        Ok(block) => Parsed { blocks: vec![block], errors: Vec::new() },
        Err(_) => parse_by_blocks(source),
    }
}

fn refuse(source: &str, at: usize, message: &str, help: &str) -> Parsed {
    let end = source.get(at..).and_then(|rest| rest.find('\n')).map_or(source.len(), |length| at + length);
    let error = SyntaxError {
        range: at..end,
        message: message.to_owned(),
        help: Some(help.to_owned()),
        names: Vec::new(),
        function: None,
    };
    Parsed { blocks: Vec::new(), errors: vec![error] }
}

/// Parses one block, or gives its first error with positions in the whole source.
fn parse_block(text: &str, base: usize) -> Result<Block, SyntaxError> {
    let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
    if let Some(error) = parsed.errors().first() {
        let range = error.range();
        let mut place = range.start().to_usize()..range.end().to_usize();
        let (mut message, mut help) = explain(&error.error.to_string());
        if let Some(bracket) = unclosed(&parsed) {
            // The end of the file is where the parser notices; the bracket is where the person has to look.
            place = bracket;
            message = "this bracket is never closed".to_owned();
            help = Some("close it".to_owned());
        }
        return Err(SyntaxError {
            range: base + place.start..base + place.end,
            message,
            help,
            names: names_in(text),
            function: function_in(text),
        });
    }
    let statements = match parsed.try_into_module() {
        Some(module) => module.into_suite().into_iter().collect(),
        None => Vec::new(),
    };
    Ok(Block { statements, base })
}

/// The innermost bracket that is still open at the end, if the parser stumbled over the end or over the line after.
fn unclosed(parsed: &ruff_python_parser::Parsed<ast::Mod>) -> Option<Range<usize>> {
    let mut open = Vec::new();
    for token in parsed.tokens().iter() {
        match token.kind() {
            Raw::Lpar | Raw::Lsqb | Raw::Lbrace => open.push(token.range()),
            Raw::Rpar | Raw::Rsqb | Raw::Rbrace => {
                open.pop();
            }
            _ => {}
        }
    }
    let first = parsed.errors().first()?.range().start();
    let bracket = open.pop().filter(|bracket| bracket.start() < first)?;
    Some(bracket.start().to_usize()..bracket.end().to_usize())
}

/// The parser's message in this program's voice, and advice where a common mistake is behind it.
fn explain(message: &str) -> (String, Option<String>) {
    let mut letters = message.chars();
    let first = letters.next().map(|letter| letter.to_lowercase().collect::<String>()).unwrap_or_default();
    let plain = message.replace("newline", "the end of the line");
    let help = if plain.contains("Expected `:`") || plain.contains("Expected ':'") {
        Some("a line that opens a block ends with `:`")
    } else if plain.contains("EOF") || plain.contains("end of file") {
        Some("a bracket or a quote is not closed")
    } else if plain.contains("indent") {
        Some("a block is indented by four spaces, all its lines alike")
    } else if plain.contains("string") && plain.contains("terminated") || plain.contains("closing quote") {
        Some("close the quotes")
    } else {
        None
    };
    let rest: String = plain.chars().skip(1).collect();
    (format!("{first}{rest}"), help.map(str::to_owned))
}

/// How many following blocks a broken one may need in order to be whole: a bracket closed in the first column, a
/// text that runs over lines.
const JOINED: usize = 24;

fn parse_by_blocks(source: &str) -> Parsed {
    let starts = block_starts(source);
    let mut parsed = Parsed::default();
    let mut at = 0;
    while at < starts.len() {
        let end_of = |block: usize| starts.get(block + 1).copied().unwrap_or(source.len());
        let start = starts[at];
        let part = |last: usize| source.get(start..end_of(last)).unwrap_or_default();
        let error = match parse_block(part(at), start) {
            Ok(block) => {
                parsed.blocks.push(block);
                at += 1;
                continue;
            }
            Err(error) => error,
        };
        // A block that is only broken because its end was cut off is whole together with what follows.
        let limit = (at + JOINED).min(starts.len() - 1);
        let joined = (at + 1..=limit).find_map(|last| Some((last, parse_block(part(last), start).ok()?)));
        match joined {
            Some((last, block)) => {
                parsed.blocks.push(block);
                at = last + 1;
            }
            None => {
                parsed.errors.push(error);
                at += 1;
            }
        }
    }
    parsed
}

/// The offsets at which top-level blocks begin: lines with something in the first column that can begin a statement.
fn block_starts(source: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut offset = 0;
    let mut decorated = false;
    for line in source.split_inclusive('\n') {
        let begins = line.chars().next().is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '@' | '%' | '!' | '('));
        let word = line.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        let continues = matches!(word, "else" | "elif" | "except" | "finally") || decorated;
        if begins && !continues || starts.is_empty() && !line.trim().is_empty() {
            starts.push(offset);
        }
        if begins {
            decorated = line.starts_with('@');
        }
        offset += line.len();
    }
    starts
}

/// The function that a broken block would define.
fn function_in(text: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with("def ") || line.starts_with("async def "))?;
    let name = line.trim_start_matches("async ").trim_start_matches("def ").trim_start();
    let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

/// The names that a broken block would define.
fn names_in(text: &str) -> Vec<String> {
    if let Some(function) = function_in(text) {
        return vec![function];
    }
    let Some((left, _)) = text.lines().next().and_then(|line| line.split_once('=')) else { return Vec::new() };
    let names: Vec<&str> = left.split(',').map(str::trim).collect();
    let is_name = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if names.iter().all(is_name) { names.into_iter().map(str::to_owned).collect() } else { Vec::new() }
}

/// The line on which an expression is nested so deeply that walking its tree would need too much stack. Brackets
/// nest, and so does every operator in a row; commas and lines end a row.
fn too_deep(source: &str) -> Option<usize> {
    let mut lexer = lexer::lex(source, Mode::Module);
    let mut rows = vec![0usize];
    let (mut depth, mut indent, mut line) = (0usize, 0usize, 0usize);
    loop {
        match lexer.next_token() {
            Raw::EndOfFile => return None,
            Raw::Newline => {
                rows.clear();
                rows.push(0);
                depth = 0;
                line += 1;
            }
            Raw::NonLogicalNewline => line += 1,
            Raw::Indent => indent += 1,
            Raw::Dedent => indent = indent.saturating_sub(1),
            Raw::Lpar | Raw::Lsqb | Raw::Lbrace | Raw::FStringStart | Raw::TStringStart => {
                rows.push(0);
                depth += 1;
            }
            Raw::Rpar | Raw::Rsqb | Raw::Rbrace | Raw::FStringEnd | Raw::TStringEnd => {
                if rows.len() > 1 {
                    depth -= 1 + rows.pop().unwrap_or_default();
                }
                if let Some(row) = rows.last_mut() {
                    *row += 1;
                    depth += 1;
                }
            }
            Raw::Comma => {
                if let Some(row) = rows.last_mut() {
                    depth -= std::mem::take(row);
                }
            }
            Raw::Name | Raw::String | Raw::Int | Raw::Float | Raw::FStringMiddle | Raw::Comment => {}
            _ => {
                if let Some(row) = rows.last_mut() {
                    *row += 1;
                    depth += 1;
                }
            }
        }
        if depth + indent > DEEPEST {
            return Some(line);
        }
    }
}

/// The tokens of a source in order, with their byte ranges; a broken source gives as many as can be made out.
pub(crate) fn tokens(source: &str) -> Vec<(Range<usize>, Token)> {
    if source.len() > LARGEST || too_deep(source).is_some() {
        return Vec::new();
    }
    let parsed = parse_unchecked(source, ParseOptions::from(Mode::Module));
    let kind = |raw: Raw| match raw {
        Raw::Name => Token::Name,
        Raw::Int | Raw::Float | Raw::Complex => Token::Number,
        Raw::String
        | Raw::FStringStart
        | Raw::FStringMiddle
        | Raw::FStringEnd
        | Raw::TStringStart
        | Raw::TStringMiddle
        | Raw::TStringEnd => Token::Text,
        Raw::Comment => Token::Comment,
        Raw::Newline
        | Raw::NonLogicalNewline
        | Raw::Indent
        | Raw::Dedent
        | Raw::EndOfFile
        | Raw::Unknown
        | Raw::IpyEscapeCommand => Token::Other,
        raw if raw.is_non_soft_keyword() => Token::Keyword,
        raw if raw.is_soft_keyword() => Token::Name,
        _ => Token::Operator,
    };
    let place = |token: &ast::token::Token| token.range().start().to_usize()..token.range().end().to_usize();
    parsed.tokens().iter().map(|token| (place(token), kind(token.kind()))).collect()
}

/// Lines and columns of byte offsets.
#[derive(Debug, Clone)]
pub(crate) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// The lines of a source.
    pub fn new(source: &str) -> Self {
        let ends = source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { starts: std::iter::once(0).chain(ends).collect() }
    }

    /// The line of an offset, from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset).max(1)
    }

    /// Line and column of an offset, from 1; columns count code points.
    pub fn place(&self, source: &str, offset: usize) -> (usize, usize) {
        let line = self.line(offset);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let before = source.get(start..offset.min(source.len())).unwrap_or_default();
        (line, before.chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_block_costs_no_other() {
        let check = |source: &str, statements: usize, errors: &[&str]| {
            let parsed = parse(source);
            let found: usize = parsed.blocks.iter().map(|block| block.statements.len()).sum();
            let lines = Lines::new(source);
            let places: Vec<String> = parsed
                .errors
                .iter()
                .map(|error| format!("{}:{}", lines.line(error.range.start), error.names.join(",")))
                .collect();
            assert_eq!((found, places), (statements, errors.iter().map(|&e| e.to_owned()).collect()), "{source:?}");
        };
        check("a = 1\nb = 2\n", 2, &[]);
        check("def f(x):\n    return (1\n\ndef g(x):\n    return 2\n", 1, &["2:f"]);
        check("def f(x):\n    return \"abc\n\ndef g(x):\n    return 2\n", 1, &["2:f"]);
        check("KW = [\n\"a\",\n]\ndef f(x)\n    return 1\nB = 1\n", 2, &["4:f"]);
        check("KW = [\n\"a\",\n\ndef f(x):\n    return 1\n", 1, &["1:KW"]);
        check("@lf()\ndef f(x):\n    retrun 1\n@lf()\ndef g(x):\n    return 1", 1, &["3:f"]);
        check("A, B = 1, \nC = 2\nD = = 3", 2, &["3:D"]);
        check("", 0, &[]);
        check("\u{feff}a = 1", 1, &[]);
        check("   x = 1\ny = 2", 1, &["1:x"]);
        check("if a:\n  b = 1\nelse:\n  c = 2\nd = )", 1, &["5:d"]);
    }

    #[test]
    fn nesting_beyond_all_use_is_refused_before_the_parser_sees_it() {
        for source in [
            format!("a = {}", "-".repeat(100_000)),
            format!("a = {}", "[".repeat(100_000)),
            format!("a = b{}", ".c".repeat(100_000)),
            format!("a = b{}", "()".repeat(100_000)),
            format!("a = 1{}", "+1".repeat(100_000)),
            format!("a = {}1", "not ".repeat(100_000)),
            format!("a = {}1", "lambda: ".repeat(100_000)),
            format!("a = 1{}", " if 1 else 1".repeat(100_000)),
        ] {
            assert_eq!(parse(&source).errors.len(), 1, "{}", source.chars().take(20).collect::<String>());
        }
        let long = format!("a = [{}]", "\"b\", ".repeat(100_000));
        assert!(parse(&long).errors.is_empty(), "a long list is no deep nesting");
    }

    #[test]
    fn columns_count_code_points() {
        let source = "a\n한국 = 1";
        assert_eq!(Lines::new(source).place(source, "a\n한국".len()), (2, 3));
        assert_eq!(Lines::new("").place("", 0), (1, 1));
    }
}
