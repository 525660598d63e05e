//! Methods of text.

use super::budget::{Eval, bad_value, wrong_type};
use super::builtins::Method;
use super::call::Keywords;
use super::chars::{self, is_cased, is_space};
use super::machine::Machine;
use super::methods::{at_most, none, one};
use super::sequences::{byte_of, span};
use super::value::{Text, Value};

impl<'a> Machine<'a> {
    /// Calls a method of text; `None` if text has no such method.
    pub(super) fn text_method(
        &mut self,
        text: &Text<'a>,
        method: Method,
        args: &[Value<'a>],
        keywords: Keywords<'_, 'a>,
    ) -> Eval<Option<Value<'a>>> {
        let length = text.as_str().len();
        self.budget.steps(1 + length / 32)?;
        let takes_keywords = matches!(method, Method::Split | Method::Rsplit | Method::Splitlines | Method::Format);
        if let Some((name, _)) = keywords.first().filter(|_| !takes_keywords) {
            return Err(wrong_type(format!("{}() has no argument `{name}`", method.name())));
        }
        Ok(Some(match method {
            Method::Lower
            | Method::Upper
            | Method::Casefold
            | Method::Title
            | Method::Capitalize
            | Method::Swapcase => {
                none(method, args)?;
                self.change_case(text, method)?
            }
            Method::Strip | Method::Lstrip | Method::Rstrip => self.strip(text, method, args)?,
            Method::Split | Method::Rsplit => self.split(text, method, args, keywords)?,
            Method::Splitlines => self.split_lines(text, args, keywords)?,
            Method::Startswith | Method::Endswith => self.starts_or_ends(text, method, args)?,
            Method::Find | Method::Rfind | Method::Index | Method::Rindex | Method::Count => {
                self.find(text, method, args)?
            }
            Method::Replace => self.replace(text, args)?,
            Method::Join => self.join(text, one(method, args)?)?,
            Method::Partition | Method::Rpartition => self.partition(text, method, args)?,
            Method::Removeprefix | Method::Removesuffix => {
                let part = text_of(method, one(method, args)?)?;
                let whole = text.as_str();
                let (start, end) = match method {
                    Method::Removeprefix if whole.starts_with(part) => (part.len(), length),
                    Method::Removesuffix if whole.ends_with(part) => (0, length - part.len()),
                    _ => (0, length),
                };
                Value::Str(text.part(start, end))
            }
            Method::Ljust | Method::Rjust | Method::Center | Method::Zfill => self.pad(text, method, args)?,
            Method::Format => {
                let filled = self.format_template(text.as_str(), args, keywords)?;
                self.text(filled)?
            }
            _ => {
                let Some(verdict) = asks(text.as_str(), method) else { return Ok(None) };
                none(method, args)?;
                Value::Bool(verdict)
            }
        }))
    }

    fn change_case(&mut self, text: &Text<'a>, method: Method) -> Eval<Value<'a>> {
        let whole = text.as_str();
        let unchanged = match method {
            Method::Lower | Method::Casefold => {
                whole.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) || whole.chars().all(has_no_case)
            }
            Method::Upper => whole.bytes().all(|b| b.is_ascii() && !b.is_ascii_lowercase()),
            _ => false,
        };
        if unchanged {
            return Ok(Value::Str(text.clone()));
        }
        self.budget.steps(whole.len() / 8)?;
        self.budget.bytes(whole.len() * 3)?;
        let changed = match method {
            Method::Lower => lower(whole),
            Method::Upper => whole.to_uppercase(),
            Method::Casefold => chars::casefold(whole),
            Method::Capitalize => capitalize(whole),
            Method::Title => title(whole),
            _ => swap_case(whole),
        };
        Ok(Value::text(changed))
    }

