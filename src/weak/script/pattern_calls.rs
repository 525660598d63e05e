//! The functions of `re`, and the methods of patterns and matches.

use std::rc::Rc;

use super::budget::{Eval, Raise, Sort, bad_value, wrong_type};
use super::builtins::{Builtin, Method};
use super::call::Keywords;
use super::iterate::Iter;
use super::machine::Machine;
use super::methods::{at_most, none};
use super::regexes::{Groups, LocalPattern, Reach, Speed};
use super::value::{Found, Id, Object, Text, Value};

impl<'a> Machine<'a> {
    /// Calls a function of `re`.
    pub(super) fn re_function(
        &mut self,
        builtin: Builtin,
        args: &[Value<'a>],
        keywords: Keywords<'_, 'a>,
    ) -> Eval<Value<'a>> {
        let Some((first, rest)) = args.split_first() else {
            return Err(wrong_type(format!("{}() takes a pattern", builtin.name())));
        };
        if builtin == Builtin::ReEscape {
            let text = first.as_str().ok_or_else(|| wrong_type("re.escape() needs text"))?;
            self.budget.bytes(text.len() * 2)?;
            return Ok(Value::text(escape(text)));
        }
        let (method, flags_at) = match builtin {
            Builtin::ReCompile => (None, 0),
            Builtin::ReMatch => (Some(Method::Match), 1),
            Builtin::ReFullmatch => (Some(Method::Fullmatch), 1),
            Builtin::ReFindall => (Some(Method::Findall), 1),
            Builtin::ReFinditer => (Some(Method::Finditer), 1),
            Builtin::ReSplit => (Some(Method::Split), 2),
            Builtin::ReSub => (Some(Method::Sub), 3),
            Builtin::ReSubn => (Some(Method::Subn), 3),
            _ => (Some(Method::Search), 1),
        };
        let named = keywords.iter().find(|(name, _)| *name == "flags").map(|(_, value)| value);
        let flags = named.or_else(|| rest.get(flags_at)).map_or(Some(0), Value::as_int);
        let flags = flags.ok_or_else(|| wrong_type("flags are re.I, re.M and their like"))?;
        let pattern = self.pattern_of(first, flags)?;
        match method {
            None => Ok(Value::Pattern(self.object(Object::Pattern(pattern))?)),
            Some(method) => {
                let rest = rest.get(..rest.len().min(flags_at)).unwrap_or_default();
                let keywords: Vec<_> = keywords.iter().filter(|(name, _)| *name != "flags").cloned().collect();
                self.apply_pattern(pattern, method, rest, &keywords)
            }
        }
    }

    fn pattern_of(&mut self, value: &Value<'a>, flags: i64) -> Eval<Rc<LocalPattern>> {
        match value {
            Value::Str(source) => self.pattern(source, flags),
            Value::Pattern(id) if flags == 0 => match self.heap.get(*id) {
                Some(Object::Pattern(pattern)) => Ok(pattern.clone()),
                _ => Err(wrong_type("this pattern is gone")),
            },
            Value::Pattern(_) => Err(bad_value("a compiled pattern has its flags already")),
            other => Err(wrong_type(format!("a pattern is text, not {}", other.a()))),
        }
    }

    /// Calls a method of a pattern.
    pub(super) fn pattern_method(
        &mut self,
        id: Id,
        method: Method,
        args: &[Value<'a>],
        keywords: Keywords<'_, 'a>,
    ) -> Eval<Option<Value<'a>>> {
        let Some(Object::Pattern(pattern)) = self.heap.get(id) else { return Ok(None) };
        let pattern = pattern.clone();
        match method {
            Method::Search | Method::Match | Method::Fullmatch | Method::Findall | Method::Finditer => {
                at_most(method, args, 1)?;
                self.apply_pattern(pattern, method, args, keywords).map(Some)
            }
            Method::Split | Method::Sub | Method::Subn => self.apply_pattern(pattern, method, args, keywords).map(Some),
            _ => Ok(None),
        }
    }

