//! Tokens for the editor's colours.

use std::collections::HashSet;
use std::ops::Range;

use super::builtins::{Builtin, Type};
use super::parse::{Token, tokens};

/// What a token of a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// `def`, `return`, `None`, …
    Keyword,
    /// Text in quotes.
    String,
    /// A number.
    Number,
    /// A comment.
    Comment,
    /// The name of a function: after `def`, before `(`, or built in.
    Function,
    /// The name of a constant at module level, which class names usually are.
    Constant,
    /// An operator or a bracket.
    Operator,
    /// A decorator's `@`.
    Decorator,
    /// Any other name.
    Name,
}

/// The tokens of a source with their byte ranges, in order; white space is left out. A source with errors gives as
/// many tokens as can be made out.
pub fn highlight(source: &str) -> Vec<(Range<usize>, TokenKind)> {
    let tokens = tokens(source);
    let text = |at: usize| tokens.get(at).and_then(|(range, _)| source.get(range.clone())).unwrap_or_default();
    let constants: HashSet<&str> = (0..tokens.len()).map(text).filter(|name| is_constant(name)).collect();
    let mut out = Vec::with_capacity(tokens.len());
    for (at, (range, token)) in tokens.iter().enumerate() {
        if range.is_empty() {
            continue;
        }
        let kind = match token {
            Token::Keyword => TokenKind::Keyword,
            Token::Text => TokenKind::String,
            Token::Number => TokenKind::Number,
            Token::Comment => TokenKind::Comment,
            Token::Operator if text(at) == "@" && starts_line(source, range.start) => TokenKind::Decorator,
            Token::Operator => TokenKind::Operator,
            Token::Other => continue,
            Token::Name => {
                let name = text(at);
                let called = text(at + 1) == "(";
                let defined = at.checked_sub(1).is_some_and(|before| text(before) == "def");
                if constants.contains(name) {
                    TokenKind::Constant
                } else if called || defined || Builtin::find(name).is_some() || Type::builtin(name).is_some() {
                    TokenKind::Function
                } else {
                    TokenKind::Name
                }
            }
        };
        out.push((range.clone(), kind));
    }
    out
}

/// By convention constants are in capitals.
fn is_constant(name: &str) -> bool {
    name.len() > 1
        && name.chars().any(|c| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

fn starts_line(source: &str, at: usize) -> bool {
    let before = source.get(..at).unwrap_or_default();
    before.rsplit('\n').next().is_some_and(|line| line.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_their_kinds() {
        use TokenKind::{Comment, Constant, Decorator, Function, Keyword, Name, Number, Operator, String};
        let check = |source: &str, expected: &[(&str, TokenKind)]| {
            let found: Vec<_> = highlight(source).into_iter().map(|(range, kind)| (&source[range], kind)).collect();
            assert_eq!(found, expected, "{source}");
        };
        check("SPAM = 1 # 한국", &[("SPAM", Constant), ("=", Operator), ("1", Number), ("# 한국", Comment)]);
        check(
            "@lf()\ndef f(x): return len('한')",
            &[
                ("@", Decorator),
                ("lf", Function),
                ("(", Operator),
                (")", Operator),
                ("def", Keyword),
                ("f", Function),
                ("(", Operator),
                ("x", Name),
                (")", Operator),
                (":", Operator),
                ("return", Keyword),
                ("len", Function),
                ("(", Operator),
                ("'한'", String),
                (")", Operator),
            ],
        );
        check("x = \"abc", &[("x", Name), ("=", Operator), ("\"abc", String)]);
        check("", &[]);
    }
}
