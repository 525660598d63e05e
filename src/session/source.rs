//! The source of an open project over time: what changed in it since it was last taken over.
//!
//! Annotations are kept by item id, so a changed source can always be opened; but the person is told what was added,
//! removed and changed, and the new state becomes the known one only when they say so.

use std::sync::Arc;

use crate::data::{Dataset, Inventory, SourceChange, read};
use crate::engine::{Fingerprint, Result, Work};
use crate::project::Project;

/// A change of the source that waits to be taken over.
pub(super) struct Pending {
    /// What changed.
    pub change: Arc<SourceChange>,
    /// The items as they are now.
    now: Inventory,
}

/// How the data that was just read differs from what the project last took over; `None` if it does not, or in the order
/// of its rows at most. A project that has taken nothing over yet takes this state.
///
/// # Errors
/// If the list of items cannot be written, or the work was cancelled.
pub(super) fn change_since(project: &mut Project, dataset: &Dataset, work: &Work) -> Result<Option<Pending>> {
    let path = project.inventory_path();
    let same = project.config.data.fingerprint.is_none_or(|known| known == dataset.fingerprint);
    if same && path.exists() {
        return Ok(None);
    }
    let now = Inventory::of(&dataset.frame, &dataset.ids, work)?;
    // A damaged list must not keep anybody from their labels: what changed cannot be told, and that is said.
    let before = Inventory::read(&path).unwrap_or_else(|error| {
        work.warn(format!("{error}; what changed in the data since then is not known"));
        None
    });
    let change = before.map(|before| before.compare(&now, &dataset.ids)).filter(SourceChange::is_any);
    match change {
        Some(change) => Ok(Some(Pending { change: Arc::new(change), now })),
        None => take_over(project, dataset, &now).map(|()| None),
    }
}

impl Pending {
    /// Makes the data as it was read the state against which later changes are told.
    pub fn take_over(&self, project: &mut Project, dataset: &Dataset) -> Result<()> {
        take_over(project, dataset, &self.now)
    }
}

fn take_over(project: &mut Project, dataset: &Dataset, now: &Inventory) -> Result<()> {
    now.write(&project.inventory_path())?;
    project.configure(|config| {
        config.data.fingerprint = Some(dataset.fingerprint);
        Ok(())
    })
}

/// The name of what stands at a project's data path now, to be held against that of the open dataset.
///
/// # Errors
/// If the data cannot be read, or the work was cancelled.
pub fn source_print(path: &std::path::Path, work: &Work) -> Result<Fingerprint> {
    read::fingerprint(path, work)
}