    fn apply_pattern(
        &mut self,
        pattern: Rc<LocalPattern>,
        method: Method,
        args: &[Value<'a>],
        keywords: Keywords<'_, 'a>,
    ) -> Eval<Value<'a>> {
        let count_name = if method == Method::Split { "maxsplit" } else { "count" };
        if let Some((name, _)) = keywords.iter().find(|(name, _)| *name != count_name) {
            return Err(wrong_type(format!("{}() has no argument `{name}`", method.name())));
        }
        let text_at = usize::from(matches!(method, Method::Sub | Method::Subn));
        let Some(Value::Str(text)) = args.get(text_at) else {
            let got = args.get(text_at).map_or("nothing", Value::a);
            let help = if matches!(args.get(text_at), Some(Value::None)) { "; test `is not None` first" } else { "" };
            return Err(wrong_type(format!("{}() looks into text, not into {got}{help}", method.name())));
        };
        let text = text.clone();
        let count = args.get(text_at + 1).or(keywords.first().map(|(_, value)| value)).map_or(Some(0), Value::as_int);
        let count = count.ok_or_else(|| wrong_type("a count is a whole number"))?;
        let count = usize::try_from(count).ok().filter(|count| *count > 0).unwrap_or(usize::MAX);
        match method {
            Method::Search | Method::Match | Method::Fullmatch => {
                let reach = match method {
                    Method::Search => Reach::Search,
                    Method::Match => Reach::Match,
                    _ => Reach::Full,
                };
                self.charge(&pattern, text.as_str().len())?;
                match pattern.groups(reach, text.as_str(), 0)? {
                    None => Ok(Value::None),
                    Some(groups) => {
                        self.budget.bytes(groups.len() * 24)?;
                        Ok(Value::Match(self.object(Object::Match(Found { pattern, text, groups }))?))
                    }
                }
            }
            Method::Finditer => self.iterator(Iter::Matches(pattern, text, 0)),
            Method::Findall => self.find_all(&pattern, &text),
            Method::Split => self.split_at(&pattern, &text, count),
            _ => self.substitute(&pattern, method, args, &text, count),
        }
    }

    /// Charges for a search through so many bytes.
    fn charge(&mut self, pattern: &LocalPattern, bytes: usize) -> Eval<()> {
        let steps = if pattern.shared.speed() == Speed::Linear { 5 + bytes / 16 } else { 200 + bytes };
        self.budget.steps(steps)
    }

    /// The next match at or after a byte, and the byte to go on from; the end of the text has one place more, so that
    /// an empty match there is found once.
    pub(super) fn next_match(
        &mut self,
        pattern: &LocalPattern,
        text: &str,
        from: usize,
    ) -> Eval<Option<(Groups, usize)>> {
        if from > text.len() {
            return Ok(None);
        }
        self.charge(pattern, text.len() - from)?;
        let Some(groups) = pattern.groups(Reach::Search, text, from)? else { return Ok(None) };
        let (start, end) = groups.first().copied().flatten().unwrap_or((from, from));
        let next = if start == end {
            let step = text.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
            end + step
        } else {
            end
        };
        Ok(Some((groups, next)))
    }

