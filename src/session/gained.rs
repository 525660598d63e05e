//! What the corrections of a project gained: the labels that came with the data against those that stand now.

use super::derived::{Basis, Looks, LooksOf};
use crate::clean::{BeforeAfter, before_after};
use crate::engine::{Derived, Error, Fingerprint, Result, Work};

/// The same model in the same folds, of the labels that came with the data and of those that stand.
pub struct BeforeAfterOf(pub Basis);

impl Derived for BeforeAfterOf {
    type Output = BeforeAfter;

    fn fingerprint(&self) -> Fingerprint {
        let print = self.0.print_data("before and after").print(self.0.annotations_print);
        print.number(self.0.settings.folds as u64).number(self.0.settings.seed).finish()
    }

    fn compute(&self, work: &Work) -> Result<BeforeAfter> {
        let basis = &self.0;
        let given = basis.given.as_deref().ok_or_else(|| {
            Error::input("the data came without labels")
                .help("name the column of labels in lapidary.toml, [data], label")
        })?;
        let given: Vec<Option<u16>> = given.iter().map(|&label| u16::try_from(label).ok()).collect();
        let corrected = basis.learnt_from();
        let looks = basis.cache.get(&LooksOf(basis.clone()), work)?;
        let (classes, folds, seed) = (basis.classes.len(), basis.settings.folds, basis.settings.seed);
        match &*looks {
            Looks::Sparse(csr) => before_after(csr, &given, &corrected, classes, folds, seed, work),
            Looks::Dense(matrix) => before_after(matrix, &given, &corrected, classes, folds, seed, work),
        }
    }
}
