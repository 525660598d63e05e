//! From source text to a syntax tree: the grammar is sqlparser's, the limits and the wording of errors are ours.

use std::ops::Range;

use sqlparser::ast::Expr;
use sqlparser::dialect::Dialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer};

use super::error::FilterError;

/// Parentheses, operators and functions may stand inside each other this deep.
pub(super) const DEPTH: usize = 64;

/// Operators and keywords in one condition; the values of an IN list do not count.
const OPERATORS: usize = 2000;

/// The bytes of one condition.
const LENGTH: usize = 4 << 20;

/// Standard SQL with names of any alphabet, without the many extensions of sqlparser's own dialects.
#[derive(Debug)]
pub(super) struct FilterDialect;

impl Dialect for FilterDialect {
    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '"' || ch == '`'
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch == '_'
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || ch == '_'
    }

    fn supports_in_empty_list(&self) -> bool {
        true
    }

    fn supports_comma_separated_trim(&self) -> bool {
        true
    }

    fn supports_extract_comma_syntax(&self) -> bool {
        true
    }
}

/// Where the parts of a source stand, in bytes.
pub(super) struct Places<'a> {
    source: &'a str,
    lines: Vec<usize>,
}

impl<'a> Places<'a> {
    fn new(source: &'a str) -> Self {
        let breaks = source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { source, lines: std::iter::once(0).chain(breaks).collect() }
    }

    /// The source.
    pub(super) fn source(&self) -> &'a str {
        self.source
    }

    /// The byte at a place given by sqlparser in lines and code points, from 1; the end if it is none.
    fn byte(&self, location: Location) -> usize {
        let line = (location.line as usize).checked_sub(1).and_then(|line| self.lines.get(line));
        let (Some(&start), Some(skip)) = (line, (location.column as usize).checked_sub(1)) else {
            return self.source.len();
        };
        let rest = self.source.get(start..).unwrap_or("");
        rest.char_indices().nth(skip).map_or(self.source.len(), |(at, _)| start + at)
    }

    /// The bytes of a span; the end of the source for the empty span.
    pub(super) fn range(&self, span: Span) -> Range<usize> {
        let start = self.byte(span.start);
        start..self.byte(span.end).max(start)
    }

    /// The text of a span, shortened for a message.
    pub(super) fn quote(&self, range: &Range<usize>) -> String {
        let text = self.source.get(range.clone()).unwrap_or("").trim();
        match text.char_indices().nth(40) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")),
            None => text.to_owned(),
        }
    }

    /// An error about a range.
    pub(super) fn error(&self, place: Range<usize>, message: impl Into<String>) -> FilterError {
        FilterError::new(self.source, place, message)
    }
}

/// Splits `sql` into tokens with their places.
///
/// # Errors
/// If a quote or comment is not closed, or the source is too long.
fn tokens(places: &Places<'_>) -> Result<Vec<TokenWithSpan>, FilterError> {
    let source = places.source;
    if source.len() > LENGTH {
        let message = format!("the condition is too long ({} bytes; the most is {LENGTH})", source.len());
        return Err(places.error(0..0, message));
    }
    Tokenizer::new(&FilterDialect, source).tokenize_with_location().map_err(|error| {
        let start = places.byte(error.location);
        if error.message.contains("Unterminated string") {
            return places
                .error(start..source.len(), "this text is not closed")
                .help("end it with a single quote; a single quote inside text is written twice: 'it''s'");
        }
        if error.message.contains("close delimiter") {
            return places.error(start..source.len(), "this name is not closed").help("end it with the same quote");
        }
        let one = source.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        places.error(start..start + one, "this is not part of the filter language").help(lower_first(&error.message))
    })
}

/// Parses one expression and nothing else.
///
/// # Errors
/// If the source is empty, is not an expression, goes on after it, or is longer or deeper than the limits.
pub(super) fn expression(source: &str) -> Result<(Expr, Places<'_>), FilterError> {
    let places = Places::new(source);
    let tokens = tokens(&places)?;
    check_limits(&tokens, &places)?;
    let significant: Vec<&TokenWithSpan> = tokens.iter().filter(|token| !is_blank(&token.token)).collect();
    match significant.first().map(|first| (&first.token, first.span)) {
        None => {
            return Err(places.error(0..0, "the condition is empty").help("write one, such as length(text) > 20"));
        }
        Some((Token::Word(word), span)) if word.quote_style.is_none() => {
            let unneeded = match word.keyword {
                Keyword::WHERE => Some("leave out WHERE: write the condition alone"),
                Keyword::SELECT | Keyword::WITH | Keyword::FROM => Some("write only what would follow WHERE"),
                _ => None,
            };
            if let (Some(help), true) = (unneeded, significant.len() > 1) {
                return Err(places.error(places.range(span), "a filter is a condition, not a query").help(help));
            }
        }
        Some(_) => (),
    }
    let mut parser =
        Parser::new(&FilterDialect).with_recursion_limit(4 * DEPTH).with_tokens_with_locations(tokens.clone());
    let parsed = parser.parse_expr();
    let next = parser.peek_token();
    match parsed {
        Ok(expr) if next.token == Token::EOF => Ok((expr, places)),
        Ok(_) => Err(unexpected(&next, None, &places)),
        Err(error) => Err(explain(&error, &tokens, &places)),
    }
}