    fn strip(&mut self, text: &Text<'a>, method: Method, args: &[Value<'a>]) -> Eval<Value<'a>> {
        at_most(method, args, 1)?;
        let set: Option<Vec<char>> = match args.first() {
            None | Some(Value::None) => None,
            Some(value) => Some(text_of(method, value)?.chars().take(10_000).collect()),
        };
        if let Some(set) = &set {
            self.budget.steps(set.len())?;
        }
        let matches = |c: char| set.as_ref().map_or_else(|| is_space(c), |set| set.contains(&c));
        let whole = text.as_str();
        let mut part = whole;
        if method != Method::Rstrip {
            part = part.trim_start_matches(matches);
        }
        let start = whole.len() - part.len();
        if method != Method::Lstrip {
            part = part.trim_end_matches(matches);
        }
        Ok(Value::Str(text.part(start, start + part.len())))
    }

    fn parts(&mut self, text: &Text<'a>, ranges: Vec<(usize, usize)>) -> Eval<Value<'a>> {
        self.budget.steps(ranges.len())?;
        let parts = ranges.into_iter().map(|(start, end)| Value::Str(text.part(start, end))).collect();
        self.list(parts)
    }

    fn split(
        &mut self,
        text: &Text<'a>,
        method: Method,
        args: &[Value<'a>],
        keywords: Keywords<'_, 'a>,
    ) -> Eval<Value<'a>> {
        at_most(method, args, 2)?;
        let named = |name: &str| keywords.iter().find(|(given, _)| *given == name).map(|(_, value)| value);
        let separator = args.first().or_else(|| named("sep")).filter(|value| !matches!(value, Value::None));
        let most = match args.get(1).or_else(|| named("maxsplit")) {
            None => usize::MAX,
            Some(value) => {
                let most = value.as_int().ok_or_else(|| wrong_type("maxsplit is a whole number"))?;
                usize::try_from(most).unwrap_or(usize::MAX)
            }
        };
        let whole = text.as_str();
        self.budget.bytes(whole.len())?;
        let ranges = match separator {
            None if method == Method::Split => words(whole, most),
            None => words_back(whole, most),
            Some(separator) => {
                let separator = text_of(method, separator)?;
                if separator.is_empty() {
                    return Err(bad_value("text cannot be split at nothing; use list(text) for its characters"));
                }
                if method == Method::Split {
                    pieces(whole, separator, most)
                } else {
                    pieces_back(whole, separator, most)
                }
            }
        };
        self.parts(text, ranges)
    }

    fn split_lines(&mut self, text: &Text<'a>, args: &[Value<'a>], keywords: Keywords<'_, 'a>) -> Eval<Value<'a>> {
        let keep = args.first().or(keywords.first().map(|(_, value)| value)).is_some_and(|value| self.truth(value));
        let whole = text.as_str();
        self.budget.bytes(whole.len())?;
        let mut ranges = Vec::new();
        let mut start = 0;
        let mut chars = whole.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if !matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
            {
                continue;
            }
            let mut end = at + c.len_utf8();
            if c == '\r' && chars.next_if(|(_, c)| *c == '\n').is_some() {
                end += 1;
            }
            ranges.push((start, if keep { end } else { at }));
            start = end;
        }
        if start < whole.len() {
            ranges.push((start, whole.len()));
        }
        self.parts(text, ranges)
    }

    /// The part of a text between positions given as optional arguments; `None` if they lie beyond it.
    fn window(&mut self, text: &Text<'a>, args: &[Value<'a>]) -> Eval<Option<(usize, usize)>> {
        let bound = |value: Option<&Value<'a>>| match value {
            None | Some(Value::None) => Ok(None),
            Some(value) => value.as_int().map(Some).ok_or_else(|| wrong_type("a position is a whole number")),
        };
        let (lower, upper) = (bound(args.first())?, bound(args.get(1))?);
        let whole = text.as_str();
        if lower.is_none() && upper.is_none() {
            return Ok(Some((0, whole.len())));
        }
        let length = self.length_of(text)?;
        if lower.is_some_and(|lower| lower > length as i64) {
            return Ok(None);
        }
        let (start, _) = span(lower, upper, 1, length);
        let (end, _) = span(upper.or(Some(i64::MAX)), None, 1, length);
        let (start, end) = (usize::try_from(start).unwrap_or(0), usize::try_from(end).unwrap_or(0));
        if start > end {
            return Ok(None);
        }
        Ok(Some((byte_of(whole, start), byte_of(whole, end))))
    }

    fn starts_or_ends(&mut self, text: &Text<'a>, method: Method, args: &[Value<'a>]) -> Eval<Value<'a>> {
        at_most(method, args, 3)?;
        let Some((given, bounds)) = args.split_first() else { return Err(wrong_type("what is it to start with?")) };
        let Some((start, end)) = self.window(text, bounds)? else { return Ok(Value::Bool(false)) };
        let part = text.as_str().get(start..end).unwrap_or_default();
        let fits = |value: &Value<'a>| {
            let other = text_of(method, value)?;
            Ok(if method == Method::Startswith { part.starts_with(other) } else { part.ends_with(other) })
        };
        if let Value::Tuple(id) = given {
            self.budget.steps(self.heap.items(*id).len())?;
            for value in self.heap.items(*id) {
                if fits(value)? {
                    return Ok(Value::Bool(true));
                }
            }
            return Ok(Value::Bool(false));
        }
        if matches!(given, Value::List(_) | Value::Set(_)) {
            return Err(wrong_type(format!("{}() takes a text or a tuple of texts; write tuple(…)", method.name())));
        }
        fits(given).map(Value::Bool)
    }

    fn find(&mut self, text: &Text<'a>, method: Method, args: &[Value<'a>]) -> Eval<Value<'a>> {
        at_most(method, args, 3)?;
        let Some((part, bounds)) = args.split_first() else { return Err(wrong_type("what is it to look for?")) };
        let part = text_of(method, part)?;
        let window = self.window(text, bounds)?;
        let within = window.and_then(|(start, end)| text.as_str().get(start..end));
        if method == Method::Count {
            let count = within.map_or(0, |within| {
                if part.is_empty() { within.chars().count() + 1 } else { within.matches(part).count() }
            });
            return Ok(Value::Int(count as i64));
        }
        let back = matches!(method, Method::Rfind | Method::Rindex);
        let found = within.and_then(|within| if back { within.rfind(part) } else { within.find(part) });
        match found {
            Some(at) => {
                let byte = window.map_or(0, |(start, _)| start) + at;
                let before = text.as_str().get(..byte).unwrap_or_default();
                self.budget.steps(before.len() / 32)?;
                let position = if before.is_ascii() { before.len() } else { before.chars().count() };
                Ok(Value::Int(position as i64))
            }
            None if matches!(method, Method::Find | Method::Rfind) => Ok(Value::Int(-1)),
            None => Err(bad_value("the text does not contain this; find() gives -1 instead")),
        }
    }

    fn replace(&mut self, text: &Text<'a>, args: &[Value<'a>]) -> Eval<Value<'a>> {
        let (old, new) = match args {
            [old, new] | [old, new, _] => (text_of(Method::Replace, old)?, text_of(Method::Replace, new)?),
            _ => return Err(wrong_type("replace() takes what to replace and what by")),
        };
        let most = match args.get(2) {
            None => usize::MAX,
            Some(value) => {
                let most = value.as_int().ok_or_else(|| wrong_type("a count is a whole number"))?;
                usize::try_from(most).unwrap_or(usize::MAX)
            }
        };
        let whole = text.as_str();
        let count = if old.is_empty() { whole.chars().count() + 1 } else { whole.matches(old).count() }.min(most);
        if count == 0 {
            return Ok(Value::Str(text.clone()));
        }
        let grown = count.saturating_mul(new.len()).saturating_add(whole.len());
        self.budget.steps(count + grown / 32)?;
        self.budget.bytes(grown.saturating_add(48))?;
        Ok(Value::text(whole.replacen(old, new, most)))
    }

    fn join(&mut self, separator: &Text<'a>, parts: &Value<'a>) -> Eval<Value<'a>> {
        let parts = self.collect(parts)?;
        let separator = separator.as_str();
        let mut size = separator.len().saturating_mul(parts.len().saturating_sub(1));
        for part in &parts {
            let text = part
                .as_str()
                .ok_or_else(|| wrong_type(format!("join() needs texts, not {}; write str(…) around it", part.a())))?;
            size = size.saturating_add(text.len());
        }
        self.budget.steps(parts.len() + size / 32)?;
        self.budget.bytes(size.saturating_add(48))?;
        let mut out = String::with_capacity(size);
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                out.push_str(separator);
            }
            out.push_str(part.as_str().unwrap_or_default());
        }
        Ok(Value::text(out))
    }

    fn partition(&mut self, text: &Text<'a>, method: Method, args: &[Value<'a>]) -> Eval<Value<'a>> {
        let separator = text_of(method, one(method, args)?)?;
        if separator.is_empty() {
            return Err(bad_value("text cannot be parted at nothing"));
        }
        let whole = text.as_str();
        let found = if method == Method::Partition { whole.find(separator) } else { whole.rfind(separator) };
        let (a, b) = match found {
            Some(at) => (at, at + separator.len()),
            None if method == Method::Partition => (whole.len(), whole.len()),
            None => (0, 0),
        };
        let parts = [(0, a), (a, b), (b, whole.len())];
        self.tuple(parts.into_iter().map(|(start, end)| Value::Str(text.part(start, end))).collect())
    }

    fn pad(&mut self, text: &Text<'a>, method: Method, args: &[Value<'a>]) -> Eval<Value<'a>> {
        at_most(method, args, 2)?;
        let width = args.first().and_then(Value::as_int).ok_or_else(|| wrong_type("a width is a whole number"))?;
        let fill = match args.get(1) {
            Some(fill) if method != Method::Zfill => text_of(method, fill)?,
            _ => " ",
        };
        let mut letters = fill.chars();
        let (Some(fill), None) = (letters.next(), letters.next()) else {
            return Err(wrong_type("the filling is one character"));
        };
        let length = self.length_of(text)?;
        let missing = usize::try_from(width).unwrap_or(0).saturating_sub(length);
        if missing == 0 {
            return Ok(Value::Str(text.clone()));
        }
        self.budget.steps(missing / 16)?;
        self.budget.bytes(missing.saturating_mul(4).saturating_add(text.as_str().len() + 48))?;
        let run = |count: usize, fill: char| std::iter::repeat_n(fill, count).collect::<String>();
        let whole = text.as_str();
        Ok(Value::text(match method {
            Method::Ljust => format!("{whole}{}", run(missing, fill)),
            Method::Rjust => format!("{}{whole}", run(missing, fill)),
            Method::Center => {
                // CPython puts the odd one on the left where the width is odd.
                let left = missing / 2 + (missing & (length + missing) & 1);
                format!("{}{whole}{}", run(left, fill), run(missing - left, fill))
            }
            _ => {
                let sign = usize::from(whole.starts_with(['+', '-']));
                format!("{}{}{}", &whole[..sign], run(missing, '0'), &whole[sign..])
            }
        }))
    }
}

