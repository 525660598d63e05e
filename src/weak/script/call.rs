//! Calls of values: functions of the file, built-in functions, types, methods kept for later.

use super::budget::{Eval, wrong_type};
use super::builtins::Builtin;
use super::exec::Flow;
use super::machine::Machine;
use super::tree::{Code, GlobalId, Target};
use super::value::{Closure, Id, Object, Value};

/// Keyword arguments of a call.
pub(super) type Keywords<'k, 'a> = &'k [(&'a str, Value<'a>)];

impl<'a> Machine<'a> {
    /// Calls a value.
    pub(crate) fn call(
        &mut self,
        callee: &Value<'a>,
        args: &[Value<'a>],
        keywords: Keywords<'_, 'a>,
        at: u32,
    ) -> Eval<Value<'a>> {
        match callee {
            Value::Function(id) => self.call_function(*id, args, keywords),
            Value::Builtin(builtin) => self.builtin(*builtin, args, keywords, at),
            Value::Type(kind) => self.convert(*kind, args, keywords),
            Value::Bound(id) => match self.heap.get(*id) {
                Some(Object::Bound(object, method)) => {
                    let (object, method) = (object.clone(), *method);
                    self.method(&object, method, args, keywords)
                }
                _ => Err(wrong_type("this cannot be called")),
            },
            Value::Unbound(kind, method) => match args.split_first() {
                Some((object, rest)) if Self::is_of(object, *kind) => self.method(object, *method, rest, keywords),
                _ => Err(wrong_type(format!("{}.{} needs {} first", kind.name(), method.name(), kind.name()))),
            },
            Value::Declared(id) => self.call_declared(*id, args),
            other => Err(wrong_type(format!("{} cannot be called", other.a()))),
        }
    }

    /// A labelling function made by `LabelingFunction(…)` can be called like the function it is made of.
    fn call_declared(&mut self, id: Id, args: &[Value<'a>]) -> Eval<Value<'a>> {
        let (function, resources) = match self.heap.get(id) {
            Some(Object::Declared(declared)) if declared.builtin == Builtin::LabelingFunction => {
                (declared.argument("f", 1).cloned(), declared.argument("resources", 2).cloned())
            }
            _ => (None, None),
        };
        let Some(function) = function else {
            return Err(wrong_type(
                "a declared pattern cannot be called by a function; use it as a function of its own",
            ));
        };
        self.call_with_resources(&function, args, resources.as_ref())
    }

    /// Calls a function with the entries of a dict as further keyword arguments.
    pub(crate) fn call_with_resources(
        &mut self,
        function: &Value<'a>,
        args: &[Value<'a>],
        resources: Option<&Value<'a>>,
    ) -> Eval<Value<'a>> {
        let mut named: Vec<(String, Value<'a>)> = Vec::new();
        if let Some(Value::Dict(id)) = resources
            && let Some(table) = self.heap.table(*id)
        {
            named.extend(
                table.entries().iter().filter_map(|(_, key, value)| Some((key.as_str()?.to_owned(), value.clone()))),
            );
        }
        let Value::Function(id) = function else { return self.call(function, args, &[], 0) };
        let named: Vec<(&str, Value<'a>)> = named.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        self.call_function(*id, args, &named)
    }

    /// Calls a function of the file.
    pub(crate) fn call_function(
        &mut self,
        id: Id,
        args: &[Value<'a>],
        keywords: &[(&str, Value<'a>)],
    ) -> Eval<Value<'a>> {
        let Some(Object::Function(closure)) = self.heap.get(id) else {
            return Err(wrong_type("this cannot be called"));
        };
        let Some(code) = self.tree.codes.get(closure.code as usize) else {
            return Err(wrong_type("this cannot be called"));
        };
        // Most functions capture nothing and have no defaults: then nothing is copied.
        let simple = closure.captures.is_empty() && closure.defaults.is_empty() && keywords.is_empty();
        if simple && args.len() == code.params.len() && args.len() <= code.positional {
            return self.run_code(code, |frame| frame[..args.len()].clone_from_slice(args));
        }
        let closure = closure.clone();
        let values = bind(code, &closure, args, keywords)?;
        self.run_code(code, |frame| {
            for (place, value) in frame.iter_mut().zip(values) {
                *place = value;
            }
            for (slot, cell) in code.free.iter().zip(closure.captures) {
                if let Some(place) = frame.get_mut(*slot as usize) {
                    *place = cell;
                }
            }
        })
    }

    fn run_code(&mut self, code: &'a Code, values: impl FnOnce(&mut [Value<'a>])) -> Eval<Value<'a>> {
        self.deeper()?;
        let flow = self.in_frame(code, values, |machine| machine.run(&code.body));
        self.back();
        match flow? {
            Flow::Return(value) => Ok(value),
            _ => Ok(Value::None),
        }
    }

    /// Runs a statement of the module.
    pub(crate) fn run_item(&mut self, code: &'a Code) -> Eval<()> {
        self.run_code(code, |_| {}).map(|_| ())
    }

    /// What a target holds now.
    pub(super) fn read_target(&mut self, target: &'a Target) -> Eval<Value<'a>> {
        match target {
            Target::Local(slot) => self.local(*slot),
            Target::Cell(slot) => self.cell(*slot),
            Target::Global(id) => self.global(*id as GlobalId),
            _ => Err(wrong_type("this cannot be changed in place")),
        }
    }
}

/// The values of a function's parameters for a call, in order.
fn bind<'a>(
    code: &Code,
    closure: &Closure<'a>,
    args: &[Value<'a>],
    keywords: &[(&str, Value<'a>)],
) -> Eval<Vec<Value<'a>>> {
    if args.len() > code.positional {
        let most = code.positional;
        return Err(wrong_type(format!("{}() takes {most} arguments, not {}", code.name, args.len())));
    }
    let mut values = vec![Value::Unset; code.params.len()];
    for (place, value) in values.iter_mut().zip(args) {
        *place = value.clone();
    }
    for (name, value) in keywords {
        let Some(at) = code.params.iter().position(|param| param.name == *name) else {
            return Err(wrong_type(format!("{}() has no argument `{name}`", code.name)));
        };
        if at < args.len() {
            return Err(wrong_type(format!("{}() is given `{name}` twice", code.name)));
        }
        values[at] = value.clone();
    }
    for (param, value) in &closure.defaults {
        if let Some(place @ Value::Unset) = values.get_mut(*param as usize) {
            *place = value.clone();
        }
    }
    if let Some(at) = values.iter().position(|value| matches!(value, Value::Unset)) {
        return Err(wrong_type(format!("{}() needs `{}`", code.name, code.params[at].name)));
    }
    Ok(values)
}
