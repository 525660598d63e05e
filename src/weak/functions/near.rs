//! Functions that find what is like some items: `near(…)`. How alike items are is not known here: whoever applies the
//! functions puts it beside the columns.

use crate::engine::Fingerprinter;
use crate::weak::script::builtins::Builtin;
use crate::weak::script::freeze::{Cold, ColdObject, Frozen};
use crate::weak::script::module::{What, load};

/// How the names of columns of similarities begin.
pub const NEAR: &str = "near ";

/// How far from the items `near` reaches where it does not say so: as 1 less the similarity.
pub(super) const WITHIN: f64 = 0.3;

/// The name of the column that holds how like each row is to the items of these ids: 1 for the same, less the more it
/// differs.
pub fn near_column<S: AsRef<str>>(ids: &[S]) -> String {
    let print = ids.iter().fold(Fingerprinter::new("near"), |print, id| print.text(id.as_ref())).finish();
    format!("{NEAR}{print}")
}

/// The ids that each `near` of a file names, those inside other declarations included.
pub fn near_of(source: &str) -> Vec<Vec<String>> {
    if !source.contains("near") {
        return Vec::new();
    }
    let mut found: Vec<Vec<String>> = Vec::new();
    for loose in load(source).functions {
        if let What::Pattern(Builtin::Near, names) = &loose.what {
            found.extend(ids(&loose.frozen, names.iter().zip(&loose.frozen.roots)));
        }
        for object in &loose.frozen.objects {
            if let ColdObject::Declared { builtin: Builtin::Near, args, .. } = object {
                found.extend(ids(&loose.frozen, args.iter().map(|(name, value)| (name, value))));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn ids<'a>(frozen: &Frozen, args: impl Iterator<Item = (&'a Option<String>, &'a Cold)>) -> Option<Vec<String>> {
    let mut placed = 0;
    for (name, value) in args {
        let is_ids = match name.as_deref() {
            Some(name) => name == "ids",
            None => {
                placed += 1;
                placed == 2
            }
        };
        if is_ids {
            return Some(frozen.texts(value)?.into_iter().map(str::to_owned).collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::Float64Array;

    use super::*;
    use crate::data::{Column, Frame, Values};
    use crate::engine::Work;
    use crate::weak::functions::{Context, compile};

    #[test]
    fn near_votes_where_the_column_beside_says_so() {
        let source =
            "lf_a = near('spam', ['b', 'a'], within=0.25)\nlf_b = unless('ham', near('ham', ids=['c']), lf_a)\n";
        assert_eq!(near_of(source), [vec!["b".to_owned(), "a".to_owned()], vec!["c".to_owned()]]);
        assert_eq!(near_of("lf = keywords('nearly', ['near'])"), Vec::<Vec<String>>::new());
        let column = |ids: &[&str], values: [f64; 3]| {
            Arc::new(Column::new(near_column(ids), Values::Float(Float64Array::from(values.to_vec()))))
        };
        let frame = Frame::new(vec![column(&["b", "a"], [0.9, 0.75, 0.7]), column(&["c"], [0.9, 0.1, 0.7])]);
        let classes = ["ham".to_owned(), "spam".to_owned()];
        let context = Context { frame: &frame, text: None, classes: &classes };
        let program = compile(source, &context);
        assert_eq!(program.problems, []);
        let votes = |at: usize| program.functions[at].apply(&context, None, &Work::new()).unwrap().votes.to_vec();
        assert_eq!((votes(0), votes(1)), (vec![1, 1, -1], vec![-1, -1, 0]));
        let check = |source: &str, message: &str| {
            let problems = compile(source, &context).problems;
            assert!(problems[0].message.contains(message), "{source}: {problems:?}");
        };
        check("lf_a = near('spam', ['x'])", "not all items");
        check("lf_a = near('spam', [])", "needs a list of items");
        check("lf_a = near('spam', ['c'], within=2)", "from 0");
    }
}
