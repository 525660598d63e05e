//! The process: frames to it and from it, never waited for longer than a moment.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::engine::{Error, Result, Work};
use crate::weak::python::{MODULE, MODULE_NAME};

/// The script that the process runs.
const SCRIPT: &str = include_str!("external.py");

/// How often it is looked whether the work goes on.
const LOOK: Duration = Duration::from_millis(20);

/// What is kept of what the process wrote to its standard error.
const LAST_WORDS: usize = 4096;

/// The longest frame that is believed.
const LONGEST: usize = 1 << 28;

/// A running Python.
pub(super) struct Process {
    child: Child,
    frames: Receiver<Vec<u8>>,
    orders: Sender<Vec<u8>>,
    last_words: Arc<Mutex<Vec<u8>>>,
    /// Holds the scripts.
    _folder: TempDir,
}

/// What was heard.
pub(super) enum Heard {
    /// A frame.
    Frame(Vec<u8>),
    /// Nothing, for as long as was waited.
    Nothing,
    /// The process has ended.
    Gone,
}

impl Process {
    /// Starts a Python with our script.
    pub fn start(python: &Path) -> Result<Self> {
        let failed =
            |source: &std::io::Error| Error::io("cannot make a folder for the scripts", Path::new("tmp"), source);
        let folder = tempfile::Builder::new().prefix("lapidary-").tempdir().map_err(|source| failed(&source))?;
        let script = folder.path().join("external.py");
        for (path, text) in [(&script, SCRIPT), (&folder.path().join(MODULE_NAME), MODULE)] {
            std::fs::write(path, text).map_err(|source| failed(&source))?;
        }
        let child = Command::new(python)
            .arg("-B")
            .arg(&script)
            .env("PYTHONIOENCODING", "utf-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.map_err(|source| {
            Error::io("cannot start Python", python, &source)
                .help("install Python 3.9 or later, or name it in the variable LAPIDARY_PYTHON")
        })?;
        let (send_frame, frames) = channel();
        let (orders, inbox) = channel::<Vec<u8>>();
        let last_words = Arc::new(Mutex::new(Vec::new()));
        let words = last_words.clone();
        if let (Some(mut input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        {
            // The threads end with the pipes, which end with the process.
            let write = move || {
                for frame in inbox {
                    let head = (frame.len() as u32).to_le_bytes();
                    if input
                        .write_all(&head)
                        .and_then(|()| input.write_all(&frame))
                        .and_then(|()| input.flush())
                        .is_err()
                    {
                        return;
                    }
                }
            };
            spawn("to python", write)?;
            spawn("from python", move || read_frames(output, &send_frame))?;
            spawn("python's errors", move || read_words(errors, &words))?;
        }
        Ok(Self { child, frames, orders, last_words, _folder: folder })
    }

    /// Sends a frame. It goes off at once or when the process reads; if that has ended, nowhere.
    pub fn send(&self, frame: Vec<u8>) {
        // That nobody reads any more is heard when an answer is waited for.
        let _ = self.orders.send(frame);
    }

    /// Waits for a frame.
    ///
    /// # Errors
    /// If the work was cancelled; the process is stopped then.
    pub fn hear(&mut self, patience: Duration, work: &Work) -> Result<Heard> {
        let until = Instant::now() + patience;
        loop {
            if let Err(error) = work.check() {
                self.stop();
                return Err(error);
            }
            match self.frames.recv_timeout(LOOK) {
                Ok(frame) => return Ok(Heard::Frame(frame)),
                Err(RecvTimeoutError::Disconnected) => {
                    // It has ended, or has closed its end and is of no use; the last words may come a moment later.
                    self.stop();
                    std::thread::sleep(LOOK);
                    return Ok(Heard::Gone);
                }
                Err(RecvTimeoutError::Timeout) if Instant::now() >= until => return Ok(Heard::Nothing),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Ends the process.
    pub fn stop(&mut self) {
        // A process that has ended by itself is just what was wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The end of what the process wrote to its standard error.
    pub fn last_words(&self) -> String {
        let words = self.last_words.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&words).into_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<()> {
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(body);
    thread.map(drop).map_err(|source| Error::io("cannot start a thread", Path::new(name), &source))
}

fn read_frames(mut output: impl Read, frames: &Sender<Vec<u8>>) {
    loop {
        let mut head = [0; 4];
        if output.read_exact(&mut head).is_err() {
            return;
        }
        let length = u32::from_le_bytes(head) as usize;
        if length > LONGEST {
            return;
        }
        let mut frame = vec![0; length];
        if output.read_exact(&mut frame).is_err() || frames.send(frame).is_err() {
            return;
        }
    }
}

fn read_words(mut errors: impl Read, words: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = errors.read(&mut buffer) {
        let mut words = words.lock().unwrap_or_else(PoisonError::into_inner);
        words.extend_from_slice(buffer.get(..count).unwrap_or_default());
        let more = words.len().saturating_sub(LAST_WORDS);
        words.drain(..more);
    }
}
