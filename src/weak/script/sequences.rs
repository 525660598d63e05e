//! Indexing and slicing: by code point in text, from the end with negative indices, with steps.

use super::budget::{Eval, Raise, Sort, bad_value, wrong_type};
use super::machine::Machine;
use super::value::{Object, Text, Value};

impl<'a> Machine<'a> {
    /// `object[index]`.
    pub(super) fn index(&mut self, object: &Value<'a>, index: &Value<'a>) -> Eval<Value<'a>> {
        match object {
            Value::Row => match index.as_str() {
                Some(name) => self.column(name),
                None => Err(wrong_type("the row is read by the name of a column, as x[\"text\"]")),
            },
            Value::Dict(id) => {
                let key = self.key(index)?;
                match self.heap.table(*id).and_then(|table| table.get(&key)) {
                    Some(entry) => Ok(entry.2.clone()),
                    None => {
                        let shown = self.repr(index)?;
                        Err(Raise::new(Sort::Key, "the dict has no such key; use get(key, default)").detail(&shown))
                    }
                }
            }
            Value::List(id) | Value::Tuple(id) => {
                let items = self.heap.items(*id);
                let at = place(int_of(index)?, items.len())?;
                items.get(at).cloned().ok_or_else(outside)
            }
            Value::Str(text) => {
                let wanted = int_of(index)?;
                let length = self.length_of(text)?;
                let at = place(wanted, length)?;
                let start = byte_of(text.as_str(), at);
                let end = text.as_str().get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
                Ok(Value::Str(text.part(start, start + end)))
            }
            Value::Range(id) => {
                let range = self.heap.range(*id);
                let length = usize::try_from(super::iterate::range_length(range)).unwrap_or(usize::MAX);
                let at = place(int_of(index)?, length)?;
                Ok(Value::Int(range.0.wrapping_add(range.2.wrapping_mul(at as i64))))
            }
            Value::Match(_) => self.method(object, super::builtins::Method::Group, std::slice::from_ref(index), &[]),
            Value::None => Err(wrong_type("a missing value (None) has no parts; test `is not None` first")),
            other => Err(wrong_type(format!("{} has no parts that [ ] could read", other.a()))),
        }
    }

    /// `object[lower:upper:step]`.
    pub(super) fn slice(&mut self, object: &Value<'a>, bounds: &[Option<Value<'a>>; 3]) -> Eval<Value<'a>> {
        let bound = |value: &Option<Value<'a>>| match value {
            None | Some(Value::None) => Ok(None),
            Some(value) => value
                .as_int()
                .map(Some)
                .ok_or_else(|| wrong_type(format!("a slice has whole numbers as bounds, not {}", value.a()))),
        };
        let (lower, upper, step) = (bound(&bounds[0])?, bound(&bounds[1])?, bound(&bounds[2])?.unwrap_or(1));
        if step == 0 {
            return Err(bad_value("the step of a slice cannot be zero"));
        }
        match object {
            Value::Str(text) => self.slice_text(text, lower, upper, step),
            Value::List(id) | Value::Tuple(id) => {
                let items = self.heap.items(*id);
                let (start, count) = span(lower, upper, step, items.len());
                let at = |n: usize| usize::try_from(start + n as i64 * step).unwrap_or(usize::MAX);
                let part: Vec<_> = (0..count).filter_map(|n| items.get(at(n)).cloned()).collect();
                self.budget.steps(count)?;
                if matches!(object, Value::List(_)) { self.list(part) } else { self.tuple(part) }
            }
            Value::None => Err(wrong_type("a missing value (None) has no parts; test `is not None` first")),
            other => Err(wrong_type(format!("{} cannot be sliced", other.a()))),
        }
    }

    fn slice_text(&mut self, text: &Text<'a>, lower: Option<i64>, upper: Option<i64>, step: i64) -> Eval<Value<'a>> {
        let length = self.length_of(text)?;
        let (start, count) = span(lower, upper, step, length);
        let first = usize::try_from(start).unwrap_or(0);
        if step == 1 {
            let from = byte_of(text.as_str(), first);
            let rest = text.as_str().get(from..).unwrap_or_default();
            return Ok(Value::Str(text.part(from, from + byte_of(rest, count))));
        }
        self.budget.steps(length)?;
        self.budget.bytes(length * 4)?;
        let chars: Vec<char> = text.as_str().chars().collect();
        let at = |n: usize| usize::try_from(start + n as i64 * step).unwrap_or(usize::MAX);
        let part: String = (0..count).filter_map(|n| chars.get(at(n))).collect();
        self.text(part)
    }

    /// The number of code points of a text.
    pub(super) fn length_of(&mut self, text: &Text<'a>) -> Eval<usize> {
        let text = text.as_str();
        self.budget.steps(text.len() / 32)?;
        Ok(if text.is_ascii() { text.len() } else { text.chars().count() })
    }

    /// `object[index] = value`.
    pub(super) fn set_index(&mut self, object: &Value<'a>, index: &Value<'a>, value: Value<'a>) -> Eval<()> {
        match object {
            Value::Dict(id) => {
                let key = self.key(index)?;
                self.budget.bytes(96)?;
                self.heap.table_mut(*id)?.insert(key, index.clone(), value);
                Ok(())
            }
            Value::List(id) => {
                let at = place(int_of(index)?, self.heap.items(*id).len())?;
                match self.heap.list_mut(*id)?.get_mut(at) {
                    Some(place) => {
                        *place = value;
                        Ok(())
                    }
                    None => Err(outside()),
                }
            }
            Value::Row => Err(wrong_type("the fields of a row cannot be changed")),
            other => Err(wrong_type(format!("the parts of {} cannot be changed", other.a()))),
        }
    }

    /// `del object[index]`.
    pub(super) fn delete_index(&mut self, object: &Value<'a>, index: &Value<'a>) -> Eval<()> {
        match object {
            Value::Dict(id) => {
                let key = self.key(index)?;
                self.budget.steps(self.heap.table(*id).map_or(0, |table| table.len()))?;
                match self.heap.table_mut(*id)?.remove(&key) {
                    Some(_) => Ok(()),
                    None => Err(Raise::new(Sort::Key, "the dict has no such key")),
                }
            }
            Value::List(id) => {
                let length = self.heap.items(*id).len();
                let at = place(int_of(index)?, length)?;
                self.budget.steps(length)?;
                self.heap.list_mut(*id)?.remove(at);
                Ok(())
            }
            other => Err(wrong_type(format!("nothing can be deleted from {}", other.a()))),
        }
    }

    /// The items of a list, to be replaced whole.
    pub(super) fn replace_items(&mut self, id: super::value::Id, items: Vec<Value<'a>>) -> Eval<()> {
        *self.heap.get_mut(id)? = Object::List(items);
        Ok(())
    }
}

