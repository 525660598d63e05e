//! What the Watch workspace shows: where a number is high (slices).

use super::Session;
use super::layers::Layers;
use crate::clean::slices::{self, Slices};
use crate::data::{Frame, Kind};
use crate::engine::{Derived, Fingerprint, Fingerprinter, Result, Work};

/// Layers that follow from what models and findings say. A condition on one of them says the target in other words.
const TELLING: [&str; 6] = ["self_confidence", "similarity", "excluded", "label_source", "source_change", "label_hand"];

/// The beginnings of the names of such layers.
const TELLING_STARTS: [&str; 3] = ["model_", "weak_", "flag_"];

/// The columns in which a slice may be looked for: truth values first, then numbers. The column that names items is none.
pub fn slice_targets(session: &Session, layers: &Layers) -> Vec<String> {
    let id = session.project().config.data.id.as_deref();
    let of = |wanted: fn(Kind) -> bool| {
        let columns = layers.frame.columns().iter().filter(move |column| wanted(column.kind()));
        columns.map(|column| column.name().to_owned()).filter(|name| Some(name.as_str()) != id)
    };
    of(|kind| kind == Kind::Bool).chain(of(|kind| matches!(kind, Kind::Int | Kind::Float))).collect()
}

/// Finds the slices of the layers in which a column is high.
pub struct SlicesOf {
    /// The columns that conditions are made of, and the target.
    frame: Frame,
    target: String,
    seed: u64,
    print: Fingerprint,
}

impl SlicesOf {
    /// Conditions are made of the data's own columns; with `layers_too` also of the labels, the votes of functions and
    /// what images are like. `None` if there is no such target.
    pub fn new(session: &Session, layers: &Layers, target: &str, layers_too: bool) -> Option<Self> {
        let own = &session.dataset().frame;
        let id = session.project().config.data.id.as_deref();
        let seed = session.project().config.settings.seed;
        let is_wanted = |name: &str| {
            let is_own = own.columns().iter().any(|column| column.name() == name);
            let tells = TELLING.contains(&name) || TELLING_STARTS.iter().any(|start| name.starts_with(start));
            name == target || (Some(name) != id && (is_own || (layers_too && !tells)))
        };
        layers.frame.get(target)?;
        let mut print = Fingerprinter::new("slices").text(target).number(seed);
        let mut columns = Vec::new();
        for (column, name) in layers.frame.columns().iter().zip(&layers.prints) {
            if is_wanted(column.name()) {
                print = print.print(*name);
                columns.push(column.clone());
            }
        }
        Some(Self { frame: Frame::new(columns), target: target.to_owned(), seed, print: print.finish() })
    }
}

/// What [`SlicesOf`] gives.
pub struct Sliced {
    /// The column that is high.
    pub target: String,
    /// The slices.
    pub found: Slices,
    /// Whether the target is 0 or 1, so that its mean is a share.
    pub is_share: bool,
}

impl Derived for SlicesOf {
    type Output = Sliced;

    fn fingerprint(&self) -> Fingerprint {
        self.print
    }

    fn compute(&self, work: &Work) -> Result<Sliced> {
        let options = slices::Options { seed: self.seed, ..slices::Options::default() };
        let found = slices::find(&self.frame, &self.target, &options, work)?;
        let column = self.frame.column(&self.target)?;
        let is_share = (0..column.len()).filter_map(|row| column.number(row)).all(|value| value == 0.0 || value == 1.0);
        Ok(Sliced { target: self.target.clone(), found, is_share })
    }
}
