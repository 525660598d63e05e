//! Derived values: pure functions of their inputs, named by the fingerprint of these.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Fingerprint, Result, Work};

/// A value that is computed from inputs and can always be computed again.
///
/// The implementor *is* the inputs, usually a few `Arc`s. Equal fingerprints must mean equal outputs.
pub trait Derived: Send + Sync + 'static {
    /// What is computed.
    type Output: Send + Sync + 'static;

    /// The memory that a value holds, roughly, in bytes: what the cache counts. Parts that are shared with other values
    /// count once, where they were made.
    fn bytes(_value: &Self::Output) -> usize {
        1024
    }

    /// The name of the inputs.
    fn fingerprint(&self) -> Fingerprint;

    /// Computes the value.
    ///
    /// # Errors
    /// If the inputs do not allow it, or the work was cancelled.
    fn compute(&self, work: &Work) -> Result<Self::Output>;
}

/// The most recent outputs, by fingerprint; the oldest are let go first. Losing it costs nothing but time.
pub struct Cache {
    budget: usize,
    state: Mutex<CacheState>,
}

#[derive(Default)]
struct CacheState {
    clock: u64,
    bytes: usize,
    values: HashMap<Fingerprint, Held>,
}

struct Held {
    used: u64,
    bytes: usize,
    value: Arc<dyn Any + Send + Sync>,
}

impl Cache {
    /// A cache that holds `budget` bytes of values at most, but always the last one.
    pub fn new(budget: usize) -> Self {
        Self { budget, state: Mutex::default() }
    }

    /// The output of `derived`: from the cache when its inputs are unchanged, else computed on this thread.
    ///
    /// # Errors
    /// As [`Derived::compute`]; errors are not cached.
    pub fn get<D: Derived>(&self, derived: &D, work: &Work) -> Result<Arc<D::Output>> {
        self.get_or_make(derived.fingerprint(), D::bytes, || derived.compute(work))
    }

    /// The value of that name: from the cache, else made on this thread. For values that are cheaper to make on the spot
    /// than to describe as [`Derived`].
    ///
    /// # Errors
    /// As `make`; errors are not cached.
    pub fn get_or_make<T: Send + Sync + 'static>(
        &self,
        print: Fingerprint,
        bytes: impl FnOnce(&T) -> usize,
        make: impl FnOnce() -> Result<T>,
    ) -> Result<Arc<T>> {
        if let Some(found) = self.peek::<T>(print) {
            return Ok(found);
        }
        let value = make()?;
        let bytes = bytes(&value);
        let value = Arc::new(value);
        self.put(print, bytes, value.clone());
        Ok(value)
    }

    /// The value of that fingerprint, if it is held.
    pub fn peek<T: Send + Sync + 'static>(&self, print: Fingerprint) -> Option<Arc<T>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clock += 1;
        let now = state.clock;
        let held = state.values.get_mut(&print)?;
        held.used = now;
        held.value.clone().downcast().ok()
    }

    fn put(&self, print: Fingerprint, bytes: usize, value: Arc<dyn Any + Send + Sync>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clock += 1;
        let now = state.clock;
        let before = state.values.insert(print, Held { used: now, bytes, value });
        state.bytes = state.bytes + bytes - before.map_or(0, |held| held.bytes);
        while state.bytes > self.budget && state.values.len() > 1 {
            let Some(oldest) = state.values.iter().min_by_key(|(_, held)| held.used).map(|(print, _)| *print) else {
                return;
            };
            let gone = state.values.remove(&oldest).map_or(0, |held| held.bytes);
            state.bytes -= gone;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Square(u64, Arc<AtomicUsize>);

    impl Derived for Square {
        type Output = u64;
        fn bytes(_: &u64) -> usize {
            100
        }
        fn fingerprint(&self) -> Fingerprint {
            super::super::Fingerprinter::new("square").number(self.0).finish()
        }
        fn compute(&self, _: &Work) -> Result<u64> {
            self.1.fetch_add(1, Ordering::Relaxed);
            Ok(self.0 * self.0)
        }
    }

    #[test]
    fn unchanged_inputs_are_served_and_the_oldest_are_let_go() {
        let (cache, counter, work) = (Cache::new(250), Arc::new(AtomicUsize::new(0)), Work::new());
        let get = |n| *cache.get(&Square(n, counter.clone()), &work).unwrap();
        assert_eq!((get(3), get(3), counter.load(Ordering::Relaxed)), (9, 9, 1));
        assert_eq!((get(4), get(5)), (16, 25));
        assert_eq!((get(3), counter.load(Ordering::Relaxed)), (9, 4), "3 was the oldest of three");
    }

    #[test]
    fn a_value_over_the_budget_is_held_until_the_next() {
        let (cache, counter, work) = (Cache::new(10), Arc::new(AtomicUsize::new(0)), Work::new());
        let get = |n| *cache.get(&Square(n, counter.clone()), &work).unwrap();
        assert_eq!((get(3), get(3), counter.load(Ordering::Relaxed)), (9, 9, 1));
        assert_eq!((get(4), get(3), counter.load(Ordering::Relaxed)), (16, 9, 3));
    }
}
