//! The peers: Python programs that people use for the same, run on the same data as scripts of `benches/peers`.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::table::{Amount, Options};

/// A program to be measured beside ours.
pub struct Peer {
    /// What it is called.
    pub name: &'static str,
    /// Its script in `benches/peers`.
    pub script: &'static str,
    /// Figures that were measured once on two cores, for runs without the peer: the field, and its value.
    pub noted: &'static [(&'static str, f64)],
}

/// What a peer said.
pub struct Answer {
    name: String,
    state: State,
}

enum State {
    /// The line that its script printed.
    Ran(Value),
    /// It was not asked; its noted figures.
    Noted(&'static [(&'static str, f64)]),
    /// Why it did not run.
    Not(String),
}

/// A figure of a peer.
pub struct Beside {
    name: String,
    /// The figure, if there is one.
    pub amount: Option<Amount>,
    /// True if it is not of this machine.
    noted: bool,
    why: String,
}

impl Beside {
    /// The two cells of the table: who, and how much or why not.
    pub fn cells(&self) -> (String, String) {
        let figure = match self.amount {
            Some(amount) if self.noted => format!("~{amount} noted"),
            Some(amount) => amount.to_string(),
            None => self.why.clone(),
        };
        (self.name.clone(), figure)
    }
}

impl Peer {
    /// Runs the script with the interpreter of `$LAPIDARY_PEERS`, else `python3`, and waits for it.
    ///
    /// The script prints one JSON object as its last line: `{"peer": "pandas 3.1", "seconds": ..., "peak_mb": ...}`, or
    /// `{"missing": "pandas"}` if a module is not installed.
    pub fn ask<A: AsRef<OsStr>>(&self, arguments: &[A], options: Options) -> Answer {
        let name = self.name.to_owned();
        if !options.peers {
            // Noted figures are of the full number of rows.
            let state = if options.quick { State::Not("not run".into()) } else { State::Noted(self.noted) };
            return Answer { name, state };
        }
        match self.run(arguments) {
            Ok(said) => match said.get("missing").and_then(Value::as_str) {
                Some(module) => Answer { name, state: State::Not(format!("no {module}")) },
                None => {
                    let name = said.get("peer").and_then(Value::as_str).map_or(name, str::to_owned);
                    Answer { name, state: State::Ran(said) }
                }
            },
            Err(why) => Answer { name, state: State::Not(why) },
        }
    }

    fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Value, String> {
        let python = std::env::var_os("LAPIDARY_PEERS").unwrap_or_else(|| "python3".into());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(self.script);
        let output = Command::new(&python).arg(script).args(arguments).stderr(Stdio::piped()).output();
        let output = output.map_err(|error| format!("no Python ({error})"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let said = text.lines().next_back().and_then(|line| serde_json::from_str(line).ok());
        said.filter(|_| output.status.success()).ok_or_else(|| {
            let errors = String::from_utf8_lossy(&output.stderr);
            eprintln!("{} failed: {}", self.script, errors.lines().next_back().unwrap_or_default());
            "failed".to_owned()
        })
    }
}

impl Answer {
    /// A number that the peer gave, or that is noted of it.
    pub fn number(&self, field: &str) -> Option<f64> {
        match &self.state {
            State::Ran(said) => said.get(field)?.as_f64(),
            State::Noted(noted) => noted.iter().find(|(name, _)| *name == field).map(|(_, value)| *value),
            State::Not(_) => None,
        }
    }

    /// A field that holds seconds.
    pub fn time(&self, field: &str) -> Beside {
        let of = |seconds| Duration::try_from_secs_f64(seconds).ok().map(Amount::Time);
        self.beside(self.number(field).and_then(of))
    }

    /// A field that holds millions of bytes.
    pub fn memory(&self, field: &str) -> Beside {
        self.beside(self.number(field).map(|megabytes| Amount::Bytes((megabytes * 1e6) as u64)))
    }

    /// A field that holds a share, 0-1.
    pub fn share(&self, field: &str) -> Beside {
        self.beside(self.number(field).map(Amount::Share))
    }

    fn beside(&self, amount: Option<Amount>) -> Beside {
        let why = match &self.state {
            State::Ran(_) => "not given".to_owned(),
            State::Noted(_) => "not run".to_owned(),
            State::Not(why) => why.clone(),
        };
        Beside { name: self.name.clone(), amount, noted: matches!(self.state, State::Noted(_)), why }
    }
}
