//! The source of an open project over time: what changed in it since it was last taken over.
//!
//! Annotations are kept by item id, so a changed source can always be opened; but the person is told what was added,
//! removed and changed, and the new state becomes the known one only when they say so.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

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

/// What opening finds about the source.
#[derive(Default)]
pub(super) struct Compared {
    /// A change that waits to be taken over.
    pub pending: Option<Pending>,
    /// The first list of items while it is being written.
    pub noting: Option<Noting>,
}

/// A list of items that is being written on a thread of its own; dropping it waits for the end.
pub(super) struct Noting(Option<JoinHandle<()>>);

impl Noting {
    /// Begins to note the items of `dataset` at `path`. The list is needed when the source changes, not before: nobody
    /// should wait for the hashing of every value. One thread, so that what is being looked at has the others.
    fn begin(dataset: Arc<Dataset>, path: PathBuf) -> Self {
        let note = move || {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
            let of = || Inventory::of(&dataset.frame, &dataset.ids, &Work::new());
            let noted = pool.map_or_else(|_| of(), |pool| pool.install(of)).and_then(|now| now.write(&path));
            noted.unwrap_or_else(|error| tracing::warn!("{error}"));
        };
        Self(std::thread::Builder::new().name("inventory".to_owned()).spawn(note).ok())
    }
}

impl Drop for Noting {
    fn drop(&mut self) {
        self.0.take().map(JoinHandle::join);
    }
}

/// How the data that was just read differs from what the project last took over; nothing if it does not, or in the order
/// of its rows at most. A project that has taken nothing over yet takes this state.
///
/// # Errors
/// If the list of items cannot be written, or the work was cancelled.
pub(super) fn change_since(project: &mut Project, dataset: &Arc<Dataset>, work: &Work) -> Result<Compared> {
    let path = project.inventory_path();
    let known = project.config.data.fingerprint;
    if known == Some(dataset.fingerprint) {
        let noting = (!path.exists()).then(|| Noting::begin(dataset.clone(), path));
        return Ok(Compared { noting, ..Compared::default() });
    }
    if known.is_none() && path.exists() {
        return Ok(Compared::default());
    }
    let now = Inventory::of(&dataset.frame, &dataset.ids, work)?;
    // A damaged list must not keep anybody from their labels: what changed cannot be told, and that is said.
    let before = Inventory::read(&path).unwrap_or_else(|error| {
        work.warn(format!("{error}; what changed in the data since then is not known"));
        None
    });
    let change = before.map(|before| before.compare(&now, &dataset.ids)).filter(SourceChange::is_any);
    match change {
        Some(change) => {
            let pending = Some(Pending { change: Arc::new(change), now });
            Ok(Compared { pending, ..Compared::default() })
        }
        None => take_over(project, dataset, &now).map(|()| Compared::default()),
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
