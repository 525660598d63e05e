//! Calls of functions: found by name, their arguments checked.

use sqlparser::ast::{Expr, Function as Call, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectNamePart};

use super::compile::{Compiled, Compiler};
use super::error::{FilterError, nearest};
use super::functions::{self, Build, Entry, FUNCTIONS, Parameter};
use super::tree::{Arithmetic, Node, Op, Type};

impl Compiler<'_> {
    /// A call as it was written.
    pub(super) fn function(&mut self, expr: &Expr, call: &Call) -> Compiled {
        let [ObjectNamePart::Identifier(name)] = call.name.0.as_slice() else {
            return Err(self.error(expr, "a function has a simple name here"));
        };
        let place = self.places.range(name.span);
        if let Some((why, help)) = functions::refusal(&name.value) {
            let message = format!("{} is not part of the filter language: {why}", name.value);
            return Err(self.places.error(place, message).help(help));
        }
        if functions::find(&name.value).is_none() {
            let names = FUNCTIONS.iter().flat_map(|entry| entry.names.iter().copied());
            let near = nearest(&name.value, names);
            let help = if near.is_empty() {
                let all: Vec<&str> = FUNCTIONS.iter().filter_map(|entry| entry.names.first().copied()).collect();
                format!("the functions are: {}", all.join(", "))
            } else {
                format!("did you mean {}?", near.join(" or "))
            };
            return Err(self.places.error(place, format!("there is no function {}", name.value)).help(help));
        }
        let plain = call.filter.is_none()
            && call.over.is_none()
            && call.within_group.is_empty()
            && call.null_treatment.is_none()
            && matches!(call.parameters, FunctionArguments::None);
        let arguments = match &call.args {
            FunctionArguments::List(list) if plain && list.clauses.is_empty() && list.duplicate_treatment.is_none() => {
                self.arguments(expr, &list.args)?
            }
            FunctionArguments::None => Vec::new(),
            _ => return Err(self.error(expr, format!("{} takes plain arguments here", name.value))),
        };
        self.call_named(expr, &name.value, &arguments)
    }

    fn arguments<'e>(&self, expr: &Expr, arguments: &'e [FunctionArg]) -> Result<Vec<&'e Expr>, FilterError> {
        let plain = arguments.iter().map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(inner)) => Ok(inner),
            _ => Err(self.error(expr, "an argument of a function is a value here, without a name or *")),
        });
        plain.collect()
    }

    /// A call of a function that is known to be there, by name.
    pub(super) fn call_named(&mut self, expr: &Expr, name: &str, arguments: &[&Expr]) -> Compiled {
        let Some(entry) = functions::find(name) else {
            return Err(self.error(expr, format!("there is no function {name}")));
        };
        let most = match entry.build {
            Build::Regexp => 3,
            Build::NullIf => 2,
            Build::If => 3,
            Build::Coalesce | Build::Extreme(_) | Build::Concat => usize::MAX,
            _ => entry.parameters.len(),
        };
        if arguments.len() < entry.required || arguments.len() > most {
            let message = format!("{name} has {} arguments", arguments.len());
            return Err(self.error(expr, message).help(format!("write {name}({})", entry.signature)));
        }
        match entry.build {
            Build::Call(function, ty) => Ok(Node::new(ty, Op::Call(function, self.checked(entry, arguments)?))),
            Build::Numeric(function) => {
                let nodes = self.checked(entry, arguments)?;
                let whole = nodes.len() == 1 && nodes.first().is_some_and(|node| node.ty == Type::Int);
                Ok(Node::new(if whole { Type::Int } else { Type::Float }, Op::Call(function, nodes)))
            }
            _ => self.special(expr, entry, arguments),
        }
    }

    fn checked(&mut self, entry: &Entry, arguments: &[&Expr]) -> Result<Vec<Node>, FilterError> {
        let pairs = entry.parameters.iter().zip(arguments);
        let checked = pairs.map(|(parameter, argument)| match parameter {
            Parameter::Text => self.text(argument),
            Parameter::Number => self.numeric(argument),
            Parameter::Time => self.time(argument),
            Parameter::Int => {
                let node = self.numeric(argument)?;
                if node.ty == Type::Int {
                    return Ok(node);
                }
                let shown = self.quote(argument);
                Err(self
                    .error(argument, format!("{shown} is not a whole number"))
                    .help(format!("write CAST({shown} AS INT)")))
            }
        });
        checked.collect()
    }

    fn special(&mut self, expr: &Expr, entry: &Entry, arguments: &[&Expr]) -> Compiled {
        match (entry.build, arguments) {
            (Build::Regexp, [text, pattern]) => self.regex(text, pattern, false),
            (Build::Regexp, [text, pattern, flags]) => match self.constant_text(flags, "the flags")? {
                "" | "c" => self.regex(text, pattern, false),
                "i" => self.regex(text, pattern, true),
                _ => Err(self.error(flags, "the only flag is 'i', to ignore case")),
            },
            (Build::Coalesce, values) => {
                let (ty, nodes) = self.alike(expr, values)?;
                Ok(Node::new(ty, Op::Coalesce(nodes)))
            }
            (Build::Extreme(greatest), values) => {
                let (ty, nodes) = self.alike(expr, values)?;
                Ok(Node::new(ty, Op::Extreme(greatest, nodes)))
            }
            (Build::NullIf, [value, other]) => {
                let (a, b) = self.pair(value, other)?;
                let equal = Node::bool(Op::Compare(super::tree::Comparison::Equal, Box::new(a.clone()), Box::new(b)));
                let null = Node::new(a.ty, Op::Literal(super::tree::Value::Null));
                Ok(Node::new(a.ty, Op::Case(vec![(equal, null)], Some(Box::new(a)))))
            }
            (Build::If, [condition, then, other]) => {
                let condition = self.condition(condition)?;
                let (ty, nodes) = self.alike(expr, &[*then, *other])?;
                let mut nodes = nodes.into_iter();
                let (Some(then), other) = (nodes.next(), nodes.next()) else {
                    return Err(self.error(expr, "if takes three arguments"));
                };
                Ok(Node::new(ty, Op::Case(vec![(condition, then)], other.map(Box::new))))
            }
            (Build::Concat, values) => {
                let texts = values.iter().map(|value| self.as_text(value)).collect::<Result<Vec<_>, _>>()?;
                Ok(Node::new(Type::Text, Op::Concat(true, texts)))
            }
            (Build::Modulo, [left, right]) => self.arithmetic(Arithmetic::Modulo, left, right),
            _ => Err(self
                .error(expr, "this call is not possible")
                .help(format!("its arguments are: {}", entry.signature))),
        }
    }
}
