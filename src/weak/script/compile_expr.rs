//! Expressions.

use super::compile::{Compiled, Compiler, Import, Scope};
use super::parse::ast::{self, Expr as Node};
use super::scope;
use super::tree::{
    Binary, Clause, Code, Collect, Comp, Compare, Const, Expr, Generator, If, Kind, Piece, SliceOf, Target, Unary,
};

/// What a comprehension collects, as the parser gives it.
pub(super) struct Collected<'n> {
    pub collect: Collect,
    pub element: &'n Node,
    pub value: Option<&'n Node>,
    pub clauses: &'n [ast::Comprehension],
}

impl Compiler {
    /// Compiles an expression.
    pub(super) fn expr(&mut self, node: &Node) -> Compiled<Expr> {
        self.deeper(node, |compiler| compiler.expr_here(node))
    }

    fn exprs(&mut self, nodes: &[Node]) -> Compiled<Vec<Expr>> {
        nodes.iter().map(|node| self.expr(node)).collect()
    }

    fn expr_here(&mut self, node: &Node) -> Compiled<Expr> {
        let at = self.at(node);
        let kind = match node {
            Node::Name(name) => return self.read(name),
            Node::NoneLiteral(_) => Kind::Const(Const::None),
            Node::BooleanLiteral(literal) => Kind::Const(Const::Bool(literal.value)),
            Node::StringLiteral(literal) => Kind::Const(Const::Str(literal.value.to_str().into())),
            Node::NumberLiteral(literal) => Kind::Const(self.number(literal)?),
            Node::FString(literal) => self.format_string(literal)?,
            Node::List(list) => Kind::List(self.elements(&list.elts)?),
            Node::Tuple(tuple) => Kind::Tuple(self.elements(&tuple.elts)?),
            Node::Set(set) => Kind::Set(self.elements(&set.elts)?),
            Node::Dict(dict) => self.dict(dict)?,
            Node::ListComp(comp) => self.comp(Collect::List, &comp.elt, None, &comp.generators)?,
            Node::SetComp(comp) => self.comp(Collect::Set, &comp.elt, None, &comp.generators)?,
            Node::DictComp(comp) => match &comp.key {
                Some(key) => self.comp(Collect::Dict, key, Some(&comp.value), &comp.generators)?,
                None => return self.refuse(comp, "`**` is not available here", "write {key: value for …}"),
            },
            Node::Generator(generator) => self.generator(generator)?,
            Node::BoolOp(op) => {
                let values = self.exprs(&op.values)?;
                if op.op == ast::BoolOp::And { Kind::And(values) } else { Kind::Or(values) }
            }
            Node::UnaryOp(op) => self.unary(op)?,
            Node::BinOp(op) => {
                let sign = self.operator(op, op.op)?;
                Kind::Binary(sign, Box::new((self.expr(&op.left)?, self.expr(&op.right)?)))
            }
            Node::Compare(compare) => self.compare(compare)?,
            Node::If(node) => Kind::If(Box::new(If {
                test: self.expr(&node.test)?,
                body: self.expr(&node.body)?,
                other: self.expr(&node.orelse)?,
            })),
            Node::Lambda(lambda) => Kind::Make(Box::new(self.lambda(lambda)?)),
            Node::Named(named) => {
                let value = self.expr(&named.value)?;
                Kind::Walrus(Box::new((self.target(&named.target)?, value)))
            }
            Node::Attribute(attribute) => return self.attribute(attribute),
            Node::Subscript(subscript) => self.subscript(subscript)?,
            Node::Call(call) => return self.call(call),
            other => return self.refuse_expr(other),
        };
        Ok(Expr { at, kind })
    }

    fn refuse_expr<T>(&self, node: &Node) -> Compiled<T> {
        let (what, help) = match node {
            Node::Starred(_) => ("`*` is not available here", "write the parts one by one, or add lists with +"),
            Node::BytesLiteral(_) => ("bytes are not available", "leave out the b: text is enough"),
            Node::Await(_) | Node::Yield(_) | Node::YieldFrom(_) => ("this is not available", "collect a list instead"),
            Node::EllipsisLiteral(_) => ("`...` is not a value here", "write pass, or return ABSTAIN"),
            Node::TString(_) => ("template strings are not available", "write an f-string"),
            Node::Slice(_) => ("a slice cannot stand here", ""),
            _ => ("this is not available", "labelling functions are plain Python without packages"),
        };
        self.refuse(node, what, help)
    }

