//! The order of the house: who may know whom, who may know the window, and how long a file may be.

use std::path::{Path, PathBuf};

/// The rooms by rank. A room may know those of a lower rank; rooms of one rank do not know each other.
const ROOMS: &[(&str, u32)] = &[
    ("engine", 0),
    ("project", 1),
    ("data", 2),
    ("learn", 3),
    ("label", 4),
    ("weak", 4),
    ("clean", 5),
    ("choose", 6),
    ("deliver", 7),
    ("session", 8),
    ("cli", 9),
    ("app", 9),
];

/// Crates of the window, which only `app` may know.
const WINDOW: &[&str] =
    &["eframe", "egui", "egui_extras", "egui_kittest", "egui_plot", "egui_tiles", "epaint", "rfd", "wgpu", "winit"];

/// A file that is longer wants a second subject taken out of it.
const MOST_LINES: usize = 1000;

fn rank(room: &str) -> Option<u32> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, rank)| *rank)
}

/// A name or a sign of Rust source and its line; comments, texts and characters are left out.
#[derive(Debug, Clone, PartialEq)]
struct Token {
    line: usize,
    text: String,
}

/// Splits Rust source as far as paths need it.
fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let (mut at, mut line, mut found) = (0, 1, Vec::new());
    while at < chars.len() {
        let start = at;
        let next = chars.get(at + 1).copied();
        match chars[at] {
            '/' if next == Some('/') => at = position(&chars, at, |c| c == '\n'),
            '/' if next == Some('*') => at = after_block_comment(&chars, at),
            '"' => at = after_text(&chars, at),
            '\'' => at = after_quote(&chars, at),
            c if c.is_alphabetic() || c == '_' => {
                at = position(&chars, at, |c| !(c.is_alphanumeric() || c == '_'));
                let word: String = chars[start..at].iter().collect();
                match raw_text_end(&chars, at).filter(|_| matches!(word.as_str(), "r" | "br" | "cr")) {
                    Some(end) => at = end,
                    None => found.push(Token { line, text: word }),
                }
            }
            ':' if next == Some(':') => {
                found.push(Token { line, text: "::".to_owned() });
                at += 2;
            }
            c => {
                if !c.is_whitespace() {
                    found.push(Token { line, text: c.to_string() });
                }
                at += 1;
            }
        }
        line += chars[start..at.min(chars.len())].iter().filter(|&&c| c == '\n').count();
    }
    found
}

fn position(chars: &[char], from: usize, is: impl Fn(char) -> bool) -> usize {
    chars[from..].iter().position(|&c| is(c)).map_or(chars.len(), |steps| from + steps)
}

fn after_block_comment(chars: &[char], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn after_text(chars: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// After a character in quotes, or after the quote alone if it begins a lifetime.
fn after_quote(chars: &[char], from: usize) -> usize {
    match (chars.get(from + 1), chars.get(from + 2)) {
        (Some('\\'), _) => position(chars, from + 3, |c| c == '\'') + 1,
        (Some(_), Some('\'')) => from + 3,
        _ => from + 1,
    }
}

/// The end of a raw text whose `r` ends at `from`, if one stands there.
fn raw_text_end(chars: &[char], from: usize) -> Option<usize> {
    let quote = position(chars, from, |c| c != '#');
    if chars.get(quote) != Some(&'"') {
        return None;
    }
    let closing: String = std::iter::once('"').chain(std::iter::repeat_n('#', quote - from)).collect();
    let closing: Vec<char> = closing.chars().collect();
    let inside = &chars[quote + 1..];
    let end = inside.windows(closing.len()).position(|window| window == closing);
    Some(end.map_or(chars.len(), |steps| quote + 1 + steps + closing.len()))
}

/// The rooms that a file's paths reach, with their lines: by `crate::ROOM`, `crate::{ROOM, …}`, and by `super::` as far
/// up as the crate. `depth` is the file's depth in the tree of modules; `src/data/mod.rs` has 1.
fn reached(tokens: &[Token], depth: usize) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let text = |at: usize| tokens.get(at).map_or("", |token: &Token| token.text.as_str());
    let mut at = 0;
    while at < tokens.len() {
        let from = at;
        let mut climbed = 0;
        while text(at) == "super" && text(at + 1) == "::" {
            climbed += 1;
            at += 2;
        }
        let at_top = if text(at) == "crate" && text(at + 1) == "::" {
            at += 2;
            true
        } else {
            climbed >= depth && climbed > 0
        };
        if at_top {
            heads(tokens, at, &mut found);
        }
        at = at.max(from + 1);
    }
    found.retain(|(_, name)| rank(name).is_some());
    found
}

/// The first names of the path, or of each path of the group, that begins at `at`.
fn heads(tokens: &[Token], at: usize, found: &mut Vec<(usize, String)>) {
    let Some(first) = tokens.get(at) else { return };
    if first.text != "{" {
        found.push((first.line, first.text.clone()));
        return;
    }
    let mut depth = 0;
    let mut before = "";
    for token in &tokens[at..] {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            name if depth == 1 && matches!(before, "{" | ",") => found.push((token.line, name.to_owned())),
            _ => {}
        }
        before = &token.text;
        if depth == 0 {
            return;
        }
    }
}