/// The text of an argument.
pub(super) fn text_of<'v>(method: Method, value: &'v Value) -> Eval<&'v str> {
    value.as_str().ok_or_else(|| wrong_type(format!("{}() needs text, not {}", method.name(), value.a())))
}

/// Lower case as `str.lower` makes it.
pub(crate) fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            // The form of a sigma depends on the letters around it, which the whole conversion knows.
            'Σ' => return text.to_lowercase(),
            c if c.is_ascii() => out.push(c.to_ascii_lowercase()),
            '가'..='힣' | '一'..='鿿' => out.push(c),
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// Lower-case and folded as it is, certainly; other characters may be so too.
fn has_no_case(c: char) -> bool {
    c.is_ascii() && !c.is_ascii_uppercase() || matches!(c, '가'..='힣' | '一'..='鿿')
}

fn capitalize(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for (at, c) in chars.iter().enumerate() {
        if at == 0 { chars::title(*c, &mut out) } else { chars::lower_at(&chars, at, &mut out) }
    }
    out
}

fn title(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for (at, c) in chars.iter().enumerate() {
        if inside {
            chars::lower_at(&chars, at, &mut out)
        } else {
            chars::title(*c, &mut out)
        }
        inside = is_cased(*c);
    }
    out
}

fn swap_case(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for (at, c) in chars.iter().enumerate() {
        if c.is_uppercase() {
            chars::lower_at(&chars, at, &mut out);
        } else if c.is_lowercase() {
            out.extend(c.to_uppercase());
        } else {
            out.push(*c);
        }
    }
    out
}

