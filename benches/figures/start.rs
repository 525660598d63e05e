//! Starting: the real window, from the start of the process to the end of its first frame, and what it costs when
//! nobody touches it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lapidary::engine::{Result, Work};
use lapidary::session::make_sample;

use crate::data;
use crate::table::{Amount, Report, Row, quantile};

/// A process that does not outlive the figure.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A place to show a window.
struct Display {
    /// The display that was started for it; without one, that of the person.
    own: Option<(Guard, String)>,
}

impl Display {
    /// The person's display, or one of our own by Xvfb.
    fn open() -> Option<Self> {
        if std::env::var_os("DISPLAY").is_some() || std::env::var_os("WAYLAND_DISPLAY").is_some() {
            return Some(Self { own: None });
        }
        let server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut guard = Guard(server);
        let number = first_line(&mut guard.0)?;
        Some(Self { own: Some((guard, format!(":{}", number.trim()))) })
    }

    /// Starts the program there and waits for its first frame.
    fn start(&self, renderer: &str, project: &Path, home: &Path) -> Option<(Guard, Duration)> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lapidary"));
        command.arg(project).args(["--renderer", renderer]);
        command.env("LAPIDARY_HOME", home).env("LAPIDARY_FIRST_FRAME", "1");
        if let Some((_, name)) = &self.own {
            command.env("DISPLAY", name);
        }
        let start = Instant::now();
        let mut child = Guard(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?);
        first_line(&mut child.0)?;
        Some((child, start.elapsed()))
    }
}

/// The first line that a process prints; `None` if it ends without one.
fn first_line(child: &mut Child) -> Option<String> {
    let mut line = String::new();
    let bytes = BufReader::new(child.stdout.take()?).read_line(&mut line).ok()?;
    (bytes > 0).then_some(line)
}

const RENDERERS: [&str; 2] = ["wgpu", "glow"];

const NO_DISPLAY: &str = "no display, and Xvfb does not start";

/// From start to first frame, with both renderers.
pub fn first_frame(report: &mut Report) -> Result<()> {
    let figure = "start to first frame, sample project";
    let folder = data::folder()?;
    let project = folder.path().join("project");
    make_sample("youtube_spam", &project, &Work::new())?;
    let Some(display) = Display::open() else {
        report.skip(figure, NO_DISPLAY);
        return Ok(());
    };
    for renderer in RENDERERS {
        let starts = (0..5).filter_map(|_| Some(display.start(renderer, &project, folder.path())?.1));
        let times: Vec<Duration> = starts.collect();
        let figure = format!("{figure}, {renderer}");
        if times.is_empty() {
            report.skip(&figure, "the window did not open");
        } else {
            report.row(Row::new(figure, Amount::Time(quantile(&times, 0.5))).at_most(Amount::ms(500)));
        }
    }
    Ok(())
}

/// How long the window is left alone before it is watched, and how long it is watched.
const CALM: Duration = Duration::from_secs(8);
const WATCHED: Duration = Duration::from_secs(5);

/// The processor time of a window that nobody touches.
pub fn idle(report: &mut Report) -> Result<()> {
    let folder = data::folder()?;
    let project = folder.path().join("project");
    make_sample("youtube_spam", &project, &Work::new())?;
    for renderer in RENDERERS {
        let figure = format!("processor time of an idle window in 5 s, {renderer}");
        let Some(display) = Display::open() else {
            report.skip(&figure, NO_DISPLAY);
            continue;
        };
        let Some((child, _)) = display.start(renderer, &project, folder.path()) else {
            report.skip(&figure, "the window did not open");
            continue;
        };
        std::thread::sleep(CALM);
        let before = processor_time(child.0.id());
        std::thread::sleep(WATCHED);
        match processor_time(child.0.id()).zip(before) {
            Some((after, before)) => {
                report.row(Row::new(figure, Amount::Time(after.saturating_sub(before))).at_most(Amount::ms(50)));
            }
            None => report.skip(&figure, "the system does not tell"),
        }
    }
    Ok(())
}

/// The processor time of a process so far, in ticks of 10 ms (`proc_pid_stat(5)`: utime and stime).
fn processor_time(process: u32) -> Option<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may hold anything; after it the third field comes first.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Duration::from_millis((ticks(14)? + ticks(15)?) * 10))
}
