//! The arguments: commands with their options, the options that all share, and errors in the house's form.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind as Kind};
use clap::{Args as _, FromArgMatches as _};

use super::{Entry, Opening};
use crate::engine::Error;

/// Where help lists the options that all commands share.
const EVERYWHERE: &str = "Options of every command";

/// The options that stand before or after any command.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Globals {
    /// Print one JSON object on stdout instead of tables
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,
    /// No progress and no warnings
    #[arg(long, short, global = true, help_heading = EVERYWHERE)]
    pub quiet: bool,
    /// The seed of everything random [default: 0]
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "N")]
    pub seed: Option<u64>,
    /// The number of threads [default: one for each core]
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "N", value_parser = threads)]
    pub threads: Option<usize>,
}

fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=1024) => Ok(number),
        _ => Err("a number from 1 to 1024 is needed".to_owned()),
    }
}

/// What stands where no command does.
#[derive(Debug, clap::Args)]
struct Root {
    /// A project folder, a data file or a folder of images to open in the window
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// How the window draws: wgpu, or glow where that fails
    #[arg(long, value_name = "NAME", value_parser = ["wgpu", "glow"])]
    renderer: Option<String>,
}

/// What the arguments ask for.
#[derive(Debug)]
pub(super) enum Asked {
    /// The window.
    Open(Opening),
    /// The command at that place of the registry.
    Command { index: usize, matches: clap::ArgMatches, globals: Globals },
}

/// Why nothing is to be done.
#[derive(Debug)]
pub(super) enum Stop {
    /// Help or version, for stdout.
    Help(String),
    /// The arguments are not right.
    Wrong(Error),
}

/// Reads the arguments, the program's name in front.
pub(super) fn parse(arguments: Vec<OsString>, commands: &[Entry]) -> Result<Asked, Stop> {
    let word = first_word(&arguments);
    let matches = match program(commands).try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) if matches!(error.kind(), Kind::DisplayHelp | Kind::DisplayVersion) => {
            return Err(Stop::Help(error.render().to_string()));
        }
        Err(error) => {
            return Err(Stop::Wrong(unknown_word(word.as_deref(), commands).unwrap_or_else(|| explain(&error))));
        }
    };
    if let Some((name, inner)) = matches.subcommand()
        && let Some(index) = commands.iter().position(|entry| entry.name == name)
    {
        let globals = Globals::from_arg_matches(inner).map_err(|error| Stop::Wrong(explain(&error)))?;
        return Ok(Asked::Command { index, matches: inner.clone(), globals });
    }
    if let Some(error) = unknown_word(word.as_deref(), commands) {
        return Err(Stop::Wrong(error));
    }
    let Root { path, renderer } = Root::from_arg_matches(&matches).map_err(|error| Stop::Wrong(explain(&error)))?;
    Ok(Asked::Open(Opening { path, renderer }))
}

fn program(commands: &[Entry]) -> clap::Command {
    let program = Globals::augment_args(Root::augment_args(clap::Command::new("lapidary")))
        .version(env!("CARGO_PKG_VERSION"))
        .about("Look at training data, label it by hand and by rule, find what is wrong with it, deliver it")
        .after_help(
            "Without a command the window opens. Exit codes: 0 done, 1 does not hold, 2 bad input, 130 cancelled.",
        );
    commands.iter().fold(program, |program, entry| program.subcommand((entry.declare)(clap::Command::new(entry.name))))
}

/// The first argument that is neither an option nor the value of one: a command's name or a path.
fn first_word(arguments: &[OsString]) -> Option<String> {
    let mut rest = arguments.iter().skip(1).map(|argument| argument.to_string_lossy());
    while let Some(argument) = rest.next() {
        match argument.as_ref() {
            "--seed" | "--threads" | "--renderer" => drop(rest.next()),
            option if option.starts_with('-') => {}
            word => return Some(word.to_owned()),
        }
    }
    None
}

/// A mistyped command would otherwise be taken for a path.
fn unknown_word(word: Option<&str>, commands: &[Entry]) -> Option<Error> {
    let word = word?;
    if word == "help" || commands.iter().any(|entry| entry.name == word) || Path::new(word).exists() {
        return None;
    }
    let names: Vec<_> = commands.iter().map(|entry| entry.name).collect();
    let help = format!("the commands are: {}", names.join(", "));
    Some(Error::input("there is no such command, file or folder").at(word).help(help))
}

