//! Many small pictures for the window: asked for every frame, made by two workers, kept under a byte budget.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::decode::{Limits, Picture, decode};
use super::desk::{Desk, SIDES, Task, Thumbnail, level};
use super::packed::Reference;
use super::pyramid::Pyramid;
use super::resolve::{Media, Root};
use super::store::Store;
use super::tiled::Tiled;
use crate::engine::{Error, Fingerprinter, Job, Result, Waker, Work};

/// How thumbnails are made and kept.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Bytes of pixels held in memory, at least 4 MiB.
    pub budget: usize,
    /// Where thumbnails of large images are kept between runs, usually `thumbnails` in the project's cache; `None`
    /// keeps none.
    pub folder: Option<PathBuf>,
    /// The most bytes that this folder may take; the oldest are taken away first.
    pub folder_bytes: u64,
    /// What one image may cost.
    pub limits: Limits,
}

impl Default for Settings {
    /// 256 MiB in memory; no folder, but 1 GiB once one is given.
    fn default() -> Self {
        Self { budget: 256 << 20, folder: None, folder_bytes: 1 << 30, limits: Limits::default() }
    }
}

/// Thumbnails of the images of one dataset.
///
/// The window calls [`begin_frame`](Self::begin_frame) once a frame and [`request`](Self::request) for every image in
/// or near sight, and draws what it gets; the waker is called when something new is here. All calls return at once.
/// Dropping it ends the workers after the image they have in hand.
pub struct Thumbnails {
    shared: Arc<Shared>,
}

struct Shared {
    root: Root,
    /// Where pictures too large to be held are kept in tiles.
    pyramids: Option<PathBuf>,
    store: Option<Store>,
    limits: Limits,
    waker: Waker,
    state: Mutex<State>,
    news: Condvar,
}

struct State {
    desk: Desk,
    closing: bool,
    /// Thumbnails put on disk since the folder was last held to its bound; `None` before the first time.
    unpruned: Option<usize>,
    /// Why thumbnails are no longer put on disk.
    trouble: Option<Error>,
}

/// The longer side in pixels of what is held of a picture that is looked at: 64 MiB at most.
pub const HELD: u32 = 4096;

/// Two: decoding is bound by the processor, and the window needs one as well.
const WORKERS: usize = 2;

/// Thumbnails put on disk between two looks at the size of the folder.
const PRUNE_EVERY: usize = 4096;

/// The smallest side that is kept on disk; smaller thumbnails are made from it in a fraction of a millisecond.
pub(super) const LEAST_KEPT: u32 = 256;

/// Images of fewer pixels are decoded again as fast as a thumbnail is read, so that keeping one gains nothing.
pub(super) const WORTH_KEEPING: u64 = 500_000;

impl Thumbnails {
    /// Thumbnails of the images under `root`; `waker` is called from a worker whenever one is made or has failed.
    ///
    /// # Errors
    /// If the folder for thumbnails cannot be made or no thread can be started.
    pub fn new(root: Root, settings: Settings, waker: Waker) -> Result<Self> {
        let store = settings.folder.as_ref().map(|folder| Store::open(folder, settings.folder_bytes)).transpose()?;
        let state = State { desk: Desk::new(settings.budget), closing: false, unpruned: None, trouble: None };
        let pyramids = settings.folder.map(|folder| folder.with_file_name("pyramids"));
        let (limits, state) = (settings.limits, Mutex::new(state));
        let shared = Shared { root, pyramids, store, limits, waker, state, news: Condvar::new() };
        let made = Self { shared: Arc::new(shared) };
        for number in 1..=WORKERS {
            let shared = made.shared.clone();
            let name = format!("thumbnails-{number}");
            std::thread::Builder::new()
                .name(name.clone())
                .spawn(move || shared.work())
                .map_err(|source| Error::io("cannot start a thread", std::path::Path::new(&name), &source))?;
        }
        Ok(made)
    }

