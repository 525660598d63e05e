//! An open project with its live values, ticked as the window ticks them, without a window.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lapidary::data::view::View;
use lapidary::engine::{Error, Result, Waker, Work};
use lapidary::session::{Live, Session};

/// A project and what is derived from it.
pub struct Bench {
    /// The project.
    pub session: Session,
    live: Live,
}

impl Bench {
    /// Opens a project; nothing is derived yet.
    pub fn open(project: &Path) -> Result<Self> {
        let session = Session::open(project, &Work::new())?;
        let here = std::thread::current();
        let waker: Waker = Arc::new(move || here.unpark());
        Ok(Self { session, live: Live::new(waker) })
    }

    /// Ticks until `done` holds, whenever a job has something to show; tells how long it took.
    pub fn until(&mut self, view: &View, done: impl Fn(&Live) -> bool) -> Result<Duration> {
        const PATIENCE: Duration = Duration::from_secs(120);
        let start = Instant::now();
        loop {
            self.live.tick(&self.session, 1, view);
            if let Some(error) = self.live.view.error().or(self.live.whole.error()).or(self.live.shown.error()) {
                return Err(error.clone());
            }
            if done(&self.live) {
                return Ok(start.elapsed());
            }
            if start.elapsed() > PATIENCE {
                return Err(Error::input("the derived values did not settle"));
            }
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    /// Ticks until everything that follows from a view is up to date.
    pub fn settle(&mut self, view: &View) -> Result<Duration> {
        let shown = |live: &Live| live.snapshot().is_some_and(|snapshot| snapshot.view == *view);
        self.until(view, |live| live.is_settled() && shown(live))
    }

    /// The rows that are shown.
    pub fn rows(&self) -> usize {
        self.live.snapshot().map_or(0, |snapshot| snapshot.rows.len())
    }
}

/// The bytes of the data's columns as Arrow arrays.
pub fn arrow_bytes(session: &Session) -> u64 {
    let columns = session.dataset().frame.columns().iter();
    columns.map(|column| column.array().get_buffer_memory_size() as u64).sum()
}