/// What is wrong with one file of `src`, whose path is given relative to it.
fn faults(path: &str, source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let room = path.split('/').next().filter(|_| path.contains('/'));
    let mut faults = Vec::new();
    if room != Some("app") {
        let outside = tokens.iter().filter(|token| WINDOW.contains(&token.text.as_str()));
        faults.extend(outside.map(|token| format!("{path}:{}: only app may know {}", token.line, token.text)));
    }
    if let Some(room) = room {
        let Some(own) = rank(room) else { return vec![format!("{path}: the room {room} has no rank")] };
        let depth = path.split('/').filter(|part| *part != "mod.rs").count();
        for (line, other) in reached(&tokens, depth) {
            if other != room && rank(&other).is_none_or(|rank| rank >= own) {
                faults.push(format!("{path}:{line}: {room} must not know {other}"));
            }
        }
    }
    faults
}

/// All Rust files under `folder`.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn rooms_know_only_those_below_and_only_app_knows_the_window() {
    let src = root().join("src");
    let files = rust_files(&src);
    assert!(files.len() > ROOMS.len(), "the source was found");
    let mut found = Vec::new();
    for file in files {
        let name = file.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
        found.extend(faults(&name, &std::fs::read_to_string(&file).unwrap()));
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn every_room_is_there_and_has_a_rank() {
    let folders = std::fs::read_dir(root().join("src")).unwrap().flatten().filter(|entry| entry.path().is_dir());
    let mut there: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    let mut known: Vec<&str> = ROOMS.iter().map(|(name, _)| *name).collect();
    there.sort();
    known.sort_unstable();
    assert_eq!(there, known);
}

#[test]
fn no_file_is_too_long() {
    for folder in ["src", "tests", "benches"] {
        for file in rust_files(&root().join(folder)) {
            let lines = std::fs::read_to_string(&file).unwrap().lines().count();
            assert!(lines <= MOST_LINES, "{} has {lines} lines", file.display());
        }
    }
}

#[test]
fn faults_are_found() {
    let check = |path: &str, source: &str, expected: &[&str]| {
        assert_eq!(faults(path, source), expected, "{path}: {source}");
    };
    // Downwards, sideways, upwards.
    check("weak/a.rs", "use crate::data::Frame;", &[]);
    check("weak/a.rs", "use crate::label::Class;", &["weak/a.rs:1: weak must not know label"]);
    check("label/a.rs", "use crate::weak;", &["label/a.rs:1: label must not know weak"]);
    check("clean/a.rs", "use crate::{label::Class, weak::Votes, engine::*};", &[]);
    check("engine/a.rs", "\n\nuse crate::data::Frame;", &["engine/a.rs:3: engine must not know data"]);
    check("cli/a.rs", "crate::app::run();", &["cli/a.rs:1: cli must not know app"]);
    check("app/a.rs", "use crate::session::Session; use eframe::egui;", &[]);
    check("data/a.rs", "use crate::data::Column;", &[]);
    // Every way to write a path.
    let data = |line: usize| vec![format!("data/a.rs:{line}: data must not know session")];
    for (source, line) in [
        ("pub(crate) use crate::session::X;", 1),
        ("fn f() -> crate::session::X {}", 1),
        ("use crate::{engine::{Error, Result}, session};", 1),
        ("use crate::{\n    engine::Work,\n    session::X,\n};", 3),
        ("use super::super::session::X;", 1),
        ("use super::super::{session::X, engine::Error};", 1),
        ("mod tests { use super::super::super::session::X; }", 1),
        ("let c = 'a'; use crate :: session :: X;", 1),
        ("let c = '\\''; crate::session::X", 1),
        ("fn f<'a>(x: &'a str) { crate::session::X }", 1),
        ("let s = \"\\\"\"; crate::session::X", 1),
        ("let s = r#\"\"\"#; crate::session::X", 1),
        ("/* /* */ */ crate::session::X", 1),
    ] {
        assert_eq!(faults("data/a.rs", source), data(line), "{source}");
    }
    check("data/mod.rs", "use super::session;", &["data/mod.rs:1: data must not know session"]);
    check("data/read/mod.rs", "use super::super::session;", &["data/read/mod.rs:1: data must not know session"]);
    // What only looks like one.
    for source in [
        "// crate::session",
        "//! use crate::session;",
        "/* crate::session */",
        "/// [`crate::session::Session`]\nfn f() {}",
        "let s = \"crate::session\";",
        "let s = r\"crate::session\";",
        "let s = r##\"\"# crate::session\"##;",
        "use super::session;",
        "let session = self.session;",
        "use crate::data::session::X;",
        "use crate::{data::{session, app}, engine};",
        "use other::session;",
    ] {
        check("data/a.rs", source, &[]);
    }
    // The window.
    check("session/a.rs", "fn f(ui: &mut egui::Ui) {}", &["session/a.rs:1: only app may know egui"]);
    check("main.rs", "use eframe::App;", &["main.rs:1: only app may know eframe"]);
    check("main.rs", "lapidary::app::run()", &[]);
    check("cli/a.rs", "// no egui here\nlet s = \"egui\";", &[]);
    check("attic/a.rs", "", &["attic/a.rs: the room attic has no rank"]);
}