    fn number(&self, literal: &ast::ExprNumberLiteral) -> Compiled<Const> {
        match &literal.value {
            ast::Number::Int(int) => match int.as_i64() {
                Some(int) => Ok(Const::Int(int)),
                None => self.refuse(literal, "whole numbers have at most 64 bits here", "write a real number: 1e30"),
            },
            ast::Number::Float(float) => Ok(Const::Float(*float)),
            ast::Number::Complex { .. } => self.refuse(literal, "complex numbers are not available", ""),
        }
    }

    fn elements(&mut self, nodes: &[Node]) -> Compiled<Vec<Expr>> {
        self.exprs(nodes)
    }

    fn dict(&mut self, dict: &ast::ExprDict) -> Compiled<Kind> {
        let mut items = Vec::with_capacity(dict.items.len());
        for item in &dict.items {
            match &item.key {
                Some(key) => items.push((self.expr(key)?, self.expr(&item.value)?)),
                None => return self.refuse(&item.value, "`**` is not available here", "join dicts with a | b"),
            }
        }
        Ok(Kind::Dict(items))
    }

    fn unary(&mut self, op: &ast::ExprUnaryOp) -> Compiled<Kind> {
        let operand = self.expr(&op.operand)?;
        Ok(match (op.op, &operand.kind) {
            (ast::UnaryOp::USub, Kind::Const(Const::Int(int))) => Kind::Const(Const::Int(int.wrapping_neg())),
            (ast::UnaryOp::USub, Kind::Const(Const::Float(float))) => Kind::Const(Const::Float(-float)),
            (ast::UnaryOp::Not, _) => Kind::Not(Box::new(operand)),
            (ast::UnaryOp::USub, _) => Kind::Unary(Unary::Minus, Box::new(operand)),
            (ast::UnaryOp::UAdd, _) => Kind::Unary(Unary::Plus, Box::new(operand)),
            (ast::UnaryOp::Invert, _) => Kind::Unary(Unary::Invert, Box::new(operand)),
        })
    }

    /// The binary operator of a node.
    pub(super) fn operator(&self, node: &impl super::parse::Ranged, op: ast::Operator) -> Compiled<Binary> {
        Ok(match op {
            ast::Operator::Add => Binary::Add,
            ast::Operator::Sub => Binary::Sub,
            ast::Operator::Mult => Binary::Mul,
            ast::Operator::Div => Binary::Div,
            ast::Operator::FloorDiv => Binary::FloorDiv,
            ast::Operator::Mod => Binary::Mod,
            ast::Operator::Pow => Binary::Pow,
            ast::Operator::LShift => Binary::Left,
            ast::Operator::RShift => Binary::Right,
            ast::Operator::BitOr => Binary::Or,
            ast::Operator::BitXor => Binary::Xor,
            ast::Operator::BitAnd => Binary::And,
            ast::Operator::MatMult => return self.refuse(node, "`@` does not multiply here", ""),
        })
    }

    fn compare(&mut self, node: &ast::ExprCompare) -> Compiled<Kind> {
        let first = self.expr(&node.left)?;
        let mut rest = Vec::with_capacity(node.ops.len());
        for (op, right) in node.ops.iter().zip(&node.comparators) {
            let op = match op {
                ast::CmpOp::Eq => Compare::Eq,
                ast::CmpOp::NotEq => Compare::Ne,
                ast::CmpOp::Lt => Compare::Lt,
                ast::CmpOp::LtE => Compare::Le,
                ast::CmpOp::Gt => Compare::Gt,
                ast::CmpOp::GtE => Compare::Ge,
                ast::CmpOp::Is => Compare::Is,
                ast::CmpOp::IsNot => Compare::IsNot,
                ast::CmpOp::In => Compare::In,
                ast::CmpOp::NotIn => Compare::NotIn,
            };
            let right_expr = self.expr(right)?;
            let literal = |kind: &Kind| matches!(kind, Kind::Const(Const::Str(_) | Const::Int(_) | Const::Float(_)));
            if matches!(op, Compare::Is | Compare::IsNot) && (literal(&first.kind) || literal(&right_expr.kind)) {
                let help = if op == Compare::Is { "write ==" } else { "write !=" };
                return self.refuse(node, "`is` asks whether two values are the same object", help);
            }
            rest.push((op, right_expr));
        }
        Ok(Kind::Compare(Box::new(first), rest))
    }