/// The methods that ask something of every character; `None` for other methods.
fn asks(text: &str, method: Method) -> Option<bool> {
    let all = |test: fn(char) -> bool| !text.is_empty() && text.chars().all(test);
    Some(match method {
        Method::Isdigit => all(chars::is_digit),
        Method::Isdecimal => all(chars::is_decimal),
        Method::Isnumeric => all(chars::is_numeric),
        Method::Isalpha => all(chars::is_alpha),
        Method::Isalnum => all(|c| chars::is_alpha(c) || chars::is_digit(c) || chars::is_numeric(c)),
        Method::Isspace => all(is_space),
        Method::Isascii => text.is_ascii(),
        Method::Isprintable => text.chars().all(chars::is_printable),
        Method::Isupper => {
            text.chars().any(char::is_uppercase) && !text.chars().any(|c| c.is_lowercase() || chars::is_title(c))
        }
        Method::Islower => {
            text.chars().any(char::is_lowercase) && !text.chars().any(|c| c.is_uppercase() || chars::is_title(c))
        }
        Method::Istitle => is_titled(text),
        _ => return None,
    })
}

fn is_titled(text: &str) -> bool {
    let (mut cased, mut inside) = (false, false);
    for c in text.chars() {
        if c.is_uppercase() || chars::is_title(c) {
            if inside {
                return false;
            }
            (cased, inside) = (true, true);
        } else if c.is_lowercase() {
            if !inside {
                return false;
            }
            cased = true;
        } else {
            inside = false;
        }
    }
    cased
}

