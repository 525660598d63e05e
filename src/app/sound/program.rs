//! Sound through a player that the desktop has: samples are written to its standard input.
//!
//! Every crate that speaks to the sound servers of Linux needs their C headers to build, or brings a library for
//! sockets. The servers' own players need neither: `pacat` comes with PulseAudio and works with PipeWire, `pw-cat`
//! comes with PipeWire, `aplay` with ALSA, which both stand in for. To pause or seek, the player is ended and started
//! anew.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Output;
use crate::data::media::Sound;

/// A player and its arguments; `{rate}` stands for the sample rate. It takes 16-bit little-endian samples of one
/// channel.
struct Candidate {
    program: PathBuf,
    arguments: &'static [&'static str],
}

/// The players in the order in which they are tried. `pw-cat` reads plain samples from `-` up to version 1.4; later
/// ones want `--raw` for that, which earlier ones do not know: they refuse it at once.
const PLAYERS: &[(&str, &[&str])] = &[
    (
        "pacat",
        &[
            "--playback",
            "--raw",
            "--format=s16le",
            "--channels=1",
            "--rate={rate}",
            "--latency-msec=60",
            "--client-name=Lapidary",
        ],
    ),
    ("pw-cat", &["--playback", "--raw", "--format=s16", "--channels=1", "--rate={rate}", "--latency=60ms", "-"]),
    ("pw-cat", &["--playback", "--format=s16", "--channels=1", "--rate={rate}", "--latency=60ms", "-"]),
    ("aplay", &["-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", "{rate}", "-"]),
];

/// Sound through the first player that works.
pub(super) struct Program {
    candidates: Vec<Candidate>,
    /// The one in use; those before it have failed.
    chosen: usize,
    running: Option<Running>,
}

struct Running {
    child: Child,
    sound: Arc<Sound>,
    from: usize,
    started: Instant,
}

impl Program {
    /// The players that are installed.
    pub(super) fn found() -> Self {
        let candidates =
            PLAYERS.iter().filter_map(|&(name, arguments)| Some(Candidate { program: find(name)?, arguments }));
        Self::of(candidates.collect())
    }

    fn of(candidates: Vec<Candidate>) -> Self {
        Self { candidates, chosen: 0, running: None }
    }

    /// Starts the chosen player, or the first after it that can be started.
    fn launch(&mut self, sound: &Arc<Sound>, from: usize) -> Result<(), String> {
        let mut why = "no player for sound is installed (pacat, pw-cat or aplay)".to_owned();
        while let Some(candidate) = self.candidates.get(self.chosen) {
            match candidate.spawn(sound, from) {
                Ok(child) => {
                    self.running = Some(Running { child, sound: sound.clone(), from, started: Instant::now() });
                    return Ok(());
                }
                Err(reason) => why = format!("{} cannot be started, {reason}", candidate.program.display()),
            }
            self.chosen += 1;
        }
        Err(why)
    }
}

impl Candidate {
    fn spawn(&self, sound: &Arc<Sound>, from: usize) -> std::io::Result<Child> {
        let rate = sound.rate.to_string();
        let mut child = Command::new(&self.program)
            .args(self.arguments.iter().map(|argument| argument.replace("{rate}", &rate)))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(pipe) = child.stdin.take() {
            let sound = sound.clone();
            let fed = std::thread::Builder::new().name("sound-feed".to_owned()).spawn(move || feed(pipe, &sound, from));
            if let Err(reason) = fed {
                end(&mut child);
                return Err(reason);
            }
        }
        Ok(child)
    }
}

/// Writes all samples from `from` on; ends when they are written or the player is gone. Closing the pipe lets the
/// player play to the end and then end itself.
fn feed(mut pipe: ChildStdin, sound: &Sound, from: usize) {
    let mut bytes = Vec::with_capacity(1 << 13);
    for samples in sound.samples.get(from..).unwrap_or_default().chunks(1 << 12) {
        bytes.clear();
        bytes.extend(samples.iter().flat_map(|&sample| to_16_bits(sample).to_le_bytes()));
        if pipe.write_all(&bytes).is_err() {
            return;
        }
    }
}

/// A cast of a float to an integer saturates, so that samples beyond full scale are cut.
fn to_16_bits(sample: f32) -> i16 {
    (sample * 32767.0).round() as i16
}

