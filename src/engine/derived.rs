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
    capacity: usize,
    state: Mutex<CacheState>,
}

#[derive(Default)]
struct CacheState {
    clock: u64,
    values: HashMap<Fingerprint, (u64, Arc<dyn Any + Send + Sync>)>,
}

impl Cache {
    /// A cache of at most `capacity` values.
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), state: Mutex::default() }
    }

    /// The output of `derived`: from the cache when its inputs are unchanged, else computed on this thread.
    ///
    /// # Errors
    /// As [`Derived::compute`]; errors are not cached.
    pub fn get<D: Derived>(&self, derived: &D, work: &Work) -> Result<Arc<D::Output>> {
        let print = derived.fingerprint();
        if let Some(found) = self.peek::<D::Output>(print) {
            return Ok(found);
        }
        let value = Arc::new(derived.compute(work)?);
        self.put(print, value.clone());
        Ok(value)
    }

    /// The value of that fingerprint, if it is held.
    pub fn peek<T: Send + Sync + 'static>(&self, print: Fingerprint) -> Option<Arc<T>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clock += 1;
        let now = state.clock;
        let (used, value) = state.values.get_mut(&print)?;
        *used = now;
        value.clone().downcast().ok()
    }

    fn put(&self, print: Fingerprint, value: Arc<dyn Any + Send + Sync>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clock += 1;
        let now = state.clock;
        state.values.insert(print, (now, value));
        while state.values.len() > self.capacity {
            let Some(oldest) = state.values.iter().min_by_key(|(_, (used, _))| *used).map(|(print, _)| *print) else {
                return;
            };
            state.values.remove(&oldest);
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
        let (cache, counter, work) = (Cache::new(2), Arc::new(AtomicUsize::new(0)), Work::new());
        let get = |n| *cache.get(&Square(n, counter.clone()), &work).unwrap();
        assert_eq!((get(3), get(3), counter.load(Ordering::Relaxed)), (9, 9, 1));
        assert_eq!((get(4), get(5)), (16, 25));
        assert_eq!((get(3), counter.load(Ordering::Relaxed)), (9, 4), "3 was the oldest of three");
    }
}