    fn subscript(&mut self, node: &ast::ExprSubscript) -> Compiled<Kind> {
        let object = self.expr(&node.value)?;
        if let Node::Slice(slice) = &*node.slice {
            let mut bound = |part: &Option<Box<Node>>| part.as_deref().map(|part| self.expr(part)).transpose();
            let bounds = [bound(&slice.lower)?, bound(&slice.upper)?, bound(&slice.step)?];
            return Ok(Kind::Slice(Box::new(SliceOf { object, bounds })));
        }
        if let (Some(param), Node::StringLiteral(name)) = (self.parameter(&object), &*node.slice) {
            let name = self.name_id(name.value.to_str());
            let range = self.range(&*node.slice);
            self.scope().code.reads.push((param, name, range));
        }
        Ok(Kind::Index(Box::new((object, self.expr(&node.slice)?))))
    }

    /// The parameter that an expression reads, if it is one that is never assigned to.
    pub(super) fn parameter(&mut self, expr: &Expr) -> Option<u32> {
        let slot = match expr.kind {
            Kind::Local(slot) | Kind::Cell(slot) => slot,
            _ => return None,
        };
        let scope = self.scope();
        let param = scope.code.params.get(slot as usize)?;
        scope.constant_params.contains(&param.name).then_some(slot)
    }

    fn attribute(&mut self, node: &ast::ExprAttribute) -> Compiled<Expr> {
        let at = self.at(&node.attr);
        if let Some(kind) = self.module_member(node)? {
            return Ok(Expr { at, kind });
        }
        let object = self.expr(&node.value)?;
        let name = self.name_id(node.attr.as_str());
        if let Some(param) = self.parameter(&object) {
            let range = self.range(&node.attr);
            self.scope().code.reads.push((param, name, range));
        }
        Ok(Expr { at, kind: Kind::Attr(Box::new(object), name) })
    }

    /// What `module.member` means, if the object is an imported module.
    pub(super) fn module_member(&mut self, node: &ast::ExprAttribute) -> Compiled<Option<Kind>> {
        let Node::Name(name) = &*node.value else { return Ok(None) };
        let Some(import @ Import::Module(module)) = self.import_of(name.id.as_str()).cloned() else { return Ok(None) };
        self.use_import(name.id.as_str(), &import);
        let attr = node.attr.as_str();
        match module.member(attr) {
            Some(super::builtins::Member::Function(builtin)) => Ok(Some(Kind::Builtin(builtin))),
            Some(super::builtins::Member::Constant(value)) => Ok(Some(Kind::Const(value))),
            None => {
                let meant = super::builtins::similar(attr, module.functions());
                let help = meant.map(|meant| format!("did you mean `{}.{meant}`?", module.name())).unwrap_or_default();
                self.refuse(&node.attr, format!("`{}.{attr}` is not available", module.name()), &help)
            }
        }
    }

    fn format_string(&mut self, node: &ast::ExprFString) -> Compiled<Kind> {
        let mut pieces = Vec::new();
        for part in node.value.iter() {
            match part {
                ast::FStringPart::Literal(literal) => pieces.push(Piece::Text(literal.value.clone())),
                ast::FStringPart::FString(string) => pieces.extend(self.pieces(&string.elements)?),
            }
        }
        Ok(Kind::Format(pieces))
    }

    fn pieces(&mut self, elements: &ast::InterpolatedStringElements) -> Compiled<Vec<Piece>> {
        let mut pieces = Vec::new();
        for element in elements.iter() {
            match element {
                ast::InterpolatedStringElement::Literal(text) => pieces.push(Piece::Text(text.value.clone())),
                ast::InterpolatedStringElement::Interpolation(part) => {
                    if part.debug_text.is_some() || part.conversion == ast::ConversionFlag::Ascii {
                        return self.refuse(part, "this form of {…} is not available", "write {value} or {value!r}");
                    }
                    let spec = part.format_spec.as_ref().map(|spec| self.pieces(&spec.elements)).transpose()?;
                    pieces.push(Piece::Value {
                        value: self.expr(&part.expression)?,
                        repr: part.conversion == ast::ConversionFlag::Repr,
                        spec: spec.unwrap_or_default(),
                    });
                }
            }
        }
        Ok(pieces)
    }

