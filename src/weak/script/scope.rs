//! Which names a function binds, and which of them functions inside it use.

use std::collections::HashSet;

use super::parse::ast::{self, Expr, Stmt};
use super::parse::visitor::{self, Visitor};

/// The names of a function, or of a statement at module level.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Bound by assignment, `for`, `:=` or `def`, in order, without those of comprehensions.
    pub bound: Vec<String>,
    /// Used by functions inside: such a variable lives in a cell.
    pub captured: HashSet<String>,
    functions: usize,
    generators: usize,
    targets: usize,
}

/// The names of a body of statements.
pub(super) fn of_body(body: &[Stmt]) -> Names {
    let mut names = Names::default();
    names.visit_body(body);
    names
}

/// The names of an expression.
pub(super) fn of_expr(expr: &Expr) -> Names {
    let mut names = Names::default();
    names.visit_expr(expr);
    names
}

/// The generator expression of a call that uses it up at once, such as `any(… for …)` or `", ".join(… for …)`: it can
/// be evaluated in the frame of the code around it.
pub(super) fn used_up(call: &ast::ExprCall) -> Option<&ast::ExprGenerator> {
    let named = match &*call.func {
        Expr::Name(name) => matches!(
            name.id.as_str(),
            "any" | "all" | "sum" | "min" | "max" | "list" | "set" | "tuple" | "sorted" | "dict" | "frozenset"
        ),
        Expr::Attribute(attribute) => attribute.attr.as_str() == "join",
        _ => false,
    };
    match &*call.arguments.args {
        [Expr::Generator(generator)] if named => Some(generator),
        [Expr::Generator(generator), _] if named => Some(generator),
        _ => None,
    }
}

impl Names {
    fn bind(&mut self, name: &str) {
        if self.functions == 0 && self.targets == 0 && !self.bound.iter().any(|bound| bound == name) {
            self.bound.push(name.to_owned());
        }
        self.mention(name);
    }

    fn mention(&mut self, name: &str) {
        if self.functions + self.generators > 0 {
            self.captured.insert(name.to_owned());
        }
    }

    fn comprehension(&mut self, clauses: &[ast::Comprehension], elements: &[&Expr]) {
        if let Some(first) = clauses.first() {
            self.visit_expr(&first.iter);
        }
        self.comprehension_over(clauses, elements);
    }

    /// The same without the first iterable: walking that twice would double the work at each level of nesting.
    fn comprehension_over(&mut self, clauses: &[ast::Comprehension], elements: &[&Expr]) {
        for (at, clause) in clauses.iter().enumerate() {
            if at > 0 {
                self.visit_expr(&clause.iter);
            }
            self.targets += 1;
            self.visit_expr(&clause.target);
            self.targets -= 1;
            clause.ifs.iter().for_each(|test| self.visit_expr(test));
        }
        elements.iter().for_each(|element| self.visit_expr(element));
    }

    fn defaults(&mut self, parameters: &ast::Parameters) {
        for parameter in parameters.iter() {
            if let Some(default) = parameter.default() {
                self.visit_expr(default);
            }
        }
    }
}

impl<'v> Visitor<'v> for Names {
    fn visit_annotation(&mut self, _: &'v Expr) {}

    fn visit_stmt(&mut self, statement: &'v Stmt) {
        match statement {
            Stmt::FunctionDef(def) => {
                self.bind(def.name.as_str());
                def.decorator_list.iter().for_each(|decorator| self.visit_expr(&decorator.expression));
                self.defaults(&def.parameters);
                self.functions += 1;
                self.visit_body(&def.body);
                self.functions -= 1;
            }
            Stmt::ClassDef(class) => self.bind(class.name.as_str()),
            Stmt::Import(_) | Stmt::ImportFrom(_) => {}
            _ => visitor::walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expr: &'v Expr) {
        match expr {
            Expr::Name(name) if name.ctx.is_store() => self.bind(name.id.as_str()),
            Expr::Name(name) => self.mention(name.id.as_str()),
            Expr::Named(named) => {
                // `:=` in a comprehension binds in the function around it.
                let targets = std::mem::take(&mut self.targets);
                self.visit_expr(&named.target);
                self.targets = targets;
                self.visit_expr(&named.value);
            }
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.defaults(parameters);
                }
                self.functions += 1;
                self.visit_expr(&lambda.body);
                self.functions -= 1;
            }
            Expr::ListComp(comp) => self.comprehension(&comp.generators, &[&comp.elt]),
            Expr::SetComp(comp) => self.comprehension(&comp.generators, &[&comp.elt]),
            Expr::DictComp(comp) => match &comp.key {
                Some(key) => self.comprehension(&comp.generators, &[key, &comp.value]),
                None => self.comprehension(&comp.generators, &[&comp.value]),
            },
            Expr::Generator(generator) => {
                if let Some(first) = generator.generators.first() {
                    self.visit_expr(&first.iter);
                }
                self.generators += 1;
                self.comprehension_over(&generator.generators, &[&generator.elt]);
                self.generators -= 1;
            }
            Expr::Call(call) => match used_up(call) {
                Some(generator) => {
                    self.visit_expr(&call.func);
                    self.comprehension(&generator.generators, &[&generator.elt]);
                    call.arguments.args.iter().skip(1).for_each(|arg| self.visit_expr(arg));
                    call.arguments.keywords.iter().for_each(|keyword| self.visit_expr(&keyword.value));
                }
                None => visitor::walk_expr(self, expr),
            },
            _ => visitor::walk_expr(self, expr),
        }
    }
}