    fn find_all(&mut self, pattern: &LocalPattern, text: &Text<'a>) -> Eval<Value<'a>> {
        let (mut from, mut out) = (0, Vec::new());
        while let Some((groups, next)) = self.next_match(pattern, text.as_str(), from)? {
            from = next;
            self.budget.bytes(24)?;
            let group = |at: usize| {
                let (start, end) = groups.get(at).copied().flatten().unwrap_or((0, 0));
                Value::Str(text.part(start, end))
            };
            out.push(match groups.len() {
                1 => group(0),
                2 => group(1),
                more => {
                    let parts = (1..more).map(group).collect();
                    self.tuple(parts)?
                }
            });
        }
        self.list(out)
    }

    fn split_at(&mut self, pattern: &LocalPattern, text: &Text<'a>, count: usize) -> Eval<Value<'a>> {
        let (mut from, mut last, mut out) = (0, 0, Vec::new());
        let mut splits = 0;
        while splits < count {
            let Some((groups, next)) = self.next_match(pattern, text.as_str(), from)? else { break };
            from = next;
            splits += 1;
            let (start, end) = groups.first().copied().flatten().unwrap_or((0, 0));
            self.budget.bytes(24 * groups.len())?;
            out.push(Value::Str(text.part(last, start)));
            last = end;
            for group in groups.iter().skip(1) {
                out.push(group.map_or(Value::None, |(start, end)| Value::Str(text.part(start, end))));
            }
        }
        out.push(Value::Str(text.part(last, text.as_str().len())));
        self.list(out)
    }

    fn substitute(
        &mut self,
        pattern: &Rc<LocalPattern>,
        method: Method,
        args: &[Value<'a>],
        text: &Text<'a>,
        count: usize,
    ) -> Eval<Value<'a>> {
        let Some(by) = args.first() else { return Err(wrong_type("sub() takes what to put in")) };
        let template = by.as_str().map(|template| Template::parse(template, pattern)).transpose()?;
        let (mut from, mut last, mut done, mut out) = (0, 0, 0, String::new());
        while done < count {
            let Some((groups, next)) = self.next_match(pattern, text.as_str(), from)? else { break };
            from = next;
            done += 1;
            let (start, end) = groups.first().copied().flatten().unwrap_or((0, 0));
            let before = text.as_str().get(last..start).unwrap_or_default();
            last = end;
            let new = match &template {
                Some(template) => {
                    let size = template.size(&groups);
                    self.budget.steps(size / 16)?;
                    self.budget.bytes(size)?;
                    template.fill(text.as_str(), &groups)
                }
                None => {
                    let found = Found { pattern: pattern.clone(), text: text.clone(), groups };
                    let found = Value::Match(self.object(Object::Match(found))?);
                    let new = self.call(by, &[found], &[], 0)?;
                    let new = new.as_str().ok_or_else(|| wrong_type("the function given to sub() must return text"))?;
                    new.to_owned()
                }
            };
            self.budget.bytes(before.len() + new.len())?;
            out.push_str(before);
            out.push_str(&new);
        }
        if done == 0 && method == Method::Sub {
            return Ok(Value::Str(text.clone()));
        }
        let rest = text.as_str().get(last..).unwrap_or_default();
        self.budget.bytes(rest.len())?;
        out.push_str(rest);
        if method == Method::Sub {
            return Ok(Value::text(out));
        }
        self.tuple(vec![Value::text(out), Value::Int(done as i64)])
    }

    /// Calls a method of a match.
    pub(super) fn match_method(&mut self, id: Id, method: Method, args: &[Value<'a>]) -> Eval<Option<Value<'a>>> {
        let Some(Object::Match(found)) = self.heap.get(id) else { return Ok(None) };
        let found = found.clone();
        let text_of = |group: Option<(usize, usize)>, default: &Value<'a>| {
            group.map_or_else(|| default.clone(), |(start, end)| Value::Str(found.text.part(start, end)))
        };
        match method {
            Method::Group => match args {
                [] => Ok(Some(text_of(found.group(&Value::Int(0))?, &Value::None))),
                [which] => Ok(Some(text_of(found.group(which)?, &Value::None))),
                more => {
                    let groups = more.iter().map(|which| found.group(which).map(|group| text_of(group, &Value::None)));
                    let groups = groups.collect::<Eval<Vec<_>>>()?;
                    self.tuple(groups).map(Some)
                }
            },
            Method::Groups => {
                at_most(method, args, 1)?;
                let default = args.first().cloned().unwrap_or(Value::None);
                let groups = found.groups.iter().skip(1).map(|group| text_of(*group, &default)).collect();
                self.tuple(groups).map(Some)
            }
            Method::Groupdict => {
                none(method, args)?;
                let mut pairs = Vec::new();
                for (at, name) in found.pattern.shared.names.iter().enumerate() {
                    if let Some(name) = name {
                        let value = text_of(found.groups.get(at).copied().flatten(), &Value::None);
                        let name = self.text(name.clone())?;
                        pairs.push(self.tuple(vec![name, value])?);
                    }
                }
                let pairs = self.list(pairs)?;
                self.convert(super::builtins::Type::Dict, &[pairs], &[]).map(Some)
            }
            Method::Start | Method::End | Method::Span => {
                at_most(method, args, 1)?;
                let group = found.group(args.first().unwrap_or(&Value::Int(0)))?;
                let text = found.text.as_str();
                self.budget.steps(text.len() / 16)?;
                let position = |byte: usize| {
                    let before = text.get(..byte).unwrap_or_default();
                    if before.is_ascii() { byte as i64 } else { before.chars().count() as i64 }
                };
                let (start, end) = group.map_or((-1, -1), |(start, end)| (position(start), position(end)));
                Ok(Some(match method {
                    Method::Start => Value::Int(start),
                    Method::End => Value::Int(end),
                    _ => self.tuple(vec![Value::Int(start), Value::Int(end)])?,
                }))
            }
            _ => Ok(None),
        }
    }
}

impl<'a> Found<'a> {
    /// The byte range of a group given by number or name; `None` if it took no part in the match.
    fn group(&self, which: &Value<'a>) -> Eval<Option<(usize, usize)>> {
        let at = match which {
            Value::Str(name) => {
                let name = name.as_str();
                self.pattern.shared.names.iter().position(|given| given.as_deref() == Some(name))
            }
            value => value.as_int().and_then(|at| usize::try_from(at).ok()),
        };
        match at.and_then(|at| self.groups.get(at)) {
            Some(group) => Ok(*group),
            None => Err(Raise::new(Sort::Index, "the pattern has no such group")),
        }
    }
}

/// The replacement of `re.sub`, taken apart.
struct Template {
    parts: Vec<(String, Option<usize>)>,
}

impl Template {
    fn parse(template: &str, pattern: &LocalPattern) -> Eval<Self> {
        let names = &pattern.shared.names;
        let group = |at: Option<usize>| {
            at.filter(|at| *at < names.len())
                .ok_or_else(|| bad_value("the replacement names a group that is not there"))
        };
        let (mut parts, mut text) = (Vec::new(), String::new());
        let mut rest = template.chars().peekable();
        while let Some(c) = rest.next() {
            if c != '\\' {
                text.push(c);
                continue;
            }
            match rest.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some('f') => text.push('\u{c}'),
                Some('v') => text.push('\u{b}'),
                Some('a') => text.push('\u{7}'),
                Some('b') => text.push('\u{8}'),
                Some('0') => text.push('\0'),
                Some('\\') => text.push('\\'),
                Some('g') => {
                    let inside: String = rest.by_ref().skip(1).take_while(|c| *c != '>').collect();
                    let named = names.iter().position(|name| name.as_deref() == Some(&inside));
                    let at = group(inside.parse().ok().or(named))?;
                    parts.push((std::mem::take(&mut text), Some(at)));
                }
                Some(digit) if digit.is_ascii_digit() => {
                    let mut number = String::from(digit);
                    number.extend(rest.next_if(char::is_ascii_digit));
                    let at = group(number.parse().ok())?;
                    parts.push((std::mem::take(&mut text), Some(at)));
                }
                Some(letter) if letter.is_ascii_alphabetic() => {
                    return Err(bad_value(format!("\\{letter} is not known in a replacement")));
                }
                Some(other) => {
                    text.push('\\');
                    text.push(other);
                }
                None => return Err(bad_value("a backslash stands at the end of the replacement")),
            }
        }
        parts.push((text, None));
        Ok(Self { parts })
    }

    /// The bytes that [`Self::fill`] will make.
    fn size(&self, groups: &Groups) -> usize {
        let group = |at: usize| groups.get(at).copied().flatten().map_or(0, |(start, end)| end - start);
        self.parts.iter().map(|(before, at)| before.len() + at.map_or(0, group)).sum()
    }

    fn fill(&self, text: &str, groups: &Groups) -> String {
        let mut out = String::with_capacity(self.size(groups));
        for (before, group) in &self.parts {
            out.push_str(before);
            let range = group.and_then(|at| groups.get(at).copied().flatten());
            out.push_str(range.and_then(|(start, end)| text.get(start..end)).unwrap_or_default());
        }
        out
    }
}

/// `re.escape`: what could mean something in a pattern, with a backslash.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if "()[]{}?*+-|^$\\.&~# \t\n\r\u{b}\u{c}".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
