//! From the pattern syntax of Python's `re` to that of the `regex` crate.
//!
//! The two differ in small ways that change meanings: in Python `\w` has no combining marks, `\s` has four separators
//! more, `$` also matches before a last newline, brackets inside classes are plain, `{` may be plain, and `\Z` is
//! spelled `\z` elsewhere. Source: the Python library reference, "re: Regular expression operations".

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

/// Python's flags by their values in `re`.
pub(crate) const IGNORE_CASE: i64 = 2;
const MULTI_LINE: i64 = 8;
const DOT_ALL: i64 = 16;
const VERBOSE: i64 = 64;
const ASCII: i64 = 256;

/// What became of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Translated {
    /// The pattern for a text that does not end in a newline.
    pub pattern: String,
    /// It looks around, refers back, or is possessive.
    pub backtracks: bool,
    /// It has a `$` that also matches before a last newline.
    pub dollar: bool,
}

/// Translates a pattern. `before_newline` is what `$` becomes outside of multi-line mode.
pub(super) fn translate(source: &str, flags: i64, before_newline: bool) -> Result<Translated, String> {
    if flags & ASCII != 0 {
        return Err("re.ASCII is not available; write [0-9] or [A-Za-z0-9_]".to_owned());
    }
    let mut out = Translator {
        rest: source.chars().peekable(),
        out: Translated { pattern: String::with_capacity(source.len() + 8), backtracks: false, dollar: false },
        modes: vec![Mode { verbose: flags & VERBOSE != 0, lines: flags & MULTI_LINE != 0 }],
        global: flags,
        before_newline,
    };
    out.run()?;
    let mut head = String::new();
    for (flag, letter) in [(IGNORE_CASE, 'i'), (MULTI_LINE, 'm'), (DOT_ALL, 's')] {
        if out.global & flag != 0 {
            head.push(letter);
        }
    }
    if !head.is_empty() {
        out.out.pattern = format!("(?{head}){}", out.out.pattern);
    }
    Ok(out.out)
}

#[derive(Clone, Copy)]
struct Mode {
    verbose: bool,
    lines: bool,
}

struct Translator<'s> {
    rest: Peekable<Chars<'s>>,
    out: Translated,
    /// One a group that is open, the whole pattern first.
    modes: Vec<Mode>,
    global: i64,
    before_newline: bool,
}

/// `\w` of Python: letters, numbers of any kind, and the underscore.
const WORD: &str = r"\p{L}\p{N}_";
/// `\s` of Python.
const SPACE: &str = r"\s\x1c-\x1f";

