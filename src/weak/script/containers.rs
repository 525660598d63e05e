//! Methods of lists, tuples, dicts and sets; sorting.

use super::budget::{Eval, Raise, Sort, bad_value, wrong_type};
use super::builtins::Method;
use super::call::Keywords;
use super::machine::Machine;
use super::methods::{at_most, none, one};
use super::tree::{Binary, Compare};
use super::value::{Id, Object, Table, Value};

impl<'a> Machine<'a> {
    /// Calls a method of a list; `None` if lists have no such method.
    pub(super) fn list_method(
        &mut self,
        id: Id,
        method: Method,
        args: &[Value<'a>],
        keywords: Keywords<'_, 'a>,
    ) -> Eval<Option<Value<'a>>> {
        let length = self.heap.items(id).len();
        match method {
            Method::Append => {
                let item = one(method, args)?.clone();
                self.budget.bytes(24)?;
                self.heap.list_mut(id)?.push(item);
            }
            Method::Extend => {
                let items = self.collect(one(method, args)?)?;
                self.budget.bytes(items.len() * 24)?;
                self.heap.list_mut(id)?.extend(items);
            }
            Method::Insert => {
                let [at, item] = args else { return Err(wrong_type("insert() takes a position and a value")) };
                let at = at.as_int().ok_or_else(|| wrong_type("a position is a whole number"))?;
                let (at, _) = super::sequences::span(Some(at), None, 1, length);
                self.budget.steps(length / 8)?;
                self.budget.bytes(24)?;
                self.heap.list_mut(id)?.insert(usize::try_from(at).unwrap_or(0), item.clone());
            }
            Method::Pop => {
                at_most(method, args, 1)?;
                let at = args
                    .first()
                    .map_or(Ok(-1), |at| at.as_int().ok_or_else(|| wrong_type("a position is a whole number")))?;
                let at = if at < 0 { at.saturating_add(length as i64) } else { at };
                let place = usize::try_from(at).ok().filter(|at| *at < length);
                let Some(at) = place else { return Err(Raise::new(Sort::Index, "there is no such position to pop")) };
                self.budget.steps((length - at) / 8)?;
                return Ok(Some(self.heap.list_mut(id)?.remove(at)));
            }
            Method::Remove => {
                let Some(at) = self.position(id, one(method, args)?)? else {
                    return Err(bad_value("the list has no such value"));
                };
                self.heap.list_mut(id)?.remove(at);
            }
            Method::Clear => self.heap.list_mut(id)?.clear(),
            Method::Reverse => {
                self.budget.steps(length / 4)?;
                self.heap.list_mut(id)?.reverse();
            }
            Method::Copy => {
                none(method, args)?;
                let items = self.heap.items(id).to_vec();
                return self.list(items).map(Some);
            }
            Method::Sort => {
                let items = self.heap.items(id).to_vec();
                let sorted = self.sorted(items, keywords)?;
                self.replace_items(id, sorted)?;
            }
            Method::Index | Method::Count => return self.tuple_method(id, method, args),
            _ => return Ok(None),
        }
        Ok(Some(Value::None))
    }

