//! The promised figures, measured: `cargo bench` prints one table.
//!
//! Data is looked for in `$LAPIDARY_DATA`, else in `../shared/data` beside the checkout; a figure whose data is not
//! there is printed as skipped. Timings are of this machine, now; the bar of each figure stands beside it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lapidary::engine::{Derived as _, Result, Work};
use lapidary::session::{Choice, Session, VotesOf, create_project, make_sample};

fn main() {
    // `cargo test --benches` and `cargo bench -- --list` only ask what is here.
    if std::env::args().any(|argument| argument == "--list" || argument == "--test") {
        return;
    }
    println!("{:<58} {:>14} {:>12}  ok", "figure", "measured", "bar");
    first_frame();
    match data("nsmc/train_150k.parquet") {
        Some(path) => big_texts(&path).unwrap_or_else(|error| println!("nsmc: {error}")),
        None => println!("{:<58} {:>14}", "nsmc/train_150k.parquet", "skipped"),
    }
}

fn row(figure: &str, measured: Duration, bar: Duration) {
    let milliseconds = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    let verdict = if measured <= bar { "yes" } else { "NO" };
    println!("{figure:<58} {:>14} {:>12}  {verdict}", milliseconds(measured), milliseconds(bar));
}

fn data(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let folder = std::env::var_os("LAPIDARY_DATA").map_or(beside, PathBuf::from);
    Some(folder.join(name)).filter(|path| path.exists())
}

/// From the start of the process to the end of its first frame, in a real window. Needs a display (`xvfb-run` will do).
fn first_frame() {
    let figure = "start to first frame, sample project";
    if std::env::var_os("DISPLAY").is_none() && std::env::var_os("WAYLAND_DISPLAY").is_none() {
        println!("{figure:<58} {:>14}", "skipped (no display: use xvfb-run)");
        return;
    }
    let Ok(folder) = tempfile::tempdir() else { return };
    let project = folder.path().join("p");
    if let Err(error) = make_sample("youtube_spam", &project, &Work::new()) {
        println!("{figure}: {error}");
        return;
    }
    for renderer in ["wgpu", "glow"] {
        let mut times: Vec<Duration> =
            (0..3).filter_map(|_| time_first_frame(renderer, &project, folder.path())).collect();
        times.sort();
        match times.get(times.len() / 2) {
            Some(&time) => row(&format!("{figure}, {renderer}"), time, Duration::from_millis(500)),
            None => println!("{figure}, {renderer}: the window did not open"),
        }
    }
}

fn time_first_frame(renderer: &str, project: &Path, home: &Path) -> Option<Duration> {
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_lapidary"))
        .arg(project)
        .args(["--renderer", renderer])
        .env("LAPIDARY_HOME", home)
        .env("LAPIDARY_FIRST_FRAME", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut line = String::new();
    let read = BufReader::new(child.stdout.take()?).read_line(&mut line);
    let time = start.elapsed();
    let _ = child.kill();
    let _ = child.wait();
    read.ok().filter(|&bytes| bytes > 0).map(|_| time)
}

const FUNCTIONS: &str = r#"
POS, NEG = "1", "0"
lf_good = keywords(POS, ["최고", "감동", "재밌", "재미있"])
lf_bad = keywords(NEG, ["쓰레기", "최악", "노잼", "지루"])
lf_love = keywords(POS, ["사랑", "명작", "굿"])
lf_waste = keywords(NEG, ["아깝", "돈", "시간낭비"])
lf_again = keywords(POS, ["또 보", "다시 봐", "두번"])
lf_bored = regex(NEG, r"지루|졸[리려]|하품")
lf_tears = regex(POS, r"눈물|울[었컥]|펑펑")
lf_stars = regex(NEG, r"[0-3]점|별\s*(하나|반)")
lf_laugh = regex(POS, r"ㅋ{4,}|ㅎ{3,}")
lf_sigh = regex(NEG, r"에휴|하아|\.{4,}")
"#;

fn big_texts(path: &Path) -> Result<()> {
    let work = Work::new();
    let folder = tempfile::tempdir().map_err(|e| lapidary::engine::Error::io("cannot make a folder", path, &e))?;
    let project = folder.path().join("p");
    let choice = Choice {
        text: Some("document".into()),
        gold: Some("label".into()),
        id: Some("id".into()),
        ..Choice::default()
    };
    let functions = vec![(PathBuf::from("lfs/ten.py"), FUNCTIONS.to_owned())];
    create_project(&project, path, &choice, &functions, &work)?;
    let start = Instant::now();
    let session = Session::open(&project, &work)?;
    row("nsmc/train_150k.parquet, open to first rows", start.elapsed(), Duration::from_secs(1));

    // The folded copy of the column is made once per session, not once per edit: it is not part of the figure.
    if let Some(column) = session.content_column() {
        column.folded();
    }
    let start = Instant::now();
    let outcome = VotesOf(session.basis()).compute(&work)?;
    let time = start.elapsed();
    let covered = outcome.analysis.covered;
    row(
        &format!("ten functions, 150k texts, full statistics ({:.1} % covered)", covered * 100.0),
        time,
        Duration::from_millis(500),
    );
    drop(session);
    #[cfg(feature = "window")]
    scrolling(&project);
    Ok(())
}

/// The time of our own work for a frame while the table scrolls: layout and tessellation, not the graphics driver's.
#[cfg(feature = "window")]
fn scrolling(project: &Path) {
    use eframe::egui;
    let start = lapidary::app::Start::Path(project.to_owned());
    let mut shell =
        Some(lapidary::app::Shell::new(start, lapidary::app::Prefs::default(), Instant::now(), eframe::Renderer::Wgpu));
    let ctx = egui::Context::default();
    let mut shell = match shell.take() {
        Some(shell) => shell.attached(&ctx),
        None => return,
    };
    let mut frame = |events: Vec<egui::Event>, time: f64| {
        let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1280.0, 800.0));
        let input = egui::RawInput { screen_rect: Some(screen), time: Some(time), events, ..Default::default() };
        let start = Instant::now();
        shell.logic_of(&ctx);
        let output = ctx.run_ui(input, |ui| shell.draw(ui));
        let _ = ctx.tessellate(output.shapes, output.pixels_per_point);
        (start.elapsed(), shell.is_settled())
    };
    let mut time = 0.0;
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(30) {
        time += 0.016;
        let (_, settled) = frame(Vec::new(), time);
        if settled && began.elapsed() > Duration::from_secs(2) {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let pointer = egui::Event::PointerMoved(egui::pos2(640.0, 400.0));
    let mut times = Vec::new();
    for step in 0..600 {
        time += 0.016;
        let delta = egui::vec2(0.0, if step % 200 < 150 { -90.0 } else { 30.0 });
        let wheel = egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta,
            phase: egui::TouchPhase::Move,
            modifiers: egui::Modifiers::NONE,
        };
        times.push(frame(vec![pointer.clone(), wheel], time).0);
    }
    times.sort();
    row("scrolling 150k rows, frame p99", times[times.len() * 99 / 100], Duration::from_millis(16));
    row("scrolling 150k rows, frame median", times[times.len() / 2], Duration::from_millis(16));
}