/// A program by name, in the folders of `PATH` alone: never in the current one.
fn find(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let mut paths = std::env::split_paths(&folders).filter(|folder| folder.is_absolute());
    paths.find_map(|folder| Some(folder.join(name)).filter(|path| path.is_file()))
}

/// Ends a process and takes leave of it, so that no zombie stays behind.
fn end(child: &mut Child) {
    // Both fail only for a process that is gone already.
    let _ = child.kill();
    let _ = child.wait();
}

impl Output for Program {
    fn start(&mut self, sound: &Arc<Sound>, from: usize) -> Result<(), String> {
        self.stop();
        if self.chosen >= self.candidates.len() {
            // All have failed before; by now there may be a device.
            self.chosen = 0;
        }
        self.launch(sound, from)
    }

    fn stop(&mut self) {
        if let Some(mut running) = self.running.take() {
            end(&mut running.child);
        }
    }

    fn check(&mut self) -> Result<bool, String> {
        let Some(running) = &mut self.running else { return Ok(false) };
        let failure = match running.child.try_wait() {
            Ok(None) => return Ok(true),
            Ok(Some(status)) if status.success() => {
                self.running = None;
                return Ok(false);
            }
            Ok(Some(status)) => format!("the player ended early ({status})"),
            Err(reason) => format!("the player is lost ({reason})"),
        };
        let Some(failed) = self.running.take() else { return Ok(false) };
        self.chosen += 1;
        let passed = failed.started.elapsed().as_secs_f64() * f64::from(failed.sound.rate);
        match self.launch(&failed.sound, failed.from.saturating_add(passed as usize)) {
            Ok(()) => Ok(true),
            Err(_) => Err(failure),
        }
    }

    fn name(&self) -> String {
        let program = self.candidates.get(self.chosen).map(|candidate| candidate.program.as_path());
        program.and_then(|path| path.file_name()).unwrap_or_default().to_string_lossy().into_owned()
    }

    fn latency(&self) -> Duration {
        // An estimate: the buffer that is asked for (60 ms), and the start of a process.
        Duration::from_millis(100)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &'static [&'static str]) -> Candidate {
        Candidate { program: "/bin/sh".into(), arguments: script }
    }

    fn sound(samples: Vec<f32>) -> Arc<Sound> {
        Arc::new(Sound { samples, rate: 10, channels: 1, notes: Vec::new() })
    }

    /// Looks after it until it ends.
    fn outcome(program: &mut Program) -> Result<(), String> {
        let start = Instant::now();
        while program.check()? {
            assert!(start.elapsed() < Duration::from_secs(10));
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }

    #[test]
    fn players_that_fail_are_passed_over() {
        let absent = Candidate { program: "/no/such/player".into(), arguments: &[] };
        // The last exits well only if it was told the rate and was given the four samples.
        let good = &["-c", "test {rate} = 10 && test \"$(od -An -tx1 | tr -d ' \\n')\" = 000000400080ff7f"];
        let mut program = Program::of(vec![absent, shell(&["-c", "exit 3"]), shell(good)]);
        program.start(&sound(vec![9.0, 0.0, 0.5, -2.0, 2.0]), 1).unwrap();
        outcome(&mut program).unwrap();
        assert_eq!((program.chosen, program.name().as_str()), (2, "sh"));
    }

    #[test]
    fn with_no_player_left_the_reason_is_told_and_the_next_start_tries_again() {
        let mut program = Program::of(vec![shell(&["-c", "exit 3"])]);
        program.start(&sound(vec![0.0; 5]), 0).unwrap();
        assert!(outcome(&mut program).unwrap_err().contains("ended early"));
        assert!(program.start(&sound(vec![0.0; 5]), 0).is_ok());
        assert!(Program::of(Vec::new()).start(&sound(Vec::new()), 0).unwrap_err().contains("installed"));
    }

    #[test]
    fn stopping_ends_the_player_at_once() {
        let mut program = Program::of(vec![shell(&["-c", "exec sleep 60"])]);
        program.start(&sound(vec![0.0; 1 << 20]), 0).unwrap();
        let start = Instant::now();
        assert_eq!(program.check(), Ok(true));
        program.stop();
        assert!(start.elapsed() < Duration::from_secs(5));
        assert_eq!(program.check(), Ok(false));
    }
}
