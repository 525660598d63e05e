//! What must be of one type: checks with advice, casts, patterns, and the functions that SQL writes in words.

use sqlparser::ast::{DataType, DateTimeField, Expr, TrimWhereField, Value as Literal};

use super::compile::{Compiled, Compiler};
use super::error::FilterError;
use super::patterns;
use super::tree::{Field, Function, Node, Op, Type, Value};

impl Compiler<'_> {
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

    /// A value turned into text if it is none.
    pub(super) fn as_text(&mut self, expr: &Expr) -> Compiled {
        let node = self.node(expr)?;
        Ok(match node.ty {
            Type::Text => node,
            _ => Node::new(Type::Text, Op::Cast(Box::new(node))),
        })
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

    pub(super) fn cast(&mut self, expr: &Expr, inner: &Expr, to: &DataType) -> Compiled {
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
        // A value that cannot be read becomes NULL, for CAST as for TRY_CAST, since one row must not stop a view.
        let cast = if node.ty == ty { node } else { Node::new(ty, Op::Cast(Box::new(node))) };
        Ok(if *to == DataType::Date { Node::new(ty, Op::Call(Function::Date, vec![cast])) } else { cast })
    }

    pub(super) fn substring(
        &mut self,
        expr: &Expr,
        text: &Expr,
        from: Option<&Expr>,
        count: Option<&Expr>,
    ) -> Compiled {
        let one = Expr::value(Literal::Number("1".to_owned(), false));
        let mut arguments = vec![text, from.unwrap_or(&one)];
        arguments.extend(count);
        self.call_named(expr, "substr", &arguments)
    }

    pub(super) fn trim(
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

    pub(super) fn extract(&mut self, expr: &Expr, field: &DateTimeField, inner: &Expr) -> Compiled {
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

    pub(super) fn like(&mut self, text: &Expr, pattern: &Expr, escape: Option<&Expr>, ignore_case: bool) -> Compiled {
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

    pub(super) fn fold(&mut self, node: Node) -> Node {
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
}