    fn comp(
        &mut self,
        collect: Collect,
        element: &Node,
        value: Option<&Node>,
        clauses: &[ast::Comprehension],
    ) -> Compiled<Kind> {
        let collected = Collected { collect, element, value, clauses };
        Ok(Kind::Comp(Box::new(self.comprehension(&collected)?)))
    }

    /// Compiles a comprehension that is evaluated in the frame of the code around it.
    pub(super) fn comprehension(&mut self, collected: &Collected) -> Compiled<Comp> {
        let first = match collected.clauses.first() {
            Some(clause) => self.expr(&clause.iter)?,
            None => Expr { at: 0, kind: Kind::Const(Const::None) },
        };
        self.comprehension_over(first, collected)
    }

    /// The same with the iterable of the first clause already compiled.
    fn comprehension_over(&mut self, first: Expr, collected: &Collected) -> Compiled<Comp> {
        let names = target_names(collected.clauses);
        let cells = self.open_block(&names);
        let result = self.clauses(first, collected);
        self.scope().blocks.pop();
        let (clauses, element, value) = result?;
        Ok(Comp { collect: collected.collect, clauses, element, value, cells })
    }

    fn clauses(&mut self, first: Expr, collected: &Collected) -> Compiled<(Vec<Clause>, Expr, Option<Expr>)> {
        let mut first = Some(first);
        let mut clauses = Vec::with_capacity(collected.clauses.len());
        for clause in collected.clauses {
            if clause.is_async {
                return self.refuse(clause, "`async` is not available", "");
            }
            let iter = match first.take() {
                Some(first) => first,
                None => self.expr(&clause.iter)?,
            };
            let target: Target = self.target(&clause.target)?;
            clauses.push(Clause { target, iter, tests: self.exprs(&clause.ifs)? });
        }
        let element = self.expr(collected.element)?;
        let value = collected.value.map(|value| self.expr(value)).transpose()?;
        Ok((clauses, element, value))
    }

    /// Compiles a generator expression that is passed around: a code of its own, run lazily.
    fn generator(&mut self, node: &ast::ExprGenerator) -> Compiled<Kind> {
        let Some(clause) = node.generators.first() else { return self.refuse(node, "this generator is empty", "") };
        let first = self.expr(&clause.iter)?;
        let names = scope::of_expr(&node.elt);
        let mut captured = names.captured;
        for clause in &node.generators {
            captured.extend(scope::of_expr(&clause.iter).captured);
            clause.ifs.iter().for_each(|test| captured.extend(scope::of_expr(test).captured));
        }
        let mut scope = Scope { captured, generator: true, ..Scope::default() };
        let range = self.range(node);
        scope.code = Code { name: "generator".into(), at: range.start as u32, range, ..Code::default() };
        let collected =
            Collected { collect: Collect::List, element: &node.elt, value: None, clauses: &node.generators };
        let (code, captures, outcome) = self.in_scope(scope, |compiler| {
            let placeholder = Expr { at: 0, kind: Kind::Const(Const::None) };
            let comp = compiler.comprehension_over(placeholder, &collected)?;
            compiler.scope().code.generator = Some(comp);
            Ok(())
        });
        outcome?;
        Ok(Kind::Generator(Box::new(Generator { code, captures, first })))
    }
}

/// The names that the targets of clauses bind.
fn target_names(clauses: &[ast::Comprehension]) -> Vec<String> {
    fn collect(node: &Node, names: &mut Vec<String>) {
        match node {
            Node::Name(name) => names.push(name.id.as_str().to_owned()),
            Node::Tuple(tuple) => tuple.elts.iter().for_each(|node| collect(node, names)),
            Node::List(list) => list.elts.iter().for_each(|node| collect(node, names)),
            Node::Starred(starred) => collect(&starred.value, names),
            _ => {}
        }
    }
    let mut names = Vec::new();
    clauses.iter().for_each(|clause| collect(&clause.target, &mut names));
    names.sort_unstable();
    names.dedup();
    names
}
