//! From what a function returns to a vote.

use std::sync::Arc;

use super::super::script::builtins::Builtin;
use super::super::script::freeze::{Cold, Frozen};
use super::super::script::tree::Tree;
use super::super::script::value::{Heap, Object, Value};
use super::super::votes::ABSTAIN;
use crate::weak::Said;

/// The names of the classes.
#[derive(Debug, Clone)]
pub(super) struct Labels(Arc<[String]>);

impl Labels {
    /// The classes in the order of votes.
    pub fn new(classes: &[String]) -> Self {
        Self(classes.into())
    }

    /// The vote of a value: `None` and -1 abstain, text names a class, a number names a class or is its position.
    /// `None` if the value is no class.
    pub fn vote(&self, value: &Value) -> Option<i16> {
        match value {
            Value::None | Value::Int(-1) => Some(ABSTAIN),
            Value::Str(text) => self.position(text.as_str()),
            Value::Int(int) => {
                let mut digits = [0u8; 24];
                let named = self.position(write_int(*int, &mut digits));
                named.or_else(|| i16::try_from(*int).ok().filter(|&at| at >= 0 && (at as usize) < self.0.len()))
            }
            Value::Bool(true) => self.position("True").or_else(|| self.position("true")),
            Value::Bool(false) => self.position("False").or_else(|| self.position("false")),
            _ => None,
        }
    }

    /// What a value says: as [`vote`](Self::vote), or a class with a confidence from 0 to 1 (a pair), a list or set of
    /// classes of which the row is one, or `not_(…)`. `None` if the value is none of these.
    pub fn said(&self, value: &Value, heap: &Heap) -> Option<Said> {
        if let Some(vote) = self.vote(value) {
            return Some(Said::Vote(vote));
        }
        let Value::Tuple(id) = value else { return self.several(value, heap) };
        let [class, confidence @ (Value::Float(_) | Value::Int(_))] = heap.items(*id) else { return None };
        let confidence = confidence.as_float().filter(|share| (0.0..=1.0).contains(share))?;
        let class = self.vote(class).map(Said::Vote).or_else(|| self.several(class, heap))?;
        Some(Said::of(class.parts().0, confidence, self.0.len()))
    }

    /// A list or set of classes, or all but some.
    fn several(&self, value: &Value, heap: &Heap) -> Option<Said> {
        let class = |value: &Value| self.vote(value).and_then(|vote| u16::try_from(vote).ok());
        let classes = match value {
            Value::List(id) => heap.items(*id).iter().map(class).collect::<Option<Vec<u16>>>()?,
            Value::Set(id) | Value::Declared(id) => match heap.get(*id)? {
                Object::Table(table) => table.entries().iter().map(|(_, key, _)| class(key)).collect::<Option<_>>()?,
                Object::Declared(declared) if declared.builtin == Builtin::Not => {
                    let against = declared.args.iter().map(|(_, value)| class(value)).collect::<Option<Vec<u16>>>()?;
                    (0..self.0.len() as u16).filter(|class| !against.contains(class)).collect()
                }
                _ => return None,
            },
            _ => return None,
        };
        Some(Said::of(classes, 1.0, self.0.len()))
    }

    /// The same of a value of the file.
    pub fn said_of(&self, cold: &Cold, frozen: &Frozen, tree: &Tree) -> Option<Said> {
        match self.vote(&cold.value()) {
            Some(vote) => Some(Said::Vote(vote)),
            None => self.said(&cold.value(), &frozen.thaw(tree).0),
        }
    }

    fn position(&self, name: &str) -> Option<i16> {
        self.0.iter().position(|class| class == name).and_then(|at| i16::try_from(at).ok())
    }

    /// The classes for a message.
    pub fn listed(&self) -> String {
        let mut names: Vec<&str> = self.0.iter().take(12).map(String::as_str).collect();
        if self.0.len() > names.len() {
            names.push("…");
        }
        if names.is_empty() {
            "there are no classes yet".to_owned()
        } else {
            format!("the classes are: {}", names.join(", "))
        }
    }
}

/// The digits of a number, without an allocation.
fn write_int(int: i64, digits: &mut [u8; 24]) -> &str {
    let (mut size, mut at) = (int.unsigned_abs(), digits.len());
    loop {
        at -= 1;
        digits[at] = b'0' + (size % 10) as u8;
        size /= 10;
        if size == 0 {
            break;
        }
    }
    if int < 0 {
        at -= 1;
        digits[at] = b'-';
    }
    std::str::from_utf8(&digits[at..]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_votes() {
        let check = |classes: &[&str], value: Value, expected: Option<i16>| {
            let classes: Vec<String> = classes.iter().map(|&class| class.to_owned()).collect();
            assert_eq!(Labels::new(&classes).vote(&value), expected, "{classes:?} {value:?}");
        };
        check(&["ham", "spam"], Value::text("spam".into()), Some(1));
        check(&["ham", "spam"], Value::text("eggs".into()), None);
        check(&["ham", "spam"], Value::Int(1), Some(1));
        check(&["ham", "spam"], Value::Int(2), None);
        check(&["ham", "spam"], Value::Int(-1), Some(-1));
        check(&["ham", "spam"], Value::Int(-2), None);
        check(&["ham", "spam"], Value::None, Some(-1));
        check(&["ham", "spam"], Value::Bool(true), None);
        check(&["ham", "spam"], Value::Float(1.0), None);
        check(&["1", "0"], Value::Int(1), Some(0));
        check(&["1", "2", "3"], Value::Int(0), Some(0));
        check(&["-2", "2"], Value::Int(-2), Some(0));
        check(&["0", "1"], Value::Int(i64::MIN), None);
        check(&["False", "True"], Value::Bool(true), Some(1));
    }
}
