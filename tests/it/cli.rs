//! The command line as a whole: exit codes, the one JSON object, messages, and what holds for every command.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A folder of small files, gone when the test ends.
pub struct Desk(tempfile::TempDir);

/// What a run of the program left behind.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Desk {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The rows of a CSV file without its header, split at commas.
    pub fn rows(&self, name: &str) -> Vec<Vec<String>> {
        self.read(name).lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
    }

    /// Runs the program in this folder, without a display and away from the person's own files.
    pub fn run(&self, line: &str) -> Ran {
        self.run_words(&line.split_whitespace().collect::<Vec<_>>())
    }

    pub fn run_words(&self, words: &[&str]) -> Ran {
        let Output { status, stdout, stderr } = self.command(words).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) }
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lapidary"));
        command.args(words).current_dir(self.0.path());
        for name in ["DISPLAY", "WAYLAND_DISPLAY", "RUST_BACKTRACE"] {
            command.env_remove(name);
        }
        for name in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"] {
            command.env(name, self.0.path().join(".home"));
        }
        command
    }

    /// Runs with `--json` and gives the one object, whose common fields are checked.
    pub fn json(&self, line: &str) -> Value {
        let ran = self.run(&format!("{line} --json"));
        assert_eq!(ran.code, 0, "{line}: {}", ran.err);
        let mut objects = serde_json::Deserializer::from_str(&ran.out).into_iter::<Value>();
        let object = objects.next().expect("one object").expect("valid JSON");
        assert!(objects.next().is_none(), "{line}: more than one object: {}", ran.out);
        assert_eq!(object["lapidary"], env!("CARGO_PKG_VERSION"), "{line}");
        assert_eq!(object["command"], line.split_whitespace().next().unwrap(), "{line}");
        assert!(object["seconds"].as_f64().is_some_and(|seconds| (0.0..600.0).contains(&seconds)), "{line}");
        assert!(object["rows"].is_u64(), "{line}");
        assert!(object["warnings"].is_array(), "{line}");
        object
    }

    /// Checks that a command ends with exit code 2 and says this.
    pub fn refused(&self, line: &str, parts: &[&str]) {
        let ran = self.run(line);
        assert_eq!(ran.code, 2, "{line}: {} {}", ran.out, ran.err);
        assert_eq!(ran.out, "", "{line}: nothing belongs on stdout");
        assert!(ran.err.starts_with("error: ") || ran.err.contains("\nerror: "), "{line}: {}", ran.err);
        for part in parts {
            assert!(ran.err.contains(part), "{line}: {part:?} is not in {}", ran.err);
        }
    }
}

/// A file of the shared data, if it is there.
pub fn shared(name: &str) -> Option<PathBuf> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = std::env::var("LAPIDARY_DATA").ok().map(PathBuf::from);
    let places = [named, Some(manifest.join("../shared/data")), Some(manifest.join("../../shared/data"))];
    let found = places.into_iter().flatten().map(|root| root.join(name)).find(|path| path.exists());
    if found.is_none() {
        eprintln!("skipped: {name} of the shared data is not here");
    }
    found
}

/// A field that must be a number.
pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"))
}

/// Checks that an object has these fields, each of this type: `n` number, `s` string, `a` array, `o` object, `b` truth
/// value, `?` before it if it may be null.
pub fn check_fields(object: &Value, fields: &[(&str, &str)]) {
    for (name, kind) in fields {
        let value = object.get(name).unwrap_or_else(|| panic!("{name} is not in {object}"));
        let may_be_null = kind.starts_with('?');
        let fits = match kind.trim_start_matches('?') {
            "n" => value.is_number(),
            "s" => value.is_string(),
            "a" => value.is_array(),
            "o" => value.is_object(),
            "b" => value.is_boolean(),
            other => panic!("{other} is no type"),
        };
        assert!(fits || (may_be_null && value.is_null()), "{name} is {value}");
    }
}

const VOTES: &str = "lf_a,lf_b,gold\n1,1,spam\n0,-1,ham\n-1,-1,ham\n1,0,spam\n0,0,ham\n";