impl Translator<'_> {
    fn mode(&self) -> Mode {
        self.modes.last().copied().unwrap_or(Mode { verbose: false, lines: false })
    }

    fn push(&mut self, text: &str) {
        self.out.pattern.push_str(text);
    }

    /// Puts in a character that means itself.
    fn literal(&mut self, c: char) {
        if c.is_ascii_punctuation() {
            self.out.pattern.push('\\');
            self.out.pattern.push(c);
        } else if c.is_control() {
            let _ = write!(self.out.pattern, "\\x{{{:x}}}", u32::from(c));
        } else {
            self.out.pattern.push(c);
        }
    }

    fn run(&mut self) -> Result<(), String> {
        while let Some(c) = self.rest.next() {
            match c {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.open()?,
                ')' => {
                    if self.modes.len() > 1 {
                        self.modes.pop();
                    }
                    self.push(")");
                }
                '$' if self.mode().lines => self.push("$"),
                '$' => {
                    self.out.dollar = true;
                    self.out.backtracks |= self.before_newline;
                    self.push(if self.before_newline { r"(?=\n?\z)" } else { r"\z" });
                }
                '^' | '.' | '|' => self.out.pattern.push(c),
                '*' | '+' | '?' => {
                    self.out.pattern.push(c);
                    self.after_repeat();
                }
                '{' => self.braces(),
                '#' if self.mode().verbose => {
                    self.rest.by_ref().find(|&c| c == '\n');
                }
                c if c.is_ascii_whitespace() && self.mode().verbose => {}
                '_' => self.push("_"),
                c => self.literal(c),
            }
        }
        Ok(())
    }

    /// A repeat may be lazy (`?`) or possessive (`+`).
    fn after_repeat(&mut self) {
        match self.rest.peek() {
            Some('?') => {
                self.rest.next();
                self.push("?");
            }
            Some('+') => {
                self.rest.next();
                self.push("+");
                self.out.backtracks = true;
            }
            _ => {}
        }
    }

    /// `{m}`, `{m,}`, `{,n}` and `{m,n}` repeat; any other brace means itself.
    fn braces(&mut self) {
        let ahead: String = self.rest.clone().take(24).collect();
        let inside = ahead.split_once('}').map(|(inside, _)| inside);
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let repeat = inside.and_then(|inside| match inside.split_once(',') {
            Some((least, most)) if digits(least) && digits(most) => {
                Some(format!("{{{},{most}}}", if least.is_empty() { "0" } else { least }))
            }
            None if !inside.is_empty() && digits(inside) => Some(format!("{{{inside}}}")),
            _ => None,
        });
        match (repeat, inside) {
            (Some(repeat), Some(inside)) => {
                self.rest.nth(inside.len());
                self.push(&repeat);
                self.after_repeat();
            }
            _ => self.push(r"\{"),
        }
    }

    fn open(&mut self) -> Result<(), String> {
        let mode = self.mode();
        if self.rest.peek() != Some(&'?') {
            self.modes.push(mode);
            self.push("(");
            return Ok(());
        }
        self.rest.next();
        match self.rest.next() {
            Some('#') => {
                self.rest.by_ref().find(|&c| c == ')');
                return Ok(());
            }
            Some(':') => self.push("(?:"),
            Some('P') => return self.named(mode),
            Some(c @ ('=' | '!' | '>' | '(')) => {
                self.out.backtracks = true;
                self.push("(?");
                self.out.pattern.push(c);
                if c == '(' {
                    self.copy_until(')')?;
                }
            }
            Some('<') => {
                self.out.backtracks = true;
                let next = self.rest.next().ok_or("this group is not finished")?;
                if next != '=' && next != '!' {
                    return Err("name a group with (?P<name>…)".to_owned());
                }
                self.push("(?<");
                self.out.pattern.push(next);
            }
            Some(c) => return self.flags(c, mode),
            None => return Err("this group is not finished".to_owned()),
        }
        self.modes.push(mode);
        Ok(())
    }

    fn named(&mut self, mode: Mode) -> Result<(), String> {
        match self.rest.next() {
            Some('<') => {
                self.push("(?P<");
                self.copy_until('>')?;
                self.modes.push(mode);
                Ok(())
            }
            Some('=') => {
                self.out.backtracks = true;
                self.push("(?P=");
                self.copy_until(')')
            }
            _ => Err("write (?P<name>…) or (?P=name)".to_owned()),
        }
    }

    fn copy_until(&mut self, end: char) -> Result<(), String> {
        for c in self.rest.by_ref() {
            if !(c.is_alphanumeric() || c == '_' || c == end) {
                return Err(format!("the name of a group has no {c:?}"));
            }
            self.out.pattern.push(c);
            if c == end {
                return Ok(());
            }
        }
        Err("this group is not finished".to_owned())
    }

    /// `(?i)`, which holds for the whole pattern, or `(?i:…)`.
    fn flags(&mut self, first: char, mode: Mode) -> Result<(), String> {
        let (mut on, mut off, mut minus) = (String::new(), String::new(), false);
        let mut inner = mode;
        let mut next = Some(first);
        loop {
            match next {
                Some('-') => minus = true,
                Some(c @ ('i' | 'm' | 's' | 'x')) => {
                    if c == 'x' {
                        inner.verbose = !minus;
                    } else if minus {
                        off.push(c);
                    } else {
                        on.push(c);
                    }
                    if c == 'm' {
                        inner.lines = !minus;
                    }
                }
                Some('u') => {}
                Some(end @ (')' | ':')) => {
                    return self.set_flags(end, &on, &off, inner);
                }
                Some('a' | 'L') => return Err("the flags a and L are not available".to_owned()),
                _ => return Err("this kind of group is not known".to_owned()),
            }
            next = self.rest.next();
        }
    }

    fn set_flags(&mut self, end: char, on: &str, off: &str, inner: Mode) -> Result<(), String> {
        if end == ')' {
            if !self.out.pattern.is_empty() {
                return Err("flags for the whole pattern stand at its start".to_owned());
            }
            for (letter, flag) in [('i', IGNORE_CASE), ('m', MULTI_LINE), ('s', DOT_ALL)] {
                if on.contains(letter) {
                    self.global |= flag;
                }
            }
            if let Some(mode) = self.modes.last_mut() {
                *mode = inner;
            }
            return Ok(());
        }
        let minus = if off.is_empty() { "" } else { "-" };
        let _ = write!(self.out.pattern, "(?{on}{minus}{off}:");
        self.modes.push(inner);
        Ok(())
    }

    fn escape(&mut self) -> Result<(), String> {
        let c = self.rest.next().ok_or("a backslash stands at the end")?;
        match c {
            'd' => self.push(r"\p{Nd}"),
            'D' => self.push(r"\P{Nd}"),
            'w' => self.push(&format!("[{WORD}]")),
            'W' => self.push(&format!("[^{WORD}]")),
            's' => self.push(&format!("[{SPACE}]")),
            'S' => self.push(&format!("[^{SPACE}]")),
            'b' => self.push(r"\b"),
            'B' => self.push(r"\B"),
            'A' => self.push(r"\A"),
            'Z' => self.push(r"\z"),
            '1'..='9' => {
                let mut number = String::from(c);
                while number.len() < 2 && self.rest.peek().is_some_and(char::is_ascii_digit) {
                    number.extend(self.rest.next());
                }
                self.out.backtracks = true;
                let _ = write!(self.out.pattern, "(?:\\{number})");
            }
            c => {
                let c = self.character(c)?;
                self.literal(c);
            }
        }
        Ok(())
    }

    /// The character that an escape stands for.
    fn character(&mut self, c: char) -> Result<char, String> {
        Ok(match c {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'f' => '\u{c}',
            'v' => '\u{b}',
            'a' => '\u{7}',
            '0' => {
                let mut value = 0;
                for _ in 0..2 {
                    let Some(digit) = self.rest.peek().and_then(|c| c.to_digit(8)) else { break };
                    value = value * 8 + digit;
                    self.rest.next();
                }
                char::from_u32(value).unwrap_or('\0')
            }
            'x' => self.hex(2)?,
            'u' => self.hex(4)?,
            'U' => self.hex(8)?,
            c if c.is_ascii_alphanumeric() => return Err(format!("\\{c} is not known")),
            c => c,
        })
    }

    fn hex(&mut self, digits: usize) -> Result<char, String> {
        let mut value = 0u32;
        for _ in 0..digits {
            let digit = self.rest.next().and_then(|c| c.to_digit(16)).ok_or("a code is not finished")?;
            value = value.wrapping_mul(16).wrapping_add(digit);
        }
        char::from_u32(value).ok_or_else(|| "this code is no character".to_owned())
    }

    fn class(&mut self) -> Result<(), String> {
        self.push("[");
        if self.rest.peek() == Some(&'^') {
            self.rest.next();
            self.push("^");
        }
        let mut first = true;
        loop {
            let c = self.rest.next().ok_or("a [ is not closed")?;
            match c {
                ']' if !first => {
                    self.push("]");
                    return Ok(());
                }
                '\\' => self.class_escape()?,
                // Between two characters it makes a range, at either end it means itself.
                '-' if !first && self.rest.peek().is_some_and(|&next| next != ']') => self.push("-"),
                c => self.literal(c),
            }
            first = false;
        }
    }

    fn class_escape(&mut self) -> Result<(), String> {
        let c = self.rest.next().ok_or("a backslash stands at the end")?;
        match c {
            'd' => self.push(r"\p{Nd}"),
            'D' => self.push(r"\P{Nd}"),
            'w' => self.push(WORD),
            'W' => self.push(&format!("[^{WORD}]")),
            's' => self.push(SPACE),
            'S' => self.push(&format!("[^{SPACE}]")),
            'b' => self.push(r"\x08"),
            c => {
                let c = self.character(c)?;
                self.literal(c);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_keep_their_meaning() {
        let check = |source: &str, expected: &str| {
            assert_eq!(translate(source, 0, false).map(|t| t.pattern).as_deref(), Ok(expected), "{source}");
        };
        check("abc", "abc");
        check(r"\d+", r"\p{Nd}+");
        check("[]a[]", r"[\]a\[]");
        check("a{2,}b{,3}c{x}", r"a{2,}b{0,3}c\{x\}");
        check(r"\x41\u00e9\0", r"Aé\x{0}");
        check("(?i)abc$", r"(?i)abc\z");
        check("(?x) a b # c\n d", "abd");
        check("(?im:a$)b$", r"(?im:a$)b\z");
        check("(?#x)a", "a");
        check("[a-z&&b]", r"[a-z\&\&b]");
        check("[-a]", r"[\-a]");
    }

    #[test]
    fn what_looks_around_is_marked() {
        let check = |source: &str, backtracks: bool| {
            assert_eq!(translate(source, 0, false).map(|t| t.backtracks), Ok(backtracks), "{source}");
        };
        check("a(?=b)", true);
        check(r"(a)\1", true);
        check("a++", true);
        check("a+?", false);
        check("(?P<n>a)(?P=n)", true);
        check("(?:a)", false);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for source in ["[a", "\\", "(?", r"\q", "(?P<a", "a(?i)b", r"\x4", "(?a)b"] {
            assert!(translate(source, 0, false).is_err(), "{source}");
        }
    }
}