/// The words of a text, as `split()` finds them.
fn words(text: &str, most: usize) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let start = at + (rest.len() - rest.trim_start_matches(is_space).len());
        if start == text.len() {
            return out;
        }
        if out.len() >= most {
            out.push((start, text.len()));
            return out;
        }
        let end = text[start..].find(is_space).map_or(text.len(), |length| start + length);
        out.push((start, end));
        at = end;
    }
}

/// The same from the end.
fn words_back(text: &str, most: usize) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_end_matches(is_space);
        if rest.is_empty() {
            break;
        }
        if out.len() >= most {
            out.push((0, rest.len()));
            break;
        }
        let word = rest.rsplit(is_space).next().unwrap_or(rest);
        out.push((rest.len() - word.len(), rest.len()));
        rest = &rest[..rest.len() - word.len()];
    }
    out.reverse();
    out
}

fn pieces(text: &str, separator: &str, most: usize) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(separator).take(most) {
        out.push((start, at));
        start = at + separator.len();
    }
    out.push((start, text.len()));
    out
}

fn pieces_back(text: &str, separator: &str, most: usize) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut end = text.len();
    for (at, _) in text.rmatch_indices(separator).take(most) {
        out.push((at + separator.len(), end));
        end = at;
    }
    out.push((0, end));
    out.reverse();
    out
}
