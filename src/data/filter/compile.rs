//! From a syntax tree to a typed tree: names become columns, operators find their types, and what does not fit is
//! refused with the place and what to write instead.

use std::ops::Range;

use sqlparser::ast::{BinaryOperator, CaseWhen, Expr, Spanned as _, UnaryOperator, Value as Literal};
use sqlparser::tokenizer::Span;

use super::super::{Column, Frame, Kind, Values};
use super::error::FilterError;
use super::parse::{DEPTH, Places, too_deep};
use super::tree::{Arithmetic, Comparison, Node, Op, Type};

/// A column that a condition uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) name: String,
    pub(super) ty: Type,
    /// True if its folded strings are wanted.
    pub(super) folded: bool,
}

/// Compiles against the columns of one frame.
pub(super) struct Compiler<'a> {
    pub(super) frame: &'a Frame,
    pub(super) places: &'a Places<'a>,
    pub(super) slots: Vec<Slot>,
    pub(super) depth: usize,
}

pub(super) type Compiled = Result<Node, FilterError>;

/// The type of a column's values.
pub(super) fn type_of(column: &Column) -> Type {
    match column.values() {
        Values::Text(_) => Type::Text,
        Values::Int(_) => Type::Int,
        Values::Float(_) => Type::Float,
        Values::Bool(_) => Type::Bool,
        Values::Time(_) => Type::Time,
    }
}

