//! The classes that functions vote for, where nobody has named them.

use std::cell::Cell;
use std::collections::BTreeSet;

use rayon::prelude::*;

use super::super::script::builtins::Builtin;
use super::super::script::freeze::{Cold, ColdObject, Frozen, Refers};
use super::super::script::module::{Loose, What, load};
use super::super::script::value::{Heap, Object, Value};
use super::rows::{Caller, endless, fields};
use super::{Body, Context, Function, Within};
use crate::data::Frame;
use crate::engine::{Result, Work};

/// Rows of one task.
const CHUNK: usize = 1024;

/// The classes that the functions of a file vote for: the labels of its declared patterns, and what its other functions
/// return on any row of the frame. A label that is a number stands as its digits; -1 and `None` abstain. What cannot
/// run votes for nothing.
///
/// # Errors
/// If the work was cancelled.
pub fn voted_classes(source: &str, frame: &Frame, text: Option<&str>, work: &Work) -> Result<BTreeSet<String>> {
    let context = Context { frame, text, classes: &[] };
    let loaded = load(source);
    let mut names = BTreeSet::new();
    for loose in loaded.functions {
        if let What::Pattern(Builtin::Column, given) = &loose.what {
            names.extend(mapped(given, &loose, frame));
        } else if let What::Pattern(_, given) = &loose.what {
            let named = given.iter().position(|name| name.as_deref() == Some("label"));
            let label = loose.frozen.roots.get(named.unwrap_or(0));
            names.extend(label.map(|label| named_by(label, &loose.frozen)).unwrap_or_default());
        } else {
            let parts = Cell::new(0);
            let within = Within { shared: &loaded.shared, source, context: &context, files: &[], parts: &parts };
            if let Ok((function, _)) = Function::new(loose, &within) {
                names.extend(returned(&function, &context, work)?);
            }
        }
    }
    Ok(names)
}

/// The classes that a vote names: itself, the first of a pair with a confidence, the members of a list, or what it is
/// against.
fn named_by(cold: &Cold, frozen: &Frozen) -> Vec<String> {
    let one = |cold: &Cold| match cold {
        Cold::Str(name) => Some(name.to_string()),
        Cold::Int(number) if *number != -1 => Some(number.to_string()),
        _ => None,
    };
    match (cold, frozen.object(cold)) {
        (Cold::Refer(Refers::Tuple, _), Some(ColdObject::Items(items))) => match items.first() {
            Some(Cold::Refer(Refers::Tuple, _)) | None => Vec::new(),
            Some(first) => named_by(first, frozen),
        },
        (_, Some(ColdObject::Items(items))) => items.iter().filter_map(one).collect(),
        (Cold::Refer(Refers::Set, _), Some(ColdObject::Table(entries))) => {
            entries.iter().filter_map(|(name, _)| one(name)).collect()
        }
        (_, Some(ColdObject::Declared { builtin: Builtin::Not, args, .. })) => {
            args.iter().filter_map(|(_, class)| one(class)).collect()
        }
        _ => one(cold).into_iter().collect(),
    }
}

/// The same of what a function returned.
fn returned_names(value: &Value, heap: &Heap, names: &mut BTreeSet<String>) {
    match value {
        Value::Str(name) if !names.contains(name.as_str()) => drop(names.insert(name.as_str().to_owned())),
        Value::Int(number) if *number != -1 => drop(names.insert(number.to_string())),
        Value::Tuple(id) => match heap.items(*id).first() {
            Some(Value::Tuple(_)) | None => {}
            Some(first) => returned_names(first, heap, names),
        },
        Value::List(id) => {
            let plain = heap.items(*id).iter().filter(|item| matches!(item, Value::Str(_) | Value::Int(_)));
            plain.for_each(|item| returned_names(item, heap, names));
        }
        Value::Declared(id) => {
            if let Some(Object::Declared(declared)) = heap.get(*id)
                && declared.builtin == Builtin::Not
            {
                let plain = declared.args.iter().filter(|(_, item)| matches!(item, Value::Str(_) | Value::Int(_)));
                plain.for_each(|(_, item)| returned_names(item, heap, names));
            }
        }
        _ => {}
    }
}