#[test]
fn help_and_version_are_answers() {
    let desk = Desk::new();
    let help = desk.run("--help");
    assert_eq!((help.code, help.err.as_str()), (0, ""));
    for command in
        ["new", "run", "lf-stats", "label-model", "label-errors", "duplicates", "export", "demo", "consensus", "drift"]
    {
        assert!(help.out.contains(&format!("\n  {command} ")), "{command} is not in {}", help.out);
        let own = desk.run(&format!("{command} --help"));
        assert_eq!(own.code, 0);
        for option in ["--json", "--quiet", "--seed", "--threads"] {
            assert!(own.out.contains(option), "{command}: {}", own.out);
        }
    }
    assert_eq!(desk.run("--version").out, format!("lapidary {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_arguments_end_with_2_and_say_what_to_do() {
    let desk = Desk::new();
    desk.write("v.csv", VOTES);
    desk.refused("label-model", &["error: an argument is missing: <VOTES>", "help: usage: lapidary label-model"]);
    desk.refused("label-model v.csv --modell x", &["there is no such option: --modell", "help: did you mean --model?"]);
    desk.refused("label-model v.csv --model x", &["\"x\" is not possible here", "dawid-skene"]);
    desk.refused("label-model v.csv --gold-rows 3", &["an argument is missing: --gold"]);
    desk.refused("label-modle v.csv", &["there is no such command, file or folder: label-modle", "label-model"]);
    desk.refused("--threads 0 label-model v.csv", &["a number from 1 to 1024"]);
    desk.refused("label-errors v.csv --label gold", &["an argument is missing"]);
    desk.refused("label-model v.csv --classes a,b --cardinality 2", &["does not go together with"]);
    desk.refused("label-model nothing.csv", &["it does not exist: nothing.csv"]);
}

#[test]
fn without_a_display_the_window_says_what_to_do() {
    let desk = Desk::new();
    desk.write("v.csv", VOTES);
    desk.refused("", &["help: run headless with: lapidary run DIR"]);
    desk.refused("v.csv", &["help: make a project with: lapidary new DIR --data v.csv"]);
    desk.refused("demo", &["lapidary demo", "--no-window"]);
    assert!(!desk.path("youtube_spam").exists(), "nothing was made");
}

#[test]
fn shared_options_stand_anywhere_and_json_is_one_object() {
    let desk = Desk::new();
    desk.write("v.csv", VOTES);
    for line in [
        "--json --seed 3 label-model v.csv --skip gold",
        "label-model --json v.csv --seed 3 --skip gold",
        "label-model v.csv --skip gold --seed=3 --json --quiet",
    ] {
        let ran = desk.run(line);
        assert_eq!(ran.code, 0, "{line}: {}", ran.err);
        assert_eq!(ran.out.lines().count(), 1, "{line}: {}", ran.out);
        assert_eq!(serde_json::from_str::<Value>(&ran.out).unwrap()["command"], "label-model");
    }
    let plain = desk.run("label-model v.csv --skip gold");
    assert_eq!(plain.code, 0);
    assert!(plain.out.contains("model") && plain.out.contains("lf_a"), "{}", plain.out);
}

#[test]
fn warnings_go_to_stderr_and_quiet_silences_them() {
    let desk = Desk::new();
    desk.write("a.csv", "item,who,label\n1,ann,x\n1,ann,y\n1,bob,y\n,bob,x\n2,bob,x\n");
    let line = "consensus a.csv --item item --annotator who --label label --resamples 10";
    let ran = desk.run(line);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("warning: 1 annotations repeat an item of their annotator"), "{}", ran.err);
    assert!(ran.err.contains("warning: 1 row without item or annotator left out"), "{}", ran.err);
    assert!(!ran.err.contains('\r'), "no progress bar without a terminal");
    assert_eq!(desk.run(&format!("{line} --quiet")).err, "");
    assert_eq!(desk.json(line)["warnings"].as_array().unwrap().len(), 2);
}

#[test]
fn a_failed_run_leaves_the_old_result() {
    let desk = Desk::new();
    desk.write("v.csv", VOTES).write("bad.csv", "lf_a,lf_b\n1,7\n0,0\n").write("out.csv", "old");
    for line in [
        "label-model bad.csv --cardinality 2 -o out.csv",
        "label-model v.csv --skip nothing -o out.csv",
        "label-errors v.csv --label gold --text nothing -o out.csv",
        "duplicates v.csv --text nothing -o out.csv",
        "consensus v.csv --item lf_a --annotator lf_b --label nothing -o out.csv",
        "lf-stats v.csv --lfs nothing.py -o out.csv",
    ] {
        desk.refused(line, &[]);
        assert_eq!(desk.read("out.csv"), "old", "{line}");
    }
    let strays: Vec<_> = std::fs::read_dir(desk.path("."))
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| name.starts_with(".lapidary"))
        .collect();
    assert!(strays.is_empty(), "{strays:?}");
    desk.refused("label-model v.csv --skip gold -o out.doc", &["ends in", "out.doc", ".parquet", ".npy"]);
    desk.refused("label-model v.csv --skip gold -o no/out.csv", &["no such folder to write to: no"]);
    assert_eq!(desk.run("label-model v.csv --skip gold -o out.csv").code, 0);
    assert!(desk.read("out.csv").starts_with("row,p_0,p_1,label\n0,"), "{}", desk.read("out.csv"));
}

#[cfg(unix)]
#[test]
fn an_interrupt_cancels_and_leaves_the_old_result() {
    let desk = Desk::new();
    let mut table = String::from("item,who,label\n");
    for row in 0..60_000usize {
        table.push_str(&format!("{},w{},{}\n", row / 3, (row * 7) % 40, (row * row) % 5));
    }
    desk.write("a.csv", table).write("out.csv", "old");
    let words = "consensus a.csv --item item --annotator who --label label --resamples 1000000 -o out.csv";
    let mut command = desk.command(&words.split_whitespace().collect::<Vec<_>>());
    let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(700));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stderr).contains("error: cancelled"));
    assert!(output.stdout.is_empty());
    assert_eq!(desk.read("out.csv"), "old");
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let desk = Desk::new();
    let words = ["good", "bad", "fine", "awful", "film", "plot", "actor", "scene"];
    let mut table = String::from("text,label,lf_a,lf_b,lf_c\n");
    for row in 0..400usize {
        let label = row % 2;
        let text: Vec<_> = (0..6).map(|at| words[(row * 5 + at * at + label * at) % 8]).collect();
        let vote = |at: usize| ((row * at) % 3) as i64 - 1;
        table.push_str(&format!("{} {row},{label},{},{},{}\n", text.join(" "), vote(1), vote(5), vote(7)));
    }
    desk.write("t.csv", table);
    for line in [
        "label-model t.csv --skip text,label --model dawid-skene --seed 5",
        "label-model t.csv --skip text --gold t.csv:label --gold-rows 50 --seed 5",
        "label-errors t.csv --label label --text text --seed 5",
        "duplicates t.csv --text text --threshold 0.5",
        "consensus t.csv --item text --annotator lf_a --label label --seed 5",
    ] {
        let with = |threads: usize| {
            let mut object = desk.json(&format!("{line} --threads {threads} -o out{threads}.csv"));
            object.as_object_mut().unwrap().remove("seconds");
            (object, desk.read(&format!("out{threads}.csv")))
        };
        assert_eq!(with(1), with(2), "{line}");
    }
}