impl Compiler<'_> {
    pub(super) fn range(&self, expr: &Expr) -> Range<usize> {
        let span = match expr {
            Expr::RLike { expr, pattern, .. } => expr.span().union(&pattern.span()),
            other => other.span(),
        };
        if span == Span::empty() { 0..self.places.source().len() } else { self.places.range(span) }
    }

    /// An error about an expression.
    pub(super) fn error(&self, expr: &Expr, message: impl Into<String>) -> FilterError {
        self.places.error(self.range(expr), message)
    }

    /// The expression as it was written, for a message.
    pub(super) fn quote(&self, expr: &Expr) -> String {
        self.places.quote(&self.range(expr))
    }

    /// Compiles an expression that must be a condition.
    pub(super) fn condition(&mut self, expr: &Expr) -> Compiled {
        let node = self.node(expr)?;
        match node.ty {
            Type::Bool | Type::Null => Ok(node),
            other => {
                let shown = self.quote(expr);
                let hint = match other {
                    Type::Text => format!("compare it, such as {shown} = '…' or {shown} IS NOT NULL"),
                    Type::Time => format!("compare it, such as {shown} >= '2015-08-25'"),
                    _ => format!("compare it, such as {shown} > 0"),
                };
                Err(self.error(expr, format!("{shown} is {}, not a condition", other.spoken())).help(hint))
            }
        }
    }

    /// Compiles an expression of any type.
    pub(super) fn node(&mut self, expr: &Expr) -> Compiled {
        self.depth += 1;
        if self.depth > DEPTH {
            // The place of what is so deep is itself found by walking down, so the whole source is named instead.
            return Err(too_deep(0..self.places.source().len(), self.places));
        }
        let node = self.dispatch(expr);
        self.depth -= 1;
        node
    }

    fn dispatch(&mut self, expr: &Expr) -> Compiled {
        match expr {
            Expr::Nested(inner) => {
                let mut inner = inner;
                while let Expr::Nested(next) = inner.as_ref() {
                    inner = next;
                }
                self.dispatch(inner)
            }
            Expr::Identifier(name) => self.column(name),
            Expr::CompoundIdentifier(parts) => self.compound(expr, parts),
            Expr::Value(value) => self.literal(expr, &value.value),
            Expr::TypedString(typed) => self.typed_string(expr, &typed.data_type, &typed.value.value),
            Expr::BinaryOp { left, op, right } => self.binary(expr, left, op, right),
            Expr::UnaryOp { op, expr: inner } => self.unary(expr, *op, inner),
            Expr::IsNull(inner) => self.is_null(inner),
            Expr::IsNotNull(inner) => Ok(self.is_null(inner)?.not()),
            Expr::IsTrue(inner) => self.is(inner, true),
            Expr::IsNotTrue(inner) => Ok(self.is(inner, true)?.not()),
            Expr::IsFalse(inner) => self.is(inner, false),
            Expr::IsNotFalse(inner) => Ok(self.is(inner, false)?.not()),
            Expr::IsUnknown(inner) => {
                self.condition(inner)?;
                self.is_null(inner)
            }
            Expr::IsNotUnknown(inner) => {
                self.condition(inner)?;
                Ok(self.is_null(inner)?.not())
            }
            Expr::IsDistinctFrom(left, right) => Ok(self.same(left, right)?.not()),
            Expr::IsNotDistinctFrom(left, right) => self.same(left, right),
            Expr::InList { expr: value, list, negated } => negate_if(self.in_list(value, list)?, *negated),
            Expr::Between { expr: value, negated, low, high } => {
                let above = self.compare(Comparison::GreaterEqual, value, low)?;
                let below = self.compare(Comparison::LessEqual, value, high)?;
                negate_if(Node::bool(Op::All(vec![above, below])), *negated)
            }
            Expr::Like { negated, any: false, expr: text, pattern, escape_char } => {
                negate_if(self.like(text, pattern, escape_char.as_deref(), false)?, *negated)
            }
            Expr::ILike { negated, any: false, expr: text, pattern, escape_char } => {
                negate_if(self.like(text, pattern, escape_char.as_deref(), true)?, *negated)
            }
            Expr::RLike { negated, expr: text, pattern, .. } => negate_if(self.regex(text, pattern, false)?, *negated),
            Expr::Case { operand, conditions, else_result, .. } => {
                self.case(expr, operand.as_deref(), conditions, else_result.as_deref())
            }
            Expr::Cast { expr: inner, data_type, format: None, .. } => self.cast(expr, inner, data_type),
            Expr::Function(function) => self.function(expr, function),
            Expr::Ceil { expr: inner, .. } => self.call_named(expr, "ceil", &[inner.as_ref()]),
            Expr::Floor { expr: inner, .. } => self.call_named(expr, "floor", &[inner.as_ref()]),
            Expr::Position { expr: part, r#in } => self.call_named(expr, "position", &[r#in.as_ref(), part.as_ref()]),
            Expr::Substring { expr: text, substring_from, substring_for, .. } => {
                self.substring(expr, text, substring_from.as_deref(), substring_for.as_deref())
            }
            Expr::Trim { expr: text, trim_where, trim_what, trim_characters } => {
                self.trim(expr, text, *trim_where, trim_what.as_deref(), trim_characters.as_deref())
            }
            Expr::Extract { field, expr: inner, .. } => self.extract(expr, field, inner),
            other => Err(self.unsupported(other)),
        }
    }

    pub(super) fn unsupported(&self, expr: &Expr) -> FilterError {
        let (what, help) = match expr {
            Expr::Subquery(_)
            | Expr::Exists { .. }
            | Expr::InSubquery { .. }
            | Expr::AnyOp { .. }
            | Expr::AllOp { .. } => (
                "a filter looks at one row at a time and has no subqueries",
                "write the values themselves, such as column IN ('a', 'b')",
            ),
            Expr::SimilarTo { .. } => ("SIMILAR TO is not supported", "write column ~ 'regular expression'"),
            Expr::Like { .. } | Expr::ILike { .. } => ("LIKE ANY is not supported", "join several LIKE with OR"),
            Expr::Tuple(_) => ("a list of values stands only after IN", "write column IN (a, b)"),
            Expr::Interval(_) => ("intervals are not supported", "compare with a time, such as '2015-08-25 14:30'"),
            Expr::AtTimeZone { .. } => ("times are in UTC", "write the offset in the time: '2015-08-25T14:30+09:00'"),
            Expr::Wildcard(_) | Expr::QualifiedWildcard(..) => ("* stands for no value here", "name a column"),
            _ => (
                "this part of SQL is not part of the filter language",
                "there are comparisons, AND, OR, NOT, IN, BETWEEN, LIKE, ~, IS NULL, CASE, CAST and functions",
            ),
        };
        self.error(expr, what).help(help)
    }

    fn binary(&mut self, expr: &Expr, left: &Expr, op: &BinaryOperator, right: &Expr) -> Compiled {
        let compare = |op| Some(op);
        let comparison = match op {
            BinaryOperator::Eq => compare(Comparison::Equal),
            BinaryOperator::NotEq => compare(Comparison::NotEqual),
            BinaryOperator::Lt => compare(Comparison::Less),
            BinaryOperator::LtEq => compare(Comparison::LessEqual),
            BinaryOperator::Gt => compare(Comparison::Greater),
            BinaryOperator::GtEq => compare(Comparison::GreaterEqual),
            _ => None,
        };
        if let Some(comparison) = comparison {
            return self.compare(comparison, left, right);
        }
        match op {
            BinaryOperator::And | BinaryOperator::Or | BinaryOperator::StringConcat => self.chain(expr, op),
            BinaryOperator::Plus => self.arithmetic(Arithmetic::Add, left, right),
            BinaryOperator::Minus => self.arithmetic(Arithmetic::Subtract, left, right),
            BinaryOperator::Multiply => self.arithmetic(Arithmetic::Multiply, left, right),
            BinaryOperator::Divide => self.arithmetic(Arithmetic::Divide, left, right),
            BinaryOperator::Modulo => self.arithmetic(Arithmetic::Modulo, left, right),
            BinaryOperator::PGRegexMatch => self.regex(left, right, false),
            BinaryOperator::PGRegexIMatch => self.regex(left, right, true),
            BinaryOperator::PGRegexNotMatch => Ok(self.regex(left, right, false)?.not()),
            BinaryOperator::PGRegexNotIMatch => Ok(self.regex(left, right, true)?.not()),
            BinaryOperator::PGLikeMatch => self.like(left, right, None, false),
            BinaryOperator::PGILikeMatch => self.like(left, right, None, true),
            BinaryOperator::PGNotLikeMatch => Ok(self.like(left, right, None, false)?.not()),
            BinaryOperator::PGNotILikeMatch => Ok(self.like(left, right, None, true)?.not()),
            other => Err(self.error(expr, format!("the operator {other} is not part of the filter language"))),
        }
    }

    /// `a AND b AND c …`, of any length, without recursion into the left side; so too for OR and `||`.
    fn chain(&mut self, expr: &Expr, wanted: &BinaryOperator) -> Compiled {
        let mut parts = Vec::new();
        let mut rest = expr;
        loop {
            match rest {
                Expr::BinaryOp { left, op, right } if op == wanted => {
                    parts.push(right.as_ref());
                    rest = left;
                }
                first => {
                    parts.push(first);
                    break;
                }
            }
        }
        parts.reverse();
        if *wanted == BinaryOperator::StringConcat {
            let texts = parts.into_iter().map(|part| self.as_text(part)).collect::<Result<Vec<_>, _>>()?;
            return Ok(Node::new(Type::Text, Op::Concat(false, texts)));
        }
        let mut conditions = parts.into_iter().map(|part| self.condition(part)).collect::<Result<Vec<_>, _>>()?;
        conditions.sort_by_key(Node::cost);
        Ok(Node::bool(if *wanted == BinaryOperator::And { Op::All(conditions) } else { Op::Any(conditions) }))
    }

    fn unary(&mut self, expr: &Expr, op: UnaryOperator, inner: &Expr) -> Compiled {
        match op {
            UnaryOperator::Not | UnaryOperator::BangNot => Ok(self.condition(inner)?.not()),
            UnaryOperator::Minus | UnaryOperator::Plus => {
                let sign = if op == UnaryOperator::Minus { "-" } else { "" };
                if let Expr::Value(value) = inner
                    && let Literal::Number(digits, false) = &value.value
                {
                    return self.number(inner, digits, sign);
                }
                let node = self.numeric(inner)?;
                Ok(if sign.is_empty() { node } else { Node::new(node.ty, Op::Negate(Box::new(node))) })
            }
            other => Err(self.error(expr, format!("the operator {other} is not part of the filter language"))),
        }
    }

    pub(super) fn arithmetic(&mut self, op: Arithmetic, left: &Expr, right: &Expr) -> Compiled {
        let (left, right) = (self.numeric(left)?, self.numeric(right)?);
        let whole = left.ty == Type::Int && right.ty == Type::Int && op != Arithmetic::Divide;
        let ty = if whole { Type::Int } else { Type::Float };
        Ok(Node::new(ty, Op::Arithmetic(op, Box::new(left), Box::new(right))))
    }

    fn is_null(&mut self, inner: &Expr) -> Compiled {
        Ok(Node::bool(Op::IsNull(Box::new(self.node(inner)?))))
    }

    fn is(&mut self, inner: &Expr, value: bool) -> Compiled {
        Ok(Node::bool(Op::Is(value, Box::new(self.condition(inner)?))))
    }

    fn case(&mut self, expr: &Expr, operand: Option<&Expr>, branches: &[CaseWhen], last: Option<&Expr>) -> Compiled {
        let mut conditions = Vec::with_capacity(branches.len());
        let mut results = Vec::with_capacity(branches.len() + 1);
        for branch in branches {
            conditions.push(match operand {
                Some(operand) => self.compare(Comparison::Equal, operand, &branch.condition)?,
                None => self.condition(&branch.condition)?,
            });
            results.push(&branch.result);
        }
        results.extend(last);
        let (ty, mut nodes) = self.alike(expr, &results)?;
        let last = if last.is_some() { nodes.pop().map(Box::new) } else { None };
        Ok(Node::new(ty, Op::Case(conditions.into_iter().zip(nodes).collect(), last)))
    }

    /// True if the column is a category, whose values may be offered.
    pub(super) fn is_category(column: &Column) -> bool {
        column.kind() == Kind::Category
    }
}

fn negate_if(node: Node, negated: bool) -> Compiled {
    Ok(if negated { node.not() } else { node })
}