    /// Begins a frame of the window. What was requested in the frame before stays wanted until the next call, what was
    /// not has scrolled away and is dropped. Without such calls nothing is ever dropped, and once the budget is full
    /// nothing more is made.
    pub fn begin_frame(&self) {
        let mut state = self.shared.lock();
        state.desk.begin_frame();
        if state.desk.wanted() > 0 {
            self.shared.news.notify_all();
        }
    }

    /// The thumbnail of the image at `path`, a value of the data's column, whose longer side is at least `side` pixels
    /// if the image has as many (64, 128, 256 or 512 are made; 512 at most). If it is not here it is asked for;
    /// `priority` is the distance to what the person looks at, 0 is made first.
    pub fn request(&self, path: &str, side: u32, priority: u32) -> Thumbnail {
        let (found, news) = self.shared.lock().desk.request(path, level(side), priority);
        if news {
            self.shared.news.notify_one();
        }
        found
    }

    /// The image at `path` to be looked at closely, made ready on a thread of its own. It is held whole, or made smaller to
    /// [`HELD`] pixels a side; one that is too large for that, and any with `finest`, is put on disk in tiles once.
    pub fn tiled(&self, path: &str, finest: bool) -> Job<Tiled> {
        let (shared, path) = (self.shared.clone(), path.to_owned());
        Job::spawn("picture", self.shared.waker.clone(), move |work| shared.tiled(&path, finest, work))
    }

    /// The thumbnail as it stands, without asking for it.
    pub fn get(&self, path: &str, side: u32) -> Thumbnail {
        self.shared.lock().desk.get(path, level(side))
    }

    /// Changes the budget in bytes; what no longer fits is let go at once.
    pub fn set_budget(&self, bytes: usize) {
        self.shared.lock().desk.set_budget(bytes);
    }

    /// Forgets everything, failures too, because the files may have changed. What is on disk is kept: it is named by
    /// the time and length of each file.
    pub fn clear(&self) {
        self.shared.lock().desk.clear();
    }

    /// Bytes of pixels that are held.
    pub fn used(&self) -> usize {
        self.shared.lock().desk.used()
    }

    /// The number of thumbnails that were asked for and that no worker has taken up.
    pub fn wanted(&self) -> usize {
        self.shared.lock().desk.wanted()
    }

    /// Why thumbnails are no longer put on disk, if that failed (a full disk); they are still made.
    pub fn trouble(&self) -> Option<Error> {
        self.shared.lock().trouble.clone()
    }
}

impl Drop for Thumbnails {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.news.notify_all();
    }
}

impl Shared {
    /// Goes on with the state if a worker panicked while it held the lock; it is whole between any two calls.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The life of a worker.
    fn work(&self) {
        while let Some(task) = self.next() {
            let outcome = self.make(&task);
            self.lock().desk.put(task, outcome);
            (self.waker)();
        }
    }

