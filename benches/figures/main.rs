//! The promised figures, measured: `cargo bench` prints one table.
//!
//! `cargo bench -- [NAME...] [--peers] [--quick] [--list]`: a name is that of a figure (`map/aggregate`) or of a group
//! (`map`). `--peers` runs the Python programs that people use for the same beside ours (see `benches/peers`), `--quick`
//! takes a tenth of the rows and gives no verdicts, `--list` prints the names.
//!
//! Every figure is measured in a process of its own, so that its peak memory is its own and none warms up another. Real
//! data is looked for in `$LAPIDARY_DATA`, else in `../shared/data` beside the checkout; what is large is made once and
//! kept in the folder for temporary files. Timings are of this machine, now; the bar of each figure stands beside it.

mod clean;
mod data;
mod exchange;
mod functions;
mod label;
mod live;
mod map;
#[cfg(feature = "window")]
mod marking;
mod models;
mod open;
mod peers;
mod pictures;
#[cfg(feature = "window")]
mod scroll;
#[cfg(feature = "window")]
mod start;
mod table;
mod view;
mod watch;
#[cfg(feature = "window")]
mod window;

use std::process::{Command, ExitCode};

use lapidary::engine::Result;
use table::{Options, Report};

/// A figure, or a few that are measured in one go.
struct Part {
    /// The group and the figure.
    name: &'static str,
    measure: fn(&mut Report) -> Result<()>,
}

/// All parts in the order of the table.
const PARTS: &[Part] = &[
    #[cfg(feature = "window")]
    Part { name: "start/first-frame", measure: start::first_frame },
    #[cfg(feature = "window")]
    Part { name: "start/idle", measure: start::idle },
    Part { name: "open/reviews", measure: open::reviews },
    Part { name: "open/million", measure: open::million },
    Part { name: "view/filter", measure: view::filter },
    Part { name: "view/search", measure: view::search },
    #[cfg(feature = "window")]
    Part { name: "scroll/reviews", measure: scroll::reviews },
    #[cfg(feature = "window")]
    Part { name: "scroll/table", measure: scroll::table },
    #[cfg(feature = "window")]
    Part { name: "scroll/gallery", measure: scroll::gallery },
    Part { name: "map/aggregate", measure: map::aggregate },
    #[cfg(feature = "window")]
    Part { name: "map/frames", measure: map::frames },
    Part { name: "label/million", measure: label::million },
    #[cfg(feature = "window")]
    Part { name: "label/shapes", measure: marking::shapes },
    #[cfg(feature = "window")]
    Part { name: "label/long-text", measure: marking::long_text },
    Part { name: "functions/ten", measure: functions::ten },
    Part { name: "functions/hundred", measure: functions::hundred },
    Part { name: "functions/edit", measure: functions::edit },
    Part { name: "functions/python", measure: functions::python },
    Part { name: "models/votes", measure: models::votes_of_many },
    Part { name: "models/texts", measure: models::texts },
    Part { name: "models/neighbours", measure: models::neighbours },
    Part { name: "clean/label-errors", measure: clean::label_errors },
    Part { name: "clean/texts", measure: clean::texts },
    Part { name: "clean/images", measure: clean::images },
    Part { name: "clean/photos", measure: clean::photos },
    Part { name: "watch/profile", measure: watch::profiles },
    Part { name: "watch/expectations", measure: watch::expectations },
    Part { name: "watch/drift", measure: watch::drifts },
    Part { name: "watch/slices", measure: watch::slices },
    Part { name: "exchange/export", measure: exchange::export },
    Part { name: "exchange/import", measure: exchange::import },
    Part { name: "exchange/coco", measure: exchange::coco },
    Part { name: "exchange/brush", measure: exchange::brush },
];

/// What was asked for on the command line.
#[derive(Default)]
struct Asked {
    names: Vec<String>,
    options: Options,
    /// The one part that this process is to measure.
    part: Option<String>,
    list: bool,
}

impl Asked {
    fn read(mut words: impl Iterator<Item = String>) -> std::result::Result<Self, String> {
        let mut asked = Self::default();
        while let Some(word) = words.next() {
            match word.as_str() {
                // What cargo adds by itself.
                "--bench" => {}
                "--list" | "--test" => asked.list = true,
                "--peers" => asked.options.peers = true,
                "--quick" => asked.options.quick = true,
                "--part" => asked.part = words.next(),
                option if option.starts_with('-') => {
                    return Err(format!("there is no option {option}; there are --peers, --quick and --list"));
                }
                name => asked.names.push(name.trim_end_matches('/').to_owned()),
            }
        }
        Ok(asked)
    }

    /// The parts to measure: those named, or in the groups named; all without names.
    fn parts(&self) -> std::result::Result<Vec<&'static Part>, String> {
        let fits = |part: &Part, name: &str| part.name == name || part.name.split('/').next() == Some(name);
        if let Some(name) = self.names.iter().find(|name| !PARTS.iter().any(|part| fits(part, name))) {
            let known: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
            return Err(format!("there is no figure {name}; there are: {}", known.join(", ")));
        }
        let wanted = |part: &&Part| self.names.is_empty() || self.names.iter().any(|name| fits(part, name));
        Ok(PARTS.iter().filter(wanted).collect())
    }
}

fn main() -> ExitCode {
    let asked = Asked::read(std::env::args().skip(1)).and_then(|asked| Ok((asked.parts()?, asked)));
    let (parts, asked) = match asked {
        Ok(asked) => asked,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    if let Some(name) = &asked.part {
        return measure(name, asked.options);
    }
    if asked.list {
        parts.iter().for_each(|part| println!("{}: bench", part.name));
        return ExitCode::SUCCESS;
    }
    table::head();
    let (mut missed, mut failed) = (0, 0);
    for part in parts {
        match run(part, asked.options) {
            Some(bars) => missed += usize::from(bars),
            None => {
                failed += 1;
                println!("{:<62} {:>12}", part.name, "FAILED");
            }
        }
    }
    println!("{missed} figures miss their bar, {failed} could not be measured");
    if failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Exit codes of a measuring process from here on mean that it failed; below they count the bars that were missed.
const FAILED: u8 = 100;

/// Measures one part in this process.
fn measure(name: &str, options: Options) -> ExitCode {
    let Some(part) = PARTS.iter().find(|part| part.name == name) else { return ExitCode::from(FAILED) };
    let mut report = Report::new(options);
    match (part.measure)(&mut report) {
        Ok(()) => ExitCode::from(report.missed().min(FAILED - 1)),
        Err(error) => {
            eprintln!("error: {error}");
            error.advice().iter().for_each(|advice| eprintln!("help: {advice}"));
            ExitCode::from(FAILED)
        }
    }
}

/// Has a part measured by a process of its own. The number of bars that were missed; `None` if it failed.
fn run(part: &Part, options: Options) -> Option<u8> {
    let program = std::env::current_exe().ok()?;
    let flags = [("--peers", options.peers), ("--quick", options.quick)];
    let status = Command::new(program)
        .args(["--part", part.name])
        .args(flags.iter().filter(|(_, given)| *given).map(|(flag, _)| flag))
        .status()
        .ok()?;
    status.code().and_then(|code| u8::try_from(code).ok()).filter(|&code| code < FAILED)
}
