//! Jobs: work off the window's thread, of which the latest wins.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Cache, Derived, Error, Fingerprint, Result, Work};

/// Called when a job has something new to show; the window repaints, the command line does nothing.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// One piece of work on a thread of its own. Dropping it cancels it.
pub struct Job<T> {
    work: Work,
    result: Arc<Mutex<Option<Result<T>>>>,
}

impl<T: Send + 'static> Job<T> {
    /// Starts `run` on a thread called `name`; `waker` is called when it has ended.
    /// A panic inside becomes an error, so that the window lives on and can say so.
    pub fn spawn(name: &str, waker: Waker, run: impl FnOnce(&Work) -> Result<T> + Send + 'static) -> Self {
        let work = Work::new();
        let result = Arc::new(Mutex::new(None));
        let (inner_work, inner_result) = (work.clone(), result.clone());
        let body = move || {
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(&inner_work)));
            let outcome = outcome.unwrap_or_else(|_| {
                Err(Error::input("this work failed because of a fault in Lapidary")
                    .help("your labels are safe; please report it with the steps that led here"))
            });
            *inner_result.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
            waker();
        };
        if let Err(source) = std::thread::Builder::new().name(name.to_owned()).spawn(body) {
            let error = Error::io("cannot start a thread", std::path::Path::new(name), &source);
            *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(Err(error));
        }
        Self { work, result }
    }

    /// The result, once; `None` while the job runs and after the result was taken.
    pub fn take(&self) -> Option<Result<T>> {
        self.result.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The handle to watch or cancel it by.
    pub fn work(&self) -> &Work {
        &self.work
    }
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        self.work.cancel();
    }
}

/// Where a pane keeps a derived value: the last result, whether it is stale, and the job that renews it.
///
/// The window never waits: it draws [`Slot::value`] while [`Slot::want`] sees to it that the newest inputs are worked on.
pub struct Slot<D: Derived> {
    value: Option<(Fingerprint, Arc<D::Output>)>,
    error: Option<(Fingerprint, Error)>,
    running: Option<(Fingerprint, Job<Arc<D::Output>>)>,
}

impl<D: Derived> Default for Slot<D> {
    fn default() -> Self {
        Self { value: None, error: None, running: None }
    }
}

impl<D: Derived> Slot<D> {
    /// Asks for the value of these inputs. A running job for other inputs is cancelled; for the same inputs nothing
    /// happens. Cheap enough to be called every frame.
    pub fn want(&mut self, derived: D, cache: &Arc<Cache>, waker: &Waker) {
        self.poll();
        let print = derived.fingerprint();
        let have = |at: Option<Fingerprint>| at == Some(print);
        if have(self.value.as_ref().map(|(at, _)| *at)) {
            self.running = None;
            self.error = None;
            return;
        }
        if have(self.running.as_ref().map(|(at, _)| *at)) || have(self.error.as_ref().map(|(at, _)| *at)) {
            return;
        }
        if let Some(found) = cache.peek(print) {
            self.value = Some((print, found));
            self.running = None;
            self.error = None;
            return;
        }
        let cache = cache.clone();
        let job = Job::spawn("derived", waker.clone(), move |work| cache.get(&derived, work));
        self.running = Some((print, job));
    }

    /// Takes in a finished job, if there is one.
    pub fn poll(&mut self) {
        let Some((print, job)) = &self.running else { return };
        let Some(outcome) = job.take() else { return };
        let print = *print;
        self.running = None;
        match outcome {
            Ok(value) => {
                self.value = Some((print, value));
                self.error = None;
            }
            Err(error) => self.error = Some((print, error)),
        }
    }

    /// The last value, stale or not.
    pub fn value(&self) -> Option<&Arc<D::Output>> {
        self.value.as_ref().map(|(_, value)| value)
    }

    /// The fingerprint of the inputs that [`value`](Self::value) was computed from.
    pub fn print(&self) -> Option<Fingerprint> {
        self.value.as_ref().map(|(print, _)| *print)
    }

    /// The job that is under way, to show its progress or to cancel it.
    pub fn running(&self) -> Option<&Work> {
        self.running.as_ref().map(|(_, job)| job.work())
    }

    /// Why the last attempt failed, if it did.
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref().map(|(_, error)| error)
    }

    /// Forgets a failure, so that the next [`want`](Self::want) tries again.
    pub fn retry(&mut self) {
        self.error = None;
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::super::Fingerprinter;
    use super::*;

    /// Spins until it is cancelled unless the number is even.
    struct Even(u64);

    impl Derived for Even {
        type Output = u64;
        fn fingerprint(&self) -> Fingerprint {
            Fingerprinter::new("even").number(self.0).finish()
        }
        fn compute(&self, work: &Work) -> Result<u64> {
            while !self.0.is_multiple_of(2) {
                work.check()?;
                std::thread::yield_now();
            }
            Ok(self.0)
        }
    }

    fn settle(slot: &mut Slot<Even>, until: impl Fn(&Slot<Even>) -> bool) {
        let start = Instant::now();
        while !until(slot) && start.elapsed() < Duration::from_secs(10) {
            slot.poll();
            std::thread::yield_now();
        }
    }

    #[test]
    fn the_latest_inputs_win_and_the_old_value_is_shown_meanwhile() {
        let (cache, waker): (_, Waker) = (Arc::new(Cache::new(1 << 16)), Arc::new(|| {}));
        let mut slot = Slot::default();
        slot.want(Even(2), &cache, &waker);
        settle(&mut slot, |slot| slot.running().is_none());
        slot.want(Even(3), &cache, &waker);
        assert!(slot.running().is_some());
        assert_eq!(slot.value().map(|value| **value), Some(2), "stale, still shown");
        slot.want(Even(4), &cache, &waker);
        settle(&mut slot, |slot| slot.running().is_none());
        assert_eq!(slot.value().map(|value| **value), Some(4));
    }

    #[test]
    fn a_panic_is_an_error_and_not_the_end() {
        let job: Job<()> = Job::spawn("panics", Arc::new(|| {}), |_| panic!("on purpose"));
        let start = Instant::now();
        let outcome = loop {
            if let Some(outcome) = job.take() {
                break outcome;
            }
            assert!(start.elapsed() < Duration::from_secs(10));
        };
        assert!(outcome.is_err());
    }
}
