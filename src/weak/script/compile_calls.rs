//! Calls: of functions, of methods, and what can be said about them before anything runs.

use super::builtins::{Builtin, Method, similar};
use super::compile::{Compiled, Compiler};
use super::compile_expr::Collected;
use super::parse::ast::{self, Expr as Node};
use super::regexes::{Pattern, Speed};
use super::scope;
use super::tree::{Args, Call, Collect, Const, Expr, Kind, MethodCall};

impl Compiler {
    /// Compiles a call.
    pub(super) fn call(&mut self, node: &ast::ExprCall) -> Compiled<Expr> {
        let at = self.at(node);
        if let Node::Attribute(attribute) = &*node.func
            && self.module_member(attribute)?.is_none()
        {
            return self.method(node, attribute);
        }
        let callee = self.expr(&node.func)?;
        if let (Kind::Builtin(builtin @ (Builtin::Any | Builtin::All)), Some(generator)) =
            (&callee.kind, scope::used_up(node))
            && node.arguments.args.len() == 1
        {
            let collect = if *builtin == Builtin::Any { Collect::Any } else { Collect::All };
            let collected = Collected { collect, element: &generator.elt, value: None, clauses: &generator.generators };
            return Ok(Expr { at, kind: Kind::Comp(Box::new(self.comprehension(&collected)?)) });
        }
        let args = self.arguments(node)?;
        if let Kind::Builtin(builtin) = callee.kind {
            self.look_at_builtin(builtin, node, &args)?;
        }
        if let Kind::Global(global) = callee.kind {
            for (position, argument) in args.positional.iter().enumerate() {
                if let Some(param) = self.parameter(argument) {
                    self.scope().code.passes.push((param, global, position as u32));
                }
            }
        }
        Ok(Expr { at, kind: Kind::Call(Box::new(Call { callee, args })) })
    }

    fn look_at_builtin(&mut self, builtin: Builtin, node: &ast::ExprCall, args: &Args) -> Compiled<()> {
        if builtin == Builtin::Print {
            self.warn(self.range(node), "`print` shows nothing here", "look at the rows of a function in the table");
        }
        if !builtin.takes_pattern() && builtin != Builtin::Regex {
            return Ok(());
        }
        let position = usize::from(builtin == Builtin::Regex);
        let Some(Kind::Const(Const::Str(source))) = args.positional.get(position).map(|arg| &arg.kind) else {
            return Ok(());
        };
        let Some(place) = node.arguments.args.get(position) else { return Ok(()) };
        // Flags change nothing about whether a pattern is well formed, except that spaces are free in verbose ones.
        let verbose = node.arguments.args.len() > 2 || !node.arguments.keywords.is_empty();
        match Pattern::new(source, 0) {
            Ok(pattern) if pattern.speed() == Speed::Backtracking => self.warn(
                self.range(place),
                "this pattern looks around or refers back, so it is tried step by step, with a limit",
                "the same without (?=…), (?!…), (?<=…), (?<!…) or \\1 is many times faster",
            ),
            Ok(_) => {}
            Err(message) if !verbose || builtin == Builtin::Regex => {
                return self.refuse(place, format!("this pattern cannot be read: {message}"), "");
            }
            Err(_) => {}
        }
        Ok(())
    }

    fn method(&mut self, node: &ast::ExprCall, attribute: &ast::ExprAttribute) -> Compiled<Expr> {
        let at = self.at(&attribute.attr);
        let object = self.expr(&attribute.value)?;
        let name = attribute.attr.as_str();
        let Some(method) = Method::find(name) else {
            if self.scope().module {
                // What stands in a file besides functions may be about names that are lost; then running it says so.
                let name = self.name_id(name);
                let callee = Expr { at, kind: Kind::Attr(Box::new(object), name) };
                let args = self.arguments(node)?;
                return Ok(Expr { at, kind: Kind::Call(Box::new(Call { callee, args })) });
            }
            let help = match name {
                "contains" | "__contains__" => "write `\"…\" in text`".to_owned(),
                "isin" => "write `value in [\"…\", \"…\"]`".to_owned(),
                "encode" | "decode" => "text is text here; there are no bytes".to_owned(),
                "translate" | "maketrans" => "use replace, or re.sub".to_owned(),
                "isnull" | "isna" | "notnull" | "notna" => "write `value is None`".to_owned(),
                _ => similar(name, Method::ALL.iter().map(|method| method.name()))
                    .map(|meant| format!("did you mean `{meant}`?"))
                    .unwrap_or_default(),
            };
            return self.refuse(&attribute.attr, format!("there is no method `{name}` here"), &help);
        };
        if let (Method::Lower, Kind::Attr(_, name)) = (method, &object.kind) {
            let name = *name;
            self.scope().code.lowered.push(name);
        }
        let args = self.arguments(node)?;
        Ok(Expr { at, kind: Kind::Method(Box::new(MethodCall { object, method, args })) })
    }

    fn arguments(&mut self, node: &ast::ExprCall) -> Compiled<Args> {
        let mut args = Args::default();
        let used_up = scope::used_up(node);
        for (index, argument) in node.arguments.args.iter().enumerate() {
            if let Node::Starred(starred) = argument {
                return self.refuse(starred, "star arguments are not available", "give the arguments one by one");
            }
            args.positional.push(match used_up {
                // The callee takes everything at once, so that a list does as well and costs less.
                Some(generator) if index == 0 => {
                    let collected = Collected {
                        collect: Collect::List,
                        element: &generator.elt,
                        value: None,
                        clauses: &generator.generators,
                    };
                    let at = self.at(generator);
                    Expr { at, kind: Kind::Comp(Box::new(self.comprehension(&collected)?)) }
                }
                _ => self.expr(argument)?,
            });
        }
        for keyword in &node.arguments.keywords {
            match &keyword.arg {
                Some(name) => args.keywords.push((name.as_str().to_owned(), self.expr(&keyword.value)?)),
                None => {
                    return self.refuse(keyword, "star arguments are not available", "give the arguments one by one");
                }
            }
        }
        Ok(args)
    }
}
