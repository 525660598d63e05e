//! The handle that every long computation takes: it reports progress, collects warnings and can be asked to stop.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::{Error, Result};

/// A handle to work under way. Cloning shares it: the worker reports, the owner watches and cancels.
#[derive(Clone, Default)]
pub struct Work(Arc<State>);

#[derive(Default)]
struct State {
    cancelled: AtomicBool,
    done: AtomicU64,
    total: AtomicU64,
    stage: Mutex<Stage>,
    warnings: Mutex<Vec<String>>,
}

#[derive(Default, Clone)]
struct Stage {
    name: String,
    started: Option<Instant>,
}

/// How far some work has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// What is being done, as a short phrase ("reading rows").
    pub stage: String,
    /// Units done in this stage.
    pub done: u64,
    /// Units in all, 0 while unknown.
    pub total: u64,
    /// Seconds since the stage began.
    pub seconds: f64,
}

impl Progress {
    /// The share done in 0-1, or `None` while the total is unknown.
    pub fn share(&self) -> Option<f32> {
        (self.total > 0).then(|| (self.done as f64 / self.total as f64).min(1.0) as f32)
    }
}

impl Work {
    /// Work that nobody watches yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the work to stop; it does so at its next [`check`](Self::check).
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
    }

    /// True once somebody has asked the work to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Relaxed)
    }

    /// Call at least every 50 ms of work.
    ///
    /// # Errors
    /// If somebody has asked the work to stop.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::cancelled()) } else { Ok(()) }
    }

    /// Begins a stage of `total` units (0 if unknown).
    pub fn stage(&self, name: &str, total: u64) {
        *lock(&self.0.stage) = Stage { name: name.to_owned(), started: Some(Instant::now()) };
        self.0.done.store(0, Ordering::Relaxed);
        self.0.total.store(total, Ordering::Relaxed);
    }

    /// Reports `units` more as done. Call once per chunk, not once per row: it is shared between threads.
    ///
    /// # Errors
    /// If somebody has asked the work to stop.
    pub fn advance(&self, units: u64) -> Result<()> {
        self.0.done.fetch_add(units, Ordering::Relaxed);
        self.check()
    }

    /// Says something that the person should know but that does not stop the work: what was skipped, and how often.
    pub fn warn(&self, message: impl Into<String>) {
        lock(&self.0.warnings).push(message.into());
    }

    /// What was said by [`warn`](Self::warn) so far.
    pub fn warnings(&self) -> Vec<String> {
        lock(&self.0.warnings).clone()
    }

    /// How far the work has come.
    pub fn progress(&self) -> Progress {
        let stage = lock(&self.0.stage).clone();
        Progress {
            stage: stage.name,
            done: self.0.done.load(Ordering::Relaxed),
            total: self.0.total.load(Ordering::Relaxed),
            seconds: stage.started.map_or(0.0, |at| at.elapsed().as_secs_f64()),
        }
    }
}

/// Locks, and goes on with the value if another thread panicked while it held the lock: these values have no
/// invariant that a panic could break.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancelled_work_stops_at_its_next_check() {
        let work = Work::new();
        work.stage("counting", 10);
        assert!(work.advance(4).is_ok());
        work.clone().cancel();
        assert!(work.advance(1).unwrap_err().is_cancelled());
        assert_eq!(work.progress().share(), Some(0.5));
    }
}
