//! LIKE patterns and regular expressions.

use regex::{Regex, RegexBuilder};

use super::super::column::fold;
use super::tree::Pattern;

/// The most memory a compiled regular expression may take, in bytes.
const SIZE: usize = 4 << 20;

/// A piece of a LIKE pattern.
enum Piece {
    Text(String),
    /// `_`
    One,
    /// `%`
    Many,
}

/// Compiles a LIKE pattern: `%` stands for any text and `_` for one code point; a character after `escape` stands for
/// itself. With `ignore_case` the pattern is folded, to be matched against folded text.
///
/// # Errors
/// If the pattern ends with the escape character.
pub(super) fn like(pattern: &str, escape: Option<char>, ignore_case: bool) -> Result<Pattern, String> {
    let pieces = pieces(pattern, escape, ignore_case)?;
    Ok(match pieces.as_slice() {
        [] => Pattern::Equals(String::new()),
        [Piece::Many] => Pattern::Anything,
        [Piece::Text(text)] => Pattern::Equals(text.clone()),
        [Piece::Text(text), Piece::Many] => Pattern::StartsWith(text.clone()),
        [Piece::Many, Piece::Text(text)] => Pattern::EndsWith(text.clone()),
        [Piece::Many, Piece::Text(text), Piece::Many] => Pattern::contains(text),
        pieces => {
            // Everything that the pattern means stands in its source, see `python.rs`.
            let mut source = String::from(r"(?s)\A");
            for piece in pieces {
                match piece {
                    Piece::Text(text) => source.push_str(&regex::escape(text)),
                    Piece::One => source.push('.'),
                    Piece::Many => source.push_str(".*"),
                }
            }
            source.push_str(r"\z");
            let built = RegexBuilder::new(&source).size_limit(SIZE).build();
            Pattern::Regex(built.map_err(|_| "this pattern is too long".to_owned())?)
        }
    })
}

fn pieces(pattern: &str, escape: Option<char>, ignore_case: bool) -> Result<Vec<Piece>, String> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut text = String::new();
    let flush = |text: &mut String, pieces: &mut Vec<Piece>| {
        if !text.is_empty() {
            let taken = std::mem::take(text);
            pieces.push(Piece::Text(if ignore_case { fold(&taken) } else { taken }));
        }
    };
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        if Some(letter) == escape {
            match letters.next() {
                Some(next) => text.push(next),
                None => return Err("the pattern ends with its escape character".to_owned()),
            }
        } else if letter == '%' {
            flush(&mut text, &mut pieces);
            if !matches!(pieces.last(), Some(Piece::Many)) {
                pieces.push(Piece::Many);
            }
        } else if letter == '_' {
            flush(&mut text, &mut pieces);
            pieces.push(Piece::One);
        } else {
            text.push(letter);
        }
    }
    flush(&mut text, &mut pieces);
    Ok(pieces)
}

/// Compiles a regular expression, which is found anywhere in the text. A plain word becomes a search for that word.
///
/// # Errors
/// What is wrong with it, and what to do.
pub(super) fn regex(pattern: &str, ignore_case: bool) -> Result<Pattern, (String, String)> {
    if !ignore_case && regex::escape(pattern) == pattern {
        return Ok(Pattern::contains(pattern));
    }
    Ok(Pattern::Regex(compile(pattern, ignore_case)?))
}

/// Compiles a regular expression within a bound of memory.
///
/// # Errors
/// What is wrong with it, and what to do.
pub(in crate::data) fn compile(pattern: &str, ignore_case: bool) -> Result<Regex, (String, String)> {
    // Everything that the pattern means stands in its source, see `python.rs`.
    let flagged = if ignore_case { format!("(?i){pattern}") } else { pattern.to_owned() };
    let built = RegexBuilder::new(&flagged).size_limit(SIZE).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => (
            "this regular expression is too large".to_owned(),
            "repeat fewer times: a count such as {1000} multiplies its size".to_owned(),
        ),
        error => {
            let text = error.to_string();
            let reason = text.lines().last().map_or("", |line| line.trim_start_matches("error: ")).trim().to_owned();
            let help = if reason.contains("look-around") || reason.contains("backreferences") {
                "write it without; a second condition with NOT … ~ '…' often does the same"
            } else {
                "a character that stands for itself is written after a backslash: \\. \\( \\["
            };
            (format!("this regular expression is wrong: {reason}"), help.to_owned())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_patterns() {
        let check = |pattern: &str, text: &str, expected: bool| {
            let compiled = like(pattern, Some('!'), false).unwrap();
            assert_eq!(compiled.matches(text), expected, "{text:?} LIKE {pattern:?}");
        };
        check("", "", true);
        check("", "a", false);
        check("%", "", true);
        check("%%", "a", true);
        check("abc", "abc", true);
        check("abc", "ABC", false);
        check("a%", "abc", true);
        check("a%", "ba", false);
        check("%c", "abc", true);
        check("%b%", "abc", true);
        check("%b%", "ac", false);
        check("a_c", "abc", true);
        check("a_c", "ac", false);
        check("a_c", "a한c", true);
        check("_", "\n", true);
        check("a%c", "a\nc", true);
        check("a%b%c", "a1b2c", true);
        check("a%b%c", "acb", false);
        check("100!%", "100%", true);
        check("100!%", "100x", false);
        check("a!_b", "a_b", true);
        check("a!!b", "a!b", true);
        check("a.c", "abc", false);
        check("(a|b)%_", "(a|b)x", true);
        assert!(like("abc!", Some('!'), false).is_err());
        assert!(like("%ÀB%", None, true).unwrap().matches("xàby"));
    }

    #[test]
    fn regular_expressions_say_what_is_wrong() {
        assert!(matches!(regex("word", false), Ok(Pattern::Contains(_))));
        assert!(matches!(regex("wo.d", false), Ok(Pattern::Regex(_))));
        let wrong = |pattern: &str| regex(pattern, false).unwrap_err().0;
        assert!(wrong("(a").contains("unclosed group"), "{}", wrong("(a"));
        assert!(wrong("(?=a)b").contains("look-around"), "{}", wrong("(?=a)b"));
        assert!(wrong("(a{1000}){1000}").contains("too large"));
    }
}