fn is_blank(token: &Token) -> bool {
    matches!(token, Token::Whitespace(_) | Token::EOF)
}

/// Refuses what could exhaust the stack or the time of a recursive parser.
fn check_limits(tokens: &[TokenWithSpan], places: &Places<'_>) -> Result<(), FilterError> {
    let (mut depth, mut operators) = (0usize, 0usize);
    for token in tokens {
        match &token.token {
            Token::LParen | Token::LBracket | Token::LBrace => {
                depth += 1;
                if depth > DEPTH {
                    return Err(too_deep(places.range(token.span), places));
                }
            }
            Token::RParen | Token::RBracket | Token::RBrace => depth = depth.saturating_sub(1),
            Token::Comma | Token::Number(..) | Token::SingleQuotedString(_) | Token::Whitespace(_) | Token::EOF => (),
            Token::Word(word) if word.keyword == Keyword::NoKeyword => (),
            _ => {
                operators += 1;
                if operators > OPERATORS {
                    let message = format!("the condition has more than {OPERATORS} operators");
                    return Err(places
                        .error(places.range(token.span), message)
                        .help("write many alternatives as column IN (…)"));
                }
            }
        }
    }
    Ok(())
}

/// The error for what is nested beyond [`DEPTH`].
pub(super) fn too_deep(place: Range<usize>, places: &Places<'_>) -> FilterError {
    places
        .error(place, format!("the condition is nested more than {DEPTH} levels deep"))
        .help("leave out parentheses that are not needed, or split it into several filters")
}

/// Puts sqlparser's message into our words, at the bytes it is about.
fn explain(error: &ParserError, tokens: &[TokenWithSpan], places: &Places<'_>) -> FilterError {
    let message = match error {
        ParserError::RecursionLimitExceeded => return too_deep(0..places.source.len(), places),
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
    };
    let (text, location) = split_location(message);
    let wanted = text.strip_prefix("Expected: ").and_then(|rest| rest.split(", found: ").next());
    let at = location
        .and_then(|location| tokens.iter().find(|token| token.span.start == location && !is_blank(&token.token)));
    match (at, location) {
        (Some(token), _) => unexpected(token, wanted, places),
        (None, Some(location)) => {
            let start = places.byte(location);
            places.error(start..start, lower_first(text))
        }
        (None, None) => too_short(wanted, places),
    }
}

fn too_short(wanted: Option<&str>, places: &Places<'_>) -> FilterError {
    let end = places.source.trim_end().len();
    let error = places.error(end..end, "the condition ends too early");
    match wanted.map(spoken) {
        Some(wanted) => error.help(format!("add {wanted}")),
        None => error,
    }
}

fn unexpected(token: &TokenWithSpan, wanted: Option<&str>, places: &Places<'_>) -> FilterError {
    if token.token == Token::EOF {
        return too_short(wanted, places);
    }
    let place = places.range(token.span);
    let shown = places.quote(&place);
    let help = match &token.token {
        Token::SemiColon => "a filter is one condition, without a semicolon".to_owned(),
        Token::Overlap => "write AND".to_owned(),
        Token::Pipe => "write OR, or || to join texts".to_owned(),
        Token::ExclamationMark => "write NOT".to_owned(),
        Token::RParen if wanted.is_none() => "there is one closing parenthesis too many".to_owned(),
        Token::Word(word) if word.keyword == Keyword::SELECT => {
            "a filter looks at one row at a time and has no subqueries".to_owned()
        }
        _ => match wanted.map(spoken) {
            Some(wanted) => format!("{wanted} is expected here"),
            None => "join conditions with AND or OR; a column name with spaces stands in double quotes".to_owned(),
        },
    };
    places.error(place, format!("{shown} was not expected here")).help(help)
}

/// What sqlparser expected, in plain words.
fn spoken(wanted: &str) -> String {
    match wanted {
        "an expression" | "an expression:" | "a value" | "a concrete value" => {
            "a column, a value or a condition".to_owned()
        }
        ")" => "a closing parenthesis".to_owned(),
        "(" => "an opening parenthesis".to_owned(),
        other => other.to_owned(),
    }
}

/// Splits " at Line: 1, Column: 9" from the end of a message.
fn split_location(message: &str) -> (&str, Option<Location>) {
    let Some((text, place)) = message.rsplit_once(" at Line: ") else { return (message, None) };
    let Some((line, column)) = place.split_once(", Column: ") else { return (message, None) };
    match (line.trim().parse(), column.trim().parse()) {
        (Ok(line), Ok(column)) => (text, Some(Location::new(line, column))),
        _ => (message, None),
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