    /// Calls a method of a tuple, which lists have too.
    pub(super) fn tuple_method(&mut self, id: Id, method: Method, args: &[Value<'a>]) -> Eval<Option<Value<'a>>> {
        match method {
            Method::Index => match self.position(id, one(method, args)?)? {
                Some(at) => Ok(Some(Value::Int(at as i64))),
                None => Err(bad_value("there is no such value; test with `in` first")),
            },
            Method::Count => {
                let wanted = one(method, args)?;
                let mut count = 0;
                for item in self.heap.items(id).to_vec() {
                    self.budget.steps(1)?;
                    count += i64::from(self.equal(&item, wanted)?);
                }
                Ok(Some(Value::Int(count)))
            }
            _ => Ok(None),
        }
    }

    fn position(&mut self, id: Id, wanted: &Value<'a>) -> Eval<Option<usize>> {
        let mut at = 0;
        while let Some(item) = self.heap.items(id).get(at).cloned() {
            self.budget.steps(1)?;
            if self.equal(&item, wanted)? {
                return Ok(Some(at));
            }
            at += 1;
        }
        Ok(None)
    }

    /// Values in ascending order, stably; `key` and `reverse` as in `sorted`.
    pub(super) fn sorted(&mut self, items: Vec<Value<'a>>, keywords: Keywords<'_, 'a>) -> Eval<Vec<Value<'a>>> {
        let mut key = None;
        let mut reverse = false;
        for (name, value) in keywords {
            match *name {
                "key" if matches!(value, Value::None) => {}
                "key" => key = Some(value.clone()),
                "reverse" => reverse = self.truth(value),
                other => return Err(wrong_type(format!("sorting has no argument `{other}`"))),
            }
        }
        self.budget.bytes(items.len() * 96)?;
        let mut keyed = Vec::with_capacity(items.len());
        for item in items {
            let by = match &key {
                Some(key) => self.call(key, std::slice::from_ref(&item), &[], 0)?,
                None => item.clone(),
            };
            keyed.push((by, item));
        }
        if reverse {
            // Reversing before and after keeps equal elements in their order.
            keyed.reverse();
        }
        let mut sorted = self.merge_sort(keyed)?;
        if reverse {
            sorted.reverse();
        }
        Ok(sorted.into_iter().map(|(_, item)| item).collect())
    }

    /// A stable sort from the bottom up that asks only `<`, so that any answers do no harm.
    fn merge_sort(&mut self, mut items: Vec<(Value<'a>, Value<'a>)>) -> Eval<Vec<(Value<'a>, Value<'a>)>> {
        let mut width = 1;
        while width < items.len() {
            let mut merged = Vec::with_capacity(items.len());
            let mut run = items.into_iter().peekable();
            while run.peek().is_some() {
                let left: Vec<_> = run.by_ref().take(width).collect();
                let right: Vec<_> = run.by_ref().take(width).collect();
                let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
                while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
                    self.budget.steps(1)?;
                    let (a, b) = (a.0.clone(), b.0.clone());
                    let from_right = self.compare(Compare::Lt, &b, &a)?;
                    merged.extend(if from_right { right.next() } else { left.next() });
                }
                merged.extend(left);
                merged.extend(right);
            }
            items = merged;
            width *= 2;
        }
        Ok(items)
    }

    /// Calls a method of a dict.
    pub(super) fn dict_method(
        &mut self,
        id: Id,
        method: Method,
        args: &[Value<'a>],
        keywords: Keywords<'_, 'a>,
    ) -> Eval<Option<Value<'a>>> {
        let length = self.heap.table(id).map_or(0, Table::len);
        let found = |machine: &mut Self, key: &Value<'a>| -> Eval<Option<Value<'a>>> {
            let key = machine.key(key)?;
            Ok(machine.heap.table(id).and_then(|table| table.get(&key)).map(|entry| entry.2.clone()))
        };
        Ok(Some(match method {
            Method::Get => {
                at_most(method, args, 2)?;
                let Some(key) = args.first() else { return Err(wrong_type("get() takes a key")) };
                found(self, key)?.or_else(|| args.get(1).cloned()).unwrap_or(Value::None)
            }
            Method::Keys | Method::Values | Method::Items => {
                none(method, args)?;
                self.dict_parts(id, method, length)?
            }
            Method::Setdefault => {
                let Some(key) = args.first() else { return Err(wrong_type("setdefault() takes a key")) };
                match found(self, key)? {
                    Some(value) => value,
                    None => {
                        let value = args.get(1).cloned().unwrap_or(Value::None);
                        self.set_index(&Value::Dict(id), key, value.clone())?;
                        value
                    }
                }
            }
            Method::Pop => {
                let Some(key) = args.first() else { return Err(wrong_type("pop() takes a key")) };
                self.budget.steps(length)?;
                let key = self.key(key)?;
                match (self.heap.table_mut(id)?.remove(&key), args.get(1)) {
                    (Some(entry), _) => entry.2,
                    (None, Some(default)) => default.clone(),
                    (None, None) => return Err(Raise::new(Sort::Key, "the dict has no such key")),
                }
            }
            Method::Update => {
                at_most(method, args, 1)?;
                let more = self.convert(super::builtins::Type::Dict, args, keywords)?;
                let entries = match more {
                    Value::Dict(more) => self.heap.table(more).map(|table| table.entries().to_vec()),
                    _ => None,
                };
                let entries = entries.unwrap_or_default();
                self.budget.bytes(entries.len() * 96)?;
                let table = self.heap.table_mut(id)?;
                for (key, given, value) in entries {
                    table.insert(key, given, value);
                }
                Value::None
            }
            Method::Copy => {
                let copy = self.heap.table(id).cloned().unwrap_or_default();
                self.budget.bytes(copy.len() * 96)?;
                Value::Dict(self.object(Object::Table(copy))?)
            }
            Method::Clear => {
                self.heap.table_mut(id)?.clear();
                Value::None
            }
            _ => return Ok(None),
        }))
    }

    /// `keys()`, `values()` or `items()`, as a list: a function cannot tell, except by changing the dict meanwhile.
    fn dict_parts(&mut self, id: Id, method: Method, length: usize) -> Eval<Value<'a>> {
        self.budget.steps(length)?;
        self.budget.bytes(length * 24)?;
        let entries = self.heap.table(id).map(|table| table.entries().to_vec()).unwrap_or_default();
        let mut parts = Vec::with_capacity(length);
        for (_, key, value) in entries {
            parts.push(match method {
                Method::Keys => key,
                Method::Values => value,
                _ => self.tuple(vec![key, value])?,
            });
        }
        self.list(parts)
    }

    /// Calls a method of a set.
    pub(super) fn set_method(&mut self, id: Id, method: Method, args: &[Value<'a>]) -> Eval<Option<Value<'a>>> {
        let length = self.heap.table(id).map_or(0, Table::len);
        match method {
            Method::Add => {
                let item = one(method, args)?;
                let key = self.key(item)?;
                self.budget.bytes(96)?;
                if self.heap.table(id).is_some_and(|table| table.get(&key).is_none()) {
                    self.heap.table_mut(id)?.insert(key, item.clone(), Value::None);
                }
            }
            Method::Discard | Method::Remove => {
                let key = self.key(one(method, args)?)?;
                self.budget.steps(length)?;
                if self.heap.table_mut(id)?.remove(&key).is_none() && method == Method::Remove {
                    return Err(Raise::new(Sort::Key, "the set has no such member"));
                }
            }
            Method::Clear => self.heap.table_mut(id)?.clear(),
            Method::Copy => {
                let copy = self.heap.table(id).cloned().unwrap_or_default();
                self.budget.bytes(copy.len() * 96)?;
                return Ok(Some(Value::Set(self.object(Object::Table(copy))?)));
            }
            Method::Update => {
                for other in args {
                    for item in self.collect(other)? {
                        self.set_method(id, Method::Add, &[item])?;
                    }
                }
            }
            Method::Union | Method::Intersection | Method::Difference | Method::SymmetricDifference => {
                let op = match method {
                    Method::Union => Binary::Or,
                    Method::Intersection => Binary::And,
                    Method::Difference => Binary::Sub,
                    _ => Binary::Xor,
                };
                let mut result = id;
                for other in args {
                    let other = self.as_set(other)?;
                    if let Value::Set(next) = self.set_operation(op, result, other)? {
                        result = next;
                    }
                }
                if result == id {
                    return self.set_method(id, Method::Copy, &[]);
                }
                return Ok(Some(Value::Set(result)));
            }
            Method::Issubset | Method::Issuperset | Method::Isdisjoint => {
                let other = self.as_set(one(method, args)?)?;
                let verdict = match method {
                    Method::Issubset => self.compare(Compare::Le, &Value::Set(id), &Value::Set(other))?,
                    Method::Issuperset => self.compare(Compare::Ge, &Value::Set(id), &Value::Set(other))?,
                    _ => match self.set_operation(Binary::And, id, other)? {
                        Value::Set(shared) => self.heap.table(shared).is_some_and(|table| table.len() == 0),
                        _ => false,
                    },
                };
                return Ok(Some(Value::Bool(verdict)));
            }
            _ => return Ok(None),
        }
        Ok(Some(Value::None))
    }

    fn as_set(&mut self, value: &Value<'a>) -> Eval<Id> {
        if let Value::Set(id) = value {
            return Ok(*id);
        }
        let items = self.collect(value)?;
        match self.set_of(items)? {
            Value::Set(id) => Ok(id),
            _ => Err(wrong_type("this is not a set")),
        }
    }
}