    /// Waits for a task; `None` at the end. Tidies the folder while there is nothing else to do.
    fn next(&self) -> Option<Task> {
        let mut state = self.lock();
        loop {
            if state.closing {
                return None;
            }
            if let Some(task) = state.desk.pick() {
                return Some(task);
            }
            if let Some(store) = &self.store
                && state.desk.wanted() == 0
                && state.unpruned.is_none_or(|count| count >= PRUNE_EVERY)
            {
                state.unpruned = Some(0);
                drop(state);
                self.prune(store);
                state = self.lock();
                continue;
            }
            state = self.news.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn tiled(&self, value: &str, finest: bool, work: &Work) -> Result<Tiled> {
        let media = self.root.media(value)?;
        if !finest && media.is_held(self.limits)? {
            return media.decode(Some(HELD), self.limits).map(Tiled::held);
        }
        let name = match &media {
            Media::File(path) => {
                let meta =
                    std::fs::metadata(path).map_err(|source| Error::io("cannot read the image", path, &source))?;
                Store::name(path.strip_prefix(self.root.folder()).unwrap_or(path), &meta, u32::MAX)
            }
            Media::Bytes(_) => Fingerprinter::new("packed pyramid 1")
                .text(super::content_part(crate::data::Kind::Image, value))
                .finish(),
        };
        let limits = self.limits;
        let source = move || media.open(limits);
        Pyramid::open_or_make(self.pyramids.as_deref(), name, source, limits, work)
            .map(Tiled::pyramid)
            .map_err(|error| error.or_at(value))
    }

    fn prune(&self, store: &Store) {
        let busy = || {
            let state = self.lock();
            state.closing || state.desk.wanted() > 0
        };
        match store.prune(busy) {
            Ok(true) => {}
            Ok(false) => self.lock().unpruned = None,
            Err(error) => self.lock().trouble = Some(error),
        }
    }

    /// Makes a thumbnail: from disk, else from the image.
    fn make(&self, task: &Task) -> Result<Picture> {
        let side = SIDES[task.key.level];
        let kept = side.max(LEAST_KEPT);
        if Reference::parse(&task.key.path).is_some() {
            return self.make_packed(&task.key.path, side, kept);
        }
        let path = self.root.resolve(&task.key.path)?;
        let Some(store) = &self.store else { return decode(&path, Some(side), self.limits) };
        let meta = std::fs::metadata(&path).map_err(|source| Error::io("cannot read the image", &path, &source))?;
        let inside = path.strip_prefix(self.root.folder()).unwrap_or(&path);
        let name = Store::name(inside, &meta, kept);
        if let Some(found) = store.load(name) {
            return found.shrink(side);
        }
        let picture = decode(&path, Some(kept), self.limits)?;
        if u64::from(picture.full_width) * u64::from(picture.full_height) >= WORTH_KEEPING {
            self.keep(store, name, &picture);
        }
        picture.shrink(side)
    }

    /// Makes a thumbnail of an image inside another file. Its reference holds the hash of its bytes, so that the
    /// reference alone names the thumbnail.
    fn make_packed(&self, value: &str, side: u32, kept: u32) -> Result<Picture> {
        let decode = |side| {
            let media = self.root.media(value)?;
            media.decode(Some(side), self.limits).map_err(|error| error.at(value))
        };
        let Some(store) = &self.store else { return decode(side) };
        let hash = super::content_part(crate::data::Kind::Image, value);
        let name = Fingerprinter::new("packed thumbnail 1").text(hash).number(u64::from(kept)).finish();
        if let Some(found) = store.load(name) {
            return found.shrink(side);
        }
        let picture = decode(kept)?;
        if u64::from(picture.full_width) * u64::from(picture.full_height) >= WORTH_KEEPING {
            self.keep(store, name, &picture);
        }
        picture.shrink(side)
    }

    /// Puts a thumbnail on disk. After a failure no more are put there, and the reason can be asked for.
    fn keep(&self, store: &Store, name: crate::engine::Fingerprint, picture: &Picture) {
        if self.lock().trouble.is_some() {
            return;
        }
        let saved = store.save(name, picture);
        let mut state = self.lock();
        match saved {
            Ok(()) => state.unpruned = state.unpruned.map(|count| count + 1),
            Err(error) => state.trouble = Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    use super::super::samples::*;
    use super::*;

    fn thumbnails(root: &Path, folder: Option<PathBuf>) -> (Thumbnails, Arc<AtomicUsize>) {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = calls.clone();
        let waker: Waker = Arc::new(move || {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let settings = Settings { folder, ..Settings::default() };
        (Thumbnails::new(Root::open(root).unwrap(), settings, waker).unwrap(), calls)
    }

    fn wait(thumbnails: &Thumbnails, path: &str, side: u32) -> Thumbnail {
        let start = Instant::now();
        loop {
            match thumbnails.request(path, side, 0) {
                Thumbnail::Waiting(_) => assert!(start.elapsed() < Duration::from_secs(20), "{path} never came"),
                found => return found,
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn pictures_and_failures_arrive_and_the_window_is_woken() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("a.jpg"), jpeg_with_orientation(&halves(400, 200), 6)).unwrap();
        std::fs::write(root.path().join("b.png"), b"no image").unwrap();
        let (thumbnails, calls) = thumbnails(root.path(), None);
        let Thumbnail::Ready(picture) = wait(&thumbnails, "a.jpg", 100) else { panic!("a.jpg failed") };
        assert_eq!((picture.width, picture.height), (64, 128));
        assert_eq!((picture.full_width, picture.full_height), (200, 400));
        let check = |path: &str, expected: &str| match wait(&thumbnails, path, 100) {
            Thumbnail::Failed(error) => assert!(error.to_string().contains(expected), "{error}"),
            other => panic!("{path}: {other:?}"),
        };
        check("b.png", "this is not an image: ");
        check("c.png", "does not exist");
        check("../c.png", "leads out");
        assert_eq!(thumbnails.wanted(), 0);
        let start = Instant::now();
        while calls.load(Ordering::Relaxed) < 4 {
            assert!(start.elapsed() < Duration::from_secs(20));
            std::thread::yield_now();
        }
        assert!(thumbnails.used() >= 64 * 128 * 4);
        std::fs::write(root.path().join("b.png"), encode(&gradient(9, 9), "png")).unwrap();
        thumbnails.clear();
        assert!(matches!(wait(&thumbnails, "b.png", 64), Thumbnail::Ready(_)), "mended, and tried again");
    }

    #[test]
    fn large_images_are_kept_on_disk_and_small_ones_are_not() {
        let root = tempfile::tempdir().unwrap();
        let cache = root.path().join("cache/thumbnails");
        std::fs::write(root.path().join("large.png"), encode(&gradient(1000, 800), "png")).unwrap();
        std::fs::write(root.path().join("small.png"), encode(&gradient(100, 80), "png")).unwrap();
        let kept = || {
            let shelves = std::fs::read_dir(&cache).unwrap().flatten();
            shelves.flat_map(|shelf| std::fs::read_dir(shelf.path()).unwrap().flatten()).map(|file| file.path())
        };
        {
            let (thumbnails, _) = thumbnails(root.path(), Some(cache.clone()));
            wait(&thumbnails, "large.png", 64);
            wait(&thumbnails, "small.png", 64);
            assert_eq!(kept().count(), 1);
            assert!(thumbnails.trouble().is_none());
        }
        // The image is still there with its time and length, but its thumbnail on disk is another picture: that one
        // must come, for it shows that the image was not decoded again.
        let path = kept().next().unwrap();
        let store = Store::open(&cache, u64::MAX).unwrap();
        let other = Picture { width: 4, height: 4, rgba: vec![7; 64], full_width: 1000, full_height: 800 };
        let name: String = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let name = serde_json::from_str(&format!("\"{name}\"")).unwrap();
        store.save(name, &other).unwrap();
        let (thumbnails, _) = self::thumbnails(root.path(), Some(cache.clone()));
        let Thumbnail::Ready(picture) = wait(&thumbnails, "large.png", 64) else { panic!() };
        assert_eq!((picture.width, picture.full_width), (4, 1000));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_said_once_and_pictures_still_come() {
        let root = tempfile::tempdir().unwrap();
        let cache = root.path().join("cache");
        std::fs::write(root.path().join("large.png"), encode(&gradient(1000, 800), "png")).unwrap();
        let (thumbnails, _) = thumbnails(root.path(), Some(cache.clone()));
        std::thread::sleep(Duration::from_millis(20));
        std::fs::remove_dir(&cache).unwrap();
        std::fs::write(&cache, "a file is in the way").unwrap();
        assert!(matches!(wait(&thumbnails, "large.png", 64), Thumbnail::Ready(_)));
        assert!(thumbnails.trouble().is_some());
    }

    #[test]
    fn many_requests_end_and_the_budget_holds() {
        let root = tempfile::tempdir().unwrap();
        for n in 0..200 {
            std::fs::write(root.path().join(format!("{n}.png")), encode(&gradient(300, 300 + n), "png")).unwrap();
        }
        let (thumbnails, _) = thumbnails(root.path(), None);
        thumbnails.set_budget(4 << 20);
        for n in 0..200 {
            thumbnails.begin_frame();
            wait(&thumbnails, &format!("{n}.png"), 256);
            assert!(thumbnails.used() <= 4 << 20);
        }
        assert!(thumbnails.used() > 2 << 20);
    }
}
