//! The figures of functions within some rows: all, those in view, or those of a saved view.

use std::sync::Arc;

use arrow_buffer::BooleanBuffer;

use super::derived::{Basis, VotesOutcome};
use super::layers::Layers;
use crate::data::view::{SavedView, evaluate, mask_print};
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work};
use crate::weak::analysis::Analysis;
use crate::weak::by_class::{ClassFigures, by_class};

/// Which rows are looked at.
#[derive(Clone)]
pub enum Part {
    /// All.
    All,
    /// These.
    Rows(BooleanBuffer),
    /// Those of a saved view, over the layers of that name.
    Saved(SavedView, Arc<Layers>, Fingerprint),
}

/// The figures of functions within some rows.
pub struct WithinOf {
    /// What is open.
    pub basis: Basis,
    /// The votes, and their name.
    pub votes: (Arc<VotesOutcome>, Fingerprint),
    /// The rows.
    pub part: Part,
}

/// What [`WithinOf`] gives.
pub struct Within {
    /// The rows looked at.
    pub rows: u64,
    /// The analysis over them: shares are of these rows.
    pub analysis: Analysis,
    /// The figures of each class over them.
    pub classes: Vec<ClassFigures>,
}

impl Derived for WithinOf {
    type Output = Within;

    fn bytes(within: &Within) -> usize {
        within.analysis.functions.len() * 512 + within.classes.len() * size_of::<ClassFigures>()
    }

    fn fingerprint(&self) -> Fingerprint {
        let print = Fingerprinter::new("functions within 1").print(self.votes.1);
        match &self.part {
            Part::All => print.number(0),
            Part::Rows(mask) => print.number(1).print(mask_print(mask)),
            Part::Saved(saved, _, layers) => print.number(2).text(&format!("{:?}", saved.view)).print(*layers),
        }
        .finish()
    }

    fn compute(&self, work: &Work) -> Result<Within> {
        let (votes, known) = (&self.votes.0.votes, self.basis.reference());
        let mask = match &self.part {
            Part::All => {
                let classes = by_class(votes, &known, work)?;
                let analysis = self.votes.0.analysis.clone();
                return Ok(Within { rows: votes.rows() as u64, analysis, classes });
            }
            Part::Rows(mask) => mask.clone(),
            Part::Saved(saved, layers, _) => {
                let found = evaluate(&saved.view, &layers.frame, &self.basis.dataset.ids, work);
                found.map_err(|error| error.error.at(&saved.name))?.mask
            }
        };
        if mask.len() != votes.rows() {
            return Err(Error::input(format!("{} rows for the votes of {}", mask.len(), votes.rows())));
        }
        let rows: Vec<u32> = mask.set_indices_u32().collect();
        let votes = votes.of_rows(&rows)?;
        let known: Vec<Option<u16>> = rows.iter().map(|&row| known.get(row as usize).copied().flatten()).collect();
        let analysis = Analysis::of(&votes, Some(&known), work)?;
        Ok(Within { rows: rows.len() as u64, analysis, classes: by_class(&votes, &known, work)? })
    }
}
