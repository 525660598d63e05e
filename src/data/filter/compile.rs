//! From a syntax tree to a typed tree: names become columns, operators find their types, and what does not fit is
//! refused with the place and what to write instead.

use std::collections::HashSet;
use std::ops::Range;

use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, DataType, DateTimeField, Expr, Ident, Spanned as _, TrimWhereField,
    UnaryOperator, Value as Literal,
};
use sqlparser::tokenizer::Span;

use super::super::{Column, Frame, Kind, Values};
use super::error::{FilterError, nearest};
use super::parse::{DEPTH, Places, too_deep};
use super::patterns;
use super::time;
use super::tree::{Arithmetic, Comparison, Field, Function, Node, Op, Set, SetValues, Type, Value};

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
                self.node(inner)
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
            Expr::Cast { kind, expr: inner, data_type, format: None } => self.cast(expr, kind, inner, data_type),
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

    fn unsupported(&self, expr: &Expr) -> FilterError {
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

    fn column(&mut self, name: &Ident) -> Compiled {
        if let Some(column) = self.frame.get(&name.value) {
            let ty = type_of(column);
            let found = self.slots.iter().position(|slot| slot.name == column.name());
            let slot = found.unwrap_or_else(|| {
                self.slots.push(Slot { name: column.name().to_owned(), ty, folded: false });
                self.slots.len() - 1
            });
            return Ok(Node::new(ty, Op::Column(slot)));
        }
        Err(self.no_column(name))
    }

    fn no_column(&self, name: &Ident) -> FilterError {
        let error = self.places.error(self.places.range(name.span), format!("there is no column {}", name.value));
        if let Some((why, help)) = super::functions::refusal(&name.value).filter(|_| name.quote_style.is_none()) {
            let message = format!("{} is not part of the filter language: {why}", name.value);
            return self.places.error(self.places.range(name.span), message).help(help);
        }
        let exact: Vec<&str> =
            self.frame.columns().iter().map(|c| c.name()).filter(|c| c.eq_ignore_ascii_case(&name.value)).collect();
        if exact.len() > 1 {
            let names: Vec<String> = exact.into_iter().map(super::quote_name).collect();
            return error.help(format!("upper and lower case tell these apart: {}", names.join(", ")));
        }
        let near = nearest(&name.value, self.frame.columns().iter().map(|column| column.name()));
        let help = match near.as_slice() {
            [] if name.quote_style == Some('"') => {
                format!("double quotes name a column; text stands in single quotes: {}", super::quote_text(&name.value))
            }
            [] => {
                let mut names: Vec<String> =
                    self.frame.columns().iter().take(12).map(|column| super::quote_name(column.name())).collect();
                if self.frame.columns().len() > names.len() {
                    names.push("…".to_owned());
                }
                format!("the columns are: {}; text stands in single quotes", names.join(", "))
            }
            near => {
                let names: Vec<String> = near.iter().map(|name| super::quote_name(name)).collect();
                format!("did you mean {}?", names.join(" or "))
            }
        };
        error.help(help)
    }

    /// `a.b`: a column of that very name, such as struct fields are given when a file is read.
    fn compound(&mut self, expr: &Expr, parts: &[Ident]) -> Compiled {
        let name = parts.iter().map(|part| part.value.as_str()).collect::<Vec<_>>().join(".");
        let whole = parts.iter().fold(Span::empty(), |span, part| span.union(&part.span));
        if self.frame.get(&name).is_some() {
            return self.column(&Ident::with_span(whole, name));
        }
        let last = parts.last().map_or("", |part| part.value.as_str());
        let help = match self.frame.get(last) {
            Some(_) => format!("there is only one table: write {}", super::quote_name(last)),
            None => format!("a name with a dot in it stands in double quotes: {}", super::quote_name(&name)),
        };
        Err(self.error(expr, format!("there is no column {name}")).help(help))
    }

    fn literal(&self, expr: &Expr, value: &Literal) -> Compiled {
        Ok(Node::literal(match value {
            Literal::Null => Value::Null,
            Literal::Boolean(value) => Value::Bool(*value),
            Literal::SingleQuotedString(text) => Value::Text(text.clone()),
            Literal::Number(digits, false) => return self.number(expr, digits, ""),
            _ => {
                let help = "text stands in single quotes, numbers are decimal";
                return Err(self.error(expr, "this form of a value is not part of the filter language").help(help));
            }
        }))
    }

    fn number(&self, expr: &Expr, digits: &str, sign: &str) -> Compiled {
        let text = format!("{sign}{digits}");
        if let Ok(whole) = text.parse::<i64>() {
            return Ok(Node::literal(Value::Int(whole)));
        }
        match text.parse::<f64>() {
            Ok(real) => Ok(Node::literal(Value::Float(real))),
            Err(_) => Err(self.error(expr, format!("{text} is not a number"))),
        }
    }

    fn typed_string(&self, expr: &Expr, data_type: &DataType, value: &Literal) -> Compiled {
        let (DataType::Date | DataType::Timestamp(..) | DataType::Datetime(_), Literal::SingleQuotedString(text)) =
            (data_type, value)
        else {
            return Err(self.unsupported(expr));
        };
        self.time_literal(expr, text)
    }

    /// Reads a text literal as a time.
    fn time_literal(&self, expr: &Expr, text: &str) -> Compiled {
        match time::parse(text) {
            Some(micros) => Ok(Node::literal(Value::Time(micros))),
            None => {
                Err(self.error(expr, format!("'{text}' is not a time")).help(format!("write times as {}", time::FORMS)))
            }
        }
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

    /// A value turned into text if it is none.
    pub(super) fn as_text(&mut self, expr: &Expr) -> Compiled {
        let node = self.node(expr)?;
        Ok(match node.ty {
            Type::Text => node,
            _ => Node::new(Type::Text, Op::Cast(Box::new(node))),
        })
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

    /// Compiles what must be a number.
    pub(super) fn numeric(&mut self, expr: &Expr) -> Compiled {
        let node = self.node(expr)?;
        match node.ty {
            Type::Int | Type::Float => Ok(node),
            Type::Null => Ok(Node::new(Type::Int, node.op)),
            other => {
                let shown = self.quote(expr);
                let error = self.error(expr, format!("{shown} is {}, not a number", other.spoken()));
                Err(match other {
                    Type::Text => error.help(format!(
                        "for its length write length({shown}); to read it as a number, CAST({shown} AS FLOAT)"
                    )),
                    Type::Time => error.help(format!("for seconds since 1970 write epoch({shown})")),
                    _ => error.help(format!("write CASE WHEN {shown} THEN 1 ELSE 0 END")),
                })
            }
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

    fn compare(&mut self, op: Comparison, left: &Expr, right: &Expr) -> Compiled {
        let (a, b) = self.pair(left, right)?;
        let (op, a, b) =
            if a.as_literal().is_some() && b.as_literal().is_none() { (op.flipped(), b, a) } else { (op, a, b) };
        if let (Type::Int, Some(Value::Float(bound))) = (a.ty, b.as_literal()) {
            let (op, bound) = whole_bound(op, *bound);
            return Ok(Node::bool(Op::Compare(op, Box::new(a), Box::new(Node::literal(Value::Int(bound))))));
        }
        // A whole constant beside real numbers becomes a real one where that is exact, which is faster.
        let b = match (a.ty, b.as_literal()) {
            (Type::Float, Some(Value::Int(whole))) if (*whole as f64) as i128 == i128::from(*whole) => {
                Node::literal(Value::Float(*whole as f64))
            }
            _ => b,
        };
        Ok(Node::bool(Op::Compare(op, Box::new(a), Box::new(b))))
    }

    fn same(&mut self, left: &Expr, right: &Expr) -> Compiled {
        let (a, b) = self.pair(left, right)?;
        Ok(Node::bool(Op::Same(Box::new(a), Box::new(b))))
    }

    /// Compiles two sides that will be compared and makes their types agree.
    pub(super) fn pair(&mut self, left: &Expr, right: &Expr) -> Result<(Node, Node), FilterError> {
        let (mut a, mut b) = (self.node(left)?, self.node(right)?);
        if let Some(agreed) = self.agree(&a, &b, right)? {
            b = agreed;
        } else if let Some(agreed) = self.agree(&b, &a, left)? {
            a = agreed;
        } else {
            return Err(self.mismatch(left, &a, right, &b));
        }
        Ok((a, b))
    }

    /// `b` as something that can be compared with `a`, if it can.
    fn agree(&self, a: &Node, b: &Node, written: &Expr) -> Result<Option<Node>, FilterError> {
        if a.ty == b.ty || a.ty == Type::Null || b.ty == Type::Null || (a.ty.is_number() && b.ty.is_number()) {
            return Ok(Some(b.clone()));
        }
        Ok(match (a.ty, b.as_literal()) {
            (Type::Time, Some(Value::Text(text))) => Some(self.time_literal(written, text)?),
            (Type::Bool, Some(Value::Int(number @ (0 | 1)))) => Some(Node::literal(Value::Bool(*number == 1))),
            _ => None,
        })
    }

    fn mismatch(&self, left: &Expr, a: &Node, right: &Expr, b: &Node) -> FilterError {
        let (one, other) = (self.quote(left), self.quote(right));
        let place = self.range(left).start..self.range(right).end;
        let message = format!("{one} is {}, and {other} is {}", a.ty.spoken(), b.ty.spoken());
        let help = match ((a, &one), (b, &other)) {
            ((text, column), (literal, number)) | ((literal, number), (text, column))
                if text.ty == Type::Text
                    && text.as_literal().is_none()
                    && literal.ty.is_number()
                    && literal.as_literal().is_some() =>
            {
                let quoted = super::quote_text(number);
                format!("write {column} = {quoted}; to compare as numbers, CAST({column} AS FLOAT)")
            }
            ((column, name), (literal, _)) | ((literal, _), (column, name))
                if column.ty.is_number() && matches!(literal.as_literal(), Some(Value::Text(_))) =>
            {
                match literal.as_literal() {
                    Some(Value::Text(text)) if text.trim().parse::<f64>().is_ok() => {
                        format!("write the number without quotes: {}", text.trim())
                    }
                    _ => format!("{name} holds numbers; to compare as text, CAST({name} AS TEXT)"),
                }
            }
            ((bool, name), _) | (_, (bool, name)) if bool.ty == Type::Bool => {
                format!("write {name} or NOT {name} alone, or compare with TRUE or FALSE")
            }
            ((time, name), _) | (_, (time, name)) if time.ty == Type::Time => {
                format!("compare {name} with a time such as '2015-08-25', or take a part of it: year({name})")
            }
            _ => "turn one of them into the other's type with CAST(… AS …)".to_owned(),
        };
        self.places.error(place, message).help(help)
    }

    fn in_list(&mut self, value: &Expr, list: &[Expr]) -> Compiled {
        let node = self.node(value)?;
        let mut constants = Vec::with_capacity(list.len());
        for item in list {
            let item_node = self.node(item)?;
            let Some(agreed) = self.agree(&node, &item_node, item)? else {
                return Err(self.mismatch(value, &node, item, &item_node));
            };
            constants.push(agreed);
        }
        if node.ty == Type::Null || !constants.iter().all(|item| item.as_literal().is_some()) {
            let equals = constants
                .into_iter()
                .map(|item| Node::bool(Op::Compare(Comparison::Equal, Box::new(node.clone()), Box::new(item))));
            return Ok(Node::bool(Op::Any(equals.collect())));
        }
        let set = constants_set(node.ty, constants.iter().filter_map(Node::as_literal));
        Ok(Node::bool(Op::In(Box::new(node), set)))
    }

    /// Compiles what must be text.
    pub(super) fn text(&mut self, expr: &Expr) -> Compiled {
        let node = self.node(expr)?;
        match node.ty {
            Type::Text => Ok(node),
            Type::Null => Ok(Node::new(Type::Text, node.op)),
            other => {
                let shown = self.quote(expr);
                let help = format!("turn it into text: CAST({shown} AS TEXT)");
                Err(self.error(expr, format!("{shown} is {}, not text", other.spoken())).help(help))
            }
        }
    }

    /// The value of a text constant.
    pub(super) fn constant_text<'e>(&self, expr: &'e Expr, what: &str) -> Result<&'e str, FilterError> {
        let mut inner = expr;
        while let Expr::Nested(next) = inner {
            inner = next;
        }
        if let Expr::Value(value) = inner
            && let Literal::SingleQuotedString(text) = &value.value
        {
            return Ok(text);
        }
        let help = "write it in single quotes; to look for a column's text in another, contains(a, b)";
        Err(self.error(expr, format!("{what} must be a constant text")).help(help))
    }

    fn like(&mut self, text: &Expr, pattern: &Expr, escape: Option<&Expr>, ignore_case: bool) -> Compiled {
        let node = self.text(text)?;
        let written = self.constant_text(pattern, "the pattern")?;
        let escape = match escape {
            None => None,
            Some(expr) => {
                let mut letters = self.constant_text(expr, "the escape character")?.chars();
                match (letters.next(), letters.next()) {
                    (Some(letter), None) => Some(letter),
                    _ => return Err(self.error(expr, "the escape character must be one character")),
                }
            }
        };
        let compiled = patterns::like(written, escape, ignore_case).map_err(|message| self.error(pattern, message))?;
        let node = if ignore_case { self.fold(node) } else { node };
        Ok(Node::bool(Op::Match(Box::new(node), compiled)))
    }

    fn fold(&mut self, node: Node) -> Node {
        if let Op::Column(slot) = node.op
            && let Some(slot) = self.slots.get_mut(slot)
        {
            slot.folded = true;
        }
        Node::new(Type::Text, Op::Fold(Box::new(node)))
    }

    pub(super) fn regex(&mut self, text: &Expr, pattern: &Expr, ignore_case: bool) -> Compiled {
        let node = self.text(text)?;
        let written = self.constant_text(pattern, "the regular expression")?;
        let compiled =
            patterns::regex(written, ignore_case).map_err(|(message, help)| self.error(pattern, message).help(help))?;
        Ok(Node::bool(Op::Match(Box::new(node), compiled)))
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

    /// Compiles values that must have one type between them.
    pub(super) fn alike(&mut self, expr: &Expr, values: &[&Expr]) -> Result<(Type, Vec<Node>), FilterError> {
        let mut nodes = values.iter().map(|value| self.node(value)).collect::<Result<Vec<_>, _>>()?;
        let mut ty = Type::Null;
        for node in &nodes {
            ty = match (ty, node.ty) {
                (Type::Null, other) | (other, Type::Null) => other,
                (Type::Time, Type::Text) | (Type::Text, Type::Time) => Type::Time,
                (a, b) if a == b => a,
                (a, b) if a.is_number() && b.is_number() => Type::Float,
                (a, b) => {
                    let message =
                        format!("the values must be of one type, and these are {} and {}", a.spoken(), b.spoken());
                    return Err(self
                        .error(expr, message)
                        .help("turn one of them into the other's type with CAST(… AS …)"));
                }
            };
        }
        for (node, written) in nodes.iter_mut().zip(values) {
            if ty == Type::Time && node.ty == Type::Text {
                *node = match node.as_literal() {
                    Some(Value::Text(text)) => self.time_literal(written, text)?,
                    _ => Node::new(Type::Time, Op::Cast(Box::new(node.clone()))),
                };
            }
        }
        Ok((ty, nodes))
    }

    fn cast(&mut self, expr: &Expr, kind: &CastKind, inner: &Expr, to: &DataType) -> Compiled {
        let node = self.node(inner)?;
        let ty = match to {
            DataType::Int(_)
            | DataType::Integer(_)
            | DataType::BigInt(_)
            | DataType::SmallInt(_)
            | DataType::TinyInt(_)
            | DataType::Int64
            | DataType::Int32
            | DataType::Int8(_)
            | DataType::Int4(_)
            | DataType::Signed => Type::Int,
            DataType::Float(_)
            | DataType::Double(_)
            | DataType::DoublePrecision
            | DataType::Real
            | DataType::Float64
            | DataType::Float8
            | DataType::Numeric(_)
            | DataType::Decimal(_) => Type::Float,
            DataType::Text | DataType::Varchar(None) | DataType::Char(None) | DataType::String(_) => Type::Text,
            DataType::Bool | DataType::Boolean => Type::Bool,
            DataType::Date | DataType::Timestamp(..) | DataType::Datetime(_) => Type::Time,
            other => {
                let help = "the types are INT, FLOAT, TEXT, BOOL, DATE and TIMESTAMP";
                return Err(self.error(expr, format!("there is no type {other}")).help(help));
            }
        };
        let fits = match (node.ty, ty) {
            (Type::Null, _) | (_, Type::Text) | (Type::Text, _) => true,
            (from, to) if from == to => true,
            (Type::Time, _) | (_, Type::Time) => false,
            _ => true,
        };
        if !fits {
            let shown = self.quote(inner);
            let message = format!("{shown} is {} and cannot become {}", node.ty.spoken(), ty.spoken());
            return Err(self.error(expr, message).help("for seconds since 1970 write epoch(time)"));
        }
        // CAST and TRY_CAST are one here: a value that cannot be read becomes NULL, since one row must not stop a view.
        let _ = kind;
        let cast = if node.ty == ty { node } else { Node::new(ty, Op::Cast(Box::new(node))) };
        Ok(if *to == DataType::Date { Node::new(ty, Op::Call(Function::Date, vec![cast])) } else { cast })
    }

    fn substring(&mut self, expr: &Expr, text: &Expr, from: Option<&Expr>, count: Option<&Expr>) -> Compiled {
        let one = Expr::value(Literal::Number("1".to_owned(), false));
        let mut arguments = vec![text, from.unwrap_or(&one)];
        arguments.extend(count);
        self.call_named(expr, "substr", &arguments)
    }

    fn trim(
        &mut self,
        expr: &Expr,
        text: &Expr,
        side: Option<TrimWhereField>,
        what: Option<&Expr>,
        characters: Option<&[Expr]>,
    ) -> Compiled {
        let name = match side {
            Some(TrimWhereField::Leading) => "ltrim",
            Some(TrimWhereField::Trailing) => "rtrim",
            Some(TrimWhereField::Both) | None => "trim",
        };
        let mut arguments = vec![text];
        arguments.extend(what);
        arguments.extend(characters.unwrap_or(&[]));
        self.call_named(expr, name, &arguments)
    }

    fn extract(&mut self, expr: &Expr, field: &DateTimeField, inner: &Expr) -> Compiled {
        let field = match field {
            DateTimeField::Year => Field::Year,
            DateTimeField::Quarter => Field::Quarter,
            DateTimeField::Month => Field::Month,
            DateTimeField::Week(None) | DateTimeField::IsoWeek => Field::Week,
            DateTimeField::Day => Field::Day,
            DateTimeField::Isodow => Field::Weekday,
            DateTimeField::Doy | DateTimeField::DayOfYear => Field::DayOfYear,
            DateTimeField::Hour => Field::Hour,
            DateTimeField::Minute => Field::Minute,
            DateTimeField::Second => Field::Second,
            DateTimeField::Epoch => Field::Epoch,
            other => {
                let help = "there are YEAR, QUARTER, MONTH, WEEK, DAY, ISODOW, DOY, HOUR, MINUTE, SECOND and EPOCH";
                return Err(self.error(expr, format!("{other} is not a part of a time here")).help(help));
            }
        };
        let time = self.time(inner)?;
        Ok(Node::new(Type::Int, Op::Call(Function::Field(field), vec![time])))
    }

    /// Compiles what must be a time.
    pub(super) fn time(&mut self, expr: &Expr) -> Compiled {
        let node = self.node(expr)?;
        match (node.ty, node.as_literal()) {
            (Type::Time, _) => Ok(node),
            (Type::Null, _) => Ok(Node::new(Type::Time, node.op)),
            (_, Some(Value::Text(text))) => self.time_literal(expr, text),
            (other, _) => {
                let shown = self.quote(expr);
                let error = self.error(expr, format!("{shown} is {}, not a time", other.spoken()));
                Err(match other {
                    Type::Text => error.help(format!("to read it as a time write CAST({shown} AS TIMESTAMP)")),
                    _ => error,
                })
            }
        }
    }

    /// True if the column is a category, whose values may be offered.
    pub(super) fn is_category(column: &Column) -> bool {
        column.kind() == Kind::Category
    }
}

fn negate_if(node: Node, negated: bool) -> Compiled {
    Ok(if negated { node.not() } else { node })
}

/// The same comparison of a whole number with a whole bound. What can never hold becomes `< i64::MIN`, and what always
/// holds `>= i64::MIN`, so that NULL stays unknown.
fn whole_bound(op: Comparison, bound: f64) -> (Comparison, i64) {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let never = (Comparison::Less, i64::MIN);
    let always = (Comparison::GreaterEqual, i64::MIN);
    let (below, above) = (bound < -LIMIT, bound >= LIMIT);
    match op {
        _ if bound.is_nan() => {
            if op == Comparison::NotEqual {
                always
            } else {
                never
            }
        }
        Comparison::Equal if below || above || bound.fract() != 0.0 => never,
        Comparison::NotEqual if below || above || bound.fract() != 0.0 => always,
        Comparison::Less | Comparison::LessEqual if above => always,
        Comparison::Less | Comparison::LessEqual if below => never,
        Comparison::Greater | Comparison::GreaterEqual if above => never,
        Comparison::Greater | Comparison::GreaterEqual if below => always,
        Comparison::Less | Comparison::GreaterEqual => whole(op, bound.ceil()),
        Comparison::LessEqual | Comparison::Greater => whole(op, bound.floor()),
        Comparison::Equal | Comparison::NotEqual => (op, bound as i64),
    }
}

/// A bound that rounding up has not carried out of range.
fn whole(op: Comparison, bound: f64) -> (Comparison, i64) {
    (op, bound as i64)
}

fn constants_set<'v>(ty: Type, values: impl Iterator<Item = &'v Value>) -> Set {
    let mut set = match ty {
        Type::Bool => SetValues::Bool { yes: false, no: false },
        Type::Int | Type::Time => SetValues::Int(HashSet::new()),
        Type::Float => SetValues::Float(Vec::new()),
        _ => SetValues::Text(HashSet::new()),
    };
    let mut null = false;
    for value in values {
        match (&mut set, value) {
            (_, Value::Null) => null = true,
            (SetValues::Bool { yes, .. }, Value::Bool(true)) => *yes = true,
            (SetValues::Bool { no, .. }, Value::Bool(false)) => *no = true,
            (SetValues::Int(set), Value::Int(value) | Value::Time(value)) => {
                set.insert(*value);
            }
            (SetValues::Int(set), Value::Float(value)) => {
                if let (Comparison::Equal, whole) = whole_bound(Comparison::Equal, *value) {
                    set.insert(whole);
                }
            }
            (SetValues::Float(set), Value::Float(value)) if !value.is_nan() => set.push(*value),
            // A whole number that no real number equals cannot be found among real numbers.
            (SetValues::Float(set), Value::Int(value)) if (*value as f64) as i128 == i128::from(*value) => {
                set.push(*value as f64);
            }
            (SetValues::Text(set), Value::Text(value)) => {
                set.insert(value.as_str().into());
            }
            _ => (),
        }
    }
    if let SetValues::Float(values) = &mut set {
        values.sort_by(f64::total_cmp);
        values.dedup();
    }
    Set { values: set, null }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_of_whole_numbers_are_exact() {
        use Comparison::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
        let check = |op, bound, expected| assert_eq!(whole_bound(op, bound), expected, "{op:?} {bound}");
        check(Less, 3.5, (Less, 4));
        check(LessEqual, 3.5, (LessEqual, 3));
        check(Greater, -3.5, (Greater, -4));
        check(GreaterEqual, -3.5, (GreaterEqual, -3));
        check(Equal, 3.0, (Equal, 3));
        check(Equal, 3.5, (Less, i64::MIN));
        check(NotEqual, 3.5, (GreaterEqual, i64::MIN));
        check(Less, 1e30, (GreaterEqual, i64::MIN));
        check(Greater, f64::INFINITY, (Less, i64::MIN));
        check(Greater, f64::NEG_INFINITY, (GreaterEqual, i64::MIN));
        check(LessEqual, 9_223_372_036_854_775_808.0, (GreaterEqual, i64::MIN));
    }
}
