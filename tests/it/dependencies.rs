//! What the program is built from: licences that allow it to be given away, and nothing that speaks to a network.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Licences that a dependency may have; the same list stands in `deny.toml`, which a test below compares.
const ALLOWED: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "OFL-1.1",
    "Ubuntu-font-1.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Zlib",
];

/// Clients of HTTP and what they stand on. None may be in `Cargo.lock`, for any platform.
const NETWORK: &[&str] = &[
    "attohttpc",
    "curl",
    "curl-sys",
    "ehttp",
    "h2",
    "hyper",
    "hyper-util",
    "isahc",
    "minreq",
    "native-tls",
    "object_store",
    "openssl",
    "openssl-sys",
    "quinn",
    "reqwest",
    "rustls",
    "surf",
    "tungstenite",
    "ureq",
];

/// What else would only be there for a network; some of it is named in `Cargo.lock` as an option that nobody takes, so
/// it is looked for among what is really built.
const SOCKETS: &[&str] = &["async-net", "async-std", "mio", "smol", "socket2", "tokio"];

/// An SPDX licence expression (SPDX 3.0.1, annex B), read as far as crates use it; `/` is an old way to write OR.
#[derive(Debug, PartialEq)]
enum Licence {
    One(String),
    And(Vec<Licence>),
    Or(Vec<Licence>),
}

impl Licence {
    fn parse(text: &str) -> Result<Self, String> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
        let mut words = spaced.split_whitespace().peekable();
        let parsed = Self::any_of(&mut words)?;
        match words.next() {
            None => Ok(parsed),
            Some(word) => Err(format!("unexpected \"{word}\"")),
        }
    }

    fn any_of<'a>(words: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>) -> Result<Self, String> {
        let mut parts = vec![Self::all_of(words)?];
        while words.next_if_eq(&"OR").is_some() {
            parts.push(Self::all_of(words)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Self::Or(parts) })
    }

    fn all_of<'a>(words: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>) -> Result<Self, String> {
        let mut parts = vec![Self::one(words)?];
        while words.next_if_eq(&"AND").is_some() {
            parts.push(Self::one(words)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Self::And(parts) })
    }

    fn one<'a>(words: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>) -> Result<Self, String> {
        match words.next() {
            None => Err("it ends too early".to_owned()),
            Some("(") => {
                let inner = Self::any_of(words)?;
                words.next_if_eq(&")").map(|_| inner).ok_or_else(|| "a bracket is not closed".to_owned())
            }
            Some(word @ (")" | "AND" | "OR" | "WITH")) => Err(format!("unexpected \"{word}\"")),
            Some(name) => match words.next_if_eq(&"WITH") {
                None => Ok(Self::One(name.to_owned())),
                Some(_) => {
                    let exception = words.next().ok_or("an exception is missing")?;
                    Ok(Self::One(format!("{name} WITH {exception}")))
                }
            },
        }
    }

    /// True if the terms can be met with these licences alone.
    fn is_met_by(&self, allowed: &[&str]) -> bool {
        match self {
            Self::One(name) => allowed.contains(&name.as_str()),
            Self::And(parts) => parts.iter().all(|part| part.is_met_by(allowed)),
            Self::Or(parts) => parts.iter().any(|part| part.is_met_by(allowed)),
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What Cargo knows of the packages of this build, for this platform; nothing is fetched.
fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let version = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host");
    let mut command = Command::new(cargo);
    command.args(["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", host]);
    if cfg!(not(feature = "window")) {
        command.arg("--no-default-features");
    }
    let output = command.current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

/// The names of the packages that are part of the program, by following normal dependencies from `root`.
fn built_in(metadata: &Value, root: &str) -> BTreeSet<String> {
    let names: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|package| Some((package["id"].as_str()?, package["name"].as_str()?)))
        .collect();
    let nodes: BTreeMap<&str, &Value> = metadata["resolve"]["nodes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let (mut found, mut next) = (BTreeSet::new(), vec![root]);
    while let Some(id) = next.pop() {
        if !found.insert(id) {
            continue;
        }
        for dependency in nodes.get(id).and_then(|node| node["deps"].as_array()).into_iter().flatten() {
            let normal = |kinds: &Vec<Value>| kinds.iter().any(|kind| kind["kind"].is_null());
            if dependency["dep_kinds"].as_array().is_some_and(normal) {
                next.extend(dependency["pkg"].as_str());
            }
        }
    }
    found.into_iter().filter_map(|id| names.get(id)).map(|name| (*name).to_owned()).collect()
}

/// The packages whose licence is missing, unreadable or not among `allowed`.
fn unlicensed(metadata: &Value, allowed: &[&str]) -> Vec<String> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let judge = |package: &Value| {
        let name = package["name"].as_str().unwrap_or("?");
        let Some(text) = package["license"].as_str() else { return Some(format!("{name}: no licence is stated")) };
        match Licence::parse(text) {
            Ok(licence) if licence.is_met_by(allowed) => None,
            Ok(_) => Some(format!("{name}: {text}")),
            Err(why) => Some(format!("{name}: {text}: {why}")),
        }
    };
    packages.filter_map(judge).collect()
}

/// The names in a `Cargo.lock`.
fn locked(lock: &str) -> BTreeSet<&str> {
    lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"')).collect()
}

#[test]
fn licence_expressions_are_read_as_spdx_means_them() {
    let check = |text: &str, expected: bool| {
        let met = Licence::parse(text).is_ok_and(|licence| licence.is_met_by(&["MIT", "ISC", "Apache-2.0 WITH X"]));
        assert_eq!(met, expected, "{text}");
    };
    check("MIT", true);
    check("GPL-3.0-only", false);
    check("MIT OR GPL-3.0-only", true);
    check("GPL-3.0-only/MIT", true);
    check("MIT AND GPL-3.0-only", false);
    check("MIT AND ISC", true);
    check("GPL-3.0-only OR MIT AND ISC", true);
    check("MIT OR ISC AND GPL-3.0-only", true);
    check("(MIT OR ISC) AND GPL-3.0-only", false);
    check("(MIT OR GPL-3.0-only) AND (ISC)", true);
    check("Apache-2.0", false);
    check("Apache-2.0 WITH X", true);
    check("Apache-2.0 WITH Y OR MIT", true);
    check("MIT WITH X", false);
    check("", false);
    check("MIT OR", false);
    check("(MIT", false);
    check("MIT)", false);
    check("MIT ISC", false);
    check("mit", false);
}

#[test]
fn the_checks_find_what_they_look_for() {
    let made_up: Value = serde_json::from_str(
        r#"{"packages": [{"id": "a 1", "name": "a", "license": "MIT"}, {"id": "b 1", "name": "b", "license": null},
            {"id": "c 1", "name": "c", "license": "GPL-3.0-only"}, {"id": "d 1", "name": "hyper", "license": "MIT"}],
            "resolve": {"nodes": [
            {"id": "a 1", "deps": [{"pkg": "b 1", "dep_kinds": [{"kind": null}]},
                                   {"pkg": "c 1", "dep_kinds": [{"kind": "dev"}]}]},
            {"id": "b 1", "deps": [{"pkg": "d 1", "dep_kinds": [{"kind": "build"}, {"kind": null}]},
                                   {"pkg": "a 1", "dep_kinds": [{"kind": null}]}]}]}}"#,
    )
    .unwrap();
    assert_eq!(unlicensed(&made_up, ALLOWED), ["b: no licence is stated", "c: GPL-3.0-only"]);
    let names: Vec<String> = built_in(&made_up, "a 1").into_iter().collect();
    assert_eq!(names, ["a", "b", "hyper"], "dev dependencies are not part of the program");
    assert_eq!(locked("[[package]]\nname = \"h2\"\nversion = \"1\"\n"), BTreeSet::from(["h2"]));
}

