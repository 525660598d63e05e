//! Functions that vote where a model is sure: `model(CLASS, above=t)`. Which model that is and what it says is not known
//! here: whoever applies the functions puts its probabilities beside the columns.

use crate::engine::Fingerprint;
use crate::weak::script::builtins::Builtin;
use crate::weak::script::freeze::ColdObject;
use crate::weak::script::module::{What, load};

/// How the names of columns of a model's probabilities begin.
pub const MODEL: &str = "model of labels ";

/// The name of the column that holds the probability of a class, by the model of that name.
pub fn model_column(model: Fingerprint, class: &str) -> String {
    format!("{MODEL}{model} {class}")
}

/// Whether a name is that of a column of probabilities of a class.
pub(super) fn is_of_class(name: &str, class: &str) -> bool {
    name.strip_prefix(MODEL).and_then(|rest| rest.split_once(' ')).is_some_and(|(_, of)| of == class)
}

/// Whether a function of a file votes by `model`, those inside other declarations included.
pub fn asks_model(source: &str) -> bool {
    source.contains("model(")
        && load(source).functions.iter().any(|loose| {
            matches!(loose.what, What::Pattern(Builtin::Model, _))
                || loose
                    .frozen
                    .objects
                    .iter()
                    .any(|object| matches!(object, ColdObject::Declared { builtin: Builtin::Model, .. }))
        })
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
    fn a_model_votes_where_it_is_sure() {
        assert!(
            asks_model("lf_a = model('spam', above=0.9)")
                && asks_model("lf_a = both('a', model('a', 0.5), model('a', 0.6))")
        );
        assert!(!asks_model("# model(\nlf_a = keywords('a', ['model('])"));
        let column = |model: &[u8], class: &str, values: [f64; 3]| {
            let values = Float64Array::from(values.to_vec());
            Arc::new(Column::new(model_column(Fingerprint::of(model), class), Values::Float(values)))
        };
        let classes = ["ham".to_owned(), "spam".to_owned()];
        let frame = |model: &[u8]| {
            Frame::new(vec![column(model, "ham", [0.1, 0.5, 0.95]), column(model, "spam", [0.9, 0.5, 0.05])])
        };
        let (first, second) = (frame(b"1"), frame(b"2"));
        let context = Context { frame: &first, text: None, classes: &classes };
        let source =
            "lf_a = model('spam', above=0.5)\nlf_b = model(('ham', 0.7), 0.9)\nlf_c = unless('ham', lf_b, lf_a)\n";
        let program = compile(source, &context);
        assert_eq!(program.problems, []);
        let votes = |at: usize| program.functions[at].apply(&context, None, &Work::new()).unwrap().votes.to_vec();
        assert_eq!((votes(0), votes(1), votes(2)), (vec![1, -1, -1], vec![-1, -1, 0], vec![-1, -1, 0]));
        // Another model is another function: what it said before does not count.
        let other = compile(source, &Context { frame: &second, ..context });
        assert!((0..3).all(|at| other.functions[at].fingerprint() != program.functions[at].fingerprint()));
        let check = |source: &str, frame: &Frame, message: &str| {
            let problems = compile(source, &Context { frame, ..context }).problems;
            assert!(problems[0].message.contains(message) && problems[0].line == 1, "{source}: {problems:?}");
        };
        check("lf_a = model('spam', above=0.5)", &Frame::new(vec![]), "there is no model yet");
        check("lf_a = model('spam')", &first, "needs a probability");
        check("lf_a = model('spam', above=1.5)", &first, "needs a probability");
        check("lf_a = model(not_('spam', 'ham'), above=0.5)", &first, "one class");
        check("lf_a = model('eggs', above=0.5)", &first, "\"eggs\" is no class");
    }
}
