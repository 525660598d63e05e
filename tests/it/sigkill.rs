//! SIGKILL: what was acknowledged is found again. Once in the real window under Xvfb, with keys; and at two hundred
//! random moments in a process that labels as fast as it can.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lapidary::engine::Work;
use lapidary::session::{Session, make_sample};

/// A process that does not outlive the test.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn there(program: &str) -> bool {
    Command::new(program).arg("-help").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Starts a display of its own; its number is free because Xvfb chooses it.
fn display() -> Option<(Guard, String)> {
    use std::io::BufRead as _;
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut number = String::new();
    std::io::BufReader::new(server.stdout.take()?).read_line(&mut number).ok()?;
    let guard = Guard(server);
    (!number.trim().is_empty()).then(|| (guard, format!(":{}", number.trim())))
}

fn xdotool(display: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new("xdotool").args(arguments).env("DISPLAY", display).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Labels as they stand in the store, read from beside, as the window holds the lock.
fn labels_on_disk(project: &Path) -> usize {
    let store = project.join(".lapidary/store.sqlite");
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let Ok(connection) = rusqlite::Connection::open_with_flags(store, flags) else { return 0 };
    let count = "SELECT count(*) FROM events WHERE field = 'label' AND value IS NOT NULL";
    connection.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap_or(0) as usize
}

fn wait(what: &str, seconds: u64, mut until: impl FnMut() -> bool) {
    let start = Instant::now();
    while !until() {
        assert!(start.elapsed() < Duration::from_secs(seconds), "waited in vain for: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn five_labels_survive_a_kill() {
    if !there("Xvfb") || !there("xdotool") {
        eprintln!("skipped: Xvfb or xdotool is not installed");
        return;
    }
    let Some((_server, display)) = display() else {
        eprintln!("skipped: Xvfb does not start here");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("p");
    make_sample("youtube_spam", &project, &Work::new()).unwrap();
    let window = Command::new(env!("CARGO_BIN_EXE_lapidary"))
        .arg(&project)
        .env("DISPLAY", &display)
        .env_remove("WAYLAND_DISPLAY")
        .env("LAPIDARY_HOME", folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut window = Guard(window);
    let mut id = String::new();
    wait("the window", 120, || {
        assert!(window.0.try_wait().unwrap().is_none(), "the window closed itself");
        id = xdotool(&display, &["search", "--name", "^Lapidary$"]).unwrap_or_default();
        !id.is_empty()
    });
    let id = id.lines().next().unwrap_or_default().to_owned();
    // The project may still be opening: keys are pressed until the first label is on the disk.
    wait("the first label", 120, || {
        xdotool(&display, &["windowfocus", &id]);
        xdotool(&display, &["key", "ctrl+3"]);
        std::thread::sleep(Duration::from_millis(300));
        xdotool(&display, &["key", "1"]);
        std::thread::sleep(Duration::from_millis(300));
        labels_on_disk(&project) > 0
    });
    for (at, key) in ["2", "1", "2", "1"].into_iter().enumerate() {
        let before = labels_on_disk(&project);
        xdotool(&display, &["key", key]).unwrap();
        wait(&format!("label {}", at + 2), 30, || labels_on_disk(&project) > before);
    }
    let written = labels_on_disk(&project);
    window.0.kill().unwrap();
    window.0.wait().unwrap();
    let session = Session::open(&project, &Work::new()).unwrap();
    assert!(written >= 5);
    assert_eq!(session.annotations().labelled(), written, "every label that was on the disk is found again");
}

/// The project that the child of [`nothing_acknowledged_is_lost_at_two_hundred_moments`] labels.
const CHILD: &str = "LAPIDARY_TEST_CHILD";

/// Not a test of its own: the process that is killed. It labels, marks, skips and undoes, and prints the number of events
/// after each act, once the act has returned.
#[test]
fn child_that_labels() {
    use std::io::Write as _;

    use lapidary::label::{Edit, EditMarks, Label, Skip, Task, TaskKind, Voice};

    let Some(project) = std::env::var_os(CHILD) else { return };
    let mut session = Session::open(Path::new(&project), &Work::new()).unwrap();
    let mut out = std::io::stdout();
    let task = Task::new("rewrite", TaskKind::Rewrite);
    for step in 0u32.. {
        let item = session.item(step % 1000).unwrap();
        match step % 5 {
            0 | 1 => _ = session.run(&Label::one(item, if step % 2 == 0 { "spam" } else { "ham" })).unwrap(),
            2 => _ = session.run(&Skip { item, voice: Voice::PROJECT }).unwrap(),
            3 => {
                let answer = lapidary::data::annotations::Mark::Answer(format!("text {step}"));
                let edit = Edit::Add(lapidary::data::annotations::Annotation::new("", answer));
                session.run(&EditMarks::new(item, task.clone(), Voice::PROJECT, vec![edit])).unwrap();
            }
            _ => _ = session.undo().unwrap(),
        }
        writeln!(out, "acknowledged {}", session.project().ledger.generation()).unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn nothing_acknowledged_is_lost_at_two_hundred_moments() {
    use std::io::BufRead as _;

    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("p");
    make_sample("youtube_spam", &project, &Work::new()).unwrap();
    let mut random = 7u64;
    for round in 0..200 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "sigkill::child_that_labels", "--nocapture", "--test-threads", "1"])
            .env(CHILD, &project)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut child = Guard(child);
        let mut lines = std::io::BufReader::new(child.0.stdout.take().unwrap()).lines();
        // Killed after so many acknowledged acts and a moment more, anywhere within the next one.
        let acts = random >> 60;
        let mut acknowledged = 0;
        let mut seen = 0;
        while seen <= acts {
            let line = lines.next().expect("the child ended by itself").unwrap();
            if let Some(number) = line.strip_prefix("acknowledged ") {
                acknowledged = number.parse::<u64>().unwrap();
                seen += 1;
            }
        }
        std::thread::sleep(Duration::from_micros((random >> 40) % 3000));
        child.0.kill().unwrap();
        child.0.wait().unwrap();
        // What it still said before it died counts as well.
        for line in lines.map_while(Result::ok) {
            let number = line.strip_prefix("acknowledged ").and_then(|number| number.parse::<u64>().ok());
            acknowledged = acknowledged.max(number.unwrap_or(0));
        }
        let session = Session::open(&project, &Work::new()).unwrap();
        let found = session.project().ledger.generation();
        assert!(found >= acknowledged, "round {round}: {found} events of {acknowledged}");
        assert!(session.project().recovery.is_none(), "round {round}: the store was damaged");
    }
}
