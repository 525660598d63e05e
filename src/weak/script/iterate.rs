//! Iteration: over containers, over text by code point, over lazy generators.

use super::budget::{Eval, Raise, Sort, wrong_type};
use super::machine::Machine;
use super::tree::{Clause, CodeId, Generator};
use super::value::{Found, Id, Object, Text, Value};
use std::rc::Rc;

/// An iteration under way.
#[derive(Debug, Clone)]
pub(crate) enum Iter<'a> {
    /// Nothing (more).
    Done,
    /// The elements of a list or tuple from a position on.
    Items(Id, usize),
    /// Backwards: the number of elements still to come.
    Reversed(Id, usize),
    /// The code points of a text from a byte on.
    Chars(Text<'a>, usize),
    /// The code points of a text, from the end: the bytes still to come.
    CharsBack(Text<'a>, usize),
    /// next, stop, step
    Range(i64, i64, i64),
    /// The keys of a dict or the members of a set, from a position on; the size at the start.
    Keys(Id, usize, usize),
    /// An iterator that is a value of its own.
    Object(Id),
    Enumerate(Box<Iter<'a>>, i64),
    Zip(Vec<Iter<'a>>),
    Map(Value<'a>, Vec<Iter<'a>>),
    Filter(Value<'a>, Box<Iter<'a>>),
    Generator(Box<Running<'a>>),
    /// Matches of a pattern: pattern, text, next byte (past the end when done).
    Matches(Rc<super::regexes::LocalPattern>, Text<'a>, usize),
    /// An iterator that is at work at this moment.
    Busy,
}

/// A generator expression under way.
#[derive(Debug, Clone)]
pub(crate) struct Running<'a> {
    code: CodeId,
    frame: Vec<Value<'a>>,
    iters: Vec<Iter<'a>>,
}

/// The number of elements of a range.
pub(crate) fn range_length((start, stop, step): (i64, i64, i64)) -> i64 {
    let (start, stop, step) = (i128::from(start), i128::from(stop), i128::from(step));
    let span = if step > 0 { stop - start } else { start - stop };
    if span <= 0 || step == 0 {
        return 0;
    }
    let size = step.abs();
    i64::try_from((span + size - 1) / size).unwrap_or(i64::MAX)
}

impl<'a> Machine<'a> {
    /// Begins an iteration over a value.
    pub(super) fn iter(&mut self, value: &Value<'a>) -> Eval<Iter<'a>> {
        Ok(match value {
            Value::List(id) | Value::Tuple(id) => Iter::Items(*id, 0),
            Value::Str(text) => Iter::Chars(text.clone(), 0),
            Value::Range(id) => {
                let (start, stop, step) = self.heap.range(*id);
                Iter::Range(start, stop, step)
            }
            Value::Dict(id) | Value::Set(id) => Iter::Keys(*id, 0, self.heap.table(*id).map_or(0, |table| table.len())),
            Value::Iterator(id) => Iter::Object(*id),
            Value::None => {
                return Err(wrong_type("a missing value (None) cannot be gone through; test `is not None` first"));
            }
            other => return Err(wrong_type(format!("{} cannot be gone through one by one", other.a()))),
        })
    }

    /// The next element of an iteration, `None` at its end.
    pub(super) fn advance(&mut self, iter: &mut Iter<'a>) -> Eval<Option<Value<'a>>> {
        self.budget.steps(1)?;
        match iter {
            Iter::Done => Ok(None),
            Iter::Items(id, at) => {
                let item = self.heap.items(*id).get(*at).cloned();
                *at += 1;
                Ok(item)
            }
            Iter::Reversed(id, left) => {
                let Some(at) = left.checked_sub(1) else { return Ok(None) };
                *left = at;
                Ok(self.heap.items(*id).get(at).cloned())
            }
            Iter::Chars(text, at) => {
                let Some(c) = text.as_str().get(*at..).and_then(|rest| rest.chars().next()) else { return Ok(None) };
                let part = text.part(*at, *at + c.len_utf8());
                *at += c.len_utf8();
                Ok(Some(Value::Str(part)))
            }
            Iter::CharsBack(text, left) => {
                let Some(c) = text.as_str().get(..*left).and_then(|rest| rest.chars().next_back()) else {
                    return Ok(None);
                };
                let part = text.part(*left - c.len_utf8(), *left);
                *left -= c.len_utf8();
                Ok(Some(Value::Str(part)))
            }
            Iter::Range(next, stop, step) => {
                let now = *next;
                if if *step > 0 { now >= *stop } else { now <= *stop } {
                    return Ok(None);
                }
                *next = now.checked_add(*step).unwrap_or(*stop);
                Ok(Some(Value::Int(now)))
            }
            Iter::Keys(id, at, size) => {
                let table = self.heap.table(*id);
                if table.map_or(0, |table| table.len()) != *size {
                    return Err(Raise::new(Sort::Runtime, "a dict or set changed its size while it was gone through"));
                }
                let key = table.and_then(|table| table.entries().get(*at)).map(|entry| entry.1.clone());
                *at += 1;
                Ok(key)
            }
            other => {
                self.deeper()?;
                let item = self.advance_lazy(other);
                self.back();
                item
            }
        }
    }

    fn advance_lazy(&mut self, iter: &mut Iter<'a>) -> Eval<Option<Value<'a>>> {
        match iter {
            Iter::Object(id) => self.next_of(*id),
            Iter::Enumerate(inner, count) => match self.advance(inner)? {
                Some(item) => {
                    let now = *count;
                    *count += 1;
                    self.tuple(vec![Value::Int(now), item]).map(Some)
                }
                None => Ok(None),
            },
            Iter::Zip(inner) => match self.advance_all(inner)? {
                Some(items) => self.tuple(items).map(Some),
                None => Ok(None),
            },
            Iter::Map(function, inner) => match self.advance_all(inner)? {
                Some(items) => {
                    let function = function.clone();
                    self.call(&function, &items, &[], 0).map(Some)
                }
                None => Ok(None),
            },
            Iter::Filter(function, inner) => {
                let function = function.clone();
                while let Some(item) = self.advance(inner)? {
                    let kept = match &function {
                        Value::None => self.truth(&item),
                        function => {
                            let verdict = self.call(function, std::slice::from_ref(&item), &[], 0)?;
                            self.truth(&verdict)
                        }
                    };
                    if kept {
                        return Ok(Some(item));
                    }
                }
                Ok(None)
            }
            Iter::Generator(running) => self.next_generated(running),
            Iter::Matches(pattern, text, at) => {
                let pattern = pattern.clone();
                let Some((groups, next)) = self.next_match(&pattern, text.as_str(), *at)? else {
                    *iter = Iter::Done;
                    return Ok(None);
                };
                *at = next;
                let found = Found { pattern, text: text.clone(), groups };
                self.budget.bytes(found.groups.len() * 24)?;
                Ok(Some(Value::Match(self.object(Object::Match(found))?)))
            }
            Iter::Busy => Err(wrong_type("an iterator cannot use itself")),
            _ => Ok(None),
        }
    }

    fn advance_all(&mut self, inner: &mut [Iter<'a>]) -> Eval<Option<Vec<Value<'a>>>> {
        let mut items = Vec::with_capacity(inner.len());
        for iter in inner {
            match self.advance(iter)? {
                Some(item) => items.push(item),
                None => return Ok(None),
            }
        }
        Ok((!items.is_empty()).then_some(items))
    }

    /// The next element of an iterator that is a value.
    pub(super) fn next_of(&mut self, id: Id) -> Eval<Option<Value<'a>>> {
        let mut iter = match self.heap.get_mut(id)? {
            Object::Iterator(iter) => std::mem::replace(iter, Iter::Busy),
            _ => return Err(wrong_type("this is not an iterator")),
        };
        let item = self.advance(&mut iter);
        if matches!(item, Ok(None)) {
            iter = Iter::Done;
        }
        if let Ok(Object::Iterator(place)) = self.heap.get_mut(id) {
            *place = iter;
        }
        item
    }

    /// Goes to the next combination of elements for which all tests of a comprehension hold; `false` at the end.
    pub(super) fn next_clause(&mut self, clauses: &'a [Clause], iters: &mut Vec<Iter<'a>>) -> Eval<bool> {
        'next: loop {
            let Some(level) = iters.len().checked_sub(1) else { return Ok(false) };
            let (Some(clause), Some(iter)) = (clauses.get(level), iters.get_mut(level)) else { return Ok(false) };
            let Some(item) = self.advance(iter)? else {
                iters.pop();
                continue;
            };
            self.assign(&clause.target, item)?;
            for test in &clause.tests {
                if !self.test(test)? {
                    continue 'next;
                }
            }
            match clauses.get(level + 1) {
                None => return Ok(true),
                Some(inner) => {
                    let over = self.eval(&inner.iter)?;
                    iters.push(self.iter(&over).map_err(|raise| raise.at(inner.iter.at))?);
                }
            }
        }
    }

    /// Makes a generator; its first iterable is evaluated at once, as in Python.
    pub(super) fn generator(&mut self, generator: &'a Generator) -> Eval<Value<'a>> {
        let over = self.eval(&generator.first)?;
        let first = self.iter(&over).map_err(|raise| raise.at(generator.first.at))?;
        let captures = self.captured(&generator.captures);
        let Some(code) = self.tree.codes.get(generator.code as usize) else { return Ok(Value::None) };
        self.budget.bytes(code.slots as usize * 24)?;
        let mut frame = vec![Value::Unset; code.slots as usize];
        for (slot, cell) in code.free.iter().zip(captures) {
            if let Some(place) = frame.get_mut(*slot as usize) {
                *place = cell;
            }
        }
        let cells = code.generator.as_ref().map_or(&[][..], |comp| &comp.cells);
        for slot in cells {
            let cell = self.object(Object::Cell(Value::Unset))?;
            if let Some(place) = frame.get_mut(*slot as usize) {
                *place = Value::Cell(cell);
            }
        }
        let running = Running { code: generator.code, frame, iters: vec![first] };
        self.iterator(Iter::Generator(Box::new(running)))
    }

    fn next_generated(&mut self, running: &mut Running<'a>) -> Eval<Option<Value<'a>>> {
        let Some(comp) = self.tree.codes.get(running.code as usize).and_then(|code| code.generator.as_ref()) else {
            return Ok(None);
        };
        let Running { frame, iters, .. } = running;
        self.on_frame(frame, |machine| {
            if machine.next_clause(&comp.clauses, iters)? { machine.eval(&comp.element).map(Some) } else { Ok(None) }
        })
    }

    /// An iterator as a value.
    pub(super) fn iterator(&mut self, iter: Iter<'a>) -> Eval<Value<'a>> {
        Ok(Value::Iterator(self.object(Object::Iterator(iter))?))
    }

    /// All elements of a value.
    pub(super) fn collect(&mut self, value: &Value<'a>) -> Eval<Vec<Value<'a>>> {
        if let Value::List(id) | Value::Tuple(id) = value {
            let length = self.heap.items(*id).len();
            self.budget.steps(length / 4)?;
            self.budget.bytes(length * 24)?;
            return Ok(self.heap.items(*id).to_vec());
        }
        let mut iter = self.iter(value)?;
        let mut items = Vec::new();
        while let Some(item) = self.advance(&mut iter)? {
            self.budget.bytes(24)?;
            items.push(item);
        }
        Ok(items)
    }
}
