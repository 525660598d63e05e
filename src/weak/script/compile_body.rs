//! Statements and definitions.

use std::collections::HashMap;

use super::budget::Sort;
use super::builtins::Builtin;
use super::compile::{Compiled, Compiler, Import, Scope, Variable};
use super::parse::Ranged;
use super::parse::ast::{self, Expr as Node, Stmt as Statement};
use super::scope;
use super::tree::{Args, Call, Code, Expr, Kind, Make, Param, Stmt, Target, Try};

/// What a function does: statements, or the expression of a lambda.
enum Body<'n> {
    Block(&'n [Statement]),
    Expr(&'n Node),
}

/// The arguments of `@labeling_function(…)`.
#[derive(Default)]
struct Decoration {
    name: Option<Expr>,
    resources: Option<Expr>,
}

impl Compiler {
    /// Compiles a statement; `None` if there is nothing to do.
    pub(super) fn statement(&mut self, statement: &Statement) -> Compiled<Option<Stmt>> {
        Ok(Some(match statement {
            Statement::Expr(node) => match &*node.value {
                Node::StringLiteral(_) | Node::EllipsisLiteral(_) => return Ok(None),
                value => Stmt::Expr(self.expr(value)?),
            },
            Statement::Assign(node) => {
                let value = self.expr(&node.value)?;
                Stmt::Assign(node.targets.iter().map(|target| self.target(target)).collect::<Compiled<_>>()?, value)
            }
            Statement::AnnAssign(node) => match &node.value {
                Some(value) => Stmt::Assign(vec![self.target(&node.target)?], self.expr(value)?),
                None => return Ok(None),
            },
            Statement::AugAssign(node) => {
                let op = self.operator(node, node.op)?;
                Stmt::Augment { target: self.target(&node.target)?, op, value: self.expr(&node.value)? }
            }
            Statement::If(node) => self.if_statement(node)?,
            Statement::For(node) => self.for_statement(node)?,
            Statement::While(node) => {
                let test = self.expr(&node.test)?;
                let body = self.loop_body(&node.body)?;
                Stmt::While { test, body, other: self.block(&node.orelse)? }
            }
            Statement::Return(node) => {
                if self.scope().module {
                    return self.refuse(node, "`return` stands outside a function", "");
                }
                Stmt::Return(node.value.as_deref().map(|value| self.expr(value)).transpose()?)
            }
            Statement::Break(_) | Statement::Continue(_) if self.scope().loops == 0 => {
                return self.refuse(statement, "this stands outside a loop", "");
            }
            Statement::Break(_) => Stmt::Break,
            Statement::Continue(_) => Stmt::Continue,
            Statement::Pass(_) => Stmt::Pass,
            Statement::TypeAlias(_) => return Ok(None),
            Statement::FunctionDef(node) => self.definition(node)?,
            Statement::Import(_) | Statement::ImportFrom(_) => return self.local_import(statement),
            Statement::Try(node) => self.try_statement(node)?,
            Statement::Delete(node) => match &*node.targets {
                [Node::Subscript(place)] => Stmt::Delete(self.expr(&place.value)?, self.expr(&place.slice)?),
                _ => return self.refuse(node, "`del` works on one entry only", "write `del d[key]`"),
            },
            other => return self.outside(other),
        }))
    }

    /// Refuses a statement that is outside the language, with what to write instead.
    fn outside<T>(&self, statement: &Statement) -> Compiled<T> {
        let (what, help) = match statement {
            Statement::ClassDef(_) => ("classes are not available", "use module-level names, dicts and functions"),
            Statement::With(_) => ("`with` is not available", "a labelling function sees nothing but its row"),
            Statement::Match(_) => ("`match` is not available", "use if and elif"),
            Statement::Raise(_) => ("`raise` is not available", "return ABSTAIN where the function does not know"),
            Statement::Assert(_) => ("`assert` is not available", "write `if not …: return ABSTAIN`"),
            Statement::Global(_) | Statement::Nonlocal(_) => (
                "a function cannot change names outside it, because rows are looked at in any order",
                "return what it found instead",
            ),
            _ => ("this statement is not available", "labelling functions are plain Python without packages"),
        };
        self.refuse(statement, what, help)
    }

    fn if_statement(&mut self, node: &ast::StmtIf) -> Compiled<Stmt> {
        let mut branches = vec![(self.expr(&node.test)?, self.block(&node.body)?)];
        let mut other = Vec::new();
        for clause in &node.elif_else_clauses {
            match &clause.test {
                Some(test) => branches.push((self.expr(test)?, self.block(&clause.body)?)),
                None => other = self.block(&clause.body)?,
            }
        }
        Ok(Stmt::If { branches, other })
    }

    fn for_statement(&mut self, node: &ast::StmtFor) -> Compiled<Stmt> {
        if node.is_async {
            return self.refuse(node, "`async` is not available", "");
        }
        let iter = self.expr(&node.iter)?;
        let target = self.target(&node.target)?;
        let body = self.loop_body(&node.body)?;
        Ok(Stmt::For { target, iter, body, other: self.block(&node.orelse)? })
    }

    fn loop_body(&mut self, body: &[Statement]) -> Compiled<Vec<Stmt>> {
        self.scope().loops += 1;
        let body = self.block(body);
        self.scope().loops -= 1;
        body
    }

    fn local_import(&mut self, statement: &Statement) -> Compiled<Option<Stmt>> {
        if !self.scope().module {
            for (name, import, _) in self.imports_of(statement) {
                if let Import::Missing(reason) = import {
                    return self.refuse(statement, reason, "use plain Python, or run it as an external function");
                }
                self.scope().imports.insert(name, import);
            }
        }
        Ok(None)
    }

    fn try_statement(&mut self, node: &ast::StmtTry) -> Compiled<Stmt> {
        let body = self.block(&node.body)?;
        let mut handlers = Vec::new();
        for ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
            if let Some(name) = &handler.name {
                return self.refuse(name, "exceptions have no value here", "write `except ValueError:` without `as`");
            }
            let sorts = match handler.type_.as_deref() {
                None => Sort::named("Exception").unwrap_or_default().to_vec(),
                Some(Node::Tuple(tuple)) => {
                    let sorts: Vec<_> = tuple.elts.iter().map(|node| self.exception(node)).collect::<Compiled<_>>()?;
                    sorts.concat()
                }
                Some(node) => self.exception(node)?,
            };
            handlers.push((sorts, self.block(&handler.body)?));
        }
        let (other, finally) = (self.block(&node.orelse)?, self.block(&node.finalbody)?);
        Ok(Stmt::Try(Box::new(Try { body, handlers, other, finally })))
    }

    fn exception(&self, node: &Node) -> Compiled<Vec<Sort>> {
        let sorts = match node {
            Node::Name(name) => Sort::named(name.id.as_str()),
            _ => None,
        };
        match sorts {
            Some(sorts) => Ok(sorts.to_vec()),
            None => self.refuse(node, "this exception is not known here", "name ValueError, KeyError, TypeError, …"),
        }
    }

    /// Compiles the place that a value is put in.
    pub(super) fn target(&mut self, node: &Node) -> Compiled<Target> {
        match node {
            Node::Name(name) => Ok(self.write(name.id.as_str())),
            Node::Tuple(tuple) => self.targets(&tuple.elts, self.at(tuple)),
            Node::List(list) => self.targets(&list.elts, self.at(list)),
            Node::Subscript(place) if !place.slice.is_slice_expr() => {
                Ok(Target::Index(Box::new((self.expr(&place.value)?, self.expr(&place.slice)?))))
            }
            Node::Subscript(_) => self.refuse(node, "a slice cannot be assigned to", "build a new list"),
            Node::Attribute(_) => {
                self.refuse(node, "the fields of a row cannot be changed", "put the value in a variable of its own")
            }
            _ => self.refuse(node, "nothing can be assigned to this", ""),
        }
    }

    fn targets(&mut self, nodes: &[Node], at: u32) -> Compiled<Target> {
        let (mut targets, mut star) = (Vec::with_capacity(nodes.len()), None);
        for (index, node) in nodes.iter().enumerate() {
            match node {
                Node::Starred(starred) => {
                    star = Some(index);
                    targets.push(self.target(&starred.value)?);
                }
                node => targets.push(self.deeper(node, |compiler| compiler.target(node))?),
            }
        }
        Ok(Target::Many { targets, star, at })
    }

    /// Compiles `def`. At module level a decorated function becomes the value of `LabelingFunction(…)`.
    fn definition(&mut self, def: &ast::StmtFunctionDef) -> Compiled<Stmt> {
        if def.is_async {
            return self.refuse(&def.name, "`async` is not available", "write `def`");
        }
        let module = self.scope().module;
        let decoration = match &*def.decorator_list {
            [] => None,
            [first, ..] if !module => return self.refuse(first, "decorators belong to functions at module level", ""),
            decorators => {
                let mut all = Decoration::default();
                for decorator in decorators {
                    let Decoration { name, resources } = self.decorator(&decorator.expression)?;
                    all = Decoration { name: name.or(all.name), resources: resources.or(all.resources) };
                }
                Some(all)
            }
        };
        let name = def.name.as_str();
        let at = self.at(&def.name);
        let make = self.function(name, def, Some(&def.parameters), Body::Block(&def.body))?;
        let function = Expr { at, kind: Kind::Make(Box::new(make)) };
        let value = match decoration {
            None => function,
            Some(Decoration { name: given, resources }) => {
                let given = given.unwrap_or(Expr { at, kind: Kind::Const(super::tree::Const::Str(name.into())) });
                let mut keywords = vec![("name".to_owned(), given), ("f".to_owned(), function)];
                keywords.extend(resources.map(|resources| ("resources".to_owned(), resources)));
                let callee = Expr { at, kind: Kind::Builtin(Builtin::LabelingFunction) };
                Expr {
                    at,
                    kind: Kind::Call(Box::new(Call { callee, args: Args { positional: Vec::new(), keywords } })),
                }
            }
        };
        Ok(Stmt::Assign(vec![self.write(name)], value))
    }

    fn decorator(&mut self, node: &Node) -> Compiled<Decoration> {
        let (callee, arguments) = match node {
            Node::Call(call) => (&*call.func, Some(&call.arguments)),
            other => (other, None),
        };
        let name = match callee {
            Node::Name(name) => name.id.as_str(),
            Node::Attribute(attribute) => attribute.attr.as_str(),
            _ => "",
        };
        let known = matches!(name, "labeling_function" | "lf")
            || matches!(callee, Node::Name(name) if self.import_of(name.id.as_str()) == Some(&Import::Decorator));
        if !known {
            let message = if name.contains("labeling_function") {
                format!("`@{name}` needs a package that is not available here")
            } else {
                format!("the decorator `@{name}` is not available")
            };
            return self.refuse(node, message, "write @labeling_function() and do the work in the function");
        }
        let mut decoration = Decoration::default();
        let Some(arguments) = arguments else { return Ok(decoration) };
        for (index, argument) in arguments.args.iter().enumerate() {
            match index {
                0 => decoration.name = Some(self.expr(argument)?),
                1 => decoration.resources = Some(self.expr(argument)?),
                _ => return self.no_preprocessors(argument).map(|()| decoration),
            }
        }
        for keyword in &arguments.keywords {
            match keyword.arg.as_ref().map(|name| name.as_str()) {
                Some("name") => decoration.name = Some(self.expr(&keyword.value)?),
                Some("resources") => decoration.resources = Some(self.expr(&keyword.value)?),
                Some("pre") => self.no_preprocessors(&keyword.value)?,
                _ => return self.refuse(keyword, "this argument is not known", "name= and resources= are"),
            }
        }
        Ok(decoration)
    }

    fn no_preprocessors(&self, node: &Node) -> Compiled<()> {
        match node {
            Node::List(list) if list.elts.is_empty() => Ok(()),
            Node::NoneLiteral(_) => Ok(()),
            _ => self.refuse(node, "preprocessors are not available", "do the work in the function, or in a column"),
        }
    }

    /// Compiles a lambda.
    pub(super) fn lambda(&mut self, node: &ast::ExprLambda) -> Compiled<Make> {
        self.function("lambda", node, node.parameters.as_deref(), Body::Expr(&node.body))
    }

    fn function(
        &mut self,
        name: &str,
        node: &impl Ranged,
        parameters: Option<&ast::Parameters>,
        body: Body,
    ) -> Compiled<Make> {
        let empty = ast::Parameters::default();
        let parameters = parameters.unwrap_or(&empty);
        let defaults = self.parameter_defaults(parameters)?;
        let names = match &body {
            Body::Block(body) => scope::of_body(body),
            Body::Expr(body) => scope::of_expr(body),
        };
        let mut scope = Scope { captured: names.captured, ..Scope::default() };
        scope.code = Code { name: name.to_owned(), range: self.range(node), at: self.at(node), ..Code::default() };
        scope.code.positional = parameters.posonlyargs.len() + parameters.args.len();
        for parameter in parameters.iter_non_variadic_params() {
            let name = parameter.parameter.name.as_str();
            scope.code.params.push(Param { name: name.to_owned(), default: parameter.default.is_some() });
            declare(&mut scope, name);
        }
        let assigned = |name: &String| names.bound.contains(name);
        scope.constant_params = scope.names.keys().filter(|name| !assigned(name)).cloned().collect();
        names.bound.iter().for_each(|name| declare(&mut scope, name));
        let (code, captures, outcome) = self.in_scope(scope, |compiler| {
            let body = match body {
                Body::Block(body) => compiler.block(body)?,
                Body::Expr(body) => vec![Stmt::Return(Some(compiler.expr(body)?))],
            };
            compiler.scope().code.body = body;
            Ok(())
        });
        outcome?;
        Ok(Make { code, captures, defaults })
    }

    fn parameter_defaults(&mut self, parameters: &ast::Parameters) -> Compiled<Vec<(u32, Expr)>> {
        if let Some(star) = parameters.vararg.as_deref().or(parameters.kwarg.as_deref()) {
            return self.refuse(star, "star parameters are not available", "name the parameters one by one");
        }
        let mut defaults = Vec::new();
        for (index, parameter) in parameters.iter_non_variadic_params().enumerate() {
            if let Some(default) = &parameter.default {
                defaults.push((index as u32, self.expr(default)?));
            }
        }
        Ok(defaults)
    }

    /// Opens the scope of a comprehension for the names of its targets; gives those that live in cells.
    pub(super) fn open_block(&mut self, names: &[String]) -> Vec<u32> {
        let mut block = HashMap::new();
        let mut cells = Vec::new();
        for name in names {
            let slot = self.new_slot(name);
            let cell = self.scope().captured.contains(name);
            if cell {
                cells.push(slot);
            }
            block.insert(name.clone(), Variable { slot, cell });
        }
        self.scope().blocks.push(block);
        cells
    }
}

/// Gives a variable of a function its slot.
fn declare(scope: &mut Scope, name: &str) {
    if scope.names.contains_key(name) {
        return;
    }
    let slot = scope.code.slots;
    scope.code.slots += 1;
    scope.code.slot_names.push(name.to_owned());
    let cell = scope.captured.contains(name);
    if cell {
        scope.code.cells.push(slot);
    }
    scope.names.insert(name.to_owned(), Variable { slot, cell });
}