/// An error of the argument parser, in the house's form.
pub(super) fn explain(error: &clap::Error) -> Error {
    let text = |kind: ContextKind| {
        let found = match error.get(kind)? {
            ContextValue::String(text) => text.clone(),
            ContextValue::Strings(list) => list.join(", "),
            ContextValue::StyledStr(text) => text.to_string(),
            ContextValue::StyledStrs(list) => list.first()?.to_string(),
            _ => return None,
        };
        Some(found).filter(|found| !found.is_empty())
    };
    let place = text(ContextKind::InvalidArg).unwrap_or_default();
    let value = text(ContextKind::InvalidValue).unwrap_or_default();
    let made = match error.kind() {
        Kind::UnknownArgument if place.starts_with('-') => Error::input("there is no such option").at(place),
        Kind::UnknownArgument => Error::input("there is one argument too many").at(place),
        Kind::MissingRequiredArgument => Error::input("an argument is missing").at(place),
        Kind::InvalidValue if value.is_empty() => Error::input("the option needs a value").at(place),
        Kind::InvalidValue => Error::input(format!("\"{value}\" is not possible here")).at(place),
        Kind::ValueValidation => {
            let reason = std::error::Error::source(error).map_or_else(String::new, |source| format!(", {source}"));
            Error::input(format!("\"{value}\" is not possible here{reason}")).at(place)
        }
        Kind::ArgumentConflict => {
            let other = text(ContextKind::PriorArg).unwrap_or_default();
            if other == place || other.is_empty() {
                Error::input("the option may be given once").at(place)
            } else {
                Error::input(format!("the option does not go together with {other}")).at(place)
            }
        }
        _ => {
            let rendered = error.to_string();
            let line = rendered.lines().next().unwrap_or_default().trim_start_matches("error: ");
            Error::input(line.to_owned())
        }
    };
    let choices = text(ContextKind::ValidValue).map(|values| format!("the choices are: {values}"));
    let meant = text(ContextKind::SuggestedArg).map(|meant| format!("did you mean {meant}?"));
    let usage = text(ContextKind::Usage).map(|usage| {
        let usage = usage.trim_start_matches("Usage:").split_whitespace().collect::<Vec<_>>().join(" ");
        format!("usage: {usage}")
    });
    match meant.or(choices).or(usage) {
        Some(help) => made.help(help),
        None => made.help("all options: lapidary COMMAND --help"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Answer, CommandLine, Context};
    use super::*;

    /// Tries options.
    #[derive(clap::Args)]
    struct Trial {
        file: PathBuf,
        #[arg(long, value_parser = ["a", "b"])]
        model: Option<String>,
        #[arg(long)]
        folds: Option<usize>,
    }

    impl CommandLine for Trial {
        const NAME: &'static str = "trial";
        fn run(self, _: &Context<'_>) -> crate::engine::Result<Answer> {
            Ok(Answer::new(0, serde_json::json!({})))
        }
    }

    static TRIAL: [Entry; 1] = [Entry::of::<Trial>()];

    fn parse(line: &str) -> Result<Asked, Stop> {
        let words = ["lapidary"].into_iter().chain(line.split_whitespace());
        super::parse(words.map(OsString::from).collect(), &TRIAL)
    }

    #[test]
    fn shared_options_stand_before_and_after_the_command() {
        let check = |line: &str| {
            let Ok(Asked::Command { globals, .. }) = parse(line) else { panic!("{line}") };
            assert!(globals.json && globals.quiet, "{line}");
            assert_eq!((globals.seed, globals.threads), (Some(3), Some(2)), "{line}");
        };
        check("--json --quiet --seed 3 --threads 2 trial x.csv");
        check("trial x.csv --json --quiet --seed 3 --threads 2");
        check("--json --seed=3 trial --quiet x.csv --threads=2");
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line_with_advice() {
        let check = |line: &str, expected: &str, help: &str| {
            let Err(Stop::Wrong(error)) = parse(line) else { panic!("{line} was taken") };
            assert_eq!(error.to_string(), expected, "{line}");
            assert!(error.advice().is_some_and(|advice| advice.contains(help)), "{line}: {:?}", error.advice());
        };
        check("trial", "an argument is missing: <FILE>", "lapidary trial");
        check("trial x --fold 3", "there is no such option: --fold", "did you mean --folds?");
        check("trial x y", "there is one argument too many: y", "lapidary trial");
        check("trial x --folds", "the option needs a value: --folds <FOLDS>", "lapidary");
        check("trial x --model c", "\"c\" is not possible here: --model <MODEL>", "the choices are: a, b");
        check(
            "trial x --folds k",
            "\"k\" is not possible here, invalid digit found in string: --folds <FOLDS>",
            "lapidary",
        );
        check(
            "trial x --threads 0",
            "\"0\" is not possible here, a number from 1 to 1024 is needed: --threads <N>",
            "",
        );
        check("trial x --folds 1 --folds 2", "the option may be given once: --folds <FOLDS>", "lapidary trial");
        check("trail x", "there is no such command, file or folder: trail", "the commands are: trial");
        check("--seed 3 trail", "there is no such command, file or folder: trail", "trial");
    }

    #[test]
    fn without_a_command_the_window_opens() {
        let check = |line: &str, path: Option<&str>, renderer: Option<&str>| {
            let Ok(Asked::Open(opening)) = parse(line) else { panic!("{line}") };
            let expected = Opening { path: path.map(PathBuf::from), renderer: renderer.map(str::to_owned) };
            assert_eq!(opening, expected, "{line}");
        };
        check("", None, None);
        check("src --renderer glow", Some("src"), Some("glow"));
        assert!(matches!(parse("--help"), Err(Stop::Help(text)) if text.contains("trial")));
        assert!(matches!(parse("--version"), Err(Stop::Help(text)) if text.starts_with("lapidary ")));
        assert!(matches!(parse("trial --help"), Err(Stop::Help(text)) if text.contains("Tries options")));
    }
}
