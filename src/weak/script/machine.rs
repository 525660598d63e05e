//! The evaluator: expressions of a [`Tree`] over one row at a time.

use std::collections::HashMap;
use std::rc::Rc;

use arrow_array::{Array as _, BooleanArray, Float64Array, Int64Array, LargeStringArray, TimestampMicrosecondArray};
use arrow_buffer::BooleanBuffer;

use super::budget::{Budget, CALLS, DEPTH, Eval, Raise, Sort, bad_value, wrong_type};
use super::builtins::{Member, Method, Type, similar};
use super::regexes::{LocalPattern, Patterns};
use super::tree::{Args, Code, Collect, Comp, Const, Expr, Kind, Make, NameId, Piece, Slot, Target, Tree};
use super::value::{Closure, Heap, Id, Object, Table, Text, Value};
use crate::data::{Column, Values};

/// A column as functions read it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Field<'a> {
    /// Text, and where its folded form is the same as its lower-case form.
    Text(&'a LargeStringArray, Option<(&'a LargeStringArray, &'a BooleanBuffer)>),
    Int(&'a Int64Array),
    Float(&'a Float64Array),
    Bool(&'a BooleanArray),
    Time(&'a TimestampMicrosecondArray),
}

impl<'a> Field<'a> {
    /// The field of a column. `folded` says whether to use, and if need be make, the column's folded form.
    pub fn of(column: &'a Column, folded: bool) -> Self {
        match column.values() {
            Values::Text(array) => {
                let lowered = folded.then(|| Some((column.folded()?, column.folded_is_lower()?))).flatten();
                Self::Text(array, lowered)
            }
            Values::Int(array) => Self::Int(array),
            Values::Float(array) => Self::Float(array),
            Values::Bool(array) => Self::Bool(array),
            Values::Time(array) => Self::Time(array),
        }
    }

    fn get(self, row: usize) -> Value<'a> {
        let valid = |array: &dyn arrow_array::Array| row < array.len() && array.is_valid(row);
        match self {
            Self::Text(array, _) if valid(array) => Value::Str(Text::Ref(array.value(row))),
            Self::Int(array) if valid(array) => Value::Int(array.value(row)),
            Self::Float(array) if valid(array) => Value::Float(array.value(row)),
            Self::Bool(array) if valid(array) => Value::Bool(array.value(row)),
            Self::Time(array) if valid(array) => Value::text(crate::data::show_time(array.value(row))),
            _ => Value::None,
        }
    }
}

/// The columns that the functions of a file can read.
#[derive(Debug, Default)]
pub(crate) struct Fields<'a> {
    /// By the number of their name in the tree.
    pub by_id: Vec<Option<Field<'a>>>,
    /// By name.
    pub by_name: HashMap<&'a str, Field<'a>>,
}

/// The evaluator of one thread.
pub(crate) struct Machine<'a> {
    pub(super) tree: &'a Tree,
    pub(crate) heap: Heap<'a>,
    /// Module-level values, by number.
    pub(crate) globals: Vec<Value<'a>>,
    pub(super) budget: Budget,
    fields: Option<&'a Fields<'a>>,
    row: usize,
    stack: Vec<Value<'a>>,
    base: usize,
    depth: u32,
    calls: u32,
    patterns: &'a Patterns,
    local_patterns: HashMap<(usize, usize, i64), Rc<LocalPattern>>,
    by_source: HashMap<(String, i64), Rc<LocalPattern>>,
}

impl<'a> Machine<'a> {
    /// A machine for a tree; `heap` and `globals` hold what module level left behind.
    pub fn new(
        tree: &'a Tree,
        heap: Heap<'a>,
        globals: Vec<Value<'a>>,
        patterns: &'a Patterns,
        budget: Budget,
    ) -> Self {
        Self {
            tree,
            heap,
            globals,
            budget,
            fields: None,
            row: 0,
            stack: Vec::new(),
            base: 0,
            depth: 0,
            calls: 0,
            patterns,
            local_patterns: HashMap::new(),
            by_source: HashMap::new(),
        }
    }

    /// Sets the columns that rows are read from.
    pub fn read(&mut self, fields: &'a Fields<'a>) {
        self.fields = Some(fields);
    }

    /// Goes to a row: everything made for the last one is dropped, the budget is full again.
    pub fn go_to(&mut self, row: usize) {
        self.row = row;
        self.heap.reset();
        self.clear();
    }

    /// Makes ready for the next evaluation without dropping what was made.
    pub fn clear(&mut self) {
        self.budget.refill();
        self.stack.clear();
        (self.base, self.depth, self.calls) = (0, 0, 0);
    }

    /// The steps spent on the row at hand.
    pub fn steps(&self) -> i64 {
        self.budget.spent()
    }

    /// True while module level runs, where functions are declared and no row is at hand.
    pub(super) fn at_module_level(&self) -> bool {
        self.fields.is_none()
    }

    /// Goes one level deeper; every caller comes back by [`Self::back`].
    #[inline]
    pub(super) fn deeper(&mut self) -> Eval<()> {
        if self.depth >= DEPTH {
            return Err(Raise::new(Sort::Limit, "this is nested too deeply, or functions call each other without end"));
        }
        self.depth += 1;
        Ok(())
    }

    /// Comes back from [`Self::deeper`].
    #[inline]
    pub(super) fn back(&mut self) {
        self.depth -= 1;
    }

    /// New text, charged for.
    pub(super) fn text(&mut self, text: String) -> Eval<Value<'a>> {
        self.budget.bytes(text.len() + 48)?;
        Ok(Value::text(text))
    }

    /// A new list, charged for.
    pub(super) fn list(&mut self, items: Vec<Value<'a>>) -> Eval<Value<'a>> {
        self.budget.bytes(items.len() * 24 + 64)?;
        Ok(Value::List(self.heap.add(Object::List(items))))
    }

    /// A new tuple, charged for.
    pub(super) fn tuple(&mut self, items: Vec<Value<'a>>) -> Eval<Value<'a>> {
        self.budget.bytes(items.len() * 24 + 64)?;
        Ok(Value::Tuple(self.heap.add(Object::Tuple(items))))
    }

    /// A new object, charged for as something small.
    pub(super) fn object(&mut self, object: Object<'a>) -> Eval<Id> {
        self.budget.bytes(96)?;
        Ok(self.heap.add(object))
    }

    /// The pattern of a source, compiled once a thread.
    pub(super) fn pattern(&mut self, source: &Text<'a>, flags: i64) -> Eval<Rc<LocalPattern>> {
        // Text of the program keeps its address while it runs, which saves comparing it.
        let place = match source {
            Text::Ref(text) => Some((text.as_ptr() as usize, text.len(), flags)),
            Text::Own(..) => None,
        };
        if let Some(found) = place.and_then(|place| self.local_patterns.get(&place)) {
            return Ok(found.clone());
        }
        let key = (source.as_str().to_owned(), flags);
        self.budget.steps(20 + key.0.len())?;
        let pattern = match self.by_source.get(&key) {
            Some(found) => found.clone(),
            None => {
                self.budget.steps(2000 + 50 * key.0.len())?;
                let shared = self
                    .patterns
                    .get(&key.0, flags)
                    .map_err(|message| bad_value("this pattern cannot be read").detail(&message))?;
                let local = Rc::new(LocalPattern::new(shared));
                if self.by_source.len() < 500 {
                    self.by_source.insert(key, local.clone());
                }
                local
            }
        };
        if let Some(place) = place
            && self.local_patterns.len() < 500
        {
            self.local_patterns.insert(place, pattern.clone());
        }
        Ok(pattern)
    }

    /// Evaluates an expression.
    #[inline]
    pub(crate) fn eval(&mut self, expr: &'a Expr) -> Eval<Value<'a>> {
        self.budget.steps(1).map_err(|raise| raise.at(expr.at))?;
        match &expr.kind {
            Kind::Const(value) => Ok(constant(value)),
            Kind::Local(slot) => match &self.stack[self.base + *slot as usize] {
                Value::Unset => Err(self.unset(*slot).at(expr.at)),
                value => Ok(value.clone()),
            },
            _ => {
                self.deeper().map_err(|raise| raise.at(expr.at))?;
                let value = self.eval_kind(&expr.kind);
                self.back();
                value.map_err(|raise| raise.at(expr.at))
            }
        }
    }

    fn eval_kind(&mut self, kind: &'a Kind) -> Eval<Value<'a>> {
        match kind {
            Kind::Const(value) => Ok(constant(value)),
            Kind::Local(slot) => self.local(*slot),
            Kind::Cell(slot) => self.cell(*slot),
            Kind::Global(id) => self.global(*id),
            Kind::Builtin(builtin) => Ok(Value::Builtin(*builtin)),
            Kind::Type(kind) => Ok(Value::Type(*kind)),
            Kind::Module(module) => Ok(Value::Module(*module)),
            Kind::List(items) => {
                let items = self.eval_all(items)?;
                self.list(items)
            }
            Kind::Tuple(items) => {
                let items = self.eval_all(items)?;
                self.tuple(items)
            }
            Kind::Set(items) => {
                let items = self.eval_all(items)?;
                self.set_of(items)
            }
            Kind::Dict(items) => self.eval_dict(items),
            Kind::Comp(comp) => self.comp(comp),
            Kind::Generator(generator) => self.generator(generator),
            Kind::Make(make) => self.make(make),
            Kind::And(values) => self.eval_logic(values, false),
            Kind::Or(values) => self.eval_logic(values, true),
            Kind::Not(value) => Ok(Value::Bool(!self.test(value)?)),
            Kind::Unary(op, value) => {
                let value = self.eval(value)?;
                self.unary(*op, &value)
            }
            Kind::Binary(op, sides) => {
                let left = self.eval(&sides.0)?;
                let right = self.eval(&sides.1)?;
                self.binary(*op, &left, &right)
            }
            Kind::Compare(first, rest) => self.eval_compare(first, rest),
            Kind::If(node) => {
                let chosen = if self.test(&node.test)? { &node.body } else { &node.other };
                self.eval(chosen)
            }
            Kind::Call(call) => self.eval_call(call),
            Kind::Method(call) => self.eval_method(call),
            Kind::Attr(object, name) => {
                let object = self.eval(object)?;
                self.attribute(&object, *name)
            }
            Kind::Index(parts) => {
                let object = self.eval(&parts.0)?;
                let index = self.eval(&parts.1)?;
                self.index(&object, &index)
            }
            Kind::Slice(slice) => {
                let object = self.eval(&slice.object)?;
                let mut bounds = [None, None, None];
                for (bound, expr) in bounds.iter_mut().zip(&slice.bounds) {
                    *bound = expr.as_ref().map(|expr| self.eval(expr)).transpose()?;
                }
                self.slice(&object, &bounds)
            }
            Kind::Format(pieces) => {
                let text = self.eval_pieces(pieces)?;
                self.text(text)
            }
            Kind::Walrus(parts) => {
                let value = self.eval(&parts.1)?;
                self.assign(&parts.0, value.clone())?;
                Ok(value)
            }
        }
    }

    fn eval_all(&mut self, exprs: &'a [Expr]) -> Eval<Vec<Value<'a>>> {
        exprs.iter().map(|expr| self.eval(expr)).collect()
    }

    fn eval_dict(&mut self, items: &'a [(Expr, Expr)]) -> Eval<Value<'a>> {
        let mut table = Table::default();
        for (key, value) in items {
            let key = self.eval(key)?;
            let value = self.eval(value)?;
            self.budget.bytes(96)?;
            table.insert(self.key(&key)?, key, value);
        }
        Ok(Value::Dict(self.object(Object::Table(table))?))
    }

    /// `and` stops at the first false operand, `or` at the first true one; both give that operand.
    fn eval_logic(&mut self, values: &'a [Expr], stop: bool) -> Eval<Value<'a>> {
        let mut last = Value::None;
        for value in values {
            last = self.eval(value)?;
            if self.truth(&last) == stop {
                break;
            }
        }
        Ok(last)
    }

    fn eval_compare(&mut self, first: &'a Expr, rest: &'a [(super::tree::Compare, Expr)]) -> Eval<Value<'a>> {
        let mut left = self.eval(first)?;
        for (op, right) in rest {
            let right = self.eval(right)?;
            if !self.compare(*op, &left, &right)? {
                return Ok(Value::Bool(false));
            }
            left = right;
        }
        Ok(Value::Bool(true))
    }

    /// Evaluates a condition.
    pub(super) fn test(&mut self, expr: &'a Expr) -> Eval<bool> {
        let value = self.eval(expr)?;
        Ok(self.truth(&value))
    }

    fn eval_pieces(&mut self, pieces: &'a [Piece]) -> Eval<String> {
        let mut out = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Value { value, repr, spec } => {
                    let mut value = self.eval(value)?;
                    if *repr {
                        let text = self.repr(&value)?;
                        value = self.text(text)?;
                    }
                    let spec = self.eval_pieces(spec)?;
                    let text = self.format_value(&value, &spec)?;
                    self.budget.bytes(text.len())?;
                    out.push_str(&text);
                }
            }
        }
        Ok(out)
    }

    /// Evaluates arguments and hands them on without an allocation where there are few.
    pub(super) fn with_args<T>(
        &mut self,
        args: &'a Args,
        then: impl FnOnce(&mut Self, &[Value<'a>], &[(&'a str, Value<'a>)]) -> Eval<T>,
    ) -> Eval<T> {
        let mut keywords = Vec::new();
        match &*args.positional {
            [] if args.keywords.is_empty() => then(self, &[], &[]),
            [one] if args.keywords.is_empty() => {
                let one = self.eval(one)?;
                then(self, &[one], &[])
            }
            [one, two] if args.keywords.is_empty() => {
                let two = [self.eval(one)?, self.eval(two)?];
                then(self, &two, &[])
            }
            more => {
                let more = self.eval_all(more)?;
                for (name, value) in &args.keywords {
                    keywords.push((name.as_str(), self.eval(value)?));
                }
                then(self, &more, &keywords)
            }
        }
    }

    fn eval_call(&mut self, call: &'a super::tree::Call) -> Eval<Value<'a>> {
        if let Kind::Builtin(builtin) = call.callee.kind {
            let at = call.callee.at;
            return self.with_args(&call.args, |machine, args, keywords| machine.builtin(builtin, args, keywords, at));
        }
        let callee = self.eval(&call.callee)?;
        let at = call.callee.at;
        self.with_args(&call.args, |machine, args, keywords| machine.call(&callee, args, keywords, at))
    }

    fn eval_method(&mut self, call: &'a super::tree::MethodCall) -> Eval<Value<'a>> {
        if call.method == Method::Lower
            && call.args.positional.is_empty()
            && let Kind::Attr(object, name) = &call.object.kind
            && let Some(value) = self.lower_field(object, *name)?
        {
            return Ok(value);
        }
        let object = self.eval(&call.object)?;
        self.with_args(&call.args, |machine, args, keywords| machine.method(&object, call.method, args, keywords))
    }

    /// `x.column.lower()` from the column's folded form, where that is the same.
    fn lower_field(&mut self, object: &'a Expr, name: NameId) -> Eval<Option<Value<'a>>> {
        let is_row = matches!(&object.kind, Kind::Local(slot)
            if matches!(self.stack.get(self.base + *slot as usize), Some(Value::Row)));
        let field = self.fields.and_then(|fields| fields.by_id.get(name as usize).copied().flatten());
        Ok(match field {
            Some(Field::Text(array, Some((folded, same))))
                if is_row && self.row < array.len() && array.is_valid(self.row) && same.value(self.row) =>
            {
                self.budget.steps(3)?;
                Some(Value::Str(Text::Ref(folded.value(self.row))))
            }
            _ => None,
        })
    }

    pub(super) fn local(&self, slot: Slot) -> Eval<Value<'a>> {
        match &self.stack[self.base + slot as usize] {
            Value::Unset => Err(self.unset(slot)),
            value => Ok(value.clone()),
        }
    }

    pub(super) fn cell(&self, slot: Slot) -> Eval<Value<'a>> {
        let value = match &self.stack[self.base + slot as usize] {
            Value::Cell(id) => self.heap.cell(*id),
            _ => Value::Unset,
        };
        if matches!(value, Value::Unset) { Err(self.unset(slot)) } else { Ok(value) }
    }

    #[cold]
    fn unset(&self, _: Slot) -> Box<Raise> {
        Raise::new(Sort::Name, "this name has no value yet")
    }

    pub(super) fn global(&self, id: super::tree::GlobalId) -> Eval<Value<'a>> {
        match self.globals.get(id as usize) {
            None | Some(Value::Unset) => {
                let name = self.tree.globals.get(id as usize).map_or("", String::as_str);
                Err(Raise::new(Sort::Name, format!("`{name}` has no value yet")))
            }
            Some(value) => Ok(value.clone()),
        }
    }

    /// Puts a value where a target says.
    pub(super) fn assign(&mut self, target: &'a Target, value: Value<'a>) -> Eval<()> {
        match target {
            Target::Local(slot) => {
                let at = self.base + *slot as usize;
                self.stack[at] = value;
                Ok(())
            }
            Target::Cell(slot) => match self.stack[self.base + *slot as usize] {
                Value::Cell(id) => {
                    *self.heap.get_mut(id)? = Object::Cell(value);
                    Ok(())
                }
                _ => Err(wrong_type("this name has no place")),
            },
            Target::Global(id) => match self.globals.get_mut(*id as usize) {
                Some(place) => {
                    *place = value;
                    Ok(())
                }
                None => Err(wrong_type("this name has no place")),
            },
            Target::Many { targets, star, at } => self.unpack(targets, *star, &value).map_err(|raise| raise.at(*at)),
            Target::Index(parts) => {
                let object = self.eval(&parts.0)?;
                let index = self.eval(&parts.1)?;
                self.set_index(&object, &index, value)
            }
        }
    }

    fn unpack(&mut self, targets: &'a [Target], star: Option<usize>, value: &Value<'a>) -> Eval<()> {
        let mut items = self.collect(value)?;
        let fits = if star.is_some() { items.len() + 1 >= targets.len() } else { items.len() == targets.len() };
        if !fits {
            return Err(bad_value(format!("{} values are needed here", targets.len()))
                .detail(&format!("there were {}", items.len())));
        }
        if let Some(star) = star {
            let rest = items.len() + 1 - targets.len();
            let middle: Vec<Value<'a>> = items.drain(star..star + rest).collect();
            let middle = self.list(middle)?;
            items.insert(star, middle);
        }
        targets.iter().zip(items).try_for_each(|(target, value)| self.assign(target, value))
    }

    /// The attribute of a value: a column of the row, or a method to be called later.
    pub(super) fn attribute(&mut self, object: &Value<'a>, id: NameId) -> Eval<Value<'a>> {
        let name = self.tree.names.get(id as usize).map_or("", String::as_str);
        match object {
            Value::Row => {
                let field = self.fields.and_then(|fields| fields.by_id.get(id as usize).copied().flatten());
                match field {
                    Some(field) => self.charge_field(field),
                    None => Err(self.no_column(name)),
                }
            }
            Value::Type(kind) if name == "__name__" => Ok(Value::Str(Text::Ref(kind.name()))),
            Value::Type(kind) if Method::find(name).is_some() => {
                Ok(Value::Unbound(*kind, Method::find(name).unwrap_or(Method::Get)))
            }
            Value::Module(module) => match module.member(name) {
                Some(Member::Function(builtin)) => Ok(Value::Builtin(builtin)),
                Some(Member::Constant(value)) => Ok(match value {
                    Const::Str(text) => Value::text(text.into()),
                    Const::Int(int) => Value::Int(int),
                    Const::Float(float) => Value::Float(float),
                    Const::Bool(bool) => Value::Bool(bool),
                    Const::None => Value::None,
                }),
                None => Err(Raise::new(Sort::Attribute, format!("`{}.{name}` is not available", module.name()))),
            },
            Value::Pattern(id) if name == "pattern" => match self.heap.get(*id) {
                Some(Object::Pattern(pattern)) => {
                    let source = pattern.shared.source.clone();
                    self.text(source)
                }
                _ => Ok(Value::None),
            },
            object => match Method::find(name) {
                Some(method) if !matches!(object, Value::None | Value::Function(_)) => {
                    Ok(Value::Bound(self.object(Object::Bound(object.clone(), method))?))
                }
                _ => Err(Raise::new(Sort::Attribute, format!("{} has no `{name}`", object.a()))),
            },
        }
    }

    fn charge_field(&mut self, field: Field<'a>) -> Eval<Value<'a>> {
        if matches!(field, Field::Time(_)) {
            self.budget.bytes(64)?;
        }
        Ok(field.get(self.row))
    }

    /// The column of the row at hand, by name.
    pub(super) fn column(&mut self, name: &str) -> Eval<Value<'a>> {
        match self.fields.and_then(|fields| fields.by_name.get(name).copied()) {
            Some(field) => self.charge_field(field),
            None => Err(self.no_column(name)),
        }
    }

    #[cold]
    fn no_column(&self, name: &str) -> Box<Raise> {
        let Some(fields) = self.fields else {
            return wrong_type("there is no row at module level");
        };
        let mut names: Vec<&str> = fields.by_name.keys().copied().collect();
        names.sort_unstable();
        let meant = similar(name, names.iter().copied());
        let help = meant.map_or_else(
            || format!("the columns are: {}", names.join(", ")),
            |meant| format!("did you mean `{meant}`?"),
        );
        Raise::new(Sort::Attribute, format!("there is no column `{name}`; {help}"))
    }

    fn make(&mut self, make: &'a Make) -> Eval<Value<'a>> {
        let mut defaults = Vec::with_capacity(make.defaults.len());
        for (param, value) in &make.defaults {
            defaults.push((*param, self.eval(value)?));
        }
        let captures = self.captured(&make.captures);
        let closure = Closure { code: make.code, captures, defaults };
        Ok(Value::Function(self.object(Object::Function(closure))?))
    }

    /// The cells in the given slots of the frame.
    pub(super) fn captured(&self, slots: &[Slot]) -> Vec<Value<'a>> {
        slots.iter().map(|slot| self.stack[self.base + *slot as usize].clone()).collect()
    }

    /// Puts fresh cells into slots, keeping what the slots hold.
    pub(super) fn fresh_cells(&mut self, slots: &[Slot], keep: bool) -> Eval<()> {
        for slot in slots {
            let at = self.base + *slot as usize;
            let value = if keep { self.stack[at].clone() } else { Value::Unset };
            let cell = self.object(Object::Cell(value))?;
            self.stack[at] = Value::Cell(cell);
        }
        Ok(())
    }

    /// Runs something in a frame of its own that starts with the given values.
    pub(super) fn in_frame<T>(
        &mut self,
        code: &'a Code,
        values: impl FnOnce(&mut [Value<'a>]),
        run: impl FnOnce(&mut Self) -> Eval<T>,
    ) -> Eval<T> {
        if self.calls >= CALLS {
            return Err(Raise::new(Sort::Limit, format!("functions call each other more than {CALLS} deep")));
        }
        let base = self.stack.len();
        self.budget.bytes(code.slots as usize * 24)?;
        self.stack.resize(base + code.slots as usize, Value::Unset);
        values(&mut self.stack[base..]);
        let outer = std::mem::replace(&mut self.base, base);
        self.calls += 1;
        let result = self.fresh_cells(&code.cells, true).and_then(|()| run(self));
        self.calls -= 1;
        self.base = outer;
        self.stack.truncate(base);
        result
    }

    /// Runs a generator's frame on top of the stack and gives it back.
    pub(super) fn on_frame<T>(
        &mut self,
        frame: &mut Vec<Value<'a>>,
        run: impl FnOnce(&mut Self) -> Eval<T>,
    ) -> Eval<T> {
        if self.calls >= CALLS {
            return Err(Raise::new(Sort::Limit, format!("functions call each other more than {CALLS} deep")));
        }
        let base = self.stack.len();
        self.stack.append(frame);
        let outer = std::mem::replace(&mut self.base, base);
        self.calls += 1;
        let result = run(self);
        self.calls -= 1;
        self.base = outer;
        *frame = self.stack.split_off(base);
        result
    }

    fn comp(&mut self, comp: &'a Comp) -> Eval<Value<'a>> {
        self.fresh_cells(&comp.cells, false)?;
        let Some(first) = comp.clauses.first() else { return Ok(Value::None) };
        let over = self.eval(&first.iter)?;
        let mut iters = vec![self.iter(&over).map_err(|raise| raise.at(first.iter.at))?];
        let mut items = Vec::new();
        let mut table = Table::default();
        while self.next_clause(&comp.clauses, &mut iters)? {
            match comp.collect {
                Collect::List => {
                    self.budget.bytes(24)?;
                    items.push(self.eval(&comp.element)?);
                }
                Collect::Any | Collect::All => {
                    let stop = comp.collect == Collect::Any;
                    if self.test(&comp.element)? == stop {
                        return Ok(Value::Bool(stop));
                    }
                }
                Collect::Set | Collect::Dict => {
                    let element = self.eval(&comp.element)?;
                    let value = comp.value.as_ref().map_or(Ok(Value::None), |value| self.eval(value))?;
                    self.budget.bytes(96)?;
                    table.insert(self.key(&element)?, element, value);
                }
            }
        }
        match comp.collect {
            Collect::List => self.list(items),
            Collect::Set => Ok(Value::Set(self.object(Object::Table(table))?)),
            Collect::Dict => Ok(Value::Dict(self.object(Object::Table(table))?)),
            Collect::Any => Ok(Value::Bool(false)),
            Collect::All => Ok(Value::Bool(true)),
        }
    }

    /// Whether the value counts as true.
    pub(super) fn truth(&self, value: &Value<'a>) -> bool {
        match value {
            Value::Unset | Value::None => false,
            Value::Bool(bool) => *bool,
            Value::Int(int) => *int != 0,
            Value::Float(float) => *float != 0.0,
            Value::Str(text) => !text.as_str().is_empty(),
            Value::List(id) | Value::Tuple(id) => !self.heap.items(*id).is_empty(),
            Value::Dict(id) | Value::Set(id) => self.heap.table(*id).is_some_and(|table| table.len() > 0),
            Value::Range(id) => super::iterate::range_length(self.heap.range(*id)) > 0,
            _ => true,
        }
    }

    /// True if the value is of the type, as `isinstance` sees it.
    pub(super) fn is_of(value: &Value<'a>, kind: Type) -> bool {
        match kind {
            Type::Int => matches!(value.kind(), Type::Int | Type::Bool),
            Type::Frozenset => value.kind() == Type::Set,
            kind => value.kind() == kind,
        }
    }
}

/// The value of a constant of the program.
pub(super) fn constant(value: &Const) -> Value<'_> {
    match value {
        Const::None => Value::None,
        Const::Bool(bool) => Value::Bool(*bool),
        Const::Int(int) => Value::Int(*int),
        Const::Float(float) => Value::Float(*float),
        Const::Str(text) => Value::Str(Text::Ref(text)),
    }
}