#[test]
fn every_dependency_has_a_licence_that_is_allowed() {
    let metadata = metadata();
    assert!(metadata["packages"].as_array().is_some_and(|packages| packages.len() > 100));
    let found = unlicensed(&metadata, ALLOWED);
    assert!(found.is_empty(), "not allowed:\n{}", found.join("\n"));
}

#[test]
fn every_licence_that_is_allowed_is_needed() {
    let metadata = metadata();
    for without in ALLOWED {
        let rest: Vec<&str> = ALLOWED.iter().copied().filter(|name| name != without).collect();
        if cfg!(feature = "window") {
            assert!(!unlicensed(&metadata, &rest).is_empty(), "{without} can be taken off the list");
        }
    }
}

#[test]
fn no_client_of_a_network_is_built_in() {
    let metadata = metadata();
    let root = metadata["resolve"]["root"].as_str().expect("a root package");
    let names = built_in(&metadata, root);
    assert!(names.contains("arrow-array") && names.len() > 50, "the graph was followed");
    for name in NETWORK.iter().chain(SOCKETS) {
        assert!(!names.contains(*name), "{name} is built in: find out by whom with cargo tree -i {name}");
    }
    let lock = std::fs::read_to_string(self::root().join("Cargo.lock")).expect("Cargo.lock is committed");
    for name in NETWORK {
        assert!(!locked(&lock).contains(name), "{name} is in Cargo.lock: see cargo tree --target all -i {name}");
    }
}

#[test]
fn deny_toml_says_the_same() {
    let text = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml is committed");
    let deny: toml::Table = text.parse().expect("deny.toml is TOML");
    let allowed: BTreeSet<&str> = strings(&deny["licenses"]["allow"]).collect();
    assert_eq!(allowed, ALLOWED.iter().copied().collect());
    let banned = deny["bans"]["deny"].as_array().into_iter().flatten();
    let banned: BTreeSet<&str> = banned.filter_map(|entry| entry.get("crate")?.as_str()).collect();
    assert_eq!(banned, NETWORK.iter().copied().collect());
}

fn strings(list: &toml::Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(toml::Value::as_str)
}