/// The classes of a mapping of values; without one, the values of the column.
fn mapped(given: &[Option<String>], loose: &Loose, frame: &Frame) -> BTreeSet<String> {
    const MOST: usize = 1000;
    let argument = |name: &str, position: usize| {
        let named = given.iter().position(|given| given.as_deref() == Some(name));
        let placed = given.get(position).filter(|given| given.is_none()).map(|_| position);
        loose.frozen.roots.get(named.or(placed)?)
    };
    match argument("classes", 1).and_then(|cold| loose.frozen.object(cold)) {
        Some(ColdObject::Table(entries)) => {
            entries.iter().flat_map(|(_, class)| named_by(class, &loose.frozen)).collect()
        }
        _ => {
            let Some(Cold::Str(name)) = argument("name", 0) else { return BTreeSet::new() };
            let Some(column) = frame.get(name) else { return BTreeSet::new() };
            let mut found = BTreeSet::new();
            for value in (0..column.len()).filter_map(|row| column.show(row)) {
                if found.len() >= MOST {
                    break;
                }
                if !found.contains(&*value) {
                    found.insert(value.into_owned());
                }
            }
            found
        }
    }
}

/// The names and numbers that a function returns on any row.
fn returned(function: &Function, context: &Context, work: &Work) -> Result<BTreeSet<String>> {
    let (Body::Rows(loose) | Body::Kernel(loose, _)) = &function.body else { return Ok(BTreeSet::new()) };
    let rows = context.frame.rows();
    let fields = fields(loose, &function.shared, context, true);
    if endless(function, loose, &fields, rows, |row| row, work)?.is_some() {
        return Ok(BTreeSet::new());
    }
    let of_chunk = |chunk: usize| -> Result<BTreeSet<String>> {
        let mut caller = Caller::new(function, loose, &fields);
        let mut names: BTreeSet<String> = BTreeSet::new();
        for row in chunk * CHUNK..rows.min((chunk + 1) * CHUNK) {
            // One row may cost a million steps.
            if row % 16 == 0 {
                work.check()?;
            }
            if let Ok(value) = caller.result(row) {
                returned_names(&value, caller.heap(), &mut names);
            }
        }
        Ok(names)
    };
    let chunks = (0..rows.div_ceil(CHUNK)).into_par_iter().map(of_chunk);
    chunks.try_reduce(BTreeSet::new, |mut left, right| {
        left.extend(right);
        Ok(left)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int64Array, LargeStringArray};

    use super::*;
    use crate::data::{Column, Kind, Values};

    #[test]
    fn classes_come_from_declarations_and_from_rows() {
        let texts = LargeStringArray::from(vec!["check out", "i love it", "so what"]);
        let stars = Int64Array::from(vec![1, 5, 3]);
        let frame = Frame::new(vec![
            Arc::new(Column::text("text", Kind::Text, texts)),
            Arc::new(Column::new("stars", Values::Int(stars))),
        ]);
        let check = |source: &str, expected: &[&str]| {
            let found = voted_classes(source, &frame, None, &Work::new()).unwrap();
            assert!(found.iter().eq(expected), "{source}: {found:?}");
        };
        check("SPAM = 'spam'\nlf_a = keywords(SPAM, ['check'])\nlf_b = regex('ham', r'\\w')\n", &["ham", "spam"]);
        check("lf_a = keywords(keywords=['x'], label='late')\n", &["late"]);
        check("def lf_a(x):\n    return 'good' if 'love' in x.text else None\n", &["good"]);
        check("def lf_a(x):\n    return 'never' if 'hate' in x.text else 'ever'\n", &["ever"]);
        check("def lf_a(x):\n    return x.stars if x.stars > 1 else -1\n", &["3", "5"]);
        check("def lf_a(x):\n    return 'a' + str(x.stars)\n", &["a1", "a3", "a5"]);
        check("def lf_a(x):\n    return x.nothing\nlf_b = where('y', 'stars > 1')\n", &["y"]);
        check("def lf_a(x):\n    return 1 / (x.stars - 3)\n", &[]);
        check("def helper(t):\n    return 'not a class'\nlf_a = keywords(-1, ['x'])\n", &[]);
        check("lf_a = column('stars', {1: 'bad', 5: 'good'})\nlf_b = both('c', lf_a, lf_a)\n", &["bad", "c", "good"]);
        check("lf_a = column('stars')\n", &["1", "3", "5"]);
        check("def lf_a(x:\n", &[]);
        check("lf_a = keywords(('spam', 0.5), ['x'])\nlf_b = regex(not_('c', 'd'), 'x')\n", &["c", "d", "spam"]);
        check(
            "def lf_a(x):\n    return ('a', 0.5) if x.stars > 3 else not_('b') if x.stars > 1 else ['c', 'd']\n",
            &["a", "b", "c", "d"],
        );
    }
}
