//! Comparisons, and lists of constants: both sides are brought to one type, or refused.

use std::collections::HashSet;

use sqlparser::ast::Expr;

use super::compile::{Compiled, Compiler};
use super::error::FilterError;
use super::tree::{Comparison, Node, Op, Set, SetValues, Type, Value};

impl Compiler<'_> {
    pub(super) fn compare(&mut self, op: Comparison, left: &Expr, right: &Expr) -> Compiled {
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

    pub(super) fn same(&mut self, left: &Expr, right: &Expr) -> Compiled {
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
    pub(super) fn agree(&self, a: &Node, b: &Node, written: &Expr) -> Result<Option<Node>, FilterError> {
        if a.ty == b.ty || a.ty == Type::Null || b.ty == Type::Null || (a.ty.is_number() && b.ty.is_number()) {
            return Ok(Some(b.clone()));
        }
        Ok(match (a.ty, b.as_literal()) {
            (Type::Time, Some(Value::Text(text))) => Some(self.time_literal(written, text)?),
            (Type::Bool, Some(Value::Int(number @ (0 | 1)))) => Some(Node::literal(Value::Bool(*number == 1))),
            _ => None,
        })
    }

    pub(super) fn mismatch(&self, left: &Expr, a: &Node, right: &Expr, b: &Node) -> FilterError {
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

    pub(super) fn in_list(&mut self, value: &Expr, list: &[Expr]) -> Compiled {
        let node = self.node(value)?;
        if list.is_empty() {
            // Nothing is in the empty list, not even what is unknown.
            return Ok(Node::literal(Value::Bool(false)));
        }
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