fn int_of(value: &Value) -> Eval<i64> {
    value.as_int().ok_or_else(|| wrong_type(format!("a position is a whole number, not {}", value.a())))
}

#[cold]
fn outside() -> Box<Raise> {
    Raise::new(Sort::Index, "there is no such position")
}

/// A position from an index that may count from the end.
fn place(index: i64, length: usize) -> Eval<usize> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let at = if index < 0 { index.saturating_add(length) } else { index };
    if (0..length).contains(&at) { Ok(at as usize) } else { Err(outside()) }
}

/// The byte at which the code point `at` begins, or the end.
pub(super) fn byte_of(text: &str, at: usize) -> usize {
    if text.is_ascii() {
        return at.min(text.len());
    }
    text.char_indices().nth(at).map_or(text.len(), |(byte, _)| byte)
}

/// First position and number of elements of a slice, as `slice.indices` gives them.
pub(super) fn span(lower: Option<i64>, upper: Option<i64>, step: i64, length: usize) -> (i64, usize) {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let (least, most) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let clamp = |bound: i64| {
        let bound = if bound < 0 { bound.saturating_add(length) } else { bound };
        bound.clamp(least, most)
    };
    let start = lower.map_or(if step > 0 { least } else { most }, clamp);
    let stop = upper.map_or(if step > 0 { most } else { least }, clamp);
    let count = super::iterate::range_length((start, stop, step));
    (start, usize::try_from(count).unwrap_or(usize::MAX))
}
