//! What surrounds a command: threads, the progress bar, cancelling by Ctrl-C, and panics that end plainly.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::answer::tell;
use crate::engine::{Error, Result, Work};

/// What the last panic said and where; kept for [`after_panic`].
static PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Keeps panics from printing a trace that says nothing to a person, unless `RUST_BACKTRACE` asks for it.
pub(super) fn quiet_panics() {
    if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
        return;
    }
    std::panic::set_hook(Box::new(|info| {
        let said = info.payload();
        let said = said.downcast_ref::<&str>().copied().or_else(|| said.downcast_ref::<String>().map(String::as_str));
        let place = info.location().map_or_else(String::new, |at| format!(" ({}:{})", at.file(), at.line()));
        let said = said.unwrap_or("no message");
        PANIC.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(format!("{said}{place}"));
    }));
}

/// Says that the program has a fault, and returns the exit code.
pub(super) fn after_panic() -> u8 {
    let said = PANIC.lock().unwrap_or_else(PoisonError::into_inner).take();
    tell(&format!("error: fault in Lapidary: {}", said.as_deref().unwrap_or("see above")));
    tell("help: please report it with this message and the command; your files are as they were");
    2
}

/// Sets the number of threads for everything; `None` takes one for each core.
///
/// # Errors
/// If the threads cannot be started.
pub(super) fn use_threads(threads: Option<usize>) -> Result<()> {
    let Some(threads) = threads else { return Ok(()) };
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .map_err(|source| Error::input(format!("cannot start {threads} threads, {source}")).help("ask for fewer"))
}

/// Ctrl-C asks the work to stop; a second one ends the program at once.
pub(super) fn cancel_on_interrupt(work: &Work) {
    let work = work.clone();
    let handler = move || {
        if work.is_cancelled() {
            std::process::exit(130);
        }
        work.cancel();
    };
    // Without a handler Ctrl-C ends the program at once, which leaves result files whole as well.
    let _ = ctrlc::set_handler(handler);
}

/// A progress bar on stderr, drawn by a thread of its own until it is dropped.
pub(super) struct Bar {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Bar {
    /// Shows how far `work` has come; nothing unless stderr is a terminal.
    pub(super) fn start(work: &Work, quiet: bool) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        if quiet || !std::io::stderr().is_terminal() {
            return Self { stop, thread: None };
        }
        let (work, stopped) = (work.clone(), stop.clone());
        let body = move || draw(&work, &stopped);
        Self { stop, thread: std::thread::Builder::new().name("progress".to_owned()).spawn(body).ok() }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn draw(work: &Work, stopped: &AtomicBool) {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    let style =
        |template: &str| ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let counted = style("{msg} {bar:30} {percent:>3} %  {human_pos} of {human_len}, {eta} left");
    let uncounted = style("{spinner} {msg} {elapsed}");
    loop {
        std::thread::park_timeout(Duration::from_millis(100));
        if stopped.load(Ordering::Relaxed) {
            break;
        }
        let progress = work.progress();
        // Short work ends before anybody could read a bar.
        if progress.stage.is_empty() || progress.seconds < 0.2 {
            continue;
        }
        let message = if work.is_cancelled() { "stopping".to_owned() } else { progress.stage };
        if bar.message() != message {
            bar.reset();
            bar.set_message(message);
        }
        if progress.total > 0 {
            bar.set_style(counted.clone());
            bar.set_length(progress.total);
            bar.set_position(progress.done.min(progress.total));
        } else {
            bar.set_style(uncounted.clone());
            bar.tick();
        }
    }
    bar.finish_and_clear();
}
